"""Tables of the Regionaldatenbank for the Musterkreis: flat CSV files, unsorted, one of them in a ZIP."""

import numpy as np
import pandas as pd

from analysis.example.bevoelkerung import Einwohner
from analysis.example.dateien import archiv, komma, text
from analysis.example.gvisys import flaechen
from analysis.example.kreis import gemeinden, musterkreis, ortsteile
from analysis.example.zufall import strom

_GES = {"": "Insgesamt", "GESM": "männlich", "GESW": "weiblich"}
_NAT = {"": "Insgesamt", "NATA": "ausländisch"}
_ARBEITSPLAETZE = {"stadt": 0.78, "umland": 0.42, "land": 0.24}
"""Jobs per resident of 15 to 64, by group of Gemeinden."""
_SIEDLUNG = {"stadt": 0.21, "umland": 0.115, "land": 0.075}
"""Share of settlement area, by group of Gemeinden."""


def bevoelkerung_kreis(stand: dict[int, Einwohner]) -> dict[str, bytes]:
    """Table 12411-01-01-4: population of the Kreis by sex at the end of each year."""
    table = _bevoelkerung(stand, lambda e: np.full(len(e), musterkreis()["kreis"]))
    return _datei("12411-01-01-4", _zeilen_12411(table, "KREISE", "Kreise und kreisfreie Städte"))


def bevoelkerung_gemeinden(stand: dict[int, Einwohner]) -> dict[str, bytes]:
    """Table 12411-01-01-5 as ZIP: population of the Gemeinden by sex at the end of each year."""
    table = _bevoelkerung(stand, lambda e: ortsteile().ags.to_numpy()[e.ortsteil])
    plain = _datei("12411-01-01-5", _zeilen_12411(table, "GEMEIN", "Gemeinden"))
    return {"12411-01-01-5_de_flat.zip": archiv(plain)}


def zensus(e: Einwohner) -> dict[str, bytes]:
    """Table 1000A-0000: residents of the Gemeinden (12-digit keys) at the census of 15 May 2022."""
    people = pd.Series(ortsteile().ags.to_numpy()[e.ortsteil]).value_counts()
    rows = [
        ["1000A", "Bevölkerung kompakt (Gebietsstand 15.05.2022)", "STAG", "Stichtag", "2022-05-15", "GEOGM4",
         "Gemeinden (Gebietsstand 15.05.2022)", g.ars, g.langname, people[g.ags], "Anzahl", "PRS018", "Personen"]
        for g in gemeinden().itertuples()
    ]  # fmt: skip
    return _datei("1000A-0000", rows)


def beschaeftigte(seed: int, stand: dict[int, Einwohner]) -> dict[str, bytes]:
    """Tables 13111-01-03: employees at their place of work on 30 June, of the Kreis and of the Gemeinden.

    In a Gemeinde one or two foreign employees are `.`, none are `-`.
    """
    rng, places = strom(seed, "beschaeftigung"), gemeinden()
    jobs = places.gruppe.map(_ARBEITSPLAETZE).to_numpy() * (0.85 + 0.3 * rng.random(len(places)))
    kreis, rows, rows_kreis = musterkreis()["kreis"], [], []
    for year, e in stand.items():
        alter = year - e.jahrgang
        able = ortsteile().ags.to_numpy()[e.ortsteil[(alter >= 15) & (alter < 65)]]
        base = pd.Series(able).value_counts().reindex(places.ags).to_numpy()
        all_jobs = np.rint(base * jobs * (1 + 0.004 * (year - 2015)) + rng.random(len(places))).astype(int)
        men = np.rint(all_jobs * (0.49 + 0.06 * rng.random(len(places)))).astype(int)
        foreign = np.floor(all_jobs * (0.02 + 0.006 * (year - 2015)) + rng.random(len(places))).astype(int)
        foreign_men = np.floor(foreign * 0.6).astype(int)
        counts = {("", ""): all_jobs, ("", "GESM"): men, ("", "GESW"): all_jobs - men, ("NATA", ""): foreign}
        counts |= {("NATA", "GESM"): foreign_men, ("NATA", "GESW"): foreign - foreign_men}
        for (nat, ges), values in counts.items():
            label = "Statistik der sozialversicherungspflichtig Beschäftigten"
            head = ["13111", label, "STAG", "Stichtag", f"{year}-06-30"]
            end = ["NAT", "Nationalität", nat, _NAT[nat], "GES", "Geschlecht", ges, _GES[ges]]
            code = ["Anzahl", "ERW032", "Sozialversicherungspfl. Beschäftigte (Arbeitsort)"]
            place = ["KREISE", "Kreise und kreisfreie Städte", kreis, "Musterkreis"]
            rows_kreis.append([*head, *place, *end, values.sum(), *code])
            for g, n in zip(places.itertuples(), values.tolist(), strict=True) if not ges else ():
                shown = "." if nat and 0 < n < 3 else n or "-"
                rows.append([*head, "GEMEIN", "Gemeinden", g.ags, g.langname, *end, shown, *code])
    return _datei("13111-01-03-4", rows_kreis) | _datei("13111-01-03-5", rows)


