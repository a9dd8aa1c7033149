"""Yearly files of a Meldeamt: residents with main residence by Jahrgang, sex and citizenship per Ortsteil.

The layout is described by the office's YAML (`analysis.sources.meldeamt`). The YAML itself can be imported too: it
holds the Ortsteile. Of rows that stand for one resident each only the counts are kept.
"""

import datetime as dt
import difflib
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import melderegister
from analysis.bestaende import BESTAENDE
from analysis.catalogue import Katalog
from analysis.errors import InputError
from analysis.observations import COLUMNS, check
from analysis.sources import meldeamt, signs
from analysis.sources.lieferung import Lieferung, Probe
from analysis.sources.meldeamt import MERKMALE
from analysis.sources.meldemuster import as_stichtag, first_match, match, parse_datum, plain
from analysis.sources.meldetabelle import SUMME, Blatt, Zellen, read_blaetter, read_zellen
from analysis.sources.sheets import Formel

VERSION = 1

_OLDEST = 115
"""Age in years above which a year of birth is not plausible."""

_ALLE, _AUSGELASSEN = -1, -2
"""Instead of a year of birth: a total over all years; a year that the YAML leaves out."""

_ENOUGH = 50
"""Persons of a file among whom there is a German."""

_ORIGINAL = ["teil", "jahrgang_original", "geschlecht_original", "staatsangehoerigkeit_original"]
"""Dimensions as the file writes them, by which a duplicate is found."""

_KEY = ["stichtag", *MERKMALE, "offen"]
_DATE = r"\s*(?:[0-9]{1,2}\.[0-9]{1,2}\.(?:[0-9]{4}|[0-9]{2})|[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8})(?:[ T].*)?\s*"


def recognises(probe: Probe) -> bool:
    """Whether the file is the YAML of a Meldeamt, or has a name that such a YAML near it describes."""
    if meldeamt.is_description(probe.suffix, probe.text):
        return True
    return probe.suffix not in (".yaml", ".yml") and meldeamt.find(probe.path) is not None


def read(path: Path, katalog: Katalog) -> Lieferung:
    """Residents per Ortsteil and the counts per Gemeinde, or the Ortsteile alone if the file is the office's YAML.

    Raises
    ------
    InputError
        No YAML describes the file, or the file is not what its YAML says: unknown spelling, sign or column, a sum
        that its parts do not give, an implausible year of birth, a key that stands twice.
    """
    leser = f"melderegister {VERSION}"
    if path.suffix.lower() in (".yaml", ".yml"):
        return Lieferung(leser, bestaende={"ortsteile": meldeamt.ortsteile(meldeamt.load(path))})
    description = meldeamt.find(path)
    if description is None:
        raise InputError(
            f"{path}: no YAML of a Meldeamt describes a file of this name; expected one beside it, in the folder above "
            "or in data/lieferungen (docs/quellen.md)"
        )
    amt = meldeamt.load(description)
    blaetter, left_out = read_blaetter(path, amt)
    tables, found = [], []
    names = {plain(n) for e in amt["ortsteile"] for n in meldeamt.all_names(e)}
    for number, blatt in enumerate(blaetter):
        zellen = read_zellen(blatt, amt, lambda text: plain(text) in names)
        tables.append(_counted(path, zellen, amt).assign(blatt=number))
        for reason, rows in zellen.ausgelassen.items():
            left_out[reason] = left_out.get(reason, 0) + rows
        found.append(zellen)
    table = pd.concat(tables, ignore_index=True)
    if amt["form"] != "personen":
        _check_duplicates(blaetter, table)
    _check_sums(blaetter, table, left_out)
    _check_sums_are_there(path, table, found, amt)
    _check_citizenship(path, table, amt)
    register = _register(blaetter, table, left_out).assign(amt=meldeamt.key(amt))
    ortsteile = meldeamt.ortsteile(amt)
    return Lieferung(
        leser,
        _observations(path, register, ortsteile, katalog),
        left_out,
        {"melderegister": register[BESTAENDE["melderegister"].spalten], "ortsteile": ortsteile},
    )


