import pytest
from survey_files import LIME_CODES, LIME_QUESTIONS, LIME_ROWS, LIME_YAML, limesurvey

from analysis.answers import chosen, reasons
from analysis.codebook import condition_text
from analysis.errors import InputError
from analysis.sources import befragung
from analysis.sources.limesurvey_structure import Spalte, relevance


@pytest.fixture
def survey(tmp_path):
    return befragung.load(limesurvey(tmp_path))


def test_codes_stay_raw_and_unfinished_interviews_are_named(survey):
    assert survey.daten.G1.tolist() == ["A1", "-oth-", "A2"] and survey.daten["Z1[SQ002]"].tolist()[:2] == [3, 2]
    assert survey.daten.T1[0] == 'Zeile 1\nZeile 2; mit "Zitat"'
    assert survey.daten.submitdate.isna().tolist() == [False, False, True]
    assert survey.hinweise["interviews that were not finished (submitdate is empty)"] == 1


def test_identifiers_are_never_loaded(survey):
    assert not {"token", "ipaddr", "refurl"} & set(survey.daten)
    assert {f"column {name}: identifies persons" for name in ("token", "ipaddr", "refurl")} <= set(survey.ausgelassen)


def test_questions_have_types_texts_and_labels(survey):
    book = survey.codebuch
    types = {key: book.frage(key).typ for key in ("G1", "K1", "K2", "F1", "Z1", "A1", "T1", "interviewtime")}
    assert types == {"G1": "einfach", "K1": "einfach", "K2": "zahl", "F1": "mehrfach", "Z1": "skala", "A1": "skala",
                     "T1": "offen", "interviewtime": "technisch"}  # fmt: skip
    assert book.merkmal("G1").labels == {"A1": "Auental", "A2": "Bergen", "-oth-": "Sonstiges"}
    assert book.frage("F1").text == "Was fehlt Ihnen?" and book.merkmal("F1[SQ002]").label == "Vereine"
    assert book.merkmal("F1[other]").typ == "offen" and book.merkmal("A1").bereich == (1, 5)
    assert condition_text(book.frage("K2").filter) == "K1=Y"
    assert survey.hinweise["relevance conditions that are not simple enough to be filters"] == 1


def test_empty_cells_are_told_apart_where_the_export_can(survey):
    why = reasons(survey.daten, survey.codebuch)
    assert why.K2.tolist() == ["", "nicht_gezeigt", "nicht_beantwortet"]
    assert why["Z1[SQ001]"].tolist() == ["", "nicht_beantwortet", "nicht_beantwortet"]
    assert why["F1[SQ001]"].tolist() == ["", "nicht_beantwortet", ""]
    assert chosen(survey.daten, survey.codebuch, "F1")["F1[SQ001]"].tolist()[::2] == [True, False]


def test_converted_yes_and_no_show_what_was_not_shown(tmp_path):
    yes_no = {"Y": "1", "N": "2", "": "2"}
    rows = []
    for row in LIME_ROWS:
        cells = dict(zip(LIME_CODES, row, strict=True))
        for name in ("F1[SQ001]", "F1[SQ002]"):
            cells[name] = yes_no[cells[name]] if row[0] != "2" else ""
        rows.append(list({**cells, "K1": yes_no[cells["K1"]]}.values()))
    survey = befragung.load(limesurvey(tmp_path, rows=rows))
    assert survey.codebuch.frage("F1").gewaehlt == 1 and survey.codebuch.merkmal("K1").labels == {1: "Ja", 2: "Nein"}
    assert reasons(survey.daten, survey.codebuch)["F1[SQ001]"].tolist() == ["", "nicht_gezeigt", ""]
    assert chosen(survey.daten, survey.codebuch, "F1")["F1[SQ002]"].tolist()[::2] == [False, True]


