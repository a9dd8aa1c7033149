"""Keys and days of territorial changes are real ones; figures are made up where no table or list is named."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.catalogue import katalog
from analysis.errors import InputError
from analysis.gebietsstand import carry, chain, to_kreise
from analysis.observations import COLUMNS

Y = {year: dt.date(year, 12, 31) for year in range(2012, 2026)}


def umstieg(*rows, liste="alle", gewicht="bevoelkerung"):
    """Steps from rows (year, year, von, nach, anteil)."""
    return pd.DataFrame(
        [
            (Y[begin], Y[end], "kreis" if len(von) == 5 else "gemeinde", gewicht, von, nach, anteil, liste)
            for begin, end, von, nach, anteil in rows
        ],
        columns=["von_stand", "nach_stand", "ebene", "gewicht", "von", "nach", "anteil", "liste"],
    )


def observed(*rows, stichtag=Y[2020], groesse="bevoelkerung", quelle="genesis"):
    """Observations from rows (ags, wert or reason[, guete])."""
    return pd.DataFrame(
        [
            (
                ags,
                stichtag,
                groesse,
                np.nan if isinstance(wert, str) else float(wert),
                wert if isinstance(wert, str) else "",
                *(guete or ("",)),
                quelle,
            )
            for ags, wert, *guete in rows
        ],
        columns=COLUMNS,
    )


def values(table):
    return {row.ags: (row.wert if row.grund == "" else row.grund, row.guete) for row in table.itertuples()}


EISENACH = umstieg(
    (2020, 2021, "16056000", "16063105", 1.0),
    (2020, 2021, "16063003", "16063003", 1.0),
    (2020, 2021, "16063098", "16063098", 1.0),
)
"""On 1 July 2021 Eisenach got another key, and its Kreis became the Wartburgkreis."""

GOETTINGEN = umstieg((2015, 2016, "03152", "03159", 1.0), (2015, 2016, "03156", "03159", 1.0))
COCHEM = umstieg(
    (2013, 2014, "07135", "07135", 0.9828486),
    (2013, 2014, "07135", "07140", 0.0171514),
    (2013, 2014, "07140", "07140", 1.0),
)
RODEBERG = umstieg(
    (2023, 2024, "16064055", "16061118", 1552 / 2033),
    (2023, 2024, "16064055", "16064046", 481 / 2033),
    liste="aenderungen",
)
"""1 January 2024, by the list of changes of the Statistisches Bundesamt (as cited)."""


def test_a_new_key_keeps_the_value_and_its_quality():
    rows = observed(("16056000", 42_000, "vorlaeufig"), ("16063003", 5_000))
    table = carry(rows, EISENACH, katalog(), Y[2021])
    assert values(table) == {"16063105": (42_000, "vorlaeufig"), "16063003": (5_000, "")}
    assert set(table.stand) == {Y[2021]} and set(table.stichtag) == {Y[2020]}
    assert values(to_kreise(table[COLUMNS], katalog())) == {"16063": (47_000, "vorlaeufig")}


def test_whole_areas_add_up_exactly():
    """Göttingen and Osterode became one Kreis in 2016.

    Table 12411-0015 for 2015, as cited by users of it: 329,538 inhabitants in both, 73,885 of them in Osterode; the
    difference is Göttingen.
    """
    rows = observed(("03152", 255_653), ("03156", 73_885), stichtag=Y[2015])
    assert values(carry(rows, GOETTINGEN, katalog(), Y[2016])) == {"03159": (329_538, "")}


def test_a_share_of_an_area_makes_an_estimate():
    """Cochem-Zell 2013: of 63,202 inhabitants 62,118 stayed, 1,084 went to Rhein-Hunsrück with 100,770 (as cited)."""
    rows = observed(("07135", 63_202), ("07140", 100_770), stichtag=Y[2013])
    table = carry(rows, COCHEM, katalog(), Y[2014]).set_index("ags")
    assert table.wert["07135"] == pytest.approx(62_118, abs=0.01)
    assert table.wert["07140"] == pytest.approx(101_854, abs=0.01)
    assert set(table.guete) == {"geschaetzt"}


def test_a_border_that_moves_is_no_growth():
    """Unstrut-Hainich-Kreis 100,069 → 94,613, Eichsfeld 98,861 → 103,694 from 2022 to 2023.

    Joined by key that is −5.5 % and +4.9 %; both together lost 0.3 %. Whatever share went over, the sum stays.
    """
    before, after = {"16064": 100_069, "16061": 98_861}, {"16064": 94_613, "16061": 103_694}
    assert after["16064"] / before["16064"] - 1 == pytest.approx(-0.0545, abs=5e-5)
    assert after["16061"] / before["16061"] - 1 == pytest.approx(0.0489, abs=5e-5)
    share = 5_159 / 100_069  # the share at which both change alike; made up
    steps = umstieg((2022, 2023, "16064", "16064", 1 - share), (2022, 2023, "16064", "16061", share),
                    (2022, 2023, "16061", "16061", 1.0))  # fmt: skip
    carried = carry(observed(*before.items(), stichtag=Y[2022]), steps, katalog(), Y[2023]).set_index("ags")
    assert carried.wert.sum() == pytest.approx(198_930)
    growth = [after[ags] / carried.wert[ags] - 1 for ags in after]
    assert growth == pytest.approx([-0.0031, -0.0031], abs=1e-4) and set(carried.guete) == {"geschaetzt"}


def test_unchanged_gemeinden_need_not_stand_in_a_list_of_changes():
    rows = observed(("16064055", 2_033), ("16061118", 12_000), ("16064046", 36_000), ("16077001", 900),
                    stichtag=Y[2023])  # fmt: skip
    assert values(carry(rows, RODEBERG, katalog(), Y[2024])) == {
        "16061118": (pytest.approx(13_552), "geschaetzt"),
        "16064046": (pytest.approx(36_481), "geschaetzt"),
        "16077001": (900, ""),
    }


def test_a_list_of_changes_does_not_say_whether_a_target_is_new():
    """Uder got the new key 16061119 in 2024; without the Gemeindeverzeichnis it could have been there before."""
    steps = umstieg((2023, 2024, "16061099", "16061119", 1.0), liste="aenderungen")
    rows = observed(("16061099", 2_500), stichtag=Y[2023])
    assert values(carry(rows, steps, katalog(), Y[2024])) == {"16061119": ("unbekannt", "")}
    gemeinden = pd.DataFrame({"stand": [Y[2023]], "ags": ["16061099"]})
    assert values(carry(rows, steps, katalog(), Y[2024], gemeinden=gemeinden)) == {"16061119": (2_500, "")}
    empty = observed(("16061099", 2_500), ("16061119", "unbekannt"), stichtag=Y[2023])
    assert values(carry(empty, steps, katalog(), Y[2024], gemeinden=gemeinden)) == {"16061119": (2_500, "")}
    wrong = observed(("16061099", 2_500), ("16061119", 7), stichtag=Y[2023])
    with pytest.raises(InputError, match="bevoelkerung of 16061119 on 31.12.2023 is given, but .* no 16061119 on"):
        carry(wrong, steps, katalog(), Y[2024], gemeinden=gemeinden)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("geheim", 5, "geheim"),
        ("spaeter", 5, "spaeter"),
        ("spaeter", "geheim", "geheim"),
        (0, "unsicher", "unsicher"),
    ],
)
def test_a_missing_part_leaves_its_reason_and_never_a_number(a, b, expected):
    rows = observed(("03152", a), ("03156", b), stichtag=Y[2015])
    assert values(carry(rows, GOETTINGEN, katalog(), Y[2016])) == {"03159": (expected, "")}


def test_a_part_that_was_not_delivered_makes_the_sum_unknown():
    rows = observed(("03152", 255_653), stichtag=Y[2015])
    assert values(carry(rows, GOETTINGEN, katalog(), Y[2016])) == {"03159": ("unbekannt", "")}
    both = pd.concat([rows, observed(("03152", 9), ("03156", 8), stichtag=Y[2015], groesse="bevoelkerung_weiblich")])
    table = carry(both, GOETTINGEN, katalog(), Y[2016]).set_index("groesse")
    assert table.wert["bevoelkerung_weiblich"] == 17 and table.grund["bevoelkerung"] == "unbekannt"


def test_an_open_share_is_no_number():
    steps = umstieg((2015, 2016, "07135", "07135", np.nan), (2015, 2016, "07140", "07140", 1.0))
    rows = observed(("07135", 61_600), ("07140", 102_500), stichtag=Y[2015])
    assert values(carry(rows, steps, katalog(), Y[2016])) == {"07135": ("unbekannt", ""), "07140": (102_500, "")}


def test_steps_are_chained_and_what_comes_together_again_is_exact():
    """2016 → 2019 → 2024: a Gemeinde is parted, and both parts become one later."""
    steps = pd.concat(
        [
            umstieg((2016, 2019, "16064001", "16064002", 0.4), (2016, 2019, "16064001", "16064003", 0.6),
                    (2016, 2019, "16064004", "16064004", 1.0)),
            umstieg((2019, 2024, "16064002", "16064005", 1.0), (2019, 2024, "16064003", "16064005", 1.0),
                    (2019, 2024, "16064004", "16064004", 0.5), (2019, 2024, "16064004", "16064005", 0.5)),
        ]
    )  # fmt: skip
    shares = chain(steps, Y[2016], Y[2024], "gemeinde", "bevoelkerung", {"16064001"}).set_index(["von", "nach"]).anteil
    assert shares["16064001", "16064005"] == 1.0
    rows = observed(("16064001", 1_000), ("16064004", 200), stichtag=Y[2016])
    assert values(carry(rows, steps, katalog(), Y[2024])) == {
        "16064004": (100, "geschaetzt"),
        "16064005": (1_100, "geschaetzt"),
    }
    assert values(carry(rows, steps, katalog(), Y[2019])) == {
        "16064002": (400, "geschaetzt"),
        "16064003": (600, "geschaetzt"),
        "16064004": (200, ""),
    }


def test_each_year_of_a_series_comes_from_its_own_territory():
    rows = pd.concat(
        [observed(("16056000", 42_000), ("16063003", 5_000)),
         observed(("16063105", 41_500), ("16063003", 5_100), stichtag=Y[2021])],
        ignore_index=True,
    )  # fmt: skip
    table = carry(rows, EISENACH, katalog(), Y[2021])
    assert table[table.ags == "16063105"].wert.tolist() == [42_000, 41_500]
    later = carry(rows[:2], EISENACH, katalog(), Y[2021], von_stand=Y[2020])
    assert len(later) == 2


def test_dissolved_areas_that_a_source_still_lists_are_passed_over_but_no_secret_one():
    rows = observed(("03152", 255_653), ("03156", 73_885), ("03159", "unbekannt"), stichtag=Y[2015])
    assert values(carry(rows, GOETTINGEN, katalog(), Y[2016])) == {"03159": (329_538, "")}
    rows = observed(("03152", 255_653), ("03156", 73_885), ("03159", "geheim"), stichtag=Y[2015])
    with pytest.raises(InputError, match="of 03159 on 31.12.2015 is given, but .* there was no 03159 on 31.12.2015"):
        carry(rows, GOETTINGEN, katalog(), Y[2016])


def test_a_later_step_must_list_what_came_before():
    steps = pd.concat([GOETTINGEN, umstieg((2016, 2017, "07135", "07135", 1.0))])
    rows = observed(("03152", 255_653), ("03156", 73_885), stichtag=Y[2015])
    with pytest.raises(InputError, match="'03159' is not in the Umsteiger from 31.12.2016 to 31.12.2017"):
        carry(rows, steps, katalog(), Y[2017])


@pytest.mark.parametrize(
    ("rows", "nach", "message"),
    [
        (observed(("16063003", 7.1), groesse="arbeitslosenquote"), 2021, "arbeitslosenquote is a rate; carry"),
        (observed(("16", 2_000_000)), 2021, "'16' is no Gemeinde and no Kreis"),
        (observed(("16077001", 900)), 2021, "bevoelkerung of 16077001 on 31.12.2020 is given, but .* no 16077001"),
        (observed(("16063003", 900)), 2024, "no Umsteiger of gemeinde .bevoelkerung. .* to 31.12.2024; there are"),
        (observed(("16063003", 900), stichtag=Y[2022]), 2021, "no Umsteiger .* from 31.12.2022 to 31.12.2021"),
    ],
)  # fmt: skip
def test_what_cannot_be_carried_is_named(rows, nach, message):
    with pytest.raises(InputError, match=message):
        carry(rows, EISENACH, katalog(), Y[nach])


def test_parts_of_several_sources_are_not_mixed():
    rows = pd.concat(
        [observed(("03152", 1), stichtag=Y[2015]), observed(("03156", 2), stichtag=Y[2015], quelle="gv_isys")]
    )
    with pytest.raises(InputError, match="of 03159 .* would come from genesis and gv_isys; carry one source at a time"):
        carry(rows, GOETTINGEN, katalog(), Y[2016])


def test_kreise_are_sums_with_the_same_rules():
    rows = observed(("16063003", 5), ("16063098", "geheim"), ("16077001", 900))
    assert values(to_kreise(rows, katalog())) == {"16063": ("geheim", ""), "16077": (900, "")}
    with pytest.raises(InputError, match="is a rate; sum the counts"):
        to_kreise(observed(("16063003", 7), groesse="arbeitslosenquote"), katalog())


AREAS = [f"9909900{n}" for n in range(1, 7)]


@st.composite
def territories(draw):
    """One or two steps over six Gemeinden, in which each goes whole or in parts to others."""
    steps = []
    for begin, end in [(2016, 2019), (2019, 2024)][: draw(st.integers(1, 2))]:
        for von in AREAS:
            targets = draw(st.lists(st.sampled_from(AREAS), min_size=1, max_size=3, unique=True))
            weights = [draw(st.integers(1, 99)) for _ in targets]
            steps += [(begin, end, von, nach, w / sum(weights)) for nach, w in zip(targets, weights, strict=True)]
    return umstieg(*steps), 2024 if len(steps) and steps[-1][1] == 2024 else 2019


@settings(max_examples=60, deadline=None)
@given(territories(), st.lists(st.integers(0, 10**6), min_size=6, max_size=6), st.permutations(range(6)))
def test_the_total_is_conserved_and_the_order_of_rows_changes_nothing(territory, people, order):
    steps, nach = territory
    rows = observed(*zip(AREAS, people, strict=True), stichtag=Y[2016])
    table = carry(rows, steps, katalog(), Y[nach])
    assert table.wert.sum() == pytest.approx(sum(people), rel=1e-9)
    assert (table.grund == "").all() and (table.guete.eq("geschaetzt") | (table.wert % 1 == 0)).all()
    again = carry(rows.iloc[list(order)], steps.sample(frac=1, random_state=1), katalog(), Y[nach])
    assert again.wert.tolist() == pytest.approx(table.wert.tolist()) and again.ags.tolist() == table.ags.tolist()


@settings(max_examples=40, deadline=None)
@given(territories(), st.integers(0, 5))
def test_no_target_of_a_secret_area_has_a_number(territory, secret):
    steps, nach = territory
    rows = observed(*((ags, "geheim" if n == secret else 10) for n, ags in enumerate(AREAS)), stichtag=Y[2016])
    table = carry(rows, steps, katalog(), Y[nach]).set_index("ags")
    shares = chain(steps, Y[2016], Y[nach], "gemeinde", "bevoelkerung", set(AREAS))
    for ags in shares.nach[(shares.von == AREAS[secret]) & (shares.anteil > 0)]:
        assert table.grund[ags] == "geheim" and np.isnan(table.wert[ags])
