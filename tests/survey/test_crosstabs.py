"""Cross tables and tests of independence against R survey (models.R)."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from survey.models import case, expected, sample

from analysis.errors import InputError
from analysis.survey.crosstabs import crosstab, independence
from analysis.survey.design import design
from analysis.survey.intervals import share_interval

CASES = expected("crossings").to_dict("records")
EXACT = {"rtol": 1e-7, "atol": 1e-12}


def tabulated(spec):
    found, data, inside = case(spec)
    return crosstab(found, data[spec["a"]], data[spec["b"]], inside)


@pytest.mark.parametrize("spec", CASES, ids=lambda s: f"{s['design']}-{s['domain']}-{s['a']}-{s['b']}")
def test_cells_as_in_r(spec):
    of_r, table = expected("cells"), tabulated(spec)
    of_r = of_r[of_r["case"] == spec["case"]]
    for kind, rows in of_r.groupby("kind"):
        found = table.tabelle("gesamt" if kind == "summe" else kind)
        value, se = ("summe", "summe_se") if kind == "summe" else ("anteil", "se")
        assert [str(v) for v in found.index.get_level_values(0)] == list(rows["row"].astype(str))
        assert [str(v) for v in found.index.get_level_values(1)] == list(rows["col"].astype(str))
        np.testing.assert_allclose(found[value], rows["value"], **EXACT)
        np.testing.assert_array_equal(found["basis"], rows["n"])
        np.testing.assert_array_equal(found["freiheitsgrade"], rows["df"])
        known = found["freiheitsgrade"].to_numpy() > 0  # R gives an error of 0 to what one cluster says
        np.testing.assert_allclose(found[se][known], rows["se"][known], rtol=1e-7, atol=1e-9 * rows["value"].max())
        assert found[se][~known].isna().all()
        inner = known & ((rows["value"] > 1e-9) & (rows["value"] < 1 - 1e-9)).to_numpy()
        if kind != "summe":
            np.testing.assert_allclose(found["deff"][inner], rows["deff"][inner], rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("spec", CASES, ids=lambda s: f"{s['design']}-{s['domain']}-{s['a']}-{s['b']}")
def test_independence_as_in_r(spec):
    found, data, inside = case(spec)
    of_r = expected("independence").query("case == @spec['case']").set_index("test")
    tests = independence(found, data[spec["a"]], data[spec["b"]], inside).tests
    columns = ["statistik", "freiheitsgrade", "freiheitsgrade_nenner", "p"]
    np.testing.assert_allclose(tests.loc[of_r.index, columns], of_r[["statistic", "df1", "df2", "p"]], rtol=1e-7)
    missing = tests.drop(of_r.index)
    assert missing["p"].isna().all()


def test_intervals_of_cells():
    found, data = sample("clus1")
    table = crosstab(found, data["stype"], data["county"]).tabelle("zeile")
    for name, row in table.iterrows():
        respondents = (data["stype"] == name[0]).sum()  # with equal weights the effective size by Kish
        bounds = share_interval(row["anteil"], row["se"], row["basis"], row["freiheitsgrade"], n_effektiv=respondents)
        np.testing.assert_allclose(row[["unten", "oben"]].astype(float), np.array(bounds), rtol=1e-12)
    empty = table[table["n"] == 0]
    assert len(empty) > 0
    assert (empty["oben"] > 0.1).all()


def test_levels_nobody_chose_stay_in_the_table_and_leave_the_test():
    found, data = sample("strat")
    table = crosstab(found, data["awards"], data["stype"], zeilen=[0, 1, 9], spalten=["E", "X", "H", "M"])
    assert table.leer == {"zeilen": [9], "spalten": ["X"]}
    assert table.tabelle("zeile").loc[(1, "X"), "anteil"] == 0
    assert table.tabelle("zeile").loc[9][["anteil", "se"]].isna().all(axis=None)
    assert table.tabelle("spalte").xs("X", level=1)["anteil"].isna().all()
    tested = independence(found, data["awards"], data["stype"], zeilen=[0, 1, 9], spalten=["E", "X", "H", "M"])
    plain = independence(found, data["awards"], data["stype"])
    pd.testing.assert_frame_equal(tested.tests, plain.tests)
    assert tested.leer == {"zeilen": [9], "spalten": ["X"]}


def test_missing_answers_are_counted():
    found, data = sample("hanes")
    table = crosstab(found, data["age"], data["chol"], data["age"] != 1)
    assert table.ausgelassen == data.loc[data["age"] != 1, "chol"].isna().sum()
    assert table.n.to_numpy().sum() + table.ausgelassen == (data["age"] != 1).sum()


@pytest.mark.parametrize("dtype", ["Int64", "string", "category", "Float64", object])
def test_any_type_of_answers(dtype):
    found, data = sample("hanes")
    plain = independence(found, data["age"], data["chol"]).tests
    chol = data["chol"].astype(dtype)
    age = data["age"].astype("string" if dtype == "string" else dtype)
    pd.testing.assert_frame_equal(independence(found, age, chol, (data["age"] > 0).astype("boolean")).tests, plain)


def test_refused():
    found, data = sample("cal")
    with pytest.raises(InputError, match="one level with respondents, 'E'"):
        independence(found, data["stype"], data["awards"], data["stype"] == "E")
    with pytest.raises(InputError, match="'H' is not among"):
        crosstab(found, data["stype"], data["awards"], zeilen=["E"])
    with pytest.raises(InputError, match="no respondent of the domain"):
        crosstab(found, data["stype"], data["awards"], data["api99"] > 2000)
    with pytest.raises(InputError, match="not more than one unit"):
        independence(found, data["stype"], data["awards"], data["dnum"] == 637)
    with pytest.raises(InputError, match="true or false"):
        crosstab(found, data["stype"], data["awards"], data["county"])
    with pytest.raises(InputError, match="another order"):
        crosstab(found, data["stype"], data["awards"].iloc[::-1])
    with pytest.raises(InputError, match="183 respondents"):
        crosstab(found, data["stype"].iloc[:20], data["awards"].iloc[:20])
    margins = np.column_stack([data["stype"] == s for s in "EHM"]).astype(float)
    fixed = found.mit_gewicht(found.gewicht)
    basis = np.linalg.qr(np.column_stack([margins, margins * data[["awards"]].to_numpy()]) * np.sqrt(fixed.gewichte))[0]
    fixed = fixed.mit_gewicht(fixed.gewicht, type(found.kalibrierung[0])(basis, np.sqrt(fixed.gewicht)))
    with pytest.raises(InputError, match="calibration fixed"):
        independence(fixed, data["stype"], data["awards"])


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.01, 1000))
def test_order_scale_and_sums(seed, factor):
    rng = np.random.default_rng(seed)
    data = pd.DataFrame(
        {
            "a": rng.integers(0, 3, 60),
            "b": rng.integers(0, 2, 60),
            "w": rng.gamma(1, 2, 60) + 0.01,
            "s": np.arange(60) % 4,
        }
    )
    plain = design(data, "w", schicht="s")
    table, test = crosstab(plain, data["a"], data["b"]), independence(plain, data["a"], data["b"])
    sums = table.tabelle("zeile")["anteil"].groupby(level=0).sum()
    np.testing.assert_allclose(sums, 1)
    other = data.assign(w=data["w"] * factor).sample(frac=1, random_state=seed)
    again = independence(design(other, "w", schicht="s"), other["b"], other["a"])
    np.testing.assert_allclose(again.tests, test.tests, rtol=1e-6)
    np.testing.assert_allclose(np.sort(again.designeffekte), np.sort(test.designeffekte), rtol=1e-6)
