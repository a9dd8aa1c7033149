"""Questions in the report on a survey: batteries of scales, multiple choice, answers in own words."""

import textwrap

import pandas as pd

from analysis import figures, outputs, tables
from analysis.befragungsprofil import Befragungsprofil
from analysis.befragungstexte import SPALTEN_ANTEIL, anteil_text, anzahl, personen, prozent, quelle, zellen
from analysis.outputs import Ausgabe, Folge
from analysis.plots.befragung import zustimmung
from analysis.survey.open_tables import OffeneFrage, categories_with_signs
from analysis.survey.tabulate import GESAMT, battery, multiple_response
from analysis.wording import NBSP, aufzaehlung, zahl

HOECHSTENS = 6
"""Batteries, and questions with several answers, that stand on the page; further ones are in the volume of tables."""


def batterien(p: Befragungsprofil) -> Ausgabe | Folge:
    """Every battery that the description names, as diverging bars."""
    titles = [p.befragung.codebuch.batterien.get(name, name) for name in p.auswertung.batterien]
    return _all(batterie, p, titles, "Fragen mit mehreren Skalen")


def mehrfachfragen(p: Befragungsprofil) -> Ausgabe | Folge:
    """Every multiple choice question that the description names."""
    titles = [p.befragung.codebuch.frage(key).text or key for key in p.auswertung.mehrfach]
    return _all(mehrfach, p, titles, "Fragen mit mehreren Antworten")


def _all(show, p: Befragungsprofil, titles: list[str], what: str) -> Ausgabe | Folge:
    if not titles:
        return outputs.saetze([f"Die Beschreibung der Befragung nennt keine {what}."])
    shown = [show(p, n) for n in range(1, min(len(titles), HOECHSTENS) + 1)]
    if len(titles) > HOECHSTENS:
        rest = aufzaehlung([f"„{titel}“" for titel in titles[HOECHSTENS:]])
        shown.append(outputs.saetze([f"Weitere {what} stehen nur im Tabellenband: {rest}."]))
    return Folge(tuple(shown))


