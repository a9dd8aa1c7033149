"""The manifest: what was made, from what, with which versions; one entry per report, the newest one stays."""

import contextlib
import datetime as dt
import importlib.metadata
import json
import os
import platform
import re
import subprocess
from functools import partial
from pathlib import Path

from analysis import __version__, regelwerk, workspace
from analysis.batch.job import ERSTELLT, Result
from analysis.batch.plan import Blocked, Notebook, report_name
from analysis.errors import InputError
from analysis.files import sha256, write_atomic
from analysis.regions import kreise
from analysis.report.gestaltung import Gestaltung

SCHEMA = 1
JOURNAL = ".lauf.jsonl"
"""File beside the manifest with the entries of a run that has not ended."""
_LISTS = ("berichte", "nicht_moeglich")
_STORE = "store/"
_GESTALTUNG = "gestaltung/"
_BEFRAGUNG = "befragung/"
_ZIELKATALOG = "zielkatalog/"
SCHEMA_FILE = Path(__file__).with_name("manifest.schema.json")
PAKETE = ("duckdb", "matplotlib", "nbconvert", "numpy", "pandas", "papermill", "seaborn", "statsmodels")


def inputs(
    staende: dict[str, str],
    notebooks: list[Notebook],
    gestaltungen: dict[str, Gestaltung] | None = None,
    befragungen: dict[str, str] | None = None,
    kataloge: dict[str, str] | None = None,
) -> dict[str, str]:
    """SHA-256 of everything that a report is made from beside the package's code.

    That is what the store currently holds for the reports on each Kreis (`store/16077`), the sentences of the
    reference values, the goals of other strategies, the definitions, the names that an analyst gave to groups, the
    rules of what is withheld that the Kreis chose, the notebooks, the corporate designs (`gestaltung/16077`), the
    survey and the goal catalogue of each report that reads one (`befragung/16077/04_sozialbefragung`,
    `zielkatalog/16070/05_zielmonitoring`). Taken before the run.
    """
    definitions = Path(__file__).parents[1]
    files = {
        "referenzwerte": workspace.data() / "referenzwerte.yaml",
        "lebenslagen": workspace.data() / "ziele" / "lebenslagen_2020.yaml",
        "catalogue": definitions / "catalogue.yaml",
        "regions": definitions / "regions.yaml",
        "gruppennamen": workspace.local() / "gruppennamen.yaml",
        "vertraulichkeit": workspace.local() / regelwerk.NAME,
        **{nb.name: nb.path for nb in notebooks},
    }
    return {
        **{f"{_STORE}{ags}": stand for ags, stand in staende.items()},
        **{name: sha256(file) for name, file in files.items() if file.exists()},
        **{f"{_GESTALTUNG}{ags}": g.sha256 for ags, g in (gestaltungen or {}).items()},
        **{f"{_BEFRAGUNG}{key}": digest for key, digest in (befragungen or {}).items()},
        **{f"{_ZIELKATALOG}{key}": digest for key, digest in (kataloge or {}).items()},
    }


def update(
    path: Path,
    results: list[Result],
    blocked: list[Blocked],
    eingaben: dict[str, str],
    only_kreise: list[str] | None = None,
    only_notebooks: list[str] | None = None,
    gemacht_aus: dict[str, dict[str, str]] | None = None,
) -> dict:
    """Write the manifest with these results, keeping the entries of other jobs whose pages are still there.

    Parameters
    ----------
    path
        `output/manifest.json`.
    results, blocked
        What this run did and what it could not do.
    eingaben
        What `inputs` gave before the run.
    only_kreise, only_notebooks
        Keys and names that the run was limited to. What it did not consider, it does not forget: a job outside of
        them that was not possible in an earlier run stays so.
    gemacht_aus
        Digests by key of the job, from `analysis.batch.frische`.

    Returns
    -------
    dict
        The manifest as written.
    """
    this_run = lauf(eingaben)
    before = read(path)
    entries = {key_of(e): e for e in map(partial(_still_there, path.parent), before["berichte"]) if e}
    not_possible = {
        key_of(e): e
        for e in before["nicht_moeglich"]
        if (only_kreise is not None and e["ags"] not in only_kreise)
        or (only_notebooks is not None and e["notebook"] not in only_notebooks)
    }
    for result in results:
        made = entry(result, this_run, gemacht_aus or {})
        entries[key_of(made)] = made
        not_possible.pop(key_of(made), None)
    for block in blocked:
        key = f"{block.ags}/{block.notebook.name}"
        entries.pop(key, None)
        not_possible[key] = {
            "ags": block.ags,
            "notebook": block.notebook.name,
            "titel": block.notebook.titel,
            "grund": block.grund,
            "zeit": this_run["zeit"],
        }
    manifest = {
        "schema": SCHEMA,
        "lauf": this_run,
        "berichte": [entries[key] for key in sorted(entries)],
        "nicht_moeglich": [not_possible[key] for key in sorted(not_possible)],
    }
    write_atomic(path, json.dumps(manifest, ensure_ascii=False, indent=1) + "\n")
    (path.parent / JOURNAL).unlink(missing_ok=True)
    return manifest


