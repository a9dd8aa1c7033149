"""An attack on the reports of the example Kreis: all that they show of it, put together, gives no secret away."""

import datetime as dt
from functools import cached_property

import numpy as np
import pandas as pd
import pytest
import yaml
from conftest import ROOT
from scipy.optimize import linprog

from analysis import gruppenwerte, indicators, innenprofil, kreisprofil, raumwerte
from analysis.catalogue import katalog
from analysis.store import Store

MINDESTENS_PERSONEN, MINDESTENS_EINWOHNER = 3, 300
KREIS = yaml.safe_load((ROOT / "analysis" / "example" / "musterkreis.yaml").read_text(encoding="utf-8"))
GEMEINDEN = [gemeinde["ags"] for gemeinde in KREIS["gemeinden"]]
ADDS_UP = [
    (f"{begin}bevoelkerung", [f"{begin if begin else 'bevoelkerung_'}{age}" for age in ("unter_18", "18_64", "ab_65")])
    for begin in ("", "melderegister_")
] + [("arbeitslose", ["arbeitslose_sgb2", "arbeitslose_sgb3"]),
     ("bevoelkerung", ["bevoelkerung_maennlich", "bevoelkerung_weiblich"])]  # fmt: skip
ALWAYS_SHOWN = ("bevoelkerung", "melderegister_bevoelkerung", "bevoelkerung_zensus")
COUNTED = [i for i in katalog().indikatoren.values() if i.art in ("anteil", "verhaeltnis", "rate")]


def members(day: dt.date) -> dict[str, list[str]]:
    """Gemeinden of every area that is made of whole ones, as the example's own description says."""
    found = {"99099": GEMEINDEN, **{ags: [ags] for ags in GEMEINDEN}}
    for raum in KREIS["planungsraeume"]:
        if raum["ab"] <= day <= raum.get("bis", dt.date.max) and all(len(m) == 8 for m in raum["mitglieder"]):
            found[raum["schluessel"]] = raum["mitglieder"]
    return found


def published() -> pd.DataFrame:
    """Every value with its counts that reports 01, 02, 03 and 06 get for the Kreis and all its areas."""
    shown = [kreisprofil.load("99099").reihen]
    shown = [shown[0][shown[0].ags == "99099"]]
    shown += [kreisprofil.load("99099", raum).reihen for raum in ("99099001", "99099.nord")]
    shown += [innenprofil.load("99099", ebene).reihen for ebene in ("gemeinde", "planungsraum")]
    shown.append(gruppenwerte.load("99099", "gemeinde", "kreis").reihen)
    return pd.concat(shown)[list(indicators.COLUMNS)]


def raw() -> pd.DataFrame:
    """All values of the Gemeinden and Planungsraeume with nothing withheld, and the residents of each."""
    with Store() as store:
        tables = [raumwerte.observations(store, "99099", ebene) for ebene in ("gemeinde", "planungsraum")]
    residents = kreisprofil.einwohner(pd.concat(tables))
    werte = pd.concat([indicators.compute(table, katalog()) for table in tables])
    return werte.assign(einwohner=werte.ags.map(residents))


@pytest.fixture
def all_shown(loaded):
    return loaded(published)


def test_reports_made_alone_agree_on_what_is_withheld(all_shown):
    """01 and 02 of one area, of another, and 06 of both levels: each row has one state, whoever shows it."""
    rows = all_shown[all_shown.ags != "99099"].assign(hidden=lambda t: t.anteil.isna())
    states = rows.groupby(["ags", "stichtag", "indikator"]).hidden.agg(["nunique", "size"])
    twice = states[states["size"] > 1]
    assert len(twice) > 2000 and (twice["nunique"] == 1).all()


