"""From the text of a cell to what a workbook holds: number or date with a format that shows the same text again.

The value has exactly the digits that a reader sees, nothing is taken from anywhere else. Whatever is not surely a
number stays text.
"""

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal

from analysis.errors import InputError
from analysis.wording import MINUS, NBSP

LAENGSTER_TEXT = 32_767
"""What a cell of Excel can hold, in UTF-16 units."""

_LAENGSTES_FORMAT, _MEISTE_ZIFFERN = 250, 15
_TAG_FORMAT = "dd.mm.yyyy"

_LEER = f"[ {NBSP}\u202f]"
_GANZ = r"(?:[1-9][0-9]{0,2}(?:\.[0-9]{3})+|0|[1-9][0-9]*)"
_WORT = r"(?:€|[^\W\d_](?:[^\W\d_]|[-./²³])*)"
_BEZUG = f"(?:je|von){_LEER}(?:{_GANZ}(?:{_LEER}{_WORT})?|{_WORT})"
_EINHEIT = f"{_LEER}?[%‰]|{_LEER}(?:{_BEZUG}|{_WORT}(?:{_LEER}{_BEZUG})?)"
_VOR = rf"(?:rund|etwa){_LEER}|\+"
_NACH = rf'(?P<einheit>{_EINHEIT})?(?P<hinweis>{_LEER}\([^"()]+\))?'
_BETRAG = f"{_GANZ}(?:,[0-9]+)?"

_ZAHL = re.compile(f"(?P<vor>{_VOR})?(?P<minus>{MINUS})?(?P<betrag>{_BETRAG}){_NACH}")
_SPANNE = re.compile(
    rf"(?P<vor>rund{_LEER})?(?P<von>{MINUS}?{_BETRAG}){_LEER}bis{_LEER}(?P<bis>{MINUS}?{_BETRAG})(?P<nach>{_NACH})"
)
_TAG = re.compile(r"([0-9]{2})\.([0-9]{2})\.([0-9]{4})")
_VERBOTEN = re.compile("[\x00-\x08\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True)
class Zelle:
    """A cell: the text that it shows and, for a number or a date, its value and number format."""

    text: str
    wert: Decimal | dt.date | None = None
    format: str = ""


def reiner_text(text: str) -> str:
    """Text as a reader sees it on the page: white space as one space, without characters that no XML can hold.

    Raises
    ------
    InputError
        The text is longer than a cell can hold, or half a character (a lone surrogate).
    """
    shown = re.sub("[ \t\r\n\f\v]+", " ", _VERBOTEN.sub("", text)).strip(" ")
    try:
        units = len(shown.encode("utf-16-le")) // 2
    except UnicodeEncodeError:
        raise InputError(f"the text {ascii(shown[:40])} has half a character; expected whole ones") from None
    if units > LAENGSTER_TEXT:
        raise InputError(
            f"the text {shown[:40]!r}... has {units:,} characters; a cell of a workbook holds at most "
            f"{LAENGSTER_TEXT:,}"
        )
    return shown


def zelle(text: str, zahl: bool) -> Zelle:
    """Cell for a text: a date is a date everywhere, a number only in columns of numbers (`zahl`)."""
    return _tag(text) or (als_zahl(text) if zahl else None) or Zelle(text)


def als_zahl(text: str) -> Zelle | None:
    """Number in German with all that stands around it: `89.393`, `7,1 %`, `−3`, `rund 28 je 1.000 (geschätzt)`.

    Per cent become a share of 0..1 in a format of per cent; four digits without a point, as in `2019`, get none.
    None for anything else: words, keys such as `01051`, more than 15 digits.
    """
    match = _ZAHL.fullmatch(text)
    if not match:
        return None
    ganz, komma, bruch = match["betrag"].partition(",")
    ziffern = ganz.replace(".", "")
    vor, minus = match["vor"] or "", match["minus"] or ""
    einheit, hinweis = match["einheit"] or "", match["hinweis"] or ""
    punkte = "." in ganz or (len(ganz) <= 3 and not einheit.endswith("%"))
    stellen = ("#,##0" if punkte else "0") + ("." + "0" * len(bruch) if komma else "")
    wert = Decimal(f"{ziffern}.{bruch}" if komma else ziffern)
    if einheit.endswith("%"):
        wert = wert.scaleb(-2)
        nach = f"{_wortlich(einheit[:-1])}%{_wortlich(hinweis)}"
    else:
        nach = _wortlich(einheit + hinweis)
    form = f"{_wortlich(vor)}{stellen}{nach}"
    if minus:  # the sign of the application would be a hyphen
        form = f"{form};{_wortlich(vor + minus)}{stellen}{nach}"
    if len(form) > _LAENGSTES_FORMAT or len(ziffern + bruch) > _MEISTE_ZIFFERN or (minus and not wert):
        return None
    return Zelle(text, -wert if minus else wert, form)


def als_spanne(text: str) -> tuple[Zelle, Zelle] | None:
    """Both ends of a range: `rund 13,6 bis 14,1 %` → `rund 13,6 %` and `rund 14,1 %`; None for anything else."""
    match = _SPANNE.fullmatch(text)
    if not match:
        return None
    von, bis = (als_zahl(f"{match['vor'] or ''}{match[ende]}{match['nach']}") for ende in ("von", "bis"))
    return (von, bis) if von and bis else None


def _tag(text: str) -> Zelle | None:
    match = _TAG.fullmatch(text)
    if not match:
        return None
    tag, monat, jahr = map(int, match.groups())
    try:
        datum = dt.date(jahr, monat, tag)
    except ValueError:
        return None
    # before March 1900 Excel counts a day that never was
    return Zelle(text, datum, _TAG_FORMAT) if datum >= dt.date(1900, 3, 1) else None


def _wortlich(text: str) -> str:
    return f'"{text}"' if text else ""
