import datetime as dt
import subprocess

import pandas as pd
import pyreadstat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from survey_files import LIME_YAML, SOSCI_COLUMNS, SOSCI_ROWS, SOSCI_VARIABLES, SOSCI_YAML, limesurvey, sosci

from analysis import workspace
from analysis.catalogue import katalog
from analysis.errors import InputError
from analysis.files import sha256
from analysis.sources import accompanies, befragung, read, reader
from analysis.sources.lieferung import probe
from analysis.store import Store


def test_only_what_identifies_the_survey_reaches_the_store(tmp_path):
    path = sosci(tmp_path)
    with Store(tmp_path / "store.duckdb", read_only=False) as store:
        done = store.import_file(path)
        row = store.bestand("befragungen").iloc[0]
        assert store.observations().empty and done.neu == 1
        assert store.import_file(path).schon_importiert
    assert row[["kreis", "kurz", "jahr", "gezogen", "faelle", "fragen", "format"]].tolist() == [
        "99099", "probe", 2023, 8, 2, 9, "sosci"]  # fmt: skip
    assert (row.von, row.bis) == (dt.date(2023, 8, 21), dt.date(2023, 9, 21)) and pd.isna(row.welle)
    assert row.sha256 == sha256(tmp_path / "rdata_probe.csv") and row.datei == "rdata_probe.csv"
    for secret in (b"Freibad", b"AB12", b"Busse"):
        assert secret not in (tmp_path / "store.duckdb").read_bytes()


def test_a_changed_export_is_a_new_version(tmp_path):
    with Store(tmp_path / "store.duckdb", read_only=False) as store:
        store.import_file(sosci(tmp_path))
        done = store.import_file(sosci(tmp_path, rows=[*SOSCI_ROWS, {**SOSCI_ROWS[1], "CASE": 104}]))
        assert done.geaendert == 1 and store.bestand("befragungen").faelle.tolist() == [3]


def test_a_changed_drawing_alone_is_a_new_version(tmp_path):
    yaml = SOSCI_YAML.replace("{n: 8, unzustellbar: 1,", "{n: 8, unzustellbar: 1, datei: gezogen.csv,")
    assert yaml != SOSCI_YAML
    with Store(tmp_path / "store.duckdb", read_only=False) as store:
        for number, text in enumerate(["id\n1\n", "id\n1\n", "id\n2\n"]):
            (tmp_path / "gezogen.csv").write_text(text, encoding="utf-8")
            done = store.import_file(sosci(tmp_path, yaml=yaml))
            assert bool(done.schon_importiert) == (number == 1) and done.geaendert == (number == 2)


def test_raw_exports_are_recognised_and_refused_with_what_they_need(tmp_path):
    for name in ("s", "l"):
        (tmp_path / name).mkdir()
    sosci(tmp_path / "s", encoding="utf-16")
    limesurvey(tmp_path / "l")
    pyreadstat.write_sav(pd.DataFrame({"a": [1.0]}), tmp_path / "x.sav")
    pyreadstat.write_sav(pd.DataFrame({"a": [1.0]}), tmp_path / "x.zsav", compress=True)
    (tmp_path / "codebuch.csv").write_text("variable;frage;typ;text;code;label\na;;zahl;;;\n")
    files = {"s/rdata_probe.csv": "sosci", "s/variables_probe.csv": "sosci", "s/values_probe.csv": "sosci",
             "l/results-survey123456.csv": "limesurvey", "l/survey.lss": "limesurvey", "x.sav": "spss",
             "x.zsav": "spss", "codebuch.csv": "tabelle"}  # fmt: skip
    for name, kind in files.items():
        assert reader(probe(tmp_path / name)) == "befragung", name
        with pytest.raises(
            InputError, match=rf"need a befragung\.yaml .*befragung: / kreis: .*format: {kind} / daten: "
        ):
            read(tmp_path / name, katalog())


def test_files_that_a_description_names_accompany_it(tmp_path):
    sosci(tmp_path)
    assert reader(probe(tmp_path / "befragung.yaml")) == "befragung" and not accompanies(
        probe(tmp_path / "befragung.yaml")
    )
    assert all(accompanies(probe(tmp_path / f"{name}_probe.csv")) for name in ("rdata", "variables", "values"))
    (tmp_path / "rdata_andere.csv").write_bytes((tmp_path / "rdata_probe.csv").read_bytes())
    assert not accompanies(probe(tmp_path / "rdata_andere.csv"))


