import datetime as dt

import numpy as np
import pytest
import yaml
from conftest import ROOT
from notebook_calls import said

from analysis import kreisprofil, steckbrieftexte
from analysis.errors import InputError
from analysis.lesbarkeit import LEICHT, flesch_amstad


@pytest.mark.parametrize(
    ("ags", "message"),
    [
        ("16061", r"holds no figures for Kreis '16061' \(Eichsfeld\)"),
        ("16099", "no Kreis '16099'"),
        (16077, "is not a key"),
    ],
)
def test_a_kreis_without_figures_or_that_is_none_is_named(shipped_store, ags, message):
    with pytest.raises(InputError, match=message):
        kreisprofil.load(ags)


def test_all_kreise_of_the_land_with_figures_are_compared_at_one_day(shipped_store):
    profil = kreisprofil.load("16077")
    assert profil.anzahl == 15 and len(profil.altersgruppen) == 15
    # 2023 is newer, but only Altenburger Land has a population then
    assert profil.vergleich.stichtag["anteil_unter_18"] == dt.date(2019, 12, 31)
    assert profil.altersgruppen.loc["16077"].tolist() == [89393, 49451, 27577, 12365]
    assert profil.vergleich.stichtag["mindestsicherungsquote"] == dt.date(2023, 12, 31)


def test_the_source_line_names_each_source_and_day_once(shipped_store):
    line = (
        kreisprofil.load("16077").quelle(["anteil_unter_18", "anteil_ab_65", "personen_in_bg"]).replace("\u00a0", " ")
    )
    assert line == (
        "Thüringer Broschüre zur Armutsprävention (2020), Daten aus ThOnSA. Stand: 31.12.2019 und Dezember 2018"
    )


def test_values_and_ranks_as_readers_see_them(shipped_store):
    profil = kreisprofil.load("16077")
    assert profil.wert("arbeitslosenquote").replace("\u00a0", " ") == "7,1 %"
    assert profil.median("arbeitslosenquote").replace("\u00a0", " ") == "5,5 %"
    assert profil.rang("arbeitslosenquote") == " (Rang 3 von 15)" and profil.rang("mindestsicherungsquote") == ""


def test_a_gemeinde_is_compared_with_all_gemeinden_of_its_kreis_and_nothing_else(loaded):
    profil = loaded(kreisprofil.load, "99099", "99099004")
    assert (profil.gebiet.name, profil.gebiet.ebene, profil.kreis.ags) == ("Nebelroda", "gemeinde", "99099")
    assert profil.gebiet.wo == "in Nebelroda" and profil.gebiet.rahmen == "im Musterkreis (erfunden)"
    assert set(profil.werte.ags) == {f"990990{n:02d}" for n in range(1, 31)}
    assert profil.werte.name.notna().all() and "Gemeinden" in profil.kreise()
    assert profil.bevoelkerung.wert.iloc[-1] == 6945  # Nebelroda in 12411-01-01-5
    # true in wahrheit.yaml: one and a half times the chance of the others in 2024
    assert profil.vergleich.lage["arbeitslosenanteil_15_64"] == "hoeher"


def test_a_planungsraum_is_compared_by_what_register_and_deliveries_count(loaded):
    profil = loaded(kreisprofil.load, "99099", "99099.nord")
    assert profil.gebiet.ebene == "planungsraum" and profil.gebiet.wo == "im Planungsraum Kreisstadt Nord"
    assert profil.werte.ags.nunique() == 8 and set(profil.werte.ags.str[:6]) == {"99099."}
    assert profil.vergleich.anzahl["melderegister_anteil_unter_18"] == 8
    assert profil.available(["anteil_ab_65", "arbeitslosenquote", "personen_in_bg"]) == [
        "melderegister_anteil_ab_65",
        "arbeitslosenanteil_15_64",
        "bg_anteil_unter_65",
    ]
    # true: 1.7 times the chance of the others here and in Uhrenstedt, all others alike
    ranks = [
        loaded(kreisprofil.load, "99099", raum).vergleich.rang["arbeitslosenanteil_15_64"]
        for raum in ("99099.nord", "99099.uhrenstedt")
    ]
    assert sorted(ranks) == [1, 2] and profil.vergleich.lage["arbeitslosenanteil_15_64"] == "hoeher"


def test_the_report_finds_the_planungsraum_with_more_people_in_bedarfsgemeinschaften(loaded):
    truth = yaml.safe_load((ROOT / "data" / "musterkreis" / "wahrheit.yaml").read_text(encoding="utf-8"))
    [(raum, factor)] = truth["grundsicherung"]["mal"].items()
    profil = loaded(kreisprofil.load, "99099", raum)
    werte = profil.werte[profil.werte.indikator == "bg_anteil_unter_65"].set_index("ags")
    mine, others = werte.loc[raum], werte.drop(index=raum)
    assert mine.zaehler == round(mine.anteil * mine.nenner) and len(others) == 7
    cases, people = others.zaehler.sum(), others.nenner.sum()
    ratio = mine.anteil / (cases / people)
    error = np.sqrt(1 / mine.zaehler - 1 / mine.nenner + 1 / cases - 1 / people)
    assert ratio * np.exp(-1.96 * error) < factor < ratio * np.exp(1.96 * error)
    assert profil.vergleich.rang["bg_anteil_unter_65"] == 1 and profil.vergleich.lage["bg_anteil_unter_65"] == "hoeher"
    summary = said(steckbrieftexte.in_kuerze(profil))
    assert "Etwa 20 von 100 lebten mit Geld vom Jobcenter (19,6 %, Dezember 2024)." in summary
    assert "Menschen unter 65, die mit Geld vom Jobcenter leben: Rang 1 von 8" in summary


