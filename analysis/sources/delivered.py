"""Delivered files before anybody reads them: unpacked with limits, and checked to be whole text."""

import codecs
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from analysis.errors import InputError

_MOST_BYTES, _MOST_TIMES = 2_000_000_000, 200
"""What a ZIP may unpack to: so many bytes, so many times its own size."""


@contextmanager
def as_csv(path: Path) -> Iterator[Path]:
    """The CSV file, or the one CSV of a ZIP, under a neutral name of its own for as long as it is needed.

    DuckDB reads patterns and folders of a name as instructions, so it must never see the user's.

    Raises
    ------
    InputError
        A ZIP that is damaged, holds anything else than one CSV, or unpacks to more than can be a table.
    """
    with path.open("rb") as file:
        packed = file.read(4).startswith(b"PK")
    with tempfile.TemporaryDirectory(prefix="kreisblick-") as folder:
        target = Path(folder) / "tabelle.csv"
        if packed:
            _unpack(path, target)
        else:
            try:
                target.symlink_to(path.absolute())
            except OSError:  # Windows, without the right to make links
                shutil.copyfile(path, target)
        yield target


def _unpack(path: Path, target: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if not m.is_dir()]
            if len(members) != 1 or not members[0].filename.lower().endswith(".csv"):
                names = ", ".join(m.filename for m in members[:5])
                raise InputError(f"{path}: expected a ZIP with exactly one CSV file, found {names or 'nothing'}")
            size, most = members[0].file_size, max(50_000_000, _MOST_TIMES * path.stat().st_size)
            if size > min(most, _MOST_BYTES):
                raise InputError(f"{path}: unpacked {size:,} bytes, more than can be a table")
            with archive.open(members[0]) as packed, target.open("wb") as out:
                written = 0
                while block := packed.read(1 << 20):
                    written += len(block)
                    if written > size:
                        raise InputError(f"{path}: the ZIP holds more than it says")
                    out.write(block)
    except InputError:
        raise
    except Exception as error:  # zipfile, zlib and lzma each raise their own
        raise InputError(f"{path}: the ZIP cannot be read ({' '.join(str(error).split())[:200]})") from None


def check_text(path: Path, csv: Path) -> int:
    """Number of lines of a UTF-8 text file.

    Raises
    ------
    InputError
        Bytes that are no UTF-8, a NUL, a byte order mark inside, or a last line without end (a truncated file); the
        text names `path` and the row.
    """
    decoder, row, last = codecs.getincrementaldecoder("utf-8-sig")(), 1, ""
    with csv.open("rb") as file:
        while True:
            block = file.read(1 << 20)
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                row += error.object[: error.start].count(b"\n")
                raise InputError(f"{path}, row {row}: not UTF-8 (byte {error.object[error.start]:#04x})") from None
            for character, what in (("\0", "a NUL character"), ("\ufeff", "a byte order mark in the middle")):
                if character in text:
                    raise InputError(f"{path}, row {row + text[: text.index(character)].count(chr(10))}: {what}")
            row, last = row + text.count("\n"), text[-1:] or last
            if not block:
                break
    if last != "\n":
        raise InputError(f"{path}, row {row}: the last row has no line end, the file may be truncated")
    return row - 1
