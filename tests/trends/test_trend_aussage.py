"""The trend statement against base R and Fingertips' own test series; what it may never say; its false alarms."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trends.series import catalogue_of, rates, shares

from analysis.errors import InputError
from analysis.trends import aussage, pruefung

EXPECTED = Path(__file__).resolve().parents[1] / "expected" / "trends"
CENSUS = dt.date(2022, 5, 15)
KATALOG = catalogue_of(
    quote=("anteil", ()), rate=("veroeffentlicht", ()), gebrochen=("anteil", (CENSUS,)), wanderung=("saldo", ())
)


def statement(werte, **options) -> pd.Series:
    table = aussage.statements(werte, KATALOG, **options)
    assert len(table) == 1
    return table.iloc[0]


@pytest.fixture(scope="module")
def published() -> pd.DataFrame:
    frame = pd.read_csv(EXPECTED / "fingertips_anteile.csv", dtype={"reihe": str})
    return frame


def test_published_series_of_fingertips_get_the_published_marker(published):
    for reihe, rows in published.groupby("reihe"):
        found = statement(shares(rows.zaehler, rows.nenner, rows.jahr.min(), indikator="quote"))
        assert found.aussage == rows.erwartet.iloc[0], reihe
        assert found.verfahren == "cochran_armitage"


def test_both_tests_equal_base_r(published):
    bounded = pd.read_csv(EXPECTED / "fingertips_intervalle.csv")
    parts = [shares(r.zaehler, r.nenner, r.jahr.min(), ags=f"0{k[0]}00{len(k)}") for k, r in published.groupby("reihe")]
    parts += [rates(r.wert, r.unten, r.oben, r.jahr.min(), ags=f"1000{i}") for i, (_, r) in
              enumerate(bounded.groupby("reihe"), 1)]  # fmt: skip
    ours = aussage.statements(pd.concat(parts), KATALOG)
    r = pd.read_csv(EXPECTED / "aussage.csv").sort_values(["verfahren", "reihe"])
    assert list(ours.verfahren) == list(r.verfahren)
    columns = {"chi2": "chi2", "steigung_je_jahr": "steigung", "steigung_unten": "unten", "steigung_oben": "oben"}
    for our_name, name in columns.items():
        np.testing.assert_allclose(ours[our_name], r[name], rtol=1e-9)
    np.testing.assert_allclose(ours.p, r.p, rtol=1e-9, atol=1e-300)
    assert list(ours.stabil) == list(r.stabil)


def test_a_planted_break_is_never_tested_across():
    rising = [100, 120, 140, 160, 180, 200, 220]
    assert statement(shares(rising, 1000, 2018)).aussage == "steigt"
    found = statement(shares(rising, 1000, 2018, indikator="gebrochen"))
    assert (found.aussage, found.grund, found.punkte) == ("nicht_vergleichbar", "bruch", 3)
    assert (found.von, found.bis) == (dt.date(2022, 12, 31), dt.date(2024, 12, 31))
    assert np.isnan(found.chi2) and not found.stabil
    assert statement(shares(rising[:5], 1000, 2017, indikator="gebrochen")).aussage == "steigt"
    assert statement(shares([100] * 5 + rising, 1000, 2015, indikator="gebrochen")).aussage == "steigt"


@settings(max_examples=60, deadline=None)
@given(
    st.sets(st.dates(dt.date(2008, 1, 1), dt.date(2026, 12, 31)), max_size=3),
    st.sets(st.integers(2008, 2026), min_size=1),
)
def test_what_is_described_never_reaches_before_the_last_break(breaks, years):
    werte = shares(1000 + 300 * np.arange(19), 10_000, 2008)
    werte = werte[[d.year in years for d in werte.stichtag]]
    table = pd.DataFrame([("16077", "quote", b) for b in breaks], columns=["ags", "indikator", "datum"])
    found = statement(werte, brueche=table)
    newest = dt.date(max(years), 12, 31)
    last = max((b for b in breaks if b <= newest), default=dt.date.min)
    assert found.bis == newest and found.von >= last
    whole = all(newest.year - i in years for i in range(5)) and last <= dt.date(newest.year - 4, 12, 31)
    assert (found.verfahren != "") == whole
    assert (found.aussage == "steigt") == whole


def test_a_territorial_change_is_a_break_for_both_kreise_and_their_gemeinden():
    rising = [100, 120, 140, 160, 180, 200]
    for ags in ("16063", "16063076", "16063.nord"):
        assert statement(shares(rising, 1000, 2019, ags=ags)).grund == "bruch"
    assert statement(shares(rising, 1000, 2019, ags="16")).aussage == "steigt"
    assert statement(shares(rising, 1000, 2016, ags="16063")).grund == "bruch"
    assert statement(shares(rising, 1000, 2015, ags="16056")).aussage == "steigt"


@pytest.mark.parametrize(
    ("years", "expected"),
    [
        ([2020, 2021, 2022, 2023], ("zu_wenige", "kurze_reihe")),
        ([2018, 2019, 2020, 2022, 2023], ("zu_wenige", "fehlende_jahre")),
        ([2015, 2016, 2017, 2023], ("zu_wenige", "fehlende_jahre")),
        ([2019, 2020, 2021, 2022, 2023], ("kein_trend", "zufall")),
    ],
)
def test_missing_years_are_a_stated_reason(years, expected):
    werte = shares([100] * 9, 1000, 2015)
    werte = werte[[d.year in years for d in werte.stichtag]]
    found = statement(werte)
    assert (found.aussage, found.grund) == expected


def test_a_year_without_value_counts_as_missing_and_the_newest_value_decides():
    werte = shares([100] * 8, 1000, 2015)
    werte.loc[7, ["anteil", "unten", "oben"]] = np.nan
    assert statement(werte).bis == dt.date(2021, 12, 31)
    werte.loc[4, ["anteil", "unten", "oben"]] = np.nan
    assert statement(werte).grund == "fehlende_jahre"
    werte["anteil"] = np.nan
    found = statement(werte)
    assert (found.aussage, found.grund, found.von, found.punkte) == ("zu_wenige", "keine_werte", None, 0)


def test_mixed_reference_dates_are_not_comparable_but_quarters_are_one_series():
    june, december = shares([100] * 3, 1000, 2018, day=(6, 30)), shares([100] * 3, 1000, 2021)
    found = statement(pd.concat([june, december]))
    assert (found.aussage, found.grund) == ("nicht_vergleichbar", "stichtage_gemischt")
    days = [(3, 31), (6, 30), (9, 30), (12, 31)]
    quarters = pd.concat([shares([100, 120, 150, 170, 200], 1000, 2019, day=d) for d in days])
    assert statement(quarters).aussage == "steigt"
    assert statement(quarters).bis == dt.date(2023, 12, 31)
    short = quarters[[d >= dt.date(2020, 12, 31) for d in quarters.stichtag]]
    assert statement(short[[d <= dt.date(2023, 9, 30) for d in short.stichtag]]).grund == "kurze_reihe"


def test_the_end_of_february_is_one_day():
    werte = shares([100] * 5, 1000, 2020, day=(2, 28))
    werte.loc[[0, 4], "stichtag"] = [dt.date(2020, 2, 29), dt.date(2024, 2, 29)]
    assert statement(werte).punkte == 5


def test_a_rate_without_interval_is_not_tested():
    found = statement(rates([0.1, 0.2, 0.3, 0.4, 0.5], np.nan, np.nan, 2019))
    assert (found.aussage, found.grund, found.verfahren) == ("nicht_pruefbar", "kein_intervall", "")
    assert np.isnan(found.p)


def test_a_balance_may_be_negative_and_is_tested_by_its_interval():
    anteil = np.array([-0.004, -0.002, 0.001, 0.003, 0.006])
    werte = rates(anteil, anteil - 0.001, anteil + 0.001, 2019, indikator="wanderung")
    found = statement(werte.assign(zaehler=anteil * 1e5, nenner=1e5))
    assert (found.aussage, found.verfahren) == ("steigt", "regression")


def test_a_part_larger_than_its_whole_that_was_left_without_value_is_a_missing_year():
    werte = shares([100] * 6, 1000, 2018)
    werte.loc[4, ["anteil", "zaehler"]] = [np.nan, 2000]
    assert statement(werte).grund == "fehlende_jahre"


def test_a_single_point_makes_no_trend():
    found = statement(shares([5000, 5000, 5000, 5000, 6000], 100000, 2019))
    assert (found.aussage, found.grund) == ("kein_trend", "ausreisser")
    assert found.chi2 > aussage.SCHWELLE and not found.stabil


@pytest.mark.parametrize("zaehler", [[0] * 5, [1000] * 5])
def test_nobody_or_everybody_is_no_trend(zaehler):
    found = statement(shares(zaehler, 1000, 2019))
    assert (found.aussage, found.grund, found.chi2, found.p) == ("kein_trend", "zufall", 0, 1)


def test_a_share_of_zero_within_a_trend_does_not_spoil_it():
    assert statement(shares([90, 60, 40, 15, 0], 1000, 2019)).aussage == "sinkt"


def test_every_statement_and_reason_has_words():
    assert set(aussage._NICHT_GEPRUEFT) < set(aussage.GRUENDE)
    assert set(aussage._NICHT_GEPRUEFT.values()) < set(aussage.WORTE)
    assert "steigt" in aussage.WORTE and all(aussage.WORTE.values())


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 400), st.integers(400, 5000)), min_size=5, max_size=7), st.randoms())
def test_mirrored_series_and_complements_flip_the_sign_and_order_is_nothing(points, random):
    zaehler, nenner = (np.array(x, float) for x in zip(*points, strict=True))
    opposite = {"steigt": "sinkt", "sinkt": "steigt", "kein_trend": "kein_trend"}
    last = slice(len(zaehler) - 5, None)
    one = statement(shares(zaehler, nenner, 2010))
    back = statement(shares(zaehler[last][::-1], nenner[last][::-1], 2010))
    rest = statement(shares(nenner - zaehler, nenner, 2010))
    for other in (back, rest):
        assert other.aussage == opposite[one.aussage]
        assert other.chi2 == pytest.approx(one.chi2, rel=1e-6, abs=1e-9)
        assert other.steigung_je_jahr == pytest.approx(-one.steigung_je_jahr, rel=1e-6, abs=1e-12)
    order = list(range(len(zaehler)))
    random.shuffle(order)
    shuffled = statement(shares(zaehler, nenner, 2010).iloc[order])
    pd.testing.assert_series_equal(shuffled, one)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0.01, 0.5), min_size=5, max_size=5), st.floats(0.01, 100))
def test_the_unit_of_a_rate_changes_nothing(anteil, factor):
    anteil = np.array(anteil)
    one = statement(rates(anteil, anteil * 0.9, anteil * 1.1, 2015))
    scaled = statement(rates(anteil * factor, anteil * factor * 0.9, anteil * factor * 1.1, 2015))
    assert (scaled.aussage, scaled.grund) == (one.aussage, one.grund)
    assert scaled.chi2 == pytest.approx(one.chi2, rel=1e-6, abs=1e-9)
    assert scaled.steigung_je_jahr == pytest.approx(one.steigung_je_jahr * factor, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("anteil", [0.01, 0.1, 0.5])
@pytest.mark.parametrize("n", [500, 5000, 100_000])
def test_constant_shares_raise_at_most_three_false_alarms_in_a_thousand(n, anteil):
    repeats = 40_000
    zaehler = np.random.default_rng(n).binomial(n, anteil, (repeats, 5)).astype(float)
    jahre = np.tile(np.arange(5.0), (repeats, 1))
    test = pruefung.cochran_armitage(zaehler, np.full(zaehler.shape, float(n)), jahre)
    share = np.mean((test.chi2 > aussage.SCHWELLE) & (test.vorzeichen != 0))
    assert share <= 0.003
    assert share > 0.0005


def test_a_clear_rise_is_found():
    """From 10 % to 12 % in five years among 20,000: a rise of half a point a year is nearly always found."""
    rng = np.random.default_rng(1)
    zaehler = rng.binomial(20_000, 0.10 + 0.005 * np.arange(5), (2000, 5)).astype(float)
    test = pruefung.cochran_armitage(zaehler, np.full((2000, 5), 20_000.0), np.tile(np.arange(5.0), (2000, 1)))
    assert np.mean((test.chi2 > aussage.SCHWELLE) & (test.vorzeichen > 0)) > 0.99


@pytest.mark.parametrize(
    ("spoil", "text"),
    [
        (lambda w: w.assign(zaehler=2000.0), "is 2000 of 1000 .*expected counts"),
        (lambda w: w.assign(zaehler=-1.0), "is -1 of 1000"),
        (lambda w: w.assign(nenner=-1.0), "is 100 of -1"),
        (lambda w: w.assign(indikator="unbekannt"), "Indikator 'unbekannt' is not in the catalogue"),
        (lambda w: pd.concat([w, w]), "'quote' of '16077' at 2019-12-31 stands twice"),
        (lambda w: w.drop(columns="oben"), "no column 'oben'"),
        (lambda w: w.assign(stichtag="bald"), "what is no date"),
        (lambda w: w.assign(stichtag=None), "has no reference date"),
        (lambda w: w.assign(ags=None), "names no area"),
    ],
)
def test_bad_input_is_named(spoil, text):
    with pytest.raises(InputError, match=text):
        aussage.statements(spoil(shares([100] * 5, 1000, 2019)), KATALOG)


@pytest.mark.parametrize("punkte", [4, 0, 5.5, "5"])
def test_fewer_than_five_points_are_refused(punkte):
    with pytest.raises(InputError, match="5 or more"):
        aussage.statements(shares([100] * 5, 1000, 2019), KATALOG, punkte=punkte)


def test_more_points_can_be_asked_for():
    werte = shares([100, 100, 100, 130, 160, 190, 220], 1000, 2018)
    assert statement(werte, punkte=7).punkte == 7
    assert statement(werte.iloc[1:], punkte=7).grund == "kurze_reihe"


def test_nothing_in_nothing_out():
    empty = shares([100], 1000, 2019).iloc[:0]
    table = aussage.statements(empty, KATALOG)
    assert list(table) == aussage.COLUMNS and table.empty
