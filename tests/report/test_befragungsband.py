import io
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from analysis.codebook import Codebuch, Frage, Merkmal
from analysis.errors import InputError
from analysis.report.befragungsband import befragungsband
from analysis.sources.befragung import load
from analysis.survey.design import design
from analysis.survey.reliability import publishable
from analysis.survey.tabulate import tabulate

ROOT = Path(__file__).resolve().parents[2]
ABOUT = {"titel": "Tabellenband", "quelle": "Probebefragung, August 2023"}


@pytest.fixture(scope="module")
def survey():
    return load(ROOT / "data" / "musterkreis" / "befragung" / "befragung.yaml")


@pytest.fixture(scope="module")
def tables(survey):
    sample = design(pd.DataFrame({"w": 1.0}, index=survey.daten.index), "w")
    return publishable(tabulate(survey, sample, survey.raum))


@pytest.fixture(scope="module")
def made(survey, tables) -> bytes:
    names = {"99099.nord": "Kreisstadt Nord"}
    return befragungsband(tables, survey.codebuch, hinweise=["Ohne Gewichte."], raumnamen=names, **ABOUT)


def test_every_question_has_a_sheet_that_the_contents_lead_to(survey, tables, made):
    book = openpyxl.load_workbook(io.BytesIO(made))
    assert book.sheetnames == ["Inhalt", *tables.frage.unique()]
    contents = [row[0].value for row in book["Inhalt"].iter_rows()]
    assert contents[0] == "Tabellenband" and "Ohne Gewichte." in contents and "Quelle: " + ABOUT["quelle"] in contents
    assert contents[contents.index("Blatt") + 1 :] == book.sheetnames[1:]
    sheet = book["AL06"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][0] == "AL06: Was trifft auf Sie zu?" and rows[1][0].startswith("Basis: Befragte, die gültig")
    assert rows[2][:5] == ["Gebiet", "Antwort", "Befragte", "davon so", "Wert"]
    first = tables[(tables.merkmal == "AL06")].iloc[0]
    assert rows[3][:4] == ["gesamt", "Vollzeit", first.n, first.n_zelle]
    assert rows[3][4] == pytest.approx(first.anteil, abs=0.0005) and first.zeichen == ""
    assert "Kreisstadt Nord" in {row[0] for row in rows} and "99099.nord" not in {row[0] for row in rows}


def test_what_is_hidden_is_not_in_the_file(tables, made):
    book = openpyxl.load_workbook(io.BytesIO(made))
    hidden = tables[tables.grund != ""]
    assert {"unsicher", "geheim"} == set(hidden.grund)
    rows = [[cell.value for cell in row] for row in book["AL06"].iter_rows(min_row=4)]
    table = tables[tables.merkmal == "AL06"]
    for row, line in zip(rows, table.itertuples(), strict=False):
        if line.grund:
            assert row[3:8] == [line.zeichen] * 5 and row[8] == line.zeichen
        elif line.zeichen == "( )":
            assert row[4] == pytest.approx(line.anteil, abs=0.0005)
    cells = [cell for row in book["AL06"].iter_rows(min_row=4) for cell in row]
    assert any(cell.number_format.startswith('"("') for cell in cells)


def test_equal_tables_give_equal_bytes(survey, tables, made):
    again = befragungsband(tables, survey.codebuch, hinweise=["Ohne Gewichte."],
                           raumnamen={"99099.nord": "Kreisstadt Nord"}, **ABOUT)  # fmt: skip
    assert again == made
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}


def test_texts_cannot_become_formulas_and_tables_without_signs_are_refused(survey):
    book = Codebuch((Frage("q/1", "zahl", (Merkmal("x", "zahl", "=1+1"),), '=HYPERLINK("x")', einheit="EUR"),))
    daten = pd.DataFrame({"x": [-5.0, -6.0] * 30, "w": 1.0})
    table = tabulate((daten, book), design(daten, "w"))
    made = openpyxl.load_workbook(io.BytesIO(befragungsband(publishable(table), book, **ABOUT)))
    assert made.sheetnames == ["Inhalt", "q 1"]
    cells = [cell for row in made["q 1"].iter_rows() for cell in row]
    assert not any(cell.data_type == "f" for cell in cells) and -5.5 in [cell.value for cell in cells]
    assert "Mittelwert (EUR)" in [cell.value for cell in cells]
    with pytest.raises(InputError, match="volume 'Tabellenband': the table has no signs"):
        befragungsband(table, book, **ABOUT)
