"""The goals of a Kreis and how far they are: first part of `notebooks/05_zielmonitoring.ipynb`, a function per cell."""

import pandas as pd

from analysis import figures, outputs, tables
from analysis.bildtexte import ziele as bildtexte
from analysis.outputs import Ausgabe, Folge
from analysis.plots.ziele import standbalken
from analysis.wording import NBSP, aufzaehlung, datum, zahl
from analysis.ziele.auswertung import VORBEI, nach_feld, naechste
from analysis.ziele.katalog import UMSETZUNG
from analysis.ziele.pruefung import angaben, smart
from analysis.ziele.verlauf import am
from analysis.zielprofil import Zielprofil

FESTER_STRICH = "\u2011"
"""Hyphen behind which no line ends, as it may behind every other hyphen and dash."""


def kopf(z: Zielprofil, sprache: str = "de") -> Ausgabe:
    """Head of the report; `sprache` is the language of the page's fixed words (`de`, `en`)."""
    return outputs.kopf(
        titel=f"Zielmonitoring {z.gebiet.amtlich}",
        untertitel=z.katalog.titel,
        stand=f"Stand der Ziele: {datum(z.stichtag)}. {_until(z)}"
        + ("Kreis und Ziele sind erfunden." if z.erfunden else "Was danach geschah, steht hier nicht."),
        sprache=sprache,
    )


def _until(z: Zielprofil) -> str:
    """Up to when anything is known, where that is before the reference date."""
    return f"Bekannt sind Meldungen bis {datum(z.ganz.stand)}. " if z.stichtag > z.ganz.stand else ""


def in_kuerze(z: Zielprofil) -> Ausgabe:
    """The most important in short sentences."""
    goals, total = z.ziele, len(z.ziele)
    absaetze = ["Diesen Kreis gibt es nicht. Alle seine Ziele sind erfunden."] if z.erfunden else []
    absaetze.append(
        f"Im Plan des Kreises {'steht ein Ziel' if total == 1 else f'stehen {zahl(total)} Ziele'}.{_parts(z)}"
    )
    if len(z.gestrichen):
        absaetze.append(f"Gestrichen {_sind(len(z.gestrichen))}.")
    absaetze += _claims(z)
    states = goals.umsetzung.value_counts()
    if z.gemeldet:
        done, running, none = (int(states.get(s, 0)) for s in ("erledigt", "laufend", ""))
        under_way = f" An {_zahl_dativ(running)} wird gearbeitet." if running else ""
        absaetze.append(f"Als erledigt gemeldet {_sind(done)}.{under_way}")
        further = (("Geplant", "geplant"), ("Zurückgestellt", "zurueckgestellt"), ("Aufgegeben", "aufgegeben"))
        absaetze += [f"{word} {_sind(int(states[state]))}." for word, state in further if state in states]
        if none:
            absaetze.append(f"Bei {_zahl_dativ(none)} weiß man nicht, wie weit es ist.")
    else:
        absaetze.append("Wie weit sie sind, steht dort nicht. Auch hier ist noch nichts eingetragen.")
    if z.gemeldet and z.stichtag > z.ganz.stand:
        absaetze.append(f"Nach dem {datum(z.ganz.stand)} ist nichts mehr eingetragen.")
    absaetze += _deadlines(z)
    lacking = (~smart(goals)[["terminiert", "zustaendig", "messbar"]]).sum()
    absaetze += [
        f"Bei {_zahl_dativ(0)} steht eine{ending}."
        if lacking[part] == total
        else f"Bei {_zahl_dativ(lacking[part])} steht keine{ending}."
        for part, ending in (
            ("terminiert", " Frist"),
            ("zustaendig", " Angabe, wer sich kümmert"),
            ("messbar", " Kennzahl dabei"),
        )
        if lacking[part]
    ]
    return outputs.kuerze(absaetze)


def _parts(z: Zielprofil) -> str:
    """How many of the goals are measures, in a sentence; empty where the catalogue has no level for them."""
    levels = [e.id for e in z.katalog.ebenen if e.massnahme]
    count = int(z.ziele.ebene.isin(levels).sum())
    if not count:
        return ""
    return f" {'Eins davon sagt' if count == 1 else f'{zahl(count)} davon sagen'}, was man dafür tut."


