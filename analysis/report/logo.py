"""The logo of a Kreis as it travels in a page: a small PNG on white that holds nothing but its picture."""

import base64
import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

from analysis.errors import InputError

MOST_BYTES, MOST_PIXELS = 1_000_000, 25_000_000
GROESSE = (720, 288)
"""Width and height that a logo is made smaller to: three times its size on screen, for paper."""


@dataclass(frozen=True)
class Logo:
    """Picture as base64 of a PNG, with its size in pixels."""

    png: str
    breite: int
    hoehe: int


def read_logo(path: Path) -> Logo:
    """Logo from a PNG or JPEG file, drawn anew, so that names, places and paths in the file stay behind.

    What is transparent becomes white, so that the logo is seen on a dark screen too.

    Raises
    ------
    InputError
        The file is missing, outside its folder, too large, an SVG, of another format, or damaged.
    """
    try:
        if path.resolve().parent != path.parent.resolve():
            raise InputError(f"{path}: is a link to a file elsewhere; put the logo itself into {path.parent}")
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{path}: {path.stat().st_size:,} bytes; a logo may have {MOST_BYTES:,}")
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such logo; its file must lie beside the YAML file") from None
    except (OSError, RuntimeError, ValueError) as error:  # a link to itself; a character that no name can hold
        raise InputError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from None
    if path.suffix.lower() in (".svg", ".svgz") or b"<svg" in data[:5000].lower():
        raise InputError(
            f"{path}: is an SVG, which can hold scripts and addresses that a report must not have; save it as PNG"
        )
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise InputError(f"{path}: {opened.width} x {opened.height} pixels; a logo may have {MOST_PIXELS:,}")
            picture = ImageOps.exif_transpose(opened).convert("RGBA")
    except InputError:
        raise
    except Exception as error:  # Pillow raises whatever a damaged file leads it to
        kind = "is neither PNG nor JPEG" if isinstance(error, Image.UnidentifiedImageError) else "is damaged"
        raise InputError(f"{path}: {kind}; expected a PNG or JPEG file") from None
    page = Image.new("RGB", picture.size, "white")
    page.paste(picture, mask=picture)
    page.thumbnail(GROESSE, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    page.quantize(256, dither=Image.Dither.NONE).save(out, format="PNG", optimize=True)
    return Logo(base64.b64encode(out.getvalue()).decode(), *page.size)
