"""Patterns as an analyst writes them in YAML (`EWO_{jahr}.csv`, `Stand: {datum}`, `Summe *`) and the dates in them."""

import datetime as dt
import re
import unicodedata
from functools import cache

from analysis.dates import MONAT, parse_stichtag
from analysis.errors import InputError

_DATUM = (
    r"[0-9]{1,2}\. ?(?:[0-9]{1,2}\. ?|[a-zä]{3,9} )[0-9]{4}|[0-9]{4}[-_.][0-9]{2}[-_.][0-9]{2}"
    r"|[0-9]{2}[-_][0-9]{2}[-_][0-9]{4}|[0-9]{8}"
)
_PARTS = {
    "*": ".*",
    "?": ".",
    "{jahr}": "(?P<jahr>(?:19|20)[0-9]{2})",
    "{datum}": f"(?P<datum>{_DATUM})",
    "{wert}": "(?P<wert>.+)",
    "{ortsteil}": "(?P<ortsteil>.+)",
}
_LONGEST = 300
"""Characters of a cell that are looked at: no name or heading is longer, and a pattern stays fast."""

_MOST_WILDCARDS = 4
"""`*` and `?` of one pattern; no name or heading needs more."""


def plain(text: str) -> str:
    """Text as names are compared: without case, blanks made single, umlauts in one form."""
    return " ".join(unicodedata.normalize("NFC", text[:_LONGEST]).casefold().split())


def match(muster: str, text: str) -> dict[str, str] | None:
    """Values of the placeholders if the whole text follows the pattern, else None; case and blanks do not matter.

    `*` is any text, `?` any character, `{jahr}` a year, `{datum}` a date, `{wert}` and `{ortsteil}` a text.
    """
    found = _compiled(muster).fullmatch(plain(text))
    return None if found is None else {name: value.strip() for name, value in found.groupdict().items()}


def first_match(patterns: list[str], text: str) -> tuple[str, dict[str, str]] | None:
    """First pattern that the text follows, with the values of its placeholders."""
    return next(((p, found) for p in patterns if (found := match(p, text)) is not None), None)


@cache
def _compiled(muster: str) -> re.Pattern:
    pieces = re.split(r"(\*|\?|\{[a-z]+\})", plain(muster))
    wildcards = pieces.count("*") + pieces.count("?")
    if wildcards > _MOST_WILDCARDS:
        raise InputError(f"pattern {muster[:60]!r}: {wildcards} of * and ?; expected at most {_MOST_WILDCARDS}")
    for piece in pieces:
        if piece.startswith("{") and (piece not in _PARTS or pieces.count(piece) > 1):
            raise InputError(f"pattern {muster!r}: {piece} stands twice or is unknown (known: {', '.join(_PARTS)})")
    segments = "".join("\n" if piece == "*" else _PARTS.get(piece) or re.escape(piece) for piece in pieces).split("\n")
    # between two * the first place that fits is as good as any later one: without going back a pattern stays fast
    inner = [f".*{s}" if "(?P" in s else f"(?>.*?{s})" for s in segments[1:-1]]
    return re.compile("".join([segments[0], *inner, *(f".*{s}" for s in segments[1:][-1:])]))


def as_stichtag(found: dict[str, str]) -> dt.date | None:
    """Day that a pattern found: its `datum`, or 31 December of its `jahr`; None if it has neither.

    Raises
    ------
    InputError
        There is no such day.
    """
    if "datum" in found:
        return parse_datum(found["datum"])
    return parse_stichtag(f"{found['jahr']}-12-31") if "jahr" in found else None


def parse_datum(text: str) -> dt.date:
    """Day as offices write it: 31.12.2023, 31. Dezember 2023, 2023-12-31, 20231231, 31_12_2023.

    Raises
    ------
    InputError
        Another way of writing, or a day that does not exist.
    """
    written = plain(text)
    numbers = re.findall(r"[0-9]+", written)
    month = re.search(r"[a-zä]{3,9}", written)
    if not re.fullmatch(_DATUM, written) or (month and month.group() not in MONAT):
        raise InputError(f"{text[:40]!r} is not a date (expected 31.12.2023, 2023-12-31 or 31. Dezember 2023)")
    if month:
        numbers.insert(1, str(MONAT[month.group()]))
    if len(numbers) == 1:
        # 20231231 or 31122023: only one of the two is a year between 1900 and 2099
        digits = numbers[0]
        begins_with_year = digits[:2] in ("19", "20") and digits[4:6] <= "12"
        numbers = [digits[:4], digits[4:6], digits[6:]] if begins_with_year else [digits[:2], digits[2:4], digits[4:]]
    if len(numbers[0]) != 4:
        numbers.reverse()
    return parse_stichtag("-".join(number.zfill(2) for number in numbers))
