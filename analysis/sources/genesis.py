"""Flat CSV files (ffcsv) of the GENESIS family: GENESIS-Online, Regionaldatenbank, Zensus 2022.

Two forms are read, both UTF-8 with BOM and `;`, as CSV or as a ZIP with exactly one CSV: the long one (since 2024,
header `statistics_code;…`, one value per row, a total has an empty attribute code, decimal comma or point by the
language of the file) and the older wide one (header `Statistik_Code;…`, one column per value code). Codes are trusted,
labels are not: in the wide form they are known to be wrong. The catalogue says which codes are which quantity.

Signs of this source: `-` exactly nothing, `.` unknown or secret, `...` later, `/` not reliable enough, `x` not
meaningful. Two uses of `-` are no zero: for an area that did not exist on that day, and for all areas of a level at
once, which is a date that was not yet delivered.
"""

import codecs
import datetime as dt
import re
import tempfile
import zipfile
from contextlib import contextmanager
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from analysis.catalogue import Katalog
from analysis.dates import end_of_period
from analysis.errors import InputError
from analysis.observations import COLUMNS, KEY, check
from analysis.regions import exists, level

VERSION = 1

SIGNS = {".": "unbekannt", "...": "spaeter", "/": "unsicher", "x": "sinnlos"}
"""Sign in place of a number → reason; `-` depends on what stands around it."""

QUALITY = {"": "", "e": "", "r": "", "p": "vorlaeufig", "s": "geschaetzt", "()": "eingeschraenkt"}
"""Sign beside a number (`value_q`) → quality; e: final, r: revised, p: provisional, s: estimated."""

_LONG, _WIDE = "statistics_code", "Statistik_Code"
_AREAS = ("DINSG", "DLAND", "REGBEZ", "KREISE", "GEMEIN", "GEO")
_MOST_BYTES = 4_000_000_000


def recognises(head: bytes) -> bool:
    """Whether a file that begins with these bytes is a flat CSV of this family."""
    return head.removeprefix(b"\xef\xbb\xbf").startswith((_LONG.encode(), _WIDE.encode()))


def read(path: Path, katalog: Katalog) -> tuple[pd.DataFrame, dict[str, int]]:
    """Observations of a flat CSV file.

    Returns
    -------
    tuple
        Observations (`analysis.observations.COLUMNS` and `zeile`), and how many rows were left out for which reason:
        codes that the catalogue does not know, areas that did not exist on their day.

    Raises
    ------
    InputError
        No flat CSV, damaged, an unknown sign, quality, time or key, no quantity of the catalogue, and everything
        that `observations.check` refuses.
    """
    table = read_flat(path)
    codes = {}
    for groesse in katalog.groessen.values():
        for source in groesse.genesis:
            merkmale = "&".join(f"{k}={v}" for k, v in sorted(source.get("merkmale", {}).items()))
            codes[source["wert"], merkmale] = groesse.id
    keys = pd.MultiIndex.from_frame(table[["wert_code", "merkmale"]])
    table["groesse"] = pd.Series(codes).reindex(keys).to_numpy()
    unknown = table.groesse.isna()
    if unknown.all():
        found = ", ".join(sorted({f"{w} {m}".strip() for w, m in keys.unique()})[:5])
        raise InputError(
            f"{path}: no quantity of the catalogue; found {found} (add `genesis` to analysis/catalogue.yaml)"
        )
    left_out = {"codes that the catalogue does not know": int(unknown.sum())}
    table = table[~unknown].copy()

    days = table[["ags", "stichtag"]].drop_duplicates()
    days["there"] = [exists(ags, stichtag) for ags, stichtag in days.itertuples(index=False)]
    gone = ~table.merge(days, on=["ags", "stichtag"], how="left").there.to_numpy() & (table.zeichen != "")
    left_out["areas that did not exist on that day"] = int(gone.sum())
    table = table[~gone].copy()

    levels = {}
    for ags in table.ags.unique():
        try:
            levels[ags] = level(ags)
        except InputError as error:
            raise InputError(f"{path}, row {table.zeile[table.ags == ags].iloc[0]}: {error}") from None
    table["ebene"] = table.ags.map(levels)
    _resolve_nothing(table)
    table["grund"] = table.zeichen.map(SIGNS).fillna("").where(table.grund == "", table.grund)
    table["quelle"] = "genesis"
    twice = table[table.duplicated(KEY, keep=False)]
    if len(twice):
        a, b = twice.iloc[0], twice[(twice[KEY] == twice.iloc[0][KEY]).all(axis=1)].iloc[1]
        raise InputError(f"{path}, row {b.zeile}: {b.groesse} of {b.ags} stands already in row {a.zeile}")
    return check(table[[*COLUMNS, "zeile"]].reset_index(drop=True), katalog, str(path)), {
        reason: n for reason, n in left_out.items() if n
    }


