"""Kreisblick's own table of observations: a CSV file that a spreadsheet opens and saves unharmed.

UTF-8 (with or without BOM), `;` between columns, decimal comma, one header row. Columns `ags`, `stichtag`,
`groesse`, `wert`, `grund`, `guete`, `quelle` in any order; `bemerkung` may stand beside them and is not stored.
"""

import re
from pathlib import Path

import pandas as pd

from analysis.catalogue import Katalog
from analysis.dates import parse_stichtag
from analysis.errors import InputError
from analysis.observations import COLUMNS, check
from analysis.sources.delivered import as_table, read_text, split_rows
from analysis.sources.lieferung import Lieferung, Probe

VERSION = 1

_NUMBER = r"-?[0-9]{1,15}(?:,[0-9]{1,12})?"
_LONGEST_HEADER = 2_000


def recognises(probe: Probe) -> bool:
    """Whether the first line holds the columns of observations, or at least some of them."""
    names = {name.strip('" ') for name in re.split("[;,\t]", probe.first_line)}
    return len(names & set(COLUMNS)) >= 3


def read(path: Path, katalog: Katalog) -> Lieferung:
    """Observations of a tidy CSV file.

    Returns
    -------
    Lieferung
        Observations, one per row of the file; none is dropped.

    Raises
    ------
    InputError
        Wrong encoding, truncated or empty file, missing, unknown or repeated column, text where a number or date
        belongs, and everything that `observations.check` refuses.
    """
    table = _table(path, read_text(path))
    values = table.wert.str.strip()
    doubtful = values.str.fullmatch(r"-?[0-9]{1,3},000")  # twelve, or twelve thousand: nobody can tell
    wrong = table[(~values.str.fullmatch(_NUMBER) | doubtful) & (values != "")]
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
    return Lieferung(f"tidy {VERSION}", check(observations[[*COLUMNS, "zeile"]], katalog, str(path)))


def _table(path: Path, text: str) -> pd.DataFrame:
    if text.index("\n") > _LONGEST_HEADER:
        raise InputError(f"{path}, row 1: {text.index(chr(10)):,} characters; expected {'; '.join(COLUMNS)}")
    header, *rows = split_rows(path, text, ";")
    names = [column.strip() for column in header[0]]
    _check_header(path, names)
    table = as_table(path, names, rows)
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
