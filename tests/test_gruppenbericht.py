"""The report on groups: what it names comes out again, what is not sure is said, nothing of small numbers is shown."""

import datetime as dt
import json
import re
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import yaml
from conftest import ROOT
from notebook_calls import every_text, rows, said, shown

from analysis import (
    gruppenbericht,
    gruppengebiete,
    gruppenmethode,
    gruppenplatz,
    gruppenprofil,
    gruppenraum,
    gruppenstabilitaet,
    gruppenwerte,
)
from analysis.batch.parameter import check
from analysis.catalogue import katalog
from analysis.clusters.beschreibung import profile
from analysis.clusters.uebereinstimmung import adjusted_rand
from analysis.errors import InputError
from analysis.lesbarkeit import LEICHT, flesch_amstad
from analysis.outputs import joined
from analysis.regions import kreis
from analysis.report.pruefung import numbers_without_table
from analysis.store import Store

WAHRHEIT = yaml.safe_load((ROOT / "data" / "musterkreis" / "wahrheit.yaml").read_text(encoding="utf-8"))
GRUPPEN = {ags: name for name, members in WAHRHEIT["gruppen"]["mitglieder"].items() for ags in members}
KLEINE = ["99099028", "99099029", "99099030"]
"""Gemeinden with 281, 268 and 240 inhabitants."""

FORMEN = {
    "gemeinden": {},
    "drei_verfahren": {"verfahren": "kmeans", "skalierung": "rang", "frueher": "2022-12-31", "gewichte": "gleich"},
    "sechs_gruppen": {"gruppen": 6},
    "planungsraeume": {"ebene": "planungsraum"},
    "kreise": {"kreis": "16077"},
}
"""Reports that differ in what they find: three groups, forced groups, none."""


def einfach(id: str) -> str:
    """What the catalogue calls an indicator in plain words."""
    return katalog().indikator(id).einfach


@pytest.fixture
def gemeinden(loaded):
    return loaded(gruppenprofil.load, "99099")


@pytest.fixture(params=FORMEN)
def report(request, loaded):
    return loaded(shown, "03", **FORMEN[request.param])


def test_the_groups_are_those_of_the_truth(gemeinden):
    truth = pd.Series(GRUPPEN)[gemeinden.grouped]
    found = gemeinden.gruppierung.labels[gemeinden.grouped]
    assert gemeinden.k == 3 and gemeinden.gruppierung.stabil.stabil.all()
    assert adjusted_rand(pd.factorize(truth)[0], found.to_numpy()[None] - 1)[0] == 1


def test_what_marks_the_groups_is_what_the_truth_says(gemeinden):
    """Unemployment does not depend on the group; the indicators of age and nationality do."""
    assert gemeinden.trennung["arbeitslosenanteil_15_64"] < 0.2
    assert (gemeinden.trennung.drop("arbeitslosenanteil_15_64") > 0.8).all()
    group = {GRUPPEN[ags]: n for ags, n in gemeinden.gruppierung.labels[gemeinden.grouped].items()}
    assert gemeinden.gruppennamen[group["land"]].startswith(f"mehr {einfach('anteil_ab_65')}")
    assert gemeinden.gruppennamen[group["umland"]].startswith(f"mehr {einfach('anteil_unter_18')}")
    assert gemeinden.gruppennamen[group["stadt"]].startswith(f"mehr {einfach('melderegister_anteil_auslaendisch')}")


def test_every_kind_of_report_is_readable_and_its_numbers_stand_in_tables(report):
    assert numbers_without_table([o.inhalt for o in report]) == []
    assert not re.search(r"(?i)\b(nan|none|inf|nat)\b", every_text(*report))
    assert flesch_amstad([joined(a) for a in report[1].inhalt["absaetze"]]) >= LEICHT
    assert [o.inhalt["art"] for o in report[:2]] == ["kopf", "kuerze"]


def test_nothing_of_a_small_area_is_told_but_that_it_is_not_grouped(report):
    for output in report:
        if "gruppen" not in output.inhalt.get("daten", output.inhalt):
            assert not any(name in every_text(output) for name in ("Würfelstedt", "Schnürroda", "Süßholzroda"))
            continue
        for cells in rows(output):
            if cells[0] in ("Würfelstedt", "Schnürroda", "Süßholzroda"):
                assert set(cells[1:]) <= {"keine", "nicht eingeteilt", "zu wenige Einwohner"}, output.inhalt["titel"]


