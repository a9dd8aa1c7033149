"""From indicators of areas to the complete, scaled matrix that is grouped, with everything that was left out."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.clusters.auslassen import auslassen, gruende
from analysis.clusters.ausreisser import ausreisser
from analysis.clusters.matrix import AEHNLICHE, Regel, imputed, matrix
from analysis.clusters.umformung import skalieren
from analysis.clusters.unsicherheit import geschaetzt
from analysis.errors import InputError
from analysis.vergleich.eingabe import breit

FEHLEND_AB = 0.4
"""Share of missing values from which an indicator, or an area, is left out."""

SCHIEF_AB = 1.0
"""Skewness above which an indicator is transformed."""

KORRELIERT_AB = 0.8
"""Correlation from which a pair of indicators is reported."""

MINDESTENS_GEBIETE = 4
"""Areas below which there is nothing to group."""


@dataclass(frozen=True)
class Vorbereitet:
    """What is grouped, and how it was made.

    `matrix`: areas × indicators (or principal components `HK1`, ...), transformed, scaled, weighted, complete, sorted
    by key. `roh`: the same areas and indicators before that, in their own unit, smoothed if asked for; NaN where a
    value was replaced. `fehler`: their standard errors, NaN where a value has no interval. `streuung`: standard error
    of each cell of `matrix`; 0 where a value has no interval. `ausgelassen`: `was` (`indikator` or `gebiet`),
    `schluessel`, `grund`. `ersetzt`: `ags`, `indikator`, `grund` (why there was no value), `wodurch`. `umgeformt`:
    indicator → `keine`, `wurzel`, `log`. `korreliert`: `indikator`, `anderer`, `r` of pairs from .8. `ausreisser`: see
    `ausreisser.ausreisser`. `ladungen`: indicators × components; None without them. `regel`: how `matrix` was made
    from `roh`.
    """

    matrix: pd.DataFrame
    roh: pd.DataFrame
    fehler: pd.DataFrame
    streuung: pd.DataFrame
    ausgelassen: pd.DataFrame
    ersetzt: pd.DataFrame
    umgeformt: pd.Series
    korreliert: pd.DataFrame
    ausreisser: pd.DataFrame
    ladungen: pd.DataFrame | None
    regel: Regel


def prepare(
    werte: pd.DataFrame,
    *,
    skalierung: str = "z",
    gewichte: Mapping[str, float] | None = None,
    lebenslage: Mapping[str, str] | None = None,
    einwohner: pd.Series | None = None,
    glaetten: bool = True,
    hoechstens_fehlend: float = FEHLEND_AB,
    schief_ab: float = SCHIEF_AB,
    hauptkomponenten: bool = False,
) -> Vorbereitet:
    """Make the matrix that is grouped; nothing is dropped or filled without being named.

    In this order: rates are smoothed (`unsicherheit.geschaetzt`); areas without inhabitants, indicators and areas of
    which 40 % or more is missing, and indicators that do not vary are left out (`auslassen.auslassen`); skew is taken
    out, all are scaled, what is still missing is replaced, indicators are weighted (`matrix.matrix`). Areas that stand
    apart are reported and stay, identical areas stay.

    Parameters
    ----------
    werte
        Rows of `indicators.compute`, one day per indicator.
    skalierung
        One of `umformung.SKALIERUNGEN`.
    gewichte
        Weight of each Lebenslage, shared equally by its indicators; None: every indicator counts the same.
    lebenslage
        Indicator → Lebenslage; needed for weights.
    einwohner
        Inhabitants by key; areas with 0 or without number are left out. None: all areas have some.
    glaetten
        Whether rates of small numbers are drawn towards the mean.
    hoechstens_fehlend
        Share of missing values from which an indicator or an area is left out.
    schief_ab
        Skewness above which an indicator is transformed; infinite: never.
    hauptkomponenten
        Whether the principal components that hold 90 % of the variance stand in for the indicators. Correlated
        indicators then count once in each component, and small components not at all.

    Raises
    ------
    InputError
        Two values of an area; several days of an indicator; an unknown scaling or weight; fewer than four areas or no
        indicator left.
    """
    if not 0 < hoechstens_fehlend <= 1:
        raise InputError(f"clusters: hoechstens_fehlend={hoechstens_fehlend!r}; expected above 0, at most 1")
    wide, reasons = breit(werte), gruende(werte)
    values, errors = geschaetzt(werte, glaetten)
    values, out = auslassen(values, reasons, einwohner, hoechstens_fehlend)
    if len(values) < MINDESTENS_GEBIETE or values.columns.empty:
        raise InputError(
            f"clusters: {len(values)} areas and {len(values.columns)} indicators are left of {len(wide)} and "
            f"{len(wide.columns)}; expected at least {MINDESTENS_GEBIETE} areas and one indicator"
        )
    rule = Regel(skalierung, gewichte, lebenslage, schief_ab, hauptkomponenten)
    made = matrix(values, errors.reindex_like(values), rule)
    return Vorbereitet(
        matrix=made.matrix,
        roh=values,
        fehler=errors.reindex_like(values),
        streuung=made.streuung,
        ausgelassen=out,
        ersetzt=_replaced(values, reasons),
        umgeformt=made.umgeformt,
        korreliert=_correlated(made.skaliert),
        ausreisser=ausreisser(imputed(skalieren(made.gerade, made.gerade, "z")[0])),
        ladungen=made.ladungen,
        regel=rule,
    )


def _replaced(values: pd.DataFrame, reasons: pd.DataFrame) -> pd.DataFrame:
    cells = values.isna().stack()
    cells = cells[cells].index
    return pd.DataFrame(
        {
            "ags": cells.get_level_values(0),
            "indikator": cells.get_level_values(1),
            "grund": [reasons.at[cell] for cell in cells],
            "wodurch": f"Mittel der {AEHNLICHE} ähnlichsten Gebiete",
        }
    )


def _correlated(scaled: pd.DataFrame) -> pd.DataFrame:
    r = scaled.corr()
    upper = np.triu(np.ones(r.shape, bool), 1)
    first, second = np.nonzero(upper & (r.abs() >= KORRELIERT_AB).to_numpy())
    pairs = pd.DataFrame({"indikator": r.index[first], "anderer": r.columns[second], "r": r.to_numpy()[first, second]})
    return pairs.sort_values("r", key=lambda x: -x.abs(), kind="stable", ignore_index=True)
