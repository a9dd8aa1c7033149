import io

import matplotlib.colors
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from analysis import figures
from analysis.catalogue import katalog
from analysis.plots import kreise


@pytest.fixture
def werte():
    return pd.DataFrame(
        {
            "ags": ["a", "b", "c"],
            "name": ["Adorf", "Bedorf", "Cedorf"],
            "anteil": [0.05, 0.08, np.nan],
            "unten": [0.04, np.nan, np.nan],
            "oben": [0.06, np.nan, np.nan],
        }
    )


def test_dots_stand_at_their_values_and_a_missing_value_is_no_dot(werte):
    _, (ax,) = figures.new_figure(2)
    assert kreise.punkte(ax, werte, "a", katalog().indikator("arbeitslosenquote")) is ax
    points = np.concatenate(
        [c.get_offsets() for c in ax.collections if c.get_offsets().size and len(c.get_offsets()) > 1]
    )
    assert sorted(points[:, 0]) == pytest.approx([5, 8])
    assert [t.get_text() for t in ax.get_yticklabels()] == ["Bedorf", "Adorf"]
    assert ax.get_xlabel() == "Anteil in %"


def test_a_strip_says_the_own_value_and_when_there_is_none(werte):
    indikator = katalog().indikator("arbeitslosenquote")
    _, axes = figures.new_figure(2, 2)
    kreise.streifen(axes[0], werte, "a", indikator)
    kreise.streifen(axes[1], werte, "c", indikator)
    assert axes[0].get_title(loc="left").replace("\u00a0", " ") == "Arbeitslosenquote: 5,0 % (Rang 2)"
    assert axes[1].get_title(loc="left") == "Arbeitslosenquote: keine Angabe"


def test_colours_can_be_told_apart_in_a_grey_print():
    """CIE lightness of the group colours differs by at least 12 between neighbours."""

    def lightness(colour: str) -> float:
        rgb = np.array(matplotlib.colors.to_rgb(colour))
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        y = linear @ [0.2126, 0.7152, 0.0722]
        return 116 * y ** (1 / 3) - 16

    ordered = sorted(map(lightness, figures.FARBEN))
    assert min(np.diff(ordered)) >= 11.5  # the study rounds to 12


def test_drawing_changes_no_data(werte):
    before = werte.copy()
    _, axes = figures.new_figure(2, 2)
    kreise.punkte(axes[0], werte, "a", katalog().indikator("arbeitslosenquote"))
    kreise.streifen(axes[1], werte, "a", katalog().indikator("arbeitslosenquote"))
    pd.testing.assert_frame_equal(werte, before)


@pytest.mark.parametrize("id", list(katalog().indikatoren))
def test_no_title_of_a_strip_is_cut_off(werte, id):
    figure, axes = figures.new_figure(1.05 * 2, 2)
    for ax in axes:
        kreise.streifen(ax, werte.assign(anteil=werte.anteil * 9), "a", katalog().indikator(id))
    figure.draw_without_rendering()
    for ax in axes:
        box = ax._left_title.get_window_extent()
        assert box.x0 >= 0 and box.x1 <= figure.bbox.width, ax.get_title(loc="left")
        assert box.y1 <= figure.bbox.height


def test_a_figure_drawn_once_has_the_pixels_that_savefig_draws():
    def drawn():
        figure, axes = figures.new_figure(3, zeilen=2)
        for ax in axes:
            ax.plot([2019, 2020, 2021], [3.2, 7.9, 5.5], "-o", label="Anteil")
            ax.set_title("Arbeitslosenquote")
            ax.annotate("Bruch 2020", (2020, 1), xycoords=("data", "axes fraction"), annotation_clip=False)
            figures.german_axis(ax)
        figure.legend(loc="outside lower left")
        return figure

    saved, figure = io.BytesIO(), drawn()
    with matplotlib.rc_context(figures.STIL):
        figure.savefig(saved, format="png", dpi=figures.DPI)
    expected = Image.open(saved).convert("RGB")
    expected = expected.quantize(figures.PALETTE, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    png, *size = figures._png(drawn())
    assert tuple(size) == expected.size
    assert Image.open(io.BytesIO(png)).convert("RGB").tobytes() == expected.convert("RGB").tobytes()
