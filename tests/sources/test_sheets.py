import datetime as dt
import io
import zipfile
from functools import cache
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.errors import InputError
from analysis.sources.sheets import Formel, column_name, first_rows, read_sheets

XLS = Path(__file__).parent / "files" / "eckwerte.xls"
"""Written with xlwt 1.3: a merged header, a date, a sign, a hidden sheet."""


@pytest.fixture
def workbook(tmp_path):
    """Write a workbook; return its path."""

    def write(*rows, merge=None, hidden=False):
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.title = "Daten"
        for row in rows:
            sheet.append(row)
        if merge:
            sheet.merge_cells(merge)
        if hidden:
            book.create_sheet("Verborgen").sheet_state = "hidden"
        path = tmp_path / "mappe.xlsx"
        book.save(path)
        return path

    return write


def test_cells_come_as_they_are_and_formulas_are_marked(workbook):
    path = workbook(["a", 1, 2.5, True], [" ", "=SUM(B1:C1)", None, dt.datetime(2023, 12, 31)], hidden=True)
    sheet, hidden = read_sheets(path)
    assert sheet.rows == [("a", 1, 2.5, True), (None, Formel("=SUM(B1:C1)"), None, dt.datetime(2023, 12, 31))]
    assert sheet.name == "Daten" and not sheet.hidden and hidden.hidden
    assert sheet.place(1, 1) == f"{path}, sheet 'Daten', cell B2"


def test_merged_ranges_are_told(workbook):
    assert read_sheets(workbook(["a", None], ["b", "c"], merge="A1:B1"))[0].merged == ((0, 0, 0, 1),)


def test_the_old_format_reads_like_the_new_one():
    sheet, hidden = read_sheets(XLS)
    assert sheet.rows[0] == ("Arbeitslose", None, None) and sheet.merged == ((0, 0, 0, 2),)
    assert sheet.rows[2] == ("99099001", 1234.0, dt.datetime(2023, 12, 31))
    assert sheet.rows[3] == ("99099002", "*", None) and hidden.hidden


def test_the_probe_reads_no_more_than_the_beginning(workbook):
    path = workbook(*([n] for n in range(100)))
    assert len(first_rows(path)[0].rows) == 40 and len(read_sheets(path)[0].rows) == 100


