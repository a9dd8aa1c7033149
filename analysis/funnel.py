"""Funnel limits: how far an area may lie from the mean of all by chance alone, given its size."""

import numpy as np
import pandas as pd

from analysis.errors import InputError

GRENZEN = {"95": 0.95, "998": 0.998}
"""Levels of the two funnels: a warning and an alarm (2 and 3 standard deviations)."""

LAGEN = ("unter_998", "unter_95", "innerhalb", "ueber_95", "ueber_998")
"""Places of an area, from far below the mean to far above it."""


def funnel_limits(nenner, mittel: float, art: str = "anteil") -> pd.DataFrame:
    """Limits of the funnel for denominators, around a given mean.

    Parameters
    ----------
    nenner
        Persons (population, person-years); any length, also a grid for drawing.
    mittel
        Mean share or rate of all areas.
    art
        `anteil`: mean ± z √(mean (1 - mean)/n), cut at 0 and 1; an area lies outside exactly where its Wilson interval
        does not hold the mean. `rate`: the numbers of events whose exact Poisson interval ends at the expected number
        (0 at least below, 1 at least above), divided by `nenner`.

    Returns
    -------
    pandas.DataFrame
        `nenner`, `unten_95`, `oben_95`, `unten_998`, `oben_998`; NaN where the denominator is not above 0.

    Notes
    -----
    Spiegelhalter (2005), Statistics in Medicine 24, 1185-1202; equal to PHEindicatormethods `calculate_funnel_limits`
    for proportions and rates.
    """
    _check_mean(mittel, art)
    index = nenner.index if isinstance(nenner, pd.Series) else None
    n = np.asarray(nenner, float)
    n = np.where(n > 0, n, np.nan)
    limits = _share_limits if art == "anteil" else _rate_limits
    columns = {"nenner": n}
    for name, niveau in GRENZEN.items():
        columns[f"unten_{name}"], columns[f"oben_{name}"] = limits(n, mittel, (1 - niveau) / 2)
    return pd.DataFrame(columns, index=index)


def funnel(counts: pd.DataFrame, art: str = "anteil", mittel: float | None = None) -> pd.DataFrame:
    """Place of each area in the funnel: within chance of the mean of all, or above or below it.

    Parameters
    ----------
    counts
        One row per area, of one indicator and day: columns `zaehler`, `nenner`, further columns stay. Rows without
        numbers get no place.
    art
        `anteil` (persons of all persons) or `rate` (events per population).
    mittel
        Mean to compare with; without it the sum of all numerators by the sum of all denominators of complete rows.

    Returns
    -------
    pandas.DataFrame
        The rows with `anteil`, `mittel`, the limits (see `funnel_limits`) and `lage`, one of `LAGEN` or empty.

    Raises
    ------
    InputError
        Several days or indicators, an area twice, counts that cannot be (negative, more than the denominator), no
        complete row, an unknown `art`.

    Notes
    -----
    Places equal those of PHEindicatormethods `assign_funnel_significance` on its test data; for 10 events and more it
    takes Byar's approximation, here the exact distribution decides always, as for the limits.

    Of 20 areas without any difference one lies outside the inner funnel: only the outer one is a finding of its own.
    Counts that vary more than by chance (overdispersion) put more areas outside.
    """
    counts = counts.assign(zaehler=counts.zaehler.astype(float), nenner=counts.nenner.astype(float))
    usable = (counts.nenner > 0) & counts.zaehler.notna()
    _check_rows(counts)
    _check_counts(counts[usable], art)
    if mittel is None:
        if not usable.any():
            raise InputError("funnel: no area has numerator and denominator")
        mittel = counts.zaehler[usable].sum() / counts.nenner[usable].sum()
    limits = funnel_limits(counts.nenner, mittel, art).drop(columns="nenner")
    anteil = counts.zaehler / counts.nenner.where(counts.nenner > 0)
    result = counts.assign(anteil=anteil, mittel=mittel, **limits)
    result["lage"] = _places(result, art).where(usable, "")
    return result


def _share_limits(n, mittel, tail) -> tuple[np.ndarray, np.ndarray]:
    from scipy.special import ndtri

    half = ndtri(1 - tail) * np.sqrt(mittel * (1 - mittel) / n)
    return np.maximum(mittel - half, 0), np.minimum(mittel + half, 1)


def _rate_limits(n, mittel, tail) -> tuple[np.ndarray, np.ndarray]:
    from scipy.special import pdtrik

    expected = n * mittel
    return pdtrik(tail, expected) / n, (pdtrik(1 - tail, expected) + 1) / n


def _places(result: pd.DataFrame, art: str) -> pd.Series:
    tails = _share_tails if art == "anteil" else _rate_tails
    below, above = tails(result)
    names = [f"{side}_{name}" for name in ("998", "95") for side in ("unter", "ueber")]
    conditions = [tail < (1 - GRENZEN[name]) / 2 for name in ("998", "95") for tail in (below, above)]
    return pd.Series(np.select(conditions, names, default="innerhalb"), index=result.index, dtype=object)


def _share_tails(result: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    from scipy.special import ndtr

    deviation = np.sqrt(result.mittel * (1 - result.mittel) / result.nenner.where(result.nenner > 0))
    z = (result.anteil - result.mittel) / deviation.where(deviation > 0)
    return ndtr(z), ndtr(-z)


def _rate_tails(result: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Probability of as few and of as many events or more, if the mean held here."""
    from scipy.special import gammainc, gammaincc

    expected, cases = result.mittel * result.nenner, result.zaehler
    return gammaincc(cases + 1, expected), np.where(cases > 0, gammainc(cases.where(cases > 0, 1), expected), 1.0)


def _check_mean(mittel: float, art: str) -> None:
    if art not in ("anteil", "rate"):
        raise InputError(f"funnel: art={art!r}; expected anteil or rate")
    if not 0 <= mittel <= (1 if art == "anteil" else np.inf):
        raise InputError(f"funnel: mean {mittel:g}; expected {'0 to 1' if art == 'anteil' else '0 or more'}")


def _check_rows(counts: pd.DataFrame) -> None:
    for column in ("indikator", "stichtag"):
        if column in counts and counts[column].nunique() > 1:
            found = ", ".join(str(v) for v in counts[column].unique()[:3])
            raise InputError(f"funnel: {column} {found}; expected one, areas are compared for one indicator and day")
    if "ags" in counts and counts.ags.duplicated().any():
        raise InputError(f"funnel: {counts.ags[counts.ags.duplicated()].iloc[0]} stands twice")


def _check_counts(counts: pd.DataFrame, art: str) -> None:
    wrong = counts.zaehler < 0
    if art == "anteil":
        wrong |= counts.zaehler > counts.nenner
    if wrong.any():
        row = counts[wrong].iloc[0]
        key = " ".join(str(row[k]) for k in ("ags", "stichtag") if k in row)
        expected = "from 0 to the denominator" if art == "anteil" else "0 or more"
        raise InputError(f"funnel: {key or 'an area'}: {row.zaehler:g} of {row.nenner:g}; expected {expected}")
