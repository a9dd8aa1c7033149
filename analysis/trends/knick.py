"""Detected changes of slope: years in which the course of a series turns without a jump. A hint, never a reason."""

import numpy as np
import pandas as pd

from analysis.trends.detected import fewest, searched
from analysis.trends.knickgerade import Knicke, interval, meeting_lines
from analysis.trends.reihen import dates_of

PUNKTE_MINDESTENS = 12
"""Shortest series in which a change of slope is looked for."""

AEHNLICHKEIT = 1.3 / 0.7
"""Factor of the variance in intervals: neighbouring years may resemble each other (autocorrelation 0.3)."""

COLUMNS = [
    *("ags", "indikator", "von", "bis", "punkte", "nummer", "datum", "jahr", "jahr_unten", "jahr_oben"),
    *("steigung_vorher", "steigung_nachher", "bic_vorsprung"),
]


def slope_changes(werte: pd.DataFrame, brueche: pd.DataFrame) -> pd.DataFrame:
    """Changes of slope that the comparable years of each series suggest, after its last declared break.

    Parameters
    ----------
    werte
        Long table with `ags`, `stichtag`, `indikator`, `anteil`.
    brueche
        Declared breaks; only what follows the last one is searched.

    Returns
    -------
    pandas.DataFrame
        One row per change of the series that were searched (at least `PUNKTE_MINDESTENS` values, no year missing), and
        one with `nummer` 0 for a series without any: `von`, `bis`, `punkte` of the series; `datum` of the change;
        `jahr` with its 95 % interval (`interval` with `AEHNLICHKEIT`; 2016.5: half-way between the values of 2016 and
        2017); slopes per year before and after it; `bic_vorsprung` (BIC of one straight line minus BIC).

    Notes
    -----
    The fewest changes are taken that no larger number beats clearly (`detected.fewest`). That finds one in under 1 % of
    series (12 to 30 points) of a straight line with noise, and in about 4 % where the noise has an autocorrelation of
    0.3. Where a change is found, the interval holds the true place in 94 to 99 % (with autocorrelation 85 to 97 %).
    """
    anteil = werte.anteil.to_numpy(float)
    reihen, groups = searched(werte, brueche, PUNKTE_MINDESTENS)
    tables = []
    for series, rows in groups:
        lines = meeting_lines(anteil[rows])
        number = fewest(lines.bic)
        for m in np.unique(number):
            chosen = np.flatnonzero(number == m)
            keys, these = reihen.schluessel.iloc[series[chosen]], rows[chosen]
            tables.append(_rows(keys, anteil[these], reihen.tag[these], reihen.jahr[these[:, 0]], lines, chosen, m))
    found = pd.concat(tables) if tables else pd.DataFrame(columns=COLUMNS)
    return found.sort_values(["ags", "indikator", "nummer"], ignore_index=True)[COLUMNS]


def _rows(keys: pd.DataFrame, y, tage, erstes_jahr, lines: Knicke, chosen: np.ndarray, m: int) -> pd.DataFrame:
    """Rows of the series with m changes."""
    times = max(m, 1)
    table = keys.iloc[np.repeat(np.arange(len(keys)), times)].assign(
        von=dates_of(tage[:, 0]).repeat(times),
        bis=dates_of(tage[:, -1]).repeat(times),
        punkte=y.shape[1],
        nummer=np.tile(np.arange(m) + 1 if m else [0], len(keys)),
    )
    if not m:
        return table.assign(datum=None, **dict.fromkeys(COLUMNS[7:-1], np.nan), bic_vorsprung=0.0)
    places, slopes = lines.stellen[m][chosen], lines.steigungen[m][chosen]
    low, high = interval(y, places, AEHNLICHKEIT)
    first = erstes_jahr[:, None]
    return table.assign(
        datum=_days(tage, places).ravel(),
        jahr=(first + places).ravel(),
        jahr_unten=(first + low).ravel(),
        jahr_oben=(first + high).ravel(),
        steigung_vorher=slopes[:, :-1].ravel(),
        steigung_nachher=slopes[:, 1:].ravel(),
        bic_vorsprung=(lines.bic[chosen, 0] - lines.bic[chosen, m]).repeat(m),
    )


def _days(tage: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Dates at places between the points of a series, cut at its ends; series × changes."""
    n = tage.shape[1]
    at = np.clip(places, 0, n - 1)
    low = np.minimum(np.floor(at).astype(int), n - 2)
    before, after = (np.take_along_axis(tage, low + k, axis=1) for k in (0, 1))
    return dates_of(np.round(before + (at - low) * (after - before)))
