"""What longer series say: the whole course, the outlook, the effect of an event."""

import pandas as pd

from analysis import outputs, tables
from analysis.dates import parse_stichtag
from analysis.outputs import Ausgabe
from analysis.trendprofil import Trendprofil
from analysis.trends.ereignis import event_effects
from analysis.trends.knick import PUNKTE_MINDESTENS
from analysis.trends.mann_kendall import kendall_trends
from analysis.trends.vorausschau import GRUENDE, outlook
from analysis.wording import NBSP, datum, knickjahr, spanne, unterschied, wert, zahl

JAHRE = 3
"""Years of the outlook."""


def verlauf(t: Trendprofil) -> Ausgabe | None:
    """Whole comparable course of every series: direction, slope with interval, detected breaks and changes of slope.

    None where no series is long enough.
    """
    table = kendall_trends(t.eigene, t.brueche)
    if table.empty:
        return None
    rows = [_course(t, row) for row in table.itertuples()]
    return tables.tabelle(
        [tables.Spalte("Kennzahl"), tables.Spalte("Jahre", zahl=False), tables.Spalte("Werte"),
         tables.Spalte("Veränderung im Jahr (Median)"), tables.Spalte("Schwankungsbereich (95 %)"),
         tables.Spalte("Kendalls Tau"), tables.Spalte("p"), tables.Spalte("p korrigiert"),
         tables.Spalte("Erkannter Bruch", zahl=False), tables.Spalte("Erkannter Knick", zahl=False)],
        [tables.Gruppe(rows)],
        titel=f"Der ganze Verlauf seit dem letzten Bruch {t.profil.gebiet.wo}",
        name="verlauf",
        quelle=t.profil.quelle(list(table.indikator)),
        hinweise=[
            "Test nach Mann und Kendall, Steigung nach Theil und Sen, p korrigiert nach Hamed und Rao, weil sich Werte "
            "aufeinander folgender Jahre ähneln. Der Test fragt nur, ob die Reihenfolge der Werte mehr als Zufall ist; "
            "er kennt die Zahl der Fälle nicht. Bei weniger als 20 Werten ist die Korrektur unsicher. Ein erkannter "
            "Bruch ist eine Vermutung aus den Zahlen selbst. Ebenso ein erkannter Knick: Ab da ist die Steigung eine "
            f"andere, ohne Sprung. Gesucht wird ab {PUNKTE_MINDESTENS} Jahren ohne Lücke. Ein Knick ganz am Anfang "
            "oder am Ende ist nicht zu finden. In Klammern steht der Schwankungsbereich (95 %).",
        ],
    )  # fmt: skip


def _course(t: Trendprofil, row) -> list[str]:
    indikator = t.profil.indikator(row.indikator)
    ends = [unterschied(x, indikator, 1, einheit=False) for x in (row.steigung_unten, row.steigung_oben)]
    breaks = t.erkannt.datum[t.erkannt.indikator == row.indikator]
    return [
        indikator.label,
        f"{row.von.year}–{row.bis.year}",
        zahl(row.punkte),
        unterschied(row.steigung_je_jahr, indikator, 1),
        f"{ends[0]}{NBSP}bis {ends[1]}" if all(ends) else "zu wenige Werte",
        "nicht berechenbar" if pd.isna(row.tau) else zahl(row.tau, 2),
        _p(row.p),
        _p(row.p_korrigiert),
        ", ".join(datum(day) for day in breaks) or "keiner",
        _bends(t.knicke[t.knicke.indikator == row.indikator]),
    ]


def _bends(knicke: pd.DataFrame) -> str:
    """Years in which the slope changes, with their intervals: "2013 (2012 bis 2015)"."""
    if knicke.empty:
        return "zu wenige Werte"
    found = knicke[knicke.nummer > 0]
    return ", ".join(map(knickjahr, found.jahr, found.jahr_unten, found.jahr_oben)) or "keiner"


def _p(p: float) -> str:
    if pd.isna(p):
        return "nicht berechenbar"
    return "unter 0,01" if p < 0.01 else zahl(p, 2)


