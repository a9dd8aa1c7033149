"""Flat CSV files (ffcsv) of the GENESIS family: GENESIS-Online, Regionaldatenbank, Zensus 2022.

Two forms are read, both UTF-8 with BOM and `;`, as CSV or as a ZIP with exactly one CSV: the long one (since 2024,
header `statistics_code;…`, one value per row, a total has an empty attribute code, decimal comma or point by the
language of the file) and the older wide one (header `Statistik_Code;…`, one column per value code). Codes are trusted,
labels are not: in the wide form they are known to be wrong. The catalogue says which codes are which quantity.

Signs of this source: `-` exactly nothing, `.` unknown or secret, `...` later, `/` not reliable enough, `x` not
meaningful. `-` also stands for areas that are dissolved and for dates not yet delivered: see `_resolve_nothing`.
"""

import datetime as dt
import re
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from analysis.catalogue import Katalog
from analysis.dates import KINDS, period
from analysis.errors import InputError
from analysis.observations import COLUMNS, KEY, check
from analysis.regions import exists, is_complete, kreise, level
from analysis.sources.delivered import as_csv, check_text
from analysis.sources.lieferung import Lieferung, Probe

VERSION = 1

SIGNS = {".": "unbekannt", "...": "spaeter", "/": "unsicher", "x": "sinnlos"}
"""Sign in place of a number → reason; `-` depends on what stands around it."""

QUALITY = {"": "", "e": "", "r": "", "p": "vorlaeufig", "s": "geschaetzt", "()": "eingeschraenkt"}
"""Sign beside a number (`value_q`) → quality; e: final, r: revised, p: provisional, s: estimated."""

_LONG, _WIDE = "statistics_code", "Statistik_Code"
_LONGEST_HEADER = 20_000
_AREAS = ("DINSG", "DLAND", "REGBEZ", "KREISE", "GEMEIN", "FKREIS", "FGEMEIN", "GEO")
_TOTALS = ("", "Insgesamt", "insgesamt", "Total", "total")
_UNITS = {"personen": ("Anzahl", "number", "Number", "Personen"), "prozent": ("Prozent", "%", "in (%)", "percent")}
_GERMAN = ("Stichtag", "Jahr", "Schuljahr", "Monat", "Quartal")
_ENGLISH = ("Reference date", "Year", "School year", "Month", "Quarter")


def recognises(probe: Probe) -> bool:
    """Whether the file is a flat CSV of this family, or a ZIP that is no workbook."""
    return probe.head.startswith(b"PK") and not probe.sheets or probe.text.startswith((_LONG, _WIDE))


def read(path: Path, katalog: Katalog) -> Lieferung:
    """Observations of a flat CSV file.

    Returns
    -------
    Lieferung
        Observations; keys of 12 digits become the AGS. Left out are rows with codes or units that the catalogue does
        not know, areas without a key or that did not exist on their day, rows that stand twice.

    Raises
    ------
    InputError
        No flat CSV, damaged, an unknown sign, quality, time or key, no quantity of the catalogue, and everything
        that `observations.check` refuses.
    """
    table, left_out = read_flat(path), {}

    def leave_out(table: pd.DataFrame, mask, reason: str) -> pd.DataFrame:
        mask = np.asarray(mask, bool)
        if mask.any():
            left_out[reason] = int(mask.sum())
        return table[~mask].copy()

    table = _with_quantity(path, table, katalog)
    table = leave_out(table, table.groesse.isna(), "codes that the catalogue does not know")
    table = leave_out(table, ~_unit_fits(table, katalog), "units that the quantity does not have")
    table = leave_out(table, table.ags == "", "areas without a key")
    for ags in table.ags.unique():
        try:
            level(ags)
        except InputError as error:
            raise InputError(f"{path}, row {table.zeile[table.ags == ags].iloc[0]}: {error}") from None
    table["ags"] = table.ags.where(table.ags.str.len() != 12, table.ags.str[:5] + table.ags.str[9:])
    days = table[["ags", "stichtag"]].drop_duplicates()
    days["there"] = [exists(ags, stichtag) for ags, stichtag in days.itertuples(index=False)]
    there = table.merge(days, on=["ags", "stichtag"], how="left").there.to_numpy(bool)
    table = leave_out(table, ~there & (table.zeichen != "").to_numpy(), "areas that did not exist on that day")
    table = leave_out(table, table.duplicated([*KEY, "wert", "zeichen", "guete"]), "rows that stand twice")
    _check_rows(path, table, katalog)
    _resolve_nothing(table)
    table["grund"] = table.grund.where(table.grund != "", table.zeichen.map(SIGNS).fillna(""))
    table["quelle"] = "genesis"
    observations = check(table[[*COLUMNS, "zeile"]].reset_index(drop=True), katalog, str(path))
    return Lieferung(f"genesis {VERSION}", observations, left_out)


