"""How a survey was evaluated, for its report: method and wording."""

import numpy as np

from analysis import tables
from analysis.befragungsprofil import Befragungsprofil, design_columns
from analysis.befragungstexte import RAENDER, personen, quelle, rand_text
from analysis.errors import InputError
from analysis.outputs import Ausgabe, Folge
from analysis.regeltexte import befragungstafel
from analysis.survey import interview
from analysis.survey.befragungsdesign import Gewichtung
from analysis.survey.r_indicator import r_indicator
from analysis.survey.reliability import GEHEIM
from analysis.survey.schaetzung import quantile_of_t
from analysis.survey.tabulate import GESAMT, base_text
from analysis.survey.weighting import deff_weights, effective_n
from analysis.wording import NBSP, aufzaehlung, zahl


def methode_und_wortlaut(p: Befragungsprofil) -> Folge:
    """How the survey was evaluated, what is withheld, and what was asked."""
    return Folge((methode(p), befragungstafel(p.regel, GEHEIM), wortlaut(p)))


def methode(p: Befragungsprofil) -> Ausgabe:
    """Everything that somebody needs who wants to check or repeat the evaluation."""
    g, given = p.gewichtung, p.befragung.angaben
    design = given.get("design", {})
    strata = f"geschichtet ({len(g.design.stufen[0].umfang)} Schichten)" if "schicht" in design else "nicht geschichtet"
    units = "Klumpen" if "cluster" in design else "Personen"
    rows = [
        ["Stichprobe", f"{strata}, gezogen wurden {units}; ohne Korrektur für endliche Grundgesamtheiten"],
        ["Gewichte vor der Anpassung", _draw_text(p)],
        ["Anpassung an die Bevölkerung", _calibration_text(g)],
    ]
    if g.bericht is not None:
        rows.append([
            "Faktoren der Anpassung", f"{zahl(g.bericht.g_min, 2)} bis {zahl(g.bericht.g_max, 2)}"
        ])  # fmt: skip
    weight = g.design.gewicht
    rows += [
        ["wirksame Zahl der Antworten (Kish)", f"{zahl(effective_n(weight))} von {zahl(p.n)}; "
         f"Deff durch Gewichte {zahl(deff_weights(weight), 2)}"],
        ["Fehlerrechnung", "Taylor-Linearisierung; bei angepassten Gewichten mit den Residuen (GREG), wie "
         "calibrate in R survey"],
        ["Schwankungsbereiche (95 %)", "Anteile: logit, bei seltenen Angaben oder wenigen Antworten Korn-Graubard; "
         "Mittelwerte: t-Verteilung mit den Freiheitsgraden des Stichprobenplans"],
        ["Vergleiche", "t-Test nach dem Stichprobenplan, bei wenigen Fällen vorsichtiger; Korrektur nach Holm, einmal "
         "für alle Vergleiche von Räumen, einmal für alle von Gruppen"],
        ["keine Zahl (/)", f"weniger als {p.grenzen.ohne_wert} Antworten oder "
         f"{p.grenzen.effektiv} wirksame"],
        ["unsicher ( )", f"weniger als {p.grenzen.unsicher} Antworten oder Standardfehler über "
         f"{zahl(p.grenzen.fehler * 100)}{NBSP}% des Anteils (oder des Rests zu 100{NBSP}%, wenn er kleiner ist)"],
        ["Geheimhaltung (.)", f"Felder mit 1 bis {p.regel.kleinste - 1} Personen und alle, aus denen man sie errechnen "
         "könnte"],
    ]  # fmt: skip
    if p.einkommen is not None and p.einkommen.pareto is not None:
        rows.append([
            "oberste Einkommensklasse", f"Pareto-Verteilung, Mitte {zahl(p.einkommen.pareto[1])}{NBSP}€ "
            f"(Exponent {zahl(p.einkommen.pareto[0], 2)})"
        ])  # fmt: skip
    rows += [*_even_response(p), *_notes(p)]
    rows.append(["Prüfsumme der Daten (SHA-256, Anfang)", p.befragung.sha256[:16]])
    return tables.tabelle(
        [tables.Spalte("Schritt"), tables.Spalte("Wie es gemacht wurde", zahl=False)],
        [tables.Gruppe(rows)],
        titel="Wie gerechnet wurde",
        quelle=quelle(p),
        name="methode",
    )


