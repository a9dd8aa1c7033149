"""How values of a survey stand in tables and sentences: shares, intervals, numbers of answers, signs, the source."""

import math

import pandas as pd

from analysis import tables
from analysis.befragungsprofil import Befragungsprofil
from analysis.survey.reliability import GEHEIM, UNSICHER
from analysis.wording import NBSP, zahl

RAENDER = {"altersgruppe": "Alter", "geschlecht": "Geschlecht", "raum": "Raum"}
"""Variables of the population as a report names them."""

SPALTEN_ANTEIL = [
    tables.Spalte("Anteil"),
    tables.Spalte("Schwankungsbereich (95 %)"),
    tables.Spalte("Antworten (n)"),
]


def quelle(p: Befragungsprofil) -> str:
    """Source line of every figure and table."""
    named = f"{p.befragung.titel}, Stand {p.befragung.angaben['feldzeit']['bis'].year}"
    return f"{named}; eigene Auswertung"


def anteil_text(row: pd.Series) -> str:
    """Share with its sign: `48,1 %`, `(48,1 %)`, `/`, `.`."""
    if row.grund:
        return str(row.zeichen)
    text = prozent(row.anteil)
    return f"({text})" if row.zeichen == UNSICHER else text


def prozent(anteil: float) -> str:
    """Share of 0..1 in per cent with one decimal."""
    return f"{zahl(anteil * 100, 1)}{NBSP}%"


def anzahl(n) -> str:
    """Number of answers; the sign of secrecy where it must not be shown."""
    return GEHEIM if pd.isna(n) else zahl(int(n))


def spanne(unten: float, oben: float) -> str:
    """Interval in per cent."""
    if math.isnan(unten) or math.isnan(oben):
        return "nicht berechenbar"
    return f"{zahl(unten * 100, 1)}{NBSP}bis {prozent(oben)}"


def zellen(row: pd.Series) -> list[str]:
    """Cells of `SPALTEN_ANTEIL` for a row of `tabulate` with signs."""
    if row.grund:
        return [anteil_text(row), "kein Wert", anzahl(row.n)]
    return [anteil_text(row), spanne(row.unten, row.oben), anzahl(row.n)]


def satzteil(row: pd.Series) -> str:
    """Share, interval and number of answers in a sentence: `48,1 % (44,0 bis 52,2 %; n = 531)`."""
    unsure = "unsicher; " if row.zeichen == UNSICHER else ""
    return f"{prozent(row.anteil)} ({unsure}{spanne(row.unten, row.oben)}; n{NBSP}={NBSP}{anzahl(row.n)})"


def ohne_zahl(row: pd.Series) -> str:
    """Why a sentence has no number."""
    if row.grund != "unsicher":
        return "keine Zahl. Sonst ließe sich auf einzelne Menschen schließen."
    return f"keine Zahl, zu wenige Antworten (n{NBSP}={NBSP}{anzahl(row.n)})."


def urteil(difference: pd.Series, hidden: bool) -> str:
    """What can be said of a difference, in a cell."""
    if hidden:
        return "kein Wert"
    if not difference.pruefbar:
        return "nicht prüfbar"
    return "Zufall möglich" if difference.zufall else "mehr als Zufall"


def personen(p: Befragungsprofil, n: int) -> str:
    """Number of respondents, unless it would speak of single ones."""
    return zahl(n) if n == 0 or n >= p.regel.kleinste else f"weniger als {p.regel.kleinste}"


def rand_text(what: str) -> str:
    """Margin of the weighting in German: `altersgruppe × geschlecht` as `Alter × Geschlecht`."""
    return " × ".join(RAENDER.get(n, n) for n in what.split(" × "))
