"""Delivered files of a folder: which of them can be imported, by which reader and in which order."""

from dataclasses import dataclass
from pathlib import Path

from analysis.errors import InputError
from analysis.sources import READERS, accompanies, no_format, reader
from analysis.sources.lieferung import probe

_TEXTS = (".md", ".pdf", ".docx", ".doc", ".odt", ".rtf")
"""Endings of letters and explanations that lie beside the data."""

_KEPT_AS_FILES = ("ziele", "erfunden")
"""First keys of YAML files that notebooks read where they lie: goal catalogues, the truth about an invented Kreis."""


@dataclass(frozen=True)
class Fund:
    """Files as found: `lieferungen` (file and reader, in the order of import), and what is not imported."""

    lieferungen: list[tuple[Path, str]]
    beilagen: list[Path]
    unbekannt: list[Path]


def find(paths: list[Path], source: str | None = None) -> Fund:
    """Delivered files behind the given files and folders (with all their folders).

    Hidden files are passed over. What others are checked against comes first: the Gemeinden before the Planungsräume.

    Parameters
    ----------
    source
        Reader of all files; without it each format is recognised.

    Raises
    ------
    InputError
        A path does not exist, a file named by itself is of no known format, or a folder holds nothing to import.
    """
    found: dict[Path, str] = {}
    beside: list[Path] = []
    unknown: list[Path] = []
    for given in paths:
        if not given.exists():
            raise InputError(f"{given}: there is no such file")
        for path in _files(given) if given.is_dir() else [given]:
            named = path == given
            if path.suffix.lower() in _TEXTS and not named:
                beside.append(path)
                continue
            first = probe(path)
            if source is None and not named and (first.yaml_key in _KEPT_AS_FILES or accompanies(first)):
                beside.append(path)
                continue
            name = source or reader(first)
            if name is None and named:
                raise InputError(no_format(first))
            if name is None:
                unknown.append(path)
            else:
                found[path] = name
    if not found:
        raise InputError(f"{paths[0]}: nothing to import there")
    order = sorted(found.items(), key=lambda item: READERS.index(item[1]))
    return Fund(order, beside, unknown)


def _files(folder: Path) -> list[Path]:
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part.startswith((".", "~$")) for part in path.relative_to(folder).parts)
    ]
