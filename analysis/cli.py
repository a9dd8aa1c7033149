"""The command line. Heavy imports wait until a command needs them, so that --help is there at once."""

import argparse
import os
import re
import sys
from pathlib import Path

from analysis import __version__, workspace
from analysis.errors import InputError

_IMPORT_HELP = (
    "delivered files, or folders with them; the format is recognised from the content, or named first as SOURCE "
    "(docs/quellen.md lists the formats)"
)

OK, FAILED, BAD_INPUT, STOPPED = 0, 1, 2, 130


def main(argv: list[str] | None = None) -> int:
    """Run `kreisblick`; return 0 (all done), 1 (a report is missing), 2 (bad input) or 130 (stopped)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a console that knows no umlauts is no error
    parser = _parser()
    arguments, further = parser.parse_known_args(argv)
    if further and arguments.command is not _lab:
        parser.error(f"unrecognized arguments: {' '.join(further)}")
    arguments.further = further
    if arguments.store:
        os.environ[workspace.STORE_VARIABLE] = str(Path(arguments.store).absolute())
    try:
        return arguments.command(arguments)
    except InputError as error:
        _complain(error)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("kreisblick: stopped; the reports that were finished stay", file=sys.stderr)
        return STOPPED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK


def _complain(error: InputError) -> None:
    sentence = " ".join(str(error).split())
    print(f"kreisblick: {sentence[:1000]}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kreisblick", description="Reports for integrated social planning in German Landkreise."
    )
    parser.add_argument("--version", action="version", version=f"kreisblick {__version__}")
    parser.add_argument(
        "--store", metavar="FILE", type=_not_empty, help="indicator database (default: data/local/kreisblick.duckdb)"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="make the reports and the index page")
    run.add_argument("--kreis", metavar="AGS", nargs="+", action="extend", help="only these Kreise (5-digit keys)")
    run.add_argument(
        "--notebook", metavar="NAME", nargs="+", action="extend", help="only these notebooks (01_steckbrief, or 01)"
    )
    run.add_argument("--output", metavar="DIR", type=Path, help="where the reports go (default: output/)")
    run.add_argument("--jobs", metavar="N", type=_positive(int), help="reports at a time (default: all cores)")
    run.add_argument(
        "--timeout", metavar="S", type=_positive(float), default=600.0, help="seconds per report (default: 600)"
    )
    run.add_argument(
        "--parameter",
        metavar="NAME=VALUE",
        nargs="+",
        action="extend",
        default=[],
        type=_assignment,
        help="notebook parameters",
    )
    run.set_defaults(command=_run)

    load = commands.add_parser("import", help="bring delivered files into the store")
    load.add_argument("files", metavar="[SOURCE] FILE", nargs="+", help=_IMPORT_HELP)
    load.set_defaults(command=_import)

    fetch = commands.add_parser("fetch", help="fetch a table from a portal of the statistical offices and import it")
    fetch.add_argument("service", choices=["genesis"])
    fetch.add_argument("table", metavar="TABLE", help="code of the table: 12411-01-01-4")
    fetch.add_argument("--portal", choices=["genesis", "regionalstatistik", "zensus"], default="genesis")
    for option, metavar, text in (
        ("startyear", "YEAR", "first year"),
        ("endyear", "YEAR", "last year"),
        ("regionalvariable", "CODE", "level of the areas: KREISE, GEMEIN"),
        ("regionalkey", "KEYS", "areas: 16077, or 16* for all of Thüringen"),
    ):
        fetch.add_argument(f"--{option}", metavar=metavar, default="", help=text)
    fetch.add_argument("--to", metavar="DIR", type=Path, help="where the file is kept (default: data/local/genesis)")
    fetch.set_defaults(command=_fetch)

    check = commands.add_parser("check", help="what is in the store, what is missing, what is not plausible")
    check.add_argument("--kreis", metavar="AGS", nargs="+", action="extend", help="only these Kreise (5-digit keys)")
    check.set_defaults(command=_check)

    diff = commands.add_parser("diff", help="which stored value changed, from what to what, through which file")
    diff.add_argument(
        "--since", metavar="DATE", required=True, help="changes from that day on: 2025-01-31 or 31.01.2025"
    )
    diff.add_argument("--ags", metavar="KEY", help="only keys that begin so")
    diff.set_defaults(command=_diff)

    describe = commands.add_parser("describe", help="draft a description of a delivered table (YAML) to complete")
    describe.add_argument("file", metavar="FILE", type=Path)
    describe.set_defaults(command=_describe)

    show = commands.add_parser("list", help="show what is in the store")
    show.add_argument("what", nargs="?", choices=["kreise", "groessen", "indikatoren", "importe"], default="groessen")
    show.set_defaults(command=_list)

    example = commands.add_parser("example", help="write the invented Musterkreis in the real delivery formats")
    example.add_argument("folder", metavar="DIR", type=_not_empty, help="a new or an empty folder")
    example.add_argument("--seed", metavar="N", type=_positive(int), help="other figures of the same structure")
    example.add_argument("--klein", action="store_true", help="a small version: fewer years, a survey of 200 answers")
    example.set_defaults(command=_example)

    lab = commands.add_parser("lab", help="open JupyterLab on the workspace; further options go to JupyterLab")
    lab.set_defaults(command=_lab)
    return parser


def _positive(kind: type):
    def positive(text: str):
        try:
            number = kind(text)
        except ValueError:
            number = 0
        if not 0 < number < float("inf"):
            raise argparse.ArgumentTypeError(f"{text!r} is not a positive number")
        return number

    return positive


def _not_empty(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("the name is empty")
    return text


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form NAME=VALUE")
    return name, value


def _run(arguments) -> int:
    import contextlib
    import signal
    import tempfile

    from analysis.batch import manifest, plan
    from analysis.batch.job import ERSTELLT, Target
    from analysis.batch.run import run
    from analysis.regions import kreis
    from analysis.report.index import write_index
    from analysis.store import Store

    # What was asked for is checked before anything is changed.
    notebooks = plan.find_notebooks(workspace.notebooks(), arguments.notebook)
    parameters = dict(arguments.parameter)
    for notebook in notebooks:
        plan.convert(notebook, parameters)
    for ags in arguments.kreis or ():
        kreis(ags)
    output = (arguments.output or workspace.output()).absolute()
    figures = output / "figures" if arguments.output else output.parent / "figures"
    _check_output(output)

    if not os.environ.get(workspace.STORE_VARIABLE):
        _import_shipped()
        os.environ[workspace.STORE_VARIABLE] = str(workspace.store())
    with Store() as store:
        observations, fingerprint = store.observations(), store.fingerprint()
    todo = plan.make_plan(observations, notebooks, arguments.kreis, parameters)
    if not todo.jobs and not todo.blocked:
        raise InputError("nothing to run: the store holds no Kreis; see `kreisblick import --help`")
    eingaben = manifest.inputs(fingerprint, notebooks)
    herkunft = [("Daten und Definitionen (SHA-256)", manifest.digest(manifest.inputs(fingerprint, [])))]

    _build_font_cache()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # both ways of stopping leave things in order
    results = []
    with tempfile.TemporaryDirectory(prefix="kreisblick-", ignore_cleanup_errors=True) as scratch:
        target = Target(output, figures, Path(scratch), herkunft)
        try:
            with contextlib.closing(run(todo.jobs, target, arguments.jobs, arguments.timeout)) as running:
                for result in running:
                    results.append(result)
        finally:
            written = manifest.update(output / "manifest.json", results, todo.blocked, eingaben)
            write_index(output / "index.html", written)

    failed = [r for r in results if r.ergebnis != ERSTELLT]
    for block in todo.blocked:
        print(f"not possible: {block.ags} {block.notebook.name}: {block.grund}", file=sys.stderr)
    if failed:
        print(f"{len(failed)} of {len(results)} reports failed; manifest.json says why", file=sys.stderr)
    print(output / "index.html")
    return FAILED if failed or todo.blocked else OK


def _check_output(output: Path) -> None:
    """Refuse a folder that cannot be written or that belongs to something else, before any work."""
    from analysis.batch import manifest
    from analysis.files import write_atomic

    try:
        write_atomic(output / ".probe", b"")
        (output / ".probe").unlink()
    except OSError as error:
        raise InputError(f"{output}: reports cannot be written there ({error.strerror})") from None
    manifest.read(output / "manifest.json")


def _import_shipped() -> None:
    """Bring the workspace's own store up to date with the figures that the workspace ships."""
    from analysis.sources.folder import find
    from analysis.store import Store

    shipped = [p for p in sorted(workspace.data().iterdir()) if p != workspace.local() and p.suffix != ".md"]
    with Store(read_only=False) as store:
        for path, reader in find(shipped).lieferungen:
            if not store.knows(path):
                _say_import(store.import_file(path, source=reader))


