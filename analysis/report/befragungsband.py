"""The volume of tables of a survey: an Excel workbook with contents, notes on reading, and one sheet per question.

Only a table that can be shown goes in (`analysis.survey.reliability.publishable`): what is hidden there is not in the
file.
"""

import datetime as dt
import io
from collections.abc import Mapping

import pandas as pd

from analysis.codebook import Codebuch, Frage
from analysis.errors import InputError
from analysis.report.xlsx import blattnamen
from analysis.report.xlsx_schreiben import (
    EINZUG,
    GRUPPE,
    KOPF,
    LINIE,
    LINKS,
    RECHTS,
    TEXT,
    TITEL,
    Schreiber,
    zeilenzahl,
)
from analysis.report.zellwerte import Zelle, als_zahl, reiner_text
from analysis.wording import NBSP, zahl

SPALTEN = {
    "Gebiet": 26, "Antwort": 34, "Befragte": 11, "davon so": 11, "Wert": 11, "Standardfehler": 16,
    "Intervall: von": 11, "Intervall: bis": 11, "Zeichen": 10,
}  # fmt: skip
"""Headings of a sheet and the widths of their columns."""

_ZEIT = dt.datetime(1980, 1, 1)  # as in the ZIP: equal tables are equal files
_INHALT, _ZURUECK = "Inhalt", "Zurück zum Inhalt"
_BREITEN = [22, 74, 44]
_ZAHLENSPALTEN = 2

LESEHILFE = (
    "Jede Frage hat ein Blatt. „Befragte“ ist die ungewichtete Zahl derer, die gültig geantwortet haben; auf sie "
    "beziehen sich Anteile und Mittelwerte. „davon so“ ist die ungewichtete Zahl mit dieser Antwort.",
    "Anteile, Mittelwerte, Standardfehler und Intervalle sind gewichtet und berücksichtigen, wie die Stichprobe "
    "gezogen wurde. Das Intervall überdeckt den Wert aller Menschen, für die die Befragung steht, in etwa {niveau} "
    "von 100 solchen Befragungen.",
    "Ob sich zwei Gebiete unterscheiden, lässt sich nicht daran ablesen, ob sich ihre Intervalle überschneiden.",
    "Bei Fragen mit mehreren Antworten ergeben die Anteile zusammen nicht 100 %.",
    "/ kein Wert, weil zu unsicher; ( ) eingeschränkt sicher; . kein Wert, weil er etwas über einzelne Personen "
    "verraten könnte; x nicht sinnvoll.",
)
"""How to read the volume; `{niveau}` is the level of the intervals in per cent."""


def befragungsband(
    tabelle: pd.DataFrame,
    codebuch: Codebuch,
    *,
    titel: str,
    quelle: str,
    niveau: float = 0.95,
    hinweise: list[str] | None = None,
    raumnamen: Mapping[str, str] | None = None,
) -> bytes:
    """Workbook (.xlsx) with all tables of a survey; equal tables give equal bytes.

    Parameters
    ----------
    tabelle
        What `publishable` returns.
    titel, quelle
        Title of the volume; where the figures come from, with the time of the survey.
    niveau
        Level of the intervals, as given to `tabulate`.
    hinweise
        What else must be known: weighting, limits of the signs, treatment of filters.
    raumnamen
        Key of an area → its name; keys without a name stay as they are.

    Raises
    ------
    InputError
        The table has no signs, no rows, a question that is not in the codebook, or a text too long for a cell.
    """
    import xlsxwriter

    if "grund" not in tabelle:
        raise InputError(f"volume {titel!r}: the table has no signs; expected what publishable returns")
    if tabelle.empty:
        raise InputError(f"volume {titel!r}: the table has no rows")
    questions = [codebuch.frage(str(key)) for key in tabelle.frage.unique()]
    written = io.BytesIO()
    book = xlsxwriter.Workbook(written, {"in_memory": True})
    book.set_properties({"title": reiner_text(titel), "author": "Kreisblick", "created": _ZEIT})
    schreiber = Schreiber(book, reiner_text(titel), "Seite {} von {}")
    names = blattnamen([frage.key for frage in questions], _INHALT)
    notes = [text.format(niveau=zahl(niveau * 100)) for text in LESEHILFE] + list(hinweise or [])
    _contents(schreiber, titel, quelle, notes, names, questions)
    shown = tabelle.assign(raum=tabelle.raum.astype(str).map(lambda key: (raumnamen or {}).get(key, key)))
    parts = dict(iter(shown.groupby(shown.frage.astype(str), sort=False)))
    for name, frage in zip(names, questions, strict=True):
        _sheet(schreiber, name, frage, parts[frage.key], quelle)
    book.close()
    return written.getvalue()


