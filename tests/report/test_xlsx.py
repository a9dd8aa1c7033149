"""Workbooks as a reader opens them: everything is read back with openpyxl, which has no part in writing them."""

import datetime as dt
import io
import re
import zipfile
from decimal import ROUND_HALF_UP, Decimal
from xml.etree import ElementTree

import nbformat
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import figures, tables
from analysis.catalogue import katalog
from analysis.errors import InputError
from analysis.report import xlsx, xlsx_schreiben
from analysis.report.document import document
from analysis.report.xlsx import arbeitsmappe, tabellen
from analysis.report.zellwerte import als_spanne, als_zahl, zelle
from analysis.wording import MINUS, NBSP, spanne, wert, zahl
from analysis.worte import worte


def bericht(*inhalte: dict, sprache="de", herkunft=(("Erstellt mit", "Kreisblick 0.1"),), titel="Steckbrief X") -> dict:
    """What the exporter makes of an executed notebook with these figures and tables."""
    w, counts, blocks = worte(sprache), {"tabelle": 0, "abbildung": 0}, [{"html": "<p>Text</p>"}]
    for inhalt in inhalte:
        counts[inhalt["art"]] += 1
        number = {"text": f"{w[inhalt['art']]} {counts[inhalt['art']]}", "id": f"{inhalt['art']}-x"}
        blocks.append({"inhalt": inhalt, "png": None, "nummer": number})
    kopf = {"art": "kopf", "titel": titel, "untertitel": "Worum es geht", "stand": "Zahlen von 2019."}
    return {"kopf": kopf, "abschnitte": [{"titel": "Eins", "bloecke": blocks}], "worte": w, "herkunft": list(herkunft)}


def tabelle(rows, spalten=("Kreis", "Wert"), *, gruppen=None, titel="Quoten", **more) -> dict:
    """Content of a table; rows may stand in groups."""
    columns = [s if isinstance(s, tables.Spalte) else tables.Spalte(s) for s in spalten]
    groups = gruppen or [tables.Gruppe([list(row) for row in rows])]
    return tables.tabelle(columns, groups, titel=titel, quelle="Amt, 2019", **more).inhalt


def one_column(*texts: str, zahl: bool = True) -> dict:
    return tabelle([[f"Zeile {n}", text] for n, text in enumerate(texts)], ("Kreis", tables.Spalte("Wert", zahl)))


def read(made: bytes):
    return openpyxl.load_workbook(io.BytesIO(made))


