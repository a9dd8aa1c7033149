"""Kill any process of a run, until there were enough; then what must hold is checked.

Some runs have hardly any room on the disk, and into some a second run is started. A quarter of the kills hits runs on
a cluster with two workers. `make soak`; an argument is the number of kills, a second one the seed.
"""

import os
import random
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from functools import partial
from pathlib import Path

from dask_places import Places, until
from small_run import SHOW, WORK, command_of, left_over, made, parent_of, processes, started, workspace

from analysis.batch import manifest
from analysis.files import sha256

KREISE = ("16052", "16053", "16055", "16062", "16070", "16077")
TRACKER = re.compile(r'Traceback .*\n  File ".*resource_tracker\.py".*\n.*\nKeyError.*\n')
"""What Python's own resource tracker says when it was killed and started again."""
WORKERS, PAUSE = 2, 2.5


def main(kills: int = 100, seed: int = 1) -> None:
    """Run, kill, run again; stop with an error at the first thing that is half, lost or left behind."""
    draw, begin = random.Random(seed), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        reference = _undisturbed(root := workspace(Path(folder) / "ordner", SHOW, WORK, kreise=KREISE))
        local = _on_one_machine(root, reference, kills - kills // 4, time.monotonic() - begin, draw)
        _told(local, begin)
        place = Places(Path(folder), SHOW, WORK, kreise=KREISE)
        try:
            cluster = _on_a_cluster(place, reference, kills // 4, draw)
        finally:
            place.close()
        _told(cluster, begin)
        print(f"clean: {len(reference)} files as in an undisturbed run, after {_words(local + cluster)}")


def _on_one_machine(root: Path, reference: dict[str, bytes], kills: int, takes: float, draw: random.Random) -> Counter:
    met, complete = Counter(), True
    while met["kills"] < kills:
        force, little, second = complete or draw.random() < 0.3, draw.random() < 0.15, draw.random() < 0.15
        room = {"preexec_fn": partial(_little_room, draw.randrange(300, 20_000))} if little else {}
        runs, pause = [started(root, *["--force"] * force, **room)], takes
        met += Counter({"runs": 1, "without room": little, "with a second run": second})
        while any(run.poll() is None for run in runs) and met["kills"] < kills:
            _wait(runs, draw.uniform(0, pause))
            if second and len(runs) == 1:
                runs.append(started(root))
            met += _killed(processes(root), runs, draw)
            pause = PAUSE
        complete = _ended(root, reference, runs)
        _told(met)
    _last(root, reference, started(root))
    return met


def _on_a_cluster(place: Places, reference: dict[str, bytes], kills: int, draw: random.Random) -> Counter:
    met, complete = Counter(), True
    workers = [place.worker() for _ in range(WORKERS)]
    while met["kills"] < kills:
        run = place.run(*["--force"] * (complete or draw.random() < 0.3))
        met += Counter({"runs": 1})
        while run.poll() is None and met["kills"] < kills:
            _wait([run], draw.uniform(0, PAUSE))
            there = [pid for pid in processes(place.there) if pid != place.scheduler.pid]
            met += _killed(there + processes(place.here), [run], draw)
            workers = [worker if worker.poll() is None else place.worker() for worker in workers]
        complete = _ended(place.here, reference, [run])
        until(lambda: place.reports() == [], 60)
        _told(met)
    _last(place.here, reference, place.run())
    assert [p.name for p in (place.there / "tmp").glob("kb-*")] == []
    return met


def _ended(root: Path, reference: dict[str, bytes], runs: list[subprocess.Popen]) -> bool:
    """Whether everything is there after these runs; what must hold in any case is checked."""
    said = "".join(_said(run) for run in runs)
    _check(root, reference, said)
    complete = made(root) == reference
    assert complete or all(run.returncode for run in runs), f"a run that lacks something ended well: {said}"
    return complete


def _last(root: Path, reference: dict[str, bytes], run: subprocess.Popen) -> None:
    """A run that nothing disturbs makes what was still missing and leaves nothing else."""
    said = run.communicate(timeout=300)[1]
    assert run.returncode == 0 and made(root) == reference and left_over(root) == [], said


def _told(met: Counter, begin: float | None = None) -> None:
    print(_words(met) + (f"; {time.monotonic() - begin:.0f} s so far" if begin else ""), flush=True)


def _words(met: Counter) -> str:
    return ", ".join(f"{count} {what}" for what, count in met.items())


def _wait(runs: list[subprocess.Popen], seconds: float) -> None:
    """Let time pass, but not longer than the runs go on."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and any(run.poll() is None for run in runs):
        time.sleep(0.02)


def _said(run: subprocess.Popen) -> str:
    """What a run said, unless it was stopped while Python was still loading it or already ending."""
    said = run.communicate(timeout=300)[1]
    outside = said.rstrip().endswith("KeyboardInterrupt") and not re.search(r'cli\.py", line \d+, in _?main', said)
    return "" if outside else said


def _killed(alive: list[int], runs: list[subprocess.Popen], draw: random.Random) -> Counter:
    """Kill one of these processes, each kind as likely as another, or stop a run as by Ctrl-C; what was met."""
    kinds: dict[str, list[int]] = {}
    for pid in alive:
        kinds.setdefault(_kind(pid), []).append(pid)
    if not kinds or all(run.poll() is not None for run in runs):
        return Counter()
    kind = draw.choice(sorted(kinds))
    stopped = kind == "run" and draw.random() < 0.5
    try:
        os.kill(draw.choice(kinds[kind]), signal.SIGINT if stopped else signal.SIGKILL)
    except ProcessLookupError:
        return Counter()
    return Counter({"kills": 1, f"{kind} stopped" if stopped else f"{kind} killed": 1})


def _kind(pid: int) -> str:
    """Kind of a process by its command line: kernels and workers have that of the process they were forked from."""
    try:
        command, parent = command_of(pid), command_of(parent_of(pid))
    except OSError:
        return "process"
    for mark, first, forked in ((b"batch.zygote", "warm process", "kernel"), (b"analysis.cli", "run", "worker")):
        if mark in command:
            return forked if mark in parent else first
    marks = {b"dask_session": "session of a worker", b"-m\0dask": "worker of a cluster",
             b"resource_tracker": "resource tracker"}  # fmt: skip
    return next((kind for mark, kind in marks.items() if mark in command), "process of a run")


def _little_room(most: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


def _undisturbed(root: Path) -> dict[str, bytes]:
    process = started(root)
    said = process.communicate(timeout=300)[1]
    assert process.returncode == 0, said
    return made(root)


def _check(root: Path, reference: dict[str, bytes], said: str) -> None:
    assert "Traceback" not in TRACKER.sub("", said), said
    deadline = time.monotonic() + 30
    while (left := processes(root)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == [], f"processes were left behind: {left}"
    there = made(root)
    assert set(there) <= set(reference)
    pages = {name: content for name, content in there.items() if name.endswith(".html")}
    assert [name for name, content in pages.items() if content != reference[name]] == [], "a page is broken"
    entries = manifest.read(root / "output" / "manifest.json")["berichte"]
    assert len({e["ags"] for e in entries}) == len(entries), "an entry is there twice"
    for entry in (e for e in entries if e["ergebnis"] == "erstellt"):
        for name, digest in entry["dateien"].items():
            file = root / "output" / name
            assert not file.exists() or file.suffix == ".ipynb" or sha256(file) == digest, f"{name} is not as noted"


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
