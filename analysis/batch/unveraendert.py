"""Whether nothing was touched since a run that left nothing to do: names, sizes and times of files are compared.

This answers only for a run of the same reports in which nothing at all differs. Whenever a file was so much as copied,
`analysis.batch.frische` compares contents.
"""

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Iterable
from pathlib import Path

from analysis import workspace
from analysis.ablage import installed
from analysis.files import write_atomic

FILE = ".stand.json"
"""File beside the manifest with what `remember` noted."""

_ASKED = ("kreis", "notebook", "raum", "parameter")


def seen(arguments, output: Path) -> dict[str, str]:
    """Digests of what a run reads before it knows whether a report is fresh: what was asked for, and all files."""
    package, store = Path(__file__).parents[1], store_files()
    asked = [getattr(arguments, name) for name in _ASKED]
    written = {workspace.ausgaben(), workspace.ablage()}
    data = [path for path in _below(workspace.data()) if path not in store and path.parent not in written]
    return {
        "auftrag": _digest([asked, str(output), str(workspace.root())]),
        "umgebung": surroundings(),
        "paket": state(_below(package)),
        "daten": state([*data, *workspace.notebooks().glob("*.ipynb")]),
        "bestand": state(store),
        "ausgaben": earlier_reports(),
    }


def earlier_reports() -> str:
    """State of the files that say what reports showed before."""
    return state(_below(workspace.ausgaben()))


def store_files() -> list[Path]:
    """The store, and what DuckDB has not yet brought into it."""
    store = workspace.store()
    return [store, store.with_name(f"{store.name}.wal")]


def state(files: Iterable[Path | str]) -> str:
    """Digest of names, sizes and times of files; a file that is not there counts as such."""
    return _digest([[str(path), _stat(path)] for path in sorted(map(str, files))])


def surroundings() -> str:
    """What is installed beside the package; dates of imports are shown in the time zone of the machine."""
    return _digest([*installed(), time.tzname, time.timezone])


def remember(output: Path, before: dict[str, str], made: dict, lines: list[str], status: int) -> None:
    """Note that a run left nothing to do; without room on the disk nothing is noted.

    Parameters
    ----------
    before
        What `seen` gave before anything was read.
    made
        `files` (of the reports, of the manifest and the index, relative to the output) and their `state`, taken before
        their contents were compared.
    lines, status
        What the same run says and with which status it ends, when nothing has changed.
    """
    with contextlib.suppress(OSError):
        write_atomic(output / FILE, json.dumps({"vorher": before, **made, "zeilen": lines, "status": status}))


def remembered(output: Path, now: dict[str, str]) -> tuple[list[str], int] | None:
    """Lines and status of the run that left nothing to do, if nothing was touched since."""
    try:
        noted = json.loads((output / FILE).read_text(encoding="utf-8"))
        files = [output / name for name in noted["files"]]
        same = noted["vorher"] == now and noted["state"] == state(files)
        return (list(noted["zeilen"]), int(noted["status"])) if same else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _below(folder: Path) -> list[Path]:
    walk = os.walk(folder, followlinks=True)
    return [Path(place, name) for place, _, names in walk if "__pycache__" not in place for name in names]


def _stat(path: str) -> list[int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_dev]


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
