"""Which cells of a survey's tables would tell about single persons, and which must go with them.

The minimum for one-way tables by area: a cell with one or two respondents is not shown, and its number cannot be worked
out from what is shown: not from the base of its row, and not from all respondents minus the other areas.
"""

import numpy as np
import pandas as pd

from analysis.codebook import conditions
from analysis.errors import InputError
from analysis.survey.tabulate import GESAMT

MINDESTENS = 3
"""Fewest respondents of a cell that is shown."""


def hidden_cells(tabelle: pd.DataFrame, mindestens: int = MINDESTENS) -> pd.Series:
    """Whether a row of `tabulate` must not be shown.

    Hidden are cells with 1 to `mindestens` - 1 respondents, in multiple choice also where so few did not choose; all
    cells of a base of so few. With each goes the next smallest cell of the same item and area, and further cells until
    no hidden number follows from the shown ones (bases are shown; counts are whole numbers from 0). The mean of a scale
    goes where a cell of its base goes, because it would be one more equation; means of numbers with so few respondents
    go together with that of the next smallest area. An area that is not shown (respondents without area) counts as
    known, which is the safe side. Who was asked a question is the number of a cell of the question before (its
    filter): where that is hidden, the whole question is.

    Counts only: an answer that all give is shown, and dominance of single weights is not looked at.

    Returns
    -------
    pandas.Series
        Booleans with the index of `tabelle`.

    Raises
    ------
    InputError
        The table is only a part of what `tabulate` returns: what follows from other parts could not be seen.
    """
    result = np.zeros(len(tabelle), bool)
    raum = pd.factorize(tabelle.raum)[0]
    areas = tabelle.raum.iloc[np.unique(raum, return_index=True)[1]].astype(str).to_numpy()
    if GESAMT not in areas:
        raise InputError(
            f"cells to be hidden: the table has no rows of {GESAMT!r}; expected the whole table of tabulate"
        )
    whole = int(np.flatnonzero(areas == GESAMT)[0])
    value = pd.factorize(tabelle.kennzahl.astype(str) + " " + tabelle.auspraegung.map(repr))[0]
    order = np.lexsort((value, raum))
    share = (tabelle.kennzahl == "anteil").to_numpy()
    items = tabelle.merkmal.to_numpy(object)
    for name, positions in pd.Series(order).groupby(items[order], sort=False):
        rows = positions.to_numpy()
        if (np.bincount(raum[rows], minlength=len(areas)) * len(areas) != len(rows)).any():
            raise InputError(
                f"cells to be hidden: {name} lacks rows of some areas; expected the whole table of tabulate"
            )
        rows = rows.reshape(len(areas), -1)  # areas × values and mean
        cells = rows[:, share[rows[0]]]
        n = tabelle.n.to_numpy()[rows[:, 0]]
        if cells.size:
            counts = tabelle.n_zelle.to_numpy()[cells]
            if tabelle.typ.iloc[rows[0, 0]] == "mehrfach":
                counts = np.column_stack([counts, n - counts.sum(axis=1)])
            hidden = _hidden(counts, whole, mindestens)
            result[cells] = hidden[:, : cells.shape[1]]
            result[rows[:, ~share[rows[0]]]] = hidden.any(axis=1)[:, None]
        else:
            result[rows[:, 0]] = _hidden_means(n, areas == GESAMT, mindestens)
    return pd.Series(_with_filtered(tabelle, result), tabelle.index)


def _with_filtered(tabelle: pd.DataFrame, hidden: np.ndarray) -> np.ndarray:
    """Hidden rows, and all rows of questions whose filter has hidden cells in the area."""
    filters = {text: {c.spalte for c in conditions(text)} for text in tabelle["filter"].unique() if text}
    hidden, before = hidden.copy(), -1
    pairs = pd.MultiIndex.from_arrays([tabelle.raum.astype(object), tabelle.merkmal.astype(object)])
    share = (tabelle.kennzahl == "anteil").to_numpy()
    while filters and hidden.sum() > before:  # a filter may itself depend on one
        before = hidden.sum()
        gone = set(pairs[hidden & share])
        for text, columns in filters.items():
            rows = np.flatnonzero((tabelle["filter"] == text).to_numpy())
            areas = {area for area, column in gone if column in columns}
            hidden[rows[tabelle.raum.iloc[rows].isin(areas).to_numpy()]] = True
    return hidden


def _hidden_means(n: np.ndarray, whole: np.ndarray, mindestens: int) -> np.ndarray:
    """Areas whose mean of a number is hidden."""
    few = (n > 0) & (n < mindestens)
    others = np.flatnonzero(~few & (n > 0) & ~whole)
    if (few & ~whole).any() and n[few & ~whole].sum() < mindestens and len(others):
        few[others[np.argmin(n[others])]] = True
    return few


def _hidden(counts: np.ndarray, whole: int, mindestens: int) -> np.ndarray:
    """Hidden cells of areas (one of them, `whole`, the sum of all) × values."""
    hidden = (counts > 0) & (counts < mindestens)
    hidden |= (counts.sum(axis=1) < mindestens)[:, None] & (counts.sum(axis=1) > 0)[:, None]
    if not hidden.any():
        return hidden
    others = np.arange(len(counts)) != whole
    while True:
        found = _known(counts, hidden, whole)
        if not found.any():
            return hidden
        carrying = hidden & (counts > 0)
        alone = found & (carrying.sum(axis=1) < 2)[:, None]  # areas first, they may close the cycle of another
        row, column = np.argwhere(alone if alone.any() else found)[0]
        candidates = [(row, k) for k in np.flatnonzero((counts[row] > 0) & ~hidden[row])]
        if carrying[row].sum() > 1 or not candidates:
            free = (counts > 0) & ~hidden & others[:, None]
            candidates = [(k, column) for k in np.flatnonzero(free[:, column])] or list(map(tuple, np.argwhere(free)))
        if not candidates:
            return hidden | others[:, None] | found
        # the smallest, and of equal ones such whose area or value has hidden cells already
        best = min(candidates, key=lambda at: (counts[at], not carrying[:, at[1]].any(), not carrying[at[0]].any(), at))
        hidden[best] = True


def _known(counts: np.ndarray, hidden: np.ndarray, whole: int) -> np.ndarray:
    """Hidden cells whose count follows from the shown ones.

    Counts are a flow from areas to values and on to the sum of all areas. A hidden count can be another one where a
    cycle through it can carry one more, or one less where there is one.
    """
    areas, values = counts.shape
    forward = np.zeros((areas + values, areas + values), bool)
    backward = np.zeros_like(forward)
    ends = {}
    for row, column in np.argwhere(hidden):
        start, end = (areas + column, row) if row == whole else (row, areas + column)
        ends[row, column] = start, end
        forward[start, end] = True
        backward[end, start] = counts[row, column] > 0
    result = np.zeros_like(hidden)
    for (row, column), (start, end) in ends.items():
        more, less = forward | backward, forward | backward
        more[end, start] = False
        less[start, end] = False
        free = _reaches(more, end, start) or (counts[row, column] > 0 and _reaches(less, start, end))
        result[row, column] = not free
    return result


def _reaches(arcs: np.ndarray, start: int, end: int) -> bool:
    seen = np.zeros(len(arcs), bool)
    new = arcs[start]
    while (new & ~seen).any():
        if new[end]:
            return True
        seen |= new
        new = arcs[seen].any(axis=0)
    return bool(seen[end])
