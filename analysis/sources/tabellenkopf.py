"""Headers of statistical tables: many rows, merged cells, footnote marks → one path of texts per column."""

import re
from dataclasses import dataclass

from analysis.errors import InputError
from analysis.sources.sheets import Formel, Sheet, column_name
from analysis.sources.signs import as_text

_MARK = re.compile(
    r"\s*(?:[0-9]{1,2}\)|[a-z]\)|\*+\)?|[\u00b9\u00b2\u00b3\u2070\u2074-\u2079]+[)\u207e]?|(?<=[a-zäöüß]{3})[0-9])"
    r"(?:\s*,(?=\s*[0-9*\u00b9\u00b2\u00b3]))?$"
)

_MOST_ROWS = 20
"""Rows that a header can have."""


@dataclass(frozen=True)
class Spalte:
    """A column: its place (from 0) and the texts above it from top to bottom."""

    nummer: int
    pfad: tuple[str, ...]


def plain(cell) -> str:
    """Text of a cell without line ends, hyphens at them, soft hyphens and footnote marks (`1)`, `¹`, `*`).

    A digit that hangs on a word of small letters (`Langzeitarbeitslose1`) is a raised footnote mark too.
    """
    if cell is None or isinstance(cell, Formel):
        return ""
    if isinstance(cell, str):
        cell = re.sub(r"(?<=\w)-[ \t]*\r?\n\s*(?=[a-zäöüß])", "", cell).replace("\u00ad", "")
    text = as_text(cell)
    while (mark := _MARK.search(text)) and mark.start():
        if mark.group().endswith(")") and text.count("(") >= text.count(")"):
            break  # the bracket belongs to the text: (unter 25)
        text = text[: mark.start()].rstrip()
    return text


def key(text: str) -> str:
    """Form in which two texts are compared: without footnote marks, and case does not matter."""
    return plain(text).casefold()


def header_rows(sheet: Sheet, kopf: dict, place: str) -> range:
    """Rows of the header (from 0).

    Parameters
    ----------
    sheet
        The worksheet.
    kopf
        `{ab: text, zeilen: n}` or `{von: n, bis: n}` of a description. Without `zeilen` the header ends before the
        first row that holds a number or a single cell, but not within a merged cell.
    place
        How a message names file and sheet.

    Raises
    ------
    InputError
        There is no cell with that text, or the sheet ends before the header does.
    """
    if "ab" in kopf:
        wanted = {key(text) for text in ([kopf["ab"]] if isinstance(kopf["ab"], str) else kopf["ab"])}
        first = next((n for n, row in enumerate(sheet.rows) if not wanted.isdisjoint(map(key, row))), None)
        if first is None:
            begin = [plain(c) for row in sheet.rows[:40] for c in row if plain(c)][:12]
            raise InputError(f"{place}: no cell {kopf['ab']!r} where the header should begin; found {begin}")
        rows = range(first, first + kopf["zeilen"] if "zeilen" in kopf else _end(sheet, first))
    else:
        rows = range(kopf["von"] - 1, kopf["bis"])
    if not rows or rows.stop > len(sheet.rows):
        raise InputError(f"{place}: the header should end in row {rows.stop}; the table has {len(sheet.rows)} rows")
    return rows


def _end(sheet: Sheet, first: int) -> int:
    end = first + 1
    while end < min(len(sheet.rows), first + _MOST_ROWS):
        given = [c for c in sheet.rows[end] if c is not None]
        inside = any(top <= first < bottom + 1 and end <= bottom for top, _, bottom, _ in sheet.merged)
        if not inside and (len(given) < 2 or any(map(_is_number, given))):
            break
        end += 1
    return end


def _is_number(cell) -> bool:
    """Whether a cell is a number, but no year."""
    text = as_text(cell) if isinstance(cell, str | int | float) else ""
    return re.fullmatch(r"-?\s?[0-9][0-9.,\s]*", text) is not None and not re.fullmatch(
        r"(?:19|20)[0-9]{2}|[0-9]{1,2}\.\s?[0-9]{1,2}\.\s?[0-9]{4}", text
    )


