import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vergleich.tafel import ohne_intervall, verhaeltnisse, werte

from analysis.errors import InputError
from analysis.rates import byar, wilson
from analysis.vergleich.eingabe import breit, ein_indikator, vorzeichen
from analysis.vergleich.ziehung import genauigkeit, ziehen

Z = 1.959963984540054


@given(st.integers(1, 10**6), st.data())
@settings(deadline=None)
def test_the_interval_gives_back_its_denominator(nenner, data):
    zaehler = data.draw(st.integers(0, nenner))
    sizes = genauigkeit(werte([zaehler], [nenner]))
    assert not sizes.verhaeltnis[0]
    assert sizes.n_unten[0] == pytest.approx(nenner, rel=1e-5) and sizes.n_oben[0] == pytest.approx(nenner, rel=1e-5)


@given(st.integers(1, 10**6), st.integers(2, 10**6))
@settings(deadline=None)
def test_a_ratio_counts_both_sides(zaehler, nenner):
    sizes = genauigkeit(verhaeltnisse([zaehler], [nenner]))
    assert sizes.verhaeltnis[0] and sizes.p[0] == pytest.approx(zaehler / (zaehler + nenner))
    assert sizes.n_oben[0] == pytest.approx(zaehler + nenner, rel=1e-4)


def test_the_quantiles_of_the_draws_are_the_value_and_its_bounds():
    for table in (werte([0, 3, 40, 500], [80, 60, 400, 500]), verhaeltnisse([3, 700], [60, 500])):
        drawn = ziehen(table, np.array([-Z, 0, Z])[:, None] * np.ones(len(table)))
        assert drawn[0] == pytest.approx(table.unten.to_numpy(), abs=1e-12)
        assert drawn[1] == pytest.approx(table.anteil.to_numpy())
        assert drawn[2] == pytest.approx(table.oben.to_numpy())


def test_a_rate_of_events_keeps_both_bounds_even_above_1():
    zaehler, nenner = np.array([0.0, 4, 900, 30]), np.array([500.0, 800, 4000, 20])
    unten, oben = byar(zaehler, nenner)
    table = werte(np.zeros(4), nenner).assign(anteil=zaehler / nenner, unten=unten, oben=oben, zaehler=zaehler)
    assert genauigkeit(table).verhaeltnis.all()
    drawn = ziehen(table, np.array([-Z, 0, Z])[:, None] * np.ones(4))
    assert np.allclose(drawn, [unten, zaehler / nenner, oben], atol=1e-12)


def test_an_interval_widened_by_rounding_keeps_both_bounds():
    basis = np.array([20_000.0])
    unten, _ = wilson(0.0705 * basis, basis)
    _, oben = wilson(0.0715 * basis, basis)
    table = werte([1420], [20_000]).assign(anteil=0.071, unten=unten, oben=oben, zaehler=np.nan, nenner=np.nan)
    drawn = ziehen(table, np.array([[-Z], [0], [Z]]))
    assert drawn.ravel() == pytest.approx([unten[0], 0.071, oben[0]])


def test_without_interval_the_value_stays():
    table = ohne_intervall(werte([3, 40], [60, 400]), "16001")
    drawn = ziehen(table, np.array([[-3.0, -3.0], [2.0, 2.0]]))
    assert (drawn[:, 1] == 0.1).all() and genauigkeit(table).bekannt.tolist() == [True, False]


def test_bad_tables_are_refused_with_what_was_expected():
    good = werte([1, 2], [10, 10])
    cases = [
        (good.drop(columns="oben"), "column oben is missing"),
        (good.assign(ags="16000"), "16000 has two values of quote"),
        (good.assign(ags=[1051, 1052]), "1051 is no text"),
        (good.assign(indikator=["a", "b"]), "2 of indikator"),
        (good.iloc[:0], "no values"),
    ]
    for table, text in cases:
        with pytest.raises(InputError, match=text):
            ein_indikator(table)
    import datetime as dt

    with pytest.raises(InputError, match="quote has values of 2 days"):
        breit(good.assign(stichtag=[dt.date(2022, 12, 31), dt.date(2023, 12, 31)]))
    with pytest.raises(InputError, match="direction of quote is 'ohne'"):
        vorzeichen(["quote"], {"quote": "ohne"})
