"""No text of a notebook becomes a script: hostile texts through every way into a report, in a real browser.

Each case is refused, or its page, loaded without the page's own policy, runs nothing, asks for nothing and holds no
element or attribute that could.
"""

import copy
import subprocess
import sys
from functools import cache

import made
import nbformat
import pandas as pd
import pytest
from conftest import ROOT
from nbformat.v4 import new_markdown_cell, new_output

from analysis import outputs, tables
from analysis.report.document import ReportError
from analysis.report.exporter import BerichtExporter

RUN = "window.__x=true"
PAYLOADS = {
    "script": f"<script>{RUN}</script>",
    "picture": f"<img src=x onerror={RUN}>",
    "svg": f'<svg onload={RUN}><a xlink:href="javascript:{RUN}"><set attributeName=onmouseover to={RUN}></a></svg>',
    "link": f"javascript:{RUN}",
    "breakout": f"--></style></title></textarea></noscript><script>{RUN}</script>",
    "srcdoc": f'<iframe srcdoc="<script>parent.{RUN[7:]}</script>"></iframe>',
    "mutation": "<math><mtext><table><mglyph><style><!--</style>"
    f'<img title="--&gt;&lt;img src=x onerror={RUN}&gt;"></mglyph></table></mtext></math>',
    "attribute": f'x" autofocus tabindex=0 onfocus="{RUN}" style="background:url(https://a.example/b)" y="',
    "template": "{{ self._TemplateReference__context.cycler.__init__.__globals__.os }}{% set x %}",
    "style": "\"; } * { background: url('https://a.example/b') } @import 'https://a.example/c'; /*",
    "link with blanks": f"java\tscript\n:{RUN}",
}
MARKDOWN = {
    "heading": "## {0}",
    "text": "Ein Wort: {0}",
    "link": "[Wort]({0})",
    "link in brackets": "[Wort](<{0}>)",
    "link title": "[Wort](https://a.example '{0}')",
    "link by reference": "[Wort][r]\n\n[r]: {0} '{0}'",
    "automatic link": "<{0}>",
    "picture": "![Wort]({0})",
    "picture by reference": "!\u200b[Wort][r] ![r]\n\n[r]: {0}",
    "raw HTML": "<div>\n{0}\n</div>",
    "comment": "<!-- {0} -->",
    "fence": "```\n{0}\n```",
    "mermaid": "```mermaid\nflowchart LR; A[{0}]; click A href {0}\n```",
    "language of a fence": "```{0}\nx\n```",
    "formula": "Die Formel $x = {0}$ steht da.",
    "formula on its own": "$$\n\\text{{{0}}} \\href{{{0}}}{{x}}\n$$",
    "list": "- {0}\n- **{0}**\n- ~~{0}~~",
    "reference to a table": "@tab-{0} @abb-{0}",
}
FOREIGN = {
    "HTML": "text/html", "SVG": "image/svg+xml", "LaTeX": "text/latex", "Markdown": "text/markdown",
    "text": "text/plain",
    "JavaScript": "application/javascript", "widget": "application/vnd.jupyter.widget-view+json",
    "plot of records": "application/vnd.plotly.v1+json", "PDF": "application/pdf",
}  # fmt: skip

ALLOWED = set(
    """
    html head meta title style body a header nav main footer section div p span h1 h2 h3 h4 h5 h6 ul
    ol li dl dt dd strong em del code pre blockquote hr br abbr small sup sub b i kbd figure
    figcaption img details summary table caption colgroup col thead tbody tfoot tr th td math mrow
    mi mn mo mtext mspace mfrac msqrt mroot msub msup msubsup munder mover munderover mtable mtr mtd
    mstyle mpadded
    """.split()  # noqa: SIM905
)

INSPECT = """window => {
    const nodes = [...window.document.querySelectorAll("*")];
    const attributes = nodes.flatMap(n =>
        [...n.attributes].map(a => [n.tagName.toLowerCase(), a.name.toLowerCase(), a.value]));
    const scheme = address => URL.canParse(address, "https://a.example/")
        ? new URL(address, "https://a.example/").protocol : "none";
    const picture = /^data:image\\/png;base64,[A-Za-z0-9+\\/=]+$/;
    const hostile = ([tag, name, value]) =>
        /^(on.*|style|srcdoc|srcset|formaction|ping|background|poster|manifest)$/.test(name)
        || (name === "src" && !picture.test(value))
        || (/^(href|xlink:href|data|action|cite|to|values)$/.test(name) && !/^(https?|mailto):$/.test(scheme(value)))
        || (name === "http-equiv" && value !== "Content-Security-Policy");
    const rules = [...window.document.styleSheets].flatMap(s => [...s.cssRules])
        .map(rule => rule.cssText.replace(/"([^"\\\\]|\\\\.)*"/g, ""));
    return {
        ran: "__x" in window || "__x" in window.parent,
        tags: [...new Set(nodes.map(n => n.tagName.toLowerCase()))],
        attributes: attributes.filter(hostile),
        styles: rules.filter(text => /url\\(|@import/.test(text)),
    };
}"""

