"""Areas of a survey at the level that the report asks for."""

from dataclasses import replace

import numpy as np
import pytest
from conftest import ROOT

from analysis import befragungsprofil, befragungsraeume
from analysis.batch.parameter import check
from analysis.befragungsgebiete import area_names, shown_areas
from analysis.errors import InputError
from analysis.planungsraeume import members
from analysis.sources.befragung import load
from analysis.store import Store

GEMEINDEN = {1: "99099003", 2: "99099004", 3: "99099005", 4: "99099006", 5: "99099007", 6: "99099008", 7: "99099009"}


@pytest.fixture(scope="module")
def survey():
    return load(ROOT / "data" / "musterkreis" / "befragung" / "befragung.yaml")


@pytest.fixture
def by_gemeinde(survey):
    """The survey as if each area were a Gemeinde, and the last one an Ortsteil."""
    given = {"merkmal": "RA01", "schluessel": {**GEMEINDEN, 8: "99099001.altstadt"}}
    return replace(survey, angaben={**survey.angaben, "raum": given})


def test_planungsraeume_stay_as_the_questionnaire_names_them(survey, whole_store):
    with Store(whole_store) as store:
        assert shown_areas(survey, "planungsraum", store) == shown_areas(survey, "", store) == area_names(survey)
        assert shown_areas(survey, "keine", store) == {}


def test_gemeinden_and_ortsteile_are_put_together(by_gemeinde, whole_store):
    with Store(whole_store) as store:
        found = shown_areas(by_gemeinde, "planungsraum", store)
        table = members(store.bestand("planungsraeume"), by_gemeinde.angaben["ziehung"]["stichtag"])
        assert shown_areas(by_gemeinde, "", store) == area_names(by_gemeinde)
    of = dict(zip(table.mitglied, table.name, strict=True))
    assert found == {key: of[key] for key in found} and set(found) == set(area_names(by_gemeinde))
    assert 1 < len(set(found.values())) < len(found)


def test_an_area_in_no_planungsraum_and_an_unknown_level(by_gemeinde, whole_store):
    by_gemeinde.angaben["raum"]["schluessel"][3] = "99099777"
    with Store(whole_store) as store:
        with pytest.raises(InputError, match=r"99099777 is in no Planungsraum on 31\.12\.2022; expected Gemeinden"):
            shown_areas(by_gemeinde, "planungsraum", store)
        with pytest.raises(InputError, match="ebene 'dorf'; expected one of planungsraum, keine, or nothing"):
            shown_areas(by_gemeinde, "dorf", store)


def test_a_report_without_areas(whole_store, monkeypatch):
    monkeypatch.setenv("KREISBLICK_STORE", str(whole_store))
    profile = befragungsprofil.load("99099", ebene="keine")
    assert profile.raum is None and profile.raeume == [] and set(profile.fragen.raum) == {"gesamt"}
    assert befragungsraeume.je_raum(profile, "armut").inhalt["art"] == "saetze"


def test_one_area_of_the_report_for_several_of_the_survey(whole_store, monkeypatch):
    monkeypatch.setenv("KREISBLICK_STORE", str(whole_store))

    def in_two(survey, ebene, store):
        return {key: "Norden" if n < 4 else "Süden" for n, key in enumerate(area_names(survey))}

    asked = befragungsprofil.load("99099")
    monkeypatch.setattr(befragungsprofil, "shown_areas", in_two)
    profile = befragungsprofil.load("99099", ebene="planungsraum")
    assert profile.raeume == ["Norden", "Süden"]
    north = profile.raum.eq("Norden").sum()
    assert north == asked.raum.isin(asked.raeume[:4]).sum() and profile.n == asked.n
    whole, table = (p.fragen[p.fragen.raum == "gesamt"].reset_index(drop=True) for p in (asked, profile))
    open_to_both = (whole.grund == "") & (table.grund == "")
    # weights are those of the draw, so the figures of the whole Kreis stay
    np.testing.assert_allclose(table.anteil[open_to_both], whole.anteil[open_to_both], rtol=1e-12)


def test_a_level_that_is_none_is_refused_before_the_run():
    with pytest.raises(InputError, match="parameter ebene is 'dorf'; expected one of nothing, planungsraum, keine"):
        check("04", "ebene", "dorf", ["", "planungsraum", "keine"])
