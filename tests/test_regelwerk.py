"""Which rule holds for which source: the shipped choice, the choice of a Kreis, and what reports say of it."""

import numpy as np
import pytest

from analysis import regelwerk
from analysis.catalogue import katalog
from analysis.errors import InputError
from analysis.regeltexte import befragungstafel, nicht_gezeigt, regeltafel


@pytest.fixture
def chosen(tmp_path):
    """Rules with this content of `vertraulichkeit.yaml`."""

    def load(text: str = ""):
        path = tmp_path / regelwerk.NAME
        if text:
            path.write_text(text, encoding="utf-8")
        return regelwerk.load(path)

    return load


def test_without_a_choice_the_shipped_rules_hold(chosen):
    rules = chosen()
    assert (rules.of("genesis").id, rules.of("ba").id, rules.of("befragung").id) == ("kreis_3", "ba", "befragung")
    assert rules.mindesteinwohner == 300
    assert set(rules.kleinste(["genesis", "ba", "genesis · ba", ""])) == {3} and not rules.rundung(["ba", ""]).any()


def test_one_line_changes_the_least_count_of_a_source_and_nothing_else(chosen):
    rules = chosen("quellen:\n  ba: {mindestzahl: 10}\n")
    assert rules.kleinste(["ba", "genesis"]).tolist() == [10, 3]
    assert rules.of("ba").rechtsgrundlage == chosen("vorgabe: kreis_3").of("ba").rechtsgrundlage


def test_of_several_sources_the_strictest_rule_holds(chosen):
    rules = chosen(
        "vorgabe: {regel: kreis_5, nullen_zeigen: true}\n"
        "quellen: {ba: {rundung: 5, mindestbasis: 20}, tls: {rundung: 10}, genesis: {mindesteinwohner: 500}}\n"
    )
    several = ["ba", "ba · tls", "ba · melderegister", "genesis"]
    assert rules.kleinste(several).tolist() == [3, 5, 5, 5]
    assert rules.rundung(several).tolist() == [5, 10, 0, 0]  # one source that withholds is enough not to round
    assert rules.nullen(several).tolist() == [False, False, False, True]
    assert rules.basis(several).tolist() == [20, 20, 20, 0]
    assert rules.mindesteinwohner == 500


def test_a_change_of_the_file_is_seen_at_once(chosen):
    assert chosen("vorgabe: kreis_5").vorgabe.mindestzahl == 5
    assert chosen("vorgabe: kreis_10").vorgabe.kleinste == 10


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("vorgabe: streng", "vorgabe: 'streng' is no profile; expected one of kreis_3, kreis_5"),
        ("quellen: {agentur: kreis_5}", "there is no source 'agentur'; expected one of "),
        ("quellen: {ba: {regel: kreis_4}}", "quellen.ba: 'kreis_4' is no profile; expected one of"),
        ("quellen: {ba: {mindestzahl: 1}}", "quellen.ba.mindestzahl: 1 is less than the minimum of 2"),
        ("quellen: {ba: {mindestzahl: drei}}", "quellen.ba.mindestzahl: 'drei' is not of type 'integer'"),
        ("quellen: {ba: {rundung: 3}}", r"quellen.ba.rundung: 3 is not one of \[0, 5, 10\]"),
        ("quellen: {ba: {mindestanzahl: 3}}", "quellen.ba: .*'mindestanzahl' was unexpected"),
        ("quellen: {befragung: runden_5}", "quellen.befragung: rundung 5; expected 0"),
        ("freigaben: {Ohne: Text}", "freigaben: 'Ohne' does not match"),
    ],
)
def test_a_wrong_choice_is_named(chosen, text, message):
    with pytest.raises(InputError, match=rf"{regelwerk.NAME}, .*{message}"):
        chosen(text)


def cells(table) -> list[list[str]]:
    return [row for group in table.inhalt["gruppen"] for row in group["zeilen"]]


def test_a_report_prints_rule_and_legal_basis_of_each_source(chosen):
    rules = chosen("quellen: {ba: {mindestzahl: 10}, melderegister: runden_5}")
    table = cells(regeltafel(rules, ["ba", "genesis", "melderegister", "ba"], katalog()))
    assert [row[1] for row in table] == [
        "Anzahlen von 1 bis 9 zeigen wir nicht. Eine 0 zeigen wir meistens.",
        "Anzahlen von 1 und 2 zeigen wir nicht. Eine 0 zeigen wir meistens.",
        "Jede Anzahl ist auf 5 gerundet, aber nicht die Zahl der Einwohner.",
    ]
    assert "SGB III" in table[0][2] and all("§" in row[2] for row in table)
    assert "300 Einwohnern und Werte aus weniger als 3 bis 10 Fällen (je nach Quelle)" in nicht_gezeigt(rules)
    rule = chosen("quellen: {befragung: {mindestzahl: 5, mindestbasis: 40}}").of("befragung")
    said = cells(befragungstafel(rule, "."))[0][1]
    assert said.startswith("Anzahlen von 1 bis 4 zeigen wir nicht.") and "ab 40\N{NO-BREAK SPACE}Fällen" in said
    assert "Eine 0 zeigen wir. Nur wo in einem Gebiet eine ganze Frage fehlt, fehlt auch sie." in said


def test_the_sentence_of_the_default_is_short(chosen):
    assert nicht_gezeigt(chosen()).startswith(
        "Nicht gezeigt werden Gebiete mit weniger als 300 Einwohnern und Werte aus weniger als 3 Fällen („geheim "
        "gehalten“)."
    )


def test_rules_of_many_numbers_follow_their_order(chosen):
    rules = chosen("quellen: {ba: {mindestzahl: 10}}")
    drawn = np.random.default_rng(3).choice(["ba", "genesis", "", "genesis · ba"], 500)
    expected = [10 if "ba" in text else 3 for text in drawn]
    assert rules.kleinste(drawn).tolist() == expected
