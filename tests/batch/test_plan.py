import datetime as dt

import pandas as pd
import pytest
from conftest import ROOT
from notebooks_made import write_notebook

from analysis.batch.plan import convert, find_notebooks, make_plan, read_notebook
from analysis.errors import InputError


def observations(*pairs):
    return pd.DataFrame(
        [{"ags": a, "stichtag": dt.date(2019, 12, 31), "groesse": g, "wert": w, "grund": ""} for a, g, w in pairs],
        columns=["ags", "stichtag", "groesse", "wert", "grund"],
    )


@pytest.fixture
def folder(tmp_path):
    write_notebook(tmp_path / "00_vorlage.ipynb", titel="Vorlage")
    write_notebook(tmp_path / "01_steckbrief.ipynb", titel="Steckbrief", braucht=["bevoelkerung"])
    write_notebook(tmp_path / "02_schulen.ipynb", titel="Schulen", braucht=["schulabgang_ohne_hauptschulabschluss"])
    (tmp_path / "scratch").mkdir()
    write_notebook(tmp_path / "scratch" / "03_versuch.ipynb")
    return tmp_path


DATA = observations(
    ("16077", "bevoelkerung", 89393),
    ("16070", "bevoelkerung", 106249),
    ("16070", "schulabgang_ohne_hauptschulabschluss", 7.1),
    ("16062", "bevoelkerung", float("nan")),
    ("16.mittelthueringen", "armutsquote_mikrozensus", 17.2),
)


def test_the_plan_says_what_runs_and_what_cannot_and_why(folder):
    plan = make_plan(DATA, find_notebooks(folder))
    assert [j.key for j in plan.jobs] == ["16070/01_steckbrief", "16070/02_schulen", "16077/01_steckbrief"]
    assert plan.jobs[0].parameters == {"kreis": "16070"}
    blocked = {(b.ags, b.notebook.name): b.grund for b in plan.blocked}
    assert blocked["16077", "02_schulen"] == "Es fehlen Daten: Schulabgänge ohne Hauptschulabschluss."
    assert ("16062", "01_steckbrief") in blocked  # a value with a reason instead of a number is no data


def test_a_kreis_without_a_survey_is_left_out_unless_it_was_asked_for(folder):
    write_notebook(folder / "04_befragung.ipynb", befragung=True)
    notebooks = find_notebooks(folder, ["04"])
    plan = make_plan(DATA, notebooks, befragte=["16070", "99099"])
    assert [j.key for j in plan.jobs] == ["16070/04_befragung"]
    assert plan.blocked == [] and {j.ags for j in plan.ausgelassen} == {"16062", "16077"}
    assert [j.ags for j in make_plan(DATA, notebooks, ["99099"], befragte=["99099"]).jobs] == ["99099"]
    plan = make_plan(DATA, notebooks, ["16077"])
    assert not plan.blocked and [j.ags for j in plan.ausgelassen] == ["16077"]
    plan = make_plan(DATA, notebooks, ["16077"], ausdruecklich=True)
    assert [b.grund for b in plan.blocked] == ["Für diesen Kreis liegt keine Befragung vor."] and not plan.jobs


def test_a_kreis_without_goal_catalogue_is_left_out_unless_it_was_asked_for(folder):
    write_notebook(folder / "05_ziele.ipynb", ziele=True)
    notebooks = find_notebooks(folder, ["05"])
    plan = make_plan(DATA, notebooks, mit_zielen={"16070"})
    assert [j.key for j in plan.jobs] == ["16070/05_ziele"] and len(plan.ausgelassen) == 2
    plan = make_plan(DATA, notebooks, ["16077"], ausdruecklich=True)
    assert [b.grund for b in plan.blocked] == ["Für diesen Kreis liegt kein Zielkatalog vor."]


def test_a_goal_catalogue_that_allows_no_report_for_these_days_is_not_possible_also_unasked(folder):
    write_notebook(folder / "05_ziele.ipynb", ziele=True)
    notebooks, why = find_notebooks(folder), {"16070": "Der Zielkatalog gilt erst ab 31.12.2018."}
    plan = make_plan(DATA, notebooks, mit_zielen={"16070", "16077"}, hindernisse=why)
    assert [(b.notebook.name, b.grund) for b in plan.blocked if b.ags == "16070"] == [("05_ziele", why["16070"])]
    assert {"16070/01_steckbrief", "16077/05_ziele"} <= {j.key for j in plan.jobs}
    plan = make_plan(DATA, find_notebooks(folder, ["05"]), ["16070"], ausdruecklich=True, hindernisse=why)
    assert [b.grund for b in plan.blocked] == ["Für diesen Kreis liegt kein Zielkatalog vor."]


