"""Weighted linear, logistic and Poisson regression with the sampling errors of the design (R `svyglm`).

The coefficients are the ones that the whole population would have; their errors come from the influence of each
respondent, so that strata, clusters, population sizes and calibration count as they do for a mean.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import linalg, optimize, special, stats

from analysis.errors import InputError
from analysis.survey.design import Design
from analysis.survey.domain import check_group, domain, members, numbers
from analysis.survey.group_tests import Testergebnis, wald_test
from analysis.survey.model_matrix import Spalten, check_columns, check_rank, read
from analysis.survey.schaetzung import NIVEAU, Schaetzung

_SCHRITTE = 60
_GENAU = 1e-8
"""Change of the linear predictor after which one more step is exact (the steps converge quadratically)."""

_GRENZE = 12.0
"""Size of the linear predictor (a share of 6e-6) from which the answers are looked at for separation."""

_UEBERLAUF = 300.0
"""Size of the linear predictor of a model that has run away."""


@dataclass(frozen=True)
class Art:
    """Kind of regression: expected answer and its variance (= its slope) for a linear predictor."""

    name: str
    erwartung: Callable[[np.ndarray], np.ndarray]
    steigung: Callable[[np.ndarray], np.ndarray]
    start: Callable[[np.ndarray], np.ndarray]


LINEAR = Art("linear", lambda eta: eta, np.ones_like, lambda y: y)
LOGISTISCH = Art(
    "logistisch",
    special.expit,
    lambda eta: special.expit(eta) * special.expit(-eta),
    lambda y: special.logit((y + 0.5) / 2),
)
POISSON = Art("poisson", np.exp, np.exp, lambda y: np.log(y + 0.1))


@dataclass(frozen=True)
class Modell:
    """A fitted regression.

    Attributes
    ----------
    koeffizienten
        Coefficients with their covariance; degrees of freedom: those of the design + 1 − coefficients, as in R. A
        level is named `variable[level]`, a product `a:b`.
    n, ausgelassen
        Respondents counted, and those of the domain left out because an answer is missing.
    einfluss
        Influence of each respondent on the coefficients, respondents × coefficients.
    x
        Variables as `model_matrix.read` returns them.
    """

    art: Art
    antwort: str
    koeffizienten: Schaetzung
    n: int
    ausgelassen: int
    spalten: Spalten
    design: Design
    bereich: np.ndarray
    einfluss: np.ndarray
    x: pd.DataFrame

    def tabelle(self, niveau: float = NIVEAU) -> pd.DataFrame:
        """Columns `wert`, `se`, `t`, `freiheitsgrade`, `p`, `unten`, `oben`; R `summary` and `confint`."""
        b = self.koeffizienten
        t = b.wert / b.se
        df = np.where(b.freiheitsgrade > 0, b.freiheitsgrade, np.nan)
        frame = pd.DataFrame({"wert": b.wert, "se": b.se, "t": t, "freiheitsgrade": df})
        return frame.assign(p=2 * stats.t.sf(np.abs(t), df)).join(b.intervall(niveau))

    def verhaeltnisse(self, niveau: float = NIVEAU) -> pd.DataFrame:
        """Odds ratios of a logistic, rate ratios of a Poisson regression: `exp` of coefficient and interval."""
        if self.art is LINEAR:
            raise InputError("a linear regression has no odds ratios; its coefficients are differences")
        return np.exp(self.tabelle(niveau)[["wert", "unten", "oben"]].iloc[1:])

    def term_test(self, term: str) -> Testergebnis:
        """Wald test that all coefficients of a variable or product (`a:b`) are 0 (R `regTermTest`)."""
        terms = self.spalten.terme
        if term not in terms:
            raise InputError(f"regression of {self.antwort}: there is no term {term!r} among {', '.join(terms)}")
        return wald_test(self.koeffizienten, terms[term])

    def _repr_html_(self) -> str:
        reference = ", ".join(f"{name}: {found[0]}" for name, found in self.spalten.stufen.items() if found)
        head = f"{self.antwort}, {self.art.name}: n = {self.n}, ohne Angabe {self.ausgelassen}"
        frame = self.tabelle()
        frame.columns.name = f"{head}{'; Bezug ' * bool(reference)}{reference}"
        return frame.to_html()


def linear(
    design: Design,
    y: pd.Series,
    x: pd.DataFrame,
    bereich: pd.Series | None = None,
    bezug: Mapping[str, object] | None = None,
    wechselwirkungen: Sequence[Sequence[str]] = (),
) -> Modell:
    """Weighted linear regression (R `svyglm`, family `gaussian`).

    Parameters
    ----------
    y
        Numbers; who has no answer here or to a variable of `x` is left out and counted.
    x
        Columns: variables. Numbers stay numbers (also codes: name a reference if they mean levels).
    bereich
        True inside of the domain.
    bezug
        Variable → reference level, needed for texts and categories.
    wechselwirkungen
        Groups of variables of `x` to multiply; a number twice is its square.

    Raises
    ------
    InputError
        Text for a number, answers all equal, a level that nobody or one respondent only has, columns that follow from
        each other, respondents that a coefficient fits alone.
    """
    return _fit(LINEAR, design, y, x, bereich, bezug, wechselwirkungen)


def logistic(
    design: Design,
    y: pd.Series,
    x: pd.DataFrame,
    bereich: pd.Series | None = None,
    bezug: Mapping[str, object] | None = None,
    wechselwirkungen: Sequence[Sequence[str]] = (),
) -> Modell:
    """Weighted logistic regression (R `svyglm`, family `quasibinomial`, `epsilon = 1e-14`).

    Parameters and errors as `linear`; `y` is true or false (1 or 0). A model that separates the answers (some
    combination of variables tells them without exception) has no finite coefficients and is refused.
    """
    return _fit(LOGISTISCH, design, y, x, bereich, bezug, wechselwirkungen)


def poisson(
    design: Design,
    y: pd.Series,
    x: pd.DataFrame,
    bereich: pd.Series | None = None,
    bezug: Mapping[str, object] | None = None,
    wechselwirkungen: Sequence[Sequence[str]] = (),
) -> Modell:
    """Weighted Poisson regression of counts (R `svyglm`, family `quasipoisson`); parameters and errors as `linear`."""
    return _fit(POISSON, design, y, x, bereich, bezug, wechselwirkungen)


def _fit(art: Art, design: Design, y, x: pd.DataFrame, bereich, bezug, wechselwirkungen) -> Modell:
    if not isinstance(x, pd.DataFrame) or x.columns.has_duplicates or x.empty:
        raise InputError("regression: expected a table with at least one variable, each once")
    inside = members(design, bereich, y, *(x[name] for name in x))
    columns, variables = read(design, x, inside, bezug or {}, wechselwirkungen)
    answers, matrix = numbers(y)[inside], columns.matrix(variables[inside])
    _check_answers(art, answers, y.name)
    check_group(design, inside, f"regression of {y.name}")
    check_rank(matrix, columns.namen)
    check_columns(design, inside, matrix, columns.namen)
    weights = design.gewicht[inside] / design.gewicht[inside].mean()
    beta, eta = _solve(art, answers, matrix, weights, columns.namen)
    root = np.sqrt(weights * art.steigung(eta))[:, None] * matrix
    q, r = linalg.qr(root, mode="economic")
    _check_leverage(q, inside)
    score = (answers - art.erwartung(eta))[:, None] * matrix
    above = linalg.solve_triangular(r, score.T, trans="T")
    influence = np.zeros((len(design), len(beta)))
    influence[inside] = linalg.solve_triangular(r, above).T / design.gewicht[inside].mean()
    cov = design.kovarianz(influence)
    _check_error(cov, beta, influence[inside], design.gewicht[inside], columns.namen)
    n = int(inside.sum())
    df = np.full(len(beta), design.freiheitsgrade(inside) + 1 - len(beta))
    estimate = Schaetzung(pd.Series(beta, columns.namen, name="wert"), cov, df, np.full(len(beta), n))
    lost = int(domain(design, bereich, y.index).sum() - n)
    return Modell(art, str(y.name), estimate, n, lost, columns, design, inside, influence, variables)


def _check_answers(art: Art, y: np.ndarray, name: str) -> None:
    if art is LOGISTISCH and not np.isin(y, (0, 1)).all():
        raise InputError(f"logistic regression of {name}: {y[~np.isin(y, (0, 1))][0]:g}; expected 0 or 1")
    if art is POISSON and (y < 0).any():
        raise InputError(f"Poisson regression of {name}: {y[y < 0][0]:g}; expected counts from 0")
    if (y == y[0]).all():
        raise InputError(f"regression of {name}: all {len(y)} answers are {y[0]:g}; nothing to explain")


def _solve(art: Art, y, matrix, weights, names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and linear predictor by iteratively reweighted least squares."""
    eta, last, beta = art.start(y), art is LINEAR, None
    for _ in range(_SCHRITTE):
        slope = art.steigung(eta)
        root = np.sqrt(weights * slope)
        q, r = linalg.qr(root[:, None] * matrix, mode="economic")
        found = linalg.solve_triangular(r, q.T @ (root * (eta + (y - art.erwartung(eta)) / slope)))
        change, eta = np.abs(matrix @ found - eta).max(), matrix @ found
        if last:
            beta = found
            break
        if not np.abs(eta).max() < _UEBERLAUF:
            break
        last = change < _GENAU * max(1.0, np.abs(eta).max())
    doubtful = eta.min() < -_GRENZE or (art is LOGISTISCH and eta.max() > _GRENZE)
    if art is not LINEAR and (beta is None or doubtful):
        _check_separation(art, y, matrix, names)
    if beta is None:
        raise InputError(
            f"regression, {art.name}: no convergence after {_SCHRITTE} steps; fewer or rescaled variables may help"
        )
    return beta, eta


