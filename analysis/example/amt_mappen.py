"""Layouts of the Meldeaemter that deliver workbooks: a function that writes a year, and its description."""

import pandas as pd

from analysis.example.dateien import Blatt, arbeitsmappe

TINTENBRUECK = {
    "blatt": {"je": "ortsteil", "muster": "OT {wert}", "ohne": ["Deckblatt"]},
    "kopfzeile": 4,
    "form": "breit",
    "spalten": {
        "alter": "Alter",
        "personen": [
            {"spalte": "m deutsch", "geschlecht": "m", "staatsangehoerigkeit": "deutsch"},
            {"spalte": "m nichtdeutsch", "geschlecht": "m", "staatsangehoerigkeit": "nichtdeutsch"},
            {"spalte": "w deutsch", "geschlecht": "w", "staatsangehoerigkeit": "deutsch"},
            {"spalte": "w nichtdeutsch", "geschlecht": "w", "staatsangehoerigkeit": "nichtdeutsch"},
        ],
    },
    "stichtag": {"aus": "zelle", "muster": "Stand: {datum}"},
    "summen": ["Summe"],
    "zeichen": {"": "null"},
    "besondere": [{"text": "95 und älter", "alter_ab": 95}, {"text": "unter 1", "alter": 0}],
}


def tintenbrueck(b: pd.DataFrame, jahr: int) -> bytes:
    """A worksheet per Ortsteil, age down the rows, sex and citizenship across; empty for nobody."""
    sheets = [Blatt("Deckblatt", [["Einwohner Tintenbrück und Mitglieder (erfunden)"], [f"Stand: 31.12.{jahr}"]])]
    for name, part in b.groupby("name", sort=False):
        ages = part.assign(alter=part.alter.clip(upper=95))
        wide = ages.groupby(["alter", "w", "nd"]).personen.sum().unstack(["w", "nd"])
        rows = [
            [{0: "unter 1", 95: "95 und älter"}.get(age, age), *(n or None for n in counts)]
            for age, counts in zip(wide.index.tolist(), wide.to_numpy().tolist(), strict=True)
        ]
        totals = wide.sum().tolist()
        head = ["Alter", "m deutsch", "m nichtdeutsch", "w deutsch", "w nichtdeutsch"]
        title = [[f"Einwohner nach Alter: {name}"], [f"Stand: 31. Dezember {jahr}"], [], head]
        sheets.append(Blatt(f"OT {name}", [*title, *rows, ["Summe", *totals]], ["A1:E1"]))
    return arbeitsmappe(sheets)


ZIRKELLAND = {
    "blatt": "Bestand*",
    "kopfzeile": 3,
    "form": "breit",
    "spalten": {"ortsteil": "Gemeinde", "geschlecht": "Geschlecht", "staatsangehoerigkeit": "Nationalität"},
    "in_spalten": "alter",
    "kopf_muster": "{wert} J.",
    "auffuellen": ["ortsteil", "geschlecht"],
    "werte": {
        "geschlecht": {"m": ["männlich"], "w": ["weiblich"]},
        "staatsangehoerigkeit": {"deutsch": ["Deutsche"], "nichtdeutsch": ["Ausländer"]},
    },
    "stichtag": {"aus": "dateiname"},
    "summen": ["VG insgesamt"],
    "summenspalten": ["Summe"],
    "zeichen": {"": "null"},
}


def zirkelland(b: pd.DataFrame, jahr: int) -> bytes:
    """Ages as columns, merged cells for Gemeinde and sex, a total column and a total row; empty for nobody."""
    ages = sorted(b.alter.unique().tolist())
    wide = b.pivot(index=["nummer", "w", "nd"], columns="alter", values="personen")[ages]
    names = b.drop_duplicates("nummer").set_index("nummer").name
    rows = [["Verwaltungsgemeinschaft Zirkelland: Einwohner nach Alter (erfunden)"], [f"Stichtag 31.12.{jahr}"]]
    rows.append(["Gemeinde", "Geschlecht", "Nationalität", *(f"{age} J." for age in ages), "Summe"])
    merged = ["A1:H1"]
    for (number, w, nd), counts in zip(wide.index, wide.to_numpy().tolist(), strict=True):
        first = not w and not nd
        cells = [names[number] if first else None, None if nd else ("männlich", "weiblich")[w]]
        rows.append([*cells, ("Deutsche", "Ausländer")[nd], *(n or None for n in counts), sum(counts)])
        merged += [f"A{len(rows)}:A{len(rows) + 3}"] if first else []
        merged += [] if nd else [f"B{len(rows)}:B{len(rows) + 1}"]
    totals = wide.sum().tolist()
    rows.append(["VG insgesamt", None, None, *totals, sum(totals)])
    return arbeitsmappe([Blatt(f"Bestand {jahr}", rows, merged), Blatt("Hinweise", [["Alle Angaben sind erfunden."]])])
