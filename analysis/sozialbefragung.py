"""The report on a survey: what `notebooks/04_sozialbefragung.ipynb` shows, one function per cell."""

import math

import pandas as pd

from analysis import outputs, tables
from analysis.auswertung import Anteil
from analysis.befragungsprofil import ARM, Befragungsprofil
from analysis.befragungstexte import SPALTEN_ANTEIL, anteil_text, ohne_zahl, quelle, satzteil, urteil, zellen
from analysis.outputs import Ausgabe
from analysis.regeltexte import wenige
from analysis.report.befragungsband import befragungsband
from analysis.survey.reliability import GEHEIM, OHNE_WERT, UNSICHER
from analysis.wording import NBSP, aufzaehlung, datum, zahl


def kopf(p: Befragungsprofil, sprache: str = "de") -> Ausgabe:
    """Head of the report."""
    field = p.befragung.angaben["feldzeit"]
    return outputs.kopf(
        titel=p.befragung.titel,
        untertitel=f"Was {zahl(p.n)} Menschen {p.kreis.wo} geantwortet haben und wie sicher das ist",
        stand=f"Befragt wurde vom {datum(field['von'])} bis zum {datum(field['bis'])}. "
        + ("Kreis und Antworten sind erfunden." if p.kreis.erfunden else "Heute können die Verhältnisse anders sein."),
        sprache=sprache,
    )


def in_kuerze(p: Befragungsprofil) -> Ausgabe:
    """The most important in short sentences, with how far the truth may lie."""
    absaetze = ["Diesen Kreis gibt es nicht. Alle Antworten sind erfunden."] if p.kreis.erfunden else []
    drawn = p.befragung.angaben.get("ziehung", {}).get("n")
    asked = f"Wir haben {zahl(drawn)} Menschen gefragt. " if drawn else ""
    absaetze.append(f"{asked}{zahl(p.n)} Menschen haben geantwortet. Was sie sagen, gilt nur ungefähr für alle.")
    shown = [s for s in p.auswertung.anteile.values() if s.einfach]
    lacking = [s for s in shown if p.zeile(s.key).grund]
    for share in (s for s in shown if s not in lacking):
        compared = f" {_easy_difference(p, share)}" if share.vergleich else ""
        absaetze.append(_easy(p.zeile(share.key), share.einfach) + compared)
    if p.einkommen is not None and not p.zeile(ARM).grund:
        absaetze.append(
            _easy(p.zeile(ARM), "Menschen gelten als arm") + " Wer arm ist, hat viel weniger Geld, als üblich ist."
        )
    if p.raum is not None:
        absaetze.append(f"Wir haben die Orte {zahl(len(p.raumunterschiede))}-mal verglichen. {_easy_areas(p)}")
    if lacking:
        absaetze.append("Zu manchen Fragen gab es zu wenige Antworten. Dann steht da keine Zahl.")
    return outputs.kuerze(absaetze)


def _easy_areas(p: Befragungsprofil) -> str:
    count, secret = len(p.raumbefunde), int((~p.raumunterschiede.zufall).sum()) - len(p.raumbefunde)
    if count:
        times = f"{'Mindestens ' if secret else ''}{zahl(count)}-mal"
        return f"{times} war ein Ort anders als der Rest. Das ist mehr als Zufall."
    if secret:
        return "Kein Unterschied, den wir zeigen dürfen, war größer als der Zufall."
    return "Kein Unterschied war größer als der Zufall. Oft gab es dafür zu wenige Antworten."


def _easy(row: pd.Series, words: str) -> str:
    low, high = max(math.floor(row.unten * 100), 0), min(math.ceil(row.oben * 100), 100)
    return (
        f"Etwa {zahl(row.anteil * 100)} von{NBSP}100 {words}. Möglich sind {low} bis {high} von{NBSP}100."
        if row.zeichen != UNSICHER
        else f"Etwa {zahl(row.anteil * 100)} von{NBSP}100 {words}. Das ist unsicher: Möglich sind {low} bis "
        f"{high} von{NBSP}100."
    )


def _easy_difference(p: Befragungsprofil, share: Anteil) -> str:
    first, second = (p.auswertung.gruppen[key].wer for key in share.vergleich)
    difference = p.gruppenvergleiche.loc[(share.key, "")]
    if not difference.pruefbar:
        return f"Ob {first} und {second} sich dabei unterscheiden, kann man nicht sagen."
    if difference.zufall:
        return f"Ob das bei {first} anders ist als bei {second}, ist nicht sicher."
    more, less = (first, second) if difference.differenz > 0 else (second, first)
    return f"Unter den {more} sind es mehr als bei {less}. Das ist mehr als Zufall."


def lesehilfe(p: Befragungsprofil) -> Ausgabe:
    """How to read the figures: chance, signs, few answers."""
    g = p.grenzen
    return outputs.hinweis(
        "So lesen Sie die Zahlen",
        [
            f"Nicht alle wurden gefragt, und nicht alle haben geantwortet. Deshalb steht neben jedem Anteil ein "
            f"Schwankungsbereich: Der Anteil unter allen Menschen liegt mit 95{NBSP}% Sicherheit darin, wenn die "
            "Antwortenden sich nicht grundsätzlich von den übrigen unterscheiden.",
            "Ein Unterschied gilt nur dann als mehr als Zufall, wenn eine Prüfung das zeigt, die mitzählt, wie oft "
            "Räume oder Gruppen verglichen wurden. Überlappende oder getrennte Bereiche sagen das nicht.",
            f"{OHNE_WERT}: weniger als {g.ohne_wert} Antworten, darum kein Wert. Zahl in Klammern: weniger als "
            f"{g.unsicher} Antworten oder ein Standardfehler von mehr als {zahl(g.fehler * 100)}{NBSP}% des Anteils, "
            f"darum unsicher. Punkt ({GEHEIM}): kein Wert. Es wären nur {wenige(p.regel)} Personen, oder eine solche "
            "Zahl ließe sich daraus ausrechnen.",
        ],
    )


