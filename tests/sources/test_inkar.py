"""INKAR: selections and the whole database, in the forms in which they are known to be delivered."""

import io
import zipfile

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis import sources
from analysis.catalogue import katalog, load_katalog
from analysis.errors import InputError
from analysis.sources import inkar
from analysis.sources.lieferung import probe
from analysis.sources.sheets import read_sheets
from analysis.store import Store

# Values of the selection are made up; form and traps are those of downloads: BOM, CRLF, unquoted names with a second
# row of years, quoted data, decimal comma and thousands point, keys that have lost their zero, ranges of years.
SELECTION = """\
\ufeffKennziffer;Raumeinheit;Aggregat;Arbeitslosenquote;Arbeitslosenquote;Bevölkerung gesamt;Baulandpreise
;;;2020;2021;2021;2020/2021
"1001";"Flensburg, Stadt";"krsfr. Stadt";"8,9";"8,25";"91.113";"1.560,5"
"16077";"Altenburger Land";"Landkreis";"7,1";"";"88.356";"24"
"16";"Thüringen";"Bundesland";"6,0";"5,6";"2.108.863";"."
"1603";"Ostthüringen";"Raumordnungsregion";"6,4";"6,0";"663.000";""
"""
# Rows as in `inkar_2024.csv`: https://www.bbr-server.de, read by several public projects: keys of Kreise filled up to
# eight digits, no quotes, decimal comma, some indicators a second time among the SDG.
DATABASE = """Bereich;ID;Kuerzel;Indikator;Raumbezug;Kennziffer;Name;Zeitbezug;Wert
Arbeitslosigkeit;12;q_alo;Arbeitslosenquote;Kreise;08435000;Bodenseekreis;2021;2,74871234567891
SDG-Indikatoren für Kommunen;12;q_alo;Arbeitslosenquote;Kreise;08435000;Bodenseekreis;2021;2,74871234567891
Absolutzahlen;2;xbev;Bevölkerung gesamt;Gemeinden;1001000;Flensburg, Stadt;2021;91113
Absolutzahlen;2;xbev;Bevölkerung gesamt;Bundesländer;1;Schleswig-Holstein;2021;2922005
Absolutzahlen;2;xbev;Bevölkerung gesamt;Bund;0;Bund;2021;83237124
Absolutzahlen;2;xbev;Bevölkerung gesamt;Gemeindeverbände;160775050;Rositz;2021;8000
Absolutzahlen;2;xbev;Bevölkerung gesamt;Kreisregionen;16077;Altenburger Land;2021;88356
Bauen und Wohnen;2101;d_KW_BL;Baulandpreise;Kreise;16077000;Altenburger Land;2020 bis 2021;24,5
Bevölkerung;4204;a_ausl_bev;Ausländeranteil;Kreise;16077000;Altenburger Land;2010 bis 2019;3,1
"""


