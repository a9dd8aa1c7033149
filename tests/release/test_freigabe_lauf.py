"""The release check in a run and on the command line: real kernels, a real browser, only the notebooks are small."""

import io
from pathlib import Path

import pytest
from conftest import ROOT
from gepflanzt import HTML, good_report
from notebooks_made import write_notebook
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject
from report_made import printed_report, small_page

from analysis.batch.export import Target
from analysis.batch.job import ERSTELLT, FEHLER, run_job
from analysis.batch.plan import Job, read_notebook
from analysis.cli import main
from analysis.release import datei
from analysis.release.datei import Gesucht
from analysis.report.chromium import Chromium
from analysis.report.pdf import make_pdf

FOLDER = "16077_altenburger_land"
LEAK = "MK369689"
"""Number of an interview of the invented survey."""


@pytest.fixture
def run(tmp_path):
    """Run a notebook with these cells; each time the same one, for a Kreis of one's choice."""
    (tmp_path / "s").mkdir()
    target = Target(tmp_path / "output", tmp_path / "figures", tmp_path / "s")

    def run(*cells: str, kreis: str = "16077"):
        path = write_notebook(tmp_path / "notebooks" / "01_test.ipynb", *cells)
        return run_job(Job(read_notebook(path), kreis, {"kreis": kreis}), target, 60)

    return run


SCRIPT = DictionaryObject(
    {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
)


def left(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.rglob("*") if p.is_file() and "notebooks" not in p.parts)


def test_of_a_refused_report_nothing_is_left_not_even_of_an_earlier_run(run, tmp_path):
    assert run('outputs.saetze(["Alles gut."])').ergebnis == ERSTELLT
    assert {"01_test.html", "01_test.ipynb"} <= set(left(tmp_path / "output"))
    refused = run('outputs.saetze(["Die Datei liegt in /home/anna/daten.csv."])')
    assert refused.ergebnis == FEHLER and refused.dateien == {} and left(tmp_path / "output") == []
    assert refused.meldung.startswith("not released: 01_test.html: a path")


def test_a_number_of_an_interview_stops_a_report_on_its_kreis_without_being_named(run, tmp_path):
    shown = f'outputs.saetze(["Fall {LEAK}."])'
    refused = run(shown, kreis="99099")
    assert refused.ergebnis == FEHLER and left(tmp_path / "output") == []
    assert "an identifier of the micro data (SERIAL)" in refused.meldung and LEAK not in refused.meldung
    assert run(shown).ergebnis == ERSTELLT  # of another Kreis it is no number of an interview


def test_a_failed_notebook_stays_without_outputs_if_they_hold_micro_data(run, tmp_path):
    failed = run(f"raise ValueError('row of {LEAK}')", kreis="99099")
    assert failed.ergebnis == FEHLER
    notebook = next((tmp_path / "output").rglob("*.ipynb")).read_text(encoding="utf-8")
    assert '"outputs": []' in notebook and '"ename"' not in notebook
    assert "ValueError" in run("raise ValueError('nothing')", kreis="99099").meldung
    assert '"ename"' in next((tmp_path / "output").rglob("*.ipynb")).read_text(encoding="utf-8")


def test_the_command_names_every_finding_and_refuses(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    folder = tmp_path / "fertig" / "16077"
    folder.mkdir(parents=True)
    for name, content in good_report(tmp_path).items():
        (folder / name).write_bytes(content)
    assert main(["release", str(folder.parent)]) == 0
    assert "released; 4 files (1 reports)" in capsys.readouterr().out
    page = (folder / HTML).read_text(encoding="utf-8").replace("</main>", f"<p>{LEAK}</p><script>1</script></main>")
    (folder / HTML).write_text(page, encoding="utf-8")
    assert main(["release", str(folder.parent)]) == 1
    said = capsys.readouterr()
    assert "refused, 2 findings" in said.out and LEAK not in said.err
    assert "not released: 16077/01_test.html: an identifier" in said.err and "line" in said.err
    assert main(["release", str(tmp_path / "nichts")]) == 2 and "there is no such folder" in capsys.readouterr().err


@pytest.fixture(scope="module")
def pdf(tmp_path_factory, chromium_path) -> bytes:
    page = tmp_path_factory.mktemp("pdf") / "01_test.html"
    page.write_text(printed_report().replace("Sechzig Zeilen.", f"Sechzig Zeilen zu {LEAK}."), encoding="utf-8")
    make_pdf(Chromium(chromium_path), page, 120)
    return page.with_suffix(".pdf").read_bytes()


@pytest.fixture(scope="module")
def small_pdf(tmp_path_factory, chromium_path) -> bytes:
    page = tmp_path_factory.mktemp("pdf") / "01_test.html"
    page.write_text(small_page(), encoding="utf-8")
    make_pdf(Chromium(chromium_path), page, 120)
    return page.with_suffix(".pdf").read_bytes()


def changed(pdf: bytes, change) -> bytes:
    writer, out = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf))), io.BytesIO()
    change(writer)
    writer.write(out)
    return out.getvalue()


