"""Which margins a survey is weighted to where not everything was asked or answered."""

import pandas as pd

from analysis.survey.befragungsdesign import _margins

CELLS = pd.DataFrame({
    "altersgruppe": ["18-39", "18-39", "40+", "40+"] * 2,
    "geschlecht": ["maennlich", "weiblich"] * 4,
    "raum": ["nord"] * 4 + ["sued"] * 4,
    "personen": [100] * 8,
})  # fmt: skip
PEOPLE = CELLS.loc[CELLS.index.repeat(10), ["altersgruppe", "geschlecht", "raum"]].reset_index(drop=True)


def test_an_age_that_nobody_gave_takes_the_sex_not_with_it():
    raender, left_out = _margins(PEOPLE.assign(altersgruppe=None), CELLS)
    assert list(raender) == ["geschlecht", "raum"] and raender["geschlecht"].sum() == 800
    assert left_out == {
        "altersgruppe × geschlecht": "eine Angabe fehlt bei allen",
        "altersgruppe": "eine Angabe fehlt bei allen",
    }


def test_an_age_that_nobody_was_asked_takes_the_sex_not_with_it():
    raender, left_out = _margins(PEOPLE.drop(columns="altersgruppe"), CELLS)
    assert list(raender) == ["geschlecht", "raum"]
    assert left_out == {"altersgruppe × geschlecht": "nicht erfragt", "altersgruppe": "nicht erfragt"}


def test_everything_known_is_one_margin_of_pairs():
    raender, left_out = _margins(PEOPLE, CELLS)
    assert list(raender) == [("altersgruppe", "geschlecht"), "raum"] and not left_out
