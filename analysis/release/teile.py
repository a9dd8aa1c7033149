"""A file and everything that is packed into it: base64, percent signs, gzip, ZIP members, streams of PDF files."""

import base64
import binascii
import bz2
import gzip
import hashlib
import io
import json
import lzma
import re
import urllib.parse
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

GROESSTER_TEIL = 256 * 1024 * 1024
"""Bytes of an unpacked part beyond which a file is refused instead of read."""

_TIEFE = 8
_BASE64 = re.compile(rb"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{24,}={0,2}")
_UMBROCHEN = re.compile(rb"base64,([A-Za-z0-9+/=%\s]+)")
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){20,}")
_PROZENT = re.compile(rb"%[0-9a-fA-F]{2}[^\s\"'<>]*")
_STROM = re.compile(rb"(<<(?:(?!endobj).){0,4000}?>>)\s*stream\r?\n", re.S)


@dataclass(frozen=True)
class Teil:
    """A part: its place in the file, what it is (`html`, `text`, `json`, `zip`, `png`, …), its bytes."""

    stelle: str
    art: str
    inhalt: bytes

    @property
    def text(self) -> str:
        """The bytes as text, whatever the encoding."""
        return as_text(self.inhalt)

    @property
    def digest(self) -> bytes:
        """What tells its bytes from others."""
        return hashlib.sha256(self.inhalt).digest()


class TooLarge(ValueError):
    """A part is larger than is read, or packed more often than any report is."""


def parts(
    content: bytes, stelle: str, ending: str = "", bekannt: frozenset[bytes] = frozenset(), tiefe: int = 0
) -> Iterator[Teil]:
    """A content and, one by one, all that is packed into it.

    Parameters
    ----------
    content, stelle, ending
        The bytes, where they stand, and the ending of their name.
    bekannt
        Digests of pictures and packed files that were looked at before; they are left out.

    Raises
    ------
    TooLarge
        More than `GROESSTER_TEIL` bytes, or packed into each other too deeply to be an accident.
    zipfile.BadZipFile, zlib.error, OSError
        A part says that it is packed and cannot be unpacked.
    """
    if tiefe > _TIEFE or len(content) > GROESSTER_TEIL:
        raise TooLarge(f"{stelle}: larger or packed more deeply than can be checked")
    art = kind(content, ending)
    part = Teil(stelle, art, content)
    if tiefe and part.art in WIEDERHOLT and part.digest in bekannt:
        return
    yield part
    for place, packed, name in _packed(content, art):
        yield from parts(packed, f"{stelle}, {place}", name, bekannt, tiefe + 1)


def kind(content: bytes, ending: str = "") -> str:
    """What a content is by its first bytes, text by the ending of its name."""
    for art, begin in _BEGINNINGS.items():
        if content.startswith(begin):
            return art
    head = content[:1024].lstrip().lower()
    if b"%pdf-" in head:
        return "pdf"
    if content[:1] == b"x" and len(content) > 2 and int.from_bytes(content[:2]) % 31 == 0:
        return "zlib"
    if head.startswith((b"<!doctype html", b"<html")) or ending in ("html", "htm", "xhtml"):
        return "html"
    if b"<svg" in head:
        return "svg"
    if ending in ("json", "ipynb"):
        return "json"
    return "text"


_BEGINNINGS = {
    "png": b"\x89PNG\r\n\x1a\n", "zip": (b"PK\x03\x04", b"PK\x05\x06"), "gzip": b"\x1f\x8b", "bz2": b"BZh",
    "xz": b"\xfd7zXZ\x00", "jpeg": b"\xff\xd8\xff", "gif": b"GIF8", "pdf": b"%PDF-", "tiff": (b"II*\0", b"MM\0*"),
    "riff": b"RIFF", "ole": b"\xd0\xcf\x11\xe0", "sqlite": b"SQLite format 3", "parquet": b"PAR1", "spss": b"$FL2",
}  # fmt: skip
WIEDERHOLT = ("png", "zip")
"""Kinds of parts that stand in several files of a report."""
PICTURES = ("png", "jpeg", "gif", "tiff", "riff", "svg")


def _packed(content: bytes, art: str) -> Iterator[tuple[str, bytes, str]]:
    """Place, content and ending of the name of each part of a content."""
    if art == "zip":
        yield from _members(content)
    elif art in ("gzip", "bz2", "xz", "zlib"):
        yield f"unpacked {art}", _unpacked(content, art), ""
    elif art == "pdf":
        yield from _streams(content)
    elif art == "json":
        yield from _strings(content)
    elif art in ("html", "text", "svg"):
        yield from _encoded(content)


