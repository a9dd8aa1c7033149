"""Which cells of a survey's tables would tell about single persons, and which must go with them.

The minimum for one-way tables by area: a cell with one or two respondents is not shown, and what is shown does not tell
that it is one or two: not the base of its row, not all respondents minus the other areas, and not that a 0 is shown.
"""

from collections.abc import Sequence

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
    each of them could be `mindestens` or more by what is shown: bases, the other cells, and that hidden cells are at
    least 1, because a 0 is shown. Where that is not enough, all of an item and area is hidden, also what is 0: then
    each cell could be 0. The mean of a scale goes where a cell of its base goes, because it would be one more equation;
    means of numbers with so few respondents go together with that of the next smallest area. An area that is not shown
    (respondents without area) counts as known, which is the safe side. Who was asked a question is the number of a cell
    of the question before (its filter): where that is hidden, the whole question is.

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
            several = tabelle.typ.iloc[rows[0, 0]] == "mehrfach"
            if several:
                counts = np.column_stack([counts, n - counts.sum(axis=1)])
            hidden = _hidden(counts, whole, mindestens, several)
            result[cells] = hidden[:, : cells.shape[1]]
            result[rows[:, ~share[rows[0]]]] = hidden.any(axis=1)[:, None]
        else:
            result[rows[:, 0]] = _hidden_means(n, areas == GESAMT, mindestens)
    return pd.Series(_with_filtered(tabelle, result), tabelle.index)


def hidden_counts(anzahlen: Sequence[int], mindestens: int = MINDESTENS) -> np.ndarray:
    """Which of several numbers of respondents must not be shown where everybody knows their sum."""
    return _hidden(np.array([anzahlen], int), 0, mindestens, several=False)[0]


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
    few = np.zeros(len(n), bool)
    for least in range(min(MINDESTENS, mindestens), mindestens + 1):
        few |= (n > 0) & (n < least)
        others = np.flatnonzero(~few & (n > 0) & ~whole)
        if (few & ~whole).any() and n[few & ~whole].sum() < least and len(others):
            few[others[np.argmin(n[others])]] = True
    return few


def _hidden(counts: np.ndarray, whole: int, mindestens: int, several: bool) -> np.ndarray:
    """Hidden cells of areas (one of them, `whole`, the sum of all) × values.

    What a smaller least count hides is hidden by a larger one, too: reports by different rules, beside each other, show
    no more than the one by the smaller.

    Parameters
    ----------
    several
        Multiple choice: the second value are those who did not choose, whose number is not shown.
    """
    hidden = np.zeros(counts.shape, bool)
    for least in range(min(MINDESTENS, mindestens), mindestens + 1):
        hidden = _hidden_too(counts, hidden, whole, least, several)
    return hidden


def _hidden_too(counts: np.ndarray, hidden: np.ndarray, whole: int, mindestens: int, several: bool) -> np.ndarray:
    """Hidden cells and those that must go with them by a least count."""
    base = counts.sum(axis=1)
    hidden = hidden | (counts > 0) & (counts < mindestens)
    hidden |= ((base > 0) & (base < mindestens + several))[:, None]
    areas = np.arange(len(counts)) != whole
    for cell in np.argwhere(hidden & (counts > 0) & (counts < mindestens)):
        at = tuple(cell)
        while True:
            below = _least(counts, hidden, several, mindestens)
            if not _told(counts, hidden, below, whole, at, mindestens):
                break
            more = _next(counts, hidden, below, whole, at, mindestens)
            if more is None:
                hidden = hidden | areas[:, None]
                break
            hidden[more] = True
    return hidden


def _least(counts: np.ndarray, hidden: np.ndarray, several: bool, mindestens: int) -> np.ndarray:
    """Fewest respondents of each hidden cell that a reader must reckon with.

    A count of 0 is shown. So a hidden cell is at least 1, except in areas of which nothing at all is shown.
    """
    nothing = counts.sum(axis=1) < mindestens + several
    if not several:
        nothing |= hidden.all(axis=1)
    return ((counts > 0) & ~nothing[:, None]).astype(int)


