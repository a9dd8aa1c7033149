import pandas as pd
import pytest

from analysis.sources import signs
from analysis.sources.sheets import Formel

TLS = {"-": signs.NULL, ".": "unbekannt", "...": "spaeter"}


def one(cell, legend=TLS, **marks):
    return signs.parse(pd.Series([cell], dtype=object), legend, **marks).iloc[0]


@pytest.mark.parametrize(
    ("cell", "marks", "wert"),
    [
        ("1 520", {"tausender": " "}, 1520),
        ("- 1 520", {"tausender": " "}, -1520),
        ("1\u00a0234\u202f567", {"tausender": " "}, 1234567),
        ("\u2212 12,5", {"tausender": " "}, -12.5),
        ("1.560", {"tausender": "."}, 1560),
        ("1.560,25", {"tausender": "."}, 1560.25),
        ("1.560", {"dezimal": "."}, 1.56),
        ("1,560.5", {"tausender": ",", "dezimal": "."}, 1560.5),
        ("-", {}, 0),
        (" - ", {}, 0),
        (7, {}, 7),
        (7.25, {}, 7.25),
    ],
)
def test_a_number_in_the_notation_of_its_source(cell, marks, wert):
    row = one(cell, **marks)
    assert row.wert == wert and row.grund == "" and not row.falsch


@pytest.mark.parametrize(("cell", "grund"), [(".", "unbekannt"), ("...", "spaeter"), (" . ", "unbekannt")])
def test_a_sign_is_a_reason_and_no_number(cell, grund):
    row = one(cell)
    assert row.grund == grund and pd.isna(row.wert) and not row.falsch


def test_a_value_in_brackets_is_of_limited_reliability():
    row = one("(1 520)", tausender=" ")
    assert row.wert == 1520 and row.guete == "eingeschraenkt"


@pytest.mark.parametrize(
    ("cell", "marks"),
    [
        ("*", {}),
        ("1 52", {"tausender": " "}),
        ("15 20", {"tausender": " "}),
        ("1.5", {"tausender": "."}),
        ("1.560", {}),
        ("1520 2)", {"tausender": " "}),
        ("", {}),
        (None, {}),
        (True, {}),
        (float("nan"), {}),
        (float("inf"), {}),
        (Formel("=A1"), {}),
        ("١٢", {}),
        ("1e5", {}),
        (pd.Timestamp("2020-01-01").to_pydatetime(), {}),
        ("(*)", {}),
        ("0x10", {}),
    ],
)
def test_everything_else_is_wrong_and_never_guessed(cell, marks):
    row = one(cell, **marks)
    assert row.falsch and pd.isna(row.wert)


def test_an_empty_cell_may_have_a_meaning():
    row = one(None, {signs.LEER: "unbekannt"})
    assert row.grund == "unbekannt" and not row.falsch


@pytest.mark.parametrize(
    ("cell", "marks"),
    [
        ("12,000", {}),
        ("0.500", {"tausender": "."}),
        ("000.500", {"tausender": "."}),
        ("12.000", {"dezimal": ".", "tausender": ","}),
    ],
)
def test_what_may_be_meant_a_thousand_times_larger_is_refused(cell, marks):
    assert one(cell, **marks).falsch
