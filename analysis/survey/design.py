"""The design of a sample: weights, strata, clusters, population sizes; the variance of a total under it.

Everything that is estimated has a linearised form: an influence per respondent whose weighted total has the variance of
the estimate. `Design.kovarianz` is that variance (Taylor linearisation, as R `survey::svyrecvar`), so that no other
module needs to know how the sample was drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.errors import InputError

EINZELN = ("fehler", "weglassen", "anpassen", "mitteln")
"""What a stratum with one unit does: refuse; add nothing; its distance from the mean of all; the mean of the others.

In R `survey`: `fail`, `remove` (and `certainty`), `adjust`, `average`.
"""

_VOLLZAEHLUNG = 1e-7
"""Share not drawn below which a stratum was drawn whole."""


@dataclass(frozen=True)
class Stufe:
    """A stage of sampling.

    Attributes
    ----------
    einheit, schicht
        Code (0, 1, …) of unit and stratum per respondent; a unit lies in one stratum, strata in one unit above.
    umfang
        Units of the stratum in the population, per stratum; infinite where not known.
    """

    einheit: np.ndarray
    schicht: np.ndarray
    umfang: np.ndarray

    @cached_property
    def schicht_der_einheit(self) -> np.ndarray:
        """Stratum per unit."""
        result = np.empty(self.einheit.max() + 1, int)
        result[self.einheit] = self.schicht
        return result

    @cached_property
    def gezogen(self) -> np.ndarray:
        """Units drawn per stratum."""
        return np.bincount(self.schicht_der_einheit, minlength=len(self.umfang))

    @property
    def einzeln(self) -> np.ndarray:
        """Whether a stratum has one unit and was not drawn whole."""
        return (self.gezogen == 1) & (self.nicht_gezogen >= _VOLLZAEHLUNG)

    @property
    def nicht_gezogen(self) -> np.ndarray:
        """Share of the population's units that was not drawn, per stratum."""
        return 1 - self.gezogen / self.umfang

    @cached_property
    def _reihenfolge(self) -> tuple[np.ndarray, np.ndarray]:
        order = np.argsort(self.einheit, kind="stable")
        return order, np.searchsorted(self.einheit[order], np.arange(self.einheit.max() + 1))

    def summen(self, x: np.ndarray) -> np.ndarray:
        """Sums per unit, of columns."""
        if len(self.schicht_der_einheit) == len(x):  # each respondent a unit
            result = np.empty_like(x)
            result[self.einheit] = x
            return result
        order, starts = self._reihenfolge
        return np.add.reduceat(x[order], starts)


@dataclass(frozen=True)
class Kalibrierung:
    """What calibrated weights explain of a variable: its variance is that of the residuals (GREG rule).

    Attributes
    ----------
    basis
        Orthonormal columns that span the calibration variables times the root of the weights before.
    faktor
        New weight divided by the root of the weight before, per respondent.
    """

    basis: np.ndarray
    faktor: np.ndarray

    def residuen(self, x: np.ndarray) -> np.ndarray:
        """Weighted influences without what the calibration variables explain."""
        scaled = x / self.faktor[:, None]
        return (scaled - self.basis @ (self.basis.T @ scaled)) * self.faktor[:, None]


@dataclass(frozen=True)
class Design:
    """How the respondents came into the sample.

    Attributes
    ----------
    gewicht
        Weight per respondent, more than 0.
    stufen
        Stages from the first; further ones count only where population sizes are known.
    einzeln
        One of `EINZELN`.
    kalibrierung
        Calibrations of the weights in their order; empty if weights are taken as fixed.
    """

    gewicht: np.ndarray
    stufen: tuple[Stufe, ...]
    einzeln: str = "fehler"
    kalibrierung: tuple[Kalibrierung, ...] = ()

    def __len__(self) -> int:
        return len(self.gewicht)

    @property
    def gewichte(self) -> np.ndarray:
        """Weights as one column, as estimators take them."""
        return self.gewicht[:, None]

    def kovarianz(self, einfluss: np.ndarray) -> np.ndarray:
        """Covariance matrix of the weighted totals of influences.

        Parameters
        ----------
        einfluss
            One row per respondent, one column per estimate; 0 outside its domain.

        Returns
        -------
        numpy.ndarray
            Columns × columns; equals R `survey::svyrecvar`.
        """
        return _stages(self, einfluss, lambda t: t.T @ t)

    def varianz(self, einfluss: np.ndarray) -> np.ndarray:
        """Variances alone: the diagonal of `kovarianz`, without the memory of the matrix."""
        return _stages(self, einfluss, lambda t: np.einsum("ij,ij->j", t, t))

    def stufenfaktoren(self) -> list[tuple[Stufe, np.ndarray, np.ndarray]]:
        """Stages with two values per stratum: factor of the squared distances of its unit totals, and their centre.

        The distances are taken from the mean of the stratum (True), or from 0, the mean of all (False).
        """
        found, share, above = [], np.ones(1), np.zeros(len(self), int)
        for stage in self.stufen:
            found.append((stage, *_factors(stage, share, above, self.einzeln)))
            share = (share[above] * (stage.gezogen / stage.umfang)[stage.schicht])[_first(stage.einheit)]
            above = stage.einheit
        return found

    def freiheitsgrade(self, bereich: np.ndarray | None = None) -> int:
        """Units of the first stage minus its strata, among the respondents of a domain (R `degf`)."""
        first = self.stufen[0]
        inside = slice(None) if bereich is None else np.asarray(bereich, bool)
        return len(np.unique(first.einheit[inside])) - len(np.unique(first.schicht[inside]))

    def mit_gewicht(self, gewicht: np.ndarray, kalibrierung: Kalibrierung | None = None) -> "Design":
        """Same sample with other weights; with a calibration they are its result, else they are taken as fixed."""
        steps = (*self.kalibrierung, kalibrierung) if kalibrierung is not None else ()
        return replace(self, gewicht=np.asarray(gewicht, float), kalibrierung=steps)


