"""The invented survey as files of SoSci Survey, and what Kreisblick needs beside them."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.example import antworten as a
from analysis.example.codebuch import SCHICHT, variablen, werte
from analysis.example.dateien import text, yaml_datei
from analysis.example.kreis import raumnamen, schluessel
from analysis.example.stichprobe import STICHTAG_JAHR, Stichprobe
from analysis.example.zufall import strom, waehlen
from analysis.yaml_files import load_yaml

VON, BIS = dt.date(2023, 8, 21), dt.date(2023, 9, 21)
NAME = "musterkreis_2023"
SPRACHEN = ("de", "en", "uk", "ar", "ru")

_SYSTEM_VORN = ("CASE", "SERIAL", "REF", "QUESTNNR", "MODE", "LANGUAGE", "STARTED")
_SYSTEM_HINTEN = ("TIME_SUM", "MAILSENT", "LASTDATA", "FINISHED", "Q_VIEWER", "LASTPAGE", "MAXPAGE")
_SYSTEM_HINTEN += ("MISSING", "MISSREL", "TIME_RSI", "DEG_TIME")


def befragung(seed: int, stichprobe: Stichprobe, personen: pd.DataFrame) -> dict[str, bytes]:
    """All files of the survey: name → content."""
    daten = rohdaten(seed, personen)
    return {
        f"rdata_{NAME}.csv": _csv([list(daten), *daten.to_numpy().tolist()]),
        f"variables_{NAME}.csv": _csv([["VAR", "LABEL", "TYPE", "INPUT", "QUESTION"], *variablen(list(daten))]),
        f"values_{NAME}.csv": _csv([["VAR", "RESPONSE", "MEANING"], *werte()]),
        f"ziehung_{NAME}.csv": _rahmen(stichprobe),
        "befragung.yaml": _beschreibung(stichprobe),
    }


def rohdaten(seed: int, personen: pd.DataFrame) -> pd.DataFrame:
    """Export of all interviews and three tries of the office, texts as `str`, numbers as int, nothing shown as None."""
    rng, n = strom(seed, "ablauf"), len(personen)
    order = np.argsort(rng.random(n), kind="stable")
    personen = personen.iloc[order].reset_index(drop=True)
    codes = a.antworten(seed, personen)
    ablauf = _ablauf(rng, personen)
    items = codes.astype(object).mask(codes == a.NICHT_GEZEIGT, None)
    items = _offen(strom(seed, "texte"), items, ablauf)
    pages = _seiten(list(items))
    for column in items:
        items[column] = items[column].where(pages[column] <= ablauf.LASTPAGE, None)
    missing = (items == a.KEINE_ANGABE).sum(axis=1) / items.notna().sum(axis=1)
    ablauf["MISSING"] = (missing * 100).round().astype(int)
    ablauf["MISSREL"] = (missing * 80).round().astype(int)
    times = [c for c in ablauf if c.startswith("TIME0")]
    columns = [*_SYSTEM_VORN, *items, SCHICHT, *times, *_SYSTEM_HINTEN]
    strata = personen.raum.map({raum: code for code, raum in enumerate(raumnamen(), start=1)}).rename(SCHICHT)
    table = pd.concat([ablauf, items, strata], axis=1)[columns].astype(object)
    table[times] = table[times].mask(table[times] == 0, None)
    return pd.concat([_versuche(table), table], ignore_index=True).astype(object)


def _ablauf(rng, personen: pd.DataFrame) -> pd.DataFrame:
    """System columns: how and when an interview was held."""
    n, pages = len(personen), len(a.fragebogen()) + 1
    paper = rng.random(n) < np.interp(personen.alter, [18, 40, 60, 75, 90], [0.08, 0.2, 0.42, 0.66, 0.9])
    abroad = personen.auslaender.to_numpy() & ~paper
    language = np.where(abroad, np.array(SPRACHEN)[waehlen(rng, np.array([0.3, 0.2, 0.25, 0.15, 0.1]), n)], "de")
    begin = np.sort(np.floor(rng.random(n) ** 1.6 * ((BIS - VON).days * 86_400)).astype(int))
    started = pd.Timestamp(VON) + pd.to_timedelta(begin + 7 * 3600, unit="s")
    seconds = np.floor(12 + 95 * rng.random((n, pages)) ** 2).astype(int)
    last = np.where(~paper & (rng.random(n) < 0.025), 4 + np.floor(rng.random(n) * (pages - 5)), pages).astype(int)
    seconds = np.where(np.arange(1, pages + 1) <= last[:, None], seconds, 0)
    total = seconds.sum(axis=1)
    done = started + pd.to_timedelta(total, unit="s")
    speed = np.median(total) / np.maximum(total, 1)
    table = pd.DataFrame({
        "CASE": 4 + np.arange(n) + np.cumsum(rng.random(n) < 0.12),
        "SERIAL": [f"MK{code:06X}" for code in np.floor(rng.random(n) * 0xFFFFFF).astype(int)],
        "REF": np.where(paper, "", "qr"),
        "QUESTNNR": np.where(paper, "papier", "online"),
        "MODE": "interview",
        "LANGUAGE": language,
        "STARTED": started.strftime("%Y-%m-%d %H:%M:%S"),
        **{f"TIME{page + 1:03d}": seconds[:, page] for page in range(pages)},
        "TIME_SUM": total,
        "MAILSENT": None,
        "LASTDATA": done.strftime("%Y-%m-%d %H:%M:%S"),
        "FINISHED": (last == pages).astype(int),
        "Q_VIEWER": 0,
        "LASTPAGE": last,
        "MAXPAGE": last,
        "TIME_RSI": [f"{value:.2f}" for value in np.minimum(speed, 9)],
        "DEG_TIME": np.floor(np.maximum(speed - 1.5, 0) * 40).astype(int),
    })  # fmt: skip
    return table.assign(TIME_RSI=table.TIME_RSI.map(_Zahl))


class _Zahl(str):
    """Number that stands in the export as this text, without quotes."""


def _offen(rng, items: pd.DataFrame, ablauf: pd.DataFrame) -> pd.DataFrame:
    """Items with the open answers at their places."""
    n, words = len(items), a.texte()
    traps = iter(words["fallen"])
    for frage in (frage for seite in a.fragebogen() for frage in seite):
        if "offen" in frage:
            chosen = f"{frage['key']}_{frage['offen']:02d}"
            pool = words["andere"]
            what = pd.Series([pool[k] for k in np.floor(rng.random(n) * len(pool)).astype(int)], dtype=object)
            what = what.where(items[chosen] == 2, "").where(items[chosen].notna(), None)
            items.insert(items.columns.get_loc(chosen) + 1, f"{chosen}a", what)
        if frage["art"] == "offen":
            said, which = rng.random(n) < frage["antworten"], rng.random(n)
            pools = [words[frage["key"]][language] for language in ablauf.LANGUAGE]
            what = [p[int(u * len(p))] if s else "" for p, u, s in zip(pools, which, said, strict=True)]
            if frage["key"] == "OF03":  # every trap once, among those who came to the end
                for row in np.flatnonzero(ablauf.FINISHED == 1)[4 :: max(n // 40, 1)]:
                    what[row] = next(traps, what[row])
            items[f"{frage['key']}_01"] = pd.Series(what, dtype=object)
    return items


def _seiten(columns: list[str]) -> dict[str, int]:
    """Item → page, counted from 1."""
    pages = {frage["key"]: page for page, seite in enumerate(a.fragebogen(), start=1) for frage in seite}
    return {column: pages[column.split("_")[0]] for column in columns}


def _versuche(table: pd.DataFrame) -> pd.DataFrame:
    """Three tries of the questionnaire before the field work, which are no interviews."""
    tries = table.head(3).copy()
    tries[["CASE", "MODE", "SERIAL", "REF"]] = [[1, "debug", "", ""], [2, "debug", "", ""], [3, "admin", "", ""]]
    tries[["STARTED", "LASTDATA"]] = "2023-08-14 09:30:00"
    return tries


def _csv(rows: list[list]) -> bytes:
    """TAB between cells, texts in quotes, numbers bare, empty for None."""
    return text(["\t".join(map(_zelle, row)) for row in rows], "utf-8-sig")


def _zelle(value) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, str) and not isinstance(value, _Zahl):
        quoted = value.replace('"', '""')
        return f'"{quoted}"'
    return str(value)


def _rahmen(stichprobe: Stichprobe) -> bytes:
    table = stichprobe.tabelle()
    lines = [";".join(table.columns), *(";".join(map(str, row)) for row in table.itertuples(index=False))]
    return text(lines, "utf-8-sig")


def _beschreibung(stichprobe: Stichprobe) -> bytes:
    f = stichprobe.rahmen
    drawn = f[f.gezogen].raum.value_counts()
    extra: dict = {}
    for frage in (frage for seite in a.fragebogen() for frage in seite):
        entry = {}
        if "klassen" in frage:
            bounds = [*frage["klassen"], None]
            classes = {code: [bounds[code - 1], bounds[code]] for code in range(1, len(bounds))}
            entry |= {"typ": "klasse", "einheit": "EUR je Monat", "klassen": classes}
        if frage["art"] == "batterie":
            entry |= {"typ": "skala", "batterie": frage["key"].lower()}
        if frage["art"] == "zahl":
            entry |= {"typ": "zahl", "einheit": frage["einheit"]}
        entry |= {"filter": frage["filter"]} if "filter" in frage else {}
        extra |= {frage["key"]: entry} if entry else {}
    batteries = {
        frage["key"].lower(): frage["titel"]
        for seite in a.fragebogen()
        for frage in seite
        if frage["art"] == "batterie"
    }
    content = {
        "kreis": schluessel(),
        "kurz": "sozialbefragung_2023",
        "titel": "Sozialbefragung 2023 im Musterkreis (erfunden)",
        "jahr": 2023,
        "faelle": int(f.geantwortet.sum()),
        "welle": 1,
        "feldzeit": {"von": VON, "bis": BIS},
        "erfunden": True,
        "format": "sosci",
        "daten": f"rdata_{NAME}.csv",
        "codebuch": {"variablen": f"variables_{NAME}.csv", "werte": f"values_{NAME}.csv"},
        "grundgesamtheit": "Personen ab 18 Jahren mit Hauptwohnung im Musterkreis (erfunden)",
        "ziehung": {
            "n": int(f.gezogen.sum()),
            "datei": f"ziehung_{NAME}.csv",
            "verfahren": "geschichtete Zufallsauswahl aus dem Melderegister nach Planungsraum",
            "stichtag": dt.date(STICHTAG_JAHR, 12, 31),
            "unzustellbar": int(f.unzustellbar.sum()),
            "je_raum": {key: int(drawn[key]) for key in raumnamen()},
        },
        "raum": {"merkmal": "RA01", "schluessel": dict(enumerate(raumnamen(), start=1))},
        "erhebungsart": {"merkmal": "QUESTNNR", "werte": {"online": "Online", "papier": "Papier"}},
        "design": {"schicht": SCHICHT, "schluessel": dict(enumerate(raumnamen(), start=1))},
        "fragen": extra,
        "batterien": batteries,
        "auswertung": load_yaml(Path(__file__).with_name("auswertung.yaml")),
    }
    return yaml_datei({"befragung": content}, "Erfundene Befragung; auch die Einzeldaten sind erfunden.")
