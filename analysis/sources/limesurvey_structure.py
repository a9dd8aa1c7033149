"""Structure of a LimeSurvey survey: which columns its questions have in an export, with texts, codes and conditions.

Read are the survey file `.lss` (XML) and the tab separated survey structure `.txt`; both carry the same things.
"""

import csv
import io
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field, replace
from pathlib import Path

from analysis.codebook import Bedingung, Code, as_code
from analysis.errors import InputError
from analysis.sources.delivered import read_text
from analysis.sources.rohdaten import plain

_MOST_BYTES = 20_000_000

_YES = {"Y": "Ja", "N": "Nein"}
_FIXED = {
    "Y": _YES,
    "G": {"M": "männlich", "F": "weiblich"},
    "C": {"Y": "Ja", "U": "Unsicher", "N": "Nein"},
    "E": {"I": "mehr", "S": "gleich", "D": "weniger"},
}
"""Question types whose codes LimeSurvey sets itself."""

_SINGLE = {"L": "einfach", "!": "einfach", "O": "einfach", "Y": "einfach", "G": "einfach", "I": "einfach",
           "5": "skala", "N": "zahl", "D": "datum", "S": "offen", "T": "offen", "U": "offen", "*": "offen",
           "|": "offen"}  # fmt: skip
_ITEMS = {"F": "skala", "H": "skala", "A": "skala", "B": "skala", "C": "einfach", "E": "einfach", "M": "mehrfach",
          "P": "mehrfach", "K": "zahl", "Q": "offen", "1": "skala", ":": "zahl", ";": "offen", 
          "R": "einfach"}  # fmt: skip
_RANGES = {"5": (1, 5), "A": (1, 5), "B": (1, 10)}


@dataclass(frozen=True)
class Spalte:
    """A column of an export: its code (`Q2[SQ001]`), question, type, texts, codes and the condition to be asked."""

    code: str
    frage: str
    typ: str
    text: str
    teile: tuple[str, ...] = ()
    labels: dict[Code, str] = field(default_factory=dict)
    bereich: tuple[float, float] | None = None
    filter: tuple[Bedingung, ...] = ()

    @property
    def label(self) -> str:
        """Texts of its subquestions."""
        return " / ".join(self.teile)

    @property
    def heading(self) -> str:
        """Text that LimeSurvey writes as full heading."""
        return " ".join([self.text, "".join(f"[{teil}]" for teil in self.teile)]).strip()


@dataclass(frozen=True)
class Struktur:
    """Columns in the order of the questionnaire; number of conditions that are not simple enough for a filter."""

    spalten: tuple[Spalte, ...]
    unread: int = 0


@dataclass
class _Question:
    name: str
    kind: str
    text: str
    relevance: str
    other: bool
    order: tuple
    subquestions: list = field(default_factory=list)  # (scale, order, code, text)
    answers: list = field(default_factory=list)  # (scale, order, code, text)


def read_structure(path: Path) -> Struktur:
    """Structure of a survey.

    Raises
    ------
    InputError
        Missing, damaged, of another kind, without any question, or with a question type that is not known.
    """
    if not path.is_file():
        raise InputError(f"{path}: there is no such file")
    if path.stat().st_size > _MOST_BYTES:
        raise InputError(f"{path}: larger than {_MOST_BYTES:,} bytes")
    head = path.read_bytes()[:4000].lstrip(b"\xef\xbb\xbf \r\n")
    questions = _from_xml(path) if head.startswith(b"<") else _from_text(path)
    if not questions:
        raise InputError(f"{path}: there is no question in the structure")
    columns = [column for question in questions for column in _columns(path, question)]
    known = {column.code: column for column in columns}
    conditions = {q.name: relevance(q.relevance, known) for q in questions}
    unread = sum(found is None for found in conditions.values())
    return Struktur(tuple(replace(c, filter=conditions[c.frage] or ()) for c in columns), unread)


