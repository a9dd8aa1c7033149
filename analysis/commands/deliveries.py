"""Commands that bring deliveries in: import, fetch, describe, example."""

import datetime as dt
import sys
from pathlib import Path

from tqdm import tqdm

from analysis import workspace
from analysis.catalogue import katalog
from analysis.commands import BAD_INPUT, FAILED, OK
from analysis.errors import InputError, say
from analysis.files import check_writable, sha256, write_atomic
from analysis.sources import READERS
from analysis.sources.folder import find, zielkatalog
from analysis.store import Import, Store
from analysis.ziele import lesen as kataloge


def import_files(arguments) -> int:
    """Import files and folders; what one of them lacks does not keep the others out."""
    names = arguments.files
    if not all(name.strip() for name in names):
        raise InputError("the name of a file is empty; expected files or folders")
    source = names[0] if names[0] in READERS and len(names) > 1 else None
    found = find([Path(name) for name in (names[1:] if source else names)], source)
    size = sum(path.stat().st_size for path, _ in found.lieferungen)
    status = BAD_INPUT if found.fehler else FAILED if found.unbekannt else OK
    for error in found.fehler:
        say(error)
    with Store(read_only=False) as store, _bar(size) as bar:
        for path, reader in found.lieferungen:
            bar.set_description(path.name[:40], refresh=False)
            try:
                say_import(store.import_file(path, source=reader, progress=bar.update))
            except InputError as error:
                bar.clear()
                say(error)
                status = BAD_INPUT
    shipped = {path.resolve() for path in kataloge.dateien().values()} if found.zielkataloge else set()
    for path in found.zielkataloge:
        if path.resolve() not in shipped:
            print(zielkatalog(path), file=sys.stderr)
    for path in found.unbekannt:
        print(f"{path}: not imported, no known format", file=sys.stderr)
    return status


def _bar(size: int):
    """Progress in bytes on a terminal; nothing where the output goes to a file."""
    return tqdm(total=size, unit="B", unit_scale=True, delay=1, disable=not sys.stderr.isatty())


def fetch(arguments) -> int:
    """Fetch a table, keep the file as it came, and import it; a file that is refused stays where it is."""
    from analysis.sources import genesis_api
    from analysis.sources.genesis_zugang import zugang

    folder = (arguments.to or workspace.local() / "genesis").absolute()
    check_writable(folder, "files")
    fields = {f: getattr(arguments, f) for f in ("startyear", "endyear", "regionalvariable", "regionalkey")}
    content = genesis_api.fetch(
        zugang(arguments.portal), arguments.table, fields, lambda line: print(line, file=sys.stderr, flush=True)
    )
    ending = "zip" if content.startswith(b"PK") else "csv"
    path = folder / f"{arguments.table}_{dt.datetime.now(dt.UTC):%Y%m%d-%H%M%S}.{ending}"
    write_atomic(path, content)
    print(path)
    with Store(read_only=False) as store:
        say_import(store.import_file(path, source="genesis"))
    return OK


def say_import(done: Import) -> None:
    """Print what an import brought."""
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
    if done.verloren:
        tqdm.write(f"  numbers that are now a reason instead: {done.verloren} (kreisblick diff names them)")
    for sentence in done.hinweise:
        tqdm.write(f"  not checked: {sentence}")


def describe(arguments) -> int:
    """Print a draft description of a table."""
    from analysis.sources.tabellenentwurf import draft

    print(draft(arguments.file), end="")
    return OK


def example(arguments) -> int:
    """Write the invented Musterkreis."""
    from analysis.example.schreiben import SEED, write_example

    folder = Path(arguments.folder)
    files = write_example(folder, arguments.seed or SEED, arguments.klein)
    written = sum(1 for _ in tqdm(files, desc="Musterkreis", unit=" files", file=sys.stderr, disable=None))
    print(f"{folder}: {written} files of an invented Kreis; LIESMICH.md says what they are")
    return OK


def import_shipped() -> None:
    """Bring the workspace's own store up to date with the figures that the workspace ships."""
    no_figures = (workspace.local(), workspace.gestaltung())
    shipped = [p for p in sorted(workspace.data().iterdir()) if p not in no_figures and p.suffix != ".md"]
    with Store(read_only=False) as store:
        known = store.imported()
        new = find(shipped, passed_over=lambda path: sha256(path) in known).lieferungen
        bar = tqdm(new, desc="data/", unit=" files", disable=None)
        done = [store.import_file(path, source=reader) for path, reader in bar]
        store.record_definitions(katalog())
    if done:
        new, changed = sum(d.neu for d in done), sum(d.geaendert for d in done)
        print(f"data/: {len(done)} files - {new} values new, {changed} changed")