def test_withheld_values_are_not_grouped(gemeinden):
    assert not set(KLEINE) & set(gemeinden.grouped)
    hidden = gemeinden.werte[gemeinden.werte.anteil.isna() & gemeinden.werte.ags.isin(gemeinden.grouped)]
    replaced = set(zip(gemeinden.vorbereitet.ersetzt.ags, gemeinden.vorbereitet.ersetzt.indikator, strict=True))
    assert len(hidden) and set(zip(hidden.ags, hidden.indikator, strict=True)) == replaced


def test_the_tables_say_what_was_found(gemeinden):
    table = rows(gruppenbericht.gruppentafel(gemeinden))
    assert [row[0] for row in table] == ["Gruppe 1", "Gruppe 2", "Gruppe 3"]
    assert [int(row[1]) for row in table] == list(gemeinden.gruppierung.stabil.anzahl)
    assert all(row[4] == "ja" for row in table)
    places = rows(gruppengebiete.gebietstafel(gemeinden))
    # of 3,600 draws Uhrenstedt stays in its group in 81.6 %: too near to the limit to be called sure
    unsure = [row for row in places if not re.fullmatch(r"sicher \(\d+ %\)", row[2])]
    assert len(places) == 27 and [row[0] for row in unsure] == ["Uhrenstedt"]
    assert re.fullmatch(r"wechselt mit Gruppe \d \((7[89]|8[0-4]) %\)", unsure[0][2])
    text = said(gruppenbericht.in_kuerze(gemeinden))
    assert "Es gibt 3 Gruppen" in text and "Nicht sicher ist der Platz hier: Uhrenstedt." in text
    assert "Eine Gruppe ist kein Urteil" in text and "3 sind sehr klein" in text


def test_unsure_places_are_named_with_their_other_group(gemeinden):
    places = gemeinden.platz.copy()
    places.loc["99099003", ["rauschen", "sicher", "andere"]] = [0.55, False, 1]
    unsure = replace(gemeinden, platz=places)
    assert "Nicht sicher ist der Platz hier: Uhrenstedt." in said(gruppenbericht.in_kuerze(unsure))
    table = {row[0]: row for row in rows(gruppengebiete.gebietstafel(unsure))}
    assert table["Uhrenstedt"][2] == "wechselt mit Gruppe 1 (55 %)"
    assert "bei einem Gebiet" in gruppengebiete.karte(unsure).inhalt["alternativtext"]


def test_groups_that_would_not_come_out_again_have_no_name(loaded):
    forced = loaded(gruppenprofil.load, "99099", gruppen=6)
    stable = forced.gruppierung.stabil.stabil
    assert not stable.all()
    table = rows(gruppenbericht.gruppentafel(forced))
    for row, sure in zip(table, stable, strict=True):
        assert (row[3] == gruppenprofil.NICHT_STABIL) != sure and row[4] == ("ja" if sure else "nicht sicher")
    text = said(gruppenbericht.in_kuerze(forced))
    assert {int(n) for n in re.findall(r"Gruppe (\d):", text)} == set(stable.index[stable])
    assert not stable.any() and "Vorgegeben waren 6 Gruppen, belegt ist diese Zahl nicht. Keine ist beständig" in text
    assert "Der Platz in der Gruppe ist hier nirgends sicher." in text
    assert "über dem Mittel: Gruppe 5, " in gruppenbericht.profilbild(forced).inhalt["alternativtext"]
    told = every_text(gruppenmethode.kriterien(forced))
    assert "war vorgegeben" in told and "Gap entscheidet nichts; seine Regel braucht mehrere Zahlen." in told


def test_no_place_is_sure_in_a_group_that_is_not_stable(loaded):
    forced = loaded(gruppenprofil.load, "99099", gruppen=6)
    assert forced.platz.bleibt.any() and not forced.platz.sicher.any()
    cells = {row[0]: row[2] for row in rows(gruppengebiete.gebietstafel(forced))}
    for ags, stays in forced.platz.bleibt.items():
        begin = "nicht sicher, weil die Gruppe nicht beständig ist (" if stays else ("wechselt mit", "unsicher (")
        assert cells[forced.gebiete.namen[ags]].startswith(begin)
    some = forced.gruppierung.stabil.assign(stabil=forced.gruppierung.stabil.index == 1)
    found = gruppenprofil.places(forced.vorbereitet, replace(forced.gruppierung, stabil=some))
    assert (found.sicher == (found.bleibt & (found.gruppe == 1))).all()


