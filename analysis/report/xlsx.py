"""All tables of a report as one Excel workbook: a sheet each, real numbers that show what the page shows.

Nothing but the texts of the report goes in: a value has the digits that a reader sees, and no more.
"""

import datetime as dt
import html
import io
import re

from markupsafe import Markup

from analysis.errors import InputError
from analysis.report.blatt import SEITE, Spalte, breiten, kopffelder, spalten
from analysis.report.xlsx_schreiben import (
    EINZUG,
    GRUPPE,
    KOPF,
    LETZTE_SPALTE,
    LETZTE_ZEILE,
    LINIE,
    LINKS,
    RECHTS,
    TEXT,
    TITEL,
    Schreiber,
    zeilenzahl,
)
from analysis.report.zellwerte import Zelle, reiner_text

_ZEIT = dt.datetime(1980, 1, 1)  # as in the ZIP: equal reports are equal files


def tabellen(bericht: dict) -> list[dict]:
    """Tables of a report in reading order, also those of its figures.

    Each with `nummer` (`Tabelle 1`), `titel`, `einheit` and `zusatz` (the table's own title, if it is another one
    than that of its figure), which may be empty, and the `tabelle` of the content model.
    """
    found = []
    for block in (b for abschnitt in bericht["abschnitte"] for b in abschnitt["bloecke"] if "inhalt" in b):
        inhalt = block["inhalt"]
        tabelle = {"tabelle": inhalt, "abbildung": inhalt.get("daten")}.get(inhalt["art"])
        if tabelle:
            zusatz = tabelle["titel"] if tabelle["titel"] != inhalt["titel"] else ""
            parts = {"titel": inhalt["titel"], "einheit": inhalt.get("einheit", ""), "zusatz": zusatz}
            found.append({"nummer": block["nummer"]["text"], **parts, "tabelle": tabelle})
    return found


def arbeitsmappe(bericht: dict) -> bytes:
    """Workbook (.xlsx) with all tables of a report; equal reports give equal bytes.

    Parameters
    ----------
    bericht
        What `analysis.report.document.document` returns, with `herkunft` (pairs of name and text).

    Raises
    ------
    InputError
        No table, a text or a table that is too large for Excel, a text with half a character.
    """
    import xlsxwriter

    titel, found, w = bericht["kopf"]["titel"], tabellen(bericht), bericht["worte"]
    if not found:
        raise InputError(f"report {titel[:80]!r} has no table; expected at least one for a workbook")
    written, place = io.BytesIO(), w["inhalt"]
    try:
        book = xlsxwriter.Workbook(written, {"in_memory": True})
        book.set_properties({"title": reiner_text(titel), "author": "Kreisblick", "created": _ZEIT})
        schreiber = Schreiber(book, reiner_text(titel), w["mappe"]["seite"])
        names = blattnamen([teil["nummer"] for teil in found], w["inhalt"])
        _inhalt(schreiber, bericht, names, found)
        for place, teil in zip(names, found, strict=True):
            _blatt(schreiber, place, teil, w)
    except InputError as error:
        raise InputError(f"report {titel[:80]!r}, {place}: {error}") from None
    book.close()
    return written.getvalue()


def blattnamen(nummern: list[str], inhalt: str) -> list[str]:
    """Each number as a name that Excel accepts: 31 characters, none that has a meaning in formulas, but once."""
    taken, names = {inhalt.lower(), "history"}, []
    for nummer in nummern:
        spaces = reiner_text(nummer).translate(dict.fromkeys(map(ord, "[]:*?/\\'"), " "))
        name = base = " ".join(spaces.encode("utf-16-le")[:62].decode("utf-16-le", "ignore").split()) or "Tabelle"
        n = 1
        while name.lower() in taken:
            n += 1
            name = f"{base[: 26 - len(str(n))]} ({n})"
        taken.add(name.lower())
        names.append(name)
    return names


def _inhalt(schreiber: Schreiber, bericht: dict, names: list[str], found: list[dict]) -> None:
    """First sheet: what the report is, a row per table with a link to it, where the figures come from."""
    kopf, w, widths = bericht["kopf"], bericht["worte"], [22, 74, 44]
    sheet = schreiber.blatt(w["inhalt"], widths, quer=True)
    row = schreiber.band(sheet, 0, widths, kopf["titel"], TITEL)
    for text in (kopf["untertitel"], kopf["stand"], *w["mappe"]["hinweise"]):
        row = schreiber.band(sheet, row, widths, text, TEXT)
    headings, row = (w["mappe"]["blatt"], w["mappe"]["titel"], w["quelle"]), row + 1
    row = schreiber.zeile(sheet, row, widths, _texte(*headings), [KOPF | LINKS] * 3)
    for name, teil in zip(names, found, strict=True):
        cells = _texte(teil["nummer"], teil["titel"], teil["tabelle"]["quelle"])
        below = schreiber.zeile(sheet, row, widths, cells, [TEXT | LINIE | LINKS] * 3)
        schreiber.link(sheet, row, 0, name, teil["nummer"], LINIE | LINKS)
        row = below
    row += 1
    for pair in bericht.get("herkunft", []):
        row = schreiber.zeile(sheet, row, widths[:2], _texte(*pair), [TEXT | LINKS] * 2)


