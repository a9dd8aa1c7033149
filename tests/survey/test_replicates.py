"""Replicate weights against R survey 4.1-1 (tests/expected/survey/weighting.R)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.survey import estimates, replicates
from analysis.survey.calibration import calibrated_weights
from analysis.survey.design import design
from analysis.survey.margins import indicators

EXPECTED = Path(__file__).parents[1] / "expected" / "survey"
DATA = pd.read_csv(EXPECTED / "data_api_weighting.csv", dtype={"dnum": str})
STRAT = DATA[DATA["sample"] == "strat"].reset_index(drop=True)
CLUS = DATA[DATA["sample"] == "clus1"].reset_index(drop=True)
RAENDER = {k: t.set_index("category").n for k, t in pd.read_csv(EXPECTED / "weighting_margins.csv").groupby("margin")}
DRAWN = {k: t.drop(columns="sample").to_numpy(float)
         for k, t in pd.read_csv(EXPECTED / "weighting_bootstrap.csv").groupby("sample")}  # fmt: skip
EXPECTED_ROWS = pd.read_csv(EXPECTED / "weighting_replicates.csv")
WHOLE = STRAT.assign(fpc=STRAT.fpc.where(STRAT.stype != "H", 50))
LONELY = STRAT[(STRAT.stype != "H") | ((STRAT.stype == "H").cumsum() == 1)].reset_index(drop=True)
strat = design(STRAT, "pw", schicht="stype", umfang="fpc")
clus = design(CLUS, "pw", einheit="dnum", umfang="fpc")


def lonely(rule: str):
    return replicates.jackknife(design(LONELY, "pw", schicht="stype", umfang="fpc", einzeln=rule))


def boot(kind: str, mse: bool = False):
    n = 15 if kind == "clus1" else STRAT.groupby("stype").stype.transform("size").to_numpy()[:, None]
    data = CLUS if kind == "clus1" else STRAT
    factors = DRAWN[kind] * (n / (n - 1))
    return replicates.given(data.pw, factors, skala=1 / 39, kombiniert=False, mse=mse)


def calibrated(base, data, names, verfahren):
    x, totals = indicators(data, {name: RAENDER[name] for name in names})
    return replicates.recalibrated(base, lambda w: calibrated_weights(w, x, totals, verfahren=verfahren))


CASES = {
    "jk1": lambda: (replicates.jackknife(clus), CLUS),
    "jk1_mse": lambda: (replicates.jackknife(clus, mse=True), CLUS),
    "jk1_nofpc": lambda: (replicates.jackknife(design(CLUS, "pw", einheit="dnum")), CLUS),
    "jkn": lambda: (replicates.jackknife(strat), STRAT),
    "jkn_whole": lambda: (replicates.jackknife(design(WHOLE, "pw", schicht="stype", umfang="fpc")), WHOLE),
    "lonely_adjust": lambda: (lonely("anpassen"), LONELY),
    "lonely_remove": lambda: (lonely("weglassen"), LONELY),
    "lonely_average": lambda: (lonely("mitteln"), LONELY),
    "boot": lambda: (boot("clus1"), CLUS),
    "boot_mse": lambda: (boot("clus1", mse=True), CLUS),
    "boot_strat": lambda: (boot("strat"), STRAT),
    "jk1_calibrated": lambda: (
        calibrated(replicates.jackknife(clus), CLUS, ["stype", "sch.wide"], "linear"),
        CLUS,
    ),
    "jkn_raked": lambda: (
        calibrated(replicates.jackknife(strat), STRAT, ["stype", "sch.wide", "awards"], "raking"),
        STRAT,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_estimates_standard_errors_and_degrees_of_freedom_of_r(case):
    rep, data = CASES[case]()
    parts = [
        replicates.mean(rep, data[["api00", "enroll"]]),
        replicates.total(rep, data[["api00", "enroll"]]),
        replicates.ratio(rep, data.api00, data.api99),
        replicates.mean(rep, data.api00, data.stype),
        replicates.total(rep, data.enroll, data.awards),
    ]
    expected = EXPECTED_ROWS[EXPECTED_ROWS.design == case]
    assert rep.freiheitsgrade == expected.df.iloc[0]
    np.testing.assert_allclose(np.concatenate([p.wert for p in parts]), expected.estimate, rtol=1e-8)
    se = np.concatenate([p.se for p in parts])
    of_one = (expected.what == "domain") & (expected.key == "H") if case.startswith("lonely") else expected.se < 0
    assert np.isnan(se[of_one]).all()
    np.testing.assert_allclose(se[~of_one], expected.se[~of_one], rtol=1e-7, atol=1e-9)


def test_every_expected_design_is_compared():
    assert set(CASES) == set(EXPECTED_ROWS.design)


def test_jackknife_of_means_in_one_stratum_is_the_linearised_variance():
    one = design(CLUS.assign(pw=1.0), "pw")  # of a mean with equal weights both are s² / n
    rep = replicates.mean(replicates.jackknife(one), CLUS.api00)
    linear = estimates.mean(one, CLUS.api00)
    assert rep.se.iloc[0] == pytest.approx(linear.se.iloc[0], rel=1e-10)
    assert rep.freiheitsgrade == linear.freiheitsgrade and rep.n == linear.n


def test_own_bootstrap_is_near_the_linearised_variance():
    rep = replicates.bootstrap(design(STRAT, "pw", schicht="stype"), 2000, seed=3)
    seen = replicates.mean(rep, STRAT[["api00", "enroll"]], STRAT.awards)
    linear = estimates.mean(design(STRAT, "pw", schicht="stype"), STRAT[["api00", "enroll"]], STRAT.awards)
    # the standard error of 2,000 replicates varies by 1 / sqrt(2 × 2000) = 1.6 %
    np.testing.assert_allclose(seen.se, linear.se, rtol=0.06)
    assert rep.freiheitsgrade == 197 and (seen.freiheitsgrade == linear.freiheitsgrade).all()
    again = replicates.bootstrap(design(STRAT, "pw", schicht="stype"), 2000, seed=3)
    assert (again.faktoren == rep.faktoren).all()
    sums = pd.DataFrame(rep.faktoren).groupby(STRAT.stype).sum()
    np.testing.assert_allclose(sums, np.tile([[100.0], [50.0], [50.0]], 2000))


def test_any_estimator_with_contrasts():
    rep = replicates.jackknife(strat)

    def medians(weights: np.ndarray) -> np.ndarray:
        order = np.argsort(STRAT.api00.to_numpy())
        below = weights[order].cumsum(axis=0) / weights.sum(axis=0)
        return STRAT.api00.to_numpy()[order][(below < 0.5).sum(axis=0)][:, None]

    seen = replicates.estimate(rep, medians, ["median"])
    assert seen.wert["median"] == medians(strat.gewichte)[0, 0] and seen.se["median"] > 0
    both = replicates.mean(rep, STRAT.api00, STRAT.stype).kontrast({"E - H": {"E": 1, "H": -1}})
    linear = estimates.mean(strat, STRAT.api00, STRAT.stype).kontrast({"E - H": {"E": 1, "H": -1}})
    assert both.se.iloc[0] == pytest.approx(linear.se.iloc[0], rel=1e-9) and len(both.intervall()) == 1
    with pytest.raises(InputError, match=r"the estimator gave \(1, 1\) for 1 sets of weights; expected \(1, 2\)"):
        replicates.estimate(rep, medians, ["a", "b"])


def test_a_replicate_without_a_value_makes_the_variance_unknown():
    few = pd.Series(["selten"] * 2 + ["oft"] * 198)
    rep = replicates.bootstrap(strat, 100, seed=1)
    seen = replicates.mean(rep, STRAT.api00, few)
    assert np.isnan(seen.se["selten"]) and seen.se["oft"] > 0
    assert replicates.mean(rep, STRAT.api00, few, ohne_wert="weglassen").se["selten"] > 0
    alone = few.where(few.index != 0, "allein")
    assert np.isnan(replicates.mean(replicates.jackknife(strat), STRAT.api00, alone).se["allein"])
    nobody = replicates.mean(replicates.jackknife(strat), STRAT.api00.where(STRAT.api00 < 0))
    assert nobody.wert.isna().all() and nobody.se.isna().all() and nobody.n[0] == 0


def test_replicates_that_cannot_be_used():
    with pytest.raises(InputError, match="bootstrap: 1 replicates; expected a whole number, at least 2"):
        replicates.bootstrap(strat, 1, seed=1)
    one = design(LONELY, "pw", schicht="stype", einzeln="weglassen")
    with pytest.raises(InputError, match="bootstrap: 1 strata have one unit"):
        replicates.bootstrap(one, 10, seed=1)
    ones = np.ones((200, 5))
    for weights, table, options, message in (
        (STRAT.pw[:9], ones, {}, r"weights \(9,\), replicates \(200, 5\)"),
        (STRAT.pw * 0, ones, {}, "200 full weights are not above 0"),
        (STRAT.pw, ones * np.nan, {}, "expected numbers in all replicates"),
        (STRAT.pw, ones, {"skala": -1}, "scales above 0"),
        (STRAT.pw, ones, {"rskalen": [1, 1]}, r"scales \(2,\)"),
    ):
        with pytest.raises(InputError, match=message):
            replicates.given(weights, table, **({"skala": 1} | options))
    with pytest.raises(InputError, match="ohne_wert='egal'; expected nan or weglassen"):
        replicates.mean(replicates.jackknife(strat), STRAT.api00, ohne_wert="egal")
