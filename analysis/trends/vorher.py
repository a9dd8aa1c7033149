"""What a series said before its last declared break: the newer years may be too few for a statement of their own."""

import numpy as np
import pandas as pd

from analysis.catalogue import Katalog
from analysis.trends.aussage import PUNKTE, statements
from analysis.trends.brueche import declared, last_break, segments
from analysis.trends.reihen import SCHLUESSEL, dates_of, numbered


def before_the_last_break(
    werte: pd.DataFrame, katalog: Katalog, *, punkte: int = PUNKTE, brueche: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Statement of the newest years before the last declared break of each series that are enough for a statement.

    Where breaks follow each other so closely that too few years lie between them, the years before them are told; where
    no years between two breaks are enough, the newest. The statement is made from the values on the day of the year of
    the newest value, as the statement on today; from all values where the series has none on that day before the break.

    Parameters
    ----------
    werte, katalog, punkte, brueche
        As in `aussage.statements`.

    Returns
    -------
    pandas.DataFrame
        As `aussage.statements` gives it, with `bruch` (day of the last break), `brueche` (days of all breaks between
        the last of these values and the first one after them) and `bruch_grund` (why, for all of them); only series
        with a break between their first and their newest value.
    """
    known = werte[werte.anteil.notna()]
    brueche = declared(known, katalog) if brueche is None else brueche
    older = _older(known, brueche, punkte)
    found = statements(older.drop(columns="bruch"), katalog, punkte=punkte, brueche=brueche)
    last = older.groupby(SCHLUESSEL, as_index=False).agg(letzter=("stichtag", "max"), bruch=("bruch", "last"))
    between = brueche.merge(last, on=SCHLUESSEL, validate="many_to_one").sort_values("datum", kind="stable")
    between = between[(between.datum > between.letzter) & (between.datum <= between.bruch)]
    named = between.groupby([*SCHLUESSEL, "bruch"], as_index=False).agg(
        brueche=("datum", lambda days: tuple(days.unique())),
        bruch_grund=("grund", lambda texts: "; ".join(texts.unique())),
    )
    return found.merge(named, on=SCHLUESSEL, validate="one_to_one")


def _older(known: pd.DataFrame, brueche: pd.DataFrame, punkte: int) -> pd.DataFrame:
    """Values before the last break of their series that a statement is made from, with its day as `bruch`."""
    reihen = numbered(known)
    newest = reihen.newest(known.anteil.notna().to_numpy())
    since = last_break(reihen, reihen.tag[newest], brueche)[reihen.reihe]
    before = reihen.tag < since
    same_day = before & (reihen.stelle == reihen.stelle[newest][reihen.reihe])
    with_same = pd.Series(same_day).groupby(reihen.reihe).transform("any").to_numpy()
    rows = known.assign(
        reihe=reihen.reihe, teil=segments(known, brueche), bruch=dates_of(np.where(before, since, np.nan))
    )
    rows = rows[same_day | (before & ~with_same)]
    long = rows.groupby(["reihe", "teil"]).anteil.transform("size") >= punkte
    newest_long = rows.teil.where(long).groupby(rows.reihe).transform("max")
    return rows[~(rows.teil > newest_long)].drop(columns=["reihe", "teil"])
