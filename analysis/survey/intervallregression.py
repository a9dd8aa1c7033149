"""Regression of the logarithm of an income of which only the bracket is known.

Log-normal interval regression by weighted pseudo maximum likelihood (R `survival::survreg`, `survey::svysurvreg` with
`type = "interval2"`, `dist = "lognormal"`: same coefficients and scale), and incomes within the bracket that the model
expects or draws.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import log_ndtr, ndtr, ndtri

from analysis.errors import InputError

_SCHRITTE = 100


@dataclass(frozen=True)
class Intervallmodell:
    """A fitted model.

    Attributes
    ----------
    koeffizienten
        Of the logarithm of EUR, by name; the first is the constant (`konstante`).
    sigma
        Standard deviation of the logarithm around its expectation.
    """

    koeffizienten: pd.Series
    sigma: float

    def mitte(self, merkmale: pd.DataFrame) -> np.ndarray:
        """Expected logarithm of each row."""
        return _with_constant(merkmale).to_numpy(float) @ self.koeffizienten.to_numpy()

    def erwartung(self, merkmale: pd.DataFrame, unten: np.ndarray, oben: np.ndarray) -> np.ndarray:
        """Expected income within each bracket, EUR: mean of the log-normal distribution cut to the bracket."""
        mu, a, b = self._standard(merkmale, unten, oben)
        s = self.sigma
        log = mu + s**2 / 2 + _log_between(a - s, b - s) - _log_between(a, b)
        return np.clip(np.exp(log), unten, oben)

    def ziehung(self, merkmale: pd.DataFrame, unten: np.ndarray, oben: np.ndarray, zufall: np.ndarray) -> np.ndarray:
        """Income within each bracket, EUR, at the random share `zufall` (0 to 1) of its probability."""
        mu, a, b = self._standard(merkmale, unten, oben)
        # right of the middle the mirrored interval keeps the digits that 1 - x would lose
        mirrored = a > 0
        low, high = ndtr(np.where(mirrored, -b, a)), ndtr(np.where(mirrored, -a, b))
        share = np.where(mirrored, 1 - zufall, zufall)
        z = ndtri(low + share * (high - low))
        with np.errstate(over="ignore"):
            drawn = np.exp(mu + self.sigma * np.where(mirrored, -z, z))
        return np.clip(drawn, unten, oben)

    def _standard(self, merkmale, unten, oben):
        mu = self.mitte(merkmale)
        low, high = _log(unten), _log(oben)
        return mu, (low - mu) / self.sigma, (high - mu) / self.sigma


def fit(merkmale: pd.DataFrame, unten: np.ndarray, oben: np.ndarray, gewicht: np.ndarray) -> Intervallmodell:
    """Fit the model to brackets.

    Parameters
    ----------
    merkmale
        Numbers that explain the income, without a constant. Columns that say the same as others do no harm: incomes
        are the same whichever of them carries the coefficient.
    unten, oben
        Bounds of the bracket per row, EUR; 0 or less: open below, infinite: open above.
    gewicht
        Weight per row, not negative.

    Raises
    ------
    InputError
        A number is missing, a bracket ends at 0 or below, fewer than three brackets occur, or no finite coefficients
        fit best.
    """
    frame = _with_constant(merkmale)
    x = frame.to_numpy(float)
    if np.isnan(x).any():
        column = frame.columns[np.isnan(x).any(axis=0)][0]
        raise InputError(f"interval regression: {column} is empty for some respondents; expected a number for each")
    if (np.asarray(oben) <= 0).any():
        raise InputError("interval regression: a bracket ends at 0 or below; expected incomes above 0")
    brackets = len(np.unique(np.column_stack([unten, oben])[np.asarray(gewicht) > 0], axis=0))
    if brackets < 3:
        raise InputError(f"interval regression: answers in {brackets} brackets; expected at least three")
    scale = np.where(x.std(axis=0) > 0, x.std(axis=0), 1.0)
    weights = np.asarray(gewicht, float) / np.mean(gewicht)
    parameters = _maximum(x / scale, _log(unten), _log(oben), weights)
    sigma = 1 / parameters[-1]
    return Intervallmodell(pd.Series(parameters[:-1] * sigma / scale, frame.columns), float(sigma))


def _with_constant(merkmale: pd.DataFrame) -> pd.DataFrame:
    result = merkmale.astype(float)
    result.insert(0, "konstante", 1.0)
    return result


def _log(bounds: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return np.log(np.maximum(np.asarray(bounds, float), 0.0))


def _log_between(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Logarithm of the normal probability between two points."""
    mirrored = a > 0
    low, high = log_ndtr(np.where(mirrored, -b, a)), log_ndtr(np.where(mirrored, -a, b))
    return high + np.log1p(-np.exp(low - high))


def _maximum(x, low, high, w) -> np.ndarray:
    """Coefficients divided by sigma, and 1 / sigma: in these the likelihood has one maximum (Olsen 1978)."""
    middle = np.where(np.isinf(low), high - 1, np.where(np.isinf(high), low + 0.3, (low + np.minimum(high, 1e3)) / 2))
    start = np.linalg.lstsq(x * np.sqrt(w)[:, None], middle * np.sqrt(w), rcond=None)[0]
    spread = np.sqrt(np.average((middle - x @ start) ** 2, weights=w))
    p = np.append(start, 1.0) / max(spread, 0.1)
    value, gradient, curvature = _likelihood(p, x, low, high, w)
    for _ in range(_SCHRITTE):
        step = np.linalg.lstsq(-curvature, gradient, rcond=1e-12)[0]
        length = 1.0
        while length > 1e-10:
            trial = p + length * step
            if trial[-1] > 0:
                new = _likelihood(trial, x, low, high, w)
                if new[0] >= value - 1e-12 * abs(value):
                    break
            length /= 2
        else:
            break
        p, (value, gradient, curvature) = trial, new
        if np.abs(length * step).max() <= 1e-12 * np.abs(p).max():
            return p
        if p[-1] > 1e4:
            break
    raise InputError(
        "interval regression: no finite coefficients fit best; expected brackets that vary within the groups of the "
        "explaining variables"
    )


def _likelihood(p, x, low, high, w) -> tuple[float, np.ndarray, np.ndarray]:
    """Log-likelihood with gradient and Hessian."""
    mean = x @ p[:-1]
    a, b = p[-1] * low - mean, p[-1] * high - mean
    log = _log_between(a, b)
    # density at each end relative to the probability between; 0 at an open end
    with np.errstate(invalid="ignore"):
        at_a, at_b = (np.where(np.isinf(z), 0.0, np.exp(-(z**2) / 2 - log) / np.sqrt(2 * np.pi)) for z in (a, b))
    a, b, low, high = (np.where(np.isinf(z), 0.0, z) for z in (a, b, low, high))
    score = np.column_stack([x * (at_a - at_b)[:, None], at_b * high - at_a * low])
    of_a, of_b = np.column_stack([-x, low]), np.column_stack([-x, high])
    curvature = (of_a * (w * a * at_a)[:, None]).T @ of_a - (of_b * (w * b * at_b)[:, None]).T @ of_b
    return w @ log, w @ score, curvature - (score * w[:, None]).T @ score
