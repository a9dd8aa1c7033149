"""Tables as readers see them: caption, headers, German numbers, notes and source; no bare frame reaches a reader."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from numbers import Integral, Real
from typing import TYPE_CHECKING

from analysis.outputs import TRENNSTRICH, Ausgabe, trennbar
from analysis.wording import MINUS, datum, zahl

if TYPE_CHECKING:
    import pandas as pd

LANG, BREIT, KURZ, WENIG = 60, 4, 12, 1200
"""A table with longer cells or more columns is shown as cards, one per row, on small screens. One with few rows and
not many characters stays on one printed page."""
ZEICHEN_TELEFON = 38
"""Characters that fit side by side on a small screen; a table whose headings and cells need more is shown as cards
there, too."""
HOCHFORMAT, HOCHFORMAT_KLEIN, KLEIN_AB = 118, 125, 6
"""Characters that fit side by side on a printed page in portrait format, and in the smaller type of tables with at
least so many columns; a wider table gets a landscape page."""


@dataclass(frozen=True)
class Spalte:
    """A column: its heading, and whether it holds numbers (set flush right; a column of row headings never does).

    `oben` are the headings of the levels above, outermost first; equal ones side by side become one.
    """

    titel: str
    zahl: bool = True
    oben: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gruppe:
    """Rows under one subheading (none if `titel` is empty); `hervor` are the numbers of rows to set off."""

    zeilen: list[list[str]]
    titel: str = ""
    hervor: list[int] = field(default_factory=list)


def tabelle(
    spalten: list[Spalte],
    gruppen: list[Gruppe],
    *,
    titel: str,
    quelle: str,
    name: str = "",
    kopfspalten: int = 1,
    hinweise: list[str] | None = None,
) -> Ausgabe:
    """Table for a report.

    Parameters
    ----------
    spalten
        Headings; those of the first `kopfspalten` columns name the rows. All have equally many levels above.
    gruppen
        Rows of ready texts, as many cells as `spalten`. A missing value is said in words, never left empty.
    titel
        Caption: what the table shows, with area and unit.
    quelle
        Where the figures come from, with date.
    name
        Short ASCII name by which a text refers to the table: `@tab-name`.
    hinweise
        Notes below the table.

    Raises
    ------
    ValueError
        Caption or source is empty, a row has another number of cells than there are columns, or the columns have
        different numbers of levels.
    """
    rows = [zeile for gruppe in gruppen for zeile in gruppe.zeilen]
    whole = [zeile for zeile in rows if len(zeile) == len(spalten)]
    depths = {len(s.oben) for s in spalten if any(s.oben)}
    if len(depths) > 1 or any(any(s.oben) and not all(s.oben) for s in spalten):
        raise ValueError(f"tabelle {titel!r}: every column needs a heading on all levels above, or on none")
    head = _header_rows(spalten, max(depths, default=0), kopfspalten)
    return Ausgabe(
        {
            "art": "tabelle",
            "name": name,
            "titel": titel,
            "quelle": quelle,
            "spalten": [
                {"titel": s.titel, "oben": list(filter(None, s.oben)), "zahl": s.zahl and n >= kopfspalten}
                for n, s in enumerate(spalten)
            ],
            "kopfzeilen": head,
            "kopfspalten": kopfspalten,
            "karten": len(spalten) > BREIT
            or any(len(str(zelle)) > LANG for zeile in rows for zelle in zeile[1:])
            or sum(
                max(map(_longest, (trennbar(s.titel), *(zeile[n] for zeile in whole)))) for n, s in enumerate(spalten)
            )
            > ZEICHEN_TELEFON,
            "kurz": len(rows) <= KURZ and sum(len(str(zelle)) for zeile in rows for zelle in zeile) <= WENIG,
            "quer": sum(_narrowest(s, n, whole) for n, s in enumerate(spalten))
            > (HOCHFORMAT_KLEIN if len(spalten) >= KLEIN_AB else HOCHFORMAT),
            "gruppen": [
                {"titel": g.titel, "zeilen": [[str(z) for z in zeile] for zeile in g.zeilen], "hervor": g.hervor}
                for g in gruppen
            ],
            "hinweise": list(hinweise or []),
        }
    )


def aus_daten(
    daten: pd.DataFrame,
    *,
    titel: str,
    quelle: str,
    stellen: int | dict = 0,
    einheit: str | dict = "",
    fehlt: str = "keine Angabe",
    name: str = "",
    hinweise: list[str] | None = None,
) -> Ausgabe:
    """Table for a report from a frame: its index names the rows, levels of its columns become levels of the heading.

    Parameters
    ----------
    daten
        One row per row of the table. Numbers and dates are written in German, numbers rounded half up; yes and no as
        `ja` and `nein`, what is missing as `fehlt`, everything else as it stands. The names of the index are the
        headings of the row headings; numbers in index and headings (years) have no thousands dot.
    stellen, einheit
        Digits after the comma and unit behind the number: one for all, or one per column that has another than
        0 and none (`{"quote": 1}`).
    titel, quelle, name, hinweise
        As in `tabelle`.

    Raises
    ------
    ValueError
        As in `tabelle`; or no frame, no row, no column, an index or a column without a name, an infinite number, digits
        or a unit for a column that is not there.
    """
    import pandas as pd

    if not isinstance(daten, pd.DataFrame) or daten.empty:
        found = "has no rows or no columns" if isinstance(daten, pd.DataFrame) else f"is a {type(daten).__name__}"
        raise ValueError(f"tabelle {titel!r}: the frame {found}; expected a DataFrame with both")
    if any(not n for n in daten.index.names):
        raise ValueError(f"tabelle {titel!r}: the index has no name; expected the heading of the row headings")
    for what, given in (("stellen", stellen), ("einheit", einheit)):
        unknown = [key for key in given if key not in daten.columns] if isinstance(given, dict) else []
        if unknown:
            raise ValueError(
                f"tabelle {titel!r}: {what} for a column {unknown[0]!r}, which is not there; there are "
                f"{list(daten.columns)}"
            )
    keys = [key if isinstance(key, tuple) else (key,) for key in daten.columns]
    paths = [[_name(part) for part in key if not _missing(part) and part != ""] for key in keys]
    if not all(paths):
        raise ValueError(f"tabelle {titel!r}: column {paths.index([]) + 1} has no name; expected its heading")
    numeric = [
        (pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype))
        or any(map(_is_number, daten.iloc[:, n]))
        for n, dtype in enumerate(daten.dtypes)
    ]

    def texts(n: int) -> list[str]:
        column, key = daten.iloc[:, n], daten.columns[n]
        digits = stellen.get(key, 0) if isinstance(stellen, dict) else stellen
        unit = einheit.get(key, "") if isinstance(einheit, dict) else einheit
        behind = f"\u00a0{unit}" if unit else ""
        try:
            return [
                fehlt if _missing(value) else f"{zahl(value, digits)}{behind}" if _is_number(value) else _name(value)
                for value in column
            ]
        except ValueError as error:
            raise ValueError(f"tabelle {titel!r}, column {' '.join(paths[n])!r}: {error}") from None

    heads = [Spalte(str(n), zahl=False) for n in daten.index.names]
    columns = [Spalte(path[-1], is_number, tuple(path[:-1])) for path, is_number in zip(paths, numeric, strict=True)]
    begin = ([fehlt if _missing(part) else _name(part) for part in level] for level in _levels(daten.index))
    rows = zip(*begin, *map(texts, range(len(keys))), strict=True)
    return tabelle(
        [*heads, *columns],
        [Gruppe([list(row) for row in rows])],
        titel=titel,
        quelle=quelle,
        name=name,
        kopfspalten=len(heads),
        hinweise=hinweise,
    )


def _missing(value: object) -> bool:
    """Whether a cell holds nothing: missing in pandas' sense, or only white space."""
    import pandas as pd

    return not value.strip() if isinstance(value, str) else pd.api.types.is_scalar(value) and bool(pd.isna(value))


