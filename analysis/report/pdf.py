"""A finished page as PDF: printed by Chromium, then tagged and described; the same page gives the same bytes."""

import io
import logging
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin
from xml.sax.saxutils import escape

from analysis import __version__
from analysis.errors import InputError
from analysis.files import write_atomic
from analysis.report.chromium import Chromium, PrintError

LANGUAGES = {"de": "de-DE", "en": "en-GB"}
"""Language of a page and of its PDF; another stays as it is."""

_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{titel}</rdf:li></rdf:Alt></dc:title>
<dc:language><rdf:Bag><rdf:li>{sprache}</rdf:li></rdf:Bag></dc:language>
<pdf:Producer>{hersteller}</pdf:Producer>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""


@dataclass(frozen=True)
class Page:
    """What a PDF takes over from its page: title, language, headings, links (target and text), texts of formulas."""

    html: bytes
    titel: str
    sprache: str
    ueberschriften: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    formeln: frozenset[str]

    def for_print(self) -> bytes:
        """HTML with every formula as a picture with its spoken text; otherwise Chromium tags only its single signs."""
        return re.sub(rb'<math ([^>]*)alttext="([^"]*)"', rb'<math role="img" aria-label="\2" \1', self.html)


def read_page(path: Path) -> Page:
    """Title, language and links of a page that Kreisblick made.

    Raises
    ------
    InputError
        There is no such file, or it is not a page of Kreisblick.
    """
    if not path.is_file():
        raise InputError(f"{path}: there is no such file")
    try:
        html = path.read_bytes()
        text = html.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or 'not UTF-8'})") from None
    if not re.search(r'<meta name="generator" content="Kreisblick [^"]*">', text[:4000]):
        raise InputError(f"{path}: is not a page of Kreisblick; expected a report that `kreisblick run` has made")
    reader = _Reader()
    reader.feed(text)
    links = tuple((target, _plain(said)) for target, said in reader.links)
    headings = tuple(map(_plain, reader.ueberschriften))
    return Page(html, _plain(reader.titel), reader.sprache, headings, links, frozenset(reader.formeln))


