"""Tables whose layout differs from delivery to delivery, each read as its description says (Lieferbeschreibung).

Workbooks and CSV files of the Bundesagentur für Arbeit, the Thüringer Landesamt für Statistik and others: many header
rows, merged cells, footnotes, several worksheets. A description is a YAML file (see `lieferbeschreibung`); shipped ones
lie in `analysis/sources/tabellen/`. HTML is not read.
"""

from collections import Counter
from pathlib import Path

import pandas as pd

from analysis.catalogue import Katalog
from analysis.errors import InputError
from analysis.observations import check
from analysis.sources import (
    lieferbeschreibung,
    tabellengebiet,
    tabellenkopf,
    tabellenstichtag,
    tabellensumme,
    tabellenwerte,
    tabellenzeilen,
)
from analysis.sources.delivered import read_text, split_rows
from analysis.sources.lieferung import Lieferung, Probe, probe
from analysis.sources.sheets import Sheet, read_sheets
from analysis.sources.tabellenkopf import Spalte, find, place, plain

VERSION = 1

_HEADINGS = "rows without an area and a value (headings)"
_COLUMNS = "columns that the description does not name"
_ROWS = "rows that the description does not name"
_NUMBERS = "rows of column numbers"


def recognises(probe: Probe) -> bool:
    """Whether a description fits the file, or the file is a description itself."""
    return lieferbeschreibung.is_description(probe) or lieferbeschreibung.fitting(probe) is not None


def accompanies(probe: Probe) -> bool:
    """Whether the file is a description, which is read with the tables beside it."""
    return lieferbeschreibung.is_description(probe)


def read(path: Path, katalog: Katalog) -> Lieferung:
    """Observations of a table, as its description says.

    Returns
    -------
    Lieferung
        Observations. Left out and counted are worksheets, columns and rows that the description does not name, rows
        that it skips on purpose, and headings. A description itself brings nothing, but is checked.

    Raises
    ------
    InputError
        No description fits or several do, a description is wrong, a column, reference date or area is not found or
        not clear, a cell is neither a number nor a sign of the legend, and everything that `observations.check`
        refuses.
    """
    given = probe(path)
    if lieferbeschreibung.is_description(given):
        _check_names(path, lieferbeschreibung.load(path), katalog)
        return Lieferung(f"tabelle {VERSION}")
    found = lieferbeschreibung.fitting(given)
    if found is None:
        raise InputError(f"{path}: no description of a table fits; `kreisblick describe` drafts one")
    file, description = found
    _check_names(file, description, katalog)
    sheets, left_out = _sheets(path, description)
    tables = [_table(sheet, description, katalog, left_out) for sheet in sheets]
    table = pd.concat(tables, ignore_index=True)
    if table.empty:
        raise InputError(f"{path}: the table has no row with an area; expected one or more")
    return Lieferung(f"tabelle {VERSION}", check(table, katalog, str(path)), dict(left_out))


def _check_names(file: Path, description: dict, katalog: Katalog) -> None:
    entries = description["zeilen"]["groessen"] if "zeilen" in description else description["spalten"]
    for entry in entries:
        try:
            katalog.groesse(entry["groesse"])
        except InputError as error:
            raise InputError(f"{file}: {error}") from None
    if description["quelle"] not in katalog.quellen:
        raise InputError(f"{file}: there is no source {description['quelle']!r} in the catalogue")
    if description["quelle"] not in tabellenwerte.ZEICHEN and not {"zeichen", "zahlen"} <= set(description):
        raise InputError(
            f"{file}: expected `zeichen` and `zahlen`; they are known only for {', '.join(tabellenwerte.ZEICHEN)}"
        )


def _sheets(path: Path, description: dict) -> tuple[list[Sheet], Counter]:
    left_out: Counter = Counter()
    if description["csv"]:
        return [_csv_sheet(path, **description["csv"])], left_out
    sheets = read_sheets(path)
    chosen = lieferbeschreibung.chosen(sheets, description)
    if not chosen:
        names = ", ".join(repr(s.name) + (" (hidden)" if s.hidden else "") for s in sheets)
        raise InputError(f"{path}: no visible worksheet that the description reads; found {names}")
    hidden = sum(s.hidden for s in sheets)
    others = len(sheets) - len(chosen) - hidden
    for reason, number in (("worksheets that the description does not read", others), ("hidden worksheets", hidden)):
        if number:
            left_out[reason] = number
    return chosen, left_out


