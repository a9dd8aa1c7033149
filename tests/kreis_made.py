"""Random small Kreise, and an attack on what their reports may show that shares no equation with the package."""

import datetime as dt

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import linprog

TAG = dt.date(2024, 12, 31)
"""The day of all counts."""

ALTER = ("0_2", "3_5", "6_14", "15_17", "18_64", "65")
"""Age groups of which everybody is counted once."""

_AUS_ALTER = {
    "bevoelkerung": ALTER,
    "bevoelkerung_unter_18": ALTER[:4],
    "bevoelkerung_18_64": ALTER[4:5],
    "bevoelkerung_ab_65": ALTER[5:],
    "bevoelkerung_unter_15": ALTER[:3],
    "bevoelkerung_unter_3": ALTER[:1],
    "bevoelkerung_3_bis_5": ALTER[1:2],
}
_ARBEITSLOS = [(sgb, age, long) for sgb in "23" for age in ("u25", "mid", "o55") for long in "jn"]


def _is_unemployed(groesse: str, kind: tuple[str, str, str]) -> bool:
    sgb, age, long = kind
    wanted = {"arbeitslose_sgb2": sgb == "2", "arbeitslose_sgb3": sgb == "3", "arbeitslose_unter_25": age == "u25",
              "arbeitslose_ab_55": age == "o55", "langzeitarbeitslose": long == "j"}  # fmt: skip
    return wanted.get(groesse, True)


def kinds() -> dict[str, list[tuple]]:
    """Quantity → kinds of people that it counts, by source: what adds up follows from this alone."""
    found = {g: [("amt", age, land) for age in ages for land in "da"] for g, ages in _AUS_ALTER.items()}
    found["bevoelkerung_auslaendisch"] = [("amt", age, "a") for age in ALTER]
    register = {g.replace("bevoelkerung_", "melderegister_"): k for g, k in found.items()
                if g not in ("bevoelkerung", "bevoelkerung_unter_3", "bevoelkerung_3_bis_5")}  # fmt: skip
    register["melderegister_bevoelkerung"] = found["bevoelkerung"]
    register["melderegister_15_64"] = [("amt", age, land) for age in ALTER[3:5] for land in "da"]
    found |= {g: [("melde", *k[1:]) for k in rows] for g, rows in register.items()}
    names = ("arbeitslose", "arbeitslose_sgb2", "arbeitslose_sgb3", "arbeitslose_unter_25", "arbeitslose_ab_55",
             "langzeitarbeitslose")  # fmt: skip
    return found | {g: [k for k in _ARBEITSLOS if _is_unemployed(g, k)] for g in names}


def kreis(rng, gemeinden: int = 8, raeume: int = 3, groesse: float = 500, totals: float = 0.7):
    """Counts of a Kreis as `kreissperrung.withheld` takes them: tables by level, Bestaende, people of each kind.

    Of some quantities (1 - `totals`) nothing is delivered for the Kreis itself.
    """
    keys = [f"99099{n:03d}" for n in range(1, gemeinden + 1)]
    groups = {f"99099.r{n}": [keys[i] for i in part] for n, part in enumerate(np.array_split(range(gemeinden), raeume))}
    size = rng.gamma(1.2, groesse / 1.2, gemeinden) + 250
    people = {}
    for ags, number in zip(keys, size, strict=True):
        for age, share in zip(ALTER, (0.02, 0.03, 0.08, 0.03, 0.6, 0.24), strict=True):
            for land, part in (("d", 0.97), ("a", 0.03)):
                people[ags, ("amt", age, land)] = int(rng.poisson(number * share * part))
                people[ags, ("melde", age, land)] = max(
                    0, people[ags, ("amt", age, land)] + int(rng.integers(-1, 2)) * (rng.random() < 0.4)
                )
        for kind in _ARBEITSLOS:
            people[ags, kind] = int(rng.poisson(number * 0.002))
    count = {g: {ags: sum(people[ags, k] for k in rows) for ags in keys} for g, rows in kinds().items()}
    areas = {"gemeinde": {k: [k] for k in keys}, "planungsraum": groups, "kreis": {"99099": keys}}
    tables = {}
    for level, members in areas.items():
        rows = [(ags, TAG, g, float(sum(values[m] for m in parts)), "", "", "amt")
                for g, values in count.items() for ags, parts in members.items()]  # fmt: skip
        tables[level] = pd.DataFrame(rows, columns=["ags", "stichtag", "groesse", "wert", "grund", "guete", "quelle"])
    known = rng.random(len(count)) < totals
    tables["kreis"] = tables["kreis"][[bool(k) for k in known]].reset_index(drop=True)
    raum = pd.DataFrame(
        [("99099", r, r, m, dt.date(2015, 1, 1), None) for r, parts in groups.items() for m in parts],
        columns=["kreis", "planungsraum", "name", "mitglied", "ab", "bis"],
    )
    bestaende = {
        "gemeinden": pd.DataFrame({"ags": keys, "stand": dt.date(2024, 1, 1)}, dtype=object),
        "ortsteile": pd.DataFrame(columns=["ortsteil", "ab", "bis", "darf_fehlen", "amt", "name"], dtype=object),
        "planungsraeume": raum,
    }
    return tables, bestaende, people, areas


class Angriff:
    """All that is shown as one linear program over the people of each kind in each Gemeinde."""

    def __init__(self, shown: pd.DataFrame, people: dict, areas: dict):
        self.people, self.number = people, {key: n for n, key in enumerate(people)}
        self.members = {ags: parts for level in areas.values() for ags, parts in level.items()}
        self.kinds = kinds()
        rows = [self.row(r.groesse, r.ags) for r in shown.itertuples()]
        self.matrix, self.right = sparse.vstack(rows, format="csr"), shown.wert.to_numpy(float)

    def row(self, groesse: str, ags: str, less: tuple[str, ...] = ()) -> sparse.csr_matrix:
        """Who is counted in a quantity of an area, less those of other quantities."""
        columns, signs = [], []
        for g, sign in ((groesse, 1), *((g, -1) for g in less)):
            found = [self.number[m, k] for m in self.members[ags] for k in self.kinds[g]]
            columns, signs = columns + found, signs + [sign] * len(found)
        return sparse.csr_matrix((signs, ([0] * len(columns), columns)), shape=(1, len(self.people)), dtype=float)

    def bounds(self, row: sparse.csr_matrix) -> tuple[float, float]:
        """Smallest and largest value of a combination of counts that agrees with everything shown."""
        cost, found = row.toarray().ravel(), []
        for sign in (1, -1):
            solved = linprog(sign * cost, A_eq=self.matrix, b_eq=self.right, method="highs")
            found.append(-np.inf * sign if solved.status == 3 else sign * solved.fun)
        return found[0], found[1]

    def value(self, row: sparse.csr_matrix) -> float:
        """True value of a combination."""
        return float((row @ np.array([*self.people.values()], float))[0])
