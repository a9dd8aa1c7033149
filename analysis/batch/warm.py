"""The warm process of a run, and one kernel of it as its client sees it."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

KERNEL_ENVIRONMENT = {
    "MPLBACKEND": "agg",
    "PYTHONHASHSEED": "0",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
SOCKET = "zygote"
"""Name of the warm process's socket in the folder of intermediate files of a run."""
ANSWER_SECONDS = 60


@contextlib.contextmanager
def zygote(folder: Path, notebooks: list[Path]) -> Iterator[None]:
    """Have a warm process for kernels that run these notebooks, listening in a folder; nothing where it cannot be.

    It imports while the caller goes on; who asks meanwhile waits for it. One that listens there already is enough.
    """
    if not (sys.platform == "linux" and hasattr(os, "pidfd_open")) or (folder / SOCKET).exists():
        yield
        return
    with socket.socket(socket.AF_UNIX) as listener:
        try:
            listener.bind(str(folder / SOCKET))
            listener.listen(128)
        except OSError:  # a path that is too long, or a file system without sockets
            yield
            return
        process = subprocess.Popen(
            [sys.executable, "-m", "analysis.batch.zygote", str(listener.fileno()), *map(str, notebooks)],
            stdin=subprocess.PIPE,
            env={**os.environ, **KERNEL_ENVIRONMENT},
            pass_fds=[listener.fileno()],
            start_new_session=True,
        )
    try:
        yield
    finally:
        (folder / SOCKET).unlink(missing_ok=True)
        process.stdin.close()
        process.terminate()  # while it still imports; later it ends by itself, after its kernels
        try:
            process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class ForkedKernel:
    """A kernel of the warm process, seen from its client with the methods of `subprocess.Popen` that are needed."""

    stdin = stdout = stderr = None

    def __init__(self, address: str, argv: list[str], env: dict[str, str], cwd: str):
        self.returncode = None
        self._line = socket.socket(socket.AF_UNIX)
        self._heard = b""
        try:
            self._line.settimeout(ANSWER_SECONDS)
            self._line.connect(address)
            self._line.sendall(json.dumps({"argv": argv, "env": env, "cwd": cwd}).encode() + b"\n")
            while b"\n" not in self._heard:
                heard = self._line.recv(64)
                if not heard:
                    raise ConnectionError("the warm process does not give a kernel")
                self._heard += heard
            self._line.setblocking(False)
        except BaseException:
            self._line.close()
            raise
        pid, _, self._heard = self._heard.partition(b"\n")
        self.pid = int(pid)

    def poll(self) -> int | None:
        """Exit status, None while the kernel runs."""
        if self.returncode is not None:
            return self.returncode
        with contextlib.suppress(BlockingIOError):
            try:
                heard = self._line.recv(64)
            except ConnectionError:
                heard = b""
            self._heard += heard
            if not heard or b"\n" in self._heard:  # without a status the warm process is gone, and its kernels with it
                self.returncode = int(self._heard.strip() or -signal.SIGKILL)
                self._line.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Ask the warm process, which alone knows whether that number is still this kernel, to send a signal."""
        if self.poll() is None:
            with contextlib.suppress(OSError):
                self._line.send(b"%d\n" % number)

    def wait(self) -> int:
        """Exit status of a kernel that ended."""
        while self.poll() is None:
            time.sleep(0.005)
        return self.returncode
