"""Whether a count changed only because areas were joined: shown by arithmetic, not supposed."""

import pandas as pd

from analysis.catalogue import Katalog
from analysis.regions import aenderungen

_GANZ = 1e-9
"""How far a share may be from 1 by calculating with shares alone."""


def merged_into(umstieg: pd.DataFrame) -> pd.DataFrame:
    """Areas that went into another one whole: the listed changes of Kreise and those of the Umsteiger.

    Returns
    -------
    pandas.DataFrame
        Columns `von`, `nach`, `datum`; an area of several Umsteiger once, at its earliest date.
    """
    whole = umstieg[((umstieg.anteil - 1).abs() <= _GANZ) & (umstieg.von != umstieg.nach)]
    listed = pd.DataFrame([(a.von, a.nach, a.datum) for a in aenderungen()], columns=["von", "nach", "datum"])
    steps = pd.concat([listed, whole.rename(columns={"nach_stand": "datum"})[["von", "nach", "datum"]]])
    return steps.sort_values("datum", kind="stable").drop_duplicates(["von", "nach"]).reset_index(drop=True)


def proven(revisions: pd.DataFrame, before: pd.DataFrame, wechsel: pd.DataFrame, katalog: Katalog) -> pd.Series:
    """Whether each revised count is the earlier one and those of the areas that joined later, to the last person.

    Parameters
    ----------
    revisions
        Result of `Store.revisions`.
    before
        Observations of the earlier state, also those of the areas that joined.
    wechsel
        Result of `merged_into`. Only changes after the reference date count; where there were several, all up to one
        of them must explain the value together.
    katalog
        Tells counts from rates; of a rate nothing can be shown.

    Returns
    -------
    pandas.Series
        bool, in the index of `revisions`.
    """
    counted = revisions.groesse.isin([g.id for g in katalog.groessen.values() if g.is_count])
    rows = revisions.loc[counted, ["ags", "stichtag", "groesse", "vorher_wert", "wert"]]
    rows = rows.assign(zeile=rows.index)
    counts = before[before.wert.notna()].rename(columns={"ags": "von", "wert": "dazu"})
    joined = rows.merge(wechsel.rename(columns={"nach": "ags"}), on="ags").merge(
        counts[["von", "stichtag", "groesse", "dazu"]], on=["von", "stichtag", "groesse"]
    )
    joined = joined[joined.datum > joined.stichtag].sort_values(["zeile", "datum"])
    joined["summe"] = joined.vorher_wert + joined.groupby("zeile").dazu.cumsum()
    until = joined.drop_duplicates(["zeile", "datum"], keep="last")
    return pd.Series(revisions.index.isin(until.zeile[until.summe == until.wert]), index=revisions.index)
