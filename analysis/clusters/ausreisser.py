"""Areas that are like no others, found before any grouping."""

import numpy as np
import pandas as pd

NACHBARN = 3
"""Areas that are as similar make an area no outlier: up to three like each other are outliers, four are a group."""

ZAUN = 3.0
"""Interquartile ranges above the upper quartile from which the logarithm of a distance is far out (Tukey 1977)."""


def ausreisser(werte: pd.DataFrame) -> pd.DataFrame:
    """Areas whose distance to the third most similar area is far out.

    Parameters
    ----------
    werte
        Complete, scaled values, areas (index `ags`) × indicators.

    Returns
    -------
    pandas.DataFrame
        Farthest first: `ags`, `abstand` (to the third most similar area), `indikatoren` (the fewest that make at least
        half of its square, joined by comma, the largest first).

    Notes
    -----
    Ramaswamy, Rastogi, Shim (2000), SIGMOD, 427-438, with Tukey's outer fence as limit. Unlike the distance from the
    middle it does not take a small group of areas for outliers.
    """
    from scipy.spatial import KDTree

    x = werte.to_numpy()
    distances, places = KDTree(x).query(x, k=min(NACHBARN, len(x) - 1) + 1)
    distance, place = distances[:, -1], places[:, -1]
    # identical areas have no logarithm of their distance: the smallest one above 0 counts
    positive = distance[distance > 0]
    size = np.log(np.maximum(distance, positive.min() if len(positive) else 1.0))
    low, high = np.quantile(size, [0.25, 0.75])
    found = np.flatnonzero(size > high + ZAUN * (high - low))
    found = found[np.argsort(-distance[found], kind="stable")]
    parts = (x[found] - x[place[found]]) ** 2
    return pd.DataFrame(
        {"ags": werte.index[found], "abstand": distance[found], "indikatoren": _named(parts, werte.columns)}
    )


def _named(parts: np.ndarray, names: pd.Index) -> list[str]:
    """Names of the largest parts that together make at least half of each row."""
    order = np.argsort(-parts, axis=1, kind="stable")
    ordered = np.take_along_axis(parts, order, axis=1)
    needed = (ordered.cumsum(axis=1) < 0.5 * ordered.sum(axis=1, keepdims=True)).sum(axis=1) + 1
    return [", ".join(names[row[:count]]) for row, count in zip(order, needed, strict=True)]
