"""Poverty and inequality equal R laeken and survey on the synthetic EU-SILC data, and behave where data are odd."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import InputError
from analysis.survey import armut_replikate
from analysis.survey.armut import (
    BAENDER,
    armutsluecke,
    armutsquoten,
    eigener_median,
    schwellen,
    vorgegebener_median,
)
from analysis.survey.design import design
from analysis.survey.einkommensverteilung import geballt, quantile
from analysis.survey.replicates import bootstrap, jackknife
from analysis.survey.ungleichheit import gini, quintilverhaeltnis

EXPECTED = Path(__file__).parents[1] / "expected" / "survey"


@pytest.fixture(scope="module")
def silc() -> pd.DataFrame:
    """Persons of the synthetic EU-SILC data, in the order of the households."""
    house = pd.read_csv(EXPECTED / "data_eusilc.csv")
    return house.loc[house.index.repeat(house.n14 + house.n13)].reset_index(drop=True)


@pytest.fixture(scope="module")
def households(silc):
    """Design with the household as unit."""
    return design(silc, "rb050", schicht="db040", einheit="db030")


def expected(name: str) -> pd.DataFrame:
    return pd.read_csv(EXPECTED / f"armut_{name}.csv")


def ours(d, y, r) -> pd.DataFrame:
    """All measures overall (domain 0) and by region, in the form of the expected values."""
    own = eigener_median(d, y)
    found = {"median": schwellen(d, own, [1.0])}
    tables = [found["median"].tabelle().assign(what="median", domain=0)]
    for domain in (None, r):
        rates = armutsquoten(d, y, own, bereich=domain).tabelle()
        rates = rates.rename_axis(["what"] if domain is None else ["domain", "what"]).reset_index()
        tables.append(rates)
        for what, estimate in (
            ("luecke", armutsluecke(d, y, own, bereich=domain)),
            ("gini", gini(d, y, domain)),
            ("qsr", quintilverhaeltnis(d, y, domain)),
        ):
            table = estimate.tabelle().rename_axis("domain").reset_index().assign(what=what)
            tables.append(table.assign(domain=0) if domain is None else table)
    return pd.concat(tables).fillna({"domain": 0}).astype({"domain": int}).set_index(["what", "domain"])


@pytest.fixture(scope="module")
def found(silc, households) -> pd.DataFrame:
    """All our measures of the incomes."""
    return ours(households, silc.eqIncome, silc.db040)


@pytest.mark.parametrize("missing", [False, True])
def test_equals_r(silc, households, found, missing):
    want = expected("schaetzung").set_index(["what", "domain"])
    got = ours(households, silc.eqIncome.mask(silc.db030 % 7 == 0), silc.db040) if missing else found
    names = [(("na_" if missing else "") + what, domain) for what, domain in got.index]
    want = want.loc[names]
    assert len(want) == 1 + 10 * (len(BAENDER) + 3)
    for column, theirs in (("wert", "value"), ("se", "se"), ("unten", "low"), ("oben", "high")):
        np.testing.assert_allclose(got[column], want[theirs], rtol=1e-9, err_msg=column)
    assert got.n.tolist() == want.n.tolist() and got.freiheitsgrade.tolist() == want.df.tolist()


def test_points_equal_laeken(silc, found):
    want = expected("laeken").set_index(["what", "domain"]).value
    got = found.wert
    shared = want.index.intersection(got.index)
    percent = [1.0 if what in ("qsr", "median") else 100.0 for what, _ in shared]
    assert len(shared) == 51
    np.testing.assert_allclose(got[shared] * percent, want[shared], rtol=1e-12)
    quantiles = want[[what.startswith("quantil_") for what, _ in want.index]]
    shares = [float(what.removeprefix("quantil_")) for what, _ in quantiles.index]
    np.testing.assert_allclose(quantile(silc.eqIncome.to_numpy(), silc.rb050.to_numpy(), shares), quantiles, rtol=1e-14)


def test_threshold_from_outside_has_no_error(silc, households):
    want = expected("schaetzung").query("what == 'unter_11000'").set_index("domain")
    land = vorgegebener_median(households, 11000.0)
    below = {"unter": (None, 1.0)}
    whole = armutsquoten(households, silc.eqIncome, land, below).tabelle()
    parts = armutsquoten(households, silc.eqIncome, land, below, silc.db040).tabelle()
    got = pd.concat([whole, parts])
    np.testing.assert_allclose(got[["wert", "se"]], want[["value", "se"]], rtol=1e-10)
    assert got.n.tolist() == want.n.tolist()
    assert schwellen(households, land, [0.6]).tabelle().iloc[0][["wert", "se"]].tolist() == [6600.0, 0.0]


def test_difference_of_two_areas(silc, households):
    want = expected("schaetzung").set_index("what").loc["unterschied_1_6"]
    rates = armutsquoten(households, silc.eqIncome, eigener_median(households, silc.eqIncome), bereich=silc.db040)
    got = rates.kontrast({"d": {(1, "unter_60"): 1, (6, "unter_60"): -1}}).tabelle().iloc[0]
    ours, theirs = ["wert", "se", "unten", "oben", "n", "freiheitsgrade"], ["value", "se", "low", "high", "n", "df"]
    np.testing.assert_allclose(got[ours].to_numpy(float), want[theirs].to_numpy(float), rtol=1e-9)


def test_household_is_the_unit_where_persons_are_counted(silc, households):
    persons = design(silc, "rb050", schicht="db040")
    wrong = armutsquoten(persons, silc.eqIncome, eigener_median(persons, silc.eqIncome)).se["unter_60"]
    right = armutsquoten(households, silc.eqIncome, eigener_median(households, silc.eqIncome)).se["unter_60"]
    want = expected("schaetzung").set_index("what").se
    np.testing.assert_allclose(wrong, want["personen_als_einheit"], rtol=1e-9)
    assert right / wrong == pytest.approx(1.7, abs=0.05)


def test_other_ways_to_the_same_error(silc, found):
    """Numeric derivative of laeken's Gini; convey's Gini formula; bootstrap of households of laeken's estimates."""
    want = expected("andere").set_index("what").se
    part = silc[silc.db040 == 1].reset_index(drop=True)
    alone = design(part, "rb050", schicht="db040", einheit="db030")
    np.testing.assert_allclose(gini(alone, part.eqIncome).se.iloc[0], want["gini_numerisch"], rtol=1e-6)
    got = found.xs(0, level="domain").se
    np.testing.assert_allclose(got["gini"], want["gini_convey"], rtol=1e-4)
    for what in ("median", "unter_60", "luecke", "gini", "qsr"):
        assert got[what] == pytest.approx(want[f"bootstrap_{what}"], rel=0.1), what


