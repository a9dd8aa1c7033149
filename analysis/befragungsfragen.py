"""Questions in the report on a survey: batteries of scales, multiple choice, answers in own words."""

import pandas as pd

from analysis import figures, outputs, tables
from analysis.befragungsprofil import Befragungsprofil
from analysis.befragungstexte import SPALTEN_ANTEIL, anteil_text, anzahl, prozent, quelle, zellen
from analysis.outputs import Ausgabe
from analysis.plots.befragung import zustimmung
from analysis.survey.tabulate import GESAMT, battery, multiple_response
from analysis.wording import NBSP, zahl


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
        einheit="Anteile der Antworten in Prozent; Mitte der Skala quer über der Null",
        quelle=quelle(p),
        alternativtext=f"Gestapelte Balken um eine Mittellinie für {len(shares)} Angaben. Am meisten Zustimmung: "
        f"{upper.index[0]} ({prozent(upper.iloc[0])}), am wenigsten: {upper.index[-1]} ({prozent(upper.iloc[-1])}).",
        daten=tables.tabelle(
            [tables.Spalte("Angabe"), *(tables.Spalte(n) for n in names),
             tables.Spalte("Mittelwert (95 %)"), tables.Spalte("Antworten (n)")],
            [tables.Gruppe([_battery_row(rows[rows.merkmal == m], table.label[m]) for m in table.index])],
            titel=f"{titel}: {text}" if text else titel,
            quelle=quelle(p),
            hinweise=["Mittelwert von 1 bis zum höchsten Wert der Skala, sein Schwankungsbereich in Klammern."],
        ),
    )  # fmt: skip


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
