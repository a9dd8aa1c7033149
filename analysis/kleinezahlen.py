"""Small numbers of small areas: what is not shown of them, and why."""

import numpy as np
import pandas as pd

MINDESTENS_EINWOHNER = 300
"""Inhabitants below which nothing but the population of an area is shown."""

ZU_KLEIN = "Hier leben nur sehr wenige. Mehr zeigen wir nicht. So wird niemand erkannt."
"""What a report says of such an area."""

MINDESTENS_PERSONEN = 3
"""A count of fewer persons, and a count that is short of all by fewer, is not shown."""


GRUPPENBREITEN = (5, 10)
"""Years of the age groups of a pyramid: the narrowest in which no group counts too few persons."""


def pyramid(personen: pd.DataFrame) -> pd.DataFrame | None:
    """Residents by age group and sex in the narrowest groups that may be shown; None where none may.

    Parameters
    ----------
    personen
        `alter` (first year of groups of 5 years, the last one open), `geschlecht`, `personen` (NaN where there is no
        number) of one area.

    Returns
    -------
    pandas.DataFrame or None
        The same columns. Every group has 0 persons or at least `MINDESTENS_PERSONEN`.
    """
    if personen.empty or personen.personen.isna().any() or personen.personen.sum() < MINDESTENS_EINWOHNER:
        return None
    for width in GRUPPENBREITEN:
        table = personen.assign(alter=personen.alter // width * width)
        table = table.groupby(["alter", "geschlecht"], as_index=False).personen.sum()
        if not table.personen.between(1, MINDESTENS_PERSONEN - 1).any():
            return table
    return None


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
