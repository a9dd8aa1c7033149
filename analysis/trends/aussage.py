"""What the newest years of a series say: rising, falling, no trend beyond chance, not comparable, too few values."""

import numpy as np
import pandas as pd

from analysis.catalogue import Katalog
from analysis.errors import InputError
from analysis.trends import brueche as breaks
from analysis.trends.pruefung import NIVEAU_Z, Pruefung, cochran_armitage, weighted_regression
from analysis.trends.reihen import Reihen, dates_of, numbered

PUNKTE = 5
"""Points of a statement: the newest five, one per year."""

SCHWELLE = 9.54953570608324
"""chi² with 1 degree of freedom above which a trend counts: 99.8 % (Fingertips)."""

WORTE = {
    "steigt": "steigt",
    "sinkt": "sinkt",
    "kein_trend": "kein gesicherter Trend",
    "nicht_vergleichbar": "nicht vergleichbar",
    "zu_wenige": "zu wenige Werte",
    "nicht_pruefbar": "nicht prüfbar",
}
"""Statement → the words that readers see."""

GEPRUEFT = ("steigt", "sinkt", "kein_trend")
"""Statements that rest on a test."""

GRUENDE = {
    "": "",
    "zufall": "Die Veränderung kann Zufall sein.",
    "ausreisser": "Der Trend hängt an einem einzelnen Wert.",
    "bruch": "Die Werte sind vor und nach einem Bruch der Reihe nicht vergleichbar.",
    "stichtage_gemischt": "Die Werte stammen von verschiedenen Tagen des Jahres.",
    "fehlende_jahre": "In den letzten Jahren fehlen Werte.",
    "kurze_reihe": "Die Reihe ist noch zu kurz.",
    "keine_werte": "Es gibt keinen Wert.",
    "kein_intervall": "Zu den Werten gibt es keine Intervalle; wie stark der Zufall wirkt, ist unbekannt.",
}
"""Reason of a statement → a sentence for readers."""

COLUMNS = [
    *("ags", "indikator", "aussage", "grund", "von", "bis", "punkte", "verfahren", "chi2", "p"),
    *("steigung_je_jahr", "steigung_unten", "steigung_oben", "stabil", "wert_von", "wert_bis"),
]

_NEEDED = ("anteil", "unten", "oben", "zaehler", "nenner")


