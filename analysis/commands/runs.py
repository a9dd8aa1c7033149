"""Planning and making reports, when something has changed or nobody knows."""

import contextlib
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from analysis import regelwerk, workspace
from analysis.batch import abschluss, frische, manifest, plan, protokoll, raeume, unveraendert
from analysis.batch.export import Target
from analysis.batch.job import ERSTELLT, Result
from analysis.batch.run import run as run_here
from analysis.batch.warm import SOCKET
from analysis.befragungsausgaben import other_counts, other_versions
from analysis.commands import FAILED, OK
from analysis.commands.deliveries import import_shipped
from analysis.errors import InputError
from analysis.files import sha256
from analysis.lesbarkeit import LEICHT
from analysis.regions import kreis, level
from analysis.report.gestaltung import gestaltungen
from analysis.sources import befragung_beschreibung as befragungen
from analysis.store import Store
from analysis.ziele import lesen as zielkataloge
from analysis.ziele.stichtag import hindernis


@dataclass(frozen=True)
class Vorhaben:
    """What a run is asked for: the plan, what its reports are made from, and why each of them is not fresh.

    `bestand` is the state of the store's files before they were read, `berichte` are the entries of the manifest,
    `hinweise` says of which surveys there are reports that count otherwise.
    """

    plan: plan.Plan
    notebooks: list[plan.Notebook]
    areas: bool
    target: Target
    eingaben: dict[str, str]
    gemacht_aus: dict[str, dict[str, str]]
    gruende: dict[str, str]
    bestand: str
    berichte: list[dict]
    hinweise: list[str]

    @property
    def jobs(self) -> list[plan.Job]:
        """Jobs that are not fresh; first those of the Kreise with most, so that short ones fill the end of a run."""
        stale = [job for job in self.plan.jobs if job.key in self.gruende]
        count = Counter(job.ags for job in stale)
        return sorted(stale, key=lambda job: -count[job.ags])


def _intended(arguments) -> Vorhaben:
    # What was asked for is checked before anything is changed.
    notebooks = plan.find_notebooks(workspace.notebooks(), arguments.notebook)
    parameters = dict(arguments.parameter)
    for notebook in notebooks:
        plan.convert(notebook, parameters)
    for ags in arguments.kreis or ():
        kreis(ags)
    designs = gestaltungen(arguments.kreis)
    regelwerk.load()  # wrong rules are refused here, not by each report
    output = (arguments.output or workspace.output()).absolute()
    berichte = manifest.read(output / "manifest.json")["berichte"]  # a folder of something else is refused here

    if not os.environ.get(workspace.STORE_VARIABLE):
        import_shipped()
        os.environ[workspace.STORE_VARIABLE] = str(workspace.store())
    befragte = befragungen.descriptions() if any(n.befragung for n in notebooks) else {}
    kataloge = zielkataloge.dateien() if any(n.ziele for n in notebooks) else {}
    bestand = unveraendert.state(unveraendert.store_files())
    with Store() as store:
        observations = store.observations()
        areas = raeume.chosen(store, arguments.raum, _kreise(arguments, observations)) if arguments.raum else None
        todo = plan.make_plan(
            *(observations, notebooks, arguments.kreis, parameters, befragte, _mit_gemeinden(observations)),
            *(arguments.notebook is not None, areas, kataloge),
            _hindernisse(kataloge, parameters, set(observations.ags)),
        )
        bestaende = store.kreisbestaende(list(dict.fromkeys(job.ags for job in todo.jobs)))
    if areas and not todo.jobs:
        raise InputError("--raum: none of these notebooks has a parameter raum")
    if not todo.jobs and not todo.blocked:
        raise InputError("nothing to run: the store holds no Kreis; see `kreisblick import --help`")
    _check_survey(todo.jobs, befragte)
    notes = _other_reports(todo.jobs, befragte)  # a damaged record is refused before a report is made
    staende, surveys = {ags: b.stand for ags, b in bestaende.items()}, _surveys(todo.jobs, befragte)
    goals = {job.key: sha256(kataloge[job.ags]) for job in todo.jobs if job.notebook.ziele}
    figures = output / "figures" if arguments.output else output.parent / "figures"
    files = manifest.inputs({}, [])
    target = Target(output, figures, Path(), manifest.versions(), files, surveys, staende, goals)
    parts = frische.made_from(todo.jobs, bestaende, target, designs)
    if arguments.force:
        reasons = {job.key: "asked for" for job in todo.jobs}
    else:
        reasons = frische.reasons(todo.jobs, berichte, parts, output)
    eingaben = manifest.inputs(staende, notebooks, designs, surveys, goals)
    return Vorhaben(todo, notebooks, areas is not None, target, eingaben, parts, reasons, bestand, berichte, notes)


