"""Layouts of the Gemeindeverzeichnis: the workbook of the quarterly and yearly editions, and the same table as CSV.

Both become one table of texts and numbers with the columns `FELDER`; what the columns mean is checked by
`analysis.sources.gemeindeverzeichnis`.
"""

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.dates import days_in
from analysis.errors import InputError
from analysis.sources.delivered import as_table, read_text, split_rows
from analysis.sources.sheets import Formel, Sheet, read_sheets
from analysis.sources.signs import as_text

_KEY = ["satzart", "land", "rb", "kreis", "vb", "gem", "name"]
_SEXES = ["maennlich", "weiblich"]
FELDER = [*_KEY, "textkennzeichen", "flaeche", "insgesamt", *_SEXES, "plz", "laenge", "breite", "verstaedterung"]
_NEEDED = [*_KEY, "flaeche", "insgesamt"]

SATZARTEN = ("10", "20", "30", "40", "50", "60")
"""Land, Regierungsbezirk, Region, Kreis, Gemeindeverband, Gemeinde."""

_PLAIN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "²": "2"})
_LONGEST_CELL = 500
_HEADER_ROWS = 15
"""Rows from the top among which the header begins; it has six."""

_CSV_NAMES = {
    "satzart": "satzart",
    "textkennzeichen": "textkennzeichen",
    "land": "land",
    "rb": "rb",
    "kreis": "kreis",
    "vb": "vb",
    "gem(einde)?": "gem",
    "(gemeinde)?name": "name",
    "flaeche(_?km2)?": "flaeche",
    "(bev_?insg|bevoelkerung|insgesamt).*": "insgesamt",
    "(bev_?)?(m|maennlich)": "maennlich",
    "(bev_?)?(w|weiblich)": "weiblich",
    "plz|postleitzahl": "plz",
    "lon|laengengrad": "laenge",
    "lat|breitengrad": "breite",
    "urb_key|verstaedterung_?(key|schluessel)": "verstaedterung",
}
"""Names of columns of the CSV form → field; further columns are passed over."""


@dataclass(frozen=True)
class Verzeichnis:
    """The table as delivered.

    Attributes
    ----------
    zeilen
        Columns `FELDER` (None where the file has no such column or cell) and `zeile`.
    stand
        Territorial date.
    bevoelkerung_am
        Date of the population; None where the file does not say it.
    place
        Beginning of every message about a row: file and sheet.
    """

    zeilen: pd.DataFrame
    stand: dt.date
    bevoelkerung_am: dt.date | None
    place: str


def is_csv(first_line: str) -> bool:
    """Whether a text file begins with the header of this table."""
    return bool(re.match(r'"?satzart"?[;,\t]"?(textkennzeichen|land)"?[;,\t]', first_line.lower()))


def header_row(sheet: Sheet) -> int | None:
    """Row of a worksheet where the header of this table begins, None if there is none."""
    for n, row in enumerate(sheet.rows[:_HEADER_ROWS]):
        if row and _letters(row[0]) == "satzart":
            return n
    return None


