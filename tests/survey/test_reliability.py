import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from analysis.codebook import Codebuch, Frage, Merkmal, conditions
from analysis.errors import InputError
from analysis.observations import GRUENDE
from analysis.survey.cell_suppression import hidden_cells, hidden_counts
from analysis.survey.design import design
from analysis.survey.reliability import FIGUREN, Grenzen, publishable, signs
from analysis.survey.tabulate import tabulate


def table(counts, typ="einfach", **more) -> pd.DataFrame:
    """Table of one item from counts, areas × values."""
    counts = np.asarray(counts)
    book = Codebuch((Frage("x", typ, (Merkmal("x", typ, labels={k: f"Wert {k}" for k in range(counts.shape[1])}),),
                           **more),))  # fmt: skip
    areas, values = np.indices(counts.shape)
    daten = pd.DataFrame({"x": np.repeat(values.ravel(), counts.ravel()), "w": 1.0})
    raum = pd.Series([f"R{n}" for n in np.repeat(areas.ravel(), counts.ravel())])
    return tabulate((daten, book), design(daten, "w"), raum)


def one(n, **figures) -> pd.DataFrame:
    row = {"kennzahl": "anteil", "typ": "einfach", "n": n, "anteil": np.nan, "mittelwert": np.nan, "se": 0.01,
           "freiheitsgrade": 99, "fest": False, "n_effektiv": n}  # fmt: skip
    return pd.DataFrame([row | figures])


@pytest.mark.parametrize(
    ("rows", "sign"),
    [
        (one(19, anteil=0.5), "/"),
        (one(20, anteil=0.5), "( )"),
        (one(49, anteil=0.5), "( )"),
        (one(50, anteil=0.5), ""),
        (one(500, anteil=0.06, se=0.01), "( )"),
        (one(500, anteil=0.94, se=0.01), "( )"),
        (one(500, anteil=0.07, se=0.01), ""),
        (one(500, anteil=0.0, se=0.0), "( )"),
        (one(500, anteil=0.3, se=0.0, fest=True), ""),
        (one(30, anteil=0.3, se=0.0, fest=True), "( )"),
        (one(500, anteil=0.3, se=0.0), "( )"),
        (one(500, anteil=0.3, se=np.nan), "/"),
        (one(500, anteil=0.3, freiheitsgrade=0), "/"),
        (one(500, mittelwert=0.1, kennzahl="mittelwert", typ="skala", se=0.1), ""),
        (one(500, mittelwert=0.1, kennzahl="mittelwert", typ="zahl", se=0.1), "( )"),
        (one(500, mittelwert=0.0, kennzahl="mittelwert", typ="zahl", se=0.0), "( )"),
        (one(500, mittelwert=3.0, kennzahl="mittelwert", typ="skala", se=0.0), "( )"),
        (one(500, anteil=0.5, n_effektiv=9.9), "/"),
        (one(500, mittelwert=-100.0, kennzahl="mittelwert", typ="zahl", se=1.0), ""),
    ],
)
def test_signs(rows, sign):
    assert signs(rows).tolist() == [sign]


def test_limits_are_a_choice():
    assert signs(one(30, anteil=0.5), Grenzen(ohne_wert=31)).tolist() == ["/"]
    with pytest.raises(InputError, match="limits of reliability: Grenzen"):
        Grenzen(ohne_wert=60)


def test_what_must_not_be_seen_is_not_in_the_table():
    shown = publishable(table([[40, 30, 20], [8, 6, 4], [50, 2, 30]]))
    gone = shown[shown.grund != ""]
    assert set(shown.grund) == {"", "unsicher", "geheim"} <= {"", *GRUENDE}
    assert gone[list(FIGUREN)].isna().all(axis=None) and gone.n.notna().all()
    assert shown[shown.grund == ""][["anteil", "n_zelle", "unten", "oben"]].notna().all(axis=None)
    secret = shown[shown.zeichen == "."]
    assert secret.raum.unique().tolist() == ["R1", "R2"] and len(secret) == 4
    assert shown[(shown.raum == "R1") & (shown.grund != "geheim")].zeichen.tolist() == ["/"]
    with pytest.raises(InputError, match="has signs already"):
        publishable(shown)


