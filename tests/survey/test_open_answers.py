import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from analysis import regelwerk
from analysis.errors import InputError
from analysis.sources import befragung
from analysis.survey.design import design
from analysis.survey.estimates import mean
from analysis.survey.open_answers import (
    answered,
    categories,
    code,
    frequencies,
    overview,
    quotes,
    release_list,
    releases,
    tables,
)
from analysis.yaml_files import load_yaml

ROOT = Path(__file__).resolve().parents[2]
TEXTS = pd.Series(
    ["Mehr BUSSE und ein Aerztehaus", "Kinderärzte", "xyz", None, "-", "nichts!", "Frau Erfunden ist toll", " "],
    dtype="string",
)
IDS = pd.Series(pd.array([11, 12, 13, 14, 15, 16, 17, 18], "Int64"))


@pytest.fixture(scope="module")
def shipped():
    return categories()


def own(tmp_path, text):
    path = tmp_path / "kategorien.yaml"
    path.write_text("kategorien:\n" + text, encoding="utf-8")
    return path


def test_words_decide_and_several_categories_are_possible(shipped):
    coded = code(TEXTS, shipped)
    assert coded.loc[0, ["nahverkehr", "gesundheit", "unkodiert"]].tolist() == [True, True, False]
    assert coded.loc[1, "gesundheit"] and coded.loc[2, "unkodiert"] and coded.loc[5, "nichts"]
    assert coded.loc[[3, 4, 7]].isna().all(axis=None) and answered(TEXTS).sum() == 5
    assert (coded.dropna().drop(columns="unkodiert").any(axis=1) == ~coded.dropna().unkodiert).all()


def test_wildcards_umlauts_sequences_and_questions(tmp_path):
    path = own(
        tmp_path,
        """
  arzt: {label: Ärzte, worte: ["*aerzt*"], beispiele: [Ärztehaus]}
  kurz: {label: Kurze Wege, worte: [kurze wege], fragen: [OF02]}
  hand: {label: Von Hand}
  zahl: {label: Nummern, muster: ['^\\D*\\d+$'], beispiele: [Linie 5]}
""",
    )
    own_categories = categories(path)
    texts = pd.Series(["Kinderärztin", "kurze,  WEGE", "Bus 7", "verkürzte Wege", "straß"])
    coded = code(texts, own_categories, "OF02")
    assert coded.columns.tolist() == ["arzt", "kurz", "hand", "zahl", "unkodiert"]
    assert coded.to_numpy().argmax(axis=1).tolist() == [0, 1, 3, 4, 4]
    assert "kurz" not in code(texts, own_categories, "OF01") and "kurz" in code(texts, own_categories)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("  a: {label: Aa, worte: [bus], beispiele: [Zug]}", "a.beispiele: 'Zug' is not recognised by its category"),
        ("  a: {label: Aa, muster: ['(']}", "kategorien.a: a pattern cannot be read"),
        ("  a: {worte: [bus]}", "'label' is a required property"),
        ("  unkodiert: {label: Rest}", "kategorien"),
        ("  a: {label: Aa, wort: [bus]}", "'wort' was unexpected"),
        ("  a: {label: Aa}\n  a: {label: Bb}", "stands twice"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        categories(own(tmp_path, text + "\n"))


def test_the_analyst_overrides_the_words(shipped):
    table = pd.DataFrame({"id": ["11", "11", "13", "12"], "kategorie": ["kultur", "arbeit", "internet", "ohne"]})
    coded = code(TEXTS, shipped, None, table, IDS)
    assert coded.columns[coded.loc[0].fillna(False)].tolist() == ["kultur", "arbeit"]
    assert coded.loc[2, "internet"] and coded.loc[1, "unkodiert"] and coded.loc[5, "nichts"]
    several = table.assign(frage=["OF01", "OF02", "OF02", "OF02"])
    assert code(TEXTS, shipped, "OF01", several, IDS).loc[0, "kultur"]
    assert not code(TEXTS, shipped, "OF01", several, IDS).loc[0, "arbeit"]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"id": ["11"], "kategorie": ["bus"]}, "row 1: there is no category 'bus'; expected gesundheit"),
        ({"id": ["99"], "kategorie": ["ohne"]}, "no respondent has the id '99'"),
        ({"id": ["14"], "kategorie": ["ohne"]}, "'14' gave no answer"),
        ({"id": [None], "kategorie": ["ohne"]}, "'id' is missing or has empty cells"),
        ({"id": ["11"]}, "'kategorie' is missing"),
        ({"id": ["11"], "kategorie": ["ohne"], "frage": ["OF01"]}, "which question is meant"),
    ],
)
def test_a_wrong_table_of_the_analyst_is_refused(shipped, table, message):
    with pytest.raises(InputError, match=message):
        code(TEXTS, shipped, None, pd.DataFrame(table), IDS)


