"""Runs on real clusters on this machine: a scheduler, workers in a workspace of their own, real kernels."""

import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from dask_places import KREISE, Places, until
from small_run import SHOW, left_over, made, started, workspace

from analysis.batch import dask_check, dask_cluster, dask_run, manifest, unveraendert
from analysis.batch.export import Target
from analysis.batch.plan import Job, Notebook
from analysis.errors import InputError

if not os.environ.get("CI"):
    pytest.importorskip("distributed", reason="make dask installs it")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")

DRAW = (
    "from analysis import figures, tables\nfig, (ax,) = figures.new_figure(1)\nax.plot([1, 2])\n"
    'zahlen = tables.tabelle([tables.Spalte("x")], [tables.Gruppe([["1"]])], titel="T", quelle="Q")\n'
    'figures.abbildung(fig, name="linie", titel="T", einheit="in Prozent", quelle="Q", daten=zahlen, '
    'alternativtext="Eine Linie steigt von links unten nach rechts oben.")'
)
HANG_ONCE = (
    "import os, pathlib\nmark = pathlib.Path(os.environ['TMPDIR'], 'mark')\n"
    "if kreis == '16053' and not mark.exists():\n    mark.touch()\n    while True:\n        pass"
)
HANG_AGAIN = HANG_ONCE.replace("'16053'", "'16070'").replace("'mark'", "'again'")
KILL_ABOVE = (
    "import psutil\nword = {'16053': 'worker', '16070': 'analysis.batch.dask_session'}.get(kreis)\n"
    "if word:\n    next(p for p in psutil.Process().parents() if word in p.cmdline()).kill()\n"
    "    while True:\n        pass"
)
"""A report that kills the worker, another one that kills the worker's process for reports."""


@pytest.fixture
def places(tmp_path):
    opened = []

    def make(*cells: str) -> Places:
        opened.append(Places(tmp_path, *cells))
        return opened[0]

    yield make
    opened[0].close()


def ended(process: subprocess.Popen, status: int) -> str:
    said = process.communicate(timeout=240)[1]
    assert process.returncode == status and "Traceback" not in said, said
    return said


def everything(output: Path) -> dict[str, bytes]:
    """Files by name; those that tell when something happened by their name alone."""
    files = [p for p in output.rglob("*") if p.is_file()]
    dated = [p for p in files if p.name in ("index.html", unveraendert.FILE) or p.suffix == ".log"]
    return {p.relative_to(output).as_posix(): b"" if p in dated else p.read_bytes() for p in files}


@pytest.mark.timeout(900)  # three runs one after another; minutes where other tests take the cores
def test_files_and_entries_are_those_of_a_run_on_one_machine(places, tmp_path):
    place = places(SHOW, DRAW)
    workers = [place.worker() for _ in range(2)]
    outputs = [tmp_path / name for name in ("hier_gemacht", "geschickt", "geteilt")]
    ended(started(place.here, "--output", str(outputs[0]), "--jobs", "1"), 0)
    said = ended(place.run("--output", str(outputs[1])), 0)
    assert "[3/3]" in said
    ended(place.run("--output", str(outputs[2]), "--shared", "--jobs", "1"), 0)
    assert all(worker.poll() is None for worker in workers)
    assert place.reports() == [] and left_over(place.here) == []
    assert [p.name for p in (place.there / "tmp").iterdir()] == ["dask-scratch-space"]
    local, *others = map(everything, outputs)
    entries = json.loads(local.pop("manifest.json"))["berichte"]
    assert {name.rpartition(".")[2] for name in local} == {"html", "ipynb", "xlsx", "png", "log", "json"}
    for files in others:
        there = json.loads(files.pop("manifest.json"))["berichte"]
        for one, other in zip(entries, there, strict=True):
            same = one.keys() - {"dauer_s", "lauf"}
            assert {k: one[k] for k in same} == {k: other[k] for k in same}
        assert files == local


def test_what_a_killed_worker_had_is_made_by_one_that_came_later(places):
    place = places(HANG_ONCE, SHOW)
    first = place.worker()
    run = place.run()
    until((place.there / "tmp" / "mark").exists)
    place.worker()
    first.kill()
    said = ended(run, 0)
    assert "died" not in said and len(made(place.here)) == 6 and left_over(place.here) == []
    assert place.reports() == []
    assert [p.name for p in (place.there / "tmp").glob("kb-*")] == []


def test_a_report_under_which_two_workers_died_is_given_up_and_the_others_are_made(places):
    place = places(KILL_ABOVE, SHOW)
    workers = [place.worker() for _ in range(3)]
    said = ended(place.run(), 1)
    assert "16053 01_bericht: fehlgeschlagen (0.0 s) - its worker process died twice" in said
    assert "16070 01_bericht: fehlgeschlagen (0.0 s) - its worker process died twice" in said
    assert sorted(worker.poll() is None for worker in workers) == [False, False, True]
    entries = manifest.read(place.here / "output" / "manifest.json")["berichte"]
    assert [e["ergebnis"] for e in entries] == ["erstellt", "fehlgeschlagen", "fehlgeschlagen"]
    assert [name.rpartition("/")[2] for name in made(place.here)] == ["01_bericht.html", "01_bericht.ipynb"]
    assert place.reports() == []


def test_a_run_that_is_stopped_leaves_nothing_at_work_and_the_next_one_goes_on(places):
    place = places(HANG_ONCE, HANG_AGAIN, SHOW)
    place.worker()
    for mark, how, status in (("mark", signal.SIGINT, 130), ("again", signal.SIGKILL, -signal.SIGKILL)):
        run = place.run()
        until((place.there / "tmp" / mark).exists)
        run.send_signal(how)
        said = run.communicate(timeout=60)[1]
        assert run.returncode == status and ("fresh: 1 of 3" in said) == (mark == "again"), said
        until(lambda: place.reports() == [])
    assert "fresh: 2 of 3" in ended(place.run(), 0) and len(made(place.here)) == 6


