"""Deliveries of the labour market statistics: quarterly by the Kreis's own areas, yearly by Gemeinde, with `*`."""

import numpy as np
import pandas as pd

from analysis.example.dateien import Blatt, arbeitsmappe, yaml_datei
from analysis.example.kreis import gemeinden, ortsteile, raumnamen

_MONATE = {1: "März", 2: "Juni", 3: "September", 4: "Dezember"}
_OBEN = "Arbeitslose von 15 bis unter 65 Jahren"
_SPALTEN = {
    "arbeitslose": ["Insgesamt", None, "arbeitslose"],
    "sgb3": ["davon", "SGB III", "arbeitslose_sgb3"],
    "sgb2": ["davon", "SGB II", "arbeitslose_sgb2"],
    "unter_25": ["darunter", "unter 25 Jahre", "arbeitslose_unter_25"],
    "ab_55": ["darunter", "55 Jahre und älter", "arbeitslose_ab_55"],
    "langzeit": ["darunter", "Langzeitarbeitslose", "langzeitarbeitslose"],
}
_GRUNDSICHERUNG = {
    "bg": ["Bedarfsgemeinschaften", "bedarfsgemeinschaften"],
    "personen_in_bg": ["Personen in Bedarfsgemeinschaften", "personen_in_bg"],
    "elb": ["erwerbsfähige Leistungsberechtigte", "erwerbsfaehige_leistungsberechtigte"],
    "nef_unter_15": ["nicht erwerbsfähige Leistungsberechtigte unter 15 Jahren", "nef_unter_15"],
}


def geheim(zahlen: np.ndarray, davon: tuple[int, int, int] | None = None) -> np.ndarray:
    """Cells that must not be shown: counts of 1 and 2, and as many others that no total gives them away.

    Parameters
    ----------
    zahlen
        Areas down, columns across, without the total row; the totals of the columns are shown.
    davon
        A column that is the sum of two others, and these two.

    Returns
    -------
    numpy.ndarray
        Whether a cell is hidden. No sum that is shown has exactly one hidden part.
    """
    hidden = (zahlen > 0) & (zahlen < 3)
    while True:
        before = hidden.sum()
        if davon is not None:
            for row in np.flatnonzero(hidden[:, davon].sum(axis=1) == 1):
                _hide_smallest(zahlen[row], hidden[row], np.array(davon))
        for column in np.flatnonzero(hidden.sum(axis=0) == 1):
            _hide_smallest(zahlen[:, column], hidden[:, column], np.arange(len(zahlen)))
        if hidden.sum() == before:
            return hidden


def _hide_smallest(zahlen: np.ndarray, hidden: np.ndarray, which: np.ndarray) -> None:
    """Hide one more of these cells, in place: the smallest that is above zero, else any."""
    free = which[~hidden[which]]
    hidden[free[np.lexsort((zahlen[free], zahlen[free] == 0))[0]]] = True


def arbeitslose_nach_gebieten(counts: pd.DataFrame, jahr: int, quartal: int) -> bytes:
    """Workbook of a quarter: unemployed persons by Ortsteil under the Kreis's own area keys."""
    table = counts.loc[(jahr, quartal)]
    numbers = table[list(_SPALTEN)].to_numpy()
    cells = _zellen(numbers, geheim(numbers, (0, 1, 2)))
    rows = [
        ["Arbeitslose nach Gebieten des Auftraggebers"],
        [f"Musterkreis (erfunden; Gebietsstand {_MONATE[quartal]} {jahr})"],
        [f"Berichtsmonat: {_MONATE[quartal]} {jahr}"],
        [],
        ["Gebietsschlüssel", "Gebiet", _OBEN, None, None, None, None, None],
        [None, None, "Insgesamt", "davon", None, "darunter", None, None],
        [None, None, None, *(column[1] for column in list(_SPALTEN.values())[1:5]), "Langzeitarbeitslose 1)"],
        *([key, name, *row] for key, name, row in zip(_eigene(), ortsteile().name, cells, strict=True)),
        ["GES", "Insgesamt", *numbers.sum(axis=0).tolist()],
        [],
        ["* Zahlenwerte kleiner 3 und Werte, aus denen sie errechnet werden könnten, sind anonymisiert."],
        ["1) Ein Jahr und länger arbeitslos."],
        ["Quelle: Statistik der Bundesagentur für Arbeit (nachgeahmt; alle Zahlen sind erfunden)"],
    ]
    merged = ["A1:H1", "A5:A7", "B5:B7", "C5:H5", "C6:C7", "D6:E6", "F6:H6"]
    return arbeitsmappe([_verzeichnis("Arbeitslose"), Blatt("Arbeitslose", rows, merged), _impressum()])


def beschreibung_arbeitslose() -> bytes:
    """Description of the quarterly workbook of unemployed persons."""
    columns = [
        {"groesse": groesse, "kopf": [_OBEN, above, *([below] if below else [])]}
        for above, below, groesse in _SPALTEN.values()
    ]
    return _beschreibung(
        "Arbeitslose nach Ortsteilen (Auftrag des erfundenen Musterkreises)",
        "Arbeitslose",
        "Arbeitslose nach Gebieten des Auftraggebers",
        3,
        dict(zip(_eigene(), ortsteile().ortsteil, strict=True)),
        columns,
    )


