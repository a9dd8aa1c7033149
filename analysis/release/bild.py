"""What a picture must not tell beside itself: program, author, place, time, and anything behind its end."""

import zlib
from functools import lru_cache

from analysis.release.fund import Fund

TEILE = (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"pHYs", b"gAMA", b"sRGB", b"cHRM", b"sBIT", b"bKGD")
"""Chunks that a picture needs."""

TEXTE = ("Title", "Source", "Description")
"""Texts that Kreisblick itself writes into pictures."""


@lru_cache(maxsize=256)
def check(png: bytes, stelle: str) -> tuple[tuple[Fund, ...], tuple[str, ...]]:
    """Findings of a PNG picture, and the texts that stand in it."""
    found, texts, place, ended = [], [], 8, False
    while place + 12 <= len(png) and not ended:
        length = int.from_bytes(png[place : place + 4])
        kind, data = png[place + 4 : place + 8], png[place + 8 : place + 8 + length]
        place, ended = place + length + 12, kind == b"IEND"
        if kind in (b"tEXt", b"zTXt", b"iTXt"):
            key, text = _text(kind, data)
            texts.append(text)
            if key not in TEXTE:
                found.append(Fund(stelle, f"a text of the picture that no report has ({key[:30]})"))
        elif kind not in TEILE:
            found.append(Fund(stelle, f"further data of the picture ({kind.decode('latin-1')})"))
            texts.append(data.decode("latin-1"))
    if not ended:
        found.append(Fund(stelle, "a picture without an end"))
    if png[place:]:
        found.append(Fund(stelle, f"{len(png) - place} bytes behind the end of the picture"))
        texts.append(png[place:].decode("latin-1"))
    return tuple(found), tuple(texts)


def _text(kind: bytes, data: bytes) -> tuple[str, str]:
    key, _, rest = data.partition(b"\0")
    packed = kind == b"zTXt" or (kind == b"iTXt" and rest[:1] == b"\1")
    if kind == b"iTXt":
        rest = rest[2:].split(b"\0", 2)[-1]
    elif packed:
        rest = rest[1:]
    if packed:
        try:
            rest = zlib.decompressobj().decompress(rest, 1_000_000)
        except zlib.error:
            rest = b""
    return key.decode("latin-1"), rest.decode("utf-8", "replace")