@pytest.fixture
def file(tmp_path):
    def write(content: str | bytes, name: str = "inkar.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def values(path) -> dict:
    """Values of a file: (key, year, quantity) → number, or the reason why there is none."""
    table = sources.read(path, katalog()).beobachtungen
    return {(r.ags, r.stichtag.year, r.groesse): r.grund or r.wert for r in table.itertuples()}


def refusal(path) -> str:
    with pytest.raises(InputError) as caught:
        sources.read(path, katalog())
    assert str(path) in str(caught.value) and "row row" not in str(caught.value)
    return str(caught.value)


ALO, BEV = "arbeitslosenquote_zivile", "bevoelkerung_umgerechnet"
SELECTED = {
    ("01001", 2020, ALO): 8.9,
    ("01001", 2021, ALO): 8.25,
    ("01001", 2021, BEV): 91113,
    ("16077", 2020, ALO): 7.1,
    ("16077", 2021, ALO): "unbekannt",
    ("16077", 2021, BEV): 88356,
    ("16", 2020, ALO): 6.0,
    ("16", 2021, ALO): 5.6,
    ("16", 2021, BEV): 2108863,
}


def workbook(path, rows, sheet="Daten", merge=None):
    book = openpyxl.Workbook()
    book.active.title = "Metadaten"
    book.active.append(["Indikator", "Algorithmus"])
    page = book.create_sheet(sheet)
    for row in rows:
        page.append(row)
    if merge:
        page.merge_cells(merge)
    book.save(path)
    return path


def as_numbers(text: str):
    plain = text.replace(".", "").replace(",", ".")
    return float(plain) if plain.replace(".", "").isdigit() else text or None


def cells(selection: str = SELECTION) -> list[list]:
    lines = selection.removeprefix("\ufeff").splitlines()
    rows = [[c.strip('"') for c in line.split(";")] for line in lines]
    return [rows[0], *([as_numbers(r[0]), *r[1:3], *map(as_numbers, r[3:])] for r in rows[1:])]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.removeprefix("\ufeff"),
        lambda text: text.replace('"', ""),
        lambda text: text.rstrip("\n"),
        lambda text: text.replace("\n", ";\n"),
        lambda text: text + "\n\n",
        lambda text: text + '"© BBSR Bonn 2024";;;;;;\n',
        lambda text: text.replace('"1001"', '"01001"').replace('"16077"', '"16077000"'),
        lambda text: text.replace("krsfr. Stadt", "Kreise").replace('"Landkreis"', '"Kreise"'),
        lambda text: text.replace("Arbeitslosenquote", " q_alo ").replace("Bevölkerung gesamt", "BEVÖLKERUNG  GESAMT"),
    ],
    ids=["as is", "CRLF", "no BOM", "no quotes", "no last end", "end ;", "blank end", "note", "keys", "kinds", "names"],
)
def test_a_selection_is_read_in_its_variants(file, change):
    assert values(file(change(SELECTION))) == SELECTED


def test_what_is_left_out_is_counted_by_name(file):
    assert sources.read(file(SELECTION), katalog()).ausgelassen == {
        "indicator 'Baulandpreise' that the catalogue does not know": 4,
        "areas of the kind Raumordnungsregion": 3,
    }
    delivery = sources.read(file(DATABASE), katalog())
    assert delivery.ausgelassen == {
        "indicator 'Baulandpreise' that the catalogue does not know": 1,
        "areas of the kind Gemeindeverbände": 1,
        "areas of the kind Kreisregionen": 1,
        "periods of several years": 1,
        "values that stand twice": 1,
    }


@pytest.mark.parametrize("ending", ["xlsx", "years above", "title", "merged"])
def test_a_workbook_holds_the_same(tmp_path, ending):
    rows, merge = cells(), None
    if ending == "years above":  # one row of names above the row that begins with Kennziffer
        names = [None, None, None, *rows[0][3:]]
        rows = [names, [*rows[0][:3], *rows[1][3:]], *rows[2:]]
    elif ending == "title":
        rows = [["INKAR – Ausgabe 2024"], *rows]
    elif ending == "merged":
        rows[0][4], merge = None, "D1:E1"
    path = workbook(tmp_path / "inkar.xlsx", rows, merge=merge)
    assert values(path) == SELECTED


def test_an_old_workbook_holds_the_same(tmp_path, monkeypatch):
    """No library here writes xls; its sheets reach the reader in the same form."""
    path = workbook(tmp_path / "inkar.xlsx", cells())
    old = tmp_path / "inkar.xls"
    old.write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 600)
    sheets = read_sheets(path)
    monkeypatch.setattr("analysis.sources.inkar_forms.read_sheets", lambda _: sheets)
    monkeypatch.setattr("analysis.sources.lieferung.first_rows", lambda _: sheets)
    assert values(old) == SELECTED


