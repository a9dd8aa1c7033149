"""Detected breaks: where a series itself suggests that its level or its course changed. A hint, never a reason."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.trends.brueche import last_break
from analysis.trends.reihen import Reihen, by_length, dates_of, last_rows, numbered

MODELLE = {"niveau": 1, "gerade": 2}
"""What is constant between breaks: the level, or the straight line. Number of coefficients."""

ANTEIL_MINDESTENS = 0.15
"""Shortest segment as a share of the series (R `strucchange`: h = 0.15)."""

PUNKTE_MINDESTENS = {"niveau": 3, "gerade": 5}
"""Shortest segment in points."""

HOECHSTENS = 60
"""Longest series; of longer ones the newest points are taken."""

VORSPRUNG = 10.0
"""How much smaller the BIC must be for more breaks: very strong evidence (Kass, Raftery 1995, JASA 90, 773-795)."""

GRUND = "Die Reihe selbst legt hier einen Bruch nahe; eine Ursache ist damit nicht benannt."

COLUMNS = ["ags", "indikator", "datum", "letzter_vorher", "bic_vorsprung", "grund", "art"]


@dataclass(frozen=True)
class Zerlegung:
    """Best segmentation per series and number of breaks.

    `rss` and `bic` are series × numbers of breaks (0, 1, …); `enden[m]` holds, series × m, the index of the last
    point before each break; `anzahl` is the number with the smallest BIC.
    """

    rss: np.ndarray
    bic: np.ndarray
    enden: list[np.ndarray]
    anzahl: np.ndarray


def shortest_segment(punkte: int, modell: str) -> int:
    """Points of the shortest segment: 15 % of the series, at least `PUNKTE_MINDESTENS`."""
    _check(modell)
    return max(PUNKTE_MINDESTENS[modell], int(np.floor(ANTEIL_MINDESTENS * punkte)))


def segmentation(werte: np.ndarray, modell: str = "gerade", mindestens: int | None = None) -> Zerlegung:
    """Optimal segmentation of series of equal length by least squares, number of breaks by BIC.

    Parameters
    ----------
    werte
        Series × points, equally spaced, no missing values.
    modell
        One of `MODELLE`. The segments of `gerade` need not meet.
    mindestens
        Points of the shortest segment; `shortest_segment` where not given.

    Returns
    -------
    Zerlegung
        Equal to R `strucchange::breakpoints` (Bai, Perron 2003, Journal of Applied Econometrics 18, 1-22) with h =
        `mindestens`. BIC counts the coefficients of all segments, the breaks and one variance. A series that its model
        meets exactly has no break.
    """
    _check(modell)
    y = np.asarray(werte, float)
    if y.ndim != 2 or not np.isfinite(y).all():
        raise InputError(f"detected breaks: an array of shape {y.shape}; expected series × known values")
    n, k = y.shape[1], MODELLE[modell]
    h = shortest_segment(n, modell) if mindestens is None else mindestens
    if h <= k:
        raise InputError(f"detected breaks: shortest segment of {h} points; expected more than {k} for {modell!r}")
    if n < h:
        raise InputError(f"detected breaks: {n} points; expected at least one segment of {h}")
    cost = _costs(y - y.mean(axis=1, keepdims=True), modell, h)
    most = n // h - 1
    rss = np.full((len(y), most + 1), np.inf)
    best, came_from = cost[:, 0, :], []
    rss[:, 0] = best[:, n - 1]
    for m in range(1, most + 1):
        # candidate[s, i, j]: the last break lies after i, the series ends at j
        candidate = best[:, :-1, None] + cost[:, 1:, :]
        came_from.append(candidate.argmin(axis=1))
        best = np.take_along_axis(candidate, came_from[-1][:, None, :], axis=1)[:, 0, :]
        rss[:, m] = best[:, n - 1]
    spread = ((y - y.mean(axis=1, keepdims=True)) ** 2).sum(axis=1, keepdims=True)
    floor = 1e-20 * np.maximum(spread, (y**2).sum(axis=1, keepdims=True) * 1e-8)
    exact = rss <= np.maximum(floor, np.finfo(float).tiny)
    with np.errstate(divide="ignore"):
        likelihood = n * (np.log(np.where(exact, 1, rss)) + 1 - np.log(n) + np.log(2 * np.pi))
    parameters = (k + 1) * (np.arange(most + 1) + 1)
    bic = np.where(exact, -np.inf, likelihood + np.log(n) * parameters)
    return Zerlegung(rss, bic, [_trace(came_from[:m], n) for m in range(most + 1)], bic.argmin(axis=1))


def detected(
    werte: pd.DataFrame, brueche: pd.DataFrame, modell: str = "gerade", mindestens: int | None = None
) -> pd.DataFrame:
    """Breaks that the comparable years of each series suggest, after its last declared break.

    Parameters
    ----------
    werte
        Long table with `ags`, `stichtag`, `indikator`, `anteil`.
    brueche
        Declared breaks; only what follows the last one is searched.
    modell, mindestens
        As in `segmentation`. Series shorter than two segments, or with a missing year, are not searched.

    Returns
    -------
    pandas.DataFrame
        `ags`, `indikator`, `datum` (first value after the break), `letzter_vorher` (last value before it, the point
        that strucchange names), `bic_vorsprung` (BIC without break minus BIC), `grund`, `art` (always `festgestellt`).

    Notes
    -----
    The smallest BIC alone finds a break in 12 to 22 % of short series (10 to 20 points) of pure noise. Here the fewest
    breaks are taken that no larger number beats by more than `VORSPRUNG`, which leaves under 1 %. BIC also reacts to a
    curve, and to values that depend on those before.
    """
    _check(modell)
    anteil = werte.anteil.to_numpy(float)
    reihen, groups = searched(werte, brueche, 2 * (PUNKTE_MINDESTENS[modell] if mindestens is None else mindestens))
    tables = []
    for series, rows in groups:
        found = segmentation(anteil[rows], modell, mindestens)
        number = fewest(found.bic)
        for m in range(1, found.bic.shape[1]):
            chosen = np.flatnonzero(number == m)
            ahead = (found.bic[chosen, 0] - found.bic[chosen, m]).repeat(m)
            ends = found.enden[m][chosen]
            before = reihen.tag[np.take_along_axis(rows[chosen], ends, axis=1)].ravel()
            after = reihen.tag[np.take_along_axis(rows[chosen], ends + 1, axis=1)].ravel()
            keys = reihen.schluessel.iloc[np.repeat(series[chosen], m)]
            tables.append(keys.assign(datum=dates_of(after), letzter_vorher=dates_of(before), bic_vorsprung=ahead))
    table = pd.concat(tables) if tables else pd.DataFrame(columns=COLUMNS)
    return table.assign(grund=GRUND, art="festgestellt").sort_values(COLUMNS[:3], ignore_index=True)[COLUMNS]


def searched(
    werte: pd.DataFrame, brueche: pd.DataFrame, mindestens: int
) -> tuple[Reihen, list[tuple[np.ndarray, np.ndarray]]]:
    """Series that are long enough after their last declared break and miss no year.

    Returns
    -------
    tuple
        The numbered table, and for the series of each length their numbers and their rows (series × points).
    """
    reihen = numbered(werte)
    known = np.isfinite(werte.anteil.to_numpy(float))
    newest = reihen.newest(known)
    since = last_break(reihen, np.where(newest < 0, 0, reihen.tag[newest]), brueche)
    groups = []
    for series, rows in by_length(reihen, last_rows(reihen, known, since), mindestens, HOECHSTENS):
        years = reihen.jahr[rows]
        whole = years[:, -1] - years[:, 0] == rows.shape[1] - 1
        if whole.any():
            groups.append((series[whole], rows[whole]))
    return reihen, groups


def fewest(bic: np.ndarray) -> np.ndarray:
    """Fewest changes per series that no larger number beats by more than `VORSPRUNG`; `bic` is series × numbers."""
    bic = np.maximum(bic, -np.finfo(float).max / 4)
    best_further = np.minimum.accumulate(bic[:, ::-1], axis=1)[:, ::-1]
    return (bic - best_further <= VORSPRUNG).argmax(axis=1)


def _check(modell: str) -> None:
    if modell not in MODELLE:
        raise InputError(f"detected breaks: modell={modell!r}; expected one of {', '.join(MODELLE)}")


def _costs(y: np.ndarray, modell: str, h: int) -> np.ndarray:
    """Residual sum of squares of every segment i..j, series × i × j; infinite where shorter than h."""
    n = y.shape[1]

    def between(values: np.ndarray) -> np.ndarray:
        sums = np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)
        return sums[:, None, 1:] - sums[:, :-1, None]

    t = np.arange(n, dtype=float)[None] - (n - 1) / 2
    points = np.arange(n)[None, :] - np.arange(n)[:, None] + 1
    size = np.where(points > 0, points, 1)
    level = between(y)
    cost = between(y**2) - level**2 / size
    if modell == "gerade":
        times = between(t)
        spread = between(t**2) - times**2 / size
        product = between(y * t) - times * level / size
        cost = cost - product**2 / np.where(points > 1, spread, 1)
    return np.where(points >= h, np.maximum(cost, 0), np.inf)


def _trace(came_from: list[np.ndarray], n: int) -> np.ndarray:
    """Last points before the breaks, series × breaks, by walking back from the end."""
    if not came_from:
        return np.empty((0, 0), int)
    series, end, ends = np.arange(len(came_from[0])), np.full(len(came_from[0]), n - 1), []
    for choice in reversed(came_from):
        end = choice[series, end]
        ends.append(end)
    return np.stack(ends[::-1], axis=1)
