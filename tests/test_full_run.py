"""What `make report` leaves on a fresh copy of the workspace, and that a second call sets nothing up again."""

import csv
import html
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections import defaultdict

import pytest
from conftest import ROOT, outside_make

MIT_ZIELEN = ("16068", "16070", "16077", "99099")
"""Kreise with a goal catalogue."""


def page_text(path) -> str:
    text = re.sub(r"<style>.*?</style>", "", path.read_text(encoding="utf-8"), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).replace("\u00a0", " ").split())


def test_there_is_a_report_with_notebook_and_pictures_for_each_of_the_15_kreise(full_run):
    output = full_run / "output"
    folders = sorted(p.name for p in output.iterdir() if p.is_dir())
    assert len(folders) == 16 and "16077_altenburger_land" in folders and "16065_kyffhaeuserkreis" in folders
    for folder in folders:
        kinds = sorted(p.name for p in (output / folder).iterdir())
        further = ["04_sozialbefragung", "06_gemeinden"] if folder.startswith("99099") else []
        files = [
            f"{report}.{ending}"
            for report in ("01_steckbrief", "02_indikatortrends", "03_gemeindecluster", *further)
            for ending in ("html", "ipynb", "xlsx")
        ]
        volume = ["04_sozialbefragung.tabellenband.xlsx"] if further else []
        if folder[:5] in MIT_ZIELEN:
            files += [f"05_zielmonitoring.{ending}" for ending in ("html", "ipynb", "xlsx", "arbeitslisten.xlsx")]
            # no goal of these strategies has a deadline
            volume += [] if folder[:5] in ("16070", "16077") else ["05_zielmonitoring.fristen.ics"]
        assert kinds == sorted([*files, *volume, "index.html"])
        pictures = list((full_run / "figures" / folder[:5]).glob("01_steckbrief_0?_*.png"))
        # nothing to compare an invented Kreis with, but it has a Melderegister and so a pyramid
        assert len(pictures) == (2 if folder.startswith("99099") else 6)
    pictures = sorted(p.name[:2] for p in (full_run / "figures" / "16077").glob("*.png"))
    assert pictures == ["01"] * 6 + ["02", "03", "05"]


def test_the_invented_kreis_came_through_the_import_chain_and_says_that_it_is_invented(full_run):
    """Its population is that of the flat CSV, its age groups those of the tidy file."""
    folder = full_run / "data" / "musterkreis" / "lieferungen" / "regionaldatenbank"
    with (folder / "12411-01-01-4_de_flat.csv").open(encoding="utf-8-sig") as file:
        total = [
            row["value"]
            for row in csv.DictReader(file, delimiter=";")
            if row["time"] == "2024-12-31" and row["1_variable_attribute_code"] == "99099"
            and row["2_variable_attribute_code"] == ""
        ]  # fmt: skip
    text = page_text(full_run / "output" / "99099_musterkreis_erfunden" / "01_steckbrief.html")
    assert f"{int(total[0]):,}".replace(",", ".") in text
    assert "kein Vergleich" not in text and "Für andere Kreise liegt kein Wert vor" not in text  # said once is enough
    assert "Diesen Kreis gibt es nicht" in text and "Erfundene Zahlen im Format von" in text
    assert "Musterkreis (erfunden)" in page_text(full_run / "output" / "index.html")
    for other in (full_run / "output").glob("16*/01_steckbrief.html"):
        assert "Musterkreis" not in page_text(other)


def test_the_path_of_the_index_page_is_printed_last(full_run):
    printed = (full_run / "stdout.txt").read_text(encoding="utf-8").split()
    assert printed[-1] == str(full_run / "output" / "index.html")
    assert "[54/54]" in (full_run / "stderr.txt").read_text(encoding="utf-8")


