"""Export of a report as ratio to nbconvert's own exporters, each with the same 8 figures and 4 tables.

The twin notebook for the others shows what an analyst would show without this package: the pictures as matplotlib's
inline backend stores them, at the same size and resolution, and bare DataFrames.
"""

import base64
import io
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import matplotlib
import nbformat
import numpy as np
import pandas as pd
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from analysis import figures, outputs, tables
from analysis.catalogue import katalog
from analysis.plots import kreise
from analysis.wording import zahl

ROUNDS = 9
ORTE = ["Adorf", "Bergstadt", "Cestadt", "Dornfeld", "Eichberg", "Feldau", "Grünau", "Hohenfeld", "Ilmtal", "Jagdhof",
        "Kaltental", "Lindau", "Mühlhof", "Neustadt", "Oberau"]  # fmt: skip
SATZ = (
    "Der Anteil unterscheidet sich zwischen den Orten; Unterschiede innerhalb der Spannweite können Zufall sein. "
    "Gezählt wird am Wohnort, nicht am Ort der Arbeit."
)


def drawn(n: int) -> tuple[matplotlib.figure.Figure, pd.DataFrame]:
    """One of eight figures, and its data."""
    random = np.random.default_rng(n)
    anteil = random.uniform(0.02, 0.2, len(ORTE))
    werte = pd.DataFrame({"ags": ORTE, "name": ORTE, "anteil": anteil, "unten": anteil * 0.93, "oben": anteil * 1.07})
    indikator = katalog().indikator("arbeitslosenquote")
    if n % 4 == 3:
        figure, axes = figures.new_figure(5.2, 5)
        for ax, ort in zip(axes, ORTE, strict=False):
            kreise.streifen(ax, werte, ort, indikator)
    elif n % 4 == 2:
        figure, (ax,) = figures.new_figure(3)
        teile = pd.DataFrame(random.dirichlet([4, 9, 5], 6), index=ORTE[:6])
        kreise.anteile(ax, teile, ["unter 18 Jahre", "18 bis 64 Jahre", "ab 65 Jahre"])
    else:
        figure, (ax,) = figures.new_figure(4.6)
        kreise.punkte(ax, werte, ORTE[n], indikator)
    return figure, werte[["name", "anteil", "unten", "oben"]]


def notebooks() -> tuple[nbformat.NotebookNode, nbformat.NotebookNode]:
    """Executed notebook as this package makes it, and its twin."""
    head = outputs.kopf("Bericht über die Lage", "Fünfzehn erfundene Orte im Vergleich", "Stand: 31.12.2019")
    own = [shown(head), new_markdown_cell("## In Kürze"), shown(outputs.kuerze([SATZ, SATZ, SATZ]))]
    twin = [new_markdown_cell(f"# Bericht über die Lage\n\n## In Kürze\n\n{SATZ}\n\n{SATZ}\n\n{SATZ}")]
    for n in range(8):
        figure, frame = drawn(n)
        text = new_markdown_cell(f"## Abschnitt {n}\n\n{SATZ}")
        data = table(frame, f"Zahlen der Abbildung {n}")
        own += [text, shown(figures.abbildung(
            figure, name=f"bild_{n}", titel=f"Anteil der Arbeitslosen {n}", einheit="in Prozent", quelle="erfunden",
            alternativtext="Fünfzehn Orte, vom höchsten zum niedrigsten Anteil, einer hervorgehoben.", daten=data,
        ))]  # fmt: skip
        twin += [text, picture_cell(figure)]
        if n % 2:
            own.append(shown(table(frame, f"Anteile der Orte {n}")))
            twin.append(frame_cell(frame.set_index("name")))
    return finished(own), finished(twin)


def table(frame: pd.DataFrame, titel: str) -> outputs.Ausgabe:
    spalten = [tables.Spalte(name) for name in ("Ort", "Anteil in Prozent", "untere Grenze", "obere Grenze")]
    zeilen = [[row[0], *(zahl(100 * v, 1) for v in row[1:])] for row in frame.itertuples(index=False)]
    return tables.tabelle(spalten, [tables.Gruppe(zeilen)], titel=titel, quelle="erfunden, 31.12.2019")


def shown(ausgabe: outputs.Ausgabe) -> nbformat.NotebookNode:
    data, metadata = ausgabe._repr_mimebundle_()
    return cell(new_output("execute_result", data=data, metadata=metadata, execution_count=1))


def picture_cell(figure) -> nbformat.NotebookNode:
    raw = io.BytesIO()
    with matplotlib.rc_context(figures.STIL):
        figure.savefig(raw, format="png", dpi=figures.DPI)
    data = {"image/png": base64.b64encode(raw.getvalue()).decode(), "text/plain": "<Figure size 810x690 with 1 Axes>"}
    return cell(new_output("display_data", data=data))


def frame_cell(frame: pd.DataFrame) -> nbformat.NotebookNode:
    data = {"text/html": frame._repr_html_(), "text/plain": repr(frame)}
    return cell(new_output("execute_result", data=data, execution_count=1))


def cell(output) -> nbformat.NotebookNode:
    source = "figure, (ax,) = figures.new_figure(4.6)\nkreise.punkte(ax, werte, kreis, indikator)\nfigure"
    return new_code_cell(source, execution_count=1, outputs=[output])


def finished(cells: list) -> nbformat.NotebookNode:
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    language = {"name": "python", "pygments_lexer": "ipython3", "file_extension": ".py", "mimetype": "text/x-python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": language})


