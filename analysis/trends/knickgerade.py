"""Straight lines that meet: where the slope of a series changes without a jump, and how sure the place is."""

from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from analysis.errors import InputError

ABSTAND = 4
"""Points on each side of a change, and from one change to the next; a point at the change counts on both sides."""

MEISTE = 2
"""Most changes of a series."""

SCHRITT = 0.05
"""Step in points at which the ends of intervals are searched."""


@dataclass(frozen=True)
class Knicke:
    """Best lines that meet, per series and number of changes of slope.

    `rss` and `bic` are series × numbers of changes (0, 1, …). `stellen[m]` holds, series × m, where the lines meet, in
    points from the first one (0), also between two points; `steigungen[m]`, series × (m + 1), the slopes per point.
    """

    rss: np.ndarray
    bic: np.ndarray
    stellen: list[np.ndarray]
    steigungen: list[np.ndarray]


def meeting_lines(werte: np.ndarray, abstand: int = ABSTAND, meiste: int = MEISTE) -> Knicke:
    """Straight lines that meet, by least squares over all places where they may meet (Hudson 1966).

    Between two neighbouring points the lines that meet there are free; where those meet elsewhere, the best place is a
    point. Trying all gives the smallest residual sum of squares there is, which an iteration (R `segmented`) can miss.

    Parameters
    ----------
    werte
        Series × points, equally spaced, no missing values.
    abstand
        Points on each side of a change, at least 3.
    meiste
        Most changes.

    Returns
    -------
    Knicke
        Places, slopes, RSS and BIC equal R `segmented` where that finds the optimum. BIC counts the coefficients, the
        places and one variance. A series that a straight line meets exactly has no change.
    """
    y = np.asarray(werte, float)
    if y.ndim != 2 or not np.isfinite(y).all():
        raise InputError(f"changes of slope: an array of shape {y.shape}; expected series × known values")
    n = y.shape[1]
    if abstand < 3:
        raise InputError(f"changes of slope: {abstand} points on each side; expected 3 or more")
    if n < 2 * abstand:
        raise InputError(f"changes of slope: {n} points; expected at least {2 * abstand}")
    centred = y - y.mean(axis=1, keepdims=True)
    found = [_best(centred, m, abstand) for m in range(meiste + 1)]
    rss = np.stack([best[0] for best in found], axis=1)
    floor = 1e-20 * np.maximum((centred**2).sum(axis=1, keepdims=True), (y**2).sum(axis=1, keepdims=True) * 1e-8)
    exact = rss <= np.maximum(floor, np.finfo(float).tiny)
    with np.errstate(divide="ignore"):
        likelihood = n * (np.log(np.where(exact, 1, rss)) + 1 - np.log(n) + np.log(2 * np.pi))
    bic = np.where(exact, -np.inf, likelihood + np.log(n) * (3 + 2 * np.arange(meiste + 1)))
    return Knicke(rss, bic, [best[1] for best in found], [best[2] for best in found])


def standard_errors(werte: np.ndarray, stellen: np.ndarray) -> np.ndarray:
    """Standard errors of the places where lines meet, from the linearised model (R `segmented`, Muggeo 2003).

    Parameters
    ----------
    werte, stellen
        Series × points, and series × changes as in `Knicke`. At a point the larger of the errors of both sides is
        taken.
    """
    y, places = np.asarray(werte, float), np.asarray(stellen, float)
    return np.fmax(_errors(y, places, np.greater), _errors(y, places, np.greater_equal))


