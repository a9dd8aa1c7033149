"""Figures of groups: labels find room, groups are told apart in grey and by their numbers, texts say the finding."""

import json

import numpy as np
import pandas as pd
import pytest
from drawn import check_labels, lightness

from analysis import figures
from analysis.bildtexte import gruppen as texte
from analysis.clusters.verfahren import tree
from analysis.errors import InputError
from analysis.plots import gruppen
from analysis.plots.beschriftung import luminance
from analysis.plots.kacheln import positionen

NAMEN = {1: "mehr Menschen ab 65 Jahren, weniger Kinder und Jugendliche", 2: "mehr Arbeitslose"}


def areas(count: int) -> pd.DataFrame:
    """Squares side by side, every third in group 2, the last one in none, the first one unsure."""
    n = np.arange(count)
    x, y = 9 + n % 6 * 0.1, 50 + n // 6 * 0.1
    rings = [[[a, b], [a + 0.1, b], [a + 0.1, b + 0.1], [a, b + 0.1], [a, b]] for a, b in zip(x, y, strict=True)]
    table = pd.DataFrame({"ags": [f"990990{i:02d}" for i in n], "name": [f"Lindenhausen {i}" for i in n]})
    table["geometrie"] = [json.dumps({"type": "Polygon", "coordinates": [ring]}) for ring in rings]
    table = table.assign(laenge=x, breite=y, gruppe=np.where(n % 3 == 0, 2, 1), sicher=n > 0)
    table.loc[count - 1, "gruppe"] = 0
    return table


def test_a_map_of_groups_carries_numbers_and_says_what_is_unsure():
    table = areas(18)
    figure, (ax,) = figures.new_figure(5.0)
    gruppen.karte(ax, table[["ags", "geometrie"]], table[["ags", "gruppe", "sicher"]], NAMEN, "99099")
    check_labels(figure)
    numbers = [t.get_text() for t in ax.texts]
    assert numbers.count("2") == 6 and numbers.count("1") == 11
    legend = [t.get_text().replace("\n", " ") for t in figure.legends[0].get_texts()]
    assert legend[1:] == ["2: mehr Arbeitslose", "Punkte: nicht sicher", "in keiner Gruppe"]
    text = texte.karte(table, NAMEN)
    assert "18 Gebieten in 2 Gruppen" in text and "In keiner Gruppe: ein Gebiet." in text
    assert "Nicht sicher ist die Gruppe bei einem Gebiet." in text


def test_dots_of_unsure_places_differ_from_their_ground():
    table = areas(18).assign(gruppe=np.arange(18) % 8 + 1, sicher=False)
    figure, (ax,) = figures.new_figure(5.0)
    gruppen.karte(ax, table[["ags", "geometrie"]], table[["ags", "gruppe", "sicher"]], dict.fromkeys(range(1, 9), "x"))
    for patch in ax.patches[:8]:
        one, other = sorted(map(luminance, (patch.get_facecolor()[:3], patch.get_hatchcolor()[:3])))
        assert (other + 0.05) / (one + 0.05) >= 3


def test_a_map_of_tiles_carries_names():
    table = areas(18)
    places = table[["ags", "name", "laenge", "breite"]].merge(positionen(table), on="ags")
    figure, (ax,) = figures.new_figure(5.0)
    gruppen.kacheln(ax, places, table[["ags", "gruppe", "sicher"]], NAMEN)
    check_labels(figure)
    assert len({t.get_text().split("\n")[0] for t in ax.texts}) == 18


def test_the_own_kreis_is_outlined_within_its_land():
    table = areas(12).assign(ags=lambda t: t.ags.where(t.index > 3, t.ags.str.replace("99099", "99098")))
    figure, (ax,) = figures.new_figure(4.0)
    gruppen.karte(ax, table[["ags", "geometrie"]], table[["ags", "gruppe", "sicher"]], NAMEN, "99098")
    assert sum(patch.get_linewidth() == 1.6 for patch in ax.patches) == 4


@pytest.mark.parametrize("count", [12, 60, 90])
def test_a_tree_names_its_areas_as_far_as_they_find_room(count):
    x = np.random.default_rng(2).normal(size=(count, 3)) + np.repeat([[0], [6]], count // 2, axis=0)
    linkage = tree(x, "ward")
    labels = np.repeat([1, 2], count // 2)
    figure, (ax,) = figures.new_figure(1.2 + 0.2 * min(count, gruppen.BLAETTER))
    gruppen.baum(ax, linkage, [f"Lindenhausen {i}" for i in range(count)], labels, 2)
    check_labels(figure)
    ticks = [t.get_text() for t in ax.get_yticklabels()]
    if count <= gruppen.BLAETTER:
        assert sorted(ticks) == sorted(f"{g}  Lindenhausen {i}" for i, g in enumerate(labels))
    else:
        assert sum(int(t.split()[0]) for t in ticks) == count
    (cut,) = [line.get_xdata()[0] for line in ax.lines if "Schnitt" in str(line.get_label())]
    assert linkage[-2, 2] < cut < linkage[-1, 2]
    half = count // 2
    assert f"trennt 2 Gruppen mit {half} und {half} Gebieten" in texte.baum(linkage, labels, 2)
    assert "keinen Schnitt" in texte.baum(linkage, labels * 0, 1)


def test_a_heat_map_shows_every_number():
    table = pd.DataFrame(
        [[1.24, -0.04], [np.nan, -2.0]],
        index=["Menschen ab 65 Jahren mit einem sehr langen Namen", "Arbeitslose"], columns=["Gruppe 1", "Gruppe 2"],
    )  # fmt: skip
    figure, (ax,) = figures.new_figure(2.0)
    gruppen.waermebild(ax, table)
    check_labels(figure)
    assert [t.get_text() for t in ax.texts] == ["+1,2", "0,0", "–", "−2,0"]
    text = texte.waermebild(table)
    assert "unter dem Mittel: Gruppe 2, Arbeitslose (2,0)" in text and "2 von 3 Feldern" in text
    assert texte.waermebild(table * np.nan).startswith("Leere Farbtafel")


def test_colours_of_the_first_groups_differ_in_grey():
    grey = sorted(lightness(gruppen.farbe(n)) for n in range(1, 5))
    assert min(np.diff(grey)) >= 8
    with pytest.raises(InputError, match="group 9; expected 1 to 8"):
        gruppen.farbe(9)
