"""T tests, rank tests and Wald tests against R survey (models.R)."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from survey.models import case, expected, sample

from analysis.errors import InputError
from analysis.survey.design import design
from analysis.survey.estimates import mean
from analysis.survey.group_tests import paired_t_test, rank_test, t_test, wald_test

PAIRS = expected("pairs").set_index("case", drop=False)


def as_row(result) -> list[float]:
    estimate = result.schaetzung
    return [
        estimate.wert.iloc[0],
        estimate.se.iloc[0],
        result.statistik,
        result.freiheitsgrade[0],
        result.p,
        *estimate.intervall().iloc[0],
    ]


@pytest.mark.parametrize("of_r", expected("ttest").to_dict("records"), ids=lambda r: str(r["case"]))
def test_two_groups_as_in_r(of_r):
    spec = PAIRS.loc[of_r["case"]]
    found, data, inside = case(spec)
    result = t_test(found, data[spec["a"]], data[spec["b"]], inside)
    columns = ["value", "se", "t", "df", "p", "lower", "upper"]
    np.testing.assert_allclose(as_row(result), [of_r[c] for c in columns], rtol=1e-7)
    assert result.n + result.ausgelassen == inside.sum()


@pytest.mark.parametrize(
    "of_r", expected("single").to_dict("records"), ids=lambda r: f"{r['design']}-{r['a']}-{r['b']}"
)
def test_one_sample_and_paired_as_in_r(of_r):
    found, data, inside = case(of_r)
    if isinstance(of_r["b"], str):
        result = paired_t_test(found, data[of_r["a"]], data[of_r["b"]], inside)
    else:
        result = t_test(found, data[of_r["a"]], bereich=inside)
    columns = ["value", "se", "t", "df", "p", "lower", "upper"]
    np.testing.assert_allclose(as_row(result), [of_r[c] for c in columns], rtol=1e-7)


def test_another_value_to_compare_with():
    found, data = sample("strat")
    shifted = t_test(found, data["api00"] - 650)
    result = t_test(found, data["api00"], vergleichswert=650)
    np.testing.assert_allclose(as_row(result), as_row(shifted), rtol=1e-12)


@pytest.mark.parametrize("of_r", expected("ranks").to_dict("records"), ids=lambda r: f"{r['case']}-{r['kind']}")
def test_ranks_as_in_r(of_r):
    spec = PAIRS.loc[of_r["case"]]
    found, data, inside = case(spec)
    result = rank_test(found, data[spec["a"]], data[spec["b"]], of_r["kind"], inside)
    np.testing.assert_allclose(result.statistik, of_r["statistic"], rtol=1e-7)
    np.testing.assert_allclose(result.freiheitsgrade[0], of_r["df1"])
    np.testing.assert_allclose(result.p, of_r["p"], rtol=1e-7)
    if len(result.freiheitsgrade) == 2:
        np.testing.assert_allclose(result.freiheitsgrade[1], of_r["df2"])
    else:
        np.testing.assert_allclose(result.schaetzung.wert, of_r["value"], rtol=1e-7)
    if spec["design"] in ("clus1", "hanes"):  # equal weights, or two answers: R's own ranks are the same
        np.testing.assert_allclose(result.statistik, of_r["svyranktest"], rtol=1e-7)


def test_kruskal_wallis_is_wilcoxon_for_more_groups():
    found, data = sample("clus1")
    one, other = (rank_test(found, data["api00"], data["stype"], art) for art in ("wilcoxon", "kruskalwallis"))
    assert one.p == other.p


def test_wald_test_of_means():
    found, data = sample("strat")
    means = mean(found, data["api00"], data["stype"])
    contrasts = means.kontrast({"H": {"H": 1, "E": -1}, "M": {"M": 1, "E": -1}})
    both = wald_test(contrasts)
    assert both.freiheitsgrade[0] == 2
    one = wald_test(contrasts, ["H"], 10.0)
    np.testing.assert_allclose(one.statistik, ((contrasts.wert["H"] - 10) / contrasts.se["H"]) ** 2)
    with pytest.raises(InputError, match="no inverse"):
        wald_test(means.kontrast({"a": {"H": 1, "E": -1}, "b": {"H": 2, "E": -2}}))


def test_refused():
    found, data = sample("strat")
    with pytest.raises(InputError, match="3 groups"):
        t_test(found, data["api00"], data["stype"])
    with pytest.raises(InputError, match="1 groups"):
        t_test(found, data["api00"], data["stype"], data["stype"] == "E")
    with pytest.raises(InputError, match="expected a number"):
        t_test(found, data["stype"], data["awards"])
    with pytest.raises(InputError, match="respondent 1: '1.5'; expected a number"):
        t_test(found, pd.Series(["1.5"] * len(data), name="y"), data["awards"])
    with pytest.raises(InputError, match="no sampling error"):
        t_test(found, data["api00"] * 0 + 7, data["awards"])
    with pytest.raises(InputError, match="no sampling error"):
        t_test(found, data["awards"], data["awards"])
    heavy = design(data.assign(w=np.where(data.index == 0, 1e9, 1.0)), "w")
    with pytest.raises(InputError, match="nearly all of the weight"):
        t_test(heavy, data["api00"], data["awards"])
    with pytest.raises(InputError, match="no estimate named"):
        wald_test(mean(found, data["api00"], data["stype"]), [])
    lonely = data["awards"].where(data.index > 0, 5)
    with pytest.raises(InputError, match="group 5: 1 respondents"):
        rank_test(found, data["api00"], lonely)
    with pytest.raises(InputError, match="rank test 'mann'"):
        rank_test(found, data["api00"], data["awards"], "mann")
    with pytest.raises(InputError, match="no respondent of the domain"):
        t_test(found, data["api00"], data["awards"], data["api00"] < 0)
    calibrated, data = sample("cal")
    with pytest.raises(InputError, match="no sampling error"):
        t_test(calibrated, data["api99"])


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.01, 1000), st.sampled_from(["wilcoxon", "vanderwaerden", "median"]))
def test_order_scale_and_sign(seed, factor, kind):
    rng = np.random.default_rng(seed)
    data = pd.DataFrame({"y": rng.integers(0, 5, 50), "g": np.arange(50) % 2, "w": rng.gamma(1, 2, 50) + 0.01})
    plain = design(data, "w")
    turned = data.assign(w=data["w"] * factor, g=1 - data["g"]).sample(frac=1, random_state=seed)
    other = design(turned, "w")
    for test in (t_test, lambda *a: rank_test(*a, kind)):
        try:
            one = test(plain, data["y"], data["g"])
        except InputError:  # median scores all equal
            continue
        again = test(other, turned["y"], turned["g"])
        np.testing.assert_allclose(again.statistik, -one.statistik, rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(again.p, one.p, rtol=1e-7)
