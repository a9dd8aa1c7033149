"""An executed notebook as a document: sections with numbered figures and tables; whatever is unclear is refused."""

import re
from collections.abc import Iterator
from itertools import pairwise

import mistune
import nbformat
from markupsafe import Markup, escape
from mistune.plugins.math import math

from analysis import outputs
from analysis.catalogue import katalog
from analysis.errors import InputError
from analysis.formeln import mathml
from analysis.lesbarkeit import flesch_amstad
from analysis.regions import slug
from analysis.report.pruefung import abbreviations, cells, numbers_without_table, texts, used
from analysis.worte import worte

NUR_NOTEBOOK = "nur-notebook"
"""Tag of a cell that speaks to the analyst and is left out of the report."""

_NUMMERIERT = {"abbildung": "abb", "tabelle": "tab"}
_ANKER = ("inhalt", "begriffe", "herkunft", "kontakt", "impressum", "barrierefreiheit")
"""Ids that the page's own parts have."""
_VERWEIS = r"(?<!\w)@(?:abb|tab)-[a-z0-9_]+"


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
        `kopf` (title, subtitle, dates), `abschnitte` (id, title, blocks, whether a table is wide), `begriffe` and
        `zeichen` (terms and signs that the text uses), `lesbarkeit` (of the summary), `unerklaert` (abbreviations
        that nothing explains), `worte` (fixed words).

    Raises
    ------
    ReportError
        An error output, printed text, a bare frame or picture, a cell that was not run, an output before the
        first section, no head or two, no summary at the beginning; a reference to nothing, a formula that cannot
        be read, a figure in a sentence that no table holds, an abbreviation in the summary that nothing explains.
    """
    shown = list(_shown(nb, notebook))
    inhalte = [content for _, _, content, _ in shown if content]
    head = _head(shown, notebook)
    w = worte(head["sprache"])
    numbers = _numbers(inhalte, w, notebook)
    sections: list[dict] = []
    for place, source, content, png in shown:
        try:
            if source is not None:
                _add_markdown(sections, source, numbers)
            elif content["art"] != "kopf":
                _last(sections)["bloecke"].append(_block(content, png, numbers))
        except ValueError as error:
            raise ReportError(f"{place}: {error}") from None
    if not sections:
        raise ReportError(f"{notebook}: no section; expected Markdown headings '## ...'")
    _name(sections, w)
    _check(notebook, inhalte)
    text = _all_text(sections, inhalte)
    terms = used(katalog().begriffe, text, [cell for inhalt in inhalte for cell in cells(inhalt)])
    return {
        "kopf": head,
        "abschnitte": sections,
        "begriffe": _glossary([t for t in terms if not t.zeichen], w),
        "zeichen": _glossary([t for t in terms if t.zeichen], w),
        "lesbarkeit": flesch_amstad(_summary(inhalte)),
        "unerklaert": _unexplained(text),
        "worte": w,
    }


def pictures(document: dict) -> list[dict]:
    """Figures of a document in reading order: blocks with `inhalt`, `png` (base64) and `nummer`."""
    blocks = [b for section in document["abschnitte"] for b in section["bloecke"]]
    return [b for b in blocks if b.get("inhalt", {}).get("art") == "abbildung"]


def attachments(document: dict) -> list[dict]:
    """Files beside the report: contents of the kind `anlage`."""
    blocks = [b for section in document["abschnitte"] for b in section["bloecke"]]
    found = [b["inhalt"] for b in blocks if b.get("inhalt", {}).get("art") == "anlage"]
    twice = [a["name"] for n, a in enumerate(found) if a["name"] in {b["name"] for b in found[:n]}]
    if twice:
        raise ReportError(f"two files beside the report have the name {twice[0]!r}; expected one")
    return found


def attached_name(notebook: str, name: str, endung: str = "xlsx") -> str:
    """Name of a file beside the report."""
    return f"{notebook}.{name}.{endung}"


def _shown(nb: nbformat.NotebookNode, notebook: str) -> Iterator[tuple[str, str | None, dict | None, str | None]]:
    """What the notebook shows in reading order: place, then Markdown or content and picture of an output."""
    for position, cell in enumerate(nb.cells, start=1):
        place = f"{notebook}, cell {position}"
        if cell.cell_type == "markdown" and NUR_NOTEBOOK not in cell.metadata.get("tags", []):
            yield place, cell.source, None, None
        if cell.cell_type != "code":
            continue
        if cell.source.strip() and cell.get("execution_count") is None:
            raise ReportError(f"{place}: was not run")
        for output in cell.outputs:
            yield place, None, *_content(output, place)


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
    try:
        outputs.check(content, outputs.picture(png) if png else None)
    except ValueError as error:
        raise ReportError(f"{place}: {error}") from None
    return content, "".join(png.split()) if png else None


def _head(shown: list[tuple], notebook: str) -> dict:
    heads = [(place, content) for place, _, content, _ in shown if content and content["art"] == "kopf"]
    if not heads:
        raise ReportError(f"{notebook}: no head; one cell must show outputs.kopf(...)")
    if len(heads) > 1:
        raise ReportError(f"{heads[1][0]}: a second head; a report has one title")
    return heads[0][1]


def _numbers(inhalte: list[dict], w: dict, notebook: str) -> dict[int | str, dict]:
    """Number and id of every figure and table, by the identity of its content and by the name that texts refer to.

    Of a file beside the report its name.
    """
    numbers, counts = {}, dict.fromkeys(_NUMMERIERT, 0)
    for inhalt in inhalte:
        art = inhalt["art"]
        if art == "anlage":
            numbers[id(inhalt)] = {"datei": attached_name(notebook, inhalt["name"], inhalt["endung"])}
        if art in counts:
            counts[art] += 1
            n = counts[art]
            number = {"text": f"{w[art]} {n}", "id": f"{art}-{n}", "kurz": f"{art[0]}{n}"}
            numbers[id(inhalt)] = number
            key = f"{_NUMMERIERT[art]}-{inhalt['name']}"
            numbers[key] = None if key in numbers else number
    return numbers


def _block(content: dict, png: str | None, numbers: dict) -> dict:
    return {"inhalt": _with_links(content, numbers), "png": png, "nummer": numbers.get(id(content), {})}


def _with_links(content: dict, numbers: dict) -> dict:
    """Content with the references in its paragraphs and notes as links, also in the table of a figure."""
    linked = {
        part: [
            _linked(text, numbers) if isinstance(text, str) else [_linked(t, numbers) for t in text]
            for text in content[part]
        ]
        for part in ("absaetze", "hinweise")
        if part in content
    }
    if "daten" in content:
        linked["daten"] = _with_links(content["daten"], numbers)
    return {**content, **linked}


def _linked(text: str, numbers: dict) -> Markup:
    """Text with its references to figures and tables as links, everything else escaped."""
    text = outputs.bound(text)
    spots = [(0, 0), *(m.span() for m in re.finditer(_VERWEIS, text)), (len(text), len(text))]
    parts = []
    for (begin, end), (following, _) in pairwise(spots):
        parts += [_link(text[begin + 1 : end], numbers) if end > begin else Markup(), escape(text[end:following])]
    return Markup().join(parts)


def _link(key: str, numbers: dict) -> Markup:
    if numbers.get(key) is None:
        what = "more than one is called so" if key in numbers else "no figure or table is called so"
        raise ValueError(f"the reference @{key} leads nowhere: {what}")
    number = numbers[key]
    return Markup('<a href="#{}">{}</a>').format(number["id"], number["text"].replace(" ", "\u00a0"))


def _last(sections: list[dict]) -> dict:
    if not sections:
        raise ValueError("stands before the first section; expected a Markdown heading '## ...' above")
    return sections[-1]


def _add_markdown(sections: list[dict], source: str, numbers: dict) -> None:
    """Begin sections at headings `## …` and add the HTML of what stands below; raw HTML is escaped."""
    if re.search(r"(?m)^#[ \t]", source):
        raise ValueError(f"a heading '# ...'; the title comes from outputs.kopf(...), tag the cell {NUR_NOTEBOOK!r}")
    if "![" in source:
        raise ValueError("a picture in Markdown; use figures.abbildung(...)")
    if re.search(r"(?m)^ {0,3}####", source):
        raise ValueError("a heading '#### ...'; sections have '##' and parts of them '###'")
    if re.search(r"(?m)^[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*\|", source):
        raise ValueError("a table in Markdown; use tables.tabelle(...)")
    first, *rest = re.split(r"(?m)^##[ \t]+(.+?)[ \t#]*$", source)
    for title, text in [(None, first), *zip(rest[::2], rest[1::2], strict=True)]:
        if title is not None:
            sections.append({"titel": title, "bloecke": []})
        html = _markdown(numbers)(outputs.bound(text)).strip()
        if html:
            _last(sections)["bloecke"].append({"html": html})


def _markdown(numbers: dict) -> mistune.Markdown:
    render = mistune.create_markdown(escape=True, plugins=["strikethrough", math])
    render.renderer.register("inline_math", lambda _, text: mathml(text))
    render.renderer.register("block_math", lambda _, text: f'<div class="formel">{mathml(text, block=True)}</div>\n')

    def reference(inline, match, state) -> int:
        state.append_token({"type": "verweis", "raw": match.group(0)[1:]})
        return match.end()

    render.inline.register("verweis", _VERWEIS, reference, before="link")
    render.renderer.register("verweis", lambda _, text: _link(text, numbers))
    render.renderer.heading = _subheading  # what is registered would not replace a method
    return render


def _subheading(text: str, level: int, **_) -> str:
    """Heading within a section; one of a section in another notation would be missing from the contents."""
    if level < 3:
        raise ValueError(f"the heading {text!r} is underlined or indented; sections begin with '## ...' at the margin")
    return f"<h{level}>{text}</h{level}>\n"


def _name(sections: list[dict], w: dict) -> None:
    """Give sections their ids, translated headings and the page format."""
    seen = set(_ANKER)
    for section in sections:
        base = slug(section["titel"]) or "abschnitt"
        candidate, n = base, 1
        while candidate in seen:
            n += 1
            candidate = f"{base}-{n}"
        seen.add(candidate)
        section["id"] = candidate
        section["fest"] = w["ueberschriften"].get(section["titel"], "")
        section["quer"] = any(b["inhalt"].get("quer") for b in section["bloecke"] if "inhalt" in b)


def _check(notebook: str, inhalte: list[dict]) -> None:
    kinds = [i["art"] for i in inhalte if i["art"] != "kopf"]
    if kinds[:1] != ["kuerze"] or kinds.count("kuerze") != 1:
        raise ReportError(
            f"{notebook}: the first output below the head is {kinds[0] if kinds else 'missing'}; a report begins with "
            "one summary, outputs.kuerze(...)"
        )
    missing = numbers_without_table(inhalte)
    if missing:
        raise ReportError(
            f"{notebook}: {', '.join(missing[:5])} in a sentence, but in no table of the report; a reader must be able "
            "to look it up"
        )
    unexplained = _unexplained("\n".join(_summary(inhalte)))
    if unexplained:
        raise ReportError(
            f"{notebook}: the summary has the abbreviation {unexplained[0]!r}, which nothing explains; write it out, "
            "or add it to 'begriffe' in analysis/catalogue.yaml"
        )


def _summary(inhalte: list[dict]) -> list[str]:
    return next(i["absaetze"] for i in inhalte if i["art"] == "kuerze")


def _unexplained(text: str) -> list[str]:
    explained = " ".join(form for begriff in katalog().begriffe for form in begriff.formen)
    return [word for word in abbreviations(text) if not re.search(rf"(?<!\w){re.escape(word)}(?!\w)", explained)]


def _glossary(begriffe: list, w: dict) -> list[tuple[str, str]]:
    german = w["sprache"] == "de"
    pairs = [(b.begriff, b.erklaerung) if german else b.englisch for b in begriffe]
    return sorted(pairs, key=lambda pair: pair[0].casefold())


def _all_text(sections: list[dict], inhalte: list[dict]) -> str:
    rendered = (b["html"] for section in sections for b in section["bloecke"] if "html" in b)
    headings = (section["titel"] for section in sections)
    markdown = (Markup(html).striptags() for html in rendered)
    return "\n".join([*headings, *markdown, *(text for inhalt in inhalte for text in texts(inhalt))])
