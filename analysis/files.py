"""Files written whole or not at all."""

import hashlib
import os
import tempfile
from pathlib import Path

from analysis.errors import InputError


def write_atomic(path: Path, content: bytes | str) -> str:
    """Write a file so that a reader sees the old or the new one, never a part; return its SHA-256."""
    data = content.encode("utf-8") if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=".", suffix=".teil", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return hashlib.sha256(data).hexdigest()


def check_writable(folder: Path, what: str) -> None:
    """Refuse a folder in which no file can be written, before anything is worked for it; leaves nothing behind.

    Raises
    ------
    InputError
        The folder cannot be made or written; `what` says what was to be written there (`reports`).
    """
    try:
        missing = [made for made in (folder, *folder.parents) if not made.exists()]
        write_atomic(folder / ".probe", b"")
        (folder / ".probe").unlink()
        for made in missing:
            made.rmdir()
    except OSError as error:
        raise InputError(f"{folder}: {what} cannot be written there ({error.strerror})") from None


def read_small(path: Path, most_bytes: int = 1_000_000) -> str:
    """Text of an ordinary file up to that size, whatever its encoding; empty for anything else.

    Raises
    ------
    OSError
        The file cannot be read.
    """
    if not path.is_file() or path.stat().st_size > most_bytes:
        return ""
    return path.read_text(encoding="utf-8", errors="replace")


def sha256(path: Path) -> str:
    """SHA-256 of a file's content."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
