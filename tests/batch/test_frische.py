"""A report is made again when something it is made from has changed, and only then."""

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml
from conftest import HEADER, ROOT
from notebooks_made import write_notebook
from survey_workspace import write_survey

from analysis import ablage, ausgaben, kreissperrung
from analysis.batch import frische
from analysis.cli import main
from analysis.store import Store

SHOW = 'from analysis import outputs\noutputs.saetze([f"Kreis {kreis}"])'
ROW = "{};2019-12-31;bevoelkerung;{};;;thueringer_broschuere"
KREISE = [ROW.format("99099", 100), ROW.format("16077", 200)]
GEMEINDEN = [ROW.format("99099001", 60), ROW.format("16077001", 70)]
NAMES = ["16077 01_bericht", "99099 01_bericht", "99099 04_befragung"]


DESIGN = "name: Landratsamt\n"


@pytest.fixture(scope="module")
def once(klein, tmp_path_factory):
    """Workspace with reports on two Kreise, each made once, the second with a survey and a corporate design."""
    root = write_survey(tmp_path_factory.mktemp("einmal") / "ordner", klein)
    (root / "data" / "gestaltung").mkdir()
    (root / "data" / "gestaltung" / "99099.yaml").write_text(DESIGN, encoding="utf-8")
    parameters = 'kreis = "99099"\nbefragung = ""\njahr = 2019'
    write_notebook(root / "notebooks" / "01_bericht.ipynb", SHOW, parameters=parameters)
    write_notebook(root / "notebooks" / "04_befragung.ipynb", SHOW, parameters=parameters, befragung=True)
    delivery = root.parent / "lieferung.csv"
    delivery.write_text("\n".join([HEADER, *KREISE, *GEMEINDEN, ""]), encoding="utf-8")
    with Store(root.parent / "store.duckdb", read_only=False) as store:
        store.import_file(delivery)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "KREISBLICK_STORE": str(root.parent / "store.duckdb")}
    command = [sys.executable, "-m", "analysis.cli", "run", "--jobs", "1"]
    subprocess.run(command, cwd=root, env=environment, check=True)
    return root


@pytest.fixture
def made(once, tmp_path, monkeypatch):
    """Copy of that workspace and its store, where the test works."""
    shutil.copy(once.parent / "store.duckdb", tmp_path)
    root = shutil.copytree(once, tmp_path / "ordner")
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def planned(made, capsys):
    """Reports that would run and why, by name; the others are fresh."""

    def ask(*arguments) -> dict[str, str]:
        capsys.readouterr()
        assert main(["plan", *arguments]) == 0
        lines = capsys.readouterr().out.splitlines()
        run = dict(line.removeprefix("runs: ").rstrip(")").split(" (", 1) for line in lines if line.startswith("runs"))
        fresh = [line.removeprefix("fresh: ") for line in lines if line.startswith("fresh")]
        assert sorted([*run, *fresh]) == NAMES and lines[-1].startswith(f"{len(run)} to run, {len(fresh)} fresh")
        return run

    return ask


def deliver(tidy_file, *rows: str, name: str) -> None:
    with Store(read_only=False) as store:
        store.import_file(tidy_file(*rows, name=name))


def test_a_second_run_makes_nothing_and_says_so_until_it_is_forced(made, kreisblick):
    files = {p: p.stat().st_mtime_ns for p in (made / "output").rglob("[!.]*") if p.is_file()}
    again = kreisblick("run", cwd=made)
    assert again.returncode == 0 and "fresh: 3 of 3 reports" in again.stderr and "[1/" not in again.stderr
    assert {p: p.stat().st_mtime_ns for p in (made / "output").rglob("[!.]*") if p.is_file()} == files
    forced = kreisblick("run", "--force", "--notebook", "04", cwd=made)
    assert "[1/1] 99099 04_befragung: erstellt" in forced.stderr and "fresh" not in forced.stderr
    changed = {p for p, time in files.items() if p.stat().st_mtime_ns != time}
    assert {p.name for p in changed} <= {"04_befragung.html", "04_befragung.ipynb", "manifest.json", "index.html"}
    assert "fresh: 3 of 3" in kreisblick("run", cwd=made).stderr


