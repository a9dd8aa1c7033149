"""`kreisblick pdf` as a user calls it: on reports of a manifest, on single files, with real and with bad browsers."""

import fcntl
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import ROOT
from notebooks_made import write_notebook
from pypdf import PdfReader
from report_made import small_page

from analysis.batch import manifest
from analysis.batch.export import Target
from analysis.batch.job import ERSTELLT, Result, run_job
from analysis.batch.plan import Job, read_notebook
from analysis.cli import main
from analysis.files import sha256, write_atomic

PAGES = {"16077": "16077_altenburger_land/01_test.html", "16070": "16070_ilm_kreis/01_test.html"}

FAKE = """#!{python}
import fcntl, os, sys, time
if "--version" in sys.argv:
    print("{version}")
    sys.exit()
out = next(a for a in sys.argv if a.startswith("--print-to-pdf=")).partition("=")[2]
{does}
"""
HANG = """
lock = open({lock!r}, "w")
fcntl.flock(lock, fcntl.LOCK_EX)
os.fork()
time.sleep(1000)
"""


@pytest.fixture
def output(tmp_path) -> Path:
    """Output folder with two small reports in its manifest."""
    folder = tmp_path / "output"
    results = []
    for ags, file in PAGES.items():
        digest = write_atomic(folder / file, small_page(titel=f"Bericht {ags}"))
        results.append(Result(ags, "01_test", "Test", {}, ERSTELLT, 1.0, dateien={file: digest}))
    manifest.update(folder / "manifest.json", results, [], {"store": "0" * 64})
    return folder


@pytest.fixture
def fake(tmp_path):
    """A program in the place of Chromium; returns the environment that names it."""

    def make(does: str, version: str = "Chromium 150.0.7871.100") -> dict[str, str]:
        path = tmp_path / "chromium"
        path.write_text(FAKE.format(python=sys.executable, version=version, does=does), encoding="utf-8")
        path.chmod(0o755)
        return {"KREISBLICK_CHROMIUM": str(path)}

    return make


@pytest.fixture
def kreisblick_pdf(monkeypatch, capfd):
    """`kreisblick pdf` in this process: status, standard output and error output."""
    handler = signal.getsignal(signal.SIGTERM)

    def call(*arguments, env: dict[str, str] | None = None) -> SimpleNamespace:
        for name, value in (env or {}).items():
            monkeypatch.setenv(name, value)
        status = main(["pdf", *map(str, arguments)])
        out, err = capfd.readouterr()
        return SimpleNamespace(returncode=status, stdout=out, stderr=err)

    yield call
    signal.signal(signal.SIGTERM, handler)


def files(folder: Path) -> list[str]:
    """All files but the index pages."""
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file() and p.name != "index.html")


def entries(output: Path) -> dict[str, dict]:
    return {e["ags"]: e["dateien"] for e in json.loads((output / "manifest.json").read_text())["berichte"]}


def pdf_of(ags: str) -> str:
    return PAGES[ags].replace(".html", ".pdf")


def test_every_report_of_the_manifest_gets_a_pdf_that_the_manifest_lists(kreisblick, output, chromium_path):
    done = kreisblick("pdf", "--output", output, "--jobs", "2")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [str(output / pdf_of("16070")), str(output / pdf_of("16077"))]
    assert done.stderr.count("01_test.html: erstellt (") == 2 and "[2/2]" in done.stderr
    for ags in PAGES:
        assert entries(output)[ags] == {f: sha256(output / f) for f in (PAGES[ags], pdf_of(ags))}
        assert PdfReader(output / pdf_of(ags)).metadata.title == f"Bericht {ags}"
    assert files(output) == sorted([*PAGES.values(), *map(pdf_of, PAGES), "manifest.json"])
    index = (output / "index.html").read_text(encoding="utf-8")
    assert all(f'href="{pdf_of(ags)}"' in index for ags in PAGES)


def test_only_one_kreis_or_only_named_files(kreisblick_pdf, output, tmp_path, chromium_path):
    assert kreisblick_pdf("--output", output, "--kreis", "16070", "--notebook", "01").returncode == 0
    assert pdf_of("16070") in files(output) and pdf_of("16077") not in files(output)
    alone = tmp_path / "allein.html"
    alone.write_text(small_page(titel="Allein"), encoding="utf-8")
    done = kreisblick_pdf(alone, output / PAGES["16077"])
    assert done.returncode == 0 and str(tmp_path / "allein.pdf") in done.stdout
    assert pdf_of("16077") in entries(output)["16077"]  # also listed when named as a file


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--kreis", "16099"], "no Kreis '16099' in Thüringen"),
        (["--kreis", "16053"], "there is no report for 16053 yet; make it with `kreisblick run --kreis 16053`"),
        (["--notebook", "07"], "there is no report of a notebook '07'; there are: 01_test"),
        (["fehlt.html"], "fehlt.html: there is no such file"),
        ([ROOT / "README.md"], "README.md: is not a page of Kreisblick"),
        ([ROOT / "README.md", "--kreis", "16077"], "either files or --kreis"),
    ],
)
def test_bad_input_is_one_sentence_with_status_2(kreisblick_pdf, output, arguments, expected):
    named = [*arguments, "--output", output] if str(arguments[0]).startswith("--") else arguments
    done = kreisblick_pdf(*named)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and expected in done.stderr, done.stderr
    assert not [f for f in files(output) if f.endswith(".pdf")]


def test_an_output_without_reports_is_named(kreisblick_pdf, tmp_path):
    done = kreisblick_pdf("--output", tmp_path / "leer")
    assert done.returncode == 2 and "there is no report yet; make some with `kreisblick run`" in done.stderr


