"""A goal catalogue as an Excel workbook: one sheet per part, the same content as the YAML file."""

import datetime as dt
import io
import zipfile
from pathlib import Path

from analysis.errors import InputError

SPALTEN = {
    "Katalog": ("angabe", "wert"),
    "Ebenen": ("id", "name", "mehrzahl", "unter", "massnahme", "auch_oben", "aenderung_durch"),
    "Felder": ("code", "name"),
    "Stellen": ("name", "auch"),
    "Angaben": ("ebene", "anzahl", "satz", "fundstelle"),
    "Ziele": (
        *("code", "ebene", "ueber", "feld", "text", "erlaeuterung", "lebenslage", "zustaendig", "frist", "umsetzung"),
        *("indikatoren", "beschluss", "gedruckt", "fundstelle", "genannt"),
    ),
    "Verlauf": ("code", "datum", "was", "von", "auf", "grund", "beschluss"),
}
"""Sheet → its headings, in their order."""

KATALOG = ("kreis", "titel", "stand", "beginn", "quelle", "hinweis", "gremium", "datum", "nummer")
"""Rows of the sheet Katalog; the last three are the decision."""

LISTEN = ("unter", "auch", "zustaendig", "indikatoren", "genannt")
"""Columns that hold several entries, separated by semicolons."""

TAGE = ("frist", "datum", "von", "auf", "stand", "beginn")
"""Columns and rows of the sheet Katalog that may hold a date of Excel; elsewhere it made one of something else."""

ZAHLEN = ("anzahl", "text", "erlaeuterung", "satz", "fundstelle", "grund", "titel", "quelle", "hinweis")
"""Columns and rows of the sheet Katalog that may hold a number; elsewhere Excel took zeros from it (01, 1.10)."""

_BREITEN = {
    "text": 70,
    "erlaeuterung": 50,
    "satz": 70,
    "wert": 70,
    "grund": 50,
    "name": 40,
    "zustaendig": 40,
    "genannt": 40,
}


def lesen(path: Path, inhalt: bytes | None = None) -> tuple[dict, list[str]]:
    """Content of a workbook as the YAML file would hold it, and the place of each goal.

    `inhalt` is what the file shall hold (None: what it holds).

    Raises
    ------
    InputError
        No workbook, a sheet is missing, headings moved or renamed, cells are merged, a cell holds a formula, an error,
        or a number or date where Excel may have changed what was typed; a row of the history names no goal.
    """
    book = oeffnen(path, inhalt)
    tables = {name: _rows(path, book, name) for name in SPALTEN}
    head = {}
    for place, row in tables["Katalog"]:
        if row["angabe"] not in KATALOG:
            raise InputError(f"{path}, {place}: {row['angabe']!r} is unknown; expected {', '.join(KATALOG)}")
        if row["angabe"] in head:
            raise InputError(f"{path}, {place}: {row['angabe']!r} stands twice")
        head[row["angabe"]] = row.get("wert", "")
    decision = {part: head.pop(part) for part in ("gremium", "datum", "nummer") if head.get(part)}
    head = {key: value for key, value in head.items() if key in KATALOG[:6] and value}
    if decision:
        head["beschluss"] = decision
    for level in (levels := [row for _, row in tables["Ebenen"]]):
        for key in {"massnahme", "auch_oben"} & set(level):
            level[key] = _yes(path, level.get("id", ""), key, level[key])
    claims = [row for _, row in tables["Angaben"]]
    for (place, _), row in zip(tables["Angaben"], claims, strict=True):
        row["anzahl"] = _whole(path, place, row.get("anzahl", ""))
    goals, places = [row for _, row in tables["Ziele"]], [place for place, _ in tables["Ziele"]]
    by_code = {row.get("code"): row for row in reversed(goals)}
    for place, row in tables["Verlauf"]:
        code = row.pop("code", "")
        if code not in by_code:
            raise InputError(f"{path}, {place}: there is no goal {code!r}; expected a code of the sheet Ziele")
        by_code[code].setdefault("verlauf", []).append(row)
    fields, bodies = ([row for _, row in tables[name]] for name in ("Felder", "Stellen"))
    content = head | {"ebenen": levels, "felder": fields, "stellen": bodies, "angaben": claims, "ziele": goals}
    return {"zielkatalog": content}, places


def oeffnen(path: Path, inhalt: bytes | None = None):
    """Workbook of openpyxl.

    Raises
    ------
    InputError
        There is no such file, or it is no workbook.
    """
    import openpyxl

    if inhalt is None and not path.is_file():
        raise InputError(f"{path}: there is no such file")
    try:
        return openpyxl.load_workbook(path if inhalt is None else io.BytesIO(inhalt))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, openpyxl.utils.exceptions.InvalidFileException) as error:
        raise InputError(f"{path}: no readable Excel workbook ({' '.join(str(error).split())[:150]})") from None


