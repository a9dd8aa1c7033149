"""Survey exports before their codebook is known: a table of texts, the codebook, and words that every format shares."""

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from analysis.codebook import Codebuch, Frage
from analysis.errors import InputError
from analysis.sources.delivered import as_table, read_text, split_rows

SEPARATORS = ("\t", ";", ",")


@dataclass(frozen=True)
class Rohdaten:
    """An export as its format module reads it.

    Attributes
    ----------
    tabelle
        Columns as in the file, cells as text ("" where empty) or typed where the format has types; `zeile` is the row
        of the file.
    fall
        Column that numbers the interviews, "" if there is none.
    dezimal
        Decimal mark of numbers in text.
    ausgelassen
        Rows and columns that the format left out: reason → number.
    hinweise
        What a user should know about the export, counted: text → number.
    """

    tabelle: pd.DataFrame
    codebuch: Codebuch
    fall: str = ""
    dezimal: str = "."
    ausgelassen: dict[str, int] = field(default_factory=dict)
    hinweise: dict[str, int] = field(default_factory=dict)


def codebook_of(path: Path, fragen: Iterable[Frage]) -> Codebuch:
    """Codebook of the questions that a file describes; what contradicts itself is said of that file."""
    try:
        return Codebuch(tuple(fragen))
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def read_table(path: Path, kodierung: str = "utf-8", separators: tuple[str, ...] = SEPARATORS) -> pd.DataFrame:
    """A text file with a header as table of texts, with the column `zeile`; empty lines at the end are no rows.

    The separator is the one that parts the header into most columns. A UTF-16 byte order mark is believed.

    Raises
    ------
    InputError
        Missing, another encoding, damaged, a header with an empty or repeated name, a row of another length.
    """
    rows = read_rows(path, kodierung, separators)
    while len(rows) > 1 and not any(cell.strip() for cell in rows[-1][0]) and len(rows[-1][0]) < 2:
        rows.pop()
    header = [name.strip() for name in rows[0][0]]
    for name in header:
        if not name:
            raise InputError(f"{path}, row 1: column {header.index(name) + 1} has no name")
        if header.count(name) > 1:
            raise InputError(f"{path}, row 1: the column {name!r} stands twice")
        if name == "zeile":
            raise InputError(f"{path}, row 1: a column cannot be called 'zeile'")
    return as_table(path, header, rows[1:])


def read_rows(path: Path, kodierung: str, separators: tuple[str, ...] = SEPARATORS) -> list[tuple[list[str], int]]:
    """Records of a text file, header first, each with its line."""
    if not path.is_file():
        raise InputError(f"{path}: there is no such file")
    with path.open("rb") as file:
        head = file.read(3)
    if kodierung != "utf-16" and head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        kodierung = "utf-16"
    if kodierung == "latin-1" and head == b"\xef\xbb\xbf":
        raise InputError(f"{path}: declared as latin-1, but begins with the mark of UTF-8; write kodierung: utf-8")
    text = read_text(path, kodierung).removeprefix("\ufeff")
    first = text.partition("\n")[0]
    separator = max(separators, key=lambda mark: len(_outside_quotes(first).split(mark)))
    rows = split_rows(path, text, separator)
    if not rows or not rows[0][0]:
        raise InputError(f"{path}, row 1: the header is empty")
    return rows


def _outside_quotes(line: str) -> str:
    return re.sub(r'"[^"]*"', '""', line)


def plain(text: str) -> str:
    """Text of a questionnaire without HTML and with single blanks."""
    text = re.sub(r"<(br|/p|/div|/li)\b[^>]*>", " ", str(text), flags=re.IGNORECASE)
    text = html.unescape(re.sub(r"<[a-zA-Z/!][^>]*>", "", text))
    return " ".join(text.split())


_REASONS = {
    "weiss_nicht": r"wei(ß|ss) (ich |es )?nicht|kann ich nicht|nicht (beurteil|einschätz|mess)|don.?t know|do not know|"
                   r"can.?not (say|judge)|unsure|not measurable",
    "verweigert": r"verweiger|möchte (ich )?(nicht|dazu|keine)|refus|prefer not|declined",
    "nicht_gezeigt": r"trifft nicht zu|nicht gezeigt|nicht gestellt|filter|entfällt|not shown|not applicable|not asked|"
                     r"does not apply|legal skip",
    "nicht_beantwortet": r"nicht beantwortet|keine angabe|keine antwort|ohne angabe|\bk\. ?a\.|not answered|no answer|"
                         r"not stated|unanswered|missing|fehlend",
}  # fmt: skip
"""Reason → words of the texts that state it."""


def reason_of(text: str) -> str | None:
    """Reason that the text of a missing code states, None if it states none that is known."""
    for reason, words in _REASONS.items():
        if re.search(words, text, re.IGNORECASE):
            return reason
    return None


_SYSTEM_NAMES = re.compile(
    r"serial|ref|mailsent|ip_?addr(ess(e|en)?)?|refurl|referr?er|referer_?url|token|access_?code|zugangscode|e_?mail|"
    r"e_?mail_?addre?ss(e)?|(first|last|sur)_?name|frstname|vorname|nachname|familienname|personenkennung|"
    r"[a-z]{1,2}[0-9]{2,3}_(rv[0-9]+|ref|uid|ip|ua)",
    re.IGNORECASE,
)
"""Names of columns that never hold an answer to be counted."""

_PERSONAL_NAMES = re.compile(
    r"ip|mail|name|telefon(nummer)?|tel|phone|handy|mobil(nummer)?|stra(ss|ß)e|hausnummer|addre?ss(e)?|anschrift|"
    r"geburtsdatum|iban",
    re.IGNORECASE,
)
"""Names that identify persons unless the column is coded: `handy` with the codes yes and no is a question."""

_PERSONAL_WORDS = re.compile(
    r"e-?mail|\btelefon|\banschrift|\bpostadresse|\bvorname|\bnachname|\bfamilienname|kontaktdaten|\bphone|http_referer|"
    r"ip[- ]adress?e|ip address|post/get",
    re.IGNORECASE,
)
_ADDRESS = r"[^@\s]+@[^@\s]+\.[a-zA-Z]{2,}"


def is_identifier(spalte: str, label: str, kodiert: bool, texte: pd.Series | None) -> bool:
    """Whether a column identifies persons: by its name, by the label of a text, or because most cells are e-mail.

    Parameters
    ----------
    kodiert
        Whether the column holds codes with meanings: then only the names that survey tools use themselves count.
    texte
        Cells of a column that holds texts of the respondents; None for others, whose label does not count: a coded
        question about telephones identifies nobody.
    """
    bare = re.sub(r"[^0-9A-Za-zäöüß_]", "_", spalte.strip())
    if _SYSTEM_NAMES.fullmatch(bare) or not kodiert and _PERSONAL_NAMES.fullmatch(bare):
        return True
    if texte is None:
        return False
    if _PERSONAL_WORDS.search(f"{spalte} {label}"):
        return True
    filled = texte[texte.notna() & (texte.astype(str) != "")].astype(str)
    return bool(len(filled)) and bool(filled.str.fullmatch(_ADDRESS).mean() > 0.5)
