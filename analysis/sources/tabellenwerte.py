"""Value cells of delivered tables as observations: sign legends, numbers as text, marks behind a number."""

import numpy as np
import pandas as pd

from analysis.catalogue import Katalog
from analysis.dates import KINDS, RULES
from analysis.errors import InputError
from analysis.observations import COLUMNS
from analysis.sources.sheets import Formel, Sheet
from analysis.sources.signs import NULL, as_text, parse
from analysis.sources.tabellenkopf import place
from analysis.sources.tabellenstichtag import Tag

_COMMON = {"-": NULL, "–": NULL, ".": "unbekannt", "...": "spaeter", "…": "spaeter", "x": "sinnlos", "X": "sinnlos"}
ZEICHEN = {"ba": {**_COMMON, "*": "geheim"}, "tls": {**_COMMON, "/": "unsicher"}}
"""Sign legends: `*` is secret at the Bundesagentur für Arbeit, `/` not reliable enough at the statistical offices."""

ZAHLEN = {"ba": {"dezimal": ",", "tausender": "."}, "tls": {"dezimal": ",", "tausender": " "}}
"""Marks in numbers that stand as text."""

_GUETEZEICHEN = {"p": "vorlaeufig", "s": "geschaetzt", "r": ""}
"""Letter behind a number → quality; r: revised."""

_NUMBER = r"^((?:-\s?)?(?:\([0-9][^()]*\)|[0-9][0-9.,'\s]*[0-9]|[0-9]))"
_FOOTNOTE = r"(?:\s+[0-9]{1,2}\)|\s*[\u00b9\u00b2\u00b3\u2074-\u2079]+[)\u207e]?)$"


def observations(
    sheet: Sheet, rows: list[int], column: int, groesse: str, areas: list[str], days: list[Tag], description: dict,
    katalog: Katalog,
) -> pd.DataFrame:  # fmt: skip
    """Observations of one quantity in one column.

    Parameters
    ----------
    sheet, rows, column
        Cells that hold the values.
    groesse
        Id of the catalogue.
    areas, days
        Area and reference date of every row.
    description
        Legend, marks in numbers, source and quality of the table.
    katalog
        Rule of the reference date.

    Raises
    ------
    InputError
        A cell is neither a number nor a sign, or the date is that of a period for which the quantity does not stand.
    """
    read, quality = parsed(sheet, rows, column, groesse, description)
    rule = katalog.groesse(groesse).stichtag
    allowed = KINDS[rule] | ({"monat"} if rule in ("quartal", "31.12.") else set())
    unfit = next((n for n, (_, kind) in enumerate(days) if kind not in allowed), None)
    if unfit is not None:
        day, kind = days[unfit]
        stated = f"the date is that of a {kind} ({day:%d.%m.%Y})"
        raise InputError(f"{place(sheet, rows[unfit])}: {stated}, but {groesse} is stored under {RULES[rule]}")
    guete = read.guete.mask(read.guete == "", quality)
    guete = guete.mask(guete == "", description.get("guete", ""))
    return pd.DataFrame(
        {
            "ags": areas,
            "stichtag": pd.Series([day for day, _ in days], dtype=object),
            "groesse": groesse,
            "wert": read.wert,
            "grund": read.grund,
            "guete": guete.where(read.grund == "", ""),
            "quelle": description["quelle"],
            "zeile": [f"{row + 1} of sheet {sheet.name!r}" if sheet.name else row + 1 for row in rows],
        },
        columns=[*COLUMNS, "zeile"],
    )


def parsed(
    sheet: Sheet, rows: list[int], column: int, groesse: str, description: dict
) -> tuple[pd.DataFrame, pd.Series]:
    """Numbers and reasons of the cells of a column, as `signs.parse` tells them; qualities by a letter behind a number.

    Raises
    ------
    InputError
        A cell is neither a number nor a sign.
    """
    legend, numbers = signs(description), description.get("zahlen") or ZAHLEN[description["quelle"]]
    cells, quality = without_marks(pd.Series([sheet.rows[row][column] for row in rows], dtype=object), legend)
    found = parse(cells, legend, **numbers)
    if found.falsch.any():
        wrong = int(np.flatnonzero(found.falsch)[0])
        cell = sheet.rows[rows[wrong]][column]
        what = f"a formula ({cell.text[:60]})" if isinstance(cell, Formel) else f"value {as_text(cell)[:60]!r}"
        expected = f"expected a number or one of {' '.join(sign or '(empty)' for sign in legend)}"
        raise InputError(f"{place(sheet, rows[wrong], column)}: {what} of {groesse}; {expected}")
    return found, quality


def signs(description: dict) -> dict[str, str]:
    """Sign legend of a description: sign → reason."""
    legend = description.get("zeichen", description["quelle"])
    if isinstance(legend, str):
        return ZEICHEN[legend]
    return {sign: NULL if reason == "null" else reason for sign, reason in legend.items()}


def without_marks(cells: pd.Series, legend: dict[str, str]) -> tuple[pd.Series, pd.Series]:
    """Cells without footnote marks and quality letters behind a number (`12 1)`, `95¹`, `1 234 r`); the qualities."""
    text = cells.where(cells.map(lambda c: isinstance(c, str)).astype(bool), "").astype("str").str.strip()
    text = text.mask(text.isin(list(legend)), "")
    footnote = text.str.extract(_NUMBER + _FOOTNOTE)[0]
    letter = text.str.extract(rf"{_NUMBER}\s*([{''.join(_GUETEZEICHEN)}])$")
    number = footnote.fillna(letter[0])
    return cells.where(number.isna(), number.astype(object)), letter[1].map(_GUETEZEICHEN).fillna("").astype(object)
