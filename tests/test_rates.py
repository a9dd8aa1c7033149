from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint
from statsmodels.stats.rates import confint_poisson_2indep

from analysis import rates
from analysis.errors import InputError

EXPECTED = Path(__file__).parent / "expected"
counts = st.integers(0, 2000)
persons = st.integers(1, 10**6)


def table(name: str) -> pd.DataFrame:
    return pd.read_csv(EXPECTED / "rates" / name, comment="#")


def by_level(expected: pd.DataFrame):
    return expected.groupby("niveau")


def same(result, expected, digits: float) -> None:
    np.testing.assert_allclose(result, expected, rtol=digits, atol=1e-14)


def test_wilson_equals_the_published_examples():
    expected = pd.read_csv(EXPECTED / "wilson_newcombe_1998.csv", comment="#")
    unten, oben = rates.wilson(expected.zaehler, expected.nenner)
    assert np.round(unten, 4).tolist() == expected.unten.tolist()
    assert np.round(oben, 4).tolist() == expected.oben.tolist()


def test_wilson_of_no_cases_and_of_missing_counts_is_missing():
    unten, oben = rates.wilson([0, np.nan, 3], [0, 10, np.nan])
    assert np.isnan(unten).all() and np.isnan(oben).all()


@settings(deadline=None)
@given(st.lists(st.tuples(persons, persons), min_size=1), st.floats(0.5, 0.999))
def test_wilson_equals_statsmodels_to_the_last_bit(pairs, niveau):
    nenner = np.max(pairs, axis=1)
    zaehler = np.min(pairs, axis=1) - 1
    expected = proportion_confint(zaehler, nenner, 1 - niveau, "wilson")
    assert np.array_equal(rates.wilson(zaehler, nenner, niveau), expected)


@settings(deadline=None)
@given(st.integers(1, 10**6), st.data())
def test_an_interval_holds_its_share_and_mirrors_its_complement(nenner, data):
    zaehler = data.draw(st.integers(0, nenner))
    unten, oben = rates.wilson([zaehler, nenner - zaehler], [nenner, nenner])
    assert 0 <= unten[0] <= zaehler / nenner + 1e-12 and zaehler / nenner <= oben[0] + 1e-12 <= 1 + 2e-12
    assert unten[0] == pytest.approx(1 - oben[1], abs=1e-9)


@pytest.mark.parametrize("art", ["anteil", "rate"])
def test_shares_and_rates_equal_the_published_ones_of_the_uk_health_security_agency(art):
    expected = table("phe_anteile_und_raten.csv").query("art == @art")
    for niveau, rows in by_level(expected):
        unten, oben = rates.INTERVALLE[art](rows.zaehler, rows.nenner, niveau)
        same(unten, rows.unten, 1e-6)
        same(oben, rows.oben, 1e-6)


def test_a_rate_of_few_events_equals_rs_exact_interval():
    for niveau, rows in by_level(table("exakt.csv")):
        unten, oben = rates.byar(rows.zaehler, 1, niveau)
        same(unten, rows.unten, 1e-12)
        same(oben, rows.oben, 1e-12)


def test_a_rate_without_population_or_number_has_no_interval():
    unten, oben = rates.byar([3, 3, np.nan, 3], [0, -5, 100, np.nan])
    assert np.isnan(unten).all() and np.isnan(oben).all()
    assert np.isfinite(rates.byar(0, 100)).all() and rates.byar(0, 100)[0] == 0


def test_the_interval_of_a_rate_refuses_what_cannot_be():
    with pytest.raises(InputError, match="-2 events; expected 0 or more"):
        rates.byar([4, -2], [10, 10])
    with pytest.raises(InputError, match="level 95; expected a number between 0 and 1"):
        rates.byar(4, 10, niveau=95)


@given(st.integers(0, 10**6), persons, st.floats(0.5, 0.999))
def test_the_interval_of_a_rate_holds_it_and_widens_with_the_level(zaehler, nenner, niveau):
    unten, oben = rates.byar(zaehler, nenner, niveau)
    assert 0 <= unten <= zaehler / nenner < oben
    wider = rates.byar(zaehler, nenner, (1 + niveau) / 2)
    assert wider[0] <= unten and oben <= wider[1]


@given(st.integers(0, 10**5), persons, st.integers(2, 50))
def test_a_rate_is_surer_with_more_cases_and_scales_with_its_population(zaehler, nenner, factor):
    unten, oben = rates.byar(zaehler, nenner)
    more = rates.byar(zaehler * factor, nenner * factor)
    assert more[1] - more[0] < oben - unten
    same(rates.byar(zaehler, nenner * factor), (unten / factor, oben / factor), 1e-12)


