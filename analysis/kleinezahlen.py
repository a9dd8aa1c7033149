"""Small numbers of small areas: what is not shown of them, and why."""

import numpy as np
import pandas as pd

MINDESTENS_EINWOHNER = 300
"""Inhabitants below which nothing but the population of an area is shown."""

MINDESTENS_PERSONEN = 3
"""A count of fewer persons, and a count that is short of all by fewer, is not shown."""


def protected(werte: pd.DataFrame, einwohner: pd.Series) -> pd.DataFrame:
    """Values of areas without those that could tell of single persons.

    Withheld (`grund` becomes `geheim`) are all values of areas with fewer than `MINDESTENS_EINWOHNER` inhabitants or an
    unknown number, and values from 1 or 2 cases, or from all but 1 or 2 of those that they are a part of.

    Parameters
    ----------
    werte
        Result of `indicators.compute`.
    einwohner
        Population by area.

    Returns
    -------
    pandas.DataFrame
        The same rows; withheld ones have neither value nor bounds nor counts.
    """
    people = werte.ags.map(einwohner)
    few = (werte.zaehler > 0) & (werte.zaehler < MINDESTENS_PERSONEN)
    rest = werte.nenner - werte.zaehler
    few |= (werte.intervall == "wilson") & (rest > 0) & (rest < MINDESTENS_PERSONEN)
    withheld = werte.anteil.notna() & (few | ~(people >= MINDESTENS_EINWOHNER))
    numbers = ["anteil", "unten", "oben", "zaehler", "nenner"]
    table = werte.copy()
    table.loc[withheld, numbers] = np.nan
    return table.assign(
        intervall=table.intervall.mask(withheld, ""), grund=table.grund.mask(withheld, "geheim"),
        guete=table.guete.mask(withheld, ""),
    )  # fmt: skip
