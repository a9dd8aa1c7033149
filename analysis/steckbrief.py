"""The Steckbrief of a Kreis: what `notebooks/01_steckbrief.ipynb` shows, one function per cell."""

import datetime as dt
from functools import partial

import pandas as pd

from analysis import figures, outputs, tables
from analysis.catalogue import Indikator
from analysis.einwohner import ALTERSGRUPPEN
from analysis.kreisprofil import Kreisprofil
from analysis.observations import GUETEN
from analysis.outputs import Ausgabe
from analysis.plots import kreise
from analysis.regions import aenderungen, name
from analysis.wording import NBSP, aufzaehlung, datum, einheit_text, intervalltext, rang, von_hundert, wert, zahl

HAUPTKENNZAHLEN = [
    "anteil_unter_18",
    "anteil_ab_65",
    "auslaenderanteil",
    "arbeitslosenquote",
    "langzeitarbeitslosenanteil",
    "personen_in_bg",
    "kinder_unter_personen_in_bg",
    "grundsicherung_ab_18",
    "hilfe_zum_lebensunterhalt",
    "asylblg",
]
"""Indicators that the summary looks at; the others are made of the same figures."""


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
    years = aufzaehlung([str(year) for year in sorted({day.year for day in days})])
    return outputs.kopf(
        titel=f"Steckbrief {s.gebiet.amtlich}",
        untertitel=f"Bevölkerung, Arbeit und Grundsicherung {others}",
        stand=f"{'Vergleichszahlen' if s.anzahl > 1 else 'Zahlen'} von {years}. "
        + ("Kreis und Zahlen sind erfunden." if s.kreis.erfunden else "Heute können die Verhältnisse anders sein."),
        sprache=sprache,
    )


def in_kuerze(s: Kreisprofil) -> Ausgabe:
    """The most important in short sentences."""
    absaetze = ["Diesen Kreis gibt es nicht. Alle seine Zahlen sind erfunden."] if s.kreis.erfunden else []
    absaetze += _population(s)
    if len(s.available(["anteil_unter_18", "anteil_ab_65"])) == 2:
        jung, alt = s.vergleich.anteil["anteil_unter_18"], s.vergleich.anteil["anteil_ab_65"]
        absaetze.append(
            f"{_capital(von_hundert(jung))} waren noch keine 18{NBSP}Jahre alt ({s.wert('anteil_unter_18')}). "
            f"{_capital(von_hundert(alt))} waren 65{NBSP}Jahre alt oder mehr ({s.wert('anteil_ab_65')}, "
            f"{s.stand('anteil_ab_65')})."
        )
    if s.available(["arbeitslosenquote"]):
        absaetze.append(
            f"{_capital(von_hundert(s.vergleich.anteil['arbeitslosenquote']))} waren arbeitslos "
            f"({s.wert('arbeitslosenquote')}, im Mittel von {s.vergleich.stichtag['arbeitslosenquote'].year}). "
            "Hier zählt nur, wer Arbeit hat oder sucht."
        )
    if s.available(["personen_in_bg"]):
        absaetze.append(
            f"Die Quote der Menschen, die mit Geld vom Jobcenter leben, lag bei {s.wert('personen_in_bg')} "
            f"({s.stand('personen_in_bg')})."
        )
    if s.available(["kinder_unter_personen_in_bg"]):
        children = _capital(von_hundert(s.vergleich.anteil["kinder_unter_personen_in_bg"]))
        absaetze.append(
            f"{children} Menschen, die mit Geld vom Jobcenter leben, waren Kinder "
            f"({s.wert('kinder_unter_personen_in_bg')}, {s.stand('kinder_unter_personen_in_bg')}). "
            f"Als Kind zählt, wer unter 18{NBSP}Jahre alt und ledig ist."
        )
    absaetze += [*_extremes(s), *_territory(s)]
    return outputs.kuerze(
        absaetze or [f"Zu den wichtigsten Kennzahlen liegen für {s.gebiet.woerter.dieser} keine Zahlen vor."]
    )


def _population(s: Kreisprofil) -> list[str]:
    """Population at the day of the age groups, and the newest one if that is later, with the breaks between them."""
    if s.bevoelkerung.empty:
        return []
    compared, newest = _population_days(s)
    first = f"{s.gebiet.woerter.hier} lebten {zahl(s.bevoelkerung.wert[compared])} Menschen ({datum(compared)})."
    if newest == compared:
        return [first]
    later = f"Am {datum(newest)} waren es {zahl(s.bevoelkerung.wert[newest])}."
    breaks = [b.grund for b in s.indikator("anteil_unter_18").brueche if compared < b.datum <= newest]
    caution = [f"Man kann die zwei Zahlen nicht gut vergleichen ({'; '.join(breaks)})."] if breaks else []
    return [" ".join([first, later, *caution])]


