"""Checks of survey data before anything is estimated: what stops the work, and what is only counted.

Nothing is dropped or changed here.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from analysis.answers import filter_conflicts, reasons
from analysis.codebook import KODIERT, Codebuch
from analysis.errors import InputError

FEHLER, GEZAEHLT = "fehler", "gezaehlt"
"""Treatments: estimation must not begin; the cases stay in and their number is told."""

_GRUENDE = {
    "schluessel_doppelt": "interviews with a case number that another one has; expected each once",
    "schluessel_fehlt": "interviews without case number; expected one for each",
    "schicht_mit_einem": "interview alone in its stratum, whose sampling error is not known; join it with another one",
    "schicht_fehlt": "interviews without stratum; expected one for each",
    "gewicht_unbrauchbar": "weights are empty, no number or not above 0; expected a number above 0 for each interview",
    "ziehung_widerspricht": "persons differ between the cells of the drawn sample and the description",
}
"""Findings that stop the work, as the sentence of the error says them."""

COLUMNS = ["pruefung", "befund", "anzahl", "behandlung"]

GLEICHE_ANTWORTEN_AB = 30
"""Valid coded answers from which two identical interviews count as one entered twice."""

BATTERIE_AB = 4
"""Items of a battery from which the same answer to all is counted."""


def checks(
    daten: pd.DataFrame,
    codebuch: Codebuch,
    angaben: dict,
    *,
    schluessel: str | None = None,
    ziehung: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """All checks in one table; see the functions of this module for their rules.

    Parameters
    ----------
    daten, codebuch, angaben
        Of the survey (`Befragung`).
    schluessel
        Column of the case number.
    ziehung
        Cells of the drawn sample.

    Returns
    -------
    pandas.DataFrame
        `pruefung`, `befund` (question, column, code or rule), `anzahl` (of cases, or of codes nobody chose),
        `behandlung` (`fehler` or `gezaehlt`). A check without finding has one row with 0: it was made.
    """
    given = angaben.get("design", {})
    for name in (schluessel, given.get("schicht"), given.get("gewicht")):
        if name is not None and name not in daten:
            raise InputError(f"checks: there is no column {name!r}")
    tables = [
        same_key(daten, schluessel),
        same_answers(daten, codebuch),
        without_answer(daten, codebuch),
        without_cases(daten, codebuch),
        conflicts(daten, codebuch),
        straight_lining(daten, codebuch),
        strata(daten, given.get("schicht")),
        weights(daten, given.get("gewicht")),
        sample_sums(ziehung, angaben, len(daten)),
    ]
    return pd.concat(tables, ignore_index=True)


def require(tabelle: pd.DataFrame) -> None:
    """Refuse to go on while a check of the treatment `fehler` has findings.

    Raises
    ------
    InputError
        With the first finding.
    """
    wrong = tabelle[(tabelle.behandlung == FEHLER) & (tabelle.anzahl > 0)]
    if len(wrong):
        first = wrong.iloc[0]
        more = f" (and {len(wrong) - 1} more findings)" if len(wrong) > 1 else ""
        raise InputError(f"survey data, {first.befund}: {first.anzahl} {_GRUENDE[first.pruefung]}{more}")


def same_key(daten: pd.DataFrame, schluessel: str | None) -> pd.DataFrame:
    """Interviews whose case number another one has, or that have none (`schluessel_doppelt`, `schluessel_fehlt`)."""
    if schluessel is None:
        return _table("schluessel_doppelt", FEHLER, [])
    keys = daten[schluessel]
    twice = int((keys.duplicated() & keys.notna()).sum())
    rows = [_table("schluessel_doppelt", FEHLER, [(schluessel, twice)])]
    return pd.concat([*rows, _table("schluessel_fehlt", FEHLER, [(schluessel, int(keys.isna().sum()))])])


def same_answers(daten: pd.DataFrame, codebuch: Codebuch, ab: int = GLEICHE_ANTWORTEN_AB) -> pd.DataFrame:
    """Interviews with the same answers as an earlier one to all coded questions and numbers (`antworten_doppelt`).

    Counted only where at least `ab` answers are valid: short interviews may well agree.
    """
    columns = [m.spalte for frage in codebuch.fragen if frage.typ in (*KODIERT, "zahl") for m in frage.items]
    valid = (reasons(daten, codebuch, columns) == "").sum(axis=1) >= ab
    long = daten.loc[valid.to_numpy(), columns].astype("string").fillna("")
    return _table("antworten_doppelt", GEZAEHLT, [(f"ab {ab} Antworten", int(long.duplicated().sum()))])


def without_answer(daten: pd.DataFrame, codebuch: Codebuch) -> pd.DataFrame:
    """Variables without a single valid answer (`ohne_antwort`: number of interviews), and interviews without any."""
    asked = [frage for frage in codebuch.fragen if frage.typ not in ("technisch", "datum")]
    columns = [m.spalte for frage in asked for m in frage.items]
    valid = reasons(daten, codebuch, columns) == ""
    empty = [(name, len(daten)) for name in valid.columns[~valid.any(axis=0)]]
    table = _table("ohne_antwort", GEZAEHLT, empty)
    nobody = int((~valid.any(axis=1)).sum()) if len(columns) else 0
    return pd.concat([table, _table("interview_leer", GEZAEHLT, [("keine gültige Antwort", nobody)])])


def without_cases(daten: pd.DataFrame, codebuch: Codebuch) -> pd.DataFrame:
    """Codes that nobody gave, per variable that has valid answers (`auspraegung_ohne_faelle`); they stay with 0 cases.

    Not for multiple choice, where each option has its own 0.
    """
    coded = [m for frage in codebuch.fragen if frage.typ in KODIERT and frage.typ != "mehrfach" for m in frage.items]
    rows = []
    for m in coded:
        present = set(daten[m.spalte].dropna().unique())
        missing = [code for code in m.labels if code not in present]
        if missing and len(missing) < len(m.labels):
            rows.append((f"{m.spalte}: {', '.join(map(str, missing))}", len(missing)))
    return _table("auspraegung_ohne_faelle", GEZAEHLT, rows)


def conflicts(daten: pd.DataFrame, codebuch: Codebuch) -> pd.DataFrame:
    """Answers that contradict their filter (`antwort_trotz_filter`, `nicht_gezeigt_trotz_filter`)."""
    found = filter_conflicts(daten, codebuch)
    names = found.merkmal + " (" + found["filter"] + ")"
    against = [(n, k) for n, k in zip(names, found.trotz_filter, strict=True) if k]
    absent = [(n, k) for n, k in zip(names, found.fehlt_trotz_frage, strict=True) if k]
    return pd.concat([
        _table("antwort_trotz_filter", GEZAEHLT, against),
        _table("nicht_gezeigt_trotz_filter", GEZAEHLT, absent),
    ])  # fmt: skip


def straight_lining(daten: pd.DataFrame, codebuch: Codebuch, ab: int = BATTERIE_AB) -> pd.DataFrame:
    """Interviews with the same valid answer to all items of a battery of `ab` items or more (`gleichfoermig`).

    Not wrong in itself: where all items agree in direction it can be what somebody thinks.
    """
    batteries: dict[str, list[str]] = {}
    for frage in codebuch.fragen:
        if frage.typ == "skala" or (frage.batterie and frage.typ in KODIERT and frage.typ != "mehrfach"):
            batteries.setdefault(frage.batterie or frage.key, []).extend(m.spalte for m in frage.items)
    rows = []
    for name, columns in batteries.items():
        if len(columns) < ab:
            continue
        valid = reasons(daten, codebuch, columns) == ""
        values = daten[columns].astype("string")
        same = valid.all(axis=1) & values.eq(values.iloc[:, 0], axis=0).fillna(False).all(axis=1)
        rows.append((f"{name} ({len(columns)} Fragen, {int(valid.all(axis=1).sum())} vollständig)", int(same.sum())))
    return _table("gleichfoermig", GEZAEHLT, rows)


def strata(daten: pd.DataFrame, schicht: str | None) -> pd.DataFrame:
    """Strata with one respondent (`schicht_mit_einem`) and respondents without stratum (`schicht_fehlt`)."""
    if schicht is None:
        return _table("schicht_mit_einem", FEHLER, [])
    counts = daten[schicht].value_counts()
    single = [(f"{schicht} = {value}", 1) for value in counts.index[counts == 1]]
    missing = int(daten[schicht].isna().sum())
    return pd.concat(
        [_table("schicht_mit_einem", FEHLER, single), _table("schicht_fehlt", FEHLER, [(schicht, missing)])]
    )


def weights(daten: pd.DataFrame, gewicht: str | None) -> pd.DataFrame:
    """Weights that are missing, no numbers, infinite, or not above 0 (`gewicht_unbrauchbar`)."""
    if gewicht is None:
        return _table("gewicht_unbrauchbar", FEHLER, [])
    values = pd.to_numeric(daten[gewicht], errors="coerce").to_numpy(float, na_value=np.nan)
    return _table("gewicht_unbrauchbar", FEHLER, [(gewicht, int((~(values > 0) | np.isinf(values)).sum()))])


def sample_sums(ziehung: pd.DataFrame | None, angaben: dict, interviews: int) -> pd.DataFrame:
    """Persons by which the cells of the drawn sample differ from the description (`ziehung_widerspricht`).

    The interviews of the data against those who answered by the cells are only counted (`antworten_ohne_zelle`): a
    questionnaire can come back without its number.
    """
    if ziehung is None:
        return _table("ziehung_widerspricht", FEHLER, [])
    given, rows = angaben.get("ziehung", {}), []
    for key, column in (("n", "n_gezogen"), ("unzustellbar", "n_unzustellbar")):
        if key in given and given[key] != ziehung[column].sum():
            rows.append(
                (f"{key} = {given[key]}, {column} = {ziehung[column].sum()}", abs(given[key] - ziehung[column].sum()))
            )
    if "je_raum" in given and "raum" in ziehung:
        cells, said = ziehung.groupby("raum", observed=True).n_gezogen.sum(), pd.Series(given["je_raum"])
        difference = cells.astype(int).sub(said.astype(int), fill_value=0).abs()
        rows += [(f"je_raum, {raum}", int(number)) for raum, number in difference[difference > 0].items()]
    answered = abs(int(ziehung.n_geantwortet.sum()) - interviews)
    return pd.concat([
        _table("ziehung_widerspricht", FEHLER, rows),
        _table("antworten_ohne_zelle", GEZAEHLT, [("n_geantwortet", answered)]),
    ])  # fmt: skip


def _table(check: str, treatment: str, rows: Iterable[tuple[str, int]]) -> pd.DataFrame:
    rows = list(rows) or [("", 0)]
    return pd.DataFrame([(check, finding, int(number), treatment) for finding, number in rows], columns=COLUMNS)
