"""Deadlines of goals as catalogues write them: a day, the end of a year, yearly, conditional."""

import calendar
import datetime as dt
import re
from dataclasses import dataclass

from analysis.dates import parse_stichtag
from analysis.errors import InputError

ERWARTET = "31.03.2026, Jahresende 2026, jährlich, jährlich zum 31.03., jährlich ab 2026 bis 2030, or bedingt, sobald …"
"""How a deadline may be written."""

ARTEN = {
    "tag": "fester Tag",
    "jahresende": "Ende eines Jahres",
    "jaehrlich": "jedes Jahr",
    "bedingt": "an eine Bedingung geknüpft",
    "": "keine Frist",
}
"""Kind of a deadline → how readers see it."""

_JAHRESENDE = re.compile(r"Jahresende ([0-9]{4})")
_EIN_TAG = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4}")
_JAEHRLICH = re.compile(r"jährlich(?: zum ([0-9]{1,2})\.([0-9]{1,2})\.)?(?: ab ([0-9]{4}))?(?: bis ([0-9]{4}))?")


@dataclass(frozen=True)
class Frist:
    """When a goal is to be reached.

    Attributes
    ----------
    art
        A key of `ARTEN`, never empty.
    text
        As written in the catalogue; dates as 31.03.2026.
    tag
        Last day; None if it is yearly or conditional.
    monat, tag_im_monat
        Day of each year on which a yearly deadline ends.
    ab, bis
        First and last year of a yearly deadline; 0: from the beginning, without an end.
    """

    art: str
    text: str
    tag: dt.date | None = None
    monat: int = 12
    tag_im_monat: int = 31
    ab: int = 0
    bis: int = 0

    def naechste(self, stichtag: dt.date) -> dt.date | None:
        """Last day that counts on a reference date: the fixed one, or the next of a yearly deadline."""
        if self.art != "jaehrlich":
            return self.tag
        day = self._in(max(stichtag.year, self.ab))
        day = day if day >= stichtag else self._in(day.year + 1)
        return None if self.bis and day.year > self.bis else day

    def vorige(self, stichtag: dt.date) -> dt.date | None:
        """Newest day of a yearly deadline before a reference date; None where there was none, and for other kinds."""
        if self.art != "jaehrlich":
            return None
        year = stichtag.year if self._in(stichtag.year) < stichtag else stichtag.year - 1
        year = min(year, self.bis) if self.bis else year
        return self._in(year) if year >= max(self.ab, dt.MINYEAR) else None

    def _in(self, year: int) -> dt.date:
        return dt.date(year, self.monat, min(self.tag_im_monat, calendar.monthrange(year, self.monat)[1]))


def lesen(text: str) -> Frist:
    """Deadline of a catalogue.

    Raises
    ------
    InputError
        The text is none of the ways of writing in `ERWARTET`, or its day does not exist.
    """
    text = " ".join(text.split())
    if text.startswith("bedingt, ") and len(text) > len("bedingt, "):
        return Frist("bedingt", text)
    if match := _JAHRESENDE.fullmatch(text):
        return Frist("jahresende", text, parse_stichtag(f"{match.group(1)}-12-31"))
    if match := _JAEHRLICH.fullmatch(text):
        day, month, *years = match.groups()
        first, last = (int(year or 0) for year in years)
        for year in filter(None, (first, last)):
            parse_stichtag(f"{year}-12-31")
        if last and last < first:
            raise InputError(f"{text!r} ends before it begins; expected the first year before the last")
        if day is None:
            return Frist("jaehrlich", text, ab=first, bis=last)
        try:
            parse_stichtag(f"2024-{int(month):02d}-{int(day):02d}")  # a leap year: 29 February exists
        except InputError:
            raise InputError(f"{text!r}: there is no {day}.{month}. in a year") from None
        return Frist("jaehrlich", text, monat=int(month), tag_im_monat=int(day), ab=first, bis=last)
    try:
        tag = parse_stichtag(text)
    except InputError:
        what = "no day that exists" if _EIN_TAG.fullmatch(text) else "no deadline"
        raise InputError(f"{text!r} is {what}; expected {ERWARTET}") from None
    return Frist("tag", f"{tag:%d.%m.%Y}", tag)
