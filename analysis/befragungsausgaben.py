"""Which reports on a survey there are: two that count differently tell, beside each other, of those between them."""

import csv
import datetime as dt
import hashlib
import io
import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from analysis import regelwerk, workspace
from analysis.errors import InputError
from analysis.files import sha256, write_atomic
from analysis.regions import level
from analysis.sources.befragung_beschreibung import data_files, description, descriptions

SPALTEN = ["fassung", "tag", "angaben"]
"""SHA-256 of a version (`version`), day of the first report on it that counted so, how it counted (`counted`)."""

PARAMETER = ("ebene", "armut_unter", "gering_unter")
"""Parameters of a report that say who is counted where."""

_ALT = SPALTEN[:-1]
"""Columns of files of the time when it was not noted how a report counted."""

_BEGINN = "befragung_"

_ONLY_ONE = "give only one of the two reports away"
_UNLESS = ", or delete its line in {} if the first one never left"

_GEZAEHLT = ("nur", "raum", "fehlend")
"""Parts of a description that say which interviews are counted, and where."""


@dataclass(frozen=True)
class Bericht:
    """A line of a file: a report that was made; `tag` is empty for one that is being made."""

    fassung: str
    tag: str
    angaben: dict


def version(path: Path) -> str:
    """SHA-256 of all that decides whose answers a report counts: the interviews, which of them, and where.

    Another title or a further answer that may be quoted is no other version.

    Raises
    ------
    InputError
        The description cannot be read, or the interviews are not there.
    """
    given = description(path)
    said = json.dumps([given.get(name) for name in _GEZAEHLT], sort_keys=True, default=str)
    return hashlib.sha256("\n".join([*map(sha256, data_files(path, given)), said]).encode()).hexdigest()


def counted(path: Path, parameters: Mapping) -> dict[str, str | float]:
    """Where a report with these parameters draws its borders: areas, thresholds, conditions, least count.

    What counts nothing in this survey is left out: areas that it did not ask for, thresholds without an income.

    Parameters
    ----------
    path
        Description of the survey.
    parameters
        Values by name; only `PARAMETER` are read, thresholds as shares of the median.

    Returns
    -------
    dict
        Values by name, conditions without blanks.

    Raises
    ------
    InputError
        The description or the rules cannot be read.
    """
    given = description(path)
    part = given.get("auswertung", {})
    used = {"ebene": "raum" in given, **dict.fromkeys(PARAMETER[1:], {"haushalt", "einkommen"} <= {*part})}
    found = {name: parameters[name] for name in PARAMETER if used[name] and parameters.get(name) is not None}
    found |= {"einkommen": part["einkommen"]} if "einkommen" in part else {}
    found |= {f"haushalt.{who}": column for who, column in part.get("haushalt", {}).items()}
    found |= {"median.eur": part["median"]["eur"]} if "median" in part else {}
    found |= {f"gruppen.{key}": group["filter"] for key, group in part.get("gruppen", {}).items()}
    for key, share in part.get("anteile", {}).items():
        found |= {f"anteile.{key}.{name}": share[name] for name in ("filter", "unter") if name in share}
    found["mindestzahl"] = regelwerk.load().of(regelwerk.BEFRAGUNG).kleinste
    return {name: float(v) if isinstance(v, int | float) else "".join(str(v).split()) for name, v in found.items()}


def file_of(ags: str, kurz: str) -> Path:
    """File with the reports on a survey, beside what the reports on Kreise showed."""
    return workspace.ausgaben() / f"{_BEGINN}{ags}_{kurz}.csv"


def record(path: Path, day: dt.date, parameters: Mapping) -> None:
    """Note that there is a report on the survey that this file describes; one that counts the same keeps its day.

    Raises
    ------
    InputError
        The description, the rules or the recorded file cannot be read, or the interviews are not there.
    """
    given, now = description(path), Bericht(version(path), day.isoformat(), counted(path, parameters))
    file = file_of(given["kreis"], given["kurz"])
    known = _read(file)
    if (now.fassung, now.angaben) in [(other.fassung, other.angaben) for other in known]:
        return
    text = io.StringIO()
    lines = csv.writer(text, delimiter=";", lineterminator="\n")
    lines.writerow(SPALTEN)
    lines.writerows((line.fassung, line.tag, json.dumps(line.angaben, sort_keys=True)) for line in [*known, now])
    write_atomic(file, text.getvalue())


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
            kurz, now = description(path)["kurz"], version(path)
            file = file_of(ags, kurz)
            other = [line.tag for line in _read(file) if line.fassung != now]
            if other:
                found.append(
                    f"another version of a survey: {kurz} of {ags} had other interviews when it was reported on at "
                    f"{min(other)}; {_ONLY_ONE}{_UNLESS.format(file.name)}"
                )
    return found


