"""Whether similar areas lie beside each other, and which neighbours can be put together to regions, for reports."""

import pandas as pd

from analysis import outputs, tables
from analysis.clusters.raum import Nachbarschaft, nachbarn
from analysis.clusters.raummuster import lisa, moran
from analysis.clusters.regionen import regions
from analysis.errors import InputError
from analysis.gruppenprofil import Gruppenprofil
from analysis.outputs import Ausgabe
from analysis.wording import aufzaehlung, zahl

MINDESTENS = 5000
"""Inhabitants of a Sozialregion at least, if nothing else is asked for."""

ZUSCHNITTE = {
    "skater": "Nachbarn, die sich in den Kennzahlen am ähnlichsten sind, kommen zusammen: Die Karte wird Schritt für "
    "Schritt geteilt, solange jede Region die Mindestzahl behält (Verfahren von Assunção und anderen).",
    "maxp": "Nachbarn, die sich in den Kennzahlen ähnlich sind, kommen zusammen: Gesucht sind möglichst viele Regionen "
    "(Verfahren Max-p von Duque und anderen, das mit Zufall sucht).",
}
"""Method of regions → how it works, in a sentence."""

NIVEAU = 0.05


def nachbarschaft(s: Gruppenprofil) -> Nachbarschaft | None:
    """Neighbours of the grouped areas; None where boundaries are missing or there are no grouped areas."""
    if not s.k or not set(s.gebiete.flaechen.ags) >= set(s.grouped):
        return None
    return nachbarn(s.gebiete.flaechen, s.grouped)


def muster(s: Gruppenprofil, nachbarn: Nachbarschaft | None) -> Ausgabe:
    """Moran's I of every indicator: whether neighbouring areas are alike beyond chance."""
    if nachbarn is None:
        return outputs.saetze(
            ["Ob sich Nachbarn ähnlich sind, lässt sich hier nicht prüfen: Grenzen fehlen, die zu den Zahlen passen."]
        )
    found = moran(s.vorbereitet.matrix, nachbarn, s.startwert).sort_values("moran", ascending=False)
    rows = [
        [_named(s, id), _number(r.moran), _number(r.erwartet), _number(r.p_holm, 2),
         "nicht berechenbar" if pd.isna(r.p_holm) else "ja" if r.p_holm <= NIVEAU else "kann Zufall sein"]
        for id, r in found.iterrows()
    ]  # fmt: skip
    joined = nachbarn.angeschlossen
    islands = (
        f" Ohne gemeinsame Grenze zu den anderen, deshalb mit dem nächsten Gebiet verbunden: "
        f"{aufzaehlung([f'{s.gebiete.namen[r.ags]} (mit {s.gebiete.namen[r.nachbar]})' for r in joined.itertuples()])}."
        if 0 < len(joined) <= 6
        else f" {zahl(len(joined))} Teile der Karte ohne gemeinsame Grenze zu den anderen sind mit dem nächsten Gebiet "
        "verbunden."
        if len(joined)
        else ""
    )
    return tables.tabelle(
        [tables.Spalte("Kennzahl"), tables.Spalte("Ähnlichkeit der Nachbarn (Morans I)"),
         tables.Spalte("ohne Muster"), tables.Spalte("p"), tables.Spalte("Mehr als Zufall", zahl=False)],
        [tables.Gruppe(rows)],
        titel="Ob sich Nachbarn ähnlich sind",
        name="moran",
        quelle=s.quelle(),
        hinweise=[
            "p: Anteil von 999 zufälligen Verteilungen der Werte über die Gebiete, in denen sich Nachbarn mindestens "
            f"so ähnlich sind; nach Holm erhöht, weil {zahl(len(found))} Kennzahlen geprüft sind.{islands}",
        ],
    )  # fmt: skip


def _named(s: Gruppenprofil, column: str) -> str:
    """Short label of a column of the matrix: an indicator, or a principal component."""
    return s.indikator(column).kurz if column in s.ids else f"{column} (Hauptkomponente)"


LAGEN = {
    "hoch_hoch": "hoch, die Nachbarn auch",
    "niedrig_niedrig": "niedrig, die Nachbarn auch",
    "hoch_niedrig": "hoch, die Nachbarn niedrig",
    "niedrig_hoch": "niedrig, die Nachbarn hoch",
}


