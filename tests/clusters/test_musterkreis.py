"""The three groups of Gemeinden that the invented Kreis is documented to have."""

import pandas as pd
import pytest
import yaml
from conftest import ROOT

from analysis import indicators, raumwerte
from analysis.catalogue import katalog
from analysis.clusters.gruppen import group
from analysis.clusters.stabilitaet import SICHER_AB
from analysis.clusters.uebereinstimmung import adjusted_rand
from analysis.clusters.vorbereitung import prepare
from analysis.store import Store

INDIKATOREN = [
    "anteil_unter_18",
    "anteil_ab_65",
    "auslaenderanteil_gezaehlt",
    "geburten_je_1000",
    "siedlungsflaeche",
    "arbeitslosenanteil_15_64",
]


@pytest.fixture(scope="module")
def vorbereitet(whole_store):
    with Store(whole_store) as store:
        rows = raumwerte.observations(store, "99099", "gemeinde")
    werte = indicators.comparison_day(indicators.compute(rows, katalog()))
    return prepare(werte[werte.indikator.isin(INDIKATOREN)])


@pytest.mark.parametrize("verfahren", ["ward", "kmeans"])
def test_documented_groups_are_found_and_stable(vorbereitet, verfahren):
    truth = yaml.safe_load((ROOT / "data" / "musterkreis" / "wahrheit.yaml").read_text(encoding="utf-8"))["gruppen"]
    of = pd.Series({ags: name for name, members in truth["mitglieder"].items() for ags in members})
    found = group(vorbereitet, verfahren=verfahren, wiederholungen=20)
    assert found.k == 3 and found.stabil.stabil.all()
    number = found.labels.to_numpy() - 1
    assert adjusted_rand(pd.factorize(of[found.labels.index])[0], number[None])[0] >= 0.9
    assert (found.sicherheit.eigene >= SICHER_AB).mean() >= 0.9
