"""UTM coordinates as degrees: the inverse transverse Mercator projection."""

import numpy as np

_A, _FLATTENING = 6_378_137.0, 1 / 298.257222101  # ellipsoid GRS 80 of ETRS89
_SCALE, _FALSE_EAST = 0.9996, 500_000.0


def to_degrees(east: np.ndarray, north: np.ndarray, zone: int) -> tuple[np.ndarray, np.ndarray]:
    """Longitude and latitude of points on the northern hemisphere given in metres (ETRS89/UTM, EPSG:25832 for zone 32).

    ETRS89 and WGS 84 are taken as the same: they differ by less than a metre.

    Source: L. Krueger (1912), series in the third flattening to its third power; the error is below a millimetre
    inside a zone.
    """
    n = _FLATTENING / (2 - _FLATTENING)
    radius = _A / (1 + n) * (1 + n**2 / 4 + n**4 / 64)
    xi, eta = np.asarray(north) / (_SCALE * radius), (np.asarray(east) - _FALSE_EAST) / (_SCALE * radius)
    beta = (n / 2 - 2 / 3 * n**2 + 37 / 96 * n**3, n**2 / 48 + n**3 / 15, 17 / 480 * n**3)
    delta = (2 * n - 2 / 3 * n**2 - 2 * n**3, 7 / 3 * n**2 - 8 / 5 * n**3, 56 / 15 * n**3)
    on_sphere = xi - sum(b * np.sin(2 * j * xi) * np.cosh(2 * j * eta) for j, b in enumerate(beta, 1))
    across = eta - sum(b * np.cos(2 * j * xi) * np.sinh(2 * j * eta) for j, b in enumerate(beta, 1))
    conformal = np.arcsin(np.sin(on_sphere) / np.cosh(across))
    latitude = conformal + sum(d * np.sin(2 * j * conformal) for j, d in enumerate(delta, 1))
    longitude = np.arctan2(np.sinh(across), np.cos(on_sphere))
    return np.degrees(longitude) + 6 * zone - 183, np.degrees(latitude)