def test_without_workers_or_with_others_than_here_nothing_is_made(places, tmp_path, monkeypatch):
    place = places(SHOW)
    with monkeypatch.context() as here, pytest.raises(InputError, match="the scheduler has no workers"):
        here.setattr(dask_cluster, "CONNECT_SECONDS", 1)
        here.chdir(place.here)
        here.setenv("KREISBLICK_STORE", str(place.here / "store.duckdb"))
        with dask_cluster.connected(place.address, dask_check.question([], None)):
            pass
    other = tmp_path / "andere_quelle"
    shutil.copytree(ROOT / "analysis", other / "analysis", ignore=shutil.ignore_patterns("__pycache__"))
    with (other / "analysis" / "rates.py").open("a") as source:
        source.write("\n# another version\n")
    different = place.worker(other)
    address = (tmp_path / "worker1.log").read_text().partition("Listening to:")[2].split()[0]
    said = ended(place.run(), 2)
    expected = f"--dask {place.address}: worker {address}: the source of kreisblick differs from that here"
    assert said.strip() == f"kreisblick: {expected}"
    different.kill()
    place.worker(ROOT, "--nthreads", "2")
    assert "has 2 threads; start it with --nworkers 2 --nthreads 1" in ended(place.run(), 2)
    assert made(place.here) == {} and not (place.here / "output" / "manifest.json").exists()


def test_a_scheduler_that_goes_ends_the_run_and_what_was_finished_stays(places):
    place = places(HANG_ONCE, SHOW)
    place.worker()
    run = place.run()
    until((place.there / "tmp" / "mark").exists)
    place.scheduler.kill()
    assert "the scheduler is gone" in ended(run, 2)
    assert len(made(place.here)) == 2 and left_over(place.here) == []
    place.scheduler.wait()
    said = ended(place.run("--output", str(place.here / "neu")), 2)
    assert said.startswith(f"kreisblick: --dask {place.address}: no scheduler answers there (ConnectionRefusedError")
    assert len(said.splitlines()) == 1 and not (place.here / "neu").exists()


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """What a worker in a workspace is asked, and that workspace."""
    root = workspace(tmp_path / "ordner", SHOW, kreise=KREISE)
    monkeypatch.chdir(root)
    names = {"notebooks": ["01_bericht"], "kreise": list(KREISE), "befragungen": [], "kataloge": []}
    return root, {"store": "store.duckdb", **names, "shared": ""}


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("store.duckdb", "the store differs from that here"),
        ("notebooks/01_bericht.ipynb", "the notebook 01_bericht differs from that here"),
        ("data/referenzwerte.yaml", "the input referenzwerte is there, but not here"),
        ("data/lieferung.csv", ""),
    ],
)
def test_inputs_that_differ_are_named_and_no_others(asked, file, said):
    root, question = asked
    before = dask_check.state(**question)
    with (root / file).open("a") as changed:
        changed.write(" ")
    assert dask_check.difference(before, dask_check.state(**question)) == said


@pytest.mark.parametrize(
    ("there", "said"),
    [
        ({}, ""),
        ({"package pandas": "2.2.3"}, "package pandas is 2.2.3 there and 3.1.1 here"),
        ({"package pandas": None}, "package pandas is not there"),
        ({"package pytest": None, "package further": "1"}, ""),
        ({"Python": "3.12.1", "package pandas": "2.2.3"}, "Python is 3.12.1 there and 3.11.7 here"),
        ({"the store": None}, "the store is not there"),
        ({"the folder of --output": "no folder to write to (No such file or directory)"},
         "the folder of --output is no folder to write to (No such file or directory) there"),
    ],
)  # fmt: skip
def test_the_first_difference_that_matters_is_said(there, said):
    here = {"Python": "3.11.7", "package pandas": "3.1.1", "package pytest": "9", "the store": "a" * 64,
            "the folder of --output": "b" * 64}  # fmt: skip
    other = {name: value for name, value in {**here, **there}.items() if value is not None}
    assert dask_check.difference(here, other) == said


def test_a_job_travels_with_what_belongs_to_its_own_kreis(tmp_path):
    target = Target(tmp_path, tmp_path, tmp_path, staende=dict.fromkeys(KREISE, "0"))
    job = Job(Notebook(tmp_path / "01_test.ipynb", "Test", (), {}), "16053", {"kreis": "16053"})
    sent = pickle.loads(pickle.dumps(dask_run.only(target, job)))
    assert sent.staende == {"16053": "0"} and sent.output == tmp_path


def test_a_folder_that_is_not_shared_is_noticed(asked, tmp_path):
    _, question = asked
    mark = tmp_path / "mark"
    assert "no folder to write to" in dask_check.state(**question | {"shared": str(mark)})["the folder of --output"]
    mark.write_text("x")
    assert len(dask_check.state(**question | {"shared": str(mark)})["the folder of --output"]) == 64


def test_wrong_options_are_told_in_one_sentence(kreisblick):
    done = kreisblick("run", "--dask", "127.0.0.1:8786")
    assert done.returncode == 2 and "no address of a scheduler; expected tcp://HOST:8786" in done.stderr
    done = kreisblick("run", "--shared")
    assert (
        done.returncode == 2
        and done.stderr == "kreisblick: --shared needs --dask and --output: a folder at the same path on all machines\n"
    )


def test_a_run_on_one_machine_imports_nothing_of_dask():
    code = (
        "import sys, analysis.cli, analysis.commands.runs, analysis.batch.job, analysis.batch.kernels\n"
        "assert not {'dask', 'distributed', 'analysis.batch.dask_run'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