def _with_quantity(path: Path, table: pd.DataFrame, katalog: Katalog) -> pd.DataFrame:
    codes = {
        (source["statistik"], source["wert"], _joined(source.get("merkmale", {}))): groesse.id
        for groesse in katalog.groessen.values()
        for source in groesse.genesis
    }
    keys = pd.MultiIndex.from_frame(table[["statistik", "wert_code", "merkmale"]])
    groesse = pd.Series(codes, dtype=object).reindex(keys).to_numpy()
    if pd.isna(groesse).all():
        found = ", ".join(sorted({" ".join(key).strip() for key in keys.unique()})[:5])
        hint = "add `genesis` to analysis/catalogue.yaml"
        raise InputError(f"{path}: no quantity of the catalogue; found {found} ({hint})")
    return table.assign(groesse=groesse)


def _joined(merkmale: dict[str, str]) -> str:
    return "&".join(f"{k}={v}" for k, v in sorted(merkmale.items()))


def _unit_fits(table: pd.DataFrame, katalog: Katalog) -> pd.Series:
    """Whether a row's unit is that of its quantity; in the wide form units are unreliable and not looked at."""
    pairs = table[["groesse", "einheit"]].drop_duplicates()
    pairs["fits"] = [u in _UNITS.get(katalog.groessen[g].einheit, ()) for g, u in pairs.itertuples(index=False)]
    fits = table[["groesse", "einheit"]].merge(pairs, on=["groesse", "einheit"], how="left").fits
    return pd.Series(fits.to_numpy(bool) | table.wide.to_numpy(bool), index=table.index)


def _check_rows(path: Path, table: pd.DataFrame, katalog: Katalog) -> None:
    """Refuse two values for one key, a month where the quantity is one of a year, a count with thousands."""
    twice = table[table.duplicated(KEY, keep=False)]
    if len(twice):
        a, b = twice[(twice[KEY] == twice.iloc[0][KEY]).all(axis=1)].iloc[:2].itertuples(index=False)
        where = f"row {b.zeile}: {b.groesse} of {b.ags} stands already in row {a.zeile}"
        raise InputError(f"{path}, {where} with another value")
    for groesse, kind in table[["groesse", "art"]].drop_duplicates().itertuples(index=False):
        allowed = KINDS[katalog.groesse(groesse).stichtag]
        if kind not in allowed:
            row = table[(table.groesse == groesse) & (table.art == kind)].iloc[0]
            raise InputError(
                f"{path}, row {row.zeile}: {groesse} for a {kind} ({row.zeit}); expected {' or '.join(sorted(allowed))}"
            )
    counts = table.groesse.map({id: g.is_count for id, g in katalog.groessen.items()}).astype(bool)
    wrong = table[counts & table.text.str.fullmatch(r"-?[0-9]{1,3}[.,][0-9]{3}")]
    if len(wrong):
        row = wrong.iloc[0]
        raise InputError(f"{path}, row {row.zeile}: value {row.text!r} of {row.groesse}; expected a whole number")


