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
    Wilson (1927); equal to statsmodels `proportion_confint(method="wilson")` and to PHEindicatormethods
    `phe_proportion`.
    """
    from scipy.special import ndtri

    zaehler, nenner = np.asarray(zaehler, float), np.asarray(nenner, float)
    n = np.where(nenner > 0, nenner, np.nan)
    z = -ndtri((1 - niveau) / 2)
    p = zaehler / n
    stretch = 1 + z**2 / n
    centre = (p + z**2 / (2 * n)) / stretch
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / stretch
    return np.clip(centre - half, 0, 1), np.clip(centre + half, 0, 1)


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
    few, some, more = zaehler < WENIGE_FAELLE, np.where(zaehler > 0, zaehler, np.nan), zaehler + 1
    unten = some * np.maximum(1 - 1 / (9 * some) - z / (3 * np.sqrt(some)), 0) ** 3
    oben = more * (1 - 1 / (9 * more) + z / (3 * np.sqrt(more))) ** 3
    exact_low = np.where(zaehler == 0, 0.0, gammaincinv(np.where(few, some, np.nan), tail))
    exact_high = gammaincinv(np.where(few, more, np.nan), 1 - tail)
    return np.where(few, exact_low, unten), np.where(few, exact_high, oben)


def check_level(niveau: float) -> None:
    """Refuse what is no confidence level."""
    if not 0 < niveau < 1:
        raise InputError(f"interval: level {niveau!r}; expected a number between 0 and 1, as 0.95")


def mean_interval(mittel, streuung, anzahl, niveau: float = NIVEAU) -> tuple[np.ndarray, np.ndarray]:
    """Confidence interval of means by Student's t distribution.

    Parameters
    ----------
    mittel, streuung, anzahl
        Mean, standard deviation (divisor n - 1) and number of values, of shapes that fit together; fewer than two
        values give NaN.

    Notes
    -----
    Equal to PHEindicatormethods `phe_mean` and to R's `t.test`.
    """
    from scipy.special import stdtrit

    check_level(niveau)
    mittel, streuung, anzahl = np.broadcast_arrays(*(np.asarray(x, float) for x in (mittel, streuung, anzahl)))
    known = np.where(anzahl >= 2, anzahl, np.nan)
    half = stdtrit(known - 1, 1 - (1 - niveau) / 2) * streuung / np.sqrt(known)
    return mittel - half, mittel + half


def rate_difference(zaehler1, nenner1, zaehler2, nenner2, art: str = "anteil", niveau: float = NIVEAU):
    """Difference of two independent shares or rates (first minus second) with its interval.

    Parameters
    ----------
    zaehler1, nenner1, zaehler2, nenner2
        Counts, array-like of shapes that fit together; NaN and a denominator of 0 give NaN.
    art
        `anteil` (persons of all persons, Wilson) or `rate` (events per population, exact or Byar).

    Returns
    -------
    tuple of numpy.ndarray
        Difference, lower and upper bound, in the unit of `zaehler / nenner`.

    Notes
    -----
    Square-and-add of the two single intervals: for shares Newcombe's hybrid score interval (1998, Statistics in
    Medicine 17, 873-890, method 10; statsmodels `confint_proportions_2indep(method="newcomb")`), for rates the same
    construction (Zou, Donner 2008, Statistics in Medicine 27, 1693-1702). The two must be independent: two areas of
    which none holds the other, or two days with different people.
    """
    first, low1, high1 = _with_bounds(zaehler1, nenner1, art, niveau)
    second, low2, high2 = _with_bounds(zaehler2, nenner2, art, niveau)
    difference = first - second
    unten = difference - np.hypot(first - low1, high2 - second)
    oben = difference + np.hypot(high1 - first, second - low2)
    return difference, unten, oben


def rate_ratio(zaehler1, nenner1, zaehler2, nenner2, art: str = "anteil", niveau: float = NIVEAU):
    """Ratio of two independent shares or rates (first to second) with its interval.

    Parameters
    ----------
    zaehler1, nenner1, zaehler2, nenner2, art
        As in `rate_difference`.

    Returns
    -------
    tuple of numpy.ndarray
        Ratio, lower and upper bound. NaN where a denominator is 0 or the second share is 0; without a case on one
        side there is no interval.

    Notes
    -----
    Normal distribution of the logarithm; shares: Katz et al. (1978), Biometrics 34, 469-474, variance
    1/x₁ - 1/n₁ + 1/x₂ - 1/n₂ (R epitools `riskratio.wald`), rates: 1/x₁ + 1/x₂ (R epitools `rateratio.wald`).
    """
    from scipy.special import ndtri

    first, *_ = _with_bounds(zaehler1, nenner1, art, niveau)
    second, *_ = _with_bounds(zaehler2, nenner2, art, niveau)
    x1, n1, x2, n2 = (np.asarray(x, float) for x in (zaehler1, nenner1, zaehler2, nenner2))
    ratio = first / np.where(second > 0, second, np.nan)
    both = (x1 > 0) & (x2 > 0)
    some1, some2 = np.where(both, x1, np.nan), np.where(both, x2, np.nan)
    variance = 1 / some1 + 1 / some2
    if art == "anteil":
        variance = variance - 1 / np.where(n1 > 0, n1, np.nan) - 1 / np.where(n2 > 0, n2, np.nan)
    factor = np.exp(ndtri(1 - (1 - niveau) / 2) * np.sqrt(np.maximum(variance, 0)))
    return ratio, ratio / factor, ratio * factor


def _with_bounds(zaehler, nenner, art: str, niveau: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Share or rate and its single interval."""
    if art not in INTERVALLE:
        raise InputError(f"comparison of two rates: art={art!r}; expected {' or '.join(INTERVALLE)}")
    check_level(niveau)
    zaehler, nenner = np.broadcast_arrays(np.asarray(zaehler, float), np.asarray(nenner, float))
    wrong = zaehler < 0 if art == "rate" else (zaehler < 0) | (zaehler > nenner) & (nenner > 0)
    if wrong.any():
        expected = "0 or more" if art == "rate" else "from 0 to the denominator"
        raise InputError(
            f"comparison of two rates: {zaehler[wrong].flat[0]:g} of {nenner[wrong].flat[0]:g}; expected {expected}"
        )
    unten, oben = INTERVALLE[art](zaehler, nenner, niveau)
    return zaehler / np.where(nenner > 0, nenner, np.nan), unten, oben


INTERVALLE = {"anteil": wilson, "rate": byar}
"""Interval of a share of persons, and of a rate of events."""
