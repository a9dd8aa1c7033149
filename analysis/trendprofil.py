"""The series of a Kreis or an area with all that is said about them, ready for reports."""

from dataclasses import dataclass

import pandas as pd

from analysis.kreisprofil import Kreisprofil
from analysis.trends.detected import detected
from analysis.trends.knick import slope_changes
from analysis.trends.vorher import before_the_last_break

VERGLEICHBAR = 3
"""Areas that a median needs at least."""


@dataclass(frozen=True)
class Trendprofil:
    """Series of one area, with breaks, statements and the median of the areas that it is compared with.

    Attributes
    ----------
    profil
        The area and its figures.
    eigene
        Values of the area at all days (`indicators.compute`).
    aussagen
        Statement on each indicator (`trends.aussage`; index: indicator).
    davor
        Statement on the time before the last break (`trends.vorher`; index: indicator).
    brueche
        Declared breaks of the area's series (`trends.brueche`).
    mediane
        `indikator`, `stichtag`, `anteil`: median of at least `VERGLEICHBAR` compared areas.
    erkannt
        Breaks that the values themselves suggest (`trends.detected`); of a series that a change of slope explains
        better, none.
    knicke
        Changes of slope that the values suggest (`trends.knick`), of the series that are long enough to be searched;
        of a series that breaks explain better, none (`nummer` 0).
    """

    profil: Kreisprofil
    eigene: pd.DataFrame
    aussagen: pd.DataFrame
    davor: pd.DataFrame
    brueche: pd.DataFrame
    mediane: pd.DataFrame
    erkannt: pd.DataFrame
    knicke: pd.DataFrame


def load(s: Kreisprofil) -> Trendprofil:
    """Statements, breaks and medians for the series of a profile."""
    own = s.reihen[s.reihen.ags == s.gebiet.ags]
    groups = s.reihen.groupby(["indikator", "stichtag"]).anteil.agg(["count", "median"]).reset_index()
    breaks, changes = _better(detected(own, s.brueche), slope_changes(own, s.brueche))
    return Trendprofil(
        profil=s,
        eigene=own,
        aussagen=s.aussagen,
        davor=before_the_last_break(own, s.katalog, brueche=s.brueche).set_index("indikator"),
        brueche=s.brueche,
        mediane=groups[groups["count"] >= VERGLEICHBAR].rename(columns={"median": "anteil"}).drop(columns="count"),
        erkannt=breaks,
        knicke=changes,
    )


def _better(breaks: pd.DataFrame, changes: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Of each series what explains it better by BIC: breaks, or changes of slope."""
    lead = breaks.groupby("indikator").bic_vorsprung.max()
    of_breaks = changes.indikator.map(lead).to_numpy(float)
    beaten = of_breaks > changes.bic_vorsprung.to_numpy(float)
    better = changes.indikator[~beaten & (changes.nummer > 0)]
    unchanged = changes[beaten].drop_duplicates("indikator").assign(nummer=0, datum=None)
    changes = pd.concat([changes[~beaten], unchanged]).sort_values(["indikator", "nummer"], ignore_index=True)
    return breaks[~breaks.indikator.isin(better)], changes
