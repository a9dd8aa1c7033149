"""How far the ranks of a composite index depend on the choices made in it."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.vergleich.raenge import raenge_je_zeile
from analysis.vergleich.sozialindex import (
    aggregieren,
    gepruefte_gewichte,
    gerundet,
    gleiche_gewichte,
    normieren,
    vollstaendige,
)

VERFAHREN = (
    ("z", "arithmetisch"),
    ("minmax", "arithmetisch"),
    ("minmax", "geometrisch"),
    ("rang", "arithmetisch"),
    ("rang", "geometrisch"),
)
"""Normalisation with aggregation; the first is the index as it is reported."""

SPIELRAUM = 0.25
"""Part by which each weight may be smaller or larger in the simulation."""


def robustheit(
    tabelle: pd.DataFrame,
    richtung: Mapping[str, str],
    *,
    seed: int,
    lebenslage: Mapping[str, str] | None = None,
    gewichte: Mapping[str, float] | None = None,
    ziehungen: int = 1000,
    spielraum: float = SPIELRAUM,
) -> tuple[pd.DataFrame, pd.Series]:
    """Ranks of each area over all defensible ways to make the index (OECD, JRC 2008, step 7).

    All combinations of normalisation with aggregation, weights (equal; equal per Lebenslage; given) and leaving out no
    indicator or any one. Beside it a simulation of the weights: each indicator's is multiplied with a random number
    between 1 - `spielraum` and 1 + `spielraum`, with the first procedure.

    Parameters
    ----------
    tabelle, richtung, gewichte
        As `sozialindex.sozialindex`.
    seed, ziehungen, spielraum
        Of the simulation of weights.
    lebenslage
        Per indicator; without it there are no weights by Lebenslage.

    Returns
    -------
    tuple
        A DataFrame, sorted by rank, then key: `ags`, `rang` (1 = most unfavourable; as reported: z, sum, given weights,
        else those by Lebenslage, else equal ones), `rang_median`, `rang_minimum`, `rang_maximum`, `rang_unten`,
        `rang_oben` (5 % and 95 % quantile) over all combinations, `varianten` (their number), `rang_gewichte_unten`,
        `rang_gewichte_oben` (2.5 % and 97.5 % quantile of the simulation). And a Series of the share of the variance
        of ranks within areas that each choice alone makes (`verfahren`, `gewichtung`, `ausgelassen`, and
        `zusammenspiel`, what they only make together); NaN where ranks do not vary.

    Raises
    ------
    InputError
        As `sozialindex.sozialindex`; fewer than two indicators; margin of weights not between 0 and 1.
    """
    complete = vollstaendige(tabelle)
    columns = complete.columns
    if len(columns) < 2:
        raise InputError(f"Sozialindex: {len(columns)} indicator; expected at least two to leave one out")
    if not 0 <= spielraum < 1 or ziehungen < 1:
        raise InputError(f"Sozialindex: margin of weights {spielraum!r}, {ziehungen} draws; expected 0 to 1, 1 or more")
    weights = _weightings(columns, lebenslage, gewichte)
    scaled = {name: normieren(complete, richtung, name).to_numpy() for name, _ in VERFAHREN}
    left_out = np.vstack([np.ones(len(columns)), 1 - np.eye(len(columns))])
    ranks = np.stack(
        [_ranks(scaled[name], how, weights[:, None, :] * left_out) for name, how in VERFAHREN]
    )  # procedure × weighting × left out × area
    drawn = np.random.default_rng(seed).uniform(1 - spielraum, 1 + spielraum, (ziehungen, len(columns)))
    by_weights = _ranks(scaled[VERFAHREN[0][0]], VERFAHREN[0][1], weights[0] * drawn)
    every = ranks.reshape(-1, len(complete))
    low, high = np.quantile(every, [0.05, 0.95], axis=0, method="inverted_cdf")
    weights_low, weights_high = np.quantile(by_weights, [0.025, 0.975], axis=0, method="inverted_cdf")
    table = pd.DataFrame(
        {
            "ags": complete.index,
            "rang": ranks[0, 0, 0],
            "rang_median": np.median(every, axis=0),
            "rang_minimum": every.min(axis=0),
            "rang_maximum": every.max(axis=0),
            "rang_unten": low,
            "rang_oben": high,
            "varianten": len(every),
            "rang_gewichte_unten": weights_low,
            "rang_gewichte_oben": weights_high,
        }
    )
    return table.sort_values(["rang", "ags"], ignore_index=True), _variance_shares(ranks)


def _weightings(columns, lebenslage, gewichte) -> np.ndarray:
    """Weightings × indicators; the first is that of the reported index."""
    ways = []
    if gewichte is not None:
        ways.append(gepruefte_gewichte(columns, gewichte))
    if lebenslage is not None:
        ways.append(gleiche_gewichte(columns, lebenslage))
    ways.append(gleiche_gewichte(columns))
    return np.array(ways)


def _ranks(scaled: np.ndarray, aggregation: str, weights: np.ndarray) -> np.ndarray:
    """Ranks of areas (1 = highest index) for weights that need not sum to 1: shape of the weights, areas at the end."""
    total = weights.sum(axis=-1, keepdims=True)
    if (total <= 0).any():
        raise InputError("Sozialindex: one indicator has all the weight; expected at least two with some")
    flat = (weights / total).reshape(-1, weights.shape[-1])
    index = gerundet(aggregieren(scaled, flat.T, aggregation)).T
    return raenge_je_zeile(index).reshape(*weights.shape[:-1], len(scaled))


def _variance_shares(ranks: np.ndarray) -> pd.Series:
    """First-order share of each choice (axis) in the variance of ranks within areas, summed over areas."""
    whole = ranks.var(axis=(0, 1, 2)).sum()
    names = ("verfahren", "gewichtung", "ausgelassen")
    if not whole > 0:
        return pd.Series(np.nan, index=[*names, "zusammenspiel"])
    others = ((1, 2), (0, 2), (0, 1))
    alone = [ranks.mean(axis=axes).var(axis=0).sum() / whole for axes in others]
    return pd.Series([*alone, 1 - sum(alone)], index=[*names, "zusammenspiel"])
