"""Interrupted time series against R's lm and sandwich; which years are used; coverage of the errors."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trends.series import catalogue_of, rates

from analysis.errors import InputError
from analysis.trends import brueche
from analysis.trends.ereignis import KOEFFIZIENTEN, event_effects, interrupted, newey_west_lags

EXPECTED = Path(__file__).resolve().parents[1] / "expected" / "trends"
POINTS = pd.concat([pd.read_csv(EXPECTED / f) for f in ("reihen.csv", "ereignis_monate.csv")])
R = pd.read_csv(EXPECTED / "ereignis.csv")
EVENT = dt.date(2015, 1, 1)
KATALOG = catalogue_of(rate=("veroeffentlicht", ()), gebrochen=("veroeffentlicht", (dt.date(2010, 1, 1), EVENT)))


@pytest.mark.parametrize("name", R.reihe.unique())
@pytest.mark.parametrize("fehler", ["ols", "newey_west"])
def test_coefficients_and_errors_equal_r(name, fehler):
    points, r = POINTS[POINTS.reihe == name], R[R.reihe == name]
    t = points.jahr.to_numpy() - r.ereignis.iloc[0]
    t[np.abs(t) < 1e-9] = 0
    found = interrupted(points.wert.to_numpy()[None], t[None], fehler)
    assert list(r.koeffizient) == list(KOEFFIZIENTEN)
    assert newey_west_lags(len(points)) == r.lag.iloc[0]
    np.testing.assert_allclose(found.koeffizienten[0], r.wert, rtol=1e-9)
    np.testing.assert_allclose(found.se[0], r[f"se_{fehler}"], rtol=1e-9)
    np.testing.assert_allclose(found.p[0], r[f"p_{fehler}"], rtol=1e-7)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.floats(0.01, 100))
def test_mirror_and_scale(seed, factor):
    y = np.random.default_rng(seed).normal(size=(2, 14))
    t = np.tile(np.arange(14.0) - 7, (2, 1))
    one, other = interrupted(y, t), interrupted(-factor * y + 0, t)
    np.testing.assert_allclose(other.koeffizienten, -factor * one.koeffizienten, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(other.se, factor * one.se, rtol=1e-9)
    np.testing.assert_allclose(other.p, one.p, rtol=1e-6)


def test_a_planted_step_is_found_and_only_years_between_breaks_are_used():
    rng = np.random.default_rng(4)
    values = np.r_[np.full(15, 0.2), np.full(9, 0.3)] + rng.normal(0, 0.001, 24)
    werte = pd.concat([rates(values, np.nan, np.nan, 2000, indikator=i) for i in ("rate", "gebrochen")])
    breaks = brueche.declared(werte, KATALOG)
    found = event_effects(werte.sample(frac=1, random_state=2), EVENT, breaks).set_index("indikator")
    assert found.loc["rate", ["punkte_vorher", "punkte_nachher"]].tolist() == [15, 9]
    assert found.loc["gebrochen", ["punkte_vorher", "punkte_nachher"]].tolist() == [5, 9]
    for name in found.index:
        assert found.niveausprung_unten[name] < 0.1 < found.niveausprung_oben[name]
        assert found.niveausprung_p[name] < 1e-6
    days = event_effects(werte, dt.date(2014, 12, 31), breaks).set_index("indikator")
    assert days.loc["rate", ["punkte_vorher", "punkte_nachher"]].tolist() == [14, 10]


def test_too_few_points_on_a_side_give_no_figure():
    werte = rates(np.linspace(0.1, 0.2, 9), np.nan, np.nan, 2006)
    found = event_effects(werte, EVENT, brueche.declared(werte, KATALOG)).iloc[0]
    assert (found.grund, found.punkte_vorher, found.punkte_nachher) == ("zu_wenige", 9, 0)
    assert np.isnan(found.niveausprung) and np.isnan(found.steigungsaenderung_p)


def test_an_exact_line_has_no_p():
    found = interrupted(np.linspace(0.1, 0.3, 12)[None], np.arange(12.0)[None] - 6)
    np.testing.assert_allclose(found.koeffizienten[0, 2:], 0, atol=1e-12)
    assert np.isnan(found.p[0, 2])


def test_pure_chance_is_seldom_an_effect():
    y = np.random.default_rng(8).normal(size=(4000, 12))
    t = np.tile(np.arange(12.0) - 6, (4000, 1))
    assert np.mean(interrupted(y, t).p[:, 2] < 0.05) <= 0.05
    assert np.mean(interrupted(y, t, "newey_west").p[:, 2] < 0.05) > 0.05


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: interrupted(np.zeros((1, 12)), np.arange(12.0)[None] - 6, "hac"), "fehler='hac'; expected one of"),
        (lambda: interrupted(np.zeros((1, 12)), np.arange(12.0)[None]), "fewer than 2 points on one side"),
        (
            lambda: event_effects(rates([0.1], 0, 1, 2000), "2015", pd.DataFrame()),
            "event '2015'; expected a date",
        ),
    ],
)
def test_bad_input_is_named(call, text):
    with pytest.raises(InputError, match=text):
        call()
