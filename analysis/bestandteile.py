"""The parts of an indicator: numerator and denominator where both were delivered, and what was missing elsewhere."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.angaben import Angaben, by_place
from analysis.catalogue import FAKTOR, GEZAEHLT, Indikator, Katalog
from analysis.regions import aenderungen

BASIS_TAGE = 366
"""How far the day of a denominator (or basis) may lie from that of the figure that refers to it."""


@dataclass(frozen=True)
class Teile:
    """Parts of an indicator at the places where all of them were delivered.

    `zahlen` has one row per place: `ort` and `nenner_ort` (of the denominator, -1 for a published figure), `zaehler`
    and `nenner`, or for published figures `quote` (a ratio, or an amount) with its `basis` (persons) and `rundung`
    (half of the last printed digit); what does not apply is NaN. `text` is the place in `texte`, which are reason,
    qualities and sources.
    """

    zahlen: pd.DataFrame
    texte: list[tuple[str, str, str]]


Wechsel = list[tuple[str, dt.date]]
"""Keys and the days on which their area became another one."""


def of_kreise() -> Wechsel:
    """Kreise whose area changed, with the day."""
    return [(ags, change.datum) for change in aenderungen() for ags in (change.von, change.nach)]


def parts(indikator: Indikator, katalog: Katalog, angaben: Angaben, wechsel: Wechsel) -> Teile:
    """Parts of an indicator wherever they were delivered.

    Where the area changed between the day of the denominator and that of the numerator, these are of different areas:
    the numerator is missing.
    """
    if indikator.art not in GEZAEHLT:
        return _published(indikator, katalog, angaben)
    teile = _counted(indikator, angaben)
    other = _of_another_area(angaben, teile.zahlen, wechsel)
    return Teile(teile.zahlen.assign(zaehler=teile.zahlen.zaehler.mask(other)), teile.texte) if other.any() else teile


def _of_another_area(angaben: Angaben, zahlen: pd.DataFrame, wechsel: Wechsel) -> np.ndarray:
    ort, nenner_ort = zahlen.ort.to_numpy(), zahlen.nenner_ort.to_numpy()
    other = np.zeros(len(zahlen), bool)
    apart = np.flatnonzero(ort != nenner_ort)
    since, until = angaben.tag[nenner_ort[apart]], angaben.tag[ort[apart]]
    for ags, datum in wechsel if len(apart) else ():
        day = (datum - dt.date(1970, 1, 1)).days
        other[apart] |= np.asarray(angaben.ags[ort[apart]] == ags) & (since < day) & (until >= day)
    return other


def _counted(indikator: Indikator, angaben: Angaben) -> Teile:
    """Sums of numerator and denominator; what `aus.abzug` names is taken off the numerator."""
    aus = indikator.aus
    above, abzug, below = aus["zaehler"], aus.get("abzug", []), aus["nenner"]
    if indikator.nenner_stichtag == "gleich":
        orte = nenner_orte = angaben.delivered(indikator.groessen)
    else:
        orte = angaben.delivered([*above, *abzug])
        nenner_orte = angaben.last(orte, _year_ends(angaben, angaben.delivered(below)), BASIS_TAGE)
        orte, nenner_orte = orte[nenner_orte >= 0], nenner_orte[nenner_orte >= 0]
    zaehler = angaben.werte(above, orte).sum(axis=0)
    if abzug:
        zaehler = zaehler - angaben.werte(abzug, orte).sum(axis=0)
    rows = [angaben.zeilen[g][orte] for g in (*above, *abzug)] + [angaben.zeilen[g][nenner_orte] for g in below]
    return _teile(angaben, rows, orte, nenner_orte, zaehler, angaben.werte(below, nenner_orte).sum(axis=0))


def _published(indikator: Indikator, katalog: Katalog, angaben: Angaben) -> Teile:
    """Figure as published, or the product of several; `basis_faktor` is the part of the basis that counts as cases."""
    aus, groessen = indikator.aus, indikator.groessen
    orte = angaben.delivered(groessen)
    faktoren = [[FAKTOR[katalog.groessen[g].einheit]] for g in groessen]
    quote = (angaben.werte(groessen, orte) / faktoren).prod(axis=0)
    basis = _basis(aus.get("basis", []), angaben, orte) * aus.get("basis_faktor", 1)
    rundung = 0.5 * 10.0**-indikator.stellen / FAKTOR[indikator.einheit]
    rows = [angaben.zeilen[g][orte] for g in groessen]
    return _teile(angaben, rows, orte, np.full(len(orte), -1), quote=quote, basis=basis, rundung=rundung)


def _teile(
    angaben, rows, orte, nenner_orte, zaehler=np.nan, nenner=np.nan, quote=np.nan, basis=np.nan, rundung=np.nan
) -> Teile:
    text, texte = angaben.texte(rows)
    zahlen = {"ort": orte, "nenner_ort": nenner_orte, "zaehler": zaehler, "nenner": nenner, "quote": quote}
    return Teile(pd.DataFrame({**zahlen, "basis": basis, "rundung": rundung, "text": text}), texte)


def _basis(groessen: list[str], angaben: Angaben, orte: np.ndarray) -> np.ndarray:
    """Sum of `groessen` at the day nearest to each place's, at most `BASIS_TAGE` away; NaN where there is none."""
    if not groessen or not set(groessen) <= set(angaben.zeilen):
        return np.full(len(orte), np.nan)
    there = angaben.delivered(groessen)
    sums = angaben.werte(groessen, there).sum(axis=0)
    there, sums = there[~np.isnan(sums)], sums[~np.isnan(sums)]
    near = angaben.nearest(orte, there, BASIS_TAGE)
    return np.where(near >= 0, np.append(sums, np.nan)[np.searchsorted(there, near)], np.nan)


