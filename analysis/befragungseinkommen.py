"""Incomes of a survey's respondents, drawn within the brackets that they named."""

import pandas as pd

from analysis.auswertung import Auswertung
from analysis.sources.befragung import Befragung
from analysis.survey import armut
from analysis.survey.armut import Bezugsmedian
from analysis.survey.design import Design
from analysis.survey.einkommen import Einkommen, aus_befragung


def income_of(
    survey: Befragung, wanted: Auswertung, design: Design
) -> tuple[Einkommen | None, dict[str, Bezugsmedian]]:
    """Incomes of the respondents in Euro a month, and the medians of which poverty is measured, the last one in use.

    None and nothing where the description names no income or no household, or fewer than two respondents have one.
    """
    if not wanted.einkommen or not wanted.haushalt:
        return None, {}
    persons = [wanted.haushalt[who] for who in ("erwachsene", "jugendliche", "kinder")]
    income, _ = aus_befragung(
        survey.daten,
        survey.codebuch,
        wanted.einkommen,
        persons,
        gewicht=design.gewicht,
        leer_ist_null=True,
        schluessel=zufallsschluessel(survey.daten),
    )
    if income.aequivalent.notna().sum() < 2:
        return None, {}
    bezug = {"eigener": armut.eigener_median(design, income.aequivalent)}
    if wanted.median is not None:
        bezug["vorgegeben"] = armut.vorgegebener_median(design, wanted.median[0])
    return income, bezug


def zufallsschluessel(daten: pd.DataFrame) -> pd.Series:
    """Key of each respondent for the random point in a bracket: the same for the same answers, wherever they stand."""
    return pd.Series(pd.util.hash_pandas_object(daten.astype(str), index=False), daten.index)