def test_the_interval_of_a_mean_equals_rs_t_test_and_the_published_one():
    for niveau, rows in by_level(table("mittel.csv")):
        unten, oben = rates.mean_interval(rows.mittel, rows.streuung, rows.anzahl, niveau)
        same(unten, rows.unten, 1e-12)
        same(oben, rows.oben, 1e-12)
    # PHEindicatormethods, vignette "Introduction to PHEindicatormethods": phe_mean of the eight numerators
    same(rates.mean_interval(48.625, 30.93282, 8), (22.76452, 74.48548), 1e-6)
    assert np.isnan(rates.mean_interval(3, 0, 1)).all()


def test_differences_of_shares_equal_the_published_and_rs():
    expected = table("newcombe_1998_differenzen.csv")
    _, unten, oben = rates.rate_difference(expected.x1, expected.n1, expected.x2, expected.n2)
    assert np.round(unten, 4).tolist() == expected.unten.tolist()
    assert np.round(oben, 4).tolist() == expected.oben.tolist()
    for niveau, r in by_level(table("differenzen.csv")):
        same(rates.rate_difference(r.x1, r.n1, r.x2, r.n2, niveau=niveau), (r.differenz, r.unten, r.oben), 1e-12)


@settings(deadline=None)
@given(st.tuples(persons, persons), st.data())
def test_differences_of_shares_equal_statsmodels(sizes, data):
    x1, x2 = (data.draw(st.integers(0, n)) for n in sizes)
    expected = confint_proportions_2indep(x1, sizes[0], x2, sizes[1], compare="diff", method="newcomb")
    difference, *bounds = rates.rate_difference(x1, sizes[0], x2, sizes[1])
    np.testing.assert_allclose(bounds, expected, rtol=1e-9, atol=1e-9)
    assert bounds[0] - 1e-9 <= difference <= bounds[1] + 1e-9


@settings(deadline=None)
@given(st.integers(0, 9), persons, st.integers(0, 9), persons)
def test_differences_of_rates_of_few_events_equal_statsmodels(x1, n1, x2, n2):
    expected = confint_poisson_2indep(x1, n1, x2, n2, compare="diff", method="mover", method_mover="exact-c")
    _, *bounds = rates.rate_difference(x1, n1, x2, n2, art="rate")
    assume(np.isfinite(expected).all())
    np.testing.assert_allclose(bounds, expected, rtol=1e-9, atol=1e-12)


@given(counts, persons, counts, persons)
def test_a_difference_turns_its_sign_and_a_ratio_inverts_when_areas_are_swapped(x1, n1, x2, n2):
    difference, unten, oben = rates.rate_difference(x1, n1, x2, n2, art="rate")
    same(rates.rate_difference(x2, n2, x1, n1, art="rate"), (-difference, -oben, -unten), 1e-12)
    assume(x1 and x2)
    ratio, low, high = rates.rate_ratio(x1, n1, x2, n2, art="rate")
    assert low < ratio < high
    same(rates.rate_ratio(x2, n2, x1, n1, art="rate"), (1 / ratio, 1 / high, 1 / low), 1e-12)


@pytest.mark.parametrize("art", ["anteil", "rate"])
def test_ratios_equal_r(art):
    for niveau, r in by_level(table("verhaeltnisse.csv").query("art == @art")):
        same(rates.rate_ratio(r.x1, r.n1, r.x2, r.n2, art, niveau), (r.verhaeltnis, r.unten, r.oben), 1e-12)


def test_a_ratio_without_cases_has_no_interval():
    ratio, unten, oben = rates.rate_ratio([0, 5, 5, np.nan], [10, 10, 10, 10], [5, 0, 5, 5], [10, 10, 0, 10])
    assert ratio[0] == 0 and np.isnan(ratio[1:]).all()
    assert np.isnan(unten).all() and np.isnan(oben).all()


def test_comparisons_refuse_what_cannot_be():
    with pytest.raises(InputError, match="12 of 10; expected from 0 to the denominator"):
        rates.rate_difference(12, 10, 3, 10)
    with pytest.raises(InputError, match="-1 of 10; expected 0 or more"):
        rates.rate_ratio(-1, 10, 3, 10, art="rate")
    with pytest.raises(InputError, match="art='quote'; expected anteil or rate"):
        rates.rate_ratio(1, 10, 3, 10, art="quote")