def interval(werte: np.ndarray, stellen: np.ndarray, faktor: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """95 % interval of the places where lines meet, from the profile of the residual sum of squares.

    Inside is every place between the neighbouring changes (or ends) at which the lines that meet there, with the other
    changes where they are, have an RSS of at most RSS_min (1 + faktor · t²/df), t the quantile of Student's
    distribution with df = n - 2 - 2 · changes.

    Parameters
    ----------
    werte, stellen
        Series × points, and series × changes as in `Knicke`.
    faktor
        How much larger the variance is than under independence.

    Returns
    -------
    tuple
        Lower and upper ends, series × changes, in points from the first one, in steps of `SCHRITT`.
    """
    from scipy.special import stdtrit

    y, places = np.asarray(werte, float), np.asarray(stellen, float)
    n, m = y.shape[1], places.shape[1]
    df = n - 2 - 2 * m
    limit = _rss(y, places)[:, None] * (1 + faktor * stdtrit(df, 0.975) ** 2 / df)
    ends = np.column_stack([np.zeros(len(y)), places, np.full(len(y), n - 1.0)])
    grid = np.arange(SCHRITT, n - 1, SCHRITT)
    many, low, high = np.repeat(y, len(grid), axis=0), places.copy(), places.copy()
    for k in range(m):
        moved = np.repeat(places, len(grid), axis=0)
        moved[:, k] = np.tile(grid, len(y))
        inside = _rss(many, moved).reshape(len(y), len(grid)) <= limit
        inside &= (grid > ends[:, k, None]) & (grid < ends[:, k + 2, None])
        low[:, k] = np.fmin(low[:, k], np.where(inside, grid, np.inf).min(axis=1))
        high[:, k] = np.fmax(high[:, k], np.where(inside, grid, -np.inf).max(axis=1))
    return low, high


def _best(y: np.ndarray, m: int, abstand: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """RSS, places and slopes of the best m changes per series."""
    n, here = y.shape[1], np.arange(len(y))
    t = np.arange(n, dtype=float)
    rss, places, slopes = np.full(len(y), np.inf), np.full((len(y), m), np.nan), np.full((len(y), m + 1), np.nan)
    for between in product((False, True), repeat=m):
        points = _points(n, np.array(between, int), abstand)
        if not len(points):
            continue
        later = t[:, None] - points[:, None, :]
        # lines that meet behind a point differ there by a jump too, which the place of their meeting takes up
        jumps = (later > 0)[:, :, np.flatnonzero(between)]
        ones = np.ones((len(points), n, 1))
        model = np.concatenate([ones, ones * t[:, None], np.maximum(later, 0), jumps], axis=2)
        coefficients = np.linalg.pinv(model) @ y.T  # models × coefficients × series
        rest = ((y.T - model @ coefficients) ** 2).sum(axis=1)
        at = np.repeat(points[:, :, None].astype(float), len(y), axis=2)
        with np.errstate(divide="ignore", invalid="ignore"):
            beyond = -coefficients[:, 2 + m :] / coefficients[:, 2 : 2 + m][:, np.flatnonzero(between)]
        at[:, np.flatnonzero(between)] += beyond
        rest = np.where(((beyond > 0) & (beyond < 1)).all(axis=1), rest, np.inf)
        first = rest.argmin(axis=0)
        better = np.flatnonzero(rest[first, here] < rss)
        chosen = first[better]
        rss[better] = rest[chosen, better]
        places[better] = at[chosen, :, better]
        slopes[better] = np.cumsum(coefficients[:, 1 : 2 + m], axis=1)[chosen, :, better]
    return rss, places, slopes


def _points(n: int, between: np.ndarray, abstand: int) -> np.ndarray:
    """Points at which, or behind which (`between` 1), lines may meet: choices × changes."""
    choices = list(combinations(range(n), len(between)))
    points = np.array(choices, int).reshape(len(choices), len(between))
    ends = np.column_stack([points, np.full(len(points), n - 1)])
    begins = np.column_stack([np.zeros(len(points), int), points + between])
    return points[(ends - begins + 1 >= abstand).all(axis=1)]


def _model(n: int, places: np.ndarray) -> np.ndarray:
    """Columns of lines that meet at given places: series × points × coefficients."""
    t = np.broadcast_to(np.arange(n, dtype=float)[:, None], (len(places), n, 1))
    return np.concatenate([np.ones_like(t), t, np.maximum(t - places[:, None, :], 0)], axis=2)


def _rss(y: np.ndarray, places: np.ndarray) -> np.ndarray:
    basis = np.linalg.qr(_model(y.shape[1], places))[0]
    rest = y[:, :, None] - basis @ (basis.transpose(0, 2, 1) @ y[:, :, None])
    return (rest**2).sum(axis=(1, 2))


def _errors(y: np.ndarray, places: np.ndarray, behind) -> np.ndarray:
    n, m = y.shape[1], places.shape[1]
    model = _model(n, places)
    bends = (np.linalg.pinv(model) @ y[:, :, None])[:, 2:, 0]
    moved = -bends[:, None, :] * behind(np.arange(n)[None, :, None], places[:, None, :])
    whole = np.concatenate([model, moved], axis=2)
    bread = np.linalg.pinv(whole.transpose(0, 2, 1) @ whole)
    variance = np.diagonal(bread, axis1=1, axis2=2)[:, 2 + m :] * (_rss(y, places) / (n - 2 - 2 * m))[:, None]
    return np.sqrt(np.maximum(variance, 0))
