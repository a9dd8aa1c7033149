"""How a Kreis stands among others: the comparison of `notebooks/02_indikatortrends.ipynb`, one function per cell."""

import math

import pandas as pd

from analysis import figures, outputs, tables
from analysis.bildtexte import vergleich as bildtexte
from analysis.kleinezahlen import ZU_KLEIN
from analysis.kreisprofil import Kreisprofil
from analysis.outputs import Ausgabe
from analysis.plots.vergleich import rangpunkte
from analysis.regions import name
from analysis.vergleich import aehnliche, eingabe, raenge, robustheit
from analysis.vergleichsgruppe import MERKMALE
from analysis.wording import NBSP, aufzaehlung, datum, wert, zahl

BELASTUNG = "niedriger_guenstiger"
"""Direction of an indicator in the index that the catalogue gives none."""

RANG = ["rang", "anzahl", "rang_unten", "rang_oben"]
"""Columns of `raenge.raenge` that the report shows."""

AEHNLICH_AB = 5
"""Areas from which it makes sense to look for similar ones."""


def plaetze(s: Kreisprofil, seed: int) -> pd.DataFrame:
    """Rank of the area at every compared indicator with the ranks that chance allows.

    Returns
    -------
    pandas.DataFrame
        Index: indicator, in the order of the profile; `rang`, `anzahl`, `rang_unten`, `rang_oben` as `raenge.raenge`
        gives them (bounds NaN where the value has no interval), and `aussage`: what the possible ranks say, empty where
        they are not known. Indicators without a rank (fewer than three areas, no value) are left out.
    """
    found = {}
    for id in s.compared.index:
        table = raenge.raenge(s.werte[s.werte.indikator == id], seed=seed).set_index("ags")
        found[id] = table.loc[s.gebiet.ags, RANG]
    ranks = pd.DataFrame(list(found.values()), index=list(found), columns=RANG).dropna(subset="rang")
    return ranks.assign(aussage=["" if pd.isna(row.rang_unten) else _third(row) for row in ranks.itertuples()])


def rangtafel(s: Kreisprofil, ranks: pd.DataFrame) -> Ausgabe | None:
    """Rank of the area at every indicator with the ranks that chance allows (`plaetze`); None without any."""
    if ranks.empty:
        return None
    groups: dict[str, list[list[str]]] = {}
    for row in ranks.itertuples():
        groups.setdefault(s.indikator(row.Index).lebenslage, []).append(_rank_row(s, row))
    areas = s.gebiet.woerter
    return tables.tabelle(
        [tables.Spalte("Kennzahl"), tables.Spalte("Wert"), tables.Spalte("Rang"), tables.Spalte("Rang kann sein"),
         tables.Spalte("Aussage", zahl=False), tables.Spalte("Stand", zahl=False)],
        [tables.Gruppe(rows, titel=title) for title, rows in sorted(groups.items())],
        titel=f"Welchen Rang {areas.der} hat, und wie sicher er ist",
        name="raenge",
        quelle=s.quelle(list(ranks.index)),
        hinweise=[
            f"Rang 1 ist der höchste Wert von {s.kreise()}. „Rang kann sein“: alle Ränge, die mit 95 % Sicherheit "
            "möglich sind, wenn man den Zufall einrechnet. Reicht er fast von vorn bis hinten, sagt der Rang nichts."
        ],
    )  # fmt: skip


def _rank_row(s: Kreisprofil, row) -> list[str]:
    return [
        s.indikator(row.Index).label,
        s.wert(row.Index),
        f"{row.rang:.0f}{NBSP}von{NBSP}{row.anzahl:.0f}",
        _possible(row),
        row.aussage or "nicht prüfbar: Die Quelle nennt keine Anzahlen.",
        s.stand(row.Index).replace(NBSP, " "),
    ]


def _third(row) -> str:
    """What the ranks that are possible say: a third of all areas, a half, or nothing."""
    third, half = row.anzahl / 3, row.anzahl / 2
    if row.rang_oben <= math.ceil(third):
        return "im höchsten Drittel"
    if row.rang_unten > row.anzahl - math.ceil(third):
        return "im niedrigsten Drittel"
    if row.rang_oben <= half:
        return "in der höheren Hälfte"
    if row.rang_unten > half:
        return "in der niedrigeren Hälfte"
    return "kein sicherer Platz"


