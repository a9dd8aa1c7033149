"""What a regression says in units of the answer: average marginal effects and adjusted means of levels.

Both average over the respondents of the regression as they are, with their weights. The errors count by default that
this average is itself an estimate from the sample.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.survey.regression import Modell
from analysis.survey.schaetzung import Schaetzung


def marginal_effects(
    modell: Modell, merkmale: Sequence[str] | None = None, kovariaten_fest: bool = False
) -> Schaetzung:
    """Average marginal effects: by how much the expected answer changes with a variable, on average.

    For a number the slope; for a level the difference when everybody had it instead of the reference. In a logistic
    regression these are differences of shares (0..1), unlike odds ratios. A square counts where it is a product in the
    model, `("alter", "alter")`; as a variable of its own it would move alone, which has no meaning.

    Parameters
    ----------
    merkmale
        Variables; without it all.
    kovariaten_fest
        False: the sample's variables are random as the answers are (linearisation of the whole estimate; Stata
        `margins, vce(unconditional)`; Graubard and Korn 1999, Biometrics 55). True: they are taken as fixed, delta
        method on the coefficients alone (Stata `vce(delta)`, R `marginaleffects`), which speaks about these
        respondents only.

    Returns
    -------
    Schaetzung
        Index as the coefficients without products; degrees of freedom of the model.
    """
    names, values, slopes = [], [], []
    for name in merkmale if merkmale is not None else modell.spalten.stufen:
        for label, mean, slope in _effects(modell, name):
            names.append(label)
            values.append(mean)
            slopes.append(slope)
    return _averaged(modell, names, np.column_stack(values), np.column_stack(slopes), kovariaten_fest)


def adjusted_means(modell: Modell, merkmal: str, kovariaten_fest: bool = False) -> Schaetzung:
    """Expected answer if everybody had a level, all else as it is (predictive margins; R `svypredmeans`).

    R adds the two parts of the variance as if they were independent; here their covariance counts as well.

    Returns
    -------
    Schaetzung
        Index: levels, the reference first.
    """
    levels = _levels(modell, merkmal)
    if levels is None:
        raise InputError(f"adjusted means of {merkmal}: it is a number; expected a variable with levels")
    parts = [_expected(modell, modell.x.assign(**{merkmal: float(k)})) for k in range(len(levels))]
    values, slopes = (np.column_stack(part) for part in zip(*parts, strict=True))
    return _averaged(modell, levels, values, slopes, kovariaten_fest)


def _effects(modell: Modell, name: str):
    """Label, effect per respondent and derivative of the average by the coefficients, per level or for the number."""
    levels = _levels(modell, name)
    if levels is not None:
        base, base_slope = _expected(modell, modell.x.assign(**{name: 0.0}))
        for k, label in enumerate(modell.spalten.terme[name], start=1):
            value, slope = _expected(modell, modell.x.assign(**{name: float(k)}))
            yield label, value - base, slope - base_slope
        return
    inside, art = modell.bereich, modell.art
    beta = modell.koeffizienten.wert.to_numpy()
    matrix = modell.spalten.matrix(modell.x[inside])
    # the linear predictor is linear or quadratic in a number: half of the way from one below to one above is its slope
    x = modell.x[inside]
    above, below = (modell.spalten.matrix(x.assign(**{name: x[name] + way})) for way in (1, -1))
    step = (above - below) / 2
    eta = matrix @ beta
    curve = {"linear": np.zeros_like, "poisson": np.exp}.get(art.name, _logistic_curve)(eta)
    derivative = curve[:, None] * matrix * (step @ beta)[:, None] + art.steigung(eta)[:, None] * step
    yield name, _full(modell, art.steigung(eta) * (step @ beta)), _average(modell, derivative)


def _logistic_curve(eta: np.ndarray) -> np.ndarray:
    p = 1 / (1 + np.exp(-eta))
    return p * (1 - p) * (1 - 2 * p)


def _expected(modell: Modell, x: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Expected answer per respondent and derivative of its average by the coefficients."""
    matrix = modell.spalten.matrix(x[modell.bereich])
    eta = matrix @ modell.koeffizienten.wert.to_numpy()
    slope = modell.art.steigung(eta)[:, None] * matrix
    return _full(modell, modell.art.erwartung(eta)), _average(modell, slope)


def _averaged(modell: Modell, names: list, values: np.ndarray, slopes: np.ndarray, fixed: bool) -> Schaetzung:
    inside, weights = modell.bereich, modell.design.gewicht
    total = weights[inside].sum()
    wert = weights @ values / total
    influence = modell.einfluss @ slopes
    if not fixed:
        influence = influence + np.where(inside[:, None], values - wert, 0.0) / total
    df = np.full(len(names), modell.koeffizienten.freiheitsgrade[0])
    cov = modell.design.kovarianz(influence)
    return Schaetzung(pd.Series(wert, names, name="wert"), cov, df, np.full(len(names), modell.n))


def _levels(modell: Modell, name: str) -> list | None:
    if name not in modell.spalten.stufen:
        known = ", ".join(modell.spalten.stufen)
        raise InputError(f"regression of {modell.antwort}: there is no variable {name!r} among {known}")
    return modell.spalten.stufen[name]


def _full(modell: Modell, values: np.ndarray) -> np.ndarray:
    result = np.zeros(len(modell.design))
    result[modell.bereich] = values
    return result


def _average(modell: Modell, rows: np.ndarray) -> np.ndarray:
    weights = modell.design.gewicht[modell.bereich]
    return weights @ rows / weights.sum()
