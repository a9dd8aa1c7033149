import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from analysis import figures, outputs, tables
from analysis.report.document import ReportError, attached_name, attachments, document, pictures

KOPF = outputs.kopf("Steckbrief", "Untertitel", "Stand 2019")


def shown(*ausgaben) -> nbformat.NotebookNode:
    """Executed code cell that shows these outputs."""
    cell = new_code_cell("zeige()", execution_count=1)
    for ausgabe in ausgaben:
        data, metadata = ausgabe._repr_mimebundle_()
        cell.outputs.append(new_output("display_data", data=data, metadata=metadata))
    return cell


def raw(*results) -> nbformat.NotebookNode:
    return new_code_cell("zeige()", execution_count=1, outputs=list(results))


def notebook(*cells) -> nbformat.NotebookNode:
    return new_notebook(cells=[shown(KOPF), new_markdown_cell("## Eins"), shown(outputs.kuerze(["Kurz."])), *cells])


def table(titel="T"):
    return tables.tabelle([tables.Spalte("a")], [tables.Gruppe([["1"]])], titel=titel, quelle="Q")


def test_every_output_becomes_part_of_its_section_and_is_numbered():
    nb = notebook(shown(table("A"), outputs.saetze(["Satz"])), new_markdown_cell("## Zwei\n\nText"), shown(table("B")))
    made = document(nb, "test")
    assert [s["titel"] for s in made["abschnitte"]] == ["Eins", "Zwei"]
    assert sum("inhalt" in b for s in made["abschnitte"] for b in s["bloecke"]) == 4
    numbers = [b["nummer"].get("text") for s in made["abschnitte"] for b in s["bloecke"] if "nummer" in b]
    assert numbers == [None, "Tabelle 1", None, "Tabelle 2"]


def test_equal_headings_get_different_ids():
    made = document(notebook(new_markdown_cell("## Eins")), "test")
    assert [s["id"] for s in made["abschnitte"]] == ["eins", "eins-2"]


def test_raw_html_in_markdown_is_text_not_markup():
    made = document(notebook(new_markdown_cell("<script>alert(1)</script> und <img src=x onerror=alert(1)>")), "test")
    html = made["abschnitte"][0]["bloecke"][1]["html"]
    assert "<script" not in html and "<img" not in html and "&lt;script&gt;" in html


def test_a_link_to_a_script_is_no_link():
    made = document(notebook(new_markdown_cell("[klick](javascript:alert(1))")), "test")
    assert "javascript:" not in made["abschnitte"][0]["bloecke"][1]["html"]


def bundle(**data):
    return new_output("execute_result", data={k.replace("_", "/"): v for k, v in data.items()}, execution_count=1)


DATA = tables.tabelle([tables.Spalte("a")], [tables.Gruppe([["1"]])], titel="t", quelle="q")
FORGED = {"art": "abbildung", "name": "x", "titel": "t", "einheit": "e", "quelle": "q", "alternativtext": "image"} | {
    "daten": DATA.inhalt
}


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (raw(new_output("stream", name="stdout", text="/home/anna/daten.csv geladen")), "printed text on stdout"),
        (raw(new_output("stream", name="stderr", text="Warning: x")), "printed text on stderr"),
        (
            raw(bundle(text_plain="   wert\n0  1", text_html="<table></table>")),
            "shows text/html, text/plain without title",
        ),
        (raw(bundle(image_png="iVBORw0KGgo=")), "shows image/png without title, source and alternative text"),
        (raw(bundle(text_plain="42")), "shows text/plain without title"),
        (raw(new_output("error", ename="KeyError", evalue="'x'", traceback=[])), "KeyError: 'x'"),
        (new_code_cell("1 + 1"), "was not run"),
        (raw(new_output("display_data", data={outputs.MIME: FORGED, "image/png": "AA=="})), "alternative text has 5"),
        (raw(new_output("display_data", data={outputs.MIME: {"art": "film"}})), "unknown kind 'film'"),
        (new_markdown_cell("# Titel"), "a heading '# ...'"),
        (new_markdown_cell(" # Titel"), "the heading 'Titel' is underlined or indented"),
        (new_markdown_cell("Titel\n====="), "the heading 'Titel' is underlined or indented"),
        (new_markdown_cell("Zwei\n---\n\nText"), "the heading 'Zwei' is underlined or indented"),
        (new_markdown_cell("  ## Zwei"), "the heading 'Zwei' is underlined or indented"),
        (new_markdown_cell("![Bild](bild.png)"), "a picture in Markdown"),
        (new_markdown_cell("| a | b |\n|---|:--|\n| 1 | 2 |"), "a table in Markdown"),
        (new_markdown_cell("a | b\n--- | ---\n1 | 2"), "a table in Markdown"),
        (shown(KOPF), "a second head"),
    ],
)
def test_what_a_reader_could_not_understand_is_refused_with_the_cell(cell, message):
    with pytest.raises(ReportError, match=message) as caught:
        document(notebook(cell), "mein_bericht")
    assert str(caught.value).startswith("mein_bericht, cell 4: ")


