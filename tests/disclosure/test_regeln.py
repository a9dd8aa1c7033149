"""The shipped rules follow their schema and say what they mean."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.disclosure import regeln
from analysis.errors import InputError


def test_the_rules_offer_the_usual_minimum_counts():
    assert {r.mindestzahl for r in regeln.rules().values()} == {3, 5, 10}
    assert regeln.rule().mindestzahl == 3 and regeln.rule().mindesteinwohner == 300


def test_counts_below_the_minimum_are_withheld_and_zero_is_not():
    assert regeln.primary([0, 1, 2, 3, np.nan], regeln.rule("kreis_3")).tolist() == [False, True, True, False, False]
    below, above = regeln.protection([1, 2, 50], regeln.rule("kreis_3").kleinste)
    assert below.tolist() == [1, 2, 3] and above.tolist() == [3, 3, 3]


@given(st.integers(1, 10), st.integers(10, 99))
def test_dominance_of_persons_is_a_least_count(largest, percent):
    """Of c persons, the largest n make up min(n, c) / c of the count: by definition of the (n, k) rule."""
    rule = replace(regeln.rule("kreis_3"), mindestzahl=1, dominanz_anzahl=largest, dominanz_anteil=percent / 100)
    dominated = [c for c in range(1, 200) if min(largest, c) * 100 > percent * c]
    assert rule.kleinste == max(dominated, default=0) + 1


def test_rounding_takes_the_nearest_multiple_halves_up():
    assert regeln.rounded([0, 2, 3, 7, 8, 12], 5).tolist() == [0, 0, 5, 5, 10, 10]
    assert regeln.rounded([4, 5, 15], 10).tolist() == [0, 10, 20]
    assert regeln.rounded([4, 4, 4, np.nan], [0, 5, 10, 5]).tolist()[:3] == [4, 5, 0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("mindestzahl: 3", "mindestzahl: 1"), "mindestzahl"),
        (("rundung: 5", "rundung: 7"), "rundung"),
        (("vorgabe: kreis_3", "vorgabe: kreis_4"), "vorgabe: 'kreis_4' is no profile; expected one of kreis_3"),
        (("  ba: ba", "  ba: bb"), "quellen.ba: 'bb' is no profile; expected one of kreis_3"),
        (("    titel: \"Runden auf 10", "    untertitel: \"Runden auf 10"), "runden_10"),
    ],
)  # fmt: skip
def test_wrong_rules_are_named(tmp_path, change, message):
    path = tmp_path / "regeln.yaml"
    path.write_text(regeln.DATEI.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        regeln.rules(path)


def test_an_unknown_rule_is_named():
    with pytest.raises(InputError, match="'streng'; expected one of kreis_3"):
        regeln.rule("streng")
