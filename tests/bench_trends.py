"""Indicators and trend statements as ratios to one pandas groupby over the same rows, in turn in one process.

400 invented Kreise over 20 years with every quantity of the catalogue on a day that its rule allows; a denominator is
always larger than its parts, one value in fifty is secret.
"""

import datetime as dt
import gc
import math
import statistics
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from analysis import indicators
from analysis.catalogue import FAKTOR, GEZAEHLT, Katalog, katalog
from analysis.funnel import funnel
from analysis.smoothing import empirical_bayes
from analysis.trends import aussage, brueche, detected, mann_kendall
from analysis.vergleich.raenge import raenge

KREISE, JAHRE, ROUNDS = 400, range(2005, 2025), 3

TAGE = {"schuljahr": (7, 31), "monat": (6, 30), "quartal": (6, 30), "tag": (3, 1)}
"""Month and day on which figures of a rule lie here; all others at the end of the year."""


def observations(catalogue: Katalog) -> pd.DataFrame:
    """All quantities of all Kreise and years, sorted as the store returns them."""
    random = np.random.default_rng(1)
    names, depth = list(catalogue.groessen), _depth(catalogue)
    shape = (KREISE, len(JAHRE), len(names))
    size = random.lognormal(12, 0.6, (KREISE, 1, 1)) * 0.3 ** np.array([depth[g] for g in names])
    wander = np.exp(random.normal(0, 0.02, shape).cumsum(axis=1) + random.normal(0, 0.05, (KREISE, 1, len(names))))
    published = np.array([0 if catalogue.groessen[g].is_count else 0.1 * _factor(catalogue, g) for g in names])
    values = np.where(published > 0, np.round(published * wander, 2), np.round(size * wander))
    secret = random.random(shape) < 0.02
    kreis, year, name = (axis.ravel() for axis in np.indices(shape))
    days = np.array([[dt.date(y, *TAGE.get(catalogue.groessen[g].stichtag, (12, 31))) for g in names] for y in JAHRE])
    ags = np.array([f"{place + 1001:05d}" for place in range(KREISE)])
    table = pd.DataFrame(
        {
            "ags": ags[kreis],
            "stichtag": days[year, name],
            "groesse": np.array(names)[name],
            "wert": np.where(secret, np.nan, values).ravel(),
            "grund": np.where(secret, "geheim", "").ravel(),
            "guete": "",
            "quelle": np.array([catalogue.groessen[g].quelle for g in names])[name],
        }
    )
    return table.sort_values(["ags", "stichtag", "groesse"], ignore_index=True)


def _depth(catalogue: Katalog) -> dict[str, int]:
    """How often a quantity is part of another one that is part of another one, and so on."""
    depth = dict.fromkeys(catalogue.groessen, 0)
    pairs = [i for i in catalogue.indikatoren.values() if i.art in GEZAEHLT]
    for _ in range(10):
        for indikator in pairs:
            below = max(depth[g] for g in indikator.aus["nenner"])
            for part in set(indikator.aus["zaehler"]) - set(indikator.aus["nenner"]):
                depth[part] = max(depth[part], below + 1)
    return depth


def _factor(catalogue: Katalog, groesse: str) -> float:
    return FAKTOR.get(catalogue.groessen[groesse].einheit, 1)


def main() -> None:
    """Print seconds and ratios; the median of `ROUNDS` rounds, each with every way once."""
    catalogue = katalog()
    rows = observations(catalogue)
    werte = indicators.compute(rows, catalogue)
    none = brueche.declared(werte, catalogue)[:0]
    parts = werte[(werte.intervall == "wilson") & (werte.zaehler <= werte.nenner)]
    day = parts.indikator + " " + parts.stichtag.astype(str)
    one = werte[(werte.indikator == "mindestsicherungsquote") & (werte.stichtag == dt.date(JAHRE[-1], 12, 31))]
    ways = {
        "one groupby over the observations": lambda: rows.groupby(["ags", "groesse"]).wert.mean(),
        "all indicators": lambda: indicators.compute(rows, catalogue),
        "one groupby over the indicators": lambda: werte.groupby(["ags", "indikator"]).anteil.mean(),
        "all trend statements": lambda: aussage.statements(werte, catalogue),
        "Mann-Kendall and Theil-Sen": lambda: mann_kendall.kendall_trends(werte, none),
        "detected breaks": lambda: detected.detected(werte, none),
        "empirical Bayes, shares": lambda: empirical_bayes(parts.zaehler, parts.nenner, "binomial", day),
        "empirical Bayes, rates": lambda: empirical_bayes(parts.zaehler, parts.nenner, "poisson", day),
        "one comparison: funnel of shares": lambda: funnel(one),
        "one comparison: funnel of rates": lambda: funnel(one, "rate"),
        "one comparison: ranks": lambda: raenge(one, seed=1),
    }
    print(f"{KREISE} Kreise, {len(JAHRE)} years: {len(rows):,} observations, {len(werte):,} values of indicators")
    taken = measured(ways)
    base = math.nan
    for name, seconds in taken.items():
        base = seconds if name.startswith("one groupby") else base
        print(f"  {name:36} {seconds:7.2f} s   {seconds / base:6.2f} x")
    both = taken["all indicators"] + taken["all trend statements"]
    print(f"  indicators and statements together   {both:7.2f} s   {both / next(iter(taken.values())):6.1f} x")


def measured(ways: dict[str, Callable]) -> dict[str, float]:
    """Median seconds of each way, all of them in turn in every round."""
    taken = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            gc.collect()
            start = time.perf_counter()
            way()
            taken[name].append(time.perf_counter() - start)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}
