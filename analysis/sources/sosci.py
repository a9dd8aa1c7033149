"""SoSci Survey: the data file with its lists of variables (`variables_*.csv`) and values (`values_*.csv`).

Signs of this source: an empty cell was not shown; `-9` not answered; `-1`, `-2`, … residual options of the question;
`-8` faulty. Valid codes begin with 1. An option of a multiple choice question is 1 (not chosen) or 2 (chosen; the
R form of the export writes F and T), its head variable is the number of chosen options or a residual option.
"""

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd

from analysis.codebook import Codebuch, Frage, Merkmal, as_code
from analysis.errors import InputError
from analysis.sources.rohdaten import Rohdaten, codebook_of, plain, read_table, reason_of

SYSTEM = {
    "CASE": "technisch", "QUESTNNR": "technisch", "MODE": "technisch", "LANGUAGE": "technisch", "STARTED": "datum",
    "SERIAL": "technisch", "REF": "technisch", "MAILSENT": "technisch", "LASTDATA": "datum", "STATUS": "technisch",
    "FINISHED": "technisch", "Q_VIEWER": "technisch", "LASTPAGE": "technisch", "MAXPAGE": "technisch",
    "MISSING": "technisch", "MISSREL": "technisch", "TIME_SUM": "technisch", "TIME_RSI": "technisch",
    "DEG_TIME": "technisch", "DEG_MISS": "technisch", "DEGRADE": "technisch",
}  # fmt: skip
"""Columns around the questions → type."""

_NEGATIVE = {
    -9: ("nicht_beantwortet", "nicht beantwortet"),
    -1: ("weiss_nicht", "weiß nicht"),
    -8: ("sonstiges", "fehlerhaft"),
}
"""Codes of missing answers that need no entry in the list of values → reason, text."""

_TWO_VALUED = ("DICHOTOMOUS", "BOOL", "BOOLEAN")
_CHOICE = ("CHECKBOX", "MULTIPLE CHOICE", "MC")
_HEAD = re.compile(r":?\s*(Ausweichoption \(negativ\)|Residual option \(negative\)).*$", re.IGNORECASE)
_TRUTH = {"F": "0", "FALSE": "0", "T": "1", "TRUE": "1"}


def recognises(first_line: str) -> str | None:
    """Which file of an export begins with this line: `daten`, `variablen` or `werte`; None if it is none."""
    names = [name.strip().strip('"').upper() for name in re.split(r"[\t;,]", first_line)]
    if {"CASE", "QUESTNNR"} <= set(names) or {"CASE", "STARTED", "LASTDATA"} <= set(names):
        return "daten"
    if names[:3] == ["VAR", "LABEL", "TYPE"]:
        return "variablen"
    return "werte" if names[:3] == ["VAR", "RESPONSE", "MEANING"] else None


def read(daten: Path, codebuch: dict[str, Path], kodierung: str) -> Rohdaten:
    """Data and codebook of an export.

    Raises
    ------
    InputError
        A file is missing, damaged or has other columns than SoSci Survey writes.
    """
    for key in ("variablen", "werte"):
        if key not in codebuch:
            raise InputError(f"{daten}: format sosci needs codebuch: variablen and werte; {key} is missing")
    table = read_table(daten, kodierung)
    if recognises("\t".join(table.columns)) != "daten":
        raise InputError(f"{daten}, row 1: no columns CASE and QUESTNNR; expected the data file of SoSci Survey")
    variables = _list(codebuch["variablen"], kodierung, ["VAR", "LABEL", "TYPE"], ["INPUT", "QUESTION"])
    values = _list(codebuch["werte"], kodierung, ["VAR", "RESPONSE", "MEANING"], [])
    twice = variables[variables.VAR.duplicated()]
    if len(twice):
        raise InputError(f"{codebuch['variablen']}, row {twice.zeile.iloc[0]}: {twice.VAR.iloc[0]} stands twice")
    left_out = {}
    label_of_case = dict(zip(variables.VAR, variables.LABEL, strict=True)).get("CASE", "")
    first = table.CASE.iloc[0].strip()
    if not re.fullmatch(r"-?\d+", first) and (first == label_of_case.strip() or not re.search(r"\d", first)):
        table, left_out["row of variable labels"] = table.iloc[1:].reset_index(drop=True), 1
        if table.empty:
            raise InputError(f"{daten}: there is a header but no interview")
    book = _codebook(codebuch, variables, values, table)
    two_valued = variables.VAR[variables.TYPE.str.strip().str.upper().isin(_TWO_VALUED)]
    for column in {*two_valued, "FINISHED", "Q_VIEWER"} & set(table.columns):
        codes = _TRUTH if column in SYSTEM else {sign: str(int(code) + 1) for sign, code in _TRUTH.items()}
        table[column] = table[column].map(codes).fillna(table[column])
    return Rohdaten(table, book, "CASE", _decimal_mark(table, book), left_out)


