"""The values of flat CSV files (ffcsv) of the GENESIS family, whatever they are about."""

import datetime as dt
import re
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from analysis.dates import period
from analysis.errors import InputError
from analysis.sources.delivered import as_csv, check_text
from analysis.sources.scan import csv_rows, in_memory, reading_error

SIGNS = {".": "unbekannt", "...": "spaeter", "/": "unsicher", "x": "sinnlos"}
"""Sign in place of a number → reason; `-` depends on what stands around it."""

QUALITY = {"": "", "e": "", "r": "", "p": "vorlaeufig", "s": "geschaetzt", "()": "eingeschraenkt"}
"""Sign beside a number (`value_q`) → quality; e: final, r: revised, p: provisional, s: estimated."""

LONG, WIDE = "statistics_code", "Statistik_Code"
"""First column of the two forms."""

_LONGEST_HEADER = 20_000
_AREAS = ("DINSG", "DLAND", "REGBEZ", "KREISE", "GEMEIN", "FKREIS", "FGEMEIN", "GEO")
_TOTALS = ("", "Insgesamt", "insgesamt", "Gesamt", "gesamt", "Zusammen", "zusammen", "Total", "total")
_GERMAN = ("Stichtag", "Jahr", "Schuljahr", "Monat", "Quartal")
_ENGLISH = ("Reference date", "Year", "School year", "Month", "Quarter")


def read_flat(path: Path) -> pd.DataFrame:
    """Every value of a flat CSV file, whatever it is about.

    Returns
    -------
    pandas.DataFrame
        Columns `statistik`, `zeit` (as written), `stichtag` and `art` (last day and kind of the period), `raum` (code
        of the area's kind), `ags`, `merkmale` (attribute codes that are not totals: `GES=GESW&NAT=NATA`), `wert_code`,
        `einheit`, `text`, `wert` (float; NaN where `zeichen` stands instead), `zeichen`, `guete`, `wide` (whether of
        the wide form), `zeile`; rows in the order of the file.
    """
    with as_csv(path) as csv, in_memory() as db:
        header, lines = _header(path, csv)
        wide = header[0] == WIDE
        values = _wide_values(path, header) if wide else _check_long(path, header)
        try:
            rows = _load(db, csv, len(header))
        except duckdb.Error as error:
            raise InputError(f"{path}: {reading_error(error)} (expected {len(header)} columns in every row)") from None
        if not rows:
            raise InputError(f"{path}: there is a header but no row")
        if rows != lines - 1:
            raise InputError(f"{path}: {lines - 1} lines, but {rows} rows: a quoted cell runs over a line end")
        _normalise(path, db, header, values)
        table = _fetch(db).assign(wide=wide)
    return _with_day(path, _with_value(path, table))


def _header(path: Path, csv: Path) -> tuple[list[str], int]:
    """Column names, and the number of lines with the header."""
    with csv.open("rb") as file:
        line = file.readline(_LONGEST_HEADER)
    if line.lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"{", b"<")):
        answer = line[:200].decode(errors="replace").strip()
        raise InputError(f"{path}: the file is an answer of the server, not a table: {answer}")
    if not line.removeprefix(b"\xef\xbb\xbf").startswith((LONG.encode(), WIDE.encode())):
        raise InputError(f"{path}: no flat CSV; expected a header that begins with {LONG} or {WIDE}")
    if not line.endswith(b"\n"):
        raise InputError(f"{path}, row 1: longer than {_LONGEST_HEADER:,} bytes, or without a line end")
    lines = check_text(path, csv)
    header = [c.strip() for c in line.decode("utf-8-sig").rstrip("\r\n").split(";")]
    repeated = [c for c in dict.fromkeys(header) if header.count(c) > 1]
    if repeated:
        raise InputError(f"{path}, row 1: column {repeated[0]!r} stands twice")
    if any('"' in c for c in header):
        raise InputError(f"{path}, row 1: a column name in quotes; expected names without quotes")
    return header, lines


def _check_long(path: Path, header: list[str]) -> list[tuple[str, str | None, str, str]]:
    """The one column of values of the long form, as `_wide_values` gives those of the wide one."""
    needed = ["statistics_code", "time_label", "time", "value", "value_unit", "value_variable_code"]
    missing = [c for c in needed if c not in header]
    if missing:
        raise InputError(f"{path}, row 1: column {missing[0]!r} is missing")
    known = r"statistics_(code|label)|time(_code|_label)?|[0-9]+_variable_(attribute_)?(code|label)"
    known += r"|value(_unit|_variable_code|_variable_label|_q)?"
    unknown = [c for c in header if not re.fullmatch(known, c)]
    if unknown:
        raise InputError(f"{path}, row 1: column {unknown[0][:60]!r} is unknown")
    return [("value", "value_q" if "value_q" in header else None, "", "")]


