"""What is left of a count when parts of it are taken away: cells of their own, because everybody can compute them."""

import pandas as pd

from analysis.catalogue import GEZAEHLT, Indikator, Katalog

REST = "rest:"
"""Begin of the name of the cells that are left of a whole."""

_ENG = 4
"""Up to so many times the minimum count a rest is a cell: a larger one leaves its parts room enough."""


def counted(catalogue: Katalog) -> list[Indikator]:
    """Indicators that are computed from counts."""
    return [i for i in catalogue.indikatoren.values() if i.art in GEZAEHLT]


def differences(catalogue: Katalog) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Name of each rest → quantities of the whole, quantities that are taken away.

    The rest of a share are those who are not counted in its numerator; others are declared in the catalogue
    (`rest_ohne`): unemployed who are neither young nor old.
    """
    shares = {
        REST + i.id: (tuple(i.aus["nenner"]), tuple(i.aus["zaehler"]))
        for i in counted(catalogue)
        if i.art == "anteil" and i.nenner_stichtag == "gleich"
    }
    declared = {
        f"{REST}{id} {n}": ((id,), tuple(parts))
        for id, groesse in catalogue.groessen.items()
        for n, parts in enumerate(groesse.rest_ohne)
    }
    return shares | declared


def quantities(catalogue: Katalog) -> pd.DataFrame:
    """Quantities that add up in each area: `summe`, `groesse`, `zeichen`, `anzahl` (of different ones)."""
    rows = []
    for id, groesse in catalogue.groessen.items():
        for n, parts in enumerate((groesse.summe_von, groesse.auch_summe_von)):
            rows += [(f"{id} {n}", part, 1) for part in parts]
            rows += [(f"{id} {n}", id, -1)] if parts else []
    for rest, (whole, parts) in differences(catalogue).items():
        rows += [(rest, part, 1) for part in whole]
        rows += [(rest, part, -1) for part in (*parts, rest)]
    table = pd.DataFrame(rows, columns=["summe", "groesse", "zeichen"])
    table = table.groupby(["summe", "groesse"], as_index=False).zeichen.sum()  # what stands on both sides goes out
    table = table[table.zeichen != 0]
    return table.assign(anzahl=table.groupby("summe").groesse.transform("size"))


def together(wide: pd.DataFrame, groessen: tuple[str, ...]) -> pd.Series:
    """Sum of quantities by area and day; NaN where one is missing."""
    if not set(groessen) <= set(wide.columns):
        return pd.Series(float("nan"), index=wide.index)
    return wide[list(groessen)].sum(axis=1, skipna=False)


def rests(wide: pd.DataFrame, bekannt: pd.DataFrame, ebenen: pd.Series, catalogue: Katalog) -> pd.DataFrame:
    """Small rests of areas as cells.

    Parameters
    ----------
    wide
        `wert`, `kleinste` and `rundung` of the counts (as `kreiszellen.cells_of`) by `ags`, `stichtag` × quantity.
    bekannt
        Which of them everybody knows whatever is withheld: what is left of such counts cannot be protected.
    ebenen
        Level by area; of the Kreis itself no rest is a secret.

    Returns
    -------
    pandas.DataFrame
        `ags`, `stichtag`, `groesse` (`rest:…`), `ebene`, `wert`, `kleinste`, `rundung` (0 where one of the parts is
        withheld rather than rounded), `klein`, `primaer`, `fest`, `gewicht` of the rests up to some times the minimum
        count: those below it must not be computed, the others bound the parts beside them.
    """
    found = []
    for name, (whole, parts) in differences(catalogue).items():
        rest = together(wide.wert, whole) - together(wide.wert, parts)
        if rest.isna().all():
            continue
        least, rounds = (frame[[*whole, *parts]] for frame in (wide.kleinste, wide.rundung))
        rest = pd.DataFrame({
            "wert": rest, "kleinste": least.max(axis=1),
            "rundung": rounds.max(axis=1).where((rounds > 0).all(axis=1), 0),
            "fest": bekannt.reindex(columns=[*whole, *parts], fill_value=False).all(axis=1),
        })  # fmt: skip
        found.append(rest[rest.wert.between(0, _ENG * rest.kleinste)].reset_index().assign(groesse=name))
    if not found:
        return pd.DataFrame()
    table = pd.concat(found, ignore_index=True)
    table = table.assign(
        ebene=table.ags.map(ebenen), klein=False, offen=False, gewicht=1e-3,
        primaer=table.wert.between(1, table.kleinste - 1) & ~table.fest,
    )  # fmt: skip
    return table[table.ebene != "kreis"]


def room(cells: pd.DataFrame, catalogue: Katalog) -> pd.Series:
    """How much larger each count can be at most: a single part by the rest of its whole, and the other way round."""
    own = [(name, parts[0]) for name, (_, parts) in differences(catalogue).items() if len(parts) == 1]
    pairs = pd.DataFrame(own, columns=["rest", "teil"])
    rest = cells[["ags", "stichtag", "groesse", "wert"]].rename(columns={"groesse": "rest", "wert": "uebrig"})
    part = cells[["ags", "stichtag", "groesse", "wert"]].rename(columns={"groesse": "teil", "wert": "anzahl"})
    both = rest.merge(pairs, on="rest").merge(part, on=["ags", "stichtag", "teil"])
    of_part = both.rename(columns={"teil": "groesse", "uebrig": "raum"})
    of_rest = both.rename(columns={"rest": "groesse", "anzahl": "raum"})
    columns = ["ags", "stichtag", "groesse"]
    least = pd.concat([of_part, of_rest])[[*columns, "raum"]].groupby(columns).raum.min()
    found = least.reindex(pd.MultiIndex.from_frame(cells[columns]))
    return pd.Series(found.to_numpy(float), index=cells.index).fillna(float("inf"))


def counted_twice(cells: pd.DataFrame, catalogue: Katalog) -> pd.DataFrame:
    """The same cells as another source counts them (`ags`, `stichtag`, `groesse`); none where no other does."""
    pairs = {id: g.auch_gezaehlt_als for id, g in catalogue.groessen.items() if g.auch_gezaehlt_als}
    pairs |= {other: id for id, other in pairs.items()}
    return cells.assign(groesse=cells.groesse.map(pairs)).dropna(subset="groesse")[["ags", "stichtag", "groesse"]]
