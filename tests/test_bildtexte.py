import datetime as dt

import numpy as np
import pandas as pd
import pytest
from drawn import QUOTE
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bildtexte import karte, pyramide, reihen, trichter, vergleich
from analysis.bildtexte.saetze import gekuerzt
from analysis.catalogue import katalog


def series(values, first=2012, half=0.004, id=QUOTE.id) -> pd.DataFrame:
    table = pd.DataFrame(
        {"indikator": id, "stichtag": [dt.date(first + n, 12, 31) for n in range(len(values))], "anteil": values}
    ).astype({"anteil": float})
    return table.assign(unten=table.anteil - half, oben=table.anteil + half)


def breaks(day, art="erklaert", id=QUOTE.id) -> pd.DataFrame:
    return pd.DataFrame({"indikator": [id], "datum": [day], "art": [art]})


def plain(text: str) -> str:
    assert 30 <= len(text) <= 400
    return text.replace("\u00a0", " ")


def test_a_line_is_told_with_its_turn_and_its_interval():
    text = plain(reihen.reihe(series([0.121, 0.11, 0.083, 0.09, 0.102]), QUOTE))
    assert text == (
        "Linie von 2012 bis 2016, Arbeitslosenquote: von 12,1 % (2012) hinunter auf 8,3 % (2014), dann auf 10,2 % "
        "(2016). Schwankungsbereich zuletzt 9,8 bis 10,6 %."
    )


@pytest.mark.parametrize(
    "values, expected",
    [
        ([0.05, 0.06, 0.07], "von 5,0 % (2012) auf 7,0 % (2014)."),
        ([0.05, 0.09, 0.07], "von 5,0 % (2012) hinauf auf 9,0 % (2013), dann auf 7,0 % (2014)."),
        ([0.05, 0.0501, 0.0499], "durchgehend 5,0 %."),
        ([0.05, np.nan, 0.0504, 0.06], "von 5,0 % (2012) auf 6,0 % (2015)."),
    ],
)
def test_the_course_of_a_line(values, expected):
    assert expected in plain(reihen.reihe(series(values), QUOTE))


def test_values_on_two_sides_of_a_declared_break_are_never_put_in_one_course():
    values = [0.05, 0.06, 0.07, 0.12, 0.11]
    text = plain(reihen.reihe(series(values), QUOTE, breaks(dt.date(2015, 6, 1))))
    assert "seit dem Bruch 2015 von 12,0 % (2015) auf 11,0 % (2016)." in text
    assert "Davor, 2012 bis 2014: von 5,0 % (2012) auf 7,0 % (2014)." in text
    detected = plain(reihen.reihe(series(values), QUOTE, breaks(dt.date(2015, 6, 1), "erkannt")))
    assert "von 5,0 % (2012) hinauf auf 12,0 % (2015), dann auf 11,0 % (2016)." in detected


def test_a_detected_change_of_slope_is_told_with_its_years():
    knick = breaks(dt.date(2014, 6, 1), "knick").assign(jahr=2013.4, jahr_unten=2012.6, jahr_oben=2014.2)
    values = series([0.05, 0.06, 0.07, 0.08, 0.05])
    for text in (reihen.reihe(values, QUOTE, knick), reihen.reihen(values, [QUOTE], knick)):
        assert "Erkannter Knick: 2013 (2012 bis 2015)." in plain(text)
    assert "von 5,0 % (2012) hinauf auf 8,0 % (2015)" in plain(reihen.reihe(values, QUOTE, knick))


def test_what_lies_beside_a_line_is_told_too():
    later = series([0.08, 0.09], 2017)
    compared = series([0.1] * 5)
    text = plain(
        reihen.reihe(
            series([0.05, 0.06, np.nan, 0.07, 0.08]), QUOTE, vergleich=compared, vergleich_text="Thüringen",
            vorausschau=later,
        )
    )  # fmt: skip
    assert text.endswith("Thüringen 10,0 %. Vorausschau auf 2018: 8,6 bis 9,4 %. Ohne Wert: 2014.")
    only_range = plain(reihen.reihe(series([0.05, 0.06]), QUOTE, vorausschau=later.assign(anteil=np.nan)))
    assert "Spanne der bisherigen Werte: 8,6 bis 9,4 %." in only_range


def test_several_lines_are_told_since_their_last_break():
    other = katalog().indikator("anteil_ab_65")
    werte = pd.concat([series([0.05, 0.06, 0.07]), series([0.2, 0.21, 0.25], id=other.id)])
    text = plain(reihen.reihen(werte, [QUOTE, other], breaks(dt.date(2013, 5, 1), id=other.id)))
    assert "Arbeitslosenquote: 5,0 % (2012), dann 7,0 % (2014)." in text
    assert f"{other.kurz}: 21,0 % (2013), dann 25,0 % (2014)." in text and "Davor" not in text
    werte = pd.concat([werte, series([0.18, 0.19], 2010, id=other.id)])
    text = plain(reihen.reihen(werte, [QUOTE, other], breaks(dt.date(2013, 5, 1), id=other.id)))
    assert text.endswith(f"Davor {other.kurz}: 18,0 % (2010), dann 20,0 % (2012).")


def test_empty_figures_say_so():
    empty = series([np.nan])
    assert "keine Werte" in plain(reihen.reihe(empty, QUOTE))
    assert "keine Werte" in plain(reihen.reihen(empty, [QUOTE]))
    no_areas = pd.DataFrame({"ags": ["a"], "name": ["A"], "anteil": [np.nan], "grund": ["geheim"]})
    assert "Kein Wert bei einem Gebiet (geheim gehalten)." in plain(karte.karte(no_areas, QUOTE))
    assert "keine Werte" in plain(vergleich.rangpunkte(no_areas, "a", QUOTE))
    nobody = pd.DataFrame({"alter": [0], "geschlecht": ["m"], "personen": [np.nan]})
    assert "keine Zahlen" in plain(pyramide.pyramide(nobody))


