"""Descriptions of delivered tables (Lieferbeschreibungen): where they lie, what they demand, which one fits a file."""

import re
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from analysis import workspace
from analysis.errors import InputError
from analysis.regions import level
from analysis.sources.lieferung import Probe
from analysis.sources.muster import compiled
from analysis.sources.sheets import Formel, Sheet
from analysis.sources.signs import as_text
from analysis.yaml_files import load_yaml

_SCHEMA = Path(__file__).with_name("tabelle.schema.json")
_SHIPPED = Path(__file__).with_name("tabellen")
_MARK = re.compile(r"^lieferbeschreibung:[ \t]*[\"']?tabelle\b", re.MULTILINE)
_HEAD_BYTES, _HEAD_LINES, _MOST_FILES = 1 << 16, 40, 500


def is_description(probe: Probe) -> bool:
    """Whether a file is itself a description of a table."""
    return probe.suffix in (".yaml", ".yml") and _MARK.search(probe.text) is not None


def load(path: Path) -> dict:
    """A description, checked; with the keys `csv`, `auslassen` and `ende` set to nothing where it does not give them.

    Raises
    ------
    InputError
        It does not follow the schema, a key of an area has no known form, a pattern is wrong, quantities stand in
        columns and in rows, or a sum row is to be checked where they stand in rows.
    """
    content = load_yaml(path, _SCHEMA)
    try:
        muster = content["stichtag"]["muster"]
        for text in [muster] if isinstance(muster, str) else muster:
            compiled(text)
        if "muster" in content["gebiet"]:
            compiled(content["gebiet"]["muster"])
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    for text, ags in (content["gebiet"].get("zuordnung") or {"": content["gebiet"].get("wert", "16")}).items():
        try:
            level(ags)
        except InputError as error:
            raise InputError(f"{path}, gebiet, {text!r}: {error}") from None
    for rule in content.get("auslassen", []):
        try:
            re.compile(rule.get("muster", ""))
        except re.error as error:
            raise InputError(f"{path}, auslassen, {rule['muster']!r}: not a regular expression ({error})") from None
    down = "zeilen" in content
    for entry in content["spalten"]:
        if ("groesse" in entry) == down:
            expected = "no `groesse` beside `zeilen`" if down else "a `groesse`"
            raise InputError(f"{path}, spalten, {entry['kopf']}: expected {expected}")
        if not entry["kopf"] and content["stichtag"]["in"] != "kopf":
            raise InputError(f"{path}, spalten: an empty `kopf`; expected texts of the header")
    if down and content["gebiet"]["in"] == "spalte":
        raise InputError(f"{path}, gebiet: with quantities in rows the area cannot stand in a column")
    if down and any(rule.get("summe") for rule in content.get("auslassen", [])):
        raise InputError(f"{path}, auslassen: with quantities in rows there is no sum row; expected no `summe`")
    if content["kopf"].get("von", 1) > content["kopf"].get("bis", 1 << 20):
        raise InputError(f"{path}, kopf: `von` is after `bis`")
    return {"csv": None, "auslassen": [], "ende": [], **content}


def fitting(probe: Probe) -> tuple[Path, dict] | None:
    """The description whose recognition marks a file shows, with its path.

    Looked for beside the file, in its parent folder, in `data/lieferungen/` of the workspace and among the shipped
    ones; a Kreis's own description goes before a shipped one.

    Raises
    ------
    InputError
        Several own or several shipped descriptions fit, or a description is wrong.
    """
    if not probe.sheets and not probe.text:
        return None
    folder = probe.path.absolute().parent
    own = [folder, folder.parent, workspace.data() / "lieferungen"]
    for folders in (own, [_SHIPPED]):
        found = {p: d for p in _files(folders) if fits(probe, d := _loaded(p, p.stat().st_mtime_ns))}
        if len(found) > 1:
            names = " and ".join(str(p) for p in found)
            raise InputError(f"{probe.path}: {names} describe this file; expected marks that tell them apart")
        if found:
            return next(iter(found.items()))
    return None


@cache
def _loaded(path: Path, _changed: int) -> dict:
    """Description as it was at that time: a folder of files asks for the same ones again and again."""
    return load(path)


def _files(folders: list[Path]) -> list[Path]:
    found: dict[Path, Path] = {}
    for folder in folders:
        try:
            files = sorted(p for p in folder.iterdir() if p.suffix.lower() in (".yaml", ".yml"))[:_MOST_FILES]
        except OSError:  # no such folder, or none that may be looked into
            continue
        for file in files:
            try:
                with file.open("rb") as opened:
                    head = opened.read(_HEAD_BYTES).decode("utf-8", errors="replace")
            except OSError:
                continue
            if _MARK.search(head):
                found.setdefault(file.resolve(), file)
    return list(found.values())


def fits(probe: Probe, description: dict) -> bool:
    """Whether a file shows all recognition marks of a description."""
    marks = description["erkennung"]
    if "dateiname" in marks and not _glob(probe.path.name, marks["dateiname"]):
        return False
    if description["csv"] is None:
        return any(sheet_fits(sheet, marks) for sheet in probe.sheets)
    if probe.sheets or not probe.text:
        return False
    begin = _folded(" ".join(probe.text.splitlines()[:_HEAD_LINES]))
    return all(_folded(text) in begin for text in marks.get("texte", []))


def sheet_fits(sheet: Sheet, marks: dict) -> bool:
    """Whether a visible worksheet has the name and, in its first 40 rows, the texts of the recognition marks."""
    if sheet.hidden or not _glob(sheet.name, marks.get("blatt", "*")):
        return False
    cells = [_folded(as_text(c)) for row in sheet.rows[:_HEAD_LINES] for c in row if isinstance(c, str)]
    return all(any(_folded(text) in cell for cell in cells) for text in marks.get("texte", []))


def chosen(sheets: list[Sheet], description: dict) -> list[Sheet]:
    """Visible worksheets that a description reads: those it names, else those that show its recognition marks."""
    names = description.get("blaetter")
    if names is None:
        return [s for s in sheets if sheet_fits(s, description["erkennung"])]
    names = [names] if isinstance(names, str) else names
    return [s for s in sheets if not s.hidden and any(_glob(s.name, name) for name in names)]


def _glob(text: str, pattern: str) -> bool:
    return fnmatchcase(_folded(text), _folded(pattern))


def _folded(text) -> str:
    return "" if isinstance(text, Formel) else " ".join(str(text).replace("\u00ad", "").split()).casefold()
