"""The finished pages in a real Chromium: small screens, paper, no request to anywhere."""

import pypdfium2
import pytest


@pytest.mark.parametrize("width", [390, 320])
@pytest.mark.parametrize("name", ["index", "16077_altenburger_land", "16066_schmalkalden_meiningen"])
def test_a_phone_does_not_scroll_sideways(pages, opened, name, width):
    page = opened(pages[name], width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for details in page.locator("summary").all():
        details.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    wider = "nodes => nodes.filter(n => n.scrollWidth > n.clientWidth).map(n => n.innerText.slice(0, 60))"
    assert page.locator(".tabelle").evaluate_all(wider) == []  # no table hides columns either


def test_no_page_asks_for_anything_or_says_anything(pages, opened):
    for path in pages.values():
        page = opened(path)
        assert page.seen == [path.as_uri()]
        assert page.locator("script, iframe, object, form, link").count() == 0


def test_every_link_of_the_index_and_the_contents_leads_somewhere(pages, opened):
    links = [a.get_attribute("href") for a in opened(pages["index"]).locator("main a").all()]
    assert len(links) == 16 and all((pages["index"].parent / link).is_file() for link in links)
    page = opened(pages["16077_altenburger_land"])
    for anchor in page.locator("nav a, a.sprung").all():
        assert page.locator(anchor.get_attribute("href")).count() == 1


def test_on_paper_nothing_is_cut_off_and_pages_are_numbered(pages, opened, tmp_path):
    page = opened(pages["16077_altenburger_land"])
    pdf = tmp_path / "bericht.pdf"
    page.pdf(path=pdf, prefer_css_page_size=True, tagged=True)
    document = pypdfium2.PdfDocument(pdf)
    texts = [p.get_textpage().get_text_range() for p in document]
    assert 5 <= len(texts) <= 12
    for number, (sheet, text) in enumerate(zip(document, texts, strict=True), start=1):
        assert [round(size) for size in sheet.get_size()] == [595, 842]  # A4
        assert f"Seite {number} von {len(texts)}" in text and "Steckbrief Landkreis Altenburger Land" in text
        left, _, right, _ = sheet_box(sheet)
        assert left >= 40 and right <= 555  # nothing beyond the margins of 18 mm
    together = " ".join(" ".join(texts).split())
    for part in ("In Kürze", "Alle Kennzahlen", "Weitere veröffentlichte Kennzahlen", "Herkunft dieses Berichts"):
        assert part in together


def sheet_box(sheet) -> tuple[float, float, float, float]:
    """Outline of everything on a sheet: left, bottom, right, top in points."""
    boxes = [obj.get_bounds() for obj in sheet.get_objects() if obj.type in (1, 3)]  # text and pictures
    return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)


def test_no_heading_stands_alone_at_the_foot_of_a_printed_page(pages, opened, tmp_path):
    page = opened(pages["16077_altenburger_land"])
    headings = [h.inner_text() for h in page.locator("h2").all()]
    pdf = tmp_path / "bericht.pdf"
    page.pdf(path=pdf, prefer_css_page_size=True)
    for sheet in pypdfium2.PdfDocument(pdf):
        lines = [line.strip() for line in sheet.get_textpage().get_text_range().splitlines() if line.strip()]
        body = [line for line in lines if not line.startswith("Seite ") and not line.startswith("Steckbrief Landkreis")]
        assert body and body[-1] not in headings
