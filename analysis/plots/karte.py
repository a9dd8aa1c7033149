"""A map of areas in classes, drawn from the GeoJSON geometries of the store without a map library."""

import json

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path
from matplotlib.patheffects import withStroke

from analysis.catalogue import Indikator
from analysis.errors import InputError
from analysis.observations import GRUENDE
from analysis.plots import klassen
from analysis.plots.beschriftung import KLEIN, legend_below

OHNE = {"facecolor": "white", "hatch": "////", "edgecolor": "#8a8a8a"}
"""How areas without a value are filled."""


def karte(
    ax: Axes,
    flaechen: pd.DataFrame,
    werte: pd.DataFrame,
    indikator: Indikator,
    *,
    grenzen: list[float] | None = None,
    ags: str = "",
    namen: int = 6,
) -> Axes:
    """Choropleth: areas coloured by class, those without a value hatched, one outlined.

    Degrees are drawn as an equirectangular map whose lengths are true at the middle latitude.

    Parameters
    ----------
    flaechen
        Columns `ags`, `name`, `geometrie` (GeoJSON Polygon or MultiPolygon in degrees, as text), one row per area.
    werte
        Columns `ags`, `anteil`, `grund` (why there is no value), at most one row per area.
    grenzen
        Inner limits of the classes as shares, ascending; five classes of equal numbers if not given.
    ags
        Key of the area to outline, if any.
    namen
        How many of the largest areas are named, where their names find room; the outlined one is named first.

    Raises
    ------
    InputError
        No areas, a key that stands twice, a geometry that is no polygon, limits that do not ascend.
    """
    table = joined(flaechen, werte)
    limits = klassen.grenzen(table.anteil, indikator) if grenzen is None else grenzen
    colours = klassen.farben(limits)
    table["klasse"] = klassen.klasse(table.anteil, limits, indikator)
    polygons = [polygone(row.ags, row.geometrie) for row in table.itertuples()]
    middle = np.deg2rad(np.mean(rahmen(polygons)[:, 1]))
    for row, parts in zip(table.itertuples(), polygons, strict=True):
        style = {"edgecolor": "white", "linewidth": 0.8, "facecolor": colours[row.klasse]} if row.klasse >= 0 else OHNE
        path = pfad(parts, np.cos(middle))
        ax.add_patch(PathPatch(path, gid=row.ags, **style))
        if row.ags == ags:
            ax.add_patch(PathPatch(path, facecolor="none", edgecolor="white", linewidth=4.5, zorder=3))
            ax.add_patch(PathPatch(path, facecolor="none", edgecolor="#111111", linewidth=2.2, zorder=4))
    ax.set(aspect="equal", xticks=[], yticks=[])
    ax.grid(False)
    ax.spines["bottom"].set_visible(False)
    ax.autoscale_view()
    legende(ax, table, limits, indikator)
    _names(ax, table, polygons, np.cos(middle), ags, namen)
    return ax


def joined(flaechen: pd.DataFrame, werte: pd.DataFrame) -> pd.DataFrame:
    """Areas with their values; a reason also where no row was given.

    Raises
    ------
    InputError
        No areas, a key that stands twice.
    """
    if flaechen.empty:
        raise InputError("map without areas; expected at least one")
    for what, table in (("areas", flaechen), ("values", werte)):
        if table.ags.duplicated().any():
            raise InputError(f"map: {table.ags[table.ags.duplicated()].iloc[0]} stands twice among the {what}")
    table = flaechen.merge(werte[["ags", "anteil", "grund"]], on="ags", how="left", validate="one_to_one")
    table["anteil"] = table.anteil.astype(float)
    table["grund"] = table.grund.fillna("").where(table.anteil.isna(), "")
    return table.sort_values("ags", ignore_index=True)


def legende(ax: Axes, table: pd.DataFrame, limits: list[float], indikator: Indikator) -> None:
    """Classes, and why areas have no value, below the map."""
    entries = [
        Patch(facecolor=colour, edgecolor="#8a8a8a", linewidth=0.6, label=name)
        for colour, name in zip(klassen.farben(limits), klassen.namen(limits, indikator), strict=True)
    ]
    missing = table[table.anteil.isna()]
    reasons = sorted({GRUENDE.get(grund, "nicht geliefert") for grund in missing.grund})
    if reasons:
        entries.append(Patch(**OHNE, label=f"kein Wert: {', '.join(reasons)}"))
    legend_below(ax.figure, entries, [entry.get_label() for entry in entries])


