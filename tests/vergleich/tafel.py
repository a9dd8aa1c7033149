"""Tables as `indicators.compute` makes them, from counts."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.rates import wilson

TAG = dt.date(2023, 12, 31)
ERWARTET = Path(__file__).parents[1] / "expected" / "vergleich"


def werte(zaehler, nenner, indikator="quote", tag=TAG, ags=None):
    """Shares of counts with Wilson's intervals, one row per area."""
    zaehler, nenner = np.asarray(zaehler, float), np.asarray(nenner, float)
    unten, oben = wilson(zaehler, nenner)
    keys = [f"16{k:03d}" for k in range(len(zaehler))] if ags is None else list(ags)
    return pd.DataFrame(
        {"ags": keys, "stichtag": tag, "indikator": indikator, "anteil": zaehler / nenner, "unten": unten, "oben": oben,
         "intervall": "wilson", "grund": "", "zaehler": zaehler, "nenner": nenner}
    )  # fmt: skip


def verhaeltnisse(zaehler, nenner, **rest):
    """Ratios of two separate counts with their intervals."""
    zaehler, nenner = np.asarray(zaehler, float), np.asarray(nenner, float)
    unten, oben = wilson(zaehler, zaehler + nenner)
    table = werte(zaehler, zaehler + nenner, **rest)
    return table.assign(anteil=zaehler / nenner, unten=unten / (1 - unten), oben=oben / (1 - oben), nenner=nenner)


def ohne_intervall(table, ags):
    """The same where one area has a value without interval and without counts."""
    found = table.ags == ags
    return table.assign(**{name: table[name].mask(found) for name in ("unten", "oben", "zaehler", "nenner")})
