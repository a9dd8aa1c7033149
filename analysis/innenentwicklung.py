"""How the Gemeinden of a Kreis change: lines from then to now, status and dynamic."""

import datetime as dt

import pandas as pd

from analysis import figures, outputs, tables
from analysis.bildtexte import vergleich as bildtexte
from analysis.innenprofil import Innenprofil, comparable_days
from analysis.outputs import Ausgabe, Folge
from analysis.plots import vergleich as bilder
from analysis.vergleich.status_dynamik import status_dynamik
from analysis.wording import NBSP, aufzaehlung, datum, wert, zahl


def entwicklung(s: Innenprofil, ids: list[str], seed: int) -> Ausgabe | Folge:
    """Values then and now, and status and dynamic of the areas as the Berlin Monitoring Soziale Stadtentwicklung."""
    richtung = {id: s.indikator(id).richtung for id in ids if s.indikator(id).richtung != "ohne"}
    earlier = comparable_days(s, [id for id in richtung if len(s.of(id))])
    richtung = {id: way for id, way in richtung.items() if id in earlier}
    now = s.werte[s.werte.indikator.isin(richtung)]
    before = s.reihen[[earlier.get(i) == d for i, d in zip(s.reihen.indikator, s.reihen.stichtag, strict=True)]]
    enough = now[now.anteil.notna()].ags.nunique() >= 5 and before[before.anteil.notna()].ags.nunique() >= 5
    if not richtung or not enough:
        return outputs.saetze(["Lage und Entwicklung: Dafür gibt es noch nicht zwei Stände, die man vergleichen kann."])
    slopes = [verlauf(s, id, earlier[id]) for id in richtung]
    return Folge((*slopes, _raster(s, now, before, richtung, earlier, seed)))


def verlauf(s: Innenprofil, id: str, frueher: dt.date) -> Ausgabe:
    """One indicator of all areas on an earlier day and now, as lines."""
    indikator, newest = s.indikator(id), s.of(id).stichtag.max()
    rows = s.reihen[(s.reihen.indikator == id) & s.reihen.stichtag.isin([frueher, newest]) & s.reihen.anteil.notna()]
    both = rows[rows.groupby("ags").stichtag.transform("nunique") == 2]
    figure, (ax,) = figures.new_figure(3.4)
    bilder.steigung(ax, both, "", indikator)
    titel = f"{indikator.label}: {datum(frueher)} und {datum(newest)}"
    wide = both.pivot(index="name", columns="stichtag", values="anteil").sort_index()
    return figures.abbildung(
        figure,
        name=f"verlauf_{id}",
        titel=titel,
        einheit="Jede Linie ist ein Gebiet; kleine Gebiete schwanken stark durch Zufall",
        quelle=s.quelle([id]),
        alternativtext=bildtexte.steigung(both, "", indikator),
        daten=tables.tabelle(
            [tables.Spalte(s.woerter.einzahl), *(tables.Spalte(datum(day)) for day in wide)],
            [tables.Gruppe([[name, *(wert(x, indikator) for x in wide.loc[name])] for name in wide.index])],
            titel=titel,
            quelle=s.quelle([id]),
        ),
    )  # fmt: skip


def _raster(
    s: Innenprofil, now: pd.DataFrame, before: pd.DataFrame, richtung: dict, earlier: dict, seed: int
) -> Ausgabe:
    table = status_dynamik(now, before, richtung, s.einwohner, seed=seed)
    table["name"] = table.ags.map(s.reihen.drop_duplicates("ags").set_index("ags").name)
    classed = table[table.status.fillna("") != ""]
    figure, (ax,) = figures.new_figure(4.6)
    bilder.status_dynamik(ax, classed)
    first, last = min(earlier.values()), now.stichtag.max()
    titel = f"Lage {last.year} und Entwicklung seit {first.year}"
    quelle = s.quelle(list(richtung))
    return figures.abbildung(
        figure,
        name="lage_entwicklung",
        titel=titel,
        einheit="In Klammern: Die Klasse ist nicht sicher (weniger als 95 %)",
        quelle=quelle,
        alternativtext=bildtexte.status_dynamik(classed),
        daten=tables.tabelle(
            [tables.Spalte(s.woerter.einzahl), tables.Spalte("Lage", zahl=False), tables.Spalte("Sicher"),
             tables.Spalte("Entwicklung", zahl=False), tables.Spalte("Sicher")],
            [tables.Gruppe([_classes(row) for row in table.sort_values("name").itertuples()])],
            titel=titel,
            quelle=quelle,
            hinweise=[
                f"Kennzahlen: {aufzaehlung([s.indikator(id).kurz for id in richtung])}. Lage „hoch“ heißt: günstiger "
                "als bei den meisten. Entwicklung „positiv“ heißt: Es wurde günstiger als bei den meisten. Beides "
                "ist nur im Vergleich der Gebiete gemeint. „Sicher“: In so vielen von 100 Fällen bliebe die Klasse "
                "gleich, wenn man den Zufall einrechnet.",
            ],
        ),
    )  # fmt: skip


_OHNE_KLASSE = {
    "zu_wenige_einwohner": "zu wenige Einwohner",
    "einwohner_unbekannt": "Einwohnerzahl unbekannt",
    "wert_fehlt": "kein Wert heute oder früher",
}


def _classes(row) -> list[str]:
    if not row.status or pd.isna(row.status):
        return [row.name, _OHNE_KLASSE.get(row.grund, "kein Wert"), "entfällt", "entfällt", "entfällt"]
    shares = [
        "nicht berechenbar" if pd.isna(share) else f"{zahl(share * 100)}{NBSP}%"
        for share in (row.status_anteil, row.dynamik_anteil)
    ]
    return [row.name, row.status, shares[0], row.dynamik, shares[1]]
