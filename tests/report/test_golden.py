"""The structure of a report with all outputs against `golden.txt`; `pytest tests/report --golden` renews it."""

import difflib
from pathlib import Path

import accessibility
import made
import pytest
from nbformat.v4 import new_markdown_cell
from outline import outline

from analysis import outputs, tables
from analysis.report.exporter import BerichtExporter

GOLDEN = Path(__file__).with_name("golden.txt")

MARKDOWN = """Ein Absatz mit **fetter** und *kursiver* Schrift, `Code` und einem [Verweis](https://example.org).

### Unterabschnitt

- eins
- zwei

1. erstens

> Zitat

Siehe @tab-einwohner und @abb-balken. Die Formel $\\frac{a}{b}$ steht im Satz.

$$q = \\frac{\\text{Fälle}}{n}$$
"""


def report() -> str:
    """Page with all kinds of outputs."""
    levels = [
        tables.Spalte("Gemeinde", oben=("Raum",)),
        tables.Spalte("Ortsteil", oben=("Raum",)),
        *(tables.Spalte(titel, oben=(jahr,)) for jahr in ("2018", "2019") for titel in ("Frauen", "Männer")),
    ]
    wide = tables.tabelle(
        levels,
        [tables.Gruppe([["Adorf", "Mitte", "600", "600", "610", "590"]])],
        titel="Einwohner nach Geschlecht",
        quelle="Amt, 31.12.2019",
        name="geschlecht",
        kopfspalten=2,
    )
    nb = made.notebook(
        made.code(made.bundle(outputs.saetze(["Ein Satz mit @tab-geschlecht.", ("Fetter Anfang.", "Ein zweiter.")]))),
        new_markdown_cell(MARKDOWN),
        made.code(made.bundle(made.table()), made.bundle(made.figure())),
        new_markdown_cell("## Einzelheiten"),
        made.code(made.bundle(wide)),
        made.code(made.bundle(outputs.hinweis("Zu lesen", ["Ein Hinweis."]))),
        made.code(made.bundle(outputs.hinweis("Achtung", ["Eine Warnung."], wichtig=True))),
        made.code(made.bundle(outputs.formel(r"x = \frac{a}{b}", "x ist a durch b"))),
    )
    return BerichtExporter().from_notebook_node(nb, {"herkunft": [("befehl", "kreisblick run")]})[0]


def test_the_structure_is_the_one_that_was_agreed(request):
    here = outline(report())
    if request.config.getoption("--golden"):
        GOLDEN.write_text(here, encoding="utf-8")
    agreed = GOLDEN.read_text(encoding="utf-8")
    difference = list(difflib.unified_diff(agreed.splitlines(), here.splitlines(), "agreed", "now", lineterm="", n=4))
    if difference:
        pytest.fail(
            "the structure of reports has changed; if that is meant: pytest tests/report --golden\n"
            + "\n".join(difference[:120]),
            pytrace=False,
        )


@pytest.mark.parametrize("check", [accessibility.axe, accessibility.pa11y])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_kind_of_output_is_accessible(opened, tmp_path, check, width):
    accessibility.require()
    path = tmp_path / "bericht.html"
    path.write_text(report(), encoding="utf-8")
    page = opened(path, width)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert check(page) == []
    assert page.seen == [path.as_uri()] and page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("html", ["<p><b>x</p></b>", "<p>x", "<ul></li></ul>"])
def test_an_outline_of_broken_nesting_fails(html):
    with pytest.raises(AssertionError):
        outline(html)


def test_an_outline_tells_structure_from_style():
    assert outline("<style>a {}</style><h1 id=x style='y'>T</h1>") == outline("<style>b {}</style><h1 id=x>T</h1>")
    assert outline('<th scope="col">A</th>') != outline("<th>A</th>") != outline("<td>A</td>")
