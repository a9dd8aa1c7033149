"""Indicators from observations: value with interval, and the place of a Kreis among others."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from analysis.angaben import by_place
from analysis.bestandteile import of_kreise, parts
from analysis.catalogue import Katalog
from analysis.rates import byar, wilson

COLUMNS = [
    *("ags", "stichtag", "indikator", "anteil", "unten", "oben", "intervall", "grund", "guete", "quelle"),
    *("zaehler", "nenner", "nenner_stichtag"),
]


def compute(observations: pd.DataFrame, katalog: Katalog, wechsel: pd.DataFrame | None = None) -> pd.DataFrame:
    """All indicators of the catalogue for all keys and days that the observations allow.

    Parameters
    ----------
    observations
        Current observations of the store.
    katalog
        Definitions; `Indikator.art` says how each is computed and which interval it has.
    wechsel
        Days on which areas became others (`ags`, `datum`), as `raumwerte.wechsel` gives them for Planungsraeume; those
        of Kreise are known.

    Returns
    -------
    pandas.DataFrame
        One row per `ags`, `stichtag`, `indikator`. `anteil`, `unten`, `oben` are ratios (0.071 for 7.1 %); bounds
        are NaN where no interval can be given. `intervall` is `wilson` (share of a whole), `byar` (count per
        population), `naeherung` (published rate with a known basis) or empty. `anteil` is NaN where a part is missing:
        `grund` keeps its reason; it is `sinnlos` for a denominator of 0, a part above its whole, and a denominator of
        an earlier day on which the area was another one. Amounts are in Euro. `guete` and `quelle` name every quality
        and source of the parts. `zaehler` and `nenner` are the counts that it is computed from, counted on `stichtag`
        and `nenner_stichtag`; NaN and None for a published rate. Where a part was not delivered for a key and day there
        is no row; `bestandteile.lacking` says what was missing.
    """
    if observations.empty:
        return pd.DataFrame(columns=COLUMNS)
    angaben = by_place(observations)
    found = [i for i in katalog.indikatoren.values() if set(i.groessen) <= set(angaben.zeilen)]
    if not found:
        return pd.DataFrame(columns=COLUMNS)
    areas = of_kreise() + ([] if wechsel is None else list(zip(wechsel.ags, wechsel.datum, strict=True)))
    teile = [parts(indikator, katalog, angaben, areas) for indikator in found]
    zahlen = pd.concat([t.zahlen for t in teile], ignore_index=True)
    nummer = np.repeat(np.arange(len(found)), [len(t.zahlen) for t in teile])
    anteil, unten, oben, intervall = _values(zahlen, np.array([i.art for i in found], object)[nummer])
    texte = [(g, _GESCHAETZT.get(i.art, q), s) for i, t in zip(found, teile, strict=True) for g, q, s in t.texte]
    grund, guete, quelle = (_names(column) for column in zip(("sinnlos", "", ""), *texte, strict=True))
    text = zahlen.text.to_numpy() + np.cumsum([1, *(len(t.texte) for t in teile)])[nummer]
    no_reason = np.isnan(anteil) & np.asarray(grund == "")[text]  # a denominator of 0, or a part above its whole
    table = {
        "ags": angaben.ags.take(zahlen.ort),
        "stichtag": angaben.stichtag[zahlen.ort],
        "indikator": _names(i.id for i in found).take(nummer),
        "anteil": anteil,
        "unten": unten,
        "oben": oben,
        "intervall": intervall,
        "grund": grund.take(np.where(no_reason, 0, text)),
        "guete": guete.take(text),
        "quelle": quelle.take(text),
        "zaehler": zahlen.zaehler,
        "nenner": zahlen.nenner,
        "nenner_stichtag": np.append(angaben.stichtag, np.nan)[zahlen.nenner_ort],
    }
    return pd.DataFrame(table)[COLUMNS]


_GESCHAETZT = {"produkt": "geschaetzt"}
"""Quality of a kind of indicator, whatever that of its parts."""


def _names(texts: Iterable[str]) -> pd.api.extensions.ExtensionArray:
    return pd.array(list(texts), dtype="str")


def _values(zahlen: pd.DataFrame, art: np.ndarray) -> tuple:
    """Value, bounds and kind of interval of each row."""
    anteil, unten, oben = (np.full(len(zahlen), np.nan) for _ in range(3))
    kinds, kind = pd.factorize(art)
    intervall = np.zeros(len(zahlen), int)
    for number, name in enumerate(kind):
        rows = np.flatnonzero(kinds == number)
        compute_kind, interval = _ART[name]
        anteil[rows], unten[rows], oben[rows] = compute_kind(zahlen.iloc[rows])
        intervall[rows] = INTERVALLE.index(interval)
    known = ~np.isnan(unten) & ~np.isnan(anteil)
    return anteil, unten, oben, _names(INTERVALLE).take(np.where(known, intervall, 0))


def _anteil(zahlen: pd.DataFrame) -> tuple:
    """Share of a whole; a part that is larger than its whole gives none (`sinnlos`)."""
    part = zahlen.zaehler.where(~(zahlen.zaehler > zahlen.nenner))
    return part / _whole(zahlen), *wilson(part, zahlen.nenner)


def _verhaeltnis(zahlen: pd.DataFrame) -> tuple:
    """Ratio a/b of two separate counts; its interval is that of a/(a+b), carried over by p/(1-p)."""
    unten, oben = wilson(zahlen.zaehler, zahlen.zaehler + zahlen.nenner)
    with np.errstate(divide="ignore"):
        return zahlen.zaehler / _whole(zahlen), unten / (1 - unten), oben / (1 - oben)


def _rate(zahlen: pd.DataFrame) -> tuple:
    """Count per population of which it is no part."""
    return zahlen.zaehler / _whole(zahlen), *byar(zahlen.zaehler, zahlen.nenner)


def _saldo(zahlen: pd.DataFrame) -> tuple:
    """Difference of two counts per population; without interval, because people come and go together."""
    return zahlen.zaehler / _whole(zahlen), np.nan, np.nan


def _quote(zahlen: pd.DataFrame) -> tuple:
    """Amount as published, or product of published rates; without interval."""
    return zahlen.quote, np.nan, np.nan


def _veroeffentlicht(zahlen: pd.DataFrame) -> tuple:
    """Rate as published. With a known basis an approximate interval, widened by the rounding of the print."""
    quote, basis, rundung = zahlen.quote, zahlen.basis, zahlen.rundung
    unten, _ = wilson((quote - rundung).clip(lower=0) * basis, basis)
    _, oben = wilson((quote + rundung).clip(upper=1) * basis, basis)
    return quote, unten, oben


def _whole(zahlen: pd.DataFrame) -> pd.Series:
    return zahlen.nenner.where(zahlen.nenner > 0)


INTERVALLE = ("", "wilson", "byar", "naeherung")
"""Kinds of intervals."""

_ART = {
    "anteil": (_anteil, "wilson"),
    "verhaeltnis": (_verhaeltnis, "wilson"),
    "rate": (_rate, "byar"),
    "saldo": (_saldo, ""),
    "betrag": (_quote, ""),
    "veroeffentlicht": (_veroeffentlicht, "naeherung"),
    "produkt": (_quote, ""),
}
"""Kind of indicator → how its value and bounds are computed, and the kind of its interval."""


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
