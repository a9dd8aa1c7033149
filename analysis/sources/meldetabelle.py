"""The rows of a Meldeamt file, in whatever layout its YAML describes, as one long table of cells.

Nothing is counted here: every cell of persons stands with the dimensions that its row, column, heading and sheet give.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.sources.delivered import read_text, split_rows
from analysis.sources.meldeamt import MERKMALE
from analysis.sources.meldemuster import first_match, match, plain
from analysis.sources.sheets import Formel, column_name, is_workbook, read_sheets
from analysis.sources.signs import as_text

SUMME = "summe"
"""Value of a dimension over which a row or column is a total."""

_SEARCHED_ROWS = 40
_LONGEST_HEADING = 2
"""Filled cells that a heading, a footnote or a line of a printed page has at most."""


@dataclass(frozen=True)
class Blatt:
    """Rows of a text file or worksheet; `place(row)` says where a row (counted from 0) stands."""

    name: str
    rows: list[tuple]
    place: Callable[[int], str]


@dataclass(frozen=True)
class Zellen:
    """Cells of persons in long form.

    Attributes
    ----------
    tabelle
        `ortsteil`, `jahrgang`, `geschlecht`, `staatsangehoerigkeit` (text of the cell; `SUMME` for totals; a stored
        value where the YAML gives it), `stichtag_text`, `zelle`, `zeile` (row counted from 0), `spalte` (its header).
    kopf
        Rows above the header and below the last row of data, in which the date may stand.
    summenzeilen
        Patterns of `summen` that stand in a row.
    summenspalten
        Patterns of `summen` and `summenspalten` that stand as the header of a column.
    """

    blatt: Blatt
    tabelle: pd.DataFrame
    kopf: list[tuple]
    ausgelassen: dict[str, int]
    summenzeilen: set[str]
    summenspalten: set[str]


def read_blaetter(path: Path, amt: dict) -> tuple[list[Blatt], dict[str, int]]:
    """Text file, or the worksheets that the YAML names; and how many sheets were not read.

    Raises
    ------
    InputError
        No readable file of this kind, a sheet that is missing, hidden, or one of several without a name.
    """
    with path.open("rb") as file:
        if not is_workbook(file.read(8)):
            if isinstance(amt.get("blatt"), dict):
                raise InputError(f"{path}: the YAML speaks of worksheets; expected a workbook (.xlsx, .xls)")
            records = split_rows(path, read_text(path, amt["kodierung"]), amt["trennzeichen"])
            lines = [line for _, line in records]
            rows = [tuple(cells) for cells, _ in records]
            return [Blatt("", rows, lambda n: f"{path}, row {lines[n]}")], {}
    sheets = [s for s in read_sheets(path) if s.rows]
    wanted = amt.get("blatt")
    if isinstance(wanted, dict):
        chosen = [s for s in sheets if not first_match(wanted["ohne"], s.name)]
        hidden = [s.name for s in chosen if s.hidden]
        if hidden:
            raise InputError(f"{path}: sheet {hidden[0]!r} is hidden; name it in blatt.ohne or show it")
    else:
        chosen = [s for s in sheets if not s.hidden and (wanted is None or match(wanted, s.name) is not None)]
    names = ", ".join(repr(s.name) for s in sheets[:12])
    if not chosen or (len(chosen) > 1 and not isinstance(wanted, dict)):
        expected = "sheets" if isinstance(wanted, dict) else f"one sheet {wanted!r}" if wanted else "exactly one sheet"
        raise InputError(f"{path}: the sheets are {names or 'all empty'}; expected {expected} (key blatt)")
    left_out = {"sheets that are not read": len(sheets) - len(chosen)} if len(chosen) < len(sheets) else {}
    # openpyxl and xlrd give the sheet's own place; the row number is what a user sees
    return [Blatt(s.name, s.rows, s.place) for s in chosen], left_out


def read_zellen(blatt: Blatt, amt: dict, is_known: Callable[[str], bool]) -> Zellen:
    """Cells of one sheet in long form.

    Parameters
    ----------
    is_known
        Whether a text names an Ortsteil (such a row is no footnote).

    Raises
    ------
    InputError
        A column that is missing, twice or not described, a row of another length, a formula in a key column.
    """
    first, header = _header(blatt, amt)
    columns = _columns(blatt, amt, first, header)
    body, above = _body(blatt, first, len(header), amt)
    kept, sections, left_out = _without_headings(blatt, body, amt, is_known)
    rows = _with_merkmale(blatt, kept, sections, columns, amt)
    rows, found = _with_sums(rows, kept, columns, amt)
    below = [tuple(r) for r in blatt.rows[kept.index[-1] + 1 :]] if len(kept) else []
    table, in_header = _melt(rows, kept, columns, header, amt)
    unread = [h for n, h in enumerate(header) if n not in columns["gelesen"] and h]
    if unread:
        left_out[f"columns that are not read ({', '.join(unread)[:200]})"] = len(unread)
    return Zellen(blatt, table, [*above, *below], left_out, found, in_header)


def _header(blatt: Blatt, amt: dict) -> tuple[int, list[str]]:
    """Row after the header and the texts of the header (empty without one)."""
    given = amt["kopfzeile"]
    if given == 0:
        width = max((len(r) for r in blatt.rows), default=0)
        return 0, [""] * width
    if given == "suchen":
        names = {plain(n) for n in _named(amt) if isinstance(n, str)}
        for number, row in enumerate(blatt.rows[:_SEARCHED_ROWS]):
            if names <= {plain(as_text(c)) for c in row}:
                given = number + 1
                break
        else:
            missing = ", ".join(sorted(n for n in _named(amt) if isinstance(n, str)))
            raise InputError(f"{blatt.place(0)}: no row of the first {_SEARCHED_ROWS} has the columns {missing}")
    numbers = given if isinstance(given, list) else [given]
    if max(numbers) > len(blatt.rows):
        end = f"{blatt.place(len(blatt.rows) - 1)} is the last one" if blatt.rows else "the sheet is empty"
        raise InputError(f"{end}; expected the header in row {max(numbers)}")
    parts = [[as_text(c) for c in blatt.rows[n - 1]] for n in numbers]
    width = max(map(len, parts))
    parts = [row + [""] * (width - len(row)) for row in parts]
    for row, next_row in zip(parts[:-1], parts[1:], strict=True):
        for n in range(1, width):  # merged cells hold their text in the first column only
            if not row[n] and next_row[n]:
                row[n] = row[n - 1]
    return max(numbers), [" ".join(filter(None, column)) for column in zip(*parts, strict=True)]


def _named(amt: dict) -> list:
    """Names or numbers of all columns that the YAML speaks of."""
    columns = amt["spalten"]
    found = []
    for entry in columns.values():
        for one in entry if isinstance(entry, list) else [entry]:
            found.append(one["spalte"] if isinstance(one, dict) else one)
    if "spalte" in amt["stichtag"]:
        found.append(amt["stichtag"]["spalte"])
    return found


def _columns(blatt: Blatt, amt: dict, first: int, header: list[str]) -> dict:
    """Positions: `merkmale` (name → list), `personen` (position → its dimensions), `stichtag`, `gelesen`."""
    where = blatt.place(max(first - 1, 0)) if blatt.rows else blatt.name

    def position(name) -> int:
        if isinstance(name, int):
            if name > len(header):
                raise InputError(f"{where}: {len(header)} columns; expected a column {name}")
            return name - 1
        found = [n for n, text in enumerate(header) if plain(text) == plain(name)]
        if len(found) != 1:
            # with a wrong kopfzeile the header is a row of the table
            there = f"{len(header)} columns" if amt["form"] == "personen" else ", ".join(filter(None, header))[:300]
            raise InputError(
                f"{where}: column {name!r} {'stands twice' if found else 'is missing'}; found {there or 'no header'}"
            )
        return found[0]

    given = amt["spalten"]
    merkmale = {
        name: [position(one) for one in (entry if isinstance(entry, list) else [entry])]
        for name, entry in given.items()
        if name != "personen"
    }
    stichtag = position(amt["stichtag"]["spalte"]) if "spalte" in amt["stichtag"] else None
    taken = {n for ns in merkmale.values() for n in ns} | ({stichtag} - {None})
    personen: dict[int, dict] = {}
    entries = given.get("personen", [])
    for entry in entries if isinstance(entries, list) else [{"spalte": entries}]:
        personen[position(entry["spalte"])] = {k: v for k, v in entry.items() if k != "spalte"}
    if len(personen) != (len(entries) if isinstance(entries, list) else 1) or taken & set(personen):
        raise InputError(f"{where}: one column is named for two things; expected a column for each")
    if amt["form"] == "breit":
        further = [n for n in range(len(header)) if n not in taken and n not in personen]
        further = [n for n in further if not first_match(amt["nicht_lesen"], header[n])]
        if "in_spalten" in amt:
            personen = {n: {amt["in_spalten"]: header[n]} for n in further if header[n]}
            further = [n for n in further if not header[n]]
        for n in further:
            if header[n] or any(as_text(row[n]) for row in blatt.rows[first:] if n < len(row)):
                raise InputError(
                    f"{where}: column {header[n] or column_name(n)!r} is not described; "
                    "expected it in spalten.personen or nicht_lesen"
                )
        twice = [header[n] for n in personen if [plain(header[m]) for m in personen].count(plain(header[n])) > 1]
        if twice and first:
            raise InputError(f"{where}: column {twice[0]!r} stands twice")
    return {"merkmale": merkmale, "personen": personen, "stichtag": stichtag, "gelesen": taken | set(personen)}


def _body(blatt: Blatt, first: int, width: int, amt: dict) -> tuple[pd.DataFrame, list[tuple]]:
    """Rows below the header as cells of one width (empty cells None), without empty rows."""
    wanted = amt["kopfzeile"]
    above = blatt.rows[: first - (len(wanted) if isinstance(wanted, list) else 1)] if first else []
    body = blatt.rows[first:]
    filled = [sum(1 for c in row if c is not None and c != "") for row in body]
    for n, row in enumerate(body):
        if filled[n] > (_LONGEST_HEADING if amt["abschnitt"] else 1) and len(row) < width:
            raise InputError(f"{blatt.place(first + n)}: {len(row)} columns; expected {width}; is the file truncated?")
        if len(row) > width and any(as_text(c) for c in row[width:]):
            raise InputError(f"{blatt.place(first + n)}: {len(row)} columns; expected {width}")
    cells = [row[:width] + (None,) * (width - len(row)) for row in body]
    table = pd.DataFrame(cells, columns=range(width), dtype=object, index=range(first, first + len(body)))
    table = table.where(table.map(lambda c: c is not None and not (isinstance(c, str) and not c.strip())), None)
    return table[table.notna().any(axis=1)], above


def _without_headings(
    blatt: Blatt, body: pd.DataFrame, amt: dict, is_known: Callable[[str], bool]
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, int]]:
    """Rows of data; headings of sections filled down beside them; rows left out with their reasons."""
    sections = pd.DataFrame(None, index=body.index, columns=list(amt["abschnitt"]), dtype=object)
    there = body.notna().to_numpy()
    number = there.sum(axis=1)
    first_cell = pd.Series(body.to_numpy()[np.arange(len(body)), there.argmax(axis=1)], index=body.index)
    drop, left_out = pd.Series(False, index=body.index), {}
    if amt["ueberlesen"]:
        texts = {c: bool(first_match(amt["ueberlesen"], as_text(c))) for c in _unique_texts(first_cell)}
        skipped = first_cell.map(lambda c: isinstance(c, str) and texts[c]).astype(bool)
        left_out["rows that the YAML passes over"] = int(skipped.sum())
        drop |= skipped
    for n in body.index[(number <= _LONGEST_HEADING) & ~drop]:
        whole = " ".join(as_text(c) for c in body.loc[n] if c is not None)
        for merkmal, pattern in amt["abschnitt"].items():
            found = match(pattern, whole)
            if found:
                sections.loc[n, merkmal] = found["wert"]
                drop[n] = True
    sections = sections.ffill()
    footnotes = _footnotes(body[~drop], amt, is_known)
    if len(footnotes):
        left_out["footnotes"] = len(footnotes)
        drop[footnotes] = True
    if drop.all():
        raise InputError(f"{blatt.place(max(len(blatt.rows) - 1, 0)) if blatt.rows else blatt.name}: no row of data")
    return body[~drop], sections[~drop], {reason: n for reason, n in left_out.items() if n}


def _unique_texts(cells: pd.Series) -> set[str]:
    return {c for c in cells if isinstance(c, str)}


def _footnotes(body: pd.DataFrame, amt: dict, is_known: Callable[[str], bool]) -> list[int]:
    """Last rows that hold one text only, which is neither an Ortsteil nor a sum nor a number."""
    sums = [s["text"] for s in amt["summen"]]
    found = []
    for n in body.index[::-1]:
        cells = [c for c in body.loc[n] if c is not None]
        text = as_text(cells[0])
        is_text = isinstance(cells[0], str) and any(c.isalpha() for c in text) and " " in text
        if len(cells) > 1 or not is_text or is_known(text) or first_match(sums, text):
            break
        found.append(n)
    return found


def _with_merkmale(blatt: Blatt, body: pd.DataFrame, sections: pd.DataFrame, columns: dict, amt: dict) -> pd.DataFrame:
    """Text of each dimension that a row, its section, its sheet or the YAML gives."""
    rows = pd.DataFrame(index=body.index)
    for name, positions in columns["merkmale"].items():
        parts = []
        for n in positions:
            formulas = body.index[body[n].map(lambda c: isinstance(c, Formel)).astype(bool)]
            if len(formulas):
                raise InputError(f"{blatt.place(formulas[0])}: a formula in the column of {name}; expected its value")
            parts.append(body[n].map(as_text).astype(object))
        joined = parts[0]
        for part in parts[1:]:
            joined = (joined + " / " + part).where((part != "") & (joined != ""), joined + part)
        rows["jahrgang" if name == "alter" else name] = joined
    for merkmal in sections:
        rows[merkmal] = sections[merkmal].fillna("")
    je = amt["blatt"] if isinstance(amt.get("blatt"), dict) else None
    if je:
        found = match(je["muster"], blatt.name)
        if found is None:
            raise InputError(
                f"{blatt.place(0)}: the sheet's name is not of the form {je['muster']!r}; or name it in blatt.ohne"
            )
        rows[je["je"]] = found["wert"]
    for merkmal, value in amt["fest"].items():
        rows[merkmal] = value
    rows["stichtag_zelle"] = body[columns["stichtag"]] if columns["stichtag"] is not None else None
    return rows


def _with_sums(rows: pd.DataFrame, body: pd.DataFrame, columns: dict, amt: dict) -> tuple[pd.DataFrame, set[str]]:
    """Mark the dimensions over which a row is a total, then fill down what stands only in the first row of a block."""
    found: set[str] = set()
    patterns = [s["text"] for s in amt["summen"]]
    in_cells = ["jahrgang" if name == "alter" else name for name in columns["merkmale"]]
    order = {("jahrgang" if m == "alter" else m): min(places) for m, places in columns["merkmale"].items()}
    marks, mark_at = {}, pd.Series(np.inf, index=rows.index)
    for merkmal in in_cells:
        hits = {text: first_match(patterns, text) for text in rows[merkmal].unique() if text}
        marks[merkmal] = rows[merkmal].map(hits.get).astype(object)
        mark_at = mark_at.mask(marks[merkmal].notna() & (mark_at > order[merkmal]), order[merkmal])
    nothing = (rows[in_cells] == "").all(axis=1) if patterns and in_cells else pd.Series(False, index=rows.index)
    elsewhere = {n: hit for n in rows.index[nothing] if (hit := _sum_anywhere(body.loc[n], patterns))}
    mark_at[list(elsewhere)] = -1
    is_sum = mark_at < np.inf
    rows = rows.copy()
    for merkmal in amt["auffuellen"]:
        # in a printed table a total is one of the block that the columns left of its word name
        name = "jahrgang" if merkmal == "alter" else merkmal
        above = rows[name].where((rows[name] != "") & marks[name].isna()).ffill().fillna("")
        rows[name] = rows[name].where((rows[name] != "") | (mark_at <= order[name]), above)
    ueber = {s["text"]: {"jahrgang" if u == "alter" else u for u in s["ueber"]} for s in amt["summen"]}
    for n in rows.index[is_sum]:
        hits = {m: marks[m][n] for m in in_cells if isinstance(marks[m][n], tuple)} or {"": elsewhere.get(n)}
        for merkmal in in_cells:
            if merkmal in hits or rows.at[n, merkmal] == "":
                rows.at[n, merkmal] = SUMME
        for pattern, values in hits.values():
            if "ortsteil" in values:
                rows.at[n, "ortsteil"] = values["ortsteil"]
            for merkmal in ueber[pattern]:
                rows.at[n, merkmal] = SUMME
            found.add(pattern)
    return rows.assign(ist_summe=is_sum), found


def _sum_anywhere(row: pd.Series, patterns: list[str]):
    return next((hit for c in row if isinstance(c, str) and (hit := first_match(patterns, as_text(c)))), None)


def _melt(
    rows: pd.DataFrame, body: pd.DataFrame, columns: dict, header: list[str], amt: dict
) -> tuple[pd.DataFrame, set[str]]:
    """One row per cell of persons; the patterns of totals that are the header of a column."""
    base = rows.assign(zeile=rows.index)
    found: set[str] = set()
    if amt["form"] == "personen":
        return base.assign(zelle=1, spalte=""), found
    totals = [*amt["summenspalten"], *(s["text"] for s in amt["summen"])]
    parts = []
    for n, given in columns["personen"].items():
        part = base.assign(zelle=body[n], spalte=header[n] or column_name(n))
        for name, value in given.items():
            if "in_spalten" in amt:
                hits = {pattern for pattern in totals if match(pattern, value) is not None}
                if hits:
                    found |= hits
                    value = SUMME
            part["jahrgang" if name == "alter" else name] = value
        parts.append(part)
    table = pd.concat(parts, ignore_index=True)
    if "in_spalten" in amt:
        name = "jahrgang" if amt["in_spalten"] == "alter" else amt["in_spalten"]
        table[name] = table[name].map(_plain_header(table[name].unique(), amt))
    return table[[*MERKMALE, "stichtag_zelle", "ist_summe", "zelle", "zeile", "spalte"]], found


def _plain_header(texts, amt: dict) -> dict[str, str]:
    """Header cell → what it says of age, year or Ortsteil (`0 Jahre` → `0`)."""
    found, special = {}, [b["text"] for b in amt["besondere"]]
    for text in texts:
        hit = match(amt["kopf_muster"], text) if "kopf_muster" in amt and not first_match(special, text) else None
        found[text] = hit["wert"] if hit else text
    return found
