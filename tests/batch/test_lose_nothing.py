"""Whatever ends a run, the next one goes on where it was, and nothing is half, lost or left behind."""

import functools
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from conftest import ROOT
from notebooks_made import write_notebook
from small_run import KREISE, SHOW, command_of, left_over, made, parent_of, processes, started, surroundings, workspace

from analysis.batch import manifest
from analysis.batch.export import Target
from analysis.batch.job import ERSTELLT, FEHLER, run_job
from analysis.batch.laufordner import only_run
from analysis.batch.plan import Job, read_notebook
from analysis.batch.run import run
from analysis.batch.spuren import without_traces
from analysis.errors import InputError

NO_MOUNT = 77
FILLS_UP = f"""
mount -t tmpfs -o size=$1 none output || exit {NO_MOUNT}
run() {{ {sys.executable} -m analysis.cli run --jobs 1 >/dev/null; echo $?; }}
run
cp -r output halb
mount -o remount,size=100m output
run
cp -r output ganz
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return workspace(tmp_path_factory.mktemp("klein") / "ordner")


@pytest.fixture(autouse=True)
def nothing_made(root):
    """Each test begins without reports and must leave no process."""
    subprocess.run(["rm", "-rf", str(root / "output"), str(root / "tmp"), str(root / "figures")], check=True)
    yield
    assert left_running(root) == []


def left_running(root: Path) -> list[int]:
    """Processes that are there and do not end by themselves."""
    deadline = time.monotonic() + 20
    while (left := processes(root)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def until(process: subprocess.Popen, words: str) -> str:
    """Line of standard error with these words, and nothing after it is read."""
    return next(line for line in process.stderr if words in line)


def finish(root) -> str:
    process = started(root, "--jobs", "1")
    said = process.communicate(timeout=120)[1]
    assert process.returncode == 0, said
    return said


def test_after_any_end_the_next_run_makes_only_what_is_missing(root):
    before = {}
    for how, status in ((signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 130)):
        process = started(root, "--jobs", "1")
        until(process, "[1/")
        process.send_signal(how)
        process.stderr.read()
        assert process.wait() == status
        stayed = made(root)
        assert len(stayed) > len(before) and {name: stayed[name] for name in before} == before
        before = stayed
    said = finish(root)
    fresh = int(said.split("fresh: ")[1].split()[0])
    assert 2 <= fresh < 4 and f"[1/{4 - fresh}]" in said
    after = made(root)
    assert len(after) == 8 and {name: after[name] for name in before} == before
    assert left_over(root) == [] and "fresh: 4 of 4" in finish(root)


@pytest.fixture(scope="module")
def complete(tmp_path_factory):
    """Workspace with all reports, beside whose run a second one was started; what that said is in `gesagt`."""
    root = workspace(tmp_path_factory.mktemp("ganz") / "ordner")
    first = started(root, "--jobs", "1")
    until(first, "[1/4]")
    second = started(root)
    (root / "gesagt").write_text(second.communicate(timeout=60)[1], encoding="utf-8")
    first.stderr.read()
    assert (second.returncode, first.wait(), left_running(root)) == (2, 0, [])
    return root


def test_a_second_run_at_the_same_time_is_told_so_and_the_first_one_goes_on(complete):
    said = (complete / "gesagt").read_text(encoding="utf-8")
    assert "another run is making reports there" in said and "Traceback" not in said
    assert len(made(complete)) == 8 and left_over(complete) == []


def test_a_killed_worker_or_kernel_costs_no_report(root):
    process = started(root, "--jobs", "2")
    until(process, "[1/4]")
    workers = [pid for pid in processes(root) if parent_of(pid) == process.pid and b"cli" in command_of(pid)]
    (root / "output" / ".half.teil").write_text("what a worker leaves that is killed while it writes")
    os.kill(workers[0], signal.SIGKILL)
    said = process.stderr.read()
    assert process.wait() == 0, said
    assert len(made(root)) == 8 and left_over(root) == []


def test_a_disk_that_is_full_is_told_and_a_later_run_completes(root):
    """Too full for the manifest, and too full for a page."""
    for bytes_left, said_so in ((500, "cannot be written (File"), (9_000, "File too large")):
        little = functools.partial(resource.setrlimit, resource.RLIMIT_FSIZE, (bytes_left, bytes_left))
        process = started(root, "--jobs", "1", preexec_fn=little)
        said = process.communicate(timeout=120)[1]
        assert process.returncode in (1, 2) and said_so in said and "Traceback" not in said
        assert [name for name in made(root) if name.endswith(".html")] == []
    assert "fresh" not in finish(root) and len(made(root)) == 8 and left_over(root) == []


def test_a_file_system_that_fills_up_keeps_what_is_whole_and_a_later_run_completes(root):
    """A small file system of its own, with room for half of the reports, then for all."""
    finish(root)
    whole = made(root)
    shutil.rmtree(root / "output")
    (root / "output").mkdir()
    half = f"{sum(map(len, whole.values())) // 2048}k"
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", FILLS_UP, "sh", half]
    done = subprocess.run(command, cwd=root, env=surroundings(root), capture_output=True, text=True, check=False)
    if done.returncode == NO_MOUNT or done.stderr.startswith("unshare:"):
        pytest.skip("may not mount")
    first, second = done.stdout.split()
    assert first in "12" and second == "0" and "No space left on device" in done.stderr, done.stderr
    assert "Traceback" not in done.stderr
    before, after = (
        {p.relative_to(root / kept).as_posix(): p.read_bytes() for p in (root / kept).glob("*/01_*")}
        for kept in ("halb", "ganz")
    )
    assert {f"output/{name}": content for name, content in after.items()} == whole
    assert before and before.items() < after.items() and [*(root / "halb").rglob("*.teil")] == []


def test_more_workers_give_the_same_bytes(root):
    finish(root)
    one = made(root)
    for number in ("2", "4"):
        process = started(root, "--force", "--jobs", number)
        said = process.communicate(timeout=120)[1]
        assert process.returncode == 0 and made(root) == one, said


def test_an_entry_that_was_cut_off_is_made_again(complete):
    path = complete / "output" / "manifest.json"
    whole = json.loads(path.read_text(encoding="utf-8"))
    lines = [json.dumps(entry) for entry in whole["berichte"]]
    path.unlink()
    (complete / "output" / manifest.JOURNAL).write_text("\n".join([*lines[:3], lines[3][:200]]), encoding="utf-8")
    assert [e["ags"] for e in manifest.read(path)["berichte"]] == list(KREISE[:3])
    assert "fresh: 3 of 4" in finish(complete)
    assert manifest.read(path)["berichte"][:3] == whole["berichte"][:3] and left_over(complete) == []


def test_a_folder_is_locked_for_one_run_and_free_after_it(tmp_path):
    folder = tmp_path / "neu" / "output"
    with only_run(folder), pytest.raises(InputError, match="another run"), only_run(folder):
        pass
    assert not folder.parent.exists()  # nothing came into it
    with only_run(folder):
        (folder / "datei").write_text("da")
    assert folder.exists()


def kill_worker_once(job, target, timeout):
    """Job function that takes its worker process down when it runs for the first time for one Kreis."""
    mark = target.scratch / f"tot-{job.ags}"
    if job.ags == "16053" and not mark.exists():
        mark.touch()
        os._exit(9)
    (target.scratch / f"{job.ags}-{time.monotonic_ns()}").touch()
    return run_job(job, target, timeout)


def test_jobs_that_were_not_begun_go_on_together_after_a_worker_died(tmp_path):
    (tmp_path / "s").mkdir()
    target = Target(tmp_path / "output", tmp_path / "figures", tmp_path / "s")
    notebook = read_notebook(write_notebook(tmp_path / "notebooks" / "01_test.ipynb", SHOW))
    jobs = [Job(notebook, ags, {"kreis": ags}) for ags in ("16053", "16052", "16070", "16077")]
    results = list(run(jobs, target, 1, 60, task=kill_worker_once))
    assert [(r.ags, r.ergebnis) for r in results] == [(ags, ERSTELLT) for ags in ("16052", "16070", "16077", "16053")]


def test_what_a_failed_job_leaves_tells_no_path(tmp_path):
    (tmp_path / "s").mkdir()
    target = Target(tmp_path / "output", tmp_path / "figures", tmp_path / "s")
    cell = (
        "import os, sys\nfrom analysis import regions\nprint(os.getcwd(), sys.executable, object())\nregions.kreis('x')"
    )
    notebook = read_notebook(write_notebook(tmp_path / "notebooks" / "01_test.ipynb", cell))
    result = run_job(Job(notebook, "16077", {"kreis": "16077"}), target, 60)
    assert result.ergebnis == FEHLER and "InputError" in result.meldung
    text = (target.output / "16077_altenburger_land" / "01_test.ipynb").read_text(encoding="utf-8")
    words = [str(tmp_path), str(ROOT), sys.prefix, os.path.expanduser("~/"), "site-packages", " at 0x7"]
    assert [word for word in words if word in text + result.meldung] == []
    errors = [o for c in nbformat.reads(text, 4).cells for o in c.get("outputs", ()) if o.output_type == "error"]
    assert "analysis/regions.py" in "".join(errors[0].traceback)  # still of use for the analyst


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{ROOT}/analysis/rates.py:12", "analysis/rates.py:12"),
        ("/opt/venv/lib/python3.11/site-packages/pandas/core/frame.py", "pandas/core/frame.py"),
        ("no such file: '/home/anna/daten/a.csv'", "no such file: '…'"),
        ("<object at 0x7f3a>", "<object at 0x…>"),
        ("16/17 Kreise, 3/4", "16/17 Kreise, 3/4"),
    ],
)
def test_paths_and_addresses_are_taken_out_of_texts(text, expected):
    assert without_traces(text) == expected
