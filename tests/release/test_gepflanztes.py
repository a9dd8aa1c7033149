"""Faults planted in real files of a report: each is found, with its place; nothing is found in good reports."""

import base64
import getpass
import io
from pathlib import Path

import pytest
from conftest import ROOT
from gepflanzt import (
    HTML,
    IPYNB,
    PNG,
    XLSX,
    embedded_picture,
    good_report,
    in_embedded_picture,
    in_member,
    in_notebook,
    in_page,
    in_picture,
    in_workbook,
    new_member,
    output,
    packings,
)
from openpyxl.comments import Comment
from PIL import Image

from analysis.release import maschine, ordner
from analysis.release.datei import Gesucht
from analysis.release.fund import Fund
from analysis.release.suche import Kanarien

SHEET = "xl/worksheets/sheet2.xml"


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> dict[str, bytes]:
    return good_report(tmp_path_factory.mktemp("gut"))


def findings(files: dict[str, bytes]) -> list[Fund]:
    return ordner.check_files({Path(name): content for name, content in files.items()}, Gesucht())


def file_of(found: Fund) -> str:
    return next(name for name in (HTML, XLSX, IPYNB, PNG) if found.stelle.startswith(name))


def test_a_good_report_has_no_finding(report):
    assert set(report) == {HTML, XLSX, IPYNB, PNG} and findings(report) == []


@pytest.mark.parametrize(
    "text",
    [
        "Siehe [Gesetz](https://www.gesetze-im-internet.de/sgb_2/) und <amt@kreis.example>.",
        "Männer/Frauen, 1/2, und/oder, 2023/2024, km/h, Haus/Wohnung, der Weg /zurück.",
        "Verhältnis 3:4, Uhrzeit 12:30, A: das Haus, C: das Amt; Aktenzeichen 12-34/2024.",
        "Prüfsumme 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08.",
        "Ein sehrlangeswortmitvielenbuchstabendasniemandtrennt und `code` und **fett**.",
        "50 % von 8, 100%ige Förderung, §§ 16a–16i SGB II, R² = 0,9; x < 5 & y > 3.",
        "Donaudampfschifffahrtsgesellschaftskapitaenswitwe+Rente_und-Grundsicherung.",
    ],
)
def test_what_only_looks_like_a_leak_is_no_finding(tmp_path, text):
    assert findings(good_report(tmp_path, text)) == []


def jpeg(files) -> str:
    out = io.BytesIO()
    Image.open(io.BytesIO(embedded_picture(files))).convert("RGB").save(out, "JPEG", comment=b"anna")
    return base64.b64encode(out.getvalue()).decode()


def hidden_sheet(book):
    book["Tabelle 1"].sheet_state = "veryHidden"


def hidden_row(book):
    book["Tabelle 1"].row_dimensions[3].hidden = True


def hidden_column(book):
    book["Tabelle 1"].column_dimensions["B"].hidden = True


def formula(book):
    book["Tabelle 1"]["Z40"] = "=SUM(B3:B5)"


def comment(book):
    book["Tabelle 1"]["Z40"].comment = Comment("zu klein", "anna")


def author(book):
    book.properties.lastModifiedBy = "Anna Amsel"


def further_digits(book):
    book["Tabelle 1"]["Z40"] = 0.123456789
    book["Tabelle 1"]["Z40"].number_format = "0.0%"


def external_link(book):
    book["Tabelle 1"]["Z40"].hyperlink = "file:///srv/daten/kreis.xlsx"


