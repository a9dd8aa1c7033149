"""Design weights, non-response, trimming, design effects: R survey 4.1-1 (weighting.R) and calculations by hand."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import InputError
from analysis.survey import weighting
from analysis.survey.design import design

EXPECTED = Path(__file__).parents[1] / "expected" / "survey"
DATA = pd.read_csv(EXPECTED / "data_api_weighting.csv", dtype={"dnum": str})
STRAT = DATA[DATA["sample"] == "strat"].reset_index(drop=True)
CLUS = DATA[DATA["sample"] == "clus1"].reset_index(drop=True)
WEIGHTS = {k: t.weight.to_numpy() for k, t in pd.read_csv(EXPECTED / "weighting_weights.csv").groupby("design")}
TRIMMED = {k: t.weight.to_numpy() for k, t in pd.read_csv(EXPECTED / "weighting_trimmed.csv").groupby("case")}
DEFF = pd.read_csv(EXPECTED / "weighting_deff.csv")
strat = design(STRAT, "pw", schicht="stype", umfang="fpc")
clus = design(CLUS, "pw", einheit="dnum", umfang="fpc")


def raked():
    from analysis.survey.calibration import rake

    margins = pd.read_csv(EXPECTED / "weighting_margins.csv").groupby("margin")
    by_name = {name: table.set_index("category").n for name, table in margins}
    return rake(strat, STRAT, {name: by_name[name] for name in ("stype", "sch.wide", "awards")})[0]


@pytest.mark.parametrize("kind", ["TRUE", "replace"])
@pytest.mark.parametrize("name", ["strat", "clus", "strat_raking"])
def test_design_effects_of_r(name, kind):
    d = {"strat": strat, "clus": clus}[name] if name != "strat_raking" else raked()
    data = CLUS if name == "clus" else STRAT
    both, back = data[["api00", "enroll"]], {"zuruecklegen": kind == "replace"}
    seen = pd.concat(
        [
            weighting.deff(d, both, **back),
            weighting.deff(d, both, summe=True, **back),
            weighting.deff_ratio(d, data.api00, data.api99, **back),
            weighting.deff(d, data.api00, data.awards, **back),
        ]
    )
    expected = DEFF[(DEFF.design == name) & (DEFF.kind == kind)]
    assert len(seen) == len(expected) == 7
    np.testing.assert_allclose(seen, expected.deff, rtol=1e-7)


def test_design_effects_that_do_not_exist():
    data = STRAT.assign(equal=3.3, one=[1.5] + [np.nan] * 199)
    effects = weighting.deff(strat, data[["equal", "one", "api00"]])
    assert effects[["equal", "one"]].isna().all() and effects["api00"] > 1
    assert weighting.deff_ratio(strat, data.api00 * 3, data.api00).isna().all()
    with pytest.raises(InputError, match="the weights add up to 200 for 200 respondents; expected the size"):
        weighting.deff(weighting.scaled(strat, 200), data.api00)
    same = weighting.deff(weighting.scaled(strat, 200), data.api00, zuruecklegen=True)
    np.testing.assert_allclose(same, weighting.deff(strat, data.api00, zuruecklegen=True), rtol=1e-10)


def test_answers_and_domains_without_numbers():
    with pytest.raises(InputError, match="answers stype: expected numbers"):
        weighting.deff(strat, STRAT.stype)
    with pytest.raises(InputError, match="domains raum: no respondent has one"):
        weighting.deff(strat, STRAT.api00, pd.Series([None] * 200, name="raum", dtype=object))
    with pytest.raises(InputError, match="expected weights, not all 0"):
        weighting.effective_n([])
    with pytest.raises(InputError, match="scaled: 0; expected a number of persons above 0"):
        weighting.scaled(strat, 0)
    with pytest.raises(InputError, match="expected to scale them before calibration"):
        weighting.scaled(raked(), 6194)


def test_kish():
    # weights 1, 1, 2, 4: 64 / 22; mean 2, variance 1.5, so 1 + 1.5 / 4
    assert weighting.effective_n([1, 1, 2, 4]) == pytest.approx(64 / 22, rel=1e-15)
    assert weighting.deff_weights([1, 1, 2, 4]) == pytest.approx(1.375, rel=1e-15)
    assert weighting.deff_weights(np.full(7, 3.1)) == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize(
    "case, base, limit",
    [
        ("a", "strat_logit", {"hoechstens": 45}),
        ("b", "clus_both", {"quantil": 0.9}),
        ("c", "strat_logit", {"vielfaches": 1.2}),
    ],
)
def test_trimmed_weights_of_r(case, base, limit):
    d, data = (clus, CLUS) if base.startswith("clus") else (strat, STRAT)
    new, report = weighting.trim(d.mit_gewicht(WEIGHTS[base]), **limit)
    np.testing.assert_allclose(new.gewicht, TRIMMED[case], rtol=1e-7)
    assert new.gewicht.sum() == pytest.approx(WEIGHTS[base].sum(), rel=1e-12)
    assert report.gekappt == np.isclose(new.gewicht, report.grenze, rtol=1e-9).sum() > 0
    assert report.groesstes_vorher == WEIGHTS[base].max() and report.n == len(data)
    assert report.n_eff_nachher > report.n_eff_vorher


def test_trimming_by_hand_and_in_classes():
    table = pd.DataFrame({"w": [1.0, 1, 2, 8, 2, 2], "k": list("aaaabb")})
    d = design(table, "w")
    # limit 5: 3 of 16 are over it, spread over the five others
    new, report = weighting.trim(d, hoechstens=5)
    assert new.gewicht.tolist() == pytest.approx([1.6, 1.6, 2.6, 5, 2.6, 2.6])
    assert (report.gekappt, report.anteil, report.grenze) == (1, 3 / 16, 5)
    new, _ = weighting.trim(d, hoechstens=5, klasse=table.k.astype("category"))
    assert new.gewicht.tolist() == pytest.approx([2, 2, 3, 5, 2, 2])
    # 4: the excess of 4 would bring the third over the limit again
    assert weighting.trim(d, hoechstens=3, klasse=table.k)[0].gewicht.tolist() == pytest.approx([3, 3, 3, 3, 2, 2])
    same, report = weighting.trim(d, hoechstens=8)
    assert same is d and report.gekappt == 0 and report.anteil == 0


@pytest.mark.parametrize(
    "options, message",
    [
        ({}, "no limit given; expected one of hoechstens, vielfaches, quantil"),
        ({"hoechstens": 3, "quantil": 0.9}, "hoechstens, quantil given"),
        ({"quantil": 90}, "quantil=90; expected a number above 0 up to 1"),
        ({"hoechstens": -1}, "hoechstens=-1; expected a number above 0"),
        ({"vielfaches": np.nan}, "vielfaches=nan"),
        ({"hoechstens": 20}, "the limit 20 is below the mean weight 30.97 of 'all'"),
        ({"hoechstens": 40, "klasse": STRAT.stype}, "the limit 40 is below the mean weight 44.21 of 'E'"),
        ({"hoechstens": 40, "klasse": STRAT.stype[1:]}, "expected a class for every respondent"),
    ],
)
def test_limits_that_make_no_sense(options, message):
    with pytest.raises(InputError, match=message):
        weighting.trim(strat, **options)


def test_design_weights():
    schicht = pd.Series(["nord", "sued", "nord"], dtype="category")
    weights = weighting.design_weights(
        schicht, pd.Series({"nord": 1000, "sued": 300}), pd.Series({"nord": 50, "sued": 60})
    )
    assert weights.tolist() == [20, 5, 20]
    for umfang, gezogen, message in (
        ({"nord": 1000}, {"nord": 50, "sued": 60}, "stratum 'sued': no numbers of persons"),
        ({"nord": 10, "sued": 300}, {"nord": 50, "sued": 60}, "stratum 'nord': 50 drawn of 10 persons"),
        ({"nord": 10, "sued": 300}, {"nord": 0, "sued": 60}, "stratum 'nord': 0 drawn of 10 persons"),
        ({"nord": "?", "sued": 300}, {"nord": 5, "sued": 60}, "umfang, 'nord': '\\?'; expected a number of persons"),
    ):
        with pytest.raises(InputError, match=message):
            weighting.design_weights(schicht, pd.Series(umfang), pd.Series(gezogen))
    with pytest.raises(InputError, match="stratum of respondent 2: missing .1 are."):
        weighting.design_weights(pd.Series(["nord", None]), pd.Series({"nord": 10}), pd.Series({"nord": 5}))


def test_non_response_by_classes():
    klasse = pd.Series(["jung"] * 2 + ["mittel"] * 5 + ["alt"] * 4)
    gezogen = pd.Series({"jung": 20, "mittel": 25, "alt": 10})
    factor, table = weighting.nonresponse_factors(klasse, gezogen)
    assert table.faktor.tolist() == [10, 5, 2.5] and factor.tolist() == [10] * 2 + [5] * 5 + [2.5] * 4
    assert factor.sum() == gezogen.sum()
    with pytest.raises(InputError, match="class 'jung': 2 respondents of 20 drawn; expected at least 3"):
        weighting.nonresponse_factors(klasse, gezogen, mindestens=3)
    factor, table = weighting.nonresponse_factors(klasse, gezogen, mindestens=3, verbinden=True)
    assert table.klasse.tolist() == ["jung + mittel", "jung + mittel", "alt"]
    assert table.antworten.tolist() == [7, 7, 4] and factor[0] == pytest.approx(45 / 7)
    # a class without answers joins the neighbour with fewer
    nobody = pd.Series({"jung": 20, "mittel": 25, "neu": 5, "alt": 10})
    table = weighting.nonresponse_factors(klasse, nobody, verbinden=True)[1]
    assert table.klasse.tolist() == ["jung", "mittel", "neu + alt", "neu + alt"]
    assert table.faktor["alt"] == pytest.approx(15 / 4)


def test_non_response_with_design_weights():
    klasse = pd.Series(["a", "a", "b"])
    factor, _ = weighting.nonresponse_factors(klasse, pd.Series({"a": 90.0, "b": 40.0}), gewicht=[10, 20, 10])
    assert factor.tolist() == [3, 3, 4]
    for gezogen, options, message in (
        ({"a": 90, "b": 40, "c": 3}, {}, "class 'c': 0 respondents of 3 drawn"),
        ({"a": 90}, {}, "class 'b': no drawn persons"),
        ({"a": 1, "b": 1}, {}, "class 'a': 2 answered of 1 drawn; expected no more than drawn"),
        ({"a": 9, "b": 4}, {"gewicht": [1, 0, 1]}, "weights: expected 3 numbers above 0"),
        ({"a": 9, "b": 4}, {"mindestens": 9, "verbinden": True}, "classes: 3 respondents in all; expected at least 9"),
    ):
        with pytest.raises(InputError, match=message):
            weighting.nonresponse_factors(klasse, pd.Series(gezogen), **options)


@settings(max_examples=25, deadline=None)
@given(weights=st.lists(st.floats(0.01, 100), min_size=3, max_size=30), factor=st.floats(1.01, 5))
def test_trimming_keeps_the_sum_the_limit_and_the_order(weights, factor):
    d = design(pd.DataFrame({"w": weights}), "w")
    limit = factor * np.mean(weights)
    new, _ = weighting.trim(d, hoechstens=limit)
    assert new.gewicht.sum() == pytest.approx(sum(weights), rel=1e-9)
    assert new.gewicht.max() <= limit * (1 + 1e-9) and (new.gewicht > 0).all()
    order = np.argsort(weights)
    assert (np.diff(new.gewicht[order]) >= -1e-9 * limit).all()
