"""Groups and shares that a description names."""

import pandas as pd
import pytest

from analysis import auswertung
from analysis.codebook import Codebuch, Frage, Merkmal, conditions
from analysis.errors import InputError

CODES = {1: "ja", 2: "nein"}
BOOK = Codebuch(
    (
        Frage("KI01", "einfach", (Merkmal("KI01", "einfach", labels=CODES, fehlend={-9: "nicht_beantwortet"}),)),
        Frage(
            "KI04",
            "einfach",
            (Merkmal("KI04", "einfach", labels=CODES, fehlend={-1: "weiss_nicht"}),),
            filter=conditions("KI01=1"),
        ),
        Frage("HH01", "zahl", (Merkmal("HH01_01", "zahl"),)),
    )
)
DATA = pd.DataFrame({
    "KI01": [1, 1, 2, -9, 1], "KI04": [2, -1, None, None, None], "HH01_01": [1, 1, 1, 1, 2],
}).astype("Int64")  # fmt: skip


def test_a_missing_answer_is_neither_inside_nor_outside():
    single = auswertung.member(DATA, BOOK, conditions("KI01=1 & HH01_01=1"))
    assert single.tolist() == [True, True, False, pd.NA, False]


def test_a_share_of_several_answers_counts_only_who_gave_all():
    """The third has no children, but did not say how many adults there are: outside the group, not in the share."""
    both, data = conditions("KI01=1 & HH01_01=1"), DATA.assign(HH01_01=DATA.HH01_01.mask(DATA.KI01 == 2))
    assert auswertung.member(data, BOOK, both).tolist() == [True, True, False, pd.NA, False]
    assert auswertung.has_property(data, BOOK, both).tolist() == [True, True, pd.NA, pd.NA, False]
    alone = conditions("KI04=2")
    assert auswertung.has_property(data, BOOK, alone).equals(auswertung.member(data, BOOK, alone))


def test_who_was_not_asked_is_outside_and_who_does_not_know_is_unknown():
    inside = auswertung.member(DATA, BOOK, conditions("KI04=2"))
    assert inside.tolist() == [True, pd.NA, False, pd.NA, pd.NA]  # the last two: not known whether, or broken off


def part(**entries) -> dict:
    return {"auswertung": {
        "gruppen": {"eltern": {"titel": "Eltern", "wer": "Eltern", "filter": "KI01=1"}},
        "anteile": {"ohne_platz": {"titel": "fanden keinen Platz", "filter": "KI04=2", "unter": "eltern"} | entries},
    }}  # fmt: skip


def test_groups_and_shares_are_read():
    read = auswertung.read(part(), BOOK)
    assert read.anteile["ohne_platz"].unter == "eltern" and read.gruppen["eltern"].filter == conditions("KI01=1")
    assert auswertung.read({}, BOOK).anteile == {}


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"unter": "kinder"}, "anteile.ohne_platz: there is no group 'kinder'; there are eltern"),
        ({"vergleich": ["eltern", "andere"]}, "no group 'andere'"),
        ({"filter": "XX=1"}, "'XX' is no variable of the survey"),
        ({"filter": "KI04=7"}, "KI04 has no answer 7; there are 1, 2"),
        ({"filter": "KI04"}, "is not COLUMN=code"),
    ],
)
def test_what_the_survey_does_not_have_is_refused(entries, message):
    with pytest.raises(InputError, match=message):
        auswertung.read(part(**entries), BOOK)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"alter": "AL09"}, "auswertung.alter: there is no variable 'AL09'"),
        ({"einkommen": "KI01"}, "no question with brackets"),
        ({"batterien": ["zu01"]}, "no battery 'zu01'"),
        ({"mehrfach": ["KI01"]}, "no multiple choice question 'KI01'"),
        ({"haushalt": {"kinder": "HH09"}}, "auswertung.haushalt.kinder"),
    ],
)
def test_columns_and_questions_must_exist(given, message):
    with pytest.raises(InputError, match=message):
        auswertung.read({"auswertung": given}, BOOK)