FAULTS = {
    "script": (HTML, in_page("<script>alert(1)</script>"), "a script"),
    "script of a picture": (HTML, in_page('<img src="data:image/png;base64," alt="x" onerror="x()">'), "a script"),
    "script in a link": (HTML, in_page('<a href="javascript:alert(1)">x</a>'), "a script"),
    "script in a hidden link": (HTML, in_page('<a href=" java&#10;script:alert(1)">x</a>'), "a script"),
    "drawing": (HTML, in_page("<svg><circle cx='1.23456' cy='2'/></svg>"), "a drawing"),
    "frame": (HTML, in_page('<iframe srcdoc="x"></iframe>'), "iframe"),
    "request by a picture": (HTML, in_page('<img src="https://zaehler.example/p.png" alt="x">'), "an external"),
    "request without protocol": (HTML, in_page('<img src="//zaehler.example/p.png" alt="x">'), "an external"),
    "picture beside the page": (HTML, in_page('<img src="bild.png" alt="x">'), "an external"),
    "style from elsewhere": (HTML, in_page('<link rel="stylesheet" href="x.css">'), "an external"),
    "style with a request": (HTML, in_page("<style>p{background:url(https://a.example)}</style>"), "an external"),
    "import in a style": (HTML, in_page("<style>@import 'a.css'</style>"), "an external"),
    "link to a file": (HTML, in_page('<a href="file:///srv/x.csv">x</a>'), "an external"),
    "link to a drive": (HTML, in_page('<a href="\\\\server\\daten">x</a>'), "an external"),
    "sent on": (HTML, in_page('<meta http-equiv="refresh" content="0;url=x">'), "refresh"),
    "another base": (HTML, in_page('<base href="https://a.example/">'), "base"),
    "hidden input": (HTML, in_page('<input type="hidden" value="12">'), "an input field"),
    "form": (HTML, in_page('<form action="https://a.example"></form>'), "a form"),
    "hidden paragraph": (HTML, in_page("<p hidden>x</p>"), "something hidden"),
    "paragraph that is not shown": (HTML, in_page('<p style="display: none">x</p>'), "something hidden"),
    "comment": (HTML, in_page("<!-- n = 2 -->"), "a comment"),
    "template": (HTML, in_page("<template>x</template>"), "hidden content"),
    "code of the notebook": (HTML, in_page('<div class="jp-InputArea">x</div>'), "code or a table"),
    "table of pandas": (HTML, in_page('<table class="dataframe"><caption>x</caption></table>'), "code or a table"),
    "path": (HTML, in_page("<p>/home/anna/daten.csv</p>"), "a path"),
    "path of Windows": (HTML, in_page("<p>C:\\Users\\anna</p>"), "a path"),
    "path of a server": (HTML, in_page("<p>\\\\kreis-nas\\soziales</p>"), "a path"),
    "path of the home": (HTML, in_page("<p>~/daten/x.csv</p>"), "a path"),
    "confidential folder": (HTML, in_page("<p>data/local/x.csv</p>"), "confidential"),
    "user": (HTML, in_page(f"<p>von {getpass.getuser()} erstellt</p>"), "the name of the user"),
    "papermill": (HTML, in_page("<p>papermill</p>"), "a word of the programs"),
    "traceback": (HTML, in_page("<p>Traceback (most recent call last):</p>"), "a word of the programs"),
    "representation": (HTML, in_page("<p>&lt;pandas.X object at 0x7f3a&gt;</p>"), "a word of the programs"),
    "picture that is no PNG": (HTML, lambda f: in_page(f'<img alt="x" src="data:image/jpeg;base64,{jpeg(f)}">')(f),
                               "no PNG"),
    "program in an embedded picture": (HTML, in_embedded_picture(Software="Matplotlib"), "a text of the picture"),
    "path in an embedded picture": (HTML, in_embedded_picture(Title="/home/anna/x"), "a path"),
    "a figure less": (HTML, lambda f: f.update({HTML: f[HTML].replace(b"<figure", b"<div", 1)}), "0 figures"),
    "author of a picture": (PNG, in_picture(Author="Anna Amsel"), "a text of the picture"),
    "path in a picture": (PNG, in_picture(Description="aus C:\\Users\\anna\\x.csv"), "a path"),
    "data behind a picture": (PNG, lambda f: f.update({PNG: f[PNG] + b"\nn;2"}), "behind the end"),
    "another file as picture": (PNG, lambda f: f.update({PNG: f[XLSX]}), "is not what its name says"),
    "hidden sheet": (XLSX, in_workbook(hidden_sheet), "a hidden sheet"),
    "hidden row": (XLSX, in_workbook(hidden_row), "a hidden row"),
    "hidden column": (XLSX, in_workbook(hidden_column), "a hidden column"),
    "row without height": (XLSX, in_member(SHEET, b"<sheetData>", b'<sheetData><row r="1" ht="0"/>'), "a hidden row"),
    "formula": (XLSX, in_workbook(formula), "a formula"),
    "kept value": (XLSX, in_member(SHEET, b"</row>", b'<c r="Z1"><f>A1</f><v>2</v></c></row>'), "a formula"),
    "comment of a cell": (XLSX, in_workbook(comment), "comments"),
    "author of a workbook": (XLSX, in_workbook(author), "lastModifiedBy"),
    "further digits": (XLSX, in_workbook(further_digits), "more digits"),
    "link of a workbook": (XLSX, in_workbook(external_link), "a link to a file"),
    "macro": (XLSX, new_member("xl/vbaProject.bin", b"x"), "a macro"),
    "other workbook": (XLSX, new_member("xl/externalLinks/externalLink1.xml", b"<a/>"), "other workbooks"),
    "further data": (XLSX, new_member("customXml/item1.xml", b"<a/>"), "further data"),
    "path in a workbook": (XLSX, new_member("xl/theme/theme2.xml", b"<a>/home/anna/x</a>"), "a path"),
    "comment of the archive": (XLSX, new_member("[trash]/0.dat", b"x"), "no report has"),
    "no workbook": (XLSX, lambda f: f.update({XLSX: b"PK\x03\x04 broken"}), "cannot be unpacked"),
    "printed text": (IPYNB, output(2, output_type="stream", name="stdout", text=["12\n"]), "printed text"),
    "error": (IPYNB, output(2, output_type="error", ename="E", evalue="", traceback=[]), "an error"),
    "bare table": (IPYNB, output(2, output_type="display_data", metadata={}, data={"text/plain": "x"}), "no report"),
    "script in an output": (
        IPYNB,
        in_notebook(lambda nb: nb["cells"][2]["outputs"][0]["data"].update({"text/html": "<script>1</script>"})),
        "a script",
    ),
    "plotly": (
        IPYNB,
        in_notebook(lambda nb: nb["cells"][2]["outputs"][0]["data"].update({"application/vnd.plotly.v1+json": {}})),
        "further form",
    ),
    "papermill in a notebook": (IPYNB, in_notebook(lambda nb: nb["metadata"].update(papermill={})), "papermill"),
    "path in a cell": (IPYNB, in_notebook(lambda nb: nb["cells"][2].update(source="open('/home/anna/x')")), "a path"),
    "attachment": (IPYNB, in_notebook(lambda nb: nb["cells"][1].update(attachments={"a": {"image/png": ""}})),
                   "an attached file"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_every_planted_fault_is_found_in_its_file(report, fault):
    place, plant, what = FAULTS[fault]
    files = dict(report)
    plant(files)
    found = findings(files)
    assert any(what in f.was and file_of(f) == place for f in found), list(map(str, found))


@pytest.mark.parametrize("way", sorted(set(packings("")) - {"soft hyphens", "capitals", "line breaks"}))
def test_a_path_is_found_however_it_is_packed(report, way):
    files = dict(report)
    in_page(packings("Datei /home/anna/umfrage.csv")[way])(files)
    assert any("a path" in f.was for f in findings(files))


def test_a_place_is_named_down_to_the_part(report):
    files = dict(report)
    in_embedded_picture(Title="/home/anna/x")(files)
    assert [str(f) for f in findings(files)] == ["01_test.html, embedded 1: a path (/home/anna)"]


def test_the_name_of_the_computer_is_found(report, monkeypatch):
    monkeypatch.setattr(maschine.platform, "node", lambda: "pc-soziales-07")
    maschine._names.cache_clear()
    try:
        files = dict(report)
        in_page("<p>erstellt auf pc-soziales-07</p>")(files)
        assert [f.was for f in findings(files)] == ["the name of the computer"]
    finally:
        maschine._names.cache_clear()


def test_a_user_with_the_name_of_a_town_raises_no_alarm(monkeypatch):
    monkeypatch.setattr(maschine, "_users", lambda: {"gera"})
    maschine._names.cache_clear()
    try:
        assert not list(maschine.traces("die Stadt gera hat")) and list(maschine.traces("gera@rechner"))
    finally:
        maschine._names.cache_clear()


def test_files_of_other_kinds_and_links_do_not_belong_to_reports(report, tmp_path):
    for name, content in {**report, "daten.csv": b"a;b", ".lauf.jsonl": b"{}"}.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "verweis.html").symlink_to(ROOT / "README.md")
    done = ordner.check_folder(tmp_path, Kanarien())
    assert sorted(f.stelle for f in done.funde) == [".lauf.jsonl", "daten.csv", "verweis.html"]
    assert done.dateien == 7 and done.berichte == 2


def test_a_bomb_is_refused_and_not_unpacked(report, monkeypatch):
    from analysis.release import teile

    monkeypatch.setattr(teile, "GROESSTER_TEIL", 3_000_000)
    files = dict(report)
    new_member("xl/theme/theme9.xml", b"0" * 4_000_000)(files)
    assert any("cannot be unpacked" in f.was for f in findings(files))
