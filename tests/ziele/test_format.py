"""The format of a goal catalogue: read from YAML and XLSX, written back, and what is refused with which sentence."""

import datetime as dt
import re

import openpyxl
import pytest
import yaml
from conftest import ROOT

from analysis.errors import InputError
from analysis.yaml_files import load_yaml, parse_yaml
from analysis.ziele import frist, mappe
from analysis.ziele.auswertung import tabelle
from analysis.ziele.lesen import dateien, lesen
from analysis.ziele.pruefung import ohne_oberziel

BEISPIEL = ROOT / "data" / "musterkreis" / "ziele_99099.yaml"

KLEIN = """\
zielkatalog:
  kreis: "99099"
  titel: Strategie
  stand: 2024-12-31
  quelle: Strategie, 2024
  ebenen:
    - {id: leitziel, name: Leitziel, mehrzahl: Leitziele, aenderung_durch: Kreistag}
    - {id: unterziel, name: Unterziel, mehrzahl: Unterziele, unter: [leitziel, unterziel]}
  stellen: [{name: Jugendamt, auch: [Amt 51]}]
  ziele:
    - {code: "1", ebene: leitziel, text: Ein Ziel.}
    - code: "1.1"
      ebene: unterziel
      ueber: "1"
      text: Noch ein Ziel.
      zustaendig: [Amt 51]
      frist: 2025-03-31
      umsetzung: laufend
      verlauf:
        - {datum: 2024-05-01, von: geplant, auf: laufend, grund: begonnen}
    - {code: "1.1.1", ebene: unterziel, ueber: "1.1", text: Ein drittes Ziel.}
"""


