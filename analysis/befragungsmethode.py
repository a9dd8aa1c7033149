"""How a survey came about, for its report: who answered, how well that fits the population, income, method, wording."""

import pandas as pd

from analysis import figures, outputs, tables
from analysis.befragungsprofil import Befragungsprofil, area_names
from analysis.befragungstexte import SPALTEN_ANTEIL, prozent, quelle, spanne
from analysis.errors import InputError
from analysis.outputs import Ausgabe
from analysis.survey import armut, interview, representativeness, response, ungleichheit
from analysis.survey.befragungsdesign import Gewichtung
from analysis.survey.cell_suppression import MINDESTENS
from analysis.survey.intervals import share_intervals
from analysis.survey.reliability import GEHEIM, OHNE_WERT
from analysis.survey.schaetzung import Schaetzung
from analysis.survey.tabulate import base_text
from analysis.survey.weighting import deff_weights, effective_n
from analysis.wording import NBSP, aufzaehlung, datum, zahl

RAENDER = {"altersgruppe": "Alter", "geschlecht": "Geschlecht", "raum": "Raum"}
_WERTE = {"weiblich": "Frauen", "maennlich": "Männer"}


def ruecklauf(p: Befragungsprofil) -> Ausgabe:
    """How many were drawn, reached, answered; response rate by AAPOR with its name."""
    given = p.befragung.angaben
    rows = [["Grundgesamtheit", given["grundgesamtheit"]]]
    drawn = given.get("ziehung", {})
    if drawn:
        rows += [["Ziehung", drawn.get("verfahren", "nicht beschrieben")], ["gezogen", zahl(drawn["n"])]]
        if "unzustellbar" in drawn:
            rows.append(["davon Post nicht zustellbar", zahl(drawn["unzustellbar"])])
    rows += [
        ["Antworten, die zählen", zahl(p.n)],
        ["abgebrochen vor der Hälfte der Fragen, zählen nicht", _few(p.abgebrochen)],
    ]
    if p.quoten is not None:
        q = p.quoten.iloc[0]
        rows.append(["Antwortquote (AAPOR RR2: vollständig oder zum größten Teil beantwortet)", prozent(q.RR2)])
        rows.append(["nur vollständig beantwortet (AAPOR RR1)", prozent(q.RR1)])
    for text, number in _by_mode(p).items():
        rows.append([f"geantwortet: {text}", _few(number)])
    groups = [tables.Gruppe(rows)]
    if p.antworten_je_raum is not None:
        names = area_names(p.befragung)
        by_area = [
            [names.get(key, key), f"{prozent(r.anteil)} ({zahl(int(r.n_geantwortet))} von {zahl(int(r.n_gezogen))})"]
            for key, r in p.antworten_je_raum.iterrows()
        ]
        groups.append(tables.Gruppe(by_area, titel="Antwortquote nach Räumen (geantwortet von gezogen, mit Abbrüchen)"))
    return tables.tabelle(
        [tables.Spalte("Angabe"), tables.Spalte("Wert", zahl=False)],
        groups,
        titel="Wer gefragt wurde und wer geantwortet hat",
        quelle=quelle(p),
        name="ruecklauf",
        hinweise=[
            "AAPOR RR1, RR2: Antwortquoten nach der 10. Ausgabe der Standard Definitions der American Association for "
            "Public Opinion Research. Wessen Post nicht zustellbar war, zählt nicht zu den Gefragten."
        ],
    )


def _by_mode(p: Befragungsprofil) -> dict[str, int]:
    given = p.befragung.angaben.get("erhebungsart")
    if not given:
        return {}
    texts = p.befragung.daten[given["merkmal"]].astype(str).map({str(k): v for k, v in given["werte"].items()})
    return {str(k): int(v) for k, v in texts.value_counts().items()}


