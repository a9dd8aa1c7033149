import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vergleich.tafel import ERWARTET

from analysis.errors import InputError
from analysis.vergleich.robustheit import robustheit
from analysis.vergleich.sozialindex import aggregieren, gleiche_gewichte, normieren, sozialindex

TAI = pd.read_csv(ERWARTET / "tai.csv", sep=";", comment="#").set_index("land")
WERTE = TAI.iloc[:, :8]
HOCH = dict.fromkeys(WERTE, "niedriger_guenstiger")
TIEF = dict.fromkeys(WERTE, "hoeher_guenstiger")
GRENZEN = {
    "patents": (0, 994), "royalties": (0, 272.6), "internet": (0, 232.4), "exports": (0, 80.8),
    "telephones": (0, np.log10(901)), "electricity": (np.log10(22), np.log10(6969)),
    "schooling": (0.8, 12), "university": (0.1, 27.4),
}  # fmt: skip
"""Goalposts of the index (UNDP, Human Development Report 2001, technical note 2)."""

BAP = dict(zip(WERTE, [0.11, 0.11, 0.11, 0.18, 0.10, 0.06, 0.15, 0.18], strict=True))
"""Weights by budget allocation (table 22 of the handbook)."""


@pytest.mark.parametrize(("normierung", "rundung"), [("z", 0.005), ("minmax", 0.005), ("rang", 0)])
def test_normalisation_equals_table_15_of_the_handbook(normierung, rundung):
    expected = pd.read_csv(ERWARTET / "tai_schooling.csv", sep=";", comment="#").set_index("land")
    found = normieren(expected[["schooling"]], HOCH, normierung).schooling
    assert (found - expected[normierung]).abs().max() <= rundung


@pytest.mark.parametrize(("gewichte", "spalte"), [(None, "rang_ew"), (BAP, "rang_bap")])
def test_ranks_equal_table_23_of_the_handbook(gewichte, spalte):
    found = sozialindex(WERTE, HOCH, gewichte=gewichte, normierung="minmax", grenzen=GRENZEN).set_index("ags")
    assert found["rang"].to_dict() == TAI[spalte].to_dict()


def test_the_index_equals_the_published_technology_achievement_index():
    found = sozialindex(WERTE, HOCH, normierung="minmax", grenzen=GRENZEN).set_index("ags")["index"]
    published = {"United States": 0.733, "Japan": 0.698, "Korea": 0.666, "Netherlands": 0.630, "United Kingdom": 0.606}
    assert found[list(published)].round(3).to_dict() == published


