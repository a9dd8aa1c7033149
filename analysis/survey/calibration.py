"""Calibration: weights near the old ones under which the sample has the totals of the population.

Deville and Särndal (1992), Calibration estimators in survey sampling, JASA 87. The result equals R
`survey::calibrate(calfun = "linear", "raking", "logit")`; raking and post-stratification are calls of it. The variance
under calibrated weights is that of the residuals (GREG rule).
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.survey.calibration_solver import VERFAHREN, Aufgabe, solve
from analysis.survey.design import Design, Kalibrierung
from analysis.survey.margins import Raender, indicators, shown
from analysis.survey.weighting import effective_n

_RANG = 1e-9
"""Singular value relative to the largest below which calibration variables depend on each other."""


@dataclass(frozen=True)
class Kalibrierbericht:
    """How far the calibrated weights reach the population, and what they cost.

    Attributes
    ----------
    verfahren
        Distance (`VERFAHREN`), or `nachschichtung`.
    durchgaenge
        Iterations; 0 where the solution is a formula.
    summen
        Per calibration variable `antworten` (respondents that are not 0), `bevoelkerung` (as used), `vorher`, `nachher`
        (weighted totals), `abweichung`, `abweichung_anteil` (of the population).
    g_min, g_max
        Smallest and largest factor new/old weight.
    an_grenze
        Respondents at a bound.
    n_eff_vorher, n_eff_nachher
        Effective number of respondents (Kish).
    """

    verfahren: str
    durchgaenge: int
    summen: pd.DataFrame
    g_min: float
    g_max: float
    an_grenze: int
    n: int
    n_eff_vorher: float
    n_eff_nachher: float

    @property
    def uebersicht(self) -> pd.Series:
        """All figures but the table of totals."""
        return pd.Series(
            {
                "verfahren": self.verfahren,
                "durchgaenge": self.durchgaenge,
                "groesste_abweichung": self.summen.abweichung.abs().max(),
                "groesste_abweichung_anteil": self.summen.abweichung_anteil.abs().max(),
                "g_min": self.g_min,
                "g_max": self.g_max,
                "an_grenze": self.an_grenze,
                "n": self.n,
                "n_eff_vorher": self.n_eff_vorher,
                "n_eff_nachher": self.n_eff_nachher,
            },
            dtype=object,
        )


def calibrate(
    design: Design,
    x: pd.DataFrame,
    summen: pd.Series,
    *,
    verfahren: str = "linear",
    grenzen: tuple[float | None, float | None] = (None, None),
    gewicht_grenzen: tuple[float | None, float | None] = (None, None),
    negativ: bool = False,
    feste_gewichte: bool = False,
    durchgaenge: int = 100,
) -> tuple[Design, Kalibrierbericht]:
    """Weights under which numbers of the respondents add up to known totals of the population (R `calibrate`).

    Parameters
    ----------
    x
        Numbers per respondent without gaps. A column of ones holds the size of the population. Columns may depend on
        each other if their totals do likewise. For one weight per household: means of the household.
    summen
        Total in the population per column of `x`.
    verfahren
        `linear` (GREG; factors may become negative), `raking` (factors above 0), `logit` (needs both bounds).
    grenzen
        Smallest and largest factor new/old weight; enforced. They hold relative to the weights as they are: scale these
        to the size of the population before (`analysis.survey.weighting.scaled`).
    gewicht_grenzen
        Smallest and largest new weight, for trimming and calibration in one (R `bounds.const = TRUE`).
    negativ
        Whether weights below 0 are accepted; sums and means allow for them, quantiles do not.
    feste_gewichte
        Take the new weights as if they had been drawn: the variance then ignores the calibration. Without it the
        variance is that of the residuals from a regression on `x`.
    durchgaenge
        Most iterations.

    Returns
    -------
    tuple of Design and Kalibrierbericht

    Raises
    ------
    InputError
        A number or total is missing or none, names differ, totals contradict each other, bounds exclude each other or
        cannot be met, weights become 0 or negative, no convergence.
    """
    numbers, totals = _checked(len(design), x, summen)
    bounds = _bounds(verfahren, design.gewicht, grenzen, gewicht_grenzen)
    g, basis, iterations = _factors(design.gewicht, numbers, totals, x.columns, verfahren, bounds, durchgaenge)
    _check_signs(g, negativ)
    at_bound = int(((g <= bounds[0] * (1 + 1e-9)) | (g >= bounds[1] * (1 - 1e-9))).sum())
    return _result(design, x, totals, g, basis, feste_gewichte, verfahren, iterations, at_bound)


def calibrated_weights(
    gewicht: np.ndarray,
    x: pd.DataFrame,
    summen: pd.Series,
    *,
    verfahren: str = "linear",
    grenzen: tuple[float | None, float | None] = (None, None),
    durchgaenge: int = 100,
) -> np.ndarray:
    """Calibrated weights alone, for replicates; who has the weight 0 keeps it (arguments and errors as `calibrate`)."""
    weights = np.asarray(gewicht, float)
    if not ((weights >= 0) & np.isfinite(weights)).all() or not weights.any():
        raise InputError("calibration: expected weights of 0 or more, not all 0")
    numbers, totals = _checked(len(weights), x, summen)
    there = weights > 0
    bounds = _bounds(verfahren, weights[there], grenzen, (None, None))
    g, _, _ = _factors(weights[there], numbers[there], totals, x.columns, verfahren, bounds, durchgaenge)
    result = np.zeros(len(weights))
    result[there] = weights[there] * g
    return result


def calibrate_margins(
    design: Design,
    merkmale: pd.DataFrame,
    raender: Raender,
    *,
    verfahren: str = "raking",
    fehlend: str = "fehler",
    massstab: str | tuple[str, ...] | None = None,
    **optionen,
) -> tuple[Design, Kalibrierbericht]:
    """Weights under which the categories of some variables have their counts in the population.

    Parameters
    ----------
    merkmale
        Columns that the margins name, one row per respondent.
    raender
        Column (or tuple of columns) → Series category → persons.
    fehlend, massstab
        As in `analysis.survey.margins.indicators`. Shares that `fehlend="anteilig"` takes from the sample count as
        known in the variance.
    verfahren, optionen
        As in `calibrate`. `raking` gives the weights of R `rake` and the variance of R `calibrate(calfun = "raking")`.

    Raises
    ------
    InputError
        As `calibrate` and `analysis.survey.margins.indicators`.
    """
    _check_length(len(design), len(merkmale))
    x, totals = indicators(merkmale, raender, fehlend=fehlend, gewicht=design.gewicht, massstab=massstab)
    return calibrate(design, x, totals, verfahren=verfahren, **optionen)


rake = partial(calibrate_margins, verfahren="raking")
"""Raking over margins: `calibrate_margins` with its default."""


def poststratify(
    design: Design,
    merkmale: pd.DataFrame,
    rand: pd.Series,
    *,
    fehlend: str = "fehler",
    feste_gewichte: bool = False,
) -> tuple[Design, Kalibrierbericht]:
    """Weights under which each cell has its count in the population (R `postStratify`).

    Parameters
    ----------
    merkmale
        One row per respondent, the columns that the index of `rand` names; all columns in their order if it names none.
    rand
        Persons per cell.
    fehlend
        As in `analysis.survey.margins.indicators`.

    Raises
    ------
    InputError
        As `analysis.survey.margins.indicators`; every cell of the population needs a respondent.
    """
    if not isinstance(rand, pd.Series):
        raise InputError(f"post-stratification: {type(rand).__name__}; expected a Series cell → persons")
    _check_length(len(design), len(merkmale))
    named = all(name in merkmale for name in rand.index.names)
    names = list(rand.index.names if named else merkmale.columns)
    key = names[0] if rand.index.nlevels == 1 and len(names) == 1 else tuple(names)
    x, totals = indicators(merkmale, {key: rand}, fehlend=fehlend, gewicht=design.gewicht)
    before = design.gewicht @ x.to_numpy()
    g = x.to_numpy() @ (totals.to_numpy() / before)
    basis = x.to_numpy() * np.sqrt(design.gewicht[:, None] / before)
    return _result(design, x, totals.to_numpy(), g, basis, feste_gewichte, "nachschichtung", 0, 0)


def _result(design, x, totals, g, basis, fixed, verfahren, iterations, at_bound) -> tuple[Design, Kalibrierbericht]:
    weights = design.gewicht * g
    step = None if fixed else Kalibrierung(basis, weights / np.sqrt(design.gewicht))
    numbers = x.to_numpy(float, na_value=np.nan)
    after = weights @ numbers
    table = pd.DataFrame(
        {
            "antworten": (numbers != 0).sum(axis=0),
            "bevoelkerung": totals,
            "vorher": design.gewicht @ numbers,
            "nachher": after,
            "abweichung": after - totals,
        },
        index=x.columns,
    )
    table["abweichung_anteil"] = table.abweichung / table.bevoelkerung.abs().where(table.bevoelkerung != 0)
    report = Kalibrierbericht(
        verfahren,
        iterations,
        table,
        float(g.min()),
        float(g.max()),
        at_bound,
        len(g),
        effective_n(design.gewicht),
        effective_n(weights),
    )
    return design.mit_gewicht(weights, step), report


def _factors(weights, numbers, totals, columns, verfahren, bounds, durchgaenge) -> tuple[np.ndarray, np.ndarray, int]:
    """Factors, the basis of the calibration variables, iterations."""
    basis, target = _basis(numbers, totals, weights, columns)
    names = list(map(_label, columns))
    task = Aufgabe(numbers, totals, weights, basis, target, *bounds, verfahren, names)
    g, iterations = solve(task, durchgaenge)
    return g, basis, iterations


def _check_length(length: int, rows: int) -> None:
    if rows != length:
        raise InputError(f"calibration: {rows} rows for {length} respondents of the design")


def _checked(length: int, x: pd.DataFrame, summen: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Numbers and totals in the order of the columns, if there are such for all."""
    if not isinstance(x, pd.DataFrame) or not isinstance(summen, pd.Series):
        raise InputError("calibration: expected a DataFrame of numbers and a Series of their totals")
    _check_length(length, len(x))
    if x.columns.has_duplicates or summen.index.has_duplicates:
        raise InputError("calibration: a column or total stands twice")
    for name in x.columns.difference(summen.index, sort=False):
        raise InputError(f"calibration: no total in the population for {_label(name)}")
    for name in summen.index.difference(x.columns, sort=False):
        raise InputError(f"calibration: a total for {_label(name)}, which no respondent has")
    totals = (
        pd.to_numeric(summen.reindex(x.columns), errors="coerce").astype("Float64").to_numpy(float, na_value=np.nan)
    )
    numbers = x.apply(pd.to_numeric, errors="coerce").astype("Float64").to_numpy(float, na_value=np.nan)
    wrong = ~np.isfinite(totals)
    if wrong.any():
        name = x.columns[wrong][0]
        raise InputError(f"calibration: the total of {_label(name)} is {shown(summen[name])}; expected a number")
    wrong = ~np.isfinite(numbers)
    if wrong.any():
        row, column = (int(i[0]) for i in np.nonzero(wrong))
        raise InputError(
            f"calibration, {_label(x.columns[column])}, respondent {row + 1}: {shown(x.iloc[row, column])}; expected a "
            f"number ({wrong[:, column].sum()} have none)"
        )
    return numbers, totals