def test_the_mean_of_a_scale_goes_with_its_cells():
    rows = table([[40, 30, 20], [50, 2, 30], [40, 20, 30]], "skala")
    gone = rows[hidden_cells(rows)]
    means = gone[gone.kennzahl == "mittelwert"]
    assert means.raum.tolist() == sorted(set(gone.raum)) and "R1" in set(means.raum)


def test_so_few_who_did_not_choose_are_hidden_too():
    rows = table([[30, 2], [30, 20], [25, 20], [9, 9]], "mehrfach", gewaehlt=0)
    assert rows[hidden_cells(rows)].raum.tolist() == ["R0", "R3"]


def test_means_of_few_persons_do_not_follow_from_the_mean_of_all():
    book = Codebuch((Frage("z", "zahl", (Merkmal("z", "zahl"),)),))
    daten = pd.DataFrame({"z": range(12), "w": 1.0})
    rows = tabulate((daten, book), design(daten, "w"), pd.Series(list("aabbbcccccdd")))
    assert rows[hidden_cells(rows)].raum.tolist() == ["a", "d"]
    rows = tabulate((daten, book), design(daten, "w"), pd.Series(list("aabbbccccccc")))
    assert rows[hidden_cells(rows)].raum.tolist() == ["a", "b"]


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 5), st.integers(2, 5), st.integers(0, 2**32 - 1), st.sampled_from(["einfach", "skala", "mehrfach"])
)
def test_no_hidden_count_follows_from_what_is_shown(areas, values, seed, typ):
    random = np.random.default_rng(seed)
    values = 2 if typ == "mehrfach" else values
    counts = random.choice([0, 1, 2, 3, 5, 9, 20], (areas, values), p=[0.15, 0.1, 0.1, 0.2, 0.2, 0.15, 0.1])
    counts = counts[counts.sum(axis=1) > 0]
    if counts.sum() < 2:
        return
    rows = table(counts, typ, **({"gewaehlt": 0} if typ == "mehrfach" else {}))
    hidden = hidden_cells(rows)
    primary = (rows.kennzahl == "anteil") & rows.n_zelle.between(1, 2)
    assert hidden[primary].all()
    _audit(rows, hidden, typ)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 5), st.integers(2, 5), st.integers(0, 2**32 - 1), st.sampled_from(["einfach", "skala"]))
def test_a_larger_least_count_hides_all_that_a_smaller_one_hides(areas, values, seed, typ):
    random = np.random.default_rng(seed)
    rows = table(1 + random.choice([0, 1, 2, 4, 8, 19], (areas, values)), typ)
    smaller, larger = (hidden_cells(rows, least) for least in sorted(random.choice([3, 4, 5, 10], 2, replace=False)))
    assert not (smaller & ~larger).any()


def _audit(rows: pd.DataFrame, hidden: pd.Series, typ: str) -> None:
    """Largest and smallest of every hidden small count by linear programmes in what is shown: counts, bases, means.

    A reader knows that a hidden count is at least 1 (a 0 is shown) unless nothing of the item and area is shown.
    """
    share = rows.kennzahl == "anteil"
    areas = list(rows.raum.unique())
    true = rows[share].pivot(index="raum", columns="auspraegung", values="n_zelle").reindex(areas).to_numpy(float)
    gone = hidden[share].to_numpy().reshape(true.shape)
    n = rows[share].groupby("raum", observed=True, sort=False).n.first().reindex(areas).to_numpy()
    nothing = gone.all(axis=1)
    if typ == "mehrfach":
        nothing = n <= 3
        true, gone = np.column_stack([true, n - true[:, 0]]), np.column_stack([gone, gone])
    equations, values = [], []

    def add(coefficients, value):
        equations.append(coefficients.ravel())
        values.append(value)

    for r in range(len(areas)):
        add(np.where(np.arange(len(areas))[:, None] == r, 1.0, 0.0) * np.ones_like(true), n[r])
        for k in range(true.shape[1]):
            if not gone[r, k]:
                cell = np.zeros_like(true)
                cell[r, k] = 1
                add(cell, true[r, k])
        mean = rows[(rows.raum == areas[r]) & ~share]
        if len(mean) and not hidden[mean.index[0]]:
            add(
                np.where(np.arange(len(areas))[:, None] == r, np.arange(true.shape[1]), 0.0),
                mean.mittelwert.iloc[0] * n[r],
            )
    for k in range(true.shape[1]):
        column = np.zeros_like(true)
        column[1:, k], column[0, k] = 1, -1
        add(column, 0.0)
    for r, k in np.argwhere(gone & (true > 0) & (true < 3)):
        target = np.zeros_like(true)
        target[r, k] = 1
        least = (gone & ~nothing[:, None] & (true > 0)).astype(float).ravel()
        bounds = [(low, None) for low in least]
        ends = [
            linprog(sign * target.ravel(), A_eq=np.array(equations), b_eq=values, bounds=bounds) for sign in (1, -1)
        ]
        assert all(end.status in (0, 3) for end in ends)
        largest = np.inf if ends[1].status == 3 else -ends[1].fun
        assert largest > 2.5 or ends[0].fun < 0.5, (true, gone, r, k)


