"""Tables as readers see them: caption, headers, German numbers, notes and source; no bare frame reaches a reader."""

from dataclasses import dataclass, field

from analysis.outputs import Ausgabe

LANG, BREIT, KURZ = 60, 4, 12
"""A table with longer cells or more columns is shown as cards, one per row, on small screens. One with few rows stays
on one printed page."""


@dataclass(frozen=True)
class Spalte:
    """A column: its heading, and whether it holds numbers (set flush right; the first column never does)."""

    titel: str
    zahl: bool = True


@dataclass(frozen=True)
class Gruppe:
    """Rows under one subheading (none if `titel` is empty); `hervor` are the numbers of rows to set off."""

    zeilen: list[list[str]]
    titel: str = ""
    hervor: list[int] = field(default_factory=list)


def tabelle(
    spalten: list[Spalte], gruppen: list[Gruppe], *, titel: str, quelle: str, hinweise: list[str] | None = None
) -> Ausgabe:
    """Table for a report.

    Parameters
    ----------
    spalten
        Headings; the first column names the rows.
    gruppen
        Rows of ready texts, as many cells as `spalten`. A missing value is said in words, never left empty.
    titel
        Caption: what the table shows, with area and unit.
    quelle
        Where the figures come from, with date.
    hinweise
        Notes below the table.

    Raises
    ------
    ValueError
        Caption or source is empty, or a row has another number of cells than there are columns.
    """
    rows = [zeile for gruppe in gruppen for zeile in gruppe.zeilen]
    return Ausgabe(
        {
            "art": "tabelle",
            "titel": titel,
            "quelle": quelle,
            "spalten": [{"titel": s.titel, "zahl": s.zahl and n > 0} for n, s in enumerate(spalten)],
            "karten": len(spalten) > BREIT or any(len(str(zelle)) > LANG for zeile in rows for zelle in zeile[1:]),
            "kurz": len(rows) <= KURZ,
            "gruppen": [
                {"titel": g.titel, "zeilen": [[str(z) for z in zeile] for zeile in g.zeilen], "hervor": g.hervor}
                for g in gruppen
            ],
            "hinweise": list(hinweise or []),
        }
    )
