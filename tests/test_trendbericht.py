"""The trend report says of the example Kreis what truly rises and falls there, and nothing else."""

import dataclasses
import re

import numpy as np
import pytest
import yaml
from conftest import ROOT
from notebook_calls import every_text, rows, said, shown

from analysis import kreisprofil, langzeitbericht, outputs, trendbericht, trendbilder, trendprofil, vergleichsbericht
from analysis.errors import InputError
from analysis.lesbarkeit import LEICHT, flesch_amstad
from analysis.observations import GRUENDE
from analysis.regions import kreise
from analysis.report.pruefung import numbers_without_table
from analysis.trends.aussage import WORTE

WAHRHEIT = yaml.safe_load((ROOT / "data" / "musterkreis" / "wahrheit.yaml").read_text(encoding="utf-8"))

STETIG = {
    "but_inanspruchnahme": "but_teilnehmende",
    "seu_sprache": "seu_sprache_auffaellig",
    "foerderquote": "schueler_mit_foerderbedarf",
    "kita_unter_3_je_100": "kita_kinder_unter_3",
    "kinderzuschlag_je_100": "kinder_mit_kinderzuschlag",
    "hilfen_zur_erziehung_je_1000": "hilfen_zur_erziehung",
}
"""Indicator → its share in wahrheit.yaml that goes from a first to a last value in equal steps."""

WIE_KINDER = (
    *("nef_quote_unter_15", "unter_18_in_bg", "kinder_unter_personen_in_bg", "bg_mit_kindern", "bg_alleinerziehend"),
    *("personen_in_bg", "sgb2_je_100_unter_65", "mindestsicherungsquote", "erweiterte_mindestsicherungsquote"),
)
"""Indicators that follow the share of children in SGB II; of adults there is no trend."""

ZUZUG = ("auslaenderanteil", "auslaenderanteil_gezaehlt", "auslaendische_beschaeftigte", "asylblg")
"""Indicators that rise because more of those who come than of those who live there are foreigners."""

ALLE_GEZAEHLT = (
    *("anteil_unter_18", "anteil_18_64", "anteil_ab_65", "jugendquotient", "altenquotient", "frauenanteil"),
    *("geburten_je_1000", "sterbefaelle_je_1000", "wanderungssaldo_je_1000"),
)
"""What follows from the residents one by one: the truth names no trend for it, but there may be one."""


def true_direction(indikator: str, von: int, bis: int) -> str:
    """`steigt`, `sinkt` or nothing between two years, by wahrheit.yaml."""
    if indikator in STETIG:
        first, last = WAHRHEIT["reihen"]["stetig"][STETIG[indikator]]
    elif indikator in WIE_KINDER:
        first, last = (WAHRHEIT["grundsicherung"]["kinder_verlauf"][year] for year in (von, bis))
    elif indikator in ZUZUG:
        city = WAHRHEIT["gruppen"]["bewegung"]["stadt"]
        first, last = city["auslaender_2015"], city["zuzug_auslaender"]
    elif indikator == "einkommen_je_einwohner":
        first, last = 1, WAHRHEIT["reihen"]["einkommen_eur"]["je_jahr"]
    elif indikator == "wohngeld_je_1000":
        before, after = WAHRHEIT["reihen"]["stufe_2023"]["wohngeld_haushalte"]
        first, last = (after if year >= 2023 else before for year in (von, bis))
    else:
        return ""
    return "steigt" if last > first else "sinkt" if last < first else ""


def trends(kreis: str, raum: str = "") -> trendprofil.Trendprofil:
    return trendprofil.load(kreisprofil.load(kreis, raum))


def summary(made: trendprofil.Trendprofil) -> outputs.Ausgabe:
    return trendbericht.in_kuerze(made, vergleichsbericht.kurz(made.profil, vergleichsbericht.plaetze(made.profil, 1)))


@pytest.fixture
def muster(loaded):
    return loaded(trends, "99099")


def told(statements):
    """Statements that something rises or falls: indicator, first and last year, word."""
    found = statements[statements.aussage.isin(["steigt", "sinkt"])]
    return [(row.Index, row.von.year, row.bis.year, row.aussage) for row in found.itertuples()]


def test_no_statement_is_against_the_truth(muster):
    made = [*told(muster.aussagen), *told(muster.davor)]
    wrong = [s for s in made if s[0] not in ALLE_GEZAEHLT and s[3] != true_direction(*s[:3])]
    assert len(made) >= 8 and wrong == []


def test_what_truly_has_no_trend_is_said_to_have_none(muster):
    constant = ["schulabgaenge_ohne_abschluss", "seu_motorik", "gesunde_zaehne", "alleinerziehende_unter_familien"]
    assert (muster.aussagen.aussage[constant] == "kein_trend").all()
    earlier = ["kita_3_bis_5_je_100", "vereine_je_1000", "hausaerzte_je_100000"]
    assert (muster.davor.aussage[earlier] == "kein_trend").all()