def _list(path: Path, kodierung: str, needed: list[str], optional: list[str]) -> pd.DataFrame:
    table = read_table(path, kodierung).rename(columns=lambda name: name.upper() if name != "zeile" else name)
    for name in needed:
        if name not in table:
            raise InputError(f"{path}, row 1: there is no column {name}; expected {', '.join(needed + optional)}")
    for name in optional:
        if name not in table:
            table[name] = ""
    table = table[[*needed, *optional, "zeile"]].copy()
    table["VAR"] = table.VAR.str.strip()
    empty = table[table.VAR == ""]
    if len(empty):
        raise InputError(f"{path}, row {empty.zeile.iloc[0]}: there is no variable; expected its name in VAR")
    return table


def _codebook(files: dict[str, Path], variables: pd.DataFrame, values: pd.DataFrame, table: pd.DataFrame) -> Codebuch:
    codes: dict[str, dict] = {}
    for var, response, meaning, line in values[["VAR", "RESPONSE", "MEANING", "zeile"]].itertuples(index=False):
        known = codes.setdefault(var, {})
        code = as_code(_TRUTH.get(response.strip().upper(), response))
        if code in known:
            raise InputError(f"{files['werte']}, row {line}: {var} has the code {code} twice")
        known[code] = plain(meaning)
    known = set(variables.VAR)
    for var, line in values[["VAR", "zeile"]].itertuples(index=False):
        if var not in known and var not in SYSTEM:
            raise InputError(f"{files['werte']}, row {line}: {var} is not in {files['variablen'].name}")
    rows = variables[variables.VAR.isin(table.columns)]  # not every variable is chosen at the download
    if rows.empty:
        raise InputError(f"{files['variablen']}: none of its variables is a column of the data")
    heads = {var for var in rows.VAR if any(_key(v) == var and v != var for v in rows.VAR)}
    groups: dict[str, list] = {}
    for row in rows.itertuples(index=False):
        groups.setdefault(_key(row.VAR), []).append(row)
    known = set(rows.VAR)
    for name in table.columns:
        if name not in known and (name in SYSTEM or re.fullmatch(r"TIME\d{3}", name)):
            groups[name] = [pd.Series({"VAR": name, "LABEL": name, "TYPE": "", "INPUT": "SYSTEM", "QUESTION": ""})]
    questions = (q for key, rows in groups.items() for q in _questions(files, key, rows, codes, heads, table))
    return codebook_of(files["variablen"], questions)


def _key(var: str) -> str:
    """Question of a variable: `FM01_03a` and `FM01s` belong to FM01, `A008x02` to A008."""
    match = re.match(r"([A-Z]{1,2}[0-9]{2,3})(?=_|x\d|[a-z]+$)", var)
    return match[1] if match else var


def _questions(
    files: dict[str, Path], key: str, rows: list, codes: dict[str, dict], heads: set[str], table: pd.DataFrame
) -> list[Frage]:
    """The question of a key; apart from it, what else hangs on the key but is another kind of answer."""
    merkmale = [_variable(files, row, codes.get(row.VAR, {}), row.VAR in heads, table) for row in rows]
    texts = [plain(row.QUESTION) for row in rows if plain(row.QUESTION)]
    title, labels = _labels([row.LABEL for row in rows])
    merkmale = [replace(m, label=label) for m, label in zip(merkmale, labels, strict=True)]
    kinds = [m.typ for m in merkmale]
    if "mehrfach" in kinds:
        main = "mehrfach"
    else:
        closed = [kind for kind in kinds if kind != "offen"]
        main = closed[0] if closed else "offen"
    beside = {"mehrfach": ("mehrfach", "zahl", "offen")}.get(main, (main, "offen"))
    own = [m for m in merkmale if m.typ in beside]
    text = texts[0] if texts and texts[0] != key else title
    found = [Frage(key, main, tuple(own), text, gewaehlt=2 if main == "mehrfach" else None)]
    others = [m for m in merkmale if m.typ not in beside]
    return found + [Frage(m.spalte if m.spalte != key else f"{key}_{m.typ}", m.typ, (m,), text) for m in others]


