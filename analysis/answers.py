"""Answers of a survey read with its codebook: do they fit it, why are they missing, which options were chosen."""

from collections.abc import Iterable
from functools import cache

import numpy as np
import pandas as pd

from analysis.codebook import NICHT_GEWAEHLT, Bedingung, Codebuch, Merkmal, condition_text
from analysis.errors import InputError


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
        if spalte not in codebuch.merkmale:
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

    @cache
    def not_shown(key: str) -> np.ndarray:
        return ~holds(daten, codebuch.frage(key).filter).to_numpy()

    @cache
    def nothing_chosen(key: str) -> np.ndarray:
        return daten[[m.spalte for m in codebuch.frage(key).items]].isna().all(axis=1).to_numpy()

    @cache
    def of_all_options(spalte: str) -> np.ndarray:
        fehlend = codebuch.merkmal(spalte).fehlend
        return _texts(daten[spalte], {c: r for c, r in fehlend.items() if r != "sonstiges"})

    result = {}
    for spalte in spalten if spalten is not None else [c for c in daten if c in codebuch.merkmale]:
        m, frage, empty = codebuch.merkmal(spalte), codebuch.frage(spalte), daten[spalte].isna().to_numpy()
        reason = _texts(daten[spalte], m.fehlend)
        if m.leer != NICHT_GEWAEHLT:
            reason[empty] = m.leer
        elif len(frage.items) > 1:
            reason[nothing_chosen(frage.key)] = "nicht_beantwortet"
        for count in frage.merkmale:
            if m.typ == "mehrfach" and count.typ == "zahl" and count.fehlend and count.spalte in daten:
                reason = np.where(reason == "", of_all_options(count.spalte), reason)
        if frage.filter:
            reason[empty & not_shown(frage.key)] = "nicht_gezeigt"
        result[spalte] = reason
    return pd.DataFrame(result, index=daten.index, dtype=object)


def _texts(values: pd.Series, texts: dict) -> np.ndarray:
    """Text of each code that has one, else an empty text; a new array."""
    if not texts:
        return np.full(len(values), "", object)
    numbers, codes = pd.factorize(values)
    return np.array([*(texts.get(code, "") for code in codes), ""], object)[numbers]


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
