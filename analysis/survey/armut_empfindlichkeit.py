"""How much a poverty rate depends on the way in which brackets became incomes."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.survey.armut import BAENDER, Band, armutsquoten, eigener_median, limits, vorgegebener_median
from analysis.survey.design import Design
from analysis.survey.einkommen import METHODEN, SEED, Klassen, aequivalenzeinkommen

MIT_ZUFALL = ("gleichverteilt", "intervallregression")
"""Methods that draw a point of the bracket."""

OHNE_FEHLER = "many equal incomes: the error of the survey's own median is not known"
"""Hint where incomes are `geballt`."""


def empfindlichkeit(
    design: Design,
    klasse: pd.Series,
    klassen: Klassen,
    haushalte: pd.DataFrame,
    *,
    baender: Mapping[str, Band] = BAENDER,
    median: float | None = None,
    bereich: pd.Series | None = None,
    methoden: tuple[str, ...] = METHODEN,
    ziehungen: int = 10,
    seed: int = SEED,
    **optionen,
) -> pd.DataFrame:
    """Poverty rates under every method, and their spread over repeated draws.

    Parameters
    ----------
    klasse, klassen, haushalte
        As in `analysis.survey.einkommen.aequivalenzeinkommen`, as are further `optionen`.
    median
        From outside, EUR; without it the survey's own under each method.
    bereich
        Boolean: respondents whose rates are shown (the threshold is that of all).
    ziehungen
        Draws with the seeds `seed`, `seed` + 1, … where a method draws; the first one is the estimate.

    Returns
    -------
    pandas.DataFrame
        Index `methode`, `band`. Columns as `Schaetzung.tabelle`, then `median_eur`, `streuung_ziehung` (standard
        deviation of the estimate over the draws: what chance in the brackets adds to `se`; NaN for methods that draw
        nothing), `n_zelle` (respondents in the band, unweighted) and `hinweis` (why a method gave no estimate or no
        error, else "").
    """
    if bereich is not None and not pd.api.types.is_bool_dtype(bereich):
        raise InputError("sensitivity: the domain must be one boolean per respondent")
    if ziehungen < 1:
        raise InputError(f"sensitivity: {ziehungen} draws; expected at least one")
    tables = []
    for methode in methoden:
        seeds = range(seed, seed + (ziehungen if methode in MIT_ZUFALL else 1))
        try:
            incomes = [
                aequivalenzeinkommen(
                    klasse, klassen, haushalte, methode=methode, seed=s, gewicht=design.gewicht, **optionen
                ).aequivalent
                for s in seeds
            ]
        except InputError as error:
            if not str(error).startswith("interval regression"):
                raise
            tables.append(pd.DataFrame({"hinweis": str(error)}, index=list(baender)))
            continue
        medians = [
            vorgegebener_median(design, median) if median is not None else eigener_median(design, y) for y in incomes
        ]
        rates = [armutsquoten(design, y, m, baender, bereich) for y, m in zip(incomes, medians, strict=True)]
        spread = np.std([r.wert for r in rates], axis=0, ddof=1) if len(rates) > 1 else np.nan
        hint = OHNE_FEHLER if np.isnan(medians[0].einfluss).any() else ""
        table = rates[0].tabelle().assign(median_eur=medians[0].wert, streuung_ziehung=spread)
        tables.append(table.assign(n_zelle=_inside(incomes[0], medians[0].wert, baender, bereich), hinweis=hint))
    return pd.concat(tables, keys=list(methoden), names=["methode", "band"])


def _inside(income: pd.Series, median: float, baender: Mapping[str, Band], bereich: pd.Series | None) -> list[int]:
    """Respondents with an income within each band."""
    y = income.to_numpy(float, na_value=np.nan) / median
    there = np.ones(len(y), bool) if bereich is None else bereich.to_numpy(bool)
    return [int((there & (y >= low) & (y < high)).sum()) for low, high in limits(baender)]
