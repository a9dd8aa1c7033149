"""Shared pieces of the tests: small stores, a small workspace, a real browser, one real run of everything."""

import contextlib
import functools
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings

import analysis  # noqa: F401  before nbformat, whose check of formats would read a grammar for seconds

ROOT = Path(__file__).resolve().parents[1]
REAL_FILES = Path(os.environ.get("KREISBLICK_REAL_FILES", ROOT.parent / "shared"))
"""Folder with original files of the offices and of the published strategies; tests that need it skip without it."""

HEADER = "ags;stichtag;groesse;wert;grund;guete;quelle"


os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # as kernels have it; tests share the cores
settings.register_profile("ohne Frist", deadline=None)  # how long an example takes depends on what else runs
settings.load_profile("ohne Frist")


def pytest_configure(config):
    """Let what tests start be stopped by Ctrl-C, also where a shell in the background has them ignore it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser):
    parser.addoption("--golden", action="store_true", help="renew tests/report/golden.txt from what is made now")


@pytest.fixture(autouse=True)
def no_store_of_the_user(monkeypatch, tmp_path):
    """No test may touch the workspace's own store."""
    monkeypatch.setenv("KREISBLICK_STORE", str(tmp_path / "store.duckdb"))


@pytest.fixture
def tidy_file(tmp_path):
    """Write a tidy CSV file from rows and return its path."""

    def write(*rows: str, name: str = "lieferung.csv", header: str = HEADER) -> Path:
        path = tmp_path / name
        path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def shipped_figures(tmp_path_factory) -> Path:
    """Store file with the shipped figures, to be copied; nobody may write to it."""
    from analysis.store import Store

    path = tmp_path_factory.mktemp("zahlen") / "store.duckdb"
    with Store(path, read_only=False) as store:
        for file in sorted((ROOT / "data").glob("*.csv")) + sorted((ROOT / "data").glob("*.yaml")):
            store.import_file(file)
    return path


@pytest.fixture
def shipped_store(shipped_figures, tmp_path) -> Path:
    """Store file with the shipped figures."""
    return Path(shutil.copy(shipped_figures, tmp_path / "store.duckdb"))


@pytest.fixture(scope="session")
def whole_store(tmp_path_factory) -> Path:
    """Store file with everything that the workspace ships, also the example Kreis; nobody may write to it.

    What the import said lies beside it in `gesagt.txt`. With several test processes the first one makes it, and the
    others wait for it.
    """
    from analysis.cli import main

    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "alles"
    folder.mkdir(exist_ok=True)
    path = folder / "store.duckdb"
    shipped = [p for p in sorted((ROOT / "data").iterdir()) if p.name not in ("local", "gestaltung", "README.md")]
    with FileLock(folder / "lock"):
        if not path.exists():
            with pytest.MonkeyPatch.context() as patch, (folder / "gesagt.txt").open("w", encoding="utf-8") as said:
                patch.setenv("KREISBLICK_STORE", str(folder / "neu.duckdb"))
                with contextlib.redirect_stdout(said):
                    assert main(["import", *map(str, shipped)]) == 0
            (folder / "neu.duckdb").rename(path)
    return path


@pytest.fixture(scope="session")
def loaded(whole_store):
    """Call a function on that store, `loaded(kreisprofil.load, "99099")`; a result is kept for later tests."""

    @functools.cache
    def call(function, *arguments, **named):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("KREISBLICK_STORE", str(whole_store))
            return function(*arguments, **named)

    return call


@pytest.fixture
def kreisblick(tmp_path):
    """Run the command line as a user would, in its own process."""

    def run(*arguments, cwd=ROOT, env=None, timeout=280) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", "analysis.cli", *map(str, arguments)],
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return run


@pytest.fixture
def called(monkeypatch, capsys):
    """Call the command line in this process: what it prints and its status, without the seconds of a new one."""
    from analysis.cli import main

    def call(*arguments) -> subprocess.CompletedProcess:
        monkeypatch.chdir(ROOT)
        capsys.readouterr()
        try:
            status = main([*map(str, arguments)])
        except SystemExit as end:  # of argparse
            status = end.code
        return subprocess.CompletedProcess(arguments, status, *capsys.readouterr())

    return call


