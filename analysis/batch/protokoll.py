"""The log of a job: when it ran with which parameters, how long each cell took and what it showed, how it ended."""

import contextlib
import datetime as dt
import json
import re
from pathlib import Path

import nbformat

from analysis.batch.plan import Job, report_name
from analysis.batch.spuren import without_traces
from analysis.files import write_atomic

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def cells(executed: nbformat.NotebookNode) -> list[str]:
    """A line per cell of a notebook as papermill left it: number, seconds, bytes shown, state."""
    return [_cell(number, cell) for number, cell in enumerate(executed.cells, start=1)]


def text(job: Job, begun: dt.datetime, zellen: list[str], executed: nbformat.NotebookNode | None, result) -> str:
    """Log of a job, without paths of the machine.

    Nothing stands in it of what a notebook shows, except its errors.

    Parameters
    ----------
    zellen
        Its cells (`cells`), none where no notebook ran.
    executed
        The notebook, for its errors; None where there is none.
    result
        What came of the job (`analysis.batch.job.Result`).
    """
    given = ", ".join(f"{name} = {value!r}" for name, value in job.parameters.items())
    lines = [
        f"report      {job.key}: {job.titel}",
        f"begun       {begun.isoformat(sep=' ', timespec='seconds')}",
        f"parameters  {given}",
        f"cells       {'number, seconds, bytes shown, state' if zellen else 'none was run'}",
        *zellen,
        f"files       {', '.join(result.dateien) or 'none'}",
        f"result      {result.ergebnis} after {result.dauer_s:.1f} s{f': {result.meldung}' if result.meldung else ''}",
    ]
    outputs = [output for cell in executed.cells for output in cell.get("outputs", ())] if executed else []
    errors = ["\n".join(output["traceback"]) for output in outputs if output.output_type == "error"]
    return "\n".join([*lines, *(without_traces(_COLOURS.sub("", error)) for error in errors)]) + "\n"


def write(folder: Path, result) -> None:
    """Write the log of a job; one that finds no room is missing, and nothing else."""
    name = report_name(result.notebook, result.ags, result.raum)
    content = result.protokoll or f"result      {result.ergebnis}: {result.meldung}\n"
    with contextlib.suppress(OSError):
        write_atomic(folder / f"{result.ags}_{name}.log", content)


def _cell(number: int, cell: nbformat.NotebookNode) -> str:
    about = cell.metadata.get("papermill", {})
    shown = sum(len(json.dumps(output)) for output in cell.get("outputs", ()))
    state = about.get("status", "") if cell.cell_type == "code" else "text"
    return f"{number:10}{about.get('duration') or 0:9.2f}{shown:12,}  {state}"