def test_standard_error_is_that_of_repeated_samples(silc):
    """Samples of 800 households from eusilc as population: mean standard error against the spread of the estimates."""
    house = silc.drop_duplicates("db030").reset_index(drop=True)
    rng = np.random.default_rng(5)
    found = []
    for _ in range(80):
        part = house.iloc[rng.choice(len(house), 800, replace=True)].reset_index(drop=True)
        d = design(part.assign(w=len(house) / 800), "w")
        own = eigener_median(d, part.eqIncome)
        estimates = (armutsquoten(d, part.eqIncome, own), gini(d, part.eqIncome), quintilverhaeltnis(d, part.eqIncome))
        found.append([*zip(*((e.wert.iloc[0], e.se.iloc[0]) for e in estimates), strict=True)])
    values, errors = np.array(found).transpose(1, 0, 2)
    ratio = errors.mean(axis=0) / values.std(axis=0, ddof=1)
    assert np.all((ratio > 0.88) & (ratio < 1.12)), ratio


def measures(frame: pd.DataFrame, domain=None, own=None) -> pd.DataFrame:
    d = design(frame, "w")
    own = own or eigener_median(d, frame.y)
    tables = [
        armutsquoten(d, frame.y, own, bereich=domain),
        armutsluecke(d, frame.y, own, bereich=domain),
        gini(d, frame.y, domain),
        quintilverhaeltnis(d, frame.y, domain),
    ]
    return pd.concat([t.tabelle() for t in tables])


ROWS = st.lists(st.tuples(st.integers(-200, 5000), st.floats(0.1, 100)), min_size=3, max_size=40)


@settings(max_examples=15, deadline=None)
@given(ROWS)
def test_invariants(rows):
    frame = pd.DataFrame(rows, columns=["y", "w"]).astype(float)
    one = measures(frame)
    back = measures(frame.iloc[::-1].reset_index(drop=True))
    np.testing.assert_allclose(one, back, rtol=1e-7, atol=1e-9)
    scaled = measures(frame.assign(y=3 * frame.y))
    columns = ["wert", "se"]
    np.testing.assert_allclose(one[columns], scaled[columns], rtol=1e-7, atol=1e-9)
    halved = pd.concat([frame, frame], ignore_index=True).eval("w = w / 2")
    np.testing.assert_allclose(one.wert, measures(halved).wert, rtol=1e-9, atol=1e-12)
    assert not np.isinf(one.to_numpy(float)).any()
    rates = one.wert
    if rates.isna()["unter_60"]:  # the median is not above 0
        return
    assert rates["unter_50"] <= rates["unter_60"] <= rates["unter_70"] <= rates["unter_85"] <= 1
    assert rates["unter_85"] - rates["unter_60"] == pytest.approx(rates["60_bis_85"])


