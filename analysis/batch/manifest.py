"""The manifest: what was made, from what, with which versions; one entry per report, the newest one stays."""

import datetime as dt
import importlib.metadata
import json
import platform
import subprocess
from pathlib import Path

from analysis import __version__, workspace
from analysis.batch.job import ERSTELLT, Result
from analysis.batch.plan import Blocked
from analysis.errors import InputError
from analysis.files import sha256, write_atomic

SCHEMA = 1
PAKETE = ("duckdb", "matplotlib", "nbconvert", "numpy", "pandas", "papermill", "seaborn", "statsmodels")


def update(path: Path, results: list[Result], blocked: list[Blocked], bestand: str) -> dict:
    """Write the manifest with these results, keeping the entries of other jobs whose files are still there.

    Parameters
    ----------
    path
        `output/manifest.json`.
    results, blocked
        What this run did and what it could not do.
    bestand
        Fingerprint of the store's current observations.

    Returns
    -------
    dict
        The manifest as written.
    """
    this_run = {
        "zeit": dt.datetime.now().astimezone().isoformat(timespec="seconds"),
        "kreisblick": __version__,
        "python": platform.python_version(),
        "pakete": {name: importlib.metadata.version(name) for name in PAKETE},
        "git": _git(),
        "bestand_sha256": bestand,
    }
    entries = {_key(e): e for e in read(path)["berichte"] if _still_there(path.parent, e)}
    for result in results:
        entry = {**result.as_dict(), "lauf": this_run}
        notebook = workspace.notebooks() / f"{result.notebook}.ipynb"
        entry["notebook_sha256"] = sha256(notebook) if notebook.exists() else ""
        entries[_key(entry)] = entry
    for block in blocked:
        entries.pop(f"{block.ags}/{block.notebook.name}", None)
    manifest = {
        "schema": SCHEMA,
        "lauf": this_run,
        "berichte": [entries[key] for key in sorted(entries)],
        "nicht_moeglich": [
            {"ags": b.ags, "notebook": b.notebook.name, "titel": b.notebook.titel, "grund": b.grund} for b in blocked
        ],
    }
    write_atomic(path, json.dumps(manifest, ensure_ascii=False, indent=1) + "\n")
    return manifest


def read(path: Path) -> dict:
    """Manifest of an output folder; an empty one where there is none.

    Raises
    ------
    InputError
        The file is not a manifest of this version.
    """
    if not path.exists():
        return {"schema": SCHEMA, "berichte": [], "nicht_moeglich": []}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["schema"] != SCHEMA:
            raise KeyError("schema")
        content["berichte"]
    except (json.JSONDecodeError, KeyError, TypeError, UnicodeDecodeError):
        raise InputError(f"{path}: not a manifest of this version; delete the folder and run again") from None
    return content


def _key(entry: dict) -> str:
    return f"{entry['ags']}/{entry['notebook']}"


def _still_there(output: Path, entry: dict) -> bool:
    return entry["ergebnis"] != ERSTELLT or all((output / file).exists() for file in entry["dateien"])


def _git() -> dict | None:
    """Commit of the workspace and whether files differ from it; None outside git."""

    def ask(*words: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(workspace.root()), *words], capture_output=True, text=True, check=True, timeout=10
        )
        return done.stdout.strip()

    try:
        return {"commit": ask("rev-parse", "HEAD"), "geaendert": bool(ask("status", "--porcelain"))}
    except (OSError, subprocess.SubprocessError):
        return None