def _texte(*texte: str) -> list[Zelle]:
    return [Zelle(reiner_text(text)) for text in texte]


def _blatt(schreiber: Schreiber, name: str, teil: dict, w: dict) -> None:
    """Sheet of a table: title, unit, headings, rows in groups, notes, source, and the way back."""
    tabelle = teil["tabelle"]
    notes = [*map(_ohne_verweise, tabelle["hinweise"]), f"{w['quelle']}: {tabelle['quelle']}"]
    rows = sum(len(g["zeilen"]) + bool(g["titel"]) for g in tabelle["gruppen"])
    _passt(rows + len(notes) + len(tabelle["kopfzeilen"]) + 4, LETZTE_ZEILE, "rows")
    columns = spalten(tabelle, w["mappe"])
    _passt(len(columns), LETZTE_SPALTE, "columns")
    widths = breiten(columns)
    sheet = schreiber.blatt(name, widths, tabelle["quer"] or sum(widths) > SEITE[False])
    row = schreiber.band(sheet, 0, widths, f"{teil['nummer']}: {teil['titel']}", TITEL)
    for text, form in ((teil["einheit"], "({})"), (teil["zusatz"], w["mappe"]["daten"])):
        row = schreiber.band(sheet, row, widths, form.format(text), TEXT) if text else row
    top, row = row, _kopf(schreiber, sheet, row, tabelle, columns, widths)
    sheet.freeze_panes(row, 0)
    sheet.repeat_rows(top, row - 1)
    row = _gruppen(schreiber, sheet, row, tabelle, columns, widths)
    for text in notes:
        row = schreiber.band(sheet, row, widths, text, TEXT)
    schreiber.link(sheet, row, 0, w["inhalt"], w["mappe"]["zurueck"], {})


def _passt(count: int, most: int, what: str) -> None:
    if count > most:
        raise InputError(f"the sheet would have {count:,} {what}; Excel holds at most {most:,}")


def _ohne_verweise(text: str) -> str:
    """Plain text of a note, in which the document has made HTML links of references."""
    return html.unescape(re.sub(r"<[^>]+>", "", text)) if isinstance(text, Markup) else text


def _kopf(schreiber: Schreiber, sheet, row: int, tabelle: dict, columns: list[Spalte], widths: list[int]) -> int:
    """Headings of all levels, from `row` on; return the next row."""
    lines = [1] * len(tabelle["kopfzeilen"])
    for kopf in kopffelder(tabelle, columns):
        first, last, bottom = kopf.spalte, kopf.letzte_spalte, kopf.letzte_zeile
        align = {"align": "center"} if last > first else RECHTS if columns[first].zahl else LINKS
        schreiber.feld(sheet, (row + kopf.zeile, first, row + bottom, last), kopf.titel, KOPF | align)
        needed = zeilenzahl(kopf.titel, sum(widths[first : last + 1]) - EINZUG) - (bottom - kopf.zeile)
        lines[bottom] = max(lines[bottom], needed)
    for level, count in enumerate(lines):
        schreiber.hoehe(sheet, row + level, count)
    return row + len(lines)


def _gruppen(schreiber: Schreiber, sheet, row: int, tabelle: dict, columns: list[Spalte], widths: list[int]) -> int:
    """Rows of the table under their subheadings, from `row` on; return the next row."""
    cells = zip(*(spalte.zellen for spalte in columns), strict=True)
    looks = [TEXT | LINIE | (RECHTS if spalte.zahl else LINKS) for spalte in columns]
    for gruppe in tabelle["gruppen"]:
        if gruppe["titel"]:
            row = schreiber.band(sheet, row, widths, gruppe["titel"], GRUPPE, least=0)
        for number in range(len(gruppe["zeilen"])):
            set_off = {"bold": True} if number in gruppe["hervor"] else {}
            row = schreiber.zeile(sheet, row, widths, next(cells), [look | set_off for look in looks])
    return row