def _year_ends(angaben: Angaben, orte: np.ndarray) -> np.ndarray:
    days = pd.DatetimeIndex(angaben.tag[orte].astype("datetime64[D]"))
    return orte[(days.month == 12) & (days.day == 31)]


def lacking(observations: pd.DataFrame, katalog: Katalog) -> pd.DataFrame:
    """Numerators that were delivered without their denominator: missing years and mixed reference dates.

    Parameters
    ----------
    observations
        Current observations of the store.
    katalog
        Definitions; an indicator of which a quantity was delivered nowhere is left out.

    Returns
    -------
    pandas.DataFrame
        `ags`, `stichtag`, `indikator`, `naechster` (nearest day of that key's denominator, NaT if there is none) and
        `satz`, which says it; by indicator, day and key.
    """
    columns = ["ags", "stichtag", "indikator", "naechster", "satz"]
    known = set(observations.groesse)
    counts = [i for i in katalog.indikatoren.values() if i.art in GEZAEHLT and set(i.groessen) <= known]
    if not counts:
        return pd.DataFrame(columns=columns)
    angaben = by_place(observations)
    return pd.concat([_lacking(indikator, angaben) for indikator in counts], ignore_index=True)[columns]


def _lacking(indikator: Indikator, angaben: Angaben) -> pd.DataFrame:
    aus = indikator.aus
    given = angaben.delivered([*aus["zaehler"], *aus.get("abzug", [])])
    orte = np.setdiff1d(given, _counted(indikator, angaben).zahlen.ort)
    orte = orte[np.argsort(angaben.tag[orte], kind="stable")]
    near = angaben.nearest(orte, angaben.delivered(aus["nenner"]))
    rows = pd.DataFrame({"ags": angaben.ags[orte], "stichtag": angaben.stichtag[orte], "indikator": indikator.id})
    tag, naechster = (pd.Series(angaben.tag[place].astype("datetime64[D]")).astype("M8[s]") for place in (orte, near))
    naechster = naechster.where(near >= 0)
    what = " + ".join(aus["nenner"])
    there = ("; the nearest is of " + naechster.dt.strftime("%Y-%m-%d")).where(near >= 0, "; there is none of that key")
    rule = (
        "of that day" if indikator.nenner_stichtag == "gleich" else f"of a 31 December up to {BASIS_TAGE} days before"
    )
    satz = rows.ags + ": " + indikator.id + " of " + tag.dt.strftime("%Y-%m-%d")
    return rows.assign(naechster=naechster, satz=satz + f" has no value: {what} {rule} is missing" + there)
