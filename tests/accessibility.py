"""Two independent checks of accessibility inside an open page: axe-core, and HTML_CodeSniffer as pa11y runs it.

Both are put into the page by the browser's debugging interface, past the page's own policy, which forbids scripts.
"""

import os
from functools import cache
from pathlib import Path

import pytest

MODULES = Path(__file__).with_name("browser") / "node_modules"
INSTALL = "npm ci --ignore-scripts --prefix tests/browser"

AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]

# pa11y 10: runner htmlcs, standard WCAG2AA, no rule ignored; of errors, warnings and notices it reports the errors.
SNIFF = """standard => new Promise((done, failed) => HTMLCS.process(standard, document, error => error ? failed(error) :
    done(HTMLCS.getMessages().filter(m => m.type === HTMLCS.ERROR)
        .map(m => [m.code, m.msg, (m.element.outerHTML || "").slice(0, 160)]))))"""

RUN_AXE = """async tags => {
    const found = await axe.run(document, {
        runOnly: {type: "tag", values: tags}, resultTypes: ["violations"], selectors: false,
    });
    return {passes: found.passes.length,
            violations: found.violations.map(v => [v.id, v.help, ...v.nodes.map(n => n.html.slice(0, 160))])};
}"""


def axe(page) -> list:
    """Violations of WCAG 2.1 A and AA and of good practice that axe-core finds: rule, meaning, elements."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_script("axe-core/axe.min.js"))
    found = page.evaluate(RUN_AXE, AXE_TAGS)
    assert found["passes"], "axe did not run"
    return found["violations"]


def pa11y(page) -> list:
    """Errors that HTML_CodeSniffer finds against WCAG 2 AA: rule, meaning, element."""
    if not page.evaluate("'HTMLCS' in window"):
        page.evaluate(_script("@pa11y/html_codesniffer/build/HTMLCS.js"))
    return page.evaluate(SNIFF, "WCAG2AA")


def is_installed() -> bool:
    """Whether both checks are there."""
    return all((MODULES / package / "package.json").is_file() for package in ("axe-core", "@pa11y/html_codesniffer"))


def require() -> None:
    """Skip the test when the checks are not there; in CI that is a failure."""
    if not is_installed():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"no axe-core, no HTML_CodeSniffer; run: {INSTALL}")


@cache
def _script(path: str) -> str:
    return (MODULES / path).read_text(encoding="utf-8")
