"""Primary and secondary suppression: the cells to withhold so that none of the secret ones can be computed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from analysis.disclosure.naeherung import heuristic
from analysis.disclosure.pruefung import GENAU
from analysis.disclosure.regeln import Regel, primary, protection
from analysis.disclosure.schutz import Aufgabe, furthest, possible, touched, unprotected
from analysis.disclosure.tabelle import Zellensystem
from analysis.errors import InputError

_RUNDEN = 500
"""Rounds of new conditions after which the exact method gives up."""


@dataclass(frozen=True)
class Sperrung:
    """Which cells are withheld.

    Attributes
    ----------
    gesperrt
        Per cell, primary ones and those that the source keeps secret among them.
    primaer
        Per cell: withheld for its own sake.
    optimal
        Whether no cheaper choice exists.
    kosten
        Sum of the weights of the additionally withheld cells.
    """

    gesperrt: np.ndarray
    primaer: np.ndarray
    optimal: bool
    kosten: float


def task(
    s: Zellensystem,
    regel: Regel | None = None,
    primaer: Sequence[bool] | None = None,
    fest: Sequence[bool] | None = None,
    gewicht: Sequence[float] | None = None,
    kleinste: Sequence[int] | None = None,
) -> Aufgabe:
    """What is to be protected by a rule.

    Parameters
    ----------
    s
        Cells and equations.
    regel
        Minimum count, zero cells; None: `primaer`, `fest` and `kleinste` say it.
    primaer
        Cells that must be withheld; those with counts below the minimum if None.
    fest
        Cells that cannot be withheld, for example because they are already published.
    gewicht
        Cost per cell; by default 1, and a little more the larger its count is (fewest cells, then the least people).
    kleinste
        Smallest count that may be shown, by cell; that of the rule if None.

    Raises
    ------
    InputError
        A cell must be withheld and cannot be; no counts agree with the totals.
    """
    counts = possible(s)
    secret = np.isnan(s.wert)
    first = primary(s.wert, regel) if primaer is None else np.asarray(primaer, bool) & ~secret
    fixed = np.zeros(len(counts), bool) if fest is None else np.asarray(fest, bool)
    both = np.flatnonzero(first & fixed)
    if len(both):
        raise InputError(f"{s.namen[both[0]]} ({counts[both[0]]:g}) must be withheld but is already published")
    if regel is not None and regel.nullen_zeigen:
        fixed = fixed | ((counts == 0) & ~first & ~secret)
    below, above = protection(counts, regel.kleinste if kleinste is None else kleinste)
    weight = 1 + counts / (counts.sum() + 1) if gewicht is None else np.asarray(gewicht, float)
    return Aufgabe(
        s, counts, first, fixed & ~secret, np.where(first, below, 0), np.where(first, above, 0),
        np.where(secret, 1.0, 0), weight,
    )  # fmt: skip


def suppress(a: Aufgabe, verfahren: str = "exakt") -> Sperrung:
    """Withheld cells of a task.

    Parameters
    ----------
    a
        Result of `task`.
    verfahren
        `exakt`: with the least cost (integer programming with cutting planes, Fischetti and Salazar-González 2001);
        `schnell`: a heuristic for large tables.

    Raises
    ------
    InputError
        Another method; a cell cannot be protected.
    """
    start = heuristic(a)
    if verfahren == "schnell":
        return _result(a, start, not (start & ~a.primaer & ~np.isnan(a.s.wert)).any())
    if verfahren != "exakt":
        raise InputError(f"suppression {verfahren!r}; expected exakt or schnell")
    found = _exact(a, start)
    return _result(a, start if found is None else found, found is not None)


def _result(a: Aufgabe, hidden: np.ndarray, optimal: bool) -> Sperrung:
    extra = hidden & ~a.primaer & ~np.isnan(a.s.wert)
    return Sperrung(hidden, a.primaer, optimal, float(a.gewicht[extra].sum()))


def _exact(a: Aufgabe, start: np.ndarray) -> np.ndarray | None:
    """Cheapest choice of cells; None where it was not proved within the rounds."""
    given = a.primaer | np.isnan(a.s.wert)
    free = np.flatnonzero(~given & ~a.fest)
    upper = a.gewicht[start & ~given].sum()
    if upper == 0:
        return start
    conditions = _no_cell_alone(a, given, free)
    needs = {(cell, direction): need for cell, direction, need in a.ziele}
    for _ in range(_RUNDEN):
        chosen = _cheapest(a.gewicht[free], conditions, upper)
        if chosen is None:  # nothing is cheaper than the start
            return start
        hidden = given.copy()
        hidden[free[chosen]] = True
        left = unprotected(a, hidden, [(c, d, n) for (c, d), n in needs.items()])
        if not left:
            return hidden
        cuts = [cut for cell, direction, need in left for cut in _cuts(a, hidden, free, cell, direction, need)]
        if not cuts:
            return None
        conditions += cuts
    return None


def _cheapest(weight: np.ndarray, conditions: list, upper: float) -> np.ndarray | None:
    """Cheapest choice that meets all conditions and costs less than what is known already."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    matrix = sparse.vstack([row for row, _ in conditions], format="csr")
    solved = milp(
        weight,
        integrality=np.ones(len(weight)),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(matrix, np.array([need for _, need in conditions]), np.inf),
        options={"mip_rel_gap": 0},
    )
    if solved.x is None or solved.fun > upper - GENAU:
        return None
    return np.flatnonzero(solved.x > 0.5)


