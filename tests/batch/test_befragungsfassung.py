"""A survey reported on again with other interviews or borders: who does so is told that there is another report."""

import datetime as dt
import inspect
import json
import pickle
from concurrent.futures import Future
from pathlib import Path

import pytest
from notebooks_made import write_notebook
from survey_workspace import write_survey

from analysis import befragungsausgaben, befragungsprofil
from analysis.batch import dask_run
from analysis.batch.export import Target
from analysis.batch.job import ERSTELLT, FEHLER, Result
from analysis.batch.plan import Job, read_notebook
from analysis.cli import main
from analysis.errors import InputError
from analysis.store import Store

SHOW = 'from analysis import outputs\noutputs.saetze([f"Kreis {kreis}"])'
TAG = dt.date(2026, 3, 1)
WERTE = {"ebene": "", "armut_unter": 0.6, "gering_unter": 0.85}
PARAMETERS = "\n".join(f"{n} = {v!r}" for n, v in {"kreis": "99099", "befragung": "", **WERTE, "sprache": "de"}.items())


@pytest.fixture
def ordner(klein, tmp_path, tidy_file, monkeypatch):
    """Workspace with a survey and a report on it."""
    root = write_survey(tmp_path / "ordner", klein)
    write_notebook(root / "notebooks" / "04_befragung.ipynb", SHOW, parameters=PARAMETERS, befragung=True)
    monkeypatch.chdir(root)
    monkeypatch.setenv("KREISBLICK_STORE", str(tmp_path / "store.duckdb"))
    with Store(read_only=False) as store:
        store.import_file(tidy_file("99099;2019-12-31;bevoelkerung;100;;;thueringer_broschuere"))
    return root


def test_a_version_is_whose_answers_are_counted(klein, ordner):
    path = ordner / "data" / "local" / "befragung.yaml"
    first = befragungsausgaben.version(path)
    write_survey(ordner, klein, change=lambda given: given.update(titel="Anders"))
    assert befragungsausgaben.version(path) == first
    write_survey(ordner, klein, rows=lambda header, lines: lines[:-1])
    without_one = befragungsausgaben.version(path)
    assert without_one != first
    write_survey(ordner, klein, change=lambda given: given.pop("raum"))
    assert befragungsausgaben.version(path) not in (first, without_one)


def test_each_version_is_noted_once_and_the_other_one_is_named(klein, ordner):
    path = ordner / "data" / "local" / "befragung.yaml"
    befragungsausgaben.record(path, TAG, {})
    befragungsausgaben.record(path, TAG + dt.timedelta(1), {})
    file = befragungsausgaben.file_of("99099", "sozialbefragung_2023")
    assert len(file.read_text().splitlines()) == 2 and befragungsausgaben.other_versions() == []
    write_survey(ordner, klein, rows=lambda header, lines: lines[:-1])
    (sentence,) = befragungsausgaben.other_versions()
    assert (
        "sozialbefragung_2023 of 99099" in sentence
        and "2026-03-01" in sentence
        and file.name in sentence
        and str(file.parent) not in sentence
    )
    assert befragungsausgaben.other_versions(["16077"]) == []
    befragungsausgaben.record(path, TAG + dt.timedelta(2), {})
    assert befragungsausgaben.other_versions() == [sentence]
    file.write_text("tag\n2026-03-01\n")
    with pytest.raises(InputError, match="expected fassung, tag, angaben"):
        befragungsausgaben.other_versions()


def test_plan_run_and_release_say_that_there_is_a_report_on_other_interviews(klein, ordner, capsys):
    assert main(["run", "--kreis", "99099", "--jobs", "1", "--output", str(ordner / "versuch")]) == 0
    assert not befragungsausgaben.file_of("99099", "sozialbefragung_2023").exists()
    assert main(["run", "--kreis", "99099", "--jobs", "1"]) == 0
    told = "another version of a survey: sozialbefragung_2023 of 99099"
    assert told not in capsys.readouterr().err
    write_survey(ordner, klein, rows=lambda header, lines: lines[:-1])
    assert main(["plan", "--kreis", "99099"]) == 0 and told in capsys.readouterr().out
    assert main(["run", "--kreis", "99099", "--jobs", "1"]) == 0 and told in capsys.readouterr().err
    assert main(["run", "--kreis", "99099", "--jobs", "1"]) == 0 and told in capsys.readouterr().err
    assert main(["release"]) == 0 and told in capsys.readouterr().err


@pytest.fixture
def noted(ordner):
    """Description of a survey that was reported on with the parameters `WERTE`."""
    path = ordner / "data" / "local" / "befragung.yaml"
    befragungsausgaben.record(path, TAG, WERTE)
    return path


def told(path: Path, **other) -> list[str]:
    return befragungsausgaben.other_counts([(path, WERTE | other)])


