"""How many groups, from which numbers: for experts, in `notebooks/03_gemeindecluster.ipynb`."""

import pandas as pd

from analysis import figures, outputs, tables
from analysis.bildtexte import gruppen as bildtexte
from analysis.clusters.anzahl import gap_wahl
from analysis.clusters.baeume import BAEUME
from analysis.clusters.verfahren import tree
from analysis.clusters.vorbereitung import Vorbereitet
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

WICHTIG = 0.3
"""Loading from which an indicator is named with a principal component."""


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
            f"werden. Gap entscheidet nichts; {_gap(table)}.",
        ],
    )  # fmt: skip


def _gap(table: pd.DataFrame) -> str:
    """What the gap statistic would choose, as far as several numbers of groups were looked at."""
    if len(table) <= 2:
        return "seine Regel braucht mehrere Zahlen"
    chosen = gap_wahl(table)
    return f"seine Regel wählt hier {'keine Gruppen' if chosen == 1 else f'{zahl(chosen)} Gruppen'}"


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


def wechsel(s: Gruppenprofil) -> Ausgabe | None:
    """Who is in another group than on the earlier day, and whether so many change by chance; None without a day."""
    if s.frueher is None:
        return None
    if s.k < 2:
        return outputs.saetze([f"Ohne Gruppen lässt sich nichts mit dem {datum(s.frueher)} vergleichen."])
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
    other = [g.namen[ags] for ags, n in w.gebiete.heute.items() if n != s.gruppierung.labels[ags]]
    if other:
        named = aufzaehlung(sorted(other)) if len(other) <= GENANNT else f"{zahl(len(other))} Gebiete"
        left_out += f" Mit diesen Kennzahlen liegt heute in einer anderen Gruppe als oben: {named}."
    have = "hat" if w.anzahl == 1 else "haben"
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
            f"{zahl(w.anzahl)} von {zahl(len(w.gebiete))} Gebieten {have} gewechselt. {chance} Die Gruppen beider Tage "
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
    if v.ladungen is not None:
        groups["Hauptkomponenten und welche Kennzahlen sie bestimmen"] = [
            [name, _loadings(s, part)] for name, part in v.ladungen.items()
        ]
    few = [g.namen[a] for a in g.kleine] if len(g.kleine) <= GENANNT else [f"{zahl(len(g.kleine))} Gebiete"]
    groups["Nicht verwendet"] += [[name, "zu wenige Einwohner"] for name in few]
    groups["Nicht verwendet"] += [[name, "keine Zahlen im Bestand"] for name in s.ohne_zahlen]
    rows = [tables.Gruppe(found or [["keine", "nichts zu sagen"]], titel=title) for title, found in groups.items()]
    return tables.tabelle(
        [tables.Spalte("Was"), tables.Spalte("Wie oder warum", zahl=False)],
        rows,
        titel="Wie die Zahlen vorbereitet sind",
        name="vorbereitung",
        quelle=s.quelle(),
        hinweise=[
            f"Verfahren: {VERFAHREN[s.verfahren]}; Maßstab: {SKALIERUNGEN[s.skalierung]}; {_weighting(v)}. Anteile und "
            "Raten aus "
            "Anzahlen sind geglättet: Werte kleiner Gebiete sind zum Mittel aller hingezogen.",
        ],
    )


def _loadings(s: Gruppenprofil, ladungen: pd.Series) -> str:
    """Indicators with the largest loadings of a component."""
    largest = ladungen[ladungen.abs() >= WICHTIG].sort_values(key=lambda x: -x.abs(), kind="stable")
    return "; ".join(f"{s.indikator(id).kurz} {plots.signed(value, 2)}" for id, value in largest.items())


def _weighting(v: Vorbereitet) -> str:
    """What counts how much."""
    weights = v.regel.gewichte
    if weights is None:
        text = "jede Kennzahl zählt gleich"
    elif len(set(weights.values())) == 1:
        text = "jede Lebenslage zählt gleich"
    else:
        used = {v.regel.lebenslage[id] for id in v.roh}
        text = f"Gewichte: {'; '.join(f'{name} {zahl(w, 2)}' for name, w in weights.items() if name in used)}"
    if v.ladungen is None:
        return text
    return f"{text}; gruppiert nach {zahl(v.ladungen.shape[1])} Hauptkomponenten mit 90{NBSP}% der Streuung"
