"""The file of the store: opening it, whether it is whole, and its tables."""

from pathlib import Path

import duckdb

from analysis.bestaende import ALL_COLUMNS, FIRST_COLUMNS, TABLES, definition
from analysis.duck import LOCAL, without_bar
from analysis.errors import InputError

_HEADERS = 3 * 4096
"""Bytes of a DuckDB file before its first block."""


def opened(path: Path, read_only: bool) -> duckdb.DuckDBPyConnection:
    """Connection to a whole store with all its tables; without `read_only` a missing store or table is made.

    Raises
    ------
    InputError
        There is no store, it cannot be opened, it has lost its end, or it holds something else.
    """
    if path.name == ":memory:":
        raise InputError(f"{path}: a store is a file; expected a path")
    try:
        if read_only and not path.exists():
            raise InputError(f"{path}: there is no store yet; run `kreisblick import` or `kreisblick run`")
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{path}: the store cannot be opened ({error.strerror})") from None
    # An absolute path and no extensions: whatever the path looks like, DuckDB opens a local file, never an address.
    try:
        db = duckdb.connect(str(path.absolute()), read_only=read_only, config=LOCAL)
        without_bar(db)
    except duckdb.Error as error:
        if "could not set lock" in str(error).lower():
            raise InputError(f"{path}: another process is writing to the store; try again") from None
        raise InputError(f"{path}: not a readable store ({str(error).splitlines()[0][:200]})") from None
    try:
        _check_length(db, path)
        _check_tables(db, path, create=not read_only)
    except BaseException:
        db.close()
        raise
    return db


def ask(
    db: duckdb.DuckDBPyConnection, path: Path, query: str, parameters: list | dict | None = None
) -> duckdb.DuckDBPyConnection:
    """Answer of the store to a query; a store that cannot be read is named."""
    try:
        return db.execute(query, parameters or [])
    except duckdb.Error as error:
        reason = str(error).splitlines()[0][:200]
        raise InputError(f"{path}: the store is damaged and cannot be read ({reason})") from None


def _check_length(db: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Refuse a file that has lost its end: DuckDB would not notice as long as nothing asks for that part.

    A whole file may be shorter than its header says: DuckDB cuts off free blocks at the end after it has written the
    header. Then it must still have room for all used blocks, and every block that a table uses must lie in it.
    """
    sizes = "SELECT block_size, total_blocks, used_blocks FROM pragma_database_size()"
    block, blocks, used = ask(db, path, sizes).fetchall()[0]
    expected, size = _HEADERS + block * blocks, path.stat().st_size
    if size >= expected:
        return
    whole_blocks, rest = divmod(size - _HEADERS, block)
    if rest or whole_blocks < max(used, _last_block(db, path) + 1):
        raise InputError(f"{path}: the store is damaged, the file is truncated ({size} of {expected} bytes)")


def _last_block(db: duckdb.DuckDBPyConnection, path: Path) -> int:
    """Highest number of a block that holds values or what describes them; -1 in an empty database."""
    query = "SELECT max(block_id) FROM (SELECT block_id FROM pragma_metadata_info()"
    tables = [name for (name,) in ask(db, path, "SELECT table_name FROM duckdb_tables()").fetchall() if name in TABLES]
    for name in tables:
        query += f" UNION ALL SELECT block_id FROM pragma_storage_info('{name}')"
        query += f" UNION ALL SELECT unnest(additional_block_ids) FROM pragma_storage_info('{name}')"
    last = ask(db, path, query + ")").fetchall()[0][0]
    return -1 if last is None else last


def _check_tables(db: duckdb.DuckDBPyConnection, path: Path, create: bool) -> None:
    """Make the tables in an empty database or an earlier form; refuse one that holds something else."""
    columns = ask(db, path, "SELECT table_name, column_name FROM information_schema.columns").fetchall()
    found = set(columns)
    if found == ALL_COLUMNS:
        return
    if found and not (FIRST_COLUMNS <= found < ALL_COLUMNS):
        raise InputError(f"{path}: not a store of Kreisblick (its tables are others)")
    if not create:
        raise InputError(f"{path}: the store is of an earlier version; any `kreisblick import` brings it up")
    db.begin()  # all of them or none, and one write to the disk
    for name, columns in TABLES.items():
        db.execute(f"CREATE TABLE IF NOT EXISTS {name} ({definition(columns)})")
        for column, kind in columns.items():
            if (name, column) not in found and any(name == table for table, _ in found):
                db.execute(f"ALTER TABLE {name} ADD COLUMN {column} {kind}")
    db.commit()
