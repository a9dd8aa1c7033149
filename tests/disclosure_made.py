"""Random count tables with totals, and an attack on them that shares nothing with the package: maximum flow."""

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import maximum_flow

from analysis.disclosure.naeherung import heuristic
from analysis.disclosure.regeln import rule
from analysis.disclosure.tabelle import Zellensystem, combine, table
from analysis.disclosure.unterdrueckung import task


def two_way(rng, rows: int, columns: int, mean: float = 8, groups: int = 0) -> Zellensystem:
    """Table of rows × columns with all totals; with `groups` the rows add up to groups first."""
    raeume, arten = [f"r{n:03d}" for n in range(rows)], [f"c{n:02d}" for n in range(columns)]
    wide = pd.DataFrame(rng.negative_binomial(1.2, 1.2 / (1.2 + mean), (rows, columns)), raeume, arten)
    sums = [(f"g{n}", [raeume[k] for k in part]) for n, part in enumerate(np.array_split(range(rows), groups or 1))]
    sums = [*sums, ("alle", [name for name, _ in sums])] if groups else [("alle", raeume)]
    for name, parts in sums:
        wide.loc[name] = wide.loc[parts].sum()
    wide["ges"] = wide[arten].sum(axis=1)
    long = wide.rename_axis("raum").reset_index().melt("raum", var_name="art", value_name="wert")
    return table(long, {"raum": sums, "art": [("ges", arten)]})


def most_and_least(s: Zellensystem, hidden: np.ndarray, cell: int) -> tuple[float, float]:
    """Smallest and largest count of one cell of a two-way table with one level of totals (`two_way` without groups)."""
    raeume, arten = (list(dict.fromkeys(s.zellen.index.get_level_values(n))) for n in ("raum", "art"))
    shape = len(raeume), len(arten)
    values = s.wert.reshape(shape[::-1]).T  # cells stand column by column, totals last
    secret = np.asarray(hidden, bool).reshape(shape[::-1]).T
    column, row = divmod(cell, shape[0])
    return reach(values, secret, row, column)


def reach(values: np.ndarray, secret: np.ndarray, row: int, column: int) -> tuple[float, float]:
    """Bounds of one cell of an array whose last row and column are totals.

    Rows and columns are nodes, totals among them; a cell is an arc. It can grow by as much as flows back from its
    column to its row through the other withheld cells. A total stands on the other side of its equation.
    """
    rows, columns = values.shape
    up, down = np.full(values.shape, values.max() + 100), values
    total = np.zeros(values.shape, bool)
    total[-1] ^= True
    total[:, -1] ^= True  # the total of all stands on the side of the other cells again
    up, down = np.where(total, down, up), np.where(total, up, down)
    usable = secret.copy()
    usable[row, column] = False
    capacity = np.zeros((rows + columns, rows + columns), dtype=np.int32)
    capacity[:rows, rows:] = np.where(usable, up, 0)
    capacity[rows:, :rows] = np.where(usable, down, 0).T
    graph = sparse.csr_matrix(capacity)
    more, less = (maximum_flow(graph, *ends).flow_value for ends in ((rows + column, row), (row, rows + column)))
    more, less = (less, more) if total[row, column] else (more, less)
    return max(0.0, values[row, column] - less), values[row, column] + more


def soak(rng, tables: int, together: int) -> tuple[int, int]:
    """Attacked and disclosed cells of random tables that are suppressed `together` at once."""
    attacked = disclosed = 0
    for _ in range(tables // together):
        made = [two_way(rng, int(rng.integers(3, 9)), int(rng.integers(2, 6)), float(rng.choice([4, 10, 30])))
                for _ in range(together)]  # fmt: skip
        for n, s in enumerate(made):
            s.zellen.index = pd.MultiIndex.from_tuples([(f"{n}", *key) for key in s.zellen.index])
        whole = combine(made)
        a = task(whole, rule(str(rng.choice(["kreis_3", "kreis_5"]))), fest=np.zeros(len(whole.wert), bool))
        hidden = heuristic(replace(a, fest=np.zeros(len(whole.wert), bool)))
        ends = np.cumsum([0, *(len(s.wert) for s in made)])
        for s, begin in zip(made, ends, strict=False):
            cells = slice(begin, begin + len(s.wert))
            rows = len(set(s.zellen.index.get_level_values(1)))
            values, secret = (x[cells].reshape(-1, rows).T for x in (whole.wert, hidden))
            for cell in np.flatnonzero(a.primaer[cells]):
                column, row = divmod(int(cell), rows)
                low, high = reach(values, secret, row, column)
                below, above = a.unten[begin + cell], a.oben[begin + cell]
                attacked += 1
                disclosed += low > values[row, column] - below or high < values[row, column] + above
    return attacked, disclosed