def _counted(path: Path, zellen: Zellen, amt: dict) -> pd.DataFrame:
    """Cells of a sheet with translated dimensions, Stichtag, and number or reason."""
    table = zellen.tabelle.reset_index(drop=True)
    place = zellen.blatt.place
    table["stichtag"] = _stichtag(path, zellen, table, amt)
    for merkmal in ("geschlecht", "staatsangehoerigkeit"):
        if meldeamt.places(amt)[merkmal][0] in ("spalten", "blatt", "abschnitt"):
            codes = _codes(table[merkmal].unique(), amt["werte"][merkmal])
            _refuse_unknown(place, table, merkmal, codes, amt)
            table[f"{merkmal}_original"] = table[merkmal].map(plain)
            table[merkmal] = table[merkmal].map(codes)
        else:
            table[f"{merkmal}_original"] = table[merkmal]
    table = _with_ortsteil(place, table, amt)
    table = _with_jahrgang(place, table, amt)
    numbers = signs.parse(table.zelle, amt["zeichen"], tausender=amt.get("tausender", ""))
    is_formula = table.zelle.map(lambda c: isinstance(c, Formel)).astype(bool)
    totals = (table[list(MERKMALE)] == SUMME).any(axis=1) | (table.jahrgang == _ALLE)
    for mask, what in (
        (numbers.falsch & ~(is_formula & totals), "expected a whole number of persons or a sign of the YAML (zeichen)"),
        (numbers.guete != "", "a number in brackets; expected a whole number of persons"),
        (numbers.wert < 0, "a negative number; expected a count of 0 or more"),
        (numbers.wert % 1 > 0, "expected a whole number of persons"),
        (numbers.wert > 10_000_000, "more persons than any Kreis has"),
    ):
        if mask.any():
            row = table[mask].iloc[0]
            cell = "a formula" if isinstance(row.zelle, Formel) else repr(row.zelle)[:60]
            column = f", column {row.spalte!r}" if row.spalte else ""
            raise InputError(f"{place(row.zeile)}{column}: {cell}; {what}")
    grund = numbers.grund.mask(is_formula & totals, "formel")
    table = table.assign(wert=numbers.wert, grund=grund, summe=totals)
    return table[[*_KEY, *_ORIGINAL, "wert", "grund", "summe", "ist_summe", "zeile"]]


def _check_duplicates(blaetter: list[Blatt], table: pd.DataFrame) -> None:
    """Refuse a key that stands twice; what the YAML adds up (`teile`, several cells for one value) is no duplicate."""
    key = ["stichtag", "ortsteil", "jahrgang", "offen", *_ORIGINAL]
    twice = table[table.duplicated(key)]
    if len(twice):
        row = twice.iloc[0]
        other = table[(table[key] == row[key]).all(axis=1)].iloc[0]
        where, earlier = (blaetter[r.blatt].place(r.zeile) for r in (row, other))
        what = f"{row.ortsteil}, {row.jahrgang_original!r}, {row.geschlecht}, {row.staatsangehoerigkeit}"
        raise InputError(f"{where}: {what} stands already in {earlier}; expected one row per key")


def _codes(texts, meanings: dict[str, list[str]]) -> dict[str, str]:
    """Cell → stored value; cells without meaning are absent."""
    by_cell = {plain(cell): code for code, cells in meanings.items() for cell in cells if cell != "*"}
    rest = next((code for code, cells in meanings.items() if "*" in cells), None)
    found = {text: by_cell.get(plain(text), rest if text else None) for text in texts}
    return {text: code for text, code in found.items() if code is not None} | {SUMME: SUMME}


def _shown(text: str, amt: dict) -> str:
    """Cell as a message may quote it: of rows that stand for one resident each, nothing that may be a name."""
    if amt["form"] != "personen" or len(text) <= 3 or (text.isascii() and text.isdigit()):
        return repr(text[:60])
    return f"a text of {len(text)} characters"


def _refuse_unknown(place, table: pd.DataFrame, merkmal: str, codes: dict, amt: dict) -> None:
    unknown = table[~table[merkmal].isin(list(codes))]
    if len(unknown):
        row = unknown.iloc[0]
        known = ", ".join(repr(cell) for cells in amt["werte"][merkmal].values() for cell in cells)
        shown = _shown(row[merkmal], amt)
        raise InputError(f"{place(row.zeile)}: {merkmal} {shown} is unknown; expected one of {known}")


