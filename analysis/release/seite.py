"""What a page must not hold: scripts, requests to anywhere, hidden or unknown elements, code of the notebook."""

import re
from html.parser import HTMLParser

from analysis.release.fund import Fund
from analysis.release.suche import BLOCK

_LISTE = """
html head title meta style body header footer main nav section article aside div span p a ul ol li dl dt dd br
hr h1 h2 h3 h4 h5 h6 strong em b i u s del ins sub sup small mark code pre kbd abbr cite q blockquote time wbr
table caption colgroup col thead tbody tfoot tr th td figure figcaption img details summary math mrow mi mo mn
ms mtext mspace mfrac msqrt mroot msup msub msubsup mover munder munderover mtable mtr mtd mstyle mpadded
mphantom menclose semantics annotation
"""
ELEMENTE = frozenset(_LISTE.split())
"""Elements that a report is made of; anything else is a finding."""

_EINGABE = re.compile(r"\b(?:jp-(?:InputArea|Cell-input\w*|InputPrompt)|input_area|input_prompt|code_cell|dataframe)\b")
_CSS = re.compile(r"@import|url\(\s*['\"]?(?!data:|#)[^)]|expression\s*\(|-moz-binding|image-set\s*\(", re.I)
_LADEND = {"src", "srcset", "poster", "data", "background", "action", "formaction", "ping", "manifest", "longdesc",
           "xlink:href", "codebase", "cite", "profile", "classid", "lowsrc", "dynsrc", "imagesrcset"}  # fmt: skip
_VERSTECKT = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?![.\d])|font-size\s*:\s*0", re.I)
_ZIEL = re.compile(r"(?i)(?:https?://[^\s@]+|mailto:\S+|tel:\S+|#.*|(?![/\\]|[a-z][a-z0-9+.-]*:)[^\s].*)?")
_WIRKSAM = re.compile(r"(?i)^[\s\x00-\x20]*(?:j\s*a\s*v\s*a\s*s\s*c\s*r\s*i\s*p\s*t|vbscript|data\s*:\s*text)")


_ZEICHEN = {
    **dict.fromkeys(("p", "tr", "li", "figure", "table", "dt", "dd"), "\n"),
    **dict.fromkeys(("caption", "figcaption", "h1", "h2", "h3", "h4"), f"\n{BLOCK}"),
    **dict.fromkeys(("span", "strong", "em", "sup", "sub", "a", "code", "b", "i"), ""),
}
"""What parts the text of an element from the text before it; a cell of a table begins with a tab."""


class Seite(HTMLParser):
    """A page as it is read: `funde`, the text that stands on it, and texts in attributes, comments and styles."""

    def __init__(self, stelle: str, bildtypen: tuple[str, ...] = ("image/png",)):
        super().__init__(convert_charrefs=True)
        self.stelle, self.bildtypen = stelle, bildtypen
        self.funde: list[Fund] = []
        self.sichtbar: list[str] = []
        self.verdeckt: list[str] = []
        self.titel = ""
        self._in = ""

    def handle_starttag(self, tag, attrs):
        """Look at an element and its attributes."""
        given = dict(attrs)
        self._in = tag
        self.sichtbar.append(_ZEICHEN.get(tag, "\t"))
        if tag not in ELEMENTE:
            self._add(_UNBEKANNT.get(tag, f"the element <{tag}>, which no report has"))
        if tag == "meta" and "refresh" in (given.get("http-equiv") or "").lower():
            self._add("a page that sends its reader on (meta refresh)")
        for name, value in attrs:
            self._attribute(tag, name, value or "")

    handle_startendtag = handle_starttag

    def handle_endtag(self, tag):
        """Text behind an element belongs to none."""
        self._in = ""
        if _ZEICHEN.get(tag, "\t"):
            self.sichtbar.append("\n" if tag in ("p", "li", "caption", "figcaption", "summary") else "\t")

    def handle_data(self, data):
        """Text of the page, or of a style."""
        if self._in == "style":
            self._style(data)
        self.titel += data if self._in == "title" else ""
        (self.verdeckt if self._in in ("style", "script") else self.sichtbar).append(data)

    def handle_comment(self, data):
        """No report has comments, which readers do not see."""
        self._add("a comment, which readers do not see")
        self.verdeckt.append(data)

    def handle_decl(self, decl):
        """Declarations other than that of HTML."""
        if not decl.lower().startswith("doctype html"):
            self._add("a declaration that is not that of HTML")
        self.verdeckt.append(decl)

    def handle_pi(self, data):
        """Processing instructions, which no report has."""
        self._add("a processing instruction, which readers do not see")
        self.verdeckt.append(data)

    def unknown_decl(self, data):
        """Sections such as CDATA, which no report has."""
        self._add("a section that readers do not see")
        self.verdeckt.append(data)

    def _attribute(self, tag: str, name: str, value: str) -> None:
        if not value.startswith("data:"):
            self.verdeckt.append(value)
        if name.startswith("on"):
            self._add(f"a script ({name} of <{tag}>)")
        elif _WIRKSAM.match(value) and name != "content":
            self._add(f"a script or page in an address ({name} of <{tag}>)")
        elif name == "srcdoc":
            self._add("a page inside the page (srcdoc)")
        elif name in _LADEND:
            if not value.startswith(("#", *(f"data:{kind}" for kind in self.bildtypen))) and value.strip():
                self._add(f"an external reference ({name} of <{tag}>)")
        elif name == "href" and not (tag == "a" and _ZIEL.fullmatch(value.strip())):
            self._add(f"an external reference (href of <{tag}>)")
        elif name == "hidden" or (name == "style" and _VERSTECKT.search(value)):
            self._add(f"something hidden (<{tag}>)")
        elif name == "class" and _EINGABE.search(value):
            self._add("code or a table as the notebook shows it")
        if name == "style":
            self._style(value)

    def _style(self, text: str) -> None:
        if _CSS.search(text):
            self._add("an external reference in a style")

    def _add(self, was: str) -> None:
        line, _ = self.getpos()
        found = Fund(f"{self.stelle}, line {line}", was)
        if found not in self.funde:
            self.funde.append(found)


_UNBEKANNT = {
    "script": "a script",
    "svg": "a drawing (SVG) that gives back each value; expected a picture",
    "input": "an input field",
    "form": "a form",
    "iframe": "a page from elsewhere (iframe)",
    "link": "an external reference (link)",
    "base": "another base for addresses (base)",
    "template": "hidden content (template)",
    "noscript": "hidden content (noscript)",
}


def read(text: str, stelle: str) -> Seite:
    """Page with its findings."""
    page = Seite(stelle)
    page.feed(text)
    page.close()
    return page
