import copy
import datetime as dt
import json

import numpy as np
import pytest
from conftest import REAL_FILES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis import sources
from analysis.catalogue import katalog
from analysis.errors import InputError
from analysis.sources.utm import to_degrees
from analysis.store import Store

REAL = REAL_FILES / "data" / "gemeinden_TH_2021-01-01.geojson"
CRS84 = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
SQUARE = [[[12.0, 51.0], [12.1, 51.0], [12.1, 51.1], [12.0, 51.1], [12.0, 51.0]]]
OTHER = [[[12.5, 51.0], [12.6, 51.0], [12.6, 51.1], [12.5, 51.1], [12.5, 51.0]]]


def feature(ags="99099001", name="Musterstadt", rings=SQUARE, kind="Polygon", **further):
    return {
        "type": "Feature",
        "properties": {"AGS": ags, "GEN": name, "BEZ": "Stadt", **further},
        "geometry": {"type": kind, "coordinates": copy.deepcopy(rings)},
    }


@pytest.fixture
def geojson(tmp_path):
    def write(*features, name="gemeinden_2021-01-01.geojson", crs=CRS84, **members):
        path = tmp_path / name
        content = {"type": "FeatureCollection", "features": list(features), **members}
        path.write_text(json.dumps(content if crs is None else {**content, "crs": crs}), encoding="utf-8")
        return path

    return write


def grenzen(path):
    return sources.read(path, katalog()).bestaende["grenzen"]


def test_an_area_arrives_with_key_name_date_and_geometry(geojson):
    row = grenzen(geojson(feature(ARS="990990001001"))).iloc[0]
    assert (row.stand, row.ags, row["name"]) == (dt.date(2021, 1, 1), "99099001", "Musterstadt")
    assert json.loads(row.geometrie) == {"type": "Polygon", "coordinates": SQUARE}


def test_parts_of_one_key_become_one_area_and_water_is_left_out(geojson):
    """VG250 has one record per key and kind: GF 4 (land with structure), 2 (land), 3 and 1 (water)."""
    delivery = sources.read(
        geojson(
            feature(GF=4),
            feature(rings=[OTHER], kind="MultiPolygon", GF=2),
            feature("99099002", "Seestadt", GF="9"),
            feature("99099002", "Seestadt", rings=OTHER, GF=3),
        ),
        katalog(),
    )
    one, two = delivery.bestaende["grenzen"].geometrie.map(json.loads)
    assert one == {"type": "MultiPolygon", "coordinates": [SQUARE, OTHER]}
    assert two["type"] == "Polygon" and delivery.ausgelassen == {"areas of water": 1}


def test_the_date_stands_in_property_collection_or_file_name(geojson):
    assert grenzen(geojson(feature(stand="31.12.2023"), name="g.geojson")).stand[0] == dt.date(2023, 12, 31)
    path = geojson(feature(), name="g.geojson", name_="x", gebietsstand="2023-12-31")
    assert grenzen(path).stand[0] == dt.date(2023, 12, 31)
    with pytest.raises(InputError, match="territorial date: 01.01.2021, 31.12.2023; expected one"):
        grenzen(geojson(feature(stand="31.12.2023")))
    with pytest.raises(InputError, match="territorial date: none; expected one"):
        grenzen(geojson(feature(), name="g.geojson"))


def test_utm_becomes_degrees_as_in_proj():
    """Expected: PROJ 9 (pyproj 3.7.2), EPSG:25832 and EPSG:25833 to EPSG:4258."""
    longitude, latitude = to_degrees(
        np.array([500000, 643250.5, 280000, 920000]), np.array([5650000, 5649110.25, 5230000, 6100000]), 32
    )
    assert longitude == pytest.approx([9.0, 11.040515034938432, 6.096014051018691, 15.54943005819843], abs=1e-8)
    assert latitude == pytest.approx(
        [51.001574693310495, 50.975749773826124, 47.186670434993914, 54.87005925186013], abs=1e-8
    )
    assert to_degrees(295000.75, 5655000.5, 33) == pytest.approx((12.077627175157922, 51.00998649415503), abs=1e-8)


def test_coordinates_in_metres_are_converted_when_the_file_says_so(geojson):
    rings = [[[643250.5, 5649110.25, 0], [644000, 5649000, 0], [644000, 5650000, 0], [643250.5, 5649110.25, 0]]]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::25832"}}
    first = json.loads(grenzen(geojson(feature(rings=rings), crs=crs)).geometrie[0])["coordinates"][0][0]
    assert first == [11.040515, 50.97575]
    with pytest.raises(InputError, match="not in Germany.*are the coordinates metres of an unnamed system"):
        grenzen(geojson(feature("16077001", rings=rings), crs=None))
    with pytest.raises(InputError, match="system 'urn:ogc:def:crs:EPSG::31467'; expected degrees .EPSG:4326. or UTM"):
        grenzen(geojson(feature(rings=rings), crs={"properties": {"name": "urn:ogc:def:crs:EPSG::31467"}}))


