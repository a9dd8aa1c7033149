"""Poverty and income in the report on a survey: rates under each median, how high and how unequal incomes are."""

import numpy as np
import pandas as pd

from analysis import outputs, tables
from analysis.answers import valid
from analysis.befragungseinkommen import zufallsschluessel
from analysis.befragungsprofil import ARM, Befragungsprofil
from analysis.befragungstexte import SPALTEN_ANTEIL, ohne_zahl, personen, prozent, quelle, satzteil, spanne, urteil
from analysis.outputs import Ausgabe, Folge
from analysis.survey import armut, armut_empfindlichkeit, ungleichheit
from analysis.survey.haushalt import haushalte
from analysis.survey.intervals import share_interval, share_intervals
from analysis.survey.reliability import GEHEIM, OHNE_WERT
from analysis.survey.schaetzung import Schaetzung
from analysis.survey.weighting import effective_n
from analysis.wording import NBSP, aufzaehlung, zahl


def einkommen_und_armut(p: Befragungsprofil) -> Ausgabe | Folge:
    """Rates under each median, how much they depend on the way from brackets to incomes, and rates of groups."""
    if p.einkommen is None:
        return armutsquoten(p)
    groups = (nach_gruppen(p),) if p.auswertung.gruppen else ()
    return Folge((armutsquoten(p), empfindlichkeit(p), *groups))


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
    lacking = (
        aufzaehlung([f"{personen(p, n)} {_GRUND.get(why, why)}" for why, n in p.einkommen.ohne.items()]) or "niemand"
    )
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
            *_open_class(p),
        ],
    )  # fmt: skip


def _open_class(p: Befragungsprofil) -> list[str]:
    """What is assumed of the incomes in the open top class, and what rests on it."""
    if p.einkommen.pareto is None:
        return []
    return [
        "Die oberste Klasse ist nach oben offen: Für alle darin gilt ein geschätztes Einkommen des Haushalts von "
        f"{zahl(p.einkommen.pareto[1])}{NBSP}€. Gini-Koeffizient und S80/S20 hängen davon ab, ihr Schwankungsbereich "
        "enthält das nicht."
    ]


_GRUND = {
    "nicht_beantwortet": "ohne Antwort", "weiss_nicht": "wissen es nicht", "verweigert": "verweigert",
    "nicht_gezeigt": "Frage nicht gezeigt", "haushalt_unbekannt": "Haushalt nicht bekannt",
    "ohne_erwachsene": "ohne Erwachsene im Haushalt", "haushalt_zu_gross": "Haushalt zu groß", "sonstiges": "sonstiges",
}  # fmt: skip


def _rate(p: Befragungsprofil, text: str, quoten: Schaetzung, k: int, bounds, median: float, limits) -> list[str]:
    """Row of a rate of `armutsquoten`."""
    income = p.einkommen.aequivalent
    low, high = (0.0 if limits[0] is None else limits[0]) * median, limits[1] * median
    inside = int(((income >= low) & (income < high)).sum())
    return _signed(p, text, quoten.wert.iloc[k], quoten.se.iloc[k], bounds, int(quoten.n[k]), inside)


def _signed(p: Befragungsprofil, text: str, wert: float, se: float, bounds, n: int, inside: int) -> list[str]:
    """Row of a rate with the signs that shares have elsewhere; `inside` of the n have the property."""
    if n < p.grenzen.ohne_wert or _kish(p) < p.grenzen.effektiv:
        return [text, OHNE_WERT, "kein Wert", zahl(n)]
    if 0 < inside < p.regel.kleinste or 0 < n - inside < p.regel.kleinste:
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


_METHODEN = {
    "gleichverteilt": "in der Klasse ausgelost (so rechnet dieser Bericht)",
    "klassenmitte": "Mitte der Klasse",
    "intervallregression": "in der Klasse ausgelost nach einem Modell",
    "intervallregression_mittel": "Mittelwert des Modells",
}
_ZIEHUNGEN = 5


