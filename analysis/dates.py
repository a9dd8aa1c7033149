"""Reference dates: which day a figure's period is stored under, and the check that it fits its rule."""

import datetime as dt

from analysis.errors import InputError

RULES = {
    "31.12.": "31 December",
    "dezember": "31 December (report of December)",
    "jahresdurchschnitt": "31 December of the year (yearly average)",
    "jahr": "31 December of the year",
    "schuljahr": "31 July (end of the school year)",
    "monat": "the last day of a month",
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


def fits(stichtag: dt.date, rule: str) -> bool:
    """Whether a date is one that the rule allows."""
    if rule == "schuljahr":
        return (stichtag.month, stichtag.day) == (7, 31)
    if rule == "monat":
        return (stichtag + dt.timedelta(days=1)).day == 1
    return (stichtag.month, stichtag.day) == (12, 31)
