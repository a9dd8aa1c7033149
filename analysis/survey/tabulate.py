"""The whole questionnaire in one call: every item overall and by area, with error, interval and base; parts of it."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from analysis.answers import holds
from analysis.codebook import KODIERT, Bedingung, Codebuch, Frage, condition_text
from analysis.errors import InputError
from analysis.survey.answer_codes import Antworten, coded, numbers
from analysis.survey.design import Design
from analysis.survey.estimates import domains
from analysis.survey.intervals import share_interval
from analysis.survey.schaetzung import NIVEAU, quantile_of_t
from analysis.survey.table_sums import Spalten, Tabelle, table_of

GESAMT = "gesamt"
"""Area of the rows about all respondents."""

SPALTEN = (
    "raum", "frage", "merkmal", "typ", "auspraegung", "label", "kennzahl", "basis", "filter", "gefragt", "n", "n_zelle",
    "anteil", "mittelwert", "se", "unten", "oben", "freiheitsgrade", "n_effektiv", "gewichtet", "fest",
)  # fmt: skip
"""Columns of the table of a questionnaire."""

_RUNDUNG = 1e-12
"""Relative error of a mean below which it is rounding."""

_EINMAL = 8
"""Items of numbers whose means are estimated at once."""


def tabulate(befragung, design: Design, bereich: pd.Series | None = None, niveau: float = NIVEAU) -> pd.DataFrame:
    """Shares of all values of all coded items and means of scales and numbers, overall and by area.

    Equals `estimates.share` and `estimates.mean` for each item (R `svymean`, `svyby`), in one pass over all answers.
    Intervals of shares are those of `intervals.share_interval`, of means estimate ± t × standard error.

    Parameters
    ----------
    befragung
        A survey (`daten`, `codebuch`), or the pair of its data and its codebook.
    bereich
        Area per respondent, NA in none (counts overall); a boolean is one area of those that are inside.

    Returns
    -------
    pandas.DataFrame
        One row per area (`gesamt` first), item and value, in the order of the codebook; each scale has a row of its
        mean after its values, numbers only this. Columns:

        - `raum`, `frage`, `merkmal`, `typ`, `auspraegung` (code), `label` (its text), `kennzahl` (`anteil` or
          `mittelwert`), `basis` (who is counted, in German), `filter` (conditions under which it is asked);
        - `gefragt`: respondents of the area who were asked; `n`: of these (and of those who answered against the
          filter) with a valid answer, in multiple choice to the option; `n_zelle`: with this value;
        - `anteil` or `mittelwert` (NaN in rows of the other kind), `se`, `unten`, `oben`, `freiheitsgrade`;
        - `n_effektiv` (Kish), `gewichtet` (sum of the weights of those with this value);
        - `fest`: the calibration has fixed the share; its error is 0 and it must not be tested.

        Estimates are NaN where nobody answered, errors where there are no degrees of freedom (one respondent), bounds
        of a mean where all gave the same number.

    Raises
    ------
    InputError
        Numbers of respondents differ, a column is missing, an answer is not in the codebook.
    """
    pair = isinstance(befragung, tuple) and len(befragung) == 2
    daten, codebuch = befragung if pair else (getattr(befragung, name, None) for name in ("daten", "codebuch"))
    if not (isinstance(daten, pd.DataFrame) and isinstance(codebuch, Codebuch)):
        raise InputError(f"tabulate: {type(befragung).__name__}; expected a survey, or its data and its codebook")
    if not daten.columns.is_unique:
        raise InputError(f"tabulate: the column {daten.columns[daten.columns.duplicated()][0]!r} stands twice")
    if len(daten) != len(design):
        raise InputError(f"tabulate: {len(daten)} respondents in the data, {len(design)} in the design")
    if not 0 < niveau < 1:
        raise InputError(f"tabulate: niveau={niveau!r}; expected a number between 0 and 1, as 0.95")
    names, raum = _areas(bereich, daten)
    answers, values = coded(daten, codebuch), numbers(daten, codebuch)
    if not answers.merkmale and values.columns.empty:
        raise InputError("tabulate: the codebook has no question that can be tabulated")
    rows = _rows(codebuch, answers)
    columns = _texts(rows, names)
    shared = _estimates(design, answers, values, raum, len(names), rows)
    columns |= {name: np.concatenate([table[-1:], table[:-1]]).ravel() for name, table in shared.items()}
    columns["gefragt"] = _asked(daten, codebuch, rows, raum, len(names))
    columns |= _intervals(columns, niveau, bool(design.kalibrierung))
    return pd.DataFrame({name: columns[name] for name in SPALTEN}, copy=False)


def battery(tabelle: pd.DataFrame, codebuch: Codebuch, name: str, raum: str = GESAMT) -> pd.DataFrame:
    """A battery as one frame: items × values, for diverging bars.

    Parameters
    ----------
    tabelle
        What `tabulate` returns, also with signs.
    name
        Battery of the codebook, or key of a question with several items.

    Returns
    -------
    pandas.DataFrame
        One row per item (index: `merkmal`); columns: `label` (text of the item), a share per value (its code), `n`,
        `mittelwert`.

    Raises
    ------
    InputError
        There is no such battery or area, or its items have different values.
    """
    questions = codebuch.batterie(name) or (codebuch.frage(name),)
    texts = {m.spalte: m.label or frage.text for frage in questions for m in frage.items}
    part = _part(tabelle, list(texts), raum)
    shares = part[part.kennzahl == "anteil"]
    codes = {m: tuple(rows.auspraegung) for m, rows in shares.groupby("merkmal", sort=False, observed=True)}
    if len(set(codes.values())) != 1:
        raise InputError(f"battery {name}: its items have different values; expected the same for all")
    order = next(iter(codes.values()))
    wide = shares.pivot(index="merkmal", columns="auspraegung", values="anteil").reindex(list(texts))[list(order)]
    n = shares.groupby("merkmal", observed=True).n.first()
    means = part[part.kennzahl == "mittelwert"].set_index("merkmal").mittelwert
    wide.index, wide.columns = pd.Index(texts, name="merkmal"), list(order)
    wide.insert(0, "label", list(texts.values()))
    return wide.assign(n=n.reindex(list(texts)).to_numpy(), mittelwert=means.reindex(list(texts)).to_numpy())


def multiple_response(tabelle: pd.DataFrame, codebuch: Codebuch, frage: str, raum: str = GESAMT) -> pd.DataFrame:
    """Options of a multiple choice question: shares of those who answered it, which do not sum to 1.

    Returns
    -------
    pandas.DataFrame
        One row per option (index: its text); the columns of `tabulate` from `basis` on, and signs if there are.
    """
    question = codebuch.frage(frage)
    if question.typ != "mehrfach":
        raise InputError(f"question {frage} is of the type {question.typ}; expected mehrfach")
    part = _part(tabelle, [m.spalte for m in question.items], raum)
    texts = {m.spalte: m.label or m.spalte for m in question.items}
    part = part.set_index(pd.Index(part.merkmal.map(texts).astype(str), name="option"))
    return part.loc[:, "basis":].drop(columns="mittelwert")


def base_text(frage: Frage, codebuch: Codebuch) -> str:
    """Whose answers are counted, in German: with the conditions under which the question is asked."""
    parts = []
    for c in frage.filter:
        m, question = codebuch.merkmal(c.spalte), codebuch.frage(c.spalte)
        if c.codes:
            parts.append(f"{_said(m, question)} {' oder '.join(str(m.labels.get(code, code)) for code in c.codes)}")
        for word, bound in (("mindestens", c.ab), ("höchstens", c.bis)):
            if bound is not None:
                parts.append(f"{_said(m, question)} {word} {f'{bound:g}'.replace('.', ',')}")
    answered = "die die Frage beantwortet haben" if frage.typ == "mehrfach" else "die gültig geantwortet haben"
    return f"Befragte, {answered}" + (f" ({'; '.join(parts)})" if parts else "")


def _said(m, question: Frage) -> str:
    """What a condition is about, up to the answer: a question mark needs no colon."""
    text = m.label or question.text or m.spalte
    return text if text.endswith("?") else f"{text}:"


def _part(tabelle: pd.DataFrame, columns: list[str], raum: str) -> pd.DataFrame:
    part = tabelle[(tabelle.raum == raum) & tabelle.merkmal.isin(columns)]
    if part.empty:
        known = ", ".join(map(str, tabelle.raum.unique()[:10]))
        raise InputError(f"the table has no rows of {columns[0]} in the area {raum!r}; its areas are {known}")
    return part


def _areas(bereich: pd.Series | None, daten: pd.DataFrame) -> tuple[list, np.ndarray]:
    """Names of the areas in ascending order, and for each respondent its number (the number of areas: none)."""
    if bereich is None:
        return [], np.zeros(len(daten), int)
    if isinstance(bereich, pd.DataFrame):
        raise InputError("tabulate: the areas are a table; expected one column")
    values = bereich if isinstance(bereich, pd.Series) else pd.Series(bereich)
    if len(values) != len(daten):
        raise InputError(f"tabulate: {len(values)} areas for {len(daten)} respondents")
    if isinstance(bereich, pd.Series) and not bereich.index.equals(daten.index):
        raise InputError("tabulate: the areas have another index than the data; expected the same respondents in order")
    if pd.api.types.infer_dtype(values, skipna=True) == "boolean":
        name = getattr(bereich, "name", None)
        values = pd.Series(np.where(values.isin([True]), "bereich" if name is None else str(name), None))
    codes, names = pd.factorize(values.astype(object), sort=True)
    if GESAMT in set(names):
        raise InputError(f"tabulate: an area is called {GESAMT!r}, which names all respondents")
    return list(names), np.where(codes < 0, len(names), codes)


def _rows(codebuch: Codebuch, answers: Antworten) -> dict:
    """Columns of the rows of one area: what stands in them, and which item and column of the estimates (`spalte`)."""
    items, values, codes, shown = len(answers.merkmale), len(answers.codes), answers.codes, answers.gezeigt.tolist()
    ends = [*answers.erster.tolist(), values]
    means = np.flatnonzero(~np.isnan(answers.zahl[answers.erster]))
    number = {m: n for n, m in enumerate(answers.merkmale)}
    of_mean = {int(item): values + n for n, item in enumerate(means)}
    heads, lines, counted = [], [], 0
    for frage in codebuch.fragen:
        if frage.typ not in (*KODIERT, "zahl"):
            continue
        head = (frage.key, frage.typ, base_text(frage, codebuch), condition_text(frage.filter))
        for m in frage.items:
            here = len(heads)
            heads.append((*head, m.spalte))
            if frage.typ == "zahl":
                lines.append((here, None, "", True, items + counted, values + len(means) + counted))
                counted += 1
                continue
            item = number[m.spalte]
            for place in range(ends[item], ends[item + 1]):
                if shown[place]:
                    code = codes[place]
                    label = "" if code is None else m.labels.get(code, str(code))
                    lines.append((here, code, label, False, item, place))
            if item in of_mean:
                lines.append((here, None, "", True, item, of_mean[item]))
    which, code, label, mean, item, column = zip(*lines, strict=True)
    which = np.array(which)
    rows = {}
    for name, column_of_heads in zip(
        ("frage", "typ", "basis", "filter", "merkmal"), zip(*heads, strict=True), strict=True
    ):
        found, known = pd.factorize(np.array(column_of_heads, object))
        rows[name] = pd.Categorical.from_codes(found[which], known)
    rows["label"] = pd.Categorical.from_codes(*pd.factorize(np.array(label, object)))
    rows["kennzahl"] = pd.Categorical.from_codes(np.array(mean, int), ["anteil", "mittelwert"])
    # without a type of its own a code would become a decimal number beside the empty code of a mean
    return rows | {"auspraegung": np.array(code, object), "item": np.array(item), "spalte": np.array(column)}


def _texts(rows: dict, names: list) -> dict:
    """Texts of all rows, area after area."""
    areas = [GESAMT, *names]
    times = len(areas)
    found = {"raum": pd.Categorical.from_codes(np.repeat(np.arange(times), len(rows["item"])), areas)}
    for name in ("frage", "merkmal", "typ", "label", "kennzahl", "basis", "filter"):
        column = rows[name]
        found[name] = pd.Categorical.from_codes(np.tile(column.codes, times), dtype=column.dtype)
    return found | {"auspraegung": np.tile(rows["auspraegung"], times)}


def _estimates(design, answers: Antworten, values: pd.DataFrame, raum, areas: int, rows: dict) -> dict:
    """Columns of figures, each areas (the last: all) × rows."""
    tables = []
    if answers.merkmale:
        tables.append(table_of(design, answers.platz, Spalten(answers.erster, answers.zahl), raum, areas))
    if len(values.columns):
        tables.append(_means(design, values, raum, areas))
    column, item, share = rows["spalte"], rows["item"], rows["kennzahl"] == "anteil"
    value, variance = (np.hstack([getattr(t, name) for t in tables])[:, column] for name in ("wert", "varianz"))
    n, df, kish = (np.hstack([getattr(t, name) for t in tables])[:, item]
                   for name in ("n", "freiheitsgrade", "n_effektiv"))  # fmt: skip
    cells, weights = n.copy(), np.full(n.shape, np.nan)
    if answers.merkmale:
        cells[:, share], weights[:, share] = (
            getattr(tables[0], name)[:, column[share]] for name in ("n_zelle", "gewicht")
        )
    return {
        "n": n,
        "n_zelle": cells,
        "anteil": np.where(share, value, np.nan),
        "mittelwert": np.where(share, np.nan, value),
        "se": np.sqrt(np.maximum(variance, 0.0)),
        "freiheitsgrade": df,
        "n_effektiv": kish,
        "gewichtet": weights,
    }


def _means(design: Design, values: pd.DataFrame, raum: np.ndarray, areas: int) -> Tabelle:
    """Means of numbers, a few items at a time."""
    area = pd.Series(np.where(raum < areas, raum.astype(float), np.nan))
    parts = []
    for start in range(0, len(values.columns), _EINMAL):
        part = values.iloc[:, start : start + _EINMAL].reset_index(drop=True)
        blocks = [_mean(design, part, domain) for domain in ([area] if areas else []) + [None]]
        parts.append([np.concatenate(block) for block in zip(*blocks, strict=True)])
    value, variance, n, df, kish = (np.hstack(part) for part in zip(*parts, strict=True))
    return Tabelle(value, variance, n[:, :0], value[:, :0], n, df, kish)


def _mean(design: Design, part: pd.DataFrame, domain: pd.Series | None) -> list[np.ndarray]:
    numbers, inside, _ = domains(design, part, domain)
    weight = design.gewichte
    with np.errstate(invalid="ignore", divide="ignore"):
        below = (weight * inside).sum(axis=0)
        value = (weight * numbers).sum(axis=0) / below
        variance = design.varianz((numbers - value * inside) / below)
        kish = below**2 / (weight**2 * inside).sum(axis=0)
    first = design.stufen[0]
    df = sum(sign * _groups(inside, codes) for sign, codes in ((1, first.einheit), (-1, first.schicht)))
    variance = np.where(variance < (_RUNDUNG * value) ** 2, 0.0, variance)
    found = (value, np.where(df < 1, np.nan, variance), inside.sum(axis=0), df, kish)
    return [x.reshape(-1, len(part.columns)) for x in found]


def _groups(inside: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Units or strata with somebody inside, per column."""
    order = np.argsort(codes, kind="stable")
    starts = np.unique(codes[order], return_index=True)[1]
    return np.logical_or.reduceat(inside[order], starts, axis=0).sum(axis=0)


