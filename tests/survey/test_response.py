from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.codebook import Codebuch, Frage, Merkmal, conditions
from analysis.errors import InputError
from analysis.sources import befragung
from analysis.survey import interview
from analysis.survey.response import (
    DISPOSITIONEN,
    RATEN,
    eligibility,
    fieldwork,
    outcome_rates,
    register_sample,
    response_by,
    response_rates,
)

ROOT = Path(__file__).resolve().parents[2]
EXPECTED = ROOT / "tests" / "expected" / "survey"
MIDDLE_EARTH = {"I": 760, "P": 339, "R": 59, "NC": 288, "O": 1, "UO": 173, "NE": 71}
TWELVE = {"I": 4, "P": 2, "R": 1, "NC": 1, "O": 1, "UH": 1, "UO": 1, "NE": 1}
counts = st.fixed_dictionaries({name: st.integers(0, 500) for name in DISPOSITIONEN})


def test_rates_of_published_examples():
    expected = pd.read_csv(EXPECTED / "aapor_outcome_rates.csv", comment="#")
    rates = outcome_rates(pd.DataFrame([MIDDLE_EARTH, TWELVE], index=[1, 2]).fillna(0))
    for row in expected.itertuples():
        assert abs(rates.loc[row.fall, row.rate] - row.wert) <= 0.5001 * 10.0**-row.stellen, row
    assert len(expected) == 2 * (len(RATEN) + 1)


def test_e_is_reported_and_can_be_given():
    assert eligibility(pd.Series(TWELVE)).item() == 0.9
    assert eligibility(pd.Series({"I": 3})).item() == 1.0 and np.isnan(eligibility(pd.Series({"UO": 3})).item())
    rates = outcome_rates(pd.Series(TWELVE), e=0.0).iloc[0]
    assert rates.RR3 == rates.RR5 and rates.CON2 == rates.CON3 and rates.e == 0
    every = outcome_rates(pd.Series(TWELVE), e=1).iloc[0]
    assert every.RR3 == every.RR1
    two = outcome_rates(pd.DataFrame([TWELVE, TWELVE], index=["a", "b"]), pd.Series({"b": 0.5, "a": 1.0}))
    assert two.loc["a", "RR3"] == every.RR3 and two.loc["b", "e"] == 0.5


@given(counts)
@settings(max_examples=15)
def test_rates_keep_their_order(case):
    rates = outcome_rates(pd.Series(case)).iloc[0]
    if case["I"]:
        assert rates.RR1 <= rates.RR3 + 1e-12 and rates.RR3 <= rates.RR5 + 1e-12 and rates.RR1 <= rates.RR2
        assert rates[list(RATEN)].between(0, 1 + 1e-12).all()
    doubled = outcome_rates(pd.Series(case) * 2).iloc[0]
    np.testing.assert_allclose(doubled, rates, rtol=1e-12)


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ({"I": -1}, "response, 0, I: '-1'; expected a number of persons"),
        ({"I": np.nan}, "expected a number of persons"),
        ({"I": "viele"}, "'viele'; expected a number of persons"),
        ({"I": 3, "XY": 1}, "no disposition 'XY'"),
    ],
)
def test_numbers_that_are_none_are_refused(case, message):
    with pytest.raises(InputError, match=message):
        outcome_rates(pd.DataFrame([case]))
    with pytest.raises(InputError, match="e=1.5; expected a share"):
        outcome_rates(pd.Series({"I": 3}), e=1.5)


def test_nothing_known_is_no_rate():
    rates = outcome_rates(pd.DataFrame({"I": pd.array([0, 2], "Int64")}))
    assert rates.loc[0, list(RATEN)].isna().all() and rates.loc[1, "RR1"] == 1


def survey(**drawn):
    return SimpleNamespace(kurz="probe", angaben={"ziehung": drawn})


def test_rates_of_a_sample_from_the_register():
    answers = pd.Series(["I"] * 1600 + ["P"] * 20)
    row = response_rates(survey(n=6000, unzustellbar=88), answers).iloc[0]
    assert row.NE == 88 and row.NC == 4292 and row.UO == 0
    assert row.RR2 == row.RR6 == 1620 / 5912 and row.RR1 == 1600 / 5912
    strict = response_rates(
        survey(n=6000, unzustellbar=88), answers, unzustellbar_als="UO", ohne_antwort_als="UO"
    ).iloc[0]
    assert strict.RR2 == 1620 / 6000 == 0.27 and strict.e == 1 and np.isnan(strict.RR6)
    some = response_rates(survey(n=6000, unzustellbar=88), answers, ohne_antwort_als="UO").iloc[0]
    assert some.e == 1620 / 1708 and pytest.approx(1620 / (1620 + 1620 / 1708 * 4292), rel=1e-12) == some.RR4


