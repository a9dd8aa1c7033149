"""Small numbers of small areas: what is not shown of them, and why."""

import numpy as np
import pandas as pd

from analysis.catalogue import GEZAEHLT, Katalog
from analysis.disclosure.regeln import Regel, rounded
from analysis.regelwerk import Regelwerk

ZU_KLEIN = "Hier leben nur sehr wenige. Mehr zeigen wir nicht. So wird niemand erkannt."
"""What a report says of such an area."""

GRUPPENBREITEN = (5, 10)
"""Years of the age groups of a pyramid: the narrowest in which no group counts too few persons."""


def pyramid(personen: pd.DataFrame, regel: Regel, mindesteinwohner: int, breite: int = 0) -> pd.DataFrame | None:
    """Residents by age group and sex in the narrowest groups that may be shown; None where none may.

    Parameters
    ----------
    personen
        `alter` (first year of groups of 5 years, the last one open), `geschlecht`, `personen` (NaN where there is no
        number) of one area.
    regel
        Rule of the register.
    mindesteinwohner
        Residents below which an area shows none.
    breite
        Least width of the groups in years.

    Returns
    -------
    pandas.DataFrame or None
        The same columns. Every group has 0 persons or as many as may be shown; rounded if the rule rounds.
    """
    if personen.empty or personen.personen.isna().any() or personen.personen.sum() < mindesteinwohner:
        return None
    for width in (w for w in GRUPPENBREITEN if w >= breite):
        table = personen.assign(alter=personen.alter // width * width)
        table = table.groupby(["alter", "geschlecht"], as_index=False).personen.sum()
        if not table.personen.between(1, regel.kleinste - 1).any():
            return table.assign(personen=rounded(table.personen, regel.rundung))
    return None


def protected(
    werte: pd.DataFrame,
    einwohner: pd.Series,
    regeln: Regelwerk,
    gesperrt: pd.DataFrame | None = None,
    catalogue: Katalog | None = None,
) -> pd.DataFrame:
    """Values of areas without those that could tell of single persons.

    Withheld (`grund` becomes `geheim`) are all values of areas with too few inhabitants or an unknown number, values
    from fewer cases than may be shown (`Regel.kleinste`), of so few, or of all but so few of those that they are a part
    of, shares of too small a base, and values made of counts that must be withheld so that the others cannot be
    computed. Where the sources round instead, the counts are rounded already (`rundung.shown`); a part that is larger
    than its whole by rounding is withheld.

    Parameters
    ----------
    werte
        Result of `indicators.compute`.
    einwohner
        Population by area.
    regeln
        Rule of each source.
    gesperrt
        Counts of the whole Kreis that are withheld (`kreissperrung.gesperrt`); none if None.
    catalogue
        What the indicators are made of; needed with `gesperrt`.

    Returns
    -------
    pandas.DataFrame
        The same rows; withheld ones have neither value nor bounds nor counts.
    """
    people = werte.ags.map(einwohner)
    least, rounds = regeln.kleinste(werte.quelle), regeln.rundung(werte.quelle) > 0
    few = (werte.zaehler > 0) & (werte.zaehler < least)
    rest = werte.nenner - werte.zaehler
    few |= (werte.intervall == "wilson") & (rest > 0) & (rest < least)
    few |= (werte.nenner > 0) & (werte.nenner < least)
    few = (few & ~rounds) | (werte.nenner < regeln.basis(werte.quelle))
    if gesperrt is not None and len(gesperrt):
        few |= _made_of(werte, gesperrt, catalogue)
    withheld = werte.anteil.notna() & (few | ~(people >= regeln.mindesteinwohner))
    withheld |= rounds & (werte.grund == "sinnlos") & (werte.zaehler > werte.nenner)
    numbers = ["anteil", "unten", "oben", "zaehler", "nenner"]
    table = werte.copy()
    table.loc[withheld, numbers] = np.nan
    return table.assign(
        intervall=table.intervall.mask(withheld, ""), grund=table.grund.mask(withheld, "geheim"),
        guete=table.guete.mask(withheld, ""),
    )  # fmt: skip


def _made_of(werte: pd.DataFrame, gesperrt: pd.DataFrame, catalogue: Katalog) -> np.ndarray:
    """Values of which numerator or denominator has a withheld count."""
    days = {"stichtag": werte.stichtag, "nenner_stichtag": werte.nenner_stichtag}
    found = np.zeros(len(werte), bool)
    for groesse, cells in gesperrt.groupby("groesse"):
        hidden = pd.MultiIndex.from_frame(cells[["ags", "stichtag"]])
        for column, parts in (("stichtag", ("zaehler", "abzug")), ("nenner_stichtag", ("nenner",))):
            ids = [i.id for i in catalogue.indikatoren.values() if i.art in GEZAEHLT
                   and any(groesse in i.aus.get(part, []) for part in parts)]  # fmt: skip
            rows = np.flatnonzero(werte.indikator.isin(ids))
            keys = pd.MultiIndex.from_arrays([werte.ags.iloc[rows], days[column].iloc[rows]])
            found[rows] |= keys.isin(hidden)
    return found
