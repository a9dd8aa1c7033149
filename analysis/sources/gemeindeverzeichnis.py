"""Gemeindeverzeichnis (GV-ISys) of the Statistisches Bundesamt: all Gemeinden with keys, area, population, coordinates.

The quarterly and the yearly edition ("Auszug GV") are workbooks with the sheet `Onlineprodukt_Gemeinden…`; the same
table is read as CSV. Rows of the Satzarten 10 to 50 name Land, Regierungsbezirk, Kreis and Gemeindeverband, those of
60 the Gemeinden. The territorial date and the date of the population differ: the office carries the population of an
earlier day to the Gemeinden of the edition.

Signs of this source: `-` exactly nothing, `.` unknown or secret, `...` later, `/` not reliable enough, `x` not
meaningful. An empty population (coast, common territory) is no observation.
"""

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.bestaende import BESTAENDE
from analysis.catalogue import Katalog
from analysis.errors import InputError
from analysis.observations import COLUMNS, check
from analysis.regions import check_ags
from analysis.sources.gv_layout import Verzeichnis, header_row, is_csv, read_csv, read_workbook
from analysis.sources.lieferung import Lieferung, Probe
from analysis.sources.signs import LEER, NULL, as_text, parse

VERSION = 1

SIGNS = {"-": NULL, "–": NULL, ".": "unbekannt", "...": "spaeter", "…": "spaeter", "/": "unsicher", "x": "sinnlos"}
_GROESSEN = {
    "insgesamt": "bevoelkerung",
    "maennlich": "bevoelkerung_maennlich",
    "weiblich": "bevoelkerung_weiblich",
}
_VERSTAEDTERUNG = {"01": "dicht besiedelt", "02": "mittlere Besiedlungsdichte", "03": "gering besiedelt"}
_WIDTHS = {"land": 2, "rb": 1, "kreis": 2, "vb": 4, "gem": 3}
_PARTS = {"10": 1, "20": 2, "30": 2, "40": 3, "50": 4, "60": 5}
"""Satzart → how many parts of the key its rows have at least."""

_NUMBERS = ("flaeche", "laenge", "breite")
_GERMANY = {"laenge": (5.0, 16.0), "breite": (47.0, 56.0)}
_LARGEST_KM2 = 20_000  # the coastal waters; the largest Gemeinde has 892


def recognises(probe: Probe) -> bool:
    """Whether the file is a workbook with a sheet of this layout, or a CSV with its header."""
    return is_csv(probe.first_line) or any(header_row(sheet) is not None for sheet in probe.sheets)


def read(path: Path, katalog: Katalog) -> Lieferung:
    """Gemeinden at the territorial date and their population at its own date.

    Returns
    -------
    Lieferung
        Bestand `gemeinden`, and observations of population in all and by sex where the file says their date. Left out
        are the rows of Land to Gemeindeverband, which name and group the Gemeinden, areas with an empty population
        (their row stays in the Bestand), and the whole population where no date is told.

    Raises
    ------
    InputError
        Another layout, a key that is malformed or stands twice, a Gemeinde without the row of its Kreis or Verband
        above, sexes that do not add up, an area that is not positive, coordinates outside Germany (not for the
        invented Land 99), an unknown sign, and everything that `observations.check` refuses.
    """
    with path.open("rb") as file:
        packed = file.read(4)
    delivered = read_workbook(path) if packed.startswith((b"PK", b"\xd0\xcf\x11\xe0")) else read_csv(path)
    rows = _with_keys(delivered)
    _check_order(delivered.place, rows, delivered.stand)
    verband = rows[rows.satzart == "50"].set_index("schluessel").name
    gemeinden = rows[rows.satzart == "60"].reset_index(drop=True)
    if gemeinden.empty:
        raise InputError(f"{delivered.place}: no row of a Gemeinde (Satzart 60)")
    gemeinden["verband"] = gemeinden.schluessel.str[:9].map(verband).fillna("")
    people = {
        field: _people(delivered.place, gemeinden, field) for field in _GROESSEN if gemeinden[field].notna().any()
    }
    _check_sexes(delivered.place, gemeinden, people)
    left_out = {"rows of Land, Kreis and Gemeindeverband": int((rows.satzart != "60").sum())}
    bestand = _bestand(delivered, gemeinden, people["insgesamt"].wert if people else None)
    empty = gemeinden.insgesamt.isna()
    if delivered.bevoelkerung_am is None:
        left_out["population without a date"] = int((~empty).sum())
        observations = pd.DataFrame(columns=[*COLUMNS, "zeile"])
    else:
        left_out["areas without a population"] = int(empty.sum())
        observations = _observations(delivered, gemeinden, people, katalog)
    left_out = {reason: number for reason, number in left_out.items() if number}
    return Lieferung(f"gemeindeverzeichnis {VERSION}", observations, left_out, {"gemeinden": bestand})


