"""What a goal catalogue lacks: SMART parts of each goal, goals without anything below, texts that are alike."""

import pandas as pd

from analysis.ziele.katalog import Zielkatalog

SMART = {
    "konkret": "eigener Wortlaut",
    "messbar": "Kennzahl",
    "zustaendig": "Zuständige",
    "terminiert": "Frist",
}
"""Part of the check → what a goal must have for it. Whether a goal is attractive and realistic no program can judge."""

AEHNLICH_AB = 0.6
"""Cosine of two texts' letters above which a human should look whether they mean the same."""


def smart(ziele: pd.DataFrame) -> pd.DataFrame:
    """Which SMART parts each goal has: an own wording, an indicator, a responsible body, a deadline.

    Parameters
    ----------
    ziele
        `auswertung.tabelle`.

    Returns
    -------
    pandas.DataFrame
        `code`, `ebene`, the keys of `SMART` as booleans. A body inherited from the goal above counts; a deadline and
        an indicator do not. A conditional deadline counts as one.
    """
    return pd.DataFrame(
        {
            "code": ziele.code,
            "ebene": ziele.ebene,
            "konkret": ~ziele.text.duplicated(keep=False),
            "messbar": ziele.indikatoren.map(len) > 0,
            "zustaendig": ziele.stellen.map(len) > 0,
            "terminiert": ziele.frist.notna(),
        }
    )


def ohne_unterbau(katalog: Zielkatalog, ziele: pd.DataFrame) -> pd.DataFrame:
    """Goals that have nothing below although their level may have something there.

    Returns
    -------
    pandas.DataFrame
        `code`, `ebene`, `fehlt` (names of the levels of which one could stand below), by level.
    """
    below = {e.id: [u.mehrzahl for u in katalog.ebenen if e.id in u.unter] for e in katalog.ebenen}
    bare = ziele[~ziele.code.isin(ziele.ueber) & ziele.ebene.map(lambda id: bool(below[id]))]
    order = bare.ebene.map([e.id for e in katalog.ebenen].index)
    bare = bare.loc[order.sort_values(kind="stable").index]
    return bare[["code", "ebene"]].assign(fehlt=bare.ebene.map(lambda id: " oder ".join(below[id])))


def ohne_oberziel(katalog: Zielkatalog, ziele: pd.DataFrame) -> pd.DataFrame:
    """Goals and measures that stand below nothing although their level belongs below another one (`code`, `ebene`)."""
    levels = {e.id for e in katalog.ebenen if e.unter}
    return ziele.loc[(ziele.ueber == "") & ziele.ebene.isin(levels), ["code", "ebene"]]


def aehnliche(ziele: pd.DataFrame, ab: float = AEHNLICH_AB) -> pd.DataFrame:
    """Pairs of goals whose texts are alike, for a human to judge whether they mean the same.

    The texts are compared by the cosine of their groups of three to five letters, rare ones weighing more (tf-idf of
    scikit-learn, `char_wb`). Goals above and below each other are no pair.

    Returns
    -------
    pandas.DataFrame
        `code`, `code_zweit`, `aehnlichkeit` (1: word for word), the most alike first.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    columns = ["code", "code_zweit", "aehnlichkeit"]
    if len(ziele) < 2:
        return pd.DataFrame(columns=columns)
    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True).fit_transform(ziele.text)
    near = (vectors @ vectors.T).tocoo()
    pairs = pd.DataFrame({"i": near.row, "j": near.col, "aehnlichkeit": near.data})
    pairs = pairs[(pairs.i < pairs.j) & (pairs.aehnlichkeit >= ab)]
    first, second = (ziele.iloc[pairs[side]].reset_index(drop=True) for side in ("i", "j"))
    found = pd.DataFrame(
        {"code": first.code, "code_zweit": second.code, "aehnlichkeit": pairs.aehnlichkeit.round(6).to_numpy()}
    )
    found = found[(first.ueber != second.code) & (second.ueber != first.code)]
    order = ["aehnlichkeit", "code", "code_zweit"]
    return found.sort_values(order, ascending=[False, True, True], ignore_index=True)


def angaben(katalog: Zielkatalog) -> pd.DataFrame:
    """How many goals of each level there are, beside how many the source itself says there are.

    Returns
    -------
    pandas.DataFrame
        `ebene`, `mehrzahl`, `genannt` (name for the number counted), `gezaehlt`, `angegeben` (missing where the
        source says nothing), `fundstelle`.
    """
    said = {a.ebene: a for a in katalog.angaben}
    return pd.DataFrame(
        [
            {
                "ebene": e.id,
                "mehrzahl": e.mehrzahl,
                "genannt": katalog.benannt(e.id, count := sum(z.ebene == e.id for z in katalog.ziele)),
                "gezaehlt": count,
                "angegeben": said[e.id].anzahl if e.id in said else None,
                "fundstelle": said[e.id].fundstelle if e.id in said else "",
            }
            for e in katalog.ebenen
        ]
    ).astype({"angegeben": "Int64"})
