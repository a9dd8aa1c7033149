"""Intervals of shares against R's `svyciprop` and `binom.test`, Newcombe's table, and by their coverage."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import InputError
from analysis.survey import estimates, intervals
from analysis.survey.design import design

EXPECTED = Path(__file__).resolve().parents[1] / "expected"
DESIGNS = {
    "apistrat": {"gewicht": "pw", "schicht": "stype", "umfang": "fpc1"},
    "apiclus1": {"gewicht": "pw", "einheit": "dnum", "umfang": "fpc1"},
    "apiclus2": {"einheit": ["dnum", "snum"], "umfang": ["fpc1", "fpc2"]},
}


@pytest.fixture(scope="module")
def schools():
    frame = pd.read_csv(EXPECTED / "survey" / "data_api_shares.csv")
    return frame.assign(top=(frame.api00 > 800).astype(int))


@pytest.mark.parametrize("sample", DESIGNS)
def test_intervals_equal_r(schools, sample):
    daten = schools[schools["sample"] == sample]
    plan = design(daten, **DESIGNS[sample])
    items = daten[["schwide", "awards", "yrrnd", "top"]]
    overall = estimates.mean(plan, items).tabelle()
    by_type = estimates.mean(plan, items, daten.stype).tabelle()
    ours = pd.concat({"alle": overall, **{d: by_type.loc[d] for d in "EHM"}}, names=["domain", "item"])
    r = pd.read_csv(EXPECTED / "survey" / "intervals_api.csv").query("sample == @sample")
    mine = ours.loc[pd.MultiIndex.from_frame(r[["domain", "item"]])]
    for column, name in (("p", "wert"), ("se", "se"), ("df", "freiheitsgrade"), ("n", "n")):
        np.testing.assert_allclose(mine[name], r[column], rtol=1e-7)
    for (art, niveau), group in r.groupby(["art", "level"]):
        x = ours.loc[pd.MultiIndex.from_frame(group[["domain", "item"]])]
        kind = art.replace("xlogit", "logit")
        bounds = np.array(intervals.share_interval(x.wert, x.se, x.n, x.freiheitsgrade, kind, niveau))
        expected = group[["unten", "oben"]].to_numpy().T
        if art == "linear":  # R does not cut
            expected = np.clip(expected, 0, 1)
        if art == "arcsin":  # R's sine turns around beyond 0
            half = np.arcsin(np.sqrt(expected[1])) - np.arcsin(np.sqrt(group.p.to_numpy()))
            expected[0] = np.where(np.arcsin(np.sqrt(group.p)) < half, 0, expected[0])
        np.testing.assert_allclose(bounds, expected, rtol=1e-7, err_msg=f"{art} {niveau}")


def test_clopper_pearson_equals_binom_test():
    r = pd.read_csv(EXPECTED / "survey" / "intervals_binom.csv")
    p = r.x / r.n
    bounds = intervals.share_interval(p, np.sqrt(p * (1 - p) / r.n), r.n, r.n - 1, "korn_graubard")
    np.testing.assert_allclose(bounds, [r.unten, r.oben], rtol=1e-9)


def test_wilson_equals_the_table_of_newcombe():
    r = pd.read_csv(EXPECTED / "wilson_newcombe_1998.csv", comment="#")
    p = r.zaehler / r.nenner
    bounds = intervals.share_interval(p, np.sqrt(p * (1 - p) / r.nenner), r.nenner, np.inf, "wilson")
    np.testing.assert_allclose(bounds, [r.unten, r.oben], atol=6e-5)


@pytest.mark.parametrize("art", intervals.ARTEN)
def test_nobody_and_everybody_have_a_usable_interval(art):
    unten, oben = intervals.share_interval([0, 1, 1 - 1e-16], [0, 0, 1e-17], 100, 99, art)
    assert unten[0] == 0 and (oben[1:] == 1).all()
    assert oben[0] == pytest.approx(0.0362, abs=5e-5 if art != "wilson" else 2e-3)
    np.testing.assert_allclose(unten[1:], 1 - oben[0], rtol=1e-12)
    wider = intervals.share_interval(0, 0, 100, 99, art, n_effektiv=50)[1]
    assert wider > oben[0]
    assert intervals.share_interval(0, 0, 100, 99, art, n_effektiv=500)[1] == oben[0]


@pytest.mark.parametrize("art", intervals.ARTEN)
def test_nothing_is_known_of_one_respondent(art):
    bounds = np.array(intervals.share_interval([1.0, 0.4, np.nan, 0.4], [0, 0.1, 0.1, np.nan], [1, 9, 9, 9], 0, art))
    assert np.isnan(bounds).all()
    bounds = np.array(intervals.share_interval([1.0, np.nan, 0.4], [0, 0.1, np.nan], [1, 9, 9], 8, art))
    assert np.isnan(bounds).all()


def test_auto_takes_korn_graubard_where_few_carry_the_share():
    p, n = np.array([0.02, 0.5, 0.5, 0.5]), np.array([500, 25, 500, 500])
    df = np.array([499, 24, 499, 5])
    se = np.sqrt(p * (1 - p) / (n - 1))
    auto, korn, logit = (
        np.array(intervals.share_interval(p, se, n, df, a)) for a in ("auto", "korn_graubard", "logit")
    )
    np.testing.assert_array_equal(auto[:, [0, 1, 3]], korn[:, [0, 1, 3]])
    np.testing.assert_array_equal(auto[:, 2], logit[:, 2])
    assert intervals.few(p, se, n, df).tolist() == [True, True, False, True]


def test_a_margin_of_the_calibration_has_no_error_and_an_accident_has():
    assert intervals.share_interval(0.4, 1e-17, 500, 499) == (pytest.approx(0.4), pytest.approx(0.4))
    unten, oben = intervals.share_interval(0.5, 0.0, 4, 1)
    assert unten < 0.2 and oben > 0.8


@given(
    st.floats(0.001, 0.999),
    st.floats(1e-4, 0.3),
    st.integers(2, 5000),
    st.integers(1, 400),
    st.sampled_from(intervals.ARTEN),
)
def test_interval_of_the_complement_is_the_complement(p, se, n, df, art):
    unten, oben = intervals.share_interval(p, se, n, df, art)
    low, high = intervals.share_interval(1 - p, se, n, df, art)
    assert 0 <= unten <= p + 1e-9 and p - 1e-9 <= oben <= 1
    np.testing.assert_allclose([low, high], [1 - oben, 1 - unten], rtol=1e-6, atol=1e-9)


def test_pandas_types_with_missing_values():
    p = pd.Series([0.3, pd.NA], dtype="Float64")
    n = pd.Series([100, 100], dtype="Int64")
    unten, oben = intervals.share_interval(p, 0.05, n, 99)
    assert unten[0] < 0.3 < oben[0] and np.isnan([unten[1], oben[1]]).all()


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"art": "exact"}, "expected one of auto"),
        ({"niveau": 95}, "expected a number between 0 and 1"),
        ({"niveau": "95"}, "expected a number between 0 and 1"),
        ({"anteil": [0.1, 0.2], "n": [50, 60, 70]}, "shape"),
        ({"anteil": 30}, "share 30; expected from 0 to 1"),
        ({"se": -1}, "expected 0 or more"),
        ({"anteil": "viele"}, "anteil holds 'viele'"),
    ],
)
def test_what_is_no_share_is_refused(wrong, text):
    with pytest.raises(InputError, match=text):
        intervals.share_interval(**{"anteil": 0.3, "se": 0.05, "n": 100, "freiheitsgrade": 99, **wrong})


SHARES = (0.6, 0.35, 0.12)
RARE = (0.03, 0.02, 0.012)


@pytest.fixture(scope="module")
def coverage():
    """How often intervals cover a known share: four strata of unlike size, drawn by lot at unlike rates."""
    rng = np.random.default_rng(2023)
    big, drawn = np.array([9000, 14000, 21000, 33000]), np.array([330, 360, 420, 510])
    weight, odds = big / drawn, np.array([0.7, 0.9, 1.0, 1.2])
    result = {}
    for aim in SHARES + RARE:
        having = np.round(aim * odds * big).astype(int)
        true = having.sum() / big.sum()
        shares = rng.hypergeometric(having, big - having, drawn, size=(10_000, 4)) / drawn
        p = shares @ big / big.sum()
        variance = (big / big.sum()) ** 2 * (1 - drawn / big) * shares * (1 - shares) / (drawn - 1)
        kish = (drawn * weight).sum() ** 2 / (drawn * weight**2).sum()
        for art in ("auto", "logit", "wilson", "korn_graubard"):
            unten, oben = intervals.share_interval(
                p, np.sqrt(variance.sum(axis=1)), drawn.sum(), drawn.sum() - 4, art, n_effektiv=kish
            )
            result[aim, art] = np.mean((unten <= true) & (true <= oben))
    return result


@pytest.mark.parametrize("aim", SHARES)
@pytest.mark.parametrize("art", ["auto", "logit", "wilson"])
def test_intervals_of_common_shares_cover_as_often_as_they_say(coverage, aim, art):
    assert 0.935 <= coverage[aim, art] <= 0.965


@pytest.mark.parametrize("aim", RARE)
@pytest.mark.parametrize("art", ["auto", "korn_graubard"])
def test_intervals_of_rare_shares_rather_cover_more(coverage, aim, art):
    assert coverage[aim, art] >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / 10_000)
