"""Changes of slope against R's segmented on published series; what is found in pure chance; what is searched."""

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
from analysis.trends.knick import AEHNLICHKEIT, COLUMNS, slope_changes
from analysis.trends.knickgerade import interval, meeting_lines, standard_errors

EXPECTED = Path(__file__).resolve().parents[1] / "expected" / "trends"
SERIES = {k: r.wert.to_numpy() for k, r in pd.read_csv(EXPECTED / "reihen.csv").groupby("reihe")}
SEGMENTED = pd.read_csv(EXPECTED / "knick.csv")
KATALOG = catalogue_of(rate=("veroeffentlicht", ()), gebrochen=("veroeffentlicht", (dt.date(2010, 1, 1),)))


def noise(seed: int, series: int, points: int, similar: float = 0.0) -> np.ndarray:
    """Normal noise whose neighbours have the autocorrelation `similar`."""
    steps = np.random.default_rng(seed).normal(size=(series, points + 40))
    for i in range(1, steps.shape[1]):
        steps[:, i] += similar * steps[:, i - 1]
    return steps[:, 40:]


def table(y: np.ndarray, first: int = 2005, **more) -> pd.DataFrame:
    """One or several yearly series as long table."""
    y = np.atleast_2d(y)
    parts = [rates(row, np.nan, np.nan, first, ags=f"{10001 + i}", **more) for i, row in enumerate(y)]
    return pd.concat(parts, ignore_index=True)


def found(werte: pd.DataFrame) -> pd.DataFrame:
    return slope_changes(werte, brueche.declared(werte, KATALOG))


@pytest.mark.parametrize(("name", "m"), SEGMENTED[["reihe", "m"]].drop_duplicates().to_numpy())
def test_places_slopes_errors_and_intervals_equal_r(name, m):
    r, y = SEGMENTED.query("reihe == @name and m == @m"), SERIES[name][None]
    lines = meeting_lines(y, abstand=3, meiste=m)
    places = lines.stellen[m]
    np.testing.assert_allclose(places[0], r.stelle, rtol=1e-7)
    np.testing.assert_allclose(lines.rss[0, m], r.rss, rtol=1e-10)
    np.testing.assert_allclose(lines.bic[0, [0, m]], [r.bic_gerade.iloc[0], r.bic.iloc[0]], rtol=1e-10)
    np.testing.assert_allclose(lines.steigungen[m][0], [*r.vorher, r.nachher.iloc[-1]], rtol=1e-7)
    np.testing.assert_allclose(standard_errors(y, places)[0], r.se, rtol=1e-6)
    for factor, end in ((1.0, ""), (AEHNLICHKEIT, "_weit")):
        low, high = interval(y, places, factor)
        np.testing.assert_allclose(low[0], r["unten" + end], atol=0.051)
        np.testing.assert_allclose(high[0], r["oben" + end], atol=0.051)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(9, 15), st.floats(0, 2))
def test_no_place_of_a_fine_grid_is_better(seed, points, bend):
    t, y = np.arange(points, dtype=float), noise(seed, 1, points)[0]
    y += bend * np.maximum(t - 5, 0)
    lines = meeting_lines(y[None], abstand=3, meiste=1)
    tried = [
        np.linalg.lstsq(np.column_stack([np.ones(points), t, np.maximum(t - at, 0)]), y)[1][0]
        for at in np.arange(2, points - 2.99, 0.01)
    ]
    assert lines.rss[0, 1] <= min(tried) * (1 + 1e-9)
    assert lines.rss[0, 1] == pytest.approx(min(tried), rel=1e-3)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.1, 100), st.floats(-5, 5))
def test_a_line_on_top_changes_nothing_and_a_mirror_mirrors(seed, factor, slope):
    t, y = np.arange(14.0), noise(seed, 3, 14) + np.maximum(np.arange(14) - 6.3, 0)
    one, other = meeting_lines(y), meeting_lines(factor * y + slope * t + 3)
    back = meeting_lines(y[:, ::-1])
    for m in (1, 2):
        np.testing.assert_allclose(other.stellen[m], one.stellen[m], rtol=1e-6)
        np.testing.assert_allclose(other.steigungen[m], factor * one.steigungen[m] + slope, atol=1e-6 * (1 + factor))
        np.testing.assert_allclose(13 - back.stellen[m][:, ::-1], one.stellen[m], rtol=1e-6)
        np.testing.assert_allclose(back.rss[:, m], one.rss[:, m], rtol=1e-8)


