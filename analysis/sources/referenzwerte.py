"""Published key figures with the sentence that states them (`data/referenzwerte.yaml`).

Each entry quotes the printed sentence word for word. Where it states a quantity of the catalogue for a key,
`beobachtungen` carries the value into the store; where it states numerator and denominator, the printed figure is
recomputed and must agree.
"""

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pandas as pd

from analysis.catalogue import Katalog
from analysis.errors import InputError
from analysis.observations import COLUMNS, check
from analysis.regions import check_ags
from analysis.sources.lieferung import Lieferung, Probe
from analysis.yaml_files import load_yaml

VERSION = 1

_SCHEMA = Path(__file__).with_name("referenzwerte.schema.json")


def recognises(probe: Probe) -> bool:
    """Whether the file is YAML with a list of reference values."""
    return probe.yaml_key == "referenzwerte"


def read(path: Path, katalog: Katalog) -> Lieferung:
    """Observations that the reference values state.

    Raises
    ------
    InputError
        An entry does not follow the schema, an id stands twice, a printed figure does not follow from its
        numerator and denominator, and everything that `observations.check` refuses.
    """
    rows = [
        {"grund": "", "guete": "", "quelle": entry["quelle"], "zeile": entry["id"], **observation}
        for entry in entries(path, katalog)
        for observation in entry.get("beobachtungen", [])
    ]
    table = pd.DataFrame(rows, columns=[*COLUMNS, "zeile"])
    wrong = table[~table.stichtag.map(lambda day: isinstance(day, dt.date)).astype(bool)]
    if len(wrong):
        raise InputError(f"{path}, {wrong.iloc[0].zeile}: stichtag is a text; expected a date without quotes")
    observations = check(table.assign(wert=table.wert.astype(float)), katalog, str(path))
    return Lieferung(f"referenzwerte {VERSION}", observations)


def entries(path: Path, katalog: Katalog) -> list[dict]:
    """Entries of the file, checked; keys as in the file."""
    content = load_yaml(path, _SCHEMA)["referenzwerte"]
    seen = set()
    for number, entry in enumerate(content, start=1):
        place = f"{path}, entry {number} ({entry['id']})"
        if entry["id"] in seen:
            raise InputError(f"{place}: the id stands twice")
        seen.add(entry["id"])
        if entry["quelle"] not in katalog.quellen:
            raise InputError(f"{place}: there is no source {entry['quelle']!r} in the catalogue")
        for ags in entry["gilt_fuer"]:
            try:
                check_ags(ags)
            except InputError as error:
                raise InputError(f"{place}: gilt_fuer: {error}") from None
        if "zaehler" in entry:
            _check_printed(place, entry)
    return content


def _check_printed(place: str, entry: dict) -> None:
    """Refuse a printed per cent figure that its own numerator and denominator do not give."""
    printed = Decimal(entry["wert"].replace(",", "."))
    exact = Decimal(100) * entry["zaehler"] / entry["nenner"]
    if exact.quantize(printed, ROUND_HALF_UP) != printed:
        raise InputError(
            f"{place}: {entry['zaehler']} of {entry['nenner']} are {exact:.4f} %, not the printed {entry['wert']} %"
        )