IN_DATABASE = {
    ("08435", 2021, ALO): 2.74871234567891,
    ("01001000", 2021, BEV): 91113,
    ("01", 2021, BEV): 2922005,
    ("DG", 2021, BEV): 83237124,
}


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text,
        lambda text: "\ufeff" + text.replace("\n", "\r\n"),
        lambda text: text.replace(";Kuerzel;", ";Kennziffer_EU;"),
        lambda text: "\n".join('"' + line.replace(";", '";"') + '"' for line in text.splitlines()) + "\n",
        lambda text: text.replace("08435000", "8435").replace(";0;Bund", ";00000000;Bund"),
        lambda text: text.replace("Arbeitslosigkeit", "LRB").replace("Absolutzahlen", "LRB"),
        lambda text: text + "\n\n",
    ],
    ids=["2024", "CRLF", "2021", "quotes", "short keys", "2025", "blank end"],
)
def test_the_whole_database_is_read_in_its_variants(file, change):
    assert values(file(change(DATABASE))) == IN_DATABASE


def zipped(content: bytes, *names: str) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names or ("inkar_2024.csv",):
            archive.writestr(name, content)
    return memory.getvalue()


def test_both_are_read_from_a_zip(file):
    assert values(file(zipped(DATABASE.encode()), "inkar_2024.zip")) == IN_DATABASE
    assert values(file(zipped(SELECTION.encode()), "auswahl.zip")) == SELECTED


def test_a_zip_that_python_cannot_unpack_says_what_to_do(file):
    content = bytearray(zipped(DATABASE.encode()))
    central = content.index(b"PK\x01\x02")
    content[8:10] = content[central + 10 : central + 12] = (9).to_bytes(2, "little")  # Deflate64, as in 2024
    assert "Deflate64" in refusal(file(bytes(content), "inkar_2024.zip"))


def test_the_year_of_a_school_year_ends_in_july(file, tmp_path):
    text = (inkar.__file__).replace("sources/inkar.py", "catalogue.yaml")
    with open(text, encoding="utf-8") as shipped:
        changed = shipped.read().replace(
            "    stichtag: schuljahr\n    quelle: ilm_kreis_2018\n",
            "    stichtag: schuljahr\n    quelle: ilm_kreis_2018\n    inkar: [a_schul_oA]\n", 1
        )  # fmt: skip
    catalogue = tmp_path / "k.yaml"
    catalogue.write_text(changed, encoding="utf-8")
    path = file(DATABASE.replace("q_alo", "a_schul_oA").replace(";Arbeitslosenquote;", ";Schulabgänger;"))
    days = sources.read(path, load_katalog(catalogue)).beobachtungen.set_index("groesse").stichtag
    assert f"{days['schulabgang_ohne_hauptschulabschluss']:%d.%m.%Y}" == "31.07.2021"
    assert set(days[BEV].map("{:%d.%m.%Y}".format)) == {"31.12.2021"}


def test_values_of_another_territory_than_that_of_the_year_are_left_out(file):
    """Eisenach (16056) became part of the Wartburgkreis (16063) on 1 July 2021 (Eisenach-Neugliederungsgesetz)."""
    row = "A;12;q_alo;Arbeitslosenquote;Kreise;{};Name;{};5,5\n"
    head = DATABASE.splitlines()[0] + "\n"
    after = head + "".join(row.format("16063000", year) for year in (2019, 2021, 2022))
    delivery = sources.read(file(after), katalog())
    assert {d.year for d in delivery.beobachtungen.stichtag} == {2021, 2022}
    assert delivery.ausgelassen == {"values of 16063 recalculated to another territory than that of the day": 1}
    before = head + "".join(row.format(key, year) for key in ("16063000", "16056000") for year in (1996, 2019, 2021))
    delivery = sources.read(file(before), katalog())
    found = {(r.ags, r.stichtag.year) for r in delivery.beobachtungen.itertuples()}
    assert found == {("16063", 1996), ("16063", 2019), ("16056", 2019)}
    assert delivery.ausgelassen["areas that did not exist on that day"] == 2


def test_years_without_any_value_are_left_out(file):
    path = file(SELECTION.replace('"8,25"', '""').replace('"5,6"', '""').replace('"6,0";"663', '"";"663'))
    delivery = sources.read(path, katalog())
    assert delivery.ausgelassen["years without any value"] == 3
    assert {r.stichtag.year for r in delivery.beobachtungen.itertuples() if r.groesse == ALO} == {2020}


