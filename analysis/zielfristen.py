"""What is due, and who is responsible for what: middle part of `notebooks/05_zielmonitoring.ipynb`."""

import pandas as pd

from analysis import outputs, tables
from analysis.outputs import Ausgabe, Folge
from analysis.report.arbeitslisten import NIEMAND, arbeitslisten
from analysis.wording import aufzaehlung, datum, zahl
from analysis.ziele.auswertung import LAGE, VORBEI, nach_stelle, naechste, plus_monate
from analysis.ziele.kalender import WIEDERHOLUNGEN, kalender
from analysis.ziele.katalog import UMSETZUNG
from analysis.zielprofil import Zielprofil


def fristen(z: Zielprofil) -> Ausgabe:
    """What is overdue, and what is due in the months that are looked ahead, the earliest first."""
    half, whole = (plus_monate(z.stichtag, months) for months in ((z.monate + 1) // 2, z.monate))
    late, ahead = z.ziele[z.ziele.lage.isin(VORBEI)], z.ziele.assign(faellig=naechste(z.ziele))[z.steht_an]
    first = ahead.faellig.map(lambda day: day <= half).astype(bool)
    found = [
        (f"Frist vor dem {datum(z.stichtag)}", late),
        (f"Frist bis {datum(half)}", ahead[first].assign(lage="bald")),
        (f"Frist danach bis {datum(whole)}", ahead[~first].assign(lage="spaeter")),
    ]
    if late.empty and ahead.empty:
        return outputs.saetze(
            [f"Am {datum(z.stichtag)} war keine Frist vorbei. Bis {datum(whole)} endet keine, die einen Tag nennt."]
        )
    return tables.tabelle(
        [tables.Spalte("Ziel"), tables.Spalte("Wortlaut", zahl=False), tables.Spalte("Frist", zahl=False),
         tables.Spalte("Zuständig", zahl=False), tables.Spalte("Stand", zahl=False)],
        [
            tables.Gruppe(
                [[g.code, g.text, frist(g), zustaendig(g), UMSETZUNG[g.umsetzung]]
                 for g in rows.sort_values("faellig", kind="stable").itertuples()], titel
            )
            for titel, rows in found
            if len(rows)
        ],
        titel=f"Abgelaufene Fristen und Fristen bis {datum(whole)}",
        name="fristen",
        quelle=z.quelle,
        hinweise=["„nicht gemeldet“: Ob das Ziel rechtzeitig erreicht wurde, ist nicht bekannt."]
        if (late.lage == "unbekannt").any()
        else None,
    )  # fmt: skip


def frist(goal) -> str:
    """Deadline of a goal (row of `ziele`) as readers see it; behind a yearly one the days that count."""
    if not goal.frist:
        return "keine"
    if goal.faellig is None or goal.frist.art != "jaehrlich":
        return goal.frist.text
    if goal.lage not in VORBEI:
        return f"{goal.frist.text} ({datum(goal.faellig)})"
    return f"{goal.frist.text} (zuletzt {datum(goal.faellig)}" + (
        f", wieder {datum(goal.wieder)})" if goal.wieder else ")"
    )


def zustaendig(goal) -> str:
    """Responsible bodies of a goal (row of `ziele`); where none is named, those that its text speaks of."""
    named = f"; im Text genannt: {', '.join(goal.genannt)}" if goal.genannt else ""
    return ", ".join(goal.stellen) or f"{NIEMAND}{named}"


def _whole(goal) -> str:
    """Wording of a goal (row of `ziele`) with the text that explains it and the bodies that this speaks of."""
    end = "" if goal.text.endswith((".", "!", "?")) or not goal.erlaeuterung else "."
    named = "" if goal.stellen or not goal.genannt else f"(Im Text genannt: {', '.join(goal.genannt)}.)"
    return " ".join(filter(None, [goal.text + end, goal.erlaeuterung, named]))


def stellen(z: Zielprofil) -> Ausgabe:
    """Who is responsible for what: goals, done ones, passed deadlines and the next one of each body."""
    named = {ziel.code for ziel in z.katalog.ziele if ziel.zustaendig}
    rows = []
    for stelle, goals in _by_body(z).items():
        ahead = naechste(goals).dropna()
        own = [code for code in goals.code if code in named]
        rows.append(
            [
                stelle,
                zahl(len(goals)),
                zahl((goals.umsetzung == "erledigt").sum()) if (goals.umsetzung != "").any() else "nicht gemeldet",
                zahl(goals.lage.isin(VORBEI).sum()),
                datum(min(ahead)) if len(ahead) else "keine",
                ", ".join(own) or "keine",
            ]
        )
    return tables.tabelle(
        [tables.Spalte("Zuständig"), tables.Spalte("Ziele"), tables.Spalte("Erledigt"), tables.Spalte("Frist vorbei"),
         tables.Spalte("Nächste Frist", zahl=False), tables.Spalte("Bei diesen Zielen genannt", zahl=False)],
        [tables.Gruppe(rows)],
        titel=f"Wer {z.gebiet.wo} wofür zuständig ist",
        name="zustaendig",
        quelle=z.quelle,
        hinweise=["Für ein Ziel können mehrere Stellen zuständig sein; die Zahlen ergeben dann mehr als alle Ziele. "
                  "Ein Ziel ohne eigene Angabe zählt zu den Stellen des Ziels darüber. „Bei diesen Zielen genannt“: "
                  "wo die Stelle selbst steht.",
                  *[f"Ziel {g.code}: Zuständige sind nicht genannt. Im Text genannt: {aufzaehlung(list(g.genannt))}."
                    for g in z.ziele.itertuples() if g.genannt and not g.stellen]],
    )  # fmt: skip


def _by_body(z: Zielprofil) -> dict[str, pd.DataFrame]:
    """Goals of each body in the order of the catalogue; those of nobody last."""
    each = nach_stelle(z.ziele)
    order = [s.name for s in z.katalog.stellen if (each.stelle == s.name).any()]
    order += [""] * bool((each.stelle == "").any())
    return {stelle or NIEMAND: each[each.stelle == stelle] for stelle in order}


def anlagen(z: Zielprofil) -> Folge:
    """Work list of each body as a workbook and, where there are deadlines, a calendar, both beside the report."""
    lists = {
        stelle: pd.DataFrame(
            [
                [g.code, z.katalog.nach_ebene[g.ebene].name, _whole(g), frist(g), LAGE[g.lage], UMSETZUNG[g.umsetzung]]
                for g in goals.sort_values("faellig", key=_empty_last, kind="stable").itertuples()
            ]
        )
        for stelle, goals in _by_body(z).items()
    }
    found = [
        outputs.anlage(
            "arbeitslisten",
            "Arbeitslisten",
            "je zuständiger Stelle ein Blatt mit ihren Zielen, Fristen und dem Stand, mit Platz für Bemerkungen.",
            arbeitslisten(lists, titel=f"Arbeitslisten: {z.katalog.titel}", quelle=z.quelle),
        )
    ]
    if events := kalender(z.ganz):
        found.append(
            outputs.anlage(
                "fristen",
                "Kalender der Fristen",
                f"alle offenen Fristen ab dem {datum(z.ganz.stand)} mit einem Tag, zum Einlesen in ein "
                f"Kalenderprogramm. Jährliche Fristen stehen darin bis zu ihrem Ende, sonst "
                f"{WIEDERHOLUNGEN} Jahre lang.",
                events,
                "ics",
            )
        )
    return Folge(tuple(found))


def _empty_last(days: pd.Series) -> pd.Series:
    return days.map(lambda day: (day is None, str(day)))
