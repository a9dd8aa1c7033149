"""Layouts of the Meldeaemter that deliver text files: a function that writes a year, and its description."""

import pandas as pd

from analysis.example.dateien import text


def _punkt(n: int) -> str:
    return f"{n:,}".replace(",", ".")


GLOCKENMARK = {
    "kodierung": "latin-1",
    "trennzeichen": ";",
    "kopfzeile": 4,
    "form": "breit",
    "spalten": {"jahrgang": "Geburtsjahr", "geschlecht": "Geschlecht", "staatsangehoerigkeit": "Staatsangehörigkeit"},
    "in_spalten": "ortsteil",
    "summenspalten": ["Insgesamt"],
    "werte": {
        "geschlecht": {"m": ["M"], "w": ["W"]},
        "staatsangehoerigkeit": {"deutsch": ["D"], "nichtdeutsch": ["A"]},
    },
    "stichtag": {"aus": "zelle", "muster": "Stichtag: {datum}"},
    "summen": ["Insgesamt"],
}


def glockenmark(b: pd.DataFrame, jahr: int) -> bytes:
    """Ortsteile as columns, a total column and a total row; Latin-1."""
    wide = b.pivot(index=["jahrgang", "w", "nd"], columns="nummer", values="personen").sort_index(
        ascending=[False, True, True]
    )
    names = b.drop_duplicates("nummer").sort_values("nummer").name
    width = 3 + len(names) + 1
    rows = [[f"{y}", "MW"[w], "DA"[nd], *map(str, counts), str(sum(counts))]
            for (y, w, nd), counts in zip(wide.index, wide.to_numpy().tolist(), strict=True)]  # fmt: skip
    totals = wide.sum().tolist()
    lines = [
        ["Stadt Glockenmark: Einwohner mit Hauptwohnung (erfunden)"],
        [f"Stichtag: 31.12.{jahr}"],
        [],
        ["Geburtsjahr", "Geschlecht", "Staatsangehörigkeit", *names, "Insgesamt"],
        *rows,
        ["Insgesamt", "", "", *map(str, totals), str(sum(totals))],
    ]
    return text([";".join(line + [""] * (width - len(line))) for line in lines], "latin-1")


LATERNBERG = {
    "kodierung": "utf-8",
    "trennzeichen": ";",
    "kopfzeile": 1,
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
    "stichtag": {"aus": "dateiname"},
    "summen": ["Summe {ortsteil}", "Laternberg gesamt"],
    "zeichen": {"-": "null"},
    "tausender": ".",
}


def laternberg(b: pd.DataFrame, jahr: int) -> bytes:
    """Sex and citizenship as columns, `-` for nobody, a total below each Ortsteil; UTF-8 with byte order mark."""
    lines = ["Ortsteil;Jahrgang;männlich deutsch;männlich nichtdeutsch;weiblich deutsch;weiblich nichtdeutsch;gesamt"]
    wide = _breit(b)
    for name, part in wide.groupby("name", sort=False):
        lines += [_zeile([name, y, *_strich(counts)]) for y, counts in _zaehlungen(part)]
        lines.append(_zeile([f"Summe {name}", "", *_strich(part.iloc[:, 2:].sum().tolist())]))
    lines.append(_zeile(["Laternberg gesamt", "", *_strich(wide.iloc[:, 2:].sum().tolist())]))
    return text(lines, "utf-8-sig")


def _breit(b: pd.DataFrame) -> pd.DataFrame:
    """One row per Ortsteil and Jahrgang: `name`, `jahrgang`, then German men, other men, German women, other women."""
    wide = b.pivot(index=["nummer", "name", "jahrgang"], columns=["w", "nd"], values="personen")
    wide = wide.sort_index(level=["nummer", "jahrgang"], ascending=[True, False])
    return wide.set_axis(["m", "ma", "w", "wa"], axis=1).reset_index().drop(columns="nummer")


def _zaehlungen(part: pd.DataFrame) -> list[tuple[int, list[int]]]:
    return list(zip(part.jahrgang.tolist(), part.iloc[:, 2:].to_numpy().tolist(), strict=True))