def _csv_sheet(path: Path, kodierung: str | list[str], trennzeichen: str) -> Sheet:
    """A CSV file as a worksheet without name; row n of it is line n of the file.

    Of several encodings the first one counts in which every byte is a character.
    """
    encodings = [kodierung] if isinstance(kodierung, str) else kodierung
    raw = path.read_bytes()
    encoding = next((e for e in encodings if _decodes(raw, e)), encodings[-1])
    records = split_rows(path, read_text(path, encoding), "\t" if trennzeichen == "tab" else trennzeichen)
    rows: list[list] = []
    for cells, line in records:
        rows += [[]] * (line - len(rows) - 1)
        rows.append([cell if cell.strip() else None for cell in cells])
    width = max(map(len, rows), default=0)
    return Sheet(path, "", [(*row, *[None] * (width - len(row))) for row in rows])


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _table(sheet: Sheet, description: dict, katalog: Katalog, left_out: Counter) -> pd.DataFrame:
    """Observations of one worksheet."""
    header = tabellenkopf.header_rows(sheet, description["kopf"], place(sheet))
    spalten = tabellenkopf.columns(sheet, header, description["kopf"].get("fuellen", False))
    values = _value_columns(sheet, header, spalten, description)
    named = [column for column, _, _ in values]
    keys = {
        what: find(spalten, description[what]["kopf"], place(sheet)).nummer
        for what in ("gebiet", "stichtag", "zeilen")
        if "kopf" in description.get(what, {})
    }
    _count(left_out, _COLUMNS, sum(bool(s.pfad) and s.nummer not in {*named, *keys.values()} for s in spalten))
    rows, below = tabellenzeilen.body(sheet, header, named, description["ende"], tabellenwerte.signs(description))
    skipped, sums, counts = tabellenzeilen.left_out(sheet, rows, min(named), spalten, description["auslassen"])
    left_out.update(counts)
    above = [*range(header.start), *header]
    around = [*above, *below]
    day = tabellenstichtag.of_sheet(sheet, above, below, description["stichtag"])
    cells = tabellenzeilen.key_cells(sheet, rows, keys, description)
    sum_days = [day] * len(sums)
    if "stichtag" in keys and sums:
        found = [cells["stichtag"][rows.index(row)] for row in sums]
        sum_days = tabellenstichtag.of_rows(sheet, sums, found, keys["stichtag"], description["stichtag"])
    kept = [n for n, row in enumerate(rows) if row not in skipped]
    rows, cells = [rows[n] for n in kept], {what: [found[n] for n in kept] for what, found in cells.items()}
    is_empty = [all(sheet.rows[row][c] is None for c in named) for row in rows]

    if "zeilen" in description:
        ags = tabellengebiet.of_sheet(sheet, around, description["gebiet"])
        parts = _by_rows(sheet, rows, cells["zeilen"], is_empty, values, description["zeilen"]["groessen"], left_out)
        tables = [([row], column, groesse, [ags], [when or day]) for row, column, groesse, when in parts]
    else:
        rows, areas, days = _by_columns(sheet, rows, cells, is_empty, around, keys, description, left_out)
        days = days or [day] * len(rows)
        tables = [(rows, c, groesse, areas, [when] * len(rows) if when else days) for c, groesse, when in values]
    read = [tabellenwerte.observations(sheet, *t, description, katalog) for t in tables]
    if sums:
        for table, (column, _, when) in zip(read, values, strict=True):  # sums only where rows are areas
            tabellensumme.check(sheet, sums, [when] * len(sums) if when else sum_days, column, table, description)
    return pd.concat(read, ignore_index=True)


def _count(left_out: Counter, reason: str, number: int) -> None:
    if number:
        left_out[reason] += number


def _value_columns(sheet: Sheet, header: range, spalten: list[Spalte], description: dict) -> list[tuple]:
    """Columns with values: place, quantity (None where it stands in rows), date (None where the header has none)."""
    where, values = place(sheet), []
    groups = {None: spalten}
    if description["stichtag"]["in"] == "kopf":
        groups = tabellenstichtag.of_header(sheet, header, description["kopf"], description["stichtag"])
    for entry in description["spalten"]:
        optional = entry.get("kann_fehlen", False)
        found = [(find(group, entry["kopf"], where, optional or day is not None), day) for day, group in groups.items()]
        found = [(spalte.nummer, entry.get("groesse"), day) for spalte, day in found if spalte]
        if not found and not optional:
            find([s for group in groups.values() for s in group], entry["kopf"], where)
        values += found
    twice = [column for column, number in Counter(column for column, _, _ in values).items() if number > 1]
    if twice:
        raise InputError(f"{place(sheet, header.stop - 1, twice[0])}: the description names this column twice")
    if not values:
        raise InputError(f"{where}: none of the columns that the description names is there")
    return values


def _by_columns(sheet, rows, cells, is_empty, around, keys, description, left_out):
    """Rows that hold values, their areas and, where a column states them, their dates."""
    gebiet = description["gebiet"]
    if gebiet["in"] == "spalte":
        resolve = tabellengebiet.resolver(gebiet)
        if rows and tabellenkopf.is_column_numbers(sheet.rows[rows[0]]) and resolve(cells["gebiet"][0]) is None:
            _count(left_out, _NUMBERS, 1)
            rows, is_empty = rows[1:], is_empty[1:]
            cells = {what: found[1:] for what, found in cells.items()}
        areas = tabellengebiet.of_rows(sheet, rows, cells["gebiet"], gebiet, is_empty)
    else:
        areas = [tabellengebiet.of_sheet(sheet, around, gebiet)] * len(rows)
    kept = [n for n, ags in enumerate(areas) if ags is not None]
    _count(left_out, _HEADINGS, len(rows) - len(kept))
    rows, areas, days = [rows[n] for n in kept], [areas[n] for n in kept], None
    if "stichtag" in keys:
        found = [cells["stichtag"][n] for n in kept]
        days = tabellenstichtag.of_rows(sheet, rows, found, keys["stichtag"], description["stichtag"])
    return rows, areas, days


def _by_rows(sheet, rows, labels, is_empty, values, entries, left_out) -> list[tuple]:
    """Cells of quantities that stand in rows: row, column, quantity, date."""
    texts, parts = [plain(label) for label in labels], {}
    for entry in entries:
        found = tabellenzeilen.find_row(texts, is_empty, entry["text"])
        if found in parts:
            raise InputError(f"{place(sheet, rows[found])}: the description names this row twice")
        if found is not None:
            parts[found] = [(rows[found], column, entry["groesse"], when) for column, _, when in values]
        elif not entry.get("kann_fehlen"):
            there = "; ".join(filter(None, texts))[:600]
            raise InputError(f"{place(sheet)}: no row {entry['text']} with a value; found {there or 'none'}")
    _count(left_out, _ROWS, len(rows) - sum(is_empty) - len(parts))
    _count(left_out, _HEADINGS, sum(is_empty))
    if not parts:
        raise InputError(f"{place(sheet)}: none of the rows that the description names is there")
    return [cell for cells in parts.values() for cell in cells]
