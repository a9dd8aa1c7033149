"""Layouts: BBSR `ref-kreise-umrech…xlsx` and `ref-gemeinden-…xlsx`; Destatis "Namens-, Grenz- und Schlüsseländerungen".

No original file was there when these tests were written: headers and the following figures are as users of the files
cite them, the rest is made up. Cochem-Zell lost 1.71514 % of its inhabitants to the Rhein-Hunsrück-Kreis in 2014, and
the sheet 2015-2016 carries that share again; Rodeberg (1,552 inhabitants to Dingelstädt, 481 to Mühlhausen, 1.1.2024);
Bad Neuenahr-Ahrweiler (35 inhabitants to Dernau, 26,634 stay).
"""

import datetime as dt
import re

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis import sources
from analysis.catalogue import katalog
from analysis.errors import InputError
from analysis.gebietsstand import carry
from analysis.store import Store

D = dt.date


def bbsr_header(von, nach, areas="Kreise", name="Kreisname", employees=True):
    unit = "1000" if areas == "Kreise" else "100"
    columns = [
        f"{areas}\r\n 31.12.{von}",
        f"{name} {von}",
        "flächen-\r\nproportionaler\r\nUmsteige-schlüssel",
        "bevölkerungs- \r\nproportionaler \r\nUmsteige- \r\nschlüssel",
        "beschäftigten- \r\nproportionaler \r\nUmsteige- \r\nschlüssel",
        f"Fläche am 31.12.{von} in km²",
        f"Bevölkerung am 31.12.{von} in {unit}",
        f"sozialvers.pflichtig Beschäftigte am Arbeitsort am 30.6.{von} in {unit}",
        f"{areas}\r\n 31.12.{nach}",
        f"{name} {nach}",
    ]
    return columns if employees else [c for c in columns if "eschäftigte" not in c]


KREISE_2014 = [
    [1001000, "Flensburg, Stadt", 1, 1, 1, 56.7, 83.971, 40.1, 1001000, "Flensburg, Stadt"],
    [7135000, "Cochem-Zell", 0.98, 0.9828486, 0.99, 719.4, 63.202, 18.1, 7135000, "Cochem-Zell"],
    [7135000, "Cochem-Zell", 0.02, 0.0171514, 0.01, 719.4, 63.202, 18.1, 7140000, "Rhein-Hunsrück-Kreis"],
    [7140000, "Rhein-Hunsrück-Kreis", 1, 1, 1, 963.0, 100.77, 36.0, 7140000, "Rhein-Hunsrück-Kreis"],
]
KREISE_2016 = [
    ["03152000", "Göttingen", 1, 1, 1, 1117.9, 255.653, 99, "03159000", "Göttingen"],
    ["03156000", "Osterode am Harz", 1, 1, 1, 636.0, 73.885, 25, "03159000", "Göttingen"],
    ["07135000", "Cochem-Zell", 0.98, 0.9828486, 0.99, 719.4, 61.6, 18, "07135000", "Cochem-Zell"],
    ["07140000", "Rhein-Hunsrück-Kreis", 1, 1, 1, 963.0, 102.5, 36, "07140000", "Rhein-Hunsrück-Kreis"],
]
LIST_HEADER = [
    ["Namens-, Grenz- und Schlüsseländerungen bei Gemeinden vom 01.01.2024 bis 31.12.2024"],
    [],
    ["lfd. Nr.", "Regionaleinheit", "vor der Änderung", None, None, "Art der Änderung", "Fläche in m²", "Einwohner",
     "nach der Änderung", None, None, "Wirksamkeit", None],
    [None, None, "ARS", "AGS", "Gemeindename", None, None, None, "ARS", "AGS", "Gemeindename", "juristisch",
     "statistisch"],
]  # fmt: skip


def listed(number, old, kind, area, people, new, day="01.01.2024", unit="Gemeinde"):
    long = [key[:5] + "0000" + key[5:] if len(key) == 8 else key for key in (old, new)]
    return [number, unit, long[0], f"{old}   ", "vorher", kind, area, people, long[1], new, "nachher", day, day]


