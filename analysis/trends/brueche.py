"""Declared breaks: dates across which a series is never compared, and why."""

import datetime as dt

import numpy as np
import pandas as pd

from analysis import regions
from analysis.catalogue import Katalog
from analysis.errors import InputError
from analysis.trends.reihen import SCHLUESSEL, Reihen, numbered

COLUMNS = [*SCHLUESSEL, "datum", "grund", "art"]

_SPAN, _SHIFT = 2**22, 2**21


def declared(
    werte: pd.DataFrame,
    katalog: Katalog,
    aenderungen: tuple[regions.Aenderung, ...] | None = None,
    weitere: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Declared breaks of every series: those of its indicator and the territorial changes of its Kreis.

    Parameters
    ----------
    werte
        Long table with `ags` and `indikator`.
    katalog
        Its indicators carry their breaks (`Indikator.brueche`).
    aenderungen
        Territorial changes; all of `regions.aenderungen` where not given. Give `()` for series that
        were carried over to one Gebietsstand.
    weitere
        Further breaks of areas (`ags`, `datum`, `grund`), as `raumwerte.wechsel` gives them.

    Returns
    -------
    pandas.DataFrame
        `ags`, `indikator`, `datum`, `grund`, `art` (always `erklaert`), by series and date. A territorial change is a
        break for both Kreise and for everything inside them (Gemeinde, Ortsteil, Planungsraum), not for the Land.
        An average of a year in which a break lies belongs neither to the years before nor to those after it: the next
        1 January is a break too.

    Raises
    ------
    InputError
        An indicator is not in the catalogue.
    """
    series = werte[SCHLUESSEL].drop_duplicates()
    of_indicators = pd.DataFrame(
        [(i, b.datum, b.grund) for i in series.indikator.unique() for b in katalog.indikator(i).brueche],
        columns=["indikator", "datum", "grund"],
    )
    changes = regions.aenderungen() if aenderungen is None else aenderungen
    of_kreise = pd.DataFrame(
        [(kreis, c.datum, c.anlass) for c in changes for kreis in dict.fromkeys((c.von, c.nach))],
        columns=["kreis", "datum", "grund"],
    )
    found = pd.concat(
        [
            series.merge(of_indicators, on="indikator"),
            series.assign(kreis=series.ags.str[:5]).merge(of_kreise, on="kreis").drop(columns="kreis"),
            *([] if weitere is None else [series.merge(weitere, on="ags")]),
        ]
    )
    found = pd.concat([found, _after_mixed_averages(found, katalog)]).assign(art="erklaert").drop_duplicates()
    return found.sort_values([*SCHLUESSEL, "datum", "grund"], ignore_index=True)[COLUMNS]


def _after_mixed_averages(brueche: pd.DataFrame, katalog: Katalog) -> pd.DataFrame:
    """Break at the end of each year whose average holds months before and after a break."""
    averaged = [i for i in brueche.indikator.unique() if katalog.indikator(i).stichtag == "jahresdurchschnitt"]
    within = brueche[brueche.indikator.isin(averaged)]
    within = within[np.array([(d.month, d.day) != (1, 1) for d in within.datum], bool)]
    return within.assign(
        datum=[dt.date(d.year + 1, 1, 1) for d in within.datum],
        grund=[f"Der Durchschnitt von {d.year} enthält Monate vor und nach dem {d:%d.%m.%Y}" for d in within.datum],
    )


def segments(werte: pd.DataFrame, brueche: pd.DataFrame) -> pd.Series:
    """Number of the part of its series that a value belongs to: 0 before the first break, one more after each.

    Parameters
    ----------
    werte
        Long table of values.
    brueche
        Breaks with `ags`, `indikator`, `datum`; other series' breaks are ignored. Two breaks on one day are one.

    Returns
    -------
    pandas.Series
        With the index of `werte`. A value dated on the day of a break belongs after it.
    """
    reihen = numbered(werte, ())
    keys = _keys(reihen.schluessel, brueche)
    first = np.searchsorted(keys, _key(np.arange(len(reihen)), -_SHIFT))
    number = np.searchsorted(keys, _key(reihen.reihe, reihen.tag), side="right") - first[reihen.reihe]
    return pd.Series(number, index=werte.index, name="segment")


def last_break(reihen: Reihen, newest_tag: np.ndarray, brueche: pd.DataFrame) -> np.ndarray:
    """Day of the last break of each series up to its newest value; a day before all days where there is none."""
    return segment_around(reihen, newest_tag, brueche)[0]


def segment_around(reihen: Reihen, tag: np.ndarray, brueche: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """First day of the segment in which a day of each series lies, and first day of the next segment.

    Parameters
    ----------
    tag
        One day per series, counted from 1970.
    """
    keys = _keys(reihen.schluessel, brueche)
    here = np.arange(len(reihen))
    place = np.searchsorted(keys, _key(here, tag), side="right")
    keys = np.concatenate([[-1], keys, [_key(len(reihen), 0)]])
    series, days = np.divmod(keys, _SPAN)
    begin = np.where(series[place] == here, days[place] - _SHIFT, -_SHIFT)
    end = np.where(series[place + 1] == here, days[place + 1] - _SHIFT, _SHIFT)
    return begin, end


def _key(reihe, tag) -> np.ndarray:
    """Series and day as one number that sorts by series, then day."""
    return np.asarray(reihe, np.int64) * _SPAN + np.asarray(tag, np.int64) + _SHIFT


def _keys(schluessel: pd.DataFrame, brueche: pd.DataFrame) -> np.ndarray:
    missing = [c for c in (*SCHLUESSEL, "datum") if c not in brueche]
    if missing:
        raise InputError(f"breaks: the table has no column {missing[0]!r}; expected {', '.join(COLUMNS)}")
    known = brueche[[*SCHLUESSEL, "datum"]].merge(schluessel.assign(reihe=np.arange(len(schluessel))), on=SCHLUESSEL)
    days = pd.to_datetime(known.datum).to_numpy().astype("datetime64[D]").astype(np.int64)
    return np.unique(_key(known.reihe, days))