def read_workbook(path: Path) -> Verzeichnis:
    """Table of a workbook.

    The territorial date stands in the header (`Gebietsstand am 30.06.2024`), the title and the name of the sheet; the
    date of the population above its columns, or in a footnote about it. Where several name a date, they must agree.

    Raises
    ------
    InputError
        No sheet of this layout or two, a column is missing or stands twice, no or contradictory dates, a formula, a
        header in the middle, or a row after the first footnote.
    """
    sheets = [(sheet, header_row(sheet)) for sheet in read_sheets(path)]
    fitting = [(sheet, n) for sheet, n in sheets if n is not None]
    if len(fitting) != 1:
        names = ", ".join(repr(sheet.name) for sheet, _ in sheets)
        raise InputError(
            f"{path}: {len(fitting)} sheets begin with the header Satzart, expected one "
            f"(Onlineprodukt_Gemeinden…); found {names}"
        )
    sheet, top = fitting[0]
    place = f"{path}, sheet {sheet.name!r}"
    kinds = [as_text(row[0]) for row in sheet.rows]
    data = [n for n in range(top + 1, len(kinds)) if kinds[n] in SATZARTEN]
    if not data:
        raise InputError(f"{place}: no row with a Satzart ({', '.join(SATZARTEN)}) below the header")
    header = sheet.rows[top : data[0]]
    columns = _columns(place, header)
    _check_between(sheet, data)
    rows = pd.DataFrame([sheet.rows[n] for n in data], dtype=object)
    table = pd.DataFrame({f: rows[columns[f]] if f in columns else None for f in FELDER}, dtype=object)
    table["zeile"] = [n + 1 for n in data]
    _check_cells(place, table)
    upper = [as_text(cell) for row in sheet.rows[:top] for cell in row if cell is not None]
    stated = [as_text(cell) for row in header for cell in row if "gebietsstand" in _letters(cell)]
    # the title of a yearly edition may name two days, so it counts only where it names one
    titles = [day for text in upper for day in days_in(text) if len(days_in(text)) == 1]
    stand = _one_date(
        place, "territorial date", [*(d for t in stated for d in days_in(t)), *titles, *days_in(sheet.name)]
    )
    if stand is None:
        raise InputError(f"{place}: no territorial date in header, title or name of the sheet")
    first, last = columns["insgesamt"], max(columns.get(f, columns["insgesamt"]) for f in _SEXES)
    above = [as_text(row[c]) for row in header for c in range(first, last + 1)]
    notes = [as_text(cell) for row in sheet.rows[data[-1] + 1 :] for cell in row if cell is not None]
    days = [day for text in above for day in days_in(text)] or [
        day for text in notes if "bevoelkerung" in _letters(text) for day in days_in(text)
    ]
    return Verzeichnis(table, stand, _one_date(place, "date of the population", days), place)


def read_csv(path: Path) -> Verzeichnis:
    """Table of a CSV file; `;`, `,` or tabulator between columns, UTF-8.

    The territorial date stands in the name of the file, that of the population in the name of its column: a year
    (`bev_insg_2022`: 31 December 2022) or a day (`insgesamt_20221231`).

    Raises
    ------
    InputError
        As in `read_workbook`, and a damaged text.
    """
    text = read_text(path)
    first = text.partition("\n")[0]
    if len(first) > 5_000:
        raise InputError(f"{path}, row 1: {len(first):,} characters; expected the names of the columns")
    delimiter = max(";,\t", key=first.count)
    header, *rows = split_rows(path, text, delimiter)
    names = [_ascii(cell).strip().lower().replace(" ", "_") for cell in header[0]]
    if len(set(names)) < len(names):
        twice = next(n for n in names if names.count(n) > 1)
        raise InputError(f"{path}, row 1: column {twice!r} stands twice")
    fields: dict[str, int] = {}
    for n, name in enumerate(names):
        field = next((f for pattern, f in _CSV_NAMES.items() if re.fullmatch(pattern, name)), None)
        if field in fields:
            raise InputError(f"{path}, row 1: {names[fields[field]]!r} and {name!r} are the same column; expected one")
        if field:
            fields[field] = n
    _check_columns(f"{path}, row 1", fields)
    cells = as_table(path, [str(n) for n in range(len(names))], rows)
    texts = {f: cells[str(fields[f])].astype(object) if f in fields else None for f in FELDER}
    table = pd.DataFrame(texts, index=cells.index, dtype=object).assign(zeile=cells.zeile)
    for field in fields:
        table[field] = pd.Series([cell.strip() or None for cell in table[field]], dtype=object)
    _check_cells(str(path), table)
    unknown = table[~table.satzart.isin(SATZARTEN)]
    if len(unknown):
        row = unknown.iloc[0]
        raise InputError(f"{path}, row {row.zeile}: Satzart {row.satzart!r}; expected one of {', '.join(SATZARTEN)}")
    stand = _one_date(str(path), "territorial date", days_in(path.stem))
    if stand is None:
        raise InputError(
            f"{path}: the name of the file holds no territorial date; rename it to gemeindeverzeichnis_2024-06-30.csv"
        )
    name = names[fields["insgesamt"]]
    year = re.search(r"(?<![0-9])((?:19|20)[0-9]{2})(?![0-9])", name)
    days = days_in(name) or ([dt.date(int(year.group(1)), 12, 31)] if year else [])
    return Verzeichnis(table, stand, _one_date(str(path), "date of the population", days), str(path))