def _from_xml(path: Path) -> list[_Question]:
    raw = path.read_bytes()
    if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
        raise InputError(f"{path}: an XML file with declarations of its own is not read")
    try:
        root = ET.fromstring(raw)
    except ET.ParseError as error:
        raise InputError(f"{path}: not valid XML ({error})") from None
    if root.findtext("LimeSurveyDocType") != "Survey":
        raise InputError(f"{path}: no survey of LimeSurvey; expected LimeSurveyDocType Survey")
    language = root.findtext("languages/language") or ""

    def rows(table: str) -> list[dict]:
        found = [{cell.tag: (cell.text or "").strip() for cell in row} for row in root.findall(f"{table}/rows/row")]
        return [row for row in found if row.get("language", language) in ("", language)]

    texts = {row.get("qid"): row.get("question", "") for row in rows("question_l10ns")}
    answer_texts = {row.get("aid"): row.get("answer", "") for row in rows("answer_l10ns")}
    group_order = {row.get("gid"): _number(row.get("group_order")) for row in rows("groups")}
    questions = {}
    for row in rows("questions"):
        if row.get("parent_qid", "0") in ("", "0") and row.get("type") != "X":
            order = (group_order.get(row.get("gid"), 0), _number(row.get("question_order")))
            text = texts.get(row["qid"], row.get("question", ""))
            questions[row["qid"]] = _Question(
                row.get("title", ""), row.get("type", ""), plain(text), row.get("relevance", ""),
                row.get("other") == "Y", order,
            )  # fmt: skip
    for row in rows("subquestions"):
        parent = questions.get(row.get("parent_qid"))
        if parent is not None:
            text = texts.get(row.get("qid"), row.get("question", ""))
            entry = (
                _number(row.get("scale_id")),
                _number(row.get("question_order")),
                row.get("title", ""),
                plain(text),
            )
            parent.subquestions.append(entry)
    for row in rows("answers"):
        parent = questions.get(row.get("qid"))
        if parent is not None:
            text = row.get("answer") or answer_texts.get(row.get("aid"), "")
            entry = (_number(row.get("scale_id")), _number(row.get("sortorder")), row.get("code", ""), plain(text))
            parent.answers.append(entry)
    for question in questions.values():
        question.subquestions.sort(key=lambda entry: entry[:2])
        question.answers.sort(key=lambda entry: entry[:2])
    return sorted(questions.values(), key=lambda question: question.order)


def _number(text: str | None) -> int:
    return int(text) if text and re.fullmatch(r"-?\d{1,9}", text) else 0


def _from_text(path: Path) -> list[_Question]:
    text = read_text(path)
    try:
        rows = list(csv.DictReader(io.StringIO(text), delimiter="\t"))
    except csv.Error as error:
        raise InputError(f"{path}: not a tab separated structure ({error})") from None
    if not rows or not {"class", "type/scale", "name", "text"} <= set(rows[0]):
        raise InputError(
            f"{path}, row 1: no columns class, type/scale, name, text; expected the structure of LimeSurvey"
        )
    rows = [{key: (value or "").strip() for key, value in row.items() if isinstance(key, str)} for row in rows]
    language = next((row["text"] for row in rows if row["class"] == "S" and row["name"] == "language"), "")
    questions, current = [], None
    for number, row in enumerate(rows):
        if language and row.get("language") and row["language"] != language:
            continue
        if row["class"] == "Q":
            current = _Question(
                row["name"], row["type/scale"], plain(row["text"]), row.get("relevance", ""),
                row.get("other") == "Y", (number,),
            )  # fmt: skip
            if current.kind != "X":
                questions.append(current)
        elif row["class"] in ("SQ", "A") and current is not None:
            entries = current.subquestions if row["class"] == "SQ" else current.answers
            entries.append((_number(row["type/scale"]), number, row["name"], plain(row["text"])))
    return questions