def siedlungsflaeche(seed: int) -> dict[str, bytes]:
    """Table AI-N-01-2-5: share of settlement area of the Gemeinden; unknown in the smallest one in one year."""
    rng, places = strom(seed, "flaechen"), gemeinden()
    share = places.gruppe.map(_SIEDLUNG).to_numpy() * (0.8 + 0.4 * rng.random(len(places)))
    share *= (flaechen().reindex(places.ags).to_numpy() / 27) ** -0.2
    rows = []
    for year in (2022, 2023):
        before, share = share, share + 0.002 * (rng.random(len(places)) > 0.4)
        for n, g in enumerate(places.itertuples()):
            head = ["99910", "Regionalatlas Deutschland", "JAHR", "Jahr", str(year)]
            head += ["GEMEIN", "Gemeinden", g.ags, g.langname]
            known = (year, n) != (2022, len(places) - 1)
            grown = (share[n] - before[n]) * 100
            label = "Anteil Siedlungs- und Verkehrsfläche an Gesamtfläche"
            rows.append([*head, komma(share[n] * 100, 1) if known else ".", "Prozent", "AI0111", label])
            label = "Veränderung der Siedlungs- und Verkehrsfläche"
            rows.append([*head, komma(grown, 1) if grown > 0.05 else "-", "Prozent", "AI0112", label])
    return _datei("AI-N-01-2-5", rows)


def _bevoelkerung(stand: dict[int, Einwohner], where) -> pd.DataFrame:
    """Counts per year and key: columns `jahr`, `ags`, `GESM`, `GESW`."""
    parts = [
        pd.DataFrame({"jahr": year, "ags": where(e), "ges": np.where(e.weiblich, "GESW", "GESM")})
        .value_counts()
        .unstack("ges", fill_value=0)
        .reset_index()
        for year, e in stand.items()
    ]
    return pd.concat(parts, ignore_index=True)


def _zeilen_12411(table: pd.DataFrame, kind: str, kind_label: str) -> list[list]:
    names = dict(zip(gemeinden().ags, gemeinden().langname, strict=True)) | {musterkreis()["kreis"]: "Musterkreis"}
    head = ["12411", "Fortschreibung des Bevölkerungsstandes", "STAG", "Stichtag"]
    rows = []
    for r in table.itertuples(index=False):
        for ges, n in (("", r.GESM + r.GESW), ("GESM", r.GESM), ("GESW", r.GESW)):
            place = [f"{r.jahr}-12-31", kind, kind_label, r.ags, names[r.ags]]
            rows.append(
                [*head, *place, "GES", "Geschlecht", ges, _GES[ges], n, "Anzahl", "BEVSTD", "Bevölkerungsstand"]
            )
    return rows


def _datei(name: str, rows: list[list]) -> dict[str, bytes]:
    """Flat CSV file of a table; the rows in no order, as the offices deliver them."""
    columns = (len(rows[0]) - 9) // 4
    header = ["statistics_code", "statistics_label", "time_code", "time_label", "time"]
    for n in range(1, columns + 1):
        header += [f"{n}_variable_{field}" for field in ("code", "label", "attribute_code", "attribute_label")]
    header += ["value", "value_unit", "value_variable_code", "value_variable_label"]
    mixed = np.argsort(np.random.Generator(np.random.PCG64(len(rows))).random(len(rows)), kind="stable")
    lines = [";".join(header), *(";".join(map(str, rows[n])) for n in mixed)]
    return {f"{name}_de_flat.csv": text(lines, "utf-8-sig", "\n")}
