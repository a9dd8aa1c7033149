"""Poverty and income in the report on a survey: rates under each median, how high and how unequal incomes are."""

import pandas as pd

from analysis import outputs, tables
from analysis.befragungsprofil import Befragungsprofil
from analysis.befragungstexte import SPALTEN_ANTEIL, personen, prozent, quelle, spanne
from analysis.outputs import Ausgabe
from analysis.survey import armut, ungleichheit
from analysis.survey.cell_suppression import MINDESTENS
from analysis.survey.intervals import share_intervals
from analysis.survey.reliability import GEHEIM, OHNE_WERT
from analysis.survey.schaetzung import Schaetzung
from analysis.survey.weighting import effective_n
from analysis.wording import NBSP, aufzaehlung, zahl


def armutsquoten(p: Befragungsprofil) -> Ausgabe:
    """Shares of poor and low incomes with the thresholds they rest on, under each median."""
    if p.einkommen is None:
        return outputs.saetze(["Zum Einkommen gibt es keine Angaben, aus denen sich etwas schätzen lässt."])
    poor, low = p.baender
    baender = {
        f"unter {zahl(poor * 100)}{NBSP}% des Medians (armutsgefährdet)": (None, poor),
        f"{zahl(poor * 100)} bis unter {zahl(low * 100)}{NBSP}% (geringes Einkommen)": (poor, low),
    }
    groups = []
    for name, bezug in p.bezug.items():
        quoten = armut.armutsquoten(p.design, p.einkommen.aequivalent, bezug, baender)
        bounds = share_intervals(quoten, n_effektiv=_kish(p))
        titel = "Median der Befragung" if name == "eigener" else p.auswertung.median[1]
        enough = quoten.n[0] >= p.grenzen.ohne_wert or name != "eigener"
        level = f": {zahl(bezug.wert)}{NBSP}€; Schwelle {zahl(bezug.wert * poor)}{NBSP}€" if enough else ""
        rows = [
            _rate(p, band, quoten, k, bounds.loc[band], bezug.wert, limits)
            for k, (band, limits) in enumerate(baender.items())
        ]
        groups.append(tables.Gruppe(rows, titel=f"{titel}{level}"))
    lacking = aufzaehlung([f"{personen(n)} {_GRUND.get(why, why)}" for why, n in p.einkommen.ohne.items()]) or "niemand"
    return tables.tabelle(
        [tables.Spalte("Einkommen"), tables.Spalte("Wert"), *SPALTEN_ANTEIL[1:]],
        [*groups, _inequality(p)],
        titel="Armutsgefährdung und geringes Einkommen",
        quelle=quelle(p),
        name="armut",
        hinweise=[
            "Einkommen: Nettoeinkommen des Haushalts im Monat, geteilt durch den Bedarf (erste Person 1, weitere ab "
            "14 Jahren 0,5, Kinder unter 14 Jahren 0,3). Gezählt werden Menschen ab 18 Jahren. Gefragt "
            "wurde nach Klassen; in einer Klasse ist jede Höhe gleich wahrscheinlich.",
            f"Ohne Angabe zum Einkommen oder Haushalt: {lacking}. Der Median der Befragung ist selbst geschätzt, das "
            "ist im Schwankungsbereich enthalten. Ein Median von außen gilt als bekannt.",
        ],
    )  # fmt: skip


_GRUND = {
    "nicht_beantwortet": "ohne Antwort", "weiss_nicht": "wissen es nicht", "verweigert": "verweigert",
    "nicht_gezeigt": "Frage nicht gezeigt", "haushalt_unbekannt": "Haushalt nicht bekannt",
    "ohne_erwachsene": "ohne Erwachsene im Haushalt", "haushalt_zu_gross": "Haushalt zu groß", "sonstiges": "sonstiges",
}  # fmt: skip


def _rate(p: Befragungsprofil, text: str, quoten: Schaetzung, k: int, bounds, median: float, limits) -> list[str]:
    """Row of a rate with the signs that shares have elsewhere."""
    income = p.einkommen.aequivalent
    low, high = (0.0 if limits[0] is None else limits[0]) * median, limits[1] * median
    inside, n = int(((income >= low) & (income < high)).sum()), int(quoten.n[k])
    wert, se = quoten.wert.iloc[k], quoten.se.iloc[k]
    if n < p.grenzen.ohne_wert:
        return [text, OHNE_WERT, "kein Wert", zahl(n)]
    if 0 < inside < MINDESTENS or 0 < n - inside < MINDESTENS:
        return [text, GEHEIM, "kein Wert", zahl(n)]
    unsure = n < p.grenzen.unsicher or not se < p.grenzen.fehler * min(wert, 1 - wert)
    return [text, f"({prozent(wert)})" if unsure else prozent(wert), spanne(*bounds), zahl(n)]


def _kish(p: Befragungsprofil) -> float:
    known = p.einkommen.aequivalent.notna().to_numpy()
    return effective_n(p.design.gewicht[known])


def _inequality(p: Befragungsprofil) -> tables.Gruppe:
    """Median, poverty gap, Gini, S80/S20 with their errors."""
    income, bezug = p.einkommen.aequivalent, p.bezug["eigener"]
    shown = [
        ("Median des Äquivalenzeinkommens", armut.schwellen(p.design, bezug, (1.0,)), 0, f"{NBSP}€"),
        ("Armutslücke: So weit liegt die Mitte der Armen unter der Schwelle, in Prozent der Schwelle",
         armut.armutsluecke(p.design, income, bezug, p.baender[0]), 1, f"{NBSP}%"),
        ("Gini-Koeffizient: 0 alle gleich, 1 einer hat alles", ungleichheit.gini(p.design, income), 2, ""),
        ("S80/S20: Einkommen des reichsten Fünftels, geteilt durch das des ärmsten",
         ungleichheit.quintilverhaeltnis(p.design, income), 1, ""),
    ]  # fmt: skip
    rows = [_measure(text, s, digits, unit, p.grenzen.ohne_wert) for text, s, digits, unit in shown]
    return tables.Gruppe(rows, titel="Höhe und Verteilung der Einkommen")


def _measure(text: str, s: Schaetzung, digits: int, unit: str, fewest: int) -> list[str]:
    if s.n[0] < fewest:
        return [text, OHNE_WERT, "kein Wert", zahl(int(s.n[0]))]
    factor = 100 if unit.endswith("%") else 1
    value, (low, high), n = s.wert.iloc[0], s.intervall().iloc[0], zahl(int(s.n[0]))
    if pd.isna(value):
        return [text, "nicht berechenbar", "nicht berechenbar", n]
    bounds = (
        "nicht berechenbar"
        if pd.isna(low)
        else f"{zahl(max(low, 0) * factor, digits)}{NBSP}bis {zahl(high * factor, digits)}{unit}"
    )
    return [text, f"{zahl(value * factor, digits)}{unit}", bounds, n]
