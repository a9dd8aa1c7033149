"""Descriptions of surveys: which there are in a workspace, which one is meant, what their checksum covers."""

import shutil

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from survey_workspace import inside, write_survey

from analysis.errors import InputError
from analysis.sources.befragung_beschreibung import chosen, descriptions, find, fingerprint, short_name


@pytest.fixture
def workspace(klein, tmp_path):
    return write_survey(tmp_path, klein)


def another(root, folder: str, **changed):
    """Copy of the survey in a folder of its own with other entries in its description."""
    local = root / "data" / "local"
    shutil.copytree(local, local / folder, ignore=lambda _, names: [n for n in names if (local / n).is_dir()])
    path = local / folder / "befragung.yaml"
    given = yaml.safe_load(path.read_text(encoding="utf-8"))
    given["befragung"] |= changed
    path.write_text(yaml.safe_dump(given, allow_unicode=True), encoding="utf-8")
    return path


def test_the_newest_survey_of_a_kreis_comes_first(workspace):
    first = workspace / "data" / "local" / "befragung.yaml"
    old = another(workspace, "alt", kurz="alt", jahr=2019, welle=3)
    second = another(workspace, "welle", kurz="zweite", welle=2)
    (workspace / "data" / "local" / "anderes.yaml").write_text("meldeamt:\n  amt: x\n")
    with inside(workspace):
        assert descriptions() == {"99099": [second, first, old]}
        assert find("99099") == second and find("99099", "alt") == old
        with pytest.raises(
            InputError, match="there is no survey 'nix' of the Kreis 99099; there are alt, sozialb.*_2023, zweite"
        ):
            find("99099", "nix")
        with pytest.raises(InputError, match=r"there is no survey of the Kreis 16077; expected its befragung\.yaml"):
            find("16077")
    assert short_name(old) == "alt" and chosen([second, first, old], "alt") == old
    assert chosen([second, first]) == second and chosen([first], "alt") is None


def test_without_surveys_there_are_none(tmp_path):
    for folder in ("analysis", "notebooks", "data/local"):
        (tmp_path / folder).mkdir(parents=True)
    with inside(tmp_path):
        assert descriptions() == {}


def test_two_surveys_of_one_name_are_refused_with_both_files(workspace):
    other = another(workspace, "kopie", jahr=2019)
    with inside(workspace), pytest.raises(InputError) as error:
        descriptions()
    text = str(error.value)
    assert str(other) in text and str(workspace / "data" / "local" / "befragung.yaml") in text
    assert "'sozialbefragung_2023' is also the name of the survey of the Kreis 99099" in text


def test_a_wrong_description_is_named(workspace):
    path = another(workspace, "falsch", kurz="falsch", jahr="bald")
    with inside(workspace), pytest.raises(InputError, match="falsch/befragung.yaml.*jahr"):
        descriptions()
    path.write_text("befragung: [")
    with inside(workspace), pytest.raises(InputError, match="falsch/befragung.yaml"):
        descriptions()


def test_the_checksum_covers_the_description_and_every_file_that_it_names(workspace):
    local = workspace / "data" / "local"
    path = local / "befragung.yaml"
    files = sorted(file for file in local.iterdir() if file.suffix == ".csv")
    assert len(files) == 4  # data, two of the codebook, draw
    seen = {fingerprint(path)}
    for file in [*files, path]:
        with file.open("ab") as end:
            end.write(b"\n")
        seen.add(fingerprint(path))
    assert len(seen) == 6 and all(len(digest) == 64 for digest in seen)
    (local / "fremd.csv").write_text("x")
    assert fingerprint(path) in seen
    categories = another(workspace, "offen", offen={"kategorien": "kategorien.yaml"})
    without = fingerprint(categories)
    (categories.parent / "kategorien.yaml").write_text("kategorien: {}")
    assert fingerprint(categories) != without


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(min_value=0), byte=st.integers(0, 255))
def test_any_changed_byte_of_the_answers_changes_the_checksum(workspace, place, byte):
    data = next((workspace / "data" / "local").glob("rdata_*.csv"))
    content = data.read_bytes()
    place %= len(content)
    before = fingerprint(workspace / "data" / "local" / "befragung.yaml")
    data.write_bytes(content[:place] + bytes([byte]) + content[place + 1 :])
    after = fingerprint(workspace / "data" / "local" / "befragung.yaml")
    data.write_bytes(content)
    assert (after == before) == (content[place] == byte)
