"""Large CSV files read by DuckDB: every cell as text, nothing guessed, no address opened, no pattern followed."""

import re
from pathlib import Path

import duckdb

from analysis.duck import LOCAL, without_bar


def in_memory() -> duckdb.DuckDBPyConnection:
    """Connection to an empty database without a file."""
    db = duckdb.connect(config=LOCAL)
    without_bar(db)
    return db


def csv_rows(csv: Path, columns: list[str]) -> str:
    """SQL of the rows of a CSV file with `;`, quotes and a header, under the given names; an empty cell is NULL."""
    names = ", ".join(f"'{name.replace(chr(39), chr(39) * 2)}': 'VARCHAR'" for name in columns)
    return (
        f"read_csv('{str(csv).replace(chr(39), chr(39) * 2)}', delim=';', quote='\"', escape='\"', header=true, "
        f"auto_detect=false, columns={{{names}}}, strict_mode=true, null_padding=false, encoding='utf-8', "
        "max_line_size=1000000, hive_partitioning=false, compression='none')"
    )


def reading_error(error: duckdb.Error) -> str:
    """First line of what DuckDB says about a CSV file, with the row if it names one."""
    text = str(error)
    line = re.search(r"Line:? (\d+)", text)
    reason = re.sub(r"^[\w ]+ Error: ", "", text.splitlines()[0])
    return f"row {line.group(1)}: {reason[:160]}" if line else reason[:160]
