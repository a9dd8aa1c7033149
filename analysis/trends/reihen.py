"""Series: the values of one indicator in one area, and which of them belong together."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import InputError

SCHLUESSEL = ["ags", "indikator"]
"""What makes a series."""


@dataclass(frozen=True)
class Reihen:
    """The rows of a long table, numbered by series.

    `schluessel` has one row per series (`ags`, `indikator`, sorted); `reihe`, `tag` (days since 1970), `jahr` and
    `stelle` (month and day as a number; the end of February is one day in every year) have one entry per row.
    """

    schluessel: pd.DataFrame
    reihe: np.ndarray
    tag: np.ndarray
    jahr: np.ndarray
    stelle: np.ndarray

    def __len__(self) -> int:
        return len(self.schluessel)

    def newest(self, known: np.ndarray) -> np.ndarray:
        """Number of the newest of the `known` rows of each series; -1 where there is none."""
        rows = np.flatnonzero(known)
        order = rows[np.argsort(self.tag[rows], kind="stable")]
        newest = np.full(len(self), -1)
        newest[self.reihe[order]] = order
        return newest


def numbered(werte: pd.DataFrame, needed: tuple[str, ...] = ("anteil",)) -> Reihen:
    """Number the series of a long table of values.

    Parameters
    ----------
    werte
        Long table with `ags`, `stichtag`, `indikator` and the columns `needed`; any order.

    Raises
    ------
    InputError
        A column is missing, a reference date is none, a value is infinite, or a series has two values on one day.
    """
    missing = [c for c in ("ags", "stichtag", "indikator", *needed) if c not in werte]
    if missing:
        raise InputError(f"series: the table of values has no column {missing[0]!r} (it has {', '.join(werte)})")
    ags, areas = pd.factorize(werte.ags, sort=True)
    indikator, ids = pd.factorize(werte.indikator, sort=True)
    if (ags < 0).any() or (indikator < 0).any():
        raise InputError(f"series: row {int(np.argmax((ags < 0) | (indikator < 0)))} names no area or no indicator")
    reihe, series = pd.factorize(ags.astype(np.int64) * max(len(ids), 1) + indikator, sort=True)
    day, days = pd.factorize(werte.stichtag)
    dates = _dates(days)
    if (day < 0).any():
        raise InputError(f"series: {_row(werte, np.argmax(day < 0))} has no reference date")
    reihen = Reihen(
        schluessel=pd.DataFrame({"ags": areas.take(series // len(ids)), "indikator": ids.take(series % len(ids))})
        if len(ids)
        else pd.DataFrame({"ags": [], "indikator": []}, dtype=object),
        reihe=reihe,
        tag=dates.values.astype("datetime64[D]").astype(np.int64)[day],
        jahr=dates.year.to_numpy()[day],
        stelle=_stelle(dates)[day],
    )
    twice = pd.Series(reihe * 2**21 + reihen.tag).duplicated().to_numpy()
    if twice.any():
        raise InputError(f"series: {_row(werte, np.argmax(twice))} stands twice; expected one value per day")
    return reihen


def last_rows(reihen: Reihen, known: np.ndarray, ab_tag: np.ndarray) -> np.ndarray:
    """Rows that may be compared with the newest value of their series: same day of the year, not before a break.

    Parameters
    ----------
    known
        Rows that have a value.
    ab_tag
        Day since which each series is comparable (`brueche.last_break`).

    Returns
    -------
    numpy.ndarray
        True for the rows; at most one per series and year.
    """
    newest = reihen.newest(known)
    same_day = reihen.stelle == reihen.stelle[newest][reihen.reihe]
    return known & same_day & (reihen.tag >= ab_tag[reihen.reihe])


PORTION = 2000
"""Series that are computed together at most."""


def by_length(reihen: Reihen, rows: np.ndarray, shortest: int, longest: int | None = None):
    """Series of equal length together: yields (numbers of the series, rows of the table as series × points by day).

    Shorter series than `shortest` are left out; of longer ones than `longest` the newest points are taken.
    """
    chosen = np.flatnonzero(rows)
    chosen = chosen[np.lexsort((reihen.tag[chosen], reihen.reihe[chosen]))]
    lengths = np.bincount(reihen.reihe[chosen], minlength=len(reihen))
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]) if len(lengths) else lengths
    if longest is not None:
        starts, lengths = starts + np.maximum(lengths - longest, 0), np.minimum(lengths, longest)
    for length in np.unique(lengths[lengths >= shortest]):
        together = np.flatnonzero(lengths == length)
        for begin in range(0, len(together), PORTION):
            series = together[begin : begin + PORTION]
            yield series, chosen[starts[series][:, None] + np.arange(length)]


def dates_of(tage: np.ndarray) -> np.ndarray:
    """Days since 1970 as `datetime.date`; None where negative infinity or missing."""
    tage = np.asarray(tage, float)
    known = np.isfinite(tage)
    dates = np.full(tage.shape, None, dtype=object)
    distinct, place = np.unique(tage[known].astype(np.int64), return_inverse=True)
    dates[known] = distinct.astype("datetime64[D]").astype(object)[place]
    return dates


def _dates(days) -> pd.DatetimeIndex:
    try:
        return pd.DatetimeIndex(pd.to_datetime(days))
    except (TypeError, ValueError) as error:
        raise InputError(f"series: the column stichtag holds what is no date ({error})") from error


def _stelle(dates: pd.DatetimeIndex) -> np.ndarray:
    stelle = dates.month.to_numpy() * 100 + dates.day.to_numpy()
    return np.where(stelle == 229, 228, stelle)


def _row(werte: pd.DataFrame, row) -> str:
    entry = werte.iloc[int(row)]
    return f"indicator {entry.indikator!r} of {entry.ags!r} at {entry.stichtag}"
