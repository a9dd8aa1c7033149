"""The Steckbrief of a Kreis: what `notebooks/01_steckbrief.ipynb` shows, one function per cell."""

import datetime as dt

import pandas as pd

from analysis import figures, outputs, tables
from analysis.bildtexte import pyramide as bildtexte
from analysis.catalogue import Indikator
from analysis.einwohner import ALTERSGRUPPEN
from analysis.kreisprofil import Kreisprofil
from analysis.observations import GUETEN
from analysis.outputs import Ausgabe, Folge
from analysis.plots import kreise
from analysis.plots import pyramide as drawing
from analysis.regeltexte import nicht_gezeigt
from analysis.steckbrieftexte import population_days, same_as_median
from analysis.trends.aussage import GEPRUEFT, WORTE
from analysis.wording import NBSP, aufzaehlung, datum, einheit_text, intervalltext, wert, zahl

TREND = (
    "Trend: die fünf neuesten vergleichbaren Jahre. „steigt“ und „sinkt“ heißt, dass Zufall nahezu ausgeschlossen ist "
    "(99,8 %)."
)

LAGE = {
    "hoeher": "höher",
    "niedriger": "niedriger",
    "zufall": "Zufall möglich",
    "ungeprueft": "nicht prüfbar",
}
"""Place against the median → how the table says it."""


def kopf(s: Kreisprofil, sprache: str = "de") -> Ausgabe:
    """Head of the report; `sprache` is the language of the page's fixed words (`de`, `en`)."""
    others = f"im Vergleich von {s.kreise()} {s.gebiet.rahmen}" if s.anzahl > 1 else s.gebiet.wo
    days = s.compared.stichtag if s.anzahl > 1 else s.vergleich.stichtag
    years = aufzaehlung(
        [str(year) for year in sorted({day.year for day in (days if len(days) else s.bevoelkerung.index)})]
    )
    return outputs.kopf(
        titel=f"Steckbrief {s.gebiet.amtlich}",
        untertitel=f"Bevölkerung, Arbeit und Grundsicherung {others}",
        stand=f"{'Vergleichszahlen' if s.anzahl > 1 else 'Zahlen'} von {years}. "
        + ("Kreis und Zahlen sind erfunden." if s.kreis.erfunden else "Heute können die Verhältnisse anders sein."),
        sprache=sprache,
    )


def bevoelkerung(s: Kreisprofil) -> Folge:
    """Age groups, and the population pyramid where there is one."""
    return Folge(tuple(filter(None, [altersaufbau(s), pyramide(s)])))


def pyramide(s: Kreisprofil) -> Ausgabe | None:
    """Population by age and sex on the newest day, with the oldest day as outline; None where it cannot be shown."""
    if s.alter.empty:
        return None
    days = sorted(s.alter.stichtag.unique())
    now, before = (s.alter[s.alter.stichtag == day] for day in (days[-1], days[0]))
    outline = before if len(days) > 1 and set(before.alter) == set(now.alter) else None
    figure, (ax,) = figures.new_figure(5.2)
    drawing.pyramide(ax, now, vergleich=outline, vergleich_text=datum(days[0]))
    titel = f"Bevölkerung nach Alter und Geschlecht {s.gebiet.wo}, {datum(days[-1])}"
    named = s.genannt(["melderegister"])
    quelle = (
        f"{named}. Stand: {aufzaehlung([datum(day) for day in (days[:1] if outline is not None else []) + days[-1:]])}"
    )
    wide = now.pivot(index="alter", columns="geschlecht", values="personen").sort_index()
    width = int(wide.index[1] - wide.index[0])
    rows = [
        [f"{age} und älter" if age == wide.index[-1] else f"{age} bis {age + width - 1}", zahl(row.m), zahl(row.w)]
        for age, row in wide.iterrows()
    ]
    return figures.abbildung(
        figure,
        name="pyramide",
        titel=titel,
        einheit="Personen mit Hauptwohnung nach dem Melderegister",
        quelle=quelle,
        alternativtext=bildtexte.pyramide(now, vergleich=outline, vergleich_text=datum(days[0])),
        daten=tables.tabelle(
            [tables.Spalte("Alter in Jahren"), tables.Spalte("Männer"), tables.Spalte("Frauen")],
            [tables.Gruppe(rows)],
            titel=titel,
            quelle=quelle,
            hinweise=["Das Melderegister zählt etwas anders als die amtliche Statistik. Menschen mit anderem oder "
                      "ohne Eintrag zum Geschlecht sind nicht enthalten."],
        ),
    )  # fmt: skip


