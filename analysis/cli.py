"""The command line. Heavy imports wait until a command needs them, so that --help is there at once."""

import argparse
import os
import sys
from pathlib import Path

from analysis import __version__, workspace
from analysis.errors import InputError

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
        sentence = " ".join(str(error).split())
        print(f"kreisblick: {sentence[:1000]}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("kreisblick: stopped; the reports that were finished stay", file=sys.stderr)
        return STOPPED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK


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
    load.add_argument("files", metavar="FILE", nargs="+", type=Path)
    load.set_defaults(command=_import)

    show = commands.add_parser("list", help="show what is in the store")
    show.add_argument("what", nargs="?", choices=["kreise", "groessen", "indikatoren", "importe"], default="groessen")
    show.set_defaults(command=_list)

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
    from analysis.store import Store

    files = sorted(p for p in workspace.data().iterdir() if p.suffix in (".csv", ".yaml"))
    with Store(read_only=False) as store:
        for file in files:
            if not store.knows(file):
                _say_import(store.import_file(file))


def _build_font_cache() -> None:
    """Let matplotlib look for fonts once, here, and not in every first kernel with a message in the report."""
    import matplotlib.font_manager  # noqa: F401


def _import(arguments) -> int:
    from analysis.store import Store

    missing = [file for file in arguments.files if not file.exists()]
    if missing:
        raise InputError(f"{missing[0]}: there is no such file")
    with Store(read_only=False) as store:
        for file in arguments.files:
            _say_import(store.import_file(file))
    return OK


def _say_import(done) -> None:
    if done.schon_importiert:
        print(f"{done.datei}: imported before ({done.schon_importiert:%Y-%m-%d %H:%M} UTC), nothing to do")
    else:
        print(
            f"{done.datei}: {done.zeilen} rows - {done.neu} new, {done.geaendert} changed, "
            f"{done.unveraendert} unchanged"
        )
    for reason, rows in done.ausgelassen.items():
        print(f"  left out ({reason}): {rows}")


def _list(arguments) -> int:
    from analysis.store import Store

    with Store() as store:
        table = _LISTS[arguments.what](store)
    if table.empty:
        print("the store is empty", file=sys.stderr)
        return OK
    for column in table.select_dtypes("str"):
        table[column] = table[column].str.ljust(table[column].str.len().max())
    print(table.to_string(index=False, justify="left"))
    return OK


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
    table = observations.groupby("ags", as_index=False).agg(
        werte=("wert", "count"), von=("stichtag", "min"), bis=("stichtag", "max")
    )
    table.insert(1, "name", table.ags.map(regions.name))
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
