"""The report on the Gemeinden: what truly differs is said to differ, and nothing of small numbers can be read."""

import re
from dataclasses import replace

import numpy as np
import openpyxl
import pandas as pd
import pytest
import yaml
from conftest import ROOT
from notebook_calls import every_text, rows, said, shown

from analysis import indicators, innenbericht, innenprofil, raumwerte
from analysis.catalogue import katalog
from analysis.innenentwicklung import entwicklung
from analysis.report.pruefung import numbers_without_table
from analysis.store import Store
from analysis.wording import zahl

WAHRHEIT = yaml.safe_load((ROOT / "data" / "musterkreis" / "wahrheit.yaml").read_text(encoding="utf-8"))
KLEINE = {"99099028": "Würfelstedt", "99099029": "Schnürroda", "99099030": "Süßholzroda"}
"""Gemeinden with 281, 268 and 240 inhabitants."""

KENNZAHLEN = ["arbeitslosenanteil_15_64", "melderegister_anteil_auslaendisch", "geburten_je_1000"]


def bare(ebene: str = "gemeinde") -> pd.DataFrame:
    """All values of the areas of the example Kreis before anything is withheld, with names."""
    with Store() as store:
        table = indicators.compute(raumwerte.observations(store, "99099", ebene), katalog())
        names = raumwerte.namen(store, "99099", ebene)
    return table.assign(name=table.ags.map(names).str.partition(",")[0])


@pytest.fixture
def gemeinden(loaded):
    return loaded(innenprofil.load, "99099")


def true_factor(gemeinden) -> dict[str, float | None]:
    """How many times the common chance of being unemployed each Gemeinde has in 2024; None where it is a mixture."""
    wahr = WAHRHEIT["arbeitslosigkeit"]
    factor = dict.fromkeys(gemeinden.einwohner.index, 1.0)
    factor |= dict.fromkeys(wahr["trend_steigend"]["gemeinden"], wahr["trend_steigend"]["mal_2024"])
    factor["99099001"] = None  # Kreisstadt Nord is a part of it
    factor["99099003"] = wahr["mal"]["99099.uhrenstedt"]
    return factor


def test_places_in_the_funnel_are_those_of_the_truth(gemeinden):
    factor = true_factor(gemeinden)
    places = {row[0]: row[-1] for row in rows(innenbericht.tafel(gemeinden, KENNZAHLEN[0]))}
    names = gemeinden.werte.drop_duplicates("ags").set_index("ags").name
    common = gemeinden.of(KENNZAHLEN[0])
    common = common.zaehler.sum() / common.nenner.sum()
    wrong = []
    for ags, times in factor.items():
        if times is None or not places[names[ags]].startswith("sicher"):
            continue
        higher = times * WAHRHEIT["arbeitslosigkeit"]["anteil"] > common
        if places[names[ags]] != f"sicher {'höher' if higher else 'niedriger'}":
            wrong.append((names[ags], places[names[ags]]))
    assert wrong == []
    # the two large ones with a far higher chance are found
    assert places["Uhrenstedt"] == places["Nebelroda"] == "sicher höher"


def test_the_summary_names_exactly_the_sure_ones(gemeinden):
    table = rows(innenbericht.tafel(gemeinden, KENNZAHLEN[0]))
    text = said(innenbericht.in_kuerze(gemeinden, KENNZAHLEN[0]))
    for word, told in (("höher", "höher|mehr"), ("niedriger", "niedriger|weniger")):
        sure = {row[0] for row in table if row[-1] == f"sicher {word}"}
        sentence = re.search(rf"Sicher (?:{told})[^:]*: ([^.]*)\.", text)
        assert set(re.split(r", | und ", sentence[1])) == sure
    unsure = sum(row[-1] in ("im Rahmen des Zufalls", "eher höher", "eher niedriger") for row in table)
    assert re.search(rf"\b{unsure} von 27\b.*?Zufall", text) and "3 sind sehr klein" in text


