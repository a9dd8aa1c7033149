import json

import matplotlib
import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from drawn import QUOTE, check_labels, lightness
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import PathPatch, Rectangle

from analysis import figures
from analysis.errors import InputError
from analysis.plots import kacheln, karte, klassen
from analysis.plots.beschriftung import luminance

GEBIET = ROOT / "data" / "musterkreis" / "lieferungen" / "gebiet" / "gemeinden_99099_2024-12-31.geojson"
OWN = "99099013"


@pytest.fixture(scope="module")
def flaechen() -> pd.DataFrame:
    features = json.loads(GEBIET.read_text(encoding="utf-8"))["features"]
    rows = [(f["properties"]["AGS"], f["properties"]["GEN"], json.dumps(f["geometry"])) for f in features]
    return pd.DataFrame(rows, columns=["ags", "name", "geometrie"])


@pytest.fixture(scope="module")
def werte(flaechen) -> pd.DataFrame:
    table = flaechen[["ags"]].assign(anteil=np.linspace(0.03, 0.14, len(flaechen)), grund="")
    table.loc[[3, 8], "anteil"], table.loc[[3, 8], "grund"] = np.nan, ["geheim", "spaeter"]
    return table.drop(index=20)


@pytest.fixture(scope="module")
def orte(flaechen) -> pd.DataFrame:
    middles = [np.mean(json.loads(text)["coordinates"][0], axis=0) for text in flaechen.geometrie]
    return flaechen[["ags"]].assign(laenge=[m[0] for m in middles], breite=[m[1] for m in middles])


def square(x, y, side=1.0) -> list:
    return [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]


def area(ags, *polygons, kind="MultiPolygon") -> dict:
    coordinates = polygons if kind == "MultiPolygon" else polygons[0]
    return {"ags": ags, "name": ags, "geometrie": json.dumps({"type": kind, "coordinates": coordinates})}


def test_the_map_of_the_musterkreis_has_every_area_in_its_class(flaechen, werte):
    figure, (ax,) = figures.new_figure(5)
    assert karte.karte(ax, flaechen, werte, QUOTE, ags=OWN) is ax
    drawn = {patch.get_gid(): patch for patch in ax.patches if patch.get_gid()}
    assert set(drawn) == set(flaechen.ags)
    hatched = {ags for ags, patch in drawn.items() if patch.get_hatch()}
    assert hatched == {flaechen.ags[3], flaechen.ags[8], flaechen.ags[20]}
    low, high = (lightness(drawn[ags].get_facecolor()[:3]) for ags in (flaechen.ags[0], flaechen.ags[29]))
    assert low > high
    legend = [t.get_text() for t in figure.legends[0].get_texts()]
    assert len(legend) == 6 and legend[0].startswith("unter ") and legend[4].startswith("ab ")
    assert legend[5].replace("\n", " ") == "kein Wert: geheim gehalten, liegt noch nicht vor, nicht geliefert"
    assert 3 <= len(ax.texts) <= 7 and "Zettelroda" in {t.get_text() for t in ax.texts}
    check_labels(figure)


def test_holes_stay_empty_and_parts_belong_together():
    outer, hole, island = square(10, 50), square(10.4, 50.4, 0.2), square(12, 50)
    for turned in (hole, hole[::-1]):
        flaechen = pd.DataFrame([area("99001", [outer, turned], [island])])
        _, (ax,) = figures.new_figure(4)
        karte.karte(ax, flaechen, flaechen.assign(anteil=0.1, grund=""), QUOTE)
        (patch,) = [p for p in ax.patches if isinstance(p, PathPatch)]
        figure = ax.figure
        figure.draw_without_rendering()
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        picture = np.asarray(canvas.buffer_rgba())
        shrink = np.cos(np.deg2rad(50.5))

        def colour(x, y, picture=picture, ax=ax, shrink=shrink):
            column, row = ax.transData.transform((x * shrink, y))
            return tuple(picture[picture.shape[0] - 1 - round(row), round(column)][:3])

        assert colour(10.5, 50.5) == (255, 255, 255)
        assert (
            colour(10.1, 50.1)
            == colour(12.5, 50.5)
            == tuple(round(c * 255) for c in matplotlib.colors.to_rgb(patch.get_facecolor()[:3]))
        )


def test_a_square_in_degrees_is_as_wide_as_it_is_on_the_ground():
    flaechen = pd.DataFrame([area("99001", [square(10, 50)], kind="MultiPolygon")])
    _, (ax,) = figures.new_figure(4)
    karte.karte(ax, flaechen, flaechen.assign(anteil=0.1, grund=""), QUOTE)
    points = next(p for p in ax.patches if isinstance(p, PathPatch)).get_path().vertices
    assert np.ptp(points[:, 0]) / np.ptp(points[:, 1]) == pytest.approx(np.cos(np.deg2rad(50.5)))
    assert ax.get_aspect() == 1


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda f: f.iloc[:0], "without areas"),
        (lambda f: pd.concat([f, f[:1]]), "99099001 stands twice among the areas"),
        (lambda f: f.assign(geometrie='{"type": "Point", "coordinates": [1, 2]}'), "geometry of 99099001"),
        (lambda f: f.assign(geometrie="nothing"), "geometry of 99099001"),
    ],
)
def test_areas_that_cannot_be_drawn_are_refused(flaechen, werte, change, message):
    _, (ax,) = figures.new_figure(4)
    with pytest.raises(InputError, match=message):
        karte.karte(ax, change(flaechen), werte, QUOTE)