# Each page in a frame of its own, so that one call loads many; a frame may do all that a page may.
INSPECT_ALL = f"""pages => Promise.all(pages.map(page => new Promise(done => {{
    const frame = document.createElement("iframe");
    frame.onload = () => {{ done(({INSPECT})(frame.contentWindow)); frame.remove(); }};
    frame.srcdoc = page;
    document.body.append(frame);
}})))"""


def inspect(page) -> dict:
    """What the page that is open holds and has done."""
    return page.evaluate(f"({INSPECT})(window)")


def clean(found: dict) -> bool:
    """Whether a page holds only known elements, no attribute that runs or loads something, and nothing ran."""
    found["tags"] = sorted(set(found["tags"]) - ALLOWED)
    return not any(found.values())


@cache
def contents() -> dict[str, nbformat.NotebookNode]:
    """One output of each kind, with every part that it may have."""
    spalten = [tables.Spalte("Ort", oben=("Raum",)), tables.Spalte("Frauen", oben=("Zahl",))]
    texts = {"titel": "Frauen", "quelle": "Amt", "hinweise": ["Gezählt."]}
    table = tables.tabelle(spalten, [tables.Gruppe([["Adorf", "5"]], titel="Land")], name="frauen", **texts)
    figure = {**made.figure().inhalt, "daten": tables.tabelle(spalten, [tables.Gruppe([["a", "5"]])], **texts).inhalt}
    found = {
        "head": outputs.kopf("Bericht", "Worum es geht", "Stand"),
        "summary": outputs.kuerze(["Die Lage ist ruhig."]),
        "sentences": outputs.saetze(["Ein Satz.", ("Anfang.", "Ein Satz.")]),
        "note": outputs.hinweis("Hinweis", ["Ein Satz."]),
        "table": table,
        "figure": outputs.Ausgabe(figure, png=made.picture()),
        "formula": outputs.formel(r"x = \frac{a}{b}", "x ist a durch b"),
    }
    return {name: made.bundle(ausgabe) for name, ausgabe in found.items()}


def leaves(value, path=()):
    """Paths to every single value within nested lists and dictionaries."""
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, (*path, key))
    else:
        yield path


def replaced(content: dict, path: tuple, value) -> dict:
    changed = copy.deepcopy(content)
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return changed


