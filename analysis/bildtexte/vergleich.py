"""What comparisons of areas show."""

import numpy as np
import pandas as pd

from analysis.bildtexte.saetze import enden, gebiete, gekuerzt
from analysis.catalogue import Indikator
from analysis.wording import NBSP, aufzaehlung, datum, wert


def steigung(werte: pd.DataFrame, ags: str, indikator: Indikator) -> str:
    """How many areas rose and fell between two dates, and what the own one did.

    Parameters
    ----------
    werte, ags
        As in `plots.vergleich.steigung`.
    """
    days = sorted(werte.stichtag.unique())
    table = werte.pivot(index=["ags", "name"], columns="stichtag", values="anteil").dropna().reset_index()
    before, after = (table[day].map(lambda a: wert(a, indikator)) for day in (days[0], days[-1]))
    change = np.sign(table[days[-1]] - table[days[0]]).where(before != after, 0)
    own = table.index[table.ags == ags]
    mine = [f"{table.name[n]}: {before[n]}, dann {after[n]}." for n in own]
    return gekuerzt(
        [
            f"Linien für {len(table)} Gebiete vom {datum(days[0])} bis zum {datum(days[-1])}, {indikator.kurz}: "
            f"in {(change > 0).sum()} höher, in {(change < 0).sum()} niedriger, in {(change == 0).sum()} gleich.",
            *mine,
            enden(table, table[days[-1]], after, "Zuletzt"),
        ]
    )


def rangpunkte(werte: pd.DataFrame, ags: str, indikator: Indikator) -> str:
    """From which to which value the areas reach, and the rank of the own one with its range.

    Parameters
    ----------
    werte, ags
        As in `plots.vergleich.rangpunkte`.
    """
    table = werte.dropna(subset="anteil").reset_index(drop=True)
    if table.empty:
        return f"Leeres Punktdiagramm: Zu {indikator.kurz} liegen keine Werte vor."
    texts = table.anteil.map(lambda a: wert(a, indikator))
    mine = []
    for row in table[table.ags == ags].itertuples():
        rank = "" if pd.isna(row.rang) else f", Rang{NBSP}{row.rang:.0f} (1 ist der höchste Wert)"
        if not (pd.isna(row.rang_unten) or pd.isna(row.rang_oben)):
            sure = row.rang_unten == row.rang_oben
            between = f"kann zwischen {row.rang_unten:.0f} und {row.rang_oben:.0f} liegen"
            rank += "; der Rang ist sicher" if sure else f"; der Rang {between}"
        mine.append(f"{row.name}: {texts[row.Index]}{rank}.")
    return gekuerzt(
        [
            f"Punkte mit Schwankungsbereich für {len(table)} Gebiete, {indikator.kurz}.",
            *mine,
            enden(table, table.anteil, texts),
        ]
    )


def status_dynamik(raeume: pd.DataFrame, ags: str = "") -> str:
    """Where most areas stand in the grid, and which surely have the lowest status and fall back.

    Parameters
    ----------
    raeume, ags
        As in `plots.vergleich.status_dynamik`.
    """
    table = raeume[(raeume.status.fillna("") != "") & (raeume.dynamik.fillna("") != "")]
    if table.empty:
        return "Leeres Raster aus Status und Dynamik: Kein Gebiet ließ sich einordnen."
    cells = table.groupby(["status", "dynamik"]).size().sort_values(ascending=False, kind="stable")
    sure = table.klasse_sicher.astype(bool) if "klasse_sicher" in table else pd.Series(True, index=table.index)
    worst = table[sure & table.status.isin(["niedrig", "sehr niedrig"]) & (table.dynamik == "negativ")]
    names = sorted(worst.name) if len(worst) <= 6 else [gebiete(len(worst))]
    unsure = int((~sure).sum())
    begin = "Gesichert niedriger" if "klasse_sicher" in table else "Niedriger"
    mine = [f"{row.name}: Status {row.status}, Dynamik {row.dynamik}." for row in table[table.ags == ags].itertuples()]
    return gekuerzt(
        [
            f"Raster aus Status und Dynamik mit {gebiete(len(table), dativ=True)}. "
            f"Am häufigsten: Status {cells.index[0][0]}, Dynamik {cells.index[0][1]} ({cells.iloc[0]}).",
            *mine,
            f"{begin} Status und negative Dynamik: {aufzaehlung(names) if names else 'kein Gebiet'}.",
            f"Nicht gesichert ist die Einordnung bei {gebiete(unsure, dativ=True)}." if unsure else "",
        ]
    )
