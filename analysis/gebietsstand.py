"""Counts carried to another territorial date, so that a series compares the same areas.

Joining Gemeinden by name or key across a territorial change shows growth where only a border has moved. The Umsteiger
say which share of each area belongs to which area later.
"""

import datetime as dt

import numpy as np
import pandas as pd

from analysis.catalogue import Katalog
from analysis.errors import InputError
from analysis.observations import COLUMNS, GRUENDE, grouped
from analysis.regions import level

_WHOLE = 1e-9
"""How far a share may be from 1 by calculating with shares alone."""

_GUETEN = ["", "vorlaeufig", "eingeschraenkt", "geschaetzt"]
"""Qualities of a value, the best first: a sum is as good as its worst part."""


def carry(
    observations: pd.DataFrame,
    umstieg: pd.DataFrame,
    katalog: Katalog,
    nach_stand: dt.date,
    von_stand: dt.date | None = None,
    gewicht: str = "bevoelkerung",
    gemeinden: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Counts of Gemeinden or Kreise at another territorial date.

    A value is the sum of the parts that belong to the area then. Where only whole areas go into it, it is exact and as
    good as its worst part; where a share of an area goes into it, it is an estimate (`guete` geschaetzt), not rounded.
    Where a part is missing there is no value: the reason of the part stays (a secret part makes the sum secret), and a
    part that was not delivered, or whose share is open, makes it `unbekannt`.

    Parameters
    ----------
    observations
        `observations.COLUMNS`; counts of Gemeinden (8 digits) or Kreise (5) of one source per area and quantity.
    umstieg
        Rows of the Bestand `umstieg`; several steps are chained.
    nach_stand
        Territorial date wanted.
    von_stand
        Territorial date of the observations; None: that of each row's own `stichtag`.
    gewicht
        What the shares are proportional to: `bevoelkerung`, `flaeche` or `beschaeftigte`.
    gemeinden
        Rows of the Bestand `gemeinden`: which Gemeinden existed on the territorial date of the observations. A list of
        changes alone does not tell whether an area that others are joined to is new; without `gemeinden` it is taken
        as one that existed, and the sum is `unbekannt` unless the area has an observation.

    Returns
    -------
    pandas.DataFrame
        `observations.COLUMNS` and `stand` (= `nach_stand`), sorted by key, date and quantity.

    Raises
    ------
    InputError
        A rate (its numerator and denominator can be carried), a key of another level, no chain of Umsteiger between
        the dates, a key that they do not list, a value of a Gemeinde that did not exist, parts of several sources.
    """
    levels = observations.ags.map({ags: level(ags) for ags in observations.ags.unique()})
    for groesse in observations.groesse.unique():
        if not katalog.groesse(groesse).is_count:
            raise InputError(f"{groesse} is a rate; carry the counts of its numerator and denominator instead")
    other = ~levels.isin(["gemeinde", "kreis"])
    if other.any():
        raise InputError(f"{observations.ags[other].iloc[0]!r} is no Gemeinde and no Kreis; only these can be carried")
    stand = observations.stichtag if von_stand is None else pd.Series([von_stand] * len(observations), dtype=object)
    parts = []
    for (ebene, day), rows in observations.groupby([levels.to_numpy(), stand.to_numpy()], sort=False):
        usable = umstieg[(umstieg.ebene == ebene) & (umstieg.gewicht == gewicht)]
        existing = _existing(usable, gemeinden if ebene == "gemeinde" else None, day)
        rows = _of_existing(rows, existing, day) if day != nach_stand else rows
        shares = chain(umstieg, day, nach_stand, ebene, gewicht, set(rows.ags), existing)
        parts.append(_carried(rows, shares))
    table = pd.concat(parts, ignore_index=True) if parts else observations[COLUMNS]
    table = table.sort_values(["ags", "stichtag", "groesse"], kind="stable", ignore_index=True)
    return table.assign(stand=pd.Series([nach_stand] * len(table), dtype=object))


def chain(
    umstieg: pd.DataFrame,
    von_stand: dt.date,
    nach_stand: dt.date,
    ebene: str,
    gewicht: str,
    keys: set[str],
    existing: set[str] | None = None,
) -> pd.DataFrame:
    """Shares from one territorial date to another, over as many steps as it needs.

    Parameters
    ----------
    umstieg, gewicht
        As in `carry`.
    ebene
        `gemeinde` or `kreis`.
    keys
        Areas that must be found.
    existing
        All areas on the first date, None if that is not known.

    Returns
    -------
    pandas.DataFrame
        Columns `von`, `nach`, `anteil` (NaN: open), one row per pair; besides `keys` also the other areas that go into
        the same targets.

    Raises
    ------
    InputError
        No steps lead from date to date, or a step that lists all areas does not list one of `keys`.
    """
    known = sorted(keys | (existing or set()))
    shares = pd.DataFrame({"von": known, "nach": known, "anteil": 1.0})
    complete = existing is not None
    if von_stand == nach_stand:
        return shares
    usable = umstieg[(umstieg.ebene == ebene) & (umstieg.gewicht == gewicht)]
    for begin, end in _path(usable, von_stand, nach_stand, ebene, gewicht):
        step = usable[(usable.von_stand == begin) & (usable.nach_stand == end)]
        if (step.liste == "alle").all():
            missing = sorted(set(shares.nach[shares.von.isin(keys)]) - set(step.von))
            if missing:
                raise InputError(
                    f"{missing[0]!r} is not in the Umsteiger from {begin:%d.%m.%Y} to {end:%d.%m.%Y} ({gewicht})"
                )
        if not complete:  # areas that no earlier step has named stayed what they were until now
            named = set(step.von) if (step.liste == "alle").all() else set(step.von) | set(step.nach)
            new = sorted(named - set(shares.von) - set(shares.nach))
            shares = pd.concat([shares, pd.DataFrame({"von": new, "nach": new, "anteil": 1.0})], ignore_index=True)
            complete = (step.liste == "alle").all()
        joined = shares.merge(
            step[["von", "nach", "anteil"]].rename(columns={"von": "nach", "nach": "dann", "anteil": "teil"}),
            on="nach",
            how="left",
            validate="many_to_many",
        )
        stays = joined.dann.isna()
        joined["dann"] = joined.dann.where(~stays, joined.nach)
        joined["anteil"] *= joined.teil.where(~stays, 1.0)
        sums = joined.groupby(["von", "dann"], sort=False).anteil.sum(skipna=False)
        shares = sums.rename_axis(["von", "nach"]).reset_index()
    return shares


def to_kreise(observations: pd.DataFrame, katalog: Katalog) -> pd.DataFrame:
    """Counts of Kreise as sums over the Gemeinden that are given, by the same rules as `carry`.

    The caller answers for the Gemeinden being complete.

    Raises
    ------
    InputError
        As in `carry`.
    """
    for groesse in observations.groesse.unique():
        if not katalog.groesse(groesse).is_count:
            raise InputError(f"{groesse} is a rate; sum the counts of its numerator and denominator instead")
    keys = pd.Series(sorted(observations.ags.unique()), dtype=object)
    return _carried(observations, pd.DataFrame({"von": keys, "nach": keys.str[:5], "anteil": 1.0}))


def _existing(usable: pd.DataFrame, gemeinden: pd.DataFrame | None, day: dt.date) -> set[str] | None:
    """Areas of a territorial date by the Gemeindeverzeichnis or an Umsteiger that lists all, None if neither tells."""
    if gemeinden is not None and (gemeinden.stand == day).any():
        return set(gemeinden.ags[gemeinden.stand == day])
    of_day = usable[(usable.von_stand == day) & (usable.liste == "alle")]
    return set(of_day.von) if len(of_day) else None


def _of_existing(observations: pd.DataFrame, existing: set[str] | None, day: dt.date) -> pd.DataFrame:
    """Observations without the unknown values of areas that did not exist (sources list dissolved areas too).

    Refuses a value of such an area, or one that is kept secret.
    """
    if existing is None:
        return observations
    gone = ~observations.ags.isin(existing)
    wrong = observations[gone & ~observations.grund.isin(["unbekannt", "spaeter"])]
    if len(wrong):
        row = wrong.iloc[0]
        raise InputError(
            f"{row.groesse} of {row.ags} on {row.stichtag:%d.%m.%Y} is given, but by Gemeindeverzeichnis or Umsteiger "
            f"there was no {row.ags} on {day:%d.%m.%Y}"
        )
    return observations[~gone]


def _path(
    usable: pd.DataFrame, von_stand: dt.date, nach_stand: dt.date, ebene: str, gewicht: str
) -> list[tuple[dt.date, dt.date]]:
    """Steps from date to date, as few as possible."""
    steps = list(usable[["von_stand", "nach_stand"]].drop_duplicates().itertuples(index=False, name=None))
    paths, seen = [[(None, von_stand)]], {von_stand}
    while paths:
        longer = []
        for path in paths:
            for begin, end in sorted(steps, key=lambda step: step[1], reverse=True):
                if begin != path[-1][1] or end in seen or end > nach_stand:
                    continue
                if end == nach_stand:
                    return [*path, (begin, end)][1:]
                seen.add(end)
                longer.append([*path, (begin, end)])
        paths = longer
    there = ", ".join(f"{b:%d.%m.%Y} to {e:%d.%m.%Y}" for b, e in sorted(steps)[:12]) or "none"
    raise InputError(
        f"no Umsteiger of {ebene} ({gewicht}) leads from {von_stand:%d.%m.%Y} to {nach_stand:%d.%m.%Y}; "
        f"there are: {there}"
    )


def _carried(observations: pd.DataFrame, shares: pd.DataFrame) -> pd.DataFrame:
    """Sums of the parts of each target, with the reason where a part is missing."""
    fields = ["stichtag", "groesse"]
    delivered = shares[shares.von.isin(set(observations.ags))]
    feeding = shares[shares.nach.isin(set(delivered.nach)) & ~(shares.anteil == 0)]
    # every part of every target for every date and quantity: what is not there must show
    of_each = observations[fields].drop_duplicates()
    wanted = feeding.merge(of_each, how="cross")
    parts = wanted.merge(
        observations[COLUMNS].rename(columns={"ags": "von"}), on=["von", *fields], how="left", validate="many_to_one"
    )
    there = parts.quelle.notna()
    group, targets = grouped(parts, ["nach", *fields])
    any_there = pd.Series(there).groupby(group).transform("any").to_numpy()
    parts, group = parts[any_there].reset_index(drop=True), group[any_there]
    there = parts.quelle.notna()
    sources = parts.groupby(group).quelle.nunique()
    if (sources > 1).any():
        row = targets.loc[sources.index[sources > 1][0]]
        names = sorted(parts.quelle[group == sources.index[sources > 1][0]].dropna().unique())
        raise InputError(
            f"{row.groesse} of {row.nach} on {row.stichtag:%d.%m.%Y} would come from {' and '.join(names)}; carry one "
            "source at a time"
        )
    reasons = ["", *GRUENDE]
    reason = parts.grund.where(there, "unbekannt")
    reason = reason.where((reason != "") | parts.anteil.notna(), "unbekannt")
    # geheim stands first among the reasons: it must not be told as merely unknown
    weight = reason.map({grund: len(reasons) - n if n else 0 for n, grund in enumerate(reasons)})
    whole = (parts.anteil - 1).abs() <= _WHOLE
    quality = parts.guete.where(there & whole, "geschaetzt").map(_GUETEN.index)
    table = pd.DataFrame(
        {
            "wert": np.where(whole, parts.wert, parts.wert * parts.anteil),
            "weight": weight,
            "quality": quality,
            "quelle": parts.quelle,
        }
    )
    sums = table.groupby(group).agg(
        wert=("wert", "sum"), weight=("weight", "max"), quality=("quality", "max"), quelle=("quelle", "first")
    )
    result = targets.loc[sums.index].rename(columns={"nach": "ags"})
    missing = sums.weight > 0
    result["wert"] = sums.wert.where(~missing)
    result["grund"] = sums.weight.map({len(reasons) - n if n else 0: grund for n, grund in enumerate(reasons)})
    result["guete"] = sums.quality.map(dict(enumerate(_GUETEN))).where(~missing, "")
    result["quelle"] = sums.quelle
    return result[COLUMNS].reset_index(drop=True)
