"""Hand-made deliveries of offices with clearly different layouts; every one holds the same seven counts.

| Ortsteil | born | sex | citizenship  | persons |
| Altstadt | 1950 | m   | deutsch      | 12      |
| Altstadt | 1950 | w   | deutsch      | 15      |
| Altstadt | 2010 | w   | nichtdeutsch | 4       |
| Altstadt | 1924 and before | w | deutsch | 3   |
| Bergdorf | 1950 | m   | deutsch      | 5       |
| Bergdorf | 2006 | m   | nichtdeutsch | 2       |
| Bergdorf | 2023 | w   | deutsch      | 1       |

By hand for 31.12.2023: Altstadt 34 persons (99099001), Bergdorf 8 (99099007); under 18: 4 and 1 (born 2006 is 17, so
3); from 65: 30 and 5; foreign: 4 and 2.
"""

import io
from pathlib import Path

import openpyxl
import yaml

ORTSTEILE = [
    {"schluessel": "99099001.altstadt", "name": "Altstadt", "gemeinde": "99099001", "schreibweisen": ["Alt-Stadt"]},
    {"schluessel": "99099007.bergdorf", "name": "Bergdorf", "gemeinde": "99099007"},
]
WERTE = {
    "geschlecht": {"m": ["M", "männlich", "1"], "w": ["W", "weiblich", "2"]},
    "staatsangehoerigkeit": {"deutsch": ["D", "deutsch", "000"], "nichtdeutsch": ["*"]},
}
BASE = {"amt": "muster", "name": "Meldeamt Muster", "kreis": "99099", "ortsteile": ORTSTEILE, "werte": WERTE}
COUNTS = [
    ("99099001.altstadt", 1924, "w", "deutsch", 3),
    ("99099001.altstadt", 1950, "m", "deutsch", 12),
    ("99099001.altstadt", 1950, "w", "deutsch", 15),
    ("99099001.altstadt", 2010, "w", "nichtdeutsch", 4),
    ("99099007.bergdorf", 1950, "m", "deutsch", 5),
    ("99099007.bergdorf", 2006, "m", "nichtdeutsch", 2),
    ("99099007.bergdorf", 2023, "w", "deutsch", 1),
]
EINZELN = {"ortsteil": "Ortsteil", "geschlecht": "Geschlecht", "staatsangehoerigkeit": "Staatsang."}

LANG = """Einwohnerstatistik Musterstädtchen;;;;
Stand: 31. Dezember 2023;;;;
Ortsteil;Geburtsjahr;Geschlecht;Staatsang.;Anzahl
Altstadt;vor 1925;W;D;3
Alt-Stadt;1950;M;D;12
altstadt ;1950;W;D;15
Altstadt;2010;W;163;4
Bergdorf;1950;M;D;5
Bergdorf;2006;M;479;2
Bergdorf;2023;W;D;1
Insgesamt;;;;42
Quelle: Melderegister der Stadt
"""
LANG_YAML = {
    **BASE,
    "datei": "EWO_{jahr}.csv",
    "kodierung": "latin-1",
    "kopfzeile": 3,
    "form": "lang",
    "spalten": {**EINZELN, "jahrgang": "Geburtsjahr", "personen": "Anzahl"},
    "stichtag": {"aus": "zelle", "muster": "Stand: {datum}"},
    "summen": ["Insgesamt"],
    "zeichen": {"<3": "geheim"},
    "besondere": [{"text": "vor 1925", "jahrgang_bis": 1924}],
}

