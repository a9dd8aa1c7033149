"""Which areas are similar to one, by stated indicators."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.errors import InputError

SKALIERUNGEN = ("z", "robust")
"""Unit of a difference: standard deviation; median absolute deviation times 1.4826 (R `mad`)."""

ABSTAENDE = ("euklid", "mahalanobis")
"""Root of the sum of squared differences; the same with correlated indicators counted once."""

MINDESTENS_GEMEINSAM = 0.8
"""Share of the indicators that both areas must have."""

VERSCHIEDEN_AB = 1.0
"""Scaled difference from which an indicator is named as one in which areas differ."""

_NORMAL = 1.4826
"""Factor that makes the median absolute deviation of a normal distribution its standard deviation."""


def aehnliche(
    tabelle: pd.DataFrame,
    ags: str,
    *,
    anzahl: int = 5,
    indikatoren: Sequence[str] | None = None,
    skalierung: str = "z",
    abstand: str = "euklid",
) -> pd.DataFrame:
    """The areas that are nearest to one in stated indicators.

    Parameters
    ----------
    tabelle
        Values, areas (index `ags`) × indicators (`eingabe.breit`).
    ags
        Area to which the others are compared.
    anzahl
        How many areas; more where the last distance is shared.
    indikatoren
        Which columns count; without it all.
    skalierung
        One of `SKALIERUNGEN`. `robust` keeps an outlier from making all others alike.
    abstand
        One of `ABSTAENDE`. `mahalanobis` (R `mahalanobis`) scales by itself and needs complete areas.

    Returns
    -------
    pandas.DataFrame
        Nearest first, equal ones by key: `ags`, `abstand` (root of the sum over the indicators), `gemeinsam`
        (indicators that both have) and `unterschiede` (indicators with a scaled difference of at least 1, the largest
        first, joined by comma).

    Notes
    -----
    A missing value leaves out its indicator; the sum is scaled up to all indicators (R `dist`). Areas with fewer than
    80 % of the indicators in common are left out.

    Raises
    ------
    InputError
        Unknown area or indicator or kind; an indicator that does not vary; no other area to compare with.
    """
    _check(tabelle, ags, anzahl, skalierung, abstand)
    columns = list(tabelle.columns) if indikatoren is None else list(indikatoren)
    unknown = [name for name in columns if name not in tabelle]
    if unknown or not columns:
        raise InputError(f"similar areas: indicator {(unknown or [None])[0]!r} has no values; expected a column")
    values = tabelle[columns].astype(float).sort_index()
    scaled = _scaled(values, "z" if abstand == "mahalanobis" else skalierung)
    difference = scaled - scaled.loc[ags]
    common = difference.notna().sum(axis=1)
    if abstand == "mahalanobis":
        enough = common == len(columns)
        distance = _mahalanobis(scaled, difference)
    else:
        enough = common >= MINDESTENS_GEMEINSAM * len(columns)
        distance = np.sqrt((difference**2).sum(axis=1) * len(columns) / common.where(common > 0))
    distance = distance[enough & (distance.index != ags)].sort_values(kind="stable")
    if distance.empty:
        raise InputError(f"similar areas: no area has enough indicators in common with {ags}; expected at least one")
    nearest = distance[distance <= distance.iloc[min(anzahl, len(distance)) - 1]]
    return pd.DataFrame(
        {
            "ags": nearest.index,
            "abstand": nearest.to_numpy(),
            "gemeinsam": common[nearest.index].to_numpy(),
            "unterschiede": _named(difference.loc[nearest.index]),
        }
    )


def _check(tabelle: pd.DataFrame, ags: str, anzahl: int, skalierung: str, abstand: str) -> None:
    if skalierung not in SKALIERUNGEN or abstand not in ABSTAENDE:
        expected = f"{', '.join(SKALIERUNGEN)}; {', '.join(ABSTAENDE)}"
        raise InputError(f"similar areas: {skalierung!r}, {abstand!r}; expected one of {expected}")
    if ags not in tabelle.index:
        raise InputError(f"similar areas: there is no area {ags!r} in the table; expected one of its {len(tabelle)}")
    if not tabelle.index.is_unique:
        twice = tabelle.index[tabelle.index.duplicated()][0]
        raise InputError(f"similar areas: {twice} occurs twice; expected each area once")
    if anzahl < 1:
        raise InputError(f"similar areas: {anzahl} areas wanted; expected at least 1")


def _scaled(values: pd.DataFrame, skalierung: str) -> pd.DataFrame:
    if skalierung == "z":
        middle, spread = values.mean(), values.std()
    else:
        middle = values.median()
        spread = _NORMAL * (values - middle).abs().median()
    # what does not vary beyond rounding has no unit to measure differences with
    constant = ~(spread > 1e-12 * values.abs().max())
    if constant.any():
        name = constant.idxmax()
        raise InputError(f"similar areas: {name} does not vary ({skalierung}); expected values that differ")
    return (values - middle) / spread


def _mahalanobis(scaled: pd.DataFrame, difference: pd.DataFrame) -> pd.Series:
    complete = scaled.dropna()
    covariance = np.atleast_2d(np.cov(complete.to_numpy(), rowvar=False)) if len(complete) > 1 else np.zeros((1, 1))
    if len(complete) <= scaled.shape[1] or np.linalg.cond(covariance) > 1e12:
        raise InputError(
            f"similar areas: {len(complete)} complete areas for {scaled.shape[1]} indicators that may depend on each "
            "other; expected more areas than indicators and none that follows from others"
        )
    whitened = np.linalg.solve(np.linalg.cholesky(covariance), difference.to_numpy().T)
    return pd.Series(np.sqrt((whitened**2).sum(axis=0)), index=difference.index)


def _named(difference: pd.DataFrame) -> list[str]:
    """Names of the indicators in which each area differs, the largest difference first."""
    size = difference.abs().stack()
    size = size[size >= VERSCHIEDEN_AB].rename_axis(["ags", "indikator"]).rename("betrag").reset_index()
    size = size.sort_values(["betrag", "indikator"], ascending=[False, True])
    return size.groupby("ags").indikator.agg(", ".join).reindex(difference.index, fill_value="").to_list()
