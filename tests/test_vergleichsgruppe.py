"""Similar Kreise as a comparison group: who they are (R), and what is then not compared."""

import pandas as pd
import pytest
from conftest import ROOT
from notebook_calls import every_text, rows, said, shown

from analysis import anhang, kreisprofil, steckbrieftexte, vergleichsbericht, vergleichsgruppe
from analysis.catalogue import katalog
from analysis.errors import InputError
from analysis.lesbarkeit import LEICHT, flesch_amstad

EXPECTED = pd.read_csv(ROOT / "tests" / "expected" / "vergleich" / "gruppe.csv", dtype={"ags": str, "nachbar": str})


@pytest.mark.parametrize("ags", sorted(set(EXPECTED.ags)))
def test_the_group_is_the_one_that_r_finds(loaded, ags):
    near = EXPECTED[EXPECTED.ags == ags]
    gruppe = loaded(kreisprofil.load, ags, "", "aehnliche").gruppe
    assert list(gruppe.nachbarn.ags) == [ags, *near.nachbar]
    assert gruppe.nachbarn.abstand[1:].to_numpy() == pytest.approx(near.abstand.to_numpy(), rel=1e-12)


def test_what_chose_the_group_is_not_compared_within_it(loaded):
    profil = loaded(kreisprofil.load, "16077", "", "aehnliche")
    ages = ["anteil_unter_18", "anteil_18_64", "anteil_ab_65", "jugendquotient", "altenquotient"]
    assert profil.vergleich.rang[ages].isna().all() and set(ages) <= profil.gruppe.ohne
    assert not set(ages) & set(vergleichsbericht.plaetze(profil, 1).index)
    assert (profil.vergleich.anzahl[["arbeitslosenquote", "auslaenderanteil", "personen_in_bg"]] == 6).all()
    assert set(profil.altersgruppen.index) == {"16077"}
    everybody = loaded(kreisprofil.load, "16077", "", "alle")
    assert (profil.vergleich.anteil == everybody.vergleich.anteil[profil.vergleich.index]).all()


def test_ranks_within_the_group_keep_the_ranks_that_chance_allows(loaded):
    ranks = vergleichsbericht.plaetze(loaded(kreisprofil.load, "16077", "", "aehnliche"), 1)
    known = ranks.dropna(subset="rang_unten")
    assert len(known) >= 4 and (known.anzahl == 6).all()
    assert ((known.rang_unten <= known.rang) & (known.rang <= known.rang_oben)).all()


@pytest.mark.parametrize("report", ["01", "02"])
def test_the_report_says_who_the_group_is_and_why(monkeypatch, whole_store, report):
    monkeypatch.setenv("KREISBLICK_STORE", str(whole_store))
    outputs = shown(report, kreis="16077", vergleich="aehnliche")
    everything = every_text(*outputs)
    summary = next(said(o) for o in outputs if o.inhalt["art"] == "kuerze")
    assert "Wir vergleichen mit 5 Kreisen. Zahl und Alter der Menschen sind dort am ähnlichsten." in summary
    assert "bei Zahl und Alter der Menschen am ähnlichsten (31.12.2019): Saalfeld-Rudolstadt, Gera, " in everything
    assert "Kreisen in Thüringen" not in everything and "Kreisen und kreisfreien Städten" not in everything
    if report == "02":
        table = next(o for o in outputs if o.inhalt.get("name") == "aehnlich")
        assert [row[0] for row in rows(table)][:2] == ["Altenburger Land", "Saalfeld-Rudolstadt"]


@pytest.mark.parametrize("ags", ["16077", "16052", "16070"])
def test_the_summary_stays_easy_to_read(loaded, ags):
    profil = loaded(kreisprofil.load, ags, "", "aehnliche")
    assert flesch_amstad(steckbrieftexte.in_kuerze(profil).inhalt["absaetze"]) >= LEICHT


def test_other_groups_are_named_as_they_are(loaded):
    chosen = said(anhang.lesehilfe(loaded(kreisprofil.load, "16077", "", "16070 16052")))
    assert "Werte von 3 Kreisen in der gewählten Auswahl, deren Zahlen vorliegen." in chosen
    assert "kreisfreien Städten in Thüringen" in said(anhang.lesehilfe(loaded(kreisprofil.load, "16077")))


def test_a_kreis_without_others_stands_alone(loaded):
    profil = loaded(kreisprofil.load, "99099", "", "aehnliche")
    assert profil.anzahl == 1 and not profil.gruppe.satz and not profil.gruppe.ohne
    assert profil.gebiet.rahmen == loaded(kreisprofil.load, "99099").gebiet.rahmen


def observations(*keys: str) -> pd.DataFrame:
    parts = {"unter_18": 10, "18_64": 60, "ab_65": 30}
    rows = [
        {"ags": key, "stichtag": pd.Timestamp("2019-12-31").date(), "groesse": f"bevoelkerung{g}", "wert": float(w)}
        for n, key in enumerate(keys)
        for g, w in [("", 1000 + 10 * n), ("_unter_18", parts["unter_18"] + n), ("_ab_65", parts["ab_65"])]
    ]
    return pd.DataFrame(rows).assign(grund="", guete="", quelle="tls")


def test_five_others_are_no_choice():
    keys = ["16051", "16052", "16053", "16054", "16055", "16061"]
    found = vergleichsgruppe.gruppe(observations(*keys), "16051", "aehnliche", katalog())
    assert found.kreise == set(keys) and found.satz.startswith("Es gibt nur 5 andere Kreise") and not found.ohne


@pytest.mark.parametrize(
    ("vergleich", "message"),
    [
        ("aehnliche", "vergleich: the store holds no population by age for Kreis '16077'; similar ones need it"),
        ("", "vergleich is empty; expected land, alle, aehnliche or keys of Kreise"),
        ("ähnliche", r"vergleich: .*'ähnliche'.* \(expected land, alle, aehnliche or keys of Kreise\)"),
    ],
)
def test_a_group_that_cannot_be_chosen_is_named(vergleich, message):
    with pytest.raises(InputError, match=message) as error:
        vergleichsgruppe.gruppe(observations("16051", "16052"), "16077", vergleich, katalog())
    assert "\n" not in str(error.value)
