"""A page on paper, printed by a real Chromium: what stands on each sheet, and what a screen reader finds in the PDF."""

import shutil
from pathlib import Path

import pypdfium2
import pytest
from bs4 import BeautifulSoup
from paper import A4, A4_QUER, RAND, Paper, squeezed
from pypdf import PdfReader
from pypdf.generic import ArrayObject, ContentStream, DictionaryObject
from report_made import TITEL, printed_report, small_page

from analysis.errors import InputError
from analysis.report import chromium
from analysis.report.chromium import Chromium, PrintError
from analysis.report.pdf import finish, make_pdf, read_page


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("bericht") / "01_test.html"
    path.write_text(printed_report(), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def pdf(page, chromium_path) -> Path:
    make_pdf(Chromium(chromium_path), page, 120)
    return page.with_suffix(".pdf")


@pytest.fixture(scope="module")
def paper(page, pdf) -> Paper:
    return Paper(pdf, page.read_text(encoding="utf-8"), TITEL)


@pytest.fixture(scope="module")
def html(paper) -> BeautifulSoup:
    return paper.html


@pytest.fixture(scope="module")
def read(pdf) -> PdfReader:
    return PdfReader(pdf)


def test_every_sheet_is_a4_with_title_and_page_number(paper):
    paper.check_frame()


def test_nothing_reaches_into_the_margins(paper):
    paper.check_margins()


def test_no_text_is_lost_and_every_row_is_whole_on_one_sheet(paper):
    assert len(paper.html.select("tr")) > 200
    paper.check_texts()


def test_no_heading_ends_a_sheet_and_no_source_begins_one(paper):
    paper.check_breaks()


def test_a_wide_table_stands_on_landscape_sheets_with_its_heading(paper):
    quer = [text for size, text in zip(paper.sizes, paper.texts, strict=True) if size == A4_QUER]
    assert quer and paper.body(quer[0])[0] == "Breite Tabelle" and "Zwölf Spalten." in quer[0]
    assert all("Stand 11" in text for text in quer)
    assert not any("Stand 11" in text for text in paper.texts if text not in quer)


def test_nothing_is_shrunk_to_make_room_for_a_table(paper):
    textpage = paper.sheets[0].get_textpage()
    _, bottom, _, top = textpage.get_charbox(textpage.get_text_range().index("Dieser Satz"))
    assert 8 < top - bottom < 10  # capital letter of 11.5 pt (the summary is larger than the 10.5 pt of the text)


def test_table_heads_are_repeated_and_short_tables_stay_together(paper):
    long = next(t for t in paper.html.select("table") if "Lange Tabelle" in t.caption.get_text())
    rows = [squeezed(row.get_text()) for row in long.select("tbody tr") if row.td]
    sheets_of_it = [t for t in map(squeezed, paper.texts) if any(row in t for row in rows)]
    assert len(sheets_of_it) >= 3 and all("Gemeinde" in text for text in sheets_of_it)
    short = paper.html.select(".kurz table")
    assert len(short) >= 5
    for table in short:
        everything = squeezed("".join(row.get_text() for row in table.select("tbody tr")))
        assert any(everything in squeezed(text) for text in paper.texts)


def test_no_scroll_bar_is_printed(pdf, html):
    assert html.select(".formel math")
    with_formula = next(p for p in pypdfium2.PdfDocument(pdf) if "Zwischentitel" in p.get_textpage().get_text_range())
    grey = [o for o in with_formula.get_objects() if o.type == 2 and o.get_bounds()[0] > A4[0] - RAND - 12]
    assert grey == []  # lines and surfaces that stand only at the right margin


def test_the_tables_below_the_figures_are_printed(paper):
    assert len(paper.html.select("details:not([open])")) == 4
    everything = " ".join(" ".join(paper.texts).split())
    assert all(f"Zahlen zu Abbildung {n} als Tabelle" in everything for n in range(1, 5))


def test_the_pdf_says_title_and_language_and_has_bookmarks(read, html):
    root = read.trailer["/Root"]
    assert root["/Lang"] == "de-DE" and read.metadata == {"/Title": TITEL, "/Producer": read.metadata["/Producer"]}
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value is True and root["/MarkInfo"]["/Marked"].value is True
    assert [o["/Title"] for o in flat(read.outline)] == [h.get_text() for h in html.select("h1, h2, h3")]
    xmp = root["/Metadata"].get_object()
    assert "/Filter" not in xmp and xmp["/Subtype"] == "/XML"
    text = xmp.get_data().decode()
    assert TITEL in text and "<rdf:li>de-DE</rdf:li>" in text and "pdfuaid" not in text


def test_the_pdf_says_nothing_about_the_machine_and_the_time(pdf, read):
    content = pdf.read_bytes()
    for word in (str(pdf.parent), "Skia", "Mozilla", "Chrome", "Linux", "CreationDate", "ModDate", "/ID [", "file:"):
        assert word.encode() not in content
    assert "/ID" not in read.trailer


def test_the_same_page_gives_the_same_bytes_elsewhere(pdf, page, tmp_path, chromium_path):
    copy = shutil.copy(page, tmp_path / "anderer_name.html")
    make_pdf(Chromium(chromium_path), Path(copy), 120)
    assert (tmp_path / "anderer_name.pdf").read_bytes() == pdf.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["anderer_name.html", "anderer_name.pdf"]


def flat(outline) -> list:
    return [o for entry in outline for o in (flat(entry) if isinstance(entry, list) else [entry])]


def kids(element) -> list:
    found = element["/K"] if "/K" in element else ArrayObject()
    return [k.get_object() for k in found] if isinstance(found, ArrayObject) else [found]


def elements(element, kind=None) -> list[DictionaryObject]:
    below = [k for k in kids(element) if isinstance(k, DictionaryObject) and "/S" in k]
    found = [e for k in below for e in (k, *elements(k))]
    return [e for e in found if kind in (None, e["/S"])]


def marked(element) -> list[tuple[int, int]]:
    """Page and number of the marked contents right below an element."""
    numbers = [(element["/Pg"], kid) for kid in kids(element) if not isinstance(kid, DictionaryObject)]
    others = [((kid if "/Pg" in kid else element)["/Pg"], kid["/MCID"]) for kid in kids(element)
              if isinstance(kid, DictionaryObject) and "/MCID" in kid]  # fmt: skip
    return [(int(page["/StructParents"]), int(number)) for page, number in numbers + others]


@pytest.fixture(scope="module")
def tree(read):
    return read.trailer["/Root"]["/StructTreeRoot"]


def test_everything_painted_is_content_in_the_tree_or_marked_as_none(read, tree):
    """ISO 14289-1, 7.1: all content is tagged or an artifact."""
    in_tree = {place for element in elements(tree) for place in marked(element)}
    in_pages = set()
    for page in read.pages:
        open_marks = []
        for operands, operator in ContentStream(page["/Contents"], read).operations:
            if operator in (b"BDC", b"BMC"):
                properties = operands[1] if len(operands) > 1 else {}
                open_marks.append(operands[0])
                if "/MCID" in properties:
                    assert "/Artifact" not in open_marks
                    in_pages.add((page["/StructParents"], int(properties["/MCID"])))
            elif operator == b"EMC":
                open_marks.pop()
            elif operator in (b"Tj", b"TJ", b"f", b"f*", b"S", b"s", b"B", b"b", b"Do", b"sh", b"INLINE IMAGE"):
                assert open_marks, operator
        assert not open_marks and page["/Tabs"] == "/S"
    assert in_pages == in_tree and len(in_tree) > 1000


def test_the_tree_has_standard_types_pictures_with_text_lists_and_tables(tree, html):
    mapped = tree.get("/RoleMap", {})
    assert {mapped.get(e["/S"], e["/S"]) for e in elements(tree)} <= {  # all of ISO 32000-1, 14.8.4
        *("/Document", "/Div", "/NonStruct", "/P", "/H1", "/H2", "/H3", "/L", "/LI", "/Lbl", "/LBody", "/Link"),
        *("/Table", "/TR", "/TH", "/TD", "/Caption", "/Figure", "/Formula", "/Span"),
    }
    assert [f["/Alt"] for f in elements(tree, "/Figure")] == [i["alt"] for i in html.select("img")]
    assert [f["/Alt"] for f in elements(tree, "/Formula")] == [m["alttext"] for m in html.select("math")]
    assert {k["/S"] for item in elements(tree, "/LI") for k in kids(item)} == {"/Lbl", "/LBody"}
    tables = elements(tree, "/Table")
    assert len(tables) == len(html.select("table"))
    for table, source in zip(tables, html.select("table"), strict=True):
        assert len(elements(table, "/TH")) == len(source.select("th"))
        assert len(elements(table, "/TD")) == len(source.select("td"))
        assert len(elements(table, "/Caption")) == 1
        scopes = [a["/Scope"] for th in elements(table, "/TH") for a in th["/A"] if "/Scope" in a]
        assert len(scopes) == len(source.select("th")) and {"/Column", "/Row"} == set(scopes)


def test_a_table_heading_is_read_once_however_often_it_is_printed(tree):
    headings = elements(tree, "/TH")
    assert len(headings) > 300
    for heading in headings:
        assert len({page for part in (heading, *elements(heading)) for page, _ in marked(part)}) == 1


def test_links_are_tagged_and_say_where_they_lead(read, tree, html):
    annotations = [a.get_object() for page in read.pages for a in page.get("/Annots", [])]
    contents = [a.get_text() for a in html.select("nav a")]
    assert [a["/Contents"] for a in annotations] == contents
    assert all("/StructParent" in a for a in annotations) and len(elements(tree, "/Link")) == len(contents)


def test_links_to_files_beside_the_page_stay_relative(tmp_path, chromium_path):
    path = tmp_path / "index.html"
    link = '<p><a href="16077_altenburger_land/01_steckbrief.html">Steckbrief <b>Süd</b></a></p>'
    path.write_text(small_page(link), encoding="utf-8")
    make_pdf(Chromium(chromium_path), path, 120)
    annotation = PdfReader(path.with_suffix(".pdf")).pages[0]["/Annots"][0].get_object()
    assert annotation["/A"]["/URI"] == "16077_altenburger_land/01_steckbrief.html"
    assert annotation["/Contents"] == "Steckbrief Süd"
    assert str(tmp_path).encode() not in path.with_suffix(".pdf").read_bytes()


def test_a_page_in_english_and_with_signs_in_its_title(tmp_path, chromium_path):
    path = tmp_path / "a b ü.html"
    path.write_text(small_page(), encoding="utf-8")
    make_pdf(Chromium(chromium_path), path, 120)
    read = PdfReader(path.with_suffix(".pdf"))
    assert read.trailer["/Root"]["/Lang"] == "en-GB" and read.metadata["/Title"] == "Ein Titel & mehr"
    assert "Ein Titel &amp; mehr" in read.trailer["/Root"]["/Metadata"].get_data().decode()


def test_a_print_of_another_page_is_refused(pdf, tmp_path):
    path = tmp_path / "x.html"
    path.write_text(small_page(), encoding="utf-8")
    with pytest.raises(PrintError, match="printed something else"):
        finish(pdf.read_bytes(), read_page(path), path.as_uri())
    with pytest.raises(PrintError, match="no readable PDF"):
        finish(pdf.read_bytes()[:2000], read_page(path), path.as_uri())


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"<!DOCTYPE html><html><title>x</title>", "is not a page of Kreisblick"),
        (b"", "is not a page of Kreisblick"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (None, "there is no such file"),
    ],
)
def test_a_file_that_is_no_page_of_ours_is_refused(tmp_path, content, expected):
    path = tmp_path / "fremd.html"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=expected):
        read_page(path)


def test_the_browser_that_the_variable_names_is_taken(monkeypatch, chromium_path):
    monkeypatch.setenv(chromium.VARIABLE, chromium_path)
    monkeypatch.setenv("PATH", "")
    assert chromium.find().path == chromium_path