def test_every_kind_of_change_is_noticed_and_named_and_touches_no_other_report(made, planned, tidy_file, monkeypatch):
    assert planned() == {}

    # figures of a Gemeinde belong to its Kreis; those of a Kreis are compared with the others
    deliver(tidy_file, ROW.format("16077001", 71), name="gemeinde.csv")
    assert planned() == {NAMES[0]: "changed: figures in the store"}
    deliver(tidy_file, ROW.format("16077001", 70), name="zurueck.csv")
    assert planned() == {NAMES[0]: "changed: figures in the store"}  # the report on changes tells of it
    deliver(tidy_file, ROW.format("16077", 201), name="kreis.csv")
    assert planned() == dict.fromkeys(NAMES, "changed: figures in the store")


def test_files_beside_the_store_are_noticed(made, planned):
    design = made / "data" / "gestaltung" / "99099.yaml"
    design.write_text(design.read_text(encoding="utf-8").replace("amt", "amt Muster"), encoding="utf-8")
    assert planned() == dict.fromkeys(NAMES[1:], "changed: the corporate design")
    design.write_text(DESIGN, encoding="utf-8")
    assert planned() == {}
    description = made / "data" / "local" / "befragung.yaml"
    before = description.read_text(encoding="utf-8")
    given = yaml.safe_load(before)
    description.write_text(yaml.safe_dump(given, allow_unicode=True, indent=4), encoding="utf-8")
    assert planned() == {NAMES[2]: "changed: the survey"}
    description.write_text(before, encoding="utf-8")
    (made / "data" / "local" / "notiz.txt").write_text("nichts")
    assert planned() == {}
    (made / "data" / "referenzwerte.yaml").write_text("referenzwerte: []\n", encoding="utf-8")
    assert set(planned().values()) == {"changed: the reference values"}


def test_a_run_records_what_its_reports_may_show_unless_it_is_a_try(made, whole_store, tmp_path, monkeypatch):
    monkeypatch.setenv("KREISBLICK_STORE", str(shutil.copy(whole_store, tmp_path / "ganz.duckdb")))
    recorded = ausgaben.file_of(tmp_path / "ganz.duckdb", "99099")
    command = ["run", "--kreis", "99099", "--notebook", "01"]
    assert main([*command, "--output", str(made / "versuch")]) == 0 and not recorded.exists()
    assert main(command) == 0
    table = ausgaben.read(recorded)
    with Store() as store:
        hidden = pd.MultiIndex.from_frame(kreissperrung.gesperrt(store, "99099"))
    withheld = pd.MultiIndex.from_frame(table[hidden.names]).isin(hidden)
    assert table.ausgabe.nunique() == 1 and withheld.sum() > 100 and not table.gezeigt[withheld].any()
    assert table.gezeigt[table.ags == "99099"].all()


def test_what_earlier_reports_showed_is_noticed(made, planned):
    """Whoever takes a state away that never left the machine, gets reports that do not reckon with it."""
    recorded = ausgaben.file_of(made.parent / "store.duckdb", "99099")
    day = dt.date(2019, 12, 31)
    count = pd.DataFrame([("99099001", day, "bevoelkerung", 61.0, True, 0)], columns=ausgaben.SPALTEN[1:])
    ausgaben.record(recorded, "other", count)
    assert planned() == dict.fromkeys(NAMES[1:], "changed: what earlier reports showed")
    recorded.unlink()
    assert planned() == {}


