"""Traces of the machine and of the making: paths, names of users and computers, words of the programs that ran."""

import contextlib
import getpass
import os
import platform
import re
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from analysis import workspace
from analysis.regions import kreise

_ORDNER = "home|root|tmp|usr|var|opt|mnt|work|Users|private|srv|media|Volumes|etc|proc"
PFADE = (
    ("/", re.compile(rf"/(?<![\w/.:<~]/)(?:{_ORDNER})/[\w.@+-]+")),
    (":\\", re.compile(r":(?<=\b[A-Za-z]:)\\{1,2}[\w$]+")),
    (":/", re.compile(r":(?<=\b[A-Z]:)/[\w$]+/")),
    ("\\\\", re.compile(r"\\\\[\w.-]+\\[\w$]")),
    ("~/", re.compile(r"~/(?<![\w~]~/)[\w.]+")),
)  # fmt: skip
"""What a path begins with, and what it looks like."""
VERTRAULICH = re.compile(r"data[/\\]local[/\\]")
WORTE = re.compile(
    r"(?<!\w)(?:papermill|ipykernel\w*|kernelspec|site-packages|dist-packages|injected-parameters|nbconvert|__pycache__"
    r"|file://|ipython-input|jupyter\w*|Traceback \(most recent call last\)|\w+ object at 0x[0-9a-f]+)",
    re.I,
)
_STAEMME = ("papermill", "kernel", "-packages", "injected", "nbconvert", "__pycache__", "file:", "ipython", "jupyter",
            "traceback", " at 0x")  # fmt: skip
_ALLGEMEIN = {"localhost", "kreisblick", "server", "computer", "benutzer", "user", "admin", "lokal", "planung", "kreis"}


def traces(text: str, werkzeuge: bool = True) -> Iterator[str]:
    """What a text tells of the machine, in words.

    With `werkzeuge` also words of the programs that made it, and the folder of confidential files.
    """
    for sign, pattern in PFADE:
        if sign in text and (found := pattern.search(text)):
            yield f"a path ({_shortened(found[0])})"
            break
    if werkzeuge:
        small = text.lower()
        if any(stem in small for stem in _STAEMME) and (found := WORTE.search(text)):
            yield f"a word of the programs that ran ({_shortened(found[0])})"
        if VERTRAULICH.search(text):
            yield "the folder of confidential files"
    for what, (names, pattern) in _names().items():
        if any(name in text for name in names) and pattern.search(text):
            yield what


def _shortened(text: str) -> str:
    return text if len(text) < 24 else f"{text[:20]}…"


@cache
def _names() -> dict[str, tuple[list[str], re.Pattern]]:
    """What names this user, this computer and its folders, by what it is.

    A name that is also the name of a Kreis or a common word is only looked for in paths and addresses.
    """
    named = {"the name of the user": _users(), "the name of the computer": {platform.node()}}
    known = _ALLGEMEIN | {word.lower() for k in kreise().values() for word in re.findall(r"\w+", k.name)}
    found = {}
    for what, given in named.items():
        names = sorted(n for n in given if len(n) > 2)
        parts = [
            rf"(?<![\w.:/-]){re.escape(n)}(?![\w(-])" if n.lower() not in known else rf"(?<!\w){re.escape(n)}@\w"
            for n in names
        ]
        if names:
            found[what] = names, re.compile("|".join(parts))
    folders = {str(f) for f in (workspace.root(), Path.cwd(), Path.home(), Path(tempfile.gettempdir()))}
    deep = sorted(folder for folder in folders if len(Path(folder).parts) > 1 and len(folder) > 4)
    if deep:
        pattern = rf"(?<![\w/.:<])(?:{'|'.join(map(re.escape, deep))})(?!\w)"
        found["a folder of this machine"] = deep, re.compile(pattern)
    return found


def _users() -> set[str]:
    names = {os.environ.get(variable, "") for variable in ("USER", "LOGNAME", "USERNAME", "JUPYTERHUB_USER")}
    with contextlib.suppress(Exception):  # a user without a name
        names.add(getpass.getuser())
    return names - {""}
