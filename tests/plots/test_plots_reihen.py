import datetime as dt

import numpy as np
import pandas as pd
import pytest
from drawn import QUOTE, check_labels
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import figures
from analysis.catalogue import katalog
from analysis.errors import InputError
from analysis.plots import reihen
from analysis.plots.beschriftung import spread, text_rows
from analysis.plots.zeitachse import segments


def series(values, first=2012, id="arbeitslosenquote", half=0.004) -> pd.DataFrame:
    table = pd.DataFrame(
        {"indikator": id, "stichtag": [dt.date(first + n, 12, 31) for n in range(len(values))], "anteil": values}
    )
    return table.assign(unten=table.anteil - half, oben=table.anteil + half)


def breaks(*rows) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["indikator", "datum", "art", "kurz"])


VALUES = [0.071, 0.07, 0.073, 0.069, 0.068, 0.072, 0.077, 0.081, 0.078, 0.073, 0.071, 0.070, 0.063]
ZENSUS = ("arbeitslosenquote", dt.date(2022, 5, 15), "erklaert", "Zensus 2022")
ERKANNT = ("arbeitslosenquote", dt.date(2018, 12, 31), "erkannt", "erkannt")


def drawn_lines(ax) -> list[tuple[list, list]]:
    """x (years) and y of the lines of the area, without break lines."""
    return [
        (list(np.round(line.get_xdata(), 2)), list(np.round(line.get_ydata(), 3)))
        for line in ax.lines
        if line.get_color() == figures.HERVOR
    ]


def test_values_stand_above_their_years_and_no_line_crosses_a_break_or_a_gap():
    figure, (ax,) = figures.new_figure(3)
    table = series(VALUES).drop(index=4)  # 2016
    assert reihen.reihe(ax, table.sample(frac=1, random_state=1), QUOTE, breaks(ZENSUS, ERKANNT)) is ax
    lines = drawn_lines(ax)
    assert [x for x, _ in lines] == [[2012, 2013, 2014, 2015], [2017], [2018, 2019, 2020, 2021], [2022, 2023, 2024]]
    assert lines[0][1] == [7.1, 7.0, 7.3, 6.9]
    at = {line.get_linestyle(): line.get_xdata()[0] for line in ax.lines if line.get_color() == "#333333"}
    assert at["--"] == 2021.5  # half-way between the values of 31.12.2021 and 31.12.2022
    assert at[":"] == 2017.5  # the value of the day of the break stands after it
    words = {text.get_text() for text in ax.texts}
    assert {"Zensus 2022", "erkannt", "6,3\u00a0%"} <= words
    check_labels(figure)


def test_a_missing_value_is_a_gap_too_and_dates_within_a_year_keep_their_places():
    values = [*VALUES[:3], np.nan, *VALUES[4:]]
    assert list(segments(series(values))[[2, 4]]) == [0, 2]
    quarters = pd.DataFrame({"stichtag": pd.date_range("2022-03-31", periods=8, freq="QE").date, "anteil": 0.07})
    figure, (ax,) = figures.new_figure(3)
    reihen.reihe(ax, quarters.assign(unten=0.06, oben=0.08), QUOTE)
    (x, _), *rest = drawn_lines(ax)
    assert not rest and x[0] == pytest.approx(2022.25, abs=0.01) and x[-1] == pytest.approx(2024, abs=0.01)


def test_the_interval_is_a_band_and_a_rate_without_interval_has_none():
    figure, (ax,) = figures.new_figure(3)
    reihen.reihe(ax, series(VALUES), QUOTE)
    (band,) = ax.collections
    y = band.get_paths()[0].vertices[:, 1]
    assert y.min() == pytest.approx(5.9) and y.max() == pytest.approx(8.5)
    _, (ax,) = figures.new_figure(3)
    reihen.reihe(ax, series(VALUES).assign(unten=np.nan, oben=np.nan), QUOTE)
    assert not ax.collections


def test_an_axis_that_does_not_begin_at_zero_says_so():
    for values, expected in ((VALUES, True), ([0.01, 0.05, 0.09], False)):
        _, (ax,) = figures.new_figure(3)
        reihen.reihe(ax, series(values, half=0.002), QUOTE)
        assert any("beginnt nicht bei null" in t.get_text() for t in ax.texts) is expected
        assert (ax.get_ylim()[0] > 0) == expected
        assert any(t.get_text().startswith("Anteil in %") for t in ax.texts)


def test_years_have_no_point_and_values_a_comma():
    figure, (ax,) = figures.new_figure(3)
    reihen.reihe(ax, series([0.0712, 0.0716, 0.0719], half=0.0001), QUOTE)
    figure.draw_without_rendering()
    assert {t.get_text() for t in ax.get_xticklabels()} >= {"2012", "2013", "2014"}
    texts = [t.get_text() for t in ax.get_yticklabels()]
    assert len(set(texts)) == len(texts) and all("." not in t and "," in t for t in texts)


