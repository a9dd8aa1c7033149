"""Yearly figures of the Musterkreis from 2012 on: families, children, schools, health, housing, moves."""

import datetime as dt

import numpy as np
import pandas as pd

from analysis.example.bevoelkerung import Einwohner
from analysis.example.kennzahlen import tidy
from analysis.example.kreis import ERSTES, LETZTES, musterkreis, ortsteile
from analysis.example.zufall import strom

_ALTER = {
    "bevoelkerung_unter_3": (0, 3),
    "bevoelkerung_3_bis_5": (3, 6),
    "bevoelkerung_unter_15": (0, 15),
    "bevoelkerung_unter_18": (0, 18),
    "bevoelkerung_18_64": (18, 65),
    "bevoelkerung_ab_65": (65, 200),
}
_JE_GEMEINDE = ["bevoelkerung_unter_15", "bevoelkerung_auslaendisch"]
_ANDERSWO = ["bevoelkerung", "bevoelkerung_unter_18", "bevoelkerung_18_64", "bevoelkerung_ab_65"]
"""Delivered in other files from 2015 on."""

_SCHULE = {  # ages at the end of the year before, and which part of them
    "seu_untersuchte": (5, 6, 0.97),
    "schueler": (6, 16, 0.98),
    "schulabgaenge": (15, 16, 0.95),
    "kinder_zahnuntersucht": (3, 10, 0.7),
    "but_berechtigte": (3, 18, 0.16),
}
_TEIL_VON = {
    "seu_sprache_auffaellig": "seu_untersuchte",
    "seu_motorik_auffaellig": "seu_untersuchte",
    "schulabgaenge_ohne_abschluss": "schulabgaenge",
    "schueler_mit_foerderbedarf": "schueler",
    "kinder_gesunde_zaehne": "kinder_zahnuntersucht",
    "but_teilnehmende": "but_berechtigte",
    "kita_kinder_unter_3": "bevoelkerung_unter_3",
    "kita_kinder_3_bis_5": "bevoelkerung_3_bis_5",
    "familien_alleinerziehend": "familien",
    "kinder_mit_kinderzuschlag": "bevoelkerung_unter_18",
    "hilfen_zur_erziehung": "bevoelkerung_unter_18",
    "wohngeld_haushalte": "bevoelkerung",
    "wohngeld_oder_kinderzuschlag_personen": "bevoelkerung",
    "vereine": "bevoelkerung",
    "hausaerzte": "bevoelkerung",
}
"""Quantity → that of which it is the declared share."""


def kreis(seed: int, stand: dict[int, Einwohner], bewegungen: pd.DataFrame, leistungen: pd.DataFrame) -> bytes:
    """Figures of the Kreis from 2012 to 2024.

    Parameters
    ----------
    stand
        Residents as official statistics count them, from 2015 on.
    bewegungen, leistungen
        Births, deaths and moves (`bevoelkerung.verlauf`); persons with benefits (`arbeitsmarkt.leistungen`).
    """
    rng, wahr, key = strom(seed, "reihen"), musterkreis()["reihen"], musterkreis()["kreis"]
    people = _bevoelkerung(stand)
    base = _schule(people) | {name: people[name] for name in set(_TEIL_VON.values()) & set(people)}
    base["familien"] = np.rint(people["bevoelkerung_unter_18"] * 0.62).astype(int)
    table = {name: people[name] for name in (*_ALTER, "bevoelkerung", "bevoelkerung_auslaendisch")}
    table |= {name: base[name] for name in (*_SCHULE, "familien")}
    for name, whole in _TEIL_VON.items():
        table[name] = _gezogen(rng, base[whole], _anteile(name))
    table |= _grundsicherung(rng, people, leistungen)
    rows = [
        [key, _tag(name, year), name, int(n)]
        for name, counts in table.items()
        for year, n in counts.items()
        if not (name in _ANDERSWO and year >= ERSTES) and not (name.startswith("kita_") and year == LETZTES)
    ]
    for name in bewegungen:
        told = bewegungen[name].groupby("jahr").sum()
        like_first = people["bevoelkerung"].loc[:ERSTES] * told.iloc[0] / people["bevoelkerung"][told.index[0]]
        earlier = like_first.map(lambda expected: _wackelt(rng, expected))
        rows += [[key, f"{year}-12-31", name, n] for year, n in pd.concat([earlier, told]).items()]
    amount = wahr["einkommen_eur"]
    for n, year in enumerate(people["bevoelkerung"].index):
        eur = amount["erstes"] * amount["je_jahr"] ** n * (0.995 + 0.01 * rng.random())
        rows.append([key, f"{year}-12-31", "verfuegbares_einkommen_je_einwohner", round(eur)])
    for day, share in wahr["wahlbeteiligung"].items():
        able = people["bevoelkerung_18_64"] + people["bevoelkerung_ab_65"]
        entitled = round(able[day.year] * 0.97)
        rows.append([key, day, "wahlberechtigte_bundestag", entitled])
        rows.append([key, day, "waehlende_bundestag", int((rng.random(entitled) < share).sum())])
    return tidy(rows)


