import datetime as dt
import math
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import wording
from analysis.catalogue import katalog

NB = "\u00a0"


@pytest.mark.parametrize(
    ("number", "digits", "expected"),
    [
        (89393, 0, "89.393"),
        (2.5, 0, "3"),  # half up, not half to even
        (0.285, 2, "0,29"),  # its nearest binary fraction is below a half
        (10.05, 1, "10,1"),
        (-1520, 0, "\u22121.520"),
        (-0.04, 1, "0,0"),  # no minus zero
        (1234567.891, 2, "1.234.567,89"),
        (math.nan, 1, ""),
        (0, 1, "0,0"),
    ],
)
def test_numbers(number, digits, expected):
    assert wording.zahl(number, digits) == expected


@given(st.decimals(-(10**9), 10**9, places=3), st.integers(0, 3))
def test_numbers_are_rounded_half_up_like_decimal(number, digits):
    text = wording.zahl(float(number), digits)
    back = Decimal(text.replace(".", "").replace(",", ".").replace("\u2212", "-"))
    assert back == number.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def test_values_in_the_unit_of_their_indicator():
    assert wording.wert(8938 / 88930, katalog().indikator("mindestsicherungsquote")) == f"10,1{NB}%"
    assert wording.wert(0.00261, katalog().indikator("hilfe_zum_lebensunterhalt")) == f"2,61{NB}je{NB}1.000"
    assert wording.wert(0.5577, katalog().indikator("altenquotient"), einheit=False) == "55,8"
    assert wording.wert(24310, katalog().indikator("einkommen_je_einwohner")) == f"24.310{NB}€"
    assert wording.wert(6.125, katalog().indikator("nettokaltmiete")) == f"6,13{NB}€"
    assert wording.wert(0.000684, katalog().indikator("hausaerzte_je_100000")) == f"68,4{NB}je{NB}100.000"
    assert wording.wert(math.nan, katalog().indikator("altenquotient")) == ""


@pytest.mark.parametrize(
    ("anteil", "expected"),
    [(0.1383, "etwa 14 von 100"), (0.002, "weniger als 1 von 100"), (0.125, "etwa 13 von 100"), (0.999, "fast alle")],
)
def test_shares_in_words(anteil, expected):
    assert wording.von_hundert(anteil).replace(NB, " ") == expected


@pytest.mark.parametrize(
    ("von_oben", "von_unten", "expected"),
    [(1, 15, "höchste"), (3, 13, "dritthöchste"), (8, 8, "achthöchste"), (9, 7, "siebtniedrigste"),
     (15, 1, "niedrigste"), (14, 1, "niedrigste"), (20, 21, "20.-höchste")],
)  # fmt: skip
def test_ranks_in_words(von_oben, von_unten, expected):
    assert wording.rang(von_oben, von_unten) == expected


@pytest.mark.parametrize(
    ("rule", "day", "expected"),
    [
        ("31.12.", dt.date(2019, 12, 31), "31.12.2019"),
        ("dezember", dt.date(2018, 12, 31), "Dezember 2018"),
        ("jahresdurchschnitt", dt.date(2019, 12, 31), "Jahresdurchschnitt 2019"),
        ("schuljahr", dt.date(2014, 7, 31), "Schuljahr 2013/2014"),
        ("jahr", dt.date(2016, 12, 31), "2016"),
        ("monat", dt.date(2023, 3, 31), "März 2023"),
    ],
)
def test_reference_dates(rule, day, expected):
    assert wording.stand(day, rule).replace(NB, " ") == expected


def test_lists():
    assert wording.aufzaehlung(["a"]) == "a"
    assert wording.aufzaehlung(["a", "b", "c"]) == "a, b und c"


def test_large_numbers_keep_all_their_digits():
    assert wording.zahl(1_234_567_890_123) == "1.234.567.890.123"
    assert wording.zahl(12_345_678_901.23, 2) == "12.345.678.901,23"
    assert wording.zahl(1e30) == "1." + ".".join(["000"] * 10)
    with pytest.raises(ValueError, match="finite"):
        wording.zahl(float("inf"))