@pytest.fixture
def katalogdatei(tmp_path):
    """Write a catalogue and return its path."""

    def write(text: str = KLEIN):
        path = tmp_path / "ziele.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_names_of_bodies_are_normalised_and_parts_inherited(katalogdatei):
    made = lesen(katalogdatei())
    below = made.nach_code["1.1.1"]
    assert [made.stellennamen[s] for s in made.geerbt(below, "zustaendig")] == ["Jugendamt"]
    assert made.nach_code["1.1"].frist.tag == dt.date(2025, 3, 31) and made.nach_code["1"].frist is None


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ('ueber: "1.1", text', 'ueber: "1.1.1", text', r"line 21: 1\.1\.1 below 1\.1\.1: the goals stand in a circle"),
        ('ueber: "1"\n', 'ueber: "1.1.1"\n', r"line 12: 1\.1 below 1\.1\.1 below 1\.1: the goals stand in a circle"),
        ('ueber: "1"\n', 'ueber: "9"\n', r"line 12: 1\.1 stands below '9', which does not exist; expected the code"),
        ('ueber: "1"\n', 'ueber: ["1", "2"]\n', r"line 12: ueber is \['1', '2'\]: a goal stands below one other"),
        ("umsetzung: laufend", "umsetzung: fertig", r"line 12: 1\.1: umsetzung is 'fertig'; expected geplant"),
        ("frist: 2025-03-31", "frist: 2025-02-31", r"line 12: 1\.1, frist: '2025-02-31' is no day that exists"),
        ("stand: 2024-12-31", "stand: 2024-02-31", r"stand: '2024-02-31' is not a date"),
        ("zustaendig: [Amt 51]", "zustaendig: [Amt 15]", r"zustaendig 'Amt 15' is unknown; expected Jugendamt, Amt 51"),
        ('code: "1.1.1"', 'code: "1.1"', r"line 21: code '1\.1' stands twice; first in line 12"),
        ('code: "1.1.1"', "code: 1.1", r"line 21: code is 1\.1; expected text in quotes"),
        ('kreis: "99099"', "kreis: 99099", r"zielkatalog\.kreis is 99099; expected text in quotes"),
        ('ueber: "1.1", text', 'ueber: "1; 1.1", text', r"1\.1\.1 stands below several goals \(1; 1\.1\)"),
        ('{code: "1", ebene: leitziel', '{code: "1", ebene: oberziel', r"ebene 'oberziel' is unknown"),
        ('{code: "1", ebene: leitziel', '{code: "1", ebene: leitziel, ueber: "1.1"', r"circle"),
        ('{code: "1", ebene: leitziel', '{code: "1", ebene: leitziel, indikatoren: [x]', r"'x' is unknown; expected"),
        ('{code: "1", ebene: leitziel', '{code: "1", ebene: leitziel, lebenslage: Glück', r"'Glück' is unknown"),
        ('{code: "1", ebene: leitziel', '{code: "1", ebene: leitziel, feld: X', r"feld 'X' is unknown"),
        ('{code: "1", ebene: leitziel', '{code: "1", farbe: rot, ebene: leitziel', r"line 11: .*farbe"),
        ("auf: laufend", "auf: geplant", r"umsetzung is 'laufend', but its history ends with 'geplant'"),
        ("auf: laufend", "auf: fertig", r"verlauf: 'fertig' is no state"),
        ("grund: begonnen}", "was: farbe, grund: begonnen}", r"was is 'farbe'; expected umsetzung, text"),
        ("begonnen}", "a}\n        - {datum: 2024-04-01, was: frist, grund: x}", r"01\.04\.2024, before the one above"),
        ("begonnen}", "a}\n        - {datum: 2024-06-01, von: geplant, auf: laufend, grund: x}", r"goes from"),
        ('Ein Ziel.', 'Ein Ziel., verlauf: [{datum: 2024-06-01, was: text, grund: x}]', r"changes only by Kreistag"),
        ("unter: [leitziel, unterziel]", "unter: [oberziel]", r"stands below 'oberziel', which is not declared"),
        ("auch: [Amt 51]", "auch: [Jugendamt]", r"the body 'Jugendamt' is declared twice"),
        ('kreis: "99099"', 'kreis: "12345"', r"\.yaml, kreis: .*'12345'"),
        ("zielkatalog:", "ziele:", r"zielkatalog"),
        ("text: Ein Ziel.", 'text: " "', r"line 11: text is blank; expected words"),
        ("text: Ein Ziel.", 'text: "\u00a0"', r"line 11: text is blank; expected words"),
        ('ueber: "1.1", text', "text", r"line 21: 1\.1\.1 \(Unterziel\) has nothing above it; expected ueber"),
        ("  titel: Strategie\n", "", r"titel"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_sentence(katalogdatei, before, after, sentence):
    assert before in KLEIN
    path = katalogdatei(KLEIN.replace(before, after, 1))
    with pytest.raises(InputError) as error:
        lesen(path)
    assert re.search(sentence, str(error.value)) and "\n" not in str(error.value)


def test_a_level_stands_only_where_its_declaration_says(katalogdatei):
    text = KLEIN.replace("unter: [leitziel, unterziel]", "unter: [leitziel]")
    with pytest.raises(InputError, match=r"1\.1\.1 \(Unterziel\) stands below '1\.1' \(Unterziel\); expected Leitziel"):
        lesen(katalogdatei(text))
    text = KLEIN + '    - {code: "2", ebene: leitziel, ueber: "1", text: Falsch.}\n'
    with pytest.raises(InputError, match=r"line 22: 2 stands below '1', but a Leitziel stands at the top"):
        lesen(katalogdatei(text))


@pytest.mark.parametrize(
    ("text", "art", "day"),
    [
        ("31.03.2026", "tag", dt.date(2026, 3, 31)),
        ("2026-03-31", "tag", dt.date(2026, 3, 31)),
        ("Jahresende 2026", "jahresende", dt.date(2026, 12, 31)),
        ("jährlich", "jaehrlich", dt.date(2025, 12, 31)),
        ("jährlich zum 31.03.", "jaehrlich", dt.date(2026, 3, 31)),
        ("jährlich zum 30.11.", "jaehrlich", dt.date(2025, 11, 30)),
        ("jährlich zum 31.03. ab 2030", "jaehrlich", dt.date(2030, 3, 31)),
        ("jährlich zum 29.02.", "jaehrlich", dt.date(2026, 2, 28)),
        ("bedingt, sobald die App da ist", "bedingt", None),
    ],
)
def test_deadlines(text, art, day):
    read = frist.lesen(text)
    assert (read.art, read.naechste(dt.date(2025, 6, 15))) == (art, day)


@pytest.mark.parametrize(
    "text", ["bald", "31.02.2026", "jährlich zum 31.02.", "Jahresende", "bedingt, ", "Ende 2026", ""]
)
def test_other_deadlines_are_refused(text):
    with pytest.raises(InputError, match=r"expected|there is no"):
        frist.lesen(text)


def stripped(part):
    """Content without what is empty: an empty cell and a missing key are the same."""
    if isinstance(part, dict):
        return {key: stripped(value) for key, value in part.items() if value not in ("", [], {}, False, None)}
    return [stripped(value) for value in part] if isinstance(part, list) else part


@pytest.mark.parametrize("path", [BEISPIEL, *sorted((ROOT / "data" / "ziele").glob("1*.yaml"))], ids=lambda p: p.stem)
def test_to_a_workbook_and_back(path, tmp_path):
    content = load_yaml(path, dates_as_text=True)
    book = tmp_path / "ziele.xlsx"
    book.write_bytes(mappe.schreiben(content))
    assert mappe.schreiben(content) == book.read_bytes()
    back, _ = mappe.lesen(book)
    assert stripped(back) == stripped(content)
    assert [z.code for z in lesen(book).ziele] == [z.code for z in lesen(path).ziele]
    again = tmp_path / "ziele.yaml"
    again.write_text(yaml.safe_dump(back, allow_unicode=True, sort_keys=False), encoding="utf-8")
    assert lesen(again).nach_code.keys() == lesen(path).nach_code.keys()


@pytest.fixture
def mappe_mit(tmp_path):
    """Workbook of the example after something was done to it."""

    def made(change):
        path = tmp_path / "ziele.xlsx"
        path.write_bytes(mappe.schreiben(load_yaml(BEISPIEL, dates_as_text=True)))
        book = openpyxl.load_workbook(path)
        change(book)
        book.save(path)
        return path

    return made


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda b: b["Ziele"].insert_cols(2), r"sheet Ziele, row 1: .* are code, , ebene.*; expected code, ebene"),
        (lambda b: b["Ziele"].move_range("E1:E20", cols=20), r"sheet Ziele, row 1: the columns are"),
        (lambda b: b["Ziele"].__setitem__("E4", '="a"&"b"'), r"sheet Ziele, row 4, column E: a formula \(=.a.&.b.\)"),
        (lambda b: b["Ziele"].__setitem__("P4", "Notiz"), r"sheet Ziele, row 4: a cell right of the column genannt"),
        (lambda b: b["Ziele"].__setitem__("J4", "fertig"), r"sheet Ziele, row 4: 1\.1\.1: umsetzung is 'fertig'"),
        (lambda b: b["Ziele"].__setitem__("I4", "31.02.2025"), r"sheet Ziele, row 4: 1\.1\.1, frist: '31\.02\.2025'"),
        (lambda b: b["Ziele"].__setitem__("C4", "7"), r"sheet Ziele, row 4: 1\.1\.1 stands below '7', which does not"),
        (lambda b: b["Verlauf"].__setitem__("A2", "9"), r"sheet Verlauf, row 2: there is no goal '9'"),
        (lambda b: b["Katalog"].__setitem__("A2", "kries"), r"sheet Katalog, row 2: 'kries' is unknown; exp"),
        (lambda b: b.remove(b["Stellen"]), r"there is no sheet Stellen; expected Katalog, Ebenen"),
        (lambda b: b["Ziele"].__setitem__("A2", 1), r"row 2, column A: code is the number 1; expected text"),
        (lambda b: b["Ziele"].__setitem__("C3", 1.1), r"row 3, column C: ueber is the number 1\.1; expected text"),
        (lambda b: b["Ziele"].__setitem__("A4", dt.datetime(2026, 1, 1)), r"row 4, column A: code is a date \(2026-01"),
        (lambda b: b["Felder"].__setitem__("A2", dt.time(4, 1)), r"sheet Felder, row 2, column A: code is a date"),
        (lambda b: b["Katalog"].__setitem__("B2", 99099), r"sheet Katalog, row 2, column B: kreis is the number 99099"),
        (lambda b: b["Katalog"].__setitem__("B10", dt.datetime(2024, 1, 17)), r"column B: nummer is a date"),
        (lambda b: b["Ziele"].merge_cells("A4:B4"), r"sheet Ziele: the cells A4:B4 are merged; expected each"),
        (lambda b: b["Ziele"].__setitem__("E4", "\u00a0"), r"row 4: .*text"),
        (lambda b: b["Ebenen"].__setitem__("E4", "vielleicht"), r"massnahme is 'vielleicht'; expected ja or"),
        (lambda b: b["Ziele"].__setitem__("C4", None), r"row 4: 1\.1\.1 .* has nothing above it; expected"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_workbook_is_said_with_its_row(mappe_mit, change, sentence):
    with pytest.raises(InputError, match=sentence):
        lesen(mappe_mit(change))


def test_a_yes_of_a_workbook_may_be_a_yes_of_excel(mappe_mit):
    def change(book):
        assert book["Ebenen"]["E4"].value == "ja"
        book["Ebenen"]["E4"] = True

    assert [e.massnahme for e in lesen(mappe_mit(change)).ebenen] == [False, False, True]


def test_codes_with_zeros_stay_as_they_are(tmp_path):
    path = tmp_path / "ziele.xlsx"
    text = KLEIN.replace('"1.1"', '"01.10"').replace('"1"', '"01"')
    content = parse_yaml(path, text, dates_as_text=True)
    path.write_bytes(mappe.schreiben(content))
    assert [z.code for z in lesen(path).ziele] == ["01", "01.10", "1.1.1"]


def test_a_level_may_be_declared_to_stand_also_at_the_top(katalogdatei):
    text = KLEIN.replace("unter: [leitziel, unterziel]", "unter: [leitziel, unterziel], auch_oben: true")
    made = lesen(katalogdatei(text.replace('ueber: "1.1", text', "text")))
    assert ohne_oberziel(made, tabelle(made, made.stand)).code.tolist() == ["1.1.1"]


def test_dates_of_a_workbook_may_be_dates(mappe_mit):
    path = mappe_mit(lambda b: b["Ziele"].__setitem__("I4", dt.datetime(2026, 5, 1)))
    assert lesen(path).nach_code["1.1.1"].frist.tag == dt.date(2026, 5, 1)


def test_no_workbook_and_no_file(tmp_path):
    (tmp_path / "ziele.xlsx").write_bytes(b"PK\x03\x04 broken")
    (tmp_path / "ziele.txt").write_text("zielkatalog:")
    for name, sentence in {"ziele.xlsx": "no readable Excel workbook", "fehlt.xlsx": "no such file",
                           "fehlt.yaml": "no such file", "ziele.txt": "expected the ending .yaml"}.items():  # fmt: skip
        with pytest.raises(InputError, match=sentence):
            lesen(tmp_path / name)


def test_every_kreis_has_one_file(tmp_path, monkeypatch):
    assert {"16068", "16070", "16077", "99099"} <= set(dateien())
    for folder in ("data/ziele", "data/local/ziele", "notebooks", "analysis"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("data/ziele/16070_a.yaml", "data/local/ziele/16070_b.xlsx", "data/ziele/lebenslagen_2020.yaml"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    assert dateien() == {"16070": tmp_path / "data/local/ziele/16070_b.xlsx"}
    (tmp_path / "data/ziele/16070_c.yaml").touch()
    with pytest.raises(InputError, match=r"16070_c\.yaml: 16070_a\.yaml is a goal catalogue of 16070, too"):
        dateien()
