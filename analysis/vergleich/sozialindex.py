"""Composite index of several indicators: normalise, weight, aggregate."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.vergleich.eingabe import vorzeichen

NORMIERUNGEN = ("z", "minmax", "rang")
"""Distance from the mean in standard deviations; place between lowest and highest (0..1); rank (1 = lowest)."""

AGGREGATIONEN = ("arithmetisch", "geometrisch")
"""Weighted sum: a low value makes up for a high one fully; weighted product: only in part."""

MINDESTENS_GEBIETE = 3
"""Complete areas from which there is an index."""

_GEOMETRISCH_AB = 0.01
"""Lowest value of `minmax` where a product is formed, of 1: a 0 would decide alone."""


def gleiche_gewichte(indikatoren, lebenslage: Mapping[str, str] | None = None) -> pd.Series:
    """Equal weights that sum to 1: of each indicator, or of each Lebenslage and within it of each indicator."""
    names = pd.Index(indikatoren)
    groups = pd.Series(names, names) if lebenslage is None else pd.Series([lebenslage.get(n) for n in names], names)
    if groups.isna().any():
        raise InputError(f"Sozialindex: {groups.index[groups.isna()][0]} has no Lebenslage; expected one")
    return 1 / groups.nunique() / groups.groupby(groups).transform("size")


def normieren(
    tabelle: pd.DataFrame,
    richtung: Mapping[str, str],
    normierung: str = "z",
    grenzen: Mapping[str, tuple[float, float]] | None = None,
) -> pd.DataFrame:
    """Values of all indicators on one scale, where high is unfavourable.

    Parameters
    ----------
    tabelle
        Complete values, areas × indicators.
    richtung
        Direction of each indicator in the catalogue; all need one.
    normierung
        One of `NORMIERUNGEN`; `z` with the standard deviation of n - 1, `rang` with the lowest rank of equal values
        (OECD, JRC 2008, Handbook on Constructing Composite Indicators, step 5).
    grenzen
        Fixed lowest and highest value per indicator for `minmax`, in place of those of the areas; values beyond count
        as the bound. With them an index of several years can be compared.
    """
    if normierung not in NORMIERUNGEN:
        raise InputError(f"Sozialindex: normierung={normierung!r}; expected one of {', '.join(NORMIERUNGEN)}")
    sign = vorzeichen(tabelle.columns, richtung)
    values = tabelle * sign
    if grenzen is not None:
        return _within(values, sign, normierung, grenzen)
    lowest, highest = values.min(), values.max()
    same = ~(highest - lowest > 1e-12 * values.abs().max())
    if same.any():
        raise InputError(f"Sozialindex: {same.idxmax()} does not vary; expected values that differ")
    if normierung == "z":
        return (values - values.mean()) / values.std()
    return (values - lowest) / (highest - lowest) if normierung == "minmax" else values.rank(method="min")


def _within(values: pd.DataFrame, sign: pd.Series, normierung: str, grenzen: Mapping) -> pd.DataFrame:
    if normierung != "minmax":
        raise InputError(f"Sozialindex: fixed bounds with normierung={normierung!r}; expected minmax")
    for name in values.columns:
        if name not in grenzen or not grenzen[name][0] < grenzen[name][1]:
            raise InputError(f"Sozialindex: bounds of {name} are {grenzen.get(name)}; expected (lowest, highest)")
    low, high = (pd.Series({name: grenzen[name][k] for name in values.columns}) for k in (0, 1))
    share = ((values * sign).clip(low, high, axis=1) - low) / (high - low)
    return share.where(sign > 0, 1 - share, axis=1)


def aggregieren(normiert: np.ndarray, gewichte: np.ndarray, aggregation: str = "arithmetisch") -> np.ndarray:
    """Weighted sum or product of normalised indicators (last axis), high is unfavourable.

    A product of values of `minmax` (0..1) is formed of 0.01 + 0.99 · value, so that a 0 does not decide alone; of ranks
    as they are. z values, which are negative too, have none.
    """
    if aggregation not in AGGREGATIONEN:
        raise InputError(f"Sozialindex: aggregation={aggregation!r}; expected one of {', '.join(AGGREGATIONEN)}")
    if aggregation == "arithmetisch":
        return normiert @ gewichte
    if (normiert < 0).any():
        raise InputError("Sozialindex: no product of z values, which are negative too; expected minmax or rang")
    if (normiert < _GEOMETRISCH_AB).any():
        normiert = _GEOMETRISCH_AB + (1 - _GEOMETRISCH_AB) * normiert
    return np.exp(np.log(normiert) @ gewichte)


def sozialindex(
    tabelle: pd.DataFrame,
    richtung: Mapping[str, str],
    *,
    gewichte: Mapping[str, float] | None = None,
    normierung: str = "z",
    aggregation: str = "arithmetisch",
    grenzen: Mapping[str, tuple[float, float]] | None = None,
) -> pd.DataFrame:
    """Composite index of the burden of each area, with its rank.

    Parameters
    ----------
    tabelle
        Values, areas (index `ags`) × indicators (`eingabe.breit`).
    richtung
        Direction of each indicator in the catalogue; all need one.
    gewichte
        Per indicator, any positive sum; without it equal ones (`gleiche_gewichte`).
    normierung, aggregation
        One of `NORMIERUNGEN`, one of `AGGREGATIONEN`.
    grenzen
        See `normieren`.

    Returns
    -------
    pandas.DataFrame
        Sorted by rank, then key: `ags`, `index` (high is unfavourable), `rang` (1 = most unfavourable; equal ones share
        the better one), `grund` (`wert_fehlt` for areas without a value of any indicator, which have no index).

    Notes
    -----
    An index says no more than its indicators and is relative to the areas in it. `robustheit.robustheit` says how far
    ranks depend on the choices made here; without it no rank should be reported.

    Raises
    ------
    InputError
        No direction, unknown kind, an indicator that does not vary, weights that do not fit, too few areas.
    """
    complete = vollstaendige(tabelle)
    weights = gepruefte_gewichte(complete.columns, gewichte)
    values = aggregieren(normieren(complete, richtung, normierung, grenzen).to_numpy(), weights.to_numpy(), aggregation)
    index = pd.Series(values, index=complete.index).reindex(tabelle.index)
    table = pd.DataFrame({"index": index, "rang": gerundet(index).rank(method="min", ascending=False)})
    table["grund"] = np.where(index.isna(), "wert_fehlt", "")
    return table.rename_axis("ags").reset_index().sort_values(["rang", "ags"], ignore_index=True)


def gerundet(index):
    """Index without the last digits, in which equal areas differ by rounding alone."""
    return index.round(10)


def vollstaendige(tabelle: pd.DataFrame) -> pd.DataFrame:
    """Areas with a value of every indicator, sorted by key; an error where there are too few."""
    if not tabelle.index.is_unique:
        raise InputError(f"Sozialindex: {tabelle.index[tabelle.index.duplicated()][0]} occurs twice; expected once")
    complete = tabelle.dropna().astype(float).sort_index()
    if len(complete) < MINDESTENS_GEBIETE or not len(tabelle.columns):
        raise InputError(
            f"Sozialindex: {len(complete)} areas have all {len(tabelle.columns)} indicators; expected at least "
            f"{MINDESTENS_GEBIETE} areas and one indicator"
        )
    return complete


def gepruefte_gewichte(indikatoren, gewichte: Mapping[str, float] | None) -> pd.Series:
    """Weights of the indicators with sum 1."""
    if gewichte is None:
        return gleiche_gewichte(indikatoren)
    given = pd.Series(dict(gewichte), dtype=float)
    other = set(given.index) ^ set(indikatoren)
    if other:
        raise InputError(f"Sozialindex: weights and values do not fit, as {min(other)}; expected the same indicators")
    wrong = given[~(given >= 0) | np.isinf(given)]
    if len(wrong) or not given.sum() > 0:
        name = wrong.index[0] if len(wrong) else given.index[0]
        raise InputError(f"Sozialindex: weight of {name} is {given[name]}; expected 0 or more, one above 0")
    return (given / given.sum()).reindex(indikatoren)
