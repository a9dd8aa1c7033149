"""DuckDB as everything here uses it: without the network, without a progress bar, fed with frames of texts and days."""

import contextlib
import datetime as dt

import duckdb
import pandas as pd

LOCAL = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
"""Settings of a connection that never asks the network for an extension."""


def without_bar(db: duckdb.DuckDBPyConnection) -> None:
    """Switch off the progress bar, which would stand between the lines of a command.

    In a kernel there is none without ipywidgets, and DuckDB refuses to switch off what it cannot draw.
    """
    with contextlib.suppress(duckdb.InvalidInputException):
        db.execute("SET enable_progress_bar = false")


def as_input(table: pd.DataFrame) -> pd.DataFrame:
    """Columns of texts as categories and of days as timestamps: DuckDB takes these over without a look at each row."""
    columns = {}
    for name in table.select_dtypes(["object", "str"]):
        codes, values = pd.factorize(table[name])
        if len(values) and all(isinstance(value, dt.date) for value in values):
            columns[name] = pd.Series(pd.to_datetime(values)).reindex(codes).to_numpy()
        else:
            columns[name] = pd.Categorical.from_codes(codes, values)
    return table.assign(**columns)