def empfindlichkeit(p: Befragungsprofil) -> Ausgabe:
    """How much the poverty rate depends on the way in which brackets became incomes."""
    rates = _rates_by_method(p)
    bounds = np.transpose(
        share_interval(rates.wert, rates.se, rates.n.fillna(0), rates.freiheitsgrade, n_effektiv=_kish(p))
    )
    rows = [
        [text, "nicht berechenbar", "nicht berechenbar", "keine"]
        if pd.isna(row.wert)
        else _signed(p, text, row.wert, row.se, interval, int(row.n), int(row.n_zelle))
        for text, (_, row), interval in zip(_METHODEN.values(), rates.iterrows(), bounds, strict=True)
    ]
    hidden = any(row[1] in (OHNE_WERT, GEHEIM) for row in rows)
    return tables.tabelle(
        [tables.Spalte("Rechenweg von der Klasse zum Einkommen"), *SPALTEN_ANTEIL],
        [tables.Gruppe(rows)],
        titel="Wie sehr der Anteil der Armutsgefährdeten vom Rechenweg abhängt",
        quelle=quelle(p),
        name="rechenwege",
        hinweise=[
            "Gefragt wurde nur, in welcher Klasse das Einkommen liegt. Wie hoch es darin ist, muss man annehmen. Das "
            "Modell schätzt die Höhe aus der Zahl der Erwachsenen, Jugendlichen und Kinder im Haushalt.",
            "Zum Vergleich gibt es zu wenige Antworten." if hidden else _spread_text(rates, bounds),
        ],
    )  # fmt: skip


def _rates_by_method(p: Befragungsprofil) -> pd.DataFrame:
    """Poverty rate under each method in the order of `_METHODEN`, under the median that the report refers to."""
    daten, book, wanted = p.befragung.daten, p.befragung.codebuch, p.auswertung
    frage = book.frage(wanted.einkommen)
    people = (valid(daten, book, wanted.haushalt[who]) for who in ("erwachsene", "jugendliche", "kinder"))
    return armut_empfindlichkeit.empfindlichkeit(
        p.design,
        valid(daten, book, frage.items[0].spalte),
        frage.klassen,
        haushalte(*people, leer_ist_null=True),
        baender={"arm": (None, p.baender[0])},
        median=p.bezug["vorgegeben"].wert if "vorgegeben" in p.bezug else None,
        methoden=tuple(_METHODEN),
        ziehungen=_ZIEHUNGEN,
        schluessel=zufallsschluessel(daten),
    ).xs("arm", level="band")


def _spread_text(rates: pd.DataFrame, bounds: np.ndarray) -> str:
    """How far the methods are apart, beside what chance alone does to the rate of the report."""
    apart, chance = rates.wert.max() - rates.wert.min(), bounds[0][1] - bounds[0][0]
    less = "kleiner als der Schwankungsbereich" if apart < chance else "größer als der Schwankungsbereich"
    return (
        f"Der kleinste und der größte Anteil liegen {zahl(apart * 100, 1)} Prozentpunkte auseinander. Das ist {less} "
        f"der ersten Zeile ({zahl(chance * 100, 1)} Prozentpunkte). Lost man noch einmal aus, ändert sich der erste "
        f"Anteil um etwa {zahl(rates.streuung_ziehung.iloc[0] * 100, 1)} Prozentpunkte."
    )


def nach_gruppen(p: Befragungsprofil) -> Ausgabe:
    """A sentence per group of the description: how many are poor, and whether that differs from all others."""
    return outputs.saetze([_poor_in_group(p, key) for key in p.auswertung.gruppen])


def _poor_in_group(p: Befragungsprofil, gruppe: str) -> tuple[str, str]:
    begin, row = f"Von den {p.auswertung.gruppen[gruppe].wer} sind armutsgefährdet:", p.armut_nach_gruppen.loc[gruppe]
    if row.grund:
        return begin, ohne_zahl(row)
    d = p.gruppenvergleiche.loc[(ARM, gruppe)]
    verdict = {
        "nicht prüfbar": "Ob der Unterschied zu allen übrigen mehr als Zufall ist, lässt sich nicht prüfen.",
        "Zufall möglich": "Der Unterschied zu allen übrigen liegt im Rahmen des Zufalls.",
        "mehr als Zufall": "Das sind " + ("mehr" if d.differenz > 0 else "weniger") + " als bei allen übrigen, und der "
        "Unterschied ist mehr als Zufall.",
    }[urteil(d, hidden=False)]
    return begin, f"{satzteil(row)}. {verdict}"