def test_all_printed_figures_of_the_portraits_stand_in_their_reports(full_run):
    """Population, age groups (in the data table) and all eight rates, as the brochure prints them."""
    digits = {"auslaenderanteil": 1, "arbeitslosenquote": 1, "grundsicherung_ab_18_je_1000": 1}
    unit = {"auslaenderanteil": "%", "arbeitslosenquote": "%", "langzeitarbeitslosenanteil": "%",
            "personen_in_bg_quote": "%", "kinder_unter_personen_in_bg": "%"}  # fmt: skip
    expected = defaultdict(list)
    with (ROOT / "data" / "thueringen_portraits_2019.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter=";"):
            if row["groesse"].startswith("bevoelkerung"):
                expected[row["ags"]].append(f"{int(row['wert']):,}".replace(",", "."))
            else:
                whole, _, rest = row["wert"].partition(",")
                number = f"{whole},{rest[: digits.get(row['groesse'], 2)]}"
                expected[row["ags"]].append(f"{number} {unit.get(row['groesse'], 'je 1.000')}")
    assert len(expected) == 15
    for ags, figures in expected.items():
        text = page_text(next((full_run / "output").glob(f"{ags}_*/01_steckbrief.html")))
        assert len(figures) == 12
        assert [f for f in figures if f not in text] == [], ags


def test_the_manifest_says_from_what_each_report_was_made(full_run):
    manifest = json.loads((full_run / "output" / "manifest.json").read_text(encoding="utf-8"))
    assert len(manifest["berichte"]) == 54 and manifest["nicht_moeglich"] == []
    entry = manifest["berichte"][0]
    assert entry["ergebnis"] == "erstellt" and entry["parameter"] == {"kreis": entry["ags"]} and entry["dauer_s"] > 0
    hashes = entry["lauf"]["eingaben_sha256"]
    assert set(hashes) == {"store", "referenzwerte", "lebenslagen", "catalogue", "regions", "01_steckbrief"}
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in hashes.values())
    assert set(entry["lauf"]["pakete"]) >= {"pandas", "papermill", "nbconvert"}
    assert len(entry["dateien"]) == 9  # page, workbook, notebook, six pictures
    assert all((full_run / "output" / file).exists() for file in entry["dateien"])


def test_nothing_of_the_machine_is_in_what_circulates(full_run):
    words = [str(full_run), str(ROOT), os.path.expanduser("~") + "/", "papermill", "site-packages"]
    for path in [*(full_run / "output").rglob("*.html"), *(full_run / "output").rglob("*.ipynb")]:
        text = path.read_text(encoding="utf-8")
        assert [word for word in words if word in text] == [], path
        if path.suffix == ".html":
            assert (
                "ipykernel" not in text and "<script" not in text and "http://" not in text and "https://" not in text
            )
    for path in (full_run / "output").rglob("*.xlsx"):
        with zipfile.ZipFile(path) as archive:
            text = b"".join(map(archive.read, archive.namelist())).decode()
        assert [word for word in words if word in text] == [], path
    for path in (full_run / "figures").rglob("*.png"):
        assert b"matplotlib" not in path.read_bytes().lower()


def test_a_second_make_report_sets_nothing_up(full_run):
    if not (full_run / ".venv").exists():
        pytest.skip("no make or no .venv here")
    done = subprocess.run(
        ["make", "-n", "report"], cwd=full_run, env=outside_make(), capture_output=True, text=True, check=True
    )
    assert "pip" not in done.stdout and "venv .venv" not in done.stdout and "kreisblick run" in done.stdout


def test_make_test_runs_all_tests_after_setting_up_what_they_need(clone):
    if not shutil.which("make"):
        pytest.skip("no make here")
    done = subprocess.run(
        ["make", "-n", "test"], cwd=clone, env=outside_make(), capture_output=True, text=True, check=True
    )
    assert "-m pytest --numprocesses auto" in done.stdout


def test_every_report_explains_its_abbreviations_and_begins_with_an_easy_summary(full_run):
    import nbformat

    from analysis.lesbarkeit import LEICHT
    from analysis.report.document import document

    notebooks = sorted((full_run / "output").glob("*/*.ipynb"))
    assert len(notebooks) == 54
    for path in notebooks:
        made = document(nbformat.read(path, as_version=4), path.stem)
        assert made["unerklaert"] == [] and made["lesbarkeit"] >= LEICHT, path


def test_the_same_report_made_elsewhere_later_is_the_same_bytes(full_run, tmp_path):
    words = [sys.executable, "-m", "analysis.cli", "run", "--kreis", "99099", "--output", str(tmp_path / "neu")]
    words += ["--notebook", "01", "05"]
    environment = {**outside_make(), "PYTHONPATH": str(full_run)}
    environment.pop("KREISBLICK_STORE", None)
    done = subprocess.run(words, cwd=full_run, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    folder = "99099_musterkreis_erfunden"
    made = tmp_path / "neu" / folder
    again = sorted(made.glob("01_steckbrief.*")) + sorted(tmp_path.rglob("01_steckbrief_*.png"))
    again += sorted(made.glob("05_zielmonitoring.*"))
    assert {p.suffix for p in again} == {".html", ".xlsx", ".ics", ".ipynb", ".png"}
    before = [full_run / "figures" / "99099" if p.suffix == ".png" else full_run / "output" / folder for p in again]
    assert [p.name for p, old in zip(again, before, strict=True) if p.read_bytes() != (old / p.name).read_bytes()] == []
