"""Count tables with totals as one system of linear equations over their cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.errors import InputError

Summe = tuple[str, Sequence[str]]
"""A total and the parts that add up to it."""


@dataclass(frozen=True)
class Zellensystem:
    """Cells of one or more tables and everything that adds up among them.

    Attributes
    ----------
    zellen
        One row per cell: `wert` (a count; NaN where the source keeps it secret); the index is the key of the cell.
    gleichungen
        Equations × cells: 1 for each part, -1 for the total.
    toleranz
        Largest distance between a total and the sum of its parts that is no error, per equation.
    """

    zellen: pd.DataFrame
    gleichungen: sparse.csr_matrix
    toleranz: np.ndarray

    @property
    def wert(self) -> np.ndarray:
        """Counts of the cells."""
        return self.zellen.wert.to_numpy(float)

    @property
    def namen(self) -> list[str]:
        """Keys of the cells as sentences name them."""
        keys = self.zellen.index
        return [", ".join(map(str, key)) if isinstance(key, tuple) else str(key) for key in keys]


def table(
    anzahlen: pd.DataFrame, summen: Mapping[str, Sequence[Summe]], toleranz: float = 0, wert: str = "wert"
) -> Zellensystem:
    """Cells and equations of a count table whose totals are rows of it.

    Parameters
    ----------
    anzahlen
        One row per cell: a column per attribute and the count; NaN is a count that the source keeps secret.
    summen
        Attribute → totals with their parts, also several levels (`("kreis", [...]), ("raum_a", [...])`) and several
        divisions of the same total. They hold for every combination of the other attributes.
    toleranz
        What a total may be away from the sum of its parts (cell-key noise of the Zensus).
    wert
        Name of the column with the counts.

    Returns
    -------
    Zellensystem
        Its cells have the attributes as index.

    Raises
    ------
    InputError
        A cell stands twice, a part of a total is missing, a count is negative, totals and parts do not add up.
    """
    merkmale = [c for c in anzahlen.columns if c != wert]
    unknown = sorted(set(summen) - set(merkmale))
    if unknown:
        raise InputError(f"count table: no column {unknown[0]!r}; expected one of {', '.join(merkmale)}")
    index = pd.MultiIndex.from_frame(anzahlen[merkmale]) if len(merkmale) > 1 else pd.Index(anzahlen[merkmale[0]])
    zellen = pd.DataFrame({"wert": anzahlen[wert].to_numpy(float)}, index=index)
    nummer = anzahlen[merkmale].assign(zelle=np.arange(len(anzahlen)))
    blocks = [_sums(nummer, merkmale, merkmal, summe) for merkmal, rows in summen.items() for summe in rows]
    return system(zellen, blocks, toleranz)


def system(
    zellen: pd.DataFrame, bloecke: Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]], toleranz: float = 0
) -> Zellensystem:
    """System of cells from blocks of equations, checked.

    Parameters
    ----------
    zellen
        As in `Zellensystem`.
    bloecke
        Triples of equation (0, 1, … in each block), number of the cell and coefficient.
    toleranz
        As in `table`.
    """
    offsets = np.cumsum([0, *(block[0].max(initial=-1) + 1 for block in bloecke)])
    equation = np.concatenate([block[0] + start for block, start in zip(bloecke, offsets, strict=False)] or [[]])
    cell = np.concatenate([block[1] for block in bloecke] or [[]])
    factor = np.concatenate([block[2] for block in bloecke] or [[]])
    shape = (int(offsets[-1]), len(zellen))
    matrix = sparse.csr_matrix((factor.astype(float), (equation.astype(int), cell.astype(int))), shape=shape)
    made = Zellensystem(zellen, matrix, np.full(shape[0], float(toleranz)))
    check(made)
    return made


def combine(systeme: Sequence[Zellensystem]) -> Zellensystem:
    """One system of several tables; cells with the same key are the same cell.

    Raises
    ------
    InputError
        A cell has different counts in two tables.
    """
    everything = pd.concat([s.zellen for s in systeme])
    distinct = everything.groupby(level=list(range(everything.index.nlevels)), sort=False).wert.agg(["min", "max"])
    different = distinct.index[distinct["min"] < distinct["max"]]
    if len(different):
        key, row = different[0], distinct.loc[different[0]]
        raise InputError(f"linked tables: {key} is {row['min']:g} and {row['max']:g}; expected the same count")
    zellen = pd.DataFrame({"wert": distinct["min"]})
    columns = [zellen.index.get_indexer(s.zellen.index) for s in systeme]
    matrices = [
        sparse.csr_matrix((m.data, (m.row, place[m.col])), shape=(m.shape[0], len(zellen)))
        for m, place in ((s.gleichungen.tocoo(), place) for s, place in zip(systeme, columns, strict=True))
    ]
    return Zellensystem(
        zellen, sparse.vstack(matrices, format="csr"), np.concatenate([s.toleranz for s in systeme])
    )  # fmt: skip


def check(s: Zellensystem) -> None:
    """Refuse what cannot be a table of counts.

    Raises
    ------
    InputError
        A cell stands twice; a count is negative or no whole number; a total is not the sum of its known parts.
    """
    if s.zellen.index.has_duplicates:
        raise InputError(f"count table: {s.zellen.index[s.zellen.index.duplicated()][0]} stands twice; expected once")
    wrong = np.flatnonzero((s.wert < 0) | (s.wert % 1 > 0) | np.isinf(s.wert))
    if len(wrong):
        raise InputError(
            f"count table: {s.namen[wrong[0]]} is {s.wert[wrong[0]]:g}; expected a whole number of 0 or more"
        )
    known = np.nan_to_num(s.wert)
    rest = -(s.gleichungen @ known)  # total less known parts
    secret = sparse.csr_matrix(abs(s.gleichungen)) @ np.isnan(s.wert)
    low = np.flatnonzero(((secret == 0) & (abs(rest) > s.toleranz)) | (_open_below(s) & (rest < -s.toleranz)))
    if len(low):
        row = s.gleichungen[low[0]]
        total = row.indices[row.data < 0]
        name = s.namen[total[0]] if len(total) else "a total"
        parts = rest[low[0]] - known[total].sum() if len(total) else rest[low[0]]
        raise InputError(
            f"count table: {name} is {known[total].sum():g}, its known parts add up to {-parts:g}; "
            f"expected {'the same' if secret[low[0]] == 0 else 'at least as many'} (tolerance {s.toleranz[low[0]]:g})"
        )


def _open_below(s: Zellensystem) -> np.ndarray:
    """Equations with a known total and at least one secret part."""
    secret = np.isnan(s.wert)
    totals, parts = (s.gleichungen < 0).astype(int), (s.gleichungen > 0).astype(int)
    return (totals @ secret == 0) & (parts @ secret > 0)


def _sums(nummer: pd.DataFrame, merkmale: list[str], merkmal: str, summe: Summe) -> tuple:
    """Equations of one total of an attribute, one per combination of the others."""
    total, parts = summe
    others = [m for m in merkmale if m != merkmal]
    totals = nummer[nummer[merkmal] == total].reset_index(drop=True)
    if totals.empty:
        raise InputError(f"count table: no cell with {merkmal} {total!r}; expected the total of {', '.join(parts)}")
    totals = totals.assign(gleichung=np.arange(len(totals)))
    below = nummer[nummer[merkmal].isin(list(parts))]
    if others:
        joined = below.merge(totals[[*others, "gleichung"]], on=others, how="inner")
    else:
        joined = below.assign(gleichung=0)
    counted = joined.groupby("gleichung").size().reindex(totals.gleichung, fill_value=0)
    short = counted.index[counted != len(parts)]
    if len(short):
        there = set(joined[merkmal][joined.gleichung == short[0]])
        lacking = sorted(set(parts) - there)
        key = ", ".join(map(str, totals.loc[short[0], others]))
        what = f"{merkmal} {lacking[0]!r} is missing" if lacking else "a part stands twice"
        raise InputError(f"count table: of the total {total!r} ({key}) {what}; expected every part once")
    return (
        np.concatenate([joined.gleichung, totals.gleichung]),
        np.concatenate([joined.zelle, totals.zelle]),
        np.concatenate([np.ones(len(joined)), -np.ones(len(totals))]),
    )
