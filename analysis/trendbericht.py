"""What moves in a Kreis: the first half of `notebooks/02_indikatortrends.ipynb`, one function per cell."""

import pandas as pd

from analysis import outputs, tables
from analysis.catalogue import FAKTOR
from analysis.kleinezahlen import ZU_KLEIN
from analysis.observations import GRUENDE
from analysis.outputs import Ausgabe
from analysis.regeltexte import nicht_gezeigt
from analysis.steckbrieftexte import territory
from analysis.trendprofil import Trendprofil
from analysis.trends.aussage import GEPRUEFT, WORTE
from analysis.wording import NBSP, aufzaehlung, datum, unterschied, wert, zahl

GENANNT = 4
"""So many rising and falling indicators are told in the summary."""

_GRUND_KURZ = {
    "zufall": "kann Zufall sein",
    "ausreisser": "hängt an einem Wert",
    "stichtage_gemischt": "verschiedene Stichtage",
    "fehlende_jahre": "Jahre fehlen",
    "kurze_reihe": "Reihe zu kurz",
    "kein_intervall": "Fallzahlen unbekannt",
}
"""Reason of a statement → a few words for the table."""

_URTEIL = {
    ("steigt", "hoeher_guenstiger"): "günstig",
    ("sinkt", "niedriger_guenstiger"): "günstig",
    ("steigt", "niedriger_guenstiger"): "ungünstig",
    ("sinkt", "hoeher_guenstiger"): "ungünstig",
}


def kopf(t: Trendprofil, sprache: str = "de") -> Ausgabe:
    """Head of the report; `sprache` is the language of the page's fixed words (`de`, `en`)."""
    days = t.aussagen.bis.dropna()
    return outputs.kopf(
        titel=f"Was sich verändert: {t.profil.gebiet.amtlich}",
        untertitel="Welche Kennzahlen steigen oder sinken, und wie sicher das ist",
        stand=(f"Die neuesten Zahlen sind von {days.max().year}. " if len(days) else "")
        + (
            "Kreis und Zahlen sind erfunden."
            if t.profil.kreis.erfunden
            else "Heute können die Verhältnisse anders sein."
        ),
        sprache=sprache,
    )


def in_kuerze(t: Trendprofil, vergleich: list[str]) -> Ausgabe:
    """The most important in short sentences; those on the comparison (`vergleichsbericht.kurz`) follow the trends."""
    absaetze = ["Diesen Kreis gibt es nicht. Alle seine Zahlen sind erfunden."] if t.profil.kreis.erfunden else []
    if t.profil.klein:
        return outputs.kuerze([*absaetze, ZU_KLEIN])
    if t.aussagen.empty:
        return outputs.kuerze([*absaetze, "Es gibt noch keine Kennzahlen.", *vergleich])
    counts = t.aussagen.aussage.value_counts()
    tested = sum(counts.get(word, 0) for word in GEPRUEFT)
    how_many = (
        "Bei einer davon kann man prüfen, ob sie steigt oder sinkt."
        if tested == 1
        else f"Bei {zahl(tested)} davon kann man prüfen, ob sie steigen oder sinken."
        if tested
        else "Ob sie steigen oder sinken, weiß man noch nicht."
    )
    absaetze.append(
        f"Es gibt {zahl(len(t.aussagen))} Kennzahlen. {how_many} Man braucht dafür fünf Jahre, die man vergleichen "
        "kann."
    )
    for word, said in (("steigt", "gestiegen"), ("sinkt", "gesunken")):
        found = t.aussagen[t.aussagen.aussage == word]
        if len(found):
            told = _strongest(t, found).head(GENANNT)
            verb = "ist eine Kennzahl" if len(found) == 1 else f"sind {zahl(len(found))} Kennzahlen"
            absaetze.append(f"Sicher {said} {verb}." + (" Am deutlichsten:" if len(told) < len(found) else ""))
            absaetze += [_sentence(t, row) for row in told.itertuples()]
    if counts.get("kein_trend", 0):
        absaetze.append(
            f"{_kennzahlen(counts['kein_trend'])} ist nichts sicher. Was sich dort ändert, kann Zufall sein."
        )
    if tested and tested < len(t.aussagen):
        absaetze.append(
            f"{_kennzahlen(len(t.aussagen) - tested)} kann man nichts sagen. Der Grund steht in der Tabelle."
        )
    before = t.davor[t.davor.aussage.isin(["steigt", "sinkt"])]
    if len(before):
        told = _strongest(t, before).sort_values("bis", ascending=False, kind="stable").head(GENANNT - 1)
        absaetze.append(
            f"{_kennzahlen(len(before))} weiß man etwas über frühere Jahre. Die alten und die neuen Werte kann man "
            "nicht vergleichen." + (" Am deutlichsten:" if len(told) < len(before) else "")
        )
        absaetze += [f"{_sentence(t, row)} {_newest(t, row.Index)}" for row in told.itertuples()]
    return outputs.kuerze([*absaetze, *vergleich, *territory(t.profil)])


