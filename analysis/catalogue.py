"""The catalogue: what every stored quantity and every indicator means, checked when it is read."""

import datetime as dt
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from analysis.errors import InputError
from analysis.yaml_files import load_yaml

FAKTOR = {"personen": 1, "anzahl": 1, "eur": 1, "prozent": 100, "je_100": 100, "je_1000": 1000, "je_100000": 100_000}
"""Display unit → what a share of 0..1 (or an amount in Euro) is multiplied with."""

GEZAEHLT = ("anteil", "verhaeltnis", "rate", "saldo")
"""Kinds of indicators (`Indikator.art`) that are computed from counts."""


@dataclass(frozen=True)
class Quelle:
    """A publication or delivery that figures come from."""

    id: str
    titel: str
    herausgeber: str
    jahr: int
    kurz: str
    hinweis: str = ""


@dataclass(frozen=True)
class Groesse:
    """A quantity: a count (`personen`, `anzahl`), a published rate (`prozent`, `je_1000`), an amount or an `index`.

    `genesis` lists the codes under which files of the GENESIS family carry it, `inkar` its names in INKAR. A change
    from one date to the next by more than `sprung` (0.5: half) is conspicuous. `rundung` is what published counts are
    rounded to (0: not rounded). `teile_einzeln` says that a part of `summe_von` may be delivered without the others.
    `auch_summe_von` are the parts of a second breakdown, `teil_von` is a whole that it cannot exceed.
    `rest_ohne` are groups of parts without which something is left that can be computed, `auch_gezaehlt_als` is the
    count of the same people by another source.
    """

    id: str
    label: str
    definition: str
    einheit: str
    stichtag: str
    quelle: str
    hinweis: str = ""
    summe_von: tuple[str, ...] = ()
    sprung: float = 0.5
    rundung: int = 0
    teile_einzeln: bool = False
    auch_summe_von: tuple[str, ...] = ()
    teil_von: str = ""
    rest_ohne: tuple[tuple[str, ...], ...] = ()
    auch_gezaehlt_als: str = ""
    genesis: tuple[dict, ...] = ()
    inkar: tuple[str, ...] = ()

    @property
    def is_count(self) -> bool:
        """Whether the quantity is a whole number of persons or things."""
        return self.einheit in ("personen", "anzahl")


_LISTS = ("summe_von", "auch_summe_von", "rest_ohne", "genesis", "inkar")
"""Fields of a quantity that are lists in the file."""


@dataclass(frozen=True)
class Bruch:
    """A date across which a series must not be compared, and why."""

    datum: dt.date
    grund: str


@dataclass(frozen=True)
class Indikator:
    """An indicator: how it is computed (`art`, `aus`) and what a reader must know about it.

    `einfach` is what it is called in plain words, `kurz` in figures. `ebene` is the lowest level for which it is
    sensible, `code` the table or delivery that it comes from. `nenner_stichtag` says on which day the denominator is
    counted: `gleich` (that of the numerator) or `jahresende_davor` (the last 31 December up to that day).
    """

    id: str
    label: str
    kurz: str
    definition: str
    zaehler: str
    nenner: str
    art: str
    aus: dict
    einheit: str
    stellen: int
    lebenslage: str
    richtung: str
    quelle: str
    stichtag: str
    ebene: str
    code: str
    brueche: tuple[Bruch, ...]
    hinweis: str = ""
    einfach: str = ""
    nenner_stichtag: str = "gleich"

    @property
    def groessen(self) -> tuple[str, ...]:
        """Ids of the stored quantities without which the indicator has no value (the basis is not needed)."""
        aus = self.aus
        if self.art in GEZAEHLT:
            return (*aus["zaehler"], *aus.get("abzug", []), *aus["nenner"])
        return tuple(aus["faktoren"]) if self.art == "produkt" else (aus["quote"],)


@dataclass(frozen=True)
class Begriff:
    """A term, an abbreviation or a sign that reports explain where they use it.

    `formen` are the spellings by which it is found; `englisch` is term and explanation for an English page.
    """

    begriff: str
    formen: tuple[str, ...]
    erklaerung: str
    englisch: tuple[str, str]
    zeichen: bool = False


@dataclass(frozen=True)
class Katalog:
    """The whole catalogue, each part by id in the order of the file."""

    quellen: dict[str, Quelle]
    groessen: dict[str, Groesse]
    indikatoren: dict[str, Indikator]
    begriffe: tuple[Begriff, ...] = ()

    def groesse(self, id: str) -> Groesse:
        """Quantity with that id, or an error that names it and the nearest known ids."""
        return _find(self.groessen, id, "Größe")

    def indikator(self, id: str) -> Indikator:
        """Indicator with that id, or an error that names it and the nearest known ids."""
        return _find(self.indikatoren, id, "Indikator")


@cache
def katalog() -> Katalog:
    """Catalogue shipped with the package, read and checked once per process."""
    return load_katalog(Path(__file__).with_name("catalogue.yaml"))