def show_plan(arguments) -> int:
    """Print what a run would do: what runs and why, what is fresh, what cannot run and why, what is left out."""
    intended = _intended(arguments)
    for job in intended.plan.jobs:
        reason = intended.gruende.get(job.key)
        print(f"runs: {_name(job)} ({reason})" if reason else f"fresh: {_name(job)}")
    for line in _not_made(intended):
        print(line)
    fresh = len(intended.plan.jobs) - len(intended.jobs)
    print(f"{len(intended.jobs)} to run, {fresh} fresh, {len(intended.plan.blocked)} not possible")
    return FAILED if intended.plan.blocked else OK


def make(arguments, touched: dict[str, str], folder: Path) -> int:
    """Make the reports that are not fresh, and the index page.

    Parameters
    ----------
    touched
        What `unveraendert.seen` gave before anything was read.
    folder
        Where intermediate files lie.
    """
    intended = _intended(arguments)
    output, jobs, blocked = intended.target.output, intended.jobs, intended.plan.blocked
    if fresh := len(intended.plan.jobs) - len(jobs):
        print(_fresh(fresh, intended), file=sys.stderr)
    unfinished = not (output / "index.html").exists() or (output / manifest.JOURNAL).exists()
    results = _made(arguments, intended, folder) if jobs or blocked or unfinished else []
    for result in results:
        if result.lesbarkeit is not None and result.lesbarkeit < LEICHT:
            print(
                f"hard to read: {result.ags} {result.notebook}: the summary has {result.lesbarkeit:.0f} points, "
                f"{LEICHT} and more are easy (Flesch, Amstad)",
                file=sys.stderr,
            )
    failed = [r for r in results if r.ergebnis != ERSTELLT]
    for line in _not_made(intended):
        print(line, file=sys.stderr)
    if results:
        print(*abschluss.table(intended.plan, results), *abschluss.failures(results), sep="\n", file=sys.stderr)
    print(output / "index.html")
    status = FAILED if failed or blocked else OK
    if not failed:
        _remember(
            intended,
            {**touched, "bestand": intended.bestand, "ausgaben": unveraendert.earlier_reports()},
            bool(results),
            status,
        )
    return status


def _remember(intended: Vorhaben, touched: dict[str, str], made: bool, status: int) -> None:
    """Note that nothing is left to do, unless a file changed meanwhile."""
    output, path = intended.target.output, intended.target.output / "manifest.json"
    keys = {job.key for job in intended.plan.jobs}
    berichte = manifest.read(path)["berichte"] if made else intended.berichte
    written = [name for entry in berichte if manifest.key_of(entry) in keys for name in entry["dateien"]]
    names = [path.name, "index.html", manifest.JOURNAL, *(name for name in written if not name.endswith(".pdf"))]
    files = {"files": names, "state": unveraendert.state(output / name for name in names)}
    if not frische.reasons(intended.plan.jobs, berichte, intended.gemacht_aus, output):
        lines = [_fresh(len(keys), intended), *_not_made(intended)]
        unveraendert.remember(output, touched, files, lines, status)


def _fresh(count: int, intended: Vorhaben) -> str:
    return (
        f"fresh: {count} of {len(intended.plan.jobs)} reports, nothing that they are made from has changed "
        "(--force makes them again)"
    )


def _made(arguments, intended: Vorhaben, folder: Path) -> list[Result]:
    """Results of the jobs that are not fresh, recorded in the manifest and on the index page however the run ends."""
    from analysis.report.index import write_index

    if intended.jobs and not (folder / SOCKET).exists():
        _build_font_cache()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # both ways of stopping leave things in order
    target, results = intended.target, []
    path = target.output / "manifest.json"
    this_run = manifest.lauf(intended.eingaben)
    with _way_to_run(arguments, intended) as run_jobs:
        try:
            limits = {"speicher_mb": arguments.memory_limit, "ausgabe_mb": arguments.output_limit}
            own = target.output == workspace.output().absolute()
            where = replace(target, scratch=folder, festhalten=own, **limits)
            running = run_jobs(intended.jobs, where, arguments.jobs, arguments.timeout)
            with contextlib.closing(running):
                for result in running:
                    results.append(replace(result, protokoll=""))
                    protokoll.write(target.figures.with_name("logs"), result)
                    manifest.note(path, manifest.entry(result, this_run, intended.gemacht_aus))
        finally:
            names = [] if intended.areas else [n.name for n in intended.notebooks] if arguments.notebook else None
            written = manifest.update(
                *(path, results, intended.plan.blocked, intended.eingaben),
                *(arguments.kreis, names, intended.gemacht_aus),
            )
            write_index(target.output / "index.html", written)
    return results


