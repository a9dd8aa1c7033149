"""The workbook is built after descriptions of the quarterly edition; its Gemeinden are invented (Land 99)."""

import copy
import datetime as dt
import io
import zipfile

import openpyxl
import pytest
from conftest import REAL_FILES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis import sources
from analysis.catalogue import katalog
from analysis.errors import InputError
from analysis.sources.sheets import Sheet
from analysis.store import Store

REAL = REAL_FILES / "data" / "gemeindeverzeichnis_2024-06-30_TH.csv"
SHEET = "Onlineprodukt_Gemeinden30062024"
HEADER = [
    ["Gemeinden in Deutschland nach Fläche, Bevölkerung und Postleitzahl am 30.06.2024 (2. Quartal)"],
    [],
    ["Satzart", "Text-\nkenn-\nzeichen", "Amtlicher Regionalschlüssel (ARS)", None, None, None, None, "Gemeindename",
     "Fläche km2 1)", "Bevölkerung 2)", None, None, None, "Post-leitzahl 3)",
     "Geografische Mittelpunktkoordinaten", None, "Reisegebiete", None, "Grad der Verstädterung", None],
    [None, None, "Land", "RB", "Kreis", "VB", "Gem", None, None, "insgesamt", "männlich", "weiblich", "je km2", None,
     "Längengrad", "Breitengrad", "Schlüssel", "Bezeichnung", "Schlüssel", "Bezeichnung"],
    [None, None, "Gebietsstand am 30.06.2024", None, None, None, None, None, "31.12.2022 (Jahr)", "31.12.2022", None],
    [None, None, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18],
]  # fmt: skip
ROWS = [
    ["10", None, "99", None, None, None, None, "Musterland"],
    ["40", "44", "99", "0", "99", None, None, "Musterkreis"],
    ["50", "50", "99", "0", "99", "0001", None, "Musterstadt, Stadt"],
    ["60", "63", "99", "0", "99", "0001", "001", "Musterstadt, Stadt", 91.49, 18682, 9350, 9332, 204, "07308",
     "10,137999", "51,378474", "E31", "Mustergebiet", "02", "mittlere Besiedlungsdichte"],
    ["50", "54", "99", "0", "99", "5001", None, "Am Musterwald"],
    ["60", "64", "99", "0", "99", "5001", "003", "Kleinmuster", 5.3, 0, 0, 0, 0, "37339",
     "10,238458", "51,458578", "E31", "Mustergebiet", "03", "gering besiedelt"],
    ["60", "65", "99", "0", "99", "5001", "500", "Musterforst", 11.74, None, None, None, None, None,
     None, None, None, None, None, None],
]  # fmt: skip
FOOTNOTES = [[], ["1) Fläche: 31.12.2022."], ["© Statistisches Bundesamt (Destatis), 2024"]]
CSV_HEADER = "satzart;textkennzeichen;land;rb;kreis;vb;gem;name;flaeche_km2;bev_insg_2022;bev_m;bev_w;bev_je_km2;plz;lon;lat;reisegebiet_key;reisegebiet;urb_key;urb_label"  # noqa: E501
CSV_ROWS = [
    "10;;99;;;;;Musterland;;;;;;;;;;;;",
    "40;44;99;0;99;;;Musterkreis;;;;;;;;;;;;",
    "50;50;99;0;99;0001;;Musterstadt, Stadt;;;;;;;;;;;;",
    "60;63;99;0;99;0001;001;Musterstadt, Stadt;91.49;18682;9350;9332;204;07308;10,137999;51,378474;E31;M;02;mittel",
    "60;64;99;0;99;0001;003;Kleinmuster;5.3;1102;563;539;208;37339;10,238458;51,458578;E31;M;03;gering besiedelt",
]


def grid() -> list[list]:
    return copy.deepcopy([*HEADER, *ROWS, *FOOTNOTES])


@pytest.fixture
def workbook(tmp_path):
    def write(rows=None, name="AuszugGV2QAktuell.xlsx", sheet=SHEET):
        book = openpyxl.Workbook()
        book.active.title = "Inhalt"
        book.active.append(["Alle politisch selbständigen Gemeinden"])
        page = book.create_sheet(sheet)
        for row in grid() if rows is None else rows:
            page.append(row)
        path = tmp_path / name
        book.save(path)
        return path

    return write


