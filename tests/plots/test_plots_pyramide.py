import numpy as np
import pandas as pd
import pytest
from drawn import check_labels

from analysis import figures
from analysis.errors import InputError
from analysis.plots import pyramide


def people(width=5, last=95, citizens=False) -> pd.DataFrame:
    ages = np.arange(0, last + width, width)
    rows = [(a, s, 100 + 2 * a + (s == "w")) for s in "mw" for a in ages]
    table = pd.DataFrame(rows, columns=["alter", "geschlecht", "personen"]).astype({"personen": float})
    if not citizens:
        return table
    foreign = table.assign(staatsangehoerigkeit="nichtdeutsch", personen=table.personen // 10)
    return pd.concat([table.assign(staatsangehoerigkeit="deutsch"), foreign], ignore_index=True)


@pytest.mark.parametrize("width", [1, 5])
def test_men_stand_left_and_women_right_and_the_last_group_is_open(width):
    table = people(width)
    figure, (ax,) = figures.new_figure(4.6)
    assert pyramide.pyramide(ax, table.sample(frac=1, random_state=1)) is ax
    bars = {(bar.get_y(), np.sign(bar.get_width())): bar.get_width() for bar in ax.patches}
    expected = {
        (row.alter, -1 if row.geschlecht == "m" else 1): row.personen * (-1 if row.geschlecht == "m" else 1)
        for row in table.itertuples()
    }
    assert bars == expected
    figure.draw_without_rendering()
    assert ax.get_yticklabels()[-1].get_text() == "95 und älter"
    assert all("\u2212" not in t.get_text() for t in ax.get_xticklabels())
    check_labels(figure)


def test_citizenship_is_shaded_and_a_missing_number_is_marked_not_drawn_as_zero():
    table = people(citizens=True)
    table.loc[
        (table.alter == 90) & (table.geschlecht == "w") & (table.staatsangehoerigkeit == "nichtdeutsch"), "personen"
    ] = np.nan
    figure, (ax,) = figures.new_figure(4.6)
    pyramide.pyramide(ax, table)
    assert len({bar.get_facecolor() for bar in ax.patches}) == 4
    marks = np.concatenate([c.get_offsets() for c in ax.collections])
    assert marks.tolist() == [[281, 92.5]]
    outer = [bar for bar in ax.patches if bar.get_y() == 50 and bar.get_x() == 201]
    assert [bar.get_width() for bar in outer] == [20]
    legend = [t.get_text() for t in figure.legends[0].get_texts()]
    assert legend == ["deutsch", "ohne deutschen Pass", "kein Wert"]
    check_labels(figure)


def test_the_outline_of_another_area_is_compared_in_shares():
    table = people()
    figure, (ax,) = figures.new_figure(4.6)
    pyramide.pyramide(
        ax, table, vergleich=table.assign(personen=table.personen * 9), vergleich_text="Kreis", anteile=True
    )
    outlines = [patch for patch in ax.patches if hasattr(patch, "get_data")]
    men = -table.personen[table.geschlecht == "m"] / table.personen.sum() * 100
    np.testing.assert_allclose(outlines[0].get_data().values, men)
    widths = [bar.get_width() for bar in ax.patches if hasattr(bar, "get_width")]
    assert np.abs(widths).sum() == pytest.approx(100)
    assert ax.get_xlabel() == "Anteil an allen in %"
    check_labels(figure)


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda t: t.assign(geschlecht="d"), "sex 'd'; expected m or w"),
        (lambda t: t.assign(personen=-1.0), "-1 persons"),
        (lambda t: pd.concat([t, t[:1]]), "age 0, sex m stands twice"),
        (lambda t: t[t.alter != 40], "groups of 5, 10 years"),
    ],
)
def test_tables_that_are_no_pyramid_are_refused(change, message):
    _, (ax,) = figures.new_figure(4)
    with pytest.raises(InputError, match=message):
        pyramide.pyramide(ax, change(people()))
