"""Indicators of many keys at once against the same, one key and one day after the other."""

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from analysis import indicators
from analysis.angaben import by_place
from analysis.bestandteile import BASIS_TAGE
from analysis.catalogue import FAKTOR, GEZAEHLT, katalog
from analysis.errors import InputError
from analysis.rates import NIVEAU, byar

GROESSEN = (
    *("bevoelkerung", "bevoelkerung_unter_18", "bevoelkerung_18_64", "bevoelkerung_ab_65", "arbeitslose"),
    *("melderegister_15_64", "arbeitslosenquote", "langzeitarbeitslosenanteil", "zuzuege", "fortzuege", "geburten"),
    *("verfuegbares_einkommen_je_einwohner", "grundsicherung_ab_18_je_1000", "mindestsicherung_empfaenger"),
    *("personen_in_bg", "wohngeld_oder_kinderzuschlag_personen"),
)
TAGE = [dt.date(y, *day) for y in (2019, 2020, 2021, 2023) for day in ((6, 30), (12, 30), (12, 31))]
KEYS = st.tuples(st.sampled_from(["16077", "16070"]), st.sampled_from(TAGE), st.sampled_from(GROESSEN))
GIVEN = st.tuples(
    st.one_of(st.integers(0, 60), st.sampled_from(["geheim", "unbekannt"])),
    st.sampled_from(["", "vorlaeufig", "geschaetzt"]),
    st.sampled_from(["a", "b"]),
)
TEXTS = ["grund", "guete", "quelle"]


def observations(given_values: dict) -> pd.DataFrame:
    rows = [
        (*key, math.nan if isinstance(x, str) else float(x), x if isinstance(x, str) else "", guete, quelle)
        for key, (x, guete, quelle) in given_values.items()
    ]
    return pd.DataFrame(rows, columns=["ags", "stichtag", "groesse", "wert", *TEXTS])


def wilson(x: float, n: float) -> tuple[float, float]:
    usable = n > 0 and not math.isnan(x)
    bounds = proportion_confint(np.array([x]), np.array([n]), 1 - NIVEAU, "wilson") if usable else ([math.nan],) * 2
    return bounds[0][0], bounds[1][0]


def one_by_one(table: pd.DataFrame) -> pd.DataFrame:
    """The same as `indicators.compute`, by looking up one part after the other."""
    at = {key: tuple(rest) for *key, wert, grund, guete, quelle in table.itertuples(index=False)
          for key, rest in [(tuple(key), (wert, grund, guete, quelle))]}  # fmt: skip
    rows = []
    for indikator in katalog().indikatoren.values():
        if not set(indikator.groessen) <= set(table.groesse):
            continue
        for ags, day in sorted({key[:2] for key in at}):
            rows.append(_row(indikator, ags, day, at))
    return pd.DataFrame([row for row in rows if row], columns=indicators.COLUMNS)


def _row(indikator, ags, day, at) -> tuple | None:
    aus, counted = indikator.aus, indikator.art in GEZAEHLT
    below = aus["nenner"] if counted else []
    above = [g for g in indikator.groessen if g not in below] if counted else list(indikator.groessen)
    if counted and set(aus["zaehler"]) & set(below):
        above = [*aus["zaehler"], *aus.get("abzug", [])]
    days = [d for d in TAGE if all((ags, d, g) in at for g in below)] if counted else [day]
    if indikator.nenner_stichtag != "gleich":
        days = [d for d in days if (d.month, d.day) == (12, 31) and 0 <= (day - d).days <= BASIS_TAGE]
    else:
        days = [d for d in days if d == day]
    if not days or any((ags, day, g) not in at for g in above):
        return None
    used = [at[ags, day, g] for g in above] + [at[ags, days[-1], g] for g in below]
    texts = [list(dict.fromkeys(text for text in texts if text)) for texts in list(zip(*used, strict=True))[1:]]
    grund, guete, quelle = "".join(texts[0][:1]), " · ".join(texts[1]), " · ".join(texts[2])
    zaehler = nenner = math.nan
    if counted:
        zaehler = sum(at[ags, day, g][0] for g in aus["zaehler"]) - sum(
            at[ags, day, g][0] for g in aus.get("abzug", [])
        )
        nenner = sum(at[ags, days[-1], g][0] for g in below)
    figures = [at[ags, day, g][0] / FAKTOR[katalog().groessen[g].einheit] for g in above] if not counted else []
    anteil, unten, oben, name = _value(indikator, zaehler, nenner, figures, _basis(aus, ags, day, at))
    guete = "geschaetzt" if indikator.art == "produkt" else guete
    if math.isnan(anteil) and not grund:
        grund = "sinnlos"
    name = "" if math.isnan(unten) or math.isnan(anteil) else name
    stand = days[-1] if counted else math.nan
    return ags, day, indikator.id, anteil, unten, oben, name, grund, guete, quelle, zaehler, nenner, stand


