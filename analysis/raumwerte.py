"""Figures of the areas of a Kreis, ready for `indicators.compute`: Kreis, Gemeinden, Planungsraeume or Ortsteile.

What was delivered for an area stands beside what its Melderegister counts and, for Planungsraeume, what the counts of
their Gemeinden and Ortsteile add up to.
"""

import datetime as dt

import pandas as pd

from analysis import melderegister, planungsraeume
from analysis.catalogue import Katalog, katalog
from analysis.errors import InputError
from analysis.observations import COLUMNS, KEY
from analysis.regions import level
from analysis.regions import name as region_name
from analysis.store import Store

WECHSEL = "Der Planungsraum bekam andere Grenzen"

EBENEN = ("kreis", "gemeinde", "planungsraum", "ortsteil")


def observations(store: Store, kreis: str, ebene: str, catalogue: Katalog | None = None) -> pd.DataFrame:
    """Observations of all areas of a level of a Kreis.

    Parameters
    ----------
    store
        Open indicator database.
    kreis
        Key of the Kreis.
    ebene
        `kreis`, `gemeinde`, `planungsraum` or `ortsteil`.
    catalogue
        Meaning of the quantities; the shipped one if None.

    Returns
    -------
    pandas.DataFrame
        `observations.COLUMNS`, sorted by key. A delivered value goes before a counted or summed one, also where it is
        only a reason. A missing part makes a sum missing, with its reason; several sources of a sum are joined by
        ` · `. A value of a Gemeinde that did not exist on its day (by the newest Gemeindeverzeichnis of the year up to
        it) belongs to another territorial date: it becomes the reason `sinnlos`.

    Raises
    ------
    InputError
        Another level, a key of no Kreis.
    """
    return of_levels(store, kreis, (ebene,), catalogue)[ebene]


def of_levels(
    store: Store, kreis: str, ebenen: tuple[str, ...], catalogue: Katalog | None = None
) -> dict[str, pd.DataFrame]:
    """Observations of several levels of a Kreis, each as `observations` gives them, in less time than one by one."""
    for ebene in ebenen:
        _check(kreis, ebene)
    catalogue = catalogue or katalog()
    stored = store.observations()
    stored = stored[stored.ags.str[:5] == kreis].reset_index(drop=True)
    levels = stored.ags.map({ags: level(ags) for ags in stored.ags.unique()})
    counted = _register(store, kreis, ebenen)
    return {ebene: _of_level(store, kreis, ebene, catalogue, stored, levels, counted[ebene]) for ebene in ebenen}


def _of_level(
    store: Store,
    kreis: str,
    ebene: str,
    catalogue: Katalog,
    stored: pd.DataFrame,
    levels: pd.Series,
    counted: pd.DataFrame,
) -> pd.DataFrame:
    of_gemeinden = without_strangers(stored[levels == "gemeinde"], store.bestand("gemeinden"))
    of_ortsteile = stored[levels == "ortsteil"]
    delivered = of_gemeinden if ebene == "gemeinde" else stored[levels == ebene]
    parts = [delivered, counted]
    if ebene in ("gemeinde", "planungsraum"):
        ortsteile = store.bestand("ortsteile").rename(columns={"ortsteil": "mitglied"})
        of_gemeinden = _first([of_gemeinden, _sums(of_ortsteile, _as_raeume(ortsteile, kreis), catalogue)])
        parts.append(of_gemeinden)
    if ebene == "planungsraum":
        raeume = store.bestand("planungsraeume")
        below = pd.concat([of_gemeinden, of_ortsteile], ignore_index=True)
        parts[-1] = _sums(below, raeume[raeume.kreis == kreis], catalogue)
    return _first(parts)


