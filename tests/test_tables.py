import re

import pandas as pd
import pytest

from analysis import outputs, tables
from analysis.worte import worte


def levels():
    columns = pd.MultiIndex.from_tuples(
        [("2023", "Frauen"), ("2023", "Männer"), ("2024", "Frauen"), ("2024", "Männer"), ("Veränderung", "")]
    )
    index = pd.MultiIndex.from_tuples(
        [("Nord", "unter 18"), ("Nord", "ab 18"), ("Süd", "unter 18")], names=["Raum", "Alter"]
    )
    return pd.DataFrame(
        [[1, 2, 3, 4, 0.25], [5, 6, 7, 8, -1.5], [9, 1000, None, 12, None]], index=index, columns=columns
    )


def made(**changes):
    given = {"titel": "T", "quelle": "Q", "stellen": {("Veränderung", ""): 1}, "einheit": {("Veränderung", ""): "%"}}
    return tables.aus_daten(levels(), **given | changes)


def test_a_frame_becomes_a_table_in_german():
    rows = made().inhalt["gruppen"][0]["zeilen"]
    assert rows[0] == ["Nord", "unter 18", "1", "2", "3", "4", "0,3\u00a0%"]  # half up
    assert rows[1][-1] == "−1,5\u00a0%"
    assert rows[2] == ["Süd", "unter 18", "9", "1.000", "keine Angabe", "12", "keine Angabe"]


def test_a_missing_value_is_said_in_the_words_given():
    assert made(fehlt="geheim").inhalt["gruppen"][0]["zeilen"][2][-1] == "geheim"


def test_levels_of_headings_cover_their_columns():
    head = made().inhalt["kopfzeilen"]
    assert [(c["titel"], c["spalte"], c["breite"], c["hoehe"]) for c in head[0]] == [
        ("Raum", 0, 1, 2), ("Alter", 1, 1, 2), ("2023", 2, 2, 1), ("2024", 4, 2, 1), ("Veränderung", 6, 1, 2),
    ]  # fmt: skip
    assert [c["titel"] for c in head[1]] == ["Frauen", "Männer", "Frauen", "Männer"]


def test_each_cell_of_a_table_with_levels_names_its_headings():
    number = {"id": "tabelle-7", "text": "Tabelle 7"}
    html = str(outputs.environment().get_template("outputs.html.j2").module.tabelle(made().inhalt, number, worte("de")))
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    cells = re.findall(r'<td[^>]* headers="([^"]+)"', html)
    assert len(cells) == 15 and all(set(cell.split()) <= set(ids) for cell in cells)
    assert cells[0].split() == ["tabelle-7-k0-2", "tabelle-7-k1-2", "tabelle-7-z1-1-0", "tabelle-7-z1-1-1"]
    assert (
        html.count('scope="colgroup" ') == 2 and html.count('scope="row"') == 6 and 'data-spalte="2023, Frauen"' in html
    )


def test_a_simple_table_needs_no_ids_beside_its_scopes():
    simple = tables.aus_daten(
        pd.DataFrame({"Menschen": [1]}, index=pd.Index(["Jena"], name="Kreis")), titel="T", quelle="Q"
    )
    html = str(
        outputs.environment().get_template("outputs.html.j2").module.tabelle(simple.inhalt, {"id": "t"}, worte("de"))
    )
    assert "headers=" not in html and html.count(" id=") == 1


def test_a_heading_on_some_levels_only_is_refused():
    columns = [tables.Spalte("a"), tables.Spalte("b", oben=("2023", "")), tables.Spalte("c", oben=("2023", "x"))]
    with pytest.raises(ValueError, match="on all levels above, or on none"):
        tables.tabelle(columns, [tables.Gruppe([["1", "2", "3"]])], titel="T", quelle="Q")


def test_a_frame_whose_rows_have_no_name_is_refused():
    with pytest.raises(ValueError, match="the index has no name"):
        tables.aus_daten(pd.DataFrame({"a": [1]}), titel="T", quelle="Q")


@pytest.mark.parametrize("part", [{"stellen": {"qoute": 1}}, {"einheit": {"qoute": "%"}}])
def test_digits_or_a_unit_for_a_column_that_is_not_there_are_refused(part):
    frame = pd.DataFrame({"quote": [7.05]}, index=pd.Index(["Jena"], name="Kreis"))
    with pytest.raises(ValueError, match=r"'qoute', which is not there; there are \['quote'\]"):
        tables.aus_daten(frame, titel="T", quelle="Q", **part)