def test_a_tree_of_another_method_is_not_said_to_have_no_groups(gemeinden):
    other = replace(gemeinden, verfahren="kmeans")
    assert "mit einem anderen Verfahren gebildet" in gruppenmethode.baum(other).inhalt["alternativtext"]
    none = replace(other, gruppierung=replace(other.gruppierung, k=1, labels=other.gruppierung.labels * 0))
    assert "Keine Teilung ist beständig" in gruppenmethode.baum(none).inhalt["alternativtext"]


def test_the_15_kreise_have_no_stable_groups_and_the_report_says_so(loaded):
    kreise = loaded(gruppenprofil.load, "16077")
    assert (kreise.gebiete.ebene, kreise.k, len(kreise.grouped)) == ("kreis", 1, 15)
    text = said(gruppenbericht.in_kuerze(kreise))
    assert "Klare Gruppen fanden wir nicht" in text and "ist nicht alles wie im Mittel" in text
    assert f"Dort gibt es mehr {einfach('anteil_ab_65')}." in text
    assert "keine stabile Gruppenstruktur" in said(gruppenbericht.gruppentafel(kreise))
    assert [r[-1] for r in rows(gruppenmethode.kriterien(kreise))] == ["entfällt", *["nein"] * 7]
    assert gruppengebiete.karte(kreise) is None and gruppenbericht.profilbild(kreise) is None
    assert len(rows(gruppengebiete.gebietstafel(kreise))) == 15
    lacking = [row[0] for row in rows(gruppenmethode.vorbereitung(kreise)) if row[1] == "keine Zahlen im Bestand"]
    assert len(lacking) == len(kreise.ohne_zahlen) == 8 and {"Erfurt", "Suhl"} <= set(lacking)


def test_a_kreis_that_is_in_no_group_is_not_called_sure(gemeinden, loaded):
    kreise = loaded(gruppenprofil.load, "16077")
    for made in (gemeinden, kreise):
        elsewhere = replace(made, gebiete=replace(made.gebiete, kreis=kreis("16051")))
        text = said(gruppenbericht.in_kuerze(elsewhere))
        assert "Erfurt ist nicht dabei: Dort fehlen zu viele Zahlen." in text and "sicher." not in text
        assert len(rows(gruppengebiete.gebietstafel(elsewhere))) == len(made.grouped)


def test_too_few_areas_are_said(gemeinden):
    empty = replace(gemeinden, vorbereitet=None, gruppierung=None)
    assert "zu wenig Zahlen, um Gruppen zu bilden" in said(gruppenbericht.in_kuerze(empty))
    assert gruppenraum.nachbarschaft(empty) is None and gruppenmethode.baum(empty) is None
    told = (gruppenbericht.lesehilfe, gruppenbericht.gruppentafel, gruppengebiete.gebietstafel)
    for function in (*told, gruppenmethode.kriterien, gruppenmethode.vorbereitung, gruppenstabilitaet.empfindlichkeit):
        assert said(function(empty))


def test_the_same_seed_gives_the_same_report(gemeinden, whole_store, monkeypatch):
    monkeypatch.setenv("KREISBLICK_STORE", str(whole_store))
    again = gruppenprofil.load("99099")
    pd.testing.assert_series_equal(again.gruppierung.labels, gemeinden.gruppierung.labels)
    pd.testing.assert_frame_equal(again.platz, gemeinden.platz)


def test_an_earlier_day_is_compared_by_what_is_comparable(loaded):
    now = loaded(gruppenprofil.load, "99099", frueher="2022-12-31")
    assert now.frueher == dt.date(2022, 12, 31) and now.vergleichbar == now.ids
    assert now.wechsel.anzahl == 0 and len(now.wechsel.zufall) == 199
    text = every_text(gruppenmethode.wechsel(now))
    assert "0 von 27 Gebieten haben gewechselt" in text and "Nicht vergleichbar" not in text
    elsewhere = now.gruppierung.labels.where(now.gruppierung.labels.index != "99099001", 2)
    table = every_text(gruppenmethode.wechsel(replace(now, gruppierung=replace(now.gruppierung, labels=elsewhere))))
    assert "Mit diesen Kennzahlen liegt heute in einer anderen Gruppe als oben: Glockenmark." in table
    without = replace(now, gruppierung=replace(now.gruppierung, k=1))
    assert said(gruppenmethode.wechsel(without)) == "Ohne Gruppen lässt sich nichts mit dem 31.12.2022 vergleichen."
    never = loaded(gruppenprofil.load, "99099", frueher="2001-12-31")
    assert never.wechsel is None and "lässt sich nicht vergleichen" in said(gruppenmethode.wechsel(never))


