"""Poverty rates with standard errors from replicate weights: also where incomes take few values.

Linearisation (`analysis.survey.armut`) needs the density of incomes, which midpoints of brackets do not have. A
bootstrap repeats the whole estimation, median and threshold included, with each set of weights.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.survey.armut import BAENDER, Band, limits, vorgegebener_median
from analysis.survey.estimates import domains
from analysis.survey.haushalt import numbers
from analysis.survey.replicates import Replikate, estimate
from analysis.survey.schaetzung import Schaetzung


def armutsquoten(
    replikate: Replikate,
    einkommen: pd.Series,
    baender: Mapping[str, Band] = BAENDER,
    bereich: pd.Series | None = None,
    median: float | None = None,
    **optionen,
) -> Schaetzung:
    """Shares with an income below a threshold of the survey's own median (R `withReplicates` of `laeken::arpr`).

    Parameters
    ----------
    replikate
        Of `analysis.survey.replicates`: for an own median a bootstrap (the jackknife of a median is not consistent).
    einkommen
        Equivalised income in EUR; NA is outside.
    baender, bereich
        As in `analysis.survey.armut.armutsquoten`.
    median
        Median from outside, EUR; else that of all with an income, anew under each set of weights.
    optionen
        As in `analysis.survey.replicates.estimate`.

    Returns
    -------
    Schaetzung
        Index as that of `analysis.survey.armut.armutsquoten`.
    """
    bounds = limits(baender)
    if median is not None:
        vorgegebener_median(replikate, median)  # refuses what is no amount
    y = numbers("income", einkommen)
    frame = pd.DataFrame({name: y for name in baender})
    _, inside, index = domains(replikate, frame, bereich)
    members = inside[:, :: len(bounds)]  # one domain after the other, each with all bands
    known = y.notna().to_numpy()
    if not known.any():
        raise InputError("poverty rates: nobody has an income; expected at least one")
    order = np.flatnonzero(known)[np.argsort(y[known].to_numpy(), kind="stable")]
    x = y.to_numpy()[order]

    def rates(weights: np.ndarray) -> np.ndarray:
        sorted_weights = weights[order]
        reference = np.full(weights.shape[1], median, float) if median is not None else _medians(x, sorted_weights)
        found = []
        for member in members[order].T:
            sums = np.vstack([np.zeros(weights.shape[1]), np.cumsum(sorted_weights * member[:, None], axis=0)])
            for low, high in bounds:
                share = _below(sums, x, high, reference) - _below(sums, x, low, reference)
                with np.errstate(invalid="ignore", divide="ignore"):
                    found.append(np.where(reference > 0, share / sums[-1], np.nan))
        return np.column_stack(found)

    estimates = estimate(replikate, rates, index, inside, **optionen)
    return replace(estimates, wert=estimates.wert.set_axis(index))


def _medians(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted median of sorted incomes under each set of weights, by the rule of `analysis.survey.armut.quantile`."""
    sums = np.cumsum(weights, axis=0)
    with np.errstate(invalid="ignore"):
        shares = sums / sums[-1]
    place = np.minimum((shares <= 0.5).sum(axis=0), len(x) - 1)
    before = np.maximum(place - 1, 0)
    exact = (place > 0) & (np.take_along_axis(shares, before[None], axis=0)[0] == 0.5)
    return np.where(sums[-1] > 0, np.where(exact, (x[before] + x[place]) / 2, x[place]), np.nan)


def _below(sums: np.ndarray, x: np.ndarray, share: float, median: np.ndarray) -> np.ndarray:
    """Weight below a multiple of the median, of each set of weights."""
    if not np.isfinite(share):
        return sums[-1] if share > 0 else np.zeros(len(median))
    place = np.searchsorted(x, share * median, side="left")
    return np.take_along_axis(sums, place[None], axis=0)[0]
