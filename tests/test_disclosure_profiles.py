"""The attack on all reports of the example Kreis, under other rules than the shipped ones: each is kept."""

from functools import cached_property

import numpy as np
import pandas as pd
import pytest
from test_disclosure_reports import ALWAYS_SHOWN, COUNTED, GEMEINDEN, Attack, published, raw

from analysis import regelwerk, workspace

INDIKATOREN = {i.id: i for i in COUNTED}
STRENG = "{vorgabe: kreis_5, quellen: {ba: {mindestzahl: 5}}}"
GEMISCHT = "{quellen: {ba: {mindestzahl: 5}}}"
GERUNDET = "{vorgabe: runden_5, quellen: {ba: {rundung: 5}}}"


def under(wahl: str, function):
    """What a function gives where a Kreis chose these rules."""
    with pytest.MonkeyPatch.context() as patch:
        folder = workspace.store().parent / f"local_{abs(hash(wahl))}"
        folder.mkdir(exist_ok=True)
        (folder / regelwerk.NAME).write_text(wahl, encoding="utf-8")
        patch.setattr(workspace, "local", lambda: folder)
        return function()


@pytest.fixture
def shown(loaded):
    return lambda wahl: loaded(under, wahl, published)


def least(table: pd.DataFrame, wahl: str) -> np.ndarray:
    """Smallest count that may be shown of each row, by what its sources are."""
    other = 5 if wahl == STRENG else 3
    return np.where(table.quelle.str.split(" · ").map(lambda names: "ba" in names), 5, other)


def secret(table: pd.DataFrame, smallest: np.ndarray) -> pd.DataFrame:
    rest = table.nenner - table.zaehler
    few = table.zaehler.between(1, smallest - 1) | (
        (table.intervall == "wilson") & rest.between(1, smallest - 1)
    )  # fmt: skip
    found = table.assign(kleinste=smallest)[few | ((table.einwohner < 300) & (table.zaehler > 0))]
    found = found[found.ags.isin(GEMEINDEN) & found.indikator.isin(INDIKATOREN)]
    parts = found.indikator.map(lambda id: set(INDIKATOREN[id].aus["zaehler"]))
    return found[[not names & set(ALWAYS_SHOWN) for names in parts]]


@pytest.mark.parametrize("wahl", [STRENG, GEMISCHT])
def test_a_larger_minimum_count_reaches_every_report(shown, loaded, wahl):
    areas = shown(wahl)
    areas = areas[areas.ags.str.len() > 5]
    smallest = least(areas, wahl)
    left = areas.anteil.notna()
    assert left.sum() > 3000
    assert not (left & areas.zaehler.between(1, smallest - 1)).any()
    rest = areas.nenner - areas.zaehler
    assert not (left & (areas.intervall == "wilson") & rest.between(1, smallest - 1)).any()


def test_nobody_can_compute_a_count_below_five_where_five_is_the_rule(shown, loaded):
    """Bounds of each secret count on the days with most of them reach five below (or to 0) and five above."""
    rows, table = shown(STRENG), loaded(raw)
    hidden = secret(table, least(table, STRENG))
    days = hidden.stichtag.value_counts().index[:2]
    attacked = 0
    for day in days:
        attack = Attack(rows[rows.stichtag == day], day)
        for row in hidden[hidden.stichtag == day].itertuples():
            i = INDIKATOREN[row.indikator]
            whole = row.nenner if i.art == "anteil" else np.inf
            low, high = attack.bounds({(g, row.ags): 1 for g in i.aus["zaehler"]})
            attacked += 1
            assert low <= max(0, row.zaehler - 5) + 1e-6 and high >= min(row.zaehler + 5, whole) - 1e-6, row
    assert attacked > 60


class RoundedAttack(Attack):
    """The same where counts of areas are rounded to multiples of 5: each sum is known up to 2 for each rounded part."""

    def equal(self, groessen, gemeinden, value):
        exact = len(gemeinden) == len(GEMEINDEN) or set(groessen) <= set(ALWAYS_SHOWN)
        if exact:
            super().equal(groessen, gemeinden, value)
            return
        row = {self.number[g, ags]: 1 for g in groessen for ags in gemeinden}
        slack = 2 * len([g for g in groessen if g not in ALWAYS_SHOWN])
        self.most.append(row | {"bis": value + slack})
        self.most.append({n: -1 for n in row} | {"bis": slack - value})

    @cached_property
    def known(self):
        upto = np.array([row.get("bis", 0) for row in self.most], float)
        rows = [{n: f for n, f in row.items() if n != "bis"} for row in self.most]
        return {"A_eq": self.matrix(self.left), "b_eq": self.right, "A_ub": self.matrix(rows), "b_ub": upto}


def test_rounded_counts_are_multiples_and_no_share_is_of_others(shown):
    areas = shown(GERUNDET)
    areas = areas[(areas.ags.str.len() > 5) & areas.indikator.isin(INDIKATOREN) & areas.anteil.notna()]
    single = [len(INDIKATOREN[id].aus["zaehler"]) == 1 for id in areas.indikator]
    own = [not set(INDIKATOREN[id].aus["zaehler"]) & set(ALWAYS_SHOWN) for id in areas.indikator]
    counts = areas[np.array(single) & np.array(own)]
    assert len(counts) > 2000 and (counts.zaehler % 5 == 0).all()
    ratio = counts.assign(faktor=counts.anteil * counts.nenner / counts.zaehler)
    known = ratio[ratio.zaehler > 0].groupby("indikator").faktor.agg(["min", "max"])
    assert np.allclose(known["min"], known["max"])  # a share is that of the rounded counts


def test_nobody_can_compute_a_count_behind_a_rounded_one(shown, loaded):
    """Each count that would be rounded alike stays possible, on the days with most small counts."""
    rows, table = shown(GERUNDET), loaded(raw)
    hidden = secret(table, np.full(len(table), 3))
    hidden = hidden[[len(INDIKATOREN[id].aus["zaehler"]) == 1 for id in hidden.indikator]]
    few = hidden[(hidden.zaehler < 3) | (hidden.einwohner < 300)]
    attacked = 0
    for day in few.stichtag.value_counts().index[:2]:
        attack = RoundedAttack(rows[rows.stichtag == day], day)
        for row in few[few.stichtag == day].itertuples():
            low, high = attack.bounds({(g, row.ags): 1 for g in INDIKATOREN[row.indikator].aus["zaehler"]})
            alike = np.arange(400)[np.floor(np.arange(400) / 5 + 0.5) == np.floor(row.zaehler / 5 + 0.5)]
            attacked += 1
            assert low <= alike[0] + 1e-6 and high >= alike[-1] - 1e-6, (row.ags, day, row.indikator, low, high)
    assert attacked > 40