@pytest.mark.parametrize(("similar", "most"), [(0.0, 0.015), (0.3, 0.06)])
@pytest.mark.parametrize("points", [12, 20])
def test_chance_around_a_line_hardly_ever_bends(points, similar, most):
    changes = found(table(0.5 + 0.01 * np.arange(points) + 0.01 * noise(points, 400, points, similar)))
    assert changes.ags.nunique() == 400
    assert (changes.groupby("ags").nummer.max() > 0).mean() <= most


@pytest.mark.parametrize(("similar", "least"), [(0.0, 0.95), (0.3, 0.9)])
def test_the_interval_of_a_found_change_holds_it(similar, least):
    y = 0.2 + 0.01 * (2 * np.maximum(np.arange(13) - 6.5, 0) + noise(3, 500, 13, similar))
    changes = found(table(y)).query("nummer == 1")
    assert len(changes) >= 450
    assert ((changes.jahr_unten <= 2011.5) & (changes.jahr_oben >= 2011.5)).mean() >= least


def test_a_turn_has_its_year_and_slopes():
    y = 0.2 + np.where(np.arange(14) < 8, -0.01 * np.arange(14), -0.08 + 0.02 * (np.arange(14) - 8))
    row = found(table(y + 0.0005 * noise(5, 1, 14)[0])).iloc[0]
    assert (row.von, row.bis, row.punkte, row.nummer) == (dt.date(2005, 12, 31), dt.date(2018, 12, 31), 14, 1)
    assert row.jahr == pytest.approx(2013, abs=0.2) and row.jahr_unten <= row.jahr <= row.jahr_oben
    assert abs((row.datum - dt.date(2013, 12, 31)).days) < 75
    assert row.steigung_vorher == pytest.approx(-0.01, abs=0.001)
    assert row.steigung_nachher == pytest.approx(0.02, abs=0.001)
    assert row.bic_vorsprung > 10


def test_two_turns_are_two_rows():
    y = np.interp(np.arange(20), [0, 7, 13, 19], [0.2, 0.4, 0.2, 0.4]) + 0.002 * noise(6, 1, 20)[0]
    rows = found(table(y))
    assert list(rows.nummer) == [1, 2]
    assert list(rows.jahr.round()) == [2012, 2018]
    assert rows.steigung_nachher.iloc[0] == rows.steigung_vorher.iloc[1]


@pytest.mark.parametrize("y", [np.full(13, 0.2), 0.1 + 0.01 * np.arange(13), np.zeros(13)])
def test_a_line_that_meets_all_values_has_no_change(y):
    rows = found(table(y))
    assert list(rows.nummer) == [0] and rows.datum.isna().all() and rows.jahr.isna().all()


def test_only_long_series_without_gap_after_the_last_break_are_searched():
    y = 0.2 + 0.01 * np.abs(np.arange(14) - 6.0)
    assert found(table(y[:11])).empty and list(found(table(y[:11]))) == COLUMNS
    assert found(table(np.where(np.arange(14) == 4, np.nan, y))).empty
    assert found(table(y, indikator="gebrochen")).empty
    since = found(table(np.concatenate([[9.0, 1, 5, 2, 7], y]), indikator="gebrochen"))
    assert since.punkte.eq(14).all() and since.von.eq(dt.date(2010, 12, 31)).all() and list(since.nummer) == [1]


@pytest.mark.parametrize(
    ("y", "abstand", "text"),
    [
        (np.zeros(12), 4, "expected series × known values"),
        (np.full((1, 12), np.nan), 4, "expected series × known values"),
        (np.zeros((1, 7)), 4, "7 points; expected at least 8"),
        (np.zeros((1, 12)), 2, "2 points on each side; expected 3 or more"),
    ],
)
def test_bad_input_is_named(y, abstand, text):
    with pytest.raises(InputError, match=text):
        meeting_lines(y, abstand)
