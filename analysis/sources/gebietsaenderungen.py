"""Yearly lists of territorial changes ("Namens-, Grenz- und Schlüsseländerungen") of the Statistisches Bundesamt.

Thirteen columns: number of the change, Regionaleinheit, ARS, AGS and name before, Art der Änderung, area, inhabitants,
ARS, AGS and name after, the day of effect in law and in statistics. Art 1 is the end of a Gemeinde (its rows are the
whole of it), 2 the transfer of parts (with one row for what stays), 3 a new key, 4 a new name.

The list becomes one step from the last day of the year before to the last day it covers; Gemeinden that it does not
name are unchanged. Only rows of Gemeinden are used: the list names a Kreis only where the Kreis itself changes, not
where one of its Gemeinden goes to another Kreis.
"""

import calendar
import datetime as dt
import re
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.dates import days_in
from analysis.errors import InputError
from analysis.regions import level
from analysis.sources.sheets import Formel, Sheet
from analysis.sources.signs import as_text

_NUMBER, _UNIT, _AGS, _ART, _AREA, _PEOPLE, _NEW, _LEGAL, _STATISTICAL = 0, 1, 3, 5, 6, 7, 9, 11, 12
_HEADER_ROWS = 15
_WEIGHTS = {"flaeche": _AREA, "bevoelkerung": _PEOPLE}


def header_row(sheet: Sheet) -> int | None:
    """Row of a sheet where the header of the list begins, None if there is none."""
    for n, row in enumerate(sheet.rows[:_HEADER_ROWS]):
        if len(row) > _STATISTICAL and re.sub("[^a-z]", "", as_text(row[_UNIT]).lower()).startswith("regionaleinheit"):
            return n
    return None


def read(path: Path, sheets: list[Sheet]) -> tuple[pd.DataFrame, dict[str, int]]:
    """Shares of each Gemeinde that the list names, over all its changes of the year in their order.

    Returns
    -------
    tuple
        Columns `von_stand`, `nach_stand`, `gewicht`, `von`, `nach`, `anteil` (NaN where the list leaves it open),
        `liste`, `place`; and what was left out.

    Raises
    ------
    InputError
        Two lists, another layout, a malformed key, number, day or kind of change, changes of two years, no end of the
        period in title, sheet or file name.
    """
    lists = [(sheet, header_row(sheet)) for sheet in sheets if header_row(sheet) is not None]
    if len(lists) != 1:
        raise InputError(f"{path}: {len(lists)} sheets with a list of changes; expected one")
    sheet, top = lists[0]
    changes, left_out = _changes(sheet, top)
    begin, end = _period(path, sheet, top, changes)
    parts = []
    for gewicht in _WEIGHTS:
        shares = _composed(changes, gewicht)
        parts += [
            {"gewicht": gewicht, "von": von, "nach": nach, "anteil": share}
            for von, targets in shares.items()
            for nach, share in targets.items()
        ]
    rows = pd.DataFrame(parts)
    for column, day in (("von_stand", begin), ("nach_stand", end)):
        rows[column] = pd.Series([day] * len(rows), dtype=object)
    return rows.assign(liste="aenderungen", place=f"{path}, sheet {sheet.name!r}"), left_out


def _changes(sheet: Sheet, top: int) -> tuple[pd.DataFrame, dict[str, int]]:
    left_out: dict[str, int] = {}
    found = []
    for n in range(top + 1, len(sheet.rows)):
        cells = sheet.rows[n]
        texts = [as_text(cell) for cell in cells]
        unit = texts[_UNIT].lower()
        is_gemeinde = unit.startswith("gemeinde") and not unit.startswith("gemeindeverb")
        dated = days_in(texts[_STATISTICAL]) or days_in(texts[_LEGAL])
        if is_gemeinde and (texts[_NUMBER] or dated):
            found.append(_change(sheet, n, cells, texts))
        elif dated and unit:
            reason = f"changes of {texts[_UNIT][:40]}"
            left_out[reason] = left_out.get(reason, 0) + 1
        elif dated or found and sum(text != "" for text in texts) > 2:
            raise InputError(f"{sheet.place(n)}: no change of a Gemeinde, a Kreis or a Verband, and no footnote")
    if not found:
        raise InputError(f"{sheet.place(top)}: no row of a Gemeinde below the header")
    return pd.DataFrame(found), left_out


