"""Methods of grouping: the groups of areas, also of many resamples of them."""

import functools
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from analysis.clusters import baeume
from analysis.clusters.medoide import distanzen, pam
from analysis.clusters.mischung import gmm
from analysis.clusters.mittelpunkte import STARTS, kmeans
from analysis.errors import InputError

VERFAHREN = ("ward", "average", "kmeans", "kmedoids", "gmm")
"""Ward and average linkage, k-means, k-medoids, Gaussian mixture."""

_ZELLEN = 250_000
"""Areas × groups × runs that one thread holds at once."""


def labels(matrix: np.ndarray, k: int, verfahren: str = "ward", startwert: int = 1) -> np.ndarray:
    """Group of each area.

    Parameters
    ----------
    matrix
        Areas × indicators, scaled, complete.
    k
        Number of groups; 1 to the number of distinct areas.
    verfahren
        One of `VERFAHREN`: `ward` and `average` (Euclidean distances), `kmeans` (10 starts), `kmedoids` (PAM), `gmm`
        (one variance per indicator and group, from the groups of k-means).
    startwert
        Seed of the starts of `kmeans` and `gmm`; the others have no chance in them.

    Returns
    -------
    numpy.ndarray
        From 0, in the order in which groups occur when areas are sorted by their values. The order of rows changes
        nothing: areas are sorted by their values before; of equally good steps the first in that order is taken.

    Raises
    ------
    InputError
        Values that are missing; an unknown method; more groups than distinct areas.
    """
    check(matrix, [k], verfahren)
    order = sortierung(matrix)
    every = np.ones((1, len(matrix)), bool)
    found = partitionen(matrix[order], every, [k], verfahren, startwert)[0, 0]
    _, first, number = np.unique(found, return_index=True, return_inverse=True)
    result = np.empty(len(matrix), int)
    result[order] = first.argsort().argsort()[number]
    return result


def tree(matrix: np.ndarray, verfahren: str = "ward") -> np.ndarray:
    """Tree of Ward or average linkage (`baeume.tree`), for rows in the order given."""
    check(matrix, [1], verfahren)
    if verfahren not in baeume.BAEUME:
        raise InputError(f"clusters: {verfahren} has no tree; expected {' or '.join(baeume.BAEUME)}")
    if len(matrix) < 2:
        raise InputError("clusters: a tree of one area; expected at least two")
    return baeume.tree(matrix, verfahren)


def partitionen(
    matrix: np.ndarray,
    auswahl: np.ndarray,
    ks: Sequence[int],
    verfahren: str,
    startwert: int,
    balken: Callable[[int], object] = lambda done: None,
) -> np.ndarray:
    """Groups of each resample for several numbers of groups.

    Parameters
    ----------
    matrix
        Areas × indicators, sorted.
    auswahl
        Which areas each resample contains, resamples × areas.
    balken
        Called with the number of resamples that were finished.

    Returns
    -------
    numpy.ndarray
        Resamples × numbers × areas, from 0 in no stated order; -1 for areas that are not in the resample. The same
        whatever the number of processors.
    """
    trees = verfahren in baeume.BAEUME and len(auswahl) > 1 and len(matrix) <= baeume.DISTANZEN_BIS
    shared = distanzen(matrix) if verfahren == "kmedoids" or trees else None
    zufall = {}
    if verfahren in ("kmeans", "gmm"):
        random = np.random.default_rng([startwert, 1])
        zufall = {k: random.random((len(auswahl), STARTS, k)) for k in ks}
    found = np.full((len(auswahl), len(ks), len(matrix)), -1, np.int8)

    def part(rows: slice) -> int:
        chosen = auswahl[rows]
        if zufall:
            for place, k in enumerate(ks):
                groups = kmeans(matrix, chosen, k, zufall[k][rows])
                groups = gmm(matrix, chosen, groups, k) if verfahren == "gmm" else groups
                found[rows, place] = np.where(chosen, groups, -1)
        else:
            for number, row in zip(range(rows.start, rows.stop), chosen, strict=True):
                members = np.flatnonzero(row)
                found[number][:, members] = _single(matrix, shared, members, ks, verfahren)
        return len(chosen)

    step = max(1, _ZELLEN // (len(matrix) * max(ks) * STARTS)) if zufall else 1
    parts = [slice(start, min(start + step, len(auswahl))) for start in range(0, len(auswahl), step)]
    # one thread of linear algebra each: threads within threads make it five times slower
    with _libraries().limit(limits=1, user_api="blas"), ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for done in pool.map(part, parts):
            balken(done)
    return found


@functools.cache
def _libraries():
    import threadpoolctl

    return threadpoolctl.ThreadpoolController()


def _single(matrix, shared, members, ks, verfahren: str) -> np.ndarray:
    """Groups of one resample by a method that takes them one by one: numbers × members."""
    if len(members) == 1:
        return np.zeros((len(ks), 1), int)
    if shared is None:
        return baeume.cut(baeume.tree(matrix[members], verfahren), ks)
    near = shared[members].take(members, axis=1)
    if verfahren == "kmedoids":
        return np.array([pam(near, min(k, len(members)))[0] for k in ks])
    from scipy.spatial.distance import squareform

    return baeume.cut(baeume.tree_of(squareform(near, checks=False), verfahren), ks)


def sortierung(matrix: np.ndarray) -> np.ndarray:
    """Order of the areas by their values, first indicator first."""
    return np.lexsort(matrix.T[::-1])


def check(matrix: np.ndarray, ks: Sequence[int], verfahren: str) -> None:
    """Raise an `InputError` for a matrix, numbers of groups or a method that cannot be worked with."""
    if verfahren not in VERFAHREN:
        raise InputError(f"clusters: method {verfahren!r}; expected one of {', '.join(VERFAHREN)}")
    if matrix.ndim != 2 or not matrix.size:
        raise InputError(f"clusters: values of shape {matrix.shape}; expected areas × indicators")
    if not np.isfinite(matrix).all():
        row, column = np.argwhere(~np.isfinite(matrix))[0]
        raise InputError(f"clusters: row {row}, column {column} is {matrix[row, column]}; expected a number")
    if not len(ks) or min(ks) < 1:
        raise InputError(f"clusters: numbers of groups {list(ks)}; expected 1 or more")
    places = len(np.unique(matrix, axis=0))
    if max(ks) > min(places, 127):
        raise InputError(f"clusters: {max(ks)} groups of {places} distinct areas; expected at most {min(places, 127)}")