RODEBERG = [
    listed("16/2024/0001-R", "16064055", 1, 26_390_000, 1552, "16061118"),
    listed("16/2024/0001-R", "16064055", 1, 9_000_000, 481, "16064046"),
]


@pytest.fixture
def workbook(tmp_path):
    def write(sheets: dict[str, list], name="umsteiger.xlsx"):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(row)
        path = tmp_path / name
        book.save(path)
        return path

    return write


@pytest.fixture
def table(tmp_path):
    def write(*rows, header="von_stand;nach_stand;gewicht;von;nach;anteil"):
        path = tmp_path / "umsteiger.csv"
        path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
        return path

    return write


def read(path):
    return sources.read(path, katalog())


def shares(path, gewicht="bevoelkerung"):
    rows = read(path).bestaende["umstieg"]
    rows = rows[rows.gewicht == gewicht]
    return {(row.von, row.nach): row.anteil for row in rows.itertuples()}


def test_a_workbook_of_kreise_has_keys_of_five_digits_and_three_weights(workbook):
    path = workbook({"Hinweise": [["Umsteigeschlüssel"]], "2013-2014": [bbsr_header(2013, 2014), *KREISE_2014]})
    delivery = read(path)
    rows = delivery.bestaende["umstieg"]
    assert set(rows.von_stand) == {D(2013, 12, 31)} and set(rows.nach_stand) == {D(2014, 12, 31)}
    assert set(rows.gewicht) == {"flaeche", "bevoelkerung", "beschaeftigte"} and set(rows.ebene) == {"kreis"}
    assert set(rows.liste) == {"alle"} and len(rows) == 12
    assert shares(path)["07135", "07140"] == pytest.approx(0.0171514) and shares(path)["01001", "01001"] == 1
    assert delivery.ausgelassen == {"rows of sheets without shares": 1}


def test_shares_that_do_not_add_up_are_kept_as_open_and_counted(workbook):
    delivery = read(workbook({"2015-2016": [bbsr_header(2015, 2016), *KREISE_2016]}))
    rows = delivery.bestaende["umstieg"].set_index(["gewicht", "von"]).anteil
    assert rows["bevoelkerung"].isna().to_dict() == {"03152": False, "03156": False, "07135": True, "07140": False}
    assert delivery.ausgelassen == {"shares that do not add up to 1 (kept as open)": 3}


def test_a_sheet_whose_header_names_other_years_is_left_out(workbook):
    path = workbook(
        {
            "1990-2021": [bbsr_header(1996, 2021, employees=False), *([*r[:4], *r[5:7], *r[8:]] for r in KREISE_2014)],
            "2013-2014": [bbsr_header(2013, 2014), *KREISE_2014],
        }
    )
    assert read(path).ausgelassen == {"rows of sheet 1990-2021: its header names 1996 and 2021": 4}


def test_gemeinden_keep_eight_digits_and_early_years_have_no_employees(workbook):
    rows = [
        [1051141, "Muster", 1, None, 2.1, 0, 1051141, "Muster"],
        ["16064055", "Rodeberg", 0.7, 0.7634, 35.4, 20, "16061118", "Dingelstädt"],
        ["16064055", "Rodeberg", 0.3, 0.2366, 35.4, 20, "16064046", "Mühlhausen"],
    ]
    path = workbook({"1994-2021": [bbsr_header(1994, 2021, "Gemeinden", "Gemeindename", employees=False), *rows]})
    assert shares(path)["16064055", "16061118"] == pytest.approx(0.7634)
    assert shares(path)["01051141", "01051141"] == 1  # nobody lives there, and its whole area goes one way
    assert set(read(path).bestaende["umstieg"].ebene) == {"gemeinde"}


def test_a_sheet_may_be_called_after_its_first_year_and_small_roundings_are_levelled(workbook):
    rows = [[1001000, "A", 0.3333, 0.3333, 0.3333, 1, 1, 1, n * 1001000, "B"] for n in (1, 2, 3)]
    path = workbook({"2021": [bbsr_header(2021, 2022, "Gemeinden", "Gemeindename"), *rows, [], ["Quelle: BBSR"]]})
    assert sum(shares(path).values()) == pytest.approx(1, abs=1e-15)