def _basis(x: np.ndarray, totals: np.ndarray, weights: np.ndarray, names: pd.Index) -> tuple[np.ndarray, np.ndarray]:
    """Orthonormal columns that span x times the root of the weights, and the totals in their terms."""
    scaled = x * np.sqrt(weights)[:, None]
    length = np.sqrt(np.einsum("ij,ij->j", scaled, scaled))
    nothing = (length == 0) & (totals != 0)
    if nothing.any():
        raise InputError(
            f"calibration: {_label(names[nothing][0])} is 0 for every respondent, but {totals[nothing][0]:,.10g} in "
            "the population"
        )
    used = length > 0
    if not used.any():
        raise InputError("calibration: every column is 0 for every respondent")
    left, sizes, right = np.linalg.svd(scaled[:, used] / length[used], full_matrices=False)
    rank = int((sizes > _RANG * sizes[0]).sum())
    goal = totals[used] / length[used]
    reached = right[:rank].T @ (right[:rank] @ goal)
    apart = np.abs(goal - reached) > 1e-7 * np.abs(goal).max()
    if apart.any():
        among = ", ".join(map(_label, names[used][apart][:6]))
        raise InputError(
            f"calibration: the totals contradict each other: {among} depend on each other in the sample, but their "
            "totals do not in the same way"
        )
    return left[:, :rank], (right[:rank] @ goal) / sizes[:rank]