def other_counts(berichte: Iterable[tuple[Path, Mapping]]) -> list[str]:
    """One sentence for each earlier report that counted the same interviews differently than one of these.

    Parameters
    ----------
    berichte
        Description of the survey of each report, and the values of its parameters.

    Raises
    ------
    InputError
        A description, a recorded file or the rules cannot be read, or the interviews are not there.
    """
    found, seen = [], {}
    for path, parameters in berichte:
        given, angaben = description(path), counted(path, parameters)
        file = file_of(given["kreis"], given["kurz"])
        for line in [*_of_version(file, path), *seen.setdefault(path, [])]:
            if differs := _difference(given, line.angaben, angaben):
                when, unless = ("is reported on", "")
                if line.tag:
                    when, unless = f"was reported on at {line.tag}", _UNLESS.format(file.name)
                found.append(
                    f"other parameters of a survey: {given['kurz']} of {given['kreis']} {when} with {differs}; "
                    f"the difference of the two can be a single person: {_ONLY_ONE}{unless}"
                )
        seen[path].append(Bericht("", "", angaben))
    return list(dict.fromkeys(found))


def newest(path: Path) -> dict | None:
    """How the newest noted report on these interviews of a survey counted (`counted`); None where there is none.

    Raises
    ------
    InputError
        The description or the recorded file cannot be read, or the interviews are not there.
    """
    given = description(path)
    lines = _of_version(file_of(given["kreis"], given["kurz"]), path)
    return lines[-1].angaben if lines else None


def _of_version(file: Path, path: Path) -> list[Bericht]:
    lines = _read(file)
    now = version(path) if lines else ""
    return [line for line in lines if line.fassung == now]


def _difference(given: dict, before: dict, now: dict) -> str:
    """What two reports on the same interviews count differently, with both values; empty where nothing.

    A report that only shows more, or less, counts nothing differently. One without areas withholds what the one by the
    areas of the survey withholds.
    """
    first, second = (_by_area(given, angaben) for angaben in (before, now))
    if first.items() <= second.items() or second.items() <= first.items():
        return ""
    names = [name for name in {**before, **now} if first.get(name) != second.get(name)]
    names = [name for name in names if name in first and name in second] or names
    return ", ".join(f"{name} {_text(before.get(name, ''))} (here {_text(now.get(name, ''))})" for name in names)


def _text(value: str | float) -> str:
    return repr(value) if isinstance(value, str) else f"{value:g}"


def _by_area(given: dict, angaben: dict) -> dict:
    keys = given.get("raum", {}).get("schluessel", {}).values()
    same = {"", "keine"} | ({"planungsraum"} if all(level(str(key)) == "planungsraum" for key in keys) else set())
    return angaben | {name: "" for name in ("ebene",) if angaben.get(name) in same}


def _read(file: Path) -> list[Bericht]:
    if not file.exists():
        return []
    try:
        text = file.read_text(encoding="utf-8") or "\n"
        header, *lines = csv.reader(io.StringIO(text), delimiter=";", strict=True)
        if header not in (SPALTEN, _ALT):
            raise ValueError(f"columns {', '.join(header)}; expected {', '.join(SPALTEN)}")
        return [_line(n, cells, len(header)) for n, cells in enumerate(lines, 2)]
    except (OSError, ValueError, csv.Error) as error:
        reason = "is no text" if isinstance(error, UnicodeDecodeError) else getattr(error, "strerror", None) or error
        raise InputError(
            f"{file}: {reason}; bring it back from a copy, or delete it if no report on this survey ever left"
        ) from None


def _line(number: int, cells: list[str], columns: int) -> Bericht:
    try:
        fassung, tag, angaben = [*cells, "{}"] if columns == len(cells) == len(_ALT) else cells
        known = json.loads(angaben)
        if re.fullmatch("[0-9a-f]{64}", fassung) and dt.date.fromisoformat(tag) and isinstance(known, dict):
            return Bericht(fassung, tag, known)
    except ValueError:
        pass
    raise ValueError(f"line {number} is damaged: {';'.join(cells)[:80]!r}; expected {';'.join(SPALTEN)}")
