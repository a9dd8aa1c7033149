"""k-medoids: groups around areas that really exist."""

import numpy as np

from analysis.errors import InputError

HOECHSTENS = 5000
"""Areas up to which all distances are held at once."""


def distanzen(matrix: np.ndarray) -> np.ndarray:
    """Euclidean distances of all areas."""
    from scipy.spatial.distance import cdist

    if len(matrix) > HOECHSTENS:
        raise InputError(f"clusters: k-medoids of {len(matrix)} areas; expected at most {HOECHSTENS} (or `ward`)")
    return cdist(matrix, matrix)


def pam(abstand: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Partition around medoids: the k areas with the smallest sum of distances of all others to the nearest of them.

    Parameters
    ----------
    abstand
        Distances, areas × areas.

    Returns
    -------
    tuple
        Group of each area, from 0, and the areas that are the medoids.

    Notes
    -----
    BUILD and SWAP of Kaufman, Rousseeuw (1990), equal to R cluster `pam`; all swaps of a step are valued at once
    (Schubert, Rousseeuw 2021, Information Systems 101, FastPAM1). Of equally good areas the first is taken, by R the
    last: two areas that make a group by themselves are always equally good, and what follows may then differ.
    """
    medoids = _build(abstand, k)
    while True:
        near = abstand[:, medoids]
        order = near.argsort(axis=1, kind="stable")
        first = np.take_along_axis(near, order[:, :1], axis=1)[:, 0]
        labels = order[:, 0]
        second = np.take_along_axis(near, order[:, 1:2], axis=1)[:, 0] if k > 1 else np.full(len(near), np.inf)
        gain_all = np.minimum(abstand - first, 0)
        loss_own = np.minimum(abstand, second) - first - gain_all
        own = (labels[:, None] == np.arange(k)).astype(float)
        change = gain_all.sum(axis=1)[:, None] + loss_own @ own
        change[medoids] = 0
        best = change.argmin()
        if not change.flat[best] < -1e-12 * first.sum():
            return labels, medoids
        candidate, replaced = divmod(best, k)
        medoids[replaced] = candidate


def _build(abstand: np.ndarray, k: int) -> np.ndarray:
    medoids = np.empty(k, int)
    medoids[0] = abstand.sum(axis=0).argmin()
    nearest = abstand[medoids[0]].copy()
    for j in range(1, k):
        gain = np.maximum(nearest - abstand, 0).sum(axis=1)
        gain[medoids[:j]] = -1
        medoids[j] = gain.argmax()
        np.minimum(nearest, abstand[medoids[j]], out=nearest)
    return medoids
