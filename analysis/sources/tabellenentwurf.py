"""Drafts of descriptions: what a delivered table looks like, as YAML that an analyst completes."""

import csv
import io
import re
from dataclasses import replace
from pathlib import Path

import yaml

from analysis.errors import InputError
from analysis.sources.lieferung import probe
from analysis.sources.muster import find_day
from analysis.sources.sheets import Formel, Sheet, column_name, read_sheets
from analysis.sources.signs import as_text
from analysis.sources.tabellenkopf import Spalte, columns, is_column_numbers, plain
from analysis.sources.tabellenzeilen import body

_DAYS = (
    "Berichtsmonat: {monat} {jahr}",
    "Stichtag: {tag}. {monat} {jahr}",
    "{tag}. {monat} {jahr}",
    "{datum}",
    "{monat} {jahr}",
    "{quartal}. Quartal {jahr}",
    "{jahr}",
)
_SIGNS = {"*", "-", "–", ".", "...", "…", "/", "x", "X"}
_MOST_ROWS, _MOST_NAMES, _MOST_HEADER = 400, 40, 8


def draft(path: Path) -> str:
    """Draft of a description of a workbook or CSV file, with what was found as comments; quantities are left open.

    Raises
    ------
    InputError
        The file is missing, empty, or neither a workbook nor a text of rows and columns.
    """
    given = probe(path)
    if given.head.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        sheets, form = read_sheets(path), None
    else:
        sheet, form = _csv(path, given.text)
        sheets = [sheet]
    visible = [s for s in sheets if not s.hidden and s.rows]
    if not visible:
        raise InputError(f"{path}: no visible worksheet with a cell; expected a table")
    best = max(visible, key=lambda s: sum(map(_is_data, s.rows[:_MOST_ROWS])))
    lines = [f"# Entwurf für {_one_line(path.name)}; alles mit TODO ergänzen, alles andere prüfen."]
    if form is None:
        lines += [_of_sheet(s, s is best) for s in sheets]
    return "\n".join([*lines, *_description(path, best, form), ""])