def test_a_page_with_a_finding_gets_no_pdf_and_loses_its_earlier_one(tmp_path, capsys, monkeypatch, chromium_path):
    monkeypatch.chdir(ROOT)
    page = tmp_path / "99099" / "01_test.html"
    page.parent.mkdir()
    good = small_page("<p>Sechzig Zeilen.</p>")
    page.write_text(good, encoding="utf-8")
    assert main(["pdf", str(page)]) == 0 and page.with_suffix(".pdf").is_file()
    page.write_text(good.replace("Sechzig Zeilen.", f"Sechzig Zeilen zu {LEAK}."), encoding="utf-8")
    assert main(["pdf", str(page)]) == 1
    said = capsys.readouterr().err
    assert "not released: 01_test.html" in said and "an identifier of the micro data" in said and LEAK not in said
    assert [p.name for p in page.parent.iterdir()] == ["01_test.html"]


def test_a_pdf_with_a_finding_of_its_own_is_not_written(tmp_path, capsys, monkeypatch, chromium_path, small_pdf):
    monkeypatch.chdir(ROOT)
    page = tmp_path / "01_test.html"
    page.write_text(small_page(), encoding="utf-8")
    with_author = changed(small_pdf, lambda w: w.add_metadata({"/Author": "Anna Amsel"}))
    monkeypatch.setattr("analysis.report.pdf.finish", lambda *arguments: with_author)
    assert main(["pdf", str(page)]) == 1
    assert "not released: 01_test.pdf: a property of the file (Author)" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir() if p.suffix == ".pdf"] == []


def test_a_printed_pdf_has_no_finding_but_what_its_text_says(pdf):
    from analysis.release.kanarien import of_surveys

    survey = of_surveys([ROOT / "data" / "musterkreis" / "befragung" / "befragung.yaml"])
    found = datei.check(pdf, "01_test.pdf", Gesucht(survey))
    assert [f.was for f in found] == ["an identifier of the micro data (SERIAL)"]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda w: w.add_metadata({"/Author": "Anna Amsel"}), "a property of the file (Author)"),
        (lambda w: w.root_object.update({NameObject("/OpenAction"): SCRIPT}), "a script"),
        (lambda w: w.add_attachment("daten.csv", b"a;b"), "an attached file"),
        (lambda w: w.encrypt("geheim"), "a file that is encrypted"),
        (lambda w: w.add_metadata({"/Title": "/home/anna/x"}), "a path"),
        (lambda w: w.add_uri(0, "file:///srv/x.csv", [0, 0, 9, 9]), "a link to a file"),
    ],
)
def test_what_is_planted_in_a_pdf_is_found(small_pdf, change, what):
    assert datei.check(small_pdf, "01_test.pdf", Gesucht()) == []
    found = [f.was for f in datei.check(changed(small_pdf, change), "01_test.pdf", Gesucht())]
    assert any(what in was for was in found), found
