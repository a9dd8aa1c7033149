"""Outline of a page as text: nested elements with role, id, class, scope and headers, headings and captions in full."""

from html.parser import HTMLParser

VOID = {"img", "meta", "br", "hr", "col", "link"}
SHOWN = ("lang", "id", "class", "role", "scope", "headers", "colspan", "rowspan", "href", "data-spalte", "aria-label",
         "aria-labelledby", "open", "display")  # fmt: skip
SAID = {
    "title",
    "h1",
    "h2",
    "h3",
    "h4",
    "caption",
    "figcaption",
    "summary",
    "th",
    "dt",
    "a",
    "figure",
    "mi",
    "mo",
    "mn",
}
SKIPPED = {"style"}


class _Outline(HTMLParser):
    def __init__(self):
        super().__init__()
        self.lines, self.open = [], []

    def handle_starttag(self, tag: str, attributes: list) -> None:
        given = dict(attributes)
        parts = [f"{name}={given[name] or ''}" for name in SHOWN if name in given]
        parts += [f"alt={given['alt'][:40]}"] if "alt" in given else []
        parts += [given["content"].split("'sha256-")[0]] if given.get("http-equiv") else []
        self.lines.append("  " * len(self.open) + " ".join([tag, *parts]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-1:]} at {self.getpos()}"
        self.open.pop()

    def handle_data(self, text: str) -> None:
        text = " ".join(text.split())
        if text and self.open and self.open[-1] not in SKIPPED and set(self.open) & SAID:
            self.lines.append("  " * len(self.open) + f'"{text}"')


def outline(html: str) -> str:
    """Outline of a page, one element a line; fails where elements are not nested in order."""
    parser = _Outline()
    parser.feed(html)
    parser.close()
    assert not parser.open, f"not closed: {parser.open}"
    return "\n".join([*parser.lines, ""])
