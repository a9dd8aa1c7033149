"""Parameters of a notebook: their cell, and of which kind each value is, so that a wrong one is known before a run."""

import ast
from collections.abc import Callable
from pathlib import Path

from analysis.catalogue import katalog
from analysis.dates import parse_stichtag
from analysis.errors import InputError
from analysis.gruppengewichte import weights
from analysis.vergleichsgruppe import check as check_kreise


def _kennzahlen(value: str) -> None:
    for id in value.replace(",", " ").split():
        katalog().indikator(id)


def _tag(value: str) -> None:
    if value:
        parse_stichtag(value)


def _bevoelkerungsanteil(value: str) -> None:
    indikator = katalog().indikator(value)
    if indikator.art != "anteil" or set(indikator.groessen[-1:]) - {"bevoelkerung", "melderegister_bevoelkerung"}:
        raise InputError("its numerator and denominator are no residents; expected a share of all residents")


def _schwelle(value: float) -> None:
    if not 0 < value <= 2:
        raise InputError("expected a share of the median above 0 and up to 2")


def _startwert(value: int) -> None:
    if value < 0:
        raise InputError("expected a whole number from 0")


def _gewichte(value: str) -> None:
    weights(value)


def _monate(value: int) -> None:
    if not 1 <= value <= 600:
        raise InputError("expected a number of months from 1 to 600")


def _menschen(value: int) -> None:
    if value < 1:
        raise InputError("expected a number of people from 1")


def _frei(value: object) -> None:
    """Accept every value; what it names is known only with the data."""


ARTEN: dict[str, Callable] = {
    "kennzahl": lambda value: katalog().indikator(value) and None,
    "kennzahlen": _kennzahlen,
    "bevoelkerungsanteil": _bevoelkerungsanteil,
    "kreise": check_kreise,
    "tag": _tag,
    "schwelle": _schwelle,
    "startwert": _startwert,
    "gewichte": _gewichte,
    "monate": _monate,
    "menschen": _menschen,
    "frei": _frei,
}
"""Kind of a parameter → what refuses a wrong value.

`kennzahl` (an indicator of the catalogue), `kennzahlen` (several or none), `bevoelkerungsanteil` (an indicator: a share
of all residents), `kreise` (whom to compare with), `tag` (a date or nothing), `schwelle` (share of the median),
`startwert` (of random numbers), `gewichte` (of the Lebenslagen), `monate` (a number of months), `menschen` (a least
number of people), `frei` (anything).
"""


def read_cell(path: Path, source: str) -> dict:
    """Names and literal values that the parameters cell of a notebook assigns.

    Raises
    ------
    InputError
        No valid Python, something other than assignments of literals, a name that stands twice.
    """
    parameters = {}
    try:
        nodes = ast.parse(source).body
    except (SyntaxError, ValueError) as error:
        line = f" (line {error.lineno})" if getattr(error, "lineno", None) else ""
        raise InputError(f"{path}: the parameters cell is not valid Python{line}") from None
    for node in nodes:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target, value = node.targets[0], node.value
        elif isinstance(node, ast.AnnAssign):
            target, value = node.target, node.value
        else:
            raise InputError(f"{path}: the parameters cell may only hold assignments (line {node.lineno})")
        if getattr(target, "id", None) in parameters:
            raise InputError(f"{path}: parameter {target.id!r} stands twice")
        try:
            parameters[target.id] = ast.literal_eval(value)
        except (ValueError, AttributeError):
            raise InputError(
                f"{path}: parameter in line {node.lineno} of its cell is no literal; nothing is derived there"
            ) from None
    return parameters


def read_kinds(path: Path, given: object, parameters: dict) -> dict[str, str | list]:
    """Kinds that the metadata of a notebook name: a word of `ARTEN`, or the list of all values that are allowed.

    Raises
    ------
    InputError
        No mapping, a parameter that the notebook has not, an unknown kind, or a default that does not fit its kind.
    """
    place = f"{path}: 'parameter' in the metadata"
    if not isinstance(given, dict):
        raise InputError(f'{place} is {given!r}; expected {{"kennzahl": "kennzahl", "ebene": ["gemeinde", …]}}')
    for name, kind in given.items():
        if name not in parameters:
            raise InputError(f"{place}: the notebook has no parameter {name!r}; it has: {', '.join(parameters)}")
        if not isinstance(kind, list) and kind not in ARTEN:
            raise InputError(f"{place}: kind of {name} is {kind!r}; expected one of {', '.join(ARTEN)} or a list")
        check(str(path), name, parameters[name], kind)
    return given


def check(place: str, name: str, value: object, kind: str | list) -> None:
    """Refuse a value that is not of the kind of its parameter; the error names both and what was expected."""
    if isinstance(kind, list):
        if value not in kind:
            allowed = ", ".join(str(one) if one != "" else "nothing" for one in kind)
            raise InputError(f"{place}: parameter {name} is {value!r}; expected one of {allowed}")
        return
    try:
        ARTEN[kind](value)
    except InputError as error:
        raise InputError(f"{place}: parameter {name} is {value!r}: {error}") from None
