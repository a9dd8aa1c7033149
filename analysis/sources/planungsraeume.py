"""Planungsraeume of a Kreis: one YAML that says which Gemeinden and Ortsteile belong to each, from when to when.

What the file says by itself is checked here; whether its members exist and none is forgotten, the store checks.
"""

import datetime as dt
from pathlib import Path

import pandas as pd

from analysis.catalogue import Katalog
from analysis.errors import InputError
from analysis.planungsraeume import overlaps
from analysis.regions import check_ags
from analysis.sources.lieferung import Lieferung, Probe
from analysis.yaml_files import load_yaml

VERSION = 1

_SCHEMA = Path(__file__).with_name("planungsraeume.schema.json")


def recognises(probe: Probe) -> bool:
    """Whether the file is YAML that begins a list of Planungsraeume."""
    return probe.yaml_key == "planungsraeume"


def read(path: Path, katalog: Katalog) -> Lieferung:
    """Members of the Planungsraeume with their dates.

    Raises
    ------
    InputError
        The file does not follow the schema, a key is of another Kreis, dates are reversed, or a member belongs to two
        Planungsraeume on one day.
    """
    content = load_yaml(path, _SCHEMA)["planungsraeume"]
    kreis = content["kreis"]
    rows = []
    for number, raum in enumerate(content["raeume"], start=1):
        place = f"{path}, raeume.{number} ({raum['schluessel']})"
        if raum["schluessel"][:5] != kreis:
            raise InputError(f"{place}: the key is not of the Kreis {kreis}; expected {kreis}.name")
        whole = _period(place, raum, dt.date.min, None)
        for entry in raum["mitglieder"]:
            given = entry if isinstance(entry, dict) else {"mitglied": entry}
            mitglied = given["mitglied"]
            if mitglied[:5] != kreis:
                raise InputError(f"{place}: member {mitglied} is not in the Kreis {kreis}")
            ab, bis = _period(f"{place}, {mitglied}", {"ab": whole[0], "bis": whole[1], **given}, *whole)
            row = {"kreis": kreis, "planungsraum": raum["schluessel"], "mitglied": mitglied, "ab": ab, "bis": bis}
            rows.append({**row, "name": raum["name"]})
    try:
        check_ags(kreis)
    except InputError as error:
        raise InputError(f"{path}, kreis: {error}") from None
    table = pd.DataFrame(rows).astype({"ab": object, "bis": object})
    found = overlaps(table)
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise InputError(f"{path}: {found[0]}{more}")
    return Lieferung(f"planungsraeume {VERSION}", bestaende={"planungsraeume": table})


def _period(place: str, given: dict, earliest: dt.date, latest: dt.date | None) -> tuple[dt.date, dt.date | None]:
    """First and last day (None: still valid), within the days of the entry around it."""
    ab, bis = given["ab"], given.get("bis")
    for name, day in (("ab", ab), ("bis", bis)):
        if day is not None and type(day) is not dt.date:
            raise InputError(f"{place}: {name} is {day!r}; expected a date without quotes (2019-01-01)")
    if bis is not None and bis < ab:
        raise InputError(f"{place}: bis {bis:%d.%m.%Y} is before ab {ab:%d.%m.%Y}")
    if ab < earliest or (latest is not None and (bis is None or bis > latest)):
        raise InputError(f"{place}: the member's dates lie outside those of its Planungsraum")
    return ab, bis
