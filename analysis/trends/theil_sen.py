"""Theil-Sen: the typical change per year, which no single value can pull away."""

from dataclasses import dataclass

import numpy as np

from analysis.trends.pruefung import NIVEAU_Z


@dataclass(frozen=True)
class Steigung:
    """Slope per year with its 95 % interval, per series."""

    steigung: np.ndarray
    unten: np.ndarray
    oben: np.ndarray


def theil_sen(werte: np.ndarray, jahre: np.ndarray) -> Steigung:
    """Theil-Sen slope: the median of the slopes between all pairs of points.

    Parameters
    ----------
    werte, jahre
        Values and times in years, series × points in the order of time; times differ within a series.

    Returns
    -------
    Steigung
        With the 95 % interval of Sen (1968): with N pairs and C = 1.96 √Var(S) (ties considered) the slopes of the
        ranks (N - C)/2 and (N + C)/2 + 1, rounded to whole ranks (halves to even), as SciPy `theilslopes`;
        Gilbert (1987) interpolates between ranks. NaN where the ranks lie outside: too few points for 95 %.
    """
    y, t = np.asarray(werte, float), np.asarray(jahre, float)
    n = y.shape[1]
    first, second = np.triu_indices(n, 1)
    slopes = np.sort((y[:, second] - y[:, first]) / (t[:, second] - t[:, first]), axis=1)
    pairs = slopes.shape[1]
    equal = (y[:, :, None] == y[:, None, :]).sum(axis=2)
    varianz = (n * (n - 1) * (2 * n + 5) - ((equal - 1) * (2 * equal + 5)).sum(axis=1)) / 18
    wide = NIVEAU_Z * np.sqrt(varianz)
    low = np.round((pairs - wide) / 2).astype(int) - 1
    high = np.round((pairs + wide) / 2).astype(int)
    inside = (low >= 0) & (high < pairs)
    series = np.arange(len(y))
    return Steigung(
        steigung=np.median(slopes, axis=1),
        unten=np.where(inside, slopes[series, np.clip(low, 0, pairs - 1)], np.nan),
        oben=np.where(inside, slopes[series, np.clip(high, 0, pairs - 1)], np.nan),
    )
