"""Around the lines of a series: the axis of values, the rows above the axes, the legend, the ends of lines."""

import textwrap

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation

from analysis.catalogue import Indikator
from analysis.figures import axis_label
from analysis.plots.beschriftung import KLEIN, lay_out, legend_below, spread_upright, text_rows
from analysis.wording import zahl

_ROW = 13
"""Height of a row above the axes in points."""
_NOT_ZERO = "Achse beginnt nicht bei null"


def value_axis(ax: Axes, below: float, above: float) -> None:
    """German ticks; the axis begins at zero unless that would flatten the line."""
    low, high = ax.dataLim.y0, ax.dataLim.y1
    if not np.isfinite([low, high]).all() or high < low:
        low, high = 0.0, 1.0
    length = (high - low) or 0.5 * abs(high) or 1
    zero = 0 <= low <= 0.45 * high
    ax.set_ylim(0 if zero else low - below * length, high + above * length)
    if low >= 0 and ax.get_ylim()[0] < 0:
        ax.set_ylim(bottom=0)
    ax.grid(True, axis="y", color="#dddddd", linewidth=0.8)
    ax.yaxis.set_major_locator(matplotlib.ticker.MaxNLocator(nbins=4, steps=[1, 2, 5, 10]))
    digits = 0 if all(float(tick).is_integer() for tick in ax.get_yticks()) else 1
    digits = digits if len({round(t, digits) for t in ax.get_yticks()}) == len(ax.get_yticks()) else 2
    ax.yaxis.set_major_formatter(lambda y, _: zahl(y, digits))


def unit_text(ax: Axes, indikator: Indikator) -> Annotation:
    """Unit of the axis of values, above it, and a note where the axis does not begin at zero."""
    note = "" if ax.get_ylim()[0] == 0 else f"; {_NOT_ZERO}"
    return ax.annotate(
        axis_label(indikator) + note, (0, 1), xycoords="axes fraction", xytext=(0, 3), textcoords="offset points",
        va="bottom", fontsize=KLEIN, color="#333333", annotation_clip=False,
    )  # fmt: skip


def arrange(axes: list[Axes], parts: list[tuple], titles: list[str]) -> None:
    """Places of the labels: first those above the axes, which change its height, then those at the ends of lines."""
    lay_out(axes[0].figure)
    for ax, (_, break_labels, unit), title in zip(axes, parts, titles, strict=True):
        _header(ax, break_labels, unit, title)
    lay_out(axes[0].figure)
    for ax, (line_labels, _, _) in zip(axes, parts, strict=True):
        spread_upright(ax, [label for label in line_labels if label.get_ha() == "left"])
    axes[0].figure.set_layout_engine("none")  # what moved since takes no other room; drawing would measure all again


def legend(figure: Figure) -> None:
    """What lines and bands mean, once for all axes."""
    entries = {
        label: handle
        for ax in figure.axes
        for handle, label in zip(*ax.get_legend_handles_labels(), strict=True)
    }  # fmt: skip
    if entries:
        legend_below(figure, list(entries.values()), list(entries))


def _header(ax: Axes, break_labels: list[Annotation], unit: Annotation, title: str) -> None:
    """Words of the breaks in as many rows as they need, above them the unit, above it the title."""
    box, scale = ax.get_window_extent(), 72 / ax.figure.dpi
    halves = np.array([label.get_window_extent().width / 2 + 4 for label in break_labels])
    wanted = np.array([ax.transData.transform((label.xy[0], 0))[0] for label in break_labels])
    centres = np.clip(wanted, box.x0 + halves, np.maximum(box.x1 - halves, box.x0 + halves))
    rows = text_rows(centres - halves, centres + halves)
    for label, want, centre, row in zip(break_labels, wanted, centres, rows, strict=True):
        label.xyann = ((centre - want) * scale, 3 + _ROW * row)
    above = 3 + _ROW * (max(rows) + 1 if rows else 0)
    lines = textwrap.wrap(unit.get_text(), max(int(box.width * scale / 5.4), 12))
    unit.set_text("\n".join(lines))
    unit.xyann = (0, above)
    if title:
        ax.set_title(title, fontweight="bold", loc="left", fontsize=10, pad=above + _ROW * len(lines))
