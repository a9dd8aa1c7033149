"""Figures as files for slides and papers: the picture of the report with its title above and its source below."""

import io
from pathlib import Path

from matplotlib import font_manager
from PIL import Image, ImageDraw, ImageFont, PngImagePlugin

_RAND, _SCHRIFT = 20, 22


def picture_file(png: bytes, titel: str, einheit: str, quelle: str, alternativtext: str) -> bytes:
    """PNG with title, unit and source in the picture and the alternative text as `Description`."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    width = picture.width - 2 * _RAND
    head = _lines(f"{titel} ({einheit})", _font("DejaVu Sans:bold"), width)
    foot = _lines(f"Quelle: {quelle}", _font("DejaVu Sans", 16), width)
    top = _RAND + len(head) * (_SCHRIFT + 8) + 8
    page = Image.new("RGB", (picture.width, top + picture.height + len(foot) * 22 + 2 * _RAND), "white")
    draw = ImageDraw.Draw(page)
    for n, line in enumerate(head):
        draw.text((_RAND, _RAND + n * (_SCHRIFT + 8)), line, fill="#111111", font=_font("DejaVu Sans:bold"))
    page.paste(picture, (0, top))
    for n, line in enumerate(foot):
        draw.text((_RAND, top + picture.height + _RAND + n * 22), line, fill="#555555", font=_font("DejaVu Sans", 16))
    texts = PngImagePlugin.PngInfo()
    texts.add_itxt("Title", titel)
    texts.add_itxt("Source", quelle)
    texts.add_itxt("Description", alternativtext)
    out = io.BytesIO()
    page.quantize(128, dither=Image.Dither.NONE).save(out, format="PNG", optimize=True, pnginfo=texts)
    return out.getvalue()


def _font(name: str, size: int = _SCHRIFT) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(Path(font_manager.findfont(name)), size)


def _lines(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
