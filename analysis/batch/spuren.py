"""Traces of a machine in what a failed job leaves: paths and addresses in errors and printed text."""

import re
import sys
from pathlib import Path

import nbformat

from analysis import workspace

_LIBRARY = re.compile(r"(?:~|(?<![\w/.:<~]))(?:/[\w.@+-]+)*/(?:site-packages|lib/python3\.\d+)/")
_ANY_PATH = re.compile(
    r"(?<![\w/.:<~])/(?:home|root|tmp|usr|var|opt|mnt|work|Users|private|srv|media|data)/[\w.@+-]+(?:/[\w.@+-]+)*"
)
_ADDRESS = re.compile(r"\bat 0x[0-9a-f]+")


def without_traces(text: str) -> str:
    """Text in which files of the workspace stand relative to it and other paths and addresses do not stand at all."""
    for folder in dict.fromkeys([workspace.root(), Path(__file__).parents[2]]):
        shown = [str(folder)]
        if folder.is_relative_to(Path.home()):
            shown.append(f"~/{folder.relative_to(Path.home()).as_posix()}")
        for name in shown:
            text = text.replace(f"{name}/", "").replace(name, ".")
    text = _LIBRARY.sub("", text).replace(sys.prefix, "Python")
    text = re.sub(rf"{re.escape(str(Path.home()))}(?=[/\s\"':]|$)", "~", text) if len(Path.home().parts) > 1 else text
    return _ADDRESS.sub("at 0x…", _ANY_PATH.sub("…", text))


def clean_outputs(nb: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Notebook whose errors and texts tell nothing of the machine; changed in place."""
    for output in (o for cell in nb.cells for o in cell.get("outputs", ())):
        for place, name in ((output, "text"), (output, "evalue"), (output.get("data", {}), "text/plain")):
            if name in place:
                place[name] = without_traces(place[name])
        if "traceback" in output:
            output.traceback = [without_traces(line) for line in output.traceback]
    return nb
