"""Population margins from the Melderegister: sums by hand."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.survey import margins
from analysis.survey.calibration import rake
from analysis.survey.design import design

DAY = dt.date(2022, 12, 31)
A, B, C = "99099001.altstadt", "99099001.neustadt", "99099002.dorf"


def register(*rows) -> pd.DataFrame:
    """Rows ortsteil, age, sex, persons (or the reason why there is no number)."""
    table = pd.DataFrame(rows, columns=["ortsteil", "alter", "geschlecht", "personen"])
    reason = table.personen.map(lambda p: p if isinstance(p, str) else "")
    return table.assign(
        stichtag=DAY,
        amt="amt",
        jahrgang=DAY.year - table.alter,
        staatsangehoerigkeit="deutsch",
        grund=reason,
        personen=table.personen.where(reason == "").astype(float).astype("Int64"),
        offen=False,
    )


ORTSTEILE = pd.DataFrame(
    {"ortsteil": [A, B, C], "amt": "amt", "name": "x", "ab": None, "bis": None, "darf_fehlen": False}
)
RAEUME = pd.DataFrame(
    [("99099", "99099.stadt", "99099001"), ("99099", "99099.land", "99099002")],
    columns=["kreis", "planungsraum", "mitglied"],
).assign(ab=dt.date(2020, 1, 1), bis=pd.Series([None, None], dtype=object), name="x")
ROWS = [(A, 17, "m", 9), (A, 18, "m", 5), (A, 29, "w", 4), (B, 30, "w", 7), (B, 80, "m", 2), (B, 99, "w", 3),
        (C, 18, "w", 6), (C, 44, "m", 1), (C, 64, "w", 8), (C, 65, "m", 10)]  # fmt: skip


def counted(*rows, **options) -> pd.DataFrame:
    return margins.from_register(register(*rows), ORTSTEILE, RAEUME, "99099", DAY, **options)


def test_adults_by_area_age_and_sex():
    table = counted(*ROWS)
    assert table.personen.sum() == 46
    assert margins.margin(table, "raum").to_dict() == {"99099.land": 25, "99099.stadt": 21}
    seen = margins.margin(table, "altersgruppe", "geschlecht")
    assert {k: v for k, v in seen.items() if v} == {
        ("18-29", "m"): 5, ("18-29", "w"): 10, ("30-44", "w"): 7, ("30-44", "m"): 1, ("45-64", "w"): 8,
        ("65-79", "m"): 10, ("80+", "m"): 2, ("80+", "w"): 3,
    }  # fmt: skip
    assert list(dict.fromkeys(table.altersgruppe)) == list(margins.ALTERSGRUPPEN)


def test_other_entries_of_sex():
    rows = [(A, 20, "m", 30), (A, 20, "w", 10), (A, 20, "d", 2), (C, 20, "w", 5), (B, 20, "m", 0), (A, 40, "x", 0)]
    kept = counted(*rows)
    assert margins.margin(kept, "geschlecht").to_dict() == {"m": 30, "w": 15, "d": 2}
    spread = counted(*rows, nur_m_w=True)
    assert margins.margin(spread, "geschlecht").to_dict() == pytest.approx({"m": 31.5, "w": 15.5})
    with pytest.raises(InputError, match="nobody with m or w is 30-44 in 99099.stadt, but others are"):
        counted(*rows, (A, 40, "d", 1), nur_m_w=True)


def test_numbers_that_are_not_there():
    with pytest.raises(InputError, match="number of residents 18-29, m in 99099.stadt is geheim; expected a number"):
        counted(*ROWS, (A, 19, "m", "geheim"))
    with pytest.raises(InputError, match="in 99099.land is unbekannt; expected a number"):
        counted(*ROWS[:6])
    with pytest.raises(InputError, match="margins of 99098 for 31.12.2022: the store holds no Melderegister"):
        margins.from_register(register(*ROWS), ORTSTEILE, RAEUME, "99098", DAY)
    with pytest.raises(InputError, match="the store holds no Planungsraeume"):
        margins.from_register(register(*ROWS), ORTSTEILE, RAEUME[:0], "99099", DAY)
    for gruppen, message in (
        ({"jung": (18, 40), "alt": (40, None)}, "age groups jung and alt overlap"),
        ({"jung": (18, 40), "alt": (60, None)}, "the age groups hold 45 of 46 residents from their lowest"),
        ({"jung": (40, 18)}, "age group jung: 40 to 18; expected the lower age first"),
        ({}, "age groups: none given"),
    ):
        with pytest.raises(InputError, match=message):
            counted(*ROWS, gruppen=gruppen)
    with pytest.raises(InputError, match="margin by wohnort: expected columns of the table .raum, altersgruppe"):
        margins.margin(counted(*ROWS), "wohnort")


@pytest.mark.parametrize("dtype", ["Int64", "Float64", "category", object, "string"])
def test_age_groups_of_respondents(dtype):
    ages = pd.Series([18, 29, 30, 64, 65, 80, 101, None], dtype="Int64").astype(dtype)
    seen = margins.age_groups(ages)
    assert seen[:7].tolist() == ["18-29", "18-29", "30-44", "45-64", "65-79", "80+", "80+"] and seen.isna()[7]


def test_ages_in_no_group():
    assert margins.age_groups(pd.Series([29.9, 30.0])).tolist() == ["18-29", "30-44"]
    for ages, message in (
        ([40, 17], "age of respondent 2: 17; expected an age in one"),
        (["alt"], "respondent 1: 'alt'"),
    ):
        with pytest.raises(InputError, match=message):
            margins.age_groups(pd.Series(ages))


def test_respondents_weighted_to_the_register():
    table = counted(*ROWS, *((o, a, g, 3) for o in (A, C) for a in (20, 35, 50, 70, 85) for g in "mw"))
    raender = {
        "raum": margins.margin(table, "raum"),
        ("altersgruppe", "geschlecht"): margins.margin(table, "altersgruppe", "geschlecht"),
    }
    generator = np.random.default_rng(5)
    people = pd.DataFrame({
        "raum": pd.Categorical(generator.choice(["99099.stadt", "99099.land"], 200)),
        "altersgruppe": margins.age_groups(pd.Series(generator.integers(18, 95, 200), dtype="Int64")),
        "geschlecht": pd.Series(generator.choice(["m", "w"], 200), dtype="string"),
    })  # fmt: skip
    new, report = rake(design(people), people, raender)
    assert new.gewicht.sum() == pytest.approx(table.personen.sum(), rel=1e-9)
    in_town = (people.raum == "99099.stadt").to_numpy()
    assert new.gewicht[in_town].sum() == pytest.approx(raender["raum"]["99099.stadt"], rel=1e-9)
    assert len(report.summen) == 12
