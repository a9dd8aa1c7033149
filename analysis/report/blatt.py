"""A table of a report as the columns of a worksheet: cells with values, headings with spans, widths."""

import math
from dataclasses import dataclass

from analysis.report.zellwerte import Zelle, als_spanne, reiner_text, zelle

SEITE = {False: 90, True: 135}
"""Characters that fit side by side on A4, upright and (True) across."""

_SCHMALSTE, _WORT, _BREITESTE, _RAND = 6, 26, 60, 3


@dataclass(frozen=True)
class Spalte:
    """A column: headings of all levels (outermost first), its cells in reading order, whether it holds numbers."""

    kopf: tuple[str, ...]
    zellen: list[Zelle]
    zahl: bool


def spalten(tabelle: dict) -> list[Spalte]:
    """Columns of a table of the content model; a column of ranges becomes two, `…: von` and `…: bis`.

    A range column holds nothing but ranges and words; the words stand in the first of the two.
    """
    rows = [zeile for gruppe in tabelle["gruppen"] for zeile in gruppe["zeilen"]]
    made = []
    for n, spalte in enumerate(tabelle["spalten"]):
        oben = tuple(map(reiner_text, spalte.get("oben", [])))
        titel, texte = reiner_text(spalte["titel"]), [reiner_text(zeile[n]) for zeile in rows]
        spannen = [als_spanne(text) for text in texte] if spalte["zahl"] else []
        ranges = any(spannen) and all(
            spanne or not any(map(str.isdigit, text)) for spanne, text in zip(spannen, texte, strict=True)
        )
        if ranges:
            pairs = [spanne or (Zelle(text), Zelle("")) for spanne, text in zip(spannen, texte, strict=True)]
            for ende, zellen in zip(("von", "bis"), zip(*pairs, strict=True), strict=True):
                made.append(Spalte((*oben, f"{titel}: {ende}"), list(zellen), True))
        else:
            made.append(Spalte((*oben, titel), [zelle(text, spalte["zahl"]) for text in texte], spalte["zahl"]))
    return made


def kopffelder(spalten: list[Spalte]) -> list[tuple[int, int, int, int, str]]:
    """Headings as (first row, first column, last row, last column, text), counted from 0.

    A heading of an upper level spans the neighbours that share it and all above it; a title without one below the
    levels above spans upwards.
    """
    fields, last = [], len(spalten[0].kopf) - 1
    for column, spalte in enumerate(spalten):
        top = last
        while top and not spalte.kopf[top - 1]:
            top -= 1
        fields.append((top, column, last, column, spalte.kopf[last]))
    for level in range(last):
        column = 0
        while column < len(spalten):
            end = column
            while end + 1 < len(spalten) and spalten[end + 1].kopf[: level + 1] == spalten[column].kopf[: level + 1]:
                end += 1
            if spalten[column].kopf[level]:
                fields.append((level, column, level, end, spalten[column].kopf[level]))
            column = end + 1
    return sorted(fields)


def breiten(spalten: list[Spalte]) -> list[int]:
    """Width of each column in characters: numbers whole, texts wrapped so that all fit on a page where they can."""
    least = [_mindestens(spalte) for spalte in spalten]
    most = [max(n, min(_BREITESTE, _laengster(s.zellen))) for n, s in zip(least, spalten, strict=True)]
    wanted, room = sum(most) - sum(least), SEITE[True] - sum(least)
    share = min(1.0, max(0.25, room / wanted)) if wanted else 1.0
    return [math.ceil(n + share * (m - n)) + _RAND for n, m in zip(least, most, strict=True)]


def _mindestens(spalte: Spalte) -> int:
    """Width in which numbers and dates stand in one line and words are not parted, if they are not very long."""
    texts = [spalte.kopf[-1], *(z.text for z in spalte.zellen if z.wert is None)]
    word = max(len(word) for text in texts for word in text.split(" "))
    return max(_SCHMALSTE, min(word, _WORT), _laengster([z for z in spalte.zellen if z.wert is not None]))


def _laengster(zellen: list[Zelle]) -> int:
    return max((len(z.text) for z in zellen), default=0)
