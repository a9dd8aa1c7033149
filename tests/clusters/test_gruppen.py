import numpy as np
import pandas as pd
import pytest
from clusters.gebiete import anteile, geplant

from analysis.clusters.empfindlichkeit import sensitivity
from analysis.clusters.gruppen import group
from analysis.clusters.stabilitaet import SICHER_AB
from analysis.clusters.uebereinstimmung import adjusted_rand
from analysis.clusters.vorbereitung import prepare
from analysis.errors import InputError


def tafel(x, **spalten):
    """Rows of published values without intervals."""
    table = pd.DataFrame(x, [f"160{n:05d}" for n in range(len(x))]).add_prefix("i").rename_axis("ags").reset_index()
    long = table.melt("ags", var_name="indikator", value_name="anteil")
    return long.assign(stichtag="2023-12-31", unten=np.nan, oben=np.nan, intervall="", grund="", **spalten)


def gruppiert(x, **wie):
    return group(prepare(tafel(x), schief_ab=np.inf), wiederholungen=19, B=20, **wie)


def test_planted_groups_are_found_and_numbered_by_size():
    x, _ = geplant(abstand=6.0)
    found = gruppiert(x[:-5])
    assert found.k == 3 and found.gewaehlt
    assert found.stabil.anzahl.tolist() == [20, 20, 15] and found.stabil.stabil.all()
    assert found.ergebnis == "3 Gruppen, davon 3 stabil"
    assert found.labels.value_counts().to_dict() == {1: 20, 2: 20, 3: 15} and found.labels.iloc[0] == 1
    assert (found.sicherheit.eigene >= SICHER_AB).mean() > 0.95
    assert found.konsens.index.equals(found.labels.index)


def test_noise_has_no_stable_structure():
    found = gruppiert(np.random.default_rng(1).standard_normal((50, 4)))
    assert found.k == 1 and (found.labels == 0).all() and found.ergebnis == "keine stabile Gruppenstruktur"
    assert found.stabil.empty and found.sicherheit.empty and found.konsens is None
    assert len(found.kriterien) == 8


def test_a_number_that_is_given_is_kept_and_judged():
    found = gruppiert(np.random.default_rng(1).standard_normal((50, 4)), k=4)
    assert found.k == 4 and not found.gewaehlt and not found.stabil.stabil.any()
    assert (found.sicherheit.eigene < SICHER_AB).any() and (found.sicherheit.andere > 0).any()
    assert (found.sicherheit.eigene + found.sicherheit.andere_anteil <= 1 + 1e-12).all()


def test_any_order_of_rows_and_areas_left_out():
    x, _ = geplant(abstand=3.0)
    werte = tafel(x)
    werte.loc[werte.ags == "16000003", "anteil"] = np.nan
    one = group(prepare(werte), wiederholungen=19, B=20)
    two = group(prepare(werte.sample(frac=1, random_state=1)), wiederholungen=19, B=20)
    pd.testing.assert_series_equal(one.labels, two.labels)
    pd.testing.assert_frame_equal(one.sicherheit, two.sicherheit)
    pd.testing.assert_frame_equal(one.kriterien, two.kriterien)
    assert one.labels["16000003"] == 0 and "16000003" not in one.sicherheit.index


def test_all_indicators_twice_give_equal_groups():
    x, _ = geplant(abstand=3.0)
    assert gruppiert(x, k=3).labels.tolist() == gruppiert(np.hstack([x, x]), k=3).labels.tolist()


def test_sensitivity_names_every_choice():
    x, _ = geplant(abstand=6.0)
    ready = prepare(tafel(x))
    found = sensitivity(ready, 3, ziehungen=5)
    # every indicator alone, and the pairs that tell the same
    left_out = list(found.ohne[found.was == "indikator"])
    assert sorted(left_out[:4]) == list(ready.roh) and len(left_out) == 6
    pairs = set(ready.korreliert.indikator + ", " + ready.korreliert.anderer)
    assert set(left_out[4:]) <= pairs
    assert found.was.value_counts().to_dict() == {
        "indikator": 6,
        "skalierung": 2,
        "gewichtung": 1,
        "verfahren": 4,
        "rauschen": 1,
    }
    alone = found[~found.ohne.isin(pairs)]
    assert (alone.rand >= 0.9).all() and (found.rand_minimum <= found.rand).all()
    # who moves: nobody where all agree
    assert ((found.gewechselt == "") == (found.rand == 1)).all()
    # without intervals nothing is drawn anew
    assert found.rand.iloc[-1] == 1


def test_noise_within_the_intervals_changes_groups_of_noise():
    found = sensitivity(prepare(anteile()), 3).set_index("was")
    assert 0 < found.rand["rauschen"] < 1 and found.rand_minimum["rauschen"] < found.rand["rauschen"]


def test_sensitivity_of_groups_that_another_choice_cannot_make():
    x = np.column_stack([np.repeat(np.arange(3.0), 4), np.zeros(12)])
    x[0, 1] = 1.0
    found = sensitivity(prepare(tafel(x), schief_ab=np.inf), 3).set_index("ohne")
    assert np.isnan(found.rand["i0"]) and "3 groups of 2 distinct areas" in found.grund["i0"]


def test_bad_numbers_of_groups():
    x, _ = geplant()
    with pytest.raises(InputError, match="1 groups; expected 2 or more"):
        gruppiert(x, k=1)
    with pytest.raises(InputError, match="61 groups of 60 distinct areas"):
        gruppiert(x, k=61)
    with pytest.raises(InputError, match="2 distinct areas"):
        gruppiert(np.repeat([[0.0], [1.0]], 3, axis=0))


def test_planted_groups_agree_with_those_of_other_methods():
    x, group_of = geplant(abstand=6.0)
    for method in ("average", "kmedoids", "gmm"):
        found = gruppiert(x, verfahren=method, k=3)
        assert adjusted_rand(group_of, found.labels.to_numpy()[None] - 1)[0] == 1
