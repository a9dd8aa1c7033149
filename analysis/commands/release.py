"""Command that checks files before they leave the machine: release."""

import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from analysis import workspace
from analysis.batch.parameter import read_cell
from analysis.befragungsausgaben import newest, other_counts, other_versions
from analysis.commands import FAILED, OK
from analysis.errors import InputError
from analysis.release import ordner
from analysis.release.datei import Gesucht
from analysis.release.kanarien import of_surveys
from analysis.release.sperre import withheld
from analysis.release.zurueckgehalten import Sperre
from analysis.sources.befragung_beschreibung import chosen, descriptions
from analysis.store import Store

_SHOWN = 50


def _withheld(ags: str) -> Sperre:
    """What a Kreis withholds; nothing where there is no store yet."""
    if not workspace.store().exists():
        return Sperre()
    with Store() as store:
        return withheld(store, ags)


def forbidden(pages: list[Path]) -> dict[Path, Gesucht]:
    """What each page of a report must not hold: micro data of all surveys, and what its Kreis withholds."""
    keys = {page: ordner.kreis_of(page.parent, page) for page in pages}
    canaries = of_surveys([path for paths in descriptions().values() for path in paths])
    known = {ags: Gesucht(canaries, _withheld(ags) if ags else Sperre()) for ags in {*keys.values()}}
    return {page: known[ags] for page, ags in keys.items()}


def _survey_reports(folder: Path) -> Iterator[tuple[Path, dict]]:
    """Survey (its description) and parameters of the reports of a folder; of other surveys the newest noted one."""
    surveys, found = descriptions(), set()
    for notebook in sorted(folder.rglob("*.ipynb")):
        values = _parameters(notebook)
        if path := values and chosen(surveys.get(str(values.get("kreis")), []), values.get("befragung", "")):
            found.add(path)
            yield path, values
    for path in (path for paths in surveys.values() for path in paths if path not in found):
        if noted := newest(path):
            yield path, noted


def _parameters(notebook: Path) -> dict:
    """Values that a notebook on a survey ran with; none of any other file."""
    values = {}
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError):  # said by the check of the file
        content = json.loads(notebook.read_text(encoding="utf-8"))
        cells = content["cells"] if content["metadata"]["kreisblick"]["befragung"] else []
        for cell in cells:
            if {"parameters", "injected-parameters"} & {*cell["metadata"].get("tags", [])}:
                values |= read_cell(notebook, "".join(cell["source"]))
    return values


def release(arguments) -> int:
    """Say of every file of a folder what must not leave the machine; nothing is changed."""
    folder = arguments.folder or workspace.output()
    if not folder.is_dir():
        raise InputError(f"{folder}: there is no such folder; expected one with reports")
    surveys = [path for paths in descriptions().values() for path in paths]
    canaries = of_surveys(surveys)
    done = ordner.check_folder(folder, canaries, _withheld)
    for found in done.funde[:_SHOWN]:
        print(f"not released: {found}", file=sys.stderr)
    if len(done.funde) > _SHOWN:
        print(f"and {len(done.funde) - _SHOWN} more", file=sys.stderr)
    for note in [*other_versions(), *other_counts(_survey_reports(folder))]:
        print(note, file=sys.stderr)
    result = f"refused, {len(done.funde)} findings" if done.funde else "released"
    print(
        f"{folder}: {result}; {done.dateien} files ({done.berichte} reports), looked for {canaries.anzahl:,} signs of "
        f"the micro data of {len(surveys)} surveys and {done.zurueckgehalten:,} withheld figures"
    )
    return FAILED if done.funde else OK
