"""Who of the drawn persons answered: outcome rates by AAPOR, response by group, the course of the field work."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.rates import NIVEAU, wilson
from analysis.sources.befragung import Befragung

DISPOSITIONEN = ("I", "P", "R", "NC", "O", "UH", "UO", "NE")
"""Complete, partial, refusal or break-off, no contact, other; unknown household, unknown other; known not eligible."""

RATEN = (
    *("RR1", "RR2", "RR3", "RR4", "RR5", "RR6", "COOP1", "COOP2", "COOP3", "COOP4"),
    *("REF1", "REF2", "REF3", "CON1", "CON2", "CON3"),
)
"""Response, cooperation, refusal and contact rates."""

_ZIEHUNG = {"n_gezogen": "drawn", "n_unzustellbar": "undeliverable", "n_geantwortet": "answered"}


def eligibility(zahlen: pd.DataFrame | pd.Series) -> pd.Series:
    """Estimated share of eligible persons among those of unknown eligibility (e): that among the known ones.

    Known eligible / (known eligible + known not eligible): proportional allocation (CASRO). NaN where nobody is known;
    1 where nobody is known not to be eligible.

    Notes
    -----
    Equals R `outcomerate::eligibility_rate` and the default of AAPOR's Outcome Rate Calculator 4.0.
    """
    d = _counts(zahlen)
    known = d[["I", "P", "R", "NC", "O"]].sum(axis=1)
    return _quotient(known, known + d.NE).rename("e")


def outcome_rates(zahlen: pd.DataFrame | pd.Series, e: float | pd.Series | None = None) -> pd.DataFrame:
    """Outcome rates of a survey by AAPOR from the number of cases per disposition.

    Parameters
    ----------
    zahlen
        Columns (or entries) of `DISPOSITIONEN`; what is not there is 0. One row per group. Weighted numbers give
        weighted rates.
    e
        Estimated share of eligible ones among the unknown, 0..1; without it `eligibility` of each row.

    Returns
    -------
    pandas.DataFrame
        One row per group: `e` and the shares `RATEN` (0..1). NaN where the denominator is 0. RR5, RR6, REF3 and CON3
        take no unknown case as eligible: they say something only where there is none, or where that is known to be so.

    Raises
    ------
    InputError
        Another disposition, a number that is none or below 0, an e outside 0..1.

    Notes
    -----
    AAPOR (2023), Standard Definitions, 10th edition. Equals R `outcomerate::outcomerate`.
    """
    d = _counts(zahlen)
    share = eligibility(d) if e is None else _share_of_unknown(e, d.index)
    interview, unknown = d.I + d.P, d.UH + d.UO
    known = interview + d.R + d.NC + d.O
    every, estimated = known + unknown, known + (share * unknown).where(unknown > 0, 0.0)
    contacted = interview + d.R + d.O
    parts = {
        "RR1": (d.I, every), "RR2": (interview, every), "RR3": (d.I, estimated), "RR4": (interview, estimated),
        "RR5": (d.I, known), "RR6": (interview, known), "COOP1": (d.I, contacted), "COOP2": (interview, contacted),
        "COOP3": (d.I, interview + d.R), "COOP4": (interview, interview + d.R), "REF1": (d.R, every),
        "REF2": (d.R, estimated), "REF3": (d.R, known), "CON1": (contacted, every), "CON2": (contacted, estimated),
        "CON3": (contacted, known),
    }  # fmt: skip
    return pd.DataFrame({"e": share, **{name: _quotient(*parts[name]) for name in RATEN}})


def register_sample(
    antworten: pd.Series,
    gezogen: int,
    unzustellbar: int = 0,
    *,
    unzustellbar_als: str = "NE",
    ohne_antwort_als: str = "NC",
) -> pd.Series:
    """Dispositions of a sample of named persons from the register who fill in the questionnaire themselves.

    Parameters
    ----------
    antworten
        `I`, `P` or `R` per interview in the data (`interview.dispositions`).
    gezogen, unzustellbar
        Persons drawn, and of these those whose letter came back.
    unzustellbar_als
        `NE`: they no longer live there and do not belong to the population ("stichprobenneutral"); `UO`: nobody knows.
    ohne_antwort_als
        Those of whom nothing came: `NC`, eligible as the register says; `UO`, of unknown eligibility.

    Returns
    -------
    pandas.Series
        Number of persons per disposition.

    Raises
    ------
    InputError
        More answers than letters that arrived, another disposition.
    """
    for name, value, allowed in (
        ("unzustellbar_als", unzustellbar_als, ("NE", "UO")),
        ("ohne_antwort_als", ohne_antwort_als, ("NC", "UO")),
    ):
        if value not in allowed:
            raise InputError(f"response: {name}={value!r}; expected {' or '.join(allowed)}")
    strange = set(antworten.dropna().unique()) - {"I", "P", "R"}
    if strange or antworten.isna().any():
        raise InputError(f"response: disposition {sorted(map(str, strange))[:1] or 'missing'}; expected I, P or R")
    if unzustellbar < 0 or gezogen - unzustellbar < len(antworten):
        raise InputError(
            f"response: {len(antworten)} interviews of {gezogen} persons drawn, {unzustellbar} of them undeliverable"
        )
    counts = antworten.value_counts().reindex(list(DISPOSITIONEN), fill_value=0).astype(int)
    counts[unzustellbar_als] += unzustellbar
    counts[ohne_antwort_als] += gezogen - unzustellbar - len(antworten)
    return counts.rename("personen")


def response_rates(befragung: Befragung, antworten: pd.Series, **als) -> pd.DataFrame:
    """Persons per disposition, e and response rates RR1 to RR6 of a survey with a drawn sample, in one row.

    Parameters
    ----------
    befragung
        Survey whose description has `ziehung`.
    antworten
        `I`, `P` or `R` per interview (`interview.dispositions`).
    als
        As in `register_sample`.

    Returns
    -------
    pandas.DataFrame
        Columns `gezogen`, `unzustellbar`, `DISPOSITIONEN`, `e`, `RR1` … `RR6`. RR5 and RR6 are NaN where cases are of
        unknown eligibility: to take all who did not answer as not eligible would make every rate 1.

    Raises
    ------
    InputError
        The description has no `ziehung`, or it does not say how many letters came back: the rates depend on it.
    """
    drawn = befragung.angaben.get("ziehung")
    if drawn is None or "unzustellbar" not in drawn:
        raise InputError(f"survey {befragung.kurz}: the description says no `ziehung` with `n` and `unzustellbar`")
    counts = register_sample(antworten, drawn["n"], drawn["unzustellbar"], **als)
    rates = outcome_rates(counts).reset_index(drop=True)
    if counts.UH + counts.UO > 0:
        rates[["RR5", "RR6"]] = np.nan
    head = pd.DataFrame([{"gezogen": drawn["n"], "unzustellbar": drawn["unzustellbar"], **counts}])
    return head.join(rates[["e", *RATEN[:6]]])


def response_by(ziehung: pd.DataFrame, gruppe: str | Sequence[str], niveau: float = NIVEAU) -> pd.DataFrame:
    """Response by group of the drawn persons (area, age group, sex), with Wilson interval.

    Parameters
    ----------
    ziehung
        Counts per cell of the sample: `n_gezogen`, `n_unzustellbar`, `n_geantwortet` and columns of groups.
    gruppe
        Column or columns.

    Returns
    -------
    pandas.DataFrame
        Per group `n_gezogen`, `n_unzustellbar`, `n_geantwortet`, `erreicht` (whose letter arrived), `anteil` (answered
        of those, however much of the questionnaire: RR2 without break-offs is lower), `unten`, `oben`; NaN where none
        arrived.

    Raises
    ------
    InputError
        A column is missing, a number is none or below 0, more answered than letters arrived, a group has no name.
    """
    names = [gruppe] if isinstance(gruppe, str) else list(gruppe)
    cells = checked_sample(ziehung, names)
    table = cells.groupby(names if len(names) > 1 else names[0], sort=False, observed=True)[list(_ZIEHUNG)].sum()
    arrived = table.n_gezogen - table.n_unzustellbar
    unten, oben = wilson(table.n_geantwortet, arrived, niveau)
    return table.assign(erreicht=arrived, anteil=_quotient(table.n_geantwortet, arrived), unten=unten, oben=oben)


def checked_sample(ziehung: pd.DataFrame, gruppen: Sequence[str] = ()) -> pd.DataFrame:
    """Cells of the drawn sample with whole numbers; refuses what cannot be, also more drawn than live there (`N`)."""
    for name in (*gruppen, *_ZIEHUNG):
        if name not in ziehung:
            raise InputError(f"sample: there is no column {name!r}")
    for name in gruppen:
        if ziehung[name].isna().any():
            row = int(np.flatnonzero(ziehung[name].isna())[0]) + 1
            raise InputError(f"sample, row {row}, {name}: empty; expected the name of a group")
    cells = ziehung.copy()
    for name in _ZIEHUNG:
        numbers = pd.to_numeric(ziehung[name], errors="coerce").to_numpy(float, na_value=np.nan)
        wrong = ~((numbers >= 0) & (numbers == np.floor(numbers)))
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            value = str(ziehung[name].iloc[row])
            raise InputError(f"sample, row {row + 1}, {name}: {value!r}; expected a number of persons")
        cells[name] = numbers.astype(int)
    if "N" in ziehung:
        people = pd.to_numeric(ziehung.N, errors="coerce").to_numpy(float, na_value=np.nan)
        fewer = ~(people >= cells.n_gezogen.to_numpy())
        if fewer.any():
            row = int(np.flatnonzero(fewer)[0])
            raise InputError(
                f"sample, row {row + 1}: {cells.n_gezogen.iloc[row]} drawn of {str(ziehung.N.iloc[row])!r} persons; "
                "expected not more drawn than live there (N)"
            )
    too_many = (cells.n_unzustellbar + cells.n_geantwortet > cells.n_gezogen).to_numpy()
    if too_many.any():
        row = int(np.flatnonzero(too_many)[0])
        a, u, g = (int(cells[name].iloc[row]) for name in ("n_geantwortet", "n_unzustellbar", "n_gezogen"))
        raise InputError(f"sample, row {row + 1}: {a} answered and {u} undeliverable of {g} drawn")
    return cells


def fieldwork(zeitpunkt: pd.Series, von, bis) -> pd.DataFrame:
    """Answers per day of the field work and up to that day.

    Parameters
    ----------
    zeitpunkt
        When each interview was done; NaT where not known.
    von, bis
        First and last day of the field work.

    Returns
    -------
    pandas.DataFrame
        Index: each day from the first to the last of field work and answers; `antworten`, `kumuliert`, `anteil`
        (cumulated share of all answers), `feldzeit` (whether the day belongs to it). Where times are missing a last row
        NaT holds their number, so that the last row always counts all.
    """
    if not pd.api.types.is_datetime64_any_dtype(zeitpunkt):
        raise InputError(f"field work: {zeitpunkt.name} holds no points in time")
    try:
        first, last = pd.Timestamp(von), pd.Timestamp(bis)
    except ValueError:
        raise InputError(f"field work: from {von!r} to {bis!r}; expected two days") from None
    if not first <= last:
        raise InputError(f"field work: begins on {von} after its end on {bis}")
    days = zeitpunkt.dropna().dt.tz_localize(None).dt.normalize()
    counts = days.value_counts()
    index = pd.date_range(min([first, *counts.index]), max([last, *counts.index]), freq="D", name="tag")
    answers = counts.reindex(index, fill_value=0).astype(int)
    if zeitpunkt.isna().any():
        answers = pd.concat([answers, pd.Series([int(zeitpunkt.isna().sum())], pd.DatetimeIndex([pd.NaT]))])
    table = pd.DataFrame({"antworten": answers.to_numpy(), "kumuliert": answers.cumsum().to_numpy()}, answers.index)
    table["anteil"] = table.kumuliert / max(len(zeitpunkt), 1)
    table["feldzeit"] = (table.index >= first) & (table.index <= last)
    return table.rename_axis("tag")


def _counts(zahlen: pd.DataFrame | pd.Series) -> pd.DataFrame:
    frame = zahlen.to_frame().T if isinstance(zahlen, pd.Series) else zahlen
    if not frame.columns.is_unique:
        raise InputError(f"response: the disposition {frame.columns[frame.columns.duplicated()][0]!r} stands twice")
    for name in frame:
        if name not in DISPOSITIONEN:
            raise InputError(f"response: there is no disposition {name!r}; expected {', '.join(DISPOSITIONEN)}")
    for name in frame:
        numbers = pd.to_numeric(frame[name], errors="coerce").to_numpy(float, na_value=np.nan)
        wrong = ~(numbers >= 0) | np.isinf(numbers)
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            value = frame[name].iloc[row]
            raise InputError(f"response, {frame.index[row]}, {name}: {str(value)!r}; expected a number of persons")
    return frame.reindex(columns=list(DISPOSITIONEN), fill_value=0).apply(pd.to_numeric).astype(float)


def _share_of_unknown(e: float | pd.Series, index: pd.Index) -> pd.Series:
    given = e.reindex(index) if isinstance(e, pd.Series) else pd.Series(e, index)
    numbers = pd.to_numeric(given, errors="coerce").astype(float)
    if not numbers.between(0, 1).all():
        raise InputError(f"response: e={given[~numbers.between(0, 1)].iloc[0]}; expected a share from 0 to 1")
    return numbers


def _quotient(top: pd.Series, bottom: pd.Series) -> pd.Series:
    return top / bottom.where(bottom > 0)
