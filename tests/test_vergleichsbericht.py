"""Ranks, medians and index of the fifteen portraits, computed again from their CSV file in plain pandas."""

import re

import pandas as pd
import pytest
from conftest import ROOT
from notebook_calls import every_text, rows, said

from analysis import kreisprofil, vergleichsbericht
from analysis.errors import InputError
from analysis.regions import name

PORTRAITS = {
    "arbeitslosenquote": ("arbeitslosenquote", 100),
    "langzeitarbeitslosenanteil": ("langzeitarbeitslosenanteil", 100),
    "auslaenderanteil": ("auslaenderanteil", 100),
    "personen_in_bg": ("personen_in_bg_quote", 100),
    "kinder_unter_personen_in_bg": ("kinder_unter_personen_in_bg", 100),
    "grundsicherung_ab_18": ("grundsicherung_ab_18_je_1000", 1000),
    "hilfe_zum_lebensunterhalt": ("hilfe_zum_lebensunterhalt_je_1000", 1000),
    "asylblg": ("asylblg_je_1000", 1000),
}
"""Indicator → printed quantity and by what it is divided to be a share."""


@pytest.fixture(scope="module")
def printed() -> pd.DataFrame:
    """Shares of the fifteen Kreise as the portraits print them, Kreise × indicators."""
    table = pd.read_csv(ROOT / "data" / "thueringen_portraits_2019.csv", sep=";", dtype={"ags": str, "wert": str})
    table["wert"] = table.wert.str.replace(",", ".").astype(float)
    wide = table.pivot(index="ags", columns="groesse", values="wert")
    shares = {id: wide[groesse] / by for id, (groesse, by) in PORTRAITS.items()}
    for age in ("unter_18", "18_64", "ab_65"):
        shares[f"anteil_{age}"] = wide[f"bevoelkerung_{age}"] / wide.bevoelkerung
    shares["altenquotient"] = wide.bevoelkerung_ab_65 / wide.bevoelkerung_18_64
    return pd.DataFrame(shares)


def profil(loaded, ags, *more):
    return loaded(kreisprofil.load, ags, *more)


def span(cell: str) -> tuple[int, int]:
    """First and last of the ranks that a cell names: `3 bis 7`, or one alone."""
    numbers = [int(x) for x in re.findall(r"\d+", cell)]
    return numbers[0], numbers[-1]


@pytest.mark.parametrize("ags", ["16052", "16077", "16063"])
def test_ranks_and_medians_are_those_of_the_printed_numbers(loaded, printed, ags):
    s = profil(loaded, ags)
    ranks, medians = printed.rank(ascending=False, method="min").loc[ags], printed.median()
    assert (s.vergleich.loc[printed.columns, "rang"] == ranks).all() and (
        s.vergleich.anzahl[printed.columns] == 15
    ).all()
    assert s.vergleich["median"][printed.columns].to_numpy() == pytest.approx(medians.to_numpy(), rel=1e-12)
    shown = {row[0]: row for row in rows(vergleichsbericht.rangtafel(s, vergleichsbericht.plaetze(s, 1)))}
    for id in printed:
        assert f"{ranks[id]:.0f} von 15" in shown[s.indikator(id).label]


@pytest.mark.parametrize("ags", ["16052", "16077"])
def test_a_rank_that_may_be_chance_is_called_that(loaded, ags):
    s = profil(loaded, ags)
    words = set()
    for row in rows(vergleichsbericht.rangtafel(s, vergleichsbericht.plaetze(s, 1))):
        rank = int(next(cell for cell in row if cell.endswith(" von 15")).split()[0])
        possible = next((cell for cell in row[1:] if re.fullmatch(r"\d+( bis \d+)?", cell)), None)
        text = " ".join(row)
        if possible is None:
            assert "nicht prüfbar" in text
            continue
        first, last = span(possible)
        assert 1 <= first <= rank <= last <= 15
        expected = (
            "im höchsten Drittel" if last <= 5 else "im niedrigsten Drittel" if first > 10
            else "in der höheren Hälfte" if last <= 7 else "in der niedrigeren Hälfte" if first > 7
            else "kein sicherer Platz"
        )  # fmt: skip
        assert expected in text
        words.add(expected)
    assert "kein sicherer Platz" in words and len(words) > 1


def test_the_sentence_says_what_the_table_says(loaded):
    s = profil(loaded, "16052")
    table = rows(vergleichsbericht.rangtafel(s, vergleichsbericht.plaetze(s, 1)))
    text = said(vergleichsbericht.vergleichssatz(s, vergleichsbericht.plaetze(s, 1)))
    by_label = {s.indikator(id).label: s.indikator(id).kurz for id in s.vergleich.index}
    for third in ("im höchsten Drittel", "im niedrigsten Drittel"):
        names = [by_label[row[0]] for row in table if third in " ".join(row)]
        begin = re.search(rf"Sicher {third}: ([^:]*\.)", text)
        assert bool(names) == bool(begin)
        assert all(n in begin[1] for n in names)
    unsure = sum("kein sicherer Platz" in " ".join(row) for row in table)
    assert re.search(rf"Kein sicherer Platz: {unsure} von \d+ Kennzahlen\. Dort kann der Rang Zufall sein", text)


