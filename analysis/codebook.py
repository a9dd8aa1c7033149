"""The codebook of a survey: what was asked, what each code means, why an answer is missing.

Data of a survey keep the raw codes of their export: whole numbers (`Int64`) or texts for coded answers, numbers, texts,
times. An empty cell is NA. Nothing is recoded: what a code or an empty cell means is said here, so that `reasons`
answers for every cell why it holds no valid answer.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.errors import InputError

TYPEN = ("einfach", "mehrfach", "skala", "zahl", "klasse", "offen", "datum", "technisch")
"""Single choice, multiple choice, battery or scale, number, bracket, open answer, point in time, about the interview."""

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
    def _merkmale(self) -> dict[str, Merkmal]:
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
        return list(self._merkmale)

    def frage(self, key: str) -> Frage:
        """Question with this key, or the one that a column belongs to."""
        found = self._fragen.get(key) or self._frage_von.get(key)
        if found is None:
            raise InputError(f"the codebook has no question or variable {key!r}")
        return found

    def merkmal(self, spalte: str) -> Merkmal:
        """Variable of a column."""
        if spalte not in self._merkmale:
            raise InputError(f"the codebook has no variable {spalte!r}")
        return self._merkmale[spalte]

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
                raise InputError(f"{here}, code {code}: there is no reason {reason!r}; expected {', '.join(FEHLGRUENDE)}")
            if code in m.labels:
                raise InputError(f"{here}: code {code} is both an answer and missing")
        if m.leer not in (*FEHLGRUENDE, NICHT_GEWAEHLT):
            raise InputError(f"{here}: an empty cell cannot mean {m.leer!r}")
        if frage.typ == "mehrfach" and m.typ == "mehrfach" and frage.gewaehlt not in m.labels:
            raise InputError(f"{here}: the code that means chosen ({frage.gewaehlt}) is not among its codes")
    for condition in frage.filter:
        if condition.spalte not in codebuch._merkmale:
            raise InputError(f"{place}: the filter names {condition.spalte!r}, which is no variable of the survey")
        known = codebuch._merkmale[condition.spalte]
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
            raise InputError(f"filter {text!r}: {part.strip()!r} is not COLUMN=code|code, COLUMN>=number or COLUMN<=number")
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


def check(daten: pd.DataFrame, codebuch: Codebuch, place: str, zeilen: pd.Series | None = None) -> None:
    """Refuse data that do not fit their codebook; labels that nobody used are fine.

    Parameters
    ----------
    zeilen
        Row of the file for each row of `daten`, for the message.

    Raises
    ------
    InputError
        A column is missing or has no variable, a code is not in the codebook, a number lies outside its range.
    """
    for spalte in codebuch.spalten:
        if spalte not in daten:
            raise InputError(f"{place}: the column {spalte!r} of the codebook is not in the data")
    for spalte in daten:
        if spalte not in codebuch._merkmale:
            raise InputError(f"{place}: the column {spalte!r} is not in the codebook")
        merkmal, values = codebuch.merkmal(spalte), daten[spalte]
        wrong = values.notna() & ~_known(values, merkmal)
        if wrong.any():
            first = wrong.idxmax()
            row = f"row {zeilen[first]}" if zeilen is not None else f"index {first}"
            raise InputError(f"{place}, {row}, {spalte}: {str(values[first])[:60]!r}; expected {_expected(merkmal)}")


def _known(values: pd.Series, m: Merkmal) -> pd.Series:
    """Whether each value is a valid or missing code, or a number in range; True for what is not checked."""
    if not m.ist_kodiert and m.typ != "zahl":
        return pd.Series(True, index=values.index)
    known = values.isin([*m.labels, *m.fehlend]).astype(bool)
    low, high = m.bereich or ((None, None) if m.ist_kodiert else (0, None))
    if m.typ == "zahl" or m.bereich:
        numbers = pd.to_numeric(values, errors="coerce").astype("Float64")
        inside = numbers.notna()
        inside &= True if low is None else (numbers >= low).fillna(False)
        inside &= True if high is None else (numbers <= high).fillna(False)
        known |= inside.astype(bool)
    return known


def _expected(m: Merkmal) -> str:
    if m.ist_kodiert and not m.bereich:
        codes = [str(c) for c in (*m.labels, *m.fehlend)]
        return f"one of the codes {', '.join(codes[:20])}{' …' * (len(codes) > 20)}"
    low, high = m.bereich or (0, None)
    bounds = f"from {'any' if low is None else f'{low:g}'} to {'any' if high is None else f'{high:g}'}"
    missing = f" or a missing code ({', '.join(map(str, m.fehlend))})" if m.fehlend else ""
    return f"a number {bounds}{missing} (other codes: `fehlend` or `bereich`)"


def holds(daten: pd.DataFrame, filter: Iterable[Bedingung]) -> pd.Series:
    """Whether all conditions hold, for each respondent; an unanswered condition does not hold."""
    result = pd.Series(True, index=daten.index)
    for c in filter:
        values = daten[c.spalte]
        if c.codes:
            result &= values.isin(list(c.codes)).astype(bool)
        for bound, compare in ((c.ab, "ge"), (c.bis, "le")):
            if bound is not None:
                numbers = pd.to_numeric(values, errors="coerce").astype("Float64")
                result &= getattr(numbers, compare)(bound).fillna(False).astype(bool)
    return result


def reasons(daten: pd.DataFrame, codebuch: Codebuch, spalten: Iterable[str] | None = None) -> pd.DataFrame:
    """Why each cell holds no valid answer; empty text where it holds one.

    An empty cell means what the variable's `leer` says, except that it is `nicht_gezeigt` where the question's filter
    does not hold. Where empty means not chosen, a question of several options none of which was chosen is
    `nicht_beantwortet`: such exports cannot tell "nothing of this" from "skipped". Where a multiple choice question
    has a variable with the number of chosen options, its missing codes hold for all options, except residual options
    (`sonstiges`, as "none of these"): they answer the question.

    Returns
    -------
    pandas.DataFrame
        Texts of `FEHLGRUENDE` or "", same index and columns as `daten`.
    """
    result = {}
    for spalte in spalten if spalten is not None else [c for c in daten if c in codebuch._merkmale]:
        m, frage, values = codebuch.merkmal(spalte), codebuch.frage(spalte), daten[spalte]
        reason = values.map(m.fehlend).astype(object) if m.fehlend else pd.Series(np.nan, values.index, object)
        reason = reason.where(reason.notna(), "")
        empty = values.isna()
        if m.leer != NICHT_GEWAEHLT:
            reason = reason.mask(empty, m.leer)
        elif len(frage.items) > 1:
            nothing = daten[[i.spalte for i in frage.items]].isna().all(axis=1)
            reason = reason.mask(nothing, "nicht_beantwortet")
        for count in frage.merkmale:
            if m.typ == "mehrfach" and count.typ == "zahl" and count.fehlend and count.spalte in daten:
                of_all = daten[count.spalte].map({c: r for c, r in count.fehlend.items() if r != "sonstiges"})
                reason = reason.mask((reason == "") & of_all.notna(), of_all)
        if frage.filter:
            reason = reason.mask(empty & ~holds(daten, frage.filter), "nicht_gezeigt")
        result[spalte] = reason
    return pd.DataFrame(result, index=daten.index)


def valid(daten: pd.DataFrame, codebuch: Codebuch, spalte: str) -> pd.Series:
    """Valid answers of a variable; NA where there is none."""
    return daten[spalte].mask(reasons(daten, codebuch, [spalte])[spalte] != "")


def chosen(daten: pd.DataFrame, codebuch: Codebuch, key: str) -> pd.DataFrame:
    """Whether each option of a multiple choice question was chosen; NA where the question has no valid answer."""
    frage = codebuch.frage(key)
    if frage.typ != "mehrfach":
        raise InputError(f"question {key} is of the type {frage.typ}; expected mehrfach")
    columns = [m.spalte for m in frage.items]
    missing = reasons(daten, codebuch, columns) != ""
    return pd.DataFrame(
        {c: (daten[c] == frage.gewaehlt).fillna(False).astype("boolean").mask(missing[c]) for c in columns},
        index=daten.index,
    )


def filter_conflicts(daten: pd.DataFrame, codebuch: Codebuch) -> pd.DataFrame:
    """Answers that contradict their filter, counted by variable.

    Returns
    -------
    pandas.DataFrame
        Columns `frage`, `merkmal`, `filter`, `trotz_filter` (valid answers where the filter does not hold),
        `fehlt_trotz_frage` (not shown although it holds); only variables where one of them is not 0.
    """
    rows = []
    for frage in codebuch.fragen:
        if not frage.filter:
            continue
        asked = holds(daten, frage.filter)
        for m in frage.items:
            values, missing = daten[m.spalte], daten[m.spalte].isin(list(m.fehlend)).astype(bool)
            against = int((values.notna() & ~missing & ~asked).sum())
            absent = int((values.isna() & asked).sum()) if m.leer == "nicht_gezeigt" else 0
            if against or absent:
                rows.append((frage.key, m.spalte, condition_text(frage.filter), against, absent))
    return pd.DataFrame(rows, columns=["frage", "merkmal", "filter", "trotz_filter", "fehlt_trotz_frage"])


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
    return pd.DataFrame(rows, columns=[*columns, "von", "bis"]).astype({"von": float, "bis": float, "code": object})
