import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import indicators
from analysis.catalogue import katalog
from analysis.store import Store

DAY = dt.date(2019, 12, 31)
EXPECTED = Path(__file__).parent / "expected"
R = pd.read_csv(EXPECTED / "intervals.csv", comment="#").set_index("fall")
"""Wilson intervals of R's prop.test (tests/expected/intervals.R)."""


def observations(*rows):
    """Rows of ags, groesse, value or reason."""
    return pd.DataFrame(
        [
            {
                "ags": ags,
                "stichtag": rest[0] if rest else DAY,
                "groesse": groesse,
                "wert": np.nan if isinstance(given, str) else float(given),
                "grund": given if isinstance(given, str) else "",
                "guete": "",
                "quelle": "q",
            }
            for ags, groesse, given, *rest in rows
        ]
    )


def value(table, ags, indikator):
    found = table[(table.ags == ags) & (table.indikator == indikator)]
    assert len(found) == 1
    return found.iloc[0]


def test_the_mindestsicherungsquote_is_the_published_one(shipped_store):
    """8.938 of 88.930 persons: 'Somit beträgt die Mindestsicherungsquote 10,1%' (Sozialstrategie Altenburger Land)."""
    with Store(shipped_store) as store:
        row = value(indicators.compute(store.observations(), katalog()), "16077", "mindestsicherungsquote")
    assert round(row.anteil * 100, 4) == 10.0506
    assert row.intervall == "wilson"
    expected = R.loc["mindestsicherungsquote"]
    assert (row.unten, row.oben) == pytest.approx((expected.unten, expected.oben), rel=1e-9)


def test_shares_and_quotients_of_the_age_groups():
    """Altenburger Land 31.12.2019; expected values by hand from the printed counts."""
    table = indicators.compute(
        observations(
            ("16077", "bevoelkerung", 89393),
            ("16077", "bevoelkerung_unter_18", 12365),
            ("16077", "bevoelkerung_18_64", 49451),
            ("16077", "bevoelkerung_ab_65", 27577),
        ),
        katalog(),
    )
    assert value(table, "16077", "anteil_unter_18").anteil == pytest.approx(12365 / 89393, rel=1e-15)
    assert value(table, "16077", "altenquotient").anteil == pytest.approx(27577 / 49451, rel=1e-15)
    shares = [value(table, "16077", f"anteil_{g}").anteil for g in ("unter_18", "18_64", "ab_65")]
    assert sum(shares) == pytest.approx(1, abs=1e-15)
    for id in ("anteil_unter_18", "anteil_ab_65"):
        row = value(table, "16077", id)
        assert (row.unten, row.oben) == pytest.approx((R.unten[id], R.oben[id]), rel=1e-9)
    for id in ("altenquotient", "jugendquotient"):
        row, share = value(table, "16077", id), R.loc[f"{id}_als_anteil"]  # carried over by p/(1-p)
        assert row.unten == pytest.approx(share.unten / (1 - share.unten), rel=1e-9)
        assert row.oben == pytest.approx(share.oben / (1 - share.oben), rel=1e-9)


def test_a_published_rate_without_basis_has_no_interval_and_with_basis_an_approximate_wider_one():
    table = indicators.compute(
        observations(
            ("16077", "langzeitarbeitslosenanteil", 39.56),
            ("16077", "hilfe_zum_lebensunterhalt_je_1000", 2.61, dt.date(2018, 12, 31)),
            ("16077", "bevoelkerung", 89393),
            ("16070", "hilfe_zum_lebensunterhalt_je_1000", 2.61, dt.date(2015, 12, 31)),
            ("16070", "bevoelkerung", 106249),
        ),
        katalog(),
    )
    rate = value(table, "16077", "langzeitarbeitslosenanteil")
    assert rate.anteil == pytest.approx(0.3956) and rate.intervall == "" and np.isnan([rate.unten, rate.oben]).all()
    near = value(table, "16077", "hilfe_zum_lebensunterhalt")
    assert near.intervall == "naeherung"
    assert near.unten == pytest.approx(R.unten["hilfe_zum_lebensunterhalt_unten"], rel=1e-9)
    assert near.oben == pytest.approx(R.oben["hilfe_zum_lebensunterhalt_oben"], rel=1e-9)
    assert value(table, "16070", "hilfe_zum_lebensunterhalt").intervall == ""  # population known four years later only