def _columns(place: str, header: list[tuple]) -> dict[str, int]:
    """Field → column by the texts of the header; `Schlüssel` belongs to the group that stands above it."""
    fields: dict[str, int] = {}
    groups = [""] * len(header)
    patterns = {
        "satzart": "satzart",
        "textkennzeichen": "textkennzeichen",
        "land": "land",
        "rb": "rb|regierungsbezirk",
        "kreis": "kreis",
        "vb": "vb|verband",
        "gem": "gem|gemeinde",
        "name": "gemeindename|name",
        "flaeche": "flaeche(in)?(km2?)?",
        "insgesamt": "insgesamt",
        "maennlich": "maennlich",
        "weiblich": "weiblich",
        "plz": "postleitzahl|plz",
        "laenge": "laengengrad",
        "breite": "breitengrad",
    }
    for column in range(len(header[0])):
        texts = [_letters(row[column]) for row in header]
        groups = [text or before for text, before in zip(texts, groups, strict=True)]  # a group stands over its first
        found = {f for f, pattern in patterns.items() if any(re.fullmatch(pattern, t) for t in texts)}
        if "schluessel" in texts and any("verstaedterung" in text for text in groups):
            found.add("verstaedterung")
        for field in found:
            if field in fields:
                raise InputError(f"{place}: the header names {field!r} in two columns; expected one")
            fields[field] = column
    _check_columns(f"{place}, header", fields)
    return fields


def _check_columns(place: str, fields: dict[str, int]) -> None:
    missing = [f for f in _NEEDED if f not in fields]
    if missing:
        raise InputError(f"{place}: column {missing[0]!r} is missing; expected {', '.join(_NEEDED)}")
    if len([f for f in _SEXES if f in fields]) == 1 or ("laenge" in fields) != ("breite" in fields):
        raise InputError(f"{place}: one of two columns is missing; expected maennlich and weiblich, laenge and breite")


def _check_between(sheet: Sheet, data: list[int]) -> None:
    """Refuse rows among the data, or below them, that are neither data nor a footnote."""
    expected = set(data)
    for n in range(data[0], len(sheet.rows)):
        filled = [cell for cell in sheet.rows[n] if cell is not None]
        if n not in expected and filled and (n < data[-1] or len(filled) > 2):
            found = "; ".join(as_text(cell)[:40] for cell in filled[:4])
            raise InputError(f"{sheet.place(n)}: {found!r} is no row of the table; expected a Satzart in column A")


def _check_cells(place: str, table: pd.DataFrame) -> None:
    for field in FELDER:
        for cell, row in zip(table[field], table.zeile, strict=True):
            if isinstance(cell, Formel):
                raise InputError(f"{place}, row {row}: {field} is the formula {cell.text[:40]!r}; expected a value")
            if isinstance(cell, str) and len(cell) > _LONGEST_CELL:
                raise InputError(f"{place}, row {row}: {field} has {len(cell):,} characters")


def _one_date(place: str, what: str, days: list[dt.date]) -> dt.date | None:
    different = sorted(set(days))
    if len(different) > 1:
        raise InputError(f"{place}: several days as {what}: {', '.join(f'{d:%d.%m.%Y}' for d in different)}")
    return different[0] if different else None


def _ascii(text: str) -> str:
    return text.translate(_PLAIN)


def _letters(cell) -> str:
    """A cell of the header without hyphens, blanks and the marks of footnotes: `Post-leitzahl 3)` → postleitzahl."""
    text = re.sub(r"\s*[0-9]\s*\)|[¹²³⁴⁵]\s*[⁾)]", "", as_text(cell).replace("km²", "km2"))
    return re.sub("[^a-z0-9]", "", _ascii(text).lower())
