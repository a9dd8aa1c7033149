"""Counts of small areas rounded instead of withheld: what is shown, and where rounding alone gives no protection."""

import numpy as np
import pandas as pd

from analysis.catalogue import Katalog
from analysis.disclosure.pruefung import components, from_rounded
from analysis.disclosure.regeln import rounded
from analysis.disclosure.schutz import Aufgabe, possible, touched, unprotected
from analysis.disclosure.tabelle import Zellensystem
from analysis.errors import InputError
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


def _protected(s: Zellensystem, cells: pd.DataFrame, target: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    fixed = cells.fest.to_numpy(bool)  # a zero that is rounded is no zero that everybody sees
    try:
        counts = possible(s)
    except InputError:  # no counts agree with what the source keeps secret: nothing can be said of the rest
        return hidden | ~fixed
    base = cells.rundung.to_numpy(int)
    rounds = (base > 0) & ~cells.groesse.isin(EINWOHNERZAHLEN).to_numpy() & (cells.ebene != "kreis").to_numpy()
    low, high = from_rounded(rounded(counts, base), base)
    down, up = np.where(target, counts - low, 0), np.where(target, high - counts, 0)
    while True:
        open_cells = hidden | rounds
        task = Aufgabe(
            s, counts, target, fixed, down, up, np.zeros(len(counts)), np.ones(len(counts)),
            np.where(hidden, counts, counts - low), np.where(hidden, np.inf, high - counts),
        )  # fmt: skip
        left = np.unique([cell for cell, _, _ in unprotected(task, open_cells)]).astype(int)
        if len(left) == 0:
            return hidden
        more = hidden.copy()
        more[left] = True
        if (more == hidden).all():
            more[_beside(s, left, hidden | fixed, cells.gewicht.to_numpy(float))] = True
        if (more == hidden).all():
            return hidden | ~fixed
        hidden = more


def _beside(s: Zellensystem, left: np.ndarray, taken: np.ndarray, weight: np.ndarray) -> list[int]:
    """Cheapest cell of the shortest sum of each cell that withholding it alone does not protect."""
    pattern = abs(s.gleichungen).tocsr()
    found = []
    for cell in left:
        lines = touched(s, np.array([cell]))
        for line in lines[np.argsort(np.diff(pattern.indptr)[lines], kind="stable")]:
            members = pattern.indices[pattern.indptr[line] : pattern.indptr[line + 1]]
            free = members[~taken[members]]
            if len(free):
                found.append(int(free[np.argmin(weight[free])]))
                break
    return found
