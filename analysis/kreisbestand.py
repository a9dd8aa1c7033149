"""What the store holds of one Kreis, and of all that it is compared with, as digests: equal rows, equal digests."""

from dataclasses import dataclass

from analysis.bestaende import TABELLEN

GEMEINSAM = ""
"""Key of the rows that a report on any Kreis may read."""

GEBIET = {
    "beobachtungen": "ags",
    "gemeinden": "ags",
    "grenzen": "ags",
    "melderegister": "ortsteil",
    "ortsteile": "ortsteil",
    "planungsraeume": "kreis",
    "befragungen": "kreis",
}
"""Column whose first five digits are the Kreis; a table without one is common to all."""


@dataclass(frozen=True)
class Kreisbestand:
    """SHA-256 of the rows that reports on one Kreis may read.

    These are all rows of the Kreis and its areas, those of areas that have been joined to it, the figures of all Kreise
    and larger areas (it is compared with them), the Umsteiger and the recorded rules.

    Attributes
    ----------
    stand
        Of the current rows, whenever and from whichever file they came.
    verlauf
        Of all versions with file and time of the imports, from which the report on changes is made.
    """

    stand: str
    verlauf: str


def digests(kreise: list[str], *, verlauf: bool) -> str:
    """SQL for `kreis` and the digest of its rows, for these keys (`GEMEINSAM`: what is common to all).

    Parameters
    ----------
    verlauf
        Of all versions with file and time of the imports, else of the current rows.
    """
    parts = [_of_table(name, kreise, verlauf=verlauf) for name in TABELLEN]
    if verlauf and GEMEINSAM in kreise:
        parts.append(
            "SELECT '' AS kreis, 'bestimmungen' AS tabelle, sha256(string_agg(concat_ws("
            "';', indikator, label, rechenregel, zeitpunkt::VARCHAR), chr(10) ORDER BY nummer)) AS inhalt "
            "FROM bestimmungen HAVING count(*) > 0"
        )
    return (
        "SELECT kreis, sha256(string_agg(tabelle || coalesce(inhalt, ''), ' ' ORDER BY tabelle)) "
        f"FROM ({' UNION ALL '.join(parts)}) GROUP BY kreis"
    )


def joined() -> str:
    """SQL for pairs `kreis`, `anderer`: another Kreis of which an area has been joined to the Kreis."""
    return (
        "SELECT DISTINCT nach[:5] AS kreis, von[:5] AS anderer FROM umstieg "
        "WHERE von[:5] <> nach[:5] AND ersetzt_durch IS NULL"
    )


def _of_table(name: str, kreise: list[str], *, verlauf: bool) -> str:
    table = TABELLEN[name]
    values = ", ".join(f"coalesce(t.{c}::VARCHAR, '')" for c in table.spalten)
    order = ", ".join(f"t.{c}" for c in table.schluessel)
    area = f"t.{GEBIET[name]}" if name in GEBIET else "''"
    # figures of Kreise and larger areas are compared with each other; those of their parts belong to one Kreis
    kreis = f"CASE WHEN length({area}) > 5 THEN {area}[:5] ELSE '' END" if name == "beobachtungen" else f"{area}[:5]"
    if verlauf:
        rows = f"{name} t JOIN importe i ON i.id = t.import_id LEFT JOIN importe e ON e.id = t.ersetzt_durch"
        values += ", i.datei, i.zeitpunkt::VARCHAR, e.datei, e.zeitpunkt::VARCHAR"
        order += ", t.import_id"
    else:
        rows = f"(FROM {name} WHERE ersetzt_durch IS NULL) t"
    return (
        f"SELECT {kreis} AS kreis, '{name}' AS tabelle, "
        f"sha256(string_agg(concat_ws(';', {values}), chr(10) ORDER BY {order})) AS inhalt "
        f"FROM {rows} WHERE {kreis} IN ({', '.join(map(repr, kreise))}) GROUP BY 1"
    )