def inseln(s: Gruppenprofil, nachbarn: Nachbarschaft | None) -> Ausgabe | None:
    """Areas that are like, or unlike, their neighbours beyond chance; None where no indicator has a pattern."""
    if nachbarn is None:
        return None
    found = moran(s.vorbereitet.matrix, nachbarn, s.startwert)
    ids = [id for id in found.index[found.p_holm <= NIVEAU] if id in s.ids]
    if not ids:
        return None
    parts = {id: lisa(s.vorbereitet.matrix[id], nachbarn, s.startwert) for id in ids}
    groups = [
        tables.Gruppe(
            sorted([s.gebiete.namen[ags], LAGEN[lage]] for ags, lage in part.lage[part.auffaellig].items())
            or [["kein einzelnes Gebiet", "nichts Auffälliges"]],
            titel=s.indikator(id).kurz,
        )
        for id, part in parts.items()
    ]
    return tables.tabelle(
        [tables.Spalte(s.gebiete.woerter.einzahl), tables.Spalte("Wert", zahl=False)],
        groups,
        titel="Wo sich Nachbarn besonders gleichen oder unterscheiden",
        name="lisa",
        quelle=s.quelle(ids),
        hinweise=[
            "Lokales Moran-Maß (Anselin 1995). Von den genannten Gebieten sind im Mittel höchstens 5 von 100 zu "
            "Unrecht genannt. Gezeigt werden Kennzahlen, deren Muster insgesamt mehr als Zufall ist.",
        ],
    )


def _number(value: float, digits: int = 2) -> str:
    return "nicht berechenbar" if pd.isna(value) else zahl(value, digits)


def regionen(
    s: Gruppenprofil, nachbarn: Nachbarschaft | None, mindestens: int = MINDESTENS, zuschnitt: str = "skater"
) -> Ausgabe | None:
    """Connected regions of similar areas with enough inhabitants, by `skater` or `maxp`; None without boundaries.

    Within the own Kreis where it has areas enough, so that no region crosses its border.

    Raises
    ------
    InputError
        Another method, a least number that is none.
    """
    if zuschnitt not in ZUSCHNITTE:
        raise InputError(f"zuschnitt {zuschnitt!r}; expected {' or '.join(ZUSCHNITTE)}")
    if not mindestens >= 1:
        raise InputError(f"mindestens {mindestens!r}; expected a number of people from 1")
    if nachbarn is None or len(s.eigene) < 3:
        return None
    mine = s.eigene
    try:
        border = nachbarn if len(mine) == len(s.grouped) else _within(s, mine)
        matrix, people = s.vorbereitet.matrix.loc[mine], s.gebiete.einwohner
        most = len(mine) if zuschnitt == "skater" else None
        found = regions(matrix, border, people, mindestens, zuschnitt, k=most, startwert=s.startwert)
    except InputError:
        return outputs.saetze([f"Regionen mit mindestens {zahl(mindestens)} Menschen lassen sich hier nicht bilden."])
    rows = [
        [f"Region {n}", zahl(people), zahl(int((found.labels == n).sum())),
         aufzaehlung(sorted(s.gebiete.namen[ags] for ags in found.labels.index[found.labels == n]))]
        for n, people in found.einwohner.items()
    ]  # fmt: skip
    return tables.tabelle(
        [tables.Spalte("Region"), tables.Spalte("Einwohner"), tables.Spalte("Gebiete"),
         tables.Spalte("Wer dazugehört", zahl=False)],
        [tables.Gruppe(rows)],
        titel=f"Zusammenhängende Regionen mit mindestens {zahl(mindestens)} Menschen: ein Vorschlag",
        name="regionen",
        quelle=s.quelle(),
        hinweise=[
            f"{ZUSCHNITTE[zuschnitt]} Wie beständig diese Regionen sind, ist nicht geprüft. Sie helfen, Zahlen zu "
            f"zeigen, die für einzelne Gebiete zu klein sind.{_without(s)}",
        ],
    )  # fmt: skip


def _without(s: Gruppenprofil) -> str:
    """Which areas of the own Kreis belong to no region because nothing of them may be shown."""
    names = sorted(s.gebiete.namen[ags] for ags in s.gebiete.kleine if ags[:5] == s.gebiete.kreis.ags)
    return f" In keiner Region, weil dort zu wenige Menschen leben: {aufzaehlung(names)}." if names else ""


def _within(s: Gruppenprofil, mine: list[str]) -> Nachbarschaft:
    return nachbarn(s.gebiete.flaechen, mine)
