"""Rows of delivered tables: where the table ends, which rows are left out, which row is which quantity."""

import re
from collections import Counter
from collections.abc import Callable

import pandas as pd

from analysis.errors import InputError
from analysis.sources.sheets import Sheet
from analysis.sources.signs import as_text, parse
from analysis.sources.tabellenkopf import Spalte, find, key, place, plain

_BELOW = re.compile(
    r"(?:daten)?quelle|©|\(c\)|erstellungsdatum|datenstand|herausgeber|copyright|hinweis|anmerkung|fußnote"
    r"|zeichenerklärung|statistik der bundesagentur|bundesagentur für arbeit|thüringer landesamt|stand:"
    r"|_{3,}|-{3,}|[0-9]{1,2}\)|\*|[\u00b9\u00b2\u00b3\u2074-\u2079]",
    re.IGNORECASE,
)
"""With what the first cell below a table begins: source lines, footnotes, legends."""

_BEFORE = re.compile(
    r"^(?:(?:darunter|davon|dar\.|dav\.):?\s+)?(?:[0-9]{1,3}(?:,[0-9]+)?\s?%\s+)?(?:(?:darunter|davon|dar\.|dav\.):?\s+)?",
    re.IGNORECASE,
)
"""What stands before the name of a row: `dar.: 53,3% Männer`."""


def body(
    sheet: Sheet, header: range, named: list[int], ende: list[str], legend: dict[str, str]
) -> tuple[list[int], list[int]]:
    """Rows of the table that are not empty, and the rows below it.

    Parameters
    ----------
    sheet, header
        Worksheet and rows of its header.
    named
        Columns with values.
    ende
        Further texts with which the first cell below the table begins.
    legend
        Signs that stand for a number.

    Raises
    ------
    InputError
        A number or a sign stands in a value column below the end of the table.
    """
    ends = tuple(key(text) for text in ende)
    rows = [n for n in range(header.stop, len(sheet.rows)) if any(c is not None for c in sheet.rows[n])]
    for number, row in enumerate(rows):
        cells = sheet.rows[row]
        if not all(cells[c] is None or _is_remark(cells[c]) for c in named):
            continue
        first = next(as_text(c) for c in cells if c is not None)
        if _BELOW.match(first) or (ends and key(first).startswith(ends)):
            _check_below(sheet, rows[number:], named, legend, f"row {row + 1}: {first[:40]!r}")
            return rows[:number], rows[number:]
    return rows, []


def _is_remark(cell) -> bool:
    """Whether a cell is a text that is no sign and no number (`Erstellt am 02.01.2024`)."""
    return isinstance(cell, str) and re.search(r"\w{3}", cell) is not None and not re.match(r"\s*[-0-9]", cell)


def _check_below(sheet: Sheet, rows: list[int], named: list[int], legend: dict[str, str], end: str) -> None:
    values = {sign: reason for sign, reason in legend.items() if sign}
    for column in named:
        cells = pd.Series([sheet.rows[row][column] for row in rows], dtype=object)
        blank, dot = parse(cells, values, ",", " "), parse(cells, values, ",", ".")
        wrong = (blank.wert.notna() | dot.wert.notna() | (blank.grund != "")).to_numpy()
        if wrong.any():
            row = rows[int(wrong.argmax())]
            value = as_text(sheet.rows[row][column])
            raise InputError(f"{place(sheet, row, column)}: {value[:40]!r} below the end of the table ({end})")


def key_cells(sheet: Sheet, rows: list[int], keys: dict[str, int], description: dict) -> dict[str, list]:
    """Cells of the columns with area, date and row labels; merged cells filled, empty ones too where it says so."""
    merged = {
        (row, column): sheet.rows[top][left]
        for top, left, bottom, right in sheet.merged
        for column in set(keys.values()) & set(range(left, right + 1))
        for row in range(top, bottom + 1)
    }
    cells = {}
    for what, column in keys.items():
        found = [merged.get((row, column), sheet.rows[row][column]) for row in rows]
        if description[what].get("nach_unten"):
            for n in range(1, len(found)):
                found[n] = found[n - 1] if found[n] is None else found[n]
        cells[what] = found
    return cells


def left_out(
    sheet: Sheet, rows: list[int], first_value: int, spalten: list[Spalte], rules: list[dict]
) -> tuple[set[int], list[int], Counter]:
    """Rows that a description skips on purpose, those of them that are sums to check, and how many for which reason.

    Parameters
    ----------
    sheet, rows
        Worksheet and rows of the table.
    first_value
        First column with values; the texts left of it are looked at unless a rule names its column.
    spalten, rules
        Columns of the table and `auslassen` of the description; the first rule that fits counts.

    Raises
    ------
    InputError
        A rule fits another number of rows than it says.
    """
    out: set[int] = set()
    sums: list[int] = []
    counts: Counter = Counter()
    texts = {row: [plain(c) for c in sheet.rows[row][:first_value]] for row in rows}
    for rule in rules:
        if "ohne" in rule:
            column = find(spalten, rule["ohne"], place(sheet)).nummer
            fits = {row for row in rows if sheet.rows[row][column] is None}
        elif "kopf" in rule:
            fitting = _fitting(rule)
            column = find(spalten, rule["kopf"], place(sheet)).nummer
            fits = {row for row in rows if fitting([plain(sheet.rows[row][column])])}
        else:
            fitting = _fitting(rule)
            fits = {row for row in rows if fitting(texts[row])}
        fits -= out
        if len(fits) != rule.get("anzahl", len(fits)):
            expected = f"expected {rule['anzahl']} as the description says"
            raise InputError(f"{place(sheet)}: {len(fits)} rows to leave out ({rule['grund']}); {expected}")
        counts[rule["grund"]] += len(fits)
        out |= fits
        sums += sorted(fits) if rule.get("summe") else []
    return out, sums, +counts


def _fitting(rule: dict) -> Callable[[list[str]], bool]:
    """Function that says whether one of the texts of a row is what a rule leaves out."""
    if "muster" in rule:
        whole = re.compile(rule["muster"]).fullmatch
        return lambda texts: any(whole(text) for text in texts if text)
    given = rule.get("beginnt", rule.get("gleich"))
    wanted = tuple(key(text) for text in ([given] if isinstance(given, str) else given))
    if "beginnt" in rule:
        return lambda texts: any(text.startswith(wanted) for text in map(str.casefold, texts))
    return lambda texts: any(text.casefold() in wanted for text in texts if text)


def find_row(labels: list[str], is_heading: list[bool], pfad: list) -> int | None:
    """Place of the first row at the end of a path of labels; a heading that the path does not name ends the search.

    What stands before a label (`dar.: 53,3% Männer`) and its footnote marks do not count.
    """
    names = [key(_BEFORE.sub("", label)) for label in labels]
    wanted = [{key(_BEFORE.sub("", t)) for t in ([e] if isinstance(e, str) else e)} for e in pfad]
    for first in (n for n, name in enumerate(names) if name in wanted[0]):
        row, depth = first, 1
        while depth < len(wanted) and row + 1 < len(names):
            row += 1
            if names[row] in wanted[depth]:
                depth += 1
            elif is_heading[row] and names[row]:
                break
        if depth == len(wanted) and not is_heading[row]:
            return row
    return None
