"""What moves in a Kreis: the first half of `notebooks/02_indikatortrends.ipynb`, one function per cell."""

import pandas as pd

from analysis import figures, outputs, tables
from analysis.bildtexte import reihen as bildtexte
from analysis.outputs import Ausgabe
from analysis.plots.reihen import reihen
from analysis.trendprofil import Trendprofil
from analysis.trends.aussage import GRUENDE, WORTE
from analysis.wording import NBSP, aufzaehlung, intervalltext, stand, unterschied, wert, zahl

GENANNT = 4
"""So many rising and falling indicators are told in the summary."""

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


def in_kuerze(t: Trendprofil) -> Ausgabe:
    """The most important in short sentences."""
    absaetze = ["Diesen Kreis gibt es nicht. Alle seine Zahlen sind erfunden."] if t.profil.kreis.erfunden else []
    counts = t.aussagen.aussage.value_counts()
    tested = sum(counts.get(word, 0) for word in ("steigt", "sinkt", "kein_trend"))
    absaetze.append(
        f"Es gibt {zahl(len(t.aussagen))} Kennzahlen. {_kennzahlen(tested)} kann man prüfen, ob sie steigen oder "
        f"sinken. "
        "Dafür braucht man fünf Jahre, die man vergleichen kann."
        if len(t.aussagen)
        else "Es gibt noch keine Kennzahlen."
    )
    for word, said in (("steigt", "gestiegen"), ("sinkt", "gesunken")):
        found = _strongest(t.aussagen[t.aussagen.aussage == word])
        if len(found):
            more = f" Die {GENANNT} deutlichsten:" if len(found) > GENANNT else ""
            absaetze.append(f"Sicher {said}: {zahl(len(found))}.{more} " + " ".join(_told(t, found.head(GENANNT))))
    if counts.get("kein_trend", 0):
        absaetze.append(
            f"{_kennzahlen(counts['kein_trend'])} ist nichts sicher. Was sich dort ändert, kann Zufall sein."
        )
    without = len(t.aussagen) - tested
    if without and tested:
        absaetze.append(f"Bei {zahl(without)} kann man nichts sagen. Der Grund steht in der Tabelle.")
    before = t.davor[t.davor.aussage.isin(["steigt", "sinkt"])]
    if len(before):
        absaetze.append(
            f"{_kennzahlen(len(before))} weiß man mehr über die Zeit davor. Neue Regeln oder neue Zählungen "
            "trennen die alten Werte von den neuen. " + " ".join(_told(t, _strongest(before).head(GENANNT), "bis"))
        )
    return outputs.kuerze(absaetze)


def _kennzahlen(count: int) -> str:
    return "Bei einer Kennzahl" if count == 1 else f"Bei {zahl(count)} Kennzahlen"


def _strongest(statements: pd.DataFrame) -> pd.DataFrame:
    """Statements with the largest change in proportion to the value first."""
    change = (statements.wert_bis / statements.wert_von).where(statements.wert_von > 0)
    return statements.assign(change=(change - 1).abs()).sort_values("change", ascending=False, kind="stable")


def _told(t: Trendprofil, statements: pd.DataFrame, until: str = "") -> list[str]:
    return [_sentence(t, row, until) for row in statements.itertuples()]


def _sentence(t: Trendprofil, row, until: str) -> str:
    """`Arbeitslose: von 5,2 % (2020) auf 7,1 % (2024).`; with `until` the end of the years is said first."""
    indikator = t.profil.indikator(row.Index)
    name = indikator.einfach or indikator.kurz
    years = "" if not until else f", {until} {row.bis.year}"
    judged = _URTEIL.get((row.aussage, indikator.richtung), "")
    text = f"{name}{years}: von {_text(t, row.Index, row.wert_von)} ({row.von.year}) "
    text += f"auf {_text(t, row.Index, row.wert_bis)} ({row.bis.year})"
    return f"{text}, das ist {judged}." if judged else f"{text}."


