"""The drawn sample of a survey by cells (area, age group, sex): how many were drawn, reached and answered."""

from pathlib import Path

import pandas as pd

from analysis.errors import InputError
from analysis.sources.befragung import Befragung

ZAHLEN = ("N", "n_gezogen", "n_unzustellbar", "n_geantwortet")
"""Persons in the register, drawn, with a letter that came back, that answered."""


def load(path: Path, befragung: Befragung) -> pd.DataFrame:
    """Cells of the drawn sample from the file that the description names as `ziehung.datei`.

    Parameters
    ----------
    path
        The description of the survey; the file lies beside it.

    Returns
    -------
    pandas.DataFrame
        One row per cell: text columns of the groups, and `ZAHLEN` as whole numbers.

    Raises
    ------
    InputError
        No file is named, a column is missing, a number is none, a group is empty, a cell stands twice, more drawn
        than there are, more answered and undeliverable than drawn, sums that contradict the description.
    """
    given = befragung.angaben.get("ziehung", {})
    if "datei" not in given:
        raise InputError(f"survey {befragung.kurz}: the description names no file of the drawn sample (ziehung.datei)")
    file = Path(path).parent / given["datei"]
    try:
        table = pd.read_csv(file, sep=";", dtype="string", encoding="utf-8-sig", keep_default_na=False, na_values=[""])
    except FileNotFoundError:
        raise InputError(f"{file}: there is no such file") from None
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError):
        raise InputError(f"{file}: no table; expected UTF-8, cells separated by ;") from None
    groups = [name for name in table if name not in ZAHLEN]
    for name in ZAHLEN:
        if name not in table:
            raise InputError(f"{file}: there is no column {name!r}; expected groups and {', '.join(ZAHLEN)}")
        wrong = ~table[name].str.fullmatch(r"[0-9]{1,9}").fillna(False).astype(bool)
        _refuse(file, table, wrong, name, "a number of persons")
        table[name] = table[name].astype(int)
    for name in groups:
        _refuse(file, table, table[name].isna(), name, "the name of a group")
    _refuse(file, table, table.duplicated(groups), groups[0] if groups else "N", "each cell once")
    _refuse(file, table, table.n_gezogen > table.N, "n_gezogen", "not more than N")
    _refuse(
        file,
        table,
        table.n_geantwortet + table.n_unzustellbar > table.n_gezogen,
        "n_geantwortet",
        "not more than drawn",
    )
    _check_sums(file, table, given)
    return table


def _refuse(file: Path, table: pd.DataFrame, wrong: pd.Series, name: str, expected: str) -> None:
    if wrong.any():
        row = wrong.idxmax()
        value = "" if pd.isna(table[name][row]) else table[name][row]
        raise InputError(f"{file}, row {row + 2}, {name}: {str(value)!r}; expected {expected}")


def _check_sums(file: Path, table: pd.DataFrame, given: dict) -> None:
    for key, column in (("n", "n_gezogen"), ("unzustellbar", "n_unzustellbar")):
        if key in given and given[key] != table[column].sum():
            raise InputError(f"{file}: {column} sums to {table[column].sum()}; ziehung.{key} is {given[key]}")
    if "je_raum" in given and "raum" in table:
        sums = table.groupby("raum").n_gezogen.sum()
        for raum in sorted({*sums.index, *given["je_raum"]}):
            if sums.get(raum, 0) != given["je_raum"].get(raum, 0):
                raise InputError(
                    f"{file}: n_gezogen of {raum} is {sums.get(raum, 0)}; ziehung.je_raum says "
                    f"{given['je_raum'].get(raum, 0)}"
                )
