"""What a goal catalogue would lose in the other format, YAML or XLSX."""

from dataclasses import fields, replace
from pathlib import Path

import yaml

from analysis.errors import InputError
from analysis.ziele import mappe
from analysis.ziele.katalog import Zielkatalog


def verlustfrei(vorher: Zielkatalog, nachher: Zielkatalog, datei: Path) -> None:
    """Refuse a catalogue in its new format that is not the one that was read.

    Raises
    ------
    InputError
        A part differs: a text of more signs than a cell holds (32,767), a semicolon in an entry of a list.
    """
    hint = "expected no semicolon in a name and at most 32,767 signs in a text"
    for before, after in zip(vorher.ziele, nachher.ziele, strict=False):
        for part in fields(before):
            if part.name != "ort" and getattr(before, part.name) != getattr(after, part.name):
                raise InputError(f"{datei}: {part.name} of {before.code} would not be the same there; {hint}")
    bare = [replace(k, ziele=tuple(replace(z, ort="") for z in k.ziele)) for k in (vorher, nachher)]
    for part in fields(Zielkatalog):
        if getattr(bare[0], part.name) != getattr(bare[1], part.name):
            raise InputError(f"{datei}: {part.name} would not be the same there; {hint}")


def zurueckgelassen(datei: Path) -> str:
    """What a file holds beside its catalogue that the other format does not take over; empty where there is nothing."""
    if datei.suffix.lower() == ".xlsx":
        book = mappe.oeffnen(datei)
        notes = sum(cell.comment is not None for sheet in book for row in sheet.iter_rows() for cell in row)
        others = [name for name in book.sheetnames if name not in mappe.SPALTEN]
        found = [f"{notes} note{'s' * (notes > 1)} on cells"] * bool(notes) + [f"the sheet {name}" for name in others]
    else:
        count = kommentare(datei.read_text(encoding="utf-8"))
        found = [f"{count} lines of comments" if count > 1 else "1 line of comments"] * bool(count)
    return " and ".join(found)


def kommentare(text: str) -> int:
    """Number of lines of a YAML text that hold a comment."""
    tokens = list(yaml.scan(text, Loader=yaml.SafeLoader))
    ends = [0, *(t.end_mark.index for t in tokens)]
    starts = [*(t.start_mark.index for t in tokens), len(text)]
    between = (text[end:start] for end, start in zip(ends, starts, strict=True) if end < start)
    return sum("#" in line for part in between for line in part.splitlines())
