from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import InputError
from analysis.survey.r_indicator import r_indicator
from analysis.survey.representativeness import (
    compare,
    coverage,
    dissimilarity,
    goodness_of_fit,
    homogeneity,
)
from analysis.survey.response import response_by

EXPECTED = Path(__file__).resolve().parents[1] / "expected" / "survey"
UCB = pd.read_csv(EXPECTED / "data_ucb.csv")
SCHOOLS = pd.read_csv(EXPECTED / "data_apistrat_schools.csv")
MARGINS = pd.read_csv(EXPECTED / "data_apipop_margins.csv")


def margin(name):
    return MARGINS[MARGINS.merkmal == name].set_index("wert").N


def school_cells():
    groups = SCHOOLS.assign(ja=SCHOOLS["sch.wide"] == "Yes", n_unzustellbar=0).groupby(["stype", "yr.rnd", "pw"])
    return groups.agg(
        n_gezogen=("ja", "size"), n_unzustellbar=("n_unzustellbar", "sum"), n_geantwortet=("ja", "sum")
    ).reset_index()


@pytest.mark.parametrize("name", ["stype", "awards"])
def test_shares_beside_the_population_equal_r(name):
    expected = pd.read_csv(EXPECTED / "representativeness_shares.csv").query("merkmal == @name").set_index("wert")
    table = compare(SCHOOLS[name], margin(name), {"entwurf": SCHOOLS.pw})
    for column in ("anteil_rand", "anteil_ungewichtet", "anteil_entwurf"):
        np.testing.assert_allclose(table[column], expected[column], rtol=1e-7)
    index = dissimilarity(table)
    assert index.ungewichtet == pytest.approx(expected.d_ungewichtet.iloc[0], rel=1e-7)
    assert index.entwurf == pytest.approx(expected.d_entwurf.iloc[0], rel=1e-7, abs=1e-15)


def test_chi_square_tests_equal_r():
    expected = pd.read_csv(EXPECTED / "representativeness_tests.csv").set_index("fall")
    found = {name: homogeneity(response_by(UCB, name)) for name in ("geschlecht", "fach")}
    found |= {name: goodness_of_fit(compare(SCHOOLS[name], margin(name))) for name in ("stype", "awards")}
    for name, result in found.items():
        np.testing.assert_allclose(result, expected.loc[name, result.index].astype(float), rtol=1e-7)


@pytest.mark.parametrize("case", ["ucb", "schools"])
def test_r_indicator_equals_r(case):
    expected = pd.read_csv(EXPECTED / "representativeness_indicator.csv", keep_default_na=False).query("fall == @case")
    cells, names = (UCB, ["geschlecht", "fach"]) if case == "ucb" else (school_cells(), ["stype", "yr.rnd"])
    options = {} if case == "ucb" else {"gewicht": "pw", "schicht": "stype"}
    found = r_indicator(cells, names, **options)
    for row in expected.itertuples():
        kind, _, name = row.was.partition(" ")
        if not name:
            value = getattr(found, kind)
        else:
            value = (
                found.je_kategorie.loc[(name, row.kategorie), kind]
                if row.kategorie
                else found.je_merkmal.loc[name, kind]
            )
        assert value == pytest.approx(row.zahl, rel=1e-7, abs=1e-13), row


def test_strata_follow_from_the_weights():
    cells = school_cells()
    given, derived = (
        r_indicator(cells, ["yr.rnd", "stype"], "pw", "stype"),
        r_indicator(cells, ["yr.rnd", "stype"], "pw"),
    )
    assert given.wert == derived.wert and given.se == derived.se


@given(st.permutations(range(len(UCB))))
@settings(max_examples=10)
def test_order_and_split_of_cells_do_not_matter(order):
    halves = pd.concat([UCB, UCB.assign(n_gezogen=0, n_geantwortet=0)]).iloc[[*order, *range(len(UCB), 2 * len(UCB))]]
    assert r_indicator(halves, ["fach", "geschlecht"]).wert == pytest.approx(0.5968473855927287, rel=1e-12)


