"""INKAR, the indicators of the Bundesinstitut für Bau-, Stadt- und Raumforschung (BBSR).

Read are the selection of INKAR-Online (CSV, xls, xlsx) and the whole database (`inkar_2024.csv`, packed or not), see
`inkar_forms`. The field `inkar` of the catalogue says under which names (short, long or Kürzel) a quantity is
delivered. Numbers have a decimal comma and may have thousands points. INKAR documents no sign legend: an empty cell
and a lone sign are no number, and only the signs of official statistics are accepted.

INKAR recalculates earlier years to one territory, which the file does not name. Such values are another thing than
those of the Kreis of that year and are left out where a territorial change is known: see `_in_its_territory`.
"""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.catalogue import Katalog
from analysis.dates import parse_stichtag
from analysis.errors import InputError
from analysis.observations import COLUMNS, KEY, check, in_force
from analysis.regions import BUND, aenderungen, check_ags
from analysis.sources import signs
from analysis.sources.inkar_forms import form, read_cells
from analysis.sources.lieferung import Lieferung, Probe, probe

VERSION = 1

LEGEND = {signs.LEER: "unbekannt", ".": "unbekannt", "..": "unbekannt", "-": "unbekannt"}
LEGEND |= {"...": "spaeter", "/": "unsicher", "x": "sinnlos", "*": "geheim"}
"""Sign in place of a number → reason. `-` is not read as 0: nothing says that INKAR means it."""

_STADT = r"(kreisfreie|kr(ei)?s?fr\.?) ?(stadt|städte)"
_EBENEN = {
    "kreis": rf"(land|stadt)?kreise?|(stadt- und )?(land)?kreise?( und {_STADT})?|{_STADT}|regionalverband",
    "gemeinde": r"(einheits)?gemeinden?|städte und gemeinden|gemeinden und städte",
    "land": r"bundesl(and|änder)|l(and|änder)|stadtstaat|flächenland|freistaat",
    "bund": r"bund|deutschland|bundesrepublik( deutschland)?|bundesgebiet",
}
"""Level of our keys → how INKAR calls it (Aggregat, Raumbezug); every other area is left out."""

_KEYS = {
    "kreis": (r"([0-9]{1,2}[0-9]{3})(?:000)?", 5),
    "gemeinde": (r"([0-9]{7,8})", 8),
    "land": (r"([0-9]{1,2}?)(?:000|000000)?", 2),
    "bund": (r"(?:0*|D|DE|DG|DEU)()", 0),
}
"""Level → its Kennziffer (leading zeros may be lost, zeros may fill it up) and the digits of the key."""

_NAMED = 25
"""So many unknown indicators are counted by name; a whole database has hundreds."""


def recognises(probe: Probe) -> bool:
    """Whether the file is a selection of INKAR-Online or INKAR's whole database."""
    return form(probe) is not None


