"""Expected findings follow from the few rows of each test by hand."""

import datetime as dt

import pandas as pd
import pytest

from analysis import plausibility
from analysis.bestaende import BESTAENDE
from analysis.catalogue import katalog
from analysis.observations import COLUMNS

DAY = dt.date(2024, 12, 31)


def rows(*given):
    """Observations from (ags, date, quantity, value or reason)."""
    return pd.DataFrame(
        [
            (ags, dt.date.fromisoformat(day), groesse, *((float("nan"), x) if isinstance(x, str) else (x, "")), "", q)
            for ags, day, groesse, x, *quelle in given
            for q in [quelle[0] if quelle else "genesis"]
        ],
        columns=COLUMNS,
    )


def gemeinden(*ags, stand="2024-06-30"):
    return pd.DataFrame(
        {"stand": [dt.date.fromisoformat(stand)] * len(ags), "ags": ags, "name": [f"N{a}" for a in ags]}
    )


def findings(observations, places=None, **bestaende):
    empty = {name: pd.DataFrame(columns=BESTAENDE[name].spalten) for name in plausibility.BESTAENDE}
    bestaende = empty | ({} if places is None else {"gemeinden": places}) | bestaende
    return plausibility.findings(observations, bestaende, katalog())


def test_a_year_between_two_others_is_a_gap():
    table = findings(rows(*(("16077", f"{y}-12-31", "bevoelkerung", 90000 - y) for y in (2016, 2017, 2018, 2020))))
    assert table.art.tolist() == ["gap"]
    assert table.satz.tolist() == [
        "16077 (Altenburger Land): bevoelkerung is missing before 2020-12-31 (24 months since the date before)"
    ]


def test_single_years_of_several_publications_are_no_series():
    assert findings(rows(*(("16077", f"{y}-12-31", "bevoelkerung", 90000 - y) for y in (2019, 2023, 2024)))).empty


def test_a_year_with_a_reason_is_no_gap():
    given = [("16077", f"{y}-12-31", "bevoelkerung", x) for y, x in ((2017, 90000), (2018, "spaeter"), (2019, 89000))]
    assert findings(rows(*given)).empty


def test_quarters_are_compared_with_quarters_and_a_single_date_is_no_gap():
    quarters = ["2023-03-31", "2023-06-30", "2023-12-31", "2024-03-31"]
    given = [("16077", day, "beschaeftigte_am_arbeitsort", 30000) for day in quarters]
    assert findings(rows(*given)).stichtag.tolist() == [dt.date(2023, 12, 31)]
    assert findings(rows(given[0])).empty


def test_numerator_and_denominator_of_different_days_are_named():
    given = [
        ("16077", "2020-06-30", "langzeitarbeitslose", 900),
        ("16077", "2020-12-31", "arbeitslose", 2000),
        ("16077", "2022-06-30", "arbeitslose", 2000),
        ("16077", "2022-06-30", "langzeitarbeitslose", 900),
        ("16070", "2020-06-30", "langzeitarbeitslose", 900),  # there never was a denominator
        ("99099001", "2024-06-30", "arbeitslose", 900),  # the denominator is that of the register
    ]
    mixed = findings(rows(*given))
    assert mixed.art.notna().all()
    mixed = mixed[mixed.art == "mixed days"]
    assert mixed.satz.tolist() == [
        "16077: langzeitarbeitslose_unter_arbeitslosen of 2020-06-30 has no value: arbeitslose of that day is missing; "
        "the nearest is of 2020-12-31"
    ]


def test_a_gemeinde_that_no_list_knows_is_named():
    older = gemeinden("16077001", "16077002", stand="2020-06-30")
    lists = pd.concat([older, gemeinden("16077001")], ignore_index=True)
    keys = ("16077001", "16077002", "16077999", "16070999", "16077")  # of 16070 there is no list
    table = findings(rows(*((ags, "2024-12-31", "geburten", 5) for ags in keys)), lists)
    strange = table[table.art == "unknown area"]
    assert strange.ags.tolist() == ["16077999"]
    assert strange.satz.iloc[0] == (
        "16077999 is no Gemeinde of Altenburger Land in the Gemeindeverzeichnis of the store (2020-06-30, 2024-06-30)"
    )


def test_a_gemeinde_without_a_row_beside_others_is_missing():
    places = gemeinden("16077001", "16077002", "16077003")
    given = [(ags, "2024-12-31", "bevoelkerung", 1000) for ags in ("16077001", "16077002")]
    table = findings(rows(*given), places)
    assert table[["art", "ags"]].values.tolist() == [["missing area", "16077003"]]
    assert "N16077003" in table.satz[0]
    assert findings(rows(*given, ("16077003", "2024-12-31", "bevoelkerung", "geheim")), places).empty


def test_a_list_of_another_time_says_nothing_about_missing_gemeinden():
    places = gemeinden("16077001", "16077002", "16077003", stand="2025-01-01")
    assert findings(rows(("16077001", "2024-12-31", "bevoelkerung", 1000)), places).empty


@pytest.mark.parametrize(
    ("third", "kreis", "found"),
    [(500, 2500, []), (500, 2600, ["sum"]), ("geheim", 2500, []), ("geheim", 1900, ["sum"]), (500, 2499, ["sum"])],
)
def test_gemeinden_add_up_to_their_kreis_or_stay_below_it_where_one_is_secret(third, kreis, found):
    places = gemeinden("16077001", "16077002", "16077003")
    parts = zip(places.ags, (1000, 1000, third), strict=True)
    given = [(ags, "2024-12-31", "bevoelkerung", x) for ags, x in parts]
    table = findings(rows(*given, ("16077", "2024-12-31", "bevoelkerung", kreis)), places)
    assert table.art.tolist() == found