def _basis(aus, ags, day, at) -> float:
    sums = [(sum(at.get((ags, d, g), (math.nan,))[0] for g in aus["basis"]), abs((d - day).days), d)
            for d in TAGE] if aus.get("basis") else []  # fmt: skip
    near = [entry for entry in sums if not math.isnan(entry[0]) and entry[1] <= BASIS_TAGE]
    return min(near, key=lambda entry: entry[1:])[0] * aus.get("basis_faktor", 1) if near else math.nan


def _value(indikator, zaehler, nenner, figures, basis) -> tuple:
    none = math.nan, math.nan, ""
    ratio = zaehler / nenner if nenner > 0 else math.nan
    if indikator.art == "anteil":
        fits = not zaehler > nenner
        return (ratio, *wilson(zaehler, nenner), "wilson") if fits else (math.nan, *none)
    if indikator.art == "verhaeltnis":
        unten, oben = wilson(zaehler, zaehler + nenner)
        odds = [p / (1 - p) if p != 1 else math.inf for p in (unten, oben)]
        return ratio, *odds, "wilson"
    if indikator.art == "rate":
        unten, oben = byar(zaehler, nenner)
        return ratio, float(unten), float(oben), "byar"
    if indikator.art == "saldo":
        return ratio, *none
    if indikator.art == "veroeffentlicht":
        rounding = 0.5 * 10.0**-indikator.stellen / FAKTOR[indikator.einheit]
        low, high = (max(figures[0] - rounding, 0), min(figures[0] + rounding, 1))
        if math.isnan(figures[0]):
            return math.nan, *none
        return figures[0], wilson(low * basis, basis)[0], wilson(high * basis, basis)[1], "naeherung"
    return math.prod(figures), *none


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(KEYS, GIVEN, min_size=1, max_size=120))
def test_all_indicators_at_once_equal_one_after_the_other_to_the_last_bit(given_values):
    table = observations(given_values)
    expected = one_by_one(table)
    found = indicators.compute(table, katalog())
    if expected.empty:
        assert found.empty
        return
    pd.testing.assert_frame_equal(found, expected, check_exact=True, check_dtype=False)


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(KEYS, GIVEN, min_size=1, max_size=80), st.randoms())
def test_the_order_of_observations_changes_nothing(given_values, random):
    rows = list(given_values.items())
    random.shuffle(rows)
    expected = indicators.compute(observations(given_values), katalog())
    pd.testing.assert_frame_equal(indicators.compute(observations(dict(rows)), katalog()), expected)


def test_a_value_that_stands_twice_or_nowhere_is_refused():
    table = observations({("16077", TAGE[0], "bevoelkerung"): (5, "", "a")})
    with pytest.raises(InputError, match="bevoelkerung of 16077 on 2019-06-30 stands twice"):
        by_place(pd.concat([table, table], ignore_index=True))
    with pytest.raises(InputError, match="lacks key, day or quantity"):
        by_place(table.assign(ags=None))
