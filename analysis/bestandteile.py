"""The parts of an indicator: numerator and denominator where both were delivered, and what was missing elsewhere."""

import numpy as np
import pandas as pd

from analysis.catalogue import GEZAEHLT, Indikator, Katalog
from analysis.observations import grouped

BASIS_TAGE = 366
"""How far the day of a denominator (or basis) may lie from that of the figure that refers to it."""

TEXTE = ("grund", "guete", "quelle")
"""Columns of observations that say why there is no value, how good it is and where it comes from."""


def by_quantity(observations: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Values, reasons, qualities and sources, each with a row per key and day and a column per quantity."""
    return {
        column: observations.pivot(index=["ags", "stichtag"], columns="groesse", values=column)
        for column in ("wert", *TEXTE)
    }


def parts(indikator: Indikator, wide: dict[str, pd.DataFrame]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Values of the parts where all were delivered, and the frame that carries key, reason, quality, source."""
    there = _delivered(list(dict.fromkeys(indikator.groessen)), wide)
    keys = there["wert"].index.to_frame(index=False)
    frame = _frame(indikator, keys, {column: [there[column]] for column in TEXTE})
    return there["wert"].reset_index(drop=True), frame


def counted(indikator: Indikator, wide: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Frame with `zaehler`, `nenner` and `nenner_stichtag`, wherever numerator and denominator were delivered.

    What `aus.abzug` names is taken off the numerator.
    """
    aus = indikator.aus
    abzug = aus.get("abzug", [])
    if indikator.nenner_stichtag == "gleich":
        values, frame = parts(indikator, wide)
        below, days = values[aus["nenner"]], frame.stichtag
    else:
        above, nenner = _delivered([*aus["zaehler"], *abzug], wide), _delivered(aus["nenner"], wide)
        keys = above["wert"].index.to_frame(index=False)
        row = _year_end_before(keys, nenner["wert"].index.to_frame(index=False))
        found = row >= 0
        above = {column: table[found].reset_index(drop=True) for column, table in above.items()}
        nenner = {column: table.iloc[row[found]].reset_index() for column, table in nenner.items()}
        texts = {column: [above[column], nenner[column][aus["nenner"]]] for column in TEXTE}
        frame = _frame(indikator, keys[found].reset_index(drop=True), texts)
        values, below, days = above["wert"], nenner["wert"][aus["nenner"]], nenner["wert"].stichtag
    zaehler = values[aus["zaehler"]].sum(axis=1, skipna=False)
    if abzug:
        zaehler = zaehler - values[abzug].sum(axis=1, skipna=False)
    return frame.assign(zaehler=zaehler, nenner=below.sum(axis=1, skipna=False), nenner_stichtag=days)


def lacking(observations: pd.DataFrame, katalog: Katalog) -> pd.DataFrame:
    """Numerators that were delivered without their denominator: missing years and mixed reference dates.

    Parameters
    ----------
    observations
        Current observations of the store.
    katalog
        Definitions; an indicator of which a quantity was delivered nowhere is left out.

    Returns
    -------
    pandas.DataFrame
        `ags`, `stichtag`, `indikator`, `naechster` (nearest day of that key's denominator, NaT if there is none) and
        `satz`, which says it.
    """
    columns = ["ags", "stichtag", "indikator", "naechster", "satz"]
    known = set(observations.groesse)
    counts = [i for i in katalog.indikatoren.values() if i.art in GEZAEHLT and set(i.groessen) <= known]
    if not counts:
        return pd.DataFrame(columns=columns)
    wide = by_quantity(observations)
    return pd.concat([_lacking(indikator, wide) for indikator in counts], ignore_index=True)[columns]


def _lacking(indikator: Indikator, wide: dict[str, pd.DataFrame]) -> pd.DataFrame:
    given = _delivered([*indikator.aus["zaehler"], *indikator.aus.get("abzug", [])], wide)["wert"].index
    told = pd.MultiIndex.from_frame(counted(indikator, wide)[["ags", "stichtag"]])
    rows = given[~given.isin(told)].to_frame(index=False)
    below = _delivered(indikator.aus["nenner"], wide)["wert"].index.to_frame(index=False)
    below = below.assign(naechster=pd.to_datetime(below.stichtag)).drop(columns="stichtag").sort_values("naechster")
    rows = pd.merge_asof(
        rows.astype({"ags": "str"}).assign(tag=pd.to_datetime(rows.stichtag)).sort_values("tag"),
        below.astype({"ags": "str"}).assign(tag=below.naechster),
        on="tag",
        by="ags",
        direction="nearest",
    )
    what = " + ".join(indikator.aus["nenner"])
    day = rows.naechster.dt.strftime("%Y-%m-%d")
    there = ("; the nearest is of " + day).where(rows.naechster.notna(), "; there is none of that key")
    satz = rows.ags + ": " + indikator.id + " of " + rows.tag.dt.strftime("%Y-%m-%d")
    rule = (
        "of that day" if indikator.nenner_stichtag == "gleich" else f"of a 31 December up to {BASIS_TAGE} days before"
    )
    satz = satz + f" has no value: {what} {rule} is missing" + there
    return rows.assign(indikator=indikator.id, satz=satz)


def _frame(indikator: Indikator, keys: pd.DataFrame, texts: dict[str, list[pd.DataFrame]]) -> pd.DataFrame:
    """Frame that carries key, indicator, and the first reason, the qualities and the sources of the parts."""
    frame = keys.assign(indikator=indikator.id)
    for column, frames in texts.items():
        frame[column] = _texts(frames, first=column == "grund")
    return frame


def _texts(frames: list[pd.DataFrame], first: bool) -> np.ndarray:
    """Texts of each row of several frames, once each in their order, joined by ` · `, or only the `first` of them."""
    table = pd.concat(frames, axis=1).astype(object)
    if (table.to_numpy() == "").all():
        return np.full(len(table), "", object)
    table.columns = range(table.shape[1])
    group, combinations = grouped(table, list(table.columns))
    texts = [list(dict.fromkeys(t for t in row if t)) for row in combinations.to_numpy()]
    joined = [" · ".join(given[:1] if first else given) for given in texts]
    return np.array(joined, object)[group]


def _delivered(parts: list[str], wide: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Values, reasons, qualities and sources of the parts at the keys and days where all of them were delivered."""
    there = wide["grund"][parts].notna().all(axis=1)
    return {column: table.loc[there, parts] for column, table in wide.items()}


def _year_end_before(wanted: pd.DataFrame, there: pd.DataFrame) -> np.ndarray:
    """Row of `there` with the last 31 December up to each wanted day, at most `BASIS_TAGE` before; -1 for none."""
    wanted, there = wanted.astype({"ags": "str"}), there.astype({"ags": "str"})
    days = pd.to_datetime(there.stichtag)
    candidates = there[["ags"]].assign(tag=days, row=np.arange(len(there)))
    candidates = candidates[(days.dt.month == 12) & (days.dt.day == 31)]
    found = pd.merge_asof(
        wanted[["ags"]].assign(tag=pd.to_datetime(wanted.stichtag), n=np.arange(len(wanted))).sort_values("tag"),
        candidates.sort_values("tag"),
        on="tag",
        by="ags",
        tolerance=pd.Timedelta(days=BASIS_TAGE),
    )
    return found.sort_values("n").row.fillna(-1).to_numpy(int)
