"""The rule by which an indicator is computed, as text: recorded, compared, and put back into a catalogue."""

import json
from dataclasses import replace

import pandas as pd

from analysis.catalogue import Groesse, Indikator, Katalog

COLUMNS = ["indikator", "label", "rechenregel"]


def rechenregel(indikator: Indikator, katalog: Katalog) -> str:
    """What decides the value of an indicator: kind, quantities, units, day of the denominator, as sorted JSON.

    Label, caveat, unit and digits of the display are no part of it: they change how a value is written, not the value.
    """
    units = {g: katalog.groessen[g].einheit for g in indikator.groessen}
    rule = {"art": indikator.art, "aus": indikator.aus, "einheiten": units}
    if indikator.nenner_stichtag != "gleich":
        rule["nenner_stichtag"] = indikator.nenner_stichtag
    return json.dumps(rule, ensure_ascii=False, sort_keys=True)


def table(katalog: Katalog) -> pd.DataFrame:
    """Rules of all indicators; columns `COLUMNS`."""
    rows = [(i.id, i.label, rechenregel(i, katalog)) for i in katalog.indikatoren.values()]
    return pd.DataFrame(rows, columns=COLUMNS)


def earlier(katalog: Katalog, bestimmungen: pd.DataFrame) -> Katalog:
    """The catalogue's indicators by earlier rules.

    Parameters
    ----------
    katalog
        Today's catalogue.
    bestimmungen
        Rules as they were recorded (`COLUMNS`); an empty rule means that the indicator was not in the catalogue.

    Returns
    -------
    Katalog
        Only those indicators of today that were there; today's catalogue where nothing was recorded.
    """
    if bestimmungen.empty:
        return katalog
    texts = dict(zip(bestimmungen.indikator, bestimmungen.rechenregel, strict=True))
    rules = {id: json.loads(text) for id, text in texts.items() if text}
    units = {g: unit for rule in rules.values() for g, unit in rule["einheiten"].items()}
    unknown = {g: Groesse(g, g, "", unit, "", "") for g, unit in units.items() if g not in katalog.groessen}
    known = {id: replace(g, einheit=units.get(id, g.einheit)) for id, g in katalog.groessen.items()}
    indicators = {
        id: replace(
            i, art=rules[id]["art"], aus=rules[id]["aus"], nenner_stichtag=rules[id].get("nenner_stichtag", "gleich")
        )
        for id, i in katalog.indikatoren.items()
        if id in rules
    }
    return replace(katalog, groessen={**known, **unknown}, indikatoren=indicators)