def test_limits_of_classes_are_as_a_reader_sees_them():
    values = pd.Series([0.04, 0.0496, 0.0504, 0.06, np.nan, 0.12])
    assert list(klassen.klasse(values, [0.05, 0.06], QUOTE)) == [0, 1, 1, 2, -1, 2]
    assert klassen.namen([0.05, 0.06], QUOTE) == ["unter 5,0\u00a0%", "5,0 bis unter\u00a06,0\u00a0%", "ab 6,0\u00a0%"]
    assert klassen.grenzen(pd.Series([0.05] * 9), QUOTE) == [] and klassen.namen([], QUOTE) == ["alle mit Wert"]


@pytest.mark.parametrize("limits", [[0.1, 0.1], [0.2, 0.1], [0.1, 0.2, 0.3, 0.4, 0.5]])
def test_limits_that_do_not_ascend_or_are_too_many_are_refused(limits):
    with pytest.raises(InputError, match="at most 4, ascending"):
        klassen.farben(limits)
    with pytest.raises(InputError, match="6 classes"):
        klassen.grenzen(pd.Series([0.1]), QUOTE, 6)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.integers(1, 5))
@settings(deadline=None)
def test_every_class_holds_a_value(values, count):
    limits = klassen.grenzen(pd.Series(values), QUOTE, count)
    found = klassen.klasse(pd.Series(values), limits, QUOTE)
    assert set(found) == set(range(len(limits) + 1)) and len(limits) < count


def test_classes_can_be_told_apart_in_a_grey_print_and_their_texts_read():
    steps = -np.diff([lightness(colour) for colour in klassen.STUFEN])
    assert steps.min() >= 12
    for colour in klassen.STUFEN:
        light, text = luminance(colour), luminance(kacheln.ink(colour))
        assert (max(light, text) + 0.05) / (min(light, text) + 0.05) >= 4.5


def test_tiles_lie_as_the_areas_do_and_do_not_depend_on_the_order(orte):
    cells = kacheln.positionen(orte)
    assert not cells.duplicated(["spalte", "zeile"]).any()
    assert cells.spalte.corr(orte.laenge) > 0.9 and cells.zeile.corr(-orte.breite) > 0.9
    shuffled = orte.sample(frac=1, random_state=3)
    again = kacheln.positionen(shuffled)
    assert list(again.ags) == list(shuffled.ags)
    pd.testing.assert_frame_equal(
        again.sort_values("ags", ignore_index=True), cells.sort_values("ags", ignore_index=True)
    )


def test_a_grid_of_places_is_kept_as_it_is():
    x, y = (a.ravel() for a in np.meshgrid(np.arange(4), np.arange(3)))
    cells = kacheln.positionen(
        pd.DataFrame({"ags": [f"{n:05d}" for n in range(12)], "laenge": 10 + x * 0.1, "breite": 50 - y * 0.05}),
        spalten=4,
    )
    assert list(cells.spalte) == list(x)
    assert (np.diff(cells.zeile.to_numpy().reshape(3, 4)[:, 0]) > 0).all()


@pytest.mark.parametrize("n", [1, 2, 3])
def test_few_places_or_places_in_a_row_have_cells_too(n):
    cells = kacheln.positionen(
        pd.DataFrame({"ags": list("abc")[:n], "laenge": [10.0] * n, "breite": [50.0, 51, 52][:n]})
    )
    assert list(cells.zeile) == list(range(n))[::-1] and set(cells.spalte) == {0}


@pytest.mark.parametrize(
    "orte, message",
    [
        (pd.DataFrame({"ags": ["a", "a"], "laenge": [1.0, 2], "breite": [1.0, 2]}), "a stands twice"),
        (pd.DataFrame({"ags": ["a", "b"], "laenge": [1.0, np.nan], "breite": [1.0, 2]}), "b has no coordinates"),
    ],
)
def test_places_that_cannot_be_put_are_refused(orte, message):
    with pytest.raises(InputError, match=message):
        kacheln.positionen(orte)


def test_the_map_of_tiles_has_every_area_with_name_and_value(flaechen, werte, orte):
    figure, (ax,) = figures.new_figure(5.6)
    assert kacheln.kacheln(ax, flaechen.merge(kacheln.positionen(orte)), werte, QUOTE, ags=OWN) is ax
    tiles = [patch for patch in ax.patches if isinstance(patch, Rectangle) and patch.get_gid()]
    assert {patch.get_gid() for patch in tiles} == set(flaechen.ags)
    texts = [t.get_text() for t in ax.texts]
    assert (
        len(set(texts)) == 30 and any(t.endswith("\n3,0") for t in texts) and sum(t.endswith("\n–") for t in texts) == 3
    )
    check_labels(figure)


def test_many_small_tiles_have_short_names_only():
    generator = np.random.default_rng(2)
    keys = [f"{n:05d}" for n in range(100)]
    places = pd.DataFrame(
        {"ags": keys, "laenge": generator.uniform(10, 12, 100), "breite": generator.uniform(50, 51, 100)}
    )
    table = places.assign(name=[f"Ort {chr(65 + n % 26)}{chr(65 + n // 26)}dorf" for n in range(100)])
    table = table.merge(kacheln.positionen(places))
    figure, (ax,) = figures.new_figure(5)
    kacheln.kacheln(ax, table, table.assign(anteil=generator.uniform(0, 0.2, 100), grund=""), QUOTE)
    assert len({t.get_text() for t in ax.texts}) == 100 and all("\n" not in t.get_text() for t in ax.texts)
    check_labels(figure)


@given(st.lists(st.text("abcdefgh -", min_size=1, max_size=14), max_size=40), st.integers(4, 9))
@settings(deadline=None)
def test_short_names_differ_and_are_short(names, letters):
    short = kacheln.kuerzel(names, letters)
    assert len(set(short)) == len(names) and all(len(name) <= letters for name in short)
