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
from analysis.yaml_files import load_yaml

VERSION = 1

_REQUIRED = {"id": str, "kennzahl": str, "gilt_fuer": list, "raum": str, "zeit": str, "satz": str, "quelle": str}
_OPTIONAL = {
    "wert": str,
    "einheit": str,
    "zaehler": int,
    "nenner": int,
    "basis": int,
    "fundstelle": str,
    "hinweis": str,
    "beobachtungen": list,
}


def read(path: Path, katalog: Katalog) -> pd.DataFrame:
    """Observations that the reference values state; columns as `analysis.observations.COLUMNS` and `zeile`.

    Raises
    ------
    InputError
        An entry is incomplete or misspelt, an id stands twice, a printed figure does not follow from its
        numerator and denominator, and everything that `observations.check` refuses.
    """
    rows = [
        {"grund": "", "guete": "", "quelle": entry["quelle"], "zeile": entry["id"], **observation}
        for entry in entries(path, katalog)
        for observation in entry.get("beobachtungen", [])
    ]
    table = pd.DataFrame(rows, columns=[*COLUMNS, "zeile"])
    wrong = table[~table.stichtag.map(lambda day: isinstance(day, dt.date))]
    if len(wrong):
        raise InputError(f"{path}, {wrong.iloc[0].zeile}: stichtag is not a date (expected 2023-12-31)")
    try:
        table["wert"] = pd.to_numeric(table.wert)
    except (ValueError, TypeError) as error:
        raise InputError(f"{path}: wert is not a number ({error})") from None
    return check(table, katalog, str(path))


def entries(path: Path, katalog: Katalog) -> list[dict]:
    """Entries of the file, checked; keys as in the file."""
    content = load_yaml(path).get("referenzwerte")
    if not isinstance(content, list) or not content:
        raise InputError(f"{path}: expected a list under 'referenzwerte'")
    seen = set()
    for number, entry in enumerate(content, start=1):
        place = f"{path}, entry {number}"
        if not isinstance(entry, dict):
            raise InputError(f"{place}: expected keys and values, found {entry!r}")
        place += f" ({entry.get('id')})"
        for key, kind in {**_REQUIRED, **_OPTIONAL}.items():
            if key in _REQUIRED and key not in entry:
                raise InputError(f"{place}: {key!r} is missing")
            if key in entry and not isinstance(entry[key], kind):
                raise InputError(f"{place}: {key} is {entry[key]!r}; expected {kind.__name__} (quote it?)")
        unknown = set(entry) - set(_REQUIRED) - set(_OPTIONAL)
        if unknown:
            raise InputError(f"{place}: unknown key {sorted(unknown)[0]!r}")
        if entry["id"] in seen:
            raise InputError(f"{place}: the id stands twice")
        seen.add(entry["id"])
        if entry["quelle"] not in katalog.quellen:
            raise InputError(f"{place}: there is no source {entry['quelle']!r} in the catalogue")
        _check_printed(place, entry)
    return content


def _check_printed(place: str, entry: dict) -> None:
    """Refuse a printed per cent figure that its own numerator and denominator do not give."""
    if not {"zaehler", "nenner", "wert"} <= set(entry):
        return
    printed = Decimal(entry["wert"].replace(",", "."))
    exact = Decimal(100) * entry["zaehler"] / entry["nenner"]
    if exact.quantize(printed, ROUND_HALF_UP) != printed:
        raise InputError(
            f"{place}: {entry['zaehler']} of {entry['nenner']} are {exact:.4f} %, not the printed {entry['wert']} %"
        )