def test_a_missing_browser_is_named_with_what_to_do(kreisblick_pdf, output, tmp_path):
    done = kreisblick_pdf("--output", output, env={"PATH": str(tmp_path), "KREISBLICK_CHROMIUM": ""})
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert "install Chromium" in done.stderr and "KREISBLICK_CHROMIUM" in done.stderr
    done = kreisblick_pdf("--output", output, env={"KREISBLICK_CHROMIUM": str(tmp_path / "nichts")})
    assert done.returncode == 2 and "which is no program" in done.stderr


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("Chromium 130.0.6723.58", "version 130 prints no page numbers; expected 131 or newer"),
        ("Mozilla Firefox 140.0", "expected a Chromium"),
    ],
)
def test_a_browser_that_cannot_do_it_is_named(kreisblick_pdf, output, fake, version, expected):
    done = kreisblick_pdf("--output", output, env=fake("", version))
    assert done.returncode == 2 and expected in done.stderr and done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("does", "expected"),
    [
        ("sys.exit(1)", "Chromium ended with status 1"),
        ("", "Chromium wrote nothing"),
        ('open(out, "wb").write(b"%PDF-1.4 garbage")', "Chromium wrote no readable PDF"),
        ('open(out, "wb").write(b"")', "Chromium wrote no readable PDF"),
        ("os.kill(os.getpid(), 9)", "Chromium ended with status -9"),
    ],
    ids=["fails", "nothing", "garbage", "empty", "killed"],
)
def test_a_browser_that_fails_leaves_no_pdf_and_status_1(kreisblick_pdf, output, fake, does, expected):
    old = output / pdf_of("16077")
    old.write_bytes(b"%PDF-1.4 old")
    done = kreisblick_pdf("--output", output, env=fake(does))
    assert done.returncode == 1 and done.stderr.count(expected) == 2, done.stderr
    assert done.stdout == "" and "2 of 2 pages could not be printed" in done.stderr
    assert files(output) == sorted([*PAGES.values(), "manifest.json"])


def test_a_browser_that_hangs_is_ended_with_all_its_processes(kreisblick_pdf, output, fake, tmp_path):
    lock = tmp_path / "lock"
    done = kreisblick_pdf("--output", output, "--timeout", "2", "--jobs", "1", env=fake(HANG.format(lock=str(lock))))
    assert done.returncode == 1 and done.stderr.count("the limit of 2 s was reached") == 2
    assert files(output) == sorted([*PAGES.values(), "manifest.json"])
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # free only when the program and its child are gone


def test_a_stop_ends_the_browsers_and_leaves_nothing_behind(output, fake, tmp_path):
    lock, started = tmp_path / "lock", tmp_path / "started"
    os.mkfifo(started)
    does = HANG.format(lock=str(lock)).replace("time.sleep", f'open({str(started)!r}, "w").close()\ntime.sleep')
    process = subprocess.Popen(
        [sys.executable, "-m", "analysis.cli", "pdf", "--output", str(output), "--jobs", "1"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **fake(does)},
        stderr=subprocess.PIPE,
    )
    started.read_bytes()  # returns when the browser runs
    process.terminate()
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130 and b"Traceback" not in errors, errors
    assert files(output) == sorted([*PAGES.values(), "manifest.json"])
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)


def test_one_failing_page_leaves_the_others_alone(kreisblick_pdf, output, fake, chromium_path):
    real = f"os.execv({chromium_path!r}, [{chromium_path!r}, *sys.argv[1:]])"
    does = f'if "16070" in sys.argv[-1]:\n    sys.exit(3)\n{real}'
    done = kreisblick_pdf("--output", output, env=fake(does))
    assert done.returncode == 1 and "Chromium ended with status 3" in done.stderr
    assert pdf_of("16077") in entries(output)["16077"] and pdf_of("16070") not in entries(output)["16070"]


def test_a_page_that_changes_while_it_is_printed_gets_no_pdf(kreisblick_pdf, output, fake, chromium_path):
    change = f'open({str(output / PAGES["16077"])!r}, "a").write(" ")\n'
    does = f"{change}os.execv({chromium_path!r}, [{chromium_path!r}, *sys.argv[1:]])"
    done = kreisblick_pdf("--output", output, "--kreis", "16077", env=fake(does))
    assert done.returncode == 1 and "the page changed while it was printed" in done.stderr
    assert not (output / pdf_of("16077")).exists()


def test_a_new_report_takes_the_pdf_of_the_old_one_away(tmp_path):
    path = write_notebook(tmp_path / "notebooks" / "01_test.ipynb", "outputs.saetze(['A'])")
    (tmp_path / "scratch").mkdir()
    target = Target(tmp_path / "output", tmp_path / "figures", tmp_path / "scratch")
    old = tmp_path / "output" / pdf_of("16077")
    old.parent.mkdir(parents=True)
    for failing in (False, True):
        old.write_bytes(b"%PDF-1.4 old")
        result = run_job(Job(read_notebook(path), "16077", {"kreis": "16077"}), target, 60 if not failing else 0.001)
        assert (result.ergebnis != ERSTELLT) == failing and not old.exists(), result.meldung


def test_a_pdf_that_is_gone_is_not_claimed_and_its_report_stays(output):
    printed = {PAGES["16077"]: "1" * 64}
    assert manifest.record_pdfs(output / "manifest.json", printed)
    assert entries(output)["16077"][pdf_of("16077")] == "1" * 64
    manifest.update(output / "manifest.json", [], [], {"store": "0" * 64})
    assert set(entries(output)["16077"]) == {PAGES["16077"]} and len(entries(output)) == 2
    assert not manifest.record_pdfs(output / "manifest.json", {"fremd.html": "1" * 64})
    assert os.path.exists(output / "manifest.json")
