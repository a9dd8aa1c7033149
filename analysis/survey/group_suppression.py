"""Which groups of respondents must not be shown beside each other, because their difference is a few persons."""

from collections.abc import Iterator
from itertools import combinations

import pandas as pd

from analysis.survey.cell_suppression import MINDESTENS
from analysis.survey.tabulate import GESAMT

_TEILE = 3
"""Most groups that are taken together from a larger one."""


def told_apart(gruppen: pd.DataFrame, ja: pd.Series, mindestens: int = MINDESTENS) -> list[str]:
    """Groups whose share would tell what 1 to `mindestens` - 1 respondents answered.

    Groups overlap: parents and people without children leave those who did not say whether they have children; parents
    without single parents are the couples. Whoever knows the shares of a group and of its parts knows the share of the
    rest, also where the shares are weighted and rounded. Of the groups of such a rest the smallest one is named,
    until no rest is left with so few who have the property, or so few who have it not.

    Parameters
    ----------
    gruppen
        Whether each respondent is in each group whose share is to be shown.
    ja
        Whether each respondent has the property; NA where not known. All with an answer are a group, too, and shown.

    Returns
    -------
    list of str
        Names of columns of `gruppen` in the order in which they were found.
    """
    known = ja.notna().to_numpy()
    yes = ja.fillna(0).to_numpy().astype(bool)
    members = {GESAMT: known} | {name: gruppen[name].to_numpy(bool) & known for name in gruppen}
    members = {name: inside for name, inside in members.items() if inside.any()}
    hidden = []
    while True:
        for names, rest in _rests(members):
            few = (int((rest & yes).sum()), int((rest & ~yes).sum()))
            if any(0 < count < mindestens for count in few):
                smallest = min((n for n in names if n != GESAMT), key=lambda n: members[n].sum())
                hidden.append(smallest)
                del members[smallest]
                break
        else:
            return hidden


def _rests(members: dict) -> Iterator[tuple]:
    """Names of a group and of some of its parts that have nobody in common, and who remains without those."""
    for name, whole in members.items():
        parts = [other for other, inside in members.items() if other != name and not (inside & ~whole).any()]
        for number in range(1, _TEILE + 1):
            for some in combinations(parts, number):
                together = sum(members[part].astype(int) for part in some)
                if together.max() == 1:
                    yield (name, *some), whole & (together == 0)
