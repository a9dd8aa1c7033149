"""Goals at a reference date, on a small catalogue whose answers can be counted by hand, and for any tree."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.ziele import frist as fristen
from analysis.ziele.auswertung import (
    LAGE,
    aenderungen,
    lebenslagen,
    nach_feld,
    nach_stelle,
    plus_monate,
    tabelle,
)
from analysis.ziele.katalog import Aenderung, Ebene, Stelle, Ziel, Zielkatalog
from analysis.ziele.pruefung import aehnliche, ohne_oberziel, ohne_unterbau, smart
from analysis.ziele.verlauf import umsetzung

TAG = dt.date(2025, 1, 31)


def katalog(*ziele: Ziel) -> Zielkatalog:
    return Zielkatalog(
        kreis="99099",
        titel="Strategie",
        stand=TAG,
        quelle="Strategie",
        ebenen=(
            Ebene("ziel", "Ziel", "Ziele", ("ziel",)),
            Ebene("massnahme", "Maßnahme", "Maßnahmen", ("ziel",), True),
        ),
        felder=(),
        stellen=(Stelle("Amt A", ("Amt 1",)), Stelle("Amt B")),
        ziele=ziele,
    )


def ziel(code: str, ueber: str = "", frist: str = "", **parts) -> Ziel:
    return Ziel(
        code=code,
        ebene=parts.pop("ebene", "ziel"),
        text=parts.pop("text", f"Ziel {code}"),
        ueber=ueber,
        frist=fristen.lesen(frist) if frist else None,
        **parts,
    )


@pytest.mark.parametrize(
    ("frist", "state", "lage"),
    [
        ("30.01.2025", "laufend", "ueberfaellig"),
        ("31.01.2025", "laufend", "bald"),  # the day itself is not too late
        ("30.01.2025", "geplant", "ueberfaellig"),
        ("30.01.2025", "", "unbekannt"),
        ("30.01.2025", "zurueckgestellt", "zurueckgestellt"),
        ("30.01.2025", "erledigt", "abgeschlossen"),
        ("30.01.2025", "aufgegeben", "abgeschlossen"),
        ("31.07.2025", "laufend", "bald"),
        ("01.08.2025", "laufend", "spaeter"),
        ("31.01.2026", "laufend", "spaeter"),
        ("01.02.2026", "laufend", "danach"),
        ("jährlich zum 30.01.", "laufend", "spaeter"),
        ("bedingt, sobald", "laufend", "ohne"),
        ("", "laufend", "ohne"),
    ],
)
def test_where_a_deadline_stands(frist, state, lage):
    table = tabelle(katalog(ziel("1", frist=frist, umsetzung=state)), TAG)
    assert table.lage.tolist() == [lage] and lage in LAGE


def test_months_end_with_the_month():
    assert plus_monate(dt.date(2025, 8, 31), 6) == dt.date(2026, 2, 28)
    assert plus_monate(dt.date(2024, 2, 29), -12) == dt.date(2023, 2, 28)


def test_the_state_on_a_day_is_that_of_the_last_change_before():
    z = ziel(
        "1",
        umsetzung="erledigt",
        verlauf=(
            Aenderung(dt.date(2024, 1, 1), "a", von="geplant", auf="laufend"),
            Aenderung(dt.date(2024, 3, 1), "b", was="frist", von="x", auf="y"),
            Aenderung(dt.date(2024, 6, 1), "c", von="laufend", auf="erledigt"),
        ),
    )
    days = [dt.date(2023, 12, 31), dt.date(2024, 1, 1), dt.date(2024, 5, 31), dt.date(2024, 6, 1)]
    assert [umsetzung(z, day, TAG) for day in days] == ["geplant", "laufend", "laufend", "erledigt"]
    assert umsetzung(ziel("1", umsetzung="laufend"), dt.date(2000, 1, 1), TAG) == "laufend"
    changes = aenderungen(katalog(z), dt.date(2024, 1, 1), dt.date(2024, 6, 1))
    assert changes.grund.tolist() == ["c", "b"]  # the first day is not in, the last one is


def test_progress_counts_what_has_nothing_below():
    table = tabelle(
        katalog(
            ziel("1", zustaendig=("Amt 1",), lebenslage="Familie"),
            ziel("1.1", "1"),
            ziel("1.1.1", "1.1", umsetzung="erledigt", zustaendig=("Amt B", "Amt A")),
            ziel("1.1.2", "1.1", umsetzung="laufend"),
            ziel("1.2", "1"),
            ziel("2"),
        ),
        TAG,
    ).set_index("code")
    assert table.unten.to_dict() == {"1": 3, "1.1": 2, "1.1.1": 0, "1.1.2": 0, "1.2": 0, "2": 0}
    assert (table.unten_erledigt["1"], table.unten_gemeldet["1"], table.tiefe["1.1.1"]) == (1, 2, 2)
    assert table.stellen.to_dict()["1.1.2"] == ("Amt A",) and table.stellen["1.1.1"] == ("Amt B", "Amt A")
    assert table.lebenslage["1.2"] == "Familie" and table.lebenslage["2"] == ""
    each = nach_stelle(table.reset_index())
    assert each.groupby("stelle").code.count().to_dict() == {"": 1, "Amt A": 5, "Amt B": 1}


@st.composite
def trees(draw):
    """Catalogue with any tree: each goal stands below an earlier one or below none."""
    count = draw(st.integers(1, 12))
    parents = [draw(st.integers(-1, n - 1)) for n in range(count)]
    states = draw(st.lists(st.sampled_from(["", "geplant", "laufend", "erledigt"]), min_size=count, max_size=count))
    return katalog(
        *(
            ziel(str(n), "" if parent < 0 else str(parent), umsetzung=state)
            for n, (parent, state) in enumerate(zip(parents, states, strict=True))
        )
    )


@settings(deadline=None, max_examples=40)
@given(made=trees())
def test_for_any_tree(made):
    table = tabelle(made, TAG)
    assert (table.unten_erledigt <= table.unten_gemeldet).all() and (table.unten_gemeldet <= table.unten).all()
    ends = ~table.code.isin(table.ueber)
    assert (table.unten[ends] == 0).all() and (table.unten[~ends] > 0).all()
    top = table[(table.ueber == "") & ~ends]
    alone = ((table.ueber == "") & ends).sum()
    assert top.unten.sum() + alone == ends.sum()
    assert nach_feld(table).to_numpy().sum() == len(table)
    assert set(ohne_unterbau(made, table).code) == set(table.code[ends])


def test_what_goals_lack():
    made = katalog(
        ziel("1", text="Gleich"),
        ziel("2", text="Gleich", zustaendig=("Amt A",)),
        ziel("3", frist="bedingt, sobald", indikatoren=("arbeitslosenquote",)),
        ziel("4", ebene="massnahme"),
    )
    table = tabelle(made, TAG)
    there = smart(table).set_index("code")
    assert there.konkret.tolist() == [False, False, True, True]
    assert there.zustaendig.tolist() == [False, True, False, False]
    assert there.terminiert.tolist() == there.messbar.tolist() == [False, False, True, False]
    assert ohne_oberziel(made, table).code.tolist() == ["1", "2", "3", "4"]


def test_alike_are_texts_not_parents():
    made = katalog(
        ziel("1", text="Die Bürger werden über Leistungen informiert."),
        ziel("1.1", "1", text="Die Bürger werden über Leistungen informiert."),
        ziel("2", text="Die Bürger werden über Leistungen informiert."),
        ziel("3", text="Busse fahren öfter."),
    )
    pairs = aehnliche(tabelle(made, TAG))
    assert pairs[["code", "code_zweit"]].to_numpy().tolist() == [["1", "2"], ["1.1", "2"]]
    assert (pairs.aehnlichkeit == 1).all() and aehnliche(tabelle(katalog(ziel("1")), TAG)).empty


def test_lebenslagen_count_goals():
    import pandas as pd

    table = tabelle(katalog(ziel("1", lebenslage="Wohnen"), ziel("1.1", "1"), ziel("2")), TAG)
    both = lebenslagen(table, pd.DataFrame({"lebenslage": ["Wohnen", "Familie"], "strategien": [8, 14]}))
    assert both.ziele.tolist() == [2, 0]


def test_a_part_of_the_tree_is_no_other_tree():
    """The order of the goals in the file changes no number."""
    goals = [ziel("1"), ziel("1.1", "1", umsetzung="erledigt"), ziel("1.2", "1", frist="31.03.2025")]
    first = tabelle(katalog(*goals), TAG).set_index("code")
    second = tabelle(katalog(*reversed(goals)), TAG).set_index("code").loc[first.index]
    assert first.drop(columns="frist").equals(second.drop(columns="frist"))
