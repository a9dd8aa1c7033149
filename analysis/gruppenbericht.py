"""Areas in groups of similar ones: what `notebooks/03_gemeindecluster.ipynb` shows first, one function per cell."""

import pandas as pd

from analysis import figures, outputs, tables
from analysis.anhang import quellentafel
from analysis.bildtexte import gruppen as bildtexte
from analysis.clusters.beschreibung import MERKMALE, marking, standardised
from analysis.gruppenprofil import NICHT_STABIL, WEIT, Gruppenprofil, no_groups
from analysis.gruppenwerte import MINDESTENS_GEBIETE
from analysis.outputs import Ausgabe, Folge
from analysis.plots import gruppen as plots
from analysis.regeltexte import nicht_gezeigt, regeltafel
from analysis.wording import NBSP, aufzaehlung, wert, zahl

GENANNT = 6
"""Names in a sentence of the summary at most."""


def kopf(s: Gruppenprofil, sprache: str = "de") -> Ausgabe:
    """Head of the report; `sprache` is the language of the page's fixed words (`de`, `en`)."""
    g = s.gebiete
    where = f"{g.woerter.mehrzahl} {g.rahmen}"
    return outputs.kopf(
        titel=f"Welche {g.woerter.mehrzahl} sich ähnlich sind: {g.kreis.name}",
        untertitel=f"Gruppen der {where}, und wie sicher sie sind",
        stand=f"Die neuesten Zahlen sind von {s.werte.stichtag.max().year}. "
        + ("Kreis und Zahlen sind erfunden." if g.kreis.erfunden else "Heute können die Verhältnisse anders sein."),
        sprache=sprache,
    )


def in_kuerze(s: Gruppenprofil) -> Ausgabe:
    """The most important in short sentences."""
    g, areas = s.gebiete, s.gebiete.woerter
    texts = ["Diesen Kreis gibt es nicht. Alle seine Zahlen sind erfunden."] if g.kreis.erfunden else []
    if not s.k:
        texts.append(
            "Es gibt zu wenig Zahlen, um Gruppen zu bilden. Nötig sind mindestens zwei Kennzahlen mit Werten für "
            f"{MINDESTENS_GEBIETE} {areas.mehrzahl}."
        )
    else:
        lacking = " Von anderen fehlen hier die Zahlen." if s.ohne_zahlen else ""
        texts.append(f"Wir haben {zahl(len(s.grouped))} {areas.mehrzahl} {g.rahmen} verglichen.{lacking}")
        texts += _groups_in_short(s) if s.k > 1 else _none_in_short(s)
        texts += [] if s.eigene else [f"{g.kreis.name} ist nicht dabei: Dort fehlen zu viele Zahlen."]
    if g.kleine and s.k:
        few = "Eine ist" if len(g.kleine) == 1 else f"{zahl(len(g.kleine))} sind"
        texts.append(f"{few} sehr klein und in keiner Gruppe. So wird niemand erkannt.")
    return outputs.kuerze(texts)


def _groups_in_short(s: Gruppenprofil) -> list[str]:
    areas = s.gebiete.woerter
    stable = s.gruppierung.stabil.stabil
    criteria = s.gruppierung.kriterien.set_index("k")
    proven = "" if criteria.belegt[s.k] else ", belegt ist diese Zahl nicht"
    found = "Es gibt" if s.gruppierung.gewaehlt else "Vorgegeben waren"
    texts = [f"Wer sich ähnlich ist, kommt in eine Gruppe. {found} {zahl(s.k)} Gruppen{proven}."]
    if not stable.all():
        lasting = "Nicht alle sind" if stable.any() else "Keine ist"
        texts[0] += f" {lasting} beständig: Mit anderen Daten sähen sie anders aus."
    for gruppe, row in s.gruppierung.stabil[stable].iterrows():
        texts.append(
            f"Gruppe {gruppe}: Das sind {zahl(int(row.anzahl))} von {zahl(len(s.grouped))}. {merkmale(s, gruppe)}"
        )
    if not s.eigene:
        return [*texts, URTEIL]
    unsure = sorted(s.gebiete.namen[ags] for ags in s.eigene if not s.platz.sicher[ags])
    if not unsure:
        return [*texts, "Der Platz in der Gruppe ist hier überall sicher.", URTEIL]
    if len(unsure) == len(s.eigene) > 1:
        return [*texts, "Der Platz in der Gruppe ist hier nirgends sicher.", URTEIL]
    named = aufzaehlung(unsure) if len(unsure) <= GENANNT else f"{zahl(len(unsure))} {areas.mehrzahl}"
    own = s.platz.loc[s.eigene]
    loose = (own.bleibt & ~own.sicher).any()  # it stays in its group, but the group itself does not
    why = "Mit anderen Daten kann es anders sein." if loose else "Das passt auch zu einer anderen Gruppe."
    return [*texts, f"Nicht sicher ist der Platz hier: {named}. {why}", URTEIL]


