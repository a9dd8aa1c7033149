"""Audit by attack: what can be computed of the cells that are not published, from everything that is."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from analysis.disclosure.tabelle import Zellensystem
from analysis.errors import InputError

GENAU = 1e-6
"""What two numbers may differ by computation."""


def known(s: Zellensystem, gesperrt: Sequence[bool]) -> tuple[np.ndarray, np.ndarray]:
    """Bounds of each cell that everybody sees: the count itself, or 0 and no upper bound for a withheld one."""
    hidden = np.asarray(gesperrt, bool) | np.isnan(s.wert)
    return np.where(hidden, 0, np.nan_to_num(s.wert)), np.where(hidden, np.inf, np.nan_to_num(s.wert))


def from_percent(prozent: Sequence[float], stellen: int, basis: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Smallest and largest count that a percentage with `stellen` digits of a known base can come from.

    Raises
    ------
    InputError
        No count of the base gives the percentage.
    """
    share, base = np.asarray(prozent, float), np.asarray(basis, float)
    half = 0.5 * 10.0**-stellen
    low = np.ceil((share - half) / 100 * base - GENAU).clip(min=0)
    high = np.floor(np.minimum((share + half) / 100, 1) * base + GENAU)
    wrong = np.flatnonzero(low > high)
    if len(wrong):
        raise InputError(f"percentage {share[wrong[0]]:g} of {base[wrong[0]]:g}: no count gives it")
    return low, high


def from_rounded(gerundet: Sequence[float], basis: int | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Smallest and largest count that is rounded (halves up) to a multiple of `basis`."""
    shown = np.asarray(gerundet, float)
    return np.ceil(shown - basis / 2).clip(min=0), np.ceil(shown + basis / 2) - 1


def bounds(
    s: Zellensystem, unten: np.ndarray, oben: np.ndarray, ziele: Sequence[int] | None = None, ganzzahlig: bool = True
) -> pd.DataFrame:
    """Narrowest interval of cells that an attacker can compute.

    Parameters
    ----------
    s
        Cells and equations; their counts are not used.
    unten, oben
        What is known of each cell directly (`known`, `from_percent`, `from_rounded`); equal where it is published.
    ziele
        Numbers of the cells that are attacked; all that are not published if None.
    ganzzahlig
        Whether the attacker uses that counts are whole numbers.

    Returns
    -------
    pandas.DataFrame
        `unten`, `oben` by number of the cell.

    Raises
    ------
    InputError
        No counts at all agree with what is published.
    """
    open_cells = np.flatnonzero(oben > unten)
    wanted = open_cells if ziele is None else np.asarray(ziele, int)
    found = pd.DataFrame({"unten": unten[wanted], "oben": oben[wanted]}, index=wanted)
    attacked = np.intersect1d(wanted, open_cells)
    if len(attacked) == 0:
        return found
    rows, part = components(s, open_cells)
    rest = -(s.gleichungen @ np.where(oben > unten, 0, unten))
    for group in np.unique(part[np.isin(open_cells, attacked)]):
        cells = open_cells[part == group]
        lines = rows[group]
        matrix = s.gleichungen[lines][:, cells]
        problem = (matrix, rest[lines], s.toleranz[lines], unten[cells], oben[cells])
        for cell in np.intersect1d(cells, attacked):
            place = int(np.searchsorted(cells, cell))
            ends = [_extreme(*problem, place, sign, ganzzahlig, s.namen[cell]) for sign in (1, -1)]
            found.loc[cell, ["unten", "oben"]] = ends
    return found


def components(s: Zellensystem, offen: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
    """Groups of open cells that equations connect: the equations of each group, and the group of each open cell."""
    touching = abs(s.gleichungen[:, offen])
    count, group = connected_components(touching.T @ touching, directed=False)
    coo = touching.tocoo()
    pairs = np.unique(np.column_stack([group[coo.col], coo.row]), axis=0)
    starts = np.searchsorted(pairs[:, 0], np.arange(count + 1))
    return [pairs[a:b, 1] for a, b in zip(starts[:-1], starts[1:], strict=True)], group


def _extreme(matrix, rest, tolerance, low, high, place, sign, whole, name) -> float:
    """Smallest (sign 1) or largest (-1) value of one open cell."""
    from scipy.optimize import Bounds, LinearConstraint, linprog, milp

    cost = np.zeros(matrix.shape[1])
    cost[place] = sign
    exact = tolerance == 0
    loose = matrix[~exact]
    solved = linprog(
        cost,
        A_eq=matrix[exact] if exact.any() else None,
        b_eq=rest[exact] if exact.any() else None,
        A_ub=sparse.vstack([loose, -loose]) if len(rest[~exact]) else None,
        b_ub=np.r_[rest[~exact] + tolerance[~exact], tolerance[~exact] - rest[~exact]] if len(rest[~exact]) else None,
        bounds=np.column_stack([low, high]),
        method="highs",
    )
    if solved.status == 3:
        return -sign * np.inf
    if solved.status != 0:
        raise InputError(f"count table: no counts agree with all that is published (at {name})")
    if not whole or np.abs(solved.x - np.round(solved.x)).max(initial=0) < GENAU:
        return float(solved.x[place]) if not whole else float(round(solved.x[place]))
    solved = milp(
        cost,
        integrality=np.ones(len(cost)),
        bounds=Bounds(low, high),
        constraints=LinearConstraint(matrix, rest - tolerance, rest + tolerance),
    )
    if solved.x is None:
        raise InputError(f"count table: no whole counts agree with all that is published (at {name})")
    return float(round(solved.x[place]))


def audit(
    s: Zellensystem, unten: np.ndarray, oben: np.ndarray, bedarf_unten: np.ndarray, bedarf_oben: np.ndarray
) -> pd.DataFrame:
    """Cells of which an attacker can compute a narrower interval than the rule allows.

    Parameters
    ----------
    s, unten, oben
        As in `bounds`.
    bedarf_unten, bedarf_oben
        Interval that must stay possible for each cell; NaN for cells that need none.

    Returns
    -------
    pandas.DataFrame
        `zelle`, `unten`, `oben`, `bedarf_unten`, `bedarf_oben`, by number of the cell; empty where all is safe.
    """
    targets = np.flatnonzero(~np.isnan(bedarf_unten))
    found = bounds(s, unten, oben, targets)
    found["bedarf_unten"], found["bedarf_oben"] = bedarf_unten[targets], bedarf_oben[targets]
    names = s.namen
    found.insert(0, "zelle", [names[n] for n in targets])
    return found[(found.unten > found.bedarf_unten + GENAU) | (found.oben < found.bedarf_oben - GENAU)]
