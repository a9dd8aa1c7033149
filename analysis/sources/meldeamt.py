"""How a Meldeamt delivers: one small YAML per office (`meldeamt:`), found through the name of the delivered file."""

import datetime as dt
import re
from functools import lru_cache
from pathlib import Path

import pandas as pd

from analysis import workspace
from analysis.errors import InputError
from analysis.regions import check_ags
from analysis.sources.meldemuster import first_match, match, plain
from analysis.yaml_files import load_yaml

MERKMALE = ("ortsteil", "jahrgang", "geschlecht", "staatsangehoerigkeit")
"""What every count of residents is broken down by; `jahrgang` may be delivered as `alter`."""

_SCHEMA = Path(__file__).with_name("meldeamt.schema.json")
_ENDINGS = (".yaml", ".yml")


def is_description(suffix: str, text: str) -> bool:
    """Whether a file is the YAML of a Meldeamt."""
    return suffix in _ENDINGS and "\nmeldeamt:" in "\n" + text


def find(path: Path) -> Path | None:
    """YAML that describes a delivered file: beside it, in the folder above, or in `data/lieferungen/`.

    Raises
    ------
    InputError
        Two YAML of one folder claim the file.
    """
    for folder in dict.fromkeys((path.parent, path.absolute().parent.parent, workspace.data() / "lieferungen")):
        found = [file for file in _descriptions(folder) if _claims(file, path.name)]
        if len(found) > 1:
            names = " and ".join(file.name for file in found[:2])
            raise InputError(f"{path}: {names} both describe a file of this name; expected one (key datei)")
        if found:
            return found[0]
    return None


def _descriptions(folder: Path) -> list[Path]:
    found = []
    for file in sorted(folder.glob("*.y*ml")):
        try:
            with file.open("rb") as opened:
                head = opened.read(1 << 16).removeprefix(b"\xef\xbb\xbf").decode("utf-8", errors="replace")
        except OSError:
            continue
        if is_description(file.suffix.lower(), head.replace("\r\n", "\n")):
            found.append(file)
    return found


def _claims(file: Path, name: str) -> bool:
    """Whether the file-name pattern of a YAML fits; a YAML with a mistake is told when it is read itself."""
    try:
        state = file.stat()
        return first_match(list(_patterns(file, state.st_mtime_ns, state.st_size)), name) is not None
    except (InputError, OSError):
        return False


@lru_cache(maxsize=256)
def _patterns(file: Path, _changed: int, _size: int) -> tuple[str, ...]:
    """File-name patterns of a YAML in this state; none if they cannot be read."""
    try:
        given = load_yaml(file)["meldeamt"]["datei"]
    except (InputError, KeyError, TypeError):
        return ()
    return tuple(text for text in (given if isinstance(given, list) else [given]) if isinstance(text, str))


def load(path: Path) -> dict:
    """Description of a Meldeamt, checked; lists where one text is allowed too, `alter` and `jahrgang` told apart.

    Raises
    ------
    InputError
        The YAML does not follow the schema, a dimension has no place or two, a key or name stands twice, a pattern
        or a date is wrong; the text names the file and the place.
    """
    amt = load_yaml(path, _SCHEMA)["meldeamt"]
    for key in ("datei", "nicht_lesen", "ueberlesen"):
        amt[key] = _as_list(amt.get(key, []))
    amt.setdefault("kodierung", "utf-8")
    amt["trennzeichen"] = "\t" if amt.get("trennzeichen") == "tab" else amt.get("trennzeichen", ";")
    amt["zeichen"] = {str(sign): reason or "null" for sign, reason in amt.get("zeichen", {}).items()}
    amt["summen"] = [s if isinstance(s, dict) else {"text": s, "ueber": []} for s in amt.get("summen", [])]
    for key in ("werte", "fest", "abschnitt"):
        amt.setdefault(key, {})
    for key in ("auffuellen", "besondere", "summenspalten"):
        amt.setdefault(key, [])
    blatt = amt.get("blatt")
    if isinstance(blatt, dict):
        blatt.update(ohne=_as_list(blatt.get("ohne", [])), muster=blatt.get("muster", "{wert}"))
    try:
        _check_places(amt)
        _check_patterns(amt)
        _check_werte(amt)
        _check_ortsteile(amt)
    except InputError as error:
        raise InputError(f"{path}, {error}") from None
    return amt


def _as_list(given) -> list[str]:
    return given if isinstance(given, list) else [given]