def verlauf(p: Befragungsprofil) -> Ausgabe:
    """Answers by day of the field work."""
    field = p.befragung.angaben["feldzeit"]
    try:
        times = interview.time_of_interview(p.befragung.daten, p.befragung.codebuch)
    except InputError:  # not every export has times
        return outputs.saetze(["Wann die Antworten kamen, steht nicht in den Daten."])
    days = response.fieldwork(times, field["von"], field["bis"])
    days = days[days.index.notna()]
    if days.antworten.sum() < 2:
        return outputs.saetze(["Wann die Antworten kamen, ist nicht bekannt."])
    figure, (ax,) = figures.new_figure(2.2)
    ax.step(days.index, days.kumuliert, where="post", color=figures.HERVOR, linewidth=2)
    ax.fill_between(days.index, days.kumuliert, step="post", color=figures.HERVOR, alpha=0.12)
    ticks = days.index[:: max(len(days) // 4, 1)]
    ax.set(xticks=ticks, xticklabels=[f"{d:%d.%m.}" for d in ticks], ylabel="Antworten bis dahin", ylim=(0, None))
    ax.yaxis.set_major_formatter(lambda y, _: zahl(y))
    half = days.index[(days.anteil >= 0.5).to_numpy()][0]
    weeks = days.antworten.groupby((days.index - days.index[0]).days // 7).sum()
    return figures.abbildung(
        figure,
        name="verlauf",
        titel="Wie die Antworten eingingen",
        einheit="Zahl der Antworten bis zu jedem Tag",
        quelle=quelle(p),
        alternativtext=f"Stufenlinie vom {datum(days.index[0])} bis zum {datum(days.index[-1])}. Die Hälfte der "
        f"{zahl(int(days.antworten.sum()))} Antworten war am {datum(half)} da.",
        daten=tables.tabelle(
            [tables.Spalte("Woche der Befragung"), tables.Spalte("Antworten"), tables.Spalte("bis dahin")],
            [
                tables.Gruppe(
                    [
                        [f"{week + 1}. Woche", zahl(int(count)), zahl(int(done))]
                        for week, count, done in zip(weeks.index, weeks, weeks.cumsum(), strict=True)
                    ]
                )
            ],
            titel="Antworten je Woche",
            quelle=quelle(p),
        ),
    )


def passung(p: Befragungsprofil) -> Ausgabe:
    """Shares of the respondents beside those of the population, before and after weighting."""
    g = p.gewichtung
    if not g.raender:
        return outputs.hinweis(
            "Nicht geprüft: Passen die Antwortenden zur Bevölkerung?",
            ["Die Anteile sind nicht an die Bevölkerung angepasst. Gründe: "
             + "; ".join(f"{_german_margin(what)}: {why}" for what, why in g.ausgelassen.items()) + "."],
            wichtig=True,
        )  # fmt: skip
    groups = []
    for key, rand in g.raender.items():
        merkmal, counts = _flat(g, key, rand)
        table = representativeness.compare(merkmal, counts, {"gewichtet": g.design.gewicht})
        names = [key] if isinstance(key, str) else list(key)
        rows = [
            [
                "ohne Angabe" if pd.isna(label) else _label(p, label),
                _few(int(row.n)),
                "entfällt" if pd.isna(label) else prozent(row.anteil_rand),
                "entfällt" if pd.isna(label) else prozent(row.anteil_ungewichtet),
                "entfällt" if pd.isna(label) else prozent(row.anteil_gewichtet),
            ]
            for label, row in table.iterrows()
        ]
        groups.append(tables.Gruppe(rows, titel=" und ".join(RAENDER.get(n, n) for n in names)))
    where = {"register": "Melderegister", "ziehung": "Datei der Ziehung"}[g.bevoelkerung]
    return tables.tabelle(
        [tables.Spalte("Gruppe"), tables.Spalte("Antworten (n)"), tables.Spalte("Anteil in der Bevölkerung"),
         tables.Spalte("Anteil der Antworten"), tables.Spalte("nach Gewichtung")],
        groups,
        titel="Wie gut die Antwortenden zur Bevölkerung passen",
        quelle=f"{quelle(p)}; Bevölkerung: {where}{_on_day(p)}",
        name="passung",
        hinweise=["Gewichtung: Wer zu einer Gruppe gehört, die selten antwortet, zählt mehr. Die Anteile nach "
                  "Gewichtung sind darum vorgegeben, keine Ergebnisse. Unterschiede, die mit Alter, Geschlecht und "
                  "Raum nichts zu tun haben, gleicht sie nicht aus."],
    )  # fmt: skip


def _on_day(p: Befragungsprofil) -> str:
    day = p.befragung.angaben.get("ziehung", {}).get("stichtag")
    return f" am {datum(day)}" if day else ""


def _flat(g: Gewichtung, key, rand: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Categories of a margin as single labels, for the respondents and the population."""
    if isinstance(key, str):
        return g.merkmale[key], rand
    parts = g.merkmale[list(key)]
    first, *others = (parts[name].astype("string") for name in key)
    return first.str.cat(others, sep="|"), rand.set_axis(["|".join(map(str, pair)) for pair in rand.index])


def _label(p: Befragungsprofil, label: str) -> str:
    names = area_names(p.befragung)
    return ", ".join(names.get(part, _WERTE.get(part, part.replace("-", " bis "))) for part in str(label).split("|"))


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
    lacking = aufzaehlung([f"{_few(n)} {_GRUND.get(why, why)}" for why, n in p.einkommen.ohne.items()]) or "niemand"
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


def _few(n: int) -> str:
    """Number of respondents, unless it would speak of single ones."""
    return zahl(n) if n == 0 or n >= MINDESTENS else f"weniger als {MINDESTENS}"


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
        ["Geheimhaltung (.)", "Felder mit 1 oder 2 Personen und alle, aus denen man sie errechnen könnte"],
    ]  # fmt: skip
    if p.einkommen is not None and p.einkommen.pareto is not None:
        rows.append([
            "oberste Einkommensklasse", f"Pareto-Verteilung, Mitte {zahl(p.einkommen.pareto[1])}{NBSP}€ "
            f"(Exponent {zahl(p.einkommen.pareto[0], 2)})"
        ])  # fmt: skip
    rows += _notes(p)
    rows.append(["Prüfsumme der Daten (SHA-256, Anfang)", p.befragung.sha256[:16]])
    return tables.tabelle(
        [tables.Spalte("Schritt"), tables.Spalte("Wie es gemacht wurde", zahl=False)],
        [tables.Gruppe(rows)],
        titel="Wie gerechnet wurde",
        quelle=quelle(p),
        name="methode",
    )


def _notes(p: Befragungsprofil) -> list[list[str]]:
    """What the reader of the data noticed: contradictions between answers and filters, rows left out."""
    checked = p.pruefungen[p.pruefungen.anzahl > 0]
    rows = [
        [
            f"geprüft: {_PRUEFUNGEN.get(name, name)}",
            f"bei {len(part)} Angaben, zusammen {zahl(int(part.anzahl.sum()))}-mal",
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


def _german_margin(what: str) -> str:
    return " × ".join(RAENDER.get(n, n) for n in what.split(" × "))


def _calibration_text(g: Gewichtung) -> str:
    if g.bericht is None:
        return "keine (" + "; ".join(f"{_german_margin(what)}: {why}" for what, why in g.ausgelassen.items()) + ")"
    names = [" × ".join(RAENDER.get(n, n) for n in ([key] if isinstance(key, str) else key)) for key in g.raender]
    left = "".join(f"; nicht verwendet: {_german_margin(what)} ({why})" for what, why in g.ausgelassen.items())
    return f"Raking auf {aufzaehlung(names)} in {g.bericht.durchgaenge} Durchgängen{left}"


def wortlaut(p: Befragungsprofil) -> Ausgabe:
    """Questions as they were asked, whom, and how many answered."""
    missing = interview.item_nonresponse(p.befragung.daten, p.befragung.codebuch)
    design = p.befragung.angaben.get("design", {})
    rows, technical = [], {design.get(role) for role in ("gewicht", "schicht", "cluster")}
    for frage in p.befragung.codebuch.fragen:
        here = missing[missing.frage == frage.key]
        if frage.typ in ("technisch", "datum", "offen") or here.empty or set(here.index) & technical:
            continue
        asked, answered = int(here.gezeigt.max()), int(here.beantwortet.max())
        who = base_text(frage, p.befragung.codebuch) if frage.filter else "alle Befragten"
        rows.append([frage.text or frage.key, who, _few(asked), _few(answered)])
    return tables.tabelle(
        [tables.Spalte("Wortlaut"), tables.Spalte("Von wem", zahl=False), tables.Spalte("gefragt"),
         tables.Spalte("beantwortet")],
        [tables.Gruppe(rows)],
        titel="Die Fragen",
        quelle=quelle(p),
        name="wortlaut",
        hinweise=["Bei Fragen mit mehreren Angaben: die Angabe mit den meisten Antworten."],
    )  # fmt: skip
