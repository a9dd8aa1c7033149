"""Detected breaks against R's strucchange on published series; what is searched and what is not."""

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
from analysis.trends.detected import COLUMNS, detected, segmentation, shortest_segment

EXPECTED = Path(__file__).resolve().parents[1] / "expected" / "trends"
SERIES = {k: r.wert.to_numpy() for k, r in pd.read_csv(EXPECTED / "reihen.csv").groupby("reihe")}
STRUCCHANGE = pd.read_csv(EXPECTED / "detected.csv", keep_default_na=False)
KATALOG = catalogue_of(rate=("veroeffentlicht", ()), gebrochen=("veroeffentlicht", (dt.date(2010, 1, 1),)))


@pytest.mark.parametrize(("name", "modell"), STRUCCHANGE[["reihe", "modell"]].drop_duplicates().to_numpy())
def test_segmentations_equal_strucchange(name, modell):
    r = STRUCCHANGE.query("reihe == @name and modell == @modell")
    found = segmentation(SERIES[name][None], modell, int(r.h.iloc[0]))
    assert found.anzahl[0] == r.beste.iloc[0]
    # strucchange tries at most ceiling(n/h) - 2 breaks
    np.testing.assert_allclose(found.rss[0, : len(r)], r.rss, rtol=1e-9)
    np.testing.assert_allclose(found.bic[0, : len(r)], r.bic, rtol=1e-9)
    for _, row in r[r.m > 0].iterrows():
        assert " ".join(str(i + 1) for i in found.enden[row.m][0]) == row.enden


def test_the_nile_fell_after_1898():
    werte = rates(SERIES["Nile"][10:60] / 10_000, np.nan, np.nan, 1881)
    found = detected(werte, brueche.declared(werte, KATALOG), "niveau", 12)
    assert list(found.letzter_vorher) == [dt.date(1898, 12, 31)]
    assert list(found.datum) == [dt.date(1899, 12, 31)]
    assert list(found.art) == ["festgestellt"]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(5, 15), st.floats(0.1, 100), st.sampled_from(["niveau", "gerade"]))
def test_a_large_step_is_found_where_it_is_and_mirrored_where_it_is_mirrored(seed, place, factor, modell):
    y = np.random.default_rng(seed).normal(0, 0.001, 20) + (np.arange(20) >= place)
    found = segmentation(factor * y[None] + 7, modell, 5)
    assert list(found.enden[1][0]) == [place - 1]
    back = segmentation(-y[None, ::-1], modell, 5)
    assert list(back.enden[1][0]) == [20 - place - 1]
    np.testing.assert_allclose(back.rss[0], found.rss[0] / factor**2, rtol=1e-6)


@pytest.mark.parametrize("modell", ["niveau", "gerade"])
@pytest.mark.parametrize("points", [10, 20])
def test_pure_chance_has_hardly_ever_a_break(points, modell):
    one = rates(np.full(points, 0.2), np.nan, np.nan, 2000)
    werte = one.loc[np.tile(one.index, 1000)].assign(ags=np.repeat([f"{10000 + i}" for i in range(1000)], points))
    werte["anteil"] = np.random.default_rng(points).normal(0.2, 0.01, len(werte))
    assert detected(werte, brueche.declared(werte, KATALOG), modell).ags.nunique() <= 15


def test_a_straight_line_has_no_break():
    line = np.linspace(0.2, 0.4, 20)
    assert segmentation(line[None], "gerade").anzahl[0] == 0
    assert segmentation(np.full((1, 20), 0.3), "niveau").anzahl[0] == 0


def test_series_are_segmented_one_by_one_as_together():
    y = np.random.default_rng(5).normal(size=(6, 20)).cumsum(axis=1)
    together = segmentation(y)
    for row in range(6):
        alone = segmentation(y[[row]])
        assert alone.anzahl[0] == together.anzahl[row]
        np.testing.assert_array_equal(alone.bic[0], together.bic[row])


def test_only_whole_years_after_the_last_declared_break_are_searched():
    step = np.r_[np.full(7, 0.1), np.full(13, 0.3)] + np.random.default_rng(2).normal(0, 0.01, 20)
    werte = pd.concat([rates(step, np.nan, np.nan, 2003, indikator=i) for i in ("rate", "gebrochen")])
    breaks = brueche.declared(werte, KATALOG)
    found = detected(werte, breaks, "niveau")
    assert list(found.indikator) == ["rate"] and found.datum.iloc[0] == dt.date(2010, 12, 31)
    gap = werte[[d.year != 2005 for d in werte.stichtag]]
    assert detected(gap, breaks, "niveau").empty
    assert list(detected(gap, breaks, "niveau")) == COLUMNS


@pytest.mark.parametrize(("points", "modell", "shortest"), [(20, "gerade", 5), (20, "niveau", 3), (60, "gerade", 9)])
def test_the_shortest_segment_is_stated(points, modell, shortest):
    assert shortest_segment(points, modell) == shortest


@pytest.mark.parametrize(
    ("y", "modell", "mindestens", "text"),
    [
        (np.zeros((1, 20)), "kurve", None, "modell='kurve'; expected one of niveau, gerade"),
        (np.zeros((1, 20)), "gerade", 2, "shortest segment of 2 points; expected more than 2"),
        (np.zeros((1, 4)), "gerade", 5, "4 points; expected at least one segment of 5"),
        (np.full((1, 20), np.nan), "gerade", None, "expected series × known values"),
    ],
)
def test_bad_input_is_named(y, modell, mindestens, text):
    with pytest.raises(InputError, match=text):
        segmentation(y, modell, mindestens)
