"""Patterns of delivered texts: `Berichtsmonat: {monat} {jahr}` states a date, `{schluessel} {name}` an area."""

import calendar
import datetime as dt
import re
from functools import cache

from analysis.dates import MONAT, parse_stichtag
from analysis.errors import InputError
from analysis.sources.signs import as_text

_NAMES = "|".join(sorted(MONAT, key=len, reverse=True))
_QUARTALE = {"1": 1, "2": 2, "3": 3, "4": 4, "i": 1, "ii": 2, "iii": 3, "iv": 4}

_PLACEHOLDERS = {
    "tag": r"(?P<tag>[0-9]{1,2})",
    "monat": rf"(?P<monat>(?:{_NAMES})\b\.?|1[0-2]|0[1-9]|[1-9])",
    "jahr": r"(?P<jahr>(?:19|20)[0-9]{2})",
    "jahr2": r"(?P<jahr2>[0-9]{2})",
    "quartal": r"(?P<quartal>[1-4]|iii|ii|iv|i)",
    "datum": rf"(?P<datum>[0-9]{{1,2}}\.\s?[0-9]{{1,2}}\.\s?[0-9]{{4}}|[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}"
    rf"|[0-9]{{1,2}}\.\s?(?:{_NAMES})\s[0-9]{{4}})",
    "schluessel": r"(?P<schluessel>[0-9A-Za-zÄÖÜäöüß_.-]*[0-9A-Za-zÄÖÜäöüß])",
    "name": r"(?P<name>\S.*?)",
}
_MONTHS = {"monat": 1, "quartal": 3, "jahr": 12}

_OTHER = re.compile(
    r"\b(?P<what>gebietsstand|datenstand|stand der daten|abrufdatum|erstellungsdatum|druckdatum"
    r"|(?:abgerufen|abruf|erstellt|gedruckt|heruntergeladen|aktualisiert|veröffentlicht|erschienen)(?=\s*:|\s+(?:am|vom)\b))"
    r"(?:\s+(?:am|vom|zum)\b)?[\s:,]*(?:[\s./-]*(?:[0-9]+|quartal\b|(?:" + _NAMES + r")\b))*",
    re.IGNORECASE,
)
"""Dates that say something else than what the numbers count."""


@cache
def compiled(muster: str) -> re.Pattern:
    """Regular expression of a pattern; blanks are flexible, case does not matter, digits and words are whole.

    Raises
    ------
    InputError
        A placeholder that does not exist or stands twice.
    """
    parts = re.split(r"\{([^{}]*)\}", muster)
    literals, names = parts[::2], parts[1::2]
    unknown = [n for n in names if n not in _PLACEHOLDERS] + [n for n in names if names.count(n) > 1]
    if unknown:
        known = ", ".join(f"{{{n}}}" for n in _PLACEHOLDERS)
        raise InputError(f"pattern {muster!r}: placeholder {{{unknown[0]}}}; expected each of {known} at most once")
    expression = (r"(?<![0-9A-Za-zÄÖÜäöüß])" if literals[0][:1].isalnum() else "") + _literal(literals[0])
    for place, name in enumerate(names):
        after, last = literals[place + 1], place == len(names) - 1
        if not (place and not literals[place]) and name != "name":
            expression += r"(?<![0-9A-Za-zÄÖÜäöüß])" if not literals[place] else r"(?<![0-9])"
        expression += _PLACEHOLDERS[name]
        if name not in ("name", "schluessel") and (after or last):
            expression += "(?![0-9])"
        expression += _literal(after)
    if names and names[-1] == "name" and not literals[-1].strip():
        expression += "$"
    return re.compile(expression, re.IGNORECASE)


def _literal(text: str) -> str:
    return r"\s*".join(re.escape(word) for word in re.split(r"\s+", text))


def find_day(text: str, muster: str, zeitraum: str = "") -> tuple[dt.date, str, tuple[int, int]] | None:
    """Reference date that a text states.

    Parameters
    ----------
    text
        One line.
    muster
        Pattern with {tag}, {monat}, {jahr}, {jahr2}, {quartal} or {datum}.
    zeitraum
        `monat`, `quartal` or `jahr`: the date is the last day of that period.

    Returns
    -------
    tuple
        Date, kind of what was stated (`tag`, `monat`, `quartal`, `jahr`), first and last place in the text; None if
        the pattern does not fit.

    Raises
    ------
    InputError
        The day does not exist, or the text states two.
    """
    found = {}
    for hit in compiled(muster).finditer(text):
        day, kind = _day(hit.groupdict(), text)
        if zeitraum:
            last = -(-day.month // _MONTHS[zeitraum]) * _MONTHS[zeitraum]
            day, kind = dt.date(day.year, last, calendar.monthrange(day.year, last)[1]), zeitraum
        found.setdefault(day, (day, kind, hit.span()))
    if len(found) > 1:
        days = " and ".join(f"{day:%d.%m.%Y}" for day in found)
        raise InputError(f"{text[:80]!r} states {days}; expected one date in the form {muster!r}")
    return next(iter(found.values()), None)


def without_other_days(text: str, muster: str) -> str:
    """A text without the dates of its making or of territories (`Gebietsstand: 31.12.2024`, `abgerufen am …`).

    A pattern that itself names such a date finds it.
    """
    wanted = muster.casefold()
    return _OTHER.sub(lambda hit: hit.group() if hit.group("what").casefold() in wanted else " ", text)


def _day(given: dict[str, str], text: str) -> tuple[dt.date, str]:
    try:
        if given.get("datum"):
            return _written(given["datum"]), "tag"
        year = int(given.get("jahr") or 2000 + int(given["jahr2"]))
        if given.get("quartal"):
            month, kind = 3 * _QUARTALE[given["quartal"].lower()], "quartal"
        elif given.get("monat"):
            name = given["monat"].lower().rstrip(".")
            month, kind = int(name) if name.isdigit() else MONAT[name], "monat"
        else:
            month, kind = 12, "jahr"
        if given.get("tag"):
            return dt.date(year, month, int(given["tag"])), "tag"
        return dt.date(year, month, calendar.monthrange(year, month)[1]), kind
    except (ValueError, KeyError):
        raise InputError(f"{text[:80]!r} states a day that does not exist") from None


def _written(text: str) -> dt.date:
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return parse_stichtag(text)
    day, month, year = re.fullmatch(r"([0-9]+)\.\s?(\w+)\.?\s?([0-9]{4})", text).groups()
    return dt.date(int(year), int(month) if month.isdigit() else MONAT[month.lower()], int(day))


def cell_text(cell, muster: str) -> str:
    """A cell as text in which a pattern is searched; a date cell is written as the pattern's placeholders want it."""
    if not isinstance(cell, dt.datetime | dt.date) or "{datum}" in muster:
        return as_text(cell)
    placeholders = re.search(r"\{.*\}", muster)
    written = {
        "tag": str(cell.day),
        "monat": f"{cell.month:02d}",
        "jahr": str(cell.year),
        "jahr2": f"{cell.year % 100:02d}",
        "quartal": str((cell.month + 2) // 3),
    }
    return re.sub(r"\{(\w+)\}", lambda hit: written.get(hit.group(1), hit.group()), placeholders.group())
