"""Status and dynamic of areas: how they stand among all, and whether they gain or lose against all."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.vergleich.eingabe import breit, vorzeichen
from analysis.vergleich.ziehung import ziehen

STATUS = ("hoch", "mittel", "niedrig", "sehr niedrig")
"""Classes of the status; `hoch` is the most favourable one."""

STATUS_GRENZEN = (-1.0, 1.0, 1.5)
"""Bounds between them in standard deviations of the index, high is unfavourable."""

DYNAMIK = ("positiv", "stabil", "negativ")
"""Classes of the dynamic; `negativ` is one that grows worse than the others."""

DYNAMIK_GRENZEN = (-1.0, 1.0)
"""Bounds between them."""

MINDESTENS_EINWOHNER = 300
"""Inhabitants below which an area is not classified."""

SICHER = 0.95
"""Share of the simulations in which a class must hold to be called certain."""

MINDESTENS_GEBIETE = 5
"""Areas from which there are classes."""


def status_dynamik(
    werte: pd.DataFrame,
    werte_frueher: pd.DataFrame,
    richtung: Mapping[str, str],
    einwohner: pd.Series,
    *,
    seed: int,
    ziehungen: int = 1000,
) -> pd.DataFrame:
    """Status (4 classes) and dynamic (3 classes) of each area, as the Berlin Monitoring Soziale Stadtentwicklung.

    The status index is the mean of the z values of the indicators, the dynamic index that of their changes (in
    percentage points). High is unfavourable. Each is divided by its standard deviation, and classed by it.

    Parameters
    ----------
    werte, werte_frueher
        Values of the same indicators (`indicators.compute`), one day each, later and earlier.
    richtung
        Direction of each indicator in the catalogue; all need one.
    einwohner
        Inhabitants per area (index `ags`).
    seed, ziehungen
        Of the simulation that says how certain a class is: z values, indices and classes are made anew from values
        that the intervals of both days allow.

    Returns
    -------
    pandas.DataFrame
        One row per area of `werte`, sorted by key:

        - `ags`, `status_index`, `dynamik_index` in standard deviations, `status`, `dynamik`
        - `status_anteil`, `dynamik_anteil`, `klasse_anteil`: share of the simulations with the same status, dynamic,
          both; NaN where a value has no interval
        - `status_sicher`, `dynamik_sicher`, `klasse_sicher`: whether that is at least 95 %
        - `grund`: why there is no class (`zu_wenige_einwohner`, `einwohner_unbekannt`, `wert_fehlt`), or no certainty
          (`ohne_intervall`)

    Notes
    -----
    Areas are relative to the others: in a good year as many are `niedrig` as in a bad one, and the dynamic of an
    area that stays as it is can be negative. The draws of both days are independent; where the same persons are counted
    on both days, the change is more certain than shown.

    Raises
    ------
    InputError
        Different indicators on both days, an indicator without direction or that does not vary, too few areas.
    """
    later, earlier = breit(werte), breit(werte_frueher)
    _check_indicators(later, earlier, werte, werte_frueher)
    sign = vorzeichen(later.columns, richtung).to_numpy()
    earlier = earlier.reindex(later.index)
    reason = _reasons(later, earlier, einwohner)
    used = later.index[reason == ""]
    if len(used) < MINDESTENS_GEBIETE:
        raise InputError(
            f"status: {len(used)} areas with values and inhabitants; expected {MINDESTENS_GEBIETE} or more"
        )
    day, before = later.loc[used].to_numpy(), earlier.loc[used].to_numpy()
    for name, spread in zip(later.columns, np.minimum(np.ptp(day, axis=0), np.ptp(day - before, axis=0)), strict=True):
        if not spread > 0:
            raise InputError(f"status: {name} or its change does not vary; expected values that differ")
    status, dynamik = klassen_index(day * sign), klassen_index((day - before) * sign)
    status_class, dynamik_class = _classes(status, dynamik)
    generator = np.random.default_rng(seed)
    drawn = _drawn(werte, used, later.columns, generator, ziehungen)
    drawn_before = _drawn(werte_frueher, used, later.columns, generator, ziehungen)
    drawn_status, drawn_dynamik = _classes(klassen_index(drawn * sign), klassen_index((drawn - drawn_before) * sign))
    same_status, same_dynamik = drawn_status == status_class, drawn_dynamik == dynamik_class
    known = _with_interval(werte, used, later.columns), _with_interval(werte_frueher, used, later.columns)
    table = pd.DataFrame(
        {
            "status_index": status,
            "dynamik_index": dynamik,
            "status": np.array(STATUS, object)[status_class],
            "dynamik": np.array(DYNAMIK, object)[dynamik_class],
            "status_anteil": np.where(known[0], same_status.mean(axis=0), np.nan),
            "dynamik_anteil": np.where(known[0] & known[1], same_dynamik.mean(axis=0), np.nan),
            "klasse_anteil": np.where(known[0] & known[1], (same_status & same_dynamik).mean(axis=0), np.nan),
        },
        index=used,
    ).reindex(later.index)
    for name in ("status", "dynamik", "klasse"):
        table[f"{name}_sicher"] = table[f"{name}_anteil"] >= SICHER
    table[["status", "dynamik"]] = table[["status", "dynamik"]].fillna("")
    table["grund"] = reason.mask((reason == "") & table.klasse_anteil.isna(), "ohne_intervall")
    return table.rename_axis("ags").reset_index()


def klassen_index(values: np.ndarray) -> np.ndarray:
    """Mean of the z values (last axis: indicators, before it: areas), in its own standard deviations."""
    z = (values - values.mean(axis=-2, keepdims=True)) / values.std(axis=-2, ddof=1, keepdims=True)
    index = z.mean(axis=-1)
    return index / index.std(axis=-1, ddof=1, keepdims=True)


def _classes(status: np.ndarray, dynamik: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.digitize(status, STATUS_GRENZEN), np.digitize(dynamik, DYNAMIK_GRENZEN)


def _check_indicators(later: pd.DataFrame, earlier: pd.DataFrame, werte: pd.DataFrame, frueher: pd.DataFrame) -> None:
    other = set(later) ^ set(earlier)
    if other:
        raise InputError(f"status: {min(other)} has values of one day only; expected the same indicators on both days")
    days, before = (table.groupby("indikator").stichtag.first() for table in (werte, frueher))
    wrong = days <= before
    if wrong.any():
        name = wrong.idxmax()
        raise InputError(f"status: {name} at {days[name]} is not later than {before[name]}; expected a later day")


def _reasons(later: pd.DataFrame, earlier: pd.DataFrame, einwohner: pd.Series) -> pd.Series:
    people = einwohner.reindex(later.index)
    missing = later.isna().any(axis=1) | earlier.isna().any(axis=1)
    few = people < MINDESTENS_EINWOHNER
    reason = np.select(
        [people.isna(), few, missing], ["einwohner_unbekannt", "zu_wenige_einwohner", "wert_fehlt"], default=""
    )
    return pd.Series(reason, index=later.index)


def _long(werte: pd.DataFrame, used: pd.Index, indikatoren: pd.Index) -> pd.DataFrame:
    """Rows of all used areas, indicator after indicator."""
    key = pd.MultiIndex.from_product([indikatoren, used], names=["indikator", "ags"])
    return werte.set_index(["indikator", "ags"]).loc[key].reset_index()


def _drawn(werte, used, indikatoren, generator, ziehungen: int) -> np.ndarray:
    """Values that the intervals allow: draws × areas × indicators."""
    rows = _long(werte, used, indikatoren)
    values = ziehen(rows, generator.standard_normal((ziehungen, len(rows))))
    return values.reshape(ziehungen, len(indikatoren), len(used)).swapaxes(1, 2)


def _with_interval(werte, used, indikatoren) -> np.ndarray:
    rows = _long(werte, used, indikatoren)
    known = (rows.unten.notna() & rows.oben.notna()).to_numpy()
    return known.reshape(len(indikatoren), len(used)).all(axis=0)
