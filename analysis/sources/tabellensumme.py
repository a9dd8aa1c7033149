"""Sum rows of delivered tables: what they show must be what the rows above and below them add up to."""

import math

import pandas as pd

from analysis.errors import InputError
from analysis.sources.sheets import Sheet
from analysis.sources.signs import as_text
from analysis.sources.tabellenkopf import place
from analysis.sources.tabellenstichtag import Tag
from analysis.sources.tabellenwerte import parsed


def check(sheet: Sheet, sums: list[int], days: list[Tag], column: int, table: pd.DataFrame, description: dict) -> None:
    """Refuse a sum row whose value is not the sum of one column.

    A sign in place of the sum is not checked, but that of exactly nothing is the number 0. Where a row has no number,
    the others must not exceed the sum.

    Parameters
    ----------
    sheet, sums, days
        Sum rows and their reference dates.
    column, table
        Column with values, and the observations read from it.
    description
        Legend and marks in numbers.

    Raises
    ------
    InputError
        The sum differs, or is neither a number nor a sign.
    """
    groesse = table.groesse.iloc[0] if len(table) else ""
    totals = parsed(sheet, sums, column, groesse, description)[0].wert
    for row, (day, _), total in zip(sums, days, totals, strict=True):
        values = table.wert[table.stichtag == day]
        known, complete = math.fsum(values.dropna()), values.notna().all()
        fits = math.isclose(total, known, rel_tol=1e-9, abs_tol=1e-6) or (known < total and not complete)
        if not (math.isnan(total) or fits):
            shown, least = as_text(sheet.rows[row][column])[:40], "" if complete else "at least "
            expected = f"expected {least}{known:.12g}, what the other rows of {day:%d.%m.%Y} add up to"
            raise InputError(f"{place(sheet, row, column)}: sum {shown} of {groesse}; {expected}")
