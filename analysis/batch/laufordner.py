"""Folders of a run: only one run at a time writes to an output folder, and nothing of a killed run stays."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from analysis.errors import InputError

_NEW, _SCRATCH, _PART = "kb-neu-", "kb-lauf-", ".*.teil"


@contextlib.contextmanager
def only_run(output: Path) -> Iterator[None]:
    """Keep other runs out of an output folder; the system ends that whenever this process ends.

    The folder is made, and gone again if nothing comes into it.

    Not on Windows, which cannot lock a folder.

    Raises
    ------
    InputError
        Another run is making reports there.
    """
    missing = [made for made in (output, *output.parents) if not made.exists()]
    output.mkdir(parents=True, exist_ok=True)
    handle = _locked(output)
    if handle is None:
        raise InputError(f"{output}: another run is making reports there; wait for its end or choose another --output")
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            for made in missing:
                made.rmdir()
        os.close(handle)


def sweep_parts(*folders: Path) -> None:
    """Remove halves of files that killed processes left in these folders; nobody may be writing there."""
    for part in [part for folder in folders for part in folder.rglob(_PART) if part.is_file()]:
        part.unlink(missing_ok=True)


def sweep(*folders: Path) -> None:
    """Remove what killed runs left: halves of files in these folders, and their intermediate files."""
    sweep_parts(*folders)
    for left in Path(tempfile.gettempdir()).glob(f"{_SCRATCH}*"):
        with contextlib.suppress(OSError):  # of another user
            handle = _locked(left)
            if handle is not None:
                shutil.rmtree(left, ignore_errors=True)
                os.close(handle)


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """Folder for intermediate files, gone at the end; that of a killed run is removed by the next `sweep`."""
    made = Path(tempfile.mkdtemp(prefix=_NEW))
    handle = _locked(made)
    folder = made.with_name(made.name.replace(_NEW, _SCRATCH))
    made.rename(folder)  # only now can `sweep` see it
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def _locked(folder: Path) -> int | None:
    """Descriptor of a folder that holds a lock on it, None if another process holds it."""
    if os.name == "nt":
        return os.open(os.devnull, os.O_RDONLY)
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle
