"""Brackets and households become equivalised incomes as R and the papers say, and nothing is lost uncounted."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.codebook import Codebuch, Frage, Merkmal
from analysis.errors import InputError
from analysis.survey.armut import armutsquoten, eigener_median
from analysis.survey.armut_empfindlichkeit import OHNE_FEHLER, empfindlichkeit
from analysis.survey.design import Kalibrierung, design
from analysis.survey.einkommen import (
    METHODEN,
    aequivalenzeinkommen,
    aus_befragung,
    pareto_mitte,
    random_shares,
)
from analysis.survey.estimates import mean, ratio
from analysis.survey.haushalt import haushalte, haushaltsdesign, personendesign
from analysis.survey.intervallregression import fit

EXPECTED = Path(__file__).parents[1] / "expected" / "survey"
BOUNDS = np.array([0, 500, 750, 1000, 1250, 1500, 1750, 2000, 2250, 2500, 3000, 3500, 4000, 5000, np.inf])
KLASSEN = {
    k + 1: (low, None if np.isinf(high) else high)
    for k, (low, high) in enumerate(zip(BOUNDS[:-1], BOUNDS[1:], strict=True))
}


@pytest.fixture(scope="module")
def silc() -> pd.DataFrame:
    """Households of the synthetic EU-SILC data with the bracket of their monthly income."""
    house = pd.read_csv(EXPECTED / "data_eusilc.csv")
    house["monat"] = house.eqIncome * house.eqSS / 12
    return house.assign(klasse=np.searchsorted(BOUNDS, house.monat, side="right"))


def persons(adults, youths, children, **options) -> pd.DataFrame:
    return haushalte(*(pd.Series(x) for x in (adults, youths, children)), **options)


def test_need_is_the_modified_oecd_scale(silc):
    """Equals R laeken::eqSS on all households of eusilc."""
    got = haushalte(silc.n14, silc.n14 * 0, silc.n13)
    np.testing.assert_allclose(got.bedarf.to_numpy(float), silc.eqSS, rtol=1e-15)
    assert persons([2, 1], [1, 0], [2, 1]).bedarf.tolist() == [2.6, 1.3]


def test_households_without_need_are_counted():
    nan = np.nan
    got = persons([1, 0, 30, nan, 2, 2], [0, 2, 0, 0, nan, nan], [0, 0, 0, 0, 1, nan])
    assert got.grund.tolist() == ["", "ohne_erwachsene", "haushalt_zu_gross", *["haushalt_unbekannt"] * 3]
    assert got.bedarf.notna().tolist() == [True] + [False] * 5
    filled = persons([1, 0, 30, nan, 2, 2], [0, 2, 0, 0, nan, nan], [0, 0, 0, 0, 1, nan], leer_ist_null=True)
    assert filled.bedarf.tolist()[4:] == [1.8, 1.5] and filled.grund.tolist()[3:] == ["haushalt_unbekannt", "", ""]


@pytest.mark.parametrize("value", [-9, 1.5, "zwei", np.inf])
def test_impossible_numbers_of_persons_are_refused(value):
    with pytest.raises(InputError, match="households, kinder, respondent 2"):
        persons([1, 1], [0, 0], pd.Series([0, value], dtype=object))


def test_interval_regression_equals_r(silc):
    part = silc[(silc.eqIncome > 0) & (silc.db030 % 2 == 0)].reset_index(drop=True)
    low, high = BOUNDS[part.klasse - 1], BOUNDS[part.klasse]
    model = fit(part[["n14", "n13"]], low, high, part.rb050.to_numpy())
    want = pd.read_csv(EXPECTED / "einkommen_regression.csv").set_index("name").value
    np.testing.assert_allclose([*model.koeffizienten, model.sigma], want, rtol=1e-9)
    inside = pd.read_csv(EXPECTED / "einkommen_im_intervall.csv").replace("Inf", np.inf).astype(float)
    at = inside[["n14", "n13"]], inside.low.to_numpy(), inside.high.to_numpy()
    np.testing.assert_allclose(model.erwartung(*at), inside["mean"], rtol=1e-7)
    for name, share in (("q10", 0.1), ("q50", 0.5), ("q90", 0.9)):
        np.testing.assert_allclose(model.ziehung(*at, np.full(len(inside), share)), inside[name], rtol=1e-8)


def test_pareto_midpoint(silc):
    part = silc[(silc.eqIncome > 0) & (silc.db030 % 2 == 0)]
    got = pareto_mitte(BOUNDS[part.klasse - 1], BOUNDS[part.klasse], part.rb050.to_numpy())
    np.testing.assert_allclose(got, pd.read_csv(EXPECTED / "einkommen_pareto.csv").iloc[0], rtol=1e-9)
    two = np.array([4000.0, 5000.0]), np.array([5000.0, np.inf])
    assert pareto_mitte(*two, np.array([1.0, 99.0])) == (1.0, 10000.0)
    assert pareto_mitte(*two, np.array([1e6, 1.0]), (1, 4)) == (4.0, 6250.0)
    assert pareto_mitte(np.array([5000.0]), np.array([np.inf]), np.ones(1)) == (1.0, 10000.0)
    with pytest.raises(InputError, match="open top bracket from 0"):
        pareto_mitte(np.zeros(1), np.array([np.inf]), np.ones(1))


@pytest.mark.parametrize("methode", METHODEN)
@pytest.mark.parametrize("dtype", ["Int64", "float64", "string", "category"])
def test_income_lies_in_its_bracket(silc, methode, dtype):
    part = silc.head(600)
    codes = part.klasse.astype("string").astype(dtype) if dtype in ("string", "category") else part.klasse.astype(dtype)
    households = haushalte(part.n14, part.n14 * 0, part.n13)
    got = aequivalenzeinkommen(codes.mask(part.db030 % 5 == 0), KLASSEN, households, methode=methode)
    inside = got.haushalt.dropna()
    k = part.klasse[inside.index].to_numpy()
    assert (BOUNDS[k - 1] <= inside).all() and (inside <= BOUNDS[k]).all()
    assert got.ohne == {"ohne_angabe": 120} and got.aequivalent.notna().sum() == 480
    np.testing.assert_allclose(got.aequivalent * part.eqSS, got.haushalt)


def test_draw_depends_on_key_and_seed_alone(silc):
    part = silc.sample(300, random_state=1)
    households = haushalte(part.n14, part.n14 * 0, part.n13)
    there = aequivalenzeinkommen(part.klasse, KLASSEN, households, schluessel=part.db030).haushalt
    back = part.iloc[::-1]
    again = aequivalenzeinkommen(back.klasse, KLASSEN, households.iloc[::-1], schluessel=back.db030).haushalt
    pd.testing.assert_series_equal(there, again.iloc[::-1])
    assert not there.equals(aequivalenzeinkommen(part.klasse, KLASSEN, households, seed=2).haushalt)


def test_draws_are_uniform():
    shares = np.array([random_shares(pd.RangeIndex(2000), seed) for seed in (1, 2)])
    assert np.abs(np.sort(shares[0]) - (np.arange(2000) + 0.5) / 2000).max() < 1.63 / np.sqrt(2000)  # Kolmogorov, 1 %
    assert abs(np.corrcoef(shares)[0, 1]) < 0.08


def test_rate_from_brackets_is_near_that_of_the_incomes(silc):
    """Drawn incomes give the rate of the incomes themselves; one value per bracket makes it jump (by 1.7 points)."""
    d = design(silc, "rb050", schicht="db040")
    households = haushalte(silc.n14, silc.n14 * 0, silc.n13)
    true = armutsquoten(d, silc.eqIncome, eigener_median(d, silc.eqIncome)).wert["unter_60"]
    got = empfindlichkeit(d, silc.klasse, KLASSEN, households, ziehungen=4).xs("unter_60", level="band")
    assert list(got.index) == list(METHODEN) and got.hinweis.tolist() == ["", OHNE_FEHLER, "", OHNE_FEHLER]
    assert got.se.notna().tolist() == [True, False, True, False]
    drawn = got.streuung_ziehung.notna()
    assert np.allclose(got.wert[drawn], true, atol=0.002) and np.allclose(got.wert[~drawn], true, atol=0.02)
    assert drawn.tolist() == [True, False, True, False]
    assert (got.streuung_ziehung[drawn] < got.se[drawn] / 2).all()


def test_sensitivity_says_why_a_method_fails():
    frame = pd.DataFrame({"k": [1, 2, 1, 2, 1, 2, 2], "n": 1})
    got = empfindlichkeit(
        design(frame), frame.k, {1: (0, 1000), 2: (1000, None)}, haushalte(frame.n, frame.n * 0, frame.n * 0)
    )
    assert got.xs("intervallregression").hinweis.str.contains("at least three").all()
    assert got.xs("klassenmitte").wert.notna().all()
    land = empfindlichkeit(
        design(frame),
        frame.k,
        {1: (0, 1000), 2: (1000, None)},
        haushalte(frame.n, frame.n * 0, frame.n * 0),
        median=1500.0,
        bereich=pd.Series(frame.index < 5),
        methoden=("klassenmitte",),
    )
    assert land.hinweis.eq("").all() and land.se.notna().all() and land.n.eq(5).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"klasse": pd.Series([1, 99])}, "bracket '99' has no bounds"),
        ({"methode": "mitte"}, "no method 'mitte'"),
        ({"klasse": pd.Series([1])}, "1 brackets for 2 households"),
        ({"gewicht": np.ones(3)}, "3 weights for 2 incomes"),
        ({"gewicht": np.array([1, -1])}, "a weight is empty or negative"),
        ({"seed": "x"}, "seed 'x'; expected a whole number"),
        ({"schluessel": pd.Series(["a", None])}, "1 keys for 2 incomes"),
        ({"klasse": pd.Series([None, None]), "methode": "intervallregression"}, "answers in 0 brackets"),
        ({"methode": "intervallregression"}, "answers in 2 brackets; expected at least three"),
    ],
)
def test_wrong_input(changes, message):
    with pytest.raises(InputError, match=message):
        given = {"klasse": pd.Series([1, 2]), "klassen": KLASSEN, "haushalte": persons([1, 1], [0, 0], [0, 0])}
        aequivalenzeinkommen(**(given | changes))


def test_regression_without_finite_best_fit_is_refused():
    """Every household size has its own bracket: the likelihood grows without end."""
    frame = pd.DataFrame({"klasse": [2, 3, 4] * 5, "n": [1, 2, 3] * 5})
    with pytest.raises(InputError, match="no finite coefficients"):
        aequivalenzeinkommen(
            frame.klasse, KLASSEN, haushalte(frame.n, frame.n * 0, frame.n * 0), methode="intervallregression"
        )


def test_survey_with_codebook():
    number = tuple(Frage(n, "zahl", (Merkmal(n, "zahl", fehlend={-9: "nicht_beantwortet"}),)) for n in ("E", "J", "K"))
    bracket = Merkmal("EK", "klasse", labels={1: "wenig", 2: "viel"}, fehlend={-9: "verweigert", -1: "weiss_nicht"})
    book = Codebuch((*number, Frage("EK", "klasse", (bracket,), klassen={1: (0, 1000), 2: (1000, None)})))
    data = pd.DataFrame(
        {"E": [1, 2, 1, -9, 0], "J": [0, 0, pd.NA, 0, 0], "K": [0, 1, 0, 0, 1], "EK": [1, 2, -9, 1, -1]}, dtype="Int64"
    )
    incomes, households = aus_befragung(data, book, "EK", ("E", "J", "K"), methode="klassenmitte")
    assert incomes.aequivalent.round(6).tolist()[:2] == [500, round(incomes.pareto[1] / 1.8, 6)]
    assert incomes.grund.tolist() == ["", "", "verweigert", "haushalt_unbekannt", "weiss_nicht"]
    assert incomes.ohne == {"haushalt_unbekannt": 1, "verweigert": 1, "weiss_nicht": 1}
    assert households.bedarf.notna().tolist() == [True, True, False, False, False]
    with pytest.raises(InputError, match="of the type zahl; expected klasse"):
        aus_befragung(data, book, "E", ("E", "J", "K"))


def test_weights_count_households_and_all_persons(silc):
    """Every adult of a population answers: households and persons come out as they are."""
    every = silc.loc[silc.index.repeat(silc.n14)].reset_index(drop=True)
    d = design(every, einheit="db030")
    single = (every.n14 + every.n13 == 1).astype(float)
    assert mean(haushaltsdesign(d, every.n14), single).wert.iloc[0] == pytest.approx((silc.n14 + silc.n13 == 1).mean())
    people = silc.n14 + silc.n13
    got = personendesign(d, every.n14, every.n14 + every.n13)
    assert got.gewicht.sum() == pytest.approx(people.sum())
    assert mean(got, single).wert.iloc[0] == pytest.approx((people == 1).sum() / people.sum())
    unknown = haushaltsdesign(d, every.n14.astype("Int64").mask(every.db030 < 100))
    assert (unknown.gewicht[every.db030 < 100] == 0).all()
    with pytest.raises(InputError, match="1 persons, 2 of them adults"):
        personendesign(d, pd.Series(2, every.index), pd.Series(1, every.index))


def test_weights_of_households_keep_the_calibration_of_the_persons():
    """A mean of households is the ratio of what persons contribute to it, also under calibrated weights."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"d": rng.uniform(1, 4, 60), "a": rng.integers(1, 5, 60), "y": rng.normal(5, 2, 60)})
    x = np.column_stack([np.ones(60), rng.integers(0, 2, 60)]) * np.sqrt(frame.d.to_numpy())[:, None]
    new = frame.d.to_numpy() * rng.uniform(0.8, 1.2, 60)
    calibration = Kalibrierung(np.linalg.qr(x)[0], new / np.sqrt(frame.d.to_numpy()))
    persons_design = design(frame, "d").mit_gewicht(new, calibration)
    got = mean(haushaltsdesign(persons_design, frame.a), frame.y)
    want = ratio(persons_design, frame.y / frame.a, 1 / frame.a)
    assert got.wert.iloc[0] == pytest.approx(want.wert.iloc[0]) and got.se.iloc[0] == pytest.approx(want.se.iloc[0])