def gemeinden(stand: dict[int, Einwohner], bewegungen: pd.DataFrame, ab: int) -> bytes:
    """Children, foreign residents, births and deaths of the Gemeinden from a year on; they add up to the Kreis."""
    rows, where = [], ortsteile().ags
    for year, e in stand.items():
        if year < ab:
            continue
        mine, alter = where.to_numpy()[e.ortsteil], year - e.jahrgang
        kinds = {"bevoelkerung_unter_15": alter < 15, "bevoelkerung_auslaendisch": e.auslaender}
        for ags in sorted(set(where)):
            rows += [[ags, f"{year}-12-31", name, int((kinds[name] & (mine == ags)).sum())] for name in _JE_GEMEINDE]
        if year > ERSTES:
            sums = bewegungen.loc[year, ["geburten", "sterbefaelle"]].groupby(where.to_numpy()).sum()
            rows += [[ags, f"{year}-12-31", name, n] for name in sums for ags, n in sums[name].items()]
    return tidy(rows)


def verlauf_kinder() -> pd.Series:
    """How high the share of children with benefits is in each year, as a multiple of the usual one."""
    return pd.Series(musterkreis()["grundsicherung"]["kinder_verlauf"])


def _bevoelkerung(stand: dict[int, Einwohner]) -> dict[str, pd.Series]:
    """Residents by age and citizenship per year; single ages as `alter_6`; before 2015 those of 2015 times a factor."""
    told = {}
    for year, e in stand.items():
        alter = year - e.jahrgang
        counts = {name: int(((alter >= a) & (alter < b)).sum()) for name, (a, b) in _ALTER.items()}
        counts |= {f"alter_{a}": int((alter == a).sum()) for a in range(20)}
        told[year] = counts | {"bevoelkerung_auslaendisch": int(e.auslaender.sum())}
    first = pd.Series(told[ERSTES])
    before = musterkreis()["reihen"]["bevoelkerung_je_2015"]
    told = {year: np.rint(first * factor).astype(int) for year, factor in before.items()} | told
    table = pd.DataFrame(told).T.astype(int)
    return dict(table.assign(bevoelkerung=table[_ANDERSWO[1:]].sum(axis=1)).items())


def _schule(people: dict[str, pd.Series]) -> dict[str, pd.Series]:
    """Children of schools at the end of the school year, by their ages in December before; the first year as then."""
    found = {}
    for name, (a, b, part) in _SCHULE.items():
        ages = sum(people[f"alter_{age}"] for age in range(a, b))
        found[name] = np.rint(ages.shift().fillna(ages) * part).astype(int)
    return found


def _anteile(name: str) -> np.ndarray:
    """True share of a quantity in each year."""
    wahr = musterkreis()["reihen"]
    years = np.arange(wahr["ab"], LETZTES + 1)
    if name in wahr["konstant"]:
        return np.full(len(years), wahr["konstant"][name])
    if name in wahr["stetig"]:
        return np.linspace(*wahr["stetig"][name], len(years))
    low, high = wahr["stufe_2023"][name]
    return np.where(years < 2023, low, high)


def _gezogen(rng, whole: pd.Series, shares: np.ndarray) -> pd.Series:
    """How many of a whole are found, each with the chance of its year."""
    counts = [int((rng.random(n) < p).sum()) for n, p in zip(whole.to_numpy(), shares, strict=True)]
    return pd.Series(counts, index=whole.index)


def _grundsicherung(rng, people: dict[str, pd.Series], leistungen: pd.DataFrame) -> dict[str, pd.Series]:
    """Benefits in December: those of the persons told from 2015 on; before, in the shape of the declared course."""
    names = {"nef_unter_15": "nef_unter_15", "kinder_in_bg": "kinder_in_bg", "personen_in_bg": "personen_in_bg"}
    names["bg"] = "bedarfsgemeinschaften"
    told = leistungen.xs(4, level="quartal")[list(names)].groupby("jahr").sum()
    course, table = verlauf_kinder(), told.astype(int)
    for year in range(musterkreis()["reihen"]["ab"], ERSTES):
        more = people["bevoelkerung"][year] / people["bevoelkerung"][ERSTES]
        children = more * course[year] / course[ERSTES]
        first = told.loc[ERSTES]
        under_15 = _wackelt(rng, first.nef_unter_15 * children)
        under_18 = under_15 + _wackelt(rng, (first.kinder_in_bg - first.nef_unter_15) * children)
        adults = _wackelt(rng, (first.personen_in_bg - first.kinder_in_bg) * more)
        table.loc[year] = [under_15, under_18, under_18 + adults, _wackelt(rng, first.bg * more)]
    table = table.sort_index().rename(columns=names)
    with_children = musterkreis()["reihen"]["bg_mit_kindern"] * course.reindex(table.index).to_numpy()
    found = dict(table.items())
    found["bedarfsgemeinschaften_mit_kindern"] = _gezogen(rng, table.bedarfsgemeinschaften, with_children)
    single = "bedarfsgemeinschaften_alleinerziehend"
    found[single] = _gezogen(rng, found["bedarfsgemeinschaften_mit_kindern"], _anteile(single))
    return found


def _wackelt(rng, expected: float) -> int:
    """Whole number near what is expected, with the chance of a count."""
    return round(expected + (rng.random(12).sum() - 6) * expected**0.5)


def _tag(name: str, year: int) -> str | dt.date:
    """Day under which a quantity of a year is stored; children in day care are counted on 1 March of the next one."""
    if name.startswith("kita_"):
        return f"{year + 1}-03-01"
    return f"{year}-07-31" if name in _SCHULE or _TEIL_VON.get(name) in _SCHULE else f"{year}-12-31"
