"""What the reports on a Kreis showed and withheld before: what was shown once stays known.

Recorded is one CSV file per Kreis in the folder `ausgaben` beside the store; it holds withheld counts too.
"""

import hashlib
from pathlib import Path

import pandas as pd

from analysis import workspace
from analysis.errors import InputError
from analysis.files import write_atomic

SPALTEN = ["ausgabe", "ags", "stichtag", "groesse", "wert", "gezeigt", "rundung"]
"""Key of the state of data and rule; then a count, whether the reports were free to show it as it is, and the multiple
to which they were free to show it rounded (0 where they were not)."""

_ALT = SPALTEN[:-1]
"""Columns of files of the time when it was not noted what was shown rounded."""

_ZELLE = ["ags", "stichtag", "groesse"]

_ALTERSAUFBAU = "altersaufbau_"
"""Begin of the names under which the widths of age groups are recorded that an area might show."""


def file_of(store: Path, kreis: str) -> Path:
    """File of a Kreis beside a store."""
    return workspace.ausgaben(store) / f"{kreis}.csv"


def read(path: Path) -> pd.DataFrame:
    """All recorded counts (`SPALTEN`); none where there is no file.

    Raises
    ------
    InputError
        The file has other columns, or a value that cannot be read.
    """
    if not path.exists():
        return pd.DataFrame(columns=SPALTEN)
    try:
        table = pd.read_csv(path, sep=";", dtype={"ausgabe": str, "ags": str, "groesse": str})
        if list(table.columns) == _ALT:
            table = table.assign(rundung=0)
        if list(table.columns) != SPALTEN:
            raise ValueError(f"columns {', '.join(table.columns)}; expected {', '.join(SPALTEN)}")
        days = {text: pd.Timestamp(text).date() for text in table.stichtag.unique()}
        return table.assign(
            stichtag=table.stichtag.map(days), wert=table.wert.astype(float), gezeigt=table.gezeigt.astype(bool),
            rundung=table.rundung.astype(int),
        )  # fmt: skip
    except (ValueError, TypeError) as error:
        raise InputError(f"{path}: {error}") from None


def earlier(table: pd.DataFrame, ausgabe: str) -> list[pd.DataFrame]:
    """Counts of each recorded state but one, oldest first (`SPALTEN` without `ausgabe`)."""
    counts = table[~table.groesse.str.startswith(_ALTERSAUFBAU) & (table.ausgabe != ausgabe)]
    return [counts[counts.ausgabe == key][SPALTEN[1:]].reset_index(drop=True) for key in counts.ausgabe.unique()]


def earlier_widths(table: pd.DataFrame, ausgabe: str) -> pd.DataFrame:
    """Width of the age groups that areas might show in the recorded states but one (`raum`, `stichtag`, `breite`)."""
    widths = table[table.groesse.str.startswith(_ALTERSAUFBAU) & (table.ausgabe != ausgabe)]
    return widths.rename(columns={"ags": "raum"}).assign(breite=widths.wert.astype(int))[["raum", "stichtag", "breite"]]


def digest(table: pd.DataFrame, ausgabe: str) -> str:
    """SHA-256 of all recorded states but one; empty where there is no other."""
    other = table[table.ausgabe != ausgabe]
    return hashlib.sha256(other.to_csv(index=False).encode()).hexdigest() if len(other) else ""


def record(path: Path, ausgabe: str, counts: pd.DataFrame, widths: pd.DataFrame | None = None) -> None:
    """Note a state; one with the same key is replaced, but what it showed before stays shown.

    Parameters
    ----------
    counts
        `SPALTEN` without `ausgabe`.
    widths
        `raum`, `stichtag`, `breite` of the age groups that areas may show.
    """
    known, now = read(path), counts
    if widths is not None and len(widths):
        names = _ALTERSAUFBAU + widths.breite.astype(str)
        pyramids = widths.rename(columns={"raum": "ags", "breite": "wert"}).assign(
            groesse=names, gezeigt=True, rundung=0
        )
        now = pd.concat([counts, pyramids], ignore_index=True)
    before = known[(known.ausgabe == ausgabe) & (known.gezeigt.astype(bool) | (known.rundung > 0))]
    both = pd.concat([now, before]).astype({"gezeigt": bool, "rundung": int}).groupby(_ZELLE, sort=False)
    now = both.agg({"wert": "first", "gezeigt": "max", "rundung": "max"}).reset_index()
    table = pd.concat([known[known.ausgabe != ausgabe], now.assign(ausgabe=ausgabe)[SPALTEN]])
    text = table.assign(gezeigt=table.gezeigt.astype(int)).to_csv(index=False, sep=";")
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        write_atomic(path, text)
