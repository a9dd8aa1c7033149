"""Numerator and denominator: other days, missing years, parts above their whole."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from analysis import bestandteile, indicators
from analysis.catalogue import katalog

JUNI, DEZEMBER, DAVOR = dt.date(2024, 6, 30), dt.date(2024, 12, 31), dt.date(2023, 12, 31)


def observations(*rows):
    """Rows of ags, day, groesse, value or reason."""
    return pd.DataFrame(
        [
            {
                "ags": ags,
                "stichtag": day,
                "groesse": groesse,
                "wert": np.nan if isinstance(given, str) else float(given),
                "grund": given if isinstance(given, str) else "",
                "guete": "",
                "quelle": quelle,
            }
            for ags, day, groesse, given, quelle in ((*row, "q")[:5] for row in rows)
        ]
    )


def values(table, indikator):
    return table[table.indikator == indikator].set_index(["ags", "stichtag"])


def test_the_denominator_of_a_quarter_is_that_of_the_last_31_december():
    table = indicators.compute(
        observations(
            ("99099.a", JUNI, "arbeitslose", 120),
            ("99099.a", DEZEMBER, "arbeitslose", 90),
            ("99099.a", DAVOR, "melderegister_15_64", 2000),
            ("99099.a", DEZEMBER, "melderegister_15_64", 1800),
            ("99099.a", dt.date(2024, 3, 31), "melderegister_15_64", 7),  # no year's end
            ("99099.b", JUNI, "arbeitslose", 10),
            ("99099.b", dt.date(2022, 12, 31), "melderegister_15_64", 500),  # too long ago
            ("99099.c", JUNI, "arbeitslose", "geheim"),
            ("99099.c", DAVOR, "melderegister_15_64", 500),
        ),
        katalog(),
    )
    found = values(table, "arbeitslosenanteil_15_64")
    assert found.loc[("99099.a", JUNI), ["anteil", "nenner", "nenner_stichtag"]].tolist() == [0.06, 2000, DAVOR]
    assert found.loc[("99099.a", DEZEMBER), ["anteil", "nenner", "nenner_stichtag"]].tolist() == [0.05, 1800, DEZEMBER]
    assert found.loc[("99099.c", JUNI), "grund"] == "geheim" and np.isnan(found.anteil[("99099.c", JUNI)])
    assert len(found) == 3


def test_numerator_and_denominator_of_different_areas_make_no_number():
    """Eisenach went into the Wartburgkreis on 01.07.2021; a Planungsraum got another member on 01.01.2024."""
    march, september, year_end = dt.date(2021, 3, 31), dt.date(2021, 9, 30), dt.date(2021, 12, 31)
    rows = [
        *(("16063", day, "nef_unter_15", n) for day, n in ((march, 1200), (september, 1600), (year_end, 1600))),
        *(("16063", day, "bevoelkerung_unter_15", n) for day, n in ((dt.date(2020, 12, 31), 15000), (year_end, 20000))),
        ("99099.nord", JUNI, "arbeitslose", 120),
        ("99099.nord", DAVOR, "melderegister_15_64", 2000),
    ]
    moved = pd.DataFrame({"ags": ["99099.nord"], "datum": [dt.date(2024, 1, 1)]})
    table = indicators.compute(observations(*rows), katalog(), moved)
    kreis = values(table, "nef_quote_unter_15").loc["16063"]
    assert kreis.anteil[[march, year_end]].tolist() == [0.08, 0.08]
    raum = values(table, "arbeitslosenanteil_15_64").loc["99099.nord"]
    for row in (kreis.loc[september], raum.loc[JUNI]):
        assert row.grund == "sinnlos" and np.isnan(list(row[["anteil", "unten", "oben", "zaehler"]])).all()
    unmoved = indicators.compute(observations(*rows), katalog())
    assert values(unmoved, "arbeitslosenanteil_15_64").loc[("99099.nord", JUNI), "anteil"] == 0.06


def test_366_days_before_are_near_enough_and_367_are_not():
    # 31.12.2023 lies 366 days before 31.12.2024, because 2024 is a leap year
    for day, rows in ((DEZEMBER, 1), (dt.date(2025, 1, 31), 0)):
        table = indicators.compute(
            observations(("99099", day, "arbeitslose", 5), ("99099", DAVOR, "melderegister_15_64", 50)), katalog()
        )
        assert len(values(table, "arbeitslosenanteil_15_64")) == rows


def test_a_missing_year_and_mixed_days_are_said():
    found = bestandteile.lacking(
        observations(
            ("16077", JUNI, "bevoelkerung_unter_18", 10),
            ("16077", DAVOR, "bevoelkerung", 100),
            ("16070", JUNI, "bevoelkerung_unter_18", 10),
            ("16071", DAVOR, "bevoelkerung_unter_18", 10),
            ("16071", DAVOR, "bevoelkerung", 100),
        ),
        katalog(),
    )
    found = found[found.indikator == "anteil_unter_18"].set_index("ags")
    assert found.satz["16077"] == (
        "16077: anteil_unter_18 of 2024-06-30 has no value: bevoelkerung of that day is missing; "
        "the nearest is of 2023-12-31"
    )
    assert found.satz["16070"].endswith("there is none of that key") and "16071" not in found.index


def test_nothing_is_lacking_where_a_quantity_was_never_delivered():
    assert bestandteile.lacking(observations(("16077", DAVOR, "bevoelkerung", 100)), katalog()).empty


@pytest.mark.parametrize(
    ("above", "below", "grund"),
    [(5, 0, "sinnlos"), (0, 0, "sinnlos"), (6, 5, "sinnlos"), ("unbekannt", 0, "unbekannt")],
)
def test_a_denominator_of_zero_and_a_part_above_its_whole_give_a_reason(above, below, grund):
    table = indicators.compute(
        observations(
            ("16077", DAVOR, "seu_motorik_auffaellig", above, "a"), ("16077", DAVOR, "seu_untersuchte", below, "b")
        ),
        katalog(),
    )
    row = values(table, "seu_motorik").iloc[0]
    assert row.isna()[["anteil", "unten", "oben"]].all()
    assert (row.grund, row.intervall, row.quelle) == (grund, "", "a · b")


@pytest.mark.parametrize(
    ("zaehler", "nenner", "printed"),
    [
        (8938, 88930, "10,1"),  # Sozialstrategie Altenburger Land: Mindestsicherungsquote 2023
        (30, 227, "13,2"),  # Armutspräventionsstrategie Ilm-Kreis: answers to the open question
        (14, 15, "93"),  # Thüringer Broschüre: 14 of 15 strategies
        (15, 20, "75"),  # Thüringer Broschüre
    ],
)
def test_the_shares_of_the_source_texts_come_out_as_printed(zaehler, nenner, printed):
    from analysis.wording import zahl

    table = indicators.compute(
        observations(("16077", DAVOR, "seu_motorik_auffaellig", zaehler), ("16077", DAVOR, "seu_untersuchte", nenner)),
        katalog(),
    )
    digits = len(printed.partition(",")[2])
    assert zahl(values(table, "seu_motorik").anteil.iloc[0] * 100, digits) == printed


def test_a_rate_has_the_interval_of_events_and_may_be_above_its_population():
    from analysis.rates import byar

    table = indicators.compute(
        observations(
            ("16077", dt.date(2024, 3, 1), "kita_kinder_3_bis_5", 230), ("16077", DAVOR, "bevoelkerung_3_bis_5", 200)
        ),
        katalog(),
    )
    row = values(table, "kita_3_bis_5_je_100").iloc[0]
    unten, oben = byar([230], [200])
    assert (row.anteil, row.unten, row.oben, row.intervall) == (1.15, unten[0], oben[0], "byar")


def test_a_balance_may_be_negative_and_has_no_interval():
    table = indicators.compute(
        observations(
            ("16077", DAVOR, "zuzuege", 400),
            ("16077", DAVOR, "fortzuege", 500),
            ("16077", DAVOR, "bevoelkerung", 10000),
        ),
        katalog(),
    )
    row = values(table, "wanderungssaldo_je_1000").iloc[0]
    assert (row.anteil, row.zaehler, row.intervall) == (-0.01, -100, "")


def test_an_amount_stays_what_it_is():
    from analysis.figures import axis_label
    from analysis.wording import wert

    table = indicators.compute(observations(("16077", DAVOR, "verfuegbares_einkommen_je_einwohner", 24310)), katalog())
    row, indikator = values(table, "einkommen_je_einwohner").iloc[0], katalog().indikator("einkommen_je_einwohner")
    assert row.anteil == 24310 and row.intervall == ""
    assert wert(row.anteil, indikator) == "24.310\u00a0€" and axis_label(indikator) == "Betrag in €"


def test_texts_of_the_parts_stand_once_in_their_order():
    table = indicators.compute(
        observations(
            ("16077", DAVOR, "mindestsicherung_empfaenger", 5, "a"), ("16077", DAVOR, "bevoelkerung", 50, "b"),
            ("16077", DAVOR, "wohngeld_oder_kinderzuschlag_personen", 5, "a"),
        ),
        katalog(),
    )  # fmt: skip
    assert values(table, "erweiterte_mindestsicherungsquote").quelle.tolist() == ["a · b"]
    assert values(table, "erweiterte_mindestsicherungsquote").anteil.tolist() == [0.2]


def test_the_recorded_rule_names_the_day_of_the_denominator_and_brings_it_back():
    from dataclasses import replace

    from analysis.bestimmungen import earlier, rechenregel, table

    catalogue = katalog()
    recorded = table(catalogue)
    same_day = replace(catalogue.indikatoren["nef_quote_unter_15"], nenner_stichtag="gleich")
    today = replace(catalogue, indikatoren={**catalogue.indikatoren, "nef_quote_unter_15": same_day})
    assert rechenregel(same_day, today) != rechenregel(catalogue.indikatoren["nef_quote_unter_15"], catalogue)
    assert earlier(today, recorded).indikatoren == catalogue.indikatoren