def _members(content: bytes) -> Iterator[tuple[str, bytes, str]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for member in archive.infolist():
            if member.file_size > GROESSTER_TEIL:
                raise TooLarge(f"{member.filename}: larger than can be checked")
            if not member.is_dir():
                yield member.filename, archive.read(member), member.filename.rpartition(".")[2].lower()
        if archive.comment:
            yield "comment of the archive", archive.comment, ""


def _unpacked(content: bytes, art: str) -> bytes:
    if art == "zlib":
        try:
            return _limited(zlib.decompressobj().decompress(content, GROESSTER_TEIL + 1))
        except zlib.error:
            return b""  # text that begins as packed content would
    opened = {"gzip": gzip.open, "bz2": bz2.open, "xz": lzma.open}[art]
    try:
        with opened(io.BytesIO(content)) as file:
            return _limited(file.read(GROESSTER_TEIL + 1))
    except (EOFError, lzma.LZMAError, zlib.error) as error:
        raise OSError(f"{art} that cannot be unpacked") from error


def _limited(content: bytes) -> bytes:
    if len(content) > GROESSTER_TEIL:
        raise TooLarge("unpacked it is larger than can be checked")
    return content


def _streams(pdf: bytes) -> Iterator[tuple[str, bytes, str]]:
    """Streams of a PDF file that are packed by the usual method or not at all."""
    for number, found in enumerate(_STROM.finditer(pdf), start=1):
        described = found[1]
        data = pdf[found.end() : pdf.find(b"endstream", found.end())]
        if b"/FlateDecode" in described:
            data = _unpacked(data, "zlib")
        if data:
            yield f"stream {number}", data, ""


def _strings(content: bytes) -> Iterator[tuple[str, bytes, str]]:
    """Texts and numbers of a JSON file, those of a cell of a notebook together; what is no JSON as a whole."""
    try:
        tree = json.loads(as_text(content))
    except ValueError:
        yield from _encoded(content)
        return
    cells = tree.get("cells") if isinstance(tree, dict) else None
    if isinstance(cells, list):
        rest = {key: value for key, value in tree.items() if key != "cells"}
        named = [(f"cell {n}", cell) for n, cell in enumerate(cells, start=1)] + [("metadata", rest)]
    else:
        named = [("content", tree)]
    for place, branch in named:
        together: list[str] = []
        for key, text in _leaves(branch):
            long = len(text) > 200 and " " not in text[:200]
            decoded = _from_base64(text.encode("utf-8", "replace")) if long else None
            if decoded is not None and (kind(decoded) != "text" or _readable(decoded)):
                yield f"{place}, {key or 'text'}", decoded, ""
            elif key == "text/html":
                yield f"{place}, {key}", text.encode("utf-8", "replace"), "html"
            else:
                together.append(text)
        yield place, "\n".join(together).encode("utf-8", "replace"), ""


def _leaves(tree, key: str = "") -> Iterator[tuple[str, str]]:
    """Every text and number with the name that it has, names too; lists of texts as one."""
    if isinstance(tree, dict):
        for name, item in tree.items():
            yield "", str(name)
            yield from _leaves(item, str(name))
    elif isinstance(tree, list) and tree and all(isinstance(item, str) for item in tree):
        yield key, ("" if tree[0].endswith("\n") else "\n").join(tree)
    elif isinstance(tree, list):
        for item in tree:
            yield from _leaves(item, key)
    elif tree is not None and not isinstance(tree, bool):
        yield key, str(tree)


def _encoded(content: bytes) -> Iterator[tuple[str, bytes, str]]:
    """What a text holds as base64, in percent signs or as hexadecimal digits."""
    for number, found in enumerate(_UMBROCHEN.finditer(content), start=1):
        decoded = _from_base64(urllib.parse.unquote_to_bytes(found[1]))
        if decoded:
            yield f"embedded {number}", decoded, ""
    rest = _UMBROCHEN.sub(b" ", content)
    for number, found in enumerate(_BASE64.finditer(rest), start=1):
        decoded = _from_base64(found[0])
        if decoded and (kind(decoded) != "text" or _readable(decoded)):
            yield f"base64 {number}", decoded, ""
        if _HEX.fullmatch(found[0]) and _readable(decoded := bytes.fromhex(found[0].decode())):
            yield f"hexadecimal {number}", decoded, ""
    if rest.count(b"%") > 2:
        for number, found in enumerate(_PROZENT.finditer(rest), start=1):
            yield f"percent signs {number}", urllib.parse.unquote_to_bytes(found[0]), ""


def _from_base64(text: bytes) -> bytes | None:
    bare = b"".join(text.split()).replace(b"-", b"+").replace(b"_", b"/").rstrip(b"=")
    try:
        return base64.b64decode(bare[: len(bare) - (len(bare) % 4 == 1)] + b"==", validate=False)
    except (binascii.Error, ValueError):
        return None


def _readable(content: bytes) -> bool:
    """Whether bytes are text and not chance: printable, in UTF-8 or UTF-16."""
    wide = content[:2] in (b"\xff\xfe", b"\xfe\xff") or content[:400].count(b"\0") > len(content[:400]) // 4
    try:
        text = as_text(content) if wide else content.decode()
    except UnicodeDecodeError:
        return False
    return bool(text) and sum(c.isprintable() or c.isspace() for c in text) > 0.95 * len(text)


def as_text(content: bytes) -> str:
    """Bytes as text: UTF-16 by its mark or its empty bytes, else UTF-8, else Latin-1."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    if content[:400].count(b"\0") > len(content[:400]) // 4:
        return content.decode("utf-16-le" if content[1:2] == b"\0" else "utf-16-be", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")