def exporters() -> dict:
    """Ways to export by name: function that makes an exporter, and whether it gets the twin."""
    from nbconvert import HTMLExporter

    from analysis.report.exporter import BerichtExporter

    hidden = {"exclude_input": True, "exclude_input_prompt": True, "exclude_output_prompt": True}
    return {
        "lab": (lambda: HTMLExporter(template_name="lab"), True),
        "lab --no-input --embed-images": (lambda: HTMLExporter(template_name="lab", embed_images=True, **hidden), True),
        "classic --no-input": (lambda: HTMLExporter(template_name="classic", **hidden), True),
        "basic --no-input": (lambda: HTMLExporter(template_name="basic", **hidden), True),
        "kreisblick": (BerichtExporter, False),
    }


def main() -> None:
    """Print size, time, requests and accessibility of every way."""
    own, twin = notebooks()
    ways = exporters()
    used = {name: make() for name, (make, _) in ways.items()}
    pages = {name: used[name].from_notebook_node(twin if other else own)[0] for name, (_, other) in ways.items()}
    taken: dict[str, list] = {}
    for _ in range(ROUNDS):  # in turn, so that a slow moment of the machine meets all
        for name, (make, other) in ways.items():
            nb = twin if other else own
            taken.setdefault(name, []).append(seconds(lambda e=used[name], nb=nb: e.from_notebook_node(nb)))
            fresh = seconds(lambda make=make, nb=nb: make().from_notebook_node(nb))
            taken.setdefault(f"{name}, new exporter", []).append(fresh)
        taken.setdefault("kreisblick with picture files", []).append(seconds(lambda: with_pictures(used, own)))
    loaded = in_browser(pages)
    print(f"export of 8 figures and 4 tables, median of {ROUNDS}; ratios to lab")
    print(f"  {'':38}{'KB':>7}{'':9}{'cpu s':>7}{'':9}{'requests':>10}{'axe':>6}{'pa11y':>7}")
    base = statistics.median(taken["lab"])
    for name, times in taken.items():
        time_ = statistics.median(times)
        line = f"  {name:38}{'':16}{time_:7.3f}{time_ / base:6.2f} x"
        if name in pages:
            size = len(pages[name].encode()) / 1000
            line = f"  {name:38}{size:7.0f}{1000 * size / len(pages['lab'].encode()):7.2f} x"
            line += f"{time_:7.3f}{time_ / base:7.2f} x" + "{:>10}{:>6}{:>7}".format(*loaded.get(name, "---"))
        print(line)
    cost_of_a_figure(own)


def seconds(task) -> float:
    """Processor time of a task: all of them compute and none waits, and other programs on the machine do not count."""
    start = time.process_time()
    task()
    return time.process_time() - start


def with_pictures(used: dict, own) -> None:
    """Export and write the files for slides, as a run does."""
    from analysis.report.document import pictures
    from analysis.report.picture_files import picture_file

    _, resources = used["kreisblick"].from_notebook_node(own)
    for block in pictures(resources["bericht"]):
        texts = (block["inhalt"][part] for part in ("titel", "einheit", "quelle", "alternativtext"))
        picture_file(base64.b64decode(block["png"]), *texts)


def in_browser(pages: dict[str, str]) -> dict[str, tuple]:
    """Requests that are tried, violations (nodes) of axe and errors of pa11y; none without Chromium."""
    import accessibility
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not path or not accessibility.is_installed():
        return {}
    found = {}
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(viewport={"width": 1280, "height": 1024}, bypass_csp=True)
        context.route(lambda url: url.startswith("http"), lambda route: route.abort())
        for n, (name, html) in enumerate(pages.items()):
            file = Path(folder) / f"{n}.html"
            file.write_text(html, encoding="utf-8")
            page, asked = context.new_page(), []
            page.on("request", lambda request, asked=asked: asked.append(request.url))
            page.goto(file.as_uri(), wait_until="load")
            axe = sum(len(violation) - 2 for violation in accessibility.axe(page))
            errors = len(accessibility.pa11y(page))
            found[name] = (len({url for url in asked if url.startswith("http")}), axe, errors)
            page.close()
        browser.close()
    return found


def cost_of_a_figure(own) -> None:
    """Print what a figure costs from the first stroke to the file for slides."""
    from PIL import Image

    from analysis.report.picture_files import picture_file

    steps: dict[str, list] = {}
    for n in range(8):
        start = time.process_time()
        figure, _ = drawn(n)
        steps.setdefault("drawing (matplotlib objects)", []).append(time.process_time() - start)
        raw = io.BytesIO()
        with matplotlib.rc_context(figures.STIL):
            steps.setdefault("savefig", []).append(
                seconds(lambda f=figure, r=raw: f.savefig(r, format="png", dpi=figures.DPI))
            )
        picture = Image.open(raw).convert("RGB")
        start = time.process_time()
        palette = picture.quantize(figures.PALETTE, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        steps.setdefault("palette", []).append(time.process_time() - start)
        packed = io.BytesIO()
        steps.setdefault("packing", []).append(
            seconds(lambda p=palette, out=packed: p.save(out, format="PNG", optimize=True))
        )
        steps.setdefault("file for slides", []).append(
            seconds(lambda out=packed: picture_file(out.getvalue(), "Titel", "in Prozent", "erfunden", "Text"))
        )
    print(
        "one figure, median of 8: " + ", ".join(f"{k} {1000 * statistics.median(v):.0f} ms" for k, v in steps.items())
    )
