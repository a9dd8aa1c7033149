import datetime as dt

import pytest

from analysis import kreisprofil
from analysis.errors import InputError


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
