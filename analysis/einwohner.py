"""Residents of areas as reports need them: newest numbers, age groups, pyramids; small numbers withheld."""

import datetime as dt
from dataclasses import replace

import pandas as pd

from analysis.kleinezahlen import pyramid
from analysis.regelwerk import Regelwerk

ALTERSGRUPPEN = ["bevoelkerung_unter_18", "bevoelkerung_18_64", "bevoelkerung_ab_65"]

FUENF_JAHRE = {**{str(a): (a, a + 4) for a in range(0, 90, 5)}, "90": (90, None)}
"""Age groups of a population pyramid by their first year."""


def einwohner(observations: pd.DataFrame) -> pd.Series:
    """Newest known population of each area, official before register."""
    known = observations[observations.wert.notna()]
    found = [
        known[known.groesse == groesse]
        .sort_values("stichtag")
        .drop_duplicates("ags", keep="last")
        .set_index("ags")
        .wert
        for groesse in ("bevoelkerung", "melderegister_bevoelkerung")
    ]
    return found[0].combine_first(found[1])


def populations(own: pd.DataFrame) -> pd.DataFrame:
    """Populations by day; those of the Melderegister where the official ones do not exist (Planungsraeume)."""
    known = own[own.wert.notna()]
    official = known[known.groesse == "bevoelkerung"]
    table = official if len(official) else known[known.groesse == "melderegister_bevoelkerung"]
    return table.set_index("stichtag")[["wert", "quelle"]].sort_index()


def age_groups(observations: pd.DataFrame, vergleich: pd.DataFrame, regeln: Regelwerk) -> pd.DataFrame:
    """Counts by area at the comparison day; those of the Melderegister where there are no official ones.

    Areas with a count that is too small are left out.
    """
    prefix = "" if "anteil_unter_18" in vergleich.index else "melderegister_"
    day = vergleich.stichtag.get(f"{prefix}anteil_unter_18")
    groups = {f"{prefix}{g}" if not prefix else g.replace("bevoelkerung", "melderegister"): g for g in ALTERSGRUPPEN}
    groups[f"{prefix}bevoelkerung"] = "bevoelkerung"
    counts = observations[(observations.stichtag == day) & observations.groesse.isin(list(groups))]
    few = counts.wert.between(1, regeln.kleinste(counts.quelle) - 1) & (regeln.rundung(counts.quelle) == 0)
    counts = counts[~counts.ags.isin(counts.ags[few])]
    return counts.pivot(index="ags", columns="groesse", values="wert").rename(columns=groups)


def pyramids(residents: pd.DataFrame, regeln: Regelwerk, breiten: dict[dt.date, int] | None = None) -> pd.DataFrame:
    """Oldest and newest day of an area's residents by age and sex, each in groups that may be shown.

    `breiten` is the least width of the groups by day, a day that it lacks is not shown; None: as narrow as the counts
    of the area itself allow, and none rounded (the Kreis).
    """
    rows = residents[residents.geschlecht.isin(["m", "w"])]
    rows = rows.assign(alter=rows.gruppe.astype(int), personen=rows.personen.astype(float))
    days = sorted(rows.stichtag.unique())
    days = [day for day in dict.fromkeys([*days[:1], *days[-1:]]) if breiten is None or day in breiten]
    least = dict.fromkeys(days, 0) if breiten is None else breiten
    rule, columns = regeln.of("melderegister"), ["alter", "geschlecht", "personen"]
    rule = replace(rule, rundung=0) if breiten is None else rule
    tables = {
        day: pyramid(rows.loc[rows.stichtag == day, columns], rule, regeln.mindesteinwohner, least[day]) for day in days
    }
    shown = [table.assign(stichtag=day) for day, table in tables.items() if table is not None]
    return pd.concat(shown, ignore_index=True) if shown else pd.DataFrame()