def altersaufbau(
    store: Store, kreis: str, ebene: str | tuple[str, ...], gruppen: dict[str, tuple[int, int | None]]
) -> pd.DataFrame:
    """Residents by age and sex of all areas of a level, as the Meldeaemter counted them.

    Parameters
    ----------
    store, kreis
        As in `observations`.
    ebene
        One level, or several at once.
    gruppen
        Age groups as `melderegister.GRUPPEN`.

    Returns
    -------
    pandas.DataFrame
        What `melderegister.count` gives by sex, for all days; empty without a Melderegister.
    """
    ebenen = (ebene,) if isinstance(ebene, str) else ebene
    for one in ebenen:
        _check(kreis, one)
    register = store.bestand("melderegister", kreis)
    areas = pd.concat([_areas(store, kreis, one, register) for one in ebenen], ignore_index=True)
    if areas.empty:
        return pd.DataFrame(columns=["stichtag", "raum", "geschlecht", "gruppe", "personen", "grund"])
    return melderegister.count(register, areas, ("geschlecht",), gruppen)


def wechsel(store: Store, kreis: str) -> pd.DataFrame:
    """Days on which a Planungsraum of the Kreis got other members: values before and after are of different areas.

    Returns
    -------
    pandas.DataFrame
        `ags` (key of the Planungsraum), `datum`, `grund`; its first day is no change.
    """
    raeume = store.bestand("planungsraeume")
    raeume = raeume[raeume.kreis == kreis]
    ends = [day + dt.timedelta(days=1) for day in raeume.bis.dropna() if day < dt.date.max]
    found = []
    for day in sorted({*raeume.ab, *ends}):
        before, after = (
            planungsraeume.members(raeume, d).groupby("planungsraum").mitglied.agg(frozenset)
            for d in (day - dt.timedelta(days=1), day)
        )
        found += [(ags, day, WECHSEL) for ags in after.index if ags in before.index and before[ags] != after[ags]]
    return pd.DataFrame(found, columns=["ags", "datum", "grund"])


def namen(store: Store, kreis: str, ebene: str) -> dict[str, str]:
    """Key → name of all areas of a level of a Kreis, as the newest delivery calls them, in the order of the names."""
    _check(kreis, ebene)
    match ebene:
        case "kreis":
            return {kreis: region_name(kreis)}
        case "gemeinde":
            table = store.bestand("gemeinden").sort_values("stand")
            named = table[table.ags.str[:5] == kreis].drop_duplicates("ags", keep="last")
            found = dict(zip(named.ags, named.name, strict=True))
        case "planungsraum":
            table = store.bestand("planungsraeume").sort_values("ab")
            named = table[table.kreis == kreis].drop_duplicates("planungsraum", keep="last")
            found = dict(zip(named.planungsraum, named.name, strict=True))
        case _:
            table = store.bestand("ortsteile")
            named = table[table.ortsteil.str[:5] == kreis].drop_duplicates("ortsteil", keep="last")
            found = dict(zip(named.ortsteil, named.name, strict=True))
    return dict(sorted(found.items(), key=lambda item: (item[1].casefold(), item[0])))


def _check(kreis: str, ebene: str) -> None:
    if ebene not in EBENEN:
        raise InputError(f"level {ebene!r}; expected one of {', '.join(EBENEN)}")
    if level(kreis) != "kreis":
        raise InputError(f"{kreis!r} is not the key of a Kreis; expected 5 digits")


