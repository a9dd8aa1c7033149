import struct

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from survey_files import HEAD

from analysis.answers import chosen, reasons, valid
from analysis.errors import InputError
from analysis.sources import befragung

YAML = HEAD + "  format: spss\n  daten: probe.sav\n"
DATA = {
    "v1": [1.0, 2.0, -9.0, np.nan],
    "alter": [34.0, 71.0, 999.0, 45.0],
    "note": [1.0, 5.0, 3.0, 97.0],
    "einkommen": [1234.5, -8.0, 2000.0, np.nan],
    "wort": ["gern", "", "nein danke", "ja"],
    "kreis": ["A", "B", "A", ""],
    "tag": pd.to_datetime(["2023-08-21", None, "2023-08-22", "2023-08-23"]),
    "email": ["a@b.de", "", "", ""],
}
LABELS = {
    "v1": {1: "ja", 2: "nein", -9: "keine Angabe"},
    "alter": {999: "weiß nicht"},
    "note": {1: "sehr gut", 5: "mangelhaft", 97: "verweigert"},
    "kreis": {"A": "Altenburg", "B": "Berga"},
}
MISSING = {"alter": [999], "note": [{"lo": 90, "hi": 99}], "einkommen": [{"lo": -9, "hi": -1}]}
MEASURE = {"v1": "nominal", "alter": "scale", "note": "scale", "einkommen": "scale"}
COLUMN_LABELS = {"v1": "Leben Kinder im Haushalt?", "note": "Wie gut?", "einkommen": "Einkommen"}


@pytest.fixture
def export(tmp_path):
    def write(data=DATA, labels=LABELS, missing=MISSING, measure=MEASURE, yaml=YAML, **options):
        frame = pd.DataFrame(data)
        keep = {key: value for key, value in labels.items() if key in frame}
        pyreadstat.write_sav(
            frame, tmp_path / "probe.sav", variable_value_labels=keep, missing_ranges=missing, variable_measure=measure,
            column_labels={k: v for k, v in COLUMN_LABELS.items() if k in frame}, **options,
        )  # fmt: skip
        (tmp_path / "befragung.yaml").write_text(yaml, encoding="utf-8")
        return tmp_path / "befragung.yaml"

    return write


@pytest.mark.parametrize("options", [{}, {"compress": True}, {"row_compress": True}])
def test_user_missing_values_stay_as_codes_with_their_reason(export, options):
    survey = befragung.load(export(**options))
    assert survey.daten.v1.tolist()[:3] == [1, 2, -9] and str(survey.daten.v1.dtype) == "Int64"
    assert survey.daten.note.tolist() == [1, 5, 3, 97] and survey.daten.einkommen.tolist()[:2] == [1234.5, -8]
    why = reasons(survey.daten, survey.codebuch)
    assert why.v1.tolist() == ["", "", "nicht_beantwortet", "sonstiges"]
    assert why.alter.tolist() == ["", "", "weiss_nicht", ""]
    assert why.note.tolist() == ["", "", "", "verweigert"]
    assert why.einkommen.tolist() == ["", "sonstiges", "", "sonstiges"]
    assert valid(survey.daten, survey.codebuch, "alter").mean() == 50  # (34 + 71 + 45) / 3


def test_types_follow_labels_measure_and_format(export):
    survey = befragung.load(export())
    types = {q.key: q.typ for q in survey.codebuch.fragen}
    assert types == {"v1": "einfach", "alter": "zahl", "note": "skala", "einkommen": "zahl", "wort": "offen",
                     "kreis": "einfach", "tag": "datum"}  # fmt: skip
    assert survey.codebuch.frage("v1").text == "Leben Kinder im Haushalt?"
    assert survey.daten.tag[0].isoformat() == "2023-08-21T00:00:00" and survey.daten.kreis.tolist()[:2] == ["A", "B"]
    assert survey.ausgelassen == {"column email: identifies persons": 1}


