import datetime as dt

import numpy as np
import pandas as pd
import pytest
from vergleich.tafel import ERWARTET, ohne_intervall, werte

from analysis.errors import InputError
from analysis.vergleich.status_dynamik import klassen_index, status_dynamik

MSS = pd.read_csv(ERWARTET / "mss_2021.csv", comment="#", dtype={"plr": str}).set_index("plr")
FRUEHER, SPAETER = dt.date(2018, 12, 31), dt.date(2020, 12, 31)
RICHTUNG = {"s1": "niedriger_guenstiger", "s3": "niedriger_guenstiger", "s4": "niedriger_guenstiger"}
EINWOHNER = pd.Series(5000, index=MSS.index)


def lang(tabelle, tag):
    """Published rates of areas × indicators without intervals."""
    table = tabelle.rename_axis(columns="indikator").stack().rename("anteil").reset_index()
    return table.rename(columns={"plr": "ags"}).assign(
        stichtag=tag, unten=np.nan, oben=np.nan, anteil=table.anteil / 100
    )


def beide_tage():
    later = MSS[["s1", "s3", "s4"]]
    return lang(later, SPAETER), lang(later - MSS[["d1", "d3", "d4"]].to_numpy(), FRUEHER)


def gezaehlt(faktor, richtung=1):
    """Counts of 12 areas on both days, two indicators; a larger factor makes them more certain."""
    shares = np.linspace(0.04, 0.26, 12)
    change = np.array([0, 1, -1, 0, 2, 0, -1, 1, 0, -2, 12, -12]) / 1000
    n = np.full(12, 500 * faktor)
    days = []
    for tag, share in ((SPAETER, shares + change), (FRUEHER, shares)):
        counts = [np.round(n * s) for s in (share, share * 0.8)]
        days.append(pd.concat([werte(x, n, name, tag) for x, name in zip(counts, ("a", "b"), strict=True)]))
    return days, dict.fromkeys("ab", "niedriger_guenstiger"), pd.Series(n, index=days[0].ags.unique())


def test_classes_equal_those_of_the_berlin_monitoring_2021():
    found = status_dynamik(*beide_tage(), RICHTUNG, EINWOHNER, seed=1, ziehungen=2).set_index("ags")
    published = MSS.klasse.dropna().astype(int)
    status = (published // 10).map({1: "hoch", 2: "mittel", 3: "niedrig", 4: "sehr niedrig"})
    dynamik = (published % 10).map({1: "positiv", 3: "stabil", 5: "negativ"})
    assert len(published) == 140 and len(set(published)) >= 10
    assert (found.status[published.index] == status).all() and (found.dynamik[published.index] == dynamik).all()


def test_without_intervals_no_class_is_certain():
    found = status_dynamik(*beide_tage(), RICHTUNG, EINWOHNER, seed=1, ziehungen=2)
    assert (found.grund == "ohne_intervall").all() and found.klasse_anteil.isna().all()
    assert not found[["status_sicher", "dynamik_sicher", "klasse_sicher"]].any(axis=None)


def test_the_index_has_mean_0_and_standard_deviation_1():
    index = klassen_index(MSS[["s1", "s3", "s4"]].to_numpy())
    assert index.mean() == pytest.approx(0, abs=1e-12) and index.std(ddof=1) == pytest.approx(1)


def test_more_inhabitants_make_classes_more_certain():
    small, large = ((status_dynamik(*days, r, e, seed=3, ziehungen=300)) for days, r, e in map(gezaehlt, (1, 10_000)))
    assert (small.status == large.status).mean() > 0.7
    assert small.klasse_anteil.mean() < large.klasse_anteil.mean()
    assert large.klasse_sicher.all() and not small.klasse_sicher.all()
    assert (large.klasse_anteil <= large.status_anteil).all() and (large.grund == "").all()


def test_the_order_of_rows_and_the_seed():
    (later, earlier), richtung, einwohner = gezaehlt(1)
    one = status_dynamik(later, earlier, richtung, einwohner, seed=3, ziehungen=50)
    two = status_dynamik(later.iloc[::-1], earlier.sample(frac=1, random_state=1), richtung, einwohner.iloc[::-1],
                         seed=3, ziehungen=50)  # fmt: skip
    pd.testing.assert_frame_equal(one, two)


def test_the_opposite_direction_turns_the_index():
    (later, earlier), richtung, einwohner = gezaehlt(1)
    one = status_dynamik(later, earlier, richtung, einwohner, seed=3, ziehungen=2)
    turned = dict.fromkeys(richtung, "hoeher_guenstiger")
    two = status_dynamik(later, earlier, turned, einwohner, seed=3, ziehungen=2)
    assert np.allclose(one.status_index, -two.status_index) and np.allclose(one.dynamik_index, -two.dynamik_index)


def test_areas_left_out_are_named_with_their_reason():
    (later, earlier), richtung, einwohner = gezaehlt(1)
    einwohner = einwohner.astype(float)
    einwohner["16000"] = 299
    einwohner = einwohner.drop("16001")
    earlier = earlier[~((earlier.ags == "16002") & (earlier.indikator == "b"))]
    later = ohne_intervall(later, "16003")
    found = status_dynamik(later, earlier, richtung, einwohner, seed=1, ziehungen=20).set_index("ags")
    assert found.grund.head(4).tolist() == [
        "zu_wenige_einwohner", "einwohner_unbekannt", "wert_fehlt", "ohne_intervall"
    ]  # fmt: skip
    assert (found.status.head(3) == "").all() and found.status_index.head(3).isna().all()
    assert found.status["16003"] != "" and np.isnan(found.status_anteil["16003"]) and len(found) == 12


def test_bad_input_is_refused():
    (later, earlier), richtung, einwohner = gezaehlt(1)
    cases = [
        ((later, earlier[earlier.indikator == "a"], richtung, einwohner), "b has values of one day only"),
        ((earlier, later, richtung, einwohner), "2018-12-31 is not later than 2020-12-31"),
        ((later, earlier, {"a": "ohne"}, einwohner), "direction of a is 'ohne'"),
        ((later, earlier, richtung, einwohner * 0), "0 areas with values and inhabitants"),
        ((later, later.assign(stichtag=FRUEHER), richtung, einwohner), "a or its change does not vary"),
    ]
    for given, text in cases:
        with pytest.raises(InputError, match=text):
            status_dynamik(*given, seed=1, ziehungen=2)
