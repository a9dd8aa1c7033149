import numpy as np
import pytest
from clusters.gebiete import daten, erwartet, geplant
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture

from analysis.clusters import baeume
from analysis.clusters.guete import calinski_harabasz, quadratsummen, silhouette
from analysis.clusters.medoide import distanzen, pam
from analysis.clusters.mischung import STREUUNG_MINDESTENS, gmm
from analysis.clusters.uebereinstimmung import adjusted_rand
from analysis.clusters.verfahren import VERFAHREN, labels, partitionen, tree
from analysis.errors import InputError

SAETZE = ("swiss", "arrests")


@pytest.mark.parametrize("name", SAETZE)
@pytest.mark.parametrize("verfahren", baeume.BAEUME)
def test_heights_equal_hclust(name, verfahren):
    assert tree(daten(name), verfahren)[:, 2] == pytest.approx(erwartet(f"{name}_hoehen")[verfahren], rel=1e-12)


@pytest.mark.parametrize("name", SAETZE)
@pytest.mark.parametrize("verfahren", ["ward", "average", "kmedoids", "kmeans"])
def test_groups_equal_r(name, verfahren):
    x, table, measures = daten(name), erwartet(f"{name}_gruppen"), erwartet(f"{name}_guete")
    for k in range(2, 9):
        found = labels(x, k, verfahren)
        row = measures[(measures.verfahren == verfahren) & (measures.k == k)].iloc[0]
        want = table[(table.verfahren == verfahren) & (table.k == k)].gruppe.to_numpy() - 1
        if verfahren == "kmeans":  # 10 starts here, 200 there: seldom worse, never better
            assert row.quadratsumme * (1 - 1e-9) <= quadratsummen(x, found[None])[0] <= row.quadratsumme * 1.04
        else:
            assert adjusted_rand(found, want[None])[0] == 1
        assert silhouette(x, want[None]).mean() == pytest.approx(row.silhouette, rel=1e-12)
        assert calinski_harabasz(x, want[None])[0] == pytest.approx(row.calinhara, rel=1e-12)
        assert quadratsummen(x, want[None])[0] == pytest.approx(row.quadratsumme, rel=1e-12)


@pytest.mark.parametrize("name", SAETZE)
def test_sum_of_distances_to_medoids_equals_pam(name):
    measures = erwartet(f"{name}_guete")
    for row in measures[measures.verfahren == "kmedoids"].itertuples():
        distance = distanzen(daten(name))
        groups, medoids = pam(distance, row.k)
        assert distance[np.arange(len(groups)), medoids[groups]].sum() == pytest.approx(row.ziel, rel=1e-12)


@pytest.mark.parametrize("name", SAETZE)
def test_mixture_equals_scikit_learn_from_equal_starts(name):
    x = daten(name)
    start = labels(x, 3, "kmeans")
    parts = [x[start == g] for g in range(3)]
    variances = np.array([part.var(axis=0) for part in parts]) + STREUUNG_MINDESTENS
    model = GaussianMixture(
        3, covariance_type="diag", reg_covar=STREUUNG_MINDESTENS, weights_init=[len(part) / len(x) for part in parts],
        means_init=[part.mean(axis=0) for part in parts], precisions_init=1 / variances,
    )  # fmt: skip
    want = model.fit_predict(x)
    found = gmm(x, np.ones((2, len(x)), bool), np.array([start, start]), 3)
    assert np.array_equal(found[0], want) and np.array_equal(found[1], want)


@pytest.mark.parametrize("verfahren", VERFAHREN)
def test_planted_groups_are_found_in_any_order_of_rows(verfahren):
    x, group = geplant(abstand=6.0)
    found = labels(x, 3, verfahren)
    assert adjusted_rand(group, found[None])[0] == 1
    order = np.random.default_rng(2).permutation(len(x))
    assert np.array_equal(labels(x[order], 3, verfahren), found[order])


@pytest.mark.parametrize("verfahren", VERFAHREN)
def test_any_order_of_rows_also_without_groups(verfahren):
    random = np.random.default_rng(3)
    x = random.standard_normal((90, 5))
    order = random.permutation(len(x))
    for k in (2, 5):
        assert np.array_equal(labels(x[order], k, verfahren), labels(x, k, verfahren)[order])


@pytest.mark.parametrize("verfahren", VERFAHREN)
def test_identical_areas_are_together(verfahren):
    x = np.repeat(np.random.default_rng(4).standard_normal((12, 3)), 3, axis=0)
    for k in (1, 4, 12):
        found = labels(x, k, verfahren).reshape(12, 3)
        assert (found == found[:, :1]).all() and len(np.unique(found)) == (k if verfahren != "gmm" else found.max() + 1)


@pytest.mark.parametrize("verfahren", VERFAHREN)
def test_a_resample_is_grouped_as_if_it_were_all(verfahren):
    x, _ = geplant(seed=5, abstand=6.0)
    chosen = np.random.default_rng(5).random((7, len(x))) < 0.6
    found = partitionen(x, chosen, [3], verfahren, 1)[:, 0]
    for row, groups in zip(chosen, found, strict=True):
        assert (groups[~row] == -1).all()
        assert adjusted_rand(groups[row].astype(int), labels(x[row], 3, verfahren)[None])[0] == 1


def test_ward_without_distances_has_equal_heights(monkeypatch):
    x = daten("swiss")
    whole = tree(x, "ward")
    monkeypatch.setattr(baeume, "DISTANZEN_BIS", 10)
    assert tree(x, "ward")[:, 2] == pytest.approx(whole[:, 2], rel=1e-10)
    assert np.array_equal(baeume.cut(tree(x, "ward"), [5]), baeume.cut(whole, [5]))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=30))
@settings(max_examples=60, deadline=None)
def test_rand_index_equals_scikit_learn(pairs):
    first, second = np.array(pairs).T
    assert adjusted_rand(first, second[None])[0] == pytest.approx(adjusted_rand_score(first, second), abs=1e-12)


@pytest.mark.parametrize(
    ("matrix", "k", "verfahren", "message"),
    [
        (np.zeros((5, 2)), 2, "ward", "2 groups of 1 distinct areas"),
        (np.eye(3), 4, "kmeans", "4 groups of 3 distinct areas"),
        (np.eye(3), 0, "ward", "numbers of groups"),
        (np.eye(3), 2, "single", "method 'single'"),
        (np.array([[1.0, np.nan], [2.0, 3.0]]), 2, "ward", "row 0, column 1 is nan"),
        (np.zeros((0, 2)), 1, "ward", "expected areas × indicators"),
    ],
)
def test_what_cannot_be_grouped(matrix, k, verfahren, message):
    with pytest.raises(InputError, match=message):
        labels(matrix, k, verfahren)


def test_what_has_no_tree():
    with pytest.raises(InputError, match="kmeans has no tree"):
        tree(np.eye(3), "kmeans")
    with pytest.raises(InputError, match="a tree of one area"):
        tree(np.ones((1, 2)))


def test_medoids_of_too_many_areas():
    with pytest.raises(InputError, match="5001 areas; expected at most 5000"):
        distanzen(np.zeros((5001, 1)))
