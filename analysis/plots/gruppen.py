"""Groups of areas: as a map, as tiles, as a tree, as a heat map of what marks them, as a consensus matrix."""

import textwrap

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.patches import Patch, PathPatch, Rectangle
from matplotlib.patheffects import withStroke

from analysis.errors import InputError
from analysis.figures import FARBEN, LINIE
from analysis.plots.beschriftung import KLEIN, ink, legend_below
from analysis.plots.kacheln import kuerzel
from analysis.plots.karte import OHNE, innen, pfad, polygone, rahmen
from analysis.wording import MINUS, zahl

HELL = [tuple(0.45 * c + 0.55 for c in to_rgb(f)) for f in FARBEN]
GRUPPENFARBEN = [*FARBEN, *HELL]
"""Colours of the groups from 1 on; every area also carries the number of its group."""

HOCH, NIEDRIG = "#321c8f", "#8b3a04"
"""Ground of values far above and far below the mean in a heat map; the sign stands in the cell."""

BLAETTER = 60
"""Areas up to which a tree names each of them; of larger trees the last merges are drawn."""

_ZWEIGE = 30


def farbe(gruppe: int):
    """Colour of a group; groups are counted from 1.

    Raises
    ------
    InputError
        More groups than colours that can be told apart.
    """
    if not 1 <= gruppe <= len(GRUPPENFARBEN):
        raise InputError(f"figure of groups: group {gruppe}; expected 1 to {len(GRUPPENFARBEN)}")
    return GRUPPENFARBEN[gruppe - 1]


def karte(ax: Axes, flaechen: pd.DataFrame, gruppen: pd.DataFrame, namen: dict[int, str], eigene: str = "") -> Axes:
    """Map of the groups: areas in the colour of their group with its number, unsure ones with dots.

    Parameters
    ----------
    flaechen
        `ags`, `geometrie` (GeoJSON in degrees, as text).
    gruppen
        `ags`, `gruppe` (0: in none), `sicher`.
    namen
        Group → what the legend says of it.
    eigene
        Beginning of the keys of areas to outline: those of a Kreis within its Land.
    """
    table = flaechen.merge(gruppen, on="ags", how="left", validate="one_to_one").sort_values("ags")
    table = table.assign(gruppe=table.gruppe.fillna(0).astype(int), sicher=table.sicher.fillna(True).astype(bool))
    shapes = [polygone(row.ags, row.geometrie) for row in table.itertuples()]
    shrink = np.cos(np.deg2rad(np.mean(rahmen(shapes)[:, 1])))
    for row, parts in zip(table.itertuples(), shapes, strict=True):
        mine = bool(eigene) and row.ags.startswith(eigene)
        path = pfad(parts, shrink)
        ax.add_patch(PathPatch(path, gid=row.ags, linewidth=0.7, **_fill(row.gruppe, row.sicher)))
        if mine and not table.ags.str.startswith(eigene).all():
            ax.add_patch(PathPatch(path, facecolor="none", edgecolor="#111111", linewidth=1.6, zorder=4))
        if row.gruppe and (mine or len(table) <= BLAETTER):
            ax.annotate(
                str(row.gruppe), innen(parts) * [shrink, 1], ha="center", va="center", fontsize=KLEIN, zorder=6,
                color="#111111", path_effects=[withStroke(linewidth=2.4, foreground="white")],
            )  # fmt: skip
    ax.set(aspect="equal", xticks=[], yticks=[])
    ax.grid(False)
    ax.spines["bottom"].set_visible(False)
    ax.autoscale_view()
    _legend(ax, table, namen)
    return ax


