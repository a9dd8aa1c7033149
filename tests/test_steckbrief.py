import os
import re
from dataclasses import replace

import pytest

from analysis import anhang, kreisprofil, outputs, steckbrief, steckbrieftexte
from analysis.errors import InputError


@pytest.fixture
def profil(shipped_store):
    assert os.environ["KREISBLICK_STORE"] == str(shipped_store)
    return kreisprofil.load


def texts(ausgabe) -> str:
    return str(ausgabe.inhalt).replace("\\xa0", " ").replace("\u00a0", " ")


def test_the_summary_of_altenburger_land_says_what_the_portrait_prints(profil):
    text = texts(steckbrieftexte.in_kuerze(profil("16077")))
    for part in (
        "89.393 Menschen (31.12.2019). Am 31.12.2023 waren es 88.930.",
        "Etwa 7 von 100 waren arbeitslos (7,1 %, im Mittel von 2019)",
        "9,49 % (Dezember 2018)",
        "Etwa 31 von 100 Menschen, die mit Geld vom Jobcenter leben, waren Kinder (30,53 %, Dez",
        "Menschen ab 65: Rang 1 von 15 (30,8 %)",
    ):
        assert part in text
    # 'Der Anteil der Personen ab 65 Jahren … liegt derzeit bei rund 30 %' (portrait): 27.577 of 89.393
    assert "Etwa 31 von 100 waren 65 Jahre alt oder mehr (30,8 %, 31.12.2019)" in text


def test_the_summary_of_every_kreis_is_easy_to_read(profil):
    from analysis.lesbarkeit import LEICHT, flesch_amstad
    from analysis.regions import kreise

    made = {}
    for ags in kreise():
        try:
            s = profil(ags)
        except InputError:
            continue
        made[ags] = flesch_amstad(steckbrieftexte.in_kuerze(s).inhalt["absaetze"])
    assert len(made) == 15 and {ags: round(value) for ags, value in made.items() if value < LEICHT} == {}


def test_a_rate_without_counts_is_not_called_more_than_chance(profil):
    s = profil("16077")
    text = texts(steckbrieftexte.saetze(s, ["langzeitarbeitslosenanteil"]))
    assert "zweithöchste Wert von 15 Kreisen" in text and "lässt sich nicht prüfen" in text
    assert s.vergleich.lage["langzeitarbeitslosenanteil"] == "ungeprueft"
    summary = texts(steckbrieftexte.in_kuerze(s))
    assert "die es schon ein Jahr lang sind: Rang 2 von 15 (39,56 %). Ob das Zufall ist, weiß man nicht." in summary
    assert "Arbeitslose: Rang 3 von 15 (7,1 %). Arbeitslose," in summary  # this one was tested


def test_equal_values_share_their_place_from_both_ends(profil):
    """Wartburgkreis and Schmalkalden-Meiningen both print 6,80, the lowest of all 15."""
    for ags in ("16063", "16066"):
        text = texts(steckbrieftexte.saetze(profil(ags), ["grundsicherung_ab_18"]))
        assert "Das ist, zusammen mit mindestens einem anderen Kreis, der niedrigste Wert von 15 Kreisen" in text


def test_a_difference_within_chance_is_called_that_in_sentence_and_table(profil):
    s = profil("16077")
    assert s.vergleich.lage["grundsicherung_ab_18"] == "zufall"
    assert "im Rahmen des Zufalls" in texts(steckbrieftexte.saetze(s, ["grundsicherung_ab_18"]))
    assert "Zufall möglich" in texts(steckbrief.uebersicht(s))
    assert "Grundsicherung ab 18" not in texts(steckbrieftexte.in_kuerze(s))


def test_eisenach_and_the_wartburgkreis_say_that_they_were_joined_later(profil):
    eisenach = texts(steckbrieftexte.in_kuerze(profil("16056")))
    assert "Eisenach wurde in den Wartburgkreis eingegliedert. Das war am 01.07.2021" in eisenach
    assert "Zahlen aus der Zeit vor dem 01.07.2021 gelten ohne Eisenach" in texts(
        steckbrieftexte.in_kuerze(profil("16063"))
    )
    assert "01.07.2021" not in texts(steckbrieftexte.in_kuerze(profil("16077")))


