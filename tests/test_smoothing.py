from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.errors import InputError
from analysis.smoothing import FAMILIEN, empirical_bayes, local_empirical_bayes

EXPECTED = Path(__file__).parent / "expected" / "rates"


def table(name: str) -> pd.DataFrame:
    return pd.read_csv(EXPECTED / name, comment="#")


@pytest.mark.parametrize("name", ["eb_auckland.csv", "eb_huddersfield.csv", "eb_sids.csv"])
def test_smoothed_rates_equal_spdep(name):
    for familie, expected in table(name).groupby("familie"):
        result = empirical_bayes(expected.zaehler, expected.nenner, familie)
        np.testing.assert_allclose(result.roh, expected.roh, rtol=1e-13)
        np.testing.assert_allclose(result.geglaettet, expected.geglaettet, rtol=1e-12)


def test_local_smoothing_equals_spdep():
    expected = table("eb_lokal.csv").set_index("gebiet")
    result = local_empirical_bayes(expected.zaehler, expected.nenner, table("eb_nachbarn.csv"))
    np.testing.assert_allclose(result.roh, expected.roh, rtol=1e-13)
    np.testing.assert_allclose(result.geglaettet, expected.geglaettet, rtol=1e-12)
    assert result.gewicht.between(0, 1).all()


def test_the_interval_is_that_of_the_posterior_whose_mean_is_the_smoothed_rate():
    sids = table("eb_sids.csv").query("familie == 'poisson'")
    x, n = sids.zaehler, sids.nenner
    for familie in FAMILIEN:
        result = empirical_bayes(x, n, familie)
        size = (n / result.gewicht - n).mean()
        if familie == "poisson":
            posterior = stats.gamma(result.mittel * size + x, scale=1 / (n + size))
        else:
            posterior = stats.beta(result.mittel * size + x, (1 - result.mittel) * size + n - x)
        np.testing.assert_allclose(posterior.mean(), result.geglaettet, rtol=1e-9)
        np.testing.assert_allclose(posterior.ppf(0.025), result.unten, rtol=1e-8)
        np.testing.assert_allclose(posterior.ppf(0.975), result.oben, rtol=1e-8)


@pytest.mark.parametrize("familie", FAMILIEN)
@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 500), st.integers(1, 5000)), min_size=3, max_size=30))
def test_a_smoothed_rate_lies_between_the_raw_one_and_the_mean(familie, rows):
    n = pd.Series([n for _, n in rows])
    x = pd.Series([min(x, n) for x, n in rows])
    result = empirical_bayes(x, n, familie)
    low, high = np.minimum(result.roh, result.mittel), np.maximum(result.roh, result.mittel)
    assert result.geglaettet.between(low - 1e-12, high + 1e-12).all() and result.gewicht.between(0, 1).all()
    assert result.gewicht[n.sort_values().index].is_monotonic_increasing
    inner = result.unten.notna()
    assert (result.unten[inner] <= result.oben[inner]).all()


def test_areas_that_differ_by_chance_only_all_get_the_mean_and_no_interval():
    result = empirical_bayes(pd.Series([10, 11, 9, 10]), pd.Series([100, 100, 100, 100]))
    assert result.gewicht.tolist() == [0] * 4 and result.geglaettet.tolist() == [0.1] * 4
    assert result.unten.isna().all() and result.oben.isna().all()
    nobody = empirical_bayes(pd.Series([0, 0, 0]), pd.Series([10, 20, 30]), "poisson")
    assert nobody.geglaettet.tolist() == [0, 0, 0]


def test_areas_without_numbers_stay_empty_and_change_nothing():
    sids = table("eb_sids.csv").query("familie == 'binomial'").set_index("gebiet")
    holes = pd.DataFrame({"zaehler": [np.nan, 0, 5], "nenner": [100, 0, np.nan]}, index=["geheim", "leer", "ohne"])
    together = pd.concat([sids[["zaehler", "nenner"]], holes])
    result = empirical_bayes(together.zaehler, together.nenner)
    assert result.loc[holes.index].isna().all(axis=None)
    np.testing.assert_allclose(result.geglaettet.loc[sids.index], sids.geglaettet, rtol=1e-12)


def test_each_comparison_is_smoothed_for_itself():
    sids = table("eb_sids.csv").query("familie == 'binomial'").reset_index(drop=True)
    both = pd.concat([sids.assign(jahr="1974"), sids.assign(jahr="1979", zaehler=2 * sids.zaehler)], ignore_index=True)
    result = empirical_bayes(both.zaehler, both.nenner, gruppe=both.jahr)
    np.testing.assert_allclose(result.geglaettet[:100], sids.geglaettet, rtol=1e-12)
    alone = empirical_bayes(2 * sids.zaehler, sids.nenner)
    np.testing.assert_allclose(result.geglaettet[100:], alone.geglaettet, rtol=1e-12)


def test_two_areas_are_not_smoothed():
    result = empirical_bayes(pd.Series([1, 9, np.nan]), pd.Series([10, 10, 10]))
    assert result.roh.tolist()[:2] == [0.1, 0.9] and result.mittel.tolist()[:2] == [0.5, 0.5]
    assert result[["geglaettet", "gewicht", "unten", "oben"]].isna().all(axis=None)


def test_smoothing_refuses_what_cannot_be():
    x, n = pd.Series([1, 12, 3], ["a", "b", "c"]), pd.Series([10, 10, 10], ["a", "b", "c"])
    with pytest.raises(InputError, match="b: 12 of 10; expected from 0 to the denominator"):
        empirical_bayes(x, n)
    assert len(empirical_bayes(x, n, "poisson")) == 3
    with pytest.raises(InputError, match="c: -3 of 10; expected 0 or more"):
        empirical_bayes(x * [1, 1, -1], n, "poisson")
    with pytest.raises(InputError, match="familie='normal'; expected binomial or poisson"):
        empirical_bayes(x, n, "normal")
    with pytest.raises(InputError, match="different rows"):
        empirical_bayes(x, n.reset_index(drop=True))
    pairs = pd.DataFrame({"ags": ["a", "z"], "nachbar": ["z", "a"]})
    with pytest.raises(InputError, match="neighbours a and z; expected keys that have numbers"):
        local_empirical_bayes(x, n, pairs)
    with pytest.raises(InputError, match="b has no number; local smoothing needs every area"):
        local_empirical_bayes(x.where(x < 10), n, pairs[:0])