def rangbild(s: Kreisprofil, id: str, seed: int) -> Ausgabe | None:
    """One indicator for all areas by name with intervals and possible ranks; None where others have no value."""
    if s.indikator(id).id not in s.compared.index:
        return None
    indikator = s.indikator(id)
    werte = s.werte[(s.werte.indikator == id) & s.werte.anteil.notna()]
    ranks = raenge.raenge(werte, seed=seed)
    table = werte.merge(ranks[["ags", "rang", "rang_unten", "rang_oben"]], on="ags", validate="one_to_one")
    figure, (ax,) = figures.new_figure(0.8 + 0.27 * len(table))
    rangpunkte(ax, table, s.gebiet.ags, indikator)
    titel = f"{indikator.label} in {len(table)} {s.gebiet.woerter.dativ}, {s.stand(id)}"
    ordered = table.sort_values(["rang", "name"])
    quelle = s.quelle([id])
    return figures.abbildung(
        figure,
        name=f"rang_{id}",
        titel=titel,
        einheit="Wert mit Schwankungsbereich (95 %); rechts der Rang und die möglichen Ränge",
        quelle=quelle,
        alternativtext=bildtexte.rangpunkte(table, s.gebiet.ags, indikator),
        daten=tables.tabelle(
            [tables.Spalte(t) for t in (s.gebiet.woerter.einzahl, "Wert", "Rang", "Rang kann sein")],
            [tables.Gruppe([_named_rank(s, id, row) for row in ordered.itertuples()])],
            titel=titel,
            quelle=quelle,
        ),
    )


def _named_rank(s: Kreisprofil, id: str, row) -> list[str]:
    return [row.name, wert(row.anteil, s.indikator(id)), f"{row.rang:.0f}", _possible(row)]


def _possible(row) -> str:
    """Ranks that chance allows."""
    if pd.isna(row.rang_unten):
        return "nicht berechenbar"
    return _span(row.rang_unten, row.rang_oben)


def _span(first: float, last: float) -> str:
    return f"{first:.0f}" if first == last else f"{first:.0f}{NBSP}bis {last:.0f}"


def aehnlich(s: Kreisprofil) -> Ausgabe | None:
    """The areas that are most similar in all compared indicators, and in what they differ; None with too few.

    Where the similar Kreise already are the comparison group: these, and by what they were chosen.
    """
    if s.gruppe.nachbarn is not None:
        return _neighbours(s, s.gruppe.nachbarn)
    wide = _complete(s, [id for id in s.compared.index if s.compared.anzahl[id] == s.anzahl])
    areas = s.gebiet.woerter
    if len(wide) < AEHNLICH_AB or wide.shape[1] < 3 or s.gebiet.ags not in wide.index:
        return None
    near = aehnliche.aehnliche(wide, s.gebiet.ags, anzahl=min(5, len(wide) - 1))
    names = s.werte.drop_duplicates("ags").set_index("ags").name
    rows = [
        [names[row.ags], zahl(row.abstand, 1), str(row.gemeinsam), _differences(s, row.unterschiede)]
        for row in near.itertuples()
    ]
    return tables.tabelle(
        [tables.Spalte(areas.einzahl), tables.Spalte("Abstand"), tables.Spalte("Kennzahlen"),
         tables.Spalte("Deutlich anders bei", zahl=False)],
        [tables.Gruppe(rows)],
        titel=f"{areas.mehrzahl}, die am ähnlichsten sind",
        name="aehnlich",
        quelle=s.quelle(list(wide.columns)),
        hinweise=[
            "Abstand: je kleiner, desto ähnlicher. Er fasst die Unterschiede bei allen Kennzahlen zusammen, jede in "
            f"ihrer eigenen Streuung gemessen. Ähnlich heißt nicht gleich: Auch die ähnlichsten {areas.mehrzahl} "
            "können sich in einzelnen Punkten unterscheiden."
        ],
    )  # fmt: skip


def _neighbours(s: Kreisprofil, nachbarn: pd.DataFrame) -> Ausgabe:
    rows = [
        [name(row.ags), zahl(row.bevoelkerung), *(wert(row[id], s.indikator(id)) for id in MERKMALE),
         "eigener Wert" if pd.isna(row.abstand) else zahl(row.abstand, 1)]
        for _, row in nachbarn.iterrows()
    ]  # fmt: skip
    return tables.tabelle(
        [tables.Spalte(s.gebiet.woerter.einzahl), tables.Spalte("Bevölkerung"),
         *(tables.Spalte(s.indikator(id).kurz) for id in MERKMALE), tables.Spalte("Abstand")],
        [tables.Gruppe(rows, hervor=[0])],
        titel=f"{s.gebiet.woerter.mehrzahl}, mit denen verglichen wird, und warum",
        name="aehnlich",
        quelle=f"{s.genannt(s.quellen(MERKMALE))}. Stand: {datum(nachbarn.stichtag.iloc[0])}",
        hinweise=[
            "Abstand: je kleiner, desto ähnlicher. Er fasst die Unterschiede beim Logarithmus der Bevölkerung und bei "
            "den beiden Anteilen zusammen, jeden in seiner eigenen Streuung gemessen. Kennzahlen, die nur aus diesen "
            "Zahlen gerechnet sind, werden in dieser Gruppe nicht verglichen."
        ],
    )  # fmt: skip


def _complete(s: Kreisprofil, ids: list[str]) -> pd.DataFrame:
    """Areas × indicators, without indicators that do not vary."""
    if not ids:
        return pd.DataFrame()
    wide = eingabe.breit(s.werte[s.werte.indikator.isin(ids)])
    return wide.loc[:, wide.nunique() > 1]


def _differences(s: Kreisprofil, ids: str) -> str:
    found = [s.indikator(id.strip()).kurz for id in ids.split(",") if id.strip()][:3]
    return "; ".join(found) or "nichts Deutliches"


