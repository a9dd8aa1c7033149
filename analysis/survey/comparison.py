"""Do domains differ, or is it chance: differences of shares and means with error, test and correction for many tests.

Two intervals that overlap say nothing about a difference: its own error decides, with the covariance of both sides.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from analysis.errors import InputError
from analysis.survey.design import Design
from analysis.survey.estimates import degrees
from analysis.survey.intervals import share_interval
from analysis.survey.schaetzung import NIVEAU, quantile_of_t

KORREKTUREN = ("holm", "bh", "keine")
"""Control of the chance of any wrong finding (Holm 1979), of the share of wrong findings (Benjamini, Hochberg 1995)."""

FAMILIEN = ("alle", "merkmal")
"""What is corrected together: all comparisons of a call, or those of one variable."""

MINDESTENS = 10
"""Effective respondents on each side below which a difference is not tested."""

MINDESTENS_ERWARTET = 5
"""Effective respondents that would have, or not have, the property on each side if there were no difference, below
which shares are not tested (Cochran 1954, Biometrics 10, 417-451)."""

NAEHERUNG_JE_ZELLE = 10
"""Effective respondents with and without the property on each side from which share ± t · se is an interval."""

NAEHERUNG = 30
"""The same for means: effective respondents on each side."""

_FEST = 1e-12
"""Variance of a difference, of that in a simple sample, below which it is known (margins of the calibration)."""


def against_rest(
    design: Design,
    y: pd.DataFrame | pd.Series,
    bereich: pd.Series,
    *,
    korrektur: str = "holm",
    familie: str = "alle",
    niveau: float = NIVEAU,
) -> pd.DataFrame:
    """Difference of each domain from all other domains together (R `svyttest(y ~ I(domain == d))`).

    A domain whose rest is nobody has no difference. Respondents in no domain are on neither side.

    Parameters
    ----------
    design
        Design of all respondents.
    y
        Per respondent: has the property (0, 1 or booleans; a share) or a number (a mean); NA is outside.
    bereich
        Domain per respondent; NA is in none.
    korrektur, familie
        One of `KORREKTUREN`, one of `FAMILIEN`.
    niveau
        Of the intervals; a difference is beyond chance where the corrected p is below 1 - niveau.

    Returns
    -------
    pandas.DataFrame
        Index: domain and column of `y` (only the domain for a Series). Columns:

        - `n`, `n_andere`: respondents with an answer on each side
        - `wert`, `wert_andere`: shares or means
        - `differenz`, `se`: their difference and its standard error
        - `unten`, `oben`: its interval, for one comparison (not corrected)
        - `freiheitsgrade`: those of both sides together minus 1 (R `svyttest`)
        - `pruefbar`: whether a test can be trusted
        - `p`: of the t test, two-sided (R `svyttest`)
        - `p_vorsichtig`: the larger p that is right for few, see the notes
        - `p_korrigiert`: that one, corrected for the number of comparisons
        - `zufall`: the difference cannot be told from chance after correction; also where it cannot be tested

        All p are NaN where there is no test; these comparisons still count in the correction.

    Notes
    -----
    The t test finds differences that do not exist where a side is small, a share near 0 or 1 or a variable skew, above
    all in the tails that a correction looks at. So a finding needs more: also the test with the variance that both
    sides have together (of shares Pearson's chi-square) divided by the design effect of the difference (as Rao and
    Scott 1984, Annals of Statistics 12, 46-60); of means also the degrees of freedom of the side that has fewer. There
    is no test with less than 10 effective respondents on a side of means, less than 5 expected with or without the
    property, and where the error is 0 although answers differ (margins of the calibration). Effective respondents are
    those of Kish, divided by the design effect where this is above 1.

    The interval is difference ± t · se. With less than 10 effective respondents with or without the property on a side
    it is made of the intervals of both shares (Newcombe 1998, Statistics in Medicine 17, 873-890, method 10, with
    Korn-Graubard); with less than 30 on a side a mean's has the degrees of freedom of the side with fewer.

    Raises
    ------
    InputError
        Unknown correction or family, domains that do not fit the respondents, no numbers.
    """
    member = _members(design, bereich)
    anywhere = np.logical_or.reduce(list(member.values()))
    sides = {name: (inside, anywhere & ~inside) for name, inside in member.items()}
    return compare(design, y, sides, korrektur, familie, niveau)


def against_whole(
    design: Design,
    y: pd.DataFrame | pd.Series,
    bereich: pd.Series,
    *,
    korrektur: str = "holm",
    familie: str = "alle",
    niveau: float = NIVEAU,
) -> pd.DataFrame:
    """Difference of each domain from all respondents, itself among them, with the covariance of both.

    As `against_rest`; the difference is smaller by the domain's share of the weight, the finding is nearly the same
    (where few make the interval, that share is taken as known). The whole are all with an answer, also those in no
    domain.
    """
    member = _members(design, bereich)
    sides = {name: (inside, np.ones(len(design), bool)) for name, inside in member.items()}
    return compare(design, y, sides, korrektur, familie, niveau)


def between(
    design: Design,
    y: pd.DataFrame | pd.Series,
    bereich: pd.Series,
    paare: Sequence[tuple] | None = None,
    *,
    korrektur: str = "holm",
    familie: str = "alle",
    niveau: float = NIVEAU,
) -> pd.DataFrame:
    """Difference of the first from the second domain of each pair (R `svyttest` among these two).

    As `against_rest`, with the two domains of the pair in front of the index; without `paare` all pairs.
    """
    member = _members(design, bereich)
    if paare is None:
        names = list(member)
        paare = [(a, b) for k, a in enumerate(names) for b in names[k + 1 :]]
    for name in (name for pair in paare for name in pair):
        if name not in member:
            raise InputError(f"comparison: there is no domain {name!r}; expected one of {', '.join(map(str, member))}")
    if not paare:
        raise InputError(f"comparison: {len(member)} domain; expected at least two")
    return compare(design, y, {(a, b): (member[a], member[b]) for a, b in paare}, korrektur, familie, niveau)


def corrected(p, korrektur: str = "holm") -> np.ndarray:
    """Corrected p values for a number of tests (R `p.adjust`, methods holm, BH, none); NaN does not count."""
    if korrektur not in KORREKTUREN:
        raise InputError(f"comparison: korrektur={korrektur!r}; expected one of {', '.join(KORREKTUREN)}")
    p = np.asarray(p, float)
    known = np.flatnonzero(~np.isnan(p))
    result = p.copy()
    if korrektur == "keine" or not len(known):
        return result
    if korrektur == "bh":
        result[known] = stats.false_discovery_control(p[known])
        return result
    order = known[np.argsort(p[known], kind="stable")]
    result[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(order), 0, -1)), 1)
    return result


def _members(design: Design, bereich: pd.Series) -> dict:
    if len(bereich) != len(design):
        raise InputError(f"comparison: {len(bereich)} domains for {len(design)} respondents of the design")
    codes, names = pd.factorize(bereich, sort=True)
    if not len(names):
        raise InputError("comparison: nobody is in a domain")
    return {name: codes == k for k, name in enumerate(names)}


def compare(design: Design, y, seiten: dict, korrektur: str, familie: str, niveau: float) -> pd.DataFrame:
    """Differences of the sides of any comparisons: name → who is on the first, on the second side (`against_rest`).

    Sides are booleans per respondent; the first may lie in the second.
    """
    if familie not in FAMILIEN:
        raise InputError(f"comparison: familie={familie!r}; expected one of {', '.join(FAMILIEN)}")
    frame = y.to_frame() if isinstance(y, pd.Series) else y
    values, known = _answers(design, frame)
    is_share = ((values == 0) | (values == 1)).all(axis=0)
    tables = {
        name: _difference(design, values, known & a[:, None], known & b[:, None], is_share, niveau)
        for name, (a, b) in seiten.items()
    }
    table = pd.concat({name: t.set_axis(frame.columns) for name, t in tables.items()})
    group = np.tile(np.arange(frame.shape[1]), len(seiten)) if familie == "merkmal" else np.zeros(len(table), int)
    # whether a difference can be tested depends on the answers: all count, else few tests would be many findings
    by_group = table.p_vorsichtig.fillna(1.0).groupby(group)
    table["p_korrigiert"] = by_group.transform(corrected, korrektur=korrektur).where(table.pruefbar)
    table["zufall"] = ~(table.p_korrigiert < 1 - niveau)
    return table.droplevel(-1) if y is not frame else table


def _answers(design: Design, frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    if len(frame) != len(design):
        raise InputError(f"comparison: {len(frame)} answers for {len(design)} respondents of the design")
    try:
        numbers = frame.to_numpy(float, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise InputError(f"comparison: {error}; expected numbers or 0 and 1") from error
    known = ~np.isnan(numbers)
    if np.isinf(numbers).any():
        raise InputError("comparison: an answer is infinite; expected numbers")
    return np.where(known, numbers, 0.0), known


def _difference(design: Design, values, a, b, is_share, niveau: float) -> pd.DataFrame:
    """Differences of the means of the respondents a and b, per column; a may lie in b."""
    one, two = (_side(design, values, x) for x in (a, b))
    apart = b & ~a
    rest = two if (apart == b).all() else _side(design, values, apart)
    df = degrees(design, a | b) - 1
    df_few = np.minimum(degrees(design, a), degrees(design, apart))
    difference = one.mittel - two.mittel
    einfluss = np.zeros(values.shape)
    einfluss[one.zeilen] += one.einfluss
    einfluss[two.zeilen] -= two.einfluss
    known = (one.n >= 2) & (two.n >= 2) & (df > 0)
    variance = np.where(known, design.varianz(einfluss), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        part = rest.gewicht / two.gewicht  # a - b is this part of a - (b without a)
        simple = part**2 * (one.streuung / one.kish + rest.streuung / rest.kish)
        effect = np.where(simple > 0, variance / simple, 1.0)
        m_one, m_rest = (side.kish / np.maximum(effect, 1) for side in (one, rest))
        enough = np.minimum(m_one, m_rest) >= np.where(is_share, 0, MINDESTENS)
        common = (one.gewicht * one.mittel + rest.gewicht * rest.mittel) / (one.gewicht + rest.gewicht)
        spread = sum(x.gewicht * (x.streuung + (x.mittel - common) ** 2) for x in (one, rest))
        spread = spread / (one.gewicht + rest.gewicht)
        expected = np.minimum(m_one, m_rest) * np.minimum(common, 1 - common)
        fixed = (variance <= _FEST * simple) & ((simple > 0) | ~is_share)
        testable = known & (rest.n > 0) & enough & ~fixed & (~is_share | (expected >= MINDESTENS_ERWARTET))
        t = np.abs(difference) / np.sqrt(variance)
        pooled = np.abs(difference / part) / np.sqrt(spread * (1 / one.kish + 1 / rest.kish) * effect)
        p = 2 * stats.t.sf(t, np.maximum(df, 1))
        careful = 2 * stats.t.sf(pooled, np.maximum(df, 1))
        careful = np.where(is_share, careful, np.fmax(careful, 2 * stats.t.sf(t, np.maximum(df_few, 1))))
        cells = np.minimum(m_one * one.kleiner, m_rest * rest.kleiner)
        few = known & (fixed | np.where(is_share, cells < NAEHERUNG_JE_ZELLE, np.minimum(m_one, m_rest) < NAEHERUNG))
    half = quantile_of_t(np.where(few, df_few, df), niveau) * np.sqrt(variance)
    unten, oben = difference - half, difference + half
    by_sides = few & is_share & ~fixed
    if by_sides.any():
        bounds = _newcombe(one, rest, m_one, m_rest, df, by_sides, niveau)
        unten[by_sides], oben[by_sides] = part[by_sides] * bounds
    return pd.DataFrame(
        {
            "n": one.n, "n_andere": two.n, "wert": one.mittel, "wert_andere": two.mittel, "differenz": difference,
            "se": np.sqrt(variance), "unten": unten, "oben": oben, "freiheitsgrade": df, "pruefbar": testable,
            "p": np.where(testable, p, np.nan), "p_vorsichtig": np.where(testable, np.fmax(p, careful), np.nan),
        }
    )  # fmt: skip


@dataclass(frozen=True)
class _Seite:
    """One side of a difference, per column: respondents, weight, Kish's effective size, mean, variance, influences."""

    n: np.ndarray
    gewicht: np.ndarray
    kish: np.ndarray
    mittel: np.ndarray
    streuung: np.ndarray
    zeilen: np.ndarray
    einfluss: np.ndarray

    @property
    def kleiner(self) -> np.ndarray:
        """The smaller of share and complement."""
        return np.minimum(self.mittel, 1 - self.mittel)


def _side(design: Design, values, inside) -> _Seite:
    rows = np.flatnonzero(inside.any(axis=1))
    weights, member = design.gewicht[rows], inside[rows].astype(float)
    x = values[rows] * member
    whole = weights @ member
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = weights @ x / whole
        x -= mean * member
        spread, kish = weights @ x**2 / whole, whole**2 / (weights**2 @ member)
        return _Seite(inside.sum(axis=0), whole, kish, mean, spread, rows, x / whole)


def _newcombe(one: _Seite, rest: _Seite, m_one, m_rest, df, which, niveau: float) -> np.ndarray:
    """Intervals (2 × columns) of differences of two shares from the intervals of both."""
    sides = []
    for side, m in ((one, m_one[which]), (rest, m_rest[which])):
        share, se = side.mittel[which], np.sqrt(side.streuung[which] / m)
        interval = share_interval(share, se, side.n[which], df[which], "korn_graubard", niveau, n_effektiv=m)
        sides.append((share, *interval))
    (p, low_p, high_p), (q, low_q, high_q) = sides
    return np.array([p - q - np.hypot(p - low_p, high_q - q), p - q + np.hypot(high_p - p, q - low_q)])