def altersaufbau(s: Kreisprofil) -> Ausgabe:
    """Age groups of the Kreis beside those of all compared Kreise together."""
    complete = s.altersgruppen.reindex(columns=["bevoelkerung", *ALTERSGRUPPEN]).dropna()
    if s.klein:
        few = f"Von Gebieten mit weniger als {s.regeln.mindesteinwohner} Menschen zeigen wir nur deren Zahl."
        return outputs.hinweis("Kleine Gebiete", [few])
    if s.gebiet.ags not in complete.index:
        return outputs.saetze(["Zum Altersaufbau liegen keine vollständigen Zahlen vor."])
    counts = complete.loc[[s.gebiet.ags]].set_axis([s.gebiet.name])
    titel = f"Altersaufbau {s.gebiet.wo}"
    if len(complete) > 1:
        counts.loc[f"Alle {len(complete)} {s.gebiet.woerter.mehrzahl}"] = complete.sum()
        titel += f" und in allen {len(complete)} {s.gebiet.woerter.dativ} zusammen"
    shares = counts[ALTERSGRUPPEN].div(counts.bevoelkerung, axis=0)
    prozent = shares.map(lambda share: f"{zahl(share * 100, 1)}{NBSP}%")
    namen = dict(zip(ALTERSGRUPPEN, ["unter 18", "18 bis 64", "ab 65 Jahre"], strict=True))
    figure, (ax,) = figures.new_figure(0.8 + 0.6 * len(counts))
    kreise.anteile(ax, shares, list(namen.values()))
    texts = [f"{bar}: {aufzaehlung([f'{prozent.loc[bar, g]} {n}' for g, n in namen.items()])}" for bar in counts.index]
    rows = [
        [n, *(text for bar in counts.index for text in (zahl(counts.loc[bar, g]), prozent.loc[bar, g]))]
        for g, n in namen.items()
    ]
    total = ["insgesamt", *(text for bar in counts.index for text in (zahl(counts.bevoelkerung[bar]), "100 %"))]
    quelle = s.quelle(s.available(["anteil_unter_18"]))
    return figures.abbildung(
        figure,
        name="altersaufbau",
        titel=titel,
        einheit="Anteile an der Bevölkerung in Prozent",
        quelle=quelle,
        alternativtext=f"Gestapelte Balken. {'. '.join(texts)}.",
        daten=tables.tabelle(
            [
                tables.Spalte("Altersgruppe"),
                *(tables.Spalte(titel) for bar in counts.index for titel in (bar, f"Anteil {bar}")),
            ],
            [tables.Gruppe([*rows, total])],
            titel=titel,
            quelle=quelle,
            hinweise=["Durch Runden kann die Summe der Anteile von 100 % abweichen."],
        ),
    )