def ausblick(t: Trendprofil) -> Ausgabe:
    """Forecast with its interval where the series is long enough, else the range of its comparable values."""
    table = outlook(t.eigene, t.profil.katalog, t.brueche, jahre=JAHRE)
    table = table[table.punkte >= 3]
    if table.empty:
        return outputs.saetze(["Ausblick: Dafür liegen noch zu wenige vergleichbare Jahre vor."])
    last = table.groupby("indikator", sort=False).tail(1)
    groups = {
        "Vorausschau": last[last.art == "vorausschau"],
        "Spanne der vergleichbaren Jahre": last[last.art == "spanne"],
    }
    return tables.tabelle(
        [tables.Spalte("Kennzahl"), tables.Spalte("Jahre", zahl=False), tables.Spalte("Letzter Wert"),
         tables.Spalte("Für", zahl=False), tables.Spalte("Erwartet"), tables.Spalte("Bereich")],
        [tables.Gruppe([_ahead(t, row) for row in rows.itertuples()], titel=title)
         for title, rows in groups.items() if len(rows)],
        titel=f"Ausblick oder Spanne der Werte {t.profil.gebiet.wo}",
        name="ausblick",
        quelle=t.profil.quelle(list(last.indikator)),
        hinweise=[
            "Vorausschau: wie es weitergeht, wenn sich nichts Grundsätzliches ändert. Der Bereich ist für 95 % "
            "berechnet; je weiter man vorausschaut, desto öfter liegt der Wert doch außerhalb. Niemand kann neue "
            "Gesetze oder Krisen vorhersehen. Spanne: der kleinste und der größte Wert der vergleichbaren Jahre, "
            f"keine Vorhersage. {GRUENDE['zu_wenige']} Die Vorausschau kann von einem Trend abweichen: Sie setzt ihn "
            "nur fort, wenn er die Reihe besser erklärt als ihre Höhe allein.",
        ],
    )  # fmt: skip


def _ahead(t: Trendprofil, row) -> list[str]:
    indikator = t.profil.indikator(row.indikator)
    newest = t.eigene[(t.eigene.indikator == row.indikator) & (t.eigene.stichtag == row.bis)].anteil.iloc[0]
    forecast = row.art == "vorausschau"
    return [
        indikator.label,
        f"{row.von.year}–{row.bis.year}",
        wert(newest, indikator),
        f"{row.stichtag.year}" if forecast else "entfällt",
        wert(row.anteil, indikator) if forecast else "entfällt",
        spanne(row.unten, row.oben, indikator),
    ]


def ereignis(t: Trendprofil, tag: str) -> Ausgabe | None:
    """Whether level and slope changed at a known event.

    `tag` is its day (2022-06-01 or 01.06.2022); empty: no event is asked about, and nothing is shown.
    """
    if not tag:
        return None
    day = parse_stichtag(tag)
    table = event_effects(t.eigene, day, t.brueche)
    known = table[table.grund == ""]
    begin = f"Ereignis am {datum(day)}:"
    if known.empty:
        return outputs.saetze([(begin, "Es gibt zu wenige vergleichbare Jahre davor und danach (je fünf).")])
    return tables.tabelle(
        [tables.Spalte("Kennzahl"), tables.Spalte("Sprung"), tables.Spalte("Schwankungsbereich (95 %)"),
         tables.Spalte("p"), tables.Spalte("Andere Steigung im Jahr"), tables.Spalte("Schwankungsbereich (95 %)"),
         tables.Spalte("p")],
        [tables.Gruppe([_effect(t, row) for row in known.itertuples()])],
        titel=f"Was sich mit dem Ereignis am {datum(day)} änderte",
        name="ereignis",
        quelle=t.profil.quelle(list(known.indikator)),
        hinweise=["Geschätzt wird der Sprung gegenüber dem früheren Verlauf. Was im selben Jahr sonst geschah, lässt "
                  "sich davon nicht trennen."],
    )  # fmt: skip


def _effect(t: Trendprofil, row) -> list[str]:
    indikator = t.profil.indikator(row.indikator)
    cells = [indikator.label]
    for name in ("niveausprung", "steigungsaenderung"):
        value, low, high = (getattr(row, name + end) for end in ("", "_unten", "_oben"))
        ends = [unterschied(x, indikator, 1, einheit=False) for x in (low, high)]
        cells += [unterschied(value, indikator, 1), f"{ends[0]}{NBSP}bis {ends[1]}", _p(getattr(row, f"{name}_p"))]
    return cells
