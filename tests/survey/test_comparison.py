"""Differences of domains against R's `svyttest` and `p.adjust`; how often chance is called a difference."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.survey import comparison, estimates
from analysis.survey.design import design

EXPECTED = Path(__file__).resolve().parents[1] / "expected" / "survey"
DESIGNS = {
    "apistrat": {"gewicht": "pw", "schicht": "stype", "umfang": "fpc1"},
    "apiclus1": {"gewicht": "pw", "einheit": "dnum", "umfang": "fpc1"},
    "apiclus2": {"einheit": ["dnum", "snum"], "umfang": ["fpc1", "fpc2"]},
}
ITEMS = ["schwide", "awards", "yrrnd", "rare", "api00", "enroll"]
COLUMNS = ["n", "n_andere", "wert", "wert_andere", "differenz", "se", "freiheitsgrade", "unten", "oben"]


def schools(name):
    frame = pd.read_csv(EXPECTED / "data_api_shares.csv")
    frame = frame[frame["sample"] == name].assign(rare=lambda f: (f.api00 > 830).astype(int))
    return frame, design(frame, **DESIGNS[name])


@pytest.mark.parametrize("name", DESIGNS)
def test_differences_equal_r(name):
    daten, plan = schools(name)
    rest = comparison.against_rest(plan, daten[ITEMS], daten.stype)
    pairs = comparison.between(plan, daten[ITEMS], daten.stype)
    pairs.index = pd.MultiIndex.from_tuples([(f"{a}-{b}", item) for a, b, item in pairs.index])
    r = pd.read_csv(EXPECTED / "comparison_domains.csv").query("sample == @name")
    ours = pd.concat([rest, pairs]).loc[pd.MultiIndex.from_frame(r[["domain", "item"]])]
    for column in COLUMNS:
        np.testing.assert_allclose(ours[column], r[column], rtol=1e-7, atol=1e-13, err_msg=column)
    own = r.survey.to_numpy()  # the interval of svyttest itself
    np.testing.assert_allclose(ours[["unten", "oben"]][own], r[["survey_unten", "survey_oben"]][own], rtol=1e-7)
    assert ours.pruefbar.tolist() == r.pruefbar.tolist()
    tested = ours.pruefbar.to_numpy()
    for column in ("p", "p_vorsichtig"):
        np.testing.assert_allclose(ours[column][tested], r[column][tested], rtol=1e-7)
        assert ours[column][~tested].isna().all()
    assert ours.zufall[~tested].all()


@pytest.mark.parametrize("name", DESIGNS)
def test_differences_from_the_whole_equal_r(name):
    daten, plan = schools(name)
    ours = comparison.against_whole(plan, daten[ITEMS], daten.stype)
    r = pd.read_csv(EXPECTED / "comparison_whole.csv").query("sample == @name")
    ours = ours.loc[pd.MultiIndex.from_frame(r[["domain", "item"]])]
    np.testing.assert_allclose(ours.differenz, r.differenz, rtol=1e-7)
    np.testing.assert_allclose(ours.se, r.se, rtol=1e-7)
    rest = comparison.against_rest(plan, daten[ITEMS], daten.stype).loc[ours.index]
    assert (np.sign(ours.differenz) == np.sign(rest.differenz)).all()


def test_differences_are_contrasts_of_means():
    daten, plan = schools("apiclus1")
    means = estimates.mean(plan, daten.api00, daten.stype)
    contrast = means.kontrast({"x": {"E": 1, "M": -1}})
    ours = comparison.between(plan, daten.api00, daten.stype, [("E", "M")]).iloc[0]
    np.testing.assert_allclose([ours.differenz, ours.se], [contrast.wert.iloc[0], contrast.se.iloc[0]], rtol=1e-12)


def test_corrections_equal_r():
    r = pd.read_csv(EXPECTED / "comparison_adjusted.csv")
    for korrektur in ("holm", "bh"):
        np.testing.assert_allclose(comparison.corrected(r.p, korrektur), r[korrektur], rtol=1e-12)
        with_gap = comparison.corrected([*r.p, np.nan], korrektur)
        np.testing.assert_allclose(with_gap, [*r[korrektur], np.nan], rtol=1e-12)
    np.testing.assert_array_equal(comparison.corrected(r.p, "keine"), r.p)


@pytest.fixture(scope="module")
def equal_domains():
    """1,600 respondents in 8 domains that are alike, unlike weights; columns of answers are independent questions."""
    rng = np.random.default_rng(5)
    n, questions = 1600, 600
    sample = pd.DataFrame({"gewicht": rng.choice([1.0, 2.5], n), "raum": np.repeat(list("ABCDEFGH"), n // 8)})
    return design(sample, "gewicht"), sample.raum, (n, questions)


@pytest.mark.parametrize(("anteil", "at_least"), [(0.5, 0.03), (0.35, 0.02), (0.08, 0), (0.02, 0)])
def test_eight_equal_domains_rarely_differ(equal_domains, anteil, at_least):
    plan, raum, shape = equal_domains
    y = pd.DataFrame((np.random.default_rng(7).random(shape) < anteil).astype(float))
    table = comparison.against_rest(plan, y, raum, familie="merkmal")
    wrong = (~table.zufall).groupby(level=1).any().mean()
    assert at_least <= wrong <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / shape[1])
    covered = ((table.unten <= 0) & (table.oben >= 0)).mean()
    assert 0.935 <= covered <= (0.965 if anteil > 0.1 else 1)


def test_skew_variables_of_small_equal_domains_rarely_differ():
    rng = np.random.default_rng(6)
    y = pd.DataFrame(rng.exponential(size=(320, 600)))
    table = comparison.against_rest(design(y), y, pd.Series(np.repeat(np.arange(8), 40)), familie="merkmal")
    assert (~table.zufall).groupby(level=1).any().mean() <= 0.05


def test_a_true_difference_is_found(equal_domains):
    plan, raum, (n, _) = equal_domains
    y = pd.Series((np.random.default_rng(8).random(n) < np.where(raum == "C", 0.7, 0.4)).astype(float))
    table = comparison.against_rest(plan, y, raum)
    assert not table.zufall["C"] and table.unten["C"] > 0.15 and table.p.idxmin() == "C"
    assert comparison.between(plan, y, raum, [("C", "A"), ("A", "B")]).zufall.tolist() == [False, True]


def test_few_are_not_called_different():
    """13 of 22 parents in one area, 4 of 4 in another: the interval says how little is known."""
    yes = [1] * 13 + [0] * 9 + [1] * 4 + [1] * 120 + [0] * 130
    raum = ["Lucka"] * 22 + ["klein"] * 4 + ["sonst"] * 250
    table = comparison.against_rest(design(pd.DataFrame({"y": yes})), pd.Series(yes, name="y"), pd.Series(raum))
    assert table.zufall.all()
    assert table.pruefbar.to_dict() == {"Lucka": True, "klein": False, "sonst": True}
    assert table.unten["klein"] < 0 < table.oben["klein"]


def test_nobody_of_many_is_different():
    yes = [0] * 60 + [1] * 90 + [0] * 210
    table = comparison.against_rest(
        design(pd.DataFrame({"y": yes})), pd.Series(yes), pd.Series(["A"] * 60 + ["B"] * 300)
    )
    assert table.pruefbar.all() and not table.zufall.any()
    assert table.oben["A"] < 0 and table.unten["A"] > -0.4


def test_what_cannot_be_tested_is_chance():
    """Empty and single sides, answers all the same, a variable nobody answered, no rest."""
    frame = pd.DataFrame({"same": 1.0, "none": np.nan, "mean": np.arange(40.0)}, index=range(40))
    raum = pd.Series(["A"] * 20 + ["B"] * 19 + ["C"], dtype="string")
    table = comparison.against_rest(design(frame.assign(w=1.0), "w"), frame, raum)
    assert not table.pruefbar.loc[[("A", "same"), ("A", "none"), ("C", "mean")]].any()
    assert table.loc[("C", "mean"), ["se", "unten", "oben", "p"]].isna().all()
    alone = comparison.against_rest(design(frame.assign(w=1.0), "w"), frame["mean"], pd.Series(["A"] * 40))
    assert alone.zufall.all() and not alone.pruefbar.any() and np.isnan(alone.differenz).all()


def test_margins_of_the_calibration_are_not_tested():
    """Both strata have a fixed share: equal answers within clusters leave no error."""
    frame = pd.DataFrame({"hh": np.repeat(np.arange(200), 2), "frau": [0, 1] * 200})
    raum = pd.Series(np.repeat(["A", "B"], 200))
    table = comparison.against_rest(design(frame, einheit="hh"), frame.frau, raum)
    assert table.zufall.all() and not table.pruefbar.any()


def test_domains_of_any_type_and_with_gaps():
    daten, plan = schools("apiclus1")
    plain = comparison.against_rest(plan, daten.schwide, daten.stype)
    for typed in (daten.stype.astype("category").cat.add_categories("X"), daten.stype.astype("string")):
        other = comparison.against_rest(plan, daten.schwide.astype("Int64"), typed)
        np.testing.assert_array_equal(other.to_numpy(float), plain.to_numpy(float))
    numbers = daten.stype.map({"E": 1, "H": 2, "M": 3}).astype("Int64").mask(daten.stype == "M")
    gap = comparison.against_rest(plan, daten.schwide == 1, numbers)
    assert gap.index.tolist() == [1, 2] and gap.n_andere.tolist() == [14, 144]


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"korrektur": "tukey"}, "expected one of holm"),
        ({"familie": "item"}, "expected one of alle"),
        ({"y": pd.Series(["ja"] * 183)}, "expected numbers"),
        ({"y": pd.Series([1.0])}, "1 answers for 183"),
        ({"bereich": pd.Series(["A"])}, "1 domains for 183"),
        ({"bereich": pd.Series([None] * 183)}, "nobody is in a domain"),
    ],
)
def test_wrong_input_is_refused(wrong, text):
    daten, plan = schools("apiclus1")
    with pytest.raises(InputError, match=text):
        comparison.against_rest(plan, **{"y": daten.schwide, "bereich": daten.stype, **wrong})


def test_unknown_pairs_are_refused():
    daten, plan = schools("apiclus1")
    with pytest.raises(InputError, match="no domain 'X'"):
        comparison.between(plan, daten.schwide, daten.stype, [("E", "X")])
    with pytest.raises(InputError, match="expected at least two"):
        comparison.between(plan, daten.schwide, pd.Series("E", daten.index))
