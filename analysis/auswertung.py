"""What an office wants to know from its survey: groups and shares that its description names by conditions.

A condition is a filter as in the codebook (`KI01=1 & HH01_01=1`). Somebody who gave no valid answer to one of its
questions is neither inside nor outside: the result is NA there.
"""

from dataclasses import dataclass, field

import pandas as pd

from analysis.answers import holds, reasons
from analysis.codebook import Bedingung, Codebuch, conditions
from analysis.errors import InputError

RESERVIERT = ("arm", "geringes_einkommen")
"""Keys of the shares of poverty and of low income, which come from the incomes."""


@dataclass(frozen=True)
class Gruppe:
    """Respondents of whom a condition holds.

    Attributes
    ----------
    titel
        Who they are, in tables: `Eltern mit Kindern unter 18 im Haushalt`.
    wer
        Who they are, in the dative of a sentence: `Eltern`.
    """

    key: str
    titel: str
    wer: str
    filter: tuple[Bedingung, ...] = ()


@dataclass(frozen=True)
class Anteil:
    """A share that the office wants to know.

    Attributes
    ----------
    titel
        What is counted, for tables: `wünschen sich mehr Betreuungsangebote`; a predicate of the group.
    einfach
        The same in easy words for the summary; empty: it is not in the summary.
    unter
        Key of the group that is the base; empty: everybody.
    vergleich
        Keys of groups that are compared with each other.
    je_raum
        Whether it is shown by area.
    """

    key: str
    titel: str
    filter: tuple[Bedingung, ...]
    einfach: str = ""
    unter: str = ""
    vergleich: tuple[str, ...] = ()
    je_raum: bool = False
    thema: str = ""


@dataclass(frozen=True)
class Auswertung:
    """Groups, shares, batteries and multiple choice questions that a report shows, and who stands for what.

    Attributes
    ----------
    alter, einkommen
        Columns of age in years and of the bracket of the household's monthly net income; empty if not asked.
    geschlecht
        Column, and code → `weiblich` or `maennlich`; empty if not asked.
    median
        Median income from outside in EUR a month, and whose it is; None where none is given.
    haushalt
        Columns of the number of `erwachsene`, `jugendliche` (14 to 17) and `kinder` (under 14).
    """

    alter: str = ""
    geschlecht: tuple[str, dict] = ("", {})
    haushalt: dict[str, str] = field(default_factory=dict)
    einkommen: str = ""
    median: tuple[float, str] | None = None
    gruppen: dict[str, Gruppe] = field(default_factory=dict)
    anteile: dict[str, Anteil] = field(default_factory=dict)
    batterien: tuple[str, ...] = ()
    mehrfach: tuple[str, ...] = ()

    @property
    def bedingungen(self) -> dict[str, tuple[Bedingung, ...]]:
        """Conditions of each named share with those of the group that is its base."""
        bases = {key: self.gruppen[s.unter].filter if s.unter else () for key, s in self.anteile.items()}
        return {key: (*share.filter, *bases[key]) for key, share in self.anteile.items()}


def read(given: dict, codebuch: Codebuch) -> Auswertung:
    """Part `auswertung` of a description, checked against its codebook; empty where there is none.

    Raises
    ------
    InputError
        A condition, column, group, battery or question that the survey does not have.
    """
    part = given.get("auswertung", {})
    groups = {
        key: Gruppe(key, entry["titel"], entry["wer"], _filter(f"gruppen.{key}", entry["filter"], codebuch))
        for key, entry in part.get("gruppen", {}).items()
    }
    shares = {key: _share(key, entry, codebuch, groups) for key, entry in part.get("anteile", {}).items()}
    sex = part.get("geschlecht")
    columns = {"alter": part.get("alter"), "einkommen": part.get("einkommen"), "geschlecht": sex and sex["merkmal"]}
    columns |= {f"haushalt.{who}": column for who, column in part.get("haushalt", {}).items()}
    for place, column in columns.items():
        if column is not None and column not in codebuch.merkmale:
            raise InputError(f"auswertung.{place}: there is no variable {column!r}")
        is_number = place == "alter" or place.startswith("haushalt")
        if column is not None and is_number and codebuch.merkmal(column).typ != "zahl":
            raise InputError(
                f"auswertung.{place}: {column} is of the type {codebuch.merkmal(column).typ}; expected zahl"
            )
    if sex and sex["weiblich"] == sex["maennlich"]:
        raise InputError(f"auswertung.geschlecht: the code {sex['weiblich']!r} stands for both sexes")
    for code in (sex["weiblich"], sex["maennlich"]) if sex else ():
        if code not in codebuch.merkmal(sex["merkmal"]).labels:
            raise InputError(f"auswertung.geschlecht: {sex['merkmal']} has no answer {code!r}")
    if part.get("einkommen") and codebuch.frage(part["einkommen"]).typ != "klasse":
        raise InputError(f"auswertung.einkommen: {part['einkommen']} is no question with brackets (typ: klasse)")
    for name in part.get("batterien", []):
        if not codebuch.batterie(name):
            raise InputError(f"auswertung.batterien: there is no battery {name!r}")
    for key in part.get("mehrfach", []):
        if key not in {q.key for q in codebuch.fragen if q.typ == "mehrfach"}:
            raise InputError(f"auswertung.mehrfach: there is no multiple choice question {key!r}")
    return Auswertung(
        alter=part.get("alter", ""),
        geschlecht=(sex["merkmal"], {sex["weiblich"]: "weiblich", sex["maennlich"]: "maennlich"}) if sex else ("", {}),
        haushalt=dict(part.get("haushalt", {})),
        einkommen=part.get("einkommen", ""),
        median=(float(part["median"]["eur"]), part["median"]["titel"]) if "median" in part else None,
        gruppen=groups,
        anteile=shares,
        batterien=tuple(part.get("batterien", [])),
        mehrfach=tuple(part.get("mehrfach", [])),
    )