@pytest.fixture
def whole(workbook):
    """The undamaged table and what it holds, made once: a new workbook would have another time in it."""
    path = workbook()
    return path, read(path)


@pytest.fixture
def csv_file(tmp_path):
    def write(*rows, header=CSV_HEADER, name="gemeindeverzeichnis_2024-06-30.csv", end="\n"):
        path = tmp_path / name
        path.write_bytes(end.join([header, *(rows or CSV_ROWS), ""]).encode())
        return path

    return write


def read(path):
    return sources.read(path, katalog())


def test_gemeinden_of_a_workbook_arrive_with_keys_area_coordinates_and_verband(workbook):
    delivery = read(workbook())
    town, village, forest = delivery.bestaende["gemeinden"].to_dict("records")
    assert town == {
        "stand": dt.date(2024, 6, 30), "ags": "99099001", "ars": "990990001001", "name": "Musterstadt, Stadt",
        "verband": "Musterstadt, Stadt", "flaeche_km2": 91.49, "laenge": 10.137999, "breite": 51.378474,
        "plz": "07308", "verstaedterung": "mittlere Besiedlungsdichte",
    }  # fmt: skip
    assert (village["ars"], village["verband"]) == ("990995001003", "Am Musterwald")
    assert (forest["ags"], forest["plz"], forest["laenge"] != forest["laenge"]) == ("99099500", "", True)
    assert delivery.ausgelassen == {"rows of Land, Kreis and Gemeindeverband": 4, "areas without a population": 1}


def test_the_population_has_its_own_date_and_nobody_is_a_number(workbook):
    table = read(workbook()).beobachtungen
    assert set(table.stichtag) == {dt.date(2022, 12, 31)} and set(table.quelle) == {"gv_isys"}
    values = table.set_index(["ags", "groesse"]).wert.to_dict()
    assert values["99099001", "bevoelkerung"] == 18682 and values["99099001", "bevoelkerung_weiblich"] == 9332
    assert values["99099003", "bevoelkerung"] == 0 and len(values) == 6


def test_a_sign_is_a_reason_not_a_number(workbook):
    rows = grid()
    rows[9][9:12] = [".", ".", "-"]
    table = read(workbook(rows)).beobachtungen.set_index(["ags", "groesse"])
    assert table.grund["99099001", "bevoelkerung"] == "unbekannt"
    assert table.wert["99099001", "bevoelkerung_weiblich"] == 0


def test_a_population_without_a_date_is_left_out_and_counted(workbook):
    rows = grid()
    rows[4][9] = None
    delivery = read(workbook(rows))
    assert delivery.beobachtungen.empty and len(delivery.bestaende["gemeinden"]) == 3
    assert delivery.ausgelassen["population without a date"] == 2
    rows += [["2) Bevölkerung am 31.12.2022 auf Grundlage des Zensus 2011."]]
    assert set(read(workbook(rows)).beobachtungen.stichtag) == {dt.date(2022, 12, 31)}


def test_the_date_may_stand_in_title_or_sheet_alone(workbook):
    rows = grid()
    rows[4][2] = None
    assert read(workbook(rows, sheet="Onlineprodukt_Gemeinden_300624")).bestaende["gemeinden"].stand[0].year == 2024
    rows[0] = ["Gemeinden in Deutschland"]
    assert read(workbook(rows)).bestaende["gemeinden"].stand[0] == dt.date(2024, 6, 30)
    with pytest.raises(InputError, match="no territorial date in header, title or name"):
        read(workbook(rows, sheet="Onlineprodukt_Gemeinden"))


def test_numbers_in_place_of_texts_and_further_columns_are_read_the_same(workbook):
    rows = grid()
    for row in rows[6:13]:
        row[:7] = [int(cell) if cell else None for cell in row[:7]]
        row += [None] * (20 - len(row)) + ["neu"]
    rows[2] += ["Neue Spalte"]
    assert read(workbook(rows)).bestaende["gemeinden"].equals(read(workbook()).bestaende["gemeinden"])


