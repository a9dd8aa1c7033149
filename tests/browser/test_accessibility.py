"""Every finished page under two independent checks of accessibility, with what is folded in and out."""

import re

import accessibility
import pytest

CHECKS = {"axe": accessibility.axe, "pa11y": accessibility.pa11y}


@pytest.fixture(autouse=True)
def checks_are_installed():
    accessibility.require()


@pytest.mark.parametrize("check", CHECKS)
def test_nothing_is_found_on_any_page_folded_in_or_out(pages, opened, check):
    page = opened(pages["index"], 1280)
    overviews = {f"{path.parent.name}/index": path for path in pages["index"].parent.glob("*/index.html")}
    found = {}
    for name, path in {**pages, **overviews}.items():
        page.goto(path.as_uri())
        found[name, "folded in"] = CHECKS[check](page)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        found[name, "folded out"] = CHECKS[check](page)
    assert {place: messages for place, messages in found.items() if messages} == {}
    assert len(found) == 2 * (1 + 16 + 13)


@pytest.mark.parametrize(
    ("check", "before", "after", "rule"),
    [
        ("axe", r' alt="[^"]*"', "", "image-alt"),
        ("axe", ' lang="de"', "", "html-has-lang"),
        ("axe", r"<main(.*)</main>", r"<div\1</div>", "landmark-one-main"),
        ("axe", "<h2 ", "<h4 ", "heading-order"),
        ("axe", '<section aria-labelledby="', '<section aria-labelledby="" aria-erfunden="', "aria-valid-attr"),
        ("pa11y", r' alt="[^"]*"', "", "H37"),
        ("pa11y", ' lang="de"', "", "H57.2"),
        ("pa11y", "<title>.*?</title>", "", "H25.1.NoTitleEl"),
        ("pa11y", 'id="abbildung-2"', 'id="abbildung-1"', "F77"),
        ("pa11y", 'scope="row"', 'scope="zeile"', "H63.3"),
    ],
)
def test_a_planted_fault_is_found(pages, opened, tmp_path, check, before, after, rule):
    text = pages["16077_altenburger_land"].read_text(encoding="utf-8")
    broken, count = re.subn(before, after, text, count=1, flags=re.S)
    assert count == 1
    path = tmp_path / "kaputt.html"
    path.write_text(broken, encoding="utf-8")
    messages = CHECKS[check](opened(path, 1280))
    assert any(message[0].endswith(rule) for message in messages), messages


@pytest.mark.parametrize("check", CHECKS)
def test_faint_text_is_found(pages, opened, check):
    page = opened(pages["16077_altenburger_land"], 1280)
    page.evaluate("document.styleSheets[0].insertRule('.untertitel { color: #aaa !important }')")
    rules = {"axe": "color-contrast", "pa11y": "WCAG2AA.Principle1.Guideline1_4.1_4_3.G18.Fail"}
    assert rules[check] in [message[0] for message in CHECKS[check](page)]