def _even_response(p: Befragungsprofil) -> list[list[str]]:
    """R-indicator: whether the groups of the drawn persons answered equally often, and which differ most."""
    what = "Haben alle Gruppen gleich oft geantwortet? (R-Indikator)"
    if p.ziehung is None:
        return []
    names = [name for name in RAENDER if name in p.ziehung]
    schicht = "raum" if "raum" in names and "schicht" in p.befragung.angaben.get("design", {}) else None
    cells = p.ziehung
    if schicht:
        strata = cells.groupby(schicht, observed=True)[["N", "n_gezogen"]].transform("sum")
        cells = cells.assign(gewicht=strata.N / strata.n_gezogen)
    try:
        found = r_indicator(cells, names, "gewicht" if schicht else None, schicht)
    except InputError:  # in a group nobody answered, or everybody
        return [[what, "nicht berechenbar: in einer Gruppe antwortete niemand, oder es sind zu wenige"]]
    half = quantile_of_t(np.inf) * found.se
    bounds = f"{zahl(max(found.wert - half, 0), 2)} bis {zahl(min(found.wert + half, 1), 2)}"
    most = RAENDER[found.je_merkmal.unbedingt.idxmax()]
    return [[
        what, f"{zahl(found.wert, 2)} (Schwankungsbereich {bounds}). 1 heißt: alle gleich oft; je kleiner, desto "
        f"verschiedener. Am meisten unterscheiden sich die Gruppen nach dem Merkmal {most}."
    ]]  # fmt: skip


def _notes(p: Befragungsprofil) -> list[list[str]]:
    """What the reader of the data noticed: contradictions between answers and filters, rows left out."""
    checked = p.pruefungen[p.pruefungen.anzahl > 0]
    rows = [
        [
            f"geprüft: {_PRUEFUNGEN.get(name, name)}",
            f"bei {zahl(len(part))} {'Angabe' if len(part) == 1 else 'Angaben'}, zusammen "
            f"{zahl(int(part.anzahl.sum()))}-mal",
        ]
        for name, part in checked.groupby("pruefung", sort=False)
    ]
    left = {k: n for k, n in p.befragung.ausgelassen.items() if not k.startswith("column")}
    count = sum(left.values())
    return rows + ([["Zeilen der Datei, die keine Interviews sind", zahl(count)]] if count else [])


_PRUEFUNGEN = {
    "antworten_doppelt": "gleiche Antworten in mehreren Interviews", "ohne_antwort": "Fragen ohne jede Antwort",
    "interview_leer": "Interviews ohne jede Antwort", "auspraegung_ohne_faelle": "Antworten, die niemand gab",
    "antwort_trotz_filter": "Antworten, obwohl die Frage nicht galt (zählen nicht)",
    "nicht_gezeigt_trotz_filter": "nicht gezeigt, obwohl die Frage galt",
    "gleichfoermig": "immer dieselbe Antwort in einer Reihe von Skalen",
    "antworten_ohne_zelle": "Antworten, die in der Datei der Ziehung fehlen",
}  # fmt: skip
"""Checks of `analysis.survey.checks` as the report names them."""


def _draw_text(p: Befragungsprofil) -> str:
    given = p.befragung.angaben
    if "gewicht" in given.get("design", {}):
        return f"aus den Daten ({given['design']['gewicht']})"
    if len(set(p.gewichtung.entwurf.gewicht)) > 1:
        return "Personen der Schicht im Melderegister, geteilt durch die gezogenen"
    return "alle gleich"


def _calibration_text(g: Gewichtung) -> str:
    if g.bericht is None:
        return "keine (" + "; ".join(f"{rand_text(what)}: {why}" for what, why in g.ausgelassen.items()) + ")"
    names = [" × ".join(RAENDER.get(n, n) for n in ([key] if isinstance(key, str) else key)) for key in g.raender]
    left = "".join(f"; nicht verwendet: {rand_text(what)} ({why})" for what, why in g.ausgelassen.items())
    return f"Raking auf {aufzaehlung(names)} in {g.bericht.durchgaenge} Durchgängen{left}"


def wortlaut(p: Befragungsprofil) -> Ausgabe:
    """Questions as they were asked, whom, and how many answered."""
    missing = interview.item_nonresponse(p.befragung.daten, p.befragung.codebuch)
    rows, technical = [], set(design_columns(p.befragung))
    for frage in p.befragung.codebuch.fragen:
        here = missing[missing.frage == frage.key]
        if frage.typ in ("technisch", "datum", "offen") or here.empty or set(here.index) & technical:
            continue
        asked, answered = int(here.gezeigt.max()), int(here.beantwortet.max())
        who = base_text(frage, p.befragung.codebuch) if frage.filter else "alle Befragten"
        shown = p.fragen[(p.fragen.raum == GESAMT) & (p.fragen.frage == frage.key)]
        secret = len(shown) and shown.n.isna().all()
        numbers = [GEHEIM, GEHEIM] if secret else [personen(p, asked), personen(p, answered)]
        rows.append([frage.text or frage.key, who, *numbers])
    return tables.tabelle(
        [tables.Spalte("Wortlaut"), tables.Spalte("Von wem", zahl=False), tables.Spalte("gefragt"),
         tables.Spalte("beantwortet")],
        [tables.Gruppe(rows)],
        titel="Die Fragen",
        quelle=quelle(p),
        name="wortlaut",
        hinweise=["Bei Fragen mit mehreren Angaben: die Angabe mit den meisten Antworten."],
    )  # fmt: skip
