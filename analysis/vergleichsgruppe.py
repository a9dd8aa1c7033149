"""Which Kreise a Kreis is compared with: those of its Land, all, an own selection, or the most similar ones."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis import indicators
from analysis.catalogue import Katalog
from analysis.errors import InputError
from analysis.regions import kreis, level, name
from analysis.vergleich import eingabe
from analysis.vergleich.aehnliche import aehnliche
from analysis.wording import aufzaehlung, datum

ARTEN = ("land", "alle", "aehnliche")
"""Ways of choosing the group; everything else is a list of keys."""

ANZAHL = 5
"""So many similar Kreise make a group."""

MERKMALE = ["anteil_unter_18", "anteil_ab_65"]
"""Indicators that say, together with the logarithm of the population, which Kreise are similar."""

STRUKTUR = frozenset(
    {
        *("bevoelkerung", "bevoelkerung_unter_18", "bevoelkerung_18_64", "bevoelkerung_ab_65"),
        *("melderegister_bevoelkerung", "melderegister_unter_18", "melderegister_18_64", "melderegister_ab_65"),
    }
)
"""Quantities of size and age. What is made of nothing else chose the group and says nothing within it."""


@dataclass(frozen=True)
class Vergleichsgruppe:
    """The Kreise of a comparison.

    Attributes
    ----------
    rahmen
        Where they lie or what they are, in words: `in Thüringen`, `in der gewählten Auswahl`.
    kreise
        Keys, the Kreis itself among them.
    satz
        Who the similar Kreise are and by what they were chosen, or why there are none; empty for other groups.
    kurz
        The same for the summary, without names.
    ohne
        Indicators that are not compared in this group, because they chose it.
    nachbarn
        The Kreis and the similar ones, nearest first (`ags`, `bevoelkerung`, `MERKMALE`, `abstand`); else empty.
    """

    rahmen: str
    kreise: frozenset[str]
    satz: str = ""
    kurz: str = ""
    ohne: frozenset[str] = frozenset()
    nachbarn: pd.DataFrame | None = None


def check(text: str, there: Collection[str] | None = None) -> None:
    """Refuse a choice of Kreise that is neither one of `ARTEN` nor a list of keys; `there` are those with figures."""
    if text in ARTEN:
        return
    keys = text.replace(",", " ").split()
    if not keys:
        raise InputError(f"vergleich is empty; expected {', '.join(ARTEN)} or keys of Kreise")
    for key in keys:
        try:
            kreis(key)
        except InputError as error:
            raise InputError(f"vergleich: {error} (expected {', '.join(ARTEN)} or keys of Kreise)") from None
        if there is not None and key not in there:
            raise InputError(f"vergleich: the store holds no figures for Kreis {key!r} ({name(key)})")


def gruppe(observations: pd.DataFrame, ags: str, vergleich: str, katalog: Katalog) -> Vergleichsgruppe:
    """Kreise that a Kreis is compared with; an invented Kreis is never compared with real ones.

    Parameters
    ----------
    observations
        Current observations of the store.
    ags
        Key of the Kreis.
    vergleich
        `land` (the Kreise of its Land), `alle` (all in the store), `aehnliche` (the nearest `ANZAHL` of all by the
        logarithm of the population and by `MERKMALE`; all where there are no more than that), or keys (`16070 16051`).

    Raises
    ------
    InputError
        A key of no Kreis or of one without figures; real and invented Kreise together; no population by age for a Kreis
        that is to be compared with similar ones.
    """
    keys = pd.Series(observations.ags.unique(), dtype=object)
    keys = keys[keys.map(lambda key: level(key) == "kreis")]
    check(vergleich, set(keys))
    land = f"in {name(ags[:2])}"
    if vergleich == "land":
        return Vergleichsgruppe(land, frozenset(keys[keys.str.startswith(ags[:2])]))
    deutschland = land if ags.startswith("99") else "in Deutschland"
    everybody = frozenset(keys[keys.str.startswith("99") == ags.startswith("99")])
    if vergleich == "alle":
        return Vergleichsgruppe(deutschland, everybody)
    if vergleich == "aehnliche":
        return _aehnliche(observations[observations.ags.isin(everybody)], ags, deutschland, katalog)
    wanted = vergleich.replace(",", " ").split()
    for key in wanted:
        if kreis(key).erfunden != kreis(ags).erfunden:
            raise InputError(f"vergleich: an invented Kreis is never compared with real ones, but {ags} with {key}")
    return Vergleichsgruppe("in der gewählten Auswahl", frozenset(keys[keys.isin([ags, *wanted])]))


def _aehnliche(observations: pd.DataFrame, ags: str, deutschland: str, katalog: Katalog) -> Vergleichsgruppe:
    structure = _structure(observations, katalog)
    if structure.empty or ags not in structure.index:
        raise InputError(f"vergleich: the store holds no population by age for Kreis {ags!r}; similar ones need it")
    if len(structure) - 1 <= ANZAHL:
        few = f"Es gibt nur {len(structure) - 1} andere Kreise mit Zahlen. Ähnliche lassen sich daraus nicht wählen."
        return Vergleichsgruppe(deutschland, frozenset(structure.index), *[few if len(structure) > 1 else ""] * 2)
    wide = structure[MERKMALE].assign(bevoelkerung=np.log(structure.bevoelkerung))
    near = aehnliche(wide, ags, anzahl=ANZAHL).set_index("ags").abstand
    chosen = structure.assign(abstand=near).loc[[ags, *near.index]].reset_index()
    named = aufzaehlung([name(key) for key in near.index])
    day = datum(structure.stichtag[ags])
    return Vergleichsgruppe(
        rahmen="mit ähnlicher Bevölkerung",
        kreise=frozenset(chosen.ags),
        satz=(
            f"Verglichen wird mit {len(near)} Kreisen. Sie sind bei Zahl und Alter der Menschen am ähnlichsten "
            f"({day}): {named}. Zahl und Alter selbst werden deshalb nicht verglichen."
        ),
        kurz=f"Wir vergleichen mit {len(near)} Kreisen. Zahl und Alter der Menschen sind dort am ähnlichsten.",
        ohne=frozenset(i.id for i in katalog.indikatoren.values() if set(i.groessen) <= STRUKTUR),
        nachbarn=chosen,
    )


def _structure(observations: pd.DataFrame, katalog: Katalog) -> pd.DataFrame:
    """Population and age of all Kreise that have both, on one day: `stichtag`, `bevoelkerung`, `MERKMALE`."""
    werte = indicators.compute(observations[observations.groesse.isin(STRUKTUR)], katalog)
    same_day = indicators.comparison_day(werte[werte.indikator.isin(MERKMALE)])
    if set(same_day.indikator) != set(MERKMALE):
        return pd.DataFrame()
    first = same_day[same_day.indikator == MERKMALE[0]].set_index("ags")
    wide = eingabe.breit(same_day).assign(bevoelkerung=first.nenner, stichtag=first.stichtag)
    return wide.dropna()