def _refuse(place: str, row, sentence: str) -> None:
    raise InputError(f"{place}, row {row.zeile}: {sentence}")


def _with_keys(delivered: Verzeichnis) -> pd.DataFrame:
    """Rows with the parts of the key in full width, and `schluessel`: the parts that the Satzart has, joined."""
    rows, place = delivered.zeilen.copy(), delivered.place
    for field in ("satzart", "name", "textkennzeichen", "plz", *_WIDTHS):
        rows[field] = rows[field].map(as_text)
    for part, width in _WIDTHS.items():
        wrong = ~rows[part].str.fullmatch(rf"[0-9]{{0,{width}}}")
        if wrong.any():
            row = rows[wrong].iloc[0]
            _refuse(place, row, f"{part} is {row[part]!r}; expected {width} digits")
        rows[part] = rows[part].str.zfill(width).where(rows[part] != "", "")
    wanted = rows.satzart.map(_PARTS)
    for n, part in enumerate(_WIDTHS):
        missing = (rows[part] == "") & (wanted > n)
        if missing.any():
            row = rows[missing].iloc[0]
            _refuse(place, row, f"{row['name']!r} has no {part}; Satzart {row.satzart} has {_row_parts(row.satzart)}")
    below = (rows.satzart == "40") & ((rows.vb != "") | (rows.gem != "")) | (rows.satzart == "50") & (rows.gem != "")
    if below.any():
        row = rows[below].iloc[0]
        _refuse(place, row, f"{row['name']!r} of Satzart {row.satzart} has a deeper key; are the columns shifted?")
    if (rows.name == "").any():
        _refuse(place, rows[rows.name == ""].iloc[0], "no name")
    key = pd.Series("", index=rows.index)
    for n, part in enumerate(_WIDTHS):
        key = key + rows[part].where(wanted > n, "")
    return rows.assign(schluessel=key)


def _row_parts(satzart: str) -> str:
    return ", ".join(list(_WIDTHS)[: _PARTS[satzart]])


def _check_order(place: str, rows: pd.DataFrame, stand: dt.date) -> None:
    """Refuse keys that stand twice, and Gemeinden whose Kreis and Verband do not stand above them."""
    twice = rows[rows.satzart.isin(["40", "50", "60"])]
    key = twice.schluessel.where(twice.satzart != "60", twice.schluessel.str[:5] + twice.schluessel.str[9:])
    repeated = (twice.satzart + key).duplicated()
    if repeated.any():
        row = twice[repeated].iloc[0]
        same = (twice.satzart == row.satzart) & (key == key[repeated].iloc[0])
        _refuse(
            place, row, f"{row['name']!r} ({key[repeated].iloc[0]}) stands already in row {twice[same].iloc[0].zeile}"
        )
    # areas of no Kreis (coastal waters, common territory with Luxemburg) have the last number of their Land
    members = rows[(rows.satzart == "60") & (rows.gem != "999")]
    for satzart, width, what in (("40", 5, "Kreis"), ("50", 9, "Gemeindeverband")):
        above = rows[rows.satzart == satzart]
        position = members.schluessel.str[:width].map(pd.Series(above.index, index=above.schluessel))
        alone = position.isna() | (position > members.index)
        if alone.any():
            row = members[alone].iloc[0]
            _refuse(
                place, row, f"no row of the {what} {row.schluessel[:width]} (Satzart {satzart}) above {row['name']!r}"
            )
    for ags in members.schluessel.str[:5].unique():
        try:
            check_ags(ags, stand)
        except InputError as error:
            _refuse(place, members[members.schluessel.str.startswith(ags)].iloc[0], str(error))


def _people(place: str, gemeinden: pd.DataFrame, field: str) -> pd.DataFrame:
    cells = parse(gemeinden[field], {**SIGNS, LEER: ""}, tausender=" ")
    return _checked(place, gemeinden, field, cells, "a whole number")


def _checked(place: str, gemeinden: pd.DataFrame, field: str, cells: pd.DataFrame, expected: str) -> pd.DataFrame:
    if cells.falsch.any():
        row = gemeinden[cells.falsch].iloc[0]
        signs = " ".join(SIGNS)
        _refuse(place, row, f"{field} of {row['name']!r} is {row[field]!r}; expected {expected} or a sign of {signs}")
    return cells