def streifen(s: Kreisprofil, ids: list[str], *, name: str, titel: str) -> Ausgabe | None:
    """Several indicators as strips below each other, this Kreis set off among all others.

    None for an area of which nothing is shown.
    """
    ids = s.available(ids)
    if s.klein:
        return None
    ids = [id for id in ids if id not in s.gruppe.ohne] or ids
    if not ids:
        return outputs.saetze([f"{titel}: Dazu liegen keine Zahlen vor."])
    if not set(ids) & set(s.compared.index):
        return outputs.saetze([f"{titel}: Ein Vergleich ist nicht möglich. {_uncompared(s, ids[0])}"])
    figure, axes = figures.new_figure(1.05 * len(ids), len(ids))
    for ax, id in zip(axes, ids, strict=True):
        kreise.streifen(ax, s.werte[s.werte.indikator == id], s.gebiet.ags, s.indikator(id))
    places = aufzaehlung([f"{s.indikator(id).kurz} {s.wert(id)}{s.rang(id, kurz=True)}" for id in ids])
    return figures.abbildung(
        figure,
        name=name,
        titel=f"{titel}: {s.gebiet.name} (Raute) unter {s.kreise(ids)}; senkrechter Strich: Median",
        einheit="Einheit an jeder Achse; Achsen beginnen nicht bei null",
        quelle=s.quelle(ids),
        alternativtext=f"Punktstreifen mit {s.kreise(ids)}. {s.gebiet.name}: {places}.",
        daten=_comparison_table(s, ids, titel),
    )


def _uncompared(s: Kreisprofil, id: str) -> str:
    return s.allein(id) if id in s.gruppe.ohne else f"Nur für {s.gebiet.woerter.dieser} liegen Zahlen vor."


def punkte(s: Kreisprofil, id: str) -> Ausgabe | None:
    """One indicator for all Kreise by name, from high to low; None for an area of which nothing is shown."""
    there = s.available([id])
    if s.klein:
        return None
    if not there:
        return outputs.saetze([f"{s.indikator(id).label}: Dazu liegen keine Zahlen vor."])
    id = there[0]
    indikator = s.indikator(id)
    werte = s.werte[s.werte.indikator == id].dropna(subset="anteil")
    if len(werte) == 1:
        return outputs.saetze([f"{indikator.label}: Ein Vergleich ist nicht möglich. {_uncompared(s, id)}"])
    figure, (ax,) = figures.new_figure(0.6 + 0.26 * len(werte))
    kreise.punkte(ax, werte, s.gebiet.ags, indikator)
    low, high = werte.loc[werte.anteil.idxmin()], werte.loc[werte.anteil.idxmax()]
    ordered = werte.sort_values(["anteil", "name"], ascending=[False, True]).reset_index(drop=True)
    quelle = s.quelle([id])
    return figures.abbildung(
        figure,
        name=id,
        titel=f"{indikator.label} in {len(werte)} {s.gebiet.woerter.dativ}, {s.stand(id)}",
        einheit=_unit_long(indikator),
        quelle=quelle,
        alternativtext=f"Punktdiagramm mit {len(werte)} {s.gebiet.woerter.dativ} von "
        f"{wert(low.anteil, indikator)} ({low['name']}) bis {wert(high.anteil, indikator)} ({high['name']}). "
        f"{s.gebiet.name} hat {s.wert(id)}{s.rang(id)}, der Median ist {s.median(id)}.",
        daten=tables.tabelle(
            [tables.Spalte(titel) for titel in (s.gebiet.woerter.einzahl, "Wert", "Schwankungsbereich (95 %)")],
            [tables.Gruppe(
                [[r.name, wert(r.anteil, indikator), intervalltext(r, indikator)] for r in ordered.itertuples()],
                hervor=[int(i) for i in ordered.index[ordered.ags == s.gebiet.ags]],
            )],
            titel=f"{indikator.label}, {s.stand(id)}",
            quelle=quelle,
        ),
    )  # fmt: skip


def uebersicht(s: Kreisprofil) -> Ausgabe:
    """Population, and all indicators with interval, median, rank and date, grouped by Lebenslage."""
    return _comparison_table(s, list(s.vergleich.index), f"Alle Kennzahlen {s.gebiet.wo}", grouped=True)


