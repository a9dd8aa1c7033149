"""Agreement of two groupings of the same areas: Jaccard per group, adjusted Rand index."""

import numpy as np


def kreuztabellen(eine: np.ndarray, andere: np.ndarray) -> np.ndarray:
    """How many areas each pair of groups shares.

    Parameters
    ----------
    eine
        Group of each area, from 0.
    andere
        The same of other groupings, groupings × areas; -1 where an area is not in.

    Returns
    -------
    numpy.ndarray
        Groupings × groups of `eine` × groups of the other.
    """
    rows, columns = int(eine.max()) + 1, max(int(andere.max()) + 1, 1)
    number = np.arange(len(andere))[:, None] * rows
    cell = (number + eine) * columns + andere
    counts = np.bincount(cell[andere >= 0], minlength=len(andere) * rows * columns)
    return counts.reshape(len(andere), rows, columns)


def jaccard(tabellen: np.ndarray) -> np.ndarray:
    """Jaccard similarity of each group to the most similar one of each other grouping.

    Common areas / areas in either of both, with the areas that are in both groupings alone; 0 for a group of which
    none is in (R fpc `clusterboot`).

    Returns
    -------
    numpy.ndarray
        Groupings × groups.
    """
    union = tabellen.sum(axis=2, keepdims=True) + tabellen.sum(axis=1, keepdims=True) - tabellen
    return np.divide(tabellen, union, out=np.zeros(tabellen.shape), where=union > 0).max(axis=2)


def zuordnung(tabellen: np.ndarray) -> np.ndarray:
    """Group of the first grouping that each group of the others stands for, so that most areas agree.

    Each stands for another one (Hungarian method); -1 where the others have more groups.
    """
    from scipy.optimize import linear_sum_assignment

    match = np.full((len(tabellen), tabellen.shape[2]), -1)
    for number, table in enumerate(tabellen):
        own, other = linear_sum_assignment(table, maximize=True)
        match[number, other] = own
    return match


def adjusted_rand(eine: np.ndarray, andere: np.ndarray) -> np.ndarray:
    """Adjusted Rand index of a grouping and each of several others: 1 equal, 0 as by lot.

    Hubert, Arabie (1985), Journal of Classification 2, 193-218; equal to scikit-learn `adjusted_rand_score`.
    """
    tables = kreuztabellen(eine, andere).astype(float)

    def pairs(x):
        return x * (x - 1) / 2

    same = pairs(tables).sum(axis=(1, 2))
    first, second = pairs(tables.sum(axis=2)).sum(axis=1), pairs(tables.sum(axis=1)).sum(axis=1)
    expected = first * second / pairs(tables.sum(axis=(1, 2)))
    most = (first + second) / 2
    # both put all areas in one group, or each in its own
    return np.divide(same - expected, most - expected, out=np.ones(len(tables)), where=most != expected)
