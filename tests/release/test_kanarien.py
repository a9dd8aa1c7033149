"""Values of the micro data planted in a report are found however they are packed, and nothing else is."""

import csv
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from gepflanzt import HTML, IPYNB, XLSX, good_report, in_notebook, in_page, in_workbook, packings

from analysis.release import kanarien, ordner
from analysis.release.datei import Gesucht
from analysis.release.suche import Kanarien

FOLDER = ROOT / "data" / "musterkreis" / "befragung"
ANSWER = "Kita mit längeren Öffnungszeiten"


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with (FOLDER / "rdata_musterkreis_2023.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


@pytest.fixture(scope="module")
def canaries() -> Kanarien:
    return kanarien.of_surveys([FOLDER / "befragung.yaml"])


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> dict[str, bytes]:
    return good_report(tmp_path_factory.mktemp("gut"))


def findings(files: dict[str, bytes], canaries: Kanarien) -> list[str]:
    made = ordner.check_files({Path(name): content for name, content in files.items()}, Gesucht(canaries))
    return [f"{f.stelle}: {f.was}" for f in made]


def test_every_identifier_and_every_answer_in_own_words_is_a_canary(canaries, rows):
    asked = "".join(p.read_text(encoding="utf-8-sig") for p in FOLDER.glob("va*.csv")).casefold()
    serial = [row["SERIAL"] for row in rows if row["SERIAL"]]
    own = {row[c].strip() for row in rows for c in row if c.startswith("OF") or c.endswith("a")}
    said = [
        text for text in own if len(text) >= 13 and text.casefold() not in asked and len(re.findall(r"\w+", text)) > 1
    ]
    assert len(serial) > 190 and len(said) > 15
    assert [s for s in serial if "an identifier of the micro data (SERIAL)" not in canaries.found(f"({s})")] == []
    lost = [text for text in said if not any("own words" in what for what in canaries.found(text))]
    labels = {k.label for k in kanarien.open_answers.categories().values()}
    assert [text for text in lost if not any(text.casefold() in label.casefold() for label in labels)] == []


@pytest.mark.parametrize("way", packings(ANSWER))
def test_an_answer_is_found_however_it_is_packed(report, canaries, way):
    files = dict(report)
    in_page(packings(ANSWER)[way])(files)
    found = findings(files, canaries)
    assert all(f.startswith(HTML) for f in found) and any("an answer in own words (OF" in f for f in found)
    assert "Kita" not in " ".join(found)


@pytest.mark.parametrize("form", ["csv", "tsv", "html", "records", "split", "python", "floats"])
def test_answers_of_single_interviews_are_found_in_every_form(canaries, rows, form):
    columns = [c for c in rows[0] if re.fullmatch("(AL|HH|ZU|EK|WO)\\d.*", c)]
    table = pd.DataFrame(rows)[columns].iloc[60:63]
    text = {
        "csv": lambda: table.to_csv(),
        "tsv": lambda: table.to_csv(sep="\t", index=False),
        "html": lambda: re.sub("<[^>]*>", "\t", table.to_html()),
        "records": lambda: table.apply(pd.to_numeric).to_json(orient="records"),
        "split": lambda: table.apply(pd.to_numeric).to_json(orient="split"),
        "python": lambda: str(table.to_dict("records")),
        "floats": lambda: table.apply(pd.to_numeric).astype(float).to_csv(),
    }[form]()
    assert "the answers of one interview" in canaries.found(text)


def test_the_values_of_a_question_are_found_without_the_other_answers(canaries, rows):
    rents = [int(row["WO02_01"]) for row in rows if row["WO02_01"].isdigit() and int(row["WO02_01"]) > 9]
    assert any("WO02_01" in what for what in canaries.found(json.dumps({"y": rents[20:60]})))
    assert canaries.found(json.dumps({"y": sorted(rents)})) == []


def test_a_point_in_time_is_found(canaries, rows):
    assert "a point in time of the micro data (STARTED)" in canaries.found(f"um {rows[80]['STARTED']} Uhr")


def test_they_are_found_in_workbooks_and_notebooks_too(report, canaries, rows):
    def plant(book):
        sheet = book.create_sheet("Daten")
        for row in rows[60:64]:
            sheet.append([int(v) if v.lstrip("-").isdigit() else v for v in row.values()])

    files = dict(report)
    in_workbook(plant)(files)
    in_notebook(lambda nb: nb["cells"][1].update(source=rows[60]["SERIAL"]))(files)
    found = findings(files, canaries)
    for what in ("an identifier", "the answers of one interview", "a point in time"):
        assert any(f.startswith(XLSX) and what in f for f in found), what
    assert any(f.startswith(f"{IPYNB}, cell 2: an identifier") for f in found)


def test_the_questionnaire_and_tables_of_chance_hold_none(canaries):
    asked = "\n".join(p.read_text(encoding="utf-8-sig") for p in FOLDER.glob("va*.csv"))
    assert canaries.found(asked) == []
    drawn = np.random.default_rng(7)
    for most in (5, 10, 100):
        assert canaries.found(str(drawn.integers(1, most, (400, 12)).tolist())) == [], most
    assert canaries.found(" ".join(map(str, range(1990, 2060)))) == []


def test_released_wordings_are_no_canaries(tmp_path):
    for file in FOLDER.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    given = (tmp_path / "befragung.yaml").read_text(encoding="utf-8")
    (tmp_path / "befragung.yaml").write_text(f"{given}  offen:\n    freigabe: freigabe.csv\n", encoding="utf-8")
    with (FOLDER / "rdata_musterkreis_2023.csv").open(encoding="utf-8-sig", newline="") as file:
        quoted = [row["CASE"] for row in csv.DictReader(file, delimiter="\t") if row["OF01_01"] == ANSWER]
    lines = ["id;frage;text;regel", *(f"{case};OF01;;ohne_bezug" for case in quoted)]
    (tmp_path / "freigabe.csv").write_text("\n".join(lines), encoding="utf-8")
    assert quoted and kanarien.of_surveys([tmp_path / "befragung.yaml"]).found(ANSWER) == []
