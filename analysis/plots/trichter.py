"""The funnel plot: how far values may lie from the common one by chance, by the size of the area."""

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

from analysis.catalogue import FAKTOR, Indikator
from analysis.figures import ANDERE, FARBEN, HERVOR, LINIE, axis_label
from analysis.plots.beschriftung import KLEIN, legend_below
from analysis.wording import wert, zahl


def trichter(
    ax: Axes, werte: pd.DataFrame, grenzen: pd.DataFrame, mittel: float, indikator: Indikator, ags: str = ""
) -> Axes:
    """Values against their denominators with the limits of chance; one area and those outside 99.8 % are named.

    Parameters
    ----------
    werte
        Columns `ags`, `name`, `anteil`, `nenner` (persons), `lage` (place in the funnel, `unter_998` and `ueber_998`
        are beyond 99.8 %), one row per area; areas without a value are left out.
    grenzen
        Columns `nenner`, `unten_95`, `oben_95`, `unten_998`, `oben_998` (ratios): the limits as lines, in any order.
    mittel
        The common value that the limits lie around.
    ags
        Key of the area to set off, if any.
    """
    faktor = FAKTOR[indikator.einheit]
    lines = grenzen.sort_values("nenner")
    for level, style, text in (("95", (0, (4, 2)), "95 %"), ("998", "-", "99,8 %")):
        for n, side in enumerate(("unten", "oben")):
            ax.plot(
                lines.nenner, lines[f"{side}_{level}"] * faktor, color=LINIE, linestyle=style, linewidth=1.2, zorder=2,
                label=None if n else f"Zufallsgrenze {text}",
            )  # fmt: skip
    ax.axhline(
        mittel * faktor, color=FARBEN[1], linewidth=1.4, zorder=1, label=f"gemeinsamer Wert {wert(mittel, indikator)}"
    )
    table = werte.dropna(subset=["anteil", "nenner"]).sort_values("ags")
    own = table.ags == ags
    ax.scatter(table.nenner[~own], table.anteil[~own] * faktor, s=30, color=ANDERE, edgecolor="white", lw=0.6, zorder=3)
    ax.scatter(table.nenner[own], table.anteil[own] * faktor, s=64, color=HERVOR, marker="D", zorder=5)
    sizes = table.nenner if len(table) else lines.nenner
    if sizes.max() > 10 * sizes.min() > 0:
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(matplotlib.ticker.LogLocator(subs=(1, 2, 5), numticks=8))
        ax.xaxis.set_minor_locator(matplotlib.ticker.NullLocator())
    else:
        ax.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    low, high = _visible(table, lines, sizes)
    ax.set(
        xlim=_margins(sizes, ax.get_xscale() == "log"), ylim=(low * faktor, high * faktor),
        xlabel="Größe: Personen im Nenner" + (" (gestauchte Achse)" if ax.get_xscale() == "log" else ""),
    )  # fmt: skip
    ax.set_title(axis_label(indikator), loc="left", fontsize=KLEIN)
    ax.grid(True, axis="both", color="#dddddd", linewidth=0.8)
    ax.xaxis.set_major_formatter(lambda x, _: zahl(x))
    ax.yaxis.set_major_locator(matplotlib.ticker.MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    whole = all(float(tick).is_integer() for tick in ax.get_yticks())
    ax.yaxis.set_major_formatter(lambda y, _: zahl(y, 0 if whole else 1))
    legend_below(ax.figure, *ax.get_legend_handles_labels())
    _names(ax, table, table.lage.isin(["unter_998", "ueber_998"]), ags, faktor)
    return ax


def _visible(table: pd.DataFrame, lines: pd.DataFrame, sizes: pd.Series) -> tuple[float, float]:
    """Range of values: all areas, and the limits at the smallest of them."""
    near = lines[(lines.nenner >= sizes.min()) & (lines.nenner <= sizes.max())]
    near = near if len(near) else lines
    low = np.nanmin([table.anteil.min(), near.unten_998.min()])
    high = np.nanmax([table.anteil.max(), near.oben_998.max()])
    margin = 0.06 * (high - low)
    return max(low - margin, 0.0 if low >= 0 else -np.inf), high + margin


def _margins(sizes: pd.Series, log: bool) -> tuple[float, float]:
    if log:
        return sizes.min() / 1.25, sizes.max() * 1.25
    margin = 0.06 * (sizes.max() - sizes.min()) or 0.1 * sizes.max()
    return max(sizes.min() - margin, 0), sizes.max() + margin


def _names(ax: Axes, table: pd.DataFrame, outside: pd.Series, ags: str, faktor: float) -> None:
    """Names beside the points, on the side that is free; a name that finds no room is left out, never the own."""
    chosen = table[outside | (table.ags == ags)]
    chosen = chosen.iloc[np.argsort((chosen.ags != ags).to_numpy(), kind="stable")]
    ax.figure.draw_without_rendering()
    frame = ax.get_window_extent()
    points = ax.transData.transform(np.column_stack([table.nenner, table.anteil * faktor]))
    kept: list = []
    for row in chosen.itertuples():
        mine = row.ags == ags
        for dx, dy, ha in ((8, 0, "left"), (-8, 0, "right"), (0, 10, "center"), (0, -10, "center")):
            text = ax.annotate(
                row.name, (row.nenner, row.anteil * faktor), xytext=(dx, dy), textcoords="offset points", ha=ha,
                va="center", fontsize=10 if mine else KLEIN, color=HERVOR if mine else "#333333", zorder=6,
                fontweight="bold" if mine else "normal",
                path_effects=[withStroke(linewidth=2.4, foreground="white")],
            )  # fmt: skip
            box = text.get_window_extent()
            inside = box.x0 >= frame.x0 and box.x1 <= frame.x1 and box.y0 >= frame.y0 and box.y1 <= frame.y1
            covers = box.count_contains(points) or any(box.overlaps(other) for other in kept)
            if inside and not covers:
                kept.append(box)
                break
            text.remove()
        else:
            if mine:
                kept.append(_own_name(ax, row, faktor, frame).get_window_extent())


def _own_name(ax: Axes, row, faktor: float, frame):
    """Name of the own area where no side is free: towards the middle of the drawing, on a white ground."""
    x = ax.transData.transform((row.nenner, 0))[0]
    right = x < (frame.x0 + frame.x1) / 2
    return ax.annotate(
        row.name, (row.nenner, row.anteil * faktor), xytext=(8 if right else -8, 0), textcoords="offset points",
        ha="left" if right else "right", va="center", color=HERVOR, fontweight="bold", zorder=7,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.9},
    )  # fmt: skip
