"""The Gemeinden of Thuringia, from files of the offices that lie beside the workspace."""

import numpy as np
import pandas as pd
import pytest
from conftest import REAL_FILES

from analysis.clusters.anzahl import choose, criteria
from analysis.clusters.gruppen import group
from analysis.clusters.ohnestruktur import ohne_struktur
from analysis.clusters.stabilitaet import bootstrap
from analysis.clusters.vorbereitung import prepare

VERZEICHNIS = REAL_FILES / "data" / "gemeindeverzeichnis_2024-06-30_TH.csv"
REGIONALATLAS = REAL_FILES / "data" / "AI-N-01-2-5_de_flat_TH.csv"


@pytest.fixture(scope="module")
def gemeinden():
    """Size, density, share of women, share of settlement area and its change, area."""
    if not VERZEICHNIS.exists():
        pytest.skip("the files of the offices are not there")
    table = pd.read_csv(VERZEICHNIS, sep=";", dtype=str).query("satzart == '60'")
    ags = table.land + table.rb + table.kreis.str.zfill(2) + table.gem.str.zfill(3)
    numbers = table[["flaeche_km2", "bev_insg_2022", "bev_w", "bev_je_km2"]].astype(float).set_index(ags.rename("ags"))
    atlas = pd.read_csv(REGIONALATLAS, sep=";", dtype=str, encoding="utf-8-sig")
    atlas = atlas.pivot(index="1_variable_attribute_code", columns="value_variable_code", values="value")
    atlas = atlas.apply(lambda column: pd.to_numeric(column.str.replace(",", "."), errors="coerce"))
    numbers = numbers.join(atlas)
    return pd.DataFrame(
        {
            "einwohner": numbers.bev_insg_2022,
            "dichte": numbers.bev_je_km2,
            "siedlung": numbers.AI0111,
            "frauen": numbers.bev_w / numbers.bev_insg_2022,
            "flaeche": numbers.flaeche_km2,
            "wachstum": numbers.AI0112,
        }  # fmt: skip
    )


def tafel(table):
    long = table.rename_axis("ags").reset_index().melt("ags", var_name="indikator", value_name="anteil")
    return long.assign(stichtag="2022-12-31", unten=np.nan, oben=np.nan, intervall="", grund="")


def test_two_groups_by_size_are_stable(gemeinden):
    made = prepare(tafel(gemeinden.drop(columns="wachstum")))
    assert made.matrix.shape == (605, 5) and len(made.ersetzt) == 2
    found = group(made, wiederholungen=20)
    assert found.k == 2 and found.stabil.stabil.all()
    size = gemeinden.einwohner.groupby(found.labels).median()
    assert found.labels.value_counts()[1] > 400 and size[2] > 3 * size[1]


def test_stability_beyond_75_is_no_proof(gemeinden):
    """k-means with two groups is as stable in a normal distribution with the same correlations."""
    five = gemeinden.drop(columns="flaeche").dropna()
    five = five.assign(einwohner=np.log(five.einwohner), dichte=np.log(five.dichte))
    x = ((five - five.mean()) / five.std()).to_numpy()
    assert len(x) == 575
    found = bootstrap(x, 2, "kmeans", 50)
    assert found.jaccard.min() > 0.9
    thresholds = ohne_struktur(x, [2], "kmeans", 19).schwellen(2)
    assert thresholds.normal.min() > 0.9 and not (found.jaccard.min() > thresholds.schwelle.iloc[-1])
    assert choose(criteria(x, "kmeans", [2], 19, B=50)) == 1
    assert bootstrap(x, 4, "kmeans", 50).jaccard.min() < 0.75