def read(path: Path, katalog: Katalog) -> Lieferung:
    """Observations of an INKAR file.

    Returns
    -------
    Lieferung
        Observations under the last day of their year (by the rule of the quantity). Left out are, counted by name,
        indicators that the catalogue does not know and areas that have no key of ours, and further periods of several
        years, years without any value, values of another territory, counts with decimals, and what stands twice.

    Raises
    ------
    InputError
        Not INKAR, damaged, an unknown sign, time or key, no quantity of the catalogue, two values for one key and
        year, and everything that `observations.check` refuses.
    """
    kind = form(probe(path))
    if kind is None:
        raise InputError(f"{path}: no INKAR file; expected Kennziffer;Raumeinheit;Aggregat;… or Bereich;…;Indikator;…")
    names = {name.casefold(): groesse.id for groesse in katalog.groessen.values() for name in groesse.inkar}
    cells, others = read_cells(path, kind, lambda name: names.get(" ".join(name.split()).casefold()))
    if cells.empty:
        found = ", ".join(sorted(repr(name[:80]) for name in others if name != "footnotes")[:_NAMED])
        raise InputError(
            f"{path}: no quantity of the catalogue; found {found} (add `inkar` to analysis/catalogue.yaml)"
        )
    left_out = _unknown(others)

    def leave_out(table: pd.DataFrame, mask, reason: str) -> pd.DataFrame:
        mask = np.asarray(mask, bool)
        if mask.any():
            left_out[reason] = left_out.get(reason, 0) + int(mask.sum())
        return table[~mask].copy()

    cells = cells.assign(ebene=_by_text(cells.raum, _ebene))
    cells["ebene"] = cells.ebene.mask((cells.ebene == "gemeinde") & (cells.kennziffer.str.len() == 9), "")
    for raum, number in cells.raum[cells.ebene == ""].value_counts(sort=False).items():
        left_out[f"areas of the kind {raum[:80] or '(empty)'}"] = int(number)
    cells = cells[cells.ebene != ""].copy()
    if cells.empty:
        raise InputError(f"{path}: no Kreis, Gemeinde, Land or Bund; {'; '.join(k for k in left_out if 'areas' in k)}")
    cells = leave_out(cells, cells.zeit == "", "columns without a year")
    cells = leave_out(cells, ~_by_text(cells.zeit, _is_year).astype(bool), "periods of several years")
    table = _with_value(path, _with_day(path, _with_key(path, cells), katalog))
    something = table.assign(da=~table.leer).groupby(["groesse", "zeit", "ebene"]).da.transform("any")
    table = leave_out(table, ~something, "years without any value")
    table = _in_its_territory(path, table, leave_out)
    counts = table.groesse.isin([id for id, groesse in katalog.groessen.items() if groesse.is_count])
    table = leave_out(table, counts & (table.wert % 1 > 0), "counts with decimals (recalculated by INKAR)")
    table = _once(path, table, leave_out)
    if table.empty:
        raise InputError(f"{path}: no value is left; {', '.join(f'{n} {reason}' for reason, n in left_out.items())}")
    observations = check(table.assign(quelle="inkar")[[*COLUMNS, "zeile"]].reset_index(drop=True), katalog, str(path))
    return Lieferung(f"inkar {VERSION}", observations, left_out)


def _unknown(others) -> dict[str, int]:
    """What was left out with the indicators of no quantity: reason → number, the most frequent by name."""
    named = {k: n for k, n in others.most_common() if k != "footnotes"}
    left_out = {f"indicator {k[:100]!r} that the catalogue does not know": n for k, n in list(named.items())[:_NAMED]}
    rest = list(named.values())[_NAMED:]
    if rest:
        left_out[f"{len(rest)} further indicators that the catalogue does not know"] = sum(rest)
    return left_out | ({"footnotes": others["footnotes"]} if others["footnotes"] else {})


def _by_text(texts: pd.Series, function) -> pd.Series:
    """Result of a function for every text, called once per different text."""
    return texts.map({text: function(text) for text in texts.unique()})


def _ebene(raum: str) -> str:
    for ebene, names in _EBENEN.items():
        if re.fullmatch(names, " ".join(raum.split()).casefold()):
            return ebene
    return ""


def _is_year(zeit: str) -> bool:
    """Whether the time is one year; a period of several is left out, anything else is refused later."""
    return not re.fullmatch(r"[0-9]{4} ?(?:/|-|–|bis) ?(?:[0-9]{2}|[0-9]{4})", zeit)


def _refuse(path: Path, table: pd.DataFrame, mask, sentence) -> None:
    if mask.any():
        row = table[mask].iloc[0]
        raise InputError(f"{path}, row {row.zeile}: {sentence(row)}")