def _population_days(s: Kreisprofil) -> tuple[dt.date, dt.date]:
    """Days of the populations that the report names: that of the age groups, and the newest."""
    newest = s.bevoelkerung.index[-1]
    return s.vergleich.stichtag.get("anteil_unter_18", newest), newest


def _extremes(s: Kreisprofil) -> list[str]:
    """Main indicators at which the Kreis is among the three highest or lowest, unless that may be chance."""
    placed = s.vergleich.loc[s.available(HAUPTKENNZAHLEN)]
    # among six or fewer, the three highest and the three lowest would be everybody
    placed = placed[placed.rang.notna() & (placed.lage != "zufall") & (placed.anzahl > 6)]
    ends = [("höchsten", placed[placed.rang <= 3]), ("niedrigsten", placed[placed.rang_von_unten <= 3])]
    return [
        " ".join(
            [
                f"Hier hat {s.gebiet.woerter.der} einen der drei {word} Werte.",
                *map(partial(_place, s), rows.index),
            ]
        )
        for word, rows in ends
        if len(rows)
    ]


def _place(s: Kreisprofil, id: str) -> str:
    """Place of one indicator in the summary's words."""
    row, indikator = s.vergleich.loc[id], s.indikator(id)
    sentence = (
        f"{indikator.einfach or indikator.kurz}: Rang{NBSP}{row.rang:.0f} von{NBSP}{row.anzahl:.0f} ({s.wert(id)})."
    )
    return sentence + (" Ob das Zufall ist, weiß man nicht." if row.lage == "ungeprueft" else "")


def _territory(s: Kreisprofil) -> list[str]:
    """Territorial changes after the oldest of the figures that a reader must know of."""
    days = s.compared.stichtag if s.anzahl > 1 else s.vergleich.stichtag
    ags, later = s.kreis.ags, [a for a in aenderungen() if a.datum > days.min()]
    gone = [f"{a.anlass} Das war am {datum(a.datum)}." for a in later if a.von == ags]
    grown = [
        f"Zahlen aus der Zeit vor dem {datum(a.datum)} gelten ohne {name(a.von)}. "
        "Für den heutigen Kreis können Werte und Ränge anders sein."
        for a in later
        if a.nach == ags
    ]
    return gone + grown


def altersaufbau(s: Kreisprofil) -> Ausgabe:
    """Age groups of the Kreis beside those of all compared Kreise together."""
    complete = s.altersgruppen.reindex(columns=["bevoelkerung", *ALTERSGRUPPEN]).dropna()
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
    quelle = s.quelle(["anteil_unter_18"])
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


def streifen(s: Kreisprofil, ids: list[str], *, name: str, titel: str) -> Ausgabe:
    """Several indicators as strips below each other, this Kreis set off among all others."""
    ids = s.available(ids)
    if not ids:
        return outputs.saetze([f"{titel}: Dazu liegen keine Zahlen vor."])
    if not set(ids) & set(s.compared.index):
        return outputs.saetze(
            [f"{titel}: Ein Vergleich ist nicht möglich, weil nur für {s.gebiet.woerter.dieser} Zahlen vorliegen."]
        )
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


def punkte(s: Kreisprofil, id: str) -> Ausgabe:
    """One indicator for all Kreise by name, from high to low."""
    if not s.available([id]):
        return outputs.saetze([f"{s.indikator(id).label}: Dazu liegen keine Zahlen vor."])
    indikator = s.indikator(id)
    werte = s.werte[s.werte.indikator == id].dropna(subset="anteil")
    if len(werte) == 1:
        return outputs.saetze([f"{indikator.label}: Ein Vergleich ist nicht möglich, weil nur dieser Wert vorliegt."])
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
        f"{s.gebiet.name} hat {s.wert(id)}"
        f"{s.rang(id)}, der Median ist {s.median(id)}.",
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


def saetze(s: Kreisprofil, ids: list[str]) -> Ausgabe:
    """A paragraph per indicator: value, place among the Kreise, and whether the difference may be chance."""
    return outputs.saetze([_sentence(s, id) for id in s.available(ids)] or ["Dazu liegen keine Zahlen vor."])