def test_notebook_parameters_package_and_surroundings_are_noticed(made, planned, monkeypatch, tmp_path):
    assert planned("--parameter", "jahr=2018") == dict.fromkeys(NAMES, "changed: the parameters")
    with monkeypatch.context() as later:
        later.setattr("platform.python_version", lambda: "3.99.0")
        assert set(planned().values()) == {f"changed: {frische.WORTE['umgebung']}"}
    with monkeypatch.context() as later:
        later.setattr("time.tzname", ("XYZ", "XYZ"))
        assert set(planned().values()) == {f"changed: {frische.WORTE['umgebung']}"}
    package = shutil.copytree(Path(frische.__file__).parents[1], tmp_path / "analysis")
    digest = ablage.package(package)
    assert digest == ablage.package()
    for name in ("indicators.py", "catalogue.yaml", "report/template/kreisblick/kreis.html.j2"):
        text = (package / name).read_bytes()
        (package / name).write_bytes(text + b"\n")
        assert ablage.package(package) != digest, name
        (package / name).write_bytes(text)
    (package / "__pycache__" / "neu.pyc").parent.mkdir(exist_ok=True)
    (package / "__pycache__" / "neu.pyc").write_bytes(b"1")
    assert ablage.package(package) == digest
    notebook = made / "notebooks" / "01_bericht.ipynb"
    notebook.write_text(notebook.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert planned() == dict.fromkeys(NAMES[:2], "changed: the notebook")
    assert planned("--force") == dict.fromkeys(NAMES, "asked for")


def test_a_report_whose_files_are_not_as_they_were_is_made_again(made, planned):
    folder = made / "output" / "99099_musterkreis_erfunden"
    page = (folder / "01_bericht.html").read_bytes()
    (folder / "01_bericht.html").write_bytes(page.replace(b"Kreis", b"Krise"))
    assert planned() == {NAMES[1]: "not as it was written: 01_bericht.html"}
    (folder / "01_bericht.html").write_bytes(page)
    (folder / "01_bericht.ipynb").unlink()
    assert planned() == {NAMES[1]: "not as it was written: 01_bericht.ipynb"}
    (folder / "01_bericht.html").unlink()
    assert list(planned()) == [NAMES[1]]


def test_a_report_that_failed_runs_again_and_a_pdf_need_not_be_there(made, planned):
    path = made / "output" / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    by_name = {f"{e['ags']} {e['notebook']}": e for e in manifest["berichte"]}
    by_name[NAMES[0]]["ergebnis"] = "fehlgeschlagen"
    by_name[NAMES[1]]["dateien"]["99099_musterkreis_erfunden/01_bericht.pdf"] = "0" * 64
    del by_name[NAMES[2]]["gemacht_aus"]  # of an earlier version
    path.write_text(json.dumps(manifest), encoding="utf-8")
    found = planned()
    assert found[NAMES[0]] == "failed last time" and NAMES[1] not in found
    assert found[NAMES[2]].startswith("changed: the notebook, ")


def test_digests_of_a_kreis_follow_what_its_reports_may_read(tmp_path, tidy_file, monkeypatch):
    from analysis import store as module

    with Store(tmp_path / "s.duckdb", read_only=False) as store:
        store.import_file(tidy_file(*KREISE, *GEMEINDEN))
        first = store.kreisbestaende(["99099", "16077", "16070"])
        assert len({b.stand for b in first.values()}) == 3
        store.import_file(tidy_file(*KREISE, *GEMEINDEN, name="dieselben.csv"))  # the same values
        assert store.kreisbestaende(list(first)) == first
        monkeypatch.setattr(module, "_now", lambda: module.dt.datetime(2031, 1, 1))
        store.import_file(tidy_file(ROW.format("16077001", 71), name="neu.csv"))
        store.import_file(tidy_file(ROW.format("16077001", 70), name="zurueck.csv"))
        back = store.kreisbestaende(list(first))
        assert back["99099"] == first["99099"] and back["16070"] == first["16070"]
        assert back["16077"].stand == first["16077"].stand and back["16077"].verlauf != first["16077"].verlauf


def test_an_area_that_was_joined_belongs_to_both_kreise(tmp_path, tidy_file):
    joined = ("INSERT INTO umstieg VALUES ('2020-12-31', '2021-12-31', 'gemeinde', 'bevoelkerung', '16056000', "
              "'16063105', 1.0, 'alle', 1, NULL)")  # fmt: skip
    with Store(tmp_path / "s.duckdb", read_only=False) as store:
        store.import_file(tidy_file(*KREISE))
        store._db.execute(joined)
        first = store.kreisbestaende(["16056", "16063", "16077"])
        store.import_file(tidy_file(ROW.format("16056000", 40), name="eisenach.csv"))
        later = store.kreisbestaende(list(first))
    assert [ags for ags in first if first[ags] != later[ags]] == ["16056", "16063"]
