from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import rates
from analysis.errors import InputError
from analysis.funnel import GRENZEN, LAGEN, funnel, funnel_limits

EXPECTED = Path(__file__).parent / "expected" / "rates"
LIMITS = ["unten_95", "oben_95", "unten_998", "oben_998"]


def table(name: str) -> pd.DataFrame:
    return pd.read_csv(EXPECTED / name, comment="#", keep_default_na=False)


def test_limits_of_shares_equal_the_published_ones():
    expected = table("phe_trichter_anteil.csv")
    result = funnel_limits(expected.nenner, 0.80642448)
    assert result.nenner.tolist() == expected.nenner.tolist()
    np.testing.assert_allclose(result[LIMITS] * 100, expected[LIMITS], atol=1.1e-6)


def test_limits_of_rates_equal_the_published_ones():
    expected = table("phe_trichter_rate.csv")
    mean = 116.1720835 / 100_000
    for column in LIMITS:
        limit = funnel_limits(3 * expected[column], mean, "rate")[column] * 3 * expected[column]
        # the published populations come from a bisection that ends at 1e-7
        np.testing.assert_allclose(limit, expected.ereignisse, rtol=2e-6)


def test_places_of_shares_equal_the_published_ones():
    expected = table("phe_trichter_anteil_lage.csv")
    assert funnel(expected.drop(columns="lage"), mittel=0.80642448).lage.tolist() == expected.lage.tolist()


@pytest.mark.parametrize("column", ["mit_null", "ohne_null"])
def test_places_of_rates_equal_the_published_ones(column):
    expected = table("phe_trichter_rate_lage.csv")
    expected = expected[expected[column] != ""]
    assert funnel(expected[["zaehler", "nenner"]], "rate").lage.tolist() == expected[column].tolist()


def test_places_of_events_against_expected_ones_equal_the_published_ones():
    expected = table("phe_trichter_verhaeltnis_lage.csv")
    assert funnel(expected[["zaehler", "nenner"]], "rate", mittel=1).lage.tolist() == expected.lage.tolist()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 300), st.integers(1, 5000)), min_size=1, max_size=20), st.floats(0.01, 0.9))
def test_an_area_is_outside_exactly_where_its_wilson_interval_does_not_hold_the_mean(rows, mean):
    counts = pd.DataFrame([(min(x, n), n) for x, n in rows], columns=["zaehler", "nenner"])
    result = funnel(counts, mittel=mean)
    unten, oben = rates.wilson(counts.zaehler, counts.nenner)
    outside = (unten > mean + 1e-9) | (oben < mean - 1e-9)
    inside = (unten < mean - 1e-9) & (oben > mean + 1e-9)
    assert (result.lage[outside] != "innerhalb").all() and (result.lage[inside] == "innerhalb").all()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(1, 10**6)), min_size=2, max_size=20))
def test_an_area_of_events_is_outside_exactly_where_its_exact_interval_does_not_hold_the_mean(rows):
    from scipy.special import gammaincinv

    counts = pd.DataFrame(rows, columns=["zaehler", "nenner"])
    result = funnel(counts, "rate")
    expected, cases = result.mittel * result.nenner, counts.zaehler
    low = np.where(cases > 0, gammaincinv(np.maximum(cases, 1), 0.025), 0)
    outside = (low > expected * (1 + 1e-9)) | (gammaincinv(cases + 1, 0.975) < expected * (1 - 1e-9))
    inside = (low < expected * (1 - 1e-9)) & (gammaincinv(cases + 1, 0.975) > expected * (1 + 1e-9))
    assert (result.lage[outside] != "innerhalb").all() and (result.lage[inside] == "innerhalb").all()
    assert set(result.lage) <= set(LAGEN)


@pytest.mark.parametrize("art", ["anteil", "rate"])
@settings(max_examples=50, deadline=None)
@given(mean=st.floats(0.001, 0.999))
def test_funnels_hold_the_mean_lie_in_one_another_and_narrow_with_size(art, mean):
    limits = funnel_limits(np.array([200, 2000, 20_000, 200_000]), mean, art)
    assert (limits.unten_998 <= limits.unten_95).all() and (limits.oben_95 <= limits.oben_998).all()
    assert (limits.unten_95 <= mean).all() and (limits.oben_95 >= mean).all()
    for name in GRENZEN:
        assert (limits[f"oben_{name}"].diff().dropna() <= 1e-12).all()
        assert (limits[f"unten_{name}"].diff().dropna() >= -1e-12).all()


def test_areas_without_numbers_have_no_place_and_do_not_count():
    counts = pd.DataFrame({"zaehler": [10, 10, np.nan, 4, 30], "nenner": [100, 100, 100, 0, 100], "ags": list("abcde")})
    result = funnel(counts)
    assert result.lage.tolist() == ["innerhalb", "innerhalb", "", "", "ueber_998"]
    assert result.ags.tolist() == list("abcde")
    assert result.mittel.iloc[0] == pytest.approx(50 / 300)
    assert np.isnan(result.oben_95.iloc[3]) and np.isnan(result.anteil.iloc[2])


def test_nobody_at_all_lies_outside_where_everybody_is_equal():
    counts = pd.DataFrame({"zaehler": [0, 0, 0], "nenner": [10, 20, 3000]})
    assert funnel(counts).lage.tolist() == funnel(counts, "rate").lage.tolist() == ["innerhalb"] * 3


def test_funnels_refuse_what_cannot_be():
    counts = pd.DataFrame({"ags": ["16077"], "stichtag": ["2023-12-31"], "zaehler": [12], "nenner": [10]})
    with pytest.raises(InputError, match="16077 2023-12-31: 12 of 10; expected from 0 to the denominator"):
        funnel(counts)
    assert funnel(counts, "rate").lage.tolist() == ["innerhalb"]
    two = pd.concat([counts, counts.assign(stichtag="2022-12-31")]).assign(zaehler=1)
    with pytest.raises(InputError, match="stichtag 2023-12-31, 2022-12-31; expected one"):
        funnel(two)
    with pytest.raises(InputError, match="16077 stands twice"):
        funnel(two.assign(stichtag="2023-12-31"))
    with pytest.raises(InputError, match="no area has numerator and denominator"):
        funnel(counts.assign(nenner=0))
    with pytest.raises(InputError, match="mean 7.1; expected 0 to 1"):
        funnel(counts.assign(zaehler=1), mittel=7.1)
    with pytest.raises(InputError, match="art='quote'; expected anteil or rate"):
        funnel_limits([10], 0.5, "quote")
