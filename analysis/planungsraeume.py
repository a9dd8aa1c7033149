"""Planungsraeume: sets of Gemeinden and Ortsteile of a Kreis with dates; who belongs to them, and sums over them."""

import datetime as dt

import pandas as pd

from analysis.catalogue import Katalog
from analysis.errors import InputError
from analysis.observations import COLUMNS

_FIRST, _LAST = dt.date.min, dt.date.max
_GUETEN = ["", "vorlaeufig", "eingeschraenkt", "geschaetzt"]
"""Qualities of a value, the one that a sum takes over from its parts last."""


def members(raeume: pd.DataFrame, stichtag: dt.date) -> pd.DataFrame:
    """Members of each Planungsraum on a day.

    Parameters
    ----------
    raeume
        Bestand `planungsraeume`.

    Returns
    -------
    pandas.DataFrame
        `stichtag`, `kreis`, `planungsraum`, `name`, `mitglied` (AGS of a Gemeinde or key of an Ortsteil), sorted.
    """
    bis = raeume.bis.where(raeume.bis.notna(), _LAST)
    valid = raeume[(raeume.ab <= stichtag) & (bis >= stichtag)]
    table = valid.assign(stichtag=stichtag)[["stichtag", "kreis", "planungsraum", "name", "mitglied"]]
    return table.sort_values(["planungsraum", "mitglied"], ignore_index=True)


def overlaps(raeume: pd.DataFrame) -> list[str]:
    """Sentences about members that belong to two Planungsraeume, or twice to one, on the same day.

    A Gemeinde and one of its Ortsteile must not both be members.
    """
    rows = raeume.assign(bis=raeume.bis.where(raeume.bis.notna(), _LAST)).reset_index(drop=True).reset_index()
    as_gemeinde = rows[rows.mitglied.str.len() == 8]
    same = rows.merge(rows, on="mitglied", suffixes=("", "_2")).query("index < index_2")
    part = rows[rows.mitglied.str.len() > 8].assign(gemeinde=lambda t: t.mitglied.str[:8])
    part = part.merge(as_gemeinde, left_on="gemeinde", right_on="mitglied", suffixes=("", "_2"))
    both = pd.concat([same.assign(mitglied_2=same.mitglied), part], ignore_index=True)
    found = []
    for row in both.itertuples(index=False):
        first, last = max(row.ab, row.ab_2), min(row.bis, row.bis_2)
        if first > last:
            continue
        whole = f" (through its Gemeinde {row.mitglied_2})" if row.mitglied != row.mitglied_2 else ""
        where = f"{row.planungsraum} and {row.planungsraum_2}" if row.planungsraum != row.planungsraum_2 else (
            f"{row.planungsraum} twice"
        )  # fmt: skip
        found.append(f"{row.mitglied} is in {where}{whole} from {first:%d.%m.%Y}; expected one Planungsraum per day")
    return sorted(found)


def strangers_and_gaps(
    raeume: pd.DataFrame, gemeinden: pd.DataFrame, ortsteile: pd.DataFrame
) -> tuple[list[str], list[str]]:
    """Sentences about members that do not exist, and about Gemeinden and Ortsteile in no Planungsraum; what is open.

    Parameters
    ----------
    raeume
        Bestand `planungsraeume` of one Kreis.
    gemeinden, ortsteile
        Bestaende of these names. The Gemeinden of a day are those of the latest territorial date up to it; before the
        first one, those of the first. What ended before it cannot be judged and is no error.

    Returns
    -------
    tuple of list of str
        Errors, and what could not be checked because the store holds none.
    """
    kreis = raeume.kreis.iloc[0]
    gemeinden = gemeinden[gemeinden.ags.str[:5] == kreis]
    ortsteile = ortsteile[ortsteile.ortsteil.str[:5] == kreis]
    open_ends = [
        f"the store holds no {what} of {kreis}: unknown and missing {what} of the Planungsraeume are not checked"
        for what, known in (("Gemeinden", gemeinden), ("Ortsteile", ortsteile))
        if known.empty
    ]
    errors: dict[str, dt.date] = {}
    for day in _days_of_change(raeume, gemeinden, ortsteile):
        given = set(members(raeume, day).mitglied)
        if given:
            for sentence in _errors_on(day, given, gemeinden, ortsteile):
                errors.setdefault(sentence, day)
    return [f"{sentence} (on {day:%d.%m.%Y})" for sentence, day in errors.items()], open_ends


def _days_of_change(raeume: pd.DataFrame, gemeinden: pd.DataFrame, ortsteile: pd.DataFrame) -> list[dt.date]:
    """Days on which a member, Gemeinde or Ortsteil begins, or is there no longer."""
    begins = {*raeume.ab, *gemeinden.stand, *ortsteile.ab.dropna()}
    ends = {day + dt.timedelta(days=1) for day in (*raeume.bis.dropna(), *ortsteile.bis.dropna()) if day < _LAST}
    return sorted(begins | ends)