def _contents(schreiber: Schreiber, titel: str, quelle: str, notes, names, questions: list[Frage]) -> None:
    sheet = schreiber.blatt(_INHALT, _BREITEN, quer=True)
    row = schreiber.band(sheet, 0, _BREITEN, titel, TITEL)
    for text in (*notes, f"Quelle: {quelle}"):
        row = schreiber.band(sheet, row, _BREITEN, text, TEXT)
    heads = [Zelle("Blatt"), Zelle("Frage"), Zelle("Teil")]
    row = schreiber.zeile(sheet, row + 1, _BREITEN, heads, [KOPF | LINKS] * 3)
    for name, frage in zip(names, questions, strict=True):
        cells = [Zelle(name), Zelle(reiner_text(_text(frage))), Zelle(frage.batterie)]
        below = schreiber.zeile(sheet, row, _BREITEN, cells, [TEXT | LINIE | LINKS] * 3)
        schreiber.link(sheet, row, 0, name, name, LINIE | LINKS)
        row = below


def _text(frage: Frage) -> str:
    return frage.text or frage.items[0].label or frage.key


def _sheet(schreiber: Schreiber, name: str, frage: Frage, part: pd.DataFrame, quelle: str) -> None:
    """Sheet of a question: its text, base, a block of rows per item, notes, source, and the way back."""
    widths = list(SPALTEN.values())
    sheet = schreiber.blatt(name, widths, quer=True)
    row = schreiber.band(sheet, 0, widths, f"{frage.key}: {_text(frage)}", TITEL)
    row = schreiber.band(sheet, row, widths, f"Basis: {part.basis.iloc[0]}", TEXT)
    looks = [KOPF | (RECHTS if n >= _ZAHLENSPALTEN else LINKS) for n in range(len(widths))]
    top, row = row, schreiber.zeile(sheet, row, widths, [Zelle(text) for text in SPALTEN], looks)
    schreiber.hoehe(sheet, top, max(zeilenzahl(t, w - EINZUG) for t, w in SPALTEN.items()))
    sheet.freeze_panes(row, 0)
    sheet.repeat_rows(top, row - 1)
    labels = {m.spalte: m.label for m in frage.items}
    looks = [TEXT | LINIE | (RECHTS if n >= _ZAHLENSPALTEN else LINKS) for n in range(len(widths))]
    several = len(frage.items) > 1 and frage.typ != "mehrfach"
    for column, block in part.groupby(part.merkmal.astype(str), sort=False) if several else [("", part)]:
        if several:
            row = schreiber.band(sheet, row, widths, labels[column] or column, GRUPPE, least=0)
        for line in block.itertuples(index=False):
            row = schreiber.zeile(sheet, row, widths, _cells(line, frage, labels), looks)
    if part.fest.any():
        row = schreiber.band(sheet, row, widths, "Werte ohne Fehler sind durch die Gewichtung festgelegt.", TEXT)
    row = schreiber.band(sheet, row, widths, f"Quelle: {quelle}", TEXT)
    schreiber.link(sheet, row, 0, _INHALT, _ZURUECK, {})


def _cells(line, frage: Frage, labels: dict[str, str]) -> list[Zelle]:
    """Cells of a row of the table; where there is no value, its sign stands instead."""
    share = line.kennzahl == "anteil"
    answer = labels[line.merkmal] or line.merkmal if frage.typ == "mehrfach" else line.label if share else "Mittelwert"
    unit = "" if share or not frage.einheit else f" ({frage.einheit})"
    value = line.anteil if share else line.mittelwert
    figures = [_figure(x, share, line.zeichen) for x in (value, line.se, line.unten, line.oben)]
    return [
        Zelle(reiner_text(line.raum)),
        Zelle(reiner_text(f"{answer}{unit}")),
        _count(line.n, line.zeichen),
        _count(line.n_zelle, line.zeichen),
        *figures,
        Zelle(line.zeichen),
    ]


def _count(count, sign: str) -> Zelle:
    return Zelle(sign) if pd.isna(count) else als_zahl(zahl(int(count)))


def _figure(value: float, share: bool, sign: str) -> Zelle:
    """A share in per cent with one digit, a mean with two; in brackets if its reliability is limited."""
    if pd.isna(value):
        return Zelle(sign or "x")
    text = f"{zahl(100 * value, 1)}{NBSP}%" if share else zahl(value, 2)
    cell = als_zahl(text) or Zelle(text)
    if sign != "( )" or cell.wert is None:
        return cell
    # a negative number has a form of its own
    form = ";".join(f'"("{part}")"' for part in cell.format.split(";"))
    return Zelle(f"({text})", cell.wert, form)
