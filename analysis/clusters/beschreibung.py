"""What groups of areas are: their profile, what separates them, a name in words, typical and untypical areas."""

import numpy as np
import pandas as pd

from analysis.errors import InputError

AUFFAELLIG = 0.5
"""Standard deviations from the mean of all areas from which an indicator marks a group."""

MERKMALE = 2
"""Indicators that the proposed name of a group names at most."""


def standardised(roh: pd.DataFrame) -> pd.DataFrame:
    """Values in standard deviations from the mean of all areas; 0 where an indicator does not vary."""
    spread = roh.std(ddof=1).replace(0, np.nan)
    return ((roh - roh.mean()) / spread).fillna(0.0).where(roh.notna())


def profile(roh: pd.DataFrame, labels: pd.Series, einwohner: pd.Series, niveau: float = 0.95) -> pd.DataFrame:
    """Mean of each indicator in each group, in standard deviations from the mean of all areas.

    Parameters
    ----------
    roh
        Areas (index: key) × indicators.
    labels
        Group of each area, from 1 on; the same keys.
    einwohner
        Inhabitants by key.

    Returns
    -------
    pandas.DataFrame
        One row per `gruppe` and `indikator`: `mittel`, `unten`, `oben` (t interval: how much the mean depends on which
        areas happen to be in the group; NaN for a group of one), `roh` (plain mean of the areas), `gebiete`,
        `einwohner` (of the group).

    Raises
    ------
    InputError
        Other keys, a group number that is missing.
    """
    from scipy.stats import t

    groups = _labels(roh, labels)
    z = standardised(roh)
    by_group = z.groupby(groups)
    mean, count, known = by_group.mean(), by_group.size(), by_group.count()
    with np.errstate(invalid="ignore", divide="ignore"):
        half = by_group.std(ddof=1) / np.sqrt(known) * t.ppf((1 + niveau) / 2, known - 1)
    people = einwohner.reindex(roh.index).groupby(groups).sum()
    parts = {"mittel": mean, "unten": mean - half, "oben": mean + half, "roh": roh.groupby(groups).mean()}
    long = pd.concat({name: part.stack(future_stack=True) for name, part in parts.items()}, axis=1)
    long = long.rename_axis(["gruppe", "indikator"]).reset_index()
    return long.assign(gebiete=long.gruppe.map(count), einwohner=long.gruppe.map(people))


def separation(roh: pd.DataFrame, labels: pd.Series) -> pd.Series:
    """Share of an indicator's variation that lies between the groups (η²), highest first.

    The groups were made from these indicators: η² describes them and tests nothing. NaN for an indicator without
    variation.
    """
    groups = _labels(roh, labels)
    centred = roh - roh.mean()
    between = (centred.groupby(groups).transform("mean").where(roh.notna()) ** 2).sum()
    total = (centred**2).sum()
    eta = between / total.where(total > 0)
    return eta.sort_values(ascending=False, kind="stable").rename("eta2")


def proposals(profil: pd.DataFrame, worte: dict[str, tuple[str, str]]) -> pd.Series:
    """Name of each group in words, from the indicators at which it lies farthest from all areas.

    Parameters
    ----------
    profil
        What `profile` gives.
    worte
        Indicator → (words for a high value, words for a low one): ("mehr Arbeitslose", "weniger Arbeitslose").

    Returns
    -------
    pandas.Series
        Group → name of at most two marks; without any `nah am Durchschnitt`, or `ohne klares Merkmal` where only some
        of its areas lie far from it. Equal names get the number behind.
    """
    marked, names = marking(profil), {}
    for gruppe, rows in profil.groupby("gruppe"):
        own = marked[marked.gruppe == gruppe]
        marks = [worte[row.indikator][0 if row.mittel > 0 else 1] for row in own.itertuples()]
        near = "nah am Durchschnitt" if (rows.mittel.abs() < AUFFAELLIG).all() else "ohne klares Merkmal"
        names[gruppe] = ", ".join(list(dict.fromkeys(marks))[:MERKMALE]) or near
    found = pd.Series(names, dtype=object).rename("name")
    twice = found.duplicated(keep=False)
    return found.where(~twice, [f"{name} ({gruppe})" for gruppe, name in found.items()])


def marking(profil: pd.DataFrame) -> pd.DataFrame:
    """Rows of a profile that mark a group, the farthest from the mean of all areas first.

    They lie at least `AUFFAELLIG` away, and their interval does not reach the mean of all: what depends on which areas
    happen to be in the group marks nothing. A group of one has no interval; there the distance alone counts.
    """
    one_side = ~((profil.unten <= 0) & (profil.oben >= 0))
    far = profil[(profil.mittel.abs() >= AUFFAELLIG) & one_side].assign(abstand=lambda t: t.mittel.abs())
    return far.sort_values(["abstand", "indikator"], ascending=[False, True]).drop(columns="abstand")


def distances(matrix: pd.DataFrame, labels: pd.Series) -> pd.DataFrame:
    """How near each area is to the middle of its group.

    Parameters
    ----------
    matrix
        Areas × indicators as they were grouped (scaled, weighted).

    Returns
    -------
    pandas.DataFrame
        Index: key. `gruppe`, `abstand` (Euclidean, to the mean of the group), `platz` (1: the most typical), `andere`
        (nearest other group; 0 where there is none), `naeher` (whether the mean of that one is nearer).
    """
    groups = _labels(matrix, labels)
    middles = matrix.groupby(groups).mean()
    away = np.linalg.norm(matrix.to_numpy()[:, None, :] - middles.to_numpy()[None], axis=2)
    own = middles.index.get_indexer(groups)
    rows = np.arange(len(matrix))
    mine = away[rows, own]
    away[rows, own] = np.inf
    nearest = away.argmin(axis=1)
    other = np.where(len(middles) > 1, middles.index.to_numpy()[nearest], 0)
    table = pd.DataFrame({"gruppe": groups, "abstand": mine, "andere": other}, index=matrix.index)
    table["naeher"] = away[rows, nearest] < mine
    # equal distances are ranked by the key, so that the order of rows changes nothing
    ranked = table.sort_index().groupby("gruppe").abstand.rank(method="first").astype(int)
    return table.assign(platz=ranked.reindex(table.index))


def _labels(table: pd.DataFrame, labels: pd.Series) -> pd.Series:
    if set(table.index) != set(labels.index) or not labels.index.is_unique:
        other = sorted(set(table.index) ^ set(labels.index))
        raise InputError(f"groups: {other[0] if other else 'a key'} is not once in both values and groups")
    groups = labels.reindex(table.index)
    if groups.isna().any():
        raise InputError(f"groups: {groups.index[groups.isna()][0]} has no group; expected a number from 1 on")
    return groups.astype(int)
