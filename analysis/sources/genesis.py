"""Flat CSV files (ffcsv) of the GENESIS family: GENESIS-Online, Regionaldatenbank, Zensus 2022.

Two forms are read, both UTF-8 with BOM and `;`, as CSV or as a ZIP with exactly one CSV: the long one (since 2024,
header `statistics_code;…`, one value per row, a total has an empty attribute code, decimal comma or point by the
language of the file) and the older wide one (header `Statistik_Code;…`, one column per value code). Codes are trusted,
labels are not: in the wide form they are known to be wrong. The catalogue says which codes are which quantity.

Signs of this source: `-` exactly nothing, `.` unknown or secret, `...` later, `/` not reliable enough, `x` not
meaningful. `-` also stands for areas that are dissolved and for dates not yet delivered: see `_resolve_nothing`.
"""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.catalogue import Katalog
from analysis.dates import KINDS
from analysis.errors import InputError
from analysis.observations import COLUMNS, KEY, check, grouped, in_force
from analysis.regions import agreed, is_complete, kreise, level
from analysis.sources.genesis_flat import LONG, SIGNS, WIDE, read_flat
from analysis.sources.lieferung import Lieferung, Probe

VERSION = 1

_UNITS = {"personen": ("Anzahl", "number", "Number", "Personen"), "prozent": ("Prozent", "%", "in (%)", "percent")}
_UNITS |= {"index": ("2020=100",), "eur": ("EUR", "Euro")}
_MULTIPLE = re.compile(r"1 ?000|Tsd|Tausend|Mill|Mio|Mrd", re.IGNORECASE)
_THOUSANDS = re.compile(r"-?[0-9]{1,3}[.,][0-9]{3}")


def recognises(probe: Probe) -> bool:
    """Whether the file is a flat CSV of this family, or a ZIP that is no workbook and nothing of INKAR."""
    packed = probe.head.startswith(b"PK") and probe.suffix in (".zip", ".csv") and not probe.sheets
    packed = packed and "Kennziffer" not in probe.packed.partition("\n")[0]
    return packed or probe.text.startswith((LONG, WIDE))


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

    def leave_out(table: pd.DataFrame, mask: np.ndarray, reason: str) -> pd.DataFrame:
        if mask.any():
            left_out[reason] = int(mask.sum())
            table = table[~mask].reset_index(drop=True)
        return table

    table = _with_quantity(path, table, katalog)
    table = leave_out(table, table.groesse.isna().to_numpy(), "codes that the catalogue does not know")
    table = leave_out(table, ~_unit_fits(table, katalog), "units that the quantity does not have")
    table = leave_out(table, (table.ags == "").to_numpy(), "areas without a key")
    table = leave_out(table, (table.ags.str.len() == 9).to_numpy(), "Gemeindeverbaende (keys of 9 digits)")
    table["ags"] = _with_agreed_key(path, table)
    gone = ~in_force(table) & (table.zeichen != "").to_numpy()
    table = leave_out(table, gone, "areas that did not exist on that day")
    table = leave_out(table, _twice(path, table), "rows that stand twice")
    _check_kinds(path, table, katalog)
    _resolve_nothing(table)
    table["quelle"] = "genesis"
    if table.empty:
        what = ", ".join(f"{number} {reason}" for reason, number in left_out.items())
        raise InputError(f"{path}: no value is left; {what}")
    lacking = _lacking(table)
    if lacking:
        left_out["combinations of area, time and quantity without a row: is the file whole?"] = lacking
    observations = check(table[[*COLUMNS, "zeile"]], katalog, str(path))
    return Lieferung(f"genesis {VERSION}", observations, left_out)


def _with_quantity(path: Path, table: pd.DataFrame, katalog: Katalog) -> pd.DataFrame:
    codes = {
        (source["statistik"], source["wert"], _joined(source.get("merkmale", {}))): groesse.id
        for groesse in katalog.groessen.values()
        for source in groesse.genesis
    }
    group, keys = grouped(table, ["statistik", "wert_code", "merkmale"])
    ids = [codes.get(key) for key in keys.itertuples(index=False, name=None)]
    if not any(ids):
        found = ", ".join(sorted({" ".join(key).strip() for key in keys.itertuples(index=False)})[:5])
        hint = "add `genesis` to analysis/catalogue.yaml"
        raise InputError(f"{path}: no quantity of the catalogue; found {found} ({hint})")
    return table.assign(groesse=np.array(ids, dtype=object)[group])


def _joined(merkmale: dict[str, str]) -> str:
    return "&".join(f"{k}={v}" for k, v in sorted(merkmale.items()))


