"""Population margins: counts from the Melderegister, and whether a sample can be weighted to them.

A margin is a Series of population counts by category. A set of margins is a dict: a column of the respondents → Series;
for a crossed margin a tuple of columns → Series whose MultiIndex has the values in the same order.
"""

import datetime as dt
from collections.abc import Hashable, Mapping

import numpy as np
import pandas as pd

from analysis import melderegister, planungsraeume
from analysis.errors import InputError

Raender = Mapping[str | tuple[str, ...], pd.Series]

ALTERSGRUPPEN: dict[str, tuple[int, int | None]] = {
    "18-29": (18, 29),
    "30-44": (30, 44),
    "45-64": (45, 64),
    "65-79": (65, 79),
    "80+": (80, None),
}
"""Age groups of adults: lowest and highest age in full years; None is open upwards."""

OHNE_ANGABE = "ohne Angabe"
"""Category of respondents without a value in a margin."""

_GLEICH = 1e-6
"""Relative difference up to which the totals of two margins are the same (rounded shares of a total)."""


def from_register(
    register: pd.DataFrame,
    ortsteile: pd.DataFrame,
    raeume: pd.DataFrame,
    kreis: str,
    stichtag: dt.date,
    *,
    gruppen: Mapping[str, tuple[int, int | None]] = ALTERSGRUPPEN,
    nur_m_w: bool = False,
) -> pd.DataFrame:
    """Residents of a Kreis by Planungsraum, age group and sex on a day, as the Meldeaemter counted them.

    Parameters
    ----------
    register, ortsteile, raeume
        Bestaende `melderegister`, `ortsteile`, `planungsraeume` of the store.
    stichtag
        A day for which the register was delivered; age in full years at its end of year.
    gruppen
        Age groups that do not overlap; together they are the population of the survey.
    nur_m_w
        Residents with another entry than m or w (divers, none) are spread over m and w of their age group and area in
        proportion (official statistics do it at random). Without it every entry that somebody has is a category.

    Returns
    -------
    pandas.DataFrame
        Columns `raum`, `altersgruppe`, `geschlecht`, `personen` (float); rows with nobody are there with 0.

    Raises
    ------
    InputError
        Nothing was delivered for the Kreis and day, a number is secret or unknown, age groups overlap.
    """
    place = f"margins of {kreis} for {stichtag:%d.%m.%Y}"
    _check_groups(gruppen)
    inside = register[(register.stichtag == stichtag) & (register.ortsteil.str[:5] == kreis)]
    if inside.empty:
        raise InputError(f"{place}: the store holds no Melderegister of this Kreis and day")
    parts = planungsraeume.members(raeume[raeume.kreis == kreis], stichtag)
    if parts.empty:
        raise InputError(f"{place}: the store holds no Planungsraeume of this Kreis and day")
    areas = melderegister.by_members(ortsteile[ortsteile.ortsteil.str[:5] == kreis], parts)
    table = melderegister.count(inside, areas, ("geschlecht",), dict(gruppen))
    if (table.grund != "").any():
        row = table[table.grund != ""].iloc[0]
        raise InputError(
            f"{place}: the number of residents {row.gruppe}, {row.geschlecht} in {row.raum} is {row.grund}; expected a "
            "number (choose other age groups, or a day for which all Ortsteile were delivered)"
        )
    whole = melderegister.count(inside, areas.assign(raum=kreis), (), {"alle": _span(gruppen)})
    table = table.rename(columns={"gruppe": "altersgruppe"}).assign(personen=table.personen.astype(float))
    if table.personen.sum() != whole.personen.astype(float).sum():
        raise InputError(
            f"{place}: the age groups hold {table.personen.sum():.0f} of {whole.personen.sum()} residents from their "
            "lowest to their highest age; expected groups without gaps"
        )
    if nur_m_w:
        table = _m_and_w(table, place)
    somebody = table.groupby("geschlecht").personen.transform("sum") > 0
    return table[somebody][["raum", "altersgruppe", "geschlecht", "personen"]].reset_index(drop=True)


def margin(zaehlung: pd.DataFrame, *spalten: str) -> pd.Series:
    """Sum of the column `personen` by columns (one: a plain index, several: a MultiIndex)."""
    lacking = [name for name in spalten if name not in zaehlung]
    if lacking or not spalten:
        raise InputError(f"margin by {', '.join(map(str, spalten)) or 'nothing'}: expected columns of the table "
                         f"({', '.join(map(str, zaehlung.columns))})")  # fmt: skip
    return zaehlung.groupby(list(spalten) if len(spalten) > 1 else spalten[0], sort=False).personen.sum()


