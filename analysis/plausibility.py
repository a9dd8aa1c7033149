"""What the store holds, what is missing in it, and which values do not agree with each other or with their past."""

import pandas as pd

from analysis import melderegister
from analysis.bestandteile import BASIS_TAGE, lacking
from analysis.catalogue import Groesse, Katalog
from analysis.consistency import unknown_gemeinden
from analysis.observations import GRUENDE
from analysis.planungsraeume import strangers_and_gaps
from analysis.regions import aenderungen, level, name

BESTAENDE = {"gemeinden": "ags", "planungsraeume": "kreis", "melderegister": "ortsteil", "ortsteile": "ortsteil"}
"""Tables of the store that the findings need, with the column of their area key."""

COLUMNS = ["art", "ags", "stichtag", "groesse", "satz"]

_MONTHS = {"quartal": 3, "monat": 1}
_POINTS = {"prozent": 1.0, "je_1000": 1.0, "index": 1.0}
_REGISTER = {
    "amt_fehlt": "no delivery of {amt} for {stichtag}",
    "ortsteil_fehlt": "{was} is missing in the delivery of {amt} for {stichtag}",
    "jahrgang_fehlt": "{was} in the delivery of {amt} for {stichtag}: nobody was born in that year",
}


def overview(observations: pd.DataFrame, katalog: Katalog) -> pd.DataFrame:
    """What there is: areas, dates, values and missing values of each quantity and level.

    Returns
    -------
    pandas.DataFrame
        Columns `groesse`, `ebene`, `gebiete`, `von`, `bis`, `werte`, and `fehlt`: how often which reason stands in
        place of a value.
    """
    ebene = observations.ags.map({ags: level(ags) for ags in observations.ags.unique()})
    groups = observations.assign(ebene=ebene).groupby(["groesse", "ebene"], sort=False)
    table = groups.agg(
        gebiete=("ags", "nunique"), von=("stichtag", "min"), bis=("stichtag", "max"), werte=("wert", "count")
    )
    reasons = observations.assign(ebene=ebene)[lambda rows: rows.grund != ""]
    counts = reasons.groupby(["groesse", "ebene"]).grund.value_counts()
    texts = [
        ", ".join(f"{grund} {counts[(*key, grund)]}" for grund in GRUENDE if (*key, grund) in counts.index)
        for key in table.index
    ]
    order = {id: n for n, id in enumerate(katalog.groessen)}
    return table.assign(fehlt=texts).reset_index().sort_values("groesse", key=lambda s: s.map(order), kind="stable")


def findings(observations: pd.DataFrame, bestaende: dict[str, pd.DataFrame], katalog: Katalog) -> pd.DataFrame:
    """What is missing and what is not plausible.

    Parameters
    ----------
    observations
        Current observations of the store.
    bestaende
        Current rows of `BESTAENDE`.
    katalog
        Meaning of the quantities, declared breaks and jumps.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`; `art` is one of `gap` (a date between others has neither value nor reason), `missing area`
        (a Gemeinde of the Gemeindeverzeichnis beside others of its Kreis), `mixed days` (a numerator whose denominator
        is of another day, at most a year away), `unknown area` (a Gemeinde that none of the Gemeindeverzeichnisse
        knows), `sum` (Gemeinden that do not add up to their Kreis), `jump` (a change beyond the declared bound, beyond
        chance and without a declared break),
        `melderegister` (offices, Ortsteile or years of birth that are missing, or a sum far from the official
        population), `planungsraum` (unknown members, areas in none).
    """
    if observations.empty:
        return pd.DataFrame(columns=COLUMNS)
    parts = [
        _register(observations, bestaende),
        _raeume(bestaende),
        _gaps(observations, katalog),
        _missing_areas(observations, bestaende["gemeinden"]),
        _unknown_areas(observations, bestaende["gemeinden"]),
        _mixed_days(observations, katalog),
        _sums(observations, bestaende["gemeinden"], katalog),
        _jumps(observations, katalog),
    ]
    return pd.concat(parts, ignore_index=True)[COLUMNS]


def _gaps(observations: pd.DataFrame, katalog: Katalog) -> pd.DataFrame:
    """Dates that are missing in a series of the same area.

    What is usual is the smallest distance of a quantity's dates at the level of the area; only a series that has it
    twice can have a gap. Single years from several publications are no series.
    """
    table = observations[["ags", "groesse", "stichtag"]].assign(monat=_months(observations.stichtag))
    table = table.sort_values(["ags", "groesse", "monat"])
    table["schritt"] = table.groupby(["ags", "groesse"]).monat.diff()
    rule = table.groesse.map({id: g.stichtag for id, g in katalog.groessen.items()})
    least = rule.map(_MONTHS).fillna(12)
    ebene = table.ags.map({ags: level(ags) for ags in table.ags.unique()})
    usual = table.schritt.where(table.schritt > 0).groupby([table.groesse, ebene]).transform("min")
    usual = usual.clip(lower=least)
    regular = (table.schritt == usual).groupby([table.ags, table.groesse]).transform("sum") >= 2
    gap = table[(table.schritt > usual) & regular & (rule != "tag")]
    sentences = [
        f"{_where(row.ags)}: {row.groesse} is missing before {row.stichtag:%Y-%m-%d} "
        f"({row.schritt:.0f} months since the date before)"
        for row in gap.itertuples(index=False)
    ]
    return gap.assign(art="gap", satz=sentences)


