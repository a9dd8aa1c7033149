"""Groups of areas in a stated order, with what is known of how sure they are."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.clusters.anzahl import ANZAHLEN, choose, criteria
from analysis.clusters.ohnestruktur import WIEDERHOLUNGEN, ohne_struktur, stabile
from analysis.clusters.stabilitaet import Stabilitaet, bootstrap
from analysis.clusters.vorbereitung import Vorbereitet
from analysis.errors import InputError

KEINE_STRUKTUR = "keine stabile Gruppenstruktur"
"""Result where no number of groups is better than in data without structure."""


@dataclass(frozen=True)
class Gruppierung:
    """Groups of areas and how sure they are.

    `labels`: group of each area (index `ags`, 1 to `k`; 1 has most areas), with 0 for an area that was left out, and
    for all where there is no stable structure (`k` = 1). `stabil`: per `gruppe`: `anzahl`, `jaccard` (mean), `schwelle`
    (what a group of its rank in data without structure exceeds in 5 of 100 cases, at least .75), `stabil`,
    `aufgeloest`, `wiedergefunden` (share of the resamples). `sicherheit`: per area that is in a group: `gruppe`,
    `eigene` (share of the resamples with it in which it lands in its own group), `andere` (the next most frequent
    group; 0 if none), `andere_anteil`. `kriterien`: see `anzahl.criteria`. `gewaehlt`: whether `k` was chosen by the
    plan. `konsens`: areas × areas, None for k = 1 or more than 3,000 areas.
    """

    labels: pd.Series
    k: int
    verfahren: str
    startwert: int
    B: int
    gewaehlt: bool
    stabil: pd.DataFrame
    sicherheit: pd.DataFrame
    kriterien: pd.DataFrame
    konsens: pd.DataFrame | None

    @property
    def ergebnis(self) -> str:
        """`keine stabile Gruppenstruktur`, or the number of groups and how many of them are stable."""
        if self.k == 1:
            return KEINE_STRUKTUR
        return f"{self.k} Gruppen, davon {int(self.stabil.stabil.sum())} stabil"


def group(
    vorbereitet: Vorbereitet,
    *,
    verfahren: str = "ward",
    k: int | None = None,
    startwert: int = 1,
    B: int = 100,
    wiederholungen: int = WIEDERHOLUNGEN,
    balken: Callable[[int], object] | None = None,
) -> Gruppierung:
    """Group areas, choose the number of groups if none is given, and say how sure the result is.

    Groups are counted by size; of equal ones the group with the smaller key is first.

    Parameters
    ----------
    vorbereitet
        Result of `prepare`.
    verfahren
        One of `verfahren.VERFAHREN`.
    k
        Number of groups; None: chosen among 2 to 8 by `anzahl.choose`, which may find no stable structure (k = 1).
    startwert
        Seed of all that is drawn. The same seed and values give the same groups.
    B
        Resamples.
    wiederholungen
        Data sets of each kind without structure.
    balken
        Called with the number of resamples and data sets that were finished; about 2 · `wiederholungen` + 2 · `B`.
    """
    x = vorbereitet.matrix.to_numpy()
    if k is not None and k < 2:
        raise InputError(f"clusters: {k} groups; expected 2 or more, or None to choose the number")
    places = len(np.unique(x, axis=0))
    ks = [n for n in ANZAHLEN if n < min(places, len(x))] if k is None else [k]
    if not ks:
        raise InputError(f"clusters: {places} distinct areas; expected at least 3 to choose a number of groups")
    none = ohne_struktur(x, ks, verfahren, wiederholungen, startwert, balken)
    table = criteria(x, verfahren, ks, wiederholungen, startwert, B=B, ohne=none, balken=balken)
    chosen = choose(table) if k is None else k
    areas = vorbereitet.matrix.index
    left_out = vorbereitet.ausgelassen.loc[vorbereitet.ausgelassen.was == "gebiet", "schluessel"]
    everywhere = pd.Series(0, areas.union(left_out).rename("ags"), name="gruppe")
    if chosen == 1:
        empty = _stable(None, None, None), _sure(None, None, areas)
        return Gruppierung(everywhere, 1, verfahren, startwert, B, k is None, *empty, table, None)
    found = bootstrap(x, chosen, verfahren, B, startwert, balken)
    number = _numbers(found.gruppen)
    everywhere[areas] = number[found.gruppen]
    steady = stabile(found.jaccard, none.schwellen(chosen))
    thresholds = none.schwellen(chosen).schwelle.to_numpy()[np.argsort(np.argsort(-found.jaccard, kind="stable"))]
    together = None if found.konsens is None else pd.DataFrame(found.konsens, areas, areas)
    return Gruppierung(
        labels=everywhere,
        k=chosen,
        verfahren=verfahren,
        startwert=startwert,
        B=B,
        gewaehlt=k is None,
        stabil=_stable(found, number, (thresholds, steady)),
        sicherheit=_sure(found, number, areas),
        kriterien=table,
        konsens=together,
    )


def _numbers(groups: np.ndarray) -> np.ndarray:
    """Number, from 1, that each group is given."""
    first = np.unique(groups, return_index=True)[1]
    return np.lexsort((first, -np.bincount(groups))).argsort() + 1


def _stable(found: Stabilitaet | None, number, thresholds) -> pd.DataFrame:
    columns = ["gruppe", "anzahl", "jaccard", "schwelle", "stabil", "aufgeloest", "wiedergefunden"]
    if found is None:
        return pd.DataFrame(columns=columns).set_index("gruppe")
    B = len(found.je_ziehung)
    table = pd.DataFrame(
        dict(
            zip(
                columns,
                (number, np.bincount(found.gruppen), found.jaccard, *thresholds),
                strict=False,
            )
        )
    ).assign(aufgeloest=found.aufgeloest / B, wiedergefunden=found.wiedergefunden / B)
    return table.set_index("gruppe").sort_index()


def _sure(found: Stabilitaet | None, number, areas: pd.Index) -> pd.DataFrame:
    columns = ["gruppe", "eigene", "andere", "andere_anteil"]
    if found is None:
        return pd.DataFrame(columns=columns, index=pd.Index([], name="ags"))
    own, other = found.eigene, found.andere
    exists = other >= 0
    share = np.where(exists, found.anteile[np.arange(len(other)), other], 0.0)
    named = np.where(exists, number[other], 0)
    return pd.DataFrame(dict(zip(columns, (number[found.gruppen], own, named, share), strict=True)), areas)
