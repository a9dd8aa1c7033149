"""The codebook of an export after what the description of the survey adds, and the data with the types it demands."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.codebook import Code, Codebuch, Frage, Merkmal, as_code, conditions
from analysis.errors import InputError
from analysis.sources.rohdaten import plain

_LARGEST = 2**53
"""From here on a floating point number does not tell whole numbers apart."""

_QUESTION_ONLY = ("einheit", "batterie", "filter", "gewaehlt", "klassen", "merkmale")


def without(codebuch: Codebuch, spalten: list[str]) -> Codebuch:
    """The codebook without some columns; filters on them go too."""
    questions = []
    for q in codebuch.fragen:
        kept = tuple(m for m in q.merkmale if m.spalte not in spalten)
        if not kept:
            continue
        main = q.typ if any(m.typ == q.typ for m in kept) else kept[0].typ
        filter = tuple(c for c in q.filter if c.spalte not in spalten)
        questions.append(replace(q, typ=main, merkmale=kept, filter=filter))
    return Codebuch(tuple(questions), codebuch.batterien)


def merged(first: Codebuch, second: Codebuch) -> Codebuch:
    """One codebook of two files of the same survey, which may use different codes of the same questions.

    Raises
    ------
    InputError
        They differ in more than which codes occur.
    """
    questions = []
    for a, b in zip(first.fragen, second.fragen, strict=False):
        bare = [
            replace(q, merkmale=tuple(replace(m, labels={}, fehlend={}, fehltexte={}) for m in q.merkmale))
            for q in (a, b)
        ]
        if bare[0] != bare[1]:
            raise InputError(f"question {a.key} is another one than in the first file")
        merkmale = tuple(
            replace(m, labels=n.labels | m.labels, fehlend=n.fehlend | m.fehlend, fehltexte=n.fehltexte | m.fehltexte)
            for m, n in zip(a.merkmale, b.merkmale, strict=True)
        )
        questions.append(replace(a, merkmale=merkmale))
    if len(first.fragen) != len(second.fragen):
        raise InputError(f"{len(second.fragen)} questions, {len(first.fragen)} in the first file")
    return Codebuch(tuple(questions), first.batterien)


def adjust(codebuch: Codebuch, given: dict) -> Codebuch:
    """The codebook with what the description says of questions, batteries, filters and missing codes.

    Raises
    ------
    InputError
        A question or column that does not exist, or what the result contradicts.
    """
    questions = list(codebuch.fragen)
    for key, said in given.get("fragen", {}).items():
        if "merkmale" in said:
            questions = _grouped(questions, key, said)
    for key, said in given.get("fragen", {}).items():
        questions = _adjusted(questions, key, said)
    general = {as_code(code): reason for code, reason in given.get("fehlend", {}).items()}
    questions = [replace(q, merkmale=tuple(_with_missing(m, general) for m in q.merkmale)) for q in questions]
    named = {q.batterie for q in questions if q.batterie}
    for name in given.get("batterien", {}):
        if name not in named:
            raise InputError(f"befragung.batterien: no question belongs to {name!r}")
    batteries = {**{name: name for name in sorted(named)}, **codebuch.batterien, **given.get("batterien", {})}
    return Codebuch(tuple(_harmonised(questions)), batteries)


def _grouped(questions: list[Frage], key: str, said: dict) -> list[Frage]:
    """The questions with one that takes several variables together."""
    variables = {m.spalte: m for q in questions for m in q.merkmale}
    for name in said["merkmale"]:
        if name not in variables:
            raise InputError(f"befragung.fragen.{key}.merkmale: there is no variable {name!r}")
    members = [replace(variables[name], label=variables[name].label or name) for name in said["merkmale"]]
    position = next(n for n, q in enumerate(questions) if any(m.spalte in said["merkmale"] for m in q.merkmale))
    rest = [replace(q, merkmale=tuple(m for m in q.merkmale if m.spalte not in said["merkmale"])) for q in questions]
    new = Frage(key, members[0].typ, tuple(members), key)
    before, after = rest[:position], rest[position:]
    return [q for q in (*before, new, *after) if q is new or q.merkmale]


def _adjusted(questions: list[Frage], key: str, said: dict) -> list[Frage]:
    for position, q in enumerate(questions):
        if q.key == key:
            return [*questions[:position], _question(q, said), *questions[position + 1 :]]
        found = next((m for m in q.merkmale if m.spalte == key), None)
        if found is None:
            continue
        alone = len(q.merkmale) == 1
        if not alone and any(name in said for name in _QUESTION_ONLY):
            raise InputError(
                f"befragung.fragen.{key}: {', '.join(_QUESTION_ONLY)} belong to a question; its key is {q.key}"
            )
        if alone:
            return [*questions[:position], _question(q, said), *questions[position + 1 :]]
        changed = _variable(found, said)
        if changed.typ == found.typ:
            merkmale = tuple(changed if m is found else m for m in q.merkmale)
            return [*questions[:position], replace(q, merkmale=merkmale), *questions[position + 1 :]]
        rest = replace(q, merkmale=tuple(m for m in q.merkmale if m is not found))
        own = Frage(key, changed.typ, (changed,), changed.label or q.text, filter=q.filter)
        return [*questions[:position], rest, own, *questions[position + 1 :]]
    raise InputError(f"befragung.fragen: there is no question or variable {key!r}")


def _question(q: Frage, said: dict) -> Frage:
    """A question with what the description says of it."""
    typ = said.get("typ", "klasse" if "klassen" in said else q.typ)
    klassen = {as_code(code): tuple(bounds) for code, bounds in said.get("klassen", {}).items()} or q.klassen
    of_items = {**said, "typ": typ}
    if "text" in of_items:
        of_items.pop("text")
    merkmale = []
    for m in q.merkmale:
        if m.typ != q.typ:
            merkmale.append(m)
            continue
        changed = _variable(m, of_items)
        if typ == "klasse" and not changed.labels:
            changed = replace(changed, labels={code: _bounds_text(*bounds) for code, bounds in klassen.items()})
        merkmale.append(changed)
    try:
        filter = conditions(said["filter"]) if "filter" in said else q.filter
    except InputError as error:
        raise InputError(f"befragung.fragen.{q.key}: {error}") from None
    gewaehlt = as_code(said["gewaehlt"]) if "gewaehlt" in said else q.gewaehlt
    return replace(
        q, typ=typ, merkmale=tuple(merkmale), text=plain(said.get("text", q.text)), filter=filter, klassen=klassen,
        batterie=said.get("batterie", q.batterie), einheit=said.get("einheit", q.einheit), gewaehlt=gewaehlt,
    )  # fmt: skip


def _variable(m: Merkmal, said: dict) -> Merkmal:
    labels = {**m.labels, **{as_code(code): text for code, text in said.get("labels", {}).items()}}
    typ = said.get("typ", m.typ)
    bereich = tuple(said["bereich"]) if "bereich" in said else m.bereich if typ == m.typ else None
    if typ in ("zahl", "offen", "datum", "technisch"):
        labels = {}
    elif typ == "skala" and m.typ != "skala" and "bereich" not in said:
        whole = [code for code in labels if isinstance(code, int)]
        bereich = (min(whole), max(whole)) if len(whole) > 1 else None
    changed = replace(m, typ=typ, labels=labels, bereich=bereich, leer=said.get("leer", m.leer))
    if "text" in said:
        changed = replace(changed, label=plain(said["text"]))
    for code, reason in said.get("fehlend", {}).items():
        changed = _missing(changed, as_code(code), reason)
    return changed


def _with_missing(m: Merkmal, general: dict[Code, str]) -> Merkmal:
    """A variable with missing codes that hold for all questions: negative ones always, others where it labels them."""
    if not m.ist_kodiert and m.typ != "zahl":
        return m
    for code, reason in general.items():
        if isinstance(code, int) and code < 0 or code in m.labels or code in m.fehlend:
            m = _missing(m, code, reason)
    return m


def _missing(m: Merkmal, code: Code, reason: str) -> Merkmal:
    labels = {known: text for known, text in m.labels.items() if known != code}
    texts = {**m.fehltexte, code: m.labels.get(code, m.fehltexte.get(code, ""))}
    return replace(m, labels=labels, fehlend={**m.fehlend, code: reason}, fehltexte=texts)


def _bounds_text(low: float | None, high: float | None) -> str:
    if low is None:
        return f"unter {high:g}"
    return f"{low:g} und mehr" if high is None else f"{low:g} bis unter {high:g}"


def _harmonised(questions: list[Frage]) -> list[Frage]:
    """Questions whose codes are whole numbers throughout or texts throughout, also where others refer to them."""
    textual = {m.spalte for q in questions for m in q.merkmale if m.ist_kodiert and not m.zahlcodes}

    def alike(codes: dict) -> dict:
        return {str(code): meaning for code, meaning in codes.items()}

    result = []
    for q in questions:
        merkmale = tuple(
            replace(m, labels=alike(m.labels), fehlend=alike(m.fehlend), fehltexte=alike(m.fehltexte))
            if m.spalte in textual
            else m
            for m in q.merkmale
        )
        filter = tuple(replace(c, codes=tuple(map(str, c.codes))) if c.spalte in textual else c for c in q.filter)
        own = any(m.spalte in textual for m in q.items)
        chosen = str(q.gewaehlt) if own and q.gewaehlt is not None else q.gewaehlt
        klassen = alike(q.klassen) if own else q.klassen
        result.append(replace(q, merkmale=merkmale, filter=filter, gewaehlt=chosen, klassen=klassen))
    return result


def typed(table: pd.DataFrame, codebuch: Codebuch, dezimal: str, place: str, zeilen: pd.Series) -> pd.DataFrame:
    """Data with the types that their codebook demands; empty cells become NA.

    Raises
    ------
    InputError
        A column that the codebook does not know or the other way round, a code that is no whole number where all are,
        a number or time that is none.
    """
    known = set(codebuch.spalten)
    for name in table:
        if name not in known:
            raise InputError(
                f"{place}: the column {name!r} is not in the codebook; describe it, or put it under zurueckhalten"
            )
    for name in codebuch.spalten:
        if name not in table:
            raise InputError(f"{place}: the column {name!r} of the codebook is not in the data")
    columns = {}
    for m in (m for q in codebuch.fragen for m in q.merkmale):
        cells = table[m.spalte]
        if m.ist_kodiert:
            wrong, values = _codes(cells, m)
            expected = "a whole number as code (exported with answer texts instead of codes?)"
        elif m.typ == "zahl":
            wrong, values = _numbers(cells, dezimal)
            expected = f"a number with decimal {'comma' if dezimal == ',' else 'point'}"
        elif m.typ == "datum":
            wrong, values = _times(cells)
            expected = "a date (2023-08-21, 2023-08-21 14:05:00 or 21.08.2023)"
        else:
            values, wrong, expected = _texts(cells), None, ""
            filled = values.dropna()
            if m.typ == "technisch" and len(filled) and filled.str.fullmatch(r"-?(0|[1-9]\d{0,14})([.,]\d+)?").all():
                values = _numbers(values, "," if filled.str.contains(",").any() else ".")[1]
        if wrong is not None and wrong.any():
            first = wrong.idxmax()
            cell = str(cells[first])[:40]
            raise InputError(f"{place}, row {zeilen[first]}, {m.spalte}: {cell!r}; expected {expected}")
        columns[m.spalte] = values
    return pd.DataFrame(columns, index=table.index)


def _texts(cells: pd.Series) -> pd.Series:
    if pd.api.types.is_numeric_dtype(cells):
        whole = cells.dropna().mod(1).eq(0).all()
        return cells.astype("Float64").astype("Int64").astype("string") if whole else cells.astype("string")
    text = cells.astype("string").str.strip()
    return text.mask(text == "")


def _codes(cells: pd.Series, m: Merkmal) -> tuple[pd.Series, pd.Series]:
    if not m.zahlcodes:
        text = _texts(cells)
        return pd.Series(False, index=cells.index), text
    if pd.api.types.is_numeric_dtype(cells):
        number = cells.astype("Float64")
        wrong = ((number % 1 != 0) | (number.abs() >= _LARGEST)).fillna(False).astype(bool)
        return wrong, number.mask(wrong).astype("Int64")
    text = _texts(cells)
    fits = text.str.fullmatch(r"[+-]?\d{1,12}([.,]0+)?").fillna(True).astype(bool)
    plain_number = text.where(fits).str.replace(r"[.,]0+$", "", regex=True)
    return ~fits, plain_number.astype("Int64")


def _numbers(cells: pd.Series, dezimal: str) -> tuple[pd.Series, pd.Series]:
    if pd.api.types.is_numeric_dtype(cells):
        number, wrong = (
            cells.astype("Float64"),
            pd.Series(np.isinf(cells.to_numpy(float, na_value=0)), index=cells.index),
        )
    else:
        text = _texts(cells)
        pattern = rf"-?(\d{{1,15}}({re.escape(dezimal)}\d{{0,12}})?|{re.escape(dezimal)}\d{{1,12}})"
        fits = text.str.fullmatch(pattern).fillna(True).astype(bool)
        wrong = ~fits
        number = text.where(fits).str.replace(dezimal, ".", regex=False).astype("Float64")
    number = number.mask(wrong)
    whole = ((number.dropna() % 1 == 0) & (number.dropna().abs() < _LARGEST)).all()
    return wrong, number.astype("Int64") if whole else number


_FORMS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y")


def _times(cells: pd.Series) -> tuple[pd.Series, pd.Series]:
    if pd.api.types.is_datetime64_any_dtype(cells):
        return pd.Series(False, index=cells.index), cells.astype("datetime64[us]")
    text = _texts(cells).str.replace("T", " ").str.replace(r"\.\d+$", "", regex=True)
    result = pd.Series(pd.NaT, index=cells.index, dtype="datetime64[us]")
    for form in _FORMS:
        open_cells = text.notna() & result.isna()
        if not open_cells.any():
            break
        found = pd.to_datetime(text.where(open_cells), format=form, errors="coerce")
        result = result.fillna(found.astype("datetime64[us]"))
    return (text.notna() & result.isna()).astype(bool), result
