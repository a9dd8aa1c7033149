"""The plan: which notebook runs for which Kreis, and what cannot run and why."""

import ast
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from analysis import vergleichsgruppe
from analysis.batch import parameter
from analysis.batch.notebooks import paths
from analysis.catalogue import katalog
from analysis.errors import InputError
from analysis.regions import kreis, kreise, level


@dataclass(frozen=True)
class Notebook:
    """A parameterised report.

    `parameters` are the names and defaults of its parameters cell; `braucht` are the quantities without which
    it cannot run (notebook metadata `kreisblick`), `befragung` whether it needs a survey of the Kreis, `gemeinden`
    whether it needs figures of its Gemeinden, `arten` of which kind the values of its parameters are, `ziele` whether
    it needs a goal catalogue.
    """

    path: Path
    titel: str
    braucht: tuple[str, ...]
    parameters: dict
    befragung: bool = False
    gemeinden: bool = False
    arten: dict = field(default_factory=dict)
    ziele: bool = False

    @property
    def name(self) -> str:
        """File name without ending, such as `01_steckbrief`."""
        return self.path.stem


@dataclass(frozen=True)
class Job:
    """One notebook for one Kreis with its parameters; `raum` is one of its areas (key), `gebiet` the area's name."""

    notebook: Notebook
    ags: str
    parameters: dict
    raum: str = ""
    gebiet: str = ""

    @property
    def name(self) -> str:
        """Name of the report's files without ending: `01_steckbrief`, of an area `01_steckbrief-99099001`."""
        return report_name(self.notebook.name, self.ags, self.raum)

    @property
    def titel(self) -> str:
        """Title of the report in lists: that of the notebook, with the name of an area."""
        return f"{self.notebook.titel} {self.gebiet}".strip()

    @property
    def key(self) -> str:
        """Unique name of the job: `16077/01_steckbrief`."""
        return f"{self.ags}/{self.name}"

    @property
    def werte(self) -> dict:
        """Values of all parameters of its notebook: its own, else the defaults."""
        return {**self.notebook.parameters, **self.parameters}

    @property
    def befragung(self) -> str:
        """Short name of the survey that its parameter names; empty: the newest one."""
        return self.werte.get("befragung", "")


def report_name(notebook: str, ags: str, raum: str) -> str:
    """File name of a report without ending; that of an area has the area's key behind a hyphen, without dots."""
    return f"{notebook}-{raum.removeprefix(f'{ags}.').replace('.', '_')}" if raum else notebook


@dataclass(frozen=True)
class Blocked:
    """A notebook that cannot run for a Kreis, and the reason as a reader of the index sees it."""

    notebook: Notebook
    ags: str
    grund: str


@dataclass(frozen=True)
class Plan:
    """Everything that will run, everything that was considered but cannot, and what is left out.

    A Kreis that never had a survey, no figures of its Gemeinden or no goal catalogue lacks nothing: the reports on them
    are left out, unless just these were asked for.
    """

    jobs: list[Job] = field(default_factory=list)
    blocked: list[Blocked] = field(default_factory=list)
    ausgelassen: list[Job] = field(default_factory=list)


def make_plan(
    observations: pd.DataFrame,
    notebooks: list[Notebook],
    wanted_kreise: list[str] | None = None,
    parameters: dict[str, str] | None = None,
    befragte: Collection[str] = (),
    mit_gemeinden: Collection[str] = (),
    ausdruecklich: bool = False,
    raeume: dict[str, dict[str, str]] | None = None,
    mit_zielen: Collection[str] = (),
    hindernisse: Mapping[str, str] | None = None,
) -> Plan:
    """Decide what runs.

    Parameters
    ----------
    observations
        Current observations of the store; a Kreis runs if it has a value of every needed quantity.
    notebooks
        Reports to make.
    wanted_kreise
        Keys; all Kreise with observations if None.
    parameters
        Further parameters as text; each notebook converts them to the type of its default.
    befragte
        Kreise with a survey.
    mit_gemeinden
        Kreise with figures of their Gemeinden.
    ausdruecklich
        Whether the notebooks were named: with named Kreise what is missing is then a reason and not left out.
    raeume
        Areas by Kreis, key → name: then the reports with a parameter `raum` are made for these areas and nothing else.
    mit_zielen
        Kreise with a goal catalogue.
    hindernisse
        Kreise of whose goal catalogue these parameters allow no report, and why.

    Raises
    ------
    InputError
        An unknown Kreis or parameter, or a value that does not fit its parameter.
    """
    for_all = {nb.name: convert(nb, parameters or {}) for nb in notebooks}
    there = set(observations.ags)
    for nb in notebooks:
        for name, value in for_all[nb.name].items():
            if nb.arten.get(name) == "kreise":
                vergleichsgruppe.check(value, there)
    asked_for = wanted_kreise is not None and ausdruecklich
    if wanted_kreise is None:
        there = {ags for ags in observations.ags.unique() if level(ags) == "kreis"}
        wanted_kreise = [ags for ags in kreise() if ags in there]
    else:
        wanted_kreise = [kreis(ags).ags for ags in dict.fromkeys(wanted_kreise)]
    plan = Plan()
    if raeume is not None:
        plan.jobs.extend(
            Job(nb, ags, {"kreis": ags, "raum": raum, **for_all[nb.name]}, raum, gebiet)
            for ags in wanted_kreise
            for nb in notebooks
            if "raum" in nb.parameters
            for raum, gebiet in raeume.get(ags, {}).items()
        )
        return plan
    available = observations[observations.wert.notna()].groupby("ags").groesse.agg(set)
    for ags in wanted_kreise:
        for nb in notebooks:
            missing = [g for g in nb.braucht if g not in available.get(ags, set())]
            if missing:
                labels = ", ".join(katalog().groesse(g).label for g in missing)
                plan.blocked.append(Blocked(nb, ags, f"Es fehlen Daten: {labels}."))
                continue
            job = Job(nb, ags, {"kreis": ags, **for_all[nb.name]})
            lacking = nb.befragung and ags not in befragte and "Für diesen Kreis liegt keine Befragung vor."
            lacking = lacking or (nb.gemeinden and ags not in mit_gemeinden and "Es fehlen Zahlen der Gemeinden.")
            lacking = lacking or (nb.ziele and ags not in mit_zielen and "Für diesen Kreis liegt kein Zielkatalog vor.")
            not_for_these = nb.ziele and (hindernisse or {}).get(ags)
            if lacking and not asked_for:
                plan.ausgelassen.append(job)
            elif reason := lacking or not_for_these:
                plan.blocked.append(Blocked(nb, ags, reason))
            else:
                plan.jobs.append(job)
    return plan


