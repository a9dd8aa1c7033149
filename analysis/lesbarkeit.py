"""How easy a German text is to read: the Flesch formula with Amstad's weights for German."""

import re

LEICHT = 80
"""From this value on a text counts as easy; 60 to 70 is ordinary, below 30 very hard (Amstad 1978)."""

_SILBE = re.compile("aa|ee|oo|ie|ei|ey|ai|ay|au|äu|eu|oi|[aeiouyäöü]")
_WORT = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")
_MONATE = "Jan|Feb|März|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez"
_SATZENDE = re.compile(rf"(?<!\b[^\W\d_])(?!(?<=\d)\.\s+(?:{_MONATE}))[.!?](?=\s+[„(]?[A-ZÄÖÜ\d]|\s*$)")
"""Where a sentence ends: not after a single letter (z. B.), not between day and month (31. Dezember)."""


def flesch_amstad(absaetze: list[str]) -> float:
    """Readability of a text: 180 less words per sentence less 58.5 times syllables per word.

    Figures are left out of both counts, as Flesch advises for texts with many of them. An abbreviation in capitals
    has as many syllables as letters. A paragraph ends a sentence.

    Parameters
    ----------
    absaetze
        Paragraphs without markup.

    Returns
    -------
    float
        Usually 0 (very hard) to 100 (very easy); 100 for a text without words.

    Notes
    -----
    T. Amstad (1978), Wie verständlich sind unsere Zeitungen? Universität Zürich; R. Flesch (1948), A new
    readability yardstick. Journal of Applied Psychology 32(3).
    """
    sentences = [s for absatz in absaetze for s in _SATZENDE.split(absatz) if _WORT.search(s)]
    words = [word for sentence in sentences for word in _WORT.findall(sentence)]
    words = [word for word in words if not re.fullmatch("[IVX]+", word)]
    if not words:
        return 100.0
    return 180 - len(words) / len(sentences) - 58.5 * sum(map(silben, words)) / len(words)


def silben(wort: str) -> int:
    """Number of syllables of a German word: its vowels, two that sound as one counted once; at least 1."""
    if len(wort) > 1 and wort.isupper():
        return len(wort)
    return max(1, len(_SILBE.findall(wort.lower().replace("qu", "q"))))
