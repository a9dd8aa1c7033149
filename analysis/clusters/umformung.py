"""Indicators on one scale: skew taken out, scaled, weighted."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.errors import InputError

SKALIERUNGEN = ("z", "robust", "rang")
"""Distance from the mean in standard deviations; from the median in 1.4826 MAD; ranks, then as z."""

_NORMAL, _NORMAL_MITTEL = 1.4826, 1.2533
"""Factors that make the median, the mean absolute deviation of a normal distribution its standard deviation."""

_FORMEN = {"keine": lambda x: x, "wurzel": np.sqrt, "log": np.log}
"""Name of a transformation → function."""


def entschiefen(
    werte: pd.DataFrame, fehler: pd.DataFrame, schief_ab: float
) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """Values with the skew of single indicators taken out, their standard errors, and what was done.

    An indicator with skewness above `schief_ab` is replaced by its square root (no value below 0) or logarithm (all
    above 0), whichever leaves the smaller skewness. Skewness to the left stays. A standard error becomes the step from
    the value to the value plus the error.
    """
    forms = pd.Series({name: _form(werte[name], schief_ab) for name in werte}, dtype=object)
    changed = pd.DataFrame({name: _FORMEN[form](werte[name]) for name, form in forms.items()}, index=werte.index)
    steps = {name: _FORMEN[form](werte[name] + fehler[name]) - changed[name] for name, form in forms.items()}
    return changed, pd.DataFrame(steps, index=werte.index), forms


def _form(values: pd.Series, skewed_from: float) -> str:
    skew = {"keine": values.skew()}
    if not skew["keine"] > skewed_from or values.min() < 0:
        return "keine"
    skew["wurzel"] = np.sqrt(values).skew()
    if values.min() > 0:
        skew["log"] = np.log(values).skew()
    return min(skew, key=lambda name: abs(skew[name]))


def skalieren(werte: pd.DataFrame, fehler: pd.DataFrame, skalierung: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Values and standard errors of all indicators on one scale; NaN stays.

    Parameters
    ----------
    skalierung
        One of `SKALIERUNGEN`. `z` with the standard deviation of n - 1 (R `scale`), `robust` as R `mad`; where more
        than half of the values are equal, 1.2533 times the mean absolute deviation from the median. Equal values share
        the mean of their ranks.
    """
    if skalierung not in SKALIERUNGEN:
        raise InputError(f"clusters: skalierung={skalierung!r}; expected one of {', '.join(SKALIERUNGEN)}")
    if skalierung == "robust":
        spread = robuste_streuung(werte)
        return (werte - werte.median()) / spread, fehler / spread
    if skalierung == "rang":
        above, below = (_rank_of(werte, werte + sign * fehler) for sign in (1, -1))
        werte, fehler = werte.rank(), (above - below) / 2
    return (werte - werte.mean()) / werte.std(), fehler / werte.std()


def _rank_of(werte: pd.DataFrame, gesucht: pd.DataFrame) -> pd.DataFrame:
    """Number of areas whose value is at most the one looked for."""
    ranks = {
        name: np.searchsorted(np.sort(werte[name].dropna()), gesucht[name], side="right").astype(float)
        for name in werte
    }
    return pd.DataFrame(ranks, index=werte.index).where(gesucht.notna())


def robuste_streuung(werte: pd.DataFrame) -> pd.Series:
    """Spread of each indicator that single areas do not make larger."""
    away = (werte - werte.median()).abs()
    half = away.median()
    return (_NORMAL * half).where(half > 1e-12 * werte.abs().max(), _NORMAL_MITTEL * away.mean())


def faktoren(
    indikatoren: pd.Index, gewichte: Mapping[str, float] | None, lebenslage: Mapping[str, str] | None
) -> pd.Series:
    """Factor of each scaled indicator, so that its weight counts in squared distances; their squares have the mean 1.

    Parameters
    ----------
    gewichte
        Weight of each Lebenslage, shared equally by its indicators; None: every indicator counts the same.
    lebenslage
        Indicator → Lebenslage.
    """
    if gewichte is None:
        return pd.Series(1.0, indikatoren)
    field = pd.Series([(lebenslage or {}).get(name) for name in indikatoren], indikatoren)
    if field.isna().any():
        raise InputError(f"clusters: {field.index[field.isna()][0]} has no Lebenslage; expected one to weight it by")
    unknown = [name for name in field.unique() if not gewichte.get(name, -1) >= 0]
    if unknown:
        given = gewichte.get(unknown[0])
        raise InputError(f"clusters: weight of Lebenslage {unknown[0]} is {given!r}; expected a number of 0 or more")
    weight = field.map(gewichte).astype(float) / field.groupby(field).transform("size")
    if not weight.sum() > 0:
        raise InputError("clusters: all weights are 0; expected at least one above")
    return np.sqrt(weight / weight.mean())