def test_more_answers_than_letters_are_refused():
    with pytest.raises(InputError, match="3 interviews of 3 persons drawn, 1 of them undeliverable"):
        register_sample(pd.Series(["I", "I", "R"]), 3, 1)
    with pytest.raises(InputError, match="expected I, P or R"):
        register_sample(pd.Series(["I", None]), 3)
    with pytest.raises(InputError, match="expected NE or UO"):
        register_sample(pd.Series(["I"]), 3, unzustellbar_als="weg")
    with pytest.raises(InputError, match="probe: the description says no `ziehung`"):
        response_rates(survey(n=3), pd.Series(["I"]))


def test_response_by_group_equals_r():
    cells = pd.read_csv(EXPECTED / "data_ucb.csv")
    expected = pd.read_csv(EXPECTED / "representativeness_response.csv")
    for name, part in expected.groupby("merkmal"):
        found = response_by(cells, name).loc[part.gruppe, ["anteil", "unten", "oben"]]
        np.testing.assert_allclose(found, part[["anteil", "unten", "oben"]], rtol=1e-7)


CELLS = pd.DataFrame({"raum": ["a", "a", "b"], "n_gezogen": [10, 5, 2], "n_unzustellbar": [1, 0, 2],
                      "n_geantwortet": [3, 5, 0]})  # fmt: skip


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_geantwortet": [3, 6, 0]}, "row 2: 6 answered and 0 undeliverable of 5 drawn"),
        ({"n_gezogen": [10, "fünf", 2]}, "row 2, n_gezogen: 'fünf'"),
        ({"n_gezogen": [10, 5.5, 2]}, "row 2, n_gezogen: '5.5'"),
        ({"n_unzustellbar": [-1, 0, 2]}, "row 1, n_unzustellbar: '-1'"),
        ({"N": [100, 4, 5]}, "row 2: 5 drawn of '4' persons; expected not more drawn than live there"),
        ({"raum": ["a", None, "b"]}, "row 2, raum: empty"),
    ],
)
def test_cells_that_cannot_be_are_refused(change, message):
    with pytest.raises(InputError, match=message):
        response_by(CELLS.assign(**change), "raum")


@pytest.mark.parametrize("kind", ["category", "string", "object"])
def test_groups_of_any_type(kind):
    found = response_by(CELLS.astype({"raum": kind, "n_gezogen": "Int64"}), ["raum"])
    assert found.n_geantwortet.tolist() == [8, 0] and found.anteil.iloc[0] == 8 / 14
    assert found[["anteil", "unten", "oben"]].iloc[1].isna().all()  # no letter arrived


def test_course_of_the_field_work_counts_everybody():
    times = pd.Series(pd.to_datetime(["2023-08-20 23:00:00", "2023-08-22 08:00:00", "2023-08-22 23:59:59", None]))
    table = fieldwork(times, "2023-08-21", "2023-08-23")
    assert table.antworten.tolist() == [1, 0, 2, 0, 1] and table.kumuliert.tolist() == [1, 1, 3, 3, 4]
    assert (
        table.anteil.iloc[-1] == 1
        and pd.isna(table.index[-1])
        and table.feldzeit.tolist() == [False, True, True, True, False]
    )
    assert fieldwork(times[:0], "2023-08-21", "2023-08-23").antworten.tolist() == [0, 0, 0]
    with pytest.raises(InputError, match="begins on 2023-08-23 after its end"):
        fieldwork(times, "2023-08-23", "2023-08-21")
    with pytest.raises(InputError, match="expected two days"):
        fieldwork(times, "gestern", "2023-08-21")
    with pytest.raises(InputError, match="no points in time"):
        fieldwork(pd.Series(["gestern"], name="WANN"), "2023-08-21", "2023-08-23")


MISSING = {-9: "nicht_beantwortet", -1: "weiss_nicht", -5: "verweigert"}
YES = {1: "ja", 2: "nein"}
BOOK = Codebuch((
    *(Frage(key, "einfach", (Merkmal(key, "einfach", labels=YES, fehlend=MISSING),)) for key in ("A", "B", "C")),
    Frage("D", "einfach", (Merkmal("D", "einfach", labels=YES, fehlend=MISSING),), filter=conditions("A=1")),
    Frage("M", "mehrfach", tuple(Merkmal(f"M{n}", "mehrfach", labels=YES) for n in (1, 2)), gewaehlt=2),
    Frage("O", "offen", (Merkmal("O", "offen", leer="nicht_beantwortet"),)),
))  # fmt: skip
INTERVIEWS = pd.DataFrame({
    "A": pd.array([1, 2, 1, 2, -9, None], "Int64"),
    "B": pd.array([1, 1, None, -1, -9, None], "Int64"),
    "C": pd.array([1, 2, None, 2, -9, None], "Int64"),
    "D": pd.array([1, None, None, None, None, None], "Int64"),
    "M1": pd.array([2, 1, None, 1, None, None], "Int64"),
    "M2": pd.array([1, 1, None, 1, None, None], "Int64"),
    "O": pd.array(["x", None, None, None, None, None], "string"),
})  # fmt: skip