def test_a_sum_over_two_sources_names_both():
    places = gemeinden("16077001", "16077002")
    given = [(ags, "2024-12-31", "bevoelkerung", 1000) for ags in places.ags]
    kreis = ("16077", "2024-12-31", "bevoelkerung", 9999, "thueringer_broschuere")
    table = findings(rows(*given, kreis), places)
    assert table.satz.tolist() == [
        "16077 (Altenburger Land): the Gemeinden add up to 2000 bevoelkerung on 2024-12-31 (genesis), the Kreis "
        "has 9999 (thueringer_broschuere)"
    ]


def test_gemeinden_are_complete_by_a_list_of_another_date_too():
    places = gemeinden("16077001", "16077002", stand="2024-06-30")
    given = [(ags, "2016-12-31", "bevoelkerung", 1000) for ags in places.ags]
    kreis = ("16077", "2016-12-31", "bevoelkerung", 2500)
    assert findings(rows(*given, kreis), places).art.tolist() == ["sum"]
    assert findings(rows(given[0], kreis), places).empty


def test_yearly_gemeinden_beside_a_quarterly_kreis_have_gaps():
    quarters = [(f"{y}-{d}") for y in (2022, 2023) for d in ("03-31", "06-30", "09-30", "12-31")]
    kreis = [("16077", day, "beschaeftigte_am_arbeitsort", 30000) for day in quarters]
    years = [("16077001", f"{y}-06-30", "beschaeftigte_am_arbeitsort", 300) for y in (2018, 2019, 2020, 2022)]
    assert findings(rows(*kreis, *years)).satz.str.contains("16077001.*before 2022-06-30").tolist() == [True]


def test_a_jump_beyond_the_bound_and_beyond_chance_is_named():
    given = [("16077", "2018-12-31", "bevoelkerung", 90000), ("16077", "2019-12-31", "bevoelkerung", 80000)]
    table = findings(rows(*given))
    assert table.art.tolist() == ["jump"]
    assert "goes from 90000 (2018-12-31) to 80000 (2019-12-31)" in table.satz[0]


def test_a_small_place_may_change_by_chance():
    # 40 to 60: half more, but less than four standard deviations (4 * sqrt(100) = 40)
    given = [("16077001", "2018-12-31", "bevoelkerung", 40), ("16077001", "2019-12-31", "bevoelkerung", 60)]
    assert findings(rows(*given)).empty


def test_a_declared_break_and_a_territorial_change_explain_a_jump():
    census = [("16077", "2021-12-31", "bevoelkerung", 90000), ("16077", "2022-12-31", "bevoelkerung", 80000)]
    # Eisenach joined the Wartburgkreis on 2021-07-01
    joined = [("16063", "2020-12-31", "bevoelkerung", 118000), ("16063", "2021-12-31", "bevoelkerung", 160000)]
    assert findings(rows(*census)).empty and findings(rows(*joined)).empty


def test_the_overview_counts_values_and_reasons_by_level():
    table = plausibility.overview(
        rows(
            ("16077", "2024-12-31", "bevoelkerung", 89000),
            ("16077001", "2024-12-31", "bevoelkerung", "geheim"),
            ("16077002", "2023-12-31", "bevoelkerung", 5),
        ),
        katalog(),
    )
    assert table[["ebene", "gebiete", "werte", "fehlt"]].values.tolist() == [
        ["kreis", 1, 1, ""], ["gemeinde", 2, 1, "geheim 1"],
    ]  # fmt: skip


def test_a_rate_may_change_by_a_point():
    small = [("16077", "2017-12-31", "auslaenderanteil", 0.4), ("16077", "2018-12-31", "auslaenderanteil", 0.9)]
    large = [("16070", "2017-12-31", "auslaenderanteil", 2.0), ("16070", "2018-12-31", "auslaenderanteil", 3.5)]
    assert findings(rows(*small, *large)).ags.tolist() == ["16070"]


def test_a_meldeamt_that_did_not_deliver_and_a_sum_far_from_the_official_one_are_named():
    days = [dt.date(2022, 12, 31), dt.date(2023, 12, 31)]
    columns = BESTAENDE["melderegister"].spalten
    people = [
        [day, f"99099_{amt}", f"9909900{n}.ort", 1980, "m", "deutsch", 1000, "", False]
        for n, amt in enumerate("ab", start=1)
        for day in days[: 2 if amt == "a" else 1]
    ]
    register = pd.DataFrame(people, columns=columns)
    places = [[f"9909900{n}.ort", f"99099_{amt}", "Ort", None, None, False] for n, amt in enumerate("ab", start=1)]
    ortsteile = pd.DataFrame(places, columns=BESTAENDE["ortsteile"].spalten)
    official = rows(("99099", "2022-12-31", "bevoelkerung", 1800))
    table = findings(official, melderegister=register, ortsteile=ortsteile)
    assert set(table.art) == {"melderegister"}
    assert "no delivery of 99099_b for 2023-12-31" in table.satz.tolist()
    assert "counts 2000 on 2022-12-31, the official population is 1800 (+11.1 %)" in table.satz.tolist()[-1]


def test_a_gemeinde_in_no_planungsraum_is_named():
    raeume = pd.DataFrame(
        [["16077", "16077.nord", "16077001", dt.date(2020, 1, 1), None, "Nord"]],
        columns=BESTAENDE["planungsraeume"].spalten,
    )
    table = findings(
        rows(("16077", "2019-12-31", "bevoelkerung", 90000)),
        gemeinden("16077001", "16077002", stand="2020-01-01"),
        planungsraeume=raeume,
    )
    assert table.art.tolist() == ["planungsraum"] and "16077002" in table.satz[0]


def test_an_empty_store_has_no_findings():
    assert findings(rows()).empty
