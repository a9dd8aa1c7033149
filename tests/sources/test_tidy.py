import csv
import datetime as dt
import re

import pytest
from conftest import HEADER, REAL_FILES, ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis import sources
from analysis.catalogue import katalog
from analysis.errors import InputError

GOOD = "16077;2019-12-31;bevoelkerung;89393;;;thueringer_broschuere"
RATE = "16077;31.12.2019;arbeitslosenquote;7,10;;;thueringer_broschuere"


def read(path):
    return sources.read(path, katalog()).beobachtungen


def test_values_dates_and_reasons_arrive(tidy_file):
    table = read(tidy_file(GOOD, RATE, "16070;2019-12-31;bevoelkerung;;geheim;;thueringer_broschuere"))
    assert table.wert.tolist()[:2] == [89393, 7.1]
    assert table.wert.isna().tolist() == [False, False, True]
    assert table.grund.tolist() == ["", "", "geheim"]
    assert table.stichtag.tolist() == [dt.date(2019, 12, 31)] * 3
    assert table.zeile.tolist() == [2, 3, 4]


def test_a_key_stays_text(tidy_file):
    table = read(tidy_file("01051;2019-12-31;bevoelkerung;133193;;;thueringer_broschuere"))
    assert table.ags.tolist() == ["01051"]


def test_names_and_values_may_stand_in_quotes(tidy_file):
    header = ";".join(f'"{c}"' for c in HEADER.split(";"))
    assert read(tidy_file(GOOD.replace("16077", '"16077"'), header=header)).ags.tolist() == ["16077"]


def test_columns_in_any_order_with_a_remark_and_windows_line_ends(tmp_path):
    path = tmp_path / "excel.csv"
    path.write_bytes(
        b"\xef\xbb\xbfquelle;wert;bemerkung;groesse;stichtag;ags;grund;guete\r\n"
        b"thueringer_broschuere;89393;wie gedruckt;bevoelkerung;31.12.2019;16077;;\r\n"
    )
    assert read(path).wert.tolist() == [89393]


BAD_ROWS = [
    (GOOD.replace("16077", "16099"), "row 2: AGS '16099': there is no Kreis"),
    (GOOD.replace("16077", "1607"), "row 2: AGS '1607' is not a key"),
    (GOOD.replace("16077", "16056").replace("2019", "2022"), "row 2: AGS '16056'.*until 30.06.2021"),
    (GOOD.replace("89393", "viele"), "row 2: wert is 'viele'; expected a number"),
    (GOOD.replace("89393", "89.393"), "row 2: wert is '89.393'.*without thousands point"),
    (GOOD.replace("89393", "89393.0"), r"row 2: wert is '89393\.0'"),
    (GOOD.replace("89393", "-5"), "row 2: bevoelkerung is -5; expected a count of 0 or more"),
    (GOOD.replace("89393", "89393,5"), "row 2: bevoelkerung is 89393.5; expected a whole number"),
    (GOOD.replace("89393", "*"), r"row 2: wert is '\*'; expected a number"),
    (GOOD.replace("89393", "1e5"), "row 2: wert is '1e5'"),
    (GOOD.replace("89393", "٨٩٣٩٣"), "row 2: wert is"),
    (GOOD.replace("89393", "9" * 400), "row 2: wert is '999"),
    (GOOD.replace("16077", "16077\u00a0"), "row 2: AGS '16077.*' is not a key"),
    (GOOD.replace("2019-12-31", "31.12.9999"), "row 2: '31.12.9999' is not a date"),
    (RATE.replace("7,10", "107,1"), r"row 2: arbeitslosenquote is 107.1; expected 0 to 100"),
    (GOOD.replace("bevoelkerung", "bevölkerung"), "row 2: Größe 'bevölkerung' is not in the catalogue.*did you mean"),
    (GOOD.replace("2019-12-31", "2019-06-30"), "row 2: bevoelkerung is stored under 31 December, not 30.06.2019"),
    (GOOD.replace("2019-12-31", "31.02.2019"), "row 2: '31.02.2019' is not a date"),
    (GOOD.replace("thueringer_broschuere", "internet"), "row 2: quelle 'internet' is unknown"),
    (GOOD.replace(";89393;;", ";89393;geheim;"), "row 2: a value and a reason for bevoelkerung"),
    (GOOD.replace("89393", ""), "row 2: neither value nor reason for bevoelkerung"),
    (GOOD.replace(";89393;;", ";;verloren;"), "row 2: grund 'verloren' is unknown"),
    (GOOD.replace(";;;", ";;gut;"), "row 2: guete 'gut' is unknown"),
    (GOOD + ";zu viel", "row 2: 8 columns; expected 7"),
    (GOOD.rsplit(";", 2)[0], r"row 2: 5 columns; expected 7; is the file truncated\?"),
]


