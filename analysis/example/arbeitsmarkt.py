"""Who is truly unemployed or receives benefits: counts per Ortsteil and quarter, drawn person by person."""

import numpy as np
import pandas as pd

from analysis.example.bevoelkerung import Einwohner
from analysis.example.kreis import ERSTES, LETZTES, musterkreis, ortsteile
from analysis.example.zufall import strom

_JAHRESZEIT = {1: 1.06, 2: 0.98, 3: 0.97, 4: 0.99}
_ANDERE_LEISTUNGEN = {"grundsicherung_ab_18": 0.011, "hilfe_zum_lebensunterhalt": 0.0035, "asylblg": 0.035}
"""Chance of residents from 18 on, of all, of those without German citizenship."""


def arbeitslose(seed: int, stand: dict[int, Einwohner]) -> pd.DataFrame:
    """Unemployed persons per quarter and Ortsteil.

    Returns
    -------
    pandas.DataFrame
        Index `jahr`, `quartal`, `teil` (row of `kreis.ortsteile()`), every combination; columns `arbeitslose`,
        `sgb3`, `sgb2`, `unter_25`, `ab_55`, `langzeit`, `auslaendisch`. The residents of a year's end stand for all its
        quarters.
    """
    rng, wahr = strom(seed, "arbeitsmarkt"), musterkreis()["arbeitslosigkeit"]
    tables = {}
    for year, residents in stand.items():
        alter = year - residents.jahrgang
        e, alter = residents.nur((alter >= 15) & (alter < 65)), alter[(alter >= 15) & (alter < 65)]
        chance = wahr["anteil"] * stufe(year)[e.ortsteil]
        for quarter, season in _JAHRESZEIT.items():
            draws = rng.random((3, len(e)))
            ohne = draws[0] < chance * season
            sgb2, lange = ohne & (draws[1] < wahr["sgb2"]), ohne & (draws[2] < wahr["langzeit"])
            kinds = {"arbeitslose": ohne, "sgb3": ohne & ~sgb2, "sgb2": sgb2, "unter_25": ohne & (alter < 25)}
            kinds |= {"ab_55": ohne & (alter >= 55), "langzeit": lange, "auslaendisch": ohne & e.auslaender}
            tables[year, quarter] = _je_teil(e.ortsteil, kinds)
    return pd.concat(tables, names=["jahr", "quartal", "teil"])


def stufe(year: int) -> np.ndarray:
    """True level of unemployment of each Ortsteil, as a multiple of the usual one, in a year."""
    wahr, parts = musterkreis()["arbeitslosigkeit"], ortsteile()
    trend = wahr["trend"]
    ahead = (year - ERSTES) / (LETZTES - ERSTES)
    level = parts.planungsraum.map(wahr["raum"]).fillna(1.0).to_numpy()
    mal = trend["von"] + ahead * (trend["bis"] - trend["von"])
    return level * np.where(parts.ags.isin(trend["gemeinden"]), mal, 1.0)


def leistungen(seed: int, stand: dict[int, Einwohner]) -> pd.DataFrame:
    """Persons with benefits per quarter and Ortsteil.

    Returns
    -------
    pandas.DataFrame
        Index as in `arbeitslose`; columns `personen_in_bg`, `kinder_in_bg` (under 18), `elb` (15 to 64),
        `nef_unter_15`, `bg` (Bedarfsgemeinschaften), `grundsicherung_ab_18`, `hilfe_zum_lebensunterhalt`, `asylblg`.
    """
    rng, wahr = strom(seed, "sozialleistungen"), musterkreis()["grundsicherung"]
    mal = ortsteile().planungsraum.map(wahr["raum"]).fillna(1.0).to_numpy()
    tables = {}
    for year, e in stand.items():
        alter = year - e.jahrgang
        children = wahr["kinder"] * wahr["kinder_verlauf"][year]
        chance = wahr["anteil"] * mal[e.ortsteil] * np.where(alter < 18, children, 1.0) * (alter < 65)
        other = [(alter >= 18) * 1.0, np.ones(len(e)), e.auslaender * 1.0]
        for quarter in _JAHRESZEIT:
            draws = rng.random((5, len(e)))
            bg = draws[0] < chance
            kinds = {"personen_in_bg": bg, "kinder_in_bg": bg & (alter < 18), "elb": bg & (alter >= 15)}
            kinds |= {"nef_unter_15": bg & (alter < 15), "bg": bg & (alter >= 15) & (draws[4] < 0.72)}
            for (name, rate), who, draw in zip(_ANDERE_LEISTUNGEN.items(), other, draws[1:], strict=False):
                kinds[name] = draw < rate * who
            tables[year, quarter] = _je_teil(e.ortsteil, kinds)
    return pd.concat(tables, names=["jahr", "quartal", "teil"])


def _je_teil(wo: np.ndarray, kinds: dict[str, np.ndarray]) -> pd.DataFrame:
    n = len(ortsteile())
    return pd.DataFrame({name: np.bincount(wo[who], minlength=n) for name, who in kinds.items()})