def areas(values) -> pd.DataFrame:
    names = list("ABCDEFGH")[: len(values)]
    table = pd.DataFrame({"ags": [n.lower() for n in names], "name": [f"{n}dorf" for n in names], "anteil": values})
    return table.assign(stichtag=dt.date(2024, 12, 31), grund="")


def test_a_slope_chart_counts_rises_and_falls_as_a_reader_sees_them():
    before = areas([0.05, 0.06, 0.07, 0.08]).assign(stichtag=dt.date(2019, 12, 31))
    text = plain(vergleich.steigung(pd.concat([before, areas([0.06, 0.07, 0.06, 0.0801])]), "c", QUOTE))
    assert text == (
        "Linien für 4 Gebiete vom 31.12.2019 bis zum 31.12.2024, Arbeitslosenquote: in 2 höher, in 1 niedriger, "
        "in 1 gleich. Cdorf: 7,0 %, dann 6,0 %. Zuletzt am höchsten: Ddorf (8,0 %), am niedrigsten: Adorf (6,0 %)."
    )


def test_dots_are_told_with_the_range_of_the_own_rank():
    table = areas([0.05, 0.06, 0.07]).assign(rang=[3.0, 2, 1], rang_unten=[2.0, 1, np.nan], rang_oben=[3.0, 3, np.nan])
    text = plain(vergleich.rangpunkte(table, "b", QUOTE))
    assert "Bdorf: 6,0 %, Rang 2 (1 ist der höchste Wert); der Rang kann zwischen 1 und 3 liegen." in text
    assert "Cdorf: 7,0 %, Rang 1 (1 ist der höchste Wert)." in plain(vergleich.rangpunkte(table, "c", QUOTE))


def test_the_grid_is_told_with_its_worst_cell():
    table = areas([0.0] * 5).assign(status=["mittel"] * 3 + ["niedrig", ""], dynamik=["stabil"] * 3 + ["negativ", ""])
    text = plain(vergleich.status_dynamik(table.assign(klasse_sicher=[True, True, False, True, False]), "a"))
    assert text == (
        "Raster aus Status und Dynamik mit 4 Gebieten. Am häufigsten: Status mittel, Dynamik stabil (3). "
        "Adorf: Status mittel, Dynamik stabil. Gesichert niedriger Status und negative Dynamik: Ddorf. "
        "Nicht gesichert ist die Einordnung bei einem Gebiet."
    )
    unsure = plain(vergleich.status_dynamik(table.assign(klasse_sicher=False), "a"))
    assert "Gesichert niedriger Status und negative Dynamik: kein Gebiet. Nicht gesichert" in unsure


def test_a_pyramid_is_told_with_the_young_the_old_and_the_women():
    ages = np.arange(0, 100, 5)
    table = pd.DataFrame(
        [(a, s, 200.0 if a == 55 else 100.0) for s in "mw" for a in ages], columns=["alter", "geschlecht", "personen"]
    )
    text = plain(pyramide.pyramide(table, vergleich=table, vergleich_text="Kreis"))
    assert text == (
        "Bevölkerungspyramide mit 4.200 Menschen. Die meisten sind 55 bis 59 Jahre alt (400). Unter 20 sind 19,0 %, "
        "ab 65 sind 33,3 %. Frauen: 50,0 %. Kreis: Unter 20 sind 19,0 %, ab 65 sind 33,3 %."
    )


def test_a_map_is_told_with_its_ends_and_its_gaps():
    table = areas([0.05, 0.07, np.nan, 0.06]).assign(grund=["", "", "geheim", ""])
    assert plain(karte.karte(table, QUOTE, "d", "Kachelkarte")) == (
        "Kachelkarte mit 4 Gebieten, Arbeitslosenquote; dunkler heißt höher. Am höchsten: Bdorf (7,0 %), "
        "am niedrigsten: Adorf (5,0 %). Ddorf: 6,0 %. Der mittlere Wert (Median) ist 6,0 %. "
        "Kein Wert bei einem Gebiet (geheim gehalten)."
    )


def test_a_funnel_is_told_with_those_outside():
    table = areas([0.05, 0.2, 0.09, 0.1]).assign(
        nenner=1000.0, lage=["unter_998", "ueber_998", "innerhalb", "ueber_95"]
    )
    assert plain(trichter.trichter(table, 0.09, QUOTE, "c")) == (
        "Trichter mit 4 Gebieten um den gemeinsamen Wert 9,0 %, Arbeitslosenquote: 2 außerhalb der äußeren Grenzen "
        "(99,8 %). Cdorf: 9,0 %, innerhalb der Zufallsgrenzen. Darüber: Bdorf. Darunter: Adorf."
    )


@given(st.lists(st.one_of(st.just(float("nan")), st.floats(0, 1)), min_size=1, max_size=30), st.integers(2012, 2040))
@settings(deadline=None)
def test_every_series_has_a_text_of_the_length_that_a_figure_takes(values, year):
    table = series(values)
    text = reihen.reihe(
        table,
        QUOTE,
        breaks(dt.date(year, 1, 1)),
        vergleich=table,
        vergleich_text="Bundesland Thüringen",
        vorausschau=table,
    )
    assert 30 <= len(text) <= 400 and "nan" not in text


def test_what_does_not_fit_is_left_out_as_a_whole():
    text = gekuerzt(["Erster Satz.", "x" * 395 + ".", "Dritter Satz."])
    assert text == "Erster Satz. Dritter Satz."