def _wide_values(path: Path, header: list[str]) -> list[tuple[str, str | None, str, str]]:
    """Value columns of the wide form: name, quality column, code, unit. Only the code is reliable."""
    known = r"Statistik_(Code|Label)|Zeit(_Code|_Label)?|[0-9]+_(Merkmal|Auspraegung)_(Code|Label)"
    values, used = [], set()
    for column in header:
        parts = column.split("__")
        if re.fullmatch(known, column) or (len(parts) > 1 and parts[-1] == "q"):
            continue
        if len(parts) < 2:
            raise InputError(f"{path}, row 1: column {column[:60]!r} is unknown")
        exact = [c for c in header if c == f"{column}__q"]
        near = [c for c in header if c.startswith(f"{parts[0]}__") and c.endswith("__q") and c not in used]
        quality = (exact or near or [None])[0]
        used.add(quality)
        values.append((column, quality, parts[0], parts[-1]))
    stray = [c for c in header if c.endswith("__q") and c not in used]
    missing = [c for c in ("Zeit", "Zeit_Label") if c not in header]
    if stray or missing or not values:
        what = f"column {stray[0][:60]!r} belongs to no value" if stray else "there is no column of values"
        raise InputError(f"{path}, row 1: {f'column {missing[0]!r} is missing' if missing else what}")
    return values


def _load(db: duckdb.DuckDBPyConnection, csv: Path, width: int) -> int:
    """Bring the rows into the table `roh` as texts c0, c1, … with their line (`zeile`); return how many there are."""
    columns = [f"c{n}" for n in range(width)]
    texts = ", ".join(f"coalesce({c}, '') AS {c}" for c in columns)
    rows = f"SELECT {texts}, row_number() OVER () + 1 AS zeile FROM {csv_rows(csv, columns)}"
    return db.execute(f"CREATE TABLE roh AS {rows}").fetchall()[0][0]


