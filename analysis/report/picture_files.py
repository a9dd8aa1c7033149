"""Figures as files for slides and papers: the picture of the report with its title above and its source below."""

import io
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, PngImagePlugin

_RAND, _SCHRIFT, _STUFEN = 20, 22, 32
_DUNKEL, _LEISE = 0x11, 0x55


@lru_cache(maxsize=64)
def picture_file(png: bytes, titel: str, einheit: str, quelle: str, alternativtext: str) -> bytes:
    """PNG with title, unit and source in the picture and the alternative text as `Description`.

    The picture keeps its palette, and the letters get greys of their own; only a picture without a palette or with one
    that leaves no room for the greys is recoded. The same content is drawn once in a process.
    """
    picture = Image.open(io.BytesIO(png))
    if picture.mode != "P" or picture.getextrema()[1] >= 256 - _STUFEN:
        picture = picture.convert("RGB").quantize(128, dither=Image.Dither.NONE)
    colours = picture.getpalette()[: 3 * (256 - _STUFEN)]
    width = picture.width - 2 * _RAND
    head = _lines(f"{titel} ({einheit})", _font("DejaVuSans-Bold"), width)
    foot = _lines(f"Quelle: {quelle}", _font("DejaVuSans", 16), width)
    top = _RAND + len(head) * (_SCHRIFT + 8) + 8
    letters = Image.new("L", (picture.width, top + picture.height + len(foot) * 22 + 2 * _RAND), "white")
    draw = ImageDraw.Draw(letters)
    for n, line in enumerate(head):
        draw.text((_RAND, _RAND + n * (_SCHRIFT + 8)), line, fill=_DUNKEL, font=_font("DejaVuSans-Bold"))
    for n, line in enumerate(foot):
        draw.text((_RAND, top + picture.height + _RAND + n * 22), line, fill=_LEISE, font=_font("DejaVuSans", 16))
    first = len(colours) // 3
    page = Image.frombytes(
        "P", letters.size, letters.point([first + v * (_STUFEN - 1) // 255 for v in range(256)]).tobytes()
    )
    page.putpalette(colours + [v * 255 // (_STUFEN - 1) for v in range(_STUFEN) for _ in range(3)])
    page.paste(picture, (0, top))
    texts = PngImagePlugin.PngInfo()
    texts.add_itxt("Title", titel)
    texts.add_itxt("Source", quelle)
    texts.add_itxt("Description", alternativtext)
    out = io.BytesIO()
    page.save(out, format="PNG", pnginfo=texts)
    return out.getvalue()


@cache
def _font(name: str, size: int = _SCHRIFT) -> ImageFont.FreeTypeFont:
    package = Path(find_spec("matplotlib").origin).parent  # its own fonts, without the time that its import takes
    return ImageFont.truetype(package / "mpl-data" / "fonts" / "ttf" / f"{name}.ttf", size)


def _lines(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
