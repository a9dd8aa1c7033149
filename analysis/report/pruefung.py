"""What is checked in a whole report: every figure of the text stands in a table, every abbreviation is explained."""

import re
from collections.abc import Iterator

from analysis.catalogue import Begriff
from analysis.outputs import joined

_ZAHL = re.compile(r"(?<![\d.,])[−-]?\d+(?:\.\d{3})*(?:,\d+)?(?![\d]|[.,]\d)(\s?%)?")
_ABKUERZUNG = re.compile(r"(?<![\w-])(?=\w*[A-ZÄÖÜ]\w*[A-ZÄÖÜ])[^\W\d_]{2,}(?:-[A-ZÄÖÜ]+\b)?")
_NUR_ZELLE = ("rund",)
_KEINE_ABKUERZUNG = re.compile(r"[IVXLC]+|[^\W\d_]+Innen")


def texts(inhalt: dict) -> Iterator[str]:
    """Every text of an output that a reader sees, paragraphs and cells one by one."""
    for part in ("titel", "untertitel", "stand", "einheit", "quelle"):
        yield inhalt.get(part, "")
    yield from map(joined, inhalt.get("absaetze", []))
    yield from inhalt.get("hinweise", [])
    yield from (text for spalte in inhalt.get("spalten", []) for text in (*spalte["oben"], spalte["titel"]))
    for gruppe in inhalt.get("gruppen", []):
        yield gruppe["titel"]
        yield from (zelle for zeile in gruppe["zeilen"] for zelle in zeile)
    if "daten" in inhalt:
        yield from texts(inhalt["daten"])


def numbers_without_table(inhalte: list[dict]) -> list[str]:
    """Figures in computed sentences that stand in no table of the report (nor in the data of a figure).

    Looked at are figures with decimals, with a thousands dot, in per cent, or of three digits. Smaller whole numbers
    are also days, ages, ranks, paragraphs of a law or "14 of 100"; more digits without a dot are a year or a key. A
    whole number in per cent is not found by a count of the same digits; one with decimals is also found in a column
    whose heading has the sign.
    """
    tables = [i for i in inhalte if i["art"] in ("tabelle", "abbildung")]
    sentences = [i for i in inhalte if i["art"] in ("kuerze", "saetze")]
    known = {(number, bool(unit)) for table in tables for text in texts(table) for number, unit in _numbers(text)}
    said = [found for sentence in sentences for text in texts(sentence) for found in _numbers(text)]
    missing = [
        f"{number}{unit}"
        for number, unit in said
        if _is_figure(number, unit) and not {(number, bool(unit)), (number, bool(unit) and "," not in number)} & known
    ]
    return list(dict.fromkeys(missing))


def _is_figure(number: str, unit: str) -> bool:
    digits = number.lstrip("−-")
    return bool(unit) or not digits.isdigit() or 100 < int(digits) < 1000


def _numbers(text: str) -> list[tuple[str, str]]:
    return [(found[0].removesuffix(found[1] or ""), found[1] or "") for found in _ZAHL.finditer(text)]


def abbreviations(text: str) -> list[str]:
    """Words with two or more capital letters, each once: `SGB`, `AsylbLG`, `ThOnSA`."""
    found = (match[0] for match in _ABKUERZUNG.finditer(text))
    return list(dict.fromkeys(word for word in found if not _KEINE_ABKUERZUNG.fullmatch(word)))


def used(begriffe: tuple[Begriff, ...], text: str, zellen: list[str]) -> list[Begriff]:
    """Terms of the glossary that a text uses in one of their forms; `rund` where a cell begins with it.

    Elsewhere that is a word like any other.
    """
    cells = "\n".join(zellen)  # that a form stands there at all is seen much sooner than where
    return [
        b
        for b in begriffe
        if any(
            f in cells and re.search(rf"(?m)^{re.escape(f)}(?!\S)", cells)
            if b.begriff in _NUR_ZELLE
            else f in text and re.search(rf"(?<![\w-]){re.escape(f)}(?!\w)", text)
            for f in b.formen
        )
    ]


def cells(inhalt: dict) -> Iterator[str]:
    """Every cell of a table, or of the data of a figure."""
    for gruppe in inhalt.get("daten", inhalt).get("gruppen", []):
        yield from (zelle for zeile in gruppe["zeilen"] for zelle in zeile)
