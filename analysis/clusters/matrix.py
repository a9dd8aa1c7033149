"""The scaled, complete matrix that is grouped, from values of areas and the rule by which it is made."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.clusters.umformung import entschiefen, faktoren, skalieren

AEHNLICHE = 5
"""Most similar areas whose mean stands in for a missing value."""

VARIANZ_MINDESTENS = 0.9
"""Share of the variance that the principal components keep."""


@dataclass(frozen=True)
class Regel:
    """How values become the matrix: scaling, weights per Lebenslage, limit of skewness, principal components or not."""

    skalierung: str
    gewichte: Mapping[str, float] | None
    lebenslage: Mapping[str, str] | None
    schief_ab: float
    hauptkomponenten: bool


@dataclass(frozen=True)
class Matrix:
    """The matrix with its standard errors, and the steps to it.

    `gerade`: skew taken out; `skaliert`: also scaled (both NaN where there is no value); `umgeformt`: indicator →
    transformation; `ladungen`: indicators × components, None without them.
    """

    matrix: pd.DataFrame
    streuung: pd.DataFrame
    gerade: pd.DataFrame
    skaliert: pd.DataFrame
    umgeformt: pd.Series
    ladungen: pd.DataFrame | None


def matrix(werte: pd.DataFrame, fehler: pd.DataFrame, regel: Regel) -> Matrix:
    """Matrix that is grouped.

    In this order: skewed indicators are transformed (`umformung.entschiefen`); all are scaled; a value that is missing,
    whether secret, unknown or not delivered, becomes the mean of the five areas that are most similar in the others
    (scikit-learn `KNNImputer`); indicators are weighted. Values are rounded at the tenth decimal, so that units of
    measurement decide no tie.

    Parameters
    ----------
    werte, fehler
        Values and their standard errors, areas × indicators, all of which vary. A value without standard error counts
        as exact; one that is replaced is as uncertain as its indicator varies.
    """
    even, even_errors, forms = entschiefen(werte, fehler, regel.schief_ab)
    scaled, errors = skalieren(even, even_errors, regel.skalierung)
    errors = errors.fillna(0).mask(scaled.isna(), scaled.std(), axis=1)
    factor = faktoren(scaled.columns, regel.gewichte, regel.lebenslage)
    made, spread, loadings = imputed(scaled) * factor, errors * factor, None
    if regel.hauptkomponenten:
        made, spread, loadings = _components(made, spread)
    return Matrix(made.round(10), spread, even, scaled, forms, loadings)


def imputed(werte: pd.DataFrame) -> pd.DataFrame:
    """Values with those that are missing replaced by the mean of the five most similar areas."""
    if not werte.isna().to_numpy().any():
        return werte
    from sklearn.impute import KNNImputer

    filled = KNNImputer(n_neighbors=AEHNLICHE).fit_transform(werte.to_numpy())
    return pd.DataFrame(filled, index=werte.index, columns=werte.columns)


def _components(matrix: pd.DataFrame, spread: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Scores of the principal components (R `prcomp`), the largest loading of each positive."""
    centred = matrix - matrix.mean()
    _, sizes, axes = np.linalg.svd(centred.to_numpy(), full_matrices=False)
    shares = (sizes**2).cumsum() / (sizes**2).sum()
    kept = axes[: int((shares < VARIANZ_MINDESTENS - 1e-9).sum()) + 1]
    kept = kept * np.sign(kept[np.arange(len(kept)), np.abs(kept).argmax(axis=1)])[:, None]
    names = [f"HK{number}" for number in range(1, len(kept) + 1)]
    loadings = pd.DataFrame(kept.T, index=matrix.columns, columns=names)
    return centred @ loadings, np.sqrt(spread**2 @ loadings**2), loadings