def test_a_kreis_without_figures_of_its_gemeinden_is_left_out_unless_it_was_asked_for(folder):
    write_notebook(folder / "06_gemeinden.ipynb", gemeinden=True)
    notebooks = find_notebooks(folder, ["06"])
    plan = make_plan(DATA, notebooks, mit_gemeinden={"16070"})
    assert [j.key for j in plan.jobs] == ["16070/06_gemeinden"] and len(plan.ausgelassen) == 2
    plan = make_plan(DATA, notebooks, ["16077"], ausdruecklich=True)
    assert [b.grund for b in plan.blocked] == ["Es fehlen Zahlen der Gemeinden."]


def test_areas_have_reports_of_notebooks_with_that_parameter_only(folder):
    write_notebook(folder / "03_ort.ipynb", titel="Ort", parameters='kreis = "16077"\nraum = ""')
    raeume = {"16077": {"16077001": "Altenburg", "16077.sued": "Süden"}, "16062": {"16062008": "Ilfeld"}}
    plan = make_plan(DATA, find_notebooks(folder), ["16077", "16070"], raeume=raeume)
    assert [j.key for j in plan.jobs] == ["16077/03_ort-16077001", "16077/03_ort-sued"]
    assert [j.titel for j in plan.jobs] == ["Ort Altenburg", "Ort Süden"] and not plan.blocked
    assert plan.jobs[0].parameters == {"kreis": "16077", "raum": "16077001"}
    with pytest.raises(InputError, match="parameter 'raum' is set by --raum"):
        convert(read_notebook(folder / "03_ort.ipynb"), {"raum": "16077001"})


def test_templates_and_tries_do_not_run_unless_named(folder):
    assert [n.name for n in find_notebooks(folder)] == ["01_steckbrief", "02_schulen"]
    assert [n.name for n in find_notebooks(folder, ["00"])] == ["00_vorlage"]
    assert [n.name for n in find_notebooks(folder, ["02", "01_steckbrief.ipynb"])] == ["02_schulen", "01_steckbrief"]


def test_a_wrong_kreis_notebook_or_parameter_is_named(folder):
    notebooks = find_notebooks(folder)
    with pytest.raises(InputError, match="'9174' is not a key"):
        make_plan(DATA, notebooks, ["9174"])
    with pytest.raises(InputError, match="there is no notebook '07' in .*; there are: 00_vorlage, 01_steckbrief"):
        find_notebooks(folder, ["07"])
    with pytest.raises(InputError, match="01_steckbrief has no parameter 'jahr'; it has: kreis"):
        make_plan(DATA, notebooks, None, {"jahr": "2019"})
    with pytest.raises(InputError, match="'kreis' is set by --kreis"):
        make_plan(DATA, notebooks, None, {"kreis": "16077"})
    write_notebook(folder / "01_zweiter.ipynb")
    with pytest.raises(InputError, match="more than one notebook is meant by '01'"):
        find_notebooks(folder, ["01"])
    with pytest.raises(InputError, match="scratch: there is no notebook; expected names like"):
        find_notebooks(folder / "scratch" / "scratch")


def test_a_kreis_that_is_asked_for_but_has_no_data_is_blocked(folder):
    plan = make_plan(DATA, find_notebooks(folder, ["01"]), ["16061"])
    assert not plan.jobs and plan.blocked[0].ags == "16061"


def test_parameters_keep_the_type_of_their_default(tmp_path):
    source = 'kreis = "16077"\nort = "01051"  # text stays text\njahr: int = 2019\nanteil = 0.5\nlang = True'
    nb = read_notebook(write_notebook(tmp_path / "05_x.ipynb", parameters=source))
    given = convert(nb, {"ort": "01051", "jahr": "2020", "anteil": "1", "lang": "False"})
    assert given == {"ort": "01051", "jahr": 2020, "anteil": 1, "lang": False}
    with pytest.raises(InputError, match="parameter jahr is 'bald'; expected int like 2019"):
        convert(nb, {"jahr": "bald"})
    with pytest.raises(InputError, match="parameter lang is '1'; expected bool"):
        convert(nb, {"lang": "1"})


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ("jahr = 2019", "has no 'kreis' of text"),
        ("kreis = 16077", "has no 'kreis' of text"),
        ('kreis = "16077"\nkreis = "16070"', "parameter 'kreis' stands twice"),
        ('kreis = "16077"\njahr = 2019 + 1', "line 2 of its cell is no literal"),
        ('kreis = "16077"\nimport os', r"may only hold assignments \(line 2\)"),
        ('kreis = "16077', "not valid Python"),
    ],
)
def test_a_notebook_off_the_pattern_is_named(tmp_path, parameters, message):
    path = write_notebook(tmp_path / "05_x.ipynb", parameters=parameters)
    with pytest.raises(InputError, match=message):
        read_notebook(path)