class Attack:
    """What is known of the counts of the Gemeinden on one day, as a linear program over all of them."""

    def __init__(self, rows: pd.DataFrame, day: dt.date):
        self.areas, self.number, self.left, self.right, self.most = members(day), {}, [], [], []
        indikatoren = {i.id: i for i in COUNTED}
        for row in rows.itertuples():
            if row.indikator not in indikatoren or row.ags not in self.areas:
                continue
            aus, known = indikatoren[row.indikator].aus, not np.isnan(row.zaehler)
            same_day = row.nenner_stichtag == day
            parts = {g: self.areas[row.ags] for g in (*aus["zaehler"], *(aus["nenner"] if same_day else ()))}
            for groesse, gemeinden in parts.items():
                for ags in gemeinden:
                    self.number.setdefault((groesse, ags), len(self.number))
            if known:
                self.equal(aus["zaehler"], self.areas[row.ags], row.zaehler)
                if same_day:
                    self.equal(aus["nenner"], self.areas[row.ags], row.nenner)
            if same_day and indikatoren[row.indikator].art == "anteil" and row.ags in GEMEINDEN:
                self.at_most(aus["zaehler"], aus["nenner"], row.ags)
        groessen = {groesse for groesse, _ in self.number}
        for total, parts in ADDS_UP:
            if {total, *parts} <= groessen:
                for ags in GEMEINDEN:
                    self.left.append({self.number[p, ags]: 1 for p in parts} | {self.number[total, ags]: -1})
                    self.right.append(0)

    def equal(self, groessen, gemeinden, value):
        self.left.append({self.number[g, ags]: 1 for g in groessen for ags in gemeinden})
        self.right.append(value)

    def at_most(self, above, below, ags):
        row = {}
        for g, sign in [(g, 1) for g in above] + [(g, -1) for g in below]:
            row[self.number[g, ags]] = row.get(self.number[g, ags], 0) + sign
        self.most.append(row)

    def matrix(self, rows):
        from scipy.sparse import csr_matrix

        place = [(n, column, value) for n, row in enumerate(rows) for column, value in row.items()]
        line, column, value = zip(*place, strict=True) if place else ((), (), ())
        return csr_matrix((value, (line, column)), shape=(len(rows), len(self.number)))

    @cached_property
    def known(self) -> dict:
        """Equations and limits as a linear program takes them."""
        limits = {"A_ub": self.matrix(self.most), "b_ub": np.zeros(len(self.most))} if self.most else {}
        return {"A_eq": self.matrix(self.left), "b_eq": self.right, **limits}

    def bounds(self, factors: dict[tuple[str, str], int]) -> tuple[float, float]:
        cost = np.zeros(len(self.number))
        for key, factor in factors.items():
            cost[self.number[key]] += factor
        found = []
        for sign in (1, -1):
            solved = linprog(sign * cost, method="highs", **self.known)
            assert solved.status in (0, 3)
            found.append(-np.inf * sign if solved.status == 3 else sign * solved.fun)
        return found[0], found[1]


def test_nobody_can_compute_a_secret_count_from_all_reports_together(all_shown, loaded):
    """Bounds of every secret count of a Gemeinde reach as far below and above it as the minimum count."""
    table = loaded(raw)
    rest = table.nenner - table.zaehler
    few = table.zaehler.between(1, MINDESTENS_PERSONEN - 1)
    almost = (table.intervall == "wilson") & rest.between(1, MINDESTENS_PERSONEN - 1)
    small = (table.einwohner < MINDESTENS_EINWOHNER) & (table.zaehler > 0)
    indikatoren = {i.id: i for i in COUNTED}
    secret = table[(few | almost | small) & table.ags.isin(GEMEINDEN) & table.indikator.isin(indikatoren)]
    narrow, attacked = [], 0
    for day, rows in secret.groupby("stichtag"):
        attack = Attack(all_shown[all_shown.stichtag == day], day)
        for row in rows.itertuples():
            i = indikatoren[row.indikator]
            if set(i.aus["zaehler"]) & set(ALWAYS_SHOWN):
                continue
            target = {(g, row.ags): 1 for g in i.aus["zaehler"]}
            value, whole = row.zaehler, row.nenner if i.art == "anteil" else np.inf
            low, high = attack.bounds(target)
            attacked += 1
            need = max(0, value - MINDESTENS_PERSONEN), min(value + MINDESTENS_PERSONEN, whole)
            if low > need[0] + 1e-6 or high < need[1] - 1e-6:
                narrow.append((row.ags, str(day), row.indikator, value, whole, low, high))
    assert narrow == []
    assert attacked > 200