def test_two_hidden_cells_that_are_one_person_each_are_not_left_alone():
    shown = publishable(table([[8, 1, 1, 12], [9, 1, 1, 11], [6, 5, 9, 10]]))
    assert shown[shown.raum == "R0"].zeichen.tolist() == [".", ".", ".", "( )"]


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [([1, 1, 5, 30], [0, 1, 2]), ([2, 0, 0, 40], [0, 3]), ([0, 0, 2], [0, 1, 2]), ([3, 4], []), ([0, 9], [])],
)
def test_counts_with_a_known_sum(counts, hidden):
    assert np.flatnonzero(hidden_counts(counts)).tolist() == hidden


def test_a_few_of_the_whole_kreis_are_not_told_apart_by_their_areas():
    shown = publishable(table([[20, 9, 2], [25, 8, 1], [30, 9, 0], [40, 9, 0]]))
    assert shown[shown.raum == "gesamt"].n_zelle.tolist() == [115, 35, 3]
    assert shown[shown.raum.isin(["R0", "R1"])].groupby("raum", observed=True).n.count().tolist() == [0, 3]


def test_who_was_asked_does_not_tell_a_hidden_count():
    book = Codebuch((
        Frage("k", "einfach", (Merkmal("k", "einfach", labels={1: "ja", 2: "nein"}),)),
        Frage("f", "einfach", (Merkmal("f", "einfach", labels={1: "ja", 2: "nein"}),), filter=conditions("k=1")),
        Frage("z", "zahl", (Merkmal("z", "zahl"),), filter=conditions("f=1")),
    ))  # fmt: skip
    counts = {"a": (2, 60), "b": (30, 40), "c": (40, 50)}
    daten = pd.DataFrame({"k": np.concatenate([np.repeat([1, 2], pair) for pair in counts.values()]), "w": 1.0})
    daten["f"] = pd.Series(np.where(np.arange(len(daten)) % 2, 1.0, 2.0)).where(daten.k == 1)
    daten["z"] = pd.Series(np.arange(len(daten)) % 7.0).where(daten.f == 1)
    raum = pd.Series(np.repeat(list(counts), [sum(pair) for pair in counts.values()]))
    shown = publishable(tabulate((daten, book), design(daten, "w"), raum))
    asked = shown[shown.merkmal.isin(["f", "z"])].groupby(["raum", "merkmal"], observed=True)
    assert asked.gefragt.first().isna().unstack().T.to_dict("list") == {
        "gesamt": [False, False], "a": [True, True], "b": [True, True], "c": [False, False]}  # fmt: skip
    rows = tabulate((daten, book), design(daten, "w"), raum)
    pd.testing.assert_series_equal(hidden_cells(rows.sort_values("n_zelle")).sort_index(), hidden_cells(rows))
    for part in (rows[rows.raum != "gesamt"], rows[(rows.raum != "a") | (rows.merkmal != "k")]):
        with pytest.raises(InputError, match="cells to be hidden: .*expected the whole table of tabulate"):
            publishable(part)