def _missing_areas(observations: pd.DataFrame, gemeinden: pd.DataFrame) -> pd.DataFrame:
    """Gemeinden of the Gemeindeverzeichnis without a row where most others of their Kreis have one.

    Compared with the latest Gemeindeverzeichnis that is not later than the date, at most a year before it.
    """
    expected = _members(observations, gemeinden)
    if expected.empty:
        return pd.DataFrame(columns=COLUMNS)
    there = observations[["ags", "stichtag", "groesse"]].assign(da=True)
    expected = expected.merge(there, on=["ags", "stichtag", "groesse"], how="left")
    share = expected.da.notna().groupby([expected.kreis, expected.stichtag, expected.groesse]).transform("mean")
    gap = expected[expected.da.isna() & (share > 0.5)]
    sentences = [
        f"{_where(row.ags, row.name)}: {row.groesse} of {row.stichtag:%Y-%m-%d} is missing, other Gemeinden have it"
        for row in gap.itertuples(index=False)
    ]
    return gap.assign(art="missing area", satz=sentences)


def _mixed_days(observations: pd.DataFrame, katalog: Katalog) -> pd.DataFrame:
    """Numerators of indicators of one day whose denominator was delivered for another day at most a year away."""
    table = lacking(observations, katalog)
    same_day = table.indikator.map({id: i.nenner_stichtag == "gleich" for id, i in katalog.indikatoren.items()})
    days = (pd.to_datetime(table.naechster) - pd.to_datetime(table.stichtag)).dt.days.abs()
    mixed = table[same_day.astype(bool) & (days <= BASIS_TAGE)]
    return mixed.rename(columns={"indikator": "groesse"}).assign(art="mixed days")


def _unknown_areas(observations: pd.DataFrame, gemeinden: pd.DataFrame) -> pd.DataFrame:
    found = unknown_gemeinden(observations.ags, gemeinden)
    rows = observations[observations.ags.isin(found)].drop_duplicates("ags").sort_values("ags")
    return rows.assign(art="unknown area", satz=rows.ags.map(found))


def _sums(observations: pd.DataFrame, gemeinden: pd.DataFrame, katalog: Katalog) -> pd.DataFrame:
    """Kreise whose Gemeinden exceed the published value, or do not add up to it.

    The Gemeinden are complete where they are exactly those of one of the imported lists, of whatever date.
    """
    counts = [id for id, g in katalog.groessen.items() if g.is_count]
    values = observations.loc[observations.groesse.isin(counts), ["ags", "stichtag", "groesse", "wert", "quelle"]]
    parts = values[values.ags.str.fullmatch("[0-9]{8}")].sort_values("ags")
    if parts.empty:
        return pd.DataFrame(columns=COLUMNS)
    sums = parts.assign(kreis=parts.ags.str[:5]).groupby(["kreis", "stichtag", "groesse"], as_index=False).agg(
        summe=("wert", "sum"), werte=("wert", "count"), alle=("ags", "size"), liste=("ags", " ".join),
        aus=("quelle", "first"),
    )  # fmt: skip
    lists = gemeinden.sort_values("ags").groupby([gemeinden.ags.str[:5], "stand"]).ags.agg(" ".join)
    sums = sums.merge(values.rename(columns={"ags": "kreis"}), on=["kreis", "stichtag", "groesse"])
    rounded = sums.groesse.map({id: katalog.groessen[id].rundung for id in counts}) / 2 * (sums.alle + 1)
    more = sums.summe - sums.wert
    complete = (sums.werte == sums.alle) & sums.liste.isin(set(lists))
    wrong = sums[(more > rounded) | ((more < -rounded) & complete)]
    sentences = [
        f"{_where(row.kreis)}: the Gemeinden add up to {row.summe:.0f} {row.groesse} on {row.stichtag:%Y-%m-%d} "
        f"({row.aus}), the Kreis has {row.wert:.0f} ({row.quelle})"
        for row in wrong.itertuples(index=False)
    ]
    return wrong.rename(columns={"kreis": "ags"}).assign(art="sum", satz=sentences)


