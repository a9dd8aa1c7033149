"""No text of a notebook becomes a script: hostile texts through every way into a report, in a real browser.

Each case is refused, or its page, loaded without the page's own policy, runs nothing, asks for nothing and holds no
element or attribute that could.
"""

import copy
import subprocess
import sys

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
    "HTML": "text/html", "SVG": "image/svg+xml", "LaTeX": "text/latex", "Markdown": "text/markdown", "text": "text/plain",
    "JavaScript": "application/javascript", "widget": "application/vnd.jupyter.widget-view+json",
    "plot of records": "application/vnd.plotly.v1+json", "PDF": "application/pdf",
}  # fmt: skip

ALLOWED = set(
    "html head meta title style body a header nav main footer section div p span h1 h2 h3 h4 h5 h6 ul ol li dl dt dd strong em del "
    "code pre blockquote hr br abbr small sup sub b i kbd figure figcaption img details summary table caption colgroup col thead tbody tfoot tr "
    "th td math mrow mi mn mo mtext mspace mfrac msqrt mroot msub msup msubsup munder mover munderover mtable mtr mtd mstyle "
    "mpadded".split()
)

INSPECT = """() => {
    const nodes = [...document.querySelectorAll("*")];
    const attributes = nodes.flatMap(n => [...n.attributes].map(a => [n.tagName.toLowerCase(), a.name.toLowerCase(), a.value]));
    const scheme = address => { try { return new URL(address, "https://a.example/").protocol; } catch { return "none"; } };
    const picture = /^data:image\\/png;base64,[A-Za-z0-9+\\/=]+$/;
    const hostile = ([tag, name, value]) =>
        /^(on.*|style|srcdoc|srcset|formaction|ping|background|poster|manifest)$/.test(name)
        || (name === "src" && !picture.test(value))
        || (/^(href|xlink:href|data|action|cite|to|values)$/.test(name) && !/^(https?|mailto):$/.test(scheme(value)))
        || (name === "http-equiv" && value !== "Content-Security-Policy");
    const rules = [...document.styleSheets].flatMap(s => [...s.cssRules].map(r => r.cssText.replace(/"([^"\\\\]|\\\\.)*"/g, "")));
    return {
        ran: "__x" in window,
        tags: [...new Set(nodes.map(n => n.tagName.toLowerCase()))],
        attributes: attributes.filter(hostile),
        styles: rules.filter(text => /url\\(|@import/.test(text)),
    };
}"""


def clean(found: dict) -> bool:
    """Whether a page holds only known elements, no attribute that runs or loads something, and nothing ran."""
    found["tags"] = sorted(set(found["tags"]) - ALLOWED)
    return not any(found.values())


def contents() -> dict[str, outputs.Ausgabe]:
    """One output of each kind, with every part that it may have."""
    levels = {}
    if "oben" in tables.Spalte.__dataclass_fields__:
        levels = {"spalten": [tables.Spalte("Ort", oben=("Raum",)), tables.Spalte("Frauen", oben=("Zahl",))]}
    found = {
        "head": outputs.kopf("Bericht", "Worum es geht", "Stand"),
        "summary": outputs.kuerze(["Die Lage ist ruhig."]),
        "sentences": outputs.saetze(["Ein Satz.", ("Anfang.", "Ein Satz.")]),
        "note": outputs.hinweis("Hinweis", ["Ein Satz."]),
        "table": made.table(),
        "figure": made.figure(),
    }
    if levels:
        found["table with levels"] = tables.tabelle(
            levels["spalten"], [tables.Gruppe([["Adorf", "5"]])], titel="Frauen", quelle="Amt", name="frauen"
        )
    if hasattr(outputs, "formel"):
        found["formula"] = outputs.formel(r"x = \frac{a}{b}", "x ist a durch b")
    return found


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


def with_content(name: str, ausgabe: outputs.Ausgabe, content: dict, png: str | None = None) -> nbformat.NotebookNode:
    """Notebook that shows a content which no function of the package has checked."""
    output = made.bundle(ausgabe)
    output.data[outputs.MIME] = nbformat.from_dict(content)
    if png is not None:
        output.data["image/png"] = png
    nb = made.notebook(made.code(made.bundle(made.table("Anhang", name="anhang"))))
    position = {"head": 0, "summary": 2}.get(name)
    if position is None:
        nb.cells.append(made.code(output))
    else:
        nb.cells[position] = made.code(output)
    return nb


