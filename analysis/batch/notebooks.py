"""Which notebooks of a folder are reports; read without what a plan needs, so that a run can warm up for them first."""

from pathlib import Path

from analysis.errors import InputError

TEMPLATE_PREFIX = "00_"
"""Notebooks that are patterns for new ones; they run only when asked for by name."""


def paths(folder: Path, wanted: list[str] | None = None) -> list[Path]:
    """Notebooks of a folder in reading order; with `wanted` those named, by full name or number, each once.

    Raises
    ------
    InputError
        There is none, or a name means none or more than one.
    """
    there = sorted(folder.glob("[0-9][0-9]_*.ipynb"))
    if not there:
        raise InputError(f"{folder}: there is no notebook; expected names like 01_steckbrief.ipynb")
    if wanted is None:
        reports = [path for path in there if not path.name.startswith(TEMPLATE_PREFIX)]
        if not reports:
            raise InputError(f"{folder}: there is only the template; copy {there[0].name} to a name like 01_name.ipynb")
        return reports
    chosen = {}
    for name in wanted:
        found = [path for path in there if name.removesuffix(".ipynb") in (path.stem, path.stem[:2])]
        if len(found) != 1:
            what = "there is no notebook" if not found else "more than one notebook is meant by"
            raise InputError(f"{what} {name!r} in {folder.name}/; there are: {', '.join(path.stem for path in there)}")
        chosen[found[0]] = None
    return list(chosen)
