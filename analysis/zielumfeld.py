"""What stands beside the goals, figures and other strategies: third part of `notebooks/05_zielmonitoring.ipynb`."""

import pandas as pd

from analysis import outputs, tables
from analysis.outputs import Ausgabe, Folge
from analysis.trendbericht import davor, gesagt
from analysis.trendprofil import Trendprofil
from analysis.wording import NBSP, intervalltext, zahl
from analysis.ziele.auswertung import lebenslagen as by_lebenslage
from analysis.zielprofil import Zielprofil


def kennzahlen(z: Zielprofil) -> Ausgabe:
    """Indicators beside the goals that name them, with newest value and trend statement."""
    named = [ziel for ziel in z.katalog.ziele if ziel.indikatoren]
    if not named:
        return outputs.saetze(
            ["Kein Ziel nennt eine Kennzahl. Deshalb lässt sich hier nicht zeigen, ob sich die Lage in die gewünschte "
             "Richtung bewegt. Eine Kennzahl trägt man im Katalog bei ihrem Ziel ein."]
        )  # fmt: skip
    ids = [
        id
        for id in dict.fromkeys(id for ziel in named for id in ziel.indikatoren)
        if id in z.trends.profil.vergleich.index
    ]
    return tables.tabelle(
        [tables.Spalte("Kennzahl"), tables.Spalte("Neuester Wert"), tables.Spalte("Schwankungsbereich (95 %)"),
         tables.Spalte("Stand", zahl=False), tables.Spalte("Trend", zahl=False), tables.Spalte("Davor", zahl=False)],
        [tables.Gruppe([_indicator(z.trends, id) for id in ziel.indikatoren], titel=f"{ziel.code}: {ziel.text}")
         for ziel in named],
        titel=f"Kennzahlen der Ziele {z.gebiet.wo}",
        name="kennzahlen",
        quelle=z.trends.profil.quelle(ids) if ids else z.quelle,
        hinweise=["Trend: die fünf neuesten Jahre, die man vergleichen kann; davor: die letzten fünf vergleichbaren "
                  "Jahre vor einem Bruch. „steigt“ und „sinkt“ heißt, dass Zufall nahezu ausgeschlossen ist (99,8 %). "
                  "Ein Trend beweist nicht, dass ein Ziel oder eine Maßnahme gewirkt hat. Die Zahlen sind die "
                  "neuesten, auch wenn der Stand der Ziele älter ist."],
    )  # fmt: skip


def _indicator(t: Trendprofil, id: str) -> list[str]:
    """Name, newest value with interval and date, statement and earlier statement of an indicator."""
    indikator = t.profil.indikator(id)
    if id not in t.profil.vergleich.index or id not in t.aussagen.index:
        return [indikator.label, *["kein Wert"] * 5]
    row = next(t.aussagen.loc[[id]].itertuples())
    interval = intervalltext(t.profil.vergleich.loc[id], indikator)
    return [indikator.label, t.profil.wert(id), interval, t.profil.stand(id), gesagt(t, row), davor(t, id)]


def lebenslagen(z: Zielprofil) -> Folge:
    """Goals of each Lebenslage beside the mentions in the 15 strategies of Thüringen, and the goals named there."""
    table, about = by_lebenslage(z.ziele, z.strategien), z.strategien.attrs
    none = int((z.ziele.lebenslage == "").sum())
    rows = [
        [r.name, zahl(r.ziele) if r.ziele else "keine", f"{zahl(r.strategien)} von{NBSP}{zahl(about['strategien'])}"]
        for r in table.itertuples(index=False)
    ]
    brochure = "Thüringer Broschüre zur Armutsprävention (2020)"
    here = table.set_index("lebenslage").ziele
    return Folge(
        (
            tables.tabelle(
                [tables.Spalte("Lebenslage"), tables.Spalte("Ziele hier"), tables.Spalte("Strategien in Thüringen")],
                [tables.Gruppe([*rows, ["ohne Lebenslage", zahl(none) if none else "keine", "entfällt"]])],
                titel=f"Lebenslagen in den Zielen {z.gebiet.wo} und in 15 Strategien",
                name="lebenslagen",
                quelle=f"{z.quelle}; {brochure}, {about['fundstelle'].partition(',')[0]}",
                hinweise=["Strategien in Thüringen: wie viele der 15 Armutspräventionsstrategien die Lebenslage "
                          "ansprechen. Die erste Spalte zählt Ziele, die zweite Strategien; man kann sie nicht "
                          "voneinander abziehen.", about["hinweis"]],
            ),
            tables.tabelle(
                [tables.Spalte("Ziel in den Strategien"), tables.Spalte("Wie oft")],
                [tables.Gruppe([[g.text, "nicht lesbar" if pd.isna(g.nennungen) else zahl(g.nennungen)]
                                for g in goals.itertuples()],
                               titel=f"{goals.name.iloc[0]}: hier {_goals(here[code])}")
                 for code, goals in z.strategieziele.groupby("lebenslage", sort=False)],
                titel="Was die 15 Strategien in Thüringen als Ziel nennen",
                name="strategieziele",
                quelle=f"{brochure}, {about['fundstelle_ziele'].partition(',')[0]}",
                hinweise=["Wie oft: in wie vielen der 15 Strategien ein solches Ziel steht. Die Broschüre fasst "
                          "ähnliche Ziele zusammen. So sieht man, woran man bei einer Lebenslage noch denken kann."],
            ),
        )
    )  # fmt: skip


def _goals(count: int) -> str:
    return {0: "keine Ziele", 1: "1 Ziel"}.get(count, f"{zahl(count)} Ziele")
