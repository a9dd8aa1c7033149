"""The tidy table that every reader returns and the store keeps: its columns, reasons and checks of single rows."""

import math

import numpy as np
import pandas as pd

from analysis.catalogue import Katalog
from analysis.dates import RULES, fits
from analysis.errors import InputError
from analysis.regions import check_ags, exists

COLUMNS = ["ags", "stichtag", "groesse", "wert", "grund", "guete", "quelle"]
"""Columns of observations; `zeile` (row of the file, for messages) may stand beside them."""

KEY = ["ags", "stichtag", "groesse"]

GRUENDE = {
    "geheim": "geheim gehalten",
    "unbekannt": "unbekannt oder geheim",
    "spaeter": "liegt noch nicht vor",
    "unsicher": "nicht sicher genug",
    "sinnlos": "nicht sinnvoll",
}
"""Why there is no value → how a reader is told."""

GUETEN = {"": "", "vorlaeufig": "vorläufig", "geschaetzt": "geschätzt", "eingeschraenkt": "eingeschränkt sicher"}
"""Quality of a value that is there → how a reader is told."""


_MOST = {"prozent": 100, "je_1000": 1000}
"""Largest value of a published rate; other units have none."""


def grouped(table: pd.DataFrame, columns: list[str]) -> tuple[np.ndarray, pd.DataFrame]:
    """Group of each row by the values of some columns, and those values of each group.

    The same as `DataFrame.groupby(…).ngroup()`, but quick for texts: each column is first made a column of numbers.

    Returns
    -------
    tuple
        Integers 0, 1, … in the order of first appearance, and a frame with `columns`, one row per group.
    """
    group = np.zeros(len(table), dtype=np.int64)
    for column in columns:
        codes, values = pd.factorize(table[column])
        group = pd.factorize(group * (len(values) + 1) + codes + 1)[0]
    first = ~pd.Series(group).duplicated().to_numpy()
    return group, table.loc[first, columns].reset_index(drop=True)


def in_force(table: pd.DataFrame) -> np.ndarray:
    """Whether each row's key (`ags`) was in force on its day (`stichtag`), as far as the listed Kreise tell."""
    group, pairs = grouped(table.assign(kreis=table.ags.str[:5]), ["kreis", "stichtag"])
    there = [exists(ags, day) if len(ags) == 5 else True for ags, day in pairs.itertuples(index=False)]
    return np.array(there, bool)[group]


def check(observations: pd.DataFrame, katalog: Katalog, place: str) -> pd.DataFrame:
    """Return the observations if every row can be believed, else say which cannot.

    Parameters
    ----------
    observations
        Columns `COLUMNS` and `zeile`; `stichtag` as `datetime.date`, `wert` as float (NaN where `grund` is set).
    katalog
        Meaning of the quantities.
    place
        File name, for the message.

    Raises
    ------
    InputError
        Unknown key or one that was not valid on that day, unknown quantity, reason, quality or source,
        wrong reference date, value and reason together or neither, a negative or broken count,
        a rate outside its range, a key that stands twice. The text names file, row, value and expectation.
    """

    def refuse(row: pd.Series, sentence: str):
        raise InputError(f"{place}, row {row.zeile}: {sentence}")

    def first(mask: pd.Series) -> pd.Series | None:
        return observations[mask].iloc[0] if mask.any() else None

    # whether a key was in force depends on its Kreis, so one key for each Kreis and day is looked at, and each key once
    keys = observations[["ags", "stichtag"]].assign(kreis=observations.ags.str[:5], zeile=np.arange(len(observations)))
    for columns in (["ags"], ["kreis", "stichtag"]):
        one_each = keys[~pd.Series(grouped(keys, columns)[0], index=keys.index).duplicated()]
        for ags, stichtag, position in one_each[["ags", "stichtag", "zeile"]].itertuples(index=False):
            try:
                check_ags(ags, stichtag)
            except InputError as error:
                refuse(observations.iloc[position], str(error))
    for groesse_id in observations.groesse.unique():
        rows = observations[observations.groesse == groesse_id]
        try:
            groesse = katalog.groesse(groesse_id)
        except InputError as error:
            refuse(rows.iloc[0], str(error))
        for stichtag in rows.stichtag.unique():
            if not fits(stichtag, groesse.stichtag):
                refuse(
                    rows[rows.stichtag == stichtag].iloc[0],
                    f"{groesse_id} is stored under {RULES[groesse.stichtag]}, not {stichtag:%d.%m.%Y}",
                )
        _check_values(rows, groesse, refuse)

    for column, allowed in (
        ("grund", {"", *GRUENDE}),
        ("guete", set(GUETEN)),
        ("quelle", set(katalog.quellen)),
    ):
        row = first(~observations[column].isin(allowed))
        if row is not None:
            known = ", ".join(sorted(allowed - {""}))
            refuse(row, f"{column} {row[column]!r} is unknown (expected one of: {known})")

    row = first(observations.wert.notna() == (observations.grund != ""))
    if row is not None:
        given = "a value and a reason" if row.grund else "neither value nor reason"
        refuse(row, f"{given} for {row.groesse}; expected a number, or a reason why there is none")
    twice = pd.Series(grouped(observations, KEY)[0], index=observations.index).duplicated()
    row = first(twice)
    if row is not None:
        twin = observations[(observations[KEY] == row[KEY]).all(axis=1)].iloc[0]
        refuse(
            row,
            f"{row.groesse} of {row.ags} on {row.stichtag:%d.%m.%Y} stands already in row {twin.zeile}; "
            "expected one value per key, date and quantity",
        )
    return observations


def _check_values(rows: pd.DataFrame, groesse, refuse) -> None:
    upper = math.inf if groesse.is_count else _MOST.get(groesse.einheit, math.inf)
    wrong = rows[(rows.wert < 0) | (rows.wert > upper) | rows.wert.isin([math.inf, -math.inf])]
    if len(wrong):
        expected = "a count of 0 or more" if groesse.is_count else f"0 to {upper} ({groesse.einheit})"
        refuse(wrong.iloc[0], f"{groesse.id} is {wrong.iloc[0].wert:g}; expected {expected}")
    if groesse.is_count:
        broken = rows[rows.wert.notna() & (rows.wert % 1 != 0)]
        if len(broken):
            refuse(broken.iloc[0], f"{groesse.id} is {broken.iloc[0].wert:g}; expected a whole number")