def _first(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Rows of several tables; where they have the same key, that of the first one."""
    table = pd.concat([part[COLUMNS] for part in parts], ignore_index=True)
    return table.drop_duplicates(KEY).sort_values(KEY, ignore_index=True)


def without_strangers(of_gemeinden: pd.DataFrame, gemeinden: pd.DataFrame) -> pd.DataFrame:
    """Observations of Gemeinden, those of Gemeinden that did not exist on their day without value (`sinnlos`).

    Which existed tells the newest Gemeindeverzeichnis (Bestand `gemeinden`) up to the day, at most a year before; other
    days cannot be judged.
    """
    lists = gemeinden[gemeinden.ags.isin(set(of_gemeinden.ags)) | gemeinden.ags.str[:5].isin(of_gemeinden.ags.str[:5])]
    stands = pd.DataFrame({"stand": sorted(set(lists.stand))}, dtype=object)
    days = pd.DataFrame({"stichtag": sorted(set(of_gemeinden.stichtag))}, dtype=object)
    if days.empty or stands.empty:
        return of_gemeinden
    newest = pd.merge_asof(
        days.assign(tag=pd.to_datetime(days.stichtag)),
        stands.assign(tag=pd.to_datetime(stands.stand)),
        on="tag",
        tolerance=pd.Timedelta(days=366),
    )
    stand = of_gemeinden.stichtag.map(dict(zip(newest.stichtag, newest.stand, strict=True)))
    listed = pd.MultiIndex.from_frame(lists[["stand", "ags"]])
    known = pd.MultiIndex.from_arrays([stand, of_gemeinden.ags]).isin(listed)
    strange = stand.notna() & ~known & of_gemeinden.wert.notna()
    return of_gemeinden.assign(
        wert=of_gemeinden.wert.mask(strange), grund=of_gemeinden.grund.mask(strange, "sinnlos"),
        guete=of_gemeinden.guete.mask(strange, ""),
    )  # fmt: skip


def _register(store: Store, kreis: str, ebenen: tuple[str, ...]) -> dict[str, pd.DataFrame]:
    """What the Melderegister counts for the areas of each level."""
    register = store.bestand("melderegister", kreis)
    found = {ebene: _areas(store, kreis, ebene, register) for ebene in ebenen}
    areas = pd.concat(found.values(), ignore_index=True)
    if areas.empty:
        return {ebene: pd.DataFrame(columns=COLUMNS) for ebene in ebenen}
    table = melderegister.observations(register, areas)
    none = pd.DataFrame(columns=COLUMNS)
    return {ebene: table[table.ags.isin(areas.raum.unique())].astype({"ags": areas.raum.dtype}) if len(areas) else none
            for ebene, areas in found.items()}  # fmt: skip


def _areas(store: Store, kreis: str, ebene: str, register: pd.DataFrame) -> pd.DataFrame:
    """Which Ortsteile make up each area of a level on each day of the Melderegister of the Kreis (empty without)."""
    if register.empty:
        return register
    ortsteile, days = store.bestand("ortsteile", kreis), sorted(set(register.stichtag))
    match ebene:
        case "kreis":
            return melderegister.by_kreis(ortsteile, days, _gemeinden_of(store, kreis, days[-1]))
        case "gemeinde":
            return melderegister.by_gemeinde(ortsteile, days)
        case "ortsteil":
            return melderegister.by_ortsteil(ortsteile, days)
        case _:
            members = _members(store, kreis, days)
            return members if members.empty else melderegister.by_members(ortsteile, members)


def _gemeinden_of(store: Store, kreis: str, day: dt.date) -> list[str]:
    """Gemeinden of the Kreis by the newest Gemeindeverzeichnis up to a day; none if there is none."""
    table = store.bestand("gemeinden")
    table = table[(table.ags.str[:5] == kreis) & (table.stand <= day)]
    return sorted(table.ags[table.stand == table.stand.max()]) if len(table) else []


def _members(store: Store, kreis: str, days: list[dt.date]) -> pd.DataFrame:
    raeume = store.bestand("planungsraeume")
    raeume = raeume[raeume.kreis == kreis]
    return pd.concat([planungsraeume.members(raeume, day) for day in days], ignore_index=True)


def _as_raeume(ortsteile: pd.DataFrame, kreis: str) -> pd.DataFrame:
    """Ortsteile of the Kreis as members of their Gemeinde, in the form of the Bestand `planungsraeume`."""
    mine = ortsteile[ortsteile.mitglied.str[:5] == kreis]
    ab = mine.ab.where(mine.ab.notna(), dt.date.min)
    return mine.assign(kreis=kreis, planungsraum=mine.mitglied.str[:8], ab=ab)


def _sums(below: pd.DataFrame, raeume: pd.DataFrame, catalogue: Katalog) -> pd.DataFrame:
    """Counts added up to areas; days and quantities of which no member has a row have none."""
    counts = {id for id, groesse in catalogue.groessen.items() if groesse.is_count}
    usable = below[below.groesse.isin(counts) & below.ags.isin(set(raeume.mitglied))]
    if usable.empty:
        return pd.DataFrame(columns=COLUMNS)
    sums = planungsraeume.aggregate(usable, raeume, catalogue)
    return sums.assign(quelle=sums.quelle.str.replace(", ", " · ", regex=False))
