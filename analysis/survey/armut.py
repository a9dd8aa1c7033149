"""Poverty and inequality of equivalised incomes, with the sampling error that the threshold has itself.

Every measure is linearised (Deville 1999; Osier 2009, Survey Research Methods 3, 167-195) as in R `convey`; point
estimates are those of R `laeken`, as shares from 0 to 1. Where the density of incomes is needed it is estimated by a
Gaussian kernel. A missing income is outside of every domain; the threshold comes from all, the domain only counts.

If persons of a household are counted, the household must be the unit of the design: their incomes are one. The
symmetric `Schaetzung.intervall` is poor for small shares and few respondents: rates need an interval of shares.

Incomes that take few values (midpoints of brackets) have no density: where a threshold crosses a value, a whole group
changes sides, which no linearisation describes (in samples drawn from the EU-SILC data of `laeken` with the usual
brackets it gave half the true error). The standard error of what needs a density is then NaN, see `geballt`. Incomes
spread within their bracket (`gleichverteilt` of `analysis.survey.einkommen`) avoid this.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.survey.design import Design
from analysis.survey.estimates import domains, result
from analysis.survey.haushalt import numbers
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

REGELN = ("summe", "anzahl")
"""Bandwidth of the kernel: standard deviation / N ** 0.2 with N the sum of weights (as R `convey`: it depends on the
scale of the weights) or the number of respondents."""

_GENAU = 0.02
"""Difference from 20 % up to which the poorest and richest fifth are counted by whole respondents."""

_GEBALLT = 0.7
"""Weight that shares an income, relative to the error of a share of 50 %, beyond which linearised errors fail."""


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


def quantile(einkommen: np.ndarray, gewicht: np.ndarray, anteile: Sequence[float]) -> np.ndarray:
    """Weighted quantiles: the smallest income with more than the share of the weight up to it.

    The mean of it and the next one where the share is met exactly (R `laeken::weightedQuantile`). NaN without incomes.
    """
    shares = np.asarray(anteile, float)
    if not gewicht.sum() > 0:
        return np.full(len(shares), np.nan)
    order = np.argsort(einkommen, kind="stable")
    x, sums = einkommen[order], np.cumsum(gewicht[order])
    place = np.minimum(np.searchsorted(sums / sums[-1], shares, side="right"), len(x) - 1)
    before = np.maximum(place - 1, 0)
    exact = (place > 0) & (sums[before] / sums[-1] == shares)
    return np.where(exact, (x[before] + x[place]) / 2, x[place])


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
        One of `REGELN` or a number in EUR.

    Returns
    -------
    Bezugsmedian
        Its influence is NaN, and so every standard error that depends on it, where incomes are `geballt`.

    Raises
    ------
    InputError
        Nobody has an income; an income is no number.
    """
    y, known = _income(design, einkommen)
    if bereich is not None:
        if not pd.api.types.is_bool_dtype(bereich) or len(bereich) != len(design):
            raise InputError("median: the domain must be one boolean per respondent")
        known = known & bereich.fillna(False).to_numpy(bool)
    w = design.gewicht * known
    if not w.sum() > 0:
        raise InputError("median: nobody has an income; expected at least one")
    (q,) = quantile(y[known], w[known], [0.5])
    density = (w @ _kernel(q, y, _bandwidth(y, w, known, bandbreite))) / w.sum()
    if geballt(design, y, known) or not density > 0:
        return Bezugsmedian(float(q), np.full(len(y), np.nan), known)
    return Bezugsmedian(float(q), np.where(known, (0.5 - (y <= q)) / (w.sum() * density), 0.0), known)


def geballt(design: Design, einkommen: np.ndarray, inside: np.ndarray) -> bool:
    """Whether so many share one income that the density of incomes, and errors computed with it, mean nothing.

    The weight that an average person shares with others of exactly her income is compared with the sampling error of a
    share of 50 % among as many units. Ties within a unit (persons of a household) do not count. In samples of 200 to
    4,000 households from the EU-SILC data of `laeken` this tells bracket midpoints (error of the poverty rate too small
    by 30 to 60 %) from incomes rounded to 50 EUR (within 12 %) up to 1,600 households.
    """
    w = design.gewicht[inside]
    if not w.sum() > 0:
        return False
    unit = design.stufen[0].einheit[inside]
    code = np.unique(einkommen[inside], return_inverse=True)[1]
    pair = np.unique(unit.astype(np.int64) * (code.max() + 1) + code, return_inverse=True)[1]
    shared = (np.bincount(code, w) ** 2).sum() - (np.bincount(pair, w) ** 2).sum()
    return bool(shared / w.sum() ** 2 > _GEBALLT * 0.5 / np.sqrt(len(np.unique(unit))))


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
    y, known = _income(design, einkommen)
    bounds = [_bounds(name, band) for name, band in baender.items()]
    h = _bandwidth(y, design.gewicht * known, known, bandbreite)
    hits = np.column_stack([_below(high, bezug.wert, y) & ~_below(low, bezug.wert, y) for low, high in bounds])

    def by_domain(x):
        return domains(design, pd.DataFrame(np.where(known[:, None], x, np.nan), columns=list(baender)), bereich)

    hit, inside, index = by_domain(hits.astype(float))
    total = (design.gewichte * inside).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        wert = (design.gewichte * hit).sum(axis=0) / (total if bezug.wert > 0 else np.nan)
        einfluss = (hit - wert * inside) / total
        if bezug.einfluss.any():
            slopes = np.column_stack(
                [_slope(high, bezug.wert, y, h) - _slope(low, bezug.wert, y, h) for low, high in bounds]
            )
            slope = (design.gewichte * by_domain(slopes)[0]).sum(axis=0) / total
            einfluss = einfluss + slope * bezug.einfluss[:, None]
    return result(design, wert, einfluss, inside, index)


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
    y, known = _income(design, einkommen)
    h = _bandwidth(y, design.gewicht * known, known, bandbreite)
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
            of_rate = of_rate + anteil * (w @ _kernel(threshold, y, h)) / total * bezug.einfluss
        of_median = 0.5 * of_rate - np.where(inside, ((y <= m) - 0.5 * rate) / total, 0.0)
        of_median = of_median / ((w @ _kernel(m, y, h)) / total)
        return 1 - m / threshold, -of_median / threshold + m / threshold**2 * anteil * bezug.einfluss

    return _each(design, einkommen, bereich, gap, "armutsluecke")


