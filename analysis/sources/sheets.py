"""Worksheets of Excel files (.xlsx, .xls) as plain rows of cells; nothing is calculated, guessed or hidden."""

import zipfile
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import InputError

_MOST_BYTES, _MOST_TIMES, _MOST_CELLS = 500_000_000, 200, 5_000_000
"""What a workbook may unpack to: so many bytes, so many times its own size, so many cells in a sheet."""

_PROBE_ROWS = 40


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
    merged
        Merged ranges as (first row, first column, last row, last column), counted from 0.
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

    book = openpyxl.load_workbook(path, read_only=most_rows is not None, data_only=False, keep_links=False)
    try:
        sheets = []
        for sheet in book.worksheets:
            if most_rows is None and sheet.max_row * sheet.max_column > _MOST_CELLS:
                raise InputError(f"{path}, sheet {sheet.title!r}: more than {_MOST_CELLS:,} cells")
            if most_rows is not None:
                sheet.reset_dimensions()
            rows = [
                tuple(Formel(str(c.value)) if c.data_type == "f" else c.value for c in row)
                for row in sheet.iter_rows(max_row=most_rows)
            ]
            ranges = () if most_rows is not None else sheet.merged_cells.ranges
            merged = tuple((r.min_row - 1, r.min_col - 1, r.max_row - 1, r.max_col - 1) for r in ranges)
            sheets.append(Sheet(path, sheet.title, _even(rows), merged, sheet.sheet_state != "visible"))
        return sheets
    finally:
        book.close()


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
        for sheet in book.sheets():
            if sheet.nrows * sheet.ncols > _MOST_CELLS:
                raise InputError(f"{path}, sheet {sheet.name!r}: more than {_MOST_CELLS:,} cells")
            rows = [
                tuple(kinds.get(c.ctype, lambda value: value)(c.value) for c in sheet.row(n))
                for n in range(min(sheet.nrows, most_rows or sheet.nrows))
            ]
            merged = tuple((r0, c0, r1 - 1, c1 - 1) for r0, r1, c0, c1 in sheet.merged_cells)
            sheets.append(Sheet(path, sheet.name, _even(rows), merged, sheet.visibility != 0))
    return sheets


def _even(rows: list[tuple]) -> list[tuple]:
    """Rows of one length; empty texts become None, empty rows at the end go."""
    rows = [tuple(None if isinstance(c, str) and not c.strip() else c for c in row) for row in rows]
    while rows and all(c is None for c in rows[-1]):
        rows.pop()
    width = max((len(row) for row in rows), default=0)
    return [row + (None,) * (width - len(row)) for row in rows]
