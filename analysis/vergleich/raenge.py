"""Ranks of areas, and how far they are chance."""

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.vergleich.eingabe import ein_indikator
from analysis.vergleich.paarvergleich import rangmengen
from analysis.vergleich.ziehung import genauigkeit, ziehen

ZIEHUNGEN = 2000
"""Draws of each simulation."""

SPITZE = 3
"""Ranks at each end that are called the highest and the lowest."""

MINDESTENS = 3
"""Areas with a value from which ranks are given."""


def raenge(
    werte: pd.DataFrame, *, seed: int, ziehungen: int = ZIEHUNGEN, niveau: float = 0.95, spitze: int = SPITZE
) -> pd.DataFrame:
    """Rank of each area (1 = highest value) with the ranks that chance allows.

    Parameters
    ----------
    werte
        Values of one indicator at one day (`indicators.compute`); the result does not depend on the order of rows.
    seed, ziehungen
        Of the simulation. Its draws are the same for every indicator with the same areas.
    niveau
        Of the ranges.
    spitze
        How many ranks at each end count as highest and lowest.

    Returns
    -------
    pandas.DataFrame
        One row per area, sorted by rank, then key:

        - `ags`, `anteil`, `rang` (equal values share the better one), `anzahl` (areas with a value)
        - `rang_unten`, `rang_oben`: confidence set of the rank from tests (`paarvergleich.rangmengen`)
        - `rang_simuliert_unten`, `rang_simuliert_oben`: middle part of the ranks in the simulation (Goldstein,
          Spiegelhalter 1996, Journal of the Royal Statistical Society A 159, 385-443); narrower, and too narrow where
          many areas hardly differ
        - `anteil_hoechste`, `anteil_niedrigste`: share of draws in which it is among the highest, the lowest
        - `grund`: why there is no rank or no range: that of the value, `zu_wenige_gebiete`, `ohne_intervall`

        An area without interval counts in the ranks of others with its value as if it were exact.

    Raises
    ------
    InputError
        See `eingabe.ein_indikator`; numbers of draws or ranks below 1.
    """
    if ziehungen < 1 or spitze < 1:
        raise InputError(f"ranks: {ziehungen} draws, {spitze} ranks; expected at least 1")
    given = ein_indikator(werte)
    table = given.dropna(subset="anteil").reset_index(drop=True)
    if len(table) < MINDESTENS:
        return _without_ranks(given, len(table))
    known = genauigkeit(table).bekannt
    ranks = simulierte_raenge(table, seed, ziehungen)
    rest = (1 - niveau) / 2
    bounds = np.quantile(ranks, [rest, 1 - rest], axis=0, method="inverted_cdf")
    sets = rangmengen(table, niveau)
    result = pd.DataFrame(
        {
            "ags": table.ags,
            "anteil": table.anteil,
            "rang": table.anteil.rank(method="min", ascending=False),
            "anzahl": len(table),
            "rang_unten": sets.rang_unten.to_numpy(),
            "rang_oben": sets.rang_oben.to_numpy(),
            "rang_simuliert_unten": np.where(known, bounds[0], np.nan),
            "rang_simuliert_oben": np.where(known, bounds[1], np.nan),
            "anteil_hoechste": np.where(known, (ranks <= spitze).mean(axis=0), np.nan),
            "anteil_niedrigste": np.where(known, (ranks > len(table) - spitze).mean(axis=0), np.nan),
            "grund": np.where(known, "", "ohne_intervall"),
        }
    )
    missing = _without_ranks(given[given.anteil.isna()], len(table))
    result = result.sort_values(["rang", "ags"], ignore_index=True)
    return pd.concat([result, missing], ignore_index=True) if len(missing) else result


def simulierte_raenge(table: pd.DataFrame, seed: int, ziehungen: int) -> np.ndarray:
    """Ranks (1 = highest; equal values share the better one) in each draw, draws × rows of `table`."""
    normal = np.random.default_rng(seed).standard_normal((ziehungen, len(table)))
    return raenge_je_zeile(ziehen(table, normal))


def raenge_je_zeile(werte: np.ndarray) -> np.ndarray:
    """Rank of each value in its row (1 = highest; equal values share the better one)."""
    order = np.argsort(-werte, axis=1, kind="stable")
    ordered = np.take_along_axis(werte, order, axis=1)
    begins = np.ones(werte.shape, bool)
    begins[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    ranks = np.maximum.accumulate(np.where(begins, np.arange(1, werte.shape[1] + 1), 0), axis=1)
    result = np.empty_like(ranks)
    np.put_along_axis(result, order, ranks, axis=1)
    return result


def _without_ranks(given: pd.DataFrame, anzahl: int) -> pd.DataFrame:
    reason = given["grund"] if "grund" in given else pd.Series("", index=given.index)
    numbers = ["rang", "anzahl", "rang_unten", "rang_oben", "rang_simuliert_unten", "rang_simuliert_oben",
               "anteil_hoechste", "anteil_niedrigste"]  # fmt: skip
    table = given[["ags", "anteil"]].assign(**dict.fromkeys(numbers, np.nan))
    return table.assign(anzahl=anzahl, grund=reason.mask(given.anteil.notna(), "zu_wenige_gebiete"))
