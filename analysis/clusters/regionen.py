"""Sozialregionen: connected regions of similar areas, each with enough inhabitants to publish figures of it."""

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.clusters.raum import Nachbarschaft
from analysis.clusters.zufall import global_seed
from analysis.errors import InputError

VERFAHREN = ("skater", "maxp")


@dataclass(frozen=True)
class Regionen:
    """Areas in connected regions.

    Attributes
    ----------
    labels
        Key → number of its region, from 1 (most inhabitants) on.
    einwohner
        Region → inhabitants.
    """

    labels: pd.Series
    einwohner: pd.Series


def regions(
    matrix: pd.DataFrame,
    nachbarschaft: Nachbarschaft,
    einwohner: pd.Series,
    mindestens: float,
    verfahren: str = "skater",
    k: int | None = None,
    startwert: int = 1,
) -> Regionen:
    """Connected regions of similar areas with at least `mindestens` inhabitants each.

    Parameters
    ----------
    matrix
        Areas (index: key) × indicators, scaled, without gaps.
    nachbarschaft
        Which areas touch, for the same keys.
    einwohner
        Inhabitants by key.
    verfahren
        `skater`: the tree of the most similar neighbours is cut into `k` regions (fewer where none could keep the
        least number of inhabitants). `maxp`: as many regions as the least number allows.
    startwert
        Seed of `maxp`, which searches by chance; `skater` has none.

    Raises
    ------
    InputError
        Another method, no or a senseless `k` for `skater`, other keys, an unknown population, all together too few
        inhabitants.

    Notes
    -----
    SKATER: Assunção, Neves, Câmara, Da Costa Freitas 2006; distances to the mean are summed, as R `spdep::skater`
    does, and the least number of inhabitants is its `crit`. Max-p: Duque, Anselin, Rey 2012, the heuristic of Wei, Rey,
    Knaap 2021 (spopt); two runs with other seeds may differ.
    """
    if verfahren not in VERFAHREN:
        raise InputError(f"regions by {verfahren!r}; expected {' or '.join(VERFAHREN)}")
    table = matrix.sort_index()
    people = einwohner.reindex(table.index).astype(float)
    _check(table, nachbarschaft, people, mindestens)
    if verfahren == "skater":
        if k is None or not 1 <= k <= len(table):
            raise InputError(f"regions: k = {k}; expected a number of regions from 1 to {len(table)}")
        found = _skater(table.to_numpy(float), nachbarschaft, people.to_numpy(), mindestens, k)
    else:
        found = _maxp(table, nachbarschaft, people, mindestens, startwert)
    sums = people.groupby(found).sum()
    order = sums.sort_values(ascending=False, kind="stable").index
    number = pd.Series(np.arange(1, len(order) + 1), index=order)
    labels = pd.Series(found, index=table.index).map(number)
    return Regionen(labels, people.groupby(labels).sum())


def _check(table: pd.DataFrame, nachbarschaft: Nachbarschaft, people: pd.Series, mindestens: float) -> None:
    if list(table.index) != list(nachbarschaft.ags):
        other = sorted(set(table.index) ^ set(nachbarschaft.ags))
        raise InputError(f"regions: {other[0] if other else table.index[0]} is not in both figures and neighbours")
    if table.isna().any(axis=None) or people.isna().any():
        key = (table.isna().any(axis=1) | people.isna()).idxmax()
        raise InputError(f"regions: {key} has a gap in its figures or no population; expected complete areas")
    if people.sum() < mindestens:
        raise InputError(f"regions: {people.sum():.0f} inhabitants in all; expected at least {mindestens:.0f}")


def _spopt():
    """Import spopt's regions without the warnings of its progress bars, which no report may show."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from spopt import region
    return region


def _skater(values, nachbarschaft: Nachbarschaft, people, mindestens: float, k: int) -> np.ndarray:
    from scipy.optimize import OptimizeWarning
    from sklearn.metrics import pairwise_distances

    class Forest(_spopt().skater.SpanningForest):
        """A cut that leaves a region with too few inhabitants is none."""

        def score(self, data, labels=None, quorum=-np.inf):
            if (np.bincount(labels, people) < mindestens).any():
                return np.inf
            return super().score(data, labels, quorum)

    # a distance of 0 would be no link in a sparse tree: equal neighbours would fall apart
    forest = Forest(dissimilarity=lambda x, y: pairwise_distances(x, y) + 1e-9)
    with warnings.catch_warnings():  # fewer regions than asked for are told by the result
        warnings.simplefilter("ignore", OptimizeWarning)
        forest.fit(k, nachbarschaft.weights(), data=values)
    return forest.current_labels_


def _maxp(table: pd.DataFrame, nachbarschaft: Nachbarschaft, people: pd.Series, mindestens: float, startwert: int):
    columns = [f"m{n}" for n in range(table.shape[1])]
    frame = table.set_axis(columns, axis=1).assign(einwohner=people).reset_index(drop=True)
    weights = nachbarschaft.weights()
    numbered = dict(zip(nachbarschaft.ags, range(len(table)), strict=True))
    weights.remap_ids([numbered[key] for key in weights.id_order])
    model = _spopt().MaxPHeuristic(frame, weights, columns, "einwohner", mindestens)
    with global_seed(startwert), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.solve()
    return np.asarray(model.labels_)
