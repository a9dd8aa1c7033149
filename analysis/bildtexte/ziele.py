"""What a chart of the goals by Themenfeld shows."""

import pandas as pd

from analysis.bildtexte.saetze import gekuerzt
from analysis.wording import zahl


def standbalken(zahlen: pd.DataFrame, namen: dict[str, str], felder: dict[str, str]) -> str:
    """How many goals there are, in which states, and which Themenfeld has most of them.

    Parameters
    ----------
    zahlen, namen, felder
        As in `plots.ziele.standbalken`.
    """
    states = zahlen.sum()
    parts = ", ".join(f"{zahl(n)} {namen[state]}" for state, n in states.items() if n)
    totals = zahlen.sum(axis=1)
    return gekuerzt(
        [
            f"Balken für {zahl(len(zahlen))} Themenfelder mit zusammen {zahl(states.sum())} Zielen und Maßnahmen: "
            f"{parts}.",
            f"Der längste Balken: {felder[totals.idxmax()]} ({zahl(totals.max())}).",
        ]
    )
