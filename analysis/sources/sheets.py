"""Worksheets of Excel files (.xlsx, .xls) as plain rows of cells; nothing is calculated, guessed or hidden."""

import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from analysis.errors import InputError
from analysis.sources.sheet_xml import merged_ranges, sheet_parts

_MOST_BYTES, _MOST_TIMES, _MOST_CELLS = 500_000_000, 200, 5_000_000
"""What a workbook may unpack to: so many bytes, so many times its own size, so many cells in a sheet."""

_PROBE_ROWS, _MOST_ROWS = 40, 1_048_576
"""Rows that a first look reads; rows that a sheet of Excel can have."""


@dataclass(frozen=True)
class Formel:
    """A cell that holds a formula; its last result is not trusted."""

    text: str


@dataclass(frozen=True)
class Sheet:
    """A worksheet.

    Attributes
    ----------
    rows
        Cells as text, int, float, bool, `datetime`, `Formel` or None (empty); all rows have the same length.
        A number that is shown as per cent comes as it is shown: 0.071 in the format `0.0%` is 7.1.
    merged
        Merged ranges as (first row, first column, last row, last column), counted from 0, within `rows`.
    hidden
        Whether the user of Excel does not see the sheet.
    """

    path: Path
    name: str
    rows: list[tuple]
    merged: tuple[tuple[int, int, int, int], ...] = ()
    hidden: bool = False

    def place(self, row: int, column: int | None = None) -> str:
        """How a message names a cell or row (counted from 0): `file.xlsx, sheet 'Eckwerte', cell B7`."""
        where = f"row {row + 1}" if column is None else f"cell {column_name(column)}{row + 1}"
        return f"{self.path}, sheet {self.name!r}, {where}"


def column_name(column: int) -> str:
    """Letters of a column counted from 0: 0 → A, 27 → AB."""
    letters, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def is_workbook(head: bytes) -> bool:
    """Whether a file that begins with these bytes can be a workbook (a ZIP can be something else too)."""
    return head.startswith((b"PK", b"\xd0\xcf\x11\xe0"))


def read_sheets(path: Path) -> list[Sheet]:
    """All worksheets of a workbook, whole.

    Raises
    ------
    InputError
        No workbook, damaged, protected by a password, or larger than a table can be.
    """
    return _read(path, None)


def first_rows(path: Path) -> list[Sheet]:
    """First 40 rows of all worksheets, without merged ranges.

    Raises
    ------
    InputError
        As in `read_sheets`.
    """
    return _read(path, _PROBE_ROWS)


def _read(path: Path, most_rows: int | None) -> list[Sheet]:
    with path.open("rb") as file:
        head = file.read(8)
    try:
        if head.startswith(b"\xd0\xcf\x11\xe0"):
            return _read_xls(path, most_rows)
        _check_size(path)
        return _read_xlsx(path, most_rows)
    except InputError:
        raise
    except Exception as error:  # openpyxl and xlrd raise whatever a broken file leads them to
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise InputError(f"{path}: not a readable workbook ({reason})") from None


def _check_size(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        if "[Content_Types].xml" not in {m.filename for m in members}:
            raise InputError(f"{path}: a ZIP, but not a workbook")
        size = sum(m.file_size for m in members)
        if size > min(_MOST_BYTES, max(50_000_000, _MOST_TIMES * path.stat().st_size)):
            raise InputError(f"{path}: unpacked {size:,} bytes, more than a workbook can be")
        for member in members:  # a member that says too little about its size is found by reading it
            with archive.open(member) as packed:
                left = member.file_size
                while block := packed.read(1 << 20):
                    left -= len(block)
                    if left < 0:
                        raise InputError(f"{path}: the workbook holds more than it says")


def _read_xlsx(path: Path, most_rows: int | None) -> list[Sheet]:
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True, data_only=False, keep_links=False)
    try:
        sheets = []
        with zipfile.ZipFile(path) as archive:
            parts = sheet_parts(archive) if most_rows is None else {}
            for sheet in book.worksheets:
                sheet.reset_dimensions()  # what a file says about its size is often wrong
                ranges = merged_ranges(archive, parts[sheet.title]) if most_rows is None else []
                rows = (tuple(map(_cell, row)) for row in sheet.iter_rows(max_row=most_rows or _MOST_ROWS))
                sheets.append(_sheet(path, sheet.title, rows, ranges, sheet.sheet_state != "visible"))
        return sheets
    finally:
        book.close()


