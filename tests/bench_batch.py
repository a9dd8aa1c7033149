"""Making reports as ratio to other ways, job by job in turn: our own notebooks, to an executed notebook and a page.

Each way gets the same notebook, Kreis and store. All take one job at a time; whole runs are in bench_runs.
"""

import ast
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from pathlib import Path

import nbformat
import papermill
from notebooks_made import write_notebook

from analysis import workspace
from analysis.batch import kernels, preload, unveraendert
from analysis.batch.export import Target, export
from analysis.batch.job import ERSTELLT, run_job
from analysis.batch.plan import Job, find_notebooks
from analysis.batch.warm import KERNEL_ENVIRONMENT, zygote
from analysis.files import write_atomic
from analysis.outputs import Ausgabe

KREISE = ("99099", "16070")
STARTS, RERUNS, SECONDS = 5, 5, 600
COMMANDS, INTERFACES = "papermill and nbconvert commands", "papermill and nbconvert, one process"
ORDINARY, WARM = "kreisblick, ordinary kernels", "kreisblick, warm kernels"
FLOOR = "the cells as plain functions, warm"


def jobs() -> list[Job]:
    """Every report for an invented Kreis with all kinds of data and for a real one with what there is."""
    found = []
    for notebook in find_notebooks(workspace.notebooks()):
        lacking = notebook.befragung or notebook.gemeinden
        found += [Job(notebook, ags, {"kreis": ags}) for ags in KREISE[: 1 if lacking else 2]]
    return found


def main() -> None:
    """Print seconds and ratios of every way."""
    os.environ.update(KERNEL_ENVIRONMENT)
    os.environ["PYTHONPATH"] = str(workspace.root())
    kreisblick("plan")  # brings the shipped figures into the store
    os.environ.setdefault(workspace.STORE_VARIABLE, str(workspace.store()))
    with tempfile.TemporaryDirectory(prefix="kb-") as name, ExitStack() as stack:
        folder, todo = Path(name), jobs()
        paths = list(dict.fromkeys(job.notebook.path for job in todo))
        ways = _ways(folder, paths, stack)
        _start(folder, paths, ways)
        taken: dict[str, list[float]] = {way: [] for way in ways}
        for job in todo:  # every way in turn, so that a slow moment of the machine meets all
            for way, make in ways.items():
                taken[way].append(seconds(lambda make=make, job=job: make(job)))
        base = sum(taken[COMMANDS])
        print(f"{len(todo)} jobs, one at a time; seconds in all, per job (median), ratio to the commands")
        for way, times in taken.items():
            print(f"  {way:40}{sum(times):8.1f}{statistics.median(times):8.2f}{base / sum(times):8.2f} x")
        print(f"  warm kernels to plain functions: {sum(taken[WARM]) / sum(taken[FLOOR]):.2f}")
        _unchanged(folder)


def _ways(folder: Path, paths: list[Path], stack: ExitStack) -> dict[str, Callable[[Job], None]]:
    warm, cold = (below(folder / name) for name in ("w", "c"))
    stack.enter_context(zygote(warm.scratch, paths))
    plainly = stack.enter_context(plain(paths, below(folder / "f")))

    def ours(target: Target) -> Callable[[Job], None]:
        def make(job: Job) -> None:
            result = run_job(job, target, SECONDS)
            if result.ergebnis != ERSTELLT:
                sys.exit(f"{job.key}: {result.meldung}")

        return make

    return {
        COMMANDS: partial(as_commands, folder), INTERFACES: partial(by_interfaces, folder),
        ORDINARY: ours(cold), WARM: ours(warm), FLOOR: plainly,
    }  # fmt: skip


def as_commands(folder: Path, job: Job) -> None:
    """Make notebook and page by the commands of papermill and nbconvert."""
    out = str(folder / f"{job.ags}-{job.name}.ipynb")
    parameters = [word for name, value in job.parameters.items() for word in ("-r", name, value)]
    _quiet("papermill", str(job.notebook.path), out, *parameters, "--cwd", str(workspace.root()))
    _quiet("nbconvert", "--to", "html", "--no-input", out)


def by_interfaces(folder: Path, job: Job) -> None:
    """Make notebook and page by the Python interfaces of papermill and nbconvert, here."""
    out, root = folder / f"{job.ags}-{job.name}.ipynb", str(workspace.root())
    papermill.execute_notebook(
        str(job.notebook.path), str(out), parameters=job.parameters, cwd=root, progress_bar=False
    )
    out.with_suffix(".html").write_text(_exporter().from_filename(str(out))[0], encoding="utf-8")


@cache
def _exporter():
    from nbconvert import HTMLExporter

    return HTMLExporter(exclude_input=True)


