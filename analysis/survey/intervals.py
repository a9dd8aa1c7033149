"""Confidence intervals of shares: between 0 and 1, usable where nobody or everybody has the property."""

from numbers import Real

import numpy as np
import pandas as pd
from scipy import special

from analysis.errors import InputError
from analysis.survey.schaetzung import NIVEAU, Schaetzung, quantile_of_t

ARTEN = ("auto", "logit", "wilson", "korn_graubard", "beta", "arcsin", "linear")
"""Kinds of intervals."""

SELTEN = 0.05
"""Share, of those with or without the property, below which `auto` takes Korn-Graubard."""

WENIGE = 20
"""Effective respondents with (or without) the property below which `auto` takes Korn-Graubard."""

WENIGE_INSGESAMT = 30
"""Effective respondents of the base below which `auto` takes Korn-Graubard (NCHS 2017: not to be presented)."""

WENIGE_FREIHEITSGRADE = 8
"""Degrees of freedom below which `auto` takes Korn-Graubard (NCHS 2017: to be reviewed)."""

_NULL = 1e-12
"""Share below which nobody has the property; weights sum to 1 only up to rounding."""


def share_interval(
    anteil, se, n, freiheitsgrade, art: str = "auto", niveau: float = NIVEAU, n_effektiv=None
) -> tuple[np.ndarray, np.ndarray]:
    """Confidence interval of shares under the design.

    With t the quantile of Student's distribution with the degrees of freedom, p the share:

    - `logit`: expit(logit p ± t · se / (p (1 - p))); R `svyciprop(method = "logit")` and `"xlogit"`.
    - `wilson`: (p + t²/2m ± t √(p (1 - p)/m + t²/4m²)) / (1 + t²/m), with the effective m = p (1 - p)/se² (Kott, Carr
      2000; Franco et al. 2019, Journal of Survey Statistics and Methodology 7, 334-364); without weights and with the
      normal distribution it is Wilson's (1927).
    - `korn_graubard`: Clopper-Pearson with m · (t of n - 1 / t)² respondents, never more than n (Korn, Graubard 1998,
      Survey Methodology 24, 193-201; NCHS 2017).
    - `beta`: the same without that limit; R `svyciprop(method = "beta")`.
    - `arcsin`: sin²(arcsin √p ± t · se / (2 √(p (1 - p)))), ends at 0 and 1; R `"asin"`, which turns around there.
    - `linear`: p ± t · se, cut at 0 and 1; R `"mean"`, which does not cut.
    - `auto`: `logit`; but `korn_graubard` where the share is rare or rests on few, so that coverage must rather be too
      high: below 5 % with or without the property, below 20 effective respondents with or without it, below 30
      effective respondents or 8 degrees of freedom in all (the last two are limits of the National Center for Health
      Statistics, Data Presentation Standards for Proportions, 2017, which takes Korn-Graubard everywhere).

    Where nobody or everybody has the property, the error is 0 and says nothing: `wilson` then uses m = `n_effektiv`,
    all others give Korn-Graubard with it (0 of 100: 0 to 0.0362). Where the error is 0 although some have the property
    and some not (a margin of the calibration; clusters that agree), `wilson`, `beta` and `korn_graubard` use it too,
    the others give the share itself; `auto` does so only where the share does not rest on few.

    Parameters
    ----------
    anteil, se, n, freiheitsgrade
        Share 0..1, its standard error, respondents of its base, degrees of freedom; any shapes that fit together.
    art
        One of `ARTEN`.
    n_effektiv
        Effective size by Kish of the base, (Σ w)²/Σ w²; without it n. More than n counts as n. Kish knows nothing of
        clusters: where answers within clusters are alike, give less.

    Returns
    -------
    tuple
        Lower and upper bounds. NaN where share or error is NaN, with less than 2 respondents or without degrees of
        freedom.

    Raises
    ------
    InputError
        Unknown kind, level not between 0 and 1, share outside 0..1, negative error, no numbers.
    """
    if art not in ARTEN:
        raise InputError(f"interval of a share: art={art!r}; expected one of {', '.join(ARTEN)}")
    check_level(niveau)
    given = {"anteil": anteil, "se": se, "n": n, "freiheitsgrade": freiheitsgrade}
    p, se, n, df = (_numbers(x, name) for name, x in given.items())
    kish = n if n_effektiv is None else np.fmin(_numbers(n_effektiv, "n_effektiv"), n)
    try:
        p, se, n, df, kish = np.broadcast_arrays(p, se, n, df, kish)
    except ValueError as error:
        raise InputError(f"interval of a share: {error}") from error
    _check(p, "share", (p < -_NULL) | (p > 1 + _NULL), "from 0 to 1")
    _check(se, "standard error", se < 0, "0 or more")
    p = np.clip(p, 0, 1)
    known = np.isfinite(p) & np.isfinite(se) & (n >= 2) & (df > 0)
    bounds = np.full((2, *p.shape), np.nan)
    bounds[:, known] = _bounds(p[known], se[known], n[known], df[known], kish[known], art, niveau)
    return bounds[0], bounds[1]


