"""Whether there can be a report on a goal catalogue for a reference date, before anything is made."""

import datetime as dt

from analysis.dates import parse_stichtag
from analysis.ziele.katalog import Zielkatalog
from analysis.ziele.verlauf import am


def hindernis(katalog: Zielkatalog, stichtag: str = "", seit: str = "", zahlen: bool = True) -> str:
    """Reason why there can be no report for a reference date, as readers of the index see it; empty: there can be one.

    Parameters
    ----------
    stichtag
        Reference date; empty: the catalogue's own.
    seit
        Day after which changes are asked for; empty: a year before the reference date.
    zahlen
        Whether there are any figures of the Kreis, which a report needs whose goals name indicators.

    Raises
    ------
    InputError
        A date that does not exist.
    """
    day: dt.date = parse_stichtag(stichtag) if stichtag else katalog.stand
    if day < katalog.anfang:
        return f"Der Zielkatalog gilt erst ab {katalog.anfang:%d.%m.%Y}. Der Stichtag {day:%d.%m.%Y} liegt davor."
    if seit and (since := parse_stichtag(seit)) > day:
        return f"Änderungen nach dem {since:%d.%m.%Y} gibt es am Stichtag {day:%d.%m.%Y} noch nicht."
    goals = am(katalog, day).ziele
    if not goals:
        return f"Am {day:%d.%m.%Y} gilt kein Ziel des Zielkatalogs."
    if not zahlen and any(ziel.indikatoren for ziel in goals):
        return "Die Ziele nennen Kennzahlen, aber zu diesem Kreis liegen keine Zahlen vor."
    return ""
