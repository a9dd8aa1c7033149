"""Signs of reliability: what a reader must not be shown (`/`) and what must carry a warning (`( )`)."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.survey.cell_suppression import MINDESTENS, hidden_cells

OHNE_WERT, UNSICHER, GEHEIM = "/", "( )", "."
"""Signs: no value because too unsure; value of limited reliability; no value because it would tell about persons."""

FIGUREN = ("n_zelle", "anteil", "mittelwert", "se", "unten", "oben", "n_effektiv", "gewichtet")
"""Columns that are empty where there is no value."""


@dataclass(frozen=True)
class Grenzen:
    """Limits of the signs.

    Attributes
    ----------
    ohne_wert
        Respondents of the base (unweighted) below which there is no value (`/`).
    unsicher
        Respondents of the base below which the value is of limited reliability (`( )`).
    fehler
        Relative standard error above which it is, too.
    effektiv
        Effective respondents (Kish) of the base below which there is no value: some weigh so much that all others
        hardly count.
    """

    ohne_wert: int = 20
    unsicher: int = 50
    fehler: float = 0.15
    effektiv: float = 10

    def __post_init__(self):
        if not (0 <= self.ohne_wert <= self.unsicher and self.fehler > 0):
            raise InputError(f"limits of reliability: {self}; expected 0 <= ohne_wert <= unsicher and fehler above 0")


GRENZEN = Grenzen()
"""Limits where nothing else is said."""


def signs(tabelle: pd.DataFrame, grenzen: Grenzen = GRENZEN) -> pd.Series:
    """Sign of reliability of each row of `tabulate`: `/`, `( )` or empty.

    The relative standard error of a share p is that of the smaller of p and 1 - p, so that a share and its complement
    have the same sign; that of a large share itself would call 97 % sure and its 3 % unsure. Where nobody or everybody
    has the property, or all gave one number, the error is 0 and says nothing: `( )`. A mean of a scale has no natural
    zero, so its error has no relation to it: only its base counts. What the calibration has fixed needs no sign but
    that of its base. Without degrees of freedom there is no error: `/`.
    """
    share, counted = (tabelle.kennzahl == "anteil").to_numpy(), (tabelle.typ == "zahl").to_numpy()
    p, se = tabelle.anteil.to_numpy(float), tabelle.se.to_numpy(float)
    size = np.where(share, np.minimum(p, 1 - p), np.abs(tabelle.mittelwert.to_numpy(float)))
    with np.errstate(invalid="ignore", divide="ignore"):
        relative = se / size
    unsure = (relative > grenzen.fehler) & (share | counted)
    unsure |= (se == 0) | (counted & (size == 0))
    unsure &= ~tabelle.fest.to_numpy(bool)
    n = tabelle.n.to_numpy()
    none = (n < grenzen.ohne_wert) | ~(tabelle.n_effektiv.to_numpy() >= grenzen.effektiv)
    none |= np.isnan(se) | ~(tabelle.freiheitsgrade.to_numpy() > 0)
    return pd.Series(
        np.where(none, OHNE_WERT, np.where(unsure | (n < grenzen.unsicher), UNSICHER, "")),
        tabelle.index,
        name="zeichen",
    )


def publishable(
    tabelle: pd.DataFrame,
    grenzen: Grenzen = GRENZEN,
    mindestens: int = MINDESTENS,
    auch: Iterable[tuple[str, str]] = (),
) -> pd.DataFrame:
    """Table that can be shown: figures that must not be seen are not in it.

    Disclosure and reliability are two rules: what `cell_suppression.hidden_cells` names is hidden for the persons'
    sake (sign `.`, reason `geheim`); of the rest, what is too unsure has no value either (`/`, `unsicher`).

    Parameters
    ----------
    auch
        Area and item of which nothing may be shown because of other tables (`group_suppression.linked`).

    Returns
    -------
    pandas.DataFrame
        `tabelle` with the columns `zeichen` and `grund` (as `analysis.observations.GRUENDE`; empty where there is a
        value); its figures but the base are NA where there is none; where nothing of an item and area may be seen,
        the base is NA, too.
    """
    if "grund" in tabelle:
        raise InputError("the table has signs already; expected what tabulate returns")
    zeichen = signs(tabelle, grenzen).to_numpy(object)
    secret = hidden_cells(tabelle, mindestens).to_numpy()
    if auch := list(auch):
        secret = secret | pd.MultiIndex.from_frame(tabelle[["raum", "merkmal"]].astype(object)).isin(auch)
    zeichen[secret] = GEHEIM
    grund = np.where(secret, "geheim", np.where(zeichen == OHNE_WERT, "unsicher", ""))
    result = tabelle.astype(dict.fromkeys(("gefragt", "n", "n_zelle"), "Int64"))
    for name in FIGUREN:
        result[name] = result[name].mask(grund != "")
    block = [tabelle.raum.astype(object), tabelle.merkmal.astype(object)]
    nothing = pd.Series(secret, tabelle.index).groupby(block).transform("all")
    for name in ("gefragt", "n"):
        result[name] = result[name].mask(nothing)
    return result.assign(zeichen=pd.Categorical(zeichen, [OHNE_WERT, UNSICHER, GEHEIM, ""]), grund=grund)
