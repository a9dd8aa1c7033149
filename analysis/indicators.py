"""Indicators from observations: value with interval, and the place of a Kreis among others."""

import numpy as np
import pandas as pd

from analysis.bestandteile import BASIS_TAGE, by_quantity, counted, parts
from analysis.catalogue import FAKTOR, Indikator, Katalog
from analysis.rates import byar, wilson

COLUMNS = [
    *("ags", "stichtag", "indikator", "anteil", "unten", "oben", "intervall", "grund", "guete", "quelle"),
    *("zaehler", "nenner", "nenner_stichtag"),
]


def compute(observations: pd.DataFrame, katalog: Katalog) -> pd.DataFrame:
    """All indicators of the catalogue for all keys and days that the observations allow.

    Parameters
    ----------
    observations
        Current observations of the store.
    katalog
        Definitions; `Indikator.art` says how each is computed and which interval it has.

    Returns
    -------
    pandas.DataFrame
        One row per `ags`, `stichtag`, `indikator`. `anteil`, `unten`, `oben` are ratios (0.071 for 7.1 %); bounds
        are NaN where no interval can be given. `intervall` is `wilson` (share of a whole), `byar` (count per
        population), `naeherung` (published rate with a known basis) or empty. `anteil` is NaN where a part is missing:
        `grund` keeps its reason; it is `sinnlos` for a denominator of 0 and a part above its whole. Amounts are in
        Euro. `guete` and `quelle` name every quality and source of the parts. `zaehler` and `nenner` are the counts
        that it is computed from, counted on `stichtag` and `nenner_stichtag`; NaN and None for a published rate.
        Where a part was not delivered for a key and day there is no row; `bestandteile.lacking` says what was missing.
    """
    if observations.empty:
        return pd.DataFrame(columns=COLUMNS)
    wide = by_quantity(observations)
    tables = [
        _ART[indikator.art](indikator, katalog, wide)
        for indikator in katalog.indikatoren.values()
        if set(indikator.groessen) <= set(wide["wert"])
    ]
    if not tables:
        return pd.DataFrame(columns=COLUMNS)
    return pd.concat(tables, ignore_index=True).reindex(columns=COLUMNS)


def _anteil(indikator: Indikator, katalog: Katalog, wide: dict) -> pd.DataFrame:
    """Share of a whole; a part that is larger than its whole gives none (`sinnlos`)."""
    frame = counted(indikator, wide)
    part = frame.zaehler.where(~(frame.zaehler > frame.nenner))
    unten, oben = wilson(part, frame.nenner)
    return _with_interval(frame, part / frame.nenner.where(frame.nenner > 0), unten, oben, "wilson")


def _verhaeltnis(indikator: Indikator, katalog: Katalog, wide: dict) -> pd.DataFrame:
    """Ratio a/b of two separate counts; its interval is that of a/(a+b), carried over by p/(1-p)."""
    frame = counted(indikator, wide)
    unten, oben = wilson(frame.zaehler, frame.zaehler + frame.nenner)
    anteil = frame.zaehler / frame.nenner.where(frame.nenner > 0)
    with np.errstate(divide="ignore"):
        return _with_interval(frame, anteil, unten / (1 - unten), oben / (1 - oben), "wilson")


def _rate(indikator: Indikator, katalog: Katalog, wide: dict) -> pd.DataFrame:
    """Count per population of which it is no part."""
    frame = counted(indikator, wide)
    unten, oben = byar(frame.zaehler, frame.nenner)
    return _with_interval(frame, frame.zaehler / frame.nenner.where(frame.nenner > 0), unten, oben, "byar")


def _saldo(indikator: Indikator, katalog: Katalog, wide: dict) -> pd.DataFrame:
    """Difference of two counts per population; without interval, because people come and go together."""
    frame = counted(indikator, wide)
    none = np.full(len(frame), np.nan)
    return _with_interval(frame, frame.zaehler / frame.nenner.where(frame.nenner > 0), none, none, "")


def _betrag(indikator: Indikator, katalog: Katalog, wide: dict) -> pd.DataFrame:
    """Amount in Euro as published."""
    values, frame = parts(indikator, wide)
    none = np.full(len(frame), np.nan)
    return _with_interval(frame, values[indikator.aus["quote"]], none, none, "")


def _veroeffentlicht(indikator: Indikator, katalog: Katalog, wide: dict) -> pd.DataFrame:
    """Rate as published. With a known basis an approximate interval, widened by the rounding of the print.

    `basis_faktor` is the part of the basis that counts as independent cases.
    """
    values, frame = parts(indikator, wide)
    faktor = FAKTOR[katalog.groessen[indikator.aus["quote"]].einheit]
    anteil = values[indikator.aus["quote"]] / faktor
    basis = _nearest(frame, indikator.aus.get("basis", []), wide["wert"]) * indikator.aus.get("basis_faktor", 1)
    rounding = 0.5 * 10.0**-indikator.stellen / FAKTOR[indikator.einheit]
    unten, _ = wilson((anteil - rounding).clip(lower=0) * basis, basis)
    _, oben = wilson((anteil + rounding).clip(upper=1) * basis, basis)
    return _with_interval(frame, anteil, unten, oben, "naeherung")