def parts(made: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def cells(made: bytes, sheet: str = "Tabelle 1", column: str = "B") -> list:
    """Cells of the body of a small table: those below its headings down to the first empty cell."""
    page = read(made)[sheet]
    head = int(page.freeze_panes[1:])
    found = []
    while page[f"A{head + len(found)}"].border.bottom.style and len(found) < page.max_row:
        found.append(page[f"{column}{head + len(found)}"])
    return found


def shown(cell) -> str:
    """What a German Excel shows: the cell's number in its format, by the rules of the format's language."""
    if not isinstance(cell.value, int | float | dt.datetime):
        return cell.value or ""
    if isinstance(cell.value, dt.datetime):
        assert cell.number_format == "dd.mm.yyyy"
        return f"{cell.value:%d.%m.%Y}"
    number, sections = Decimal(repr(cell.value)), re.findall(r'((?:"[^"]*"|[^";])+)', cell.number_format)
    assert len(sections) == (2 if number < 0 else 1)  # with one section the sign would be a hyphen
    text, number = "", abs(number)
    tokens = re.findall(r'"([^"]*)"|(%)|([#0,.]+)|(.)', sections[-1])
    percent = any(token[1] for token in tokens)
    for literal, sign, digits, other in tokens:
        assert not other, cell.number_format
        if digits:
            places = len(digits.partition(".")[2])
            exact = number * 100 if percent else number
            rounded = exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
            assert rounded == exact  # no digit is hidden
            digits = f"{rounded:{',' if ',' in digits else ''}.{places}f}".translate(str.maketrans(",.", ".,"))
        text += literal + sign + digits
    return text


# what the cells hold


@pytest.mark.parametrize(
    ("text", "value", "number_format"),
    [
        ("89.393", 89393, "#,##0"),
        (f"7,1{NBSP}%", 0.071, f'0.0"{NBSP}"%'),
        ("100 %", 1, '0" "%'),
        (f"57,12{NBSP}je{NBSP}1.000", 57.12, f'#,##0.00"{NBSP}je{NBSP}1.000"'),
        (f"{MINUS}3", -3, f'#,##0;"{MINUS}"#,##0'),
        (f"{MINUS}1.234,5{NBSP}%", -12.345, f'#,##0.0"{NBSP}"%;"{MINUS}"#,##0.0"{NBSP}"%'),
        ("+2,3", 2.3, '"+"#,##0.0'),
        ("2019", 2019, "0"),
        ("0,00", 0, "#,##0.00"),
        (f"10{NBSP}von{NBSP}15", 10, f'#,##0"{NBSP}von{NBSP}15"'),
        (f"28{NBSP}je{NBSP}1.000 (geschätzt)", 28, f'#,##0"{NBSP}je{NBSP}1.000 (geschätzt)"'),
        ("7,1 % (vorläufig)", 0.071, '0.0" "%" (vorläufig)"'),
        ("rund 12 Personen", 12, '"rund "#,##0" Personen"'),
        ("1.234,50 €", 1234.5, '#,##0.00" €"'),
        ("12,5 € je m²", 12.5, '#,##0.0" € je m²"'),
        ("31.12.2019", dt.datetime(2019, 12, 31), "dd.mm.yyyy"),
    ],
)
def test_a_text_becomes_the_number_that_it_shows(text, value, number_format):
    (cell,) = cells(arbeitsmappe(bericht(one_column(text))))
    assert cell.value == value
    assert cell.number_format == number_format
    assert shown(cell) == text


@pytest.mark.parametrize(
    "text",
    ["nicht berechenbar", "–", "01051", "1.23", "12.34.567", "5 und mehr", "3 bis unter 5 Jahre", f"{MINUS}0,0", "-3",
     "1234567890123456", "7,1 %-Punkte", "< 5", "(12)", "/", "*", "1e5", "TRUE", "١٢", "12 \"Zoll\"", "31.02.2019",
     "31.12.1899", "13,6 bis 14,1 (ohne 3)"],
)  # fmt: skip
def test_what_is_not_surely_a_number_stays_text(text):
    made = arbeitsmappe(bericht(one_column(text, "12 bis 13", "12")))
    cell = cells(made)[0]
    assert (cell.data_type, cell.value) == ("s", text)
    assert cell.alignment.horizontal == "right"


def test_only_columns_of_numbers_hold_numbers_but_dates_are_dates_everywhere():
    made = arbeitsmappe(bericht(tabelle([["2019", "12", "31.12.2019"]], ("Jahr", tables.Spalte("A", False), "B"))))
    assert [cells(made, column=c)[0].value for c in "ABC"] == ["2019", "12", dt.datetime(2019, 12, 31)]


@given(st.decimals(-(10**10), 10**10, places=4), st.integers(0, 4))
def test_every_number_parses_to_its_rounded_value_with_as_many_digits(number, digits):
    text = zahl(float(number), digits)
    made = als_zahl(text)
    rounded = Decimal(f"{float(number):.{12 if abs(number) < 1e9 else 15}g}").quantize(
        Decimal(1).scaleb(-digits), ROUND_HALF_UP
    )
    assert made.wert == rounded and made.text == text
    assert len(made.format.split(";")[0].partition(".")[2]) == digits
    assert (MINUS in made.format) == (rounded < 0)


@given(st.sampled_from(sorted(katalog().indikatoren)), st.floats(0, 2), st.floats(0, 2))
def test_every_value_and_range_of_an_indicator_parses_to_what_it_shows(id, anteil, other):
    indikator = katalog().indikator(id)
    text = wert(anteil, indikator)
    made, places = als_zahl(text), indikator.stellen
    factor = {"prozent": 100, "je_100": 100, "je_1000": 1000, "je_100000": 100_000, "eur": 1}[indikator.einheit]
    rounded = (Decimal(f"{anteil:.12g}") * factor).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    assert made.wert * (100 if "%" in made.format else 1) == rounded
    assert re.search(rf"0\.0{{{places}}}(?!0)" if places else r"0(?!\.)", made.format)
    ends = als_spanne(spanne(anteil, other, indikator))
    assert [e.text for e in ends] == [wert(a, indikator) for a in (anteil, other)]


@settings(max_examples=300)
@given(st.text(st.sampled_from('0123456789.,−+-% \u00a0()jebisrundvon€"A\n'), max_size=14) | st.text(max_size=12))
def test_any_text_shows_itself(text):
    """Whatever stands in a column of numbers: the format shows the text again, digit for digit."""
    made = zelle(text, zahl=True)
    if made.wert is None:
        assert made.text == text
        return

    class Cell:
        value = float(made.wert) if isinstance(made.wert, Decimal) else dt.datetime.combine(made.wert, dt.time())
        number_format = made.format

    assert shown(Cell) == text


def test_a_column_of_ranges_becomes_two_columns_and_words_stand_in_the_first():
    texts = [f"13,6{NBSP}bis 14,1", f"rund 6,7{NBSP}bis 7,5", "nicht berechenbar", f"{MINUS}1,0 bis 1.000,5"]
    made = arbeitsmappe(bericht(one_column(*texts)))
    page = read(made)["Tabelle 1"]
    head = int(page.freeze_panes[1:]) - 1
    assert [page.cell(head, n).value for n in (1, 2, 3)] == ["Kreis", "Wert: von", "Wert: bis"]
    von, bis = cells(made, column="B"), cells(made, column="C")
    assert [shown(c) for c in von] == ["13,6", "rund 6,7", "nicht berechenbar", f"{MINUS}1,0"]
    assert [shown(c) for c in bis] == ["14,1", "rund 7,5", "", "1.000,5"]
    assert [c.value for c in bis] == [14.1, 7.5, None, 1000.5]


def test_a_unit_of_a_range_stands_behind_both_ends():
    made = arbeitsmappe(bericht(one_column("10,7 bis 13,9 %")))
    assert [(shown(c), c.value) for c in (*cells(made), *cells(made, column="C"))] == [
        ("10,7 %", 0.107), ("13,9 %", 0.139),
    ]  # fmt: skip


def test_ranges_among_numbers_stay_text_in_one_column():
    made = arbeitsmappe(bericht(one_column("10 bis 13", "12")))
    assert [c.value for c in cells(made)] == ["10 bis 13", 12]


# sheets


def two() -> list[dict]:
    """A table with two levels of headings and groups, and a figure with its numbers."""
    columns = [tables.Spalte("Kreis"), *(tables.Spalte(t, oben=("2019",)) for t in ("Frauen", "Männer")),
               tables.Spalte("Fälle", oben=("2020",))]  # fmt: skip
    groups = [tables.Gruppe([["Gera", "1,5 %", "2,5 %", "1.234"]], "Städte"),
              tables.Gruppe([["Ilm-Kreis", "3,5 %", "4,5 %", "9"], ["Summe", "5,0 %", "7,0 %", "1.243"]],
                            "Landkreise", hervor=[1])]  # fmt: skip
    first = tabelle(
        (), columns, gruppen=groups, titel="Quoten nach Geschlecht", hinweise=["Ein Hinweis.", "Noch einer."]
    )
    fig, (ax,) = figures.new_figure(1)
    ax.plot([1, 2])
    second = figures.abbildung(
        fig, name="linie", titel="Verlauf der Quote", einheit="in Prozent", quelle="Amt, 2020",
        alternativtext="Eine Linie steigt von links nach rechts an.",
        daten=tables.tabelle([tables.Spalte("Jahr"), tables.Spalte("Quote")], [tables.Gruppe([["2019", "7,1 %"]])],
                             titel="Quote je Jahr", quelle="Amt, 2020"),
    ).inhalt  # fmt: skip
    return [first, second]


def column(page, letter="A") -> list:
    return [cell.value for cell in page[letter] if cell.value is not None]


def links(page) -> list[str]:
    """Where the links of a sheet lead, from top to bottom; a link outside has no location."""
    return [cell.hyperlink.location for row in page.iter_rows() for cell in row if cell.hyperlink]


def test_the_first_sheet_lists_all_others_with_links_and_says_where_the_figures_come_from():
    book = read(arbeitsmappe(bericht(*two(), tabelle([["a", "1"]]))))
    assert book.sheetnames == ["Inhalt", "Tabelle 1", "Abbildung 1", "Tabelle 2"]
    page = book["Inhalt"]
    first = column(page)
    assert first[:3] == ["Steckbrief X", "Worum es geht", "Zahlen von 2019."]
    assert any("Komma" in text for text in first) and any("gerundet" in text for text in first)
    assert first[-5:] == ["Blatt", "Tabelle 1", "Abbildung 1", "Tabelle 2", "Erstellt mit"]
    assert column(page, "B") == ["Titel", "Quoten nach Geschlecht", "Verlauf der Quote", "Quoten", "Kreisblick 0.1"]
    assert column(page, "C") == ["Quelle", "Amt, 2019", "Amt, 2020", "Amt, 2019"]
    assert links(page) == ["'Tabelle 1'!A1", "'Abbildung 1'!A1", "'Tabelle 2'!A1"]
    assert all(links(book[name]) == ["'Inhalt'!A1"] for name in book.sheetnames[1:])


def test_a_sheet_has_all_that_the_page_has_in_its_order():
    page = read(arbeitsmappe(bericht(*two())))["Tabelle 1"]
    assert column(page) == [
        "Tabelle 1: Quoten nach Geschlecht", "Kreis", "Städte", "Gera", "Landkreise", "Ilm-Kreis", "Summe",
        "Ein Hinweis.", "Noch einer.", "Quelle: Amt, 2019", "Zurück zum Inhalt",
    ]  # fmt: skip
    assert [page[f"{c}{r}"].value for r in (2, 3) for c in "BCD"] == ["2019", None, "2020", "Frauen", "Männer", "Fälle"]
    merged = {str(r) for r in page.merged_cells.ranges}
    assert {"A2:A3", "B2:C2", "A4:D4", "A6:D6"} <= merged and "D2:D3" not in merged
    assert [page.cell(row, 1).font.b for row in (5, 7, 8)] == [False, False, True]
    assert [page.cell(8, n).font.b for n in (2, 3, 4)] == [True] * 3
    assert page.freeze_panes == "A4" and page.print_title_rows == "$2:$3"


def test_the_numbers_of_a_figure_have_a_sheet_with_its_title_and_unit():
    page = read(arbeitsmappe(bericht(*two())))["Abbildung 1"]
    assert column(page)[:3] == [
        "Abbildung 1: Verlauf der Quote", "(in Prozent)", "Zahlen zur Abbildung: Quote je Jahr",
    ]  # fmt: skip


def test_sheets_print_on_a4_as_wide_as_the_page_with_numbers():
    wide = tabelle([["x" * 50, *["y" * 40] * 3]], ("Kreis", *(tables.Spalte(t, False) for t in "ABC")))
    book = read(arbeitsmappe(bericht(wide, tabelle([["a", "1"]]), titel="Ein & zwei")))
    assert [book[name].page_setup.orientation for name in ("Tabelle 1", "Tabelle 2")] == ["landscape", "portrait"]
    for page in book:
        assert page.page_setup.paperSize == 9 and page.sheet_properties.pageSetUpPr.fitToPage
        assert (page.page_setup.fitToWidth or 1, page.page_setup.fitToHeight) == (1, 0)
        assert page.oddFooter.right.text == "Seite &P von &N"
        assert page.oddHeader.left.text == "Ein && zwei"


def test_long_texts_wrap_in_rows_that_are_high_enough():
    long = "Wie viele von 100 Einwohnerinnen und Einwohnern jünger als 18 Jahre sind. " * 4
    made = arbeitsmappe(bericht(tabelle([["a", long], ["b", "kurz"]], ("Kreis", tables.Spalte("Text", False)))))
    page = read(made)["Tabelle 1"]
    row = cells(made)[0].row
    assert cells(made)[0].alignment.wrap_text
    width = page.column_dimensions["B"].width
    assert page.row_dimensions[row].height >= 15 * len(long) / width / 1.2
    assert page.row_dimensions[row + 1].height is None


def test_numbers_fit_into_their_columns_in_one_line():
    texts = [f"1.234.567,89{NBSP}je{NBSP}1.000 (geschätzt)", "1"]
    page = read(arbeitsmappe(bericht(one_column(*texts))))["Tabelle 1"]
    assert page.column_dimensions["B"].width >= len(texts[0]) + 1


def test_an_english_page_has_english_fixed_words():
    book = read(arbeitsmappe(bericht(*two(), sprache="en")))
    assert book.sheetnames == ["Contents", "Table 1", "Figure 1"]
    assert "Back to the contents" in column(book["Table 1"])
    assert links(book["Table 1"]) == ["'Contents'!A1"]


# nothing hidden, nothing of the machine


def test_there_is_nothing_hidden_no_formula_no_name_no_link_outside_and_no_author():
    made = arbeitsmappe(bericht(*two()))
    book, inside = read(made), parts(made)
    for page in book:
        assert page.sheet_state == "visible"
        assert not any(d.hidden for d in [*page.row_dimensions.values(), *page.column_dimensions.values()])
        assert not any(cell.data_type == "f" or cell.comment for row in page.iter_rows() for cell in row)
        assert page.auto_filter.ref is None and set(page.defined_names) <= {"_xlnm.Print_Titles"}
    assert not book.defined_names
    properties = book.properties
    assert (properties.title, properties.creator, properties.lastModifiedBy) == ("Steckbrief X", *["Kreisblick"] * 2)
    assert not any(getattr(properties, key) for key in ("description", "subject", "keywords", "category", "language"))
    assert b"<Company></Company>" in inside["docProps/app.xml"]
    kinds = {name.split("/")[1] if "/" in name else name for name in inside}
    assert kinds <= {"[Content_Types].xml", ".rels", "app.xml", "core.xml", "_rels", "workbook.xml", "worksheets",
                     "styles.xml", "sharedStrings.xml", "theme"}  # fmt: skip
    assert not any(b'TargetMode="External"' in content for content in inside.values())


def test_equal_reports_are_equal_bytes_without_a_time():
    first, second = (arbeitsmappe(bericht(*two())) for _ in range(2))
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    core = parts(first)["docProps/core.xml"].decode()
    assert re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", core) == ["1980-01-01T00:00:00Z"] * 2


def test_nothing_goes_in_but_what_is_shown():
    """Other parts of the content, such as a value before rounding, are not in the file, nor are further digits."""
    inhalt = tabelle([["Gera", f"7,1{NBSP}%"], ["Jena", f"9,95{NBSP}je{NBSP}1.000"]])
    inhalt |= {"roh": [0.0713942], "name": "kanarienvogel", "gruppen": [inhalt["gruppen"][0] | {"roh": "0.0713942"}]}
    made = arbeitsmappe(bericht(inhalt) | {"pfad": "/home/anna/kanarienvogel"})
    for name, content in parts(made).items():
        assert b"713942" not in content and b"kanarienvogel" not in content and b"/home" not in content, name
    sheet = parts(made)["xl/worksheets/sheet2.xml"].decode()
    numbers = [c for c in re.findall(r"<c ([^>]*)><v>([^<]+)</v>", sheet) if 't="s"' not in c[0]]
    assert [text for _, text in numbers] == ["0.071", "9.95"]  # 9.95 as a float would be 9.949999999999999


# what is given from outside


@pytest.mark.parametrize("text", ["=1+1", "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", "{=1}"])
def test_a_text_that_looks_like_a_formula_is_text(text):
    made = arbeitsmappe(bericht(tabelle([[text, text]], (text.strip(), "Wert"), titel=text, hinweise=[text])))
    page = read(made)["Tabelle 1"]
    assert text.strip() in column(page)
    for cell in (c for row in page.iter_rows() for c in row if c.value is not None):
        assert cell.data_type == "s"
        assert cell.quotePrefix == (cell.value[0] in "=+-@")
    assert b"<f>" not in parts(made)["xl/worksheets/sheet2.xml"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\x00b\x01\x0bc\x1f\ufffe", "ab c"),
        (" a\n\tb  ", "a b"),
        (f"a{NBSP}b", f"a{NBSP}b"),
        ("Grüße 👩‍👧 & <b>", "Grüße 👩‍👧 & <b>"),
        ("_x0041_", "_x0041_"),
        ("http://example.org", "http://example.org"),
        ("mailto:a@example.org", "mailto:a@example.org"),
        ("internal:'Inhalt'!A1", "internal:'Inhalt'!A1"),
        ("<r><t>fett</t></r>", "<r><t>fett</t></r> "),
        ("{}", "{}"),
    ],
)
def test_any_text_arrives_as_the_page_shows_it(text, expected):
    made = arbeitsmappe(
        bericht(tabelle([["a", text]], ("Kreis", tables.Spalte("Text", False)), titel=f"T{text}"), titel=f"T{text}")
    )
    for name, content in parts(made).items():
        if name.endswith((".xml", ".rels")):
            ElementTree.fromstring(content)
    assert cells(made)[0].value == expected
    assert links(read(made)["Tabelle 1"]) == ["'Inhalt'!A1"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=4))