@settings(max_examples=10, deadline=None)
@given(ROWS, st.integers(1, 30))
def test_missing_incomes_and_domains_are_a_filter_for_the_estimate(rows, where):
    frame = pd.DataFrame(rows, columns=["y", "w"]).astype(float)
    inside = pd.Series(np.arange(len(frame)) % (where + 1) != 0)
    if inside.sum() < 2:
        return
    own = eigener_median(design(frame, "w"), frame.y, inside)
    alone = frame[inside].reset_index(drop=True)
    holes = frame.assign(y=frame.y.astype("Float64").mask(~inside))
    np.testing.assert_allclose(measures(frame, inside, own).wert, measures(alone).wert, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(measures(holes).wert, measures(alone).wert, rtol=1e-9, atol=1e-12)
    assert (measures(holes).n == len(alone)).all()


def test_all_incomes_equal():
    frame = pd.DataFrame({"y": [1500.0] * 12, "w": np.arange(1, 13.0)})
    d = design(frame, "w")
    got = measures(frame)
    assert got.wert[:5].eq(0).all() and got.se[:5].isna().all()
    assert np.isnan(got.wert["armutsluecke"]) and np.isnan(got.se["armutsluecke"])
    assert got.wert["gini"] == pytest.approx(0, abs=1e-15) and got.wert["quintilverhaeltnis"] == pytest.approx(1)
    land = vorgegebener_median(d, 2600.0)
    assert armutsquoten(d, frame.y, land).wert.tolist() == [1, 0, 1, 1, 0]
    assert armutsluecke(d, frame.y, land).wert.iloc[0] == pytest.approx(1 - 1500 / 1560)


def test_own_median_of_midpoints_has_no_error(silc, households):
    """A standard error that needs a density is not given where there is none; from outside it is."""
    lumped = (silc.eqIncome / 3000).round() * 3000
    assert geballt(households, lumped.to_numpy(), np.ones(len(silc), bool))
    assert not geballt(households, silc.eqIncome.to_numpy(), np.ones(len(silc), bool))
    assert not geballt(households, silc.eqIncome.round(-1).to_numpy(), np.ones(len(silc), bool))
    own, land = eigener_median(households, lumped), vorgegebener_median(households, 18000)
    assert own.wert == 18000
    assert armutsquoten(households, lumped, own).se.isna().all()
    assert armutsquoten(households, lumped, land).se.notna().all()
    assert np.isnan(armutsluecke(households, lumped, land).se.iloc[0])
    both = pd.concat([e(households, lumped).tabelle() for e in (gini, quintilverhaeltnis)])
    assert (both.se / both.wert < 0.03).all()


def test_many_equal_incomes_split_the_border_of_a_fifth():
    """Five values with equal weights 30, 20, 20, 20, 10: exact shares of the Lorenz curve; R counts whole values."""
    y = np.repeat([100.0, 200.0, 300.0, 400.0, 500.0], [30, 20, 20, 20, 10])
    frame = pd.DataFrame({"y": y, "w": 1.0})
    assert measures(frame).wert["quintilverhaeltnis"] == pytest.approx((10 * 500 + 10 * 400) / (20 * 100))
    top = pd.DataFrame({"y": [500.0] * 7 + [1000.0] * 3, "w": 1.0})
    assert measures(top).wert["quintilverhaeltnis"] == pytest.approx(2)


def test_zero_and_negative_incomes():
    frame = pd.DataFrame({"y": [-500.0, 0, 0, 900, 1200, 4000], "w": 1.0})
    got = measures(frame)
    y = frame.y.to_numpy()
    g = np.abs(y[:, None] - y).sum() / (2 * 36 * y.mean())
    assert got.wert["gini"] == pytest.approx(g) and np.isnan(got.wert["quintilverhaeltnis"])
    for nothing in (-frame.y.abs(), 0.0):
        got = measures(frame.assign(y=nothing))
        assert got.wert.isna().all() and got.se.isna().all()


@pytest.mark.parametrize("dtype", ["object", "string", "category", "Int64"])
def test_domain_with_one_respondent_has_no_error(dtype):
    codes = [1, 1, 1, 2, 2, 2, 3, None]
    domain = (
        pd.Series(codes, dtype="Int64").astype("string").astype(dtype)
        if dtype != "Int64"
        else pd.Series(codes, dtype="Int64")
    )
    frame = pd.DataFrame({"y": pd.array([900, 1500, 400, 2000, 700, 2500, 300, 1000], "Int64"), "w": 1.0})
    d = design(frame, "w")
    own = eigener_median(d, frame.y)
    rates = armutsquoten(d, frame.y, own, bereich=domain).tabelle()
    last = rates.index.get_level_values(0) == rates.index.get_level_values(0)[-1]
    assert rates.se[last].isna().all() and rates.unten[last].isna().all() and rates.n[last].eq(1).all()
    assert rates.se[~last].notna().all()
    assert gini(d, frame.y, domain).se.isna().tolist() == [False, False, True]


def test_empty_domain_is_unknown():
    frame = pd.DataFrame({"y": [900.0, 1500, 400], "w": 1.0})
    got = measures(frame, pd.Series([False] * 3))
    assert got.wert.isna().all() and got.se.isna().all() and got.n.eq(0).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda d: eigener_median(d, pd.Series([None] * 3, dtype=float)), "nobody has an income"),
        (lambda d: eigener_median(d, pd.Series(["1000", "viel", "2"])), "income, respondent 2: 'viel'"),
        (lambda d: eigener_median(d, pd.Series([1.0, 2, np.inf])), "respondent 3: 'inf'; expected a number"),
        (lambda d: gini(d, pd.Series([1.0, 2])), "2 incomes for 3 respondents"),
        (lambda d: vorgegebener_median(d, -5), "-5; expected an amount in EUR above 0"),
        (lambda d: quintilverhaeltnis(d, pd.Series([1.0, 2, 3]), anteil=0.7), "share 0.7; expected above 0"),
        (lambda d: eigener_median(d, pd.Series([1.0, 2, 3]), bandbreite="breit"), "bandwidth 'breit'"),
        (lambda d: eigener_median(d, pd.Series([1.0, 2, 3]), pd.Series([1, 2, 3])), "one boolean per respondent"),
        (
            lambda d: armutsquoten(d, pd.Series([1.0, 2, 3]), vorgegebener_median(d, 2), {"x": (0.8, 0.6)}),
            "band x: 0.8 is not below 0.6",
        ),
        (lambda d: armutsquoten(d, pd.Series([1.0, 2, 3]), vorgegebener_median(d, 2), {}), "no bands"),
        (
            lambda d: gini(d, pd.Series([1.0, 2, 3]), pd.Series([None] * 3, name="raum")),
            "domains raum: no respondent has one",
        ),
    ],
)
def test_wrong_input(call, message):
    with pytest.raises(InputError, match=message):
        call(design(pd.DataFrame({"w": [1.0, 1, 1]}), "w"))


