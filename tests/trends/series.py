"""Small tables of values and catalogues for the tests of trends."""

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd

from analysis import catalogue, indicators


def catalogue_of(**art_and_breaks) -> catalogue.Katalog:
    """Catalogue with one indicator per keyword: (art, dates of breaks)."""
    shipped = catalogue.katalog()
    model = shipped.indikatoren["anteil_unter_18"]
    return dataclasses.replace(
        shipped,
        indikatoren={
            id: dataclasses.replace(
                model, id=id, art=art, brueche=tuple(catalogue.Bruch(datum, "neue Zählung") for datum in dates)
            )
            for id, (art, dates) in art_and_breaks.items()
        },
    )


def shares(zaehler, nenner, first: int, ags="16077", indikator="quote", day=(12, 31)) -> pd.DataFrame:
    """Yearly shares from counts, as `indicators.compute` gives them."""
    zaehler, nenner = np.broadcast_arrays(np.asarray(zaehler, float), np.asarray(nenner, float))
    unten, oben = indicators.wilson(zaehler, nenner)
    days = [dt.date(first + i, *day) for i in range(len(zaehler))]
    return pd.DataFrame(
        {"ags": ags, "stichtag": days, "indikator": indikator, "anteil": zaehler / nenner, "unten": unten, "oben": oben}
    ).assign(zaehler=zaehler, nenner=nenner)


def rates(anteil, unten, oben, first: int, ags="16077", indikator="rate") -> pd.DataFrame:
    """Yearly published rates with intervals and without counts."""
    days = [dt.date(first + i, 12, 31) for i in range(len(anteil))]
    return pd.DataFrame(
        {"ags": ags, "stichtag": days, "indikator": indikator, "anteil": anteil, "unten": unten, "oben": oben}
    ).assign(zaehler=np.nan, nenner=np.nan)
