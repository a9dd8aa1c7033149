"""From a survey's description to its design: who was drawn with which chance, and weights that fit the register."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.auswertung import Auswertung
from analysis.codebook import as_code
from analysis.errors import InputError
from analysis.sources.befragung import Befragung
from analysis.store import Store
from analysis.survey import margins
from analysis.survey.calibration import Kalibrierbericht, calibrate_margins
from analysis.survey.design import Design, design
from analysis.survey.response import checked_sample
from analysis.survey.weighting import design_weights, scaled

ZELLEN = ("raum", "altersgruppe", "geschlecht")
"""Columns of the file of the drawn sample that say of whom a row speaks."""

FEWEST = 5
"""Respondents of a category below which it does not serve to weight: its weights would rest on single persons."""


AELTESTE = 120
"""Age in years above which an answer is none."""


@dataclass(frozen=True)
class Gewichtung:
    """The design of a survey with its weights, and how they came about.

    Attributes
    ----------
    entwurf, design
        Design with the weights of the draw, and with those that fit the population (the same without margins).
    bericht
        Of the calibration; None without.
    merkmale, raender
        Variables of the calibration per respondent, population counts per variable; empty without.
    bevoelkerung
        Where the counts come from: `register` (the store), `ziehung` (the file of the sample) or empty.
    ausgelassen
        Margins that do not serve to weight, and why.
    """

    entwurf: Design
    design: Design
    bericht: Kalibrierbericht | None
    merkmale: pd.DataFrame
    raender: dict[str | tuple[str, ...], pd.Series]
    bevoelkerung: str
    ausgelassen: dict[str, str]


def sample(befragung: Befragung) -> pd.DataFrame | None:
    """The drawn sample by cells as the description names it (`ziehung.datei`): population, drawn, answered.

    Returns
    -------
    pandas.DataFrame
        Columns `raum`, `altersgruppe`, `geschlecht` (as far as given), `N`, `n_gezogen`, `n_unzustellbar`,
        `n_geantwortet` (as far as given); None if no file is named.

    Raises
    ------
    InputError
        The file lacks a column or a number is none.
    """
    name = befragung.angaben.get("ziehung", {}).get("datei")
    if not name:
        return None
    path = befragung.pfad.parent / name
    try:
        table = pd.read_csv(path, sep=";", dtype=str, encoding="utf-8-sig", keep_default_na=False)
    except (ValueError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not a table with ; between the columns, in UTF-8 ({error})") from None
    lacking = [c for c in ("N", "n_gezogen") if c not in table]
    if lacking:
        raise InputError(f"{path}: there is no column {lacking[0]!r}; there are {', '.join(table)}")
    numbers = [c for c in table if c == "N" or c.startswith("n_")]
    for column in numbers:
        values = pd.to_numeric(table[column], errors="coerce")
        wrong = values.isna() | (values < 0) | (values % 1 != 0)
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise InputError(f"{path}, row {row + 2}, {column}: {table[column][row]!r}; expected a whole number")
        table[column] = values.astype("int64")
    if "n_geantwortet" not in table:
        return table
    return checked_sample(
        table.assign(n_unzustellbar=table.get("n_unzustellbar", 0)), [c for c in ZELLEN if c in table]
    )


def weighted(
    befragung: Befragung, auswertung: Auswertung, wer: pd.Series, ziehung: pd.DataFrame | None, store: Store
) -> Gewichtung:
    """Design of those who count as respondents, with weights of the draw, calibrated to the population if it is known.

    The population is that of the register on the day of the draw (`ziehung.stichtag`), by age group × sex and by
    stratum; where the store does not hold it, that of the file of the sample; without both the weights of the draw
    remain. A margin serves if every category has at least `FEWEST` respondents; age × sex gives way to age and sex.

    Parameters
    ----------
    wer
        Boolean per interview: who counts (not who broke off).
    """
    daten = befragung.daten[wer.to_numpy()].reset_index(drop=True)
    given = befragung.angaben.get("design", {})
    area = _strata(befragung, daten)
    frame = pd.DataFrame({"gewicht": _draw_weights(befragung, daten, given, area, ziehung)})
    columns = {"gewicht": "gewicht"}
    for role, name in (("schicht", "schicht"), ("einheit", "cluster")):
        if name in given:
            frame[role] = daten[given[name]].to_numpy()
            columns[role] = role
    entwurf = design(frame, **columns, einzeln="anpassen")
    counts, source = _population(befragung, ziehung, store)
    people = _people(befragung, auswertung, daten, area)
    raender, left_out = _margins(people, counts)
    if not raender:
        return Gewichtung(entwurf, entwurf, None, people, {}, "", left_out)
    size = float(counts.personen.sum())
    merkmale = people[list(dict.fromkeys(c for key in raender for c in ([key] if isinstance(key, str) else key)))]
    calibrated, bericht = calibrate_margins(
        scaled(entwurf, size), merkmale, raender, fehlend="anteilig", massstab=next(iter(raender))
    )
    return Gewichtung(entwurf, calibrated, bericht, merkmale, raender, source, left_out)


def _strata(befragung: Befragung, daten: pd.DataFrame) -> pd.Series | None:
    """Area key of the stratum of each respondent, where the description tells it."""
    given = befragung.angaben.get("design", {})
    if "schicht" not in given or "schluessel" not in given:
        return None
    keys = {str(as_code(code)): key for code, key in given["schluessel"].items()}
    return daten[given["schicht"]].astype(str).map(keys)


def _draw_weights(befragung, daten, given: dict, area: pd.Series | None, ziehung: pd.DataFrame | None) -> np.ndarray:
    if "gewicht" in given:
        return pd.to_numeric(daten[given["gewicht"]]).to_numpy(float, na_value=np.nan)
    if area is None or ziehung is None or "raum" not in ziehung:
        return np.ones(len(daten))
    strata = ziehung.groupby("raum")[["N", "n_gezogen"]].sum()
    return design_weights(area, strata.N, strata.n_gezogen).to_numpy()


def _population(befragung: Befragung, ziehung, store: Store) -> tuple[pd.DataFrame | None, str]:
    """Residents by area, age group and sex on the day of the draw, and where they come from."""
    day = befragung.angaben.get("ziehung", {}).get("stichtag")
    if day is not None:
        register = store.bestand("melderegister", befragung.kreis)
        inside = register[register.stichtag == day]
        if len(inside):
            counts = margins.from_register(
                inside, store.bestand("ortsteile"), store.bestand("planungsraeume"), befragung.kreis, day, nur_m_w=True
            )
            return counts.replace({"geschlecht": {"m": "maennlich", "w": "weiblich"}}), "register"
    if ziehung is None or not set(ZELLEN) <= set(ziehung):
        return None, ""
    counts = ziehung[[*ZELLEN, "N"]].rename(columns={"N": "personen"})
    return counts.replace({"geschlecht": {"m": "maennlich", "w": "weiblich"}}), "ziehung"


def _people(befragung: Befragung, auswertung: Auswertung, daten, area: pd.Series | None) -> pd.DataFrame:
    """Age group, sex and area of each respondent as the population is counted; NA where not known."""
    from analysis.answers import valid

    people = pd.DataFrame(index=daten.index)
    if auswertung.alter:
        years = valid(daten, befragung.codebuch, auswertung.alter)
        lowest = min(low for low, _ in margins.ALTERSGRUPPEN.values())
        people["altersgruppe"] = margins.age_groups(years.where((years >= lowest) & (years <= AELTESTE)))
    column, sexes = auswertung.geschlecht
    if column:
        people["geschlecht"] = daten[column].map(sexes).astype(object)
    if area is not None:
        people["raum"] = area
    elif "raum" in befragung.angaben:
        people["raum"] = replace(befragung, daten=daten).raum.astype(object)
    return people


def _margins(people: pd.DataFrame, counts: pd.DataFrame | None) -> tuple[dict, dict[str, str]]:
    """Margins whose every category has enough respondents, and what was left out and why."""
    if counts is None:
        return {}, {"alle": "Bevölkerung nach Alter, Geschlecht und Raum nicht bekannt"}
    wanted, left_out, raender = [("altersgruppe", "geschlecht"), "raum"], {}, {}
    while wanted:
        key = wanted.pop(0)
        names = [key] if isinstance(key, str) else list(key)
        if not set(names) <= set(people) or people[names].isna().all().any():
            known = set(names) <= set(people)
            left_out[" × ".join(names)] = "eine Angabe fehlt bei allen" if known else "nicht erfragt"
            wanted = [*names, *wanted] if len(names) > 1 else wanted
            continue
        rand = margins.margin(counts, *names)
        rand = rand[rand > 0]
        for name in names:
            foreign = set(people[name].dropna()) - set(counts[name])
            if foreign:
                raise InputError(
                    f"margins: the population has no {name} {sorted(map(str, foreign))[0]!r}; it has "
                    f"{', '.join(map(str, sorted(set(counts[name]))))}"
                )
        cases = people[names].value_counts() if len(names) > 1 else people[names[0]].value_counts()
        cases = cases.reindex(rand.index, fill_value=0)
        if cases.min() >= FEWEST:
            raender[key] = rand
        else:
            left_out[" × ".join(names)] = f"eine Gruppe hat weniger als {FEWEST} Antworten"
            wanted = [*names, *wanted] if len(names) > 1 else wanted
    return raender, left_out