def test_small_differences_between_neighbours_have_no_sure_order(loaded, printed):
    """Gera is first by far; in the middle of 15 the ranks of Kreise with nearly equal rates overlap."""
    s = profil(loaded, "16077")
    found = {row[0]: row for row in rows(vergleichsbericht.rangbild(s, "arbeitslosenquote", 1))}
    spans = {label: span(row[-1]) for label, row in found.items()}
    order = printed.arbeitslosenquote.sort_values(ascending=False)
    assert [row[0] for row in rows(vergleichsbericht.rangbild(s, "arbeitslosenquote", 1))][0] == name(order.index[0])
    middle = [spans[name(ags)] for ags in order.index[5:9]]
    assert all(last > first for first, last in middle)


def z(table: pd.DataFrame) -> pd.DataFrame:
    return (table - table.mean()) / table.std()


def test_the_sozialindex_of_named_indicators_is_the_mean_of_their_z_values(loaded, printed):
    """All four belong to one Lebenslage and are burdens where they are high."""
    ids = ["arbeitslosenquote", "personen_in_bg", "grundsicherung_ab_18", "hilfe_zum_lebensunterhalt"]
    by_hand = z(printed[ids]).mean(axis=1).rank(ascending=False, method="min")
    made = vergleichsbericht.index(profil(loaded, "16077"), " ".join(ids), 1)
    table = rows(made)
    places = {row[1]: int(row[0]) for row in table}
    assert places == {name(ags): int(rank) for ags, rank in by_hand.items()} and len(places) == 15
    for row in table:
        for cell in row[2:]:
            first, last = span(cell)
            assert 1 <= first <= int(row[0]) <= last <= 15
    assert "4 Kennzahlen" in every_text(made)
    with_commas = vergleichsbericht.index(profil(loaded, "16077"), ", ".join(ids), 1)
    assert rows(with_commas) == table


def test_lebenslagen_count_alike_in_the_index(loaded, printed):
    """Three indicators of one Lebenslage have together the weight of the one of another."""
    three, other = ["arbeitslosenquote", "personen_in_bg", "grundsicherung_ab_18"], "auslaenderanteil"
    s = profil(loaded, "16077")
    (lebenslage,) = {s.indikator(id).lebenslage for id in three}
    assert s.indikator(other).lebenslage != lebenslage
    scaled = z(printed)
    by_hand = (scaled[three].mean(axis=1) + scaled[other]).rank(ascending=False, method="min")
    places = {row[1]: int(row[0]) for row in rows(vergleichsbericht.index(s, " ".join([*three, other]), 1))}
    assert places == {name(ags): int(rank) for ags, rank in by_hand.items()}


def test_an_index_of_what_is_not_there_is_none_and_of_what_is_unknown_an_error(loaded):
    s = profil(loaded, "16077")
    assert vergleichsbericht.index(s, "arbeitslosenquote personen_in_bg", 1) is None
    with pytest.raises(InputError, match="glueck"):
        vergleichsbericht.index(s, "arbeitslosenquote glueck", 1)


def test_the_most_similar_kreise_are_those_with_the_least_distance(loaded):
    s = profil(loaded, "16077")
    wide = s.werte[s.werte.indikator.isin(s.compared.index)].pivot(index="ags", columns="indikator", values="anteil")
    scaled = z(wide.dropna(axis=1))
    distance = ((scaled - scaled.loc["16077"]) ** 2).sum(axis=1).pow(0.5).drop("16077").sort_values()
    table = rows(vergleichsbericht.aehnlich(s))
    assert [row[0] for row in table] == [name(ags) for ags in distance.index[:5]]
    assert [float(row[1].replace(",", ".")) for row in table] == pytest.approx(distance.iloc[:5].tolist(), abs=0.051)


def test_a_kreis_alone_has_no_ranks_and_says_so(loaded):
    s = profil(loaded, "99099")
    assert (
        vergleichsbericht.rangtafel(s, vergleichsbericht.plaetze(s, 1)) is None
        and vergleichsbericht.index(s, "", 1) is None
    )
    assert vergleichsbericht.aehnlich(s) is None and vergleichsbericht.rangbild(s, "arbeitslosenquote", 1) is None
    assert "liegen keine Zahlen vor" in said(vergleichsbericht.vergleichssatz(s, vergleichsbericht.plaetze(s, 1)))


def test_ranks_of_gemeinden_leave_out_those_that_are_too_small(loaded):
    s = profil(loaded, "99099", "99099004")
    text = every_text(
        vergleichsbericht.rangtafel(s, vergleichsbericht.plaetze(s, 1)),
        vergleichsbericht.rangbild(s, "arbeitslosenanteil_15_64", 1),
    )
    assert "von 27" in text and "von 30" not in text
    assert not any(small in text for small in ("Schnürroda", "Süßholzroda", "Würfelstedt"))