def kacheln(ax: Axes, orte: pd.DataFrame, gruppen: pd.DataFrame, namen: dict[int, str]) -> Axes:
    """The same as tiles: `orte` has `ags`, `name`, `spalte`, `zeile` (`plots.kacheln.positionen`)."""
    table = orte.merge(gruppen, on="ags", how="left", validate="one_to_one").sort_values("ags")
    table = table.assign(gruppe=table.gruppe.fillna(0).astype(int), sicher=table.sicher.fillna(True).astype(bool))
    for row in table.itertuples():
        style = _fill(row.gruppe, row.sicher)
        ax.add_patch(Rectangle((row.spalte, row.zeile), 1, 1, linewidth=1.5, gid=row.ags, **style))
    ax.set(
        xlim=(-0.05, table.spalte.max() + 1.05), ylim=(table.zeile.max() + 1.05, -0.05), aspect="equal", xticks=[],
        yticks=[],
    )  # fmt: skip
    ax.grid(False)
    ax.spines["bottom"].set_visible(False)
    _legend(ax, table, namen)
    ax.figure.draw_without_rendering()
    side = ax.get_window_extent().width * 72 / ax.figure.dpi / (table.spalte.max() + 1.1)
    short = kuerzel(list(table.name), max(int((side - 5) / 5.9), 2))
    for row, name in zip(table.itertuples(), short, strict=True):
        text = f"{name}\n{row.gruppe or '–'}" if side >= 34 else name
        ax.annotate(
            text, (row.spalte + 0.5, row.zeile + 0.5), ha="center", va="center", fontsize=KLEIN, linespacing=1.25,
            color="#111111", path_effects=[withStroke(linewidth=2.4, foreground="white")],
        )  # fmt: skip
    return ax


def _fill(gruppe: int, sicher: bool) -> dict:
    if not gruppe:
        return OHNE
    colour = farbe(gruppe)
    return {"facecolor": colour, "edgecolor": "white", "hatch": None if sicher else "....", "hatchcolor": ink(colour)}


def _legend(ax: Axes, table: pd.DataFrame, namen: dict[int, str]) -> None:
    entries = [
        Patch(facecolor=farbe(n), edgecolor="#8a8a8a", linewidth=0.6, label=f"{n}: {namen[n]}")
        for n in sorted(set(table.gruppe) - {0})
    ]
    if not table.sicher[table.gruppe > 0].all():
        entries.append(Patch(facecolor="#8a8a8a", edgecolor="white", hatch="....", label="Punkte: nicht sicher"))
    if (table.gruppe == 0).any():
        entries.append(Patch(**OHNE, label="in keiner Gruppe"))
    legend_below(ax.figure, entries, [entry.get_label() for entry in entries])


def baum(ax: Axes, linkage: np.ndarray, namen: list[str], gruppen: np.ndarray, k: int) -> Axes:
    """Tree of the merges: the farther right two branches meet, the less alike they are.

    Parameters
    ----------
    linkage
        As SciPy's `linkage`, for the areas in the order of `namen`.
    gruppen
        Group of each area (0: none); it stands before the name.
    k
        Groups at which the tree is cut (dashed line); 1: no line.
    """
    from scipy.cluster.hierarchy import dendrogram

    small = len(namen) <= BLAETTER
    labels = [f"{g or '–'}  {name}" for g, name in zip(gruppen, namen, strict=True)]
    drawn = dendrogram(
        linkage, no_plot=True, labels=labels if small else None, truncate_mode=None if small else "lastp", p=_ZWEIGE
    )
    for depth, place in zip(drawn["dcoord"], drawn["icoord"], strict=True):
        ax.plot(depth, (np.array(place) - 5) / 10, color=LINIE, linewidth=1.2)
    texts = drawn["ivl"] if small else [_branch(text) for text in drawn["ivl"]]
    heights = linkage[:, 2]
    if k > 1:
        cut = (heights[-k] + heights[-k + 1]) / 2 if k <= len(heights) else heights[0] / 2
        ax.axvline(cut, color=FARBEN[1], linestyle=(0, (4, 2)), linewidth=1.4, label=f"Schnitt in {k} Gruppen")
        legend_below(ax.figure, *ax.get_legend_handles_labels())
    ax.set(
        xlim=(heights.max() * 1.03, -heights.max() * 0.01), ylim=(len(texts) - 0.4, -0.6), yticks=np.arange(len(texts)),
        yticklabels=texts, xlabel="Unähnlichkeit beim Zusammenlegen",
    )  # fmt: skip
    ax.yaxis.tick_right()
    ax.tick_params(axis="y", length=0, labelsize=KLEIN)
    ax.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(nbins=5))
    ax.xaxis.set_major_formatter(lambda x, _: zahl(x, 0 if float(x).is_integer() else 1))
    ax.grid(True, axis="x")
    return ax


