"""The files of one report, or of a folder of reports: each is checked, and outputs are counted against each other."""

import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import InputError
from analysis.outputs import MIME
from analysis.regions import kreise
from analysis.release import datei
from analysis.release.datei import Gesucht
from analysis.release.fund import Fund
from analysis.release.suche import Kanarien
from analysis.release.teile import as_text
from analysis.release.zurueckgehalten import Sperre

_ZULETZT = ("ipynb", "json")
"""Kinds that hold again what the other files hold."""


@dataclass(frozen=True)
class Pruefung:
    """What came of the check of a folder: findings, how much was looked at, and what it was looked for."""

    funde: tuple[Fund, ...]
    dateien: int
    berichte: int
    zurueckgehalten: int


def check_files(files: dict[Path, bytes | str], gesucht: Gesucht) -> list[Fund]:
    """Findings in the files of one report before they are written.

    Parameters
    ----------
    files
        Content by path, as `analysis.batch.export.export` gives them.
    gesucht
        What they must not hold.
    """
    contents = {path: content.encode() if isinstance(content, str) else content for path, content in files.items()}
    found = _computable(gesucht.sperre, min((path.name for path in contents), default=""))
    for path in sorted(contents, key=_order):
        found += datei.check(contents[path], path.name, gesucht)
    pages = [path for path in contents if path.suffix == ".html"]
    for page in pages:
        found += _counted(contents[page], contents.get(page.with_suffix(".ipynb")), page.name)
    return found


def check_folder(folder: Path, kanarien: Kanarien, sperren: Callable[[str], Sperre] = lambda ags: Sperre()) -> Pruefung:
    """Check every file below a folder.

    Parameters
    ----------
    kanarien
        What stands only in the micro data.
    sperren
        What a Kreis withholds, by its key; the key is read from the names of folders (`16077_altenburger_land`).

    Raises
    ------
    InputError
        There is no such folder, no file in it, or a file that cannot be read.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: there is no such folder; expected one with reports")
    paths = sorted((p for p in folder.rglob("*") if p.is_symlink() or not p.is_dir()), key=_order)
    if not paths:
        raise InputError(f"{folder}: there is nothing in it; expected reports")
    keys = {path: kreis_of(folder, path) for path in paths}
    gesucht = {ags: Gesucht(kanarien, sperren(ags) if ags else Sperre()) for ags in {*keys.values()}}
    found: list[Fund] = []
    for ags in sorted(gesucht):
        found += _computable(gesucht[ags].sperre, next(_shown(folder, p, "") for p in paths if keys[p] == ags))
    for path in paths:
        found += [Fund(_shown(folder, path, f.stelle), f.was) for f in _of_path(path, gesucht[keys[path]])]
    pages = [p for p in paths if p.suffix.lower() == ".html" and p.name != "index.html"]
    return Pruefung(tuple(found), len(paths), len(pages), sum(g.sperre.anzahl for g in gesucht.values()))


def _computable(sperre: Sperre, stelle: str) -> list[Fund]:
    """What can be computed from all reports on a Kreis together stands in none of their files alone."""
    what = "a secret count can be computed from what the reports on the Kreis show"
    return [Fund(stelle.rstrip("/") or "all reports", f"{what} ({name})") for name in sperre.errechenbar]


def kreis_of(folder: Path, path: Path) -> str:
    """Key of the Kreis that a file belongs to, empty if no folder around it names one."""
    around = [folder.absolute().name, *path.relative_to(folder).parts[:-1]]
    known = [match[1] for name in around if (match := re.match(r"(\d{5})(?:_|$)", name)) and match[1] in kreise()]
    return known[-1] if known else ""


def _of_path(path: Path, gesucht: Gesucht) -> Iterator[Fund]:
    if path.is_symlink():
        yield Fund(path.name, "a link to a file elsewhere")
        return
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    yield from datei.check(content, path.name, gesucht)
    notebook = path.with_suffix(".ipynb")
    if path.suffix == ".html" and notebook.is_file():
        yield from _counted(content, notebook.read_bytes(), path.name)


def _shown(folder: Path, path: Path, stelle: str) -> str:
    inside = os.path.relpath(path.parent, folder)
    return stelle if inside == "." else f"{Path(inside).as_posix()}/{stelle}"


def _order(path: Path) -> tuple[bool, str]:
    return path.suffix[1:].lower() in _ZULETZT, str(path)


def _counted(page: bytes, notebook: bytes | None, name: str) -> Iterator[Fund]:
    """Whether a page has as many figures and tables as its notebook shows."""
    if notebook is None:
        return
    try:
        cells = json.loads(as_text(notebook))["cells"]
    except (ValueError, KeyError, TypeError):
        return  # said of the notebook itself
    outputs = [output.get("data", {}).get(MIME) for cell in cells for output in cell.get("outputs", ())]
    kinds = [output["art"] for output in outputs if isinstance(output, dict) and "art" in output]
    shown = re.findall(rb"<(figure|caption)\b", page)
    figures = kinds.count("abbildung")
    for what, expected, there in (
        ("figures", figures, shown.count(b"figure")),
        ("tables", figures + kinds.count("tabelle"), shown.count(b"caption")),
    ):
        if expected != there:
            yield Fund(name, f"{there} {what} on the page, but {expected} in the notebook")