def make_pdf(
    browser: Chromium, path: Path, timeout: float, pruefen: Callable[[dict[Path, bytes]], None] | None = None
) -> str:
    """Print a page to the PDF beside it; return the PDF's SHA-256.

    When this fails an earlier PDF goes too, so that none is ever older than its page.

    Parameters
    ----------
    pruefen
        Called with the page before it is printed and with the PDF before it is written; what it raises ends both.

    Raises
    ------
    InputError
        The file is not a page of Kreisblick.
    PrintError
        Chromium fails or takes longer than `timeout` seconds, or the page changed meanwhile.
    """
    target = path.with_suffix(".pdf")
    try:
        page = read_page(path)
        if pruefen is not None:
            pruefen({path: page.html})
        # beside the page: a Chromium from a snap sees no temporary folder of the system
        with tempfile.TemporaryDirectory(prefix="pdf-", dir=path.parent, ignore_cleanup_errors=True) as folder:
            copy = Path(folder) / path.name
            copy.write_bytes(page.for_print())
            printed = browser.pdf(copy, Path(folder), timeout)
        finished = finish(printed, page, copy.as_uri())
        if pruefen is not None:
            pruefen({target: finished})
        written = write_atomic(target, finished)
        if path.read_bytes() != page.html:
            raise PrintError("the page changed while it was printed; print it again")
        return written
    except OSError as error:
        target.unlink(missing_ok=True)
        raise PrintError(f"{error.filename or target}: {error.strerror}") from None
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def finish(printed: bytes, page: Page, address: str) -> bytes:
    """PDF as Chromium printed it, completed for a screen reader and freed of times and of what names the machine.

    Parameters
    ----------
    printed
        The tagged PDF.
    page
        What the page says of itself.
    address
        Address under which it was printed; links to files beside it become relative.

    Raises
    ------
    PrintError
        That is no tagged PDF of this page.
    """
    from pypdf import PdfReader, PdfWriter
    from pypdf.errors import PyPdfError
    from pypdf.generic import BooleanObject, DictionaryObject, NameObject, StreamObject, TextStringObject

    from analysis.report.pdf_tags import complete_tags

    logging.getLogger("pypdf").setLevel(logging.ERROR)  # it counts Chromium's objects aloud
    try:
        reader = PdfReader(io.BytesIO(printed))
        title = _plain(str((reader.metadata or {}).get("/Title", "")))
        tagged = "/StructTreeRoot" in reader.trailer["/Root"]
    except (PyPdfError, KeyError, ValueError, TypeError, AttributeError):
        raise PrintError("Chromium wrote no readable PDF") from None
    if title != page.titel or not tagged:
        raise PrintError(f"Chromium printed something else ({title[:60]!r}); expected {page.titel[:60]!r} with tags")

    writer = PdfWriter(clone_from=reader)
    writer.pdf_header = "%PDF-1.7"
    language, producer = LANGUAGES.get(page.sprache, page.sprache), f"Kreisblick {__version__}"
    links = {t if t.startswith("#") else urljoin(address, t): (t, text) for t, text in reversed(page.links)}
    complete_tags(writer, links, page.formeln)
    root = writer.root_object
    headings = iter(page.ueberschriften)
    for bookmark in _bookmarks(root.get("/Outlines", DictionaryObject()).get_object()):
        said = "".join(bookmark["/Title"].split())  # Chromium takes the space out where a heading's line ends
        full = next((h for h in headings if "".join(h.split()) == said), bookmark["/Title"])
        bookmark[NameObject("/Title")] = TextStringObject(full)
    root[NameObject("/Lang")] = TextStringObject(language)
    root[NameObject("/MarkInfo")] = DictionaryObject({NameObject("/Marked"): BooleanObject(True)})
    preferences = root.setdefault(NameObject("/ViewerPreferences"), DictionaryObject())
    preferences[NameObject("/DisplayDocTitle")] = BooleanObject(True)
    xmp = StreamObject()
    xmp.set_data(_XMP.format(titel=escape(page.titel), sprache=language, hersteller=producer).encode())
    xmp.update({NameObject("/Type"): NameObject("/Metadata"), NameObject("/Subtype"): NameObject("/XML")})
    root[NameObject("/Metadata")] = writer._add_object(xmp)
    writer.metadata = {"/Title": page.titel, "/Producer": producer}
    finished = io.BytesIO()
    writer.write(finished)
    return finished.getvalue()


def _plain(text: str) -> str:
    return " ".join(text.split())


def _bookmarks(above: dict) -> Iterator[dict]:
    """Bookmarks below one, in reading order."""
    bookmark = above.get("/First")
    while bookmark is not None:
        bookmark = bookmark.get_object()
        yield bookmark
        yield from _bookmarks(bookmark)
        bookmark = bookmark.get("/Next")


class _Reader(HTMLParser):
    """Title, language, headings, links and spoken formulas of a page."""

    def __init__(self):
        super().__init__()
        self.titel, self.sprache, self.ueberschriften, self.links, self.formeln = "", "", [], [], []
        self._inside = set()

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "html":
            self.sprache = given.get("lang") or ""
        elif tag == "math":
            self.formeln.append(given.get("alttext"))
        elif tag == "a":
            self.links.append((given.get("href") or "", ""))
        elif tag in _HEADINGS:
            self.ueberschriften.append("")
        self._inside.add(tag)

    def handle_endtag(self, tag):
        self._inside.discard(tag)

    def handle_data(self, data):
        if "title" in self._inside:
            self.titel += data
        if "a" in self._inside:
            target, text = self.links[-1]
            self.links[-1] = target, text + data
        if self._inside & _HEADINGS:
            self.ueberschriften[-1] += data
