"""Which area belongs to which group, and how surely: map and table of `notebooks/03_gemeindecluster.ipynb`."""

import pandas as pd

from analysis import figures, outputs, tables
from analysis.bildtexte import gruppen as bildtexte
from analysis.clusters.beschreibung import standardised
from analysis.gruppenprofil import NICHT_STABIL, WEIT, Gruppenprofil, marks, no_groups
from analysis.outputs import Ausgabe
from analysis.plots import gruppen as plots
from analysis.plots import kacheln
from analysis.wording import NBSP, aufzaehlung, zahl

ZEILEN = 60
"""Areas up to which the table shows all; of more it shows those of the own Kreis."""


def karte(s: Gruppenprofil) -> Ausgabe | None:
    """The groups as a map; as tiles where no boundaries are there."""
    if s.k < 2:
        return None
    g = s.gebiete
    table = pd.DataFrame({"ags": list(g.namen)})
    table = table.assign(
        gruppe=table.ags.map(s.gruppierung.labels).fillna(0).astype(int),
        sicher=table.ags.map(s.platz.sicher).fillna(True).astype(bool),
    )
    drawn, placed = set(g.flaechen.ags) >= set(s.grouped), set(g.orte.ags) >= set(s.grouped)
    if not drawn and not placed:
        return outputs.saetze(["Für eine Karte fehlen die Grenzen dieser Gebiete."])
    table = table[table.ags.isin(g.flaechen.ags if drawn else g.orte.ags)]
    names = {n: s.gruppennamen[n] if s.gruppierung.stabil.stabil[n] else "nicht beständig" for n in range(1, s.k + 1)}
    figure, (ax,) = figures.new_figure(5.4)
    if drawn:
        plots.karte(ax, g.flaechen[["ags", "geometrie"]], table, names, g.kreis.ags)
    else:
        plots.kacheln(ax, g.orte.merge(kacheln.positionen(g.orte), on="ags"), table, names)
    titel = f"Die Gruppen der {g.woerter.mehrzahl} {g.rahmen}"
    return figures.abbildung(
        figure,
        name="gruppenkarte",
        titel=titel,
        einheit="Farbe und Zahl: Gruppe; gepunktet: Platz nicht sicher; schraffiert: in keiner Gruppe",
        quelle=s.quelle(),
        alternativtext=bildtexte.karte(table, names, "Karte" if drawn else "Kachelkarte"),
        daten=tables.tabelle(
            [tables.Spalte(g.woerter.einzahl), tables.Spalte("Gruppe", zahl=False), tables.Spalte("Platz", zahl=False)],
            [tables.Gruppe([
                [g.namen[r.ags], f"Gruppe {r.gruppe}" if r.gruppe else "keine", _place(s, r.ags)]
                for r in table.assign(name=table.ags.map(g.namen)).sort_values(["name", "ags"]).itertuples()
            ])],
            titel=titel,
            quelle=s.quelle(),
        ),
    )  # fmt: skip


def _place(s: Gruppenprofil, ags: str) -> str:
    """How sure the place of an area is, in words, with the share of the worse test."""
    if ags not in s.platz.index:
        return "nicht eingeteilt"
    row = s.platz.loc[ags]
    share = f"{zahl(min(row.ziehung, row.rauschen) * 100)}{NBSP}%"
    if row.sicher:
        return f"sicher ({share})"
    if row.bleibt:
        return f"nicht sicher, weil die Gruppe nicht beständig ist ({share})"
    return f"wechselt mit Gruppe {row.andere} ({share})" if row.andere else f"unsicher ({share})"


def gebietstafel(s: Gruppenprofil) -> Ausgabe:
    """Every area with its group, how sure its place is, and in what it stands apart; of many those of the Kreis."""
    g = s.gebiete
    if not s.k:
        return outputs.saetze([no_groups(s)])
    z = standardised(s.vorbereitet.roh)
    shown = s.eigene if s.eigene and len(s.grouped) > ZEILEN else s.grouped
    names = sorted(shown, key=lambda ags: (g.namen[ags].casefold(), ags))
    groups = {n: [_row(s, ags, z) for ags in names if s.gruppierung.labels[ags] == n] for n in range(s.k + 1)}
    left_out = sorted(set(g.namen) - set(s.grouped))
    lacking = (
        f" Nicht eingeteilt sind {aufzaehlung(sorted(g.namen[a] for a in left_out))}."
        if len(left_out) in range(1, 13)
        else f" Nicht eingeteilt sind {zahl(len(left_out))} Gebiete."
        if left_out
        else ""
    )
    columns = [tables.Spalte(g.woerter.einzahl), tables.Spalte("Einwohner")]
    if s.k > 1:
        columns += [tables.Spalte("Platz in der Gruppe", zahl=False), tables.Spalte("In der Gruppe", zahl=False)]
    return tables.tabelle(
        [*columns, tables.Spalte("Weit vom Mittel aller", zahl=False)],
        [tables.Gruppe(rows, titel=_group_title(s, n)) for n, rows in groups.items() if rows],
        titel=f"Wo die {g.woerter.mehrzahl} stehen",
        name="gebiete",
        quelle=s.quelle(),
        hinweise=[
            ("Platz: Anteil der Wiederholungen, in denen das Gebiet in seiner Gruppe bleibt; die schlechtere von zwei "
             "Proben. Die eine zieht die Gebiete neu, die andere die Werte innerhalb ihrer Schwankungsbereiche. "
             "„typisch“: eines der drei Gebiete, die der Mitte ihrer Gruppe am nächsten sind; „untypisch“: Die Mitte "
             "einer anderen Gruppe liegt näher. " if s.k > 1 else "")
            + f"„Weit vom Mittel“: mindestens {zahl(WEIT)} Standardabweichung; „mehr“ und „weniger“ meinen den Anteil, "
            f"nicht die Zahl der Menschen. In kleinen Gebieten kann das Zufall sein.{lacking}",
        ],
    )  # fmt: skip


def _group_title(s: Gruppenprofil, n: int) -> str:
    if s.k < 2:
        return ""
    return f"Gruppe {n}: {s.gruppennamen[n] if s.gruppierung.stabil.stabil[n] else NICHT_STABIL}"


def _row(s: Gruppenprofil, ags: str, z: pd.DataFrame) -> list[str]:
    own = z.loc[ags].dropna()
    far = own[own.abs() >= WEIT].sort_values(key=lambda v: -v.abs(), kind="stable")
    texts = [marks(s.indikator(id))[0 if value > 0 else 1] for id, value in far.items()]
    begin = [s.gebiete.namen[ags], zahl(s.gebiete.einwohner.get(ags, float("nan"))) or "keine Angabe"]
    if s.k > 1:
        away = s.abstaende.loc[ags]
        typical = "untypisch" if away.naeher else "typisch" if away.platz <= 3 else "weder noch"
        begin += [_place(s, ags), typical]
    return [*begin, "; ".join(texts) or "nichts"]