def age_groups(alter: pd.Series, gruppen: Mapping[str, tuple[int, int | None]] = ALTERSGRUPPEN) -> pd.Series:
    """Age group of each respondent; NA where the age is missing.

    Raises
    ------
    InputError
        An age is no number or in no group.
    """
    _check_groups(gruppen)
    years = pd.to_numeric(alter, errors="coerce").astype("Float64")
    result = pd.Series(pd.NA, alter.index, object, name=alter.name)
    for name, (lowest, highest) in gruppen.items():
        inside = years >= lowest if highest is None else (years >= lowest) & (years < highest + 1)
        result[inside.fillna(False).astype(bool)] = name
    outside = alter.notna() & result.isna()
    if outside.any():
        raise InputError(
            f"age of respondent {int(np.flatnonzero(outside)[0]) + 1}: {shown(alter[outside].iloc[0])}; expected an "
            f"age in one of the groups {', '.join(gruppen)} ({outside.sum()} respondents are in none)"
        )
    return result


def indicators(
    merkmale: pd.DataFrame,
    raender: Raender,
    *,
    fehlend: str = "fehler",
    gewicht: np.ndarray | None = None,
    massstab: str | tuple[str, ...] | None = None,
) -> tuple[pd.DataFrame, pd.Series]:
    """Membership of every category of every margin, and the population counts, once they fit each other.

    Parameters
    ----------
    merkmale
        Columns that the margins name, one row per respondent.
    raender
        Margins; see the module.
    fehlend
        Respondents without a value: `fehler` refuses; `anteilig` gives them a category of their own (`OHNE_ANGABE`)
        that keeps its share of the weights, and the population counts of the margin share the rest.
    gewicht
        Weights before, for the shares of `anteilig`; without them everybody counts alike.
    massstab
        Margin to whose total the others are scaled; without it all totals must be the same.

    Returns
    -------
    tuple of pandas.DataFrame and pandas.Series
        0/1, respondents × categories with columns `rand`, `kategorie`; the counts in the same order. Categories with a
        count of 0 that no respondent has are left out.

    Raises
    ------
    InputError
        A count is missing, negative or no number, a category stands twice, totals differ, a category lacks respondents
        or a respondent's category lacks population, a value is missing.
    """
    if fehlend not in ("fehler", "anteilig"):
        raise InputError(f"margins: fehlend={fehlend!r}; expected fehler or anteilig")
    if not raender:
        raise InputError("margins: none given; expected at least one Series of population counts")
    checked = {name: _counts(name, counts) for name, counts in raender.items()}
    checked = _same_total(checked, massstab)
    parts, totals = [], []
    weights = np.ones(len(merkmale)) if gewicht is None else np.asarray(gewicht, float)
    for name, counts in checked.items():
        codes = _codes(name, merkmale, counts)
        missing = codes < 0
        if missing.any() and fehlend == "fehler":
            raise InputError(
                f"margin {_text(name)}: {missing.sum()} respondents have no value (first: respondent "
                f"{int(np.flatnonzero(missing)[0]) + 1}); give them a category, or let them keep their share "
                "(fehlend=anteilig)"
            )
        names = list(counts.index)
        numbers = counts.to_numpy(float)
        if missing.any():
            if missing.all():
                raise InputError(f"margin {_text(name)}: no respondent has a value")
            anteil = weights[missing].sum() / weights.sum()
            codes = np.where(missing, len(names), codes)
            names, numbers = [*names, OHNE_ANGABE], np.append(numbers * (1 - anteil), anteil * numbers.sum())
        member = (codes[:, None] == np.arange(len(names))).astype(float)
        _check_cases(name, names, numbers, member.sum(axis=0))
        used = numbers > 0
        columns = pd.MultiIndex.from_arrays(
            [[_text(name)] * int(used.sum()), _plain(names, used)], names=["rand", "kategorie"]
        )
        parts.append(pd.DataFrame(member[:, used], columns=columns, index=merkmale.index))
        totals.append(pd.Series(numbers[used], columns))
    return pd.concat(parts, axis=1), pd.concat(totals)


def _plain(names: list, used: np.ndarray) -> list:
    """Categories as single values, those of a crossed margin as text: `18-29, weiblich`."""
    kept = [name for name, u in zip(names, used, strict=True) if u]
    crossed = any(isinstance(name, tuple) for name in kept)
    return [", ".join(map(str, name)) if isinstance(name, tuple) else name for name in kept] if crossed else kept


def _text(name: Hashable) -> str:
    return " × ".join(map(str, name)) if isinstance(name, tuple) else str(name)


def _category(value: Hashable) -> str:
    return " / ".join(map(shown, value)) if isinstance(value, tuple) else shown(value)


def shown(value) -> str:
    """A value as in the data, for messages: text in quotes, a number as number, NaN as such."""
    return repr(value.item() if isinstance(value, np.generic) else value)