def _deadlines(z: Zielprofil) -> list[str]:
    """Sentences on deadlines that have passed and on those ahead; none where the catalogue has no deadline."""
    if z.ziele.frist.isna().all():
        return []
    late, soon = int(z.ziele.lage.isin(VORBEI).sum()), int(z.steht_an.sum())
    ahead, first = _ahead(z), ""
    if soon:
        first = f" {'Sie' if soon == 1 else 'Die erste'} endet am {datum(min(naechste(z.ziele).dropna()))}."
    return [
        f"Die Frist ist bei {_zahl_dativ(late)} vorbei.",
        f"{ahead[0].upper()}{ahead[1:]} {_enden(soon)}.{first}",
    ]


def _ahead(z: Zielprofil) -> str:
    """The months that are looked ahead."""
    return "im nächsten Monat" if z.monate == 1 else f"in den nächsten {z.monate} Monaten"


def _sind(count: int) -> str:
    return {0: "ist keins", 1: "ist eins"}.get(count, f"sind {zahl(count)}")


def _zahl_dativ(count: int) -> str:
    return {0: "keinem", 1: "einem"}.get(count, zahl(count))


def _enden(count: int) -> str:
    return {0: "endet keine Frist", 1: "endet eine Frist"}.get(count, f"enden {zahl(count)} Fristen")


def _claims(z: Zielprofil) -> list[str]:
    """Sentence on levels of which the source itself names another number than it lists."""
    table = angaben(am(z.ganz, z.ganz.anfang))
    wrong = table[table.angegeben.notna() & (table.angegeben != table.gezaehlt)]
    if wrong.empty:
        return []
    said = aufzaehlung([f"{zahl(r.angegeben)} {z.ganz.benannt(r.ebene, r.angegeben)}" for r in wrong.itertuples()])
    found = aufzaehlung([zahl(r.gezaehlt) for r in wrong.itertuples()])
    return [f"Im Text des Plans steht: Es gibt {said}. Wir haben nachgezählt: Es sind {found}."]


def lesehilfe(z: Zielprofil) -> Ausgabe:
    """How to read states and deadlines, and what the catalogue says of itself."""
    levels = aufzaehlung([f"{zahl(r.gezaehlt)} {r.genannt}" for r in angaben(z.katalog).itertuples()])
    return outputs.hinweis(
        "So lesen Sie die Ziele",
        [
            f"Der Katalog enthält {levels}. „Ziele“ meint hier alle zusammen.",
            "Der Stand eines Ziels ist, was zuletzt gemeldet wurde. „nicht gemeldet“ heißt: Im Katalog steht kein "
            "Stand. Es heißt nicht, dass nichts geschah.",
            f"„Frist vorbei“ heißt: Die Frist lag vor dem {datum(z.stichtag)}, und das Ziel ist weder als erledigt "
            "noch als aufgegeben gemeldet. Eine jährliche Frist ist vorbei, wenn für ihren letzten Tag niemand "
            "„erledigt“ gemeldet hat.",
            *[
                f"{e.mehrzahl} ändern sich nur durch {e.aenderung_durch}."
                for e in z.katalog.ebenen
                if e.aenderung_durch
            ],
            *_later(z),
            *filter(None, [z.katalog.hinweis]),
        ],
    )


def _later(z: Zielprofil) -> list[str]:
    """What to know where the reference date is not the catalogue's own day, and where goals were struck."""
    said = []
    if z.stichtag > z.ganz.stand:
        said.append(
            f"Nach dem {datum(z.ganz.stand)} wurde nichts mehr in den Katalog eingetragen. Was seitdem getan wurde, "
            "ist hier nicht bekannt."
        )
    if len(z.gestrichen):
        said.append("Gestrichene Ziele zählen nicht mit. Sie stehen nur noch in der Liste aller Ziele.")
    return said


