import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy.stats import rankdata
from vergleich.tafel import ERWARTET, ohne_intervall, werte

from analysis.errors import InputError
from analysis.survey.comparison import corrected
from analysis.vergleich.paarvergleich import holm, p_matrix, paarvergleiche, rangmengen
from analysis.vergleich.raenge import raenge, raenge_je_zeile, simulierte_raenge

SIDS = pd.read_csv(ERWARTET / "data_sids.csv", dtype={"FIPS": str})


def sids(rows=100):
    found = SIDS.head(rows)
    return werte(found.NWBIR74, found.BIR74, ags=found.FIPS)


def test_pairs_equal_prop_test_of_r():
    expected = pd.read_csv(ERWARTET / "paare.csv", comment="#", dtype={"ags": str, "ags_andere": str})
    found = paarvergleiche(sids(12))
    both = pd.concat([found, found.rename(columns={"ags": "ags_andere", "ags_andere": "ags"})])
    table = expected.merge(both, on=["ags", "ags_andere"], validate="one_to_one", suffixes=("_r", ""))
    tested = table[table.pruefbar]
    assert len(table) == 66 and len(tested) > 50
    assert np.allclose(tested.p, tested.p_r, rtol=1e-7, atol=1e-300)
    whole = expected.p.where(table.pruefbar)
    assert np.allclose(table.p_korrigiert, holm(whole.to_numpy()), rtol=1e-7, atol=1e-300, equal_nan=True)


def test_holm_equals_p_adjust_of_r():
    expected = pd.read_csv(ERWARTET / "paare.csv", comment="#")
    assert np.allclose(holm(expected.p.to_numpy()), expected.p_korrigiert, rtol=1e-13, atol=0)
    assert np.allclose(holm(expected.p.to_numpy()), corrected(expected.p), rtol=1e-13, atol=0)


def test_small_numbers_are_not_tested_but_count():
    table = werte([0, 9, 90, 40], [10, 10, 1000, 1000])
    found = paarvergleiche(table).set_index(["ags", "ags_andere"])
    assert not found.loc[("16000", "16001")].pruefbar and not found.loc[("16000", "16001")].verschieden
    pair = found.loc[("16002", "16003")]
    assert pair.verschieden and pair.p_korrigiert == pytest.approx(6 * pair.p)


@settings(deadline=None)
@given(arrays(float, array_shapes(min_dims=2, max_dims=2), elements=st.sampled_from([0.0, -0.0, 0.1, 0.2, -3.0, 7.5])))
def test_ranks_of_rows_equal_scipy(values):
    assert np.array_equal(raenge_je_zeile(values), rankdata(-values, method="min", axis=1))


def test_ranks_of_areas_that_differ_widely_are_certain():
    found = raenge(werte([5000, 3000, 1000, 100], [10_000] * 4), seed=1)
    assert found["rang"].tolist() == [1, 2, 3, 4]
    for column in ("rang_unten", "rang_oben", "rang_simuliert_unten", "rang_simuliert_oben"):
        assert found[column].tolist() == [1, 2, 3, 4]
    assert found.anteil_hoechste.tolist() == [1, 1, 1, 0] and found.anteil_niedrigste.tolist() == [0, 1, 1, 1]


def test_ranks_of_areas_that_do_not_differ_are_open():
    found = raenge(werte([100, 101, 99, 100, 102], [1000] * 5), seed=1)
    assert (found.rang_unten == 1).all() and (found.rang_oben == 5).all()
    assert found["rang"].tolist() == [1, 2, 3, 3, 5]


@given(st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None)
def test_the_order_of_rows_changes_nothing(random):
    table = sids(30)
    order = list(range(len(table)))
    random.shuffle(order)
    pd.testing.assert_frame_equal(raenge(table, seed=4, ziehungen=200),
                                  raenge(table.iloc[order], seed=4, ziehungen=200))  # fmt: skip


