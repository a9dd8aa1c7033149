"""Counts of small areas rounded instead of withheld: what is shown, and where rounding alone gives no protection."""

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.catalogue import Katalog
from analysis.disclosure.pruefung import GENAU, components, from_rounded
from analysis.disclosure.regeln import rounded
from analysis.disclosure.schutz import Aufgabe, possible, reachable, touched, unprotected
from analysis.disclosure.tabelle import Zellensystem
from analysis.errors import InputError
from analysis.kreisfrueher import base as base_of
from analysis.kreisreste import REST
from analysis.kreiszellen import EINWOHNERZAHLEN
from analysis.regelwerk import Regelwerk


def shown(observations: pd.DataFrame, catalogue: Katalog, regeln: Regelwerk) -> pd.DataFrame:
    """Observations of areas as they may be shown: counts of sources that round are rounded, each on its own.

    Numbers of residents (`EINWOHNERZAHLEN`) stay as they are: everybody knows them.
    """
    counts = {id for id, groesse in catalogue.groessen.items() if groesse.is_count} - set(EINWOHNERZAHLEN)
    base = np.where(observations.groesse.isin(counts), regeln.rundung(observations.quelle), 0)
    return observations.assign(wert=rounded(observations.wert, base)) if base.any() else observations


def withheld_besides(s: Zellensystem, cells: pd.DataFrame, gesperrt: np.ndarray) -> np.ndarray:
    """Cells to withhold where counts are rounded: those given, small areas, and what rounding does not protect.

    Of a forbidden count that is rounded, every count with the same rounded value must stay possible beside all that is
    shown: rounded and exact counts, and the figures of the Kreis. Where one does not, the count is withheld, then
    others that it adds up with.

    Parameters
    ----------
    s, cells
        `kreiszellen.equations` and `kreiszellen.cells_of`.
    gesperrt
        Cells that are withheld already.
    """
    hidden = np.asarray(gesperrt, bool).copy()
    target = (cells.primaer & (cells.rundung > 0)).to_numpy()
    rest = cells.groesse.str.startswith(REST).to_numpy()
    hidden |= (target & cells.klein.to_numpy()) | (rest & (cells.rundung > 0).to_numpy())
    lines, group = components(s, np.arange(len(cells)))
    for number in np.unique(group[target]):
        members = np.flatnonzero(group == number)
        part = Zellensystem(
            s.zellen.iloc[members], s.gleichungen[lines[number]][:, members], s.toleranz[lines[number]]
        )  # fmt: skip
        hidden[members] = _protected(part, cells.iloc[members], target[members], hidden[members])
    return hidden


def alike(cells: pd.DataFrame, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Smallest and largest count that is rounded like that of each cell; the count itself where none is rounded."""
    base = cells.rundung.to_numpy(int)
    low, high = from_rounded(rounded(counts, base), base)
    return np.where(base > 0, low, counts), np.where(base > 0, high, counts)


def wanted(cells: pd.DataFrame, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Smallest and largest count that must stay possible of a forbidden cell that is rounded.

    Returns
    -------
    tuple
        Both; and whether an earlier report rounded the same count to another multiple: as both together tell more than
        each, it is to be withheld, and what must stay possible is what the rule wants of withheld counts.
    """
    low, high = alike(cells, counts)
    least, most = cells.mindestens.to_numpy(float), cells.hoechstens.to_numpy(float)
    twice, room = (cells.rundung > 0).to_numpy() & ((low < least) | (high > most)), cells.kleinste.to_numpy(float)
    down, up = np.where(twice, counts - room, low), np.where(twice, counts + room, high)
    return np.maximum(down, least), np.minimum(up, most), twice


def _protected(s: Zellensystem, cells: pd.DataFrame, target: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    fixed = cells.fest.to_numpy(bool)  # a zero that is rounded is no zero that everybody sees
    try:
        counts = possible(s)
    except InputError:  # no counts agree with what the source keeps secret: nothing can be said of the rest
        return hidden | ~fixed
    base = cells.rundung.to_numpy(int)
    rounds = (base > 0) & ~fixed & ~cells.groesse.isin(EINWOHNERZAHLEN).to_numpy() & (cells.ebene != "kreis").to_numpy()
    low, high = alike(cells, counts)
    least, most = cells.mindestens.to_numpy(float), cells.hoechstens.to_numpy(float)
    down, up, twice = wanted(cells, counts)
    hidden = hidden | (target & twice)
    rounding = np.minimum(counts - low, counts - least), np.minimum(high - counts, most - counts)
    task = Aufgabe(
        s, counts, target, fixed, np.where(target, counts - down, 0), np.where(target, up - counts, 0),
        np.zeros(len(counts)), cells.gewicht.to_numpy(float), counts - least, most - counts,
    )  # fmt: skip
    told = fixed & (cells.ebene != "kreis").to_numpy() & ~base_of(cells.groesse).isin(EINWOHNERZAHLEN).to_numpy()
    if told.any() or (least > 0).any() or np.isfinite(most).any():  # what earlier reports told cannot be protected
        wished, task = task, reachable(task)
        hidden = hidden | (task.unten < wished.unten) | (task.oben < wished.oben)
    while True:
        now = replace(
            task, tiefer=np.where(hidden, task.tiefer, rounding[0]), hoeher=np.where(hidden, task.hoeher, rounding[1])
        )
        left = unprotected(now, hidden | rounds)
        if not left:
            return hidden
        more = hidden.copy()
        more[[cell for cell, *_ in left]] = True
        if (more == hidden).all():
            for demand in left:
                more[_beside(task, now, *demand)] = True
        if (more == hidden).all():
            return hidden | ~fixed
        hidden = more


def _beside(a: Aufgabe, now: Aufgabe, cell: int, way: int, need: float) -> np.ndarray:
    """Cells that move further than what is shown of them allows, at the least cost, when one moves far enough."""
    from scipy.optimize import linprog

    usable = np.flatnonzero(~a.fest)
    (low, high), (shown_low, shown_high) = a.spiel(usable), now.spiel(usable)
    matrix, count = a.s.gleichungen[touched(a.s, usable)][:, usable], len(usable)
    low, high, place = low.copy(), high.copy(), int(np.searchsorted(usable, cell))
    low[place], high[place] = (max(need, low[place]), high[place]) if way > 0 else (low[place], min(-need, high[place]))
    one, none = sparse.identity(count), sparse.csr_matrix((matrix.shape[0], count))
    limited_up, limited_down = np.isfinite(shown_high), np.isfinite(shown_low)
    beyond = [
        sparse.hstack([one, -one], format="csr")[limited_up],
        sparse.hstack([-one, -one], format="csr")[limited_down],
    ]
    solved = linprog(
        np.r_[np.zeros(count), a.gewicht[usable]],
        A_ub=sparse.vstack(beyond),
        b_ub=np.r_[shown_high[limited_up], -shown_low[limited_down]],
        A_eq=sparse.hstack([matrix, none], format="csr"),
        b_eq=np.zeros(matrix.shape[0]),
        bounds=np.column_stack([np.r_[low, np.zeros(count)], np.r_[high, np.full(count, np.inf)]]),
        method="highs",
    )  # fmt: skip
    return usable[solved.x[count:] > GENAU] if solved.x is not None else usable[:0]
