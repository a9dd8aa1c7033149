from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import rates

EXPECTED = Path(__file__).parent / "expected"


def test_wilson_equals_the_published_examples():
    expected = pd.read_csv(EXPECTED / "wilson_newcombe_1998.csv", comment="#")
    unten, oben = rates.wilson(expected.zaehler, expected.nenner)
    assert np.round(unten, 4).tolist() == expected.unten.tolist()
    assert np.round(oben, 4).tolist() == expected.oben.tolist()


def test_wilson_of_no_cases_and_of_missing_counts_is_missing():
    unten, oben = rates.wilson([0, np.nan, 3], [0, 10, np.nan])
    assert np.isnan(unten).all() and np.isnan(oben).all()


@given(st.integers(1, 10**6), st.data())
def test_an_interval_holds_its_share_and_mirrors_its_complement(nenner, data):
    zaehler = data.draw(st.integers(0, nenner))
    unten, oben = rates.wilson([zaehler, nenner - zaehler], [nenner, nenner])
    assert 0 <= unten[0] <= zaehler / nenner + 1e-12 and zaehler / nenner <= oben[0] + 1e-12 <= 1 + 2e-12
    assert unten[0] == pytest.approx(1 - oben[1], abs=1e-9)
