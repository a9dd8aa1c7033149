"""The manifest: what was made, from what, with which versions; one entry per report, the newest one stays."""

import datetime as dt
import hashlib
import importlib.metadata
import json
import platform
import subprocess
from pathlib import Path

from analysis import __version__, workspace
from analysis.batch.job import ERSTELLT, Result
from analysis.batch.plan import Blocked, Notebook
from analysis.errors import InputError
from analysis.files import sha256, write_atomic
from analysis.regions import kreise

SCHEMA = 1
SCHEMA_FILE = Path(__file__).with_name("manifest.schema.json")
PAKETE = ("duckdb", "matplotlib", "nbconvert", "numpy", "pandas", "papermill", "seaborn", "statsmodels")


def inputs(store_fingerprint: str, notebooks: list[Notebook]) -> dict[str, str]:
    """SHA-256 of everything that a report is made from beside the package's code.

    That is the store's current observations, the sentences of the reference values, the definitions and the
    notebooks. Taken before the run.
    """
    definitions = Path(__file__).parents[1]
    files = {
        "referenzwerte": workspace.data() / "referenzwerte.yaml",
        "catalogue": definitions / "catalogue.yaml",
        "regions": definitions / "regions.yaml",
        **{nb.name: nb.path for nb in notebooks},
    }
    return {"store": store_fingerprint, **{name: sha256(file) for name, file in files.items() if file.exists()}}


def digest(eingaben: dict[str, str]) -> str:
    """One SHA-256 over several, in the order of their names."""
    return hashlib.sha256(json.dumps(eingaben, sort_keys=True).encode()).hexdigest()


def update(path: Path, results: list[Result], blocked: list[Blocked], eingaben: dict[str, str]) -> dict:
    """Write the manifest with these results, keeping the entries of other jobs whose files are still there.

    Parameters
    ----------
    path
        `output/manifest.json`.
    results, blocked
        What this run did and what it could not do.
    eingaben
        What `inputs` gave before the run.

    Returns
    -------
    dict
        The manifest as written.
    """
    this_run = {
        "zeit": dt.datetime.now().astimezone().isoformat(timespec="seconds"),
        "kreisblick": __version__,
        "python": platform.python_version(),
        "pakete": versions(),
        "git": _git(),
        "eingaben_sha256": eingaben,
    }
    entries = {_key(e): e for e in read(path)["berichte"] if _still_there(path.parent, e)}
    for result in results:
        entries[f"{result.ags}/{result.notebook}"] = {**result.as_dict(), "lauf": this_run}
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
    import jsonschema

    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        jsonschema.validate(content, json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))
    except (OSError, ValueError, jsonschema.ValidationError) as error:
        reason = getattr(error, "message", str(error))[:120]
        raise InputError(
            f"{path}: not a manifest of this version ({reason}); choose another folder, or delete it and run again"
        ) from None
    content["berichte"] = [e for e in content["berichte"] if e["ags"] in kreise()]
    return content


def versions() -> dict[str, str]:
    """Versions of the packages that run notebooks, compute figures and make pages."""
    return {name: importlib.metadata.version(name) for name in PAKETE}


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
