"""Intervals of a proportion, of a rate of events and of a mean."""

import numpy as np

from analysis.errors import InputError

NIVEAU = 0.95
"""Confidence level of every interval."""

WENIGE_FAELLE = 10
"""Events below which the interval of a rate is exact; from here on Byar's approximation."""


def wilson(zaehler, nenner, niveau: float = NIVEAU) -> tuple[np.ndarray, np.ndarray]:
    """Wilson score interval of proportions, without continuity correction.

    Parameters
    ----------
    zaehler, nenner
        Counts, array-like of one shape; NaN and a denominator of 0 give NaN. `zaehler` may be fractional.

    Returns
    -------
    tuple of numpy.ndarray
        Lower and upper bounds, 0..1.

    Notes
    -----
    Wilson (1927); statsmodels `proportion_confint(method="wilson")`, equal to PHEindicatormethods `phe_proportion`.
    """
    from statsmodels.stats.proportion import proportion_confint

    zaehler, nenner = np.asarray(zaehler, float), np.asarray(nenner, float)
    usable = (nenner > 0) & ~np.isnan(zaehler)
    unten, oben = np.full(zaehler.shape, np.nan), np.full(zaehler.shape, np.nan)
    if usable.any():
        unten[usable], oben[usable] = proportion_confint(
            zaehler[usable], nenner[usable], alpha=1 - niveau, method="wilson"
        )
    return unten, oben


def byar(zaehler, nenner, niveau: float = NIVEAU) -> tuple[np.ndarray, np.ndarray]:
    """Interval of rates of events per population: exact Poisson below 10 events, Byar's approximation from 10 on.

    Parameters
    ----------
    zaehler, nenner
        Events and population (or person-years), array-like of shapes that fit together; events may be more than the
        population. NaN and a population of 0 or less give NaN.

    Returns
    -------
    tuple of numpy.ndarray
        Lower and upper bounds in the unit of `zaehler / nenner`.

    Raises
    ------
    InputError
        Negative events; level not between 0 and 1.

    Notes
    -----
    Exact: chi-square quantiles (Garwood 1936); Byar: Breslow, Day (1987), Statistical methods in cancer research II,
    p. 69. Equal to PHEindicatormethods `phe_rate`.
    """
    zaehler, nenner = np.broadcast_arrays(np.asarray(zaehler, float), np.asarray(nenner, float))
    unten, oben = byar_counts(zaehler, niveau)
    nenner = np.where(nenner > 0, nenner, np.nan)
    return unten / nenner, oben / nenner


def byar_counts(zaehler, niveau: float = NIVEAU) -> tuple[np.ndarray, np.ndarray]:
    """Interval of the expected number of events where `zaehler` were counted (see `byar`)."""
    from scipy.special import gammaincinv, ndtri

    check_level(niveau)
    zaehler = np.asarray(zaehler, float)
    if (zaehler < 0).any():
        raise InputError(f"interval of a rate: {zaehler[zaehler < 0].flat[0]:g} events; expected 0 or more")
    tail, z = (1 - niveau) / 2, ndtri(1 - (1 - niveau) / 2)
    few = zaehler < WENIGE_FAELLE
    some = np.where(zaehler > 0, zaehler, 1)
    exact_low = np.where(zaehler > 0, gammaincinv(some, tail), 0.0)
    byar_low = some * np.maximum(1 - 1 / (9 * some) - z / (3 * np.sqrt(some)), 0) ** 3
    more = zaehler + 1
    byar_high = more * (1 - 1 / (9 * more) + z / (3 * np.sqrt(more))) ** 3
    unten = np.where(few, exact_low, byar_low)
    oben = np.where(few, gammaincinv(more, 1 - tail), byar_high)
    return np.where(np.isnan(zaehler), np.nan, unten), oben


def check_level(niveau: float) -> None:
    """Refuse what is no confidence level."""
    if not 0 < niveau < 1:
        raise InputError(f"interval: level {niveau!r}; expected a number between 0 and 1, as 0.95")
