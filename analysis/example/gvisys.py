"""Gemeindeverzeichnis (GV-ISys) of the Musterkreis: the quarterly workbook of the statistical offices."""

import datetime as dt

import pandas as pd

from analysis.example.bevoelkerung import Einwohner
from analysis.example.dateien import Blatt, arbeitsmappe, komma
from analysis.example.grenzen import flaeche_km2, grad, zellen
from analysis.example.kreis import gemeinden, musterkreis, ortsteile

_KOPF = [
    ["Satz-art", "Text-kenn-zeichen", "Amtlicher Regionalschlüssel (ARS)", None, None, None, None, "Gemeindename",
     "Fläche km² 1)", "Bevölkerung 2)", None, None, None, "Post-leit-zahl 3)",
     "Geografische Mittelpunktkoordinaten", None, "Reisegebiete", None, "Grad der Verstädterung", None],
    [None, None, "Land", "RB", "Kreis", "VB", "Gem", None, None, "insgesamt", "männlich", "weiblich", "je km²", None,
     "Längengrad", "Breitengrad", "Schlüssel", "Bezeichnung", "Schlüssel", "Bezeichnung"],
]  # fmt: skip
_VERBUNDEN = ["A1:T1", "A3:A4", "B3:B4", "C3:G3", "H3:H4", "I3:I4", "J3:M3", "N3:N4", "O3:P3", "Q3:R3", "S3:T3"]


def verzeichnis(stand: dt.date, einwohner: Einwohner, jahr: int) -> bytes:
    """Workbook of a quarter.

    Parameters
    ----------
    stand
        Territorial date, the last day of a quarter.
    einwohner
        Population of official statistics at 31 December of `jahr`.
    jahr
        Year of the population, earlier than `stand` by a year or so as in the original.
    """
    title = f"Gemeinden in Deutschland nach Fläche, Bevölkerung und Postleitzahl am {stand:%d.%m.%Y} (erfundener Kreis)"
    numbers = ["01", "02", "03", "04", "05", "06", "07", "08", "09", *(str(n) for n in range(10, 21))]
    unit = [None] * 8 + ["km²", *(["Anzahl"] * 4), None, "Grad", "Grad", None, None, None, None]
    rows = [[title], [f"Gebietsstand: {stand:%d.%m.%Y}"], *_KOPF, unit, numbers]
    rows += [*_zeilen(einwohner), []]
    rows += [
        ["1)", "Erfundene Fläche."],
        ["2)", f"Bevölkerung am 31.12.{jahr} auf Grundlage des Zensus {2022 if jahr >= 2022 else 2011}."],
        ["3)", "Erfundene Postleitzahl; alle Angaben dieses Kreises sind erfunden."],
    ]
    sheet = f"Onlineprodukt_Gemeinden{stand:%d%m%Y}"
    notes = [["Erläuterungen"], ["Diese Datei gehört zum Musterkreis. Alle Angaben sind erfunden."]]
    return arbeitsmappe([Blatt("Deckblatt", [["Gemeindeverzeichnis-Informationssystem (erfunden)"]]),
                         Blatt(sheet, rows, _VERBUNDEN), Blatt("Erläuterungen", notes)])  # fmt: skip


def flaechen() -> pd.Series:
    """Area of each Gemeinde in km² (index: key), to two digits."""
    return pd.Series({ags: round(flaeche_km2(ring), 2) for ags, ring in zellen().items()})


def _zeilen(e: Einwohner) -> list[list]:
    kreis, land = musterkreis()["kreis"], musterkreis()["kreis"][:2]
    key = [land, kreis[2], kreis[3:]]
    where = ortsteile().ags.to_numpy()[e.ortsteil]
    people = pd.Series(where).value_counts()
    women = pd.Series(where[e.weiblich]).value_counts().reindex(people.index, fill_value=0)
    area, rows = flaechen(), []
    rows.append(["10", None, land, *([None] * 4), "Musterland (erfunden)"])
    rows.append(["40", "44", *key, None, None, "Musterkreis (erfunden)"])
    for verband in musterkreis()["verbaende"]:
        rows.append(["50", str(verband["art"]), *key, verband["vb"], None, verband["name"]])
        members = gemeinden()[gemeinden().vb == verband["vb"]]
        for g in members.itertuples():
            lon, lat = grad(members.loc[[g.Index], ["x_km", "y_km"]].to_numpy())[0]
            n, w, km2 = int(people[g.ags]), int(women[g.ags]), float(area[g.ags])
            rows.append([
                "60", "63" if g.stadt else "64", *key, g.vb, g.ags[5:], g.langname, km2, n, n - w, w, round(n / km2),
                g.plz, komma(lon, 5), komma(lat, 5), "X99", "Musterkreis", *_verstaedterung(n / km2),
            ])  # fmt: skip
    return [row + [None] * (20 - len(row)) for row in rows]


def _verstaedterung(je_km2: float) -> tuple[str, str]:
    return ("02", "mittlere Besiedlungsdichte") if je_km2 > 300 else ("03", "gering besiedelt")