def test_an_id_of_two_respondents_is_refused(shipped):
    table = pd.DataFrame({"id": ["11"], "kategorie": ["ohne"]})
    with pytest.raises(InputError, match="several respondents have the id '11'"):
        code(TEXTS, shipped, None, table, IDS.where(IDS != 12, 11))
    with pytest.raises(InputError, match="needs the key of each respondent"):
        code(TEXTS, shipped, None, table)
    other = IDS.where(IDS != 13, 12)  # two others share an id: no matter
    assert code(TEXTS, shipped, None, table, other).loc[0, "unkodiert"]
    assert quotes(TEXTS, other, pd.DataFrame({"id": ["16"], "regel": "ohne_bezug"})) == ["nichts!"]


def test_frequencies_are_weighted_shares_of_those_with_an_answer(shipped):
    frame = pd.DataFrame({"w": [1.0, 2, 3, 4, 5, 6, 7, 100]})
    sample, coded = design(frame, "w"), code(TEXTS, shipped)
    table = frequencies(sample, coded, shipped)
    assert table.antworten.eq(5).all() and table.n.sum() == 6 and table.index[-1] == "unkodiert"
    assert table.loc["gesundheit", "anteil"] == pytest.approx(3 / 19) and table.loc["gesundheit", "n"] == 2
    assert table.loc["unkodiert", "anteil"] == pytest.approx(10 / 19)
    estimate = mean(sample, coded.unkodiert.astype("Float64"))
    assert table.loc["unkodiert", "se"] == pytest.approx(estimate.se.iloc[0], rel=1e-12)
    nobody = frequencies(sample, code(TEXTS.where(TEXTS == "?"), shipped), shipped)
    assert nobody.n.eq(0).all() and nobody.anteil.isna().all()
    one = frequencies(sample, code(TEXTS.where(TEXTS == "xyz"), shipped), shipped)
    assert one.loc["unkodiert", "anteil"] == 1 and np.isnan(one.loc["unkodiert", "se"])


def test_the_counts_add_up(shipped):
    counts = overview(TEXTS, code(TEXTS, shipped))
    assert counts.befragte == counts[["ohne_text", "ohne_inhalt", "kodiert", "unkodiert"]].sum() == 8
    assert counts[["ohne_text", "ohne_inhalt", "kodiert", "unkodiert", "zurueckgehalten", "name"]].tolist() == [
        2, 1, 3, 2, 1, 1]  # fmt: skip


def test_quotations_need_a_release_and_hold_nobody():
    release = pd.DataFrame({"id": ["16", "17"], "text": [None, "[Eine Mitarbeiterin] ist toll"], "regel": "gekuerzt"})
    assert quotes(TEXTS, IDS, release) == ["[Eine Mitarbeiterin] ist toll", "nichts!"]
    assert quotes(TEXTS, IDS, release[:0]) == []
    formula = pd.Series(["=1+1", "b"])
    assert quotes(formula, pd.Series(["a", "b"]), pd.DataFrame({"id": ["a"], "regel": "ohne_bezug"})) == ["'=1+1"]


@pytest.mark.parametrize(
    ("release", "message"),
    [
        ({"id": ["17"]}, "id '17': the text holds name; give an anonymous `text`"),
        ({"id": ["11"], "text": ["ruft 030 23125014 an"]}, "the text holds telefon"),
        ({"id": ["99"]}, "no respondent has the id '99'"),
        ({"id": [None]}, "no respondent has the id"),
        ({"id": ["14"]}, "'14' gave no answer"),
        ({"id": ["11", "11"]}, "twice in the list: the id '11'"),
        ({"nr": ["11"]}, "there is no column 'id'"),
    ],
)
def test_a_wrong_release_is_refused_without_the_text(release, message):
    with pytest.raises(InputError, match=message) as caught:
        quotes(TEXTS, IDS, pd.DataFrame({"regel": "ohne_bezug"} | release, dtype="string"))
    assert "Erfunden" not in str(caught.value) and "23125" not in str(caught.value)


