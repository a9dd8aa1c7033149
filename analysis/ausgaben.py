"""What the reports on a Kreis showed and withheld before: what was shown once stays known.

Recorded is one CSV file per Kreis in the folder `ausgaben` beside the store; it holds withheld counts too.
"""

import hashlib
from pathlib import Path

import pandas as pd

from analysis import workspace
from analysis.errors import InputError
from analysis.files import write_atomic

SPALTEN = ["ausgabe", "ags", "stichtag", "groesse", "wert", "gezeigt"]
"""Key of the state of data and rule; then a count and whether the reports were free to show it."""

_ZELLE = ["ags", "stichtag", "groesse"]


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
        if list(table.columns) != SPALTEN:
            raise ValueError(f"columns {', '.join(table.columns)}; expected {', '.join(SPALTEN)}")
        days = {text: pd.Timestamp(text).date() for text in table.stichtag.unique()}
        return table.assign(
            stichtag=table.stichtag.map(days), wert=table.wert.astype(float), gezeigt=table.gezeigt.astype(bool)
        )
    except (ValueError, TypeError) as error:
        raise InputError(f"{path}: {error}") from None


def earlier(table: pd.DataFrame, ausgabe: str) -> list[pd.DataFrame]:
    """Counts of each recorded state but one, oldest first (`ags`, `stichtag`, `groesse`, `wert`, `gezeigt`)."""
    states = [key for key in table.ausgabe.unique() if key != ausgabe]
    return [table[table.ausgabe == key][SPALTEN[1:]].reset_index(drop=True) for key in states]


def digest(table: pd.DataFrame, ausgabe: str) -> str:
    """SHA-256 of all recorded states but one; empty where there is no other."""
    other = table[table.ausgabe != ausgabe]
    return hashlib.sha256(other.to_csv(index=False).encode()).hexdigest() if len(other) else ""


def record(path: Path, ausgabe: str, counts: pd.DataFrame) -> None:
    """Note a state; one with the same key is replaced, but what it showed before stays shown."""
    known = read(path)
    same = known.ausgabe == ausgabe
    before = pd.MultiIndex.from_frame(known.loc[same & known.gezeigt.astype(bool), _ZELLE])
    shown = counts.gezeigt.astype(bool) | pd.MultiIndex.from_frame(counts[_ZELLE]).isin(before)
    table = pd.concat([known[~same], counts.assign(ausgabe=ausgabe, gezeigt=shown)[SPALTEN]])
    text = table.assign(gezeigt=table.gezeigt.astype(int)).to_csv(index=False, sep=";")
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        write_atomic(path, text)
