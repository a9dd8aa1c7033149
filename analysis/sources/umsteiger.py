"""Umsteiger: which share of an area belongs to which area at another territorial date.

Read are the workbooks of the BBSR (`umsteiger_bbsr`), the yearly lists of territorial changes of the Statistisches
Bundesamt (`gebietsaenderungen`), and own tables: a CSV (UTF-8, `;`, decimal comma) with the columns `von_stand`,
`nach_stand`, `gewicht` (flaeche, bevoelkerung, beschaeftigte), `von`, `nach`, `anteil` (0 to 1) and, if wanted,
`liste`: `alle` (every key is listed; so if the column is missing) or `aenderungen` (a key not listed is unchanged).
"""

from pathlib import Path

import pandas as pd

from analysis.bestaende import BESTAENDE
from analysis.catalogue import Katalog
from analysis.dates import parse_stichtag
from analysis.errors import InputError
from analysis.observations import grouped
from analysis.regions import level
from analysis.sources import gebietsaenderungen, umsteiger_bbsr
from analysis.sources.delivered import as_table, read_text, split_rows
from analysis.sources.lieferung import Lieferung, Probe

VERSION = 1

GEWICHTE = ("flaeche", "bevoelkerung", "beschaeftigte")
LISTEN = ("alle", "aenderungen")
_COLUMNS = ["von_stand", "nach_stand", "gewicht", "von", "nach", "anteil"]
_TABLE = ["von_stand", "nach_stand", "ebene", "gewicht"]
_ROUNDING = 0.001
"""How far the shares of a key may be from 1 in all: they are rounded."""


def recognises(probe: Probe) -> bool:
    """Whether the file is a workbook of one of the two offices or an own table."""
    names = {name.strip('" ').lower() for name in probe.first_line.split(";")}
    if names >= {"von_stand", "nach_stand"}:
        return True
    return any(module.header_row(sheet) is not None for module in _OFFICES for sheet in probe.sheets)


_OFFICES = (umsteiger_bbsr, gebietsaenderungen)


def read(path: Path, katalog: Katalog) -> Lieferung:
    """Shares of each key, brought to exactly 1 in all where rounding left a little.

    Returns
    -------
    Lieferung
        Bestand `umstieg`. In workbooks of offices, shares that do not add up to 1 are kept as open (NULL) and counted.

    Raises
    ------
    InputError
        Another layout, a key or date that is malformed, a pair that stands twice, a share outside 0 to 1; in an own
        table also shares that do not add up to 1.
    """
    with path.open("rb") as file:
        packed = file.read(4).startswith((b"PK", b"\xd0\xcf\x11\xe0"))
    own = not packed
    rows, left_out = (_own_table(path), {}) if own else _of_an_office(path)
    rows["ebene"] = rows.von.map({key: level(key) for key in rows.von.unique()})
    _check(path, rows)
    rows, open_keys = _scaled(path, rows, refuse=own)
    if open_keys:
        left_out["shares that do not add up to 1 (kept as open)"] = open_keys
    nothing = rows.anteil == 0
    if nothing.any():
        left_out["shares of 0"] = int(nothing.sum())
    table = rows.loc[~nothing, BESTAENDE["umstieg"].spalten].reset_index(drop=True)
    if table.empty:
        raise InputError(f"{path}: no share above 0")
    return Lieferung(f"umsteiger {VERSION}", ausgelassen=left_out, bestaende={"umstieg": table})


def _of_an_office(path: Path) -> tuple[pd.DataFrame, dict[str, int]]:
    from analysis.sources.sheets import read_sheets

    sheets = read_sheets(path)
    for module in _OFFICES:
        if any(module.header_row(sheet) is not None for sheet in sheets):
            return module.read(path, sheets)
    names = ", ".join(repr(sheet.name) for sheet in sheets[:5])
    raise InputError(f"{path}: no sheet of an Umsteiger or of territorial changes; found {names}")


