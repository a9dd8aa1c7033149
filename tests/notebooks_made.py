"""Small notebooks for the tests, made as an analyst would write them."""

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

HEAD = 'from analysis import outputs\noutputs.kopf(titel=f"Bericht {kreis}", untertitel="Worum es geht", stand="2019")'
SECTION = "## Abschnitt\n\nEin Satz."
SUMMARY = 'outputs.kuerze(["Das ist kurz."])'


def write_notebook(
    path: Path, *cells: str, parameters: str = 'kreis = "16077"', titel: str = "Test", braucht=(), **flags
) -> Path:
    """Notebook with parameters, head, section, summary, and `cells` (code, or Markdown if it begins with #)."""
    nb = new_notebook(
        metadata={
            "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
            "kreisblick": {"titel": titel, "braucht": list(braucht), **flags},
        }
    )
    first = new_code_cell(parameters)
    first.metadata["tags"] = ["parameters"]
    nb.cells = [first, new_code_cell(HEAD), new_markdown_cell(SECTION), new_code_cell(SUMMARY)]
    nb.cells += [new_markdown_cell(c) if c.startswith("#") else new_code_cell(c) for c in cells]
    for n, cell in enumerate(nb.cells):
        cell.id = f"zelle-{n}"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nb, path)
    return path