def test_small_multiples_share_the_years_and_keep_their_labels_apart():
    ids = ["arbeitslosenquote", "anteil_ab_65", "anteil_unter_18"]
    werte = pd.concat([series(VALUES), series(np.array(VALUES) * 3.4, id=ids[1]), series([0.17, 0.16], 2020, ids[2])])
    vergleich = werte.assign(anteil=werte.anteil * 1.003)  # ends nearly where the own line ends
    found = breaks(
        ZENSUS, *[(ids[1], dt.date(2021, m, 1), "erklaert", w) for m, w in ((7, "Eisenach"), (9, "Gemeinde X"))]
    )
    figure, axes = figures.new_figure(1.8 * 3, 3)
    indikatoren = [katalog().indikator(id) for id in ids]
    assert reihen.reihen(axes, werte, indikatoren, found, vergleich=vergleich, vergleich_text="Thüringen") == axes
    assert len({ax.get_xlim() for ax in axes}) == 1
    assert [ax.get_title(loc="left") for ax in axes] == [i.kurz for i in indikatoren]
    check_labels(figure)
    assert all(sum("Thüringen" in t.get_text() for t in ax.texts) == 1 for ax in axes)


@pytest.mark.parametrize("line", [True, False])
def test_a_forecast_begins_at_the_newest_value_and_a_range_has_no_line(line):
    later = series([0.065, 0.066, 0.067], 2025)
    later["unten"], later["oben"] = [0.06, 0.058, 0.055], [0.07, 0.074, 0.079]
    figure, (ax,) = figures.new_figure(3)
    reihen.reihe(ax, series(VALUES), QUOTE, vorausschau=later if line else later.assign(anteil=np.nan))
    dashed = [drawn for drawn in ax.lines if drawn.get_color() == figures.FARBEN[1]]
    assert len(dashed) == line
    if line:
        assert list(np.round(dashed[0].get_ydata(), 2)) == [6.3, 6.5, 6.6, 6.7]
    legend = [t.get_text() for t in figure.legends[0].get_texts()]
    assert ("Vorausschau mit Schwankungsbereich" in legend) is line
    assert ("Spanne der bisherigen Werte" in legend) is not line
    check_labels(figure)


def test_a_series_without_values_says_so():
    figure, (ax,) = figures.new_figure(2)
    reihen.reihe(ax, series([np.nan, np.nan]), QUOTE, breaks(ZENSUS))
    assert "keine Werte" in [t.get_text() for t in ax.texts]
    check_labels(figure)


def test_a_break_without_a_short_word_is_called_by_its_year():
    figure, (ax,) = figures.new_figure(3)
    reihen.reihe(ax, series(VALUES), QUOTE, breaks((*ZENSUS[:3], np.nan), (*ERKANNT[:3], np.nan)))
    assert {"Bruch 2022", "erkannt"} <= {t.get_text() for t in ax.texts}


def test_a_change_of_slope_stands_where_it_is_with_its_interval_and_parts_nothing():
    knick = breaks(("arbeitslosenquote", dt.date(2018, 8, 1), "knick", np.nan))
    figure, (ax,) = figures.new_figure(3)
    reihen.reihe(ax, series(VALUES), QUOTE, knick.assign(jahr=2017.6, jahr_unten=2016.9, jahr_oben=2019.1))
    assert [len(x) for x, _ in drawn_lines(ax)] == [13]
    (line,) = [line for line in ax.lines if line.get_color() == "#333333"]
    assert line.get_xdata()[0] == pytest.approx(2017.58, abs=0.01)
    (band,) = ax.patches
    np.testing.assert_allclose([band.get_x(), band.get_width()], [line.get_xdata()[0] - 0.7, 2.2])
    assert "Knick erkannt" in {t.get_text() for t in ax.texts}
    assert "erkannter Knick" in [t.get_text() for t in figure.legends[0].get_texts()]
    check_labels(figure)


def test_two_values_of_one_date_are_refused():
    _, (ax,) = figures.new_figure(2)
    with pytest.raises(InputError, match="arbeitslosenquote: 2012-12-31 stands twice"):
        reihen.reihe(ax, pd.concat([series(VALUES), series([0.08])]), QUOTE)


def test_drawing_changes_no_data():
    table, found = series(VALUES), breaks(ZENSUS)
    before = table.copy(), found.copy()
    _, (ax,) = figures.new_figure(3)
    reihen.reihe(ax, table, QUOTE, found, vergleich=table, vorausschau=series([0.06], 2025))
    pd.testing.assert_frame_equal(table, before[0])
    pd.testing.assert_frame_equal(found, before[1])


@settings(deadline=None)  # the first call loads a part of scipy
@given(st.lists(st.floats(0, 100), min_size=1, max_size=12), st.floats(0.1, 8))
def test_spread_labels_keep_their_order_and_distance_and_stay_where_there_is_room(wanted, gap):
    placed = spread(np.array(wanted), gap, 0, 100)
    ordered = placed[np.argsort(wanted, kind="stable")]
    assert (np.diff(ordered) >= gap - 1e-9).all()
    assert placed.min() >= -1e-9 and placed.max() <= 100 + 1e-6
    if len(wanted) == 1 or np.diff(np.sort(wanted)).min() >= gap:
        np.testing.assert_allclose(placed, wanted, atol=1e-9)


def test_texts_that_would_overlap_stand_in_rows():
    assert text_rows(np.array([0, 4, 11]), np.array([5, 9, 14])) == [0, 1, 0]
