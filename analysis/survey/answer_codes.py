"""All answers of a questionnaire as numbers: for each respondent and item the place of the answer among its values.

Tables count places instead of comparing texts. What is a valid answer is as in `analysis.answers.reasons`.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.answers import holds
from analysis.codebook import KODIERT, NICHT_GEWAEHLT, Codebuch, Frage, Merkmal
from analysis.errors import InputError

KEINE = -1
"""Place of what is no valid answer."""

_UNBEKANNT, _LEER, _TABELLE = -2, -(2**62), 10_000

_MEISTE_WERTE = 101
"""Whole numbers of a scale without labels that stand in tables even if nobody chose them."""


@dataclass(frozen=True)
class Antworten:
    """Answers of all coded items.

    Attributes
    ----------
    platz
        Respondents × items: place of the answer among the values of its item, `KEINE` without valid answer.
    merkmale, erster
        Column and place of the first value per item; the values of all items lie side by side.
    codes, zahl, gezeigt
        Per value: its code, the code as a number where the item is a scale whose codes are numbers (else NaN), whether
        it is shown (not: not chosen, in multiple choice).
    """

    platz: np.ndarray
    merkmale: list[str]
    erster: np.ndarray
    codes: list
    zahl: np.ndarray
    gezeigt: np.ndarray


def coded(daten: pd.DataFrame, codebuch: Codebuch) -> Antworten:
    """Places of the valid answers of all coded items, in the order of the codebook.

    Raises
    ------
    InputError
        A column of an item is not in the data, or holds a value that its codebook does not know.
    """
    pairs = [(frage, m) for frage in codebuch.fragen if frage.typ in KODIERT for m in frage.items]
    there = set(daten.columns)
    missing = [m.spalte for _, m in pairs if m.spalte not in there]
    if missing:
        raise InputError(f"the column {missing[0]!r} of the codebook is not in the data")
    kinds = {"i": "ganz", "u": "ganz", "f": "zahl"}
    numeric = {
        name: kinds.get(dtype.kind, "text") for name, dtype in zip(daten.columns, daten.dtypes.tolist(), strict=True)
    }
    groups: dict[tuple, list[int]] = {}
    for number, (frage, m) in enumerate(pairs):
        key = (numeric[m.spalte], frage.gewaehlt, tuple(m.labels), tuple(m.fehlend), m.bereich)
        groups.setdefault(key, []).append(number)
    place = np.empty((len(daten), len(pairs)), np.int32)
    levels: list[list] = [[]] * len(pairs)
    for (kind, chosen, *_), numbers in groups.items():
        columns = [pairs[number][1].spalte for number in numbers]
        part = daten if list(daten) == columns else daten[columns]
        m = pairs[numbers[0]][1]
        found, known = _found(part, m, kind if m.zahlcodes else "text")
        if chosen is not None:
            # 0 chosen, 1 not chosen
            found = np.where(found == KEINE, KEINE, np.where(found == known.index(chosen), 0, 1))
            known = [chosen, None]
        together = numbers[-1] - numbers[0] + 1 == len(numbers)  # a range is written much faster than a list
        place[:, slice(numbers[0], numbers[-1] + 1) if together else numbers] = found.T
        for number in numbers:
            levels[number] = known or [None]  # an item without any value keeps its line in the tables
    _multiple(place, pairs, daten)
    ends = np.cumsum([0, *map(len, levels)])
    codes = [code for known in levels for code in known]
    number, shown = np.full(len(codes), np.nan), np.ones(len(codes), bool)
    for (frage, _), known, first, end in zip(pairs, levels, ends, ends[1:], strict=False):
        if frage.typ == "skala" and not any(isinstance(code, str) for code in known):
            number[first:end] = [np.nan if code is None else float(code) for code in known]
        elif frage.typ == "mehrfach":
            shown[first:end] = [code is not None for code in known]
    return Antworten(place, [m.spalte for _, m in pairs], ends[:-1], codes, number, shown)


def numbers(daten: pd.DataFrame, codebuch: Codebuch) -> pd.DataFrame:
    """Valid numbers of all items of the type `zahl`, NaN without valid answer."""
    found = {}
    for m in (m for frage in codebuch.fragen if frage.typ == "zahl" for m in frage.items):
        if m.spalte not in daten:
            raise InputError(f"the column {m.spalte!r} of the codebook is not in the data")
        column = daten[m.spalte]
        values = pd.to_numeric(column, errors="coerce").to_numpy(float, na_value=np.nan)
        said = column.notna().to_numpy() & ~column.isin(list(m.fehlend)).to_numpy(bool)
        wrong = (np.isnan(values) & said) | np.isinf(values)
        if wrong.any():
            raise InputError(f"{_place(daten, wrong)}, {m.spalte}: {column[wrong].iloc[0]!r}; expected a number")
        missing = [code for code in m.fehlend if isinstance(code, int)]
        found[m.spalte] = np.where(np.isin(values, missing), np.nan, values)
    return pd.DataFrame(found, index=daten.index)


def _found(frame: pd.DataFrame, m: Merkmal, kind: str) -> tuple[np.ndarray, list]:
    """Places (items × respondents) among the values of columns with the same codes, and these values."""
    if kind == "ganz":  # without the detour over floating point numbers
        values = frame.to_numpy(np.int64, na_value=_LEER).T
        empty = values == _LEER
    elif kind == "zahl":
        values = frame.to_numpy(float, na_value=np.nan).T
        empty = np.isnan(values)
    else:
        columns = (frame[name].astype(object) for name in frame)
        values = np.array([column.where(column.notna(), None).to_numpy(object) for column in columns], object)
        empty = None
    known = _levels(m, values if empty is None else values[~empty] if m.bereich else values[:0])
    codes = [*known, *m.fehlend]
    if kind == "ganz" and codes and max(codes) - min(codes) < _TABELLE and all(isinstance(c, int) for c in codes):
        low = min(codes) - 1
        values -= low
        lookup = np.full(max(codes) - low + 2, _UNBEKANNT, np.int32)
        lookup[np.array(codes) - low] = [*range(len(known)), *[KEINE] * len(m.fehlend)]
        result = lookup.take(values, mode="clip")  # what is beyond the codes meets an end, which is unknown
    else:
        flat, uniques = pd.factorize(values.ravel())
        index = pd.Index(codes, dtype=object).get_indexer(pd.Index(uniques, dtype=object)).astype(np.int32)
        index = np.select([index < 0, index >= len(known)], [np.int32(_UNBEKANNT), np.int32(KEINE)], index)
        result = np.append(index, np.int32(KEINE))[flat].reshape(values.shape)
        empty = (flat < 0).reshape(values.shape) if empty is None else empty
    if empty.any():
        result[empty] = KEINE
    if result.min(initial=0) == _UNBEKANNT:
        item, row = np.argwhere(result == _UNBEKANNT)[0]
        raise InputError(
            f"{_place(frame, result[item] == _UNBEKANNT)}, {frame.columns[item]}: {frame.iloc[row, item]!r}; expected "
            f"one of the codes {', '.join(map(str, codes[:20]))} ({(result == _UNBEKANNT).sum()} answers are not)"
        )
    return result, known


def _levels(m: Merkmal, values: np.ndarray) -> list:
    """Values of a variable in the order of its codebook; with a range in ascending order, also those without label."""
    if m.bereich is None:
        return list(m.labels)
    low, high = m.bereich
    flat = pd.Series(values.ravel()).dropna()
    seen = flat[flat.map(lambda v: isinstance(v, int | float | np.number)).astype(bool)].unique().tolist()
    known = {as_int(v) for v in seen if (low is None or v >= low) and (high is None or v <= high)} | set(m.labels)
    if low is not None and high is not None and high - low < _MEISTE_WERTE:
        known |= set(range(int(np.ceil(low)), int(np.floor(high)) + 1))
    known -= set(m.fehlend)
    texts = [code for code in known if isinstance(code, str)]
    return sorted(known - set(texts)) + sorted(texts)


def as_int(value: float):
    """A whole number as such."""
    return int(value) if float(value).is_integer() else float(value)


def _place(frame: pd.DataFrame, wrong: np.ndarray) -> str:
    return f"respondent {int(np.flatnonzero(wrong)[0]) + 1} of {len(frame)}"


def _multiple(place: np.ndarray, pairs: list[tuple[Frage, Merkmal]], daten: pd.DataFrame) -> None:
    """What says of a whole multiple choice question that an empty cell is no choice, or that nothing is valid."""
    rows: dict[str, list[int]] = {}
    for number, (frage, _) in enumerate(pairs):
        if frage.typ == "mehrfach":
            rows.setdefault(frage.key, []).append(number)
    for numbers in rows.values():
        frage = pairs[numbers[0]][0]
        quiet = [number for number in numbers if pairs[number][1].leer == NICHT_GEWAEHLT]
        if quiet:
            empty = daten[[m.spalte for m in frage.items]].isna().to_numpy()
            answered = holds(daten, frage.filter).to_numpy(bool)
            if len(frage.items) > 1:
                answered = answered & ~empty.all(axis=1)
            own = np.array([numbers.index(number) for number in quiet])
            place[:, quiet] = np.where(empty[:, own] & answered[:, None], 1, place[:, quiet])
        for count in frage.merkmale:
            if count.typ == "zahl" and count.fehlend and count.spalte in daten:
                codes = [code for code, reason in count.fehlend.items() if reason != "sonstiges"]
                nothing = daten[count.spalte].isin(codes).to_numpy(bool)
                place[np.ix_(nothing, numbers)] = KEINE
