"""Several years of a small place in one value: sums of numerators and of denominators."""

import numpy as np
import pandas as pd

from analysis.catalogue import Bruch
from analysis.errors import InputError
from analysis.observations import grouped
from analysis.rates import INTERVALLE, NIVEAU
from analysis.regions import aenderungen

HINDERNISSE = ("luecke", "unbekannt", "bruch", "gebiet")
"""Why years are not pooled: one is missing, has no number, a declared break, a territorial change lies between."""


def pooled(
    werte: pd.DataFrame,
    jahre: int,
    brueche: dict[str, tuple[Bruch, ...]],
    neue_faelle: bool,
    art: str = "anteil",
    niveau: float = NIVEAU,
) -> pd.DataFrame:
    """Share or rate of several years together, never across a gap, a declared break or a territorial change.

    Parameters
    ----------
    werte
        One row per `ags`, `stichtag` (date), `indikator` with the counts `zaehler` and `nenner`.
    jahre
        Number of years to pool: 2 or more, each with the same day and month.
    brueche
        Declared breaks by indicator (`Indikator.brueche`); one without breaks has an empty entry.
    neue_faelle
        Whether each year counts other cases (births, school leavers, examined children). If not, mostly the same people
        are counted again every year (who receives a benefit on 31.12.): then the years together know hardly more than
        one, and the interval is that of the mean yearly counts.
    art
        `anteil` (Wilson) or `rate` (exact or Byar).

    Returns
    -------
    pandas.DataFrame
        One row per row of `werte`, as the last year of its pool: `ags`, `indikator`, `von`, `bis` (first and last day),
        `jahre`, `zaehler`, `nenner` (sums), `anteil`, `unten`, `oben`, `hindernis`: one of `HINDERNISSE` where there is
        no value, else empty.

    Raises
    ------
    InputError
        Fewer than 2 years, a row twice, an indicator without entry in `brueche`, an unknown `art`.
    """
    _check(werte, jahre, brueche, art)
    days = pd.to_datetime(werte.stichtag)
    rows = werte[["ags", "indikator", "zaehler", "nenner"]].assign(tag=100 * days.dt.month + days.dt.day)
    series, _ = grouped(rows, ["ags", "indikator", "tag"])
    order = np.lexsort([days, series])
    sums, complete = _sums(
        rows[["zaehler", "nenner"]].to_numpy(float)[order], series[order], days.dt.year.to_numpy()[order], jahre
    )
    result = rows[["ags", "indikator"]].assign(
        von=werte.stichtag.map(_earlier(werte.stichtag.unique(), jahre - 1)), bis=werte.stichtag, jahre=jahre
    )
    back = np.argsort(order)
    sums, complete = sums[back], complete[back]
    obstacles = [~complete, np.isnan(sums).any(axis=1), _break(result, brueche), _territorial(result)]
    hindernis = np.select(obstacles, HINDERNISSE, default="")
    zaehler, nenner = np.where(hindernis == "", sums.T, np.nan)
    part = 1 if neue_faelle else jahre
    unten, oben = INTERVALLE[art](zaehler / part, nenner / part, niveau)
    anteil = zaehler / np.where(nenner > 0, nenner, np.nan)
    return result.assign(
        zaehler=zaehler, nenner=nenner, anteil=anteil, unten=unten, oben=oben, hindernis=hindernis
    ).reset_index(drop=True)


def _sums(counts: np.ndarray, series: np.ndarray, year: np.ndarray, jahre: int) -> tuple[np.ndarray, np.ndarray]:
    """Sums over the years up to each row, and whether all are there, for rows sorted by series and year."""
    sums, complete = np.full(counts.shape, np.nan), np.zeros(len(counts), bool)
    if len(counts) >= jahre:
        sums[jahre - 1 :] = sum(counts[jahre - 1 - lag : len(counts) - lag] for lag in range(jahre))
        first, last = slice(None, len(counts) - jahre + 1), slice(jahre - 1, None)
        complete[jahre - 1 :] = (series[first] == series[last]) & (year[last] - year[first] == jahre - 1)
    return sums, complete


def _earlier(days: np.ndarray, years: int) -> dict:
    """Each day and the one so many years before."""
    return dict(zip(days, (pd.to_datetime(pd.Series(days)) - pd.DateOffset(years=years)).dt.date, strict=True))


def _break(result: pd.DataFrame, brueche: dict[str, tuple[Bruch, ...]]) -> np.ndarray:
    dates = [(indikator, b.datum) for indikator in result.indikator.unique() for b in brueche[indikator]]
    return _between(result, result.indikator, dates)


def _territorial(result: pd.DataFrame) -> np.ndarray:
    dates = {(ags, a.datum) for a in aenderungen() for ags in (a.von, a.nach)}
    return _between(result, result.ags, sorted(dates))


def _between(result: pd.DataFrame, names: pd.Series, dates: list) -> np.ndarray:
    """Whether one of a row's dates lies after its first day, up to its last."""
    found = np.zeros(len(result), bool)
    for name, date in dates:
        found |= ((names == name) & (result.von < date) & (result.bis >= date)).to_numpy()
    return found


def _check(werte: pd.DataFrame, jahre: int, brueche: dict, art: str) -> None:
    if jahre < 2:
        raise InputError(f"pooled years: {jahre!r}; expected 2 or more")
    if art not in INTERVALLE:
        raise InputError(f"pooled years: art={art!r}; expected {' or '.join(INTERVALLE)}")
    unknown = sorted(set(werte.indikator) - set(brueche))
    if unknown:
        raise InputError(f"pooled years: no list of breaks for {unknown[0]}; expected one, empty if it has none")
    twice = werte.duplicated(["ags", "stichtag", "indikator"])
    if twice.any():
        row = werte[twice].iloc[0]
        raise InputError(f"pooled years: {row.ags}, {row.stichtag}, {row.indikator} stands twice")