@pytest.mark.parametrize(
    ("row", "column", "value", "message"),
    [
        (2, 0, 71350001, "sheet '2013-2014', cell A3: key '71350001'; expected 8 digits that end in 000, or 5"),
        (2, 0, "Cochem", "cell A3: key 'Cochem'"),
        (2, 0, "99000", "07140 stands already|expected|add up"),
        (2, 3, "viel", "cell D3: share 'viel'; expected 0 to 1"),
        (2, 3, "=1/2", "cell D3: a formula; expected a value"),
        (2, 3, -0.5, "row 3: anteil is -0.5; expected 0 to 1"),
        (2, 3, 98.28, "row 3: anteil is 98.28; expected 0 to 1"),
        (3, 8, 7135000, "row 4: flaeche of 07135 to 07135 stands already above"),
        (2, 8, None, "row 3: a row without two keys"),
        (0, 2, "Anteil", "no header with two territorial dates and shares|share"),
        (0, 8, "Gemeinden 31.12.2014", "kreise and gemeinden; expected areas of one level"),
    ],
)
def test_what_cannot_be_believed_in_a_workbook_is_named(workbook, row, column, value, message):
    rows = [bbsr_header(2013, 2014), *(list(r) for r in KREISE_2014)]
    rows[row][column] = value
    path = workbook({"2013-2014": rows})
    try:
        delivery = read(path)
    except InputError as error:
        assert re.search(message, str(error)) and str(path) in str(error)
    else:  # without one kind of share, or with another key, the others are still whole
        assert (row, column) in {(0, 2), (2, 0)} and len(delivery.bestaende["umstieg"]) < 13


def test_a_list_of_changes_gives_the_shares_of_what_changed(workbook):
    path = workbook({"Gebietsaenderungen": [*LIST_HEADER, *RODEBERG, [], ["1) Hinweis"]]}, name="2024.xlsx")
    rows = read(path).bestaende["umstieg"]
    assert (rows.von_stand[0], rows.nach_stand[0], set(rows.liste)) == (
        D(2023, 12, 31),
        D(2024, 12, 31),
        {"aenderungen"},
    )
    assert shares(path)["16064055", "16061118"] == pytest.approx(1552 / 2033)
    assert shares(path, "flaeche")["16064055", "16064046"] == pytest.approx(9 / 35.39)


def test_what_stays_is_a_row_and_names_or_keys_change_wholly(workbook):
    path = workbook(
        {
            "Gebietsaenderungen 2024": [
                *LIST_HEADER,
                listed("07/2024/0001-R", "07131007", "2", "137.000", "35", "07131017"),
                listed("07/2024/0001-R", "07131007", "2", "63.200.000", "26 634", "07131007"),
                listed("07/2024/0002-R", "07232096", "3, 4", None, None, "07232503"),
                listed("16/2024/0003-R", "16061", "3", None, None, "16062", unit="Kreis"),
                ["16/2024/0004-R", "Gemeindeverband", "160615001", None, "VG", "1", None, None, "160615002", None, "VG",
                 "01.01.2024", "01.01.2024"],
            ]
        }
    )  # fmt: skip
    assert shares(path)["07131007", "07131017"] == pytest.approx(35 / 26669)
    assert shares(path)["07232096", "07232503"] == 1 == shares(path, "flaeche")["07232096", "07232503"]
    assert read(path).ausgelassen == {"changes of Kreis": 1, "changes of Gemeindeverband": 1}


def test_changes_of_one_year_follow_each_other(workbook):
    """A goes to B in January (Eisenach's old and new key), half of B to C in July."""
    path = workbook(
        {
            "Gebietsaenderungen": [
                *LIST_HEADER,
                listed("1", "16063105", 2, 50, 500, "16063106", "01.07.2024"),
                listed("1", "16063105", 2, 50, 500, "16063105", "01.07.2024"),
                listed("2", "16056000", "3", None, None, "16063105", dt.datetime(2024, 1, 1)),
            ]
        }
    )
    assert shares(path)["16056000", "16063106"] == 0.5 == shares(path)["16056000", "16063105"]


