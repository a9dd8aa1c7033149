"""The Gemeinden of a Kreis beside each other: what `notebooks/06_gemeinden.ipynb` shows, one function per cell."""

import pandas as pd

from analysis import figures, outputs, tables
from analysis.anhang import quellentafel
from analysis.bezug import bezug
from analysis.bildtexte import karte as kartentexte
from analysis.bildtexte import trichter as trichtertexte
from analysis.funnel import funnel, funnel_limits
from analysis.innenprofil import Innenprofil
from analysis.observations import GRUENDE
from analysis.outputs import Ausgabe, Folge
from analysis.plots import kacheln, trichter
from analysis.plots import karte as karten
from analysis.pooling import pooled
from analysis.regeltexte import nicht_gezeigt, regeltafel
from analysis.smoothing import empirical_bayes
from analysis.vergleich import segregation as ungleich
from analysis.wording import NBSP, aufzaehlung, datum, spanne, wert, zahl

JAHRE = 3
"""Years that are put together for small areas."""

NAN = float("nan")

LAGE = {
    "unter_998": "sicher niedriger",
    "unter_95": "eher niedriger",
    "innerhalb": "im Rahmen des Zufalls",
    "ueber_95": "eher höher",
    "ueber_998": "sicher höher",
    "": "kein Wert",
}
"""Place in the funnel → how the table says it."""


def kopf(s: Innenprofil, sprache: str = "de") -> Ausgabe:
    """Head of the report; `sprache` is the language of the page's fixed words (`de`, `en`)."""
    areas = s.woerter
    return outputs.kopf(
        titel=f"{areas.mehrzahl} {s.kreis.wo}",
        untertitel=f"Wie sich die {areas.mehrzahl} unterscheiden, und wie sicher das ist",
        stand=f"Die neuesten Zahlen sind von {s.werte.stichtag.max().year}. "
        + ("Kreis und Zahlen sind erfunden." if s.kreis.erfunden else "Heute können die Verhältnisse anders sein."),
        sprache=sprache,
    )


def in_kuerze(s: Innenprofil, id: str) -> Ausgabe:
    """The most important in short sentences."""
    absaetze = ["Diesen Kreis gibt es nicht. Alle seine Zahlen sind erfunden."] if s.kreis.erfunden else []
    areas, indikator, table = s.woerter, s.indikator(id), _funnel(s, id)
    name = indikator.einfach or indikator.kurz
    absaetze.append(f"Es gibt hier {zahl(len(s.einwohner))} {areas.mehrzahl}.")
    if table is None:
        absaetze.append(f"{name}: Dazu gibt es keine Zahlen für die {areas.mehrzahl}.")
    else:
        known = int((table.lage != "").sum())
        sure = {lage: sorted(table.name[table.lage == lage]) for lage in ("ueber_998", "unter_998")}
        chance = known - sum(map(len, sure.values()))
        absaetze.append(f"{name}: Zusammen sind es {wert(table.mittel.iloc[0], indikator)}.")
        absaetze += [
            f"Sicher {word} sind es hier: {aufzaehlung(names)}."
            for names, word in zip(sure.values(), ("mehr", "weniger"), strict=True)
            if names
        ]
        absaetze.append(f"Bei {zahl(chance)} von {zahl(known)} kann es Zufall sein, wenn sie anders sind.")
    if s.kleine:
        few = "Eine ist" if len(s.kleine) == 1 else f"{zahl(len(s.kleine))} sind"
        absaetze.append(f"{few} sehr klein. Dort zeigen wir nur, wie viele da leben. So wird niemand erkannt.")
    return outputs.kuerze(absaetze)


def _funnel(s: Innenprofil, id: str) -> pd.DataFrame | None:
    """Places of the areas around their common value; None without counts."""
    rows = s.of(id)
    known = rows[rows.zaehler.notna() & (rows.nenner > 0)]
    if len(known) < 3 or s.indikator(id).art not in ("anteil", "rate"):
        return None
    return funnel(rows, s.indikator(id).art)


def karte(s: Innenprofil, id: str) -> Ausgabe:
    """One indicator as a map; as tiles where no boundaries are there."""
    rows, indikator = s.of(id), s.indikator(id)
    if rows.anteil.notna().sum() < 2 or (s.flaechen.empty and s.orte.empty):
        return outputs.saetze([f"{indikator.label}: Für eine Karte fehlen Zahlen oder Grenzen."])
    drawn = set(s.flaechen.ags) >= set(rows.ags)
    figure, (ax,) = figures.new_figure(5.2 if drawn else 4.6)
    if drawn:
        karten.karte(ax, s.flaechen, rows, indikator)
    else:
        places = s.orte.merge(kacheln.positionen(s.orte), on="ags")
        kacheln.kacheln(ax, places, rows, indikator)
    titel = f"{indikator.label} {s.kreis.wo}, {datum(rows.stichtag.iloc[0])}"
    quelle = s.quelle([id])
    return figures.abbildung(
        figure,
        name=f"karte_{id}",
        titel=titel,
        einheit=f"Klassen mit etwa gleich vielen {s.woerter.dativ}; schraffiert: kein Wert",
        quelle=quelle,
        alternativtext=kartentexte.karte(rows, indikator, art="Karte" if drawn else "Kachelkarte"),
        daten=tables.tabelle(
            [tables.Spalte(s.woerter.einzahl), tables.Spalte("Wert")],
            [tables.Gruppe([[r.name, _value(r, indikator)] for r in rows.sort_values("name").itertuples()])],
            titel=titel,
            quelle=quelle,
        ),
    )


