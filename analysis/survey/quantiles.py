"""Medians and other quantiles of the population, overall and in domains, with Woodruff intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.survey.design import Design
from analysis.survey.estimates import domains, ratio_of
from analysis.survey.intervals import share_interval
from analysis.survey.schaetzung import NIVEAU, Schaetzung, quantile_of_t

REGELN = ("math", "school", "hf7")
"""What a quantile is between two answers.

`math`: the smallest value that a share p does not exceed; `school`: the middle of two values where the share up to the
lower one is just p; `hf7`: interpolated, without weights the quantile of NumPy and R. In R `survey` the `qrule`.
"""

ARTEN = ("linear", "logit", "beta", "arcsin")
"""Intervals of the share below the quantile; in R `interval.type` `mean`, `xlogit`, `beta`, `asin`."""

_GENAU = 1e-12
"""Share by which sums of weights may differ from p and still be p."""


@dataclass(frozen=True)
class _Sortiert:
    """Values in ascending order per pair of domain and variable, those outside last, and sums of weights up to them."""

    werte: np.ndarray
    summen: np.ndarray
    n: np.ndarray

    def quantil(self, p: np.ndarray, regel: str) -> np.ndarray:
        """Quantile per pair for a share per pair; NaN without a share from 0 to 1 and without respondents."""
        whole = self.summen[-1]
        known = (p >= 0) & (p <= 1) & (self.n > 0)
        share = np.where(known, p, 0.5)
        if regel == "hf7":
            result = self._interpolated(share)
        else:
            exact = _GENAU * whole
            k = self._at((self.summen < share * whole - exact).sum(axis=0))
            result = _take(self.werte, k)
            if regel == "school":
                on_it = np.abs(_take(self.summen, k) - share * whole) <= exact
                result = np.where(on_it, (result + _take(self.werte, self._at(k + 1))) / 2, result)
        return np.where(known, result, np.nan)

    def _interpolated(self, share: np.ndarray) -> np.ndarray:
        """Between the shares of weight below each value, of the weight below the largest."""
        below = np.vstack([np.zeros(self.summen.shape[1]), self.summen[:-1]])
        with np.errstate(invalid="ignore", divide="ignore"):
            below = below / _take(below, self._at(self.n - 1))
        k = self._at((below <= share).sum(axis=0) - 1)
        low, high = _take(self.werte, k), _take(self.werte, self._at(k + 1))
        start, end = _take(below, k), _take(below, self._at(k + 1))
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(end > start, low + (share - start) / (end - start) * (high - low), low)

    def _at(self, k: np.ndarray) -> np.ndarray:
        """Positions within the respondents of each pair."""
        return np.clip(k, 0, np.maximum(self.n - 1, 0))


def quantile(
    design: Design,
    y: pd.DataFrame | pd.Series,
    p: float | Sequence[float] = 0.5,
    bereich: pd.Series | None = None,
    *,
    regel: str = "math",
    art: str = "linear",
    niveau: float = NIVEAU,
) -> pd.DataFrame:
    """Weighted quantiles with Woodruff intervals (R `svyquantile`, since version 4.1).

    The interval of the share of respondents up to the quantile is turned back into values (Woodruff 1952, Journal of
    the American Statistical Association 47, 635-646); the standard error is the interval's width / 2t. Two rules differ
    from R: a share smaller than that of the smallest answer has this answer as its quantile (R: the second smallest);
    where the quantile is the largest answer, its share of 1 has the interval of Korn and Graubard (R: no width), and
    the quantile an upper bound only if that interval lies above p.

    Parameters
    ----------
    design
        Design of all respondents.
    y
        Numbers per respondent (in any unit); NA is outside.
    p
        Shares between 0 and 1; 0.5 is the median.
    bereich
        Domain per respondent, as in `estimates.mean`.
    regel
        One of `REGELN`.
    art
        One of `ARTEN`; `linear` can leave 0..1 in small domains, the others cannot.

    Returns
    -------
    pandas.DataFrame
        Columns `n`, `wert`, `se`, `unten`, `oben`, `freiheitsgrade`; index as of `estimates.mean`, with several p their
        value as last level. A bound is NaN where the interval of the share leaves 0..1: the sample does not say how far
        the quantile may lie; then `se` is NaN too. Everything is NaN in a domain without answers, error and bounds
        in one without degrees of freedom.

    Raises
    ------
    InputError
        Unknown rule or kind, p not between 0 and 1, infinite values.
    """
    values, inside, index = domains(design, y, bereich)
    tables = []
    for one in _shares(p):
        wert, bounds, below = _woodruff(design, values, inside, index, one, regel, art, niveau)
        frame = {"n": below.n, "wert": wert, "se": _error(bounds, below, niveau), "unten": bounds[0], "oben": bounds[1]}
        tables.append(pd.DataFrame(frame, index=index).assign(freiheitsgrade=below.freiheitsgrade))
    if np.ndim(p) == 0:
        return tables[0]
    names = [*index.names, "p"]
    joined = pd.concat(dict(zip(_shares(p), tables, strict=True)))
    joined.index = joined.index.reorder_levels([*range(1, joined.index.nlevels), 0]).set_names(names)
    rows = np.arange(len(joined)).reshape(len(tables), -1).T.ravel()
    return joined.iloc[rows]


def quantile_estimate(
    design: Design,
    y: pd.DataFrame | pd.Series,
    p: float = 0.5,
    bereich: pd.Series | None = None,
    *,
    regel: str = "math",
    art: str = "linear",
    niveau: float = NIVEAU,
) -> Schaetzung:
    """Quantiles with their covariance, for contrasts as the difference of two medians; intervals give `quantile`.

    The variances are those of `quantile`. The covariance of two quantiles is that of the shares below them, each
    divided by the density that its Woodruff interval implies (standard error of the share / that of the quantile); the
    linearisation is that of Francisco and Fuller (1991, Annals of Statistics 19, 454-469). R has no covariance of
    quantiles.
    """
    (one,) = _shares(p) if np.ndim(p) == 0 else (None,)
    if one is None:
        raise InputError(f"quantile: p={p!r}; expected one number between 0 and 1")
    values, inside, index = domains(design, y, bereich)
    wert, bounds, below = _woodruff(design, values, inside, index, one, regel, art, niveau)
    se, of_share = _error(bounds, below, niveau), below.se.to_numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = np.where(of_share > 0, se / of_share, np.nan)
    covariance = below.kovarianz * np.outer(scale, scale)
    np.fill_diagonal(covariance, se**2)
    return Schaetzung(pd.Series(wert, index, name="wert"), covariance, below.freiheitsgrade, below.n)


def _shares(p: float | Sequence[float]) -> list[float]:
    try:
        shares = np.atleast_1d(np.asarray(p, float))
    except (TypeError, ValueError) as error:
        raise InputError(f"quantile: p={p!r}; expected a number between 0 and 1, as 0.5 for the median") from error
    if not ((shares > 0) & (shares < 1)).all() or len(set(shares)) < len(shares):
        raise InputError(f"quantile: p={p!r}; expected different numbers between 0 and 1, as 0.5 for the median")
    return shares.tolist()


def _woodruff(design: Design, values, inside, index, p: float, regel: str, art: str, niveau: float):
    """Quantiles, bounds (2 × pairs) and the estimated shares of respondents up to the quantile."""
    if regel not in REGELN or art not in ARTEN:
        name, value, known = ("art", art, ARTEN) if regel in REGELN else ("regel", regel, REGELN)
        raise InputError(f"quantile: {name}={value!r}; expected one of {', '.join(known)}")
    if np.isinf(values).any():
        raise InputError("quantile: an answer is infinite; expected numbers")
    ordered = _sorted(design, values, inside)
    wert = ordered.quantil(np.full(inside.shape[1], p), regel)
    below = ratio_of(design, (inside & (values <= wert)).astype(float), inside.astype(float), inside, index)
    unten, oben = share_interval(below.wert, below.se, below.n, below.freiheitsgrade, art, niveau)
    # where the share may be 1, the quantile may lie beyond the largest answer, unless already the lower bound exceeds p
    sure = (below.wert > 1 - _GENAU) & (unten >= p)
    unten, oben = np.where(unten > 0, unten, np.nan), np.where((oben < 1) | sure, oben, np.nan)
    return wert, np.array([ordered.quantil(unten, regel), ordered.quantil(oben, regel)]), below


def _error(bounds: np.ndarray, below: Schaetzung, niveau: float) -> np.ndarray:
    t = quantile_of_t(below.freiheitsgrade, niveau)
    return (bounds[1] - bounds[0]) / (2 * t)


def _sorted(design: Design, values: np.ndarray, inside: np.ndarray) -> _Sortiert:
    order = np.argsort(np.where(inside, values, np.inf), axis=0, kind="stable")
    weights = np.take_along_axis(np.where(inside, design.gewichte, 0.0), order, axis=0)
    return _Sortiert(np.take_along_axis(values, order, axis=0), weights.cumsum(axis=0), inside.sum(axis=0))


def _take(columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """One row of each column."""
    return np.take_along_axis(columns, rows[None], axis=0)[0]
