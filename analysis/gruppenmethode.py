"""How many groups, how robust, in which places: the second half of `notebooks/03_gemeindecluster.ipynb`."""

import pandas as pd

from analysis import figures, outputs, tables
from analysis.bildtexte import gruppen as bildtexte
from analysis.clusters.anzahl import gap_wahl
from analysis.clusters.baeume import BAEUME
from analysis.clusters.empfindlichkeit import sensitivity
from analysis.clusters.verfahren import tree
from analysis.gruppenprofil import Gruppenprofil
from analysis.observations import GRUENDE
from analysis.outputs import Ausgabe
from analysis.plots import gruppen as plots
from analysis.wording import NBSP, aufzaehlung, datum, zahl

VERFAHREN = {
    "ward": "Ward",
    "average": "mittlere Entfernung (Average Linkage)",
    "kmeans": "k-means",
    "kmedoids": "k-medoids",
    "gmm": "Mischung von Normalverteilungen",
}
SKALIERUNGEN = {"z": "Standardabweichungen", "robust": "Median und Quartile", "rang": "Ränge"}

UMGEFORMT = {"keine": "nicht umgeformt", "wurzel": "Wurzel", "log": "Logarithmus"}

GENANNT = 12
"""Areas that are named one by one at most."""

AEHNLICH_AB, GLEICH_AB = 0.65, 0.9
"""Adjusted Rand index from which two groupings are said to be similar, to be nearly the same (Steinley 2004)."""


def kriterien(s: Gruppenprofil) -> Ausgabe:
    """Criteria for every number of groups beside what data without structure give, and the plan."""
    if not s.k:
        return outputs.saetze(["Wie viele Gruppen es gibt, lässt sich nicht prüfen: Es liegen zu wenige Werte vor."])
    table = s.gruppierung.kriterien
    rows = [
        ["keine Gruppen" if r.k == 1 else f"{r.k} Gruppen", _number(r.silhouette, 2), _number(r.silhouette_schwelle, 2),
         _number(r.jaccard, 2), _number(r.jaccard_schwelle, 2), _number(r.calinski_harabasz, 1), _number(r.gap, 2),
         "entfällt" if r.k == 1 else "ja" if r.belegt else "nein"]
        for r in table.itertuples()
    ]  # fmt: skip
    plan = (
        "Gewählt wird unter den belegten Zahlen die mit der höchsten Silhouette; ist keine belegt, heißt das Ergebnis "
        "„keine stabile Gruppenstruktur“."
        if s.gruppierung.gewaehlt
        else f"Die Zahl der Gruppen ({s.k}) war vorgegeben."
    )
    return tables.tabelle(
        [tables.Spalte("Zahl der Gruppen"), tables.Spalte("Silhouette"), tables.Spalte("ohne Struktur bis"),
         tables.Spalte("Jaccard der schwächsten"), tables.Spalte("ohne Struktur bis"),
         tables.Spalte("Calinski-Harabasz"), tables.Spalte("Gap"), tables.Spalte("Belegt", zahl=False)],
        [tables.Gruppe(rows, hervor=[n for n, r in enumerate(table.itertuples()) if r.k == s.k])],
        titel="Wie viele Gruppen es gibt",
        name="kriterien",
        quelle=s.quelle(),
        hinweise=[
            f"{zahl(len(s.grouped))} Gebiete. {plan} Belegt: Silhouette und Jaccard liegen beide über dem Wert, den "
            "Daten ohne Struktur kaum übertreffen (in höchstens 2 bis 3 von 100 Fällen, weil hier mehrere Zahlen "
            "geprüft werden; Jaccard mindestens 0,75). Silhouette: wie klar "
            "die Gruppen getrennt sind. Jaccard: wie ähnlich eine Gruppe wiederkommt, wenn die Gebiete neu gezogen "
            f"werden. Gap entscheidet nichts; seine Regel wählt hier {_gap(table)}.",
        ],
    )  # fmt: skip


def _gap(table: pd.DataFrame) -> str:
    """What the gap statistic would choose, as far as several numbers of groups were looked at."""
    if len(table) <= 2:
        return "nicht"
    chosen = gap_wahl(table)
    return "keine Gruppen" if chosen == 1 else f"{zahl(chosen)} Gruppen"


def _number(value: float, digits: int) -> str:
    return "entfällt" if pd.isna(value) else zahl(value, digits)


def baum(s: Gruppenprofil) -> Ausgabe | None:
    """Tree of the merges by Ward, or by the linkage that the groups were made with; None without groups to make."""
    if not s.k:
        return None
    method = s.verfahren if s.verfahren in BAEUME else "ward"
    linkage = tree(s.vorbereitet.matrix.to_numpy(), method)
    groups = s.gruppierung.labels[s.grouped].to_numpy()
    names = [s.gebiete.namen[ags] for ags in s.grouped]
    figure, (ax,) = figures.new_figure(1.2 + 0.2 * min(len(names), plots.BLAETTER))
    cut = s.k if method == s.verfahren else 1
    plots.baum(ax, linkage, names, groups, cut)
    titel = f"Wie sich die {s.gebiete.woerter.mehrzahl} zusammenlegen lassen"
    other = "" if cut == s.k else f" (Ward; die Gruppen sind mit {VERFAHREN[s.verfahren]} gebildet)"
    steps = [["Vorletzter" if n == 2 else "Letzter" if n == 1 else f"{n}. vor Schluss", f"{n + 1} in {n}", zahl(h, 2)]
             for n, h in zip(range(min(8, len(linkage)), 0, -1), linkage[-8:, 2], strict=True)]  # fmt: skip
    return figures.abbildung(
        figure,
        name="baum",
        titel=titel,
        einheit=f"Je weiter links zwei Äste sich treffen, desto unähnlicher sind sie{other}",
        quelle=s.quelle(),
        alternativtext=bildtexte.baum(linkage, groups, cut),
        daten=tables.tabelle(
            [tables.Spalte("Schritt"), tables.Spalte("Gruppen", zahl=False), tables.Spalte("Unähnlichkeit")],
            [tables.Gruppe(steps)],
            titel=f"{titel}: die letzten Schritte",
            quelle=s.quelle(),
        ),
    )


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


