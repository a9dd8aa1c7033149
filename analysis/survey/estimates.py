"""Means, totals, ratios and shares of the population, overall and in domains, with their covariance.

A domain is not a filter: respondents outside keep their place in the design, with an influence of 0. Missing answers
are outside of the domain of their variable. Every function equals its namesake in R `survey` (named there).
"""

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.survey.design import Design
from analysis.survey.schaetzung import Schaetzung


def mean(design: Design, y: pd.DataFrame | pd.Series, bereich: pd.Series | None = None) -> Schaetzung:
    """Weighted means (R `svymean(na.rm = TRUE)` per variable, `svyby`).

    Parameters
    ----------
    design
        Design of all respondents.
    y
        Numbers per respondent; NA is outside.
    bereich
        Domain per respondent (a boolean: inside or not; else one mean per value); NA is in none.

    Returns
    -------
    Schaetzung
        Index: columns of `y`; with several domains pairs of domain and column.
    """
    values, inside, index = domains(design, y, bereich)
    return ratio_of(design, values, inside.astype(float), inside, index)


def total(design: Design, y: pd.DataFrame | pd.Series, bereich: pd.Series | None = None) -> Schaetzung:
    """Weighted totals (R `svytotal`); a missing answer counts as 0."""
    values, inside, index = domains(design, y, bereich)
    wert = (design.gewichte * values).sum(axis=0)
    return result(design, wert, values, inside, index)


def ratio(design: Design, zaehler: pd.Series, nenner: pd.Series, bereich: pd.Series | None = None) -> Schaetzung:
    """Ratio of two totals (R `svyratio`); both must be known."""
    both = zaehler.notna() & nenner.notna()
    top, inside, index = domains(design, zaehler.where(both), bereich)
    bottom, _, _ = domains(design, nenner.where(both), bereich)
    return ratio_of(design, top, bottom, inside, index)


def share(design: Design, merkmal: pd.Series, bereich: pd.Series | None = None, werte=None) -> Schaetzung:
    """Shares of the values of a variable among those with a valid answer (R `svymean(~factor(x))`).

    Parameters
    ----------
    werte
        Values in their order, also such that nobody has; without it those that occur.

    Returns
    -------
    Schaetzung
        Index: values; with several domains pairs of domain and value.
    """
    known = sorted(merkmal.dropna().unique()) if werte is None else list(werte)
    foreign = set(merkmal.dropna().unique()) - set(known)
    if foreign:
        raise InputError(f"share of {merkmal.name}: the value {sorted(foreign, key=str)[0]!r} is not among {known}")
    table = pd.DataFrame({value: (merkmal == value).astype("Float64").mask(merkmal.isna()) for value in known})
    return mean(design, table, bereich)


def domains(design: Design, y, bereich: pd.Series | None) -> tuple[np.ndarray, np.ndarray, pd.Index]:
    """Values (0 outside) and membership of every pair of domain and variable.

    Returns
    -------
    tuple
        Numbers and booleans, respondents × pairs, domain outside and variable inside; their index.
    """
    frame = y.to_frame() if isinstance(y, pd.Series) else y
    if len(frame) != len(design):
        raise InputError(f"{len(frame)} answers for {len(design)} respondents of the design")
    try:
        numbers = frame.to_numpy(float, na_value=np.nan)
    except (TypeError, ValueError):
        columns = ", ".join(str(name) for name in frame if not pd.api.types.is_numeric_dtype(frame[name]))
        raise InputError(f"answers {columns}: expected numbers (shares of values: share)") from None
    known = ~np.isnan(numbers)
    numbers = np.where(known, numbers, 0.0)
    if bereich is None:
        return numbers, known, frame.columns
    if len(bereich) != len(design):
        raise InputError(f"{len(bereich)} domains for {len(design)} respondents of the design")
    if pd.api.types.is_bool_dtype(bereich):
        member = bereich.fillna(False).to_numpy(bool)[:, None]
        return numbers * member, known & member, frame.columns
    names = sorted(bereich.dropna().unique())
    if not names:
        raise InputError(f"domains {bereich.name}: no respondent has one")
    member = np.column_stack([(bereich == name).fillna(False).to_numpy(bool) for name in names])
    shape = (len(design), len(names) * numbers.shape[1])
    index = pd.MultiIndex.from_product([names, frame.columns])
    if y is not frame:
        index = pd.Index(names)
    return (
        (member[:, :, None] * numbers[:, None, :]).reshape(shape),
        (member[:, :, None] & known[:, None, :]).reshape(shape),
        index,
    )


def ratio_of(design: Design, top: np.ndarray, bottom: np.ndarray, inside: np.ndarray, index: pd.Index) -> Schaetzung:
    """Ratios of weighted totals, columns by columns; NaN where the lower total is 0."""
    below = (design.gewichte * bottom).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        wert = (design.gewichte * top).sum(axis=0) / below
        einfluss = (top - wert * bottom) / below
    return result(design, wert, einfluss, inside, index)


def result(design: Design, wert, einfluss, inside, index: pd.Index) -> Schaetzung:
    """Estimate with the covariance of its influences; nothing is known about a domain with one respondent."""
    n = inside.sum(axis=0)
    df = degrees(design, inside)
    cov = design.kovarianz(einfluss)
    cov[df < 1, :] = np.nan
    cov[:, df < 1] = np.nan
    return Schaetzung(pd.Series(wert, index, name="wert"), cov, df, n)


def degrees(design: Design, inside: np.ndarray) -> np.ndarray:
    """Degrees of freedom of the respondents inside, per column."""
    # most columns have the same respondents inside; bytes find equal ones much faster than np.unique(axis=1)
    patterns = np.packbits(inside, axis=0).T
    which = pd.factorize(np.array([column.tobytes() for column in patterns], dtype=object))[0]
    first = np.unique(which, return_index=True)[1]
    return np.array([design.freiheitsgrade(column) for column in inside[:, first].T])[which]
