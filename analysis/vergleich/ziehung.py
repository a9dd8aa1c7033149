"""What the true value of each area may be: draws from the distribution whose 95 % range is the published interval."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from analysis.rates import NIVEAU

_Z = float(ndtri(0.5 + NIVEAU / 2))
"""Quantile of the normal distribution that the intervals of `indicators` are made with."""

_GENAU = 1e-6
"""Relative deviation up to which the size that follows from an interval is the counted one."""


@dataclass(frozen=True)
class Genauigkeit:
    """Share p of each area and the number of cases that its interval amounts to, below and above the share.

    Both are NaN where there is no interval. For a ratio or rate a/b of counts p is a/(a + b), `verhaeltnis` is true.
    """

    p: np.ndarray
    n_unten: np.ndarray
    n_oben: np.ndarray
    verhaeltnis: np.ndarray

    @property
    def bekannt(self) -> np.ndarray:
        """Whether there is an interval."""
        return ~np.isnan(self.n_unten)


def genauigkeit(werte: pd.DataFrame) -> Genauigkeit:
    """Number of cases that each interval amounts to.

    Wilson's bounds θ of a share p solve (p - θ)² = z² θ (1 - θ)/n, so that n follows from each bound alone. From counts
    it is the denominator on both sides; a published rate, whose interval is widened by rounding, has two. Where a bound
    is 0 or 1 the other one tells.

    Parameters
    ----------
    werte
        `anteil`, `unten`, `oben`; also `zaehler`, `nenner` where there are counts. A value whose interval is not that
        of its counts as a share is a ratio of two separate counts or a rate of events.
    """
    anteil, unten, oben = (werte[column].to_numpy(float) for column in ("anteil", "unten", "oben"))
    if "zaehler" in werte and "nenner" in werte:
        zaehler, nenner = werte.zaehler.to_numpy(float), werte.nenner.to_numpy(float)
        counted = ~np.isnan(zaehler) & ~np.isnan(nenner) & ~np.isnan(oben)
        as_share = _sizes(anteil, unten, oben)[1]
        verhaeltnis = counted & ~(np.abs(as_share - nenner) <= _GENAU * nenner)
    else:
        verhaeltnis = np.zeros(len(werte), bool)
    with np.errstate(invalid="ignore"):
        p, low, high = (np.where(verhaeltnis, x / (1 + x), x) for x in (anteil, unten, oben))
    n_unten, n_oben = _sizes(p, low, high)
    return Genauigkeit(p, n_unten, n_oben, verhaeltnis)


def _sizes(p, low, high) -> tuple[np.ndarray, np.ndarray]:
    with np.errstate(invalid="ignore", divide="ignore"):
        below = _Z**2 * low * (1 - low) / (p - low) ** 2
        above = _Z**2 * high * (1 - high) / (high - p) ** 2
    # a share of 0 has the lower bound 0, up to rounding
    below = np.where((low > 1e-12) & (p > low) & (below > 0), below, np.nan)
    above = np.where((high < 1 - 1e-12) & (high > p) & (above > 0), above, np.nan)
    return np.where(np.isnan(below), above, below), np.where(np.isnan(above), below, above)


def ziehen(werte: pd.DataFrame, normal: np.ndarray) -> np.ndarray:
    """Values that each area's true value may have.

    The bound of Wilson's interval as a function of its normal quantile is the distribution (a confidence distribution:
    Xie, Singh 2013, International Statistical Review 81, 3-39). So its median is the value and its 2.5 % and 97.5 %
    quantiles are the published bounds.

    Parameters
    ----------
    werte
        See `genauigkeit`.
    normal
        Standard normal draws, draws × areas. The same draws for two tables make the results comparable.

    Returns
    -------
    numpy.ndarray
        Draws × areas. An area without interval has its value in every draw.
    """
    sizes = genauigkeit(werte)
    n = np.where(normal < 0, sizes.n_unten, sizes.n_oben)
    u = normal**2 / n
    p = sizes.p
    drawn = (p + u / 2 + np.sign(normal) * np.sqrt(p * (1 - p) * u + u**2 / 4)) / (1 + u)
    drawn = np.clip(drawn, 0, 1)
    with np.errstate(divide="ignore"):
        drawn = np.where(sizes.verhaeltnis, drawn / (1 - drawn), drawn)
    return np.where(sizes.bekannt, drawn, werte.anteil.to_numpy(float))
