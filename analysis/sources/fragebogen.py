"""Plain tables: data as CSV or XLSX with a codebook that anybody can edit in a spreadsheet.

The codebook has one row per variable and code. A row without a code describes the variable (`label`: text of the item);
rows with a code give its meaning. What a cell leaves empty in later rows of a variable is what its first row says.
Columns: `variable;frage;typ;text;code;label;fehlend;filter;batterie;von;bis`, and, only where needed, `leer` (what an
empty cell means), `einheit`, `gewaehlt` (the code that means chosen) and `frage_typ` (where it is not the variable's).
`von` and `bis` are the bounds of a bracket in a row with a code, else the range of valid numbers.
"""

import csv
import io
import math
from pathlib import Path

import pandas as pd

from analysis.codebook import (
    FEHLGRUENDE,
    KODIERT,
    NICHT_GEWAEHLT,
    TYPEN,
    Codebuch,
    Frage,
    Merkmal,
    as_code,
    condition_text,
    conditions,
)
from analysis.errors import InputError
from analysis.sources.rohdaten import Rohdaten, codebook_of, read_table
from analysis.sources.sheets import Formel, is_workbook, read_sheets
from analysis.sources.signs import as_text

_NEEDED = ["variable", "typ", "code", "label"]
_FURTHER = ["frage", "text", "fehlend", "filter", "batterie", "von", "bis", "leer", "einheit", "gewaehlt", "frage_typ"]
COLUMNS = ["variable", "frage", "typ", "text", "code", "label", "fehlend", "filter", "batterie", "von", "bis",
           "leer", "einheit", "gewaehlt", "frage_typ"]  # fmt: skip


def recognises(names: list[str]) -> bool:
    """Whether a table with these columns is a codebook of this form."""
    return {"variable", "typ", "code", "label"} <= {str(name).strip().strip('"').lower() for name in names if name}


def read(daten: Path, codebuch: dict[str, Path], kodierung: str) -> Rohdaten:
    """Data and codebook of a survey in plain tables.

    Raises
    ------
    InputError
        No codebook, or a file that is damaged or not of this form.
    """
    if "fragebogen" not in codebuch:
        raise InputError(
            f"{daten}: format tabelle needs codebuch: fragebogen (CSV or XLSX, one row per variable and code)"
        )
    book = read_codebook(codebuch["fragebogen"], kodierung)
    table = read_cells(daten, kodierung)
    numbers = [m.spalte for q in book.fragen for m in q.merkmale if m.typ == "zahl" and m.spalte in table]
    comma = any(table[c].astype(str).str.fullmatch(r"-?\d+,\d+").any() for c in numbers)
    return Rohdaten(table, book, "", "," if comma else ".")


def read_cells(path: Path, kodierung: str) -> pd.DataFrame:
    """A CSV file or the first worksheet of a workbook as table of texts, with the column `zeile`."""
    if not path.is_file():
        raise InputError(f"{path}: there is no such file")
    with path.open("rb") as file:
        head = file.read(8)
    if not is_workbook(head):
        return read_table(path, kodierung, (";", ",", "\t"))
    sheets = [sheet for sheet in read_sheets(path) if sheet.rows and not sheet.hidden]
    if not sheets:
        raise InputError(f"{path}: the workbook is empty")
    sheet = sheets[0]
    header = [as_text(cell) for cell in sheet.rows[0]]
    for position, name in enumerate(header):
        if not name or header.count(name) > 1 or name == "zeile":
            what = (
                f"the column {name!r} stands twice" if name and name != "zeile" else f"{name!r} is no name of a column"
            )
            raise InputError(f"{sheet.place(0, position)}: {what}")
    rows = []
    for number, cells in enumerate(sheet.rows[1:], start=1):
        for position, cell in enumerate(cells):
            if isinstance(cell, Formel):
                raise InputError(f"{sheet.place(number, position)}: a formula ({cell.text[:40]}); expected a value")
        if any(cell is not None for cell in cells):
            rows.append((*(_cell(cell) for cell in cells), number + 1))
    if not rows:
        raise InputError(f"{path}, sheet {sheet.name!r}: there is a header but no row")
    return pd.DataFrame(rows, columns=[*header, "zeile"])


