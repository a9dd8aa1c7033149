import base64
import hashlib
import re
import subprocess
import sys

import bench_export
import nbformat
import pytest
from conftest import ROOT
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from traitlets.config import Config

from analysis import outputs, tables
from analysis.report.document import ReportError
from analysis.report.exporter import BerichtExporter


def notebook(titel="Steckbrief", text="Satz"):
    cells = []
    for ausgabe in (
        outputs.kopf(titel, "Unter", "Stand"),
        outputs.kuerze([text]),
        tables.tabelle([tables.Spalte("a"), tables.Spalte("b")], [tables.Gruppe([[text, "1"]])], titel="T", quelle="Q"),
    ):
        data, metadata = ausgabe._repr_mimebundle_()
        output = new_output("execute_result", data=data, metadata=metadata, execution_count=1)
        cells.append(new_code_cell("geheimer_code()", execution_count=1, outputs=[output]))
    return new_notebook(cells=[cells[0], new_markdown_cell("## Eins"), *cells[1:]])


def test_a_page_shows_all_outputs_and_no_code():
    html, _ = BerichtExporter().from_notebook_node(notebook())
    assert '<html lang="de">' in html and "<title>Steckbrief</title>" in html
    assert html.count("<table") == 1 and "<h1>Steckbrief</h1>" in html and 'class="kuerze"' in html
    assert "geheimer_code" not in html


def test_a_page_is_the_same_bytes_each_time_with_a_new_and_a_used_exporter():
    exporter = BerichtExporter()
    pages = {exporter.from_notebook_node(notebook())[0] for _ in range(3)}
    pages.add(BerichtExporter().from_notebook_node(notebook())[0])
    assert len(pages) == 1


def test_the_policy_allows_nothing_but_the_own_style_and_embedded_pictures():
    html, _ = BerichtExporter().from_notebook_node(notebook())
    style = re.search(r"<style>(.*?)</style>", html, re.S).group(1)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html).group(1)
    assert policy.startswith("default-src 'none'; img-src data:; ") and f"'sha256-{digest}'" in policy
    assert "<script" not in html and "http" not in html.replace("http-equiv", "") and " style=" not in html


def test_texts_cannot_break_out_of_the_page_or_its_style():
    evil = '</style><script>alert(1)</script>"; } body { display: none } /*'
    html, _ = BerichtExporter().from_notebook_node(notebook(evil, evil))
    assert "<script" not in html and html.count("</style>") == 1
    assert "display: none }" not in re.search(r"<style>(.*?)</style>", html, re.S).group(1)


def test_the_footer_says_where_the_figures_come_from():
    html, _ = BerichtExporter().from_notebook_node(notebook(), {"herkunft": [("Datenbestand", "abc123")]})
    assert "<dt>Datenbestand</dt><dd>abc123</dd>" in html and "Kreisblick 0." in html


def test_nbconvert_knows_the_exporter(tmp_path):
    path = tmp_path / "bericht.ipynb"
    nbformat.write(notebook(), path)
    done = subprocess.run(
        [sys.executable, "-m", "nbconvert", "--to", "kreisblick", str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "<h1>Steckbrief</h1>" in (tmp_path / "bericht.html").read_text(encoding="utf-8")


def test_fixed_words_in_english_leave_the_report_german():
    nb = notebook()
    nb.cells[0].outputs[0].data[outputs.MIME]["sprache"] = "en"
    nb.cells[1].source = "## In Kürze"
    html, _ = BerichtExporter().from_notebook_node(nb, {"herkunft": [("befehl", "kreisblick run")]})
    assert '<html lang="en">' in html and "Skip to content" in html and 'aria-label="Contents"' in html
    assert '<div lang="de">\n<h1>Steckbrief</h1>' in html and '<section aria-labelledby="in_kuerze" lang="de">' in html
    assert '<h2 id="in_kuerze" lang="en">In brief (In Kürze)</h2>' in html
    assert '<span class="nummer"><span lang="en">Table 1</span>:</span> T' in html
    assert '<span lang="en">Source</span>: Q' in html and "<dt>Make this report again with</dt>" in html


def test_terms_that_the_report_uses_are_explained_at_its_end():
    html, _ = BerichtExporter().from_notebook_node(notebook(text="Der Median liegt bei 1."))
    assert '<h2 id="begriffe">' in html and "<dt>Median</dt><dd>Der mittlere Wert" in html
    assert '<a href="#begriffe">' in html
    html, _ = BerichtExporter().from_notebook_node(notebook())
    assert 'id="begriffe"' not in html


def test_a_file_that_is_no_valid_notebook_is_refused():
    nb = notebook()
    nb.cells[0].id = "<b>"
    with pytest.raises(ReportError, match="^Notebook: is no valid notebook: '<b>' does not match"):
        BerichtExporter().from_notebook_node(nb)


def test_the_notebook_stays_as_it_was():
    nb = notebook()
    before = nb.copy()
    BerichtExporter().from_notebook_node(nb)
    assert nb == before


def test_a_preprocessor_works_when_it_is_switched_on():
    config = Config(TagRemovePreprocessor={"enabled": True, "remove_cell_tags": ["weg"]})
    nb = notebook()
    nb.cells.append(new_markdown_cell("## Geheim", metadata={"tags": ["weg"]}))
    assert "Geheim" in BerichtExporter().from_notebook_node(nb)[0]
    assert "Geheim" not in BerichtExporter(config=config).from_notebook_node(nb)[0]
    assert len(nb.cells) == len(notebook().cells) + 1


def test_a_number_and_its_per_cent_sign_stay_on_one_line():
    nb = notebook(text="Das sind 27,0 % und mehr.")
    nb.cells[1].source = "## Eins\n\nMit 95 % Sicherheit."
    html, _ = BerichtExporter().from_notebook_node(nb)
    assert html.count("27,0\u00a0%") == 2 and "Mit 95\u00a0% Sicherheit" in html and "0 %" not in html


def test_a_report_of_eight_figures_and_four_tables_is_small():
    """At most 250 KB and a quarter of what nbconvert's own template makes of the same content."""
    own, twin = bench_export.notebooks()
    page, _ = BerichtExporter().from_notebook_node(own)
    lab, _ = HTMLExporter(template_name="lab").from_notebook_node(twin)
    assert page.count("<figure") == 8 and page.count("<table") == 12  # each figure has its numbers as a table
    assert len(page.encode()) <= min(250_000, len(lab.encode()) / 4)
