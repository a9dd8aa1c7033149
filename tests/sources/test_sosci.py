import pytest
from survey_files import SOSCI_COLUMNS, SOSCI_ROWS, SOSCI_VALUES, SOSCI_VARIABLES, SOSCI_YAML, sosci

from analysis.answers import chosen, reasons
from analysis.errors import InputError
from analysis.sources import befragung


@pytest.fixture
def survey(tmp_path):
    return befragung.load(sosci(tmp_path))


def test_codes_stay_raw_and_only_interviews_are_loaded(survey):
    assert survey.daten.CASE.tolist() == [101, 102]
    assert survey.daten.ZU01_01.tolist() == [1, -9] and str(survey.daten.ZU01_01.dtype) == "Int64"
    assert survey.daten.OF01_01[0] == 'Mehr "Busse",\nbitte; danke'
    assert survey.daten.STARTED[0].isoformat() == "2023-08-21T10:00:00"
    assert survey.ausgelassen["rows with another MODE than interview"] == 1


def test_identifiers_are_never_loaded_and_are_reported(survey):
    assert not {"SERIAL", "REF", "MAILSENT"} & {*survey.daten.columns, *survey.codebuch.spalten}
    assert "AB12" not in repr(survey)
    assert {f"column {name}: identifies persons" for name in ("SERIAL", "REF", "MAILSENT")} <= set(survey.ausgelassen)


def test_questions_have_types_texts_and_items(survey):
    book = survey.codebuch
    types = {key: book.frage(key).typ for key in ("RA01", "FM01", "ZU01", "KI02", "EK01", "OF01", "MODE", "STARTED")}
    assert types == {"RA01": "einfach", "FM01": "mehrfach", "ZU01": "skala", "KI02": "zahl", "EK01": "klasse",
                     "OF01": "offen", "MODE": "technisch", "STARTED": "datum"}  # fmt: skip
    question = book.frage("FM01")
    assert question.text == "Was fehlt?" and question.gewaehlt == 2
    assert [m.label for m in question.items] == ["Jugendclub", "Vereine", "Sonstiges"]
    assert [(m.spalte, m.typ) for m in question.merkmale if m not in question.items] == [
        ("FM01", "zahl"), ("FM01_09a", "offen")]  # fmt: skip
    assert book.frage("ZU01").batterie == "zufriedenheit"
    assert book.frage("EK01").klassen[2] == (500, 1000) and book.frage("EK01").klassen[3] == (1000, None)


def test_reasons_tell_not_shown_from_not_answered_and_unknown(survey):
    why = reasons(survey.daten, survey.codebuch)
    assert why.ZU01_01.tolist() == ["", "nicht_beantwortet"] and why.ZU01_02.tolist() == ["", "weiss_nicht"]
    assert why.KI02_01.tolist() == ["", "nicht_gezeigt"]
    assert why.FM01.tolist() == ["", "sonstiges"]  # "nichts davon" answers the question
    assert chosen(survey.daten, survey.codebuch, "FM01").to_numpy().tolist() == [[False, True, True], [False] * 3]


def test_a_residual_option_that_says_unknown_holds_for_all_options(tmp_path):
    survey = befragung.load(sosci(tmp_path, values={**SOSCI_VALUES, "FM01": {-1: "weiß nicht"}}))
    assert reasons(survey.daten, survey.codebuch).FM01_02.tolist() == ["", "weiss_nicht"]
    assert chosen(survey.daten, survey.codebuch, "FM01").loc[1].isna().all()


@pytest.mark.parametrize("source", ["SCALE", "POLARITY", ""])
def test_items_with_labels_at_the_ends_are_scales_whatever_their_input(tmp_path, source):
    variables = [(*v[:3], source, v[4]) if v[3] == "SCALE" else v for v in SOSCI_VARIABLES]
    survey = befragung.load(sosci(tmp_path, rows=[{**r, "ZU01_01": 3} for r in SOSCI_ROWS], variables=variables))
    assert survey.codebuch.frage("ZU01").typ == "skala" and survey.daten.ZU01_01.tolist() == [3, 3]


def test_variables_of_the_system_may_have_values_and_lists_further_columns(tmp_path, survey):
    (tmp_path / "other").mkdir()
    values = {**SOSCI_VALUES, "MODE": {"interview": "regulär"}}
    path = sosci(tmp_path / "other", values=values)
    file = path.with_name("variables_probe.csv")
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    file.write_text("".join(f'{line}\t"x"\n' for line in lines).replace('"x"', '"NOTE"', 1), encoding="utf-8")
    assert befragung.load(path).daten.equals(survey.daten)


def test_areas_get_their_keys(survey):
    assert survey.raum.tolist() == ["99099001", "99099002"]


@pytest.mark.parametrize("separator", ["\t", ";", ","])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_form_of_the_download_gives_the_same(tmp_path, survey, separator, encoding, end):
    (tmp_path / "other").mkdir()
    other = befragung.load(sosci(tmp_path / "other", separator=separator, encoding=encoding, end=end))
    assert other.daten.equals(survey.daten) and other.codebuch == survey.codebuch


