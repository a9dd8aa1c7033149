"""Weights before calibration: drawn sample, non-response by classes, trimming; what weights cost in precision."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.survey.design import Design
from analysis.survey.estimates import domains
from analysis.survey.margins import shown


def design_weights(schicht: pd.Series, umfang: pd.Series, gezogen: pd.Series) -> pd.Series:
    """Design weight per respondent: persons of the stratum in the population per person drawn (N/n).

    Parameters
    ----------
    schicht
        Stratum per respondent.
    umfang, gezogen
        Persons in the population and persons drawn per stratum.

    Raises
    ------
    InputError
        A stratum has no numbers, fewer persons than drawn, or none drawn.
    """
    size, drawn = _per_class(umfang, "umfang"), _per_class(gezogen, "gezogen")
    codes = _known(schicht, drawn.index.intersection(size.index), "stratum", "numbers of persons and of drawn persons")
    n, total = drawn.reindex(codes).to_numpy(), size.reindex(codes).to_numpy()
    wrong = (n <= 0) | (n > total)
    if wrong.any():
        i = int(np.flatnonzero(wrong)[0])
        raise InputError(
            f"stratum {shown(codes[i])}: {n[i]:g} drawn of {total[i]:g} persons; expected more than 0 and "
            "not more than exist"
        )
    return pd.Series(total / n, schicht.index, name="gewicht")


def scaled(design: Design, summe: float) -> Design:
    """Same design with weights that add up to a number, as the size of the population; before any calibration."""
    if design.kalibrierung:
        raise InputError("scaled: the weights are calibrated; expected to scale them before calibration")
    if not (np.isfinite(summe) and summe > 0):
        raise InputError(f"scaled: {summe!r}; expected a number of persons above 0")
    return design.mit_gewicht(design.gewicht * (summe / design.gewicht.sum()))


def nonresponse_factors(
    klasse: pd.Series, gezogen: pd.Series, *, gewicht=None, mindestens: int = 1, verbinden: bool = False
) -> tuple[pd.Series, pd.DataFrame]:
    """Factor for non-response per respondent: drawn per answered in weighting classes.

    Within a class those who answered stand for those who did not; a class should hold persons who answer alike.

    Parameters
    ----------
    klasse
        Weighting class per respondent.
    gezogen
        Drawn persons per class (without those who turned out not to belong to the population); with `gewicht` the sum
        of their design weights. Its order is that of neighbours.
    gewicht
        Design weight per respondent; without it everybody counts 1.
    mindestens
        Fewest respondents of a class.
    verbinden
        Join a smaller class with that neighbour which has fewer respondents, the smallest class first. Without it a
        smaller class is refused.

    Returns
    -------
    tuple of pandas.Series and pandas.DataFrame
        Factors (1 or more); per class given `klasse` (those joined, `a + b`), `gezogen`, `antworten` (both of the
        joined class), `faktor`.

    Raises
    ------
    InputError
        A class without numbers, without or with too few respondents, with more answers than drawn.
    """
    drawn = _per_class(gezogen, "gezogen")
    codes = drawn.index.get_indexer(_known(klasse, drawn.index, "class", "drawn persons"))
    weights = np.ones(len(klasse)) if gewicht is None else _positive(gewicht, len(klasse))
    answers = np.bincount(codes, minlength=len(drawn))
    small = answers < max(mindestens, 1)
    if small.any() and not verbinden:
        i = int(np.flatnonzero(small)[0])
        raise InputError(
            f"class {shown(drawn.index[i])}: {answers[i]} respondents of {drawn.iloc[i]:g} drawn; expected at least "
            f"{max(mindestens, 1)} ({small.sum()} classes are so; join classes: verbinden)"
        )
    group = _joined(answers, max(mindestens, 1))
    n = np.bincount(group, answers)
    totals, reached = np.bincount(group, drawn.to_numpy()), np.bincount(group[codes], weights, minlength=len(n))
    more = reached > totals * (1 + 1e-9)
    if more.any():
        i = int(np.flatnonzero(more)[0])
        raise InputError(
            f"class {shown(drawn.index[group == i][0])}: {reached[i]:g} answered of {totals[i]:g} drawn; expected no "
            "more than drawn"
        )
    factor = totals / reached
    names = [" + ".join(map(str, drawn.index[group == i])) for i in range(len(n))]
    table = pd.DataFrame(
        {
            "klasse": [names[i] for i in group],
            "gezogen": totals[group],
            "antworten": n[group].astype(int),
            "faktor": factor[group],
        },
        index=drawn.index,
    )
    return pd.Series(factor[group[codes]], klasse.index, name="faktor"), table


@dataclass(frozen=True)
class Trimmbericht:
    """What trimming did: the limit, how many weights it cut, which share of all weights moved.

    Attributes
    ----------
    grenze
        Largest weight after trimming.
    gekappt
        Respondents at the limit afterwards, those that the spread excess brought there too.
    anteil
        Excess over the limit as share of the sum of weights.
    groesstes_vorher
        Largest weight before.
    """

    grenze: float
    gekappt: int
    anteil: float
    groesstes_vorher: float
    n: int
    n_eff_vorher: float
    n_eff_nachher: float


def trim(
    design: Design,
    *,
    hoechstens: float | None = None,
    vielfaches: float | None = None,
    quantil: float | None = None,
    klasse: pd.Series | None = None,
) -> tuple[Design, Trimmbericht]:
    """Weights cut at an upper limit, the excess spread evenly over the others (R `trimWeights(strict = TRUE)`).

    Parameters
    ----------
    hoechstens, vielfaches, quantil
        The limit, one of the three: a weight, a multiple of the median weight, a quantile (0 to 1) of the weights.
    klasse
        Class per respondent within which the excess stays (its sum of weights does not change); without it the whole.

    Returns
    -------
    tuple of Design and Trimmbericht
        The design has its new weights as fixed: totals to which it was calibrated no longer hold exactly. Trimming and
        calibration in one is `analysis.survey.calibration.calibrate(gewicht_grenzen=(None, limit))`.

    Raises
    ------
    InputError
        No or several limits, a limit below the mean weight (of a class), a missing class.
    """
    weights = design.gewicht
    limit = _limit(weights, hoechstens, vielfaches, quantil)
    codes, names = np.zeros(len(weights), int), pd.Index(["all"])
    if klasse is not None:
        if len(klasse) != len(weights) or klasse.isna().any():
            raise InputError("trim: expected a class for every respondent of the design")
        codes, names = pd.factorize(klasse)
    room = limit * np.bincount(codes) - np.bincount(codes, weights)
    if (room < -1e-9 * limit).any():
        i = int(np.argmin(room))
        raise InputError(
            f"trim: the limit {limit:.6g} is below the mean weight {weights[codes == i].mean():.6g} of "
            f"{shown(names[i])}"
        )
    cut = np.zeros(len(weights), bool)
    new = weights
    while (new > limit * (1 + 1e-12)).any():
        cut |= new > limit
        excess = np.bincount(codes, np.where(cut, weights - limit, 0.0))
        others = np.bincount(codes, ~cut)
        new = np.where(
            cut, limit, weights + np.divide(excess, others, out=np.zeros(len(others)), where=others > 0)[codes]
        )
    excess = np.maximum(weights - limit, 0).sum()
    report = Trimmbericht(
        float(limit),
        int(cut.sum()),
        float(excess / weights.sum()),
        float(weights.max()),
        len(weights),
        effective_n(weights),
        effective_n(new),
    )
    return (design.mit_gewicht(new) if cut.any() else design), report


def effective_n(gewicht) -> float:
    """Effective number of respondents: square of the sum of weights by the sum of their squares (Kish 1965)."""
    w = np.asarray(gewicht, float)
    if not w.any() or not np.isfinite(w).all():
        raise InputError("effective number of respondents: expected weights, not all 0")
    return float(w.sum() ** 2 / (w @ w))


def deff_weights(gewicht) -> float:
    """Design effect of unequal weights alone, 1 + CV² (Kish 1992): respondents by their effective number."""
    return len(gewicht) / effective_n(gewicht)


def deff(
    design: Design, y: pd.DataFrame | pd.Series, bereich=None, *, summe: bool = False, zuruecklegen: bool = False
) -> pd.Series:
    """Design effect: variance of means by that in a simple random sample of as many (R `svymean(deff = TRUE)`).

    Parameters
    ----------
    y, bereich
        As in `analysis.survey.estimates.mean`.
    summe
        Of totals instead (R `svytotal(deff = TRUE)`), a missing answer outside of the sample.
    zuruecklegen
        Compare with a simple random sample with replacement (R `deff = "replace"`).

    Returns
    -------
    pandas.Series
        NaN where all answers are equal or fewer than two are there, and without replacement where the weights of a
        domain add up to no more than its respondents.

    Raises
    ------
    InputError
        Without replacement, and the weights do not add up to more than the respondents: they say nothing about the
        size of the population.
    """
    values, inside, index = domains(design, y, bereich)
    size, n, centred = _moments(design, values, inside)
    variance = design.varianz(values if summe else centred / np.where(size > 0, size, np.nan))
    return _effect(design, variance, centred, (size, n, np.abs(values).max(axis=0)), summe, zuruecklegen, index)


def deff_ratio(design: Design, zaehler: pd.Series, nenner: pd.Series, bereich=None, *, zuruecklegen=False) -> pd.Series:
    """Design effect of a ratio of totals (R `svyratio(deff = TRUE)`); arguments as in `deff`."""
    both = zaehler.notna() & nenner.notna()
    top, inside, index = domains(design, zaehler.where(both), bereich)
    bottom, _, _ = domains(design, nenner.where(both), bereich)
    with np.errstate(invalid="ignore", divide="ignore"):
        residual = top - (design.gewicht @ top) / (design.gewicht @ bottom) * bottom
    size, n, centred = _moments(design, residual, inside)
    sizes = (size, n, np.abs(top).max(axis=0))
    return _effect(design, design.varianz(residual), centred, sizes, True, zuruecklegen, index)


def _moments(design: Design, values: np.ndarray, inside: np.ndarray):
    """Sum of weights, respondents, values minus their mean (0 outside)."""
    size, n = design.gewicht @ inside, inside.sum(axis=0)
    mean = np.divide(design.gewicht @ values, size, out=np.full(len(size), np.nan), where=size > 0)
    return size, n, np.where(inside, values - mean, 0.0)


def _effect(design, variance, centred, sizes, summe, zuruecklegen, index) -> pd.Series:
    size, n, largest = sizes
    if not zuruecklegen and design.gewicht.sum() <= len(design) * (1 + 1e-9):
        raise InputError(
            f"deff: the weights add up to {design.gewicht.sum():g} for {len(design)} respondents; expected the size of "
            "the population, or the comparison with replacement (zuruecklegen)"
        )
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = (design.gewicht @ centred**2) / size * n / (n - 1)
        simple = spread / n * (1.0 if zuruecklegen else (size - n) / size) * (size**2 if summe else 1.0)
        differ = np.abs(centred).max(axis=0) > 1e-12 * largest  # else only rounding is left
        valid = (n > 1) & (simple > 0) & differ
        return pd.Series(np.where(valid, variance / simple, np.nan), index, name="deff")


def _limit(weights: np.ndarray, hoechstens, vielfaches, quantil) -> float:
    given = {"hoechstens": hoechstens, "vielfaches": vielfaches, "quantil": quantil}
    given = {name: value for name, value in given.items() if value is not None}
    if len(given) != 1:
        raise InputError(
            f"trim: {', '.join(given) or 'no limit'} given; expected one of hoechstens, vielfaches, quantil"
        )
    ((name, value),) = given.items()
    if isinstance(value, str) or not (0 < value < np.inf) or (name == "quantil" and value > 1):
        raise InputError(f"trim: {name}={value!r}; expected a number above 0" + " up to 1" * (name == "quantil"))
    if name == "quantil":
        return float(np.quantile(weights, value))
    return float(value) if name == "hoechstens" else float(value * np.median(weights))


def _per_class(numbers: pd.Series, name: str) -> pd.Series:
    if not isinstance(numbers, pd.Series) or numbers.index.has_duplicates:
        raise InputError(f"{name}: expected a Series class → persons with every class once")
    values = pd.to_numeric(numbers, errors="coerce").astype("Float64").to_numpy(float, na_value=np.nan)
    wrong = ~((values >= 0) & np.isfinite(values))
    if wrong.any():
        i = int(np.flatnonzero(wrong)[0])
        raise InputError(f"{name}, {shown(numbers.index[i])}: {shown(numbers.iloc[i])}; expected a number of persons")
    return pd.Series(values, numbers.index)


def _known(codes: pd.Series, known: pd.Index, what: str, lacking: str) -> np.ndarray:
    """Classes as plain values, if all are known."""
    values: np.ndarray = codes.astype(object).to_numpy()
    missing = codes.isna().to_numpy()
    foreign: list[Hashable] = [value for value in pd.unique(values[~missing]) if value not in known]
    if missing.any():
        raise InputError(f"{what} of respondent {int(np.flatnonzero(missing)[0]) + 1}: missing ({missing.sum()} are)")
    if foreign:
        raise InputError(
            f"{what} {shown(foreign[0])}: no {lacking}; expected one of {', '.join(map(shown, known[:12]))}"
        )
    return values


def _positive(gewicht, length: int) -> np.ndarray:
    weights = np.asarray(gewicht, float)
    if len(weights) != length or not ((weights > 0) & np.isfinite(weights)).all():
        raise InputError(f"weights: expected {length} numbers above 0")
    return weights


def _joined(answers: np.ndarray, least: int) -> np.ndarray:
    """Group per class after joining neighbours until every group has enough respondents."""
    groups = [[i] for i in range(len(answers))]
    counts = [int(n) for n in answers]
    while len(groups) > 1 and min(counts) < least:
        i = int(np.argmin(counts))
        neighbours = [j for j in (i - 1, i + 1) if 0 <= j < len(groups)]
        j = min(neighbours, key=lambda j: counts[j])
        first, second = min(i, j), max(i, j)
        groups[first] += groups.pop(second)
        counts[first] += counts.pop(second)
    if counts[0] < least and len(groups) == 1:
        raise InputError(f"classes: {counts[0]} respondents in all; expected at least {least}")
    result = np.empty(len(answers), int)
    for number, members in enumerate(groups):
        result[members] = number
    return result
