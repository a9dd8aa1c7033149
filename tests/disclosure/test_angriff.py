"""The attack finds what can be computed, and no more: checked by trying all whole numbers."""

import itertools
import re

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from disclosure_made import two_way
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.disclosure import pruefung
from analysis.disclosure.regeln import rounded, rule
from analysis.disclosure.tabelle import combine, table
from analysis.errors import InputError

ONE_SUM = {"k": [("ges", ["a", "b", "c"])]}


def one_way(a, b, c, total=None, tolerance=0):
    rows = pd.DataFrame({"k": ["a", "b", "c", "ges"], "wert": [a, b, c, a + b + c if total is None else total]})
    return table(rows, ONE_SUM, tolerance)


def by_trying(s, low, high):
    """Bounds of all cells from every combination of whole numbers that agrees."""
    fits = []
    for numbers in itertools.product(*(range(int(a), int(b) + 1) for a, b in zip(low, high, strict=True))):
        if (abs(s.gleichungen @ np.array(numbers)) <= s.toleranz).all():
            fits.append(numbers)
    return np.min(fits, axis=0), np.max(fits, axis=0)


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10**6), st.booleans())
def test_bounds_are_those_of_all_whole_numbers_that_agree(seed, noisy):
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 4, 3)
    s = one_way(*values, tolerance=1 if noisy else 0)
    hidden = rng.random(4) < 0.6
    low, high = pruefung.known(s, hidden)
    high = np.minimum(high, 9)
    found = pruefung.bounds(s, low, high)
    least, most = by_trying(s, low, high)
    assert (found.unten == least[found.index]).all() and (found.oben == most[found.index]).all()


def test_a_single_withheld_cell_is_computed():
    s = one_way(2, 10, 20)
    low, high = pruefung.known(s, [True, False, False, False])
    found = pruefung.audit(s, low, high, np.array([0, np.nan, np.nan, np.nan]), np.array([5, np.nan, np.nan, np.nan]))
    assert found.zelle.tolist() == ["a"] and found.unten.tolist() == found.oben.tolist() == [2]


def test_percentages_with_their_base_give_counts_away():
    low, high = pruefung.from_percent([12.5, 33.3], 1, [8, 1000])
    assert low.tolist() == [1, 333] and high.tolist() == [1, 333]
    low, high = pruefung.from_percent([33.0], 0, [1000])
    assert (low[0], high[0]) == (325, 335)
    with pytest.raises(InputError, match="percentage 12.3 of 8: no count gives it"):
        pruefung.from_percent([12.3], 1, [8])


@settings(deadline=None)
@given(st.integers(0, 500), st.integers(1, 500), st.integers(0, 2))
def test_the_count_is_always_among_those_that_a_percentage_allows(part, more, digits):
    base = part + more
    shown = np.round(100 * part / base, digits)
    low, high = pruefung.from_percent([shown], digits, [base])
    assert low[0] <= part <= high[0]


@settings(deadline=None)
@given(st.integers(0, 300), st.sampled_from(["runden_5", "runden_10"]))
def test_the_count_is_always_among_those_that_a_rounded_one_allows(count, name):
    regel = rule(name)
    low, high = pruefung.from_rounded(rounded([count], regel.rundung), regel.rundung)
    assert low[0] <= count <= high[0]
    assert all(rounded([n], regel.rundung)[0] == rounded([count], regel.rundung)[0] for n in (low[0], high[0]))


def test_a_share_of_a_withheld_count_gives_it_away_in_the_audit():
    s = one_way(2, 14, 20)
    low, high = pruefung.known(s, [True, True, False, False])
    assert pruefung.bounds(s, low, high).loc[0].tolist() == [0, 16]
    low[1], high[1] = (x[0] for x in pruefung.from_percent([38.9], 1, [36]))  # share of b of all, printed
    assert pruefung.bounds(s, low, high).loc[0].tolist() == [2, 2]


def test_two_territorial_states_of_the_same_day_are_linked_tables():
    """Before the merger a and b apart, afterwards together with c: what one withholds the other may give away."""
    before = table(pd.DataFrame({"k": ["a", "b", "c", "ges"], "wert": [2, 9, 30, 41]}), ONE_SUM)
    after = table(pd.DataFrame({"k": ["neu", "c", "ges"], "wert": [11, 30, 41]}), {"k": [("ges", ["neu", "c"])]})
    merger = table(pd.DataFrame({"k": ["a", "b", "neu"], "wert": [2, 9, 11]}), {"k": [("neu", ["a", "b"])]})
    s = combine([before, after, merger])
    names = s.namen
    hidden = np.isin(names, ["a", "c"])  # a and c withheld; safe in the first table alone
    low, high = pruefung.known(s, hidden)
    assert pruefung.bounds(before, *pruefung.known(before, [True, False, True, False])).oben[0] == 32
    assert pruefung.bounds(s, low, high).loc[names.index("a")].tolist() == [2, 2]


def test_an_earlier_report_counts_with_what_it_published():
    s = one_way(2, 14, 20)
    low, high = pruefung.known(s, [True, True, False, False])
    earlier_low, earlier_high = pruefung.known(s, [True, False, True, False])
    low, high = np.maximum(low, earlier_low), np.minimum(high, earlier_high)
    assert pruefung.bounds(s, low, high, [0]).loc[0].tolist() == [2, 2]


def test_contradictory_publications_are_named():
    s = one_way(2, 14, 20)
    low, high = pruefung.known(s, [True, False, False, False])
    low[3] = high[3] = 30
    with pytest.raises(InputError, match="no counts agree with all that is published .at a."):
        pruefung.bounds(s, low, high)


def test_components_do_not_disturb_each_other():
    rng = np.random.default_rng(5)
    s = two_way(rng, 4, 3)
    hidden = rng.random(len(s.wert)) < 0.5
    low, high = pruefung.known(s, hidden)
    high = np.where(np.isinf(high), 500, high)
    every = pruefung.bounds(s, low, high)
    for cell in every.index:
        assert pruefung.bounds(s, low, high, [cell]).loc[cell].tolist() == every.loc[cell].tolist()


def test_the_example_in_the_docs_gives_what_they_say():
    text = (ROOT / "docs" / "vertraulichkeit.md").read_text(encoding="utf-8")
    names: dict = {}
    exec(re.search(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE).group(1), names)
    hidden = names["anzahlen"][names["sperrung"].gesperrt]
    assert sorted(zip(hidden.gemeinde, hidden.gruppe, strict=True)) == [
        ("A", "ab 18"), ("A", "unter 18"), ("B", "ab 18"), ("B", "unter 18"),
    ]  # fmt: skip
    found = pruefung.bounds(names["zellen"], names["unten"], names["oben"])
    assert found.loc[5].tolist() == [0, 9]
