"""The finished pages in a real Chromium: small screens, paper, no request to anywhere."""

import accessibility
import pypdfium2
import pytest
from manifest_made import ZEIT, five_reports, four_hundred_kreise

from analysis.report.index import write_index


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
    page = opened(pages["index"])
    links = [a.get_attribute("href") for a in page.locator("main a").all()]
    # each Kreis by Land and by the alphabet, each report by Land and by kind of report, its workbook by Land
    assert len(links) == 5 * 16 and all((pages["index"].parent / link).is_file() for link in links)
    for anchor in page.locator("nav a, a.sprung").all():
        assert page.locator(anchor.get_attribute("href")).count() == 1
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


@pytest.fixture
def large_index(tmp_path, monkeypatch):
    """Write an index page over some of 400 invented Kreise with five reports each."""
    kreise = four_hundred_kreise(monkeypatch)

    def write(number: int = 400):
        made, missing = five_reports(kreise[:number])
        for file in [f for report in made for f in report["dateien"]]:
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file).touch()
        write_index(tmp_path / "index.html", {"lauf": {"zeit": ZEIT}, "berichte": made, "nicht_moeglich": missing})
        return tmp_path / "index.html"

    return write


def test_the_index_over_400_kreise_is_found_through_without_a_script(large_index, opened):
    index = large_index()
    page = opened(index)
    assert page.seen == [index.as_uri()]
    assert page.evaluate("document.documentElement.scrollHeight") < 15_000  # folded up by Land and by report
    page.locator("nav.buchstaben a").last.click()
    assert page.locator("main h3").last.is_visible()
    land = page.locator("#land-16 + details")
    assert not land.locator("a").first.is_visible()
    land.locator("summary").focus()
    page.keyboard.press("Enter")
    assert land.locator("a").first.is_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')").endswith("/index.html")


@pytest.mark.parametrize("width", [600, 390, 320])
def test_the_index_over_400_kreise_fits_small_screens(large_index, opened, width):
    page = opened(large_index(), width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_axe_finds_nothing_in_a_folded_index(large_index, opened):
    page = opened(large_index(32))  # with the same parts as one over 400, but checked in seconds
    page.evaluate("document.querySelectorAll('details').forEach((d, n) => d.open = n % 2 == 0)")
    accessibility.require()
    assert accessibility.axe(page) == [] and accessibility.pa11y(page) == []


def test_the_page_of_a_kreis_leads_to_its_reports_and_back(pages, opened):
    page = opened(pages["index"])
    page.locator("#alphabet ~ ul a", has_text="Musterkreis").click()
    assert page.locator("h1").inner_text() == "Musterkreis (erfunden)"
    page.locator("main a").first.click()
    assert page.locator("h1").inner_text() == "Steckbrief Musterkreis (erfunden)"
    page.go_back()
    page.locator("nav a").click()
    assert page.locator("h1").inner_text() == "Berichte zur Sozialplanung"


def computed(page, selector: str, name: str) -> str:
    return page.locator(selector).first.evaluate(f"e => getComputedStyle(e)['{name}']")


def test_the_design_of_a_kreis_is_seen_on_screen_phone_and_paper(pages, opened):
    for width in (1200, 390, 320):
        page = opened(pages["99099_musterkreis_erfunden"], width)
        logo = page.locator("header img")
        assert logo.is_visible() and logo.evaluate("i => i.naturalWidth") == 240
        box = logo.bounding_box()
        assert box["height"] <= 96 and abs(box["width"] - box["height"]) < 1  # not stretched
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert [h.inner_text() for h in page.locator("footer section h2").all()] == [
            "Kontakt", "Impressum", "Barrierefreiheit",
        ]  # fmt: skip
    assert page.locator("footer a").get_attribute("href") == "mailto:sozialplanung@musterkreis.example"
    assert computed(page, "h1", "color") == computed(page, "nav a", "color") == "rgb(11, 83, 69)"
    page.emulate_media(media="print")
    assert logo.is_visible() and logo.bounding_box()["height"] <= 96
    assert page.locator("header").get_by_text("Landratsamt Musterkreis (erfunden)").is_visible()
    neutral = opened(pages["16077_altenburger_land"])
    assert computed(neutral, "h1", "color") == "rgb(50, 28, 143)" and neutral.locator("header img").count() == 0


def test_the_focus_is_seen_on_every_kind_of_element(pages, opened):
    for name in ("index", "99099_musterkreis_erfunden"):
        page = opened(pages[name])
        for selector in ("a.sprung", "nav a", "summary", "main a" if name == "index" else "footer a"):
            page.keyboard.press("Tab")  # from the keyboard, as :focus-visible asks
            page.locator(selector).first.focus()
            assert computed(page, selector, "outlineStyle") == "solid"
            assert computed(page, selector, "outlineWidth") == "3px"