def merkmale(s: Gruppenprofil, gruppe: int) -> str:
    """What marks a group in plain words; an indicator without such words is left to the table."""
    rows = marking(s.profil[s.profil.gruppe == gruppe])
    plain = [(mark, s.indikator(id).einfach) for id, mark in zip(rows.indikator, rows.mittel, strict=True)]
    said = [f"Dort gibt es anteilig {'mehr' if mark > 0 else 'weniger'} {name}." for mark, name in plain if name]
    return " ".join(said[:MERKMALE])


URTEIL = "Eine Gruppe ist kein Urteil. Sie sagt nur, wer sich in diesen Zahlen gleicht."


def _none_in_short(s: Gruppenprofil) -> list[str]:
    g = s.gebiete
    texts = [
        "Die Frage war: Wer passt zu wem?",
        "Klare Gruppen fanden wir nicht. Wo man die Grenze zieht, kann Zufall sein. Auch das ist gut zu wissen.",
    ]
    if len(s.eigene) != 1:
        return texts
    z = standardised(s.vorbereitet.roh).loc[s.eigene[0]]
    far = z[z.abs() >= WEIT].sort_values(key=lambda v: -v.abs(), kind="stable")
    plain = [(value, s.indikator(id).einfach) for id, value in far.items() if s.indikator(id).einfach]
    there = f"{g.kreis.wo[:1].upper()}{g.kreis.wo[1:]}"
    if not plain:
        return texts
    found = [f"Dort gibt es {'mehr' if value > 0 else 'weniger'} {name}." for value, name in plain]
    return [*texts, f"{there} ist nicht alles wie im Mittel. Gemeint ist der Anteil, nicht die Zahl.", *found[:2]]


def lesehilfe(s: Gruppenprofil) -> Ausgabe:
    """How to read groups."""
    ids = s.vorbereitet.roh.columns if s.vorbereitet else s.ids
    return outputs.hinweis(
        "So lesen Sie die Gruppen",
        [
            f"Verglichen {'wird' if s.k else 'würde'} bei: {aufzaehlung([s.indikator(id).kurz for id in ids])}. Mit "
            "anderen Kennzahlen können andere Gruppen herauskommen.",
            "Ein Rechenverfahren findet immer Gruppen, auch wo es keine gibt. Deshalb wird hier geprüft, ob sie "
            "wiederkommen, wenn man die Daten zufällig ändert. Einen Namen bekommt nur, was öfter wiederkommt als "
            "bei Daten ohne Gruppen.",
            *([_SICHER] if s.k > 1 else []),
            *([] if s.gebiete.ebene == "kreis" else [nicht_gezeigt(s.gebiete.regeln)]),
        ],
    )


_SICHER = (
    "„Sicher“ heißt: Die Gruppe ist beständig, und der Platz in ihr bleibt in klar mehr als 80 von 100 solchen "
    "Wiederholungen derselbe. Knapp über 80 reicht nicht, denn das kann Zufall sein."
)


def gruppentafel(s: Gruppenprofil) -> Ausgabe:
    """The groups: how large, what marks them, whether they would come out again, who is typical."""
    if s.k < 2:
        return outputs.saetze([no_groups(s)])
    g = s.gebiete
    people = s.profil.drop_duplicates("gruppe").set_index("gruppe").einwohner
    rows = [
        [
            f"Gruppe {gruppe}",
            zahl(int(row.anzahl)),
            zahl(people[gruppe]),
            s.gruppennamen[gruppe] if row.stabil else NICHT_STABIL,
            "ja" if row.stabil else "nicht sicher",
            aufzaehlung(_typical(s, gruppe)),
        ]
        for gruppe, row in s.gruppierung.stabil.iterrows()
    ]
    return tables.tabelle(
        [tables.Spalte("Gruppe"), tables.Spalte(g.woerter.mehrzahl), tables.Spalte("Einwohner"),
         tables.Spalte("Was sie kennzeichnet", zahl=False), tables.Spalte("Kommt sie wieder?", zahl=False),
         tables.Spalte("Am nächsten an der Mitte", zahl=False)],
        [tables.Gruppe(rows)],
        titel=f"Die Gruppen der {g.woerter.mehrzahl} {g.rahmen}",
        name="gruppen",
        quelle=s.quelle(),
        hinweise=[
            "Die Gruppen sind gezählt nach der Größe: Gruppe 1 hat die meisten Gebiete. „mehr“ und „weniger“ meinen "
            "den Anteil, verglichen mit dem Mittel aller, nicht die Zahl der Menschen. „Kommt sie wieder?“: ob die "
            "Gruppe beständiger ist als Gruppen in Daten ohne Struktur.",
        ],
    )  # fmt: skip