@pytest.fixture(params=KENNZAHLEN)
def report(request, loaded):
    """The whole report on an indicator, its id and all values before anything is withheld."""
    return loaded(shown, "06", kennzahl=request.param), request.param, loaded(bare)


def secret(table: pd.DataFrame) -> pd.Series:
    """Rows that tell of a small area, or of one or two persons."""
    few = table.zaehler.isin([1, 2]) | ((table.intervall == "wilson") & (table.nenner - table.zaehler).isin([1, 2]))
    return (few | table.ags.isin(KLEINE)) & table.anteil.notna()


def leaks(cells, secret_names: set[str], population: dict[str, float]) -> list[str]:
    """Cells with a figure, other than the population, in a row that begins with the name of such an area."""
    first, *rest = [str(cell).replace("\u00a0", " ") for cell in cells] or [""]
    if first not in secret_names:
        return []
    allowed = {zahl(population[first]), f"{population[first]:.0f}"}
    return [cell for cell in rest if re.search(r"\d", cell) and cell not in allowed]


def populations(profile) -> dict[str, float]:
    names = profile.reihen.drop_duplicates("ags").set_index("ags").name
    return {names[ags]: people for ags, people in profile.einwohner.items()}


def test_no_table_of_the_report_has_a_number_of_few_persons(report, gemeinden):
    outputs, kennzahl, table = report
    table = table[table.indikator == kennzahl]
    newest = table[table.stichtag == gemeinden.of(kennzahl).stichtag.iloc[0]]
    hidden = set(newest.name[secret(newest)])
    assert hidden >= set(KLEINE.values())
    found = {
        (output.inhalt["titel"], row[0]): cells
        for output in outputs
        if output.inhalt["art"] in ("tabelle", "abbildung")
        for row in rows(output)
        if (cells := leaks(row, hidden, populations(gemeinden)))
    }
    assert found == {}
    seen = {row[0] for output in outputs if "daten" in output.inhalt for row in rows(output)}
    assert set(newest.name) - hidden <= seen


def test_no_sentence_and_no_alternative_text_names_a_small_area(report):
    outputs, *_ = report
    for output in outputs:
        notes = [output.inhalt.get("alternativtext", ""), *output.inhalt.get("hinweise", [])]
        assert not any(name in " ".join([said(output), *notes]) for name in KLEINE.values())


def test_every_number_of_the_report_stands_in_a_table(report):
    outputs, *_ = report
    assert numbers_without_table([output.inhalt for output in outputs]) == []
    assert not re.search(r"(?i)\b(nan|none|inf|nat)\b", every_text(*outputs))


def test_counts_of_one_and_two_are_there_to_be_withheld(report):
    """Otherwise the tests above would prove nothing."""
    _, kennzahl, table = report
    newest = table[table.indikator == kennzahl].groupby("indikator").stichtag.max()
    rest = table[(table.indikator == kennzahl) & (table.stichtag == newest[kennzahl]) & ~table.ags.isin(KLEINE)]
    assert secret(rest).any() or kennzahl == "arbeitslosenanteil_15_64"