def _cell(cell) -> str:
    """Text of a cell; a point in time as it is sorted, a logical value as 1 or 0, a number with a point."""
    if isinstance(cell, bool):
        return str(int(cell))
    if hasattr(cell, "isoformat"):
        return cell.isoformat(sep=" ") if hasattr(cell, "hour") and hasattr(cell, "year") else cell.isoformat()
    return "" if cell is None else str(cell).strip() if isinstance(cell, str) else as_text(cell)


def read_codebook(path: Path, kodierung: str = "utf-8") -> Codebuch:
    """Codebook of a CSV or XLSX file.

    Raises
    ------
    InputError
        A column is missing or unknown, a row names no variable, an unknown type, reason, filter or bound, a code
        stands twice, or the whole contradicts itself.
    """
    table = read_cells(path, kodierung).rename(columns=lambda name: name.strip().lower())
    for name in _NEEDED:
        if name not in table:
            raise InputError(f"{path}, row 1: there is no column {name!r}; expected {';'.join(COLUMNS[:11])}")
    for name in table.columns:
        if name not in (*COLUMNS, "zeile"):
            raise InputError(
                f"{path}, row 1: there is no such column in a codebook: {name!r}; expected {', '.join(COLUMNS)}"
            )
    for name in _FURTHER:
        if name not in table:
            table[name] = ""
    table[COLUMNS] = table[COLUMNS].apply(lambda column: column.str.strip())
    nameless = table[table.variable == ""]
    if len(nameless):
        raise InputError(f"{path}, row {nameless.zeile.iloc[0]}: there is no variable; expected its name in every row")
    moved = table[(table.variable != table.variable.shift()) & table.duplicated("variable")]
    if len(moved):
        raise InputError(
            f"{path}, row {moved.zeile.iloc[0]}: the rows of {moved.variable.iloc[0]!r} do not stand together"
        )
    groups: dict[str, list[tuple[Merkmal, dict]]] = {}
    for variable, rows in table.groupby("variable", sort=False):
        merkmal, head = _variable(path, str(variable), rows)
        groups.setdefault(head["frage"] or str(variable), []).append((merkmal, head))
    return codebook_of(path, [_question(path, key, members) for key, members in groups.items()])


def _variable(path: Path, name: str, rows: pd.DataFrame) -> tuple[Merkmal, dict]:
    """A variable, and what its rows say about its question."""
    head = {column: next((cell for cell in rows[column] if cell), "") for column in COLUMNS}
    place = f"{path}, row {rows.zeile.iloc[0]}, {name}"
    for column in ("typ", "frage", "filter", "batterie", "einheit", "gewaehlt", "leer", "text", "frage_typ"):
        said = {cell for cell in rows[column] if cell}
        if len(said) > 1:
            raise InputError(f"{place}: two values in the column {column}: {sorted(said)[0]!r} and {sorted(said)[1]!r}")
    if head["typ"] not in TYPEN:
        raise InputError(f"{place}: there is no type {head['typ']!r}; expected one of {', '.join(TYPEN)}")
    labels, fehlend, texts, bounds, label, bereich = {}, {}, {}, {}, "", None
    for row in rows.itertuples(index=False):
        here = f"{path}, row {row.zeile}, {name}"
        low, high = _number(here, row.von), _number(here, row.bis)
        if row.code == "":
            if row.fehlend:
                raise InputError(f"{here}: a reason without a code")
            label, bereich = row.label or label, (low, high) if row.von or row.bis else bereich
            continue
        code = as_code(row.code)
        if code in labels or code in fehlend:
            raise InputError(f"{here}: the code {code} stands twice")
        if row.fehlend:
            if row.fehlend not in FEHLGRUENDE:
                raise InputError(
                    f"{here}: there is no reason {row.fehlend!r}; expected one of {', '.join(FEHLGRUENDE)}"
                )
            fehlend[code], texts[code] = row.fehlend, row.label
        else:
            labels[code] = row.label
            if head["typ"] == "klasse":
                bounds[code] = (low, high)
    if labels and head["typ"] not in KODIERT:
        raise InputError(
            f"{place}: codes with meanings in a variable of the type {head['typ']}; expected only missing codes"
        )
    leer = head["leer"] or "sonstiges"
    if leer not in (*FEHLGRUENDE, NICHT_GEWAEHLT):
        raise InputError(f"{place}: an empty cell cannot mean {leer!r}; expected one of {', '.join(FEHLGRUENDE)}")
    return Merkmal(name, head["typ"], label, labels, fehlend, texts, leer, bereich), head | {"klassen": bounds}


