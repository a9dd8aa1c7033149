import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vergleich.tafel import ERWARTET

from analysis.errors import InputError
from analysis.vergleich.aehnliche import aehnliche

R = pd.read_csv(ERWARTET / "abstaende.csv", comment="#").set_index("ags")
WERTE = R.iloc[:, :6]


@pytest.mark.parametrize(("spalte", "wahl"), [
    ("z", {}), ("robust", {"skalierung": "robust"}), ("mahalanobis", {"abstand": "mahalanobis"}),
])  # fmt: skip
def test_distances_equal_r(spalte, wahl):
    found = aehnliche(WERTE, "Courtelary", anzahl=46, **wahl)
    expected = R[spalte].drop("Courtelary")
    assert len(found) == 46
    assert np.allclose(found.abstand, expected[found.ags], rtol=1e-10, atol=0)
    assert found.abstand.is_monotonic_increasing


def test_missing_values_scale_the_distance_as_r_does():
    gaps = WERTE.copy()
    gaps.iloc[1, 2] = gaps.iloc[4, 0] = gaps.iloc[9, 5] = np.nan
    found = aehnliche(gaps, "Courtelary", anzahl=46)
    assert np.allclose(found.abstand, R.mit_luecken[found.ags], rtol=1e-10, atol=0)
    assert (found.gemeinsam == 5).sum() == 3


def test_areas_with_too_little_in_common_are_left_out():
    gaps = WERTE.copy()
    gaps.iloc[1, :2] = np.nan
    assert len(aehnliche(gaps, "Courtelary", anzahl=46)) == 45
    with pytest.raises(InputError, match="enough indicators in common with"):
        aehnliche(gaps, gaps.index[1])


def test_the_number_wanted_and_what_differs():
    table = pd.DataFrame({"a": [0, 0, 1, 5.0], "b": [0, 0, 1, 1.0]}, index=["01", "02", "03", "04"])
    found = aehnliche(table, "01", anzahl=2)
    assert found.ags.tolist() == ["02", "03"] and found.unterschiede.tolist() == ["", "b"]
    assert aehnliche(table, "01", anzahl=3).unterschiede.tolist()[-1] == "a, b"


@given(st.floats(0.01, 1000), st.floats(-100, 100))
@settings(max_examples=30, deadline=None)
def test_the_unit_of_an_indicator_changes_nothing(factor, shift):
    other = WERTE.assign(Education=WERTE.Education * factor + shift)
    for wahl in ({}, {"skalierung": "robust"}, {"abstand": "mahalanobis"}):
        one, two = aehnliche(WERTE, "Sion", **wahl), aehnliche(other, "Sion", **wahl)
        assert one.ags.tolist() == two.ags.tolist() and np.allclose(one.abstand, two.abstand, rtol=1e-6)


def test_bad_input_is_refused():
    cases = [
        ({"ags": "x"}, "no area 'x'"),
        ({"indikatoren": ["x"]}, "indicator 'x' has no values"),
        ({"skalierung": "x"}, "'x', 'euklid'"),
        ({"anzahl": 0}, "0 areas wanted"),
    ]
    for wahl, text in cases:
        with pytest.raises(InputError, match=text):
            aehnliche(WERTE, **{"ags": "Sion", **wahl})
    with pytest.raises(InputError, match="Education does not vary"):
        aehnliche(WERTE.assign(Education=1.1), "Sion")
    with pytest.raises(InputError, match="none that follows from others"):
        aehnliche(WERTE.assign(twice=WERTE.Education * 2), "Sion", abstand="mahalanobis")