@given(st.lists(st.integers(5, 995), min_size=3, max_size=12))
@settings(max_examples=40, deadline=None)
def test_ranges_hold_the_rank_and_the_joint_sets_are_not_narrower(zaehler):
    table = werte(zaehler, [1000] * len(zaehler))
    found = raenge(table, seed=2, ziehungen=100)
    assert (found.rang_unten <= found["rang"]).all()
    assert (found.rang_oben >= found["rang"]).all()
    alone, joint = rangmengen(table), rangmengen(table, gemeinsam=True)
    assert (joint.rang_unten <= alone.rang_unten).all() and (joint.rang_oben >= alone.rang_oben).all()


@given(st.lists(st.integers(5, 995), min_size=3, max_size=12))
@settings(max_examples=40, deadline=None)
def test_the_complement_has_the_mirrored_ranks(zaehler):
    zaehler = np.array(zaehler)
    own, other = (rangmengen(werte(x, np.full(len(zaehler), 1000))) for x in (zaehler, 1000 - zaehler))
    assert (own.rang_unten == len(own) + 1 - other.rang_oben).all()


def test_without_interval_there_is_a_rank_but_no_range():
    table = ohne_intervall(werte([500, 300, 100], [1000] * 3), "16001")
    found = raenge(table, seed=1).set_index("ags")
    assert found.loc["16001", "rang"] == 2 and found.loc["16001", "grund"] == "ohne_intervall"
    assert found.loc["16001", ["rang_unten", "rang_oben", "rang_simuliert_unten", "anteil_hoechste"]].isna().all()
    assert found.loc["16000", "rang_oben"] == 2  # the area without interval may be above


def test_missing_values_keep_their_reason():
    table = werte([500, 300, 100, 50], [1000] * 4)
    missing = table.ags == "16003"
    table = table.assign(grund=np.where(missing, "geheim", ""), anteil=table.anteil.mask(missing))
    found = raenge(table, seed=1)
    assert found.anzahl.tolist() == [3, 3, 3, 3] and found.grund.tolist() == ["", "", "", "geheim"]
    few = raenge(table.iloc[2:], seed=1).set_index("ags")
    assert few.grund.to_dict() == {"16002": "zu_wenige_gebiete", "16003": "geheim"} and few["rang"].isna().all()


def test_bad_options_are_refused():
    with pytest.raises(InputError, match="0 draws"):
        raenge(sids(5), seed=1, ziehungen=0)
    with pytest.raises(InputError, match="level 1.2"):
        rangmengen(sids(5), niveau=1.2)


def test_confidence_sets_hold_the_true_ranks_as_often_as_they_say():
    """Binomial counts from known shares, some of them equal: coverage of the sets and of the simulated ranges."""
    generator = np.random.default_rng(20)
    true = np.sort(np.repeat([0.06, 0.08, 0.081, 0.1, 0.15], 4))
    best = 1 + (true[None, :] > true[:, None]).sum(axis=1)
    worst = len(true) - (true[None, :] < true[:, None]).sum(axis=1)
    n = generator.integers(500, 5000, len(true))
    covered, joint = [], []
    for _ in range(120):
        table = werte(generator.binomial(n, true), n)
        alone, together = rangmengen(table), rangmengen(table, gemeinsam=True)
        covered.append((alone.rang_unten <= best) & (alone.rang_oben >= worst))
        joint.append(((together.rang_unten <= best) & (together.rang_oben >= worst)).all())
    assert np.mean(covered, axis=0).min() >= 0.9 and np.mean(joint) >= 0.9


def test_simulated_ranks_are_ranks():
    ranks = simulierte_raenge(sids(20), seed=1, ziehungen=50)
    assert ranks.shape == (50, 20) and ranks.min() == 1 and ranks.max() <= 20


def test_the_matrix_of_pairs_is_symmetric():
    p = p_matrix(sids(40))
    assert np.array_equal(p, p.T, equal_nan=True) and np.isnan(np.diag(p)).all()
