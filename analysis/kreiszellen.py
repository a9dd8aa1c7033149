"""The counts of a Kreis and its areas as cells of one system: what adds up to what, and what the rule forbids."""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from analysis import planungsraeume
from analysis.catalogue import Indikator, Katalog
from analysis.disclosure.tabelle import Zellensystem
from analysis.einwohner import einwohner
from analysis.gebietswechsel import merged_into
from analysis.kreisfrueher import base, mergers, states, with_earlier
from analysis.kreisreste import counted, counted_twice, quantities, rests, room, together
from analysis.melderegister import by_ortsteil
from analysis.regelwerk import Regelwerk

COLUMNS = ["ags", "stichtag", "groesse"]

EINWOHNERZAHLEN = ("bevoelkerung", "melderegister_bevoelkerung", "bevoelkerung_zensus", "bevoelkerung_umgerechnet")
"""Quantities that are shown of every area, however small."""


def cells_of(
    tables: dict[str, pd.DataFrame], catalogue: Katalog, regeln: Regelwerk, frueher: Sequence[pd.DataFrame] = ()
) -> pd.DataFrame:
    """Counts that indicators are made of, of all areas and days, and which of them the rules forbid to show.

    Returns
    -------
    pandas.DataFrame
        `ags`, `stichtag`, `groesse`, `ebene`, `wert` (NaN where the source keeps it secret), `kleinste` (count that may
        be shown), `rundung` (multiple to which its sources round; 0 where they withhold), `klein` (whether the area has
        too few residents), `primaer` (forbidden), `fest` (shown whatever happens), `offen` (a count of 0 that is shown
        if all can be protected), `gewicht` (more for large areas and for counts that many indicators need), `raum` (how
        much larger the count can be at most). What is left of a whole is a cell of its own (`rest:…`) where it is
        small. What one source must not say of an area, another that counts the same people must not say either. With
        earlier reports (`ausgaben.earlier`) also `bedarf`, `frueher_geheim`, `mindestens` and `hoechstens`, see
        `kreisfrueher.with_earlier`.
    """
    indikatoren, used = counted(catalogue), uses(catalogue)
    found = _with_kreis(counts_of(tables, catalogue))
    found = found.assign(kleinste=regeln.kleinste(found.quelle), rundung=regeln.rundung(found.quelle))
    people = einwohner(pd.concat(tables.values(), ignore_index=True))
    residents = found.ags.map(people).astype(float).fillna(0)
    area = found.ebene != "kreis"
    population = found.groesse.isin(EINWOHNERZAHLEN)
    few = found.wert.between(1, found.kleinste - 1)
    small = residents < regeln.mindesteinwohner
    found = found.assign(
        klein=area & small,
        primaer=area & ~population & found.wert.notna() & (few | (small & (found.wert > 0))),
        fest=~area | population,
        offen=(found.wert == 0) & regeln.nullen(found.quelle) & (found.rundung == 0),
        gewicht=np.sqrt(residents.clip(lower=1)) * found.groesse.map(used) * np.where(found.wert == 0, 2, 1),
    )
    wide = found.pivot(index=["ags", "stichtag"], columns="groesse", values=["wert", "kleinste", "rundung"])
    sums = [_of_several(found, wide, i) for i in indikatoren if len(i.aus["zaehler"]) > 1]
    found["primaer"] |= np.logical_or.reduce([np.zeros(len(found), bool), *sums]) & ~found.fest
    twice = pd.MultiIndex.from_frame(counted_twice(found[found.primaer], catalogue))
    found["primaer"] |= pd.MultiIndex.from_frame(found[COLUMNS]).isin(twice) & ~found.fest & found.wert.notna()
    levels = found.drop_duplicates("ags").set_index("ags").ebene
    found = with_earlier(found.drop(columns="quelle"), frueher)
    known = found.pivot(index=["ags", "stichtag"], columns="groesse", values="fest").reindex_like(wide.wert)
    left = rests(wide, known.eq(True), levels, catalogue).assign(
        bedarf=True, frueher_geheim=False, mindestens=0.0, hoechstens=np.inf
    )
    cells = _concerned(pd.concat([found, left], ignore_index=True), catalogue)
    truths = dict.fromkeys(["primaer", "fest", "offen", "klein", "bedarf", "frueher_geheim"], bool)
    return cells.astype(truths).assign(raum=room(cells, catalogue))


def uses(catalogue: Katalog) -> pd.Series:
    """How many indicators need each quantity."""
    return pd.Series([g for i in counted(catalogue) for g in i.groessen]).value_counts()


