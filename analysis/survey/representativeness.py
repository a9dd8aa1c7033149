"""Do those who answered resemble the population: shares beside its margins, coverage, tests of the contrast."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from analysis.errors import InputError


def compare(merkmal: pd.Series, rand: pd.Series, gewichte: Mapping[str, Sequence[float]] | None = None) -> pd.DataFrame:
    """Shares of the respondents beside those of the population, per category of a margin.

    Parameters
    ----------
    merkmal
        Category of each respondent; NA is left out and counted in the row NA.
    rand
        Persons of the population per category (from the register).
    gewichte
        Weights per respondent by name (as `entwurf`, `kalibriert`).

    Returns
    -------
    pandas.DataFrame
        Index: categories of the margin in its order, and NA last where a respondent has none. `n`, `N`, `anteil_rand`,
        `anteil_ungewichtet`, `differenz_ungewichtet`, and a pair `anteil_…`, `differenz_…` per weight: shares (0..1) of
        those with a category. A category that nobody has keeps its row with n = 0.

    Raises
    ------
    InputError
        A category of a respondent is not in the margin, a margin is no number or below 0 or stands twice, a weight is
        missing or not above 0.
    """
    margin = _margin(merkmal, rand)
    codes = _codes(merkmal, margin.index)
    n = np.bincount(codes[codes >= 0], minlength=len(margin))
    table = pd.DataFrame({"n": n, "N": margin, "anteil_rand": margin / margin.sum()}, index=margin.index)
    for name, values in {"ungewichtet": np.ones(len(merkmal)), **(gewichte or {})}.items():
        weights = np.asarray(values, float)
        if len(weights) != len(merkmal) or not (weights > 0).all() or np.isinf(weights).any():
            raise InputError(f"weights {name}: expected a number above 0 for each of {len(merkmal)} respondents")
        sums = np.bincount(codes[codes >= 0], weights[codes >= 0], minlength=len(margin))
        table[f"anteil_{name}"] = sums / sums.sum() if sums.sum() > 0 else np.nan
        table[f"differenz_{name}"] = table[f"anteil_{name}"] - table.anteil_rand
    if (codes < 0).any():
        table.loc[np.nan, ["n"]] = int((codes < 0).sum())
    return table.astype({"n": int})


def dissimilarity(tabelle: pd.DataFrame) -> pd.Series:
    """Index of dissimilarity per weight: the share of respondents who would have to change the category (Duncan).

    Half the sum of the absolute differences of shares; 0 if equal, 1 if disjoint.

    Parameters
    ----------
    tabelle
        Result of `compare`.
    """
    columns = [c for c in tabelle if c.startswith("differenz_")]
    index = 0.5 * tabelle[columns].abs().sum(min_count=1)
    return index.rename(lambda name: name.removeprefix("differenz_")).rename("dissimilaritaet")


def coverage(tabelle: pd.DataFrame, mindestens: int = 1) -> pd.Series:
    """Categories of a margin with respondents: their number, and the share of the population that they cover.

    Returns
    -------
    pandas.Series
        `kategorien`, `besetzt` (with at least `mindestens` respondents), `anteil_abgedeckt`, `ohne_angabe` (respondents
        without category).
    """
    known = tabelle[tabelle.index.notna()]
    filled = known.n >= mindestens
    return pd.Series({
        "kategorien": len(known),
        "besetzt": int(filled.sum()),
        "anteil_abgedeckt": float(known.anteil_rand[filled].sum()),
        "ohne_angabe": int(tabelle.n[tabelle.index.isna()].sum()),
    })  # fmt: skip


def goodness_of_fit(tabelle: pd.DataFrame) -> pd.Series:
    """Chi-square test whether the unweighted respondents could be a random draw from the population of the margin.

    Only for a sample drawn with equal chances: with strata of unequal chances the drawn themselves differ from the
    population (then `homogeneity` of the response, or weights).

    Returns
    -------
    pandas.Series
        `statistik`, `freiheitsgrade`, `p`, `effekt` (Cohen's w), `erwartet_min` (smallest expected count; below 5 the
        approximation is poor). NaN with fewer than two categories. Equals R `chisq.test(n, p = N, rescale.p = TRUE)`.
    """
    known = tabelle[tabelle.index.notna()]
    known = known[known.anteil_rand > 0]
    total, df = known.n.sum(), len(known) - 1
    names = ["statistik", "freiheitsgrade", "p", "effekt", "erwartet_min"]
    if df < 1 or total == 0:
        return pd.Series([np.nan, df, np.nan, np.nan, np.nan], names)
    expected = known.anteil_rand * total
    statistic = float(((known.n - expected) ** 2 / expected).sum())
    p = stats.chi2.sf(statistic, df)
    return pd.Series([statistic, df, p, np.sqrt(statistic / total), expected.min()], names)


def homogeneity(antwort: pd.DataFrame) -> pd.Series:
    """Chi-square test whether all groups answered with the same chance.

    Parameters
    ----------
    antwort
        Result of `response.response_by`.

    Returns
    -------
    pandas.Series
        As of `goodness_of_fit`. Equals R `chisq.test(cbind(answered, not), correct = FALSE)`; groups without a letter
        that arrived are left out.
    """
    arrived = (antwort.n_gezogen - antwort.n_unzustellbar).to_numpy(float)
    answered = antwort.n_geantwortet.to_numpy(float)[arrived > 0]
    arrived = arrived[arrived > 0]
    names = ["statistik", "freiheitsgrade", "p", "effekt", "erwartet_min"]
    df = len(arrived) - 1
    rate = answered.sum() / arrived.sum() if len(arrived) else 0.0
    if df < 1 or rate in (0.0, 1.0):
        return pd.Series([np.nan, df, np.nan, np.nan, np.nan], names)
    statistic = float(((answered - rate * arrived) ** 2 / (arrived * rate * (1 - rate))).sum())
    smallest = arrived.min() * min(rate, 1 - rate)
    return pd.Series([statistic, df, stats.chi2.sf(statistic, df), np.sqrt(statistic / arrived.sum()), smallest], names)


def _margin(merkmal: pd.Series, rand: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(rand, errors="coerce").astype(float)
    if rand.index.has_duplicates or rand.index.isna().any():
        raise InputError(f"margin of {merkmal.name}: a category stands twice or has no name")
    wrong = ~(numbers >= 0) | np.isinf(numbers)
    if wrong.any() or not numbers.sum() > 0:
        place = f", category {rand.index[wrong][0]!r}: {str(rand[wrong].iloc[0])!r}" if wrong.any() else ": nobody"
        raise InputError(f"margin of {merkmal.name}{place}; expected numbers of persons")
    return pd.Series(numbers.to_numpy(), pd.Index(rand.index.astype(object), name=rand.index.name))


def _codes(merkmal: pd.Series, categories: pd.Index) -> np.ndarray:
    values = merkmal.astype(object)
    codes = categories.get_indexer(values)
    strange = (codes < 0) & values.notna().to_numpy()
    if strange.any():
        raise InputError(
            f"margin of {merkmal.name}: {str(values.iloc[int(np.flatnonzero(strange)[0])])!r} of a respondent is no "
            f"category of the margin ({', '.join(map(str, categories[:10]))})"
        )
    return codes
