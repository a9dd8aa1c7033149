"""Key figures of the Musterkreis in Kreisblick's own tidy form, for what has no delivered format in the example."""

import numpy as np
import pandas as pd

from analysis.example.bevoelkerung import Einwohner
from analysis.example.dateien import komma, text
from analysis.example.kreis import musterkreis, ortsteile

_GRENZEN = {"bevoelkerung_unter_18": (0, 18), "bevoelkerung_18_64": (18, 65), "bevoelkerung_ab_65": (65, 200)}
_ERWERBSQUOTE = 0.79


def altersgruppen(stand: dict[int, Einwohner], gemeinden_ab: int) -> bytes:
    """Age groups of the Kreis and (from a year on) of its Gemeinden; they add up to table 12411."""
    rows, gemeinden = [], sorted(set(ortsteile().ags))
    for year, e in stand.items():
        alter, where = year - e.jahrgang, ortsteile().ags.to_numpy()[e.ortsteil]
        for key in [musterkreis()["kreis"], *(gemeinden if year >= gemeinden_ab else ())]:
            mine = where == key if len(key) == 8 else slice(None)
            ages = alter[mine]
            rows += [
                [key, f"{year}-12-31", name, int(((ages >= a) & (ages < b)).sum())] for name, (a, b) in _GRENZEN.items()
            ]
    return tidy(rows)


def leistungen_kreis(stand: dict[int, Einwohner], ohne_arbeit: pd.DataFrame, leistungen: pd.DataFrame) -> bytes:
    """Share of foreigners, unemployment and benefits of the Kreis, for every year."""
    rows, key = [], musterkreis()["kreis"]
    for year, e in stand.items():
        alter = year - e.jahrgang
        able, under_65 = int(((alter >= 15) & (alter < 65)).sum()), int((alter < 65).sum())
        average = ohne_arbeit.loc[year].arbeitslose.sum() / 4
        december, benefits = ohne_arbeit.loc[(year, 4)].sum(), leistungen.loc[(year, 4)].sum()
        sgb12 = benefits[["grundsicherung_ab_18", "hilfe_zum_lebensunterhalt", "asylblg"]]
        shares = {
            "auslaenderanteil": (e.auslaender.mean() * 100, 2),
            "arbeitslosenquote": (average / (able * _ERWERBSQUOTE) * 100, 1),
            "langzeitarbeitslosenanteil": (december.langzeit / december.arbeitslose * 100, 2),
            "personen_in_bg_quote": (benefits.personen_in_bg / under_65 * 100, 2),
            "kinder_unter_personen_in_bg": (benefits.kinder_in_bg / benefits.personen_in_bg * 100, 2),
            "grundsicherung_ab_18_je_1000": (sgb12.iloc[0] / np.sum(alter >= 18) * 1000, 1),
            "hilfe_zum_lebensunterhalt_je_1000": (sgb12.iloc[1] / len(e) * 1000, 2),
            "asylblg_je_1000": (sgb12.iloc[2] / len(e) * 1000, 2),
        }
        day = f"{year}-12-31"
        rows += [[key, day, name, komma(value, digits)] for name, (value, digits) in shares.items()]
        rows.append([key, day, "mindestsicherung_empfaenger", int(benefits.personen_in_bg + sgb12.sum())])
    return tidy(rows)


def tidy(rows: list[list]) -> bytes:
    """Tidy file of rows of key, date, quantity and value as text or whole number."""
    lines = ["ags;stichtag;groesse;wert;grund;guete;quelle"]
    return text(lines + [f"{ags};{day};{name};{wert};;;musterkreis" for ags, day, name, wert in rows], ende="\n")
