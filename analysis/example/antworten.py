"""Answers of those who took part in the invented survey, as codes of a SoSci Survey export."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.example.kreis import raumnamen
from analysis.example.zufall import normal, strom, waehlen
from analysis.yaml_files import load_yaml

NICHT_GEZEIGT = -999
"""Stands for an item that was not shown: an empty cell in the export."""

KEINE_ANGABE, WEISS_NICHT = -9, -1


@cache
def fragebogen() -> list[list[dict]]:
    """Pages of the questionnaire, each a list of questions."""
    return load_yaml(Path(__file__).with_name("fragebogen.yaml"))["seiten"]


@cache
def texte() -> dict:
    """Open answers."""
    return load_yaml(Path(__file__).with_name("texte.yaml"))


def antworten(seed: int, personen: pd.DataFrame) -> pd.DataFrame:
    """Codes of all items that are not text, in the order of the questionnaire.

    Parameters
    ----------
    seed
        Seed.
    personen
        Rows of `haushalte.haushalte` of those who answered.

    Returns
    -------
    pandas.DataFrame
        Index 0, 1, …; one column per item: codes of 1 and more, numbers, `KEINE_ANGABE`, `WEISS_NICHT` or
        `NICHT_GEZEIGT`. A multiple choice has 1 (not chosen) or 2 (chosen) per option, and before them the number of
        chosen options.
    """
    rng, n = strom(seed, "antworten"), len(personen)
    given, trait = _abgeleitet(rng, personen.reset_index(drop=True)), normal(rng, n)
    raum = personen.raum.to_numpy()
    columns: dict[str, np.ndarray] = {}
    for frage in (frage for seite in fragebogen() for frage in seite if frage["art"] != "offen"):
        columns |= _frage(rng, frage, given, trait, raum)
    return pd.DataFrame(_mit_ausfall(strom(seed, "ausfall"), columns, n))


def _frage(rng, frage: dict, given: pd.DataFrame, trait: np.ndarray, raum: np.ndarray) -> dict[str, np.ndarray]:
    key, art, n = frage["key"], frage["art"], len(trait)
    if art == "auswahl":
        drawn = "aus" not in frage
        return {key: waehlen(rng, np.array(frage["anteile"]), n) + 1 if drawn else given[frage["aus"]].to_numpy()}
    if art == "zahl":
        columns = frage.get("spalten", {"01": [None, frage.get("aus")]})
        return {f"{key}_{item}": given[source].to_numpy() for item, (_, source) in columns.items()}
    if art == "mehrfach":
        chosen = rng.random((n, len(frage["werte"]))) < np.array(frage["anteile"])
        none = np.where(rng.random(n) < 0.8, WEISS_NICHT, 0)  # the remaining option, or nothing ticked at all
        head = np.where(chosen.any(axis=1), chosen.sum(axis=1), none)
        return {key: head} | {f"{key}_{code:02d}": chosen[:, code - 1] + 1 for code in frage["werte"]}
    return {
        f"{key}_{item}": np.clip(np.rint(_mitte(what, raum) + 0.55 * trait + 0.95 * normal(rng, n)), 1, 5).astype(int)
        for item, what in frage["items"].items()
    }


def _mitte(item: dict, raum: np.ndarray) -> np.ndarray:
    return item["mitte"] + pd.Series(raum).map(item.get("raum", {})).fillna(0.0).to_numpy()


def _abgeleitet(rng, p: pd.DataFrame) -> pd.DataFrame:
    """Codes that follow from the person and the household."""
    n, alter = len(p), p.alter.to_numpy()
    u = rng.random((6, n))
    areas = {raum: code for code, raum in enumerate(raumnamen(), start=1)}
    erwerb = np.select(
        [alter >= 66, alter < 22, u[0] < 0.58, u[0] < 0.80, u[0] < 0.85, u[0] < 0.92], [5, 3, 1, 2, 4, 5], 6
    )
    erwerb = np.where((erwerb == 5) & (alter < 60), 7, erwerb)
    auskommen = np.clip(np.rint(1.6 + p.aequivalenz_eur / 950 + 0.7 * normal(rng, n)), 1, 5).astype(int)
    flaeche = np.rint((38 + 21 * (p.erwachsene + p.kinder * 0.5 + p.jugendliche * 0.6)) * (0.7 + 0.6 * u[1]))
    classes = next(f["klassen"] for seite in fragebogen() for f in seite if "klassen" in f)
    return p.assign(
        raum=p.raum.map(areas),
        geschlecht=np.where(u[2] < 0.004, 3, np.where(p.weiblich, 1, 2)),
        staat=np.where(p.auslaender, 2, np.where(u[3] < 0.02, 3, 1)),
        erwerb=erwerb,
        partner=np.where(p.partner, 1, 2),
        mit_kindern=np.where(p.mit_kindern, 1, 2),
        einkommensklasse=np.searchsorted(classes, p.haushalt_eur, side="right"),
        auskommen=auskommen,
        wohnflaeche=flaeche.astype(int),
        wohnkosten=(np.rint(flaeche * (5.5 + 5 * u[4]) / 10) * 10).astype(int),
        mehr_betreuung=np.where(p.mehr_betreuung, 1, 2),
        kitaplatz=np.where(p.ohne_kitaplatz, 2, 1),
        pflegestunden=1 + np.floor(39 * u[5] ** 2).astype(int),
    )


def _mit_ausfall(rng, columns: dict[str, np.ndarray], n: int) -> dict[str, np.ndarray]:
    """Items with what is missing: not shown behind a filter, not answered, not known."""
    done: dict[str, np.ndarray] = {}
    for frage in (frage for seite in fragebogen() for frage in seite if frage["art"] != "offen"):
        shown = np.ones(n, bool)
        if "filter" in frage:
            variable, code = frage["filter"].split("=")
            shown = done[variable] == int(code)
        for name in [c for c in columns if c.split("_")[0] == frage["key"]]:
            items = frage.get("items", {}).get(name.rpartition("_")[2], {})
            refused = frage.get("keine_angabe", 0.02)
            unknown = refused + items.get("weiss_nicht", frage.get("weiss_nicht", 0.0))
            values, u = columns[name], rng.random(n)
            if frage["art"] != "mehrfach":
                values = np.where(u < refused, KEINE_ANGABE, np.where(u < unknown, WEISS_NICHT, values))
            done[name] = np.where(shown, values, NICHT_GEZEIGT)
    return done
