"""The example as files: the same bytes for the same seed, whole or nothing, the shipped copy."""

import hashlib
import io
import os
import subprocess
import sys
import zipfile

import pytest
import yaml
from conftest import ROOT

from analysis.errors import InputError
from analysis.example.schreiben import write_example

CODE = (
    "import hashlib; from analysis.example.schreiben import dateien; h = hashlib.sha256()\n"
    "for path, content in dateien(klein=True): h.update(path.encode() + content)\n"
    "print(h.hexdigest())"
)


def test_another_process_writes_the_same_bytes(klein):
    here = hashlib.sha256(b"".join(path.encode() + content for path, content in klein.items())).hexdigest()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    done = subprocess.run([sys.executable, "-c", CODE], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == here


def test_the_shipped_copy_is_what_the_generator_makes(klein):
    folder = ROOT / "data" / "musterkreis"
    shipped = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    assert set(shipped) == set(klein)
    assert [path for path, content in klein.items() if shipped[path] != content] == []
    assert sum(map(len, shipped.values())) <= 1_500_000


def test_git_leaves_the_bytes_of_the_shipped_copy_alone():
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    path = "data/musterkreis/LIESMICH.md"
    done = subprocess.run(["git", "check-attr", "text", path], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("text: unset")


def test_another_seed_changes_values_and_no_structure(klein):
    from analysis.example.schreiben import dateien

    other = dict(dateien(seed=1, klein=True))
    assert list(other) == list(klein)
    fixed = {path for path in klein if klein[path] == other[path]}
    assert {path for path in fixed if path.endswith((".csv", ".TXT", ".txt", ".xlsx", ".zip"))} == {
        path for path in klein if path.endswith(("variables_musterkreis_2023.csv", "values_musterkreis_2023.csv"))
    }
    assert "lieferungen/gebiet/gemeinden_99099_2024-12-31.geojson" in fixed
    for path in set(klein) - fixed:
        if path.endswith(".csv"):
            first = (content[path].split(b"\n")[0] for content in (klein, other))
            assert len(set(first)) == 1, path


def test_workbooks_and_zips_carry_no_time_of_their_making(klein):
    packed = [content for content in klein.values() if content.startswith(b"PK")]
    assert len(packed) > 10
    for content in packed:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert {m.date_time[0] for m in archive.infolist()} == {2025}
            assert {m.compress_type for m in archive.infolist()} == {zipfile.ZIP_STORED}


def test_everything_says_that_it_is_invented(klein):
    assert "alles hier ist erfunden" in klein["LIESMICH.md"].decode().splitlines()[0]
    for path, content in klein.items():
        if path.endswith(".yaml"):
            assert b"rfunden" in content.split(b"\n")[0], path
            assert len(yaml.safe_load(content)) >= 1


def test_the_command_writes_and_refuses_a_folder_that_is_not_empty(kreisblick, tmp_path):
    done = kreisblick("example", tmp_path / "neu", "--klein")
    assert done.returncode == 0 and "files of an invented Kreis" in done.stdout, done.stderr
    assert (tmp_path / "neu" / "LIESMICH.md").exists() and sorted(p.name for p in tmp_path.iterdir()) == ["neu"]
    again = kreisblick("example", tmp_path / "neu", "--klein")
    assert again.returncode == 2 and "not empty" in again.stderr and len(again.stderr.splitlines()) == 1


def test_an_empty_folder_is_filled(tmp_path):
    before = tmp_path.stat().st_ino
    paths = list(write_example(tmp_path, klein=True))
    assert tmp_path.stat().st_ino == before and (tmp_path / paths[-1]).exists()
    assert sorted(p.name for p in tmp_path.parent.iterdir() if p.name.startswith(".musterkreis")) == []


def test_nothing_is_left_behind_when_it_is_stopped(tmp_path):
    files = write_example(tmp_path / "halb", klein=True)
    next(files), next(files)
    files.close()
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_is_refused(tmp_path):
    (tmp_path / "datei").write_text("x")
    with pytest.raises(InputError, match="not empty"):
        next(write_example(tmp_path / "datei"))
    with pytest.raises(InputError, match="cannot be written"):
        list(write_example(tmp_path / "datei" / "unter"))
