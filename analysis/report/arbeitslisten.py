"""Work lists: an Excel workbook with one sheet of goals per responsible body."""

import datetime as dt
import io

import pandas as pd

from analysis.report.xlsx import blattnamen
from analysis.report.xlsx_schreiben import KOPF, LINIE, LINKS, TEXT, TITEL, Schreiber
from analysis.report.zellwerte import Zelle, reiner_text

SPALTEN = {"Ziel": 11, "Ebene": 16, "Wortlaut": 62, "Frist": 22, "Lage der Frist": 24, "Stand": 16, "Bemerkung": 30}
"""Headings of a sheet and the widths of their columns; the last one is for notes."""

NIEMAND = "keine Zuständigen genannt"
"""Sheet of the goals that name no responsible body."""

_INHALT = "Inhalt"
_BREITEN = [34, 60, 12]
_ZEIT = dt.datetime(1980, 1, 1)  # as in the ZIP: equal lists are equal files


def arbeitslisten(listen: dict[str, pd.DataFrame], *, titel: str, quelle: str) -> bytes:
    """Workbook (.xlsx) with contents and one printable sheet per body; equal lists give equal bytes.

    Parameters
    ----------
    listen
        Body → rows of ready texts with the headings of `SPALTEN` (all but the last, which stays empty).
    titel, quelle
        Title of the workbook; where the goals come from, with the reference date.
    """
    import xlsxwriter

    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, {"in_memory": True})
    book.set_properties({"title": reiner_text(titel), "author": "Kreisblick", "created": _ZEIT})
    schreiber = Schreiber(book, reiner_text(titel), "Seite {} von {}")
    names = blattnamen(list(listen), _INHALT)
    sheet = schreiber.blatt(_INHALT, _BREITEN, quer=False)
    row = schreiber.band(sheet, 0, _BREITEN, titel, TITEL)
    row = schreiber.band(sheet, row, _BREITEN, f"Quelle: {quelle}", TEXT) + 1
    heads = [Zelle("Blatt"), Zelle("Zuständig"), Zelle("Ziele")]
    row = schreiber.zeile(sheet, row, _BREITEN, heads, [KOPF | LINKS] * 3)
    for name, (stelle, table) in zip(names, listen.items(), strict=True):
        cells = [Zelle(name), Zelle(reiner_text(stelle)), Zelle(str(len(table)), len(table), "0")]
        below = schreiber.zeile(sheet, row, _BREITEN, cells, [TEXT | LINIE | LINKS] * 3)
        schreiber.link(sheet, row, 0, name, name, LINIE | LINKS)
        row = below
    for name, (stelle, table) in zip(names, listen.items(), strict=True):
        _sheet(schreiber, name, stelle, table, quelle)
    book.close()
    return written.getvalue()


def _sheet(schreiber: Schreiber, name: str, stelle: str, table: pd.DataFrame, quelle: str) -> None:
    widths = list(SPALTEN.values())
    sheet = schreiber.blatt(name, widths, quer=True)
    row = schreiber.band(sheet, 0, widths, f"Arbeitsliste: {stelle}", TITEL)
    top, row = row, schreiber.zeile(sheet, row, widths, [Zelle(t) for t in SPALTEN], [KOPF | LINKS] * len(widths))
    sheet.freeze_panes(row, 0)
    sheet.repeat_rows(top, row - 1)
    for line in table.itertuples(index=False):
        cells = [Zelle(reiner_text(str(text))) for text in (*line, "")]
        row = schreiber.zeile(sheet, row, widths, cells, [TEXT | LINIE | LINKS] * len(widths))
    schreiber.band(sheet, row + 1, widths, f"Quelle: {quelle}", TEXT)
    schreiber.link(sheet, row + 2, 0, _INHALT, "Zurück zum Inhalt", LINKS)