def test_a_part_without_what_stays_leaves_the_share_open(workbook):
    path = workbook(
        {"Gebietsaenderungen": [*LIST_HEADER, listed("1", "07131007", 2, 137_000, 35, "07131017"), *RODEBERG]}
    )
    delivery = read(path)
    rows = delivery.bestaende["umstieg"].set_index(["gewicht", "von", "nach"]).anteil
    assert rows["bevoelkerung"]["07131007"].isna().tolist() == [True, True]
    assert delivery.ausgelassen == {"shares that do not add up to 1 (kept as open)": 2}


@pytest.mark.parametrize(
    ("name", "title", "end"),
    [
        ("2024-02.xlsx", "Änderungen 2024", D(2024, 2, 29)),
        ("2024.xlsx", "Änderungen", D(2024, 12, 31)),
        ("liste.xlsx", "Änderungen vom 01.01.2024 bis 31.03.2024", D(2024, 3, 31)),
    ],
)
def test_the_period_of_a_list_stands_in_title_or_file_name(workbook, name, title, end):
    path = workbook({"Gebietsaenderungen": [[title], *LIST_HEADER[1:], *RODEBERG]}, name=name)
    assert read(path).bestaende["umstieg"].nach_stand[0] == end


@pytest.mark.parametrize(
    ("row", "column", "value", "message"),
    [
        (0, 3, "1606405", "cell D5: key '1606405'; expected 8 digits"),
        (0, 9, None, "cell J5: key ''; expected 8 digits"),
        (0, 5, "5", "cell F5: Art der Änderung '5'; expected 1 to 4"),
        (0, 6, "groß", "cell G5: 'groß'; expected a number"),
        (0, 7, "=1+1", "cell H5: a formula"),
        (0, 12, "bald", None),
        (1, 12, "01.01.2023", "changes of 2023 and 2024; expected one year"),
        (0, 3, "17064055", "there is no Land '17'"),
        (0, 1, None, "row 5: no change of a Gemeinde, a Kreis or a Verband"),
        (1, 0, None, "cell A6: no number of the change"),
        (0, 3, "x", "cell D5: key 'x'; expected 8 digits"),
    ],
)
def test_what_cannot_be_believed_in_a_list_is_named(workbook, row, column, value, message):
    rows = [list(r) for r in RODEBERG]
    rows[row][column] = value
    path = workbook({"Gebietsaenderungen": [*LIST_HEADER, *rows]})
    if message is None:  # the day of effect in law stands beside
        assert read(path).bestaende["umstieg"].von_stand[0] == D(2023, 12, 31)
        return
    with pytest.raises(InputError, match=message):
        read(path)


def test_an_own_table_is_read(table):
    rows = ["2023-12-31;2024-12-31;bevoelkerung;16064055;16061118;0,75",
            "31.12.2023;31.12.2024;bevoelkerung;16064055;16064046;0,25"]  # fmt: skip
    assert shares(table(*rows)) == {("16064055", "16061118"): 0.75, ("16064055", "16064046"): 0.25}
    header = "von_stand;nach_stand;gewicht;von;nach;anteil;liste"
    path = table(*(f"{row};aenderungen" for row in rows), header=header)
    assert set(read(path).bestaende["umstieg"].liste) == {"aenderungen"}


GOOD = "2023-12-31;2024-12-31;bevoelkerung;16064055;16061118;1"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([GOOD[:-1] + "0,9"], "row 2: the shares of 16064055 add up to 0.9; expected 1"),
        ([GOOD[:-1] + "1,2"], "row 2: anteil is 1.2; expected 0 to 1"),
        ([GOOD[:-1] + "0.9"], "row 2: .*expected 0 to 1|anteil is '0.9'; expected a number such as 0,25"),
        ([GOOD[:-1]], "row 2: anteil is ''; expected a number"),
        ([GOOD, GOOD], "row 3: bevoelkerung of 16064055 to 16061118 stands already above"),
        ([GOOD.replace("2024-12-31", "2023-12-31")], "expected an earlier and a later day"),
        ([GOOD.replace("2024-12-31", "2024")], "row 2: '2024' is not a date"),
        ([GOOD.replace("bevoelkerung", "einwohner")], "row 2: gewicht is 'einwohner'; expected flaeche or"),
        ([GOOD.replace("16061118", "16061")], "row 2: from 16064055 to 16061; expected keys of one level"),
        ([GOOD.replace("16061118", "160610118118")], "row 2: '160610118118': expected a Kreis"),
        ([GOOD + ";x"], "row 2: 7 columns; expected 6"),
    ],
)
def test_what_cannot_be_believed_in_an_own_table_is_named(table, rows, message):
    with pytest.raises(InputError, match=message):
        read(table(*rows))


