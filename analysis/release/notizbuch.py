"""What an executed notebook that lies beside its report must not hold: anything that the report would not show."""

import json
from collections.abc import Iterator

from analysis.outputs import MIME
from analysis.release.fund import Fund
from analysis.release.teile import as_text

_ERLAUBT = {MIME, "text/plain", "text/html", "image/png"}


def check(content: bytes, stelle: str, fehlgeschlagen: bool = False) -> Iterator[Fund]:
    """Findings in the outputs and metadata of a notebook; texts and pictures are looked at elsewhere.

    Parameters
    ----------
    fehlgeschlagen
        Whether an error and printed text are expected, as the notebook failed and is there for the analyst.
    """
    try:
        notebook = json.loads(as_text(content))
        cells = notebook["cells"]
    except (ValueError, KeyError, TypeError):
        yield Fund(stelle, "a notebook that cannot be read")
        return
    if "papermill" in notebook.get("metadata", {}):
        yield Fund(f"{stelle}, metadata", "traces of the run (papermill)")
    if "widgets" in notebook.get("metadata", {}):
        yield Fund(f"{stelle}, metadata", "the state of widgets")
    for number, cell in enumerate(cells, start=1):
        place = f"{stelle}, cell {number}"
        if {"papermill", "execution"} & set(cell.get("metadata", {})):
            yield Fund(place, "traces of the run in its metadata")
        if cell.get("attachments"):
            yield Fund(place, "an attached file")
        for output in cell.get("outputs", ()):
            kind = output.get("output_type")
            if kind in ("stream", "error"):
                if not fehlgeschlagen:
                    yield Fund(place, "printed text" if kind == "stream" else "an error")
            elif MIME not in output.get("data", {}):
                if not fehlgeschlagen:
                    yield Fund(place, "an output that no report shows")
            elif further := set(output["data"]) - _ERLAUBT:
                yield Fund(place, f"an output in a further form ({sorted(further)[0]})")