def _change(sheet: Sheet, n: int, cells: tuple, texts: list[str]) -> dict:
    for column, cell in enumerate(cells[: _STATISTICAL + 1]):
        if isinstance(cell, Formel):
            raise InputError(f"{sheet.place(n, column)}: a formula; expected a value")
    if not texts[_NUMBER]:
        raise InputError(f"{sheet.place(n, _NUMBER)}: no number of the change; expected one in every row")
    if not re.fullmatch(r"[1-4](\s*[,./+u]\s*[1-4])*", texts[_ART]):
        raise InputError(f"{sheet.place(n, _ART)}: Art der Änderung {texts[_ART][:40]!r}; expected 1 to 4")
    days = [day for column in (_STATISTICAL, _LEGAL) for day in days_in(texts[column])]
    if not days:
        raise InputError(f"{sheet.place(n, _STATISTICAL)}: {texts[_STATISTICAL][:40]!r}; expected the day of effect")
    change = {"nummer": texts[_NUMBER], "arten": set(re.findall("[1-4]", texts[_ART])), "tag": days[0]}
    for name, column in (("von", _AGS), ("nach", _NEW)):
        key = texts[column].zfill(8) if isinstance(cells[column], int | float) else texts[column]
        if not re.fullmatch("[0-9]{8}", key):
            raise InputError(f"{sheet.place(n, column)}: key {texts[column][:40]!r}; expected 8 digits")
        try:
            level(key)
        except InputError as error:
            raise InputError(f"{sheet.place(n, column)}: {error}") from None
        change[name] = key
    return change | {gewicht: _number(sheet, n, column, texts[column]) for gewicht, column in _WEIGHTS.items()}


def _number(sheet: Sheet, n: int, column: int, text: str) -> float:
    if text in ("", "-", "–", ".", "x"):
        return np.nan
    if not re.fullmatch(r"[0-9]{1,12}([.,][0-9]{1,2})?|[0-9]{1,3}([ .][0-9]{3})+(,[0-9]{1,2})?", text):
        raise InputError(f"{sheet.place(n, column)}: {text[:40]!r}; expected a number")
    grouped = re.fullmatch(r"[0-9]{1,3}([ .][0-9]{3})+(,[0-9]{1,2})?", text)
    return float((re.sub("[ .]", "", text) if grouped else text).replace(",", "."))


def _period(path: Path, sheet: Sheet, top: int, changes: pd.DataFrame) -> tuple[dt.date, dt.date]:
    """Last day before the period of the list, and its last day."""
    years = sorted({day.year for day in changes.tag})
    if len(years) > 1:
        raise InputError(f"{path}, sheet {sheet.name!r}: changes of {years[0]} and {years[-1]}; expected one year")
    year = years[0]
    titles = [as_text(cell) for row in sheet.rows[:top] for cell in row if cell is not None]
    until = [days_in(text.split(" bis ")[-1])[:1] for text in titles if " bis " in text]
    month = re.search(rf"(?<![0-9]){year}-(0[1-9]|1[0-2])(?![0-9-])", path.stem)
    if any(until):
        end = next(days[0] for days in until if days)
    elif month:
        end = dt.date(year, int(month.group(1)), calendar.monthrange(year, int(month.group(1)))[1])
    elif any(re.search(rf"(?<![0-9]){year}(?![0-9])", text) for text in (*titles, sheet.name, path.stem)):
        end = dt.date(year, 12, 31)
    else:
        raise InputError(f"{path}: no period of the list; name the file {year}.xlsx, or {year}-02.xlsx until February")
    if end.year != year or end < changes.tag.max():
        raise InputError(f"{path}: a change of {changes.tag.max():%d.%m.%Y}, but the list ends on {end:%d.%m.%Y}")
    return dt.date(year - 1, 12, 31), end


def _composed(changes: pd.DataFrame, gewicht: str) -> dict[str, dict[str, float]]:
    """Shares over the whole period: changes follow each other by day, and by their place in the list."""
    shares: dict[str, dict[str, float]] = {}
    order = changes.groupby(["tag", "nummer"], sort=False).ngroup()
    for _, event in (
        changes.assign(ereignis=order)
        .sort_values(["tag", "ereignis"], kind="stable")
        .groupby(["tag", "nummer"], sort=False)
    ):
        step = {von: _step(rows, von, gewicht) for von, rows in event.groupby("von", sort=False)}
        for von in step:
            shares.setdefault(von, {von: 1.0})
        for von, targets in shares.items():
            after: dict[str, float] = {}
            for key, share in targets.items():
                for nach, part in step.get(key, {key: 1.0}).items():
                    after[nach] = after.get(nach, 0.0) + share * part
            shares[von] = after
    return shares


def _step(rows: pd.DataFrame, von: str, gewicht: str) -> dict[str, float]:
    """Shares of one Gemeinde in one change; NaN where the list does not tell them."""
    targets = list(dict.fromkeys(rows.nach))
    rest_unknown = set().union(*rows.arten) == {"2"} and von not in targets
    if rest_unknown:
        return dict.fromkeys([*targets, von], np.nan)
    if len(targets) == 1:
        return {targets[0]: 1.0}
    parts = rows.groupby("nach")[[*_WEIGHTS]].agg(lambda part: part.sum(skipna=False))
    size = parts[gewicht]
    if size.sum(skipna=False) == 0:  # nobody lives there, so any share is right: that of the area
        size = parts["flaeche"]
    total = size.sum(skipna=False)
    return {nach: size[nach] / total if total > 0 else np.nan for nach in targets}
