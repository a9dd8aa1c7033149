import datetime as dt

import pytest

from analysis.dates import RULES, days_in, fits, parse_stichtag
from analysis.errors import InputError


@pytest.mark.parametrize("text", ["2019-12-31", "31.12.2019", " 31.12.2019 "])
def test_both_ways_of_writing_a_day(text):
    assert parse_stichtag(text) == dt.date(2019, 12, 31)


@pytest.mark.parametrize("text", ["31.02.2019", "2019", "", "12/2019", "2019-13-01", "31.12.19x"])
def test_what_is_no_day_is_refused(text):
    with pytest.raises(InputError, match="is not a date"):
        parse_stichtag(text)


def test_rules():
    assert fits(dt.date(2014, 7, 31), "schuljahr") and not fits(dt.date(2014, 12, 31), "schuljahr")
    assert fits(dt.date(2024, 2, 29), "monat") and not fits(dt.date(2024, 2, 28), "monat")
    assert fits(dt.date(2025, 6, 30), "quartal") and not fits(dt.date(2025, 5, 31), "quartal")
    assert fits(dt.date(2022, 5, 15), "tag")
    for rule in set(RULES) - {"schuljahr", "monat", "quartal", "tag"}:
        assert fits(dt.date(2019, 12, 31), rule) and not fits(dt.date(2019, 12, 30), rule)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Gemeinden am 30.06.2024 (2. Quartal)", [dt.date(2024, 6, 30)]),
        ("vom 1.1.2024 bis 31.12.2024", [dt.date(2024, 1, 1), dt.date(2024, 12, 31)]),
        ("Onlineprodukt_Gemeinden30062024", [dt.date(2024, 6, 30)]),
        ("gemeinden_TH_2021-01-01", [dt.date(2021, 1, 1)]),
        ("vg250_20240101", [dt.date(2024, 1, 1)]),
        ("20012002", [dt.date(2002, 1, 20)]),
        ("31.02.2024, 99999999, 2024, 310317, 123010120241", []),
    ],
)
def test_days_are_found_in_titles_and_file_names(text, days):
    assert days_in(text) == days
