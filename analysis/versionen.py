"""Questions to the store about earlier versions of its rows, as SQL."""

from analysis.bestaende import TABELLEN

LETZTER = 2**31 - 1
"""Import number after every other: the state as of it is the current one."""


def as_of(alias: str = "") -> str:
    """Condition for the rows that were current right after import `$bis`."""
    a = f"{alias}." if alias else ""
    return f"{a}import_id <= $bis AND ({a}ersetzt_durch IS NULL OR {a}ersetzt_durch > $bis)"


def changes() -> str:
    """Every row that was replaced or withdrawn since `$seit`, with the row that stands there instead."""
    parts = []
    for name, table in TABELLEN.items():
        key, old, new = (
            f"concat_ws(' ', {', '.join(f'{alias}.{c}' for c in columns)})"
            for alias, columns in (("a", table.schluessel), ("a", table.werte), ("n", table.werte))
        )
        if name == "beobachtungen":  # one value, or the reason for none, and its quality
            old, new = (f"concat_ws(' ', {x}.wert, nullif({x}.grund, ''), nullif({x}.guete, ''))" for x in "an")
        same_key = " AND ".join(f"a.{c} = n.{c}" for c in table.schluessel)
        parts.append(
            f"SELECT '{name}' AS tabelle, {key} AS was, {old} AS vorher, "
            f"CASE WHEN n.import_id IS NULL THEN '' ELSE {new} END AS nachher, e.datei, e.zeitpunkt AS importiert, "
            f"i.datei AS vorher_datei, e.id FROM {name} a JOIN importe e ON e.id = a.ersetzt_durch "
            f"JOIN importe i ON i.id = a.import_id LEFT JOIN {name} n ON {same_key} AND n.import_id = e.id"
        )
    return (
        f"SELECT * EXCLUDE (id) FROM ({' UNION ALL '.join(parts)}) WHERE importiert >= $seit AND vorher <> nachher "
        "ORDER BY id, tabelle, was"
    )


def revisions() -> str:
    """Every observation that was current after import `$bis` and says something else now, with both files."""
    return (
        "WITH letzte AS (SELECT ags, stichtag, groesse, max(ersetzt_durch) AS id FROM beobachtungen "
        "GROUP BY ags, stichtag, groesse) "
        "SELECT a.ags, a.stichtag, a.groesse, a.wert AS vorher_wert, a.grund AS vorher_grund, "
        "a.quelle AS vorher_quelle, i.datei AS vorher_datei, n.wert, n.grund, n.quelle, e.datei, e.zeitpunkt, "
        "e.id AS import_id FROM beobachtungen a "
        "LEFT JOIN beobachtungen n ON a.ags = n.ags AND a.stichtag = n.stichtag AND a.groesse = n.groesse "
        "AND n.ersetzt_durch IS NULL "
        "JOIN letzte l ON a.ags = l.ags AND a.stichtag = l.stichtag AND a.groesse = l.groesse "
        "JOIN importe i ON i.id = a.import_id JOIN importe e ON e.id = coalesce(n.import_id, l.id) "
        f"WHERE {as_of('a')} AND (n.import_id IS NULL OR a.wert IS DISTINCT FROM n.wert OR a.grund <> n.grund) "
        "ORDER BY a.ags, a.stichtag, a.groesse"
    )


HISTORY = (
    "SELECT b.stichtag, b.wert, b.grund, i.datei, i.zeitpunkt AS importiert, e.zeitpunkt AS ersetzt, "
    "e.datei AS ersetzt_durch FROM beobachtungen b JOIN importe i ON i.id = b.import_id "
    "LEFT JOIN importe e ON e.id = b.ersetzt_durch WHERE b.ags = $ags AND b.groesse = $groesse "
    "ORDER BY b.stichtag, b.import_id"
)
"""All versions of a quantity's values of one key."""

BESTIMMUNGEN = (
    "SELECT indikator, label, rechenregel, zeitpunkt FROM bestimmungen WHERE $seit IS NULL OR zeitpunkt < $seit "
    "QUALIFY row_number() OVER (PARTITION BY indikator ORDER BY nummer DESC) = 1 ORDER BY indikator"
)
"""The newest recorded rule of each indicator before a moment."""
