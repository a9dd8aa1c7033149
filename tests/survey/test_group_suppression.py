import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.codebook import Codebuch, Frage, Merkmal, conditions
from analysis.survey.design import design
from analysis.survey.group_suppression import linked, told_apart
from analysis.survey.reliability import publishable
from analysis.survey.tabulate import tabulate


def test_who_is_in_no_group_is_not_told_by_the_groups():
    parents = pd.DataFrame({"eltern": [True] * 6 + [False] * 9, "kinderlos": [False] * 6 + [True] * 8 + [False]})
    ja = pd.Series([1, 0] * 7 + [0], dtype="Int64")
    assert told_apart(parents, ja) == ["eltern"]
    assert told_apart(parents.iloc[:-1], ja.iloc[:-1]) == []
    assert told_apart(parents, ja.mask(parents.sum(axis=1) == 0)) == []
    assert told_apart(parents[["eltern"]], ja) == []


def test_printed_shares_of_many_do_not_tell_a_few():
    """With 4,000 weighted respondents a digit of a per cent is more than two persons."""
    parents = pd.DataFrame(
        {"eltern": [True] * 2000 + [False] * 2000, "kinderlos": [False] * 2000 + [True] * 1998 + [False] * 2}
    )
    ja, weights = pd.Series([1, 0] * 2000, dtype="Int64"), np.tile([1.0, 1.5], 2000)
    assert told_apart(parents, ja, weights) == []
    assert told_apart(parents, ja) == ["kinderlos"]
    few = [*range(1900, 2100), 3998, 3999]
    assert told_apart(parents.iloc[few], ja.iloc[few], weights[few]) == ["eltern"]


def test_a_part_of_a_group_goes_where_its_rest_is_a_few():
    groups = pd.DataFrame({"eltern": [True] * 20 + [False] * 20, "paare": [True] * 18 + [False] * 22})
    assert told_apart(groups, pd.Series([1, 0] * 20, dtype="Int64")) == ["paare"]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(5, 40))
def test_no_difference_of_two_shown_groups_is_a_few_persons(seed, groups, n):
    random = np.random.default_rng(seed)
    members = pd.DataFrame({f"g{k}": random.random(n) < random.choice([0.3, 0.6, 0.95]) for k in range(groups)})
    if groups > 1:
        members["g1"] &= members["g0"]
    ja = pd.Series(random.integers(0, 2, n), dtype="Int64").mask(random.random(n) < 0.1)
    hidden = told_apart(members, ja)
    assert hidden == told_apart(
        members.sample(frac=1, random_state=1), ja.loc[members.sample(frac=1, random_state=1).index]
    )
    sets = [ja.notna(), *(members[name] & ja.notna() for name in members if name not in hidden)]
    for one in sets:
        for other in sets:
            rest = one & ~other
            if not (other & ~one).any() and other.any():
                assert not {(rest & (ja == 1)).sum(), (rest & (ja == 0)).sum()} & {1, 2}


def test_a_share_does_not_split_the_hidden_cells_of_its_question():
    book = Codebuch((Frage("q", "skala", (Merkmal("q", "skala", labels={k: str(k) for k in (1, 2, 3, 4)}),)),))
    counts = {"a": (2, 5, 30, 20), "b": (9, 8, 30, 20), "c": (12, 11, 30, 20)}
    daten = pd.DataFrame({"q": np.concatenate([np.repeat([1, 2, 3, 4], row) for row in counts.values()]), "w": 1.0})
    raum = pd.Series(np.repeat(list(counts), [sum(row) for row in counts.values()]))
    plan = design(daten, "w")
    shown = publishable(tabulate((daten, book), plan, raum))
    assert shown[(shown.raum == "a") & (shown.kennzahl == "anteil")].grund.tolist() == ["geheim", "geheim", "", ""]
    wanted = {"oft": conditions("q=3|4"), "mal": conditions("q=2|3"), "unter": conditions("q<=2")}
    areas = set(shown[shown.grund == "geheim"].raum)
    assert linked(shown, wanted) == {(area, "mal") for area in areas} and "a" in areas

    ja = Codebuch((Frage("mal", "einfach", (Merkmal("mal", "einfach", labels={1: "ja", 0: "nein"}),)),))
    yes = pd.DataFrame({"mal": daten.q.isin([2, 3]).astype("Int64")})
    table = publishable(tabulate((yes, ja), plan, raum), auch=linked(shown, wanted))
    assert set(table[table.n.isna()].raum) == areas
    assert not publishable(tabulate((yes, ja), plan, raum)).n.isna().any()
