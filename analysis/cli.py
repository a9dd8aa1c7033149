"""The command line. Heavy imports wait until a command needs them, so that --help is there at once."""

import argparse
import os
import re
import sys
from importlib import import_module
from pathlib import Path

from analysis import __version__, workspace
from analysis.commands import BAD_INPUT, OK, STOPPED
from analysis.errors import InputError, say

_IMPORT_HELP = (
    "delivered files, or folders with them; the format is recognised from the content, or named first as SOURCE "
    "(docs/quellen.md lists the formats)"
)

_STATUS = (
    "exit status: 0 every report is there, 1 a report is missing (output/manifest.json says why), 2 wrong input or a "
    "folder that cannot be written, 130 stopped; what was finished stays"
)

_LISTS = [
    *("kreise", "groessen", "indikatoren", "importe"),
    *("gemeinden", "ortsteile", "planungsraeume", "befragungen"),
]


def main(argv: list[str] | None = None) -> int:
    """Run `kreisblick`; return 0 (all done), 1 (a report is missing), 2 (bad input) or 130 (stopped)."""
    try:
        return _main(argv)
    except InputError as error:
        say(error)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("kreisblick: stopped; the reports that were finished stay", file=sys.stderr)
        return STOPPED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK


def _main(argv: list[str] | None) -> int:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a console that knows no umlauts is no error
    parser = _parser()
    arguments, further = parser.parse_known_args(argv)
    if further and arguments.command != "reports.lab":
        parser.error(f"unrecognized arguments: {' '.join(further)}")
    arguments.further = further
    if arguments.store:
        os.environ[workspace.STORE_VARIABLE] = str(Path(arguments.store).absolute())
    module, _, name = arguments.command.partition(".")
    return getattr(import_module(f"analysis.commands.{module}"), name)(arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kreisblick", description="Reports for integrated social planning in German Landkreise."
    )
    parser.add_argument("--version", action="version", version=f"kreisblick {__version__}")
    parser.add_argument(
        "--store", metavar="FILE", type=_not_empty, help="indicator database (default: data/local/kreisblick.duckdb)"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="make the reports that are not fresh, and the index page", epilog=_STATUS)
    _add_selection(run)
    run.add_argument("--jobs", metavar="N", type=_positive(int), help="reports at a time (default: all cores)")
    run.add_argument(
        "--timeout", metavar="S", type=_positive(float), default=600.0, help="seconds per report (default: 600)"
    )
    run.add_argument(
        "--memory-limit", metavar="MB", type=_positive(float), default=4096.0,
        help="memory of the kernel of a report (default: 4096; Linux only)",
    )  # fmt: skip
    run.add_argument(
        "--output-limit", metavar="MB", type=_positive(float), default=100.0,
        help="what the notebook of a report shows in all, and its longest file (default: 100)",
    )  # fmt: skip
    run.add_argument(
        "--dask", metavar="ADDRESS", type=_scheduler, help="on a Dask cluster: tcp://HOST:PORT (docs/verteilt.md)"
    )
    run.add_argument(
        "--shared",
        action="store_true",
        help="with --dask: the workers write to --output themselves, a folder that is the same one for all",
    )
    run.set_defaults(command="run.run")

    plan = commands.add_parser("plan", help="say what runs, what is fresh, what cannot run and why")
    _add_selection(plan)
    plan.set_defaults(command="runs.show_plan")

    pdf = commands.add_parser("pdf", help="print the reports to PDF files beside them (needs a Chromium)")
    pdf.add_argument(
        "files", metavar="FILE", type=Path, nargs="*", help="only these pages (default: all reports of the manifest)"
    )
    pdf.add_argument("--kreis", metavar="AGS", nargs="+", action="extend", help="only these Kreise (5-digit keys)")
    pdf.add_argument(
        "--notebook", metavar="NAME", nargs="+", action="extend", help="only these reports (01_steckbrief, or 01)"
    )
    pdf.add_argument("--output", metavar="DIR", type=Path, help="where the reports are (default: output/)")
    pdf.add_argument("--jobs", metavar="N", type=_positive(int), help="pages at a time (default: all cores)")
    pdf.add_argument(
        "--timeout", metavar="S", type=_positive(float), default=120.0, help="seconds per page (default: 120)"
    )
    pdf.set_defaults(command="reports.pdf")

    release = commands.add_parser("release", help="check that no file holds what must not leave the machine")
    release.add_argument(
        "folder", metavar="DIR", type=Path, nargs="?", help="folder with reports (default: output/); nothing is changed"
    )
    release.set_defaults(command="release.release")

    load = commands.add_parser("import", help="bring delivered files into the store")
    load.add_argument("files", metavar="[SOURCE] FILE", nargs="+", help=_IMPORT_HELP)
    load.set_defaults(command="deliveries.import_files")

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
    fetch.set_defaults(command="deliveries.fetch")

    check = commands.add_parser("check", help="what is in the store, what is missing, what is not plausible")
    check.add_argument("--kreis", metavar="AGS", nargs="+", action="extend", help="only these Kreise (5-digit keys)")
    check.set_defaults(command="stock.check")

    diff = commands.add_parser("diff", help="which stored value changed, from what to what, through which file")
    diff.add_argument(
        "--since", metavar="DATE", required=True, help="changes from that day on: 2025-01-31 or 31.01.2025"
    )
    diff.add_argument("--ags", metavar="KEY", help="only keys that begin so")
    diff.add_argument("--published", action="store_true", help="values of indicators as reports show them, and why")
    diff.add_argument("--kreis", metavar="AGS", nargs="+", action="extend", help="with --published: only these Kreise")
    diff.set_defaults(command="stock.diff")

    residents = commands.add_parser("residents", help="residents by age group as the Meldeaemter counted them, as CSV")
    residents.add_argument("kreis", metavar="AGS", help="a Kreis (5-digit key)")
    residents.add_argument("--stichtag", metavar="DATE", required=True, help="2024-12-31")
    residents.add_argument("--raum", choices=["planungsraum", "gemeinde", "ortsteil", "kreis"], default="planungsraum")
    residents.add_argument(
        "--nach", nargs="+", choices=["geschlecht", "staatsangehoerigkeit"], default=[], help="break down further"
    )
    residents.set_defaults(command="stock.residents")

    carry = commands.add_parser("carry", help="counts of the Gemeinden on another territorial date, as CSV")
    carry.add_argument("groesse", metavar="QUANTITY", help="a count of the catalogue: bevoelkerung")
    carry.add_argument("--stand", metavar="DATE", required=True, help="territorial date: 2024-12-31")
    carry.add_argument("--gewicht", choices=["bevoelkerung", "flaeche", "beschaeftigte"], default="bevoelkerung")
    carry.set_defaults(command="stock.carry")

    describe = commands.add_parser("describe", help="draft a description of a delivered table (YAML) to complete")
    describe.add_argument("file", metavar="FILE", type=Path)
    describe.set_defaults(command="deliveries.describe")

    show = commands.add_parser("list", help="show what is in the store")
    show.add_argument("what", nargs="?", choices=_LISTS, default="groessen")
    show.set_defaults(command="stock.show")

    example = commands.add_parser("example", help="write the invented Musterkreis in the real delivery formats")
    example.add_argument("folder", metavar="DIR", type=_not_empty, help="a new or an empty folder")
    example.add_argument("--seed", metavar="N", type=_positive(int), help="other figures of the same structure")
    example.add_argument("--klein", action="store_true", help="a small version: fewer years, a survey of 200 answers")
    example.set_defaults(command="deliveries.example")

    _add_goals(commands.add_parser("goals", help="goal catalogues: check, set the state of a goal, convert"))

    lab = commands.add_parser("lab", help="open JupyterLab on the workspace; further options go to JupyterLab")
    lab.set_defaults(command="reports.lab")
    return parser


