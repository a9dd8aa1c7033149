"""From an executed notebook to the files of a report: page, workbook, pictures."""

import base64
import shlex
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import nbformat

from analysis.batch.plan import Job
from analysis.files import sha256
from analysis.regions import kreis
from analysis.report.gestaltung import Gestaltung, gestaltung

RECHNEN = ("duckdb", "matplotlib", "numpy", "pandas", "seaborn", "statsmodels")
"""Packages that a report's footer names: those that its figures come from, not those that run it."""

SPEICHER_MB, AUSGABE_MB = 4096.0, 100.0
"""What a job may use where nobody says otherwise."""


@dataclass(frozen=True)
class Target:
    """Where results go, where intermediate files lie (the caller removes them), what is printed of the origin.

    `pakete` are versions by package, `eingaben` SHA-256 by input, `staende` that of what the store holds by Kreis,
    `befragungen` and `kataloge` that of the survey and of the goal catalogue by key of the job; they stand in the
    footer of each report that they belong to. `speicher_mb` and `ausgabe_mb` are what a job may use: memory of its
    kernel; what its notebook shows in all, and the longest file that it writes. `festhalten` says whether it is
    recorded what the reports may show (`kreissperrung.record`): not of a try.
    """

    output: Path
    figures: Path
    scratch: Path
    pakete: dict[str, str] = field(default_factory=dict)
    eingaben: dict[str, str] = field(default_factory=dict)
    befragungen: dict[str, str] = field(default_factory=dict)
    staende: dict[str, str] = field(default_factory=dict)
    kataloge: dict[str, str] = field(default_factory=dict)
    speicher_mb: float = SPEICHER_MB
    ausgabe_mb: float = AUSGABE_MB
    festhalten: bool = False


def export(nb: nbformat.NotebookNode, job: Job, target: Target) -> tuple[dict[Path, bytes | str], float]:
    """Everything that a report consists of, ready to be written, and how easy its summary is to read.

    Returns
    -------
    tuple
        Content by path, the page last: pictures, workbook (if there is a table), executed notebook, page; and the
        readability of the summary.

    Raises
    ------
    InputError
        The notebook shows something that must not reach a reader, or a table is too large for a workbook.
    """
    from analysis.report.document import attached_name, attachments, pictures
    from analysis.report.picture_files import picture_file
    from analysis.report.xlsx import arbeitsmappe, tabellen

    design = gestaltung(job.ags)
    html, resources = exporter().from_notebook_node(
        nb,
        {
            "metadata": {"name": job.name},
            "herkunft": _origin(job, target, design),
            "gestaltung": design,
        },
    )
    bericht, name = resources["bericht"], job.name
    folder, files = target.output / kreis(job.ags).slug, {}
    for number, block in enumerate(pictures(bericht), start=1):
        content = block["inhalt"]
        path = target.figures / job.ags / f"{name}_{number:02d}_{content['name']}.png"
        files[path] = picture_file(
            base64.b64decode(block["png"]),
            *(content[part] for part in ("titel", "einheit", "quelle", "alternativtext")),
        )
    if tabellen(bericht):
        files[folder / f"{name}.xlsx"] = arbeitsmappe(bericht)
    for file in attachments(bericht):
        files[folder / attached_name(name, file["name"], file["endung"])] = base64.b64decode(file["datei"])
    files[folder / f"{name}.ipynb"] = nbformat.writes(nb)
    files[folder / f"{name}.html"] = html
    return files, round(bericht["lesbarkeit"], 1)


def _origin(job: Job, target: Target, design: Gestaltung | None) -> list[tuple[str, str | dict[str, str]]]:
    store = {"store": target.staende[job.ags]} if job.ags in target.staende else {}
    eingaben = {**store, **target.eingaben, job.notebook.name: sha256(job.notebook.path)}
    if design:
        eingaben["gestaltung"] = design.sha256
    if job.key in target.befragungen:
        eingaben["befragung"] = target.befragungen[job.key]
    if job.key in target.kataloge:
        eingaben["zielkatalog"] = target.kataloge[job.key]
    given = {k: v for k, v in job.parameters.items() if k not in ("kreis", "raum")}
    further = f" --raum {job.raum}" if job.raum else ""
    further += "".join(f" --parameter {shlex.quote(f'{k}={v}')}" for k, v in given.items())
    command = f"kreisblick run --kreis {job.ags} --notebook {job.notebook.name}{further}"
    return [
        ("pakete", ", ".join(f"{name} {version}" for name, version in target.pakete.items() if name in RECHNEN)),
        ("eingaben", eingaben),
        ("befehl", command),
    ]


@cache
def exporter():
    """The exporter of all reports, made once."""
    from analysis.report.exporter import BerichtExporter

    return BerichtExporter()
