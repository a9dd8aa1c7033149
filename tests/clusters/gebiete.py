"""Made-up values of areas for the tests of the cluster analysis, and the files that R made."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.rates import wilson

ERWARTET = Path(__file__).parents[1] / "expected" / "clusters"


def erwartet(name):
    return pd.read_csv(ERWARTET / f"{name}.csv", comment="#")


def daten(name):
    table = erwartet(name)
    return table[[c for c in table if not c.startswith("pc.")]].to_numpy()


def geplant(seed=1, je_gruppe=20, abstand=4.0, spalten=4):
    """Three groups of areas that differ in all columns, and the group of each."""
    random = np.random.default_rng(seed)
    middles = abstand * np.array([np.zeros(spalten), np.arange(spalten) % 2, 1 - np.arange(spalten) % 2])
    group = np.repeat([0, 1, 2], je_gruppe)
    return middles[group] + random.standard_normal((3 * je_gruppe, spalten)), group


def anteile(n=40, indikatoren=4, seed=1, **spalten):
    """Rows of `indicators.compute` for shares of persons, areas in no order."""
    random = np.random.default_rng(seed)
    ags = [f"160{number:05d}" for number in range(1, n + 1)]
    tables = []
    for number in range(indikatoren):
        whole = random.integers(400, 9000, n)
        part = random.binomial(whole, random.uniform(0.05, 0.3, n))
        low, high = wilson(pd.Series(part), pd.Series(whole))
        tables.append(
            pd.DataFrame(
                {
                    "ags": ags,
                    "stichtag": dt.date(2023, 12, 31),
                    "indikator": f"i{number}",
                    "anteil": part / whole,
                    "unten": low,
                    "oben": high,
                    "intervall": "wilson",
                    "grund": "",
                    "zaehler": part.astype(float),
                    "nenner": whole.astype(float),
                }  # fmt: skip
            )
        )
    return pd.concat(tables).sample(frac=1, random_state=seed).reset_index(drop=True).assign(**spalten)


def ohne_wert(werte, zeilen, grund="geheim"):
    """The same with some values missing for a reason."""
    werte = werte.copy()
    werte.loc[zeilen, ["anteil", "unten", "oben", "zaehler"]] = np.nan
    werte.loc[zeilen, "grund"] = grund
    return werte
