"""Whether the history of a goal catalogue is possible: its days, its order, and that it ends with the goal."""

import datetime as dt

from analysis.catalogue import katalog as katalog_der_kennzahlen
from analysis.errors import InputError
from analysis.ziele import frist
from analysis.ziele.katalog import GRUNDLEGEND, UMSETZUNG, WAS, Aenderung, Ziel, Zielkatalog
from analysis.ziele.verlauf import eintraege, in_kraft


def pruefen(datei: str, katalog: Zielkatalog) -> None:
    """Refuse a catalogue whose history cannot be true.

    Raises
    ------
    InputError
        A day before the beginning of the catalogue or after its own day, entries that run backwards, a decision that is
        missing, an unknown state, body, deadline, Themenfeld or goal above, an entry that does not go on from the one
        before, a goal that differs from the last entry on it, changes before it was added or after it was struck, a
        goal in force below one that is struck.
    """
    for ziel in katalog.ziele:
        place = f"{datei}, {ziel.ort}: {ziel.code}"
        _days(place, ziel, katalog)
        _decisions(place, ziel, katalog)
        _presence(place, ziel)
        _places(place, ziel, katalog)
        for was in ("umsetzung", "text", "frist", "zustaendig", "indikatoren", "ueber", "feld", "lebenslage"):
            _chain(place, ziel, was, katalog)
    for ziel in katalog.ziele:
        _below(f"{datei}, {ziel.ort}: {ziel.code}", ziel, katalog)


def _days(place: str, ziel: Ziel, katalog: Zielkatalog) -> None:
    for n, change in enumerate(ziel.verlauf, start=1):
        day = f"{change.datum:%d.%m.%Y}"
        if change.was not in WAS:
            raise InputError(f"{place}: verlauf {n}: was is {change.was!r}; expected {', '.join(WAS)}")
        if n > 1 and change.datum < ziel.verlauf[n - 2].datum:
            raise InputError(f"{place}: verlauf {n} is of {day}, before the one above it; expected the oldest first")
        if change.datum < katalog.anfang:
            raise InputError(
                f"{place}: verlauf {n} is of {day}, before the catalogue begins ({katalog.anfang:%d.%m.%Y}: its "
                "beginn, else its decision); expected a later day, or an earlier beginn"
            )
        if change.datum > katalog.stand:
            raise InputError(
                f"{place}: verlauf {n} is of {day}, after the catalogue's own day; expected a stand of {day} or "
                f"later, found {katalog.stand:%d.%m.%Y}"
            )


def _decisions(place: str, ziel: Ziel, katalog: Zielkatalog) -> None:
    level = katalog.nach_ebene[ziel.ebene]
    for n, change in enumerate(ziel.verlauf, start=1):
        if change.was in GRUNDLEGEND and level.aenderung_durch and not change.beschluss:
            raise InputError(
                f"{place}: verlauf {n} ({WAS[change.was]}) has no beschluss; a {level.name} changes only by "
                f"{level.aenderung_durch}"
            )


def _presence(place: str, ziel: Ziel) -> None:
    before: Aenderung | None = None
    for n, change in enumerate(ziel.verlauf, start=1):
        struck = before is not None and before.was == "gestrichen"
        if struck and change.was != "neu":
            raise InputError(
                f"{place}: verlauf {n} ({change.datum:%d.%m.%Y}) changes a goal that was struck on "
                f"{before.datum:%d.%m.%Y}; expected nothing after that, or neu"
            )
        if change.was == "neu" and n > 1 and not struck:
            raise InputError(
                f"{place}: verlauf {n} ({change.datum:%d.%m.%Y}) adds a goal that was there already; expected neu as "
                "its first entry, or after gestrichen"
            )
        before = change