def test_regression_with_further_variables():
    """A text explains as dummies do; a column that says the same as another changes no income."""
    rng = np.random.default_rng(4)
    n = pd.Series(rng.integers(1, 4, 300))
    work = pd.Series(rng.choice(["ja", "nein", "teils"], 300))
    klasse = pd.Series(np.searchsorted(BOUNDS, rng.lognormal(7.3 + 0.3 * (work == "ja"), 0.5), side="right"))
    households = haushalte(n, n * 0, n * 0)
    options = {"methode": "intervallregression_mittel"}
    text = aequivalenzeinkommen(klasse, KLASSEN, households, kovariablen=work.to_frame("arbeit"), **options)
    dummies = pd.DataFrame({"ja": work == "ja", "nein": work == "nein", "doppelt": 2 * n})
    number = aequivalenzeinkommen(klasse, KLASSEN, households, kovariablen=dummies, **options)
    np.testing.assert_allclose(text.haushalt, number.haushalt, rtol=1e-9)
    assert text.modell.koeffizienten.index.tolist()[-2:] == ["arbeit_nein", "arbeit_teils"]
    with pytest.raises(InputError, match="arbeit, respondent 8: empty"):
        aequivalenzeinkommen(
            klasse, KLASSEN, households, kovariablen=work.mask(work.index == 7).to_frame("arbeit"), **options
        )