def _branch(text: str) -> str:
    return f"{text[1:-1]} Gebiete" if text.startswith("(") else "1 Gebiet"


def waermebild(ax: Axes, tabelle: pd.DataFrame) -> Axes:
    """Heat map of means in standard deviations: the darker, the farther from the mean of all areas.

    Parameters
    ----------
    tabelle
        One row per indicator (index: its label), one column per group (its heading); NaN: no value.
    """
    for y, (_, row) in enumerate(tabelle.iterrows()):
        for x, z in enumerate(row):
            colour = _ground(z)
            ax.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=colour, edgecolor="white", linewidth=1.5))
            ax.annotate(signed(z), (x, y), ha="center", va="center", color=ink(colour), fontsize=KLEIN)
    labels = ["\n".join(textwrap.wrap(str(text), 30, break_on_hyphens=False)) for text in tabelle.index]
    ax.set(xlim=(-0.5, tabelle.shape[1] - 0.5), ylim=(len(tabelle) - 0.5, -0.5), yticks=range(len(tabelle)))
    ax.set_yticks(range(len(tabelle)), labels)
    ax.set_xticks(range(tabelle.shape[1]), [str(c) for c in tabelle.columns])
    ax.xaxis.tick_top()
    ax.tick_params(axis="both", length=0)
    ax.grid(False)
    for spine in ax.spines.values():
        spine.set_visible(False)
    return ax


def konsens(ax: Axes, matrix: np.ndarray, gruppen: np.ndarray, namen: list[str]) -> Axes:
    """Consensus matrix: the darker a cell, the more often its two areas are in the same group; NaN: never both drawn.

    Parameters
    ----------
    matrix
        Areas × areas, shares; the areas of a group lie side by side.
    gruppen
        Group of each area.
    namen
        Names at the rows; empty: the groups alone.
    """
    ground = LinearSegmentedColormap.from_list("konsens", ["white", HOCH]).with_extremes(bad="#d9d9d9")
    ax.imshow(matrix, cmap=ground, vmin=0, vmax=1, interpolation="nearest", aspect="auto")
    ends = np.flatnonzero(np.diff(gruppen)) + 0.5
    for end in ends:
        ax.axhline(end, color="#111111", linewidth=1.0)
        ax.axvline(end, color="#111111", linewidth=1.0)
    edges = np.concatenate([[-0.5], ends, [len(gruppen) - 0.5]])
    middle, numbers = (edges[:-1] + edges[1:]) / 2, gruppen[np.ceil(edges[:-1]).astype(int)]
    ax.set_xticks(middle, [f"Gruppe {n}" if len(numbers) <= 4 else str(n) for n in numbers])
    if namen:
        ax.set_yticks(range(len(namen)), namen)
    else:
        ax.set_yticks(middle, [f"Gruppe {n}" for n in numbers])
    ax.xaxis.tick_top()
    ax.tick_params(axis="both", length=0, labelsize=KLEIN)
    ax.grid(False)
    for spine in ax.spines.values():
        spine.set_visible(False)
    return ax


def signed(z: float, stellen: int = 1) -> str:
    """Number with its sign: `+1,2`, `−0,4`; a dash without value."""
    if np.isnan(z):
        return "–"
    text = zahl(abs(z), stellen)
    return text if not text.strip("0,") else f"{'+' if z > 0 else MINUS}{text}"


def _ground(z: float):
    if np.isnan(z):
        return "white"
    share = min(abs(z) / 2, 1) * 0.85
    return tuple(1 - share * (1 - c) for c in to_rgb(HOCH if z > 0 else NIEDRIG))
