"""Columns of a regression from variables: numbers as they are, levels against a named reference, products of both.

Own columns and not a formula language: a formula drops respondents silently and takes the first level in the alphabet
as reference; here the reference is named and everybody who is left out is counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy import linalg

from analysis.errors import InputError
from analysis.survey.design import Design
from analysis.survey.domain import check_group, levels, numbers

KONSTANTE = "Konstante"


@dataclass(frozen=True)
class Spalten:
    """How columns come from variables.

    Attributes
    ----------
    stufen
        Variable → its levels, the reference first; None for a number.
    wechselwirkungen
        Variables that are multiplied; the same number twice is its square.
    """

    stufen: dict[str, list | None]
    wechselwirkungen: tuple[tuple[str, ...], ...] = ()

    @property
    def terme(self) -> dict[str, list[str]]:
        """Variable or product (`a:b`) → names of its columns."""
        blocks = {name: self._names(name) for name in self.stufen}
        for factors in self.wechselwirkungen:
            blocks[":".join(factors)] = [":".join(part) for part in product(*(blocks[f] for f in factors))]
        return blocks

    @property
    def namen(self) -> list[str]:
        """Names of all columns, the constant first."""
        return [KONSTANTE, *(name for names in self.terme.values() for name in names)]

    def matrix(self, x: pd.DataFrame) -> np.ndarray:
        """Respondents × columns, of variables as `read` returns them."""
        blocks = {name: self._block(x[name].to_numpy(), levels) for name, levels in self.stufen.items()}
        for factors in self.wechselwirkungen:
            columns = np.ones((len(x), 1))
            for factor in factors:
                columns = (columns[:, :, None] * blocks[factor][:, None, :]).reshape(len(x), -1)
            blocks[":".join(factors)] = columns
        return np.column_stack([np.ones(len(x)), *blocks.values()])

    def _names(self, name: str) -> list[str]:
        known = self.stufen[name]
        return [name] if known is None else [f"{name}[{level}]" for level in known[1:]]

    @staticmethod
    def _block(values: np.ndarray, levels: list | None) -> np.ndarray:
        return values[:, None] if levels is None else (values[:, None] == np.arange(1, len(levels))).astype(float)


def read(
    design: Design,
    x: pd.DataFrame,
    inside: np.ndarray,
    bezug: Mapping[str, object],
    wechselwirkungen: Sequence[Sequence[str]] = (),
) -> tuple[Spalten, pd.DataFrame]:
    """Variables of a regression: numbers, and codes of levels with the reference as 0.

    Parameters
    ----------
    x
        Columns: variables; numbers, truth values, texts or categories.
    inside
        Respondents of the regression; levels that none of them has are left out.
    bezug
        Variable → reference level; makes levels of a variable that is written in numbers, too. Truth values have the
        reference False.

    Returns
    -------
    tuple
        `Spalten`, and the variables of all respondents (0 outside).

    Raises
    ------
    InputError
        Texts or categories without a reference, a reference that nobody has, one level only, a level without sampling
        error (one respondent, or one unit per stratum), an unknown name.
    """
    for name in (*bezug, *(factor for factors in wechselwirkungen for factor in factors)):
        if name not in x:
            raise InputError(f"regression: there is no variable {name!r} among {', '.join(map(str, x.columns))}")
    for factors in wechselwirkungen:
        for name in factors:
            if factors.count(name) > (1 if name in bezug else 2):
                raise InputError(
                    f"regression: {name} {factors.count(name)} times in a product; expected a square at most"
                )
    known: dict[str, list | None] = {}
    coded = {}
    for name in x:
        values = x[name]
        if name in bezug:
            known[name], coded[name] = _factor(design, values, inside, bezug[name])
        elif pd.api.types.is_bool_dtype(values.dtype):
            known[name], coded[name] = _factor(design, values, inside, False)
        elif pd.api.types.is_numeric_dtype(values.dtype):
            known[name], coded[name] = None, np.where(inside, numbers(values), 0.0)
        else:
            raise InputError(
                f"regression, {name}: values are no numbers; name the level (bezug) that the others are compared with"
            )
    return Spalten(known, tuple(map(tuple, wechselwirkungen))), pd.DataFrame(coded, index=x.index)


def _factor(design: Design, values: pd.Series, inside: np.ndarray, reference) -> tuple[list, np.ndarray]:
    codes, found = levels(values, inside)
    if reference not in found:
        raise InputError(f"regression, {values.name}: nobody has the reference level {reference!r}; found {found}")
    if len(found) < 2:
        raise InputError(f"regression, {values.name}: one level {found[0]!r} only; expected at least two")
    for k, level in enumerate(found):
        check_group(design, codes == k, f"regression, {values.name}, level {level!r}")
    ordered = [reference, *(level for level in found if level != reference)]
    position = np.array([ordered.index(level) for level in found] + [0])
    return ordered, position[codes].astype(float)


def check_rank(matrix: np.ndarray, names: Sequence[str]) -> None:
    """Refuse columns of which one follows from the others, naming them."""
    if len(matrix) <= len(names):
        raise InputError(f"regression: {len(matrix)} respondents for {len(names)} coefficients; expected more")
    size = np.sqrt((matrix**2).sum(axis=0))
    _, r, pivot = linalg.qr(matrix / np.where(size > 0, size, 1), mode="economic", pivoting=True)
    diagonal = np.abs(np.diag(r))
    rank = int((diagonal > 1e-9 * diagonal[0]).sum())
    if rank < len(names):
        one = pivot[rank]
        factors = linalg.solve_triangular(r[:rank, :rank], r[:rank, rank])
        others = sorted(pivot[:rank][np.abs(factors) > 1e-6])
        others = [names[k] for k in others]
        raise InputError(
            f"regression: {names[one]} follows from {', '.join(others) or 'nothing (all 0)'}; leave one out"
        )


def check_columns(design: Design, inside: np.ndarray, matrix: np.ndarray, names: Sequence[str]) -> None:
    """Refuse a column of two values one of which is a group without a known sampling error."""
    for name, column in zip(names[1:], matrix.T[1:], strict=True):
        ends = (column.min(), column.max())
        if np.isin(column, ends).all():
            for value in ends:
                group = inside.copy()
                group[inside] = column == value
                check_group(design, group, f"regression, {name} = {value:g}")
