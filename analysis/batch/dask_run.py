"""Running a plan on a Dask cluster: the same jobs, results and files as on one machine (`analysis.batch.run`)."""

import contextlib
import os
import sys
import tempfile
import time
from asyncio import CancelledError
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from analysis.batch import dask_check
from analysis.batch.dask_cluster import Cluster, Worker, answer, connected, sentence
from analysis.batch.export import Target
from analysis.batch.freigabe import record
from analysis.batch.job import ERSTELLT, FEHLER, Result, place
from analysis.batch.plan import Job
from analysis.batch.progress import Progress
from analysis.batch.run import lost, show
from analysis.errors import InputError

NO_WORKER_SECONDS = 60
DEATHS = 2
"""A job is given up when that many workers died under it."""


@contextlib.contextmanager
def distribution(address: str, jobs: list[Job], target: Target, shared: bool) -> Iterator[Callable]:
    """Have a cluster that can make these reports.

    Parameters
    ----------
    address
        Of the scheduler: `tcp://10.0.0.5:8786`.
    shared
        Whether the workers put the files into place themselves, in a folder that is the same one for all; else they
        send them.

    Yields
    ------
    Callable
        As `analysis.batch.run.run`: jobs, target, workers (all of the cluster if None), timeout → results.

    Raises
    ------
    InputError
        See `connected`.
    """
    with (
        _mark(target.output if shared else None) as mark,
        connected(address, dask_check.question(jobs, mark)) as cluster,
    ):

        def run(jobs: list[Job], target: Target, workers: int | None, timeout: float) -> Iterator[Result]:
            return _run(cluster, jobs, target, workers, {"timeout": timeout, "shared": shared})

        yield run


@dataclass
class Work:
    """Jobs that wait, jobs under way by worker, how many workers died under each job, and which one was the last."""

    waiting: deque[Job]
    running: dict[Worker, tuple[Job, object]] = field(default_factory=dict)
    died: Counter = field(default_factory=Counter)
    last: dict[str, Worker] = field(default_factory=dict)

    def take(self, worker: Worker, alone: bool) -> Job | None:
        """Next job for a worker; one under which it died is for another one, unless it is alone."""
        for job in self.waiting:
            if alone or self.last.get(job.key) != worker:
                self.waiting.remove(job)
                return job
        return None

    def ended(self, there: Collection[Worker]) -> list[tuple[Worker, Job, object]]:
        """Jobs that are no longer under way: answered, or their worker is gone."""
        over = [w for w, (_, future) in self.running.items() if future.done() or w not in there]
        return [(worker, *self.running.pop(worker)) for worker in over]

    def failed_under(self, worker: Worker, job: Job) -> bool:
        """Note that a worker died under a job; say whether the job waits for another one."""
        self.died[job.key] += 1
        self.last[job.key] = worker
        again = self.died[job.key] < DEATHS
        if again:
            self.waiting.append(job)
        return again


def _run(cluster: Cluster, jobs: list[Job], target: Target, workers: int | None, how: dict) -> Iterator[Result]:
    work, said = Work(deque(jobs)), set(cluster.refused)
    how = how | {name: cluster.asked[name] for name in ("notebooks", "store")}
    at_work = time.monotonic()
    with Progress(len(jobs)) as report:
        try:
            while work.waiting or work.running:
                cluster.look()
                for worker in cluster.refused.keys() - said:
                    said.add(worker)
                    print(f"not used: {cluster.refused[worker]}", file=sys.stderr, flush=True)
                _give(cluster, work, target, workers, how)
                if work.running or cluster.unknown():
                    at_work = time.monotonic()
                elif time.monotonic() > at_work + NO_WORKER_SECONDS:
                    raise InputError("--dask: no worker is left; the reports that were finished stay, run again")
                cluster.wait()
                for worker, job, future in work.ended(cluster.there):
                    result = _result(job, future, target, how["shared"])
                    if result is None:
                        cluster.look()  # a scheduler that is gone takes every job with it
                        if work.failed_under(worker, job):
                            continue
                        result = place(job, lost(job), {}, target)
                    yield result  # first: whoever stops at its line of progress has it
                    show(report, result)
        finally:
            for _, future in work.running.values():
                future.cancel()


def _give(cluster: Cluster, work: Work, target: Target, workers: int | None, how: dict) -> None:
    """Give each worker that has nothing to do a job, and never more than one."""
    able = [w for w in cluster.there if w in cluster.ready and cluster.there[w]["status"] == "running"]
    for worker in able:
        if worker in work.running or (workers and len(work.running) >= workers):
            continue
        job = work.take(worker, alone=len(able) == 1)
        if job:
            asked = {"job": job, "target": only(target, job), **how}
            work.running[worker] = job, cluster.send(worker, "make", asked)


def only(target: Target, job: Job) -> Target:
    """The target with what belongs to one job."""
    return replace(
        target,
        festhalten=False,  # that is for the machine with the store of record
        staende={k: v for k, v in target.staende.items() if k == job.ags},
        befragungen={k: v for k, v in target.befragungen.items() if k == job.key},
        kataloge={k: v for k, v in target.kataloge.items() if k == job.key},
    )


def _result(job: Job, future: object, target: Target, shared: bool) -> Result | None:
    """What came of a job, its files in place; None if its worker died."""
    try:
        if future.status != "finished":
            return None
        made, files = answer(future)
    except (Exception, CancelledError):  # the worker went before its answer was here, or its process died
        return None
    finally:
        future.cancel()
    if not shared:
        return place(job, made, files, target)
    try:
        if made.ergebnis == ERSTELLT:
            record(job, target)
    except InputError as error:
        failed = replace(made, ergebnis=FEHLER, meldung=sentence(error), dateien={}, lesbarkeit=None)
        return place(job, failed, {}, target)
    return made


@contextlib.contextmanager
def _mark(folder: Path | None) -> Iterator[Path | None]:
    """A new file in a folder, by which another machine can tell that it is the same folder."""
    if folder is None:
        yield None
        return
    handle, name = tempfile.mkstemp(prefix=".", suffix=".teil", dir=folder)
    try:
        os.write(handle, os.urandom(16))
        os.close(handle)
        os.chmod(name, 0o644)
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)