def _share(key: str, entry: dict, codebuch: Codebuch, groups: dict[str, Gruppe]) -> Anteil:
    place = f"anteile.{key}"
    if key in RESERVIERT:
        raise InputError(f"auswertung.{place}: this name is that of a share of the income; choose another one")
    for name in [*filter(None, [entry.get("unter")]), *entry.get("vergleich", [])]:
        if name not in groups:
            raise InputError(f"auswertung.{place}: there is no group {name!r}; there are {', '.join(groups) or 'none'}")
    return Anteil(
        key,
        entry["titel"],
        _filter(place, entry["filter"], codebuch),
        entry.get("einfach", ""),
        entry.get("unter", ""),
        tuple(entry.get("vergleich", [])),
        entry.get("je_raum", False),
        entry.get("thema", ""),
    )


def _filter(place: str, text: str, codebuch: Codebuch) -> tuple[Bedingung, ...]:
    try:
        found = conditions(text)
    except InputError as error:
        raise InputError(f"auswertung.{place}: {error}") from None
    for c in found:
        if c.spalte not in codebuch.merkmale:
            raise InputError(f"auswertung.{place}: {c.spalte!r} is no variable of the survey")
        m = codebuch.merkmal(c.spalte)
        if m.typ in ("offen", "technisch", "datum"):
            raise InputError(f"auswertung.{place}: {c.spalte} is of the type {m.typ}; expected a coded one or a number")
        unknown = [code for code in c.codes if m.ist_kodiert and code not in m.labels and not m.bereich]
        if unknown:
            raise InputError(
                f"auswertung.{place}: {c.spalte} has no answer {unknown[0]}; there are {', '.join(map(str, m.labels))}"
            )
    return found


def member(daten: pd.DataFrame, codebuch: Codebuch, filter: tuple[Bedingung, ...]) -> pd.Series:
    """Whether the conditions hold for each respondent; NA where that depends on an answer that is missing.

    A question that was not shown because its own filter does not hold makes no member: who has no children is no single
    parent. Not shown for another reason (broken off, a page that was skipped) is not known.

    Returns
    -------
    pandas.Series
        `boolean`, same index as `daten`.
    """
    result = pd.Series(True, index=daten.index, dtype="boolean")
    why = reasons(daten, codebuch, list(dict.fromkeys(c.spalte for c in filter)))
    for c in filter:
        answer = holds(daten, [c]).astype("boolean")
        unknown = why[c.spalte] != ""
        asked = codebuch.frage(c.spalte).filter
        if asked:
            not_asked = (why[c.spalte] == "nicht_gezeigt") & ~member(daten, codebuch, asked).fillna(True).astype(bool)
            unknown &= ~not_asked
        result &= answer.mask(unknown)
    return result


def has_property(daten: pd.DataFrame, codebuch: Codebuch, filter: tuple[Bedingung, ...]) -> pd.Series:
    """Whether the conditions of a share hold; NA where an answer to any of them is missing.

    Stricter than `member`: who fails one condition and did not answer another would count against the share, who meets
    one and did not answer another would not count at all, so that missing answers would lower it.
    """
    known = pd.DataFrame({n: member(daten, codebuch, (c,)).notna() for n, c in enumerate(filter)}, daten.index)
    return member(daten, codebuch, filter).where(known.all(axis=1))
