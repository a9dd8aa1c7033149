"""Canaries: what stands only in the micro data, so that it gives them away wherever it turns up.

Chosen are texts that no report could hold by chance: numbers of interviews and other identifiers of at least six
signs that at most two interviews have, points in time to the second, answers in own words of 13 letters and two words
or more that are neither words of the questionnaire nor released (a single word may stand in another report, too), six
words in a row of longer ones, twelve answers in a row of one interview, and eight numbers in a row of one question.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import pandas as pd

from analysis import regelwerk
from analysis.codebook import Codebuch
from analysis.release.suche import Folge, Kanarien, Verzeichnis, numbers_of, words_of
from analysis.sources import befragung
from analysis.sources.befragung_beschreibung import codebook_files, data_files, description, fingerprint
from analysis.sources.rohdaten import Rohdaten, is_identifier
from analysis.survey import open_answers
from analysis.survey.open_answers import release_list

_KUERZESTE_ANTWORT, _WENIGSTE_WOERTER, _WORTFOLGE = 13, 2, 6
_ZEILE, _SPALTE, _SCHRITT, _ZIFFERN, _VERSCHIEDEN = 12, 8, 4, 5, 20
_ZEITPUNKT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d")
_KENNUNG = re.compile(r"(?=.*\d)[\w.@:+-]{6,80}|[A-Z]{8,40}|\S+@\S+\.\w+")


def of_surveys(paths: Iterable[Path]) -> Kanarien:
    """Canaries of surveys.

    Parameters
    ----------
    paths
        Their descriptions (`befragung_beschreibung.descriptions`).

    Raises
    ------
    InputError
        A survey cannot be read; without its data nobody can say whether they are in a report.
    """
    return _of(tuple((path, fingerprint(path)) for path in paths))


@lru_cache(maxsize=16)
def _of(stands: tuple[tuple[Path, str], ...]) -> Kanarien:
    exports = [export for path, _ in stands for export in _exports(path)]
    words = {sequence: what for raw, released in exports for sequence, what in _texts(raw, released)}
    numbers = {sequence: what for raw, _ in exports for sequence, what in _numbers(raw)}
    return Kanarien(Verzeichnis.of(words.items()), Verzeichnis.of(numbers.items()))


def _exports(path: Path) -> list[tuple[Rohdaten, set[Folge]]]:
    """Exports of a survey as they were delivered, each with the answers that may be quoted."""
    given = description(path)
    books, releases = codebook_files(path, given), _release_list(path, given)
    read = befragung.FORMATE[given["format"]].read
    raws = [read(file, books, given.get("kodierung", "utf-8")) for file in data_files(path, given)]
    return [(raw, _released(raw, releases)) for raw in raws]


def _texts(raw: Rohdaten, released: set[Folge]) -> Iterator[tuple[Folge, str]]:
    """Identifiers, points in time and answers in own words."""
    cells = _cells(raw)
    asked = f" {' '.join(words_of(_questionnaire(raw.codebuch)))} "
    identifying, own_words = _kinds(raw, cells)
    for name in identifying:
        for value in _rare(cells[name], _KENNUNG):
            yield tuple(words_of(value)), f"an identifier of the micro data ({name})"
    for name in cells.columns[[bool(_ZEITPUNKT.match(t)) for t in cells.max()]]:
        for value in _rare(cells[name], _ZEITPUNKT):
            yield tuple(words_of(value)), f"a point in time of the micro data ({name})"
    for name in own_words:
        for value in cells[name].unique():
            yield from _of_answer(value, asked, released, f"an answer in own words ({name})")


def _numbers(raw: Rohdaten) -> Iterator[tuple[Folge, str]]:
    """Coded answers of one interview, and numbers of one question, in the order of the export."""
    cells = _cells(raw)
    identifying, own_words = _kinds(raw, cells)
    coded = cells.drop(columns=[*identifying, *own_words])
    for row in coded.to_numpy(object):
        yield from _windows(numbers_of(" ".join(row)), _ZEILE, "the answers of one interview")
    for name in coded:
        values = coded[name][coded[name].str.fullmatch(r"\d{2,9}(?:\.0)?")]
        if values.nunique() >= _VERSCHIEDEN:
            what = f"the values of a question, interview by interview ({name})"
            yield from _windows(numbers_of(" ".join(values)), _SPALTE, what)


def _cells(raw: Rohdaten) -> pd.DataFrame:
    table = raw.tabelle.drop(columns="zeile", errors="ignore")
    return table.astype("string").fillna("").apply(lambda column: column.str.strip())


def _rare(values: pd.Series, form: re.Pattern) -> list[str]:
    """Values of a form that at most two interviews have: what many have identifies nobody."""
    counted = values.value_counts()
    return [value for value in counted.index[counted <= 2] if form.fullmatch(value)]


def _kinds(raw: Rohdaten, cells: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Columns that identify persons, and columns with answers in own words."""
    book, identifying, own_words = raw.codebuch, [], []
    for name in cells:
        m = book.merkmale.get(name)
        is_text = m is None or m.typ == "offen"
        if is_identifier(name, m.label if m else "", bool(m and m.labels), cells[name] if is_text else None):
            identifying.append(name)
        elif m is not None and m.typ == "offen":
            own_words.append(name)
    return identifying, own_words