def test_a_later_table_for_the_same_dates_replaces_the_earlier_one(table, tmp_path):
    with Store(tmp_path / "s.duckdb", read_only=False) as store:
        store.import_file(table(GOOD, GOOD.replace("16064055;16061118", "16064046;16064046")))
        done = store.import_file(table(GOOD))
        assert (done.neu, done.geaendert, done.entfallen) == (0, 0, 1)
        assert store.bestand("umstieg").von.tolist() == ["16064055"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_own_table_is_refused_or_read_whole(table, tmp_path, data):
    whole = table(GOOD, GOOD.replace("16064055;16061118", "16064046;16064046"))
    content = bytearray(whole.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    match data.draw(st.sampled_from(["cut", "insert", "bom", "nul", "long", "utf16", "separator"])):
        case "cut":
            del content[place:]
        case "insert":
            content[place:place] = data.draw(st.binary(min_size=1, max_size=8))
        case "bom":
            content[place:place] = b"\xef\xbb\xbf"
        case "nul":
            content[place:place] = b"\0"
        case "long":
            content[place:place] = b"1" * 10**6
        case "utf16":
            content = bytearray(content.decode().encode("utf-16"))
        case "separator":
            content = content.replace(b";", b",")
    path = tmp_path / "kaputt.csv"
    path.write_bytes(bytes(content))
    with Store(tmp_path / "s.duckdb", read_only=False) as store:
        before = store.fingerprint()
        try:
            done = store.import_file(path)
        except InputError as error:
            assert str(path) in str(error) and "\n" not in str(error)
            assert store.fingerprint() == before
        else:
            assert done.zeilen == content.count(b"\n") - 1 or b'"' in content


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_workbook_with_displaced_cells_is_refused_or_holds_no_other_share(workbook, data):
    rows = [bbsr_header(2013, 2014), *(list(r) for r in KREISE_2014)]
    expected = {(r[0] // 1000, r[8] // 1000, r[3]) for r in KREISE_2014}
    n, m = data.draw(st.integers(0, 4)), data.draw(st.integers(0, 4))
    match data.draw(st.sampled_from(["repeat", "shift", "drop row", "drop column", "swap"])):
        case "repeat":
            rows.insert(m, rows[n])
        case "shift":
            rows[n].insert(data.draw(st.integers(0, 9)), None)
        case "drop row":
            del rows[n]
        case "drop column":
            column = data.draw(st.integers(0, 9))
            for row in rows:
                del row[column]
        case "swap":
            rows[n], rows[m] = rows[m], rows[n]
    path = workbook({"2013-2014": rows})
    try:
        found = shares(path)
    except InputError as error:
        assert str(path) in str(error)
    else:
        told = {(int(von), int(nach), share) for (von, nach), share in found.items() if share == share}
        assert told <= expected


def test_stored_umsteiger_carry_stored_counts(workbook, tidy_file, tmp_path):
    """Göttingen 2015 (12411-0015, as cited), and Cochem-Zell, whose share of that year is open."""
    with Store(tmp_path / "s.duckdb", read_only=False) as store:
        store.import_file(workbook({"2015-2016": [bbsr_header(2015, 2016), *KREISE_2016]}))
        counts = (("03152", 255_653), ("03156", 73_885), ("07135", 61_600), ("07140", 102_500))
        store.import_file(tidy_file(*(f"{ags};2015-12-31;bevoelkerung;{n};;;genesis" for ags, n in counts)))
        table = carry(store.observations(), store.bestand("umstieg"), katalog(), D(2016, 12, 31)).set_index("ags")
    assert table.wert["03159"] == 329_538 and table.guete["03159"] == ""
    assert table.grund["07135"] == "unbekannt" and table.wert["07140"] == 102_500