def find_notebooks(folder: Path, wanted: list[str] | None = None) -> list[Notebook]:
    """Reports of a folder in reading order; with `wanted` those named, by full name or number.

    Raises
    ------
    InputError
        A wanted notebook does not exist, or a notebook does not follow the pattern of `00_vorlage.ipynb`.
    """
    return [read_notebook(path) for path in paths(folder, wanted)]


def read_notebook(path: Path) -> Notebook:
    """Title, needs and parameters of a notebook file.

    Raises
    ------
    InputError
        No valid notebook, not exactly one cell tagged `parameters`, a parameter that is no typed literal or stands
        twice or is not of its kind, no parameter `kreis` of text, no title in the metadata, or a needed quantity not in
        the catalogue.
    """
    import nbformat

    try:
        nb = nbformat.read(path, as_version=4)
        nbformat.validate(nb)
        cells = [c for c in nb.cells if "parameters" in c.metadata.get("tags", [])]
        about = dict(nb.metadata.get("kreisblick", {}))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except Exception as error:  # nbformat raises whatever a broken file leads it to
        raise InputError(f"{path}: not a valid notebook ({' '.join(str(error).split())[:200]})") from None
    if len(cells) != 1:
        raise InputError(f"{path}: {len(cells)} cells are tagged 'parameters'; expected exactly one")
    parameters = parameter.read_cell(path, cells[0].source)
    if not isinstance(parameters.get("kreis"), str):
        raise InputError(f"{path}: the parameters cell has no 'kreis' of text; expected kreis = \"16077\"")
    titel, braucht = about.get("titel"), about.get("braucht", [])
    flags = {name: about.get(name, False) for name in ("befragung", "gemeinden", "ziele")}
    if not isinstance(titel, str) or not titel:
        raise InputError(f'{path}: the metadata have no title; expected "kreisblick": {{"titel": …, "braucht": […]}}')
    if not isinstance(braucht, list):
        raise InputError(f"{path}: 'braucht' in the metadata is {braucht!r}; expected a list of quantities")
    for groesse in braucht:
        try:
            katalog().groesse(groesse)
        except InputError as error:
            raise InputError(f"{path}: 'braucht' in the metadata: {error}") from None
    for name, flag in flags.items():
        if not isinstance(flag, bool):
            raise InputError(f"{path}: {name!r} in the metadata is {flag!r}; expected true or false")
    arten = parameter.read_kinds(path, about.get("parameter", {}), parameters)
    return Notebook(path, titel, tuple(braucht), parameters, arten=arten, **flags)


def convert(notebook: Notebook, given: dict[str, str]) -> dict:
    """Parameters given as text in the types of the notebook's defaults; text stays text ("01051").

    Raises
    ------
    InputError
        The notebook has no such parameter, the value does not fit, or it is `kreis` or `raum`, which the plan sets.
    """
    values = {}
    for name, text in given.items():
        if name in ("kreis", "raum"):
            raise InputError(f"parameter {name!r} is set by --{name}")
        if name not in notebook.parameters:
            raise InputError(
                f"{notebook.name} has no parameter {name!r}; it has: {', '.join(sorted(notebook.parameters))}"
            )
        default = notebook.parameters[name]
        values[name] = text if isinstance(default, str) else _literal(text)
        fits = type(values[name]) is type(default) or (isinstance(default, float) and type(values[name]) is int)
        if not fits and default is not None:
            raise InputError(
                f"{notebook.name}: parameter {name} is {text!r}; expected {type(default).__name__} like {default!r}"
            )
        parameter.check(notebook.name, name, values[name], notebook.arten.get(name, "frei"))
    return values


def _literal(text: str) -> object:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
