"""Commands that print or open reports: pdf, lab."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

from analysis import workspace
from analysis.batch import manifest
from analysis.commands import FAILED, OK
from analysis.errors import InputError
from analysis.report.index import write_index


def pdf(arguments) -> int:
    """Print reports to PDF files beside them and link them on the index page."""
    from analysis.batch import pdfs
    from analysis.commands.release import forbidden
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
        printing = pdfs.print_pages(browser, pages, arguments.jobs, arguments.timeout, forbidden(pages))
        with contextlib.closing(printing) as running:
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


def lab(arguments) -> int:
    """JupyterLab with the workspace's kernel (autoreload on) and without asking the network for news."""
    settings = Path(__file__).parents[1] / "lab"
    for variable, path in (("JUPYTER_PATH", settings / "share"), ("JUPYTER_CONFIG_PATH", settings / "config")):
        os.environ[variable] = os.pathsep.join([str(path), *filter(None, [os.environ.get(variable)])])
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={workspace.root()}", *arguments.further]
    if os.name != "nt":
        os.execv(command[0], command)  # JupyterLab takes this process's place and receives its signals
    return subprocess.run(command, check=False).returncode
