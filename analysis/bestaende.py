"""The tables of the store: what their rows mean, what identifies them, and the columns of the database."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Bestand:
    """A table of the store; every row keeps its earlier versions.

    Attributes
    ----------
    schluessel
        Columns that identify a row → SQL type.
    werte
        Further columns → SQL type.
    umfang
        Columns of the key that a delivery fills completely: a later delivery for the same replaces what it no longer
        holds. None for a table where deliveries only add and change.
    """

    schluessel: dict[str, str]
    werte: dict[str, str]
    umfang: tuple[str, ...] = ()

    @property
    def spalten(self) -> list[str]:
        """All columns, those of the key first."""
        return [*self.schluessel, *self.werte]


BESTAENDE = {
    # Gemeinden at a territorial date (`stand`); area in km², coordinates in degrees (WGS 84), "" where not given
    "gemeinden": Bestand(
        {"stand": "DATE", "ags": "TEXT"},
        {
            "ars": "TEXT",
            "name": "TEXT",
            "verband": "TEXT",
            "flaeche_km2": "DOUBLE",
            "laenge": "DOUBLE",
            "breite": "DOUBLE",
            "plz": "TEXT",
            "verstaedterung": "TEXT",
        },
    ),
    # Boundaries: a GeoJSON geometry in degrees (WGS 84) per key and territorial date
    "grenzen": Bestand({"stand": "DATE", "ags": "TEXT"}, {"name": "TEXT", "geometrie": "TEXT"}),
    # Share of the area, population or employees (`gewicht`: flaeche, bevoelkerung, beschaeftigte) of the Gemeinde or
    # Kreis `von` (`ebene`) that is `nach` at another territorial date; NULL where the source leaves it open. `liste`
    # says what a table lists: `alle` keys, or `aenderungen` only, so that a key not listed is unchanged
    "umstieg": Bestand(
        {
            "von_stand": "DATE",
            "nach_stand": "DATE",
            "ebene": "TEXT",
            "gewicht": "TEXT",
            "von": "TEXT",
            "nach": "TEXT",
        },
        {"anteil": "DOUBLE", "liste": "TEXT"},
        umfang=("von_stand", "nach_stand", "ebene", "gewicht"),
    ),
    # Residents with main residence by office, Ortsteil (key 99099001.altstadt), year of birth, sex (m, w, d, x) and
    # citizenship (deutsch, nichtdeutsch, unbekannt); `personen` is NULL where `grund` says why (geheim, unbekannt);
    # `offen`: this year of birth and all earlier ones ("95 und aelter")
    "melderegister": Bestand(
        {
            "stichtag": "DATE",
            "amt": "TEXT",
            "ortsteil": "TEXT",
            "jahrgang": "INTEGER",
            "geschlecht": "TEXT",
            "staatsangehoerigkeit": "TEXT",
        },
        {"personen": "INTEGER", "grund": "TEXT", "offen": "BOOLEAN"},
        umfang=("stichtag", "amt"),
    ),
    # Ortsteile of the Meldeaemter (key 99099_musterstadt) with their readable names, valid from `ab` to `bis` (NULL:
    # always); `darf_fehlen`: not being in a delivery means that nobody lives there
    "ortsteile": Bestand(
        {"ortsteil": "TEXT"}, {"amt": "TEXT", "name": "TEXT", "ab": "DATE", "bis": "DATE", "darf_fehlen": "BOOLEAN"}
    ),
    # Planungsraeume (key 99099.nord): sets of Gemeinden or Ortsteile from `ab` to `bis` (NULL while valid)
    "planungsraeume": Bestand(
        {"kreis": "TEXT", "planungsraum": "TEXT", "mitglied": "TEXT", "ab": "DATE"},
        {"bis": "DATE", "name": "TEXT"},
        umfang=("kreis",),
    ),
    # Surveys whose micro data lie in files outside the store; only what identifies survey and files is kept here:
    # field period (`von`, `bis`), drawn persons (`gezogen`), interviews, digests of the data and
    # (`codebuch_sha256`) of codebook, drawing and open answers
    "befragungen": Bestand(
        {"kreis": "TEXT", "kurz": "TEXT"},
        {
            "titel": "TEXT",
            "jahr": "INTEGER",
            "welle": "INTEGER",
            "von": "DATE",
            "bis": "DATE",
            "grundgesamtheit": "TEXT",
            "gezogen": "INTEGER",
            "faelle": "INTEGER",
            "fragen": "INTEGER",
            "merkmale": "INTEGER",
            "format": "TEXT",
            "datei": "TEXT",
            "sha256": "TEXT",
            "codebuch_sha256": "TEXT",
        },
    ),
}

TABELLEN = {
    "beobachtungen": Bestand(
        {"ags": "TEXT", "stichtag": "DATE", "groesse": "TEXT"},
        {"wert": "DOUBLE", "grund": "TEXT", "guete": "TEXT", "quelle": "TEXT"},
    ),
    **BESTAENDE,
}
"""Every table with versions. A row is current while `ersetzt_durch` is empty."""

IMPORTE = {
    "id": "INTEGER PRIMARY KEY",
    "datei": "TEXT NOT NULL",
    "sha256": "TEXT NOT NULL",
    "leser": "TEXT NOT NULL",
    "zeitpunkt": "TIMESTAMP NOT NULL",
    "zeilen": "INTEGER NOT NULL",
    "neu": "INTEGER NOT NULL",
    "geaendert": "INTEGER NOT NULL",
    "unveraendert": "INTEGER NOT NULL",
    "ausgelassen": "INTEGER NOT NULL",
    "entfallen": "INTEGER DEFAULT 0",
}
"""Columns of the table of imports."""

BESTIMMUNGEN = {
    "nummer": "INTEGER NOT NULL",
    "indikator": "TEXT NOT NULL",
    "label": "TEXT NOT NULL",
    "rechenregel": "TEXT NOT NULL",
    "zeitpunkt": "TIMESTAMP NOT NULL",
}
"""Columns of the table of the rules by which indicators were computed, a row whenever one changed."""


def definition(columns: dict[str, str]) -> str:
    """Columns with their types as SQL."""
    return ", ".join(f"{name} {kind}" for name, kind in columns.items())


VERSIONS = {"import_id": "INTEGER NOT NULL", "ersetzt_durch": "INTEGER"}
"""Columns of every table with versions: by which import a row came, and by which it was replaced."""

TABLES = {"importe": IMPORTE, "bestimmungen": BESTIMMUNGEN} | {
    name: table.schluessel | table.werte | VERSIONS for name, table in TABELLEN.items()
}
ALL_COLUMNS = {(name, column) for name, columns in TABLES.items() for column in columns}
FIRST_COLUMNS = {("importe", c) for c in IMPORTE if c != "entfallen"} | {
    ("beobachtungen", c) for c in [*TABELLEN["beobachtungen"].spalten, *VERSIONS]
}
"""Columns of the store's first form, which held observations only."""