def _resolve_nothing(table: pd.DataFrame) -> None:
    """Decide what `-` means, in place: 0, `spaeter` or `unbekannt`.

    All areas of a level at once: the date was not yet delivered. A Gemeinde that has nothing but `-` in all known
    quantities of the file may be dissolved or may truly have none: unknown. Everywhere else exactly 0.
    """
    nothing = table.zeichen == "-"
    group = nothing.groupby([table.ebene, table.stichtag, table.groesse])
    undelivered = group.transform("all") & (group.transform("size") > 1)
    silent = nothing.groupby(table.ags).transform("all") & (table.ebene == "gemeinde")
    table["grund"] = np.select([undelivered, nothing & silent], ["spaeter", "unbekannt"], default="")
    table.loc[nothing & (table.grund == ""), "wert"] = 0.0
    table.loc[nothing, "zeichen"] = ""


def read_flat(path: Path) -> pd.DataFrame:
    """Every value of a flat CSV file, whatever it is about.

    Returns
    -------
    pandas.DataFrame
        Columns `statistik`, `stichtag` (last day of the period), `raum` (code of the area's kind), `ags`,
        `merkmale` (attribute codes that are not totals: `GES=GESW&NAT=NATA`), `wert_code`, `einheit`, `wert` (float;
        NaN where `zeichen` stands instead), `zeichen`, `guete`, `zeile`; rows in the order of the file.
    """
    with _as_csv(path) as csv:
        header = _header(path, csv)
        long = header[0] == _LONG
        try:
            table = _load(csv, header, long)
        except duckdb.Error as error:
            raise InputError(f"{path}: {_what(error)}; expected {len(header)} columns in every row") from None
    if table.empty:
        raise InputError(f"{path}: there is a header but no row")
    table = _with_area(path, table, header, long)
    table = _with_value(path, table)
    return _with_day(path, table)


@contextmanager
def _as_csv(path: Path):
    """Path of the CSV file itself; of a ZIP its one member, unpacked beside nothing of the user's."""
    with path.open("rb") as file:
        head = file.read(4)
    if not head.startswith(b"PK"):
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        try:
            with zipfile.ZipFile(path) as archive:
                members = [m for m in archive.infolist() if not m.is_dir()]
                if len(members) != 1 or not members[0].filename.lower().endswith(".csv"):
                    names = ", ".join(m.filename for m in members[:5])
                    raise InputError(f"{path}: expected a ZIP with exactly one CSV file, found {names or 'nothing'}")
                if members[0].file_size > _MOST_BYTES:
                    raise InputError(f"{path}: unpacked larger than {_MOST_BYTES:,} bytes")
                target = Path(folder) / "tabelle.csv"  # never the name that the archive gives
                with archive.open(members[0]) as packed, target.open("wb") as out:
                    written = 0
                    while block := packed.read(1 << 20):
                        written += len(block)
                        if written > members[0].file_size:
                            raise InputError(f"{path}: the ZIP holds more than it says")
                        out.write(block)
        except (zipfile.BadZipFile, EOFError, RuntimeError, NotImplementedError, OSError) as error:
            raise InputError(f"{path}: the ZIP cannot be read ({error})") from None
        yield target


def _header(path: Path, csv: Path) -> list[str]:
    with csv.open("rb") as file:
        line = file.readline(20_000)
    if line.lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"{", b"<")):
        answer = line[:200].decode(errors="replace").strip()
        raise InputError(f"{path}: the file is an answer of the server, not a table: {answer}")
    if not recognises(line):
        raise InputError(f"{path}: no flat CSV; expected a header that begins with {_LONG} or {_WIDE}")
    _check_text(path, csv)
    header = [c.strip() for c in line.decode("utf-8-sig").rstrip("\r\n").split(";")]
    repeated = [c for c in dict.fromkeys(header) if header.count(c) > 1]
    if repeated:
        raise InputError(f"{path}, row 1: column {repeated[0]!r} stands twice")
    return header


