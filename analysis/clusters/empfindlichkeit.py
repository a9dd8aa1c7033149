"""How far the groups depend on single choices: indicators, scaling, method, the uncertainty of the rates."""

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from analysis.clusters.matrix import Regel, matrix
from analysis.clusters.uebereinstimmung import adjusted_rand, kreuztabellen, zuordnung
from analysis.clusters.umformung import SKALIERUNGEN
from analysis.clusters.verfahren import VERFAHREN, labels
from analysis.clusters.vorbereitung import Vorbereitet
from analysis.errors import InputError

ZIEHUNGEN = 50
"""Draws of the values within their own uncertainty."""


def sensitivity(
    vorbereitet: Vorbereitet, k: int, verfahren: str = "ward", startwert: int = 1, *, ziehungen: int = ZIEHUNGEN
) -> pd.DataFrame:
    """Agreement of the groups with those that other defensible choices give.

    One choice is changed at a time. Each indicator is left out, and all that are strongly correlated with each other
    at once (`Vorbereitet.korreliert`); each other scaling, weighting and method is taken; every value is drawn anew
    from a normal distribution with its own standard error (`Vorbereitet.streuung`).

    Parameters
    ----------
    vorbereitet
        Result of `prepare`.
    k, verfahren, startwert
        As `verfahren.labels`.
    ziehungen
        Draws of the values.

    Returns
    -------
    pandas.DataFrame
        `was` (`indikator`, `skalierung`, `gewichtung`, `verfahren`, `rauschen`), `ohne` (indicators left out, joined by
        `, `, or what was taken in place; empty for the draws), `rand` (adjusted Rand index with the groups of the
        choices made; of the draws the median), `rand_minimum` (smallest of the draws, else equal to `rand`),
        `gewechselt` (areas that are in another group once the groups are matched, joined by `, `; empty for the draws),
        `grund` (why there is no value).
    """
    own = labels(vorbereitet.matrix.to_numpy(), k, verfahren, startwert)
    rows = []

    def compare(was: str, ohne: str, make) -> None:
        try:
            found = np.atleast_2d(make())
        except InputError as error:
            rows.append((was, ohne, np.nan, np.nan, "", str(error)))
            return
        rand = adjusted_rand(own, found)
        moved = _moved(own, found[0], vorbereitet.matrix.index) if was != "rauschen" else ""
        rows.append((was, ohne, np.median(rand), rand.min(), moved, ""))

    values, errors, rule = vorbereitet.roh, vorbereitet.fehler, vorbereitet.regel

    def grouped(columns, changed):
        made = matrix(values[columns], errors[columns], changed).matrix.to_numpy()
        return labels(made, k, verfahren, startwert)

    names = list(values.columns)
    if len(names) > 1:
        for without in [*([name] for name in names), *_together(vorbereitet)]:
            kept = [name for name in names if name not in without]
            if kept:
                compare("indikator", ", ".join(without), lambda kept=kept: grouped(kept, rule))
    for scaling in SKALIERUNGEN:
        if scaling != rule.skalierung:
            compare("skalierung", scaling, lambda s=scaling: grouped(names, replace(rule, skalierung=s)))
    for weighting, changed in _weightings(rule).items():
        compare("gewichtung", weighting, lambda changed=changed: grouped(names, changed))
    for method in VERFAHREN:
        if method != verfahren:
            compare("verfahren", method, lambda m=method: labels(vorbereitet.matrix.to_numpy(), k, m, startwert))
    compare("rauschen", "", lambda: _drawn(vorbereitet, k, verfahren, startwert, ziehungen))
    return pd.DataFrame(rows, columns=["was", "ohne", "rand", "rand_minimum", "gewechselt", "grund"])


def _weightings(rule: Regel) -> dict[str, Regel]:
    """Rules that weigh otherwise: every indicator or every Lebenslage the same, principal components or not."""
    found = {}
    if rule.gewichte is not None:
        found["kennzahlen"] = replace(rule, gewichte=None)
    if rule.lebenslage:
        equal = dict.fromkeys(rule.lebenslage.values(), 1.0)
        if rule.gewichte is None or {rule.gewichte[name] for name in equal} != {1.0}:
            found["lebenslagen"] = replace(rule, gewichte=equal)
    other = "keine_hauptkomponenten" if rule.hauptkomponenten else "hauptkomponenten"
    return found | {other: replace(rule, hauptkomponenten=not rule.hauptkomponenten)}


def _together(vorbereitet: Vorbereitet) -> list[list[str]]:
    """Indicators that are strongly correlated, directly or through others."""
    names = list(vorbereitet.roh.columns)
    pairs = vorbereitet.korreliert[["indikator", "anderer"]].map(names.index).to_numpy(int).reshape(-1, 2)
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(names), len(names)))
    part = connected_components(graph, directed=False)[1]
    groups = [[name for name, p in zip(names, part, strict=True) if p == number] for number in np.unique(part)]
    return [group for group in groups if len(group) > 1]


def _moved(own: np.ndarray, found: np.ndarray, areas: pd.Index) -> str:
    match = zuordnung(kreuztabellen(own, found[None]))[0]
    return ", ".join(areas[match[found] != own])


def _drawn(vorbereitet: Vorbereitet, k: int, verfahren: str, startwert: int, ziehungen: int) -> np.ndarray:
    """Groups of each draw of the values."""
    x, spread = vorbereitet.matrix.to_numpy(), vorbereitet.streuung.to_numpy()
    normal = np.random.default_rng([startwert, 5]).standard_normal((ziehungen, *x.shape))
    return np.array([labels(x + spread * draw, k, verfahren, startwert) for draw in normal])
