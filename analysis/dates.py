"""Reference dates: which day a figure's period is stored under, and the check that it fits its rule."""

import calendar
import datetime as dt
import re

from analysis.errors import InputError

RULES = {
    "31.12.": "31 December",
    "dezember": "31 December (report of December)",
    "jahresdurchschnitt": "31 December of the year (yearly average)",
    "jahr": "31 December of the year",
    "schuljahr": "31 July (end of the school year)",
    "monat": "the last day of a month",
    "quartal": "the last day of a quarter",
    "tag": "its own day",
}
"""Rule of the catalogue → the day under which such a figure is stored."""


def parse_stichtag(text: str) -> dt.date:
    """Date written as 2019-12-31 or 31.12.2019.

    Raises
    ------
    InputError
        The text is neither, the day does not exist, or it is not between 1900 and 2100.
    """
    for form in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            day = dt.datetime.strptime(text.strip(), form).date()
        except ValueError:
            continue
        if not text.isascii() or not 1900 <= day.year <= 2100:
            break
        return day
    raise InputError(f"{text!r} is not a date (expected 2019-12-31 or 31.12.2019)")


_MONATE = (
    ("januar", "jan", "jänner"),
    ("februar", "feb"),
    ("märz", "maerz", "mrz", "mär"),
    ("april", "apr"),
    ("mai",),
    ("juni", "jun"),
    ("juli", "jul"),
    ("august", "aug"),
    ("september", "sept", "sep"),
    ("oktober", "okt"),
    ("november", "nov"),
    ("dezember", "dez"),
)
MONAT = {name: number for number, names in enumerate(_MONATE, 1) for name in names}
"""How offices write a month, in lower case → its number."""

_WRITTEN = re.compile(
    r"(?<![0-9])(?:([0-9]{4})-([0-9]{2})-([0-9]{2})|([0-9]{1,2})\. ?([0-9]{1,2})\. ?([0-9]{4})"
    r"|([0-9]{2})([0-9]{2})((?:19|20)[0-9]{2})|((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2}))(?![0-9])"
)
"""Days in titles and file names: 2024-06-30, 30.06.2024, 30062024, 20240630 (no eight digits are both of these)."""


def days_in(text: str) -> list[dt.date]:
    """Days that stand in a text, in their order; what is no day of a calendar is passed over."""
    found = []
    for match in _WRITTEN.finditer(text):
        a = match.groups()
        year, month, day = a[:3] if a[0] else a[5:2:-1] if a[3] else a[8:5:-1] if a[6] else a[9:]
        try:
            found.append(parse_stichtag(f"{year}-{int(month):02d}-{int(day):02d}"))
        except InputError:
            continue
    return found


def fits(stichtag: dt.date, rule: str) -> bool:
    """Whether a date is one that the rule allows."""
    if rule == "schuljahr":
        return (stichtag.month, stichtag.day) == (7, 31)
    if rule == "tag":
        return True
    if rule in ("monat", "quartal"):
        last = stichtag.day == calendar.monthrange(stichtag.year, stichtag.month)[1]
        return last and (rule == "monat" or stichtag.month % 3 == 0)
    return (stichtag.month, stichtag.day) == (12, 31)


KINDS = {
    "31.12.": {"tag", "jahr"},
    "dezember": {"tag", "monat"},
    "jahresdurchschnitt": {"jahr"},
    "jahr": {"jahr"},
    "schuljahr": {"schuljahr"},
    "monat": {"tag", "monat"},
    "quartal": {"tag", "quartal"},
    "tag": {"tag"},
}
"""Rule of the catalogue → kinds of period (see `period`) that may be stored under it."""


def begin_utc(day: dt.date) -> dt.datetime:
    """First moment of a day on this machine's clock, in UTC without a zone, as the store records moments."""
    return dt.datetime.combine(day, dt.time()).astimezone(dt.UTC).replace(tzinfo=None)


def local_day(moment: dt.datetime) -> dt.date:
    """Day on this machine's clock of a moment that the store recorded."""
    return moment.replace(tzinfo=dt.UTC).astimezone().date()


def period(text: str) -> tuple[dt.date, str]:
    """Last day and kind of a period as the GENESIS family writes it.

    `2024-12-31` or `31.12.2024` (`tag`), `2023` (`jahr`), `2024-03` (`monat`), months from a first one on
    (`2024-01P3M`: `quartal`, `2023-10P6M`: `semester`), `2013/14` (`schuljahr`, under 31 July).

    Raises
    ------
    InputError
        Another way of writing, or a day that does not exist.
    """
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{2}\.[0-9]{2}\.[0-9]{4}", text):
        return parse_stichtag(text), "tag"
    if re.fullmatch(r"[0-9]{4}", text):
        return parse_stichtag(f"{text}-12-31"), "jahr"
    if re.fullmatch(r"[0-9]{4}/([0-9]{2}|[0-9]{4})", text):
        first, second = int(text[:4]), text[5:]
        if int(second) == (first + 1) % (100 if len(second) == 2 else 10_000):
            return parse_stichtag(f"{first + 1}-07-31"), "schuljahr"
    months = re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])(?:P([1-9][0-9]?)M)?", text)
    if months:
        number = int(months.group(3) or 1)
        ahead = int(months.group(2)) - 1 + number - 1
        year, month = int(months.group(1)) + ahead // 12, ahead % 12 + 1
        last = parse_stichtag(f"{year}-{month:02d}-{calendar.monthrange(year, month)[1]}")
        return last, {1: "monat", 3: "quartal", 6: "semester", 12: "jahr"}.get(number, f"{number} Monate")
    raise InputError(f"time {text[:40]!r} is unknown (expected 2023, 2024-12-31, 2024-03, 2023-10P6M or 2013/14)")
