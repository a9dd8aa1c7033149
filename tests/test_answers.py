import pandas as pd
import pytest

from analysis.answers import check, chosen, filter_conflicts, holds, reasons, valid
from analysis.codebook import NICHT_GEWAEHLT, Codebuch, Frage, Merkmal, conditions
from analysis.errors import InputError

MISSING = {-9: "nicht_beantwortet", -1: "weiss_nicht"}
BOOK = Codebuch((
    Frage("K1", "einfach", (Merkmal("K1", "einfach", labels={1: "ja", 2: "nein"}, fehlend=MISSING),)),
    Frage("K2", "zahl", (Merkmal("K2", "zahl", fehlend=MISSING),), filter=conditions("K1=1")),
    Frage("M", "mehrfach", tuple(Merkmal(f"M{n}", "mehrfach", labels={"Y": "ja"}, leer=NICHT_GEWAEHLT) for n in (1, 2)),
          filter=conditions("K2>=1"), gewaehlt="Y"),
))  # fmt: skip
DATA = pd.DataFrame({
    "K1": pd.array([1, 1, 2, -9, None], dtype="Int64"),
    "K2": pd.array([2, -1, None, None, 3], dtype="Int64"),
    "M1": pd.array(["Y", None, None, None, None], dtype="string"),
    "M2": pd.array([None, None, None, None, None], dtype="string"),
})  # fmt: skip


def test_every_cell_has_its_reason():
    why = reasons(DATA, BOOK)
    assert why.K1.tolist() == ["", "", "", "nicht_beantwortet", "nicht_gezeigt"]
    assert why.K2.tolist() == ["", "weiss_nicht", "nicht_gezeigt", "nicht_gezeigt", ""]
    # asked of those with children: 0 and 4; 0 chose M1 and so not M2, 4 chose nothing
    assert why.M2.tolist() == ["", "nicht_gezeigt", "nicht_gezeigt", "nicht_gezeigt", "nicht_beantwortet"]
    assert valid(DATA, BOOK, "K2").sum() == 5
    assert chosen(DATA, BOOK, "M").iloc[0].tolist() == [True, False] and chosen(DATA, BOOK, "M").iloc[1:].isna().all(
        axis=None
    )


def test_conditions_hold_only_where_they_are_answered():
    assert holds(DATA, conditions("K1=1 & K2>=1")).tolist() == [True, False, False, False, False]
    assert holds(DATA, conditions("K2<=2")).tolist() == [True, True, False, False, False]


def test_answers_against_their_filter_are_counted():
    found = filter_conflicts(DATA, BOOK)
    assert found[["merkmal", "trotz_filter", "fehlt_trotz_frage"]].to_numpy().tolist() == [["K2", 1, 0]]


def test_nothing_is_changed_in_the_data():
    before = DATA.copy()
    reasons(DATA, BOOK), chosen(DATA, BOOK, "M"), filter_conflicts(DATA, BOOK)
    pd.testing.assert_frame_equal(DATA, before)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (DATA.drop(columns="K2"), "the column 'K2' of the codebook is not in the data"),
        (DATA.assign(X=1), "the column 'X' is not in the codebook"),
        (
            DATA.assign(K1=pd.array([1, 3, 2, 1, 1], dtype="Int64")),
            "row 11, K1: '3'; expected one of the codes 1, 2, -9, -1",
        ),
        (
            DATA.assign(K2=pd.array([1, 3, 2, -7, 1], dtype="Int64")),
            "row 13, K2: '-7'; expected a number from 0 to any or",
        ),
        (
            DATA.assign(M1=pd.array(["X", "Y", "Y", "Y", "Y"], dtype="string")),
            "row 10, M1: 'X'; expected one of the codes Y",
        ),
    ],
)
def test_data_that_do_not_fit_are_refused(data, message):
    with pytest.raises(InputError, match=f"^probe.csv(, |: ){message}"):
        check(data, BOOK, "probe.csv", pd.Series(range(10, 15)))
    check(DATA, BOOK, "probe.csv")
