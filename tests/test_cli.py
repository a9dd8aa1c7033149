"""The command line as a user calls it: what it prints, its exit status, and that bad input changes nothing."""

import json
import signal
import subprocess
import sys

import pytest
from conftest import HEADER, ROOT
from dask_places import until
from small_run import left_over, processes, started, workspace

from analysis.store import Store

GOOD = "16077;2019-12-31;bevoelkerung;89393;;;thueringer_broschuere"
TOO_MANY = GOOD.replace("bevoelkerung;89393", "bevoelkerung_unter_18;99999")


def test_help_loads_nothing_heavy():
    code = (
        "import sys, analysis.cli\n"
        "try: analysis.cli.main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'pandas', 'numpy', 'duckdb', 'matplotlib', 'papermill', 'nbconvert', 'yaml'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "import" in done.stdout and "run" in done.stdout


def test_import_then_list(kreisblick, called, tidy_file):
    done = kreisblick("import", tidy_file(GOOD))
    assert done.returncode == 0 and done.stdout == "lieferung.csv: 1 rows - 1 new, 0 changed, 0 unchanged\n"
    assert "imported before" in called("import", tidy_file(GOOD)).stdout
    kreise = called("list", "kreise").stdout
    assert "16077" in kreise and "Altenburger Land" in kreise
    assert "bevoelkerung" in kreisblick("list").stdout
    assert "lieferung.csv" in called("list", "importe").stdout
    assert "altenquotient" in called("list", "indikatoren").stdout
    assert called("list", "befragungen").stderr == "the store holds no befragungen\n"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (f"{HEADER}\n{GOOD.replace('16077', '16999')}\n".encode(), "row 2: AGS '16999'"),
        (f"{HEADER.replace('wert;', '')}\n".encode(), "column 'wert' is missing"),
        (f"{HEADER}\n{GOOD.replace('89393', 'viele')}\n".encode(), "row 2: wert is 'viele'"),
        (f"{HEADER}\n{GOOD}\n{TOO_MANY}\n".encode(), "row 2, 3: numerator larger than denominator"),
        (f"{HEADER}\n{GOOD}\n{GOOD}\n".encode(), "row 3: bevoelkerung of 16077 on 31.12.2019 stands already in row 2"),
        (f"{HEADER}\n{GOOD}\n{GOOD[:30]}".encode(), "may be truncated"),
        (b"", "the file is empty"),
        (f"{HEADER}\n{GOOD.replace('thueringer', 'thüringer')}\n".encode("latin-1"), "is not UTF-8"),
    ],
    ids=["ags", "column", "text", "numerator", "duplicate", "truncated", "empty", "encoding"],
)  # fmt: skip
def test_bad_input_is_one_sentence_with_status_2_and_the_store_stays(called, tidy_file, tmp_path, content, expected):
    called("import", tidy_file("16070;2019-12-31;arbeitslosenquote;4,9;;;thueringer_broschuere", name="gut.csv"))
    with Store(tmp_path / "store.duckdb") as store:
        before = store.fingerprint(), len(store.imports())
    bad = tmp_path / "schlecht.csv"
    bad.write_bytes(content)
    done = called("import", bad)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.count("\n") == 1 and done.stderr.startswith("kreisblick: ")
    assert "schlecht.csv" in done.stderr and expected in done.stderr
    with Store(tmp_path / "store.duckdb") as store:
        assert (store.fingerprint(), len(store.imports())) == before


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["run", "--kreis", "9174"], "AGS '9174' is not a key"),
        (["run", "--kreis", "16099"], "no Kreis '16099' in Thüringen"),
        (["run", "--kreis", "16077012"], "is not the key of a Kreis"),
        (["run", "--kreis", "09174"], "has no name yet: add it to analysis/regions.yaml"),
        (["run", "--notebook", "99"], "there is no notebook '99'"),
        (["run", "--parameter", "jahr=2019"], "has no parameter 'jahr'"),
        (["run", "--parameter", "jahr"], "is not of the form NAME=VALUE"),
        (["run", "--timeout", "0"], "'0' is not a positive number"),
        (["run", "--timeout", "inf"], "'inf' is not a positive number"),
        (["run", "--jobs", "-1"], "'-1' is not a positive number"),
        (["import", "fehlt.csv"], "fehlt.csv: there is no such file"),
        (["--store", "", "list"], "the name is empty"),
        (["list", "alles"], "invalid choice"),
        ([], "required"),
    ],
)
def test_bad_arguments_are_named_with_status_2(called, shipped_store, arguments, expected):
    done = called(*arguments)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert expected in done.stderr


