"""What the Steckbrief says in sentences: the most important in short, a paragraph per indicator."""

import datetime as dt
from functools import partial

import pandas as pd

from analysis import outputs
from analysis.kleinezahlen import ZU_KLEIN
from analysis.kreisprofil import Kreisprofil
from analysis.outputs import Ausgabe
from analysis.regions import aenderungen, name
from analysis.wording import NBSP, datum, rang, von_hundert, zahl

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


def in_kuerze(s: Kreisprofil, gruppe: list[str] | None = None) -> Ausgabe:
    """The most important in short sentences; `gruppe` says to which group of similar areas it belongs."""
    absaetze = ["Diesen Kreis gibt es nicht. Alle seine Zahlen sind erfunden."] if s.kreis.erfunden else []
    absaetze += _population(s)
    ages = s.available(["anteil_unter_18", "anteil_ab_65"])
    if len(ages) == 2:
        jung, alt = s.vergleich.anteil[ages]
        absaetze.append(
            f"{_capital(von_hundert(jung))} waren noch keine 18{NBSP}Jahre alt ({s.wert(ages[0])}). "
            f"{_capital(von_hundert(alt))} waren 65{NBSP}Jahre alt oder mehr ({s.wert(ages[1])}, {s.stand(ages[1])})."
        )
    if "arbeitslosenquote" in s.vergleich.index:
        absaetze.append(
            f"{_capital(von_hundert(s.vergleich.anteil['arbeitslosenquote']))} waren arbeitslos "
            f"({s.wert('arbeitslosenquote')}, im Mittel von {s.vergleich.stichtag['arbeitslosenquote'].year}). Hier "
            "zählt nur, wer Arbeit hat oder sucht."
        )
    elif s.available(["arbeitslosenquote"]):
        [share] = s.available(["arbeitslosenquote"])
        absaetze.append(
            f"{_capital(von_hundert(s.vergleich.anteil[share]))} waren arbeitslos ({s.wert(share)}, {s.stand(share)}). "
            f"Hier zählt nur, wer 15 bis 64{NBSP}Jahre alt ist."
        )
    if "personen_in_bg" in s.vergleich.index:
        absaetze.append(
            f"Die Quote der Menschen, die mit Geld vom Jobcenter leben, lag bei {s.wert('personen_in_bg')} "
            f"({s.stand('personen_in_bg')})."
        )
    elif s.available(["personen_in_bg"]):
        [share] = s.available(["personen_in_bg"])
        absaetze.append(
            f"{_capital(von_hundert(s.vergleich.anteil[share]))} lebten mit Geld vom Jobcenter ({s.wert(share)}, "
            f"{s.stand(share)}). Hier zählt nur, wer noch keine 65{NBSP}Jahre alt ist."
        )
    if s.available(["kinder_unter_personen_in_bg"]):
        children = _capital(von_hundert(s.vergleich.anteil["kinder_unter_personen_in_bg"]))
        absaetze.append(
            f"{children} Menschen, die mit Geld vom Jobcenter leben, waren Kinder "
            f"({s.wert('kinder_unter_personen_in_bg')}, {s.stand('kinder_unter_personen_in_bg')}). Als Kind zählt, "
            f"wer unter 18{NBSP}Jahre alt und ledig ist."
        )
    absaetze += [*filter(None, [s.gruppe.kurz]), *_extremes(s), *(gruppe or []), *territory(s), *_withheld(s)]
    return outputs.kuerze(
        absaetze or [f"Zu den wichtigsten Kennzahlen liegen für {s.gebiet.woerter.dieser} keine Zahlen vor."]
    )


def _population(s: Kreisprofil) -> list[str]:
    """Population at the day of the age groups, and the newest one if that is later, with the breaks between them."""
    if s.bevoelkerung.empty:
        return []
    compared, newest = population_days(s)
    first = f"{s.gebiet.woerter.hier} lebten {zahl(s.bevoelkerung.wert[compared])} Menschen ({datum(compared)})."
    if newest == compared:
        return [first]
    later = f"Am {datum(newest)} waren es {zahl(s.bevoelkerung.wert[newest])}."
    ages = s.available(["anteil_unter_18"])
    breaks = [b.grund for id in ages for b in s.indikator(id).brueche if compared < b.datum <= newest]
    caution = [f"Man kann die zwei Zahlen nicht gut vergleichen ({'; '.join(breaks)})."] if breaks else []
    return [" ".join([first, later, *caution])]


def population_days(s: Kreisprofil) -> tuple[dt.date, dt.date]:
    """Days of the populations that the report names: that of the age groups, and the newest."""
    newest, ages = s.bevoelkerung.index[-1], s.available(["anteil_unter_18"])
    compared = s.vergleich.stichtag[ages[0]] if ages else newest
    return compared if compared in s.bevoelkerung.index else newest, newest


def _withheld(s: Kreisprofil) -> list[str]:
    """Why a small area has no more figures."""
    return [ZU_KLEIN] if s.klein else []


def _extremes(s: Kreisprofil) -> list[str]:
    """Main indicators at which the Kreis is among the three highest or lowest, unless that may be chance."""
    placed = s.vergleich.loc[s.available(HAUPTKENNZAHLEN)]
    # among six or fewer, the three highest and the three lowest would be everybody
    placed = placed[placed.rang.notna() & (placed.lage != "zufall") & (placed.anzahl > 6)]
    ends = [("höchsten", placed[placed.rang <= 3]), ("niedrigsten", placed[placed.rang_von_unten <= 3])]
    return [
        " ".join(
            [
                f"{_capital(s.gebiet.woerter.der)} hat hier einen der drei {word} Werte.",
                *map(partial(_place, s), rows.index),
                "Der genaue Rang kann Zufall sein.",
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


def territory(s: Kreisprofil) -> list[str]:
    """Territorial changes after the oldest of the figures that a reader must know of."""
    days = s.compared.stichtag if s.anzahl > 1 else s.vergleich.stichtag
    if s.gebiet.ebene != "kreis" or days.empty:
        return []
    ags, later = s.kreis.ags, [a for a in aenderungen() if a.datum > days.min()]
    gone = [f"{a.anlass} Das war am {datum(a.datum)}." for a in later if a.von == ags]
    grown = [
        f"Zahlen aus der Zeit vor dem {datum(a.datum)} gelten ohne {name(a.von)}. Für den heutigen Kreis können Werte "
        "und Ränge anders sein."
        for a in later
        if a.nach == ags
    ]
    return gone + grown


def saetze(s: Kreisprofil, ids: list[str]) -> Ausgabe | None:
    """A paragraph per indicator: value, place among the Kreise, and whether the difference may be chance.

    None for an area of which nothing is shown.
    """
    if s.klein:
        return None
    return outputs.saetze([_sentence(s, id) for id in s.available(ids)] or ["Dazu liegen keine Zahlen vor."])


def kurzsatz(s: Kreisprofil, id: str) -> Ausgabe:
    """Summary of a report on a single indicator, in easy words."""
    there = s.available([id])
    if not there:
        return outputs.kuerze(["Dazu liegen keine Zahlen vor."])
    id = there[0]
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
        return begin, when if s.anzahl == 1 else f"{when} {s.allein(id)}"
    if same_as_median(s, id):
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


def same_as_median(s: Kreisprofil, id: str) -> bool:
    """Whether value and median are the same as a reader sees them."""
    return s.wert(id) == s.median(id)


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
