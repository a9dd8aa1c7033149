"""Commands on goal catalogues: goals check, goals set, goals convert."""

import datetime as dt
import sys
from pathlib import Path

import yaml

from analysis.commands import OK
from analysis.dates import parse_stichtag
from analysis.errors import InputError
from analysis.files import write_atomic
from analysis.regions import kreis, name
from analysis.yaml_files import load_yaml
from analysis.ziele import lesen as dateien
from analysis.ziele import mappe
from analysis.ziele.aendern import setzen
from analysis.ziele.auswertung import tabelle
from analysis.ziele.lesen import lesen
from analysis.ziele.pruefung import SMART, angaben, ohne_oberziel, ohne_unterbau, smart
from analysis.ziele.umwandeln import verlustfrei, zurueckgelassen
from analysis.ziele.verlauf import am, gestrichene


def check(arguments) -> int:
    """Print what catalogues hold and what their goals lack; a file that is not correct is refused."""
    for path in arguments.files:
        whole = lesen(path)
        catalogue, goals = am(whole, whole.stand), tabelle(whole, whole.stand)
        print(f"{path}: {whole.titel} ({name(whole.kreis)}), as of {whole.stand:%Y-%m-%d}")
        printed = angaben(am(whole, whole.anfang)).set_index("ebene")
        for row in angaben(catalogue).itertuples():
            then = f", {printed.gezaehlt[row.ebene]} listed then" if printed.gezaehlt[row.ebene] != row.gezaehlt else ""
            said = f" (the source says {row.angegeben}{then})" if row.fundstelle else ""
            print(f"  {row.gezaehlt:4} {row.genannt}{said}")
        if struck := len(gestrichene(whole, whole.stand)):
            print(f"  {struck:4} struck")
        lacking = smart(goals)
        for part, what in SMART.items():
            print(f"  {(~lacking[part]).sum():4} without {what}")
        print(f"  {len(ohne_unterbau(catalogue, goals)):4} with nothing below them that could be there")
        for code in ohne_oberziel(catalogue, goals).code:
            print(f"  {code} stands below no goal")
    return OK


def set_state(arguments) -> int:
    """Change the state of a goal in its file and write the change into its history."""
    today = dt.date.today()
    day = parse_stichtag(arguments.date) if arguments.date else today
    if day > today:
        raise InputError(f"--date {day:%Y-%m-%d} lies in the future; expected the day of the change")
    path = arguments.file or _file(arguments.code, arguments.kreis)
    before = setzen(path, arguments.code, arguments.state, arguments.reason, day, arguments.decision)
    print(f"{path}: {arguments.code}: {before or 'no state'} -> {arguments.state} ({day:%Y-%m-%d})")
    return OK


def _file(code: str, ags: str | None) -> Path:
    """Catalogue of a Kreis, or the only one that has the code."""
    if ags:
        return dateien.datei(kreis(ags).ags)
    having = {key: path for key, path in dateien.dateien().items() if code in lesen(path).nach_code}
    if len(having) != 1:
        found = f"stands in the catalogues of {', '.join(having)}" if having else "stands in no catalogue"
        raise InputError(f"code {code!r} {found}; name one with --kreis or --file")
    return next(iter(having.values()))


def convert(arguments) -> int:
    """Write a catalogue in the other format (YAML or XLSX), if that loses none of it; the file read stays as it is."""
    source, target = arguments.file, arguments.to
    known = lesen(source)
    if target.exists():
        raise InputError(f"{target}: there is such a file already; expected a new one")
    if source.suffix.lower() == ".xlsx" and target.suffix.lower() in (".yaml", ".yml"):
        content = yaml.safe_dump(mappe.lesen(source)[0], sort_keys=False, allow_unicode=True, width=110).encode()
    elif source.suffix.lower() in (".yaml", ".yml") and target.suffix.lower() == ".xlsx":
        content = mappe.schreiben(load_yaml(source, dates_as_text=True))
    else:
        raise InputError(f"{source} to {target}: expected one YAML and one XLSX file")
    verlustfrei(known, lesen(target, inhalt=content), target)
    write_atomic(target, content)
    print(target)
    if left := zurueckgelassen(source):
        print(f"{target}: without {left}; they stay in {source}", file=sys.stderr)
    return OK