def test_a_store_that_is_not_there_is_named(called, tmp_path):
    for command in (["list"], ["run", "--output", tmp_path / "aus"]):
        done = called(*command)
        assert done.returncode == 2 and "there is no store yet" in done.stderr


def test_options_of_one_kind_add_up_and_a_kreis_without_figures_is_reported(called, shipped_store, tmp_path):
    options = ("--kreis", "16077", "--kreis", "16061", "--notebook", "01", "--notebook", "05", "--jobs", "1")
    done = called("run", *options, "--output", tmp_path / "aus")
    assert done.returncode == 1
    assert "not possible: 16061 01_steckbrief: Es fehlen Daten: Bevölkerung." in done.stderr
    assert "not possible: 16061 05_zielmonitoring: Für diesen Kreis liegt kein Zielkatalog vor." in done.stderr
    assert done.stdout.strip() == str(tmp_path / "aus" / "index.html")
    made = sorted(f"{p.parent.name[:5]}/{p.name[:2]}" for p in (tmp_path / "aus").glob("16*/0*.html"))
    assert made == ["16077/01", "16077/05"]
    index = (tmp_path / "aus" / "index.html").read_text(encoding="utf-8")
    assert 'href="16077_altenburger_land/01_steckbrief.html"' in index
    assert "Eichsfeld" in index and "Es fehlen Daten" in index
    figures = sorted(p.name[:2] for p in (tmp_path / "aus" / "figures" / "16077").glob("*.png"))
    assert figures == ["01"] * 6 + ["05"]


def test_an_output_that_cannot_be_a_folder_is_named_before_any_work(called, shipped_store, tmp_path):
    (tmp_path / "datei").write_text("x")
    done = called("run", "--kreis", "16077", "--output", tmp_path / "datei")
    assert done.returncode == 2 and "reports cannot be written there" in done.stderr and "[1/1]" not in done.stderr


def test_wrong_arguments_change_nothing_in_the_workspace(kreisblick, clone):
    def state():
        return {p: p.stat().st_mtime_ns for p in clone.rglob("*") if p.is_file() and "__pycache__" not in p.parts}

    before = state()
    done = kreisblick("run", "--kreis", "9174", cwd=clone, env={"KREISBLICK_STORE": "", "PYTHONPATH": str(clone)})
    assert done.returncode == 2
    assert state() == before


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_a_stopped_run_ends_its_processes_and_says_what_it_finished(tmp_path_factory):
    root = workspace(tmp_path_factory.mktemp("halt") / "ordner")  # a short name, so that kernels get sockets
    for stop in (signal.SIGINT, signal.SIGTERM):
        process = started(root, "--force", "--jobs", "1")
        assert process.stderr.readline().startswith("[1/4]")
        process.send_signal(stop)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 130 and errors.rstrip().endswith("stopped; the reports that were finished stay")
        manifest = json.loads((root / "output" / "manifest.json").read_text(encoding="utf-8"))
        assert len(manifest["berichte"]) >= 1 and (root / "output" / "index.html").exists()
        until(lambda: not processes(root), 20)
        assert left_over(root) == []


def test_an_output_folder_of_something_else_is_refused_before_any_work(called, shipped_store, tmp_path):
    (tmp_path / "fremd").mkdir()
    (tmp_path / "fremd" / "manifest.json").write_text('{"name": "Web-App"}')
    done = called("run", "--kreis", "16077", "--output", tmp_path / "fremd")
    assert done.returncode == 2 and "not a manifest of this version" in done.stderr
    assert [p.name for p in (tmp_path / "fremd").iterdir()] == ["manifest.json"]


