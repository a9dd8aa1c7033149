"""Cross tables of two variables, with the sampling errors of their shares and tests of independence under the design.

Respondents outside of a domain or without an answer to one of the two variables keep their place in the design with an
influence of 0.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from analysis.errors import InputError
from analysis.survey.design import Design
from analysis.survey.domain import check_group, domain, effective_size, levels, members
from analysis.survey.estimates import ratio_of, result
from analysis.survey.group_tests import quadratic_form
from analysis.survey.intervals import share_intervals
from analysis.survey.schaetzung import NIVEAU, Schaetzung

ANTEILE = ("zeile", "spalte", "gesamt")
"""What a cell is a share of: its row, its column, the whole table."""

_FEST = 1e-10
"""Mean design effect below which the table has no sampling error: calibration fixed it."""


@dataclass(frozen=True)
class Kreuztabelle:
    """Weighted cross table.

    Attributes
    ----------
    n
        Respondents per cell, rows × columns; also levels that were asked for and nobody has.
    summe
        Weighted counts; index: pairs of row and column.
    anteile
        Shares per kind of `ANTEILE`, each in the order of `summe`; NaN in a row or column without respondents.
    n_effektiv
        Effective size by Kish of the base of each share.
    ausgelassen
        Respondents of the domain left out because one of the two answers is missing.
    """

    n: pd.DataFrame
    summe: Schaetzung
    anteile: dict[str, Schaetzung]
    n_effektiv: dict[str, np.ndarray]
    ausgelassen: int

    @property
    def leer(self) -> dict[str, list]:
        """Rows and columns without respondents (keys `zeilen`, `spalten`); tests leave them out."""
        return {
            "zeilen": list(self.n.index[self.n.sum(axis=1) == 0]),
            "spalten": list(self.n.columns[self.n.sum(axis=0) == 0]),
        }

    def tabelle(self, von: str = "zeile", art: str = "auto", niveau: float = NIVEAU) -> pd.DataFrame:
        """Cells with their share of row, column or whole.

        Parameters
        ----------
        von
            One of `ANTEILE`.
        art
            Kind of interval as in `analysis.survey.intervals.share_interval`.

        Returns
        -------
        pandas.DataFrame
            One row per cell: `n` (respondents of the cell), `basis` (of its row, column or the table), `summe`,
            `summe_se`, `anteil`, `se`, `unten`, `oben`, `freiheitsgrade`, `deff` (variance against that of a simple
            random sample of `basis` respondents without finite population correction; R `deff = "replace"`).
        """
        if von not in self.anteile:
            raise InputError(f"cross table: von={von!r}; expected one of {', '.join(ANTEILE)}")
        share = self.anteile[von]
        with np.errstate(invalid="ignore", divide="ignore"):
            simple = share.wert * (1 - share.wert) / (share.n - 1)
            deff = (share.se**2 / simple).where(simple > 0)
        bounds = share_intervals(share, art, niveau, self.n_effektiv[von])
        return pd.DataFrame(
            {
                "n": self.n.to_numpy().ravel(),
                "basis": share.n,
                "summe": self.summe.wert,
                "summe_se": self.summe.se,
                "anteil": share.wert,
                "se": share.se,
                "unten": bounds["unten"],
                "oben": bounds["oben"],
                "freiheitsgrade": share.freiheitsgrade,
                "deff": deff,
            },
            index=self.summe.wert.index,
        )

    def _repr_html_(self) -> str:
        return self.tabelle().to_html()


@dataclass(frozen=True)
class Unabhaengigkeit:
    """Tests whether two variables are independent in the population.

    Attributes
    ----------
    tests
        Row per test; columns `statistik`, `freiheitsgrade`, `freiheitsgrade_nenner` (NaN: chi-square), `p`. `F`:
        Pearson X² with the second-order correction of Rao and Scott, the one to report. `Chisq`: first order; its
        statistic is X² itself. `Wald`, `adjWald`: of the differences from independence; NaN where they cannot be made
        (fewer units than cells, cells without sampling error).
    pearson
        Pearson X² of the weighted shares for `n` respondents; not to be compared with a chi-square distribution.
    designeffekte
        Generalised design effects (eigenvalues); their mean divides X².
    n, ausgelassen
        Respondents counted, and those of the domain left out because an answer is missing.
    kleinste_erwartung
        Smallest number of respondents that independence would expect in a cell.
    leer
        Rows and columns without respondents, not in the test.
    """

    tests: pd.DataFrame
    pearson: float
    designeffekte: np.ndarray
    n: int
    ausgelassen: int
    kleinste_erwartung: float
    leer: dict[str, list]

    @property
    def p(self) -> float:
        """P value of the second-order test (F)."""
        return float(self.tests.loc["F", "p"])

    def _repr_html_(self) -> str:
        return self.tests.to_html()


def crosstab(
    design: Design,
    zeile: pd.Series,
    spalte: pd.Series,
    bereich: pd.Series | None = None,
    zeilen: Iterable | None = None,
    spalten: Iterable | None = None,
) -> Kreuztabelle:
    """Weighted cross table (R `svytable`; shares: `svymean(~interaction)`, `svyby(…, svymean)`).

    Parameters
    ----------
    zeile, spalte
        Answers; NA leaves the table.
    bereich
        True inside of the domain.
    zeilen, spalten
        Levels in their order, also such that nobody has; without it those that occur.

    Raises
    ------
    InputError
        A value is not among the levels, nobody has both answers, other respondents than in the design.
    """
    inside = members(design, bereich, zeile, spalte)
    rows, row_names = levels(zeile, inside, zeilen)
    columns, column_names = levels(spalte, inside, spalten)
    shape = (len(row_names), len(column_names))
    cells = _cells(rows, columns, shape)
    in_row = np.repeat(_dummies(rows, shape[0]), shape[1], axis=1)
    in_column = np.tile(_dummies(columns, shape[1]), (1, shape[0]))
    everybody = np.repeat(inside[:, None], cells.shape[1], axis=1)
    index = pd.MultiIndex.from_product([row_names, column_names], names=[zeile.name, spalte.name])
    bases = dict(zip(ANTEILE, (in_row, in_column, everybody), strict=True))
    totals = (design.gewichte * cells).sum(axis=0)
    return Kreuztabelle(
        pd.DataFrame(
            cells.sum(axis=0).astype(int).reshape(shape),
            pd.Index(row_names, name=zeile.name),
            pd.Index(column_names, name=spalte.name),
        ),
        result(design, totals, cells, everybody, index),
        {name: ratio_of(design, cells, base, base > 0, index) for name, base in bases.items()},
        {name: effective_size(design, base) for name, base in bases.items()},
        int(domain(design, bereich, zeile.index).sum() - inside.sum()),
    )


def independence(
    design: Design,
    zeile: pd.Series,
    spalte: pd.Series,
    bereich: pd.Series | None = None,
    zeilen: Iterable | None = None,
    spalten: Iterable | None = None,
) -> Unabhaengigkeit:
    """Rao-Scott and Wald tests of independence (R `svychisq`, statistics `F`, `Chisq`, `Wald`, `adjWald`).

    Respondents without an answer and those outside of the domain count neither for X² nor for the degrees of freedom,
    as in R after `subset`; R itself keeps the missing ones, and with calibrated weights everybody, in the degrees of
    freedom. Source: Rao and Scott (1984), Annals of Statistics 12; Thomas and Rao (1990) for the Wald tests.

    Parameters
    ----------
    zeile, spalte, bereich, zeilen, spalten
        As in `crosstab`; levels without respondents are left out of the test and named in the result.

    Raises
    ------
    InputError
        Fewer than two levels with respondents, one unit per stratum only, a table that calibration fixed, too many
        empty cells.
    """
    inside = members(design, bereich, zeile, spalte)
    rows, row_names, no_rows = _filled(*levels(zeile, inside, zeilen))
    columns, column_names, no_columns = _filled(*levels(spalte, inside, spalten))
    place = f"test of {zeile.name} against {spalte.name}"
    for series, names in ((zeile, row_names), (spalte, column_names)):
        if len(names) < 2:
            raise InputError(
                f"{place}: {series.name} has one level with respondents, {names[0]!r}; expected at least two"
            )
    check_group(design, inside, place)
    nu = design.freiheitsgrade(inside)
    shape = (len(row_names), len(column_names))
    cells, n = _cells(rows, columns, shape), int(inside.sum())
    share = _shares(design, cells, inside)
    if np.isnan(share.kovarianz).any():
        raise InputError(f"{place}: the design gives no sampling error (strata with one unit only)")
    table = share.wert.to_numpy().reshape(shape)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0))
    pearson = float(n * ((table - expected) ** 2 / expected).sum())
    effects = _design_effects(share, shape, n, place)
    mean_effect, size = effects.mean(), len(effects)
    first = (size * mean_effect) ** 2 / (effects**2).sum()
    f, chi2 = pearson / (size * mean_effect), pearson / mean_effect
    tests = {
        "F": (f, first, first * nu, stats.f.sf(f, first, first * nu)),
        "Chisq": (pearson, size, np.nan, stats.chi2.sf(chi2, size)),
        **_wald(design, share, cells, shape, nu),
    }
    names = ["statistik", "freiheitsgrade", "freiheitsgrade_nenner", "p"]
    return Unabhaengigkeit(
        pd.DataFrame.from_dict(tests, orient="index", columns=names, dtype=float),
        pearson,
        effects,
        n,
        int(domain(design, bereich, zeile.index).sum() - n),
        float(n * expected.min()),
        {"zeilen": no_rows, "spalten": no_columns},
    )


def _design_effects(share: Schaetzung, shape: tuple[int, int], n: int, place: str) -> np.ndarray:
    """Eigenvalues of the covariance of the interactions against that of a simple random sample, largest first."""
    p = share.wert.to_numpy()
    with np.errstate(divide="ignore"):
        inverse = np.where(p > 0, 1 / p, 0.0)
    contrasts = np.kron(_contrasts(shape[0]), _contrasts(shape[1]))
    scaled = contrasts * inverse[:, None]
    simple = contrasts.T @ scaled / n
    if np.linalg.cond(simple) > 1e12:
        raise InputError(f"{place}: {(p == 0).sum()} of {len(p)} cells are empty, too many; join levels")
    effects = np.sort(np.linalg.eigvals(np.linalg.solve(simple, scaled.T @ share.kovarianz @ scaled)).real)[::-1]
    if effects.mean() < _FEST:
        raise InputError(f"{place}: the table has no sampling error, calibration fixed it; it cannot be tested")
    return effects


def _wald(design: Design, share: Schaetzung, cells: np.ndarray, shape: tuple[int, int], nu: int) -> dict[str, tuple]:
    """Wald tests of the differences between cells and independence, without the first row and column."""
    table = share.wert.to_numpy().reshape(shape)
    in_row, in_column = cells.reshape(-1, *shape).sum(axis=2), cells.reshape(-1, *shape).sum(axis=1)
    of_row, of_column = table.sum(axis=1), table.sum(axis=0)
    inside = in_row.sum(axis=1)[:, None, None]
    influence = (
        cells.reshape(-1, *shape)
        - in_row[:, :, None] * of_column
        - in_column[:, None, :] * of_row[:, None]
        + inside * np.outer(of_row, of_column)
    )[:, 1:, 1:]
    total = (design.gewicht @ inside[:, 0]).item()
    difference = total * (table - np.outer(of_row, of_column))[1:, 1:].ravel()
    size = len(difference)
    statistic = quadratic_form(difference, design.kovarianz(influence.reshape(len(cells), size)))
    f, rest = statistic / size, nu - size + 1
    adjusted = statistic * rest / (size * nu) if rest > 0 else np.nan
    return {
        "Wald": (f, size, nu, stats.f.sf(f, size, nu)),
        "adjWald": (adjusted, size, rest, stats.f.sf(adjusted, size, rest) if rest > 0 else np.nan),
    }


def _shares(design: Design, cells: np.ndarray, inside: np.ndarray) -> Schaetzung:
    everybody = np.repeat(inside[:, None], cells.shape[1], axis=1)
    return ratio_of(design, cells, everybody.astype(float), everybody, pd.RangeIndex(cells.shape[1]))


def _contrasts(size: int) -> np.ndarray:
    """Columns of sum 0 that span all differences between levels."""
    return np.eye(size)[:, 1:] - 1 / size


def _filled(codes: np.ndarray, names: list) -> tuple[np.ndarray, list, list]:
    """Codes without the levels that nobody has, levels that remain, levels left out."""
    counts = np.bincount(codes[codes >= 0], minlength=len(names))
    renumbered = np.append(np.cumsum(counts > 0) - 1, -1)
    kept = [name for name, count in zip(names, counts, strict=True) if count]
    return renumbered[codes], kept, [name for name, count in zip(names, counts, strict=True) if not count]


def _dummies(codes: np.ndarray, size: int) -> np.ndarray:
    return (codes[:, None] == np.arange(size)).astype(float)


def _cells(rows: np.ndarray, columns: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Membership of the cells, respondents × (row, column)."""
    both = (rows >= 0) & (columns >= 0)
    return _dummies(np.where(both, rows * shape[1] + columns, -1), shape[0] * shape[1])
