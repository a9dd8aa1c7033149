"""What a design refuses, in one plain sentence."""

import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.survey.design import design


@pytest.mark.parametrize(
    ("columns", "options", "message"),
    [
        ({"w": [1.0, -0.5, 2.0]}, {"gewicht": "w"},
         "design, column w, respondent 2: -0.5; expected a weight above 0 (1 of 3 are not)"),
        ({"w": [1, 0, 0]}, {"gewicht": "w"},
         "design, column w, respondent 2: 0; expected a weight above 0 (2 of 3 are not)"),
        ({"w": pd.array([3, 2, 0], "Int64")}, {"gewicht": "w"},
         "design, column w, respondent 3: 0; expected a weight above 0 (1 of 3 are not)"),
        ({"w": [1, "viel", 2]}, {"gewicht": "w"},
         "design, column w, respondent 2: 'viel'; expected a weight above 0 (1 of 3 are not)"),
        ({"N": [9.0, 9.0, 7.5]}, {"umfang": "N"},
         "design, column N, respondent 1: 9.0; expected one number per stratum"),
        ({"N": [2, 2, 2], "s": [4, 4, 4]}, {"umfang": "N", "schicht": "s"},
         "design, column N, stratum 4: 3 units drawn of 2 in the population"),
        ({"N": [2, 2, 2], "s": ["Nord"] * 3}, {"umfang": "N", "schicht": "s"},
         "design, column N, stratum 'Nord': 3 units drawn of 2 in the population"),
        ({"s": ["a", None, "a"]}, {"schicht": "s"},
         "design, column s, respondent 2: empty; expected a value for everybody"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_shown_as_it_stands_in_the_table(columns, options, message):
    with pytest.raises(InputError) as error:
        design(pd.DataFrame(columns), **options)
    assert str(error.value) == message
