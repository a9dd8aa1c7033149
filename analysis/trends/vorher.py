"""What a series said before its last declared break: the newer years may be too few for a statement of their own."""

import pandas as pd

from analysis.catalogue import Katalog
from analysis.trends.aussage import PUNKTE, statements
from analysis.trends.brueche import declared
from analysis.trends.reihen import SCHLUESSEL


def before_the_last_break(
    werte: pd.DataFrame, katalog: Katalog, *, punkte: int = PUNKTE, brueche: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Statement of the newest years before the last declared break of each series.

    Parameters
    ----------
    werte, katalog, punkte, brueche
        As in `aussage.statements`.

    Returns
    -------
    pandas.DataFrame
        As `aussage.statements` gives it, with `bruch` (date of the break) and `bruch_grund`; only series with a break
        between their first and their newest value.
    """
    known = werte[werte.anteil.notna()]
    newest = known.groupby(SCHLUESSEL, as_index=False).stichtag.max().rename(columns={"stichtag": "neuester"})
    brueche = declared(known, katalog) if brueche is None else brueche
    breaks = brueche.merge(newest, on=SCHLUESSEL, validate="many_to_one")
    breaks = breaks[breaks.datum <= breaks.neuester].sort_values("datum", kind="stable")
    last = breaks.groupby(SCHLUESSEL, as_index=False).agg(bruch=("datum", "last"), bruch_grund=("grund", "last"))
    older = werte.merge(last, on=SCHLUESSEL, validate="many_to_one")
    older = older[older.stichtag < older.bruch]
    found = statements(older.drop(columns=["bruch", "bruch_grund"]), katalog, punkte=punkte, brueche=brueche)
    return found.merge(last, on=SCHLUESSEL, validate="one_to_one")