def _check_sexes(place: str, gemeinden: pd.DataFrame, people: dict[str, pd.DataFrame]) -> None:
    if "insgesamt" not in people:
        row = gemeinden.iloc[0]
        _refuse(place, row, "no Gemeinde has a population; are the columns shifted?")
    if len(people) < len(_GROESSEN):
        return
    total, men, women = (people[field].wert for field in _GROESSEN)
    wrong = (total != men + women) & total.notna() & men.notna() & women.notna()
    wrong |= total.isna() & (people["insgesamt"].grund == "") & (men.notna() | women.notna())
    if wrong.any():
        row, n = gemeinden[wrong].iloc[0], wrong.idxmax()
        _refuse(place, row, f"{row['name']!r}: {men[n]:.0f} men and {women[n]:.0f} women, but {total[n]:.0f} in all")


def _bestand(delivered: Verzeichnis, gemeinden: pd.DataFrame, inhabitants: pd.Series) -> pd.DataFrame:
    place = delivered.place
    # points as decimal mark are those of a CSV that a program wrote; no area reaches a thousands mark
    texts = {
        f: pd.Series([c.replace(".", ",") if isinstance(c, str) else c for c in gemeinden[f]], dtype=object)
        for f in _NUMBERS
    }
    area = _checked(place, gemeinden, "flaeche", parse(texts["flaeche"], {**SIGNS, LEER: ""}), "km²").wert
    inhabited = inhabitants.fillna(0) > 0
    wrong = (area <= 0) & inhabited | (area < 0) | (area > _LARGEST_KM2) | area.isna() & inhabited
    if wrong.any():
        row = gemeinden[wrong].iloc[0]
        _refuse(place, row, f"flaeche of {row['name']!r} is {row.flaeche!r}; expected km² above 0")
    degrees = {}
    for field, (low, high) in _GERMANY.items():
        degrees[field] = _checked(place, gemeinden, field, parse(texts[field], {LEER: ""}), "degrees").wert
        limit = np.where(gemeinden.land == "99", 180.0, high)
        wrong = (degrees[field] > limit) | (degrees[field] < np.where(gemeinden.land == "99", -180.0, low))
        if wrong.any():
            row = gemeinden[wrong].iloc[0]
            _refuse(place, row, f"{field} of {row['name']!r} is {row[field]!r}; expected {low:g} to {high:g} degrees")
    if (degrees["laenge"].isna() != degrees["breite"].isna()).any():
        row = gemeinden[degrees["laenge"].isna() != degrees["breite"].isna()].iloc[0]
        _refuse(place, row, f"{row['name']!r} has one coordinate; expected laenge and breite")
    urban = gemeinden.verstaedterung.map(as_text)
    urban = urban.where(urban == "", urban.str.zfill(2))
    wrong = ~urban.isin(["", *_VERSTAEDTERUNG])
    if wrong.any():
        row = gemeinden[wrong].iloc[0]
        _refuse(place, row, f"Grad der Verstädterung is {row.verstaedterung!r}; expected {', '.join(_VERSTAEDTERUNG)}")
    plz = gemeinden.plz.where(gemeinden.plz == "", gemeinden.plz.str.zfill(5))
    if (~plz.str.fullmatch("([0-9]{5})?")).any():
        row = gemeinden[~plz.str.fullmatch("([0-9]{5})?")].iloc[0]
        _refuse(place, row, f"Postleitzahl of {row['name']!r} is {row.plz!r}; expected 5 digits")
    table = gemeinden.assign(
        stand=pd.Series([delivered.stand] * len(gemeinden), dtype=object),
        ags=_ags(gemeinden),
        ars=gemeinden.schluessel,
        flaeche_km2=area,
        **degrees,
        plz=plz,
        verstaedterung=urban.map(_VERSTAEDTERUNG).fillna(""),
    )
    return table[BESTAENDE["gemeinden"].spalten]


def _ags(gemeinden: pd.DataFrame) -> pd.Series:
    return gemeinden.schluessel.str[:5] + gemeinden.schluessel.str[9:]


def _observations(
    delivered: Verzeichnis, gemeinden: pd.DataFrame, people: dict[str, pd.DataFrame], katalog: Katalog
) -> pd.DataFrame:
    parts = []
    for field, cells in people.items():
        table = pd.DataFrame(
            {
                "ags": _ags(gemeinden),
                "stichtag": pd.Series([delivered.bevoelkerung_am] * len(gemeinden), dtype=object),
                "groesse": _GROESSEN[field],
                **{column: cells[column] for column in ("wert", "grund", "guete")},
                "quelle": "gv_isys",
                "zeile": gemeinden.zeile,
            }
        )
        parts.append(table[gemeinden[field].notna()])
    observations = pd.concat(parts, ignore_index=True)
    return check(observations[[*COLUMNS, "zeile"]], katalog, delivered.place)
