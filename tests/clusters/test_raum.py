"""Neighbours, spatial pattern and regions of the counties of North Carolina, equal to R spdep (raum.R)."""

import json

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from analysis.clusters.raum import nachbarn
from analysis.clusters.raummuster import lisa, moran
from analysis.clusters.regionen import regions
from analysis.clusters.uebereinstimmung import adjusted_rand
from analysis.errors import InputError

EXPECTED = ROOT / "tests" / "expected" / "clusters"
INDIKATOREN = ["sid", "nichtweiss", "wachstum", "flaeche"]


def expected(name: str) -> pd.DataFrame:
    return pd.read_csv(EXPECTED / name, dtype={"ags": str, "nachbar": str})


@pytest.fixture(scope="module")
def nc() -> pd.DataFrame:
    return expected("nc.csv")


@pytest.fixture(scope="module")
def rook(nc):
    return nachbarn(nc, toleranz_meter=0, mindestens_meter=0)


def z(nc: pd.DataFrame) -> pd.DataFrame:
    table = nc.set_index("ags")[INDIKATOREN]
    return (table - table.mean()) / table.std(ddof=1)


def square(x: float, y: float, side: float = 0.1) -> str:
    ring = [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]
    return json.dumps({"type": "Polygon", "coordinates": [ring]})


def grid(*places: tuple[float, float]) -> pd.DataFrame:
    return pd.DataFrame({"ags": [f"9909900{n}" for n in range(1, len(places) + 1)],
                         "geometrie": [square(x, y) for x, y in places]})  # fmt: skip


def pairs(found) -> set[tuple[str, str]]:
    return set(map(tuple, found.paare.to_numpy()))


@pytest.mark.parametrize("art", ["rook", "queen"])
def test_neighbours_are_those_of_spdep(nc, art):
    theirs = expected("nc_nachbarn.csv").query("art == @art")
    mine = nachbarn(nc, art=art, toleranz_meter=0, mindestens_meter=0)
    assert pairs(mine) == set(map(tuple, theirs[["ags", "nachbar"]].to_numpy())) and mine.angeschlossen.empty


def test_the_order_of_rows_changes_no_neighbour(nc, rook):
    mixed = nachbarn(nc.sample(frac=1, random_state=3), toleranz_meter=0, mindestens_meter=0)
    pd.testing.assert_frame_equal(mixed.paare, rook.paare)


def test_moran_is_that_of_spdep(nc, rook):
    found = moran(z(nc), rook)
    theirs = expected("nc_moran.csv").set_index("indikator")
    np.testing.assert_allclose(found.moran, theirs.moran[found.index], rtol=1e-12)
    np.testing.assert_allclose(found.erwartet, theirs.erwartet[found.index], rtol=1e-12)
    assert (found.p_holm <= 0.05).all() and (found.p_holm >= found.p).all()


def test_local_moran_is_that_of_spdep(nc, rook):
    found = lisa(z(nc).nichtweiss, rook)
    theirs = expected("nc_lisa.csv").set_index("ags").lisa
    np.testing.assert_allclose(found.lisa, theirs[found.index], rtol=1e-10)
    assert found.auffaellig.any() and (found.p[found.auffaellig] <= 0.05).all()
    assert set(found.lage[found.auffaellig]) <= {"hoch_hoch", "niedrig_niedrig"}
    assert found.lage["37091"] == "hoch_hoch" and found.auffaellig["37091"]  # Hertford, among others of the north-east


def test_moran_repeats_with_its_seed_and_leaves_the_generator_alone(nc, rook):
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    one, two, other = (moran(z(nc), rook, startwert=s).p for s in (1, 1, 2))
    assert (one == two).all() and len(other) == len(one)
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002


def test_chance_makes_no_pattern(nc, rook):
    """Of 200 indicators without pattern about 5 in 100 have p up to 5 %, and after Holm hardly one."""
    random = np.random.default_rng(4)
    noise = pd.DataFrame(random.normal(size=(len(nc), 200)), index=nc.ags)
    found = moran(noise, rook, permutationen=199)
    assert (found.p <= 0.05).mean() < 0.1 and (found.p_holm <= 0.05).sum() <= 1


@pytest.mark.parametrize("spalte, mindestens", [("ohne", 0), ("mit", 20_000)])
def test_skater_is_that_of_spdep(nc, rook, spalte, mindestens):
    people = nc.set_index("ags").geburten
    found = regions(z(nc), rook, people, mindestens, "skater", k=6)
    theirs = expected("nc_skater.csv").set_index("ags")[spalte]
    assert adjusted_rand(theirs[found.labels.index].to_numpy() - 1, found.labels.to_numpy()[None] - 1)[0] == 1
    assert (found.einwohner >= mindestens).all() and found.einwohner.is_monotonic_decreasing


