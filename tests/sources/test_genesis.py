import csv
import datetime as dt
import zipfile

import pytest
from conftest import REAL_FILES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis import sources
from analysis.catalogue import katalog
from analysis.errors import InputError
from analysis.sources import genesis
from analysis.store import Store

LONG = (
    "statistics_code;statistics_label;time_code;time_label;time;1_variable_code;1_variable_label;"
    "1_variable_attribute_code;1_variable_attribute_label;2_variable_code;2_variable_label;2_variable_attribute_code;"
    "2_variable_attribute_label;value;value_unit;value_variable_code;value_variable_label;value_q"
)


def row(
    ags="16077",
    value="89393",
    sex="",
    time="2019-12-31",
    q="",
    code="BEVSTD",
    kind="KREISE",
    when="Stichtag",
    unit="Anzahl",
):
    label = {"": "Insgesamt", "GESM": "männlich", "GESW": "weiblich"}[sex]
    area = f"{kind};Kreise;{ags};falscher Name"
    return f"12411;x;STAG;{when};{time};{area};GES;Geschlecht;{sex};{label};{value};{unit};{code};y;{q}"


@pytest.fixture
def flat(tmp_path):
    def write(*rows, header=LONG, name="tabelle.csv"):
        path = tmp_path / name
        path.write_bytes(b"\xef\xbb\xbf" + "\n".join([header, *rows, ""]).encode())
        return path

    return write


def read(path):
    delivery = genesis.read(path, katalog())
    return delivery.beobachtungen, delivery.ausgelassen


def real(name):
    path = REAL_FILES / "data" / name
    if not path.exists():
        pytest.skip("original file not there")
    return path


def test_codes_decide_what_a_value_is_and_totals_have_none(flat):
    table, left_out = read(flat(row(sex="GESM", value="44000"), row(), row(sex="GESW", value="45393")))
    assert table.set_index("groesse").wert.to_dict() == {
        "bevoelkerung_maennlich": 44000, "bevoelkerung": 89393, "bevoelkerung_weiblich": 45393,
    }  # fmt: skip
    assert left_out == {} and set(table.stichtag) == {dt.date(2019, 12, 31)}


@pytest.mark.parametrize(
    ("sign", "grund"), [(".", "unbekannt"), ("...", "spaeter"), ("/", "unsicher"), ("x", "sinnlos")]
)
def test_a_sign_is_a_reason_and_never_a_number(flat, sign, grund):
    table, _ = read(flat(row(), row("16070", sign)))
    assert table.grund.tolist() == ["", grund] and table.wert.isna().tolist() == [False, True]


def test_nothing_is_zero_beside_areas_that_have_something(flat):
    table, _ = read(flat(row(), row("16070", "-")))
    assert table.wert.tolist() == [89393, 0] and table.grund.tolist() == ["", ""]


def test_nothing_for_all_areas_of_a_level_is_a_date_not_yet_delivered(flat):
    rows = [row("16077", "-"), row("16070", "-"), row("16", "2100000", kind="DLAND")]
    table, _ = read(flat(*rows))
    assert table.set_index("ags").grund.to_dict() == {"16077": "spaeter", "16070": "spaeter", "16": ""}


def test_nothing_for_a_dissolved_kreis_is_left_out_and_counted(flat):
    table, left_out = read(flat(row(time="2024-12-31"), row("16056", "-", time="2024-12-31")))
    assert table.ags.tolist() == ["16077"] and left_out == {"areas that did not exist on that day": 1}
    with pytest.raises(InputError, match=r"row 3: AGS '16056' \(Eisenach\) was valid .* until 30.06.2021"):
        read(flat(row(time="2024-12-31"), row("16056", "42000", time="2024-12-31")))


