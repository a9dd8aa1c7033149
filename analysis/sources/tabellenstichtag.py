"""Reference dates of delivered tables: in a text, a file or sheet name, the header of columns, or a column."""

import datetime as dt

from analysis.errors import InputError
from analysis.sources.muster import cell_text, find_day, without_other_days
from analysis.sources.sheets import Formel, Sheet
from analysis.sources.tabellenkopf import Spalte, columns, place, plain

Tag = tuple[dt.date, str]
"""A date and the kind of period that was stated (`tag`, `monat`, `quartal`, `jahr`)."""

_WHERE = {"text": "above or below the table", "dateiname": "in the file name", "blattname": "in its name"}


def of_sheet(sheet: Sheet, above: list[int], below: list[int], stichtag: dict) -> Tag | None:
    """Date that holds for a whole worksheet; None where the description says that it stands in columns.

    Of a text, what stands above the table and in its header counts; what stands below it only where that is silent.
    Dates of territories and of the table's making (`Gebietsstand`, `abgerufen am`) do not count.

    Raises
    ------
    InputError
        No date is stated, or several.
    """
    if stichtag["in"] in ("kopf", "spalte"):
        return None
    if stichtag["in"] == "text":
        places = [[text for row in rows for text in _said(sheet.rows[row], stichtag)] for rows in (above, below)]
    else:
        places = [[sheet.path.stem if stichtag["in"] == "dateiname" else sheet.name]]
    try:
        found: set[Tag] = set()
        for texts in places:
            found = found or {hit[:2] for text in texts if (hit := _find(text, stichtag))}
    except InputError as error:
        raise InputError(f"{place(sheet)}: {error}") from None
    if len(found) != 1:
        days = ", ".join(f"{day:%d.%m.%Y}" for day, _ in sorted(found)) or "none"
        form = " or ".join(map(repr, _patterns(stichtag)))
        raise InputError(f"{place(sheet)}: one date {form} is expected {_WHERE[stichtag['in']]}; found {days}")
    return found.pop()


def of_header(sheet: Sheet, header: range, kopf: dict, stichtag: dict) -> dict[Tag, list[Spalte]]:
    """Columns by the date that stands in their header; their paths no longer hold it.

    A column whose header states no date, or two of them (a change from one month to another), is not among them.

    Raises
    ------
    InputError
        No header states a date.
    """

    def text(cell) -> str:
        return cell_text(cell, _patterns(stichtag)[0]) if isinstance(cell, dt.date) else plain(cell)

    spalten = columns(sheet, header, kopf.get("fuellen", False), text)
    found: dict[Tag, list[Spalte]] = {}
    for spalte in spalten:
        pfad = "\n".join(spalte.pfad)
        try:
            hit = _find(pfad, stichtag)
        except InputError:
            continue
        if hit:
            day, kind, (first, last) = hit
            rest = [plain(part) for part in f"{pfad[:first]}\n{pfad[last:]}".split("\n")]
            found.setdefault((day, kind), []).append(Spalte(spalte.nummer, tuple(filter(None, rest))))
    if not found:
        there = "; ".join(" / ".join(s.pfad) for s in spalten if s.pfad)[:500]
        form = " or ".join(map(repr, _patterns(stichtag)))
        raise InputError(f"{place(sheet)}: no header with a date in the form {form}; found {there}")
    return found


def of_rows(sheet: Sheet, rows: list[int], cells: list, column: int, stichtag: dict) -> list[Tag]:
    """Date of every row, where it stands in a column.

    Raises
    ------
    InputError
        A cell states no date.
    """
    known: dict[str, Tag] = {}
    days = []
    for row, cell in zip(rows, cells, strict=True):
        text = " ".join(_said((cell,), stichtag)[:1])
        if text not in known:
            try:
                hit = _find(text, stichtag)
            except InputError as error:
                raise InputError(f"{place(sheet, row, column)}: {error}") from None
            if hit is None:
                form = " or ".join(map(repr, _patterns(stichtag)))
                raise InputError(f"{place(sheet, row, column)}: {text[:60]!r}; expected a date in the form {form}")
            known[text] = hit[:2]
        days.append(known[text])
    return days


def _patterns(stichtag: dict) -> list[str]:
    return [stichtag["muster"]] if isinstance(stichtag["muster"], str) else stichtag["muster"]


def _said(cells: tuple, stichtag: dict) -> list[str]:
    """Texts of a row in which a date can stand: the whole row and every cell of it.

    In a row with a date that does not count, a cell alone does not tell which one it holds (`Gebietsstand | 1.1.2024`).
    """
    patterns = _patterns(stichtag)
    texts = [cell_text(c, patterns[0]) for c in cells if c is not None and not isinstance(c, Formel)]
    whole = " ".join(texts)
    if (left := without_other_days(whole, " ".join(patterns))) != whole:
        return [left]
    return list(dict.fromkeys([whole, *texts]))


def _find(text: str, stichtag: dict):
    """What `find_day` finds with the first pattern that fits."""
    hits = (find_day(text, muster, stichtag.get("zeitraum", "")) for muster in _patterns(stichtag))
    return next(filter(None, hits), None)