def _errors_on(day: dt.date, given: set[str], gemeinden: pd.DataFrame, ortsteile: pd.DataFrame) -> list[str]:
    found = []
    ab, bis = ortsteile.ab.where(ortsteile.ab.notna(), _FIRST), ortsteile.bis.where(ortsteile.bis.notna(), _LAST)
    parts = set(ortsteile.ortsteil[(ab <= day) & (bis >= day)])
    gemeinde_members = {m for m in given if len(m) == 8}
    part_members = given - gemeinde_members
    divided = {m[:8] for m in part_members}
    if len(gemeinden):
        stands = sorted(set(gemeinden.stand))
        stand = max((s for s in stands if s <= day), default=stands[0])
        known = set(gemeinden.ags[gemeinden.stand == stand])
        if stand <= day:
            found += [f"{m} is no Gemeinde of the Kreis by the Gemeinden of {stand:%d.%m.%Y}"
                      for m in sorted((gemeinde_members | divided) - known)]  # fmt: skip
        found += [f"Gemeinde {m} is in no Planungsraum; by the Gemeinden of {stand:%d.%m.%Y} it belongs to the Kreis"
                  for m in sorted(known - gemeinde_members - divided)]  # fmt: skip
    if len(ortsteile):
        found += [f"{m} is no Ortsteil of a Meldeamt of the Kreis" for m in sorted(part_members - parts)]
        lacking = {p for p in parts - part_members if p[:8] not in gemeinde_members}
        if len(gemeinden):  # a Gemeinde that is in no Planungsraum at all is told above, once
            lacking = {p for p in lacking if p[:8] in divided}
        found += [f"Ortsteil {m} is in no Planungsraum" for m in sorted(lacking)]
    return found


def aggregate(observations: pd.DataFrame, raeume: pd.DataFrame, katalog: Katalog) -> pd.DataFrame:
    """Counts of Gemeinden and Ortsteile added up to the Planungsraeume that are valid on each day.

    A missing part makes the sum missing, with its reason (`geheim` outweighs all others; a member that nothing was
    delivered for gives `unbekannt`); the sum takes over the least sure quality of its parts.

    Parameters
    ----------
    observations
        `analysis.observations.COLUMNS`; keys that are no member on their day are not used.

    Returns
    -------
    pandas.DataFrame
        `analysis.observations.COLUMNS` with Planungsraeume as `ags`; several sources of one sum stand as `a, b`.

    Raises
    ------
    InputError
        A quantity is a rate: rates cannot be added up.
    """
    used = observations[observations.ags.isin(set(raeume.mitglied))]
    rates = [g for g in used.groesse.unique() if not katalog.groesse(g).is_count]
    if rates:
        raise InputError(f"{rates[0]} is a rate and cannot be added up; expected counts (einheit: personen)")
    days = used[["stichtag"]].drop_duplicates().stichtag
    expected = [members(raeume, day).merge(used.groesse[used.stichtag == day].drop_duplicates(), how="cross")
                for day in days]  # fmt: skip
    if not expected or not sum(map(len, expected)):
        return pd.DataFrame(columns=COLUMNS)
    parts = pd.concat(expected, ignore_index=True).merge(
        used, how="left", left_on=["stichtag", "mitglied", "groesse"], right_on=["stichtag", "ags", "groesse"]
    )
    keys = ["stichtag", "planungsraum", "groesse"]
    parts = parts.assign(grund=parts.grund.where(parts.ags.notna(), "unbekannt"), guete=parts.guete.fillna(""))
    reasons = ["", *sorted(set(parts.grund) - {"", "geheim"}), "geheim"]
    parts = parts.assign(rang=parts.grund.map(reasons.index), rang_guete=parts.guete.map(_GUETEN.index))
    summed = parts.groupby(keys, as_index=False).agg(
        wert=("wert", "sum"),
        rang=("rang", "max"),
        rang_guete=("rang_guete", "max"),
    )
    named = parts.dropna(subset="quelle")[[*keys, "quelle"]].drop_duplicates().sort_values([*keys, "quelle"])
    single = ~named.duplicated(keys, keep=False)
    joined = named[~single].groupby(keys).quelle.agg(", ".join)
    sources = pd.concat([named[single].set_index(keys).quelle, joined])
    summed["quelle"] = sources.reindex(pd.MultiIndex.from_frame(summed[keys])).fillna("").to_numpy()
    grund = summed.rang.map(lambda n: reasons[n]).astype(object)
    guete = summed.rang_guete.map(lambda n: _GUETEN[n]).astype(object)
    summed = summed.assign(
        ags=summed.planungsraum, grund=grund, wert=summed.wert.where(grund == ""), guete=guete.where(grund == "", "")
    )
    return summed[COLUMNS].sort_values(["ags", "stichtag", "groesse"], ignore_index=True)
