"""What stands in the finished pages, read from the browser's own tree: outline, tables, numbers, completeness."""

import json
import re

import nbformat
import pytest

from analysis import outputs
from analysis.ziele import lesen

GENERIC = {"bild", "abbildung", "diagramm", "grafik", "image", "plot", "figure", "no description has been provided"}

OUTLINE = """() => {
    const all = query => [...document.querySelectorAll(query)];
    const ids = all("[id]").map(n => n.id);
    return {
        lang: document.documentElement.lang,
        headings: all("h1, h2, h3, h4, h5, h6").map(n => Number(n.tagName[1])),
        landmarks: ["header", "nav", "main", "footer"].map(name => all("body > " + name).length),
        unnamedNav: all("nav:not([aria-label])").length,
        ids: ids,
        references: all("[headers], [aria-labelledby], [aria-describedby]").flatMap(n =>
            ["headers", "aria-labelledby", "aria-describedby"].flatMap(a => (n.getAttribute(a) || "").split(/\\s+/))
        ).concat(all("a[href^='#']").map(n => n.hash.slice(1))).filter(id => id && !ids.includes(id)),
        strayHeaders: all("td[headers], th[headers]").filter(n => n.getAttribute("headers").split(/\\s+/).some(
            id => n.closest("table").querySelector("th[id='" + id + "']") === null)).length,
        tables: all("table").map(t => ({
            caption: t.caption ? t.caption.textContent.trim() : "",
            unscoped: [...t.querySelectorAll("th")]
                .filter(n => !["col", "row", "colgroup", "rowgroup"].includes(n.scope)).length,
            rowsWithoutHeader: [...t.tBodies].flatMap(b => [...b.rows]).filter(r => !r.querySelector("th")).length,
            empty: [...t.querySelectorAll("th, td")].filter(n => !n.textContent.trim()).length})),
        pictures: all("figure img").map(n => ({
            alt: n.alt, width: n.naturalWidth, src: n.src.slice(0, 22),
            caption: n.closest("figure") ? n.closest("figure").querySelector("figcaption").textContent.trim() : ""})),
    };
}"""

TEXTS = """() => {
    document.querySelectorAll("details").forEach(d => d.open = true);
    const written = [...document.querySelectorAll("[alt], [title], [aria-label], [data-spalte]")].flatMap(n =>
        ["alt", "title", "aria-label", "data-spalte"].map(a => n.getAttribute(a)).filter(Boolean));
    return [document.title, document.body.innerText, ...written];
}"""

SHOWN = """() => {
    const text = n => n.textContent.replace(/\\s+/g, " ").trim();
    const rows = t => [...t.tBodies].flatMap(b => [...b.rows])
        .map(r => [...r.cells].map(text)).filter(cells => cells.length > 1 || t.tHead.rows[0].cells.length === 1);
    const table = t => ({caption: text(t.caption), rows: rows(t)});
    const kinds = {"h1": "kopf", ".kuerze": "kuerze", ".hinweis": "hinweis", "figure": "abbildung",
                   ".tabelle": "tabelle", ".anlage": "anlage"};
    return {
        kinds: [...document.querySelectorAll(Object.keys(kinds).join(", "))].filter(n => !n.closest("details"))
            .map(n => kinds[Object.keys(kinds).find(query => n.matches(query))]),
        tables: [...document.querySelectorAll("table")].filter(t => !t.closest("details")).map(table),
        data: [...document.querySelectorAll("details table")].map(table),
        text: text(document.body),
    };
}"""


@pytest.fixture(scope="module")
def seen(pages, browser):
    """What each script finds on every page, by script and the page's name; every page is opened once."""
    page = browser.new_page(viewport={"width": 1200, "height": 900}, offline=True)
    found = {OUTLINE: {}, SHOWN: {}, TEXTS: {}}
    for name, path in pages.items():
        page.goto(path.as_uri())
        for script, results in found.items():  # the last one folds the page out
            if script != SHOWN or name != "index":
                results[name] = page.evaluate(script)
    page.close()
    return found


def test_every_page_has_an_outline_that_can_be_followed(seen):
    for name, page in seen[OUTLINE].items():
        assert page["lang"] == "de"
        levels = page["headings"]
        assert levels[0] == 1 and levels.count(1) == 1, name
        assert all(below - above <= 1 for above, below in zip(levels, levels[1:], strict=False)), (name, levels)
        assert page["landmarks"] == [1, 1, 1, 1] and page["unnamedNav"] == 0, name
        assert len(page["ids"]) == len(set(page["ids"])), name
        assert page["references"] == [] and page["strayHeaders"] == 0, name


