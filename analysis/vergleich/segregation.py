"""Segregation: how unevenly a group lives over the areas, beyond what chance alone makes."""

import numpy as np
import pandas as pd

from analysis.errors import InputError

MINDESTENS_EINWOHNER = 300
"""Inhabitants of an area below which it is left out."""

ZIEHUNGEN = 1000
"""Draws of each simulation."""

_FAKTOREN = np.arange(0, 1.51, 0.05)
"""Factors by which the deviations of the areas' shares from the common one may be smaller or larger in truth."""

_GLEICH = 1e-12
"""Difference up to which two values of D are the same."""

SPALTEN = ["ags", "gruppe", "insgesamt"]


def segregation(
    bevoelkerung: pd.DataFrame,
    *,
    seed: int,
    mindestens: int = MINDESTENS_EINWOHNER,
    ziehungen: int = ZIEHUNGEN,
    niveau: float = 0.95,
) -> tuple[pd.Series, pd.DataFrame]:
    """Dissimilarity, isolation and interaction of a group over areas, with the part that chance makes.

    With x of a group and y others in each area of t = x + y, X and Y in all (Massey, Denton 1988, Social Forces 67,
    281-315):

    - dissimilarity D = ½ Σ |x/X - y/Y|: share of the group that had to move for equal shares everywhere
    - isolation Σ x/X · x/t, interaction Σ x/X · y/t: share of the own group, of others where a member lives

    Small areas and groups are uneven even where everybody lives by lot. So each has its expected value if the group
    were distributed by lot over all inhabitants (exact, hypergeometric; Cortese, Falk, Cohen 1976; Winship 1977), and
    the systematic part (D - E)/(1 - E) (Carrington, Troske 1997, Journal of Business & Economic Statistics 15, 402-409;
    below 0, which says less uneven than by lot, the divisor is E).

    Parameters
    ----------
    bevoelkerung
        Per area: `ags`, `gruppe` (members of the group), `insgesamt` (all inhabitants).
    seed, ziehungen
        Of the draws for p and interval.
    mindestens
        Areas with fewer inhabitants are left out and named.
    niveau
        Of the interval.

    Returns
    -------
    tuple
        A Series: `gebiete`, `gruppe`, `insgesamt`; `dissimilaritaet`, `dissimilaritaet_zufall` (expected by lot),
        `dissimilaritaet_systematisch`, `isolation`, `isolation_zufall`, `isolation_systematisch`, `interaktion`; `p`
        (chance of a D as large by lot); `dissimilaritaet_bereinigt`, `unten`, `oben` (D without the bias of small
        numbers and its interval, see notes). And a DataFrame of the areas left out: `ags`, `grund`.

    Notes
    -----
    Interval: what D may be in truth, if the shares of all areas are drawn towards, or away from, the common share by
    one factor, and each area's members are a binomial number: those for which a D as large, or as small, as the
    observed one is not rarer than 2.5 %; the value without bias is that for which it is the mean. Twice D less a
    bootstrap mean (Allen, Burgess, Davidson, Windmeijer 2015, Econometrics Journal 18, 40-66) is the same where areas
    are large, but leaves most of the bias where members are few.

    Raises
    ------
    InputError
        Counts that are missing, negative or not whole; more members than inhabitants; fewer than two areas; nobody in
        or outside the group.
    """
    table, left_out = _checked(bevoelkerung, mindestens)
    x, t = table.gruppe.to_numpy(np.int64), table.insgesamt.to_numpy(np.int64)
    d, isolation = float(dissimilaritaet(x, t)), float(_isolation(x, t))
    d_zufall, isolation_zufall = erwartet(x.sum(), t)
    generator = np.random.default_rng(seed)
    lot = generator.multivariate_hypergeometric(t, x.sum(), size=ziehungen, method="marginals")
    as_uneven = (dissimilaritaet(lot, t) >= d * (1 - 1e-12)).sum()
    bereinigt, unten, oben = _without_bias(x, t, generator, ziehungen, niveau)
    result = pd.Series(
        {
            "gebiete": len(table),
            "gruppe": x.sum(),
            "insgesamt": t.sum(),
            "dissimilaritaet": d,
            "dissimilaritaet_zufall": d_zufall,
            "dissimilaritaet_systematisch": _systematic(d, d_zufall),
            "isolation": isolation,
            "isolation_zufall": isolation_zufall,
            "isolation_systematisch": _systematic(isolation, isolation_zufall),
            "interaktion": 1 - isolation,
            "p": (1 + as_uneven) / (1 + ziehungen),
            "dissimilaritaet_bereinigt": bereinigt,
            "unten": unten,
            "oben": oben,
        }
    )
    return result, left_out


