"""An existing Dask cluster as a run sees it: which workers are there, and which of them have what is here."""

import contextlib
import pickle
import platform
import queue
import re
import socket
import time
import uuid
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import version

from analysis.batch import dask_check, dask_worker
from analysis.errors import InputError

CONNECT_SECONDS = 10
CHECK_SECONDS = 180
HAND_OVER_SECONDS = 120
LOOK_SECONDS = 1

Worker = tuple[str, str]
"""Address and folder of a worker; a new one at the same address has another folder."""


@dataclass
class Cluster:
    """A connected cluster: what each worker is asked, what it must answer, and what came of it.

    `there` are the workers that are there now with what the scheduler knows of them, `ready` those that have what is
    here, `refused` the others and why.
    """

    client: object
    asked: dict
    here: dict[str, str]
    run: str = field(default_factory=lambda: uuid.uuid4().hex)
    there: dict[Worker, dict] = field(default_factory=dict)
    ready: set[Worker] = field(default_factory=set)
    refused: dict[Worker, str] = field(default_factory=dict)
    _checks: dict[Worker, tuple[object, float]] = field(default_factory=dict)
    _done: queue.SimpleQueue = field(default_factory=queue.SimpleQueue)

    def look(self) -> None:
        """Note which workers are there, have new ones checked, and judge those that answered.

        Raises
        ------
        InputError
            The scheduler is gone.
        """
        try:
            workers = self.client.scheduler_info(n_workers=-1)["workers"]
        except (OSError, TimeoutError, RuntimeError):
            workers = None
        if workers is None or self.client.status != "running":
            raise _gone()
        self.there = {(address, about["local_directory"]): about for address, about in workers.items()}
        for worker in self.there.keys() - self._checks.keys():
            self._checks[worker] = self.send(worker, "check", self.asked), time.monotonic() + CHECK_SECONDS
        for worker in self.unknown():
            check, deadline = self._checks[worker]
            if check.done() or time.monotonic() > deadline:
                self._judge(worker, check)

    def unknown(self) -> set[Worker]:
        """Workers that are there and have not answered yet."""
        return self.there.keys() - self.ready - self.refused.keys()

    def wait(self) -> None:
        """Wait a moment, at most until the next request is answered."""
        with contextlib.suppress(queue.Empty):
            self._done.get(timeout=LOOK_SECONDS)

    def send(self, worker: Worker, name: str, arguments: dict) -> object:
        """Future of the answer of that worker, and of no other, to a request (see `analysis.batch.dask_session`)."""
        request = pickle.dumps((name, arguments))
        try:
            future = self._submit(worker, dask_worker.ask.__name__, self.run, request)
        except Exception:  # whatever a client does without its scheduler
            raise _gone() from None
        future.add_done_callback(self._done.put)
        return future

    def end(self) -> None:
        """End what was begun for this run on the workers."""
        import distributed

        with contextlib.suppress(Exception):  # what is gone has ended
            ending = [self._submit(worker, dask_worker.end.__name__, self.run) for worker in self.there]
            distributed.wait(ending, timeout=CONNECT_SECONDS)

    def _judge(self, worker: Worker, check: object) -> None:
        threads = self.there[worker]["nthreads"]
        if not check.done():
            why = f"does not answer within {CHECK_SECONDS} s"
        elif threads != 1:
            why = f"has {threads} threads; start it with --nworkers {threads} --nthreads 1"
        else:
            try:
                why = dask_check.difference(self.here, answer(check))
            except Exception as error:
                why = f"cannot make reports ({sentence(error)})"
        if why:
            self.refused[worker] = f"worker {worker[0]}: {why}"
        else:
            self.ready.add(worker)

    def _submit(self, worker: Worker, name: str, *arguments: str | bytes) -> object:
        return self.client.submit(
            *(_carrier(), dask_worker.__name__, name, *arguments),
            key=f"kreisblick-{name}-{uuid.uuid4().hex}",
            workers=[worker[0]],
            allow_other_workers=False,
            pure=False,
            retries=0,
        )


@contextlib.contextmanager
def connected(address: str, asked: dict) -> Iterator[Cluster]:
    """Have a cluster whose workers all have what is here.

    Parameters
    ----------
    address
        Of the scheduler: `tcp://10.0.0.5:8786`.
    asked
        What `dask_check.question` gave.

    Raises
    ------
    InputError
        Dask is not installed, there is no scheduler or no worker, or one of them has other versions or inputs.
    """
    with _client(address) as client:
        cluster = Cluster(client, asked, dask_check.state(**asked))
        try:
            deadline = time.monotonic() + CONNECT_SECONDS
            cluster.look()
            while cluster.unknown() or (not cluster.there and time.monotonic() < deadline):
                cluster.wait()
                cluster.look()
            if not cluster.there:
                raise InputError(
                    f"--dask {address}: the scheduler has no workers; docs/verteilt.md shows how to start one"
                )
            if why := list(cluster.refused.values()):
                further = f" (and {len(why) - 1} more)" if len(why) > 1 else ""
                raise InputError(f"--dask {address}: {why[0]}{further}")
            yield cluster
        finally:
            cluster.end()


def _gone() -> InputError:
    return InputError("--dask: the scheduler is gone; the reports that were finished stay, run again")


def answer(future: object) -> object:
    """What a worker answered; raises what went wrong there."""
    found = pickle.loads(future.result(timeout=HAND_OVER_SECONDS))
    if isinstance(found, Exception):
        raise found
    return found


def sentence(error: BaseException) -> str:
    """An error in one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:300]


@contextlib.contextmanager
def _client(address: str) -> Iterator[object]:
    try:
        import dask

        silent = ("distributed", "distributed.client", "distributed.comm", "distributed.core", "tornado")
        dask.config.set({"logging": dict.fromkeys(silent, "critical")})  # before its import; the run says what happened
        import distributed
    except ImportError:
        raise InputError("--dask needs the package distributed; docs/verteilt.md shows how to install it") from None
    host, _, port = address.partition("://")[2].rpartition(":")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of versions that differ; they are compared below
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_SECONDS).close()
            client = distributed.Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError, OverflowError) as error:
            raise InputError(f"--dask {address}: no scheduler answers there ({sentence(error)})") from None
    try:
        there = client.get_versions()["scheduler"]
        found = {
            "Python": ".".join(map(str, re.findall(r"\d+", dict(there["host"].items())["python"])[:3])),
            "distributed": there["packages"]["distributed"],
        }
        for name, here in (("Python", platform.python_version()), ("distributed", version("distributed"))):
            if found[name] != here:
                raise InputError(f"--dask {address}: the scheduler has {name} {found[name]}, here it is {here}")
        yield client
    finally:
        client.close(timeout=2)


def _carrier():
    """A function that travels as it is, so that the scheduler needs Dask and nothing of Kreisblick."""

    def carry(module: str, name: str, *arguments: str | bytes) -> object:
        from importlib import import_module

        return getattr(import_module(module), name)(*arguments)

    return carry
