"""What a job may use beside its time: memory of its kernel, bytes that it shows or writes into one file."""

import signal
import sys

from nbclient.exceptions import DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.log import logger

MB = 1_000_000
OUT_OF_MEMORY = ("MemoryError", "OutOfMemoryException")
"""Endings of the names under which Python, NumPy, Arrow and DuckDB say that there is no more memory."""


class TooMuchOutputError(Exception):
    """A notebook showed more than it may."""


class BoundedClient(PapermillNotebookClient):
    """papermill's client that stops a kernel which shows more than so many bytes, and keeps none of that cell."""

    def __init__(self, nb_man, most_bytes: int | None = None, **further):
        super().__init__(nb_man, **further)
        self.left = float("inf") if most_bytes is None else most_bytes
        self.full = ""

    def execute(self, **further):
        """Execute the notebook.

        Raises
        ------
        TooMuchOutputError
            A cell showed more than what was left; the text names it.
        """
        try:
            executed = super().execute(**further)
        except DeadKernelError:
            if not self.full:
                raise
        if self.full:
            raise TooMuchOutputError(self.full)
        return executed

    def process_message(self, msg, cell, cell_index):
        """Take over a message of the kernel, or stop the kernel."""
        if not self.full:
            self.left -= _size(msg["content"]) if msg["msg_type"] != "status" else 0
            if self.left < 0:
                self.full = f"cell {cell_index + 1}"
                self.km.provisioner.process.send_signal(signal.SIGKILL)
        if not self.full:
            return super().process_message(msg, cell, cell_index)
        cell.outputs.clear()
        return super().process_message(msg, cell, cell_index) if msg["msg_type"] == "status" else None


def run_bounded(execution, kernel_name: str, start_timeout: float, log_output: bool, **further) -> None:
    """Run the cells of an execution as papermill's own engine does, in a `BoundedClient`."""
    for unused in ("input_path", "execution_timeout"):
        further.pop(unused, None)
    client = BoundedClient(
        *(execution,), kernel_name=kernel_name, startup_timeout=start_timeout, log=logger, log_output=log_output,
        **further,
    )  # fmt: skip
    client.execute()


def restrict(pid: int, memory_bytes: int, file_bytes: int) -> None:
    """Let a process of this user have no more memory of its own and write no longer files; 0 is no limit.

    What is shared with other processes does not count. Only Linux can restrict another process.
    """
    if sys.platform != "linux":
        return
    import resource

    for kind, most in ((resource.RLIMIT_DATA, memory_bytes), (resource.RLIMIT_FSIZE, file_bytes)):
        soft, hard = resource.prlimit(pid, kind)
        if most and (soft == resource.RLIM_INFINITY or most < soft):
            resource.prlimit(pid, kind, (most, hard))


def _size(content: object) -> int:
    """Bytes of the texts in a message, near enough."""
    if isinstance(content, str):
        return len(content)
    if isinstance(content, dict):
        return sum(map(_size, content.values()))
    return sum(map(_size, content)) if isinstance(content, list | tuple) else 0