def _is_number(value: object) -> bool:
    """Whether a value counts or measures something; yes and no do not, and a missing one says nothing."""
    import numpy as np

    return isinstance(value, (Real, Decimal)) and not isinstance(value, (bool, np.bool_)) and not _missing(value)


def _name(value: object) -> str:
    """Value as it stands in a heading: days in German, `ja` and `nein`, numbers without thousands dot (years)."""
    import numpy as np

    if isinstance(value, (bool, np.bool_)):
        return "ja" if value else "nein"
    if isinstance(value, dt.datetime) and value.time() != dt.time():
        return f"{value:%d.%m.%Y, %H:%M} Uhr"
    if isinstance(value, dt.date):
        return datum(value)
    if isinstance(value, Real) and not isinstance(value, Integral):
        return f"{value:.12g}".replace(".", ",").replace("-", MINUS)
    return str(value)


def _levels(index: pd.Index) -> list[pd.Index]:
    return [index.get_level_values(level) for level in range(index.nlevels)]


def _header_rows(spalten: list[Spalte], depth: int, kopfspalten: int) -> list[list[dict]]:
    """Header cells row by row: heading, its first column, how many columns and rows it covers.

    A column without headings above has one cell over all rows.
    """

    def cell(titel: str, first: int, wide: int = 1, high: int = 1, zahl: bool = False) -> dict:
        return {"titel": titel, "spalte": first, "breite": wide, "hoehe": high, "zahl": zahl}

    rows = [[] for _ in range(depth + 1)]
    for level in range(depth):
        by_path = groupby(range(len(spalten)), key=lambda n, level=level: spalten[n].oben[: level + 1] or n)
        for _, group in by_path:
            columns = list(group)
            if any(spalten[columns[0]].oben):
                rows[level].append(cell(spalten[columns[0]].oben[level], columns[0], len(columns)))
    for n, spalte in enumerate(spalten):
        level = depth if any(spalte.oben) else 0
        rows[level].append(cell(spalte.titel, n, 1, depth + 1 - level, spalte.zahl and n >= kopfspalten))
    return [sorted(row, key=lambda c: c["spalte"]) for row in rows]


def _narrowest(spalte: Spalte, n: int, rows: list[list[str]]) -> int:
    """Characters that a column needs at least: its longest word, and a little for the space between columns."""
    return max([_longest(text) for text in (spalte.titel, *(row[n] for row in rows))] + [4]) + 2


def _longest(text: str) -> int:
    """Characters of the longest part of a text that is never broken."""
    return max(map(len, str(text).replace(TRENNSTRICH, "- ").replace("-", "- ").split(" ")))
