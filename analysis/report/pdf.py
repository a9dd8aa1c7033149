"""A finished page as PDF: printed by Chromium, then tagged and described; the same page gives the same bytes."""

import io
import logging
import re
import tempfile
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin
from xml.sax.saxutils import escape

from analysis import __version__
from analysis.errors import InputError
from analysis.files import sha256, write_atomic
from analysis.report.chromium import Chromium, PrintError

LANGUAGES = {"de": "de-DE", "en": "en-GB"}
"""Language of a page and of its PDF; another stays as it is."""

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
    """What a PDF takes over from its page: title, language, links (target in the HTML and text)."""

    titel: str
    sprache: str
    links: tuple[tuple[str, str], ...]


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
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or 'not UTF-8'})") from None
    if not re.search(r'<meta name="generator" content="Kreisblick [^"]*">', text[:4000]):
        raise InputError(f"{path}: is not a page of Kreisblick; expected a report that `kreisblick run` has made")
    reader = _Reader()
    reader.feed(text)
    return Page(_plain(reader.titel), reader.sprache, tuple((target, _plain(said)) for target, said in reader.links))


def make_pdf(browser: Chromium, path: Path, timeout: float) -> str:
    """Print a page to the PDF beside it; return the PDF's SHA-256.

    When this fails an earlier PDF goes too, so that none is ever older than its page.

    Raises
    ------
    InputError
        The file is not a page of Kreisblick.
    PrintError
        Chromium fails or takes longer than `timeout` seconds, or the page changed meanwhile.
    """
    target = path.with_suffix(".pdf")
    try:
        page, before = read_page(path), sha256(path)
        # beside the page: a Chromium from a snap sees no temporary folder of the system
        with tempfile.TemporaryDirectory(prefix="pdf-", dir=path.parent, ignore_cleanup_errors=True) as folder:
            printed = browser.pdf(path, Path(folder), timeout)
        written = write_atomic(target, finish(printed, page, path.as_uri()))
        if sha256(path) != before:
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
    complete_tags(writer, links)
    root = writer.root_object
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


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.titel, self.sprache, self.links = "", "", []
        self._inside = ""

    def handle_starttag(self, tag, attributes):
        if tag == "html":
            self.sprache = dict(attributes).get("lang") or ""
        if tag == "a" and dict(attributes).get("href"):
            self.links.append((dict(attributes)["href"], ""))
        if tag in ("title", "a"):
            self._inside = tag

    def handle_endtag(self, tag):
        if tag == self._inside:
            self._inside = ""

    def handle_data(self, data):
        if self._inside == "title":
            self.titel += data
        elif self._inside == "a" and self.links:
            target, text = self.links[-1]
            self.links[-1] = target, text + data
