"""Umsteigeschlüssel of the BBSR: workbooks with one sheet per pair of years, for Kreise or Gemeinden.

A sheet is called `2015-2016` (or `2021`) and has one header row, whose cells contain line ends: `Kreise 31.12.2015`,
name, shares proportional to area, population and (later years) employees, the counts behind them,
`Kreise 31.12.2016`, name. Kreise have keys of 8 digits that end in 000; Excel has taken away leading zeros.

Defects that users of the published files report: the header of a sheet names other years than the sheet; a key
carries the share of another year, so that its shares do not add up to 1 (07135 and 07137 in 2015-2016).
"""

import datetime as dt
import re
from pathlib import Path

import pandas as pd

from analysis.errors import InputError
from analysis.regions import level
from analysis.sources.sheets import Formel, Sheet
from analysis.sources.signs import LEER, as_text, parse

_PLAIN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_KEY = re.compile(r"(kreise?|gemeinden?|krs|gem)(?:kennziffer|schluessel)?(?:am)?3112((?:19|20)[0-9]{2})")
_SHARES = {
    "flaeche": "flaechenproportional",
    "bevoelkerung": "bevoelkerungsproportional",
    "beschaeftigte": "beschaeftigtenproportional",
}
_HEADER_ROWS = 10


def header_row(sheet: Sheet) -> int | None:
    """Row of a sheet where two territorial dates and a share are named, None if there is none."""
    for n, row in enumerate(sheet.rows[:_HEADER_ROWS]):
        words = [_word(cell) for cell in row]
        if sum(bool(_KEY.fullmatch(w)) for w in words) == 2 and any("proportional" in w for w in words):
            return n
    return None


def read(path: Path, sheets: list[Sheet]) -> tuple[pd.DataFrame, dict[str, int]]:
    """Shares of all sheets.

    Returns
    -------
    tuple
        Columns `von_stand`, `nach_stand`, `gewicht`, `von`, `nach`, `anteil`, `liste`, `place`; and what was left out.

    Raises
    ------
    InputError
        A sheet that is called after years has another layout, a key is malformed, a share is no number.
    """
    parts, left_out = [], {}
    for sheet in sheets:
        years = re.fullmatch(r"((?:19|20)[0-9]{2})(?:\s*[-–_]\s*((?:19|20)[0-9]{2}))?", sheet.name.strip())
        top = header_row(sheet)
        if top is None:
            if years:
                raise InputError(f"{path}, sheet {sheet.name!r}: no header with two territorial dates and shares")
            if sheet.rows:
                left_out["rows of sheets without shares"] = left_out.get("rows of sheets without shares", 0) + len(
                    sheet.rows
                )
            continue
        words = [_word(cell) for cell in sheet.rows[top]]
        keys = [(n, *_KEY.fullmatch(w).groups()) for n, w in enumerate(words) if _KEY.fullmatch(w)]
        (first, kind, von_jahr), (last, other, nach_jahr) = keys
        if kind[:2] != other[:2]:
            raise InputError(f"{sheet.place(top)}: {kind} and {other}; expected areas of one level")
        data = _data(sheet, top + 1, first, last)
        if years and any(
            year and year != stated for year, stated in zip(years.groups(), (von_jahr, nach_jahr), strict=True)
        ):
            reason = f"rows of sheet {sheet.name}: its header names {von_jahr} and {nach_jahr}"
            left_out[reason] = len(data)
            continue
        columns = {g: n for g, text in _SHARES.items() for n, w in enumerate(words) if w.startswith(text)}
        parts += _shares(sheet, data, kind, (first, last), columns, (int(von_jahr), int(nach_jahr)))
    if not parts:
        raise InputError(f"{path}: no sheet whose name and header agree; left out: {'; '.join(left_out)}")
    return pd.concat(parts, ignore_index=True), left_out


def _data(sheet: Sheet, begin: int, first: int, last: int) -> list[int]:
    """Rows of the table; refuses a row among them without keys."""
    filled = [n for n in range(begin, len(sheet.rows)) if any(cell is not None for cell in sheet.rows[n])]
    data = [n for n in filled if sheet.rows[n][first] is not None and sheet.rows[n][last] is not None]
    among = set(data)
    for n in filled:
        if n not in among and (not data or n < data[-1] or sum(c is not None for c in sheet.rows[n]) > 2):
            raise InputError(f"{sheet.place(n)}: a row without two keys; expected an area and its successor")
    if not data:
        raise InputError(f"{sheet.place(begin)}: no row below the header")
    return data


def _shares(
    sheet: Sheet, data: list[int], kind: str, keys: tuple[int, int], columns: dict[str, int], years: tuple[int, int]
) -> list[pd.DataFrame]:
    rows = pd.DataFrame([sheet.rows[n] for n in data], dtype=object)
    for column in (*keys, *columns.values()):
        formulas = rows[column].map(lambda cell: isinstance(cell, Formel)).astype(bool)
        if formulas.any():
            raise InputError(f"{sheet.place(data[formulas.idxmax()], column)}: a formula; expected a value")
    von, nach = (_keys(sheet, data, rows[column], column, kind) for column in keys)
    shares = {}
    for gewicht, column in columns.items():
        cells = parse(rows[column], {LEER: "", "-": "", ".": ""})
        if cells.falsch.any():
            n = cells.falsch.idxmax()
            raise InputError(
                f"{sheet.place(data[n], column)}: share {as_text(rows[column][n])[:40]!r}; expected 0 to 1"
            )
        shares[gewicht] = cells.wert
    # an area without inhabitants or employees has no share of them: it goes where its whole area goes
    whole = shares["flaeche"] == 1 if "flaeche" in shares else pd.Series(False, index=rows.index)
    days = [pd.Series([dt.date(year, 12, 31)] * len(rows), dtype=object) for year in years]
    place = pd.Series([sheet.place(n) for n in data])
    return [
        pd.DataFrame(
            {
                "von_stand": days[0],
                "nach_stand": days[1],
                "gewicht": gewicht,
                "von": von,
                "nach": nach,
                "anteil": share.mask(whole & (share.isna() | (share == 0)), 1.0).astype(float),
                "liste": "alle",
                "place": place,
            }
        )
        for gewicht, share in shares.items()
    ]


def _keys(sheet: Sheet, data: list[int], cells: pd.Series, column: int, kind: str) -> pd.Series:
    """Keys of 5 (Kreis) or 8 digits (Gemeinde) with the zero that Excel takes away."""
    is_kreis = kind.startswith("kr")
    texts = cells.map(as_text)
    digits = texts.str.zfill(8).where(texts.str.len() > 5, texts.str.zfill(5) if is_kreis else texts.str.zfill(8))
    good = digits.str.fullmatch("[0-9]{5}(000)?" if is_kreis else "[0-9]{8}")
    if not good.all():
        n = (~good).idxmax()
        expected = "8 digits that end in 000, or 5" if is_kreis else "8 digits"
        raise InputError(f"{sheet.place(data[n], column)}: key {texts[n][:40]!r}; expected {expected}")
    keys = digits.str[:5] if is_kreis else digits
    for key in keys.unique():
        try:
            level(key)
        except InputError as error:
            raise InputError(f"{sheet.place(data[(keys == key).idxmax()], column)}: {error}") from None
    return keys


def _word(cell) -> str:
    """A cell of the header without blanks, line ends, hyphens and umlauts."""
    return re.sub("[^a-z0-9]", "", as_text(cell).lower().replace("_x000d_", "").translate(_PLAIN))
