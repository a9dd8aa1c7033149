"""The fixed words of pages in German and English."""

from functools import cache
from pathlib import Path

from analysis.errors import InputError
from analysis.yaml_files import load_yaml

_FILE = Path(__file__).with_name("worte.yaml")


def worte(sprache: str) -> dict:
    """Fixed words of one language by key.

    Raises
    ------
    InputError
        There are no words in this language.
    """
    if sprache not in _words():
        raise InputError(f"sprache {sprache!r}: expected one of {', '.join(_words())}")
    return _words()[sprache]


@cache
def _words() -> dict[str, dict]:
    words = load_yaml(_FILE)
    for language, own in words.items():
        if set(own) != set(words["de"]):
            raise InputError(f"{_FILE}, {language}: other keys than 'de': {sorted(set(own) ^ set(words['de']))}")
    return words