def _places(place: str, ziel: Ziel, katalog: Zielkatalog) -> None:
    """Where a goal stood is a goal of a level above it, and a Themenfeld that the catalogue has."""
    level = katalog.nach_ebene[ziel.ebene]
    above = {z.code for z in katalog.ziele if z.ebene in level.unter}
    known = {"ueber": above, "feld": {f.code for f in katalog.felder}}
    for change in ziel.verlauf:
        for said in {change.von, change.auf} - {""} if change.was in known else ():
            if said not in known[change.was]:
                expected = "a Themenfeld of the catalogue" if change.was == "feld" else "a goal of a level above"
                raise InputError(f"{place}: verlauf: {change.was} {said!r} is unknown; expected {expected}")


def _chain(place: str, ziel: Ziel, was: str, katalog: Zielkatalog) -> None:
    changes = [a for a in ziel.verlauf if a.was == was]
    ends = [(_read(place, was, a.von, katalog), _read(place, was, a.auf, katalog)) for a in changes]
    for n in range(1, len(changes)):
        if ends[n][0] != ends[n - 1][1]:
            raise InputError(
                f"{place}: verlauf: {changes[n].datum:%d.%m.%Y} goes from {changes[n].von!r}, but {was} was "
                f"{changes[n - 1].auf!r} then"
            )
    if ends and ends[-1][1] != _now(ziel, was, katalog):
        now = {"frist": ziel.frist.text if ziel.frist else "", "zustaendig": "; ".join(ziel.zustaendig)}
        now["indikatoren"] = "; ".join(ziel.indikatoren)
        said = now.get(was, getattr(ziel, was))
        raise InputError(f"{place}: {was} is {said!r}, but its history ends with {changes[-1].auf!r}")


def _read(place: str, was: str, text: str, katalog: Zielkatalog):
    """Value of an entry in a form in which two ways of writing are equal."""
    if was == "umsetzung" and text not in UMSETZUNG:
        raise InputError(f"{place}: verlauf: {text!r} is no state; expected {', '.join(filter(None, UMSETZUNG))}")
    if was == "text" and not text.strip():
        raise InputError(f"{place}: verlauf: a change of the text needs von and auf; expected both wordings")
    if was == "frist":
        try:
            return frist.lesen(text) if text else None
        except InputError as error:
            raise InputError(f"{place}: verlauf, frist: {error}") from None
    if was == "zustaendig":
        if unknown := [name for name in eintraege(text) if name not in katalog.stellennamen]:
            raise InputError(
                f"{place}: verlauf: zustaendig {unknown[0]!r} is unknown; expected names of stellen, several separated "
                "by semicolons"
            )
        return tuple(katalog.stellennamen[name] for name in eintraege(text))
    if was == "indikatoren":
        if unknown := [name for name in eintraege(text) if name not in katalog_der_kennzahlen().indikatoren]:
            raise InputError(
                f"{place}: verlauf: indikatoren {unknown[0]!r} is unknown; expected ids of analysis/catalogue.yaml, "
                "several separated by semicolons"
            )
        return eintraege(text)
    return " ".join(text.split())


def _now(ziel: Ziel, was: str, katalog: Zielkatalog):
    if was == "zustaendig":
        return tuple(katalog.stellennamen[name] for name in ziel.zustaendig)
    if was == "indikatoren":
        return ziel.indikatoren
    return ziel.frist if was == "frist" else " ".join(getattr(ziel, was).split())


def _below(place: str, ziel: Ziel, katalog: Zielkatalog) -> None:
    """No goal stays in force below one that is struck; the goal above may be added later."""
    if not ziel.ueber:
        return
    above = katalog.nach_code[ziel.ueber]
    days: list[dt.date] = [a.datum for z in (ziel, above) for a in z.verlauf if a.was in ("neu", "gestrichen")]
    for day in days:
        struck = any(a.was == "gestrichen" and a.datum <= day for a in above.verlauf) and not in_kraft(above, day)
        if struck and in_kraft(ziel, day):
            raise InputError(
                f"{place} is in force on {day:%d.%m.%Y}, but {above.code} above it is struck; expected it struck, too"
            )
