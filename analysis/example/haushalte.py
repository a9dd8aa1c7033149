"""Households and incomes behind the survey: one household for every adult of the register, with true shares.

The chances are set so that those who answered have, on average, the shares that a real Sozialbefragung published; what
the answers then show differs from them by chance, and what is true of all adults by non-response.
"""

import numpy as np
import pandas as pd

from analysis.example.kreis import raumnamen
from analysis.example.stichprobe import Stichprobe
from analysis.example.zufall import strom, waehlen

ZIELE = {
    "mit_kindern": 0.328,
    "alleinerziehend": 0.104,
    "arm": 0.122,
    "geringes_einkommen": 0.247,
    "mehr_betreuung": 0.481,
    "zufrieden_mit_kindern": 0.55,
    "unzufrieden_mit_kindern": 0.138,
    "zufrieden_ohne_kinder": 0.514,
    "unzufrieden_ohne_kinder": 0.128,
    "alleinerziehend_ohne_kitaplatz": 0.30,
}
"""Expected shares among those who answered (of parents, of single parents where the name says so)."""

MEDIAN_EUR = 2083.0
"""Median of the equivalised income from outside: below 60 % of it is poor, below 85 % is low."""

ARM_MAL = {"99099.nord": 2.0}
"""Poverty of a Planungsraum as a multiple of all others, where it is truly the same."""

_KINDER = ([18, 22, 28, 35, 42, 48, 55, 62, 70, 95], [0.24, 0.14, 0.38, 0.70, 0.72, 0.50, 0.22, 0.06, 0.015, 0.0])
_UEBER_MEDIAN_EUR = 1338.0


def haushalte(seed: int, stichprobe: Stichprobe) -> pd.DataFrame:
    """Household and income of every adult of the register.

    Returns
    -------
    pandas.DataFrame
        Index of `stichprobe.rahmen`; its columns, and `mit_kindern`, `alleinerziehend`, `erwachsene`, `jugendliche`
        (14 to 17), `kinder` (under 14), `juengstes` (age), `partner`, `lage` (arm, gering, uebrig), `aequivalenz_eur`,
        `haushalt_eur`, `mehr_betreuung`, `ohne_kitaplatz`, `zufriedenheit` (1 to 5).
    """
    rng, f = strom(seed, "haushalte"), stichprobe.rahmen
    n, answered = len(f), f.geantwortet.to_numpy()
    kinder = _angepasst(np.interp(f.alter, *_KINDER), answered, ZIELE["mit_kindern"])
    mit = rng.random(n) < kinder
    # the right share of single parents among the parents who are expected to answer
    allein = _angepasst(np.where(f.weiblich, 0.14, 0.05) * (f.alter > 20), answered * kinder, ZIELE["alleinerziehend"])
    allein = mit & (rng.random(n) < allein)
    table = f.assign(mit_kindern=mit, alleinerziehend=allein)
    table = table.assign(**_zusammensetzung(rng, table), **_einkommen_lage(rng, table))
    table = table.assign(**_einkommen(rng, table))
    table["mehr_betreuung"] = rng.random(n) < ZIELE["mehr_betreuung"]
    ohne_platz = np.where(allein, ZIELE["alleinerziehend_ohne_kitaplatz"], 0.13)
    table["ohne_kitaplatz"] = rng.random(n) < ohne_platz
    table["zufriedenheit"] = _zufriedenheit(rng, mit)
    return table


def _angepasst(chance: np.ndarray, weight: np.ndarray, target: float) -> np.ndarray:
    """Chances shifted on the logit scale until their weighted mean is the target; a chance of 0 stays 0."""
    chance = np.asarray(chance, float)
    odds, low, high = chance / (1 - chance), 1e-6, 1e6
    for _ in range(60):
        middle = (low * high) ** 0.5
        mean = np.average(odds * middle / (1 + odds * middle), weights=weight)
        low, high = (middle, high) if mean < target else (low, middle)
    return odds * low / (1 + odds * low)