@given(st.sampled_from(list(WERTE)), st.floats(0.001, 1000), st.floats(-50, 50))
@settings(max_examples=40, deadline=None)
def test_the_unit_of_an_indicator_changes_nothing(name, factor, shift):
    other = WERTE.assign(**{name: WERTE[name] * factor + shift})
    for normierung in ("z", "minmax", "rang"):
        one, two = (sozialindex(t, HOCH, normierung=normierung).set_index("ags") for t in (WERTE, other))
        assert np.allclose(one["index"], two["index"][one.index], rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("normierung", ["z", "minmax", "rang"])
def test_reversed_directions_mirror_the_ranks(normierung):
    one, two = (sozialindex(WERTE, r, normierung=normierung).set_index("ags")["rang"] for r in (HOCH, TIEF))
    same = WERTE.rank().apply(lambda x: x.is_unique).all()
    if normierung != "rang" or same:
        assert (one + two[one.index] == len(WERTE) + 1).all()


def test_bounds_mirror_too():
    one, two = (sozialindex(WERTE, r, normierung="minmax", grenzen=GRENZEN).set_index("ags")["index"]
                for r in (HOCH, TIEF))  # fmt: skip
    assert np.allclose(one + two[one.index], 1)


def test_the_product_punishes_what_is_uneven():
    values = np.array([[0.5, 0.5], [0.9, 0.1]])
    weights = np.array([0.5, 0.5])
    assert aggregieren(values, weights) == pytest.approx([0.5, 0.5])
    assert aggregieren(values, weights, "geometrisch") == pytest.approx([0.5, 0.3])
    with_zero = aggregieren(np.array([[1.0, 0.0]]), weights, "geometrisch")
    assert with_zero == pytest.approx([0.1])
    with pytest.raises(InputError, match="no product of z values"):
        sozialindex(WERTE, HOCH, aggregation="geometrisch")


def test_weights_by_lebenslage_are_equal_between_and_within():
    found = gleiche_gewichte(["a", "b", "c"], {"a": "Arbeit", "b": "Arbeit", "c": "Wohnen"})
    assert found.to_dict() == {"a": 0.25, "b": 0.25, "c": 0.5}
    with pytest.raises(InputError, match="c has no Lebenslage"):
        gleiche_gewichte(["a", "c"], {"a": "Arbeit"})


def test_areas_without_a_value_have_no_index():
    table = WERTE.copy()
    table.iloc[3, 2] = np.nan
    found = sozialindex(table, HOCH)
    assert found.iloc[-1][["ags", "grund"]].tolist() == ["Japan", "wert_fehlt"] and np.isnan(found["rang"].iloc[-1])
    assert len(robustheit(table, HOCH, seed=1, ziehungen=5)[0]) == 22


def test_equal_areas_share_their_rank_in_every_variant():
    table = pd.concat([WERTE, WERTE.iloc[[4]].set_axis(["Zwilling"])])
    found, _ = robustheit(table, HOCH, seed=1, ziehungen=50)
    found = found.set_index("ags")
    pd.testing.assert_series_equal(found.loc["Zwilling"], found.loc["Korea"], check_names=False)


def test_robustness_counts_every_variant_and_holds_the_reported_rank():
    lebenslage = dict(zip(WERTE, "aabbccdd", strict=True))
    found, shares = robustheit(WERTE, HOCH, seed=1, lebenslage=lebenslage, gewichte=BAP, ziehungen=200)
    assert (found.varianten == 5 * 3 * 9).all()
    reported = sozialindex(WERTE, HOCH, gewichte=BAP).set_index("ags")["rang"]
    assert (found.set_index("ags")["rang"] == reported[found.ags]).all()
    assert (found.rang_minimum <= found["rang"]).all() and (found.rang_maximum >= found["rang"]).all()
    assert (found.rang_minimum <= found.rang_unten).all() and (found.rang_oben <= found.rang_maximum).all()
    assert shares.sum() == pytest.approx(1) and (shares >= -1e-12).all()


def test_robustness_of_leaving_out_equals_the_index_without_it():
    found, _ = robustheit(WERTE[["patents", "internet"]], HOCH, seed=1, ziehungen=5)
    alone = pd.DataFrame({name: WERTE[name].rank(ascending=False, method="min") for name in ("patents", "internet")})
    found = found.set_index("ags")
    assert (found.rang_maximum >= alone.max(axis=1)[found.index]).all()
    assert (found.rang_minimum <= alone.min(axis=1)[found.index]).all()


def test_indicators_that_agree_make_a_certain_rank():
    table = pd.DataFrame({name: np.arange(6.0) ** 2 for name in "abc"}, index=[f"0{k}" for k in range(6)])
    found, shares = robustheit(table, dict.fromkeys("abc", "niedriger_guenstiger"), seed=1, ziehungen=50)
    assert (found.rang_minimum == found.rang_maximum).all() and shares.isna().all()
    assert found.ags.iloc[0] == "05"


def test_bad_input_is_refused():
    cases = [
        ({"richtung": {}}, "direction of patents is None"),
        ({"normierung": "x"}, "normierung='x'"),
        ({"aggregation": "x"}, "aggregation='x'"),
        ({"gewichte": {"patents": 1}}, "weights and values do not fit"),
        ({"gewichte": {**BAP, "patents": -1}}, "weight of patents is -1.0"),
        ({"grenzen": GRENZEN}, "fixed bounds with normierung='z'"),
        ({"grenzen": {}, "normierung": "minmax"}, "bounds of patents are None"),
        ({"tabelle": WERTE.assign(exports=1.0)}, "exports does not vary"),
        ({"tabelle": WERTE.head(2)}, "2 areas have all 8 indicators"),
        ({"tabelle": pd.concat([WERTE, WERTE.head(1)])}, "Finland occurs twice"),
    ]
    for wahl, text in cases:
        with pytest.raises(InputError, match=text):
            sozialindex(**{"tabelle": WERTE, "richtung": HOCH, **wahl})
    with pytest.raises(InputError, match="1 indicator; expected at least two"):
        robustheit(WERTE[["patents"]], HOCH, seed=1)
    with pytest.raises(InputError, match="margin of weights 1"):
        robustheit(WERTE, HOCH, seed=1, spielraum=1)