def test_latin_1_must_be_declared(tmp_path, survey):
    (tmp_path / "other").mkdir()
    with pytest.raises(InputError, match="not UTF-8 .*in Latin-1"):
        befragung.load(sosci(tmp_path / "other", encoding="latin-1", values={"RA01": {1: "Auental", 2: "Börgen"}}))
    yaml = SOSCI_YAML.replace("  ziehung", "  kodierung: latin-1\n  ziehung", 1)
    values = {name: {c: t.replace("€", "EUR") for c, t in codes.items()} for name, codes in SOSCI_VALUES.items()}
    other = befragung.load(sosci(tmp_path / "other", encoding="latin-1", values=values, yaml=yaml))
    assert other.daten.equals(survey.daten)
    with pytest.raises(InputError, match="declared as latin-1, but begins with the mark of UTF-8"):
        befragung.load(sosci(tmp_path / "other", encoding="utf-8-sig", values=values, yaml=yaml))


def test_a_row_of_variable_labels_under_the_header_is_left_out(tmp_path, survey):
    (tmp_path / "other").mkdir()
    labels = {variable[0]: variable[1] for variable in SOSCI_VARIABLES}
    texts = [labels.get(name, name) for name in SOSCI_COLUMNS]
    other = befragung.load(sosci(tmp_path / "other", first=[texts]))
    assert other.daten.equals(survey.daten) and other.ausgelassen["row of variable labels"] == 1


def test_the_r_form_writes_f_and_t(tmp_path, survey):
    (tmp_path / "other").mkdir()
    logical = {1: "F", 2: "T"}
    rows = [{**r, **{c: logical[r[c]] for c in ("FM01_01", "FM01_02", "FM01_09")}, "FINISHED": "T", "Q_VIEWER": "F"}
            for r in SOSCI_ROWS]  # fmt: skip
    values = SOSCI_VALUES | dict.fromkeys(["FM01_01", "FM01_02", "FM01_09"], {"F": "nicht gewählt", "T": "ausgewählt"})
    other = befragung.load(sosci(tmp_path / "other", rows=rows, values=values))
    assert other.daten.equals(survey.daten) and other.codebuch == survey.codebuch


def test_a_filter_that_its_answers_contradict_is_counted(tmp_path):
    rows = [SOSCI_ROWS[0], {**SOSCI_ROWS[1], "KI02_01": 3}]
    survey = befragung.load(sosci(tmp_path, rows=rows))
    assert survey.hinweise == {"KI02_01: answers although KI01=1 does not hold": 1}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"RA01": 7}, r"row 2, RA01: '7'; expected one of the codes 1, 2, -9"),
        ({"RA01": "Auental"}, r"row 2, RA01: 'Auental'; expected a whole number as code"),
        ({"ZU01_01": 6}, r"row 2, ZU01_01: '6'; expected a number from 1 to 5 or a missing code"),
        ({"ZU01_01": -4}, r"row 2, ZU01_01: '-4'"),
        ({"FM01_01": 3}, r"row 2, FM01_01: '3'; expected one of the codes 1, 2"),
        ({"KI02_01": "zwei"}, r"row 2, KI02_01: 'zwei'; expected a number"),
        ({"KI02_01": -3}, r"row 2, KI02_01: '-3'; expected a number from 0 to any"),
        ({"STARTED": "2023-13-40"}, r"row 2, STARTED: '2023-13-40'; expected a date"),
        ({"CASE": 102}, r"CASE: 102 stands twice"),
    ],
)
def test_an_unknown_code_is_refused_with_row_variable_and_value(tmp_path, change, message):
    rows = [{**SOSCI_ROWS[0], "OF01_01": "", **change}, SOSCI_ROWS[1]]
    with pytest.raises(InputError, match=message):
        befragung.load(sosci(tmp_path, rows=rows))


def test_negative_codes_without_an_entry_need_one(tmp_path):
    rows = [{**SOSCI_ROWS[0], "ZU01_01": -4}, SOSCI_ROWS[1]]
    yaml = SOSCI_YAML.replace("ZU01: {", "ZU01: {fehlend: {-4: verweigert}, ")
    survey = befragung.load(sosci(tmp_path, rows=rows, yaml=yaml))
    assert reasons(survey.daten, survey.codebuch).ZU01_01.tolist() == ["verweigert", "nicht_beantwortet"]


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        (
            [("RA01", "x", "WEIRD", "", ""), *SOSCI_VARIABLES[:3], *SOSCI_VARIABLES[4:]],
            "RA01 has the type 'WEIRD'; expected one of NOMINAL",
        ),
        ([*SOSCI_VARIABLES, SOSCI_VARIABLES[3]], r"variables_probe.csv, row \d+: RA01 stands twice"),
        (SOSCI_VARIABLES[:3] + SOSCI_VARIABLES[4:], "values_probe.csv, row 2: RA01 is not in variables_probe.csv"),
    ],
)
def test_a_list_of_variables_that_does_not_fit_is_refused(tmp_path, variables, message):
    with pytest.raises(InputError, match=message):
        befragung.load(sosci(tmp_path, variables=variables))


def test_a_column_that_no_list_knows_is_refused(tmp_path):
    with pytest.raises(InputError, match="the column 'OF01_01' is not in the codebook; describe it"):
        befragung.load(sosci(tmp_path, variables=SOSCI_VARIABLES[:-1]))


def test_an_open_question_for_an_address_is_withheld(tmp_path):
    variables = [*SOSCI_VARIABLES[:-1], ("OF01_01", "Gewinnspiel: E-Mail-Adresse", "TEXT", "OPEN", "Ihre E-Mail?")]
    survey = befragung.load(sosci(tmp_path, variables=variables))
    assert "OF01_01" not in survey.daten and "column OF01_01: identifies persons" in survey.ausgelassen
