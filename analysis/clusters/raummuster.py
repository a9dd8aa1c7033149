"""Whether neighbouring areas are alike: Moran's I of all areas, and where they are so (LISA)."""

import warnings

import numpy as np
import pandas as pd

from analysis.clusters.raum import Nachbarschaft
from analysis.clusters.zufall import global_seed
from analysis.errors import InputError
from analysis.vergleich.paarvergleich import holm

FDR = 0.05
"""Share of wrong hits among the areas that are named, at most on average (Benjamini, Hochberg 1995)."""

LAGEN = {1: "hoch_hoch", 2: "niedrig_hoch", 3: "niedrig_niedrig", 4: "hoch_niedrig"}
"""Quadrant → own value and those of the neighbours."""


def moran(matrix: pd.DataFrame, nachbarschaft: Nachbarschaft, startwert: int = 1, permutationen: int = 999):
    """Moran's I of each indicator: 0 where neighbours are no more alike than any two areas, towards 1 the more.

    Parameters
    ----------
    matrix
        Areas (index: key) × indicators, without gaps, for the keys of `nachbarschaft`.

    Returns
    -------
    pandas.DataFrame
        Index: indicator. `moran`, `erwartet` (without pattern), `p` (share of random arrangements of the values that
        are at least as much alike), `p_holm` (the same for all indicators together, Holm 1979). An indicator without
        variation has neither.

    Notes
    -----
    Weights of the neighbours of an area add up to 1. I is equal to R `spdep::moran.test`, p is as of `moran.mc`
    (esda; Moran 1950).
    """
    esda = _esda()
    _check(matrix, nachbarschaft)
    table, weights = matrix.sort_index(), nachbarschaft.weights()
    rows = {}
    for id in table:
        if table[id].nunique() < 2:
            rows[id] = (np.nan,) * 3
            continue
        with global_seed(startwert):
            made = esda.Moran(table[id].to_numpy(float), weights, permutations=permutationen)
        # the same arrangement may come out lower by rounding
        rows[id] = (made.I, made.EI, (1 + (made.sim >= made.I - 1e-12).sum()) / (permutationen + 1))
    found = pd.DataFrame.from_dict(rows, orient="index", columns=["moran", "erwartet", "p"])
    known = found.index[found.p.notna()]
    return found.assign(p_holm=pd.Series(holm(found.p[known].to_numpy()), index=known))


def lisa(werte: pd.Series, nachbarschaft: Nachbarschaft, startwert: int = 1, permutationen: int = 999):
    """Local Moran's I of each area: where an area and its neighbours are alike, or unlike, beyond chance.

    Returns
    -------
    pandas.DataFrame
        Index: key. `lisa`, `lage` (`LAGEN`), `p` (two-sided, from random neighbours), `auffaellig`: named although so
        many areas were looked at (false discovery rate `FDR`).

    Notes
    -----
    Anselin 1995; esda `Moran_Local`; p is twice its one-sided one.
    """
    esda = _esda()
    _check(werte.to_frame(), nachbarschaft)
    values = werte.sort_index()
    if values.nunique() < 2:
        raise InputError(f"local Moran: {values.name} is the same in all areas; expected values that differ")
    with warnings.catch_warnings():  # esda will tell another p one day; here it comes from the simulations themselves
        warnings.simplefilter("ignore", DeprecationWarning)
        made = esda.Moran_Local(
            values.to_numpy(float), nachbarschaft.weights(), permutations=permutationen, seed=startwert, n_jobs=1
        )
    above = (made.sim >= made.Is).sum(axis=0)
    p = np.minimum(2 * (np.minimum(above, permutationen - above) + 1) / (permutationen + 1), 1)
    limit = esda.fdr(p, FDR)
    lage = pd.Series(made.q, index=values.index).map(LAGEN)
    return pd.DataFrame({"lisa": made.Is, "lage": lage, "p": p, "auffaellig": p <= limit}, index=values.index)


def _esda():
    """Import esda without the warnings of its progress bars, which no report may show."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import esda
    return esda


def _check(table: pd.DataFrame, nachbarschaft: Nachbarschaft) -> None:
    if sorted(table.index) != list(nachbarschaft.ags):
        other = sorted(set(table.index) ^ set(nachbarschaft.ags))
        raise InputError(f"spatial pattern: {other[0] if other else ''} is not in both figures and neighbours")
    if table.isna().any(axis=None):
        raise InputError(f"spatial pattern: {table.isna().any(axis=1).idxmax()} has a gap; expected complete areas")
    if len(table) < 4:
        raise InputError(f"spatial pattern: {len(table)} areas; expected at least 4")
