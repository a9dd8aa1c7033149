"""What earlier reports showed stays known: it protects nothing, and corrected totals do not give a secret away."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from analysis import ausgaben, kreissperrung
from analysis.catalogue import katalog
from analysis.disclosure.regeln import rule
from analysis.errors import InputError
from analysis.regelwerk import Regelwerk

TAG = dt.date(2024, 12, 31)
GEMEINDEN = ["99099001", "99099002", "99099003", "99099004"]
KEY = ["ags", "stichtag", "groesse"]
REGELN = Regelwerk(rule("kreis_3"), (), ())


def table(values: dict[str, float], groesse: str = "geburten") -> pd.DataFrame:
    rows = [(ags, TAG, groesse, value, "", "", "amt") for ags, value in values.items()]
    people = [(ags, TAG, "bevoelkerung", 1000.0, "", "", "amt") for ags in values if ags != "99099"]
    return pd.DataFrame([*rows, *people], columns=[*KEY, "wert", "grund", "guete", "quelle"])


def lists_of(gemeinden: list[str]) -> dict[str, pd.DataFrame]:
    return {
        "gemeinden": pd.DataFrame({"ags": gemeinden, "stand": dt.date(2024, 1, 1)}, dtype=object),
        "ortsteile": pd.DataFrame(columns=["ortsteil", "ab", "bis", "darf_fehlen"], dtype=object),
        "planungsraeume": pd.DataFrame(
            columns=["kreis", "planungsraum", "name", "mitglied", "ab", "bis"], dtype=object
        ),
    }


def withheld(counts: list[float], total: float, frueher=()) -> set[str]:
    tables = {
        "gemeinde": table(dict(zip(GEMEINDEN, counts, strict=True))),
        "kreis": table({"99099": total}),
        "planungsraum": table({}),
    }
    bestaende = lists_of(GEMEINDEN)
    return set(kreissperrung.withheld(tables, bestaende, katalog(), REGELN, frueher).ags)


def release(counts: dict[str, float], hidden: set[str]) -> pd.DataFrame:
    rows = [(ags, TAG, "geburten", value, ags not in hidden) for ags, value in counts.items()]
    return pd.DataFrame(rows, columns=[*KEY, "wert", "gezeigt"]).assign(rundung=0)


def test_a_count_that_was_shown_before_protects_nothing():
    counts = [2, 9, 11, 30]
    first = withheld(counts, 52)
    assert len(first) == 2 and GEMEINDEN[0] in first
    (partner,) = first - {GEMEINDEN[0]}
    before = release(
        dict(zip([*GEMEINDEN, "99099"], [*counts, 52], strict=True)), {GEMEINDEN[0]} | set(GEMEINDEN) - {partner}
    )
    again = withheld(counts, 52, [before])
    assert partner not in again and GEMEINDEN[0] in again and len(again) == 2


def test_what_was_withheld_before_is_not_told_by_a_later_report():
    """The small count was corrected to 40, its partner stayed: to show the partner now would tell the small one."""
    before = release(dict(zip([*GEMEINDEN, "99099"], [2, 9, 11, 30, 52], strict=True)), set(GEMEINDEN[:2]))
    assert withheld([40, 9, 11, 30], 90) == set()
    assert withheld([40, 9, 11, 30], 90, [before]) & {GEMEINDEN[1]}


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 2, 1, 0], [1, 0, 3, 2]])
def test_a_count_that_was_the_same_in_two_earlier_reports_is_one(order):
    """The first tells that the last two are 11, the second that all are 21: to show the 9 now would tell the 1."""
    places = [GEMEINDEN[n] for n in order]

    def state(counts: list[int], hidden: list[int]) -> pd.DataFrame:
        return release(dict(zip([*places, "99099"], [*counts, sum(counts)], strict=True)), {places[n] for n in hidden})

    before = [state([8, 4, 2, 9], [2, 3]), state([1, 9, 2, 9], [0, 1, 2, 3])]
    counts = dict(zip(places, [1, 9, 3, 9], strict=True))
    assert {places[0], places[1]} <= withheld([counts[ags] for ags in GEMEINDEN], 22, before)


def test_a_secret_that_an_earlier_report_told_does_not_hide_everything():
    counts = [2, 9, 11, 30]
    before = release(dict(zip([*GEMEINDEN, "99099"], [*counts, 52], strict=True)), {GEMEINDEN[0]})
    assert withheld(counts, 52, [before]) <= {GEMEINDEN[0]}


def test_the_same_report_again_decides_the_same(tmp_path):
    counts = [2, 9, 11, 30]
    hidden = withheld(counts, 52)
    state = release(dict(zip([*GEMEINDEN, "99099"], [*counts, 52], strict=True)), hidden)
    path = tmp_path / "ausgaben" / "99099.csv"
    ausgaben.record(path, "a", state)
    ausgaben.record(path, "a", state)
    recorded = ausgaben.read(path)
    assert len(recorded) == len(state) and ausgaben.digest(recorded, "a") == "" != ausgaben.digest(recorded, "b")
    assert ausgaben.earlier(recorded, "a") == []
    (only,) = ausgaben.earlier(recorded, "b")
    pd.testing.assert_frame_equal(only, state.assign(wert=state.wert.astype(float)), check_dtype=False)
    assert withheld(counts, 52, [only]) == hidden


def test_what_was_shown_once_stays_known(tmp_path):
    """After other figures the first ones come again, and now they are withheld: who has the first report knows them."""
    path = tmp_path / "ausgaben" / "99099.csv"
    counts = dict(zip([*GEMEINDEN, "99099"], [2, 9, 11, 30, 52], strict=True))
    ausgaben.record(path, "a", release(counts, {GEMEINDEN[0], GEMEINDEN[1]}))
    ausgaben.record(path, "b", release(counts | {GEMEINDEN[0]: 4}, set(GEMEINDEN[:2])))
    ausgaben.record(path, "a", release(counts, set(GEMEINDEN[:3])))
    (first,) = ausgaben.earlier(ausgaben.read(path), "b")
    assert set(first.ags[first.gezeigt]) == {GEMEINDEN[2], GEMEINDEN[3], "99099"}


def test_what_was_shown_rounded_is_noted_and_stays_known(tmp_path):
    path, counts = tmp_path / "99099.csv", dict(zip([*GEMEINDEN, "99099"], [2, 9, 11, 30, 52], strict=True))
    shown = release(counts, set(GEMEINDEN)).assign(rundung=[5, 5, 5, 5, 0])
    ausgaben.record(path, "a", shown)
    ausgaben.record(path, "a", shown.assign(rundung=0))
    (state,) = ausgaben.earlier(ausgaben.read(path), "b")
    assert dict(zip(state.ags, state.rundung, strict=True)) == dict.fromkeys(GEMEINDEN, 5) | {"99099": 0}
    assert list(state.ags[state.gezeigt]) == ["99099"]


def test_a_record_of_the_time_before_rounding_was_noted_is_read(tmp_path):
    path = tmp_path / "99099.csv"
    path.write_text(f"ausgabe;ags;stichtag;groesse;wert;gezeigt\na;{GEMEINDEN[0]};2024-12-31;geburten;2.0;0\n")
    (state,) = ausgaben.earlier(ausgaben.read(path), "b")
    assert state.rundung.tolist() == [0] and not state.gezeigt.any()


def test_the_age_groups_that_areas_showed_stay_known(tmp_path):
    path, columns = tmp_path / "99099.csv", ["raum", "stichtag", "breite"]
    counts = release(dict(zip([*GEMEINDEN, "99099"], [12, 9, 11, 30, 62], strict=True)), set())
    ausgaben.record(path, "a", counts, pd.DataFrame([(GEMEINDEN[0], TAG, 5), (GEMEINDEN[1], TAG, 10)], columns=columns))
    ausgaben.record(path, "b", counts)
    ausgaben.record(path, "a", counts, pd.DataFrame([(GEMEINDEN[0], TAG, 10)], columns=columns))
    recorded = ausgaben.read(path)
    known = ausgaben.earlier_widths(recorded, "b").groupby("raum").breite.min().to_dict()
    assert known == {GEMEINDEN[0]: 5, GEMEINDEN[1]: 10} and ausgaben.earlier_widths(recorded, "a").empty
    assert [len(state) for state in ausgaben.earlier(recorded, "c")] == [len(counts), len(counts)]


def test_two_territorial_states_of_a_day_are_one_system():
    """Before the merger 9 of the second Gemeinde were shown, 2 of the first not; 11 of the new one would tell them."""
    before = release(dict(zip([*GEMEINDEN, "99099"], [2, 9, 11, 30, 52], strict=True)), {GEMEINDEN[0], GEMEINDEN[2]})
    new = "99099009"
    counts = {new: 11.0, GEMEINDEN[2]: 11.0, GEMEINDEN[3]: 30.0}
    tables = {"gemeinde": table(counts), "kreis": table({"99099": 52}), "planungsraum": table({})}
    merger = pd.DataFrame(
        [(TAG, dt.date(2025, 1, 1), "gemeinde", "einwohner", von, new, 1.0, "x") for von in GEMEINDEN[:2]],
        columns=["von_stand", "nach_stand", "ebene", "gewicht", "von", "nach", "anteil", "liste"],
    )
    lists = lists_of([*counts]) | {"umstieg": merger}
    alone = kreissperrung.withheld(tables, lists, katalog(), REGELN)
    assert alone.empty
    both = kreissperrung.withheld(tables, lists, katalog(), REGELN, [before])
    assert {new, GEMEINDEN[2]} <= set(both.ags)


@pytest.mark.parametrize(("content", "message"), [("a;b\n1;2\n", "expected ausgabe, ags"), ("", "99099.csv")])
def test_a_damaged_record_is_named(tmp_path, content, message):
    path = tmp_path / "99099.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        ausgaben.read(path)


def test_random_corrections_tell_no_secret():
    """Two releases of a sum of four beside each other: bounds of each small count by a linear program of its own."""
    rng, tried, helped = np.random.default_rng(3), 0, 0
    for _ in range(12):
        first = np.array([*rng.integers(1, 3, 1), *rng.integers(3, 12, 3)], float)
        hidden = withheld(list(first), first.sum())
        before = release(dict(zip([*GEMEINDEN, "99099"], [*first, first.sum()], strict=True)), hidden)
        later = first + rng.permutation([0, 0, *rng.integers(1, 40, 2)])
        second = withheld(list(later), later.sum(), [before])
        helped += second != withheld(list(later), later.sum())
        # counts of the first release, then those of the second
        equal, right = [[1] * 4 + [0] * 4, [0] * 4 + [1] * 4], [first.sum(), later.sum()]
        for n, ags in enumerate(GEMEINDEN):
            for known, place, value in ((ags not in hidden, n, first[n]), (ags not in second, 4 + n, later[n])):
                if known:
                    equal.append(np.eye(8)[place])
                    right.append(value)
            if first[n] == later[n]:  # nobody says that it changed
                equal.append(np.eye(8)[n] - np.eye(8)[4 + n])
                right.append(0)
        for n in np.flatnonzero(first < 3):
            low, high = (s * linprog(s * np.eye(8)[n], A_eq=equal, b_eq=right).fun for s in (1, -1))
            assert low <= 1e-6 and high >= first[n] + 3 - 1e-6
            tried += 1
    assert tried >= 12 and helped