def dissimilaritaet(gruppe: np.ndarray, insgesamt: np.ndarray) -> np.ndarray:
    """Dissimilarity of Duncan and Duncan (1955) along the last axis, from members and inhabitants per area."""
    share = gruppe.sum(axis=-1, keepdims=True)
    rest = insgesamt - gruppe
    return 0.5 * np.abs(gruppe / share - rest / rest.sum(axis=-1, keepdims=True)).sum(axis=-1)


def _without_bias(x: np.ndarray, t: np.ndarray, generator, ziehungen: int, niveau: float) -> tuple[float, ...]:
    """Value and bounds of the dissimilarity that the observed one speaks for."""
    shares = np.clip(x.sum() / t.sum() + _FAKTOREN[:, None] * (x / t - x.sum() / t.sum()), 0, 1)
    true = dissimilaritaet(shares * t, t)
    seed, d = generator.integers(2**32), dissimilaritaet(x, t)
    by_factor = []
    for share in shares:  # the same draws for each factor
        drawn = np.random.default_rng(seed).binomial(t, share, size=(ziehungen, len(t)))
        with np.errstate(invalid="ignore"):
            simulated = np.nan_to_num(dissimilaritaet(drawn, t))  # a group without members is not uneven
        by_factor.append((simulated.mean(), (simulated >= d - _GLEICH).mean(), -(simulated <= d + _GLEICH).mean()))
    mean, larger, smaller = np.maximum.accumulate(by_factor, axis=0).T
    rest = (1 - niveau) / 2
    return tuple(float(np.interp(at, y, true)) for at, y in ((d, mean), (rest, larger), (-rest, smaller)))


def _isolation(gruppe: np.ndarray, insgesamt: np.ndarray) -> float:
    return (gruppe / gruppe.sum() * gruppe / insgesamt).sum()


def erwartet(gruppe: int, insgesamt: np.ndarray) -> tuple[float, float]:
    """Expected dissimilarity and isolation of a group that lives by lot over all inhabitants.

    Members of an area are then hypergeometric; D is half of Σ |x - t X/T| · T/(X Y), and the mean absolute deviation of
    a hypergeometric number has a closed form (Ramasubban 1958, Biometrika 45, 549-556).

    Parameters
    ----------
    gruppe
        Members in all areas together.
    insgesamt
        Inhabitants per area.
    """
    from scipy.stats import hypergeom

    t, everybody = np.asarray(insgesamt, float), float(np.sum(insgesamt))
    mean = t * gruppe / everybody
    k = np.floor(mean) + 1
    deviation = 2 * k * (everybody - gruppe - t + k) / everybody * hypergeom.pmf(k, everybody, gruppe, t)
    d = everybody / (2 * gruppe * (everybody - gruppe)) * deviation.sum()
    variance = mean * (1 - gruppe / everybody) * (everybody - t) / (everybody - 1)
    return float(d), float(((variance + mean**2) / (t * gruppe)).sum())


def _systematic(value: float, by_chance: float) -> float:
    if value >= by_chance:
        return (value - by_chance) / (1 - by_chance) if by_chance < 1 else 0.0
    return (value - by_chance) / by_chance


def _checked(bevoelkerung: pd.DataFrame, mindestens: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Areas that are large enough, sorted by key, and those that are not."""
    missing = [column for column in SPALTEN if column not in bevoelkerung]
    if missing:
        raise InputError(f"segregation: column {missing[0]} is missing; expected {', '.join(SPALTEN)}")
    table = bevoelkerung[SPALTEN].sort_values("ags", ignore_index=True)
    counts = table[["gruppe", "insgesamt"]].astype(float)
    wrong = ~((counts >= 0) & (counts == counts.round()) & np.isfinite(counts)).all(axis=1)
    _refuse(table[wrong], "expected whole numbers of 0 or more")
    _refuse(table[counts.gruppe > counts.insgesamt], "expected no more members than inhabitants")
    _refuse(table[table.ags.duplicated()], "expected each area once")
    large = counts.insgesamt >= max(mindestens, 1)
    kept = table[large].reset_index(drop=True)
    group, everybody = counts[large].sum()
    if len(kept) < 2 or not 0 < group < everybody:
        raise InputError(
            f"segregation: {group:.0f} of {everybody:.0f} inhabitants in {len(kept)} areas are of the group; expected "
            "at least two areas, and somebody inside and outside the group"
        )
    return kept, table.loc[~large, ["ags"]].assign(grund="zu_wenige_einwohner").reset_index(drop=True)


def _refuse(rows: pd.DataFrame, expected: str) -> None:
    if len(rows):
        row = rows.iloc[0]
        raise InputError(f"segregation: {row.ags} has {row.gruppe} of {row.insgesamt} inhabitants; {expected}")