def test_replicates_equal_r(silc):
    """Jackknife of the households of one region: own median and threshold anew under each set of weights."""
    want = expected("andere").set_index("what").loc[["jk_unter_60", "jk_unter_85", "jk_single_unter_60"]]
    part = silc[silc.db040 == 1].reset_index(drop=True)
    weights = jackknife(design(part, "rb050", einheit="db030"))
    whole = armut_replikate.armutsquoten(weights, part.eqIncome).tabelle().loc[["unter_60", "unter_85"]]
    single = armut_replikate.armutsquoten(weights, part.eqIncome, bereich=part.n14 + part.n13 == 1).tabelle()
    got = pd.concat([whole, single.loc[["unter_60"]]])
    np.testing.assert_allclose(got[["wert", "se"]], want[["value", "se"]], rtol=1e-9)


def test_replicates_and_linearisation_have_the_same_estimates(silc, households):
    part = silc.head(700)
    d = design(part, "rb050", einheit="db030")
    y, area = part.eqIncome.mask(part.db030 % 9 == 0), part.db040.mask(part.db040 == 2)
    weights = bootstrap(d, 30, seed=1)
    for median in (None, 17000.0):
        linear = vorgegebener_median(d, median) if median else eigener_median(d, y)
        for domain in (None, area, area == 3):
            one = armutsquoten(d, y, linear, bereich=domain).tabelle()
            two = armut_replikate.armutsquoten(weights, y, bereich=domain, median=median).tabelle()
            pd.testing.assert_frame_equal(one[["n", "wert"]], two[["n", "wert"]])
    lumped = (part.eqIncome / 3000).round() * 3000
    assert armut_replikate.armutsquoten(weights, lumped).se.notna().all()
    with pytest.raises(InputError, match="nobody has an income"):
        armut_replikate.armutsquoten(weights, y * np.nan)
