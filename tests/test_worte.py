import pytest

from analysis.errors import InputError
from analysis.worte import worte


def test_both_languages_have_all_words():
    german, english = worte("de"), worte("en")
    assert german["quelle"] == "Quelle" and english["quelle"] == "Source"
    assert set(german) == set(english) and all(english.values())
    assert set(german["mappe"]) == set(english["mappe"]) and all(english["mappe"].values())
    assert len(german["mappe"]["hinweise"]) == len(english["mappe"]["hinweise"])


def test_a_statistical_term_keeps_its_german_in_brackets():
    assert "(Begriffe)" in worte("en")["begriffe"] and "(In Kürze)" in worte("en")["ueberschriften"]["In Kürze"]


def test_an_unknown_language_is_named():
    with pytest.raises(InputError, match="sprache 'fr': expected one of de, en"):
        worte("fr")
