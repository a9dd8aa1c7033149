"""Mann-Kendall, its correction and the Theil-Sen slope against R, pymannkendall and SciPy; their invariants."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from trends.series import catalogue_of, rates

from analysis.errors import InputError
from analysis.trends import brueche
from analysis.trends.mann_kendall import COLUMNS, hamed_rao, kendall_trends, mann_kendall
from analysis.trends.theil_sen import theil_sen

EXPECTED = Path(__file__).resolve().parents[1] / "expected" / "trends"
KATALOG = catalogue_of(rate=("veroeffentlicht", ()), gebrochen=("veroeffentlicht", (dt.date(2010, 1, 1),)))
SERIES = {k: r for k, r in pd.read_csv(EXPECTED / "reihen.csv").groupby("reihe")}


def expected(file: str, name: str) -> pd.Series:
    return pd.read_csv(EXPECTED / f"{file}.csv").set_index("reihe").loc[name]


@pytest.mark.parametrize("name", SERIES)
def test_s_tau_and_p_equal_r(name):
    found, r = mann_kendall(SERIES[name].wert.to_numpy()[None]), expected("mann_kendall", name)
    assert found.s[0] == r.s
    assert found.tau[0] == pytest.approx(r.tau, rel=1e-12, abs=1e-15)
    assert found.p[0] == pytest.approx(r.p, rel=1e-9)


@pytest.mark.parametrize("name", pd.read_csv(EXPECTED / "hamed_rao.csv").reihe)
def test_the_correction_equals_pymannkendall(name):
    points, r = SERIES[name], expected("hamed_rao", name)
    y, t = points.wert.to_numpy()[None], points.jahr.to_numpy()[None]
    assert hamed_rao(y, t, theil_sen(y, t).steigung)[0] == pytest.approx(r.p, rel=1e-9)


@pytest.mark.parametrize("name", SERIES)
def test_slope_and_interval_equal_scipy(name):
    points, r = SERIES[name], expected("theil_sen", name)
    found = theil_sen(points.wert.to_numpy()[None], points.jahr.to_numpy()[None])
    np.testing.assert_allclose([found.steigung[0], found.unten[0], found.oben[0]], r.to_numpy(float), rtol=1e-12)


SETS = arrays(float, (3, 7), elements=st.integers(-20, 20).map(float))


@settings(max_examples=60, deadline=None)
@given(SETS, st.floats(0.01, 1000))
def test_mirror_flips_and_scale_keeps(y, factor):
    t = np.tile(np.arange(7.0), (3, 1))
    one, slope = mann_kendall(y), theil_sen(y, t)
    for other in (-y, y[:, ::-1]):
        back, back_slope = mann_kendall(other), theil_sen(other, t)
        np.testing.assert_array_equal(back.s, -one.s)
        np.testing.assert_allclose(back.p, one.p)
        np.testing.assert_allclose(back_slope.steigung, -slope.steigung)
        np.testing.assert_allclose(back_slope.unten, -slope.oben)
    np.testing.assert_array_equal(mann_kendall(y * factor + 3).s, one.s)
    np.testing.assert_allclose(theil_sen(y * factor, t).steigung, slope.steigung * factor, atol=1e-9)


def test_detrended_values_that_are_equal_stay_equal():
    """Two decades of the same ten values plus a line: rounding of the line must not rank them."""
    wave = np.tile([3.0, 1, 4, 1, 5, 9, 2, 6, 5, 3], 2)
    t = np.arange(20.0)[None]
    flat = hamed_rao(wave[None], t, np.array([0.0]))
    same_noise = hamed_rao(wave[None] + 0.1 * t, t, np.array([0.1]))
    factor_is_same = mann_kendall(wave[None] + 0.1 * t)
    assert np.isfinite(flat[0]) and np.isfinite(same_noise[0])
    again = hamed_rao(wave[None] + 0.1 * t + 1e-15 * np.sin(t), t, np.array([0.1]))
    assert again[0] == same_noise[0] and factor_is_same.s[0] != 0


def test_series_are_computed_one_by_one_as_together():
    y = np.random.default_rng(3).normal(size=(5, 12))
    together = mann_kendall(y)
    for row in range(5):
        assert mann_kendall(y[[row]]).p[0] == together.p[row]


def test_a_series_of_one_value_has_no_trend():
    found = mann_kendall(np.full((1, 8), 0.2))
    assert found.s[0] == 0 and np.isnan(found.tau[0]) and found.p[0] == 1
    assert theil_sen(np.full((1, 8), 0.2), np.arange(8.0)[None]).steigung[0] == 0


def test_four_points_are_too_few_for_an_interval():
    found = theil_sen(np.array([[1.0, 2, 4, 7]]), np.arange(4.0)[None])
    assert np.isnan(found.unten[0]) and np.isnan(found.oben[0])


def test_the_table_never_crosses_a_break_and_bridges_gaps():
    values = np.r_[np.linspace(0.5, 0.1, 10), np.linspace(0.1, 0.3, 8)]
    werte = pd.concat([rates(values, np.nan, np.nan, 2000, indikator=i) for i in ("rate", "gebrochen")])
    werte = werte[[d.year != 2014 for d in werte.stichtag]]
    breaks = brueche.declared(werte, KATALOG)
    found = kendall_trends(werte, breaks).set_index("indikator")
    assert found.loc["gebrochen", "punkte"] == 7 and found.loc["gebrochen", "von"] == dt.date(2010, 12, 31)
    assert found.loc["gebrochen", "tau"] == pytest.approx(1)
    assert found.loc["gebrochen", "steigung_je_jahr"] == pytest.approx(0.2 / 7)
    assert found.loc["rate", "punkte"] == 17 and found.loc["rate", "tau"] < 0
    shuffled = werte.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(kendall_trends(shuffled, breaks), kendall_trends(werte, breaks))
    short = kendall_trends(werte[[d.year > 2014 for d in werte.stichtag]], breaks)
    assert short.empty and list(short) == COLUMNS


@pytest.mark.parametrize("y", [np.zeros((1, 2)), np.zeros(5), np.array([[1, np.nan, 2.0]])])
def test_bad_input_is_named(y):
    with pytest.raises(InputError, match="expected series"):
        mann_kendall(y)
