"""Rounded counts: what is shown, and that every count that is rounded alike stays possible beside all else."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import kreissperrung, rundung
from analysis.catalogue import katalog
from analysis.disclosure.regeln import rule
from analysis.observations import COLUMNS
from analysis.regelwerk import Regelwerk

TAG = dt.date(2024, 12, 31)
REGELN = Regelwerk(rule("runden_5"), (), ())
GEMEINDEN = [f"99099{n:03d}" for n in range(1, 5)]
RAEUME = {"99099.nord": GEMEINDEN[:2], "99099.sued": GEMEINDEN[2:]}
BESTAENDE = {
    "gemeinden": pd.DataFrame({"ags": GEMEINDEN, "stand": dt.date(2024, 1, 1)}, dtype=object),
    "ortsteile": pd.DataFrame(columns=["ortsteil", "ab", "bis", "darf_fehlen", "amt", "name"], dtype=object),
    "planungsraeume": pd.DataFrame(
        [("99099", r, r, m, dt.date(2015, 1, 1), None) for r, parts in RAEUME.items() for m in parts],
        columns=["kreis", "planungsraum", "name", "mitglied", "ab", "bis"],
    ),
}


def observations(counts: dict[str, float], groesse: str = "arbeitslose") -> pd.DataFrame:
    rows = [(ags, TAG, g, float(n), "", "", "ba") for ags, many in counts.items()
            for g, n in (("bevoelkerung", 1001), (groesse, many))]  # fmt: skip
    return pd.DataFrame(rows, columns=["ags", "stichtag", "groesse", "wert", "grund", "guete", "quelle"])[COLUMNS]


def areas(counts: tuple[int, ...]) -> dict[str, dict[str, int]]:
    own = dict(zip(GEMEINDEN, counts, strict=True))
    raeume = {raum: sum(own[m] for m in members) for raum, members in RAEUME.items()}
    return {"kreis": {"99099": sum(counts)}, "gemeinde": own, "planungsraum": raeume}


def hidden(counts: tuple[int, ...]) -> set[str]:
    tables = {level: observations(of) for level, of in areas(counts).items()}
    found = kreissperrung.withheld(tables, BESTAENDE, katalog(), REGELN)
    return set(found.ags[found.groesse == "arbeitslose"])


def rounded(count: np.ndarray) -> np.ndarray:
    return (count + 2) // 5  # whole numbers: 0 to 2 become 0, 3 to 7 become 1


@settings(deadline=None, max_examples=60)
@given(st.tuples(*[st.integers(0, 9)] * 4))
def test_everything_that_is_rounded_alike_stays_possible(counts):
    """All counts of four Gemeinden that agree with what is shown, one by one."""
    gone, total = hidden(counts), sum(counts)
    a, b, c = np.meshgrid(*[np.arange(total + 1)] * 3, indexing="ij")
    every = dict(zip(GEMEINDEN, (a, b, c, total - a - b - c), strict=True))
    every |= {raum: sum(every[m] for m in members) for raum, members in RAEUME.items()}
    true = areas(counts)["gemeinde"] | areas(counts)["planungsraum"]
    possible = every[GEMEINDEN[3]] >= 0
    for ags in set(every) - gone:
        possible &= rounded(every[ags]) == rounded(np.array(true[ags]))
    for ags, count in true.items():
        if 1 <= count <= 2 and set(every) - gone:
            assert {0, 1, 2} <= set(every[ags][possible].tolist()), (ags, gone)


def test_four_times_two_that_are_eight_together_are_not_all_shown():
    """Each is rounded to 0, together they are 8 and rounded to 10: then each would be known to be 2 for sure."""
    assert hidden((2, 2, 2, 2)) and not hidden((20, 30, 40, 2))
    assert hidden((20, 31, 42, 2)) == {GEMEINDEN[2], GEMEINDEN[3]}  # 42 is 40, together 45: the 2 is no 0


def test_counts_are_rounded_and_residents_are_not():
    table = pd.concat([observations({"99099001": 7, "99099002": 8}), observations({"99099003": 12}, "geburten")])
    secret = observations({"99099004": 5}).assign(wert=np.nan, grund="geheim")
    shown = rundung.shown(pd.concat([table, secret], ignore_index=True), katalog(), REGELN)
    assert shown.wert.tolist()[:6] == [1001, 5, 1001, 10, 1001, 10] and shown.wert[6:].isna().all()
    exact = Regelwerk(rule("kreis_3"), (), ())
    pd.testing.assert_frame_equal(rundung.shown(table, katalog(), exact), table)


def test_a_source_that_withholds_is_not_rounded():
    mixed = Regelwerk(rule("runden_5"), (("ba", rule("ba")),), ())
    table = observations({"99099001": 7})
    assert rundung.shown(table, katalog(), mixed).wert.tolist() == [1001, 7]
    assert rundung.shown(table.assign(quelle="genesis · ba"), katalog(), mixed).wert.tolist() == [1001, 7]
    assert rundung.shown(table.assign(quelle="genesis"), katalog(), mixed).wert.tolist() == [1001, 5]


@pytest.mark.parametrize("counts", [(0, 0, 0, 1), (1, 0, 0, 0)])
def test_where_the_kreis_itself_is_few_nothing_of_its_areas_is_shown(counts):
    assert hidden(counts) == {*GEMEINDEN, *RAEUME}