def _strich(counts: list[int]) -> list[str]:
    return [_punkt(n) if n else "-" for n in (*counts, sum(counts))]


def _zeile(cells: list) -> str:
    return ";".join(map(str, cells))


UHRENSTEDT = {
    "kodierung": "latin-1",
    "trennzeichen": ";",
    "kopfzeile": 3,
    "form": "lang",
    "spalten": {
        "ortsteil": "Ortsteil",
        "jahrgang": "Geburtsjahr",
        "geschlecht": "Geschlecht",
        "staatsangehoerigkeit": "Staatsang.",
        "personen": "Anzahl",
    },
    "werte": {
        "geschlecht": {"m": ["M"], "w": ["W"]},
        "staatsangehoerigkeit": {"deutsch": ["D"], "nichtdeutsch": ["A"]},
    },
    "stichtag": {"aus": "zelle", "muster": "Stand: {datum}"},
    "summen": ["Insgesamt"],
    "besondere": [{"text": "vor 1930", "jahrgang_bis": 1929}],
}


def uhrenstedt(b: pd.DataFrame, jahr: int) -> bytes:
    """One row per combination with somebody in it; those born before 1930 together; Latin-1."""
    table = b.assign(jahr=b.jahrgang.astype(str).mask(b.jahrgang < 1930, "vor 1930"))
    table = table.groupby(["name", "jahr", "w", "nd"], sort=False).personen.sum().reset_index()
    table = table[table.personen > 0]
    lines = ["Einwohnerstatistik Stadt Uhrenstedt (erfunden);;;;", f"Stand: 31.12.{jahr};;;;"]
    lines.append("Ortsteil;Geburtsjahr;Geschlecht;Staatsang.;Anzahl")
    lines += [_zeile([r.name, r.jahr, "MW"[r.w], "DA"[r.nd], r.personen]) for r in table.itertuples(index=False)]
    lines.append(f"Insgesamt;;;;{table.personen.sum()}")
    return text(lines, "latin-1")


NEBELRODA = {
    "kodierung": "utf-8",
    "trennzeichen": ",",
    "kopfzeile": 1,
    "form": "lang",
    "spalten": {
        "ortsteil": "Ortsteil",
        "alter": "Alter",
        "geschlecht": "Geschlecht",
        "staatsangehoerigkeit": "Nationalität",
        "personen": "Personen",
    },
    "werte": {
        "geschlecht": {"m": ["Herr"], "w": ["Frau"]},
        "staatsangehoerigkeit": {"deutsch": ["D"], "nichtdeutsch": ["*"]},
    },
    "stichtag": {"aus": "spalte", "spalte": "Stichtag"},
    "besondere": [{"text": "95 und älter", "alter_ab": 95}, {"text": "unter 1", "alter": 0}],
}


def nebelroda(b: pd.DataFrame, jahr: int) -> bytes:
    """Age instead of Jahrgang, the day in every row, separated by commas; UTF-8."""
    age = b.alter.astype(str).mask(b.alter == 0, "unter 1").mask(b.alter >= 95, "95 und älter")
    table = b.assign(stufe=age).groupby(["name", "stufe", "w", "nd"], sort=False).personen.sum().reset_index()
    table = table[table.personen > 0]
    sex, state = ("Herr", "Frau"), ("D", "EU/Drittstaat")
    lines = ["Stichtag,Ortsteil,Alter,Geschlecht,Nationalität,Personen"]
    lines += [
        f"31.12.{jahr},{r.name},{r.stufe},{sex[r.w]},{state[r.nd]},{r.personen}" for r in table.itertuples(index=False)
    ]
    return text(lines, "utf-8", "\n")


STEMPELAU = {
    "kodierung": "cp1252",
    "trennzeichen": "tab",
    "kopfzeile": 0,
    "form": "personen",
    "spalten": {"ortsteil": 1, "jahrgang": 2, "geschlecht": 3, "staatsangehoerigkeit": 4},
    "werte": {
        "geschlecht": {"m": ["1"], "w": ["2"]},
        "staatsangehoerigkeit": {"deutsch": ["000"], "nichtdeutsch": ["*"]},
    },
    "stichtag": {"aus": "dateiname"},
}


