import numpy as np
import pandas as pd
import pytest
from clusters.gebiete import anteile, daten, erwartet, ohne_wert
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.clusters.ausreisser import ausreisser
from analysis.clusters.matrix import Regel, matrix
from analysis.clusters.umformung import faktoren, skalieren
from analysis.clusters.vorbereitung import prepare
from analysis.errors import InputError
from analysis.smoothing import empirical_bayes


def zeilen(werte, indikator, anzahl):
    return werte[werte.indikator == indikator].sort_values("ags").index[:anzahl]


def ausgelassen(found, was):
    return found.ausgelassen[found.ausgelassen.was == was].set_index("schluessel").grund


def test_matrix_is_complete_sorted_and_scaled():
    found = prepare(anteile())
    assert found.matrix.index.is_monotonic_increasing and not found.matrix.isna().to_numpy().any()
    np.testing.assert_allclose(found.matrix.mean(), 0, atol=1e-9)
    np.testing.assert_allclose(found.matrix.std(), 1, rtol=1e-8)
    assert found.ausgelassen.empty and found.ersetzt.empty and (found.umgeformt == "keine").all()


def test_shares_are_smoothed_and_errors_shrink():
    werte = anteile()
    smooth, raw = prepare(werte), prepare(werte, glaetten=False)
    own = werte[werte.indikator == "i1"].set_index("ags").sort_index()
    want = empirical_bayes(own.zaehler, own.nenner)
    np.testing.assert_allclose(smooth.roh.i1, want.geglaettet, rtol=1e-12)
    np.testing.assert_allclose(raw.roh.i1, own.anteil, rtol=1e-12)
    np.testing.assert_allclose(raw.fehler.i1, (own.oben - own.unten) / (2 * 1.959963984540054), rtol=1e-12)
    assert (smooth.fehler.i1 < raw.fehler.i1).mean() > 0.8


def test_a_missing_value_becomes_the_mean_of_the_most_similar_and_keeps_its_reason():
    werte = anteile(indikatoren=6)
    gone = ohne_wert(werte, zeilen(werte, "i2", 2))
    gone = gone.drop(zeilen(werte, "i3", 1))
    found = prepare(gone)
    reasons = found.ersetzt.set_index(["ags", "indikator"]).grund
    keys = sorted(werte.ags.unique())[:2]
    assert reasons.to_dict() == {
        (keys[0], "i2"): "geheim", (keys[1], "i2"): "geheim", (keys[0], "i3"): "nicht geliefert"}  # fmt: skip
    assert found.roh.loc[keys, "i2"].isna().all() and (found.streuung.loc[keys, "i2"] == 1).all()
    others = found.matrix.drop(index=keys)
    away = ((others - found.matrix.loc[keys[1]]).drop(columns="i2") ** 2).sum(axis=1)
    assert found.matrix.loc[keys[1], "i2"] == pytest.approx(others.i2[away.nsmallest(5).index].mean(), abs=1e-9)


def test_an_indicator_with_40_percent_missing_is_left_out_and_named():
    werte = anteile(n=40)
    out = prepare(ohne_wert(werte, zeilen(werte, "i0", 16)))
    assert ausgelassen(out, "indikator").to_dict() == {"i0": "16 von 40 Werten fehlen (geheim: 16)"}
    assert "i0" in prepare(ohne_wert(werte, zeilen(werte, "i0", 15))).matrix


def test_an_area_with_40_percent_missing_is_left_out_and_named():
    werte = anteile(indikatoren=5)
    key = werte.ags.min()
    rows = werte.index[(werte.ags == key) & werte.indikator.isin(["i0", "i3"])]
    assert ausgelassen(prepare(ohne_wert(werte, rows)), "gebiet").to_dict() == {key: "2 von 5 Indikatoren fehlen"}
    assert key in prepare(ohne_wert(werte, rows[:1])).matrix.index


def test_an_indicator_that_does_not_vary_is_left_out_and_named():
    werte = anteile()
    rows = werte.indikator == "i1"
    constant = werte.copy()
    constant.loc[rows, ["anteil", "unten", "oben", "zaehler", "nenner"]] = [0.2, 0.17, 0.23, 100, 500]
    found = prepare(constant)
    assert "gleichen Wert" in ausgelassen(found, "indikator")["i1"] and "i1" not in found.matrix
    # counts that differ by chance alone are equal after smoothing
    constant.loc[rows, "zaehler"] = np.where(np.arange(rows.sum()) % 2, 99, 101)
    constant.loc[rows, "anteil"] = constant.loc[rows, "zaehler"] / 500
    assert "durch Zufall" in ausgelassen(prepare(constant), "indikator")["i1"]


def test_areas_without_inhabitants_are_left_out():
    werte = anteile()
    keys = sorted(werte.ags.unique())
    found = prepare(werte, einwohner=pd.Series(100, keys[2:]).reindex(keys[1:], fill_value=0))
    assert ausgelassen(found, "gebiet").to_dict() == dict.fromkeys(keys[:2], "keine Einwohner")


def test_skew_is_taken_out():
    random = np.random.default_rng(1)
    values = pd.DataFrame({"log": np.exp(random.normal(size=200) * 2), "keine": random.normal(size=200)})
    values["wurzel"] = random.normal(1, 0.5, 200) ** 4
    values.loc[0, "wurzel"] = 0.0
    rule = Regel("z", None, None, 1.0, False)
    found = matrix(values, values * 0.1, rule)
    assert found.umgeformt.to_dict() == {"log": "log", "keine": "keine", "wurzel": "wurzel"}
    np.testing.assert_allclose(found.gerade["log"], np.log(values["log"]))
    # a relative error of 10 % is the same step everywhere on the logarithm
    np.testing.assert_allclose(found.streuung["log"] * np.log(values["log"]).std(), np.log(1.1), rtol=1e-9)
    assert (matrix(values, values, Regel("z", None, None, np.inf, False)).umgeformt == "keine").all()