def _normalise(path: Path, db: duckdb.DuckDBPyConnection, header: list[str], values: list[tuple]) -> None:
    """Make the table `werte` of both forms: one value per row, the one attribute that is the area, the others joined.

    This runs in DuckDB because texts of a million rows are slow as Python objects.
    """
    column = {name: f"c{n}" for n, name in enumerate(header)}
    wide = header[0] == WIDE
    names = ["{}_variable_code", "{}_variable_attribute_code", "{}_variable_attribute_label"]
    if wide:
        names = ["{}_Merkmal_Code", "{}_Auspraegung_Code", "{}_Auspraegung_Label"]
    numbers = sorted({int(m.group(1)) for c in header if (m := re.match(r"(\d+)_", c))})
    missing = [name.format(n) for n in numbers or [1] for name in names if name.format(n) not in column]
    if missing:
        raise InputError(f"{path}, row 1: column {missing[0]!r} is missing")
    places = [[column[name.format(n)] for name in names] for n in numbers]
    is_area = {v: f"({' OR '.join(f'starts_with({v}, {chr(39)}{k}{chr(39)})' for k in _AREAS)})" for v, _, _ in places}
    areas = " + ".join(f"{is_area[v]}::INTEGER" for v, _, _ in places)
    totals = ", ".join(f"'{label}'" for label in _TOTALS)
    no_code = " OR ".join(f"({a} = '' AND trim({label}) NOT IN ({totals}))" for _, a, label in places)
    for wrong, what in (
        (f"{areas} > 1", "two areas in one row; expected one"),
        (no_code, "an attribute without a code that is no total"),
        (f"{areas} = 0", "no area (Kreis, Gemeinde …) in this row"),
    ):
        row = db.execute(f"SELECT min(zeile) FROM roh WHERE {wrong}").fetchall()[0][0]
        if row:
            raise InputError(f"{path}, row {row}: {what}")
    given = [f"CASE WHEN NOT {is_area[v]} AND {a} <> '' THEN {v} || '=' || {a} END" for v, a, _ in places]
    first = {
        "statistik": column[header[0]],
        "zeit": column["Zeit" if wide else "time"],
        "zeit_label": column["Zeit_Label" if wide else "time_label"],
        "raum": f"concat({', '.join(f'CASE WHEN {is_area[v]} THEN {v} END' for v, _, _ in places)})",
        "ags": f"trim(concat({', '.join(f'CASE WHEN {is_area[v]} THEN {a} END' for v, a, _ in places)}))",
        "merkmale": f"array_to_string(list_sort(list_filter([{', '.join(given)}], lambda x: x IS NOT NULL)), '&')",
    }
    shared = ", ".join(f"{expression} AS {name}" for name, expression in first.items())
    parts = [
        f"SELECT {shared}, {column[value]} AS text, {column[quality] if quality else repr('')} AS q, "
        f"{_literal(code) if wide else column['value_variable_code']} AS wert_code, "
        f"{_literal(unit) if wide else column['value_unit']} AS einheit, zeile, {n} AS spalte FROM roh"
        for n, (value, quality, code, unit) in enumerate(values)
    ]
    order = " ORDER BY zeile, spalte" if len(parts) > 1 else ""
    db.execute(f"CREATE TABLE werte AS SELECT * EXCLUDE (spalte) FROM ({' UNION ALL '.join(parts)}){order}")
    db.execute("DROP TABLE roh")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _fetch(db: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Table `werte` with its texts as categories: each text is one Python object, however often it occurs."""
    columns = [name for name, *_ in db.execute("DESCRIBE werte").fetchall() if name != "zeile"]
    for name in columns:
        db.execute(f"CREATE TYPE {name}_texte AS ENUM (SELECT DISTINCT {name} FROM werte)")
    texts = ", ".join(f"{name}::{name}_texte AS {name}" for name in columns)
    return db.execute(f"SELECT {texts}, zeile FROM werte").df()


def _with_value(path: Path, table: pd.DataFrame) -> pd.DataFrame:
    """Number, sign and quality of each row; the decimal sign follows the language and is one for the whole file."""
    written = table.text.cat.categories.to_series()
    text = written.str.strip()
    in_brackets = text.str.fullmatch(r"\(.+\)")
    text = text.where(~in_brackets, text.str[1:-1])
    sign = text.isin(["-", *SIGNS])
    is_number = text.str.fullmatch(r"-?[0-9]{1,15}(?:[.,][0-9]{1,12})?")
    point, comma = (is_number & text.str.contains(mark, regex=False) for mark in ".,")

    def refuse(mask: pd.Series, what: str) -> None:
        if mask.any():
            row = table[table.text.isin(written[mask])].iloc[0]
            raise InputError(f"{path}, row {row.zeile}: value {row.text[:60]!r} of {row.wert_code}; {what}")

    refuse(~sign & ~is_number, "expected a number or one of - . ... / x")
    labels = set(table.zeit_label.cat.categories)
    if labels & set(_GERMAN):
        refuse(point, "expected a decimal comma in a German file")
    if labels & set(_ENGLISH):
        refuse(comma, "expected a decimal point in an English file")
    if point.any():
        refuse(comma, "but other rows have a decimal point")

    quality_texts = table.q.cat.categories.str.strip()
    quality = _of_rows(table.q, quality_texts)
    quality[_of_rows(table.text, in_brackets)] = "()"
    is_sign = _of_rows(table.text, sign)
    strange = np.array([False])
    if not set(quality_texts) <= set(QUALITY):
        strange = ~np.isin(quality, list(QUALITY)) & ~is_sign
    if strange.any():
        row = table[strange].iloc[0]
        known = " ".join(filter(None, QUALITY))
        raise InputError(f"{path}, row {row.zeile}: quality {row.q[:20]!r}; expected one of {known}")
    number = pd.to_numeric(text.mask(sign).str.replace(",", ".", regex=False)).astype(float)
    return table.assign(
        wert=_of_rows(table.text, number),
        zeichen=_of_rows(table.text, text.where(sign, "")),
        guete=np.where(is_sign, "", pd.Series(quality).map(QUALITY)),
    )


def _of_rows(column: pd.Series, of_categories: pd.Series | pd.Index) -> np.ndarray:
    """What holds for each category of a column, for each of its rows."""
    return np.take(np.asarray(of_categories), column.cat.codes)


def _with_day(path: Path, table: pd.DataFrame) -> pd.DataFrame:
    days: dict[str, dt.date] = {}
    kinds: dict[str, str] = {}
    for text in table.zeit.cat.categories:
        try:
            days[text], kinds[text] = period(text)
        except InputError as error:
            raise InputError(f"{path}, row {table.zeile[table.zeit == text].iloc[0]}: {error}") from None
    kept = ["statistik", "zeit", "raum", "ags", "merkmale", "wert_code", "einheit", "text", "wert", "zeichen", "guete"]
    times = table.zeit.cat.categories
    return table[[*kept, "wide", "zeile"]].assign(
        stichtag=_of_rows(table.zeit, np.array([days[text] for text in times], dtype=object)),
        art=_of_rows(table.zeit, np.array([kinds[text] for text in times], dtype=object)),
    )
