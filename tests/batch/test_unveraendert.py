"""The quick answer of a run: given when nothing was touched, and never when anything was."""

import json
import os
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest
from conftest import ROOT
from notebooks_made import write_notebook
from small_run import KREISE, SHOW, made, started, workspace

from analysis.batch import manifest, unveraendert
from analysis.cli import main

HEAVY = "numpy pandas duckdb yaml nbformat papermill matplotlib jsonschema tqdm"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Workspace whose reports were made by a run that said nothing more than that."""
    root = workspace(tmp_path_factory.mktemp("ruhig") / "ordner", kreise=KREISE[:2])
    process = started(root)
    said = process.communicate(timeout=120)[1]
    assert process.returncode == 0, said
    return root


@pytest.fixture
def known(root, monkeypatch):
    """What is remembered of the run that `kreisblick run` with these options would be."""
    monkeypatch.chdir(root)
    monkeypatch.setenv("KREISBLICK_STORE", str(root / "store.duckdb"))

    def ask(**asked) -> tuple | None:
        arguments = Namespace(**({"kreis": None, "notebook": None, "raum": None, "parameter": []} | asked))
        return unveraendert.remembered(root / "output", unveraendert.seen(arguments, root / "output"))

    return ask


def touched(path: Path) -> None:
    """Give a file other times, with the same content."""
    now = path.stat()
    os.utime(path, ns=(now.st_atime_ns, now.st_mtime_ns + 1_000_000))


def test_an_unchanged_run_says_the_same_without_anything_heavy(root):
    before = {p: p.stat().st_mtime_ns for p in (root / "output").rglob("*")}
    code = (
        "import sys\nfrom analysis.cli import main\nstatus = main(['run'])\n"
        f"print([name for name in {HEAVY.split()} if name in sys.modules], status)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "KREISBLICK_STORE": str(root / "store.duckdb")}
    again = subprocess.run(
        [sys.executable, "-c", code], cwd=root, env=environment, capture_output=True, text=True, check=True
    )
    assert again.stdout.splitlines() == [str(root / "output" / "index.html"), "[] 0"]
    assert again.stderr.startswith("fresh: 2 of 2 reports, nothing that they are made from has changed")
    folders = {p for p in before if p.is_dir()}  # a probe whether files can be written there was made in one
    after = {p: p.stat().st_mtime_ns for p in (root / "output").rglob("*")}
    assert {p: t for p, t in after.items() if p not in folders} == {p: before[p] for p in set(before) - folders}


def test_what_is_asked_for_and_the_surroundings_must_be_the_same(known, monkeypatch):
    assert known() is not None
    assert known(kreis=["16053"]) is None and known(notebook=["01"]) is None and known(raum=["gemeinden"]) is None
    assert known(parameter=[("jahr", "2018")]) is None
    with monkeypatch.context() as later:
        later.setattr("platform.python_version", lambda: "3.99.0")
        assert known() is None
    with monkeypatch.context() as later:
        later.setenv("KREISBLICK_STORE", "/nirgends")
        assert known() is None
    assert known() is not None


def test_every_file_that_is_touched_added_or_gone_ends_it(root, known, tmp_path):
    page = next((root / "output").glob("16053_*/01_bericht.html"))
    for path in [page, page.with_suffix(".ipynb"), root / "output" / "manifest.json", root / "output" / "index.html",
                 root / "notebooks" / "01_bericht.ipynb", root / "store.duckdb",
                 root / "data" / "local" / "lieferung.csv"]:  # fmt: skip
        times = path.stat()
        touched(path)
        assert known() is None, path
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        assert known() is None, path  # the time of the change itself cannot be set back
        assert_remembered_again(root, known)
    for path in [root / "data" / "neu.yaml", root / "store.duckdb.wal", root / "notebooks" / "02_neu.ipynb",
                 root / "output" / manifest.JOURNAL]:  # fmt: skip
        path.write_text("")
        assert known() is None, path
        path.unlink()
        assert known() is not None, path
    page.rename(tmp_path / "weg")
    assert known() is None
    (tmp_path / "weg").rename(page)
    assert_remembered_again(root, known)


def assert_remembered_again(root, known) -> None:
    """A run that compares contents finds the same reports and notes it."""
    before = made(root)
    assert main(["run"]) == 0
    assert known() is not None and made(root) == before


def test_a_broken_note_is_none(root, known):
    path = root / "output" / unveraendert.FILE
    whole = path.read_text(encoding="utf-8")
    for broken in ("", "[]", "{}", whole[:-30], json.dumps({**json.loads(whole), "files": 5})):
        path.write_text(broken, encoding="utf-8")
        assert known() is None
    path.write_text(whole, encoding="utf-8")
    assert known() is not None


def test_reports_that_changed_while_the_run_went_on_are_not_noted_as_done(root, known, monkeypatch):
    from analysis.batch import frische

    (root / "output" / unveraendert.FILE).unlink()
    answers = iter([{}, {"16053/01_bericht": "not as it was written: 01_bericht.html"}])
    monkeypatch.setattr(frische, "reasons", lambda *_: next(answers))
    assert main(["run"]) == 0 and known() is None
    monkeypatch.undo()


def test_a_run_in_which_something_is_missing_says_so_again_with_the_same_status(root, known, capsys, tmp_path):
    write_notebook(root / "notebooks" / "03_braucht.ipynb", SHOW, braucht=["bevoelkerung"])
    selection = ["run", "--notebook", "03", "--kreis", "16053", "16061", "--output", str(tmp_path)]
    assert main(selection) == 1
    first = [line for line in capsys.readouterr().err.splitlines() if line.startswith("not possible")]
    assert main(selection) == 1
    again = capsys.readouterr().err.splitlines()
    assert first and again == [again[0], *first] and again[0].startswith("fresh: 1 of 1 reports")
    (root / "notebooks" / "03_braucht.ipynb").unlink()


def test_what_a_killed_run_left_is_removed_also_when_nothing_has_changed(root):
    assert started(root).wait(timeout=120) == 0
    half, left = root / "output" / ".x.teil", root / "tmp" / "kb-lauf-tot"
    half.write_text("halb")
    left.mkdir()
    process = started(root)
    assert "fresh: 2 of 2" in process.communicate(timeout=120)[1]
    assert not half.exists() and not left.exists()
