"""What a reader is given and what it returns: the probe of a delivered file, and the delivery as tables."""

import zipfile
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pandas as pd

from analysis.errors import InputError
from analysis.observations import COLUMNS
from analysis.sources.sheets import Sheet, first_rows

_HEAD_BYTES = 1 << 16


@dataclass(frozen=True)
class Lieferung:
    """A delivered file as tables.

    Attributes
    ----------
    leser
        Name of the reader with its version (`tidy 1`).
    beobachtungen
        `analysis.observations.COLUMNS` and `zeile`, checked; empty where the file holds other things.
    ausgelassen
        Rows that were left out: reason → number.
    bestaende
        Rows for the other tables of the store: name of `analysis.bestaende.BESTAENDE` → its columns.
    """

    leser: str
    beobachtungen: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=[*COLUMNS, "zeile"]))
    ausgelassen: dict[str, int] = field(default_factory=dict)
    bestaende: dict[str, pd.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True)
class Probe:
    """The beginning of a delivered file, by which readers recognise their format.

    Attributes
    ----------
    head
        First 64 KB.
    """

    path: Path
    head: bytes

    @property
    def suffix(self) -> str:
        """Ending of the file name in lower case."""
        return self.path.suffix.lower()

    @cached_property
    def text(self) -> str:
        """First 64 KB as text without byte order mark; empty for a binary file."""
        head = self.head.removeprefix(b"\xef\xbb\xbf")
        if head.startswith((b"\xff\xfe", b"\xfe\xff")):
            return head.decode("utf-16", errors="replace")
        if head.startswith((b"PK", b"\xd0\xcf\x11\xe0", b"$FL2")):
            return ""
        try:
            return head.decode("utf-8")
        except UnicodeDecodeError as error:
            if error.start > len(head) - 4:  # a character that the end of the probe cuts
                return head[: error.start].decode("utf-8")
            return head.decode("latin-1")

    @cached_property
    def first_line(self) -> str:
        """First line of a text file."""
        return self.text.partition("\n")[0].rstrip("\r")

    @cached_property
    def packed(self) -> str:
        """First 64 KB of the one CSV file in a ZIP as text; empty if the file is no such ZIP or cannot be unpacked."""
        if not self.head.startswith(b"PK"):
            return ""
        try:
            with zipfile.ZipFile(self.path) as archive:
                (member,) = (m for m in archive.infolist() if not m.is_dir())
                with archive.open(member) as file:
                    return file.read(_HEAD_BYTES).decode("utf-8-sig", errors="replace")
        except Exception:  # zipfile, zlib and lzma each raise their own; the reader says what is wrong
            return ""

    @property
    def yaml_key(self) -> str:
        """First key of a YAML file, which says what it describes; empty for any other file."""
        if self.suffix not in (".yaml", ".yml"):
            return ""
        lines = (line for line in self.text.splitlines() if line.strip() and not line.startswith(("#", "---", "%")))
        key, colon, _ = next(lines, "").partition(":")
        return key.strip() if colon else ""

    @property
    def zielkatalog(self) -> bool:
        """Whether it is a goal catalogue, as YAML or as a workbook with the sheets of one."""
        return self.yaml_key == "zielkatalog" or {"Katalog", "Ebenen", "Ziele"} <= {s.name for s in self.sheets}

    @cached_property
    def sheets(self) -> list[Sheet]:
        """First 40 rows of every worksheet; none if the file is no workbook."""
        if not self.head.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
            return []
        try:
            return first_rows(self.path)
        except InputError:
            return []


def is_there(path: Path) -> bool:
    """Whether there is such a file or folder that may be looked at.

    Raises
    ------
    InputError
        The name is too long, or the folder may not be entered.
    """
    try:
        return path.exists()
    except OSError as error:
        raise InputError(f"{str(path)[:100]}: cannot be read ({error.strerror})") from None


def probe(path: Path) -> Probe:
    """Probe of a file.

    Raises
    ------
    InputError
        The file is missing, empty or unreadable.
    """
    if not is_there(path):
        raise InputError(f"{path}: there is no such file")
    if not path.is_file():
        raise InputError(f"{path}: not a file")
    if not str(path).isprintable():
        raise InputError(f"{str(path)!r}: a file name with characters that cannot be printed; rename the file")
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    if not head.removeprefix(b"\xef\xbb\xbf").strip():
        raise InputError(f"{path}: the file is empty")
    return Probe(path, head)
