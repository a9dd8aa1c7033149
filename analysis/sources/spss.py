"""SPSS `.sav` and `.zsav`: data with variable and value labels, declared missing values and measures.

User-missing values are kept as codes. Whether a code means "don't know" or "refused" is read off its label where the
label says so, else the reason is `sonstiges`; a system-missing value is `sonstiges` too, unless a filter says that the
question was not asked. Files without value labels need `fehlend` for their negative codes: a negative number that
nobody declared is refused, not averaged.
"""

import pickle
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd

from analysis.codebook import Codebuch, Frage, Merkmal, as_code
from analysis.errors import InputError
from analysis.sources.rohdaten import Rohdaten, codebook_of, plain, reason_of

_MOST_BYTES, _MOST_SECONDS = 1_000_000_000, 600
_DATES = ("DATE", "ADATE", "EDATE", "JDATE", "SDATE", "DATETIME", "YMDHMS", "QYR", "MOYR", "WKYR", "MTIME")


def recognises(head: bytes) -> bool:
    """Whether a file that begins with these bytes is an SPSS data file."""
    return head.startswith((b"$FL2", b"$FL3"))


def read(daten: Path, codebuch: dict[str, Path], kodierung: str) -> Rohdaten:
    """Data and codebook of a file.

    Raises
    ------
    InputError
        No SPSS data file, damaged, or with declarations that contradict each other.
    """
    if not daten.is_file():
        raise InputError(f"{daten}: there is no such file")
    if daten.stat().st_size > _MOST_BYTES:
        raise InputError(f"{daten}: larger than {_MOST_BYTES:,} bytes")
    with daten.open("rb") as file:
        head = file.read(4)
    if not recognises(head):
        raise InputError(f"{daten}: begins with {head!r}; expected an SPSS data file ($FL2 or $FL3)")
    table, meta = _apart(daten, {"utf-8": "", "latin-1": "ISO-8859-1", "utf-16": ""}[kodierung])
    if table.empty:
        raise InputError(f"{daten}: there is no case")
    if "zeile" in table:
        raise InputError(f"{daten}: a variable cannot be called 'zeile'")
    book = _codebook(daten, table, meta)
    left_out = {}
    for name in list(table.columns):
        typ = book.merkmal(name).typ
        if typ == "offen":
            table[name] = table[name].astype(object).where(table[name].notna(), "").map(lambda cell: str(cell).strip())
        elif typ == "datum":
            table[name] = pd.to_datetime(table[name], errors="coerce")
    table["zeile"] = np.arange(1, len(table) + 1)
    return Rohdaten(table, book, "", ".", left_out)


def _apart(path: Path, encoding: str) -> tuple[pd.DataFrame, SimpleNamespace]:
    """Data and description, read in another process: a damaged file can bring the library down."""
    program = Path(__file__).with_name("spss_process.py")
    command = [sys.executable, "-P", str(program), str(path.absolute()), encoding]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=_MOST_SECONDS)
    except subprocess.TimeoutExpired:
        raise InputError(f"{path}: not read within {_MOST_SECONDS} seconds; is the file damaged?") from None
    if done.returncode != 0:
        lines = done.stderr.decode("utf-8", errors="replace").strip().splitlines()
        reason = lines[-1][:200] if lines and done.returncode == 1 else "the library gave up"
        raise InputError(f"{path}: not a readable SPSS data file ({reason})")
    table, fields = pickle.loads(done.stdout)
    return table, SimpleNamespace(**fields)


def _codebook(path: Path, table: pd.DataFrame, meta) -> Codebuch:
    sets, taken, questions = _multiple_choice(list(table.columns), meta), set(), []
    variables = {name: _variable(path, name, table[name], meta) for name in table.columns}
    for name in table.columns:
        if name in taken:
            continue
        group = next(((key, found) for key, found in sets.items() if name in found["variables"]), None)
        if group is None:
            m = variables[name]
            questions.append(Frage(name, m.typ, (m,), m.label))
            continue
        key, found = group
        taken |= found["variables"]
        counted = found["counted"]
        members = [variables[n] for n in table.columns if n in found["variables"]]
        merkmale = tuple(
            Merkmal(m.spalte, "mehrfach", m.label, {counted: "gewählt"} | m.labels, m.fehlend, m.fehltexte, m.leer,
                    (0, counted) if isinstance(counted, int) and not m.labels else None)
            for m in members
        )  # fmt: skip
        questions.append(Frage(key, "mehrfach", merkmale, found["label"] or key, gewaehlt=counted))
    return codebook_of(path, questions)


