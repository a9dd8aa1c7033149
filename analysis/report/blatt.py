"""A table of a report as the columns of a worksheet: cells with values, headings with spans, widths."""

import math
from collections import defaultdict
from dataclasses import dataclass

from analysis.report.zellwerte import Zelle, als_spanne, reiner_text, zelle

SEITE = {False: 90, True: 135}
"""Characters that fit side by side on A4, upright and (True) across."""

_SCHMALSTE, _WORT, _BREITESTE, _RAND = 6, 26, 60, 3


@dataclass(frozen=True)
class Spalte:
    """A column: its own heading, its cells in reading order, whether it holds numbers, from which column it is made."""

    titel: str
    zellen: list[Zelle]
    zahl: bool
    aus: int


@dataclass(frozen=True)
class Kopffeld:
    """A heading and the cells that it covers, counted from 0, the last ones included."""

    titel: str
    zeile: int
    spalte: int
    letzte_zeile: int
    letzte_spalte: int


def spalten(tabelle: dict, worte: dict) -> list[Spalte]:
    """Columns of a table of the content model; a column of ranges becomes two, `…: von` and `…: bis`.

    A range column holds nothing but ranges and words; the words stand in the first of the two. `worte` are the fixed
    words of workbooks.
    """
    rows = [zeile for gruppe in tabelle["gruppen"] for zeile in gruppe["zeilen"]]
    made = []
    for n, spalte in enumerate(tabelle["spalten"]):
        titel, texte = reiner_text(spalte["titel"]), [reiner_text(zeile[n]) for zeile in rows]
        spannen = [als_spanne(text) for text in texte] if spalte["zahl"] else []
        both = zip(spannen, texte, strict=False)
        if any(spannen) and all(spanne or not any(map(str.isdigit, text)) for spanne, text in both):
            ends = zip(*(s or (Zelle(t), Zelle("")) for s, t in zip(spannen, texte, strict=True)), strict=True)
            made += [
                Spalte(worte[ende].format(titel), list(zellen), True, n)
                for ende, zellen in zip(("von", "bis"), ends, strict=True)
            ]
        else:
            made.append(Spalte(titel, [zelle(text, spalte["zahl"]) for text in texte], spalte["zahl"], n))
    return made


def kopffelder(tabelle: dict, spalten: list[Spalte]) -> list[Kopffeld]:
    """Headings of all levels as on the page; each column of a range has its own."""
    fields, made_from = [], defaultdict(list)
    for n, spalte in enumerate(spalten):
        made_from[spalte.aus].append(n)
    for row, zeile in enumerate(tabelle["kopfzeilen"]):
        for kopf in zeile:
            below = [n for aus in range(kopf["spalte"], kopf["spalte"] + kopf["breite"]) for n in made_from[aus]]
            last_row = row + kopf["hoehe"] - 1
            if last_row == len(tabelle["kopfzeilen"]) - 1:
                fields += [Kopffeld(spalten[n].titel, row, n, last_row, n) for n in below]
            else:
                fields.append(Kopffeld(reiner_text(kopf["titel"]), row, below[0], last_row, below[-1]))
    return fields


def breiten(spalten: list[Spalte]) -> list[int]:
    """Width of each column in characters: numbers whole, texts wrapped so that all fit on a page where they can."""
    least = [_mindestens(spalte) for spalte in spalten]
    most = [max(n, min(_BREITESTE, _laengster(s.zellen))) for n, s in zip(least, spalten, strict=True)]
    wanted, room = sum(most) - sum(least), SEITE[True] - sum(least)
    share = min(1.0, max(0.25, room / wanted)) if wanted else 1.0
    return [math.ceil(n + share * (m - n)) + _RAND for n, m in zip(least, most, strict=True)]


def _mindestens(spalte: Spalte) -> int:
    """Width in which numbers and dates stand in one line and words are not parted, if they are not very long."""
    texts = [spalte.titel, *(z.text for z in spalte.zellen if z.wert is None)]
    word = max(len(word) for text in texts for word in text.split(" "))
    return max(_SCHMALSTE, min(word, _WORT), _laengster([z for z in spalte.zellen if z.wert is not None]))


def _laengster(zellen: list[Zelle]) -> int:
    return max((len(z.text) for z in zellen), default=0)
