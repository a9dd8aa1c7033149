"""Boundaries as GeoJSON: extracts of VG250, VG5000 and similar data of the land surveys.

One feature is an area or a part of one; its key stands in `AGS` (or `ARS`), its name in `GEN`. The data VG250 hold
areas of land and of water under one key, told apart by `GF`: only land is kept.
"""

import datetime as dt
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.bestaende import BESTAENDE
from analysis.catalogue import Katalog
from analysis.dates import days_in
from analysis.errors import InputError
from analysis.regions import agreed, check_ags, level
from analysis.sources.lieferung import Lieferung, Probe
from analysis.sources.utm import to_degrees

VERSION = 1

_MOST_BYTES = 500_000_000
_LONGEST_NAME = 200
_DEGREES = {"CRS84", "4326", "4258", "84"}
_UTM = {"25832": 32, "25833": 33}
_GERMANY = np.array([[3.0, 47.0], [16.0, 56.0]])
_LAND, _WATER = {2, 4, 9}, {1, 3}
"""Values of `GF`: land without and with structure, undivided; water without and with structure."""

_DIGITS = 6
"""Digits of degrees that are kept (0.1 m)."""


def recognises(probe: Probe) -> bool:
    """Whether the file is a JSON text that names itself a collection of features."""
    return probe.text.lstrip().startswith("{") and '"FeatureCollection"' in probe.text


def read(path: Path, katalog: Katalog) -> Lieferung:
    """Boundaries in degrees, one per key.

    The territorial date stands in the collection or in every feature (`stand`, `gebietsstand`), in the name of the
    collection, or in the name of the file (`gemeinden_2021-01-01.geojson`). Parts of one key become a MultiPolygon.

    Returns
    -------
    Lieferung
        Bestand `grenzen`; left out are areas of water.

    Raises
    ------
    InputError
        No GeoJSON, coordinates of an unknown system or outside Germany (not for Land 99), a key that is no text or of
        no known form, an area that stands twice, a ring that is not closed, no or contradictory territorial dates.
    """
    content = _load(path)
    features = content.get("features")
    if content.get("type") != "FeatureCollection" or not isinstance(features, list) or not features:
        raise InputError(f"{path}: expected a FeatureCollection with features")
    zone = _zone(path, content)
    parts: dict[str, list] = {}
    names: dict[str, str] = {}
    days: list[dt.date] = _stated(content)
    water = 0
    for n, feature in enumerate(features, 1):
        place = f"{path}, feature {n}"
        properties, geometry = _members(place, feature)
        days += _stated(properties)
        if not _is_land(place, properties):
            water += 1
            continue
        ags = _key(place, properties)
        name = properties.get("gen", properties.get("name"))
        if not isinstance(name, str) or not name.strip():
            raise InputError(f"{place}: no name of {ags}; expected the property GEN")
        if len(name) > _LONGEST_NAME:
            raise InputError(f"{place}: the name of {ags} has {len(name):,} characters")
        if names.setdefault(ags, name) != name:
            raise InputError(f"{place}: {ags} is {name!r}, but {names[ags]!r} before")
        for polygon in _polygons(f"{place} ({ags})", geometry, zone, free=ags.startswith("99")):
            if polygon in parts.setdefault(ags, []):
                raise InputError(f"{place}: the area of {ags} ({name}) stands twice")
            parts[ags].append(polygon)
    if not parts:
        raise InputError(f"{path}: no area of land among {water} features")
    rows = {
        "stand": pd.Series([_date(path, content, days)] * len(parts), dtype=object),
        "ags": list(parts),
        "name": [names[ags].strip() for ags in parts],
        "geometrie": [_geometry(polygons) for polygons in parts.values()],
    }
    left_out = {"areas of water": water} if water else {}
    table = pd.DataFrame(rows)[BESTAENDE["grenzen"].spalten]
    for ags in parts:
        try:
            check_ags(ags, table.stand[0])
        except InputError as error:
            raise InputError(f"{path}: {error}") from None
    return Lieferung(f"grenzen {VERSION}", ausgelassen=left_out, bestaende={"grenzen": table})


def _load(path: Path) -> dict:
    if path.stat().st_size > _MOST_BYTES:
        raise InputError(f"{path}: larger than {_MOST_BYTES:,} bytes")

    def no_number(text: str):
        raise InputError(f"{path}: {text} is no number")

    def once(pairs: list[tuple]) -> dict:
        members = dict(pairs)
        if len(members) < len(pairs):
            twice = next(key for key, _ in pairs if [k for k, _ in pairs].count(key) > 1)
            raise InputError(f"{path}: {twice!r} stands twice in one object")
        return members

    try:
        text = path.read_text(encoding="utf-8-sig")
        content = json.loads(text, parse_constant=no_number, object_pairs_hook=once)
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    except json.JSONDecodeError as error:
        raise InputError(f"{path}, row {error.lineno}: no JSON ({error.msg}); is the file truncated?") from None
    except RecursionError:
        raise InputError(f"{path}: no GeoJSON: nested too deeply") from None
    except InputError:
        raise
    except ValueError as error:  # a number of thousands of digits
        raise InputError(f"{path}: no JSON ({str(error)[:100]})") from None
    if not isinstance(content, dict):
        raise InputError(f"{path}: expected a FeatureCollection")
    return content


