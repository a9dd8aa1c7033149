"""Changes between waves against R: stacked independent samples and the same schools in two years."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.survey import estimates, waves
from analysis.survey.design import Kalibrierung, design

EXPECTED = Path(__file__).resolve().parents[1] / "expected" / "survey"


def schools(name: str, number: int) -> pd.DataFrame:
    frame = pd.read_csv(EXPECTED / "data_api_shares.csv")
    frame = frame[frame["sample"] == name].reset_index(drop=True)
    index = frame.api99 if number == 1 else frame.api00
    weight = frame.pw * (1 + 0.001 * number * (frame.meals % 7))
    return frame.assign(welle=number, api=index, high=(index > 650).astype(int), weight=weight)


def first_wave():
    frame = schools("apistrat", 1)
    return frame, design(frame, "weight", schicht="stype", umfang="fpc1")


def two_waves(name: str):
    first, plan = first_wave()
    if name == "panel":
        second = schools("apistrat", 2)
        rows = np.arange(1, len(first) + 1)
        frame = pd.concat([first[rows % 5 != 0], second[rows % 7 != 0]], ignore_index=True)
        return frame, waves.panel(frame, "weight", person="snum", welle="welle", schicht="stype")
    second = schools("apiclus1" if name == "stack" else "apiclus2", 2)
    options = {"einheit": "dnum", "umfang": "fpc1"}
    if name == "twostage":
        options = {"einheit": ["dnum", "snum"], "umfang": ["fpc1", "fpc2"]}
    both = waves.stack([plan, design(second, "weight", **options)])
    return pd.concat([first, second], ignore_index=True), both


@pytest.mark.parametrize("name", ["stack", "twostage", "panel"])
def test_changes_equal_r(name):
    daten, plan = two_waves(name)
    items = daten[["api", "high", "meals"]]
    overall = waves.change(plan, items, daten.welle, 1, 2)
    by_type = waves.change(plan, items, daten.welle, 1, 2, daten.stype)
    ours = pd.concat([pd.concat({"alle": overall}), by_type])
    r = pd.read_csv(EXPECTED / "waves_changes.csv").query("design == @name")
    ours = ours.loc[pd.MultiIndex.from_frame(r[["domain", "item"]])]
    for column in ("wert_von", "wert_bis", "aenderung", "se", "freiheitsgrade"):
        np.testing.assert_allclose(ours[column], r[column], rtol=1e-7, err_msg=column)
    tested = ours.pruefbar.to_numpy()
    np.testing.assert_allclose(ours.p[tested], r.p[tested], rtol=1e-7)
    assert tested[:3].all()
    if name == "panel":
        np.testing.assert_allclose(ours[["unten", "oben"]][:3], r[["unten", "oben"]][:3], rtol=1e-7)
    for domain, group in pd.read_csv(EXPECTED / "waves_ratios.csv").query("design == @name").groupby("domain"):
        by = None if domain == "alle" else daten.stype
        ratio = waves.change_of_ratio(plan, daten.api, daten.meals, daten.welle, 1, 2, by)
        key = "aenderung" if by is None else domain
        np.testing.assert_allclose([ratio.wert[key], ratio.se[key]], group[["aenderung", "se"]].iloc[0], rtol=1e-7)


def test_error_of_a_change_between_independent_waves_is_that_of_both():
    daten, plan = two_waves("stack")
    first, second = (schools(s, k) for s, k in (("apistrat", 1), ("apiclus1", 2)))
    one = estimates.mean(first_wave()[1], first.api).se.iloc[0]
    two = estimates.mean(design(second, "weight", einheit="dnum", umfang="fpc1"), second.api).se.iloc[0]
    change = waves.change(plan, daten.api, daten.welle, 1, 2)
    np.testing.assert_allclose(change.se.iloc[0], np.hypot(one, two), rtol=1e-12)


def test_the_same_schools_show_a_change_more_surely_than_others():
    daten, plan = two_waves("panel")
    waves_of = [daten[daten.welle == k] for k in (1, 2)]
    independent = waves.stack([design(w, "weight", schicht="stype") for w in waves_of])
    panel = waves.change(plan, daten.api, daten.welle, 1, 2).iloc[0]
    stacked = waves.change(independent, daten.api, daten.welle, 1, 2).iloc[0]
    assert panel.aenderung == pytest.approx(stacked.aenderung) and panel.se < stacked.se / 2
    assert not panel.zufall and panel.p_vorsichtig < 1e-4 < stacked.p_vorsichtig


def test_calibrations_stay_with_their_wave():
    first, plan = first_wave()
    root = np.sqrt(plan.gewicht)[:, None]
    basis = np.linalg.qr(np.column_stack([np.ones(len(first)), first.meals]) * root)[0]
    calibrated = plan.mit_gewicht(plan.gewicht, Kalibrierung(basis, root[:, 0]))
    second = schools("apiclus1", 2)
    other = design(second, "weight", einheit="dnum", umfang="fpc1")
    both = waves.stack([calibrated, other])
    y = pd.concat([first.api, second.api], ignore_index=True)
    wave = pd.Series([1] * len(first) + [2] * len(second))
    means = estimates.mean(both, y, wave)
    expected = [estimates.mean(calibrated, first.api).se.iloc[0], estimates.mean(other, second.api).se.iloc[0]]
    np.testing.assert_allclose(means.se, expected, rtol=1e-12)
    assert abs(means.kovarianz[0, 1]) < 1e-9


def test_one_respondent_and_no_respondent_in_a_wave():
    daten, plan = two_waves("stack")
    area = pd.Series("viele", daten.index).mask(daten.index == 0, "wenige").mask(daten.index > 380, "wenige")
    table = waves.change(plan, daten.api, daten.welle, 1, 2, area)
    assert np.isnan(table.se["wenige"]) and table.zufall["wenige"] and not table.pruefbar["wenige"]
    only = pd.Series("alt", daten.index).mask(daten.welle == 2, "neu")
    table = waves.change(plan, daten.high, daten.welle, 1, 2, only)
    assert table.aenderung.isna().all() and table.zufall.all()
    with pytest.raises(InputError, match="nobody of 'alt' is in the wave 2"):
        waves.change_of_ratio(plan, daten.api, daten.meals, daten.welle, 1, 2, only)


def test_wrong_waves_are_refused():
    daten, plan = two_waves("panel")
    with pytest.raises(InputError, match="nobody is in the wave 3; expected one of 1, 2"):
        waves.change(plan, daten.api, daten.welle, 1, 3)
    with pytest.raises(InputError, match="expected two different waves"):
        waves.change(plan, daten.api, daten.welle, 2, 2)
    with pytest.raises(InputError, match="5 waves for"):
        waves.change(plan, daten.api, daten.welle[:5], 1, 2)
    with pytest.raises(InputError, match="expected at least two"):
        waves.stack([plan])


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda f: f.assign(snum=f.snum + f.welle * 10_000), "nobody is in two waves by the column snum"),
        (lambda f: pd.concat([f, f.iloc[:1]]), "is twice in the wave 1"),
        (lambda f: f.assign(stype=f.stype.mask(f.index == 0, "H")), "in several stype"),
        (lambda f: f.assign(snum=f.snum.astype("Int64").mask(f.index == 3)), "respondent 4: empty"),
        (lambda f: f.drop(columns="snum"), "no column 'snum'"),
    ],
)
def test_wrong_panels_are_refused(change, text):
    daten, _ = two_waves("panel")
    with pytest.raises(InputError, match=text):
        waves.panel(change(daten), "weight", person="snum", welle="welle", schicht="stype")


def test_households_can_be_the_units_of_a_panel():
    daten, _ = two_waves("panel")
    by_district = waves.panel(daten, "weight", person="snum", welle="welle", einheit="dnum")
    expected = design(daten, "weight", einheit="dnum")
    ours, theirs = (estimates.mean(d, daten.api, daten.welle).kovarianz for d in (by_district, expected))
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)
