"""Deadlines as a calendar file (iCalendar, RFC 5545); equal catalogues give equal files."""

import datetime as dt

from analysis.ziele.katalog import ABGESCHLOSSEN, UMSETZUNG, Ziel, Zielkatalog

_MOST_BYTES = 75
"""Bytes of a line; a longer one goes on in the next, which begins with a space."""


def kalender(katalog: Zielkatalog) -> bytes:
    """Every deadline with a day as an event of that day, yearly ones as repeating events; done goals are left out.

    The time stamp is the catalogue's own date and the identifiers are made of Kreis and code, so that a calendar that
    reads a newer file replaces its events.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Kreisblick//Zielkatalog//DE", "CALSCALE:GREGORIAN",
             f"X-WR-CALNAME:{_text(katalog.titel)}"]  # fmt: skip
    for ziel in katalog.ziele:
        if ziel.umsetzung not in ABGESCHLOSSEN and ziel.frist and ziel.frist.art != "bedingt":
            lines += _event(katalog, ziel)
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def _event(katalog: Zielkatalog, ziel: Ziel) -> list[str]:
    first = dt.date(max(ziel.frist.ab, katalog.stand.year), 1, 1) if ziel.frist.art == "jaehrlich" else katalog.stand
    day = ziel.frist.naechste(first)
    bodies = ", ".join(dict.fromkeys(katalog.stellennamen[s] for s in katalog.geerbt(ziel, "zustaendig")))
    about = [f"{katalog.nach_ebene[ziel.ebene].name} {ziel.code}", f"Frist: {ziel.frist.text}",
             f"Zuständig: {bodies or 'niemand genannt'}", f"Stand: {UMSETZUNG[ziel.umsetzung]}"]  # fmt: skip
    return [
        "BEGIN:VEVENT",
        f"UID:{katalog.kreis}-{_ascii(ziel.code)}@zielkatalog.kreisblick",
        f"DTSTAMP:{katalog.stand:%Y%m%d}T000000Z",
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day + dt.timedelta(days=1):%Y%m%d}",
        *(["RRULE:FREQ=YEARLY"] if ziel.frist.art == "jaehrlich" else []),
        f"SUMMARY:{_text(f'{ziel.code}: {ziel.text}')}",
        f"DESCRIPTION:{_text(chr(10).join(about))}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _text(text: str) -> str:
    """Text value with its separators marked."""
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