def _zone(path: Path, content: dict) -> int | None:
    """Zone of UTM coordinates, None for degrees (which GeoJSON means where it says nothing)."""
    crs = content.get("crs")
    if crs is None:
        return None
    members = crs.get("properties") if isinstance(crs, dict) else None
    name = members.get("name") if isinstance(members, dict) else None
    code = re.search(r"(CRS84|[0-9]+)$", name.strip()[-20:], re.IGNORECASE) if isinstance(name, str) else None
    code = code.group(1).upper() if code else ""
    if code in _DEGREES:
        return None
    if code in _UTM:
        return _UTM[code]
    raise InputError(
        f"{path}: coordinates of the system {str(name)[:60]!r}; expected degrees (EPSG:4326) or UTM (EPSG:25832, "
        "EPSG:25833): save the layer again with one of them"
    )


def _members(place: str, feature) -> tuple[dict, dict]:
    """Properties (names in lower case) and geometry of a feature."""
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise InputError(f"{place}: expected an object of type Feature")
    properties, geometry = feature.get("properties"), feature.get("geometry")
    if not isinstance(properties, dict) or not isinstance(geometry, dict):
        raise InputError(f"{place}: no properties or no geometry")
    return {key.lower(): value for key, value in properties.items()}, geometry


def _is_land(place: str, properties: dict) -> bool:
    kind = properties.get("gf")
    if kind is None:
        return True
    try:
        number = int(kind)
    except (TypeError, ValueError):
        number = 0
    if number not in _LAND | _WATER:
        raise InputError(f"{place}: GF is {str(kind)[:20]!r}; expected 4 or 2 (land), 9 (all), 3 or 1 (water)")
    return number in _LAND


def _key(place: str, properties: dict) -> str:
    given = {p: properties[p] for p in ("ags", "ars", "rs") if properties.get(p) not in (None, "")}
    keys = set()
    for name, value in given.items():
        if not isinstance(value, str):
            raise InputError(f"{place}: {name.upper()} is {str(value)[:20]!r}, no text; numbers lose the first zero")
        value = value.strip()
        try:
            level(value)
        except InputError as error:
            raise InputError(f"{place}: {str(error)[:200]}") from None
        keys.add(agreed(value))
    if len(keys) != 1:
        found = ", ".join(f"{name.upper()} {value}" for name, value in given.items())
        raise InputError(f"{place}: {found or 'no key'}; expected one key in AGS")
    return keys.pop()


def _polygons(place: str, geometry: dict, zone: int | None, free: bool) -> list:
    """Rings of each polygon in degrees."""
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind not in ("Polygon", "MultiPolygon") or not isinstance(coordinates, list) or not coordinates:
        raise InputError(f"{place}: a geometry of type {str(kind)[:20]!r}; expected Polygon or MultiPolygon")
    polygons = [coordinates] if kind == "Polygon" else coordinates
    found = []
    for polygon in polygons:
        if not isinstance(polygon, list) or not polygon:
            raise InputError(f"{place}: a polygon without rings")
        found.append([_ring(place, ring, zone, free) for ring in polygon])
    return found


def _ring(place: str, ring, zone: int | None, free: bool) -> list:
    try:
        points = np.array(ring)
        points = points.astype(float) if points.ndim == 2 and points.dtype.kind in "if" else None
    except (ValueError, OverflowError):
        points = None
    if points is None or points.shape[1] not in (2, 3) or not np.isfinite(points).all():
        raise InputError(f"{place}: a ring that is no list of points with two numbers each")
    if len(points) < 4 or (points[0] != points[-1]).any():
        raise InputError(
            f"{place}: a ring of {len(points)} points that is not closed; expected the first again as last"
        )
    points = points[:, :2]
    if zone:
        points = np.column_stack(to_degrees(points[:, 0], points[:, 1], zone))
    low, high = np.array([[-180.0, -90.0], [180.0, 90.0]]) if free else _GERMANY
    outside = ~((points >= low) & (points <= high)).all(axis=1)
    if outside.any():
        x, y = points[outside][0]
        hint = "; are the coordinates metres of an unnamed system?" if max(abs(x), abs(y)) > 180 else ""
        raise InputError(
            f"{place}: the point {x:g} {y:g} is not in Germany; expected degrees east, degrees north{hint}"
        )
    return np.round(points, _DIGITS).tolist()


def _geometry(polygons: list) -> str:
    one = len(polygons) == 1
    content = {"type": "Polygon" if one else "MultiPolygon", "coordinates": polygons[0] if one else polygons}
    return json.dumps(content, separators=(",", ":"))


def _stated(members: dict) -> list[dt.date]:
    """Territorial dates in the properties of a feature or the members of the collection."""
    texts = [members.get(name) for name in ("stand", "gebietsstand", "Stand", "Gebietsstand")]
    return [day for text in texts if isinstance(text, str) for day in days_in(text)]


def _date(path: Path, content: dict, stated: list[dt.date]) -> dt.date:
    name = content.get("name")
    days = sorted({*stated, *days_in(path.stem), *(days_in(name) if isinstance(name, str) else ())})
    if len(days) != 1:
        found = ", ".join(f"{day:%d.%m.%Y}" for day in days[:3]) or "none"
        raise InputError(
            f"{path}: territorial date: {found}; expected one, in a property `stand` or in the name of the file "
            "(gemeinden_2021-01-01.geojson)"
        )
    return days[0]
