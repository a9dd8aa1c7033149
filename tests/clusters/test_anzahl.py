import numpy as np
import pytest
from clusters.gebiete import daten, erwartet, geplant
from clusters.rauschen import structures

from analysis.clusters import anzahl
from analysis.clusters.anzahl import choose, criteria, gap_wahl, je_verfahren, log_streuung, luecke
from analysis.clusters.verfahren import labels
from analysis.errors import InputError


def test_gap_of_equal_reference_data_equals_clusgap():
    want, reference = erwartet("gap"), erwartet("gap_referenz")
    ks = want.k.to_list()

    def logs(x):
        return log_streuung(x, np.array([labels(x, k, "ward") for k in ks]))

    sets = np.array([logs(part.drop(columns="satz").to_numpy()) for _, part in reference.groupby("satz")])
    gap, error = luecke(logs(daten("arrests")), sets)
    np.testing.assert_allclose(logs(daten("arrests")), want["logW"], rtol=1e-12)
    np.testing.assert_allclose(gap, want.gap, rtol=1e-11)
    np.testing.assert_allclose(error, want["SE.sim"], rtol=1e-11)
    assert gap_wahl(want.rename(columns={"SE.sim": "gap_se"})) == want.wahl[0]


def test_reference_data_lie_in_the_box_of_the_principal_axes():
    x = daten("swiss")
    axes = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)[2]
    drawn = (anzahl.referenzen(x, 50, 1) - x.mean(axis=0)) @ axes.T
    box = (x - x.mean(axis=0)) @ axes.T
    assert (drawn.min(axis=(0, 1)) >= box.min(axis=0) - 1e-9).all()
    assert (drawn.max(axis=(0, 1)) <= box.max(axis=0) + 1e-9).all()
    np.testing.assert_allclose(drawn.max(axis=(0, 1)), box.max(axis=0), atol=0.05 * np.ptp(box))


@pytest.mark.parametrize("verfahren", ["ward", "kmeans", "kmedoids"])
def test_planted_number_is_chosen(verfahren):
    x, _ = geplant(je_gruppe=15)
    table = criteria(x, verfahren, range(2, 6), 20, B=40)
    assert choose(table) == 3
    assert table.k.tolist() == [1, 2, 3, 4, 5] and not table.belegt[0]


def test_noise_is_refused():
    # `rauschen.py` does the same with 100 seeds
    assert structures("ward", "korreliert", seeds=6, repeats=20) == []


def test_methods_side_by_side():
    x, _ = geplant(abstand=6.0)
    table = je_verfahren(x, range(2, 5), B=20).set_index(["verfahren", "k"])
    whole = criteria(x, "ward", range(2, 5), 20, B=20).set_index("k")
    assert len(table) == 15 and (table.jaccard.unstack().idxmax(axis=1) == 3).all()
    for name in ("silhouette", "jaccard", "jaccard_mittel"):
        assert table.loc["ward"][name].tolist() == whole.loc[2:, name].tolist()


def test_correlated_groups_are_found_where_the_gap_statistic_misses_them():
    random = np.random.default_rng(7)
    group = np.repeat(np.arange(4), 30)
    along = random.standard_normal((120, 1)) * 6
    x = along * np.ones(5) + np.eye(4, 5)[group] * 5 + random.standard_normal((120, 5)) * 0.5
    table = criteria(x, "ward", range(2, 7), 20)
    assert gap_wahl(table) == 1 or choose(table) in (1, 4)


def test_one_group_is_no_number_to_compare():
    with pytest.raises(InputError, match="numbers of groups"):
        criteria(daten("arrests"), ks=[0, 2])
