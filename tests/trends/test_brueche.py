"""Declared breaks: which series they cut, and on which side a value lies."""

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from trends.series import catalogue_of, shares

from analysis import catalogue
from analysis.errors import InputError
from analysis.trends import brueche

CENSUS = dt.date(2022, 5, 15)
EISENACH = dt.date(2021, 7, 1)
KATALOG = catalogue_of(quote=("anteil", ()), gebrochen=("anteil", (CENSUS, dt.date(2011, 5, 9))))


def test_breaks_of_indicator_and_territory_come_together():
    werte = pd.concat([shares([1], 2, 2020, ags="16063", indikator=i) for i in ("quote", "gebrochen")])
    found = brueche.declared(werte, KATALOG)
    assert list(found.datum) == [dt.date(2011, 5, 9), EISENACH, CENSUS, EISENACH]
    assert set(found.art) == {"erklaert"}
    assert "Eisenach" in found.grund.iloc[1]
    assert len(brueche.declared(werte, KATALOG, aenderungen=())) == 2


@pytest.mark.parametrize(
    ("ags", "cut"),
    [("16063", True), ("16056", True), ("16063076", True), ("16056.ost", True), ("16077", False), ("16", False)],
)
def test_a_territorial_change_cuts_both_kreise_and_what_lies_inside(ags, cut):
    assert len(brueche.declared(shares([1], 2, 2020, ags=ags), KATALOG)) == cut


def test_the_shipped_census_breaks_are_found():
    werte = shares([1], 2, 2020, indikator="anteil_unter_18")
    found = brueche.declared(werte, catalogue.katalog())
    assert list(found.datum) == [dt.date(2011, 5, 9), CENSUS]


def test_an_average_of_a_year_with_a_break_belongs_to_neither_side():
    rates = pd.concat([shares([1] * 4, 2, 2020, ags=a, indikator="arbeitslosenquote") for a in ("16077", "16063")])
    found = brueche.declared(rates, catalogue.katalog())
    days = {ags: list(rows.datum) for ags, rows in found.groupby("ags")}
    new_year = [dt.date(year, 1, 1) for year in (2005, 2022, 2023)]
    ukraine = dt.date(2022, 6, 1)
    assert days == {"16077": [new_year[0], ukraine, new_year[2]],
                    "16063": [new_year[0], EISENACH, new_year[1], ukraine, new_year[2]]}  # fmt: skip
    assert "Durchschnitt von 2022 enthält Monate vor und nach dem 01.06.2022" in found.grund.iloc[-1]
    assert list(brueche.segments(rates[rates.ags == "16077"], found)) == [1, 1, 2, 3]


def test_a_value_on_the_day_of_the_break_lies_after_it():
    werte = shares([1] * 4, 2, 2021, indikator="gebrochen", day=(5, 15))
    werte.loc[0, "stichtag"] = dt.date(2022, 5, 14)
    assert list(brueche.segments(werte, brueche.declared(werte, KATALOG))) == [1, 2, 2, 2]


@given(
    st.lists(st.integers(1990, 2030), max_size=6),
    st.sets(st.integers(1990, 2030), min_size=1, max_size=8),
    st.randoms(),
)
def test_segments_count_the_breaks_before(years_of_breaks, years, random):
    werte = pd.concat([shares([1], 2, y, ags=a) for y in years for a in ("16077", "16070")], ignore_index=True)
    order = list(werte.index)
    random.shuffle(order)
    werte = werte.loc[order]
    breaks = pd.DataFrame(
        [("16077", "quote", dt.date(y, 12, 31)) for y in years_of_breaks] + [("01001", "quote", dt.date(1980, 1, 1))],
        columns=["ags", "indikator", "datum"],
    )
    found = brueche.segments(werte, breaks)
    assert found.index.equals(werte.index)
    for place, row in werte.iterrows():
        expected = len({y for y in years_of_breaks if y <= row.stichtag.year}) if row.ags == "16077" else 0
        assert found[place] == expected


def test_bad_tables_are_named():
    with pytest.raises(InputError, match="no column 'datum'"):
        brueche.segments(shares([1], 2, 2020), pd.DataFrame({"ags": [], "indikator": []}))
    with pytest.raises(InputError, match="not in the catalogue"):
        brueche.declared(shares([1], 2, 2020, indikator="x"), KATALOG)
