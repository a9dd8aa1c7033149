"""From the content of a file to the catalogue: schema, dates, tree, names; every refusal names the place."""

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path

from analysis.catalogue import Indikator, katalog
from analysis.dates import parse_stichtag
from analysis.errors import InputError
from analysis.regions import kreis
from analysis.ziele import frist, verlaufpruefung
from analysis.ziele.katalog import (
    UMSETZUNG,
    Aenderung,
    Angabe,
    Beschluss,
    Ebene,
    Feld,
    Stelle,
    Ziel,
    Zielkatalog,
)

SCHEMA = Path(__file__).with_name("ziele.schema.json")

_IN_ZIELEN = re.compile(r"data\.zielkatalog\.ziele\[([0-9]+)\]\.?")


def aufbauen(datei: str, inhalt: dict, orte: list[str]) -> Zielkatalog:
    """Catalogue from the content of its file.

    Parameters
    ----------
    datei
        Name for messages.
    inhalt
        Nested content as in the YAML file, all dates as text.
    orte
        Place of each goal in the file (`line 12`, `sheet Ziele, row 7`).

    Raises
    ------
    InputError
        A part is missing, unknown or of a wrong type; a date that does not exist; an unknown Kreis, level, Themenfeld,
        Lebenslage, indicator, body or state; a code that stands twice; a goal below one that does not exist, below
        none where its level demands one, below several, below a level where it cannot stand, or below itself; a
        beginning after the catalogue's own day; a history that cannot be true (`verlaufpruefung`).
    """
    _check_schema(datei, inhalt, orte)
    given = inhalt["zielkatalog"]
    ebenen = tuple(Ebene(**e | {"unter": tuple(e.get("unter", ()))}) for e in given["ebenen"])
    decided = given.get("beschluss")
    made = Zielkatalog(
        kreis=_kreis(datei, given["kreis"]),
        titel=given["titel"],
        stand=_day(datei, "stand", given["stand"]),
        beginn=_day(datei, "beginn", given["beginn"]) if given.get("beginn") else None,
        quelle=given["quelle"],
        hinweis=given.get("hinweis", ""),
        beschluss=Beschluss(
            decided["gremium"],
            _day(datei, "beschluss", decided["datum"]) if decided.get("datum") else None,
            decided.get("nummer", ""),
        )
        if decided
        else None,
        ebenen=ebenen,
        felder=tuple(Feld(**f) for f in given.get("felder", ())),
        stellen=tuple(Stelle(s["name"], tuple(s.get("auch", ()))) for s in given.get("stellen", ())),
        angaben=tuple(Angabe(**a) for a in given.get("angaben", ())),
        ziele=tuple(_goal(datei, z, ort) for z, ort in zip(given["ziele"], orte, strict=True)),
    )
    if made.anfang > made.stand:
        raise InputError(
            f"{datei}, beginn: {made.anfang:%d.%m.%Y} lies after the catalogue's own day; expected a stand of that day "
            f"or later, found {made.stand:%d.%m.%Y}"
        )
    _check_names(datei, made)
    _check_tree(datei, made)
    verlaufpruefung.pruefen(datei, made)
    return made


@cache
def _validator():
    import fastjsonschema

    return fastjsonschema.compile(json.loads(SCHEMA.read_text(encoding="utf-8")))


def _check_schema(datei: str, inhalt: dict, orte: list[str]) -> None:
    import fastjsonschema

    try:
        _validator()(inhalt)
    except fastjsonschema.JsonSchemaValueException as error:
        message = error.message
        found = _IN_ZIELEN.match(message)
        place = datei
        if found:
            place = f"{datei}, {orte[int(found.group(1))]}"
            message = message[found.end() :].strip() or message
        if message.startswith("ueber must be string"):
            message = f"ueber is {error.value!r}: a goal stands below one other; expected one code in quotes"
        elif message.endswith(" must be string") and not isinstance(error.value, list | dict):
            message = f"{message.removesuffix(' must be string')} is {error.value!r}; expected text in quotes"
        if error.rule == "pattern" and error.rule_definition == r"\S":
            message = f"{message.partition(' must')[0]} is blank; expected words"
        raise InputError(f"{place}: {message.removeprefix('data.')[:300]}") from None


def _kreis(datei: str, ags: str) -> str:
    try:
        return kreis(ags).ags
    except InputError as error:
        raise InputError(f"{datei}, kreis: {error}") from None


def _day(datei: str, place: str, text: str):
    try:
        return parse_stichtag(text)
    except InputError as error:
        raise InputError(f"{datei}, {place}: {error}") from None