def counts_of(tables: dict[str, pd.DataFrame], catalogue: Katalog) -> pd.DataFrame:
    """Counts of all levels that indicators are made of (`COLUMNS`, `ebene`, `wert`, `quelle`), secret ones unvalued."""
    found = pd.concat([t.assign(ebene=e) for e, t in tables.items()], ignore_index=True)
    found = found[found.groesse.isin(uses(catalogue).index) & (found.wert.notna() | (found.grund == "geheim"))]
    return found[[*COLUMNS, "ebene", "wert", "quelle"]].astype({"wert": float})


def _with_kreis(found: pd.DataFrame) -> pd.DataFrame:
    """Counts, and that of the whole Kreis where only its Gemeinden have some: others publish it, as number or rate."""
    keys = ["stichtag", "groesse"]
    known = found[found.ebene.isin(["gemeinde", "planungsraum"])].sort_values("ebene").groupby(["ebene", *keys]).wert
    total = known.agg(["sum", "size", "count"]).reset_index()
    total = total[total["size"] == total["count"]].drop_duplicates(keys)  # of Gemeinden before Planungsraeume
    there = pd.MultiIndex.from_frame(found.loc[found.ebene == "kreis", keys])
    total = total[~pd.MultiIndex.from_frame(total[keys]).isin(there)]
    own = found.ags.iloc[0][:5] if len(found) else ""
    total = total.assign(ags=own, ebene="kreis", wert=total["sum"], quelle="")
    return pd.concat([found, total[[*COLUMNS, "ebene", "wert", "quelle"]]], ignore_index=True)


def _concerned(cells: pd.DataFrame, catalogue: Katalog) -> pd.DataFrame:
    """Only days and quantities at which something is withheld, with all quantities that add up with it."""
    sums = quantities(catalogue)
    sums = sums[sums.groesse.isin(cells.groesse)]
    sums = sums[sums.groupby("summe").groesse.transform("size") == sums.anzahl]
    names, place = np.unique([*base(cells.groesse), *sums.summe], return_inverse=True)
    of_cell, of_sum = place[: len(cells)], place[len(cells) :]
    member = np.searchsorted(names, sums.groesse.to_numpy(str))
    graph = sparse.csr_matrix((np.ones(len(sums)), (of_sum, member)), shape=(len(names), len(names)))
    group = connected_components(graph, directed=False)[1][of_cell]
    secret = cells.primaer | cells.wert.isna() | cells.frueher_geheim
    keys = pd.MultiIndex.from_arrays([cells.stichtag, group])
    return cells[keys.isin(keys[secret].unique())].reset_index(drop=True)


def _of_several(found: pd.DataFrame, wide: pd.DataFrame, indikator: Indikator) -> np.ndarray:
    """Parts of a numerator of several quantities that is too small as a whole."""
    parts = indikator.aus["zaehler"]
    total = together(wide.wert, tuple(parts))
    if total.isna().all():
        return np.zeros(len(found), bool)
    few = total.index[total.between(1, wide.kleinste[list(parts)].max(axis=1) - 1)]
    keys = pd.MultiIndex.from_frame(found[["ags", "stichtag"]])
    return (found.groesse.isin(parts) & keys.isin(few) & (found.wert > 0)).to_numpy()


def equations(
    cells: pd.DataFrame,
    bestaende: dict[str, pd.DataFrame],
    catalogue: Katalog,
    frueher: Sequence[pd.DataFrame] = (),
) -> Zellensystem:
    """Everything that adds up among the cells: areas of each quantity, quantities of each area, today and before.

    A difference between a total and its parts counts as known to everybody.
    """
    found, last = [], 0
    for numbered in states(cells, frueher):
        by_area = numbered.merge(_areas(numbered, bestaende), on=["stichtag", "ags"])
        by_quantity = numbered.merge(quantities(catalogue), on="groesse")
        for rows in (
            _complete(by_area, ["stichtag", "summe", "groesse"]),
            _complete(by_quantity, ["stichtag", "summe", "ags"]),
        ):
            found.append(rows.assign(gleichung=rows.gleichung + last))
            last += int(rows.gleichung.max() + 1) if len(rows) else 0
    if "umstieg" in bestaende:
        joined = mergers(cells, merged_into(bestaende["umstieg"]))
        found.append(joined.assign(gleichung=joined.gleichung + last))
    both = pd.concat(found)
    number = pd.factorize(both.gleichung)[0]
    matrix = sparse.csr_matrix(
        (both.zeichen.to_numpy(float), (number, both.zelle.to_numpy())), shape=(number.max(initial=-1) + 1, len(cells))
    )
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    if len(frueher):
        matrix = _distinct(matrix)
    return Zellensystem(cells.set_index(COLUMNS)[["wert"]], matrix, np.zeros(matrix.shape[0]))