def polygone(ags: str, geometrie: str) -> list[list[np.ndarray]]:
    """Rings (outer first) of each polygon as points of degrees."""
    try:
        shape = json.loads(geometrie)
        several = {"Polygon": [shape["coordinates"]], "MultiPolygon": shape["coordinates"]}[shape["type"]]
        return [[np.array(ring, float)[:, :2] for ring in polygon] for polygon in several]
    except (ValueError, KeyError, TypeError, IndexError):
        raise InputError(
            f"map: the geometry of {ags} is not readable; expected a GeoJSON Polygon or MultiPolygon"
        ) from None


def rahmen(polygons: list) -> np.ndarray:
    """Lowest and highest degrees of all points: south-west and north-east corner."""
    points = np.concatenate([ring for parts in polygons for polygon in parts for ring in polygon])
    return np.array([points.min(axis=0), points.max(axis=0)])


def pfad(parts: list[list[np.ndarray]], shrink: float) -> Path:
    """One path of all rings; holes run the other way round than outer rings, so that they stay empty."""
    rings = [
        ring[:: 1 if (_area(ring) > 0) == (n == 0) else -1] * [shrink, 1]
        for polygon in parts
        for n, ring in enumerate(polygon)
    ]
    return Path.make_compound_path(*[Path(ring, closed=True) for ring in rings])


def _area(ring: np.ndarray) -> float:
    """Signed area, positive when counter-clockwise."""
    x, y = ring[:, 0] - ring[0, 0], ring[:, 1] - ring[0, 1]
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) / 2)


def innen(parts: list[list[np.ndarray]]) -> np.ndarray:
    """Point for a name: the middle of the longest horizontal run within the largest polygon, near its centre."""
    polygon = max(parts, key=lambda polygon: abs(_area(polygon[0])))
    outer = polygon[0]
    low, high = outer[:, 1].min(), outer[:, 1].max()
    candidates = []
    for y in np.linspace(low, high, 9)[2:-2]:
        crossings = np.sort(np.concatenate([_crossings(ring, y) for ring in polygon]))
        pairs = crossings[: len(crossings) // 2 * 2].reshape(-1, 2)
        if len(pairs):
            start, end = pairs[np.argmax(pairs[:, 1] - pairs[:, 0])]
            candidates.append((end - start, (start + end) / 2, y))
    return np.array(max(candidates)[1:]) if candidates else outer.mean(axis=0)


def _crossings(ring: np.ndarray, y: float) -> np.ndarray:
    (x0, y0), (x1, y1) = ring[:-1].T, ring[1:].T
    cross = (y0 > y) != (y1 > y)
    return x0[cross] + (y - y0[cross]) / (y1[cross] - y0[cross]) * (x1[cross] - x0[cross])


def _names(ax: Axes, table, polygons, shrink: float, ags: str, count: int) -> None:
    """Names of the own and the largest areas, as far as none covers another or leaves the drawing."""
    sizes = np.array([sum(abs(_area(polygon[0])) for polygon in parts) for parts in polygons])
    order = np.lexsort((table.ags, -sizes, table.ags != ags))
    chosen = order[: count + bool((table.ags == ags).any())] if count else order[:0]
    texts = [
        ax.annotate(
            table.name[n], innen(polygons[n]) * [shrink, 1], ha="center", va="center", fontsize=KLEIN, zorder=6,
            fontweight="bold" if table.ags[n] == ags else "normal",
            path_effects=[withStroke(linewidth=2.6, foreground="white")], in_layout=False,
        )
        for n in chosen
    ]  # fmt: skip
    ax.figure.draw_without_rendering()
    kept: list = []
    frame = ax.figure.bbox
    for text in texts:
        box = text.get_window_extent()
        inside = box.x0 >= frame.x0 and box.x1 <= frame.x1 and box.y0 >= frame.y0 and box.y1 <= frame.y1
        if inside and not any(box.overlaps(other) for other in kept):
            kept.append(box.padded(1))
        else:
            text.remove()
