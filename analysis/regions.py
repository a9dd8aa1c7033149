"""Official keys (AGS, ARS), their levels, the Kreise by name, and territorial changes with dates."""

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from analysis.errors import InputError
from analysis.yaml_files import load_yaml

_LEVELS = {2: "land", 3: "regierungsbezirk", 5: "kreis", 8: "gemeinde", 12: "gemeinde"}
BUND = "DG"
"""Key of Germany as a whole."""

_RAEUME = {
    r"[0-9]{5}\.[a-z0-9_]*[a-z][a-z0-9_]*": "planungsraum",
    r"[0-9]{8}\.[a-z0-9_]*[a-z][a-z0-9_]*": "ortsteil",
}
"""Forms of keys below the Kreis that the Kreis itself gives: `99099.nord`, `99099001.altstadt`; `16077.0` is none."""

_FILE = Path(__file__).with_name("regions.yaml")
_ASCII = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


@dataclass(frozen=True)
class Kreis:
    """A Landkreis or a kreisfreie Stadt under one official key.

    `wo` is the name as a sentence needs it ("im Ilm-Kreis"); `bis` is None while the key is valid.
    """

    ags: str
    name: str
    amtlich: str
    wo: str
    art: str
    ab: dt.date
    bis: dt.date | None = None

    @property
    def slug(self) -> str:
        """Key and ASCII name, as in folder names: `16077_altenburger_land`."""
        return f"{self.ags}_{slug(self.name)}"

    @property
    def erfunden(self) -> bool:
        """Whether the Kreis is invented (Land 99), so that every page must say it."""
        return self.ags.startswith("99")

    def valid(self, stichtag: dt.date) -> bool:
        """Whether the key was in force on that day."""
        return self.ab <= stichtag and (self.bis is None or stichtag <= self.bis)


@dataclass(frozen=True)
class Raum:
    """A published region between Kreis and Land, defined as a set of Kreise."""

    schluessel: str
    name: str
    art: str
    kreise: tuple[str, ...]
    quelle: str


@dataclass(frozen=True)
class Aenderung:
    """A territorial change: from `datum` on the area of `von` belongs to `nach`."""

    datum: dt.date
    von: str
    nach: str
    anlass: str