def test_another_border_is_named_with_both_values(noted):
    (sentence,) = told(noted, armut_unter=0.5)
    file = befragungsausgaben.file_of("99099", "sozialbefragung_2023")
    assert "was reported on at 2026-03-01 with armut_unter 0.6 (here 0.5)" in sentence and file.name in sentence
    assert "gering_unter 0.85 (here 0.9)" in told(noted, gering_unter=0.9)[0]
    befragungsausgaben.record(noted, TAG + dt.timedelta(1), WERTE | {"armut_unter": 0.5})
    befragungsausgaben.record(noted, TAG + dt.timedelta(2), WERTE | {"armut_unter": 0.5})
    assert told(noted, armut_unter=0.5) == [sentence] and len(told(noted, armut_unter=0.55)) == 2
    assert befragungsausgaben.newest(noted)["armut_unter"] == 0.5


def test_what_counts_the_same_is_not_named(klein, ordner, noted):
    assert told(noted) == told(noted, sprache="en", befragung="x", armut_unter=0.60, titel="Anders") == []
    write_survey(ordner, klein, change=lambda given: given["auswertung"]["gruppen"]["eltern"].update(titel="Anders"))
    assert told(noted) == []
    more = {"titel": "sind Eltern", "filter": "KI01=1"}
    write_survey(ordner, klein, change=lambda given: given["auswertung"]["anteile"].update(eltern=more))
    assert told(noted) == []


def test_areas_differ_where_they_are_put_together(klein, ordner):
    path = ordner / "data" / "local" / "befragung.yaml"
    befragungsausgaben.record(path, TAG, WERTE)
    assert told(path, ebene="keine") == told(path, ebene="planungsraum") == []  # it asked for Planungsraeume

    def ortsteile(given):
        given["raum"]["schluessel"] = {n: f"99099001.ortsteil{n}" for n in range(1, 9)}

    write_survey(ordner, klein, change=ortsteile)
    befragungsausgaben.record(path, TAG, WERTE | {"ebene": "keine"})
    assert told(path) == []
    assert "with ebene 'keine' (here 'planungsraum')" in told(path, ebene="planungsraum")[0]


def test_parameters_that_count_nothing_in_a_survey_are_not_noted(klein, ordner):
    path = ordner / "data" / "local" / "befragung.yaml"
    write_survey(ordner, klein, change=lambda given: (given.pop("raum"), given["auswertung"].pop("einkommen")))
    assert not {*WERTE} & {*befragungsausgaben.counted(path, WERTE)}


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        (lambda part: part["median"].update(eur=2100), "median.eur 2083 (here 2100)"),
        (
            lambda part: part["gruppen"]["eltern"].update(filter="KI01 = 1|3"),
            "gruppen.eltern 'KI01=1' (here 'KI01=1|3')",
        ),
        (
            lambda part: part["anteile"].update(froh=part["anteile"].pop("zufrieden") | {"filter": "ZU02=3|4|5"}),
            "anteile.zufrieden.filter 'ZU02=4|5' (here '')",
        ),
    ],
)
def test_a_border_that_the_description_moves_is_one_too(klein, ordner, noted, change, differs):
    write_survey(ordner, klein, change=lambda given: change(given["auswertung"]))
    assert differs in told(noted)[0]


def test_a_least_count_that_changed_shows_other_cells(ordner, noted):
    rules = ordner / "data" / "local" / "vertraulichkeit.yaml"
    rules.write_text("quellen: {befragung: {mindestzahl: 5}}\n")
    assert "mindestzahl 3 (here 5)" in told(noted)[0]


def test_two_reports_of_one_plan_are_compared_with_each_other(ordner):
    path = ordner / "data" / "local" / "befragung.yaml"
    (sentence,) = befragungsausgaben.other_counts([(path, WERTE), (path, WERTE | {"armut_unter": 0.5})])
    assert "is reported on with armut_unter 0.6 (here 0.5)" in sentence and "line" not in sentence


def test_every_parameter_of_the_report_that_moves_somebody_is_compared():
    """A further parameter must be compared, or stand here because nothing that is counted depends on it."""
    report = read_notebook(Path(__file__).parents[2] / "notebooks" / "04_sozialbefragung.ipynb")
    assert {*report.parameters} == {"kreis", "befragung", "sprache", *befragungsausgaben.PARAMETER}
    ways = inspect.signature(befragungsprofil.load).parameters.values()
    assert {p.name for p in ways if p.kind is p.KEYWORD_ONLY} == {*befragungsausgaben.PARAMETER, "grenzen"}


