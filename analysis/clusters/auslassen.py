"""Which indicators and areas cannot be grouped, and why."""

import pandas as pd

GLEICH = "alle Gebiete haben den gleichen Wert, oder sie unterscheiden sich nicht mehr als durch Zufall"
"""Why an indicator that does not vary, as delivered or after smoothing, is left out."""

NICHT_GELIEFERT = "nicht geliefert"
"""Why there is no value where there is no row."""


def auslassen(
    werte: pd.DataFrame, gruende: pd.DataFrame, einwohner: pd.Series | None, fehlend_ab: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Values that can be grouped, and a table of what was left out.

    In this order: areas without inhabitants; indicators of which a share of `fehlend_ab` or more is missing; areas of
    which such a share is missing; indicators that do not vary.

    Parameters
    ----------
    werte
        Areas × indicators.
    gruende
        Why there is no value, areas × indicators.
    einwohner
        Inhabitants by key; None: all areas have some.

    Returns
    -------
    tuple
        The values that stay, and `was` (`indikator` or `gebiet`), `schluessel`, `grund`.
    """
    out = []
    values = _inhabited(werte, einwohner, out)
    values = _filled_columns(values, gruende, fehlend_ab, out)
    values = _filled_rows(values, fehlend_ab, out)
    values = _varying(values, out)
    return values, pd.DataFrame(out, columns=["was", "schluessel", "grund"])


def gruende(werte: pd.DataFrame) -> pd.DataFrame:
    """Why there is no value, areas × indicators; `nicht geliefert` where there is no row or no reason."""
    known = werte.grund if "grund" in werte else pd.Series("", werte.index)
    reason = known.astype(object).where(known.notna() & (known != ""), NICHT_GELIEFERT)
    wide = werte.assign(grund=reason).pivot(index="ags", columns="indikator", values="grund")
    return wide.fillna(NICHT_GELIEFERT)


def _inhabited(wide: pd.DataFrame, einwohner: pd.Series | None, out: list) -> pd.DataFrame:
    if einwohner is None:
        return wide
    persons = einwohner.reindex(wide.index)
    empty = ~(persons > 0)
    out += [("gebiet", ags, "keine Einwohner") for ags in wide.index[empty]]
    return wide[~empty.to_numpy()]


def _filled_columns(values: pd.DataFrame, reasons: pd.DataFrame, limit: float, out: list) -> pd.DataFrame:
    missing = values.isna()
    too_few = missing.mean() >= limit
    for name in values.columns[too_few]:
        why = reasons.loc[values.index[missing[name]], name].value_counts()
        named = ", ".join(f"{reason}: {count}" for reason, count in sorted(why.items()))
        out.append(("indikator", name, f"{missing[name].sum()} von {len(values)} Werten fehlen ({named})"))
    return values.loc[:, ~too_few]


def _varying(values: pd.DataFrame, out: list) -> pd.DataFrame:
    # what does not vary beyond rounding has no unit to measure differences with
    constant = ~(values.max() - values.min() > 1e-12 * values.abs().max())
    out += [("indikator", name, GLEICH) for name in values.columns[constant]]
    return values.loc[:, ~constant]


def _filled_rows(values: pd.DataFrame, limit: float, out: list) -> pd.DataFrame:
    missing = values.isna().sum(axis=1)
    too_few = missing >= max(limit * values.shape[1], 1e-9)
    out += [
        ("gebiet", ags, f"{count} von {values.shape[1]} Indikatoren fehlen") for ags, count in missing[too_few].items()
    ]
    return values[~too_few.to_numpy()]
