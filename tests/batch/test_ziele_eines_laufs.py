"""Reports on goals in a run: what a catalogue does not know is not possible, not failed."""

import json
import shutil

import pytest
from conftest import ROOT
from notebooks_made import write_notebook
from small_run import SHOW, workspace

from analysis.cli import main

BEFORE = "Der Zielkatalog gilt erst ab 31.12.2018. Der Stichtag 01.01.2018 liegt davor."
LATER = "Änderungen nach dem 01.01.2025 gibt es am Stichtag 31.12.2018 noch nicht."


@pytest.fixture
def ordner(tmp_path, monkeypatch):
    """Workspace with a report on goals and two Kreise with a catalogue, one of them with none that can be read."""
    root = workspace(tmp_path / "ordner", kreise=("16070", "16077"))
    (root / "notebooks" / "01_bericht.ipynb").unlink()
    parameters = 'kreis = "16077"\nstichtag = ""\nseit = ""'
    kinds = {"stichtag": "tag", "seit": "tag"}
    path = root / "notebooks" / "05_ziele.ipynb"
    write_notebook(path, SHOW, parameters=parameters, parameter=kinds, ziele=True)
    (root / "data" / "ziele").mkdir()
    shutil.copy(ROOT / "data" / "ziele" / "16070_ilm_kreis.yaml", root / "data" / "ziele")
    (root / "data" / "ziele" / "16077_kaputt.yaml").write_text("zielkatalog: nichts\n", encoding="utf-8")
    monkeypatch.chdir(root)
    monkeypatch.setenv("KREISBLICK_STORE", str(root / "store.duckdb"))
    return root


@pytest.mark.parametrize(("parameter", "reason"), [("stichtag=2018-01-01", BEFORE), ("seit=2025-01-01", LATER)])
def test_a_day_before_the_catalogue_is_not_possible_and_says_why(ordner, capsys, parameter, reason):
    asked = ["--kreis", "16070", "--parameter", parameter]
    assert main(["plan", *asked]) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"not possible: 16070 05_ziele: {reason}",
        "0 to run, 0 fresh, 1 not possible",
    ]
    assert main(["run", *asked]) == 1
    assert f"not possible: 16070 05_ziele: {reason}" in capsys.readouterr().err
    manifest = json.loads((ordner / "output" / "manifest.json").read_text(encoding="utf-8"))
    assert [(e["ags"], e["grund"]) for e in manifest["nicht_moeglich"]] == [("16070", reason)]
    assert manifest["berichte"] == [] and reason in (ordner / "output" / "index.html").read_text(encoding="utf-8")


def test_other_kreise_and_days_are_planned_as_ever(ordner, capsys):
    assert main(["plan", "--parameter", "stichtag=2018-01-01"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "runs: 16077 05_ziele (not made yet)"  # a file that is not correct fails with its own sentence
    assert lines[1].startswith("not possible: 16070")
    assert main(["plan", "--kreis", "16070", "--parameter", "stichtag=2018-12-31"]) == 0


def test_a_catalogue_alone_is_enough_unless_its_goals_name_indicators(ordner, capsys):
    text = (ordner / "data" / "ziele" / "16070_ilm_kreis.yaml").read_text(encoding="utf-8").replace("16070", "16061")
    path = ordner / "data" / "ziele" / "16061_eichsfeld.yaml"
    path.write_text(text, encoding="utf-8")
    assert main(["plan", "--kreis", "16061"]) == 0
    assert capsys.readouterr().out.startswith("runs: 16061 05_ziele (not made yet)")
    goal = "    - code: LZ1\n"
    assert goal in text
    path.write_text(text.replace(goal, f"{goal}      indikatoren: [arbeitslosenquote]\n"), encoding="utf-8")
    assert main(["plan", "--kreis", "16061"]) == 1
    assert "aber zu diesem Kreis liegen keine Zahlen vor." in capsys.readouterr().out