def test_a_folder_is_imported_whole_and_what_is_no_delivery_is_named(called, tmp_path):
    folder = tmp_path / "eingang"
    (folder / "2019").mkdir(parents=True)
    (folder / "2019" / "a.csv").write_text(f"{HEADER}\n16077;2019-12-31;bevoelkerung;89393;;;thueringer_broschuere\n")
    (folder / "b.csv").write_text(f"{HEADER}\n16070;2019-12-31;bevoelkerung;106249;;;thueringer_broschuere\n")
    (folder / "brief.pdf").write_bytes(b"%PDF-1.7")
    (folder / ".versteckt.csv").write_text("x")
    done = called("import", folder)
    assert done.returncode == 0, done.stderr
    assert "a.csv: 1 rows - 1 new" in done.stdout and "b.csv: 1 rows - 1 new" in done.stdout
    (folder / "notiz.txt").write_text("Bitte beachten!\n")
    again = called("import", folder)
    assert again.returncode == 1 and "notiz.txt: not imported, no known format" in again.stderr
    assert again.stdout.count("imported before") == 2


def test_one_bad_file_of_a_folder_does_not_keep_the_others_out(called, tmp_path):
    (tmp_path / "e").mkdir()
    (tmp_path / "e" / "a.csv").write_text(f"{HEADER}\n16077;2019-12-31;bevoelkerung;x;;;thueringer_broschuere\n")
    (tmp_path / "e" / "b.csv").write_text(f"{HEADER}\n16070;2019-12-31;bevoelkerung;106249;;;thueringer_broschuere\n")
    done = called("import", tmp_path / "e")
    assert done.returncode == 2 and "a.csv, row 2: wert is 'x'" in done.stderr
    assert "b.csv: 1 rows - 1 new" in done.stdout
    assert "Traceback" not in done.stderr


def test_the_format_may_be_named_and_must_fit(called, tidy_file):
    path = tidy_file("16077;2019-12-31;bevoelkerung;89393;;;thueringer_broschuere")
    wrong = called("import", "genesis", path)
    assert wrong.returncode == 2 and "no flat CSV" in wrong.stderr
    assert called("import", "tidy", path).returncode == 0


def test_an_unknown_format_and_an_empty_folder_are_named(called, tmp_path):
    (tmp_path / "leer").mkdir()
    (tmp_path / "x.bin").write_bytes(b"\x00\x01\x02")
    assert "nothing to import there" in called("import", tmp_path / "leer").stderr
    assert "no known format" in called("import", tmp_path / "x.bin").stderr


def test_check_says_what_is_there_and_fails_where_something_is_missing(called, tidy_file):
    rows = [
        f"16077;{year}-12-31;bevoelkerung;{90000 - year};;;thueringer_broschuere" for year in (2014, 2015, 2016, 2018)
    ]
    called("import", tidy_file(*rows[:3]))
    clean = called("check")
    assert clean.returncode == 0 and "nothing is missing" in clean.stdout and "bevoelkerung" in clean.stdout
    called("import", tidy_file(rows[3], name="neu.csv"))
    gap = called("check", "--kreis", "16077")
    assert gap.returncode == 1 and "gap: 1" in gap.stdout and "before 2018-12-31" in gap.stdout
    nothing = called("check", "--kreis", "16070")
    assert nothing.returncode == 1 and "the store holds no figures for 16070" in nothing.stdout


