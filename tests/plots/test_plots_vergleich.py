import datetime as dt

import numpy as np
import pandas as pd
import pytest
from drawn import QUOTE, check_labels
from matplotlib.collections import PathCollection

from analysis import figures
from analysis.errors import InputError
from analysis.plots import vergleich

NAMEN = ["Altenburger Land", "Eichsfeld", "Gera", "Gotha", "Greiz", "Hildburghausen", "Ilm-Kreis", "Jena",
         "Kyffhäuserkreis", "Nordhausen", "Saale-Holzland-Kreis", "Saalfeld-Rudolstadt", "Schmalkalden-Meiningen",
         "Sömmerda", "Weimarer Land"]  # fmt: skip
OWN = "00006"


def areas(values, day=dt.date(2024, 12, 31)) -> pd.DataFrame:
    keys = [f"{n:05d}" for n in range(len(values))]
    return pd.DataFrame({"ags": keys, "name": NAMEN[: len(values)], "stichtag": day, "anteil": values})


@pytest.fixture
def two_days():
    generator = np.random.default_rng(5)
    before = generator.uniform(0.05, 0.08, 15)
    after = before * generator.uniform(0.9, 1.1, 15)
    return pd.concat([areas(before, dt.date(2019, 12, 31)), areas(after)], ignore_index=True)


def labels_at(ax, x) -> list[str]:
    return [t.get_text() for t in ax.texts if t.get_visible() and t.xy[0] == x]


def test_a_slope_chart_joins_both_dates_and_sets_one_area_off(two_days):
    figure, (ax,) = figures.new_figure(4.4)
    assert vergleich.steigung(ax, two_days, OWN, QUOTE) is ax
    own = [line for line in ax.lines if line.get_color() == figures.HERVOR]
    assert len(ax.lines) == 15 and len(own) == 1
    assert list(own[0].get_ydata()) == pytest.approx(two_days.anteil[two_days.ags == OWN] * 100)
    assert len(labels_at(ax, 1)) == 15 and any("Ilm-Kreis" in t for t in labels_at(ax, 1))
    assert [t.get_text() for t in ax.get_xticklabels()] == ["31.12.2019", "31.12.2024"]
    check_labels(figure)


def test_a_low_slope_chart_names_only_the_own_and_the_ends(two_days):
    figure, (ax,) = figures.new_figure(2)
    vergleich.steigung(ax, two_days, OWN, QUOTE)
    assert len(ax.lines) == 15 and 6 <= len(labels_at(ax, 1)) <= 7
    assert any("Ilm-Kreis" in t for t in labels_at(ax, 1))
    check_labels(figure)


def test_an_area_with_one_date_only_is_no_line_and_other_numbers_of_dates_are_refused(two_days):
    figure, (ax,) = figures.new_figure(4)
    vergleich.steigung(ax, two_days.drop(index=3), OWN, QUOTE)
    assert len(ax.lines) == 14
    with pytest.raises(InputError, match="1 dates; expected two"):
        vergleich.steigung(ax, two_days[:15], OWN, QUOTE)


def ranked() -> pd.DataFrame:
    table = areas(np.linspace(0.05, 0.12, 15))
    table = table.assign(unten=table.anteil - 0.005, oben=table.anteil + 0.005, rang=table.anteil.rank(ascending=False))
    return table.assign(rang_unten=(table.rang - 2).clip(1), rang_oben=(table.rang + 2).clip(upper=15))


def test_dots_stand_from_high_to_low_with_the_range_of_their_rank():
    table = ranked()
    table.loc[3, ["unten", "oben", "rang_unten", "rang_oben"]] = np.nan
    table.loc[4, "anteil"] = np.nan
    figure, (ax,) = figures.new_figure(4.4)
    assert vergleich.rangpunkte(ax, table, OWN, QUOTE) is ax
    assert [t.get_text() for t in ax.get_yticklabels()] == list(table.name.drop(4))[::-1]
    texts = [t.get_text() for t in ax.texts]
    assert texts[0] == "1 (1–3)" and "12" in texts and texts[-1] == "Rang (Spanne)"
    points = np.concatenate([c.get_offsets() for c in ax.collections if isinstance(c, PathCollection)])
    assert sorted(points[:, 0]) == pytest.approx(sorted(table.anteil.dropna() * 100))
    check_labels(figure)


def test_the_grid_names_areas_in_their_cells_and_counts_where_names_do_not_fit():
    table = areas(np.zeros(15)).assign(status="mittel", dynamik="stabil", klasse_sicher=True)
    table.loc[:2, ["status", "dynamik"]] = ["sehr niedrig", "negativ"]
    table.loc[1, "klasse_sicher"] = False
    table.loc[14, ["status", "dynamik"]] = ""
    figure, (ax,) = figures.new_figure(4.2)
    assert vergleich.status_dynamik(ax, table, OWN) is ax
    assert len(ax.patches) == 12
    cells: dict = {}
    for text in ax.texts:
        cells.setdefault(text.xy, []).append(text.get_text())
    assert cells == {
        (2.5, 3.5): ["Altenburger Land", "(Eichsfeld)", "Gera"],
        (1.5, 1.5): ["Ilm-Kreis", "und 10 weitere"],
    }
    check_labels(figure)


def test_an_unknown_class_is_refused():
    table = areas(np.zeros(2)).assign(status="gut", dynamik="stabil")
    _, (ax,) = figures.new_figure(3)
    with pytest.raises(InputError, match="status 'gut'; expected one of hoch, mittel"):
        vergleich.status_dynamik(ax, table)