def _own_table(path: Path) -> pd.DataFrame:
    text = read_text(path)
    if text.index("\n") > 2_000:
        raise InputError(f"{path}, row 1: {text.index(chr(10)):,} characters; expected {'; '.join(_COLUMNS)}")
    header, *rows = split_rows(path, text, ";")
    names = [name.strip().lower() for name in header[0]]
    if sorted(names) not in (sorted(_COLUMNS), sorted([*_COLUMNS, "liste"])):
        raise InputError(f"{path}, row 1: columns {'; '.join(names)[:200]!r}; expected {'; '.join(_COLUMNS)}[; liste]")
    table = as_table(path, names, rows)
    for name in names:
        table[name] = table[name].str.strip()
    table = table if "liste" in names else table.assign(liste=LISTEN[0])
    for column, allowed in (("gewicht", GEWICHTE), ("liste", LISTEN)):
        wrong = table[~table[column].isin(allowed)]
        if len(wrong):
            row = wrong.iloc[0]
            raise InputError(f"{path}, row {row.zeile}: {column} is {row[column]!r}; expected {' or '.join(allowed)}")
    for column in ("von_stand", "nach_stand"):
        days = {}
        for value in table[column].unique():
            try:
                days[value] = parse_stichtag(value)
            except InputError as error:
                raise InputError(f"{path}, row {table.zeile[table[column] == value].iloc[0]}: {error}") from None
        table[column] = table[column].map(days).astype(object)
    wrong = table[~table.anteil.str.fullmatch(r"-?[0-9]{1,9}(,[0-9]{1,15})?")]
    if len(wrong):
        row = wrong.iloc[0]
        raise InputError(f"{path}, row {row.zeile}: anteil is {row.anteil[:40]!r}; expected a number such as 0,25")
    for column in ("von", "nach"):
        for key in table[column].unique():
            try:
                if level(key) not in ("kreis", "gemeinde") or len(key) == 12:
                    raise InputError(f"{key!r}: expected a Kreis (5 digits) or a Gemeinde (8 digits)")
            except InputError as error:
                raise InputError(f"{path}, row {table.zeile[table[column] == key].iloc[0]}: {error}") from None
    anteil = table.anteil.str.replace(",", ".").astype(float)
    return table.assign(anteil=anteil, place=table.zeile.map(lambda row: f"{path}, row {row}"))


def _check(path: Path, rows: pd.DataFrame) -> None:
    """Refuse shares outside 0 to 1, dates in the wrong order, keys of two levels, and pairs that stand twice."""

    def refuse(mask: pd.Series, sentence: str) -> None:
        if mask.any():
            row = rows[mask].iloc[0]
            raise InputError(f"{row.place}: {sentence.format(**row)}")

    refuse((rows.anteil < 0) | (rows.anteil > 1 + _ROUNDING), "anteil is {anteil:g}; expected 0 to 1")
    refuse(rows.von_stand >= rows.nach_stand, "from {von_stand} to {nach_stand}; expected an earlier and a later day")
    other = rows.nach.notna() & (rows.nach.str.len() != rows.von.str.len())
    refuse(other, "from {von} to {nach}; expected keys of one level")
    refuse(rows.duplicated([*_TABLE, "von", "nach"]), "{gewicht} of {von} to {nach} stands already above")
    mixed = rows.groupby(_TABLE).liste.transform("nunique") > 1
    refuse(mixed, "one table lists all keys and changes only; expected one kind of liste")


def _scaled(path: Path, rows: pd.DataFrame, refuse: bool) -> tuple[pd.DataFrame, int]:
    """Shares that add up to exactly 1 per key, and of how many keys they do not (their shares become open)."""
    group, _ = grouped(rows, [*_TABLE, "von"])
    total = rows.anteil.groupby(group).transform("sum")
    unknown = rows.anteil.isna().groupby(group).transform("any")
    wrong = ~unknown & ((total - 1).abs() > _ROUNDING)
    if wrong.any() and refuse:
        row = rows[wrong].iloc[0]
        raise InputError(f"{row.place}: the shares of {row.von} add up to {total[wrong].iloc[0]:g}; expected 1")
    if wrong.any() and 2 * wrong.sum() > len(rows):
        raise InputError(f"{path}: the shares of most keys do not add up to 1; are the columns shifted?")
    open_share = wrong | unknown
    scaled = (rows.anteil / total).where(~open_share)
    return rows.assign(anteil=scaled), len(set(group[open_share.to_numpy()]))
