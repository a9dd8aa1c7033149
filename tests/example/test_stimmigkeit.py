"""The deliveries agree with each other: one truth, told in several formats."""

import csv
import io
import json
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pytest
import yaml

from analysis.example import akg, grenzen
from analysis.example.kreis import gemeinden, ortsteile

L = "lieferungen"


def flat(content: bytes) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(content), sep=";", dtype=str, keep_default_na=False, encoding="utf-8-sig")


def sheet(content: bytes, name: str) -> list[tuple]:
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    return list(book[next(s for s in book.sheetnames if s.startswith(name))].iter_rows(values_only=True))


@pytest.fixture(scope="module")
def gemeindetabelle(ganz) -> pd.DataFrame:
    with zipfile.ZipFile(io.BytesIO(ganz[f"{L}/regionaldatenbank/12411-01-01-5_de_flat.zip"])) as archive:
        assert archive.namelist() == ["12411-01-01-5_de_flat.csv"]
        table = flat(archive.read(archive.namelist()[0]))
    table["value"] = table.value.astype(int)
    return table


def test_thirty_gemeinden_of_the_size_of_a_thuringian_kreis(gemeindetabelle):
    people = gemeindetabelle[
        (gemeindetabelle.time == "2024-12-31") & (gemeindetabelle["2_variable_attribute_code"] == "")
    ].value
    assert len(people) == 30 and 85_000 < people.sum() < 91_000 and 600 < people.median() < 800
    assert (people < 1000).sum() == 18 and 29_500 < people.max() < 32_500
    assert gemeinden().vb.nunique() == 9


def test_gemeinden_add_up_to_the_kreis_and_the_sexes_to_all(ganz, gemeindetabelle):
    kreis = flat(ganz[f"{L}/regionaldatenbank/12411-01-01-4_de_flat.csv"])
    keys = ["time", "2_variable_attribute_code"]
    parts = gemeindetabelle.groupby(keys).value.sum()
    assert parts.equals(kreis.assign(value=kreis.value.astype(int)).groupby(keys).value.sum())
    by_sex = parts.unstack()
    assert len(by_sex) == 10 and (by_sex[""] == by_sex["GESM"] + by_sex["GESW"]).all()


def test_the_register_of_gemeinden_has_the_same_population(ganz, gemeindetabelle):
    rows = [r for r in sheet(ganz[f"{L}/gebiet/31122024_Auszug_GV.xlsx"], "Onlineprodukt") if r[0] == "60"]
    assert len(rows) == 30 and all(r[9] == r[10] + r[11] for r in rows)
    here = {"99" + r[3] + r[4] + r[6]: r[9] for r in rows}
    table = gemeindetabelle[gemeindetabelle["2_variable_attribute_code"] == ""]
    day = table[table.time == "2023-12-31"]
    assert here == dict(zip(day["1_variable_attribute_code"], day.value, strict=True))
    assert {r[0] for r in sheet(ganz[f"{L}/gebiet/31122024_Auszug_GV.xlsx"], "Onlineprodukt")[6:39]} <= {
        "10", "40", "50", "60"}  # fmt: skip


def test_age_groups_add_up_to_the_population(ganz, gemeindetabelle):
    ages = flat(ganz[f"{L}/kennzahlen/altersgruppen_99099.csv"])
    assert set(ages.quelle) == {"musterkreis"}
    counts = ages[ages.groesse.str.startswith("bevoelkerung")]
    sums = counts.assign(wert=counts.wert.astype(int)).groupby(["stichtag", "ags"]).wert.sum()
    assert (counts.groupby(["stichtag", "ags"]).size() == 3).all()
    table = gemeindetabelle[gemeindetabelle["2_variable_attribute_code"] == ""]
    total = table.groupby(["time", "1_variable_attribute_code"]).value.sum()
    assert sums.drop("99099", level="ags").tolist() == total.sort_index().tolist()
    assert sums.xs("99099", level="ags").tolist() == total.groupby("time").sum().tolist()


