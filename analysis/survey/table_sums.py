"""Shares and means of a whole questionnaire, overall and by area, with their variances, from sums over cells.

A share is a ratio of weighted sums. Its Taylor variance is a quadratic form in sums of weights over (unit, area, value)
and (stratum, area, value), so that no influence per respondent and estimate is made: what `Design.varianz` gives for
23,250 estimates one by one comes from a few counts. Calibrated weights add sums of two short vectors per respondent.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from analysis.survey.design import Design

_RUNDUNG = 1e-12
"""Part of the terms of a variance below which what is left of them is rounding: such a variance is 0."""

_ZELLEN = 4_000_000
"""Most cells of a table of sums that is held at once."""


@dataclass(frozen=True)
class Spalten:
    """What is estimated: a share per value, and the mean of the items whose values are numbers.

    Attributes
    ----------
    erster
        Place of the first value per item; the values of an item lie side by side, each item has at least one.
    zahl
        Number per value; NaN for all values of an item that has no mean.
    """

    erster: np.ndarray
    zahl: np.ndarray

    @property
    def enden(self) -> np.ndarray:
        """Where the values of an item begin, and the last ones end."""
        return np.array([*self.erster, len(self.zahl)])

    @property
    def mit_mittel(self) -> np.ndarray:
        """Items that have a mean."""
        return np.flatnonzero(~np.isnan(self.zahl[self.erster]))

    @property
    def item(self) -> np.ndarray:
        """Item per estimate: of all shares, then of the means."""
        return np.append(np.repeat(np.arange(len(self.erster)), np.diff(self.enden)), self.mit_mittel)

    def teil(self, von: int, bis: int) -> "Spalten":
        """The items from `von` to before `bis`."""
        first, last = self.enden[von], self.enden[bis]
        return Spalten(self.erster[von:bis] - first, self.zahl[first:last])

    def grundlage(self, sums: np.ndarray) -> np.ndarray:
        """Sums over the values of each item, from sums per value (axis 1)."""
        return np.add.reduceat(sums, self.erster, axis=1)

    def mit_zahlen(self, sums: np.ndarray, potenz: int = 1) -> np.ndarray:
        """Sums per estimate: of the values, and of their numbers for means (axis 1)."""
        means = self.mit_mittel
        if not len(means):
            return sums
        shape = (1, -1) + (1,) * (sums.ndim - 2)
        weighted = self.grundlage(sums * (np.nan_to_num(self.zahl) ** potenz).reshape(shape))
        return np.concatenate([sums, weighted[:, means]], axis=1)


@dataclass(frozen=True)
class Tabelle:
    """Estimates, areas (the last row: all respondents) × shares of all values, then means.

    Attributes
    ----------
    wert, varianz
        Estimate and its variance; NaN where nobody answered, the variance also without degrees of freedom.
    n_zelle, gewicht
        Respondents with the value and the sum of their weights, areas × values.
    n, freiheitsgrade, n_effektiv
        Respondents with a valid answer, degrees of freedom, effective size by Kish, areas × items.
    """

    wert: np.ndarray
    varianz: np.ndarray
    n_zelle: np.ndarray
    gewicht: np.ndarray
    n: np.ndarray
    freiheitsgrade: np.ndarray
    n_effektiv: np.ndarray


@dataclass(frozen=True)
class _Ebene:
    """Units or strata of a stage crossed with areas.

    Attributes
    ----------
    zelle
        Cell per respondent.
    raum, gruppe
        Area and unit (or stratum) per cell; areas ascend.
    faktor
        Factor of the square of a sum, per unit (or stratum).
    """

    zelle: np.ndarray
    raum: np.ndarray
    gruppe: np.ndarray
    faktor: np.ndarray


def table_of(design: Design, platz: np.ndarray, spalten: Spalten, raum: np.ndarray, raeume: int) -> Tabelle:
    """Estimates of all values and means in the areas 0, 1, … and overall.

    With r the weighted influences u without what all calibrations explain, r = u - A c and c = C'u, the variance of a
    stage is Σ f (Σ u)² - 2 c · Σ u a + c'Γc over its units, minus the same over its strata: the variance of
    `Design.varianz` (R `survey::svyrecvar`), multiplied out.

    Parameters
    ----------
    platz
        Respondents × items: place of the answer among the values of its item, -1 without valid answer.
    raum
        Area per respondent; `raeume` where it belongs to none.
    """
    stages = design.stufenfaktoren()
    strata = [_level(s.schicht, raum, -np.where(c, f / s.gezogen, 0.0)) for s, f, c in stages]
    order = np.argsort(strata[0].zelle, kind="stable")  # sums of an area lie side by side
    alone = [len(s.schicht_der_einheit) == len(design) for s, *_ in stages]
    units = [None if one else _level(s.einheit, raum, f[s.schicht_der_einheit])
             for (s, f, _), one in zip(stages, alone, strict=True)]  # fmt: skip
    own = sum(f[s.schicht] for (s, f, _), one in zip(stages, alone, strict=True) if one)
    weight = design.gewicht
    counted = np.column_stack([np.ones_like(weight), weight, weight**2, own * weight**2])
    greg = _calibration(design, stages)
    rows = max([raeume + 2, *(len(level.raum) for level in (*strata, *filter(None, units)))])
    pieces = []
    for von, bis in _pieces(spalten, rows):
        part = spalten.teil(von, bis)
        here = platz[order, von:bis]
        without = here < 0
        here += part.erster.astype(here.dtype)
        here[without] = len(part.zahl)

        def sums(zelle, cells, x, here=here, part=part):
            return _sums(zelle[order], cells, here, len(part.zahl), x[order])

        pieces.append(_piece(part, sums, raum, raeume, strata, units, counted, weight, greg))
    return _joined(pieces, spalten)


def _pieces(spalten: Spalten, rows: int) -> list[tuple[int, int]]:
    """Ranges of items whose tables are small enough."""
    found, start, ends = [], 0, spalten.enden
    while start < len(spalten.erster):
        stop = int(np.searchsorted(ends, ends[start] + _ZELLEN // rows, side="right")) - 1
        found.append((start, max(stop, start + 1)))
        start = found[-1][1]
    return found


def _piece(spalten: Spalten, sums, raum, raeume: int, strata, units, counted, weight, greg) -> Tabelle:
    first = strata[0]
    cells = sums(first.zelle, len(first.raum), counted)
    by_area = _all(_grouped(cells, first.raum, raeume + 1))
    count, total, squared, own = np.moveaxis(by_area, 2, 0)
    below = spalten.grundlage(total)
    kish = spalten.grundlage(squared)
    quadratic = [spalten.mit_zahlen(own, 2), spalten.mit_zahlen(own), spalten.grundlage(own)]
    answered = spalten.grundlage(count)
    df = answered
    for k, level in enumerate(units):
        if level is not None:
            table = sums(level.zelle, len(level.raum), weight[:, None])[..., 0]
            found, there = _squares(level, table, spalten, raeume)
            quadratic = [a + b for a, b in zip(quadratic, found, strict=True)]
            df = there if k == 0 else df
    terms = quadratic
    for k, level in enumerate(strata):
        table = cells[..., 1] if k == 0 else sums(level.zelle, len(level.raum), weight[:, None])[..., 0]
        found, there = _squares(level, table, spalten, raeume)
        quadratic = [a + b for a, b in zip(quadratic, found, strict=True)]
        df = df - there if k == 0 else df
    with np.errstate(invalid="ignore", divide="ignore"):
        base = below[:, spalten.item]
        value = spalten.mit_zahlen(total) / base
        variance, size = (_form(q, value, spalten.item) / base**2 for q in (quadratic, terms))
        if greg is not None:
            vectors = _all(sums(raum, raeume + 1, greg.vektoren * weight[:, None]))
            variance += _explained(spalten, vectors, value, base, greg)
        variance = np.where(variance < _RUNDUNG * size, 0.0, variance)
        variance = np.where(df[:, spalten.item] < 1, np.nan, variance)
        result = (value, variance, count, total, answered, df, below**2 / kish)
    return Tabelle(*(np.delete(table, raeume, axis=0) for table in result))


def _form(quadratic: list[np.ndarray], value: np.ndarray, item: np.ndarray) -> np.ndarray:
    """Σ (y - value · base)² from Σ y², Σ y · base and Σ base²."""
    return quadratic[0] - 2 * value * quadratic[1] + value**2 * quadratic[2][:, item]


def _joined(pieces: list[Tabelle], spalten: Spalten) -> Tabelle:
    """Tables of all items from those of ranges of items: all shares first, then the means."""

    def joined(name: str) -> np.ndarray:
        return np.concatenate([getattr(piece, name) for piece in pieces], axis=1)

    widths = [piece.n_zelle.shape[1] for piece in pieces]
    two = {
        name: np.concatenate(
            [getattr(p, name)[:, :w] for p, w in zip(pieces, widths, strict=True)]
            + [getattr(p, name)[:, w:] for p, w in zip(pieces, widths, strict=True)],
            axis=1,
        )
        for name in ("wert", "varianz")
    }
    rest = ("n_zelle", "gewicht", "n", "freiheitsgrade")
    return Tabelle(
        **two,
        **{name: joined(name).astype(int) if name != "gewicht" else joined(name) for name in rest},
        n_effektiv=joined("n_effektiv"),
    )


def _level(group: np.ndarray, raum: np.ndarray, faktor: np.ndarray) -> _Ebene:
    known, cell = np.unique(raum * len(faktor) + group, return_inverse=True)
    return _Ebene(cell.ravel(), known // len(faktor), known % len(faktor), faktor)


def _sums(group: np.ndarray, groups: int, place: np.ndarray, values: int, x: np.ndarray) -> np.ndarray:
    """Sums of columns over the respondents of a group with a value: groups × values × columns."""
    n, items = place.shape
    width = values + 1  # the last one: no valid answer
    kind = np.int32 if max(groups * width, n * items) < 2**31 else np.int64
    where = (place.astype(kind, copy=False) + (group * width).astype(kind)[:, None]).ravel()
    starts = np.arange(0, n * items + 1, items, dtype=kind)
    member = sparse.csr_array((np.ones(n * items), where, starts), shape=(n, groups * width))
    return (member.T @ x).reshape(groups, width, x.shape[1])[:, :values]


def _grouped(x: np.ndarray, codes: np.ndarray, length: int) -> np.ndarray:
    """Sums of the rows with the same code; codes ascend."""
    present, starts = np.unique(codes, return_index=True)
    result = np.zeros((length, *x.shape[1:]))
    result[present] = np.add.reduceat(x, starts, axis=0)
    return result


def _all(by_area: np.ndarray) -> np.ndarray:
    """With a last row for all respondents."""
    return np.concatenate([by_area, by_area.sum(axis=0, keepdims=True)])


def _squares(level: _Ebene, table: np.ndarray, spalten: Spalten, raeume: int) -> tuple[list[np.ndarray], np.ndarray]:
    """Σ y², Σ y · base (areas and all × estimates), Σ base² (× items) over units or strata; and how many answered."""
    parts = _products(level.faktor[level.gruppe], table, spalten)
    by_area = [_grouped(part, level.raum, raeume + 1) for part in parts]
    if len(np.unique(level.gruppe)) == len(level.gruppe):
        whole = [part.sum(axis=0) for part in by_area]
    else:  # a unit or stratum in several areas: its sums over all of them
        sums = _grouped_any(table, level.gruppe, len(level.faktor))
        whole = [part.sum(axis=0) for part in _products(level.faktor, sums, spalten)]
    *found, there = (np.concatenate([a, b[None]]) for a, b in zip(by_area, whole, strict=True))
    return found, there


def _products(factor: np.ndarray, table: np.ndarray, spalten: Spalten) -> list[np.ndarray]:
    above, below = spalten.mit_zahlen(table), spalten.grundlage(table)
    scaled, base = above * factor[:, None], below * factor[:, None]
    return [above * scaled, below[:, spalten.item] * scaled, below * base, (below > 0).astype(float)]


@dataclass(frozen=True)
class _Greg:
    """What calibrations take from an influence: `vektoren` per respondent, those of c, then those of its products."""

    vektoren: np.ndarray
    gamma: np.ndarray


def _calibration(design: Design, stages) -> _Greg | None:
    """Vectors C (c = C'u) and Σ f a (over units, minus strata) per respondent, and Γ."""
    if not design.kalibrierung:
        return None
    a = np.zeros((len(design), 0))
    c = np.zeros((len(design), 0))
    for step in design.kalibrierung:
        onto, out = step.basis / step.faktor[:, None], step.basis * step.faktor[:, None]
        c = np.hstack([c, onto - c @ (a.T @ onto)])  # this step sees what the ones before have left
        a = np.hstack([a, out])
    vectors, gamma = np.zeros_like(a), 0.0
    for stage, factor, centred in stages:
        unit = stage.summen(a)
        stratum = _grouped_any(unit, stage.schicht_der_einheit, len(factor))
        between = np.where(centred, factor / stage.gezogen, 0.0)[:, None] * stratum
        within = factor[stage.schicht_der_einheit, None] * unit
        vectors = vectors + within[stage.einheit] - between[stage.schicht]
        gamma = gamma + unit.T @ within - stratum.T @ between
    return _Greg(np.hstack([c, vectors]), gamma)


def _grouped_any(x: np.ndarray, codes: np.ndarray, length: int) -> np.ndarray:
    order = np.argsort(codes, kind="stable")
    return _grouped(x[order], codes[order], length)


def _explained(spalten: Spalten, vectors: np.ndarray, value, base, greg: _Greg) -> np.ndarray:
    """What the calibrations take from the variance (negative)."""
    influence = spalten.mit_zahlen(vectors) - value[..., None] * spalten.grundlage(vectors)[:, spalten.item]
    c, products = np.split(influence, 2, axis=2)
    return np.einsum("dkp,dkp->dk", c, c @ greg.gamma - 2 * products) / base**2
