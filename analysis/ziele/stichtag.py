"""Whether a goal catalogue can be reported on for a reference date, before anything is made."""

import datetime as dt

from analysis.dates import parse_stichtag
from analysis.ziele.katalog import Zielkatalog
from analysis.ziele.verlauf import in_kraft


def hindernis(katalog: Zielkatalog, stichtag: str = "", seit: str = "") -> str:
    """Reason why there can be no report for a reference date, as readers of the index see it; empty: there can be one.

    Parameters
    ----------
    stichtag
        Reference date; empty: the catalogue's own.
    seit
        Day after which changes are asked for; empty: a year before the reference date.

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
    if not any(in_kraft(ziel, day) for ziel in katalog.ziele):
        return f"Am {day:%d.%m.%Y} gilt kein Ziel des Zielkatalogs."
    return ""
