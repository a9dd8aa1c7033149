"""Observations that contradict each other: a part above its whole, parts that do not add up."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.catalogue import Groesse, Katalog
from analysis.errors import InputError
from analysis.observations import grouped
from analysis.regions import level, name


def unknown_gemeinden(keys: Iterable[str], gemeinden: pd.DataFrame) -> dict[str, str]:
    """Gemeinden that are in none of the lists of their Kreis, with a sentence that says so.

    Parameters
    ----------
    keys
        Keys of areas of any level.
    gemeinden
        Bestand `gemeinden`. A Kreis without a list cannot be judged; an older list may know a Gemeinde of earlier days.
    """
    keys = pd.Series(sorted(set(keys)), dtype=object)
    keys = keys[keys.map(level) == "gemeinde"]
    strange = keys[keys.str[:5].isin(set(gemeinden.ags.str[:5])) & ~keys.isin(set(gemeinden.ags))]
    stands = gemeinden.assign(kreis=gemeinden.ags.str[:5]).groupby("kreis").stand.agg(lambda days: sorted(set(days)))
    return {
        key: f"{key} is no Gemeinde of {name(key[:5])} in the Gemeindeverzeichnis of the store "
        f"({', '.join(f'{day:%Y-%m-%d}' for day in stands[key[:5]])})"
        for key in strange
    }


@dataclass(frozen=True)
class _Tafel:
    """Observations with a row per key and day and a column per quantity.

    `werte` is NaN where there is no number, `quellen` (numbers of the sources) where nothing was delivered.
    """

    werte: pd.DataFrame
    quellen: pd.DataFrame
    orte: pd.DataFrame
    observations: pd.DataFrame
    datei: str

    def one_source(self, ids: list[str]) -> np.ndarray:
        """Whether what was delivered of these quantities came from the same source."""
        return (self.quellen[ids].min(axis=1) == self.quellen[ids].max(axis=1)).to_numpy()

    def refuse(self, wrong: np.ndarray, ids: list[str], sentence) -> None:
        """Refuse the first place where something is wrong; `sentence` says what, from its number and its name."""
        for n in np.flatnonzero(wrong)[:1]:
            ort = self.orte.iloc[n]
            mine = (self.observations.ags == ort.ags) & (self.observations.stichtag == ort.stichtag)
            rows = self.observations.zeile[mine & self.observations.groesse.isin(ids)].dropna().unique()
            row = f", row {', '.join(str(z) for z in rows)}" if len(rows) else ""
            readable = f" ({name(ort.ags)})" if name(ort.ags) != ort.ags else ""
            where = f"{ort.ags}{readable}, Stichtag {ort.stichtag:%d.%m.%Y}"
            raise InputError(f"{self.datei}{row}: {sentence(n, where)}")


def check_consistency(observations: pd.DataFrame, katalog: Katalog, place: str) -> None:
    """Refuse observations that contradict each other: a part above its whole, parts that do not add up.

    Only keys are judged whose values are there; a secret part is no contradiction. A part that is
    altogether missing (neither value nor reason) beside delivered ones is an incomplete delivery. Parts and their
    sum are compared within one source only: two publications may differ.

    Parameters
    ----------
    observations
        Columns `ags`, `stichtag`, `groesse`, `wert`, `quelle`, `zeile`: new values together with what the store holds
        (those have no `zeile`).
    katalog, place
        As in `check`.
    """
    tafel = _tafel(observations, place)
    groessen = [groesse for groesse in katalog.groessen.values() if groesse.id in tafel.werte]
    for groesse in groessen:
        _check_part(tafel, groesse)
    for indikator in katalog.indikatoren.values():
        same_day = indikator.nenner_stichtag == "gleich"
        if indikator.art == "anteil" and same_day and set(indikator.groessen) <= set(tafel.werte):
            rounded = sum(katalog.groessen[g].rundung / 2 for g in indikator.groessen)
            _check_share(tafel, indikator.id, list(indikator.aus["zaehler"]), list(indikator.aus["nenner"]), rounded)
    for groesse in groessen:
        _check_sum(tafel, groesse)
        _check_second_sum(tafel, groesse)


def _tafel(observations: pd.DataFrame, datei: str) -> _Tafel:
    ort, orte = grouped(observations, ["ags", "stichtag"])
    groesse, names = grouped(observations, ["groesse"])
    werte, quellen = np.full((2, len(orte), len(names)), np.nan)
    werte[ort, groesse] = observations.wert
    quellen[ort, groesse] = grouped(observations, ["quelle"])[0]
    columns = list(names.groesse)
    return _Tafel(
        pd.DataFrame(werte, columns=columns), pd.DataFrame(quellen, columns=columns), orte, observations, datei
    )


def _tolerance(groesse: Groesse, parts: list[str]) -> float:
    """How far published parts and their sum may lie apart because each is rounded."""
    return groesse.rundung / 2 * (len(parts) + 1)


def _check_share(tafel: _Tafel, indikator: str, zaehler: list[str], nenner: list[str], rounded: float) -> None:
    """Numerators above their denominator by more than the rounding of published counts explains."""
    above, below = (tafel.werte[ids].sum(axis=1, skipna=False) for ids in (zaehler, nenner))
    tafel.refuse(
        (above - below > rounded).to_numpy(),
        [*zaehler, *nenner],
        lambda n, where: (
            f"numerator larger than denominator for {indikator} in {where}: {above[n]:.0f} > {below[n]:.0f}"
        ),
    )


def _check_sum(tafel: _Tafel, groesse: Groesse) -> None:
    """Parts that are incomplete, do not add up, or of which the known ones alone are more than the whole."""
    parts = [p for p in groesse.summe_von if p in tafel.werte]
    if not parts:
        return
    there = tafel.quellen[parts].notna()
    begun = (there.any(axis=1) & tafel.quellen[groesse.id].notna()).to_numpy() & tafel.one_source([groesse.id, *parts])
    incomplete = begun & ((len(parts) < len(groesse.summe_von)) | ~there.all(axis=1)).to_numpy()
    if groesse.teile_einzeln:
        begun, incomplete = begun & ~incomplete, np.zeros_like(begun)

    def missing(n: int, where: str) -> str:
        lacking = [p for p in groesse.summe_von if p not in parts or not there[p][n]]
        names = ", ".join(lacking)
        return f"the parts of {groesse.id} in {where} are incomplete: {names} is missing (is the file truncated?)"

    tafel.refuse(incomplete, [groesse.id, *parts], missing)
    whole, known = tafel.werte[groesse.id], tafel.werte[parts].sum(axis=1)
    total = tafel.werte[parts].sum(axis=1, skipna=False)
    tolerance = _tolerance(groesse, parts)
    wrong = ((total - whole).abs() > tolerance) | (known - whole > tolerance)  # NaN is never larger
    tafel.refuse(
        begun & wrong.to_numpy(),
        [groesse.id, *parts],
        lambda n, where: f"the parts of {groesse.id} in {where} add up to {known[n]:.0f}, expected {whole[n]:.0f}",
    )


def _check_second_sum(tafel: _Tafel, groesse: Groesse) -> None:
    """A second breakdown, compared where all of its parts have a number."""
    parts = list(groesse.auch_summe_von)
    if not parts or not set(parts) <= set(tafel.werte):
        return
    total, whole = tafel.werte[parts].sum(axis=1, skipna=False), tafel.werte[groesse.id]
    wrong = ((total - whole).abs() > _tolerance(groesse, parts)).to_numpy() & tafel.one_source([groesse.id, *parts])
    names = " and ".join(parts)
    tafel.refuse(
        wrong,
        [groesse.id, *parts],
        lambda n, where: f"{names} in {where} add up to {total[n]:.0f}, expected {whole[n]:.0f}",
    )


def _check_part(tafel: _Tafel, groesse: Groesse) -> None:
    if groesse.teil_von not in tafel.werte:
        return
    ids = [groesse.id, groesse.teil_von]
    part, whole = tafel.werte[ids[0]], tafel.werte[ids[1]]
    tafel.refuse(
        (part > whole + groesse.rundung).to_numpy() & tafel.one_source(ids),
        ids,
        lambda n, where: f"{ids[0]} in {where} is {part[n]:.0f}, more than {ids[1]} ({whole[n]:.0f})",
    )