def _check_separation(art: Art, y: np.ndarray, matrix: np.ndarray, names: Sequence[str]) -> None:
    separating = _separating(art, y, matrix, names)
    if separating:
        raise InputError(
            f"regression, {art.name}: {', '.join(separating[:5])}{' …' * (len(separating) > 5)} tell some answers "
            "without exception (separation), the coefficients have no finite value; join levels or leave a variable out"
        )


def _separating(art: Art, y: np.ndarray, matrix: np.ndarray, names: Sequence[str]) -> list[str]:
    """Columns of a combination that never contradicts the answers (Konis 2007: a linear programme)."""
    if art is LOGISTISCH:
        signed, equal = matrix * (2 * y - 1)[:, None], np.zeros((0, matrix.shape[1]))
    else:  # Poisson: the combination is 0 for all who have a count, and not above 0 for the others
        signed, equal = -matrix[y == 0], matrix[y > 0]
    signed, equal = np.unique(signed, axis=0), np.unique(equal, axis=0)
    size = np.abs(matrix).max(axis=0)
    found = optimize.linprog(
        -(signed / size).sum(axis=0),
        A_ub=-signed / size,
        b_ub=np.zeros(len(signed)),
        A_eq=equal / size,
        b_eq=np.zeros(len(equal)),
        bounds=(-1, 1),
    )
    if not found.success or -found.fun < 1e-6:
        return []
    return [name for name, factor in zip(names, found.x, strict=True) if abs(factor) > 1e-7]


def _check_leverage(q: np.ndarray, inside: np.ndarray) -> None:
    """Refuse a coefficient that one respondent alone determines: its residual is 0 and so would be its error."""
    alone = (q**2).sum(axis=1) > 1 - 1e-9
    if alone.any():
        place = int(np.flatnonzero(inside)[np.argmax(alone)]) + 1
        raise InputError(
            f"regression: respondent {place} alone determines a coefficient ({alone.sum()} such), the sampling error "
            "is not known; join levels or leave a variable out"
        )


def _check_error(cov: np.ndarray, beta, influence, weights, names: Sequence[str]) -> None:
    """Refuse coefficients without sampling error: answers that a variable repeats or that calibration fixed."""
    se = np.sqrt(np.maximum(np.diag(cov), 0))
    scale = np.abs(beta) + np.sqrt(((influence * weights[:, None]) ** 2).sum(axis=0))
    none = se <= 1e-10 * scale
    if none.any():
        raise InputError(
            f"regression: {names[int(np.argmax(none))]} has no sampling error (a variable repeats the answer, or "
            "calibration fixed it)"
        )
