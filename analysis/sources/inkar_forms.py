"""The forms in which INKAR is delivered, as one table of cells: selection as CSV or Excel file, whole database as CSV.

The selection (INKAR-Online) has an indicator per column, repeated for every year, and the years below or beside the
names; the whole database has one value per row.
"""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd

from analysis.errors import InputError
from analysis.sources.delivered import as_csv, check_text, read_text, split_rows
from analysis.sources.lieferung import Probe
from analysis.sources.scan import csv_rows, in_memory, reading_error
from analysis.sources.sheets import Sheet, is_workbook, read_sheets
from analysis.sources.signs import as_text

WIDE = ("Kennziffer", "Raumeinheit", "Aggregat")
"""First columns of a selection."""

LONG = ("Bereich", "Indikator", "Raumbezug", "Kennziffer", "Zeitbezug", "Wert")
"""Columns without which a file is not the whole database; others may stand between them."""

COLUMNS = ["indikator", "groesse", "bereich", "raum", "kennziffer", "zeit", "zelle", "zeile"]
_YEAR = r"[0-9]{4}(?: ?(?:/|-|–|bis) ?[0-9]{2,4})?"
_LONGEST_HEADER, _MOST_BYTES = 1_000_000, 12_000_000_000
"""The database of 2024 has 6.8 GB; nothing else that is unpacked may be as large."""

Known = Callable[[str], str | None]
"""Finds the quantity that an indicator's name stands for, None if there is none."""


def form(probe: Probe) -> str | None:
    """Form of a delivered file: `selection`, `workbook` or `database`; None if it is not INKAR's."""
    if is_workbook(probe.head) and probe.sheets:
        return "workbook" if any(_header_row(sheet.rows) is not None for sheet in probe.sheets) else None
    names = _names(probe.first_line or probe.packed.partition("\n")[0])
    if tuple(names[:3]) == WIDE:
        return "selection"
    return "database" if {"Indikator", "Raumbezug", "Kennziffer", "Zeitbezug"} <= set(names) else None


def read_cells(path: Path, form: str, known: Known) -> tuple[pd.DataFrame, Counter]:
    """Cells of all indicators that stand for a quantity.

    Returns
    -------
    tuple
        Table with `COLUMNS` (`zelle` as delivered: text, number or None; `zeile` as a message names the row), and how
        many cells each other indicator has.

    Raises
    ------
    InputError
        Not this form, damaged, a name or year that is missing or stands twice, rows of different length.
    """
    if form == "workbook":
        sheets = [sheet for sheet in read_sheets(path) if _header_row(sheet.rows) is not None]
        if not sheets:
            raise InputError(f"{path}: no sheet has a row that begins with {', '.join(WIDE)}")
        parts = [_from_sheet(sheet, known) for sheet in sheets]
        return pd.concat([cells for cells, _ in parts], ignore_index=True), sum((c for _, c in parts), Counter())
    with as_csv(path, _MOST_BYTES) as csv:
        return (_from_selection if form == "selection" else _from_database)(path, csv, known)


def _names(line: str) -> list[str]:
    return [name.strip().strip('"').strip() for name in line.rstrip("\r\n").split(";")]


def _header_row(rows: list[tuple]) -> int | None:
    """Row (of the first ten) that begins with the columns of a selection."""
    for number, row in enumerate(rows[:10]):
        if tuple(as_text(cell) for cell in row[:3]) == WIDE:
            return number
    return None


def _from_selection(path: Path, csv: Path, known: Known) -> tuple[pd.DataFrame, Counter]:
    # A quote at the very end closes the last cell: such a file is whole though its last line has no end.
    records = split_rows(path, read_text(csv, named=path, ends=("\n", '"')), ";")
    width = len(records[0][0])
    for cells, line in records:
        if len(cells) != width and any(cell.strip() for cell in cells) and not _is_note(cells):
            raise InputError(f"{path}, row {line}: {len(cells)} columns; expected {width}; is the file truncated?")
    rows = [(*cells, *[""] * (width - len(cells))) for cells, _ in records]
    lines = [str(line) for _, line in records]
    header = _header_row(rows)
    if header is None:
        raise InputError(f"{path}, row 1: expected a header that begins with {';'.join(WIDE)}")
    return _from_rows(rows, header, lambda row, column=None: f"{path}, row {lines[row]}", lines, known)


