"""Figures of areas: delivered, counted by the Melderegister, added up from Gemeinden and Ortsteile."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from analysis import indicators, raumwerte
from analysis.catalogue import katalog
from analysis.errors import InputError
from analysis.store import Store

L = ROOT / "data" / "musterkreis" / "lieferungen"
JUNI, DEZEMBER, DAVOR = dt.date(2024, 6, 30), dt.date(2024, 12, 31), dt.date(2023, 12, 31)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Open store with areas, residents and unemployment of the small Musterkreis."""
    path = tmp_path_factory.mktemp("raumwerte") / "store.duckdb"
    files = [*sorted(L.glob("gebiet/*.xlsx")), *sorted(L.glob("melderegister/*.yaml"))]
    files += [*sorted(L.glob("melderegister/*2023*")), *sorted(L.glob("melderegister/*2024*"))]
    files += [L / "gebiet" / "planungsraeume_99099.yaml", *sorted(L.glob("arbeitsmarkt/*2024*.xlsx"))]
    files.append(L / "kennzahlen" / "altersgruppen_99099.csv")
    with Store(path, read_only=False) as filled:
        for file in files:
            if file.suffix != ".yaml" or "planungsraeume" in file.name:
                filled.import_file(file)
    with Store(path) as opened:
        yield opened


def wert(table, ags, day, groesse):
    row = table[(table.ags == ags) & (table.stichtag == day) & (table.groesse == groesse)]
    assert len(row) == 1
    return row.wert.iloc[0] if not row.grund.iloc[0] else row.grund.iloc[0]


@pytest.mark.parametrize(("ebene", "number"), [("kreis", 1), ("gemeinde", 30), ("planungsraum", 8), ("ortsteil", 50)])
def test_every_area_has_a_name_and_figures(store, ebene, number):
    names = raumwerte.namen(store, "99099", ebene)
    table = raumwerte.observations(store, "99099", ebene)
    assert len(names) == number and set(table.ags) == set(names)
    assert not table.duplicated(["ags", "stichtag", "groesse"]).any()
    assert (table.wert.notna() == (table.grund == "")).all()
    assert list(names.values()) == sorted(names.values(), key=str.casefold)


def test_names_are_those_of_the_deliveries(store):
    assert raumwerte.namen(store, "99099", "planungsraum")["99099.sued"] == "Kreisstadt Süd und Dörfer"
    assert raumwerte.namen(store, "99099", "gemeinde")["99099002"].startswith("Laternberg")
    assert raumwerte.namen(store, "99099", "kreis") == {"99099": "Musterkreis (erfunden)"}


def test_planungsraeume_add_up_to_the_kreis(store):
    kreis, raeume = (raumwerte.observations(store, "99099", e) for e in ("kreis", "planungsraum"))
    for groesse in ("melderegister_bevoelkerung", "melderegister_15_64"):
        mine = raeume[(raeume.groesse == groesse) & (raeume.stichtag == DEZEMBER)]
        assert len(mine) == 8 and mine.wert.sum() == wert(kreis, "99099", DEZEMBER, groesse)
    unemployed = raeume[(raeume.groesse == "arbeitslose") & (raeume.stichtag == DEZEMBER)]
    assert unemployed.wert.sum() == wert(kreis, "99099", DEZEMBER, "arbeitslose")


def test_ortsteile_add_up_to_a_gemeinde_that_nothing_was_delivered_for(store):
    """Quarters come by Ortsteil only, Decembers also by Gemeinde: the delivered value goes before the sum."""
    gemeinden, ortsteile = (raumwerte.observations(store, "99099", e) for e in ("gemeinde", "ortsteil"))
    parts = ortsteile[ortsteile.ags.str.startswith("99099002.") & (ortsteile.groesse == "arbeitslose")]
    by_day = parts.groupby("stichtag").wert.agg(lambda n: n.sum(skipna=False))
    assert set(by_day.index) == {JUNI, DEZEMBER} and by_day.notna().all()
    for day in (JUNI, DEZEMBER):
        assert wert(gemeinden, "99099002", day, "arbeitslose") == by_day[day]
    stored = store.observations(["arbeitslose"])
    delivered = stored[(stored.ags.str.len() == 8) & (stored.stichtag == DEZEMBER)].set_index("ags")
    shown = gemeinden[(gemeinden.groesse == "arbeitslose") & (gemeinden.stichtag == DEZEMBER)].set_index("ags")
    pd.testing.assert_series_equal(shown.wert, delivered.wert.reindex(shown.index))
    assert (shown.grund == delivered.grund.reindex(shown.index)).all()


