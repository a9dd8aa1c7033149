"""One decision per Kreis on what is withheld: every report hides the same figures, so that none gives one away.

The counts of the Kreis, its Planungsraeume and its Gemeinden add up; so do parts of a quantity (under 18, 18 to 64, 65
and more). What the rule forbids is therefore withheld together with as many other counts as it takes.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
import pandas as pd

from analysis import ablage, ausgaben, pyramidensperrung, raumwerte, regelwerk, rundung
from analysis.catalogue import Katalog, katalog
from analysis.disclosure.pruefung import components
from analysis.disclosure.schutz import Aufgabe, reachable, unprotected
from analysis.disclosure.tabelle import Zellensystem
from analysis.disclosure.unterdrueckung import suppress, task
from analysis.einwohner import FUENF_JAHRE, einwohner
from analysis.errors import InputError
from analysis.kreisfrueher import base
from analysis.kreisreste import REST, counted_twice
from analysis.kreiszellen import COLUMNS, EINWOHNERZAHLEN, cells_of, counts_of, equations, sums
from analysis.regelwerk import Regelwerk
from analysis.regions import level
from analysis.store import Store


@dataclass(frozen=True)
class _Stand:
    """What a decision depends on: figures of the Kreis and rules (`ausgabe`), and what earlier reports showed.

    The open store itself does not tell two states apart.
    """

    ausgabe: str
    ausgaben: str
    regeln: Regelwerk
    store: Store = field(compare=False)
    frueher: tuple[pd.DataFrame, ...] = field(compare=False)
    breiten: pd.DataFrame = field(compare=False)

    def __str__(self) -> str:
        """Equal for equal decisions."""
        return f"{self.ausgabe} {self.ausgaben} {self.regeln!r}"


def _stand(store: Store, kreis: str) -> _Stand:
    recorded, key = ausgaben.read(ausgaben.file_of(store.path, kreis)), ausgabe(store, kreis)
    others, earlier = ausgaben.digest(recorded, key), tuple(ausgaben.earlier(recorded, key))
    return _Stand(key, others, regelwerk.load(), store, earlier, ausgaben.earlier_widths(recorded, key))


def stand(store: Store, kreis: str) -> str:
    """All that the decision on a Kreis depends on, as text: its figures, the rules, what earlier reports showed."""
    return str(_stand(store, kreis))


def ausgabe(store: Store, kreis: str) -> str:
    """Key of a state of the figures of a Kreis and of the rule, by which reports that were made of it are recorded."""
    return regelwerk.key_of(store.kreisstand(kreis))


def record(store: Store, kreis: str) -> None:
    """Note what the reports on a Kreis may show now, so that later ones do not make its secrets computable."""
    if not any(raumwerte.namen(store, kreis, ebene) for ebene in ("gemeinde", "planungsraum")):
        return  # without areas there is nothing to withhold
    tables, regeln = _tables(store, kreis), regelwerk.load()
    found = counts_of(tables, katalog())
    hidden = pd.MultiIndex.from_frame(gesperrt(store, kreis))
    people = found.ags.map(einwohner(pd.concat(tables.values())))
    small = (people < regeln.mindesteinwohner) & ~found.groesse.isin(EINWOHNERZAHLEN) & (found.ebene != "kreis")
    shown = ~pd.MultiIndex.from_frame(found[COLUMNS]).isin(hidden) & found.wert.notna() & ~small
    multiple = np.where(found.groesse.isin(EINWOHNERZAHLEN) | (found.ebene == "kreis"), 0, regeln.rundung(found.quelle))
    ausgaben.record(
        ausgaben.file_of(store.path, kreis),
        ausgabe(store, kreis),
        found.drop(columns=["ebene", "quelle"]).assign(
            gezeigt=shown & (multiple == 0), rundung=np.where(shown, multiple, 0)
        ),
        gruppenbreiten(store, kreis),
    )


@dataclass(frozen=True)
class Bestand:
    """What is withheld of a Kreis, and what that is decided on.

    Attributes
    ----------
    tables
        `raumwerte.observations` of the levels `kreis`, `gemeinde`, `planungsraum`.
    cells, a
        Cells (`kreiszellen.cells_of`) and what must be protected among them; None where no counts agree with what the
        sources keep secret.
    gesperrt
        Counts that no report may show (`COLUMNS`).
    """

    tables: dict[str, pd.DataFrame]
    cells: pd.DataFrame
    a: Aufgabe | None
    gesperrt: pd.DataFrame


def decided(store: Store, kreis: str) -> Bestand:
    """The decision on a Kreis with all that belongs to it, made once per process and state, never read from a file.

    Nobody may change its tables.
    """
    return _decided(_stand(store, kreis), kreis)


@lru_cache(maxsize=32)
def _decided(stand: _Stand, kreis: str) -> Bestand:
    tables = _tables(stand.store, kreis)
    bestaende = {name: stand.store.bestand(name) for name in ("gemeinden", "ortsteile", "planungsraeume", "umstieg")}
    return Bestand(tables, *_decide(tables, bestaende, katalog(), stand.regeln, stand.frueher))


def _tables(store: Store, kreis: str) -> dict[str, pd.DataFrame]:
    return raumwerte.of_levels(store, kreis, ("kreis", "gemeinde", "planungsraum"))


def gesperrt(store: Store, kreis: str) -> pd.DataFrame:
    """Counts of Gemeinden and Planungsraeume of a Kreis that no report may show or use (`COLUMNS`).

    Computed from the store, the rules (`regelwerk.load`) and what earlier reports showed (`record`), and kept
    (`ablage.kept`) while these stay as they are.
    """
    return _kept(store, kreis, "gesperrt", COLUMNS, lambda stand: _decided(stand, kreis).gesperrt)


def gruppenbreiten(store: Store, kreis: str) -> pd.DataFrame:
    """Width of the age groups that each area of a Kreis may show (`pyramidensperrung.widths`), kept like `gesperrt`."""
    return _kept(store, kreis, "gruppenbreiten", ["raum", "stichtag", "breite"], lambda stand: _widths(stand, kreis))


def _kept(
    store: Store, kreis: str, name: str, columns: list[str], decide: Callable[[_Stand], pd.DataFrame]
) -> pd.DataFrame:
    now = _stand(store, kreis)

    def rows() -> list[list]:
        return decide(now).assign(stichtag=lambda t: t.stichtag.map(dt.date.isoformat))[columns].to_numpy().tolist()

    table = pd.DataFrame(ablage.kept(store.path, f"{kreis}-{name}", str(now), rows), columns=columns)
    return table.assign(stichtag=table.stichtag.map(dt.date.fromisoformat))


def _widths(stand: _Stand, kreis: str) -> pd.DataFrame:
    people = raumwerte.altersaufbau(stand.store, kreis, ("kreis", "gemeinde", "planungsraum"), FUENF_JAHRE)
    people = people[people.geschlecht.isin(["m", "w"])].assign(
        alter=lambda t: t.gruppe.astype(int), personen=lambda t: t.personen.astype(float)
    )
    bestaende = {name: stand.store.bestand(name) for name in ("gemeinden", "ortsteile", "planungsraeume")}
    levels = {raum: level(raum) for raum in people.raum.unique()}
    adds_up = sums(people.rename(columns={"raum": "ags"}).assign(ebene=people.raum.map(levels)), bestaende)
    hidden = gesperrt(stand.store, kreis)
    hidden = hidden[hidden.groesse.str.startswith("melderegister_")]
    return pyramidensperrung.widths(people, adds_up, kreis, hidden, stand.regeln, stand.breiten)


def without(observations: pd.DataFrame, gesperrt: pd.DataFrame | None) -> pd.DataFrame:
    """Observations less those that are withheld."""
    if gesperrt is None or gesperrt.empty:
        return observations
    hidden = pd.MultiIndex.from_frame(gesperrt[COLUMNS])
    return observations[~pd.MultiIndex.from_frame(observations[COLUMNS]).isin(hidden)]


def withheld(
    tables: dict[str, pd.DataFrame],
    bestaende: dict[str, pd.DataFrame],
    catalogue: Katalog,
    regeln: Regelwerk | None = None,
    frueher: Sequence[pd.DataFrame] = (),
) -> pd.DataFrame:
    """Counts of the areas of a Kreis that are withheld, of all quantities and days.

    Parameters
    ----------
    tables
        `raumwerte.observations` of the levels `kreis`, `gemeinde`, `planungsraum`.
    bestaende
        Bestaende `gemeinden`, `ortsteile` and `planungsraeume`.
    catalogue
        What adds up to what.
    regeln
        Rule of each source; those of the workspace if None.
    frueher
        What earlier reports showed and withheld (`ausgaben.earlier`): what was shown is known.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`, sorted. Where a rule cannot be kept because the figures of the Kreis itself or earlier reports give a
        count away, as much is withheld as it takes to leave it as uncertain as it is.
    """
    return _decide(tables, bestaende, catalogue, regeln or regelwerk.load(), frueher)[-1]


def _decide(
    tables: dict[str, pd.DataFrame],
    bestaende: dict[str, pd.DataFrame],
    catalogue: Katalog,
    regeln: Regelwerk,
    frueher: Sequence[pd.DataFrame],
) -> tuple[pd.DataFrame, Aufgabe | None, pd.DataFrame]:
    """Cells, what must be protected among them, and what is withheld."""
    nothing = pd.DataFrame(columns=COLUMNS)
    if all(tables[level].empty for level in ("gemeinde", "planungsraum")):
        return nothing, None, nothing
    cells = cells_of(tables, catalogue, regeln, frueher)
    if not (cells.primaer | cells.wert.isna()).any():
        return cells, None, nothing
    s = equations(cells, bestaende, catalogue, frueher)
    try:
        a = _task(s, cells)
    except InputError:
        a = None
    hidden = _first(cells)
    lines, group = components(s, np.arange(len(cells)))
    for number in np.unique(group[_in_need(a, cells)]):
        members = np.flatnonzero(group == number)
        part = Zellensystem(
            s.zellen.iloc[members], s.gleichungen[lines[number]][:, members], s.toleranz[lines[number]]
        )  # fmt: skip
        hidden[members] = _solve(part, cells.iloc[members])
    if (cells.rundung > 0).any():
        hidden = rundung.withheld_besides(s, cells, hidden)
    own = (cells.ebene != "kreis") & ~cells.groesse.str.startswith(REST) & (base(cells.groesse) == cells.groesse)
    shown = cells[hidden & own.to_numpy()]
    twice = counted_twice(shown, catalogue)
    there = pd.MultiIndex.from_frame(pd.concat(tables.values())[COLUMNS])
    twice = twice[pd.MultiIndex.from_frame(twice).isin(there)]
    every = pd.concat([shown[COLUMNS], twice]).drop_duplicates()
    return cells, a, every.sort_values(COLUMNS, ignore_index=True)


def _first(cells: pd.DataFrame) -> np.ndarray:
    """Cells that are withheld for their own sake, and those that the source keeps secret."""
    return np.array((cells.primaer & (cells.rundung == 0)) | cells.wert.isna(), bool)


def _task(s: Zellensystem, cells: pd.DataFrame) -> Aufgabe:
    """What must be protected; what an earlier report told by a rounded count cannot be any more."""
    a = task(s, primaer=_first(cells), fest=cells.fest | cells.offen, gewicht=cells.gewicht, kleinste=cells.kleinste)
    need = cells.bedarf.to_numpy()
    down, up = (np.asarray(limits, float) for limits in (a.wert - cells.mindestens, cells.hoechstens - a.wert))
    return replace(
        a,
        unten=np.where(need, np.minimum(a.unten, down), 0),
        oben=np.where(need, np.minimum(a.oben, np.minimum(up, cells.raum)), 0),
        tiefer=down,
        hoeher=up,
    )


def _in_need(a: Aufgabe | None, cells: pd.DataFrame) -> np.ndarray:
    """Cells that are not protected while nothing but what must be is withheld."""
    secret = _first(cells)
    if a is None:
        return np.flatnonzero(secret)
    return np.unique([cell for cell, _, _ in unprotected(a, secret)]).astype(int)


def _solve(s: Zellensystem, cells: pd.DataFrame) -> np.ndarray:
    try:
        a = _task(s, cells)
        try:
            return suppress(a, "schnell").gesperrt
        except InputError:  # the figures of the Kreis, or earlier reports, give a count away
            return suppress(reachable(a), "schnell").gesperrt
    except InputError:
        return ~cells.fest.to_numpy()
