"""Labels in a drawing: measured as they are drawn and moved as little as possible until none covers another."""

import textwrap

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text

KLEIN = 9
"""Size of notes in points; everything else has the 10 points of the style."""

_LEGEND_LETTERS = 52
_AIR = 1.1
"""Distance of two labels in heights of a label."""


def lay_out(figure: Figure) -> None:
    """Give the axes their sizes, as drawing would; much quicker. Maps with equal axes need a drawing."""
    engine = figure.get_layout_engine()
    if engine is None:
        figure.draw_without_rendering()
    else:
        engine.execute(figure)


def spread(wanted: np.ndarray, gap: float, low: float, high: float) -> np.ndarray:
    """Positions nearest to the wanted ones (least squares) that keep a distance.

    Parameters
    ----------
    wanted
        Wanted positions, in any order; the order of equal ones is kept.
    gap
        Least distance between two positions.
    low, high
        Range of the positions; where it is too short for all of them, they begin at `low` and go beyond `high`.
    """
    wanted = np.asarray(wanted, float)
    if not len(wanted):
        return wanted
    order = np.argsort(wanted, kind="stable")
    steps = np.arange(len(wanted)) * gap
    moved = _rising(wanted[order] - steps)
    result = np.empty_like(wanted)
    result[order] = np.maximum(np.minimum(moved, high - steps[-1]), low) + steps
    return result


def _rising(values: np.ndarray) -> np.ndarray:
    """Nearest values (least squares) of which none is lower than the one before; mostly those given."""
    if (np.diff(values) >= 0).all():
        return values
    from scipy.optimize import isotonic_regression

    return isotonic_regression(values).x


def text_rows(left: np.ndarray, right: np.ndarray) -> list[int]:
    """Row of each text, so that texts of one row do not overlap: the lowest row that is free, from left to right."""
    ends: list[float] = []
    rows = [0] * len(left)
    for n in np.argsort(left, kind="stable"):
        row = next((r for r, end in enumerate(ends) if end <= left[n]), len(ends))
        ends[row : row + 1] = [right[n]]
        rows[n] = row
    return rows


def spread_upright(ax: Axes, labels: list[Annotation]) -> None:
    """Move labels with offsets in points up or down until none covers another; the layout must be done."""
    if not labels:
        return
    scale = 72 / ax.figure.dpi
    box = ax.get_window_extent()
    wanted = np.array([ax.transData.transform((0, label.xy[1]))[1] for label in labels]) * scale
    height = max(label.get_window_extent().height for label in labels) * scale
    placed = spread(wanted, height * _AIR, box.y0 * scale, box.y1 * scale)
    for label, want, place in zip(labels, wanted, placed, strict=True):
        label.xyann = (label.xyann[0], place - want)


def fits(ax: Axes, labels: list[Text]) -> bool:
    """Whether so many labels find room below each other; the layout must be done."""
    heights = [label.get_window_extent().height for label in labels]
    return not labels or (len(labels) - 1) * max(heights) * _AIR <= ax.get_window_extent().height


def legend_below(figure: Figure, handles: list, labels: list[str], **style) -> None:
    """Legend below all axes: in two columns, in one where they are too wide; long texts in several lines."""
    labels = ["\n".join(textwrap.wrap(label, _LEGEND_LETTERS, break_on_hyphens=False)) for label in labels]
    style = {
        "loc": "outside lower left",
        "frameon": False,
        "handlelength": 1.6,
        "columnspacing": 1.2,
        "fontsize": KLEIN + 0.5,
    } | style
    legend = figure.legend(handles, labels, ncols=2, **style)
    if legend.get_window_extent().width > 0.96 * figure.bbox.width:
        legend.remove()
        figure.legend(handles, labels, ncols=1, **style)


def ink(colour) -> str:
    """Colour of a text on a ground: white on dark, nearly black on light (the higher contrast)."""
    light = luminance(colour)
    return "white" if 1.05 / (light + 0.05) > (light + 0.05) / (luminance("#111111") + 0.05) else "#111111"


def luminance(colour) -> float:
    """Relative luminance of a colour, 0 (black) to 1 (white), as WCAG 2.1 defines it."""
    rgb = np.array(matplotlib.colors.to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])