def _build_font_cache() -> None:
    """Let matplotlib look for fonts once, here, and not in every first kernel with a message in the report."""
    import matplotlib.font_manager  # noqa: F401


def _import(arguments) -> int:
    from analysis.sources import READERS
    from analysis.sources.folder import find
    from analysis.store import Store

    names = arguments.files
    source = names[0] if names[0] in READERS and len(names) > 1 else None
    found = find([Path(name) for name in (names[1:] if source else names)], source)
    size = sum(path.stat().st_size for path, _ in found.lieferungen)
    status = FAILED if found.unbekannt else OK
    with Store(read_only=False) as store, _bar(size) as bar:
        for path, reader in found.lieferungen:
            bar.set_description(path.name[:40], refresh=False)
            try:
                _say_import(store.import_file(path, source=reader, progress=bar.update))
            except InputError as error:
                bar.clear()
                _complain(error)
                status = BAD_INPUT
    for path in found.unbekannt:
        print(f"{path}: not imported, no known format", file=sys.stderr)
    return status


def _bar(size: int):
    """Progress in bytes on a terminal; nothing where the output goes to a file."""
    from tqdm import tqdm

    return tqdm(total=size, unit="B", unit_scale=True, delay=1, disable=not sys.stderr.isatty())


def _fetch(arguments) -> int:
    """Fetch a table, keep the file as it came, and import it; a file that is refused stays where it is."""
    import datetime as dt

    from analysis.files import write_atomic
    from analysis.sources import genesis_api
    from analysis.sources.genesis_zugang import zugang
    from analysis.store import Store

    folder = (arguments.to or workspace.local() / "genesis").absolute()
    try:  # before a table is waited for
        write_atomic(folder / ".probe", b"")
        (folder / ".probe").unlink()
    except OSError as error:
        raise InputError(f"{folder}: files cannot be written there ({error.strerror})") from None
    fields = {f: getattr(arguments, f) for f in ("startyear", "endyear", "regionalvariable", "regionalkey")}
    content = genesis_api.fetch(
        zugang(arguments.portal), arguments.table, fields, lambda line: print(line, file=sys.stderr, flush=True)
    )
    ending = "zip" if content.startswith(b"PK") else "csv"
    path = folder / f"{arguments.table}_{dt.datetime.now(dt.UTC):%Y%m%d-%H%M%S}.{ending}"
    write_atomic(path, content)
    print(path)
    with Store(read_only=False) as store:
        _say_import(store.import_file(path, source="genesis"))
    return OK


