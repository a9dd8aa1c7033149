"""Boundaries of the invented Gemeinden: cells around their places with crooked edges, in the North Sea."""

import json
from functools import cache

import numpy as np

from analysis.example.kreis import gemeinden, musterkreis

_LAENGE, _BREITE, _KM_JE_GRAD, _COS = 4.0, 55.1, 111.32, 0.5707
"""South-western corner in degrees, kilometres of a degree of latitude, cosine of the middle latitude."""

_STELLEN = 5


@cache
def zellen() -> dict[str, np.ndarray]:
    """Ring of each Gemeinde in km, counterclockwise, without its first point repeated at the end.

    Every point belongs to the cell of the place that is nearest; an edge between two cells is the same line in both.
    """
    places = gemeinden()
    points = places[["x_km", "y_km"]].to_numpy()
    rings = {}
    for ags, point in zip(places.ags, points, strict=True):
        ring = _umriss()
        for other in points[(points != point).any(axis=1)]:
            ring = _clip(ring, (point + other) / 2, other - point)
        ring = ring.round(9).round(6)  # a corner halfway between two steps gets the same one in all of its cells
        first = np.unique(ring, axis=0, return_index=True)[1]
        rings[ags] = ring[np.sort(first)]
    edges = sorted({_edge(p, q) for ring in rings.values() for p, q in _sides(ring)})
    rng = np.random.Generator(np.random.PCG64(7))  # the map is part of what does not depend on the seed
    lines = {edge: _crooked(rng, np.array(edge)) for edge in edges}
    return {ags: _joined(ring, lines) for ags, ring in rings.items()}


def flaeche_km2(ring: np.ndarray) -> float:
    """Area of a ring in km² (Gauss)."""
    x, y = ring.T
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2)


def grad(punkte: np.ndarray) -> np.ndarray:
    """Places in km as degrees of longitude and latitude."""
    return np.column_stack([_LAENGE + punkte[:, 0] / (_KM_JE_GRAD * _COS), _BREITE + punkte[:, 1] / _KM_JE_GRAD]).round(
        _STELLEN
    )


def geojson_gemeinden() -> bytes:
    """Boundaries of the Gemeinden as GeoJSON with the attributes of VG250."""
    rows = gemeinden().itertuples()
    features = [
        _feature(_attribute(6, r.ars, r.ags, r.name, "Stadt" if r.stadt else "Gemeinde"), zellen()[r.ags]) for r in rows
    ]
    return _collection("gemeinden", features)


def geojson_kreis() -> bytes:
    """Boundary of the Kreis as GeoJSON: all sides that belong to one Gemeinde only."""
    sides = {(tuple(p), tuple(q)) for ring in zellen().values() for p, q in _sides(ring)}
    following = {p: q for p, q in sides if (q, p) not in sides}
    ring = [min(following)]
    while following[ring[-1]] != ring[0]:
        ring.append(following[ring[-1]])
    key = musterkreis()["kreis"]
    feature = _feature(_attribute(4, key, key, musterkreis()["name"], "Landkreis"), np.array(ring))
    return _collection("kreise", [feature])


def _attribute(ebene: int, ars: str, ags: str, name: str, art: str) -> dict:
    day = f"{musterkreis()['gebietsstand']:%Y-%m-%d}"
    names = {"ARS": ars, "AGS": ags, "GEN": name, "BEZ": art, "BEM": "erfunden"}
    return {"ADE": ebene, "GF": 4, "BSG": 1, **names, "BEGINN": "2015-01-01", "stand": day}


def _feature(properties: dict, ring: np.ndarray) -> dict:
    points = grad(ring).tolist()
    geometry = {"type": "Polygon", "coordinates": [[*points, points[0]]]}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _collection(ebene: str, features: list[dict]) -> bytes:
    day = musterkreis()["gebietsstand"]
    head = {
        "type": "FeatureCollection",
        "name": f"{ebene}_{musterkreis()['kreis']}_{day:%Y-%m-%d}",
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}},
    }
    begin = json.dumps(head, ensure_ascii=False)[:-1]
    rows = ",\n".join(json.dumps(f, ensure_ascii=False, separators=(",", ":")) for f in features)
    return f'{begin}, "features": [\n{rows}\n]}}\n'.encode()


def _umriss() -> np.ndarray:
    """Outline of the Kreis in km."""
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    radius = (np.abs(np.cos(angle)) ** 2.6 + np.abs(np.sin(angle)) ** 2.6) ** (-1 / 2.6)
    radius *= 1 + 0.03 * np.sin(3 * angle + 1) + 0.02 * np.cos(7 * angle)
    return np.column_stack([16.8 + 16.3 * radius * np.cos(angle), 14.3 + 14.3 * radius * np.sin(angle)])


def _clip(ring: np.ndarray, middle: np.ndarray, away: np.ndarray) -> np.ndarray:
    """Part of a ring on the near side of the line through `middle` at right angles to `away` (Sutherland-Hodgman)."""
    beyond = (ring - middle) @ away
    kept = []
    for p, q, s, t in zip(ring, np.roll(ring, -1, axis=0), beyond, np.roll(beyond, -1), strict=True):
        if s <= 0:
            kept.append(p)
        if (s <= 0) != (t <= 0):
            kept.append(p + (q - p) * (s / (s - t)))
    return np.array(kept)


def _sides(ring: np.ndarray) -> list[tuple]:
    points = [tuple(point) for point in ring.tolist()]
    return list(zip(points, points[1:] + points[:1], strict=True))


def _edge(p: tuple, q: tuple) -> tuple:
    return (p, q) if p < q else (q, p)


def _crooked(rng: np.random.Generator, line: np.ndarray) -> np.ndarray:
    """Line whose middles are moved sideways, again and again, while its pieces are longer than 700 m."""
    while np.hypot(*(line[1] - line[0])) > 0.7:
        step = np.diff(line, axis=0)
        sideways = np.column_stack([-step[:, 1], step[:, 0]]) * (rng.random(len(step))[:, None] - 0.5) * 0.3
        middles = ((line[:-1] + line[1:]) / 2 + sideways).round(6)
        line = np.insert(line, np.arange(1, len(line)), middles, axis=0)
    return line


def _joined(ring: np.ndarray, lines: dict) -> np.ndarray:
    parts = []
    for p, q in _sides(ring):
        line = lines[_edge(p, q)]
        parts.append(line[:-1] if p < q else line[:0:-1])
    return np.concatenate(parts)