@pytest.mark.parametrize(("column", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_columns_have_the_letters_of_excel(column, letters):
    assert column_name(column) == letters


def test_a_zip_that_is_no_workbook_is_named(tmp_path):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../boese.txt", "x")
    with pytest.raises(InputError, match="a ZIP, but not a workbook"):
        read_sheets(path)


def test_a_workbook_that_unpacks_without_end_is_refused(workbook):
    path = workbook(["a"])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/bild.bin", b"\0" * 60_000_000)
    with pytest.raises(InputError, match="more than a workbook can be"):
        read_sheets(path)


def test_entities_in_a_workbook_are_not_expanded(workbook, tmp_path):
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    path, bad = workbook(["a"]), tmp_path / "boese.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(bad, "w") as target:
        for name in source.namelist():
            text = source.read(name).decode()
            target.writestr(name, text.replace("<worksheet", f"{laughs}<worksheet") if "sheet1" in name else text)
    with pytest.raises(InputError, match="not a readable workbook"):
        read_sheets(bad)


@cache
def small_workbook() -> bytes:
    """A workbook whose bytes are the same in every example; openpyxl writes the time into it."""
    buffer = io.BytesIO()
    book = openpyxl.Workbook()
    for row in (["a", 1], ["b", "*"]):
        book.active.append(row)
    book.save(buffer)
    return buffer.getvalue()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_workbook_is_refused_or_reads_the_same(tmp_path, data):
    whole = XLS.read_bytes() if data.draw(st.booleans()) else small_workbook()
    start = data.draw(st.integers(0, len(whole) - 1))
    junk = data.draw(st.binary(max_size=40))
    cut = data.draw(st.booleans())
    damaged = tmp_path / "schaden.xlsx"
    damaged.write_bytes(whole[:start] if cut else whole[:start] + junk + whole[start + len(junk) :])
    try:
        sheets = read_sheets(damaged)
    except InputError as error:
        assert str(damaged) in str(error) and "\n" not in str(error)
    else:
        assert isinstance(sheets[0].rows, list)


def test_numbers_stay_exact(workbook):
    assert read_sheets(workbook([123456789012, 0.1]))[0].rows == [(123456789012, 0.1)]


def test_an_empty_sheet_has_no_rows(tmp_path):
    buffer = io.BytesIO()
    openpyxl.Workbook().save(buffer)
    (tmp_path / "leer.xlsx").write_bytes(buffer.getvalue())
    assert read_sheets(tmp_path / "leer.xlsx")[0].rows == []


def with_part(path, change):
    """The workbook with the text of its first worksheet changed."""
    with zipfile.ZipFile(path) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in parts.items():
            target.writestr(name, change(content.decode()) if name.endswith("sheet1.xml") else content)
    return path


def test_a_merged_range_ends_where_the_rows_end(workbook):
    merged = '<mergeCells count="3"><mergeCell ref="A1:B1"/><mergeCell ref="A3:XFD1048576"/><mergeCell ref="B2:XFD9"/>'
    path = with_part(
        workbook(["a", "b"], ["c", "d"]), lambda t: t.replace("<pageMargins", f"{merged}</mergeCells><pageMargins")
    )
    sheet = read_sheets(path)[0]
    assert sheet.rows == [("a", None), ("c", "d")]  # what lies under A1 in the merged range is not seen
    assert sheet.merged == ((0, 0, 0, 1), (1, 1, 1, 1))


def test_empty_cells_with_a_format_do_not_make_a_table_large(workbook):
    last = '<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
    path = with_part(workbook(["a", 1], [None, 2]), lambda t: t.replace("</sheetData>", last))
    assert read_sheets(path)[0].rows == [("a", 1), (None, 2)]
    full = with_part(path, lambda t: t.replace('s="0"/></row></sheetData>', "><v>1</v></c></row></sheetData>"))
    with pytest.raises(InputError, match="sheet 'Daten': more than 5,000,000 cells"):
        read_sheets(full)


@pytest.mark.parametrize(("old", "new"), [('r="2"', 'r="1"'), ('r="A2"', 'r="C2"'), ('r="B2"', 'r="B7"')])
def test_rows_and_cells_out_of_order_are_refused(workbook, old, new):
    path = with_part(workbook(["a", "b"], ["c", "d"]), lambda t: t.replace(old, new))
    with pytest.raises(InputError, match="not a readable workbook"):
        read_sheets(path)


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (0.071, "0.0%", 7.1), (1, "0 %", 100), (0.5, '0.0" %"', 0.5), (0.5, r"0.0\%", 0.5), (0.5, "General", 0.5),
        (-0.29, "0.00%;[Red]-0.00%", -29.0), ("x", "0%", "x"), (True, "0%", True),
    ],
)  # fmt: skip
def test_per_cent_comes_as_it_is_shown(tmp_path, value, number_format, shown):
    book = openpyxl.Workbook()
    book.active["A1"] = value
    book.active["A1"].number_format = number_format
    book.save(tmp_path / "a.xlsx")
    assert read_sheets(tmp_path / "a.xlsx")[0].rows == first_rows(tmp_path / "a.xlsx")[0].rows == [(shown,)]


def test_the_old_format_knows_per_cent_and_no_merged_ranges_below_its_rows():
    """Written with xlwt 1.3: 0.071 as `0.0%` and as `General`, below them a merged range without text."""
    sheet = read_sheets(XLS.with_name("prozent.xls"))[0]
    assert sheet.rows == [("Quote",), (7.1,), (0.071,)] and sheet.merged == ()