def anteile(p: Befragungsprofil, thema: str) -> Ausgabe:
    """A sentence per share of a topic: value, interval, n, and what groups have in common or not."""
    found = [_sentence(p, s) for s in p.auswertung.anteile.values() if s.thema == thema]
    return outputs.saetze(found or ["Dazu nennt die Beschreibung der Befragung keine Anteile."])


def _sentence(p: Befragungsprofil, share: Anteil) -> tuple[str, str]:
    row = p.zeile(share.key)
    who = f"Von den {p.auswertung.gruppen[share.unter].wer}" if share.unter else "Von allen Befragten"
    begin = f"{who} {share.titel}:"
    if row.grund:
        return begin, ohne_zahl(row)
    text = f"{satzteil(row)}."
    if share.vergleich:
        text += f" {_difference(p, share)}"
    return begin, text


def _difference(p: Befragungsprofil, share: Anteil) -> str:
    rows = p.nach_gruppen(share)
    names = {key: p.auswertung.gruppen[key].wer for key in share.vergleich}
    if (rows.grund != "").any():
        few = aufzaehlung([names[key] for key in rows.index[rows.grund != ""]])
        return f"Ein Vergleich ist nicht möglich: kein Wert für {few}."
    parts = aufzaehlung([f"{names[key]}: {anteil_text(rows.loc[key])}" for key in share.vergleich])
    d = p.gruppenvergleiche.loc[(share.key, "")]
    if not d.pruefbar:
        return f"{parts}. Ob der Unterschied mehr als Zufall ist, lässt sich nicht prüfen."
    verdict = "liegt im Rahmen des Zufalls" if d.zufall else "ist mehr als Zufall"
    return f"{parts}. Der Unterschied {verdict}."


def anteile_tabelle(p: Befragungsprofil) -> Ausgabe:
    """All named shares with interval and n, overall and by group, with what is more than chance."""
    titles = {"familie": "Familien", "zufriedenheit": "Zufriedenheit", "armut": "Armut", "": "Weitere Angaben"}
    groups = []
    for thema, titel in titles.items():
        shares = [s for s in p.auswertung.anteile.values() if s.thema == thema]
        rows = [row for share in shares for row in _share_rows(p, share)]
        if thema == "armut" and p.einkommen is not None:
            rows += _poverty_rows(p)
        if rows:
            groups.append(tables.Gruppe(rows, titel=titel))
    if not groups:
        return outputs.saetze(["Die Beschreibung der Befragung nennt keine Anteile."])
    return tables.tabelle(
        [tables.Spalte("Angabe"), tables.Spalte("Von wem", zahl=False), *SPALTEN_ANTEIL,
         tables.Spalte("Unterschied", zahl=False)],
        groups,
        titel="Alle Anteile im Überblick",
        quelle=quelle(p),
        name="anteile",
        kopfspalten=2,
        hinweise=["Unterschied: zwischen den beiden Gruppen, die nacheinander stehen; bei Armut zwischen der Gruppe "
                  "und allen übrigen. Die Armutsschwelle gilt dabei als bekannt. Geprüft mit Rücksicht auf die Zahl "
                  "der Vergleiche von Gruppen."],
    )  # fmt: skip


def _share_rows(p: Befragungsprofil, share: Anteil) -> list[list[str]]:
    base = p.auswertung.gruppen[share.unter].titel if share.unter else "alle Befragten"
    rows = [[share.titel, base, *zellen(p.zeile(share.key)), "kein Vergleich"]]
    if share.vergleich:
        groups = p.nach_gruppen(share)
        word = urteil(p.gruppenvergleiche.loc[(share.key, "")], hidden=bool((groups.grund != "").any()))
        rows += [[share.titel, p.auswertung.gruppen[key].titel, *zellen(groups.loc[key]), word] for key in groups.index]
    return rows


def _poverty_rows(p: Befragungsprofil) -> list[list[str]]:
    titel, rows = "sind armutsgefährdet", []
    for gruppe in p.auswertung.gruppen.values():
        row, difference = p.armut_nach_gruppen.loc[gruppe.key], p.gruppenvergleiche.loc[(ARM, gruppe.key)]
        rows.append([titel, gruppe.titel, *zellen(row), urteil(difference, hidden=bool(row.grund))])
    return [[titel, "alle Befragten", *zellen(p.zeile(ARM)), "kein Vergleich"], *rows]


def tabellenband(p: Befragungsprofil) -> Ausgabe:
    """Every question by area as a workbook beside the report, and a link to it."""
    content = befragungsband(
        p.fragen,
        p.befragung.codebuch,
        titel=f"Tabellenband: {p.befragung.titel}",
        quelle=quelle(p),
        hinweise=[f"{OHNE_WERT}: weniger als {p.grenzen.ohne_wert} Befragte; {UNSICHER}: weniger als "
                  f"{p.grenzen.unsicher} oder relativer Fehler über {zahl(p.grenzen.fehler * 100)} %."],
    )  # fmt: skip
    return outputs.anlage(
        "tabellenband",
        "Tabellenband",
        "jede Frage auf einem Blatt, für den ganzen Kreis und je Raum, mit Schwankungsbereich, Zahl der Befragten und "
        "Zeichen.",
        content,
    )