def _say_import(done) -> None:
    from tqdm import tqdm

    if done.schon_importiert:
        tqdm.write(f"{done.datei}: imported before ({done.schon_importiert:%Y-%m-%d %H:%M} UTC), nothing to do")
    else:
        gone = f", {done.entfallen} gone" if done.entfallen else ""
        tqdm.write(
            f"{done.datei}: {done.zeilen} rows - {done.neu} new, {done.geaendert} changed, "
            f"{done.unveraendert} unchanged{gone}"
        )
    for reason, rows in done.ausgelassen.items():
        tqdm.write(f"  left out ({reason}): {rows}")
    for sentence in done.hinweise:
        tqdm.write(f"  not checked: {sentence}")


def _check(arguments) -> int:
    from analysis import plausibility
    from analysis.catalogue import katalog
    from analysis.regions import kreis
    from analysis.store import Store

    for ags in arguments.kreis or ():
        kreis(ags)
    with Store() as store:
        observations = store.observations()
        bestaende = {name: store.bestand(name) for name in plausibility.BESTAENDE}
    if arguments.kreis:
        observations = observations[observations.ags.str[:5].isin(arguments.kreis)]
        bestaende = {
            name: table[table[plausibility.BESTAENDE[name]].str[:5].isin(arguments.kreis)]
            for name, table in bestaende.items()
        }
    if observations.empty:
        print("the store holds no figures" + (f" for {', '.join(arguments.kreis)}" if arguments.kreis else ""))
        return FAILED
    _print(plausibility.overview(observations, katalog()))
    findings = plausibility.findings(observations, bestaende, katalog())
    print()
    if findings.empty:
        print("nothing is missing and nothing contradicts a rule")
        return OK
    for art, rows in findings.groupby("art", sort=False):
        print(f"{art}: {len(rows)}")
        for satz in rows.satz[:_MOST_FINDINGS]:
            print(f"  {satz}")
        if len(rows) > _MOST_FINDINGS:
            print(f"  and {len(rows) - _MOST_FINDINGS} more; see --kreis")
    return FAILED