def _multiple_choice(columns: list[str], meta: SimpleNamespace) -> dict[str, dict]:
    """Multiple dichotomy sets of the file: name → label, variables, counted code. Their names ignore case."""
    result, by_name = {}, {name.lower(): name for name in columns}
    for name, found in (meta.mr_sets or {}).items():
        members = {by_name.get(member.lower()) for member in found["variable_list"]} - {None}
        if found["is_dichotomy"] and members:
            counted = found["counted_value"]
            result[name.strip("$")] = {
                "label": plain(found["label"] or ""),
                "variables": members,
                "counted": 1 if counted is None else as_code(counted),
            }
    return result


def _variable(path: Path, name: str, values: pd.Series, meta) -> Merkmal:
    label = plain(meta.column_names_to_labels.get(name) or "")
    texts = {as_code(code): plain(text) for code, text in (meta.variable_value_labels.get(name) or {}).items()}
    form = (meta.original_variable_types.get(name) or "").rstrip("0123456789.")
    is_text = meta.readstat_variable_types.get(name) == "string"
    if form in _DATES or pd.api.types.is_datetime64_any_dtype(values):
        return Merkmal(name, "datum", label, leer="sonstiges")
    if form in ("TIME", "DTIME"):
        return Merkmal(name, "technisch", label, leer="sonstiges")
    missing = _missing(path, name, values, texts, meta)
    labels = {code: text for code, text in texts.items() if code not in missing}
    said = {code: texts.get(code, "") for code in missing}
    if is_text:
        typ = "einfach" if labels else "offen"
        return Merkmal(name, typ, label, labels, missing if labels else {}, said if labels else {}, "sonstiges")
    if not labels:
        return Merkmal(name, "zahl", label, {}, missing, said, "sonstiges")
    whole = [code for code in labels if isinstance(code, int)]
    if meta.variable_measure.get(name) == "scale" and whole:
        valid = pd.to_numeric(values[~values.isin(list(missing))], errors="coerce").dropna()
        if (valid % 1 != 0).any():
            raise InputError(
                f"{path}, {name}: labelled codes beside numbers with decimals; say `fragen: {name}: typ: zahl`"
            )
        ends = (min(whole), max(whole)) if len(whole) > 1 else (0, None)
        return Merkmal(name, "skala", label, labels, missing, said, "sonstiges", ends)
    return Merkmal(name, "einfach", label, labels, missing, said, "sonstiges")


def _missing(path: Path, name: str, values: pd.Series, texts: dict, meta) -> dict:
    """Missing code → reason: declared codes and ranges, and negative codes whose label says why."""
    present = {as_code(v) for v in values.dropna().unique()} if values.dtype != object or texts else set()
    result = {}
    for span in meta.missing_ranges.get(name) or []:
        low, high = as_code(span["lo"]), as_code(span["hi"])
        if low == high:
            result[low] = ""
        elif isinstance(low, str) or isinstance(high, str):
            numbers = [c for c in present | set(texts) if not isinstance(c, str) and _inside(c, span)]
            result |= dict.fromkeys(numbers, "")
        else:
            result |= dict.fromkeys(
                (c for c in present | set(texts) if not isinstance(c, str) and low <= c <= high), ""
            )
    for code, text in texts.items():
        if code not in result and isinstance(code, int) and code < 0 and reason_of(text):
            result[code] = ""
    return {code: reason_of(texts.get(code, "")) or "sonstiges" for code in sorted(result, key=str)}


def _inside(code: float, span: dict) -> bool:
    return float(span["lo"]) <= code <= float(span["hi"])