def change(row, column, value):
    def apply(rows):
        rows[row][column] = value

    return apply


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (change(9, 10, 9351), r"row 10: 'Musterstadt, Stadt': 9351 men and 9332 women, but 18682 in all"),
        (change(9, 8, 0), "row 10: flaeche of 'Musterstadt, Stadt' is 0; expected km² above 0"),
        (change(9, 8, None), "row 10: flaeche of"),
        (change(9, 9, "viele"), "row 10: insgesamt of 'Musterstadt, Stadt' is 'viele'; expected a whole number"),
        (change(9, 9, "=1+1"), "row 10: insgesamt is the formula '=1.1'"),
        (change(9, 7, "x" * 30_000), "row 10: name has 30,000 characters"),
        (change(9, 7, None), "row 10: no name"),
        (change(9, 6, "0001"), "row 10: gem is '0001'; expected 3 digits"),
        (change(9, 6, None), "row 10: 'Musterstadt, Stadt' has no gem; Satzart 60 has land, rb, kreis, vb, gem"),
        (change(9, 6, "500"), "row 13: 'Musterforst' .99099500. stands already in row 10"),
        (change(9, 5, "0002"), "row 10: no row of the Gemeindeverband 990990002 .Satzart 50. above"),
        (change(7, 4, "98"), "row 10: no row of the Kreis 99099"),
        (change(9, 2, "16"), "row 10: no row of the Kreis 16099"),
        (change(9, 0, "70"), "'70; 63; 99; 0' is no row of the table"),
        (change(9, 14, None), "row 10: 'Musterstadt, Stadt' has one coordinate"),
        (change(9, 14, "10.137999.1"), "row 10: laenge of"),
        (change(9, 18, "04"), "row 10: Grad der Verstädterung is '04'"),
        (change(9, 13, "7308a"), "row 10: Postleitzahl"),
        (change(3, 10, None), "column 'maennlich'|one of two columns is missing"),
        (change(3, 13, "insgesamt"), "names 'insgesamt' in two columns"),
        (change(2, 8, "Umfang"), "column 'flaeche' is missing"),
        (change(4, 2, "Gebietsstand am 31.12.2023"), "several days as territorial date: 31.12.2023, 30.06.2024"),
        (change(4, 10, "31.12.2021"), "several days as date of the population: 31.12.2021, 31.12.2022"),
        (lambda rows: rows.insert(11, HEADER[2]), "row 12: 'Satzart; Text- kenn- zeichen"),
        (lambda rows: rows.append(rows[9]), "row 17: 'Musterstadt, Stadt' .99099001. stands already in row 10|no row"),
        (lambda rows: rows.insert(13, [None, *rows[9][:-1]]), "is no row of the table; expected a Satzart in column A"),
        (lambda rows: rows[9].insert(2, "99"), "row 10"),
        (lambda rows: rows.pop(7), "no row of the Kreis 99099"),
        (lambda rows: rows.__delitem__(slice(6, None)), "no row with a Satzart"),
        (lambda rows: [row.__setitem__(slice(9, 12), [None] * 3) for row in rows[9:13] if len(row) > 12],
         "no Gemeinde has a population"),
    ],
)  # fmt: skip
def test_what_cannot_be_believed_is_named(workbook, damage, message):
    rows = grid()
    damage(rows)
    with pytest.raises(InputError, match=message):
        read(workbook(rows))


def test_coordinates_lie_in_germany_except_those_of_the_invented_land(csv_file):
    rows = [row.replace("10,238458;51,458578", "51,458578;10,238458") for row in CSV_ROWS]
    assert len(read(csv_file(*rows)).bestaende["gemeinden"]) == 2
    with pytest.raises(InputError, match="row 6: laenge of 'Kleinmuster' is '51,458578'; expected 5 to 16 degrees"):
        read(csv_file(*(row.replace(";99;0;99;", ";16;0;77;") for row in rows)))


