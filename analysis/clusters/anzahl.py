"""How many groups: a table of criteria and the plan that chooses from it, or finds no stable structure."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from analysis.clusters.guete import calinski_harabasz, quadratsummen, silhouette
from analysis.clusters.ohnestruktur import NIVEAU_ALLE, WIEDERHOLUNGEN, OhneStruktur, ohne_struktur
from analysis.clusters.stabilitaet import jaccard_je_anzahl
from analysis.clusters.verfahren import VERFAHREN, check, partitionen, sortierung

ANZAHLEN = range(2, 9)
"""Numbers of groups that are looked at."""


def criteria(
    matrix: np.ndarray,
    verfahren: str = "ward",
    ks: Sequence[int] = ANZAHLEN,
    wiederholungen: int = WIEDERHOLUNGEN,
    startwert: int = 1,
    *,
    B: int = 100,
    ohne: OhneStruktur | None = None,
    balken: Callable[[int], object] | None = None,
) -> pd.DataFrame:
    """Criteria for the number of groups.

    Parameters
    ----------
    matrix, verfahren, startwert
        As `verfahren.labels`.
    ks
        Numbers of groups, 2 or more.
    wiederholungen
        Reference data sets of the gap statistic, and data sets of each kind without structure.
    B
        Resamples for the Jaccard.
    ohne
        Results on data without structure for `ks`, if they are there already.
    balken
        Called with 1 for each resample and each data set without structure.

    Returns
    -------
    pandas.DataFrame
        One row for k = 1 and each of `ks`: `k`, `silhouette` (mean), `calinski_harabasz`, `gap`, `gap_se`, `jaccard`
        (least stable group), `jaccard_mittel` (mean of the groups); `silhouette_schwelle` and `jaccard_schwelle`, what
        one of 40 data sets without structure exceeds by chance (the latter at least .75); `belegt`: whether silhouette
        and least stable group both exceed theirs. For k = 1 there are `gap` and `gap_se` only.
    """
    ks = sorted({*ks} - {1})
    check(matrix, [1, *ks], verfahren)
    x = matrix[sortierung(matrix)]
    none = ohne or ohne_struktur(matrix, ks, verfahren, wiederholungen, startwert, balken)
    groups, jaccards = jaccard_je_anzahl(x, ks, verfahren, B, startwert, balken or (lambda done: None))
    reference = referenzen(x, wiederholungen, startwert)
    gap, error = luecke(
        log_streuung(x, np.vstack([np.zeros(len(x), int), groups])),
        np.array([log_streuung(r, _groups(r, [1, *ks], verfahren, startwert)) for r in reference]),
    )
    table = pd.DataFrame(
        {
            "k": [1, *ks],
            "silhouette": [np.nan, *silhouette(x, groups).mean(axis=1)],
            "calinski_harabasz": [np.nan, *calinski_harabasz(x, groups)],
            "gap": gap,
            "gap_se": error,
            "jaccard": [np.nan, *(j.min() for j in jaccards)],
            "jaccard_mittel": [np.nan, *(j.mean() for j in jaccards)],
            "silhouette_schwelle": [np.nan, *none.schwellen_silhouette()],
            "jaccard_schwelle": [np.nan, *(none.schwellen(k, NIVEAU_ALLE).schwelle.iloc[-1] for k in ks)],
        }
    )
    proven = (table.jaccard > table.jaccard_schwelle) & (table.silhouette > table.silhouette_schwelle)
    return table.assign(belegt=proven)


def je_verfahren(
    matrix: np.ndarray,
    ks: Sequence[int] = ANZAHLEN,
    startwert: int = 1,
    *,
    B: int = 100,
    verfahren: Sequence[str] = VERFAHREN,
) -> pd.DataFrame:
    """Separation and stability of the groups of several methods, without comparison to data without structure.

    Returns
    -------
    pandas.DataFrame
        One row per `verfahren` and `k`: `silhouette` (mean), `jaccard` (least stable group), `jaccard_mittel`.
    """
    x, tables = matrix[sortierung(matrix)], []
    for method in verfahren:
        check(x, ks, method)
        groups, jaccards = jaccard_je_anzahl(x, ks, method, B, startwert)
        found = {"verfahren": method, "k": list(ks), "silhouette": silhouette(x, groups).mean(axis=1)}
        least, mean = ([f(j) for j in jaccards] for f in (np.min, np.mean))
        tables.append(pd.DataFrame({**found, "jaccard": least, "jaccard_mittel": mean}))
    return pd.concat(tables, ignore_index=True)


def choose(kriterien: pd.DataFrame) -> int:
    """Number of groups by the plan; 1 means "keine stabile Gruppenstruktur".

    A number is backed (`belegt`) if all its groups are more stable, and better separated, than groups in data without
    structure. Of the backed ones that with the highest silhouette is chosen, of equal ones the smallest. The gap
    statistic is shown beside it and decides nothing: with correlated indicators it can miss groups that are there.
    """
    proven = kriterien[kriterien.belegt.astype(bool)].sort_values("k")
    return 1 if proven.empty else int(proven.k.loc[proven.silhouette.idxmax()])


def gap_wahl(kriterien: pd.DataFrame) -> int:
    """Number of groups by the gap statistic's one-standard-error rule.

    The smallest k with gap(k) ≥ gap(k+1) - se(k+1) (Tibshirani, Walther, Hastie 2001; R cluster `maxSE` with
    `Tibs2001SEmax`); the last one if there is none.
    """
    gap, error = kriterien.gap.to_numpy(), kriterien.gap_se.to_numpy()
    enough = gap[:-1] >= gap[1:] - error[1:]
    return int(kriterien.k.iloc[enough.argmax() if enough.any() else -1])


def referenzen(matrix: np.ndarray, wiederholungen: int, startwert: int) -> np.ndarray:
    """Data sets spread evenly over the box along the principal axes, data sets × areas × indicators.

    Tibshirani, Walther, Hastie (2001), Journal of the Royal Statistical Society B 63, 411-423, variant (b); R `clusGap`
    with `spaceH0 = "scaledPCA"`.
    """
    middle = matrix.mean(axis=0)
    axes = np.linalg.svd(matrix - middle, full_matrices=False)[2]
    turned = (matrix - middle) @ axes.T
    random = np.random.default_rng([startwert, 4])
    drawn = random.uniform(turned.min(axis=0), turned.max(axis=0), (wiederholungen, *turned.shape))
    return drawn @ axes + middle


def log_streuung(matrix: np.ndarray, gruppen: np.ndarray) -> np.ndarray:
    """Logarithm of the dispersion within groups, half the sum of squares (R `clusGap` with `d.power = 2`)."""
    within = quadratsummen(matrix, gruppen)
    smallest = np.finfo(float).tiny
    return np.log(np.maximum(within / 2, smallest))


def luecke(log_w: np.ndarray, log_w_referenz: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gap statistic and its standard error (simulation error included) per number of groups."""
    sets = len(log_w_referenz)
    error = np.sqrt(1 + 1 / sets) * log_w_referenz.std(axis=0, ddof=1)
    return log_w_referenz.mean(axis=0) - log_w, error


def _groups(x: np.ndarray, ks: Sequence[int], verfahren: str, startwert: int) -> np.ndarray:
    return partitionen(x, np.ones((1, len(x)), bool), ks, verfahren, startwert)[0]
