"""Classes of a map: their limits, colours and words."""

import numpy as np
import pandas as pd

from analysis.catalogue import FAKTOR, Indikator
from analysis.errors import InputError
from analysis.wording import NBSP, wert

STUFEN = ["#eae6f5", "#bdb3de", "#8f80c4", "#5f4aa6", "#321c8f"]
"""Colours from low to high; CIE lightness 92 to 22, so that a grey print keeps their order."""
_PALETTEN = {1: [2], 2: [1, 3], 3: [0, 2, 4], 4: [0, 1, 3, 4], 5: [0, 1, 2, 3, 4]}


def grenzen(anteile: pd.Series, indikator: Indikator, anzahl: int = 5) -> list[float]:
    """Inner limits of classes with about equally many values; each is a value that occurs, as a reader sees it.

    Limits that fall together are given once, so there may be fewer classes; equal values are never parted.

    Raises
    ------
    InputError
        More than five classes, whose colours could not be told apart in a grey print, or less than one.
    """
    if not 1 <= anzahl <= len(STUFEN):
        raise InputError(f"{anzahl} classes; expected 1 to {len(STUFEN)}")
    known = anteile.dropna()
    if known.empty:
        return []
    seen = _seen(known, indikator)
    limits = np.unique(np.quantile(seen, np.arange(1, anzahl) / anzahl, method="higher"))
    return [float(limit / _scale(indikator)) for limit in limits if limit > seen.min()]


def klasse(anteile: pd.Series, limits: list[float], indikator: Indikator) -> pd.Series:
    """Number of the class of each value as a reader sees it (rounded), from 0; -1 without a value.

    A value on a limit belongs to the upper class.
    """
    ends = np.asarray(limits, float) * _scale(indikator) - 1e-6
    found = np.searchsorted(ends, _seen(anteile, indikator), side="right")
    return pd.Series(np.where(anteile.isna(), -1, found), index=anteile.index)


def _scale(indikator: Indikator) -> float:
    return FAKTOR[indikator.einheit] * 10.0**indikator.stellen


def _seen(anteile: pd.Series, indikator: Indikator) -> np.ndarray:
    """Values in units of their last visible digit, half rounded up."""
    return np.floor(anteile.to_numpy(float) * _scale(indikator) + 0.5 + 1e-9)


def farben(limits: list[float]) -> list[str]:
    """Colour of each class.

    Raises
    ------
    InputError
        More than four limits, limits that do not ascend.
    """
    if len(limits) >= len(STUFEN) or (np.diff(limits) <= 0).any():
        raise InputError(f"limits of classes {limits}; expected at most {len(STUFEN) - 1}, ascending")
    return [STUFEN[n] for n in _PALETTEN[len(limits) + 1]]


def namen(limits: list[float], indikator: Indikator) -> list[str]:
    """Words of each class: `unter 5,0 %`, `5,0 bis unter 7,5 %`, `ab 7,5 %`."""
    if not limits:
        return ["alle mit Wert"]
    between = [
        f"{wert(a, indikator, einheit=False)} bis unter{NBSP}{wert(b, indikator)}"
        for a, b in zip(limits[:-1], limits[1:], strict=True)
    ]
    return [f"unter {wert(limits[0], indikator)}", *between, f"ab {wert(limits[-1], indikator)}"]