def _add_goals(goals: argparse.ArgumentParser) -> None:
    parts = goals.add_subparsers(required=True, metavar="COMMAND")

    check = parts.add_parser("check", help="whether catalogues are correct, and what their goals lack")
    check.add_argument("files", metavar="FILE", type=Path, nargs="+")
    check.set_defaults(command="goals.check")

    state = parts.add_parser("set", help="change the state of a goal and write the change into its history")
    state.add_argument("code", metavar="CODE", type=_not_empty, help="code of the goal: UZ2.1.1")
    state.add_argument(
        "--state", required=True, choices=["geplant", "laufend", "erledigt", "zurueckgestellt", "aufgegeben"]
    )
    state.add_argument("--reason", metavar="TEXT", required=True, type=_not_empty, help="why, as readers shall see it")
    state.add_argument("--date", metavar="DATE", help="day of the change (default: today)")
    state.add_argument(
        "--decision", metavar="TEXT", default="", help="decision on it, where only one body may change the goal"
    )
    where = state.add_mutually_exclusive_group()
    where.add_argument("--kreis", metavar="AGS", help="its catalogue (default: the only one that has the code)")
    where.add_argument("--file", metavar="FILE", type=Path, help="the catalogue")
    state.set_defaults(command="goals.set_state")

    convert = parts.add_parser("convert", help="write a catalogue as XLSX, or one in XLSX as YAML")
    convert.add_argument("file", metavar="FILE", type=Path)
    convert.add_argument("to", metavar="NEW", type=Path)
    convert.set_defaults(command="goals.convert")


def _add_selection(command: argparse.ArgumentParser) -> None:
    """Options of which reports are meant."""
    command.add_argument("--kreis", metavar="AGS", nargs="+", action="extend", help="only these Kreise (5-digit keys)")
    command.add_argument(
        "--notebook", metavar="NAME", nargs="+", action="extend", help="only these notebooks (01_steckbrief, or 01)"
    )
    command.add_argument(
        "--raum",
        metavar="KEY",
        nargs="+",
        action="extend",
        help="reports on areas of the Kreis instead: keys of Gemeinden or Planungsraeume, or gemeinden, planungsraeume",
    )
    command.add_argument("--output", metavar="DIR", type=Path, help="where the reports go (default: output/)")
    command.add_argument(
        "--parameter",
        metavar="NAME=VALUE",
        nargs="+",
        action="extend",
        default=[],
        type=_assignment,
        help="notebook parameters",
    )
    command.add_argument("--force", action="store_true", help="also the reports that are fresh")


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


def _scheduler(text: str) -> str:
    if not re.fullmatch(r"(tcp|tls)://[^\s/]+:[0-9]{1,5}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no address of a scheduler; expected tcp://HOST:8786")
    return text


def _not_empty(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("the name is empty")
    return text


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form NAME=VALUE")
    return name, value


if __name__ == "__main__":
    sys.exit(main())
