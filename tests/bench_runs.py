"""Whole runs as ratio to other ways, all cores busy: 24 of our reports, growth to 400, workers of a cluster."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from queue import SimpleQueue

from bench_batch import KERNEL_ENVIRONMENT, as_commands, below, by_interfaces, kreisblick, plain, seconds
from dask_places import Places
from small_run import SHOW, WORK, started, workspace

from analysis import workspace as own
from analysis.batch import manifest
from analysis.batch.plan import Job, find_notebooks
from analysis.regions import kreise

BLOCKS = (("99099",), ("16068", "16070"), ("16077", "16052", "16053"))
"""Every other way makes the reports of one block before the next one begins; our run makes all, first and last."""
COMPLETE, CATALOGUES = "99099", ("16068", "16070", "16077")
"""The Kreis with a survey, Gemeinden and a goal catalogue, and those that have a goal catalogue."""
SMALL = tuple(kreise())[:20]
FEW, MANY = (12, 2), (20, 20)
"""Kreise and notebooks of each: 24 and 400 small reports."""
OURS = "kreisblick run, start-up included"


def main() -> None:
    """Print seconds and ratios of every way."""
    os.environ.update(KERNEL_ENVIRONMENT)
    os.environ["PYTHONPATH"] = str(own.root())
    kreisblick("plan")  # brings the shipped figures into the store
    os.environ.setdefault(own.STORE_VARIABLE, str(own.store()))
    with tempfile.TemporaryDirectory(prefix="kb-") as name:
        kreisblick("run", "--output", name, "--kreis", COMPLETE)  # what it withholds is kept: every way finds it so
    for part in (_our_notebooks, _growth, _cluster):
        with tempfile.TemporaryDirectory(prefix="kb-") as name:
            part(Path(name))


def jobs(block: tuple[str, ...]) -> list[Job]:
    """Every report that a run makes for these Kreise."""
    return [
        Job(notebook, ags, {"kreis": ags})
        for ags in block
        for notebook in find_notebooks(own.notebooks())
        if ags == COMPLETE or not (notebook.befragung or notebook.gemeinden or notebook.ziele and ags not in CATALOGUES)
    ]


def _our_notebooks(folder: Path) -> None:
    """Print all ways of making the same 24 reports, with all cores but for the first way."""
    cores, todo = os.cpu_count(), [jobs(block) for block in BLOCKS]
    paths = list(dict.fromkeys(job.notebook.path for block in todo for job in block))
    commands, interfaces = partial(as_commands, folder), partial(by_interfaces, folder)
    with ExitStack() as stack:
        pool = stack.enter_context(ProcessPoolExecutor(cores, get_context("spawn")))
        free: SimpleQueue = SimpleQueue()
        for n in range(cores):
            free.put(stack.enter_context(plain(paths, below(folder / f"f{n}"))))

        def plainly(job: Job) -> None:
            make = free.get()
            make(job)
            free.put(make)

        others = {
            "commands, one after another": lambda block: [commands(job) for job in block],
            f"commands, {cores} at a time": _side_by_side(commands, cores),
            f"papermill and nbconvert, {cores} processes": lambda block: list(pool.map(interfaces, block)),
            f"the cells as plain functions, {cores} warm processes": _side_by_side(plainly, cores),
        }
        taken = dict.fromkeys(others, 0.0)
        ours = partial(_ours, folder / "run", [job for block in todo for job in block])
        first = seconds(ours)
        for block in todo:
            for way, make in others.items():
                taken[way] += seconds(partial(make, block))
        last = seconds(ours)
    taken[OURS] = (first + last) / 2
    print(f"our run took {first:.1f} s before and {last:.1f} s after the others")
    print(f"{sum(map(len, todo))} reports of our notebooks, {cores} cores; s, ratio to ours")
    for way, took in taken.items():
        print(f"  {way:48}{took:8.1f}{took / taken[OURS]:8.2f} x")


def _side_by_side(make: Callable[[Job], None], cores: int) -> Callable[[list[Job]], None]:
    def run(block: list[Job]) -> None:
        with ThreadPoolExecutor(cores) as threads:
            list(threads.map(make, block))

    return run


def _ours(output: Path, block: list[Job]) -> None:
    wanted = list(dict.fromkeys(job.ags for job in block))
    kreisblick("run", "--force", "--output", str(output), "--kreis", *wanted)
    entries = manifest.read(output / "manifest.json")["berichte"]
    made = [entry for entry in entries if entry["ags"] in wanted and entry["ergebnis"] == "erstellt"]
    if len(made) != len(block):
        sys.exit(f"{len(made)} reports were made, not the {len(block)} of the other ways")


def _growth(folder: Path) -> None:
    """Print seconds per report and memory of the process of a run, for few and for many small reports."""
    print(f"small reports, {os.cpu_count()} cores; s, s per report, MB of the process of the run")
    for places, notebooks in (FEW, MANY):
        root = workspace(folder / str(notebooks), kreise=SMALL[:places], notebooks=notebooks)
        memory: list[int] = []
        took = seconds(lambda root=root, memory=memory: memory.append(_watched(started(root))))
        number = places * notebooks
        print(f"  {number:4} reports{took:10.1f}{took / number:8.2f}{memory[0] / 1024:8.0f}", flush=True)


def _cluster(folder: Path) -> None:
    """Print seconds of small reports that take a second each, here and by one and two workers of a cluster."""
    places, notebooks = FEW
    place = Places(folder, SHOW, WORK, kreise=SMALL[:places], notebooks=notebooks)
    try:
        place.worker()
        one = seconds(lambda: _watched(place.run()))
        place.worker()
        two = seconds(lambda: _watched(place.run("--force")))
        here = seconds(lambda: _watched(started(place.here, "--force", "--jobs", "2")))
    finally:
        place.close()
    print(f"{places * notebooks} small reports of a second each; s, ratio to one worker")
    for way, took in {"one worker": one, "two workers": two, "two kernels without a cluster": here}.items():
        print(f"  {way:32}{took:8.1f}{one / took:8.2f} x")


def _watched(run: subprocess.Popen) -> int:
    """Largest memory of the process of a run, in KB, asked for with every line it says."""
    highest, said = 0, []
    for line in run.stderr:
        said.append(line)
        state = Path(f"/proc/{run.pid}/status").read_text(encoding="utf-8")
        highest = next((int(word.split()[1]) for word in state.splitlines() if word.startswith("VmHWM")), highest)
    if run.wait():
        sys.exit("".join(said))
    return highest
