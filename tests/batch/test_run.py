"""Real jobs through papermill in real kernels; only the notebooks are small."""

import json
import os
import time
from dataclasses import replace

import nbformat
import pytest
from notebooks_made import write_notebook

from analysis.batch import manifest
from analysis.batch.export import Target
from analysis.batch.job import ERSTELLT, FEHLER, ZEITLIMIT, Result, clean, run_job
from analysis.batch.plan import Blocked, Job, read_notebook
from analysis.batch.run import run
from analysis.report.gestaltung import gestaltung

EINGABEN = {"store": "0" * 64}

SHOW = 'from analysis import outputs\noutputs.saetze([f"Kreis {kreis}"])'


@pytest.fixture
def target(tmp_path):
    (tmp_path / "scratch").mkdir()
    return Target(tmp_path / "output", tmp_path / "figures", tmp_path / "scratch", {"pandas": "3"}, {"store": "abc"})


@pytest.fixture
def job(tmp_path):
    def make(*cells: str, name: str = "01_test", ags: str = "16077", **keywords) -> Job:
        path = write_notebook(tmp_path / "notebooks" / f"{name}.ipynb", *cells, **keywords)
        return Job(read_notebook(path), ags, {"kreis": ags})

    return make


def files(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()) if folder.exists() else []


def test_a_job_leaves_page_and_notebook_and_nothing_else(job, target):
    result = run_job(job(SHOW), target, 60)
    assert result.ergebnis == ERSTELLT, result.meldung
    assert files(target.output) == ["16077_altenburger_land/01_test.html", "16077_altenburger_land/01_test.ipynb"]
    assert set(result.dateien) == set(files(target.output))
    page = (target.output / "16077_altenburger_land/01_test.html").read_text(encoding="utf-8")
    assert "Kreis 16077" in page and "kreisblick run --kreis 16077 --notebook 01_test" in page


def test_the_report_of_an_area_has_files_and_an_entry_of_its_own(job, target):
    whole = job('outputs.saetze([f"Raum {raum}"])', parameters='kreis = "16077"\nraum = ""')
    part = replace(whole, parameters={"kreis": "16077", "raum": "16077.nord"}, raum="16077.nord", gebiet="Norden")
    results = [run_job(j, target, 60) for j in (part, whole)]
    assert [r.ergebnis for r in results] == [ERSTELLT] * 2
    stems = ["01_test", "01_test-nord"]
    there = [f"16077_altenburger_land/{stem}.{ending}" for stem in stems for ending in ("html", "ipynb")]
    assert sorted(files(target.output)) == sorted(there)
    page = (target.output / there[2]).read_text(encoding="utf-8")
    assert "Raum 16077.nord" in page and "kreisblick run --kreis 16077 --notebook 01_test --raum 16077.nord" in page
    written = manifest.update(target.output / "manifest.json", results, [], EINGABEN)
    assert [(b["titel"], b["raum"]) for b in written["berichte"]] == [("Test", ""), ("Test Norden", "16077.nord")]
    again = manifest.update(target.output / "manifest.json", results[:1], [], EINGABEN)
    assert len(again["berichte"]) == 2


def test_a_result_is_the_same_bytes_each_time_and_tells_no_path(job, target, tmp_path):
    one = job(SHOW)
    first = run_job(one, target, 60).dateien
    assert run_job(one, target, 60).dateien == first
    for file in files(target.output):
        text = (target.output / file).read_text(encoding="utf-8")
        assert str(tmp_path) not in text and os.path.expanduser("~/") not in text and "papermill" not in text


def test_a_page_has_the_design_of_its_kreis_and_names_it_among_its_inputs(job, target):
    design = gestaltung("99099")
    assert run_job(job(SHOW, ags="99099"), target, 60).ergebnis == ERSTELLT
    page = (target.output / "99099_musterkreis_erfunden/01_test.html").read_text(encoding="utf-8")
    assert f"<strong>{design.name}</strong>" in page and f"Gestaltung {design.sha256}" in page
    assert f"--haupt: {design.haupt}" in page and f"base64,{design.logo.png}" in page


def test_failures_stay_with_their_job_and_leave_a_notebook_but_no_page(job, target):
    good = [job(SHOW, name="01_gut"), job(SHOW, name="05_gut", ags="16070")]
    bad = [
        job("1 / 0", name="02_fehler"),
        job("import os\nos._exit(3)", name="03_tot"),
        job("while True:\n    pass", name="04_endlos"),
        job('print("/home/anna")', name="06_gedruckt"),
    ]
    started = time.monotonic()
    results = list(run([good[0], *bad, good[1]], target, workers=2, timeout=8))
    by_name = {r.notebook: r for r in results}
    assert len(results) == len(by_name) == 6
    assert by_name["01_gut"].ergebnis == by_name["05_gut"].ergebnis == ERSTELLT
    assert by_name["02_fehler"].meldung.endswith("ZeroDivisionError: division by zero")
    assert by_name["02_fehler"].meldung.startswith("cell 6: ")  # as the analyst counts them in the executed notebook
    assert by_name["03_tot"].meldung.startswith("the kernel died")
    assert by_name["04_endlos"].ergebnis == ZEITLIMIT and by_name["04_endlos"].meldung == "the limit of 8 s was reached"
    assert by_name["06_gedruckt"].ergebnis == FEHLER and "printed text on stdout" in by_name["06_gedruckt"].meldung
    assert not [f for f in files(target.output) if f.endswith(".html") and "gut" not in f]
    executed = nbformat.read(target.output / "16077_altenburger_land" / "02_fehler.ipynb", as_version=4)
    assert any(o.output_type == "error" for c in executed.cells for o in c.get("outputs", []))
    assert time.monotonic() - started < 120  # the endless notebook was stopped, not waited for


