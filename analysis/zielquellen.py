"""Where the goals come from: last part of `notebooks/05_zielmonitoring.ipynb`, a function per cell."""

from itertools import groupby

from analysis import tables
from analysis.outputs import Ausgabe, Folge
from analysis.wording import NBSP, datum
from analysis.ziele.katalog import Ziel
from analysis.zielprofil import Zielprofil


def herkunft(z: Zielprofil) -> Folge:
    """Sources of the goals and, where the catalogue names any, the place of each goal in its source."""
    told = any(ziel.fundstelle or ziel.gedruckt or ziel.beschluss for ziel in z.katalog.ziele)
    return Folge((quellen(z), *([fundstellen(z)] if told else [])))


def quellen(z: Zielprofil) -> Ausgabe:
    """Source of the goals and the decision on them."""
    decided = z.katalog.beschluss
    text = "nicht angegeben"
    if decided:
        day = f", {datum(decided.datum)}" if decided.datum else ""
        text = f"{decided.gremium}{day}" + (f", {decided.nummer}" if decided.nummer else "")
    return tables.tabelle(
        [tables.Spalte("Quelle"), tables.Spalte("Beschluss", zahl=False), tables.Spalte("Hinweis", zahl=False)],
        [
            tables.Gruppe(
                [
                    [z.katalog.quelle, text, z.katalog.hinweis or "nichts Besonderes"],
                    [
                        "Thüringer Broschüre zur Armutsprävention (2020)",
                        "entfällt",
                        "Lebenslagen in 15 Strategien (Text über Tabelle 2) und ihre Ziele (Tabelle 2). Das Jahr ist "
                        "aus dem Inhalt erschlossen.",
                    ],
                ]
            )
        ],
        titel="Quellen der Ziele",
        name="quellen",
        quelle="Zielkatalog des Kreises",
    )


def fundstellen(z: Zielprofil) -> Ausgabe:
    """Where each goal stands in its source, how its code is printed there, and the decision on it if it has its own.

    Each goal has a row under the name of its section. Where there is nothing to say but the places, each section has
    a row.
    """
    goals = z.katalog.ziele
    parts = {"gedruckt": ("Gedruckt als", "ebenso"), "beschluss": ("Beschluss", "wie der Katalog")}
    shown = {part: words for part, words in parts.items() if any(getattr(ziel, part) for ziel in goals)}
    empty = "ohne Abschnitt" if any(map(_section, goals)) else ""
    sections = [(section or empty, list(rows)) for section, rows in groupby(goals, key=_section)]
    if shown:
        columns = ["Ziel", "Fundstelle", *(title for title, _ in shown.values())]
        groups = [
            tables.Gruppe(
                [
                    [ziel.code, _place(ziel), *(getattr(ziel, part) or words for part, (_, words) in shown.items())]
                    for ziel in rows
                ],
                titel=section,
            )
            for section, rows in sections
        ]
    else:
        columns = ["Teil der Quelle", "Fundstelle der Ziele"]
        places = ["; ".join(map(_told, rows)) for _, rows in sections]
        names = [section or "alle Ziele" for section, _ in sections]
        groups = [tables.Gruppe([list(row) for row in zip(names, places, strict=True)])]
    notes = {
        "Gedruckt als: wie die Quelle das Ziel bezeichnet, wo es dort anders aussieht.": "gedruckt" in shown,
        "Zeile: gezählt in der Textfassung, aus der das Ziel abgeschrieben ist.": any(
            "Zeile" in ziel.fundstelle for ziel in goals
        ),
    }
    return tables.tabelle(
        [tables.Spalte(title, zahl=False) for title in columns],
        groups,
        titel=f"Wo die Ziele {z.gebiet.wo} in ihrer Quelle stehen",
        name="fundstellen",
        quelle=z.quelle,
        hinweise=[note for note, needed in notes.items() if needed],
    )


def _section(ziel: Ziel) -> str:
    """First part of the place in the source (`Abschnitt 4.2` of `Abschnitt 4.2, Zeile 467`); empty if it has one."""
    section, comma, _ = ziel.fundstelle.partition(", ")
    return section if comma else ""


def _place(ziel: Ziel) -> str:
    """The place in the source without its first part."""
    return ziel.fundstelle.removeprefix(f"{_section(ziel)}, ") or "nicht angegeben"


def _told(ziel: Ziel) -> str:
    """Code of a goal with its place, the beginning on one line: `LZ1: Zeile 291`."""
    return f"{ziel.code}:{NBSP}{_place(ziel).replace(' ', NBSP, 1)}"