def _produkt(indikator: Indikator, katalog: Katalog, wide: dict) -> pd.DataFrame:
    values, frame = parts(indikator, wide)
    faktoren = [FAKTOR[katalog.groessen[g].einheit] for g in indikator.aus["faktoren"]]
    anteil = (values[indikator.aus["faktoren"]] / faktoren).prod(axis=1, skipna=False)
    none = np.full(len(frame), np.nan)
    return _with_interval(frame.assign(guete="geschaetzt"), anteil, none, none, "")


_ART = {
    "anteil": _anteil,
    "verhaeltnis": _verhaeltnis,
    "rate": _rate,
    "saldo": _saldo,
    "betrag": _betrag,
    "veroeffentlicht": _veroeffentlicht,
    "produkt": _produkt,
}


def _with_interval(frame, anteil, unten, oben, art: str) -> pd.DataFrame:
    known = ~np.isnan(np.asarray(unten, float)) & ~np.isnan(np.asarray(anteil, float))
    frame = frame.assign(anteil=np.asarray(anteil, float), unten=unten, oben=oben)
    frame["intervall"] = np.where(known, art, "")
    no_reason = frame.anteil.isna() & (frame.grund == "")
    frame["grund"] = frame.grund.mask(no_reason, "sinnlos")  # a denominator of 0, or a part above its whole
    return frame


def _nearest(frame: pd.DataFrame, groessen: list[str], werte: pd.DataFrame) -> pd.Series:
    """Sum of `groessen` at the day nearest to each row's, at most `BASIS_TAGE` away; NaN where there is none."""
    if not groessen or not set(groessen) <= set(werte):
        return pd.Series(np.nan, index=frame.index)
    counts = werte[groessen].sum(axis=1, skipna=False).dropna().rename("basis").reset_index()
    counts["tag"] = pd.to_datetime(counts.stichtag)
    wanted = frame[["ags"]].assign(tag=pd.to_datetime(frame.stichtag), row=frame.index)
    found = pd.merge_asof(
        wanted.astype({"ags": "str"}).sort_values("tag"),
        counts[["ags", "tag", "basis"]].astype({"ags": "str"}).sort_values("tag"),
        on="tag",
        by="ags",
        direction="nearest",
        tolerance=pd.Timedelta(days=BASIS_TAGE),
    )
    return found.set_index("row").basis.reindex(frame.index)


def comparison_day(werte: pd.DataFrame) -> pd.DataFrame:
    """Rows of each indicator at its newest day that is well enough filled to compare.

    That is the newest day with values for at least half as many keys as the best-filled day has.
    """
    filled = werte[werte.anteil.notna()].groupby(["indikator", "stichtag"]).size()
    enough = filled[filled >= filled.groupby("indikator").transform("max") / 2].reset_index()
    newest = enough.groupby("indikator", as_index=False).stichtag.max()
    return werte.merge(newest, on=["indikator", "stichtag"])


def compare(werte: pd.DataFrame, ags: str) -> pd.DataFrame:
    """Place of one key among all keys, for each indicator at its comparison day.

    Parameters
    ----------
    werte
        Result of `compute` for keys of one level.
    ags
        Key to place.

    Returns
    -------
    pandas.DataFrame
        One row per indicator in the order of `werte`: its values and `rang` (1 = highest; equal values share
        the better one), `rang_von_unten` (1 = lowest), `geteilt` (whether shared), `anzahl` (keys with
        a value), `median`, `minimum`, `maximum`, and `lage` against the median: `hoeher`, `niedriger`, `zufall` (the
        interval holds the median), `ungeprueft` (no interval). Keys without a value are not counted; ranks need at
        least three.
    """
    same_day = comparison_day(werte)
    groups = same_day.groupby("indikator").anteil
    table = same_day.assign(
        rang=groups.rank(method="min", ascending=False),
        rang_von_unten=groups.rank(method="min"),
        anzahl=groups.transform("count"),
        median=groups.transform("median"),
        minimum=groups.transform("min"),
        maximum=groups.transform("max"),
        geteilt=same_day.duplicated(["indikator", "anteil"], keep=False),
    )
    table = table[(table.ags == ags) & table.anteil.notna()].reset_index(drop=True)
    table["rang"] = table.rang.where(table.anzahl >= 3)
    table["lage"] = np.select(
        [table.intervall == "", table.unten > table["median"], table.oben < table["median"]],
        ["ungeprueft", "hoeher", "niedriger"],
        default="zufall",
    )
    return table
