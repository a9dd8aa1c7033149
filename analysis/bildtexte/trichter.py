"""What a funnel plot shows."""

import pandas as pd

from analysis.bildtexte.saetze import gebiete, gekuerzt
from analysis.catalogue import Indikator
from analysis.wording import NBSP, aufzaehlung, wert


def trichter(werte: pd.DataFrame, mittel: float, indikator: Indikator, ags: str = "") -> str:
    """How many areas lie beyond the limits of chance, and where the own one lies.

    Parameters
    ----------
    werte, mittel, ags
        As in `plots.trichter.trichter`.
    """
    places = {
        "unter_998": "unter der äußeren Grenze",
        "unter_95": "zwischen den unteren Grenzen",
        "innerhalb": "innerhalb der Zufallsgrenzen",
        "ueber_95": "zwischen den oberen Grenzen",
        "ueber_998": "über der äußeren Grenze",
    }
    table = werte.dropna(subset=["anteil", "nenner"]).sort_values("name")
    far = {side: list(table.name[table.lage == f"{side}_998"]) for side in ("ueber", "unter")}
    mine = [
        f"{row.name}: {wert(row.anteil, indikator)}, {places[row.lage]}."
        for row in table[(table.ags == ags) & table.lage.isin(places)].itertuples()
    ]
    outside = [
        f"{'Darüber' if side == 'ueber' else 'Darunter'}: {aufzaehlung(names)}."
        if len(names) <= 5
        else f"{'Darüber' if side == 'ueber' else 'Darunter'}: {gebiete(len(names))}."
        for side, names in far.items()
        if names
    ]
    return gekuerzt(
        [
            f"Trichter mit {gebiete(len(table), dativ=True)} um den gemeinsamen Wert {wert(mittel, indikator)}, "
            f"{indikator.kurz}: {sum(map(len, far.values()))} außerhalb der äußeren Grenzen (99,8{NBSP}%).",
            *mine,
            *outside,
        ]
    )
