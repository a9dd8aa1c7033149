"""What a population pyramid shows."""

import numpy as np
import pandas as pd

from analysis.bildtexte.saetze import gekuerzt, prozent
from analysis.wording import zahl


def pyramide(personen: pd.DataFrame, *, vergleich: pd.DataFrame | None = None, vergleich_text: str = "") -> str:
    """How many people, which ages are most frequent, the young, the old and the women.

    Parameters
    ----------
    personen, vergleich, vergleich_text
        As in `plots.pyramide.pyramide`.
    """
    total = personen.personen.sum()
    if not total > 0:
        return "Leere Bevölkerungspyramide: Es liegen keine Zahlen vor."
    ages = personen.groupby("alter").personen.sum()
    width = int(np.diff(ages.index).min()) if len(ages) > 1 else 1
    most = int(ages.idxmax())
    last = most == ages.index[-1]
    group = f"{most} und älter" if last else f"{most}" if width == 1 else f"{most} bis {most + width - 1}"
    women = personen[personen.geschlecht == "w"].personen.sum() / total
    missing = int(personen.personen.isna().sum())
    foreign = ""
    if "staatsangehoerigkeit" in personen:
        share = personen[personen.staatsangehoerigkeit == "nichtdeutsch"].personen.sum() / total
        foreign = f"Ohne deutschen Pass: {prozent(share)}."
    return gekuerzt(
        [
            f"Bevölkerungspyramide mit {zahl(int(total))} Menschen. Die meisten sind {group} Jahre alt "
            f"({zahl(int(ages[most]))}).",
            f"{_young_and_old(personen)}.",
            f"Frauen: {prozent(women)}.",
            foreign,
            f"{vergleich_text}: {_young_and_old(vergleich)}." if vergleich is not None and vergleich_text else "",
            f"In {missing} Feldern fehlt die Zahl."
            if missing > 1
            else "In einem Feld fehlt die Zahl."
            if missing
            else "",
        ]
    )


def _young_and_old(personen: pd.DataFrame) -> str:
    total = personen.personen.sum()
    oldest = int(personen.alter[personen.alter >= 65].min())  # groups of ten years begin at 70
    young, old = (personen.personen[chosen].sum() / total for chosen in (personen.alter < 20, personen.alter >= oldest))
    return f"Unter 20 sind {prozent(young)}, ab {oldest} sind {prozent(old)}"