def slug(name: str) -> str:
    """ASCII form of a name for files: lower case, ä→ae, everything else than a-z0-9 → one underscore."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower().translate(_ASCII)).strip("_")


def level(ags: str) -> str:
    """Level of a key.

    Returns
    -------
    str
        `land` (2 digits), `regierungsbezirk` (3), `kreis` (5), `gemeinde` (8, or 12 as ARS), `planungsraum`
        (`99099.nord`), `ortsteil` (`99099001.altstadt`), `raum` (a declared region), `bund`.

    Raises
    ------
    InputError
        The key has none of these forms, its Land does not exist, or the region is not declared.
    """
    if isinstance(ags, str) and "." in ags:
        if ags in raeume():
            return "raum"
        for form, kind in _RAEUME.items():
            if re.fullmatch(form, ags) and ags[:2] in _regions()["laender"]:
                return kind
    if ags == BUND:
        return "bund"
    if not isinstance(ags, str) or not ags.isascii() or not ags.isdigit() or len(ags) not in _LEVELS:
        raise InputError(
            f"AGS {ags!r} is not a key: expected text of 2 (Land), 5 (Kreis), 8 or 12 (Gemeinde) digits, "
            f"or {BUND!r} for Germany"
        )
    if ags[:2] not in _regions()["laender"]:
        raise InputError(f"AGS {ags!r}: there is no Land {ags[:2]!r} (01 to 16 exist)")
    return _LEVELS[len(ags)]


def check_ags(ags: str, stichtag: dt.date | None = None) -> str:
    """Return the key if it exists (on that day), else say what is wrong with it.

    A Kreis is looked up where all Kreise of its Land are listed in `regions.yaml`; elsewhere only the form
    can be checked. A Gemeinde is checked through its Kreis.

    Raises
    ------
    InputError
        The key is malformed, unknown, or not valid on `stichtag`; the text names the successor if there is one.
    """
    if level(ags) not in ("kreis", "gemeinde", "planungsraum", "ortsteil"):
        return ags
    known = kreise().get(ags[:5])
    if known is None:
        if is_complete(ags[:2]):
            land = _regions()["laender"][ags[:2]]
            raise InputError(f"AGS {ags!r}: there is no Kreis {ags[:5]!r} in {land}")
    elif known.art == "Landkreis" and level(ags) == "gemeinde" and ags[-3:] == "000":
        raise InputError(f"AGS {ags!r} is no Gemeinde of {known.name}: its last three digits are 000")
    elif stichtag is not None and not known.valid(stichtag):
        after = [a for a in aenderungen() if a.von == known.ags]
        hint = f"; since {after[0].datum:%d.%m.%Y} it is part of {after[0].nach!r}" if after else ""
        until = f" until {known.bis:%d.%m.%Y}" if known.bis else ""
        raise InputError(
            f"AGS {ags!r} ({known.name}) was valid from {known.ab:%d.%m.%Y}{until}, not on {stichtag:%d.%m.%Y}{hint}"
        )
    return ags


def agreed(ags: str) -> str:
    """The key under which an area is stored: a Gemeinde with its 8 digits, a Landkreis written as ARS with its 5."""
    if len(ags) != 12 or not ags.isdigit():
        return ags
    landkreis = ags[:5] in kreise() and kreise()[ags[:5]].art == "Landkreis"
    return ags[:5] if landkreis and not int(ags[5:]) else ags[:5] + ags[9:]


def exists(ags: str, stichtag: dt.date) -> bool:
    """Whether a key was in force on that day, as far as the listed Kreise tell."""
    try:
        check_ags(ags, stichtag)
    except InputError:
        return False
    return True


def kreis(ags: str) -> Kreis:
    """Find the Kreis with that key.

    Raises
    ------
    InputError
        The key is not that of a Kreis, or `regions.yaml` does not list it.
    """
    if level(ags) != "kreis":
        raise InputError(f"AGS {ags!r} is not the key of a Kreis: expected 5 digits")
    check_ags(ags)
    if ags not in kreise():
        raise InputError(f"Kreis {ags!r} has no name yet: add it to analysis/regions.yaml")
    return kreise()[ags]


@cache
def kreise() -> dict[str, Kreis]:
    """All listed Kreise by key, in the order of the keys, with those that have ended."""
    found = {}
    for entry in sorted(_regions()["kreise"], key=lambda k: k["ags"]):
        if entry["ags"] in found:
            raise InputError(f"{_FILE}: Kreis {entry['ags']!r} stands twice")
        found[entry["ags"]] = Kreis(**entry)
    return found


def kreise_on(stichtag: dt.date, land: str) -> list[Kreis]:
    """Kreise of a Land that existed on that day, in the order of the keys."""
    return [k for k in kreise().values() if k.ags.startswith(land) and k.valid(stichtag)]


@cache
def raeume() -> dict[str, Raum]:
    """Declared regions between Kreis and Land by key."""
    return {r["schluessel"]: Raum(**{**r, "kreise": tuple(r["kreise"])}) for r in _regions()["raeume"]}


@cache
def aenderungen() -> tuple[Aenderung, ...]:
    """Territorial changes of Kreise, oldest first."""
    return tuple(sorted((Aenderung(**a) for a in _regions()["aenderungen"]), key=lambda a: a.datum))


def successor(ags: str, stichtag: dt.date) -> str:
    """Key of the Kreis to which the area of `ags` belongs on that day (itself if nothing changed)."""
    for change in aenderungen():
        if change.von == ags and change.datum <= stichtag:
            ags = change.nach
    return ags


def name(ags: str) -> str:
    """Readable name of a key: of a Kreis, a region or a Land; the key itself where no name is known."""
    if ags == BUND:
        return "Deutschland"
    if ags in raeume():
        return raeume()[ags].name
    if ags in kreise():
        return kreise()[ags].name
    return _regions()["laender"].get(ags, ags)


def is_complete(land: str) -> bool:
    """Whether every Kreis of the Land is listed."""
    return land in _regions()["vollstaendig"]


@cache
def _regions() -> dict:
    content = load_yaml(_FILE, _FILE.with_name("regions.schema.json"))
    named = {k["ags"] for k in content["kreise"]}
    places = [
        *((k["ags"][:2], set(content["laender"]), f"kreise, {k['ags']}") for k in content["kreise"]),
        *((a[end], named, f"aenderungen, {a['datum']}") for a in content["aenderungen"] for end in ("von", "nach")),
        *((ags, named, f"raeume, {r['schluessel']}") for r in content["raeume"] for ags in r["kreise"]),
    ]
    for key, known, place in places:
        if key not in known:
            raise InputError(f"{_FILE}, {place}: {key!r} is not listed in this file")
    return content