@pytest.fixture(scope="session")
def clone(tmp_path_factory) -> Path:
    """Fresh copy of the workspace's files in a folder of its own, without an environment."""
    return _copy(tmp_path_factory.mktemp("neu") / "kreisblick")


@pytest.fixture(scope="session")
def full_run(tmp_path_factory) -> Path:
    """Copy of the workspace after one real `make report` (without make: `kreisblick run`) of all that is shipped.

    It takes minutes: with several test processes the first one makes it, and the others wait for it.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "voll" / "kreisblick"
    folder.parent.mkdir(exist_ok=True)
    with FileLock(folder.parent / "lock"):
        if not (folder / "stderr.txt").exists():
            shutil.rmtree(folder, ignore_errors=True)
            _make_report(_copy(folder))
    return folder


def _copy(folder: Path) -> Path:
    ignore = shutil.ignore_patterns(
        *(".venv", ".git", "output", "figures", "logs", "local", "node_modules"),
        *("__pycache__", ".*_cache", "*.egg-info", ".hypothesis"),
    )
    return Path(shutil.copytree(ROOT, folder, ignore=ignore))


def _make_report(folder: Path) -> None:
    environment = {k: v for k, v in outside_make().items() if k != "KREISBLICK_STORE"} | {"PYTHONPATH": str(folder)}
    if _set_up_by_make():
        (folder / ".venv").symlink_to(ROOT / ".venv")
        command = ["make", "report"]
    else:
        command = [sys.executable, "-m", "analysis.cli", "run"]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr
    (folder / "stdout.txt").write_text(done.stdout, encoding="utf-8")
    (folder / "stderr.txt").write_text(done.stderr, encoding="utf-8")


def outside_make() -> dict[str, str]:
    """Environment without what a `make test` around these tests has put there."""
    return {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKE_TERMOUT")}


def _set_up_by_make() -> bool:
    """Whether .venv is there and up to date, so that `make report` in the clone has nothing to set up in it."""
    if not shutil.which("make"):
        return False
    ask = ["make", "-q", ".venv/installed"]
    return subprocess.run(ask, cwd=ROOT, env=outside_make(), capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """File of a real Chromium; without one the tests that need it skip, but never in CI."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("CI has no Chromium; .ci/run must install it")
        pytest.skip("no Chromium on this machine")
    return path


@pytest.fixture(scope="session")
def browser(chromium_path):
    """A real Chromium with a driver."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=chromium_path,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def pages(full_run) -> dict[str, Path]:
    """Pages of the full run by the name of their folder, and the index page.

    All reports of two Kreise, and three Steckbriefe more: of the longest name and of two Kreise that were joined. The
    others come from the same functions.
    """
    made = sorted((full_run / "output").glob("*/0*.html"))
    assert len(made) == 54
    complete, portraits = ("16077", "99099"), ("16056", "16063", "16066")
    reports = [
        *(p for p in made if p.parent.name[:5] in complete),
        *(p for p in made if p.parent.name[:5] in portraits and p.stem == "01_steckbrief"),
    ]
    assert len(reports) == 13
    names = {p: p.parent.name if p.stem == "01_steckbrief" else f"{p.parent.name}/{p.stem}" for p in reports}
    return {"index": full_run / "output" / "index.html", **{names[p]: p for p in reports}}


@pytest.fixture
def opened(browser):
    """Open a file at a width; `page.seen` collects console messages and every request that is not a data URL."""
    contexts = []

    def open_page(path, width=1200, **options):
        context = browser.new_context(viewport={"width": width, "height": 900}, offline=True, **options)
        contexts.append(context)
        page = context.new_page()
        page.seen = []
        page.on("console", lambda message: page.seen.append(message.text))
        page.on("pageerror", lambda error: page.seen.append(str(error)))
        page.on("request", lambda r: r.url.startswith("data:") or page.seen.append(r.url))
        page.goto(path.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def ganz() -> dict[str, bytes]:
    """Every file of the whole example Kreis by path."""
    from analysis.example.schreiben import dateien

    return dict(dateien())


@pytest.fixture(scope="session")
def klein() -> dict[str, bytes]:
    """Every file of the small example Kreis by path."""
    from analysis.example.schreiben import dateien

    return dict(dateien(klein=True))
