"""Deadlines as a calendar file (iCalendar, RFC 5545); equal catalogues give equal files."""

import datetime as dt

from analysis.ziele.auswertung import faellig
from analysis.ziele.katalog import ABGESCHLOSSEN, UMSETZUNG, Ziel, Zielkatalog
from analysis.ziele.verlauf import am

WIEDERHOLUNGEN = 5
"""Years for which a yearly deadline without an end stands in the calendar: as far as such strategies plan."""

_MOST_BYTES = 75
"""Bytes of a line; a longer one goes on in the next, which begins with a space."""


def kalender(katalog: Zielkatalog) -> bytes:
    """Every deadline from the catalogue's own date on as an event of its day, yearly ones as repeating events.

    Done, abandoned and struck goals are left out. A yearly event ends with the last year of its deadline, else after
    `WIEDERHOLUNGEN` years. The time stamp is the catalogue's own date and the identifiers are made of Kreis and code,
    so that a calendar that reads a newer file replaces its events.

    Returns
    -------
    bytes
        Empty where there is no event: a calendar without any is none.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Kreisblick//Zielkatalog//DE", "CALSCALE:GREGORIAN",
             f"X-WR-CALNAME:{_text(katalog.titel)}"]  # fmt: skip
    events = [line for ziel in am(katalog, katalog.stand).ziele for line in _event(katalog, ziel)]
    return b"".join(_folded(line) for line in [*lines, *events, "END:VCALENDAR"]) if events else b""


def _event(katalog: Zielkatalog, ziel: Ziel) -> list[str]:
    """Lines of the event of a goal; none where its deadline has no day, or only days before the catalogue's own."""
    day, again = faellig(ziel, katalog, katalog.stand)
    first = again or day
    closed = ziel.umsetzung == "aufgegeben" or (ziel.umsetzung in ABGESCHLOSSEN and again is None)
    if first is None or first < katalog.stand or closed:
        return []
    bodies = ", ".join(dict.fromkeys(katalog.stellennamen[s] for s in katalog.geerbt(ziel, "zustaendig")))
    about = [f"{katalog.nach_ebene[ziel.ebene].name} {ziel.code}", f"Frist: {ziel.frist.text}",
             f"Zuständig: {bodies or 'keine Angabe'}", f"Stand: {UMSETZUNG[ziel.umsetzung]}"]  # fmt: skip
    rule = []
    if again:
        count = ziel.frist.bis - again.year + 1 if ziel.frist.bis else WIEDERHOLUNGEN
        last_of_february = ";BYMONTH=2;BYMONTHDAY=-1" if (ziel.frist.monat, ziel.frist.tag_im_monat) == (2, 29) else ""
        rule = [f"RRULE:FREQ=YEARLY{last_of_february};COUNT={count}"]
        about.append(f"Eingetragen bis {again.year + count - 1}")
    return [
        "BEGIN:VEVENT",
        f"UID:{katalog.kreis}-{_ascii(ziel.code)}@zielkatalog.kreisblick",
        f"DTSTAMP:{katalog.stand:%Y%m%d}T000000Z",
        f"DTSTART;VALUE=DATE:{first:%Y%m%d}",
        f"DTEND;VALUE=DATE:{first + dt.timedelta(days=1):%Y%m%d}",
        *rule,
        f"SUMMARY:{_text(f'{ziel.code}: {ziel.text}')}",
        f"DESCRIPTION:{_text(chr(10).join(about))}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _text(text: str) -> str:
    """Text value with its separators marked; other control characters are none."""
    text = "".join(sign for sign in text if sign == "\n" or sign >= " " and sign != "\x7f")
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\n", "\\n")


def _ascii(code: str) -> str:
    return "".join(sign if sign.isascii() and (sign.isalnum() or sign in ".-") else f"_{ord(sign):x}" for sign in code)


def _folded(line: str) -> bytes:
    """Line in parts of at most 75 bytes, none cutting a character."""
    parts, part = [], b""
    for sign in line:
        encoded = sign.encode()
        if len(part) + len(encoded) > _MOST_BYTES:
            parts.append(part)
            part = b" "
        part += encoded
    return b"\r\n".join([*parts, part]) + b"\r\n"
