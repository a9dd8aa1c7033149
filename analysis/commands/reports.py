"""Commands that make, print or open reports: run, pdf, lab."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from analysis import workspace
from analysis.batch import manifest, plan, raeume
from analysis.batch.export import Target
from analysis.batch.job import ERSTELLT
from analysis.batch.run import run as run_jobs
from analysis.commands import FAILED, OK
from analysis.commands.deliveries import import_shipped
from analysis.errors import InputError
from analysis.files import check_writable
from analysis.lesbarkeit import LEICHT
from analysis.regions import kreis, level
from analysis.report.gestaltung import gestaltungen
from analysis.report.index import write_index
from analysis.sources import befragung_beschreibung as befragungen
from analysis.store import Store


def run(arguments) -> int:
    """Make the reports and the index page."""
    # What was asked for is checked before anything is changed.
    notebooks = plan.find_notebooks(workspace.notebooks(), arguments.notebook)
    parameters = dict(arguments.parameter)
    for notebook in notebooks:
        plan.convert(notebook, parameters)
    for ags in arguments.kreis or ():
        kreis(ags)
    designs = gestaltungen(arguments.kreis)
    output = (arguments.output or workspace.output()).absolute()
    figures = output / "figures" if arguments.output else output.parent / "figures"
    _check_output(output)

    if not os.environ.get(workspace.STORE_VARIABLE):
        import_shipped()
        os.environ[workspace.STORE_VARIABLE] = str(workspace.store())
    with Store() as store:
        observations, fingerprint = store.observations(), store.fingerprint()
        areas = raeume.chosen(store, arguments.raum, _kreise(arguments, observations)) if arguments.raum else None
    befragte = befragungen.descriptions() if any(n.befragung for n in notebooks) else {}
    asked_for = arguments.notebook is not None
    todo = plan.make_plan(
        observations, notebooks, arguments.kreis, parameters, befragte, _mit_gemeinden(observations), asked_for, areas
    )
    if areas and not todo.jobs:
        raise InputError("--raum: none of these notebooks has a parameter raum")
    if not todo.jobs and not todo.blocked:
        raise InputError("nothing to run: the store holds no Kreis; see `kreisblick import --help`")
    _check_survey(todo.jobs, befragte)
    surveys = _surveys(todo.jobs, befragte)
    eingaben = manifest.inputs(fingerprint, notebooks, designs, surveys)

    _build_font_cache()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # both ways of stopping leave things in order
    results = []
    with tempfile.TemporaryDirectory(prefix="kreisblick-", ignore_cleanup_errors=True) as scratch:
        target = Target(output, figures, Path(scratch), manifest.versions(), manifest.inputs(fingerprint, []), surveys)
        try:
            with contextlib.closing(run_jobs(todo.jobs, target, arguments.jobs, arguments.timeout)) as running:
                for result in running:
                    results.append(result)
        finally:
            names = [] if areas else [n.name for n in notebooks] if arguments.notebook else None
            written = manifest.update(output / "manifest.json", results, todo.blocked, eingaben, arguments.kreis, names)
            write_index(output / "index.html", written)

    for result in results:
        if result.lesbarkeit is not None and result.lesbarkeit < LEICHT:
            print(
                f"hard to read: {result.ags} {result.notebook}: the summary has {result.lesbarkeit:.0f} points, "
                f"{LEICHT} and more are easy (Flesch, Amstad)",
                file=sys.stderr,
            )
    failed = [r for r in results if r.ergebnis != ERSTELLT]
    for block in todo.blocked:
        print(f"not possible: {block.ags} {block.notebook.name}: {block.grund}", file=sys.stderr)
    lacking = {n.name: "survey" if n.befragung else "figures of Gemeinden" for n in notebooks}
    for name, count in Counter(job.notebook.name for job in todo.ausgelassen).items():
        print(f"no {lacking[name]}: {name} is left out for {count} Kreise", file=sys.stderr)
    if failed:
        print(f"{len(failed)} of {len(results)} reports failed; manifest.json says why", file=sys.stderr)
    print(output / "index.html")
    return FAILED if failed or todo.blocked else OK


def _kreise(arguments, observations) -> list[str]:
    """Kreise of this run: those that were named, else all in the store."""
    return arguments.kreis or sorted({ags for ags in observations.ags.unique() if level(ags) == "kreis"})


def _mit_gemeinden(observations) -> set[str]:
    """Kreise of which the store holds figures of Gemeinden."""
    known = observations[observations.wert.notna()].ags.unique()
    return {ags[:5] for ags in known if level(ags) == "gemeinde"}


def pdf(arguments) -> int:
    """Print reports to PDF files beside them and link them on the index page."""
    from analysis.batch import pdfs
    from analysis.report import chromium
    from analysis.report.pdf import read_page

    if arguments.files and (arguments.kreis or arguments.notebook or arguments.output):
        raise InputError("pdf takes either files or --kreis, --notebook and --output, not both")
    if arguments.files:
        pages = list(dict.fromkeys(Path(os.path.abspath(file)) for file in arguments.files))
    else:
        output = (arguments.output or workspace.output()).absolute()
        pages = pdfs.find_pages(output, arguments.kreis, arguments.notebook)
    for page in pages:
        read_page(page)
    browser = chromium.find()

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    results = []
    try:
        with contextlib.closing(pdfs.print_pages(browser, pages, arguments.jobs, arguments.timeout)) as running:
            for result in running:
                results.append(result)
    finally:
        for file in pdfs.record(results):
            write_index(file.with_name("index.html"), manifest.read(file))
    failed = [r for r in results if not r.sha256]
    if failed:
        print(f"{len(failed)} of {len(results)} pages could not be printed", file=sys.stderr)
    for result in sorted(results, key=lambda r: r.page):
        if result.sha256:
            print(result.page.with_suffix(".pdf"))
    return FAILED if failed else OK


def _check_output(output: Path) -> None:
    """Refuse a folder that cannot be written or that belongs to something else, before any work."""
    check_writable(output, "reports")
    manifest.read(output / "manifest.json")


def _surveys(jobs: list[plan.Job], befragte: dict[str, list[Path]]) -> dict[str, str]:
    """SHA-256 of the survey that each job reads, by key of the job; none where there is no survey of that name."""
    read = {job.key: befragungen.chosen(befragte[job.ags], job.befragung) for job in jobs if job.notebook.befragung}
    digests = {path: befragungen.fingerprint(path) for path in {*read.values()} - {None}}
    return {key: digests[path] for key, path in read.items() if path}


def _check_survey(jobs: list[plan.Job], befragte: dict[str, list[Path]]) -> None:
    """Refuse the name of a survey that no Kreis of the run has."""
    readers = [job for job in jobs if job.notebook.befragung]
    if readers and not any(befragungen.chosen(befragte[job.ags], job.befragung) for job in readers):
        there = sorted({befragungen.short_name(path) for job in readers for path in befragte[job.ags]})
        raise InputError(f"parameter befragung is {readers[0].befragung!r}; expected one of {', '.join(there)}")


def _build_font_cache() -> None:
    """Let matplotlib look for fonts once, here, and not in every first kernel with a message in the report."""
    import matplotlib.font_manager  # noqa: F401


def lab(arguments) -> int:
    """JupyterLab with the workspace's kernel (autoreload on) and without asking the network for news."""
    settings = Path(__file__).parents[1] / "lab"
    for variable, path in (("JUPYTER_PATH", settings / "share"), ("JUPYTER_CONFIG_PATH", settings / "config")):
        os.environ[variable] = os.pathsep.join([str(path), *filter(None, [os.environ.get(variable)])])
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={workspace.root()}", *arguments.further]
    if os.name != "nt":
        os.execv(command[0], command)  # JupyterLab takes this process's place and receives its signals
    return subprocess.run(command, check=False).returncode