def _goal(datei: str, z: dict, ort: str) -> Ziel:
    place = f"{ort}: {z['code']}"
    try:
        deadline = frist.lesen(z["frist"]) if z.get("frist") else None
    except InputError as error:
        raise InputError(f"{datei}, {place}, frist: {error}") from None
    if z.get("umsetzung", "") not in UMSETZUNG:
        known = ", ".join(filter(None, UMSETZUNG))
        raise InputError(f"{datei}, {place}: umsetzung is {z['umsetzung']!r}; expected {known}, or nothing")
    history = tuple(
        Aenderung(**a | {"datum": _day(datei, f"{place}, verlauf {n}", a["datum"])})
        for n, a in enumerate(z.get("verlauf", ()), start=1)
    )
    lists = {part: tuple(z.get(part, ())) for part in ("zustaendig", "indikatoren", "genannt")}
    return Ziel(**z | lists | {"frist": deadline, "verlauf": history, "ort": ort})


def _check_names(datei: str, made: Zielkatalog) -> None:
    for what, names in (
        ("level", [e.id for e in made.ebenen]),
        ("Themenfeld", [f.code for f in made.felder]),
        ("body", [name for s in made.stellen for name in (s.name, *s.auch)]),
    ):
        if twice := [name for name, count in Counter(names).items() if count > 1]:
            raise InputError(f"{datei}: the {what} {twice[0]!r} is declared twice")
    levels, fields = made.nach_ebene, [f.code for f in made.felder]
    indicators: dict[str, Indikator] = katalog().indikatoren
    lebenslagen = tuple(dict.fromkeys(i.lebenslage for i in indicators.values()))
    for e in made.ebenen:
        if unknown := set(e.unter) - set(levels):
            raise InputError(f"{datei}: level {e.id!r} stands below {min(unknown)!r}, which is not declared")
    if unknown := {a.ebene for a in made.angaben} - set(levels):
        raise InputError(f"{datei}: angaben: level {min(unknown)!r} is not declared")
    for z in made.ziele:
        place = f"{datei}, {z.ort}: {z.code}"
        for what, given, known in (
            ("ebene", [z.ebene], levels),
            ("feld", [z.feld] * bool(z.feld), fields),
            ("lebenslage", [z.lebenslage] * bool(z.lebenslage), lebenslagen),
            ("zustaendig", z.zustaendig, made.stellennamen),
            ("indikatoren", z.indikatoren, indicators),
        ):
            for name in given:
                if name not in known:
                    expected = "an id of analysis/catalogue.yaml" if known is indicators else ", ".join(known)
                    raise InputError(f"{place}: {what} {name!r} is unknown; expected {expected[:300]}")


def _check_tree(datei: str, made: Zielkatalog) -> None:
    first: dict[str, Ziel] = {}
    for z in made.ziele:
        if z.code in first:
            raise InputError(f"{datei}, {z.ort}: code {z.code!r} stands twice; first in {first[z.code].ort}")
        first[z.code] = z
    for z in made.ziele:
        if z.ueber and z.ueber not in first:
            place = f"{datei}, {z.ort}: {z.code}"
            several = [code.strip() for code in re.split("[;,]", z.ueber)]
            if len(several) > 1 and all(code in first for code in several):
                raise InputError(f"{place} stands below several goals ({z.ueber}); expected one code")
            raise InputError(f"{place} stands below {z.ueber!r}, which does not exist; expected the code of a goal")
    for z in made.ziele:
        seen, here = [z.code], z
        while here.ueber:
            here = first[here.ueber]
            if here.code in seen:
                raise InputError(f"{datei}, {z.ort}: {' below '.join([*seen, here.code])}: the goals stand in a circle")
            seen.append(here.code)
    for z in made.ziele:
        place, level = f"{datei}, {z.ort}: {z.code}", made.nach_ebene[z.ebene]
        if not z.ueber:
            if level.unter and not level.auch_oben:
                expected = " or ".join(made.nach_ebene[e].name for e in level.unter)
                raise InputError(f"{place} ({level.name}) has nothing above it; expected ueber, a code of {expected}")
            continue
        above = made.nach_ebene[first[z.ueber].ebene]
        if not level.unter:
            raise InputError(f"{place} stands below {z.ueber!r}, but a {level.name} stands at the top")
        if above.id not in level.unter:
            expected = " or ".join(made.nach_ebene[e].name for e in level.unter)
            raise InputError(f"{place} ({level.name}) stands below {z.ueber!r} ({above.name}); expected {expected}")