@contextlib.contextmanager
def _way_to_run(arguments, intended: Vorhaben) -> Iterator[Callable]:
    """The function that runs jobs: on this machine, or on a cluster that was found to have what is here."""
    if not arguments.dask or not intended.jobs:
        yield run_here
        return
    from analysis.batch.dask_run import distribution

    with distribution(arguments.dask, intended.jobs, intended.target, arguments.shared) as run_there:
        yield run_there


def _name(job: plan.Job) -> str:
    return f"{job.raum or job.ags} {job.notebook.name}"


def _not_made(intended: Vorhaben) -> list[str]:
    """What cannot be made and why, what is left out, and of which surveys there are reports that count otherwise."""
    lacking = {
        n.name: "survey" if n.befragung else "goal catalogue" if n.ziele else "figures of Gemeinden"
        for n in intended.notebooks
    }
    left_out = Counter(job.notebook.name for job in intended.plan.ausgelassen)
    return [
        *(f"not possible: {block.ags} {block.notebook.name}: {block.grund}" for block in intended.plan.blocked),
        *(f"no {lacking[name]}: {name} is left out for {count} Kreise" for name, count in left_out.items()),
        *intended.hinweise,
    ]


def _hindernisse(kataloge: dict[str, Path], parameters: dict[str, str], mit_zahlen: set[str]) -> dict[str, str]:
    """Kreise of whose goals these parameters allow no report, and why; a file that is not correct fails by itself."""
    days, found = {name: parameters.get(name, "") for name in ("stichtag", "seit")}, {}
    for ags, path in kataloge.items():
        if any(days.values()) or ags not in mit_zahlen:
            with contextlib.suppress(InputError):
                found[ags] = hindernis(zielkataloge.lesen(path), **days, zahlen=ags in mit_zahlen)
    return {ags: reason for ags, reason in found.items() if reason}


def _kreise(arguments, observations) -> list[str]:
    """Kreise of this run: those that were named, else all in the store."""
    return arguments.kreis or sorted({ags for ags in observations.ags.unique() if level(ags) == "kreis"})


def _mit_gemeinden(observations) -> set[str]:
    """Kreise of which the store holds figures of Gemeinden."""
    known = observations[observations.wert.notna()].ags.unique()
    return {ags[:5] for ags in known if level(ags) == "gemeinde"}


def _surveys(jobs: list[plan.Job], befragte: dict[str, list[Path]]) -> dict[str, str]:
    """SHA-256 of the survey that each job reads, by key of the job; none where there is no survey of that name."""
    read = {job.key: befragungen.chosen(befragte[job.ags], job.befragung) for job in jobs if job.notebook.befragung}
    digests = {path: befragungen.fingerprint(path) for path in {*read.values()} - {None}}
    return {key: digests[path] for key, path in read.items() if path}


def _other_reports(jobs: list[plan.Job], befragte: dict[str, list[Path]]) -> list[str]:
    """Of which surveys of these jobs there are reports on other interviews, or with other borders."""
    readers = [job for job in jobs if job.notebook.befragung]
    read = [(befragungen.chosen(befragte[job.ags], job.befragung), job.werte) for job in readers]
    return [*other_versions({job.ags for job in readers}), *other_counts((path, each) for path, each in read if path)]


def _check_survey(jobs: list[plan.Job], befragte: dict[str, list[Path]]) -> None:
    """Refuse the name of a survey that no Kreis of the run has."""
    readers = [job for job in jobs if job.notebook.befragung]
    if readers and not any(befragungen.chosen(befragte[job.ags], job.befragung) for job in readers):
        there = sorted({befragungen.short_name(path) for job in readers for path in befragte[job.ags]})
        raise InputError(f"parameter befragung is {readers[0].befragung!r}; expected one of {', '.join(there)}")


def _build_font_cache() -> None:
    """Let matplotlib look for fonts once, here, where no warm process does; each first kernel would tell of it."""
    import matplotlib.font_manager  # noqa: F401
