"""Indicators from observations: value with interval, and the place of a Kreis among others."""

import numpy as np
import pandas as pd

from analysis.catalogue import FAKTOR, Indikator, Katalog
from analysis.rates import wilson

BASIS_TAGE = 366
"""How far the date of a basis may lie from that of the published rate that refers to it."""

COLUMNS = [
    *("ags", "stichtag", "indikator", "anteil", "unten", "oben", "intervall", "grund", "guete", "quelle"),
    *("zaehler", "nenner"),
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
        are NaN where no interval can be given. `intervall` is `wilson` (from counts), `naeherung` (published
        rate with a known basis) or empty. `anteil` is NaN where a part is missing: `grund` keeps its reason.
        `guete` and `quelle` name every quality and source of the parts. `zaehler` and `nenner` are the counts that it
        is computed from, NaN for a published rate.
    """
    if observations.empty:
        return pd.DataFrame(columns=COLUMNS)
    wide = {
        column: observations.pivot(index=["ags", "stichtag"], columns="groesse", values=column)
        for column in ("wert", "grund", "guete", "quelle")
    }
    tables = [
        _ART[indikator.art](indikator, katalog, wide)
        for indikator in katalog.indikatoren.values()
        if set(indikator.groessen) <= set(wide["wert"])
    ]
    if not tables:
        return pd.DataFrame(columns=COLUMNS)
    return pd.concat(tables, ignore_index=True).reindex(columns=COLUMNS)


def _parts(indikator: Indikator, wide: dict[str, pd.DataFrame]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Values of the parts where all were delivered, and the frame that carries key, reason, quality, source."""
    parts = list(indikator.groessen)
    values = wide["wert"][parts]
    delivered = wide["grund"][parts].notna().all(axis=1)
    frame = values.index[delivered].to_frame(index=False).assign(indikator=indikator.id)
    for column in ("grund", "guete", "quelle"):
        texts = wide[column].loc[delivered, parts].astype(object)
        frame[column] = [" · ".join(dict.fromkeys(t for t in row if t)) for row in texts.to_numpy()]
    frame["grund"] = frame.grund.str.partition(" · ")[0]
    return values[delivered].reset_index(drop=True), frame


def _anteil(indikator: Indikator, katalog: Katalog, wide: dict) -> pd.DataFrame:
    values, frame = _parts(indikator, wide)
    zaehler = values[indikator.aus["zaehler"]].sum(axis=1, skipna=False)
    nenner = values[indikator.aus["nenner"]].sum(axis=1, skipna=False)
    unten, oben = wilson(zaehler, nenner)
    frame = frame.assign(zaehler=zaehler, nenner=nenner)
    return _with_interval(frame, zaehler / nenner.where(nenner > 0), unten, oben, "wilson")


def _verhaeltnis(indikator: Indikator, katalog: Katalog, wide: dict) -> pd.DataFrame:
    """Ratio a/b of two separate counts; its interval is that of a/(a+b), carried over by p/(1-p)."""
    values, frame = _parts(indikator, wide)
    zaehler = values[indikator.aus["zaehler"]].sum(axis=1, skipna=False)
    nenner = values[indikator.aus["nenner"]].sum(axis=1, skipna=False)
    unten, oben = wilson(zaehler, zaehler + nenner)
    anteil = zaehler / nenner.where(nenner > 0)
    frame = frame.assign(zaehler=zaehler, nenner=nenner)
    with np.errstate(divide="ignore"):
        return _with_interval(frame, anteil, unten / (1 - unten), oben / (1 - oben), "wilson")


def _veroeffentlicht(indikator: Indikator, katalog: Katalog, wide: dict) -> pd.DataFrame:
    """Rate as published. With a known basis an approximate interval, widened by the rounding of the print.

    `basis_faktor` is the part of the basis that counts as independent cases.
    """
    values, frame = _parts(indikator, wide)
    faktor = FAKTOR[katalog.groessen[indikator.aus["quote"]].einheit]
    anteil = values[indikator.aus["quote"]] / faktor
    basis = _nearest(frame, indikator.aus.get("basis", []), wide["wert"]) * indikator.aus.get("basis_faktor", 1)
    rounding = 0.5 * 10.0**-indikator.stellen / FAKTOR[indikator.einheit]
    unten, _ = wilson((anteil - rounding).clip(lower=0) * basis, basis)
    _, oben = wilson((anteil + rounding).clip(upper=1) * basis, basis)
    return _with_interval(frame, anteil, unten, oben, "naeherung")


def _produkt(indikator: Indikator, katalog: Katalog, wide: dict) -> pd.DataFrame:
    values, frame = _parts(indikator, wide)
    faktoren = [FAKTOR[katalog.groessen[g].einheit] for g in indikator.aus["faktoren"]]
    anteil = (values[indikator.aus["faktoren"]] / faktoren).prod(axis=1, skipna=False)
    none = np.full(len(frame), np.nan)
    return _with_interval(frame.assign(guete="geschaetzt"), anteil, none, none, "")


_ART = {
    "anteil": _anteil,
    "verhaeltnis": _verhaeltnis,
    "veroeffentlicht": _veroeffentlicht,
    "produkt": _produkt,
}


def _with_interval(frame, anteil, unten, oben, art: str) -> pd.DataFrame:
    known = ~np.isnan(np.asarray(unten, float)) & ~np.isnan(np.asarray(anteil, float))
    frame = frame.assign(anteil=np.asarray(anteil, float), unten=unten, oben=oben)
    frame["intervall"] = np.where(known, art, "")
    no_reason = frame.anteil.isna() & (frame.grund == "")
    frame["grund"] = frame.grund.mask(no_reason, "sinnlos")  # a denominator of 0
    return frame


def _nearest(frame: pd.DataFrame, groessen: list[str], werte: pd.DataFrame) -> pd.Series:
    """Sum of `groessen` at the day nearest to each row's, at most `BASIS_TAGE` away; NaN where there is none."""
    if not groessen or not set(groessen) <= set(werte):
        return pd.Series(np.nan, index=frame.index)
    counts = werte[groessen].sum(axis=1, skipna=False).dropna().rename("basis").reset_index()
    counts["tag"] = pd.to_datetime(counts.stichtag)
    wanted = frame[["ags"]].assign(tag=pd.to_datetime(frame.stichtag), row=frame.index)
    found = pd.merge_asof(
        wanted.sort_values("tag"),
        counts[["ags", "tag", "basis"]].sort_values("tag"),
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
