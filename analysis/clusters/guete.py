"""How well groups are separated: silhouette, Calinski-Harabasz index, dispersion within groups."""

import numpy as np

_ZELLEN = 8_000_000
"""Distances that are held at once."""


def silhouette(matrix: np.ndarray, gruppen: np.ndarray) -> np.ndarray:
    """Silhouette of each area for several groupings, groupings × areas.

    (b - a) / max(a, b), with the mean distance a to the other areas of its group and b to those of the nearest other
    group; 0 for an area that is alone in its group (Rousseeuw 1987; R cluster `silhouette`).

    Parameters
    ----------
    matrix
        Areas × indicators; Euclidean distances.
    gruppen
        Groupings × areas, from 0.
    """
    from scipy.spatial.distance import cdist

    result = np.zeros(gruppen.shape)
    shares = [(own[:, None] == np.arange(own.max() + 1)).astype(float) for own in gruppen]
    step = max(1, _ZELLEN // len(matrix))
    for start in range(0, len(matrix), step):
        rows = slice(start, start + step)
        distance = cdist(matrix[rows], matrix)
        for number, (own, share) in enumerate(zip(gruppen, shares, strict=True)):
            result[number, rows] = _silhouette(distance @ share, share.sum(axis=0), own[rows])
    return result


def _silhouette(total: np.ndarray, sizes: np.ndarray, own: np.ndarray) -> np.ndarray:
    place = np.arange(len(own))
    alone = sizes[own] == 1
    inside = total[place, own] / np.where(alone, 1, sizes[own] - 1)
    mean = np.divide(total, sizes, out=np.full(total.shape, np.inf), where=sizes > 0)
    mean[place, own] = np.inf
    other = mean.min(axis=1)
    largest = np.maximum(inside, other)
    known = ~alone & (largest > 0) & np.isfinite(other)
    return np.divide(other - inside, largest, out=np.zeros(len(own)), where=known)


def quadratsummen(matrix: np.ndarray, gruppen: np.ndarray) -> np.ndarray:
    """Sum of squared distances of the areas to the mean of their group, for each grouping."""
    x = matrix - matrix.mean(axis=0)
    within = np.empty(len(gruppen))
    for number, own in enumerate(gruppen):
        share = (own == np.arange(own.max() + 1)[:, None]).astype(float)
        means = share @ x / np.maximum(share.sum(axis=1, keepdims=True), 1)
        within[number] = ((x - means[own]) ** 2).sum()
    return within


def calinski_harabasz(matrix: np.ndarray, gruppen: np.ndarray) -> np.ndarray:
    """Dispersion between groups to that within, each per degree of freedom (Caliński, Harabasz 1974; fpc `calinhara`).

    NaN for a single group and where nothing varies within groups.
    """
    within = quadratsummen(matrix, gruppen)
    all_squares = ((matrix - matrix.mean(axis=0)) ** 2).sum()
    k = np.array([len(np.unique(own)) for own in gruppen])
    known = (k > 1) & (within > 0) & (k < len(matrix))
    ratio = np.divide(all_squares - within, within, out=np.full(len(k), np.nan), where=known)
    return ratio * (len(matrix) - k) / np.where(known, k - 1, 1)
