"""Poverty by equivalised incomes, with the sampling error that the threshold has itself.

Every measure is linearised (Deville 1999; Osier 2009, Survey Research Methods 3, 167-195) as in R `convey`; point
estimates are those of R `laeken`, as shares from 0 to 1. Where the density of incomes is needed it is estimated by a
Gaussian kernel. A missing income is outside of every domain; the threshold comes from all, the domain only counts.

If persons of a household are counted, the household must be the unit of the design: their incomes are one. The
symmetric `Schaetzung.intervall` is poor for small shares and few respondents: for rates take `share_intervals` of
`analysis.survey.intervals`.

Incomes that take few values (midpoints of brackets) have no density: where a threshold crosses a value, a whole group
changes sides, which no linearisation describes (in samples drawn from the EU-SILC data of `laeken` with the usual
brackets it gave about half the true error). The standard error of what needs a density is then NaN, see `geballt` in
`analysis.survey.einkommensverteilung`. Incomes spread within their bracket (`gleichverteilt` of
`analysis.survey.einkommen`) avoid this; else `analysis.survey.armut_replikate` gives errors of rates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.survey.design import Design
from analysis.survey.einkommensverteilung import bandwidth, by_domain, geballt, kernel, known_incomes, quantile
from analysis.survey.estimates import domains, result
from analysis.survey.schaetzung import Schaetzung

Band = tuple[float | None, float | None]

BAENDER: Mapping[str, Band] = {
    "unter_60": (None, 0.6),
    "unter_50": (None, 0.5),
    "unter_70": (None, 0.7),
    "unter_85": (None, 0.85),
    "60_bis_85": (0.6, 0.85),
}
"""Name → lower bound (included) and upper bound (excluded) of the income as a multiple of the median.