def test_negative_codes_that_nobody_declared_are_not_averaged(export):
    data = {"q1": [1.0, 2.0, -8.0], "q2": [3.0, -1.0, 4.0]}
    with pytest.raises(InputError, match="row 3, q1: '-8'; expected a number from 0 to any"):
        befragung.load(export(data, {}, {}, {}))
    yaml = YAML + "  fehlend: {-8: verweigert, -1: weiss_nicht}\n"
    survey = befragung.load(export(data, {}, {}, {}, yaml))
    assert reasons(survey.daten, survey.codebuch).q1.tolist() == ["", "", "verweigert"]
    assert valid(survey.daten, survey.codebuch, "q2").sum() == 7
    yaml = YAML + "  fehlend: {-8: verweigert}\n  fragen: {q2: {bereich: [-5, 5]}}\n"
    survey = befragung.load(export(data, {}, {}, {}, yaml))
    assert valid(survey.daten, survey.codebuch, "q2").sum() == 6


def test_labels_may_be_given_and_variables_taken_together(export):
    data = {"a_1": [1.0, 0.0], "a_2": [0.0, 0.0], "z1": [1.0, 3.0], "z2": [2.0, 2.0]}
    yaml = (
        YAML
        + """  fragen:
    freizeit: {merkmale: [a_1, a_2], typ: mehrfach, gewaehlt: 1, labels: {0: nein, 1: ja}, text: Was fehlt?}
    zufrieden: {merkmale: [z1, z2], typ: skala, bereich: [1, 5], batterie: leben}
    z2: {text: mit der Arbeit}
"""
    )
    survey = befragung.load(export(data, {}, {}, {}, yaml))
    assert [m.spalte for m in survey.codebuch.frage("freizeit").items] == ["a_1", "a_2"]
    assert survey.codebuch.frage("zufrieden").typ == "skala" and survey.codebuch.merkmal("z2").label == "mit der Arbeit"


def test_a_coded_question_is_an_answer_whatever_its_name(export):
    data = {"handy": [1.0, 2.0], "telefon": [36471234.0, 36475678.0], "a": [1.0, 2.0]}
    survey = befragung.load(export(data, {"handy": {1: "ja", 2: "nein"}}, {}, {}))
    assert list(survey.daten) == ["handy", "a"] and "column telefon: identifies persons" in survey.ausgelassen


def test_multiple_choice_sets_of_the_file_become_questions(export):
    path = export({"Frei_1": [1.0, 0.0], "x": [3.0, 4.0], "frei_2": [0.0, np.nan]}, {}, {}, {})
    file = path.with_name("probe.sav")
    raw, text = file.read_bytes(), b"$freizeit=D1 1 11 Was  fehlt? FREI_1 frei_2\n"
    end = raw.index(struct.pack("<ii", 999, 0))  # extension record 7/7 before the end of the dictionary
    file.write_bytes(raw[:end] + struct.pack("<iiii", 7, 7, 1, len(text)) + text + raw[end:])
    survey = befragung.load(path)
    question = survey.codebuch.frage("freizeit")
    assert (question.typ, question.gewaehlt, question.text) == ("mehrfach", 1, "Was fehlt?")
    assert [m.spalte for m in question.items] == ["Frei_1", "frei_2"]
    answers = chosen(survey.daten, survey.codebuch, "freizeit")
    assert answers.Frei_1.tolist() == [True, False] and answers.frei_2.isna().tolist() == [False, True]


def test_an_unlabelled_code_among_labelled_ones_is_refused(export):
    with pytest.raises(InputError, match="row 2, v1: '7'; expected one of the codes 1, 2, -9"):
        befragung.load(export({"v1": [1.0, 7.0]}, LABELS, {}, MEASURE))


@pytest.mark.parametrize("cut", [10, 200, 500])
def test_a_truncated_file_is_refused(export, cut):
    path = export()
    file = path.with_name("probe.sav")
    file.write_bytes(file.read_bytes()[:-cut])
    with pytest.raises(InputError, match=r"probe\.sav"):
        befragung.load(path)


def test_another_file_is_refused(export):
    path = export()
    path.with_name("probe.sav").write_bytes(b"PK\x03\x04 no sav")
    with pytest.raises(InputError, match="expected an SPSS data file"):
        befragung.load(path)
