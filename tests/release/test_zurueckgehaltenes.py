"""Figures that a Kreis withholds are found in reports that show them; in the reports as they are there is none."""

import datetime as dt
import io
from pathlib import Path

import openpyxl
import pytest

from analysis import tables
from analysis.release import ordner, sperre
from analysis.release.datei import Gesucht, check
from analysis.release.seite import read
from analysis.release.zurueckgehalten import Geheim, Sperre
from analysis.store import Store

TAG = dt.date(2024, 12, 31)
EINER = Geheim("Fadenroda", ("Arbeitslosenquote", "Quote"), TAG, "4,4 %", True)
SPERRE = Sperre({"Fadenroda": [EINER]})


def page(caption: str, *rows: str, head: str = "Gemeinde|Wert", title: str = "Bericht") -> bytes:
    cells = ["".join(f"<td>{cell}</td>" for cell in row.split("|")) for row in (head, *rows)]
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    return (
        f"<!DOCTYPE html><html lang='de'><head><title>{title}</title></head><body><main><h2>Abschnitt</h2><div><table>"
        f"<caption>{caption}</caption><tbody>{body}</tbody></table></div></main></body></html>"
    ).encode()


def found(content: bytes, name: str = "a.html") -> list[str]:
    return [f.was for f in check(content, name, Gesucht(sperre=SPERRE))]


@pytest.mark.parametrize(
    "content",
    [
        page("Arbeitslosenquote, 31.12.2024", "Oberau|3,1 %", "Fadenroda|4,4&nbsp;%"),
        page("Gemeinden im Vergleich", "Fadenroda|636|4,4 %", head="Gemeinde|Einwohner|Arbeitslosenquote 2024"),
        page("Kennzahlen, 31.12.2024", "Arbeitslosenquote|4,4 %", title="Steckbrief Fadenroda"),
        page("Text", "x|y").replace(b"</main>", b"<p>In Fadenroda ist die Arbeitslosenquote 4,4&nbsp;%.</p></main>"),
        page("Text", "x|y").replace(b"</main>", b"<p title='Arbeitslosenquote: Fadenroda hat 4,4 %.'>x</p></main>"),
    ],
)
def test_a_withheld_figure_is_found_by_area_indicator_and_day(content):
    assert found(content) == ["a withheld figure (Fadenroda, Arbeitslosenquote, 31.12.2024)"]
    assert found(content.replace(b"4,4", b"4,5")) == []
    assert found(content.replace(b"Fadenroda", b"Oberau")) == []


@pytest.mark.parametrize(
    "content",
    [
        page("Arbeitslosenquote, 31.12.2021", "Fadenroda|4,4 %"),
        page("Ausländeranteil, 31.12.2024", "Fadenroda|4,4 %"),
        page("Arbeitslosenquote, 31.12.2024", "Fadenroda|.", "Oberau|4,4 %"),
        page("Arbeitslosenquote, 31.12.2024", "Fadenroda-Süd|4,4 %", "Fadenroda|14,4 %"),
        page("x", "y|z").replace(b"</main>", b"<p>Arbeitslosenquote: Oberau 4,4 %. Fadenroda ist klein.</p></main>"),
    ],
)
def test_the_same_digits_elsewhere_are_none(content):
    assert found(content) == []


def workbook(text: str) -> bytes:
    from analysis.report.xlsx import arbeitsmappe
    from analysis.worte import worte

    tabelle = tables.tabelle(
        [tables.Spalte("Gemeinde"), tables.Spalte("Wert")], [tables.Gruppe([["Oberau", "3,1 %"], ["Fadenroda", text]])],
        titel="Arbeitslosenquote, 31.12.2024", quelle="Erfunden",
    )  # fmt: skip
    block = {"inhalt": tabelle.inhalt, "nummer": {"text": "Tabelle 1"}}
    bericht = {"kopf": {"titel": "Bericht", "untertitel": "Kreis", "stand": "2024"}, "herkunft": []}
    return arbeitsmappe({**bericht, "worte": worte("de"), "abschnitte": [{"titel": "Eins", "bloecke": [block]}]})


def test_a_workbook_is_read_as_it_is_shown():
    assert found(workbook("4,4\u00a0%"), "a.xlsx") == ["a withheld figure (Fadenroda, Arbeitslosenquote, 31.12.2024)"]
    assert found(workbook("4,5\u00a0%"), "a.xlsx") == [] and found(workbook("."), "a.xlsx") == []
    cells = [c.value for row in openpyxl.load_workbook(io.BytesIO(workbook("4,4\u00a0%")))["Tabelle 1"] for c in row]
    assert 0.044 in cells


def of_kreis(ags: str) -> Sperre:
    with Store() as store:
        return sperre.withheld(store, ags)


def test_the_figures_of_the_invented_kreis_are_found_where_its_reports_leave_them_out(loaded):
    whole = loaded(of_kreis, "99099")
    newest = [g for withheld in whole.nach_raum.values() for g in withheld if g.neueste]
    assert whole.anzahl > 100 and len(newest) > 20 and len(whole.nach_raum) > 10
    for one in newest:
        made = read(page(f"{one.namen[0]}, {one.tag:%d.%m.%Y}", f"{one.raum}|{one.text}").decode(), "a.html")
        assert one.was in list(whole.in_page("".join(made.sichtbar), made.titel))


def test_the_folder_says_which_kreis_a_file_belongs_to(tmp_path):
    folder = tmp_path / "99099_musterkreis"
    folder.mkdir()
    (folder / "01_a.html").write_bytes(page("Arbeitslosenquote, 31.12.2024", "Fadenroda|4,4 %"))
    asked = []
    done = ordner.check_folder(tmp_path, Gesucht().kanarien, lambda ags: asked.append(ags) or SPERRE)
    assert asked == ["99099"] and done.zurueckgehalten == 1
    assert [f.stelle for f in done.funde] == [f"{Path(folder).name}/01_a.html"]
