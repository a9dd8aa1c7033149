"""The workbook beside the page of a job; real jobs in real kernels, only the notebooks are small."""

import hashlib
import io
import os
import zipfile

import nbformat
import openpyxl
import pytest
from notebooks_made import write_notebook

from analysis.batch import job
from analysis.batch.export import Target
from analysis.batch.job import ERSTELLT, FEHLER, run_job
from analysis.batch.plan import Job, read_notebook

FOLDER = "16077_altenburger_land"
TABLE = (
    'from analysis import tables\ntables.tabelle([tables.Spalte("Kreis"), tables.Spalte("Quote")], '
    '[tables.Gruppe([["Altenburger Land", {text}]])], titel="Quoten", quelle="Amt, 2019")'
)
QUOTE = TABLE.format(text='"7,1\\u00a0%"')


@pytest.fixture
def run(tmp_path):
    """Run a notebook with a head, a section, a summary and these cells; each time the same one."""
    (tmp_path / "scratch").mkdir()
    target = Target(tmp_path / "output", tmp_path / "figures", tmp_path / "scratch")

    def run(*cells: str):
        path = write_notebook(tmp_path / "notebooks" / "01_test.ipynb")
        nb = nbformat.read(path, as_version=4)
        kopf = 'from analysis import outputs\noutputs.kopf(titel="Bericht", untertitel="Worum es geht", stand="2019")'
        sources = [kopf, "## Eins", 'outputs.kuerze(["Das Wichtigste."])', *cells]
        kind = {True: nbformat.v4.new_markdown_cell, False: nbformat.v4.new_code_cell}
        nb.cells = [nb.cells[0], *(kind[s.startswith("#")](s, id=f"z-{n}") for n, s in enumerate(sources))]
        nbformat.write(nb, path)
        return run_job(Job(read_notebook(path), "16077", {"kreis": "16077"}), target, 60)

    run.folder = target.output / FOLDER
    return run


def files(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_report_with_a_table_has_a_workbook_beside_its_page(run, tmp_path):
    result = run(QUOTE)
    assert result.ergebnis == ERSTELLT, result.meldung
    assert files(run.folder) == ["01_test.html", "01_test.ipynb", "01_test.xlsx"]
    made = (run.folder / "01_test.xlsx").read_bytes()
    assert result.dateien[f"{FOLDER}/01_test.xlsx"] == hashlib.sha256(made).hexdigest()
    book = openpyxl.load_workbook(io.BytesIO(made))
    assert book.sheetnames == ["Inhalt", "Tabelle 1"] and book["Tabelle 1"]["B3"].value == 0.071
    said = [cell.value for cell in book["Inhalt"]["B"]]
    assert any("kreisblick run --kreis 16077 --notebook 01_test" in (text or "") for text in said)
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        inside = b"".join(archive.read(name) for name in archive.namelist()).decode()
    assert not [w for w in (str(tmp_path), os.path.expanduser("~/"), "papermill", "xlsxwriter") if w in inside]
    assert run(QUOTE).dateien == result.dateien  # the same bytes


@pytest.mark.parametrize(
    ("cells", "ergebnis", "left"),
    [
        ((), ERSTELLT, ["01_test.html", "01_test.ipynb"]),  # no table any more
        (("1 / 0",), FEHLER, ["01_test.ipynb"]),
    ],
)
def test_a_workbook_of_an_earlier_run_does_not_stay(run, cells, ergebnis, left):
    run(QUOTE)
    result = run(*cells)
    assert result.ergebnis == ergebnis and files(run.folder) == left
    assert sorted(result.dateien) == [f"{FOLDER}/{name}" for name in left]


def test_a_report_is_put_into_place_only_after_what_it_may_show_is_recorded(run, monkeypatch):
    def fails(ags, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(job, "record", fails)
    result = run(QUOTE)
    assert result.ergebnis == FEHLER and "No space left" in result.meldung and files(run.folder) == ["01_test.ipynb"]


def test_a_text_that_no_workbook_holds_is_a_failure_of_the_job_that_says_so(run):
    result = run(TABLE.format(text='"x" * 40_000'))
    assert result.ergebnis == FEHLER and files(run.folder) == ["01_test.ipynb"]
    assert "report 'Bericht', Tabelle 1: the text" in result.meldung and "has 40,000 characters" in result.meldung