def _with_ortsteil(place, table: pd.DataFrame, amt: dict) -> pd.DataFrame:
    """Canonical key of the Ortsteil by the spellings that are valid at the Stichtag, and the declared part of it."""
    keys, parts = {}, {}
    for stichtag, text in table[["stichtag", "ortsteil"]].drop_duplicates().itertuples(index=False):
        known = meldeamt.spellings(amt, stichtag)
        if text == SUMME:
            keys[stichtag, text], parts[stichtag, text] = SUMME, ""
        elif plain(text) in known:
            keys[stichtag, text], parts[stichtag, text] = known[plain(text)]
        else:
            row = table[(table.stichtag == stichtag) & (table.ortsteil == text)].iloc[0]
            near = difflib.get_close_matches(plain(text), known, n=3, cutoff=0.5)
            hint = f"; the nearest known ones are {', '.join(map(repr, near))}" if near else ""
            what = (
                f"Ortsteil {_shown(text, amt)} is unknown on {stichtag:%d.%m.%Y}" if text else "no Ortsteil in this row"
            )
            raise InputError(f"{place(row.zeile)}: {what}{hint} (key ortsteile of the YAML)")
    both = pd.MultiIndex.from_frame(table[["stichtag", "ortsteil"]])
    return table.assign(ortsteil=both.map(keys), teil=both.map(parts))


def _with_jahrgang(place, table: pd.DataFrame, amt: dict) -> pd.DataFrame:
    """Year of birth (from the age in full years at 31 December: year minus age) and whether it is an open end."""
    is_age = "alter" in amt["spalten"] or amt.get("in_spalten") == "alter"
    patterns = {b["text"]: b for b in amt["besondere"]}
    texts = table.jahrgang.astype(object)
    meaning = {}
    for text in texts.unique():
        hit = {"text": "", "jahrgang": _ALLE} if text == SUMME else None
        if hit is None:
            found = first_match(list(patterns), text)
            hit = patterns[found[0]] if found else None
        if hit is None and text.isascii() and text.isdigit() and len(text) <= 4:
            hit = {"text": "", "alter" if is_age else "jahrgang": int(text)}
        if hit is None:
            row = table[texts == text].iloc[0]
            what = f"{_shown(text, amt)} is no {'age' if is_age else 'year of birth'}"
            if pd.Series([text]).str.fullmatch(_DATE).iloc[0]:
                what = "an exact date of birth, which is not read"
            raise InputError(
                f"{place(row.zeile)}: {what}; expected {'an age in years' if is_age else 'a year'} or a text of the "
                "YAML (besondere, summen)"
            )
        meaning[text] = hit
    year = table.stichtag.map(lambda day: day.year).astype(int)
    number = {t: next((v for k, v in m.items() if k in ("alter", "alter_ab", "jahrgang", "jahrgang_bis")), _AUSGELASSEN)
              for t, m in meaning.items()}  # fmt: skip
    by_age = texts.map({t: "alter" in m or "alter_ab" in m for t, m in meaning.items()}).astype(bool)
    jahrgang = texts.map(number).astype(int)
    jahrgang = jahrgang.mask(by_age, year - jahrgang)
    offen = texts.map({t: "alter_ab" in m or "jahrgang_bis" in m for t, m in meaning.items()}).astype(bool)
    return table.assign(jahrgang=jahrgang, offen=offen, jahrgang_original=texts.map(plain))


def _stichtag(path: Path, zellen: Zellen, table: pd.DataFrame, amt: dict) -> pd.Series | dt.date:
    """Stichtag of each row: 31 December, from where the YAML says, in agreement with the file's name."""
    given, blatt = amt["stichtag"], zellen.blatt
    where = blatt.place(0)
    _, in_name = first_match(amt["datei"], path.name) or ("", {})
    try:
        if given["aus"] == "spalte":
            cells = table.stichtag_zelle
            days = {}
            for cell in cells.unique():
                row = table[cells.isna() if cell is None else cells == cell].iloc[0]
                where = blatt.place(row.zeile)
                days[cell] = _day_of_row(signs.as_text(cell), amt, in_name)
            return cells.map(days).astype(object)
        if given["aus"] == "dateiname":
            where = str(path)
            day = as_stichtag(in_name)
        elif given["aus"] == "blatt":
            found = match(given["muster"], blatt.name)
            day = as_stichtag(found) if found else None
        else:
            texts = [t for row in zellen.kopf for t in _texts(row)]
            days = {as_stichtag(found) for t in texts if (found := match(given["muster"], t))}
            if len(days) > 1:
                raise InputError("two dates of this form stand in the sheet; expected one")
            day = next(iter(days), None)
        if day is None:
            raise InputError(f"no Stichtag found; expected {given.get('muster', 'it in the file name')!r}")
        day = _checked(day, given, in_name)
    except InputError as error:
        raise InputError(f"{where}: {error}") from None
    return pd.Series([day] * len(table), index=table.index, dtype=object)