def test_any_texts_make_a_file_that_opens(texts):
    texts = [text.encode("utf-8", "ignore").decode() for text in texts]
    made = arbeitsmappe(bericht(one_column(*texts), herkunft=[("x", text) for text in texts]))
    assert len(cells(made)) == len(texts)
    for name, content in parts(made).items():
        if name.endswith((".xml", ".rels")):
            ElementTree.fromstring(content)


def test_a_text_as_long_as_excel_allows_is_kept_and_a_longer_one_refused():
    assert cells(arbeitsmappe(bericht(one_column("x" * 32_767))))[0].value == "x" * 32_767
    for text in ("x" * 40_000, "👍" * 16_384):
        with pytest.raises(
            InputError, match=r"report 'Steckbrief X', Tabelle 1: .* has [43]\d,\d{3} characters; .*32,767"
        ):
            arbeitsmappe(bericht(one_column(text)))


def test_half_a_character_is_refused():
    with pytest.raises(InputError, match=r"'Steckbrief X', Tabelle 1: the text '\\ud83d' has half a character"):
        arbeitsmappe(bericht(one_column("\ud83d")))


def test_a_table_that_no_sheet_holds_is_refused():
    inhalt = tabelle([["a", "1"]])
    rows = inhalt["gruppen"][0]["zeilen"] * 1_048_576
    inhalt["gruppen"][0]["zeilen"] = rows
    with pytest.raises(
        InputError, match=r"Tabelle 1: the sheet would have 1,048,58\d rows; Excel holds at most 1,048,576"
    ):
        arbeitsmappe(bericht(inhalt))
    inhalt["spalten"], inhalt["gruppen"][0]["zeilen"] = inhalt["spalten"][1:] * 16_385, [["1"] * 16_385]
    with pytest.raises(InputError, match="16,385 columns; Excel holds at most 16,384"):
        arbeitsmappe(bericht(inhalt))


