"""Which areas of a Kreis may show their age groups, so that no other area's can be computed from them."""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.kleinezahlen import GRUPPENBREITEN
from analysis.regelwerk import Regelwerk

Summe = tuple[Sequence[str], Sequence[str]]
"""Areas that are together exactly some other areas."""

Limits = tuple[int, int]
"""Least persons of a group, least residents of an area."""

MELDEREGISTER = "melderegister"
"""Source of the age groups."""


def widths(
    personen: pd.DataFrame,
    summen: dict[dt.date, list[Summe]],
    kreis: str,
    ohne: pd.DataFrame | None,
    regeln: Regelwerk,
    frueher: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Width of the age groups that each area may show on each day.

    Parameters
    ----------
    personen
        Residents of all areas of the Kreis and of the Kreis itself: `stichtag`, `raum`, `alter` (first year of groups
        of 5 years), `geschlecht`, `personen`.
    summen
        Per day what adds up to what (`kreiszellen.sums`).
    kreis
        Key of the Kreis; it is always shown.
    ohne
        `ags`, `stichtag` of areas that must show none.
    regeln
        Rule of each source; that of the Melderegister counts here.
    frueher
        `raum`, `stichtag`, `breite` of age groups that earlier reports showed: they are known, and taken for today's.

    Returns
    -------
    pandas.DataFrame
        `raum`, `stichtag`, `breite` (years) of the areas that may show their age groups. What is left of a sum when all
        that is shown of it is taken away, may itself be shown: it has enough residents and no group of too few. Where
        it may not, the smallest area shows wider groups, or none.
    """
    limits = regeln.of(MELDEREGISTER).kleinste, regeln.mindesteinwohner
    before = {} if frueher is None else frueher.groupby(["stichtag", "raum"]).breite.min().to_dict()
    never = set() if ohne is None else set(zip(ohne.ags, ohne.stichtag, strict=True))
    found = []
    for day, rows in personen.groupby("stichtag"):
        tables = {width: _wide(rows, width) for width in GRUPPENBREITEN}
        own = {raum: 0 for raum in tables[GRUPPENBREITEN[0]].index}
        for width in reversed(GRUPPENBREITEN):
            allowed = _may_be_shown(tables[width], limits)
            own |= {raum: width for raum in allowed.index[allowed] if (raum, day) not in never or raum == kreis}
        told = {raum: before.get((day, raum), 0) for raum in own}
        chosen = _consistent(own, told, tables, summen.get(day, []), kreis, limits)
        found += [(raum, day, width) for raum, width in chosen.items() if width]
    return pd.DataFrame(found, columns=["raum", "stichtag", "breite"])


def _may_be_shown(table: pd.DataFrame, limits: Limits) -> pd.Series:
    """Areas with enough residents of which no group counts too few."""
    least, residents = limits
    few = ((table > 0) & (table < least)).any(axis=1)
    return ~few & table.notna().all(axis=1) & (table.sum(axis=1) >= residents)


def _consistent(
    own: dict[str, int],
    told: dict[str, int],
    tables: dict[int, pd.DataFrame],
    summen: list[Summe],
    kreis: str,
    limits: Limits,
) -> dict[str, int]:
    """Widths by area (0: not shown) under which no forbidden remainder can be computed, with what was told before."""
    chosen = dict(own)
    people = tables[GRUPPENBREITEN[0]].sum(axis=1)
    while True:
        known = {raum: min(filter(None, (width, told[raum])), default=0) for raum, width in chosen.items()}
        step = next(
            (
                (width, smallest)
                for width in GRUPPENBREITEN
                for summe in [*summen, *_mixed(known, summen, kreis, width)]
                if (smallest := _to_widen(known, told, tables[width], people, summe, kreis, width, limits))
            ),
            None,
        )
        if step is None:
            return chosen
        width, raum = step
        wider = [w for w in GRUPPENBREITEN if w > width]
        chosen[raum] = wider[0] if wider else 0


def _wide(rows: pd.DataFrame, width: int) -> pd.DataFrame:
    """Areas × groups of a width and sex; NaN for areas of which a group is not known."""
    groups = [rows.raum, rows.alter // width * width, rows.geschlecht]
    wide = rows.personen.groupby(groups).sum().unstack([1, 2])
    unknown = rows.personen.isna().groupby(rows.raum).any()
    return wide.mask(unknown.reindex(wide.index), np.nan, axis=0) if unknown.any() else wide


def _mixed(chosen: dict[str, int], summen: list[Summe], kreis: str, width: int) -> list[Summe]:
    """The Kreis as its shown Planungsraeume and the Gemeinden of the others."""
    inner = [(parts, totals) for parts, totals in summen if kreis not in totals]
    areas = []
    for parts, totals in inner:
        areas += totals if all(0 < chosen.get(t, 0) <= width for t in totals) else parts
    return [(areas, [kreis])] if inner else []


def _to_widen(
    known: dict[str, int],
    told: dict[str, int],
    table: pd.DataFrame,
    people: pd.Series,
    summe: Summe,
    kreis: str,
    width: int,
    limits: Limits,
) -> str | None:
    """Smallest area of a sum that must not show groups of this width; None if nothing forbidden can be computed."""
    parts, totals = summe
    everything = [*parts, *totals]
    if not set(everything) <= set(table.index):
        return None
    shown = [raum for raum in everything if 0 < known[raum] <= width]
    hidden = [[raum for raum in side if raum not in shown] for side in (parts, totals)]
    if all(hidden) or not any(hidden):
        return None
    rest = table.loc[hidden[0] or hidden[1]].sum(skipna=False)
    candidates = [raum for raum in shown if raum != kreis and not 0 < told[raum] <= width]
    if rest.isna().any() or not candidates or _may_be_shown(rest.to_frame().T, limits).all():
        return None
    return min(candidates, key=lambda raum: (people[raum], raum))
