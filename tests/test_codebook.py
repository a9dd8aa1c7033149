import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.codebook import Bedingung, Codebuch, Frage, Merkmal, as_code, condition_text, conditions, table
from analysis.errors import InputError

YES = {1: "ja", 2: "nein"}
KINDER = Frage("K1", "einfach", (Merkmal("K1", "einfach", labels=YES, fehlend={-9: "nicht_beantwortet"}),), "Kinder?")
EINKOMMEN = Frage(
    "E1", "klasse", (Merkmal("E1", "klasse", labels={1: "wenig", 2: "viel"}),), klassen={1: (0, 500), 2: (500, None)}
)  # fmt: skip


def test_questions_and_variables_are_found_by_key_and_column():
    items = tuple(Merkmal(f"Z1_{n}", "skala", bereich=(1, 5)) for n in (1, 2))
    book = Codebuch((KINDER, Frage("Z1", "skala", items, batterie="leben")), {"leben": "Mein Leben"})
    assert book.spalten == ["K1", "Z1_1", "Z1_2"]
    assert book.frage("Z1_2") is book.frage("Z1") and book.batterie("leben") == (book.frage("Z1"),)
    assert book.merkmal("K1").labels == YES
    with pytest.raises(InputError, match="no question or variable 'X'"):
        book.frage("X")


def test_the_table_has_one_row_per_variable_and_code_and_shows_itself():
    book = Codebuch((KINDER, EINKOMMEN, Frage("T", "offen", (Merkmal("T", "offen"),))))
    rows = table(book)
    assert rows[["merkmal", "code", "bedeutung", "fehlend"]].to_numpy().tolist() == [
        ["K1", 1, "ja", ""], ["K1", 2, "nein", ""], ["K1", -9, "", "nicht_beantwortet"],
        ["E1", 1, "wenig", ""], ["E1", 2, "viel", ""], ["T", None, "", ""]]  # fmt: skip
    assert rows.von.dropna().tolist() == [0, 500] and rows.bis.dropna().tolist() == [500]
    assert "<table" in book._repr_html_() and "Kinder?" in book._repr_html_()


@pytest.mark.parametrize(
    ("questions", "message"),
    [
        ([KINDER, KINDER], "question 'K1' stands twice"),
        ([KINDER, Frage("K2", "einfach", KINDER.merkmale)], "variable 'K1' stands twice"),
        ([Frage("A", "auswahl", KINDER.merkmale)], "no type 'auswahl'; expected one of einfach"),
        ([Frage("A", "skala", KINDER.merkmale)], "no variable of the type skala"),
        ([Frage("A", "mehrfach", (Merkmal("A", "mehrfach", labels=YES),))], "without the code that means chosen"),
        ([Frage("A", "mehrfach", (Merkmal("A", "mehrfach", labels=YES),), gewaehlt=3)], "chosen .3. is not among"),
        ([Frage("A", "zahl", (Merkmal("A", "zahl", fehlend={-1: "keine Lust"}),))], "no reason 'keine Lust'"),
        ([Frage("A", "einfach", (Merkmal("A", "einfach", labels=YES, fehlend={2: "verweigert"}),))], "2 is both"),
        ([Frage("A", "zahl", (Merkmal("A", "zahl", leer="nichts"),))], "an empty cell cannot mean 'nichts'"),
        ([Frage("A", "zahl", (Merkmal("A", "zahl"),), filter=conditions("B=1"))], "filter names 'B', which is no"),
        ([KINDER, Frage("A", "zahl", (Merkmal("A", "zahl"),), filter=conditions("K1=7"))], "K1=7, a code that it"),
        ([Frage("A", "klasse", EINKOMMEN.merkmale, klassen={1: (0, 500)})], "code 2 has no bounds"),
        ([Frage("A", "klasse", EINKOMMEN.merkmale, klassen={1: (0, 600), 2: (500, None)})], "codes 1 and 2 overlap"),
        ([Frage("A", "klasse", EINKOMMEN.merkmale, klassen={1: (9, 5), 2: (9, None)})], "9 is not below 5"),
    ],
)
def test_a_codebook_that_contradicts_itself_is_refused(questions, message):
    with pytest.raises(InputError, match=message):
        Codebuch(tuple(questions))


def test_conditions_are_read_and_written():
    found = conditions("KI01=1|2 & KI02>=1 & F1[SQ001]=Y")
    assert found == (Bedingung("KI01", (1, 2)), Bedingung("KI02", ab=1), Bedingung("F1[SQ001]", ("Y",)))
    assert condition_text(found) == "KI01=1|2 & KI02>=1 & F1[SQ001]=Y"
    assert conditions("  ") == ()


@pytest.mark.parametrize("text", ["KI01", "KI01==1", "KI01=1 | KI02=1", "KI01>=viel", "=1", "KI01=1 &", "KI01 ODER 1"])
def test_other_conditions_are_refused(text):
    with pytest.raises(InputError, match=re.escape(f"filter {text!r}")):
        conditions(text)


@given(st.lists(st.tuples(st.from_regex(r"[A-Z]{2}[0-9]{2}(_[0-9]{2})?", fullmatch=True),
                          st.lists(st.integers(-9, 99) | st.from_regex(r"A[0-9]{1,2}", fullmatch=True), min_size=1),
                          ), min_size=1, max_size=4))  # fmt: skip
def test_conditions_survive_being_written(parts):
    filter = tuple(Bedingung(column, tuple(codes)) for column, codes in parts)
    assert conditions(condition_text(filter)) == filter


@pytest.mark.parametrize(
    ("written", "code"), [("1", 1), ("-9", -9), (2.0, 2), ("01", "01"), ("A1", "A1"), ("-0", "-0"), (True, 1), ("", "")]
)
def test_codes_are_numbers_only_where_they_are_written_as_such(written, code):
    assert as_code(written) == code and type(as_code(written)) is type(code)
