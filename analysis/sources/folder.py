"""Delivered files of a folder: which of them can be imported, by which reader and in which order."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import InputError
from analysis.sources import READERS, accompanies, no_format, reader
from analysis.sources.lieferung import is_there, probe

_TEXTS = (".md", ".pdf", ".docx", ".doc", ".odt", ".rtf")
"""Endings of letters and explanations that lie beside the data."""

_KEPT_AS_FILES = ("lebenslagen", "erfunden")
"""First keys of YAML files that notebooks read where they lie: the comparison of goal catalogues, the truth about an
invented Kreis."""


@dataclass(frozen=True)
class Fund:
    """Files as found: `lieferungen` (file and reader, in the order of import), and what is not imported.

    `zielkataloge` are read where they lie, not imported. `fehler` says which files of a folder cannot be read at all.
    """

    lieferungen: list[tuple[Path, str]]
    beilagen: list[Path]
    zielkataloge: list[Path]
    unbekannt: list[Path]
    fehler: list[InputError]


def find(
    paths: list[Path], source: str | None = None, passed_over: Callable[[Path], bool] = lambda path: False
) -> Fund:
    """Delivered files behind the given files and folders (with all their folders).

    Hidden files are passed over. What others are checked against comes first: the Gemeinden before the Planungsräume.

    Parameters
    ----------
    source
        Reader of all files; without it each format is recognised.
    passed_over
        Says of a file that nobody need look into it.

    Raises
    ------
    InputError
        A path does not exist, a file named by itself cannot be read or is of no known format, or there is nothing.
    """
    found: dict[Path, str] = {}
    fund, left = Fund([], [], [], [], []), 0
    for given in paths:
        if not is_there(given):
            raise InputError(f"{given}: there is no such file")
        if not given.is_dir() and passed_over(given):
            left += 1
            continue
        if not given.is_dir():
            found[given] = _reader(given, source)
            continue
        for path in _files(given):
            if passed_over(path):
                left += 1
                continue
            try:
                first = probe(path)
                if path.suffix.lower() in _TEXTS or first.yaml_key in _KEPT_AS_FILES or accompanies(first):
                    fund.beilagen.append(path)
                elif first.zielkatalog:
                    fund.zielkataloge.append(path)
                elif name := source or reader(first):
                    found[path] = name
                else:
                    fund.unbekannt.append(path)
            except InputError as error:
                fund.fehler.append(error)
    if not found and not fund.fehler and not fund.zielkataloge and not left:
        raise InputError(f"{paths[0]}: nothing to import there")
    fund.lieferungen.extend(sorted(found.items(), key=lambda item: READERS.index(item[1])))
    return fund


def _reader(path: Path, source: str | None) -> str:
    first = probe(path)
    if source is None and first.zielkatalog:
        raise InputError(zielkatalog(path))
    name = source or reader(first)
    if name is None:
        raise InputError(no_format(first))
    return name


def _files(folder: Path) -> list[Path]:
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part.startswith((".", "~$")) for part in path.relative_to(folder).parts)
    ]


def zielkatalog(path: Path) -> str:
    """Sentence about a goal catalogue that was given to the import."""
    return (
        f"{path}: a goal catalogue is not imported but read where it lies; keep it as data/ziele/AGS_NAME"
        f"{path.suffix.lower()} and try kreisblick goals check (docs/ziele.md)"
    )