def _unit_fits(table: pd.DataFrame, katalog: Katalog) -> np.ndarray:
    """Whether a row's unit is that of its quantity.

    In the wide form units are known to be wrong: only an index needs its base, and none may say thousands.
    """
    group, pairs = grouped(table, ["groesse", "einheit", "wide"])
    kinds = [katalog.groessen[groesse].einheit for groesse in pairs.groesse]
    fits = [
        (wide and kind != "index" and not _MULTIPLE.search(unit)) or unit in _UNITS.get(kind, ())
        for kind, unit, wide in zip(kinds, pairs.einheit, pairs.wide, strict=True)
    ]
    return np.array(fits, bool)[group]


def _with_agreed_key(path: Path, table: pd.DataFrame) -> np.ndarray:
    """Keys as the store has them: those of 12 digits become the AGS."""
    group, keys = grouped(table, ["ags"])
    for ags in keys.ags:
        try:
            level(ags)
        except InputError as error:
            raise InputError(f"{path}, row {table.zeile[table.ags == ags].iloc[0]}: {error}") from None
    return np.array([agreed(ags) for ags in keys.ags], dtype=object)[group]


def _twice(path: Path, table: pd.DataFrame) -> np.ndarray:
    """Rows that repeat an earlier one; refuses two different values for one key."""
    group, _ = grouped(table, KEY)
    repeated = pd.Series(group).duplicated().to_numpy()
    if repeated.any():
        several = table[pd.Series(group).duplicated(keep=False).to_numpy()]
        for _, rows in several.groupby(KEY, observed=True):
            if len(rows.drop_duplicates(["wert", "zeichen", "guete"])) > 1:
                a, b = rows.iloc[:2].itertuples(index=False)
                where = f"row {b.zeile}: {b.groesse} of {b.ags} stands already in row {a.zeile}"
                raise InputError(f"{path}, {where} with another value")
    return repeated


def _lacking(table: pd.DataFrame) -> int:
    """How many combinations of area, time and quantity have no row: the tables of this source are complete."""
    ebene = table.ags.map({ags: level(ags) for ags in table.ags.unique()})
    missing = 0
    for _, rows in table.groupby(ebene):
        missing += rows.ags.nunique() * rows.stichtag.nunique() * rows.groesse.nunique() - len(rows)
    return missing


def _check_kinds(path: Path, table: pd.DataFrame, katalog: Katalog) -> None:
    """Refuse a month where the quantity is one of a year, and a count that may have a thousands mark."""
    for groesse, kind in grouped(table, ["groesse", "art"])[1].itertuples(index=False):
        allowed = KINDS[katalog.groesse(groesse).stichtag]
        if kind not in allowed:
            row = table[(table.groesse == groesse) & (table.art == kind)].iloc[0]
            raise InputError(
                f"{path}, row {row.zeile}: {groesse} for a {kind} ({row.zeit}); expected {' or '.join(sorted(allowed))}"
            )
    suspicious = table[table.text.isin([c for c in table.text.cat.categories if _THOUSANDS.fullmatch(c.strip())])]
    counts = suspicious.groesse.map({id: g.is_count for id, g in katalog.groessen.items()}).astype(bool)
    if counts.any():
        row = suspicious[counts].iloc[0]
        raise InputError(f"{path}, row {row.zeile}: value {row.text!r} of {row.groesse}; expected a whole number")


def _resolve_nothing(table: pd.DataFrame) -> None:
    """Set `grund`, and decide what `-` means, in place: 0, `spaeter` or `unbekannt`.

    It is 0 only where something shows that the area was counted on that day: it has a number there in another
    quantity, and so has another area in this one; or it is a Kreis of a Land whose Kreise are all listed and another
    one of them has a number in the same quantity. Where none of several areas of that level in the Land has any number
    on that day, the date was not yet delivered (`spaeter`). Everything else is `unbekannt`: the area may be dissolved,
    the quantity not yet delivered, or there may truly be none.
    """
    table["grund"] = table.zeichen.map(SIGNS).fillna("").astype(object)
    nothing, number = table.zeichen == "-", table.wert.notna()
    if not nothing.any():
        return
    land = table.ags.str[:2]
    ebene = table.ags.map({ags: level(ags) for ags in table.ags.unique()})
    around = pd.DataFrame({"ags": table.ags, "tag": table.stichtag, "land": land, "ebene": ebene, "g": table.groesse})
    area, place, quantity = (
        grouped(around, columns)[0]
        for columns in (["ags", "tag"], ["ebene", "land", "tag"], ["ebene", "land", "tag", "g"])
    )
    counted, delivered, same_quantity = (number.groupby(g).transform("any") for g in (area, place, quantity))
    several = pd.Series(grouped(around, ["ags"])[0]).groupby(place).transform("nunique") > 1
    listed = table.ags.isin(list(kreise())) & land.isin([code for code in land.unique() if is_complete(code)])
    zero = nothing & ((counted & (same_quantity | ~several)) | (listed & same_quantity))
    table.loc[nothing, "grund"] = np.where(~delivered & several, "spaeter", "unbekannt")[nothing]
    table.loc[zero, ["wert", "grund"]] = [0.0, ""]