def _typical(s: Gruppenprofil, gruppe: int) -> list[str]:
    rows = s.abstaende[(s.abstaende.gruppe == gruppe) & (s.abstaende.platz <= 3)].sort_values("platz")
    return [s.gebiete.namen[ags] for ags in rows.index]


def profilbild(s: Gruppenprofil) -> Ausgabe | None:
    """What marks the groups as a heat map, with means, intervals and plain values in its table."""
    if s.k < 2:
        return None
    order = [id for id in s.trennung.index if id in set(s.profil.indikator)]
    label = {id: s.indikator(id).kurz for id in order}
    wide = s.profil.pivot(index="indikator", columns="gruppe", values="mittel").loc[order]
    wide = wide.rename(index=label, columns=lambda n: f"Gruppe {n}")
    figure, (ax,) = figures.new_figure(0.8 + 0.42 * len(wide))
    plots.waermebild(ax, wide if s.k <= 4 else wide.rename(columns=lambda name: name.removeprefix("Gruppe ")))
    titel = f"Was die Gruppen der {s.gebiete.woerter.mehrzahl} unterscheidet"
    rows = [
        [
            label[row.indikator],
            f"Gruppe {row.gruppe}",
            wert(row.roh, s.indikator(row.indikator)) or "kein Wert",
            plots.signed(row.mittel),
            "nicht berechenbar"
            if pd.isna(row.unten)
            else f"{plots.signed(row.unten)}{NBSP}bis {plots.signed(row.oben)}",
            f"{zahl(s.trennung[row.indikator] * 100)}{NBSP}%",
        ]
        for row in s.profil.set_index("indikator", drop=False).loc[order].itertuples(index=False)
    ]
    return figures.abbildung(
        figure,
        name="gruppenprofil",
        titel=titel,
        einheit="Abstand vom Mittel aller in Standardabweichungen: ab 0,5 merklich, ab 1 deutlich",
        quelle=s.quelle(),
        alternativtext=bildtexte.waermebild(wide),
        daten=tables.tabelle(
            [tables.Spalte("Kennzahl"), tables.Spalte("Gruppe", zahl=False), tables.Spalte("Geglättetes Mittel"),
             tables.Spalte("Abstand"), tables.Spalte("Schwankungsbereich (95 %)"), tables.Spalte("Trennt")],
            [tables.Gruppe(rows)],
            titel=titel,
            quelle=s.quelle(),
            kopfspalten=2,
            hinweise=[
                "Geglättetes Mittel: jedes Gebiet zählt gleich, und Werte kleiner Gebiete sind zum Mittel aller "
                "hingezogen; es weicht deshalb von den Werten in anderen Berichten ab. "
                "Schwankungsbereich: wie sehr das Mittel davon abhängt, welche Gebiete in der Gruppe sind. „Trennt“: "
                "Anteil der Unterschiede einer Kennzahl, der zwischen den Gruppen liegt. Die Gruppen sind aus diesen "
                "Kennzahlen gebildet; ein Test, ob sie sich darin unterscheiden, hätte deshalb keinen Sinn.",
            ],
        ),
    )  # fmt: skip


def quellen(s: Gruppenprofil) -> Ausgabe | Folge:
    """Sources of the report in full, and the rules of what is not shown of small areas."""
    ids = [q for text in s.werte.quelle.unique() for q in text.split(" · ") if q]
    g = s.gebiete
    table = quellentafel(ids, g.katalog, g.kreis.erfunden)
    return table if g.ebene == "kreis" else Folge((table, regeltafel(g.regeln, ids, g.katalog)))