def _asked(daten: pd.DataFrame, codebuch: Codebuch, rows: dict, raum: np.ndarray, areas: int) -> np.ndarray:
    """Respondents of each area who were asked, per row of the table."""
    filters: dict[str, Iterable[Bedingung]] = {condition_text(frage.filter): frage.filter for frage in codebuch.fragen}
    codes, known = rows["filter"].codes, rows["filter"].categories
    counts = np.empty((areas + 1, len(known)), int)
    for column, text in enumerate(known):
        asked = holds(daten, filters[text]).to_numpy(bool)
        counts[0, column] = asked.sum()
        counts[1:, column] = np.bincount(raum[asked], minlength=areas + 1)[:areas]
    return counts[:, codes].ravel()


def _intervals(columns: dict, niveau: float, calibrated: bool) -> dict:
    """Columns `unten`, `oben` and `fest`."""
    p, mean, se, df = (columns[name] for name in ("anteil", "mittelwert", "se", "freiheitsgrade"))
    low, high = share_interval(p, se, columns["n"], df, niveau=niveau, n_effektiv=columns["n_effektiv"])
    fixed = calibrated & (se == 0) & (p > 0) & (p < 1)
    of_mean = columns["kennzahl"] == "mittelwert"
    width = quantile_of_t(df[of_mean], niveau) * se[of_mean]
    low, high = np.where(fixed, p, low), np.where(fixed, p, high)
    width[width == 0] = np.nan  # all gave the same number: their spread says nothing about the others
    low[of_mean], high[of_mean] = mean[of_mean] - width, mean[of_mean] + width
    return {"unten": low, "oben": high, "fest": fixed}