def _value(row, indikator) -> str:
    return wert(row.anteil, indikator) or GRUENDE.get(row.grund, "kein Wert")


def tafel(s: Innenprofil, id: str) -> Ausgabe:
    """Every area with its value, the smoothed value, and whether it differs from the common one beyond chance."""
    table, indikator = _funnel(s, id), s.indikator(id)
    if table is None:
        return outputs.saetze([f"{indikator.label}: Dazu gibt es keine Anzahlen für {s.woerter.mehrzahl}."])
    family = "binomial" if indikator.art == "anteil" else "poisson"
    smooth = empirical_bayes(table.zaehler, table.nenner, family)
    years = _together(s, id)
    none, unknown = "kein Wert", "nicht berechenbar"
    rows = [
        [
            r.name,
            zahl(s.einwohner.get(r.ags)),
            _value(r, indikator),
            wert(years.get(r.ags, NAN), indikator) or none,
            wert(m.geglaettet, indikator) or none,
            spanne(m.unten, m.oben, indikator) or unknown,
            LAGE[r.lage],
        ]
        for r, m in zip(table.itertuples(), smooth.itertuples(), strict=True)
    ]
    together = zahl(s.einwohner.reindex(table.ags[table.lage != ""]).sum())
    common = ["Alle mit Wert zusammen", together, wert(table.mittel.iloc[0], indikator), *["entfällt"] * 4]
    return tables.tabelle(
        [tables.Spalte(s.woerter.einzahl), tables.Spalte("Einwohner"), tables.Spalte("Wert"),
         tables.Spalte(f"{JAHRE} Jahre"), tables.Spalte("Geglättet"), tables.Spalte("Schwankungsbereich (95 %)"),
         tables.Spalte("Gegen den gemeinsamen Wert", zahl=False)],
        [tables.Gruppe(sorted(rows)), tables.Gruppe([common])],
        titel=f"{indikator.label} in den {s.woerter.dativ}, {datum(table.stichtag.iloc[0])}",
        name="gemeinden",
        quelle=s.quelle([id]),
        hinweise=[
            "Geglättet: In kleinen Gebieten schwankt ein Wert stark durch Zufall. Der geglättete Wert ist zum "
            "gemeinsamen Wert aller hingezogen, umso mehr, je kleiner das Gebiet ist. Der Schwankungsbereich gehört "
            "zum geglätteten Wert. „sicher“ heißt 99,8 %, „eher“ 95 %: Von 20 Gebieten ohne Unterschied liegt im "
            f"Mittel eines außerhalb von 95 %. {JAHRE} Jahre: die letzten {JAHRE} Stände zusammen, wenn kein Bruch "
            "dazwischen liegt. Einwohner: amtliche Fortschreibung, wo es sie gibt, sonst das Melderegister. "
            f"{bezug(indikator, table.stichtag.iloc[0])}",
            nicht_gezeigt(s.regeln),
        ],
    )  # fmt: skip


def _together(s: Innenprofil, id: str) -> pd.Series:
    """Value of the newest years together by area, where they can be put together."""
    indikator, newest = s.indikator(id), s.of(id).stichtag.max()
    rows = s.reihen[s.reihen.indikator == id]
    same_day = [(day.month, day.day) == (newest.month, newest.day) for day in rows.stichtag]
    years = pooled(rows[same_day], JAHRE, {id: indikator.brueche}, neue_faelle=False, art=indikator.art)
    return years[years.bis == newest].set_index("ags").anteil