def places(amt: dict) -> dict[str, list[str]]:
    """Where each dimension stands: dimension → `spalten`, `personen`, `in_spalten`, `blatt`, `abschnitt`, `fest`."""
    found: dict[str, list[str]] = {merkmal: [] for merkmal in MERKMALE}
    columns = amt["spalten"]
    lists = columns["personen"] if isinstance(columns.get("personen"), list) else []
    blatt = amt.get("blatt")
    given = {
        "spalten": [name for name in columns if name != "personen"],
        "personen": {name for entry in lists for name in entry if name != "spalte"},
        "in_spalten": [amt["in_spalten"]] if "in_spalten" in amt else [],
        "blatt": [blatt["je"]] if isinstance(blatt, dict) else [],
        "abschnitt": amt["abschnitt"],
        "fest": amt["fest"],
    }
    for place, names in given.items():
        for name in names:
            found["jahrgang" if name == "alter" else name].append(place)
    return found


def _check_places(amt: dict) -> None:
    for merkmal, found in places(amt).items():
        name = "jahrgang or alter" if merkmal == "jahrgang" else merkmal
        if len(found) != 1:
            where = f"stands in {' and '.join(found)}" if found else "has no place"
            raise InputError(f"meldeamt: {name} {where}; expected exactly one place (column, heading, sheet, fest)")
    form, personen = amt["form"], amt["spalten"].get("personen")
    expected = {
        "lang": ("one column personen", isinstance(personen, str | int) and "in_spalten" not in amt),
        "personen": ("no column personen", personen is None and "in_spalten" not in amt),
        "breit": ("a list personen or in_spalten", isinstance(personen, list) != ("in_spalten" in amt)),
    }
    what, fits = expected[form]
    if not fits:
        raise InputError(f"meldeamt.spalten: form {form} needs {what}")
    if form == "breit" and isinstance(personen, str | int):
        raise InputError("meldeamt.spalten.personen: with in_spalten the columns are found by their header")
    if amt["summenspalten"] and "in_spalten" not in amt:
        raise InputError("meldeamt.summenspalten: only with in_spalten; else a total column is one of spalten.personen")
    if isinstance(personen, list):
        for entry in personen:
            lacking = [m for m, where in places(amt).items() if where == ["personen"] and m not in entry]
            if lacking:
                raise InputError(f"meldeamt.spalten.personen: column {entry['spalte']!r} does not say its {lacking[0]}")
    for merkmal in ("geschlecht", "staatsangehoerigkeit"):
        if places(amt)[merkmal][0] in ("spalten", "blatt", "abschnitt") and merkmal not in amt["werte"]:
            raise InputError(f"meldeamt.werte: what do the cells of {merkmal} mean? expected {merkmal}: {{…: [cells]}}")


def _check_patterns(amt: dict) -> None:
    patterns = {
        "datei": amt["datei"],
        "summen": [s["text"] for s in amt["summen"]],
        "summenspalten": amt["summenspalten"],
        "ueberlesen": amt["ueberlesen"],
        "nicht_lesen": amt["nicht_lesen"],
        "besondere": [b["text"] for b in amt["besondere"]],
        "abschnitt": list(amt["abschnitt"].values()),
        "stichtag": [amt["stichtag"]["muster"]] if "muster" in amt["stichtag"] else [],
        "kopf_muster": [amt["kopf_muster"]] if "kopf_muster" in amt else [],
        "blatt": [amt["blatt"]["muster"]] if isinstance(amt.get("blatt"), dict) else [],
    }
    allowed = {"datei": ("{jahr}", "{datum}"), "summen": ("{ortsteil}",), "stichtag": ("{jahr}", "{datum}")}
    for key, texts in patterns.items():
        for text in texts:
            try:
                match(text, "")
            except InputError as error:
                raise InputError(f"meldeamt.{key}: {error}") from None
            known = allowed.get(key, ("{wert}",) if key in ("abschnitt", "kopf_muster", "blatt") else ())
            strange = [p for p in ("{jahr}", "{datum}", "{wert}", "{ortsteil}") if p in text and p not in known]
            if strange:
                raise InputError(f"meldeamt.{key}: {strange[0]} has no meaning in {text!r}")
            named = key in ("datei", "summen", "summenspalten", "ueberlesen") or "*" in text
            if named and key != "nicht_lesen" and not _own_letters(text, key == "datei"):
                raise InputError(f"meldeamt.{key}: {text!r} fits everything; expected letters of the name in it")
    blatt = amt.get("blatt", [])
    for text in blatt["ohne"] if isinstance(blatt, dict) else _as_list(blatt):
        try:
            match(text, "")
        except InputError as error:
            raise InputError(f"meldeamt.blatt: {error}") from None
    if amt["stichtag"]["aus"] == "dateiname" and not all("{jahr}" in p or "{datum}" in p for p in amt["datei"]):
        raise InputError("meldeamt.stichtag: the date comes from the file name; expected {jahr} or {datum} in datei")


