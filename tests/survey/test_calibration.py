"""Calibration against R survey 4.1-1 (tests/expected/survey/weighting.R), and what it refuses."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import InputError
from analysis.survey import estimates
from analysis.survey.calibration import calibrate, calibrate_margins, poststratify, rake
from analysis.survey.design import design

EXPECTED = Path(__file__).parents[1] / "expected" / "survey"
DATA = pd.read_csv(EXPECTED / "data_api_weighting.csv", dtype={"dnum": str})
STRAT = DATA[DATA["sample"] == "strat"].reset_index(drop=True)
CLUS = DATA[DATA["sample"] == "clus1"].reset_index(drop=True)
RAENDER = {k: t.set_index("category").n for k, t in pd.read_csv(EXPECTED / "weighting_margins.csv").groupby("margin")}
WEIGHTS = {k: t.weight.to_numpy() for k, t in pd.read_csv(EXPECTED / "weighting_weights.csv").groupby("design")}
ESTIMATES = pd.read_csv(EXPECTED / "weighting_estimates.csv")
D = {
    "strat": design(STRAT, "pw", schicht="stype", umfang="fpc"),
    "clus": design(CLUS, "pw", einheit="dnum", umfang="fpc"),
}
DATEN = {"strat": STRAT, "clus": CLUS}
DREI = {name: RAENDER[name] for name in ("stype", "sch.wide", "awards")}
ZWEI = {name: RAENDER[name] for name in ("stype", "sch.wide")}
ZELLEN = RAENDER["cells"].set_axis(pd.MultiIndex.from_tuples([tuple(c.split()) for c in RAENDER["cells"].index]))
NONE = (None, None)


def numbers(data: pd.DataFrame, stype: bool) -> tuple[pd.DataFrame, pd.Series]:
    x = pd.DataFrame({"one": 1, "api99": data.api99})
    totals = RAENDER["numbers"][["one", "api99"]]
    if stype:
        x = x.assign(H=data.stype == "H", M=data.stype == "M")
        totals = pd.concat([totals, RAENDER["stype"][["M", "H"]]])
    return x, totals


def margins(kind, raender, verfahren, grenzen=NONE, **options):
    return kind, lambda d, data: calibrate_margins(d, data, raender, verfahren=verfahren, grenzen=grenzen, **options)


def sums(kind, stype, verfahren, grenzen=NONE):
    return kind, lambda d, data: calibrate(d, *numbers(data, stype), verfahren=verfahren, grenzen=grenzen)


CASES = {
    "strat_linear": margins("strat", DREI, "linear"),
    "strat_raking": margins("strat", DREI, "raking"),
    "strat_logit": margins("strat", DREI, "logit", (0.5, 2)),
    "strat_linear_bounds": margins("strat", DREI, "linear", (0.815, 1.077)),
    "strat_logit_tight": margins("strat", DREI, "logit", (0.81, 1.08)),
    "strat_const": margins("strat", DREI, "linear", gewicht_grenzen=(14, 48)),
    "strat_numbers": sums("strat", False, "linear"),
    "strat_numbers_raking": sums("strat", False, "raking"),
    "strat_both_logit": sums("strat", True, "logit", (0.7, 1.4)),
    "strat_post": ("strat", lambda d, data: poststratify(d, data[["stype", "sch.wide"]], ZELLEN)),
    "clus_linear": margins("clus", ZWEI, "linear"),
    "clus_raking": margins("clus", ZWEI, "raking"),
    "clus_linear_bounds": margins("clus", ZWEI, "linear", (0.8, 1.6)),
    "clus_raking_bounds": margins("clus", ZWEI, "raking", (0.8, 1.6)),
    "clus_both": sums("clus", True, "linear"),
    "clus_both_raking": sums("clus", True, "raking"),
    "clus_both_bounds": sums("clus", True, "linear", (0.6, 1.6)),
    "clus_both_raking_bounds": sums("clus", True, "raking", (0.6, 1.7)),
    "clus_both_logit": sums("clus", True, "logit", (0.4, 2.2)),
    "clus_post": ("clus", lambda d, data: poststratify(d, data[["stype"]], RAENDER["stype"])),
    "strat_twice": (
        "strat",
        lambda d, data: calibrate(poststratify(d, data[["stype", "sch.wide"]], ZELLEN)[0], *numbers(data, False)),
    ),
}


def as_in_r(d, data: pd.DataFrame) -> pd.DataFrame:
    """The estimates that the R script makes, in its order."""
    both = data[["api00", "enroll"]]
    parts = [
        estimates.mean(d, both),
        estimates.total(d, both),
        estimates.ratio(d, data.api00, data.api99),
        estimates.mean(d, data.api00, data.stype),
        estimates.total(d, data.enroll, data.awards),
    ]
    return pd.DataFrame(
        {"estimate": np.concatenate([p.wert for p in parts]), "se": np.concatenate([p.se for p in parts])}
    )


@pytest.mark.parametrize("case", CASES)
def test_weights_and_standard_errors_of_r(case):
    kind, make = CASES[case]
    new, report = make(D[kind], DATEN[kind])
    np.testing.assert_allclose(new.gewicht, WEIGHTS[case], rtol=1e-8)
    expected = ESTIMATES[ESTIMATES.design == case][["estimate", "se"]].to_numpy()
    np.testing.assert_allclose(as_in_r(new, DATEN[kind]).to_numpy(), expected, rtol=1e-7)
    assert report.summen.abweichung_anteil.abs().max() < 1e-9
    if case != "strat_twice":
        factor = new.gewicht / D[kind].gewicht
        assert (report.g_min, report.g_max) == pytest.approx((factor.min(), factor.max()), rel=1e-12)


def test_every_expected_design_is_compared():
    assert set(CASES) | {"strat_rake"} == set(WEIGHTS) and set(CASES) == set(ESTIMATES.design)


def test_raking_has_the_weights_of_iterative_fitting():
    new, report = rake(D["strat"], STRAT, DREI)
    np.testing.assert_allclose(new.gewicht, WEIGHTS["strat_rake"], rtol=1e-8)
    assert report.verfahren == "raking" and report.durchgaenge < 20
    assert list(report.uebersicht.index)[-2:] == ["n_eff_vorher", "n_eff_nachher"]


def test_margins_have_no_sampling_error_after_calibration():
    new, _ = rake(D["strat"], STRAT, DREI)
    counted = estimates.share(new, STRAT.awards)
    assert counted.wert["Yes"] == pytest.approx(RAENDER["awards"]["Yes"] / 6194, rel=1e-10)
    assert counted.se.max() < 1e-12


def test_weights_may_be_taken_as_fixed():
    fixed, _ = rake(D["strat"], STRAT, DREI, feste_gewichte=True)
    again = design(STRAT.assign(w=WEIGHTS["strat_raking"]), "w", schicht="stype", umfang="fpc")
    seen, expected = (estimates.mean(d, STRAT.api00) for d in (fixed, again))
    assert seen.se["api00"] == pytest.approx(expected.se["api00"], rel=1e-9)
    assert seen.se["api00"] != pytest.approx(
        estimates.mean(rake(D["strat"], STRAT, DREI)[0], STRAT.api00).se["api00"], rel=1e-3
    )


def test_bounds_are_kept_and_counted():
    for verfahren, grenzen in (("linear", (0.815, 1.077)), ("raking", (0.815, 1.077)), ("logit", (0.815, 1.077))):
        new, report = calibrate_margins(D["strat"], STRAT, DREI, verfahren=verfahren, grenzen=grenzen)
        factor = new.gewicht / D["strat"].gewicht
        assert factor.min() >= 0.815 - 1e-12 and factor.max() <= 1.077 + 1e-12
        at_bound = np.isclose(factor, 0.815, rtol=1e-9) | np.isclose(factor, 1.077, rtol=1e-9)
        assert report.an_grenze == at_bound.sum() and (report.an_grenze > 0) == (verfahren != "logit")


def test_respondents_without_a_value_keep_their_share():
    some = STRAT.assign(awards=STRAT.awards.astype(object).where(STRAT.index % 10 != 3, pd.NA))
    with pytest.raises(InputError, match="margin awards: 20 respondents have no value .first: respondent 4."):
        rake(D["strat"], some, DREI)
    new, report = rake(D["strat"], some, DREI, fehlend="anteilig")
    missing = some.awards.isna().to_numpy()
    before = D["strat"].gewicht
    assert new.gewicht[missing].sum() / 6194 == pytest.approx(before[missing].sum() / before.sum(), rel=1e-9)
    known = new.gewicht[~missing & (some.awards == "Yes").fillna(False).to_numpy()].sum() / new.gewicht[~missing].sum()
    assert known == pytest.approx(RAENDER["awards"]["Yes"] / 6194, rel=1e-9)
    assert report.summen.antworten["awards", "ohne Angabe"] == 20


@pytest.mark.parametrize("dtype", ["category", "string", object])
def test_any_kind_of_column(dtype):
    new, _ = rake(D["strat"], STRAT.astype({name: dtype for name in DREI}), DREI)
    np.testing.assert_allclose(new.gewicht, WEIGHTS["strat_raking"], rtol=1e-8)
    codes = STRAT.awards.map({"No": 0, "Yes": 1}).astype("Int64")
    coded = DREI | {"awards": DREI["awards"].rename({"No": 0, "Yes": 1})}
    new, _ = rake(D["strat"], STRAT.assign(awards=codes), coded)
    np.testing.assert_allclose(new.gewicht, WEIGHTS["strat_raking"], rtol=1e-8)


def changed(name: str, **counts) -> dict:
    return DREI | {name: pd.concat([DREI[name].drop(list(counts), errors="ignore"), pd.Series(counts)]).dropna()}


@pytest.mark.parametrize(
    "raender, message",
    [
        (changed("awards", No=2000), r"stype adds up to 6,194 and awards to 6,\d+; expected the same total"),
        (changed("stype", M=518, X=500), "margin stype, category 'X': 500 persons of the population and no respondent"),
        (changed("stype", H=None, M=1773), "margin stype: 50 respondents have 'H', which has no population"),
        (changed("stype", H=0, M=1773), "margin stype, category 'H': 50 respondents and no population"),
        (changed("stype", H=-1, M=1774), "margin stype, category 'H': -1.*; expected a number of persons"),
        (changed("stype", H="viele"), "margin stype, category 'H': 'viele'; expected a number of persons"),
        (DREI | {"alter": RAENDER["stype"]}, "margin alter: the respondents have no column 'alter'"),
        ({}, "margins: none given"),
        ({"stype": RAENDER["stype"].to_dict()}, "margin stype: dict; expected a Series"),
        ({("stype", "awards"): RAENDER["stype"]}, "margin stype × awards: 1 levels of categories for 2 columns"),
    ],
)
def test_margins_that_do_not_fit(raender, message):
    with pytest.raises(InputError, match=message):
        rake(D["strat"], STRAT, raender)


def test_margins_scaled_to_the_total_of_one():
    percent = DREI | {"awards": DREI["awards"] / 61.94}
    with pytest.raises(InputError, match="the same total"):
        rake(D["strat"], STRAT, percent)
    new, _ = rake(D["strat"], STRAT, percent, massstab="stype")
    np.testing.assert_allclose(new.gewicht, WEIGHTS["strat_raking"], rtol=1e-8)
    with pytest.raises(InputError, match="there is no margin 'alter' to scale to"):
        rake(D["strat"], STRAT, percent, massstab="alter")


def test_bounds_that_cannot_be_met():
    with pytest.raises(
        InputError, match="no weights within the bounds have all these totals; .* still deviates by 0.25%"
    ):
        rake(D["strat"], STRAT, DREI, grenzen=(0.82, 1.08))
    with pytest.raises(InputError, match="the bounds cannot be met: awards, No has .* a factor of .* on average"):
        rake(D["strat"], STRAT, DREI, grenzen=(0.99, 1.01))
    ones = design(STRAT, schicht="stype")
    with pytest.raises(
        InputError, match="stype, E has 100 in the sample and 4,421 in the population, a factor of 44.21"
    ):
        rake(ones, STRAT, DREI, grenzen=(0.3, 3))
    for grenzen in ((2, 1), (1, "3"), (np.nan, 2), (1,)):
        with pytest.raises(InputError, match="expected a smaller and a larger number"):
            rake(D["strat"], STRAT, DREI, grenzen=grenzen)
    with pytest.raises(InputError, match="logit needs bounds around 1"):
        calibrate_margins(D["strat"], STRAT, DREI, verfahren="logit", grenzen=(0.5, None))
    with pytest.raises(InputError, match="verfahren='quadratisch'; expected one of linear, raking, logit"):
        calibrate_margins(D["strat"], STRAT, DREI, verfahren="quadratisch")


def test_margins_that_exclude_each_other_and_slow_convergence():
    table = pd.DataFrame({"a": list("xxyy"), "b": list("ppqq")})
    four = design(table)
    raender = {"a": pd.Series({"x": 3, "y": 1}), "b": pd.Series({"p": 2, "q": 2})}
    for verfahren in ("linear", "raking"):
        with pytest.raises(InputError, match="the totals contradict each other: .*a, x"):
            calibrate_margins(four, table, raender, verfahren=verfahren)
    # y is only found with q, so that q cannot be smaller than y
    table = pd.DataFrame({"a": list("xxyx"), "b": list("ppqq")})
    raender = {"a": pd.Series({"x": 1, "y": 3}), "b": pd.Series({"p": 2, "q": 2})}
    with pytest.raises(InputError, match="no weights above 0 have all these totals"):
        rake(design(table), table, raender)
    with pytest.raises(InputError, match="1 respondents would get a weight of 0 or less .smallest factor -1"):
        calibrate_margins(design(table), table, raender, verfahren="linear")
    allowed, report = calibrate_margins(design(table), table, raender, verfahren="linear", negativ=True)
    assert allowed.gewicht[3] == pytest.approx(-1) and report.g_min == pytest.approx(-1)
    with pytest.raises(InputError, match="no convergence after 1 iterations; .* deviates by"):
        rake(D["clus"], CLUS, ZWEI, durchgaenge=1)


def test_numbers_that_cannot_be_used():
    x, totals = numbers(STRAT, True)
    for frame, given_totals, message in (
        (STRAT.api99, totals, "expected a DataFrame of numbers and a Series of their totals"),
        (
            x.assign(api99=x.api99.where(x.index != 7)),
            totals,
            "api99, respondent 8: nan; expected a number .1 have none.",
        ),
        (x.assign(api99=x.api99.astype(object).where(x.index != 7, "viel")), totals, "api99, respondent 8: 'viel'"),
        (x, totals.drop("H"), "no total in the population for H"),
        (x.drop(columns="H"), totals, "a total for H, which no respondent has"),
        (x[1:], totals, "199 rows for 200 respondents"),
        (x.assign(H=0), totals, "H is 0 for every respondent, but 755 in the population"),
        (x, totals.where(totals.index != "H"), "the total of H is nan; expected a number"),
        (
            x.assign(doppelt=2 * x.H),
            pd.concat([totals, pd.Series({"doppelt": 9.0})]),
            "the totals contradict each other",
        ),
    ):
        with pytest.raises(InputError, match=message):
            calibrate(D["strat"], frame, given_totals)
    twice = pd.concat([totals, pd.Series({"doppelt": 2.0 * totals["H"]})])
    new, _ = calibrate(D["strat"], x.assign(doppelt=2 * x.H).convert_dtypes(), twice)
    np.testing.assert_allclose(new.gewicht, calibrate(D["strat"], x, totals)[0].gewicht, rtol=1e-9)


def test_post_stratification_needs_every_cell():
    with pytest.raises(InputError, match="margin stype × sch.wide, category .* no respondent"):
        poststratify(D["strat"], STRAT[["stype", "sch.wide"]], pd.concat([ZELLEN, pd.Series({("X", "No"): 3})]))
    named = ZELLEN.rename_axis(["stype", "sch.wide"])
    new, report = poststratify(D["strat"], STRAT, named)
    np.testing.assert_allclose(new.gewicht, WEIGHTS["strat_post"], rtol=1e-10)
    assert report.durchgaenge == 0 and report.verfahren == "nachschichtung"


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), verfahren=st.sampled_from(["linear", "raking", "logit"]))
def test_what_can_be_met_is_found(seed, verfahren):
    generator = np.random.default_rng(seed)
    n, low, high = generator.integers(30, 200), generator.uniform(0.1, 0.8), generator.uniform(1.2, 5)
    people = pd.DataFrame({"a": generator.integers(0, 4, n), "b": generator.integers(0, 3, n)})
    base = design(people.assign(w=generator.lognormal(0, 1, n)), "w")
    factor = generator.uniform(low, high, n)  # weights that meet the margins within the bounds
    raender = {name: pd.Series(base.gewicht * factor).groupby(people[name]).sum() for name in people}
    new, report = calibrate_margins(base, people, raender, verfahren=verfahren, grenzen=(low, high))
    seen = new.gewicht / base.gewicht
    assert seen.min() >= low * (1 - 1e-9) and seen.max() <= high * (1 + 1e-9)
    assert report.summen.abweichung_anteil.abs().max() < 1e-9


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), factor=st.floats(0.01, 100))
def test_calibration_knows_neither_order_nor_scale(seed, factor):
    order = np.random.default_rng(seed).permutation(len(CLUS))
    mixed = CLUS.iloc[order].reset_index(drop=True)
    base = design(mixed.assign(pw=mixed.pw * factor), "pw", einheit="dnum", umfang="fpc")
    new, _ = rake(base, mixed, ZWEI)
    np.testing.assert_allclose(new.gewicht, WEIGHTS["clus_raking"][order], rtol=1e-8)
    se = estimates.mean(new, mixed.api00).se.iloc[0]
    expected = ESTIMATES[(ESTIMATES.design == "clus_raking") & (ESTIMATES.key == "api00") & (ESTIMATES.what == "mean")]
    assert se == pytest.approx(expected.se.iloc[0], rel=1e-7)
