"""The R-indicator: were the chances to answer alike for all groups of the drawn persons, and which were not.

Schouten, Cobben, Bethlehem (2009), Survey Methodology 35, with bias correction and standard error of Shlomo, Skinner,
Schouten (2012) and the partial indicators of Schouten, Shlomo, Skinner (2011).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.survey.response import checked_sample


@dataclass(frozen=True)
class RIndikator:
    """How alike the chances to answer were between groups: 1 all the same, 0 as different as can be.

    Attributes
    ----------
    wert, se
        R-indicator, corrected for the bias of a small sample, and its standard error.
    unkorrigiert
        Without the correction.
    variationskoeffizient
        Standard deviation of the chances (corrected) by their mean: the largest possible bias of a mean, in standard
        deviations of the variable.
    antwortquote
        Weighted mean of the chances.
    je_merkmal
        Partial indicators per variable: `unbedingt` and `bedingt` (given the other variables), corrected; contribution
        to the standard deviation of the chances, 0 is best.
    je_kategorie
        `unbedingt` per variable and category, uncorrected: above 0 over-, below 0 under-represented; and `bedingt`.
    """

    wert: float
    se: float
    unkorrigiert: float
    variationskoeffizient: float
    antwortquote: float
    je_merkmal: pd.DataFrame
    je_kategorie: pd.DataFrame


def r_indicator(
    ziehung: pd.DataFrame, merkmale: str | Sequence[str], gewicht: str | None = None, schicht: str | None = None
) -> RIndikator:
    """R-indicator of a sample whose drawn persons are known by cells (age × sex × area), and its partial indicators.

    The chance to answer is estimated by a logistic regression on the variables without interactions.

    Parameters
    ----------
    ziehung
        Cells with `n_gezogen`, `n_unzustellbar`, `n_geantwortet`; undeliverable ones are left out.
    merkmale
        Columns of the categories.
    gewicht
        Column with the design weight of a person of the cell; without it all have 1.
    schicht
        Column of the stratum in which the weights are the same; without it strata are the values of the weight.

    Raises
    ------
    InputError
        As `response.checked_sample`; of a category nobody or everybody answered (its chance cannot be estimated), a
        weight is not above 0 or differs within a stratum, the regression does not converge.

    Notes
    -----
    The function of R with the same purpose is `getRIndicator` of the RISQ tools 2.1 (de Heij, Schouten, Shlomo 2015).
    Compared was not with it, but with the formulas of the papers written out in R with `glm(family = binomial)`.
    """
    merkmale = [merkmale] if isinstance(merkmale, str) else list(merkmale)
    if not merkmale or len(set(merkmale)) < len(merkmale):
        raise InputError(f"R-indicator: variables {merkmale}; expected at least one, each once")
    if schicht is not None and schicht not in ziehung:
        raise InputError(f"R-indicator: there is no column {schicht!r}")
    cells = checked_sample(ziehung, merkmale)
    m = (cells.n_gezogen - cells.n_unzustellbar).to_numpy(float)
    cells, m = cells[m > 0].reset_index(drop=True), m[m > 0]
    answered = cells.n_geantwortet.to_numpy(float)
    _check_categories(cells, merkmale, m)
    d = np.ones(len(cells)) if gewicht is None else _weights(cells, gewicht)
    strata = pd.factorize(cells[schicht] if schicht else d)[0]
    if (pd.Series(d).groupby(strata).nunique() > 1).any():
        raise InputError(f"R-indicator: the weight {gewicht} differs within a stratum")
    x = _dummies(cells, merkmale)
    w = d / np.average(d, weights=m)
    chance, sigma = _logistic(x, answered, m, w)
    persons = m * d  # weighted persons of each cell
    total = persons.sum()
    mean = np.average(chance, weights=persons)
    variance = (persons * (chance - mean) ** 2).sum() / (total - 1)
    z = (chance * (1 - chance))[:, None] * x
    spread = np.einsum("ci,ij,cj->c", z, sigma, z)
    bias = ((persons * spread).sum() - _variance_of_total(chance, m, d, strata) / total) / total
    factor = max(0.0, 1 - bias / variance) if variance > 0 else 0.0
    se = _standard_error(chance, z, sigma, m, d, strata)
    deviation = np.sqrt(variance * factor)
    return RIndikator(
        1 - 2 * deviation, se, 1 - 2 * np.sqrt(variance), deviation / mean, mean,
        *_partial(cells, merkmale, chance, persons, mean, factor),
    )  # fmt: skip


def _partial(cells, merkmale, chance, persons, mean, factor) -> tuple[pd.DataFrame, pd.DataFrame]:
    total, rows, parts = persons.sum(), [], []
    frame = cells[list(merkmale)].assign(persons=persons, sums=persons * chance)
    for name in merkmale:
        others = [other for other in merkmale if other != name]
        given = frame.groupby(others, observed=True)[["persons", "sums"]].transform("sum") if others else frame
        average = (given.sums / given.persons).to_numpy() if others else mean
        inner = frame.assign(inside=persons * (chance - average) ** 2 / total).groupby(name, observed=True, sort=True)
        sums = inner[["persons", "sums", "inside"]].sum()
        between = (sums.sums / sums.persons - mean) * np.sqrt(sums.persons / total)
        parts.append(pd.DataFrame({"unbedingt": between, "bedingt": np.sqrt(sums.inside)}))
        rows.append((np.sqrt((between**2).sum() * factor), np.sqrt(sums.inside.sum() * factor)))
    by_variable = pd.DataFrame(rows, columns=["unbedingt", "bedingt"], index=pd.Index(merkmale, name="merkmal"))
    return by_variable, pd.concat(parts, keys=list(merkmale), names=["merkmal", "kategorie"])


def _standard_error(chance, z, sigma, m, d, strata) -> float:
    persons = m * d
    share = persons / persons.sum()
    mean = share @ chance
    variance = share @ (chance - mean) ** 2
    if variance == 0:
        return np.nan
    centred = z - share @ z
    a = (share * (chance - mean)) @ centred
    b = centred.T @ (share[:, None] * centred) @ sigma
    c = _variance_of_total((chance - mean) ** 2, m, d, strata) / persons.sum() ** 2
    return float(np.sqrt((4 * a @ sigma @ a + 2 * np.trace(b @ b) + c) / variance))


def _variance_of_total(y, m, d, strata) -> float:
    """Variance of the weighted total of a stratified sample without replacement, from cells of m persons."""
    n, population = np.bincount(strata, m), np.bincount(strata, m * d)
    mean = np.bincount(strata, m * y) / n
    inside = np.bincount(strata, m * (y - mean[strata]) ** 2) / np.maximum(n - 1, 1)
    return float((population**2 * (1 - n / population) * inside / n).sum())


def _logistic(x, answered, m, w) -> tuple[np.ndarray, np.ndarray]:
    """Chances per cell and covariance of the coefficients (Newton; counts answered of m, weight w per person)."""
    beta = np.zeros(x.shape[1])
    beta[0] = np.log(np.average(answered / m, weights=m * w) / (1 - np.average(answered / m, weights=m * w)))
    for _ in range(50):
        chance = 1 / (1 + np.exp(-x @ beta))
        information = x.T @ ((w * m * chance * (1 - chance))[:, None] * x)
        try:
            step = np.linalg.solve(information, x.T @ (w * (answered - m * chance)))
        except np.linalg.LinAlgError:
            break
        beta = beta + step
        if not np.abs(beta).max() < 25:
            break
        if np.abs(step).max() < 1e-12:
            chance = 1 / (1 + np.exp(-x @ beta))
            return chance, np.linalg.inv(x.T @ ((w * m * chance * (1 - chance))[:, None] * x))
    raise InputError("R-indicator: the chances to answer cannot be estimated; join categories, or take fewer variables")


def _check_categories(cells: pd.DataFrame, merkmale: Sequence[str], m: np.ndarray) -> None:
    for name in merkmale:
        sums = cells.assign(m=m).groupby(name, observed=True)[["m", "n_geantwortet"]].sum()
        fixed = sums.index[(sums.n_geantwortet == 0) | (sums.n_geantwortet == sums.m)]
        if len(fixed):
            raise InputError(
                f"R-indicator: of {name} = {str(fixed[0])!r} nobody or everybody answered; join categories"
            )
        if len(sums) < 2:
            raise InputError(f"R-indicator: {name} has fewer than two categories with persons drawn")


def _dummies(cells: pd.DataFrame, merkmale: Sequence[str]) -> np.ndarray:
    names = [pd.get_dummies(cells[name].astype(object), drop_first=True, dtype=float) for name in merkmale]
    return np.column_stack([np.ones(len(cells)), *names])


def _weights(cells: pd.DataFrame, gewicht: str) -> np.ndarray:
    if gewicht not in cells:
        raise InputError(f"R-indicator: there is no column {gewicht!r}")
    d = pd.to_numeric(cells[gewicht], errors="coerce").to_numpy(float, na_value=np.nan)
    if not ((d > 0) & np.isfinite(d)).all():
        raise InputError(f"R-indicator, {gewicht}: expected a weight above 0 in every cell with persons drawn")
    return d
