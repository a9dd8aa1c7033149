"""The plan: which notebook runs for which Kreis, and what cannot run and why."""

import ast
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from analysis import workspace
from analysis.errors import InputError
from analysis.regions import kreis, kreise, level

TEMPLATE_PREFIX = "00_"
"""Notebooks that are patterns for new ones; they run only when asked for by name."""


@dataclass(frozen=True)
class Notebook:
    """A parameterised report.

    `parameters` are the names and defaults of its parameters cell; `braucht` are the quantities without which
    it cannot run (notebook metadata `kreisblick`).
    """

    path: Path
    titel: str
    braucht: tuple[str, ...]
    parameters: dict

    @property
    def name(self) -> str:
        """File name without ending, such as `01_steckbrief`."""
        return self.path.stem


@dataclass(frozen=True)
class Job:
    """One notebook for one Kreis with its parameters."""

    notebook: Notebook
    ags: str
    parameters: dict

    @property
    def key(self) -> str:
        """Unique name of the job: `16077/01_steckbrief`."""
        return f"{self.ags}/{self.notebook.name}"


@dataclass(frozen=True)
class Blocked:
    """A notebook that cannot run for a Kreis, and the reason as a reader of the index sees it."""

    notebook: Notebook
    ags: str
    grund: str


@dataclass(frozen=True)
class Plan:
    """Everything that will run, and everything that was considered but cannot."""

    jobs: list[Job] = field(default_factory=list)
    blocked: list[Blocked] = field(default_factory=list)


def make_plan(
    observations: pd.DataFrame,
    wanted_kreise: list[str] | None = None,
    wanted_notebooks: list[str] | None = None,
    parameters: dict[str, str] | None = None,
    folder: Path | None = None,
) -> Plan:
    """Decide what runs.

    Parameters
    ----------
    observations
        Current observations of the store; a Kreis runs if it has a value of every needed quantity.
    wanted_kreise
        Keys; all Kreise with observations if None.
    wanted_notebooks
        Names such as `01_steckbrief` or `01`; all reports if None.
    parameters
        Further parameters as text; each notebook converts them to the type of its default.
    folder
        Where the notebooks are; the workspace's own if None.

    Raises
    ------
    InputError
        An unknown Kreis, notebook or parameter, or a value that does not fit its parameter.
    """
    notebooks = find_notebooks(folder or workspace.notebooks(), wanted_notebooks)
    for_all = {nb.name: convert(nb, parameters or {}) for nb in notebooks}
    if wanted_kreise is None:
        there = {ags for ags in observations.ags.unique() if level(ags) == "kreis"}
        wanted_kreise = [ags for ags in kreise() if ags in there]
    else:
        wanted_kreise = [kreis(ags).ags for ags in dict.fromkeys(wanted_kreise)]
    available = observations[observations.wert.notna()].groupby("ags").groesse.agg(set)
    plan = Plan()
    for ags in wanted_kreise:
        for nb in notebooks:
            missing = [g for g in nb.braucht if g not in available.get(ags, set())]
            if missing:
                plan.blocked.append(Blocked(nb, ags, f"Es fehlen Daten: {', '.join(missing)}."))
            else:
                plan.jobs.append(Job(nb, ags, {"kreis": ags, **for_all[nb.name]}))
    return plan


def find_notebooks(folder: Path, wanted: list[str] | None = None) -> list[Notebook]:
    """Reports of a folder in reading order; with `wanted` those named, by full name or number.

    Raises
    ------
    InputError
        A wanted notebook does not exist, or a notebook does not follow the pattern of `00_vorlage.ipynb`.
    """
    paths = sorted(folder.glob("[0-9][0-9]_*.ipynb"))
    if wanted is None:
        return [read_notebook(p) for p in paths if not p.name.startswith(TEMPLATE_PREFIX)]
    chosen = []
    for name in dict.fromkeys(wanted):
        found = [p for p in paths if name.removesuffix(".ipynb") in (p.stem, p.stem[:2])]
        if not found:
            raise InputError(
                f"there is no notebook {name!r} in {folder.name}/; there are: {', '.join(p.stem for p in paths)}"
            )
        chosen.append(read_notebook(found[0]))
    return chosen


def read_notebook(path: Path) -> Notebook:
    """Title, needs and parameters of a notebook file.

    Raises
    ------
    InputError
        No valid notebook, not exactly one cell tagged `parameters`, a parameter that is no typed literal,
        no parameter `kreis`, or no title in the metadata.
    """
    import nbformat

    try:
        nb = nbformat.read(path, as_version=4)
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, AttributeError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{path}: not a valid notebook ({reason})") from None
    cells = [c for c in nb.cells if "parameters" in c.metadata.get("tags", [])]
    if len(cells) != 1:
        raise InputError(f"{path}: {len(cells)} cells are tagged 'parameters'; expected exactly one")
    parameters = _parameters(path, cells[0].source)
    if "kreis" not in parameters:
        raise InputError(f"{path}: the parameters cell has no 'kreis'; expected kreis = \"16077\"")
    about = nb.metadata.get("kreisblick", {})
    if not about.get("titel"):
        raise InputError(f'{path}: the metadata have no title; expected "kreisblick": {{"titel": …, "braucht": […]}}')
    return Notebook(path, about["titel"], tuple(about.get("braucht", ())), parameters)


def convert(notebook: Notebook, given: dict[str, str]) -> dict:
    """Parameters given as text in the types of the notebook's defaults; text stays text ("01051").

    Raises
    ------
    InputError
        The notebook has no such parameter, the value does not fit, or it is `kreis`, which the plan sets.
    """
    values = {}
    for name, text in given.items():
        if name == "kreis":
            raise InputError("parameter 'kreis' is set by --kreis")
        if name not in notebook.parameters:
            raise InputError(
                f"{notebook.name} has no parameter {name!r}; it has: {', '.join(sorted(notebook.parameters))}"
            )
        default = notebook.parameters[name]
        if isinstance(default, str):
            values[name] = text
            continue
        try:
            values[name] = ast.literal_eval(text)
        except (ValueError, SyntaxError):
            values[name] = text
        fits = type(values[name]) is type(default) or (isinstance(default, float) and type(values[name]) is int)
        if not fits and default is not None:
            raise InputError(
                f"{notebook.name}: parameter {name} is {text!r}; expected {type(default).__name__} like {default!r}"
            )
    return values


def _parameters(path: Path, source: str) -> dict:
    parameters = {}
    try:
        nodes = ast.parse(source).body
    except SyntaxError as error:
        raise InputError(f"{path}: the parameters cell is not valid Python (line {error.lineno})") from None
    for node in nodes:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target, value = node.targets[0], node.value
        elif isinstance(node, ast.AnnAssign):
            target, value = node.target, node.value
        else:
            raise InputError(f"{path}: the parameters cell may only hold assignments (line {node.lineno})")
        try:
            parameters[target.id] = ast.literal_eval(value)
        except (ValueError, AttributeError):
            raise InputError(
                f"{path}: parameter in line {node.lineno} of its cell is no literal; nothing is derived there"
            ) from None
    return parameters