def stempelau(b: pd.DataFrame, jahr: int) -> bytes:
    """One row per resident, codes only, no header."""
    rows = b.loc[b.index.repeat(b.personen)]
    states = ("475", "166", "160", "152")  # keys of states, one after the other
    state = [states[n % 4] if nd else "000" for n, nd in enumerate(rows.nd)]
    cells = zip(rows.nummer, rows.jahrgang.astype(str), (rows.w + 1).astype(str), state, strict=True)
    return text(["\t".join(row) for row in cells], "cp1252", "\n")


WOLKENGRUND = {
    "kodierung": "utf-16",
    "trennzeichen": "tab",
    "kopfzeile": [3, 4],
    "form": "breit",
    "spalten": {
        "ortsteil": "Gemeinde",
        "jahrgang": "Geburtsjahr",
        "personen": [
            {"spalte": "deutsch männlich", "geschlecht": "m", "staatsangehoerigkeit": "deutsch"},
            {"spalte": "nichtdeutsch männlich", "geschlecht": "m", "staatsangehoerigkeit": "nichtdeutsch"},
            {"spalte": "deutsch weiblich", "geschlecht": "w", "staatsangehoerigkeit": "deutsch"},
            {"spalte": "nichtdeutsch weiblich", "geschlecht": "w", "staatsangehoerigkeit": "nichtdeutsch"},
        ],
    },
    "auffuellen": ["ortsteil"],
    "stichtag": {"aus": "zelle", "muster": "Stand: {datum}", "vortag": True},
    "zeichen": {"": "null"},
}


def wolkengrund(b: pd.DataFrame, jahr: int) -> bytes:
    """Two header rows, the Gemeinde only at the beginning of its block, empty for nobody; UTF-16, 1 January."""
    lines = [f"VG Wolkengrund (erfunden){5 * chr(9)}", f"Stand: 01.01.{jahr + 1}{5 * chr(9)}"]
    lines.append("Gemeinde\tGeburtsjahr\tdeutsch\tnichtdeutsch\tdeutsch\tnichtdeutsch")
    lines.append("\t\tmännlich\tmännlich\tweiblich\tweiblich")
    for name, part in _breit(b).groupby("name", sort=False):
        for number, (y, counts) in enumerate(_zaehlungen(part)):
            lines.append("\t".join(["" if number else name, str(y), *(str(n or "") for n in counts)]))
    return text(lines, "utf-16")


LUPENHOEHE = {
    "kodierung": "cp850",
    "trennzeichen": ";",
    "kopfzeile": 3,
    "form": "lang",
    "spalten": {
        "jahrgang": "Jahrgang",
        "geschlecht": "Geschl.",
        "staatsangehoerigkeit": "Staatsangehörigkeit",
        "personen": "Anzahl",
    },
    "abschnitt": {"ortsteil": "Gemeinde: {wert}"},
    "werte": {
        "geschlecht": {"m": ["m"], "w": ["w"]},
        "staatsangehoerigkeit": {"deutsch": ["deutsch"], "nichtdeutsch": ["nicht deutsch"]},
    },
    "stichtag": {"aus": "zelle", "muster": "Auswertung zum {datum}"},
    "summen": ["Zwischensumme"],
}


def lupenhoehe(b: pd.DataFrame, jahr: int) -> bytes:
    """A heading above each Gemeinde and a subtotal below it; the code page of old DOS programs."""
    lines = ["Melderegister der VG Lupenhöhe (erfunden);;;", f"Auswertung zum 31.12.{jahr};;;"]
    lines.append("Jahrgang;Geschl.;Staatsangehörigkeit;Anzahl")
    state = ("deutsch", "nicht deutsch")
    for name, part in b.groupby("name", sort=False):
        there = part[part.personen > 0]
        lines.append(f"Gemeinde: {name};;;")
        lines += [_zeile([r.jahrgang, "mw"[r.w], state[r.nd], r.personen]) for r in there.itertuples(index=False)]
        lines.append(f"Zwischensumme;;;{there.personen.sum()}")
    return text(lines, "cp850")