def index(s: Kreisprofil, kennzahlen: str, seed: int) -> Ausgabe | None:
    """Composite Sozialindex, with the ranks that other ways of making it give.

    `kennzahlen` are ids of indicators; one without a direction counts as a burden where it is high. Empty: all
    indicators with a direction.
    """
    named = [s.indikator(id) for id in kennzahlen.replace(",", " ").split()]
    with_direction = [i for i in map(s.indikator, s.compared.index) if i.richtung != "ohne" and i.art != "produkt"]
    richtung = {i.id: BELASTUNG if i.richtung == "ohne" else i.richtung for i in named or with_direction}
    ids = [id for id in richtung if id in s.compared.index and s.compared.anzahl[id] == s.anzahl]
    wide = _complete(s, ids).dropna()
    areas = s.gebiet.woerter
    if len(wide) < AEHNLICH_AB or wide.shape[1] < 3 or s.gebiet.ags not in wide.index:
        return None
    ids = list(wide.columns)
    lebenslage = {id: s.indikator(id).lebenslage for id in ids}
    ranks, _ = robustheit.robustheit(wide, richtung, seed=seed, lebenslage=lebenslage)
    names = s.werte.drop_duplicates("ags").set_index("ags").name
    order = ranks.reset_index(drop=True)
    rows = [
        [f"{row.rang:.0f}", names[row.ags], _span(row.rang_minimum, row.rang_maximum),
         _span(row.rang_gewichte_unten, row.rang_gewichte_oben)]
        for row in order.itertuples()
    ]  # fmt: skip
    return tables.tabelle(
        [tables.Spalte("Platz"), tables.Spalte(areas.einzahl, zahl=False), tables.Spalte("Platz je nach Rechenweg"),
         tables.Spalte("Platz je nach Gewicht (95 %)")],
        [tables.Gruppe(rows, hervor=[int(n) for n in order.index[order.ags == s.gebiet.ags]])],
        titel=f"Sozialindex aus {len(ids)} Kennzahlen: Platz 1 hat die größte Belastung",
        name="sozialindex",
        quelle=s.quelle(ids),
        hinweise=[
            f"Kennzahlen: {aufzaehlung([s.indikator(id).kurz for id in ids])}. Je Rechenweg: "
            f"{zahl(order.varianten[0])} Arten, den Index zu bilden (andere Umrechnung, andere Gewichte, eine "
            "Kennzahl weggelassen). Ein Index ist immer eine Entscheidung darüber, was zählt. Wo die Plätze weit "
            "auseinander liegen, sagt er nichts. Der Zufall in den Kennzahlen selbst ist nicht eingerechnet."
        ],
    )  # fmt: skip


def kurz(s: Kreisprofil, ranks: pd.DataFrame) -> list[str]:
    """Sentences for the summary: where the area surely is among the highest or lowest third.

    Only indicators that have a name in plain words are told.
    """
    texts, explained = [], []
    for end, said in (("höchste", "weit oben"), ("niedrigste", "weit unten")):
        there = map(s.indikator, ranks.index[ranks.aussage == f"im {end}n Drittel"])
        names = list(dict.fromkeys(i.einfach for i in there if i.einfach))  # register and official count alike
        if names:
            texts += [f"Hier lag {s.gebiet.woerter.der} sicher {said}:", *(f"{name}." for name in names)]
            explained.append(f"„{said.capitalize()}“ ist das {end} Drittel.")
    if texts:
        years = aufzaehlung([str(year) for year in sorted({day.year for day in s.compared.stichtag})])
        texts.append(f"Verglichen sind die Werte von {s.kreise()} aus {years}. {explained[0]}")
    return [*filter(None, [s.gruppe.kurz]), *texts]


def vergleichssatz(s: Kreisprofil, ranks: pd.DataFrame) -> Ausgabe:
    """In short: at what the area surely is among the highest or lowest third."""
    if s.klein:
        return outputs.saetze([ZU_KLEIN])
    if ranks.empty:
        others = f"Für andere {s.gebiet.woerter.mehrzahl} {s.gebiet.rahmen}"
        return outputs.saetze([f"{others} liegen keine Zahlen vor. Deshalb fehlt hier der Vergleich."])
    texts = []
    for where in ("im höchsten Drittel", "im niedrigsten Drittel"):
        names = [s.indikator(id).kurz for id in ranks.index[ranks.aussage == where]]
        if names:
            texts.append((f"Sicher {where}:", aufzaehlung(names) + "."))
    rest, tested = (ranks.aussage == "kein sicherer Platz").sum(), (ranks.aussage != "").sum()
    if rest:
        texts.append(
            ("Kein sicherer Platz:", f"{zahl(rest)} von {zahl(tested)} Kennzahlen. Dort kann der Rang Zufall sein.")
        )
    texts = texts or ["Bei keiner Kennzahl ist ein Platz im höchsten oder niedrigsten Drittel sicher."]
    return outputs.saetze([*filter(None, [s.gruppe.satz]), *texts])
