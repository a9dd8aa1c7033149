"""A survey that is delivered again with other interviews: who reports on it is told that there is another report."""

import datetime as dt

import pytest
from notebooks_made import write_notebook
from survey_workspace import write_survey

from analysis import befragungsausgaben
from analysis.cli import main
from analysis.errors import InputError
from analysis.store import Store

SHOW = 'from analysis import outputs\noutputs.saetze([f"Kreis {kreis}"])'
TAG = dt.date(2026, 3, 1)


@pytest.fixture
def ordner(klein, tmp_path, tidy_file, monkeypatch):
    """Workspace with a survey and a report on it."""
    root = write_survey(tmp_path / "ordner", klein)
    parameters = 'kreis = "99099"\nbefragung = ""'
    write_notebook(root / "notebooks" / "04_befragung.ipynb", SHOW, parameters=parameters, befragung=True)
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
    befragungsausgaben.record(path, TAG)
    befragungsausgaben.record(path, TAG + dt.timedelta(1))
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
    befragungsausgaben.record(path, TAG + dt.timedelta(2))
    assert befragungsausgaben.other_versions() == [sentence]
    file.write_text("tag\n2026-03-01\n")
    with pytest.raises(InputError, match="expected fassung, tag"):
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