def test_a_secret_part_keeps_its_sum_secret_and_a_missing_one_unknown(store):
    raeume, ortsteile = (raumwerte.observations(store, "99099", e) for e in ("planungsraum", "ortsteil"))
    hidden = ortsteile[(ortsteile.grund == "geheim") & ortsteile.ags.str.startswith("99099001.")]
    assert len(hidden) and (raeume.grund == "geheim").any()
    # age groups come by Gemeinde: the Planungsraeume of the Kreisstadt, made of Ortsteile, have none
    assert wert(raeume, "99099.mitte", DAVOR, "bevoelkerung_unter_18") == "unbekannt"
    assert wert(raeume, "99099.laternberg", DAVOR, "bevoelkerung_unter_18") > 1000


def test_the_share_of_unemployed_of_a_planungsraum_is_a_share_of_its_registered_residents(store):
    raeume = raumwerte.observations(store, "99099", "planungsraum")
    table = indicators.compute(raeume, katalog())
    row = table[(table.indikator == "arbeitslosenanteil_15_64") & (table.ags == "99099.nord")].set_index("stichtag")
    june = row.loc[JUNI]
    assert june.zaehler == wert(raeume, "99099.nord", JUNI, "arbeitslose")
    assert june.nenner == wert(raeume, "99099.nord", DAVOR, "melderegister_15_64") and june.nenner_stichtag == DAVOR
    assert june.anteil == june.zaehler / june.nenner and june.quelle == "ba · melderegister"
    indikator = katalog().indikator("arbeitslosenanteil_15_64")
    assert "quote" not in (indikator.label + indikator.kurz + indikator.einfach).lower()


def test_a_figure_of_a_gemeinde_that_did_not_exist_that_day_becomes_a_reason():
    """16056000 (Eisenach) is gone in the list of 2022; a value of 2022 under its key is of another territorial date."""
    gemeinden = pd.DataFrame(
        {
            "stand": [dt.date(2020, 12, 31)] * 2 + [dt.date(2021, 12, 31)],
            "ags": ["16063001", "16063002", "16063001"],
        }
    )
    days = [dt.date(2020, 12, 31), dt.date(2021, 12, 31), dt.date(2022, 12, 31), dt.date(2019, 12, 31)]
    rows = pd.DataFrame(
        {"ags": "16063002", "stichtag": days, "groesse": "arbeitslose", "wert": 5.0, "grund": "", "guete": "",
         "quelle": "ba"}
    )  # fmt: skip
    found = raumwerte.without_strangers(rows, gemeinden)
    assert found.grund.tolist() == ["", "sinnlos", "sinnlos", ""]  # 2019 lies before the first list
    assert np.isnan(found.wert.iloc[1]) and found.wert.iloc[0] == 5
    assert raumwerte.without_strangers(rows, gemeinden.iloc[:0]).equals(rows)


def test_a_wrong_level_or_key_is_named(store):
    with pytest.raises(InputError, match="level 'land'; expected one of kreis, gemeinde"):
        raumwerte.observations(store, "99099", "land")
    with pytest.raises(InputError, match="'99099001' is not the key of a Kreis"):
        raumwerte.namen(store, "99099001", "gemeinde")


def test_a_planungsraum_with_other_members_is_another_area(whole_store, monkeypatch):
    from analysis import kreisprofil

    monkeypatch.setenv("KREISBLICK_STORE", str(whole_store))
    with Store() as store:
        changes = raumwerte.wechsel(store, "99099")
        assert raumwerte.wechsel(store, "16077").empty
    # Federmark changes from Nebelroda und Wolkengrund to Stempelau und Tintenbrueck (musterkreis.yaml)
    assert changes[["ags", "datum"]].values.tolist() == [
        ["99099.nebel", dt.date(2021, 1, 1)],
        ["99099.tinte", dt.date(2021, 1, 1)],
    ]
    profil = kreisprofil.load("99099", "99099.tinte")
    assert (profil.brueche.grund == raumwerte.WECHSEL).sum() == len(profil.aussagen)
    tested = profil.aussagen[profil.aussagen.aussage.isin(["steigt", "sinkt", "kein_trend"])]
    assert (tested.von >= dt.date(2021, 1, 1)).all()
    assert raumwerte.WECHSEL not in set(kreisprofil.load("99099", "99099.nord").brueche.grund)
