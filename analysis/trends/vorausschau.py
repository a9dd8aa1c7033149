"""Looking ahead: a forecast with its interval where a series is long enough, else the range it had."""

import datetime as dt

import numpy as np
import pandas as pd

from analysis.catalogue import Katalog
from analysis.errors import InputError
from analysis.trends.brueche import last_break
from analysis.trends.exponential import best_fit
from analysis.trends.reihen import by_length, dates_of, last_rows, numbered

MINDESTENS = 10
"""Comparable points below which no forecast is made."""

JAHRE_HOECHSTENS = 5
"""Years that a forecast may reach."""

SKALA = {"verhaeltnis": "log", "rate": "log", "betrag": "log", "saldo": "wert"}
"""Kind of indicator → scale of the forecast: logarithm where values can exceed 1, the value itself where they can be
negative, else the logit."""

GRUENDE = {
    "": "",
    "zu_wenige": f"Für eine Vorausschau braucht es mindestens {MINDESTENS} vergleichbare Werte.",
    "fehlende_jahre": "In der Reihe fehlen Jahre.",
    "rand": "Ein Wert am Rand des Möglichen (wie 0 oder 100 %) lässt keine Vorausschau zu.",
    "konstant": "Die Werte sind alle gleich.",
    "nicht_angepasst": "Kein Modell passte zu der Reihe.",
}
"""Reason why there is only a range → a sentence for readers."""

COLUMNS = ["ags", "indikator", "art", "stichtag", "anteil", "unten", "oben", "modell", "punkte", "von", "bis", "grund"]


def outlook(
    werte: pd.DataFrame, katalog: Katalog, brueche: pd.DataFrame, jahre: int = 3, niveau: float = 0.95
) -> pd.DataFrame:
    """Forecast of every series from its values after the last declared break, or their range.

    The model is that of two with the smaller AICc: exponential smoothing of the level, ETS(A,N,N), or with a damped
    trend, ETS(A,Ad,N). It is fitted on the scale of `SKALA` (a share: the logit), so that forecast and interval are
    possible values. The forecast is the median; the interval uses Student's t with
    n - 2 or n - 5 degrees of freedom and holds only if things go on as before. Each series is fitted on its own: meant
    for the series of one report, not of all Kreise.

    Parameters
    ----------
    werte
        Long table with `ags`, `stichtag`, `indikator`, `anteil`.
    katalog
        Its `art` gives the scale.
    brueche
        Declared breaks; the forecast rests only on what follows the last.
    jahre
        Years ahead, 1 to 5.
    niveau
        Level of the intervals.

    Returns
    -------
    pandas.DataFrame
        `art` is `vorausschau` (one row per year ahead, `stichtag` its day) or `spanne` (one row: `anteil` the newest
        value, `unten` and `oben` the smallest and largest, `stichtag` None, `grund` one of `GRUENDE`). `punkte`, `von`,
        `bis` are the values it rests on. Series without a value are missing.
    """
    from scipy.special import stdtrit

    if jahre not in range(1, JAHRE_HOECHSTENS + 1):
        raise InputError(f"forecast: jahre={jahre!r}; expected 1 to {JAHRE_HOECHSTENS}")
    if not 0 < niveau < 1:
        raise InputError(f"forecast: niveau={niveau!r}; expected a number between 0 and 1, as 0.95")
    reihen = numbered(werte)
    anteil = werte.anteil.to_numpy(float)
    known = np.isfinite(anteil)
    newest = reihen.newest(known)
    since = last_break(reihen, np.where(newest < 0, 0, reihen.tag[newest]), brueche)
    entries = []
    for group, rows in by_length(reihen, last_rows(reihen, known, since), 1):
        for series, row in zip(group, rows, strict=True):
            y, years = anteil[row], reihen.jahr[row]
            key = reihen.schluessel.iloc[series]
            extent = (len(row), *dates_of(reihen.tag[row[[0, -1]]]))
            scale = SKALA.get(katalog.indikator(key.indikator).art, "logit")
            fitted, reason = _fitted(y, years, jahre, scale)
            if fitted is None:
                figures = [("spanne", None, y[-1], y.min(), y.max(), "")]
            else:
                half = stdtrit(fitted.freiheitsgrade, 0.5 + niveau / 2) * fitted.se
                bounds = [_back(fitted.punkt + sign * half, scale) for sign in (0, -1, 1)]
                days = [_years_later(extent[2], ahead) for ahead in range(1, jahre + 1)]
                figures = [("vorausschau", *f, fitted.modell) for f in zip(days, *bounds, strict=True)]
            entries += [(key.ags, key.indikator, *f, *extent, reason) for f in figures]
    order = ["ags", "indikator", "stichtag"]
    return pd.DataFrame(entries, columns=COLUMNS).sort_values(order, ignore_index=True)


def _fitted(y: np.ndarray, years: np.ndarray, jahre: int, scale: str) -> tuple:
    """Fitted model, or None and the reason."""
    if len(y) < MINDESTENS:
        return None, "zu_wenige"
    if years[-1] - years[0] != len(y) - 1:
        return None, "fehlende_jahre"
    if (scale != "wert" and (y <= 0).any()) or (scale == "logit" and (y >= 1).any()):
        return None, "rand"
    if np.ptp(y) == 0:
        return None, "konstant"
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = {"wert": y, "log": np.log(y), "logit": np.log(y / (1 - y))}[scale]
    fitted = best_fit(scaled, jahre)
    return fitted, "" if fitted else "nicht_angepasst"


def _back(scaled: np.ndarray, scale: str) -> np.ndarray:
    from scipy.special import expit

    return {"wert": np.asarray, "log": np.exp, "logit": expit}[scale](scaled)


def _years_later(day: dt.date, ahead: int) -> dt.date:
    """The same day of a later year; the end of February stays the end of February."""
    if (day.month, day.day) in ((2, 28), (2, 29)):
        return dt.date(day.year + ahead, 3, 1) - dt.timedelta(days=1)
    return day.replace(year=day.year + ahead)
