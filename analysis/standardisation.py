"""Directly standardised rates: what the rate of an area would be with the age structure of a standard population."""

from pathlib import Path

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.rates import NIVEAU, WENIGE_FAELLE, byar_counts
from analysis.yaml_files import load_yaml


def standardbevoelkerung(id: str = "esp2013") -> pd.Series:
    """Persons of each stratum of a standard population, as standardbevoelkerung.yaml gives them."""
    path = Path(__file__).with_name("standardbevoelkerung.yaml")
    known = load_yaml(path, path.with_suffix(".schema.json"))
    if id not in known:
        raise InputError(f"standard population {id!r}; expected one of {', '.join(known)}")
    return pd.Series(known[id]["personen"], dtype=float, name="personen").rename_axis("stratum")


def dsr(
    counts: pd.DataFrame,
    standard: pd.Series,
    schluessel: tuple[str, ...] = ("ags",),
    niveau: float = NIVEAU,
) -> pd.DataFrame:
    """Directly standardised rates with Dobson's interval.

    With xᵢ events among nᵢ persons of stratum i, standard population wᵢ and W = Σ wᵢ: rate = Σ wᵢ xᵢ/nᵢ / W; its
    bounds are rate + √(v/x) (L - x) with v = Σ wᵢ² xᵢ/nᵢ² / W², x = Σ xᵢ and L the bounds of x by Byar's method.

    Parameters
    ----------
    counts
        One row per area and stratum: columns `schluessel`, `stratum`, `zaehler` (events), `nenner` (persons).
    standard
        Persons of the standard population by stratum (see `standardbevoelkerung`).
    schluessel
        Columns that name an area (and day).

    Returns
    -------
    pandas.DataFrame
        One row per key: `zaehler`, `nenner` (sums), `rate`, `unten`, `oben`, `grund`. Without a rate `grund` says why:
        `unbekannt` (a stratum has no number), `sinnlos` (one without persons), `unsicher` (fewer than 10 events).

    Raises
    ------
    InputError
        A stratum is missing, twice or unknown; a negative number; a standard population without persons.

    Notes
    -----
    Dobson et al. (1991), Statistics in Medicine 10, 457-462; equal to PHEindicatormethods `calculate_dsr`, which gives
    no rate for fewer than 10 events. It counts a missing number as 0; here it is missing.
    """
    keys = list(schluessel)
    _check(counts, standard, keys)
    weights = standard / standard.sum()
    rows = counts.assign(w=counts.stratum.map(weights))
    persons = rows.nenner.where(rows.nenner > 0)
    rows = rows.assign(
        part=rows.w * rows.zaehler / persons,
        square=rows.w**2 * rows.zaehler / persons**2,
        unknown=rows.zaehler.isna() | rows.nenner.isna(),
        empty=rows.nenner <= 0,
    )
    groups = rows.groupby(keys, sort=False)
    result = groups[["zaehler", "nenner", "part", "square"]].sum(min_count=len(standard))
    unknown, empty = groups.unknown.any(), groups.empty.any()
    result["grund"] = np.select(
        [unknown, empty, result.zaehler < WENIGE_FAELLE], ["unbekannt", "sinnlos", "unsicher"], default=""
    )
    cases = result.zaehler.where(result.grund == "")
    low, high = byar_counts(cases, niveau)
    scale = np.sqrt(result.square / cases)
    result["rate"] = result.part.where(result.grund == "")
    result["unten"], result["oben"] = result.rate + scale * (low - cases), result.rate + scale * (high - cases)
    return result.reset_index()[[*keys, "zaehler", "nenner", "rate", "unten", "oben", "grund"]]


def _check(counts: pd.DataFrame, standard: pd.Series, keys: list[str]) -> None:
    missing = {*keys, "stratum", "zaehler", "nenner"} - set(counts)
    if missing:
        raise InputError(f"standardised rate: no column {', '.join(sorted(missing))}")
    if not len(standard) or not (standard > 0).all() or standard.index.has_duplicates:
        raise InputError("standardised rate: the standard population needs each stratum once, with more than 0 persons")
    tests = [
        (~counts.stratum.isin(standard.index), f"expected one of {', '.join(map(str, standard.index))}"),
        (counts.duplicated([*keys, "stratum"]), "it stands twice"),
        (counts.zaehler < 0, "a negative number of events; expected 0 or more"),
        (counts.nenner < 0, "a negative number of persons; expected 0 or more"),
    ]
    for wrong, expected in tests:
        if wrong.any():
            row = counts[wrong].iloc[0]
            raise InputError(f"standardised rate: {_place(row, keys)}, stratum {row.stratum}: {expected}")
    strata = counts.groupby(keys, sort=False).stratum.agg(set)
    incomplete = strata[strata.str.len() < len(standard)]
    if len(incomplete):
        absent = [str(s) for s in standard.index if s not in incomplete.iloc[0]]
        key = incomplete.index[0]
        values = key if isinstance(key, tuple) else (key,)
        place = _place(pd.Series(dict(zip(keys, values, strict=True))), keys)
        raise InputError(f"standardised rate: {place} has no stratum {', '.join(absent)}")


def _place(row: pd.Series, keys: list[str]) -> str:
    return ", ".join(f"{key} {row[key]}" for key in keys)
