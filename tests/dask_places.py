"""A cluster on this machine: a scheduler, workers in a workspace of their own, and a workspace to start runs in."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from conftest import ROOT
from small_run import processes, started, workspace

KREISE = ("16052", "16053", "16070")


def until(holds, seconds=120):
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


class Places:
    """A workspace to start runs in, another one that workers run in, and the scheduler between them."""

    def __init__(self, folder: Path, *cells: str, kreise=KREISE, notebooks: int = 1):
        self.here = workspace(folder / "hier", *cells, kreise=kreise, notebooks=notebooks)
        self.there = Path(shutil.copytree(self.here, folder / "anderswo" / "dort"))
        (self.there / "tmp").mkdir()
        self.folder, self.started = folder, []
        self.scheduler = self.dask("/", "scheduler", "--port", "0", "--scheduler-file", str(folder / "s.json"))
        until((folder / "s.json").exists)
        self.address = json.loads(until((folder / "s.json").read_text))["address"]

    def dask(self, cwd, *arguments: str, path: str = "", log: str = "scheduler") -> subprocess.Popen:
        environment = {**os.environ, "PYTHONPATH": path, "TMPDIR": str(self.there / "tmp")}
        with (self.folder / f"{log}.log").open("w") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", *arguments, "--host", "127.0.0.1", "--no-dashboard"],
                cwd=cwd, env=environment, stdout=said, stderr=said,
            )  # fmt: skip
        self.started.append(process)
        return process

    def worker(self, path: Path = ROOT, *arguments: str) -> subprocess.Popen:
        words = ("worker", self.address, "--nthreads", "1", "--no-nanny", *arguments)
        log = f"worker{len(self.started)}"
        process = self.dask(self.there, *words, path=str(path), log=log)
        until(lambda: "Registered to" in (self.folder / f"{log}.log").read_text())
        return process

    def run(self, *arguments: str) -> subprocess.Popen:
        return started(self.here, "--dask", self.address, *arguments)

    def reports(self) -> list[int]:
        """Processes there that are neither scheduler nor worker."""
        return [pid for pid in processes(self.there) if pid not in [p.pid for p in self.started]]

    def close(self) -> None:
        for process in reversed(self.started):
            process.kill()
            process.wait()
        until(lambda: not processes(self.there) + processes(self.here))