BREIT = [
    ["Bestand am 31.12.2023"],
    [None, None, "männlich", None, "weiblich", None, "gesamt"],
    ["Ortsteil", "Jahrgang", "deutsch", "nichtdeutsch", "deutsch", "nichtdeutsch"],
    ["Altstadt", "1924 und früher", "-", "-", 3, "-", 3],
    [None, 1950, 12, "-", 15, "-", 27],
    [None, 2010, "-", "-", "-", 4, 4],
    ["Summe Altstadt", None, 12, 0, 18, 4, 34],
    ["Bergdorf", 1950, 5, "-", "-", "-", 5],
    [None, 2006, "-", 2, "-", "-", 2],
    [None, 2023, "-", "-", 1, "-", 1],
    ["Summe Bergdorf", None, "=SUM(C8:C10)", 2, 1, 0, 8],
    ["Amt insgesamt", None, 17, 2, 19, 4, 42],
]
BREIT_YAML = {
    **BASE,
    "datei": "Bevoelkerung_{datum}.xlsx",
    "blatt": "Bestand",
    "kopfzeile": [2, 3],
    "form": "breit",
    "spalten": {
        "ortsteil": "Ortsteil",
        "jahrgang": "Jahrgang",
        "personen": [
            {"spalte": "männlich deutsch", "geschlecht": "m", "staatsangehoerigkeit": "deutsch"},
            {"spalte": "männlich nichtdeutsch", "geschlecht": "m", "staatsangehoerigkeit": "nichtdeutsch"},
            {"spalte": "weiblich deutsch", "geschlecht": "w", "staatsangehoerigkeit": "deutsch"},
            {"spalte": "weiblich nichtdeutsch", "geschlecht": "w", "staatsangehoerigkeit": "nichtdeutsch"},
            {"spalte": "gesamt", "geschlecht": "summe", "staatsangehoerigkeit": "summe"},
        ],
    },
    "auffuellen": ["ortsteil"],
    "stichtag": {"aus": "dateiname"},
    "summen": ["Summe {ortsteil}", "Amt insgesamt"],
    "zeichen": {"-": "null", "*": "geheim"},
    "besondere": [{"text": "1924 und früher", "jahrgang_bis": 1924}],
}
BREIT_YAML.pop("werte")

JE_BLATT = {
    "Deckblatt": [["Altersstruktur", "2023"]],
    "OT Altstadt": [
        ["Alter", "Geschlecht", "Nationalität", "Personen"],
        ["99 und älter", 2, "000", 3],
        [73, 1, "000", 12],
        [73, 2, "000", 15],
        [13, 2, "163", 4],
        ["Summe", None, None, 34],
    ],
    "OT Bergdorf": [
        ["Alter", "Geschlecht", "Nationalität", "Personen"],
        [73, 1, "000", 5],
        [17, 1, "479", 2],
        ["unter 1", 2, "000", 1],
        ["Summe", None, None, 8],
    ],
}
JE_BLATT_YAML = {
    **BASE,
    "datei": "Altersstruktur {jahr}.xlsx",
    "blatt": {"je": "ortsteil", "muster": "OT {wert}", "ohne": ["Deckblatt"]},
    "kopfzeile": "suchen",
    "form": "lang",
    "spalten": {"alter": "Alter", "geschlecht": "Geschlecht", "staatsangehoerigkeit": "Nationalität",
                "personen": "Personen"},
    "stichtag": {"aus": "dateiname"},
    "summen": ["Summe"],
    "besondere": [{"text": "99 und älter", "alter_ab": 99}, {"text": "unter 1", "alter": 0}],
}  # fmt: skip

ALTER_QUER = """Ortsteil\tGeschlecht\tStaatsang.\t0 J.\t13 J.\t17 J.\t73 J.\t99 J. und mehr\tSumme
Altstadt\tmännlich\tdeutsch\t0\t0\t0\t12\t0\t12
Altstadt\tweiblich\tdeutsch\t0\t0\t0\t15\t3\t18
Altstadt\tweiblich\tsonstige\t0\t4\t0\t0\t0\t4
Bergdorf\tmännlich\tdeutsch\t0\t0\t0\t5\t0\t5
Bergdorf\tmännlich\tsonstige\t0\t0\t2\t0\t0\t2
Bergdorf\tweiblich\tdeutsch\t1\t0\t0\t0\t0\t1
"""
ALTER_QUER_YAML = {
    **BASE,
    "datei": "alter_{datum}.txt",
    "trennzeichen": "tab",
    "kopfzeile": 1,
    "form": "breit",
    "in_spalten": "alter",
    "kopf_muster": "{wert} J.",
    "spalten": EINZELN,
    "stichtag": {"aus": "dateiname", "vortag": True},
    "summenspalten": ["Summe"],
    "besondere": [{"text": "99 J. und mehr", "alter_ab": 99}],
}