@pytest.fixture
def workspace_folder(tmp_path, monkeypatch):
    """A workspace under git that ignores data/local."""
    root = tmp_path / "werkstatt"
    for folder in ("data/local/umfrage", "data/umfrage", "notebooks", "analysis"):
        (root / folder).mkdir(parents=True)
    (root / ".gitignore").write_text("/data/local/\n")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    monkeypatch.setattr(workspace, "root", lambda: root)
    return root


def test_data_must_lie_where_git_does_not_see_them(workspace_folder, tmp_path):
    befragung.load(sosci(workspace_folder / "data" / "local" / "umfrage"))
    with pytest.raises(InputError, match=r"rdata_probe.csv: survey data in a folder that git does not ignore; move"):
        befragung.load(sosci(workspace_folder / "data" / "umfrage"))
    (tmp_path / "elsewhere").mkdir()
    befragung.load(sosci(tmp_path / "elsewhere"))
    beside = workspace_folder / "data" / "umfrage"
    (beside / "rdata_probe.csv").unlink()
    path = beside / "befragung.yaml"
    path.write_text(SOSCI_YAML.replace("daten: rdata", "daten: ../local/umfrage/rdata"))
    assert len(befragung.load(path).daten) == 2  # description and codebook may be shared, the data are not


def test_data_that_git_already_follows_are_refused(workspace_folder):
    folder = workspace_folder / "data" / "local" / "umfrage"
    path = sosci(folder)
    subprocess.run(["git", "add", "-f", folder / "rdata_probe.csv"], cwd=workspace_folder, check=True)
    with pytest.raises(InputError, match="survey data in a folder that git does not ignore"):
        befragung.load(path)


def test_without_git_only_data_local_is_accepted(workspace_folder):
    (workspace_folder / ".git").rename(workspace_folder / "git_weg")
    befragung.load(sosci(workspace_folder / "data" / "local" / "umfrage"))
    with pytest.raises(InputError, match="survey data in a folder that git does not ignore"):
        befragung.load(sosci(workspace_folder / "data" / "umfrage"))


def test_an_invented_survey_may_lie_anywhere_but_only_of_an_invented_kreis(workspace_folder):
    folder = workspace_folder / "data" / "umfrage"
    invented = SOSCI_YAML.replace("  jahr", "  erfunden: true\n  jahr")
    assert len(befragung.load(sosci(folder, yaml=invented)).daten) == 2
    real = invented.replace('"99099"', '"16077"').replace("99099001", "16077001").replace("99099002", "16077002")
    with pytest.raises(InputError, match="16077 is a real Kreis; only Kreise of Land 99 are invented"):
        befragung.load(sosci(folder, yaml=real))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  kurz: probe\n", "", r"befragung: 'kurz' is a required property"),
        ('kreis: "99099"', "kreis: 99099", r"befragung.kreis: 99099 is not of type 'string'"),
        ('kreis: "99099"', 'kreis: "99098"', r"befragung.kreis: AGS '99098'"),
        ("jahr: 2023", "jahr: 2023\n  notiz: x", r"Additional properties are not allowed \('notiz'"),
        ("von: 2023-08-21", "von: 2023-10-21", r"feldzeit: begins on 2023-10-21 after its end"),
        ("von: 2023-08-21", 'von: "2023-08-21"', r"'2023-08-21' is not a day of the calendar; expected a date without"),
        ("rdata_probe", "rdata_weg", r"befragung.daten: there is no file 'rdata_weg.csv' beside the description"),
        ("values_probe", "values_weg", r"befragung.codebuch.werte: there is no file 'values_weg.csv'"),
        (", werte: values_probe.csv", "", "needs codebuch: variablen and werte; werte is missing"),
        ("{n: 8", "{n: 9", r"ziehung.je_raum: sums to 8; expected n = 9"),
        ('2: "99099002"}}', '2: "16077002"}}', r"raum.schluessel: '16077002' does not lie in the Kreis 99099"),
        ('2: "99099002"}}', '2: "Bergen"}}', r"raum.schluessel: AGS 'Bergen' is not a key"),
        (', 2: "99099002"}}', "}}", r"befragung.raum: no entry for RA01 = 2"),
        ('2: "99099002"}}', '3: "99099002"}}', r"befragung.raum: RA01 has no code 3"),
        (", papier: Papier", "", r"befragung.erhebungsart: no entry for QUESTNNR = papier"),
        ("merkmal: RA01", "merkmal: RA02", r"befragung.raum: there is no variable 'RA02'"),
        ("    ZU01: {", "    ZU09: {", r"befragung.fragen: there is no question or variable 'ZU09'"),
        ("    ZU01: {", "    ZU01_01: {", r"belong to a question; its key is ZU01"),
        ("KI01=1", "KI09=1", r"filter names 'KI09'"),
        ("{zufriedenheit: Zu", "{zufrieden: Zu", r"befragung.batterien: no question belongs to 'zufrieden'"),
        ("2: [500, 1000]", "2: [400, 1000]", r"the brackets of the codes 1 and 2 overlap"),
        (", 3: [1000, null]", "", r"code 3 has no bounds"),
        ("  ziehung", "  nur: {WEG: [1]}\n  ziehung", r"befragung.nur: there is no column 'WEG'"),
        ("  ziehung", "  nur: {MODE: [niemand]}\n  ziehung", r"no interview is left after `nur`"),
        ("  ziehung", "  zurueckhalten: [WEG]\n  ziehung", r"befragung.zurueckhalten: there is no column 'WEG'"),
        ("  ziehung", "  design: {gewicht: WEG}\n  ziehung", r"befragung.design.gewicht: there is no variable 'WEG'"),
        ("  ziehung", "  design: {gewicht: MODE}\n  ziehung", r"befragung.design.gewicht: MODE is not a number"),
    ],
)
def test_a_wrong_description_is_refused_with_its_place(tmp_path, old, new, message):
    assert old in SOSCI_YAML
    with pytest.raises(InputError, match=message):
        befragung.load(sosci(tmp_path, yaml=SOSCI_YAML.replace(old, new, 1)))