def test_a_group_has_the_name_that_the_analyst_gave(loaded, whole_store, monkeypatch, tmp_path):
    text = '"99099":\n  gemeinde:\n    - name: Städte am Fluss\n      stehen_dafuer: ["99099001", "99099002"]\n'
    (tmp_path / "gruppennamen.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("KREISBLICK_STORE", str(whole_store))
    monkeypatch.setattr(gruppenprofil.workspace, "local", lambda: tmp_path)
    named = gruppenprofil.load("99099")
    assert named.gruppennamen[named.gruppierung.labels["99099001"]] == "Städte am Fluss"
    assert sum(name == "Städte am Fluss" for name in named.gruppennamen) == 1
    assert "Städte am Fluss" in every_text(gruppenbericht.gruppentafel(named))


def test_boundaries_that_do_not_fit_leave_out_space_and_say_so(gemeinden):
    lacking = replace(gemeinden, gebiete=replace(gemeinden.gebiete, flaechen=gemeinden.gebiete.flaechen.iloc[3:]))
    assert gruppenraum.nachbarschaft(lacking) is None
    assert "Grenzen fehlen, die zu den Zahlen passen" in said(gruppenraum.muster(lacking, None))
    tiles = gruppengebiete.karte(lacking)
    assert tiles.inhalt["alternativtext"].startswith("Kachelkarte mit 30 Gebieten in 3 Gruppen")


def test_regions_hold_every_grouped_area_once(gemeinden):
    near = gruppenraum.nachbarschaft(gemeinden)
    table = rows(gruppenraum.regionen(gemeinden, near, 5000))
    names = [name for row in table for name in re.split(r", | und ", row[3])]
    assert sorted(names) == sorted(gemeinden.gebiete.namen[ags] for ags in gemeinden.grouped)
    assert all(int(row[1].replace(".", "")) >= 5000 for row in table)
    assert "lassen sich hier nicht bilden" in said(gruppenraum.regionen(gemeinden, near, 10**7))
    for wrong in ({"mindestens": 0}, {"zuschnitt": "azp"}):
        with pytest.raises(InputError, match=f"{next(iter(wrong))} .*; expected"):
            gruppenraum.regionen(gemeinden, near, **wrong)
    with pytest.raises(InputError, match="03: parameter mindestens is -5: expected a number of people from 1"):
        check("03", "mindestens", -5, "menschen")


def test_a_pattern_of_neighbours_is_found_where_there_is_one(gemeinden):
    near = gruppenraum.nachbarschaft(gemeinden)
    matrix = gemeinden.vorbereitet.matrix.copy()
    west = gemeinden.gebiete.orte.set_index("ags").laenge[matrix.index]
    matrix["anteil_ab_65"] = (west - west.mean()) / west.std()
    patterned = replace(gemeinden, vorbereitet=replace(gemeinden.vorbereitet, matrix=matrix))
    found = {row[0]: row[-1] for row in rows(gruppenraum.muster(patterned, near))}
    assert found["Menschen ab 65 Jahren"] == "ja" and list(found.values()).count("ja") <= 2
    table = rows(gruppenraum.inseln(patterned, near))
    assert {row[1] for row in table} >= {"hoch, die Nachbarn auch", "niedrig, die Nachbarn auch"}


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"ebene": "dorf"}, "ebene 'dorf'; expected one of gemeinde"),
        ({"umfang": "welt"}, "umfang 'welt'; expected land or kreis"),
        ({"ebene": "kreis", "umfang": "kreis"}, "one area alone"),
        ({"indikatoren": "anteil_ab_65 anteil_ab_65"}, "anteil_ab_65 stands twice"),
        ({"indikatoren": "anteil_ab_66"}, "'anteil_ab_66' is not in the catalogue"),
        ({"indikatoren": "armutsquote_mikrozensus"}, "no value of armutsquote_mikrozensus for these areas"),
        ({"verfahren": "dbscan"}, "method 'dbscan'"),
        ({"skalierung": "prozent"}, "prozent"),
        ({"gruppen": 28}, "28 groups"),
        ({"gruppen": 1}, "1 groups; expected 2 or more"),
        ({"frueher": "gestern"}, "'gestern' is not a date"),
    ],
)
def test_wrong_parameters_are_refused(whole_store, monkeypatch, arguments, message):
    monkeypatch.setenv("KREISBLICK_STORE", str(whole_store))
    with pytest.raises(InputError, match=message):
        gruppenprofil.load("99099", **arguments)


