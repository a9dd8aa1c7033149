"""How a text is searched for canaries: by sequences of words, and of numbers that stand alone."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

Folge = tuple[str, ...]
"""Words or numbers in a row."""

ANFANG = 3
"""Words at the beginning of a sequence by which it is looked up."""

BLOCK = "\x1d"
"""Sign at the beginning of a line that says what the following lines are about."""

_WORT = re.compile(r"\d+|[^\W\d_]+")
_ZAHL = re.compile(r"(?<!\w)\d+(?:\.0(?!\d))?(?!\w)")
_NAME = re.compile(r"(?<!\w)\w+[\"']\s*:\s*(?=[\"'\d-])")
_UNSICHTBAR = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\U000e0020-\U000e007f]"
)


@dataclass(frozen=True)
class Verzeichnis:
    """Sequences by their first members, each with what it is."""

    folgen: dict[Folge, list[tuple[Folge, str]]] = field(default_factory=dict, repr=False)
    laengen: frozenset[int] = frozenset()

    @classmethod
    def of(cls, folgen: Iterable[tuple[Folge, str]]) -> "Verzeichnis":
        """Index of sequences."""
        found: dict[Folge, list] = {}
        for sequence, what in folgen:
            found.setdefault(sequence[:ANFANG], []).append((sequence, what))
        return cls(found, frozenset(map(len, found)))

    def in_row(self, members: list[str]) -> Iterator[str]:
        """What of the index stands among members in a row."""
        for length in self.laengen:
            starts = [members[n:] for n in range(length)]
            possible = self.folgen.keys() & set(zip(*starts, strict=False))
            if not possible:
                continue
            for place, start in enumerate(zip(*starts, strict=False)):
                if start in possible:
                    for sequence, what in self.folgen[start]:
                        if tuple(members[place : place + len(sequence)]) == sequence:
                            yield what


@dataclass(frozen=True)
class Kanarien:
    """What must not be found: sequences of words, and of numbers that stand alone."""

    worte: Verzeichnis = Verzeichnis()
    zahlen: Verzeichnis = Verzeichnis()

    @property
    def anzahl(self) -> int:
        """Number of canaries."""
        return sum(len(found) for part in (self.worte, self.zahlen) for found in part.folgen.values())

    def found(self, text: str) -> list[str]:
        """What of the micro data stands in a text, each kind once, without the datum itself."""
        if not (self.worte.folgen or self.zahlen.folgen):
            return []
        found = [*self.worte.in_row(words_of(text)), *self.zahlen.in_row(numbers_of(text))]
        if ('":' in text or "':" in text) and _NAME.search(text):  # a record of names and values, as in JSON
            found += self.zahlen.in_row(numbers_of(_NAME.sub(" ", text)))
        return list(dict.fromkeys(found))


def words_of(text: str) -> list[str]:
    """Words and numbers of a text in small letters, in one spelling, without signs between them."""
    if not text.isascii():
        text = _UNSICHTBAR.sub("", unicodedata.normalize("NFKC", text))
    return _WORT.findall(text.casefold())


def numbers_of(text: str) -> list[str]:
    """Whole numbers that stand alone, without their sign: `-9`, `2.0` and `2`, but not `AL02`."""
    return [number.removesuffix(".0") for number in _ZAHL.findall(text)]
