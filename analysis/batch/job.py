"""One job: execute a notebook through papermill, export it, put the results into place."""

import contextlib
import datetime as dt
import glob
import logging
import os
import tempfile
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import nbformat

from analysis import workspace
from analysis.batch import protokoll
from analysis.batch.export import Target, export, exporter
from analysis.batch.freigabe import check_failed, kanarien, prepare, record, released
from analysis.batch.plan import Job
from analysis.batch.spuren import clean_outputs, without_traces
from analysis.batch.warm import KERNEL_ENVIRONMENT
from analysis.errors import InputError
from analysis.files import write_atomic
from analysis.regions import kreis
from analysis.release.fund import ReleaseError

ERSTELLT, FEHLER, ZEITLIMIT = "erstellt", "fehlgeschlagen", "zeitlimit"


@dataclass
class Result:
    """What came of a job.

    `dateien` maps each written file (relative to `output`) to its SHA-256, `lesbarkeit` is that of the summary, `raum`
    the key of an area, empty for the whole Kreis. `protokoll` is the job's log, which is no part of the manifest.
    """

    ags: str
    notebook: str
    titel: str
    parameter: dict
    ergebnis: str
    dauer_s: float
    meldung: str = ""
    dateien: dict[str, str] = field(default_factory=dict)
    lesbarkeit: float | None = None
    raum: str = ""
    protokoll: str = ""

    def as_dict(self) -> dict:
        """Entry of the manifest."""
        return {name: value for name, value in asdict(self).items() if name != "protokoll"}


def make_ready(first: Job) -> None:
    """Import what running a job needs and read what checking the first one needs; copies of this process have both."""
    import papermill  # noqa: F401

    from analysis import kreissperrung  # noqa: F401
    from analysis.batch import kernels  # noqa: F401
    from analysis.report import picture_files, xlsx  # noqa: F401

    exporter().template  # noqa: B018
    with contextlib.suppress(Exception):  # a report that needs it will say so
        kanarien(first)


def run_job(job: Job, target: Target, timeout: float) -> Result:
    """Run one job to its end; a failure is a result, not an exception.

    The notebook gets a fresh kernel in the workspace's folder; `timeout` is the limit in seconds for all its cells
    together, further limits stand in `target`. After a failure the executed notebook with its error stays for the
    analyst, and there is neither page nor workbook nor picture, also not of an earlier run. Of a report that the
    release check refuses nothing stays, its notebook neither.
    """
    started, begun = time.monotonic(), dt.datetime.now().astimezone()
    notebook = target.output / kreis(job.ags).slug / f"{job.name}.ipynb"
    executed, zellen, written, lesbarkeit = None, [], {}, None

    def put(path: Path, content: bytes | str) -> None:
        written[Path(os.path.relpath(path, target.output)).as_posix()] = write_atomic(path, content)

    try:
        scratch = Path(tempfile.mkdtemp(prefix="j", dir=target.scratch))
        prepare(job, target)
        executed, ergebnis, meldung = _execute(job, scratch / "notebook.ipynb", timeout, target)
        if executed is not None:
            zellen = protokoll.cells(executed)
            clean(executed)
        if ergebnis == ERSTELLT:
            files, lesbarkeit = export(executed, job, target)
            released(files, job, target)
            record(job, target)
            _remove(notebook, target.figures / job.ags)
            for path, content in files.items():
                put(path, content)
    except ReleaseError as error:
        executed, ergebnis, meldung = None, FEHLER, str(error)
        with contextlib.suppress(OSError):
            notebook.unlink(missing_ok=True)
    except Exception as error:  # whatever a notebook shows, or a full disk: the other jobs go on
        ergebnis, meldung = FEHLER, _sentence(error)
    if ergebnis != ERSTELLT:
        lesbarkeit, meldung = None, without_traces(meldung)
        written.clear()
        with contextlib.suppress(OSError):
            _remove(notebook, target.figures / job.ags)
            if executed is not None:
                put(notebook, check_failed(nbformat.writes(clean_outputs(executed)), job))
    result = Result(
        job.ags,
        job.notebook.name,
        job.titel,
        job.parameters,
        ergebnis,
        round(time.monotonic() - started, 3),
        meldung,
        written,
        lesbarkeit,
        job.raum,
    )
    return replace(result, protokoll=protokoll.text(job, begun, zellen, executed, result))


