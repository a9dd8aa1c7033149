"""Inequality of equivalised incomes: Gini coefficient and S80/S20, with linearised standard errors.

Point estimates are those of R `laeken`, influences as in R `convey` (Osier 2009, Survey Research Methods 3, 167-195). A
missing income is outside of every domain; each domain has its own coefficient and its own fifths. If persons of a
household are counted, the household must be the unit of the design.
"""

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.survey.design import Design
from analysis.survey.einkommensverteilung import bandwidth, by_domain, kernel, known_incomes, quantile
from analysis.survey.schaetzung import Schaetzung

_GENAU = 0.02
"""Difference from 20 % up to which the poorest and richest fifth are counted by whole respondents."""


def gini(design: Design, einkommen: pd.Series, bereich: pd.Series | None = None) -> Schaetzung:
    """Gini coefficient of incomes, 0 if all are equal (R `laeken::gini` / 100).

    The influence is the exact derivative by the weight; R `convey::svygini` differs from it by terms of the size of one
    weight in the sum of all. Can exceed 1 with negative incomes; NaN where the sum of incomes is not above 0.
    """
    y, _ = known_incomes(design, einkommen)

    def coefficient(inside, w):
        total, incomes = w.sum(), w @ y
        if not incomes > 0:
            return np.nan, np.nan
        values, code = np.unique(y[inside], return_inverse=True)
        people = np.bincount(code, w[inside])
        eur = people * values
        below = np.cumsum(people) - people / 2
        above = incomes - np.cumsum(eur) + eur / 2
        g = 2 * (eur @ below) / (incomes * total) - 1
        lin = np.zeros(len(y))
        lin[inside] = 2 * (values * below + above)[code] / (incomes * total)
        lin[inside] -= (g + 1) * (y[inside] / incomes + 1 / total)
        return g, lin

    return by_domain(design, einkommen, bereich, coefficient, "gini")


def quintilverhaeltnis(
    design: Design,
    einkommen: pd.Series,
    bereich: pd.Series | None = None,
    anteil: float = 0.2,
    bandbreite: str | float = "summe",
) -> Schaetzung:
    """S80/S20: income of the richest fifth divided by that of the poorest (R `laeken::qsr`, `convey::svyqsr`).

    As in R everybody up to the 20 % quantile belongs to the poorest and everybody above the 80 % quantile to the
    richest fifth. Where several units have the income at the border, or a fifth would be more than 2 points too large
    or small (few respondents), those at the border count with the part that makes it 20 % (shares of the Lorenz curve;
    Langel and Tillé 2011). NaN where the poorest fifth has no income above 0.
    """
    if not 0 < anteil <= 0.5:
        raise InputError(f"quintile ratio: share {anteil!r}; expected above 0 and up to 0.5")
    y, _ = known_incomes(design, einkommen)
    shares, unit = (anteil, 1 - anteil), design.stufen[0].einheit

    def ratio(inside, w):
        total, incomes = w.sum(), w @ y
        if not total > 0:
            return np.nan, np.nan
        cuts = quantile(y[inside], w[inside], shares)
        h = bandwidth(y, w, inside, bandbreite)
        whole = all(
            abs(w @ (y <= q) / total - p) <= _GENAU and len(np.unique(unit[inside & (y == q)])) == 1
            for q, p in zip(cuts, shares, strict=True)
        )
        (low, of_low), (up_to, of_up_to) = (_up_to(y, w, q, p, h, whole) for q, p in zip(cuts, shares, strict=True))
        top = incomes - up_to
        if not low > 0:
            return np.nan, np.nan
        lin = (y - of_up_to) / low - top / low**2 * of_low
        return top / low, np.where(inside, lin, 0.0)

    return by_domain(design, einkommen, bereich, ratio, "quintilverhaeltnis")


def _up_to(y, w, q: float, share: float, h: float, whole: bool) -> tuple[float, np.ndarray]:
    """Income of the poorest share up to its quantile, and its influence."""
    if whole:
        near = w * kernel(q, y, h)
        border = (near @ y) / near.sum()  # convey's estimate of the quantile itself, from two kernel sums
        return w @ (y * (y <= q)), y * (y <= q) - border * ((y <= q) - share)
    below = y < q
    return w @ (y * below) + q * (share * w.sum() - w @ below), (y - q) * below + share * q