def test_what_the_description_withholds_is_not_loaded(tmp_path):
    yaml = SOSCI_YAML.replace("  ziehung", "  zurueckhalten: [OF01_01, FM01_09a]\n  ziehung")
    survey = befragung.load(sosci(tmp_path, yaml=yaml))
    assert not {"OF01_01", "FM01_09a"} & set(survey.daten) and "OF01_01" not in survey.codebuch.spalten
    assert survey.ausgelassen["column OF01_01: withheld by the description"] == 1


def test_a_value_from_the_link_is_loaded_only_where_the_description_needs_it(tmp_path):
    columns = [*SOSCI_COLUMNS[:6], "IV01_RV1", *SOSCI_COLUMNS[6:]]
    variables = [*SOSCI_VARIABLES, ("IV01_RV1", "POST/GET-Variable: s", "TEXT", "SYSTEM", "")]
    rows = [{**row, "IV01_RV1": "nord"} for row in SOSCI_ROWS]
    survey = befragung.load(sosci(tmp_path, rows=rows, columns=columns, variables=variables))
    assert survey.ausgelassen["column IV01_RV1: identifies persons"] == 1
    yaml = SOSCI_YAML.replace("  ziehung", "  design: {schicht: IV01_RV1}\n  ziehung")
    survey = befragung.load(sosci(tmp_path, rows=rows, columns=columns, variables=variables, yaml=yaml))
    assert survey.daten.IV01_RV1.tolist() == ["nord", "nord"]
    with pytest.raises(InputError, match="design.schicht: 'SERIAL' is not loaded, it can identify persons"):
        befragung.load(sosci(tmp_path, yaml=yaml.replace("IV01_RV1", "SERIAL")))


def test_all_rows_when_asked(tmp_path):
    survey = befragung.load(sosci(tmp_path, yaml=SOSCI_YAML.replace("  ziehung", "  nur: {}\n  ziehung")))
    assert survey.daten.MODE.tolist() == ["interview", "interview", "pretest"]


def test_several_files_of_one_questionnaire_stand_together(tmp_path):
    whole = befragung.load(sosci(tmp_path, yaml=SOSCI_YAML.replace("  ziehung", "  nur: {}\n  ziehung")))
    for number, row in enumerate(SOSCI_ROWS):
        sosci(tmp_path, rows=[row])
        (tmp_path / "rdata_probe.csv").rename(tmp_path / f"teil{number}.csv")
    yaml = SOSCI_YAML.replace("  ziehung", "  nur: {}\n  ziehung")
    yaml = yaml.replace("daten: rdata_probe.csv", "daten: [teil0.csv, teil1.csv, teil2.csv]")
    path = tmp_path / "befragung.yaml"
    path.write_text(yaml, encoding="utf-8")
    together = befragung.load(path)
    pd.testing.assert_frame_equal(together.daten, whole.daten)
    (tmp_path / "teil1.csv").write_bytes((tmp_path / "teil0.csv").read_bytes())
    with pytest.raises(InputError, match="teil1.csv: the same content as teil0.csv"):
        befragung.load(path)


