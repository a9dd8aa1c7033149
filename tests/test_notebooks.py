"""The notebooks as files (the package computes, the notebook tells) and as reports on the shipped figures."""

import ast
import re

import nbformat
import pytest
from conftest import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(params=NOTEBOOKS, ids=lambda p: p.stem)
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def test_there_are_notebooks():
    assert {p.stem for p in NOTEBOOKS} >= {"00_vorlage", "01_steckbrief"}


def test_a_notebook_only_tells(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            forbidden = (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.Try, ast.comprehension, ast.Lambda)
            assert not [n for n in ast.walk(ast.parse(cell.source)) if isinstance(n, forbidden)], cell.source
            assert len(ast.parse(cell.source).body) <= 4 or "parameters" in cell.metadata.get("tags", []), cell.source


def test_a_notebook_is_committed_without_outputs_and_with_its_kernelspec(notebook):
    assert notebook.nbformat == 4 and notebook.nbformat_minor >= 5
    assert notebook.metadata.kernelspec.name == "python3"
    assert "version" not in notebook.metadata.get("language_info", {})
    for cell in notebook.cells:
        assert not cell.get("outputs") and cell.get("execution_count") is None


def test_a_notebook_has_one_parameters_cell_of_literals_with_a_comment_each(notebook):
    cells = [c for c in notebook.cells if "parameters" in c.metadata.get("tags", [])]
    assert len(cells) == 1
    for line in cells[0].source.splitlines():
        assert re.fullmatch(r"[a-z_]+ = .+  # .+", line), line


def test_a_notebook_is_short_and_every_section_is_explained(notebook):
    assert len(notebook.cells) <= 27
    assert notebook.metadata.kreisblick.titel
    source = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    assert "## In Kürze" in source and "## Quellen" in source


def test_the_template_runs_as_a_report(kreisblick, shipped_store, tmp_path):
    done = kreisblick(
        "run", "--notebook", "00_vorlage", "--kreis", "16070", "--output", tmp_path / "aus",
        "--parameter", "kennzahl=altenquotient",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "aus" / "16070_ilm_kreis" / "00_vorlage.html").read_text(encoding="utf-8")
    assert "<h1>Altenquotient im Ilm-Kreis</h1>" in page
    assert "--parameter kennzahl=altenquotient" in page


def test_the_template_runs_for_a_kreis_that_nothing_can_be_compared_with(kreisblick, tidy_file, tmp_path):
    """Its summary names the value, so a table of the report must hold it though there is no figure."""
    rows = [
        f"99099;2019-12-31;{rest};;;thueringer_broschuere" for rest in ("bevoelkerung;100", "arbeitslosenquote;8,0")
    ]
    assert kreisblick("import", tidy_file(*rows)).returncode == 0
    done = kreisblick("run", "--notebook", "00_vorlage", "--kreis", "99099", "--output", tmp_path / "aus")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "aus" / "99099_musterkreis_erfunden" / "00_vorlage.html").read_text(encoding="utf-8")
    assert "Ein Vergleich ist nicht möglich" in page and page.count("8,0\u00a0%") == 2