def test_a_report_has_a_head_and_a_section():
    with pytest.raises(ReportError, match="no head"):
        document(new_notebook(cells=[new_markdown_cell("## Eins")]), "t")
    with pytest.raises(ReportError, match="no section"):
        document(new_notebook(cells=[shown(KOPF)]), "t")
    with pytest.raises(ReportError, match="before the first section"):
        document(new_notebook(cells=[shown(KOPF), shown(table())]), "t")


def test_a_cell_for_the_analyst_stays_in_the_notebook():
    note = new_markdown_cell("# Nur hier")
    note.metadata["tags"] = ["nur-notebook"]
    assert "Nur hier" not in str(document(notebook(note), "t"))


def test_a_figure_without_its_picture_is_refused():
    fig, (ax,) = figures.new_figure(1)
    ax.plot([1, 2])
    made = figures.abbildung(
        fig, name="n", titel="t", einheit="e", quelle="q", daten=DATA,
        alternativtext="Eine Linie steigt von links nach rechts an.",
    )  # fmt: skip
    data, _ = made._repr_mimebundle_()
    del data["image/png"]
    with pytest.raises(ReportError, match="there is no picture"):
        document(notebook(raw(new_output("display_data", data=data))), "t")


def page_text(made) -> str:
    blocks = [b for section in made["abschnitte"] for b in section["bloecke"]]
    return " ".join(b.get("html") or " ".join(map(outputs.joined, b["inhalt"].get("absaetze", []))) for b in blocks)


def named(name, titel="T", zelle="1"):
    return tables.tabelle([tables.Spalte("a")], [tables.Gruppe([[zelle]])], titel=titel, quelle="Q", name=name)


def test_a_reference_becomes_a_link_with_the_number_wherever_the_table_stands():
    text = "Siehe @tab-zwei, nicht anna@tab-eins.de."
    cells = [new_markdown_cell(text), shown(outputs.saetze([("Mehr:", "@tab-eins & mehr")])), shown(named("eins"))]
    made = page_text(document(notebook(*cells, shown(named("zwei"))), "t"))
    assert (
        '<a href="#tabelle-2">Tabelle\u00a02</a>' in made
        and '<a href="#tabelle-1">Tabelle\u00a01</a> &amp; mehr' in made
    )
    assert "anna@tab-eins.de" in made


def test_a_note_below_the_numbers_of_a_figure_refers_to_a_table_too():
    fig, (ax,) = figures.new_figure(1)
    ax.plot([1, 2])
    daten = tables.tabelle(
        [tables.Spalte("a")], [tables.Gruppe([["1"]])], titel="t", quelle="q", hinweise=["Siehe @tab-eins."]
    )
    figure = figures.abbildung(
        fig, name="n", titel="t", einheit="e", quelle="q", daten=daten,
        alternativtext="Eine Linie steigt von links nach rechts an.",
    )  # fmt: skip
    (block,) = pictures(document(notebook(shown(figure, named("eins"))), "t"))
    assert block["inhalt"]["daten"]["hinweise"] == ['Siehe <a href="#tabelle-1">Tabelle\u00a01</a>.']
    with pytest.raises(ReportError, match="the reference @tab-eins leads nowhere"):
        document(notebook(shown(figure)), "t")


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ((new_markdown_cell("@tab-fehlt"),), "cell 4: the reference @tab-fehlt leads nowhere: no figure or table"),
        ((shown(outputs.saetze(["@abb-x"])),), "cell 4: the reference @abb-x leads nowhere"),
        ((shown(named("a")), shown(named("a")), new_markdown_cell("@tab-a")), "cell 6: .*more than one is called so"),
        ((new_markdown_cell(r"$\href{javascript:alert(1)}{x}$"),), "cell 4: formula .* has no place"),
        ((shown(outputs.saetze(["Es sind 7,1 %."])),), "t: 7,1 % in a sentence, but in no table of the report"),
        ((shown(outputs.kuerze(["Noch eine."])),), "one summary"),
    ],
)  # fmt: skip
def test_what_leads_nowhere_is_refused(cells, message):
    with pytest.raises(ReportError, match=message):
        document(notebook(*cells), "t")