def share_intervals(schaetzung: Schaetzung, art: str = "auto", niveau: float = NIVEAU, n_effektiv=None) -> pd.DataFrame:
    """Intervals of estimated shares: columns `unten`, `oben` (see `share_interval`); n_effektiv per estimate."""
    unten, oben = share_interval(
        schaetzung.wert, schaetzung.se, schaetzung.n, schaetzung.freiheitsgrade, art, niveau, n_effektiv
    )
    return pd.DataFrame({"unten": unten, "oben": oben}, index=schaetzung.wert.index)


def few(anteil, se, n, freiheitsgrade, n_effektiv=None) -> np.ndarray:
    """Whether a share is rare (or its complement) or rests on few respondents: the rule of `auto`."""
    p, se, n, df = (_numbers(x, "few") for x in (anteil, se, n, freiheitsgrade))
    kish = n if n_effektiv is None else np.fmin(_numbers(n_effektiv, "n_effektiv"), n)
    return _few(p, n, df, np.minimum(_effective(p, se, kish), n))


def _few(p, n, df, m) -> np.ndarray:
    """The same from the effective respondents `m`."""
    smaller = np.minimum(p, 1 - p)
    return (smaller < SELTEN) | (m * smaller < WENIGE) | (m < WENIGE_INSGESAMT) | (df < WENIGE_FREIHEITSGRADE)


def _bounds(p, se, n, df, kish, art: str, niveau: float) -> np.ndarray:
    """Lower and upper bounds of known shares, 2 × shares."""
    extreme = np.minimum(p, 1 - p) < _NULL
    p = np.where(extreme, np.round(p), p)
    t = quantile_of_t(df, niveau)
    m = np.where(extreme, kish, _effective(p, se, kish))
    if art == "wilson":
        return _wilson(p, np.minimum(m, n), t)
    few_carry_it = _few(p, n, df, np.minimum(m, n)) if art == "auto" else np.full(p.shape, art == "korn_graubard")
    exact = extreme | few_carry_it

    def adjusted(which):
        return m[which] * (quantile_of_t(n[which] - 1, niveau) / t[which]) ** 2

    result = np.empty((2, len(p)))
    result[:, exact] = _clopper_pearson(p[exact], np.minimum(adjusted(exact), n[exact]), niveau)
    if art == "beta":
        result[:, ~exact] = _clopper_pearson(p[~exact], adjusted(~exact), niveau)
        return result
    p, width = p[~exact], (t * se)[~exact]
    sides, spread = np.array([-width, width]), p * (1 - p)
    if art == "arcsin":
        angle = np.arcsin(np.sqrt(p)) + sides / (2 * np.sqrt(spread))
        result[:, ~exact] = np.sin(np.clip(angle, 0, np.pi / 2)) ** 2
    elif art == "linear":
        result[:, ~exact] = np.clip(p + sides, 0, 1)
    else:
        result[:, ~exact] = special.expit(special.logit(p) + sides / spread)
    return result


def _effective(p, se, kish) -> np.ndarray:
    """Respondents of a simple sample with the same standard error; those of Kish where the error is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(se**2 * kish < _NULL, kish, p * (1 - p) / se**2)


def _wilson(p, m, t) -> np.ndarray:
    half = t * np.sqrt(p * (1 - p) / m + t**2 / (4 * m**2))
    return np.clip((p + t**2 / (2 * m) + np.array([-half, half])) / (1 + t**2 / m), 0, 1)


def _clopper_pearson(p, m, niveau: float) -> np.ndarray:
    """Exact binomial interval of p·m of m, also for parts of respondents."""
    tail, yes, no = (1 - niveau) / 2, p * m, (1 - p) * m
    # at the ends, where the distribution does not exist, the bound is the end itself
    low = np.where(yes > 0, special.betaincinv(np.where(yes > 0, yes, 1), no + 1, tail), 0.0)
    high = np.where(no > 0, special.betaincinv(yes + 1, np.where(no > 0, no, 1), 1 - tail), 1.0)
    return np.array([low, high])


def _numbers(x, name: str) -> np.ndarray:
    try:
        if isinstance(x, pd.Series | pd.Index | pd.DataFrame | pd.api.extensions.ExtensionArray):
            return x.to_numpy(dtype=float, na_value=np.nan)
        return np.asarray(x, float)
    except (TypeError, ValueError) as error:
        raise InputError(f"interval of a share: {name} holds {str(x)[:60]!r}; expected numbers") from error


def _check(values: np.ndarray, what: str, wrong: np.ndarray, expected: str) -> None:
    if wrong.any():
        raise InputError(f"interval of a share: {what} {values[wrong].flat[0]:g}; expected {expected}")


def check_level(niveau: float) -> None:
    """Refuse what is no confidence level."""
    if not isinstance(niveau, Real) or not 0 < niveau < 1:
        raise InputError(f"interval: level {niveau!r}; expected a number between 0 and 1, as 0.95")