def test_nothing_is_unknown_where_nothing_shows_that_the_area_was_counted(flat):
    gemeinden = [row("16077001", "31", kind="GEMEIN"), row("16077999", "-", kind="GEMEIN")]
    assert read(flat(*gemeinden))[0].grund.tolist() == ["", "unbekannt"]
    # the download of a single Kreis, and Kreise of a Land of which not all are listed
    assert read(flat(row(value="-")))[0].grund.tolist() == ["unbekannt"]
    north = [row("13001", "-", time="2024-12-31"), row("13071", "250000", time="2024-12-31")]
    assert read(flat(*north))[0].grund.tolist() == ["unbekannt", ""]
    # founded or dissolved within the period of the file
    years = [row("16077003", "300", time="2018-12-31"), row("16077003", "-", time="2019-12-31"),
             row("16077004", "50", time="2019-12-31")]  # fmt: skip
    assert read(flat(*years))[0].grund.tolist() == ["", "unbekannt", ""]


def test_nothing_is_zero_where_the_area_has_another_number_that_day(flat):
    rows = [row("13001", "5", sex="GESM"), row("13001", "-", sex="GESW"), row("13001", "5")]
    table, _ = read(flat(*rows))
    assert table.wert.tolist() == [5, 0, 5]


def test_one_secret_value_does_not_make_a_late_date_zero(flat):
    table, _ = read(flat(row("16077", "-"), row("16070", "-"), row("16051", ".")))
    assert table.grund.tolist() == ["spaeter", "spaeter", "unbekannt"]


def test_a_value_of_another_unit_or_statistic_is_left_out_and_counted(flat):
    table, left_out = read(flat(row(), row("16070", "89", unit="1000"), row("16053", "3,1", unit="%")))
    assert table.ags.tolist() == ["16077"] and left_out == {"units that the quantity does not have": 2}
    table, left_out = read(flat(row(), row("16070").replace("12411", "12421")))
    assert left_out == {"codes that the catalogue does not know": 1}


def test_keys_of_twelve_digits_are_the_ags_and_equal_rows_one(flat):
    rows = [
        row("160770001001", "100", kind="GEMEIN"),
        row("16077001", "100", kind="GEMEIN"),
        row("", "5", kind="DLAND").replace("falscher Name", "Insgesamt"),
    ]
    table, left_out = read(flat(*rows))
    assert table.ags.tolist() == ["16077001"]
    assert left_out == {"areas without a key": 1, "rows that stand twice": 1}


@pytest.mark.parametrize("name", ["t[1].csv", "a*.csv", "value_variable_code=PRS018.csv"])
def test_the_name_of_a_file_is_only_a_name(flat, tmp_path, name):
    flat(row(value="1"), name="t1.csv")
    folder = tmp_path / "value=777"
    folder.mkdir()
    path = flat(row(value="2"), name=name).rename(folder / name)
    table, _ = read(path)
    assert table.wert.tolist() == [2] and table.groesse.tolist() == ["bevoelkerung"]


def test_a_number_is_not_displaced_by_not_yet_delivered(flat, tmp_path):
    with Store(tmp_path / "s.duckdb", read_only=False) as store:
        store.import_file(flat(row(), row("16070", "106249")))
        done = store.import_file(flat(row(value="-"), row("16070", "-"), name="zu_frueh.csv"))
        assert done.unveraendert == 2 and store.observations().wert.tolist() == [106249, 89393]


def test_parts_of_another_source_need_not_add_up(flat, shipped_store):
    with Store(shipped_store, read_only=False) as store:
        assert store.import_file(flat(row(value="89390"))).geaendert == 1


def test_quality_decimal_point_and_brackets(flat):
    rows = [row(value="89393.0", q="e"), row("16070", "(106249.0)"), row("16053", "111343.0", q="p")]
    rows = [r.replace("Stichtag", "Reference date") for r in rows]
    table, _ = read(flat(*rows))
    assert table.wert.tolist() == [89393, 106249, 111343]
    assert table.guete.tolist() == ["", "eingeschraenkt", "vorlaeufig"]


def test_a_zip_with_one_table_is_read_like_the_table(flat, tmp_path):
    path = tmp_path / "12411.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(flat(row()), "../../12411_de_flat.csv")
    delivery = sources.read(path, katalog())
    assert delivery.leser == "genesis 1" and delivery.beobachtungen.wert.tolist() == [89393]
    assert not (tmp_path.parent.parent / "12411_de_flat.csv").exists()