def stand(z: Zielprofil) -> Ausgabe:
    """State of the goals by Themenfeld, as a figure with its table."""
    counts = nach_feld(z.ziele)
    fields = {code: z.feld(code) for code in counts.index}
    titel = f"Ziele {z.gebiet.wo} nach Themenfeld und Stand, {datum(z.stichtag)}"
    shown = [state for state in UMSETZUNG if counts[state].sum()]
    figure, (ax,) = figures.new_figure(1.5 + 0.52 * len(counts))
    standbalken(ax, counts, UMSETZUNG, fields)
    return figures.abbildung(
        figure,
        name="stand",
        titel=titel,
        einheit="Anzahl der Ziele und Maßnahmen",
        quelle=z.quelle,
        alternativtext=bildtexte.standbalken(counts, UMSETZUNG, fields),
        daten=tables.tabelle(
            [tables.Spalte("Themenfeld"), tables.Spalte("Alle"), *(tables.Spalte(UMSETZUNG[s]) for s in shown),
             tables.Spalte("Frist vorbei"), tables.Spalte(f"Frist {_ahead(z)}")],
            [
                tables.Gruppe(
                    [_field_row(z, name, z.ziele.feld == code, shown) for code, name in fields.items()]
                    + [_field_row(z, "Alle Themenfelder", z.ziele.feld.notna(), shown)],
                    hervor=[len(fields)],
                )
            ],
            titel=titel,
            quelle=z.quelle,
        ),
    )  # fmt: skip


def _field_row(z: Zielprofil, name: str, which: pd.Series, states: list[str]) -> list[str]:
    goals = z.ziele[which]
    counts = [len(goals), *((goals.umsetzung == state).sum() for state in states)]
    return [name, *map(zahl, [*counts, goals.lage.isin(VORBEI).sum(), z.steht_an[which].sum()])]


def alle_ziele(z: Zielprofil) -> Folge:
    """Tree of the goals and, where the source has any, its further text on them."""
    return Folge((baum(z), *([erlaeuterungen(z)] if (z.ziele.erlaeuterung != "").any() else [])))


def baum(z: Zielprofil) -> Ausgabe:
    """Tree of the goals with state and progress, by Themenfeld."""
    struck = z.gestrichen.set_index("code")
    order = [ziel.code for ziel in z.ganz.ziele]
    every = pd.concat([z.ziele, z.gestrichen]).set_index("code", drop=False)
    every = every.loc[[code for code in order if code in every.index]]
    groups = [
        tables.Gruppe(
            [_struck(z, g) if g.code in struck.index else _branch(z, g) for g in rows.itertuples()],
            titel=z.feld(code),
        )
        for code, rows in every.groupby("feld", sort=False)
    ]
    return tables.tabelle(
        [tables.Spalte("Ziel"), tables.Spalte("Ebene", zahl=False), tables.Spalte("Wortlaut", zahl=False),
         tables.Spalte("Stand", zahl=False), tables.Spalte("Erledigt darunter", zahl=False)],
        groups,
        titel=f"Alle Ziele {z.gebiet.wo}, {datum(z.stichtag)}",
        name="baum",
        quelle=z.quelle,
        hinweise=["Ein Strich vor dem Ziel: Es gehört zu einem Ziel darüber. Erledigt darunter: von den untersten "
                  "Zielen und Maßnahmen, die zu ihm gehören."],
    )  # fmt: skip


def _branch(z: Zielprofil, goal) -> list[str]:
    below = "nichts darunter" if not goal.unten else "nicht gemeldet"
    if goal.unten_gemeldet:
        below = f"{zahl(goal.unten_erledigt)} von{NBSP}{zahl(goal.unten)}"
    level = z.katalog.nach_ebene[goal.ebene].name
    return [_code(goal), level, goal.text, UMSETZUNG[goal.umsetzung], below]


def _code(goal) -> str:
    """Code of a goal (row of `ziele` or `gestrichen`) with one hyphen per goal above it, on one line with them."""
    return f"{FESTER_STRICH * goal.tiefe}{NBSP}{goal.code}".strip()


def _struck(z: Zielprofil, goal) -> list[str]:
    level = z.katalog.nach_ebene[goal.ebene].name
    by = f" ({goal.beschluss})" if goal.beschluss else ""
    return [_code(goal), level, goal.text, f"gestrichen am {datum(goal.datum)}{by}", "entfällt"]


def erlaeuterungen(z: Zielprofil) -> Ausgabe:
    """What the source says beside the wording of the goals."""
    goals = z.ziele[z.ziele.erlaeuterung != ""]
    return tables.tabelle(
        [tables.Spalte("Ziel"), tables.Spalte("Wortlaut", zahl=False), tables.Spalte("Weiterer Text", zahl=False)],
        [tables.Gruppe([[g.code, g.text, g.erlaeuterung] for g in goals.itertuples()])],
        titel=f"Was der Plan {z.gebiet.wo} zu seinen Zielen noch sagt",
        name="erlaeuterungen",
        quelle=z.quelle,
    )