def uebersicht(t: Trendprofil) -> Ausgabe:
    """Statement on every indicator with its values, slope and reason, grouped by Lebenslage."""
    if t.aussagen.empty:
        return outputs.saetze(["Für Trends liegen keine Werte vor."])
    groups: dict[str, list[list[str]]] = {}
    for row in t.aussagen.itertuples():
        groups.setdefault(t.profil.indikator(row.Index).lebenslage, []).append(_row(t, row))
    return tables.tabelle(
        [tables.Spalte("Kennzahl"), tables.Spalte("Aussage", zahl=False), tables.Spalte("Erster Wert"),
         tables.Spalte("Letzter Wert"), tables.Spalte("Werte"), tables.Spalte("Veränderung im Jahr"),
         tables.Spalte("Schwankungsbereich (95 %)"), tables.Spalte("Grund", zahl=False)],
        [tables.Gruppe(rows, titel=title) for title, rows in sorted(groups.items())],
        titel=f"Was die Kennzahlen {t.profil.gebiet.wo} sagen",
        name="aussagen",
        quelle=t.profil.quelle(list(t.aussagen.index)),
        hinweise=[
            "Erster und letzter Wert: die höchstens fünf neuesten Jahre, die man vergleichen kann. Veränderung im "
            "Jahr: "
            "Steigung der Geraden durch diese Werte. Ein Trend gilt erst, wenn Zufall nahezu ausgeschlossen ist "
            "(99,8 %) und kein einzelner Wert ihn allein macht.",
        ],
    )  # fmt: skip


def _row(t: Trendprofil, row) -> list[str]:
    indikator = t.profil.indikator(row.Index)
    tested = not pd.isna(row.steigung_je_jahr)
    judged = _URTEIL.get((row.aussage, indikator.richtung), "")
    change = unterschied(row.steigung_je_jahr, indikator, 1) if tested else "nicht geprüft"
    span = "nicht geprüft"
    if tested:
        ends = [unterschied(x, indikator, 1, einheit=False) for x in (row.steigung_unten, row.steigung_oben)]
        span = f"{ends[0]}{NBSP}bis {ends[1]}"
    return [
        indikator.label,
        f"{WORTE[row.aussage]} ({judged})" if judged else WORTE[row.aussage],
        _dated(t, row.Index, row.wert_von, row.von),
        _dated(t, row.Index, row.wert_bis, row.bis),
        zahl(row.punkte),
        change,
        span,
        " ".join(filter(None, [GRUENDE[row.grund], _earlier(t, row.Index)])) or "Der Trend ist gesichert.",
    ]


def _dated(t: Trendprofil, id: str, value: float, day) -> str:
    if pd.isna(value):
        return "kein Wert"
    return f"{_text(t, id, value)} ({stand(day, t.profil.indikator(id).stichtag).replace(NBSP, ' ')})"


def _earlier(t: Trendprofil, id: str) -> str:
    """What is known of the years before the last break, in a sentence."""
    if id not in t.davor.index:
        return ""
    row = t.davor.loc[id]
    begin = f"Bruch {row.bruch:%d.%m.%Y}: {row.bruch_grund}."
    if row.aussage not in ("steigt", "sinkt", "kein_trend"):
        return begin
    years = f"{row.von.year} bis {row.bis.year}"
    values = f"von {_text(t, id, row.wert_von)} auf {_text(t, id, row.wert_bis)}"
    return f"{begin} Davor ({years}): {WORTE[row.aussage]}, {values}."