def _csv(path: Path, text: str) -> tuple[Sheet, dict]:
    raw = path.read_bytes()
    kodierung = "utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    if kodierung == "utf-8":
        try:
            raw.decode("utf-8")
        except UnicodeDecodeError:
            kodierung = "cp1252"
    if not text or "\0" in text:
        raise InputError(f"{path}: neither a workbook nor a text; expected xlsx, xls or CSV")
    lines = text.splitlines()[:_MOST_ROWS]
    delimiter = max((";", "\t", "|", ","), key=lambda mark: sum(line.count(mark) for line in lines))
    try:
        rows = list(csv.reader(io.StringIO("\n".join(lines), newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise InputError(f"{path}: rows and columns are not to be told apart ({error})") from None
    width = max(map(len, rows), default=0)
    cells = [tuple(c if c.strip() else None for c in [*row, *[""] * (width - len(row))]) for row in rows]
    return Sheet(path, "", cells), {"kodierung": kodierung, "trennzeichen": "tab" if delimiter == "\t" else delimiter}


def _is_number(cell) -> bool:
    if isinstance(cell, int | float | Formel):
        return not isinstance(cell, bool)
    if not isinstance(cell, str) or _states_day(cell, "{datum}"):
        return False
    text = as_text(cell)
    return text in _SIGNS or re.fullmatch(r"\(?-?\s?[0-9][0-9.,'\s]*\)?", text) is not None


def _is_data(cells: tuple) -> bool:
    """Whether a row looks like one of the table's body: a name or key and at least as many numbers as other texts."""
    given = [c for c in cells if c is not None]
    numbers = sum(map(_is_number, given))
    return len(given) > 1 and numbers > 0 and 2 * numbers >= len(given)


def _header(sheet: Sheet) -> range:
    """Rows that look like the header: those with several texts right above the first two rows of data in a row."""
    rows = sheet.rows[:_MOST_ROWS]
    data = [_is_data(row) and not _are_years(row) for row in rows]
    first = next((n for n in range(len(rows)) if data[n] and (n + 1 >= len(rows) or data[n + 1])), None)
    if first is None:
        first = next((n for n, is_data in enumerate(data) if is_data), min(1, len(rows) - 1))
    start = first
    while start and first - start < _MOST_HEADER and _is_header(rows[start - 1]):
        start -= 1
    return range(start, first) if start < first else range(max(first - 1, 0), max(first, 1))


def _is_header(cells: tuple) -> bool:
    """Whether a row has several texts, none of which announces another (`Berichtsmonat:`)."""
    texts = [as_text(c) for c in cells if c is not None]
    return len(texts) > 1 and not any(text.endswith(":") for text in texts)


def _are_years(cells: tuple) -> bool:
    numbers = [as_text(c) for c in cells if _is_number(c)]
    return bool(numbers) and all(re.fullmatch(r"(19|20)[0-9]{2}", text) for text in numbers)


def _of_sheet(sheet: Sheet, is_best: bool) -> str:
    width = len(sheet.rows[0]) if sheet.rows else 0
    seen = "verborgen, wird nicht gelesen" if sheet.hidden else f"{len(sheet.rows)} Zeilen, {width} Spalten"
    return f"# Blatt {sheet.name!r}: {seen}{' (hier beschrieben)' if is_best else ''}"


def _description(path: Path, sheet: Sheet, form: dict | None) -> list[str]:
    header = _header(sheet)
    spalten = columns(sheet, header, form is not None)
    table = _table_rows(sheet, header)
    above = [plain(c) for row in sheet.rows[: header.start] for c in row if isinstance(c, str) and plain(c)]
    titles = [text for text in map(_without_day, above) if len(text) > 2]
    begin = next((plain(c) for c in sheet.rows[header.start] if plain(c)), "")
    area, is_key = _area(spalten, table)
    marks = ({"texte": titles[:2]} if titles else {}) | ({"blatt": sheet.name} if sheet.name else {})
    lines = [
        "lieferbeschreibung: tabelle",
        f"titel: {_flow(titles[0] if titles else path.stem)}",
        "quelle: TODO  # ba, tls oder eine andere Quelle des Katalogs",
        f"erkennung: {_flow(marks or {'texte': [begin or 'TODO']})}  # was nur diese Art von Datei hat",
    ]
    lines += [f"csv: {_flow(form)}"] if form else []
    rows = f"{{ab: {_flow(begin)}, zeilen: {len(header)}" if begin else f"{{von: {header.start + 1}, bis: {header.stop}"
    filled = ", fuellen: true" if form and len(header) > 1 else ""
    lines += [f"kopf: {rows}{filled}}}  # Zeilen {header.start + 1} bis {header.stop}"]
    lines += _days(path, sheet, header, spalten, table)
    lines += _area_lines(area, is_key, spalten, table)
    lines += ["spalten:  # Größen stehen in analysis/catalogue.yaml; was nicht gebraucht wird, löschen"]
    values = [s for s in spalten if s.pfad and s.nummer != area and any(_is_number(r[s.nummer]) for r in table)]
    lines += [f"  - {{groesse: TODO, kopf: {_flow(list(s.pfad))}}}  # Spalte {column_name(s.nummer)}" for s in values]
    lines += [] if values else ["  - {groesse: TODO, kopf: [TODO]}  # keine Spalte mit Zahlen gefunden"]
    texts = list(dict.fromkeys(plain(c) for row in table for c in row[: area + 2] if isinstance(c, str)))
    sums = [t for t in texts if re.match(r"VG:|Verwaltungsgem|Insgesamt|Zusammen|Summe|Gesamt", t, re.IGNORECASE)]
    vg = sum(t.startswith("VG:") for t in sums)
    sums = [t for t in sums if not t.startswith("VG:")]
    lines += ["auslassen:"] if vg or sums else []
    lines += ['  - {grund: Verwaltungsgemeinschaften, beginnt: "VG:"}'] if vg else []
    lines += [f"  - {{grund: Summenzeilen, gleich: {_flow(sums[:_MOST_NAMES])}}}"] if sums else []
    return lines


def _without_day(text: str) -> str:
    """Text up to the date that it states: marks of recognition must fit the next delivery too."""
    hits = [hit for muster in _DAYS if _states_day(text, muster) and (hit := find_day(text, muster))]
    return text[: min((hit[2][0] for hit in hits), default=len(text))].strip(" ,:(")


def _table_rows(sheet: Sheet, header: range) -> list[tuple]:
    """Rows of the table without what stands below it and without a row that numbers the columns."""
    rows = sheet.rows[:_MOST_ROWS]
    numbers = [c for c in range(len(rows[0])) if any(_is_number(row[c]) for row in rows[header.stop :])]
    try:
        places, _ = body(replace(sheet, rows=rows), header, numbers[1:] or numbers, [], {})
    except InputError:  # numbers below the table: the analyst sees all of it
        places = range(header.stop, len(rows))
    return [rows[n] for n in places if not is_column_numbers(rows[n])]


def _days(path: Path, sheet: Sheet, header: range, spalten: list[Spalte], rows: list[tuple]) -> list[str]:
    """Places where a reference date seems to stand, the likeliest first, the others as comments."""
    columns_of_dates = [
        (f"{{in: spalte, kopf: {_flow(list(s.pfad))}, muster: ", [as_text(row[s.nummer]) for row in rows[:3]])
        for s in spalten
        if s.pfad and not all(_is_number(row[s.nummer]) for row in rows[:3])
    ]
    places = [
        ("{in: text, muster: ", [as_text(c) for row in sheet.rows[: header.start] for c in row if c is not None]),
        ("{in: kopf, muster: ", [text for s in spalten for text in s.pfad]),
        *columns_of_dates,
        ("{in: blattname, muster: ", [sheet.name]),
        ("{in: dateiname, muster: ", [path.stem]),
    ]
    found = []
    for begin, texts in places:
        for muster in _DAYS:
            hits = [t for t in texts if _states_day(t, muster)]
            if hits:
                found.append(f"stichtag: {begin}{_flow(muster)}}}  # {_one_line(hits[0])[:80]}")
                break
    if not found:
        return ['stichtag: {in: text, muster: "TODO {monat} {jahr}"}  # kein Datum gefunden']
    return [found[0], *(f"# oder {line}" for line in found[1:4])]


def _states_day(text: str, muster: str) -> bool:
    try:
        return find_day(text, muster) is not None
    except InputError:
        return False


def _area(spalten: list[Spalte], rows: list[tuple]) -> tuple[int, bool]:
    """Column that seems to hold the area, and whether it holds official keys."""
    for s in spalten:
        texts = [as_text(row[s.nummer]).replace(" ", "") for row in rows if row[s.nummer] is not None]
        keys = [t for t in texts if re.fullmatch(r"[0-9]{5}|[0-9]{7,8}|[0-9]{12}", t)]
        if texts and 2 * len(keys) > len(texts) and len(set(keys)) == len(keys):
            return s.nummer, True
    named = (
        s.nummer for s in spalten if sum(isinstance(r[s.nummer], str) and not _is_number(r[s.nummer]) for r in rows)
    )
    return next(named, 0), False


def _area_lines(area: int, is_key: bool, spalten: list[Spalte], rows: list[tuple]) -> list[str]:
    pfad = _flow(list(spalten[area].pfad) or ["TODO"])
    if is_key:
        return [f"gebiet: {{in: spalte, kopf: {pfad}, schluessel: amtlich}}"]
    names = dict.fromkeys(plain(row[area]) for row in rows if plain(row[area]) and not _is_number(row[area]))
    lines = ["gebiet:", "  in: spalte", f"  kopf: {pfad}", "  schluessel: eigene  # oder kreisname", "  zuordnung:"]
    lines += [f'    {_flow(name)}: "TODO"' for name in [*names][:_MOST_NAMES]] or ['    TODO: "TODO"']
    if len(names) > _MOST_NAMES:
        lines.append(f"    # … und {len(names) - _MOST_NAMES} weitere")
    return lines


def _flow(value) -> str:
    """A value as YAML on one line."""
    text = yaml.safe_dump([value], default_flow_style=True, allow_unicode=True, width=1 << 20, sort_keys=False)
    return text.strip()[1:-1]


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
