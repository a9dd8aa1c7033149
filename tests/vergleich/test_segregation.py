import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vergleich.tafel import ERWARTET

from analysis.errors import InputError
from analysis.vergleich.segregation import dissimilaritaet, erwartet, segregation

SIDS = pd.read_csv(ERWARTET / "data_sids.csv", dtype={"FIPS": str})
PYSAL = pd.read_csv(ERWARTET / "segregation_pysal.csv", comment="#").set_index("gruppe")
R = pd.read_csv(ERWARTET / "segregation_zufall.csv", comment="#").set_index("gruppe")


def sids(gruppe):
    table = SIDS[["FIPS", gruppe, PYSAL.insgesamt[gruppe]]]
    return table.set_axis(["ags", "gruppe", "insgesamt"], axis=1)


@pytest.mark.parametrize("gruppe", PYSAL.index)
def test_indices_equal_pysal_and_chance_equals_r(gruppe):
    found, left_out = segregation(sids(gruppe), seed=1, mindestens=0, ziehungen=1000)
    assert left_out.empty
    for name in ("dissimilaritaet", "isolation", "interaktion"):
        assert found[name] == pytest.approx(PYSAL.loc[gruppe, name], rel=1e-12)
    assert found.dissimilaritaet_zufall == pytest.approx(R.dissimilaritaet[gruppe], rel=1e-8)
    assert found.isolation_zufall == pytest.approx(R.isolation[gruppe], rel=1e-8)
    # PySAL simulates both; its lot gives each area a binomial number, not one that keeps the whole group
    assert found.dissimilaritaet_systematisch == pytest.approx(PYSAL.modifiziert[gruppe], abs=0.002)
    if gruppe.startswith("NW"):  # many members in each county: what PySAL corrects is all the bias
        assert found.dissimilaritaet_bereinigt == pytest.approx(PYSAL.bereinigt[gruppe], abs=0.002)


def test_the_published_arithmetic_of_a_small_table():
    table = pd.DataFrame({"ags": ["1", "2"], "gruppe": [10, 30], "insgesamt": [100, 100]})
    found, _ = segregation(table, seed=1, mindestens=0)
    assert found.dissimilaritaet == pytest.approx(0.5 * (abs(10 / 40 - 90 / 160) + abs(30 / 40 - 70 / 160)))
    assert found.isolation == pytest.approx(10 / 40 * 0.1 + 30 / 40 * 0.3)
    assert found.interaktion == pytest.approx(1 - found.isolation)


areas = st.lists(st.integers(1, 60).flatmap(lambda t: st.tuples(st.integers(0, t), st.just(t))), min_size=2, max_size=9)


@given(areas)
@settings(max_examples=60, deadline=None)
def test_what_is_expected_by_lot_equals_the_mean_of_lots(pairs):
    x, t = np.array(pairs).T
    if not 0 < x.sum() < t.sum():
        return
    d, isolation = erwartet(int(x.sum()), t)
    lot = np.random.default_rng(1).multivariate_hypergeometric(t, x.sum(), size=4000, method="marginals")
    drawn = dissimilaritaet(lot, t)
    assert abs(drawn.mean() - d) <= 5 * drawn.std() / np.sqrt(4000) + 1e-9
    own = (lot / x.sum() * lot / t).sum(axis=1)
    assert abs(own.mean() - isolation) <= 5 * own.std() / np.sqrt(4000) + 1e-9


@given(areas)
@settings(max_examples=40, deadline=None)
def test_order_names_and_sides_change_nothing(pairs):
    x, t = np.array(pairs).T
    if not 0 < x.sum() < t.sum():
        return
    table = pd.DataFrame({"ags": [f"{k:02d}" for k in range(len(x))], "gruppe": x, "insgesamt": t})
    one, _ = segregation(table, seed=1, mindestens=0, ziehungen=20)
    two, _ = segregation(table.iloc[::-1], seed=1, mindestens=0, ziehungen=20)
    pd.testing.assert_series_equal(one, two)
    other, _ = segregation(table.assign(gruppe=t - x), seed=1, mindestens=0, ziehungen=20)
    assert other.dissimilaritaet == pytest.approx(one.dissimilaritaet)
    assert other.dissimilaritaet_zufall == pytest.approx(one.dissimilaritaet_zufall)
    assert 0 <= one.unten <= one.oben <= 1