def _with_key(path: Path, cells: pd.DataFrame) -> pd.DataFrame:
    """Key of every area; the level decides which zeros of the Kennziffer belong to it."""
    pairs = cells[["ebene", "kennziffer"]].drop_duplicates()
    keys = []
    for ebene, kennziffer in pairs.itertuples(index=False):
        form, digits = _KEYS[ebene]
        match = re.fullmatch(form, kennziffer)
        keys.append(None if not match else match.group(1).zfill(digits) if digits else BUND)
    cells = cells.merge(pairs.assign(ags=keys), on=["ebene", "kennziffer"], how="left", validate="many_to_one")
    what = "Kennziffer {0.kennziffer!r} of the kind {0.raum!r}; expected the digits of a {0.ebene}"
    _refuse(path, cells, cells.ags.isna(), lambda row: what.format(row))
    for ags in cells.ags.unique():
        try:
            check_ags(ags)
        except InputError as error:
            raise InputError(f"{path}, row {cells.zeile[cells.ags == ags].iloc[0]}: {error}") from None
    return cells


def _with_day(path: Path, cells: pd.DataFrame, katalog: Katalog) -> pd.DataFrame:
    """Day under which a value of that year is stored by the rule of its quantity."""
    year = cells.zeit.str.fullmatch(r"[0-9]{4}").astype(bool)
    _refuse(path, cells, ~year, lambda row: f"time {row.zeit[:40]!r} of {row.indikator!r}; expected a year (2021)")
    pairs = cells[["groesse", "zeit"]].drop_duplicates()
    ends = {"schuljahr": "07-31"}
    days = [
        parse_stichtag(f"{zeit}-{ends.get(katalog.groesse(groesse).stichtag, '12-31')}")
        for groesse, zeit in pairs.itertuples(index=False)
    ]
    pairs["stichtag"] = pd.Series(days, index=pairs.index, dtype=object)
    return cells.merge(pairs, on=["groesse", "zeit"], how="left", validate="many_to_one")


def _with_value(path: Path, cells: pd.DataFrame) -> pd.DataFrame:
    values = signs.parse(cells.zelle, LEGEND, dezimal=",", tausender=".")
    expected = "expected a number such as 1.560 or 7,1, an empty cell, or one of . .. - ... / x *"
    _refuse(path, cells, values.falsch, lambda row: f"value {str(row.zelle)[:60]!r} of {row.indikator!r}; {expected}")
    leer = cells.zelle.fillna("").astype(str).str.strip() == ""
    return cells.assign(leer=leer, **values[["wert", "grund", "guete"]])


def _in_its_territory(path: Path, table: pd.DataFrame, leave_out) -> pd.DataFrame:
    """Leave out values that INKAR has recalculated to the territory of a later or earlier Kreis.

    A file that lists a Kreis which has ended is of a territory before its end; then the value of the Kreis that took
    it in is that of its own time up to the change, and no value after it. In any other file the Kreis that took it in
    is larger than it was in the years before the change.
    """
    table = leave_out(table, ~in_force(table), "areas that did not exist on that day")
    for change in aenderungen():
        before = table.stichtag < change.datum
        listed = (table.ags.str[:5] == change.von).any()
        other = ~before if listed else before
        reason = f"values of {change.nach} recalculated to another territory than that of the day"
        table = leave_out(table, (table.ags == change.nach) & other, reason)
    return table


def _once(path: Path, table: pd.DataFrame, leave_out) -> pd.DataFrame:
    """One value per key: INKAR lists some indicators a second time among those of the sustainability goals (SDG)."""
    table = leave_out(table, table.duplicated([*KEY, "wert", "grund", "guete"]), "values that stand twice")
    sdg = table.bereich.str.startswith("SDG").astype(bool)
    elsewhere = table.assign(da=~sdg).groupby(KEY).da.transform("any")
    table = leave_out(table, sdg & elsewhere, "values that stand twice, the second time rounded differently")
    twice = table[table.duplicated(KEY, keep=False)]
    if len(twice):
        a, b = twice[(twice[KEY] == twice.iloc[0][KEY]).all(axis=1)].iloc[:2].itertuples(index=False)
        where = f"{b.groesse} of {b.ags} for {b.zeit} stands already in row {a.zeile}"
        raise InputError(f"{path}, row {b.zeile}: {where} with another value ({a.zelle!r}, {b.zelle!r})")
    return table
