"""Running a plan: jobs in worker processes, a progress bar, one failure never touching another job."""

import atexit
import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.context import BaseContext

from analysis.batch.export import Target
from analysis.batch.job import ERSTELLT, FEHLER, Result, make_ready, run_job
from analysis.batch.plan import Job
from analysis.batch.progress import Progress
from analysis.batch.warm import zygote
from analysis.batch.zygote import die_with_parent


def run(
    jobs: list[Job], target: Target, workers: int | None, timeout: float, task: Callable = run_job
) -> Iterator[Result]:
    """Run all jobs, at most `workers` at a time, and show the progress on standard error.

    Parameters
    ----------
    jobs, target
        What to run and where the results go.
    workers
        Number of processes; all cores if None.
    timeout
        Seconds that one job may take.
    task
        Function that runs one job in a worker.

    Yields
    ------
    Result
        As they come, one per job. Jobs that were under way when a worker process died are tried once more, each
        alone. When the caller stops (an interrupt), the workers end and what was yielded is finished.
    """
    if not jobs:
        return
    workers = max(1, min(workers or os.cpu_count() or 1, len(jobs)))
    notebooks = list(dict.fromkeys(job.notebook.path for job in jobs))
    with zygote(target.scratch, notebooks), Progress(len(jobs)) as report:
        waiting, again = list(jobs), []
        while waiting:
            taken = set()
            for job, result in _work(waiting, target, workers, timeout, task):
                taken.add(job.key)
                if result is None:
                    again.append(job)
                    continue
                yield result  # first: whoever stops at its line of progress has it
                show(report, result)
            if not taken:
                again.extend(waiting)
            waiting = [job for job in waiting if taken and job.key not in taken]
        for job in again:
            result = next((r for _, r in _work([job], target, 1, timeout, task)), None) or lost(job)
            yield result
            show(report, result)


def _work(jobs, target, workers, timeout, task) -> Iterator[tuple[Job, Result | None]]:
    """Results as they come; ends early when a worker process died, with None for the jobs that were under way."""
    pool = ProcessPoolExecutor(workers, mp_context=_context(jobs[0]), initializer=_end_with_parent)
    waiting, running, broken = list(reversed(jobs)), {}, False
    try:
        while running or (waiting and not broken):
            with contextlib.suppress(BrokenProcessPool):  # a worker died meanwhile: the jobs under way will say so
                while waiting and not broken and len(running) < workers:
                    future = pool.submit(task, waiting[-1], target, timeout)
                    running[future] = waiting.pop()
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                job = running.pop(future)
                try:
                    result = future.result()
                except BrokenProcessPool:
                    result, broken = None, True
                yield job, result
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for worker in multiprocessing.active_children():
            worker.terminate()
        raise
    pool.shutdown()


def _context(first: Job) -> BaseContext:
    """Workers are copies of this process with all that they need, where no thread can be cut off by that, else new."""
    if _has_one_thread():
        make_ready(first)
        if _has_one_thread():
            return multiprocessing.get_context("fork")
    return multiprocessing.get_context("spawn")


def _has_one_thread() -> bool:
    """Whether no library started a thread either; only Linux tells."""
    try:
        return len(os.listdir("/proc/self/task")) == 1
    except OSError:
        return False


def _end_with_parent() -> None:
    """Let this worker end when the process that started it is gone, however it ended, and be stopped by it alone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process of a terminal; the starter sees to it
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # a copy of the starter would go its way of stopping
    if sys.platform == "linux":  # at once: until then a copy of the starter holds its locks
        die_with_parent(multiprocessing.parent_process().pid)
    else:
        threading.Thread(target=_watch, daemon=True).start()
    atexit.register(os._exit, 0)  # results are sent by then; libraries that clear up complain of each other


def _watch() -> None:
    multiprocessing.parent_process().join()
    os._exit(1)


def lost(job: Job) -> Result:
    """What came of a job under which a process or a worker died twice."""
    return Result(
        *(job.ags, job.notebook.name, job.titel, job.parameters, FEHLER, 0.0),
        meldung="its worker process died twice",
        raum=job.raum,
    )


def show(report: Callable, result: Result) -> None:
    """Count a result in the progress and say what it came to."""
    name, failed = f"{result.raum or result.ags} {result.notebook}", result.ergebnis != ERSTELLT
    report(name, result.ergebnis, failed, result.dauer_s, result.meldung)
