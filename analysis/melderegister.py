"""Residents of the Meldeaemter: are all there, do they agree with the official population, sums by age group.

The Melderegister counts who is registered with a main residence; the official population (Fortschreibung) starts from
a census. The two differ everywhere by some per cent, so a difference is a statement here, not an error.
"""

import datetime as dt

import numpy as np
import pandas as pd

from analysis.errors import InputError

GRUPPEN: dict[str, tuple[int, int | None]] = {
    "insgesamt": (0, None),
    "unter_18": (0, 17),
    "18_64": (18, 64),
    "ab_65": (65, None),
    "unter_15": (0, 14),
    "15_64": (15, 64),
}
"""Age groups: lowest and highest age in full years at the Stichtag (31 December); None is open upwards."""

GROESSEN = {
    "insgesamt": "melderegister_bevoelkerung",
    **{name: f"melderegister_{name}" for name in GRUPPEN if name != "insgesamt"},
}
"""Age group → quantity of the catalogue."""

_RANG = {"geheim": 3, "unbekannt": 2, "": 0}


def add_up(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Persons per key: the sum, or the reason why there is none as soon as one part has none.

    Parameters
    ----------
    rows
        `keys`, `personen` (NaN where `grund` is set), `grund` (`geheim` outweighs `unbekannt`).

    Returns
    -------
    pandas.DataFrame
        `keys`, `personen` (Int64, NA where `grund`), `grund`; sorted by `keys`.
    """
    rows = rows.assign(personen=rows.personen.astype(float), rang=_rank(rows.grund))
    summed = rows.groupby(keys, as_index=False).agg(personen=("personen", "sum"), rang=("rang", "max"))
    personen = summed.personen.where(summed.rang == _RANG[""]).astype("Int64")
    return summed.assign(personen=personen, grund=_reason(summed.rang))[[*keys, "personen", "grund"]]


def _rank(grund: pd.Series) -> pd.Series:
    """How much a reason outweighs others; 0 without one."""
    rang = grund.map(_RANG)
    if rang.isna().any():
        raise InputError(f"reason {grund[rang.isna()].iloc[0]!r}; expected geheim or unbekannt")
    return rang.astype(int)


def _reason(rang: pd.Series) -> pd.Series:
    """Reason of each rank."""
    return rang.map({rank: reason for reason, rank in _RANG.items()}).astype(object)


def by_ortsteil(ortsteile: pd.DataFrame, stichtage) -> pd.DataFrame:
    """Every Ortsteil that should be there on each day, as an area of its own.

    Parameters
    ----------
    ortsteile
        Bestand `ortsteile`.

    Returns
    -------
    pandas.DataFrame
        `stichtag`, `ortsteil`, `raum`, `darf_fehlen`: what `count` needs.
    """
    days = pd.DataFrame({"stichtag": sorted(set(stichtage))}, dtype=object)
    both = days.merge(ortsteile, how="cross")
    begun = both.ab.isna() | (both.ab.fillna(dt.date.min) <= both.stichtag)
    ended = both.bis.notna() & (both.bis.fillna(dt.date.max) < both.stichtag)
    valid = both[begun & ~ended]
    return valid.assign(raum=valid.ortsteil)[["stichtag", "ortsteil", "raum", "darf_fehlen"]].reset_index(drop=True)


def by_gemeinde(ortsteile: pd.DataFrame, stichtage) -> pd.DataFrame:
    """Every Ortsteil that should be there on each day with its Gemeinde as area (columns as `by_ortsteil`)."""
    table = by_ortsteil(ortsteile, stichtage)
    return table.assign(raum=table.ortsteil.str[:8])


def by_kreis(ortsteile: pd.DataFrame, stichtage, gemeinden: list[str] | None = None) -> pd.DataFrame:
    """Every Ortsteil that should be there on each day with its Kreis as area (columns as `by_ortsteil`).

    `gemeinden` are all Gemeinden of the Kreis: one without any Ortsteil makes the Kreis incomplete.
    """
    table = by_ortsteil(ortsteile, stichtage)
    lacking = sorted(set(gemeinden or []) - set(table.ortsteil.str[:8]))
    table = _with_placeholders(table, pd.DataFrame({"ortsteil": lacking}, dtype=object), stichtage)
    return table.assign(raum=table.ortsteil.str[:5])


def by_members(ortsteile: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """Every Ortsteil that should be there on each day with its Planungsraum as area (columns as `by_ortsteil`).

    Parameters
    ----------
    members
        `stichtag`, `planungsraum`, `mitglied` (Gemeinde or Ortsteil), as `analysis.planungsraeume.members` gives them
        for each day. A Gemeinde stands for all its Ortsteile; one without any makes its Planungsraum incomplete.
    """
    table = by_ortsteil(ortsteile, members.stichtag.unique())
    parts = []
    for part, key in ((members[members.mitglied.str.len() == 8], table.ortsteil.str[:8]),
                      (members[members.mitglied.str.len() != 8], table.ortsteil)):  # fmt: skip
        found = part.merge(table.assign(mitglied=key), how="left", on=["stichtag", "mitglied"])
        parts.append(found.assign(ortsteil=found.ortsteil.fillna(found.mitglied), raum=found.planungsraum))
    both = pd.concat(parts, ignore_index=True)
    return both.assign(darf_fehlen=both.darf_fehlen.eq(True))[["stichtag", "ortsteil", "raum", "darf_fehlen"]]


def _with_placeholders(table: pd.DataFrame, lacking: pd.DataFrame, stichtage) -> pd.DataFrame:
    """Areas of which no Ortsteil is known, under their own key: no delivery holds it, so their sum is incomplete."""
    days = pd.DataFrame({"stichtag": sorted(set(stichtage))}, dtype=object)
    return pd.concat([table, days.merge(lacking, how="cross").assign(darf_fehlen=False)], ignore_index=True)


def count(
    register: pd.DataFrame, zuordnung: pd.DataFrame, nach: tuple[str, ...] = (), gruppen: dict | None = None
) -> pd.DataFrame:
    """Residents per area, age group and, if wanted, sex and citizenship.

    Parameters
    ----------
    register
        Bestand `melderegister`.
    zuordnung
        Which Ortsteile make up an area on a day (`by_ortsteil`, `by_gemeinde`, `by_kreis`, `by_members`).
    nach
        Further breakdown: `geschlecht`, `staatsangehoerigkeit`.
    gruppen
        Age groups as `GRUPPEN`, which is also what None means.

    Returns
    -------
    pandas.DataFrame
        `stichtag`, `raum`, *nach, `gruppe`, `personen` (Int64), `grund`. A sum of which a part is suppressed has
        `geheim`; one with an Ortsteil that was not delivered, or with an open end that reaches across the limit of the
        group, has `unbekannt`.
    """
    gruppen = GRUPPEN if gruppen is None else gruppen
    every, parts, nummer = _numbered(register, zuordnung, nach)
    alter, offen = (parts.jahr - parts.jahrgang.astype(int)).to_numpy(), parts.offen.to_numpy(bool)
    personen, rang = parts.personen.astype(float).fillna(0).to_numpy(), _rank(parts.grund).to_numpy()
    somebody = (rang > 0) | (personen > 0)
    lacking = pd.MultiIndex.from_frame(_lacking(register, zuordnung)[["stichtag", "raum"]])
    incomplete = pd.MultiIndex.from_frame(every[["stichtag", "raum"]]).isin(lacking)
    tables = []
    for gruppe, (lowest, highest) in gruppen.items():
        inside = (alter >= lowest) & ~offen
        if highest is not None:
            inside &= alter <= highest
        inside |= offen & (alter >= lowest) & (highest is None)
        perhaps = offen & ~inside & (highest is None or alter <= highest) & somebody
        summed = pd.Series(np.bincount(nummer[inside], personen[inside], len(every)), every.index)
        highest_rank = np.where(incomplete, _RANG["unbekannt"], _RANG[""])
        for rows, rank in ((inside & (rang > 0), rang), (perhaps, np.full(len(rang), _RANG["unbekannt"]))):
            np.maximum.at(highest_rank, nummer[rows], rank[rows])
        summed = summed.where(highest_rank == _RANG[""]).astype("Int64")
        tables.append(every.assign(gruppe=gruppe, personen=summed, grund=_reason(pd.Series(highest_rank))))
    keys = ["stichtag", "raum", *nach, "gruppe"]
    return pd.concat(tables, ignore_index=True).sort_values(keys, ignore_index=True)


def _numbered(
    register: pd.DataFrame, zuordnung: pd.DataFrame, nach: tuple[str, ...]
) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    """Every combination of area and `nach`, the rows of the register once per area, and the combination of each."""
    area = ["stichtag", "raum"]
    members = zuordnung[["stichtag", "ortsteil"]].assign(
        nummer=zuordnung.groupby(area, sort=False).ngroup(), jahr=[day.year for day in zuordnung.stichtag]
    )
    wanted = ["stichtag", "ortsteil", "jahrgang", "offen", "personen", "grund", *nach]
    parts = register[wanted].merge(members, on=["stichtag", "ortsteil"])
    every, nummer = zuordnung[area].drop_duplicates(ignore_index=True), parts.nummer.to_numpy(int)
    for column in nach:
        values = sorted(register[column].unique())
        every = every.merge(pd.DataFrame({column: values}, dtype=object), how="cross")
        nummer = nummer * len(values) + pd.Categorical(parts[column], categories=values).codes
    return every, parts, nummer


def _lacking(register: pd.DataFrame, zuordnung: pd.DataFrame) -> pd.DataFrame:
    """Rows of the assignment whose Ortsteil should have been delivered and was not."""
    there = pd.MultiIndex.from_frame(register[["stichtag", "ortsteil"]].drop_duplicates())
    delivered = pd.MultiIndex.from_frame(zuordnung[["stichtag", "ortsteil"]]).isin(there)
    return zuordnung[~delivered & ~zuordnung.darf_fehlen.astype(bool)]


def observations(register: pd.DataFrame, zuordnung: pd.DataFrame) -> pd.DataFrame:
    """Counts of the Melderegister as observations (`analysis.observations.COLUMNS`) of the areas of the assignment.

    The number of foreign residents is unknown where the citizenship of some residents is.
    """
    groups = count(register, zuordnung).assign(groesse=lambda t: t.gruppe.map(GROESSEN))
    nationality = count(register, zuordnung, ("staatsangehoerigkeit",), {"insgesamt": GRUPPEN["insgesamt"]})
    foreign = nationality[nationality.staatsangehoerigkeit.isin(["nichtdeutsch", "unbekannt"])]
    unclear = (foreign.staatsangehoerigkeit == "unbekannt") & ((foreign.grund != "") | (foreign.personen > 0))
    foreign = foreign.assign(
        personen=foreign.personen.mask(unclear), grund=foreign.grund.mask(unclear & (foreign.grund == ""), "unbekannt")
    )
    if foreign.empty:  # everybody is German
        foreign = nationality.assign(personen=nationality.personen.mask(nationality.personen.notna(), 0))
    foreign = add_up(foreign, ["stichtag", "raum"]).assign(groesse="melderegister_auslaendisch")
    table = pd.concat([groups, foreign], ignore_index=True).rename(columns={"raum": "ags"})
    table = table.assign(wert=table.personen.astype(float), guete="", quelle="melderegister")
    columns = ["ags", "stichtag", "groesse", "wert", "grund", "guete", "quelle"]
    return table[columns].sort_values(["ags", "stichtag", "groesse"], ignore_index=True)


def conflicts(
    register: pd.DataFrame, ortsteile: pd.DataFrame, stored: pd.DataFrame, stored_ortsteile: pd.DataFrame
) -> list[str]:
    """Sentences about a delivery that would spoil sums: a Gemeinde of two offices, a part in place of the whole.

    Parameters
    ----------
    register, ortsteile
        Rows of the delivery (Bestaende of these names).
    stored, stored_ortsteile
        Current rows of the store.
    """
    mine = ortsteile[["ortsteil", "amt"]].assign(gemeinde=ortsteile.ortsteil.str[:8])
    theirs = stored_ortsteile[["ortsteil", "amt"]].assign(gemeinde=stored_ortsteile.ortsteil.str[:8])
    shared = mine.merge(theirs, on="gemeinde", suffixes=("", "_vorher"))
    shared = shared[shared.amt != shared.amt_vorher].drop_duplicates("gemeinde")
    found = [
        f"Gemeinde {row.gemeinde} belongs to the office {row.amt_vorher} already; "
        "expected one office for all its Ortsteile"
        for row in shared.itertuples(index=False)
    ]
    days = register[["amt", "stichtag"]].drop_duplicates()
    before = stored[["amt", "stichtag", "ortsteil"]].drop_duplicates().merge(days, on=["amt", "stichtag"])
    gone = before[before.ortsteil.isin(set(ortsteile.ortsteil)) & ~before.ortsteil.isin(set(register.ortsteil))]
    found += [
        f"the delivery of {row.stichtag:%d.%m.%Y} holds nothing of {row.ortsteil}, which the one before it holds; "
        "expected one file with all Ortsteile of the office"
        for row in gone.itertuples(index=False)
    ]
    return found


def completeness(register: pd.DataFrame, ortsteile: pd.DataFrame, bis_alter: int = 80) -> pd.DataFrame:
    """What is missing or strange in the deliveries, one row per finding.

    Parameters
    ----------
    register, ortsteile
        Bestaende of these names.
    bis_alter
        Years of birth without anybody are told up to this age; above it small offices have gaps by nature.

    Returns
    -------
    pandas.DataFrame
        `art`, `amt`, `stichtag`, `was`, sorted. Kinds: `amt_fehlt` (an office without delivery for a year that others
        of its Kreis, or itself before and after, have), `ortsteil_fehlt` (valid and not delivered), `ortsteil_neu` and
        `ortsteil_weg` (against the office's delivery before), `jahrgang_fehlt` (nobody born in that year, though older
        and younger people are there).
    """
    delivered = register[["amt", "stichtag", "ortsteil"]].drop_duplicates()
    offices = ortsteile[["amt", "ortsteil"]].assign(kreis=ortsteile.ortsteil.str[:5])
    days = delivered.assign(kreis=delivered.ortsteil.str[:5])[["kreis", "stichtag"]].drop_duplicates()
    expected = offices[["amt", "kreis"]].drop_duplicates().merge(days, on="kreis")[["amt", "stichtag"]]
    there = delivered[["amt", "stichtag"]].drop_duplicates()
    absent = expected.merge(there, how="left", indicator=True).query("_merge == 'left_only'")
    findings = [absent.assign(art="amt_fehlt", was="keine Lieferung")]

    valid = by_ortsteil(ortsteile, delivered.stichtag.unique()).merge(ortsteile[["ortsteil", "amt"]], on="ortsteil")
    valid = valid.merge(there, on=["amt", "stichtag"])
    lacking = _lacking(register, valid)
    findings.append(lacking.assign(art="ortsteil_fehlt", was=lacking.ortsteil))

    order = there.sort_values("stichtag").assign(vorher=there.sort_values("stichtag").groupby("amt").stichtag.shift())
    pairs = order[order.vorher.notna()]
    now = pairs.merge(delivered, on=["amt", "stichtag"])
    before = pairs.merge(delivered.rename(columns={"stichtag": "vorher"}), on=["amt", "vorher"])
    for art, one, other in (("ortsteil_neu", now, before), ("ortsteil_weg", before, now)):
        keys = ["amt", "stichtag", "ortsteil"]
        alone = one[keys].merge(other[keys], how="left", indicator=True).query("_merge == 'left_only'")
        findings.append(alone.assign(art=art, was=alone.ortsteil))
    findings.append(_missing_jahrgaenge(register, bis_alter))
    table = pd.concat(findings, ignore_index=True)[["art", "amt", "stichtag", "was"]]
    return table.sort_values(["amt", "stichtag", "art", "was"], ignore_index=True)


def _missing_jahrgaenge(register: pd.DataFrame, bis_alter: int) -> pd.DataFrame:
    """Years of birth without people between the first (at most `bis_alter` years ago) and the last of a delivery."""
    filled = register[(register.personen.astype(float) > 0) | (register.grund != "")]
    years = filled.groupby(["amt", "stichtag"]).jahrgang.agg(frueheste="min").reset_index()
    if years.empty:
        return years.assign(art="", was="")
    year = years.stichtag.map(lambda day: day.year)
    first = np.maximum(years.frueheste.astype(int), year - bis_alter)
    expected = years.assign(jahrgang=[list(range(a, b + 1)) for a, b in zip(first, year, strict=True)])
    expected = expected.explode("jahrgang").astype({"jahrgang": int})
    there = filled[["amt", "stichtag", "jahrgang"]].drop_duplicates().astype({"jahrgang": int})
    gaps = expected.merge(there, how="left", on=["amt", "stichtag", "jahrgang"], indicator=True)
    gaps = gaps[gaps["_merge"] == "left_only"]
    return gaps.assign(art="jahrgang_fehlt", was=gaps.jahrgang.astype(str))


def against_official(kreise: pd.DataFrame, observations: pd.DataFrame, toleranz_prozent: float = 3.0) -> pd.DataFrame:
    """Sum of the Melderegister beside the official population of the same area and day.

    Parameters
    ----------
    kreise
        Result of `count` for the age group `insgesamt` without further breakdown (of Kreise or Gemeinden).
    observations
        Observations; of them `bevoelkerung` is compared.
    toleranz_prozent
        Up to which difference in per cent of the official population the two are called alike. After the Zensus 2022
        the official population of single Kreise moved by more than 2 per cent against its Fortschreibung.

    Returns
    -------
    pandas.DataFrame
        `ags`, `stichtag`, `melderegister_personen`, `amtlich_personen`, `differenz_personen`, `differenz_prozent`,
        `grund` (why there is no comparison), `in_toleranz` (False without a comparison), `aussage` (German sentence).
    """
    official = observations[observations.groesse == "bevoelkerung"][["ags", "stichtag", "wert", "grund"]]
    own = kreise[kreise.gruppe == "insgesamt"].rename(columns={"raum": "ags"})
    both = own.merge(official, how="left", on=["ags", "stichtag"], suffixes=("", "_amtlich"), validate="one_to_one")
    personen, amtlich = both.personen.astype(float), both.wert.astype(float)
    amtlich = amtlich.where(amtlich > 0)
    grund = both.grund.where(both.grund != "", both.grund_amtlich.fillna("unbekannt"))
    grund = grund.where((grund != "") | amtlich.notna(), "sinnlos")
    differenz = personen - amtlich
    prozent = 100 * differenz / amtlich
    near = prozent.abs() <= toleranz_prozent
    table = pd.DataFrame(
        {
            "ags": both.ags,
            "stichtag": both.stichtag,
            "melderegister_personen": both.personen,
            "amtlich_personen": amtlich.astype("Int64"),
            "differenz_personen": differenz.astype("Int64"),
            "differenz_prozent": prozent,
            "grund": grund,
            "in_toleranz": near,
        }
    )
    return table.assign(aussage=[_statement(row, toleranz_prozent) for row in table.itertuples(index=False)])


def _statement(row, toleranz_prozent: float) -> str:
    if row.grund:
        which = "die Summe des Melderegisters" if pd.isna(row.melderegister_personen) else "die amtliche Zahl"
        return f"Kein Vergleich möglich: {which} fehlt ({row.grund})."
    share, tolerance = (f"{abs(x):.1f}".replace(".", ",") for x in (row.differenz_prozent, toleranz_prozent))
    if row.differenz_personen == 0:
        return "Das Melderegister zählt gleich viele Personen wie die amtliche Fortschreibung."
    more = "mehr" if row.differenz_personen > 0 else "weniger"
    judged = "innerhalb" if row.in_toleranz else "außerhalb"
    number = f"{abs(row.differenz_personen):,}".replace(",", ".")
    return (
        f"Das Melderegister zählt {number} Personen ({share} %) {more} als die amtliche Fortschreibung; "
        f"das liegt {judged} der Toleranz von {tolerance} %."
    )
