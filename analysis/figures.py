"""Figures as readers see them: one restrained style, colours that survive colour blindness and a grey print."""

import io

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from analysis.catalogue import Indikator
from analysis.outputs import Ausgabe
from analysis.wording import einheit_text, zahl

FARBEN = ["#321c8f", "#8b3a04", "#2c7d7e", "#a78e43"]
"""Colours for groups: dE00 >= 23 over three kinds of colour blindness, grey dL* >= 12, contrast >= 3.2 on white."""
HERVOR, ANDERE, LINIE = FARBEN[0], "#8c8c8c", "#595959"

BREITE = 5.4
"""Width of a figure in inches: its 10 pt texts stay readable when a phone scales it to 350 px."""
DPI = 150
PALETTE = 64
"""Colours of a figure's palette."""
TITEL_ZEICHEN = 54
"""Characters of a bold title that fit into the width."""

STIL = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.edgecolor": LINIE,
    "axes.grid": True,
    "axes.grid.axis": "x",
    "axes.axisbelow": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.8,
    "xtick.color": "#333333",
    "ytick.color": "#111111",
    "ytick.left": False,
    "text.color": "#111111",
    "axes.labelcolor": "#333333",
    "savefig.facecolor": "white",
}


def new_figure(hoehe: float, zeilen: int = 1) -> tuple[Figure, list[Axes]]:
    """Empty figure in the workspace's style, with `zeilen` axes below each other; height in inches."""
    with matplotlib.rc_context(STIL):
        figure = Figure(figsize=(BREITE, hoehe), dpi=DPI, layout="constrained")
        axes = figure.subplots(zeilen, 1, squeeze=False)[:, 0]
    return figure, list(axes)


def abbildung(
    figure: Figure,
    *,
    name: str,
    titel: str,
    einheit: str,
    quelle: str,
    alternativtext: str,
    daten: Ausgabe,
) -> Ausgabe:
    """Figure for a report, drawn once as PNG with a palette of `PALETTE` colours.

    Parameters
    ----------
    figure
        What was drawn; the axes carry labels with units.
    name
        Short ASCII name, used for the file under `figures/`.
    titel, einheit, quelle
        What the figure shows, its unit in words, where the figures come from, with date.
    alternativtext
        What a reader would see, 30 to 400 characters.
    daten
        The same numbers as a table (`tables.tabelle`), shown on demand below the figure.

    Raises
    ------
    ValueError
        One of the texts is missing or says nothing.
    """
    png, breite, hoehe = _png(figure)
    return Ausgabe(
        {
            "art": "abbildung",
            "name": name,
            "titel": titel,
            "einheit": einheit,
            "quelle": quelle,
            "alternativtext": alternativtext,
            "breite": breite,
            "hoehe": hoehe,
            "daten": daten.inhalt,
        },
        png=png,
    )


def _png(figure: Figure) -> tuple[bytes, int, int]:
    """Picture of a figure, drawn once: `savefig` would draw twice, pack the picture and have it unpacked again."""
    with matplotlib.rc_context(STIL):
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
    picture = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    picture = picture.quantize(PALETTE, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    packed = io.BytesIO()
    picture.save(packed, format="PNG", optimize=True)
    return packed.getvalue(), *picture.size


def axis_label(indikator: Indikator) -> str:
    """What an axis of the indicator counts."""
    if indikator.einheit in ("prozent", "eur"):
        return {"prozent": "Anteil in %", "eur": "Betrag in €"}[indikator.einheit]
    return f"Anzahl {einheit_text(indikator.einheit)}"


def german_axis(ax: Axes) -> None:
    """Few round ticks on the horizontal axis, written in German."""
    ax.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(lambda x, _: zahl(x, 0 if float(x).is_integer() else 1))
