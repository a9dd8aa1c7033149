"""Readers: one module per delivered format; signs, keys and dates are resolved here, once.

A reader is a module with `VERSION`, `recognises(probe)` and `read(path, katalog)`, which returns a `Lieferung`; where
its files come with descriptions or codebooks, `accompanies(probe)` says which those are.
"""

from importlib import import_module
from pathlib import Path

from analysis.catalogue import Katalog
from analysis.errors import InputError
from analysis.sources.lieferung import Lieferung, Probe, probe

READERS = (
    "gemeindeverzeichnis",
    "grenzen",
    "umsteiger",
    "genesis",
    "inkar",
    "tabelle",
    "melderegister",
    "planungsraeume",
    "befragung",
    "referenzwerte",
    "tidy",
)
"""Readers in the order in which a folder is imported: what others are checked against comes first."""


def reader(given: Probe) -> str | None:
    """Name of the reader that recognises the file, None if none does.

    Raises
    ------
    InputError
        More than one reader recognises it.
    """
    found = [name for name in READERS if _module(name).recognises(given)]
    if len(found) > 1:
        raise InputError(f"{given.path}: could be {' or '.join(found)}; say which: kreisblick import {found[0]} FILE")
    return found[0] if found else None


def read(path: Path, katalog: Katalog, source: str | None = None) -> Lieferung:
    """A delivered file as tables; its format is recognised from its content unless `source` names the reader.

    Raises
    ------
    InputError
        The file is missing, empty, of no known format, or not what its format demands.
    """
    given = probe(path)
    name = source or reader(given)
    if name is None:
        raise InputError(no_format(given))
    return _module(name).read(path, katalog)


def accompanies(given: Probe) -> bool:
    """Whether the file is no delivery but is read with one: a description of a layout, a codebook."""
    return any(_module(name).accompanies(given) for name in READERS if hasattr(_module(name), "accompanies"))


def no_format(given: Probe) -> str:
    """Sentence about a file that no reader recognises."""
    begins = f"begins with {given.first_line[:60]!r}" if given.text else "is no text and no workbook that can be read"
    return f"{given.path}: no known format; the file {begins} (docs/quellen.md lists what can be read)"


def _module(name: str):
    return import_module(f"analysis.sources.{name}")
