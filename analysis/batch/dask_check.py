"""What must be the same here and on every worker of a Dask cluster, so that it makes the same reports."""

import importlib.metadata
import os
import platform
import re
import sys
import tempfile
import time
from pathlib import Path

from analysis import workspace
from analysis.ablage import package
from analysis.batch import manifest
from analysis.batch.plan import Job
from analysis.files import sha256

_PACKAGE = "package "
_DIGEST = re.compile("[0-9a-f]{64}")


def question(jobs: list[Job], shared: Path | None) -> dict:
    """Arguments of `state` for the inputs of these jobs, as text, so that any worker can read them.

    Parameters
    ----------
    shared
        A new file in the folder that workers write to; None if they do not.
    """
    store = workspace.store().absolute()
    return {
        "store": os.path.relpath(store, workspace.root()) if store.is_relative_to(workspace.root()) else str(store),
        "notebooks": sorted({job.notebook.name for job in jobs}),
        "kreise": sorted({job.ags for job in jobs}),
        "befragungen": sorted({job.ags for job in jobs if job.notebook.befragung}),
        "kataloge": sorted({job.ags for job in jobs if job.notebook.ziele}),
        "shared": str(shared or ""),
    }


def state(
    store: str, notebooks: list[str], kreise: list[str], befragungen: list[str], kataloge: list[str], shared: str
) -> dict[str, str]:
    """Versions, and SHA-256 of everything that reports are made from, by what it is; what is not there is left out.

    Parameters
    ----------
    store
        The indicator database, relative to the workspace if it lies in it.
    notebooks
        Names of the notebooks.
    kreise, befragungen, kataloge
        Kreise whose corporate designs, surveys and goal catalogues are read.
    shared
        File in the folder that workers write to, empty if they do not.
    """
    from analysis.report.gestaltung import gestaltungen
    from analysis.sources import befragung_beschreibung
    from analysis.ziele import lesen

    root = workspace.root()
    files = {"the store": root / store}
    files |= {f"the notebook {name}": workspace.notebooks() / f"{name}.ipynb" for name in notebooks}
    if kataloge:
        files |= {f"the goal catalogue of {k}": p for k, p in lesen.dateien().items() if k in kataloge}
    files |= {f"what reports on {k} showed before": workspace.ausgaben(root / store) / f"{k}.csv" for k in kreise}
    described = befragung_beschreibung.descriptions() if befragungen else {}
    surveys = {
        f"the survey {befragung_beschreibung.short_name(path)} of {ags}": befragung_beschreibung.fingerprint(path)
        for ags in befragungen
        for path in described.get(ags, ())
    }
    return {
        "Python": platform.python_version(),
        "the system": sys.platform,
        "the time zone": "/".join(time.tzname),
        "the source of kreisblick": package(),
        **_packages(),
        **{what: sha256(file) for what, file in files.items() if file.is_file()},
        **{f"the input {name}": digest for name, digest in manifest.inputs({}, []).items()},
        **{f"the corporate design of {ags}": design.sha256 for ags, design in gestaltungen(kreise).items()},
        **surveys,
        **({"the folder of --output": _writable(Path(shared))} if shared else {}),
    }


def difference(here: dict[str, str], there: dict[str, str]) -> str:
    """The first difference between the states of two machines in words, empty if there is none that matters.

    A package that only one of them has does not matter, unless reports name its version.
    """
    needed = {*here, *there} - {
        name
        for name in here.keys() ^ there.keys()
        if name.startswith(_PACKAGE) and name.removeprefix(_PACKAGE) not in manifest.PAKETE
    }
    for name in [name for name in {**here, **there} if name in needed and here.get(name) != there.get(name)]:
        if name not in there:
            return f"{name} is not there"
        if name not in here:
            return f"{name} is there, but not here"
        if not _DIGEST.fullmatch(here[name]):
            return f"{name} is {there[name]} there and {here[name]} here"
        digest = _DIGEST.fullmatch(there[name])
        return f"{name} differs from that here" if digest else f"{name} is {there[name]} there"
    return ""


def _packages() -> dict[str, str]:
    found: dict[str, str] = {}
    for distribution in importlib.metadata.distributions():
        if name := distribution.metadata["Name"]:
            found.setdefault(_PACKAGE + re.sub(r"[-_.]+", "-", name).lower(), distribution.version)
    return dict(sorted(found.items()))


def _writable(mark: Path) -> str:
    """Content of a file, which says that it is the same folder, if another one can be written beside it."""
    try:
        with tempfile.NamedTemporaryFile(prefix=".", suffix=".teil", dir=mark.parent):
            return sha256(mark)
    except OSError as error:
        return f"no folder to write to ({error.strerror})"
