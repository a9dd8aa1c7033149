"""Figures that a Kreis withholds in all its reports, looked for where they would stand: in rows and sentences.

A withheld value counts as found where it stands with the name of its area, the name of its indicator and its day, in
the digits in which reports show it, unless the same area or the Kreis shows the same digits for the same indicator.
"""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from analysis.release.suche import BLOCK

_SATZ = re.compile(r"(?<=[.!?;])\s+")


@dataclass(frozen=True)
class Geheim:
    """A withheld value: area, names of the indicator, its day, and the text that a report would show."""

    raum: str
    namen: tuple[str, ...]
    tag: dt.date
    text: str
    neueste: bool

    @property
    def was(self) -> str:
        """What the finding says; the value is not part of it."""
        return f"a withheld figure ({self.raum}, {self.namen[0]}, {self.tag:%d.%m.%Y})"


@dataclass(frozen=True)
class Sperre:
    """All withheld values of a Kreis by the name of their area, and secret counts that can be computed all the same."""

    nach_raum: dict[str, list[Geheim]] = field(default_factory=dict)
    errechenbar: tuple[str, ...] = ()

    @property
    def anzahl(self) -> int:
        """Number of withheld values."""
        return sum(map(len, self.nach_raum.values()))

    def in_page(self, text: str, titel: str) -> Iterator[str]:
        """Withheld values in the lines of a page as `seite.Seite` reads it."""
        general = [name for name in self.nach_raum if _holds(titel, name)]
        block, head = "", ""
        for line in text.split("\n"):
            cells = [cell for part in line.split("\t") if (cell := plain(part))]
            if not cells:
                continue
            if BLOCK in line:
                block, head = " ".join(cells), ""
                continue
            if not head and len(cells) > 1:
                head = " ".join(cells)
            yield from self._row(cells, f"{block} {head}", general)
            if len(cells) == 1:
                yield from self.in_sentences(cells[0], block)

    def _row(self, cells: list[str], context: str, general: list[str]) -> Iterator[str]:
        named = [cells[0]] if cells[0] in self.nach_raum else general
        for one in (g for name in named for g in self.nach_raum[name]):
            number = one.text.partition(" ")[0]  # workbooks hold the unit in the format
            if {one.text, number} & set(cells[1:]) and _of_day(one, context) and _named(one, f"{context} {cells[0]}"):
                yield one.was

    def in_sentences(self, text: str, context: str = "") -> Iterator[str]:
        """Withheld values of the newest day in sentences and alternative texts."""
        for name, withheld in self.nach_raum.items():
            if name not in text:
                continue
            for sentence in filter(lambda s, n=name: _holds(s, n), _SATZ.split(plain(text))):
                for one in withheld:
                    shown = re.search(rf"(?<![\d,.]){re.escape(one.text)}(?![\d,])", sentence)
                    if shown and one.neueste and _named(one, f"{text} {context}"):
                        yield one.was


def _named(one: Geheim, text: str) -> bool:
    small = text.casefold()
    return any(name.casefold() in small for name in one.namen)


def _of_day(one: Geheim, text: str) -> bool:
    """Whether a table speaks of the day of a value: by the day, or by the year where it names no day."""
    days = re.findall(r"\b\d{2}\.\d{2}\.\d{4}\b", text)
    return f"{one.tag:%d.%m.%Y}" in days or (not days and (one.neueste or str(one.tag.year) in text))


def _holds(text: str, name: str) -> bool:
    return bool(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text))


def plain(text: str) -> str:
    """Text with single blanks."""
    return " ".join(text.split())
