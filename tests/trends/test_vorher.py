"""What is said of the years before the last break: which years these are, and which breaks part them from today."""

import datetime as dt

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from trends.series import catalogue_of, shares

from analysis.trends.vorher import before_the_last_break

CENSUS, LAW, BASE = dt.date(2022, 5, 15), dt.date(2022, 6, 1), dt.date(2022, 12, 31)
KATALOG = catalogue_of(quote=("anteil", ()), zwei=("anteil", (CENSUS, LAW)), quartal=("anteil", (LAW, BASE)))
FALLING = 1000 - 60 * np.arange(8)


def before(werte: pd.DataFrame, **options) -> pd.Series:
    table = before_the_last_break(werte, KATALOG, **options)
    assert len(table) == 1
    return table.iloc[0]


def test_every_break_between_two_values_is_named():
    found = before(shares(FALLING, 10_000, 2017, indikator="zwei"))
    assert found.brueche == (CENSUS, LAW) and found.bruch == LAW
    assert (found.aussage, found.von.year, found.bis.year) == ("sinkt", 2017, 2021)


def test_a_break_with_a_value_after_it_parts_that_value_from_the_older_ones():
    changes = [("16077", "quote", day, why) for day, why in ((dt.date(2018, 1, 1), "a"), (CENSUS, "b"), (LAW, "c"))]
    brueche = pd.DataFrame(changes, columns=["ags", "indikator", "datum", "grund"])
    found = before(shares(FALLING, 10_000, 2015), brueche=brueche)
    assert (found.brueche, found.bruch_grund) == ((CENSUS, LAW), "b; c")


def test_quarterly_values_are_told_by_the_quarter_of_the_newest_value():
    quarters = [shares(FALLING, 10_000, 2017, indikator="quartal", day=day) for day in ((3, 31), (6, 30), (9, 30))]
    found = before(pd.concat([*quarters, shares(FALLING, 10_000, 2017, indikator="quartal")]))
    assert (found.aussage, found.von, found.bis) == ("sinkt", dt.date(2017, 12, 31), dt.date(2021, 12, 31))
    assert found.brueche == (LAW, BASE)


def test_values_of_another_day_of_the_year_are_told_where_there_are_no_others():
    older = shares(FALLING, 10_000, 2014, indikator="zwei", day=(6, 30))
    found = before(pd.concat([older, shares([500], 10_000, 2023, indikator="zwei")]))
    assert (found.aussage, found.bis) == ("sinkt", dt.date(2021, 6, 30))


def test_between_two_close_breaks_are_too_few_years_so_those_before_both_are_told():
    changes = [("16077", "quote", day, str(day)) for day in (CENSUS, dt.date(2023, 1, 1))]
    brueche = pd.DataFrame(changes, columns=["ags", "indikator", "datum", "grund"])
    found = before(shares(FALLING, 10_000, 2017), brueche=brueche)
    assert (found.aussage, found.von.year, found.bis.year) == ("sinkt", 2017, 2021)
    assert found.brueche == (CENSUS, dt.date(2023, 1, 1)) and found.bruch == dt.date(2023, 1, 1)
    few = before(shares(FALLING[:5], 10_000, 2020), brueche=brueche)
    assert (few.aussage, few.bis.year, few.brueche) == ("zu_wenige", 2022, (dt.date(2023, 1, 1),))


def test_without_a_break_nothing_is_said():
    assert before_the_last_break(shares(FALLING, 10_000, 2017), KATALOG).empty


@settings(max_examples=60, deadline=None)
@given(st.sets(st.dates(dt.date(2014, 6, 1), dt.date(2024, 12, 31)), min_size=1, max_size=4))
def test_the_years_told_and_todays_are_parted_by_the_named_breaks_alone(days):
    brueche = pd.DataFrame([("16077", "quote", day, str(day)) for day in days], columns=["ags", "indikator", "datum",
                                                                                        "grund"])  # fmt: skip
    werte = shares(np.full(12, 50), 1000, 2013)
    found = before(werte, brueche=brueche)
    after = min(day for day in werte.stichtag if day >= max(days))
    before_all = [day for day in werte.stichtag if day < max(days)]
    told = [day for day in werte.stichtag if found.von <= day <= found.bis]
    assert found.bis in before_all and (found.verfahren == "" or found.punkte == len(told) == 5)
    assert list(found.brueche) == sorted(day for day in days if found.bis < day <= after)
