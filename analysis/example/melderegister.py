"""The yearly deliveries of the nine Meldeaemter, each in the layout of its own software, with its description.

A layout is one entry of `AEMTER`: the file's name, a function that writes a year, and the description that tells a
reader how to read it.
"""

import pandas as pd

from analysis.example import amt_mappen, amt_texte
from analysis.example.bevoelkerung import HOECHSTALTER, Einwohner
from analysis.example.dateien import yaml_datei
from analysis.example.kreis import musterkreis, ortsteile

AEMTER = {
    "glockenmark": ("EWO_Glockenmark_{jahr}.csv", amt_texte.glockenmark, amt_texte.GLOCKENMARK),
    "laternberg": ("Laternberg_Bestand_{datum}.csv", amt_texte.laternberg, amt_texte.LATERNBERG),
    "uhrenstedt": ("uhrenstedt_einwohner_{jahr}.csv", amt_texte.uhrenstedt, amt_texte.UHRENSTEDT),
    "nebelroda": ("Altersstruktur_Nebelroda_{jahr}.csv", amt_texte.nebelroda, amt_texte.NEBELRODA),
    "stempelau": ("STEMPELAU_{jahr}.TXT", amt_texte.stempelau, amt_texte.STEMPELAU),
    "tintenbrueck": ("Tintenbrueck Einwohner {jahr}.xlsx", amt_mappen.tintenbrueck, amt_mappen.TINTENBRUECK),
    "zirkelland": ("VG Zirkelland {datum}.xlsx", amt_mappen.zirkelland, amt_mappen.ZIRKELLAND),
    "wolkengrund": ("vg_wolkengrund_{jahr}.txt", amt_texte.wolkengrund, amt_texte.WOLKENGRUND),
    "lupenhoehe": ("Lupenhoehe-{jahr}.csv", amt_texte.lupenhoehe, amt_texte.LUPENHOEHE),
}

SCHREIBWEISEN = {
    "99099001.suedvorstadt": ("Suedvorstadt", 2018),
    "99099002.kleinlaternen": ("Klein-Laternen", 2019),
    "99099003.grossunruh": ("Gross-Unruh", 2020),
}
"""Ortsteil → the spelling that its office used up to and including a year."""


def bestand(e: Einwohner, amt: str, jahr: int) -> pd.DataFrame:
    """Registered persons of an office.

    Returns
    -------
    pandas.DataFrame
        Columns `ortsteil` (key), `name` (as the office spelt it in that year), `nummer` (01, 02, … within the
        office), `jahrgang`, `alter`, `w` (0 or 1), `nd` (0 or 1), `personen`; every combination of these, also with
        0 persons; the youngest first.
    """
    parts = ortsteile()
    mine = parts[parts.amt == amt]
    names = [SCHREIBWEISEN[k][0] if k in SCHREIBWEISEN and jahr <= SCHREIBWEISEN[k][1] else n
             for k, n in zip(mine.ortsteil, mine.name, strict=True)]  # fmt: skip
    numbers = [f"{n:02d}" for n in range(1, len(mine) + 1)]
    here = e.nur((parts.amt == amt).to_numpy()[e.ortsteil])
    counts = pd.DataFrame(
        {"teil": here.ortsteil, "jahrgang": here.jahrgang, "w": here.weiblich * 1, "nd": here.auslaender * 1}
    ).value_counts()
    oldest = jahr - HOECHSTALTER
    index = pd.MultiIndex.from_product(
        [mine.index, range(jahr, oldest - 1, -1), (0, 1), (0, 1)], names=["teil", "jahrgang", "w", "nd"]
    )
    table = counts.reindex(index, fill_value=0).rename("personen").reset_index()
    known = pd.DataFrame({"ortsteil": mine.ortsteil, "name": names, "nummer": numbers}, index=mine.index)
    return table.join(known, on="teil").assign(alter=jahr - table.jahrgang).drop(columns="teil")


def lieferung(e: Einwohner, amt: str, jahr: int) -> tuple[str, bytes]:
    """Name and content of an office's delivery of a year."""
    pattern, write, _ = AEMTER[amt]
    return pattern.format(jahr=jahr, datum=f"31.12.{jahr}"), write(bestand(e, amt, jahr), jahr)


def beschreibung(amt: str) -> bytes:
    """Description (YAML) of an office's files."""
    pattern, _, layout = AEMTER[amt]
    name = next(v["name"] for v in musterkreis()["verbaende"] if v["amt"] == amt)
    parts = ortsteile()[ortsteile().amt == amt]
    entries = []
    for number, r in enumerate(parts.itertuples(), start=1):
        spellings = [SCHREIBWEISEN[r.ortsteil][0]] if r.ortsteil in SCHREIBWEISEN else []
        spellings += [f"{number:02d}"] if amt == "stempelau" else []
        entry = {"schluessel": r.ortsteil, "name": r.name, "gemeinde": r.ags}
        entries.append(entry | ({"schreibweisen": spellings} if spellings else {}))
    head = {"amt": amt, "name": f"{name}, Meldebehörde (erfunden)", "kreis": musterkreis()["kreis"], "datei": pattern}
    return yaml_datei({"meldeamt": {**head, **layout, "ortsteile": entries}}, "Erfundenes Meldeamt des Musterkreises")