def batterie(p: Befragungsprofil, nummer: int = 1) -> Ausgabe:
    """A battery of scales as diverging bars: the first, second … that the description names."""
    if nummer > len(p.auswertung.batterien):
        return outputs.saetze([f"Die Beschreibung nennt {len(p.auswertung.batterien)} Fragen mit mehreren Skalen."])
    name, book = p.auswertung.batterien[nummer - 1], p.befragung.codebuch
    titel = book.batterien.get(name, name)
    items = book.batterie(name)
    table = battery(p.fragen, book, name)
    labels = items[0].items[0].labels
    codes = [c for c in table.columns if c not in ("label", "n", "mittelwert")]
    complete = table.dropna(subset=codes)
    if complete.empty:
        return outputs.saetze([f"{titel}: Dazu gibt es zu wenige Antworten."])
    names = [f"{code} {labels[code]}" if labels.get(code) else str(code) for code in codes]
    shares = complete[codes].astype(float).set_axis(complete.label).set_axis(names, axis=1)
    shares = shares.loc[shares.iloc[:, (len(codes) + 1) // 2 :].sum(axis=1).sort_values(ascending=False).index]
    figure, (ax,) = figures.new_figure(1.0 + 0.42 * len(shares))
    zustimmung(ax, shares)
    upper = shares.iloc[:, (len(codes) + 1) // 2 :].sum(axis=1)
    rows = p.fragen[(p.fragen.raum == GESAMT) & p.fragen.merkmal.isin(table.index)]
    text = items[0].text
    return figures.abbildung(
        figure,
        name=f"batterie_{name}",
        titel=titel,
        einheit="Anteile der Antworten in Prozent; Mitte der Skala quer über der Null"
        + _missing(len(table) - len(shares)),
        quelle=quelle(p),
        alternativtext=f"Gestapelte Balken um eine Mittellinie für {len(shares)} Angaben. Rechts der Mitte am "
        f"meisten: {_short(upper.index[0])} ({prozent(upper.iloc[0])}), am wenigsten: {_short(upper.index[-1])} "
        f"({prozent(upper.iloc[-1])}).",
        daten=tables.tabelle(
            [tables.Spalte("Angabe"), *(tables.Spalte(n) for n in names),
             tables.Spalte("Mittelwert (95 %)"), tables.Spalte("Antworten (n)")],
            [tables.Gruppe([_battery_row(rows[rows.merkmal == m], table.label[m]) for m in table.index])],
            titel=f"{titel}: {text}" if text else titel,
            quelle=quelle(p),
            hinweise=[f"Von wem: {rows.basis.iloc[0]}. Mittelwert von 1 bis zum höchsten Wert der Skala, sein "
                      "Schwankungsbereich in Klammern."],
        ),
    )  # fmt: skip


def _missing(count: int) -> str:
    """Why there are fewer bars than items: a value of the others is hidden."""
    return f"; ohne Balken: {zahl(count)} Angaben, von denen ein Wert fehlt" if count else ""


def _short(text: str) -> str:
    return textwrap.shorten(text.rstrip("."), 80, placeholder=" …")


def _battery_row(rows: pd.DataFrame, label: str) -> list[str]:
    shares, mean = rows[rows.kennzahl == "anteil"], rows[rows.kennzahl == "mittelwert"].iloc[0]
    text = (
        str(mean.zeichen)
        if mean.grund
        else f"{zahl(mean.mittelwert, 2)} ({zahl(mean.unten, 2)}{NBSP}bis {zahl(mean.oben, 2)})"
    )
    return [label, *(anteil_text(row) for _, row in shares.iterrows()), text, anzahl(mean.n)]


def mehrfach(p: Befragungsprofil, nummer: int = 1) -> Ausgabe:
    """A multiple choice question of the description: shares of those who answered it, with the base named."""
    if nummer > len(p.auswertung.mehrfach):
        return outputs.saetze([f"Die Beschreibung nennt {len(p.auswertung.mehrfach)} Fragen mit mehreren Antworten."])
    key = p.auswertung.mehrfach[nummer - 1]
    frage = p.befragung.codebuch.frage(key)
    rows = multiple_response(p.fragen, p.befragung.codebuch, key)
    order = rows.anteil.astype(float).sort_values(ascending=False, na_position="last").index
    return tables.tabelle(
        [tables.Spalte("Antwort"), *SPALTEN_ANTEIL],
        [tables.Gruppe([[label, *zellen(rows.loc[label])] for label in order])],
        titel=frage.text or key,
        quelle=quelle(p),
        name=f"mehrfach_{key.lower()}",
        hinweise=[f"Von wem: {rows.basis.iloc[0]}. Mehrere Antworten waren möglich, die Summe ist nicht 100{NBSP}%."],
    )


def offene_fragen(p: Befragungsprofil) -> Ausgabe:
    """Answers in own words as categories with their intervals; no answer is quoted."""
    if not p.offen:
        return outputs.saetze(["Fragen, auf die man in eigenen Worten antwortet, hat hier niemand beantwortet."])
    withheld = sum(int(frage.uebersicht["zurueckgehalten"]) for frage in p.offen)
    return tables.tabelle(
        [tables.Spalte("Worum es geht"), *SPALTEN_ANTEIL],
        [tables.Gruppe(_open_rows(p, frage), titel=frage.text) for frage in p.offen],
        titel="Was die Menschen in eigenen Worten schreiben",
        quelle=quelle(p),
        name="offene_fragen",
        hinweise=[
            "Von wem: alle, die auf die Frage etwas geschrieben haben. Wer nichts schreibt, kann trotzdem eine Meinung "
            "haben. Eine Antwort kann zu mehreren Themen gehören. Zugeordnet wurde nach Wörtern, die in der Antwort "
            "vorkommen, oder von Hand. Themen, die niemand nennt, fehlen.",
            "Keine Antwort steht hier im Wortlaut. Antworten mit Namen, Anschriften oder anderem, was einzelne "
            f"Menschen verrät oder beleidigt: {personen(p, withheld)}.",
            *[f"Zum Zitieren freigegeben: {personen(p, n)}. Regel: {text}" for text, n in p.zitate.items()],
        ],
    )  # fmt: skip


def _open_rows(p: Befragungsprofil, frage: OffeneFrage) -> list[list[str]]:
    table = categories_with_signs(p.design, frage, p.grenzen, p.regel.kleinste)
    return [[str(label), *zellen(row)] for label, row in table.iterrows()]