def test_page_and_workbook_of_a_real_run_hold_no_number_of_few_persons(kreisblick, whole_store, loaded, tmp_path):
    done = kreisblick(
        *("run", "--kreis", "99099", "--notebook", "06", "--parameter", f"kennzahl={KENNZAHLEN[1]}"),
        *("--output", tmp_path / "aus"), env={"KREISBLICK_STORE": str(whole_store)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    profile, table = loaded(innenprofil.load, "99099"), loaded(bare)
    newest = table[(table.indikator == KENNZAHLEN[1]) & (table.stichtag == profile.of(KENNZAHLEN[1]).stichtag.iloc[0])]
    hidden = set(newest.name[secret(newest)])
    assert len(hidden) > len(KLEINE)
    (folder,) = (tmp_path / "aus").glob("99099_*")
    (workbook,) = folder.glob("*.xlsx")
    for sheet in openpyxl.load_workbook(workbook, data_only=True):
        for cells in sheet.iter_rows(values_only=True):
            assert leaks([c for c in cells if c is not None], hidden, populations(profile)) == [], sheet.title
    page = (folder / "06_gemeinden.html").read_text(encoding="utf-8")
    for row in re.findall(r"<tr.*?</tr>", page, flags=re.DOTALL):
        cells = re.findall(r"<t[hd].*?</t[hd]>", row, flags=re.DOTALL)
        texts = [re.sub(r"<[^>]+>", "", cell).replace("&nbsp;", " ").strip() for cell in cells]
        assert leaks(texts, hidden, populations(profile)) == []


def test_only_sure_classes_are_told_of_and_they_are_true(gemeinden):
    made = entwicklung(gemeinden, KENNZAHLEN[:1], 1).ausgaben[-1]
    table = rows(made)
    sure = {row[0] for row in table if all(cell.endswith("%") and int(cell[:-2]) >= 95 for cell in (row[2], row[4]))}
    told = re.search(r"Gesichert niedriger Status und negative Dynamik: ([^.]*)\.", made.inhalt["alternativtext"])[1]
    assert told == "kein Gebiet" or set(re.split(r", | und ", told)) <= sure
    truly = {gemeinden.of(KENNZAHLEN[0]).set_index("ags").name[ags]
             for ags in WAHRHEIT["arbeitslosigkeit"]["trend_steigend"]["gemeinden"]}  # fmt: skip
    negative = {row[0] for row in table if row[3] == "negativ" and int(row[4][:-2]) >= 95}
    assert negative <= truly and not [row for row in table if row[3] == "positiv" and int(row[4][:-2]) >= 95]


def test_segregation_stands_beside_what_chance_makes(gemeinden, loaded):
    """Dissimilarity computed again: half the sum of |share of the group - share of the others| per Gemeinde."""
    id = KENNZAHLEN[1]
    table = loaded(bare)
    table = table[table.stichtag == gemeinden.of(id).stichtag.iloc[0]]
    official = table[table.indikator == "auslaenderanteil_gezaehlt"]  # what it withholds, the register must not tell
    table = table[(table.indikator == id) & ~table.ags.isin(official.ags[secret(official)])]
    table = table[~secret(table)]
    x, y = table.zaehler, table.nenner - table.zaehler
    d = (x / x.sum() - y / y.sum()).abs().sum() / 2
    made = innenbericht.segregation(gemeinden, id, 1)
    first = rows(made)[0]
    assert first[1] == f"{zahl(d * 100, 1)} %" and float(first[2].replace(",", ".")[:-2]) < 5
    assert "mehr als Zufall" in first[-1] and f"{len(table)} Gebiete" in every_text(made)


def test_an_even_distribution_is_said_to_be_chance(gemeinden):
    even = gemeinden.werte.copy()
    group = (even.indikator == KENNZAHLEN[1]) & even.zaehler.notna()
    even.loc[group, "zaehler"] = np.random.default_rng(5).binomial(even.nenner[group].astype(int), 0.02).astype(float)
    made = innenbericht.segregation(replace(gemeinden, werte=even), KENNZAHLEN[1], 1)
    assert "Das kann Zufall sein" in every_text(made) and "mehr als Zufall" not in every_text(made)


def test_planungsraeume_have_the_same_report(loaded):
    made = loaded(shown, "06", ebene="planungsraum")
    text = every_text(*made)
    assert "8 Planungsräume" in text and numbers_without_table([o.inhalt for o in made]) == []
    # true: 1.7 times the chance of the others in these two, all others alike
    assert re.search(r"Sicher (höher|mehr)[^:]*: Kreisstadt Nord und Uhrenstedt\.", said(made[1]))
