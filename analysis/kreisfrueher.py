"""What earlier reports said of a Kreis, as cells and equations beside those of today."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.disclosure.pruefung import from_rounded
from analysis.disclosure.regeln import rounded

KEY = ["ags", "stichtag", "groesse"]

_FASSUNG = "@"
"""Between the name of a quantity and the number of the newest earlier state in which it had another count."""


def with_earlier(found: pd.DataFrame, frueher: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Cells of today and those counts of earlier reports that are others today.

    Parameters
    ----------
    found
        Cells of today with `ebene`, `wert`, `kleinste`, `rundung`, `klein`, `primaer`, `fest`, `offen`, `gewicht`.
    frueher
        Per earlier state `ags`, `stichtag`, `groesse`, `wert`, `gezeigt`, `rundung` (`ausgaben.earlier`).

    Returns
    -------
    pandas.DataFrame
        The cells; a count that was shown before and is the same today is known (`fest`), and cannot be protected any
        more. New columns: `bedarf` (whether a withheld cell needs protection), `frueher_geheim` (it was withheld),
        `mindestens`, `hoechstens` (between which counts it lies by what was shown of it rounded).
    """
    found = found.assign(bedarf=True, frueher_geheim=False, mindestens=0.0, hoechstens=np.inf)
    today = pd.MultiIndex.from_frame(found[KEY])
    further, least = [], found.kleinste.max()  # the strictest rule
    for n, state in enumerate(frueher):
        now = found[[*KEY, "wert", "rundung"]].rename(columns={"wert": "heute", "rundung": "rundet"})
        both = _told(state).merge(now, how="left", on=KEY)
        same, few = both.wert == both.heute, both.wert.between(1, least - 1)
        both["geheim"] = ~both.gezeigt & ((both.rundung == 0) | few)
        shown, hidden = (
            today.isin(pd.MultiIndex.from_frame(both.loc[same & g, KEY])) for g in (both.gezeigt, both.geheim)
        )
        known = shown & found.wert.notna()
        of_today = found[KEY].merge(both[same], how="left", on=KEY)
        found = found.assign(
            primaer=found.primaer & ~known, fest=found.fest | known, frueher_geheim=found.frueher_geheim | hidden,
            mindestens=np.fmax(found.mindestens, of_today.mindestens.to_numpy()),
            hoechstens=np.fmin(found.hoechstens, of_today.hoechstens.to_numpy()),
        )  # fmt: skip
        other = both[~same & both.wert.notna()]
        area = other.ags.str.len() > 5
        further.append(
            other[["ags", "stichtag", "wert", "mindestens", "hoechstens"]].assign(
                groesse=other.groesse + f"{_FASSUNG}{n}",
                ebene=np.where(~area, "kreis", np.where(other.ags.str.len() == 8, "gemeinde", "planungsraum")),
                primaer=other.geheim,
                fest=other.gezeigt,
                gewicht=1e-3,
                kleinste=least,
                rundung=other.rundung.where(other.rundet > 0, 0),  # beside rounded counts it is protected like them
                klein=False,
                offen=False,
                bedarf=other.wert.between(1, least - 1),
                frueher_geheim=other.geheim,
            )
        )
    return pd.concat([found, _once(pd.concat(further))], ignore_index=True) if further else found


def _once(further: pd.DataFrame) -> pd.DataFrame:
    """Cells of earlier states; a count that was the same in several of them is one cell, with the newest number."""
    rows = further.assign(name=base(further.groesse)).groupby(["ags", "stichtag", "name", "wert"], sort=False)
    how = dict.fromkeys(further.columns.difference(["ags", "stichtag", "wert"]), "last")
    how |= dict.fromkeys(["primaer", "fest", "frueher_geheim", "mindestens", "rundung"], "max") | {"hoechstens": "min"}
    once = rows.agg(how).reset_index().drop(columns="name")
    return once.assign(primaer=once.primaer & ~once.fest)[further.columns]


def _told(state: pd.DataFrame) -> pd.DataFrame:
    """Counts of an earlier state with `mindestens` and `hoechstens`: all that their rounded counts could come from."""
    low, high = from_rounded(rounded(state.wert, state.rundung), state.rundung.to_numpy(int))
    shown = state.rundung > 0
    return state.assign(mindestens=np.where(shown, low, 0), hoechstens=np.where(shown, high, np.inf))


def states(cells: pd.DataFrame, frueher: Sequence[pd.DataFrame]) -> list[pd.DataFrame]:
    """Cells as they stood together, today and in each earlier state, each with its number `zelle`."""
    numbered = cells.assign(zelle=np.arange(len(cells)))
    number = numbered.groesse.astype(str).str.extract(rf"{_FASSUNG}(\d+)$", expand=False).fillna("")
    numbered = numbered.assign(groesse=base(numbered.groesse), fassung=number)
    today = numbered[numbered.fassung == ""]
    found = [today.drop(columns="fassung")]
    for state in frueher:
        found.append(numbered.merge(state[[*KEY, "wert"]], on=[*KEY, "wert"]).drop(columns="fassung"))
    return found


def base(groesse: pd.Series) -> pd.Series:
    """Name of the quantity without the state."""
    return groesse.astype(str).str.replace(rf"{_FASSUNG}\d+$", "", regex=True)


def mergers(cells: pd.DataFrame, wechsel: pd.DataFrame) -> pd.DataFrame:
    """Areas that went whole into another one, where the counts show it: two territorial states of one day.

    Parameters
    ----------
    wechsel
        `von`, `nach`, `datum` (`gebietswechsel.merged_into`).

    Returns
    -------
    pandas.DataFrame
        `gleichung`, `zelle`, `zeichen`: the count of the new area today is that of its parts, today or in the newest
        earlier report, and what was reported of itself before.
    """
    version = cells.groesse.astype(str).str.extract(rf"{_FASSUNG}(\d+)$", expand=False).astype(float)
    numbered = cells[["ags", "stichtag", "wert"]].assign(
        groesse=base(cells.groesse), zelle=np.arange(len(cells)), fassung=version.fillna(np.inf)
    )
    numbered = numbered[numbered.wert.notna()].sort_values("fassung")
    today, before = numbered[np.isinf(numbered.fassung)], numbered[~np.isinf(numbered.fassung)]
    total = today.merge(wechsel[["nach", "datum"]].drop_duplicates(), left_on="ags", right_on="nach")
    total = total[total.stichtag < total.datum]
    newest = numbered.drop_duplicates(KEY, keep="last").rename(columns={"ags": "von", "zelle": "teil", "wert": "dazu"})
    own = before.drop_duplicates(KEY, keep="last").rename(columns={"zelle": "teil", "wert": "dazu"})
    which = ["nach", "datum", "stichtag", "groesse"]
    of_parts = total.merge(wechsel, on=["nach", "datum"]).merge(newest, on=["von", "stichtag", "groesse"])
    of_itself = total.merge(own, on=KEY).merge(of_parts[which].drop_duplicates(), on=which)
    rows = pd.concat([of_parts, of_itself])[[*which, "zelle", "wert", "teil", "dazu"]]
    together = rows.groupby(which).dazu.transform("sum")
    rows = rows[together == rows.wert]
    rows = rows.assign(gleichung=rows.groupby(which).ngroup())
    totals = rows.drop_duplicates("gleichung").assign(zeichen=-1)
    parts = rows.assign(zelle=rows.teil, zeichen=1)
    return pd.concat([parts, totals])[["gleichung", "zelle", "zeichen"]]
