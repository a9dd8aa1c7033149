"""Bootstrap stability: whether groups, and the place of each area in them, come out again with other areas."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.clusters.uebereinstimmung import jaccard, kreuztabellen, zuordnung
from analysis.clusters.verfahren import check, labels, partitionen, sortierung
from analysis.errors import InputError

AUFGELOEST_BIS, WIEDERGEFUNDEN_AB, STABIL_AB = 0.5, 0.75, 0.75
"""Jaccard up to which a group counts as dissolved in a resample, above which as recovered; mean of a stable group."""

SICHER_AB = 0.8
"""Share of the resamples in which an area lands in its own group, from which its place is sure."""

KONSENS_BIS = 3000
"""Areas up to which the consensus of all pairs is held."""


@dataclass(frozen=True)
class Stabilitaet:
    """How often groups and the places of areas came out again; groups are counted from 0, areas in the order given.

    `je_ziehung`: Jaccard per resample and group; `jaccard`: its mean; `aufgeloest`, `wiedergefunden`: number of
    resamples with at most .5, with more than .75. `anteile`: share of the resamples that contain an area in which it
    lands in each group (areas × groups; NaN if none contains it). `konsens`: share of the resamples that contain
    both in which two areas are together; None beyond 3,000 areas.
    """

    gruppen: np.ndarray
    je_ziehung: np.ndarray
    anteile: np.ndarray
    konsens: np.ndarray | None

    @property
    def jaccard(self) -> np.ndarray:
        """Mean Jaccard similarity of each group."""
        return self.je_ziehung.mean(axis=0)

    @property
    def aufgeloest(self) -> np.ndarray:
        """Resamples in which each group dissolved."""
        return (self.je_ziehung <= AUFGELOEST_BIS).sum(axis=0)

    @property
    def wiedergefunden(self) -> np.ndarray:
        """Resamples in which each group was recovered."""
        return (self.je_ziehung > WIEDERGEFUNDEN_AB).sum(axis=0)

    @property
    def eigene(self) -> np.ndarray:
        """Share of each area that it lands in its own group."""
        return self.anteile[np.arange(len(self.gruppen)), self.gruppen]

    @property
    def andere(self) -> np.ndarray:
        """Other group in which each area lands most often; -1 if in none."""
        others = np.nan_to_num(self.anteile)
        others[np.arange(len(self.gruppen)), self.gruppen] = 0
        return np.where(others.max(axis=1) > 0, others.argmax(axis=1), -1)


def bootstrap(
    matrix: np.ndarray,
    k: int,
    verfahren: str = "ward",
    B: int = 100,
    startwert: int = 1,
    balken: Callable[[int], object] | None = None,
) -> Stabilitaet:
    """Stability of the groups of `labels` when the areas are drawn again with replacement.

    Hennig (2007), Computational Statistics & Data Analysis 52, 258-271, as R fpc `clusterboot`: each resample is
    reduced to its distinct areas, grouped by the same method, and every group is compared with the most similar one of
    the resample by Jaccard among the areas drawn. For the place of an area the groups of a resample are matched to
    the own ones, one to one, so that most areas agree.

    Parameters
    ----------
    matrix, k, verfahren, startwert
        As `verfahren.labels`.
    B
        Number of resamples.
    balken
        Called with the number of resamples that were finished.
    """
    if B < 1:
        raise InputError(f"clusters: {B} resamples; expected 1 or more")
    check(matrix, [k], verfahren)
    groups = labels(matrix, k, verfahren, startwert)
    order = sortierung(matrix)
    drawn = partitionen(
        matrix[order], ziehungen(len(matrix), B, startwert), [k], verfahren, startwert, balken or (lambda done: None)
    )[:, 0]
    return vergleichen(groups, _in_order(drawn, order))


def ziehungen(anzahl: int, B: int, startwert: int) -> np.ndarray:
    """Which areas each of `B` draws with replacement contains, resamples × areas (sorted by their values)."""
    drawn = np.random.default_rng([startwert, 2]).integers(0, anzahl, (B, anzahl))
    chosen = np.zeros((B, anzahl), bool)
    np.put_along_axis(chosen, drawn, True, axis=1)
    return chosen


def vergleichen(gruppen: np.ndarray, gezogen: np.ndarray) -> Stabilitaet:
    """Stability of a grouping from the groups of resamples (resamples × areas, -1 where an area was not drawn)."""
    tables = kreuztabellen(gruppen, gezogen)
    match = zuordnung(tables)
    contained = gezogen >= 0
    own = np.where(contained, match[np.arange(len(gezogen))[:, None], gezogen], -1)
    times = contained.sum(axis=0)
    landed = np.array([(own == g).sum(axis=0) for g in range(tables.shape[1])]).T
    shares = np.divide(landed, times[:, None], out=np.full(landed.shape, np.nan), where=times[:, None] > 0)
    together = _konsens(gezogen) if len(gruppen) <= KONSENS_BIS else None
    return Stabilitaet(gruppen, jaccard(tables), shares, together)


def _konsens(drawn: np.ndarray) -> np.ndarray:
    contained = (drawn >= 0).astype(np.float32)
    both = contained.T @ contained
    together = np.zeros_like(both)
    for g in range(drawn.max() + 1):
        member = (drawn == g).astype(np.float32)
        together += member.T @ member
    return np.divide(together, both, out=np.full(both.shape, np.nan, np.float32), where=both > 0).astype(float)


def _in_order(drawn: np.ndarray, order: np.ndarray) -> np.ndarray:
    result = np.empty_like(drawn)
    result[..., order] = drawn
    return result


def jaccard_je_anzahl(
    matrix: np.ndarray, ks: Sequence[int], verfahren: str, B: int, startwert: int, balken=lambda done: None
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Groups of all (sorted) areas for several numbers (numbers × areas), and the mean Jaccard of each group."""
    every = np.ones((1, len(matrix)), bool)
    chosen = np.concatenate([every, ziehungen(len(matrix), B, startwert)])
    found = partitionen(matrix, chosen, ks, verfahren, startwert, balken)
    own, drawn = found[0], found[1:]
    means = [jaccard(kreuztabellen(own[i], drawn[:, i])).mean(axis=0) for i in range(len(ks))]
    return own, means
