from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.sources import befragung
from analysis.survey.personal_data import ARTEN, findings, masked, neutralised, personal
from analysis.yaml_files import load_yaml

ROOT = Path(__file__).resolve().parents[2]
EXPECTED = ROOT / "tests" / "expected" / "survey"
PERSONAL = pd.read_csv(EXPECTED / "open_answers_personal.csv", sep=";", dtype="string")
HARMLESS = pd.read_csv(EXPECTED / "open_answers_harmless.csv", sep=";", dtype="string")
TRAPS = [  # of the texts of the Musterkreis those that no report may quote
    "Rufen Sie mich an", "Meine Mail ist", "Frau Tintenklecks", "Mein Nachbar Otto", "Ich bin der einzige",
    "Handy 0171",
]  # fmt: skip


def test_every_kind_is_recognised_in_many_spellings():
    found = findings(PERSONAL.text)
    known = PERSONAL[PERSONAL.art != "unerkannt"]
    missed = [(row.art, row.text) for row in known.itertuples() if not found.loc[row.Index, row.art]]
    assert missed == [] and set(known.art) == set(ARTEN)
    # what patterns cannot see; a quotation needs a release by hand
    assert not found[PERSONAL.art == "unerkannt"].to_numpy().any() and len(known) >= 120


def test_what_is_harmless_is_left_alone():
    withheld = personal(HARMLESS.text)
    assert HARMLESS.text[withheld].tolist() == HARMLESS.text[HARMLESS.zurueckgehalten == "ja"].tolist()
    assert withheld.sum() <= 0.05 * len(withheld)  # rather one too many than one too few


def test_texts_of_the_example_survey():
    words = load_yaml(ROOT / "analysis" / "example" / "texte.yaml")
    texts = [t for key in ("OF01", "OF02", "OF03") for answers in words[key].values() for t in answers]
    texts = pd.Series([*texts, *words["andere"], *words["fallen"]])
    truly = pd.Series([any(text.startswith(trap) for trap in TRAPS) for text in texts])
    assert personal(texts).tolist() == truly.tolist() and truly.sum() == len(TRAPS)
    survey = befragung.load(ROOT / "data" / "musterkreis" / "befragung" / "befragung.yaml")
    assert personal(survey.daten.OF03_01).sum() == 6


def test_nothing_of_a_finding_is_left_in_a_masked_text():
    texts = pd.Series(
        ["Herr Dr. Otto Erfunden-Maier, Am Markt 3, 99999 Erfundenstadt, Tel. 030/23125-014, geb. 1.2.1960"]
    )
    done = masked(texts).iloc[0]
    assert not any(part in done for part in ("Erfunden", "Otto", "Maier", "Markt", "23125", "014", "1960", "99999"))
    assert masked(pd.Series(["offen 08.00 - 18.00 Uhr", None, "am 01.09.2023"])).tolist() == [
        "offen 08.00 - 18.00 Uhr", pd.NA, "am 01.09.2023"]  # fmt: skip


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "|", " =", "\t=", "\u200b=", "＝", "\ufeff@", "\r-", "\n+"])
def test_formulas_become_text(start):
    for text in (f"{start}SUMME(A1:A9)", f"{start}cmd|' /C calc'!A0"):
        assert neutralised(pd.Series([text])).iloc[0].startswith("'")
        assert masked(pd.Series([text])).iloc[0].lstrip()[0] in "'["


@given(st.lists(st.one_of(st.none(), st.text(max_size=60)), max_size=4))
@settings(max_examples=40)
def test_any_text_can_be_searched(texts):
    found = findings(pd.Series(texts, dtype="string"))
    assert found.shape == (len(texts), len(ARTEN)) and found.to_numpy(bool).dtype == bool
    again = masked(pd.Series(texts, dtype="string"))
    assert again.isna().tolist() == [text is None for text in texts]


@pytest.mark.parametrize("kind", ["object", "string", "category"])
def test_any_type_of_column(kind):
    found = findings(pd.Series(["Frau Erfunden", None, "Bus", "Frau Erfunden"], index=[4, 2, 2, 1], dtype=kind))
    assert found.name.tolist() == [True, False, False, True] and found.index.tolist() == [4, 2, 2, 1]
    assert findings(pd.Series([], dtype=kind)).empty and not findings(pd.Series([None, None])).to_numpy().any()


def test_long_answers_do_not_take_long_to_search():
    texts = pd.Series([part * (20_000 // len(part)) for part in ("a", "0 ", "A1", "1.1.", "Frau ", "a@", "Am Am ")])
    assert findings(texts).shape == (7, len(ARTEN))
