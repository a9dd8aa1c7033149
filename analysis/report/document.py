"""An executed notebook as a document: sections with numbered figures and tables; whatever is unclear is refused."""

import re

import mistune
import nbformat

from analysis import outputs
from analysis.errors import InputError
from analysis.regions import slug

NUR_NOTEBOOK = "nur-notebook"
"""Tag of a cell that speaks to the analyst and is left out of the report."""

_TITLES = {"abbildung": "Abbildung", "tabelle": "Tabelle"}


class ReportError(InputError):
    """A cell shows something that must not reach a reader; the text names notebook and cell."""


def document(nb: nbformat.NotebookNode, notebook: str) -> dict:
    """Sections, head and figures of an executed notebook.

    A section begins with a Markdown heading `## …`. Every output of every cell becomes part of it.

    Parameters
    ----------
    nb
        Executed notebook.
    notebook
        Its name, for messages.

    Returns
    -------
    dict
        `kopf` (title, subtitle, dates) and `abschnitte` (id, title, blocks).

    Raises
    ------
    ReportError
        An error output, printed text, a bare frame or picture, a cell that was not run, an output before the
        first section, no head or two.
    """
    head, sections, seen_ids, numbers = None, [], set(), {"abbildung": 0, "tabelle": 0}
    for position, cell in enumerate(nb.cells, start=1):
        place = f"{notebook}, cell {position}"
        tags = cell.metadata.get("tags", [])
        if cell.cell_type == "markdown" and NUR_NOTEBOOK not in tags:
            for title, html in _markdown(cell.source, place):
                if title is not None:
                    sections.append({"id": _id(title, seen_ids), "titel": title, "bloecke": []})
                if html:
                    _section(sections, place)["bloecke"].append({"html": html})
        if cell.cell_type != "code":
            continue
        if cell.source.strip() and cell.get("execution_count") is None:
            raise ReportError(f"{place}: was not run")
        for output in cell.outputs:
            content, png = _content(output, place)
            if content["art"] == "kopf":
                if head is not None:
                    raise ReportError(f"{place}: a second head; a report has one title")
                head = content
                continue
            number = {}
            if content["art"] in numbers:
                numbers[content["art"]] += 1
                n = numbers[content["art"]]
                number = {"text": f"{_TITLES[content['art']]} {n}", "id": f"{content['art']}-{n}"}
            _section(sections, place)["bloecke"].append({"inhalt": content, "png": png, "nummer": number})
    if head is None:
        raise ReportError(f"{notebook}: no head; one cell must show outputs.kopf(...)")
    if not sections:
        raise ReportError(f"{notebook}: no section; expected Markdown headings '## ...'")
    return {"kopf": head, "abschnitte": sections}


def pictures(document: dict) -> list[dict]:
    """Figures of a document in reading order: blocks with `inhalt`, `png` (base64) and `nummer`."""
    blocks = [b for section in document["abschnitte"] for b in section["bloecke"]]
    return [b for b in blocks if b.get("inhalt", {}).get("art") == "abbildung"]


def _content(output: nbformat.NotebookNode, place: str) -> tuple[dict, str | None]:
    kind = output.output_type
    if kind == "error":
        raise ReportError(f"{place}: {output.ename}: {output.evalue}")
    if kind == "stream":
        text = " ".join(output.text.split())[:120]
        raise ReportError(f"{place}: printed text on {output.name} ({text!r}); a report shows outputs.saetze(...)")
    content = output.data.get(outputs.MIME)
    if content is None:
        shown = ", ".join(sorted(output.data))
        raise ReportError(
            f"{place}: shows {shown} without title, source and alternative text; "
            "use tables.tabelle(...), figures.abbildung(...) or outputs.saetze(...)"
        )
    png = output.data.get("image/png")
    png = "".join(png.split()) if png else None
    try:
        outputs.check(content, has_picture=png is not None)
    except ValueError as error:
        raise ReportError(f"{place}: {error}") from None
    return content, png


def _section(sections: list[dict], place: str) -> dict:
    if not sections:
        raise ReportError(f"{place}: stands before the first section; expected a Markdown heading '## ...' above")
    return sections[-1]


def _id(title: str, seen: set[str]) -> str:
    base = slug(title) or "abschnitt"
    candidate, n = base, 1
    while candidate in seen:
        n += 1
        candidate = f"{base}-{n}"
    seen.add(candidate)
    return candidate


def _markdown(source: str, place: str) -> list[tuple[str | None, str]]:
    """Pairs of section title (None for text before the first heading) and the HTML below it, raw HTML escaped."""
    parts = re.split(r"(?m)^##[ \t]+(.+?)[ \t#]*$", source)
    if re.search(r"(?m)^#[ \t]", source):
        raise ReportError(
            f"{place}: a heading '# ...'; the title comes from outputs.kopf(...), tag the cell {NUR_NOTEBOOK!r}"
        )
    if "![" in source:
        raise ReportError(f"{place}: a picture in Markdown; use figures.abbildung(...)")
    render = mistune.create_markdown(escape=True, plugins=["strikethrough"])
    pairs = [(None, render(parts[0]).strip())] if parts[0].strip() else []
    return pairs + [(title, render(text).strip()) for title, text in zip(parts[1::2], parts[2::2], strict=True)]
