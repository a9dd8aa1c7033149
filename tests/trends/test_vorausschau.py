"""Forecasts against R's forecast package; which values they rest on; that they stay possible values."""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from trends.series import catalogue_of, rates

from analysis.errors import InputError
from analysis.trends import brueche, exponential
from analysis.trends.vorausschau import COLUMNS, GRUENDE, outlook

EXPECTED = Path(__file__).resolve().parents[1] / "expected" / "trends"
POINTS = pd.read_csv(EXPECTED / "reihen.csv")
R = pd.read_csv(EXPECTED / "vorausschau.csv")
CASES = R[["reihe", "modell"]].drop_duplicates().to_numpy()
KATALOG = catalogue_of(
    rate=("veroeffentlicht", ()),
    gebrochen=("anteil", (dt.date(2012, 1, 1),)),
    quotient=("verhaeltnis", ()),
    wanderung=("saldo", ()),
)


def log_series(name: str) -> np.ndarray:
    return np.log(POINTS[POINTS.reihe == name].wert.to_numpy())


@pytest.mark.parametrize(("name", "modell"), CASES)
def test_the_spread_of_the_steps_equals_r(name, modell):
    r = R.query("reihe == @name and modell == @modell")
    alpha, beta, phi = r.iloc[0][["alpha", "beta", "phi"]]
    np.testing.assert_allclose(exponential.spread(alpha, beta, phi, 5), r.se, rtol=1e-9)


@pytest.mark.parametrize(("name", "modell"), CASES)
def test_the_fit_is_at_least_as_likely_as_that_of_r(name, modell):
    """R leaves the constant out of its likelihood; its optimiser stops earlier where the trend hardly matters."""
    y, r = log_series(name), R.query("reihe == @name and modell == @modell")
    constant = len(y) * (np.log(2 * np.pi / len(y)) + 1)
    assert exponential.fit(y, 5, modell).aicc <= r.aicc.iloc[0] + constant + 1e-6


@pytest.mark.parametrize("name", R.reihe.unique())
def test_forecasts_of_the_level_equal_r(name):
    found, r = exponential.fit(log_series(name), 5, "niveau"), R.query("reihe == @name and modell == 'niveau'")
    # the optimisers stop at slightly different weights: less than a thousandth of the error
    np.testing.assert_allclose(found.punkt, r.punkt, rtol=0, atol=1e-3 * r.sigma.iloc[0])
    np.testing.assert_allclose(found.se, r.se * r.sigma, rtol=1e-3)


def damped(y, alpha, beta, phi, level, trend) -> tuple[float, np.ndarray]:
    """Sum of squares and forecasts of the damped trend, written as in Hyndman et al. (2008), equations 3.11."""
    sse = 0.0
    for value in y:
        error = value - level - phi * trend
        level, trend = level + phi * trend + alpha * error, phi * trend + beta * error
        sse += error**2
    return sse, level + trend * np.cumsum(phi ** np.arange(1, 6))


@pytest.mark.parametrize("name", R.reihe.unique())
def test_the_damped_model_is_the_one_of_the_book(name):
    r = R.query("reihe == @name and modell == 'gedaempft'")
    start = r.iloc[0]
    sse, points = damped(log_series(name), start.alpha, start.beta, start.phi, start.niveau, start.trend)
    np.testing.assert_allclose(points, r.punkt, rtol=1e-9)
    assert np.sqrt(sse / (len(log_series(name)) - 5)) == pytest.approx(start.sigma, rel=1e-9)


def logit(share: pd.Series) -> pd.Series:
    return np.log(share / (1 - share))


def falling(first: int, n: int, **options) -> pd.DataFrame:
    noise = np.random.default_rng(n).normal(0, 0.02, n)
    return rates(1 / (1 + np.exp(1.5 + 0.05 * np.arange(n) + noise)), np.nan, np.nan, first, **options)


