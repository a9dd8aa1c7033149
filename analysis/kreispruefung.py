"""Attack on the reports of a Kreis: which withheld count everybody could compute from all that they show."""

from dataclasses import replace

import numpy as np
import pandas as pd

from analysis import rundung
from analysis.catalogue import Katalog
from analysis.disclosure.schutz import Aufgabe, reachable, unprotected
from analysis.kreisfrueher import base
from analysis.kreiszellen import COLUMNS


def computable(shown: pd.DataFrame, cells: pd.DataFrame, a: Aufgabe | None, catalogue: Katalog) -> pd.DataFrame:
    """Secret counts of which what is shown tells more than the rule allows.

    What was decided to be withheld is not used: attacked are the values that reports get, whoever decided on them.

    Parameters
    ----------
    shown
        Values of Gemeinden and Planungsraeume as reports get them (`kleinezahlen.protected`). A value that is there
        counts as if its numerator and its denominator were printed: no percentage with its base tells more.
    cells, a
        As in `kreissperrung.Bestand`; with them come the figures of the Kreis itself and of earlier reports.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS` of the counts; empty where all is safe. What the Kreis itself and earlier reports tell anyhow is not
        counted.
    """
    if a is None:
        return pd.DataFrame(columns=COLUMNS)
    base_of = cells.rundung.to_numpy(int)
    few = (cells.primaer & cells.bedarf).to_numpy() & (base_of > 0)
    low, high, _ = rundung.wanted(cells, a.wert)
    a = replace(a, unten=np.where(few, a.wert - low, a.unten), oben=np.where(few, high - a.wert, a.oben))
    low, high = rundung.alike(cells, a.wert)
    printed = pd.MultiIndex.from_frame(_printed(shown, catalogue))
    known = pd.MultiIndex.from_frame(cells[COLUMNS]).isin(printed) & cells.wert.notna().to_numpy()
    told = cells[known & a.primaer & cells.bedarf.to_numpy()]
    rounds = known & (base_of > 0) & ~a.fest  # of these everybody knows only between which counts they lie
    now = replace(
        a,
        tiefer=np.where(rounds, np.minimum(a.tiefer, a.wert - low), a.tiefer),
        hoeher=np.where(rounds, np.minimum(a.hoeher, high - a.wert), a.hoeher),
    )
    attacked = ~a.fest & (~known | rounds)
    open_cells = np.isin(np.arange(len(cells)), [cell for cell, *_ in unprotected(now, attacked)])
    if open_cells.any():  # of these no more can be wanted than the Kreis itself and earlier reports leave
        limits = (np.where(open_cells, need, 0) for need in (a.unten, a.oben, a.spanne))
        left = reachable(replace(a, **dict(zip(("unten", "oben", "spanne"), limits, strict=True))))
        now = replace(left, tiefer=now.tiefer, hoeher=now.hoeher)
        open_cells = np.isin(np.arange(len(cells)), [cell for cell, *_ in unprotected(now, attacked)])
    found = pd.concat([told, cells[open_cells]])
    return found[COLUMNS].assign(groesse=base(found.groesse)).drop_duplicates().reset_index(drop=True)


def _printed(shown: pd.DataFrame, catalogue: Katalog) -> pd.DataFrame:
    """Counts of which the shown values are made (`COLUMNS`)."""
    values, found = shown[shown.zaehler.notna() & shown.nenner.notna()], []
    for id, rows in values.groupby("indikator"):
        aus = catalogue.indikator(id).aus
        days = [(g, rows.stichtag) for part in ("zaehler", "abzug") for g in aus.get(part, ())]
        days += [(g, rows.nenner_stichtag) for g in aus.get("nenner", ())]
        found += [pd.DataFrame({"ags": rows.ags, "stichtag": day, "groesse": g}) for g, day in days]
    columns = pd.DataFrame(columns=COLUMNS, dtype=object)
    return pd.concat([columns, *found], ignore_index=True).drop_duplicates()


def names(found: pd.DataFrame, namen: dict[str, str], catalogue: Katalog) -> list[str]:
    """The counts in words: area, quantity, day."""
    labels = {id: groesse.label for id, groesse in catalogue.groessen.items()}
    return [
        f"{namen.get(r.ags, r.ags).partition(',')[0]}, {labels.get(r.groesse, 'what is left of a whole')}, "
        f"{r.stichtag:%d.%m.%Y}"
        for r in found.sort_values(COLUMNS).itertuples()
    ]
