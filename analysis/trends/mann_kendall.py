"""Mann-Kendall: whether a series tends up or down, without assuming a straight line or a distribution."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.trends.brueche import last_break
from analysis.trends.reihen import by_length, dates_of, last_rows, numbered
from analysis.trends.theil_sen import theil_sen

MINDESTENS = 5
"""Points of the shortest series that is tested."""

EXAKT_BIS = 10
"""Longest series without equal values whose p is counted out instead of approximated (Gilbert 1987, 16.4.1)."""

SIGNIFIKANTE_VERZOEGERUNG = 1.959963984540054
"""Autocorrelations of ranks beyond this many 1/√n enter the correction (95 %)."""

COLUMNS = [
    *("ags", "indikator", "punkte", "von", "bis", "s", "tau", "p", "p_korrigiert"),
    *("steigung_je_jahr", "steigung_unten", "steigung_oben"),
]


@dataclass(frozen=True)
class Kendall:
    """Result per series: S, its variance under no trend (with ties), tau-b and the two-sided p."""

    s: np.ndarray
    varianz: np.ndarray
    tau: np.ndarray
    p: np.ndarray


def mann_kendall(werte: np.ndarray) -> Kendall:
    """Mann-Kendall test of series of equal length.

    Parameters
    ----------
    werte
        Series × points in the order of time, at least 3 points, no missing values.

    Returns
    -------
    Kendall
        S = number of later values that are higher minus those that are lower. p is exact up to `EXAKT_BIS` points
        without equal values, else normal with continuity correction (|S| - 1) and the variance for ties (Kendall
        1970). Equal to R `cor.test(method = "kendall")` with `exact = TRUE`, or `exact = FALSE, continuity = TRUE`. A
        series of one value alone has tau NaN and p 1.
    """
    y = np.asarray(werte, float)
    if y.ndim != 2 or y.shape[1] < 3 or not np.isfinite(y).all():
        raise InputError(f"Mann-Kendall: an array of shape {y.shape}; expected series × 3 or more known values")
    n = y.shape[1]
    first, second = np.triu_indices(n, 1)
    s = np.sign(y[:, second] - y[:, first]).sum(axis=1)
    equal = (y[:, :, None] == y[:, None, :]).sum(axis=2)
    tied = (equal - 1).sum(axis=1) / 2
    varianz = (n * (n - 1) * (2 * n + 5) - ((equal - 1) * (2 * equal + 5)).sum(axis=1)) / 18
    pairs = n * (n - 1) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        tau = np.where(tied < pairs, s / np.sqrt(pairs * (pairs - tied)), np.nan)
    p = _normal_p(s, varianz)
    if n <= EXAKT_BIS:
        p = np.where(tied == 0, _exact_p(n)[np.abs(s).astype(int)], p)
    return Kendall(s, varianz, tau, p)


def hamed_rao(werte: np.ndarray, jahre: np.ndarray, steigung: np.ndarray) -> np.ndarray:
    """Two-sided p of the Mann-Kendall test with the variance corrected for autocorrelation.

    Parameters
    ----------
    werte, jahre
        Values and times, series × points.
    steigung
        Theil-Sen slope, by which the series is detrended.

    Returns
    -------
    numpy.ndarray
        Normal p with continuity correction; NaN where the correction leaves no variance.

    Notes
    -----
    Hamed, Rao (1998), Journal of Hydrology 204, 182-196: variance times 1 + 2/(n(n-1)(n-2)) Σ (n-i)(n-i-1)(n-i-2) r(i)
    over all lags whose autocorrelation r of the ranks of the detrended values is beyond the 95 % limits; equal to
    pymannkendall `hamed_rao_modification_test`. A missing year counts as no step. Below about 20 points the
    autocorrelations are known too badly for much trust.
    """
    y, n = np.asarray(werte, float), werte.shape[1]
    plain = mann_kendall(y)
    rest = y - steigung[:, None] * jahre
    scale = np.ptp(y, axis=1)[:, None]
    rest = np.round((rest - rest.mean(axis=1, keepdims=True)) / np.where(scale > 0, scale, 1), 12)
    ranks = (rest[:, :, None] > rest[:, None, :]).sum(axis=2) + (rest[:, :, None] == rest[:, None, :]).sum(axis=2) / 2
    centred = ranks - ranks.mean(axis=1, keepdims=True)
    total = (centred**2).sum(axis=1)
    factor = np.ones(len(y))
    for lag in range(1, n):
        r = (centred[:, lag:] * centred[:, :-lag]).sum(axis=1) / np.where(total > 0, total, 1)
        weight = 2 * (n - lag) * (n - lag - 1) * (n - lag - 2) / (n * (n - 1) * (n - 2))
        factor += np.where(np.abs(r) > SIGNIFIKANTE_VERZOEGERUNG / np.sqrt(n), weight * r, 0)
    return np.where(factor > 0, _normal_p(plain.s, plain.varianz * np.where(factor > 0, factor, 1)), np.nan)


def kendall_trends(werte: pd.DataFrame, brueche: pd.DataFrame) -> pd.DataFrame:
    """Mann-Kendall test and Theil-Sen slope of every series, after its last declared break.

    All years on the day of the year of the newest value are used, gaps are allowed. The test knows nothing of the
    chance within each value; it says whether the order of the values is more than chance.

    Parameters
    ----------
    werte
        Long table with `ags`, `stichtag`, `indikator`, `anteil`.
    brueche
        Breaks that are never tested across.

    Returns
    -------
    pandas.DataFrame
        One row per series with at least `MINDESTENS` comparable points: extent, `s`, `tau` (tau-b), `p`, `p_korrigiert`
        (Hamed-Rao), slope per year with 95 % interval. Shorter series are missing.
    """
    reihen = numbered(werte)
    anteil = werte.anteil.to_numpy(float)
    known = np.isfinite(anteil)
    newest = reihen.newest(known)
    since = last_break(reihen, np.where(newest < 0, 0, reihen.tag[newest]), brueche)
    tables = [pd.DataFrame(columns=COLUMNS)]
    for series, rows in by_length(reihen, last_rows(reihen, known, since), MINDESTENS):
        y, t = anteil[rows], reihen.jahr[rows].astype(float)
        test, slope = mann_kendall(y), theil_sen(y, t)
        table = reihen.schluessel.iloc[series].assign(
            punkte=rows.shape[1],
            von=dates_of(reihen.tag[rows[:, 0]]),
            bis=dates_of(reihen.tag[rows[:, -1]]),
            **{"s": test.s, "tau": test.tau, "p": test.p, "p_korrigiert": hamed_rao(y, t, slope.steigung)},
            steigung_je_jahr=slope.steigung,
            steigung_unten=slope.unten,
            steigung_oben=slope.oben,
        )
        tables.append(table)
    full = [t for t in tables if len(t)] or tables
    return pd.concat(full, ignore_index=True).sort_values(["ags", "indikator"], ignore_index=True)[COLUMNS]


def _normal_p(s, varianz) -> np.ndarray:
    from scipy.special import erfc

    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.maximum(np.abs(s) - 1, 0) / np.sqrt(varianz)
    return erfc(np.where(varianz > 0, z, 0) / np.sqrt(2))


@cache
def _exact_p(n: int) -> np.ndarray:
    """Probability of |S| at least as large, for 0, 1, … n(n-1)/2, if all orders of n values are equally likely."""
    orders = np.ones(1)
    for length in range(2, n + 1):
        orders = np.convolve(orders, np.ones(length) / length)
    pairs = n * (n - 1) // 2
    size = np.abs(pairs - 2 * np.arange(pairs + 1))
    return np.array([min(1.0, orders[size >= s].sum()) for s in range(pairs + 1)])
