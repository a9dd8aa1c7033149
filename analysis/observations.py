"""The tidy table that every reader returns and the store keeps: its columns, reasons and checks."""

import math

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

    for ags, stichtag in observations[["ags", "stichtag"]].drop_duplicates().itertuples(index=False):
        try:
            check_ags(ags, stichtag)
        except InputError as error:
            refuse(first((observations.ags == ags) & (observations.stichtag == stichtag)), str(error))
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
    row = first(observations.duplicated(KEY))
    if row is not None:
        twin = observations[(observations[KEY] == row[KEY]).all(axis=1)].iloc[0]
        refuse(
            row,
            f"{row.groesse} of {row.ags} on {row.stichtag:%d.%m.%Y} stands already in row {twin.zeile}; "
            "expected one value per key, date and quantity",
        )
    return observations


def _check_values(rows: pd.DataFrame, groesse, refuse) -> None:
    upper = math.inf if groesse.is_count else {"prozent": 100, "je_1000": 1000}[groesse.einheit]
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
    values = observations.pivot(index=["ags", "stichtag"], columns="groesse", values="wert")
    sources = observations.pivot(index=["ags", "stichtag"], columns="groesse", values="quelle")
    delivered = observations.assign(da=True).pivot(index=["ags", "stichtag"], columns="groesse", values="da")

    for indikator in katalog.indikatoren.values():
        parts = [*indikator.aus.get("zaehler", []), *indikator.aus.get("nenner", [])]
        if indikator.art != "anteil" or not set(parts) <= set(values):
            continue
        zaehler = values[indikator.aus["zaehler"]].sum(axis=1, skipna=False)
        nenner = values[indikator.aus["nenner"]].sum(axis=1, skipna=False)
        for key in values.index[zaehler > nenner]:
            raise InputError(
                f"{place}{_rows(observations, key, parts)}: numerator larger than denominator for "
                f"{indikator.id} in {_where(key)}: {zaehler[key]:.0f} > {nenner[key]:.0f}"
            )

    for groesse in katalog.groessen.values():
        parts = [p for p in groesse.summe_von if p in values]
        if not parts or groesse.id not in values:
            continue
        same_source = sources[[groesse.id, *parts]].nunique(axis=1) == 1
        there = delivered[parts].notna()
        begun = there.any(axis=1) & delivered[groesse.id].notna() & same_source
        for key in values.index[begun]:
            rows = _rows(observations, key, [groesse.id, *parts])
            missing = [p for p in groesse.summe_von if p not in parts or not there.loc[key, p]]
            if missing:
                raise InputError(
                    f"{place}{rows}: the parts of {groesse.id} in {_where(key)} are incomplete: "
                    f"{', '.join(missing)} is missing (is the file truncated?)"
                )
            total, whole = values.loc[key, parts].sum(skipna=False), values.loc[key, groesse.id]
            tolerance = groesse.rundung / 2 * (len(parts) + 1)
            if abs(total - whole) > tolerance:  # NaN is never larger
                raise InputError(
                    f"{place}{rows}: the parts of {groesse.id} in {_where(key)} add up to {total:.0f}, "
                    f"expected {whole:.0f}"
                )


def _where(key: tuple) -> str:
    ags, stichtag = key
    readable = f" ({name(ags)})" if name(ags) != ags else ""
    return f"{ags}{readable}, Stichtag {stichtag:%d.%m.%Y}"


def _rows(observations: pd.DataFrame, key: tuple, groessen: list[str]) -> str:
    ags, stichtag = key
    mine = (observations.ags == ags) & (observations.stichtag == stichtag) & observations.groesse.isin(groessen)
    rows = observations.zeile[mine].dropna().unique()
    return f", row {', '.join(str(z) for z in rows)}" if len(rows) else ""
