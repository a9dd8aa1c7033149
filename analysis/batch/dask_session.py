"""A process that makes reports beside a worker of a Dask cluster: `python -m analysis.batch.dask_session`.

It begins for a run, so that it has the code as it is on the disk then. Requests (the name of a function here and its
arguments, pickled) come on standard input, answers (pickled, their length before them) go to standard output. It ends
when its input ends, whatever it is doing, and when nothing was asked of it for a minute.
"""

import contextlib
import os
import pickle
import queue
import shutil
import struct
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from analysis import workspace
from analysis.batch import dask_check
from analysis.batch.export import Target
from analysis.batch.job import Result, place, run_job
from analysis.batch.laufordner import scratch, sweep
from analysis.batch.plan import Job
from analysis.batch.warm import zygote

IDLE_SECONDS = 60
LENGTH = struct.Struct(">Q")


class Workshop:
    """A folder for intermediate files, and a warm process for kernels as soon as the first report is asked for."""

    def __init__(self, folder: Path, stack: contextlib.ExitStack):
        self.folder, self.stack = folder, stack
        self.warm = False

    def check(self, **asked) -> dict[str, str]:
        """What this machine has (`dask_check.state`)."""
        return dask_check.state(**asked)

    def make(
        self, job: Job, target: Target, timeout: float, notebooks: list[str], store: str, shared: bool
    ) -> tuple[Result, dict[str, bytes]]:
        """Make a report from the workspace of this machine.

        Parameters
        ----------
        job, target, timeout
            As for `run_job`; the notebook is read from the workspace here.
        notebooks, store
            Names of all notebooks of the run, and its indicator database (see `dask_check.state`).
        shared
            Whether the files are put into place here; else they are returned.

        Returns
        -------
        tuple
            What came of the job, and its files by name relative to the output.
        """
        os.environ[workspace.STORE_VARIABLE] = str(workspace.root() / store)
        if not self.warm:
            paths = [workspace.notebooks() / f"{name}.ipynb" for name in notebooks]
            self.stack.enter_context(zygote(self.folder, paths))
            self.warm = True
        here = self.folder / "w" / "output"
        figures = Path(os.path.normpath(here / os.path.relpath(target.figures, target.output)))
        job = replace(job, notebook=replace(job.notebook, path=workspace.notebooks() / job.notebook.path.name))
        result = run_job(job, replace(target, output=here, figures=figures, scratch=self.folder), timeout)
        files = {name: (here / name).read_bytes() for name in result.dateien}
        for folder in (self.folder / "w", *self.folder.glob("j*")):
            shutil.rmtree(folder, ignore_errors=True)
        return (place(job, result, files, target), {}) if shared else (result, files)


def main() -> None:
    """Answer requests until there is nothing more to do."""
    asked, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints does not come between the answers
    with open(os.devnull) as nothing:
        os.dup2(nothing.fileno(), 0)
    sweep()
    with scratch() as folder, contextlib.ExitStack() as stack:
        workshop, requests = Workshop(folder, stack), queue.SimpleQueue()
        threading.Thread(target=_listen, args=(asked, requests, folder), daemon=True).start()
        while True:
            try:
                name, arguments = requests.get(timeout=IDLE_SECONDS)
            except queue.Empty:
                return
            try:
                answer = getattr(workshop, name)(**arguments)
            except Exception as error:  # told to who asked
                answer = error
            content = pickle.dumps(answer)
            answers.write(LENGTH.pack(len(content)) + content)
            answers.flush()


def _listen(asked: BinaryIO, requests: queue.SimpleQueue, folder: Path) -> None:
    with contextlib.suppress(EOFError):
        while True:
            requests.put(pickle.load(asked))
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)  # the warm process and its kernels end with this one


if __name__ == "__main__":
    sys.exit(main())
