"""What a run says: the table at its end, what failed and what to do, and the log of each job."""

import datetime as dt
import json
import re

import jsonschema
import pytest
from notebooks_made import write_notebook
from small_run import SHOW, made, started, workspace

from analysis.batch import abschluss, manifest, protokoll
from analysis.batch.job import ERSTELLT, FEHLER, Result
from analysis.batch.plan import Blocked, Job, Plan, read_notebook

BROKEN = 'if kreis == "16053":\n    raise ValueError("/".join(["", "home", "anna", f"{kreis}.csv ist leer"]))'


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Workspace after a run in which one of four Kreise was broken; what it said is in `gesagt`."""
    root = workspace(tmp_path_factory.mktemp("kaputt") / "ordner", SHOW, BROKEN)
    process = started(root, "--jobs", "1")
    (root / "gesagt").write_text(process.communicate(timeout=200)[1], encoding="utf-8")
    assert process.returncode == 1
    return root


def test_one_broken_kreis_keeps_no_other_back_and_the_run_says_what_to_do(root):
    said = (root / "gesagt").read_text(encoding="utf-8").splitlines()
    assert len([name for name in made(root) if name.endswith(".html")]) == 3
    table = said[-6:]
    assert re.search("report +made +failed +seconds$", table[0])  # a library may speak without ending its line
    assert table[1].split()[:3] == ["01_bericht", "3", "1"] and table[2].split() == ["all", "3", "1"]
    assert table[3] == "1 of 4 reports failed:"
    assert table[4].startswith("failed: 16053 01_bericht: cell 7: ValueError: … ist leer")
    assert "only what failed is made" in table[5]
    content = json.loads((root / "output" / "manifest.json").read_text(encoding="utf-8"))
    jsonschema.validate(content, json.loads(manifest.SCHEMA_FILE.read_text(encoding="utf-8")))


def test_each_job_has_a_log_that_shows_its_cells_and_no_content(root):
    logs = sorted((root / "logs").iterdir())
    assert [path.name for path in logs] == [f"{ags}_01_bericht.log" for ags in ("16052", "16053", "16070", "16077")]
    good, bad = (path.read_text(encoding="utf-8").splitlines() for path in logs[:2])
    assert good[0] == "report      16052/01_bericht: Test" and good[2] == "parameters  kreis = '16052'"
    cells = [line.split() for line in good if re.match(" +[0-9]+ ", line)]
    assert [cell[0] for cell in cells] == [str(n) for n in range(1, 8)]
    assert [cell[3] for cell in cells] == ["completed"] * 3 + ["text"] + ["completed"] * 3
    assert int(cells[5][2]) > 0 and "Kreis 16052" not in "\n".join(good)
    assert good[-1].startswith("result      erstellt after ") and "16052_gera/01_bericht.html" in good[-2]
    assert "result      fehlgeschlagen after" in "\n".join(bad) and "ValueError: … ist leer" in bad[-1]
    everything = "\n".join([*good, *bad])
    assert [word for word in (str(root), "/home", "/usr", "/tmp", "site-packages") if word in everything] == []


def test_a_table_counts_each_kind_of_outcome_once_and_leaves_empty_ones_out(tmp_path):
    one, two = (read_notebook(write_notebook(tmp_path / f"{name}.ipynb")) for name in ("01_eins", "02_zwei"))
    jobs = [Job(nb, ags, {"kreis": ags}) for nb in (one, two) for ags in ("16052", "16053")]
    plan = Plan(jobs, [Blocked(two, "16061", "Es fehlen Daten.")], [Job(two, "16077", {})])
    results = [
        Result("16052", "01_eins", "T", {}, ERSTELLT, 2.0),
        Result("16053", "01_eins", "T", {}, FEHLER, 4.0, "x"),
    ]
    assert [line.split() for line in abschluss.table(plan, results)] == [
        ["report", "made", "failed", "fresh", "not", "possible", "left", "out", "seconds"],
        ["01_eins", "1", "1", "0", "0", "0", "3.0"],
        ["02_zwei", "0", "0", "2", "1", "1"],
        ["all", "1", "1", "2", "1", "1"],
    ]
    assert abschluss.table(Plan(jobs[:1]), results[:1])[0].split() == ["report", "made", "seconds"]
    assert abschluss.failures(results[:1]) == []


def test_the_log_of_a_job_that_did_not_run_says_so(tmp_path):
    job = Job(read_notebook(write_notebook(tmp_path / "01_eins.ipynb")), "16052", {"kreis": "16052"})
    result = Result("16052", "01_eins", "T", {}, FEHLER, 0.1, "OSError: no room")
    text = protokoll.text(job, dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC), [], None, result)
    assert text.splitlines()[1] == "begun       2026-01-02 03:04:00+00:00"
    assert text.splitlines()[3:] == [
        "cells       none was run", "files       none", "result      fehlgeschlagen after 0.1 s: OSError: no room",
    ]  # fmt: skip
    assert "protokoll" not in result.as_dict()
