"""Kills at random moments, of whatever process of a run, until there were enough; then what must hold is checked.

`make soak`; an argument is the number of kills, a second one the seed.
"""

import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

from small_run import left_over, made, processes, started, workspace

from analysis.batch import manifest
from analysis.files import sha256

KREISE = ("16052", "16053", "16055", "16062", "16070", "16077")


def main(kills: int = 100, seed: int = 1) -> None:
    """Run, kill, run again; stop with an error at the first thing that is half, lost or left behind."""
    draw = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        root = workspace(Path(folder) / "ordner", kreise=KREISE)
        reference = _undisturbed(root)
        done, ended, started_at = 0, 0, time.monotonic()
        while done < kills:
            process = started(root, "--force") if draw.random() < 0.3 else started(root)
            while process.poll() is None and done < kills:
                time.sleep(draw.uniform(0.1, 2.5))
                alive = [pid for pid in processes(root) if process.poll() is None]
                if alive:
                    victim = process.pid if draw.random() < 0.3 else draw.choice(alive)
                    stopped = victim == process.pid and draw.random() < 0.5  # as by Ctrl-C
                    try:
                        os.kill(victim, signal.SIGINT if stopped else signal.SIGKILL)
                        done += 1
                    except ProcessLookupError:
                        continue
            said = process.communicate(timeout=300)[1]
            ended += 1
            _check(root, reference, said)
            print(f"{done} kills, {ended} runs, {time.monotonic() - started_at:.0f} s", flush=True)
        process = started(root)
        said = process.communicate(timeout=300)[1]
        assert process.returncode == 0 and made(root) == reference and left_over(root) == [], said
        print(f"clean: {done} kills in {ended} runs, {len(reference)} files as in an undisturbed run")


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
