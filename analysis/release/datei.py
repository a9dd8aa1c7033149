"""Everything that is looked for in one file of a report, and in all that is packed into it."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from analysis.release import bild, druck, mappe, maschine, notizbuch, seite
from analysis.release.fund import Fund
from analysis.release.suche import Kanarien
from analysis.release.teile import PICTURES, WIEDERHOLT, Teil, TooLarge, parts
from analysis.release.zurueckgehalten import Sperre

ENDUNGEN = ("html", "pdf", "xlsx", "ics", "png", "ipynb", "json")
"""Kinds of files that reports consist of."""

_ART = {"html": "html", "pdf": "pdf", "xlsx": "zip", "png": "png", "ics": "text", "ipynb": "json", "json": "json"}
_MARKEN = re.compile(r"<[^>]*>")
_XML_BEREICHE = re.compile(r"</(?:c|v|t|row|si|r)>")


@dataclass(frozen=True)
class Gesucht:
    """What the files of a report must not hold: canaries of the micro data, and figures that the Kreis withholds.

    `unbedenklich` are digests of pictures and workbooks without a finding: they stand in several files.
    """

    kanarien: Kanarien = Kanarien()
    sperre: Sperre = Sperre()
    unbedenklich: set[bytes] = field(default_factory=set, repr=False, compare=False)

    def in_text(self, text: str, stelle: str, werkzeuge: bool = True) -> Iterator[Fund]:
        """Findings in a text as a reader or a program gets it."""
        for what in maschine.traces(text, werkzeuge):
            yield Fund(stelle, what)
        for what in self.kanarien.found(text):
            yield Fund(stelle, what)

    def in_sentences(self, texts: list[str], stelle: str) -> Iterator[Fund]:
        """Withheld figures in alternative texts and other sentences."""
        for text in texts if self.sperre.nach_raum else ():
            yield from (Fund(stelle, what) for what in self.sperre.in_sentences(text))

    def in_lines(self, text: str, titel: str, stelle: str) -> Iterator[Fund]:
        """Withheld figures in the lines of a page or a workbook."""
        if self.sperre.nach_raum:
            yield from (Fund(stelle, what) for what in self.sperre.in_page(text, titel))


def check(content: bytes, name: str, gesucht: Gesucht, fehlgeschlagen: bool = False) -> list[Fund]:
    """Findings of one file, each once, in the order of its parts.

    Parameters
    ----------
    content, name
        The file's bytes, and its name for messages; the ending says what it should be.
    fehlgeschlagen
        An executed notebook that failed: an error and printed text are no findings.
    """
    ending = name.rpartition(".")[2].lower()
    if ending not in ENDUNGEN:
        return [Fund(name, "a file of a kind that no report has")]
    try:
        found = list(_findings(content, name, ending, gesucht, fehlgeschlagen))
    except (TooLarge, zipfile.BadZipFile, zlib.error, OSError, NotImplementedError, RuntimeError) as error:
        found = [Fund(name, f"cannot be unpacked and checked ({type(error).__name__})")]
    return list(dict.fromkeys(found))


def _findings(content: bytes, name: str, ending: str, gesucht: Gesucht, failed: bool) -> Iterator[Fund]:
    inside = list(parts(content, name, ending, frozenset(gesucht.unbedenklich)))
    if inside[0].art != _ART[ending]:
        yield Fund(name, f"is not what its name says ({inside[0].art} instead of {ending})")
    notebook = ending == "ipynb"
    if notebook:
        yield from notizbuch.check(content, name, failed)
    bad = 0
    for part in inside:
        if part.art == "zip":
            members = _members(inside, part)
            lines = mappe.lines(members, part.stelle) if gesucht.sperre.nach_raum else ""
            for found in (*mappe.check(members, part.stelle), *gesucht.in_lines(lines, "", part.stelle)):
                bad += 1
                yield found
    for part in inside:
        for found in _of_part(part, gesucht, tools=ending not in ("ipynb", "json"), top=part is inside[0]):
            bad += 1
            yield found
    if not bad:
        gesucht.unbedenklich.update(part.digest for part in inside if part.art in WIEDERHOLT)


def _members(inside: list[Teil], archive: Teil) -> list[Teil]:
    begin = f"{archive.stelle}, "
    return [p for p in inside if p.stelle.startswith(begin) and ", " not in p.stelle[len(begin) :]]


def _of_part(part: Teil, gesucht: Gesucht, tools: bool, top: bool) -> Iterator[Fund]:
    if part.art == "png":
        found, texts = bild.check(part.inhalt, part.stelle)
        yield from found
        yield from gesucht.in_text("\n".join(texts), part.stelle, tools)
        yield from gesucht.in_sentences(list(texts), part.stelle)
    elif part.art in PICTURES:
        yield Fund(part.stelle, f"a picture that is no PNG ({part.art})")
        yield from gesucht.in_text(part.text, part.stelle, tools)
    elif part.art == "html":
        page = seite.read(part.text, part.stelle)
        yield from page.funde
        yield from gesucht.in_text("".join(page.sichtbar), part.stelle, tools)
        yield from gesucht.in_text("\n".join(page.verdeckt), f"{part.stelle}, attributes and styles", tools)
        yield from gesucht.in_lines("".join(page.sichtbar), page.titel, part.stelle)
        yield from gesucht.in_sentences(page.verdeckt, f"{part.stelle}, attributes")
    elif part.art == "pdf":
        found, text = druck.pages(part.inhalt, part.stelle)
        yield from [*druck.structure(part.inhalt, part.stelle), *found]
        yield from gesucht.in_text(f"{text}\n{druck.texts(part.inhalt)}", part.stelle, tools)
    elif part.art in ("text", "zlib"):
        yield from _of_text(part, gesucht, tools)
    elif part.art == "json" and top:
        return  # its texts come as parts of their own
    elif part.art not in ("zip", "json", "gzip", "bz2", "xz"):
        yield Fund(part.stelle, f"data of another program ({part.art})")
        yield from gesucht.in_text(part.text, part.stelle, tools)


def _of_text(part: Teil, gesucht: Gesucht, tools: bool) -> Iterator[Fund]:
    text = part.text
    if ", stream " in part.stelle and b"/Type" in part.inhalt:  # objects of a PDF that are packed together
        yield from druck.structure(part.inhalt, part.stelle)
        text = druck.texts(part.inhalt)
    elif part.stelle.endswith((".xml", ".rels")):
        # what stands in a workbook is also looked at without the marks between its cells
        yield from gesucht.in_text(_MARKEN.sub("", _XML_BEREICHE.sub("\n", text)), part.stelle, tools)
        text = "\n".join(re.findall(r'="([^"]*)"', text))
    yield from gesucht.in_text(text, part.stelle, tools)
