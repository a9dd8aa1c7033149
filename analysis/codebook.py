"""The codebook of a survey: what was asked, what each code means, why an answer is missing.

Data of a survey keep the raw codes of their export: whole numbers (`Int64`) or texts for coded answers, numbers, texts,
times. An empty cell is NA. Nothing is recoded: what a code or an empty cell means is said here, so that
`analysis.answers.reasons` tells for every cell why it holds no valid answer.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.errors import InputError

TYPEN = ("einfach", "mehrfach", "skala", "zahl", "klasse", "offen", "datum", "technisch")
"""Single choice, multiple choice, scale or battery, number, bracket, open answer, time, about the interview."""

KODIERT = ("einfach", "mehrfach", "skala", "klasse")
"""Types whose answers are codes."""

FEHLGRUENDE = ("nicht_beantwortet", "weiss_nicht", "nicht_gezeigt", "verweigert", "sonstiges")
"""Why there is no valid answer; `sonstiges`: residual options, faulty data, or empty for a reason the file hides."""

NICHT_GEWAEHLT = "nicht_gewaehlt"
"""Meaning of an empty cell of a multiple choice item that only notes what was chosen."""

Code = int | str


@dataclass(frozen=True)
class Bedingung:
    """A condition under which a question is asked: the column holds one of `codes`, or a number from `ab` to `bis`."""

    spalte: str
    codes: tuple[Code, ...] = ()
    ab: float | None = None
    bis: float | None = None


@dataclass(frozen=True)
class Merkmal:
    """A variable: one column of the data.

    Attributes
    ----------
    typ
        As the question's; in a multiple choice question `zahl` is the number of chosen options; `offen` is the text
        beside an option.
    labels
        Valid code → text.
    fehlend
        Missing code → reason of `FEHLGRUENDE`.
    fehltexte
        Missing code → its text.
    leer
        Reason of an empty cell (`FEHLGRUENDE` or `NICHT_GEWAEHLT`).
    bereich
        Smallest and largest valid number (None: without bound). For coded variables: codes in this range are valid
        without a label (a scale whose ends only are labelled).
    """

    spalte: str
    typ: str
    label: str = ""
    labels: dict[Code, str] = field(default_factory=dict)
    fehlend: dict[Code, str] = field(default_factory=dict)
    fehltexte: dict[Code, str] = field(default_factory=dict)
    leer: str = "nicht_gezeigt"
    bereich: tuple[float | None, float | None] | None = None

    @property
    def ist_kodiert(self) -> bool:
        """Whether its values are codes."""
        return self.typ in KODIERT

    @property
    def zahlcodes(self) -> bool:
        """Whether all codes are whole numbers."""
        return all(isinstance(code, int) for code in (*self.labels, *self.fehlend))


@dataclass(frozen=True)
class Frage:
    """A question with its variables.

    Attributes
    ----------
    klassen
        For brackets: code → lower bound (included) and upper bound (excluded), None where open.
    filter
        Conditions that must all hold for the question to be asked; empty if everybody is asked or it is not known.
    gewaehlt
        For multiple choice: the code that means chosen.
    """

    key: str
    typ: str
    merkmale: tuple[Merkmal, ...]
    text: str = ""
    batterie: str = ""
    einheit: str = ""
    klassen: dict[Code, tuple[float | None, float | None]] = field(default_factory=dict)
    filter: tuple[Bedingung, ...] = ()
    gewaehlt: Code | None = None

    @property
    def items(self) -> tuple[Merkmal, ...]:
        """Variables that carry the answer, without counts and texts beside options."""
        return tuple(m for m in self.merkmale if m.typ == self.typ)


@dataclass(frozen=True)
class Codebuch:
    """The questions of a survey in their order, and the titles of the batteries.

    Raises
    ------
    InputError
        A question or column stands twice, a type or reason is unknown, a code is both valid and missing, brackets
        overlap or have no code, a filter names no column, multiple choice has no code for chosen.
    """

    fragen: tuple[Frage, ...]
    batterien: dict[str, str] = field(default_factory=dict)

    def __post_init__(self):
        _check_names(self)
        for frage in self.fragen:
            _check_question(frage, self)

    @cached_property
    def merkmale(self) -> dict[str, Merkmal]:
        """Variables by column."""
        return {m.spalte: m for frage in self.fragen for m in frage.merkmale}

    @cached_property
    def _fragen(self) -> dict[str, Frage]:
        return {frage.key: frage for frage in self.fragen}

    @cached_property
    def _frage_von(self) -> dict[str, Frage]:
        return {m.spalte: frage for frage in self.fragen for m in frage.merkmale}

    @property
    def spalten(self) -> list[str]:
        """Columns of all variables."""
        return list(self.merkmale)

    def frage(self, key: str) -> Frage:
        """Question with this key, or the one that a column belongs to."""
        found = self._fragen.get(key) or self._frage_von.get(key)
        if found is None:
            raise InputError(f"the codebook has no question or variable {key!r}")
        return found

    def merkmal(self, spalte: str) -> Merkmal:
        """Variable of a column."""
        if spalte not in self.merkmale:
            raise InputError(f"the codebook has no variable {spalte!r}")
        return self.merkmale[spalte]

    def batterie(self, name: str) -> tuple[Frage, ...]:
        """Questions of a battery."""
        return tuple(frage for frage in self.fragen if frage.batterie == name)

    def _repr_html_(self) -> str:
        return table(self).to_html(index=False, na_rep="")


def _check_names(codebuch: Codebuch) -> None:
    for what, names in (
        ("question", [frage.key for frage in codebuch.fragen]),
        ("variable", [m.spalte for frage in codebuch.fragen for m in frage.merkmale]),
    ):
        twice = {name for name in names if names.count(name) > 1} if len(set(names)) < len(names) else ()
        if twice:
            raise InputError(f"codebook: {what} {sorted(twice)[0]!r} stands twice")


def _check_question(frage: Frage, codebuch: Codebuch) -> None:
    place = f"codebook, question {frage.key}"
    if frage.typ not in TYPEN:
        raise InputError(f"{place}: there is no type {frage.typ!r}; expected one of {', '.join(TYPEN)}")
    if not frage.items:
        raise InputError(f"{place}: no variable of the type {frage.typ}")
    if frage.typ == "mehrfach" and frage.gewaehlt is None:
        raise InputError(f"{place}: multiple choice without the code that means chosen (gewaehlt)")
    for m in frage.merkmale:
        here = f"codebook, variable {m.spalte}"
        if m.typ not in TYPEN:
            raise InputError(f"{here}: there is no type {m.typ!r}; expected one of {', '.join(TYPEN)}")
        for code, reason in m.fehlend.items():
            if reason not in FEHLGRUENDE:
                raise InputError(
                    f"{here}, code {code}: there is no reason {reason!r}; expected {', '.join(FEHLGRUENDE)}"
                )
            if code in m.labels:
                raise InputError(f"{here}: code {code} is both an answer and missing")
        if m.leer not in (*FEHLGRUENDE, NICHT_GEWAEHLT):
            raise InputError(f"{here}: an empty cell cannot mean {m.leer!r}")
        if frage.typ == "mehrfach" and m.typ == "mehrfach" and frage.gewaehlt not in m.labels:
            raise InputError(f"{here}: the code that means chosen ({frage.gewaehlt}) is not among its codes")
    for condition in frage.filter:
        if condition.spalte not in codebuch.merkmale:
            raise InputError(f"{place}: the filter names {condition.spalte!r}, which is no variable of the survey")
        known = codebuch.merkmale[condition.spalte]
        for code in condition.codes:
            if known.ist_kodiert and code not in known.labels and code not in known.fehlend and not known.bereich:
                raise InputError(f"{place}: the filter asks for {condition.spalte}={code}, a code that it cannot have")
    if frage.typ == "klasse":
        _check_brackets(place, frage)


def _check_brackets(place: str, frage: Frage) -> None:
    without = [code for m in frage.items for code in m.labels if code not in frage.klassen]
    if without:
        raise InputError(f"{place}: code {without[0]} has no bounds (klassen)")
    bounds = sorted(
        (-np.inf if low is None else low, np.inf if high is None else high, code)
        for code, (low, high) in frage.klassen.items()
    )
    for low, high, code in bounds:
        if not low < high:
            raise InputError(f"{place}: bounds of code {code}: {low:g} is not below {high:g}")
    for (_, high, code), (low, _, following) in zip(bounds, bounds[1:], strict=False):
        if low < high:
            raise InputError(f"{place}: the brackets of the codes {code} and {following} overlap")


_PART = re.compile(r"\s*([^\s=<>&|]+)\s*(=|>=|<=)\s*([^&=<>]+?)\s*")


def conditions(text: str) -> tuple[Bedingung, ...]:
    """Conditions of a filter text: `AB01=1|2 & KI02>=1`.

    Raises
    ------
    InputError
        The text has another form.
    """
    if not text.strip():
        return ()
    found = []
    for part in text.split("&"):
        match = _PART.fullmatch(part)
        if match is None:
            raise InputError(
                f"filter {text!r}: {part.strip()!r} is not COLUMN=code|code, COLUMN>=number or COLUMN<=number"
            )
        spalte, sign, value = match.groups()
        if sign == "=":
            found.append(Bedingung(spalte, tuple(as_code(code) for code in value.split("|"))))
            continue
        try:
            number = float(value)
        except ValueError:
            raise InputError(f"filter {text!r}: {value!r} is not a number") from None
        found.append(Bedingung(spalte, ab=number) if sign == ">=" else Bedingung(spalte, bis=number))
    return tuple(found)


def condition_text(filter: Iterable[Bedingung]) -> str:
    """Text of conditions as `conditions` reads it."""
    parts = []
    for c in filter:
        if c.codes:
            parts.append(f"{c.spalte}={'|'.join(map(str, c.codes))}")
        parts += [f"{c.spalte}{sign}{bound:g}" for sign, bound in ((">=", c.ab), ("<=", c.bis)) if bound is not None]
    return " & ".join(parts)


def as_code(value) -> Code:
    """A code as whole number where it is written as one (`1`, `-9`, `2.0`), else as text (`A1`, `01`)."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    text = str(value).strip()
    return int(text) if re.fullmatch(r"0|-?[1-9][0-9]{0,11}", text) else text


def table(codebuch: Codebuch) -> pd.DataFrame:
    """The codebook as a tidy table: one row per variable and code, one for a variable without codes.

    Returns
    -------
    pandas.DataFrame
        Columns `frage`, `typ`, `text`, `batterie`, `filter`, `merkmal`, `label`, `code`, `bedeutung`, `fehlend`
        (reason), `von`, `bis` (bounds of brackets).
    """
    rows = []
    for frage in codebuch.fragen:
        for m in frage.merkmale:
            head = (frage.key, m.typ, frage.text, frage.batterie, condition_text(frage.filter), m.spalte, m.label)
            for code, text in m.labels.items():
                rows.append((*head, code, text, "", *frage.klassen.get(code, (None, None))))
            for code, reason in m.fehlend.items():
                rows.append((*head, code, m.fehltexte.get(code, ""), reason, None, None))
            if not m.labels and not m.fehlend:
                rows.append((*head, None, "", "", None, None))
    columns = ["frage", "typ", "text", "batterie", "filter", "merkmal", "label", "code", "bedeutung", "fehlend"]
    return pd.DataFrame(rows, columns=[*columns, "von", "bis"], dtype=object).astype({"von": float, "bis": float})