def _from_sheet(sheet: Sheet, known: Known) -> tuple[pd.DataFrame, Counter]:
    rows = [list(row) for row in sheet.rows]
    header = _header_row(sheet.rows)
    for first_row, first, last_row, last in sheet.merged:
        if first_row == last_row and first_row <= header + 1 and first >= 3:  # a name over all its years
            rows[first_row][first : last + 1] = [rows[first_row][first]] * (last + 1 - first)
    lines = [f"{n + 1} of sheet {sheet.name!r}" for n in range(len(rows))]
    return _from_rows([tuple(row) for row in rows], header, sheet.place, lines, known)


def _is_note(row: tuple) -> bool:
    """Whether a row below the table is a footnote: text in its first cell that is no key, and nothing else."""
    return not re.fullmatch(r"[0-9.]*", as_text(row[0])) and not any(as_text(cell) for cell in row[1:])


def _from_rows(rows: list[tuple], header: int, place, lines: list[str], known: Known) -> tuple[pd.DataFrame, Counter]:
    """Cells of a selection whose header stands in that row."""
    names, years, first = _columns(rows, header, place)
    last = len(rows)
    while last > first and (not any(as_text(cell) for cell in rows[last - 1]) or _is_note(rows[last - 1])):
        last -= 1
    if last == first:
        raise InputError(f"{place(header)}: there is a header but no row")
    notes = sum(_is_note(row) for row in rows[last:])
    body = pd.DataFrame(rows[first:last], index=lines[first:last], dtype=object)
    groessen = [known(name) for name in names]
    others = Counter()
    if notes:
        others["footnotes"] = notes
    parts = [pd.DataFrame(columns=COLUMNS)]
    for column, (name, year, groesse) in enumerate(zip(names, years, groessen, strict=True), start=3):
        if groesse is None:
            others[name] += len(body)
        else:
            raum, kennziffer = body[2].map(as_text), body[0].map(as_text)
            part = {"raum": raum, "kennziffer": kennziffer, "zelle": body[column], "zeile": body.index}
            parts.append(pd.DataFrame(part).assign(indikator=name, groesse=groesse, bereich="", zeit=year)[COLUMNS])
    return pd.concat(parts, ignore_index=True), others


def _columns(rows: list[tuple], header: int, place) -> tuple[list[str], list[str], int]:
    """Indicator and year of every column from the fourth on, and the row where the data begin."""
    upper = [as_text(cell) for cell in rows[header][3:]]
    below = [as_text(cell) for cell in rows[header + 1]] if header + 1 < len(rows) else []
    if upper and all(re.fullmatch(_YEAR, text) for text in upper) and header:
        names, years, first = [as_text(cell) for cell in rows[header - 1][3:]], upper, header + 1
    elif below and not any(below[:3]):
        names, years, first = upper, below[3:], header + 2
    else:
        raise InputError(f"{place(header)}: no row of years below the names; expected ;;;2021;2022 …")
    while names and not names[-1] and not years[-1] and not any(as_text(r[len(names) + 2]) for r in rows[first:]):
        names, years = names[:-1], years[:-1]  # every row ends with a separator
    seen = {}
    for column, (name, year) in enumerate(zip(names, years, strict=True), start=3):
        if not name:
            raise InputError(f"{place(header, column)}: the column has no name")
        if (name, year) in seen:
            where = f"{name!r} for {year or 'no year'}"
            raise InputError(f"{place(header, column)}: {where} stands already in column {seen[name, year] + 1}")
        seen[name, year] = column
    if not names:
        raise InputError(f"{place(header)}: there is no indicator; expected names after {WIDE[-1]}")
    return names, years, first


