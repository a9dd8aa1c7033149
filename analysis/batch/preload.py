"""What a warm kernel has imported before its notebook begins, read from the notebooks and the package's own source."""

import builtins
import contextlib
import importlib
import io
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

PACKAGE = Path(__file__).parents[1]
MACHINERY = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "IPython.core.magics",
    "IPython.extensions.storemagic",
    "matplotlib.backends.backend_agg",
    "numpy.random",
)
"""Modules that every kernel or every picture needs, whoever asks first."""
NEVER = ("esda", "ipywidgets", "matplotlib_inline", "plotly", "tqdm")
"""Packages that look for IPython while they are imported, and remember what they found; esda imports such a one."""
READERS = ("openpyxl", "xlrd")
"""Packages that only deliveries are read with, which no report does."""

DEFINITIONS = (("analysis.regions", "kreise"), ("analysis.catalogue", "katalog"))
"""Functions that read files of the package and keep what they read."""

_IMPORT = re.compile(r"^[ \t]*(?:from +([\w.]+) +import +(\([^)]*\)|.+)|import +(.+))", re.MULTILINE)
_COMMENT = re.compile("#.*")


def modules(notebooks: list[Path]) -> list[str]:
    """Every module that these notebooks import, and that the package imports for them, also inside functions."""
    found: dict[str, None] = dict.fromkeys(MACHINERY)
    waiting = [name for notebook in notebooks for source in _code(notebook) for name in _imported(source)]
    while waiting:
        name = waiting.pop()
        if name in found or name.partition(".")[0] in (*NEVER, *READERS):
            continue
        found[name] = None
        if name.partition(".")[0] == PACKAGE.name and (file := _file(name)):
            waiting.extend(_imported(file.read_text(encoding="utf-8")))
    return list(found)


def load(names: list[str]) -> None:
    """Import modules as a kernel would see them, and read the definitions; what fails is left to who asks for it."""
    # pandas asks at its import where it runs and with which encoding, and shows its tables by the answer
    builtins.get_ipython = lambda: SimpleNamespace(kernel=True)
    stdout, sys.stdout = sys.stdout, io.TextIOWrapper(io.BytesIO(), encoding="UTF-8")
    try:
        for name in names:
            with contextlib.suppress(Exception):
                importlib.import_module(name)
        for module, function in DEFINITIONS:
            if module in sys.modules:
                with contextlib.suppress(Exception):
                    getattr(sys.modules[module], function)()
    finally:
        sys.stdout = stdout
        del builtins.get_ipython


def _code(notebook: Path) -> Iterator[str]:
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            yield "".join(cell["source"])


def _imported(source: str) -> Iterator[str]:
    """Names that may be modules: of `from a import b` both `a` and `a.b`; to parse the package would take seconds."""
    for package, names, modules in _IMPORT.findall(source):
        found = (name.split()[0] for name in _COMMENT.sub("", names or modules).strip("()").split(",") if name.strip())
        if not package:
            yield from found
        elif not package.startswith("."):
            yield package
            yield from (f"{package}.{name}" for name in found)


def _file(name: str) -> Path | None:
    stem = PACKAGE.parent.joinpath(*name.split("."))
    return next((file for file in (stem.with_suffix(".py"), stem / "__init__.py") if file.is_file()), None)
