"""Goals of a catalogue by Themenfeld and state."""

import textwrap

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from analysis.figures import FARBEN
from analysis.wording import zahl

FARBE = {
    "erledigt": FARBEN[2],
    "laufend": FARBEN[0],
    "geplant": FARBEN[3],
    "zurueckgestellt": FARBEN[1],
    "aufgegeben": "#333333",
    "": "#d9d9d9",
}
"""State → colour of its part of a bar, in the order of the bar."""

_DUNKEL = ("erledigt", "laufend", "zurueckgestellt", "aufgegeben")
_ZEICHEN = 30


def standbalken(ax: Axes, zahlen: pd.DataFrame, namen: dict[str, str], felder: dict[str, str]) -> Axes:
    """Number of goals of each Themenfeld as bars, parted by state, with the numbers in them.

    Parameters
    ----------
    zahlen
        `auswertung.nach_feld`: one row per bar, one column per state.
    namen
        State → legend text.
    felder
        Code of a Themenfeld → label of its bar.
    """
    labels = [textwrap.fill(felder[code], _ZEICHEN) for code in zahlen.index]
    left = pd.Series(0, index=zahlen.index)
    for state, colour in FARBE.items():
        counts = zahlen[state]
        if counts.sum() == 0:
            continue
        bars = ax.barh(range(len(zahlen)), counts, left=left, color=colour, edgecolor="#595959", linewidth=0.6,
                       height=0.62, label=namen[state])  # fmt: skip
        ax.bar_label(
            bars,
            labels=[zahl(n) if n else "" for n in counts],
            label_type="center",
            color="white" if state in _DUNKEL else "black",
            fontsize=9,
        )
        left = left + counts
    ax.set_yticks(range(len(zahlen)), labels)
    ax.invert_yaxis()
    ax.set(xlabel="Ziele und Maßnahmen (Anzahl)", xlim=(0, left.max() * 1.05))
    ax.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, steps=[1, 2, 5, 10]))
    ax.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3, frameon=False, handlelength=1)
    return ax