def _texts(row: tuple) -> list[str]:
    cells = [signs.as_text(c) for c in row]
    return [*filter(None, cells), " ".join(filter(None, cells))]


def _day_of_row(text: str, amt: dict, in_name: dict[str, str]) -> dt.date:
    """Stichtag in a cell; a name or a date of birth that stands there instead is not quoted."""
    try:
        day = parse_datum(text)
    except InputError:
        if amt["form"] != "personen":
            raise
        raise InputError(f"{_shown(text, amt)} is not a date; expected the Stichtag (stichtag.spalte)") from None
    if amt["form"] == "personen" and (day.month, day.day) not in ((12, 31), (1, 1)):
        raise InputError("another day than 31 December; is stichtag.spalte the column of the Stichtag?")
    return _checked(day, amt["stichtag"], in_name)


def _checked(day: dt.date, given: dict, in_name: dict[str, str]) -> dt.date:
    if given.get("vortag"):
        day -= dt.timedelta(days=1)
    if (day.month, day.day) != (12, 31):
        raise InputError(f"the Stichtag is {day:%d.%m.%Y}; expected 31 December (vortag: true for 1 January)")
    named = {day.year, day.year + 1} if given.get("vortag") else {day.year}
    if "jahr" in in_name and int(in_name["jahr"]) not in named:
        raise InputError(f"the Stichtag is {day:%d.%m.%Y}, but the file name says {in_name['jahr']}")
    return day


def _check_sums(blaetter: list[Blatt], table: pd.DataFrame, left_out: dict[str, int]) -> None:
    """Compare every total with its parts; a suppressed part makes it a lower bound only."""
    parts, totals = table[~table.summe], table[table.summe]
    unchecked = 0
    over = (totals[list(MERKMALE)] == SUMME).assign(jahrgang=totals.jahrgang == _ALLE)
    for mask, rows in totals.groupby([over[m] for m in MERKMALE]):
        keys = ["stichtag", *[m for m, is_over in zip(MERKMALE, mask, strict=True) if not is_over]]
        keys += ["offen"] if "jahrgang" in keys else []
        grouped = (
            parts.assign(luecke=parts.grund != "").groupby(keys).agg(bekannt=("wert", "sum"), luecken=("luecke", "sum"))
        )
        both = rows.merge(grouped, how="left", left_on=keys, right_index=True)
        both = both.assign(bekannt=both.bekannt.fillna(0), luecken=both.luecken.fillna(0))
        wrong = both[
            both.wert.notna() & ((both.wert < both.bekannt) | ((both.luecken == 0) & (both.wert != both.bekannt)))
        ]
        unchecked += int((both.wert.isna() | (both.luecken > 0)).sum())
        if len(wrong):
            row = wrong.iloc[0]
            parts_say = f"the parts add up to {row.bekannt:.0f}" + (" at least" if row.luecken else "")
            raise InputError(f"{blaetter[row.blatt].place(row.zeile)}: the sum is {row.wert:.0f}; {parts_say}")
    if len(totals) - unchecked:
        left_out["sums, which agree with their parts"] = len(totals) - unchecked
    if unchecked:
        left_out["sums that cannot be checked (suppressed cells or formulas)"] = unchecked


def _check_sums_are_there(path: Path, table: pd.DataFrame, sheets: list[Zellen], amt: dict) -> None:
    """Refuse a file without a total that its YAML announces: its end may be missing.

    A total of `summen` must stand in a row of every sheet; in one of them if it is a total over the sheets (`ueber`).
    """
    je = amt["blatt"]["je"] if isinstance(amt.get("blatt"), dict) else ""
    everywhere = set.union(*(zellen.summenzeilen for zellen in sheets))
    for zellen in sheets:
        where = f"{path}, sheet {zellen.blatt.name!r}" if zellen.blatt.name else str(path)
        for total in amt["summen"]:
            if total["text"] not in (everywhere if je in total["ueber"] else zellen.summenzeilen):
                only = "; it is only the header of a column, which belongs to summenspalten"
                hint = only if total["text"] in zellen.summenspalten else ""
                raise InputError(
                    f"{where}: there is no row {total['text']!r} (key summen){hint}; is the file truncated?"
                )
        for text in amt["summenspalten"]:
            if text not in zellen.summenspalten:
                raise InputError(f"{where}: there is no column {text!r} (key summenspalten); is the file truncated?")
    for text in (total["text"] for total in amt["summen"] if "{ortsteil}" in total["text"]):
        lacking = set(table.ortsteil[~table.summe]) - set(table.ortsteil[table.ist_summe])
        if lacking:
            raise InputError(f"{path}: {min(lacking)} has no row {text!r} (key summen); is the file truncated?")


