"""From brackets of the household's income to an equivalised income of each respondent.

A bracket does not say where in it the income lies. Official practice draws a point of the bracket at random
(`gleichverteilt`, the default here); the other methods show how much a result depends on that choice. The open top
bracket has the robust Pareto midpoint of von Hippel, Scarpino and Holas (2016, Sociological Methodology 46, 212-251).

A standard error of a survey says nothing about this choice: it takes the incomes as known, the Pareto midpoint too
(which the Gini coefficient and S80/S20 depend on, poverty rates do not).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.answers import reasons
from analysis.codebook import Code, Codebuch, as_code
from analysis.errors import InputError
from analysis.survey import haushalt
from analysis.survey.intervallregression import Intervallmodell, fit

METHODEN = ("gleichverteilt", "klassenmitte", "intervallregression", "intervallregression_mittel")
"""Random point of the bracket; its middle; random point or expectation of a log-normal regression within it."""

SEED = 1
"""Seed of the random points where nothing else is said."""

ALPHA = (1.0, np.inf)
"""Bounds of the Pareto exponent of the top bracket; 1 is the lower bound of the authors' own program `rpme`."""

OHNE_ANGABE = "ohne_angabe"
"""Reason of a missing income where nothing more is known."""

Klassen = Mapping[Code, tuple[float | None, float | None]]


@dataclass(frozen=True)
class Einkommen:
    """Incomes of the respondents.

    Attributes
    ----------
    aequivalent
        Equivalised income per respondent (household's income / need), in the unit of the brackets; NaN without.
    haushalt
        Income of the household; NaN without bracket.
    grund
        Why there is no equivalised income, per respondent; "" where there is one.
    methode
        One of `METHODEN`.
    pareto
        Exponent and midpoint of the open top bracket; None where the method has none.
    modell
        The interval regression; None for other methods.
    """

    aequivalent: pd.Series
    haushalt: pd.Series
    grund: pd.Series
    methode: str
    pareto: tuple[float, float] | None = None
    modell: Intervallmodell | None = None

    @property
    def ohne(self) -> dict[str, int]:
        """Respondents without an equivalised income by reason."""
        counts = self.grund[self.grund != ""].value_counts()
        return {str(reason): int(number) for reason, number in counts.sort_index().items()}


def aus_befragung(
    daten: pd.DataFrame,
    codebuch: Codebuch,
    frage: str,
    personen: Sequence[str],
    *,
    leer_ist_null: bool = False,
    **optionen,
) -> tuple[Einkommen, pd.DataFrame]:
    """Incomes and households of a survey: bounds and reasons of missing answers from its codebook.

    Parameters
    ----------
    frage
        Question with the income brackets of the household.
    personen
        Columns with the number of adults, Jugendliche (14 to 17) and children (under 14) in the household.
    leer_ist_null
        As in `analysis.survey.haushalt.haushalte`.
    optionen
        As in `aequivalenzeinkommen`.

    Returns
    -------
    tuple
        `Einkommen` and the table of `haushalte`.
    """
    question = codebuch.frage(frage)
    if question.typ != "klasse" or len(question.items) != 1:
        raise InputError(f"question {frage} is of the type {question.typ}; expected klasse with one variable")
    if len(personen) != 3:
        raise InputError(f"{len(personen)} columns of persons; expected adults, Jugendliche, children")
    column = question.items[0].spalte
    why = reasons(daten, codebuch, [column, *personen])
    answers = {name: daten[name].mask(why[name] != "") for name in why}
    households = haushalt.haushalte(*(answers[name] for name in personen), leer_ist_null=leer_ist_null)
    incomes = aequivalenzeinkommen(answers[column], question.klassen, households, grund=why[column], **optionen)
    return incomes, households


def aequivalenzeinkommen(
    klasse: pd.Series,
    klassen: Klassen,
    haushalte: pd.DataFrame,
    *,
    methode: str = "gleichverteilt",
    seed: int = SEED,
    schluessel: pd.Series | None = None,
    gewicht: np.ndarray | None = None,
    grund: pd.Series | None = None,
    kovariablen: pd.DataFrame | None = None,
    alpha: tuple[float, float] = ALPHA,
) -> Einkommen:
    """Equivalised income of each respondent from the bracket of the household's income.

    Parameters
    ----------
    klasse
        Code of the bracket; NA without an answer.
    klassen
        Code → lower bound (included) and upper bound (excluded); None: open. Open below counts from 0.
    haushalte
        Table of `analysis.survey.haushalt.haushalte`, same rows.
    methode
        One of `METHODEN`.
    seed, schluessel
        The random point of a respondent depends on the seed and the respondent's key alone (without keys: on the
        index), never on the order of the rows. Persons of one household that share a key share the point.
    gewicht
        Weights for the share of the top bracket and the regression; 1 without.
    grund
        Reason of a missing answer per respondent; else `ohne_angabe`.
    kovariablen
        Further variables of the regression beside the persons of the household: numbers, or texts as categories;
        needed of everybody with an income.
    alpha
        Bounds of the Pareto exponent.

    Raises
    ------
    InputError
        A code has no bounds, lengths differ, the method is unknown, the regression cannot be fitted.
    """
    if methode not in METHODEN:
        raise InputError(f"income: there is no method {methode!r}; expected one of {', '.join(METHODEN)}")
    if len(klasse) != len(haushalte):
        raise InputError(f"{len(klasse)} brackets for {len(haushalte)} households")
    keys = klasse.index if schluessel is None else schluessel
    if len(keys) != len(klasse) or pd.isna(keys).any():
        raise InputError(f"{pd.notna(keys).sum()} keys for {len(klasse)} incomes; expected one for each respondent")
    low, high = _bounds(klasse, klassen)
    answered, need = ~np.isnan(low), haushalte.bedarf.to_numpy(float, na_value=np.nan)
    weights = np.ones(len(low)) if gewicht is None else np.asarray(gewicht, float)
    if len(weights) != len(low):
        raise InputError(f"{len(weights)} weights for {len(low)} incomes")
    if not (weights >= 0).all():
        raise InputError("income: a weight is empty or negative; expected weights of 0 and more")
    income, pareto, model = np.full(len(low), np.nan), None, None
    if methode in ("gleichverteilt", "klassenmitte"):
        if np.isinf(high[answered]).any():
            pareto = pareto_mitte(low[answered], high[answered], weights[answered], alpha)
        share = random_shares(keys, seed) if methode == "gleichverteilt" else 0.5
        with np.errstate(invalid="ignore"):
            income = np.where(np.isinf(high), pareto[1] if pareto else np.nan, low + share * (high - low))
    else:
        known = answered & ~np.isnan(need)
        table = _explaining(haushalte, kovariablen, known)
        model = fit(table, low[known], high[known], weights[known])
        if methode == "intervallregression":
            share = random_shares(keys, seed)
            income[known] = model.ziehung(table, low[known], high[known], share[known])
        else:
            income[known] = model.erwartung(table, low[known], high[known])
    why = _reasons(answered, grund, haushalte.grund)
    return Einkommen(
        pd.Series(income / need, klasse.index, name="aequivalenzeinkommen").where(why.to_numpy() == ""),
        pd.Series(income, klasse.index, name="haushaltseinkommen"),
        why.set_axis(klasse.index),
        methode,
        pareto,
        model,
    )


