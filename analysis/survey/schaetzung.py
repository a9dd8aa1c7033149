"""An estimate with everything that says how sure it is, and what follows from it: intervals, contrasts, tests."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import InputError

NIVEAU = 0.95
"""Confidence level of every interval."""


@dataclass(frozen=True)
class Schaetzung:
    """Estimates with their covariance.

    Attributes
    ----------
    wert
        Estimates; the index names them.
    kovarianz
        Covariance matrix in the order of `wert`.
    freiheitsgrade
        Degrees of freedom per estimate.
    n
        Respondents per estimate (unweighted; of the base, not of those with the property).
    """

    wert: pd.Series
    kovarianz: np.ndarray
    freiheitsgrade: np.ndarray
    n: np.ndarray

    @property
    def se(self) -> pd.Series:
        """Standard errors."""
        return pd.Series(np.sqrt(np.maximum(np.diag(self.kovarianz), 0.0)), self.wert.index, name="se")

    def intervall(self, niveau: float = NIVEAU, normal: bool = False) -> pd.DataFrame:
        """Estimate ± t × standard error: columns `unten`, `oben`; `normal` as R `confint` does without df."""
        from scipy import special

        half = (1 + niveau) / 2
        factor = special.ndtri(half) if normal else quantile_of_t(self.freiheitsgrade, niveau)
        width = np.where(np.asarray(self.freiheitsgrade) > 0, factor, np.nan) * self.se
        return pd.DataFrame({"unten": self.wert - width, "oben": self.wert + width})

    def tabelle(self, niveau: float = NIVEAU) -> pd.DataFrame:
        """Columns `n`, `wert`, `se`, `unten`, `oben`, `freiheitsgrade`."""
        frame = pd.DataFrame({"n": self.n, "wert": self.wert, "se": self.se}, index=self.wert.index)
        return frame.join(self.intervall(niveau)).assign(freiheitsgrade=self.freiheitsgrade)

    def kontrast(self, gewichte: Mapping[str, Mapping]) -> "Schaetzung":
        """Linear combinations: name → estimate → factor; estimates that are not named have 0 (R `svycontrast`).

        An estimate that is NaN, or has no variance, makes NaN only what contains it.

        Raises
        ------
        InputError
            There is no such estimate.
        """
        matrix = np.zeros((len(gewichte), len(self.wert)))
        for row, factors in zip(matrix, gewichte.values(), strict=True):
            for name, factor in factors.items():
                if name not in self.wert.index:
                    raise InputError(f"contrast: there is no estimate {name!r}")
                row[self.wert.index.get_loc(name)] = factor
        used = matrix != 0
        wert = _combined(matrix, self.wert.to_numpy()[:, None], np.ones((1, 1)))[:, 0]
        return Schaetzung(
            pd.Series(wert, list(gewichte), name="wert"),
            _combined(matrix, self.kovarianz, matrix),
            np.array([np.min(np.asarray(self.freiheitsgrade, float)[row], initial=np.inf) for row in used]),
            np.array([np.sum(np.asarray(self.n)[row]) for row in used]),
        )

    def _repr_html_(self) -> str:
        return self.tabelle().to_html()


def quantile_of_t(freiheitsgrade, niveau: float = NIVEAU) -> np.ndarray:
    """Factor of the standard error in an interval: quantile of Student's t; NaN below 1 degree of freedom."""
    from scipy import special

    # estimates have few different degrees of freedom, and each quantile costs as much as a whole table
    df = np.asarray(freiheitsgrade, float)
    which, known = pd.factorize(df.ravel(), use_na_sentinel=False)
    return special.stdtrit(np.where(known < 1, np.nan, known), (1 + niveau) / 2)[which].reshape(df.shape)


def _combined(left: np.ndarray, x: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Product left · x · rightᵀ in which 0 · NaN is 0."""
    unknown = np.isnan(x)
    touched = ((left != 0) @ unknown.astype(float) @ (right != 0).T) > 0
    return np.where(touched, np.nan, left @ np.where(unknown, 0.0, x) @ right.T)
