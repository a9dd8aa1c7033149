"""Whether an area stays in its group when its figures are drawn anew within their own uncertainty."""

import numpy as np
import pandas as pd

from analysis.clusters.uebereinstimmung import kreuztabellen, zuordnung
from analysis.clusters.verfahren import labels

ZIEHUNGEN = 100


def noisy_groups(
    matrix: np.ndarray, streuung: np.ndarray, k: int, verfahren: str, startwert: int, ziehungen: int
) -> np.ndarray:
    """Groups of each draw of the values with normal noise, draws × areas, in the numbers of `verfahren.labels`."""
    random = np.random.default_rng([startwert, 7])
    drawn = random.normal(size=(ziehungen, *matrix.shape)) * streuung + matrix
    return np.array([labels(x, k, verfahren, startwert) for x in drawn])


def shares(
    matrix: pd.DataFrame,
    streuung: pd.DataFrame,
    gruppen: pd.Series,
    verfahren: str = "ward",
    startwert: int = 1,
    ziehungen: int = ZIEHUNGEN,
) -> pd.DataFrame:
    """Share of the draws in which each area lands in each group.

    Parameters
    ----------
    matrix, streuung
        Areas (index: key) × indicators as they were grouped, and the standard error of each cell (0 or NaN: not known,
        the value stays as it is).
    gruppen
        Group of each area, from 1 on.
    verfahren, startwert
        As the groups were made.

    Returns
    -------
    pandas.DataFrame
        Areas × groups. The groups of each draw are matched to the own ones so that most areas agree; a row adds up to
        less than 1 where a draw has a group without counterpart.
    """
    own = gruppen.reindex(matrix.index).to_numpy(int) - 1
    k = int(own.max()) + 1
    noise = streuung.reindex(index=matrix.index, columns=matrix.columns).fillna(0.0).to_numpy()
    made = noisy_groups(matrix.to_numpy(), noise, k, verfahren, startwert, ziehungen)
    landed = np.take_along_axis(zuordnung(kreuztabellen(own, made)), made, axis=1)
    found = np.array([(landed == g).mean(axis=0) for g in range(k)]).T
    return pd.DataFrame(found, index=matrix.index, columns=range(1, k + 1))
