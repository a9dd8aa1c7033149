"""How a workbook of a report is written: cells, bands of text, pages for print; what it must not hold cannot get in."""

import datetime as dt
import math
import textwrap

from analysis.report.zellwerte import Zelle, reiner_text

TITEL = {"bold": True, "font_size": 14, "text_wrap": True, "valign": "top"}
TEXT = {"text_wrap": True, "valign": "top"}
LINIE = {"bottom": 1, "bottom_color": "#BFBFBF"}
LINKS, RECHTS = {"align": "left", "indent": 1}, {"align": "right"}
GRUPPE = TEXT | LINIE | LINKS | {"bold": True, "bg_color": "#F3F5F7"}
KOPF = {"bold": True, "text_wrap": True, "valign": "bottom", "bg_color": "#E7ECF0", "border": 1,
        "border_color": "#808080"}  # fmt: skip
LINK = {"font_color": "#0563C1", "underline": 1, "valign": "top"}

LETZTE_ZEILE, LETZTE_SPALTE = 1_048_576, 16_384
"""What a sheet of Excel can hold."""

EINZUG = 2
"""Characters of a column's width that its cells keep free."""

_MEISTE_FORMATE = 200
"""Excel opens no file with more than 206 number formats of its own; what would need further ones stays text."""

_BUCHSTABEN = 1.1
"""Letters of running text in the width of a digit; Calibri and its substitute have about 1.2."""

_BAND, _ZEILE, _HOECHSTE, _LEERE_SPALTE = 80, 15, 409, 8


class Schreiber:
    """A workbook in the making: its sheets look alike, equal cell formats are made once.

    `titel` stands above every printed page, `seite` (`Seite {} von {}`) below.
    """

    def __init__(self, book, titel: str, seite: str):
        self.book, self.titel, self.seite = book, titel, seite
        self.formate, self.zahlformate = {}, set()

    def blatt(self, name: str, widths: list[int], quer: bool):
        """New sheet: A4 (landscape if `quer`), as wide as the page, with the report's title and page numbers."""
        sheet = self.book.add_worksheet(name)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.set_paper(9)  # A4
        if quer:
            sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_header(f"&L{textwrap.shorten(self.titel, 100, placeholder=' …').replace('&', '&&')}")
        sheet.set_footer(f"&L&A&R{self.seite.format('&P', '&N')}")
        # keys such as 01051 are text on purpose
        sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{LETZTE_ZEILE}"})
        return sheet

    def band(self, sheet, row: int, widths: list[int], text: str, look: dict, least: int = _BAND) -> int:
        """Text across the table, and beyond it where the table is narrower than `least`; return the next row."""
        last, width = len(widths) - 1, sum(widths)
        while width < least:
            last, width = last + 1, width + _LEERE_SPALTE
        self.feld(sheet, (row, 0, row, last), text, look)
        larger = look.get("font_size", 11) / 11
        self.hoehe(sheet, row, math.ceil(zeilenzahl(text, (width - EINZUG) / larger) * larger))
        return row + 1

    def hoehe(self, sheet, row: int, lines: int) -> None:
        """Height of a row in lines; programs find none for merged cells, and some none at all."""
        if lines > 1:
            sheet.set_row(row, min(_HOECHSTE, lines * _ZEILE))

    def feld(self, sheet, field: tuple[int, int, int, int], text: str, look: dict) -> None:
        """Text in the cells from first row and column to last row and column, merged."""
        first_row, first, last_row, last = field
        if (first_row, first) != (last_row, last):
            sheet.merge_range(first_row, first, last_row, last, "", self._format(look))
        self.text(sheet, first_row, first, text, look)

    def zeile(self, sheet, row: int, widths: list[int], zellen: list[Zelle], looks: list[dict]) -> int:
        """Cells side by side, as high as the longest text needs; return the next row."""
        for column, (zelle, look) in enumerate(zip(zellen, looks, strict=True)):
            if zelle.wert is None or not self._hat_platz(zelle.format):
                self.text(sheet, row, column, zelle.text, look)
            else:
                write = sheet.write_datetime if isinstance(zelle.wert, dt.date) else sheet.write_number
                write(row, column, zelle.wert, self._format(look | {"num_format": zelle.format, "text_wrap": False}))
        texts = zip((z.text if z.wert is None else "" for z in zellen), widths, strict=True)
        self.hoehe(sheet, row, max(zeilenzahl(text, width - EINZUG) for text, width in texts))
        return row + 1

    def text(self, sheet, row: int, column: int, text: str, look: dict) -> None:
        """Text that is text whatever it begins with; an empty one is an empty cell."""
        text = reiner_text(text)
        if not text:
            sheet.write_blank(row, column, None, self._format(look))
            return
        if text.startswith("<r>") and text.endswith("</r>"):  # the library would take it for its own markup
            text += " "
        # with the prefix it stays text also when somebody edits the cell
        prefix = {"quote_prefix": True} if text[0] in "=+-@" else {}
        sheet.write_string(row, column, text, self._format(look | prefix))

    def link(self, sheet, row: int, column: int, blatt: str, text: str, look: dict) -> None:
        """Text that leads to the beginning of a sheet of this workbook."""
        sheet.write_url(row, column, f"internal:'{blatt}'!A1", self._format(look | LINK), text)

    def _hat_platz(self, zahlformat: str) -> bool:
        if len(self.zahlformate) < _MEISTE_FORMATE:
            self.zahlformate.add(zahlformat)
        return zahlformat in self.zahlformate

    def _format(self, look: dict):
        key = tuple(sorted(look.items()))
        if key not in self.formate:
            self.formate[key] = self.book.add_format(look)
        return self.formate[key]


def zeilenzahl(text: str, width: float) -> int:
    """Lines that a text needs in a width counted in digits, rather too many than too few."""
    room = max(1, int(width * _BUCHSTABEN))
    return 1 if len(text) <= room else len(textwrap.wrap(text, room))
