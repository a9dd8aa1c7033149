"""The finished pages in a real Chromium: small screens, paper, links, design."""

import shutil
from pathlib import Path

import accessibility
import pytest
from manifest_made import ZEIT, five_reports, four_hundred_kreise
from paper import Paper

from analysis.report.chromium import Chromium
from analysis.report.index import write_index
from analysis.report.pdf import make_pdf, read_page


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
    page = opened(pages["index"])
    for path in pages.values():
        page.seen.clear()
        page.goto(path.as_uri())
        assert page.seen == [path.as_uri()]
        assert page.locator("script, iframe, object, form, link").count() == 0


def test_every_link_of_the_index_and_the_contents_leads_somewhere(pages, opened):
    page = opened(pages["index"])
    links = [a.get_attribute("href") for a in page.locator("main a").all()]
    # each Kreis by Land and by the alphabet, each report by Land and by kind of report, its workbooks by Land
    assert len(links) == 2 * 16 + 2 * 54 + 61 and all((pages["index"].parent / link).is_file() for link in links)
    for anchor in page.locator("nav a, a.sprung").all():
        assert page.locator(anchor.get_attribute("href")).count() == 1
    page = opened(pages["16077_altenburger_land"])
    for anchor in page.locator("nav a, a.sprung").all():
        assert page.locator(anchor.get_attribute("href")).count() == 1


@pytest.mark.parametrize("name", ["16077_altenburger_land", "99099_musterkreis_erfunden"])
def test_on_paper_nothing_is_cut_off_or_torn_apart(pages, chromium_path, tmp_path, name):
    copy = Path(shutil.copy(pages[name], tmp_path))
    make_pdf(Chromium(chromium_path), copy, 120)
    paper = Paper(copy.with_suffix(".pdf"), copy.read_text(encoding="utf-8"), read_page(copy).titel)
    assert 5 <= len(paper.sheets) <= 20
    paper.check()


def test_the_index_fits_on_paper(pages, chromium_path, tmp_path):
    copy = Path(shutil.copy(pages["index"], tmp_path))
    make_pdf(Chromium(chromium_path), copy, 120)
    Paper(copy.with_suffix(".pdf"), copy.read_text(encoding="utf-8"), read_page(copy).titel).check()


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