def test_a_failure_takes_an_earlier_page_and_its_pictures_away_and_no_others(job, target):
    draw = (
        "from analysis import figures, tables\nfig, (ax,) = figures.new_figure(1)\nax.plot([1, 2])\n"
        'zahlen = tables.tabelle([tables.Spalte("x")], [tables.Gruppe([["1"]])], titel="T", quelle="Q")\n'
        'figures.abbildung(fig, name="linie", titel="T", einheit="in Prozent", quelle="Q", daten=zahlen, '
        'alternativtext="Eine Linie steigt von links unten nach rechts oben.")'
    )
    run_job(job(draw), target, 60)
    run_job(job(draw, name="01_test_karte"), target, 60)
    assert files(target.figures) == ["16077/01_test_01_linie.png", "16077/01_test_karte_01_linie.png"]
    result = run_job(job("1 / 0"), target, 60)
    assert result.ergebnis == FEHLER
    left = [f"16077_altenburger_land/{name}" for name in ("01_test.ipynb", "01_test_karte.html", "01_test_karte.ipynb")]
    left.append("16077_altenburger_land/01_test_karte.xlsx")
    assert files(target.output) == left and files(target.figures) == ["16077/01_test_karte_01_linie.png"]


def test_a_folder_that_cannot_be_written_is_a_failure_of_the_job(job, target):
    target.output.parent.mkdir(exist_ok=True)
    target.output.write_text("keine Mappe")
    result = run_job(job(SHOW), target, 60)
    assert result.ergebnis == FEHLER and "Error" in result.meldung and result.lesbarkeit is None


def die_for_jena(job, target, timeout):
    """Job function that takes its worker process down for one Kreis."""
    if job.ags == "16053":
        os._exit(9)
    return run_job(job, target, timeout)


def test_a_worker_that_dies_takes_no_other_job_with_it(job, target):
    jobs = [job(SHOW, ags=ags) for ags in ("16052", "16053", "16070", "16077")]
    results = {r.ags: r for r in run(jobs, target, workers=2, timeout=60, task=die_for_jena)}
    assert {ags: r.ergebnis for ags, r in results.items()} == {
        "16052": ERSTELLT, "16053": FEHLER, "16070": ERSTELLT, "16077": ERSTELLT,
    }  # fmt: skip
    assert results["16053"].meldung == "its worker process died twice"


def test_kernels_that_start_together_do_not_mix(job, target):
    """Each job writes its own key again and again while another one does the same beside it."""
    cells = [SHOW.replace("Kreis {kreis}", f"{n}: {{kreis}}") for n in range(12)]
    jobs = [job(*cells, ags=ags) for ags in ("16052", "16053", "16055", "16062")]
    for result in run(jobs, target, workers=4, timeout=100):
        assert result.ergebnis == ERSTELLT, result.meldung
        page = next(target.output.glob(f"{result.ags}_*/01_test.html")).read_text(encoding="utf-8")
        assert [f"<p>{n}: {result.ags}</p>" in page for n in range(12)] == [True] * 12


def test_progress_is_one_plain_line_per_job_without_a_terminal(job, target, capfd):
    list(run([job(SHOW), job("1 / 0", name="02_fehler")], target, workers=1, timeout=60))
    lines = [line for line in capfd.readouterr().err.splitlines() if line.startswith("[")]
    assert lines[0].startswith("[1/2] 16077 01_test: erstellt (") and "ZeroDivisionError" in lines[1]


def test_clean_takes_times_and_paths_away():
    nb = nbformat.v4.new_notebook(metadata={"papermill": {"input_path": "/home/anna"}})
    cell = nbformat.v4.new_code_cell(
        "kreis = '1'", metadata={"tags": ["injected-parameters"], "execution": {"iopub.status.busy": "2026"}}
    )
    nb.cells = [cell]
    assert clean(nb).metadata == {} and nb.cells[0].id == "injected-parameters"
    assert dict(nb.cells[0].metadata) == {"tags": ["injected-parameters"]}