def test_summaries_of_areas_are_easy_to_read(loaded):
    raeume = ("hochland", "mitte", "nord", "sued", "laternberg", "nebel", "tinte", "uhrenstedt")
    made = {
        raum: flesch_amstad(steckbrieftexte.in_kuerze(loaded(kreisprofil.load, "99099", raum)).inhalt["absaetze"])
        for raum in (*(f"99099.{raum}" for raum in raeume), "99099017", "99099011", "99099009")
    }
    assert {raum: round(value, 1) for raum, value in made.items() if value < LEICHT} == {}


def test_the_areas_of_a_kreis_have_the_residents_of_the_whole(loaded):
    """88,100 in the Melderegister, 87,697 in the official count: wahrheit.yaml, 31.12.2024."""
    raeume = loaded(kreisprofil.load, "99099", "99099.nord").werte
    register = raeume[raeume.indikator == "melderegister_anteil_unter_18"]
    assert register.nenner.sum() == 88_100 and set(register.stichtag) == {dt.date(2024, 12, 31)}
    profil = loaded(kreisprofil.load, "99099")
    assert profil.bevoelkerung.wert[dt.date(2024, 12, 31)] == 87_697


@pytest.mark.parametrize(
    ("ags", "raum", "message"),
    [
        ("99099", "99099031", "holds no area '99099031' of Kreis '99099'; it holds: .*99099001"),
        ("99099", "99099.osten", "holds no area '99099.osten'"),
        ("99099", "16077001", "raum '16077001' is no Gemeinde and no Planungsraum of Kreis '99099'"),
        ("99099", "99099", "is no Gemeinde and no Planungsraum"),
        ("99099", "Nebelroda", "Nebelroda"),
        ("16077", "16077001", "holds no area '16077001' of Kreis '16077'; it holds: none"),
        ("16099", "16099001", "no Kreis '16099'"),
    ],
)
def test_an_area_that_is_none_or_belongs_elsewhere_is_named(loaded, ags, raum, message):
    with pytest.raises(InputError, match=message) as error:
        loaded(kreisprofil.load, ags, raum)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("vergleich", "number", "frame"),
    [
        ("land", 15, "in Thüringen"),
        ("alle", 15, "in Deutschland"),
        ("16070 16052", 3, "in der gewählten Auswahl"),
        ("16070, 16052, 16077", 3, "in der gewählten Auswahl"),
    ],
)
def test_the_kreise_to_compare_with_may_be_chosen(loaded, vergleich, number, frame):
    profil = loaded(kreisprofil.load, "16077", "", vergleich)
    assert profil.anzahl == number and profil.gebiet.rahmen == frame
    assert not profil.werte.ags.str.startswith("99").any()
    alone = loaded(kreisprofil.load, "16077")
    assert profil.wert("arbeitslosenquote") == alone.wert("arbeitslosenquote")


@pytest.mark.parametrize(
    ("vergleich", "message"),
    [
        ("16070 16061", r"vergleich: the store holds no figures for Kreis '16061' \(Eichsfeld\)"),
        ("16070 16099", "no Kreis '16099'"),
        ("nachbarn", "'nachbarn' is not"),
        ("16070 16077001", "'16077001'"),
    ],
)
def test_kreise_that_cannot_be_compared_are_named(loaded, vergleich, message):
    with pytest.raises(InputError, match=message):
        loaded(kreisprofil.load, "16077", "", vergleich)


@pytest.mark.parametrize("vergleich", ["land", "alle", "99099"])
def test_the_invented_kreis_stands_alone(loaded, vergleich):
    profil = loaded(kreisprofil.load, "99099", "", vergleich)
    assert set(profil.werte.ags) == {"99099"} and profil.anzahl == 1


@pytest.mark.parametrize(("ags", "vergleich"), [("99099", "16077 16070"), ("16077", "16070 99099")])
def test_an_invented_kreis_is_never_compared_with_real_ones(loaded, ags, vergleich):
    with pytest.raises(InputError, match=f"an invented Kreis is never compared with real ones, but {ags} with "):
        loaded(kreisprofil.load, ags, "", vergleich)


@pytest.mark.parametrize("raum", ["99099028", "99099029", "99099030"])
def test_of_an_area_below_300_inhabitants_only_its_population_is_known(loaded, raum):
    profil = loaded(kreisprofil.load, "99099", raum)
    assert profil.bevoelkerung.wert.iloc[-1] < 300 and profil.vergleich.empty and profil.alter.empty
    assert profil.reihen.anteil[profil.reihen.ags == raum].isna().all()
    assert raum not in profil.altersgruppen.index and profil.aussagen.wert_bis.isna().all()


def test_no_count_of_one_or_two_persons_is_left_in_the_profile_of_an_area(loaded):
    for raum in ("99099001", "99099.nord"):
        werte = loaded(kreisprofil.load, "99099", raum).reihen
        assert not werte.zaehler.isin([1, 2]).any() and (werte.grund == "geheim").any()
        shares = werte[werte.intervall == "wilson"]
        assert not (shares.nenner - shares.zaehler).isin([1, 2]).any()