@pytest.mark.parametrize("structure", ["neu", "alt", "text"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_every_structure_file_and_separator_gives_the_same(tmp_path, survey, structure, separator):
    (tmp_path / "other").mkdir()
    other = befragung.load(limesurvey(tmp_path / "other", structure=structure, separator=separator))
    assert other.daten.equals(survey.daten) and other.codebuch == survey.codebuch


FULL = ["Antwort ID", "Datum Abgeschickt", "Letzte Seite", "Start-Sprache", "Zufallsstartwert", "Zugangscode",
        "Datum gestartet", "Datum letzte Aktivität", "IP-Adresse", "Weiterleitungs-URL",
        "In welcher Gemeinde wohnen Sie?", "In welcher Gemeinde wohnen Sie? [Sonstiges]",
        "Leben Kinder in Ihrem Haushalt?", "Wie viele Kinder?", "Was fehlt Ihnen? [Jugendclub]",
        "Was fehlt Ihnen? [Vereine]", "Was fehlt Ihnen? [Sonstiges]", "Wie zufrieden sind Sie? [mit der Wohnung]",
        "Wie zufrieden sind Sie? [mit der Arbeit]", "Wie gut ist Ihr Ort?", "Möchten Sie noch etwas sagen?",
        "interviewtime", "groupTime12", "G1Time"]  # fmt: skip
CODE_AND_TEXT = [*LIME_CODES[:10], *(f"{c}. {t}" for c, t in zip(LIME_CODES[10:21], FULL[10:21], strict=True)),
                 *LIME_CODES[21:]]  # fmt: skip
CUT = [*FULL[:10], "In welcher Geme.. ", "In welcher Geme..  [Sonstiges]", "Leben Kinder in.. ", "Wie viele Kinde.. ",
       "Was fehlt Ihnen.. [Jugendclub]", "Was fehlt Ihnen.. [Vereine]", "Was fehlt Ihnen.. [Sonstiges]",
       "Wie zufrieden s..  [mit der Wohnung]", "Wie zufrieden s..  [mit der Arbeit]", "Wie gut ist Ihr.. ",
       "Möchten Sie noc.. ", *FULL[21:]]  # fmt: skip
UNDERSCORES = [c.replace("[", "_").replace("]", "") for c in LIME_CODES]


@pytest.mark.parametrize("headings", [FULL, CODE_AND_TEXT, UNDERSCORES, [h.replace(" ", "_") for h in FULL[10:]]])
def test_headings_may_be_codes_or_texts(tmp_path, survey, headings):
    (tmp_path / "other").mkdir()
    headings = headings if len(headings) == len(LIME_CODES) else [*LIME_CODES[:10], *headings]
    other = befragung.load(limesurvey(tmp_path / "other", headings=headings))
    assert other.daten.equals(survey.daten) and other.codebuch == survey.codebuch


def test_cut_headings_are_read_where_they_fit_one_question_only(tmp_path, survey):
    (tmp_path / "other").mkdir()
    other = befragung.load(limesurvey(tmp_path / "other", headings=CUT))
    assert other.daten.equals(survey.daten)
    twin = [*LIME_QUESTIONS, ("G2", "T", "Wie gut ist Ihr Landkreis?", "1", "N", [], [])]
    with pytest.raises(
        InputError, match=r"heading 'Wie gut ist Ihr\.\.' could be A1 or G2; export with question codes"
    ):
        befragung.load(limesurvey(tmp_path / "other", headings=CUT, questions=twin))


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        ("G1", "Auental", "row 2, G1: 'Auental'; expected one of the codes A1, A2, -oth-"),
        ("F1[SQ001]", "Ja", r"row 2, F1\[SQ001\]: 'Ja'; expected one of the codes Y, N"),
        ("Z1[SQ001]", "zufrieden", "expected a whole number as code .exported with answer texts instead of codes"),
        ("A1", "6", "row 2, A1: '6'; expected a number from 1 to 5"),
        ("K2", "zwei", "row 2, K2: 'zwei'; expected a number"),
        ("id", "2", "id: 2 stands twice"),
    ],
)
def test_answers_that_are_no_codes_are_refused(tmp_path, place, value, message):
    rows = [list(row) for row in LIME_ROWS]
    rows[0][LIME_CODES.index(place)] = value
    rows[0][LIME_CODES.index("T1")] = ""
    with pytest.raises(InputError, match=message):
        befragung.load(limesurvey(tmp_path, rows=rows))


def test_a_heading_that_is_no_question_is_refused(tmp_path):
    with pytest.raises(
        InputError, match="the column 'X9' is not in the codebook; describe it, or put it under zurueckhalten"
    ):
        befragung.load(limesurvey(tmp_path, headings=[*LIME_CODES[:-4], "X9", *LIME_CODES[-3:]]))


def test_columns_of_the_participants_are_not_loaded_or_must_be_withheld(tmp_path):
    headings = [*LIME_CODES, "firstname", "E-Mail-Adresse", "attribute_1"]
    rows = [[*row, "Erika", "e@x.de", "77"] for row in LIME_ROWS]
    with pytest.raises(InputError, match="the column 'attribute_1' is not in the codebook"):
        befragung.load(limesurvey(tmp_path, headings=headings, rows=rows))
    yaml = LIME_YAML + "  zurueckhalten: [attribute_1]\n"
    survey = befragung.load(limesurvey(tmp_path, headings=headings, rows=rows, yaml=yaml))
    assert not {"firstname", "E-Mail-Adresse", "attribute_1"} & set(survey.daten)
    assert survey.ausgelassen["column firstname: identifies persons"] == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('<!DOCTYPE a [<!ENTITY x "y">]><document/>', "declarations of its own"),
        ("<document><LimeSurveyDocType>Group</LimeSurveyDocType></document>", "no survey of LimeSurvey"),
        ("<document>", "not valid XML"),
        ("a\tb\n1\t2\n", "expected the structure of LimeSurvey"),
    ],
)
def test_another_structure_file_is_refused(tmp_path, content, message):
    path = limesurvey(tmp_path)
    (tmp_path / "survey.lss").write_text(content)
    with pytest.raises(InputError, match=message):
        befragung.load(path)


@pytest.mark.parametrize(
    ("equation", "expected"),
    [
        ("1", ""),
        ("", ""),
        ('((K1.NAOK == "Y"))', "K1=Y"),
        ("K1 == 'Y' and K2 >= 1", "K1=Y & K2>=1"),
        ('(G1.NAOK == "A1" or G1.NAOK == "A2")', "G1=A1|A2"),
        ('F1_SQ001 == "Y"', "F1[SQ001]=Y"),
        ('K1 == "Y" or K2 == 2', None),
        ('K1 != "Y"', None),
        ("count(F1_SQ001) > 1", None),
        ('G1 == "A1" or K1 == "Y" and K2 >= 1', None),
        ('!(K1 == "Y")', None),
    ],
)
def test_only_simple_conditions_become_filters(equation, expected):
    columns = {code: Spalte(code, code, "einfach", code) for code in ("K1", "K2", "G1", "F1[SQ001]")}
    found = relevance(equation, columns)
    assert (None if found is None else condition_text(found)) == expected


def test_only_finished_interviews_when_asked(tmp_path):
    survey = befragung.load(limesurvey(tmp_path, yaml=LIME_YAML + "  nur: {lastpage: [5]}\n"))
    assert len(survey.daten) == 2 and survey.ausgelassen["rows with another lastpage than 5"] == 1
