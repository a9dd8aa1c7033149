"""What a map or a map of tiles shows."""

import pandas as pd

from analysis.bildtexte.saetze import enden, gebiete, gekuerzt
from analysis.catalogue import Indikator
from analysis.observations import GRUENDE
from analysis.wording import aufzaehlung, wert


def karte(werte: pd.DataFrame, indikator: Indikator, ags: str = "", art: str = "Karte") -> str:
    """From which to which value the areas reach, the own one, and how many have no value and why.

    Parameters
    ----------
    werte
        Columns `ags`, `name`, `anteil`, `grund`, one row per area of the map.
    art
        What the figure is: "Karte", "Kachelkarte".
    """
    known = werte.dropna(subset="anteil").reset_index(drop=True)
    missing = werte[werte.anteil.isna()]
    reasons = aufzaehlung(sorted({GRUENDE.get(grund, "nicht geliefert") for grund in missing.grund.fillna("")}) or [""])
    gap = f"Kein Wert bei {gebiete(len(missing), dativ=True)} ({reasons})." if len(missing) else ""
    if known.empty:
        return gekuerzt([f"{art} mit {gebiete(len(werte), dativ=True)}, {indikator.kurz}: keine Werte.", gap])
    texts = known.anteil.map(lambda a: wert(a, indikator))
    mine = [f"{row.name}: {texts[row.Index]}." for row in known[known.ags == ags].itertuples()]
    return gekuerzt(
        [
            f"{art} mit {gebiete(len(werte), dativ=True)}, {indikator.kurz}; dunkler heißt höher.",
            enden(known, known.anteil, texts),
            *mine,
            f"Der mittlere Wert (Median) ist {wert(known.anteil.median(), indikator)}.",
            gap,
        ]
    )
