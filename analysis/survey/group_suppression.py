"""Shares that must not stand beside others: of groups that differ by a few persons, of questions with hidden cells."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from analysis.answers import holds
from analysis.codebook import Bedingung
from analysis.survey.cell_suppression import MINDESTENS
from analysis.survey.tabulate import GESAMT

_ANZEIGE = 0.001
"""Width of the interval that a printed share comes from: one digit of a per cent."""

_TEILE = 3
"""Most groups that are taken together from a larger one."""


def told_apart(
    gruppen: pd.DataFrame, ja: pd.Series, gewicht: np.ndarray | None = None, mindestens: int = MINDESTENS
) -> list[str]:
    """Groups whose share would tell what 1 to `mindestens` - 1 respondents answered.

    Groups overlap: parents and people without children leave those who did not say whether they have children; parents
    without single parents are the couples. Whoever knows the shares of a group and of its parts knows the share of the
    rest, as exactly as the shares are printed: in small surveys to the person, although the shares are weighted. Of the
    groups of such a rest the smallest one is named, until no rest is left with so few who have the property, or so few
    who have it not, that could be told from 0 and from `mindestens`.

    Parameters
    ----------
    gruppen
        Whether each respondent is in each group whose share is to be shown.
    ja
        Whether each respondent has the property; NA where not known. All with an answer are a group, too, and shown.
    gewicht
        Weight of each respondent; where all weigh the same, shares and intervals tell exact counts.

    Returns
    -------
    list of str
        Names of columns of `gruppen` in the order in which they were found.
    """
    known = ja.notna().to_numpy()
    weight = np.ones(len(ja)) if gewicht is None else np.asarray(gewicht, float)
    yes = ja.fillna(0).to_numpy().astype(bool)
    members = {GESAMT: known} | {name: gruppen[name].to_numpy(bool) & known for name in gruppen}
    members = {name: inside for name, inside in members.items() if inside.any()}
    hidden = []
    for least in range(min(MINDESTENS, mindestens), mindestens + 1):  # a larger least count hides those, too
        while (smallest := _smallest_of_a_rest(members, yes, weight, least)) is not None:
            hidden.append(smallest)
            del members[smallest]
    return hidden


def _smallest_of_a_rest(members: dict, yes: np.ndarray, weight: np.ndarray, mindestens: int) -> str | None:
    """The smallest group of those that leave a rest of a few; None where there is no such rest."""
    exact = np.ptp(weight) <= 1e-9 * weight.max()
    for names, rest in _rests(members):
        few = (int((rest & yes).sum()), int((rest & ~yes).sum()))
        if not any(0 < count < mindestens for count in few):
            continue
        unknown = _ANZEIGE * sum(weight[members[name]].sum() for name in names) / weight[rest].mean()
        if exact or unknown < mindestens:
            return min((n for n in names if n != GESAMT), key=lambda n: members[n].sum())
    return None


def _rests(members: dict) -> Iterator[tuple]:
    """Names of a group and of some of its parts that have nobody in common, and who remains without those."""
    for name, whole in members.items():
        parts = [other for other, inside in members.items() if other != name and not (inside & ~whole).any()]
        for number in range(1, _TEILE + 1):
            for some in combinations(parts, number):
                together = sum(members[part].astype(int) for part in some)
                if together.max() == 1:
                    yield (name, *some), whole & (together == 0)


def linked(fragen: pd.DataFrame, anteile: Mapping[str, Sequence[Bedingung]]) -> set[tuple[str, str]]:
    """Areas in which a share would tell more of hidden cells of the questions that it is made of.

    A share is the sum of some cells of a question. It tells nothing new where the hidden cells of the question are all
    among those, or none is.

    Parameters
    ----------
    fragen
        Table with signs (`reliability.publishable`) of the questions by area.
    anteile
        Conditions of each share, and of the group that is its base.

    Returns
    -------
    set of tuple
        Area and name of the share.
    """
    cells = fragen[fragen.kennzahl == "anteil"]
    found = set()
    for name, conditions in anteile.items():
        for c in conditions:
            rows = cells[cells.merkmal == c.spalte]
            inside = holds(pd.DataFrame({c.spalte: rows.auspraegung}), [c])
            hidden = rows.grund == "geheim"
            parts = pd.DataFrame({"mit": hidden & inside, "ohne": hidden & (~inside | (rows.typ == "mehrfach"))})
            both = parts.groupby(rows.raum.astype(object)).any().all(axis=1)
            found |= {(area, name) for area in both.index[both]}
    return found
