"""What a worker of a Dask cluster does for a run: it has a process of its own make the reports, and watches it."""

import contextlib
import subprocess
import sys
import threading
from collections.abc import Iterator

WATCH_SECONDS = 0.3
END_SECONDS = 5
_LENGTH_BYTES = 8

_sessions: dict[str, subprocess.Popen] = {}
"""Process by run (`analysis.batch.dask_session`)."""


def ask(run: str, request: bytes) -> bytes:
    """Answer to a request of a run; the process ends when nobody waits for the answer any more.

    Raises
    ------
    RuntimeError
        The process died, or the request was cancelled.
    """
    for _ in range(2):
        process = _sessions.get(run) or _sessions.setdefault(run, _started())
        with _watched(process) as cancelled:
            answer = _exchange(process, request)
        if answer is not None:
            return answer
        del _sessions[run]
        _end(process)
        if cancelled.is_set() or process.returncode != 0:
            break
        # it ended by itself, because it had had nothing to do: the request goes to a new one
    raise RuntimeError("its worker process died")


def end(run: str) -> None:
    """End the process of a run."""
    process = _sessions.pop(run, None)
    if process:
        _end(process)


def _started() -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "analysis.batch.dask_session"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C in a terminal reaches the worker alone
    )


def _exchange(process: subprocess.Popen, request: bytes) -> bytes | None:
    """Answer to a request, None if the process ended before it was whole."""
    with contextlib.suppress(OSError, ValueError):  # its input is closed
        process.stdin.write(request)
        process.stdin.flush()
        length = int.from_bytes(process.stdout.read(_LENGTH_BYTES))
        answer = process.stdout.read(length)
        if length and len(answer) == length:
            return answer
    return None


def _end(process: subprocess.Popen) -> None:
    with contextlib.suppress(OSError):
        process.stdin.close()
    try:
        process.wait(timeout=END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()


@contextlib.contextmanager
def _watched(process: subprocess.Popen) -> Iterator[threading.Event]:
    """End a process when the task that asks it is cancelled, and say so."""
    from distributed import get_worker

    worker, over, cancelled = get_worker(), threading.Event(), threading.Event()
    key = worker.get_current_task()

    def watch() -> None:
        while not over.wait(WATCH_SECONDS):
            task = worker.state.tasks.get(key)
            if task is None or task.state == "cancelled":
                cancelled.set()
                with contextlib.suppress(OSError):
                    process.stdin.close()
                over.wait(END_SECONDS)
                if not over.is_set():
                    process.kill()
                return

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield cancelled
    finally:
        over.set()
        thread.join()
