"""What grouping gives where there are no groups: the same procedure on data without structure."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.clusters.guete import silhouette
from analysis.clusters.stabilitaet import STABIL_AB, jaccard_je_anzahl
from analysis.clusters.verfahren import check, sortierung
from analysis.errors import InputError

ARTEN = ("vertauscht", "normal")
"""Every indicator's values dealt out anew to the areas; normal distribution with the same correlations."""

VERTAUSCHT_AB = 3
"""Indicators from which values are dealt out anew: groups that one of two indicators shows by itself stay in them."""

WIEDERHOLUNGEN = 40
"""Data sets of each kind."""

ZIEHUNGEN, ZIEHUNGEN_VIELE, VIELE_AB = 20, 5, 3000
"""Resamples of each data set; of each with more areas than the last number."""

NIVEAU = 0.95
"""Share of the data sets without structure that a threshold exceeds."""

NIVEAU_ALLE = 0.975
"""The same where several numbers of groups are looked at: with 40 data sets none of them may reach the threshold."""


@dataclass(frozen=True)
class OhneStruktur:
    """Results on data without structure: kinds × data sets × numbers of groups.

    `jaccard` has a further axis: the groups from the most to the least stable one, NaN beyond their number.
    """

    arten: tuple[str, ...]
    ks: tuple[int, ...]
    silhouette: np.ndarray
    jaccard: np.ndarray

    def schwellen(self, k: int, niveau: float = NIVEAU) -> pd.DataFrame:
        """Thresholds of the Jaccard of k groups, from the most to the least stable one.

        `vertauscht` (from three indicators), `normal`: 95 % points of each kind (or that of `niveau`); `schwelle`: the
        highest of them and .75.
        """
        at = self.ks.index(k)
        found = pd.DataFrame(
            {kind: _quantile(self.jaccard[n, :, at, :k], niveau) for n, kind in enumerate(self.arten)},
            index=pd.RangeIndex(1, k + 1, name="rang"),
        )
        return found.assign(schwelle=found.max(axis=1).clip(lower=STABIL_AB))

    def schwellen_silhouette(self) -> np.ndarray:
        """Threshold of the mean silhouette for each number of groups.

        Its 97.5 % point, of both kinds the higher one; and at least so high that in 97.5 % of all data sets none of the
        numbers has groups that exceed both this and the 95 % points of Jaccard: where several numbers are looked at,
        chance has as many opportunities.
        """
        limits = np.array([self.schwellen(k).schwelle.iloc[-1] for k in self.ks])
        found = []
        for values, steady in zip(self.silhouette, np.nanmin(self.jaccard, axis=3), strict=True):
            mean, spread = values.mean(axis=0), values.std(axis=0)
            away = np.divide(values - mean, spread, out=np.zeros(values.shape), where=spread > 0)
            highest = _quantile(np.where(steady > limits, away, -np.inf).max(axis=1), NIVEAU_ALLE)
            together = mean + highest * spread if np.isfinite(highest) else mean
            found.append(np.maximum(_quantile(values, NIVEAU_ALLE), together))
        return np.max(found, axis=0)


def ohne_struktur(
    matrix: np.ndarray,
    ks: Sequence[int],
    verfahren: str = "ward",
    wiederholungen: int = WIEDERHOLUNGEN,
    startwert: int = 1,
    balken: Callable[[int], object] | None = None,
) -> OhneStruktur:
    """Stability and silhouette of groups in data without structure, made from the indicators themselves.

    Data sets of two kinds: the values of each indicator dealt out anew to the areas (keeps the skew, loses the
    correlations; only with three indicators or more), and draws from a normal distribution with the same covariances
    (keeps the correlations, loses the skew). Each is grouped and resampled like the data, with 20 resamples,
    beyond 3,000 areas with 5; fewer resamples than for the data make the thresholds a little higher, never lower.

    Parameters
    ----------
    matrix, verfahren, startwert
        As `verfahren.labels`.
    ks
        Numbers of groups.
    wiederholungen
        Data sets of each kind, at least 19: with fewer no data set can exceed 95 %.
    balken
        Called with 1 for each data set that was finished.
    """
    check(matrix, ks, verfahren)
    least = math.ceil(NIVEAU / (1 - NIVEAU) - 1e-9)
    if wiederholungen < least:
        raise InputError(f"clusters: {wiederholungen} data sets without structure; expected at least {least}")
    random = np.random.default_rng([startwert, 3])
    kinds = ARTEN if matrix.shape[1] >= VERTAUSCHT_AB else ARTEN[1:]
    shape = (len(kinds), wiederholungen, len(ks))
    resamples = ZIEHUNGEN if len(matrix) <= VIELE_AB else ZIEHUNGEN_VIELE
    widths, steady = np.full(shape, np.nan), np.full((*shape, max(ks)), np.nan)
    for place in np.ndindex(shape[:2]):
        made = _made(matrix, kinds[place[0]], random)
        seed = int(random.integers(2**31))
        groups, jaccards = jaccard_je_anzahl(made[sortierung(made)], ks, verfahren, resamples, seed)
        widths[place] = silhouette(made[sortierung(made)], groups).mean(axis=1)
        for i, values in enumerate(jaccards):
            steady[(*place, i)][: len(values)] = np.sort(values)[::-1]
        if balken:
            balken(1)
    return OhneStruktur(kinds, tuple(ks), widths, steady)


def stabile(jaccard: np.ndarray, schwellen: pd.DataFrame) -> np.ndarray:
    """Whether each group is stable: more so than the group of its place in data without structure, and above .75.

    The groups are ranked by their Jaccard. A group is stable if it, or a less stable one, exceeds the threshold of its
    rank.
    """
    order = np.argsort(-jaccard, kind="stable")
    passed = jaccard[order] > schwellen.schwelle.to_numpy()
    result = np.empty(len(jaccard), bool)
    result[order] = np.logical_or.accumulate(passed[::-1])[::-1]
    return result


def _made(matrix: np.ndarray, art: str, random: np.random.Generator) -> np.ndarray:
    if art == "vertauscht":
        return random.permuted(matrix, axis=0)
    x = matrix - matrix.mean(axis=0)
    draws = random.standard_normal((len(x), len(x)) if len(x) < x.shape[1] else x.shape)
    _, sizes, axes = np.linalg.svd(x, full_matrices=False)
    return draws[:, : len(sizes)] * (sizes / math.sqrt(max(len(x) - 1, 1))) @ axes


def _quantile(values: np.ndarray, niveau: float = NIVEAU) -> np.ndarray:
    """Value that a further data set exceeds with a chance of at most 1 - `niveau`; else the highest there is."""
    rank = math.ceil((len(values) + 1) * niveau - 1e-9)
    return np.sort(values, axis=0)[min(rank, len(values)) - 1]