def test_a_recalculated_count_is_left_out(file):
    delivery = sources.read(file(DATABASE.replace("91113", "91113,4")), katalog())
    assert delivery.ausgelassen["counts with decimals (recalculated by INKAR)"] == 1


def test_a_value_repeated_among_the_goals_may_be_rounded_otherwise(file):
    path = file(DATABASE.replace("2021;2,74871234567891\nAbsolut", "2021;2,75\nAbsolut"))
    assert values(path) == IN_DATABASE


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('"8,9"', '"8.9"', "row 3: value '8.9' of 'Arbeitslosenquote'; expected a number such as 1.560 or 7,1"),
        ('"91.113"', '"91.11"', "row 3: value '91.11'"),
        ('"8,9"', '"NA"', "row 3: value 'NA'"),
        ('"8,9"', '"108,9"', "row 3: arbeitslosenquote_zivile is 108.9; expected 0 to 100"),
        ('"8,9"', '"-8,9"', "row 3: arbeitslosenquote_zivile is -8.9"),
        ('"16077"', '"16099"', "row 4: AGS '16099': there is no Kreis '16099' in Thüringen"),
        ('"16077"', '"160"', "row 4: Kennziffer '160' of the kind 'Landkreis'; expected the digits of a kreis"),
        ('"1001"', '"17001"', "row 3: AGS '17001': there is no Land '17'"),
        ('"16077";"Alt', '"1001";"Alt', "row 4: arbeitslosenquote_zivile of 01001 for 2020 stands already in row 3"),
        (";;;2020;2021;", ";;;2020;2020;", "'Arbeitslosenquote' for 2020 stands already in column 4"),
        (";;;2020;2021;", ";;;2020;viel;", "row 3: time 'viel' of 'Arbeitslosenquote'; expected a year"),
        (";;;2020;2021;2021;2020/2021\n", "", "row 1: no row of years below the names"),
        (";Bevölkerung gesamt;", ";;", "row 1: the column has no name"),
        ('"7,1";"";"88.356";"24"', '"7,1";"";"88.356"', "row 4: 6 columns; expected 7; is the file truncated?"),
        ("Arbeitslosenquote;Arbeitslosenquote;Bevölkerung gesamt", "A;A;B", "found 'A', 'B', 'Baulandpreise'"),
        ('"16";"Th', 'Kennziffer;"Th', "row 5: Kennziffer 'Kennziffer'"),
    ],
)
def test_what_is_not_understood_is_named(file, old, new, expected):
    assert old in SELECTION
    assert expected in refusal(file(SELECTION.replace(old, new, 1)))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (";2021;91113", ";2021;91,113;0", "row 4"),
        (";Zeitbezug;", ";Zeit;", "no known format"),
        ("ID;Kuerzel", "Wert;Kuerzel", "row 1: column 'Wert' stands twice"),
        ("Bereich;ID", "Thema;ID", "row 1: column 'Bereich' is missing"),
        (
            "xbev",
            "q_alo",
            "'Bevölkerung gesamt' is bevoelkerung_umgerechnet, but its Kuerzel 'q_alo' is arbeitslosenquote_zivile",
        ),
        ("2021;91113", "2021 Q1;91113", "row 4: time '2021 Q1'"),
        ("2021;91113\n", "2021;91113\n\n", "9 rows: an empty line"),
        ("Flensburg", '"Flensburg', "row "),
        ("SDG-Indikatoren für Kommunen;12", "Kommunen;12", "row 3: arbeitslosenquote_zivile of 08435 for 2021 stands"),
        ("Gemeinden;1001000", "Gemeinden;101", "row 4: Kennziffer '101' of the kind 'Gemeinden'"),
        ("Flensburg", "Flens\0burg", "row 4: a NUL character"),
        ("Flensburg", "Flens\ufeffburg", "row 4: a byte order mark in the middle"),
        ("83237124", "83237124e3", "row 6: value '83237124e3'"),
    ],
)
def test_what_is_not_understood_in_the_database_is_named(file, old, new, expected):
    text = DATABASE.replace("2021;2,74871234567891\nAbsolut", "2021;2,75\nAbsolut")
    assert old in text and expected in refusal(file(text.replace(old, new, 1)))


