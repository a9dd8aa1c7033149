"""Secondary suppression of large tables: quick, safe, not always with the fewest cells."""

import numpy as np
from scipy import sparse

from analysis.disclosure.schutz import Aufgabe, touched, unprotected
from analysis.errors import InputError

_AUFRAEUMEN_BIS = 60
"""Additional cells up to which each is tried whether it can be shown after all."""


def heuristic(a: Aufgabe) -> np.ndarray:
    """Cells to withhold so that every demand is met.

    First no equation may have a single withheld cell; then cells of the cheapest shift that meets each open demand are
    added; at last what is not needed is shown again.

    Raises
    ------
    InputError
        A cell cannot be protected, because all else in its table is published.
    """
    hidden = close_lines(a, a.primaer | np.isnan(a.s.wert))
    ziele = a.ziele
    while left := unprotected(a, hidden, ziele):
        more = hidden.copy()
        for demand in left:
            if more.sum() == hidden.sum() or unprotected(a, more, [demand]):
                cell, direction, need = demand
                more |= _cheapest_shift(a, more, cell, direction or 1, need)
        if (more == hidden).all():  # only whole numbers make the difference
            raise InputError(f"{a.s.namen[left[0][0]]} cannot be protected: too much of its sums must be published")
        hidden = close_lines(a, more)
    return _shown_again(a, hidden)


def close_lines(a: Aufgabe, hidden: np.ndarray) -> np.ndarray:
    """Withhold a further cell wherever an equation has exactly one withheld cell, or withheld parts that are too small.

    A part can only be larger than it is where the other withheld parts can be smaller by as much.
    """
    hidden = hidden.copy()
    pattern = sparse.csr_matrix(abs(a.s.gleichungen))
    lines_of = pattern.T.tocsr()
    line_count = np.diff(lines_of.indptr)
    most = max(a.oben.max(), a.spanne.max())
    while True:
        count = pattern @ hidden.astype(float)
        weak = (count == 1) | _too_small(a, hidden)
        if not weak.any():
            return hidden
        # a cell that also helps other equations is cheaper
        helps = lines_of @ weak.astype(float)
        alone = line_count - lines_of @ (count >= 1).astype(float)
        price = a.gewicht * (1 + 2 * alone) / np.maximum(helps, 1) * np.where(a.wert < most, 4, 1)
        price = np.where(hidden | a.fest, np.inf, price)
        chosen = set()
        for line in np.flatnonzero(weak):
            cells = pattern.indices[pattern.indptr[line] : pattern.indptr[line + 1]]
            if chosen & set(cells.tolist()):
                continue
            best = cells[np.argmin(price[cells])]
            if np.isfinite(price[best]):
                chosen.add(int(best))
            elif count[line] == 1:
                only = a.s.namen[cells[hidden[cells]][0]]
                raise InputError(f"{only} cannot be withheld: all other cells of its sum must be published")
        if not chosen:
            return hidden
        hidden[list(chosen)] = True


def _too_small(a: Aufgabe, hidden: np.ndarray) -> np.ndarray:
    """Equations with a shown total whose withheld parts, without the largest primary one, are fewer than needed."""
    parts, totals = a.s.gleichungen.maximum(0), (-a.s.gleichungen).maximum(0)
    together = parts @ np.where(hidden, a.wert, 0)
    need = parts.multiply(np.where(hidden, a.oben + a.wert, 0)[None, :]).max(axis=1).toarray().ravel()
    return (totals @ hidden.astype(float) == 0) & (need > together)


def _cheapest_shift(a: Aufgabe, hidden: np.ndarray, cell: int, direction: int, need: float) -> np.ndarray:
    """Cells that move when one cell moves far enough at the least cost."""
    from scipy.optimize import linprog

    usable = np.flatnonzero(hidden | ~a.fest)
    lines = touched(a.s, usable)
    matrix = a.s.gleichungen[lines][:, usable]
    low, up = a.spiel(usable)
    up, down = up.copy(), -low
    place = int(np.searchsorted(usable, cell))
    low_up, low_down = np.zeros(len(usable)), np.zeros(len(usable))
    if direction > 0:
        low_up[place], down[place] = need, 0
    else:
        low_down[place], up[place] = need, 0
    cost = np.where(hidden[usable], 1e-6, a.gewicht[usable])
    solved = linprog(
        np.r_[cost, cost],
        A_eq=sparse.hstack([matrix, -matrix], format="csr"),
        b_eq=np.zeros(matrix.shape[0]),
        bounds=np.column_stack([np.r_[low_up, low_down], np.r_[up, down]]),
        method="highs",
    )
    if solved.x is None:
        raise InputError(f"{a.s.namen[cell]} cannot be protected: too much of its sums must be published")
    moved = solved.x[: len(usable)] + solved.x[len(usable) :] > 1e-7
    found = np.zeros(len(hidden), bool)
    found[usable[moved]] = True
    return found


def _shown_again(a: Aufgabe, hidden: np.ndarray) -> np.ndarray:
    """Without those additional cells that no demand needs, the dearest first."""
    extra = np.flatnonzero(hidden & ~a.primaer & ~np.isnan(a.s.wert))
    if len(extra) > _AUFRAEUMEN_BIS:
        return hidden
    pattern = sparse.csr_matrix(abs(a.s.gleichungen))
    for cell in extra[np.argsort(-a.gewicht[extra], kind="stable")]:
        trial = hidden.copy()
        trial[cell] = False
        while True:  # what is alone in an equation now protects nothing
            alone = (pattern @ trial.astype(float)) == 1
            useless = (pattern[alone].sum(axis=0).A1 > 0) if alone.any() else np.zeros(len(trial), bool)
            useless = useless & trial & np.isin(np.arange(len(trial)), extra)
            if not useless.any():
                break
            trial &= ~useless
        if not alone.any() and not unprotected(a, trial):
            hidden = trial
    return hidden
