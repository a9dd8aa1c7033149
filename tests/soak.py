"""Kill any process of a run, until there were enough; then what must hold is checked.

Some runs have hardly any room on the disk, and into some a second run is started. `make soak`; an argument is the
number of kills, a second one the seed.
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

from small_run import left_over, made, processes, started, workspace

from analysis.batch import manifest
from analysis.files import sha256

KREISE = ("16052", "16053", "16055", "16062", "16070", "16077")


def main(kills: int = 100, seed: int = 1) -> None:
    """Run, kill, run again; stop with an error at the first thing that is half, lost or left behind."""
    draw, met = random.Random(seed), Counter()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        root = workspace(Path(folder) / "ordner", kreise=KREISE)
        started_at = time.monotonic()
        reference = _undisturbed(root)
        complete, takes = True, time.monotonic() - started_at
        while met["kills"] < kills:
            force, little, second = complete or draw.random() < 0.3, draw.random() < 0.15, draw.random() < 0.15
            room = {"preexec_fn": partial(_little_room, draw.randrange(300, 20_000))} if little else {}
            runs, pause = [started(root, *["--force"] * force, **room)], takes
            met.update(runs=1, **{"without room": little, "with a second run": second})
            while any(run.poll() is None for run in runs) and met["kills"] < kills:
                _wait(runs, draw.uniform(0, pause))
                if second and len(runs) == 1:
                    runs.append(started(root))
                what = _kill_one(root, runs, draw)
                met.update({"kills": 1, what: 1} if what else {})
                pause = 2.5
            said = "".join(_said(run) for run in runs)
            _check(root, reference, said)
            complete = made(root) == reference
            assert complete or all(run.returncode for run in runs), f"a run that lacks something ended well: {said}"
            print(f"{met['kills']} kills, {met['runs']} runs, {time.monotonic() - started_at:.0f} s", flush=True)
        process = started(root)
        said = process.communicate(timeout=300)[1]
        assert process.returncode == 0 and made(root) == reference and left_over(root) == [], said
        print(f"clean: {', '.join(f'{count} {what}' for what, count in met.items())}; {len(reference)} files as in an "
              "undisturbed run")  # fmt: skip


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


def _kill_one(root: Path, runs: list[subprocess.Popen], draw: random.Random) -> str:
    """Kill a process of these runs, or stop one of them as by Ctrl-C; what kind of process it was, empty if none."""
    running = [run.pid for run in runs if run.poll() is None]
    alive = processes(root)
    if not running or not alive:
        return ""
    victim = draw.choice(running) if draw.random() < 0.2 else draw.choice(alive)
    stopped = victim in running and draw.random() < 0.5
    kind = _kind(victim)
    try:
        os.kill(victim, signal.SIGINT if stopped else signal.SIGKILL)
    except ProcessLookupError:
        return ""
    return "run stopped" if stopped else f"{kind} killed"


def _kind(pid: int) -> str:
    """Kind of a process by its command line: a kernel has that of the warm process it was forked from."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        zygote = b"analysis.batch.zygote" in command
        if zygote:
            return "warm process" if b"zygote" not in _command_of_parent(pid) else "kernel"
    except OSError:
        return "process"
    return "run" if b"analysis.cli" in command else "worker" if b"spawn_main" in command else "process"


def _command_of_parent(pid: int) -> bytes:
    parent = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1]
    return Path(f"/proc/{parent}/cmdline").read_bytes()


def _little_room(most: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


def _undisturbed(root: Path) -> dict[str, bytes]:
    process = started(root)
    said = process.communicate(timeout=300)[1]
    assert process.returncode == 0, said
    return made(root)


def _check(root: Path, reference: dict[str, bytes], said: str) -> None:
    assert "Traceback" not in said, said
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
