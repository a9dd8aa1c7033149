"""Nothing of a small area, and nothing that rests on one or two persons, is left."""

import datetime as dt

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import regelwerk
from analysis.disclosure.regeln import rule
from analysis.kleinezahlen import protected, pyramid

REGELN = regelwerk.Regelwerk(rule(), (), ())
MINDESTENS_PERSONEN, MINDESTENS_EINWOHNER = 3, 300
NUMBERS = ["anteil", "unten", "oben", "zaehler", "nenner"]


def werte(counts, intervall="wilson"):
    """Rows as `indicators.compute` gives them, an area each, from pairs of numerator and denominator."""
    zaehler, nenner = (np.array([pair[n] for pair in counts], dtype=float) for n in (0, 1))
    with np.errstate(invalid="ignore", divide="ignore"):
        anteil = np.where(nenner > 0, zaehler / nenner, np.nan)
    known = ~np.isnan(anteil)
    return pd.DataFrame(
        {
            "ags": [f"99099{n:03d}" for n in range(len(counts))], "stichtag": dt.date(2024, 12, 31),
            "indikator": "quote", "anteil": anteil, "unten": np.where(known, anteil * 0.9, np.nan),
            "oben": np.where(known, anteil * 1.1, np.nan), "intervall": np.where(known, intervall, ""),
            "grund": np.where(known, "", "unbekannt"), "guete": "", "quelle": "ba",
            "zaehler": np.where(known, zaehler, np.nan), "nenner": np.where(known, nenner, np.nan),
        }
    )  # fmt: skip


shares = st.lists(
    st.integers(0, 600).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=1, max_size=12
)
residents = st.lists(st.one_of(st.integers(0, 1200), st.just(None)), min_size=12, max_size=12)


@settings(deadline=None)
@given(shares, residents)
def test_no_share_of_few_cases_or_of_all_but_few_survives(counts, people):
    table = werte(counts)
    einwohner = pd.Series(people[: len(counts)], index=table.ags, dtype=float).dropna()
    shown = protected(table, einwohner, REGELN)
    left = shown[shown.anteil.notna()]
    assert not left.zaehler.between(1, MINDESTENS_PERSONEN - 1).any()
    assert not (left.nenner - left.zaehler).between(1, MINDESTENS_PERSONEN - 1).any()
    assert (left.ags.map(einwohner) >= MINDESTENS_EINWOHNER).all()
    hidden = shown.grund == "geheim"
    assert shown.loc[hidden, NUMBERS].isna().all(axis=None) and (shown.intervall[hidden] == "").all()


@settings(deadline=None)
@given(shares, residents)
def test_what_is_shown_is_not_changed_and_nothing_else_is_withheld(counts, people):
    table = werte(counts)
    before = table.copy()
    einwohner = pd.Series(people[: len(counts)], index=table.ags, dtype=float)
    shown = protected(table, einwohner, REGELN)
    pd.testing.assert_frame_equal(table, before)
    hidden = shown.grund == "geheim"
    pd.testing.assert_frame_equal(shown[~hidden], table[~hidden])
    rest = table.nenner - table.zaehler
    needed = table.zaehler.isin([1, 2]) | rest.isin([1, 2]) | ~(einwohner.to_numpy() >= MINDESTENS_EINWOHNER)
    assert (hidden == (needed & table.anteil.notna())).all()


@settings(deadline=None)
@given(shares, residents, st.sampled_from(["geheim", "unbekannt", "noch_nicht", "sinnlos"]))
def test_a_reason_stays_and_secret_stays_secret(counts, people, grund):
    table = werte(counts)
    missing = table.index % 2 == 0
    table.loc[missing, NUMBERS] = np.nan
    table["grund"] = table.grund.mask(missing, grund)
    einwohner = pd.Series(people[: len(counts)], index=table.ags, dtype=float)
    once = protected(table, einwohner, REGELN)
    assert (once.grund[missing] == grund).all() and once.loc[missing, NUMBERS].isna().all(axis=None)
    pd.testing.assert_frame_equal(protected(once, einwohner, REGELN), once)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(300, 5000)), min_size=1, max_size=8))
def test_a_rate_is_withheld_for_few_cases_but_not_for_its_rest(counts):
    """2 births of 4 residents would be 2 others; births are no part of the residents, so only the cases count."""
    table = werte(counts, intervall="byar")
    shown = protected(table, pd.Series(1000.0, index=table.ags), REGELN)
    assert ((shown.grund == "geheim") == table.zaehler.isin([1, 2])).all()


def test_published_rates_of_small_areas_are_withheld_too():
    table = werte([(50, 500), (60, 500)]).assign(zaehler=np.nan, nenner=np.nan, intervall="")
    shown = protected(table, pd.Series([299.0, 300.0], index=table.ags), REGELN)
    assert shown.anteil.isna().tolist() == [True, False]


ages = st.lists(st.integers(0, 60), min_size=38, max_size=38)


@settings(deadline=None)
@given(ages)
def test_no_group_of_a_pyramid_counts_one_or_two_persons(counts):
    table = pd.DataFrame(
        {
            "alter": [a for a in range(0, 95, 5) for _ in "mw"],
            "geschlecht": list("mw") * 19,
            "personen": np.array(counts, dtype=float),
        }
    )
    shown = pyramid(table, rule(), MINDESTENS_EINWOHNER)
    if shown is None:
        by_ten = table.groupby([table.alter // 10, "geschlecht"]).personen.sum()
        assert sum(counts) < MINDESTENS_EINWOHNER or by_ten.isin([1, 2]).any()
        return
    assert shown.personen.sum() == sum(counts) >= MINDESTENS_EINWOHNER
    assert not shown.personen.isin([1, 2]).any() and not shown.duplicated(["alter", "geschlecht"]).any()


def test_a_pyramid_with_an_unknown_group_is_not_shown():
    table = pd.DataFrame({"alter": [0, 0], "geschlecht": ["m", "w"], "personen": [np.nan, 400.0]})
    assert pyramid(table, rule(), 300) is None and pyramid(table.iloc[:0], rule(), 300) is None
