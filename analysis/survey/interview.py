"""How far each interview got: what was asked and answered; complete, partial, broken off; what was left out."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from analysis.answers import holds, reasons
from analysis.codebook import FEHLGRUENDE, KODIERT, Codebuch
from analysis.errors import InputError

VOLLSTAENDIG, TEILWEISE = 0.8, 0.5
"""Answered share of the asked questions from which an interview is complete, or partial (AAPOR's 80 % and 50 %)."""

_FUER_ALLE = 0.5
"""Share of interviews in which a question without filter was shown from which it counts as asked of everybody."""

_ZEITEN = ("LASTDATA", "submitdate", "datestamp", "STARTED", "startdate")
"""Columns of SoSci Survey and LimeSurvey that hold the time of an interview, the best first."""


def questions(
    daten: pd.DataFrame, codebuch: Codebuch, ohne: Iterable[str] = (), typen: Iterable[str] = (*KODIERT, "zahl")
) -> pd.DataFrame:
    """Why each question was not answered by each respondent; empty text where it was.

    Items of a battery are questions of their own; the options of a multiple choice are one, answered if any option has
    a valid value. Texts beside options do not count.

    Parameters
    ----------
    ohne
        Questions or columns that nobody was asked, as a stratum taken from the access code.

    Returns
    -------
    pandas.DataFrame
        Reasons as of `answers.reasons`; columns are variables, for multiple choice the key of the question.
    """
    left_out = {codebuch.frage(name).key for name in ohne}
    asked = [frage for frage in codebuch.fragen if frage.typ in tuple(typen) and frage.key not in left_out]
    why = reasons(daten, codebuch, [m.spalte for frage in asked for m in frage.items])
    result = {}
    for frage in asked:
        columns = [m.spalte for m in frage.items]
        if frage.typ == "mehrfach":
            answered = (why[columns] == "").any(axis=1)
            result[frage.key] = why[columns[0]].mask(answered, "")
        else:
            result |= {column: why[column] for column in columns}
    return pd.DataFrame(result, index=daten.index)


def completeness(daten: pd.DataFrame, codebuch: Codebuch, ohne: Iterable[str] = ()) -> pd.DataFrame:
    """Questions asked and answered per interview; open ones do not count.

    A question that was not shown counts as asked (not reached) where its filter holds, or where it has no filter and at
    least half of all interviews were shown it: else whoever stops on the first page would have answered everything.
    "I do not know" is an answer here, a refusal is none.

    Parameters
    ----------
    ohne
        As in `questions`.

    Returns
    -------
    pandas.DataFrame
        `gestellt`, `beantwortet`, `nicht_erreicht` (numbers of questions), `anteil` (answered of asked; NaN where
        nothing was asked).
    """
    why = questions(daten, codebuch, ohne)
    not_shown = why == "nicht_gezeigt"
    missed = not_shown & _meant(daten, codebuch, not_shown)
    asked = (~not_shown | missed).sum(axis=1)
    answered = why.isin(["", "weiss_nicht"]).sum(axis=1)
    return pd.DataFrame({
        "gestellt": asked,
        "beantwortet": answered,
        "nicht_erreicht": missed.sum(axis=1),
        "anteil": answered / asked.where(asked > 0),
    })  # fmt: skip


def _meant(daten: pd.DataFrame, codebuch: Codebuch, not_shown: pd.DataFrame) -> pd.DataFrame:
    """Whether each question was meant for each respondent."""
    result = {}
    for name in not_shown:
        frage = codebuch.frage(name)
        if frage.filter:
            result[name] = holds(daten, frage.filter)
        else:
            result[name] = pd.Series(bool(1 - not_shown[name].mean() >= _FUER_ALLE), daten.index)
    return pd.DataFrame(result, index=daten.index)


def dispositions(
    daten: pd.DataFrame,
    codebuch: Codebuch,
    ohne: Iterable[str] = (),
    vollstaendig: float = VOLLSTAENDIG,
    teilweise: float = TEILWEISE,
) -> pd.Series:
    """AAPOR disposition of each interview: complete (`I`), partial (`P`) or broken off (`R`).

    Parameters
    ----------
    ohne
        As in `questions`.
    vollstaendig, teilweise
        Answered shares of the asked questions (`completeness`) from which an interview is complete, or partial.
    """
    if not 0 <= teilweise <= vollstaendig <= 1:
        raise InputError(
            f"dispositions: partial from {teilweise}, complete from {vollstaendig}; expected 0 to 1 in order"
        )
    share = completeness(daten, codebuch, ohne).anteil.fillna(0.0)
    values = np.select([share >= vollstaendig, share >= teilweise], ["I", "P"], "R")
    return pd.Series(values, daten.index, name="disposition")


def by_group(disposition: pd.Series, gruppe: pd.Series) -> pd.DataFrame:
    """Interviews per disposition by mode, wave or another property of the answers; the last row holds those without.

    Returns
    -------
    pandas.DataFrame
        Columns `I`, `P`, `R`, `interviews`, `anteil` (of all); index: values of the group, NA last if needed.
    """
    if len(gruppe) != len(disposition):
        raise InputError(f"response by {gruppe.name}: {len(gruppe)} groups for {len(disposition)} interviews")
    codes, names = pd.factorize(gruppe.astype(object), sort=True)
    kinds = ["I", "P", "R"]
    which = pd.Index(kinds).get_indexer(disposition)
    if (which < 0).any():
        raise InputError(
            f"response by {gruppe.name}: disposition {disposition[which < 0].iloc[0]!r}; expected I, P or R"
        )
    counts = np.zeros((len(names) + 1, len(kinds)), int)
    np.add.at(counts, (codes, which), 1)  # code -1, without group: the last row
    table = pd.DataFrame(counts, pd.Index([*names, pd.NA], dtype=object), kinds)
    table = table if (codes < 0).any() else table.iloc[:-1]
    total = table.sum(axis=1)
    table = table.assign(interviews=total, anteil=total / max(len(disposition), 1))
    return table.rename_axis(index=gruppe.name, columns=None)


def item_nonresponse(daten: pd.DataFrame, codebuch: Codebuch, ohne: Iterable[str] = ()) -> pd.DataFrame:
    """Who was shown each question, who answered it, and why the others did not.

    Returns
    -------
    pandas.DataFrame
        Index: variable, for multiple choice the key of the question. `frage`, `gezeigt`, `beantwortet`, a column per
        reason (`nicht_beantwortet`, `weiss_nicht`, `verweigert`, `sonstiges`, `nicht_gezeigt`), `anteil_ohne_antwort`
        (shown without a valid answer; NaN where nobody was shown it).
    """
    why = questions(daten, codebuch, ohne, (*KODIERT, "zahl", "offen"))
    table = pd.DataFrame({name: (why == name).sum() for name in FEHLGRUENDE}, index=why.columns)
    answered = (why == "").sum()
    shown = len(daten) - table.nicht_gezeigt
    keys = [codebuch.frage(name).key for name in why]
    front = pd.DataFrame({"frage": keys, "gezeigt": shown, "beantwortet": answered}, index=why.columns)
    share = (1 - answered / shown.where(shown > 0)).rename("anteil_ohne_antwort")
    return front.join(table).join(share).rename_axis("merkmal")


def breakoff(daten: pd.DataFrame, codebuch: Codebuch, ohne: Iterable[str] = ()) -> pd.DataFrame:
    """Where interviews ended that did not reach all questions meant for them.

    The order is that of the codebook; it is the way through the questionnaire only if the codebook follows it.

    Returns
    -------
    pandas.DataFrame
        One row per question that was the last one shown in such an interview: `interviews`, `kumuliert`.
    """
    why = questions(daten, codebuch, ohne)
    stopped = completeness(daten, codebuch, ohne).nicht_erreicht > 0
    shown = (why[stopped] != "nicht_gezeigt").to_numpy()
    order = np.arange(1, why.shape[1] + 1)
    last = (shown * order).max(axis=1, initial=0)
    counts = pd.Series(last).value_counts().sort_index()
    names = ["" if place == 0 else why.columns[place - 1] for place in counts.index]
    table = pd.DataFrame({"interviews": counts.to_numpy()}, pd.Index(names, name="letzte_frage", dtype=object))
    return table.assign(kumuliert=table.interviews.cumsum())


def time_of_interview(daten: pd.DataFrame, codebuch: Codebuch) -> pd.Series:
    """When each interview was done: the last entry where the export tells it, else its begin.

    Raises
    ------
    InputError
        No variable with a known name holds it (pass the column to `response.fieldwork` instead).
    """
    dates = [m.spalte for frage in codebuch.fragen for m in frage.merkmale if m.typ == "datum" and m.spalte in daten]
    dates = [name for name in dates if pd.api.types.is_datetime64_any_dtype(daten[name])]
    known = [name for name in _ZEITEN if name in dates]
    if not known:
        raise InputError(f"survey: none of the variables {', '.join(_ZEITEN)} with the time of the interview")
    return daten[known[0]]
