"""Tables as equations: totals, hierarchies, linked tables, and what is no table."""

import numpy as np
import pandas as pd
import pytest

from analysis.disclosure.tabelle import combine, system, table
from analysis.errors import InputError


def counts(**changed) -> pd.DataFrame:
    values = {("a", "m"): 4, ("a", "w"): 6, ("a", "ges"): 10, ("b", "m"): 1, ("b", "w"): 2, ("b", "ges"): 3,
              ("alle", "m"): 5, ("alle", "w"): 8, ("alle", "ges"): 13} | changed.get("values", {})  # fmt: skip
    return pd.DataFrame([(*key, value) for key, value in values.items()], columns=["raum", "geschlecht", "wert"])


SUMS = {"raum": [("alle", ["a", "b"])], "geschlecht": [("ges", ["m", "w"])]}


def test_every_total_of_every_attribute_is_an_equation():
    s = table(counts(), SUMS)
    assert s.gleichungen.shape == (6, 9)
    assert np.allclose(s.gleichungen @ s.wert, 0)
    assert (abs(s.gleichungen).sum(axis=1) == 3).all()


def test_hierarchies_and_a_second_division_of_the_same_total():
    rows = pd.DataFrame({"raum": ["a", "b", "c", "x", "kreis"], "wert": [1, 2, 3, 3, 6]})
    s = table(rows, {"raum": [("kreis", ["a", "b", "c"]), ("x", ["a", "b"]), ("kreis", ["x", "c"])]})
    assert s.gleichungen.shape == (3, 5) and np.allclose(s.gleichungen @ s.wert, 0)


def test_linked_tables_share_their_cells():
    first = table(pd.DataFrame({"k": ["a", "b", "ges"], "wert": [1, 2, 3]}), {"k": [("ges", ["a", "b"])]})
    second = table(pd.DataFrame({"k": ["c", "d", "ges"], "wert": [0, 3, 3]}), {"k": [("ges", ["c", "d"])]})
    both = combine([first, second])
    assert len(both.zellen) == 5 and both.gleichungen.shape == (2, 5)
    assert np.allclose(both.gleichungen @ both.wert, 0)
    third = table(pd.DataFrame({"k": ["c", "d", "ges"], "wert": [0, 4, 4]}), {"k": [("ges", ["c", "d"])]})
    with pytest.raises(InputError, match="ges is 3 and 4; expected the same count"):
        combine([first, third])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({("a", "m"): -1}, "a, m is -1; expected a whole number of 0 or more"),
        ({("a", "m"): 4.5}, "a, m is 4.5; expected a whole number"),
        ({("alle", "ges"): 14}, "alle, ges is 14, its known parts add up to 13; expected the same .tolerance 0."),
    ],
)
def test_what_is_no_table_is_named(values, message):
    with pytest.raises(InputError, match=message):
        table(counts(values=values), SUMS)


def test_known_parts_above_their_total_are_named_beside_a_secret_one():
    rows = pd.DataFrame({"k": ["a", "b", "ges"], "wert": [np.nan, 11, 10]})
    with pytest.raises(InputError, match="ges is 10, its known parts add up to 11; expected at least as many"):
        table(rows, {"k": [("ges", ["a", "b"])]})


def test_noise_of_the_census_within_the_tolerance_is_no_error():
    rows = counts(values={("alle", "ges"): 14})
    assert table(rows, SUMS, toleranz=1).toleranz.max() == 1
    with pytest.raises(InputError, match="tolerance 1"):
        table(counts(values={("alle", "ges"): 15}), SUMS, toleranz=1)


def test_secret_cells_of_the_source_are_unknown_and_not_zero():
    s = table(counts(values={("b", "m"): np.nan, ("b", "w"): np.nan}), SUMS)
    assert np.isnan(s.wert).sum() == 2


@pytest.mark.parametrize(
    ("rows", "sums", "message"),
    [
        (counts().iloc[1:], SUMS, "'a' is missing; expected every part once"),
        (pd.concat([counts(), counts().iloc[:1]]), SUMS, "stands twice"),
        (counts(), {"alter": [("ges", ["m"])]}, "no column 'alter'"),
        (counts(), {"raum": [("land", ["a", "b"])]}, "no cell with raum 'land'"),
    ],
)
def test_incomplete_tables_are_named(rows, sums, message):
    with pytest.raises(InputError, match=message):
        table(rows, sums)


def test_a_system_without_sums_is_allowed():
    assert system(pd.DataFrame({"wert": [1.0, 2.0]}), []).gleichungen.shape == (0, 2)
