"""Reports that rounded, then others that round or withhold: together they tell no more than the rule allows."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp
from test_rundung import BESTAENDE, GEMEINDEN, RAEUME, TAG, areas, observations

from analysis import kreispruefung, kreissperrung
from analysis.catalogue import katalog
from analysis.disclosure.regeln import rule
from analysis.regelwerk import Regelwerk

FOLGEN = [
    ("runden_5", "kreis_3"),
    ("runden_10", "kreis_5"),
    ("runden_5", "runden_10"),
    ("runden_10", "runden_5"),
    ("kreis_3", "runden_5"),
]
counts = st.tuples(*[st.integers(0, 14)] * 4)


def interval(value: int, base: int) -> tuple[float, float]:
    """Counts that are rounded like this one; only itself without rounding."""
    rounded = (2 * value + base) // (2 * base) * base if base else value
    return (max(0, rounded - base // 2), rounded + (base - 1) // 2) if base else (value, value)


class Ausgabe:
    """Counts of four Gemeinden and what reports show of them by a rule, after earlier ones."""

    def __init__(self, counts: tuple[int, ...], regel: str, frueher: tuple = ()):
        self.regel, self.areas = rule(regel), areas(counts)
        self.true = self.areas["gemeinde"] | self.areas["planungsraum"]
        self.tables = {level: observations(of) for level, of in self.areas.items()}
        regeln = Regelwerk(self.regel, (), ())
        decided = kreissperrung._decide(self.tables, BESTAENDE, katalog(), regeln, frueher)
        self.cells, self.aufgabe, hidden = decided
        self.hidden = set(hidden.ags[hidden.groesse == "arbeitslose"])

    def recorded(self) -> pd.DataFrame:
        base = {ags: 0 if ags == "99099" else self.regel.rundung for ags in (*self.true, "99099")}
        rows = [(ags, TAG, "arbeitslose", float(n), ags not in self.hidden and not base[ags],
                 0 if ags in self.hidden else base[ags])
                for ags, n in (self.true | self.areas["kreis"]).items()]  # fmt: skip
        return pd.DataFrame(rows, columns=["ags", "stichtag", "groesse", "wert", "gezeigt", "rundung"])

    def lines(self, only_total: bool = False) -> list[tuple[np.ndarray, float, float]]:
        """What is known: which Gemeinden together are between two counts."""
        parts = {ags: [ags] for ags in GEMEINDEN} | RAEUME
        shown = {} if only_total else {ags: n for ags, n in self.true.items() if ags not in self.hidden}
        total = self.areas["kreis"]["99099"]
        return [
            (np.ones(4), total, total),
            *[(np.isin(GEMEINDEN, parts[a]).astype(float), *interval(n, self.regel.rundung)) for a, n in shown.items()],
        ]


def attack(first: Ausgabe, second: Ausgabe, place: int, only_total: bool = False) -> tuple[float, float]:
    """Bounds of one of eight counts: those of the first reports, then those of the second ones."""
    rows = [(np.r_[row, np.zeros(4)], low, high) for row, low, high in first.lines()]
    rows += [(np.r_[np.zeros(4), row], low, high) for row, low, high in second.lines(only_total)]
    rows += [(np.eye(8)[n] - np.eye(8)[4 + n], 0, 0)
             for n, ags in enumerate(GEMEINDEN) if first.true[ags] == second.true[ags]]  # fmt: skip
    limits = LinearConstraint(*(np.array(column) for column in zip(*rows, strict=True)))
    solved = [
        milp(sign * np.eye(8)[place], integrality=np.ones(8), bounds=Bounds(0, np.inf), constraints=limits)
        for sign in (1, -1)
    ]
    return round(solved[0].fun), round(-solved[1].fun)


def told(first: Ausgabe, second: Ausgabe) -> list[str]:
    """Small counts of which both together tell more than the rule and the first ones by themselves."""
    found, least = [], second.regel.kleinste
    for place, ags in enumerate([*GEMEINDEN, *GEMEINDEN]):
        true = (first if place < 4 else second).true[ags]
        if not 1 <= true < least:
            continue
        wanted = true - min(true, least), true + least
        alike = interval(true, second.regel.rundung)
        before = (0, np.inf) if ags in first.hidden else interval(true, first.regel.rundung)
        twice = first.true[ags] == true and first.regel.rundung and (before[0] > alike[0] or before[1] < alike[1])
        if second.regel.rundung and second.true[ags] == true and not twice:
            wanted = max(wanted[0], alike[0]), min(wanted[1], alike[1])
        low, high = attack(first, second, place)
        known_low, known_high = attack(first, second, place, only_total=True)
        if low > max(wanted[0], known_low) or high < min(wanted[1], known_high):
            found.append(f"{place}: {ags} {true} is {low} to {high}")
    return found


def audited(shown: Ausgabe, decided: Ausgabe) -> set[str]:
    """Areas of which the audit says that a count can be computed."""
    rows = [("arbeitslosenanteil_15_64", ags, TAG, TAG, 1.0, 1.0) for ags in shown.true if ags not in shown.hidden]
    columns = ["indikator", "ags", "stichtag", "nenner_stichtag", "zaehler", "nenner"]
    found = kreispruefung.computable(pd.DataFrame(rows, columns=columns), decided.cells, decided.aufgabe, katalog())
    return set(found.ags)


@settings(deadline=None, max_examples=20)
@given(st.sampled_from(FOLGEN), counts)
@example(("runden_5", "kreis_3"), (2, 2, 3, 4))
@example(("runden_10", "kreis_5"), (7, 9, 2, 6))
@example(("runden_5", "runden_10"), (0, 3, 1, 1))
def test_the_same_counts_by_another_rule(regeln, counts):
    first = Ausgabe(counts, regeln[0])
    second = Ausgabe(counts, regeln[1], (first.recorded(),))
    assert told(first, second) == [] and audited(second, second) == set()


@settings(deadline=None, max_examples=20)
@given(st.sampled_from(FOLGEN), counts, st.tuples(*[st.sampled_from([0, 0, 1, 2, 7])] * 4))
@example(("runden_10", "kreis_5"), (6, 0, 10, 7), (7, 1, 0, 0))
@example(("runden_5", "runden_5"), (2, 7, 11, 14), (2, 0, 0, 0))
def test_corrected_counts_by_another_rule(regeln, counts, more):
    first = Ausgabe(counts, regeln[0])
    second = Ausgabe(tuple(a + b for a, b in zip(counts, more, strict=True)), regeln[1], (first.recorded(),))
    assert told(first, second) == [] and audited(second, second) == set()


@pytest.mark.parametrize(
    ("regeln", "counts"),
    [(("runden_5", "kreis_3"), (2, 2, 3, 4)), (("runden_10", "kreis_5"), (7, 9, 2, 6)),
     (("runden_5", "runden_10"), (0, 3, 1, 1))],
)  # fmt: skip
def test_the_audit_uses_what_was_shown_rounded_before(regeln, counts):
    """A second report that knows nothing of the first one tells too much beside it."""
    first, alone = Ausgabe(counts, regeln[0]), Ausgabe(counts, regeln[1])
    second = Ausgabe(counts, regeln[1], (first.recorded(),))
    assert told(first, alone) and audited(alone, alone) == set() and audited(alone, second)