def test_diff_says_which_value_changed_through_which_file(called, tidy_file):
    called("import", tidy_file("16077;2019-12-31;bevoelkerung;89393;;;thueringer_broschuere"))
    assert "no stored value changed" in called("diff", "--since", "2020-01-01").stdout
    secret = tidy_file("16077;2019-12-31;bevoelkerung;;geheim;;thueringer_broschuere", name="neu.csv")
    assert "numbers that are now a reason instead: 1" in called("import", secret).stdout
    done = called("diff", "--since", "01.01.2020")
    assert done.stdout == "16077 2019-12-31 bevoelkerung: 89393.0 -> geheim (neu.csv, before lieferung.csv)\n"
    assert "no stored value changed" in called("diff", "--since", "2020-01-01", "--ags", "16070").stdout
    assert "no stored value changed" in called("diff", "--since", "2100-01-01").stdout
    assert called("diff", "--since", "gestern").returncode == 2


def test_counts_are_carried_to_another_territorial_date_and_estimates_are_called_so(called, tidy_file, tmp_path):
    """Anna goes to Berta whole, a quarter of Carla too: 100 + 200 + 80 / 4 = 320, and 60 stay in Carla."""
    values = {"99099001": 100, "99099002": 200, "99099003": 80, "99099004": 50}
    rows = [f"{ags};2020-12-31;bevoelkerung;{n};;;musterkreis" for ags, n in values.items()]
    shares = tmp_path / "umsteiger.csv"
    shares.write_text(
        "von_stand;nach_stand;gewicht;von;nach;anteil;liste\n"
        "2020-12-31;2021-12-31;bevoelkerung;99099001;99099002;1;aenderungen\n"
        "2020-12-31;2021-12-31;bevoelkerung;99099003;99099002;0,25;aenderungen\n"
        "2020-12-31;2021-12-31;bevoelkerung;99099003;99099003;0,75;aenderungen\n"
    )
    assert called("import", tidy_file(*rows), shares).returncode == 0
    done = called("carry", "bevoelkerung", "--stand", "2021-12-31")
    assert done.returncode == 0, done.stderr
    lines = [line.split(";") for line in done.stdout.splitlines()[1:]]
    assert [(line[0], line[3], line[5]) for line in lines] == [
        ("99099002", "320,0", "geschaetzt"), ("99099003", "60,0", "geschaetzt"), ("99099004", "50,0", ""),
    ]  # fmt: skip
    nowhere = called("carry", "bevoelkerung", "--stand", "2023-12-31")
    assert nowhere.returncode == 2 and "Umsteiger" in nowhere.stderr


def test_what_cannot_be_read_in_a_folder_is_named_and_the_rest_is_imported(called, tmp_path):
    folder = tmp_path / "e"
    (folder / "ordner.yaml").mkdir(parents=True)
    (folder / "a.csv").write_text(f"{HEADER}\n16070;2019-12-31;bevoelkerung;106249;;;thueringer_broschuere\n")
    (folder / "leer.csv").write_bytes(b"")
    (folder / "tief.yaml").write_text("befragung:\n  a: " + "[" * 30000 + "]" * 30000)
    (folder / "datum.yaml").write_text("planungsraeume:\n  2023-01-01: x\n")
    (folder / "kette.yaml").symlink_to(folder / "kette.yaml")
    done = called("import", folder)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "a.csv: 1 rows - 1 new" in done.stdout
    for text in (
        "leer.csv: the file is empty",
        "tief.yaml: not valid YAML: nested too deeply",
        "datum.yaml: keys must",
    ):
        assert text in done.stderr, done.stderr


@pytest.mark.parametrize(("name", "message"), [("", "is empty"), ("x" * 300, "cannot be read (File name too long)")])
def test_a_name_that_is_none_changes_nothing(called, name, message):
    done = called("import", name)
    assert done.returncode == 2 and message in done.stderr and "Traceback" not in done.stderr