def _jumps(observations: pd.DataFrame, katalog: Katalog) -> pd.DataFrame:
    """Changes from one value to the next beyond `Groesse.sprung`.

    A count must also change by more than chance explains, four times the standard deviation of the difference of
    two Poisson counts, and a rate by more than one point, so that small places are not accused. Across a declared
    break of an indicator that uses the quantity, and across a territorial change of the Kreis, nothing is said.
    """
    table = observations[observations.wert.notna()].sort_values(["ags", "groesse", "stichtag"])
    groups = table.groupby(["ags", "groesse"])
    table = table.assign(vorher=groups.wert.shift(), zuvor=groups.stichtag.shift())
    table = table[table.vorher.notna()]
    bound = table.groesse.map({id: g.sprung for id, g in katalog.groessen.items()})
    is_count = table.groesse.map({id: g.is_count for id, g in katalog.groessen.items()}).astype(bool)
    change = (table.wert - table.vorher).abs()
    chance = 4 * (table.wert + table.vorher) ** 0.5
    points = table.groesse.map({id: _POINTS.get(g.einheit, 0.0) for id, g in katalog.groessen.items()})
    table = table[(change > bound * table.vorher) & (change > chance.where(is_count, points))]
    broken = [_broken(row, katalog.groessen[row.groesse], katalog) for row in table.itertuples(index=False)]
    table = table[~pd.Series(broken, index=table.index, dtype=bool)]
    sentences = [
        f"{_where(row.ags)}: {row.groesse} goes from {row.vorher:g} ({row.zuvor:%Y-%m-%d}) to {row.wert:g} "
        f"({row.stichtag:%Y-%m-%d})"
        for row in table.itertuples(index=False)
    ]
    return table.assign(art="jump", satz=sentences)


def _register(observations: pd.DataFrame, bestaende: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Missing deliveries of the Meldeaemter, and Kreise whose sum lies far from the official population."""
    register, ortsteile = bestaende["melderegister"], bestaende["ortsteile"]
    if register.empty:
        return pd.DataFrame(columns=COLUMNS)
    missing = melderegister.completeness(register, ortsteile)
    missing = missing[missing.art.isin(list(_REGISTER))]
    sentences = [_REGISTER[row.art].format(**row._asdict()) for row in missing.itertuples(index=False)]
    absent = missing.assign(ags=missing.amt.str[:5], groesse="", satz=sentences)
    whole = melderegister.count(
        register, melderegister.by_kreis(ortsteile, register.stichtag.unique()), gruppen={"insgesamt": (0, None)}
    )
    beside = melderegister.against_official(whole, observations)
    far = beside[(beside.grund == "") & ~beside.in_toleranz]
    sentences = [
        f"{_where(row.ags)}: the Melderegister counts {row.melderegister_personen} on {row.stichtag:%Y-%m-%d}, the "
        f"official population is {row.amtlich_personen} ({row.differenz_prozent:+.1f} %)"
        for row in far.itertuples(index=False)
    ]
    table = pd.concat(
        [absent[["ags", "stichtag", "groesse", "satz"]], far.assign(groesse="bevoelkerung", satz=sentences)]
    )
    return table.assign(art="melderegister")


def _raeume(bestaende: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Planungsraeume whose members are unknown or that leave something out, as the store now knows the areas."""
    found = [
        {"ags": kreis, "satz": sentence}
        for kreis, raeume in bestaende["planungsraeume"].groupby("kreis")
        for sentence in strangers_and_gaps(raeume, bestaende["gemeinden"], bestaende["ortsteile"])[0]
    ]
    return pd.DataFrame(found, columns=COLUMNS).assign(art="planungsraum")


def _broken(row, groesse: Groesse, katalog: Katalog) -> bool:
    declared = {b.datum for i in katalog.indikatoren.values() if groesse.id in i.groessen for b in i.brueche}
    territorial = {a.datum for a in aenderungen() if row.ags[:5] in (a.von, a.nach)}
    return any(row.zuvor < datum <= row.stichtag for datum in declared | territorial)


def _members(observations: pd.DataFrame, gemeinden: pd.DataFrame) -> pd.DataFrame:
    """Every Gemeinde that should have a row: those of a Kreis at each date at which one of them has one."""
    columns = ["kreis", "stichtag", "groesse", "ags", "name"]
    rows = observations[observations.ags.str.fullmatch("[0-9]{8}")]
    if rows.empty or gemeinden.empty:
        return pd.DataFrame(columns=columns)
    places = rows.assign(kreis=rows.ags.str[:5])[["kreis", "stichtag", "groesse"]].drop_duplicates()
    days = places[["kreis", "stichtag"]].drop_duplicates().assign(tag=lambda t: pd.to_datetime(t.stichtag))
    lists = gemeinden.assign(kreis=gemeinden.ags.str[:5], tag=pd.to_datetime(gemeinden.stand))
    stands = lists[["kreis", "tag", "stand"]].drop_duplicates()
    days = pd.merge_asof(
        days.sort_values("tag"), stands.sort_values("tag"), on="tag", by="kreis", tolerance=pd.Timedelta(days=366)
    ).dropna(subset=["stand"])
    members = days[["kreis", "stichtag", "stand"]].merge(
        lists[["kreis", "stand", "ags", "name"]], on=["kreis", "stand"]
    )
    return places.merge(members, on=["kreis", "stichtag"])[columns]


def _months(days: pd.Series) -> pd.Series:
    return days.map({day: day.year * 12 + day.month for day in days.unique()})


def _where(ags: str, readable: str | None = None) -> str:
    readable = readable or name(ags)
    return f"{ags} ({readable})" if readable != ags else ags
