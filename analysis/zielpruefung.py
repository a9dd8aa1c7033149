"""What changed in the goals and what they lack: fourth part of `notebooks/05_zielmonitoring.ipynb`."""

import pandas as pd

from analysis import outputs, tables
from analysis.catalogue import katalog
from analysis.outputs import Ausgabe, Folge
from analysis.wording import NBSP, aufzaehlung, datum, zahl
from analysis.ziele import pruefung
from analysis.ziele.auswertung import aenderungen as changes
from analysis.ziele.katalog import UMSETZUNG, WAS
from analysis.ziele.verlauf import am, eintraege
from analysis.zielprofil import Zielprofil

ART = {
    "umsetzung": "am Stand",
    "text": "am Wortlaut",
    "frist": "an der Frist",
    "zustaendig": "an der Zuständigkeit",
    "indikatoren": "an den Kennzahlen",
    "ueber": "am Platz im Baum",
    "feld": "am Themenfeld",
    "lebenslage": "an der Lebenslage",
    "neu": "neu aufgenommen",
    "gestrichen": "gestrichen",
}
"""Kind of a change → how readers see it behind a number."""


OHNE = {
    "konkret": "ohne eigenen Wortlaut",
    "messbar": "ohne Kennzahl",
    "zustaendig": "ohne Zuständige",
    "terminiert": "ohne Frist",
}
"""Part of the check → heading of the number of goals that lack it."""


def aenderungen(z: Zielprofil) -> Ausgabe:
    """Changes since a day, the newest first."""
    table = changes(z.ganz, z.seit, z.stichtag)
    begins = f"Der Katalog beginnt mit dem {datum(z.ganz.anfang)}."
    if table.empty:
        return outputs.saetze(
            [f"Nach dem {datum(z.seit)} und bis zum {datum(z.stichtag)} ist im Katalog keine Änderung vermerkt."]
            + [begins] * (z.seit < z.ganz.anfang)
        )
    kinds = table.was.value_counts()
    fields = {f.code: f.name for f in z.katalog.felder}
    return tables.tabelle(
        [tables.Spalte("Tag"), tables.Spalte("Ziel", zahl=False), tables.Spalte("Was", zahl=False),
         tables.Spalte("Vorher", zahl=False), tables.Spalte("Nachher", zahl=False),
         tables.Spalte("Grund", zahl=False)],
        [tables.Gruppe([
            [datum(r.datum), f"{r.code}: {r.text}", WAS[r.was], *_ends(r.was, r.von, r.auf, fields),
             f"{r.grund} ({r.beschluss})" if r.beschluss else r.grund]
            for r in table.itertuples()
        ])],
        titel=f"Änderungen nach dem {datum(z.seit)} bis {datum(z.stichtag)}",
        name="aenderungen",
        quelle=z.quelle,
        hinweise=[f"Zusammen {zahl(len(table))}: "
                  + aufzaehlung([f"{zahl(kinds[was])} {name}" for was, name in ART.items() if was in kinds]) + ".",
                  *[begins] * (z.seit < z.ganz.anfang)],
    )  # fmt: skip


def _ends(was: str, von: str, auf: str, fields: dict[str, str]) -> list[str]:
    """What was before a change and after it."""
    if was in ("neu", "gestrichen"):
        there = ["nicht im Katalog", "im Katalog"]
        return there if was == "neu" else there[::-1]
    if was == "indikatoren":
        labels = katalog().indikatoren
        return ["; ".join(labels[id].label for id in eintraege(part)) or "nichts" for part in (von, auf)]
    names = UMSETZUNG if was == "umsetzung" else fields if was == "feld" else {}
    return [names.get(part, part) or "nichts" for part in (von, auf)]


