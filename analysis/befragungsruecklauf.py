"""Who answered a survey, for its report: response, when answers came, how the respondents fit the population."""

from collections.abc import Iterable

import pandas as pd

from analysis import figures, outputs, tables
from analysis.befragungsgebiete import area_names
from analysis.befragungsprofil import Befragungsprofil
from analysis.befragungstexte import RAENDER, personen, prozent, quelle, rand_text
from analysis.errors import InputError
from analysis.outputs import Ausgabe, Folge
from analysis.survey import interview, representativeness, response
from analysis.survey.befragungsdesign import Gewichtung
from analysis.survey.cell_suppression import hidden_counts
from analysis.survey.reliability import GEHEIM
from analysis.survey.tabulate import GESAMT
from analysis.wording import datum, zahl

_WERTE = {"weiblich": "Frauen", "maennlich": "Männer"}


def ruecklauf_und_verlauf(p: Befragungsprofil) -> Folge:
    """How many answered, and when."""
    return Folge((ruecklauf(p), verlauf(p)))


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
        ["abgebrochen vor der Hälfte der Fragen, zählen nicht", personen(p, p.abgebrochen)],
    ]
    if p.quoten is not None:
        q = p.quoten.iloc[0]
        rows.append(["Antwortquote (AAPOR RR2: vollständig oder zum größten Teil beantwortet)", prozent(q.RR2)])
        rows.append(["nur vollständig beantwortet (AAPOR RR1)", prozent(q.RR1)])
    modes = _by_mode(p)
    for text, number in zip(modes, _counts(p, modes.values()), strict=True):
        rows.append([f"geantwortet: {text}", number])
    groups = [tables.Gruppe(rows)]
    if p.ziehung is not None and "raum" in p.ziehung:
        names = area_names(p.befragung)
        answered = response.response_by(p.ziehung, "raum")
        by_area = [
            [
                names.get(key, key),
                number if number == GEHEIM else f"{prozent(r.anteil)} ({number} von {zahl(r.erreicht)})",
            ]
            for (key, r), number in zip(answered.iterrows(), _counts(p, answered.n_geantwortet), strict=True)
        ]
        titel = "Antwortquote nach Räumen (geantwortet, auch mit Abbruch, von denen, die Post bekamen)"
        groups.append(tables.Gruppe(by_area, titel=titel))
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


def _counts(p: Befragungsprofil, counts: Iterable[int]) -> list[str]:
    """Numbers of respondents whose sum is known, the sign of secrecy instead of those that must not be seen."""
    counts = [int(count) for count in counts]
    hidden = hidden_counts(counts, p.regel.kleinste)
    return [GEHEIM if secret else zahl(count) for count, secret in zip(counts, hidden, strict=True)]


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
             + "; ".join(f"{rand_text(what)}: {why}" for what, why in g.ausgelassen.items()) + "."],
            wichtig=True,
        )  # fmt: skip
    groups = []
    for key, rand in g.raender.items():
        merkmal, counts = _flat(g, key, rand)
        table = representativeness.compare(merkmal, counts, {"gewichtet": g.design.gewicht})
        names = [key] if isinstance(key, str) else list(key)
        secret = "geschlecht" in names and _secret(p, p.auswertung.geschlecht[0])
        counts = [GEHEIM] * len(table) if secret else _counts(p, table.n)
        rows = [
            ["ohne Angabe", number, *["entfällt"] * 3]
            if pd.isna(label)
            else [
                _label(p, label),
                number,
                prozent(row.anteil_rand),
                GEHEIM if number == GEHEIM else prozent(row.anteil_ungewichtet),
                prozent(row.anteil_gewichtet),
            ]
            for (label, row), number in zip(table.iterrows(), counts, strict=True)
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


def _secret(p: Befragungsprofil, merkmal: str) -> bool:
    """Whether an answer to a question is secret in the whole Kreis: then the numbers of the others would tell it."""
    return bool((p.fragen[(p.fragen.raum == GESAMT) & (p.fragen.merkmal == merkmal)].grund == "geheim").any())


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
