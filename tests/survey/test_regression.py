"""Regressions, average marginal effects and adjusted means against R survey (models.R)."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from survey.models import case, expected, sample

from analysis.errors import InputError
from analysis.survey.design import design
from analysis.survey.effects import adjusted_means, marginal_effects
from analysis.survey.group_tests import t_test
from analysis.survey.regression import linear, logistic, poisson

SPECS = expected("regressions").to_dict("records")
KINDS = {"linear": linear, "logistic": logistic, "poisson": poisson}
LEVELS = {"stype": "E", "race": 1, "age": 2, "sex": 1}


def fitted(spec):
    found, data, inside = case(spec)
    y, right = spec["formula"].split(" ~ ")
    parts = right.split(" + ")
    products = [tuple(part.split(" * ")) for part in parts if "*" in part]
    products += [(part[2:-3],) * 2 for part in parts if "^" in part]
    x = data[[name for part in parts if "^" not in part for name in part.split(" * ")]]
    return KINDS[spec["kind"]](found, data[y], x, inside, {v: LEVELS[v] for v in x if v in LEVELS}, products)


def rows(name, spec):
    return expected(name).query("case == @spec['case']")


@pytest.mark.parametrize("spec", SPECS, ids=lambda s: f"{s['design']}-{s['kind']}-{s['formula']}")
def test_coefficients_terms_and_effects_as_in_r(spec):
    model = fitted(spec)
    of_r = rows("coefficients", spec)
    table = model.tabelle().loc[of_r["name"]]
    columns = ["wert", "se", "t", "freiheitsgrade", "p", "unten", "oben"]
    np.testing.assert_allclose(table[columns], of_r[["value", "se", "t", "df", "p", "lower", "upper"]], rtol=1e-7)
    assert set(table.index) == set(model.koeffizienten.wert.index)
    for term in rows("terms", spec).to_dict("records"):
        test = model.term_test(term["term"])
        found = [test.statistik, *test.freiheitsgrade, test.p]
        np.testing.assert_allclose(found, [term[c] for c in ("statistic", "df1", "df2", "p")], rtol=1e-7)
    of_r = rows("effects", spec).set_index("name")
    effects = marginal_effects(model)
    assert set(effects.wert.index) == set(of_r.index)
    of_r = of_r.loc[effects.wert.index]
    np.testing.assert_allclose(effects.wert, of_r["value"], rtol=1e-7)
    np.testing.assert_allclose(effects.se, of_r["se"], rtol=1e-7)
    np.testing.assert_allclose(marginal_effects(model, kovariaten_fest=True).se, of_r["se_fixed"], rtol=1e-7)
    for variable, of_r in rows("means", spec).groupby("variable"):
        means = adjusted_means(model, variable)
        assert [str(level) for level in means.wert.index] == list(of_r["level"])
        np.testing.assert_allclose(means.wert, of_r["value"], rtol=1e-7)
        np.testing.assert_allclose(means.se, of_r["se"], rtol=1e-7)
        np.testing.assert_allclose(adjusted_means(model, variable, True).se, of_r["se_fixed"], rtol=1e-7)


def test_adjusted_means_as_predictive_margins_of_r():
    found, data, inside = case({"design": "hanes", "domain": "adult"})
    model = logistic(found, data["chol"], data[["race", "age", "sex"]], inside, {"race": 1, "age": 2})
    of_r = expected("predmeans")
    np.testing.assert_allclose(adjusted_means(model, "race").wert, of_r["value"], rtol=1e-7)
    np.testing.assert_allclose(adjusted_means(model, "race", True).se, of_r["se_fixed"], rtol=1e-7)


def test_a_regression_on_two_groups_is_the_t_test():
    found, data = sample("clus2")
    model, test = linear(found, data["acs46"], data[["awards"]]), t_test(found, data["acs46"], data["awards"])
    row = model.tabelle().loc["awards"]
    np.testing.assert_allclose([row["t"], row["p"]], [test.statistik, test.p], rtol=1e-9)
    assert (
        (model.n, model.ausgelassen)
        == (test.n, test.ausgelassen)
        == (data["acs46"].notna().sum(), data["acs46"].isna().sum())
    )


def test_odds_ratios():
    found, data = sample("strat")
    model = logistic(found, data["schwide"], data[["ell", "stype"]], bezug={"stype": "E"})
    np.testing.assert_allclose(np.log(model.verhaeltnisse()), model.tabelle()[["wert", "unten", "oben"]].iloc[1:])
    with pytest.raises(InputError, match="no odds ratios"):
        linear(found, data["api00"], data[["ell"]]).verhaeltnisse()


@pytest.mark.parametrize("dtype", ["string", "category", object])
def test_any_type_of_variables(dtype):
    found, data = sample("hanes")
    plain = logistic(found, data["chol"], data[["race", "sex"]], bezug={"race": 2}).tabelle()
    x = data[["race"]].astype(str).replace("1", pd.NA).astype(dtype).assign(sex=data["sex"].astype("Int64"))
    some = data["race"] != 1
    model = logistic(found, data["chol"].astype("boolean"), x, some.astype("boolean"), bezug={"race": "2"})
    assert model.ausgelassen == data.loc[some, "chol"].isna().sum()
    assert logistic(found, data["chol"], x, bezug={"race": "2"}).ausgelassen == (data["chol"].isna() | ~some).sum()
    assert len(plain) == len(model.tabelle()) + 1
    truth = logistic(found, data["chol"], (data[["sex"]] == 2))
    assert list(truth.koeffizienten.wert.index) == ["Konstante", "sex[True]"]
    number = logistic(found, data["chol"], data[["sex"]])
    np.testing.assert_allclose(truth.tabelle().iloc[1], number.tabelle().iloc[1], rtol=1e-7)


def test_an_extreme_value_is_no_separation():
    found, data = sample("strat")
    x = data[["ell"]].astype(float)
    x.loc[data["awards"].idxmin(), "ell"] = 2000
    model = logistic(found, data["awards"], x)
    assert np.isfinite(model.tabelle()).all(axis=None)


def test_refused():
    found, data = sample("strat")
    y, x = data["api00"], data[["ell", "meals"]]
    with pytest.raises(InputError, match="double follows from Konstante, ell"):
        linear(found, y, x.assign(double=2 * x["ell"] + 3))
    with pytest.raises(InputError, match="same follows from Konstante"):
        linear(found, y, x.assign(same=1))
    with pytest.raises(InputError, match="stype: values are no numbers; name the level"):
        linear(found, y, data[["stype"]])
    with pytest.raises(InputError, match="nobody has the reference level 'X'"):
        linear(found, y, data[["stype"]], bezug={"stype": "X"})
    with pytest.raises(InputError, match="no variable 'typ'"):
        linear(found, y, data[["stype"]], bezug={"typ": "X"})
    with pytest.raises(InputError, match="one level 'E' only"):
        linear(found, y, data[["stype"]], data["stype"] == "E", {"stype": "E"})
    with pytest.raises(InputError, match="level 'X': 1 respondents"):
        linear(found, y, data[["stype"]].mask(data["snum"] == data["snum"][0], "X"), bezug={"stype": "E"})
    with pytest.raises(InputError, match="only = 1: 1 respondents"):
        linear(found, y, data[["ell"]].assign(only=(data.index == 0).astype(int)))
    two = pd.Series(np.where(data.index == 0, 2, np.where(data.index < 9, 1, 0)))
    with pytest.raises(InputError, match="respondent 1 alone"):
        linear(found, y, pd.DataFrame({"two": two, "square": two**2}))
    clustered, districts = sample("clus1")
    with pytest.raises(InputError, match="here = 1: 13 respondents, not more than one unit"):
        linear(clustered, districts["api00"], pd.DataFrame({"here": (districts["dnum"] == 61).astype(int)}))
    with pytest.raises(InputError, match="3 respondents for 3 coefficients"):
        linear(found, y, x, pd.Series(data.index < 3))
    with pytest.raises(InputError, match="meals.*separation"):
        logistic(found, (data["meals"] > 30).astype(int), x)
    partly = data["awards"].where(data["stype"] != "H", 1)
    with pytest.raises(InputError, match=r"stype\[H\].*separation"):
        logistic(found, partly, data[["ell", "stype"]], bezug={"stype": "E"})
    with pytest.raises(InputError, match=r"stype\[H\].*separation"):
        poisson(found, data["stu"].where(data["stype"] != "H", 0), data[["ell", "stype"]], bezug={"stype": "E"})
    heavy = design(data.assign(w=np.where(data.index == 0, 1e9, 1.0)), "w")
    with pytest.raises(InputError, match="one of 200 respondents has nearly all of the weight"):
        logistic(heavy, data["awards"], x)
    with pytest.raises(InputError, match="expected 0 or 1"):
        logistic(found, data["stu"], x)
    with pytest.raises(InputError, match="expected counts"):
        poisson(found, data["stu"] - 1000, x)
    with pytest.raises(InputError, match="all 200 answers are 3"):
        linear(found, y * 0 + 3, x)
    with pytest.raises(InputError, match="no sampling error"):
        linear(found, 2 * data["ell"] + 1, x)
    with pytest.raises(InputError, match="expected a number"):
        linear(found, data["stype"], x)
    with pytest.raises(InputError, match="at least one variable"):
        linear(found, y, data[[]])
    with pytest.raises(InputError, match="at least one variable"):
        linear(found, y, data["ell"])
    with pytest.raises(InputError, match="ell 3 times in a product"):
        linear(found, y, x, wechselwirkungen=[("ell", "ell", "ell")])
    with pytest.raises(InputError, match="expected numbers"):
        linear(found, pd.Series(pd.date_range("2020", periods=200), name="y"), x)
    model = linear(found, y, x)
    for call in (
        lambda: marginal_effects(model, ["x"]),
        lambda: adjusted_means(model, "x"),
        lambda: model.term_test("x"),
    ):
        with pytest.raises(InputError, match="there is no"):
            call()
    with pytest.raises(InputError, match="it is a number"):
        adjusted_means(model, "ell")


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.01, 1000))
def test_order_and_scale_change_nothing(seed, factor):
    rng = np.random.default_rng(seed)
    data = pd.DataFrame(
        {"x": rng.normal(size=80), "g": np.arange(80) % 3, "w": rng.gamma(1, 2, 80) + 0.01, "s": np.arange(80) % 4}
    )
    data["y"] = (data["x"] + rng.logistic(size=80) * 3 > 0).astype(int)
    other = data.assign(w=data["w"] * factor, x=data["x"] * 1000 + 50_000).sample(frac=1, random_state=seed)
    try:
        model = logistic(design(data, "w", schicht="s"), data["y"], data[["x", "g"]], bezug={"g": 0})
    except InputError:  # separated
        return
    again = logistic(design(other, "w", schicht="s"), other["y"], other[["x", "g"]], bezug={"g": 0})
    np.testing.assert_allclose(again.tabelle()["p"].iloc[1:], model.tabelle()["p"].iloc[1:], rtol=1e-5)
    effects, rescaled = marginal_effects(model), marginal_effects(again)
    np.testing.assert_allclose(rescaled.wert * [1000, 1, 1], effects.wert, rtol=1e-6)
    np.testing.assert_allclose(rescaled.se * [1000, 1, 1], effects.se, rtol=1e-6)