def test_the_manifest_keeps_the_newest_entry_per_report(job, target):
    path = target.output / "manifest.json"
    first = list(run([job(SHOW), job(SHOW, ags="16070")], target, 2, 60))
    manifest.update(path, first, [], {"store": "1" * 64})
    second = list(run([job("1 / 0")], target, 1, 60))
    blocked = [Blocked(job(SHOW).notebook, "16061", "Es fehlen Daten: Bevölkerung.")]
    written = manifest.update(path, second, blocked, {"store": "2" * 64})
    assert written == json.loads(path.read_text(encoding="utf-8"))
    entries = {(e["ags"], e["notebook"]): e for e in written["berichte"]}
    assert entries["16077", "01_test"]["ergebnis"] == FEHLER
    assert entries["16070", "01_test"]["lauf"]["eingaben_sha256"] == {"store": "1" * 64}
    assert written["nicht_moeglich"][0]["ags"] == "16061"
    (target.output / "16070_ilm_kreis" / "01_test.html").unlink()
    assert len(manifest.update(path, [], [], EINGABEN)["berichte"]) == 1  # a report that is gone is not claimed


def test_a_report_stays_while_its_page_is_there_and_names_only_the_files_that_are(job, target):
    path = target.output / "manifest.json"
    manifest.update(path, list(run([job(SHOW)], target, 1, 60)), [], EINGABEN)
    (target.output / "16077_altenburger_land" / "01_test.ipynb").unlink()
    entries = manifest.update(path, [], [], EINGABEN)["berichte"]
    assert [list(e["dateien"]) for e in entries] == [["16077_altenburger_land/01_test.html"]]


def result(job) -> Result:
    return Result(job.ags, job.notebook.name, job.notebook.titel, job.parameters, FEHLER, 0.1, "x")


def test_what_was_not_possible_stays_until_a_run_considers_it_again(job, target):
    path = target.output / "manifest.json"
    grund = "Es fehlen Daten: Bevölkerung."
    first = [Blocked(job(SHOW).notebook, ags, grund) for ags in ("16061", "16062")]
    first.append(Blocked(job(SHOW, name="02_test").notebook, "16061", grund))

    def left(*arguments):
        entries = manifest.update(path, *arguments)["nicht_moeglich"]
        return [f"{e['ags']}/{e['notebook']}" for e in entries]

    everything = ["16061/01_test", "16061/02_test", "16062/01_test"]
    assert left([], first, EINGABEN) == everything
    assert left([], [], EINGABEN, ["16077"]) == everything  # another Kreis
    assert left([], [], EINGABEN, None, ["03_test"]) == everything  # another report
    assert left([], first[1:2], EINGABEN, ["16062"]) == everything  # again not possible
    assert left([result(job(SHOW, ags="16062"))], [], EINGABEN, ["16062"]) == everything[:2]  # it ran
    assert left([], [], EINGABEN, ["16061"], ["02_test"]) == everything[:1]  # no longer planned
    assert left([], [], EINGABEN) == []  # a run of everything plans none of them


def test_the_design_of_a_kreis_is_no_input_of_another(job, target):
    path = target.output / "manifest.json"
    results = [result(job(SHOW, ags=ags)) for ags in ("16070", "16077")]
    eingaben = {"store": "0" * 64, "gestaltung/16077": "1" * 64}
    written = manifest.update(path, results, [], eingaben)
    assert [e["lauf"]["eingaben_sha256"] for e in written["berichte"]] == [{"store": "0" * 64}, eingaben]
    assert written["lauf"]["eingaben_sha256"] == eingaben and manifest.read(path) == written


def test_a_manifest_of_something_else_is_refused(tmp_path):
    path = tmp_path / "manifest.json"
    for content in ("{", "[]", '{"schema": 99, "berichte": []}', "{}", '{"schema": 1, "berichte": 5}',
                    '{"schema": 1, "berichte": [{}], "nicht_moeglich": []}', "\xff"):  # fmt: skip
        path.write_text(content, encoding="latin-1")
        with pytest.raises(ValueError, match="not a manifest of this version"):
            manifest.read(path)


def test_a_full_disk_is_a_failure_that_leaves_no_page(job, target, monkeypatch):
    one = job(SHOW)
    assert run_job(one, target, 60).ergebnis == ERSTELLT
    from analysis.batch import job as module

    def no_space(path, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "write_atomic", no_space)
    result = run_job(one, target, 60)
    assert result.ergebnis == FEHLER and "No space left" in result.meldung and result.dateien == {}
    assert not list(target.output.rglob("*.html"))


def test_changed_inputs_change_their_hash(job):
    notebook = job(SHOW).notebook
    before = manifest.inputs({"16077": "a"}, [notebook])
    assert set(before) >= {"store/16077", "catalogue", "regions", "01_test"}
    assert before != manifest.inputs({"16077": "b"}, [notebook])
    notebook.path.write_text(notebook.path.read_text() + " ")
    assert manifest.inputs({"16077": "a"}, [notebook])["01_test"] != before["01_test"]
