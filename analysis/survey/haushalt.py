"""The household of a respondent: its size, its need by the OECD scale, and weights that count households.

A survey drawn from the Melderegister draws adult persons: its weights count adults. A household with two adults could
have been drawn twice, so that it stands for half as many households as its respondent for persons.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.survey.design import Design

BEDARF_AB_14 = 0.5
"""Need of each further person of 14 and older; the first has 1 (modified OECD scale)."""

BEDARF_UNTER_14 = 0.3
"""Need of each child under 14 (modified OECD scale)."""

GROESSTER = 20
"""Persons beyond which the size of a household is not believed."""

GRUENDE = ("haushalt_unbekannt", "ohne_erwachsene", "haushalt_zu_gross")
"""Why a household has no need: a number is missing; nobody of 18 and older; more persons than believed."""


def haushalte(
    erwachsene: pd.Series,
    jugendliche: pd.Series,
    kinder: pd.Series,
    *,
    leer_ist_null: bool = False,
    groesster: int = GROESSTER,
) -> pd.DataFrame:
    """Size and need of the household of each respondent (modified OECD scale: 1, 0.5 from 14 years, 0.3 under 14).

    Parameters
    ----------
    erwachsene, jugendliche, kinder
        Persons of 18 and older (with the respondent), from 14 to 17, under 14.
    leer_ist_null
        Whether an empty number of Jugendliche or Kinder counts as 0 where the number of adults is given (many leave
        the cell of "none" empty).
    groesster
        Largest size that is believed.

    Returns
    -------
    pandas.DataFrame
        Columns `erwachsene`, `jugendliche`, `kinder`, `personen`, `bedarf` (Float64; NA where there is a reason) and
        `grund` (one of `GRUENDE` or ""), rows as given. Equal to R `laeken::eqSS` for complete households.

    Raises
    ------
    InputError
        A number is negative, not whole, or a text.
    """
    counts = {"erwachsene": erwachsene, "jugendliche": jugendliche, "kinder": kinder}
    frame = pd.DataFrame({name: _counts(name, values) for name, values in counts.items()}, index=erwachsene.index)
    if len(frame) != len(jugendliche) or len(frame) != len(kinder):
        raise InputError("households: the numbers of adults, Jugendliche and Kinder have different lengths")
    if leer_ist_null:
        for name in ("jugendliche", "kinder"):
            frame[name] = frame[name].mask(frame[name].isna() & frame.erwachsene.notna(), 0.0)
    frame["personen"] = frame.erwachsene + frame.jugendliche + frame.kinder
    unknown = frame.personen.isna()
    grund = np.select([unknown, frame.erwachsene < 1, frame.personen > groesster], GRUENDE, "")
    frame["bedarf"] = (
        1 + BEDARF_AB_14 * (frame.erwachsene + frame.jugendliche - 1) + BEDARF_UNTER_14 * frame.kinder
    ).where(grund == "")
    return frame.astype("Float64").assign(grund=grund)


def haushaltsdesign(design: Design, erwachsene: pd.Series) -> Design:
    """The design with weights that count households: weight of the person divided by the adults of the household.

    For shares and means of households ("so many households have …") of a sample of adults. Persons are counted with
    the design as it is.

    Parameters
    ----------
    erwachsene
        Persons of 18 and older in the household. Respondents without a valid number (empty, less than 1) stand for no
        household: weight 0.

    Returns
    -------
    Design
        Calibrations of the weights are kept: they remain those of the persons that were calibrated.
    """
    adults = _aligned(design, _counts("erwachsene", erwachsene))
    with np.errstate(invalid="ignore"):
        share = np.where(adults >= 1, 1 / np.maximum(adults, 1), 0.0)
    return replace(design, gewicht=design.gewicht * share)


def personendesign(design: Design, erwachsene: pd.Series, personen: pd.Series) -> Design:
    """The design with weights that count all persons in private households, children too.

    Weight of the adult divided by the adults of the household, times its persons: everybody in a household has its
    equivalised income. For "so many of all persons are at risk of poverty" as official statistics publish it; the
    design as it is counts adults only. Respondents without valid numbers have weight 0.
    """
    adults = _aligned(design, _counts("erwachsene", erwachsene))
    people = _aligned(design, _counts("personen", personen))
    fewer = people < adults
    if fewer.any():
        place = int(np.flatnonzero(fewer)[0])
        raise InputError(
            f"households, respondent {place + 1}: {people[place]:g} persons, {adults[place]:g} of them adults; "
            "expected at least as many persons as adults"
        )
    with np.errstate(invalid="ignore"):
        factor = np.where((adults >= 1) & (people >= 1), people / np.maximum(adults, 1), 0.0)
    return replace(design, gewicht=design.gewicht * factor)


def numbers(what: str, values: pd.Series) -> pd.Series:
    """Numbers as float, NaN where empty.

    Raises
    ------
    InputError
        A value is a text or infinite.
    """
    result = pd.to_numeric(values, errors="coerce").astype("Float64").astype(float)
    wrong = (result.isna() & values.notna()) | np.isinf(result)
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        raise InputError(f"{what}, respondent {place + 1}: {str(values.iloc[place])[:60]!r}; expected a number")
    return result


def _counts(name: str, values: pd.Series) -> pd.Series:
    result = numbers(f"households, {name}", values)
    wrong = (result < 0) | (result % 1 > 0)
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        raise InputError(
            f"households, {name}, respondent {place + 1}: {result.iloc[place]:g}; expected a whole number from 0 "
            "(codes of missing answers as empty cells)"
        )
    return result


def _aligned(design: Design, values: pd.Series) -> np.ndarray:
    if len(values) != len(design):
        raise InputError(f"{len(values)} households for {len(design)} respondents of the design")
    return values.to_numpy()