def verlaeufe(t: Trendprofil, lebenslagen: list[str], *, name: str, titel: str) -> Ausgabe:
    """Series of the indicators of some Lebenslagen below each other, with intervals, breaks and the median."""
    ids = _with_history(t, lebenslagen)
    if not ids:
        return outputs.saetze([f"{titel}: Für einen Verlauf liegen zu wenige Werte vor."])
    indikatoren = [t.profil.indikator(id) for id in ids]
    own = t.eigene[t.eigene.indikator.isin(ids)]
    median = t.mediane[t.mediane.indikator.isin(ids)]
    brueche = pd.concat([t.brueche, t.erkannt.assign(art="erkannt")], ignore_index=True)
    brueche = brueche[brueche.indikator.isin(ids)]
    compared = len(median) > 0
    figure, axes = figures.new_figure(0.5 + 1.75 * len(ids), len(ids))
    reihen(
        axes, own, indikatoren, brueche,
        vergleich=median if compared else None, vergleich_text=f"Median der {t.profil.gebiet.woerter.mehrzahl}",
    )  # fmt: skip
    quelle = t.profil.quelle(ids)
    return figures.abbildung(
        figure,
        name=name,
        titel=f"{titel} {t.profil.gebiet.wo}",
        einheit="Einheit an jeder Achse; das Band zeigt den Schwankungsbereich (95 %)",
        quelle=quelle,
        alternativtext=bildtexte.reihen(own, indikatoren, brueche),
        daten=_values_table(t, own, ids, f"{titel} {t.profil.gebiet.wo}: alle Werte", quelle),
    )


def _with_history(t: Trendprofil, lebenslagen: list[str], most: int = 6) -> list[str]:
    """Indicators with at least three values, those with a statement first, at most `most`."""
    own = t.eigene[t.eigene.anteil.notna()]
    counts = own.groupby("indikator").size()
    order = {word: n for n, word in enumerate(WORTE)}
    ids = [
        id
        for id in t.aussagen.index
        if counts.get(id, 0) >= 3 and t.profil.indikator(id).lebenslage in lebenslagen
    ]  # fmt: skip
    return sorted(ids, key=lambda id: order[t.aussagen.aussage[id]])[:most]


def _values_table(t: Trendprofil, own: pd.DataFrame, ids: list[str], titel: str, quelle: str) -> Ausgabe:
    rows = own.dropna(subset="anteil").sort_values(["indikator", "stichtag"])
    return tables.tabelle(
        [tables.Spalte("Stand"), tables.Spalte("Wert"), tables.Spalte("Schwankungsbereich (95 %)")],
        [
            tables.Gruppe(
                [
                    [
                        stand(r.stichtag, t.profil.indikator(id).stichtag).replace(NBSP, " "),
                        _text(t, id, r.anteil),
                        intervalltext(r, t.profil.indikator(id)),
                    ]
                    for r in rows[rows.indikator == id].itertuples()
                ],
                titel=t.profil.indikator(id).label,
            )
            for id in ids
        ],
        titel=titel,
        quelle=quelle,
    )


def _text(t: Trendprofil, id: str, value: float) -> str:
    return wert(value, t.profil.indikator(id))


def lesehilfe(t: Trendprofil) -> Ausgabe:
    """How statements are made and read."""
    said = aufzaehlung([f"„{word}“" for word in ("steigt", "sinkt", "kein gesicherter Trend")])
    return outputs.hinweis(
        "So lesen Sie die Aussagen",
        [
            f"Jede Kennzahl bekommt eine Aussage: {said}, „nicht vergleichbar“, „zu wenige Werte“ oder „nicht "
            f"prüfbar“.",
            "„steigt“ und „sinkt“ stehen nur da, wenn fünf Jahre dasselbe zeigen und Zufall nahezu ausgeschlossen ist. "
            "„kein gesicherter Trend“ heißt nicht, dass sich nichts ändert. Es heißt: Die Zahlen reichen nicht, um "
            "es zu "
            "wissen.",
            "Über einen Bruch hinweg wird nie verglichen. Ein Bruch ist zum Beispiel ein neuer Zensus, ein neues "
            "Gesetz "
            "oder eine neue Grenze. In den Abbildungen ist er eine gestrichelte Linie.",
        ],
    )
