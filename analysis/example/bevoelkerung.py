"""The true residents of the Musterkreis, person by person, over ten years of births, deaths and moves.

Everything else derives from these persons: the Melderegister adds some who have gone, the Fortschreibung drifts away
from them until the census of 2022.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.example.kreis import ERSTES, LETZTES, musterkreis, ortsteile
from analysis.example.zufall import strom, waehlen

HOECHSTALTER = 104

_FUENFER = {
    "stadt": (4.0, 4.0, 3.9, 3.9, 4.6, 5.6, 6.0, 5.7, 5.5, 6.3, 7.3, 7.5, 7.2, 6.5, 6.0, 6.0, 5.2, 3.2, 1.3, 0.3, 0.05),
    "umland": (5.6, 5.8, 5.5, 4.7, 3.9, 4.8, 6.8, 7.5, 7.0, 6.9, 7.4, 7.4, 6.8, 5.2, 4.0, 3.6, 2.7, 1.3, 0.5, 0.1, 0),
    "land": (3.1, 3.3, 3.4, 3.2, 3.0, 3.6, 4.6, 5.1, 5.4, 6.6, 8.8, 9.6, 9.3, 8.4, 7.0, 6.6, 5.2, 2.6, 0.9, 0.2, 0.03),
}  # fmt: skip
"""Age structure at the end of 2015: per cent in groups of five years, by group of Gemeinden."""

_ZUZUG = {
    "stadt": (5, 3, 2, 7, 16, 15, 12, 8, 6, 5, 4, 4, 3, 2, 2, 2, 2, 1, 1, 0, 0),
    "umland": (11, 7, 4, 2, 4, 14, 21, 14, 7, 4, 3, 3, 2, 1, 1, 1, 1, 0, 0, 0, 0),
    "land": (4, 3, 2, 3, 7, 11, 12, 10, 9, 8, 8, 8, 6, 4, 2, 1, 1, 1, 0, 0, 0),
}
_FORTZUG = (1.0, 0.8, 0.6, 1.6, 3.2, 2.8, 2.0, 1.4, 1.0, 0.8, 0.7, 0.6, 0.5, 0.4, 0.4, 0.4, 0.5, 0.6, 0.6, 0.5, 0.5)
"""Moves in (weights) and away (times the group's rate) in groups of five years of age."""


@dataclass(frozen=True)
class Einwohner:
    """Residents on one day, one entry per person in each array.

    Attributes
    ----------
    ortsteil
        Row of `kreis.ortsteile()`.
    jahrgang
        Year of birth.
    weiblich, auslaender
        Sex; whether without German citizenship.
    """

    ortsteil: np.ndarray
    jahrgang: np.ndarray
    weiblich: np.ndarray
    auslaender: np.ndarray

    def __len__(self) -> int:
        return len(self.ortsteil)

    def nur(self, wer: np.ndarray) -> "Einwohner":
        """Those that a mask or index picks."""
        return Einwohner(self.ortsteil[wer], self.jahrgang[wer], self.weiblich[wer], self.auslaender[wer])

    def mit(self, other: "Einwohner") -> "Einwohner":
        """These and others."""
        parts = ("ortsteil", "jahrgang", "weiblich", "auslaender")
        return Einwohner(*(np.concatenate([getattr(self, p), getattr(other, p)]) for p in parts))


def entwicklung(seed: int) -> dict[int, Einwohner]:
    """True residents at 31 December of each year from 2015 to 2024."""
    return verlauf(seed)[0]


def verlauf(seed: int) -> tuple[dict[int, Einwohner], pd.DataFrame]:
    """True residents at each year's end, and what happened in each year after the first.

    Returns
    -------
    tuple
        Residents as in `entwicklung`; index `jahr`, `teil` (row of `kreis.ortsteile()`) with columns `geburten`,
        `sterbefaelle`, `zuzuege`, `fortzuege`: residents before + births + moves in - deaths - moves away = residents.
    """
    rng = strom(seed, "bevoelkerung")
    stand, happened = {ERSTES: _anfang(rng)}, {}
    for year in range(ERSTES + 1, LETZTES + 1):
        stand[year], happened[year] = _jahr(rng, stand[year - 1], year)
    return stand, pd.concat(happened, names=["jahr", "teil"])


def register(seed: int, stand: dict[int, Einwohner]) -> dict[int, Einwohner]:
    """What the Meldeaemter count: the residents and some who have gone without saying so."""
    more = musterkreis()["melderegister"]
    rng = strom(seed, "melderegister")
    return {
        year: _doppelt(rng, e, np.where(e.auslaender, more["mehr_auslaender"], more["mehr"]), 18)
        for year, e in stand.items()
    }


def fortschreibung(seed: int, stand: dict[int, Einwohner]) -> dict[int, Einwohner]:
    """What official statistics count: up to 2021 on the census of 2011, with a drift, then the true residents."""
    more = musterkreis()["fortschreibung"]["mehr_bis_2021"]
    rng = strom(seed, "fortschreibung")
    return {year: _doppelt(rng, e, np.full(len(e), more if year <= 2021 else 0.0), 0) for year, e in stand.items()}


def _doppelt(rng, e: Einwohner, chance: np.ndarray, ab: int) -> Einwohner:
    """Residents with some of them counted twice, beginning at an age (judged at 2020)."""
    return e.mit(e.nur((rng.random(len(e)) < chance) & (e.jahrgang <= 2020 - ab)))


def _anfang(rng) -> Einwohner:
    parts = ortsteile()
    growth = parts.gruppe.map(musterkreis()["bestand_2015_je_2024"])
    counts = np.rint(parts.einwohner * parts.anteil * growth).astype(int).to_numpy()
    wo = np.repeat(np.arange(len(parts)), counts)
    gruppe = parts.gruppe.to_numpy()[wo]
    alter = np.zeros(len(wo), int)
    for name, weights in _FUENFER.items():
        mine = gruppe == name
        alter[mine] = waehlen(rng, _je_jahr(weights), mine.sum())
    abroad = parts.gruppe.map({g: b["auslaender_2015"] for g, b in musterkreis()["bewegung"].items()}).to_numpy()
    weiblich = rng.random(len(wo)) < np.interp(alter, [0, 50, 75, 90, 104], [0.487, 0.495, 0.55, 0.7, 0.8])
    auslaender = rng.random(len(wo)) < abroad[wo] * np.interp(alter, [0, 25, 40, 60, 80], [1.2, 2.2, 1.5, 0.5, 0.1])
    return Einwohner(wo, ERSTES - alter, weiblich, auslaender)


def _je_jahr(fuenfer: tuple) -> np.ndarray:
    """Weights of single years of age between the middles of the groups of five."""
    middles = np.arange(len(fuenfer)) * 5 + 2
    return np.interp(np.arange(HOECHSTALTER + 1), middles, np.asarray(fuenfer) / 5)


def _jahr(rng, e: Einwohner, year: int) -> tuple[Einwohner, pd.DataFrame]:
    """Residents one year later, and how many per Ortsteil died, left, were born and came."""
    bewegung = musterkreis()["bewegung"]
    gruppe = ortsteile().gruppe.to_numpy()[e.ortsteil]
    alter = year - e.jahrgang  # reached in the course of the year

    def rate(field: str) -> np.ndarray:
        return np.select([gruppe == g for g in bewegung], [float(b[field]) for b in bewegung.values()])

    sterben = np.minimum(2.2e-5 * np.exp(0.098 * alter) * np.where(e.weiblich, 0.8, 1.3) + 2e-4, 0.6)
    fort = rate("fortzuege_je_1000") / 1000 * np.asarray(_FORTZUG)[np.minimum(alter // 5, 20)]
    geburt = rate("geburten_je_frau") * np.interp(alter, [16, 30, 44], [0, 1 / 14, 0]) * e.weiblich
    draws = rng.random((4, len(e)))
    stirbt = (draws[0] < sterben) | (alter > HOECHSTALTER)
    bleibt = ~stirbt & (draws[1] >= fort)
    muetter = e.nur((draws[2] < geburt) & bleibt)
    zieht = draws[3] < rate("zuzuege_je_1000") / 1000
    maedchen = rng.random(len(muetter)) < 0.487
    kinder = Einwohner(muetter.ortsteil, np.full(len(muetter), year), maedchen, muetter.auslaender)
    where = {"geburten": kinder.ortsteil, "sterbefaelle": e.ortsteil[stirbt], "zuzuege": e.ortsteil[zieht]}
    where["fortzuege"] = e.ortsteil[~stirbt & ~bleibt]
    happened = pd.DataFrame({name: np.bincount(o, minlength=len(ortsteile())) for name, o in where.items()})
    return e.nur(bleibt).mit(kinder).mit(_zuzug(rng, e.ortsteil[zieht], gruppe[zieht], year)), happened


def _zuzug(rng, wo: np.ndarray, gruppe: np.ndarray, year: int) -> Einwohner:
    bewegung, mal = musterkreis()["bewegung"], musterkreis()["zuzug_auslaender_mal"].get(year, 1.0)
    alter, auslaender = np.zeros(len(wo), int), np.zeros(len(wo), bool)
    for name, weights in _ZUZUG.items():
        mine = gruppe == name
        alter[mine] = waehlen(rng, _je_jahr(weights), mine.sum())
        auslaender[mine] = rng.random(mine.sum()) < bewegung[name]["zuzug_auslaender"] * mal
    return Einwohner(wo, year - alter, rng.random(len(wo)) < 0.49, auslaender)