def load_katalog(path: Path) -> Katalog:
    """Read and check a catalogue.

    Raises
    ------
    InputError
        An entry is incomplete, misspelt, refers to an id that does not exist, or mixes units; the text
        names the file, the entry and what was expected.
    """
    content = load_yaml(path, Path(__file__).with_name("catalogue.schema.json"))
    catalogue = Katalog(
        quellen={id: Quelle(id=id, **q) for id, q in content["quellen"].items()},
        groessen={
            id: Groesse(id=id, **{**g, **{field: tuple(g.get(field, ())) for field in _LISTS}})
            for id, g in content["groessen"].items()
        },
        indikatoren={
            id: Indikator(id=id, **{**i, "brueche": _breaks(path, id, i["brueche"])})
            for id, i in content["indikatoren"].items()
        },
        begriffe=tuple(
            Begriff(**{**b, "formen": tuple(b.get("formen", [b["begriff"]])), "englisch": tuple(b["englisch"])})
            for b in content.get("begriffe", [])
        ),
    )
    _check_references(path, catalogue)
    return catalogue


def _breaks(path: Path, id: str, entries: list[dict]) -> tuple[Bruch, ...]:
    wrong = [e["datum"] for e in entries if type(e["datum"]) is not dt.date]
    if wrong:
        raise InputError(f"{path}, indikatoren.{id}.brueche: {wrong[0]!r} is not a date (expected 2022-05-15)")
    return tuple(sorted((Bruch(**e) for e in entries), key=lambda b: b.datum))


def _check_references(path: Path, catalogue: Katalog) -> None:
    claimed: dict[tuple | str, str] = {}
    for id, groesse in catalogue.groessen.items():
        if groesse.quelle not in catalogue.quellen:
            raise InputError(f"{path}, groessen.{id}.quelle: there is no source {groesse.quelle!r}")
        for source in groesse.genesis:
            code = (source["statistik"], source["wert"], tuple(sorted(source.get("merkmale", {}).items())))
            if claimed.setdefault(code, id) != id:
                raise InputError(f"{path}, groessen.{id}.genesis: {source['wert']} is already {claimed[code]}")
        if groesse.inkar and groesse.stichtag in ("monat", "quartal", "tag"):
            raise InputError(f"{path}, groessen.{id}.inkar: INKAR names years only, which day of {groesse.stichtag}?")
        for name in groesse.inkar:
            if claimed.setdefault(name.casefold(), id) != id:
                raise InputError(f"{path}, groessen.{id}.inkar: {name!r} is already {claimed[name.casefold()]}")
        named = [groesse.teil_von, groesse.auch_gezaehlt_als, *(part for parts in groesse.rest_ohne for part in parts)]
        for part in (*groesse.summe_von, *groesse.auch_summe_von, *filter(None, named)):
            if part not in catalogue.groessen or not catalogue.groessen[part].is_count:
                raise InputError(f"{path}, groessen.{id}.summe_von: {part!r} is not a count of the catalogue")
    for id, indikator in catalogue.indikatoren.items():
        place = f"{path}, indikatoren.{id}"
        if indikator.quelle not in catalogue.quellen:
            raise InputError(f"{place}.quelle: there is no source {indikator.quelle!r}")
        basis = indikator.aus.get("basis", [])
        for needed in (*indikator.groessen, *basis):
            if needed not in catalogue.groessen:
                raise InputError(f"{place}.aus: there is no quantity {needed!r} in groessen")
        counts = [catalogue.groessen[g].is_count for g in indikator.groessen]
        if indikator.art in GEZAEHLT and not all(counts):
            raise InputError(f"{place}.aus: {indikator.art} needs counts (einheit: personen)")
        if indikator.art in ("veroeffentlicht", "produkt") and any(counts):
            raise InputError(f"{place}.aus: {indikator.art} needs published rates, not counts")
        amounts = {g for g in indikator.groessen if catalogue.groessen[g].einheit == "eur"}
        if (indikator.art == "betrag") != bool(amounts):
            raise InputError(f"{place}.aus: betrag, and only betrag, needs an amount (einheit: eur)")
        if (indikator.art == "betrag") != (indikator.einheit == "eur"):
            raise InputError(f"{place}.einheit: betrag, and only betrag, is told in eur")
        if indikator.nenner_stichtag != "gleich" and indikator.art not in GEZAEHLT:
            raise InputError(f"{place}.nenner_stichtag: {indikator.art} has no counted denominator")
        for part in basis:
            if not catalogue.groessen[part].is_count:
                raise InputError(f"{place}.aus.basis: {part!r} is not a count")


def _find(entries: dict, id: str, kind: str):
    import difflib

    if id not in entries:
        near = difflib.get_close_matches(str(id), entries, n=3, cutoff=0.5)
        hint = f"; did you mean {', '.join(near)}?" if near else ""
        raise InputError(f"{kind} {id!r} is not in the catalogue (analysis/catalogue.yaml){hint}")
    return entries[id]