def _bounds(verfahren: str, weights: np.ndarray, grenzen, gewicht_grenzen) -> tuple[np.ndarray, np.ndarray]:
    """Smallest and largest factor per respondent."""
    if verfahren not in VERFAHREN:
        raise InputError(f"calibration: verfahren={verfahren!r}; expected one of {', '.join(VERFAHREN)}")
    for name, pair in (("grenzen", grenzen), ("gewicht_grenzen", gewicht_grenzen)):
        numbers = [b for b in pair if b is not None]
        if len(pair) != 2 or any(isinstance(b, str) or not np.isfinite(b) for b in numbers) or (
            len(numbers) == 2 and numbers[0] >= numbers[1]
        ):  # fmt: skip
            raise InputError(
                f"calibration: {name}={pair!r}; expected a smaller and a larger number, or None for no bound"
            )
    low = np.full(len(weights), -np.inf if grenzen[0] is None else float(grenzen[0]))
    high = np.full(len(weights), np.inf if grenzen[1] is None else float(grenzen[1]))
    if gewicht_grenzen[0] is not None:
        low = np.maximum(low, gewicht_grenzen[0] / weights)
    if gewicht_grenzen[1] is not None:
        high = np.minimum(high, gewicht_grenzen[1] / weights)
    if verfahren == "raking":
        low = np.maximum(low, 0.0)
    if (low >= high).any():
        raise InputError(f"calibration: the bounds of {(low >= high).sum()} respondents exclude each other")
    if verfahren == "logit" and not ((low < 1) & (high > 1) & np.isfinite(low) & np.isfinite(high)).all():
        raise InputError("calibration: logit needs bounds around 1, a lower one below and an upper one above, for all")
    return low, high


def _check_signs(g: np.ndarray, negativ: bool) -> None:
    wrong = g == 0 if negativ else g <= 0
    if wrong.any():
        raise InputError(
            f"calibration: {wrong.sum()} respondents would get a weight of 0 or less (smallest factor {g.min():.4g}); "
            "choose raking, logit or a lower bound above 0" + ("" if negativ else ", or accept them (negativ)")
        )


def _label(name) -> str:
    """Name of a calibration variable; of a margin with its category."""
    return ", ".join(_label(part) for part in name) if isinstance(name, tuple) else str(name)