def test_names_of_sheets_are_unique_and_as_excel_wants_them():
    names = xlsx.blattnamen(
        ["Tabelle 1", "tabelle 1", "a/b:c*?[d]\\'", "x" * 40, "x" * 40, "Inhalt", "", "👍" * 20], "Inhalt"
    )
    assert names == [
        "Tabelle 1", "tabelle 1 (2)", "a b c d", "x" * 31, "x" * 25 + " (2)", "Inhalt (2)", "Tabelle", "👍" * 15,
    ]  # fmt: skip


def test_more_number_formats_than_excel_opens_stay_text(monkeypatch):
    monkeypatch.setattr(xlsx_schreiben, "_MEISTE_FORMATE", 3)
    texts = [f"{n} von {n + 10}" for n in range(6)] + ["5 von 10"]  # the last one as the first
    assert [c.data_type for c in cells(arbeitsmappe(bericht(one_column(*texts))))] == ["n"] * 3 + ["s"] * 3 + ["n"]


def test_a_report_without_a_table_has_no_workbook():
    assert tabellen(bericht()) == []
    with pytest.raises(InputError, match="report 'Steckbrief X' has no table"):
        arbeitsmappe(bericht())


def test_a_reference_in_a_note_is_plain_text():
    from markupsafe import Markup

    inhalt = tabelle([["a", "1"]]) | {
        "hinweise": [Markup('siehe <a href="#tabelle-1">Tabelle\u00a01</a> &amp; 1 &lt; 2')]
    }
    assert "siehe Tabelle\u00a01 & 1 < 2" in column(read(arbeitsmappe(bericht(inhalt)))["Tabelle 1"])


