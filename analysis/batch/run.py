"""Running a plan: jobs in worker processes, a progress bar, one failure never touching another job."""

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool

from analysis.batch.export import Target
from analysis.batch.job import ERSTELLT, FEHLER, Result, run_job
from analysis.batch.plan import Job
from analysis.batch.progress import Progress
from analysis.batch.warm import zygote


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
        As they come, one per job. A job whose worker process died is tried once more alone. When the caller stops
        (an interrupt), the workers end and what was yielded is finished.
    """
    if not jobs:
        return
    workers = max(1, min(workers or os.cpu_count() or 1, len(jobs)))
    done = set()
    notebooks = list(dict.fromkeys(job.notebook.path for job in jobs))
    with zygote(target.scratch, notebooks), Progress(len(jobs)) as report:
        for job, result in _work(jobs, target, workers, timeout, task):
            done.add(job.key)
            yield result  # first: whoever stops at its line of progress has it
            _report(report, result)
        for job in [j for j in jobs if j.key not in done]:
            result = next((r for _, r in _work([job], target, 1, timeout, task)), None) or _lost(job)
            yield result
            _report(report, result)


def _work(jobs, target, workers, timeout, task) -> Iterator[tuple[Job, Result]]:
    """Results as they come; ends early, without the jobs that were lost, when a worker process died."""
    # spawn: the same on every system, and no thread or lock of this process is carried over
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_end_with_parent)
    try:
        futures = {pool.submit(task, job, target, timeout): job for job in jobs}
        for future in as_completed(futures):
            try:
                yield futures[future], future.result()
            except BrokenProcessPool:
                continue
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for worker in multiprocessing.active_children():
            worker.terminate()
        raise
    pool.shutdown()


def _end_with_parent() -> None:
    """Let this worker end when the process that started it is gone, however it ended."""

    def watch() -> None:
        multiprocessing.parent_process().join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _lost(job: Job) -> Result:
    return Result(
        *(job.ags, job.notebook.name, job.titel, job.parameters, FEHLER, 0.0),
        meldung="its worker process died twice",
        raum=job.raum,
    )


def _report(report: Callable, result: Result) -> None:
    name, failed = f"{result.raum or result.ags} {result.notebook}", result.ergebnis != ERSTELLT
    report(name, result.ergebnis, failed, result.dauer_s, result.meldung)