def _questionnaire(book: Codebuch) -> str:
    """Everything that stands in the questionnaire, and the names of categories of open answers."""
    texts = [category.label for category in open_answers.categories().values()]
    for frage in book.fragen:
        texts.append(frage.text)
        for m in frage.items:
            texts += [m.label, *map(str, m.labels.values())]
    return " . ".join(texts)


def _of_answer(value: str, asked: str, released: set, what: str) -> Iterator[tuple[Folge, str]]:
    words = tuple(words_of(value))
    if len(value) < _KUERZESTE_ANTWORT or len(words) < _WENIGSTE_WOERTER or words in released:
        return
    if len(words) <= _WORTFOLGE:
        sequences = [words]
    else:
        sequences = [words[n : n + _WORTFOLGE] for n in range(len(words) - _WORTFOLGE + 1)]
    for sequence in sequences:
        if sequence and f" {' '.join(sequence)} " not in asked:
            yield sequence, what


def _windows(members: list[str], length: int, what: str) -> Iterator[tuple[Folge, str]]:
    """Members in a row that are varied enough not to be chance."""
    for n in range(0, len(members) - length + 1, _SCHRITT):
        if _varied(sequence := tuple(members[n : n + length])):
            yield sequence, what


def _varied(numbers: Folge) -> bool:
    """Whether numbers are neither nearly all the same nor in order: years and ages of a table are."""
    steps = [int(b) - int(a) for a, b in pairwise(numbers)]
    return len(set(numbers)) >= _ZIFFERN and min(steps) < 0 < max(steps)


def _release_list(path: Path, given: dict) -> pd.DataFrame:
    """Answers that somebody released to be quoted by a rule: `id`, `frage`, `text`."""
    table = release_list(path, given, dict(regelwerk.load().freigaben))
    table = pd.DataFrame(dtype="string") if table is None else table
    return table.reindex(columns=["id", "frage", "text"]).astype("string").fillna("")


def _released(raw: Rohdaten, releases: pd.DataFrame) -> set[Folge]:
    """Released wordings, and the answers themselves where no other wording was released."""
    texts = releases.text[releases.text != ""].tolist()
    if raw.fall in raw.tabelle:
        ids = raw.tabelle[raw.fall].astype("string").str.strip()
        own_words = [n for n, m in raw.codebuch.merkmale.items() if m.typ == "offen" and n in raw.tabelle]
        for one in releases[releases.text == ""].itertuples(index=False):
            asked = [n for n in own_words if one.frage in ("", n, raw.codebuch.frage(n).key)]
            texts += raw.tabelle.loc[(ids == one.id.strip()).fillna(False), asked].to_numpy(object).ravel().tolist()
    return {tuple(words_of(text)) for text in texts if isinstance(text, str)}