def _resolve_nothing(table: pd.DataFrame) -> None:
    """Decide what `-` means, in place: 0, `spaeter` or `unbekannt`.

    It is 0 only where something shows that the area was counted on that day: it has a number there in another
    quantity, or it is a Kreis of a Land whose Kreise are all listed and another one of them has a number in the same
    quantity. Where none of several areas of that level in the Land has any number on that day, the date was not yet
    delivered (`spaeter`). Everything else is `unbekannt`: the area may be dissolved, or truly have none.
    """
    nothing, number = table.zeichen == "-", table.wert.notna()
    land = table.ags.str[:2]
    ebene = table.ags.map({ags: level(ags) for ags in table.ags.unique()})
    place = [ebene, land, table.stichtag]
    counted = number.groupby([table.ags, table.stichtag]).transform("any")
    same_quantity = number.groupby([*place, table.groesse]).transform("any")
    listed = table.ags.isin(list(kreise())) & land.isin([code for code in land.unique() if is_complete(code)])
    delivered = number.groupby(place).transform("any")
    several = table.ags.groupby(place).transform("nunique") > 1
    zero = nothing & (counted | (listed & same_quantity))
    table["grund"] = np.select([zero | ~nothing, ~delivered & several], ["", "spaeter"], default="unbekannt")
    table.loc[zero, "wert"] = 0.0
    table.loc[nothing, "zeichen"] = ""


def read_flat(path: Path) -> pd.DataFrame:
    """Every value of a flat CSV file, whatever it is about.

    Returns
    -------
    pandas.DataFrame
        Columns `statistik`, `zeit` (as written), `stichtag` and `art` (last day and kind of the period), `raum` (code
        of the area's kind), `ags`, `merkmale` (attribute codes that are not totals: `GES=GESW&NAT=NATA`), `wert_code`,
        `einheit`, `text`, `wert` (float; NaN where `zeichen` stands instead), `zeichen`, `guete`, `wide` (whether of
        the wide form), `zeile`; rows in the order of the file.
    """
    with as_csv(path) as csv:
        header, lines = _header(path, csv)
        wide = header[0] == _WIDE
        values = _wide_values(path, header) if wide else _check_long(path, header)
        try:
            raw = _load(csv, len(header))
        except duckdb.Error as error:
            raise InputError(f"{path}: {_what(error)} (expected {len(header)} columns in every row)") from None
    raw.columns = header
    if raw.empty:
        raise InputError(f"{path}: there is a header but no row")
    if len(raw) != lines - 1:
        raise InputError(f"{path}: {lines - 1} lines, but {len(raw)} rows: a quoted cell runs over a line end")
    raw["zeile"] = range(2, len(raw) + 2)
    table = _from_wide(raw, values) if wide else _from_long(raw)
    return _with_day(path, _with_value(path, _with_area(path, table, header, wide)))


def _header(path: Path, csv: Path) -> tuple[list[str], int]:
    """Column names, and the number of lines with the header."""
    with csv.open("rb") as file:
        line = file.readline(_LONGEST_HEADER)
    if line.lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"{", b"<")):
        answer = line[:200].decode(errors="replace").strip()
        raise InputError(f"{path}: the file is an answer of the server, not a table: {answer}")
    if not line.removeprefix(b"\xef\xbb\xbf").startswith((_LONG.encode(), _WIDE.encode())):
        raise InputError(f"{path}: no flat CSV; expected a header that begins with {_LONG} or {_WIDE}")
    if not line.endswith(b"\n"):
        raise InputError(f"{path}, row 1: longer than {_LONGEST_HEADER:,} bytes, or without a line end")
    lines = check_text(path, csv)
    header = [c.strip() for c in line.decode("utf-8-sig").rstrip("\r\n").split(";")]
    repeated = [c for c in dict.fromkeys(header) if header.count(c) > 1]
    if repeated:
        raise InputError(f"{path}, row 1: column {repeated[0]!r} stands twice")
    if any('"' in c for c in header):
        raise InputError(f"{path}, row 1: a column name in quotes; expected names without quotes")
    return header, lines


def _check_long(path: Path, header: list[str]) -> None:
    needed = ["statistics_code", "time_label", "time", "value", "value_unit", "value_variable_code"]
    missing = [c for c in needed if c not in header]
    if missing:
        raise InputError(f"{path}, row 1: column {missing[0]!r} is missing")
    known = r"statistics_(code|label)|time(_code|_label)?|[0-9]+_variable_(attribute_)?(code|label)"
    known += r"|value(_unit|_variable_code|_variable_label|_q)?"
    unknown = [c for c in header if not re.fullmatch(known, c)]
    if unknown:
        raise InputError(f"{path}, row 1: column {unknown[0][:60]!r} is unknown")