def cases(payload: str):
    """Every way into a report with its notebook, and what the exporter is told besides."""
    for name, pattern in MARKDOWN.items():
        yield f"Markdown {name}", made.notebook(new_markdown_cell(pattern.format(payload))), {}
    for stream in ("stdout", "stderr"):
        yield stream, made.notebook(made.code(new_output("stream", name=stream, text=payload))), {}
    error = new_output("error", ename=payload, evalue=payload, traceback=[payload])
    yield "error", made.notebook(made.code(error)), {}
    frame = pd.DataFrame({payload: [payload]})
    styler = frame.style.set_caption(payload).set_table_attributes(payload).format(lambda text: text)
    for name, html in (("frame", frame.to_html(escape=False)), ("Styler", styler.to_html())):
        yield name, made.notebook(made.code(new_output("display_data", data={"text/html": html}))), {}
    for name, mime in FOREIGN.items():
        yield name, made.notebook(made.code(new_output("display_data", data={mime: payload}))), {}
        beside = made.bundle(made.table())
        beside.data[mime] = payload
        yield f"{name} beside a table", made.notebook(made.code(beside)), {}
    for name, ausgabe in contents().items():
        for path in leaves(ausgabe.inhalt):
            value = payload
            if path[-1] == "alternativtext":
                value = f"{payload} {made.ALT}"
            yield f"{name} {path}", with_content(name, ausgabe, replaced(ausgabe.inhalt, path, value)), {}
        further = {**ausgabe.inhalt, "erfunden": payload, payload: payload}
        yield f"{name} with a part that nobody knows", with_content(name, ausgabe, further), {}
    yield "picture", with_content("figure", made.figure(), made.figure().inhalt, png=payload), {}
    around = made.notebook(made.code(made.bundle(made.figure())))
    around.metadata.update(title=payload, kernelspec={"name": payload, "display_name": payload, "language": payload})
    around.metadata.update(authors=[{"name": payload}], language_info={"name": payload}, widgets={payload: payload})
    for cell in around.cells:
        cell.id, cell.source = payload, cell.source if cell.cell_type == "markdown" else payload
        cell.metadata.update(name=payload, tags=[payload], slideshow={"slide_type": payload})
        for output in cell.get("outputs", []):
            output.metadata = nbformat.from_dict({"image/png": {"width": payload, "alt": payload}, payload: payload})
    yield "metadata", around, {"metadata": {"name": payload, "path": payload, "modified_date": payload}}
    plain = made.notebook()
    yield "origin", plain, {"metadata": {"name": "t"}, "herkunft": [("befehl", payload)]}
    attached = made.notebook(new_markdown_cell("[Wort](attachment:a.png)", attachments={"a.png": {"image/png": payload}}))
    yield "attachment", attached, {}


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
    harmless, shown, refused = {exported(exporter, made.notebook(), {})}, set(), set()
    for case, nb, resources in cases(PAYLOADS[name]):
        html = exported(exporter, nb, resources)
        if html is None:
            refused.add(case)
        elif html not in harmless:
            bare.set_content(html, wait_until="load")
            found = bare.evaluate(INSPECT)
            assert clean(found) and bare.seen == [], (case, found, bare.seen)
            harmless.add(html)
            shown.add(case)
    assert {"stdout", "stderr", "error", "frame", "Styler", *FOREIGN} <= refused
    expected = {"table ('titel',)", "table ('gruppen', 0, 'zeilen', 0, 1)", "note ('titel',)", "head ('titel',)"}
    assert expected <= shown  # as text


@pytest.mark.parametrize("name", contents())
def test_parts_of_another_type_are_refused_with_a_sentence(name):
    ausgabe, exporter, accepted = contents()[name], BerichtExporter(), []
    for path in leaves(ausgabe.inhalt):
        for value in ([RUN], {"__html__": RUN}, {"__html__": {"__call__": RUN}}, 7.5, None, True, "", [], {}):
            nb = with_content(name, ausgabe, replaced(ausgabe.inhalt, path, value))
            if exported(exporter, nb, {}) is not None:
                accepted.append((path, value))
    assert [(path, value) for path, value in accepted if not isinstance(value, bool | str | None | float)] == []
    for value in ([], "kopf", 7, None, {"art": ["kopf"]}, {"art": {"__html__": RUN}}):
        assert exported(exporter, with_content(name, ausgabe, value), {}) is None


@pytest.mark.parametrize("name", PAYLOADS.keys() - {"link", "template", "style", "link with blanks"})
def test_the_check_would_find_it(bare, name):
    page = f"<!DOCTYPE html><html lang=de><title>t</title><body><input value=\"{PAYLOADS[name]}\">{PAYLOADS[name]}"
    bare.set_content(page, wait_until="load")
    assert not clean(bare.evaluate(INSPECT))


@pytest.mark.parametrize("name", ["link", "link with blanks", "style"])
def test_the_check_would_find_addresses_too(bare, name):
    payload = PAYLOADS[name]
    bare.set_content(f'<!DOCTYPE html><body><a href="{payload}">x</a><style>a {{ content: "{payload}</style>')
    assert not clean(bare.evaluate(INSPECT))


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
    assert clean(bare.evaluate(INSPECT)) and bare.seen == []
    assert bare.locator("h1").text_content() == PAYLOADS["breakout"]