def test_only_a_part_of_the_basis_counts_where_the_catalogue_says_so():
    """Arbeitslosenquote: half of those aged 18 to 64 as a cautious number of Erwerbspersonen."""
    table = indicators.compute(
        observations(("16077", "arbeitslosenquote", 7.1), ("16077", "bevoelkerung_18_64", 49451)), katalog()
    )
    row = value(table, "16077", "arbeitslosenquote")
    assert row.unten == pytest.approx(R.unten["arbeitslosenquote_unten"], rel=1e-9)
    assert row.oben == pytest.approx(R.oben["arbeitslosenquote_oben"], rel=1e-9)


def test_the_reason_of_a_missing_part_reaches_the_indicator():
    table = indicators.compute(
        observations(
            ("16077", "bevoelkerung", 1000),
            ("16077", "bevoelkerung_unter_18", "geheim"),
            ("16070", "bevoelkerung", 0),
            ("16070", "bevoelkerung_unter_18", 0),
        ),
        katalog(),
    )
    secret = value(table, "16077", "anteil_unter_18")
    assert np.isnan(secret.anteil) and secret.grund == "geheim" and secret.intervall == ""
    empty = value(table, "16070", "anteil_unter_18")
    assert np.isnan(empty.anteil) and empty.grund == "sinnlos"


def test_the_order_of_rows_changes_nothing():
    rows = [
        (ags, g, n)
        for ags, n in (("16077", 50), ("16070", 70))
        for g in ("bevoelkerung_unter_18", "bevoelkerung_18_64")
    ]
    a = indicators.compute(observations(*rows), katalog())
    b = indicators.compute(observations(*rows[::-1]), katalog())
    pd.testing.assert_frame_equal(a, b)


def place(**shares):
    """Values of one indicator with a narrow interval for keys k1, k2, …"""
    return pd.DataFrame(
        [
            {"ags": ags, "stichtag": DAY, "indikator": "i", "anteil": x, "unten": x - 0.01, "oben": x + 0.01,
             "intervall": "" if np.isnan(x) else "wilson", "grund": "geheim" if np.isnan(x) else "", "guete": "",
             "quelle": "q"}
            for ags, x in shares.items()
        ]
    )  # fmt: skip


def test_rank_median_and_chance():
    werte = place(k1=0.10, k2=0.20, k3=0.205, k4=0.30, k5=0.30, k6=np.nan)
    found = {ags: indicators.compare(werte, ags) for ags in werte.ags}
    assert found["k6"].empty
    assert [int(found[f"k{n}"].rang.iloc[0]) for n in range(1, 6)] == [5, 4, 3, 1, 1]
    assert [bool(found[f"k{n}"].geteilt.iloc[0]) for n in range(1, 6)] == [False, False, False, True, True]
    assert [int(found[f"k{n}"].rang_von_unten.iloc[0]) for n in range(1, 6)] == [1, 2, 3, 4, 4]
    assert {int(t.anzahl.iloc[0]) for k, t in found.items() if k != "k6"} == {5}
    assert found["k1"]["median"].iloc[0] == 0.205
    assert [found[f"k{n}"].lage.iloc[0] for n in range(1, 5)] == ["niedriger", "zufall", "zufall", "hoeher"]


def test_no_rank_among_fewer_than_three():
    assert indicators.compare(place(k1=0.1, k2=0.2), "k1").rang.isna().all()


def test_without_interval_chance_is_not_judged():
    werte = place(k1=0.1, k2=0.2, k3=0.3).assign(intervall="", unten=np.nan, oben=np.nan)
    assert indicators.compare(werte, "k1").lage.tolist() == ["ungeprueft"]


def test_the_day_of_comparison_is_the_newest_that_is_filled_well_enough():
    late, later = dt.date(2020, 12, 31), dt.date(2021, 12, 31)
    werte = pd.concat(
        [place(k1=0.1, k2=0.2, k3=0.3, k4=0.4),
         place(k1=0.1, k2=0.2).assign(stichtag=late),
         place(k1=0.5).assign(stichtag=later)]
    )  # fmt: skip
    assert set(indicators.comparison_day(werte).stichtag) == {late}


def test_no_observations_give_no_indicators():
    assert indicators.compute(observations().reindex(columns=["ags", "stichtag", "groesse", "wert"]), katalog()).empty
