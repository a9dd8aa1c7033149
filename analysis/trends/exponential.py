"""Exponential smoothing: the fit behind the forecast, one series at a time."""

import warnings
from dataclasses import dataclass

import numpy as np

MODELLE = {"niveau": 2, "gedaempft": 5}
"""ETS(A,N,N), a level that wanders, and ETS(A,Ad,N), a trend that fades. Smoothing parameters and initial states."""


@dataclass(frozen=True)
class Anpassung:
    """A fitted model: its forecast, the standard error of each step, degrees of freedom and AICc."""

    modell: str
    punkt: np.ndarray
    se: np.ndarray
    freiheitsgrade: int
    aicc: float


def fit(werte: np.ndarray, schritte: int, modell: str) -> Anpassung | None:
    """Fit one model by least squares of the one-step errors (statsmodels `ExponentialSmoothing`).

    Parameters
    ----------
    werte
        One series, equally spaced, at least 10 values that are not all equal.
    schritte
        Steps to forecast.
    modell
        One of `MODELLE`.

    Returns
    -------
    Anpassung or None
        None where the optimiser does not converge or the model meets the values exactly. With additive errors least
        squares is maximum likelihood, as in R `forecast::ets`; initial states are estimated. The errors' variance is
        divided by the degrees of freedom.
    """
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    werte = np.asarray(werte, float)
    n, middle, scale = len(werte), werte.mean(), werte.std()
    trend = {"trend": "add", "damped_trend": True} if modell == "gedaempft" else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = ExponentialSmoothing((werte - middle) / scale, initialization_method="estimated", **trend).fit()
        punkt = middle + scale * np.asarray(result.forecast(schritte))
    if not result.mle_retvals.success or result.sse <= 1e-16 * n or not np.isfinite(punkt).all():
        return None
    sse, free, parameters = result.sse * scale**2, n - MODELLE[modell], MODELLE[modell] + 1
    alpha, beta, phi = (result.params[k] for k in ("smoothing_level", "smoothing_trend", "damping_trend"))
    weights = (alpha, alpha * beta, phi) if trend else (alpha, 0.0, 0.0)
    likelihood = n * (np.log(2 * np.pi * sse / n) + 1)
    small = 2 * parameters * (parameters + 1) / (n - parameters - 1)
    se = np.sqrt(sse / free) * spread(*weights, schritte)
    return Anpassung(modell, punkt, se, free, likelihood + 2 * parameters + small)


def spread(alpha: float, beta: float, phi: float, schritte: int) -> np.ndarray:
    """Standard error of each step in units of the residual one: √(1 + Σ c²), c_j = α + β (φ + … + φ^j).

    Hyndman, Koehler, Ord, Snyder (2008), Forecasting with Exponential Smoothing, table 6.1.
    """
    damped = np.cumsum(phi ** np.arange(1, schritte + 1))
    weights = alpha + beta * damped
    return np.sqrt(1 + np.concatenate([[0], np.cumsum(weights**2)[:-1]]))


def best_fit(werte: np.ndarray, schritte: int) -> Anpassung | None:
    """The model with the smaller AICc; None where none could be fitted."""
    fitted = [f for f in (fit(werte, schritte, modell) for modell in MODELLE) if f is not None]
    return min(fitted, key=lambda f: f.aicc) if fitted else None
