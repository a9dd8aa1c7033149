"""A process that has imported what reports need and forks one kernel per request: `python -m analysis.batch.zygote`.

It listens on the Unix socket that its first argument numbers; the further arguments are notebooks, standard input is
the line to the process that started it. A connection is the lease of one kernel: the client sends a request (one line
of JSON: `argv`, `env`, `cwd`), receives the number of the kernel, may send signals (one number per line) and receives
how it ended. When the client goes, the kernel and its process group go; when the starter goes, everything goes.
"""

import contextlib
import ctypes
import gc
import json
import os
import selectors
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from analysis.batch import preload

REQUEST_SECONDS = 5


@dataclass(frozen=True)
class Lease:
    """A forked kernel: its process, the descriptor that tells its end, and the client that it belongs to."""

    pid: int
    ended: int
    client: socket.socket

    def signal(self, number: int) -> None:
        """Send a signal to the kernel's process group; its number is not given anew before it was waited for."""
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:  # it has just been forked and has no group of its own yet
            os.kill(self.pid, number)


def main() -> None:
    """Import, then serve until standard input ends."""
    listener = socket.socket(fileno=int(sys.argv[1]))
    before = dict(os.environ)
    gc.disable()  # what is imported stays
    preload.load(preload.modules([Path(name) for name in sys.argv[2:]]))
    # scikit-learn sets variables at its import; a kernel that is given a new environment needs them as well
    imported = {name: value for name, value in os.environ.items() if before.get(name) != value}
    gc.collect()
    gc.freeze()
    request, leases = None, {}
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # so that its kernels end before it
    with contextlib.suppress(SystemExit):
        request = _serve(listener, before, leases)
    if request:
        _become_kernel(request, imported)
    for lease in leases.values():
        lease.signal(signal.SIGKILL)
    os._exit(0)  # nothing is left to clear up, and libraries that clear up complain of each other


def _serve(listener: socket.socket, before: dict[str, str], leases: dict[int, Lease]) -> dict | None:
    """Fork a kernel for each request; returns in a kernel's process, with its request, and at the end of everything."""
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ, "request")
        selector.register(sys.stdin, selectors.EVENT_READ, "end")
        while True:
            for key, _ in selector.select():
                if key.data == "end":
                    return None
                if key.data == "request":
                    client = listener.accept()[0]
                    request = _read_request(client)
                    pid = _fork(client) if request and _starts_alike(before, request["env"]) else None
                    if pid == 0:
                        _close(listener, client, leases)
                        return request
                    if pid is None:
                        client.close()
                    else:
                        lease = leases[pid] = Lease(pid, os.pidfd_open(pid), client)
                        selector.register(client, selectors.EVENT_READ, lease)
                        selector.register(lease.ended, selectors.EVENT_READ, lease)
                elif key.fd == key.data.ended:
                    _end(key.data, selector)
                    del leases[key.data.pid]
                elif key.data.pid in leases:
                    _obey(key.data, selector)


def _read_request(client: socket.socket) -> dict | None:
    """The request of a client, None if it sends none in time."""
    client.settimeout(REQUEST_SECONDS)
    try:
        with client.makefile("rb") as lines:
            request = json.loads(lines.readline())
        client.setblocking(False)
        return request
    except (OSError, ValueError):
        return None


def _starts_alike(one: dict[str, str], other: dict[str, str]) -> bool:
    """Whether two environments start an interpreter in the same way."""
    return all(one.get(k) == other.get(k) for k in {**one, **other} if k.startswith("PYTHON"))


def _fork(client: socket.socket) -> int | None:
    """Number of the new process, 0 in it; None when this process must not be forked."""
    if len(os.listdir("/proc/self/task")) > 1:  # a library started a thread: its locks would never open in the child
        return None
    zygote = os.getpid()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # in the kernel it means what it means by default
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.setsid()
        die_with_parent(zygote)
    else:
        with contextlib.suppress(OSError):
            client.send(b"%d\n" % pid)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    return pid


def die_with_parent(parent: int) -> None:
    """Let the kernel kill this process when its parent is gone, however it ended; Linux."""
    set_parent_death_signal = 1
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def _close(listener: socket.socket, client: socket.socket, leases: dict[int, Lease]) -> None:
    """Close in a kernel's process what belongs to the zygote and to other kernels."""
    for lease in leases.values():
        lease.client.close()
        os.close(lease.ended)
    client.close()
    listener.close()
    with open(os.devnull) as nothing:
        os.dup2(nothing.fileno(), 0)


def _end(lease: Lease, selector: selectors.BaseSelector) -> None:
    """Clear up after a kernel that ended and tell its client how."""
    lease.signal(signal.SIGKILL)  # whatever the kernel left behind
    status = os.waitstatus_to_exitcode(os.waitpid(lease.pid, 0)[1])
    with contextlib.suppress(KeyError, ValueError):  # the client was there first
        selector.unregister(lease.client)
    selector.unregister(lease.ended)
    os.close(lease.ended)
    with contextlib.suppress(OSError):
        lease.client.send(b"%d\n" % status)
    lease.client.close()


def _obey(lease: Lease, selector: selectors.BaseSelector) -> None:
    """Pass the client's signals on; kill the kernel when the client is gone."""
    try:
        asked = lease.client.recv(1024)
    except BlockingIOError:
        return
    except OSError:
        asked = b""
    for number in asked.split() or [signal.SIGKILL]:
        lease.signal(int(number))
    if not asked:
        selector.unregister(lease.client)


def _become_kernel(request: dict, imported: dict[str, str]) -> None:
    """Run an ordinary ipykernel here, in the state of a process that has just started; never returns."""
    import random

    import ipykernel_launcher
    import numpy as np

    status = 1
    try:
        os.environ.clear()
        os.environ.update(imported | request["env"] | {"JPY_PARENT_PID": str(os.getppid())})
        os.chdir(request["cwd"])
        random.seed()
        np.random.seed()  # noqa: NPY002  the generator that notebooks may use without asking; else all would draw alike
        sys.argv = [ipykernel_launcher.__file__, *request["argv"], f"--IPKernelApp.parent_handle={os.getppid()}"]
        gc.enable()
        from ipykernel import kernelapp

        kernelapp.launch_new_instance()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(status)


if __name__ == "__main__":
    if sys.path[0] == os.getcwd():
        del sys.path[0]  # as ipykernel_launcher does: a kernel looks for modules in its own folder last of all
    main()