def _comparison_table(s: Kreisprofil, ids: list[str], titel: str, grouped: bool = False) -> Ausgabe:
    lebenslagen: dict[str, list[str]] = {}
    for id in ids:
        lebenslagen.setdefault(s.indikator(id).lebenslage if grouped else "", []).append(id)
    compared = s.anzahl > 1  # a Kreis alone has no place among others
    rank = "Rang 1 ist der höchste Wert. " if compared else ""
    hinweise = [
        f"{rank}„rund“: vorsichtige Näherung, weil die Quelle keine Anzahlen nennt. Als Bezug dient die Bevölkerung am "
        "nächstgelegenen Stichtag, höchstens ein Jahr entfernt. „nicht berechenbar“: Es fehlt jede Angabe zur Zahl der "
        "Fälle, oder die Fälle hängen zu eng zusammen."
    ]
    spalten = [tables.Spalte("Kennzahl"), tables.Spalte("Wert"), tables.Spalte("Schwankungsbereich (95 %)"),
               tables.Spalte("Median"), tables.Spalte("Abstand zum Median", zahl=False), tables.Spalte("Rang"),
               tables.Spalte("Stand", zahl=False)]  # fmt: skip
    shown = [*range(7)] if compared else [0, 1, 2, 6]
    if grouped and s.aussagen.aussage.isin(GEPRUEFT).any():
        spalten.append(tables.Spalte("Trend", zahl=False))
        shown.append(7)
        hinweise.append(TREND)
    if s.gebiet.ebene != "kreis":
        hinweise.append(nicht_gezeigt(s.regeln))
    people = (
        [_population_row(s, day) for day in sorted(set(population_days(s)))] if grouped and len(s.bevoelkerung) else []
    )
    groups = {"Bevölkerung": people} if people else {}
    groups |= {lebenslage: [_comparison_row(s, id) for id in group] for lebenslage, group in lebenslagen.items()}
    return tables.tabelle(
        [spalten[n] for n in shown],
        [tables.Gruppe([[row[n] for n in shown] for row in rows], titel=title) for title, rows in groups.items()],
        titel=f"{titel} im Vergleich von {s.kreise(ids)}" if set(ids) & set(s.compared.index) else titel,
        name="kennzahlen" if grouped else "",
        quelle=s.quelle(ids, list(s.bevoelkerung.quelle.loc[list(population_days(s))]) if people else []),
        hinweise=hinweise if grouped else None,
    )  # fmt: skip


def _comparison_row(s: Kreisprofil, id: str) -> list[str]:
    row, indikator = s.vergleich.loc[id], s.indikator(id)
    alone = pd.isna(row.rang)
    guete = [GUETEN[g] for g in row.guete.split(" · ") if g]
    return [
        indikator.label,
        f"{s.wert(id)} ({', '.join(guete)})" if guete else s.wert(id),
        intervalltext(row, indikator),
        "kein Vergleich" if alone else s.median(id),
        "entfällt" if alone else "keiner" if same_as_median(s, id) else LAGE[row.lage],
        "entfällt" if alone else f"{row.rang:.0f}{NBSP}von{NBSP}{row.anzahl:.0f}{' (geteilt)' if row.geteilt else ''}",
        s.stand(id).replace(NBSP, " "),
        WORTE[s.aussagen.aussage[id]],
    ]


def _population_row(s: Kreisprofil, day: dt.date) -> list[str]:
    alone = ["kein Vergleich", "entfällt", "entfällt"]
    return ["Bevölkerung", zahl(s.bevoelkerung.wert[day]), "entfällt: gezählt", *alone, datum(day), "nicht geprüft"]


def _unit_long(indikator: Indikator) -> str:
    words = {"prozent": "in Prozent", "eur": "in Euro"}
    unit = words.get(indikator.einheit) or f"Anzahl {einheit_text(indikator.einheit)}"
    return f"{unit}; Achse beginnt nicht bei null"
