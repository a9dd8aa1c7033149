"""What the invented Kreis and its questionnaire are made from: keys that exist, chances that are chances."""

from analysis.example.antworten import fragebogen, texte
from analysis.example.kreis import gemeinden, musterkreis, ortsteile, raumnamen
from analysis.example.melderegister import AEMTER, SCHREIBWEISEN
from analysis.regions import kreis, level

FRAGEN = [frage for seite in fragebogen() for frage in seite]


def test_every_gemeinde_belongs_to_an_office_and_its_ortsteile_make_it_whole():
    assert kreis(musterkreis()["kreis"]).erfunden
    assert set(gemeinden().amt) == set(AEMTER) and len(AEMTER) == 9
    assert (ortsteile().groupby("ags").anteil.sum().round(9) == 1).all()
    assert {level(key) for key in ortsteile().ortsteil} == {"ortsteil"} and ortsteile().ortsteil.is_unique
    assert ortsteile().planungsraum.notna().all() and set(SCHREIBWEISEN) < set(ortsteile().ortsteil)


def test_true_differences_name_places_that_exist():
    areas = set(raumnamen())
    assert {level(area) for area in areas} == {"planungsraum"}
    assert set(musterkreis()["arbeitslosigkeit"]["raum"]) | set(musterkreis()["grundsicherung"]["raum"]) <= areas
    assert set(musterkreis()["arbeitslosigkeit"]["trend"]["gemeinden"]) <= set(gemeinden().ags)
    assert set(musterkreis()["bewegung"]) == set(gemeinden().gruppe) == set(musterkreis()["bestand_2015_je_2024"])
    for frage in FRAGEN:
        for item in frage.get("items", {}).values():
            assert set(item.get("raum", {})) <= areas and 1 < item["mitte"] < 5


def test_questions_are_complete():
    assert len({frage["key"] for frage in FRAGEN}) == len(FRAGEN)
    asked = set()
    for frage in FRAGEN:
        assert frage["art"] in ("auswahl", "mehrfach", "batterie", "zahl", "offen"), frage["key"]
        if "filter" in frage:
            assert frage["filter"].split("=")[0] in asked, "a filter asks a question that comes later"
        if "anteile" in frage:
            assert len(frage["anteile"]) == len(frage["werte"]) and all(0 < p < 1 for p in frage["anteile"])
            assert frage["art"] == "mehrfach" or abs(sum(frage["anteile"]) - 1) < 1e-9
        asked.add(frage["key"])


def test_open_answers_exist_in_every_language_and_name_nobody_real():
    for frage in FRAGEN:
        if frage["art"] == "offen":
            assert set(texte()[frage["key"]]) == {"de", "en", "uk", "ar", "ru"}
    traps = "\n".join(texte()["fallen"])
    assert "@example.org" in traps and traps.count("@") == 1
    assert "030 23125" in traps and "0171 39200" in traps  # kept free for fiction by the Bundesnetzagentur
