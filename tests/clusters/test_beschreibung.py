"""What is said of groups: profiles, separation, names, typical areas, changes since an earlier day."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.clusters import namen
from analysis.clusters.beschreibung import distances, marking, profile, proposals, separation
from analysis.clusters.frueher import changes, matched
from analysis.clusters.rauschen import shares
from analysis.clusters.verfahren import labels
from analysis.errors import InputError

KEYS = [f"990990{n:02d}" for n in range(1, 31)]


def three_groups(spread: float = 0.3, seed: int = 1) -> tuple[pd.DataFrame, pd.Series]:
    """Ten areas each around three middles."""
    random = np.random.default_rng(seed)
    group = np.repeat([1, 2, 3], 10)
    middle = np.array([[0, 0, 0], [3, 0, 0], [0, 3, 0]])[group - 1]
    table = pd.DataFrame(middle + random.normal(size=(30, 3)) * spread, index=KEYS, columns=["a", "b", "c"])
    return table, pd.Series(group, index=KEYS)


def test_profile_and_separation_are_those_of_a_hand_calculation():
    """Six areas: means of z by hand, interval by the quantile 12.706 of t with one degree of freedom."""
    table = pd.DataFrame({"a": [1.0, 2, 3, 4, 5, 9], "b": [5.0] * 6}, index=KEYS[:6])
    group = pd.Series([1, 1, 2, 2, 3, 3], index=KEYS[:6])
    found = profile(table, group, pd.Series(100.0, index=KEYS[:6])).set_index(["gruppe", "indikator"])
    sd = np.sqrt((9 + 4 + 1 + 0 + 1 + 25) / 5)
    assert found.mittel[1, "a"] == pytest.approx((1.5 - 4) / sd, rel=1e-12)
    half = 12.706204736432095 * (1 / sd / np.sqrt(2)) / np.sqrt(2)
    assert found.unten[1, "a"] == pytest.approx((1.5 - 4) / sd - half, rel=1e-9)
    assert found.roh[3, "a"] == 7 and found.gebiete[3, "a"] == 2 and found.einwohner[3, "a"] == 200
    assert found.mittel[2, "b"] == 0
    eta = separation(table, group)
    assert eta["a"] == pytest.approx(2 * (2.5**2 + 0.5**2 + 3**2) / 40, rel=1e-12) and np.isnan(eta["b"])


def test_separation_is_that_of_a_variance_analysis():
    from statsmodels.formula.api import ols

    table, group = three_groups()
    table.iloc[4, 1] = np.nan
    for name in table:
        fit = ols("y ~ C(g)", pd.DataFrame({"y": table[name], "g": group}).dropna()).fit()
        assert separation(table, group)[name] == pytest.approx(fit.rsquared, rel=1e-10)


def test_a_group_of_one_has_no_interval():
    table, group = three_groups()
    group.iloc[0] = 4
    found = profile(table, group, pd.Series(1.0, index=KEYS))
    assert found[found.gruppe == 4].unten.isna().all() and found[found.gruppe == 4].mittel.notna().all()


def test_names_come_from_the_farthest_indicators():
    table, group = three_groups()
    words = {name: (f"mehr {name}", f"weniger {name}") for name in table}
    found = proposals(profile(table, group, pd.Series(1.0, index=KEYS)), words)
    assert found[2].startswith("mehr a") and found[3].startswith("mehr b") and "c" not in "".join(found)
    alike = proposals(profile(table, group * 0 + 1, pd.Series(1.0, index=KEYS)), words)
    assert list(alike) == ["nah am Durchschnitt"]


def test_a_mark_that_hangs_on_single_areas_is_none():
    rows = [(1, "a", 0.8, 0.3, 1.3), (1, "b", -0.9, -2.0, 0.2), (2, "a", -0.6, -1.4, 0.2), (3, "b", 2, np.nan, np.nan)]
    profil = pd.DataFrame(rows, columns=["gruppe", "indikator", "mittel", "unten", "oben"])
    assert marking(profil)[["gruppe", "indikator"]].to_numpy().tolist() == [[3, "b"], [1, "a"]]
    found = proposals(profil, {name: (f"mehr {name}", f"weniger {name}") for name in "ab"})
    assert list(found) == ["mehr a", "ohne klares Merkmal", "mehr b"]


def test_equal_names_are_told_apart():
    rows = pd.DataFrame({"gruppe": [1, 2, 3], "indikator": "a", "mittel": [1.0, 2.0, 0.1]})
    found = proposals(rows.assign(unten=rows.mittel, oben=rows.mittel), {"a": ("mehr a", "weniger a")})
    assert list(found) == ["mehr a (1)", "mehr a (2)", "nah am Durchschnitt"]


def test_the_typical_area_is_the_nearest_to_the_middle():
    table, group = three_groups()
    table.loc[KEYS[0]] = table.iloc[1:10].mean()
    table.loc[KEYS[9]] = table.iloc[10:20].mean()  # in group 1, but in the middle of group 2
    found = distances(table, group)
    assert found.platz[KEYS[0]] <= 3 and found.naeher[KEYS[9]] and found.andere[KEYS[9]] == 2
    assert sorted(found.platz[group == 3]) == list(range(1, 11))
    mixed = distances(table.sample(frac=1, random_state=2), group)
    pd.testing.assert_frame_equal(mixed.loc[table.index], found)


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(1, 4)), st.integers(0, 1000))
def test_matching_undoes_any_numbering(order, seed):
    _, group = three_groups(seed=seed)
    before = group.map(dict(zip((1, 2, 3), order, strict=True)))
    assert (matched(group, before) == group).all()


def test_noise_changes_about_as_many_areas_as_it_is_told():
    """Two draws of the same figures are compared; in 30 of them the test should hardly call it more than chance."""
    table, _ = three_groups(spread=0.8)
    error = pd.DataFrame(0.5, index=table.index, columns=table.columns)
    called = []
    for seed in range(30):
        random = np.random.default_rng(seed)
        one, two = (table + random.normal(size=table.shape) * 0.5 for _ in range(2))
        now, before = (pd.Series(labels(x.to_numpy(), 3) + 1, index=table.index) for x in (one, two))
        called.append(changes(one, error, now, before, ziehungen=49).mehr_als_zufall)
    assert sum(called) <= 4


def test_a_true_change_is_found():
    table, group = three_groups(spread=0.2)
    moved = group.copy()
    moved.iloc[[0, 1, 2, 12, 22]] = [2, 2, 3, 1, 1]
    error = pd.DataFrame(0.1, index=table.index, columns=table.columns)
    found = changes(table, error, group, moved)
    assert found.anzahl == 5 and found.mehr_als_zufall and found.zufall.max() <= 1
    assert set(found.gebiete.index[found.gebiete.gewechselt]) == {KEYS[n] for n in (0, 1, 2, 12, 22)}
    assert 0 < found.rand < 1


def test_without_known_errors_chance_is_not_told():
    table, group = three_groups()
    found = changes(table, table * np.nan, group, group)
    assert found.anzahl == 0 and np.isnan(found.p) and not found.mehr_als_zufall and found.rand == 1


def test_places_are_sure_without_noise_and_unsure_with_much():
    table, _ = three_groups()
    group = pd.Series(labels(table.to_numpy(), 3) + 1, index=table.index)
    still = shares(table, table * np.nan, group)
    assert all(still.loc[ags, group[ags]] == 1 for ags in table.index)
    loud = shares(table, table * 0 + 3.0, group)
    assert np.mean([loud.loc[ags, group[ags]] for ags in table.index]) < 0.8
    assert (loud.sum(axis=1) <= 1 + 1e-12).all()


def write(tmp_path, text: str):
    path = tmp_path / "gruppennamen.yaml"
    path.write_text(text, encoding="utf-8")
    return path


NAMEN = '"99099":\n  gemeinde:\n    - name: Städte\n      stehen_dafuer: ["99099011", "99099012", "99099001"]\n'


def test_a_given_name_follows_its_areas(tmp_path):
    _, group = three_groups()
    given = namen.load_names(write(tmp_path, NAMEN), "99099", "gemeinde")
    proposed = pd.Series({1: "x", 2: "y", 3: "z"})
    assert list(namen.named(proposed, group, given)) == ["x", "Städte", "z"]
    turned = group.map({1: 3, 2: 1, 3: 2})
    assert list(namen.named(proposed, turned, given)) == ["Städte", "y", "z"]
    assert namen.load_names(write(tmp_path, NAMEN), "99099", "kreis") == {}
    assert namen.load_names(tmp_path / "fehlt.yaml", "99099", "gemeinde") == {}


@pytest.mark.parametrize(
    "text, message",
    [
        (NAMEN.replace('"99099":', "99099:"), "the key 99099 is a number; expected the key of a Kreis in quotes"),
        (NAMEN.replace("stehen_dafuer", "steht"), "gruppennamen.yaml, 99099.gemeinde.1: "),
        (NAMEN + '    - name: Land\n      stehen_dafuer: ["99099011"]\n', "99099011 stands for 'Städte' and 'Land'"),
        (NAMEN + '    - name: Städte\n      stehen_dafuer: ["99099021"]\n', "the name 'Städte' stands twice"),
    ],
)
def test_a_wrong_file_of_names_is_refused(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        namen.load_names(write(tmp_path, text), "99099", "gemeinde")


def test_names_that_mean_no_group_or_one_twice_are_refused():
    _, group = three_groups()
    proposed = pd.Series({1: "x", 2: "y", 3: "z"})
    with pytest.raises(InputError, match="none of 99099099 is in a group, but they stand for 'A'"):
        namen.named(proposed, group, {"A": ("99099099",)})
    with pytest.raises(InputError, match="'A' and 'B' both mean group 1"):
        namen.named(proposed, group, {"A": (KEYS[0],), "B": (KEYS[1],)})


def test_keys_and_groups_that_do_not_fit_are_refused():
    table, group = three_groups()
    for call in (separation, distances, lambda t, g: profile(t, g, pd.Series(1.0, index=KEYS))):
        with pytest.raises(InputError, match="99099001 is not once in both"):
            call(table, group.iloc[1:])
        with pytest.raises(InputError, match="99099003 has no group"):
            call(table, group.astype(float).where(group.index != KEYS[2]))
    with pytest.raises(InputError, match="expected the same areas on both"):
        matched(group, group.iloc[1:])
    with pytest.raises(InputError, match="no area is in both"):
        changes(table, table, group.iloc[:0], group)
