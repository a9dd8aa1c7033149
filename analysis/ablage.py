"""Results that take long, kept beside the store with all that they depend on; the folder may be deleted at any time."""

import contextlib
import hashlib
import json
import platform
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

from analysis import workspace
from analysis.files import sha256, write_atomic


def package(folder: Path = Path(__file__).parent) -> str:
    """SHA-256 of all files of the package, whatever the interpreter left beside them."""
    files = sorted(p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    listed = [[path.relative_to(folder).as_posix(), sha256(path)] for path in files]
    return hashlib.sha256(json.dumps(listed).encode()).hexdigest()


def installed() -> list:
    """Python, the system and what is installed beside the package."""
    site = {sysconfig.get_path(kind) for kind in ("purelib", "platlib")}
    names = sorted(path.name for folder in site for path in Path(folder).glob("*.dist-info"))
    return [platform.python_version(), sys.platform, names]


_GELADEN = package()


def kept(store: Path, name: str, state: str, make: Callable[[], list | dict]) -> list | dict:
    """What `make` gives, from the file of that name if it was made there of the same state by the same code.

    Parameters
    ----------
    store
        File of the store.
    state
        Everything that the result depends on, the code and what is installed aside. Where files of the package are
        not those that this process has loaded, nothing is read or kept.
    make
        Gives lists, mappings, texts and numbers, as JSON knows them.
    """
    if package() != _GELADEN:
        return make()
    file = workspace.ablage(store) / f"{name}.json"
    key = hashlib.sha256(json.dumps([state, _GELADEN, installed()]).encode()).hexdigest()
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        found = json.loads(file.read_text(encoding="utf-8"))
        if found["stand"] == key:
            return found["inhalt"]
    made = make()
    with contextlib.suppress(OSError):  # where nothing can be kept it only takes longer
        write_atomic(file, json.dumps({"stand": key, "inhalt": made}, ensure_ascii=False))
    return made
