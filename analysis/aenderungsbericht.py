"""The change report: which published figures of a Kreis changed since a day, one function per cell of a notebook."""

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from analysis import aenderungen, outputs, tables
from analysis.aenderungen import ARTEN, NEU
from analysis.catalogue import Katalog, katalog
from analysis.dates import begin_utc, local_day, parse_stichtag
from analysis.observations import GRUENDE
from analysis.outputs import Ausgabe
from analysis.regions import Kreis, kreis
from analysis.store import Store
from analysis.wording import aufzaehlung, datum, stand, zahl

GENANNT = 3
"""So many changes are told one by one in the summary."""

_ERKLAERT = {
    "revision": "Die Quelle hat frühere Angaben berichtigt. Fachleute sagen: Sie hat die Zahlen revidiert. Das ist "
    "üblich, zum Beispiel wenn vorläufige Zahlen endgültig werden.",
    "andere_quelle": "Die Zahl stammt jetzt aus einer anderen Quelle. Verschiedene Quellen zählen oft etwas anders.",
    "gebietsstand": "Der Kreis ist durch eine Gebietsänderung größer geworden. Die frühere Zahl galt ohne das neue "
    "Gebiet, die neue Zahl gilt mit ihm.",
    "methode": "Die Kennzahl wird anders berechnet als früher. Die frühere Zahl wurde nach der alten Regel berechnet, "
    "die neue nach der heutigen.",
    "neue_lieferung": "Früher durfte oder konnte die Zahl nicht genannt werden. Jetzt liegt sie vor.",
    "geheim": "Die Quelle nennt die Zahl nicht mehr, weil sie geheim gehalten wird. Das schützt einzelne Menschen.",
    "entfallen": "Die Quelle hat die Zahl zurückgezogen oder nennt sie nicht mehr.",
}
"""Kind of change → what a lay reader must know about it."""


@dataclass(frozen=True)
class Aenderungsbericht:
    """What changed for one Kreis since a day.

    Attributes
    ----------
    seit
        The earlier state is that at the beginning of this day; None where the store has no values of the Kreis.
    leer
        Whether there were no figures of the Kreis before.
    werte
        Changes of the Kreis itself, as `aenderungen.changed` gives them.
    darunter
        Changes of its Gemeinden and other areas.
    neu
        How many values of the Kreis itself are new.
    entfallene_kennzahlen
        Labels of indicators that are no longer computed.
    regeln_ab
        Day from which on the rules of computing are known, if that is after `seit`.
    """

    kreis: Kreis
    katalog: Katalog
    seit: dt.date | None
    leer: bool
    werte: pd.DataFrame
    darunter: pd.DataFrame
    neu: int
    entfallene_kennzahlen: list[str]
    regeln_ab: dt.date | None


def load(ags: str, seit: str = "") -> Aenderungsbericht:
    """Compare the state of a day with today's.

    Parameters
    ----------
    ags
        Key of the Kreis.
    seit
        Day (2026-01-31 or 31.01.2026); empty: the day of the newest delivery that touched this Kreis, so that the
        report says what that day's deliveries changed.

    Raises
    ------
    InputError
        Unknown Kreis, or `seit` is no date.
    """
    this, catalogue = kreis(ags), katalog()
    with Store() as store:
        newest = store.last_change(ags)
        day = parse_stichtag(seit) if seit else None if newest is None else local_day(newest)
        if day is None:
            nothing = pd.DataFrame(columns=aenderungen.COLUMNS)
            return Aenderungsbericht(this, catalogue, None, True, nothing, nothing, 0, [], None)
        table = aenderungen.compared(store, ags, day, catalogue)
        before = store.observations(bis=store.last_import(begin_utc(day)))
        noted = store.first_definition()
        gone = aenderungen.removed(store, ags, day, catalogue)
    new, own = table.art == NEU, table.ags == ags
    known_from = None if noted is None else local_day(noted)
    return Aenderungsbericht(
        kreis=this,
        katalog=catalogue,
        seit=day,
        leer=not before.ags.str.startswith(ags).any(),
        werte=table[own & ~new].reset_index(drop=True),
        darunter=table[~own & ~new].reset_index(drop=True),
        neu=int((own & new).sum()),
        entfallene_kennzahlen=gone,
        regeln_ab=known_from if known_from is None or known_from > day else None,
    )