BAD = [
    (feature(16077001), "feature 2: AGS is '16077001', no text; numbers lose the first zero"),
    (feature("1607"), "feature 2: AGS '1607' is not a key"),
    (feature(""), "feature 2: no key; expected one key in AGS"),
    (feature("99099002", ARS="990990001001"), "feature 2: AGS 99099002, ARS 990990001001; expected one key"),
    (feature(), "feature 2: the area of 99099001 .Musterstadt. stands twice"),
    (feature(name="Andere", rings=OTHER), "feature 2: 99099001 is 'Andere', but 'Musterstadt' before"),
    (feature("99099002", "x" * 10**6), "feature 2: the name of 99099002 has 1,000,000 characters"),
    (feature("99099002", ""), "feature 2: no name of 99099002"),
    (feature("99099002", rings=[SQUARE[0][:-1]]), "a ring of 4 points that is not closed"),
    (feature("99099002", rings=[SQUARE[0][:2]]), "a ring of 2 points that is not closed"),
    (feature("99099002", rings=[[[12, "51"]] * 4]), "no list of points with two numbers each"),
    (feature("99099002", rings=[[[12]] * 4]), "no list of points with two numbers each"),
    (feature("99099002", rings=[[[12, 51], [12], [12, 51], [12, 51]]]), "no list of points"),
    (feature("99099002", rings=[[[12, 51]] * 3 + [[10**400, 51]]]), "no list of points"),
    (feature("99099002", rings="x"), "a geometry of type 'Polygon'"),
    (feature("99099002", kind="Point"), "a geometry of type 'Point'; expected Polygon or MultiPolygon"),
    (feature("99099002", rings=[[]], kind="MultiPolygon"), "a polygon without rings"),
    (feature("16077002", rings=[[[51.0, 12.0], [51.1, 12.0], [51.1, 12.1], [51.0, 12.0]]]), "51 12 is not in Germany"),
    (feature("16099002"), "there is no Kreis '16099'"),
    (feature("99099002", GF=7), "GF is '7'; expected 4 or 2 .land."),
    ({"type": "Feature", "properties": None, "geometry": None}, "feature 2: no properties or no geometry"),
    ("x", "feature 2: expected an object of type Feature"),
]


@pytest.mark.parametrize(("bad", "message"), BAD)
def test_what_cannot_be_believed_is_named(geojson, bad, message):
    with pytest.raises(InputError, match=message):
        grenzen(geojson(feature(), bad))


def test_a_key_that_had_ended_on_that_day_contradicts_the_date(geojson):
    """Eisenach joined the Wartburgkreis on 1 July 2021."""
    assert grenzen(geojson(feature("16056000", "Eisenach"))).ags[0] == "16056000"
    with pytest.raises(InputError, match="'16056000' .Eisenach. was valid from .* until 30.06.2021, not on 31.12.2021"):
        grenzen(geojson(feature("16056000", "Eisenach"), name="g_2021-12-31.geojson"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"type": "FeatureCollection", "features": []}', "expected a FeatureCollection with features"),
        ('{"type": "FeatureCollection", "features": [NaN]}', "NaN is no number"),
        ('{"type": "FeatureCollection", "type": "FeatureCollection"}', "'type' stands twice in one object"),
        ('{"type": "FeatureCollection", "features": ' + "[" * 100_000, "nested too deeply"),
        ('{"type": "FeatureCollection", "features": [', "no JSON .*is the file truncated"),
        ('{"type": "FeatureCollection", "features": [' + "9" * 10_000 + "]}", "no JSON|expected an object"),
    ],
)
def test_a_text_that_is_no_collection_is_named(tmp_path, text, message):
    path = tmp_path / "g_2021-01-01.geojson"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        grenzen(path)


@pytest.mark.skipif(not REAL.exists(), reason="original file not there")
def test_the_real_boundaries_of_thuringia_arrive_whole():
    """631 Gemeinden and 23 Kreise in 2021, Eisenach still a Kreis of its own."""
    gemeinden, kreise = (grenzen(REAL.with_name(f"{kind}_TH_2021-01-01.geojson")) for kind in ("gemeinden", "kreise"))
    assert (len(gemeinden), len(kreise)) == (631, 23) and gemeinden.stand.eq(dt.date(2021, 1, 1)).all()
    assert {"16056000"} <= set(gemeinden.ags) and {"16056"} <= set(kreise.ags)
    assert set(gemeinden.ags.str[:5]) == set(kreise.ags)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_is_refused_or_read_the_same(geojson, tmp_path, data):
    whole = geojson(feature(), feature("99099002", "Änderstadt", rings=OTHER))
    content = bytearray(whole.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    match data.draw(st.sampled_from(["cut", "latin", "utf16", "bom", "nul", "long", "binary"])):
        case "cut":
            del content[place:]
        case "latin":
            content = bytearray(content.decode("unicode-escape").encode("latin-1", errors="replace"))
        case "utf16":
            content = bytearray(content.decode().encode("utf-16"))
        case "bom":
            content[place:place] = b"\xef\xbb\xbf"
        case "nul":
            content[place:place] = b"\0"
        case "long":
            content[place:place] = b"9" * 10**6
        case "binary":
            content[place:place] = data.draw(st.binary(min_size=1, max_size=8))
    path = tmp_path / "kaputt_2021-01-01.geojson"
    path.write_bytes(bytes(content))
    with Store(tmp_path / "s.duckdb", read_only=False) as store:
        before = store.fingerprint()
        try:
            done = store.import_file(path)
        except InputError as error:
            assert str(path) in str(error) and "\n" not in str(error) and len(str(error)) < 2_000
            assert store.fingerprint() == before
        else:
            assert done.zeilen == 2
