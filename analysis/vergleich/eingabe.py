"""What every comparison is made of: values of indicators, one per area and indicator, checked once."""

from collections.abc import Mapping

import pandas as pd

from analysis.errors import InputError

VORZEICHEN = {"niedriger_guenstiger": 1, "hoeher_guenstiger": -1}
"""Direction of the catalogue → factor that makes high values unfavourable ones."""


def ein_indikator(werte: pd.DataFrame) -> pd.DataFrame:
    """Values of one indicator at one day, sorted by key.

    Parameters
    ----------
    werte
        Rows of `indicators.compute` of one indicator and one `stichtag`.

    Raises
    ------
    InputError
        A column is missing, there are several indicators or days, a key occurs twice or is no text.
    """
    _check_columns(werte, ["ags", "stichtag", "indikator", "anteil", "unten", "oben"])
    for column in ("indikator", "stichtag"):
        found = werte[column].unique()
        if len(found) != 1:
            some = ", ".join(map(str, found[:3])) or "none"
            raise InputError(f"comparison: {len(found)} of {column} ({some}); expected exactly one")
    _check_keys(werte, ["ags"])
    return werte.sort_values("ags", ignore_index=True)


def breit(werte: pd.DataFrame, spalte: str = "anteil") -> pd.DataFrame:
    """One column per indicator, one row per area (sorted by key); NaN where there is no value.

    Indicators may have different days, each has one.
    """
    _check_columns(werte, ["ags", "stichtag", "indikator", spalte])
    days = werte.groupby("indikator").stichtag.nunique()
    if (days > 1).any():
        name = days.idxmax()
        raise InputError(f"comparison: {name} has values of {days[name]} days; expected one day for each indicator")
    _check_keys(werte, ["indikator", "ags"])
    wide = werte.pivot(index="ags", columns="indikator", values=spalte).astype(float)
    return wide.sort_index().rename_axis(columns=None)


def vorzeichen(indikatoren, richtung: Mapping[str, str]) -> pd.Series:
    """Factor per indicator that makes high values unfavourable ones: 1 or -1.

    Raises
    ------
    InputError
        An indicator has no direction, or is not named in `richtung`.
    """
    for name in indikatoren:
        if richtung.get(name) not in VORZEICHEN:
            expected = " or ".join(VORZEICHEN)
            raise InputError(f"comparison: direction of {name} is {richtung.get(name)!r}; expected {expected}")
    return pd.Series({name: VORZEICHEN[richtung[name]] for name in indikatoren}, dtype=float)


def _check_columns(werte: pd.DataFrame, expected: list[str]) -> None:
    missing = [column for column in expected if column not in werte]
    if missing:
        raise InputError(f"comparison: column {missing[0]} is missing; expected {', '.join(expected)}")
    if werte.empty:
        raise InputError("comparison: no values; expected at least one area")


def _check_keys(werte: pd.DataFrame, key: list[str]) -> None:
    no_text = werte[~werte.ags.map(lambda ags: isinstance(ags, str))]
    if len(no_text):
        raise InputError(f"comparison: key {no_text.ags.iloc[0]} is no text; expected text such as '01051'")
    twice = werte[werte.duplicated(key)]
    if len(twice):
        row = twice.iloc[0]
        raise InputError(f"comparison: {row.ags} has two values of {row.indikator} ({row.stichtag}); expected one")
