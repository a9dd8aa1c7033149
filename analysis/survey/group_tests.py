"""Tests between groups under the design of the sample: t test, rank tests, Wald test of several estimates.

Respondents outside of a domain or without an answer keep their place in the design with an influence of 0. A test that
cannot be made (one group, a group without a sampling error, answers without spread) is refused, not reported as p = 1.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from analysis.errors import InputError
from analysis.survey.design import Design
from analysis.survey.domain import check_group, domain, levels, members, numbers
from analysis.survey.estimates import mean
from analysis.survey.schaetzung import Schaetzung

RANGTESTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "wilcoxon": lambda rang: rang,
    "kruskalwallis": lambda rang: rang,
    "vanderwaerden": stats.norm.ppf,
    "median": lambda rang: (rang > 0.5).astype(float),
}
"""Score of a rank between 0 and 1."""

_KEINE_STREUUNG = 1e-10
"""Standard error relative to the size of the values below which it is rounding and not a sampling error."""


@dataclass(frozen=True)
class Testergebnis:
    """Result of a test of significance.

    Attributes
    ----------
    art
        Name of the test.
    statistik
        Value of t or F.
    freiheitsgrade
        Degrees of freedom: of t one, of F of numerator and denominator.
    p
        Probability of a value at least as far from the null hypothesis, two-sided.
    n
        Respondents counted (unweighted).
    ausgelassen
        Respondents of the domain left out because an answer is missing.
    schaetzung
        What is tested (for t tests one difference).
    """

    art: str
    statistik: float
    freiheitsgrade: tuple[float, ...]
    p: float
    n: int
    ausgelassen: int
    schaetzung: Schaetzung

    def tabelle(self) -> pd.DataFrame:
        """One row: columns `n`, `ausgelassen`, `statistik`, `freiheitsgrade`, `freiheitsgrade_nenner`, `p`."""
        row = {
            "n": self.n,
            "ausgelassen": self.ausgelassen,
            "statistik": self.statistik,
            "freiheitsgrade": self.freiheitsgrade[0],
            "freiheitsgrade_nenner": self.freiheitsgrade[1] if len(self.freiheitsgrade) > 1 else np.nan,
            "p": self.p,
        }
        return pd.DataFrame(row, index=[self.art])

    def _repr_html_(self) -> str:
        return self.tabelle().to_html() + self.schaetzung.tabelle().to_html()


def t_test(
    design: Design,
    y: pd.Series,
    gruppe: pd.Series | None = None,
    bereich: pd.Series | None = None,
    vergleichswert: float = 0.0,
) -> Testergebnis:
    """T test of two groups or of one sample (R `svyttest`).

    Parameters
    ----------
    y
        Numbers.
    gruppe
        Variable with two values: the mean of the second minus the mean of the first is tested. Without it the mean of
        all is tested against `vergleichswert`.

    Returns
    -------
    Testergebnis
        Degrees of freedom: those of the design among the respondents counted, minus 1, as in R.
    """
    if gruppe is None:
        inside = members(design, bereich, y)
        check_group(design, inside, f"t test of {y.name}")
        values = numbers(y)
        estimate = mean(design, pd.Series(values, y.index, name=y.name), pd.Series(inside, y.index))
        shifted = Schaetzung(estimate.wert - vergleichswert, estimate.kovarianz, estimate.freiheitsgrade, estimate.n)
        return _t("t-Test, eine Stichprobe", design, shifted, inside, _lost(design, bereich, inside, y), np.abs(values))
    inside = members(design, bereich, y, gruppe)
    codes, names = _groups(design, gruppe, inside)
    if len(names) != 2:
        raise InputError(f"t test by {gruppe.name}: {len(names)} groups {names}; expected two")
    values = numbers(y)
    means = mean(design, pd.Series(values, name=y.name), pd.Series(codes).where(inside))
    difference = means.kontrast({f"{names[1]} − {names[0]}": {1: 1.0, 0: -1.0}})
    return _t("t-Test", design, difference, inside, _lost(design, bereich, inside, y), np.abs(values))


def paired_t_test(design: Design, y1: pd.Series, y2: pd.Series, bereich: pd.Series | None = None) -> Testergebnis:
    """T test of two variables of the same respondents: mean of `y1 − y2` against 0 (R `svyttest(I(y1 - y2) ~ 0)`)."""
    members(design, bereich, y1, y2)
    difference = pd.Series(numbers(y1) - numbers(y2), y1.index, name=f"{y1.name} − {y2.name}")
    return t_test(design, difference, bereich=bereich)


def rank_test(
    design: Design, y: pd.Series, gruppe: pd.Series, art: str = "wilcoxon", bereich: pd.Series | None = None
) -> Testergebnis:
    """Rank test of two or more groups (R `svyranktest`; Lumley and Scott 2013, Biometrika 100).

    The rank of an answer is the share of the population with a smaller one plus half of the share with the same. R's
    function averages the ranks of equal answers without their weights, so that its result depends on the order of the
    respondents where answers are equal and weights differ; here it does not, otherwise both are the same.

    Parameters
    ----------
    art
        One of `RANGTESTS`; `wilcoxon` and `kruskalwallis` differ in name only.

    Returns
    -------
    Testergebnis
        Two groups: t with the difference of the mean scores (second minus first); more: F.
    """
    if art not in RANGTESTS:
        raise InputError(f"rank test {art!r}; expected one of {', '.join(RANGTESTS)}")
    inside = members(design, bereich, y, gruppe)
    codes, names = _groups(design, gruppe, inside)
    if len(names) < 2:
        raise InputError(f"rank test by {gruppe.name}: one group {names}; expected at least two")
    scores = np.full(len(design), np.nan)
    scores[inside] = RANGTESTS[art](_ranks(numbers(y)[inside], design.gewicht[inside]))
    means = mean(design, pd.Series(scores, name=y.name), pd.Series(codes).where(inside))
    differences = means.kontrast({f"{name} − {names[0]}": {k: 1.0, 0: -1.0} for k, name in enumerate(names) if k})
    lost = _lost(design, bereich, inside, y)
    if len(names) == 2:
        return _t(f"Rangtest ({art})", design, differences, inside, lost, np.abs(scores))
    df = design.freiheitsgrade(inside) - (len(names) - 1)
    tested = Schaetzung(differences.wert, differences.kovarianz, np.full(len(names) - 1, df), differences.n)
    return _wald(f"Rangtest ({art})", tested, df, int(inside.sum()), lost)


def wald_test(
    schaetzung: Schaetzung, namen: Sequence | None = None, nullwert: float | Sequence[float] = 0.0
) -> Testergebnis:
    """Wald test that several estimates have given values at once (R `regTermTest(method = "Wald")`).

    Parameters
    ----------
    schaetzung
        Coefficients of a model, contrasts, means.
    namen
        Names of the estimates tested; without it all.

    Returns
    -------
    Testergebnis
        F with as many degrees of freedom as estimates, and in the denominator their smallest.
    """
    if namen is not None:
        if not len(namen):
            raise InputError("Wald test: no estimate named; expected at least one")
        schaetzung = schaetzung.kontrast({name: {name: 1.0} for name in namen})
    shifted = Schaetzung(
        schaetzung.wert - np.asarray(nullwert, float), schaetzung.kovarianz, schaetzung.freiheitsgrade, schaetzung.n
    )
    return _wald("Wald-Test", shifted, float(np.min(schaetzung.freiheitsgrade)), int(np.max(schaetzung.n)), 0)


def _t(name: str, design: Design, estimate: Schaetzung, inside, lost: int, sizes: np.ndarray) -> Testergebnis:
    df = design.freiheitsgrade(inside) - 1
    if df < 1:
        raise InputError(f"{name}: {df} degrees of freedom ({inside.sum()} respondents); expected at least one")
    se = float(estimate.se.iloc[0])
    if not se > _KEINE_STREUUNG * np.max(sizes[inside], initial=0.0):
        raise InputError(
            f"{name} of {estimate.wert.index[0]}: no sampling error (all answers equal, or fixed by the calibration)"
        )
    tested = Schaetzung(estimate.wert, estimate.kovarianz, np.array([df]), estimate.n)
    t = float(estimate.wert.iloc[0]) / se
    return Testergebnis(name, t, (float(df),), float(2 * stats.t.sf(abs(t), df)), int(inside.sum()), lost, tested)


def _wald(name: str, estimate: Schaetzung, df: float, n: int, lost: int) -> Testergebnis:
    size = len(estimate.wert)
    if not df >= 1:
        raise InputError(f"{name}: {df:g} degrees of freedom for {size} estimates; expected at least one")
    f = quadratic_form(estimate.wert.to_numpy(), estimate.kovarianz) / size
    if np.isnan(f):
        raise InputError(
            f"{name} of {', '.join(map(str, estimate.wert.index))}: their covariance has no inverse (no sampling "
            "error, or one follows from the others)"
        )
    return Testergebnis(name, f, (float(size), float(df)), float(stats.f.sf(f, size, df)), n, lost, estimate)


def quadratic_form(wert: np.ndarray, kovarianz: np.ndarray) -> float:
    """Estimates times the inverse of their covariance times estimates; NaN where there is no inverse."""
    se = np.sqrt(np.diag(kovarianz))
    if not (se > 0).all():
        return np.nan
    correlation, scaled = kovarianz / np.outer(se, se), wert / se
    if np.linalg.cond(correlation) > 1e12:
        return np.nan
    return float(scaled @ np.linalg.solve(correlation, scaled))


def _groups(design: Design, gruppe: pd.Series, inside: np.ndarray) -> tuple[np.ndarray, list]:
    codes, names = levels(gruppe, inside)
    for k, name in enumerate(names):
        check_group(design, codes == k, f"{gruppe.name}, group {name!r}")
    return codes, names


def _ranks(y: np.ndarray, gewicht: np.ndarray) -> np.ndarray:
    """Share of the population below plus half of the share with the same value."""
    which = np.unique(y, return_inverse=True)[1].ravel()
    weight = np.bincount(which, gewicht)
    return ((np.cumsum(weight) - weight / 2) / weight.sum())[which]


def _lost(design: Design, bereich: pd.Series | None, inside: np.ndarray, y: pd.Series) -> int:
    return int(domain(design, bereich, y.index).sum() - inside.sum())
