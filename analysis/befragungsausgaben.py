"""Which version of a survey was reported on: two versions beside each other tell of the interviews between them."""

import datetime as dt
import hashlib
import json
from collections.abc import Collection
from pathlib import Path

import pandas as pd

from analysis import workspace
from analysis.errors import InputError
from analysis.files import sha256, write_atomic
from analysis.sources.befragung_beschreibung import data_files, description, descriptions

SPALTEN = ["fassung", "tag"]
"""SHA-256 of a version (`version`), and the day on which the first report on it was made."""

_BEGINN = "befragung_"

_GEZAEHLT = ("nur", "raum", "fehlend")
"""Parts of a description that say which interviews are counted, and where."""


def version(path: Path) -> str:
    """SHA-256 of all that decides whose answers a report counts: the interviews, which of them, and where.

    Another title or a further answer that may be quoted is no other version.
    """
    given = description(path)
    counted = json.dumps([given.get(name) for name in _GEZAEHLT], sort_keys=True, default=str)
    return hashlib.sha256("\n".join([*map(sha256, data_files(path, given)), counted]).encode()).hexdigest()


def file_of(ags: str, kurz: str) -> Path:
    """File with the versions of a survey, beside what the reports on Kreise showed."""
    return workspace.ausgaben() / f"{_BEGINN}{ags}_{kurz}.csv"


def record(path: Path, day: dt.date) -> None:
    """Note that there is a report on the survey that this file describes; a known version keeps its first day."""
    given, now = description(path), version(path)
    file = file_of(given["kreis"], given["kurz"])
    known = _read(file)
    if now not in set(known.fassung):
        table = pd.concat([known, pd.DataFrame([[now, day.isoformat()]], columns=SPALTEN)])
        write_atomic(file, table.to_csv(index=False, sep=";"))


def other_versions(kreise: Collection[str] | None = None) -> list[str]:
    """One sentence for each survey of these Kreise (all if None) of which another version was reported on.

    Raises
    ------
    InputError
        A description or a recorded file cannot be read, or the interviews are not there.
    """
    if not any(workspace.ausgaben().glob(f"{_BEGINN}*.csv")):
        return []
    found = []
    for ags, paths in descriptions().items():
        for path in paths if kreise is None or ags in kreise else []:
            kurz = description(path)["kurz"]
            known = _read(file := file_of(ags, kurz))
            other = known[known.fassung != version(path)].tag
            if len(other):
                found.append(
                    f"another version of a survey: {kurz} of {ags} had other interviews when it was reported on at "
                    f"{other.min()}; give only one of the two reports away, or delete its line in {file.name} if the "
                    "first one never left"
                )
    return found


def _read(file: Path) -> pd.DataFrame:
    if not file.exists():
        return pd.DataFrame(columns=SPALTEN)
    table = pd.read_csv(file, sep=";", dtype=str, keep_default_na=False)
    if list(table.columns) != SPALTEN:
        raise InputError(f"{file}: columns {', '.join(table.columns)}; expected {', '.join(SPALTEN)}")
    return table