@contextmanager
def plain(paths: list[Path], target: Target) -> Iterator[Callable[[Job], None]]:
    """Give a function that runs the cells of a job in a copy of a process which has imported everything."""
    here, there = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_serve_plain, args=(there, paths, target), daemon=True)
    process.start()
    here.recv()

    def make(job: Job) -> None:
        here.send(job)
        if here.recv():
            sys.exit(f"{job.key}: the plain functions failed")

    yield make
    process.terminate()
    process.join()


def _serve_plain(line, paths: list[Path], target: Target) -> None:
    preload.load([*preload.modules(paths), "analysis.report.exporter", "analysis.report.xlsx"])
    line.send("ready")
    while True:
        job = line.recv()
        pid = os.fork()
        if not pid:
            try:
                _call(job, target)
                os._exit(0)
            finally:
                os._exit(1)
        line.send(os.waitpid(pid, 0)[1])


def _call(job: Job, target: Target) -> None:
    """Call the cells of a job here and write what a job writes."""
    nb, names = nbformat.read(job.notebook.path, as_version=4), {}
    for cell in (cell for cell in nb.cells if cell.cell_type == "code"):
        body = ast.parse(cell.source).body
        last = body.pop() if isinstance(body[-1], ast.Expr) else None
        exec(compile(ast.Module(body, []), job.notebook.name, "exec"), names)
        names |= job.parameters if "parameters" in cell.metadata.get("tags", []) else {}
        shown = eval(compile(ast.Expression(last.value), job.notebook.name, "eval"), names) if last else None
        outputs = getattr(shown, "ausgaben", [shown] if isinstance(shown, Ausgabe) else [])
        data = [dict(zip(("data", "metadata"), output._repr_mimebundle_(), strict=True)) for output in outputs]
        cell.outputs = [nbformat.v4.new_output("display_data", **parts) for parts in data]
        cell.execution_count = 1
    for path, content in export(nb, job, target)[0].items():
        write_atomic(path, content)


def _start(folder: Path, paths: list[Path], ways: dict) -> None:
    """Print how long an empty notebook takes from the call to its end."""
    empty = write_notebook(folder / "leer.ipynb", "1")
    nb = nbformat.read(empty, as_version=4)
    nb.cells = nb.cells[:1]
    nbformat.write(nb, empty)
    scratch = folder / "w" / "s"
    taken: dict[str, list[float]] = {INTERFACES: [], WARM: []}
    for n in range(STARTS + 1):
        (sockets := scratch / f"l{n}").mkdir()
        taken[INTERFACES].append(seconds(lambda: papermill.execute_notebook(str(empty), None, progress_bar=False)))
        taken[WARM].append(seconds(lambda sockets=sockets: papermill.execute_notebook(
            str(empty), None, progress_bar=False, kernel_name="python3", engine_name=kernels.ENGINE,
            kernel_manager_class=kernels.WarmKernelManager, shutdown_kernel="immediate",
            config=kernels.config(sockets, scratch),
        )))  # fmt: skip
    usual, warm = (statistics.median(times[1:]) for times in taken.values())  # the first one waits for imports
    print(f"an empty notebook, median of {STARTS}")
    print(f"  papermill {usual:.2f} s, warm kernel {warm:.2f} s, {usual / warm:.1f} x")


def _unchanged(folder: Path) -> None:
    """Print how long a run takes in which nothing has changed."""
    chosen = ["--output", str(folder / "run"), "--kreis", *KREISE]
    kreisblick("run", *chosen)
    again = statistics.median(seconds(lambda: kreisblick("run", *chosen)) for _ in range(RERUNS))
    (folder / "run" / unveraendert.FILE).unlink()
    compared = seconds(lambda: kreisblick("run", *chosen))
    print(
        f"kreisblick run, nothing changed: {again:.2f} s (median of {RERUNS}); "
        f"where contents are compared {compared:.2f} s"
    )


def below(folder: Path) -> Target:
    """Where a job writes below a folder."""
    (folder / "s").mkdir(parents=True)
    return Target(folder / "output", folder / "figures", folder / "s")


def kreisblick(*words: str) -> None:
    """Run a command of ours; reports that cannot be made do not matter here."""
    _quiet("analysis.cli", *words, statuses=(0, 1))


def _quiet(module: str, *words: str, statuses=(0,)) -> None:
    done = subprocess.run([sys.executable, "-m", module, *words], capture_output=True, text=True, check=False)
    if done.returncode not in statuses:
        sys.exit(done.stderr)


def seconds(task: Callable) -> float:
    """How long a task takes, in s."""
    start = time.perf_counter()
    task()
    return time.perf_counter() - start
