from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.codebook import Codebuch, Frage, Merkmal, conditions
from analysis.errors import InputError
from analysis.sources import befragung
from analysis.survey import checks as c

ROOT = Path(__file__).resolve().parents[2]
CELLS = pd.read_csv(ROOT / "data" / "musterkreis" / "befragung" / "ziehung_musterkreis_2023.csv", sep=";")
MISSING = {-9: "nicht_beantwortet"}
SCALE = {n: str(n) for n in range(1, 6)}
BOOK = Codebuch((
    Frage("CASE", "technisch", (Merkmal("CASE", "technisch"),)),
    Frage("A", "einfach", (Merkmal("A", "einfach", labels={1: "ja", 2: "nein", 3: "nie"}, fehlend=MISSING),)),
    Frage("B", "einfach", (Merkmal("B", "einfach", labels={1: "ja", 2: "nein"}, fehlend=MISSING),),
          filter=conditions("A=1")),
    Frage("S", "skala", tuple(Merkmal(f"S{n}", "skala", labels=SCALE, fehlend=MISSING) for n in range(1, 5))),
    Frage("L", "zahl", (Merkmal("L", "zahl"),)),
    Frage("H", "einfach", (Merkmal("H", "einfach", labels=SCALE),)),
    Frage("G", "technisch", (Merkmal("G", "technisch"),)),
))  # fmt: skip
DATA = pd.DataFrame({
    "CASE": pd.array([1, 2, 2, 4, None], "Int64"),
    "A": pd.array([1, 2, 1, 1, None], "Int64"),
    "B": pd.array([1, 1, 1, None, None], "Int64"),
    "S1": pd.array([3, 3, 3, -9, None], "Int64"),
    "S2": pd.array([3, 2, 3, -9, None], "Int64"),
    "S3": pd.array([3, 3, 3, -9, None], "Int64"),
    "S4": pd.array([3, 3, 3, -9, None], "Int64"),
    "L": pd.array([None] * 5, "Int64"),
    "H": pd.array([1, 1, 1, 2, None], "Int64"),
    "G": pd.array([1.0, 0.0, -1.0, None, 2.0], "Float64"),
})  # fmt: skip


def found(table):
    table = table[table.anzahl > 0]
    return {(row.pruefung, row.befund): row.anzahl for row in table.itertuples()}


def test_every_fault_is_found_and_counted():
    before = DATA.copy()
    table = c.checks(DATA, BOOK, {"design": {"schicht": "H", "gewicht": "G"}}, schluessel="CASE")
    assert found(table) == {
        ("schluessel_doppelt", "CASE"): 1,
        ("schluessel_fehlt", "CASE"): 1,
        ("ohne_antwort", "L"): 5,
        ("interview_leer", "keine gültige Antwort"): 1,
        ("auspraegung_ohne_faelle", "A: 3"): 1,
        ("auspraegung_ohne_faelle", "B: 2"): 1,
        ("auspraegung_ohne_faelle", "S1: 1, 2, 4, 5"): 4,
        ("auspraegung_ohne_faelle", "S2: 1, 4, 5"): 3,
        ("auspraegung_ohne_faelle", "S3: 1, 2, 4, 5"): 4,
        ("auspraegung_ohne_faelle", "S4: 1, 2, 4, 5"): 4,
        ("auspraegung_ohne_faelle", "H: 3, 4, 5"): 3,
        ("antwort_trotz_filter", "B (A=1)"): 1,
        ("nicht_gezeigt_trotz_filter", "B (A=1)"): 1,
        ("gleichfoermig", "S (4 Fragen, 3 vollständig)"): 2,
        ("schicht_mit_einem", "H = 2"): 1,
        ("schicht_fehlt", "H"): 1,
        ("gewicht_unbrauchbar", "G"): 3,
    }
    assert table.columns.tolist() == c.COLUMNS and set(table.behandlung) == {c.FEHLER, c.GEZAEHLT}
    pd.testing.assert_frame_equal(DATA, before)
    with pytest.raises(
        InputError, match=r"CASE: 1 interviews with a case number that another.* \(and 4 more findings\)"
    ):
        c.require(table)
    c.require(table[table.behandlung == c.GEZAEHLT])