def test_what_truly_rises_or_falls_far_beyond_chance_is_found(muster):
    assert muster.aussagen.aussage["but_inanspruchnahme"] == "steigt"
    assert muster.davor.aussage["but_inanspruchnahme"] == "steigt"
    fallen = muster.davor.loc[["nef_quote_unter_15", "unter_18_in_bg", "bg_mit_kindern"]]
    assert (fallen.aussage == "sinkt").all() and {day.year for day in fallen.bis} == {2021}


def test_children_in_sgb_ii_fell_until_2021_and_the_report_says_so(muster):
    """000, line 63: until 2021 fewer children, from 2022 more; the new law of 2022 lies between."""
    earlier = muster.eigene[muster.eigene.indikator == "nef_quote_unter_15"].set_index("stichtag").anteil
    assert earlier.idxmin().year == 2021
    assert muster.aussagen.aussage["nef_quote_unter_15"] == "nicht_vergleichbar"
    label = muster.profil.indikator("nef_quote_unter_15").label
    (row,) = [r for r in rows(trendbericht.uebersicht(muster)) if r[0] == label]
    cells = " ".join(row)
    assert "nicht vergleichbar" in cells and re.search(r"2017.*2021.*sinkt.*13,8.*10,0 %", cells)
    text = said(summary(muster))
    assert re.search(
        r"Jobcenter leben[^.]*: von 13,8 % \(2017\) auf 10,0 % \(2021\)[^A-Z]*Das ist günstig\. 2024 waren es 14,6 %",
        text,
    )


def test_the_summary_counts_what_the_table_says(muster):
    table = rows(trendbericht.uebersicht(muster))
    text = said(summary(muster))
    words = {word: sum(row[1].startswith(word) for row in table) for word in WORTE.values()}
    assert sum(words.values()) == len(table) == len(muster.aussagen)
    tested = sum(words[w] for w in ("steigt", "sinkt", "kein gesicherter Trend"))
    for pattern in (
        rf"Es gibt {len(table)} Kennzahlen\. Bei {tested} [^.]*prüfen",
        rf"Sicher gestiegen[^.:]*\b{words['steigt']}\b",
        rf"Bei {words['kein gesicherter Trend']} [^.]*nichts sicher",
    ):
        assert re.search(pattern, text), pattern
    assert words["sinkt"] == 0 and "Sicher gesunken" not in text


def test_all_breaks_between_the_last_values_and_todays_are_named(muster):
    judged = {row[0]: row[1] for row in rows(trendbericht.uebersicht(muster))}
    label = muster.profil.indikator("personen_in_bg").label
    assert judged[label] == "nicht vergleichbar (zu wenige Jahre seit den Brüchen 15.05.2022 und 01.06.2022)"
    (told_breaks,) = [text for text in every_text(trendbericht.uebersicht(muster)).split("\n") if "Brüche: " in text]
    days = set(re.findall(r"(\d\d\.\d\d\.20\d\d): ", told_breaks))
    assert days == {f"{day:%d.%m.%Y}" for named in muster.davor.brueche for day in named}


def test_the_figures_show_first_what_moves_today_or_moved_before_the_break(muster):
    figure = trendbilder.verlauf(muster, "Familie", ("Familie", "Bildung, Betreuung und Erziehung"))
    text = every_text(figure)
    shown_first = ("but_inanspruchnahme", "nef_quote_unter_15", "bg_mit_kindern", "unter_18_in_bg")
    assert all(muster.profil.indikator(id).kurz in text for id in shown_first)
    work = every_text(trendbilder.verlauf(muster, "Arbeit", ("Arbeitsmarkt und ökonomische Situation",)))
    assert "Arbeitslosenquote" in work
    once = [muster.profil.indikator(id).label in work for id in ("personen_in_bg", "sgb2_je_100_unter_65")]
    assert sum(once) == 1  # published as a rate, and from counts


def test_of_every_rise_and_fall_is_said_whether_that_is_good(muster):
    judged = {row[0]: row[1] for row in rows(trendbericht.uebersicht(muster))}
    assert judged[muster.profil.indikator("but_inanspruchnahme").label] == "steigt (günstig)"
    # a share of foreigners is neither good nor bad
    assert judged[muster.profil.indikator("auslaendische_beschaeftigte").label] == "steigt"
    for indikator, *_, word in [*told(muster.aussagen), *told(muster.davor)]:
        better = {"hoeher_guenstiger": "steigt", "niedriger_guenstiger": "sinkt", "ohne": None}
        direction = better[muster.profil.indikator(indikator).richtung]
        name = muster.profil.indikator(indikator).einfach or muster.profil.indikator(indikator).kurz
        sentence = re.search(rf"{re.escape(name)}: von.*?\(20\d\d\)\.( Das ist \w+)?", said(summary(muster)))
        expected = None if direction is None else f" Das ist {'günstig' if direction == word else 'ungünstig'}"
        assert sentence is None or sentence[1] == expected


@pytest.mark.parametrize("where", [("16077", ""), ("16056", ""), ("99099", ""), ("99099", "99099.nord"),
                                   ("99099", "99099004"), ("99099", "99099030")])  # fmt: skip
