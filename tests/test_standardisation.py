from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import rates
from analysis.errors import InputError
from analysis.standardisation import dsr, standardbevoelkerung

EXPECTED = Path(__file__).parent / "expected" / "rates"
ESP = standardbevoelkerung()
WEIGHTS = pd.Series({"jung": 60, "alt": 40})


def areas(*rows) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["ags", "stratum", "zaehler", "nenner"])


def test_a_standardised_rate_equals_the_published_one_of_the_uk_health_security_agency():
    counts = pd.read_csv(EXPECTED / "phe_dsr.csv", comment="#").assign(ags="16077")
    result = dsr(counts, ESP).iloc[0]
    assert (result.zaehler, result.nenner, result.grund) == (88, 860, "")
    assert round(result.rate * 100_000, 3) == 8283.016
    assert round(result.unten * 100_000, 3) == 6570.819 and round(result.oben * 100_000, 2) == 10289.65


@pytest.mark.parametrize(("niveau", "name"), [(0.95, "95"), (0.998, "998")])
def test_standardised_rates_equal_those_of_r_on_the_lung_cancer_of_danish_men(niveau, name):
    table = pd.read_csv(EXPECTED / "dsr_lungDK.csv", comment="#")
    ages = table.drop_duplicates("stratum").stratum
    standard = ESP[[age for age in ESP.index if age in set(ages)]]
    assert len(standard) == 10
    ours = dsr(table[["zeit", "stratum", "zaehler", "nenner"]], standard, ("zeit",), niveau).set_index("zeit")
    expected = table.drop_duplicates("zeit").set_index("zeit")
    for column, theirs in (("rate", "rate"), ("unten", f"unten_{name}"), ("oben", f"oben_{name}")):
        np.testing.assert_allclose(ours[column], expected.loc[ours.index, theirs], rtol=1e-12)


def test_the_european_standard_population_has_its_19_groups():
    assert ESP.sum() == 100_000 and len(ESP) == 19
    with pytest.raises(InputError, match="standard population 'esp'; expected one of esp2013"):
        standardbevoelkerung("esp")


def test_areas_are_standardised_one_by_one_in_any_order():
    counts = pd.read_csv(EXPECTED / "phe_dsr.csv", comment="#")
    twice = pd.concat(
        [counts.assign(ags="a", jahr=2023), counts.assign(ags="b", jahr=2023, zaehler=counts.zaehler * 2)]
    )
    shuffled = twice.sample(frac=1, random_state=1)
    result = dsr(shuffled, ESP, ("ags", "jahr")).set_index("ags").sort_index()
    assert result.rate["b"] == pytest.approx(2 * result.rate["a"], rel=1e-14)
    pd.testing.assert_frame_equal(result, dsr(twice, ESP, ("ags", "jahr")).set_index("ags").sort_index())


@settings(max_examples=50, deadline=None)
@given(st.integers(10, 10**5), st.integers(10, 10**5), st.integers(1, 10**5))
def test_with_the_structure_of_the_standard_population_it_is_the_crude_rate(young, old, size):
    counts = areas(("1", "jung", young, 60 * size), ("1", "alt", old, 40 * size))
    result = dsr(counts, WEIGHTS).iloc[0]
    cases = young + old
    assert result.rate == pytest.approx(cases / (100 * size), rel=1e-12)
    np.testing.assert_allclose([result.unten, result.oben], rates.byar(cases, 100 * size), rtol=1e-9)


def test_what_cannot_be_standardised_says_why():
    result = dsr(
        areas(
            *(("fehlt", "jung", np.nan, 500), ("fehlt", "alt", 20, 300)),
            *(("leer", "jung", 20, 500), ("leer", "alt", 0, 0)),
            *(("wenige", "jung", 5, 500), ("wenige", "alt", 4, 300)),
            *(("genug", "jung", 5, 500), ("genug", "alt", 5, 300)),
        ),
        WEIGHTS,
    ).set_index("ags")
    assert result.grund.to_dict() == {"fehlt": "unbekannt", "leer": "sinnlos", "wenige": "unsicher", "genug": ""}
    assert result[["rate", "unten", "oben"]].notna().all(axis=1).tolist() == [False, False, False, True]
    assert np.isnan(result.zaehler["fehlt"])


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([("1", "jung", 1, 9)], "ags 1 has no stratum alt"),
        ([("1", "jung", 1, 9), ("1", "jung", 1, 9)], "ags 1, stratum jung: it stands twice"),
        ([("1", "mittel", 1, 9)], "ags 1, stratum mittel: expected one of jung, alt"),
        ([("1", "jung", -1, 9), ("1", "alt", 1, 9)], "ags 1, stratum jung: a negative number of events"),
        ([("1", "jung", 1, -9), ("1", "alt", 1, 9)], "ags 1, stratum jung: a negative number of persons"),
    ],
)
def test_standardisation_refuses_what_cannot_be(rows, sentence):
    with pytest.raises(InputError, match=sentence):
        dsr(areas(*rows), WEIGHTS)


def test_standardisation_refuses_a_standard_without_persons_and_a_table_without_columns():
    with pytest.raises(InputError, match="each stratum once, with more than 0 persons"):
        dsr(areas(("1", "jung", 1, 9), ("1", "alt", 1, 9)), WEIGHTS * [1, 0])
    with pytest.raises(InputError, match="no column nenner"):
        dsr(areas(("1", "jung", 1, 9)).drop(columns="nenner"), WEIGHTS)
