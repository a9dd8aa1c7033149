"""What a PDF must not hold: scripts, actions, attached files, comments, authors, links to files of a machine."""

import io
import logging
import re
from collections.abc import Iterator

from analysis.release.fund import Fund

ANGABEN = ("/Title", "/Producer")
"""Properties that a PDF of a report has."""

_WIRKSAM = {
    rb"/JavaScript\b|/JS\b": "a script",
    rb"/Launch\b|/SubmitForm\b|/ImportData\b": "an action that starts something",
    rb"/EmbeddedFiles?\b|/Filespec\b|/FileAttachment\b": "an attached file",
    rb"/AcroForm\b|/Widget\b": "a form",
    rb"/OpenAction\b(?!\s*\[)|/AA\s*<<": "an action when it is opened",
    rb"/Encrypt\b": "a file that is encrypted and cannot be checked",
    rb"/Subtype\s*/(?:Text|FreeText|Popup|Stamp|Ink|Highlight|Redact)\b": "a comment",
    rb"/OCProperties\b": "layers that can be hidden",
    rb"/PieceInfo\b": "data of a program",
    rb"/RichMedia\b|/Movie\b|/Sound\b|/3D\b": "an embedded medium",
}
_TEXT = re.compile(rb"\(((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*)\)|<((?:[0-9A-Fa-f]{2}\s*)+)>", re.S)
_URI = re.compile(rb"/URI\s*\(((?:[^()\\]|\\.)*)\)")
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|.)", re.S)
_STROM = re.compile(rb"stream\r?\n.*?endstream", re.S)
_EIGENE_ANGABEN = re.compile(r"<(dc:creator|xmp:CreatorTool|pdf:Keywords|xmpMM:\w+|photoshop:\w+)\b")


def structure(objects: bytes, stelle: str) -> Iterator[Fund]:
    """Findings in the objects of a PDF file, without what its streams hold."""
    bare = _STROM.sub(b"", objects)
    names = _TEXT.sub(b"()", bare)
    yield from (Fund(stelle, what) for pattern, what in _WIRKSAM.items() if re.search(pattern, names))
    for uri in _URI.findall(bare):
        target = _ESCAPED.sub(_unescaped, uri)
        if not re.match(rb"(?:https?://|mailto:|tel:|#|(?![a-zA-Z][\w+.-]*:|[/\\])[^\s])", target):
            yield Fund(stelle, "a link to a file of a machine")
            return


def texts(objects: bytes) -> str:
    """Texts of the objects of a PDF file: titles, alternative texts, addresses, comments."""
    bare = _STROM.sub(b"", objects)
    found = []
    for plain, digits in _TEXT.findall(bare):
        data = bytes.fromhex(b"".join(digits.split()).decode()) if digits else _ESCAPED.sub(_unescaped, plain)
        marked = data[:2] == b"\xfe\xff"
        found.append(data.decode("utf-16" if marked else "latin-1", "replace"))
    return "\n".join(found)


def _unescaped(match: re.Match) -> bytes:
    sign = match[1]
    if sign.isdigit():
        return bytes([int(sign, 8) & 0xFF])
    return {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b""}.get(sign, sign)


def pages(pdf: bytes, stelle: str) -> tuple[list[Fund], str]:
    """Findings in the properties of a PDF, and the text that stands on its pages."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.ERROR)
    try:
        reader = PdfReader(io.BytesIO(pdf))
        if reader.is_encrypted:
            return [Fund(stelle, "a file that is encrypted and cannot be checked")], ""
        found = [
            Fund(stelle, f"a property of the file ({key[1:30]})")
            for key, value in (reader.metadata or {}).items()
            if key not in ANGABEN and str(value).strip()
        ]
        described = reader.trailer["/Root"].get("/Metadata")
        xmp = described.get_object().get_data().decode("utf-8", "replace") if described else ""
        found += [Fund(stelle, f"a property of the file ({name})") for name in set(_EIGENE_ANGABEN.findall(xmp))]
        return found, "\n".join([xmp, *(page.extract_text() for page in reader.pages)])
    except (PyPdfError, KeyError, ValueError, TypeError, AttributeError, RecursionError):
        return [Fund(stelle, "a PDF that cannot be read")], ""
