"""Series of a Kreis or an area as figures, for `notebooks/02_indikatortrends.ipynb`."""

import pandas as pd

from analysis import figures, outputs, tables
from analysis.bildtexte import reihen as bildtexte
from analysis.outputs import Ausgabe, Folge
from analysis.plots.reihen import reihen
from analysis.regions import slug
from analysis.trendbericht import told_before
from analysis.trendprofil import Trendprofil
from analysis.trends.aussage import GEPRUEFT, WORTE
from analysis.wording import NBSP, intervalltext, stand, wert

GRUPPEN = {
    "Arbeit und Grundsicherung": ("Arbeitsmarkt und ökonomische Situation",),
    "Familie und Bildung": ("Familie", "Bildung, Betreuung und Erziehung"),
    "Bevölkerung": ("Demografie", "Migration"),
    "Wohnen, Gesundheit, Teilhabe": ("Wohnen", "Gesundheit", "Gesellschaftliche Teilhabe"),
}
"""Title of a figure → Lebenslagen whose series it shows."""

JE_BILD = 4
"""Series of a figure at most, so that it fits on a sheet of paper."""


def verlaeufe(t: Trendprofil) -> Folge | Ausgabe:
    """Series of the indicators with at least three values as figures, those with a statement first."""
    found = [verlauf(t, titel, lebenslagen) for titel, lebenslagen in GRUPPEN.items()]
    shown = tuple(filter(None, found))
    return Folge(shown) if shown else outputs.saetze(["Für Verläufe liegen zu wenige Werte vor."])


def verlauf(t: Trendprofil, titel: str, lebenslagen: tuple[str, ...]) -> Ausgabe | None:
    """Series of the indicators of some Lebenslagen below each other, with intervals, breaks and the median.

    None where no indicator has three values.
    """
    ids = _with_history(t, lebenslagen)
    if not ids:
        return None
    indikatoren = [t.profil.indikator(id) for id in ids]
    own = t.eigene[t.eigene.indikator.isin(ids)]
    median = t.mediane[t.mediane.indikator.isin(ids)]
    knicke = t.knicke[t.knicke.nummer > 0].assign(art="knick")
    brueche = pd.concat([t.brueche, t.erkannt.assign(art="erkannt"), knicke], ignore_index=True)
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
        name=f"verlauf_{slug(titel)}",
        titel=f"{titel} {t.profil.gebiet.wo}",
        einheit="Einheit an jeder Achse; das Band zeigt den Schwankungsbereich (95 %)",
        quelle=quelle,
        alternativtext=bildtexte.reihen(own, indikatoren, brueche),
        daten=_values_table(t, own, ids, f"{titel} {t.profil.gebiet.wo}: alle Werte", quelle),
    )


def _with_history(t: Trendprofil, lebenslagen: tuple[str, ...]) -> list[str]:
    """Indicators with at least three values, at most `JE_BILD`, the same people only once.

    First those that rise or fall, then those that did before the last break (the newest first), then the other
    statements.
    """
    counts = t.eigene[t.eigene.anteil.notna()].groupby("indikator").size()
    ids = [
        id
        for id in t.aussagen.index
        if counts.get(id, 0) >= 3 and t.profil.indikator(id).lebenslage in lebenslagen
    ]  # fmt: skip
    order = {word: n for n, word in enumerate(WORTE)}
    moved, before = (table[table.aussage.isin(["steigt", "sinkt"])].bis for table in (t.aussagen, t.davor))
    tested = t.davor.index[t.davor.aussage.isin(GEPRUEFT)]
    ranked = sorted(
        ids,
        key=lambda id: (
            id not in moved,
            -before[id].year if id in before else 0,
            order[t.aussagen.aussage[id]],
            id not in tested,
        ),
    )
    statements = t.aussagen.loc[ranked]
    return list(statements.index[~told_before(t, statements)][:JE_BILD])


def _values_table(t: Trendprofil, own: pd.DataFrame, ids: list[str], titel: str, quelle: str) -> Ausgabe:
    rows = own.dropna(subset="anteil").sort_values(["indikator", "stichtag"])
    return tables.tabelle(
        [tables.Spalte("Stand"), tables.Spalte("Wert"), tables.Spalte("Schwankungsbereich (95 %)")],
        [
            tables.Gruppe(
                [
                    [
                        stand(r.stichtag, t.profil.indikator(id).stichtag).replace(NBSP, " "),
                        wert(r.anteil, t.profil.indikator(id)),
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
