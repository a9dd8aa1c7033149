"""Value of each area and indicator with its standard error, smoothed where numbers are small."""

import numpy as np
import pandas as pd
from scipy.special import ndtri

from analysis.rates import NIVEAU
from analysis.smoothing import empirical_bayes
from analysis.vergleich.ziehung import genauigkeit

_Z = float(ndtri(0.5 + NIVEAU / 2))
"""Half width of an interval in standard errors."""


def geschaetzt(werte: pd.DataFrame, glaetten: bool = True) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Values and their standard errors, areas × indicators, sorted by key.

    Parameters
    ----------
    werte
        Rows of `indicators.compute`, one day per indicator.
    glaetten
        Whether indicators made from counts are smoothed by empirical Bayes (`smoothing.empirical_bayes`): shares of a
        whole, ratios a/b by the share a/(a + b), rates of events per population. Published rates and amounts stay.

    Returns
    -------
    tuple
        Two DataFrames; NaN where there is no value. A standard error is half the interval over 1.96, after smoothing
        that of the estimate; NaN where there is no interval.
    """
    needed = ["zaehler", "nenner", "unten", "oben"]
    rows = werte.assign(**{name: np.nan for name in needed if name not in werte}).reset_index(drop=True)
    value, low, high = (rows[column].astype(float) for column in ("anteil", "unten", "oben"))
    if glaetten:
        smooth = _smoothed(rows)
        value, low, high = (smooth[c].combine_first(x) for c, x in (("wert", value), ("unten", low), ("oben", high)))
    table = rows.assign(wert=value, fehler=(high - low) / (2 * _Z))
    wide = table.pivot(index="ags", columns="indikator", values=["wert", "fehler"]).astype(float).sort_index()
    return tuple(wide[name].rename_axis(columns=None) for name in ("wert", "fehler"))


def _smoothed(rows: pd.DataFrame) -> pd.DataFrame:
    """Estimate and its bounds for the rows that are made from counts."""
    kind = rows.intervall if "intervall" in rows else pd.Series("", rows.index)
    counted = rows.anteil.notna() & rows.zaehler.notna() & (rows.nenner > 0) & kind.isin(["wilson", "byar"])
    # an indicator is a ratio as a whole: single areas may not show it
    ratio = pd.Series(False, rows.index)
    ratio[counted] = genauigkeit(rows[counted]).verhaeltnis
    ratio = ratio.groupby(rows.indikator).transform("any") & (kind == "wilson")
    found = []
    for family, chosen in (
        ("binomial", counted & (kind == "wilson") & ~ratio),
        ("verhaeltnis", counted & ratio),
        ("poisson", counted & (kind == "byar")),
    ):
        part = rows[chosen].astype({"zaehler": float, "nenner": float})
        if part.empty:
            continue
        whole = part.nenner + part.zaehler if family == "verhaeltnis" else part.nenner
        name = "poisson" if family == "poisson" else "binomial"
        estimate = empirical_bayes(part.zaehler, whole, name, part.indikator)[["geglaettet", "unten", "oben"]]
        # fewer than three areas are not smoothed
        estimate = estimate[estimate.geglaettet.notna()].rename(columns={"geglaettet": "wert"})
        found.append(estimate / (1 - estimate) if family == "verhaeltnis" else estimate)
    columns = ["wert", "unten", "oben"]
    return pd.concat(found) if found else pd.DataFrame(columns=columns, dtype=float)