def _check_text(path: Path, csv: Path) -> None:
    """Refuse bytes that are no UTF-8, NUL characters and a byte order mark inside, with their row."""
    decoder, row = codecs.getincrementaldecoder("utf-8-sig")(), 1
    with csv.open("rb") as file:
        while True:
            block = file.read(1 << 20)
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                row += error.object[: error.start].count(b"\n")
                raise InputError(f"{path}, row {row}: not UTF-8 (byte {error.object[error.start]:#04x})") from None
            for character, what in (("\0", "a NUL character"), ("\ufeff", "a byte order mark in the middle")):
                if character in text:
                    raise InputError(f"{path}, row {row + text[: text.index(character)].count(chr(10))}: {what}")
            row += text.count("\n")
            if not block:
                return


def _load(csv: Path, header: list[str], long: bool) -> pd.DataFrame:
    """Rows as texts, the wide form turned long; only the columns that carry codes and values."""
    q = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
    columns = "{" + ", ".join(f"'{_sql(c)}': 'VARCHAR'" for c in header) + "}"
    relation = (
        f"read_csv('{_sql(str(csv))}', delim=';', quote='\"', escape='\"', header=true, auto_detect=false, "
        f"columns={columns}, strict_mode=true, null_padding=false, encoding='utf-8', max_line_size=1000000)"
    )
    if long:
        needed = ["statistics_code", "time_code", "time", "value", "value_unit", "value_variable_code"]
        missing = [c for c in needed if c not in header]
        if missing:
            raise duckdb.InvalidInputException(f"column {missing[0]!r} is missing")
        attributes = [c for c in header if re.fullmatch(r"\d+_variable(_attribute)?_code", c)]
        quality = '"value_q"' if "value_q" in header else "''"
        select = (
            "statistics_code AS statistik, time AS zeit, value AS text, value_unit AS einheit, "
            f"value_variable_code AS wert_code, {quality} AS q, " + ", ".join(f'"{c}"' for c in attributes)
        )
        query = f"SELECT row_number() OVER () + 1 AS zeile, {select} FROM {relation}"
    else:
        values = _wide_values(header)
        attributes = [c for c in header if re.fullmatch(r"\d+_(Merkmal|Auspraegung)_Code", c)]
        first = "statistik, zeit, zeile, " + ", ".join(f'"{c}"' for c in attributes)
        base = f"SELECT row_number() OVER () + 1 AS zeile, Statistik_Code AS statistik, Zeit AS zeit, * FROM {relation}"
        parts = [
            f"SELECT {first}, \"{value}\" AS text, {quality} AS q, '{_sql(code)}' AS wert_code, "
            f"'{_sql(unit)}' AS einheit, {n} AS spalte FROM roh"
            for n, (value, quality, code, unit) in enumerate(values)
        ]
        query = f"WITH roh AS ({base}) {' UNION ALL '.join(parts)} ORDER BY zeile, spalte"
    with q:
        return q.execute(query).df().fillna("")


def _wide_values(header: list[str]) -> list[tuple[str, str, str, str]]:
    """Value columns of the wide form: name, quality column (or SQL ''), code, unit. Only the code is reliable."""
    values = []
    for column in header:
        code, *rest = column.split("__")
        if not rest or rest[-1] == "q" or re.match(r"\d+_|Statistik_|Zeit", column):
            continue
        quality = next((c for c in header if c == f"{column}__q" or c == "__".join([code, *rest[:-1], "q"])), None)
        values.append((column, f'"{quality}"' if quality else "''", code, rest[-1]))
    if not values:
        raise duckdb.InvalidInputException("there is no column of values")
    return values