def design(
    daten: pd.DataFrame,
    gewicht: str | None = None,
    *,
    schicht: str | Sequence[str] = (),
    einheit: str | Sequence[str] = (),
    umfang: str | Sequence[str] = (),
    einzeln: str = "fehler",
) -> Design:
    """Design of a sample from columns of its data; R `survey::svydesign(nest = TRUE)`.

    Parameters
    ----------
    daten
        One row per respondent.
    gewicht
        Column of the design weight; without it the share drawn that `umfang` gives, else 1.
    schicht, einheit
        Columns of stratum and cluster per stage, the first stage first. Without clusters every respondent is a unit.
        For figures about persons in a survey of households the household is the unit.
    umfang
        Columns of the number of units in the population of the stratum per stage (finite population correction).
    einzeln
        Treatment of a stratum with one unit, one of `EINZELN`.

    Raises
    ------
    InputError
        A value is missing, a weight is not above 0, more units drawn than exist, a stratum with one unit where
        `einzeln` is `fehler`.
    """
    if einzeln not in EINZELN:
        raise InputError(f"design: einzeln={einzeln!r}; expected one of {', '.join(EINZELN)}")
    if daten.empty:
        raise InputError("design: no respondents")
    strata, units, sizes = (_columns(daten, names) for names in (schicht, einheit, umfang))
    stages = max(len(units), 1)
    if len(strata) > stages or len(sizes) > stages:
        raise InputError(f"design: {stages} stages of units, but {max(len(strata), len(sizes))} of strata or sizes")
    if stages > 1 and len(sizes) not in (0, stages):
        raise InputError(f"design: {len(sizes)} columns of population sizes for {stages} stages; expected all or none")
    built, above = [], np.zeros(len(daten), int)
    for k in range(stages):
        stratum = _codes(above, strata[k]) if k < len(strata) else _codes(above)
        unit = _codes(stratum, units[k]) if units else np.arange(len(daten))
        built.append(Stufe(unit, stratum, _sizes(sizes[k], stratum) if k < len(sizes) else _unknown(stratum)))
        _check_stage(built[-1], strata[k] if k < len(strata) else None, sizes[k] if k < len(sizes) else None)
        above = unit
    weights = _weights(daten, gewicht, built)
    return checked(Design(weights, tuple(built if sizes else built[:1]), einzeln))


def checked(design: Design) -> Design:
    """The design itself, if its strata allow a variance."""
    above = np.zeros(len(design), int)
    for k, stage in enumerate(design.stufen, start=1):
        lonely, parent = stage.einzeln, above[_first(stage.schicht)]
        above = stage.einheit
        no_mean = lonely.any() and (np.bincount(parent, lonely) == np.bincount(parent)).any()
        if (design.einzeln == "fehler" and lonely.any()) or (design.einzeln == "mitteln" and no_mean):
            place = int(np.flatnonzero(stage.schicht == np.flatnonzero(lonely)[0])[0]) + 1
            raise InputError(
                f"design, stage {k}: {lonely.sum()} of {len(lonely)} strata have one unit (first: respondent {place}); "
                f"join strata, or choose another treatment (einzeln: {', '.join(_possible(no_mean))})"
            )
    if len(design.stufen[0].schicht_der_einheit) < 2:
        raise InputError("design: one unit only; expected at least two")
    return design


def _possible(no_mean: bool) -> list[str]:
    """Treatments of strata with one unit; a mean of the others only where there are others."""
    return [rule for rule in EINZELN[1:] if rule != "mitteln" or not no_mean]


