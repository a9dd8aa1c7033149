"""What a value refers to is always named, with the census from which its population was carried on."""

import datetime as dt

import pytest

from analysis.bezug import bezug
from analysis.catalogue import katalog


@pytest.mark.parametrize(
    ("id", "day", "expected"),
    [
        ("mindestsicherungsquote", "2010-12-31", "aus der Zeit vor dem Zensus 2011."),
        ("mindestsicherungsquote", "2021-12-31", "nach dem Zensus 2011."),
        ("mindestsicherungsquote", "2022-12-31", "nach dem Zensus 2011 oder 2022 (die Quelle nennt ihn nicht)."),
        ("mindestsicherungsquote", "2023-12-31", "nach dem Zensus 2011 oder 2022 (die Quelle nennt ihn nicht)."),
        ("mindestsicherungsquote", "2024-12-31", "nach dem Zensus 2022."),
        ("kita_unter_3_je_100", "2022-03-01", "nach dem Zensus 2011."),
        ("kita_unter_3_je_100", "2024-03-01", "nach dem Zensus 2011 oder 2022 (die Quelle nennt ihn nicht)."),
        ("kita_unter_3_je_100", "2025-03-01", "nach dem Zensus 2022."),
        ("nef_quote_unter_15", "2024-12-31", "nach dem Zensus 2022."),
    ],
)
def test_the_census_of_a_population_is_named(id, day, expected):
    indikator = katalog().indikator(id)
    text = bezug(indikator, dt.date.fromisoformat(day))
    assert text == f"Bezug: {indikator.nenner}, fortgeschrieben {expected}"


def test_every_indicator_on_a_population_of_the_official_statistics_names_a_census_and_no_other():
    for indikator in katalog().indikatoren.values():
        text = bezug(indikator, dt.date(2024, 12, 31))
        official = any(id.startswith("bevoelkerung") for id in indikator.groessen)
        register = any(id.startswith("melderegister") for id in indikator.groessen)
        assert ("Zensus 2022" in text) >= official, indikator.id
        assert not (register and "Zensus" in text), indikator.id
        assert text == "" if indikator.art == "produkt" else text.startswith("Bezug: ")