def _told(counts: np.ndarray, hidden: np.ndarray, below: np.ndarray, whole: int, at: tuple, mindestens: int) -> bool:
    """Whether the shown counts tell that a hidden cell has 1 to `mindestens` - 1 respondents.

    Counts are a flow from areas to values and on to the sum of all areas. A hidden count can be larger where that much
    more can flow in a circle through it.
    """
    lacking = mindestens - counts[at]
    if _closed(hidden, hidden & (counts - below >= lacking), whole, at):
        return False
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_flow

    areas, values = counts.shape
    row, column = np.nonzero(hidden)
    start = np.where(row == whole, areas + column, row)
    end = np.where(row == whole, whole, areas + column)
    room = np.zeros((areas + values, areas + values), np.int32)
    room[start, end] = counts.sum() + mindestens
    room[end, start] = (counts - below)[hidden]
    if areas == 1:  # no areas: the number with a value has no other sum
        room[1:, 1:] = counts.sum() + mindestens
    source, sink = (areas + at[1], whole) if at[0] == whole else (at[0], areas + at[1])
    room[source, sink] = room[sink, source] = 0
    links = csr_array(room)
    if maximum_flow(links, sink, source).flow_value >= lacking:
        return False
    return bool(below[at] or maximum_flow(links, source, sink).flow_value < counts[at])


def _closed(hidden: np.ndarray, spare: np.ndarray, whole: int, at: tuple) -> bool:
    """Whether a cell can be larger because of one other area and one other value, which have enough to `spare`."""
    row, column = at
    if row == whole:
        return False
    areas, values = spare[:, column].copy(), spare[row].copy()
    areas[[row, whole]] = values[column] = False
    return bool(hidden[np.ix_(areas, values)].any())


def _next(counts: np.ndarray, hidden: np.ndarray, below: np.ndarray, whole: int, at: tuple, mindestens: int):
    """Which cell (or whole area) to hide next for a cell that is told; None where nothing is left.

    First what its area lacks, then what its value lacks, the values of the whole Kreis last.
    """
    row, column = at
    free, carrying = (counts > 0) & ~hidden, hidden & (counts > 0)
    areas = np.arange(len(counts)) != whole
    room = np.where(hidden, counts - below, 0)
    room[at] = 0
    lacking = mindestens - counts[at]
    if room[row].sum() < lacking and not hidden[row].all():
        beside = np.zeros_like(free)
        beside[row] = True
        return _smallest(counts, hidden, free & beside) or row
    others = areas & (np.arange(len(counts)) != row)
    many = below[at] and row != whole
    if (room[others, column].sum() < lacking) if many else not hidden[others, column].any():
        beside = np.zeros_like(free)
        beside[areas, column] = True
        if (found := _smallest(counts, hidden, free & beside)) is not None:
            return found
        partly = np.flatnonzero(areas & carrying[:, column] & ~hidden.all(axis=1))
        if row != whole and len(partly):
            return partly[np.argmin(counts[partly].sum(axis=1))]
        if row != whole and free[whole, column]:
            return whole, column
    closing = carrying.any(axis=1)[:, None] & carrying.any(axis=0) & areas[:, None]
    for part in (closing, areas[:, None], True):
        if (found := _smallest(counts, hidden, free & part)) is not None:
            return found
    return None


def _smallest(counts: np.ndarray, hidden: np.ndarray, candidates: np.ndarray) -> tuple | None:
    """The smallest candidate, and of equal ones that whose value or area has hidden cells already."""
    if not candidates.any():
        return None
    carrying = hidden & (counts > 0)
    return min(
        map(tuple, np.argwhere(candidates)),
        key=lambda at: (counts[at], not carrying[:, at[1]].any(), not carrying[at[0]].any(), at),
    )
