"""Cells of statistical tables: the number, or the reason why there is none, by the sign legend of their source."""

import datetime as dt
import math

import pandas as pd

NULL = "null"
"""Meaning of a sign that stands for exactly nothing: the number 0."""

LEER = ""
"""The empty cell, as a key of a legend."""


def parse(cells: pd.Series, legend: dict[str, str], dezimal: str = ",", tausender: str = "") -> pd.DataFrame:
    """Numbers, reasons and qualities of cells.

    Parameters
    ----------
    cells
        Text, int, float or None each; whatever else stands there is no number.
    legend
        Sign → reason of `observations.GRUENDE`, or `NULL`; `LEER` says what an empty cell means (else it is wrong).
    dezimal, tausender
        Decimal and thousands mark of numbers in text; a thousands mark must stand at every third digit. `12,000` with a
        decimal comma may be meant as twelve thousand and is wrong. A blank as
        thousands mark is any of the blanks that statistical offices use, and may follow a minus (`- 1 520`).

    Returns
    -------
    pandas.DataFrame
        Index of `cells`; `wert` (float, NaN where `grund` or `falsch`), `grund`, `guete` (`eingeschraenkt` for a
        value in brackets), `falsch` (whether the cell is neither a number nor a sign of the legend).
    """
    is_number = cells.map(_is_number).astype(bool)
    is_text = cells.map(lambda cell: cell is None or isinstance(cell, str)).astype(bool)
    text = (
        cells.where(is_text & cells.notna(), "").astype("str").str.replace(r"[\s\u00a0\u2009\u202f]+", " ", regex=True)
    )
    text = text.str.strip().str.replace("\u2212", "-").where(is_text, "")
    sign = is_text & text.isin(list(legend))
    in_brackets = is_text & ~sign & text.str.fullmatch(r"\(.+\)")
    text = text.where(~in_brackets, text.str[1:-1].str.strip())
    mark = {"": "", " ": " ", ".": r"\.", ",": ",", "'": "'"}[tausender]
    whole = rf"[1-9][0-9]{{0,2}}(?:{mark}[0-9]{{3}})+|[0-9]{{1,15}}" if mark else r"[0-9]{1,15}"
    pattern = (
        rf"-?{' ?' if tausender == ' ' else ''}(?:{whole})(?:{'[.]' if dezimal == '.' else dezimal}[0-9]{{1,20}})?"
    )
    fits = is_text & ~sign & text.str.fullmatch(pattern)
    fits &= ~text.str.fullmatch(rf"-?[0-9]{{1,3}}[{dezimal}]000")  # twelve, or twelve thousand: nobody can tell
    plain = text.where(fits, "")
    if tausender:
        plain = plain.str.replace(tausender, "", regex=False)
    plain = plain.str.replace(dezimal, ".", regex=False)
    wert = pd.to_numeric(plain.where(fits).astype(object)).astype(float)
    wert = wert.mask(is_number, pd.to_numeric(cells.where(is_number).astype(object)).astype(float))
    reason = text.where(sign).map(legend).astype(object).fillna("")
    wert = wert.mask(reason == NULL, 0.0)
    return pd.DataFrame(
        {
            "wert": wert,
            "grund": reason.mask(reason == NULL, ""),
            "guete": pd.Series("", index=cells.index, dtype=object).mask(in_brackets & fits, "eingeschraenkt"),
            "falsch": ~(fits | is_number | sign),
        }
    )


def _is_number(cell) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool) and math.isfinite(cell)


def as_text(cell) -> str:
    """A cell of a header or key as text: blanks and line ends made single, 16077.0 → `16077`, a date → 31.12.2023."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime | dt.date):
        return cell.strftime("%d.%m.%Y")
    return " ".join(str(cell).split())