def test_a_forecast_lies_between_0_and_1_and_repeats_itself():
    werte = falling(2009, 15)
    breaks = brueche.declared(werte, KATALOG)
    found = outlook(werte, KATALOG, breaks)
    assert list(found.stichtag) == [dt.date(y, 12, 31) for y in (2024, 2025, 2026)]
    assert (found.art == "vorausschau").all() and (found.punkte == 15).all()
    assert ((found.unten > 0) & (found.unten < found.anteil) & (found.anteil < found.oben) & (found.oben < 1)).all()
    width = logit(found.oben) - logit(found.unten)
    assert (width.diff()[1:] > -1e-9).all()
    assert (found.anteil < werte.anteil.iloc[-1]).all()
    pd.testing.assert_frame_equal(outlook(werte.sample(frac=1, random_state=3), KATALOG, breaks), found)
    assert (outlook(werte, KATALOG, breaks, niveau=0.8).oben < found.oben).all()


def test_the_complement_has_the_mirrored_forecast():
    werte = falling(2009, 15)
    breaks = brueche.declared(werte, KATALOG)
    one, rest = (outlook(w, KATALOG, breaks) for w in (werte, werte.assign(anteil=1 - werte.anteil)))
    np.testing.assert_allclose(one.anteil, 1 - rest.anteil, rtol=1e-4)
    np.testing.assert_allclose(one.unten, 1 - rest.oben, rtol=1e-3)


def test_nothing_before_a_break_counts():
    werte = falling(2004, 20, indikator="gebrochen")
    breaks = brueche.declared(werte, KATALOG)
    found = outlook(werte, KATALOG, breaks)
    assert (found.punkte == 12).all() and found.von.iloc[0] == dt.date(2012, 12, 31)
    other = werte.assign(anteil=werte.anteil.where(werte.index >= 8, 0.9))
    pd.testing.assert_frame_equal(outlook(other, KATALOG, breaks), found)


@pytest.mark.parametrize(
    ("change", "grund"),
    [
        (lambda w: w.tail(9), "zu_wenige"),
        (lambda w: w.drop(index=5), "fehlende_jahre"),
        (lambda w: w.assign(anteil=w.anteil.where(w.index != 3, 0)), "rand"),
        (lambda w: w.assign(anteil=w.anteil.where(w.index != 3, 1)), "rand"),
        (lambda w: w.assign(anteil=0.25), "konstant"),
    ],
)
def test_else_there_is_a_range(change, grund):
    werte = change(falling(2009, 15))
    found = outlook(werte, KATALOG, brueche.declared(werte, KATALOG))
    assert list(found.art) == ["spanne"] and found.grund[0] == grund and GRUENDE[grund]
    assert found.anteil[0] == werte.anteil.iloc[-1]
    assert (found.unten[0], found.oben[0]) == (werte.anteil.min(), werte.anteil.max())
    assert found.stichtag[0] is None and list(found) == COLUMNS


def test_a_ratio_above_one_is_forecast_on_the_logarithm():
    werte = falling(2009, 15, indikator="quotient")
    werte["anteil"] = werte.anteil * 8
    found = outlook(werte, KATALOG, brueche.declared(werte, KATALOG))
    assert (found.art == "vorausschau").all() and (found.unten > 0).all()


def test_a_negative_balance_is_forecast_as_it_is():
    werte = falling(2009, 15, indikator="wanderung")
    werte["anteil"] = werte.anteil - 0.15
    found = outlook(werte, KATALOG, brueche.declared(werte, KATALOG))
    assert (found.art == "vorausschau").all() and (found.unten < 0).all()


def test_the_end_of_february_stays():
    werte = falling(2010, 11)
    werte["stichtag"] = [dt.date(d.year, 2, 28) for d in werte.stichtag]
    werte.loc[10, "stichtag"] = dt.date(2020, 2, 29)
    found = outlook(werte, KATALOG, brueche.declared(werte, KATALOG), jahre=4)
    assert found.stichtag.iloc[0] == dt.date(2021, 2, 28) and found.stichtag.iloc[-1] == dt.date(2024, 2, 29)


@pytest.mark.parametrize("options", [{"jahre": 0}, {"jahre": 6}, {"jahre": "2"}, {"niveau": 95}])
def test_bad_input_is_named(options):
    werte = falling(2009, 15)
    with pytest.raises(InputError, match="forecast: .*expected"):
        outlook(werte, KATALOG, brueche.declared(werte, KATALOG), **options)