def test_scalings():
    values = pd.DataFrame({"a": [1.0, 2, 3, 4, 90], "b": [1.0, 1, 1, 1, 6]})
    robust, errors = skalieren(values, values * 0 + 1, "robust")
    np.testing.assert_allclose(robust.a, (values.a - 3) / 1.4826)  # R: (x - median(x)) / mad(x)
    np.testing.assert_allclose(errors.a, 1 / 1.4826)
    np.testing.assert_allclose(robust.b, [0, 0, 0, 0, 5 / 1.2533])
    ranks, errors = skalieren(values, values * 0, "rang")
    np.testing.assert_allclose(ranks.a * np.sqrt(2.5) + 3, [1, 2, 3, 4, 5])
    assert ranks.b.nunique() == 2
    with pytest.raises(InputError, match="skalierung='x'"):
        skalieren(values, values, "x")


def test_a_lebenslage_shares_its_weight():
    names, field = pd.Index(["a", "b", "c"]), {"a": "arbeit", "b": "arbeit", "c": "bildung"}
    weights = faktoren(names, {"arbeit": 1, "bildung": 1}, field) ** 2
    np.testing.assert_allclose(weights, [0.75, 0.75, 1.5])
    np.testing.assert_allclose(faktoren(names, None, field), 1)
    with pytest.raises(InputError, match="weight of Lebenslage bildung is None"):
        faktoren(names, {"arbeit": 1}, field)
    with pytest.raises(InputError, match="c has no Lebenslage"):
        faktoren(names, {"arbeit": 1}, {"a": "arbeit", "b": "arbeit"})
    with pytest.raises(InputError, match="all weights are 0"):
        faktoren(names, {"arbeit": 0, "bildung": 0}, field)


@pytest.mark.parametrize("name", ["swiss", "arrests"])
def test_principal_components_equal_prcomp(name):
    values = pd.DataFrame(daten(name)).add_prefix("i")
    found = matrix(values, values * 0, Regel("z", None, None, np.inf, True))
    scores = erwartet(name)[[f"pc.PC{n}" for n in range(1, found.matrix.shape[1] + 1)]].to_numpy()
    np.testing.assert_allclose(np.abs(found.matrix), np.abs(scores), atol=1e-8)
    share = scores.var(axis=0, ddof=1).sum() / len(values.columns)
    assert share >= 0.9 > share - scores[:, -1].var(ddof=1) / len(values.columns)
    assert (found.ladungen.abs().max() == found.ladungen.max()).all()


def test_correlated_indicators_are_reported():
    werte = anteile()
    copy = werte[werte.indikator == "i0"].assign(indikator="i9")
    found = prepare(pd.concat([werte, copy]))
    assert found.korreliert.to_dict("records") == [{"indikator": "i0", "anderer": "i9", "r": pytest.approx(1)}]


def test_an_area_like_no_other_is_reported_with_what_makes_it_so():
    x = np.random.default_rng(1).standard_normal((80, 3))
    x[7, 1], x[9] = 12, [9, 0, -9]
    x[20:24] = [0, 30, 0] + 0.1 * x[20:24]  # four areas like each other are a group
    found = ausreisser(pd.DataFrame(x, [f"{n:05d}" for n in range(80)], ["a", "b", "c"]))
    assert set(found.ags) == {"00007", "00009"}
    named = found.set_index("ags").indikatoren
    assert named["00007"] == "b" and set(named["00009"].split(", ")) <= {"a", "c"}


def test_identical_areas_are_no_outliers():
    table = pd.DataFrame(np.repeat(np.random.default_rng(1).standard_normal((6, 2)), 4, axis=0))
    assert ausreisser(table).empty


@given(st.floats(1e-3, 1e4), st.integers(0, 1000))
@settings(max_examples=15, deadline=None)
def test_units_and_the_order_of_rows_change_nothing(factor, seed):
    werte = anteile(n=12).assign(intervall="")
    werte.loc[:, ["anteil", "unten", "oben"]] = np.exp(3 * werte[["anteil", "unten", "oben"]])
    changed = werte.copy()
    changed.loc[changed.indikator == "i1", ["anteil", "unten", "oben"]] *= factor
    for scaling in ("z", "robust", "rang"):
        one = prepare(werte, skalierung=scaling, glaetten=False).matrix
        two = prepare(changed.sample(frac=1, random_state=seed), skalierung=scaling, glaetten=False).matrix
        pd.testing.assert_frame_equal(one, two, rtol=0, atol=1e-9)


def test_bad_input():
    werte = anteile()
    with pytest.raises(InputError, match="two values"):
        prepare(pd.concat([werte, werte[:1]]))
    with pytest.raises(InputError, match="3 areas and 4 indicators are left of 3"):
        prepare(anteile(n=3))
    with pytest.raises(InputError, match="hoechstens_fehlend=0"):
        prepare(werte, hoechstens_fehlend=0)
    with pytest.raises(InputError, match="skalierung='log'"):
        prepare(werte, skalierung="log")
    with pytest.raises(InputError, match="0 indicators are left"):
        prepare(ohne_wert(werte, werte.index))