def _kennzahlen(count: int) -> str:
    return "Bei einer Kennzahl" if count == 1 else f"Bei {zahl(count)} Kennzahlen"


def _strongest(t: Trendprofil, statements: pd.DataFrame) -> pd.DataFrame:
    """Statements with the largest change in proportion to the value first."""
    change = (statements.wert_bis / statements.wert_von).where(statements.wert_von > 0)
    ordered = statements.assign(change=(change - 1).abs()).sort_values("change", ascending=False, kind="stable")
    return ordered[~told_before(t, ordered)]


def told_before(t: Trendprofil, statements: pd.DataFrame) -> pd.Series:
    """Whether a statement is on the same people as one above, counted or published as a rate: it reads the same."""
    einheit = statements.index.map(lambda id: t.profil.indikator(id).einheit)
    ends = statements[["wert_von", "wert_bis"]].mul(einheit.map(FAKTOR), axis=0).round(1)
    return ends.assign(einheit=einheit, von=statements.von, bis=statements.bis).duplicated()


def _sentence(t: Trendprofil, row) -> str:
    """`Arbeitslose: von 5,2 % (2020) auf 7,1 % (2024).`, and whether that is favourable."""
    indikator = t.profil.indikator(row.Index)
    judged = _URTEIL.get((row.aussage, indikator.richtung), "")
    text = f"{indikator.einfach or indikator.kurz}: von {_text(t, row.Index, row.wert_von)} ({row.von.year}) "
    text += f"auf {_text(t, row.Index, row.wert_bis)} ({row.bis.year})."
    return f"{text} Das ist {judged}." if judged else text


def _newest(t: Trendprofil, id: str) -> str:
    """Newest value beside what is told of earlier years, so that nobody takes these for today: `2024 waren es …`."""
    today = t.aussagen.loc[id]
    return f"{today.bis.year} waren es {_text(t, id, today.wert_bis)}."


def uebersicht(t: Trendprofil) -> Ausgabe:
    """Statement on every indicator with its values, slope and reason, grouped by Lebenslage."""
    if t.profil.klein:
        return outputs.saetze([ZU_KLEIN])
    if t.aussagen.empty:
        return outputs.saetze(["Für Trends liegen keine Werte vor."])
    groups: dict[str, list[list[str]]] = {}
    for row in t.aussagen.itertuples():
        groups.setdefault(t.profil.indikator(row.Index).lebenslage, []).append(_row(t, row))
    return tables.tabelle(
        [tables.Spalte("Kennzahl"), tables.Spalte("Aussage", zahl=False), tables.Spalte("Jahre", zahl=False),
         tables.Spalte("Werte"), tables.Spalte("Veränderung im Jahr"), tables.Spalte("Davor", zahl=False)],
        [tables.Gruppe(rows, titel=title) for title, rows in sorted(groups.items())],
        titel=f"Was die Kennzahlen {t.profil.gebiet.wo} sagen",
        name="aussagen",
        quelle=t.profil.quelle(list(t.aussagen.index)),
        hinweise=[
            "Jahre und Werte: die höchstens fünf neuesten Jahre, die man vergleichen kann; Schuljahre nach ihrem "
            "Ende. Veränderung im Jahr: Steigung der Geraden durch diese Werte, mit Schwankungsbereich (95 %), bei "
            "Anteilen in Prozentpunkten. Ein Trend gilt erst, wenn Zufall nahezu ausgeschlossen ist (99,8 %) und "
            "kein einzelner Wert ihn allein macht. Davor: die Aussage für die letzten fünf Jahre vor einem "
            "Bruch, die man vergleichen kann.",
            *_breaks_said(t),
            *([nicht_gezeigt(t.profil.regeln)] if t.profil.gebiet.ebene != "kreis" else []),
        ],
    )  # fmt: skip


def gesagt(t: Trendprofil, row) -> str:
    """Statement on an indicator (row of `aussagen`) in words, with its judgement or its reason."""
    reason = _GRUND_KURZ.get(row.grund, "")
    if row.grund == "bruch":
        reason = f"zu wenige Jahre seit {_since(t, row.Index)}"
    if row.grund == "keine_werte":
        reason = _no_value(t, row.Index)
    judged = _URTEIL.get((row.aussage, t.profil.indikator(row.Index).richtung), "")
    said = next(filter(None, [judged, reason]), "")
    return f"{WORTE[row.aussage]} ({said})" if said else WORTE[row.aussage]


