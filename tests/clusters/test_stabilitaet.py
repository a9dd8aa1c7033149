import numpy as np
import pytest
from clusters.gebiete import daten, erwartet, geplant

from analysis.clusters.ohnestruktur import OhneStruktur, ohne_struktur, stabile
from analysis.clusters.stabilitaet import bootstrap, vergleichen
from analysis.clusters.verfahren import VERFAHREN, labels, partitionen
from analysis.errors import InputError

R = erwartet("clusterboot")
MITTEL = erwartet("clusterboot_mittel")


@pytest.mark.parametrize("verfahren", ["ward", "average", "kmeans"])
def test_jaccard_of_equal_resamples_equals_clusterboot(verfahren, monkeypatch):
    # R took the best of 100 starts
    monkeypatch.setattr("analysis.clusters.verfahren.STARTS", 100)
    monkeypatch.setattr("analysis.clusters.mittelpunkte.VERFEINERT", 40)
    x, rows, means = daten("arrests"), R[R.verfahren == verfahren], MITTEL[MITTEL.verfahren == verfahren]
    chosen = np.array([[c == "1" for c in mask[1:]] for mask in rows.auswahl])
    groups = labels(x, 4, verfahren)
    drawn = partitionen(x, chosen, [4], verfahren, 1)[:, 0]
    found = vergleichen(groups, drawn)
    # groups of R by their first area
    place = groups[means.kleinstes_gebiet.to_numpy() - 1]
    assert sorted(place) == [0, 1, 2, 3]
    want = rows[["gruppe1", "gruppe2", "gruppe3", "gruppe4"]].to_numpy()
    np.testing.assert_allclose(found.je_ziehung[:, place], want, rtol=1e-12)
    np.testing.assert_allclose(found.jaccard[place], means.jaccard, rtol=1e-12)
    assert found.aufgeloest[place].tolist() == means.aufgeloest.tolist()
    assert found.wiedergefunden[place].tolist() == means.wiedergefunden.tolist()


@pytest.mark.parametrize("verfahren", VERFAHREN)
def test_planted_groups_come_out_again(verfahren):
    x, _ = geplant(abstand=6.0)
    found = bootstrap(x, 3, verfahren, 30)
    assert found.jaccard.min() > 0.95 and found.eigene.min() > 0.9
    together = found.gruppen[:, None] == found.gruppen
    assert (found.konsens > 0.5)[together].all() and not (found.konsens > 0.5)[~together].any()


def test_an_area_between_two_groups_changes():
    x, group = geplant(abstand=8.0)
    between = (x[group == 0].mean(axis=0) + x[group == 1].mean(axis=0)) / 2
    found = bootstrap(np.vstack([x, between]), 3, "kmeans", 100)
    assert found.eigene[:-1].min() > 0.95
    assert found.eigene[-1] < 0.9 and found.anteile[-1].sum() == pytest.approx(1)
    assert {found.gruppen[-1], found.andere[-1]} == {found.gruppen[0], found.gruppen[20]}


def test_shares_and_consensus_by_hand():
    groups = np.array([0, 0, 1, 1])
    drawn = np.array([[1, 1, 0, -1], [0, 0, 0, 1], [0, -1, 1, 1]])
    found = vergleichen(groups, drawn)
    # second draw: {1, 2, 3} and {4}; the first group is matched to {1, 2, 3}
    assert found.anteile.tolist() == [[1, 0], [1, 0], [1 / 3, 2 / 3], [0, 1]]
    np.testing.assert_allclose(found.je_ziehung, [[1, 1], [2 / 3, 1 / 2], [1, 1]])
    np.testing.assert_allclose(found.konsens, [[1, 1, 1 / 3, 0], [1, 1, 0.5, 0], [1 / 3, 0.5, 1, 0.5], [0, 0, 0.5, 1]])
    assert found.aufgeloest.tolist() == [0, 1] and found.wiedergefunden.tolist() == [2, 2]
    assert found.andere.tolist() == [-1, -1, 0, -1]


