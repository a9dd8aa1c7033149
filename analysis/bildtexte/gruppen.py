"""What figures of groups of areas show."""

import numpy as np
import pandas as pd

from analysis.bildtexte.saetze import gebiete, gekuerzt
from analysis.wording import aufzaehlung, zahl


def karte(gruppen: pd.DataFrame, namen: dict[int, str], art: str = "Karte") -> str:
    """How many areas each group has, how many are unsure, how many are in none.

    Parameters
    ----------
    gruppen
        `gruppe` (0: none), `sicher`, one row per area of the figure.
    """
    inside = gruppen[gruppen.gruppe > 0]
    counts = inside.gruppe.value_counts().sort_index()
    unsure, none = int((~inside.sicher.astype(bool)).sum()), int((gruppen.gruppe == 0).sum())
    parts = [f"Gruppe {n} ({namen[n]}): {gebiete(count)}" for n, count in counts.items()]
    return gekuerzt(
        [
            f"{art} mit {gebiete(len(gruppen), dativ=True)} in {len(counts)} Gruppen.",
            f"{'; '.join(parts)}.",
            f"Nicht sicher ist die Gruppe bei {gebiete(unsure, dativ=True)}." if unsure else "Alle sind sicher.",
            f"In keiner Gruppe: {gebiete(none)}." if none else "",
        ]
    )


def baum(linkage: np.ndarray, gruppen: np.ndarray, k: int) -> str:
    """How many areas are merged, how large the last steps are, and which groups a cut gives.

    Parameters
    ----------
    gruppen
        Group of each area; 0 where there are no groups.
    k
        Groups at which the tree is cut; 1: there are none, or they come from a method without a tree.
    """
    heights = linkage[:, 2]
    ratio = heights[-1] / heights[-2] if len(heights) > 1 and heights[-2] else float("nan")
    step = "" if np.isnan(ratio) else f"Der letzte Schritt ist {zahl(ratio, 1)}-mal so groß wie der vorletzte."
    sizes = [int((gruppen == n).sum()) for n in range(1, k + 1)]
    cut = (
        f"Der Schnitt trennt {k} Gruppen mit {aufzaehlung([str(n) for n in sizes])} Gebieten."
        if k > 1
        else "Es gibt keinen Schnitt: Die Gruppen sind mit einem anderen Verfahren gebildet."
        if gruppen.any()
        else "Es gibt keinen Schnitt: Keine Teilung ist beständig."
    )
    return gekuerzt([f"Baum, der {gebiete(len(gruppen))} Schritt für Schritt zusammenlegt.", cut, step])


def konsens(zwischen: pd.DataFrame) -> str:
    """How often two areas of one group, and of two groups, are together.

    Parameters
    ----------
    zwischen
        Mean consensus, groups × groups; NaN for a group of one area with itself.
    """
    shares = zwischen.to_numpy()
    own, other = np.diag(shares), shares[~np.eye(len(shares), dtype=bool)]
    within = own[~np.isnan(own)]
    return gekuerzt(
        [
            f"Farbtafel der Gebiete in {len(shares)} Gruppen: wie oft zwei in dieselbe Gruppe kommen.",
            f"Innerhalb einer Gruppe im Mittel mindestens {zahl(within.min() * 100)} von 100 Mal."
            if len(within)
            else "",
            f"Zwischen zwei Gruppen höchstens {zahl(other.max() * 100)} von 100 Mal.",
        ]
    )


def waermebild(tabelle: pd.DataFrame) -> str:
    """In which cell a group is farthest above and below the mean, and how many cells are far from it.

    Parameters
    ----------
    tabelle
        As `plots.gruppen.waermebild`.
    """
    long = tabelle.stack().dropna()
    if long.empty:
        return "Leere Farbtafel: Es liegen keine Werte vor."
    ends = [
        f"Am weitesten {word}: {column}, {row} ({zahl(abs(long[row, column]), 1)})."
        for word, (row, column) in (("über dem Mittel", long.idxmax()), ("unter dem Mittel", long.idxmin()))
    ]
    far = int((long.abs() >= 1).sum())
    return gekuerzt(
        [
            f"Farbtafel mit {tabelle.shape[0]} Zeilen und {tabelle.shape[1]} Spalten, Werte in Standardabweichungen.",
            *ends,
            f"Mindestens 1 vom Mittel entfernt sind {far} von {len(long)} Feldern.",
        ]
    )
