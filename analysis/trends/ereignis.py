"""Interrupted time series: how level and course of a series changed at a declared event."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.trends.brueche import segment_around
from analysis.trends.reihen import Reihen, by_length, numbered

MINDESTENS = 5
"""Points needed on both sides of the event."""

FEHLER = ("groesserer", "newey_west", "ols")
"""Standard errors: Newey-West, ordinary, or for each coefficient the larger of both."""

TAGE_JE_JAHR = 365.2425

KOEFFIZIENTEN = ("niveau_vorher", "steigung_vorher", "niveausprung", "steigungsaenderung")

COLUMNS = [
    *("ags", "indikator", "ereignis", "punkte_vorher", "punkte_nachher", "grund"),
    *("niveausprung", "niveausprung_unten", "niveausprung_oben", "niveausprung_p", "steigung_vorher"),
    *("steigungsaenderung", "steigungsaenderung_unten", "steigungsaenderung_oben", "steigungsaenderung_p"),
]


@dataclass(frozen=True)
class Unterbrechung:
    """Coefficients (`KOEFFIZIENTEN`), standard errors and p, each series × 4, and the degrees of freedom."""

    koeffizienten: np.ndarray
    se: np.ndarray
    p: np.ndarray
    freiheitsgrade: int


def newey_west_lags(punkte: int) -> int:
    """Lags of the Newey-West errors: the whole part of 4 (n/100)^(2/9) (Newey, West 1994)."""
    return int(4 * (punkte / 100) ** (2 / 9))


def interrupted(werte: np.ndarray, jahre: np.ndarray, fehler: str = "groesserer") -> Unterbrechung:
    """Segmented regression of series of equal length: y = a + b t + c D + d t D.

    Parameters
    ----------
    werte, jahre
        Values and times in years since the event (0 and more is after it, D = 1), series × points in the order of time.
    fehler
        `ols`; `newey_west` with Bartlett weights, `newey_west_lags` and the factor n/(n - 4), equal to R
        `sandwich::NeweyWest(lag, prewhite = FALSE, adjust = TRUE)`; or `groesserer`: short series make Newey-West
        errors too small, neighbouring years that resemble each other make the ordinary ones too small.

    Returns
    -------
    Unterbrechung
        c is the change of level at the event, d that of the slope per year; p from Student's t with n - 4 degrees of
        freedom. p is NaN where the model meets the values exactly.

    Notes
    -----
    Wagner et al. (2002), Journal of Clinical Pharmacy and Therapeutics 27, 299-309.
    """
    from scipy.special import stdtr

    if fehler not in FEHLER:
        raise InputError(f"interrupted series: fehler={fehler!r}; expected one of {', '.join(FEHLER)}")
    y, t = np.asarray(werte, float), np.asarray(jahre, float)
    n = y.shape[1]
    after = (t >= 0).astype(float)
    counts = after.sum(axis=1)
    if n and (np.minimum(counts, n - counts) < 2).any():
        raise InputError("interrupted series: fewer than 2 points on one side of the event")
    design = np.stack([np.ones_like(t), t, after, t * after], axis=2)
    bread = np.linalg.inv(design.transpose(0, 2, 1) @ design)
    beta = (bread @ (design.transpose(0, 2, 1) @ y[:, :, None]))[:, :, 0]
    rest = y - (design @ beta[:, :, None])[:, :, 0]
    rest = np.where(np.abs(rest) > 1e-12 * np.abs(y).max(axis=1, keepdims=True), rest, 0)
    ordinary = bread * ((rest**2).sum(axis=1) / (n - 4))[:, None, None]
    robust = bread @ _meat(design * rest[:, :, None], newey_west_lags(n)) @ bread * (n / (n - 4))
    errors = {"ols": _diagonal(ordinary), "newey_west": _diagonal(robust)}
    errors["groesserer"] = np.maximum(errors["ols"], errors["newey_west"])
    se = np.sqrt(errors[fehler])
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(se > 0, 2 * stdtr(n - 4, -np.abs(beta / se)), np.nan)
    return Unterbrechung(beta, se, p, n - 4)


def event_effects(
    werte: pd.DataFrame, ereignis: dt.date, brueche: pd.DataFrame, fehler: str = "groesserer"
) -> pd.DataFrame:
    """Change of level and slope of every series at one event.

    Only the years between the neighbouring declared breaks are used, on the day of the year of the newest of them; a
    break on the day of the event itself is the event. A value dated on that day belongs after it.

    Parameters
    ----------
    werte
        Long table with `ags`, `stichtag`, `indikator`, `anteil`.
    ereignis
        Day of the event, known from outside: where it was looked for in the same series, p means nothing.
    brueche
        Declared breaks with `ags`, `indikator`, `datum`.
    fehler
        One of `FEHLER`.

    Returns
    -------
    pandas.DataFrame
        One row per series, with points on both sides; `niveausprung` (share) and `steigungsaenderung` (share per year)
        with 95 % interval and p. With fewer than `MINDESTENS` points on a side `grund` is `zu_wenige` and the figures
        are NaN. The estimate assumes that the old course would have gone on; other changes of the same year are
        not told apart.
    """
    from scipy.special import stdtrit

    if not isinstance(ereignis, dt.date):
        raise InputError(f"interrupted series: event {ereignis!r}; expected a date")
    day = np.datetime64(ereignis, "D").astype(int)
    other = brueche[pd.to_datetime(brueche.datum).dt.date != ereignis] if len(brueche) else brueche
    reihen = numbered(werte)
    anteil = werte.anteil.to_numpy(float)
    rows = _around(reihen, np.isfinite(anteil), day, other)
    later = rows & (reihen.tag >= day)
    table = reihen.schluessel.assign(
        ereignis=ereignis,
        punkte_vorher=np.bincount(reihen.reihe[rows & ~later], minlength=len(reihen)),
        punkte_nachher=np.bincount(reihen.reihe[later], minlength=len(reihen)),
    )
    enough = (table[["punkte_vorher", "punkte_nachher"]].min(axis=1) >= MINDESTENS).to_numpy()
    table["grund"] = np.where(enough, "", "zu_wenige")
    table = table.assign(**dict.fromkeys(COLUMNS[6:], np.nan))
    for series, at in by_length(reihen, rows & enough[reihen.reihe], 2 * MINDESTENS):
        found = interrupted(anteil[at], (reihen.tag[at] - day) / TAGE_JE_JAHR, fehler)
        width = stdtrit(found.freiheitsgrade, 0.975) * found.se
        table.loc[series, "steigung_vorher"] = found.koeffizienten[:, 1]
        for place, name in ((2, "niveausprung"), (3, "steigungsaenderung")):
            value = found.koeffizienten[:, place]
            columns = {"": value, "_unten": value - width[:, place], "_oben": value + width[:, place]}
            for suffix, figures in {**columns, "_p": found.p[:, place]}.items():
                table.loc[series, name + suffix] = figures
    return table[COLUMNS]


def _around(reihen: Reihen, known: np.ndarray, day: int, brueche: pd.DataFrame) -> np.ndarray:
    """Rows of the segment in which the day lies, on the day of the year of its newest value."""
    begin, end = segment_around(reihen, np.full(len(reihen), day), brueche)
    inside = known & (reihen.tag >= begin[reihen.reihe]) & (reihen.tag < end[reihen.reihe])
    return inside & (reihen.stelle == reihen.stelle[reihen.newest(inside)][reihen.reihe])


def _meat(scores: np.ndarray, lags: int) -> np.ndarray:
    """Sum of the products of the scores of neighbouring points with Bartlett weights, series × 4 × 4."""
    total = scores.transpose(0, 2, 1) @ scores
    for lag in range(1, lags + 1):
        shifted = scores[:, lag:].transpose(0, 2, 1) @ scores[:, :-lag]
        total = total + (1 - lag / (lags + 1)) * (shifted + shifted.transpose(0, 2, 1))
    return total


def _diagonal(matrices: np.ndarray) -> np.ndarray:
    return np.maximum(np.diagonal(matrices, axis1=1, axis2=2), 0)