def test_the_order_of_rows_and_the_number_of_threads_change_nothing(monkeypatch):
    x, _ = geplant(abstand=1.0)
    order = np.random.default_rng(1).permutation(len(x))
    for verfahren in VERFAHREN:
        whole = bootstrap(x, 4, verfahren, 20)
        other = bootstrap(x[order], 4, verfahren, 20)
        np.testing.assert_allclose(other.jaccard, whole.jaccard, rtol=1e-12)
        np.testing.assert_allclose(other.anteile, whole.anteile[order], rtol=1e-12)
        monkeypatch.setattr("os.cpu_count", lambda: 1)
        assert np.array_equal(bootstrap(x, 4, verfahren, 20).je_ziehung, whole.je_ziehung)


def test_progress_counts_every_resample():
    done = []
    bootstrap(daten("arrests"), 3, "ward", 12, balken=done.append)
    assert sum(done) == 12


def test_thresholds_are_those_of_the_rank_and_at_least_75():
    x = np.random.default_rng(1).standard_normal((60, 5))
    found = ohne_struktur(x, [3], "kmeans", 20).schwellen(3)
    assert found.index.tolist() == [1, 2, 3]
    assert (found.schwelle >= 0.75).all() and (found.schwelle >= found[["vertauscht", "normal"]].max(axis=1)).all()
    assert found.vertauscht.is_monotonic_decreasing and found.normal.is_monotonic_decreasing


def test_threshold_is_the_value_that_one_of_twenty_exceeds():
    found = ohne_struktur(daten("arrests"), [2], "ward", 19)
    assert found.schwellen(2).vertauscht.tolist() == found.jaccard[0, :, 0, :2].max(axis=0).tolist()


def test_two_indicators_are_compared_with_a_normal_distribution_alone():
    assert ohne_struktur(daten("arrests")[:, :2], [2], "ward", 19).schwellen(2).columns.tolist() == [
        "normal",
        "schwelle",
    ]


def test_a_group_is_stable_if_it_or_a_less_stable_one_exceeds_its_threshold():
    thresholds = ohne_struktur(daten("arrests"), [3], "ward", 19).schwellen(3).assign(schwelle=[0.95, 0.85, 0.8])
    assert stabile(np.array([0.7, 0.9, 0.86]), thresholds).tolist() == [False, True, True]
    assert stabile(np.array([0.81, 0.9, 0.82]), thresholds).tolist() == [True, True, True]
    assert stabile(np.array([0.8, 0.94, 0.7]), thresholds).tolist() == [False, False, False]


def test_too_few_resamples_and_data_sets():
    with pytest.raises(InputError, match="0 resamples"):
        bootstrap(daten("arrests"), 2, B=0)
    with pytest.raises(InputError, match="18 data sets without structure; expected at least 19"):
        ohne_struktur(daten("arrests"), [2], wiederholungen=18)


def test_silhouette_must_exceed_what_stable_groups_of_data_without_structure_reach():
    steady = np.full((1, 20, 2, 3), np.nan)
    steady[..., :2] = 0.5
    steady[:, :, 1, 2] = 0.5
    widths = np.tile(np.linspace(0.1, 0.29, 20)[:, None], (1, 1, 2))
    none = OhneStruktur(("normal",), (2, 3), widths, steady)
    np.testing.assert_allclose(none.schwellen_silhouette(), [0.29, 0.29])
    # one data set has stable groups for k = 3 at 3 standard deviations: both numbers must be that far out
    steady, widths = steady.copy(), widths.copy()
    steady[0, 7, 1, :], widths[0, 7, 1] = 0.9, 1.0
    none = OhneStruktur(("normal",), (2, 3), widths, steady)
    limits = none.schwellen(3).assign(schwelle=0.75)
    assert stabile(np.array([0.9, 0.9, 0.9]), limits).all()
    away = (1 - widths[0, :, 1].mean()) / widths[0, :, 1].std()
    wanted = widths[0, :, 0].mean() + away * widths[0, :, 0].std()
    monkey = OhneStruktur(("normal",), (2, 3), widths, np.where(steady == 0.9, 0.9, 0.1))
    found = monkey.schwellen_silhouette()
    assert found[1] == pytest.approx(1.0) and (found[0] == pytest.approx(wanted) or found[0] == pytest.approx(0.29))