def test_a_kreis_without_figures_is_refused(whole_store, monkeypatch):
    monkeypatch.setenv("KREISBLICK_STORE", str(whole_store))
    with pytest.raises(InputError, match="no figures of areas .kreis. for Kreis '16051'"):
        gruppenprofil.load("16051")
    with Store(whole_store) as store:
        assert not store.observations().ags.str.startswith("16051").any()


def test_the_default_selection_takes_what_most_areas_have(loaded):
    areas = loaded(gruppenwerte.load, "99099", "planungsraum")
    ids = gruppenwerte.chosen(areas.reihen, "", areas.katalog)
    assert "melderegister_anteil_ab_65" in ids and "anteil_ab_65" not in ids
    known = areas.reihen[areas.reihen.anteil.notna()].groupby("indikator").ags.nunique()
    assert (known[ids] >= 0.6 * len(areas.namen)).all()


def test_the_heat_map_shows_the_means_of_the_profile(gemeinden):
    made = gruppenbericht.profilbild(gemeinden)
    expected = profile(gemeinden.vorbereitet.roh, gemeinden.gruppierung.labels[gemeinden.grouped],
                       gemeinden.gebiete.einwohner)  # fmt: skip
    far = expected.loc[expected.mittel.idxmax()]
    assert f"über dem Mittel: Gruppe {far.gruppe}, " in made.inhalt["alternativtext"]
    table = rows(made)
    assert len(table) == len(expected)
    values = sorted(float(row[3].replace("−", "-").replace(",", ".")) for row in table)
    np.testing.assert_allclose(values, sorted(expected.mittel), atol=0.051)


def test_a_steckbrief_cites_the_group_and_how_sure_it_is(gemeinden, whole_store, monkeypatch, tmp_path):
    monkeypatch.setenv("KREISBLICK_STORE", str(shutil.copy(whole_store, tmp_path / "store.duckdb")))
    made = [gruppenplatz.kurz("99099", "99099001")]
    monkeypatch.setattr(gruppenprofil, "load", lambda *_: pytest.fail("it was grouped again"))
    made += [gruppenplatz.kurz("99099", "99099001")]
    group = gemeinden.gruppierung.labels["99099001"]
    (text,) = made[0]
    assert made[0] == made[1] and text == (
        f"Es gibt 3 Gruppen ähnlicher Gemeinden. Die Gemeinde gehört zu Gruppe {group} mit 5 Gemeinden. Das ist "
        f"sicher. Dort gibt es anteilig mehr {einfach('melderegister_anteil_auslaendisch')}."
    )
    assert gruppenplatz.kurz("99099", "99099028") == gruppenplatz.kurz("99099", "") == []
    summary = next(o for o in shown("01", kreis="99099", raum="99099001") if o.inhalt["art"] == "kuerze")
    assert text in said(summary)


def test_a_kept_group_is_not_used_for_other_figures(whole_store, monkeypatch, tmp_path):
    monkeypatch.setenv("KREISBLICK_STORE", str(shutil.copy(whole_store, tmp_path / "store.duckdb")))
    gruppenplatz.kurz("99099", "99099001")
    file = tmp_path / "tidy.csv"
    row = "99099001;2024-12-31;siedlungsflaeche_anteil;21,0;;;musterkreis"
    file.write_text(f"ags;stichtag;groesse;wert;grund;guete;quelle\n{row}\n", encoding="utf-8")
    (file_kept,) = (tmp_path / "ablage").glob("*-gruppen-*")
    before = json.loads(file_kept.read_text(encoding="utf-8"))["stand"]
    with Store(tmp_path / "store.duckdb", read_only=False) as store:
        store.import_file(file)
    gruppenplatz.kurz("99099", "99099001")
    assert json.loads(file_kept.read_text(encoding="utf-8"))["stand"] != before
