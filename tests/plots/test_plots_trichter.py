import numpy as np
import pandas as pd
import pytest
from drawn import QUOTE, check_labels
from matplotlib.collections import PathCollection

from analysis import figures
from analysis.plots import trichter

MITTEL = 0.09


def limits(nenner) -> pd.DataFrame:
    error = np.sqrt(MITTEL * (1 - MITTEL) / nenner)
    columns = {f"{side}_{level}": MITTEL + sign * z * error for level, z in (("95", 1.96), ("998", 3.09))
               for side, sign in (("unten", -1), ("oben", 1))}  # fmt: skip
    return pd.DataFrame(columns).clip(lower=0).assign(nenner=nenner)


@pytest.fixture
def werte() -> pd.DataFrame:
    generator = np.random.default_rng(4)
    sizes = np.exp(generator.uniform(np.log(300), np.log(30000), 25)).round()
    shares = generator.binomial(sizes.astype(int), MITTEL) / sizes
    table = pd.DataFrame({"ags": [f"{n:05d}" for n in range(25)], "name": [f"Ort {n}" for n in range(25)],
                          "anteil": shares, "nenner": sizes, "lage": "innerhalb"})  # fmt: skip
    table.loc[3, ["anteil", "lage"]] = [0.16, "ueber_998"]
    return table


def test_every_area_is_a_point_within_the_limits_as_given(werte):
    lines = limits(np.geomspace(200, 40000, 80))
    figure, (ax,) = figures.new_figure(3.8)
    assert trichter.trichter(ax, werte, lines.sample(frac=1, random_state=1), MITTEL, QUOTE, "00007") is ax
    points = np.concatenate([c.get_offsets() for c in ax.collections if isinstance(c, PathCollection)])
    assert sorted(points[:, 1]) == pytest.approx(sorted(werte.anteil * 100))
    np.testing.assert_allclose(ax.lines[0].get_ydata(), lines.unten_95 * 100)
    assert len(ax.lines) == 5
    names = {t.get_text() for t in ax.texts}
    assert {"Ort 7", "Ort 3"} == names
    figure.draw_without_rendering()
    low, high = ax.get_xlim()
    ticks = [t.get_text() for x, t in zip(ax.get_xticks(), ax.get_xticklabels(), strict=True) if low <= x <= high]
    assert "1.000" in ticks and "10.000" in ticks
    assert "gestauchte Achse" in ax.get_xlabel()
    check_labels(figure)


def test_areas_of_like_size_have_an_even_axis_and_the_own_name_is_never_left_out(werte):
    crowded = werte.assign(nenner=np.linspace(1000, 1001, 25), anteil=np.linspace(0.09, 0.0901, 25))
    figure, (ax,) = figures.new_figure(3.8)
    trichter.trichter(ax, crowded, limits(np.linspace(900, 1100, 20)), MITTEL, QUOTE, "00012")
    assert ax.get_xscale() == "linear" and "Ort 12" in {t.get_text() for t in ax.texts}
    check_labels(figure)


def test_areas_without_value_are_left_out(werte):
    werte.loc[:4, "anteil"] = np.nan
    _, (ax,) = figures.new_figure(3.8)
    trichter.trichter(ax, werte, limits(np.geomspace(200, 40000, 80)), MITTEL, QUOTE)
    assert sum(len(c.get_offsets()) for c in ax.collections) == 20
