"""The tidy table that every reader returns and the store keeps: its columns, reasons and checks."""

import math

import numpy as np
import pandas as pd

from analysis.catalogue import Katalog
from analysis.dates import RULES, fits
from analysis.errors import InputError
from analysis.regions import check_ags, name

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
    upper = math.inf if groesse.is_count else {"prozent": 100, "je_1000": 1000, "index": math.inf}[groesse.einheit]
    wrong = rows[(rows.wert < 0) | (rows.wert > upper) | rows.wert.isin([math.inf, -math.inf])]
    if len(wrong):
        expected = "a count of 0 or more" if groesse.is_count else f"0 to {upper} ({groesse.einheit})"
        refuse(wrong.iloc[0], f"{groesse.id} is {wrong.iloc[0].wert:g}; expected {expected}")
    if groesse.is_count:
        broken = rows[rows.wert.notna() & (rows.wert % 1 != 0)]
        if len(broken):
            refuse(broken.iloc[0], f"{groesse.id} is {broken.iloc[0].wert:g}; expected a whole number")


def check_consistency(observations: pd.DataFrame, katalog: Katalog, place: str) -> None:
    """Refuse observations that contradict each other: a part above its whole, parts that do not add up.

    Only keys are judged whose values are there; a secret part is no contradiction. A part that is
    altogether missing (neither value nor reason) beside delivered ones is an incomplete delivery. Parts and their
    sum are compared within one source only: two publications may differ.

    Parameters
    ----------
    observations
        Columns `ags`, `stichtag`, `groesse`, `wert`, `quelle`, `zeile`: new values together with what the store holds
        (those have no `zeile`).
    katalog, place
        As in `check`.
    """
    key, places = grouped(observations, ["ags", "stichtag"])
    groesse, names = grouped(observations, ["groesse"])
    column = {id: n for n, id in enumerate(names.groesse)}
    values, sources = np.full((2, len(places), len(column)), np.nan)
    values[key, groesse] = observations.wert
    sources[key, groesse] = grouped(observations, ["quelle"])[0]
    delivered = ~np.isnan(sources)

    def whole(ids: list[str]) -> np.ndarray:
        return values[:, [column[id] for id in ids]].sum(axis=1)  # NaN where one is missing

    for indikator in katalog.indikatoren.values():
        parts = [*indikator.aus.get("zaehler", []), *indikator.aus.get("nenner", [])]
        if indikator.art != "anteil" or not set(parts) <= set(column):
            continue
        zaehler, nenner = whole(indikator.aus["zaehler"]), whole(indikator.aus["nenner"])
        for n in np.flatnonzero(zaehler > nenner):
            place_of = places.iloc[n]
            raise InputError(
                f"{place}{_rows(observations, place_of, parts)}: numerator larger than denominator for "
                f"{indikator.id} in {_where(place_of)}: {zaehler[n]:.0f} > {nenner[n]:.0f}"
            )

    for groesse in katalog.groessen.values():
        parts = [p for p in groesse.summe_von if p in column]
        if not parts or groesse.id not in column:
            continue
        own, of_parts = column[groesse.id], [column[p] for p in parts]
        there = sources[:, [own, *of_parts]]
        same_source = np.nanmin(there, axis=1, initial=np.inf) == np.nanmax(there, axis=1, initial=-np.inf)
        begun = delivered[:, of_parts].any(axis=1) & delivered[:, own] & same_source
        incomplete = begun & ((len(parts) < len(groesse.summe_von)) | ~delivered[:, of_parts].all(axis=1))
        if groesse.teile_einzeln:
            begun, incomplete = begun & ~incomplete, np.zeros_like(begun)
        total, known = whole(parts), np.nansum(values[:, of_parts], axis=1)
        tolerance = groesse.rundung / 2 * (len(parts) + 1)
        wrong = begun & (np.abs(total - values[:, own]) > tolerance)  # NaN is never larger
        wrong |= begun & (known - values[:, own] > tolerance)  # a secret part cannot be below zero
        for n in np.flatnonzero(incomplete | wrong):
            place_of = places.iloc[n]
            rows = _rows(observations, place_of, [groesse.id, *parts])
            if incomplete[n]:
                missing = [p for p in groesse.summe_von if p not in parts or not delivered[n, column[p]]]
                raise InputError(
                    f"{place}{rows}: the parts of {groesse.id} in {_where(place_of)} are incomplete: "
                    f"{', '.join(missing)} is missing (is the file truncated?)"
                )
            raise InputError(
                f"{place}{rows}: the parts of {groesse.id} in {_where(place_of)} add up to {known[n]:.0f}, "
                f"expected {values[n, own]:.0f}"
            )
    _check_parts(values, sources, places, column, katalog, observations, place)


def _check_parts(values, sources, places, column, katalog, observations, place) -> None:
    """Refuse a part above its whole, and a second breakdown that does not add up; within one source."""
    for groesse in katalog.groessen.values():
        parts = [*groesse.auch_summe_von]
        if groesse.id in column and parts and set(parts) <= set(column):
            of = [column[id] for id in (groesse.id, *parts)]
            total, whole = values[:, of[1:]].sum(axis=1), values[:, of[0]]
            wrong = (np.abs(total - whole) > groesse.rundung / 2 * (len(parts) + 1)) & _one_source(sources[:, of])
            for n in np.flatnonzero(wrong):
                raise InputError(
                    f"{place}{_rows(observations, places.iloc[n], [groesse.id, *parts])}: {' and '.join(parts)} in "
                    f"{_where(places.iloc[n])} add up to {total[n]:.0f}, expected {whole[n]:.0f}"
                )
        if groesse.id in column and groesse.teil_von in column:
            of = [column[groesse.id], column[groesse.teil_von]]
            wrong = (values[:, of[0]] > values[:, of[1]] + groesse.rundung) & _one_source(sources[:, of])
            for n in np.flatnonzero(wrong):
                raise InputError(
                    f"{place}{_rows(observations, places.iloc[n], [groesse.id, groesse.teil_von])}: {groesse.id} in "
                    f"{_where(places.iloc[n])} is {values[n, of[0]]:.0f}, more than {groesse.teil_von} "
                    f"({values[n, of[1]]:.0f})"
                )


def _one_source(sources: np.ndarray) -> np.ndarray:
    """Whether all columns were delivered by the same source."""
    return (sources == sources[:, :1]).all(axis=1)  # NaN equals nothing


def _where(key: pd.Series) -> str:
    readable = f" ({name(key.ags)})" if name(key.ags) != key.ags else ""
    return f"{key.ags}{readable}, Stichtag {key.stichtag:%d.%m.%Y}"


def _rows(observations: pd.DataFrame, key: pd.Series, groessen: list[str]) -> str:
    mine = (observations.ags == key.ags) & (observations.stichtag == key.stichtag)
    rows = observations.zeile[mine & observations.groesse.isin(groessen)].dropna().unique()
    return f", row {', '.join(str(z) for z in rows)}" if len(rows) else ""