def test_two_tables_in_one_workbook_are_refused(workbook):
    path = workbook()
    book = openpyxl.load_workbook(path)
    book[SHEET].title = "Eins"
    book.copy_worksheet(book["Eins"])
    book.save(path)
    with pytest.raises(InputError, match="2 sheets begin with the header Satzart, expected one"):
        read(path)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_the_csv_form_holds_the_same(csv_file, end, bom):
    path = csv_file(end=end)
    path.write_bytes(bom + path.read_bytes())
    delivery = read(path)
    assert delivery.bestaende["gemeinden"].stand[0] == dt.date(2024, 6, 30)
    assert delivery.bestaende["gemeinden"].verstaedterung.tolist() == ["mittlere Besiedlungsdichte", "gering besiedelt"]
    assert delivery.beobachtungen.wert.tolist() == [18682, 1102, 9350, 563, 9332, 539]


def test_commas_between_columns_and_blanks_as_thousands(csv_file):
    """A form in which others pass the edition of 31.12.2020 on: `" 53.02, 90 164, 44 904, 45 260"`."""
    header = "satzart,textkennzeichen,land,rb,kreis,vb,gemeinde,gemeindename,flaeche,bevoelkerung,maennlich,weiblich,laengengrad,breitengrad"  # noqa: E501
    rows = [
        "40,41,01,0,01,,,Musterhafen,,,,,,",
        "50,50,01,0,01,0000,,Musterhafen,,,,,,",
        '60,61,01,0,01,0000,000,Musterhafen, 53.02, 90 164, 44 904, 45 260,"9,43751","54,78252"',
    ]
    delivery = read(csv_file(*rows, header=header, name="31122020_Auszug_GV.csv"))
    row = delivery.bestaende["gemeinden"].iloc[0]
    assert (row.ags, row.ars, row.flaeche_km2, row.laenge) == ("01001000", "010010000000", 53.02, 9.43751)
    assert delivery.ausgelassen["population without a date"] == 1
    dated = read(
        csv_file(*rows, header=header.replace("bevoelkerung", "bevoelkerung_2020"), name="31122020_Auszug_GV.csv")
    )
    assert dated.beobachtungen.wert.tolist() == [90164, 44904, 45260]


def test_a_csv_without_a_date_in_its_name_says_how_to_name_it(csv_file):
    with pytest.raises(InputError, match="holds no territorial date; rename it to gemeindeverzeichnis_2024-06-30.csv"):
        read(csv_file(name="gemeinden.csv"))


@pytest.mark.skipif(not REAL.exists(), reason="original file not there")
def test_the_real_extract_of_thuringia_arrives_whole():
    """Expected: rows and sum of the file itself, counted with the csv module of Python without this reader."""
    delivery = read(REAL)
    gemeinden = delivery.bestaende["gemeinden"]
    assert len(gemeinden) == 605 and delivery.ausgelassen == {"rows of Land, Kreis and Gemeindeverband": 212}
    total = delivery.beobachtungen.groupby("groesse").wert.sum()
    assert total["bevoelkerung"] == 2_126_846 == total["bevoelkerung_maennlich"] + total["bevoelkerung_weiblich"]
    eisenach = gemeinden[gemeinden.ags == "16063105"].iloc[0]
    assert (eisenach.ars, eisenach.flaeche_km2, eisenach.plz) == ("160630105105", 104.17, "99817")
    schmoelln = gemeinden[gemeinden["name"] == "Dobitschen"].iloc[0]
    assert (schmoelln.ags, schmoelln.verband) == ("16077003", "Schmölln, Stadt")
    assert gemeinden.groupby(gemeinden.ars.str[:9]).verband.nunique().eq(1).all()
    assert gemeinden[gemeinden.ars.str.startswith("16077")].verband.nunique() == 9  # the nine Meldeaemter


@pytest.mark.skipif(not REAL.exists(), reason="original file not there")
def test_another_source_for_the_same_day_replaces_the_value_and_keeps_the_earlier_one(tmp_path, tidy_file):
    """A later delivery of another source is a change, as between any two files."""
    with Store(tmp_path / "s.duckdb", read_only=False) as store:
        store.import_file(REAL)
        assert not store.import_file(REAL).wirkt
        done = store.import_file(tidy_file("16051000;2022-12-31;bevoelkerung;215000;;;genesis"))
        assert (done.neu, done.geaendert) == (0, 1)
        assert len(store.history("16051000", "bevoelkerung")) == 2