def test_the_same_answers_twice_are_counted_from_a_length_on():
    assert c.same_answers(DATA, BOOK, ab=7).anzahl.tolist() == [1]  # the third is the first
    assert c.same_answers(DATA, BOOK, ab=8).anzahl.tolist() == [0]
    assert c.same_answers(DATA, BOOK, ab=0).anzahl.tolist() == [1]


def test_a_check_that_was_made_is_told_even_without_finding():
    good = DATA.iloc[[0, 0, 0]].reset_index(drop=True).assign(CASE=pd.array([1, 2, 3], "Int64"))
    table = c.checks(good, BOOK, {}, schluessel="CASE")
    assert table[table.behandlung == c.FEHLER].anzahl.eq(0).all() and "gewicht_unbrauchbar" in set(table.pruefung)
    c.require(table)
    for design, key in (({}, "ID"), ({"schicht": "ID"}, None), ({"gewicht": "ID"}, None)):
        with pytest.raises(InputError, match="no column 'ID'"):
            c.checks(good, BOOK, {"design": design}, schluessel=key)
    empty = c.checks(DATA[:0], BOOK, {"design": {"schicht": "H", "gewicht": "G"}}, schluessel="CASE")
    assert empty[empty.pruefung != "ohne_antwort"].anzahl.sum() == 0


@pytest.mark.parametrize("kind", ["string", "category", "object"])
def test_strata_and_weights_of_any_type(kind):
    data = pd.DataFrame({"h": pd.Series(["a", "a", "b", None], dtype=kind), "g": [1, np.inf, "x", 2]})
    assert found(c.strata(data, "h")) == {("schicht_mit_einem", "h = b"): 1, ("schicht_fehlt", "h"): 1}
    assert found(c.weights(data, "g")) == {("gewicht_unbrauchbar", "g"): 2}


def test_the_sample_must_fit_its_description():
    cells = pd.DataFrame(
        {"raum": ["a", "a", "b"], "n_gezogen": [5, 5, 2], "n_unzustellbar": 0, "n_geantwortet": [1, 2, 0]}
    )
    good = {"ziehung": {"n": 12, "unzustellbar": 0, "je_raum": {"a": 10, "b": 2}}}
    assert found(c.sample_sums(cells, good, 3)) == {}
    assert found(c.sample_sums(cells, {"ziehung": {"n": 13, "unzustellbar": 2, "je_raum": {"a": 9, "c": 4}}}, 4)) == {
        ("ziehung_widerspricht", "n = 13, n_gezogen = 12"): 1,
        ("ziehung_widerspricht", "unzustellbar = 2, n_unzustellbar = 0"): 2,
        ("ziehung_widerspricht", "je_raum, a"): 1,
        ("ziehung_widerspricht", "je_raum, b"): 2,
        ("ziehung_widerspricht", "je_raum, c"): 4,
        ("antworten_ohne_zelle", "n_geantwortet"): 1,
    }
    assert found(c.sample_sums(None, good, 3)) == {} == found(c.sample_sums(cells, {}, 3))


def test_example_survey_can_be_estimated():
    survey = befragung.load(ROOT / "data" / "musterkreis" / "befragung" / "befragung.yaml")
    table = c.checks(survey.daten, survey.codebuch, survey.angaben, schluessel="CASE", ziehung=CELLS)
    c.require(table)
    assert {key[0] for key in found(table)} == {"auspraegung_ohne_faelle", "gleichfoermig"}


@pytest.mark.parametrize(
    ("check", "finding", "message"),
    [
        ("schicht_mit_einem", "H = 2", "survey data, H = 2: 1 interview alone in its stratum.*join it with another"),
        ("schicht_fehlt", "H", "survey data, H: 1 interviews without stratum; expected one for each"),
        (
            "gewicht_unbrauchbar",
            "G",
            "survey data, G: 1 weights are empty, no number or not above 0; expected a number",
        ),
    ],
)
def test_what_stops_the_work_is_said_in_words(check, finding, message):
    with pytest.raises(InputError, match=message):
        c.require(pd.DataFrame([(check, finding, 1, c.FEHLER)], columns=c.COLUMNS))