def test_the_melderegister_counts_a_little_more_than_official_statistics(ganz):
    truth = yaml.safe_load(ganz["wahrheit.yaml"])["bevoelkerung"]["am_31_12"]
    rows = csv.reader(io.StringIO(ganz[f"{L}/melderegister/EWO_Glockenmark_2024.csv"].decode("latin-1")), delimiter=";")
    *body, last = list(rows)[4:]
    counts = np.array([[int(n) for n in row[3:]] for row in body])
    assert (counts[:, :-1].sum(axis=1) == counts[:, -1]).all() and counts.sum(axis=0).tolist() == list(
        map(int, last[3:])
    )
    persons = len(ganz[f"{L}/melderegister/STEMPELAU_2024.TXT"].splitlines())
    assert 3400 < persons < 3900
    for year, n in truth.items():
        assert 0.001 < n["melderegister"] / n["wirklich"] - 1 < 0.01
        drift = n["fortschreibung"] / n["wirklich"] - 1
        assert (0.004 < drift < 0.008) if year <= 2021 else drift == 0


def test_nine_offices_deliver_ten_years_in_nine_forms(ganz):
    files = [p.split("/")[-1] for p in ganz if "/melderegister/" in p]
    assert len(files) == 9 * 11 and sum(f.endswith(".yaml") for f in files) == 9
    forms = [yaml.safe_load(ganz[p])["meldeamt"] for p in ganz if "/melderegister/" in p and p.endswith(".yaml")]
    shapes = {json.dumps({k: v for k, v in f.items() if k not in ("amt", "name", "datei", "ortsteile")}) for f in forms}
    assert len(shapes) == 9
    known = {o["schluessel"] for f in forms for o in f["ortsteile"]}
    assert known == set(ortsteile().ortsteil) and {k[:8] for k in known} == set(gemeinden().ags)


def test_planungsraeume_hold_every_place_once_on_every_day(ganz):
    raeume = yaml.safe_load(ganz[f"{L}/gebiet/planungsraeume_99099.yaml"])["planungsraeume"]["raeume"]
    assert len({r["schluessel"] for r in raeume}) == 8
    for year in range(2015, 2025):
        day = pd.Timestamp(year, 12, 31).date()
        members = [m for r in raeume if r["ab"] <= day <= r.get("bis", day) for m in r["mitglieder"]]
        covered = [o for o in ortsteile().ortsteil if o in members or o[:8] in members]
        assert len(members) == len(set(members)) and len(covered) == len(ortsteile())


def test_hidden_cells_cannot_be_computed_from_the_totals(ganz):
    """Linear algebra: a cell whose unit vector lies in the row space of the published sums is given away."""
    workbooks = [p for p in ganz if "akg_arbeitslose_99099" in p or "gemeinden-arbeitslose" in p]
    assert len(workbooks) == 22
    for path in workbooks:
        rows = sheet(ganz[path], "Arbeitslose" if "akg" in path else "Gemeinden")
        head = next(n for n, r in enumerate(rows) if str(r[0]).startswith("Ge") and "schlüssel" in str(r[0]))
        body = [r[2:] for r in rows[head + 2 :] if r[0] and (str(r[0]).startswith(("MK", "99099")) and r[0] != "99099")]
        total = next(r[2:] for r in rows[head + 2 :] if r[0] in ("GES", "99099"))
        hidden = np.array([[cell == "*" for cell in row] for row in body])
        shown = [cell for row in body for cell in row if cell not in ("*", "-")]
        assert min(shown) > 2 and hidden.any() and all(isinstance(n, int) for n in total)
        unknown = {place: n for n, place in enumerate(zip(*np.nonzero(hidden), strict=True))}
        sums = [[unknown[r, c] for r in np.flatnonzero(hidden[:, c])] for c in range(hidden.shape[1])]
        equations = [np.bincount(s, minlength=len(unknown)) for s in sums if s]
        for r in range(len(body)):
            parts = [unknown[r, c] for c in (0, 1, 2) if hidden[r, c]]
            if parts:
                signs = {unknown[r, c]: (1 if c == 0 else -1) for c in (0, 1, 2) if hidden[r, c]}
                equations.append(np.array([signs.get(n, 0) for n in range(len(unknown))]))
        matrix = np.array(equations, float)
        kernel = np.linalg.svd(matrix)[2][np.linalg.matrix_rank(matrix) :]
        assert (np.abs(kernel).max(axis=0) > 1e-9).all(), path


