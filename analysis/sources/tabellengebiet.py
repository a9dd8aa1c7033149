"""Areas of delivered tables: official keys, a customer's own keys, names of Kreise → the keys of the store."""

import re
from collections.abc import Callable

from analysis.errors import InputError
from analysis.regions import BUND, agreed, kreise
from analysis.sources.muster import compiled
from analysis.sources.sheets import Formel, Sheet
from analysis.sources.signs import as_text
from analysis.sources.tabellenkopf import key, place, plain


def of_sheet(sheet: Sheet, rows: list[int], gebiet: dict) -> str:
    """Area that holds for a whole worksheet: given, or stated in its rows, its name or the file name.

    Raises
    ------
    InputError
        No area is stated, it is not known, or there are several.
    """
    if gebiet["in"] == "fest":
        return gebiet["wert"]
    if gebiet["in"] == "text":
        said = [[as_text(c) for c in sheet.rows[row] if c is not None and not isinstance(c, Formel)] for row in rows]
        texts = [text for cells in said for text in dict.fromkeys([" ".join(cells), *cells])]
    else:
        texts = [sheet.path.stem if gebiet["in"] == "dateiname" else sheet.name]
    resolve = resolver({k: v for k, v in gebiet.items() if k != "muster"})
    hits = [hit.groupdict() for text in texts if (hit := compiled(gebiet["muster"]).search(text))]
    known = {resolve(hit.get("schluessel") or "") or resolve(hit.get("name") or "") for hit in hits} - {None}
    if len(known) != 1:
        given = ", ".join(sorted({v for hit in hits for v in hit.values() if v})) or "none"
        muster = gebiet["muster"]
        raise InputError(f"{place(sheet)}: one known area in the form {muster!r} is expected; found {given[:200]}")
    return known.pop()


def of_rows(sheet: Sheet, rows: list[int], cells: list, gebiet: dict, is_empty: list[bool]) -> list[str | None]:
    """Area of every row; None for a heading, which has no value and no area that is understood.

    Raises
    ------
    InputError
        A row with values has an area that is not understood.
    """
    resolve, known = resolver(gebiet), {}
    areas = []
    for row, cell, empty in zip(rows, cells, is_empty, strict=True):
        name = (isinstance(cell, int | float), cell.text if isinstance(cell, Formel) else as_text(cell))
        if name not in known:
            known[name] = resolve(cell)
        if known[name] is None and not empty:
            raise InputError(f"{place(sheet, row)}: area {name[1][:60]!r}; expected {_expected(gebiet)}")
        areas.append(known[name])
    return areas


def resolver(gebiet: dict) -> Callable[[object], str | None]:
    """Function from a cell to the key of its area, None where it is not understood."""
    kind = gebiet.get("schluessel", "eigene" if "zuordnung" in gebiet else "amtlich")
    named = {key(str(text)): ags for text, ags in gebiet.get("zuordnung", {}).items()}
    if kind == "kreisname":
        named = _kreis_names() | named
    muster = compiled(gebiet["muster"]) if "muster" in gebiet else None

    def resolve(cell) -> str | None:
        if cell is None or isinstance(cell, Formel | bool):
            return None
        text = plain(cell)
        parts = muster.fullmatch(text) if muster else None
        texts = [text, *filter(None, parts.groupdict().values() if parts else ())]
        for given in texts:
            if key(given) in named:
                return named[key(given)]
        if kind == "amtlich":
            keys = (_official(given, isinstance(cell, int | float), gebiet) for given in texts)
            return next(filter(None, keys), None)
        return None

    return resolve


def _official(text: str, is_number: bool, gebiet: dict) -> str | None:
    """Key of 2, 3, 5 or 8 digits; an ARS of 12 becomes the AGS, blanks inside go."""
    digits = text.replace(" ", "")
    if not re.fullmatch(r"[0-9]{1,12}", digits):
        return BUND if text == BUND else None
    if is_number:  # a number cell has lost its leading zeros
        digits = digits.zfill(gebiet.get("stellen", 0) if len(digits) == gebiet.get("stellen", 0) - 1 else 0)
    digits = gebiet.get("vorsatz", "") + digits
    return agreed(digits) if len(digits) in (2, 3, 5, 8, 12) else None


def _kreis_names() -> dict[str, str]:
    """Ways in which offices write the names of Kreise → key; a name that two keys have had is none."""
    found: dict[str, set[str]] = {}
    for kreis in kreise().values():
        name = kreis.name
        forms = {name, kreis.amtlich, f"Landkreis {name}", f"Kreis {name}", f"{name}, Stadt", f"{name}, Landkreis"}
        for form in {*forms, f"Stadt {name}", f"Kreisfreie Stadt {name}", f"{name}, Kreis"}:
            found.setdefault(key(form), set()).add(kreis.ags)
    return {form: next(iter(keys)) for form, keys in found.items() if len(keys) == 1}


def _expected(gebiet: dict) -> str:
    if gebiet.get("schluessel") == "eigene":
        return f"one of the {len(gebiet['zuordnung'])} that the description lists, or a row that it leaves out"
    if gebiet.get("schluessel") == "kreisname":
        return "the name of a Kreis or one that the description lists, or a row that it leaves out"
    return "a key of 2, 3, 5 or 8 digits (AGS) or 12 (ARS), or a row that the description leaves out"