def test_every_table_has_a_caption_scopes_and_no_empty_cell(seen):
    for name, page in seen[OUTLINE].items():
        assert page["tables"], name
        for table in page["tables"]:
            assert len(table["caption"]) > 10, name
            assert [table[fault] for fault in ("unscoped", "rowsWithoutHeader", "empty")] == [0, 0, 0], table


def test_every_picture_is_there_and_described_in_words_of_its_own(seen):
    for name, page in seen[OUTLINE].items():
        alts = [picture["alt"] for picture in page["pictures"]]
        assert len(alts) == len(set(alts)) and bool(alts) == (name != "index"), name
        for picture in page["pictures"]:
            assert picture["src"] == "data:image/png;base64," and picture["width"] > 500, name
            assert 30 <= len(picture["alt"]) <= 400, picture
            assert picture["alt"].strip().lower().rstrip(".") not in GENERIC
            assert picture["alt"].strip() not in picture["caption"] and picture["caption"], picture


def foreign_numbers(text: str) -> list[str]:
    """Numbers that are not written as in German: a decimal point, a thousands comma, a hyphen as minus."""
    # Numbers of chapters are names, not amounts.
    text = re.sub(r"(Abschnitt|Kapitel|Seite|Nr\.|BITV|WCAG|Version) \d+\.\d+( und \d+\.\d+)*", "", text)
    text = re.sub(r"\b\d{1,2}\.\d{1,2}\.(?!\d)", "", text)  # day and month
    once = re.findall(r"(?<![\w.,/-])\d+\.\d+(?![\w/-]|\.\d)", text)  # dates and versions have two dots
    dotted = [n for n in once if not re.fullmatch(r"\d{1,3}\.\d{3}", n)]
    comma = re.findall(r"(?<![\w.,])\d{1,3}(?:,\d{3})+(?![\w,])", text)
    hyphen = re.findall(r"(?:(?<=\s)|^)-\d[\d.,]*", text)
    return dotted + comma + hyphen


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "89.393 Menschen, 7,1 %, −3, am 31.12.2019, 13,6 bis 14,1; (Abschnitt 1.2 und 3.1) Kreisblick 0.1.0",
            [],
        ),
        ("7.1 %", ["7.1"]),
        ("Anstieg um 0.25", ["0.25"]),
        ("1,234,567 und 89,393", ["1,234,567", "89,393"]),
        ("Veränderung: -3,2", ["-3,2"]),
    ],
)
def test_a_number_that_is_not_german_is_recognised(text, found):
    assert foreign_numbers(text) == found


def test_every_number_is_written_as_in_german(seen):
    goals = {z.code for ags in ("16077", "99099") for z in lesen.lesen(lesen.dateien()[ags]).ziele}
    for name, texts in seen[TEXTS].items():
        codes = goals if name.endswith("05_zielmonitoring") else set()  # names, not amounts
        assert [n for text in texts for n in foreign_numbers(text) if n not in codes] == [], name


def test_all_outputs_of_the_notebook_stand_in_the_page_in_order(pages, seen):
    for name, shown in seen[SHOWN].items():
        nb = nbformat.read(pages[name].with_suffix(".ipynb"), as_version=4)
        made = [o.data[outputs.MIME] for c in nb.cells if c.cell_type == "code" for o in c.outputs]
        assert len(made) >= 10
        kinds = [o["art"] for o in made if o["art"] != "saetze"]
        assert shown["kinds"] == sorted(kinds, key="kopf".__ne__), name  # the head stands first, wherever it was made
        tables = [o for o in made if o["art"] == "tabelle"]
        data = [o["daten"] for o in made if o["art"] == "abbildung" and o.get("daten")]
        for here, there in ((tables, shown["tables"]), (data, shown["data"])):
            assert [squeezed(cells(t)) for t in here] == [t["rows"] for t in there], name
            assert all(squeezed(t["titel"]) in s["caption"] for t, s in zip(here, there, strict=True)), name
        for output in made:
            for text in texts_of(output):
                assert squeezed(text) in shown["text"], (name, text)


def cells(table: dict) -> list[list[str]]:
    return [zeile for gruppe in table["gruppen"] for zeile in gruppe["zeilen"]]


def texts_of(output: dict) -> list[str]:
    paragraphs = [p for absatz in output.get("absaetze", []) for p in ([absatz] if isinstance(absatz, str) else absatz)]
    return [
        *(output.get(part) or "" for part in ("titel", "einheit", "quelle")),
        *paragraphs,
        *output.get("hinweise", []),
    ]


def squeezed(value):
    """Texts with each run of white space as one space, as the browser's tree is read here."""
    return json.loads(re.sub(r"(\\[nt]|\s)+", " ", json.dumps(value, ensure_ascii=False)))
