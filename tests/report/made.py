"""Executed notebooks for the tests of reports, made in memory without a kernel."""

import io

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image, ImageDraw

from analysis import outputs, tables

ALT = "Zwei Balken nebeneinander; der linke ist doppelt so hoch wie der rechte."


def picture(width: int = 640, height: int = 300) -> bytes:
    """PNG with two bars."""
    image = Image.new("P", (width, height), 0)
    image.putpalette([255, 255, 255, 50, 28, 143])
    draw = ImageDraw.Draw(image)
    draw.rectangle((width // 6, height // 8, width // 3, height), fill=1)
    draw.rectangle((width // 2, height // 2, width * 2 // 3, height), fill=1)
    out = io.BytesIO()
    image.save(out, format="PNG")
    return out.getvalue()


def table(titel: str = "Einwohner der Gemeinden", name: str = "einwohner", **further) -> outputs.Ausgabe:
    """Table with two groups, a row set off and a note."""
    spalten = [tables.Spalte("Gemeinde"), tables.Spalte("Einwohner"), tables.Spalte("Lage", zahl=False)]
    gruppen = [
        tables.Gruppe([["Adorf", "1.200", "Norden"], ["Bedorf", "900", "Süden"]], titel="Land", hervor=[1]),
        tables.Gruppe([["Cestadt", "12.000", "Mitte"]], titel="Stadt"),
    ]
    parts = {"titel": titel, "name": name, "quelle": "Amt, 31.12.2019", "hinweise": ["Gezählt am Jahresende."]}
    return tables.tabelle(spalten, gruppen, **{**parts, **further})


def figure(name: str = "balken", titel: str = "Einwohner") -> outputs.Ausgabe:
    """Figure with its data."""
    content = {
        "art": "abbildung", "name": name, "titel": titel, "einheit": "Anzahl", "quelle": "Amt, 31.12.2019",
        "alternativtext": ALT, "breite": 640, "hoehe": 300,
        "daten": table("Zahlen der Abbildung", name=f"{name}_daten").inhalt,
    }  # fmt: skip
    return outputs.Ausgabe(content, png=picture())


def bundle(ausgabe: outputs.Ausgabe) -> nbformat.NotebookNode:
    """Output of a cell that returns it."""
    data, metadata = ausgabe._repr_mimebundle_()
    return new_output("execute_result", data=data, metadata=metadata, execution_count=1)


def code(*results) -> nbformat.NotebookNode:
    """Executed cell with these outputs."""
    return new_code_cell("zeige()", execution_count=1, outputs=list(results))


def notebook(*cells, head: outputs.Ausgabe | None = None) -> nbformat.NotebookNode:
    """Executed notebook: head, summary, then the given cells in a section of their own."""
    head = head or outputs.kopf("Bericht", "Worum es geht", "Stand 31.12.2019")
    summary = outputs.kuerze(["Die Lage ist ruhig.", "Es gibt drei Gemeinden."])
    first = [code(bundle(head)), new_markdown_cell("## In Kürze"), code(bundle(summary))]
    nb = new_notebook(cells=[*first, new_markdown_cell("## Lage"), *cells])
    for n, cell in enumerate(nb.cells):
        cell.id = f"zelle-{n}"
    return nb
