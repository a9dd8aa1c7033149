"""The shipped rules follow their schema and say what they mean."""

import numpy as np
import pytest

from analysis.catalogue import katalog
from analysis.disclosure import regeln
from analysis.errors import InputError
from analysis.kleinezahlen import MINDESTENS_EINWOHNER, MINDESTENS_PERSONEN


def test_every_rule_belongs_to_known_sources_and_is_plain_to_read():
    known = set(katalog().quellen)
    for rule in regeln.rules().values():
        assert set(rule.quellen) <= known and rule.rechtsgrundlage
        assert str(rule.rundung or rule.mindestzahl) in rule.satz
    assert {r.mindestzahl for r in regeln.rules().values()} == {3, 5, 10}


def test_the_default_is_what_reports_apply():
    assert regeln.rule().mindestzahl == MINDESTENS_PERSONEN
    assert regeln.rule().mindesteinwohner == MINDESTENS_EINWOHNER


def test_counts_below_the_minimum_are_withheld_and_zero_is_not():
    assert regeln.primary([0, 1, 2, 3, np.nan], regeln.rule("kreis_3")).tolist() == [False, True, True, False, False]
    below, above = regeln.protection([1, 2, 50], regeln.rule("kreis_3"))
    assert below.tolist() == [1, 2, 3] and above.tolist() == [3, 3, 3]


def test_two_contributors_with_more_than_nine_tenths_dominate():
    rule = regeln.rule("kreis_10")
    assert regeln.dominated([60, 31, 5, 4], rule) and not regeln.dominated([60, 30, 5, 5], rule)
    assert not regeln.dominated([99, 1], regeln.rule("kreis_3")) and not regeln.dominated([0, 0], rule)


def test_rounding_takes_the_nearest_multiple_halves_up():
    assert regeln.rounded([0, 2, 3, 7, 8, 12], regeln.rule("runden_5")).tolist() == [0, 0, 5, 5, 10, 10]
    assert regeln.rounded([4, 5, 15], regeln.rule("runden_10")).tolist() == [0, 10, 20]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("mindestzahl: 3", "mindestzahl: 1"), "mindestzahl"),
        (("rundung: 5", "rundung: 7"), "rundung"),
        (("vorgabe: kreis_3", "vorgabe: kreis_4"), "'kreis_4' is no profile; expected one of kreis_3"),
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
