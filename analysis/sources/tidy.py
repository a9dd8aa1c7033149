"""Kreisblick's own table of observations: a CSV file that a spreadsheet opens and saves unharmed.

UTF-8 (with or without BOM), `;` between columns, decimal comma, one header row. Columns `ags`, `stichtag`,
`groesse`, `wert`, `grund`, `guete`, `quelle` in any order; `bemerkung` may stand beside them and is not stored.
"""

import csv
import io
from pathlib import Path

import pandas as pd

from analysis.catalogue import Katalog
from analysis.dates import parse_stichtag
from analysis.errors import InputError
from analysis.observations import COLUMNS, check

VERSION = 1

_NUMBER = r"-?[0-9]{1,15}(?:,[0-9]{1,12})?"
_LONGEST_HEADER = 2_000


def read(path: Path, katalog: Katalog) -> pd.DataFrame:
    """Observations of a tidy CSV file.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS` and `zeile` (line of the file), one row per row of the file; none is dropped.

    Raises
    ------
    InputError
        Wrong encoding, truncated or empty file, missing, unknown or repeated column, text where a number or date
        belongs, and everything that `observations.check` refuses.
    """
    table = _table(path, _text(path))
    values = table.wert.str.strip()
    wrong = table[~values.str.fullmatch(_NUMBER) & (values != "")]
    if len(wrong):
        raise InputError(
            f"{path}, row {wrong.iloc[0].zeile}: wert is {wrong.iloc[0].wert!r}; "
            "expected a number with decimal comma and without thousands point, such as 12365 or 7,1"
        )
    dates = {}
    for text in table.stichtag.unique():
        try:
            dates[text] = parse_stichtag(text)
        except InputError as error:
            raise InputError(f"{path}, row {table.zeile[table.stichtag == text].iloc[0]}: {error}") from None
    observations = table.assign(
        stichtag=table.stichtag.map(dates).astype(object),
        wert=pd.to_numeric(values.str.replace(",", ".", regex=False).where(values != "")),
    )
    return check(observations[[*COLUMNS, "zeile"]], katalog, str(path))


def _text(path: Path) -> str:
    raw = path.read_bytes()
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"{path}: the file is UTF-16; save it as CSV UTF-8")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        found = raw[error.start : error.start + 1].decode("latin-1")
        raise InputError(
            f"{path}, row {line}: byte {error.start} is not UTF-8 ({found!r} in Latin-1?); save it as CSV UTF-8"
        ) from None
    if "\0" in text:
        raise InputError(f"{path}, row {text[: text.index(chr(0))].count(chr(10)) + 1}: a NUL character")
    if not text.strip():
        raise InputError(f"{path}: the file is empty")
    if "\r" in text and "\n" not in text:
        raise InputError(f"{path}: the lines end with CR alone; save the file with ordinary line ends (LF or CRLF)")
    if not text.endswith("\n"):
        raise InputError(f"{path}: the last row has no line end, the file may be truncated; expected a whole row")
    return text


def _table(path: Path, text: str) -> pd.DataFrame:
    if text.index("\n") > _LONGEST_HEADER:
        raise InputError(f"{path}, row 1: {text.index(chr(10)):,} characters; expected {'; '.join(COLUMNS)}")
    reader = csv.reader(io.StringIO(text), delimiter=";", strict=True)
    try:
        header = [column.strip() for column in next(reader)]
        _check_header(path, header)
        rows = [(*row, reader.line_num) for row in reader]
    except csv.Error as error:
        raise InputError(f"{path}, row {reader.line_num}: {error}; expected one record per line") from None
    if not rows:
        raise InputError(f"{path}: there is a header but no row")
    uneven = [row for row in rows if len(row) != len(header) + 1]
    if uneven:
        columns, line = len(uneven[0]) - 1, uneven[0][-1]
        fewer = "; is the file truncated?" if 0 < columns < len(header) else ""
        if columns == 0:
            raise InputError(f"{path}, row {line}: the row is empty; expected {len(header)} columns")
        raise InputError(f"{path}, row {line}: {columns} columns; expected {len(header)}{fewer}")
    table = pd.DataFrame(rows, columns=[*header, "zeile"])
    for column in COLUMNS:
        table[column] = table[column].str.strip(" \t")
    return table


def _check_header(path: Path, header: list[str]) -> None:
    repeated = [c for c in dict.fromkeys(header) if header.count(c) > 1]
    if repeated:
        raise InputError(f"{path}, row 1: column {repeated[0]!r} stands twice")
    missing = [c for c in COLUMNS if c not in header]
    if missing:
        raise InputError(
            f"{path}, row 1: column {missing[0]!r} is missing; found {'; '.join(header)[:200]!r}, "
            f"expected {'; '.join(COLUMNS)}"
        )
    unknown = [c for c in header if c not in (*COLUMNS, "bemerkung")]
    if unknown:
        raise InputError(f"{path}, row 1: column {unknown[0]!r} is unknown; expected {'; '.join(COLUMNS)}")