def _cell(cell):
    value, kind = cell.value, cell.data_type
    if kind == "f":
        return Formel(str(value))
    if kind == "n" and value is not None and cell.has_style and _is_percent(cell.number_format):
        return _percent(value)
    return value


@cache
def _is_percent(number_format: str) -> bool:
    """Whether a number format writes per cent; a sign in quotes or after a backslash is only text beside the number."""
    return "%" in re.sub(r'"[^"]*"|\\.|_.', "", number_format)


def _percent(value: float) -> float:
    return value * 100 if isinstance(value, int) else float(f"{value * 100:.12g}")


def _read_xls(path: Path, most_rows: int | None) -> list[Sheet]:
    import os

    import xlrd

    kinds = {xlrd.XL_CELL_EMPTY: lambda _: None, xlrd.XL_CELL_BLANK: lambda _: None, xlrd.XL_CELL_BOOLEAN: bool}
    sheets = []
    with (
        open(os.devnull, "w") as nowhere,
        xlrd.open_workbook(path, on_demand=True, formatting_info=True, logfile=nowhere) as book,
    ):
        kinds[xlrd.XL_CELL_DATE] = lambda value: xlrd.xldate.xldate_as_datetime(value, book.datemode)
        kinds[xlrd.XL_CELL_ERROR] = lambda value: xlrd.error_text_from_code.get(value, "#ERROR")

        def value_of(cell):
            if cell.ctype == xlrd.XL_CELL_NUMBER:
                known = book.format_map.get(book.xf_list[cell.xf_index].format_key)
                return _percent(cell.value) if known and _is_percent(known.format_str) else cell.value
            return kinds.get(cell.ctype, lambda value: value)(cell.value)

        for sheet in book.sheets():
            rows = (tuple(map(value_of, sheet.row(n))) for n in range(min(sheet.nrows, most_rows or sheet.nrows)))
            merged = [(r0, c0, r1 - 1, c1 - 1) for r0, r1, c0, c1 in sheet.merged_cells]
            sheets.append(_sheet(path, sheet.name, rows, merged, sheet.visibility != 0))
    return sheets


def _sheet(path: Path, name: str, read: Iterable[tuple], ranges: list[tuple], hidden: bool) -> Sheet:
    """A worksheet of what was read: rows of one length, empty texts as None, nothing empty at the end or to the right.

    Merged ranges are cut where the rows end; a cell below another one in a merged range is not seen and thus empty.
    """
    rows: list[tuple] = []
    width = height = 0
    for row in read:
        cells = [None if isinstance(c, str) and not c.strip() else c for c in row]
        while cells and cells[-1] is None:
            cells.pop()
        rows.append(tuple(cells))
        if cells:
            width, height = max(width, len(cells)), len(rows)
        if width * height > _MOST_CELLS:
            raise InputError(f"{path}, sheet {name!r}: more than {_MOST_CELLS:,} cells")
    rows = [row + (None,) * (width - len(row)) for row in rows[:height]]
    merged = tuple(
        (top, left, min(bottom, height - 1), min(right, width - 1))
        for top, left, bottom, right in ranges
        if top < height and left < width
    )
    if sum((bottom - top + 1) * (right - left + 1) for top, left, bottom, right in merged) > 2 * _MOST_CELLS:
        raise InputError(f"{path}, sheet {name!r}: merged ranges that overlap")
    for top, left, bottom, right in merged:
        for n in range(top, bottom + 1):
            first = left + (n == top)
            if any(c is not None for c in rows[n][first : right + 1]):
                rows[n] = rows[n][:first] + (None,) * (right + 1 - first) + rows[n][right + 1 :]
    return Sheet(path, name, rows, merged, hidden)
