"""Which areas are neighbours: from their boundaries, with islands joined and named."""

import json
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import InputError

METER_JE_GRAD = 111_320.0
"""Metres of a degree of latitude; a degree of longitude is shorter by the cosine of the latitude."""

ARTEN = ("rook", "queen")
"""Neighbours share a border line (`rook`), or a point is enough (`queen`)."""

UEBERLAPPUNG = 0.05
"""Share of the smaller of two areas; where they overlap by more, they are of two territorial dates."""


@dataclass(frozen=True)
class Nachbarschaft:
    """Which areas touch each other, as one connected map.

    Attributes
    ----------
    ags
        Keys of all areas, ascending.
    paare
        `ags`, `nachbar`, each pair in both directions, sorted; also those of joined islands.
    angeschlossen
        Areas without border to the rest that were joined to the nearest one: `ags`, `nachbar`, `abstand_meter`.
    """

    ags: tuple[str, ...]
    paare: pd.DataFrame
    angeschlossen: pd.DataFrame

    def weights(self):
        """The same as libpysal weights (binary, symmetric), for esda and spopt; ids are the keys."""
        from libpysal.weights import W

        groups = self.paare.groupby("ags").nachbar.agg(list)
        return W({ags: groups.get(ags, []) for ags in self.ags}, id_order=list(self.ags), silence_warnings=True)


def nachbarn(
    grenzen: pd.DataFrame,
    ags: list[str] | None = None,
    *,
    art: str = "rook",
    toleranz_meter: float = 10.0,
    mindestens_meter: float = 100.0,
) -> Nachbarschaft:
    """Neighbours by shared borders; parts of the map without border to the rest are joined to the nearest area.

    Parameters
    ----------
    grenzen
        `ags`, `geometrie` (GeoJSON Polygon or MultiPolygon in degrees, as text), one row per area.
    ags
        Areas that are meant; all of `grenzen` if not given.
    art
        `rook`: a common border line of at least `mindestens_meter`; `queen`: a point is enough.
    toleranz_meter
        Gap or overlap of two borders that still counts as touching, for boundaries that do not fit exactly.

    Raises
    ------
    InputError
        A key twice, a geometry that is no polygon, an area without boundary or areas that overlap (boundaries of
        another territorial date), another kind.

    Notes
    -----
    Without tolerance and least length equal to libpysal's `Rook` and `Queen`. The smallest separate part of the map is
    joined first, by one pair, until all is connected.
    """
    import shapely

    if art not in ARTEN:
        raise InputError(f"neighbours of kind {art!r}; expected {' or '.join(ARTEN)}")
    keys, shapes = _shapes(grenzen, ags)
    left, right = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=toleranz_meter)
    left, right = left[left < right], right[left < right]
    _check_overlap(keys, shapes, left, right)
    if art == "rook":
        borders = shapely.boundary(shapes)
        near = shapely.buffer(borders, toleranz_meter) if toleranz_meter else borders
        shared = shapely.length(shapely.intersection(borders[left], near[right]))
        touching = shared > 0 if not mindestens_meter else shared >= mindestens_meter
        left, right = left[touching], right[touching]
    left, right, joined = _connected(shapes, left, right)
    pairs = pd.DataFrame({"ags": keys[np.r_[left, right]], "nachbar": keys[np.r_[right, left]]})
    return Nachbarschaft(
        ags=tuple(keys),
        paare=pairs.sort_values(["ags", "nachbar"], ignore_index=True),
        angeschlossen=pd.DataFrame(
            [(keys[a], keys[b], metres) for a, b, metres in joined], columns=["ags", "nachbar", "abstand_meter"]
        ),
    )


def _shapes(grenzen: pd.DataFrame, ags: list[str] | None) -> tuple[np.ndarray, np.ndarray]:
    """Keys, ascending, and their shapes in metres (lengths true at the middle latitude)."""
    import shapely

    if grenzen.ags.duplicated().any():
        raise InputError(f"boundaries: {grenzen.ags[grenzen.ags.duplicated()].iloc[0]} stands twice; expected once")
    wanted = sorted(grenzen.ags if ags is None else ags)
    lacking = [key for key in wanted if key not in set(grenzen.ags)]
    if lacking:
        more = f" and {len(lacking) - 1} more" if len(lacking) > 1 else ""
        raise InputError(
            f"boundaries: {lacking[0]}{more} of {len(wanted)} areas have none; expected boundaries of the same "
            "territorial date (Gebietsstand) as the figures"
        )
    if not wanted:
        raise InputError("boundaries: no area; expected at least one")
    texts = grenzen.set_index("ags").geometrie.loc[wanted]
    shapes = np.array([_polygon(key, text) for key, text in texts.items()], dtype=object)
    box = shapely.total_bounds(shapes)
    scale = METER_JE_GRAD * np.array([np.cos(np.deg2rad((box[1] + box[3]) / 2)), 1.0])
    return np.array(wanted, dtype=object), shapely.transform(shapes, lambda degrees: degrees * scale)


def _polygon(ags: str, geometrie: str):
    import shapely

    try:
        made = shapely.from_geojson(geometrie)
        kind = json.loads(geometrie)["type"]
    except (shapely.errors.GEOSException, ValueError, KeyError, TypeError):
        made, kind = None, ""
    if made is None or kind not in ("Polygon", "MultiPolygon") or made.is_empty:
        raise InputError(f"boundaries: the geometry of {ags} is no GeoJSON Polygon or MultiPolygon in degrees")
    return shapely.make_valid(made)


def _check_overlap(keys: np.ndarray, shapes: np.ndarray, left: np.ndarray, right: np.ndarray) -> None:
    import shapely

    common = shapely.area(shapely.intersection(shapes[left], shapes[right]))
    share = common / np.minimum(shapely.area(shapes[left]), shapely.area(shapes[right]))
    if (share > UEBERLAPPUNG).any():
        n = int(np.argmax(share))
        raise InputError(
            f"boundaries: {keys[left[n]]} and {keys[right[n]]} overlap by {share[n]:.0%} of the smaller one; expected "
            "boundaries of one territorial date (Gebietsstand)"
        )


def _connected(shapes: np.ndarray, left: np.ndarray, right: np.ndarray):
    """Pairs with one more for each separate part of the map, and those as (area, its nearest, metres)."""
    import shapely
    from scipy import sparse
    from scipy.sparse.csgraph import connected_components

    size, joined = len(shapes), []
    while True:
        links = sparse.coo_array((np.ones(len(left)), (left, right)), shape=(size, size))
        count, part = connected_components(links, directed=False)
        if count == 1:
            return left, right, joined
        smallest = np.argmin(np.bincount(part))
        inside, outside = np.flatnonzero(part == smallest), np.flatnonzero(part != smallest)
        (mine, other), metres = shapely.STRtree(shapes[outside]).query_nearest(shapes[inside], return_distance=True)
        n = np.lexsort((outside[other], inside[mine], metres))[0]
        a, b = int(inside[mine[n]]), int(outside[other[n]])
        joined.append((a, b, float(metres[n])))
        left, right = np.r_[left, a], np.r_[right, b]
