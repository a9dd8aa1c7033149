"""Personal data in open answers: recognised by pattern, counted, masked; an answer that holds any is never quoted.

Patterns find what has a form (numbers, addresses of all kinds, names after a title, a greeting or a first name). They
do not find a bare surname, an accusation, or a life that only one person leads: that is why a quotation also needs a
release by hand (`open_answers.quotes`).
"""

import re
import unicodedata
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.yaml_files import load_yaml

ARTEN = (
    *(
        "e_mail",
        "iban",
        "ausweisnummer",
        "web",
        "geburtsdatum",
        "kennzeichen",
        "telefon",
        "adresse",
        "name",
        "selbstauskunft",
    ),
    "beleidigung",
)
"""Kinds of findings in the order in which they are looked for; an insult is no personal datum, but never quoted."""

_FORMULA = "=+-@|\t\r"
_PIECE = re.compile("<([A-Z_]{3,})>")
_PROTECTED = 0xF0000  # private use plane: where characters are kept that must not be taken for a finding


@cache
def rules() -> dict:
    """Patterns and words that are looked for: `schutz.yaml` beside this module."""
    return load_yaml(Path(__file__).with_name("schutz.yaml"))


def findings(texte: pd.Series) -> pd.DataFrame:
    """Which kinds of personal data, and whether an insult, were found in each answer; False for a missing one.

    Returns
    -------
    pandas.DataFrame
        Booleans, columns `ARTEN`.
    """
    return _scan(texte)[1]


def personal(texte: pd.Series) -> pd.Series:
    """Whether an answer must be withheld: personal data or an insult was found."""
    return findings(texte).any(axis=1)


def masked(texte: pd.Series) -> pd.Series:
    """Answers with `[kind]` in place of what was found, without control characters, safe as cells of a spreadsheet."""
    return neutralised(_scan(texte)[0])


def neutralised(texte: pd.Series) -> pd.Series:
    """Answers that no spreadsheet takes for a formula: an apostrophe before `=`, `+`, `-`, `@`, `|`, TAB."""
    texts = texte.astype("string").str.replace(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", "", regex=True)
    first = texts.map(lambda text: unicodedata.normalize("NFKC", text).strip(" \n\u200b\ufeff\u00a0")[:1], "ignore")
    return texts.where(~first.isin(list(_FORMULA)).fillna(False), "'" + texts)


def _plain(text: str) -> str:
    """One spelling of what can be written in many: widths, digits of all scripts, invisible characters, line breaks."""
    text = unicodedata.normalize("NFKC", text)
    text = "".join(c for c in text if unicodedata.category(c) != "Cf" and not 0xF0000 <= ord(c) <= 0x10FFFD)
    text = "".join(str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in text)
    text = re.sub(r"\s+", " ", text)
    return re.sub(r"(?<!\S)(?:\S ){4,}\S(?!\S)", lambda m: m.group().replace(" ", ""), text)  # s p a c e d


def _scan(texte: pd.Series) -> tuple[pd.Series, pd.DataFrame]:
    codes, distinct = pd.factorize(texte.astype("string"))
    done = [_scanned(text) for text in distinct]
    texts = pd.Series([text for text, _ in done], dtype="string").reindex(codes).set_axis(texte.index)
    flags = np.array([found for _, found in done], bool).reshape(len(done), len(ARTEN))
    flags = np.vstack([flags, np.zeros((1, len(ARTEN)), bool)])[codes]  # code -1: missing
    return texts.rename(texte.name), pd.DataFrame(flags, texte.index, list(ARTEN))


def _scanned(text: str) -> tuple[str, list[bool]]:
    """An answer with `[kind]` in place of each finding, and whether each kind was found."""
    text, found = _plain(text), []
    small = text.lower()
    for kind, pattern in _patterns().items():
        if kind == "kennzeichen":  # after the dates of birth, before all other numbers
            for neutral in _neutral():
                text = neutral.sub(lambda m: m.group().translate(_away()), text)
        number = 0
        if kind not in _stems() or any(stem in small for stem in _stems()[kind]):
            text, number = pattern.subn(f"[{kind}]", text)
        found.append(number > 0)
    return text.translate(_back()), found


@cache
def _neutral() -> tuple[re.Pattern, ...]:
    return tuple(_compiled([pattern]) for pattern in rules()["neutral"])


@cache
def _patterns() -> dict[str, re.Pattern]:
    first = rf"(?-i:\b(?:{'|'.join(rules()['vornamen'])})(?:-[A-Z]\w+)?\s+(?:<NAMEN>|[A-ZÄÖÜ]\.))"
    insults = "|".join(re.escape(word).replace(r"\*", r"\w*") for word in rules()["beleidigungen"])
    insults = rf"(?<!\w)(?:{insults})(?!\w)|\b[a-zäöü]{{1,3}}\*{{2,}}[a-zäöü*]*"
    given = rules()["muster"]
    every = {**given, "name": [*given["name"], first], "beleidigung": [insults]}
    return {kind: _compiled(every[kind]) for kind in ARTEN}


def _compiled(patterns: list[str]) -> re.Pattern:
    """Alternatives with the pieces `<…>` put in."""
    text = "|".join(f"(?:{pattern})" for pattern in patterns)
    while _PIECE.search(text):
        text = _PIECE.sub(_piece, text)
    return re.compile(text, re.I)


def _piece(match: re.Match) -> str:
    piece = rules()["bausteine"][match.group(1)]
    return f"(?:{piece if isinstance(piece, str) else '|'.join(piece)})"


@cache
def _stems() -> dict[str, tuple[str, ...]]:
    """What a text in small letters must contain for a kind to be possible: most answers need no pattern at all."""
    digits = tuple("0123456789")
    return {
        **dict.fromkeys(("iban", "ausweisnummer", "geburtsdatum", "kennzeichen", "adresse", "selbstauskunft"), digits),
        "selbstauskunft": (*digits, "einzige"),
        "telefon": (*digits, "null", "eins", "zwei", "zwo", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"),
        "e_mail": ("@", "at", "ät", "(a", "[a", "{a", "<a", "klammeraffe", "affenschwanz", "собака"),
        "web": (".", "@", "/", "punkt", "dot"),
        "beleidigung": ("**", *(word.strip("*").lower() for word in rules()["beleidigungen"])),
    }


@cache
def _away() -> dict[int, int]:
    return {c: c + _PROTECTED for c in range(1, 0x2100)}


@cache
def _back() -> dict[int, int]:
    return {moved: c for c, moved in _away().items()}