def random_shares(keys: pd.Series | pd.Index, seed: int) -> np.ndarray:
    """Random number between 0 and 1 of each key: the same for the same key and seed, whatever stands around it."""
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer):
        raise InputError(f"seed {seed!r}; expected a whole number")
    texts = pd.Series(keys).astype(str).to_numpy(object)
    hashed = pd.util.hash_array(texts, hash_key=f"{int(seed) % 10**16:016d}", categorize=False)
    return ((hashed >> np.uint64(11)).astype(float) + 0.5) * 2.0**-53


def pareto_mitte(
    unten: np.ndarray, oben: np.ndarray, gewicht: np.ndarray, alpha: tuple[float, float] = ALPHA
) -> tuple[float, float]:
    """Exponent and midpoint of the open top bracket: the harmonic mean of a Pareto distribution above its bound.

    The exponent makes the distribution fit the shares of the top bracket and of the next one below that has answers:
    log((n₁ + n₂) / n₂) / log(l₂ / l₁), within the bounds `alpha`; the midpoint is l₂ (1 + 1 / alpha). The harmonic mean
    stays finite where the arithmetic mean does not (von Hippel, Scarpino and Holas 2016).
    """
    if not 0 < alpha[0] <= alpha[1]:
        raise InputError(f"bounds of the Pareto exponent {alpha}; expected above 0 and in their order")
    top = np.isinf(oben)
    bound = unten[top].max()
    if not bound > 0:
        raise InputError(f"open top bracket from {bound:g}; expected a lower bound above 0")
    below = unten[~top]
    next_bound = below.max() if len(below) else 0.0
    people, next_people = gewicht[top].sum(), gewicht[~top][below == next_bound].sum()
    exponent = np.log1p(next_people / people) / np.log(bound / next_bound) if next_bound > 0 and people > 0 else 0.0
    exponent = float(np.clip(exponent, *alpha))
    return exponent, float(bound * (1 + 1 / exponent))


def _bounds(klasse: pd.Series, klassen: Klassen) -> tuple[np.ndarray, np.ndarray]:
    """Bounds of each respondent's bracket: 0 where open below, infinite where open above, NaN without an answer."""
    known = {as_code(code): (low or 0.0, np.inf if high is None else high) for code, (low, high) in klassen.items()}
    place, codes = pd.factorize(klasse)
    for code in codes:
        if as_code(code) not in known:
            expected = ", ".join(map(str, known))
            raise InputError(f"income bracket {str(code)[:60]!r} has no bounds; expected one of {expected}")
    table = np.array([known[as_code(code)] for code in codes] + [(np.nan, np.nan)], float)
    return table[place, 0], table[place, 1]


def _reasons(answered: np.ndarray, grund: pd.Series | None, of_household: pd.Series) -> pd.Series:
    given = np.full(len(answered), "", object) if grund is None else grund.fillna("").to_numpy(object)
    if len(given) != len(answered):
        raise InputError(f"{len(given)} reasons for {len(answered)} incomes")
    missing = np.where(given == "", OHNE_ANGABE, given)
    return pd.Series(np.where(answered, of_household.to_numpy(object), missing), dtype=object, name="grund")


def _explaining(haushalte: pd.DataFrame, kovariablen: pd.DataFrame | None, known: np.ndarray) -> pd.DataFrame:
    """Variables of the regression of those with an income."""
    table = haushalte.loc[:, ["erwachsene", "jugendliche", "kinder"]].astype(float).reset_index(drop=True)
    if kovariablen is not None:
        if len(kovariablen) != len(table):
            raise InputError(f"{len(kovariablen)} rows of explaining variables for {len(table)} incomes")
        for name, column in kovariablen.items():
            values = column.reset_index(drop=True)
            empty = values.isna() & known
            if empty.any():
                raise InputError(f"income, {name}, respondent {int(empty.idxmax()) + 1}: empty; expected a value")
            if pd.api.types.is_numeric_dtype(values):
                table[str(name)] = haushalt.numbers(f"income, {name}", values)
            else:
                levels = pd.get_dummies(values.astype(str), prefix=str(name), drop_first=True, dtype=float)
                table = pd.concat([table, levels], axis=1)
    return table[known]
