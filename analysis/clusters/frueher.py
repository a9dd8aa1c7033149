"""Groups of today beside those of an earlier day: who changed, and whether so many change by chance alone."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.clusters.rauschen import noisy_groups
from analysis.clusters.uebereinstimmung import adjusted_rand, kreuztabellen, zuordnung
from analysis.errors import InputError

ZIEHUNGEN = 199
"""Pairs of data sets with noise by which it is told how many areas change by chance alone."""

NIVEAU = 0.05


@dataclass(frozen=True)
class Wechsel:
    """Which areas are in another group than before.

    Attributes
    ----------
    gebiete
        Index: key. `frueher`, `heute` (group, both in today's numbers; 0 where a group of the earlier day has no
        counterpart), `gewechselt`.
    anzahl
        Areas that changed.
    zufall
        Changes that noise in the figures alone makes between two draws, one number per draw; empty where the figures
        tell no noise.
    p
        Share of the draws with at least as many changes; NaN without draws.
    rand
        Adjusted Rand index of both groupings.
    """

    gebiete: pd.DataFrame
    anzahl: int
    zufall: np.ndarray
    p: float
    rand: float

    @property
    def mehr_als_zufall(self) -> bool:
        """Whether more areas changed than noise in the figures explains."""
        return bool(self.p <= NIVEAU)


def matched(heute: pd.Series, frueher: pd.Series) -> pd.Series:
    """Groups of the earlier day in the numbers of today, so that most areas agree (Hungarian method).

    Both by key, the same keys, from 1 on. An earlier group without counterpart gets 0.
    """
    if set(heute.index) != set(frueher.index) or heute.empty:
        other = sorted(set(heute.index) ^ set(frueher.index))
        raise InputError(f"groups of two days: {other[0] if other else 'no area'}; expected the same areas on both")
    before = frueher.reindex(heute.index).to_numpy(int) - 1
    now = heute.to_numpy(int) - 1
    match = zuordnung(kreuztabellen(now, before[None]))[0]
    return pd.Series(match[before] + 1, index=heute.index)


def changes(
    matrix: pd.DataFrame,
    streuung: pd.DataFrame,
    heute: pd.Series,
    frueher: pd.Series,
    *,
    verfahren: str = "ward",
    startwert: int = 1,
    ziehungen: int = ZIEHUNGEN,
) -> Wechsel:
    """Areas in another group than before, and whether these are more than noise in the figures makes.

    Parameters
    ----------
    matrix
        Areas (index: key) × indicators of today, as they were grouped.
    streuung
        Standard error of every cell in the same units; NaN where it is not known.
    heute, frueher
        Groups of both days, from 1 on; areas that are not in both are left out of the comparison.
    verfahren, startwert
        As the groups were made.

    Notes
    -----
    Today's figures are drawn twice with independent normal noise of their standard errors, grouped again and matched;
    the changes between the two are those that chance alone makes when nothing changes. A cell whose error is not known
    has none, so that the comparison says "more than chance" rather too often there.
    """
    both = heute.index.intersection(frueher.index).sort_values()
    if both.empty:
        raise InputError("groups of two days: no area is in both; expected areas of the same territorial date")
    before = matched(heute[both], frueher[both])
    table = pd.DataFrame({"frueher": before, "heute": heute[both].astype(int)})
    table["gewechselt"] = table.frueher != table.heute
    count = int(table.gewechselt.sum())
    rand = float(adjusted_rand(table.heute.to_numpy() - 1, (frueher[both].to_numpy(int) - 1)[None])[0])
    noise = streuung.reindex(index=matrix.index, columns=matrix.columns).fillna(0.0).to_numpy()
    k = int(heute.max())
    if not noise.any() or k < 2:
        return Wechsel(table, count, np.empty(0, int), float("nan"), rand)
    chance = _by_chance(matrix, noise, k, verfahren, startwert, ziehungen, matrix.index.isin(both))
    return Wechsel(table, count, chance, float((1 + (chance >= count).sum()) / (ziehungen + 1)), rand)


def _by_chance(matrix, noise, k: int, verfahren: str, startwert: int, ziehungen: int, counted) -> np.ndarray:
    made = noisy_groups(matrix.to_numpy(), noise, k, verfahren, startwert, 2 * ziehungen)
    first, second = made[:ziehungen, counted], made[ziehungen:, counted]
    found = [zuordnung(kreuztabellen(a, b[None]))[0][b] != a for a, b in zip(first, second, strict=True)]
    return np.sum(found, axis=1)
