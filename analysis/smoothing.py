"""Empirical Bayes smoothing: rates of small areas, drawn towards the mean of all as far as their numbers are small."""

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.rates import NIVEAU, check_level

FAMILIEN = ("binomial", "poisson")
"""Distribution of the cases of an area: persons of all persons, or events per population."""

MINDESTENS = 3
"""Areas with numbers below which nothing is smoothed: how much areas differ cannot be told."""


def empirical_bayes(
    zaehler: pd.Series, nenner: pd.Series, familie: str = "binomial", gruppe=None, niveau: float = NIVEAU
) -> pd.DataFrame:
    """Empirical Bayes estimate of the rates of small areas, with the raw rate beside it.

    The mean b of all areas and the variance a between them are estimated by the method of moments; the smoothed rate is
    b + weight · (raw - b). The weight grows with the denominator: a large area keeps its own rate.

    Parameters
    ----------
    zaehler, nenner
        Counts of one index; rows without numbers or with a denominator of 0 stay without rate and count for nothing.
    familie
        `binomial` for shares of persons, `poisson` for events per population.
    gruppe
        Name of each row's comparison (for instance indicator and day); without it all rows are one.

    Returns
    -------
    pandas.DataFrame
        `roh`, `geglaettet`, `unten`, `oben`, `gewicht` (0: the mean alone, 1: the raw rate alone), `mittel`. The bounds
        are quantiles of the posterior (beta, or gamma) for the estimated a and b as if they were known, so a little
        too narrow with few areas. Where areas do not differ more than by chance the weight is 0 and there are none.
        Fewer than 3 areas with numbers in a comparison are not smoothed: only `roh` and `mittel`.

    Raises
    ------
    InputError
        Negative counts, more cases than persons (binomial), an unknown family.

    Notes
    -----
    Marshall (1991), Applied Statistics 40, 283-294, global estimator; equal to R spdep `EBest`. A negative variance
    between areas becomes 0; `EBest` does so for poisson, but leaves negative weights for binomial. Binomial: beta
    prior of the same weights (Martuzzi, Elliott 1996, Statistics in Medicine 15, 1867-1873).
    """
    check_level(niveau)
    x, n, usable = _checked(zaehler, nenner, familie)
    group = (
        np.zeros(len(x), int)
        if gruppe is None
        else pd.factorize(pd.Series(gruppe).to_numpy(), use_na_sentinel=False)[0]
    )
    x, n, group = x[usable], n[usable], group[usable]
    areas = np.bincount(group)
    with np.errstate(invalid="ignore", divide="ignore"):
        persons = np.bincount(group, n)
        mean = np.bincount(group, x) / persons
        raw, b = x / n, mean[group]
        spread = np.bincount(group, n * (raw - b) ** 2) / persons
        prior = np.where(areas < MINDESTENS, np.nan, _prior_size(mean, spread, persons / areas, familie))[group]
    weight = n / (n + prior)
    smoothed = b + weight * (raw - b)
    low, high = _posterior(x, n, b, prior, familie, niveau)
    values = np.full((len(usable), 6), np.nan)
    values[usable] = np.column_stack([raw, smoothed, low, high, weight, b])
    columns = ["roh", "geglaettet", "unten", "oben", "gewicht", "mittel"]
    return pd.DataFrame(values, columns=columns, index=zaehler.index)


def local_empirical_bayes(zaehler: pd.Series, nenner: pd.Series, nachbarn: pd.DataFrame) -> pd.DataFrame:
    """Empirical Bayes estimate of events per population, drawn towards the mean of an area and its neighbours.

    Parameters
    ----------
    zaehler, nenner
        Counts by key (index); every row needs both.
    nachbarn
        Pairs of neighbours, columns `ags` and `nachbar`, each pair in both directions.

    Returns
    -------
    pandas.DataFrame
        `roh`, `geglaettet`, `gewicht`, `mittel` (of the neighbourhood) by key.

    Notes
    -----
    Marshall (1991), local estimator; equal to R spdep `EBlocal(geoda = FALSE)`.
    """
    from scipy import sparse

    x, n, usable = _checked(zaehler, nenner, "poisson")
    if not usable.all():
        raise InputError(f"smoothing: {zaehler.index[~usable][0]} has no number; local smoothing needs every area")
    rows, columns = (zaehler.index.get_indexer(nachbarn[c]) for c in ("ags", "nachbar"))
    unknown = (rows < 0) | (columns < 0)
    if unknown.any():
        pair = nachbarn[unknown].iloc[0]
        raise InputError(f"smoothing: neighbours {pair.ags} and {pair.nachbar}; expected keys that have numbers")
    size = len(x)
    links = sparse.coo_array((np.ones(len(rows)), (rows, columns)), shape=(size, size)).tocsr()
    links.data[:] = 1
    links = links + sparse.eye_array(size, format="csr")
    persons, areas = links @ n, links.sum(axis=1)
    mean, raw = (links @ x) / persons, x / n
    between = np.maximum((links @ (n * (raw - mean) ** 2)) / persons - mean / (persons / areas), 0)
    with np.errstate(invalid="ignore"):
        weight = np.where(between > 0, between / (between + mean / n), 0.0)
    values = {"roh": raw, "geglaettet": mean + weight * (raw - mean), "gewicht": weight, "mittel": mean}
    return pd.DataFrame(values, index=zaehler.index)


def _checked(zaehler: pd.Series, nenner: pd.Series, familie: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if familie not in FAMILIEN:
        raise InputError(f"smoothing: familie={familie!r}; expected {' or '.join(FAMILIEN)}")
    if not zaehler.index.equals(nenner.index):
        raise InputError("smoothing: numerators and denominators of different rows; expected one index")
    x, n = zaehler.to_numpy(float, na_value=np.nan), nenner.to_numpy(float, na_value=np.nan)
    wrong = (x < 0) | (n < 0)
    if familie == "binomial":
        wrong |= (x > n) & (n > 0)
    if wrong.any():
        key, place = zaehler.index[wrong][0], np.flatnonzero(wrong)[0]
        expected = "from 0 to the denominator" if familie == "binomial" else "0 or more"
        raise InputError(f"smoothing: {key}: {x[place]:g} of {n[place]:g}; expected {expected}")
    return x, n, ~np.isnan(x) & (n > 0)


def _prior_size(mean, spread, persons_per_area, familie: str) -> np.ndarray:
    """Persons that the mean of all counts for beside an area's own; infinite where areas do not differ."""
    variance = mean if familie == "poisson" else mean * (1 - mean)
    between = spread - variance / persons_per_area
    size = (mean if familie == "poisson" else variance - spread) / between
    return np.where(between > 0, np.maximum(size, 0), np.inf)


def _posterior(x, n, mean, prior, familie: str, niveau: float) -> tuple[np.ndarray, np.ndarray]:
    """Quantiles of the posterior distribution, NaN without a prior of finite size."""
    from scipy.special import betaincinv, gammaincinv

    tails = np.array([(1 - niveau) / 2, 1 - (1 - niveau) / 2])[:, None]
    known = np.isfinite(prior) & (prior > 0)
    size = np.where(known, prior, 1.0)
    cases = mean * size + x
    if familie == "poisson":
        bounds = gammaincinv(cases, tails) / (n + size)
    else:
        bounds = betaincinv(cases, (1 - mean) * size + n - x, tails)
    return tuple(np.where(known, bounds, np.nan))
