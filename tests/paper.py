"""What stands on the sheets of a printed page, and what must hold for every one of them."""

import re

import pypdfium2
from bs4 import BeautifulSoup

A4, A4_QUER = (595, 842), (842, 595)
RAND = 18 / 25.4 * 72
"""Left and right margin in points."""


class Paper:
    """Sheets of a PDF with their texts, beside the HTML that was printed."""

    def __init__(self, pdf, html: str, titel: str):
        self.sheets = list(pypdfium2.PdfDocument(pdf))
        self.texts = [s.get_textpage().get_text_range().replace("\r\n", "\n") for s in self.sheets]
        self.sizes = [tuple(round(size) for size in sheet.get_size()) for sheet in self.sheets]
        self.html, self.titel = BeautifulSoup(html, "html.parser"), titel
        for unseen in self.html.select(".unsichtbar, .sprung, .nur-bildschirm"):
            unseen.decompose()

    def body(self, text: str) -> list[str]:
        """Lines of a sheet without running title and page number."""
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return [line for line in lines if line != self.titel and not re.fullmatch(r"Seite \d+ von \d+", line)]

    def check(self) -> None:
        """A4 with title and number, nothing in the margins, nothing lost, nothing torn apart."""
        self.check_frame()
        self.check_margins()
        self.check_texts()
        self.check_breaks()

    def check_frame(self) -> None:
        assert set(self.sizes) <= {A4, A4_QUER} and self.sizes[0] == A4
        for number, text in enumerate(self.texts, start=1):
            assert f"Seite {number} von {len(self.texts)}" in text and self.titel in text
            assert self.body(text), f"sheet {number} is empty"

    def check_margins(self) -> None:
        for sheet in self.sheets:
            boxes = [obj.get_bounds() for obj in sheet.get_objects() if obj.type in (1, 3)]  # text and pictures
            assert min(b[0] for b in boxes) >= RAND - 1
            assert max(b[2] for b in boxes) <= sheet.get_width() - RAND + 1
            assert min(b[1] for b in boxes) > 20 and max(b[3] for b in boxes) < sheet.get_height() - 20

    def check_texts(self) -> None:
        """Every row stands whole on one sheet, every other text somewhere."""
        everything = [squeezed(text) for text in self.texts]
        for row in self.html.select("tr"):
            assert any(squeezed(row.get_text()) in text for text in everything), row.get_text()
        for part in self.html.select("main p, main li, dt, dd, caption, h1, h2, h3, summary, .quelle, .nummer"):
            if not part.math:  # the letters of a formula are signs of their own
                assert squeezed(part.get_text()) in "".join(everything), part.get_text()

    def check_breaks(self) -> None:
        """No heading, caption or introduction ends a sheet, no note or source begins one."""
        keep = "h2, h3, caption, summary, thead tr, p:has(+ .tabelle), p:has(+ figure)"
        endings = {squeezed(part.get_text()) for part in self.html.select(keep)}
        below = [squeezed(part.get_text()) for part in self.html.select(".unter p")]
        for text in self.texts:
            lines = self.body(text)
            assert squeezed(lines[-1]) not in endings, lines[-1]
            assert not any(text.startswith(squeezed(lines[0])) for text in below), lines[0]


def squeezed(text: str) -> str:
    """Text without what a line break adds or swallows."""
    return re.sub(r"[\s\ufffe\u00ad\u2010-]", "", text)