def _no_cell_alone(a: Aufgabe, given: np.ndarray, free: np.ndarray) -> list[tuple[sparse.csr_matrix, float]]:
    """No equation has a single withheld cell: each needs another one in each of its equations."""
    pattern = sparse.csr_matrix(abs(a.s.gleichungen))
    place = np.full(len(given), -1)
    place[free] = np.arange(len(free))
    found = []
    for line in range(pattern.shape[0]):
        cells = pattern.indices[pattern.indptr[line] : pattern.indptr[line + 1]]
        inside, fixed = place[cells[place[cells] >= 0]], int(given[cells].sum())
        if fixed == 1:
            found.append((_row(inside, np.ones(len(inside)), len(free)), 1.0))
        elif fixed == 0:
            for cell in inside:
                found.append((_row(inside, np.where(inside == cell, -1.0, 1.0), len(free)), 0.0))
    return found


def _cuts(a: Aufgabe, hidden: np.ndarray, free: np.ndarray, cell: int, direction: int, need: float) -> list:
    """Condition that every protecting choice meets and this one does not (from the dual of the attack)."""
    if direction == 0:
        parts = [_dual(a, hidden, cell, way, need) for way in (1, -1)]
        factor, own = sum(p[0] for p in parts), sum(p[1] for p in parts)
    else:
        factor, own = _dual(a, hidden, cell, direction, need)
    given = a.primaer | np.isnan(a.s.wert)
    still = need - own - factor[given].sum()
    if still <= GENAU:
        return _another(hidden, given, free)
    weights = np.minimum(factor[free], still)
    inside = np.flatnonzero(weights > GENAU)
    if weights[hidden[free]].sum() >= still - GENAU:  # only whole numbers make the difference
        return _another(hidden, given, free)
    return [(_row(inside, weights[inside] / still, len(free)), 1.0)]


def _another(hidden: np.ndarray, given: np.ndarray, free: np.ndarray) -> list:
    """At least one further cell: what this choice cannot protect, no part of it can."""
    outside = np.flatnonzero(~hidden[free])
    return [(_row(outside, np.ones(len(outside)), len(free)), 1.0)] if len(outside) else []


def _dual(a: Aufgabe, hidden: np.ndarray, cell: int, direction: int, need: float) -> tuple[np.ndarray, float]:
    """What each cell adds at most to the movement of one cell if it is withheld, and the cell's own part."""
    cells = np.flatnonzero(hidden)
    lines = touched(a.s, cells)
    place = int(np.searchsorted(cells, cell))
    solved = furthest(a.s.gleichungen[lines][:, cells], a.spiel(cells), place, direction, need)
    price = np.zeros(a.s.gleichungen.shape[0])
    price[lines] = solved.eqlin.marginals
    reduced = -(a.s.gleichungen.T @ price)
    reduced[cell] -= direction
    most = np.abs(a.wert).max() + need
    factor = np.where(reduced < -GENAU, -reduced * most, 0) + np.where(reduced > GENAU, reduced * a.wert, 0)
    back = min(need, a.wert[cell]) if direction > 0 else need
    own = max(0.0, -reduced[cell] * direction) * need + max(0.0, reduced[cell] * direction) * back
    factor[cell] = 0
    return factor, own


def _row(columns: np.ndarray, values: np.ndarray, width: int) -> sparse.csr_matrix:
    return sparse.csr_matrix((values, (np.zeros(len(columns), int), columns)), shape=(1, width))
