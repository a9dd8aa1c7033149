"""Delivered files before anybody reads them: unpacked with limits, checked to be whole text, split into rows."""

import codecs
import csv
import io
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from analysis.errors import InputError

_MOST_BYTES, _MOST_TIMES, _LARGE_TIMES = 2_000_000_000, 200, 40
"""What a ZIP may unpack to: so many bytes, so many times its own size, or these times where more bytes are allowed."""


@contextmanager
def as_csv(path: Path, most_bytes: int = _MOST_BYTES) -> Iterator[Path]:
    """The CSV file, or the one CSV of a ZIP, under a neutral name of its own for as long as it is needed.

    DuckDB reads patterns and folders of a name as instructions, so it must never see the user's.

    Raises
    ------
    InputError
        A ZIP that is damaged, holds anything else than one CSV, or unpacks to more than `most_bytes`.
    """
    with path.open("rb") as file:
        packed = file.read(4).startswith(b"PK")
    with tempfile.TemporaryDirectory(prefix="kreisblick-") as folder:
        target = Path(folder) / "tabelle.csv"
        if packed:
            _unpack(path, target, most_bytes)
        else:
            try:
                target.symlink_to(path.absolute())
            except OSError:  # Windows, without the right to make links
                shutil.copyfile(path, target)
        yield target


def _unpack(path: Path, target: Path, most_bytes: int) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if not m.is_dir() and not m.filename.startswith("__MACOSX/")]
            if len(members) != 1 or not members[0].filename.lower().endswith(".csv"):
                names = ", ".join(m.filename for m in members[:5])
                raise InputError(f"{path}: expected a ZIP with exactly one CSV file, found {names or 'nothing'}")
            size, packed = members[0].file_size, path.stat().st_size
            most = min(max(50_000_000, _MOST_TIMES * packed), _MOST_BYTES)
            if size > max(most, min(_LARGE_TIMES * packed, most_bytes)):
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
    except NotImplementedError:
        how = "is packed in a way that only other programs unpack (Deflate64?); unpack it and import the CSV file"
        raise InputError(f"{path}: the ZIP {how}") from None
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


def read_text(path: Path, encoding: str = "utf-8", ends: tuple[str, ...] = ("\n",), named: Path | None = None) -> str:
    """Text of a file without byte order mark, whole and in the encoding that its format demands.

    Parameters
    ----------
    ends
        With what a whole file ends.
    named
        How messages name the file, if `path` is a copy of it.

    Raises
    ------
    InputError
        Another encoding, a NUL, a byte order mark inside, no text at all, or another end (a truncated file); the text
        names the row.
    """
    raw, path = path.read_bytes(), named or path
    if encoding == "utf-8" and raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"{path}: the file is UTF-16; save it as CSV UTF-8")
    try:
        text = raw.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        found = raw[error.start : error.start + 1].decode("latin-1")
        hint = f" ({found!r} in Latin-1?); save it as CSV UTF-8" if encoding == "utf-8" else ""
        name = encoding.upper()
        raise InputError(f"{path}, row {line}: byte {error.start} is not {name}{hint}") from None
    for character, what in (("\0", "a NUL character"), ("\ufeff", "a byte order mark in the middle")):
        if character in text:
            raise InputError(f"{path}, row {text[: text.index(character)].count(chr(10)) + 1}: {what}")
    if not text.strip():
        raise InputError(f"{path}: the file is empty")
    if "\r" in text and "\n" not in text:
        raise InputError(f"{path}: the lines end with CR alone; save the file with ordinary line ends (LF or CRLF)")
    if not text.endswith(ends):
        raise InputError(f"{path}: the last row has no line end, the file may be truncated; expected a whole row")
    return text


def split_rows(path: Path, text: str, delimiter: str) -> list[tuple[list[str], int]]:
    """Records of a CSV text, each with its line in the file.

    Raises
    ------
    InputError
        A quote that is never closed, or a cell larger than 128 KB.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return [(row, reader.line_num) for row in reader]
    except csv.Error as error:
        raise InputError(f"{path}, row {reader.line_num}: {error}; expected one record per line") from None


def as_table(path: Path, header: list[str], rows: list[tuple[list[str], int]]) -> pd.DataFrame:
    """Records as a table of texts with the column `zeile`.

    Raises
    ------
    InputError
        No row at all, or one that has not as many cells as the header.
    """
    if not rows:
        raise InputError(f"{path}: there is a header but no row")
    for cells, line in rows:
        if not cells:
            raise InputError(f"{path}, row {line}: the row is empty; expected {len(header)} columns")
        if len(cells) != len(header):
            fewer = "; is the file truncated?" if len(cells) < len(header) else ""
            raise InputError(f"{path}, row {line}: {len(cells)} columns; expected {len(header)}{fewer}")
    return pd.DataFrame([(*cells, line) for cells, line in rows], columns=[*header, "zeile"])