def kopf(b: Aenderungsbericht, sprache: str = "de") -> Ausgabe:
    """Head of a report on the changes alone."""
    return outputs.kopf(
        titel=f"Geänderte Zahlen {b.kreis.amtlich}",
        untertitel="Welche veröffentlichten Zahlen sich geändert haben und warum",
        stand=("Änderungen bis zur letzten Lieferung" if b.seit is None else f"Änderungen seit dem {datum(b.seit)}")
        + (". Kreis und Zahlen sind erfunden." if b.kreis.erfunden else "."),
        sprache=sprache,
    )


def in_kuerze(b: Aenderungsbericht) -> Ausgabe:
    """The most important in short sentences."""
    return outputs.kuerze(kurzfassung(b))


def kurzfassung(b: Aenderungsbericht) -> list[str]:
    """Sentences of the summary, also for the summary of a larger report."""
    if b.leer:
        return [_no_earlier_state(b)]
    count = len(b.werte)
    if not count:
        first = f"Seit dem {datum(b.seit)} hat sich keine veröffentlichte Zahl geändert."
    elif count == 1:
        first = f"Seit dem {datum(b.seit)} hat sich eine Zahl in den Berichten geändert."
    else:
        first = f"Seit dem {datum(b.seit)} haben sich {zahl(count)} Zahlen in den Berichten geändert."
    told = [_told(b, row) for row in _largest(b.werte).itertuples()]
    more = ["Das sind die größten Änderungen:"] if count > GENANNT and told else []
    return [" ".join([first, *more]), *told, *_further(b)]


def tabelle(b: Aenderungsbericht) -> Ausgabe:
    """Every changed figure of the Kreis itself, grouped by the reason."""
    if b.werte.empty:
        return outputs.saetze([kurzfassung(b)[0]])
    groups = {art: b.werte[b.werte.art == art] for art in ARTEN}
    return tables.tabelle(
        [
            tables.Spalte("Kennzahl"),
            tables.Spalte("Stand", zahl=False),
            tables.Spalte("vorher"),
            tables.Spalte("jetzt"),
            tables.Spalte("Lieferung", zahl=False),
        ],
        [
            tables.Gruppe([_row(b, row) for row in rows.itertuples()], titel=_capital(ARTEN[art]))
            for art, rows in groups.items()
            if len(rows)
        ],
        titel=f"Geänderte Zahlen {b.kreis.wo} seit dem {datum(b.seit)}",
        name="aenderungen",
        quelle=_source(b),
        hinweise=[
            "Verglichen wird, was in den Berichten steht. Unterschiede, die beim Runden verschwinden, sind nicht "
            "aufgeführt."
        ],
    )


def saetze(b: Aenderungsbericht) -> Ausgabe:
    """A paragraph for each kind of change that occurs: how often, and what it means."""
    counts = b.werte.art.value_counts()
    paragraphs: list[str | tuple[str, str]] = [
        (f"{_capital(ARTEN[art])}: {_values(counts[art])}.", _ERKLAERT[art]) for art in ARTEN if art in counts
    ]
    return outputs.saetze([*paragraphs, *_limits(b)] or [kurzfassung(b)[0]])


def lesehilfe(b: Aenderungsbericht) -> Ausgabe:
    """Boxed note: why figures of the past change at all."""
    return outputs.hinweis(
        "Warum sich alte Zahlen ändern",
        [
            "Auch Zahlen über vergangene Jahre können sich ändern. Dann steht in einem neuen Bericht für dasselbe Jahr "
            "etwas anderes als im alten. Das ist meist kein Fehler.",
            "„Revidiert“ heißt: Die Quelle hat ihre Zahl später berichtigt. Es gilt immer die neueste Zahl. "
            "Vergleichen Sie deshalb keine Zahl aus einem alten Bericht mit einer aus einem neuen.",
        ],
    )


def _no_earlier_state(b: Aenderungsbericht) -> str:
    if b.seit is None:
        return "Zu diesem Kreis liegen keine Zahlen vor."
    return (
        "Für diesen Kreis gibt es noch keinen früheren Stand. Was sich ändert, sieht man nach der nächsten Lieferung."
    )