def _columns(path: Path, q: _Question) -> list[Spalte]:
    """Columns that a question has in an export."""
    answers = {
        scale: {as_code(code): text for s, _, code, text in q.answers if s == scale}
        for scale in {a[0] for a in q.answers}
    }
    labels = _FIXED.get(q.kind) or answers.get(0, {})
    rows = [(code, text) for scale, _, code, text in q.subquestions if scale == 0]
    across = [(code, text) for scale, _, code, text in q.subquestions if scale == 1]
    bereich = _RANGES.get(q.kind)
    if q.kind in _SINGLE:
        typ = _SINGLE[q.kind]
        labels = labels if typ in ("einfach", "skala") else {}
        if q.other and typ == "einfach":
            labels = {**labels, "-oth-": "Sonstiges"}
        found = [Spalte(q.name, q.name, typ, q.text, (), labels, bereich)]
        if q.other:
            found.append(Spalte(f"{q.name}[other]", q.name, "offen", q.text, ("Sonstiges",)))
        if q.kind == "O":
            found.append(Spalte(f"{q.name}[comment]", q.name, "offen", q.text, ("Kommentar",)))
        return found
    if q.kind not in _ITEMS:
        raise InputError(f"{path}: question {q.name} has the type {q.kind!r}, which is not known")
    typ, found = _ITEMS[q.kind], []
    if q.kind == "R":
        return [
            Spalte(f"{q.name}[{n}]", q.name, typ, q.text, (f"Rang {n}",), labels) for n in range(1, len(q.answers) + 1)
        ]
    for code, text in rows:
        if q.kind == "1":
            for scale in (0, 1):
                name = f"{q.name}[{code}][{scale + 1}]"
                found.append(Spalte(name, q.name, typ, q.text, (text, f"Scale {scale + 1}"), answers.get(scale, {})))
        elif q.kind in (":", ";"):
            for other, label in across:
                found.append(Spalte(f"{q.name}[{code}_{other}]", q.name, typ, q.text, (text, label)))
        else:
            found.append(
                Spalte(f"{q.name}[{code}]", q.name, typ, q.text, (text,), {} if typ == "zahl" else labels, bereich)
            )
            if q.kind == "P":
                found.append(Spalte(f"{q.name}[{code}comment]", q.name, "offen", q.text, (text, "Kommentar")))
    if q.other and q.kind in ("M", "P"):
        found.append(Spalte(f"{q.name}[other]", q.name, "offen", q.text, ("Sonstiges",)))
        if q.kind == "P":
            found.append(Spalte(f"{q.name}[othercomment]", q.name, "offen", q.text, ("Sonstiges", "Kommentar")))
    return found


_NAME = r"(?:\(\s*)*([A-Za-z][A-Za-z0-9_]*?)(?:\.(?:NAOK|value|code))?"
_TEST = re.compile(rf"{_NAME}\s*(==|eq|>=|<=|ge|le)\s*['\"]?([A-Za-z0-9-]+)['\"]?(?:\s*\))*")
_FILLED = re.compile(rf"!is_empty\(\s*{_NAME}\s*\)(?:\s*\))*")


def relevance(text: str, columns: dict[str, Spalte]) -> tuple[Bedingung, ...] | None:
    """Conditions of a relevance equation: tests of one column each, joined by `and`; tests of the same column by `or`.

    Returns
    -------
    tuple of Bedingung, or None
        Empty for "always"; None if the equation says more than such conditions can.
    """
    text = text.strip()
    if text in ("", "1"):
        return ()
    by_form = {code.replace("[", "_").replace("]", ""): code for code in columns}
    result = []
    for part in re.split(r"\band\b|&&", text, flags=re.IGNORECASE):
        tests = [_TEST.fullmatch(test.strip()) for test in re.split(r"\bor\b|\|\|", part, flags=re.IGNORECASE)]
        if not all(tests):
            return None
        names = {by_form.get(test[1]) for test in tests}
        if len(names) != 1 or None in names or part.count("(") != part.count(")") and len(tests) > 1:
            return None
        name, signs = names.pop(), {test[2] for test in tests}
        if signs <= {"==", "eq"}:
            result.append(Bedingung(name, tuple(as_code(test[3]) for test in tests)))
        elif len(tests) == 1 and re.fullmatch(r"-?\d+", tests[0][3]):
            number = float(tests[0][3])
            low = tests[0][2] in (">=", "ge")
            result.append(Bedingung(name, ab=number) if low else Bedingung(name, bis=number))
        else:
            return None
    return tuple(result)