def _check_citizenship(path: Path, table: pd.DataFrame, amt: dict) -> None:
    """Refuse a Stichtag without Germans if `*` translates citizenships: German may be written otherwise there."""
    meanings = amt["werte"].get("staatsangehoerigkeit", {})
    named = {plain(cell) for cells in meanings.values() for cell in cells if cell != "*"}
    in_cells = meldeamt.places(amt)["staatsangehoerigkeit"][0] in ("spalten", "blatt", "abschnitt")
    if not in_cells or not any("*" in cells for cells in meanings.values()):
        return
    for stichtag, rows in table[~table.summe].groupby("stichtag"):
        german = (rows.staatsangehoerigkeit == "deutsch") & ((rows.wert > 0) | rows.wert.isna())
        others = sorted(set(rows.staatsangehoerigkeit_original[rows.wert != 0]) - named)
        persons = rows.wert.sum()
        if others and persons >= _ENOUGH and not german.any():
            shown = ", ".join(dict.fromkeys(_shown(text, amt) for text in others[:12]))
            who = f"nobody of {persons:.0f} persons on {stichtag:%d.%m.%Y} is deutsch, expected somebody"
            raise InputError(f"{path}: {who}; the citizenships are {shown} (key werte.staatsangehoerigkeit)")


def _register(blaetter: list[Blatt], table: pd.DataFrame, left_out: dict[str, int]) -> pd.DataFrame:
    """Rows of the Bestand: parts added up by key, implausible years refused."""
    parts = table[~table.summe]
    without = parts[parts.jahrgang == _AUSGELASSEN]
    if len(without):
        persons = f"{without.wert.sum():.0f} persons"
        left_out[f"rows without a year of birth, as the YAML says ({persons})"] = len(without)
    parts = parts[parts.jahrgang != _AUSGELASSEN]
    year = parts.stichtag.map(lambda day: day.year).astype(int)
    oldest_open = parts[parts.offen].groupby("stichtag").jahrgang.agg(["min", "max"])
    covered = ~parts.offen & (parts.jahrgang <= parts.stichtag.map(oldest_open["max"]).fillna(-np.inf).astype(float))
    implausible = (parts.jahrgang > year) | (parts.jahrgang < year - _OLDEST)
    is_zero = parts.wert == 0
    for mask, what in (
        (implausible & ~is_zero, "is not plausible; expected {oldest} to {year}"),
        (covered & ~is_zero, "lies within an open end of the same delivery"),
    ):
        if mask.any():
            row = parts[mask].iloc[0]
            day = row.stichtag.year
            sentence = what.format(oldest=day - _OLDEST, year=day)
            raise InputError(f"{blaetter[row.blatt].place(row.zeile)}: Jahrgang {row.jahrgang} {sentence}")
    several = oldest_open[oldest_open["min"] != oldest_open["max"]]
    if len(several):
        raise InputError(f"{blaetter[0].place(0)}: two open ends at one Stichtag ({several.iloc[0].tolist()})")
    dropped = (implausible | covered) & is_zero
    if dropped.any():
        left_out["rows with 0 persons of an age beyond the last one"] = int(dropped.sum())
    parts = parts[~dropped]
    if parts.empty:
        raise InputError(f"{blaetter[0].place(0)}: no count of residents in the file")
    return melderegister.add_up(parts.rename(columns={"wert": "personen"}), ["stichtag", *MERKMALE, "offen"])


def _observations(path: Path, register: pd.DataFrame, ortsteile: pd.DataFrame, katalog: Katalog) -> pd.DataFrame:
    """Counts per Gemeinde; a Gemeinde of which an Ortsteil is missing has no sum."""
    gemeinden = melderegister.by_gemeinde(ortsteile, register.stichtag.unique())
    table = melderegister.observations(register, gemeinden)
    return check(table.assign(zeile=table.ags)[[*COLUMNS, "zeile"]], katalog, str(path))
