"""Random small Kreise attacked with everything that their reports may show: nobody learns of a small number."""

import functools

import numpy as np
import pandas as pd
import pytest
from kreis_made import TAG, Angriff, kinds, kreis

from analysis import kreissperrung
from analysis.catalogue import katalog
from analysis.disclosure.regeln import rule
from analysis.regelwerk import Regelwerk

USED = {g for i in katalog().indikatoren.values() if i.art in ("anteil", "verhaeltnis", "rate", "saldo")
        for g in i.groessen}  # fmt: skip
LEFT = [
    *[(g, ()) for g in kinds()],
    *[("arbeitslose", (g,)) for g in ("langzeitarbeitslose", "arbeitslose_unter_25", "arbeitslose_ab_55")],
    ("arbeitslose", ("arbeitslose_unter_25", "arbeitslose_ab_55")),
    ("melderegister_unter_18", ("melderegister_unter_15",)),
    ("bevoelkerung_unter_18", ("bevoelkerung_unter_15",)),
    ("bevoelkerung_unter_15", ("bevoelkerung_unter_3", "bevoelkerung_3_bis_5")),
    ("bevoelkerung", ("bevoelkerung_auslaendisch",)),
    ("melderegister_bevoelkerung", ("melderegister_auslaendisch",)),
]
"""Counts, and what is left of a count without others, none of which may be known to be 1 or 2."""


@functools.cache
def made(seed: int):
    rng = np.random.default_rng(seed)
    size = int(rng.integers(4, 10)), int(rng.integers(2, 4)), float(rng.choice([300, 600, 1500]))
    tables, bestaende, people, areas = kreis(rng, *size)
    hidden = kreissperrung.withheld(tables, bestaende, katalog(), Regelwerk(rule("kreis_3"), (), ()))
    return tables, people, areas, hidden


def totals(people: dict) -> pd.DataFrame:
    """All counts of the Kreis itself: what a report lacks, others publish as a number or a rate."""
    rows = [(g, sum(n for (_, kind), n in people.items() if kind in set(found))) for g, found in kinds().items()]
    table = pd.DataFrame(rows, columns=["groesse", "wert"])
    return table.assign(ags="99099", stichtag=TAG)


@pytest.mark.parametrize("seed", [0, 5, 9, 12])
def test_nobody_learns_of_a_small_number_from_all_that_is_shown(seed):
    tables, people, areas, hidden = made(seed)
    every = pd.concat([tables["gemeinde"], tables["planungsraum"], totals(people)])
    keys = ["ags", "stichtag", "groesse"]
    withheld = pd.MultiIndex.from_frame(every[keys]).isin(pd.MultiIndex.from_frame(hidden[keys]))
    attack, attacked = Angriff(every[every.groesse.isin(USED) & ~withheld], people, areas), 0
    for ags in (a for a in attack.members if a != "99099"):
        for groesse, less in LEFT:
            row = attack.row(groesse, ags, less)
            if not 1 <= (value := attack.value(row)) <= 2:
                continue
            whole = attack.value(attack.row("arbeitslose" if "arbeit" in groesse else "bevoelkerung", ags))
            low, high = attack.bounds(row)
            assert low <= 0 + 1e-6 and high >= min(value + 3, whole) - 1e-6, (ags, groesse, less, value)
            attacked += 1
    assert attacked or hidden.empty


def test_what_one_source_withholds_no_other_tells():
    """Population statistics and Melderegister count nearly the same people."""
    names = {g: g.replace("bevoelkerung", "melderegister") for g in kinds() if g.startswith("bevoelkerung_")}
    names = {g: other for g, other in names.items() if other in kinds()}
    found = 0
    for seed in (0, 3, 6):
        keys = {(r.ags, r.groesse) for r in made(seed)[3].itertuples()}
        mine = {(ags, names[g]) for ags, g in keys if g in names}
        assert mine == {(ags, g) for ags, g in keys if g in names.values()}
        found += len(mine)
    assert found > 10


def test_numbers_of_the_kreis_that_nobody_delivered_count_as_known():
    tables, bestaende, _, _ = kreis(np.random.default_rng(0))
    table = tables["gemeinde"]
    counts, people = (table[table.groesse == g] for g in ("arbeitslose_unter_25", "bevoelkerung"))
    counts = counts.assign(wert=[2.0, *[20.0] * (len(counts) - 1)])
    nothing = {level: rows.iloc[:0] for level, rows in tables.items()}
    only = nothing | {"gemeinde": pd.concat([counts, people.assign(wert=1000.0)], ignore_index=True)}
    hidden = kreissperrung.withheld(only, bestaende, katalog(), Regelwerk(rule("kreis_3"), (), ()))
    assert hidden.ags.nunique() == 2 and counts.ags.iloc[0] in set(hidden.ags)