def test_who_stops_early_is_not_complete():
    found = interview.completeness(INTERVIEWS, BOOK)
    # shown everything; filter does not hold; broke off after A; a don't know; answered nothing of four; nothing shown
    assert found.gestellt.tolist() == [5, 4, 5, 4, 4, 4]
    assert found.beantwortet.tolist() == [5, 4, 1, 4, 0, 0]
    assert found.nicht_erreicht.tolist() == [0, 0, 4, 0, 1, 4]
    assert interview.dispositions(INTERVIEWS, BOOK).tolist() == ["I", "I", "R", "I", "R", "R"]
    assert interview.dispositions(INTERVIEWS, BOOK, ohne=["B", "C", "D", "M"]).tolist() == [
        "I",
        "I",
        "I",
        "I",
        "R",
        "R",
    ]
    with pytest.raises(InputError, match="partial from 0.9, complete from 0.5"):
        interview.dispositions(INTERVIEWS, BOOK, vollstaendig=0.5, teilweise=0.9)


def test_a_question_that_few_were_shown_counts_only_for_them():
    few = INTERVIEWS.assign(C=pd.array([1, None, None, None, None, None], "Int64"))
    assert interview.completeness(few, BOOK).gestellt.tolist() == [5, 3, 4, 3, 3, 3]


def test_item_nonresponse_counts_each_reason():
    table = interview.item_nonresponse(INTERVIEWS, BOOK)
    assert table.index.tolist() == ["A", "B", "C", "D", "M", "O"]
    assert table.loc["B", ["gezeigt", "beantwortet", "nicht_beantwortet", "weiss_nicht"]].tolist() == [4, 2, 1, 1]
    assert table.loc["D", ["gezeigt", "beantwortet", "nicht_gezeigt"]].tolist() == [1, 1, 5]
    assert table.loc["B", "anteil_ohne_antwort"] == 0.5
    parts = table[["beantwortet", "nicht_beantwortet", "weiss_nicht", "verweigert", "sonstiges", "nicht_gezeigt"]]
    assert (parts.sum(axis=1) == len(INTERVIEWS)).all()


def test_break_off_and_groups():
    assert interview.breakoff(INTERVIEWS, BOOK).to_dict()["interviews"] == {"": 1, "A": 1, "C": 1}
    kind = pd.Series(["x", "y", None, "x", "x", "y"], dtype="string", name="art")
    table = interview.by_group(interview.dispositions(INTERVIEWS, BOOK), kind)
    assert table.loc["x", ["I", "P", "R"]].tolist() == [2, 0, 1] and table.interviews.sum() == 6
    nobody = interview.by_group(interview.dispositions(INTERVIEWS, BOOK), kind.where(kind == "?"))
    assert nobody.to_numpy().tolist() == [[3, 0, 3, 6, 1]] and nobody.index.isna().all()
    with pytest.raises(InputError, match="2 groups for 6 interviews"):
        interview.by_group(interview.dispositions(INTERVIEWS, BOOK), kind[:2])
    assert pd.isna(table.index[-1]) and table.anteil.sum() == pytest.approx(1)


def test_example_survey():
    survey = befragung.load(ROOT / "data" / "musterkreis" / "befragung" / "befragung.yaml")
    daten, book = survey.daten, survey.codebuch
    ohne = [survey.angaben["design"]["schicht"]]
    state = interview.completeness(daten, book, ohne)
    # who broke off is known from the export: FINISHED is 0
    assert (daten.FINISHED[state.nicht_erreicht > 0] == 0).all() and (state.nicht_erreicht > 0).sum() == 3
    row = response_rates(survey, interview.dispositions(daten, book, ohne)).iloc[0]
    assert row.RR2 == 200 / 731 and row.P == 3
    cells = pd.read_csv(ROOT / "data" / "musterkreis" / "befragung" / "ziehung_musterkreis_2023.csv", sep=";")
    by_area = response_by(cells, "raum")
    assert by_area.n_gezogen.to_dict() == survey.angaben["ziehung"]["je_raum"] and by_area.n_geantwortet.sum() == 200
    days = fieldwork(interview.time_of_interview(daten, book), *survey.angaben["feldzeit"].values())
    assert len(days) == 32 and days.kumuliert.iloc[-1] == 200
    assert "SC01" not in interview.item_nonresponse(daten, book, ohne).index