def lauf(eingaben: dict[str, str]) -> dict:
    """What is noted of a run: when, with which versions, from which inputs (`inputs`)."""
    return {
        "zeit": dt.datetime.now().astimezone().isoformat(timespec="seconds"),
        "kreisblick": __version__,
        "python": platform.python_version(),
        "pakete": versions(),
        "git": _git(),
        "eingaben_sha256": eingaben,
    }


def entry(result: Result, this_run: dict, gemacht_aus: dict[str, dict[str, str]]) -> dict:
    """Entry of a report, with what the run and its inputs mean for this one."""
    made = result.as_dict()
    parts = gemacht_aus.get(key_of(made), {})
    return {**made, "gemacht_aus": parts, "lauf": _of(this_run, result.ags, result.notebook)}


def note(path: Path, made: dict) -> None:
    """Note an entry beside the manifest, at once and for good: what a killed run made is not made again."""
    with (path.parent / JOURNAL).open("a", encoding="utf-8") as journal:
        journal.write(json.dumps(made, ensure_ascii=False) + "\n")
        journal.flush()
        os.fsync(journal.fileno())


def record_pdfs(path: Path, printed: dict[str, str]) -> bool:
    """Note the PDFs of pages; say whether the manifest lists one of them.

    Parameters
    ----------
    path
        `output/manifest.json`.
    printed
        SHA-256 of the PDF beside each page, empty where there is none (any more); both relative to the manifest.
    """
    manifest, found = read(path), False
    for entry in manifest["berichte"]:
        for page in [file for file in entry["dateien"] if file in printed]:
            found = True
            pdf = page.removesuffix(".html") + ".pdf"
            files = {**entry["dateien"], pdf: printed[page]}
            entry["dateien"] = {file: digest for file, digest in files.items() if digest}
    if found:
        write_atomic(path, json.dumps(manifest, ensure_ascii=False, indent=1) + "\n")
    return found


def read(path: Path) -> dict:
    """Manifest of an output folder with what a run noted that has not ended or was killed; empty where there is none.

    Raises
    ------
    InputError
        The file is not a manifest of this version.
    """
    noted = _noted(path.parent / JOURNAL)
    if not path.exists() and not noted:
        return {"schema": SCHEMA, "berichte": [], "nicht_moeglich": []}
    import jsonschema

    try:
        there = path.exists()
        content = (
            json.loads(path.read_text(encoding="utf-8")) if there else {"schema": SCHEMA, **dict.fromkeys(_LISTS, [])}
        )
        jsonschema.validate(content, json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))
    except (OSError, ValueError, jsonschema.ValidationError) as error:
        reason = getattr(error, "message", str(error))[:120]
        raise InputError(
            f"{path}: not a manifest of this version ({reason}); choose another folder, or delete it and run again"
        ) from None
    if noted:
        content["berichte"] = _newest(content["berichte"], noted)
        content.setdefault("lauf", noted[-1]["lauf"])
    for part in _LISTS:
        content[part] = [e for e in content[part] if e["ags"] in kreise()]
    return content


def _noted(journal: Path) -> list[dict]:
    """Entries of a run that has not ended; the line that it was writing when it was killed is none."""
    entries = []
    if journal.exists():
        for line in journal.read_text(encoding="utf-8", errors="replace").splitlines():
            with contextlib.suppress(ValueError):
                entries.append(json.loads(line))
    return entries


def _newest(entries: list[dict], noted: list[dict]) -> list[dict]:
    """Entries with those that were noted since; an entry that only got a PDF since then stays."""
    found = {key_of(e): e for e in entries}
    for made in noted:
        if found.get(key_of(made), {}).get("lauf") != made["lauf"]:
            found[key_of(made)] = made
    return [found[key] for key in sorted(found)]


def versions() -> dict[str, str]:
    """Versions of the packages that run notebooks, compute figures and make pages."""
    return {name: importlib.metadata.version(name) for name in PAKETE}


def key_of(entry: dict) -> str:
    """Key of the job whose entry it is."""
    return f"{entry['ags']}/{report_name(entry['notebook'], entry['ags'], entry.get('raum', ''))}"


def _of(lauf: dict, ags: str, notebook: str) -> dict:
    """The run as one report sees it: what belongs to other Kreise and other notebooks is no input of it."""

    def own(name: str) -> bool:
        if name.startswith(_STORE):
            return name == f"{_STORE}{ags}"
        if name.startswith((_GESTALTUNG, _BEFRAGUNG, _ZIELKATALOG)):
            return name in (f"{_GESTALTUNG}{ags}", f"{_BEFRAGUNG}{ags}/{notebook}", f"{_ZIELKATALOG}{ags}/{notebook}")
        return name == notebook or not re.match(r"[0-9]{2}_", name)

    hashes = {
        k.removesuffix(f"/{ags}") if k.startswith(_STORE) else k: v
        for k, v in lauf["eingaben_sha256"].items()
        if own(k)
    }
    return {**lauf, "eingaben_sha256": hashes}


def _still_there(output: Path, entry: dict) -> dict | None:
    """The entry with those of its files that are there; None for a report without its page."""
    files = {file: digest for file, digest in entry["dateien"].items() if (output / file).exists()}
    gone = entry["ergebnis"] == ERSTELLT and not any(file.endswith(".html") for file in files)
    return None if gone else {**entry, "dateien": files}


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