def _from_database(path: Path, csv: Path, known: Known) -> tuple[pd.DataFrame, Counter]:
    with csv.open("rb") as file:
        line = file.readline(_LONGEST_HEADER)
    lines = check_text(path, csv) - _blank_end(csv)
    header = _names(line.decode("utf-8-sig"))
    missing = [c for c in LONG if c not in header]
    repeated = [c for c in dict.fromkeys(header) if header.count(c) > 1]
    if missing or repeated:
        what = f"column {missing[0]!r} is missing" if missing else f"column {repeated[0]!r} stands twice"
        raise InputError(f"{path}, row 1: {what}; expected {';'.join(LONG)}")
    try:
        with _database(csv, header) as db:
            found = db.execute("SELECT indikator, kuerzel, count(*) FROM d GROUP BY ALL ORDER BY ALL").fetchall()
            rows = sum(number for *_, number in found)
            if rows != lines - 1:
                what = "an empty line, or a quoted cell over a line end"
                raise InputError(f"{path}: {lines - 1} lines below the header, but {rows} rows: {what}")
            groessen, others = _choose(path, found, known)
            db.register("gesucht", groessen)
            cells = db.execute(
                "SELECT trim(indikator) AS indikator, groesse, bereich, raum, kennziffer, zeit, zelle, zeile "
                "FROM (SELECT *, row_number() OVER () + 1 AS zeile FROM d) JOIN gesucht USING (indikator, kuerzel)"
            ).df()
    except duckdb.Error as error:
        raise InputError(f"{path}: {reading_error(error)} (expected {len(header)} columns in every row)") from None
    return cells.sort_values("zeile", ignore_index=True).astype(dict.fromkeys(COLUMNS[:-1], object)), others


def _blank_end(csv: Path) -> int:
    """Number of empty lines at the end."""
    with csv.open("rb") as file:
        file.seek(-min(1000, csv.stat().st_size), 2)
        end = file.read().replace(b"\r", b"")
    return len(end) - len(end.rstrip(b"\n")) - 1


def _database(csv: Path, header: list[str]) -> duckdb.DuckDBPyConnection:
    """Connection with the file as view `d`; an empty cell is an empty text."""
    cells = {
        "bereich": "Bereich",
        "raum": "Raumbezug",
        "kennziffer": "Kennziffer",
        "zeit": "Zeitbezug",
        "zelle": "Wert",
    }
    trimmed = ", ".join(f"""trim(coalesce("{column}", '')) AS {as_}""" for as_, column in cells.items())
    kuerzel = """coalesce("Kuerzel", '')""" if "Kuerzel" in header else "''"
    db = in_memory()
    db.execute(
        f"""CREATE TEMP VIEW d AS SELECT coalesce("Indikator", '') AS indikator, {kuerzel} AS kuerzel, {trimmed} """
        f"FROM {csv_rows(csv, header)}"
    )
    return db


def _choose(path: Path, found: list[tuple], known: Known) -> tuple[pd.DataFrame, Counter]:
    """Quantity of every indicator that has one, and the rows of the others."""
    rows, others = [], Counter()
    for name, kuerzel, number in found:
        by_name, by_kuerzel = known(name), known(kuerzel)
        if by_name and by_kuerzel and by_name != by_kuerzel:
            raise InputError(f"{path}: {name!r} is {by_name}, but its Kuerzel {kuerzel!r} is {by_kuerzel}")
        if by_name or by_kuerzel:
            rows.append((name, kuerzel, by_name or by_kuerzel))
        else:
            others[" ".join(name.split()) or "(no name)"] += number
    return pd.DataFrame(rows, columns=["indikator", "kuerzel", "groesse"], dtype="str"), others