def _number(place: str, text: str) -> float | None:
    if not text:
        return None
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        number = math.nan
    if math.isnan(number):
        raise InputError(f"{place}: the bound {text!r} is not a number")
    return None if math.isinf(number) else number


def _question(path: Path, key: str, members: list[tuple[Merkmal, dict]]) -> Frage:
    place = f"{path}, question {key}"
    head = {}
    for column in ("text", "filter", "batterie", "einheit", "gewaehlt", "frage_typ"):
        said = {of_variable[column] for _, of_variable in members if of_variable[column]}
        if len(said) > 1:
            raise InputError(f"{place}: its variables differ in {column}: {sorted(said)[0]!r} and {sorted(said)[1]!r}")
        head[column] = said.pop() if said else ""
    kinds = [m.typ for m, _ in members]
    typ = head["frage_typ"] or (
        "mehrfach" if "mehrfach" in kinds else next((k for k in kinds if k != "offen"), "offen")
    )
    klassen = {}
    for _, of_variable in members:
        for code, bounds in of_variable["klassen"].items():
            if klassen.setdefault(code, bounds) != bounds:
                raise InputError(f"{place}: its variables give code {code} different bounds")
    return Frage(
        key, typ, tuple(m for m, _ in members), head["text"], head["batterie"], head["einheit"], klassen,
        conditions(head["filter"]), as_code(head["gewaehlt"]) if head["gewaehlt"] else None,
    )  # fmt: skip


def codebook_rows(codebuch: Codebuch) -> pd.DataFrame:
    """The codebook as the table that `read_codebook` reads: all texts, one row per variable and code."""
    rows = []
    for q in codebuch.fragen:
        for m in q.merkmale:
            low, high = m.bereich or (None, None)
            head = {
                "variable": m.spalte, "frage": q.key, "typ": m.typ, "text": q.text, "filter": condition_text(q.filter),
                "batterie": q.batterie, "leer": m.leer, "einheit": q.einheit, "frage_typ": q.typ,
                "gewaehlt": "" if q.gewaehlt is None else str(q.gewaehlt),
            }  # fmt: skip
            low, high = (
                ("-inf" if low is None else _text(low), "inf" if high is None else _text(high))
                if m.bereich
                else ("", "")
            )
            rows.append(head | {"label": m.label, "von": low, "bis": high})
            for code, text in m.labels.items():
                von, bis = q.klassen.get(code, (None, None)) if m.typ == "klasse" else (None, None)
                rows.append({**head, "code": str(code), "label": text, "von": _text(von), "bis": _text(bis)})
            for code, reason in m.fehlend.items():
                rows.append({**head, "code": str(code), "label": m.fehltexte.get(code, ""), "fehlend": reason})
    return pd.DataFrame(rows, columns=COLUMNS, dtype=object).fillna("")


def codebook_csv(codebuch: Codebuch) -> str:
    """The codebook as text of a CSV file (UTF-8, `;`) for a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(codebook_rows(codebuch).itertuples(index=False))
    return out.getvalue()


def _text(number: float | None) -> str:
    return "" if number is None else f"{number:.12g}"