def smart(z: Zielprofil) -> Folge:
    """What the goals lack to be checked: how many of each level, and which goals lack the same."""
    table = pruefung.smart(z.ziele)
    parts = list(pruefung.SMART)
    names = {e.id: e.mehrzahl for e in z.katalog.ebenen if (table.ebene == e.id).any()}
    each = [(name, table[table.ebene == level]) for level, name in names.items()] + [("alle zusammen", table)]
    levels = [[name, zahl(len(rows)), *(zahl((~rows[part]).sum()) for part in parts)] for name, rows in each]
    lacking = table.assign(
        fehlt=[
            aufzaehlung([pruefung.SMART[part] for part, there in zip(parts, row, strict=True) if not there])
            for row in table[parts].itertuples(index=False)
        ]
    )
    which = [
        [fehlt or "nichts", zahl(len(rows)), ", ".join(rows.code)]
        for fehlt, rows in sorted(lacking.groupby("fehlt", sort=False), key=_most_lacking)
    ]
    return Folge(
        (
            tables.tabelle(
                [tables.Spalte("Ebene"), tables.Spalte("Ziele"),
                 *(tables.Spalte(OHNE[part]) for part in parts)],
                [tables.Gruppe(levels, hervor=[len(names)])],
                titel="Wie vielen Zielen etwas fehlt, nach Ebene",
                name="smart",
                quelle=z.quelle,
                hinweise=["Eigener Wortlaut: kein anderes Ziel hat "
                          "denselben Text. Ob ein Ziel konkret genug, angemessen und erreichbar ist, kann nur ein "
                          "Mensch beurteilen."],
            ),
            tables.tabelle(
                [tables.Spalte("Es fehlt"), tables.Spalte("Ziele"), tables.Spalte("Welche", zahl=False)],
                [tables.Gruppe(which)],
                titel="Welchen Zielen dasselbe fehlt",
                name="smart_ziele",
                quelle=z.quelle,
            ),
        )
    )  # fmt: skip


def _most_lacking(group: tuple[str, pd.DataFrame]) -> tuple[int, int]:
    """Place of a group of goals that lack the same: the most parts first, then the most goals."""
    goals = group[1]
    return int(goals[list(pruefung.SMART)].iloc[0].sum()), -len(goals)


def aufbau(z: Zielprofil) -> Folge:
    """Counts beside those that the source names, goals with nothing below or above, texts that are alike."""
    found = []
    counts = pruefung.angaben(am(z.ganz, z.ganz.anfang))
    if counts.angegeben.notna().any():
        rows = [
            [r.mehrzahl, zahl(r.angegeben), zahl(r.gezaehlt),
             "stimmt" if r.angegeben == r.gezaehlt else "weicht ab", r.fundstelle]
            for r in counts[counts.angegeben.notna()].itertuples()
        ]  # fmt: skip
        found.append(
            tables.tabelle(
                [tables.Spalte("Ebene"), tables.Spalte("Laut Text"), tables.Spalte("Aufgeführt"),
                 tables.Spalte("Vergleich", zahl=False), tables.Spalte("Fundstelle", zahl=False)],
                [tables.Gruppe(rows)],
                titel="Wie viele Ziele die Strategie nennt und wie viele sie aufführt",
                name="angaben",
                quelle=z.quelle,
            )
        )  # fmt: skip
    sentences = [
        f"{z.katalog.benannt(level, len(rows))} ohne {fehlt} ({zahl(len(rows))}): {', '.join(rows.code)}."
        for (level, fehlt), rows in pruefung.ohne_unterbau(z.katalog, z.ziele).groupby(["ebene", "fehlt"], sort=False)
    ]
    above = pruefung.ohne_oberziel(z.katalog, z.ziele)
    if len(above):
        sentences.append(f"Ohne ein Ziel darüber: {', '.join(above.code)}.")
    if not any(e.unter for e in z.katalog.ebenen):
        sentences.append("In diesem Katalog stehen alle Ziele nebeneinander. Keines gehört zu einem anderen.")
    elif not sentences:
        sentences.append("Zu jedem Ziel gibt es eines darunter, wo es eines geben kann.")
    if not any(e.massnahme for e in z.katalog.ebenen):
        sentences.append("Maßnahmen führt der Katalog nicht eigens auf.")
    found.append(outputs.saetze(sentences))
    pairs, texts = pruefung.aehnliche(z.ziele), z.ziele.set_index("code").text
    if len(pairs):
        found.append(
            tables.tabelle(
                [tables.Spalte("Ziele"), tables.Spalte("Erstes", zahl=False), tables.Spalte("Zweites", zahl=False),
                 tables.Spalte("Ähnlichkeit")],
                [tables.Gruppe([
                    [f"{r.code} und {r.code_zweit}", texts[r.code], texts[r.code_zweit], _alike(r.aehnlichkeit)]
                    for r in pairs.itertuples()
                ])],
                titel="Ziele mit ähnlichem Wortlaut",
                name="aehnlich",
                quelle=z.quelle,
                hinweise=["Ähnlichkeit der Buchstabenfolgen, 100 % ist gleich. Ob die Ziele dasselbe meinen, muss ein "
                          "Mensch beurteilen."],
            )
        )  # fmt: skip
    return Folge(tuple(found))


def _alike(share: float) -> str:
    return f"{zahl(share * 100)}{NBSP}%"