def test_same_chances_are_representative():
    cells = pd.DataFrame({"raum": list("ab"), "n_gezogen": [10, 20], "n_unzustellbar": 0, "n_geantwortet": [5, 10]})
    found = r_indicator(cells, ["raum"])
    assert (
        found.wert == 1 and found.unkorrigiert == pytest.approx(1) and found.je_merkmal.loc["raum", "bedingt"] < 1e-12
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_geantwortet": [0, 5]}, "of raum = 'a' nobody or everybody answered"),
        ({"n_geantwortet": [10, 5]}, "of raum = 'a' nobody or everybody answered"),
        ({"raum": ["a", "a"]}, "raum has fewer than two categories"),
        ({"d": [0.0, 1]}, "expected a weight above 0"),
        ({"d": ["x", 1]}, "expected a weight above 0"),
        ({"h": 1}, "the weight d differs within a stratum"),
    ],
)
def test_what_cannot_be_estimated_is_refused(change, message):
    cells = pd.DataFrame({"raum": list("ab"), "n_gezogen": [10, 20], "n_unzustellbar": 0, "n_geantwortet": [5, 8],
                          "d": [1.0, 2.0], "h": [1, 2]}).assign(**change)  # fmt: skip
    with pytest.raises(InputError, match=message):
        r_indicator(cells, ["raum"], "d", "h")


def test_separated_cells_are_refused():
    cells = pd.DataFrame({"x": list("aabb"), "y": list("uvuv"), "n_gezogen": [9, 9, 9, 9], "n_unzustellbar": 0,
                          "n_geantwortet": [0, 9, 5, 9]})  # fmt: skip
    with pytest.raises(InputError, match="nobody or everybody|cannot be estimated"):
        r_indicator(cells, ["x", "y"])
    with pytest.raises(InputError, match="cannot be estimated"):
        r_indicator(cells.assign(n_geantwortet=[0, 4, 5, 9]), ["x", "y"])


@pytest.mark.parametrize("kind", ["category", "string", "object"])
def test_categories_without_cases_and_without_answers(kind):
    values = pd.Series(["a", "a", "b", None], dtype=kind, name="raum")
    table = compare(values, pd.Series({"a": 50, "b": 25, "c": 25}))
    assert table.n.tolist() == [2, 1, 0, 1] and table.anteil_ungewichtet.sum() == pytest.approx(1)
    assert coverage(table).to_dict() == {"kategorien": 3, "besetzt": 2, "anteil_abgedeckt": 0.75, "ohne_angabe": 1}
    assert dissimilarity(table).item() == pytest.approx((2 / 3 - 0.5 + 1 / 3 - 0.25 + 0.25) / 2)
    assert goodness_of_fit(table).freiheitsgrade == 2
    nobody = compare(values[:0], pd.Series({"a": 1, "b": 1}))
    assert np.isnan(goodness_of_fit(nobody).p) and np.isnan(dissimilarity(nobody).item())


def test_codes_as_nullable_integers():
    table = compare(pd.Series(pd.array([1, 2, None, 1], "Int64")), pd.Series({1: 3, 2: 1}))
    assert table.n.tolist() == [2, 1, 1]


@pytest.mark.parametrize(
    ("values", "margin", "weights", "message"),
    [
        (["a", "z"], {"a": 1}, None, "'z' of a respondent is no category of the margin"),
        (["a", "a"], {"a": -1}, None, "category 'a': '-1'; expected numbers of persons"),
        (["a", "a"], {"a": "viele"}, None, "'viele'; expected numbers of persons"),
        (["a", "a"], {"a": 0}, None, "nobody; expected numbers of persons"),
        (["a", "a"], {"a": 1}, {"w": [1, 0]}, "weights w: expected a number above 0"),
        (["a", "a"], {"a": 1}, {"w": [1]}, "weights w: expected a number above 0"),
        (["a", "a"], {"a": 1}, {"w": [1, np.nan]}, "weights w: expected a number above 0"),
    ],
)
def test_margins_and_weights_that_cannot_be_are_refused(values, margin, weights, message):
    with pytest.raises(InputError, match=message):
        compare(pd.Series(values, name="raum"), pd.Series(margin), weights)


@pytest.mark.parametrize("names", [[], ["fach", "fach"], "geschlecht2"])
def test_variables_must_be_there_once(names):
    with pytest.raises(InputError, match="expected at least one, each once|no column 'geschlecht2'"):
        r_indicator(UCB, names)


def test_one_group_has_no_contrast():
    cells = pd.DataFrame({"raum": ["a"], "n_gezogen": [5], "n_unzustellbar": 0, "n_geantwortet": [2]})
    assert np.isnan(homogeneity(response_by(cells, "raum")).p)