def place(job: Job, made: Result, files: dict[str, bytes], target: Target) -> Result:
    """Put the files of a report that was made elsewhere into place, as `run_job` does with those that it makes.

    Parameters
    ----------
    made
        What came of the job there.
    files
        Content by name relative to the output; a failure without a notebook takes that of an earlier run away.

    Returns
    -------
    Result
        The same, or a failure if the files cannot be written, or what they show not noted.
    """
    notebook, pictures = target.output / kreis(job.ags).slug / f"{job.name}.ipynb", target.figures / job.ags
    try:
        if made.ergebnis == ERSTELLT:
            record(job, target)
        _remove(notebook, pictures)
        if not files:
            notebook.unlink(missing_ok=True)
        for name, content in files.items():
            write_atomic(Path(os.path.normpath(target.output / name)), content)
    except (OSError, InputError) as error:
        with contextlib.suppress(OSError):
            _remove(notebook, pictures)
        return replace(made, ergebnis=FEHLER, meldung=without_traces(_sentence(error)), dateien={}, lesbarkeit=None)
    return made


def _remove(notebook: Path, pictures: Path) -> None:
    for ending in (".html", ".pdf", ".xlsx"):
        notebook.with_suffix(ending).unlink(missing_ok=True)
    for ending in ("xlsx", "ics"):
        for old in notebook.parent.glob(f"{glob.escape(notebook.stem)}.*.{ending}"):
            old.unlink()
    for old in pictures.glob(f"{glob.escape(notebook.stem)}_[0-9]*_*.png"):  # not those of `{stem}_karte`
        old.unlink()


def clean(nb: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Notebook without times, paths and random ids, so that equal runs give equal files; changed in place."""
    nb.metadata.pop("papermill", None)
    for cell in nb.cells:
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.id = "injected-parameters"
    return nb


def _execute(job: Job, path: Path, timeout: float, target: Target) -> tuple[nbformat.NotebookNode | None, str, str]:
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    from analysis.batch import kernels, limits

    os.environ.update(KERNEL_ENVIRONMENT)
    for library in ("papermill", "traitlets"):  # what they have to say is in the result
        logging.getLogger(library).setLevel(logging.CRITICAL)
    deadline = time.monotonic() + timeout
    memory_bytes, output_bytes = (int(mb * limits.MB) for mb in (target.speicher_mb, target.ausgabe_mb))
    try:
        nb = papermill.execute_notebook(
            str(job.notebook.path),
            str(path),
            parameters=job.parameters,
            kernel_name="python3",
            cwd=str(workspace.root()),
            progress_bar=False,
            log_output=False,
            autosave_cell_every=0,
            engine_name=kernels.ENGINE,
            kernel_manager_class=kernels.WarmKernelManager,
            start_timeout=max(1, round(min(60, timeout))),
            # engine argument of nbclient: what is left of the job's time is the limit of the next cell
            timeout_func=lambda cell: max(0.001, deadline - time.monotonic()),
            shutdown_kernel="immediate",
            config=kernels.config(path.parent, path.parents[1], memory_bytes, output_bytes),
            most_bytes=output_bytes,
        )
        return nb, ERSTELLT, ""
    except CellTimeoutError:
        ergebnis, meldung = ZEITLIMIT, f"the limit of {timeout:g} s was reached"
    except DeadKernelError:
        ergebnis, meldung = FEHLER, "the kernel died (out of memory, or a crash in a library)"
    except limits.TooMuchOutputError as error:
        ergebnis, meldung = FEHLER, f"{error}: the limit of {target.ausgabe_mb:g} MB of output was reached"
    except papermill.PapermillExecutionError as error:
        ergebnis, meldung = FEHLER, f"cell {error.cell_index + 1}: {error.ename}: {error.evalue}"
        if error.ename.endswith(limits.OUT_OF_MEMORY):
            meldung = f"{meldung} (the limit is {target.speicher_mb:g} MB of memory)"
    except Exception as error:  # a kernel that does not start, a broken notebook
        ergebnis, meldung = FEHLER, _sentence(error)
    executed = nbformat.read(path, as_version=4) if path.exists() else None
    return executed, ergebnis, meldung


def _sentence(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:600]