def test_published_survey_shares_stand_with_interval_or_with_the_reason_why_not(profil):
    rows = {r[0].partition(",")[0]: r for g in anhang.weitere(profil("16077")).inhalt["gruppen"] for r in g["zeilen"]}
    # own calculation of the seed inventory: 12,2 % of 1,620 → 10,7 to 13,9 %
    assert rows["Arm oder armutsgefährdet"][2].replace("\u00a0", " ") == "10,7 bis 13,9 % (n = 1.620)"
    assert rows["Alleinerziehende ohne geeignetes Kita-Angebot"][2] == "nicht berechenbar: Anzahl nicht veröffentlicht"
    assert "Sömmerda" in texts(anhang.weitere(profil("16068"))) and "17,2" in texts(anhang.weitere(profil("16068")))


def test_every_function_of_the_notebook_works_for_every_kreis(profil):
    from analysis.regions import kreise

    shown = 0
    for ags in kreise():
        try:
            s = profil(ags)
        except InputError as error:
            assert "holds no figures for Kreis" in str(error)
            continue
        shown += 1
        for function in (
            steckbrief.kopf, steckbrieftexte.in_kuerze, anhang.lesehilfe, steckbrief.uebersicht,
            anhang.weitere, anhang.begriffe, anhang.quellen,
        ):  # fmt: skip
            assert isinstance(function(s), outputs.Ausgabe)
        assert "nan" not in texts(steckbrief.uebersicht(s)).lower().replace("finanz", "")
    assert shown == 15


def test_an_indicator_without_value_is_said_to_be_missing(profil):
    s = profil("16077")
    without = replace(
        s, altersgruppen=s.altersgruppen.drop("16077"), vergleich=s.vergleich.drop("arbeitslosenquote"), referenz=[]
    )
    assert "keine Zahlen" in texts(steckbrief.punkte(without, "arbeitslosenquote"))
    assert "keine vollständigen Zahlen" in texts(steckbrief.altersaufbau(without))
    assert "keine Zahlen" in texts(steckbrieftexte.saetze(without, ["arbeitslosenquote"]))
    assert "keine Zahlen" in texts(steckbrief.streifen(without, ["arbeitslosenquote"], name="x", titel="Arbeit"))
    assert "keine weiteren Kennzahlen" in texts(anhang.weitere(without))


def test_alternative_texts_say_the_values(profil):
    s = profil("16068")
    alt = steckbrief.punkte(s, "arbeitslosenquote").inhalt["alternativtext"].replace("\u00a0", " ")
    assert "von 3,9 % (Wartburgkreis) bis 8,1 % (Gera)" in alt and "Sömmerda hat 5,5 %" in alt


def test_a_kreis_alone_in_its_land_gets_a_report_without_comparison(shipped_store, tidy_file, monkeypatch):
    """A Kreis that an analyst adds: 09174 Dachau, with figures of its own and no other Kreis of Bayern."""
    from analysis import regions

    dachau = regions.Kreis(
        "09174", "Dachau", "Landkreis Dachau", "im Landkreis Dachau", "Landkreis", regions.kreis("16077").ab
    )
    listed = {"09174": dachau, **regions.kreise()}
    monkeypatch.setattr(regions, "kreise", lambda: listed)
    day = "09174;2019-12-31"
    rows = [f"{day};{g};{n};;;thueringer_broschuere" for g, n in (
        ("bevoelkerung", 1000), ("bevoelkerung_unter_18", 200), ("bevoelkerung_18_64", 600),
        ("bevoelkerung_ab_65", 200), ("arbeitslosenquote", "3,1"),
    )]  # fmt: skip
    from analysis.store import Store

    with Store(shipped_store, read_only=False) as store:
        store.import_file(tidy_file(*rows))
    s = kreisprofil.load("09174")
    shown = [
        steckbrief.kopf(s), steckbrieftexte.in_kuerze(s), anhang.lesehilfe(s), steckbrief.altersaufbau(s),
        steckbrief.streifen(s, ["anteil_unter_18"], name="x", titel="Bevölkerung"), steckbrief.uebersicht(s),
        steckbrief.punkte(s, "arbeitslosenquote"), steckbrieftexte.saetze(s, list(s.vergleich.index)),
        anhang.weitere(s), anhang.begriffe(s), anhang.quellen(s),
    ]  # fmt: skip
    text = " ".join(map(texts, shown))
    assert "Für andere Kreise in Bayern liegen keine Zahlen vor" in text and not re.search(r"\bnan\b", text)
    assert "0 anderen" not in text and "1 Kreisen" not in text