def statements(
    werte: pd.DataFrame, katalog: Katalog, *, punkte: int = PUNKTE, brueche: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Trend of every series at its newest value, by the rule of Fingertips.

    The newest `punkte` years are tested, one value per year on the same day of the year as the newest, all after the
    last declared break. A trend counts if chi² exceeds `SCHWELLE` and the slope keeps its sign when any one point is
    left out. Proportions from counts are tested by Cochran-Armitage, everything else by a regression weighted
    with the intervals of the values (see `pruefung`).

    Parameters
    ----------
    werte
        Long table of `indicators.compute`.
    katalog
        Definitions: which indicators are proportions (`art` is `anteil`), and their breaks.
    punkte
        Points of the test, at least 5.
    brueche
        Breaks with `ags`, `indikator`, `datum`; those of `brueche.declared` where not given.

    Returns
    -------
    pandas.DataFrame
        One row per series, sorted by `ags`, `indikator`. `aussage` is a key of `WORTE`, `grund` one of `GRUENDE`.
        `von`, `bis`, `wert_von`, `wert_bis`, `punkte` describe the comparable points of the newest years, tested or
        not. `chi2`, `p`, the slope (share per year) with its 95 % interval and `stabil` are given where a test was
        made; the interval can exclude 0 without a trend, because the statement asks for 99.8 %. `verfahren` is
        `cochran_armitage`, `regression` or empty.

    Raises
    ------
    InputError
        Fewer than 5 points asked for, a column is missing, an indicator is unknown, a series has two values on
        one day, or a count cannot be.

    Notes
    -----
    Office for Health Improvement and Disparities: Fingertips Public Health Technical Guidance, Trend markers;
    PHEindicatormethods `assign_trend_markers`. What differs here stands in docs/methoden_trends.md.
    """
    if not isinstance(punkte, int | np.integer) or punkte < PUNKTE:
        raise InputError(f"trend statement: punkte={punkte!r}; expected a whole number of {PUNKTE} or more")
    reihen = numbered(werte, _NEEDED)
    columns = {c: werte[c].to_numpy(float) for c in _NEEDED}
    art = {i: katalog.indikator(i).art for i in reihen.schluessel.indikator.unique()}
    proportion = (reihen.schluessel.indikator.map(art) == "anteil").to_numpy()
    _check_counts(werte, columns, proportion[reihen.reihe])
    brueche = breaks.declared(reihen.schluessel, katalog) if brueche is None else brueche
    rows, comparable, state = _window(reihen, columns["anteil"], punkte, brueche)
    full = np.flatnonzero(state == "")
    at = {c: v[rows[full]] for c, v in columns.items()}
    jahre = np.broadcast_to(np.arange(punkte, dtype=float), (len(full), punkte))

    share = proportion[full] & (at["nenner"] > 0).all(axis=1) & np.isfinite(at["zaehler"]).all(axis=1)
    width = at["oben"] - at["unten"]
    bounded = ~share & (np.isfinite(width) & (width > 0)).all(axis=1)

    result = {c: np.full(len(reihen), np.nan) for c in ("chi2", "steigung", "se", "vorzeichen")}
    _put(result, full[share], cochran_armitage(*(x[share] for x in (at["zaehler"], at["nenner"], jahre))))
    _put(result, full[bounded], weighted_regression(*(x[bounded] for x in (at["anteil"], width, jahre))))
    verfahren = np.full(len(reihen), "", dtype=object)
    verfahren[full[share]], verfahren[full[bounded]] = "cochran_armitage", "regression"
    state[full[~share & ~bounded]] = "kein_intervall"
    table = _table(reihen, columns["anteil"], rows, comparable)
    return table.assign(**_judged(state, result), verfahren=verfahren)[COLUMNS]


def _put(result: dict, series: np.ndarray, test: Pruefung) -> None:
    for column, values in result.items():
        values[series] = getattr(test, column)


def _check_counts(werte: pd.DataFrame, columns: dict, proportion: np.ndarray) -> None:
    zaehler, nenner = columns["zaehler"], columns["nenner"]
    impossible = (nenner < 0) | (proportion & ((zaehler < 0) | (zaehler > nenner)))
    wrong = (impossible & ~np.isnan(columns["anteil"])) | np.isinf(columns["anteil"])
    if wrong.any():
        row = werte.iloc[int(np.argmax(wrong))]
        raise InputError(
            f"trend statement: {row.indikator} of {row.ags} at {row.stichtag} is {row.zaehler:g} of {row.nenner:g}"
            f" ({row.anteil:g}); expected counts of 0 or more, the part not larger than the whole"
        )


def _window(reihen: Reihen, anteil: np.ndarray, punkte: int, brueche: pd.DataFrame) -> tuple:
    """Rows of the newest years (series × points), which are comparable, and why a series cannot be tested ("")."""
    known = np.isfinite(anteil)
    newest = reihen.newest(known)
    empty = newest < 0
    back = reihen.jahr[newest][reihen.reihe] - reihen.jahr
    same_day = reihen.stelle == reihen.stelle[newest][reihen.reihe]
    inside = known & (back >= 0) & (back < punkte)
    rows = np.full((len(reihen), punkte), -1)
    other_day = np.zeros(rows.shape, bool)
    chosen, rest = np.flatnonzero(inside & same_day), np.flatnonzero(inside & ~same_day)
    rows[reihen.reihe[chosen], punkte - 1 - back[chosen]] = chosen
    other_day[reihen.reihe[rest], punkte - 1 - back[rest]] = True

    since = breaks.last_break(reihen, np.where(empty, 0, reihen.tag[newest]), brueche)
    there = rows >= 0
    comparable = there & (reihen.tag[rows] >= since[:, None])
    regular = np.flatnonzero(known & same_day)
    years = np.bincount(reihen.reihe[regular], minlength=len(reihen))
    older = np.bincount(reihen.reihe[regular[back[regular] >= punkte]], minlength=len(reihen)) > 0
    gap = ~there & (np.maximum.accumulate(there, axis=1) | older[:, None])
    mixed = (~there & other_day).any(axis=1) & ~(there & other_day).any(axis=1)
    broken = (there & ~comparable).any(axis=1) & (years >= punkte)
    state = np.select(
        [empty, comparable.all(axis=1), mixed, broken, gap.any(axis=1)],
        ["keine_werte", "", "stichtage_gemischt", "bruch", "fehlende_jahre"],
        default="kurze_reihe",
    ).astype(object)
    return rows, comparable, state


_NICHT_GEPRUEFT = {
    "keine_werte": "zu_wenige",
    "kurze_reihe": "zu_wenige",
    "fehlende_jahre": "zu_wenige",
    "bruch": "nicht_vergleichbar",
    "stichtage_gemischt": "nicht_vergleichbar",
    "kein_intervall": "nicht_pruefbar",
}


def _judged(state: np.ndarray, result: dict) -> dict:
    """Statement, reason and figures of the test per series."""
    from scipy.special import erfc

    tested, significant = state == "", result["chi2"] > SCHWELLE
    stable = result["vorzeichen"] != 0
    aussage = np.array([_NICHT_GEPRUEFT.get(s, "kein_trend") for s in state], dtype=object)
    aussage[tested & significant & stable & (result["vorzeichen"] > 0)] = "steigt"
    aussage[tested & significant & stable & (result["vorzeichen"] < 0)] = "sinkt"
    grund = np.where(tested, np.where(significant, np.where(stable, "", "ausreisser"), "zufall"), state)
    return {
        "aussage": aussage,
        "grund": grund,
        "chi2": result["chi2"],
        "p": erfc(np.sqrt(result["chi2"] / 2)),
        "steigung_je_jahr": result["steigung"],
        "steigung_unten": result["steigung"] - NIVEAU_Z * result["se"],
        "steigung_oben": result["steigung"] + NIVEAU_Z * result["se"],
        "stabil": tested & stable,
    }


def _table(reihen: Reihen, anteil, rows, comparable) -> pd.DataFrame:
    """Extent of the comparable points of the newest years."""
    count = comparable.sum(axis=1)
    first = rows[np.arange(len(rows)), comparable.argmax(axis=1)]
    last = rows[:, -1]
    some = count > 0
    ends = {"von": first, "bis": last}
    days = {name: dates_of(np.where(some, reihen.tag[row], np.nan)) for name, row in ends.items()}
    shares = {f"wert_{name}": np.where(some, anteil[row], np.nan) for name, row in ends.items()}
    return reihen.schluessel.assign(**days, punkte=count, **shares)
