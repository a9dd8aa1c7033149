"""A report names the survey that it read: the one of its parameter, in its footer and in the manifest."""

import json
import shutil

import pytest
from notebooks_made import write_notebook
from survey_workspace import write_survey

from analysis.batch.plan import Job, find_notebooks
from analysis.commands import runs
from analysis.errors import InputError
from analysis.sources.befragung_beschreibung import fingerprint

SHOW = 'from analysis import outputs\noutputs.saetze([f"Kreis {kreis}"])'


@pytest.fixture
def two_waves(klein, tmp_path):
    """Workspace with two surveys of one Kreis, a report on a survey and one that needs none."""
    root = write_survey(tmp_path / "ordner", klein)
    local = root / "data" / "local"
    (local / "alt").mkdir()
    for file in [path for path in local.iterdir() if path.is_file()]:
        shutil.copy(file, local / "alt")
    old = local / "alt" / "befragung.yaml"
    text = old.read_text(encoding="utf-8").replace("sozialbefragung_2023", "sozialbefragung_2019")
    old.write_text(text.replace("jahr: 2023", "jahr: 2019"), encoding="utf-8")
    parameters = 'kreis = "99099"\nbefragung = ""'
    write_notebook(root / "notebooks" / "01_steckbrief.ipynb", SHOW)
    write_notebook(root / "notebooks" / "04_befragung.ipynb", SHOW, parameters=parameters, befragung=True)
    return root


def test_a_report_names_the_survey_that_its_parameter_names(kreisblick, tidy_file, two_waves):
    assert kreisblick("import", tidy_file("99099;2019-12-31;bevoelkerung;100;;;thueringer_broschuere")).returncode == 0
    local = two_waves / "data" / "local"
    new, old = (fingerprint(path) for path in (local / "befragung.yaml", local / "alt" / "befragung.yaml"))
    assert new != old
    for arguments, expected, other in (
        ((), new, old),
        (("--notebook", "04", "--parameter", "befragung=sozialbefragung_2019"), old, new),
    ):
        done = kreisblick("run", "--kreis", "99099", "--jobs", "1", *arguments, cwd=two_waves)
        assert done.returncode == 0, done.stderr
        folder = two_waves / "output" / "99099_musterkreis_erfunden"
        page = (folder / "04_befragung.html").read_text(encoding="utf-8")
        assert f"Befragung {expected}" in page and other not in page
        assert "Befragung " not in (folder / "01_steckbrief.html").read_text(encoding="utf-8")
        manifest = json.loads((two_waves / "output" / "manifest.json").read_text(encoding="utf-8"))
        hashes = {e["notebook"]: e["lauf"]["eingaben_sha256"] for e in manifest["berichte"]}
        assert hashes["04_befragung"]["befragung/99099/04_befragung"] == expected
        assert not [name for name in hashes["01_steckbrief"] if name.startswith("befragung")]


def test_a_survey_that_is_not_there_is_no_input_of_a_report(two_waves):
    paths = {"99099": [two_waves / "data" / "local" / "befragung.yaml"]}
    notebooks = find_notebooks(two_waves / "notebooks")
    jobs = [Job(nb, "99099", {"kreis": "99099", "befragung": "nix"}) for nb in notebooks]
    assert runs._surveys(jobs, paths) == {}
    with pytest.raises(InputError, match="parameter befragung is 'nix'; expected one of "):
        runs._check_survey(jobs, paths)
    jobs = [Job(nb, "99099", {"kreis": "99099"}) for nb in notebooks]
    assert set(runs._surveys(jobs, paths)) == {"99099/04_befragung"}