def test_a_record_of_the_time_before_parameters_were_noted_is_read(ordner):
    path = ordner / "data" / "local" / "befragung.yaml"
    file = befragungsausgaben.file_of("99099", "sozialbefragung_2023")
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"fassung;tag\n{befragungsausgaben.version(path)};2026-02-01\n")
    assert told(path, armut_unter=0.5) == [] and befragungsausgaben.newest(path) == {}
    befragungsausgaben.record(path, TAG, WERTE)
    assert "at 2026-03-01" in told(path, armut_unter=0.5)[0]
    file.write_text(file.read_text().replace(befragungsausgaben.version(path), "0" * 64))
    assert "reported on at 2026-02-01" in befragungsausgaben.other_versions()[0]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda text: text[: len(text) // 2], "damaged|unexpected end"),
        (lambda text: text.splitlines()[0] + "\n" + text.splitlines()[1][:70] + "\n", "line 2 is damaged"),
        (lambda text: text.replace(";", ","), "expected fassung, tag, angaben"),
        (lambda text: text.replace("angaben", "angaben;wer"), "columns fassung, tag, angaben, wer; expected"),
        (lambda text: text.replace("2026-03-01", "gestern"), "line 2 is damaged"),
        (lambda text: "", "expected fassung, tag, angaben"),
        (lambda text: b"\xff\xfe", "is no text"),
    ],
)
def test_a_damaged_record_stops_a_run_before_anything_is_made(ordner, noted, capsys, damage, message):
    file = befragungsausgaben.file_of("99099", "sozialbefragung_2023")
    damaged = damage(file.read_text())
    file.write_bytes(damaged if isinstance(damaged, bytes) else damaged.encode())
    before = file.read_bytes()
    with pytest.raises(InputError, match=message):
        befragungsausgaben.record(noted, TAG, WERTE)
    assert main(["run", "--kreis", "99099", "--jobs", "1"]) == main(["plan", "--kreis", "99099"]) == 2
    assert "Traceback" not in (said := capsys.readouterr().err) and said.count(file.name) == 2
    assert file.read_bytes() == before and not [*(ordner / "output").rglob("*.html")]


def test_a_report_that_cannot_be_noted_is_not_made(ordner, capsys):
    file = befragungsausgaben.file_of("99099", "sozialbefragung_2023")
    file.parent.write_text("no folder")
    assert main(["run", "--kreis", "99099", "--jobs", "1"]) == 1
    assert "what this report shows cannot be noted in the folder ausgaben (" in capsys.readouterr().err
    (job,) = json.loads((ordner / "output" / "manifest.json").read_text())["berichte"]
    assert job["ergebnis"] == "fehlgeschlagen" and not any(name.endswith("html") for name in job["dateien"])


def test_a_report_from_a_shared_folder_that_cannot_be_noted_is_taken_away(ordner):
    assert main(["run", "--kreis", "99099", "--jobs", "1"]) == 0
    (page,) = (ordner / "output").rglob("04_befragung.html")
    folder = befragungsausgaben.file_of("99099", "sozialbefragung_2023").parent
    folder.rename(folder.with_name("anderswo"))
    folder.write_text("no folder")
    job = Job(read_notebook(ordner / "notebooks" / "04_befragung.ipynb"), "99099", {"kreis": "99099"})
    there = Result("99099", "04_befragung", "Befragung", {}, ERSTELLT, 1.0, dateien={page.name: "0" * 64})
    future = Future()
    future.status = "finished"  # as a future of a cluster says it
    future.set_result(pickle.dumps((there, {})))
    (scratch := ordner / "scratch").mkdir()
    target = Target(ordner / "output", ordner / "figures", scratch, festhalten=True)
    made = dask_run._result(job, future, target, shared=True)
    assert made.ergebnis == FEHLER and "cannot be noted in the folder ausgaben" in made.meldung
    assert made.dateien == {} and not page.exists()


def test_plan_run_and_release_say_that_there_is_a_report_with_another_threshold(ordner, capsys):
    def run(*arguments: str) -> str:
        assert main([arguments[0], "--kreis", "99099", *arguments[1:]]) == 0
        return "".join(capsys.readouterr())

    sentence = "other parameters of a survey: sozialbefragung_2023 of 99099"
    lower = ("--parameter", "armut_unter=0.5")
    assert sentence not in run("run", "--jobs", "1") + run("plan") + run("plan", "--parameter", "sprache=en")
    assert "armut_unter 0.6 (here 0.5)" in run("plan", *lower)
    assert sentence in run("run", "--jobs", "1", *lower, "--output", "versuch")
    assert main(["release"]) == 0 and sentence not in capsys.readouterr().err
    (folder,) = (ordner / "versuch").glob("99099_*")
    assert main(["release", str(folder)]) == 0 and "armut_unter 0.6 (here 0.5)" in capsys.readouterr().err
    assert sentence in run("run", "--jobs", "1", *lower)
    assert "armut_unter 0.5 (here 0.6)" in run("plan")
    for notebook in (ordner / "output").rglob("*.ipynb"):
        notebook.unlink()
    assert main(["release"]) == 0 and "armut_unter 0.6 (here 0.5)" in capsys.readouterr().err