def _own_letters(text: str, is_file: bool) -> str:
    """What a pattern itself demands beside placeholders (and the ending of a file)."""
    rest = re.sub(r"\{[a-z]+\}|[*?\s]", "", text)
    return re.sub(r"\.[a-z]+$", "", rest, flags=re.IGNORECASE) if is_file else rest


def _check_werte(amt: dict) -> None:
    for merkmal, codes in amt["werte"].items():
        seen: dict[str, str] = {}
        for code, cells in codes.items():
            for cell in map(plain, cells):
                if seen.setdefault(cell, code) != code:
                    raise InputError(f"meldeamt.werte.{merkmal}: {cell!r} means {seen[cell]} and {code}")


def _check_ortsteile(amt: dict) -> None:
    seen: dict[str, list[dict]] = {}
    keys = [entry["schluessel"] for entry in amt["ortsteile"]]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice:
        raise InputError(f"meldeamt.ortsteile: {twice} stands twice; expected one entry per Ortsteil")
    for entry in amt["ortsteile"]:
        place = f"meldeamt.ortsteile, {entry['schluessel']}"
        for key in ("ab", "bis"):
            if type(entry.get(key, dt.date.min)) is not dt.date:
                raise InputError(f"{place}: {key} is {entry[key]!r}; expected a date without quotes (2019-01-01)")
        if entry.get("ab", dt.date.min) > entry.get("bis", dt.date.max):
            raise InputError(f"{place}: bis {entry['bis']} is before ab {entry['ab']}")
        if entry["schluessel"][:8] != entry["gemeinde"] or entry["gemeinde"][:5] != amt["kreis"]:
            raise InputError(
                f"{place}: expected the key of its Gemeinde ({entry['gemeinde']}) in the Kreis {amt['kreis']}"
            )
        check_ags(entry["gemeinde"])
        names = {plain(n) for n in (entry["schluessel"], entry["name"], *_names(entry))}
        for name in names:
            twin = next((e for e in seen.get(name, []) if _overlap(e, entry)), None)
            if twin:
                raise InputError(f"{place}: {name!r} is also {twin['schluessel']} ({twin['name']}) at the same time")
            seen.setdefault(name, []).append(entry)


def _names(entry: dict) -> list[str]:
    return [*_as_list(entry.get("schreibweisen", [])), *_as_list(entry.get("teile", []))]


def _overlap(one: dict, other: dict) -> bool:
    starts = max(one.get("ab", dt.date.min), other.get("ab", dt.date.min))
    return starts <= min(one.get("bis", dt.date.max), other.get("bis", dt.date.max))


def spellings(amt: dict, stichtag: dt.date) -> dict[str, tuple[str, str]]:
    """Every way to write an Ortsteil that is valid on that day → its key and the part of it ("" for the whole)."""
    found = {}
    for entry in amt["ortsteile"]:
        if entry.get("ab", dt.date.min) <= stichtag <= entry.get("bis", dt.date.max):
            parts = _as_list(entry.get("teile", []))
            for name in (entry["schluessel"], entry["name"], *_as_list(entry.get("schreibweisen", []))):
                found[plain(name)] = (entry["schluessel"], "")
            found.update({plain(part): (entry["schluessel"], plain(part)) for part in parts})
    return found


def key(amt: dict) -> str:
    """Key of the office in the store: Kreis and id (`99099_musterstadt`)."""
    return f"{amt['kreis']}_{amt['amt']}"


def ortsteile(amt: dict) -> pd.DataFrame:
    """Ortsteile of the office as rows of the table `ortsteile`."""
    rows = [
        {
            "ortsteil": entry["schluessel"],
            "amt": key(amt),
            "name": entry["name"],
            "ab": entry.get("ab"),
            "bis": entry.get("bis"),
            "darf_fehlen": entry.get("darf_fehlen", False),
        }
        for entry in amt["ortsteile"]
    ]
    return pd.DataFrame(rows).astype({"ab": object, "bis": object})


def all_names(entry: dict) -> list[str]:
    """Every way to write an Ortsteil: key, name, further spellings, parts."""
    return [entry["schluessel"], entry["name"], *_names(entry)]
