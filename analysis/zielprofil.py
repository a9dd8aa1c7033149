"""The goal catalogue of a Kreis at a reference date, with the figures that its goals name, ready for reports."""

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from analysis import kreisprofil, trendprofil, workspace
from analysis.dates import parse_stichtag
from analysis.errors import InputError
from analysis.gebiet import Gebiet, of_kreis
from analysis.trendprofil import Trendprofil
from analysis.ziele import lesen, strategien
from analysis.ziele.auswertung import naechste, plus_monate, tabelle
from analysis.ziele.katalog import Zielkatalog
from analysis.ziele.verlauf import am, gestrichene

STRATEGIEN = "ziele/lebenslagen_2020.yaml"
"""File below `data/` with the Lebenslagen of the fifteen strategies."""


@dataclass(frozen=True)
class Zielprofil:
    """A goal catalogue and what reports need to speak of it.

    Attributes
    ----------
    katalog
        Catalogue as it was at the reference date.
    ganz
        Catalogue as its file has it, with all its history.
    ziele
        Every goal that was in force at the reference date (`auswertung.tabelle`).
    gestrichen
        Goals that were struck until then (`verlauf.gestrichene`).
    seit
        Changes after this day are reported.
    monate
        How far ahead deadlines are reported.
    strategien
        Lebenslagen of the fifteen strategies (`strategien.lesen`).
    strategieziele
        Grouped goals of the fifteen strategies (`strategien.ziele`).
    trends
        Figures of the Kreis with their trends; None where no goal names an indicator.
    """

    gebiet: Gebiet
    katalog: Zielkatalog
    ganz: Zielkatalog
    stichtag: dt.date
    seit: dt.date
    monate: int
    ziele: pd.DataFrame
    gestrichen: pd.DataFrame
    strategien: pd.DataFrame
    strategieziele: pd.DataFrame
    trends: Trendprofil | None

    @property
    def erfunden(self) -> bool:
        """Whether the Kreis is invented."""
        return self.gebiet.kreis.erfunden

    @property
    def gemeldet(self) -> bool:
        """Whether the state of at least one goal is known."""
        return bool((self.ziele.umsetzung != "").any())

    @property
    def steht_an(self) -> pd.Series:
        """Whether a deadline of each goal ends in the months that are looked ahead."""
        last = plus_monate(self.stichtag, self.monate)
        return naechste(self.ziele).map(lambda day: day is not None and day <= last).astype(bool)

    @property
    def quelle(self) -> str:
        """Source line of tables on the goals, with the catalogue's own day and another reference date."""
        day = "" if self.stichtag == self.ganz.stand else f", Stichtag: {self.stichtag:%d.%m.%Y}"
        return f"{self.katalog.quelle}. Stand: {self.ganz.stand:%d.%m.%Y}{day}"

    def feld(self, code: str) -> str:
        """Name of a Themenfeld; goals may have none."""
        return next((f.name for f in self.katalog.felder if f.code == code), "ohne Themenfeld")


def load(ags: str, stichtag: str = "", seit: str = "", monate: int = 12) -> Zielprofil:
    """Read the catalogue of a Kreis, and from the store the figures that its goals name.

    Parameters
    ----------
    stichtag
        Reference date; empty: the catalogue's own date.
    seit
        Day after which changes are reported; empty: a year before the reference date.
    monate
        How far ahead deadlines are reported.

    Raises
    ------
    InputError
        There is no catalogue or it is not correct; a date that does not exist, a reference date before the catalogue
        begins or on which no goal was in force, `seit` after `stichtag`, no month; goals name indicators but the store
        holds no figures of the Kreis.
    """
    gebiet = of_kreis(ags)
    catalogue = lesen.lesen(lesen.datei(ags))
    day = parse_stichtag(stichtag) if stichtag else catalogue.stand
    since = parse_stichtag(seit) if seit else plus_monate(day, -12)
    if day < catalogue.anfang:
        raise InputError(
            f"stichtag {day:%d.%m.%Y} lies before the goal catalogue of {ags} begins; expected "
            f"{catalogue.anfang:%d.%m.%Y} or a later day"
        )
    if since > day:
        raise InputError(f"seit {since:%d.%m.%Y} lies after the reference date {day:%d.%m.%Y}")
    if monate < 1:
        raise InputError(f"monate is {monate}; expected at least 1")
    if catalogue.kreis != ags:
        raise InputError(f"the goal catalogue of {ags} says that it belongs to {catalogue.kreis}")
    then = am(catalogue, day)
    if not then.ziele:
        raise InputError(f"the goal catalogue of {ags} has no goal in force on {day:%d.%m.%Y}; expected at least one")
    return Zielprofil(
        gebiet=gebiet,
        katalog=then,
        ganz=catalogue,
        stichtag=day,
        seit=since,
        monate=monate,
        ziele=tabelle(catalogue, day, monate),
        gestrichen=gestrichene(catalogue, day),
        strategien=strategien.lesen(workspace.data() / STRATEGIEN),
        strategieziele=strategien.ziele(workspace.data() / STRATEGIEN),
        trends=trendprofil.load(kreisprofil.load(ags)) if any(z.indikatoren for z in then.ziele) else None,
    )
