"""Whether withheld cells are protected: how far each could lie from its count without any published number changing."""

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from analysis.disclosure.pruefung import GENAU, components
from analysis.disclosure.tabelle import Zellensystem
from analysis.errors import InputError

_VERSUCHE = 12
"""Common solutions that are tried before cells are looked at one by one."""


@dataclass(frozen=True)
class Aufgabe:
    """What has to be protected in a system.

    Attributes
    ----------
    s
        Cells and equations.
    wert
        Counts; for cells that the source keeps secret one possible count.
    primaer
        Cells that must be withheld.
    fest
        Cells that cannot be withheld.
    unten, oben
        How far below and above its count each primary cell must possibly lie.
    spanne
        Width of the interval that must stay possible for cells that the source keeps secret (0 for the others).
    gewicht
        What it costs to withhold a cell.
    tiefer, hoeher
        How far below and above its count each withheld cell could lie by what is shown of itself (a rounded count);
        down to 0 and up without end if None.
    """

    s: Zellensystem
    wert: np.ndarray
    primaer: np.ndarray
    fest: np.ndarray
    unten: np.ndarray
    oben: np.ndarray
    spanne: np.ndarray
    gewicht: np.ndarray
    tiefer: np.ndarray | None = None
    hoeher: np.ndarray | None = None

    def spiel(self, zellen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Smallest and largest movement of withheld cells."""
        down = self.wert if self.tiefer is None else self.tiefer
        up = np.full(len(self.wert), np.inf) if self.hoeher is None else self.hoeher
        return -down[zellen], up[zellen]

    @property
    def ziele(self) -> list[tuple[int, int, float]]:
        """Demands as cell, direction (1 above, -1 below, 0 width) and distance."""
        return [
            (int(cell), direction, float(need[cell]))
            for direction, need in ((1, self.oben), (-1, self.unten), (0, self.spanne))
            for cell in np.flatnonzero(need > 0)
        ]


def possible(s: Zellensystem) -> np.ndarray:
    """Counts of all cells that agree with the known ones; those of secret cells are one possibility among many.

    Raises
    ------
    InputError
        No whole counts agree with the totals.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    counts, secret = s.wert.copy(), np.flatnonzero(np.isnan(s.wert))
    if len(secret) == 0:
        return counts
    lines = touched(s, secret)
    rest = -(s.gleichungen @ np.nan_to_num(counts))[lines]
    found = milp(
        np.ones(len(secret)),
        integrality=np.ones(len(secret)),
        bounds=Bounds(0, np.inf),
        constraints=LinearConstraint(
            s.gleichungen[lines][:, secret], rest - s.toleranz[lines], rest + s.toleranz[lines]
        )
        if len(lines)
        else None,
    )
    if found.x is None:
        names = s.namen
        some = "; ".join(names[n] for n in secret[:3])
        raise InputError(f"count table: no counts of the secret cells ({some}) agree with the known totals")
    counts[secret] = np.round(found.x)
    return counts


def unprotected(a: Aufgabe, gesperrt: np.ndarray, ziele: list | None = None) -> list[tuple[int, int, float]]:
    """Demands that are not met when these cells are withheld.

    One solution of the equations shows of many cells at once that they can lie far enough; only the rest is solved
    cell by cell.
    """
    cells = np.flatnonzero(gesperrt)
    lines = touched(a.s, cells)
    matrix, spiel = a.s.gleichungen[lines][:, cells], a.spiel(cells)
    place = np.full(len(a.wert), -1)
    place[cells] = np.arange(len(cells))
    demands = [d for d in (a.ziele if ziele is None else ziele) if place[d[0]] >= 0]
    directions = np.random.default_rng(len(demands)).integers(0, 2, (_VERSUCHE, len(a.wert))) * 2 - 1
    for n in range(_VERSUCHE):
        # each cell is moved in one direction; neighbours in opposite ones do not stand in each other's way
        tried = [k for k, (cell, way, _) in enumerate(demands) if way in (0, directions[n, cell])]
        if len(tried) < 3:
            break
        moves = [(place[demands[k][0]], directions[n, demands[k][0]], demands[k][2]) for k in tried]
        met = {k for k, shown in zip(tried, _common_shift(matrix, spiel, moves), strict=True) if shown}
        demands = [d for k, d in enumerate(demands) if k not in met]
        if n > 2 and len(met) < len(tried) / 10:
            break
    if not demands:
        return []
    rows, part = components(a.s, cells)
    inside = {group: np.flatnonzero(part == group) for group in {part[place[cell]] for cell, _, _ in demands}}
    parts = {
        group: (a.s.gleichungen[rows[group]][:, cells[own]], (spiel[0][own], spiel[1][own]))
        for group, own in inside.items()
    }
    left = []
    for cell, way, need in demands:  # what is not connected with a cell cannot hinder it
        group = part[place[cell]]
        if not _reaches(*parts[group], int(np.searchsorted(inside[group], place[cell])), way, need):
            left.append((cell, way, need))
    return left


def reachable(a: Aufgabe) -> Aufgabe:
    """The same with no demand for more than can be reached where all is withheld that may be."""
    every = ~a.fest
    left, cells = unprotected(a, every), np.flatnonzero(every)
    if not left:
        return a
    rows, part = components(a.s, cells)
    need = {1: a.oben.copy(), -1: a.unten.copy(), 0: a.spanne.copy()}
    spiel = a.spiel(cells)
    for cell, way, wanted in left:
        own = np.flatnonzero(part == part[np.searchsorted(cells, cell)])
        matrix, place = a.s.gleichungen[rows[part[own[0]]]][:, cells[own]], int(np.searchsorted(cells[own], cell))
        moves = spiel[0][own], spiel[1][own]
        ways = (way,) if way else (1, -1)
        need[way][cell] = sum(distance(matrix, moves, place, w, wanted) for w in ways)
    return replace(a, oben=need[1], unten=need[-1], spanne=need[0])


def touched(s: Zellensystem, zellen: np.ndarray) -> np.ndarray:
    """Equations in which any of these cells stands."""
    return np.flatnonzero(np.bincount(s.gleichungen[:, zellen].tocoo().row, minlength=s.gleichungen.shape[0]))


Spiel = tuple[np.ndarray, np.ndarray]
"""Smallest and largest movement of each withheld cell."""


def furthest(matrix, spiel: Spiel, place: int, direction: int, need: float):
    """Solution of the linear program that moves one withheld cell up (1) or down (-1), at most by `need`."""
    from scipy.optimize import linprog

    low, high = _at_most(spiel, place, need)
    cost = np.zeros(len(low))
    cost[place] = -direction
    return linprog(cost, A_eq=matrix, b_eq=np.zeros(matrix.shape[0]), bounds=np.column_stack([low, high]),
                   method="highs")  # fmt: skip


def _at_most(spiel: Spiel, place: int, need: float) -> Spiel:
    """Movements of which that of one cell is at most `need`."""
    low, high = spiel[0].copy(), spiel[1].copy()
    low[place], high[place] = max(low[place], -need), min(high[place], need)
    return low, high


def distance(matrix, spiel: Spiel, place: int, direction: int, need: float) -> float:
    """How far one withheld cell can move in whole numbers, at most `need`."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    solved = furthest(matrix, spiel, place, direction, need)
    moved = direction * solved.x[place]
    if moved < need - GENAU or np.abs(solved.x - np.round(solved.x)).max() < GENAU:
        return float(np.floor(moved + GENAU))
    low, high = _at_most(spiel, place, need)
    cost = np.zeros(len(low))
    cost[place] = -direction
    solved = milp(cost, integrality=np.ones(len(cost)), bounds=Bounds(low, high),
                  constraints=LinearConstraint(matrix, 0, 0))  # fmt: skip
    return float(round(direction * solved.x[place]))


def _reaches(matrix, spiel: Spiel, place: int, direction: int, need: float) -> bool:
    if direction:
        return distance(matrix, spiel, place, direction, need) >= need - GENAU
    return sum(distance(matrix, spiel, place, way, need) for way in (1, -1)) >= need - GENAU


def _common_shift(matrix, spiel: Spiel, demands: list[tuple[int, int, float]]) -> list[bool]:
    """Which demands (cell, direction, distance) one single solution meets that moves as many cells as it can."""
    from scipy.optimize import linprog

    (low, high), number = spiel, len(demands)
    count = len(low)
    places, ways, need = (np.array(column) for column in zip(*demands, strict=True))
    ones = np.arange(number)
    # moved part of each demand: at most the demand, at most what the cell moves
    link = sparse.csr_matrix(
        (np.r_[-ways, np.ones(number)], (np.r_[ones, ones], np.r_[places, count + ones])),
        shape=(number, count + number),
    )
    solved = linprog(
        np.r_[np.zeros(count), -1 / need],
        A_ub=link,
        b_ub=np.zeros(number),
        A_eq=sparse.hstack([matrix, sparse.csr_matrix((matrix.shape[0], number))], format="csr"),
        b_eq=np.zeros(matrix.shape[0]),
        bounds=np.column_stack([np.r_[low, np.zeros(number)], np.r_[high, need]]),
        method="highs",
    )
    if solved.x is None:
        return [False] * number
    moved = solved.x[:count]
    if np.abs(moved - np.round(moved)).max() > GENAU:
        return [False] * number
    return list(ways * moved[places] >= need - GENAU)