def test_the_command_line_says_what_a_raw_export_needs(tmp_path, kreisblick):
    sosci(tmp_path)
    done = kreisblick("import", tmp_path / "rdata_probe.csv")
    assert done.returncode != 0 and "need a befragung.yaml" in done.stderr and "Traceback" not in done.stderr


WRITERS = {"sosci": (sosci, "rdata_probe.csv variables_probe.csv values_probe.csv befragung.yaml"),
           "limesurvey": (limesurvey, "results-survey123456.csv survey.lss befragung.yaml")}  # fmt: skip


def damaged(raw: bytes, how: str, at: int) -> bytes:
    lines = raw.split(b"\n")
    row = at % len(lines)
    return {
        "cut": lambda: raw[: at % len(raw)],
        "repeat": lambda: b"\n".join([*lines[:row], lines[0], *lines[row:]]),
        "double": lambda: b"\n".join([*lines[: row + 1], *lines[row:]]),
        "shift": lambda: b"\n".join([*lines[:row], b'"x"\t' + lines[row], *lines[row + 1 :]]),
        "separator": lambda: raw.replace(b"\t", b"|").replace(b",", b"|"),
        "latin": lambda: raw.decode("utf-8-sig").encode("latin-1", errors="replace"),
        "utf16": lambda: raw.decode("utf-8-sig").encode("utf-16"),
        "bom": lambda: raw[: at % len(raw)] + b"\xef\xbb\xbf" + raw[at % len(raw) :],
        "nul": lambda: raw[: at % len(raw)] + b"\0" + raw[at % len(raw) :],
        "large": lambda: raw[: at % len(raw)] + b"x" * 1_000_000 + raw[at % len(raw) :],
        "quote": lambda: raw[: at % len(raw)] + b'"' + raw[at % len(raw) :],
        "bytes": lambda: raw[: at % len(raw)] + bytes([at % 256]) + raw[at % len(raw) + 1 :],
        "zip": lambda: b"PK\x03\x04" + raw,
        "nothing": lambda: b"",
    }[how]()


HOW = ["cut", "repeat", "double", "shift", "separator", "latin", "utf16", "bom", "nul", "large", "quote", "bytes",
       "zip", "nothing"]  # fmt: skip


@pytest.mark.parametrize("form", ["sosci", "limesurvey"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_is_refused_or_harmless_and_never_changes_the_store(tmp_path, form, data):
    write, names = WRITERS[form]
    path = write(tmp_path)
    with Store(tmp_path / "store.duckdb", read_only=False) as store:
        store.import_file(path)
        before, rows = store.fingerprint(), len(store.imports())
        name, how = data.draw(st.sampled_from(names.split())), data.draw(st.sampled_from(HOW))
        file = tmp_path / name
        file.write_bytes(damaged(file.read_bytes(), how, data.draw(st.integers(0, 10_000))))
        try:
            store.import_file(path)
        except InputError as error:
            assert store.fingerprint() == before and len(store.imports()) == rows
            assert len(str(error)) < 1200


def test_a_path_out_of_the_folder_is_only_a_path(tmp_path):
    with pytest.raises(InputError, match="there is no file '../../../../weg/rdata.csv' beside the description"):
        befragung.load(
            limesurvey(tmp_path, yaml=LIME_YAML.replace("results-survey123456.csv", "../../../../weg/rdata.csv"))
        )


def test_a_cut_file_is_found_where_the_number_of_cases_is_stated(tmp_path):
    import shutil

    from conftest import ROOT

    shutil.copytree(ROOT / "data" / "musterkreis" / "befragung", tmp_path / "b")
    path = tmp_path / "b" / "befragung.yaml"
    assert len(befragung.load(path).daten) == 200
    path.write_text(path.read_text(encoding="utf-8").replace("faelle: 200", "faelle: 201"), encoding="utf-8")
    with pytest.raises(InputError, match=r"befragung\.faelle: 201 cases, but the data hold 200"):
        befragung.load(path)