Below 60 %: at risk of poverty (EU). Below 85 %, or from 60 to below 85 %: `geringes Einkommen` of some Kreise.
"""


@dataclass(frozen=True)
class Bezugsmedian:
    """A median income that thresholds refer to.

    Attributes
    ----------
    wert
        EUR.
    einfluss
        Influence of each respondent on it; 0 if it comes from outside.
    basis
        Respondents that it was estimated from; none if it comes from outside.
    """

    wert: float
    einfluss: np.ndarray
    basis: np.ndarray


def eigener_median(
    design: Design, einkommen: pd.Series, bereich: pd.Series | None = None, bandbreite: str | float = "summe"
) -> Bezugsmedian:
    """Median income of the survey itself: thresholds from it have a sampling error (R `convey::svyiqalpha`).

    Parameters
    ----------
    einkommen
        Equivalised income in EUR; NA is outside.
    bereich
        Boolean: respondents whose median it is; all without it.
    bandbreite
        One of `einkommensverteilung.REGELN` or a number in EUR.

    Returns
    -------
    Bezugsmedian
        Its influence is NaN, and so every standard error that depends on it, where incomes are `geballt`.

    Raises
    ------
    InputError
        Nobody has an income; an income is no number.
    """
    y, known = known_incomes(design, einkommen)
    if bereich is not None:
        if not pd.api.types.is_bool_dtype(bereich) or len(bereich) != len(design):
            raise InputError("median: the domain must be one boolean per respondent")
        known = known & bereich.fillna(False).to_numpy(bool)
    w = design.gewicht * known
    if not w.sum() > 0:
        raise InputError("median: nobody has an income; expected at least one")
    (q,) = quantile(y[known], w[known], [0.5])
    density = (w @ kernel(q, y, bandwidth(y, w, known, bandbreite))) / w.sum()
    if geballt(design, y, known) or not density > 0:
        return Bezugsmedian(float(q), np.full(len(y), np.nan), known)
    return Bezugsmedian(float(q), np.where(known, (0.5 - (y <= q)) / (w.sum() * density), 0.0), known)


def vorgegebener_median(design: Design, wert: float) -> Bezugsmedian:
    """Median income of Bund or Land as published, EUR: a number without sampling error."""
    if isinstance(wert, bool) or not isinstance(wert, int | float | np.number) or not 0 < wert < np.inf:
        raise InputError(f"median from outside: {wert!r}; expected an amount in EUR above 0")
    return Bezugsmedian(float(wert), np.zeros(len(design)), np.zeros(len(design), bool))


def schwellen(design: Design, bezug: Bezugsmedian, anteile: Sequence[float] = (0.6,)) -> Schaetzung:
    """Thresholds in EUR, shares of the median (R `convey::svyarpt`); share 1 is the median itself.

    A threshold from outside has the standard error 0 and no respondents.
    """
    shares = np.asarray(anteile, float)
    inside = np.repeat(bezug.basis[:, None], len(shares), axis=1)
    wert, index = shares * bezug.wert, pd.Index(list(anteile))
    if not bezug.basis.any():
        none = np.zeros(len(shares), int)
        return Schaetzung(pd.Series(wert, index, name="wert"), np.zeros((len(shares),) * 2), none, none)
    return result(design, wert, bezug.einfluss[:, None] * shares, inside, index)


def armutsquoten(
    design: Design,
    einkommen: pd.Series,
    bezug: Bezugsmedian,
    baender: Mapping[str, Band] = BAENDER,
    bereich: pd.Series | None = None,
    bandbreite: str | float = "summe",
) -> Schaetzung:
    """Shares with an income below a threshold, or between two (at-risk-of-poverty rate; R `laeken::arpr`, `svyarpr`).

    Parameters
    ----------
    einkommen
        Equivalised income in EUR; NA is outside.
    bezug
        Median of the survey itself or from outside.
    baender
        Name → bounds as multiples of the median, see `BAENDER`.
    bereich
        Domain per respondent as in `analysis.survey.estimates.mean`; the threshold remains that of `bezug`.

    Returns
    -------
    Schaetzung
        Index: names of `baender`; with several domains pairs of domain and name. NaN if the median is not above 0.
    """
    y, known = known_incomes(design, einkommen)
    bounds = limits(baender)
    h = bandwidth(y, design.gewicht * known, known, bandbreite)
    hits = np.column_stack([_below(high, bezug.wert, y) & ~_below(low, bezug.wert, y) for low, high in bounds])

    def in_domains(x):
        return domains(design, pd.DataFrame(np.where(known[:, None], x, np.nan), columns=list(baender)), bereich)

    hit, inside, index = in_domains(hits.astype(float))
    total = (design.gewichte * inside).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        wert = (design.gewichte * hit).sum(axis=0) / (total if bezug.wert > 0 else np.nan)
        einfluss = (hit - wert * inside) / total
        if bezug.einfluss.any():
            slopes = np.column_stack(
                [_slope(high, bezug.wert, y, h) - _slope(low, bezug.wert, y, h) for low, high in bounds]
            )
            slope = (design.gewichte * in_domains(slopes)[0]).sum(axis=0) / total
            einfluss = einfluss + slope * bezug.einfluss[:, None]
    return result(design, wert, einfluss, inside, index)


def limits(baender: Mapping[str, Band]) -> list[tuple[float, float]]:
    """Bounds of each band, infinite where open.

    Raises
    ------
    InputError
        There is no band, or the lower bound of one is not below the upper one.
    """
    if not baender:
        raise InputError("poverty rates: no bands; expected at least one")
    found = {
        name: (-np.inf if low is None else low, np.inf if high is None else high)
        for name, (low, high) in baender.items()
    }
    for name, (low, high) in found.items():
        if not low < high:
            raise InputError(f"band {name}: {low:g} is not below {high:g}")
    return list(found.values())


def armutsluecke(
    design: Design,
    einkommen: pd.Series,
    bezug: Bezugsmedian,
    anteil: float = 0.6,
    bereich: pd.Series | None = None,
    bandbreite: str | float = "summe",
) -> Schaetzung:
    """Relative median poverty gap: distance of the median of the poor from the threshold, as a share of the threshold.

    R `laeken::rmpg`, `convey::svyrmpg`. NaN where nobody is poor; its error is NaN where incomes of the poor are
    `geballt`.
    """
    y, known = known_incomes(design, einkommen)
    h = bandwidth(y, design.gewicht * known, known, bandbreite)
    threshold = anteil * bezug.wert

    def gap(inside, w):
        poor = inside & (y < threshold)
        total = w.sum()
        if not w[poor].sum() > 0 or not threshold > 0:
            return np.nan, np.nan
        (m,) = quantile(y[poor], w[poor], [0.5])
        rate = w[poor].sum() / total
        of_rate = np.where(inside, (poor - rate) / total, 0.0)
        if geballt(design, y, poor):
            return 1 - m / threshold, np.nan
        if bezug.einfluss.any():
            of_rate = of_rate + anteil * (w @ kernel(threshold, y, h)) / total * bezug.einfluss
        of_median = 0.5 * of_rate - np.where(inside, ((y <= m) - 0.5 * rate) / total, 0.0)
        of_median = of_median / ((w @ kernel(m, y, h)) / total)
        return 1 - m / threshold, -of_median / threshold + m / threshold**2 * anteil * bezug.einfluss

    return by_domain(design, einkommen, bereich, gap, "armutsluecke")


def _below(share: float, median: float, y: np.ndarray) -> np.ndarray:
    return y < share * median if np.isfinite(share) else np.full(len(y), share > 0)


def _slope(share: float, median: float, y: np.ndarray, h: float) -> np.ndarray:
    """Change of the share below a threshold as the median grows, per respondent."""
    return share * kernel(share * median, y, h) if np.isfinite(share) and share != 0 else np.zeros(len(y))
