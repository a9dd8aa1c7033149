"""Quantiles with Woodruff intervals against R's `svyquantile` and against quantiles of base statistics."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import InputError
from analysis.survey.design import design
from analysis.survey.quantiles import quantile, quantile_estimate

EXPECTED = Path(__file__).resolve().parents[1] / "expected" / "survey"
DESIGNS = {
    "apistrat": {"gewicht": "pw", "schicht": "stype", "umfang": "fpc1"},
    "apiclus1": {"gewicht": "pw", "einheit": "dnum", "umfang": "fpc1"},
    "apiclus2": {"einheit": ["dnum", "snum"], "umfang": ["fpc1", "fpc2"]},
    "eusilc": {"gewicht": "rb050", "schicht": "db040", "einheit": "db030"},
}
TYPES = {"mean": "linear", "xlogit": "logit", "beta": "beta", "asin": "arcsin"}
P = [0.1, 0.5, 0.9]


def sample(name: str) -> pd.DataFrame:
    if name == "eusilc":
        return pd.read_csv(EXPECTED / "data_eusilc_quantiles.csv")
    frame = pd.read_csv(EXPECTED / "data_api_shares.csv")
    return frame[frame["sample"] == name]


@pytest.mark.parametrize("name", DESIGNS)
def test_quantiles_equal_r(name):
    daten = sample(name)
    plan, by = design(daten, **DESIGNS[name]), daten["rb090" if name == "eusilc" else "stype"]
    expected = pd.read_csv(EXPECTED / "quantiles_r.csv").query("sample == @name")
    for (regel, art), r in expected.groupby(["rule", "type"]):
        items = daten[list(r.item.unique())]
        options = {"p": P, "regel": regel, "art": TYPES[art]}
        ours = pd.concat(
            [pd.concat({"alle": quantile(plan, items, **options)}), quantile(plan, items, bereich=by, **options)]
        )
        mine = ours.loc[pd.MultiIndex.from_frame(r[["domain", "item", "p"]])]
        np.testing.assert_allclose(mine.wert, r.wert, rtol=1e-7)
        whole = (r.bis > 1 - 1e-9).to_numpy()  # the largest answer: R gives it no width
        assert whole.sum() <= 2
        for column, theirs in (
            ("n", "n"),
            ("freiheitsgrade", "df"),
            ("se", "se"),
            ("unten", "unten"),
            ("oben", "oben"),
        ):
            np.testing.assert_allclose(mine[column][~whole], r[theirs][~whole], rtol=1e-7, err_msg=f"{regel} {art}")
        assert mine.oben[whole].isna().all() and mine.se[whole].isna().all() and mine.unten[whole].notna().all()


def test_most_values_equal_rs_own_rules_without_mending():
    r = pd.read_csv(EXPECTED / "quantiles_r.csv")
    assert r.survey[r.rule == "hf7"].all() and r.survey.mean() > 0.9
    assert (r.survey[r["sample"] == "eusilc"]).all()


@pytest.fixture
def twelve():
    """Twelve respondents with ties and one without an answer."""
    return pd.DataFrame({"x": [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, np.nan], "g": list("aaabbbbbbccc")})


def test_equal_weights_give_the_quantiles_of_numpy(twelve):
    plan, x = design(twelve), twelve.x.dropna()
    for regel, method in (("math", "inverted_cdf"), ("school", "averaged_inverted_cdf"), ("hf7", "linear")):
        p = [0.01, 0.2, 0.5, 0.75, 0.99]
        np.testing.assert_allclose(quantile(plan, twelve.x, p, regel=regel).wert, np.quantile(x, p, method=method))
        by = quantile(plan, twelve.x, 0.4, twelve.g, regel=regel)
        expected = twelve.dropna().groupby("g").x.apply(lambda v, m=method: np.quantile(v, 0.4, method=m))
        np.testing.assert_allclose(by.wert, expected)


@given(st.lists(st.tuples(st.integers(0, 9), st.floats(0.1, 10)), min_size=3, max_size=30), st.randoms())
@settings(max_examples=30)
def test_order_and_scale_of_weights_and_duplicates_change_no_quantile(rows, random):
    frame = pd.DataFrame(rows, columns=["x", "w"])
    first = quantile(design(frame, "w"), frame.x, P)
    mixed = frame.sample(frac=1, random_state=random.randrange(1000)).assign(w=lambda f: f.w * 7)
    pd.testing.assert_frame_equal(quantile(design(mixed, "w"), mixed.x, P), first)
    twice = pd.concat([frame, frame], ignore_index=True).assign(w=lambda f: f.w / 2)
    np.testing.assert_array_equal(quantile(design(twice, "w"), twice.x, P).wert, first.wert)


def test_quantiles_of_a_domain_are_those_of_its_respondents(twelve):
    twelve["w"] = np.linspace(1, 3, 12)
    by = quantile(design(twelve, "w"), twelve.x, 0.5, twelve.g)
    for g, part in twelve.groupby("g"):
        assert by.wert[g] == quantile(design(part, "w"), part.x).wert.iloc[0]


def test_small_and_empty_domains(twelve):
    plan = design(twelve)
    nobody = quantile(plan, twelve.x, 0.5, twelve.g == "z")
    assert nobody.n.tolist() == [0] and nobody[["wert", "se", "unten", "oben"]].isna().all(axis=None)
    one = quantile(plan, twelve.x, 0.5, pd.Series([True] + [False] * 11, index=twelve.index))
    assert one.wert.tolist() == [3] and one[["se", "unten", "oben"]].isna().all(axis=None)
    equal = quantile(plan, twelve.x.mask(twelve.x.notna(), 7.0), 0.5, twelve.g)
    assert equal.wert.tolist() == [7, 7, 7] and equal.oben["c"] != 7  # two answers do not bound a median


def test_a_median_of_few_has_no_bound_where_the_share_leaves_the_scale(twelve):
    few = quantile(design(twelve), twelve.x, 0.9, twelve.g)
    assert few.oben.isna().all() and few.se.isna().all()


def test_difference_of_medians_has_the_variances_of_the_medians():
    daten = sample("apistrat")
    plan = design(daten, **DESIGNS["apistrat"])
    medians = quantile_estimate(plan, daten.api00, bereich=daten.stype)
    table = quantile(plan, daten.api00, bereich=daten.stype)
    np.testing.assert_allclose(medians.se, table.se, rtol=1e-12)
    # strata are drawn independently: no covariance
    difference = medians.kontrast({"E - H": {"E": 1, "H": -1}})
    np.testing.assert_allclose(difference.se.iloc[0], np.hypot(table.se["E"], table.se["H"]), rtol=1e-9)
    both = quantile_estimate(plan, daten[["api00", "api99"]])
    assert both.kontrast({"d": {"api00": 1, "api99": -1}}).se.iloc[0] < both.se.max()  # the same schools twice


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"p": 50}, "expected different numbers between 0 and 1"),
        ({"p": [0.5, 0.5]}, "different"),
        ({"p": "halb"}, "expected a number"),
        ({"regel": "hf2"}, "expected one of math"),
        ({"art": "wilson"}, "expected one of linear"),
    ],
)
def test_wrong_options_are_refused(twelve, wrong, text):
    with pytest.raises(InputError, match=text):
        quantile(design(twelve), twelve.x, **wrong)


def test_infinite_answers_are_refused(twelve):
    with pytest.raises(InputError, match="infinite"):
        quantile(design(twelve), twelve.x.replace(9, np.inf))


def test_pandas_types(twelve):
    plain = quantile(design(twelve), twelve.x, 0.5, twelve.g)
    typed = quantile(design(twelve), twelve.x.astype("Int64"), 0.5, twelve.g.astype("category"))
    pd.testing.assert_frame_equal(plain, typed)