PERSONEN_YAML = {
    **BASE,
    "datei": "Einzelliste_{jahr}.csv",
    "trennzeichen": ",",
    "kopfzeile": 1,
    "form": "personen",
    "spalten": {**EINZELN, "jahrgang": "GebJahr"},
    "stichtag": {"aus": "spalte", "spalte": "Stichtag"},
    "besondere": [{"text": "1924", "jahrgang_bis": 1924}],
}

ABSCHNITTE = """Liste aus dem Verfahren|||
|||
Ortsteil: Altstadt|||
1924-|weiblich|D|3
1950|männlich|D|12
1950|weiblich|D|15
Seite 1||
2010|weiblich|A|4
Ortsteil: Bergdorf|||
1950|männlich|D|5
2006|männlich|A|2
2023|weiblich|D|1
"""
ABSCHNITTE_YAML = {
    **BASE,
    "datei": "liste_{jahr}.txt",
    "kodierung": "utf-16",
    "trennzeichen": "|",
    "kopfzeile": 0,
    "form": "lang",
    "spalten": {"jahrgang": 1, "geschlecht": 2, "staatsangehoerigkeit": 3, "personen": 4},
    "abschnitt": {"ortsteil": "Ortsteil: {wert}"},
    "stichtag": {"aus": "dateiname"},
    "ueberlesen": ["Liste aus *", "Seite *"],
    "besondere": [{"text": "1924-", "jahrgang_bis": 1924}],
}


def persons() -> str:
    """One row per resident, with columns that must not be kept."""
    names = {"m": "1", "w": "2", "deutsch": "000", "nichtdeutsch": "163"}
    ortsteile = {"99099001.altstadt": "Altstadt", "99099007.bergdorf": "Bergdorf"}
    rows = ["Stichtag,Familienname,Geburtsdatum,GebJahr,Ortsteil,Geschlecht,Staatsang."]
    for ortsteil, born, sex, citizenship, number in COUNTS:
        row = f"31.12.2023,Geheimer,{born}-03-04,{born},{ortsteile[ortsteil]},{names[sex]},{names[citizenship]}"
        rows += [row] * number
    return "\n".join([*rows, ""])


def book(sheets: dict[str, list[list]]) -> bytes:
    """Workbook with these sheets."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


LAYOUTS = {
    "lang": ("EWO_2023.csv", LANG.encode("latin-1"), LANG_YAML),
    "breit": ("Bevoelkerung_31.12.2023.xlsx", book({"Bestand": BREIT, "Hinweise": [["x"]]}), BREIT_YAML),
    "je_blatt": ("Altersstruktur 2023.xlsx", book(JE_BLATT), JE_BLATT_YAML),
    "alter_quer": ("alter_20240101.txt", ALTER_QUER.encode(), ALTER_QUER_YAML),
    "personen": ("Einzelliste_2023.csv", b"\xef\xbb\xbf" + persons().replace("\n", "\r\n").encode(), PERSONEN_YAML),
    "abschnitte": ("liste_2023.txt", ABSCHNITTE.encode("utf-16"), ABSCHNITTE_YAML),
}
"""Layout → file name, content, YAML of the office."""


def write(folder: Path, layout: str, content: bytes | None = None, **changes) -> Path:
    """Write a layout and its YAML (with `changes`) into a folder; return the data file."""
    name, original, amt = LAYOUTS[layout]
    folder.mkdir(exist_ok=True)
    described = {key: value for key, value in {**amt, **changes}.items() if value is not None}
    (folder / "amt.yaml").write_text(yaml.safe_dump({"meldeamt": described}, allow_unicode=True), encoding="utf-8")
    (folder / name).write_bytes(original if content is None else content)
    return folder / name
