"""Replicate weights: the variance of any estimate from how it varies over sets of weights.

For what has no linearised form, and for surveys that are delivered with replicate weights. Jackknife and bootstrap draw
whole units of the first stage; a calibration of the design is not repeated in the replicates (as in R `as.svrepdesign`;
`recalibrated` repeats it).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.survey.design import Design
from analysis.survey.estimates import domains
from analysis.survey.schaetzung import Schaetzung

_VOLLZAEHLUNG = 1e-7
"""Share not drawn below which a stratum was drawn whole."""

_BLOCK = 256
"""Replicates whose weights are spread over all respondents at once."""


@dataclass(frozen=True)
class Replikate:
    """Sets of weights and how the estimates under them become a variance.

    Attributes
    ----------
    gewicht
        Full weight per respondent.
    faktoren
        Units × replicates: what the weight is multiplied with.
    einheit
        Unit (row of `faktoren`) per respondent.
    skala, rskalen
        Factor of the sum of squares, and of the square of each replicate.
    mse
        Squares of the distance to the estimate under the full weight instead of that to the mean over replicates.
    freiheitsgrade
        Of the whole sample.
    design
        Design that the replicates were drawn from; None for given ones.
    """

    gewicht: np.ndarray
    faktoren: np.ndarray
    einheit: np.ndarray
    skala: float
    rskalen: np.ndarray
    mse: bool
    freiheitsgrade: int
    design: Design | None = None

    def __len__(self) -> int:
        return len(self.gewicht)

    @property
    def anzahl(self) -> int:
        """Number of replicates."""
        return self.faktoren.shape[1]

    def gewichte(self, von: int = 0, bis: int | None = None) -> np.ndarray:
        """Replicate weights, respondents × replicates."""
        return self.gewicht[:, None] * self.faktoren[self.einheit, von:bis]

    def grade(self, bereich: np.ndarray) -> int:
        """Degrees of freedom of a domain: units minus strata in it, of given replicates as R `degf(subset())`."""
        if self.design is not None:
            return min(self.freiheitsgrade, self.design.freiheitsgrade(bereich))
        inside = np.unique(self.einheit[bereich])
        return min(self.freiheitsgrade, _rank(self.faktoren[inside]) - 1) if len(inside) else -1


def jackknife(design: Design, mse: bool = False) -> Replikate:
    """Jackknife: one unit of the first stage left out at a time (R `as.svrepdesign(type = "JK1"` or `"JKn")`).

    Without strata JK1, with strata JKn; the finite population correction of the first stage is used. A stratum with one
    unit is treated as the design says (`einzeln`); strata drawn whole have no part in the variance (under `mitteln` R
    enlarges it for them too). Degrees of freedom as R `degf`.

    Parameters
    ----------
    mse
        As in `Replikate`.
    """
    first = design.stufen[0]
    stratum, drawn = first.schicht_der_einheit, first.gezogen
    whole = (first.nicht_gezogen < _VOLLZAEHLUNG)[stratum]  # no sampling error
    lonely = (drawn == 1)[stratum] & ~whole
    strata = len(drawn)
    df = int((drawn - 1)[first.nicht_gezogen >= _VOLLZAEHLUNG].sum())
    grown = np.where(drawn > 1, drawn / np.maximum(drawn - 1, 1), 1.0)
    factors = np.where(stratum[:, None] == stratum, grown[stratum], 1.0)
    np.fill_diagonal(factors, 0.0)
    scales = (first.nicht_gezogen * (drawn - 1) / drawn)[stratum]
    kept, scale = ~whole & ~lonely, 1.0
    if not (kept.any() or lonely.any()):
        raise InputError("jackknife: every stratum was drawn whole; there is no sampling error")
    if lonely.any() and design.einzeln == "anpassen" and strata > 1:
        factors[:, lonely] = np.where(stratum[:, None] == stratum[lonely], 0.0, strata / (strata - 1))
        scales[lonely] = (strata - 1) / strata
        kept, df = kept | lonely, df + int(lonely.sum())
    if not kept.any():
        raise InputError("jackknife: every stratum has one unit")
    if design.einzeln == "mitteln":
        scale = (~whole).sum() / kept.sum()
    return Replikate(design.gewicht, factors[:, kept], first.einheit, scale, scales[kept], mse, df, design)


def bootstrap(design: Design, anzahl: int, seed: int, mse: bool = False) -> Replikate:
    """Bootstrap of Rao and Wu (1988): n - 1 of the n units of each stratum, with replacement, weights enlarged.

    As R `as.svrepdesign(type = "subbootstrap")`; finite population corrections are not used, so that variances are
    somewhat too large where much of a stratum was drawn.

    Parameters
    ----------
    anzahl
        Replicates; 200 for standard errors, 1,000 and more for quantiles.
    seed
        Start of the random numbers; the same seed gives the same replicates.

    Raises
    ------
    InputError
        Fewer than two replicates, a stratum with one unit.
    """
    if not isinstance(anzahl, int | np.integer) or anzahl < 2:
        raise InputError(f"bootstrap: {anzahl!r} replicates; expected a whole number, at least 2")
    first = design.stufen[0]
    stratum, drawn = first.schicht_der_einheit, first.gezogen
    if (drawn == 1).any():
        raise InputError(f"bootstrap: {(drawn == 1).sum()} strata have one unit; join strata")
    generator = np.random.default_rng(seed)
    factors = np.empty((len(stratum), anzahl))
    for h, n in enumerate(drawn):
        times = generator.multinomial(n - 1, np.full(n, 1 / n), size=anzahl).T
        factors[stratum == h] = times * (n / (n - 1))
    df = _rank(factors) - 1
    scale = 1 / (anzahl - 1)
    return Replikate(design.gewicht, factors, first.einheit, scale, np.ones(anzahl), mse, df, design)


def given(
    gewicht: np.ndarray,
    replikate: np.ndarray | pd.DataFrame,
    *,
    skala: float,
    rskalen: np.ndarray | None = None,
    kombiniert: bool = True,
    mse: bool = False,
    freiheitsgrade: int | None = None,
) -> Replikate:
    """Replicate weights that somebody else made (R `svrepdesign(type = "other")`).

    Parameters
    ----------
    replikate
        Respondents × replicates.
    kombiniert
        Whether these are weights; else factors of the full weight (R `combined.weights`).
    freiheitsgrade
        Without it rank of the replicate weights minus 1 (R `degf`).

    Raises
    ------
    InputError
        A number is missing, a full weight not above 0, lengths differ.
    """
    weights = _numbers(gewicht)
    factors = _numbers(replikate) if np.ndim(replikate) == 2 else np.empty(0)
    rscales = np.ones(factors.shape[-1]) if rskalen is None else np.asarray(rskalen, float)
    if factors.ndim != 2 or weights.ndim != 1 or len(factors) != len(weights) or len(rscales) != factors.shape[1]:
        raise InputError(
            f"replicates: weights {weights.shape}, replicates {factors.shape}, scales {rscales.shape}; expected "
            "respondents, respondents × replicates, replicates"
        )
    if not ((weights > 0) & np.isfinite(weights)).all():
        raise InputError(f"replicates: {(~(weights > 0)).sum()} full weights are not above 0")
    if not np.isfinite(factors).all() or not (np.isfinite(rscales) & (rscales >= 0)).all() or not skala > 0:
        raise InputError("replicates: expected numbers in all replicates, and scales above 0")
    if kombiniert:
        factors = factors / weights[:, None]
    df = _rank(factors * weights[:, None]) - 1 if freiheitsgrade is None else freiheitsgrade
    return Replikate(weights, factors, np.arange(len(weights)), float(skala), rscales, mse, df)


def recalibrated(replikate: Replikate, kalibrieren: Callable[[np.ndarray], np.ndarray]) -> Replikate:
    """Replicates that are calibrated each like the whole sample (R `calibrate` of a replicate design).

    Parameters
    ----------
    kalibrieren
        Weights of all respondents (0 for those left out) → calibrated ones; called for the full weight and each
        replicate.
    """
    full = kalibrieren(replikate.gewicht)
    weights = np.column_stack([kalibrieren(w) for w in replikate.gewichte().T])
    factors = weights / full[:, None]
    return replace(replikate, gewicht=full, faktoren=factors, einheit=np.arange(len(full)))


def estimate(
    replikate: Replikate,
    theta: Callable[[np.ndarray], np.ndarray],
    index: pd.Index,
    inside: np.ndarray | None = None,
    *,
    ohne_wert: str = "nan",
) -> Schaetzung:
    """Estimates of any kind with their covariance over the replicates (R `withReplicates`).

    Parameters
    ----------
    theta
        Weights, respondents × R → estimates, R × k; every column of weights is one set.
    index
        Names of the k estimates.
    inside
        Respondents × k: the base of each estimate, for n and degrees of freedom; without it everybody.
    ohne_wert
        Where a replicate has no value (a domain that it leaves nobody of): `nan` makes the variance of this estimate
        unknown; `weglassen` leaves out the replicate for all estimates, as R does, which makes the variance too small.

    Raises
    ------
    InputError
        `theta` returns another shape; no replicate has values.
    """
    if ohne_wert not in ("nan", "weglassen"):
        raise InputError(f"replicates: ohne_wert={ohne_wert!r}; expected nan or weglassen")
    index = pd.Index(index)
    wert = _called(theta, replikate.gewicht[:, None], len(index))[0]
    starts = range(0, replikate.anzahl, _BLOCK)
    values = np.vstack([_called(theta, replikate.gewichte(i, i + _BLOCK), len(index)) for i in starts])
    rscales = replikate.rskalen
    if ohne_wert == "weglassen":
        whole = np.isfinite(values).all(axis=1)
        if not whole.any():
            raise InputError("replicates: none has values for all estimates")
        values, rscales = values[whole], rscales[whole]
    centre = wert if replikate.mse else values[rscales > 0].mean(axis=0)
    distances = (values - centre) * np.sqrt(rscales)[:, None]
    # an estimate without a value must not make the covariances of others unknown
    known = np.isfinite(distances).all(axis=0)
    covariance = np.full((len(index), len(index)), np.nan)
    covariance[np.ix_(known, known)] = replikate.skala * distances[:, known].T @ distances[:, known]
    inside = np.ones((len(replikate), len(index)), bool) if inside is None else np.asarray(inside, bool)
    patterns, which = np.unique(inside, axis=1, return_inverse=True)
    df = np.array([replikate.grade(column) for column in patterns.T])[which.ravel()]
    covariance[df < 1, :] = np.nan
    covariance[:, df < 1] = np.nan
    return Schaetzung(pd.Series(wert, index, name="wert"), covariance, df, inside.sum(axis=0))


def mean(replikate: Replikate, y: pd.DataFrame | pd.Series, bereich: pd.Series | None = None, **optionen) -> Schaetzung:
    """Weighted means; arguments as in `analysis.survey.estimates.mean`, `optionen` as in `estimate`."""
    values, inside, index = domains(replikate, y, bereich)
    return estimate(replikate, _quotient(values, inside.astype(float)), index, inside, **optionen)


def total(
    replikate: Replikate, y: pd.DataFrame | pd.Series, bereich: pd.Series | None = None, **optionen
) -> Schaetzung:
    """Weighted totals; arguments as in `analysis.survey.estimates.total`, `optionen` as in `estimate`."""
    values, inside, index = domains(replikate, y, bereich)
    return estimate(replikate, lambda w: w.T @ values, index, inside, **optionen)


def ratio(
    replikate: Replikate, zaehler: pd.Series, nenner: pd.Series, bereich: pd.Series | None = None, **optionen
) -> Schaetzung:
    """Ratio of totals; arguments as in `analysis.survey.estimates.ratio`, `optionen` as in `estimate`."""
    both = zaehler.notna() & nenner.notna()
    top, inside, index = domains(replikate, zaehler.where(both), bereich)
    bottom, _, _ = domains(replikate, nenner.where(both), bereich)
    return estimate(replikate, _quotient(top, bottom), index, inside, **optionen)


def _quotient(top: np.ndarray, bottom: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    def theta(weights: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore", divide="ignore"):
            return (weights.T @ top) / (weights.T @ bottom)

    return theta


def _called(theta, weights: np.ndarray, length: int) -> np.ndarray:
    values = np.asarray(theta(weights), float)
    if values.shape != (weights.shape[1], length):
        raise InputError(
            f"replicates: the estimator gave {values.shape} for {weights.shape[1]} sets of weights; expected "
            f"{(weights.shape[1], length)}"
        )
    return values


def _numbers(values) -> np.ndarray:
    """Numbers; NaN where there is none."""
    frame = pd.DataFrame(values)
    numbers = frame.apply(pd.to_numeric, errors="coerce").astype("Float64").to_numpy(float, na_value=np.nan)
    return numbers[:, 0] if np.ndim(values) == 1 else numbers


def _rank(weights: np.ndarray) -> int:
    """Rank of columns, with the tolerance of R `qr(tol = 1e-5)`; by the smaller matrix of products, which is quick."""
    length = np.sqrt(np.einsum("ij,ij->j", weights, weights))
    scaled = weights[:, length > 0] / length[length > 0]
    if not scaled.size:
        return 0
    sizes = np.linalg.eigvalsh(scaled.T @ scaled if scaled.shape[0] > scaled.shape[1] else scaled @ scaled.T)
    return int((sizes > 1e-10 * sizes[-1]).sum())