def _further(b: Aenderungsbericht) -> list[str]:
    """What else is worth knowing: new values, areas below the Kreis, indicators that are gone."""
    sentences = []
    if b.neu:
        verb = "Neu dazugekommen ist" if b.neu == 1 else "Neu dazugekommen sind"
        sentences.append(f"{verb} {_values(b.neu)}.")
    if len(b.darunter):
        areas = b.darunter.ags.nunique()
        where = "einem Teilgebiet" if areas == 1 else f"{zahl(areas)} Teilgebieten"
        verb = "hat" if len(b.darunter) == 1 else "haben"
        sentences.append(f"In {where} des Kreises {verb} sich {_values(len(b.darunter))} geändert.")
    if b.entfallene_kennzahlen:
        verb = "wird" if len(b.entfallene_kennzahlen) == 1 else "werden"
        sentences.append(f"Nicht mehr berechnet {verb}: {aufzaehlung(b.entfallene_kennzahlen)}.")
    return sentences


def _limits(b: Aenderungsbericht) -> list[str]:
    """What the comparison cannot know."""
    if b.leer or b.regeln_ab is None:
        return []
    return [
        f"Wie die Kennzahlen berechnet werden, ist erst ab dem {datum(b.regeln_ab)} festgehalten. Für die Zeit davor "
        "gilt hier die heutige Regel."
    ]


def _largest(werte: pd.DataFrame) -> pd.DataFrame:
    """Changes to tell one by one: those with the largest relative difference, the newest of equal ones first."""
    reference = werte.vorher.abs().where(werte.vorher != 0)
    step = ((werte.nachher - werte.vorher).abs() / reference).fillna(float("inf"))
    order = werte.assign(sprung=step).sort_values(["sprung", "stichtag"], ascending=False, kind="stable")
    return order.head(GENANNT)


def _told(b: Aenderungsbericht, row) -> str:
    """One change in short sentences: `Arbeitslose, 2019: Die Zahl war 7,1 %. Jetzt ist sie 7,3 %`."""
    indikator = b.katalog.indikator(row.indikator)
    yearly = indikator.stichtag not in ("monat", "quartal", "tag")
    day = row.stichtag.year if yearly else stand(row.stichtag, indikator.stichtag)
    name = f"{indikator.einfach or indikator.kurz}, {day}"
    if row.nachher_text == GRUENDE["geheim"]:
        return f"{name}: Die Zahl ist jetzt geheim."
    before = f"Die Zahl war {row.vorher_text}." if pd.notna(row.vorher) else "Die Zahl war nicht bekannt."
    after = f"Jetzt ist sie {row.nachher_text}." if pd.notna(row.nachher) else "Jetzt gibt es sie nicht mehr."
    return f"{name}: {before} {after}"


def _earlier(row) -> str:
    """Earlier value, except of one that is kept secret now: printing it again would undo that."""
    return "genannt" if row.nachher_text == GRUENDE["geheim"] and pd.notna(row.vorher) else row.vorher_text


def _row(b: Aenderungsbericht, row) -> list[str]:
    indikator = b.katalog.indikator(row.indikator)
    if row.datei:
        delivery = f"{row.datei} vom {datum(local_day(row.zeitpunkt.to_pydatetime()))}, vorher {row.vorher_datei}"
    else:
        delivery = "keine neue Lieferung"
    return [
        indikator.label,
        stand(row.stichtag, indikator.stichtag),
        _earlier(row),
        row.nachher_text,
        delivery,
    ]


def _source(b: Aenderungsbericht) -> str:
    ids = dict.fromkeys(q for text in b.werte.quelle for q in text.split(" · ") if q)
    named = "; ".join(b.katalog.quellen[q].kurz for q in ids if q != "musterkreis")
    newest = b.werte.zeitpunkt.max()
    days = f"Stand: Lieferungen bis {datum(b.seit if pd.isna(newest) else local_day(newest.to_pydatetime()))}"
    if not b.kreis.erfunden:
        return f"{named}. {days}"
    return f"{f'Erfundene Zahlen im Format von: {named}' if named else 'Erfundene Zahlen'}. {days}"


def _values(count: int) -> str:
    return "ein Wert" if count == 1 else f"{zahl(int(count))} Werte"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
