"""Areas of a survey: as the questionnaire asked for them, or put together to Planungsraeume."""

import datetime as dt

from analysis.errors import InputError
from analysis.planungsraeume import members
from analysis.regions import level
from analysis.sources.befragung import Befragung
from analysis.store import Store

EBENEN = ("", "planungsraum", "keine")
"""As asked for, put together to Planungsraeume, or no areas."""


def area_names(survey: Befragung) -> dict[str, str]:
    """Key of each area → its name as the questionnaire puts it (several answers of one area: the first)."""
    given = survey.angaben.get("raum")
    if not given:
        return {}
    labels = {str(code): label for code, label in survey.codebuch.merkmal(given["merkmal"]).labels.items()}
    names: dict[str, str] = {}
    for code, key in given["schluessel"].items():
        names.setdefault(key, labels.get(str(code), key))
    twice = [name for name in names.values() if list(names.values()).count(name) > 1]
    if twice:
        raise InputError(
            f"{survey.pfad}, befragung.raum: two areas have the name {twice[0]!r}; expected different ones"
        )
    return names


def shown_areas(survey: Befragung, ebene: str, store: Store) -> dict[str, str]:
    """Key of each area → name of the area of the report that it belongs to; empty without areas.

    Parameters
    ----------
    ebene
        One of `EBENEN`. The Planungsraum of a Gemeinde or an Ortsteil is that of the day of the draw, or of the end of
        the survey's year.

    Raises
    ------
    InputError
        Another level, or an area that belongs to no Planungsraum.
    """
    if ebene not in EBENEN:
        raise InputError(f"ebene {ebene!r}; expected one of planungsraum, keine, or nothing: as the survey asked")
    names = area_names(survey)
    if ebene == "keine":
        return {}
    if not ebene or all(level(key) == "planungsraum" for key in names):
        return names
    day = survey.angaben.get("ziehung", {}).get("stichtag") or dt.date(survey.jahr, 12, 31)
    table = members(store.bestand("planungsraeume"), day)
    table = table[table.kreis == survey.kreis]
    of = dict(zip(table.mitglied, table.name, strict=True)) | dict(zip(table.planungsraum, table.name, strict=True))
    lacking = [key for key in names if key not in of and key[:8] not in of]
    if lacking:
        raise InputError(
            f"{survey.pfad}, befragung.raum: {lacking[0]} is in no Planungsraum on {day:%d.%m.%Y}; expected Gemeinden, "
            "Ortsteile or Planungsraeume of the Kreis"
        )
    return {key: of.get(key) or of[key[:8]] for key in names}
