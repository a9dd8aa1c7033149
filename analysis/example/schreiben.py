"""The whole example: every file of the invented Musterkreis by its path, and its folder written whole or not at all."""

import datetime as dt
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import InputError
from analysis.example import (
    akg,
    arbeitsmarkt,
    bevoelkerung,
    genesis,
    grenzen,
    gvisys,
    kennzahlen,
    melderegister,
    reihen,
    sosci,
)
from analysis.example.dateien import yaml_datei
from analysis.example.haushalte import haushalte
from analysis.example.kreis import ERSTES, LETZTES, musterkreis
from analysis.example.stichprobe import STICHTAG_JAHR, ziehen
from analysis.example.wahrheit import wahrheit

SEED = 99099
"""Seed of the example that the workspace ships."""

_L = "lieferungen"


@dataclass(frozen=True)
class Umfang:
    """How much is written: years and quarters of the deliveries, persons of the survey."""

    melderegister: tuple[int, ...]
    quartale: tuple[tuple[int, int], ...]
    verzeichnisse: tuple[dt.date, ...]
    gemeinden_ab: int
    gezogen: int
    antworten: int


GANZ = Umfang(
    melderegister=tuple(range(ERSTES, LETZTES + 1)),
    quartale=tuple((year, quarter) for year in (2022, 2023, 2024) for quarter in (1, 2, 3, 4)),
    verzeichnisse=tuple(dt.date(2024, month, day) for month, day in ((3, 31), (6, 30), (9, 30), (12, 31))),
    gemeinden_ab=ERSTES,
    gezogen=6000,
    antworten=1620,
)  # fmt: skip
KLEIN = Umfang(
    melderegister=(2022, 2023, 2024),
    quartale=((2024, 2), (2024, 4)),
    verzeichnisse=(dt.date(2024, 12, 31),),
    gemeinden_ab=2020,
    gezogen=740,
    antworten=200,
)


def dateien(seed: int = SEED, klein: bool = False) -> Iterator[tuple[str, bytes]]:
    """Path and content of every file, part by part; the same for the same seed on every machine."""
    u = KLEIN if klein else GANZ
    stand, bewegungen = bevoelkerung.verlauf(seed)
    register, amtlich = bevoelkerung.register(seed, stand), bevoelkerung.fortschreibung(seed, stand)
    recent = {year: e for year, e in amtlich.items() if year >= u.gemeinden_ab}
    yield "LIESMICH.md", Path(__file__).with_name("LIESMICH.md").read_bytes().replace(b"\r\n", b"\n")
    yield "ziele_99099.yaml", Path(__file__).with_name("ziele.yaml").read_bytes().replace(b"\r\n", b"\n")

    for day in u.verzeichnisse:
        year = day.year - 1 if day.month > 6 else day.year - 2
        yield f"{_L}/gebiet/{day:%d%m%Y}_Auszug_GV.xlsx", gvisys.verzeichnis(day, amtlich[year], year)
    yield f"{_L}/gebiet/gemeinden_99099_2024-12-31.geojson", grenzen.geojson_gemeinden()
    yield f"{_L}/gebiet/kreise_99099_2024-12-31.geojson", grenzen.geojson_kreis()
    yield f"{_L}/gebiet/planungsraeume_99099.yaml", _planungsraeume()

    for amt in melderegister.AEMTER:
        yield f"{_L}/melderegister/{amt}.yaml", melderegister.beschreibung(amt)
        for year in u.melderegister:
            name, content = melderegister.lieferung(register[year], amt, year)
            yield f"{_L}/melderegister/{name}", content

    ohne_arbeit, leistungen = arbeitsmarkt.arbeitslose(seed, stand), arbeitsmarkt.leistungen(seed, stand)
    yield f"{_L}/arbeitsmarkt/akg_arbeitslose.yaml", akg.beschreibung_arbeitslose()
    yield f"{_L}/arbeitsmarkt/akg_grundsicherung.yaml", akg.beschreibung_grundsicherung()
    for year, quarter in u.quartale:
        month = f"{year}{quarter * 3:02d}"
        path = f"{_L}/arbeitsmarkt/akg_arbeitslose_99099_{month}.xlsx"
        yield path, akg.arbeitslose_nach_gebieten(ohne_arbeit, year, quarter)
        path = f"{_L}/arbeitsmarkt/akg_grundsicherung_99099_{month}.xlsx"
        yield path, akg.grundsicherung_nach_raeumen(leistungen, year, quarter)
    for year in recent:
        path = f"{_L}/arbeitsmarkt/gemeinden-arbeitslose-99099-{year}12.xlsx"
        yield path, akg.arbeitslose_nach_gemeinden(ohne_arbeit, year)

    tables = genesis.bevoelkerung_kreis(amtlich) | genesis.bevoelkerung_gemeinden(recent) | genesis.zensus(stand[2022])
    tables |= genesis.beschaeftigte(seed, recent) | genesis.siedlungsflaeche(seed)
    for name, content in tables.items():
        yield f"{_L}/regionaldatenbank/{name}", content
    yield f"{_L}/kennzahlen/altersgruppen_99099.csv", kennzahlen.altersgruppen(amtlich, u.gemeinden_ab)
    path = f"{_L}/kennzahlen/leistungen_99099.csv"
    yield path, kennzahlen.leistungen_kreis(amtlich, ohne_arbeit, leistungen)
    yield f"{_L}/kennzahlen/reihen_99099.csv", reihen.kreis(seed, amtlich, bewegungen, leistungen)
    yield f"{_L}/kennzahlen/reihen_gemeinden_99099.csv", reihen.gemeinden(amtlich, bewegungen, u.melderegister[0])

    stichprobe = ziehen(seed, register[STICHTAG_JAHR], u.gezogen, u.antworten)
    personen = haushalte(seed, stichprobe)
    for name, content in sosci.befragung(seed, stichprobe, personen[personen.geantwortet]).items():
        yield f"befragung/{name}", content
    yield "wahrheit.yaml", wahrheit(seed, stand, register, amtlich, personen)


def write_example(folder: Path, seed: int = SEED, klein: bool = False) -> Iterator[str]:
    """Write the example into a new or empty folder; yields each path while it works.

    Nothing is left behind if it fails or is stopped.

    Raises
    ------
    InputError
        The folder holds something, or cannot be written.
    """
    folder = folder.absolute()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder}: not empty; expected a new or an empty folder")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".musterkreis-", dir=folder.parent) as scratch:
            made = Path(scratch) / "teil"
            for path, content in dateien(seed, klein):
                target = made / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
                yield path
            if not folder.exists():
                made.rename(folder)
            else:  # somebody may stand in it, so it stays the folder that it is
                for part in sorted(made.iterdir()):
                    part.rename(folder / part.name)
    except OSError as error:
        raise InputError(f"{folder}: cannot be written ({error.strerror})") from None


def _planungsraeume() -> bytes:
    kreis = musterkreis()
    content = {"planungsraeume": {"kreis": kreis["kreis"], "raeume": kreis["planungsraeume"]}}
    return yaml_datei(content, "Planungsräume des erfundenen Musterkreises")
