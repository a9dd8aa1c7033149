import datetime as dt

import pytest

from analysis.errors import InputError
from analysis.sources.muster import cell_text, find_day, without_other_days


@pytest.mark.parametrize(
    ("text", "muster", "day", "kind"),
    [
        (
            "Berichtsmonat:  Dezember 2023, Stand Januar 2024",
            "Berichtsmonat: {monat} {jahr}",
            "2023-12-31",
            "monat",
        ),
        ("Mrz 2024", "{monat} {jahr}", "2024-03-31", "monat"),
        ("Sept. 2023", "{monat} {jahr}", "2023-09-30", "monat"),
        ("FEBRUAR 2024", "{monat} {jahr}", "2024-02-29", "monat"),
        ("Stichtag: 30. Juni 2023", "Stichtag: {tag}. {monat} {jahr}", "2023-06-30", "tag"),
        ("am 31. 12. 2022 nach", "am {datum}", "2022-12-31", "tag"),
        ("Gebietsstand 1. Januar 2024", "{datum}", "2024-01-01", "tag"),
        ("amr-16077-0-202312-xlsx", "-{jahr}{monat}-", "2023-12-31", "monat"),
        ("2. Quartal 2023", "{quartal}. Quartal {jahr}", "2023-06-30", "quartal"),
        ("IV/23", "{quartal}/{jahr2}", "2023-12-31", "quartal"),
        ("Jahr 2022", "Jahr {jahr}", "2022-12-31", "jahr"),
    ],
)
def test_a_pattern_finds_the_last_day_of_what_is_stated(text, muster, day, kind):
    assert find_day(text, muster)[:2] == (dt.date.fromisoformat(day), kind)


@pytest.mark.parametrize(
    ("text", "muster"),
    [
        ("Maier 2023", "{monat} {jahr}"),
        ("120231", "{jahr}"),
        ("13/2023", "{monat}/{jahr}"),
        ("V/2023", "{quartal}/{jahr}"),
        ("Gebietsstand: 31.12.2024", "Stand: {datum}"),
        ("Datenstand 31.12.2024", "stand {datum}"),
        ("im Programm 31.12.2024", "am {datum}"),
    ],
)
def test_what_only_looks_like_a_date_is_none(text, muster):
    assert find_day(text, muster) is None


def test_two_days_and_a_day_that_does_not_exist_are_named():
    with pytest.raises(InputError, match=r"states 31\.12\.2022 and 31\.12\.2023; expected one date"):
        find_day("Veränderung Dez 2022 bis Dez 2023", "{monat} {jahr}")
    with pytest.raises(InputError, match="'31. April 2023' states a day that does not exist"):
        find_day("31. April 2023", "{tag}. {monat} {jahr}")


def test_a_day_is_stored_under_the_end_of_its_period_where_that_is_said():
    for zeitraum, day in (("monat", "2023-05-31"), ("quartal", "2023-06-30"), ("jahr", "2023-12-31")):
        assert find_day("14. Mai 2023", "{datum}", zeitraum)[:2] == (dt.date.fromisoformat(day), zeitraum)


def test_a_date_cell_is_written_as_the_pattern_wants_it():
    cell = dt.datetime(2023, 12, 1)
    assert find_day(cell_text(cell, "Monat: {monat} {jahr}"), "{monat} {jahr}")[0] == dt.date(2023, 12, 31)
    assert cell_text(cell, "{datum}") == "01.12.2023"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("am 31.12.2023, Gebietsstand: 31.12.2024", "am 31.12.2023,"),
        ("Gebietsstand 1. Januar 2024, am 31.12.2023", ", am 31.12.2023"),
        ("Daten abgerufen am 15. März 2024", "Daten"),
        ("Abruf am: 15.03.2024", ""),
        ("Erstellungsdatum: 2024-03-15", ""),
        ("Datenstand: Januar 2024", ""),
        ("Erstellt am 02.01.2024", ""),
        ("Stand: 31.12.2023", "Stand: 31.12.2023"),
        ("Wohnungen, erstellt 2023", "Wohnungen, erstellt 2023"),
    ],
)
def test_dates_of_making_and_of_territories_do_not_count(text, left):
    assert without_other_days(text, "{datum}").strip() == left


def test_a_pattern_may_itself_name_such_a_date():
    assert without_other_days("Datenstand: 31.12.2023", "Datenstand: {datum}") == "Datenstand: 31.12.2023"