@pytest.mark.parametrize(("row", "message"), BAD_ROWS)
def test_a_bad_row_is_named_with_file_row_value_and_expectation(tidy_file, row, message):
    path = tidy_file(row)
    with pytest.raises(InputError, match=message) as caught:
        read(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_key_that_stands_twice_is_named_with_both_rows(tidy_file):
    with pytest.raises(InputError, match="row 4: bevoelkerung of 16077 on 31.12.2019 stands already in row 2"):
        read(tidy_file(GOOD, RATE, GOOD.replace("89393", "89394")))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"\n", "the file is empty"),
        (b"\xef\xbb\xbf", "the file is empty"),
        (f"{HEADER}\r{GOOD}\r".encode(), "the lines end with CR alone"),
        (f"{HEADER}\n\n{GOOD}\n".encode(), "row 2: the row is empty"),
        (b"a;" * 1_000_000 + b"\n", "no known format; the file begins with 'a;a;"),
        (f"{HEADER}\n".encode(), "there is a header but no row"),
        (f"{HEADER.replace('wert;', '')}\n".encode(), "column 'wert' is missing"),
        (f"{HEADER};wert\n{GOOD};1\n".encode(), "column 'wert' stands twice"),
        (f"{HEADER};einheit\n{GOOD};x\n".encode(), "column 'einheit' is unknown"),
        (f"{HEADER}\n{GOOD}\n".replace(";", ",").encode(), "column 'ags' is missing"),
        (f"{HEADER}\n{GOOD}\n{GOOD[:20]}".encode(), "no line end, the file may be truncated"),
        (f"{HEADER}\n{GOOD}\n{GOOD[:20]}\n".encode(), r"row 3: 3 columns; expected 7; is the file truncated\?"),
        (f"{HEADER}\n{GOOD}\n".encode("utf-16"), "UTF-16"),
        (f"{HEADER}\n{GOOD.replace('16077', 'Sömmerda')}\n".encode("latin-1"), r"row 2: byte 46 is not UTF-8 \('ö'"),
        (f"{HEADER}\n{GOOD}\n".replace("89393", "89\x00393").encode(), "row 2: a NUL character"),
        (f'{HEADER}\n"{GOOD}\n'.encode(), "lieferung.csv"),
        (b"PK\x03\x04\x00\x00" * 20, "lieferung.csv: the ZIP cannot be read"),
    ],
)
def test_a_bad_file_is_named(tmp_path, content, message):
    path = tmp_path / "lieferung.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read(path)


def test_an_unknown_format_and_a_missing_file_are_named(tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    with pytest.raises(InputError, match="no known format; the file begins with '%PDF'"):
        read(tmp_path / "a.pdf")
    with pytest.raises(InputError, match="no such file"):
        read(tmp_path / "fehlt.csv")
    (tmp_path / "ordner.csv").mkdir()
    with pytest.raises(InputError, match=r"ordner\.csv: not a file"):
        read(tmp_path / "ordner.csv")
    (tmp_path / "zwei\nzeilen.csv").write_text("x")
    with pytest.raises(InputError, match="rename the file"):
        read(tmp_path / "zwei\nzeilen.csv")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_file_is_read_whole_or_refused_in_one_sentence(tmp_path, data):
    """Cut, overwrite or insert bytes anywhere: either all rows arrive, or one InputError says what is wrong."""
    content = bytearray(f"{HEADER}\n{GOOD}\n{RATE}\n".encode())
    place = data.draw(st.integers(0, len(content) - 1))
    match data.draw(st.sampled_from(["cut", "overwrite", "insert"])):
        case "cut":
            del content[place:]
        case "overwrite":
            content[place] = data.draw(st.integers(0, 255))
        case "insert":
            content[place:place] = data.draw(st.binary(min_size=1, max_size=8))
    path = tmp_path / "kaputt.csv"
    path.write_bytes(bytes(content))
    try:
        table = read(path)
    except InputError as error:
        assert "kaputt.csv" in str(error) and "\n" not in str(error)
    else:
        assert b'"' in content or len(table) == content.count(b"\n") - 1


def test_the_portraits_equal_the_printed_text():
    """Every one of the 180 figures stands in the brochure's text, with at most one footnote mark glued to it."""
    text_file = REAL_FILES / "seeds" / "003_bf071d0e29027b14.txt"
    if not text_file.exists():
        pytest.skip("text of the brochure not there")
    lines = text_file.read_text(encoding="utf-8").splitlines()
    starts = [n for n, line in enumerate(lines) if re.match(r"Bev.{1,4}lkerung: ", line)]
    printed = {}
    for start in starts:
        block = "\n".join(lines[start : start + 26])
        label = r"(?:Bev.{1,4}lkerung|Jahren|Jahre|anteil|durchschnitt|slose|schaften|18 J\.|XI[lI]*\)|Leistungen)"
        figures = [re.sub(r"\D", "", number) for number in re.findall(label + r": ([\d.,]+)", block)]
        assert len(figures) == 12
        printed[figures[0][:5] if figures[0][0] != "1" else figures[0][:6]] = figures
    assert len(printed) == 15

    table = read(ROOT / "data" / "thueringen_portraits_2019.csv")
    with (ROOT / "data" / "thueringen_portraits_2019.csv").open(encoding="utf-8") as file:
        as_written = [row["wert"].replace(",", "") for row in csv.DictReader(file, delimiter=";")]
    assert len(as_written) == 180 == len(table)
    for first in range(0, 180, 12):
        ours = as_written[first : first + 12]
        theirs = printed[ours[0]]
        for our, their in zip(ours, theirs, strict=True):
            assert their.startswith(our) and len(their) - len(our) <= 1, (ours[0], our, their)
