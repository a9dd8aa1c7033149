"""Which areas differ beyond chance: pairwise tests, corrected for their number, and the ranks that they allow."""

import numpy as np
import pandas as pd
from scipy.special import ndtr

from analysis.errors import InputError
from analysis.vergleich.eingabe import ein_indikator
from analysis.vergleich.ziehung import genauigkeit

MINDESTENS_ERWARTET = 5
"""Cases expected with, or without, the property on each side below which a pair is not tested (Cochran 1954)."""


def p_matrix(werte: pd.DataFrame) -> np.ndarray:
    """Two-sided p of the difference of each pair of areas, areas × areas; NaN where it is not tested.

    Score test of two shares with the common variance, without continuity correction (R `prop.test(correct = FALSE)`).
    The numbers of cases are those of `ziehung.genauigkeit`, of each area on the side of the other. Not tested: pairs
    with an area without interval, and with fewer than 5 expected cases with or without the property on a side.
    """
    sizes = genauigkeit(werte)
    p, q = sizes.p[:, None], sizes.p[None, :]
    n_p = np.where(p > q, sizes.n_unten[:, None], sizes.n_oben[:, None])
    n_q = np.where(p > q, sizes.n_oben[None, :], sizes.n_unten[None, :])
    with np.errstate(invalid="ignore", divide="ignore"):
        common = (n_p * p + n_q * q) / (n_p + n_q)
        z = np.abs(p - q) / np.sqrt(common * (1 - common) * (1 / n_p + 1 / n_q))
        expected = np.minimum(n_p, n_q) * np.minimum(common, 1 - common)
    tested = (expected >= MINDESTENS_ERWARTET) & (sizes.verhaeltnis[:, None] == sizes.verhaeltnis[None, :])
    np.fill_diagonal(tested, False)
    return np.where(tested, 2 * ndtr(-z), np.nan)


def holm(p: np.ndarray) -> np.ndarray:
    """Holm's (1979) corrected p along the last axis; a pair that is not tested counts as a test with p = 1."""
    filled = np.where(np.isnan(p), 1.0, p)
    order = np.argsort(filled, axis=-1, kind="stable")
    factor = np.arange(p.shape[-1], 0, -1)
    stepped = np.minimum(np.maximum.accumulate(np.take_along_axis(filled, order, -1) * factor, axis=-1), 1)
    result = np.empty_like(filled)
    np.put_along_axis(result, order, stepped, axis=-1)
    return np.where(np.isnan(p), np.nan, result)


def paarvergleiche(werte: pd.DataFrame, niveau: float = 0.95) -> pd.DataFrame:
    """Differences of all pairs of areas, and whether they are beyond chance.

    Parameters
    ----------
    werte
        Values of one indicator at one day (`indicators.compute`). Areas without a value are left out.
    niveau
        A pair differs where the p corrected for all pairs is below 1 - niveau.

    Returns
    -------
    pandas.DataFrame
        One row per pair: `ags`, `ags_andere`, `differenz` of the first from the other, `p`, `p_korrigiert` (Holm over
        all pairs), `pruefbar`, `verschieden`. A pair that cannot be tested is not called different.
    """
    table = ein_indikator(werte).dropna(subset="anteil").reset_index(drop=True)
    first, second = np.triu_indices(len(table), 1)
    p = p_matrix(table)[first, second]
    corrected = holm(p)
    return pd.DataFrame(
        {
            "ags": table.ags.to_numpy()[first],
            "ags_andere": table.ags.to_numpy()[second],
            "differenz": table.anteil.to_numpy()[first] - table.anteil.to_numpy()[second],
            "p": p,
            "p_korrigiert": corrected,
            "pruefbar": ~np.isnan(p),
            "verschieden": corrected < 1 - niveau,
        }
    )


def rangmengen(werte: pd.DataFrame, niveau: float = 0.95, gemeinsam: bool = False) -> pd.DataFrame:
    """Ranks that an area may have without contradiction to a test: confidence sets for ranks.

    The best rank is 1 plus the areas that are beyond chance higher, the worst the number of areas less those that are
    beyond chance lower (Mogstad, Romano, Shaikh, Wilhelm 2024, Review of Economic Studies 91, 476-518), here with
    Holm's step-down in place of their bootstrap: valid for any dependence, a little wider.

    Parameters
    ----------
    werte
        As `paarvergleiche`.
    niveau
        Probability with which the set holds the true rank at least.
    gemeinsam
        Whether all sets together hold their ranks with that probability (all pairs are corrected), or each one alone
        (its pairs are corrected).

    Returns
    -------
    pandas.DataFrame
        Index `ags`; `rang_unten`, `rang_oben`. An area without interval has no set, and widens those of others.

    Raises
    ------
    InputError
        See `eingabe.ein_indikator`; level not between 0 and 1.
    """
    if not 0 < niveau < 1:
        raise InputError(f"ranks: level {niveau!r}; expected a number between 0 and 1, as 0.95")
    table = ein_indikator(werte).dropna(subset="anteil").reset_index(drop=True)
    p = p_matrix(table)
    size = len(table)
    if gemeinsam:
        first, second = np.triu_indices(size, 1)
        corrected = np.full(p.shape, np.nan)
        corrected[first, second] = corrected[second, first] = holm(p[first, second])
    else:
        off_diagonal = ~np.eye(size, dtype=bool)
        corrected = np.full(p.shape, np.nan)
        corrected[off_diagonal] = holm(p[off_diagonal].reshape(size, size - 1)).ravel()
    different = corrected < 1 - niveau
    values = table.anteil.to_numpy()
    higher = (different & (values[None, :] > values[:, None])).sum(axis=1)
    lower = (different & (values[None, :] < values[:, None])).sum(axis=1)
    sets = pd.DataFrame({"rang_unten": 1.0 + higher, "rang_oben": size - lower.astype(float)}, index=table.ags)
    sets[~genauigkeit(table).bekannt] = np.nan
    return sets