def test_a_notebook_without_title_or_that_is_none_is_named(tmp_path):
    with pytest.raises(InputError, match="the metadata have no title"):
        read_notebook(write_notebook(tmp_path / "05_x.ipynb", titel=""))
    with pytest.raises(InputError, match="'braucht' in the metadata: Größe 'bevölkerung' is not in the catalogue"):
        read_notebook(write_notebook(tmp_path / "05_x.ipynb", braucht=["bevölkerung"]))
    empty = '{"cells": null, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    future = '{"cells": [], "metadata": {}, "nbformat": 99, "nbformat_minor": 5}'
    broken = ["", "{}", "[1]", "kein Notebook", "\xff", empty, future]
    for content in broken:
        (tmp_path / "06_y.ipynb").write_text(content, encoding="latin-1")
        with pytest.raises(InputError, match=r"06_y.ipynb: (not a valid notebook|0 cells are tagged)"):
            read_notebook(tmp_path / "06_y.ipynb")
    (tmp_path / "07_z.ipynb").mkdir()
    with pytest.raises(InputError, match=r"07_z.ipynb: cannot be read"):
        read_notebook(tmp_path / "07_z.ipynb")


KINDS = {"kennzahl": "kennzahl", "ebene": ["gemeinde", "planungsraum"], "tag": "tag", "vergleich": "kreise"}
CELL = 'kreis = "16077"\nkennzahl = "asylblg"\nebene = "gemeinde"\ntag = ""\nvergleich = "land"'


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"kennzahl": "armut"}, "05_x: parameter kennzahl is 'armut': Indikator 'armut' is not in the catalogue"),
        ({"ebene": "dorf"}, "05_x: parameter ebene is 'dorf'; expected one of gemeinde, planungsraum"),
        ({"tag": "2022-13-01"}, "05_x: parameter tag is '2022-13-01': .* is not a date"),
        (
            {"vergleich": "nachbarn"},
            "05_x: parameter vergleich is 'nachbarn': .*expected land, alle, aehnliche or keys",
        ),
        ({"vergleich": "16070 16061"}, r"the store holds no figures for Kreis '16061' \(Eichsfeld\)"),
    ],
)
def test_a_value_that_is_not_of_its_kind_is_named_before_the_run(tmp_path, given, message):
    write_notebook(tmp_path / "05_x.ipynb", parameters=CELL, parameter=KINDS)
    with pytest.raises(InputError, match=message) as error:
        make_plan(DATA, find_notebooks(tmp_path), ["16077"], given)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("kinds", "message"),
    [
        (
            {"jahr": "tag"},
            "05_x.ipynb: 'parameter' in the metadata: the notebook has no parameter 'jahr'; it has: kreis",
        ),
        ({"tag": "zeit"}, "kind of tag is 'zeit'; expected one of kennzahl, kennzahlen"),
        ({"ebene": ["kreis"]}, "parameter ebene is 'gemeinde'; expected one of kreis"),
        (["tag"], r"'parameter' in the metadata is \['tag'\]; expected {"),
    ],
)
def test_kinds_that_are_none_are_named(tmp_path, kinds, message):
    with pytest.raises(InputError, match=message):
        read_notebook(write_notebook(tmp_path / "05_x.ipynb", parameters=CELL, parameter=kinds))


def test_every_parameter_of_the_shipped_reports_has_a_kind():
    for path in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb")):
        notebook = read_notebook(path)
        assert set(notebook.arten) == set(notebook.parameters) - {"kreis", "raum"}, path.name


@pytest.mark.parametrize(
    ("notebook", "given", "message"),
    [
        ("02", {"ereignis": "gestern"}, "parameter ereignis is 'gestern': 'gestern' is not a date"),
        ("02", {"index": "asylblg armut"}, "parameter index is 'asylblg armut': Indikator 'armut'"),
        ("02", {"startwert": "-1"}, "parameter startwert is -1: expected a whole number from 0"),
        ("05", {"monate": "0"}, "parameter monate is 0: expected a number of months from 1 to 600"),
        ("05", {"stichtag": "2025-02-31"}, "parameter stichtag is '2025-02-31': '2025-02-31' is not a date"),
        ("06", {"gruppe": "altenquotient"}, "parameter gruppe is 'altenquotient': .*expected a share of all residents"),
        ("06", {"ebene": "ortsteil"}, "parameter ebene is 'ortsteil'; expected one of gemeinde, planungsraum"),
        (
            "04",
            {"armut_unter": "60"},
            "parameter armut_unter is 60: expected a share of the median above 0",
        ),
        ("04", {"armut_unter": "60 %"}, "parameter armut_unter is '60 %'; expected float like 0.6"),
        ("01", {"sprache": "fr"}, "parameter sprache is 'fr'; expected one of de, en"),
    ],
)
def test_the_shipped_reports_refuse_wrong_values(notebook, given, message):
    (found,) = find_notebooks(ROOT / "notebooks", [notebook])
    with pytest.raises(InputError, match=message):
        convert(found, given)
