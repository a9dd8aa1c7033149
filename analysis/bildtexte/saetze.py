"""Sentences of alternative texts: joined as long as they fit, highest and lowest area, numbers of areas."""

import pandas as pd

from analysis.wording import NBSP, zahl

LAENGE = 400
"""Characters of an alternative text."""


def gekuerzt(saetze: list[str]) -> str:
    """Sentences in their order as long as they fit; one that does not fit is left out, the first always stays."""
    text = saetze[0]
    for satz in filter(None, saetze[1:]):
        if len(text) + 1 + len(satz) <= LAENGE:
            text = f"{text} {satz}"
    return text if len(text) <= LAENGE else f"{text[: LAENGE - 1].rstrip()}…"


def enden(table: pd.DataFrame, values: pd.Series, texts: pd.Series, begin: str = "") -> str:
    """Areas with the highest and the lowest value."""
    if table.empty:
        return ""
    high, low = values.idxmax(), values.idxmin()
    begin = f"{begin} a" if begin else "A"
    return f"{begin}m höchsten: {table.name[high]} ({texts[high]}), am niedrigsten: {table.name[low]} ({texts[low]})."


def gebiete(anzahl: int, dativ: bool = False) -> str:
    """Number of areas in words: `ein Gebiet`, `3 Gebiete`; after "bei" and "mit": `einem Gebiet`, `3 Gebieten`."""
    if anzahl == 1:
        return "einem Gebiet" if dativ else "ein Gebiet"
    return f"{anzahl} Gebiete{'n' if dativ else ''}"


def prozent(anteil: float) -> str:
    """Share in per cent with one decimal."""
    return f"{zahl(anteil * 100, 1)}{NBSP}%"
