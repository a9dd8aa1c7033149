import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import rates
from analysis.catalogue import Bruch
from analysis.errors import InputError
from analysis.pooling import pooled

NONE = {"quote": ()}


def series(zaehler, first=2019, ags="16077012", nenner=100, day=(12, 31)) -> pd.DataFrame:
    days = [dt.date(first + i, *day) for i in range(len(zaehler))]
    return pd.DataFrame(
        {
            "ags": ags,
            "stichtag": days,
            "indikator": "quote",
            "zaehler": np.array(zaehler, float),
            "nenner": float(nenner),
        }
    )


def test_three_years_are_summed_and_named_by_both_ends():
    result = pooled(series([4, 6, 8, 2]), 3, NONE, neue_faelle=True)
    last = result.iloc[3]
    assert (last.von, last.bis, last.jahre) == (dt.date(2020, 12, 31), dt.date(2022, 12, 31), 3)
    assert (last.zaehler, last.nenner, last.hindernis) == (16, 300, "")
    assert (last.unten, last.oben) == rates.wilson(16, 300)
    assert result.hindernis.tolist() == ["luecke", "luecke", "", ""] and result.anteil[:2].isna().all()


def test_the_same_people_counted_again_make_a_value_no_surer():
    stock = pooled(series([4, 6, 8]), 3, NONE, neue_faelle=False).iloc[2]
    assert stock.anteil == pytest.approx(18 / 300) and (stock.unten, stock.oben) == rates.wilson(6, 100)


def test_years_are_not_pooled_across_gaps_breaks_and_missing_numbers():
    gap = series([4, 6, 8]).drop(index=1)
    assert pooled(gap, 2, NONE, True).hindernis.tolist() == ["luecke", "luecke"]
    missing = pooled(series([4, np.nan, 8, 1]), 2, NONE, True)
    assert missing.hindernis.tolist() == ["luecke", "unbekannt", "unbekannt", ""]
    census = {"quote": (Bruch(dt.date(2022, 5, 15), "Zensus 2022"),)}
    broken = pooled(series([4, 6, 8, 2, 3]), 2, census, True)
    assert broken.hindernis.tolist() == ["luecke", "", "", "bruch", ""] and np.isnan(broken.anteil[3])
    assert broken.zaehler.isna().tolist() == [True, False, False, True, False]


def test_a_break_on_the_first_day_does_not_divide_and_one_on_the_last_does():
    on = {"quote": (Bruch(dt.date(2020, 12, 31), "neue Erfassung"),)}
    assert pooled(series([4, 6, 8]), 2, on, True).hindernis.tolist() == ["luecke", "bruch", ""]


def test_years_are_not_pooled_across_a_territorial_change():
    eisenach = pooled(series([4, 6, 8, 9], ags="16063"), 2, NONE, True)
    assert eisenach.hindernis.tolist() == ["luecke", "", "gebiet", ""]


def test_another_reference_date_is_another_series():
    mixed = pd.concat([series([4], 2020), series([5], 2021, day=(6, 30))])
    assert pooled(mixed, 2, NONE, True).hindernis.tolist() == ["luecke", "luecke"]


def test_areas_stay_apart_and_rates_take_their_own_interval():
    both = pd.concat([series([4, 6]), series([10, 20], ags="16077013")], ignore_index=True)
    result = pooled(both.sample(frac=1, random_state=3), 2, NONE, True, art="rate").set_index("ags")
    done = result[result.hindernis == ""]
    assert done.zaehler.to_dict() == {"16077012": 10, "16077013": 30}
    assert (done.unten["16077013"], done.oben["16077013"]) == rates.byar(30, 200)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 100), min_size=2, max_size=6))
def test_all_years_together_are_the_sum(zaehler):
    last = pooled(series(zaehler), len(zaehler), NONE, True).iloc[-1]
    assert last.zaehler == sum(zaehler) and last.unten <= last.anteil + 1e-12 and last.anteil <= last.oben + 1e-12


def test_pooling_refuses_what_cannot_be():
    with pytest.raises(InputError, match="pooled years: 1; expected 2 or more"):
        pooled(series([1, 2]), 1, NONE, True)
    with pytest.raises(InputError, match="no list of breaks for quote"):
        pooled(series([1, 2]), 2, {}, True)
    with pytest.raises(InputError, match="16077012, 2019-12-31, quote stands twice"):
        pooled(pd.concat([series([1]), series([1])]), 2, NONE, True)
    with pytest.raises(InputError, match="art='quote'; expected anteil or rate"):
        pooled(series([1, 2]), 2, NONE, True, art="quote")
