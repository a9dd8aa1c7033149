import csv
import datetime as dt
import json

import pytest
from conftest import REAL_FILES

from analysis import regions
from analysis.errors import InputError


def test_thueringen_had_23_kreise_until_june_2021_and_22_since():
    before, after = dt.date(2021, 6, 30), dt.date(2021, 7, 1)
    assert len(regions.kreise_on(before, "16")) == 23
    assert len(regions.kreise_on(after, "16")) == 22
    gone = set(regions.kreise_on(before, "16")) - set(regions.kreise_on(after, "16"))
    assert {k.name for k in gone} == {"Eisenach"}


def test_eisenach_belongs_to_the_wartburgkreis_since_july_2021():
    assert regions.successor("16056", dt.date(2021, 6, 30)) == "16056"
    assert regions.successor("16056", dt.date(2021, 7, 1)) == "16063"
    assert regions.successor("16077", dt.date(2025, 1, 1)) == "16077"
    with pytest.raises(InputError, match=r"16056.*Eisenach.*until 30\.06\.2021.*part of '16063'"):
        regions.check_ags("16056", dt.date(2021, 12, 31))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Altenburger Land", "altenburger_land"),
        ("Kyffhäuserkreis", "kyffhaeuserkreis"),
        ("Sömmerda", "soemmerda"),
        ("Unstrut-Hainich-Kreis", "unstrut_hainich_kreis"),
        ("Weißenfels (Stadt)", "weissenfels_stadt"),
    ],
)
def test_slug(name, expected):
    assert regions.slug(name) == expected


@pytest.mark.parametrize(
    ("ags", "level"),
    [
        ("16", "land"),
        ("01051", "kreis"),
        ("16077012", "gemeinde"),
        ("160775052012", "gemeinde"),
        ("16.mittelthueringen", "raum"),
    ],
)
def test_level(ags, level):
    assert regions.level(ags) == level


@pytest.mark.parametrize(
    "ags",
    ["1051", "", "1607a", "16077 ", 16077, None, "١٦٠٧٧", "99999999999999", "17001", "16.x", "16077.0", "16077001.0"],
)
def test_a_wrong_key_is_named(ags):
    with pytest.raises(InputError, match="AGS"):
        regions.level(ags)


def test_an_unknown_kreis_of_a_fully_listed_land_is_refused_also_through_its_gemeinden():
    with pytest.raises(InputError, match="no Kreis '16099' in Thüringen"):
        regions.check_ags("16099")
    with pytest.raises(InputError, match="no Kreis '16099' in Thüringen"):
        regions.check_ags("16099001")
    assert regions.check_ags("09174") == "09174"  # Bayern is not listed: only the form is checked


def test_every_kreis_reads_well_in_a_sentence_and_has_a_file_name():
    for kreis in regions.kreise().values():
        assert kreis.wo.startswith(("in ", "im "))
        assert kreis.wo.endswith(kreis.name) or kreis.name in kreis.wo
        assert kreis.slug.isascii() and " " not in kreis.slug


def test_kreise_equal_the_official_map_of_2021():
    path = REAL_FILES / "data" / "kreise_TH_2021-01-01.geojson"
    if not path.exists():
        pytest.skip("official map not there")
    official = {
        f["properties"]["AGS"]: (f["properties"]["GEN"], f["properties"]["BEZ"].lower())
        for f in json.loads(path.read_text(encoding="utf-8"))["features"]
    }
    ours = {k.ags: (k.name, k.art.lower()) for k in regions.kreise_on(dt.date(2021, 1, 1), "16")}
    assert ours == official


def test_kreise_equal_the_gemeindeverzeichnis_of_2024():
    path = REAL_FILES / "data" / "gemeindeverzeichnis_2024-06-30_TH.csv"
    if not path.exists():
        pytest.skip("Gemeindeverzeichnis not there")
    with path.open(encoding="utf-8") as file:
        official = {
            row["land"] + row["rb"] + row["kreis"]
            for row in csv.DictReader(file, delimiter=";")
            if row["satzart"] == "40"
        }
    assert {k.ags for k in regions.kreise_on(dt.date(2024, 6, 30), "16")} == official


def test_a_landkreis_is_no_gemeinde_of_itself():
    assert regions.agreed("160770000000") == "16077" and regions.agreed("160510000000") == "16051000"
    assert regions.agreed("160775001043") == "16077043" and regions.agreed("16077") == "16077"
    with pytest.raises(InputError, match="no Gemeinde of Altenburger Land"):
        regions.check_ags("16077000")
    assert regions.check_ags("16051000") == "16051000"