def test_only_a_table_too_wide_for_portrait_format_is_turned():
    wide = [tables.Spalte(f"Bevölkerung {n}") for n in range(12)]
    narrow = [tables.Spalte(f"Jahr {n}") for n in range(12)]
    for columns, turned in ((wide, True), (narrow, False)):
        table = tables.tabelle(columns, [tables.Gruppe([["1"] * 12])], titel="T", quelle="Q")
        assert table.inhalt["quer"] is turned


def of(heads: list[str], *rows: list[str]) -> dict:
    return tables.tabelle([tables.Spalte(h) for h in heads], [tables.Gruppe(list(rows))], titel="T", quelle="Q").inhalt


def test_headings_count_when_a_small_screen_is_filled():
    """With four of its columns 390 pixels had no room for these headings, and they were broken inside a word."""
    heads, row = ["Antwort", "Anteil", "Schwankungsbereich (95 %)"], ["Mehrgenerationenhaus", "12,3 %", "1 bis 2 %"]
    assert not of(heads, ["Bus", *row[1:]])["karten"]
    assert of([*heads, "Antworten (n)"], [*row, "65"])["karten"]
    assert of(["Kreis", "Erwerbstätigenrechnung", "Wohnungsbestand"], ["Jena", "1", "2"])["karten"]


def test_a_long_heading_may_be_broken_where_its_parts_meet():
    html = (
        outputs.environment()
        .get_template("outputs.html.j2")
        .module.tabelle(of(["Kreis", "Schwankungsbereich (95 %)"], ["Schwankungsbereich", "1"]), {}, worte("de"))
    )
    assert '<th scope="col" class="zahl">Schwankungs\u00adbereich (95 %)</th>' in html.replace("\u00a0", " ")
    assert html.count("\u00ad") == 1  # nowhere but in headings


def test_a_table_of_few_rows_stays_on_a_page_unless_its_cells_fill_one():
    assert of(["a", "b"], *[["1", "kurz"]] * tables.KURZ)["kurz"]
    assert not of(["a", "b"], *[["1", "kurz"]] * (tables.KURZ + 1))["kurz"]
    assert not of(["a", "b"], *[["1", "lang" * 100]] * 4)["kurz"]


def cells(frame, **more):
    return tables.aus_daten(frame, titel="T", quelle="Q", **more).inhalt["gruppen"][0]["zeilen"]


def test_numbers_and_days_are_german_whatever_the_type_of_their_column():
    mixed = pd.DataFrame(
        {
            "wert": [0.5, "–", 1234],
            "tag": pd.to_datetime(["2019-12-31", None, "2020-01-01"]),
            "ja": [True, False, True],
        },
        index=pd.Index([0.5, 2.0, None], name="Grenze"),
    )
    assert cells(mixed, stellen={"wert": 1}) == [
        ["0,5", "0,5", "31.12.2019", "ja"],
        ["2", "–", "keine Angabe", "nein"],
        ["keine Angabe", "1.234,0", "01.01.2020", "ja"],
    ]
    days = pd.DataFrame(
        {pd.Timestamp("2019-12-31"): [1], 2020.0: [2]}, index=pd.DatetimeIndex(["2021-06-30"], name="Tag")
    )
    shown = tables.aus_daten(days, titel="T", quelle="Q").inhalt
    assert [s["titel"] for s in shown["spalten"]] == ["Tag", "31.12.2019", "2020"]
    assert shown["gruppen"][0]["zeilen"] == [["30.06.2021", "1", "2"]]


def test_an_empty_text_is_said_in_words():
    assert cells(pd.DataFrame({"a": ["", "x"]}, index=pd.Index(["o", " "], name="Ort"))) == [
        ["o", "keine Angabe"],
        ["keine Angabe", "x"],
    ]


ORT = pd.Index(["a"], name="Ort")


@pytest.mark.parametrize(
    ("frame", "more", "message"),
    [
        (pd.DataFrame({"x": [float("inf")]}, index=ORT), {}, "column 'x': inf is no number"),
        (pd.DataFrame({"x": []}, index=ORT[:0]), {}, "has no rows"),
        (pd.DataFrame(index=ORT), {}, "no columns"),
        (pd.Series([1], index=ORT), {}, "is a Series"),
        (pd.DataFrame({"": [1]}, index=ORT), {}, "column 1 has no name"),
        (pd.DataFrame({"x": [1]}, index=ORT), {"stellen": {"X": 1}}, "stellen for a column 'X'"),
        (pd.DataFrame({"x": [1]}, index=ORT), {"einheit": {"X": "%"}}, "einheit for a column 'X'"),
    ],
)
def test_a_frame_that_makes_no_table_is_refused(frame, more, message):
    with pytest.raises(ValueError, match=message):
        cells(frame, **more)