def _wide_values(path: Path, header: list[str]) -> list[tuple[str, str | None, str, str]]:
    """Value columns of the wide form: name, quality column, code, unit. Only the code is reliable."""
    known = r"Statistik_(Code|Label)|Zeit(_Code|_Label)?|[0-9]+_(Merkmal|Auspraegung)_(Code|Label)"
    values, used = [], set()
    for column in header:
        parts = column.split("__")
        if re.fullmatch(known, column) or (len(parts) > 1 and parts[-1] == "q"):
            continue
        if len(parts) < 2:
            raise InputError(f"{path}, row 1: column {column[:60]!r} is unknown")
        exact = [c for c in header if c == f"{column}__q"]
        near = [c for c in header if c.startswith(f"{parts[0]}__") and c.endswith("__q") and c not in used]
        quality = (exact or near or [None])[0]
        used.add(quality)
        values.append((column, quality, parts[0], parts[-1]))
    stray = [c for c in header if c.endswith("__q") and c not in used]
    missing = [c for c in ("Zeit", "Zeit_Label") if c not in header]
    if stray or missing or not values:
        what = f"column {stray[0][:60]!r} belongs to no value" if stray else "there is no column of values"
        raise InputError(f"{path}, row 1: {f'column {missing[0]!r} is missing' if missing else what}")
    return values


def _load(csv: Path, width: int) -> pd.DataFrame:
    """Rows of the file as texts, in its order."""
    columns = "{" + ", ".join(f"'c{n}': 'VARCHAR'" for n in range(width)) + "}"
    name = str(csv).replace("'", "''")
    query = (
        f"SELECT * FROM read_csv('{name}', delim=';', quote='\"', escape='\"', header=true, auto_detect=false, "
        f"columns={columns}, strict_mode=true, null_padding=false, encoding='utf-8', max_line_size=1000000, "
        "hive_partitioning=false, compression='none')"
    )
    with duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False}) as db:
        return db.execute(query).df().fillna("")


def _from_long(raw: pd.DataFrame) -> pd.DataFrame:
    names = {"statistics_code": "statistik", "time": "zeit", "time_label": "zeit_label", "value": "text"}
    names |= {"value_unit": "einheit", "value_variable_code": "wert_code", "value_q": "q"}
    table = raw.rename(columns=names).assign(wide=False)
    return table if "q" in table else table.assign(q="")


def _from_wide(raw: pd.DataFrame, values: list[tuple[str, str | None, str, str]]) -> pd.DataFrame:
    names = {"Statistik_Code": "statistik", "Zeit": "zeit", "Zeit_Label": "zeit_label"}
    columns = [c for c in raw if "__" not in c]
    parts = [
        raw[columns].assign(text=raw[value], q=raw[q] if q else "", wert_code=code, einheit=unit, spalte=n, wide=True)
        for n, (value, q, code, unit) in enumerate(values)
    ]
    table = pd.concat(parts, ignore_index=True).sort_values(["zeile", "spalte"], ignore_index=True)
    return table.rename(columns=names)