def _with_area(path: Path, table: pd.DataFrame, header: list[str], long: bool) -> pd.DataFrame:
    """Find the one attribute that is the area; the others become `merkmale`, totals left out."""
    names = ("{}_variable_code", "{}_variable_attribute_code") if long else ("{}_Merkmal_Code", "{}_Auspraegung_Code")
    numbers = [m.group(1) for c in header if (m := re.fullmatch(names[0].format(r"(\d+)"), c))]
    missing = [names[1].format(n) for n in numbers if names[1].format(n) not in header]
    if missing or not numbers:
        raise InputError(f"{path}, row 1: column {(missing or [names[0].format(1)])[0]!r} is missing")
    area = np.full(len(table), -1)
    raum = pd.Series("", index=table.index, dtype=object)
    ags = pd.Series("", index=table.index, dtype=object)
    merkmale = pd.Series("", index=table.index, dtype=object)
    for position, number in enumerate(sorted(numbers, key=int)):
        variable, attribute = table[names[0].format(number)], table[names[1].format(number)]
        is_area = variable.str.startswith(_AREAS).to_numpy()
        if (is_area & (area >= 0)).any():
            row = table[is_area & (area >= 0)].iloc[0]
            raise InputError(f"{path}, row {row.zeile}: two areas in one row; expected one")
        area = np.where(is_area, position, area)
        raum, ags = variable.where(is_area, raum), attribute.where(is_area, ags)
        given = ~is_area & (attribute != "").to_numpy()
        text = variable + "=" + attribute
        merkmale = merkmale.where(~given, (merkmale + "&" + text).str.removeprefix("&"))
    none = table[area < 0]
    if len(none):
        raise InputError(f"{path}, row {none.iloc[0].zeile}: no area (Kreis, Gemeinde …) in this row")
    in_order = {m: "&".join(sorted(m.split("&"))) for m in merkmale.unique()}
    return table.assign(raum=raum, ags=ags.str.strip(), merkmale=merkmale.map(in_order))


def _with_value(path: Path, table: pd.DataFrame) -> pd.DataFrame:
    text = table.text.str.strip()
    in_brackets = text.str.fullmatch(r"\(.+\)")
    text = text.where(~in_brackets, text.str[1:-1])
    quality = table.q.str.strip().mask(in_brackets, "()")
    sign = text.isin(["-", *SIGNS])
    point = text[~sign].str.contains(".", regex=False).any()
    comma = text[~sign].str.contains(",", regex=False).any()
    if point and comma:
        row = table[~sign & text.str.contains(",", regex=False)].iloc[0]
        raise InputError(
            f"{path}, row {row.zeile}: value {row.text!r}, but other rows have a decimal point; expected one"
        )
    wrong = ~sign & ~text.str.fullmatch(r"-?[0-9]{1,15}(?:[.,][0-9]{1,12})?")
    if wrong.any():
        row = table[wrong].iloc[0]
        expected = "a number or one of - . ... / x"
        raise InputError(f"{path}, row {row.zeile}: value {row.text[:60]!r} of {row.wert_code}; expected {expected}")
    strange = ~quality.isin(list(QUALITY)) & ~sign
    if strange.any():
        row = table[strange].iloc[0]
        raise InputError(
            f"{path}, row {row.zeile}: quality {row.q!r}; expected one of {' '.join(filter(None, QUALITY))}"
        )
    number = pd.to_numeric(text.mask(sign).str.replace(",", ".", regex=False)).astype(float)
    return table.assign(wert=number, zeichen=text.where(sign, ""), guete=quality.map(QUALITY).where(~sign, ""))


def _with_day(path: Path, table: pd.DataFrame) -> pd.DataFrame:
    days: dict[str, dt.date] = {}
    for text in table.zeit.unique():
        try:
            days[text] = end_of_period(text)
        except InputError as error:
            raise InputError(f"{path}, row {table.zeile[table.zeit == text].iloc[0]}: {error}") from None
    kept = ["statistik", "raum", "ags", "merkmale", "wert_code", "einheit", "wert", "zeichen", "guete", "zeile"]
    return table[kept].assign(stichtag=table.zeit.map(days).astype(object))


def _sql(text: str) -> str:
    return text.replace("'", "''")


def _what(error: duckdb.Error) -> str:
    """First line of DuckDB's message, with the row if it names one."""
    text = str(error)
    line = re.search(r"Line:? (\d+)", text)
    reason = re.sub(r"^[\w ]+ Error: ", "", text.splitlines()[0])
    return f"row {line.group(1)}: {reason[:160]}" if line else reason[:160]