def columns(sheet: Sheet, rows: range, fuellen: bool = False, as_is=plain) -> list[Spalte]:
    """Path of every column: texts of the header rows, merged cells filled, equal neighbours once, empty ones dropped.

    Rows that only number the columns (1 2 3) or only call all of them counts (`Anzahl`) do not belong to the paths.

    Parameters
    ----------
    sheet, rows
        Worksheet and rows of its header.
    fuellen
        Whether an empty cell takes the text to its left; a text that ends further left in a row above ends here too.
    as_is
        How a cell becomes a text.
    """
    naming = [row for row in rows if not (_only_numbers(sheet.rows[row]) or _only_counts(sheet.rows[row]))]
    texts = {row: [as_is(cell) for cell in sheet.rows[row]] for row in naming}
    for top, left, bottom, right in sheet.merged:
        for row in range(max(top, rows.start), min(bottom, rows.stop - 1) + 1):
            if row in texts and top >= rows.start:
                texts[row][left : right + 1] = [as_is(sheet.rows[top][left])] * (right - left + 1)
    if fuellen:
        _fill(list(texts.values()))
    width = len(sheet.rows[rows.start])
    return [Spalte(n, _path([row[n] for row in texts.values()])) for n in range(width)]


def _fill(texts: list[list[str]]) -> None:
    begins: set[int] = set()
    for row in texts[:-1]:  # the last row names single columns
        for n, text in enumerate(row):
            if text:
                begins.add(n)
            elif n and n not in begins:
                row[n] = row[n - 1]


def _only_numbers(cells: tuple) -> bool:
    """Whether a row numbers the columns (1 2 3 4), be it beside one text."""
    given = [as_text(c).strip("()") for c in cells if c is not None]
    numbers = [text for text in given if re.fullmatch("[0-9]{1,3}", text)]
    return 1 < len(numbers) >= len(given) - 1 and numbers == [str(n + 1) for n in range(len(numbers))]


def _only_counts(cells: tuple) -> bool:
    """Whether a row says of every column that it counts; beside `%` the unit tells columns apart."""
    given = {as_text(c).casefold() for c in cells if c is not None}
    return bool(given) and given <= {"anzahl", "personen"}


def is_column_numbers(cells: tuple) -> bool:
    """Whether a row below the header does nothing but number the columns."""
    given = [as_text(c).strip("()") for c in cells if c is not None]
    return len(given) > 2 and given == [str(n + 1) for n in range(len(given))]


def _path(texts: list[str]) -> tuple[str, ...]:
    given = [text for text in texts if text]
    return tuple(text for n, text in enumerate(given) if not n or text != given[n - 1])


def find(spalten: list[Spalte], pfad: list, place: str, kann_fehlen: bool = False) -> Spalte | None:
    """The one column that a path of a description names.

    A path names a column whose own path holds it in order and ends with the same text; a column whose path is equal
    goes before others. An element may be a list of alternatives; of the last one, those named first go before others.

    Raises
    ------
    InputError
        No column or several; the text shows the paths that were found.
    """
    wanted = [[key(t) for t in ([e] if isinstance(e, str) else e)] for e in pfad]
    paths = [[key(t) for t in spalte.pfad] for spalte in spalten]
    equal = [s for s, p in zip(spalten, paths, strict=True) if len(p) == len(wanted) and _holds(p, wanted)]
    found = equal or [s for s, p in zip(spalten, paths, strict=True) if p and wanted and _holds(p, wanted)]
    first = min((wanted[-1].index(key(s.pfad[-1])) for s in found if wanted), default=0)
    found = [s for s in found if not wanted or key(s.pfad[-1]) == wanted[-1][first]]
    if len(found) == 1:
        return found[0]
    if not found and kann_fehlen:
        return None
    name = " / ".join(e if isinstance(e, str) else "|".join(e) for e in pfad)
    if found:
        which = ", ".join(f"{column_name(s.nummer)} ({' / '.join(s.pfad)})" for s in found[:6])
        raise InputError(f"{place}: header {name!r} fits {len(found)} columns: {which}; expected exactly one")
    there = "; ".join(f"{column_name(s.nummer)}: {' / '.join(s.pfad)}" for s in spalten if s.pfad)
    raise InputError(f"{place}: no column with the header {name!r}; found {there[:700] or 'none'}")


def _holds(path: list[str], wanted: list[list[str]]) -> bool:
    if not path or not wanted:
        return not path and not wanted
    if path[-1] not in wanted[-1]:
        return False
    rest = iter(path[:-1])
    return all(any(text in element for text in rest) for element in wanted[:-1])


def place(sheet: Sheet, row: int | None = None, column: int | None = None) -> str:
    """How a message names a worksheet, row or cell (from 0); a sheet without name is a CSV file."""
    if row is None:
        return f"{sheet.path}, sheet {sheet.name!r}" if sheet.name else str(sheet.path)
    if sheet.name:
        return sheet.place(row, column)
    return f"{sheet.path}, row {row + 1}" + (f", column {column + 1}" if column is not None else "")
