"""Who counts in a comparison: respondents of a domain who answered everything; answers as codes or numbers."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.survey.design import Design

_ALLEIN = 1.5
"""Effective size below which a group is one respondent: a second one has at most about a quarter of its weight."""


def members(design: Design, bereich: pd.Series | None, *antworten: pd.Series) -> np.ndarray:
    """Respondents of a domain with an answer to every variable.

    Parameters
    ----------
    design
        Design of all respondents; answers and domain stand in its order.
    bereich
        True inside of the domain; NA is outside. None: all respondents.
    antworten
        One answer per respondent each, all with the same index.

    Returns
    -------
    numpy.ndarray
        One boolean per respondent.

    Raises
    ------
    InputError
        Answers for another number of respondents or in another order, a domain that is not true and false, nobody is
        left.
    """
    inside = domain(design, bereich, antworten[0].index)
    given = inside.copy()
    for answers in antworten:
        if len(answers) != len(design):
            raise InputError(f"{answers.name}: {len(answers)} answers for {len(design)} respondents of the design")
        if not answers.index.equals(antworten[0].index):
            raise InputError(f"{answers.name}: other respondents or another order than {antworten[0].name}")
        given &= answers.notna().to_numpy(bool)
    if not given.any():
        names = ", ".join(dict.fromkeys(str(a.name) for a in antworten))
        raise InputError(f"{names}: no respondent of the domain ({inside.sum()}) has an answer")
    return given


def domain(design: Design, bereich: pd.Series | None, index: pd.Index) -> np.ndarray:
    """Domain as one boolean per respondent, whether or not they answered."""
    if bereich is None:
        return np.ones(len(design), bool)
    bereich = pd.Series(bereich, index=getattr(bereich, "index", index))
    if len(bereich) != len(design):
        raise InputError(f"{len(bereich)} domains for {len(design)} respondents of the design")
    if not bereich.index.equals(index):
        raise InputError(f"domain {bereich.name}: other respondents or another order than the answers")
    try:
        return bereich.astype("boolean").fillna(False).to_numpy(bool)
    except (TypeError, ValueError):
        raise InputError(f"domain {bereich.name}: expected true or false per respondent, not {bereich.dtype}") from None


def levels(werte: pd.Series, inside: np.ndarray, stufen: Iterable | None = None) -> tuple[np.ndarray, list]:
    """Code of the level per respondent (-1 outside) and the levels.

    Parameters
    ----------
    stufen
        Levels in their order, also such that nobody has; without it those that occur inside, sorted (of a
        categorical in its order).

    Raises
    ------
    InputError
        A value is not among the levels, a level stands twice.
    """
    used = werte[inside]
    if stufen is None:
        order = used.cat.categories if isinstance(used.dtype, pd.CategoricalDtype) else None
        known = set(used)
        stufen = [v for v in order if v in known] if order is not None else _sorted(used)
    stufen = list(stufen)
    if len(set(stufen)) < len(stufen):
        raise InputError(f"{werte.name}: a level stands twice in {stufen}")
    codes = np.full(len(werte), -1)
    codes[inside] = pd.Index(stufen, dtype=object).get_indexer(used.astype(object))
    if (codes[inside] < 0).any():
        foreign = used.iloc[int(np.argmax(codes[inside] < 0))]
        raise InputError(f"{werte.name}: the value {foreign!r} is not among {stufen}")
    return codes, stufen


def _sorted(values: pd.Series) -> list:
    found = values.astype(object).unique()
    try:
        return sorted(found)
    except TypeError:  # numbers and texts in one column
        return sorted(found, key=lambda v: (str(type(v)), v))


def numbers(werte: pd.Series) -> np.ndarray:
    """Numbers per respondent, NaN where there is no answer.

    Raises
    ------
    InputError
        A text or an infinite number.
    """
    if isinstance(werte.dtype, pd.CategoricalDtype):
        werte = werte.astype(object)
    if pd.api.types.is_datetime64_any_dtype(werte.dtype) or pd.api.types.is_timedelta64_dtype(werte.dtype):
        raise InputError(f"{werte.name}: {werte.dtype}; expected numbers")
    result = pd.to_numeric(werte, errors="coerce").to_numpy(float, na_value=np.nan)
    wrong = werte.notna().to_numpy(bool) & ~np.isfinite(result)
    if not pd.api.types.is_numeric_dtype(werte.dtype):  # also the text "3": a code that was never read as a number
        wrong |= werte.map(type).eq(str).to_numpy(bool)
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        raise InputError(f"{werte.name}, respondent {place + 1}: {str(werte.iloc[place])[:60]!r}; expected a number")
    return result


def effective_size(design: Design, inside: np.ndarray) -> np.ndarray:
    """Effective size by Kish, (Σ w)²/Σ w², of a group of respondents or of several in columns; 0 of an empty one."""
    weights, squares = design.gewicht @ inside, design.gewicht**2 @ inside
    return np.divide(weights**2, squares, out=np.zeros_like(weights), where=squares > 0)


def check_group(design: Design, inside: np.ndarray, place: str) -> None:
    """Refuse a group about whose sampling error nothing is known: one unit per stratum, or one weight that is all."""
    n = int(inside.sum())
    if design.freiheitsgrade(inside) < 1:
        raise InputError(
            f"{place}: {n} respondents, not more than one unit per stratum; its sampling error is not known: join "
            "levels"
        )
    if effective_size(design, inside) < _ALLEIN:
        raise InputError(
            f"{place}: one of {n} respondents has nearly all of the weight; its sampling error is not known"
        )
