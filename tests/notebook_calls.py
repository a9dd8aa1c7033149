"""What the cells of a report's notebook show, called in this process."""

import ast
import json

from conftest import ROOT

from analysis.outputs import Ausgabe, joined
from analysis.report.pruefung import texts


def shown(name: str, **parameters) -> list[Ausgabe]:
    """Outputs of all code cells of `notebooks/NAME*.ipynb` in reading order, with other parameters."""
    (path,) = (ROOT / "notebooks").glob(f"{name}*.ipynb")
    cells = [c for c in json.loads(path.read_text(encoding="utf-8"))["cells"] if c["cell_type"] == "code"]
    names, found = {}, []
    for cell in cells:
        body = ast.parse("".join(cell["source"])).body
        last = body.pop() if isinstance(body[-1], ast.Expr) else None
        exec(compile(ast.Module(body, []), str(path), "exec"), names)
        if "parameters" in cell["metadata"].get("tags", []):
            unknown = set(parameters) - set(names)
            assert not unknown, f"{path.name} has no parameter {unknown}"
            names |= parameters
        if last is not None:
            output = eval(compile(ast.Expression(last.value), str(path), "eval"), names)
            found += [output] if isinstance(output, Ausgabe) else list(getattr(output, "ausgaben", ()))
    return found


def said(*outputs: Ausgabe) -> str:
    """All sentences of outputs as one text, with plain spaces."""
    paragraphs = [joined(a) for output in outputs for a in output.inhalt.get("absaetze", [])]
    return " ".join(paragraphs).replace("\u00a0", " ")


def every_text(*outputs: Ausgabe) -> str:
    """All that a reader of the outputs may see or hear: titles, sentences, alternative texts, cells, notes."""
    parts = (text for o in outputs for text in (*texts(o.inhalt), o.inhalt.get("alternativtext", "")))
    return "\n".join(parts).replace("\u00a0", " ")


def rows(output: Ausgabe) -> list[list[str]]:
    """Rows of a table, or of the table of a figure, with plain spaces."""
    table = output.inhalt.get("daten", output.inhalt)
    return [[cell.replace("\u00a0", " ") for cell in row] for group in table["gruppen"] for row in group["zeilen"]]