def test_the_whole_report_is_made_and_every_number_of_it_stands_in_a_table(loaded, where):
    kreis, raum = where
    made = loaded(shown, "02", kreis=kreis, raum=raum)
    kinds = [output.inhalt["art"] for output in made]
    assert kinds[:2] == ["kopf", "kuerze"] and len(made) >= 5
    assert numbers_without_table([output.inhalt for output in made]) == []
    text = every_text(*made)
    assert not re.search(r"(?i)\b(nan|none|inf|nat)\b", text) and "erfunden" in text or kreis != "99099"
    assert ("erfunden" in text) == (kreis == "99099")


def test_a_series_without_any_value_says_why(loaded):
    made = loaded(trends, "99099", "99099.nord")
    said_of = {row[0]: row[1] for row in rows(trendbericht.uebersicht(made))}
    without = made.aussagen.index[made.aussagen.grund == "keine_werte"]
    reasons = {said_of[made.profil.indikator(id).label] for id in without}
    assert len(without) >= 5 and reasons <= {f"zu wenige Werte ({reason})" for reason in GRUENDE.values()}


def test_the_summary_of_every_kreis_is_easy_to_read(loaded):
    points = {}
    for ags in kreise():
        try:
            made = summary(loaded(trends, ags))
        except InputError as error:
            assert "holds no figures" in str(error)
            continue
        points[ags] = flesch_amstad(list(map(outputs.joined, made.inhalt["absaetze"])))
    assert len(points) == 16
    assert {ags: round(value) for ags, value in points.items() if value < LEICHT} == {}


def test_a_kreis_with_one_year_is_not_said_to_rise_or_fall(loaded):
    once = loaded(trends, "16077")
    assert not set(once.aussagen.aussage) & {"steigt", "sinkt", "kein_trend"}
    assert not re.search(r"Sicher (gestiegen|gesunken)", said(summary(once)))


def test_no_outlook_goes_across_a_break(muster):
    made = langzeitbericht.ausblick(muster)
    for label, kind, *_ in rows(made):
        (id,) = [i for i in muster.aussagen.index if muster.profil.indikator(i).label == label]
        if "orausschau" in kind:
            assert muster.brueche[muster.brueche.indikator == id].datum.max().year <= 2020


def test_an_event_is_only_judged_with_enough_years_on_both_sides(muster):
    assert langzeitbericht.ereignis(muster, "") is None
    assert "zu wenige vergleichbare Jahre" in said(langzeitbericht.ereignis(muster, "2024-01-01"))
    with_figures = langzeitbericht.ereignis(muster, "01.07.2018")
    labels = [row[0] for row in rows(with_figures)]
    assert muster.profil.indikator("gesunde_zaehne").label in labels


def shaped(muster, values: list[float]) -> trendprofil.Trendprofil:
    """The example Kreis with other values of `gesunde_zaehne` (13 years)."""
    reihen = muster.profil.reihen.sort_values("stichtag").copy()
    own = (reihen.ags == muster.profil.gebiet.ags) & (reihen.indikator == "gesunde_zaehne")
    reihen.loc[own, ["anteil", "unten", "oben"]] = np.array(values)[:, None] + [0, -0.01, 0.01]
    return trendprofil.load(dataclasses.replace(muster.profil, reihen=reihen))


def courses(made) -> dict[str, list[str]]:
    """Detected break and detected change of slope by indicator."""
    labels = {made.profil.indikator(id).label: id for id in made.aussagen.index}
    return {labels[row[0]]: row[-2:] for row in rows(langzeitbericht.verlauf(made))}


NOISE = np.array([0.3, -1.2, 0.8, 0.1, -0.4, 0.9, -0.7, 0.2, 1.1, -0.6, -0.9, 0.5, -0.1]) / 200


def test_a_change_of_slope_is_said_as_detected_with_its_years(muster):
    made = shaped(muster, 0.6 - 0.02 * np.arange(13) + 0.05 * np.maximum(np.arange(13) - 6, 0) + NOISE)
    found = courses(made)
    assert found.pop("gesunde_zaehne") == ["keiner", "2018 (2017 bis 2019)"]
    assert set(map(tuple, found.values())) == {("keiner", "keiner"), ("keiner", "zu wenige Werte")}
    texts = every_text(*trendbilder.verlaeufe(made).ausgaben)
    assert "Erkannter Knick: 2018 (2017 bis 2019)." in texts
    assert trendbericht.BEI_KNICK in said(trendbericht.lesehilfe(made))
    assert "Knick" not in said(trendbericht.lesehilfe(muster))


def test_a_step_is_said_as_break_and_not_as_change_of_slope(muster):
    made = shaped(muster, 0.6 - 0.2 * (np.arange(13) >= 6) + NOISE)
    assert courses(made)["gesunde_zaehne"] == ["31.07.2018", "keiner"]


def test_the_example_kreis_has_no_change_of_slope_because_none_was_made(muster):
    assert {tuple(found) for found in courses(muster).values()} == {("keiner", "keiner"), ("keiner", "zu wenige Werte")}
