import pytest

from analysis import outputs, tables
from analysis.catalogue import katalog
from analysis.report.pruefung import abbreviations, numbers_without_table, used


def table(*cells):
    return tables.tabelle(
        [tables.Spalte("a"), tables.Spalte("b")], [tables.Gruppe([["x", c] for c in cells])], titel="T", quelle="Q"
    ).inhalt


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("Es waren 89.393 Menschen.", []), ("Es waren 89.394 Menschen.", ["89.394"]),
        ("Das sind 7,1\u00a0%.", []), ("Das sind 7,2 %.", ["7,2 %"]), ("13,6 bis 14,1", []), ("−3,5 Punkte", ["−3,5"]),
        ("Am 31.12.2019 waren etwa 14 von 100 unter 18 Jahre alt (§ 22).", []), ("Das ist 1 %.", ["1 %"]),
        ("um 14,10", ["14,10"]), ("Es waren 412 Kinder.", ["412"]), ("Es waren 512 Kinder.", []), ("512 %", ["512 %"]),
        ("14,1 % im Jahr 2019", []), ("von 100", []), ("Kreis 16077", []), ("1.620 und 1.620 und 1.621", ["1.621"]),
    ],
)  # fmt: skip
def test_a_figure_of_a_sentence_stands_in_a_table(text, missing):
    shown = [outputs.saetze([text]).inhalt, table("89.393", "7,1\u00a0%", "13,6 bis 14,1", "n = 1.620", "512")]
    assert numbers_without_table(shown) == missing


def test_explanations_may_name_figures_of_their_own():
    assert numbers_without_table([outputs.hinweis("T", ["Mit 95 % Sicherheit und 1,96."]).inhalt]) == []


def test_abbreviations_are_words_with_two_capitals():
    text = "Nach SGB II und AsylbLG, ThOnSA und INKAR; Bürgerinnen, BürgerInnen, Kreis, Teil IV, Kita, SGB-II-Quote"
    assert abbreviations(text) == ["SGB", "AsylbLG", "ThOnSA", "INKAR", "SGB-II"]


def test_only_terms_that_a_text_uses_are_explained():
    found = [
        b.begriff for b in used(katalog().begriffe, "Der Median liegt bei 5\u00a0je\u00a01.000; Zensusergebnis.", [])
    ]
    assert found == ["Median", "je 1.000"]


def test_every_term_is_explained_in_both_languages():
    terms = katalog().begriffe
    assert len({t.begriff for t in terms}) == len(terms) > 20
    assert all(t.erklaerung.endswith((".", "!")) and t.englisch[1].endswith(".") for t in terms)


def test_a_sign_of_tables_is_no_word_of_sentences():
    sentence = "Von 2019 – so der Bericht – bis 2023: rund um die Uhr."

    def signs(*zellen):
        return [b.begriff for b in used(katalog().begriffe, sentence, list(zellen)) if b.zeichen]

    assert signs() == signs("bei rund 5 Antworten", "2019 – 2023") == []
    assert signs("rund 3,5 bis 3,9", "25,0 je\u00a0100") == ["rund"]
