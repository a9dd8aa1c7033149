"""The finished pages in a real Chromium: accessibility, small screens, paper, no request to anywhere."""

import re
import shutil
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from paper import Paper

from analysis.report.chromium import Chromium
from analysis.report.pdf import make_pdf, read_page

AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]


@pytest.fixture(scope="module")
def pages(full_run):
    reports = sorted((full_run / "output").glob("*/01_steckbrief.html"))
    assert len(reports) == 16
    return {"index": full_run / "output" / "index.html", **{p.parent.name: p for p in reports}}


@pytest.fixture
def opened(browser):
    """Open a file at a width; collects console messages and every request that is not a data URL."""
    contexts = []

    def open_page(path, width=1200, **options):
        context = browser.new_context(viewport={"width": width, "height": 900}, offline=True, **options)
        contexts.append(context)
        page = context.new_page()
        page.seen = []
        page.on("console", lambda message: page.seen.append(message.text))
        page.on("pageerror", lambda error: page.seen.append(str(error)))
        page.on("request", lambda r: r.url.startswith("data:") or page.seen.append(r.url))
        page.goto(path.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("name", ["index", "16077_altenburger_land", "16056_eisenach", "99099_musterkreis_erfunden"])
def test_axe_finds_nothing(pages, opened, name):
    page = opened(pages[name])
    results = Axe().run(page, options={"runOnly": {"type": "tag", "values": AXE_TAGS}})
    assert results.response["passes"], "axe did not run"
    assert [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in results.response["violations"]] == []


def test_axe_would_find_a_fault(pages, opened, tmp_path):
    broken = tmp_path / "kaputt.html"
    text = pages["16077_altenburger_land"].read_text(encoding="utf-8")
    broken.write_text(re.sub(r' alt="[^"]*"', "", text, count=1).replace('lang="de"', "", 1), encoding="utf-8")
    found = {v["id"] for v in Axe().run(opened(broken)).response["violations"]}
    assert {"image-alt", "html-has-lang"} <= found


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


def test_every_picture_is_there_and_described(pages, opened):
    page = opened(pages["16077_altenburger_land"])
    pictures = page.locator("img")
    assert pictures.count() == 6
    for picture in pictures.all():
        assert picture.evaluate("i => i.naturalWidth") > 500
        assert 30 <= len(picture.get_attribute("alt")) <= 400


def test_every_link_of_the_index_and_the_contents_leads_somewhere(pages, opened):
    links = [a.get_attribute("href") for a in opened(pages["index"]).locator("main a").all()]
    assert len(links) == 16 and all((pages["index"].parent / link).is_file() for link in links)
    page = opened(pages["16077_altenburger_land"])
    for anchor in page.locator("nav a, a.sprung").all():
        assert page.locator(anchor.get_attribute("href")).count() == 1


def test_the_keyboard_reaches_contents_and_details(pages, opened):
    page = opened(pages["16077_altenburger_land"])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Zum Inhalt springen"
    order = []
    for _ in range(14):
        page.keyboard.press("Tab")
        order.append(page.evaluate("document.activeElement.className || document.activeElement.tagName"))
    assert order[:8] == ["A"] * 8 and order.count("SUMMARY") == 6


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


def test_in_forced_colours_and_at_double_size_the_text_is_all_there(pages, opened):
    page = opened(pages["16077_altenburger_land"], forced_colors="active")
    assert page.locator("h1").is_visible() and page.locator("#tabelle-1").is_visible()
    page = opened(pages["16077_altenburger_land"], 600)  # 1200 px wide at 200 % zoom
    assert page.evaluate("document.documentElement.scrollWidth") <= 600