def _distinct(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    """Every equation once."""
    weights = np.random.default_rng(1).random((matrix.shape[1], 2))
    _, first = np.unique(np.round(matrix @ weights, 9), axis=0, return_index=True)
    return matrix[np.sort(first)]


def _complete(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Rows of the sums of which every part and total is a cell, numbered; without those that cannot be true.

    Known parts that are more than the total, beside secret ones, are not counted in the same way as the total.
    """
    grouped = rows.assign(
        gleichung=rows.groupby(keys, sort=False).ngroup(), summand=rows.zeichen * rows.wert, geheim=rows.wert.isna(),
        geheim_oben=rows.wert.isna() & (rows.zeichen < 0),
    ).groupby("gleichung")  # fmt: skip
    rows = grouped.obj
    whole = grouped.zelle.transform("size") == rows.anzahl
    above = grouped.summand.transform("sum") > 0
    untrue = above & grouped.geheim.transform("any") & ~grouped.geheim_oben.transform("any")
    return rows[whole & ~untrue]


def _areas(cells: pd.DataFrame, bestaende: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Areas that add up on each day: `stichtag`, `summe`, `ags`, `zeichen`, `anzahl` (of parts and totals)."""
    tables = [
        _sum(day, n, parts, totals)
        for day, found in sums(cells, bestaende).items()
        for n, (parts, totals) in enumerate(found)
    ]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=_SUM)


def sums(areas: pd.DataFrame, bestaende: dict[str, pd.DataFrame]) -> dict[dt.date, list[tuple[list, list]]]:
    """Areas that are together exactly some other areas, on each day: parts and totals.

    Parameters
    ----------
    areas
        `ags`, `stichtag`, `ebene` (`kreis`, `gemeinde`, `planungsraum`).
    bestaende
        `gemeinden`, `ortsteile`, `planungsraeume` of the store.
    """
    kreis = areas.ags[areas.ebene == "kreis"].unique()
    mine = bestaende["planungsraeume"]
    mine = mine[mine.kreis.isin(kreis)]
    known, found = {}, {}
    for day in sorted(areas.stichtag.unique()):
        gemeinden, raeume = _gemeinden(areas, bestaende["gemeinden"], day), planungsraeume.members(mine, day)
        ortsteile = by_ortsteil(bestaende["ortsteile"], [day]).ortsteil
        state = (tuple(gemeinden), tuple(raeume.planungsraum + raeume.mitglied), tuple(ortsteile))
        if state not in known:  # most days have the same areas
            unions = _equal_unions(raeume, ortsteile, gemeinden)
            whole = {ags for parts, _ in unions for ags in parts} == set(gemeinden) and len(kreis) == 1
            across = [(sorted(raeume.planungsraum.unique()), list(kreis))] if whole else []
            known[state] = [(gemeinden, [key]) for key in kreis] + across + unions
        found[day] = known[state]
    return found


_SUM = ["stichtag", "summe", "ags", "zeichen", "anzahl"]


def _sum(day: dt.date, name: int, parts: list[str], totals: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "stichtag": day,
            "summe": name,
            "ags": [*parts, *totals],
            "zeichen": [1] * len(parts) + [-1] * len(totals),
            "anzahl": len(parts) + len(totals),
        }
    )


def _gemeinden(cells: pd.DataFrame, verzeichnis: pd.DataFrame, day: dt.date) -> list[str]:
    """Gemeinden of a day by the newest Gemeindeverzeichnis up to it, else the first; without any, all with counts."""
    known = sorted(cells.ags[cells.ebene == "gemeinde"].unique())
    mine = verzeichnis[verzeichnis.ags.str[:5].isin({ags[:5] for ags in known})]
    if mine.empty:
        return known
    stand = max((s for s in mine.stand if s <= day), default=mine.stand.min())
    return sorted(mine.ags[mine.stand == stand])


def _equal_unions(raeume: pd.DataFrame, ortsteile: pd.Series, gemeinden: list[str]) -> list[tuple[list, list]]:
    """Smallest groups of Gemeinden that are exactly some Planungsraeume together."""
    raeume = raeume[raeume.mitglied.str[:8].isin(gemeinden)]
    if raeume.empty:
        return []
    pairs = raeume.assign(gemeinde=raeume.mitglied.str[:8])
    names = sorted({*pairs.gemeinde, *pairs.planungsraum})
    place = {name: n for n, name in enumerate(names)}
    rows, columns = pairs.gemeinde.map(place), pairs.planungsraum.map(place)
    _, group = connected_components(
        sparse.csr_matrix((np.ones(len(pairs)), (rows, columns)), shape=(len(names), len(names))), directed=False
    )
    pairs["gruppe"] = group[rows]
    found = []
    for _, rows in pairs.groupby("gruppe"):
        whole = set(rows.mitglied[rows.mitglied.str.len() == 8])
        divided = set(rows.gemeinde) - whole
        parts = set(ortsteile[ortsteile.str[:8].isin(divided)])
        if parts == set(rows.mitglied[rows.mitglied.str.len() > 8]):
            found.append((sorted(set(rows.gemeinde)), sorted(set(rows.planungsraum))))
    return found