def test_complete_separation_and_none():
    table = pd.DataFrame({"ags": ["1", "2"], "gruppe": [500, 0], "insgesamt": [500, 500]})
    found, _ = segregation(table, seed=1)
    assert found.unten > 0.9 and found.oben == 1
    assert found.dissimilaritaet == 1 and found.isolation == 1 and found.dissimilaritaet_systematisch == 1
    even, _ = segregation(table.assign(gruppe=[100, 100]), seed=1)
    assert even.dissimilaritaet == 0 and even.p == 1 and even.dissimilaritaet_systematisch == -1


def test_by_lot_nothing_systematic_is_found():
    """A group that lives by lot over small areas: D is large, the systematic part is 0 on average, p is uniform."""
    generator = np.random.default_rng(3)
    t = generator.integers(300, 900, 30)
    table = pd.DataFrame({"ags": [f"{k:02d}" for k in range(30)], "insgesamt": t})
    found = pd.DataFrame(
        [segregation(table.assign(gruppe=x), seed=5, ziehungen=100)[0]
         for x in generator.multivariate_hypergeometric(t, 400, size=150, method="marginals")]
    )  # fmt: skip
    assert found.dissimilaritaet.mean() > 0.1
    assert abs((found.dissimilaritaet - found.dissimilaritaet_zufall).mean()) < 0.004
    assert (found.p < 0.05).mean() < 0.11 and 0.4 < found.p.mean() < 0.6


@pytest.mark.parametrize(("anteil", "streuung"), [(0.01, 0.1), (0.02, 0.5), (0.2, 0.4)])
def test_the_interval_holds_the_true_value_and_the_bias_is_removed(anteil, streuung):
    generator = np.random.default_rng(7)
    t = generator.integers(300, 2000, 25)
    p = anteil * np.exp(streuung * generator.standard_normal(25))
    true = float(dissimilaritaet(p * t, t))
    table = pd.DataFrame({"ags": [f"{k:02d}" for k in range(25)], "insgesamt": t})
    found = pd.DataFrame(
        [segregation(table.assign(gruppe=generator.binomial(t, p)), seed=k, ziehungen=100)[0] for k in range(60)]
    )
    assert ((found.unten <= true) & (found.oben >= true)).mean() >= 0.88
    assert abs(found.dissimilaritaet_bereinigt.mean() - true) < 0.02
    assert found.dissimilaritaet.mean() > true


def test_small_areas_are_left_out_and_named():
    table = pd.DataFrame({"ags": ["1", "2", "3"], "gruppe": [50, 100, 1], "insgesamt": [500, 500, 299]})
    found, left_out = segregation(table, seed=1)
    assert found.gebiete == 2 and left_out.to_dict("records") == [{"ags": "3", "grund": "zu_wenige_einwohner"}]


def test_bad_input_is_refused():
    good = pd.DataFrame({"ags": ["1", "2"], "gruppe": [50, 100], "insgesamt": [500, 500]})
    cases = [
        (good.drop(columns="gruppe"), "column gruppe is missing"),
        (good.assign(gruppe=[501, 1]), "1 has 501 of 500 inhabitants; expected no more"),
        (good.assign(gruppe=[0.5, 1]), "expected whole numbers"),
        (good.assign(gruppe=[np.nan, 1]), "expected whole numbers"),
        (good.assign(ags="1"), "expected each area once"),
        (good.assign(gruppe=0), "0 of 1000 inhabitants in 2 areas"),
        (good.iloc[:1], "at least two areas"),
    ]
    for table, text in cases:
        with pytest.raises(InputError, match=text):
            segregation(table, seed=1)