# the real reports


def page_row(row: list, columns: list[dict], heads: list[str]) -> list[str]:
    """Cells of a sheet's row as the texts of the page's columns: the two ends of a range together again."""
    texts, n = [], 0
    for spalte in columns:
        if heads[n] == f"{spalte['titel']}: von":
            von, bis = shown(row[n]), shown(row[n + 1]).removeprefix("rund ")
            unit = re.search(f"{NBSP}(?:%|je{NBSP}.*)$", bis)  # stands once on the page
            texts.append(f"{von.removesuffix(unit[0] if unit else '')}{NBSP}bis {bis}" if bis else von)
            n += 2
        else:
            texts.append(shown(row[n]))
            n += 1
    return texts


def test_the_workbooks_of_a_real_run_show_what_the_pages_show(full_run):
    """Every cell of every table of all reports: its number, rounded as its format says, is the text of the page."""
    seen = 0
    for path in sorted((full_run / "output").glob("*/01_steckbrief.ipynb")):
        shown_tables = tabellen(document(nbformat.read(path, as_version=4), path.stem))
        book = openpyxl.load_workbook(path.with_suffix(".xlsx"))
        assert book.sheetnames == ["Inhalt", *(t["nummer"] for t in shown_tables)]
        for teil in shown_tables:
            page, inhalt = book[teil["nummer"]], teil["tabelle"]
            row = int(page.freeze_panes[1:])
            heads = [cell.value for cell in page[row - 1]]
            for gruppe in inhalt["gruppen"]:
                if gruppe["titel"]:
                    assert page.cell(row, 1).value == gruppe["titel"]
                    row += 1
                for zeile in gruppe["zeilen"]:
                    assert page_row(page[row], inhalt["spalten"], heads) == zeile
                    row, seen = row + 1, seen + 1
            assert f"Quelle: {inhalt['quelle']}" in column(page)
    assert seen > 1000
