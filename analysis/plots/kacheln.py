"""A map of tiles for areas without boundaries: every area a square, near the place where it lies."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from analysis.catalogue import Indikator
from analysis.errors import InputError
from analysis.plots import klassen
from analysis.plots.beschriftung import KLEIN, ink
from analysis.plots.karte import OHNE, joined, legende
from analysis.wording import wert

_ROOM = 1.15
"""Cells of the grid per area: the free ones let the outline of the region show."""


def positionen(orte: pd.DataFrame, spalten: int | None = None) -> pd.DataFrame:
    """Cell of a grid for every area, so that the sum of squared distances to their true places is least.

    Parameters
    ----------
    orte
        Columns `ags`, `laenge`, `breite` (degrees), one row per area, in any order.
    spalten
        Width of the grid; from the extent of the region if not given.

    Returns
    -------
    pandas.DataFrame
        Columns `ags`, `spalte` (from the west), `zeile` (from the north), in the order of `orte`. The same places
        give the same cells in whatever order they stand.

    Raises
    ------
    InputError
        A key that stands twice, a place without coordinates.

    Notes
    -----
    Linear assignment problem (`scipy.optimize.linear_sum_assignment`), as in McNeill and Hale (2017), "Generating
    tile maps", Computer Graphics Forum 36 (3).
    """
    from scipy.optimize import linear_sum_assignment

    if orte.ags.duplicated().any():
        raise InputError(f"tiles: {orte.ags[orte.ags.duplicated()].iloc[0]} stands twice; expected once")
    unknown = orte[orte[["laenge", "breite"]].isna().any(axis=1)]
    if len(unknown):
        raise InputError(f"tiles: {unknown.ags.iloc[0]} has no coordinates; expected degrees east and north")
    table = orte.sort_values("ags", ignore_index=True)
    x = table.laenge.to_numpy(float) * np.cos(np.deg2rad((table.breite.min() + table.breite.max()) / 2))
    y = -table.breite.to_numpy(float)
    wide, high = np.ptp(x), np.ptp(y)
    columns = spalten or _columns(len(table), wide, high)
    rows = int(np.ceil(max(len(table) * _ROOM, columns) / columns))
    column, row = (grid.ravel() for grid in np.meshgrid(np.arange(columns), np.arange(rows)))
    across = (x - x.min()) / (wide or 1) * (columns - 1) if wide else np.full(len(x), (columns - 1) / 2)
    down = (y - y.min()) / (high or 1) * (rows - 1) if high else np.full(len(y), (rows - 1) / 2)
    cost = (across[:, None] - column) ** 2 + (down[:, None] - row) ** 2
    area, cell = linear_sum_assignment(cost)
    cells = pd.DataFrame({"ags": table.ags[area].to_numpy(), "spalte": column[cell], "zeile": row[cell]})
    cells[["spalte", "zeile"]] = cells[["spalte", "zeile"]].rank(method="dense").astype(int) - 1  # no empty row
    return orte[["ags"]].merge(cells, on="ags", validate="one_to_one")


def _columns(areas: int, wide: float, high: float) -> int:
    """Columns of a grid with the proportions of the region."""
    ratio = wide / high if wide and high else (areas if wide else 1 / areas)
    return int(np.clip(round(np.sqrt(areas * _ROOM * ratio)), 1, areas))


def kacheln(
    ax: Axes,
    flaechen: pd.DataFrame,
    werte: pd.DataFrame,
    indikator: Indikator,
    *,
    grenzen: list[float] | None = None,
    ags: str = "",
) -> Axes:
    """Tile map: every area a square of its class with a short name and, where it fits, its value.

    Parameters
    ----------
    flaechen
        Columns `ags`, `name`, `spalte`, `zeile` (from `positionen`), and optionally `kurz`, the text of the tile; else
        as much of the name as fits, made unique.
    werte, grenzen, ags
        As in `karte.karte`.
    """
    table = joined(flaechen, werte)
    limits = klassen.grenzen(table.anteil, indikator) if grenzen is None else grenzen
    colours = klassen.farben(limits)
    table["klasse"] = klassen.klasse(table.anteil, limits, indikator)
    for row in table.itertuples():
        style = {"facecolor": colours[row.klasse], "edgecolor": "white"} if row.klasse >= 0 else OHNE
        ax.add_patch(Rectangle((row.spalte, row.zeile), 1, 1, linewidth=1.5, gid=row.ags, **style))
        if row.ags == ags:
            own = Rectangle((row.spalte + 0.03, row.zeile + 0.03), 0.94, 0.94, fill=False, linewidth=2.6, zorder=4)
            ax.add_patch(own).set_edgecolor("#111111")
    ax.set(
        xlim=(-0.05, table.spalte.max() + 1.05), ylim=(table.zeile.max() + 1.05, -0.05), aspect="equal", xticks=[],
        yticks=[],
    )  # fmt: skip
    ax.grid(False)
    ax.spines["bottom"].set_visible(False)
    legende(ax, table, limits, indikator)
    ax.figure.draw_without_rendering()
    _labels(ax, table, indikator, ags, colours)
    return ax


def kuerzel(namen: list[str], zeichen: int) -> list[str]:
    """Short texts of at most some characters that are all different; a point stands for what was cut off.

    Names with the same beginning get a later letter of the name as ending, or a number.
    """
    found: dict[str, None] = {}
    point = "." if zeichen > 4 else ""
    for name in namen:
        cut = name[: zeichen - len(point)].rstrip(" -")
        later = [c for c in name[len(cut) :] if c.isalnum()]
        endings = [*later, *map(str, range(1, len(namen) + 1))]
        tries = [
            name if len(name) <= zeichen else cut + point,
            *(cut[: zeichen - len(point) - len(e)] + e + point for e in endings),
        ]
        found[next(t for t in tries if t not in found)] = None
    return list(found)


def _labels(ax: Axes, table: pd.DataFrame, indikator: Indikator, ags: str, colours: list[str]) -> None:
    """Short names, with values below them where the tiles are high enough."""
    side = ax.get_window_extent().width * 72 / ax.figure.dpi / (table.spalte.max() + 1.1)
    with_value = side >= 34
    names = table.kurz if "kurz" in table else kuerzel(list(table.name), max(int((side - 5) / 5.9), 2))
    for row, name in zip(table.itertuples(), names, strict=True):
        text = wert(row.anteil, indikator, einheit=False) or "–"
        ax.annotate(
            f"{name}\n{text}" if with_value else name, (row.spalte + 0.5, row.zeile + 0.5), ha="center", va="center",
            fontsize=KLEIN, color=ink(colours[row.klasse]) if row.klasse >= 0 else "#111111", linespacing=1.25,
            fontweight="bold" if row.ags == ags else "normal",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1} if row.klasse < 0 else None,
        )  # fmt: skip