def wechsel(s: Gruppenprofil) -> Ausgabe | None:
    """Who is in another group than on the earlier day, and whether so many change by chance; None without a day."""
    if s.frueher is None or s.k < 2:
        return None
    if s.wechsel is None:
        return outputs.saetze(
            [f"Mit dem {datum(s.frueher)} lässt sich nicht vergleichen: Es fehlen vergleichbare Werte an diesem Tag."]
        )
    w, g = s.wechsel, s.gebiete
    moved = w.gebiete[w.gebiete.gewechselt]
    rows = [[g.namen[ags], f"Gruppe {r.frueher}" if r.frueher else "eine andere", f"Gruppe {r.heute}"]
            for ags, r in moved.iterrows()]  # fmt: skip
    without = [s.indikator(id).kurz for id in s.ids if id not in s.vergleichbar]
    left_out = f" Nicht vergleichbar und deshalb weggelassen: {aufzaehlung(without)}." if without else ""
    chance = (
        "Ob das Zufall ist, lässt sich nicht prüfen: Die Kennzahlen haben keinen Schwankungsbereich."
        if not len(w.zufall)
        else f"Allein durch Zufall wechseln im Mittel {zahl(w.zufall.mean(), 1)} Gebiete. "
        + ("Es sind mehr, als der Zufall erklärt." if w.mehr_als_zufall else "Mehr als Zufall ist nicht erkennbar.")
    )
    return tables.tabelle(
        [tables.Spalte(g.woerter.einzahl), tables.Spalte("Früher", zahl=False), tables.Spalte("Heute", zahl=False)],
        [tables.Gruppe(sorted(rows) or [["keine", "gleich", "gleich"]])],
        titel=f"Wer seit dem {datum(s.frueher)} die Gruppe gewechselt hat",
        name="wechsel",
        quelle=s.quelle(s.vergleichbar),
        hinweise=[
            f"{zahl(w.anzahl)} von {zahl(len(w.gebiete))} Gebieten haben gewechselt. {chance} Die Gruppen beider Tage "
            f"sind mit denselben Kennzahlen neu gebildet und einander zugeordnet.{left_out}",
        ],
    )  # fmt: skip


def vorbereitung(s: Gruppenprofil) -> Ausgabe:
    """What was left out, replaced, transformed, correlated, and which areas stand apart."""
    if not s.k:
        return outputs.saetze(["Es wurde nichts gruppiert."])
    v, g = s.vorbereitet, s.gebiete

    def named(key: str) -> str:
        return g.namen.get(key) or s.indikator(key).kurz

    groups = {
        "Nicht verwendet": [[named(r.schluessel), r.grund] for r in v.ausgelassen.itertuples()],
        "Ersetzte Werte": [
            [f"{named(r.ags)}, {named(r.indikator)}", f"{r.wodurch}; Grund: {GRUENDE.get(r.grund, r.grund)}"]
            for r in v.ersetzt.itertuples()
        ],
        "Umgeformt, weil schief verteilt": [[named(id), UMGEFORMT[how]] for id, how in v.umgeformt.items()
                                            if how != "keine"],
        "Kennzahlen, die stark zusammenhängen und so zusammen mehr zählen": [
            [f"{named(r.indikator)} und {named(r.anderer)}", f"Korrelation {plots.signed(r.r, 2)}"]
            for r in v.korreliert.itertuples()
        ],
        "Gebiete, die für sich stehen": [
            [named(r.ags), f"wegen {aufzaehlung([named(i) for i in r.indikatoren.split(', ')])}"]
            for r in v.ausreisser.itertuples()
        ],
    }  # fmt: skip
    few = [g.namen[a] for a in g.kleine] if len(g.kleine) <= GENANNT else [f"{zahl(len(g.kleine))} Gebiete"]
    groups["Nicht verwendet"] += [[name, "zu wenige Einwohner"] for name in few]
    rows = [tables.Gruppe(found or [["keine", "nichts zu sagen"]], titel=title) for title, found in groups.items()]
    return tables.tabelle(
        [tables.Spalte("Was"), tables.Spalte("Wie oder warum", zahl=False)],
        rows,
        titel="Wie die Zahlen vorbereitet sind",
        name="vorbereitung",
        quelle=s.quelle(),
        hinweise=[
            f"Verfahren: {VERFAHREN[s.verfahren]}; Maßstab: {SKALIERUNGEN[s.skalierung]}. Anteile und Raten aus "
            "Anzahlen sind geglättet: Werte kleiner Gebiete sind zum Mittel aller hingezogen.",
        ],
    )