def _with_area(path: Path, table: pd.DataFrame, header: list[str], wide: bool) -> pd.DataFrame:
    """Find the one attribute that is the area; the others become `merkmale`, totals left out."""
    names = ["{}_variable_code", "{}_variable_attribute_code", "{}_variable_attribute_label"]
    if wide:
        names = ["{}_Merkmal_Code", "{}_Auspraegung_Code", "{}_Auspraegung_Label"]
    numbers = sorted({int(m.group(1)) for c in header if (m := re.match(r"(\d+)_", c))})
    missing = [name.format(n) for n in numbers or [1] for name in names if name.format(n) not in header]
    if missing:
        raise InputError(f"{path}, row 1: column {missing[0]!r} is missing")
    area = np.full(len(table), False)
    raum, ags, merkmale = (pd.Series("", index=table.index, dtype=object) for _ in range(3))
    for number in numbers:
        variable, attribute, label = (table[name.format(number)] for name in names)
        is_area = variable.str.startswith(_AREAS).to_numpy(bool)
        without_code = (attribute == "").to_numpy(bool)
        for mask, what in (
            (is_area & area, "two areas in one row; expected one"),
            (without_code & ~label.str.strip().isin(_TOTALS), "an attribute without a code that is no total"),
        ):
            if mask.any():
                raise InputError(f"{path}, row {table.zeile[mask].iloc[0]}: {what}")
        area |= is_area
        raum, ags = variable.where(is_area, raum), attribute.where(is_area, ags)
        given = ~is_area & ~without_code
        merkmale = merkmale.where(~given, (merkmale + "&" + variable + "=" + attribute).str.removeprefix("&"))
    if not area.all():
        raise InputError(f"{path}, row {table.zeile[~area].iloc[0]}: no area (Kreis, Gemeinde …) in this row")
    in_order = {m: "&".join(sorted(m.split("&"))) for m in merkmale.unique()}
    return table.assign(raum=raum, ags=ags.str.strip(), merkmale=merkmale.map(in_order))


def _with_value(path: Path, table: pd.DataFrame) -> pd.DataFrame:
    """Number, sign and quality of each row; the decimal sign follows the language and is one for the whole file."""
    text = table.text.str.strip()
    in_brackets = text.str.fullmatch(r"\(.+\)")
    text = text.where(~in_brackets, text.str[1:-1])
    quality = table.q.str.strip().mask(in_brackets, "()")
    sign = text.isin(["-", *SIGNS])

    def refuse(mask, what: str) -> None:
        if mask.any():
            row = table[mask].iloc[0]
            raise InputError(f"{path}, row {row.zeile}: value {row.text[:60]!r} of {row.wert_code}; {what}")

    refuse(~sign & ~text.str.fullmatch(r"-?[0-9]{1,15}(?:[.,][0-9]{1,12})?"), "expected a number or one of - . ... / x")
    point, comma = (~sign & text.str.contains(mark, regex=False) for mark in ".,")
    labels = set(table.zeit_label.unique())
    if labels & set(_GERMAN):
        refuse(point, "expected a decimal comma in a German file")
    if labels & set(_ENGLISH):
        refuse(comma, "expected a decimal point in an English file")
    if point.any():
        refuse(comma, "but other rows have a decimal point")
    strange = ~quality.isin(list(QUALITY)) & ~sign
    if strange.any():
        row = table[strange].iloc[0]
        known = " ".join(filter(None, QUALITY))
        raise InputError(f"{path}, row {row.zeile}: quality {row.q[:20]!r}; expected one of {known}")
    number = pd.to_numeric(text.mask(sign).str.replace(",", ".", regex=False)).astype(float)
    guete = quality.map(QUALITY).where(~sign, "")
    return table.assign(text=text, wert=number, zeichen=text.where(sign, ""), guete=guete)


def _with_day(path: Path, table: pd.DataFrame) -> pd.DataFrame:
    days: dict[str, dt.date] = {}
    kinds: dict[str, str] = {}
    for text in table.zeit.unique():
        try:
            days[text], kinds[text] = period(text)
        except InputError as error:
            raise InputError(f"{path}, row {table.zeile[table.zeit == text].iloc[0]}: {error}") from None
    kept = ["statistik", "zeit", "raum", "ags", "merkmale", "wert_code", "einheit", "text", "wert", "zeichen", "guete"]
    stichtag = table.zeit.map(days).astype(object)
    return table[[*kept, "wide", "zeile"]].assign(stichtag=stichtag, art=table.zeit.map(kinds))


def _what(error: duckdb.Error) -> str:
    """First line of DuckDB's message, with the row if it names one."""
    text = str(error)
    line = re.search(r"Line:? (\d+)", text)
    reason = re.sub(r"^[\w ]+ Error: ", "", text.splitlines()[0])
    return f"row {line.group(1)}: {reason[:160]}" if line else reason[:160]