def test_residents_of_the_planungsraeume_add_up_to_those_of_the_kreis(called, whole_store, monkeypatch):
    """Whole chain on the shipped example: nine offices, Planungsraeume of Gemeinden and Ortsteile."""
    monkeypatch.setenv("KREISBLICK_STORE", str(whole_store))
    sums = {}
    for raum in ("planungsraum", "gemeinde", "ortsteil", "kreis"):
        done = called("residents", "99099", "--stichtag", "31.12.2024", "--raum", raum)
        assert done.returncode == 0, done.stderr
        rows = [line.split(";") for line in done.stdout.splitlines()[1:]]
        assert all(row[4] == "" for row in rows)
        sums[raum] = sum(int(row[3]) for row in rows if row[2] == "insgesamt")
        assert len({row[1] for row in rows}) == {"planungsraum": 8, "gemeinde": 30, "ortsteil": 50, "kreis": 1}[raum]
    assert len(set(sums.values())) == 1
    nothing = called("residents", "99099", "--stichtag", "2010-12-31")
    assert nothing.returncode == 2 and "no Melderegister of 99099 for 31.12.2010" in nothing.stderr


def test_areas_of_a_kreis_get_pages_of_their_own_beside_that_of_the_kreis(kreisblick, whole_store, tmp_path):
    """A later run for areas neither removes the page of the Kreis nor takes its place."""
    out, env = tmp_path / "aus", {"KREISBLICK_STORE": str(whole_store)}
    command = ("run", "--kreis", "99099", "--notebook", "01", "--output", out)
    assert kreisblick(*command, env=env).returncode == 0
    (page,) = out.glob("99099_*/01_steckbrief.html")
    before, files_before = page.read_bytes(), set(out.rglob("*.png"))
    done = kreisblick(*command, "--raum", "99099001", "99099.nord", "--jobs", "1", env=env)
    assert done.returncode == 0, done.stderr
    assert page.read_bytes() == before and files_before and files_before < set(out.rglob("*.png"))
    folder = page.parent
    names = ["01_steckbrief-99099001", "01_steckbrief-nord"]
    assert sorted(p.stem for p in folder.glob("0*.html")) == ["01_steckbrief", *names]
    pages = [(folder / f"{name}.html").read_text(encoding="utf-8") for name in names]
    assert "Gemeinde Glockenmark" in pages[0] and "Kreisstadt Nord" not in pages[0]
    assert "Planungsraum Kreisstadt Nord" in pages[1]
    for name in names:
        assert (folder / f"{name}.xlsx").exists() and (folder / f"{name}.ipynb").exists()
    pictures = [p.relative_to(out / "figures") for p in (out / "figures").rglob("*.png")]
    assert pictures and len({p.name for p in pictures}) == len(pictures)
    entries = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["berichte"]
    assert sorted(entry["raum"] for entry in entries) == ["", "99099.nord", "99099001"]
    files = [set(entry["dateien"]) for entry in entries]
    assert all(files) and len(set.union(*files)) == sum(map(len, files))
    index = (out / "index.html").read_text(encoding="utf-8") + (folder / "index.html").read_text(encoding="utf-8")
    assert all(f"{name}.html" in index for name in names)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--raum", "16077001"], "--raum '16077001': the store holds no such area"),
        (["--kreis", "16077", "--raum", "16077001"], "--raum '16077001': the store holds no such area"),
        (["--kreis", "16077", "--raum", "gemeinden"], "the store holds no such areas of 16077"),
        (["--kreis", "16070", "--raum", "16077001"], "belongs to 16077, which is not among the Kreise of this run"),
        (["--raum", "Altenburg"], "'Altenburg'"),
    ],
)
def test_an_area_that_is_not_there_is_one_sentence_and_nothing_is_written(
    called, shipped_store, tmp_path, arguments, expected
):
    before = shipped_store.read_bytes()
    done = called("run", *arguments, "--output", tmp_path / "aus")
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.count("\n") == 1 and expected in done.stderr, done.stderr
    assert not (tmp_path / "aus").exists() and shipped_store.read_bytes() == before


def test_areas_of_a_notebook_without_that_parameter_are_refused(called, whole_store, tmp_path, monkeypatch):
    monkeypatch.setenv("KREISBLICK_STORE", str(whole_store))
    done = called("run", "--kreis", "99099", "--notebook", "06", "--raum", "99099001", "--output", tmp_path / "aus")
    assert done.returncode == 2 and "none of these notebooks has a parameter raum" in done.stderr
    assert not (tmp_path / "aus").exists()
