"""Dates on an axis of years, and the parts of a series that may be joined."""

import numpy as np
import pandas as pd


def segments(werte: pd.DataFrame, brueche: pd.DataFrame | None = None) -> np.ndarray:
    """Number of the part of a series that each value belongs to: a new one after a break or a missing value or date.

    A date is missing where the distance to the one before is more than one and a half times the usual (median). A
    change of slope (`art` is `knick`) is no break.
    """
    days = pd.to_datetime(werte.stichtag)
    step = days.diff()
    breaks = np.empty(0, "M8[ns]")
    if brueche is not None and len(brueche):
        breaks = np.sort(pd.to_datetime(brueche.datum[brueche.art != "knick"]).to_numpy())
    after = np.searchsorted(breaks, days.to_numpy(), side="right")
    gap = (step > 1.5 * step.median()) | werte.anteil.isna() | werte.anteil.isna().shift(fill_value=False)
    return (gap.to_numpy() | (np.diff(after, prepend=after[:1]) > 0)).cumsum()


def decimal_year(stichtage: pd.Series) -> np.ndarray:
    """Date as decimal year."""
    days = pd.to_datetime(stichtage).dt
    return (days.year + (days.day_of_year - 1) / (365 + days.is_leap_year)).to_numpy(float)


def year_shift(stichtage: pd.Series) -> float:
    """What to take from decimal years so that a yearly value stands above its year; 0 with several in a year."""
    years = decimal_year(stichtage)
    whole = np.floor(years)
    return float(np.median(years - whole)) if len(years) and len(np.unique(whole)) == len(whole) else 0.0