def test_a_formula_is_no_value(tmp_path):
    rows = cells()
    rows[2][3] = "=1+1"
    assert "row 3 of sheet 'Daten': value" in refusal(workbook(tmp_path / "inkar.xlsx", rows))


def test_other_tables_are_not_taken_for_inkar(file, tmp_path):
    for content in (
        b"Kennziffer;Name;Wert\n1;a;2\n",
        b"ags;stichtag;groesse;wert\n",
        b"statistics_code;x\n",
        b"PK\x03\x04",
    ):
        assert not inkar.recognises(probe(file(content)))
    assert not inkar.recognises(probe(workbook(tmp_path / "x.xlsx", [["Kennziffer", "Name"]])))
    assert inkar.recognises(probe(file(SELECTION))) and inkar.recognises(probe(file(DATABASE)))
    with pytest.raises(InputError, match="no INKAR file"):
        inkar.read(file(b"a;b\n"), katalog())


def test_a_name_of_inkar_belongs_to_one_quantity_and_to_a_year(tmp_path):
    with open(inkar.__file__.replace("sources/inkar.py", "catalogue.yaml"), encoding="utf-8") as shipped:
        text = shipped.read()
    path = tmp_path / "k.yaml"
    path.write_text(text.replace('"q_alo"', '"XBEV"'), encoding="utf-8")
    with pytest.raises(
        InputError, match=r"arbeitslosenquote_zivile\.inkar: 'XBEV' is already bevoelkerung_umgerechnet"
    ):
        load_katalog(path)
    path.write_text(
        text.replace("    stichtag: tag\n", '    stichtag: tag\n    inkar: ["zensus"]\n', 1), encoding="utf-8"
    )
    with pytest.raises(InputError, match="INKAR names years only"):
        load_katalog(path)


def damaged(draw, content: bytes) -> tuple[str, bytes]:
    """Kind of damage, and the damaged file."""
    at = draw(st.integers(0, len(content)))
    lines = content.split(b"\n")
    line = draw(st.integers(0, len(lines) - 1))
    kinds = {
        "cut": lambda: content[:at],
        "nul": lambda: content[:at] + b"\0" + content[at:],
        "bom": lambda: content[:at] + b"\xef\xbb\xbf" + content[at:],
        "latin": lambda: content.decode("utf-8").encode("cp1252", errors="replace"),
        "utf16": lambda: content.decode("utf-8").encode("utf-16"),
        "byte": lambda: content[:at] + draw(st.binary(min_size=1, max_size=3)) + content[at + 1 :],
        "comma": lambda: content.replace(b";", b","),
        "tab": lambda: content.replace(b";", b"\t"),
        "shift": lambda: b"\n".join([*lines[:line], b";" + lines[line], *lines[line + 1 :]]),
        "twice": lambda: b"\n".join([*lines[:line], lines[line], *lines[line:]]),
        "header": lambda: b"\n".join([*lines[:line], lines[0], *lines[line:]]),
        "long": lambda: content[:at] + b"9" * 1_000_000 + content[at:],
        "quote": lambda: content[:at] + b'"' + content[at:],
    }
    kind = draw(st.sampled_from(sorted(kinds)))
    return kind, kinds[kind]()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_is_refused_and_the_store_stays_or_nothing_is_invented(tmp_path, data):
    whole, expected = data.draw(st.sampled_from([(SELECTION, SELECTED), (DATABASE, IN_DATABASE)]))
    kind, content = damaged(data.draw, whole.encode())
    path = tmp_path / "inkar.csv"
    path.write_bytes(content)
    with Store(tmp_path / "damaged.duckdb", read_only=False) as store:
        before = store.fingerprint(), len(store.imports())
        try:
            store.import_file(path, source="inkar")
        except InputError as error:
            assert str(path) in str(error)
            assert (store.fingerprint(), len(store.imports())) == before
        else:
            if kind not in ("byte", "long"):  # these can turn one number or key into another that is as good
                assert values(path).items() <= expected.items()
    (tmp_path / "damaged.duckdb").unlink()