def _labels(labels: list[str]) -> tuple[str, list[str]]:
    """Title of a question and the labels of its items: `Title: item` for all of them."""
    labels = [plain(label) for label in labels]
    titles = {label.partition(": ")[0] for label in labels}
    if len(titles) > 1:
        return labels[0], labels
    items = [_HEAD.sub("", label.partition(": ")[2]) for label in labels]
    return titles.pop(), ["" if re.fullmatch(r"\[?\d*\]?", item) else item for item in items]


def _variable(files: dict[str, Path], row, codes: dict, head: bool, table: pd.DataFrame) -> Merkmal:
    kind, source = row.TYPE.strip().upper(), row.INPUT.strip().upper()
    if row.VAR in SYSTEM or re.fullmatch(r"TIME\d{3}", row.VAR):
        return Merkmal(row.VAR, SYSTEM.get(row.VAR, "technisch"), leer="sonstiges")
    types = {
        "NOMINAL": "einfach", "ORDINAL": "einfach", "METRIC": "zahl", "DICHOTOMOUS": "einfach", "BOOL": "einfach",
        "BOOLEAN": "einfach", "TEXT": "offen", "TIME": "datum", "DATE": "datum", "INTEGER": "zahl",
    }  # fmt: skip
    if kind not in types:
        raise InputError(
            f"{files['variablen']}, row {row.zeile}: {row.VAR} has the type {row.TYPE!r}; "
            f"expected one of {', '.join(types)}"
        )
    typ = types[kind]
    item = kind == "ORDINAL" and "_" in row.VAR and source not in ("SELECTION", "DROPDOWN")
    if item or source == "SCALE" and kind in ("ORDINAL", "METRIC", "NOMINAL"):
        typ = "skala"
    elif source in _CHOICE and kind in (*_TWO_VALUED, "NOMINAL") and "_" in row.VAR:
        typ = "mehrfach"
    elif head and typ == "einfach" and _HEAD.search(row.LABEL):
        typ = "zahl"
    elif typ == "zahl" and source in ("SELECTION", "DROPDOWN") and any(isinstance(c, int) and c > 0 for c in codes):
        typ = "einfach"
    labels = {code: text for code, text in codes.items() if not (isinstance(code, int) and code < 0)}
    if typ == "mehrfach" or kind in _TWO_VALUED:
        if set(labels) == {0, 1}:  # the R form of the list, F and T
            labels = {code + 1: text for code, text in labels.items()}
        labels = {1: "nicht gewählt", 2: "ausgewählt"} | labels
    missing = {code: text for code, text in codes.items() if isinstance(code, int) and code < 0}
    fehlend = {code: _reason(code, text) for code, text in missing.items()}
    if typ not in ("offen", "datum", "technisch"):
        used = {code: text for code, (_, text) in _NEGATIVE.items() if (table[row.VAR] == str(code)).any()}
        missing = used | missing
        fehlend = {code: _NEGATIVE[code][0] for code in used} | fehlend
    bereich = None
    if typ == "skala":
        whole = [code for code in labels if isinstance(code, int)]
        bereich = (min(whole), max(whole)) if len(whole) > 1 else (1, None)
    labels = labels if typ not in ("zahl", "offen", "datum", "technisch") else {}
    # an open text that was seen and left empty looks like one that was not shown
    leer = "sonstiges" if typ == "offen" else "nicht_gezeigt"
    return Merkmal(row.VAR, typ, "", labels, fehlend, missing, leer, bereich)


def _reason(code: int, text: str) -> str:
    if code == -9:
        return "nicht_beantwortet"
    if not text and code in _NEGATIVE:
        return _NEGATIVE[code][0]
    said = reason_of(text)
    return said if said not in (None, "nicht_gezeigt") else "sonstiges"  # a residual option was shown and chosen


def _decimal_mark(table: pd.DataFrame, book: Codebuch) -> str:
    """Comma if any number of a numeric column has one, else point."""
    columns = [m.spalte for frage in book.fragen for m in frage.merkmale if m.typ == "zahl" and m.spalte in table]
    return "," if any(table[c].str.contains(r"^-?\d+,\d+$", regex=True).any() for c in columns) else "."
