"""A goal catalogue as it was on a day: which goals were in force, and what each of them said then."""

import datetime as dt
from dataclasses import replace

import pandas as pd

from analysis.ziele import frist
from analysis.ziele.katalog import Aenderung, Ziel, Zielkatalog

TRENNER = ";"
"""Sign between several bodies or indicators in the history."""


def am(katalog: Zielkatalog, tag: dt.date) -> Zielkatalog:
    """Catalogue with the goals in force on a day, each with its place, wording, deadline, bodies and state of that day.

    A goal that was added later or struck until then is not in it. One whose goal above was added later stands below
    the nearest goal that was there, and keeps the Themenfeld and the Lebenslage that it has.
    """
    there = {z.code for z in katalog.ziele if in_kraft(z, tag)}
    goals = tuple(_then(katalog, z, there, tag) for z in katalog.ziele if z.code in there)
    return replace(katalog, ziele=goals, beginn=katalog.anfang)


def in_kraft(ziel: Ziel, tag: dt.date) -> bool:
    """Whether a goal was in the catalogue on a day: added until then, and not struck since."""
    changes = [a for a in ziel.verlauf if a.was in ("neu", "gestrichen")]
    until = [a for a in changes if a.datum <= tag]
    return until[-1].was == "neu" if until else not changes or changes[0].was == "gestrichen"


def gestrichene(katalog: Zielkatalog, tag: dt.date) -> pd.DataFrame:
    """Goals that were struck until a day and are not in force on it.

    Returns
    -------
    pandas.DataFrame
        `code`, `ebene`, `feld` (also that of the goal above), `tiefe`, `text`, `datum` (when it was struck), `grund`,
        `beschluss`, in the order of the catalogue.
    """
    rows = []
    for z in katalog.ziele:
        struck = [a for a in z.verlauf if a.was == "gestrichen" and a.datum <= tag]
        if struck and not in_kraft(z, tag):
            last = struck[-1]
            rows.append(
                {"code": z.code, "ebene": z.ebene, "feld": katalog.geerbt(z, "feld"), "tiefe": katalog.tiefe(z),
                 "text": wortlaut(z, tag), "datum": last.datum, "grund": last.grund,
                 "beschluss": last.beschluss}
            )  # fmt: skip
    columns = ["code", "ebene", "feld", "tiefe", "text", "datum", "grund", "beschluss"]
    return pd.DataFrame(rows, columns=columns)


def wortlaut(ziel: Ziel, tag: dt.date) -> str:
    """Text of a goal on a day."""
    return _said(ziel, "text", tag, ziel.text)


def umsetzung(ziel: Ziel, tag: dt.date, stand: dt.date) -> str:
    """State of a goal on a day, by its history; the state that the catalogue gives where nothing changed since.

    A goal with a yearly deadline is done only for the year in which that was reported; then it runs again.

    Parameters
    ----------
    stand
        Day of the catalogue: of then is a state that no entry of the history explains.
    """
    state = _said(ziel, "umsetzung", tag, ziel.umsetzung)
    yearly = ziel.frist is not None and ziel.frist.art == "jaehrlich"
    return "laufend" if yearly and state == "erledigt" and erledigt_bis(ziel, tag, stand) < tag.year else state


def erledigt_bis(ziel: Ziel, tag: dt.date, stand: dt.date) -> int:
    """Year of the last report until a day that a goal is done; 0 where there is none."""
    reports = [a for a in ziel.verlauf if a.was == "umsetzung"]
    if not reports:
        return stand.year if ziel.umsetzung == "erledigt" else 0
    return max((a.datum.year for a in reports if a.auf == "erledigt" and a.datum <= tag), default=0)


def seit(ziel: Ziel, tag: dt.date, anfang: dt.date) -> dt.date:
    """Day from which the deadline of a goal holds that counts on a day."""
    moved = [a.datum for a in ziel.verlauf if a.was in ("neu", "frist") and a.datum <= tag]
    return max([anfang, *moved])


def eintraege(text: str) -> tuple[str, ...]:
    """Bodies or indicators that an entry of the history names."""
    return tuple(part.strip() for part in text.split(TRENNER) if part.strip())


def _then(katalog: Zielkatalog, ziel: Ziel, there: set[str], tag: dt.date) -> Ziel:
    above = place = _said(ziel, "ueber", tag, ziel.ueber)
    while above and above not in there:
        above = _said(katalog.nach_code[above], "ueber", tag, katalog.nach_code[above].ueber)
    fields = {part: _said(ziel, part, tag, getattr(ziel, part)) for part in ("feld", "lebenslage")}
    if above != place:
        fields = {part: said or katalog.geerbt(ziel, part) for part, said in fields.items()}
    lists = {part: _said(ziel, part, tag, None) for part in ("zustaendig", "indikatoren")}
    deadline = _said(ziel, "frist", tag, None)
    then = replace(
        ziel,
        ueber=above,
        text=wortlaut(ziel, tag),
        **{part: eintraege(text) for part, text in lists.items() if text is not None},
        frist=ziel.frist if deadline is None else frist.lesen(deadline) if deadline else None,
        **fields,
    )
    return replace(then, umsetzung=umsetzung(then, tag, katalog.stand))


def _said(ziel: Ziel, was: str, tag: dt.date, otherwise: str | None) -> str | None:
    """What the history says of a part on a day; `otherwise` where it never speaks of it."""
    changes: list[Aenderung] = [a for a in ziel.verlauf if a.was == was]
    until = [a for a in changes if a.datum <= tag]
    return until[-1].auf if until else changes[0].von if changes else otherwise