def structural(data, rows: list[list]) -> None:
    """Damage that takes nothing from the meaning of the cells but their place."""
    kind = data.draw(st.sampled_from(["repeat header", "shift", "drop row", "repeat row", "drop column", "swap"]))
    n = data.draw(st.integers(0, len(rows) - 1))
    m = data.draw(st.integers(0, len(rows) - 1))
    match kind:
        case "repeat header":
            rows.insert(n, HEADER[data.draw(st.integers(0, 5))])
        case "shift":
            rows[n].insert(data.draw(st.integers(0, 20)), None)
        case "drop row":
            del rows[n]
        case "repeat row":
            rows.insert(m, rows[n])
        case "drop column":
            column = data.draw(st.integers(0, 19))
            for row in rows:
                del row[column : column + 1]
        case "swap":
            rows[n], rows[m] = rows[m], rows[n]


def unchanged_or_refused(store, path) -> bool:
    """Import a damaged file; on refusal nothing may have changed. Whether it was taken."""
    before, imports = store.fingerprint(), len(store.imports())
    try:
        store.import_file(path)
    except InputError as error:
        assert str(path) in str(error) and "\n" not in str(error)
        assert store.fingerprint() == before and len(store.imports()) == imports
        return False
    return True


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_workbook_with_displaced_cells_is_refused_or_read_the_same(whole, workbook, data):
    expected = whole[1]
    rows = grid()
    structural(data, rows)
    path = workbook(rows, name="kaputt.xlsx")
    try:
        delivery = read(path)
    except InputError as error:
        assert str(path) in str(error)
        return
    population = delivery.beobachtungen.set_index(["ags", "groesse"]).wert.to_dict()
    assert population.items() <= expected.beobachtungen.set_index(["ags", "groesse"]).wert.to_dict().items()
    columns = ["ags", "ars", "name", "flaeche_km2"]
    assert set(delivery.bestaende["gemeinden"][columns].itertuples(index=False, name=None)) <= set(
        expected.bestaende["gemeinden"][columns].itertuples(index=False, name=None)
    )


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_never_changes_the_store(whole, csv_file, tmp_path, data):
    given_file = whole[0] if data.draw(st.booleans()) else csv_file()
    content = bytearray(given_file.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    match data.draw(st.sampled_from(["cut", "overwrite", "insert", "latin", "utf16", "bom", "nul", "long"])):
        case "cut":
            del content[place:]
        case "overwrite":
            content[place] = data.draw(st.integers(0, 255))
        case "insert":
            content[place:place] = data.draw(st.binary(min_size=1, max_size=8))
        case "latin":
            content = bytearray(content.decode("latin-1").encode("utf-8"))
        case "utf16":
            content = bytearray(content.decode("latin-1").encode("utf-16"))
        case "bom":
            content[place:place] = b"\xef\xbb\xbf"
        case "nul":
            content[place:place] = b"\0"
        case "long":
            content[place:place] = b"x" * 10**6
    path = tmp_path / f"kaputt_2024-06-30{given_file.suffix}"
    path.write_bytes(bytes(content))
    with Store(tmp_path / "s.duckdb", read_only=False) as store:
        unchanged_or_refused(store, path)


def test_a_bomb_a_foreign_member_and_other_formats_are_not_taken(workbook, tmp_path, tidy_file):
    path = workbook()
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/bild.bin", b"\0" * 60_000_000)
    with pytest.raises(InputError):
        read(path)
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("../../satzart.csv", CSV_HEADER)
    (tmp_path / "a.zip").write_bytes(other.getvalue())
    with pytest.raises(InputError):
        read(tmp_path / "a.zip")
    tidy = read(tidy_file("16077;2019-12-31;bevoelkerung;89393;;;thueringer_broschuere"))
    assert tidy.leser.startswith("tidy")


def test_sheets_of_other_kinds_are_not_recognised(tmp_path):
    from analysis.sources.gv_layout import header_row

    assert header_row(Sheet(tmp_path, "Eckwerte", [("Arbeitslose", 1)])) is None
    assert header_row(Sheet(tmp_path, "leer", [])) is None
