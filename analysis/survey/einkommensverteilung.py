"""The distribution of incomes: quantiles, kernel density, and whether there is a density at all."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.survey.design import Design
from analysis.survey.estimates import domains, result
from analysis.survey.haushalt import numbers
from analysis.survey.schaetzung import Schaetzung

REGELN = ("summe", "anzahl")
"""Bandwidth of the kernel: standard deviation / N ** 0.2 with N the sum of weights (as R `convey`: it depends on the
scale of the weights) or the number of respondents."""

_NAHE = 1.5
"""Incomes that can touch a density at the median and the thresholds below it, as a multiple of the median."""

_GEBALLT = 0.7
"""Weight that shares an income, relative to the error of a share of 50 %, beyond which linearised errors fail."""


_GENAU = 1e-12
"""Shares of weight this near to each other are equal: sums of the same weights differ by their order."""


def quantile(einkommen: np.ndarray, gewicht: np.ndarray, anteile: Sequence[float]) -> np.ndarray:
    """Weighted quantiles: the smallest income with more than the share of the weight up to it.

    The mean of it and the next one where the share is met exactly (R `laeken::weightedQuantile`). NaN without incomes.
    """
    shares = np.asarray(anteile, float)
    if not gewicht.sum() > 0:
        return np.full(len(shares), np.nan)
    order = np.argsort(einkommen, kind="stable")
    x, sums = einkommen[order], np.cumsum(gewicht[order])
    reached = sums / sums[-1]
    place = np.minimum(np.searchsorted(reached, shares + _GENAU, side="right"), len(x) - 1)
    before = np.maximum(place - 1, 0)
    exact = (place > 0) & (np.abs(reached[before] - shares) <= _GENAU)
    return np.where(exact, (x[before] + x[place]) / 2, x[place])


def geballt(design: Design, einkommen: np.ndarray, inside: np.ndarray) -> bool:
    """Whether so many share one income that the density of incomes, and errors computed with it, mean nothing.

    The weight that an average person shares with others of exactly her income is compared with the sampling error of a
    share of 50 % among as many units. Only incomes up to `_NAHE` times the median count: the density is needed at the
    median and below, and the many with the one value of an open top bracket do not touch it. Ties within a unit
    (persons of a household) do not count. In samples of 200 to 4,000 households from the EU-SILC data of `laeken` this
    tells bracket midpoints (error of the poverty rate too small by 30 to 60 %) from incomes rounded to 50 EUR (within
    12 %) up to 1,600 households.
    """
    if not design.gewicht[inside].sum() > 0:
        return False
    (median,) = quantile(einkommen[inside], design.gewicht[inside], [0.5])
    total, units = design.gewicht[inside].sum(), len(np.unique(design.stufen[0].einheit[inside]))
    near = inside & (einkommen <= max(_NAHE * median, median))
    w, unit = design.gewicht[near], design.stufen[0].einheit[near]
    code = np.unique(einkommen[near], return_inverse=True)[1]
    pair = np.unique(unit.astype(np.int64) * (code.max() + 1) + code, return_inverse=True)[1]
    shared = (np.bincount(code, w) ** 2).sum() - (np.bincount(pair, w) ** 2).sum()
    return bool(shared / total**2 > _GEBALLT * 0.5 / np.sqrt(units))


def known_incomes(design: Design, einkommen: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Incomes, 0 where unknown, and where they are known."""
    if len(einkommen) != len(design):
        raise InputError(f"{len(einkommen)} incomes for {len(design)} respondents of the design")
    y = numbers("income", einkommen).to_numpy()
    known = ~np.isnan(y)
    return np.where(known, y, 0.0), known


def bandwidth(y, w, inside, rule: str | float) -> float:
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


def kernel(at: float, y: np.ndarray, h: float) -> np.ndarray:
    """Gaussian density of each income at a point; NaN without a bandwidth."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.exp(-(((at - y) / h) ** 2) / 2) / (h * np.sqrt(2 * np.pi))


def by_domain(
    design: Design, einkommen: pd.Series, bereich: pd.Series | None, measure: Callable, name: str
) -> Schaetzung:
    """A measure in every domain: `measure(inside, weight)` gives estimate and influence per respondent."""
    _, inside, index = domains(design, numbers("income", einkommen).rename(name), bereich)
    wert, einfluss = np.empty(inside.shape[1]), np.empty(inside.shape)
    with np.errstate(invalid="ignore", divide="ignore"):
        for k, member in enumerate(inside.T):
            wert[k], einfluss[:, k] = measure(member, design.gewicht * member)
    return result(design, wert, einfluss, inside, index)