def grundsicherung_nach_raeumen(counts: pd.DataFrame, jahr: int, quartal: int) -> bytes:
    """Workbook of a quarter: Grundsicherung (SGB II) by Planungsraum under the Kreis's own area keys."""
    table = counts.loc[(jahr, quartal)][list(_GRUNDSICHERUNG)]
    by_area = table.groupby(ortsteile().planungsraum.to_numpy()).sum().reindex(list(raumnamen()))
    numbers = by_area.to_numpy()
    rows = [
        ["Grundsicherung für Arbeitsuchende nach Gebieten des Auftraggebers"],
        ["Musterkreis (erfunden)"],
        [f"Berichtsmonat: {_MONATE[quartal]} {jahr}, Daten nach einer Wartezeit von drei Monaten"],
        [],
        ["Gebietsschlüssel", "Gebiet", "Leistungen nach dem SGB II", None, None, None],
        [None, None, *(label for label, _ in _GRUNDSICHERUNG.values())],
        *([key, name, *row] for key, name, row in
          zip(_eigene_raeume(), raumnamen().values(), _zellen(numbers, geheim(numbers)), strict=True)),
        ["GES", "Insgesamt", *numbers.sum(axis=0).tolist()],
        [],
        ["Quelle: Statistik der Bundesagentur für Arbeit (nachgeahmt; alle Zahlen sind erfunden)"],
    ]  # fmt: skip
    merged = ["A1:F1", "A5:A6", "B5:B6", "C5:F5"]
    return arbeitsmappe([_verzeichnis("SGB II"), Blatt("SGB II", rows, merged), _impressum()])


def beschreibung_grundsicherung() -> bytes:
    """Description of the quarterly workbook of the Grundsicherung."""
    columns = [
        {"groesse": groesse, "kopf": ["Leistungen nach dem SGB II", label]}
        for label, groesse in _GRUNDSICHERUNG.values()
    ]
    return _beschreibung(
        "Grundsicherung nach Planungsräumen (Auftrag des erfundenen Musterkreises)",
        "SGB II",
        "Grundsicherung für Arbeitsuchende nach Gebieten des Auftraggebers",
        2,
        dict(zip(_eigene_raeume(), raumnamen(), strict=True)),
        columns,
    )


def arbeitslose_nach_gemeinden(counts: pd.DataFrame, jahr: int) -> bytes:
    """Workbook of a year: unemployed persons by Gemeinde in December."""
    table = counts.loc[(jahr, 4)][["arbeitslose", "sgb3", "sgb2"]].groupby(ortsteile().ags.to_numpy()).sum()
    numbers = table.to_numpy()
    cells = _zellen(numbers, geheim(numbers, (0, 1, 2)))
    names = gemeinden().set_index("ags").langname
    rows = [
        ["Arbeitslose nach Gemeinden"],
        ["Musterkreis (erfunden)"],
        [f"Berichtsmonat: Dezember {jahr}"],
        [],
        ["Gemeindeschlüssel", "Gemeinde", "Arbeitslose", None, None],
        [None, None, "Insgesamt", "SGB III", "SGB II"],
        ["99099", "Musterkreis", *numbers.sum(axis=0).tolist()],
        *([ags, names[ags], *row] for ags, row in zip(table.index, cells, strict=True)),
        [],
        ["* Zahlenwerte kleiner 3 und Werte, aus denen sie errechnet werden könnten, sind anonymisiert."],
        ["Quelle: Statistik der Bundesagentur für Arbeit (nachgeahmt; alle Zahlen sind erfunden)"],
    ]
    merged = ["A1:E1", "A5:A6", "B5:B6", "C5:E5"]
    return arbeitsmappe([_verzeichnis("Gemeinden"), Blatt("Gemeinden", rows, merged), _impressum()])


def _eigene() -> list[str]:
    return [f"MK{n:03d}" for n in range(1, len(ortsteile()) + 1)]


def _eigene_raeume() -> list[str]:
    return [f"P{n}" for n in range(1, len(raumnamen()) + 1)]


def _zellen(numbers: np.ndarray, hidden: np.ndarray) -> list[list]:
    return [
        ["*" if secret else n or "-" for n, secret in zip(row, secrets, strict=True)]
        for row, secrets in zip(numbers.tolist(), hidden.tolist(), strict=True)
    ]


def _verzeichnis(sheet: str) -> Blatt:
    return Blatt("Inhaltsverzeichnis", [["Inhaltsverzeichnis"], [sheet], ["Impressum"]])


def _impressum() -> Blatt:
    return Blatt(
        "Impressum", [["Impressum"], ["Nachgeahmte Lieferung für den Musterkreis. Alle Zahlen sind erfunden."]]
    )


def _beschreibung(titel: str, blatt: str, text: str, kopfzeilen: int, keys: dict, columns: list[dict]) -> bytes:
    content = {
        "lieferbeschreibung": "tabelle",
        "titel": titel,
        "quelle": "ba",
        "erkennung": {"blatt": blatt, "texte": [text, "Musterkreis"]},
        "kopf": {"ab": "Gebietsschlüssel", "zeilen": kopfzeilen},
        "stichtag": {"in": "text", "muster": "Berichtsmonat: {monat} {jahr}"},
        "gebiet": {"in": "spalte", "kopf": ["Gebietsschlüssel"], "schluessel": "eigene", "zuordnung": keys},
        "spalten": columns,
        "auslassen": [{"grund": "Summenzeilen", "gleich": ["GES"], "anzahl": 1, "summe": True}],
    }
    return yaml_datei(content, "Beschreibt eine Lieferung des erfundenen Musterkreises.")
