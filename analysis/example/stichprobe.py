"""The sample of the invented Sozialbefragung: drawn from the Melderegister, and who of them answered."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.example.bevoelkerung import Einwohner
from analysis.example.kreis import ortsteile, raumnamen
from analysis.example.zufall import auswahl, strom

STICHTAG_JAHR = 2022
"""The sample is drawn from the register of 31 December of this year."""

ALTERSGRUPPEN = {"18-29": 18, "30-44": 30, "45-64": 45, "65-79": 65, "80+": 80}

_ANTWORT_ALTER = {"18-29": 0.62, "30-44": 0.86, "45-64": 1.06, "65-79": 1.30, "80+": 0.85}
_ANTWORT_RAUM = {"99099.nord": 0.75, "99099.hochland": 1.12}
_ANTWORT_WEIBLICH = 1.08
_VERZOGEN = 0.011


@dataclass(frozen=True)
class Stichprobe:
    """Adults of the register, and what became of them in the survey.

    Attributes
    ----------
    rahmen
        One row per adult of the register: `raum` (key), `altersgruppe`, `alter`, `weiblich`, `auslaender`,
        `gezogen`, `unzustellbar`, `geantwortet`.
    """

    rahmen: pd.DataFrame

    @property
    def antwortende(self) -> pd.DataFrame:
        """Rows of those who answered."""
        return self.rahmen[self.rahmen.geantwortet]

    def tabelle(self) -> pd.DataFrame:
        """Persons in the register (N), drawn, undeliverable and answered, per Planungsraum, age group and sex."""
        cells = self.rahmen.assign(geschlecht=np.where(self.rahmen.weiblich, "w", "m"))
        table = cells.groupby(["raum", "altersgruppe", "geschlecht"], sort=False).agg(
            N=("alter", "size"),
            n_gezogen=("gezogen", "sum"),
            n_unzustellbar=("unzustellbar", "sum"),
            n_geantwortet=("geantwortet", "sum"),
        )
        order = pd.MultiIndex.from_product([raumnamen(), ALTERSGRUPPEN, ["m", "w"]], names=table.index.names)
        return table.reindex(order, fill_value=0).reset_index()


def ziehen(seed: int, register: Einwohner, n: int, antworten: int) -> Stichprobe:
    """Draw adults at random within each Planungsraum, the small ones more densely, and let some of them answer.

    Parameters
    ----------
    seed
        Seed.
    register
        Register of 31 December of `STICHTAG_JAHR`.
    n, antworten
        Persons to draw, and to answer.
    """
    rng = strom(seed, "ziehung")
    alter = STICHTAG_JAHR - register.jahrgang
    adults, alter = register.nur(alter >= 18), alter[alter >= 18]
    raum = ortsteile().planungsraum.to_numpy()[adults.ortsteil]
    groups = np.array(list(ALTERSGRUPPEN))[np.searchsorted(list(ALTERSGRUPPEN.values()), alter, side="right") - 1]
    drawn = np.zeros(len(adults), bool)
    sizes = pd.Series(raum).value_counts().reindex(list(raumnamen()))
    for key, count in _aufteilen(sizes, n).items():
        here = np.flatnonzero(raum == key)
        drawn[here[auswahl(rng, np.ones(len(here)), count)]] = True
    gone = drawn & (rng.random(len(adults)) < _VERZOGEN)
    chance = pd.Series(groups).map(_ANTWORT_ALTER).to_numpy() * np.where(adults.weiblich, _ANTWORT_WEIBLICH, 1.0)
    chance *= pd.Series(raum).map(_ANTWORT_RAUM).fillna(1.0).to_numpy()
    reached = np.flatnonzero(drawn & ~gone)
    answered = np.zeros(len(adults), bool)
    answered[reached[auswahl(rng, chance[reached], antworten)]] = True
    frame = {"raum": raum, "altersgruppe": groups, "alter": alter, "weiblich": adults.weiblich}
    frame |= {"auslaender": adults.auslaender, "gezogen": drawn, "unzustellbar": gone, "geantwortet": answered}
    return Stichprobe(pd.DataFrame(frame))


def _aufteilen(sizes: pd.Series, n: int) -> dict[str, int]:
    """Sample size of each Planungsraum, in proportion to the square root of its adults."""
    exact = np.sqrt(sizes) / np.sqrt(sizes).sum() * n
    counts = np.floor(exact).astype(int)
    counts[(exact - counts).sort_values(kind="stable").index[::-1][: n - counts.sum()]] += 1
    return counts.to_dict()
