"""The calendar of deadlines, read by the rules of RFC 5545 alone."""

import datetime as dt
import re
from dataclasses import replace

import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from test_zielauswertung import TAG, katalog, ziel

from analysis.ziele.kalender import kalender
from analysis.ziele.katalog import Aenderung
from analysis.ziele.lesen import dateien, lesen

_CONTENT_LINE = re.compile(r"([A-Z0-9-]+)((?:;[A-Z0-9-]+=[^\";:,]+)*):(.*)", re.DOTALL)
_ONCE = ("UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "TRANSP", "RRULE")


def components(content: bytes) -> tuple[dict, list[dict]]:
    """Properties of the calendar and of each event: lines unfolded and parted (3.1), text unmarked (3.3.11)."""
    assert content.endswith(b"\r\n") and b"\n" not in content.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    lines = content.decode("utf-8").replace("\r\n ", "").split("\r\n")[:-1]
    assert not any(ord(sign) < 32 or ord(sign) == 127 for line in lines for sign in line)
    parted = [_CONTENT_LINE.fullmatch(line).groups() for line in lines]
    assert parted[0] == ("BEGIN", "", "VCALENDAR") and parted[-1] == ("END", "", "VCALENDAR")
    calendar, events, open_event = {}, [], None
    for name, parameters, value in parted[1:-1]:
        if (name, value) == ("BEGIN", "VEVENT"):
            assert open_event is None
            open_event = {}
        elif (name, value) == ("END", "VEVENT"):
            events.append(open_event)
            open_event = None
        else:
            into = calendar if open_event is None else open_event
            assert name not in into
            into[name] = (parameters, unmarked(value) if name in ("SUMMARY", "DESCRIPTION", "X-WR-CALNAME") else value)
    assert open_event is None and calendar["VERSION"] == ("", "2.0") and calendar["PRODID"][1]
    return calendar, events


def unmarked(value: str) -> str:
    assert not re.search(r"(?<!\\)(?:\\\\)*[;,]", value) and not re.search(r"(?<!\\)(?:\\\\)*\\[^\\;,nN]", value)
    return re.sub(r"\\(.)", lambda m: "\n" if m[1] in "nN" else m[1], value)


def days(event: dict) -> list[dt.date]:
    """All days of an event by its rule (3.3.10), for the yearly rules that occur here."""
    assert event["DTSTART"][0] == event["DTEND"][0] == ";VALUE=DATE"
    first, behind = (dt.datetime.strptime(event[name][1], "%Y%m%d").date() for name in ("DTSTART", "DTEND"))
    assert behind - first == dt.timedelta(days=1)
    if "RRULE" not in event:
        return [first]
    rule = dict(part.split("=") for part in event["RRULE"][1].split(";"))
    years = range(first.year, first.year + int(rule["COUNT"]))
    assert rule["FREQ"] == "YEARLY" and set(rule) - {"FREQ", "COUNT"} in (set(), {"BYMONTH", "BYMONTHDAY"})
    if "BYMONTH" in rule:
        assert (rule["BYMONTH"], rule["BYMONTHDAY"]) == ("2", "-1")
        return [dt.date(year, 3, 1) - dt.timedelta(days=1) for year in years]
    return [first.replace(year=year) for year in years]


def read(*ziele) -> dict[str, dict]:
    return {event["SUMMARY"][1].split(":")[0]: event for event in components(kalender(katalog(*ziele)))[1]}


def test_signs_that_mean_something_are_marked_and_come_back():
    text = "Ä" * 80 + "; mit Komma, und \\ und\nneuer Zeile"
    found = read(ziel("1", frist="31.03.2025", text=text), ziel("Ü 2", frist="31.03.2025", zustaendig=("Amt 1",)))
    assert found["1"]["SUMMARY"][1] == f"1: {text}"
    assert found["Ü 2"]["UID"][1] == "99099-_dc_202@zielkatalog.kreisblick"
    assert found["Ü 2"]["DESCRIPTION"][1].split("\n")[2] == "Zuständig: Amt A"
    assert found["1"]["DTSTAMP"][1] == "20250131T000000Z"


def test_only_open_deadlines_with_a_day_from_the_catalogue_on():
    struck = Aenderung(dt.date(2025, 1, 30), "a", was="gestrichen")
    found = read(
        ziel("vorbei", frist="30.01.2025", umsetzung="laufend"),
        ziel("heute", frist="31.01.2025"),
        ziel("bedingt", frist="bedingt, sobald"),
        ziel("erledigt", frist="Jahresende 2025", umsetzung="erledigt"),
        ziel("aufgegeben", frist="jährlich", umsetzung="aufgegeben"),
        ziel("gestrichen", frist="31.12.2025", verlauf=(struck,)),
        ziel("ohne"),
    )
    assert list(found) == ["heute"]
    assert kalender(katalog(ziel("ohne"))) == b""


@pytest.mark.parametrize(
    ("frist", "state", "first", "last"),
    [
        ("jährlich zum 30.01.", "laufend", "2026-01-30", "2030-01-30"),
        ("jährlich zum 31.01.", "laufend", "2025-01-31", "2029-01-31"),
        ("jährlich ab 2027", "laufend", "2027-12-31", "2031-12-31"),
        ("jährlich zum 30.11. bis 2027", "laufend", "2025-11-30", "2027-11-30"),
        ("jährlich zum 30.11.", "erledigt", "2026-11-30", "2030-11-30"),
        ("jährlich zum 29.02.", "laufend", "2025-02-28", "2029-02-28"),
        ("jährlich zum 29.02. ab 2028", "laufend", "2028-02-29", "2032-02-29"),
    ],
)
def test_yearly_deadlines_come_again_and_end(frist, state, first, last):
    (event,) = read(ziel("1", frist=frist, umsetzung=state)).values()
    found = days(event)
    assert (f"{found[0]:%Y-%m-%d}", f"{found[-1]:%Y-%m-%d}") == (first, last)
    assert len(found) == found[-1].year - found[0].year + 1
    assert event["DESCRIPTION"][1].endswith(f"Eingetragen bis {last[:4]}")


def test_a_yearly_deadline_that_has_ended_is_not_there():
    assert kalender(katalog(ziel("1", frist="jährlich bis 2024"))) == b""


@pytest.mark.parametrize("ags", ["16068", "99099"])
def test_the_calendars_of_the_shipped_catalogues(ags):
    made = lesen(dateien()[ags])
    calendar, events = components(kalender(made))
    assert calendar["X-WR-CALNAME"][1] == made.titel and events
    assert all(min(days(event)) >= made.stand for event in events)
    assert len({event["UID"][1] for event in events}) == len(events)
    assert all(set(event) <= set(_ONCE) for event in events)
    assert kalender(made) == kalender(lesen(dateien()[ags]))
    later = components(kalender(replace(made, stand=made.stand + dt.timedelta(days=1))))[1]
    assert {e["UID"] for e in later} <= {e["UID"] for e in events}
    assert {e["DTSTAMP"][1] for e in later} == {f"{made.stand + dt.timedelta(days=1):%Y%m%d}T000000Z"}


def test_the_report_has_no_calendar_where_no_day_is_named():
    assert kalender(lesen(ROOT / "data" / "ziele" / "16070_ilm_kreis.yaml")) == b""


@settings(deadline=None, max_examples=60)
@given(text=st.text(min_size=1, max_size=200).filter(str.strip), code=st.text(min_size=1, max_size=20))
def test_any_text_gives_a_calendar_that_can_be_read(text, code):
    (event,) = components(kalender(katalog(ziel(code, text=text, frist=f"{TAG:%d.%m.%Y}"))))[1]
    plain = "".join(sign for sign in f"{code}: {text}" if sign == "\n" or sign >= " " and sign != "\x7f")
    assert event["SUMMARY"][1] == plain
