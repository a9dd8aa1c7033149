"""Hierarchical clustering: the tree of an agglomerative method, and its groups at several numbers."""

from collections.abc import Sequence

import numpy as np

BAEUME = ("ward", "average")
"""Agglomerative methods that give a tree."""

DISTANZEN_BIS = 3000
"""Areas up to which Ward's tree is made from all pairs of distances; beyond that from the coordinates alone."""


def tree(matrix: np.ndarray, verfahren: str) -> np.ndarray:
    """Tree of an agglomerative method with Euclidean distances.

    Parameters
    ----------
    matrix
        Areas × indicators.
    verfahren
        `ward` (R `hclust(dist(x), "ward.D2")`) or `average` (R `"average"`, UPGMA).

    Returns
    -------
    numpy.ndarray
        Merges as SciPy's `linkage` gives them: the two nodes, height, number of areas.

    Notes
    -----
    fastcluster (Müllner 2013, Journal of Statistical Software 53(9)). Ward beyond 3,000 areas needs memory for the
    coordinates only (`linkage_vector`), with equal heights. The mean distance of two groups does not follow from their
    centres, so `average` keeps each distance once and works on that one vector (466 MB for 10,800 areas).
    """
    from scipy.spatial.distance import pdist

    if verfahren == "ward" and len(matrix) > DISTANZEN_BIS:
        import fastcluster

        return fastcluster.linkage_vector(matrix, "ward")
    return tree_of(pdist(matrix), verfahren)


def tree_of(abstand: np.ndarray, verfahren: str) -> np.ndarray:
    """The same from the vector of all pairs of distances, which is worked in."""
    import fastcluster

    return fastcluster.linkage(abstand, verfahren, preserve_input=False)


def cut(baum: np.ndarray, ks: Sequence[int]) -> np.ndarray:
    """Group of each area for several numbers of groups (R `cutree`), numbers × areas.

    The last k - 1 merges are undone. Groups are counted from 0, in no stated order.
    """
    size = len(baum) + 1
    parent = np.arange(2 * size - 1)
    parent[baum[:, :2].astype(int)] = np.arange(size, 2 * size - 1)[:, None]
    labels = np.empty((len(ks), size), int)
    for place, k in enumerate(ks):
        # nodes from `top` on are undone; each node points to the highest one below that
        top = 2 * size - min(k, size)
        root = np.where(parent < top, parent, np.arange(len(parent)))
        while True:
            higher = root[root]
            if np.array_equal(higher, root):
                break
            root = higher
        labels[place] = np.unique(root[:size], return_inverse=True)[1]
    return labels