def notebook(*cells: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Notebook with a table and these cells; nothing of it is shared."""
    nb = copy.deepcopy(plain())
    nb.cells += cells
    return nb


@cache
def plain() -> nbformat.NotebookNode:
    return made.notebook(made.code(made.bundle(made.table("Anhang", name="anhang"))))


def showing(output: nbformat.NotebookNode, position: int | None = None) -> nbformat.NotebookNode:
    """Notebook that shows this output, at a position in place of what stands there."""
    nb = notebook()
    cell = copy.deepcopy(nb.cells[0])
    cell.id, cell.outputs = "zeigt", [output]
    if position is None:
        nb.cells.append(cell)
    else:
        nb.cells[position] = cell
    return nb


def with_content(name: str, content: dict, png: str | None = None) -> nbformat.NotebookNode:
    """Notebook that shows a content which no function of the package has checked."""
    output = copy.deepcopy(contents()[name])
    output.data[outputs.MIME] = nbformat.from_dict(content)
    if png is not None:
        output.data["image/png"] = png
    return showing(output, {"head": 0, "summary": 2}.get(name))


def cases(payload: str):
    """Every way into a report with its notebook, and what the exporter is told besides."""
    for name, pattern in MARKDOWN.items():
        yield f"Markdown {name}", notebook(new_markdown_cell(pattern.format(payload))), {}
    for stream in ("stdout", "stderr"):
        yield stream, showing(new_output("stream", name=stream, text=payload)), {}
    yield "error", showing(new_output("error", ename=payload, evalue=payload, traceback=[payload])), {}
    frame = pd.DataFrame({payload: [payload]})
    styler = frame.style.set_caption(payload).set_table_attributes(payload)
    for name, html in (("frame", frame.to_html(escape=False)), ("Styler", styler.to_html())):
        yield name, showing(new_output("display_data", data={"text/html": html})), {}
    for name, mime in FOREIGN.items():
        yield name, showing(new_output("display_data", data={mime: payload})), {}
        beside = copy.deepcopy(contents()["table"])
        beside.data[mime] = payload
        yield f"{name} beside a table", showing(beside), {}
    for name, output in contents().items():
        content = output.data[outputs.MIME]
        for path in leaves(content):
            value = f"{payload} {made.ALT}" if path[-1] == "alternativtext" else payload
            yield f"{name} {path}", with_content(name, replaced(content, path, value)), {}
        further = {**content, "erfunden": payload, payload: payload}
        yield f"{name} with a part that nobody knows", with_content(name, further), {}
    figure = contents()["figure"].data[outputs.MIME]
    for name, png in (("picture", payload), ("picture with a tail", contents()["figure"].data["image/png"] + payload)):
        yield name, with_content("figure", figure, png=png), {}
    around = showing(copy.deepcopy(contents()["figure"]))
    around.metadata.update(title=payload, kernelspec={"name": payload, "display_name": payload, "language": payload})
    around.metadata.update(authors=[{"name": payload}], language_info={"name": payload}, widgets={payload: payload})
    for cell in around.cells:
        cell.source = cell.source if cell.cell_type == "markdown" else payload
        cell.metadata.update(name=payload, tags=["a"], slideshow={"slide_type": payload})
        for output in cell.get("outputs", []):
            output.metadata = nbformat.from_dict({"image/png": {"width": payload, "alt": payload}, payload: payload})
    yield "metadata", around, {"metadata": {"name": payload, "path": payload, "modified_date": payload}}
    named = notebook()
    named.cells[0].id = payload
    yield "cell id", named, {}
    yield "origin", notebook(), {"metadata": {"name": "t"}, "herkunft": [("befehl", payload)]}
    attached = new_markdown_cell("[Wort](attachment:a.png)", attachments={"a.png": {"image/png": payload}})
    yield "attachment", notebook(attached), {}


def exported(exporter, nb, resources) -> str | None:
    """Page, or None when the notebook is refused."""
    try:
        return exporter.from_notebook_node(nb, {"metadata": {"name": "t"}, **resources})[0]
    except ReportError:
        return None


@pytest.fixture
def bare(browser):
    """Page without any policy; `seen` collects dialogs, messages and requests."""
    context = browser.new_context(bypass_csp=True, offline=True)
    page = context.new_page()
    page.seen = []
    page.on("dialog", lambda dialog: (page.seen.append(dialog.message), dialog.dismiss()))
    page.on("console", lambda message: page.seen.append(message.text))
    page.on("pageerror", lambda error: page.seen.append(str(error)))
    page.on("request", lambda r: r.url.startswith("data:") or page.seen.append(r.url))
    yield page
    context.close()


@pytest.mark.parametrize("name", PAYLOADS)
def test_no_hostile_text_becomes_more_than_text(bare, name):
    exporter = BerichtExporter()
    untouched, shown, refused = exported(exporter, plain(), {}), {}, set()
    for case, nb, resources in cases(PAYLOADS[name]):
        html = exported(exporter, nb, resources)
        if html is None:
            refused.add(case)
        elif html != untouched:
            shown[case] = html
    results = dict(zip(shown, bare.evaluate(INSPECT_ALL, list(shown.values())), strict=True))
    assert {case: found for case, found in results.items() if not clean(found)} == {}
    assert bare.seen == []
    assert {"stdout", "stderr", "error", "frame", "Styler", "cell id", *FOREIGN} <= refused
    expected = {"table ('titel',)", "table ('gruppen', 0, 'zeilen', 0, 1)", "note ('titel',)", "head ('titel',)"}
    assert expected <= shown.keys()  # as text


KINDS = ["head", "summary", "sentences", "note", "table", "figure", "formula"]


@pytest.mark.parametrize("name", KINDS)
def test_parts_of_another_type_are_refused_with_a_sentence(name):
    content, exporter, accepted = contents()[name].data[outputs.MIME], BerichtExporter(), []
    for path in leaves(content):
        for value in ([RUN], {"__html__": RUN}, {"__html__": {"__call__": RUN}}, 7.5, None):
            if exported(exporter, with_content(name, replaced(content, path, value)), {}) is not None:
                accepted.append((path, value))
    assert accepted == []
    for value in ([], "kopf", 7, None, {"art": ["kopf"]}, {"art": {"__html__": RUN}}):
        assert exported(exporter, with_content(name, value), {}) is None


@pytest.mark.parametrize("name", [name for name in PAYLOADS if name != "template"])
def test_the_check_would_find_it(bare, name):
    payload = PAYLOADS[name]
    careless = (
        f"""<!DOCTYPE html><html lang=de><title>t</title><style>a {{ content: "{payload}</style><body>{payload}"""
    )
    (found,) = bare.evaluate(INSPECT_ALL, [f'{careless}<a href="{payload}">x</a>'])
    assert not clean(found)
    assert found["ran"] or name in ("link", "link with blanks", "style", "attribute", "svg", "picture", "mutation")


def test_also_through_the_command_of_nbconvert(bare, tmp_path):
    nb = made.notebook(
        new_markdown_cell("\n\n".join([*PAYLOADS.values(), f"[Wort]({PAYLOADS['link']})"])),
        made.code(made.bundle(made.table(PAYLOADS["script"]))),
        head=outputs.kopf(PAYLOADS["breakout"], PAYLOADS["svg"], PAYLOADS["picture"]),
    )
    path = tmp_path / "bericht.ipynb"
    nbformat.write(nb, path)
    command = [sys.executable, "-m", "nbconvert", "--to", "kreisblick", str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    bare.goto(path.with_suffix(".html").as_uri())
    bare.seen.remove(path.with_suffix(".html").as_uri())
    assert clean(inspect(bare)) and bare.seen == []
    assert bare.locator("h1").text_content() == PAYLOADS["breakout"]