def test_files_that_the_description_names(tmp_path):
    own(tmp_path, "  a: {label: Aa, worte: [bus]}\n")
    (tmp_path / "z.csv").write_text("\ufeffID;Frage;Kategorie\n007;OF01;a\n", encoding="utf-8")
    (tmp_path / "f.csv").write_text("id;frage;text;regel\n7;OF01;; gekuerzt\n8;OF01;x;gekuerzt\n", encoding="utf-8")
    named = {"kategorien": "kategorien.yaml", "zuordnung": "z.csv", "freigabe": "f.csv"}
    survey = SimpleNamespace(angaben={"offen": named}, pfad=tmp_path / "befragung.yaml")
    known, by_hand = tables(survey)
    assert list(known) == ["a"] and by_hand.id.tolist() == ["007"]
    release = release_list(survey.pfad, survey.angaben, ["gekuerzt"])
    assert release["text"].isna().tolist() == [True, False] and set(release.regel) == {"gekuerzt"}
    assert releases(survey, {"gekuerzt": "So gekürzt.", "zustimmung": "Zugestimmt."}) == {"So gekürzt.": 2}
    empty = SimpleNamespace(angaben={}, pfad=survey.pfad)
    assert len(tables(empty)[0]) >= 15 and tables(empty)[1] is None and releases(empty, {}) == {}
    for content, message in (("id;frage\n1;OF01\n", "no column 'kategorie'"), ("", "no table"),
                             ("id;frage;kategorie\n1;;a\n", "row 2, frage: empty")):  # fmt: skip
        (tmp_path / "z.csv").write_text(content, encoding="utf-8")
        with pytest.raises(InputError, match=message):
            tables(survey)
    (tmp_path / "z.csv").unlink()
    with pytest.raises(InputError, match="there is no such file"):
        tables(survey)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("id;frage;text\n7;OF01;\n", "f.csv: there is no column 'regel'; expected id;frage;regel"),
        ("id;frage;regel\n7;OF01;\n", "f.csv, row 2, regel: empty"),
        (
            "id;frage;regel\n7;OF01;ohne_bezug\n8;OF01;Frau Muster\n",
            "f.csv, row 3, regel: 'Frau Muster' is no rule by which an answer may be released; expected one of "
            "ohne_bezug, gekuerzt, zustimmung",
        ),
    ],
)
def test_a_release_names_a_rule_not_a_person(tmp_path, content, message):
    (tmp_path / "f.csv").write_text(content, encoding="utf-8")
    named, rules = {"offen": {"freigabe": "f.csv"}}, dict(regelwerk.load(tmp_path / "none.yaml").freigaben)
    with pytest.raises(InputError, match=re.escape(message)):
        release_list(tmp_path / "befragung.yaml", named, rules)


def test_a_description_may_name_them(tmp_path):
    schema = ROOT / "analysis" / "sources" / "befragung.schema.json"
    text = (ROOT / "data" / "musterkreis" / "befragung" / "befragung.yaml").read_text(encoding="utf-8")
    path = tmp_path / "befragung.yaml"
    path.write_text(text + "  offen: {kategorien: k.yaml, zuordnung: z.csv, freigabe: f.csv}\n", encoding="utf-8")
    assert load_yaml(path, schema)["befragung"]["offen"]["freigabe"] == "f.csv"
    path.write_text(text + "  offen: {woerter: k.yaml}\n", encoding="utf-8")
    with pytest.raises(InputError, match="woerter"):
        load_yaml(path, schema)


def test_answers_of_the_example_survey(shipped):
    daten = befragung.load(ROOT / "data" / "musterkreis" / "befragung" / "befragung.yaml").daten
    for column in ("OF01_01", "OF02_01"):
        assert overview(daten[column], code(daten[column], shipped)).unkodiert == 0
    counts = overview(daten.OF03_01, code(daten.OF03_01, shipped))
    assert counts.unkodiert == 15 and counts.zurueckgehalten == 6  # mostly traps, no subjects
