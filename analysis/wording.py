"""How numbers, dates and findings are said in German: rounding half up, decimal comma, no-break spaces."""

import datetime as dt
import math
from decimal import ROUND_HALF_UP, Context, Decimal
from numbers import Integral

from analysis.catalogue import FAKTOR, Indikator

NBSP = "\u00a0"
MINUS = "\u2212"

_MONATE = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"
_ORDINAL = " zweit dritt viert fünft sechst siebt acht neunt zehnt elft zwölft dreizehnt vierzehnt fünfzehnt"


def zahl(wert: float, stellen: int = 0) -> str:
    """Number in German: 89393 → `89.393`, 7.05 with one digit → `7,1` (half up), -3 → `−3`; NaN → empty.

    The value is taken at twelve significant digits (fifteen from 1,000,000,000 on), so that 0.285 counts as written
    and not as its nearest binary fraction; a whole number as it is.

    Raises
    ------
    ValueError
        The value is infinite.
    """
    if wert is None or math.isnan(wert):
        return ""
    if math.isinf(wert):
        raise ValueError(f"{wert} is no number that a reader can use; expected a finite one")
    if isinstance(wert, Integral):
        return _german(Decimal(int(wert)), stellen)
    return _german(Decimal(f"{wert:.{12 if abs(wert) < 1e9 else 15}g}"), stellen)


def einheit_text(einheit: str) -> str:
    """Unit as it stands behind a number: `%`, `je 100`, `je 1.000`, `€`, `Personen`."""
    return {
        "prozent": "%",
        "je_100": "je 100",
        "je_1000": "je 1.000",
        "je_100000": "je 100.000",
        "eur": "€",
        "personen": "Personen",
        "anzahl": "Anzahl",
    }[einheit]


def wert(anteil: float, indikator: Indikator, einheit: bool = True) -> str:
    """Share of 0..1, or amount, in the unit of its indicator: 0.071 → `7,1 %`, 24310 → `24.310 €`; NaN → empty."""
    if anteil is None or math.isnan(anteil):
        return ""
    text = _german(Decimal(f"{anteil:.12g}") * FAKTOR[indikator.einheit], indikator.stellen)
    return f"{text}{NBSP}{einheit_text(indikator.einheit).replace(' ', NBSP)}" if einheit else text


def knickjahr(jahr: float, unten: float, oben: float) -> str:
    """Year in which a slope changes, with its interval in whole years: `2013 (2012 bis 2015)`."""
    return f"{math.floor(jahr + 0.5)} ({math.floor(unten)} bis {math.ceil(oben)})"


def spanne(unten: float, oben: float, indikator: Indikator) -> str:
    """Range with its unit once: `13,6 bis 14,1 %`; empty where one end is unknown."""
    if math.isnan(unten) or math.isnan(oben):
        return ""
    return f"{wert(unten, indikator, einheit=False)}{NBSP}bis {wert(oben, indikator)}"


def intervalltext(row, indikator: Indikator) -> str:
    """Interval of a value (`unten`, `oben`, `intervall` of `indicators.compute`) in words, or that there is none."""
    if not row.intervall:
        return "nicht berechenbar"
    text = spanne(row.unten, row.oben, indikator)
    return f"rund {text}" if row.intervall == "naeherung" else text


def unterschied(anteil: float, indikator: Indikator, mehr_stellen: int = 0, einheit: bool = True) -> str:
    """Difference of two values in the indicator's unit, with its sign: 0.004 → `+0,4 Prozentpunkte`; NaN → empty.

    `mehr_stellen` are digits beyond those of the values.
    """
    if math.isnan(anteil):
        return ""
    number = Decimal(f"{anteil:.12g}") * FAKTOR[indikator.einheit]
    text = _german(number, indikator.stellen + mehr_stellen)
    text = f"+{text}" if number > 0 and any(c in "123456789" for c in text) else text
    unit = "Prozentpunkte" if indikator.einheit == "prozent" else einheit_text(indikator.einheit).replace(" ", NBSP)
    return f"{text}{NBSP}{unit}" if einheit else text


def von_hundert(anteil: float) -> str:
    """Share in words: 0.138 → `etwa 14 von 100`; near the ends `weniger als 1 von 100`, `fast alle`."""
    hundert = int(Decimal(f"{anteil * 100:.12g}").quantize(Decimal(1), ROUND_HALF_UP))
    if hundert < 1:
        return f"weniger als 1 von{NBSP}100"
    if hundert >= 100:
        return "fast alle"
    return f"etwa {hundert} von{NBSP}100"


def datum(tag: dt.date) -> str:
    """Date in German: `31.12.2019`."""
    return f"{tag:%d.%m.%Y}"


def stand(stichtag: dt.date, regel: str) -> str:
    """Reference date as its rule says it: `31.12.2019`, `Dezember 2018`, `Jahresdurchschnitt 2019` and so on."""
    jahr = stichtag.year
    return {
        "31.12.": datum(stichtag),
        "tag": datum(stichtag),
        "quartal": datum(stichtag),
        "dezember": f"Dezember{NBSP}{jahr}",
        "monat": f"{_MONATE.split()[stichtag.month - 1]}{NBSP}{jahr}",
        "jahresdurchschnitt": f"Jahresdurchschnitt{NBSP}{jahr}",
        "jahr": f"{jahr}",
        "schuljahr": f"Schuljahr{NBSP}{jahr - 1}/{jahr}",
    }[regel]


def rang(von_oben: int, von_unten: int) -> str:
    """Rank from the nearer end: (1, 15) → `höchste`, (3, 13) → `dritthöchste`, (15, 1) → `niedrigste`.

    Both ranks are given because with equal values they do not add up: of 5, 5, 7 both fives are the lowest.
    """
    ende, stelle = ("höchste", von_oben) if von_oben <= von_unten else ("niedrigste", von_unten)
    words = _ORDINAL.split(" ")
    return words[stelle - 1] + ende if stelle <= len(words) else f"{stelle}.-{ende}"


def aufzaehlung(teile: list[str]) -> str:
    """List in a sentence: `a`, `a und b`, `a, b und c`."""
    return " und ".join([", ".join(teile[:-1]), teile[-1]] if len(teile) > 1 else teile)


def _german(number: Decimal, stellen: int) -> str:
    rounded = number.quantize(Decimal(1).scaleb(-stellen), ROUND_HALF_UP, Context(prec=400))
    text = f"{abs(rounded):,.{stellen}f}".translate(str.maketrans(",.", ".,"))
    return f"{MINUS}{text}" if rounded < 0 else text