def kurzsatz(s: Kreisprofil, id: str) -> Ausgabe:
    """Summary of a report on a single indicator, in easy words."""
    if not s.available([id]):
        return outputs.kuerze(["Dazu liegen keine Zahlen vor."])
    row, indikator = s.vergleich.loc[id], s.indikator(id)
    first = f"{indikator.einfach or indikator.kurz}: {s.wert(id)} ({s.stand(id)})."
    if pd.isna(row.rang):
        return outputs.kuerze([first])
    place = f"Das ist Rang{NBSP}{row.rang:.0f} von{NBSP}{row.anzahl:.0f}. Rang{NBSP}1 ist der höchste Wert."
    chance = {
        "hoeher": "Der Wert liegt höher als der Median.",
        "niedriger": "Der Wert liegt tiefer als der Median.",
        "zufall": "Ob er höher oder tiefer als der Median liegt, kann Zufall sein.",
        "ungeprueft": "Ob der Abstand zum Median Zufall ist, weiß man nicht.",
    }
    return outputs.kuerze([first, f"{place} {chance[row.lage]}"])


def _sentence(s: Kreisprofil, id: str) -> tuple[str, str]:
    indikator, row = s.indikator(id), s.vergleich.loc[id]
    begin = f"{indikator.label}: {s.wert(id)}"
    when = f"({'; '.join(filter(None, [s.stand(id), s.gezaehlt(id)]))})."
    if pd.isna(row.rang):
        return begin, when if s.anzahl == 1 else f"{when} Für andere {s.gebiet.woerter.mehrzahl} liegt kein Wert vor."
    if _same_as_median(s, id):
        return begin, f"{when} Das entspricht dem Median von {row.anzahl:.0f}{NBSP}{s.gebiet.woerter.dativ}."
    shared = f", zusammen mit mindestens {s.gebiet.woerter.anderer}," if row.geteilt else ""
    place = (
        f"{when} Das ist{shared} der {rang(int(row.rang), int(row.rang_von_unten))} Wert von "
        f"{row.anzahl:.0f}{NBSP}{s.gebiet.woerter.dativ}. Der Median ist {s.median(id)}."
    )
    return begin, place + {
        "hoeher": " Der Abstand ist größer als der Schwankungsbereich.",
        "niedriger": " Der Abstand ist größer als der Schwankungsbereich.",
        "zufall": " Der Abstand liegt im Rahmen des Zufalls.",
        "ungeprueft": " Ob der Abstand Zufall ist, lässt sich nicht prüfen.",
    }[row.lage]


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
    shown = range(len(spalten)) if compared else (0, 1, 2, 6)
    people = (
        [_population_row(s, day) for day in sorted(set(_population_days(s)))] if grouped and len(s.bevoelkerung) else []
    )
    groups = {"Bevölkerung": people} if people else {}
    groups |= {lebenslage: [_comparison_row(s, id) for id in group] for lebenslage, group in lebenslagen.items()}
    return tables.tabelle(
        [spalten[n] for n in shown],
        [tables.Gruppe([[row[n] for n in shown] for row in rows], titel=title) for title, rows in groups.items()],
        titel=f"{titel} im Vergleich von {s.kreise(ids)}" if set(ids) & set(s.compared.index) else titel,
        name="kennzahlen" if grouped else "",
        quelle=s.quelle(ids, list(s.bevoelkerung.quelle.loc[list(_population_days(s))]) if people else []),
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
        "entfällt" if alone else "keiner" if _same_as_median(s, id) else LAGE[row.lage],
        "entfällt" if alone else f"{row.rang:.0f}{NBSP}von{NBSP}{row.anzahl:.0f}{' (geteilt)' if row.geteilt else ''}",
        s.stand(id).replace(NBSP, " "),
    ]


def _population_row(s: Kreisprofil, day: dt.date) -> list[str]:
    alone = ["kein Vergleich", "entfällt", "entfällt"]
    return ["Bevölkerung", zahl(s.bevoelkerung.wert[day]), "entfällt: gezählt", *alone, datum(day)]


def _same_as_median(s: Kreisprofil, id: str) -> bool:
    """Whether value and median are the same as a reader sees them."""
    return s.wert(id) == s.median(id)


def _unit_long(indikator: Indikator) -> str:
    words = {"prozent": "in Prozent", "eur": "in Euro"}
    unit = words.get(indikator.einheit) or f"Anzahl {einheit_text(indikator.einheit)}"
    return f"{unit}; Achse beginnt nicht bei null"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