def test_later_figures_for_more_kreise_do_not_mix_with_the_portraits(shipped_store, tidy_file):
    """Population by sex of 31.12.2024 for four Kreise, one of them without any other figure."""
    from analysis.store import Store

    rows = [
        f"{ags};2024-12-31;{groesse};{n};;;genesis"
        for ags, n in (("16077", 87508), ("16067", 134000), ("16063", 155000), ("16070", 104000))
        for groesse, n in (("bevoelkerung", n), ("bevoelkerung_weiblich", n // 2 + 200))
    ]
    with Store(shipped_store, read_only=False) as store:
        store.import_file(tidy_file(*rows))
    land = kreisprofil.load("16077")
    assert land.kreise(["arbeitslosenquote"]) == "15 Kreisen" and land.kreise() == "bis zu 15 Kreisen"
    summary = texts(steckbrieftexte.in_kuerze(land))
    assert "Am 31.12.2024 waren es 87.508. Man kann die zwei Zahlen nicht gut vergleichen (Neue" in summary
    rows = [row for group in steckbrief.uebersicht(land).inhalt["gruppen"][:1] for row in group["zeilen"]]
    assert [(row[1], row[-1]) for row in rows] == [("89.393", "31.12.2019"), ("87.508", "31.12.2024")]
    assert "Rang 3 von 15" in texts(steckbrief.punkte(land, "arbeitslosenquote"))
    assert "gelten ohne Eisenach" in texts(steckbrieftexte.in_kuerze(kreisprofil.load("16063")))
    gotha = kreisprofil.load("16067")
    shown = [
        steckbrief.kopf(gotha), steckbrieftexte.in_kuerze(gotha), anhang.lesehilfe(gotha),
        steckbrief.altersaufbau(gotha),
        steckbrief.streifen(gotha, ["anteil_unter_18"], name="x", titel="Bevölkerung"), steckbrief.uebersicht(gotha),
        steckbrief.punkte(gotha, "arbeitslosenquote"), steckbrieftexte.saetze(gotha, ["arbeitslosenquote"]),
    ]  # fmt: skip
    text = " ".join(map(texts, shown))
    assert "lebten 134.000 Menschen (31.12.2024)" in text and "nan" not in text and "15 Kreisen" not in text


def test_an_indicator_that_only_this_kreis_has_is_not_drawn_as_a_comparison(profil):
    text = texts(steckbrief.streifen(profil("16077"), ["mindestsicherungsquote"], name="x", titel="Mindestsicherung"))
    assert "Ein Vergleich ist nicht möglich" in text and "nan" not in text


def test_the_source_named_is_the_one_that_the_values_came_from(shipped_store, tidy_file):
    """One Kreis's rate of the same day is delivered again by the statistical offices."""
    from analysis.store import Store

    with Store(shipped_store, read_only=False) as store:
        store.import_file(tidy_file("16077;2019-12-31;arbeitslosenquote;7,10;;;genesis"))
    s = kreisprofil.load("16077")
    offices = "Statistische Ämter des Bundes und der Länder"
    figure = steckbrief.punkte(s, "arbeitslosenquote").inhalt["quelle"]
    assert offices in figure and "Thüringer Broschüre" in figure  # the other Kreise are still the brochure's
    assert offices in texts(anhang.quellen(s))
    assert offices not in steckbrief.punkte(s, "personen_in_bg").inhalt["quelle"]


def test_among_few_kreise_nobody_is_among_the_three_highest_and_lowest(shipped_store):
    s = kreisprofil.load("16077")
    few = s.vergleich.assign(anzahl=4, rang=2.0, rang_von_unten=3.0)
    small = replace(s, vergleich=few, referenz=[])
    assert "zu den drei" not in texts(steckbrieftexte.in_kuerze(small))


def test_a_sentence_says_how_many_people_were_counted_where_the_source_does(profil):
    s = profil("16077")
    sentence = texts(steckbrieftexte.saetze(s, ["anteil_unter_18"]))
    assert "(31.12.2019; 12.365 von 89.393)" in sentence  # as the portrait prints both
    assert "(31.12.2019; 12.365 auf 49.451)" in texts(steckbrieftexte.saetze(s, ["jugendquotient"]))
    assert "(Jahresdurchschnitt 2019)" in texts(steckbrieftexte.saetze(s, ["arbeitslosenquote"]))
    rows = {row[0]: row[1] for row in anhang.begriffe(s).inhalt["gruppen"][0]["zeilen"]}
    assert rows["Arbeitslosenquote"] == "keine Anzahlen in der Quelle" and "12.365\u00a0" not in str(rows)
    assert rows["Anteil der unter 18-Jährigen"].replace("\u00a0", " ") == "12.365 von 89.393"


def test_the_population_that_a_share_refers_to_is_named_with_its_census(profil):
    meanings = {row[0]: row[2] for row in anhang.begriffe(profil("16077")).inhalt["gruppen"][0]["zeilen"]}
    old = "Bezug: Bevölkerung insgesamt, fortgeschrieben nach dem Zensus 2011"
    assert f"{old}." in meanings["Anteil der unter 18-Jährigen"]
    assert f"{old} oder 2022 (die Quelle nennt ihn nicht)." in meanings["Mindestsicherungsquote"]


def test_an_indicator_added_in_yaml_alone_is_computed_and_shown(shipped_store, tidy_file, tmp_path, monkeypatch):
    from pathlib import Path

    import analysis.catalogue
    from analysis.store import Store

    text = Path(analysis.catalogue.__file__).with_name("catalogue.yaml").read_text(encoding="utf-8")
    quantity = """
  buecherei_ausleihende:
    label: Ausleihende der Büchereien
    definition: Personen, die im Jahr mindestens ein Buch geliehen haben
    einheit: personen
    stichtag: "31.12."
    quelle: kreisverwaltung

indikatoren:
"""
    entry = """
  buecherei_nutzung:
    label: Nutzung der Büchereien
    kurz: Büchereien
    definition: Wie viele von 100 Menschen im Jahr mindestens ein Buch geliehen haben
    zaehler: Ausleihende
    nenner: Bevölkerung insgesamt
    art: anteil
    aus: {zaehler: [buecherei_ausleihende], nenner: [bevoelkerung]}
    einheit: prozent
    stellen: 1
    lebenslage: Gesellschaftliche Teilhabe
    richtung: ohne
    quelle: kreisverwaltung
    stichtag: "31.12."
    ebene: gemeinde
    code: Lieferung des Kreises
    brueche: []

begriffe:
"""
    copy = tmp_path / "catalogue.yaml"
    copy.write_text(text.replace("\nindikatoren:\n", quantity).replace("\nbegriffe:\n", entry), encoding="utf-8")
    catalogue = analysis.catalogue.load_katalog(copy)
    monkeypatch.setattr(kreisprofil, "katalog", lambda: catalogue)
    with Store(shipped_store, read_only=False) as store:
        store.import_file(
            tidy_file("16077;2019-12-31;buecherei_ausleihende;9000;;;kreisverwaltung"), catalogue=catalogue
        )
    s = kreisprofil.load("16077")
    rows = {row[0]: row for group in steckbrief.uebersicht(s).inhalt["gruppen"] for row in group["zeilen"]}
    assert rows["Nutzung der Büchereien"][1].replace("\u00a0", " ") == "10,1 %"  # 9,000 of 89,393
    assert s.gezaehlt("buecherei_nutzung").replace("\u00a0", " ") == "9.000 von 89.393"