def test_suppression_by_hand():
    # column 1 holds one count below 3: the next smallest goes too; 0 stays visible
    assert akg.geheim(np.array([[2, 9], [5, 9], [0, 9], [4, 9]]))[:, 0].tolist() == [True, False, False, True]
    # 10 = 2 + 8: hiding 2 alone would be no use; in the other areas a second 2 and its partner are hidden
    hidden = akg.geheim(np.array([[10, 2, 8], [12, 6, 6], [20, 9, 11]]), (0, 1, 2))
    assert hidden.tolist() == [[False, True, True], [False, True, True], [False, False, False]]
    assert not akg.geheim(np.array([[3, 0], [4, 5]])).any()


def test_the_map_is_the_same_however_a_processor_rounds_the_last_digits(monkeypatch):
    """One corner lies halfway between two steps of the map in all of its cells."""
    before, clip, rng = grenzen.geojson_gemeinden(), grenzen._clip, np.random.default_rng(1)
    monkeypatch.setattr(grenzen, "_clip", lambda *a: clip(*a) * (1 + rng.uniform(-4e-16, 4e-16)))
    grenzen.zellen.cache_clear()
    try:
        assert grenzen.geojson_gemeinden() == before
    finally:
        grenzen.zellen.cache_clear()


def test_cells_of_gemeinden_close_and_do_not_overlap(ganz):
    features = json.loads(ganz[f"{L}/gebiet/gemeinden_99099_2024-12-31.geojson"])["features"]
    kreis = json.loads(ganz[f"{L}/gebiet/kreise_99099_2024-12-31.geojson"])["features"][0]

    def area(feature) -> float:
        (ring,) = feature["geometry"]["coordinates"]
        assert ring[0] == ring[-1] and len(ring) > 10
        x, y = np.array(ring).T
        return float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum() / 2)

    areas = [area(f) for f in features]
    assert len(features) == 30 and min(areas) > 0  # counterclockwise
    assert sum(areas) == pytest.approx(area(kreis), rel=1e-9)  # no gap, no overlap: edges are shared point by point
    points = np.array([p for f in features for p in f["geometry"]["coordinates"][0]])
    assert points.min() > 3.9 and points[:, 1].min() > 54 and points[:, 1].max() < 56 and points[:, 0].max() < 5
    assert {f["properties"]["GF"] for f in features} == {4}
    assert [f["properties"]["AGS"] for f in features] == gemeinden().ags.tolist()


def test_no_boundary_crosses_itself():
    from matplotlib.path import Path as Outline

    rings = grenzen.zellen()
    for ags, ring in rings.items():
        sides = np.stack([ring, np.roll(ring, -1, axis=0)], axis=1)
        a, b = sides[:, None, 0], sides[:, None, 1]
        c, d = sides[None, :, 0], sides[None, :, 1]

        def side(p, q, r):
            return np.sign((q - p)[..., 0] * (r - p)[..., 1] - (q - p)[..., 1] * (r - p)[..., 0])

        crosses = (side(a, b, c) * side(a, b, d) < 0) & (side(c, d, a) * side(c, d, b) < 0)
        assert not crosses.any(), ags
    grid = np.stack(np.meshgrid(np.linspace(0, 34, 120), np.linspace(0, 29, 120)), axis=-1).reshape(-1, 2)
    inside = sum(Outline(ring).contains_points(grid).astype(int) for ring in rings.values())
    assert inside.max() == 1


def test_goals_are_a_correct_catalogue(ganz):
    from analysis.ziele.aufbau import aufbauen

    content = yaml.load(ganz["ziele_99099.yaml"], Loader=yaml.BaseLoader)
    for level in content["zielkatalog"]["ebenen"]:
        level |= {"massnahme": level.get("massnahme") == "true"}
    count = len(content["zielkatalog"]["ziele"])
    made = aufbauen("ziele_99099.yaml", content, [f"goal {n}" for n in range(1, count + 1)])
    assert made.kreis == "99099" and [z.ebene for z in made.ziele].count("leitziel") == 4