def gini(design: Design, einkommen: pd.Series, bereich: pd.Series | None = None) -> Schaetzung:
    """Gini coefficient of incomes, 0 if all are equal (R `laeken::gini` / 100).

    The influence is the exact derivative by the weight; R `convey::svygini` differs from it by terms of the size of one
    weight in the sum of all. Can exceed 1 with negative incomes; NaN where the sum of incomes is not above 0.
    """
    y, _ = _income(design, einkommen)

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

    return _each(design, einkommen, bereich, coefficient, "gini")


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
    y, _ = _income(design, einkommen)
    shares, unit = (anteil, 1 - anteil), design.stufen[0].einheit

    def ratio(inside, w):
        total, incomes = w.sum(), w @ y
        if not total > 0:
            return np.nan, np.nan
        cuts = quantile(y[inside], w[inside], shares)
        h = _bandwidth(y, w, inside, bandbreite)
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

    return _each(design, einkommen, bereich, ratio, "quintilverhaeltnis")


def _up_to(y, w, q: float, share: float, h: float, whole: bool) -> tuple[float, np.ndarray]:
    """Income of the poorest share up to its quantile, and its influence."""
    if whole:
        near = w * _kernel(q, y, h)
        border = (near @ y) / near.sum()  # convey's estimate of the quantile itself, from two kernel sums
        return w @ (y * (y <= q)), y * (y <= q) - border * ((y <= q) - share)
    below = y < q
    return w @ (y * below) + q * (share * w.sum() - w @ below), (y - q) * below + share * q


def _income(design: Design, einkommen: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Incomes, 0 where unknown, and where they are known."""
    if len(einkommen) != len(design):
        raise InputError(f"{len(einkommen)} incomes for {len(design)} respondents of the design")
    y = numbers("income", einkommen).to_numpy()
    known = ~np.isnan(y)
    return np.where(known, y, 0.0), known


def _bounds(name: str, band: Band) -> tuple[float, float]:
    low = -np.inf if band[0] is None else band[0]
    high = np.inf if band[1] is None else band[1]
    if not low < high:
        raise InputError(f"band {name}: {low:g} is not below {high:g}")
    return low, high


def _bandwidth(y, w, inside, rule: str | float) -> float:
    """Bandwidth in EUR; NaN where all incomes are equal."""
    if isinstance(rule, str):
        if rule not in REGELN:
            raise InputError(f"bandwidth {rule!r}; expected one of {', '.join(REGELN)} or an amount in EUR")
        total = w.sum()
        if not total > 0:
            return np.nan
        mean = (w @ y) / total
        spread = np.sqrt((w @ (y - mean) ** 2) / total)
        if spread <= 1e-12 * abs(mean):
            return np.nan
        return spread / (total if rule == "summe" else np.count_nonzero(inside)) ** 0.2
    if not rule > 0:
        raise InputError(f"bandwidth {rule!r}; expected an amount in EUR above 0")
    return float(rule)


def _kernel(at: float, y: np.ndarray, h: float) -> np.ndarray:
    """Gaussian density of each income at a point; NaN without a bandwidth."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.exp(-(((at - y) / h) ** 2) / 2) / (h * np.sqrt(2 * np.pi))


def _below(share: float, median: float, y: np.ndarray) -> np.ndarray:
    return y < share * median if np.isfinite(share) else np.full(len(y), share > 0)


def _slope(share: float, median: float, y: np.ndarray, h: float) -> np.ndarray:
    """Change of the share below a threshold as the median grows, per respondent."""
    return share * _kernel(share * median, y, h) if np.isfinite(share) and share != 0 else np.zeros(len(y))


def _each(design: Design, einkommen: pd.Series, bereich, measure, name: str) -> Schaetzung:
    """A measure in every domain: `measure(inside, weight)` gives estimate and influence per respondent."""
    _, inside, index = domains(design, numbers("income", einkommen).rename(name), bereich)
    wert, einfluss = np.empty(inside.shape[1]), np.empty(inside.shape)
    with np.errstate(invalid="ignore", divide="ignore"):
        for k, member in enumerate(inside.T):
            wert[k], einfluss[:, k] = measure(member, design.gewicht * member)
    return result(design, wert, einfluss, inside, index)
