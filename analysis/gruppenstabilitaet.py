"""How robust groups are, by other draws and other choices: for experts, in `notebooks/03_gemeindecluster.ipynb`."""

import numpy as np
import pandas as pd

from analysis import figures, outputs, tables
from analysis.bildtexte import gruppen as bildtexte
from analysis.clusters.anzahl import je_verfahren
from analysis.clusters.empfindlichkeit import sensitivity
from analysis.gruppenmethode import GENANNT, SKALIERUNGEN, VERFAHREN
from analysis.gruppenprofil import Gruppenprofil
from analysis.outputs import Ausgabe, Folge
from analysis.plots import gruppen as plots
from analysis.wording import NBSP, aufzaehlung, zahl

AEHNLICH_AB, GLEICH_AB = 0.65, 0.9
"""Adjusted Rand index from which two groupings are said to be similar, to be nearly the same (Steinley 2004)."""

GEWICHTUNGEN = {
    "kennzahlen": "jede Kennzahl zählt gleich",
    "lebenslagen": "jede Lebenslage zählt gleich",
    "hauptkomponenten": "Hauptkomponenten statt Kennzahlen",
    "keine_hauptkomponenten": "Kennzahlen statt Hauptkomponenten",
}

ZIEHUNGEN = 50
"""Resamples by which the methods are compared."""


def bestaendigkeit(s: Gruppenprofil) -> Folge | None:
    """How often each group came out again, and how often two areas were in the same; None without groups."""
    shown = tuple(output for output in (stabilitaet(s), gemeinsam(s)) if output is not None)
    return Folge(shown) if shown else None


def stabilitaet(s: Gruppenprofil) -> Ausgabe | None:
    """How often each group came out again, beside what data without structure give."""
    if s.k < 2:
        return None
    rows = [
        [f"Gruppe {n}", zahl(int(r.anzahl)), zahl(r.jaccard, 2), zahl(r.schwelle, 2), _percent(r.wiedergefunden),
         _percent(r.aufgeloest), "ja" if r.stabil else "nein"]
        for n, r in s.gruppierung.stabil.iterrows()
    ]  # fmt: skip
    return tables.tabelle(
        [tables.Spalte("Gruppe"), tables.Spalte("Gebiete"), tables.Spalte("Jaccard"),
         tables.Spalte("ohne Struktur bis"), tables.Spalte("wiedergefunden"), tables.Spalte("aufgelöst"),
         tables.Spalte("stabil", zahl=False)],
        [tables.Gruppe(rows)],
        titel="Wie beständig jede Gruppe ist",
        name="stabilitaet",
        quelle=s.quelle(),
        hinweise=[
            f"{zahl(s.gruppierung.B)} Ziehungen der Gebiete mit Zurücklegen. Wiedergefunden: Jaccard über 0,75; "
            "aufgelöst: höchstens 0,5. Die üblichen Grenzen reichen allein nicht, weil auch Zufallsdaten hohe Werte "
            "geben. Deshalb gilt eine Gruppe erst als stabil, wenn sie auch die Grenze ohne Struktur übertrifft.",
        ],
    )  # fmt: skip


def _percent(share: float) -> str:
    return f"{zahl(share * 100)}{NBSP}%"


def empfindlichkeit(s: Gruppenprofil) -> Ausgabe:
    """How far the groups depend on single indicators, scaling, method, and the noise of the figures."""
    if s.k < 2:
        return outputs.saetze(["Ohne Gruppen gibt es hier nichts zu prüfen."])
    table = sensitivity(s.vorbereitet, s.k, s.verfahren, s.startwert)
    named = {
        "indikator": lambda x: f"ohne {aufzaehlung([f'„{s.indikator(i).kurz}“' for i in x.split(', ')])}",
        "skalierung": lambda x: f"Maßstab: {SKALIERUNGEN.get(x, x)}",
        "verfahren": lambda x: f"Verfahren: {VERFAHREN.get(x, x)}",
        "gewichtung": GEWICHTUNGEN.get,
        "rauschen": lambda x: "Werte innerhalb ihrer Schwankungsbereiche neu gezogen",
    }
    rows = [
        [named[r.was](r.ohne), _rand(r), "nicht möglich" if pd.isna(r.rand) else _alike(r.rand), _movers(s, r)]
        for r in table.itertuples()
    ]
    return tables.tabelle(
        [tables.Spalte("Was anders ist"), tables.Spalte("Wie gleich"), tables.Spalte("Heißt", zahl=False),
         tables.Spalte("Wer anders liegt", zahl=False)],
        [tables.Gruppe(rows)],
        titel="Ob andere Entscheidungen dieselben Gruppen ergeben",
        name="empfindlichkeit",
        quelle=s.quelle(),
        hinweise=[
            "Wie gleich: 1 heißt dieselben Gruppen, 0 so viel wie durch Los (korrigierter Rand-Index). Stark "
            "zusammenhängende Kennzahlen fallen auch gemeinsam weg. Beim Neuziehen der Werte steht der Median und "
            "der kleinste von 50 Versuchen. Kennzahlen ohne Schwankungsbereich bleiben dabei unverändert.",
        ],
    )  # fmt: skip