def _zusammensetzung(rng, t: pd.DataFrame) -> dict:
    n, mit, allein = len(t), t.mit_kindern.to_numpy(), t.alleinerziehend.to_numpy()
    einzeln = np.interp(t.alter, [18, 25, 40, 60, 75, 90], [0.25, 0.38, 0.27, 0.24, 0.33, 0.55])
    draw = rng.random(n)
    ohne_kinder = np.where(draw < einzeln, 1, np.where(draw < einzeln + 0.15, 3, 2))
    erwachsene = np.where(allein, 1, np.where(mit, np.where(draw < 0.14, 3, 2), ohne_kinder))
    anzahl = waehlen(rng, np.array([0.50, 0.37, 0.10, 0.03]), n) + 1
    alter = np.floor(rng.random((n, 4)) * 18)
    alter[np.arange(4) >= anzahl[:, None]] = 99
    alter[~mit] = 99
    partner = ~allein & (erwachsene > 1) & (rng.random(n) < 0.92)
    return {
        "erwachsene": erwachsene,
        "jugendliche": ((alter >= 14) & (alter < 18)).sum(axis=1),
        "kinder": (alter < 14).sum(axis=1),
        "juengstes": alter.min(axis=1).astype(int),
        "partner": partner,
    }


def _einkommen_lage(rng, t: pd.DataFrame) -> dict:
    """Poor, low or other, so that poverty is the same in all Planungsraeume but those of `ARM_MAL`."""
    chance = np.where(t.alleinerziehend, 0.33, np.where(t.mit_kindern, 0.11, np.where(t.alter < 30, 0.17, 0.11)))
    answered = t.geantwortet.to_numpy()
    members = [(key, np.flatnonzero(t.raum == key)) for key in raumnamen()]
    low, high = 0.05, 0.2
    for _ in range(30):
        level = (low + high) / 2
        arm = np.zeros(len(t))
        for key, here in members:
            arm[here] = _angepasst(chance[here], np.ones(len(here)), level * ARM_MAL.get(key, 1.0))
        low, high = (level, high) if arm[answered].mean() < ZIELE["arm"] else (low, level)
    gering = ZIELE["geringes_einkommen"] / (1 - ZIELE["arm"]) * (1 - arm)
    draw = rng.random(len(t))
    return {"chance_arm": arm, "lage": np.select([draw < arm, draw < arm + gering], ["arm", "gering"], "uebrig")}


def _einkommen(rng, t: pd.DataFrame) -> dict:
    """Equivalised and household income in EUR a month, by the modified OECD scale."""
    u = rng.random(len(t))
    arm, gering = 0.6 * MEDIAN_EUR, 0.85 * MEDIAN_EUR
    other = np.minimum(gering - _UEBER_MEDIAN_EUR * np.log(1 - u), 12_000.0)
    eur = np.select([t.lage == "arm", t.lage == "gering"], [arm * (0.45 + 0.55 * u), arm + (gering - arm) * u], other)
    gewicht = 1 + 0.5 * (t.erwachsene - 1 + t.jugendliche) + 0.3 * t.kinder
    return {"aequivalenz_eur": eur, "haushalt_eur": eur * gewicht.to_numpy()}


def _zufriedenheit(rng, mit: np.ndarray) -> np.ndarray:
    """Satisfaction with life, 1 to 5: the same in all areas, a little higher with children."""
    rows = []
    for wer in ("ohne_kinder", "mit_kindern"):
        gut, schlecht = ZIELE[f"zufrieden_{wer}"], ZIELE[f"unzufrieden_{wer}"]
        rows.append([schlecht * 0.25, schlecht * 0.75, 1 - gut - schlecht, gut * 0.7, gut * 0.3])
    return waehlen(rng, np.array(rows)[mit * 1]) + 1