def _rows(path: Path, book, name: str) -> list[tuple[str, dict]]:
    """Place and filled cells of each row below the headings; empty rows are passed over."""
    if name not in book.sheetnames:
        raise InputError(f"{path}: there is no sheet {name}; expected {', '.join(SPALTEN)}")
    sheet, expected = book[name], SPALTEN[name]
    found = tuple("" if cell.value is None else str(cell.value).strip() for cell in sheet[1])
    while found and not found[-1]:
        found = found[:-1]
    if found != expected:
        columns = ", ".join(found) or "empty"
        raise InputError(f"{path}, sheet {name}, row 1: the columns are {columns}; expected {', '.join(expected)}")
    width = len(expected)
    if merged := [str(part) for part in sheet.merged_cells.ranges if part.max_row > 1 and part.min_col <= width]:
        raise InputError(f"{path}, sheet {name}: the cells {merged[0]} are merged; expected each by itself")
    rows = []
    for number, cells in enumerate(sheet.iter_rows(min_row=2), start=2):
        place = f"sheet {name}, row {number}"
        parts = [*expected, *[""] * (len(cells) - width)]
        if name == "Katalog" and cells:
            parts[1:2] = [str(cells[0].value).strip()]
        texts = [
            _text(path, f"{place}, column {cell.column_letter}", part, cell)
            for part, cell in zip(parts, cells, strict=False)
            if not _merged(cell)
        ]
        if any(texts[width:]):
            raise InputError(f"{path}, {place}: a cell right of the column {expected[-1]} is filled; expected nothing")
        row = {key: text for key, text in zip(expected, texts, strict=False) if text}
        for key in set(LISTEN) & set(row):
            row[key] = [part.strip() for part in row[key].split(";") if part.strip()]
        if row:
            rows.append((place, row))
    return rows


def _merged(cell) -> bool:
    return type(cell).__name__ == "MergedCell"


def _text(path: Path, place: str, part: str, cell) -> str:
    """Cell of a column (or row of the sheet Katalog) as text; a date as 31.03.2026, a whole number without decimals."""
    value = cell.value
    if cell.data_type in ("f", "e"):
        what = "a formula" if cell.data_type == "f" else "an error"
        raise InputError(f"{path}, {place}: {what} ({str(value)[:40]}); expected its value as text")
    if isinstance(value, dt.datetime | dt.date | dt.time | dt.timedelta):
        if part in TAGE and isinstance(value, dt.datetime | dt.date):
            return f"{value:%d.%m.%Y}"
        raise InputError(f"{path}, {place}: {part} is a date ({value}); expected text: format the cell as text first")
    if isinstance(value, int | float) and not isinstance(value, bool):
        if part not in (*ZAHLEN, *TAGE):
            raise InputError(
                f"{path}, {place}: {part} is the number {value:g}; expected text: format the cell as text first, else "
                "Excel takes zeros from it"
            )
        return f"{value:.15g}"
    return "" if value is None else str(value).strip()


def _yes(path: Path, place: str, key: str, text: str) -> bool:
    said = {"ja": True, "true": True, "wahr": True, "nein": False, "false": False, "falsch": False}
    if text.lower() not in said:
        raise InputError(f"{path}, sheet Ebenen, {place}: {key} is {text!r}; expected ja or nein")
    return said[text.lower()]


def _whole(path: Path, place: str, text: str) -> int:
    if not text.isdecimal():
        raise InputError(f"{path}, {place}: anzahl is {text!r}; expected a whole number")
    return int(text)


def schreiben(inhalt: dict) -> bytes:
    """Workbook with the content of a catalogue (as the YAML file holds it); equal content gives equal bytes."""
    import xlsxwriter

    given = inhalt["zielkatalog"]
    head = given | (given.get("beschluss") or {})
    history = [{"code": z["code"]} | a for z in given["ziele"] for a in z.get("verlauf", ())]
    parts = {
        "Katalog": [{"angabe": key, "wert": head.get(key, "")} for key in KATALOG],
        "Verlauf": history,
        **{name: given.get(name.lower(), []) for name in ("Ebenen", "Felder", "Stellen", "Angaben", "Ziele")},
    }
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, {"in_memory": True})
    book.set_properties({"title": given["titel"], "author": "Kreisblick", "created": dt.datetime(1980, 1, 1)})
    bold, plain = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    for name, columns in SPALTEN.items():
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for column, key in enumerate(columns):
            sheet.set_column(column, column, _BREITEN.get(key, 18), plain)
            sheet.write_string(0, column, key, bold)
            for row, entry in enumerate(parts[name], start=1):
                sheet.write_string(row, column, _cell(entry.get(key, "")), plain)
    book.close()
    return written.getvalue()


def _cell(value) -> str:
    if isinstance(value, bool):
        return "ja" if value else ""
    return "; ".join(value) if isinstance(value, list) else str(value)
