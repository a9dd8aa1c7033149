"""Parts of an .xlsx file that openpyxl reads only with all its cells: merged ranges, and whether rows are in order."""

import posixpath
import re
import zipfile
from collections.abc import Callable
from xml.parsers import expat

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_ROW, _CELL, _MERGED = (f"{_MAIN} {name}" for name in ("row", "c", "mergeCell"))
_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7}):\$?([A-Z]{1,3})\$?([0-9]{1,7})", re.IGNORECASE)


def sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Member of the archive that holds a worksheet, by the sheet's name.

    Raises
    ------
    ValueError
        Two sheets of one name.
    """
    from openpyxl.xml.functions import fromstring

    book = next(part for _, kind, part in _related(archive, "") if kind.endswith("/officeDocument"))
    targets = {number: part for number, _, part in _related(archive, book)}
    sheets = list(fromstring(archive.read(book)).iter(f"{{{_MAIN}}}sheet"))
    parts = {sheet.get("name"): targets.get(sheet.get(f"{{{_OFFICE}}}id"), "") for sheet in sheets}
    if len(parts) < len(sheets):
        raise ValueError("two worksheets of one name")
    return parts


def _related(archive: zipfile.ZipFile, part: str) -> list[tuple[str, str, str]]:
    """Id, kind and member of what a part refers to."""
    from openpyxl.xml.functions import fromstring

    folder, name = posixpath.split(part)
    root = fromstring(archive.read(posixpath.join(folder, "_rels", f"{name}.rels")))
    return [
        (
            entry.get("Id"),
            entry.get("Type", ""),
            posixpath.normpath(posixpath.join("/", folder, entry.get("Target")))[1:],
        )
        for entry in root
        if entry.get("TargetMode") != "External"
    ]


def merged_ranges(archive: zipfile.ZipFile, part: str) -> list[tuple[int, int, int, int]]:
    """Merged ranges of a worksheet as (first row, first column, last row, last column), counted from 0.

    Raises
    ------
    ValueError
        A range that is none; rows or cells that do not stand in order, which openpyxl would drop.
    """
    ranges: list[tuple[int, int, int, int]] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = _collector(ranges)
    parser.EntityDeclHandler = _no_entity
    with archive.open(part) as file:
        parser.ParseFile(file)
    return ranges


def _no_entity(name: str, *_) -> None:
    raise ValueError(f"entity {name!r}")


def _collector(ranges: list) -> Callable[[str, dict], None]:
    row, before = 0, (0, "")

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, before
        if name == _CELL:
            if cell := attributes.get("r"):
                letters = cell.rstrip("0123456789")
                column = (len(letters), letters.upper())
                if column <= before or cell[len(letters) :] != str(row):
                    raise ValueError(f"cell {cell[:20]} in row {row} out of order")
                before = column
        elif name == _ROW:
            number = int(attributes.get("r", row + 1))
            if number <= row:
                raise ValueError(f"row {number} after row {row}")
            row, before = number, (0, "")
        elif name == _MERGED:
            ranges.append(_range(attributes.get("ref", "")))

    return start


def _range(ref: str) -> tuple[int, int, int, int]:
    from openpyxl.utils import column_index_from_string

    found = _RANGE.fullmatch(ref if ":" in ref else f"{ref}:{ref}")
    if not found:
        raise ValueError(f"merged range {ref[:40]!r}")
    left, top, right, bottom = found.groups()
    rows = sorted((int(top) - 1, int(bottom) - 1))
    columns = sorted((column_index_from_string(left.upper()) - 1, column_index_from_string(right.upper()) - 1))
    return rows[0], columns[0], rows[1], columns[1]
