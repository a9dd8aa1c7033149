"""A small workspace whose run can be started, watched and killed."""

import os
import subprocess
import sys
from pathlib import Path

from conftest import HEADER, ROOT
from notebooks_made import write_notebook

from analysis.batch import unveraendert
from analysis.store import Store

SHOW = 'from analysis import outputs\noutputs.saetze([f"Kreis {kreis}"])'
ROW = "{};2019-12-31;bevoelkerung;100;;;thueringer_broschuere"
WORK = "import time\nend = time.monotonic() + 1\nwhile time.monotonic() < end:\n    sum(range(10_000))"
"""A report that takes a moment, so that its kernel can be met at work."""
KREISE = ("16052", "16053", "16070", "16077")


def workspace(root: Path, *cells: str, kreise=KREISE, notebooks: int = 1) -> Path:
    """Workspace with a report (or several alike) with these cells for each Kreis."""
    for folder in ("analysis", "notebooks", "data/local"):
        (root / folder).mkdir(parents=True)
    for n in range(1, notebooks + 1):
        write_notebook(root / "notebooks" / f"{n:02}_bericht.ipynb", *(cells or (SHOW,)))
    delivery = root / "data" / "local" / "lieferung.csv"
    delivery.write_text("\n".join([HEADER, *map(ROW.format, kreise), ""]), encoding="utf-8")
    with Store(root / "store.duckdb", read_only=False) as store:
        store.import_file(delivery)
    return root


def started(root: Path, *arguments: str, **further) -> subprocess.Popen:
    """A run in that workspace, with its intermediate files in `tmp` there."""
    return subprocess.Popen(
        [sys.executable, "-m", "analysis.cli", "run", *arguments],
        cwd=root, env=surroundings(root), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, **further,
    )  # fmt: skip


def surroundings(root: Path) -> dict[str, str]:
    """Environment of a run in that workspace."""
    (root / "tmp").mkdir(exist_ok=True)
    names = {"PYTHONPATH": str(ROOT), "KREISBLICK_STORE": str(root / "store.duckdb"), "TMPDIR": str(root / "tmp")}
    return {**os.environ, **names}


def processes(root: Path) -> list[int]:
    """Running processes of that workspace, by their folder for intermediate files."""
    mark, found = f"TMPDIR={root / 'tmp'}".encode(), []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def command_of(pid: int) -> bytes:
    """Command line of a process; one that was forked has that of its parent."""
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def parent_of(pid: int) -> int:
    """Number of the process that started a process."""
    return int(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])


def made(root: Path) -> dict[str, bytes]:
    """Reports that are there, by file."""
    files = [p for p in (root / "output").glob("*/01_*") if p.is_file()]
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in sorted(files)}


def left_over(root: Path) -> list[str]:
    """Intermediate files and halves of files."""
    found = [*(root / "tmp").iterdir(), *(p for name in ("output", "logs") for p in (root / name).rglob(".*"))]
    return [p.name for p in found if p.name != unveraendert.FILE]