@pytest.mark.parametrize(
    ("members", "message"),
    [({}, "found nothing"), ({"a.csv": "x", "b.csv": "y"}, "found a.csv, b.csv"), ({"a.exe": "x"}, "found a.exe")],
)
def test_a_zip_of_something_else_is_refused(tmp_path, members, message):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises(InputError, match=message):
        read(path)
    content = bytearray(path.read_bytes())
    for place in range(30, len(content), 7):
        content[place] ^= 0x5A
        path.write_bytes(bytes(content))
        with pytest.raises(InputError):
            read(path)
    path.write_bytes(path.read_bytes()[:30])
    with pytest.raises(InputError, match="the ZIP cannot be read|exactly one CSV"):
        read(path)


@pytest.mark.parametrize(
    ("text", "day"),
    [("2023", "2023-12-31"), ("2024-12-31", "2024-12-31"), ("2023-10P6M", "2024-03-31"), ("2024-02", "2024-02-29"),
     ("2024-10P3M", "2024-12-31"), ("2013/14", "2014-07-31"), ("1999/2000", "2000-07-31"),
     ("31.12.2022", "2022-12-31")],
)  # fmt: skip
def test_periods_stand_under_their_last_day(flat, text, day):
    table = genesis.read_flat(flat(row(time=text)))
    assert table.stichtag.tolist() == [dt.date.fromisoformat(day)]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([row(value="viele")], "row 2: value 'viele' of BEVSTD; expected a number or one of - . ... / x"),
        ([row(value="")], "row 2: value '' of BEVSTD"),
        ([row(), row("16070", "1.234,5")], "row 3: value '1.234,5'"),
        ([row(value="1.5")], "row 2: value '1.5' of BEVSTD; expected a decimal comma in a German file"),
        ([row(value="2,5", when="Year")], "row 2: value '2,5' of BEVSTD; expected a decimal point in an English file"),
        ([row(value="1.5", when="?"), row("16070", "2,5", when="?")], "row 3: value '2,5' .*other rows have a decimal"),
        ([row(value="106,000")], "row 2: value '106,000' of bevoelkerung; expected a whole number"),
        ([row(value="106.000", when="Year")], "row 2: value '106.000' of bevoelkerung; expected a whole number"),
        ([row(time="2019-10P3M")], r"row 2: bevoelkerung for a quartal \(2019-10P3M\); expected jahr or tag"),
        ([row(sex="GESM").replace(";GESM;", ";;")], "row 2: an attribute without a code that is no total"),
        (
            [row().replace("falscher Name", '"a'), row("16070").replace("falscher Name", 'b"')],
            "runs over a line end|expected 18",
        ),
        ([row("1607", "-")], "row 2: AGS '1607' is not a key"),
        ([row(), row("16070", "1", q="?")], r"row 3: quality '\?'; expected one of e r p s \(\)"),
        ([row(time="Herbst 2019")], "row 2: time 'Herbst 2019' is unknown"),
        ([row(time="2019-13P6M")], "row 2: time '2019-13P6M' is unknown"),
        ([row(time="2019-02-30")], "row 2: '2019-02-30' is not a date"),
        ([row(), row(value="5")], "row 3: bevoelkerung of 16077 stands already in row 2 with another value"),
        ([row(code="XYZ01")], "no quantity of the catalogue; found 12411 XYZ01"),
        ([row("16999", "5")], "row 2: AGS '16999'"),
        ([row("1607", "5")], "row 2: AGS '1607' is not a key"),
        ([row(kind="ALTER")], "row 2: no area"),
        ([row() + ";zu;viel"], "expected 18 columns in every row"),
        ([row(), row()[:60]], "expected 18 columns in every row"),
        ([], "there is a header but no row"),
    ],
)
def test_bad_rows_are_named(flat, rows, message):
    path = flat(*rows)
    with pytest.raises(InputError, match=message) as caught:
        read(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_bad_files_are_named(flat, tmp_path):
    with pytest.raises(InputError, match="column 'value' is missing"):
        read(flat(row(), header=LONG.replace(";value;", ";wert;")))
    cut = flat(row(), row("16070"))
    cut.write_bytes(cut.read_bytes()[:-3])
    with pytest.raises(InputError, match="row 3: the last row has no line end, the file may be truncated"):
        read(cut)
    with pytest.raises(InputError, match="column 'Value_q' is unknown"):
        read(flat(row(), header=LONG.replace("value_q", "Value_q")))
    with pytest.raises(InputError, match="column 'time' stands twice"):
        read(flat(row(), header=LONG.replace("time_code", "time")))
    path = tmp_path / "antwort.csv"
    path.write_text('{"Status":{"Code":98,"Content":"Tabelle zu groß"}}', encoding="utf-8")
    with pytest.raises(InputError, match="an answer of the server, not a table: .*zu groß"):
        genesis.read(path, katalog())
    latin = tmp_path / "latin.csv"
    latin.write_bytes(f"{LONG}\n{row(sex='GESM')}\n".encode("latin-1"))
    with pytest.raises(InputError, match=r"latin\.csv, row 2: not UTF-8 \(byte 0xe4\)"):
        read(latin)
    mark = flat(row(), "\ufeff" + row("16070"))
    with pytest.raises(InputError, match="row 3: a byte order mark in the middle"):
        read(mark)
    with pytest.raises(InputError, match="row 1: column 'x' is unknown"):
        read(flat(row(), header=LONG.replace("2_variable_attribute_code", "x")))


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_file_is_read_or_refused_in_one_sentence(flat, data):
    content = bytearray(flat(row(), row("16070", "106249"), row(sex="GESW", value="45000")).read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    match data.draw(st.sampled_from(["cut", "overwrite", "insert", "repeat"])):
        case "cut":
            del content[place:]
        case "overwrite":
            content[place] = data.draw(st.integers(0, 255))
        case "insert":
            content[place:place] = data.draw(
                st.sampled_from([b"\xef\xbb\xbf", b"\0", b'"', b";", b"\n", b"\xff", b"="])
            )
        case "repeat":
            content += content[:place]
    path = flat(name="kaputt.csv")
    path.write_bytes(bytes(content))
    try:
        delivery = sources.read(path, katalog())
    except InputError as error:
        assert "kaputt.csv" in str(error)
    else:
        assert delivery.beobachtungen.wert.isna().sum() == (delivery.beobachtungen.grund != "").sum()


def test_the_real_population_table(tmp_path):
    """12411-01-01-4, 31.12.2024: 22 living Kreise by sex, both sexes add up to the total, Eisenach is left out."""
    path = real("12411-01-01-4_de_flat_TH.csv")
    table, left_out = read(path)
    assert len(table) == 66 and left_out == {"areas that did not exist on that day": 3}
    wide = table.pivot(index="ags", columns="groesse", values="wert")
    assert (wide.bevoelkerung_maennlich + wide.bevoelkerung_weiblich == wide.bevoelkerung).all()
    with path.open(encoding="utf-8-sig") as file:  # the same sum by another reader
        total = sum(
            int(r["value"]) for r in csv.DictReader(file, delimiter=";")
            if not r["2_variable_attribute_code"] and r["value"].isdigit()
        )  # fmt: skip
    assert wide.bevoelkerung.sum() == total
    assert wide.bevoelkerung["16077"] == 87508  # as quoted for Altenburger Land after the Zensus


def test_the_real_table_of_a_date_that_was_not_yet_delivered():
    table, left_out = read(real("13111-01-03-4_de_flat_TH.csv"))
    kreise = table[table.ags.str.len() == 5]
    assert set(kreise.grund) == {"spaeter"} and kreise.wert.isna().all()
    assert table.set_index(["ags", "groesse"]).wert["16", "beschaeftigte_am_arbeitsort"] == 783130
    assert left_out["areas that did not exist on that day"] == 2


def test_the_real_zensus_table_and_its_twelve_digit_keys():
    table, left_out = read(real("1000A-0000_de_flat_TH.csv"))
    assert len(table) == 631 and left_out == {}
    assert set(table.ags.str.len()) == {8} and set(table.stichtag) == {dt.date(2022, 5, 15)}
    altenburger_land = table[table.ags.str.startswith("16077")]
    assert altenburger_land.wert.sum() == 87387  # population of the Kreis on 15.05.2022


def test_the_real_table_with_dissolved_gemeinden_has_no_false_zero():
    table, _ = read(real("AI-N-01-2-5_de_flat_TH.csv"))
    assert len(table) == 1004 and (table.wert == 0).sum() == 0
    assert table.grund.value_counts().to_dict() == {"": 624, "unbekannt": 380}


def test_the_real_wide_table():
    """Consumer prices: the index and its change since 1991; the cells equal the file's."""
    path = real("61111-0001_de_flat_OLD.csv")
    table = genesis.read_flat(path)
    with path.open(encoding="utf-8-sig") as file:
        rows = list(csv.reader(file, delimiter=";"))[1:]
    assert len(table) == 2 * len(rows)
    index = table[table.wert_code == "PREIS1"]
    assert index.wert.tolist() == [float(r[9].replace(",", ".")) for r in rows]
    change = table[table.wert_code != "PREIS1"]
    assert change.zeichen.tolist()[0] == "." and change.wert.tolist()[1] == 5.0
    assert set(table.ags) == {"DG"}


def test_a_real_file_goes_into_the_store_once(tmp_path):
    path = real("12411-01-01-4_de_flat_TH.csv")
    with Store(tmp_path / "s.duckdb", read_only=False) as store:
        first = store.import_file(path)
        assert (first.neu, sum(first.ausgelassen.values())) == (66, 3)
        assert store.import_file(path).schon_importiert
        assert store.imports().ausgelassen.tolist() == [3]


def test_a_kreis_with_twelve_digits_is_the_kreis_and_gemeindeverbaende_are_left_out(flat):
    table, left_out = read(flat(row("160770000000"), row("160775001", kind="GEMEIN"), row("160510000000", "214000")))
    assert table.ags.tolist() == ["16077", "16051000"]
    assert left_out == {"Gemeindeverbaende (keys of 9 digits)": 1}


def test_rows_that_a_complete_table_would_have_are_counted(flat):
    rows = [row(ags, time=f"{year}-12-31") for ags in ("16077", "16070") for year in (2018, 2019, 2020)]
    assert read(flat(*rows))[1] == {}
    assert read(flat(*rows[:-1]))[1] == {
        "combinations of area, time and quantity without a row: is the file whole?": 1
    }  # fmt: skip


def test_a_file_whose_rows_are_all_left_out_is_refused(flat):
    with pytest.raises(InputError, match="no value is left; 1 units that the quantity does not have"):
        read(flat(row(unit="Tsd.")))


def test_thousands_in_the_old_form_are_left_out(flat):
    header = "Statistik_Code;Statistik_Label;Zeit_Code;Zeit_Label;Zeit;1_Merkmal_Code;1_Merkmal_Label;"
    header += "1_Auspraegung_Code;1_Auspraegung_Label;BEVSTD__Bevoelkerungsstand__1000"
    path = flat("12411;x;STAG;Stichtag;31.12.2019;KREISE;Kreise;16077;x;90", header=header)
    with pytest.raises(InputError, match="no value is left"):
        read(path)


def test_an_unknown_quality_is_named_even_when_it_is_the_only_one(flat):
    with pytest.raises(InputError, match="row 2: quality 'b'"):
        read(flat(row(q="b")))


def test_totals_may_be_called_otherwise(flat):
    table, _ = read(flat(row().replace("Insgesamt", "Zusammen")))
    assert table.groesse.tolist() == ["bevoelkerung"]


def test_a_zip_made_on_a_mac_is_read(flat, tmp_path):
    path = tmp_path / "mac.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(flat(row()), "tabelle.csv")
        archive.writestr("__MACOSX/._tabelle.csv", b"\x00\x05\x16\x07")
    assert read(path)[0].wert.tolist() == [89393]