def _columns(daten: pd.DataFrame, names: str | Sequence[str]) -> list[pd.Series]:
    names = [names] if isinstance(names, str) else list(names)
    for name in names:
        if name not in daten:
            raise InputError(f"design: there is no column {name!r}")
        if daten[name].isna().any():
            place = int(np.flatnonzero(daten[name].isna())[0]) + 1
            raise InputError(f"design, column {name}, respondent {place}: empty; expected a value for everybody")
    return [daten[name] for name in names]


def _codes(above: np.ndarray, values: pd.Series | None = None) -> np.ndarray:
    """Codes 0, 1, … of the pairs of a code above and a value."""
    if values is None:
        return pd.factorize(above, sort=True)[0]
    inner = pd.factorize(values, sort=True)[0]
    return pd.factorize(above * (inner.max() + 1) + inner, sort=True)[0]


def _sizes(values: pd.Series, stratum: np.ndarray) -> np.ndarray:
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(float)
    result = np.empty(stratum.max() + 1)
    result[stratum] = numbers
    differs = ~(result[stratum] == numbers)
    if differs.any():
        place = int(np.flatnonzero(differs)[0])
        raise InputError(
            f"design, column {values.name}, respondent {place + 1}: {values.iloc[place]!r}; expected one number "
            "per stratum"
        )
    return result


def _unknown(stratum: np.ndarray) -> np.ndarray:
    return np.full(stratum.max() + 1, np.inf)


def _check_stage(stage: Stufe, strata: pd.Series | None, sizes: pd.Series | None) -> None:
    too_many = stage.gezogen > stage.umfang
    if too_many.any():
        h = int(np.flatnonzero(too_many)[0])
        name = f" {strata.iloc[np.flatnonzero(stage.schicht == h)[0]]!r}" if strata is not None else ""
        raise InputError(
            f"design, column {sizes.name}, stratum{name}: {stage.gezogen[h]} units drawn of {stage.umfang[h]:g} in the "
            "population"
        )


def _weights(daten: pd.DataFrame, name: str | None, stages: list[Stufe]) -> np.ndarray:
    if name is None:
        shares = [s.umfang[s.schicht] / s.gezogen[s.schicht] for s in stages if np.isfinite(s.umfang).all()]
        return np.prod(shares, axis=0) if shares else np.ones(len(daten))
    (column,) = _columns(daten, name)
    weights = pd.to_numeric(column, errors="coerce").to_numpy(float)
    wrong = ~(weights > 0) | np.isinf(weights)
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        raise InputError(
            f"design, column {name}, respondent {place + 1}: {column.iloc[place]!r}; expected a weight above 0 "
            f"({wrong.sum()} of {len(weights)} are not)"
        )
    return weights


def _stages(design: Design, einfluss: np.ndarray, square) -> np.ndarray:
    """Sum of the variances of all stages; `square` makes matrix or diagonal of unit totals."""
    x = np.asarray(einfluss, float) * design.gewichte
    for step in design.kalibrierung:
        x = step.residuen(x)
    total = 0.0
    for stage, scale, centred in design.stufenfaktoren():
        totals, stratum = stage.summen(x), stage.schicht_der_einheit
        means = _sums(totals, stratum, len(scale)) / stage.gezogen[:, None]
        means[~centred] = 0.0
        total = total + square((totals - means[stratum]) * np.sqrt(scale)[stratum, None])
    return total


def _factors(stage: Stufe, share, above, einzeln: str) -> tuple[np.ndarray, np.ndarray]:
    """Factor and centring per stratum; `share` drawn in the unit above and `above`, the unit above per respondent."""
    n = stage.gezogen
    scale = np.where(n > 1, n / np.maximum(n - 1, 1), 1.0) * np.maximum(stage.nicht_gezogen, 0.0)
    parent = above[_first(stage.schicht)]
    scale = np.where(stage.nicht_gezogen < _VOLLZAEHLUNG, 0.0, scale) * share[parent]
    if einzeln == "mitteln" and stage.einzeln.any():
        strata, lonely = np.bincount(parent), np.bincount(parent, stage.einzeln)
        with np.errstate(divide="ignore"):
            factor = (strata / (strata - lonely))[parent]
        scale = np.where(stage.einzeln, np.where(np.isinf(factor), np.nan, 0.0), scale * factor)
    return scale, (n > 1) | (einzeln != "anpassen")


def _first(codes: np.ndarray) -> np.ndarray:
    """First respondent of each code."""
    return np.unique(codes, return_index=True)[1]


def _sums(x: np.ndarray, codes: np.ndarray, length: int) -> np.ndarray:
    """Sums of rows with the same code."""
    order = np.argsort(codes, kind="stable")
    return np.add.reduceat(x[order], np.searchsorted(codes[order], np.arange(length)))
