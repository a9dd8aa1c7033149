"""PDFs of many pages: which pages are meant, several browsers at a time, one failure never touching another page."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed, wait
from dataclasses import dataclass
from pathlib import Path

from analysis.batch import manifest
from analysis.batch.job import ERSTELLT, FEHLER
from analysis.batch.progress import Progress
from analysis.errors import InputError
from analysis.regions import kreis
from analysis.release import ordner
from analysis.release.datei import Gesucht
from analysis.release.fund import ReleaseError
from analysis.report.chromium import Chromium, PrintError
from analysis.report.pdf import make_pdf


@dataclass(frozen=True)
class Printed:
    """What came of a page: the SHA-256 of its PDF, or why there is none."""

    page: Path
    sha256: str = ""
    meldung: str = ""


def find_pages(output: Path, kreise: list[str] | None, notebooks: list[str] | None) -> list[Path]:
    """Pages of the reports that the manifest of an output folder lists, in its order.

    Parameters
    ----------
    kreise, notebooks
        Only those: keys; names or numbers of notebooks.

    Raises
    ------
    InputError
        An unknown Kreis, or there is no such report.
    """
    keys = [kreis(ags).ags for ags in dict.fromkeys(kreise or ())]
    entries = [(e, page) for e in manifest.read(output / "manifest.json")["berichte"] if (page := _page(output, e))]
    if not entries:
        raise InputError(f"{output}: there is no report yet; make some with `kreisblick run`")
    for ags in keys:
        if all(e["ags"] != ags for e, _ in entries):
            raise InputError(f"{output}: there is no report for {ags} yet; make it with `kreisblick run --kreis {ags}`")
    for name in notebooks or ():
        if not any(_means(name, e["notebook"]) for e, _ in entries):
            there = ", ".join(sorted({e["notebook"] for e, _ in entries}))
            raise InputError(f"{output}: there is no report of a notebook {name!r}; there are: {there}")
    pages = [
        page
        for e, page in entries
        if (not keys or e["ags"] in keys) and (not notebooks or any(_means(n, e["notebook"]) for n in notebooks))
    ]
    if not pages:
        raise InputError(f"{output}: there is no report of {' '.join(notebooks)} for {' '.join(keys)} yet")
    return pages


def print_pages(
    browser: Chromium, pages: list[Path], workers: int | None, timeout: float, gesucht: dict[Path, Gesucht]
) -> Iterator[Printed]:
    """Print every page to the PDF beside it, at most `workers` at a time (all cores if None), and show the progress.

    A page that holds what must not leave the machine, or whose PDF would, gets none.

    Parameters
    ----------
    gesucht
        What each page must not hold.

    Yields
    ------
    Printed
        As they come, one per page. When the caller stops (an interrupt), the browsers end.
    """
    pool = ThreadPoolExecutor(max(1, min(workers or os.cpu_count() or 1, len(pages))))
    futures = [pool.submit(_print, browser, page, timeout, gesucht[page]) for page in pages]
    try:
        with Progress(len(pages), "page") as report:
            for future in as_completed(futures):
                printed, seconds = future.result()
                failed = not printed.sha256
                name = "/".join(printed.page.parts[-2:])
                yield printed
                report(name, FEHLER if failed else ERSTELLT, failed, seconds, printed.meldung)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        while running := [future for future in futures if not future.done()]:
            browser.stop()
            wait(running, timeout=0.2)


def record(pages: list[Printed]) -> list[Path]:
    """Note the PDFs in the manifests that list their pages; return those manifests."""
    files = dict.fromkeys(page.page.parent.parent / "manifest.json" for page in pages)
    changed = []
    for file in filter(Path.is_file, files):
        printed = {
            p.page.relative_to(file.parent).as_posix(): p.sha256 for p in pages if p.page.is_relative_to(file.parent)
        }
        if manifest.record_pdfs(file, printed):
            changed.append(file)
    return changed


def _page(output: Path, entry: dict) -> Path | None:
    return next((output / f for f in entry["dateien"] if f.endswith(".html") and (output / f).is_file()), None)


def _means(name: str, notebook: str) -> bool:
    return name.removesuffix(".ipynb") in (notebook, notebook[:2])


def _print(browser: Chromium, page: Path, timeout: float, gesucht: Gesucht) -> tuple[Printed, float]:
    def check(files: dict[Path, bytes]) -> None:
        if found := ordner.check_files(files, gesucht):
            raise ReleaseError(found)

    started = time.monotonic()
    try:
        printed = Printed(page, sha256=make_pdf(browser, page, timeout, check))
    except (PrintError, InputError) as error:
        printed = Printed(page, meldung=str(error))
    except Exception as error:  # a PDF that surprises: the other pages go on
        printed = Printed(page, meldung=f"{type(error).__name__}: {' '.join(str(error).split())}"[:600])
    return printed, time.monotonic() - started
