"""What the invented Kreis is made of, without chance: Gemeinden, Ortsteile, Meldeaemter, Planungsraeume."""

import datetime as dt
from functools import cache
from pathlib import Path

import pandas as pd

from analysis.regions import slug
from analysis.yaml_files import load_yaml

ERSTES, LETZTES = 2015, 2024
"""First and last year whose 31 December is told."""

STAND_RAEUME = dt.date(2022, 1, 1)
"""Day whose composition of the Planungsraeume true differences and deliveries refer to."""


@cache
def musterkreis() -> dict:
    """Content of `musterkreis.yaml`."""
    return load_yaml(Path(__file__).with_name("musterkreis.yaml"))


def schluessel() -> str:
    """Key of the Kreis: 99099."""
    return musterkreis()["kreis"]


@cache
def gemeinden() -> pd.DataFrame:
    """The Gemeinden in the order of their keys.

    Returns
    -------
    pandas.DataFrame
        Columns `ags`, `ars`, `name`, `langname` (with ", Stadt"), `stadt`, `vb`, `amt`, `einwohner` (about, end of
        2024), `gruppe`, `x_km`, `y_km`, `plz`.
    """
    aemter = {v["vb"]: v["amt"] for v in musterkreis()["verbaende"]}
    rows = [
        {
            "ags": g["ags"],
            "ars": g["ags"][:5] + g["vb"] + g["ags"][5:],
            "name": g["name"],
            "langname": g["name"] + (", Stadt" if g.get("stadt") else ""),
            "stadt": g.get("stadt", False),
            "vb": g["vb"],
            "amt": aemter[g["vb"]],
            "einwohner": g["einwohner"],
            "gruppe": g["gruppe"],
            "x_km": g["ort"][0],
            "y_km": g["ort"][1],
            "plz": g["plz"],
        }
        for g in musterkreis()["gemeinden"]
    ]
    return pd.DataFrame(rows)


@cache
def ortsteile() -> pd.DataFrame:
    """The Ortsteile, those of a Gemeinde together.

    Returns
    -------
    pandas.DataFrame
        Columns `ortsteil` (key such as 99099001.altstadt), `name`, `anteil` (of the Gemeinde), `planungsraum` (on
        `STAND_RAEUME`), and all columns of `gemeinden` (its name as `gemeinde`).
    """
    rows = [
        {"ortsteil": f"{g['ags']}.{slug(name)}", "ot_name": name, "anteil": anteil, "ags": g["ags"]}
        for g in musterkreis()["gemeinden"]
        for name, anteil in g.get("ortsteile", {g["name"]: 1.0}).items()
    ]
    table = pd.DataFrame(rows).merge(gemeinden(), on="ags", validate="m:1")
    table = table.rename(columns={"name": "gemeinde", "ot_name": "name"})
    member = members(STAND_RAEUME)
    return table.assign(planungsraum=table.ortsteil.map(member).fillna(table.ags.map(member)))


def members(day: dt.date) -> dict[str, str]:
    """Gemeinde or Ortsteil → its Planungsraum on a day."""
    return {
        member: raum["schluessel"]
        for raum in musterkreis()["planungsraeume"]
        if raum["ab"] <= day <= raum.get("bis", dt.date.max)
        for member in raum["mitglieder"]
    }


def raumnamen() -> dict[str, str]:
    """Key of each Planungsraum → name, in the order of the file."""
    return {raum["schluessel"]: raum["name"] for raum in musterkreis()["planungsraeume"]}