def connected(labels: pd.Series, rook) -> bool:
    import networkx

    graph = networkx.Graph(map(tuple, rook.paare.to_numpy()))
    return all(networkx.is_connected(graph.subgraph(labels.index[labels == n])) for n in labels.unique())


@pytest.mark.parametrize("verfahren, k", [("skater", 100), ("maxp", None)])
def test_regions_are_connected_and_large_enough(nc, rook, verfahren, k):
    people = nc.set_index("ags").geburten
    found = regions(z(nc), rook, people, 15_000, verfahren, k)
    assert connected(found.labels, rook) and (found.einwohner >= 15_000).all() and len(found.einwohner) >= 6
    mixed = regions(z(nc).sample(frac=1, random_state=1), rook, people, 15_000, verfahren, k)
    pd.testing.assert_series_equal(mixed.labels, found.labels)


def test_equal_neighbours_stay_together(nc, rook):
    same = z(nc) * 0.0
    same.iloc[:50] = 1.0
    found = regions(same, rook, nc.set_index("ags").geburten, 0, "skater", k=5)
    assert len(found.einwohner) == 5


def test_islands_are_joined_to_the_nearest_and_named():
    found = nachbarn(grid((9, 50), (9.1, 50), (9.3, 50), (9.3, 50.1)))
    assert pairs(found) >= {("99099001", "99099002"), ("99099002", "99099003"), ("99099003", "99099004")}
    row = found.angeschlossen.iloc[0]
    assert len(found.angeschlossen) == 1 and {row.ags, row.nachbar} == {"99099002", "99099003"}
    assert row.abstand_meter == pytest.approx(7_150, rel=0.01)


def test_a_corner_makes_a_neighbour_for_queen_only():
    places = grid((9, 50), (9.1, 50), (9, 50.1), (9.1, 50.1))
    assert len(pairs(nachbarn(places))) == 8 and len(pairs(nachbarn(places, art="queen"))) == 12


def test_a_small_gap_between_boundaries_still_touches():
    places = grid((9, 50), (9.10005, 50))
    assert nachbarn(places).angeschlossen.empty
    assert len(nachbarn(places, toleranz_meter=0).angeschlossen) == 1


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda g: (g, ["99099001", "99099009"]), "99099009 of 2 areas have none.*Gebietsstand"),
        (lambda g: (pd.concat([g, g.iloc[:1]]), None), "99099001 stands twice"),
        (lambda g: (g.assign(geometrie='{"type":"Point","coordinates":[9,50]}'), None), "99099001 is no GeoJSON Poly"),
        (lambda g: (g.assign(geometrie="x"), None), "99099001 is no GeoJSON Poly"),
        (lambda g: (grid((9, 50), (9.05, 50)), None), "99099001 and 99099002 overlap by 50%.*Gebietsstand"),
        (lambda g: (g.iloc[:0], None), "no area"),
    ],
)
def test_boundaries_that_do_not_fit_are_refused(change, message):
    table, ags = change(grid((9, 50), (9.1, 50)))
    with pytest.raises(InputError, match=message):
        nachbarn(table, ags)


@pytest.mark.parametrize(
    "verfahren, k, mindestens, message",
    [
        ("skater", None, 1, "k = None; expected a number of regions from 1 to 100"),
        ("skater", 101, 1, "k = 101"),
        ("maxp", None, 1e9, "inhabitants in all; expected at least 1000000000"),
        ("azp", None, 1, "regions by 'azp'; expected skater or maxp"),
    ],
)
def test_regions_that_cannot_be_made_are_refused(nc, rook, verfahren, k, mindestens, message):
    with pytest.raises(InputError, match=message):
        regions(z(nc), rook, nc.set_index("ags").geburten, mindestens, verfahren, k)


def test_gaps_and_other_areas_are_refused(nc, rook):
    people, table = nc.set_index("ags").geburten, z(nc)
    hole = table.copy()
    hole.iloc[3, 0] = np.nan
    for call in (lambda t: moran(t, rook), lambda t: lisa(t.sid, rook), lambda t: regions(t, rook, people, 1, k=2)):
        with pytest.raises(InputError, match=f"{table.index[3]} has a gap"):
            call(hole)
        with pytest.raises(InputError, match=f"{table.index[0]} is not in both"):
            call(table.iloc[1:])
    with pytest.raises(InputError, match="sid is the same in all areas"):
        lisa(table.sid * 0, rook)
    assert np.isnan(moran(table.assign(sid=1.0), rook).moran["sid"])