def test_nobody_answered():
    nothing = pd.Series([None, None], dtype="Int64")
    got = aequivalenzeinkommen(nothing, KLASSEN, persons([1, 1], [0, 0], [0, 0]))
    assert got.aequivalent.isna().all() and got.ohne == {"ohne_angabe": 2} and got.pareto is None


@settings(max_examples=10, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 14), st.integers(1, 4), st.integers(0, 3), st.floats(0.1, 50)), min_size=8, max_size=40
    )
)
def test_scale_of_weights_and_order_of_rows_change_nothing(rows):
    klasse, adults, children, weight = (pd.Series(list(x)) for x in zip(*rows, strict=True))
    households = haushalte(adults, adults * 0, children)
    for methode in ("gleichverteilt", "klassenmitte"):
        one = aequivalenzeinkommen(klasse, KLASSEN, households, methode=methode, gewicht=weight).aequivalent
        ten = aequivalenzeinkommen(klasse, KLASSEN, households, methode=methode, gewicht=10 * weight).aequivalent
        back = aequivalenzeinkommen(
            klasse.iloc[::-1], KLASSEN, households.iloc[::-1], methode=methode, gewicht=weight.to_numpy()[::-1]
        ).aequivalent
        np.testing.assert_allclose(one, ten)
        np.testing.assert_allclose(one, back.iloc[::-1])