def trichterbild(s: Innenprofil, id: str) -> Ausgabe:
    """Values against the size of the areas, with the limits of chance."""
    table, indikator = _funnel(s, id), s.indikator(id)
    if table is None:
        return outputs.saetze([f"{indikator.label}: Für ein Trichterbild fehlen Anzahlen."])
    known = table[table.lage != ""]
    mean = float(table.mittel.iloc[0])
    grid = pd.Series(sorted({*(known.nenner.min() * (known.nenner.max() / known.nenner.min()) ** (n / 60)
                               for n in range(61))}))  # fmt: skip
    limits = funnel_limits(grid, mean, indikator.art).assign(nenner=grid)
    figure, (ax,) = figures.new_figure(4.2)
    trichter.trichter(ax, known, limits, mean, indikator)
    titel = f"{indikator.label}: Was Zufall sein kann"
    quelle = s.quelle([id])
    return figures.abbildung(
        figure,
        name=f"trichter_{id}",
        titel=titel,
        einheit="Jeder Punkt ist ein Gebiet; zwischen den Linien kann der Abstand Zufall sein",
        quelle=quelle,
        alternativtext=trichtertexte.trichter(known, mean, indikator),
        daten=tables.tabelle(
            [tables.Spalte(t) for t in (s.woerter.einzahl, "Bezug (Personen)", "Wert", "Lage")],
            [tables.Gruppe([
                *([r.name, zahl(r.nenner), wert(r.anteil, indikator), LAGE[r.lage]]
                  for r in known.sort_values("name").itertuples()),
                ["alle gezeigten zusammen", zahl(known.nenner.sum()), wert(mean, indikator), "gemeinsamer Wert"],
            ])],
            titel=titel,
            quelle=quelle,
        ),
    )  # fmt: skip


def segregation(s: Innenprofil, gruppe: str, seed: int) -> Ausgabe:
    """How unevenly a group lives over the areas, beside what chance alone gives.

    `gruppe` is an indicator whose numerator counts the group and whose denominator all residents.
    """
    rows, indikator = s.of(gruppe), s.indikator(gruppe)
    known = rows[rows.zaehler.notna() & (rows.nenner > 0)]
    if len(known) < 5 or indikator.art != "anteil":
        return outputs.saetze([f"Ungleiche Verteilung: Zu „{indikator.kurz}“ gibt es zu wenige Anzahlen."])
    counts = known.rename(columns={"zaehler": "gruppe", "nenner": "insgesamt"})[["ags", "gruppe", "insgesamt"]]
    found, left_out = ungleich.segregation(counts, seed=seed)
    percent = {
        k: f"{zahl(found[k] * 100, 1)}{NBSP}%" for k in found.index if k not in ("gebiete", "gruppe", "insgesamt")
    }
    lacking = len(left_out) + len(rows) - len(known)
    missing = f"Nicht dabei, weil zu klein oder nicht gezeigt: {zahl(lacking)}. " if lacking else ""
    chance = "Das kann Zufall sein." if not found.p < 0.05 else "Das ist mehr als Zufall."
    return tables.tabelle(
        [tables.Spalte("Maß"), tables.Spalte("Wert"), tables.Spalte("Allein durch Zufall"),
         tables.Spalte("Bedeutung", zahl=False)],
        [tables.Gruppe([
            ["Ungleichheit der Verteilung (Dissimilarität)", percent["dissimilaritaet"],
             percent["dissimilaritaet_zufall"],
             f"So viele von 100 Menschen der Gruppe müssten umziehen, damit ihr Anteil überall gleich ist. {chance}"],
            ["Dissimilarität ohne Zufallsanteil", f"{percent['dissimilaritaet_bereinigt']} "
             f"({percent['unten']} bis {percent['oben']})", "entfällt",
             "Der Wert ohne den Teil, den kleine Zahlen allein ergeben, mit Schwankungsbereich (95 %)."],
            ["Isolation", percent["isolation"], percent["isolation_zufall"],
             "Anteil der eigenen Gruppe dort, wo ein Mensch der Gruppe im Mittel wohnt."],
        ])],
        titel=f"Wie ungleich sich verteilt: {indikator.kurz}",
        name="segregation",
        quelle=s.quelle([gruppe]),
        hinweise=[
            f"{zahl(int(found.gebiete))} Gebiete, {zahl(int(found.gruppe))} von {zahl(int(found.insgesamt))} "
            f"Menschen. {missing}Innerhalb eines Gebiets kann die Verteilung viel ungleicher sein.",
        ],
    )  # fmt: skip


def lesehilfe(s: Innenprofil) -> Ausgabe:
    """How to read small areas."""
    return outputs.hinweis(
        "So lesen Sie die Zahlen",
        [
            f"Ein Unterschied zwischen zwei {s.woerter.dativ} ist oft Zufall, vor allem wenn sie klein sind. Der "
            "Bericht sagt bei jedem Gebiet, ob sein Abstand mehr als Zufall ist.",
            nicht_gezeigt(s.regeln),
        ],
    )


def quellen(s: Innenprofil) -> Folge:
    """Sources of the report in full, and the rules of what is not shown of small areas."""
    ids = [q for text in s.werte.quelle.unique() for q in text.split(" · ") if q]
    return Folge((quellentafel(ids, s.katalog, s.kreis.erfunden), regeltafel(s.regeln, ids, s.katalog)))
