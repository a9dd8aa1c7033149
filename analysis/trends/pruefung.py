"""The two tests of the trend statement, for many series of equal length at once."""

from dataclasses import dataclass

import numpy as np

NIVEAU_Z = 1.959963984540054
"""Quantile of the normal distribution for intervals of 95 %."""

BREITE = 3.92
"""Width of a 95 % interval in standard errors, as the rule of Fingertips rounds it."""


@dataclass(frozen=True)
class Pruefung:
    """Result per series: chi², slope per year with its standard error, and its sign when one point is left out.

    `vorzeichen` is the sign (-1, 0, 1) of the slope that all points give if every fit without one point has the
    same, else 0.
    """

    chi2: np.ndarray
    steigung: np.ndarray
    se: np.ndarray
    vorzeichen: np.ndarray


def cochran_armitage(zaehler: np.ndarray, nenner: np.ndarray, jahre: np.ndarray) -> Pruefung:
    """Cochran-Armitage test for a linear trend of proportions, with the years as scores.

    Parameters
    ----------
    zaehler, nenner
        Counts, series × points; every denominator above 0.
    jahre
        Time in years per point.

    Returns
    -------
    Pruefung
        chi² with 1 degree of freedom (R `prop.trend.test`); slope of the regression of the shares weighted by the
        denominators, with the standard error that does not assume equal shares: the interval is that of Fagerland,
        Lydersen, Laake (2017, chapter 5). `vorzeichen` is, as in the rule of Fingertips, that of the unweighted
        regression of the logits; where a share is 0 or 1, one half is added to both counts of the whole series. It is 0
        too where the slope of the test has another sign. Series whose shares are all 0 or all 1 have a chi² of 0.
    """
    n, t = np.asarray(nenner, float), np.asarray(jahre, float)
    c = np.asarray(zaehler, float)
    p, total = c / n, n.sum(axis=1, keepdims=True)
    pooled = c.sum(axis=1, keepdims=True) / total
    centred = t - (n * t).sum(axis=1, keepdims=True) / total
    spread = (n * centred**2).sum(axis=1)
    steigung = (n * centred * (p - pooled)).sum(axis=1) / spread
    varianz = (pooled * (1 - pooled))[:, 0] / spread
    chi2 = np.divide(steigung**2, varianz, out=np.zeros(len(n)), where=varianz > 0)
    se = np.sqrt((n * centred**2 * p * (1 - p)).sum(axis=1)) / spread
    half = 0.5 * ((c <= 0) | (c >= n)).any(axis=1, keepdims=True)
    logit = np.log((c + half) / (n - c + half))
    vorzeichen = _stable_sign(logit, np.ones_like(n), t)
    return Pruefung(chi2, steigung, se, np.where(np.sign(steigung) == vorzeichen, vorzeichen, 0))


def weighted_regression(wert: np.ndarray, breite: np.ndarray, jahre: np.ndarray) -> Pruefung:
    """Linear regression weighted by 1/variance, where the variance is known from the interval of each value.

    Parameters
    ----------
    wert, breite
        Values and the widths of their 95 % intervals, series × points; every width above 0.
    jahre
        Time in years per point.

    Returns
    -------
    Pruefung
        chi² = (slope / standard error)², with the standard error that follows from the known variances (width / 3.92)²
        alone: it is not rescaled by the residuals, as the default of `lm` and of `WLS` would.
    """
    weights = (BREITE / np.asarray(breite, float)) ** 2
    wert, t = np.asarray(wert, float), np.asarray(jahre, float)
    steigung, spread = _slope(wert, weights, t)
    return Pruefung(steigung**2 * spread, steigung, 1 / np.sqrt(spread), _stable_sign(wert, weights, t))


def _slope(y, weights, t) -> tuple[np.ndarray, np.ndarray]:
    """Weighted slope over the last axis, and the weighted sum of squares of the times."""
    total = weights.sum(axis=-1, keepdims=True)
    centred = t - (weights * t).sum(axis=-1, keepdims=True) / total
    level = (weights * y).sum(axis=-1, keepdims=True) / total
    spread = (weights * centred**2).sum(axis=-1)
    return (weights * centred * (y - level)).sum(axis=-1) / spread, spread


_TINY = 1e-12
"""Slope that counts as none, relative to the largest difference of the values: rounding only."""


def _stable_sign(y, weights, t) -> np.ndarray:
    points = y.shape[1]
    without = np.vstack([np.ones(points), 1 - np.eye(points)])
    slope, _ = _slope(y[:, None, :], weights[:, None, :] * without, t[:, None, :])
    tiny = _TINY * (np.abs(y).max(axis=1) + np.ptp(y, axis=1)) / np.ptp(t, axis=1)
    signs = np.where(np.abs(slope) > tiny[:, None], np.sign(slope), 0)
    return np.where((signs == signs[:, :1]).all(axis=1), signs[:, 0], 0)
