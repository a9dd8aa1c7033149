"""What eats memory or shows and writes too much is stopped and told, in real kernels; only limits are small."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from notebooks_made import write_notebook
from small_run import SHOW, started, workspace

from analysis import cli
from analysis.batch import limits
from analysis.batch.export import Target
from analysis.batch.job import ERSTELLT, FEHLER, run_job
from analysis.batch.plan import Job, read_notebook
from analysis.batch.run import run

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux restricts another process")

EATS = 'kept = []\nwhile True:\n    kept.append(b"x" * 20_000_000)'
ARRAY = "import numpy\nnumpy.ones(10**9)"
PRINTS = 'print("anfang")\nwhile True:\n    print("x" * 100_000)'
SHOWS = 'from IPython.display import HTML, display\ndisplay(HTML("x" * {}))'
TOO_MUCH = SHOWS.format(3_000_000)
WRITES = 'with open("{}", "wb") as file:\n    file.write(bytes(3_000_000))'


@pytest.fixture
def target(tmp_path):
    (tmp_path / "s").mkdir()
    return Target(tmp_path / "output", tmp_path / "figures", tmp_path / "s", ausgabe_mb=2)


@pytest.fixture
def job(tmp_path):
    def make(*cells: str, name: str = "01_test") -> Job:
        return Job(read_notebook(write_notebook(tmp_path / "notebooks" / f"{name}.ipynb", *cells)), "16077",
                   {"kreis": "16077"})  # fmt: skip

    return make


def executed(target: Target, name: str = "01_test") -> nbformat.NotebookNode:
    return nbformat.read(target.output / "16077_altenburger_land" / f"{name}.ipynb", as_version=4)


@pytest.mark.parametrize("cell", [PRINTS, TOO_MUCH, f"{TOO_MUCH}\nimport time\ntime.sleep(600)"])
def test_a_notebook_that_shows_too_much_is_stopped_and_keeps_nothing_of_it(job, target, cell):
    result = run_job(job(SHOW, cell, SHOW), target, 300)
    assert result.ergebnis == FEHLER and result.meldung == "cell 7: the limit of 2 MB of output was reached"
    assert list(target.output.rglob("*.html")) == []
    cells = executed(target).cells
    assert cells[5].outputs and not cells[6].outputs and not cells[7].outputs


def test_what_a_notebook_shows_is_counted_over_all_its_cells(job, target):
    cell = SHOWS.format(900_000)
    assert "limit" not in run_job(job(*[cell] * 2), target, 60).meldung
    assert run_job(job(*[cell] * 3), target, 60).meldung == "cell 8: the limit of 2 MB of output was reached"


@linux
@pytest.mark.parametrize("cell", [EATS, ARRAY])
def test_a_notebook_that_eats_memory_gets_no_more_and_says_so(job, target, cell):
    result = run_job(job(cell), replace(target, speicher_mb=1500), 300)
    assert result.ergebnis == FEHLER and "MemoryError" in result.meldung and result.meldung.startswith("cell 6: ")
    assert result.meldung.endswith("(the limit is 1500 MB of memory)")
    assert "error" in [o.output_type for c in executed(target).cells for o in c.get("outputs", ())]


@linux
def test_a_notebook_writes_no_gigabyte_into_a_file(job, target, tmp_path):
    result = run_job(job(WRITES.format(tmp_path / "gross")), target, 60)
    assert result.ergebnis == FEHLER and "File too large" in result.meldung
    assert (tmp_path / "gross").stat().st_size <= 2_000_000


@linux
def test_limits_hold_in_warm_kernels_and_touch_no_other_job(job, target):
    names = ["01_gut", "02_schreibt", "03_frisst", "04_gut"]
    cells = [SHOW, PRINTS, EATS, SHOW]
    jobs = [job(cell, name=name) for cell, name in zip(cells, names, strict=True)]
    results = {r.notebook: r for r in run(jobs, replace(target, speicher_mb=1500), 2, 60)}
    assert [results[name].ergebnis for name in names] == [ERSTELLT, FEHLER, FEHLER, ERSTELLT]
    assert "of output" in results["02_schreibt"].meldung and "MB of memory" in results["03_frisst"].meldung


@linux
def test_a_limit_is_never_raised():
    import resource

    lines = (
        "import resource, sys\nresource.setrlimit(resource.RLIMIT_FSIZE, (1000, 2000))\nprint(1, flush=True)\ninput()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", lines], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        process.stdout.readline()
        limits.restrict(process.pid, 0, 5000)
        assert resource.prlimit(process.pid, resource.RLIMIT_FSIZE) == (1000, 2000)
        before = resource.prlimit(process.pid, resource.RLIMIT_DATA)
        limits.restrict(process.pid, 10**9, 500)
        assert resource.prlimit(process.pid, resource.RLIMIT_FSIZE) == (500, 2000)
        assert resource.prlimit(process.pid, resource.RLIMIT_DATA) == (10**9, before[1])
        process.communicate("")


def test_the_command_line_knows_the_same_limits_as_a_job():
    given, there = cli._parser().parse_args(["run"]), Target(*[Path()] * 3)
    assert (given.memory_limit, given.output_limit) == (there.speicher_mb, there.ausgabe_mb)


def test_the_command_line_passes_limits_on_and_refuses_nonsense(tmp_path):
    root = workspace(tmp_path / "ordner", SHOW, TOO_MUCH, kreise=("16077",))
    process = started(root, "--output-limit", "1.5", "--memory-limit", "3000")
    said = process.communicate(timeout=120)[1]
    assert process.returncode == 1 and "cell 7: the limit of 1.5 MB of output was reached" in said
    (entry,) = json.loads((root / "output" / "manifest.json").read_text(encoding="utf-8"))["berichte"]
    assert entry["ergebnis"] == FEHLER and "1.5 MB" in entry["meldung"]
    for option in ("--memory-limit", "--output-limit", "--timeout"):
        process = started(root, option, "-1")
        assert "not a positive number" in process.communicate(timeout=60)[1] and process.returncode == 2