_MOST_FINDINGS = 25


def _diff(arguments) -> int:
    from analysis.dates import parse_stichtag
    from analysis.store import Store

    since = parse_stichtag(arguments.since)
    with Store() as store:
        changes = store.changes(since)
    if arguments.ags:
        changes = changes[changes.was.str.contains(rf"(?:^| ){re.escape(arguments.ags)}")]
    if changes.empty:
        print(f"no stored value changed since {since:%Y-%m-%d}")
        return OK
    for row in changes.itertuples(index=False):
        print(f"{row.was}: {row.vorher} -> {row.nachher or 'gone'} ({row.datei}, before {row.vorher_datei})")
    return OK


def _describe(arguments) -> int:
    from analysis.sources.tabellenentwurf import draft

    print(draft(arguments.file), end="")
    return OK


def _list(arguments) -> int:
    from analysis.store import Store

    with Store() as store:
        table = _LISTS[arguments.what](store)
    if table.empty:
        print("the store is empty", file=sys.stderr)
        return OK
    _print(table)
    return OK


def _print(table) -> None:
    for column in table.select_dtypes("str"):
        table[column] = table[column].str.ljust(table[column].str.len().max())
    print(table.to_string(index=False, justify="left"))


def _list_groessen(store):
    from analysis.catalogue import katalog

    observations = store.observations()
    table = observations.groupby("groesse").agg(
        kreise=("ags", "nunique"), werte=("wert", "count"), von=("stichtag", "min"), bis=("stichtag", "max")
    )
    table.insert(0, "label", [katalog().groesse(id).label for id in table.index])
    return table.reset_index()


def _list_kreise(store):
    from analysis import regions

    observations = store.observations()
    places = {ags: regions.level(ags) for ags in observations.ags.unique()}
    below = ("kreis", "gemeinde", "ortsteil", "planungsraum")
    kreis = observations.ags.map({ags: ags[:5] if kind in below else ags for ags, kind in places.items()})
    table = (
        observations.assign(kreis=kreis)
        .groupby("kreis", as_index=False)
        .agg(gebiete=("ags", "nunique"), werte=("wert", "count"), von=("stichtag", "min"), bis=("stichtag", "max"))
    )
    table.insert(1, "name", table.kreis.map(regions.name))
    return table


def _list_indikatoren(store):
    import pandas as pd

    from analysis.catalogue import katalog

    there = set(store.observations().groesse)
    return pd.DataFrame(
        [
            {
                "id": i.id,
                "label": i.label,
                "lebenslage": i.lebenslage,
                "daten": "ja" if set(i.groessen) <= there else "nein",
            }
            for i in katalog().indikatoren.values()
        ]
    )


def _list_importe(store):
    return store.imports().drop(columns="sha256")


_LISTS = {
    "groessen": _list_groessen,
    "kreise": _list_kreise,
    "indikatoren": _list_indikatoren,
    "importe": _list_importe,
}


def _example(arguments) -> int:
    from tqdm import tqdm

    from analysis.example.schreiben import SEED, write_example

    folder = Path(arguments.folder)
    files = write_example(folder, arguments.seed or SEED, arguments.klein)
    written = sum(1 for _ in tqdm(files, desc="Musterkreis", unit=" files", file=sys.stderr, disable=None))
    print(f"{folder}: {written} files of an invented Kreis; LIESMICH.md says what they are")
    return OK


def _lab(arguments) -> int:
    """JupyterLab with the workspace's kernel (autoreload on) and without asking the network for news."""
    settings = Path(__file__).with_name("lab")
    for variable, path in (("JUPYTER_PATH", settings / "share"), ("JUPYTER_CONFIG_PATH", settings / "config")):
        os.environ[variable] = os.pathsep.join([str(path), *filter(None, [os.environ.get(variable)])])
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={workspace.root()}", *arguments.further]
    if os.name != "nt":
        os.execv(command[0], command)  # JupyterLab takes this process's place and receives its signals
    import subprocess

    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