def _no_value(t: Trendprofil, id: str) -> str:
    """Why the newest day of a series without any value has none: `unbekannt oder geheim`."""
    own = t.eigene[t.eigene.indikator == id].sort_values("stichtag")
    return GRUENDE.get(own.grund.iloc[-1], "")


def _since(t: Trendprofil, id: str) -> str:
    """The breaks between the values before and those of today: `dem Bruch 01.06.2022`, `den Brüchen … und …`."""
    days = [datum(day) for day in t.davor.brueche[id]] if id in t.davor.index else []
    return f"den Brüchen {aufzaehlung(days)}" if len(days) > 1 else " ".join(["dem Bruch", *days])


def _row(t: Trendprofil, row) -> list[str]:
    indikator = t.profil.indikator(row.Index)
    change = "nicht geprüft"
    if not pd.isna(row.steigung_je_jahr):
        slope, *ends = (
            unterschied(x, indikator, 1, einheit=False)
            for x in (row.steigung_je_jahr, row.steigung_unten, row.steigung_oben)
        )
        change = f"{slope} ({ends[0]}{NBSP}bis {ends[1]})"
    return [
        indikator.label,
        gesagt(t, row),
        _years(row),
        _from_to(t, row.Index, row),
        change,
        davor(t, row.Index),
    ]


def _years(row) -> str:
    if not row.punkte:
        return "keine"
    return f"{row.bis.year}" if row.punkte == 1 else f"{row.von.year}–{row.bis.year}"


def _from_to(t: Trendprofil, id: str, row) -> str:
    """First and last value: `7,3 % → 7,6 %`."""
    if not row.punkte:
        return "kein Wert"
    last = _text(t, id, row.wert_bis)
    return last if row.punkte == 1 else f"{wert(row.wert_von, t.profil.indikator(id), einheit=False)}{NBSP}→ {last}"


def davor(t: Trendprofil, id: str) -> str:
    """What is known of the years before the last break: `2017–2021: sinkt, 9,3 → 8,7 %`."""
    if id not in t.davor.index:
        return "kein Bruch"
    row = t.davor.loc[id]
    if row.aussage not in GEPRUEFT:
        return "nicht geprüft"
    return f"{_years(row)}: {WORTE[row.aussage]}, {_from_to(t, id, row)}"


def _breaks_said(t: Trendprofil) -> list[str]:
    """What the breaks that the table names were."""
    between = t.davor.brueche.explode().rename("datum").reset_index()
    named = t.brueche.merge(between, on=["indikator", "datum"]).drop_duplicates(["datum", "grund"]).sort_values("datum")
    texts = [f"{datum(day)}: {'; '.join(rows.grund.str.rstrip('.'))}" for day, rows in named.groupby("datum")]
    return [f"Brüche: {'. '.join(texts)}."] if texts else []


def _text(t: Trendprofil, id: str, value: float) -> str:
    return wert(value, t.profil.indikator(id))


BEI_KNICK = (
    "An einem erkannten Knick geht es von da an schneller, langsamer oder anders herum weiter. Das sagen nur die "
    "Zahlen. Den Grund sagen sie nicht. Der graue Streifen zeigt, wann der Knick gewesen sein kann."
)
"""What readers are told where a figure shows a change of slope."""


def lesehilfe(t: Trendprofil) -> Ausgabe:
    """How statements are made and read."""
    said = aufzaehlung([f"„{word}“" for word in WORTE.values()])
    return outputs.hinweis(
        "So lesen Sie die Aussagen",
        [
            f"Jede Kennzahl bekommt eine Aussage: {said}.",
            "„steigt“ und „sinkt“ stehen nur da, wenn fünf Jahre dasselbe zeigen und Zufall nahezu ausgeschlossen "
            "ist. „kein gesicherter Trend“ heißt nicht, dass sich nichts ändert. Es heißt: Die Zahlen reichen nicht, "
            "um es zu wissen.",
            "Über einen Bruch hinweg wird nie verglichen. Ein Bruch ist zum Beispiel ein neuer Zensus, ein neues "
            "Gesetz oder eine neue Grenze. In den Abbildungen ist er eine gestrichelte Linie.",
            *([BEI_KNICK] if (t.knicke.nummer > 0).any() else []),
        ],
    )