def _rand(row) -> str:
    if pd.isna(row.rand):
        return "nicht möglich"
    low = f" (kleinste {zahl(row.rand_minimum, 2)})" if row.was == "rauschen" else ""
    return f"{zahl(row.rand, 2)}{low}"


def _movers(s: Gruppenprofil, row) -> str:
    """Areas that are in another group; of many their number."""
    moved = row.gewechselt.split(", ") if row.gewechselt else []
    if len(moved) > GENANNT:
        return f"{zahl(len(moved))} Gebiete"
    absent = "entfällt" if row.was == "rauschen" or pd.isna(row.rand) else "keines"
    return aufzaehlung(sorted(s.gebiete.namen[ags] for ags in moved)) or absent


def _alike(rand: float) -> str:
    return "fast dieselben" if rand >= GLEICH_AB else "ähnliche" if rand >= AEHNLICH_AB else "andere Gruppen"


def gemeinsam(s: Gruppenprofil) -> Ausgabe | None:
    """Consensus matrix: how often two areas come into the same group; None without groups, or of very many areas."""
    if s.k < 2 or s.gruppierung.konsens is None:
        return None
    groups = s.gruppierung.labels[s.grouped]
    order = sorted(s.grouped, key=lambda ags: (groups[ags], s.gebiete.namen[ags]))
    matrix = s.gruppierung.konsens.loc[order, order]
    between = _between(matrix, groups[order])
    names = [s.gebiete.namen[ags] for ags in order]
    few = len(order) <= plots.BLAETTER
    figure, (ax,) = figures.new_figure(1.4 + 0.17 * len(order) if few else 5.2)
    plots.konsens(ax, matrix.to_numpy(), groups[order].to_numpy(), names if few else [])
    titel = f"Wie oft zwei {s.gebiete.woerter.mehrzahl} in dieselbe Gruppe kommen"
    rows = [[f"Gruppe {one}", *(_percent(share) for share in row)] for one, row in between.iterrows()]
    return figures.abbildung(
        figure,
        name="gemeinsam",
        titel=titel,
        einheit=f"Anteil an {zahl(s.gruppierung.B)} Ziehungen: je dunkler, desto öfter",
        quelle=s.quelle(),
        alternativtext=bildtexte.konsens(between),
        daten=tables.tabelle(
            [tables.Spalte("Mittel zwischen"), *(tables.Spalte(f"Gruppe {n}") for n in between.columns)],
            [tables.Gruppe(rows)],
            titel=titel,
            quelle=s.quelle(),
            hinweise=["Ein Gebiet mit sich selbst zählt nicht mit. „entfällt“: Die Gruppe hat nur ein Gebiet."],
        ),
    )


def _between(matrix: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
    """Mean of the consensus of the areas of two groups, without that of an area with itself."""
    pairs = matrix.mask(np.eye(len(matrix), dtype=bool))
    member = pd.get_dummies(groups).astype(float)
    there = pairs.notna().astype(float)
    sums, counts = (member.T @ table.to_numpy() @ member.to_numpy() for table in (pairs.fillna(0.0), there))
    return (sums / counts.where(counts > 0)).set_axis(member.columns, axis=1)


def je_verfahren_tafel(s: Gruppenprofil) -> Ausgabe:
    """Separation and stability of the groups that every method gives, for each number of groups."""
    if not s.k:
        return outputs.saetze(["Verfahren lassen sich hier nicht vergleichen."])
    ks = [k for k in s.gruppierung.kriterien.k if k > 1]
    table = je_verfahren(s.vorbereitet.matrix.to_numpy(), ks, s.startwert, B=ZIEHUNGEN)
    cells = {(r.verfahren, r.k): f"{zahl(r.silhouette, 2)} / {zahl(r.jaccard, 2)}" for r in table.itertuples()}
    rows = [[VERFAHREN[name], *(cells[name, k] for k in ks)] for name in VERFAHREN]
    return tables.tabelle(
        [tables.Spalte("Verfahren"), *(tables.Spalte(f"{k} Gruppen") for k in ks)],
        [tables.Gruppe(rows, hervor=[list(VERFAHREN).index(s.verfahren)])],
        titel="Was andere Verfahren ergeben: Silhouette / Jaccard der schwächsten Gruppe",
        name="verfahren",
        quelle=s.quelle(),
        hinweise=[
            f"Jaccard aus {zahl(ZIEHUNGEN)} Ziehungen der Gebiete. Hervorgehoben ist das Verfahren dieses Berichts. "
            "Der Vergleich mit Daten ohne Struktur fehlt hier; ein hoher Wert allein ist deshalb kein Beleg.",
        ],
    )