def test_a_report_begins_with_its_summary():
    cells = [shown(KOPF), new_markdown_cell("## Eins"), shown(table()), shown(outputs.kuerze(["Kurz."]))]
    with pytest.raises(
        ReportError, match="the first output below the head is tabelle; a report begins with one summary"
    ):
        document(new_notebook(cells=cells), "t")
    with pytest.raises(ReportError, match="the first output below the head is missing"):
        document(new_notebook(cells=cells[:2]), "t")


def test_an_abbreviation_that_nothing_explains_does_not_stand_in_the_summary():
    cells = [shown(KOPF), new_markdown_cell("## Eins"), shown(outputs.kuerze(["Das regelt das XYZG."]))]
    with pytest.raises(ReportError, match="the abbreviation 'XYZG', which nothing explains"):
        document(new_notebook(cells=cells), "t")
    cells[2] = shown(outputs.kuerze(["Das regelt das SGB II."]))
    made = document(new_notebook(cells=cells), "t")
    assert [term for term, _ in made["begriffe"]] == ["SGB"] and made["unerklaert"] == []


def test_formulas_in_markdown_become_mathml():
    text = page_text(document(notebook(new_markdown_cell("Mit $p$ und\n\n$$\n\\frac{p}{n}\n$$\n")), "t"))
    assert (
        '<math alttext="p"><mrow><mi>p</mi></mrow></math>' in text
        and '<div class="formel"><math display="block" ' in text
    )


def test_a_section_with_a_wide_table_gets_a_page_in_landscape_format():
    wide = tables.tabelle(
        [tables.Spalte(f"Spaltenkopf {n}") for n in range(12)], [tables.Gruppe([["1"] * 12])], titel="T", quelle="Q"
    )
    made = document(notebook(shown(wide), new_markdown_cell("## Zwei")), "t")
    assert [s["quer"] for s in made["abschnitte"]] == [True, False]


def test_forged_parts_of_an_output_are_refused():
    for part, value in (
        ("titel", ["<b>"]),
        ("titel", {"__html__": "<b>"}),
        ("fremd", "x"),
        ("gruppen", [{"zeilen": []}]),
    ):
        forged = {**table().inhalt, part: value}
        with pytest.raises(ReportError, match="cell 4: tabelle"):
            document(notebook(raw(new_output("display_data", data={outputs.MIME: forged}))), "t")
    for png in ("<script>", "AAAA", '"onload="x'):
        forged = {**FORGED, "alternativtext": "x" * 40, "breite": 1, "hoehe": 1}
        with pytest.raises(ReportError, match="picture is not"):
            document(notebook(raw(new_output("display_data", data={outputs.MIME: forged, "image/png": png}))), "t")


def workbook(name="tabellenband"):
    return outputs.anlage(name, "Tabellenband", "jede Frage auf einem Blatt.", b"PK\x03\x04")


def test_a_workbook_beside_the_report_is_linked_by_its_file_name():
    made = document(notebook(shown(workbook())), "04_befragung")
    assert [a["name"] for a in attachments(made)] == ["tabellenband"]
    files = [b["nummer"]["datei"] for s in made["abschnitte"] for b in s["bloecke"] if b.get("nummer")]
    assert files == [attached_name("04_befragung", "tabellenband")] == ["04_befragung.tabellenband.xlsx"]
    assert attachments(document(notebook(shown(table())), "04_befragung")) == []


def test_two_workbooks_of_one_name_are_refused():
    assert len(attachments(document(notebook(shown(workbook(), workbook("zweiter"))), "b"))) == 2
    with pytest.raises(ReportError, match="two files beside the report have the name 'tabellenband'"):
        attachments(document(notebook(shown(workbook(), workbook())), "b"))