def _counts(name, counts: pd.Series) -> pd.Series:
    """Counts as numbers, if they are such, with every category once."""
    if not isinstance(counts, pd.Series):
        raise InputError(f"margin {_text(name)}: {type(counts).__name__}; expected a Series category → persons")
    if counts.empty:
        raise InputError(f"margin {_text(name)}: no categories")
    levels = len(name) if isinstance(name, tuple) else 1
    if counts.index.nlevels != levels:
        raise InputError(
            f"margin {_text(name)}: {counts.index.nlevels} levels of categories for {levels} columns of the respondents"
        )
    if counts.index.has_duplicates:
        raise InputError(f"margin {_text(name)}: {_category(counts.index[counts.index.duplicated()][0])} stands twice")
    numbers = pd.to_numeric(counts, errors="coerce").astype("Float64").to_numpy(float, na_value=np.nan)
    wrong = ~(numbers >= 0) | np.isinf(numbers)
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        raise InputError(
            f"margin {_text(name)}, category {_category(counts.index[place])}: {shown(counts.iloc[place])}; expected a "
            "number of persons"
        )
    if numbers.sum() == 0:
        raise InputError(f"margin {_text(name)}: all counts are 0")
    return pd.Series(numbers, counts.index)


def _same_total(raender: dict, massstab) -> dict:
    totals = {name: counts.sum() for name, counts in raender.items()}
    if massstab is not None:
        if massstab not in raender:
            raise InputError(f"margins: there is no margin {massstab!r} to scale to")
        return {name: counts * (totals[massstab] / totals[name]) for name, counts in raender.items()}
    first = next(iter(totals))
    for name, value in totals.items():
        if abs(value - totals[first]) > _GLEICH * totals[first]:
            raise InputError(
                f"margins: {_text(first)} adds up to {totals[first]:,.10g} and {_text(name)} to {value:,.10g}; "
                "expected the same total (or name the margin to scale to: massstab)"
            )
    return {name: counts * (totals[first] / totals[name]) for name, counts in raender.items()}


def _codes(name, merkmale: pd.DataFrame, counts: pd.Series) -> np.ndarray:
    """Position in the margin per respondent; -1 where a value is missing."""
    columns = list(name) if isinstance(name, tuple) else [name]
    lacking = [column for column in columns if column not in merkmale]
    if lacking:
        raise InputError(f"margin {_text(name)}: the respondents have no column {lacking[0]!r}")
    values = [merkmale[column].astype(object) for column in columns]
    missing = np.logical_or.reduce([column.isna().to_numpy() for column in values])
    known = {category: i for i, category in enumerate(counts.index)}
    keys = np.empty(len(merkmale), object)
    keys[:] = list(zip(*values, strict=True)) if isinstance(name, tuple) else values[0].to_numpy()
    which, found = pd.factorize(np.where(missing, None, keys))
    codes = np.array([*(known.get(key, -2) for key in found), -1])[which]
    if (codes == -2).any():
        key = keys[np.flatnonzero(codes == -2)[0]]
        same = int((which == which[np.flatnonzero(codes == -2)[0]]).sum())
        raise InputError(
            f"margin {_text(name)}: {same} respondents have {_category(key)}, which has no population; expected one of "
            f"{', '.join(map(_category, list(known)[:12]))}"
        )
    return codes


def _check_cases(name, names: list, numbers: np.ndarray, cases: np.ndarray) -> None:
    for wrong, text in (
        ((cases == 0) & (numbers > 0), "{n:,.10g} persons of the population and no respondent; join categories"),
        ((cases > 0) & (numbers == 0), "{c:.0f} respondents and no population; expected a count above 0"),
    ):
        if wrong.any():
            i = int(np.flatnonzero(wrong)[0])
            more = f" ({wrong.sum()} categories are so)" if wrong.sum() > 1 else ""
            raise InputError(
                f"margin {_text(name)}, category {_category(names[i])}: {text.format(n=numbers[i], c=cases[i])}{more}"
            )


def _check_groups(gruppen: Mapping[str, tuple[int, int | None]]) -> None:
    bounds = sorted((low, np.inf if high is None else high, name) for name, (low, high) in gruppen.items())
    if not bounds:
        raise InputError("age groups: none given")
    for low, high, name in bounds:
        if not low <= high:
            raise InputError(f"age group {name}: {low} to {high:g}; expected the lower age first")
    for (_, high, name), (low, _, following) in zip(bounds, bounds[1:], strict=False):
        if low <= high:
            raise InputError(f"age groups {name} and {following} overlap")


def _span(gruppen: Mapping[str, tuple[int, int | None]]) -> tuple[int, int | None]:
    tops = [high for _, high in gruppen.values()]
    return min(low for low, _ in gruppen.values()), None if None in tops else max(tops)


def _m_and_w(table: pd.DataFrame, place: str) -> pd.DataFrame:
    """Residents with another entry spread over m and w of their area and age group."""
    two = table[table.geschlecht.isin(["m", "w"])].copy()
    cell = ["raum", "altersgruppe"]
    others = table[~table.geschlecht.isin(["m", "w"])].groupby(cell).personen.sum()
    other = pd.MultiIndex.from_frame(two[cell]).map(others).fillna(0).to_numpy(float)
    whole = two.groupby(cell).personen.transform("sum").to_numpy(float)
    empty = (whole == 0) & (other > 0)
    if empty.any():
        row = two[empty].iloc[0]
        raise InputError(f"{place}: nobody with m or w is {row.altersgruppe} in {row.raum}, but others are")
    return two.assign(personen=two.personen * (1 + np.divide(other, whole, out=np.zeros(len(two)), where=whole > 0)))
